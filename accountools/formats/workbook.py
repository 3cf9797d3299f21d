"""Tables as an Excel workbook (ECMA-376): values in, a file out. A text is never a formula, whatever it begins with."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import count, islice
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TEXT: dict[bool, dict[str, Any]] = {True: {"text_wrap": True}, False: {"num_format": "@"}}  # "@" hides what is longer than 255
_A4 = 9
_MAX_NAME = 31
_MAX_ROWS = 1_048_575  # below the header
_FIRST_YEAR = 1901  # the days of a workbook begin in 1900, with one too many in that year
_MAX_DIGITS = 15  # of a number in a workbook
MAX_TEXT = 32_767  # characters in a cell, of which one beyond U+FFFF counts for two


@dataclass(frozen=True)
class ColouredText:
    """A text in bold and in a colour (`#rrggbb`)."""

    text: str
    colour: str


Cell = str | int | Decimal | date | ColouredText | None


@dataclass(frozen=True)
class Column:
    """A column: its title, its width in characters, and whether its texts wrap; `figures` is Excel's format of its numbers."""

    title: str
    width: float
    wrap: bool = False
    figures: str = "0"


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet of its own, with a frozen header row and a filter; what doesn't fit on one goes on to a next."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True)
class WorkbookProperties:
    """The file's properties: title, author, when it was made (aware), and the header and footer of each printed page."""

    title: str
    author: str
    made: datetime
    head: str = ""
    foot: str = ""


def write_workbook(sheets: Iterable[Sheet], about: WorkbookProperties, *, days: str = "yyyy-mm-dd") -> bytes:
    """A workbook of these sheets; `days` is Excel's format for days. Days since 1901 are days, numbers numbers, the rest is text."""
    buffer = io.BytesIO()
    _write_book(buffer, sheets, about, days, {"in_memory": True})
    return buffer.getvalue()


def stream_workbook(file: IO[bytes], sheets: Iterable[Sheet], about: WorkbookProperties, *, days: str = "yyyy-mm-dd") -> None:
    """As `write_workbook`, into an open file and in constant memory: rows are written as they come."""
    _write_book(file, sheets, about, days, {"constant_memory": True})


def _write_book(file: IO[bytes], sheets: Iterable[Sheet], about: WorkbookProperties, days: str, memory: dict[str, bool]) -> None:
    from xlsxwriter import Workbook

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, **memory}
    with Workbook(file, options) as book:
        book.set_properties({"title": about.title, "author": about.author, "created": about.made.astimezone(UTC).replace(tzinfo=None)})

        @cache
        def cell_format(*, quoted: bool = False, **properties: Any) -> "Format":
            made = book.add_format({"valign": "top", **properties})
            if quoted:
                made.set_quote_prefix()
            return made

        for sheet in sheets:
            rows = iter(sheet.rows)
            for part in count(1):
                suffix = "" if part == 1 else f" ({part})"
                page = book.add_worksheet(f"{sheet.name[: _MAX_NAME - len(suffix)]}{suffix}")
                last = _write(page, sheet.columns, rows, cell_format, days)
                _set_up(page, len(sheet.columns), last, about)
                if last < _MAX_ROWS:
                    break


def _write(
    page: "Worksheet", columns: Sequence[Column], rows: Iterable[Sequence[Cell]], cell_format: Callable[..., "Format"], days: str
) -> int:
    """Write the header and as many of the rows as a sheet takes; gives how many those are."""
    head = cell_format(bold=True, text_wrap=True, bottom=1, bg_color="#E9EEF4")
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, column.title, head)
    line = 0
    for line, row in enumerate(islice(rows, _MAX_ROWS), 1):
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            _write_cell(page, (line, place), cell, column, cell_format, days)
    return line


def _write_cell(
    page: "Worksheet", at: tuple[int, int], cell: Cell, column: Column, cell_format: Callable[..., "Format"], days: str
) -> None:
    if cell is None:
        return
    if isinstance(cell, ColouredText):
        page.write_string(*at, cell.text, cell_format(bold=True, font_color=cell.colour))
    elif isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        page.write_datetime(*at, datetime(cell.year, cell.month, cell.day), cell_format(num_format=days, align="left"))  # noqa: DTZ001
    elif isinstance(cell, int | Decimal) and len(Decimal(cell).as_tuple().digits) <= _MAX_DIGITS:
        page.write_number(*at, cell, cell_format(num_format=column.figures))
    else:
        text = fitting_text(_format_day(cell, days) if isinstance(cell, date) else str(cell))  # also a number that a workbook would round
        page.write_string(*at, text, cell_format(quoted=text.startswith(_FORMULA), **_TEXT[column.wrap]))


def _format_day(day: date, days: str) -> str:
    """A day as a workbook would show it."""
    return days.replace("yyyy", f"{day.year:04}").replace("mm", f"{day.month:02}").replace("dd", f"{day.day:02}")


def fitting_text(text: str) -> str:
    """A text as a cell can hold it: what is longer ends in an ellipsis."""
    if len(text) <= MAX_TEXT // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    return text if len(units) <= MAX_TEXT * 2 else units[: (MAX_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _set_up(page: "Worksheet", width: int, last: int, about: WorkbookProperties) -> None:
    from xlsxwriter.utility import xl_range

    right = width - 1
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
