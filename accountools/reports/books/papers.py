"""Reports of the books as files: CSV, a workbook and a page to print. CSV and workbook are written row by row, in constant memory.

The CSV is a head and rows only; the others name the administration, the office, the day, who made them and the program's version.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from accountools import safe_files
from accountools.domain.administration import Administration
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import decimal_amount, format_amount
from accountools.domain.messages import P_
from accountools.formats.csv_files import stream_csv
from accountools.operations.session import Office
from accountools.reports.audit_papers import ReportDetails
from accountools.reports.books.findings import SEVERITIES, Findings
from accountools.reports.books.open_items import EVIDENCE, KIND_TITLES
from accountools.reports.books.table import TOTAL, BookTable, Field, Kind, Note, parse_day
from accountools.reports.books.vat_return import BOX_TITLES
from accountools.storage.register import administrations
from accountools.texts import Texts

if TYPE_CHECKING:
    from accountools.formats.workbook import Cell, Sheet

KINDS = ("csv", "xlsx", "html")
_WORDS = EVIDENCE | KIND_TITLES | SEVERITIES  # values that are words of ours
_COUNTED = {"evidence", "kind", "severity"}
_SHORTENED = P_(
    "{count} text ends in “…”: a cell holds 32,767 characters. The CSV file has it whole.",
    "{count} texts end in “…”: a cell holds 32,767 characters. The CSV file has them whole.",
)
_PERIODS, _NARROW = 6, 100  # how many fit the width of a page; a table of fewer characters isn't as wide as the page


@dataclass(frozen=True)
class BookDetails:
    """What is printed on each report: the administration, and the details of all reports."""

    administration: Administration
    report: ReportDetails

    def title(self, table: BookTable[Any], _: Texts) -> str:
        """The report's title, with whose books it is of."""
        return f"{_(table.TITLE)} · {self.administration.number} {self.administration.description}"

    def facts(self, table: BookTable[Any], _: Texts) -> list[tuple[str, str]]:
        """What is printed above the table, each with its label."""
        own = [(_(label), format_fact(value, _)) for label, value in table.facts()]
        return [(_("Administration"), f"{self.administration.number} {self.administration.description}"), *own, *self.report.facts(_)]


def book_details(office: Office, number: AdministrationNumber) -> BookDetails:
    """The details of a report of an administration, made now."""
    with office.session() as session:
        context, own = session.context, session.own.licence
        found = administrations.get(session.connection, number)
    return BookDetails(found, ReportDetails(own.licensee.name if own else "—", context.today, context.actor, context.now, context.held_day))


def write_report(file: IO[bytes], table: BookTable[Any], details: BookDetails, _: Texts, kind: str) -> None:
    """Write a report as one of `KINDS` into an open file; of findings `png` is their picture."""
    if kind == "png" and isinstance(table, Findings):
        file.write(render_picture(table, _))
    elif kind == "csv":
        write_csv_report(file, table, _)
    elif kind == "xlsx":
        _write_workbook(file, table, details, _)
    else:
        write_page(file, table, details, _)


def render_picture(found: Findings, _: Texts) -> bytes:
    """The picture of the first digits as PNG, with its description in it."""
    from accountools.reports import drawing
    from accountools.reports.books.benford import TITLE

    return drawing.png(found.benford.figure(_.language), _(TITLE), " ".join(found.benford.words(_)))


def write_csv_report(file: IO[bytes], table: BookTable[Any], _: Texts) -> None:
    """Write a report as CSV: in Dutch with `;`, decimal commas and a byte order mark, as a Dutch spreadsheet program reads it."""
    dutch = _.language == "nl"
    fields = table.fields()
    rows = ([_csv_cell(field, cell, dutch=dutch) for field, cell in zip(fields, table.cells(row), strict=True)] for row in table.rows)
    stream_csv(file, [field.name for field in fields], rows, delimiter=";" if dutch else ",", bom=dutch)


def export_report(office: Office, number: AdministrationNumber, table: BookTable[Any], name: str, _: Texts, kind: str) -> Path:
    """Write a report to a new file in the office's folder `exports`, as one of `KINDS`; `name` is what it is about. Gives its path."""
    from accountools.reports import page

    stem = safe_files.file_name(" ".join(filter(None, (_(table.TITLE), str(number), name))))
    path = page.export_path(office, stem, f".{kind}")
    with safe_files.create_new(path) as file:
        write_report(file, table, book_details(office, number), _, kind)
    return path


def write_page(file: IO[bytes], table: BookTable[Any], details: BookDetails, _: Texts) -> None:
    """Write the page (HTML, UTF-8) to print on A4; its rows as they come."""
    from markupsafe import Markup

    from accountools.reports import page
    from accountools.reports.books.benford import TITLE
    from accountools.reports.drawing import inline_svg

    pictures = []
    if isinstance(table, Findings):
        words = table.benford.words(_)
        picture = inline_svg(table.benford.figure(_.language), _(TITLE), " ".join(words), "benford")
        shown = words[: -len(table.benford.digits)]  # the digits are in the table
        pictures.append((Markup(picture), shown))  # noqa: S704 - our own SVG, escaped by matplotlib
    page.stream_page(
        file,
        "books.html",
        _,
        title=details.title(table, _),
        footer=details.report.line(_),
        orientation="landscape",
        about=details.facts(table, _),
        tables=(part for one in (table, *table.more()) for part in page_tables(one, _)),
        pictures=pictures,
    )


def format_cell(field: Field, cell: Any, _: Texts) -> str:
    """A value as it is shown."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if field.kind == "amount":
        return _.amount(format_amount(cell))
    if field.kind == "day":
        day = parse_day(cell)
        return str(cell) if day is None else _.day(day)
    return _word(field, cell, _)


def title_of(field: Field, _: Texts) -> str:
    """The title of a column."""
    return field.title if field.plain else _(field.title)


def total_cells(table: BookTable[Any], _: Texts) -> list[Any] | None:
    """The row of totals: for each column its total, else None; below the first column the word. None without totals."""
    totals = table.totals()
    if not totals:
        return None
    return [_(TOTAL) if not place else totals.get(field.name) for place, field in enumerate(table.fields())]


def _word(field: Field, cell: Any, _: Texts) -> str:
    if field.name == "box" and cell in BOX_TITLES:
        return f"{cell} {_(BOX_TITLES[cell])}"
    return _(_WORDS[cell]) if field.name in _COUNTED and cell in _WORDS else str(cell)


def format_fact(value: object, _: Texts) -> str:
    """A fact of a report as it is shown: amounts are in cents."""
    if isinstance(value, Note):
        return _(value.sentence, **value.values)
    if isinstance(value, int):
        return _.amount(format_amount(value))
    day = value if isinstance(value, date) else parse_day(value)
    return str(value) if day is None else _.day(day)


def _csv_cell(field: Field, cell: Any, *, dutch: bool) -> object:
    if field.kind != "amount" or cell is None:
        return cell
    return format_amount(cell).replace(".", ",") if dutch else format_amount(cell)


def page_tables(table: BookTable[Any], _: Texts) -> "Iterator[dict[str, Any]]":
    """A table as the page shows it. What is by period comes in tables of its own, as wide as the paper.

    Rows are read as they are asked for; those of a table with periods more than once.
    """
    fields, total = table.fields(), total_cells(table, _)
    places = range(len(fields))
    own = [place for place in places if not (fields[place].plain and fields[place].kind == "amount")]
    periods = [place for place in places if place not in own]
    parts = [
        (_(table.TITLE), own),
        *((_("By period"), [0, 1, *some]) for some in (periods[n : n + _PERIODS] for n in range(0, len(periods), _PERIODS))),
    ]
    for title, shown in parts:
        chosen = [fields[place] for place in shown]
        yield {
            "title": title,
            "narrow": sum(field.width for field in chosen) < _NARROW,
            "heads": [(title_of(field, _), field.kind) for field in chosen],
            "rows": _page_rows(table, shown, _),
            "total": total
            and [(str(total[place]) if not place else format_cell(fields[place], total[place], _), fields[place].kind) for place in shown],
        }


def _page_rows(table: BookTable[Any], shown: Sequence[int], _: Texts) -> "Iterable[list[tuple[str, Kind]]]":
    """The rows as the page shows them, of the columns at these places: one by one, but an empty tuple where there is none."""
    fields = table.fields()
    rows = (
        [(format_cell(fields[place], cells[place], _), fields[place].kind) for place in shown] for cells in map(table.cells, table.rows)
    )
    first = next(rows, None)
    return () if first is None else chain([first], rows)


def _write_workbook(file: IO[bytes], table: BookTable[Any], details: BookDetails, _: Texts) -> None:
    from accountools.formats.workbook import Column, Sheet, WorkbookProperties, stream_workbook

    def sheets() -> "Iterator[Sheet]":
        shortened = Counter[str]()
        for one in (table, *table.more()):
            yield _sheet(one, shortened, _)
        facts = details.facts(table, _)
        if count := shortened.total():
            facts.append((_("Shortened texts"), _.plural(*_SHORTENED, count)))
        yield Sheet(_("About"), (Column(_("What"), 18), Column(_("Value"), 50)), facts)

    title = details.title(table, _)
    about = WorkbookProperties(title, details.report.by, details.report.made, title, details.report.line(_))
    stream_workbook(file, sheets(), about, days="dd-mm-yyyy" if _.language == "nl" else "yyyy-mm-dd")


def _sheet(table: BookTable[Any], shortened: Counter[str], _: Texts) -> "Sheet":
    """A table on a sheet; `shortened` counts the texts that are too long for a cell, by title, as the rows are read."""
    from accountools.formats.workbook import Column, Sheet, fitting_text

    fields = table.fields()
    columns = tuple(
        Column(title_of(field, _), field.width, figures="#,##0.00" if field.kind == "amount" else "0", wrap=field.name == "message")
        for field in fields
    )

    def rows() -> "Iterator[Sequence[Cell]]":
        for row in table.rows:
            cells = [_sheet_cell(field, cell, _) for field, cell in zip(fields, table.cells(row), strict=True)]
            shortened[table.TITLE] += sum(isinstance(cell, str) and fitting_text(cell) != cell for cell in cells)
            yield cells
        total = total_cells(table, _)
        if total is not None:
            yield [cell if isinstance(cell, str) else _sheet_cell(field, cell, _) for field, cell in zip(fields, total, strict=True)]

    return Sheet(_(table.TITLE), columns, rows())


def _sheet_cell(field: Field, cell: Any, _: Texts) -> "Cell":
    if cell is None:
        return None
    if field.kind == "amount":
        return decimal_amount(cell)
    if field.kind == "day":
        return parse_day(cell) or str(cell)
    if field.kind == "number" and isinstance(cell, int):
        return cell
    return format_cell(field, cell, _)


def all_cells(table: BookTable[Any], _: Texts) -> Iterable[tuple[str, ...]]:
    """The rows as they are shown."""
    fields = table.fields()
    return (tuple(format_cell(field, cell, _) for field, cell in zip(fields, table.cells(row), strict=True)) for row in table.rows)
