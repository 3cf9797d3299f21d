"""The VAT return, entry by entry: what names a code counts once and in its own box, whichever way the books hold it."""

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line
from accountools.office import Office
from accountools.operations.books.entries import post
from tests.book_files import E, L, Year
from tests.engines import place_of
from tests.test_books_reports import books, by, desk, load  # noqa: F401 - a fixture
from tests.workspace import Workspace

pytestmark = pytest.mark.both_engines

OPENING = {"1100": "1.00", "0500": "-1.00"}
RGS = {"1500": "BSchBepBla", "1510": "BSchBepBlv", "1520": "BSchBepBoo"}
HIGH = {"1": ("Hoog", "1500", "")}
BOTH = {"4": ("Btw hoog", "1500", "1520")}


def sold(number: str, code: str = "1", account: str = "1500", tax: str | None = None) -> E:
    """A sale of 1000.00 with 210.00; `tax` is the code that the line of the tax names."""
    named = (tax, "21", "210.00") if tax else None
    lines = L("1300", "1210.00", "F1", "D1"), L("8000", "-1000.00", vat=(code, "21", "210.00")), L(account, "-210.00", vat=named)
    return E("60", number, "2025-01-06", lines)


def bought(number: str, code: str = "4", account: str = "1520") -> E:
    """A purchase of 400.00 with 84.00."""
    lines = L("4500", "400.00", vat=(code, "21", "84.00")), L(account, "84.00"), L("1600", "-484.00", "P1", "C1")
    return E("70", number, "2025-01-08", lines)


def load_year(desk: Workspace, codes: dict[str, tuple[str, str, str]], *entries: E, rgs: bool = False, label: int = 2025) -> None:  # noqa: F811
    """Import a year of these entries; `rgs`: the accounts for VAT have their RGS codes."""
    text = Year(label, OPENING, entries, codes).xml()
    for code, name in RGS.items() if rgs else ():
        text = re.sub(rf"(<accID>{code}</accID><accDesc>[^<]*</accDesc><accTp>.</accTp>)", rf"\1<RGScode>{name}</RGScode>", text)
    path = desk.folder / f"{label}.xaf"
    path.write_text(text, "utf-8")
    load(desk, path)


def import_csv(desk: Workspace, *rows: str, number: int = 9) -> None:  # noqa: F811
    path = desk.folder / "entries.csv"
    path.write_text("\n".join(("journal,number,date,account,debit,credit,vat", *rows)), "utf-8")
    desk.ok("entries", "import", path, "--administration", number, "--confirm")


def filled(found: Any) -> dict[str, tuple[str | None, str | None]]:
    """Turnover and VAT of the boxes that have any, without the sums."""
    empty = {"0.00", None}
    return {
        one["box"]: (one["turnover"], one["vat"])
        for one in found["boxes"]
        if one["box"] not in {"5a", "5c"} and not {one["turnover"], one["vat"]} <= empty
    }


def unmapped(found: Any) -> list[tuple[str, str, str, int]]:
    return [(one["code"], one["net"], one["vat"], one["lines"]) for one in found["unmapped"]]


def post_entries(desk: Workspace, *entries: Entry) -> None:  # noqa: F811
    post(Office.open(place_of(desk.office)), AdministrationNumber(7), list(entries))


# --- what is booked on accounts for VAT, and what is stated ---


def test_a_correction_on_the_account_for_vat_comes_beside_the_vat_of_other_entries(desk: Workspace) -> None:  # noqa: F811
    """The correction books 5.00 less as owed: its line is on the account for VAT, so that it has no turnover."""
    correction = E("90", "1", "2025-03-31", (L("1500", "5.00", vat=("1", "21", "0.00")), L("4500", "-5.00")))
    load_year(desk, HIGH, sold("1"), sold("2", tax="1"), correction)
    found = books(desk, "vat")
    assert filled(found) == {"1a": ("2000.00", "415.00")}
    assert [by(found["boxes"], "box")[box]["vat"] for box in ("5a", "5c")] == ["415.00", "415.00"]


@pytest.mark.parametrize("tax", [None, "1"])
def test_a_correction_in_the_entry_of_a_sale_comes_beside_its_vat(desk: Workspace, tax: str | None) -> None:  # noqa: F811
    correction = L("1500", "5.00", vat=("1", "21", "0.00")), L("4500", "-5.00")
    sale = sold("1", tax=tax)
    load_year(desk, HIGH, replace(sale, lines=(*sale.lines, *correction)), sold("2"))
    assert filled(books(desk, "vat")) == {"1a": ("2000.00", "415.00")}


def test_of_two_sales_in_one_entry_only_one_names_the_code_on_the_line_of_the_tax(desk: Workspace) -> None:  # noqa: F811
    two = (*sold("1").lines, *sold("1", tax="1").lines)
    load_year(desk, HIGH, E("60", "1", "2025-01-06", two))
    assert filled(books(desk, "vat")) == {"1a": ("2000.00", "420.00")}


@pytest.mark.parametrize("together", [False, True])
def test_typed_entries_may_name_the_code_on_the_line_of_the_tax_or_not(ready: Workspace, together: bool) -> None:
    second = 1 if together else 2
    rows = [
        f"60,{number},2026-01-05,{row}"
        for number, tax in ((1, ""), (second, "VH"))
        for row in ("1300,121.00,,", "8000,,100.00,VH", f"1500,,21.00,{tax}")
    ]
    import_csv(ready, *rows, number=7)
    assert filled(books(ready, "vat", number=7)) == {"1a": ("200.00", "42.00")}


def test_acquisitions_whose_tax_names_the_code_are_owed_and_deducted(ready: Workspace) -> None:
    def entry(number: str, code: str | None) -> Entry:
        tax = Line("1542", "C", 1_050, vat=code), Line("1520", "D", 1_050, vat=code)
        return Entry("70", number, "2026-01-06", 1, "", (Line("7000", "D", 5_000, vat="IEU"), Line("1600", "C", 5_000), *tax))

    post_entries(ready, entry("1", "IEU"), entry("2", None))
    assert filled(books(ready, "vat", number=7)) == {"4b": ("100.00", "21.00"), "5b": (None, "21.00")}


def test_a_line_of_the_tax_of_two_codes_is_divided_between_them(desk: Workspace) -> None:  # noqa: F811
    load_year(desk, HIGH | {"2": ("Laag", "1510", "")}, sold("1", tax="1"))
    path = desk.folder / "2025.xaf"
    row = "<vat><vatID>2</vatID><vatPerc>9</vatPerc><vatAmnt>9.00</vatAmnt><vatAmntTp>C</vatAmntTp></vat>"
    text = path.read_text("utf-8").replace("<amnt>210.00</amnt>", "<amnt>219.00</amnt>").replace("1210.00", "1319.00")
    text = text.replace("<amnt>1000.00</amnt>", "<amnt>1100.00</amnt>").replace("</vat></trLine>", f"</vat>{row}</trLine>")
    path.write_text(text, "utf-8")
    desk.create(10, "Twee", chart=None)
    accept = [word for code in ("auditfile-invalid", "auditfile-unbalanced") for word in ("--accept", code)]
    desk.ok("auditfile", "import", path, "--administration", 10, *accept, "--confirm")
    assert filled(books(desk, "vat", number=10)) == {"1a": ("1000.00", "210.00"), "1b": ("100.00", "9.00")}


def test_tax_of_codes_that_share_an_account_isnt_known_where_entries_only_name_them(desk: Workspace) -> None:  # noqa: F811
    """Of an entry with both, what the account has is of neither alone; it is never counted for each."""
    codes = {"1": ("Hoog", "1500", ""), "2": ("Laag", "1500", "")}
    low = E("60", "2", "2025-01-07", (L("1300", "109.00", "F2", "D1"), L("8010", "-100.00", vat=("2", "9", "9.00")), L("1500", "-9.00")))
    load_year(desk, codes, sold("1"), low)
    import_csv(desk, "60,3,2025-02-01,1300,121.00,,", "60,3,2025-02-01,8000,,100.00,1", "60,3,2025-02-01,1500,,21.00,")
    assert filled(books(desk, "vat")) == {"1a": ("1100.00", "231.00"), "1b": ("100.00", "9.00")}
    rows = ("1300,230.00,,", "8000,,100.00,1", "8010,,100.00,2", "1500,,30.00,")
    import_csv(desk, *(f"60,4,2025-02-02,{row}" for row in rows))
    assert filled(books(desk, "vat")) == {"1a": ("1200.00", None), "1b": ("200.00", None)}


def test_tax_that_names_its_code_is_known_on_an_account_that_codes_share(desk: Workspace) -> None:  # noqa: F811
    codes = {"VH": ("Verkoop hoog 21 %", "1500", ""), "IEU": ("Verwerving van goederen binnen de EU", "1500", "1520")}
    load_year(desk, codes, sold("1", "VH"))
    rows = (
        "1300,121.00,,", "8000,,100.00,VH", "1500,,21.00,VH", "4500,50.00,,IEU", "1600,,50.00,", "1500,,10.50,IEU", "1520,10.50,,IEU",
    )  # fmt: skip
    import_csv(desk, *(f"60,2,2025-02-01,{row}" for row in rows))
    assert filled(books(desk, "vat")) == {"1a": ("1100.00", "231.00"), "4b": ("50.00", "10.50"), "5b": (None, "10.50")}


def test_a_line_of_the_tax_of_nothing_doesnt_replace_what_is_stated(desk: Workspace) -> None:  # noqa: F811
    """The tax itself is in an entry of its own, without a code."""
    nothing = E("60", "1", "2025-01-06", (*sold("1", account="4500").lines, L("1500", "0.00", vat=("1", "21", "0.00"))))
    load_year(desk, HIGH, nothing)
    assert filled(books(desk, "vat")) == {"1a": ("1000.00", "210.00")}


# --- the box of a code ---


@pytest.mark.parametrize(
    ("codes", "rgs"),
    [(BOTH, True), ({"4": ("Btw hoog", "", "")}, True), (BOTH, False)],
    ids=["both accounts", "no accounts", "no RGS codes"],
)
def test_a_code_for_sales_and_purchases_is_in_the_box_of_the_tax_of_each_entry(
    desk: Workspace,  # noqa: F811
    codes: dict[str, tuple[str, str, str]],
    rgs: bool,
) -> None:
    load_year(desk, codes, sold("1", "4"), bought("1"), rgs=rgs)
    found = books(desk, "vat")
    assert filled(found) == {"1a": ("1000.00", "210.00"), "5b": (None, "84.00")}
    assert unmapped(found) == []


def test_what_such_a_code_has_in_entries_without_its_tax_or_with_both_is_unmapped(desk: Workspace) -> None:  # noqa: F811
    both = E("90", "1", "2025-01-09", (*sold("1", "4").lines, *bought("1").lines))
    neither = E("90", "2", "2025-01-10", (L("1100", "7.00"), L("8000", "-7.00", vat=("4", "21", "0.00"))))
    nothing = E("90", "3", "2025-01-10", (L("1100", "0.00"), L("8000", "0.00", vat=("4", "21", "0.00"))))
    load_year(desk, BOTH, sold("1", "4"), both, neither, nothing, rgs=True)
    found = books(desk, "vat")
    assert filled(found) == {"1a": ("1000.00", "210.00")}
    assert unmapped(found) == [("4", "-607.00", "-126.00", 3)]


def test_a_code_that_names_one_account_twice_is_known_by_its_rgs_code_only(desk: Workspace) -> None:  # noqa: F811
    codes = {"1": ("Hoog", "1500", "1500"), "5": ("Inkoop", "1520", "1520")}
    load_year(desk, codes, sold("1"), bought("1", "5"), rgs=True)
    assert filled(books(desk, "vat")) == {"1a": ("1000.00", "210.00"), "5b": (None, "84.00")}
    desk.create(10, "Zonder RGS", chart=None)
    path = Year(2025, OPENING, (sold("1"), bought("1", "5")), codes).write(desk.folder / "without.xaf")
    desk.ok("auditfile", "import", path, "--administration", 10, "--accept", "auditfile-invalid", "--confirm")
    found = books(desk, "vat", number=10)
    assert (filled(found), unmapped(found)) == ({}, [("1", "-1000.00", "-210.00", 1), ("5", "400.00", "84.00", 1)])


def test_a_code_that_is_used_for_purchases_only_in_a_later_year_gets_the_other_account(desk: Workspace) -> None:  # noqa: F811
    codes = {"4": ("Btw hoog", "", "")}
    load_year(desk, codes, sold("1", "4"), rgs=True)
    assert filled(books(desk, "vat")) == {"1a": ("1000.00", "210.00")}
    later = [replace(one, date=one.date.replace("2025", "2026")) for one in (sold("2", "4"), bought("1"))]
    load_year(desk, codes, *later, rgs=True, label=2026)
    assert filled(books(desk, "vat")) == {"1a": ("1000.00", "210.00"), "5b": (None, "84.00")}


def test_a_purchase_paid_together_with_vat_doesnt_make_its_code_one_for_sales(desk: Workspace) -> None:  # noqa: F811
    """The bank's entry has the account of what is owed too, but that is no tax of this code."""
    paid = E(
        "20",
        "1",
        "2025-01-31",
        (L("4500", "100.00", vat=("4", "21", "21.00")), L("1520", "21.00"), L("1500", "50.00"), L("1100", "-171.00")),
    )
    load_year(desk, {"4": ("Inkoop", "", "")}, bought("1"), paid, rgs=True)
    found = books(desk, "vat")
    assert (filled(found), unmapped(found)) == ({"5b": (None, "105.00")}, [])


def test_entries_that_only_name_a_code_leave_it_in_its_box(desk: Workspace) -> None:  # noqa: F811
    load_year(desk, HIGH | {"5": ("Inkopen", "", "1520")}, sold("1"), sold("2"), bought("1", "5"))
    rows = ("1300,121.00,,", "8000,,100.00,1", "1500,,21.00,")
    import_csv(desk, *(f"60,9,2025-04-05,{row}" for row in rows))
    rows = ("4500,100.00,,5", "1520,21.00,,", "1600,,121.00,")
    import_csv(desk, *(f"70,9,2025-04-05,{row}" for row in rows))
    found = books(desk, "vat")
    assert filled(found) == {"1a": ("2100.00", "441.00"), "5b": (None, "105.00")}
    assert unmapped(found) == []
    assert filled(books(desk, "vat", "--until", "2025-01-05")) == {}


# --- lines with several VAT rows ---


def with_row(code: str, percentage: str = "0") -> str:
    return f"<vat><vatID>{code}</vatID><vatPerc>{percentage}</vatPerc><vatAmnt>0.00</vatAmnt><vatAmntTp>C</vatAmntTp></vat>"


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("more", [(), ("VEX",)])
def test_a_line_with_taxed_and_untaxed_rows_is_divided_between_them(desk: Workspace, first: bool, more: tuple[str, ...]) -> None:  # noqa: F811
    """21.00 at 21 % is of 100.00, so that the other 100.00 is at 0 %: once, whatever the number and the order of the rows."""
    codes = {"VH": ("Verkoop hoog 21 %", "", ""), "V0": ("Verkoop 0 %", "", ""), "VEX": ("Uitvoer buiten de EU", "", "")}
    lines = L("1300", "221.00", "F1", "D1"), L("8000", "-200.00", vat=("VH", "21", "21.00")), L("1500", "-21.00")
    text = Year(2025, OPENING, (E("60", "1", "2025-01-06", lines),), codes).xml()
    rows = "".join(map(with_row, ("V0", *more)))
    text = text.replace("<vat><vatID>VH", f"{rows}<vat><vatID>VH") if first else text.replace("</vat></trLine>", f"</vat>{rows}</trLine>")
    path = desk.folder / "rows.xaf"
    path.write_text(text, "utf-8")
    load(desk, path)
    assert filled(books(desk, "vat")) == {"1a": ("100.00", "21.00"), "1e": ("100.00", None)}


def test_rows_of_codes_in_no_box_take_only_the_rest_of_a_line(desk: Workspace) -> None:  # noqa: F811
    lines = L("1300", "221.00", "F1", "D1"), L("8000", "-200.00", vat=("VH", "21", "21.00")), L("1500", "-21.00")
    codes = {"VH": ("Verkoop hoog 21 %", "", ""), "X": ("Iets", "", "")}
    text = Year(2025, OPENING, (E("60", "1", "2025-01-06", lines),), codes).xml()
    path = desk.folder / "rows.xaf"
    path.write_text(text.replace("</vat></trLine>", f"</vat>{with_row('X', '21')}</trLine>"), "utf-8")
    load(desk, path)
    found = books(desk, "vat")
    assert (filled(found), unmapped(found)) == ({"1a": ("100.00", "21.00")}, [("X", "-100.00", "0.00", 1)])


# --- what is in no box, as it is printed ---


@pytest.fixture
def partly(desk: Workspace) -> Workspace:  # noqa: F811
    entry = E("60", "1", "2025-01-06", (L("1300", "7.00", "F1", "D1"), L("8000", "-7.00", vat=("9", "0", "0.00"))))
    load_year(desk, {"9": ("Iets", "", "")}, entry)
    return desk


def test_the_csv_warns_of_what_is_in_no_box(partly: Workspace) -> None:
    path = partly.folder / "vat.csv"
    answer = partly.run("books", "vat", 9, "--csv", path, "--lang", "en")
    assert "1 VAT code is not or only partly in a box. The CSV has the boxes only" in answer.err
    assert unmapped(answer.json) == [("9", "-7.00", "0.00", 1)]
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8"))))
    assert [row[1:] for row in rows if "7.00" in row[1]] == []
    assert (
        "1 btw-code valt niet of maar deels in een rubriek."
        in partly.run("books", "vat", 9, "--csv", path, "--lang", "nl", as_json=False).err
    )
    assert "VAT code" not in partly.run("books", "vat", 9, "--xlsx", partly.folder / "vat.xlsx", "--lang", "en").err
    assert "VAT code" not in partly.run("books", "vat", 9, "--csv", path, "--until", "2025-01-05", "--lang", "en").err


def test_each_further_table_has_its_title_on_the_terminal(partly: Workspace) -> None:
    def lines(*words: object) -> list[str]:
        return partly.run("books", *words, "--lang", "en", as_json=False).out.splitlines()

    printed = lines("vat", 9)
    assert printed[printed.index("In no box") + 2].split()[:2] == ["9", "Iets"]
    assert "In no box" not in lines("vat", 9, "--until", "2025-01-05")
    assert "Ageing" in lines("open-items", 9, "--on", "2025-12-31")
    assert "First digits and Benford's law" in lines("check", 9)
    assert "Trial balance" not in lines("trial-balance", 9)
    assert "In geen rubriek" in partly.run("books", "vat", 9, "--lang", "nl", as_json=False).out.splitlines()


MOVEMENTS = [("Ola", "1a"), ("Olv", "1b"), ("Olo", "1c"), ("Oop", "1d"), ("Olw", "2a"), ("Olb", "4a"), ("Olu", "4b")]


@pytest.mark.parametrize(("ending", "box"), MOVEMENTS)
def test_the_rgs_codes_of_movements_say_the_box_too(desk: Workspace, ending: str, box: str, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """RGS has for each account of VAT (level 4) a code below BSchBepBtw (level 5), which many charts have instead."""
    monkeypatch.setitem(RGS, "1500", f"BSchBepBtw{ending}")
    monkeypatch.setitem(RGS, "1520", "BSchBepBtwVoo")
    if box in {"2a", "4a", "4b"}:
        lines = L("4500", "400.00", vat=("4", "21", "84.00")), L("1500", "-84.00"), L("1520", "84.00"), L("1600", "-400.00", "P1", "C1")
        load_year(desk, BOTH, E("70", "1", "2025-01-08", lines), rgs=True)
        assert filled(books(desk, "vat")) == {box: ("400.00", "84.00"), "5b": (None, "84.00")}
    else:
        load_year(desk, HIGH, sold("1"), rgs=True)
        assert filled(books(desk, "vat")) == {box: ("1000.00", "210.00")}
