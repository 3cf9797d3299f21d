"""The reports of the books as files: CSV, workbooks, pages and a picture; the same values, whatever the file."""

import csv
import io
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line, Relation
from accountools.formats import workbook
from accountools.office import Office
from accountools.operations.books.entries import post
from accountools.reports.books.vat_return import BOX_TITLES
from accountools.safe_files import create_over
from tests.book_files import Year, sale
from tests.test_books_reports import books, desk, load, two_years  # noqa: F401 - fixtures
from tests.workspace import Workspace

REPORTS = {
    "years": (),
    "trial-balance": ("--by-period",),
    "ledger": ("--account", "1300"),
    "open-items": ("--on", "2025-12-31"),
    "vat": (),
    "check": (),
}
HOSTILE = '=cmd|"/C calc"!A0<script>&'


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_is_written_as_csv_workbook_and_page(two_years: Workspace, name: str) -> None:  # noqa: F811
    paths = {kind: two_years.folder / f"report.{kind}" for kind in ("csv", "xlsx", "html")}
    words = [word for kind, path in paths.items() for word in (f"--{kind}", path)]
    found = books(two_years, name, *REPORTS[name], *words, "--lang", "en")
    rows = list(csv.reader(io.StringIO(paths["csv"].read_text("utf-8"))))
    expected = next(value for key, value in found.items() if key in {"years", "rows", "boxes", "findings"})
    flat = [{**{k: v for k, v in row.items() if k != "periods"}, **row.get("periods", {})} for row in expected]
    assert [dict(zip(rows[0], row, strict=True)) for row in rows[1:]] == [
        {key: "" if value is None else str(value) for key, value in row.items()} for row in flat
    ]
    book = openpyxl.load_workbook(paths["xlsx"])
    assert book.sheetnames[-1] == "About"
    assert book.worksheets[0].max_row >= len(expected) + 1
    page = paths["html"].read_text("utf-8")
    assert "009 Auditfile" in page
    assert "Kantoor Zonnestein" in page
    assert "<script" not in page


def test_amounts_are_numbers_in_a_workbook_and_days_are_days(two_years: Workspace) -> None:  # noqa: F811
    path = two_years.folder / "card.xlsx"
    books(two_years, "ledger", "--account", "1300", "--xlsx", path, "--lang", "nl")
    sheet = openpyxl.load_workbook(path)["Grootboekkaart"]
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, sheet[4], strict=True))
    assert (row["Debet"].value, row["Debet"].data_type, row["Debet"].number_format) == (242, "n", "#,##0.00")
    assert (row["Datum"].value, row["Datum"].number_format) == (datetime.fromisoformat("2025-02-10"), "dd-mm-yyyy")
    assert row["Saldo"].value == 360
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:K4")


@pytest.mark.parametrize(("days", "texts"), [("dd-mm-yyyy", ("01-01-1753", "31-12-1900")), ("yyyy-mm-dd", ("1753-01-01", "1900-12-31"))])
def test_a_day_before_those_of_a_workbook_is_a_text(days: str, texts: tuple[str, str]) -> None:
    rows = [(date(1753, 1, 1),), (date(1900, 12, 31),), (date(1901, 1, 1),)]
    about = workbook.WorkbookProperties("x", "x", datetime(2026, 1, 1, tzinfo=UTC))
    data = workbook.write_workbook([workbook.Sheet("x", (workbook.Column("Datum", 12),), rows)], about, days=days)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [(cell.value, cell.data_type) for (cell,) in sheet.iter_rows(min_row=2, max_row=3)] == [(text, "s") for text in texts]
    assert sheet["A4"].value == datetime(1901, 1, 1)  # noqa: DTZ001


def test_a_dutch_csv_has_semicolons_and_decimal_commas(two_years: Workspace) -> None:  # noqa: F811
    path = two_years.folder / "balance.csv"
    books(two_years, "trial-balance", "--csv", path, "--lang", "nl")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfaccount;name;")
    assert b"1300;Debiteuren;;B;339,00;242,00;221,00;360,00;339,00\r\n" in data


def test_the_page_shows_totals_dates_and_amounts_as_the_language_writes_them(two_years: Workspace) -> None:  # noqa: F811
    path = two_years.folder / "items.html"
    books(two_years, "open-items", "--on", "2025-12-31", "--html", path, "--lang", "nl")
    page = path.read_text("utf-8")
    for text in ("Openstaande posten · 009 Auditfile", "10-02-2025", "-60,50", "299,50", "Totaal", "alleen saldo", "Ouderdom"):
        assert text in page, text
    books(two_years, "check", "--html", path, "--lang", "nl")
    page = path.read_text("utf-8")
    assert "<svg" in page
    assert "Benford" in page
    assert "http-equiv" in page


def tables_of(page: Path) -> list[list[list[str]]]:
    """The tables on a page, but for its facts: their rows."""
    found = re.findall(r"<table(?! class=\"facts)[^>]*>(.*?)</table>", page.read_text("utf-8"), re.DOTALL)
    rows = [re.findall(r"<tr>(.*?)</tr>", one, re.DOTALL) for one in found]
    return [[re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table] for table in rows]


def test_the_movements_by_period_are_tables_of_their_own_no_wider_than_the_paper(desk: Workspace) -> None:  # noqa: F811
    sales = tuple(sale(f"{n}", f"2024-{n:02d}-05", f"F{n}", "D1", "100.00", "21.00", "121.00") for n in range(1, 13))
    load(desk, Year(2024, {}, sales))
    path = desk.folder / "balance.html"
    books(desk, "trial-balance", "--by-period", "--html", path, "--lang", "en")
    balance, *periods = tables_of(path)
    assert balance[0] == ["Account", "Name", "RGS", "Kind", "Opening balance", "Debit", "Credit", "Closing balance", "Previous year"]
    assert [one[0] for one in periods] == [
        ["Account", "Name", *map(str, range(1, 7))],
        ["Account", "Name", *map(str, range(7, 13))],
    ]
    for one in periods:
        assert [row[0] for row in one] == [row[0] for row in balance]
        assert ["1300", "Debiteuren", *(["121.00"] * 6)] in one
        assert one[-1] == ["Total", "", *(["0.00"] * 6)]
    assert path.read_text("utf-8").count("Trial balance") == 2  # the title of the window and of the page


def test_the_boxes_have_their_names_on_paper_and_their_numbers_in_data(two_years: Workspace) -> None:  # noqa: F811
    page, table, sheet = (two_years.folder / f"vat.{kind}" for kind in ("html", "csv", "xlsx"))
    found = books(two_years, "vat", "--html", page, "--csv", table, "--xlsx", sheet, "--lang", "nl")
    assert [one["box"] for one in found["boxes"]][:2] == ["1a", "1b"]
    (boxes,) = tables_of(page)
    assert boxes[1] == ["1a Leveringen/diensten belast met hoog tarief", "200,00", "42,00"]
    assert "1a;200,00;42,00" in table.read_text("utf-8-sig")
    assert openpyxl.load_workbook(sheet).worksheets[0]["A2"].value == "1a Leveringen/diensten belast met hoog tarief"
    assert {one["box"] for one in found["boxes"]} == BOX_TITLES.keys()


def test_the_picture_of_the_first_digits_is_a_png(two_years: Workspace) -> None:  # noqa: F811
    path = two_years.folder / "digits.png"
    books(two_years, "check", "--png", path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert two_years.run("books", "vat", 9, "--png", path).code == 2


def test_a_report_is_never_written_over_the_offices_own_files(two_years: Workspace) -> None:  # noqa: F811
    register = two_years.office / "register.db"
    before = register.read_bytes()
    for name, words in REPORTS.items():
        for kind in ("csv", "xlsx", "html"):
            assert two_years.refused("books", name, 9, *words, f"--{kind}", register) == "file-exists"
    assert register.read_bytes() == before


def test_a_file_that_is_being_written_leaves_the_old_one_whole_when_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")

    def fail() -> None:
        with create_over(path) as file:
            file.write(b"new")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert [one.read_text() for one in tmp_path.iterdir()] == ["old"]


def test_texts_of_the_books_stay_texts_in_every_file(ready: Workspace) -> None:
    post(
        Office.open(ready.office),
        AdministrationNumber(7),
        [Entry("60", HOSTILE, "2026-01-05", 1, HOSTILE, (Line("1300", "D", 100, HOSTILE, "D1"), Line("8000", "C", 100, HOSTILE)))],
        [Relation("D1", HOSTILE, "D")],
    )
    for name, words in {**REPORTS, "open-items": ()}.items():
        paths = {kind: ready.folder / f"{name}.{kind}" for kind in ("csv", "xlsx", "html")}
        books(ready, name, *words, *(word for kind, path in paths.items() for word in (f"--{kind}", path)), number=7)
        for sheet in openpyxl.load_workbook(paths["xlsx"]).worksheets:
            assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
        assert "<script" not in paths["html"].read_text("utf-8")
        cells = (cell for row in csv.reader(io.StringIO(paths["csv"].read_text("utf-8-sig"))) for cell in row)
        assert not any(cell.startswith("=") for cell in cells)


def test_what_doesnt_fit_on_a_sheet_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MAX_ROWS", 3)
    about = workbook.WorkbookProperties("T", "A", datetime.fromisoformat("2026-11-24T12:00:00+00:00"))
    columns = (workbook.Column("N", 5),)
    for count, sheets in ((0, ["S"]), (2, ["S"]), (3, ["S", "S (2)"]), (7, ["S", "S (2)", "S (3)"])):
        data = workbook.write_workbook([workbook.Sheet("S", columns, ((n,) for n in range(count)))], about)
        book = openpyxl.load_workbook(io.BytesIO(data))
        assert book.sheetnames == sheets
        found = [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert [one for one in found if one is not None] == list(range(count))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x" * 32_767, "x" * 32_767), ("x" * 32_768, f"{'x' * 32_766}…"), ("\U0001f600" * 16_384, "\U0001f600" * 16_383 + "…")],
    ids=["fits", "one-too-long", "pairs"],
)
def test_a_text_that_is_too_long_for_a_cell_ends_in_an_ellipsis(text: str, shown: str) -> None:
    about = workbook.WorkbookProperties("T", "A", datetime.fromisoformat("2026-11-24T12:00:00+00:00"))
    data = workbook.write_workbook([workbook.Sheet("S", (workbook.Column("N", 5),), [(text,)])], about)
    assert openpyxl.load_workbook(io.BytesIO(data))["S"]["A2"].value == shown


def test_a_workbook_says_how_many_texts_it_shortened(ready: Workspace) -> None:
    long = [Entry("90", str(n), "2026-01-05", 1, "x" * (32_766 + n), (Line("1300", "D", 100), Line("8000", "C", 100))) for n in (1, 2, 3)]
    post(Office.open(ready.office), AdministrationNumber(7), long)
    path, table = ready.folder / "card.xlsx", ready.folder / "card.csv"
    books(ready, "ledger", "--account", "1300", "--xlsx", path, "--csv", table, "--lang", "en", number=7)
    book = openpyxl.load_workbook(path)
    assert [len(row[5]) for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [32_767] * 3
    assert book["About"].cell(book["About"].max_row, 1).value == "Shortened texts"
    assert book["About"].cell(book["About"].max_row, 2).value == (
        "2 texts end in “…”: a cell holds 32,767 characters. The CSV file has them whole."
    )
    csv.field_size_limit(100_000)
    assert [len(row["description"]) for row in csv.DictReader(io.StringIO(table.read_text("utf-8")))] == [32_767, 32_768, 32_769]
    books(ready, "ledger", "--account", "8000", "--until", "2026-01-04", "--xlsx", path, "--lang", "en", number=7)
    assert "Shortened texts" not in [row[0] for row in openpyxl.load_workbook(path)["About"].iter_rows(values_only=True)]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the largest memory of a process is reported by Linux")
def test_a_card_of_many_lines_takes_no_more_memory_than_one_of_few(ready: Workspace, thorough: bool) -> None:
    """Written as CSV, as a workbook and as a page in a process of its own, whose largest memory is compared."""
    office = Office.open(ready.office)
    ready.create(8, "Veel", chart="standard")
    for number, count in ((7, 200), (8, 200_000 if thorough else 12_000)):
        entries = (
            Entry("90", str(n), "2026-01-05", 1, "Een boeking", (Line("4500", "D", n, "Een mutatie"), Line("1100", "C", n)))
            for n in range(1, count + 1)
        )
        post(office, AdministrationNumber(number), entries)
    largest = {number: _largest_memory(ready, number) for number in (7, 8)}
    assert largest[8] < largest[7] + (12 << 20), largest


def _largest_memory(desk: Workspace, number: int) -> int:  # noqa: F811
    """The largest memory of the process itself: `ru_maxrss` counts that of the process it was forked from."""
    code = (
        "import sys\nfrom accountools.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: assert not end.code\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    files = ("--csv", str(desk.folder / "card.csv"), "--xlsx", str(desk.folder / "card.xlsx"), "--html", str(desk.folder / "card.html"))
    words = desk.arguments("books", "ledger", number, "--account", "1100", *files, as_json=False)
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1]) << 10
