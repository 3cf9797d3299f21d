"""How large the sheets of a workbook are, before the library reads them: it makes the whole range from A1 to the last cell at once.

What counts is where the cells with a value are, not the size that the file itself says. A workbook in a ZIP is packed anew, of the
parts that were measured: so no other is read. Cells that hold an error, such as #N/A, are noted: the library gives them as empty.
Raises ValueError for a sheet that is too large, and what the libraries raise.
"""

import io
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import IO
from xml.parsers import expat

from accountools.formats.zips.directory import validate_directory_size

_MOST_CELLS = 1 << 24  # as many as a sheet of Office before 2007 has
_MOST_UNPACKED = 256 << 20
_MOST_ERRORS = 1 << 18
_LONGEST_TYPE = 100  # bytes of the member `mimetype` of OpenDocument
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_BOOK, _RELATIONS, _OPEN_DOCUMENT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "content.xml"
_EOF, _SHEET, _DIMENSIONS, _SEVERAL = 0x0A, 0x85, 0x200, (0xBD, 0xBE)  # records of BIFF (MS-XLS)
_CELLS = {0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406, *_SEVERAL}
_WIDE_DIMENSIONS = 14  # bytes, when its rows have four
_BINARY_CELLS = range(2, 12)  # records of MS-XLSB; 0 is a row
_FORMULA, _TRUTH_OR_ERROR = 0x06, 0x205
_FORMULA_ERROR = re.compile(rb".{6}\x02.(.).{3}\xff\xff", re.DOTALL)  # its result
_ERROR = re.compile(rb".{6}(.)\x01", re.DOTALL)
_ERROR_TEXTS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!"}
NOT_AVAILABLE = "#N/A"

Errors = dict[tuple[int, int], str]  # the errors in a sheet, by row and column, from 0


def repack(file: IO[bytes]) -> tuple[bytes, dict[int, Errors]]:
    """A workbook in a ZIP (.xlsx, .xlsb, .ods), packed anew when none of its sheets is too large; and the errors by the place of the sheet.

    Of .xlsx only the first visible sheet. The errors of .xlsb aren't found.
    """
    validate_directory_size(file)
    packed, errors = io.BytesIO(), dict[int, Errors]()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(packed, "w") as anew:
        members = {member.filename: member for member in archive.infolist()}
        if sum(member.file_size for member in members.values()) > _MOST_UNPACKED:
            raise ValueError("it is too large when unpacked")
        place, sheet, others = _sheets(archive) if {_BOOK, _RELATIONS} <= members.keys() else (0, _OPEN_DOCUMENT, set())
        for name in members:
            content = b"" if name in others else archive.read(name)
            cells, found = _measure(name.lower(), content)
            if cells is not None:
                _validate(cells)
                anew.writestr(name, content)
            if name.lower() == sheet.lower():
                errors = {place + number: some for number, some in found.items()}
    return packed.getvalue(), errors


def validate_old(file: IO[bytes]) -> dict[int, Errors]:
    """Raise for a workbook of Office before 2007 (.xls) that is too large: all of its sheets, as the library does. Gives the errors."""
    from olefile import OleFileIO

    with OleFileIO(file) as compound:
        names = [name for name in ("Workbook", "Book") if compound.exists(name)]
        found = [_validate_records(compound.openstream(name).read()) for name in names]
    return found[0] if found else {}


def _validate(cells: int) -> None:
    if cells > _MOST_CELLS:
        raise ValueError("it has too many cells")


def _add_error(errors: Errors, place: tuple[int, int], text: str) -> None:
    if len(errors) >= _MOST_ERRORS:
        raise ValueError("it has too many errors")
    errors[place] = text


def _sheets(archive: zipfile.ZipFile) -> tuple[int, str, set[str]]:
    """The place of the first visible sheet and its member, and the members of all others."""
    sheets = [
        (next((value for name, value in one.items() if name.endswith(":id")), ""), one.get("state", "visible"))
        for one in _elements(archive.read(_BOOK), "sheet")
    ]
    relations = [one for one in _elements(archive.read(_RELATIONS), "Relationship") if one["Type"].endswith("/worksheet")]
    targets = {one["Id"]: "xl/" + one["Target"].removeprefix("/").removeprefix("xl/") for one in relations}
    place = next((place for place, (name, state) in enumerate(sheets) if state == "visible" and name in targets), 0)
    chosen = targets.get(sheets[place][0], "")
    return place, chosen, set(targets.values()) - {chosen}


def _elements(content: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of the elements of that name."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda one, attributes: found.append(attributes) if one.rpartition(":")[2] == name else None
    parser.Parse(content, True)
    return found


def _measure(name: str, content: bytes) -> tuple[int | None, dict[int, Errors]]:
    """How many cells the range has of the sheet that a member may be, None for what none can be read from; and its errors by table."""
    try:
        if name.endswith((".xml", ".rels")):
            sheet = _Sheet()
            sheet.parser.Parse(content, True)
            return max(sheet.height, sheet.rows) * sheet.width, sheet.errors
        if name.endswith(".bin"):
            return _count_in_binary(content), {}
    except (expat.ExpatError, IndexError, struct.error):
        return None, {}
    return 0 if name == "mimetype" and len(content) < _LONGEST_TYPE else None, {}


class _Sheet:
    """A sheet of SpreadsheetML, or the tables of OpenDocument taken together, while its elements come by."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8")  # whatever it says itself: the library doesn't heed that for the names of elements
        self.parser.StartElementHandler = self._start
        self.height = self.width = 0
        self._row = self._column = 0  # where the cell is, from 1
        self.rows = 0  # of OpenDocument: how many elements
        self._repeated, self._waiting = 1, 0  # and of those how often this one counts, and those without a value before it
        self._cells = 0  # columns of a cell that has no value, which count as soon as another follows
        self.errors: dict[int, Errors] = {}  # by table, of which SpreadsheetML has one
        self._table, self._times = 0, 0  # and how often the row before counts
        self._errors: list[tuple[int, int]] = []  # the places of the one that is being read

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._column += 1
            if "r" in attributes:
                self._column, self._row = _place(attributes["r"])
            self._note_error([(self._row - 1, self._column - 1)] if attributes.get("t") == "e" else ())
        elif name in {"v", "is", "t"}:
            self.height = max(self.height, self._row)
            self.width = max(self.width, self._column)
            self._read_error()
        elif name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        elif name == "table":
            self._table, self._row, self._times = self._table + bool(self.rows), 0, 0
        elif name == "table-row":
            self.parser.EndElementHandler = self._end
            self.rows += 1
            self._column = self._cells = 0
            self._repeated = _times(attributes, "rows")
            self._waiting += self._repeated
            self._row, self._times = self._row + self._times, self._repeated
        elif name in {"table-cell", "covered-table-cell"}:
            self._column += self._cells
            self._cells = _times(attributes, "columns")
            self.width = max(self.width, self._column)
            if any(one.endswith(("value", "value-type", "formula")) for one in attributes):
                self._count_repeated()
            is_error = any(value == "error" and one.endswith("value-type") for one, value in attributes.items())
            self._note_error(self._repeated_places() if is_error else ())
        elif self._cells:
            self._count_repeated()
            self._read_error()

    def _note_error(self, places: Iterable[tuple[int, int]]) -> None:
        if self._errors:
            self._errors, self.parser.CharacterDataHandler = [], None
        for place in places:
            _add_error(self.errors.setdefault(self._table, {}), place, "")
            self._errors.append(place)

    def _read_error(self) -> None:
        if self._errors:
            self.parser.CharacterDataHandler = self._add_text

    def _add_text(self, text: str) -> None:
        found = self.errors[self._table]
        for place in self._errors:
            found[place] += text

    def _repeated_places(self) -> Iterator[tuple[int, int]]:
        rows, columns = range(self._row, self._row + self._times), range(self._column, self._column + self._cells)
        return ((row, column) for row in rows for column in columns)

    def _count_repeated(self) -> None:
        self.height, self._waiting = self.height + self._waiting, 0
        self.width = max(self.width, self._column + self._cells)

    def _end(self, name: str) -> None:
        if name.endswith("table-row"):
            self._cells = 0


def _times(attributes: Mapping[str, str], what: str) -> int:
    return next((int(value) for name, value in attributes.items() if name.endswith(f":number-{what}-repeated")), 1)


def _place(reference: str) -> tuple[int, int]:
    """The column and row of `XFD1048576`, from 1."""
    letters = reference.rstrip("0123456789")
    return _column(letters), int(reference[len(letters) :])


@lru_cache(1 << 14)
def _column(letters: str) -> int:
    if not _LETTERS.fullmatch(letters):
        raise ValueError(letters)
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def _count_in_binary(data: bytes) -> int:
    """As of XML, of the records of an .xlsb (MS-XLSB 2.1.4); IndexError for what isn't made of them."""
    at = row = height = width = 0
    while at < len(data):
        kind, at = _variable(data, at, 2)
        size, at = _variable(data, at, 4)
        if kind == 0:
            row = struct.unpack_from("<I", data, at)[0] + 1
        elif kind in _BINARY_CELLS:
            height, width = max(height, row), max(width, struct.unpack_from("<I", data, at)[0] + 1)
        at += size
    if at > len(data):
        raise IndexError
    return int(height * width)


def _variable(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = 0
    for place in range(longest):
        number |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:  # noqa: PLR2004 - the last
            return number, at + place + 1
    return number, at + longest


def _validate_records(data: bytes) -> dict[int, Errors]:
    places = [int.from_bytes(content[:4], "little") for kind, content in _records(data, 0) if kind == _SHEET]
    total, errors = 0, dict[int, Errors]()
    for place, times in Counter(places).items():
        height = width = 0
        for kind, content in _records(data, place):
            if kind in _CELLS:
                row, column = struct.unpack_from("<2H", content)
                last = int.from_bytes(content[-2:], "little") if kind in _SEVERAL else column
                height, width = max(height, row + 1), max(width, column + 1, last + 1)
                form = {_FORMULA: _FORMULA_ERROR, _TRUTH_OR_ERROR: _ERROR}.get(kind)
                if form is not None and (found := form.match(content)):
                    text = _ERROR_TEXTS.get(found[1][0], NOT_AVAILABLE)
                    _add_error(errors.setdefault(places.index(place), {}), (row, column), text)
            elif kind == _DIMENSIONS:  # for so many it reserves memory
                rows, columns = struct.unpack_from("<4xI2xH" if len(content) >= _WIDE_DIMENSIONS else "<2xH2xH", content)
                _validate(rows * columns)
        total += times * height * width
    _validate(total)
    return errors


def _records(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<2H", data, at)
        if kind == _EOF:
            return
        yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size
