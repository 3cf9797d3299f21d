"""Tables as people keep them: CSV as any spreadsheet writes it, or a workbook; read as rows that know where they are.

CSV: UTF-8, UTF-16 with a BOM, or Windows-1252; commas, semicolons or tabs, by the header; a `sep=` line and blank lines are skipped.
A workbook: the first sheet that isn't hidden.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from accountools.domain.identifiers import single_line
from accountools.domain.obstacle import Reason
from accountools.formats.spreadsheets import sheet_sizes
from accountools.safe_files import read_whole

MAX_BYTES = 64 << 20
_DELIMITERS = (",", ";", "\t")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a ZIP, or a file of Office before 2007
_IN_TITLES = re.compile(r"[\s._/-]")  # "KvK-nummer" is "kvknummer"
_CENTS, _AS_SHOWN = 2, ".15g"  # decimals of an amount; the digits that a spreadsheet shows of those with which it computes
_ERROR = re.compile(  # what a spreadsheet shows where a formula has no value, in English and Dutch
    r"#(?:N/[AB]|(?:DIV|DEEL)/0!|GETTING_DATA|(?:NAME|NAAM)\?"
    r"|(?:REF|VERW|VALUE|WAARDE|NUM|GETAL|NULL|LEEG|SPILL|OVERLOOP|CALC|BEREKENEN|FIELD|VELD|BLOCKED|CONNECT)!)|(?:Err|Fout):[0-9]{3}",
    re.IGNORECASE,
)
_UTF8 = re.compile(  # a character of several bytes; not a capital of Windows-1252 before a mark, as in “CAFÉ’S”, and not its ß
    rb"(?!(?<=[A-Z])[\xc6-\xde][\x85\x91-\x94\x96\x97\x99\x9b\xa0\xae\xbb])[\xc2-\xde][\x80-\xbf]"
    rb"|(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]"
    rb"|(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}"
)


Range = tuple[tuple[int, int], tuple[int, int]]  # merged cells: the first and the last, by row and column, from 0


class TableFault(Exception):
    """Something wrong in a table: the reason, and where it is known the line, the column and the value."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason.name)
        self.facts: dict[str, object] = {"why": reason, **facts}


@dataclass(frozen=True)
class TableRow:
    """A row: the line that it begins on (in a workbook its number), and its cells by the name of their column; or what is wrong with it.

    `titles` are the columns as they are called in the file. A cell that holds an error of the spreadsheet is empty, and a fault.
    `unread` are the titles of the columns that aren't known, as far as the row has something in them; without a title their number.
    """

    line: int
    cells: dict[str, str]
    titles: dict[str, str] = field(default_factory=dict)
    fault: TableFault | None = None
    of_workbook: bool = False
    unread: tuple[str, ...] = ()


def read_table(
    path: Path, columns: tuple[str, ...], needed: tuple[str, ...], other_names: Mapping[str, str] | None = None
) -> list[TableRow]:
    """The rows below the header, with an empty text for what a row doesn't have. `other_names` of the columns count too.

    Raises `file-not-found`, `file-too-large`, and `TableFault`, also where a column that is `needed` is missing, or two mean the same.
    """
    names = {_plain_title(name): column for name, column in {**(other_names or {}), **{column: column for column in columns}}.items()}
    data = read_whole(path, MAX_BYTES, pipe=True)
    is_workbook = data.startswith(_WORKBOOK)
    lines, merged = _workbook_rows(data) if is_workbook else (_csv_rows(_decode(data), names), [])
    table: list[tuple[int, list[str]]] = []
    end: list[TableRow] = []
    try:
        table += ((line, row) for line, row in lines if any(row))
    except TableFault as fault:
        if not table:
            raise
        end = [TableRow(int(str(fault.facts["line"])), {}, fault=fault)]
    header = [names.get(_plain_title(cell), "") for cell in table[0][1]] if table else []
    counts = Counter(header)
    missing = [column for column in needed if column not in counts]
    if missing:
        raise TableFault(Reason.COLUMNS_MISSING, columns=", ".join(missing))
    twice = [cell for cell, column in zip(table[0][1] if table else (), header, strict=True) if column and counts[column] > 1]
    if twice:
        raise TableFault(Reason.COLUMNS_TWICE, line=table[0][0], value=", ".join(twice))
    places = {column: header.index(column) for column in columns if column in counts}
    titles = {column: table[0][1][place] for column, place in places.items()}
    others = {place: single_line(table[0][1][place]) or str(place + 1) for place, column in enumerate(header) if not column}
    rows = [_row(line, row, columns, places, titles, others) for line, row in table[1:]] + end
    if not is_workbook:
        return rows
    below = _merged_lines(merged, table[0][0], table[-1][0], places) if table else {}
    return [replace(row, of_workbook=True, fault=row.fault or below.get(row.line)) for row in rows]


def _merged_lines(ranges: list[Range], header: int, end: int, places: dict[str, int]) -> dict[int, TableFault]:
    """The lines up to `end` in which a cell of a column is merged with that above it, below the header."""
    found: dict[int, TableFault] = {}
    for column, place in places.items():
        reached = header + 1
        for (top, left), (bottom, right) in ranges:
            if top >= header and left <= place <= right:
                for line in range(max(top + 2, reached), min(bottom + 1, end) + 1):
                    found.setdefault(line, TableFault(Reason.CELL_MERGED, column=column, value=""))
                reached = max(reached, bottom + 2)
    return found


def _row(
    line: int, row: list[str], columns: tuple[str, ...], places: dict[str, int], titles: dict[str, str], others: dict[int, str]
) -> TableRow:
    cells = {column: row[place] if (place := places.get(column, len(row))) < len(row) else "" for column in columns}
    beyond = "".join(row[len(places) + len(others) :])
    if beyond:
        return TableRow(line, cells, titles, TableFault(Reason.CELLS_LEFT, line=line, value=beyond))
    errors = {column: text for column, text in cells.items() if _ERROR.fullmatch(text)}
    if errors:
        column, text = next(iter(errors.items()))
        fault = TableFault(Reason.CELL_ERROR, column=column, value=text)
        return TableRow(line, cells | dict.fromkeys(errors, ""), titles, fault)
    return TableRow(line, cells, titles, unread=tuple(title for place, title in others.items() if place < len(row) and row[place]))


def _plain_title(cell: str) -> str:
    """A title of a column as it is compared: `kvknummer` for “KvK-nummer”."""
    return _IN_TITLES.sub("", cell.strip(' "').lower())


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        data, encoding = data.removeprefix(codecs.BOM_UTF8), "utf-8"
        if not _is_text(data, encoding):
            encoding = "cp1252"
            _validate_one_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableFault(Reason.NOT_TEXT, line=line, value=data[error.start : error.end].hex(" ")) from error


def _validate_one_encoding(data: bytes) -> None:
    """Raise `TableFault` where a file that isn't UTF-8 as a whole is UTF-8 in part: what it was put together from had two encodings."""
    first = {"utf-8": 0, "other": 0}
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", data), 1):
        if _UTF8.search(line):
            first["utf-8"] = first["utf-8"] or number
        if not _is_text(line, "utf-8"):
            first["other"] = first["other"] or number
        if all(first.values()):
            raise TableFault(Reason.TWO_ENCODINGS, line=number, value=line.decode("utf-8", errors="replace"))


def _is_text(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(text: str, names: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
    lines = re.split(r"\r\n|\r|\n", text)
    filled = (number for number, line in enumerate(lines) if line.strip(" \t,;") and not re.fullmatch(r"sep=.?\s*", line, re.IGNORECASE))
    start = next(filled, len(lines))
    if start == len(lines):
        return
    delimiter = max(_DELIMITERS, key=lambda one: len({_plain_title(cell) for cell in lines[start].split(one)} & names.keys()))
    reader = csv.reader((f"{line}\n" for line in lines[start:]), delimiter=delimiter, strict=True)
    line = start + 1
    try:
        for row in reader:
            yield line, [cell.strip() for cell in row]
            line = start + reader.line_num + 1
    except csv.Error as error:
        raise TableFault(Reason.QUOTES, line=line, value=lines[line - 1][:60]) from error


def _workbook_rows(data: bytes) -> tuple[Iterator[tuple[int, list[str]]], list[Range]]:
    """The rows, and the merged cells where the library finds them (.xlsx, .xls)."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        if data.startswith(_WORKBOOK[0]):
            data, errors = sheet_sizes.repack(io.BytesIO(data))
        else:
            errors = sheet_sizes.validate_old(io.BytesIO(data))
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        kinds = [(one.typ, one.visible) for one in book.sheets_metadata]
        shown = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
        sheet = kinds.index(shown) if shown in kinds else 0
        found = book.get_sheet_by_index(sheet)
        rows, merged = found.to_python(skip_empty_area=False), sorted(found.merged_cell_ranges or ())
    except BaseException as error:  # also a panic of the library, which is no `Exception`
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise TableFault(Reason.WORKBOOK) from error
    for (line, place), text in errors.get(sheet, {}).items():
        if line < len(rows) and place < len(rows[line]):
            rows[line][place] = text if _ERROR.fullmatch(text.strip()) else sheet_sizes.NOT_AVAILABLE
    return ((line, [_format_cell(cell) for cell in row]) for line, row in enumerate(rows, 1)), merged


def _format_cell(cell: object) -> str:
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell))
        text = str(cell)
        return text if len(text.partition(".")[2]) <= _CENTS else f"{cell:{_AS_SHOWN}}"
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    return str(cell).strip()
