"""Books for the demonstration: a year of a small company, generated from a seed; every entry balances."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle

from accountools.domain.ledger import Entry, Line, Relation

_PEOPLE = ("De Boer", "Van Dijk", "Smit", "Mulder", "De Groot", "Bos", "Vos", "Peters", "Hendriks", "Van Leeuwen", "Dekker", "Brouwer")
_TRADES = ("Groothandel", "Techniek", "Transport", "Reclame", "Verhuur", "Onderhoud", "Drukkerij", "Horeca", "Energie", "Kantoorvak")
_CITIES = ("Delft", "Gouda", "Zwolle", "Breda", "Assen", "Venlo", "Hoorn", "Leiden", "Tiel", "Sneek")
_COSTS = (("4300", "Reclame"), ("4400", "Brandstof"), ("4500", "Kantoorbenodigdheden"), ("4600", "Telefoon en internet"))
_HIGH, _LOW = 21, 9
_RENT = 125_000


def generate_relations(seed: int) -> tuple[Relation, ...]:
    """Six debtors and four creditors."""
    chance = random.Random(seed)  # noqa: S311 - generated books need no secrecy
    debtors = chance.sample(_PEOPLE, 6)
    creditors = chance.sample(_TRADES, 4)
    return (
        *(Relation(f"D{n:04d}", f"{name} B.V.", "D", chance.choice(_CITIES)) for n, name in enumerate(debtors, 1001)),
        *(
            Relation(f"C{n:04d}", f"{chance.choice(_PEOPLE)} {trade}", "C", chance.choice(_CITIES))
            for n, trade in enumerate(creditors, 2001)
        ),
    )


def generate_entries(seed: int, relations: tuple[Relation, ...], lines: int, year: int) -> Iterator[Entry]:
    """The entries of `year` with some `lines` lines in all: an opening, then sales, purchases, payments, rent and wages."""
    chance = random.Random(seed)  # noqa: S311
    written = 0
    for entry in _entries_of_year(chance, relations, year):
        if written >= lines:
            return
        yield entry
        written += len(entry.lines)


def _entries_of_year(chance: random.Random, relations: tuple[Relation, ...], year: int) -> Iterator[Entry]:
    """Entries without end: an opening, then day after day of the year, and again with more of them."""
    debtors, creditors = ([one for one in relations if one.kind == kind] for kind in "DC")
    opening = (
        Line("1100", "D", 4_250_000, "Beginsaldo bank"),
        Line("1000", "D", 35_000, "Beginsaldo kas"),
        Line("0500", "C", 1_800_000, "Aandelenkapitaal"),
        Line("0510", "C", 2_485_000, "Reserve"),
    )
    yield Entry("95", f"{year}00000", f"{year}-01-01", 0, "Openingsbalans", opening)
    for count, day in enumerate(cycle(range(0, 364, 2)), 1):
        number, on = f"{year}{count:05d}", date(year, 1, 1) + timedelta(days=day)
        yield from _invoice(chance, number, on, chance.choice(debtors))
        yield from _purchase(chance, number, on, chance.choice(creditors))
        if on.day <= 2:  # noqa: PLR2004 - once a month
            rent = (Line("4100", "D", _RENT, "Huur"), Line("1100", "C", _RENT, "Huur"))
            yield _entry("20", f"{number}H", on, "Huur bedrijfsruimte", *rent)
            gross = chance.randrange(280_000, 940_000)
            yield _entry("90", f"{number}L", on, "Lonen", Line("4000", "D", gross, "Brutolonen"), Line("1100", "C", gross, "Brutolonen"))


def _invoice(chance: random.Random, number: str, on: date, debtor: Relation) -> Iterator[Entry]:
    net = chance.randrange(2_500, 480_000)
    high = chance.random() < 0.8  # noqa: PLR2004 - most sales
    account, vat_account, code, rate = ("8000", "1500", "VH", _HIGH) if high else ("8010", "1510", "VL", _LOW)
    vat = _vat(net, rate)
    text = f"Verkoopfactuur {number}"
    sales = Line(account, "C", net, text, None, code), Line(vat_account, "C", vat, text)
    yield _entry("60", number, on, text, Line("1300", "D", net + vat, text, debtor.code), *sales)
    if chance.random() < 0.9:  # noqa: PLR2004 - most are paid
        paid = _later(on, chance.randrange(1, 25))
        text = f"Ontvangst {number} {debtor.name}"
        yield _entry("20", number, paid, text, Line("1100", "D", net + vat, text), Line("1300", "C", net + vat, text, debtor.code))


def _purchase(chance: random.Random, number: str, on: date, creditor: Relation) -> Iterator[Entry]:
    net = chance.randrange(1_500, 260_000)
    account, what = chance.choice((*_COSTS, ("7000", "Inkoop handelsgoederen"), ("7000", "Inkoop handelsgoederen")))
    vat = _vat(net, _HIGH)
    text = f"{what}, factuur {chance.randrange(10_000, 99_999)}"
    costs = Line(account, "D", net, text, None, "IH"), Line("1520", "D", vat, text)
    yield _entry("70", number, on, text, *costs, Line("1600", "C", net + vat, text, creditor.code))
    paid, text = _later(on, chance.randrange(5, 30)), f"Betaling {creditor.name}"
    payment = Line("1600", "D", net + vat, text, creditor.code), Line("1100", "C", net + vat, text)
    yield _entry("20", f"{number}B", paid, text, *payment)


def _entry(journal: str, number: str, on: date, description: str, *lines: Line) -> Entry:
    return Entry(journal, number, on.isoformat(), on.month, description, lines)


def _later(on: date, days: int) -> date:
    """Some days later, but within the year."""
    return min(on + timedelta(days=days), date(on.year, 12, 31))


def _vat(net: int, rate: int) -> int:
    return (net * rate + 50) // 100
