"""Tables as people keep them: CSV as any spreadsheet writes it, or a workbook; read as rows that know where they are.

CSV: UTF-8, UTF-16 with a BOM, or Windows-1252; commas, semicolons or tabs, by the header; a `sep=` line and blank lines are skipped.
A workbook: the first sheet.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from accountools.domain.obstacle import Reason
from accountools.safe_files import read_whole

MAX_BYTES = 64 << 20
_MAX_UNPACKED = 256 << 20
_DELIMITERS = (",", ";", "\t")
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a ZIP, or a file of Office before 2007
_UTF8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x90-\xbf]|\xe2\x82\xac")  # letters of Europe, quotation marks, €


class TableFault(Exception):
    """Something wrong in a table: the reason, and where it is known the line, the column and the value."""

    def __init__(self, reason: Reason, **facts: object) -> None:
        super().__init__(reason.name)
        self.facts: dict[str, object] = {"why": reason, **facts}


@dataclass(frozen=True)
class TableRow:
    """A row: the line that it begins on (in a workbook its number), and its cells by the name of their column."""

    line: int
    cells: dict[str, str]
    of_workbook: bool = False


def read_table(path: Path, columns: tuple[str, ...], needed: tuple[str, ...]) -> list[TableRow]:
    """The rows below the header, with an empty text for what a row doesn't have.

    Raises `file-not-found`, `file-too-large`, and `TableFault`, also where a column that is `needed` is missing.
    """
    data = read_whole(path, MAX_BYTES, pipe=True)
    is_workbook = data.startswith(_WORKBOOK)
    lines = _workbook_rows(data) if is_workbook else _csv_rows(_decode(data), needed)
    table = [(line, row) for line, row in lines if any(row)]
    header = [cell.lower() for cell in table[0][1]] if table else []
    missing = [column for column in needed if column not in header]
    if missing:
        raise TableFault(Reason.COLUMNS_MISSING, columns=", ".join(missing))
    places = {column: header.index(column) for column in columns if column in header}
    return [TableRow(line, dict(_cells(line, row, len(header), columns, places)), is_workbook) for line, row in table[1:]]


def _cells(line: int, row: list[str], width: int, columns: tuple[str, ...], places: dict[str, int]) -> Iterator[tuple[str, str]]:
    beyond = "".join(row[width:])
    if beyond:
        raise TableFault(Reason.CELLS_LEFT, line=line, value=beyond)
    for column in columns:
        place = places.get(column, len(row))
        yield column, row[place] if place < len(row) else ""


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


def _csv_rows(text: str, needed: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    lines = re.split(r"\r\n|\r|\n", text)
    filled = (number for number, line in enumerate(lines) if line.strip(" \t,;") and not re.fullmatch(r"sep=.?\s*", line, re.IGNORECASE))
    start = next(filled, len(lines))
    if start == len(lines):
        return
    delimiter = max(_DELIMITERS, key=lambda one: len({cell.strip(' "').lower() for cell in lines[start].split(one)} & {*needed}))
    reader = csv.reader((f"{line}\n" for line in lines[start:]), delimiter=delimiter, strict=True)
    line = start + 1
    try:
        for row in reader:
            yield line, [cell.strip() for cell in row]
            line = start + reader.line_num + 1
    except csv.Error as error:
        raise TableFault(Reason.QUOTES, line=line, value=lines[line - 1][:60]) from error


def _workbook_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineWorkbook

    try:
        if data.startswith(_WORKBOOK[0]) and sum(one.file_size for one in zipfile.ZipFile(io.BytesIO(data)).infolist()) > _MAX_UNPACKED:
            raise TableFault(Reason.WORKBOOK)
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except TableFault:
        raise
    except BaseException as error:  # also a panic of the library, which is no `Exception`
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise TableFault(Reason.WORKBOOK) from error
    for line, row in enumerate(rows, 1):
        yield line, [_format_cell(cell) for cell in row]


def _format_cell(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    return str(cell).strip()
