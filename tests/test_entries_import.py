"""Entries typed in a table come in whole or not at all; what is wrong is said by line and column, all of it at once."""

import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

import accountools as at
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line
from accountools.formats.tables import MAX_BYTES
from accountools.formats.workbook import Column, Sheet, WorkbookProperties, write_workbook
from accountools.operations.books.entries import post
from accountools.storage.register import journal
from tests.engines import add_book_row, place_of, run_sql
from tests.workspace import TODAY, Workspace

HEADER = "journal,number,date,account,debit,credit,description,relation,vat,document"
GOOD = (
    "70,26-1,2026-03-05,4500,100.00,,Papier,,IH,",
    "70,26-1,2026-03-05,1520,21,,Btw,,,",
    "70,26-1,2026-03-05,1600,,121.00,Papier,C1,,KA-17",
    "20,26-1,2026-04-02,1600,121.00,,Betaling,C1,,KA-17",
    "20,26-1,2026-04-02,1100,,121.00,Betaling,,,",
)


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    add_book_row(ready.office, 7, "relations", code="C1", name="Kantoorvakhandel Inkt", kind="C", city="")
    return ready


def sql(desk: Workspace, statement: str) -> list[Any]:
    return run_sql(desk.office, statement, number=7)


def add_year(desk: Workspace, label: str, first_day: str, last_day: str, *, closed: int = 0) -> None:
    add_book_row(desk.office, 7, "years", label=label, first_day=first_day, last_day=last_day, closed=closed)


def add_period(desk: Workspace, year: str, number: int, first_day: str, last_day: str) -> None:
    add_book_row(desk.office, 7, "periods", year=year, number=number, first_day=first_day, last_day=last_day)


def table(desk: Workspace, *rows: str, header: str = HEADER, name: str = "entries.csv") -> Path:
    path = desk.folder / name
    path.write_text("".join(f"{one}\n" for one in (header, *rows)), "utf-8")
    return path


def run(desk: Workspace, path: Path, *more: object) -> Any:
    return desk.run("entries", "import", path, "--administration", 7, *more)


def faults(desk: Workspace, *rows: str, header: str = HEADER) -> list[str]:
    """The sentences about a table that is refused; nothing of it comes in."""
    before = sql(desk, "SELECT count(*) FROM entries UNION ALL SELECT count(*) FROM years")
    answer = run(desk, table(desk, *rows, header=header), "--confirm")
    assert answer.code == 3
    assert sql(desk, "SELECT count(*) FROM entries UNION ALL SELECT count(*) FROM years") == before
    return [one["message"] for one in answer.json["error"]["obstacles"]]


@pytest.mark.both_engines
def test_it_is_planned_shown_and_applied(desk: Workspace) -> None:
    path = table(desk, *GOOD)
    planned = run(desk, path).json
    assert (planned["imported"], planned["adds"]["entries"], planned["adds"]["lines"]) == (False, 2, 5)
    assert planned["totals"] == {"debit": "242.00", "credit": "242.00"}
    assert (planned["year"], planned["new_years"], planned["obstacles"]) == ("2026", ["2026"], [])
    assert sql(desk, "SELECT count(*) FROM entries") == [(0,)]
    done = run(desk, path, "--confirm", "--plan", planned["plan"])
    assert (done.code, done.json["imported"]) == (0, True)
    assert sql(desk, "SELECT journal, number, date, period, description, year FROM entries ORDER BY id") == [
        ("70", "26-1", "2026-03-05", 3, "Papier", "2026"),
        ("20", "26-1", "2026-04-02", 4, "Betaling", "2026"),
    ]
    assert sql(desk, "SELECT account, side, amount, relation, document FROM lines ORDER BY id") == [
        ("4500", "D", 10_000, None, None),
        ("1520", "D", 2_100, None, None),
        ("1600", "C", 12_100, "C1", "KA-17"),
        ("1600", "D", 12_100, "C1", "KA-17"),
        ("1100", "C", 12_100, None, None),
    ]
    assert sql(desk, "SELECT line, code FROM vat_rows") == [(1, "IH")]
    (boxes,) = [one for one in desk.ok("books", "vat", 7)["boxes"] if one["box"] == "5b"]
    assert boxes["vat"] == "21.00"
    assert desk.ok("books", "open-items", 7)["rows"] == []
    event = desk.ok("journal", "--administration", 7)["events"][-1]
    assert (event["what"], event["details"]["entries"], event["details"]["years"]) == ("entries-imported", 2, ["2026"])
    assert desk.ok("journal", "verify")["ok"]


def test_dutch_titles_separators_amounts_and_days_are_read(desk: Workspace) -> None:
    header = "Dagboek;Boekstuknr;Datum;Grootboekrekening;Debet;Credit;Omschrijving;Relatie;Btw-code;Factuurnummer"
    rows = (
        "90;1;05-03-2026;4500;€ 1.234,50;;Papier;;;", "90;1;5/3/2026;1000;;1.200;;;;".replace("1.200", "1200,5"),
        "90;1;05-03-2026;1100;;34;;;;",
    )  # fmt: skip
    assert run(desk, table(desk, *rows, header=header), "--confirm").json["totals"] == {"debit": "1234.50", "credit": "1234.50"}
    assert sql(desk, "SELECT amount FROM lines ORDER BY id") == [(123_450,), (120_050,), (3_400,)]


def test_a_workbook_is_read_like_a_csv_file(desk: Workspace) -> None:
    rows = [tuple(cell or None for cell in row.split(",")) for row in GOOD]
    columns = tuple(Column(name, 12) for name in HEADER.split(","))
    path = desk.folder / "entries.xlsx"
    context = at.Office.open(place_of(desk.office)).clock()
    path.write_bytes(write_workbook([Sheet("x", columns, rows)], WorkbookProperties("x", "x", context.now, "x")))
    assert run(desk, path, "--confirm").json["adds"]["lines"] == 5
    assert run(desk, table(desk, *GOOD)).json["present"] == 2, "the same entries as in the CSV file"


def test_a_relation_and_a_vat_code_are_read_under_each_of_their_titles(desk: Workspace) -> None:
    header = "Dagboek;Boekstuk;Datum;Rekening;Debet;Credit;Omschrijving;Relatienummer;BTW-tarief;Kostenplaats;Leeg;"
    rows = ("70;1;05-03-2026;4500;100,00;;Papier;;IH;100;;", "70;1;05-03-2026;1600;;100,00;Papier;C1;;;;")
    planned = run(desk, table(desk, *rows, header=header)).json
    (remark,) = planned["obstacles"]
    assert (planned["unread"], remark["code"], remark["blocking"]) == (["Kostenplaats"], "columns-unread", False)
    assert "aren't read: Kostenplaats." in remark["message"]
    assert (planned["present"], run(desk, table(desk, *rows, header=header), "--confirm").json["imported"]) == (0, True)
    again = run(desk, table(desk, *rows, header=header), "--confirm")
    assert (again.json["imported"], again.json["present"], "already in the books" in again.out + again.err) == (False, 1, False)
    assert sql(desk, "SELECT relation FROM lines ORDER BY id") == [(None,), ("C1",)]
    assert sql(desk, "SELECT code FROM vat_rows") == [("IH",)]


@pytest.mark.parametrize("titles", ["Debiteurnummer;BTW code", "Crediteurnr.;Btw", "Debiteurennr;btw_code", "Relatie-code;BTW/code"])
def test_titles_are_known_however_they_are_written(desk: Workspace, titles: str) -> None:
    header = f"Dagboek;Boekstuk;Datum;Rekening;Debet;Credit;{titles}"
    rows = ("70;1;05-03-2026;4500;100,00;;;IH", "70;1;05-03-2026;1600;;100,00;C1;")
    planned = at.Office.open(place_of(desk.office)).plan_entries_import(table(desk, *rows, header=header), 7)
    assert [(line.relation, line.vat) for line in planned.typed[0].lines] == [(None, "IH"), ("C1", None)]
    assert planned.obstacles == ()


def book(*sheets: tuple[tuple[object, ...], ...], hidden: int = 0, merged: str = "") -> bytes:
    """A workbook with these sheets, of which so many are hidden; a cell that begins with # is a formula without a value."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        for number, rows in enumerate(sheets):
            sheet = made.add_worksheet()
            for line, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if str(cell).startswith("#"):
                        sheet.write_formula(line, place, "=NA()", None, cell)
                    else:
                        sheet.write(line, place, cell)
            if merged:
                sheet.merge_range(merged, rows[1][0] if merged.startswith("A") else "")
            sheet.hide() if number < hidden else sheet.activate()
    return buffer.getvalue()


def typed(*rows: str) -> tuple[tuple[object, ...], ...]:
    """The header and these rows, with numbers for the amounts."""
    amounts = tuple(HEADER.split(",").index(name) for name in ("debit", "credit"))
    cells = [[float(cell) if place in amounts and cell else cell or None for place, cell in enumerate(row.split(","))] for row in rows]
    return tuple(HEADER.split(",")), *map(tuple, cells)


@pytest.mark.parametrize(("column", "error"), [("relation", "#N/A"), ("vat", "#REF!"), ("number", "#DIV/0!"), ("description", "#N/B")])
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_an_error_of_the_spreadsheet_is_a_fault_of_its_cell(desk: Workspace, column: str, error: str, ending: str) -> None:
    """The entry isn't also said to be unbalanced."""
    cells = dict(zip(HEADER.split(","), GOOD[0].split(","), strict=True)) | {column: error}
    rows = (",".join(cells.values()), *GOOD[1:])
    path = table(desk, *rows, name=f"entries.{ending}")
    if ending == "xlsx":
        path.write_bytes(book(typed(*rows)))
    answer = run(desk, path, "--confirm")
    assert (answer.code, answer.error) == (3, "entries-invalid")
    (found,) = (one["message"] for one in answer.json["error"]["obstacles"])
    assert f"line 2, column {column}: “{error}”: this cell holds an error of the spreadsheet" in found
    assert sql(desk, "SELECT count(*) FROM entries") == [(0,)]


def test_cells_merged_over_rows_are_a_fault_of_each_row_but_the_first(desk: Workspace) -> None:
    path = desk.folder / "entries.xlsx"
    path.write_bytes(book(typed(*GOOD), merged="A2:A4"))
    answer = run(desk, path, "--confirm")
    assert [one["message"].partition(";")[0] for one in answer.json["error"]["obstacles"]] == [
        f"entries.xlsx, line {line}, column journal: “”: this cell is merged with the one above it" for line in (3, 4)
    ]
    path.write_bytes(book(typed(*GOOD), merged="L2:M4"))  # beside the table
    assert run(desk, path).json["adds"]["lines"] == 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100.1 - 88, "12.10"), (0.1 + 0.2, "0.30"), (123456789012.34, "123456789012.34"), (12345678901234.56, "12345678901234.56"),
        (40.800000000000004, "40.80"), (7.0, "7.00"), (12.105, None), (0.001, None), (1e-7, None),
    ],
)  # fmt: skip
def test_a_number_of_a_workbook_counts_as_it_is_shown(desk: Workspace, value: float, text: str | None) -> None:
    """A spreadsheet computes with sixteen digits and shows fifteen."""
    rows = typed("70,26-1,2026-03-05,4500,1,,,,,", "70,26-1,2026-03-05,1100,,1,,,,")
    path = desk.folder / "entries.xlsx"
    path.write_bytes(book(tuple(tuple(value if cell == 1.0 else cell for cell in row) for row in rows)))
    answer = run(desk, path)
    assert answer.error == (None if text else "entries-invalid")
    assert text is None or answer.json["totals"]["debit"] == text


def test_an_error_in_a_column_that_is_not_read_is_none(desk: Workspace) -> None:
    rows = tuple((*row, cell) for row, cell in zip(typed(*GOOD), ("opmerking", "#N/A", *"    "), strict=False))
    path = desk.folder / "entries.xlsx"
    path.write_bytes(book(rows))
    assert run(desk, path).json["adds"]["lines"] == 5


def test_the_first_sheet_that_is_not_hidden_is_read(desk: Workspace) -> None:
    path = desk.folder / "entries.xlsx"
    path.write_bytes(book(typed(GOOD[0].replace("IH", "#N/A")), typed(*GOOD[:3]), typed(*GOOD), hidden=1))
    assert run(desk, path).json["adds"]["lines"] == 3
    path.write_bytes(book(typed(*GOOD[:3]), typed(GOOD[0].replace("IH", "#N/A")), typed(*GOOD), hidden=1))
    (found,) = (one["message"] for one in run(desk, path).json["error"]["obstacles"])
    assert "line 2, column vat: “#N/A”" in found


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("journal", "", "must be filled in"),
        ("journal", "77", "doesn't have it"),
        ("number", "", "must be filled in"),
        ("date", "", "not a date"),
        ("date", "2026-02-30", "not a date"),
        ("date", "maart", "not a date"),
        ("account", "", "must be filled in"),
        ("account", "450", "doesn't have it"),
        ("debit", "1.005", "at most two decimals"),
        ("debit", "1.234", "at most two decimals"),
        ("debit", "honderd", "at most two decimals"),
        ("debit", "1,2,3", "at most two decimals"),
        ("debit", "40.800000000000004", "at most two decimals"),
        ("debit", "12345678901234567.89", "at most two decimals"),
        ("debit", "", "either debit or credit"),
        ("debit", "0", "either debit or credit"),
        ("credit", "5.00", "either debit or credit"),
        ("credit", "5.000", "at most two decimals"),
        ("relation", "C2", "doesn't have it"),
        ("vat", "XX", "doesn't have it"),
    ],
)
def test_what_is_wrong_in_a_cell_is_said_with_its_line_and_column(desk: Workspace, column: str, value: str, why: str) -> None:
    names = HEADER.split(",")
    cells = dict(zip(names, GOOD[0].split(","), strict=True)) | {column: f'"{value}"' if "," in value else value}
    (found,) = faults(desk, ",".join(cells.values()), *GOOD[1:])
    place = "debit" if "either" in why else column
    assert f"entries.csv, line 2, column {place}:" in found
    assert why in found


def test_all_that_is_wrong_is_said_at_once(desk: Workspace) -> None:
    rows = (
        "70,1,2026-03-05,450,100.00,,,C9,,",
        "70,1,2026-03-05,1600,,1x,,,,",
        "20,1,2026-04-02,1600,1,,,,,",
        "20,1,2026-04-02,1100,,2,,,,",
    )
    found = faults(desk, *rows)
    places = [one.split(":")[0] for one in found]
    assert places == [
        "entries.csv, line 2, column account",
        "entries.csv, line 2, column relation",
        "entries.csv, line 3, column credit",
        "entries.csv, line 4",
    ]
    assert "Entry 20 1 doesn't balance: debit 1.00, credit 2.00." in found[3]


@pytest.mark.parametrize(
    ("rows", "header", "why"),
    [
        ((), HEADER, "no rows"),
        (GOOD, "a,b,c,d,e,f,g,h,i,j", "columns are missing: journal, number, date, account, debit, credit"),
        (GOOD, HEADER.replace("debit", "bedrag"), "columns are missing: debit"),
        ((*GOOD[:2], "70,26-1,2026-03-06,1600,,121.00,,,,"), HEADER, "another date on line 2"),
        (GOOD[:2], HEADER, "doesn't balance"),
        ((*GOOD, "70,26-2,2026-03-05,4500,1.00,,,,,,,,weg"), HEADER, "right of the last column"),
    ],
)
def test_what_is_wrong_with_an_entry_or_the_table_is_refused(desk: Workspace, rows: tuple[str, ...], header: str, why: str) -> None:
    assert any(why in one for one in faults(desk, *rows, header=header))


@pytest.mark.both_engines
def test_more_than_can_be_added_up_is_refused_also_with_what_the_books_hold(desk: Workspace) -> None:
    largest = "9999999999999999.99"

    def rows(first: int, last: int, sign: str = "") -> list[str]:
        sides = ("4500", f"{sign}{largest},"), ("1100", f",{sign}{largest}")
        return [f"90,{number},2026-03-05,{account},{amount},,,," for number in range(first, last) for account, amount in sides]

    assert "more than can be computed with" in faults(desk, *rows(0, 10))[0]
    assert "more than can be computed with" in faults(desk, *rows(0, 5), *rows(5, 10, "-"))[0]
    assert run(desk, table(desk, *rows(0, 3)), "--confirm").code == 0
    assert "more than can be computed with" in faults(desk, *rows(3, 5))[0]
    assert run(desk, table(desk, *rows(0, 4)), "--confirm").json["present"] == 3
    assert desk.ok("administration", "show", 7)["totals"]["debit"] == "39999999999999999.96"


def test_a_file_that_is_not_there_or_too_large_is_refused_as_that(desk: Workspace) -> None:
    for name in ("none.csv", "none.xlsx", "none"):
        answer = run(desk, desk.folder / name)
        assert (answer.code, answer.error) == (3, "file-not-found")
    large = desk.folder / "large.csv"
    with large.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert run(desk, large).error == "file-too-large"


def test_a_file_of_two_encodings_is_refused(desk: Workspace) -> None:
    path = table(desk, *GOOD)
    path.write_bytes(path.read_bytes() + "70,9,2026-03-05,4500,1,,é,,,\n".encode() + "70,9,2026-03-05,1100,,1,é,,,\n".encode("cp1252"))
    assert run(desk, path, "--confirm").error == "entries-invalid"


@pytest.mark.both_engines
@pytest.mark.both_engines
def test_a_zero_byte_in_a_cell_is_a_blank(desk: Workspace) -> None:
    """PostgreSQL has none, and no backup holds one."""
    rows = (row.replace("Papier", "Pa\0pier").replace("KA-17", "KA\x0017") for row in GOOD)
    assert run(desk, table(desk, *rows), "--confirm").code == 0
    assert sql(desk, "SELECT description, document FROM lines ORDER BY id")[0] == ("Pa pier", None)
    assert sql(desk, "SELECT document FROM lines WHERE document IS NOT NULL") == [("KA 17",)] * 2
    desk.ok("backup", 7, "--purpose", "safekeeping", "--plain", "--confirm")


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("first_day", "last_day"),
    [("", "9"), ("0000-01-01", "2030-12-31"), ("2020-01-01", "9"), ("", "2030-12-31"), ("2026", "2027"), ("2020-02-30", "2030-12-31")],
)
def test_a_year_whose_days_are_none_holds_no_day(desk: Workspace, first_day: str, last_day: str) -> None:
    """An image or an old audit file may say anything there."""
    add_year(desk, "a", first_day, last_day, closed=1)
    assert run(desk, table(desk, *GOOD), "--confirm").json["new_years"] == ["2026"]
    assert sql(desk, "SELECT DISTINCT year FROM entries") == [("2026",)]


def test_a_calendar_year_whose_days_are_none_is_there_all_the_same(desk: Workspace) -> None:
    add_year(desk, "2026", "", "9")
    assert all("calendar year overlaps" in one for one in faults(desk, *GOOD))


def test_the_year_is_chosen_by_the_date_and_a_closed_one_refused(desk: Workspace) -> None:
    add_year(desk, "2024-2025", "2024-07-01", "2025-06-30", closed=1)
    add_year(desk, "2025-2026", "2025-07-01", "2026-06-30")
    add_period(desk, "2025-2026", 9, "2026-03-01", "2026-03-31")
    assert faults(desk, *(row.replace("2026", "2025") for row in GOOD)) == [
        "entries.csv, line 2: Fiscal year 2024-2025 is closed.",
        "entries.csv, line 5: Fiscal year 2024-2025 is closed.",
    ]
    (found, _) = faults(desk, *(row.replace("2026-03", "2024-03").replace("2026-04", "2024-04") for row in GOOD))
    assert "line 2, column date" in found
    assert "calendar year overlaps" in found
    assert run(desk, table(desk, *GOOD), "--confirm").json["years"] == ["2025-2026"]
    assert sql(desk, "SELECT year, period FROM entries ORDER BY id") == [("2025-2026", 9), ("2025-2026", 10)]


def dated(first: str, second: str) -> tuple[str, ...]:
    """The two entries of `GOOD` on other days."""
    return tuple(row.replace("2026-03-05", first).replace("2026-04-02", second) for row in GOOD)


@pytest.mark.both_engines
def test_after_a_broken_year_the_year_that_follows_on_it_is_made(desk: Workspace) -> None:
    """Twelve months, also where the calendar year of the day is free; and one after the other."""
    add_year(desk, "2024-2025", "2024-10-01", "2025-06-30")
    planned = run(desk, table(desk, *dated("2025-07-15", "2026-06-30"))).json
    assert (planned["new_years"], planned["adds"]["periods"]) == (["2025-2026"], 2)
    assert run(desk, table(desk, *dated("2026-03-05", "2027-08-01")), "--confirm").json["new_years"] == ["2025-2026", "2027-2028"]
    assert run(desk, table(desk, *(row.replace("26-1", "26-2") for row in dated("2025-07-15", "2026-07-31"))), "--confirm").code == 0
    assert sql(desk, "SELECT label, first_day, last_day, closed FROM years ORDER BY 1") == [
        ("2024-2025", "2024-10-01", "2025-06-30", 0),
        ("2025-2026", "2025-07-01", "2026-06-30", 0),
        ("2026-2027", "2026-07-01", "2027-06-30", 0),
        ("2027-2028", "2027-07-01", "2028-06-30", 0),
    ]
    assert sql(desk, "SELECT year, period FROM entries ORDER BY date") == [
        ("2025-2026", 1), ("2025-2026", 9), ("2026-2027", 1), ("2027-2028", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "known",
    [
        [("2025-2026", "2025-07-01", "2026-06-30")],
        [("2024", "2024-07-01", "2025-03-31"), ("2025-2026", "2025-07-01", "2026-06-30")],
        [("2024", "2024-07-01", "2025-03-31"), ("2025-2026", "", "9")],
        [("2025", "2025-01-01", "2025-03-31")],
        [("2024", "2023-06-15", "2024-02-28"), ("2025", "2025-12-31", "2026-12-31")],
        [("9", "9998-07-01", "9999-06-30"), ("2025", "", "")],
    ],
    ids=["before the first", "up to another", "its label is taken", "part of a calendar year", "from a leap day", "the last of all"],
)
def test_no_year_is_made_that_overlaps_another_or_has_its_label(desk: Workspace, known: list[tuple[str, str, str]]) -> None:
    for label, first_day, last_day in known:
        add_year(desk, label, first_day, last_day)
    day = "9999-07-15" if known[0][0] == "9" else "2025-04-15"
    assert all("calendar year overlaps" in one for one in faults(desk, *dated("2025-04-15", day)))


def test_the_period_is_the_one_that_has_the_date(desk: Workspace) -> None:
    add_year(desk, "2026", "2026-01-01", "2026-12-31")
    add_period(desk, "2026", 0, "2026-01-01", "2026-12-31")
    add_period(desk, "2026", 3, "2026-02-26", "2026-03-25")
    planned = run(desk, table(desk, *GOOD), "--confirm").json
    assert (planned["new_years"], planned["adds"]["periods"]) == ([], 1)
    assert sql(desk, "SELECT period FROM entries ORDER BY id") == [(3,), (4,)]


def post_on(desk: Workspace, *days: str) -> None:
    """Post an entry on each of these days, from a file for each."""
    for number, day in enumerate(days, 1):
        rows = (f"90,{number},{day},4500,10.00,,,,,", f"90,{number},{day},1100,,10.00,,,,")
        assert run(desk, table(desk, *rows, name=f"{day}.csv"), "--confirm").code == 0


@pytest.mark.both_engines
@pytest.mark.parametrize("label", ["2025", "2024-2025"])
def test_a_period_of_a_year_that_is_no_calendar_year_has_the_days_of_its_month(desk: Workspace, label: str) -> None:
    add_year(desk, label, "2024-07-01", "2025-06-30")
    add_period(desk, label, 1, "2024-07-01", "2024-07-31")
    post_on(desk, "2024-11-05", "2025-05-06", "2025-02-10", "2024-07-03")
    assert sql(desk, "SELECT number, first_day, last_day FROM periods ORDER BY number") == [
        (1, "2024-07-01", "2024-07-31"),
        (5, "2024-11-01", "2024-11-30"),
        (8, "2025-02-01", "2025-02-28"),
        (11, "2025-05-01", "2025-05-31"),
    ]
    assert sql(desk, "SELECT date, period FROM entries ORDER BY date") == [
        ("2024-07-03", 1), ("2024-11-05", 5), ("2025-02-10", 8), ("2025-05-06", 11),
    ]  # fmt: skip
    found = desk.ok("books", "check", 7, "--year", label)["findings"]
    assert [one for one in found if one["code"].startswith("date-outside")] == []


def test_a_month_in_which_the_year_begins_or_ends_has_its_days_only(desk: Workspace) -> None:
    """A long first year, whose thirteenth month is a month like the others."""
    add_year(desk, "2024-2025", "2024-07-15", "2025-12-30")
    post_on(desk, "2024-07-20", "2024-08-01", "2025-07-05", "2025-12-30")
    assert sql(desk, "SELECT number, first_day, last_day FROM periods ORDER BY number") == [
        (1, "2024-07-15", "2024-07-31"),
        (2, "2024-08-01", "2024-08-31"),
        (13, "2025-07-01", "2025-07-31"),
        (18, "2025-12-01", "2025-12-30"),
    ]


@pytest.mark.parametrize(
    ("last_day", "opens", "closes", "other"),
    [
        ("2025-06-30", ("2024-07-01", "2024-07-01"), ("2025-06-30", "2025-06-30"), (None, None)),
        ("2025-12-31", ("2024-07-01", "2024-07-01"), ("2025-07-01", "2025-07-31"), ("2025-08-01", "2025-08-31")),
        ("2024-09-30", ("2024-07-01", "2024-07-01"), ("2024-09-30", "2024-09-30"), (None, None)),
    ],
)
def test_period_0_opens_a_year_and_13_closes_one_of_at_most_twelve_months(
    desk: Workspace, last_day: str, opens: tuple[str, str], closes: tuple[str, str], other: tuple[str | None, str | None]
) -> None:
    add_year(desk, "2024", "2024-07-01", last_day)
    lines = Line("4500", "D", 5), Line("1100", "C", 5)
    entries = [Entry("90", str(period), "2024-08-01", period, "", lines) for period in (0, 13, 14)]
    post(at.Office.open(place_of(desk.office)), AdministrationNumber(7), entries)
    assert sql(desk, "SELECT first_day, last_day FROM periods ORDER BY number") == [opens, closes, other]


@pytest.mark.both_engines
def test_the_same_file_again_changes_nothing_and_a_longer_one_adds_the_rest(desk: Workspace) -> None:
    run(desk, table(desk, *GOOD[:3]), "--confirm")
    revision = sql(desk, "SELECT mark FROM marks")
    again = run(desk, table(desk, *GOOD[:3]), "--confirm")
    assert (again.code, again.json["imported"], again.json["adds"]["entries"], again.json["present"]) == (0, False, 0, 1)
    assert sql(desk, "SELECT mark FROM marks") == revision
    longer = run(desk, table(desk, *GOOD), "--confirm")
    assert (longer.json["imported"], longer.json["adds"]["entries"], longer.json["present"]) == (True, 1, 1)
    assert sql(desk, "SELECT count(*) FROM lines") == [(5,)]
    events = [one["what"] for one in desk.ok("journal", "--administration", 7)["events"]]
    assert events.count("entries-imported") == 2


@pytest.mark.parametrize(
    "change",
    [
        ("4500", "4600"),
        ("100.00,,Papier", "100.00,,Karton"),
        ("2026-03-05", "2026-03-06"),
        ("KA-17", "KA-18"),
        (",C1,", ",,"),
        (",IH,", ",IL,"),
        (",IH,", ",,"),
        ("Btw,,,", "Btw,,IH,"),
    ],
)
@pytest.mark.both_engines
def test_an_entry_that_is_there_with_other_contents_is_refused(desk: Workspace, change: tuple[str, str]) -> None:
    run(desk, table(desk, *GOOD[:3]), "--confirm")
    (found,) = faults(desk, *(row.replace(*change) for row in GOOD[:3]))
    assert "line 2: Entry 70 26-1 is already in the books of 2026" in found


@pytest.mark.both_engines
def test_what_changed_since_the_plan_is_refused(desk: Workspace) -> None:
    path = table(desk, *GOOD)
    office = at.Office.open(place_of(desk.office))
    plan = office.plan_entries_import(path, 7)
    assert run(desk, table(desk, *GOOD[:3]), "--plan", plan.digest, "--confirm").error == "changed-meanwhile"
    sql(desk, "UPDATE marks SET mark = 'another'")
    with pytest.raises(at.Refused, match="changed-meanwhile"):
        office.apply(plan)
    assert sql(desk, "SELECT count(*) FROM entries") == [(0,)]


def test_the_facade_posts_what_was_planned(desk: Workspace) -> None:
    office = at.Office.open(place_of(desk.office))
    plan = office.plan_entries_import(table(desk, *GOOD), 7)
    assert (plan.years, plan.adds["entries"], plan.held) == (("2026",), 2, False)
    office.apply(plan)
    assert office.plan_entries_import(table(desk, *GOOD), 7).held
    with pytest.raises(at.Refused, match="entries-invalid") as refused:
        office.plan_entries_import(table(desk, GOOD[0].replace("4500", "1")), 7)
    assert [dict(one.facts)["column"] for one in refused.value.obstacles] == ["account"]


@pytest.mark.both_engines
def test_an_event_that_an_interruption_left_out_is_recorded_the_next_time(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    office, path = at.Office.open(place_of(desk.office)), table(desk, *GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(journal, "list_events", interrupted)
        with pytest.raises(KeyboardInterrupt):
            office.apply(office.plan_entries_import(path, 7))
    assert run(desk, path, "--confirm").json["present"] == 2
    (event,) = [one for one in desk.ok("journal", "--administration", 7)["events"] if one["what"] == "entries-imported"]
    assert event["details"]["lines"] == 5


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_formula_stays_text_and_the_sample_can_be_used(desk: Workspace) -> None:
    run(desk, table(desk, *(row.replace("Papier", "'=1+1") for row in GOOD[:3])), "--confirm")
    assert sql(desk, "SELECT DISTINCT description FROM lines WHERE account = '4500'") == [("=1+1",)]
    assert TODAY > "2026-11-01"
    sample = Path(__file__).parent.parent / "data" / "samples" / "boekingen.csv"
    planned = run(desk, sample, "--confirm").json
    assert planned["imported"]
    assert planned["adds"]["entries"] >= 3
