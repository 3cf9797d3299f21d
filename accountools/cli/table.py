"""Tables on the terminal: headers, aligned columns, notes below a row."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDEST = 40  # characters; a longer cell is shortened, except in the last column


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells, and the lines that are printed below it."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


def format_table(headers: Sequence[str], rows: Sequence[Row], right: Sequence[int] = ()) -> Iterator[str]:
    """The lines of a table; no line at all without rows. The columns whose indexes are in `right` are right-aligned."""
    if not rows:
        return
    last = len(headers) - 1
    table = [
        tuple(_shorten(cell) if column < last else cell for column, cell in enumerate(row)) for row in (headers, *(r.cells for r in rows))
    ]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    for index, cells in enumerate(table):
        line = (_pad(cell, widths[column], right=column in right) for column, cell in enumerate(cells))
        yield "  ".join(line).rstrip()
        yield from (f"    {note}" for note in (rows[index - 1].notes if index else ()))


def _shorten(cell: str) -> str:
    return cell if len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…"


def _pad(cell: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(cell))
    return f"{blanks}{cell}" if right else f"{cell}{blanks}"


def _width(cell: str) -> int:
    """How many columns of a terminal a text takes: two for a wide character, none for a combining one."""
    return sum(0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in cell)
