"""Tables as an Excel workbook (ECMA-376): values in, bytes out. A text is never a formula, whatever it begins with."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TEXT: dict[bool, dict[str, Any]] = {True: {"text_wrap": True}, False: {"num_format": "@"}}  # "@" hides what is longer than 255
_A4 = 9
_MAX_NAME = 31


@dataclass(frozen=True)
class ColouredText:
    """A text in bold and in a colour (`#rrggbb`)."""

    text: str
    colour: str


Cell = str | int | date | ColouredText | None


@dataclass(frozen=True)
class Column:
    """A column: its title, its width in characters, and whether its texts wrap; `figures` is Excel's format of its numbers."""

    title: str
    width: float
    wrap: bool = False
    figures: str = "0"


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet of its own, with a frozen header row and a filter."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Sequence[Cell], ...]


@dataclass(frozen=True)
class WorkbookProperties:
    """The file's properties: title, author, when it was made (aware), and the header and footer of each printed page."""

    title: str
    author: str
    made: datetime
    head: str = ""
    foot: str = ""


def write_workbook(sheets: Iterable[Sheet], about: WorkbookProperties, *, days: str = "yyyy-mm-dd") -> bytes:
    """A workbook of these sheets; `days` is Excel's format for days. Days are days, whole numbers numbers, the rest is text."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(buffer, options) as book:
        book.set_properties({"title": about.title, "author": about.author, "created": about.made.astimezone(UTC).replace(tzinfo=None)})

        @cache
        def cell_format(*, quoted: bool = False, **properties: Any) -> "Format":
            made = book.add_format({"valign": "top", **properties})
            if quoted:
                made.set_quote_prefix()
            return made

        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:_MAX_NAME])
            _write(page, sheet, cell_format, days)
            _set_up(page, sheet, about)
    return buffer.getvalue()


def _write(page: "Worksheet", sheet: Sheet, cell_format: Callable[..., "Format"], days: str) -> None:
    head = cell_format(bold=True, text_wrap=True, bottom=1, bg_color="#E9EEF4")
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.title, head)
    for line, row in enumerate(sheet.rows, 1):
        for place, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            _write_cell(page, (line, place), cell, column, cell_format, days)


def _write_cell(
    page: "Worksheet", at: tuple[int, int], cell: Cell, column: Column, cell_format: Callable[..., "Format"], days: str
) -> None:
    if cell is None:
        return
    if isinstance(cell, ColouredText):
        page.write_string(*at, cell.text, cell_format(bold=True, font_color=cell.colour))
    elif isinstance(cell, date):
        page.write_datetime(*at, datetime(cell.year, cell.month, cell.day), cell_format(num_format=days, align="left"))  # noqa: DTZ001
    elif isinstance(cell, int):
        page.write_number(*at, cell, cell_format(num_format=column.figures))
    else:
        page.write_string(*at, cell, cell_format(quoted=cell.startswith(_FORMULA), **_TEXT[column.wrap]))


def _set_up(page: "Worksheet", sheet: Sheet, about: WorkbookProperties) -> None:
    from xlsxwriter.utility import xl_range

    last, right = len(sheet.rows), len(sheet.columns) - 1
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, last, right)
    page.ignore_errors({"number_stored_as_text": xl_range(0, 0, last, right)})  # a KvK number is a text on purpose
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&L{_escape_header(about.head)}")
    page.set_footer(f"&L{_escape_header(about.foot)}&R&P / &N")


def _escape_header(text: str) -> str:
    """A text in a header or footer, where `&` begins a command; Excel takes 255 characters in all."""
    return text[:100].replace("&", "&&")
