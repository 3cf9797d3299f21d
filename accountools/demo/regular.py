"""What comes back each month, quarter and year in the demonstration's books: rent, wages or a fee, VAT, a loan, the end of the year."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from accountools.demo.postings import BANK, INPUT_TAX, Postings, workday
from accountools.demo.trades import Product
from accountools.domain.ledger import Entry, Line

_LEAST = 200  # lines of books that have room for it
WITH_STAFF = 900  # lines from which there are wages to be paid, and the rent is paid by the month
_QUARTERS = (1, 4, 7, 10)
_TAXES = ("1500", "1510", "1540", INPUT_TAX)
_DECLARED, _DECLARED_BEFORE, _ROUNDING = "1550", "1555", "4740"
_ROUND = 600_000
_EQUIPMENT, _FEE = Product("0140", "IH", "Nieuwe inventaris"), Product("4090", "IH", "Managementvergoeding")


@dataclass(frozen=True)
class Regular:
    """Entries of a day: `lines` is about how many lines they have, `post` makes them for a company of such a turnover in a month."""

    lines: int
    post: Callable[[Postings, date, int], Iterator[Entry]]


def regular_entries(years: tuple[int, ...], today: date, lines: int) -> dict[date, list[Regular]]:
    """The regular entries of some years until today, by day."""
    found: dict[date, list[Regular]] = {}
    if lines < _LEAST:
        return found

    def add(day: date, count: int, post: Callable[[Postings, date, int], Iterator[Entry]]) -> None:
        if day <= today:
            found.setdefault(day, []).append(Regular(count, post))

    for year in years:
        for month in range(1, 13):
            is_quarter = month in _QUARTERS
            if lines >= WITH_STAFF:
                add(workday(date(year, month, 1)), 2, _rent)
                add(workday(date(year, month, 25)), 8, _wages)
            elif is_quarter:
                add(workday(date(year, month, 1)), 2, _rent)
                add(workday(date(year, month, 3)), 3, _fee)
            if is_quarter:
                add(workday(date(year, month, 14)), 3, _loan)
                add(workday(date(year, month, 27)), 2, _pay_vat)
            if month in {3, 6, 9}:
                add(date(year, month, 30), 5, _declare_vat)
        add(date(year, 12, 31), 13, _close_year)
    add(workday(date(years[-1], 4, 20)), 3, _buy_equipment)
    add(workday(date(years[-1], 6, 15)), 2, _pay_profit_tax)
    return found


def _rent(books: Postings, on: date, turnover: int) -> Iterator[Entry]:
    months = 1 if books.has_staff else 3
    yield books.transfer("20", on, "Huur bedrijfsruimte", "4100", BANK, turnover * 7 // 100 // 500 * 500 * months)


def _fee(books: Postings, on: date, turnover: int) -> Iterator[Entry]:
    yield books.paid(on, _FEE, turnover * 3 // 5 // 500 * 500)


def _wages(books: Postings, on: date, turnover: int) -> Iterator[Entry]:
    if owed := -books.net["1560"]:
        yield books.transfer("20", on, "Loonheffing vorige maand", "1560", BANK, owed)
    gross = turnover // 5
    charges, tax = gross * 18 // 100, gross * 32 // 100
    text = f"Lonen {on:%m-%Y}"
    wages = Line("4000", "D", gross, text), Line("4020", "D", charges, text)
    yield books.entry("90", on, text, *wages, Line("1560", "C", tax + charges, text), Line("1700", "C", gross - tax, text))
    yield books.transfer("20", on, f"Nettolonen {on:%m-%Y}", "1700", BANK, gross - tax)


def _loan(books: Postings, on: date, _: int) -> Iterator[Entry]:
    rest = -books.net["0710"]
    paid, interest = min(rest, rest // 12 + 10_000), rest * 5 // 400
    text = "Aflossing en rente banklening"
    yield books.entry(
        "20", on, text, Line("0710", "D", paid, text), Line("9155", "D", interest, text), Line(BANK, "C", paid + interest, text)
    )


def _declare_vat(books: Postings, on: date, _: int) -> Iterator[Entry]:
    """The VAT of a quarter, in whole euros, to the account from which it is paid."""
    nets = {code: books.net[code] for code in _TAXES}
    owed = -sum(nets.values())
    whole, text = int(owed / 100) * 100, f"Aangifte btw {(on.month + 2) // 3}e kwartaal"
    nets |= {_DECLARED_BEFORE if on.month == 12 else _DECLARED: whole, _ROUNDING: owed - whole}  # noqa: PLR2004 - December
    yield books.entry("90", on, text, *(Line(code, "C" if net > 0 else "D", abs(net), text) for code, net in nets.items()))


def _pay_vat(books: Postings, on: date, _: int) -> Iterator[Entry]:
    account = _DECLARED_BEFORE if on.month == 1 else _DECLARED
    if owed := -books.net[account]:
        yield books.transfer("20", on, "Belastingdienst, btw", account, BANK, owed)


def _close_year(books: Postings, on: date, turnover: int) -> Iterator[Entry]:
    """Depreciation, stock, VAT and the tax on the profit."""
    yield from _declare_vat(books, on, turnover)
    text = f"Afschrijvingen {on.year}"
    parts = (("4840", "0145", books.net["0140"] // 10), ("4860", "0165", books.net["0160"] // 5))
    lines = [line for cost, total, amount in parts for line in (Line(cost, "D", amount, text), Line(total, "C", amount, text))]
    yield books.entry("90", on, text, *lines)
    if books.net["3000"]:
        yield books.transfer("90", on, "Voorraad volgens telling", "3000", "7410", books.net["3000"] * 7 // 100)
    profit = -books.result()
    if profit > 0:
        yield books.transfer("90", on, f"Vennootschapsbelasting {on.year}", "9500", "1570", profit * 19 // 10_000 * 100)


def _buy_equipment(books: Postings, on: date, _: int) -> Iterator[Entry]:
    yield books.paid(on, _EQUIPMENT, _ROUND)


def _pay_profit_tax(books: Postings, on: date, _: int) -> Iterator[Entry]:
    if owed := -books.net["1570"]:
        yield books.transfer("20", on, "Belastingdienst, vennootschapsbelasting", "1570", BANK, owed)
