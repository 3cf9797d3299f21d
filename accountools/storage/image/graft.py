"""Copy large tables of a SQLite database into a new one page by page: several times faster than row by row, and without their indexes.

    python graft.py SOURCE TARGET ROOTS FROM:TO[,FROM:TO]    (a process of its own, run by `write`; page numbers, with commas)

By SQLite's file format (sqlite.org/fileformat2.html): a table is a B-tree of pages, of which only the interior ones refer to other pages.
Leaves are copied with their unused bytes set to zero; interior pages get the new page numbers. What this can't do (a row that overflows
its page, a file with lost pages, more than 1 GiB) it declines, and SQLite copies the rows (docs/decisions/0009).

It imports nothing of the project and little of the standard library, so that it starts quickly.
"""

import mmap
import struct
import sys
from collections.abc import Iterator

DECLINED, FAILED = 3, 4  # exit codes; the second writes the errno to standard error
_INTERIOR = (2, 5)  # the first byte of a page: of an index, of a table
_LEAVES = (10, 13)
_INTERIOR_TABLE, _LEAF_TABLE = 5, 13
_HEADER = 100  # bytes of page 1 before its B-tree
_COUNT_AT = 28
_NUMBER = struct.Struct(">I")
_PAGE_HEADER = struct.Struct(">BHHH")
_FREE_BLOCK = struct.Struct(">HH")
_LARGEST = 1 << 30  # there SQLite keeps a page free for its locks
_CHUNK = 1 << 19  # bytes; for more at once the C library asks the system for memory each time, which takes twice as long


class Declined(Exception):
    """These tables can't be copied page by page."""


class Pages:
    """The pages of a database, counted from 1. `size` in bytes, `free` how many are on the freelist."""

    def __init__(self, data: "mmap.mmap | bytes") -> None:
        self._data = data
        self._levels: dict[int, list[list[int]]] = {}
        (size,) = struct.unpack_from(">H", data, 16)
        self.size = 1 << 16 if size == 1 else size
        (self.reserved,) = struct.unpack_from(">B", data, 20)
        (self.count,) = struct.unpack_from(">I", data, _COUNT_AT)
        (self.free,) = struct.unpack_from(">I", data, 36)
        if self.count * self.size != len(data):
            raise Declined("the file's size isn't its header's")

    def __getitem__(self, number: int) -> bytes:
        """A page's bytes."""
        if not 1 <= number <= self.count:
            raise Declined("a page outside the file")
        return self._data[(number - 1) * self.size : number * self.size]

    def levels(self, root: int) -> list[list[int]]:
        """The pages of a B-tree level by level, each in the order of its keys: the root first, the leaves last."""
        if root not in self._levels:
            self._levels[root] = list(self._walk(root))
        return self._levels[root]

    def _walk(self, root: int) -> Iterator[list[int]]:
        level, seen = [root], 1
        while True:
            yield level
            kind = self[level[0]][_start(level[0])]
            if kind in _LEAVES:
                return
            if kind not in _INTERIOR:
                raise Declined("not a page of a B-tree")
            level = [child for number in level for child in children(self[number], _start(number))]
            seen += len(level)
            if seen > self.count:
                raise Declined("a cycle of pages")


def children(page: bytes, start: int = 0) -> list[int]:
    """The pages that an interior page refers to, in the order of their keys."""
    return [_NUMBER.unpack_from(page, offset)[0] for offset in _child_offsets(page, start)]


def renumbered(page: bytes, numbers: dict[int, int]) -> bytes:
    """An interior page that refers to its children by their new numbers."""
    changed = bytearray(page)
    for offset in _child_offsets(page, 0):
        _NUMBER.pack_into(changed, offset, numbers[_NUMBER.unpack_from(page, offset)[0]])
    return bytes(changed)


def blanked(page: bytes) -> bytes:
    """A leaf of a table with its unused bytes set to zero: nothing that was deleted can be read in it."""
    kind, free, cells, content = _PAGE_HEADER.unpack_from(page)
    if kind != _LEAF_TABLE:
        raise Declined("another kind of page among the leaves")
    start, content = 8 + 2 * cells, content or 1 << 16
    if not free and not page[start:content].strip(b"\0"):
        return page
    clean = bytearray(page)
    clean[start:content] = bytes(content - start)
    while free:
        following, length = _FREE_BLOCK.unpack_from(page, free)
        clean[free + 4 : free + length] = bytes(length - 4)
        if following and following <= free:
            raise Declined("free blocks out of order")
        free = following
    return bytes(clean)


def validate_no_overflow(pages: Pages, roots: list[int]) -> None:
    """Raise Declined for a file with pages that neither a B-tree nor the freelist holds: rows overflow into them, or they are lost."""
    if sum(len(level) for root in roots for level in pages.levels(root)) + pages.free != pages.count:
        raise Declined("rows that overflow their page")


class Layout:
    """Where the pages of the grafted tables go: `numbers` maps old to new ones, in the order in which they are written."""

    def __init__(self, numbers: dict[int, int], interior: frozenset[int], count: int) -> None:
        self.numbers = numbers
        self.interior = interior
        self.count = count


def plan_layout(source: Pages, base: Pages, roots: dict[int, int]) -> Layout:
    """Number the pages of the tables with these roots (in `source`: in `base`): behind those of `base`, each level in order."""
    numbers, interior, following = dict(roots), set[int](), base.count + 1
    for root in roots:
        *above, leaves = source.levels(root)
        interior.update(number for level in above for number in level)
        for number in (number for level in (*above, leaves) for number in level if number != root):
            numbers[number] = following
            following += 1
    if (following - 1) * base.size > _LARGEST:
        raise Declined("more than 1 GiB")
    return Layout(numbers, frozenset(interior), following - 1)


def graft(source: Pages, base: bytes, roots: dict[int, int]) -> Iterator[bytes]:
    """The bytes of a new database in chunks: `base`, with the tables filled whose roots are those of `roots` (empty in `base`).

    The first chunk is `base` itself; the others are in the order of the rows. Raises Declined, if possible before the first.
    """
    made, target = bytearray(base), Pages(base)
    if (target.size, target.reserved) != (source.size, source.reserved):
        raise Declined("pages of another size")
    layout = plan_layout(source, target, roots)

    def moved(number: int) -> bytes:
        return renumbered(source[number], layout.numbers) if number in layout.interior else blanked(source[number])

    struct.pack_into(">I", made, _COUNT_AT, layout.count)
    for old, new in roots.items():
        made[(new - 1) * target.size : new * target.size] = moved(old)
    yield bytes(made)
    order, many = [number for number in layout.numbers if number not in roots], max(1, _CHUNK // target.size)
    for start in range(0, len(order), many):
        yield b"".join(map(moved, order[start : start + many]))


def main(arguments: list[str]) -> int:
    """Fill the file TARGET."""
    source, target, roots, moved = arguments
    try:
        with open(source, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:  # noqa: PTH123 - pathlib loads long
            pages = Pages(data)
            validate_no_overflow(pages, [int(root) for root in roots.split(",")])
            with open(target, "rb+") as made:  # noqa: PTH123 - as above
                base = made.read()
                made.seek(0)
                made.writelines(graft(pages, base, {int(old): int(new) for old, new in (pair.split(":") for pair in moved.split(","))}))
    except Declined as why:
        sys.stderr.write(f"{why}\n")
        return DECLINED
    except OSError as error:
        sys.stderr.write(f"{error.errno or 0}\n")
        return FAILED
    return 0


def _start(number: int) -> int:
    return _HEADER if number == 1 else 0


def _child_offsets(page: bytes, start: int) -> Iterator[int]:
    kind, _, cells = struct.unpack_from(">BHH", page, start)
    if kind not in _INTERIOR:
        raise Declined("a leaf among interior pages")
    yield from struct.unpack_from(f">{cells}H", page, start + 12)
    yield start + 8


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
