"""Images are made: a SQLite file that holds an administration's books and the register's slice for it, or the register itself.

Made as a new database into which the rows are copied, so that nothing deleted was ever in it, and without indexes. How they are
read again is in `image_checks`.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.image_tables import (
    APPLICATION_ID,
    REGISTER_COPIED,
    Kind,
    columns_in,
    control_totals,
    row_by_row,
    statements,
    tables_in,
    text_columns_in,
    whole,
)

_PAGE_SIZE = 16_384
_NEW = (f"page_size = {_PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF", "main.locking_mode = EXCLUSIVE", "cache_size = -65536")
_LEFT_OUT = {"backups": " WHERE state IN ('made', 'pruned')"}  # intents concern the machine they were made on


def make_administration(books: Path, target: Path, slice_: Mapping[str, str]) -> ControlTotals:
    """Make the image of an administration at `target` from its books, with `slice_` and the control totals."""
    with closing(_new_image(target, "administration")) as image:
        _copy_rows(image, books, schema.BOOK_TABLES)
        totals = control_totals(image)
        found = {"counts": json.dumps(totals.counts()), "totals": json.dumps(totals.totals())}
        image.executemany("INSERT INTO slice VALUES (?, ?)", sorted({**slice_, **found}.items()))
        image.execute("COMMIT")
    return totals


def make_register(register: Path, target: Path, office_files: Mapping[str, bytes], slice_: Mapping[str, str]) -> None:
    """Make the image of a register at `target`, with the office's key files."""
    with closing(_new_image(target, "register")) as image:
        _copy_rows(image, register, REGISTER_COPIED)
        image.executemany("INSERT INTO office_files VALUES (?, ?)", sorted(office_files.items()))
        image.executemany("INSERT INTO slice VALUES (?, ?)", sorted(slice_.items()))
        image.execute("COMMIT")


def long_texts(connection: sqlite3.Connection, shortest: int) -> Iterator[str]:
    """All text values of at least `shortest` bytes, to be searched. Raises sqlite3.Error for one that isn't UTF-8."""
    for table in tables_in(connection):
        for name in text_columns_in(connection, table):
            chosen = f'SELECT "{name}" FROM {table} WHERE length(CAST("{name}" AS BLOB)) >= ?'
            yield from (text for (text,) in connection.execute(chosen, (shortest,)))


def find_in_file(path: Path, needles: tuple[bytes, ...]) -> bool:
    """Whether any needle stands in the file's bytes."""
    if not needles:
        return False
    overlap = max(map(len, needles)) - 1
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 22):
            window = rest + chunk
            if any(needle in window for needle in needles):
                return True
            rest = window[-overlap:] if overlap else b""
    return False


def _new_image(target: Path, kind: Kind) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{target.absolute().as_uri()}?mode=rwc", uri=True, isolation_level=None)
    for pragma in (*_NEW, f"application_id = {APPLICATION_ID}", f"user_version = {schema.VERSION}"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("BEGIN")
    for statement in statements(kind, schema.VERSION):
        connection.execute(statement)
    return connection


def _copy_rows(image: sqlite3.Connection, source: Path, tables: tuple[str, ...]) -> None:
    image.execute("ATTACH ? AS source", (f"{source.absolute().as_uri()}?mode=ro",))
    for name in tables:
        in_order = columns_in(image, "source", name) == columns_in(image, "main", name)
        where = _LEFT_OUT.get(name, "")
        image.execute(whole(name, "source") if in_order and not where else row_by_row(name, "source", where))
