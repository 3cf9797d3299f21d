"""Books that are exported and imported again are the same, in all fields, but for what the export says that it lost."""

import filecmp
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accountools.domain.identifiers import AdministrationNumber
from accountools.office import Office
from accountools.storage import schema
from tests.engines import place_of
from tests.large_auditfile import write_auditfile
from tests.test_auditfile_export import VERSIONS, assert_valid
from tests.test_auditfile_mutations import ACCEPTED
from tests.workspace import Workspace

NINE, TEN = AdministrationNumber(9), AdministrationNumber(10)


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    """Two administrations without a chart, numbers 9 and 10, for the client."""
    for number in (9, 10):
        ready.create(number, "Auditfile", chart=None)
    return ready


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=9) | st.sampled_from(
    ["a & <b>", "]]>", "x\ny", "“€” 'z'", "\U0001f4b6"]
)
CODES = st.text("AB01-é", min_size=1, max_size=5)
CENTS = st.integers(-(10**11), 10**11)
DAYS = st.dates(min_value=date(2025, 1, 1), max_value=date(2025, 12, 31)).map(str)
SIDES = st.sampled_from("DC")
PLACES = st.sampled_from(["NL", "BE", "DE"])


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(columns)


@st.composite
def addresses(draw: st.DrawFn) -> str | None:
    names = ("street", "number", "extension", "property", "city", "postal_code", "region")
    address = st.fixed_dictionaries({}, optional=dict.fromkeys(names, WORDS) | {"country": PLACES}).filter(bool)
    found = [
        {"kind": kind} | draw(address) for kind in sorted(draw(st.lists(st.sampled_from(["street", "postal"]), max_size=3)), reverse=True)
    ]
    found = [{"kind": one["kind"]} | {name: one[name] for name in (*names, "country") if name in one} for one in found]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None


@st.composite
def years_of_books(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Books of one year with whatever an audit file may fill."""

    def many(most: int, least: int = 0, **columns: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = draw(st.lists(rows(**columns), min_size=least, max_size=most, unique_by=lambda row: row.get("code")))
        return found

    more = maybe(st.just('{"leadCode":"x"}'))
    accounts = many(4, 1, code=CODES, name=WORDS, rgs=st.sampled_from(["", "BLimBan", "WOmzNoh"]), kind=st.sampled_from("BPM"), more=more)
    account = st.sampled_from([row["code"] for row in accounts])
    for row in accounts:
        row |= {"side": "D", "vat": "", "rgs_source": "RGScode" if row["rgs"] else None}
    journals = many(
        3, 1, code=CODES, name=WORDS, kind=st.sampled_from(["", *"BCGMPSTYZ"]), offset_account=maybe(account), bank_account=maybe(CODES)
    )
    vat_codes = many(2, 1, code=CODES, name=WORDS, payable_account=maybe(account), receivable_account=maybe(account))
    contact = maybe(st.just('{"contact":"x"}'))
    relations = many(
        3,
        1,
        code=CODES,
        name=WORDS,
        kind=st.sampled_from("DCBO"),
        email=maybe(CODES),
        kvk=maybe(WORDS),
        tax_country=maybe(PLACES),
        tax_number=maybe(WORDS),
        addresses=addresses(),
        more=contact,
    )
    for row in relations:
        row["city"] = next((one["city"] for one in json.loads(row["addresses"] or "[]") if "city" in one), "")
    relation = st.sampled_from([row["code"] for row in relations])
    year = draw(
        rows(
            currency=st.sampled_from(["EUR", "USD"]),
            created=DAYS,
            software=WORDS,
            software_version=WORDS,
            rgs_version=maybe(WORDS),
            company=WORDS,
            kvk=maybe(CODES),
            tax_country=PLACES,
            tax_number=WORDS,
            addresses=addresses(),
            opening_day=maybe(DAYS),
            opening_text=maybe(WORDS),
        )
    )
    year |= {"label": "2025", "first_day": "2025-01-01", "last_day": "2025-12-31", "closed": 0, "fiscal_year": "2025"}
    periods = [
        {"year": "2025", "number": number} | draw(rows(first_day=DAYS, last_day=DAYS, name=maybe(WORDS)))
        for number in draw(st.sets(st.integers(1, 999), min_size=1, max_size=3))
    ]
    opening = many(
        3,
        account=account,
        side=SIDES,
        amount=CENTS,
        number=CODES,
        description=maybe(WORDS),
        relation=maybe(relation),
        document=maybe(WORDS),
        invoice=maybe(WORDS),
    )
    balances = [
        {"year": "2025", "relation": row["code"]} | draw(rows(opening=CENTS, opening_side=SIDES, closing=CENTS, closing_side=SIDES))
        for row in relations
        if draw(st.booleans())
    ]
    entries, lines, vat_rows = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    texts = ("document", "invoice", "match_key", "cost_centre", "product", "project", "receipt", "shipment", "work_costs")
    texts += ("bank_account", "offset_bank_account")
    line = rows(
        account=account,
        description=WORDS | st.just(""),
        relation=maybe(relation),
        number=CODES,
        effective_date=DAYS,
        settlement_date=maybe(DAYS),
        quantity=maybe(st.sampled_from(["0", "12"])),
        more=maybe(st.just('{"recRef":"x"}')),
        **{name: maybe(WORDS) for name in texts},
    )
    money = st.none() | st.tuples(st.sampled_from(["USD", "GBP"]), CENTS)
    vat = rows(code=st.sampled_from([row["code"] for row in vat_codes]), percentage=st.integers(0, 99_999), side=SIDES, amount=CENTS)
    for number in range(1, draw(st.integers(0, 4)) + 1):
        head = draw(
            rows(
                journal=st.sampled_from([row["code"] for row in journals]),
                number=CODES,
                date=DAYS,
                description=WORDS | st.just(""),
                period=st.sampled_from([row["number"] for row in periods]),
                source=maybe(WORDS),
                user_name=maybe(WORDS),
            )
        )
        entries.append(head | {"id": number, "year": "2025"})
        amounts = draw(st.lists(CENTS, min_size=1, max_size=2))
        for side, amount in [(side, amount) for amount in amounts for side in "DC"]:
            drawn = draw(line) | {"id": len(lines) + 1, "entry": number, "side": side, "amount": amount}
            currency = draw(money)
            lines.append(drawn | {"currency": currency and currency[0], "currency_amount": currency and currency[1]})
            for one in draw(st.lists(vat, max_size=2)):
                vat_rows.append(one | {"id": len(vat_rows) + 1, "line": len(lines)})
    return {
        "years": [year], "periods": periods, "accounts": accounts, "journals": journals, "vat_codes": vat_codes, "relations": relations,
        "relation_balances": balances, "opening_lines": [row | {"id": n, "year": "2025"} for n, row in enumerate(opening, 1)],
        "entries": entries, "lines": lines, "vat_rows": vat_rows,
    }  # fmt: skip


def fill(office: Office, number: AdministrationNumber, books: dict[str, list[dict[str, Any]]]) -> None:
    """Make the books of an administration these."""
    tables = [schema.BOOKS.tables[name] for name in schema.BOOK_TABLES]
    with office.engine.books(number, change=True) as connection:
        for table in reversed(tables):
            connection.execute(table.delete())
        for table in tables:
            if books.get(table.name):
                names = {name for row in books[table.name] for name in row}
                connection.execute(table.insert(), [dict.fromkeys(names) | row for row in books[table.name]])


def contents(office: Office, number: AdministrationNumber) -> dict[str, list[dict[str, Any]]]:
    """The rows by table, in order, their ids counted anew in the order of an audit file."""
    with office.engine.books(number) as connection:
        found = {
            name: [dict(row) for row in connection.execute(schema.BOOKS.tables[name].select()).mappings()] for name in schema.BOOK_TABLES
        }
    entries = sorted(found["entries"], key=lambda row: (row["journal"], row["id"]))
    entry_at = {row["id"]: at for at, row in enumerate(entries, 1)}
    lines = sorted(found["lines"], key=lambda row: (entry_at[row["entry"]], row["id"]))
    line_at = {row["id"]: at for at, row in enumerate(lines, 1)}
    found["entries"] = [row | {"id": entry_at[row["id"]]} for row in entries]
    found["lines"] = [row | {"id": line_at[row["id"]], "entry": entry_at[row["entry"]]} for row in lines]
    of_lines = sorted(found["vat_rows"], key=lambda row: (line_at[row["line"]], row["id"]))
    found["vat_rows"] = [row | {"id": at, "line": line_at[row["line"]]} for at, row in enumerate(of_lines, 1)]
    for name in ("accounts", "journals", "vat_codes", "relations"):
        found[name].sort(key=lambda row: row["code"])
    for name in ("periods", "relation_balances"):
        found[name].sort(key=repr)
    for row in found["years"]:
        row |= {"file": None, "sha256": None, "format": None}
    return found


HELD_BY_NONE = {
    "opening_lines": {"description": "obLine/desc", "relation": "obLine/custSupID", "document": "obLine/docRef", "invoice": "obLine/invRef"}
}
NOT_HELD: dict[str, dict[str, dict[str, str]]] = {
    "4.0": HELD_BY_NONE | {
        "years": {"opening_day": "openingBalance/opBalDate", "opening_text": "openingBalance/opBalDesc"},
        "periods": {"name": "period/periodDesc"},
        "accounts": {"more": "ledgerAccount/leadCode"},
        "journals": {"bank_account": "journal/bankAccNr"},
        "relations": {"more": "customerSupplier/contact"},
        "lines": {"match_key": "trLine/matchKeyID", "quantity": "trLine/qntity", "more": "trLine/recRef"},
    },
    "3.2": HELD_BY_NONE | {
        "years": {"rgs_version": "header/RGSVersion"},
        "relation_balances": {
            "opening": "customerSupplier/opBalDesc", "opening_side": "customerSupplier/opBalTp",
            "closing": "customerSupplier/clBalDesc", "closing_side": "customerSupplier/clBalTp",
        },
        "lines": {"settlement_date": "trLine/settDate", "offset_bank_account": "trLine/offsetBankAccNr"},
    },
}  # fmt: skip


def without_what_is_lost(books: dict[str, list[dict[str, Any]]], version: str) -> set[str]:
    """Take out what the version can't hold; gives the elements of that."""
    gone = set()
    for table, columns in NOT_HELD[version].items():
        for row in books[table]:
            for column, element in columns.items():
                if row[column] is not None:
                    gone.add(element)
                    row[column] = None
    year = books["years"][0]
    if version == "3.2":
        books["relation_balances"] = []
        if books["opening_lines"] or year["opening_text"]:
            year["opening_day"] = year["opening_day"] or year["first_day"]
        return gone
    for row in books["accounts"]:
        if row["kind"] == "M":
            gone.add("ledgerAccount/accTp")
            row["kind"] = "P" if row["rgs"].startswith("W") else "B"
    for row, name in [(year, "company"), *((row, "customerSupplier") for row in books["relations"])]:
        found = json.loads(row["addresses"] or "[]")
        gone |= {f"{name}/postalAddress" for one in found if one["kind"] == "postal"}
        kept = [one for one in found if one["kind"] == "street"]
        gone |= {f"streetAddress/{field}" for one in kept for field in ("property", "region") if field in one}
        kept = [{field: value for field, value in one.items() if field not in {"property", "region"}} for one in kept]
        kept = [one for one in kept if len(one) > 1]
        row["addresses"] = json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None
        if "city" in row:
            row["city"] = next((one["city"] for one in kept if "city" in one), "")
    return gone


def as_before(books: dict[str, list[dict[str, Any]]]) -> None:
    """What 3.2 has under another name goes back to where it was: the company's number, and RGS codes."""
    year = books["years"][0]
    more = json.loads(year["more"] or "{}")
    if year["kvk"] is None and "companyIdent" in more.get("company", {}):
        year |= {"kvk": more["company"].pop("companyIdent"), "more": None}
    for row in books["accounts"]:
        if row["rgs_source"] == "taxonomy":
            more = json.loads(row["more"])
            del more["taxonomy"]
            row |= {"rgs_source": "RGScode", "more": json.dumps(more, separators=(",", ":")) if more else None}


@pytest.mark.parametrize("version", VERSIONS)
def test_an_export_that_is_imported_gives_the_same_books_but_for_what_it_says_it_lost(
    desk: Workspace, version: Any, thorough: bool
) -> None:
    export_and_import(desk, version, 100 if thorough else 10)


@pytest.mark.both_engines
def test_books_on_either_engine_are_the_same_after_an_export_and_an_import(desk: Workspace) -> None:
    export_and_import(desk, "3.2", 6)


def export_and_import(desk: Workspace, version: Any, examples: int) -> None:
    office = Office.open(place_of(desk.office))
    first, second = desk.folder / "first.xaf", desk.folder / "second.xaf"

    @settings(max_examples=examples, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(years_of_books())
    def same(books: dict[str, list[dict[str, Any]]]) -> None:
        for path in (first, second):
            path.unlink(missing_ok=True)
        fill(office, NINE, books)
        fill(office, TEN, {})
        written = office.export_auditfile(9, first, version=version)
        assert_valid(first, version)
        office.apply(office.plan_auditfile_import(first, 10, accept=ACCEPTED))
        before, after = contents(office, NINE), contents(office, TEN)
        gone = without_what_is_lost(before, version)
        as_before(after)
        names = {one.what for one in written.lost}
        for one, other in zip(before["accounts"], after["accounts"], strict=True):
            assert one["side"] == other["side"] or "ledgerAccount/side" in names
            one["side"] = other["side"]
        assert names - {"ledgerAccount/side"} == gone
        for table, rows_before in before.items():
            assert (table, rows_before) == (table, after[table])
        again = office.export_auditfile(10, second, version=version)
        assert (second.read_bytes(), again.lost) == (first.read_bytes(), ()) or {one.what for one in again.lost} <= {"ledgerAccount/side"}

    same()


def test_books_that_travel_over_three_offices_stay_the_same_to_the_cent_and_the_byte(ready: Workspace, thorough: bool) -> None:
    """Imported at an office, handed over, restored at the client, and what the client exports imported at another office."""
    source, other = ready.folder / "source.xaf", Workspace(ready.folder / "other", today=ready.today).create_office()
    write_auditfile(source, 1_000_000 if thorough else 600)
    done = ready.ok("auditfile", "import", source, "--administration", 7, "--confirm")
    client = ready.create_client_office()
    ready.ok("restore", ready.backup(7), "--confirm", office=client)
    other.add_client()
    other.create(chart=None)
    exports, balances = [], []
    for desk, office in ((ready, ready.office), (ready, client), (other, other.office)):
        if desk is other:
            assert other.ok("auditfile", "import", exports[-1], "--administration", 7, "--confirm")["totals"] == done["totals"]
        balances.append(desk.ok("books", "trial-balance", 7, office=office))
        exports.append(desk.folder / f"export-{len(exports)}.xaf")
        desk.ok("auditfile", "export", 7, exports[-1], office=office)
        assert filecmp.cmp(exports[0], exports[-1], shallow=False)
    assert balances[0]["totals"]["debit"] == done["totals"]["debit"]
    assert balances[0] == balances[1] == balances[2]
