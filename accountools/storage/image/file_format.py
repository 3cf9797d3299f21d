"""The file format of an image: its header is as this program writes it, and its pages form trees of limited depth.

Validated before SQLite reads any rows: its checks recurse for each level of a tree, so that one of many thousand levels ends the process,
and its queries never end in one whose branches meet again. By SQLite's file format (sqlite.org/fileformat2.html).
"""

import mmap
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from accountools.domain.errors import Unsound
from accountools.domain.obstacle import Part

_LAYOUT = struct.Struct(">16sH6B12I20s2I")
_MAGIC = b"SQLite format 3\0"
_PAGE_SIZES = {4096: 4096, 8192: 8192, 16384: 16384, 32768: 32768, 1: 65536}
_ROLLBACK = (1, 1)  # read and write version: no WAL
_FRACTIONS = (64, 32, 32)
_UTF8, _FORMAT = 1, 4
_TABLE_LEAF, _TABLE_INTERIOR = 13, 5
_PAGE_ONE, _HEADER_SIZE = 1, 100
_INTERIOR = (2, 5)  # the first byte of an interior page: of an index, of a table
_MAX_LEVELS = 20  # SQLite's own limit where it only reads


@dataclass(frozen=True)
class Header:
    """What may differ between the headers of images."""

    page_size: int
    pages: int
    version: int
    application_id: int
    schema_on_one_page: bool


def read_header(path: Path) -> Header:
    """The header of the image at `path`. Raises `schema-unexpected` for any that this program doesn't write.

    `adopt` relies on it: no page is free or lists free ones, and none is reserved. If `sqlite_schema` is one page, SQLite then
    makes an index by writing the first page and pages behind the last one.
    """
    with path.open("rb") as file:
        head = file.read(_LAYOUT.size + 1)
    if len(head) <= _LAYOUT.size:
        raise Unsound("schema-unexpected", what=Part.HEADER)
    magic, size, read, write, reserved, *fractions_and_numbers, zeros, valid_for, _written_by = _LAYOUT.unpack_from(head)
    fractions, numbers = tuple(fractions_and_numbers[:3]), fractions_and_numbers[3:]
    changes, pages, trunk, free, _cookie, format_, cache, largest_root, encoding, version, incremental, application = numbers
    page_size = _PAGE_SIZES.get(size, 0)
    found = (magic, (read, write), reserved, fractions, trunk, free, format_, cache, largest_root, encoding, incremental, zeros)
    if (
        found != (_MAGIC, _ROLLBACK, 0, _FRACTIONS, 0, 0, _FORMAT, 0, 0, _UTF8, 0, bytes(20))
        or changes != valid_for
        or page_size * pages != path.stat().st_size
        or head[_LAYOUT.size] not in {_TABLE_LEAF, _TABLE_INTERIOR}
    ):
        raise Unsound("schema-unexpected", what=Part.HEADER)
    one_page = head[_LAYOUT.size] == _TABLE_LEAF
    return Header(page_size, pages, version - (1 << 32) if version >> 31 else version, application, one_page)


def validate_trees(path: Path, header: Header, roots: Iterable[int] = ()) -> None:
    """Raise `schema-unexpected` unless the pages under these roots and page 1 are trees that don't meet, of at most 20 levels.

    The roots are those that `sqlite_schema` names, the tree of page 1; validate that one before it is read (no roots).
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        seen = 1
        level, depth = [*roots, *_children(pages, _PAGE_ONE, header.page_size)], 0
        while level:
            seen, depth = seen + len(level), depth + 1
            if depth > _MAX_LEVELS or seen > header.pages or not 1 < min(level) <= max(level) <= header.pages:
                raise Unsound("schema-unexpected", what=Part.PAGES)
            level = [child for number in level for child in _children(pages, number, header.page_size)]


def _children(pages: mmap.mmap, number: int, size: int) -> list[int]:
    """The pages below a page; none for a leaf."""
    page = (number - 1) * size
    start = page + (_HEADER_SIZE if number == _PAGE_ONE else 0)
    if pages[start] not in _INTERIOR:
        return []
    (cells,) = struct.unpack_from(">H", pages, start + 3)
    if start - page + 12 + 2 * cells > size:
        raise Unsound("schema-unexpected", what=Part.PAGES)
    offsets = struct.unpack_from(f">{cells}H", pages, start + 12)
    if offsets and max(offsets) + 4 > size:
        raise Unsound("schema-unexpected", what=Part.PAGES)
    return [*(struct.unpack_from(">I", pages, page + offset)[0] for offset in offsets), struct.unpack_from(">I", pages, start + 8)[0]]
