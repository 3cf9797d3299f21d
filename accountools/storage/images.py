"""Images are made: a SQLite file that holds an administration's books and the register's slice for it, or the register itself.

Made as a new database, so that nothing deleted is in it, and without indexes: rows are copied by SQLite, the pages of large tables
as they lie. How they are read again is in `image_checks`.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import grafting, schema
from accountools.storage.growing import GrowingFile
from accountools.storage.image_tables import (
    APPLICATION_ID,
    REGISTER_COPIED,
    Kind,
    columns_in,
    control_totals,
    read_only,
    row_by_row,
    row_counts,
    statements,
    tables_in,
    text_columns_in,
    whole,
)

WORTH_GRAFTING = 16 << 20  # bytes of books; for less a process of its own costs more than it saves
_GRAFTED = ("entries", "lines")
_TRIES = 3
_PAGE_SIZE = 16_384
_NEW = ("journal_mode = OFF", "synchronous = OFF", "main.locking_mode = EXCLUSIVE", "cache_size = -65536")
_LEFT_OUT = {"backups": " WHERE state IN ('made', 'pruned')"}  # intents concern the machine they were made on


Search = Callable[[sqlite3.Connection], str | None]


@dataclass(frozen=True)
class Making:
    """An image that is being made: the control totals of its books, what a search of their texts found, and its file.

    The file may be read while it grows.
    """

    totals: ControlTotals
    found: str | None
    file: GrowingFile


@contextmanager
def make_administration(books: Path, target: Path, slice_: Mapping[str, str], search: Search) -> Iterator[Making]:
    """Make the image of an administration at `target` from its books as they are now, with `slice_` and the control totals.

    `search` is given a connection to just the rows that the image gets. Large books are taken over page by page where they can be
    (`grafting`), while whoever asked reads on; else all rows are copied.
    """
    if books.stat().st_size >= WORTH_GRAFTING:
        with _grafted(books, target, slice_, search) as made:
            if made is not None:
                yield made
                return
        target.unlink(missing_ok=True)
    with closing(_new_image(target, "administration", _PAGE_SIZE)) as image:
        _copy_rows(image, books, schema.BOOK_TABLES)
        totals = control_totals(image)
        _put_slice(image, slice_, totals)
        image.execute("COMMIT")
        found = search(image)
    yield Making(totals, found, GrowingFile(target, target.stat().st_size))


@contextmanager
def _grafted(books: Path, target: Path, slice_: Mapping[str, str], search: Search) -> Iterator[Making | None]:
    """The image in the making, from the pages of the books; None when they have to be copied row by row."""
    with _held_still(books) as reading:
        plan = None if reading is None else _prepare(reading, books, target, slice_, search)
        if plan is None:
            yield None
            return
        totals, found, roots = plan
        command = (sys.executable, "-I", "-S", grafting.__file__, str(books), str(target), json.dumps(roots))
        # a process of its own: closing a file here would take away the locks that SQLite holds on it in this one (fcntl(2))
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
            told = process.stdout.readline() if process.stdout else b""
            growing = GrowingFile(target, int(told), process) if told else None
            try:
                yield None if growing is None else Making(totals, found, growing)
            finally:
                process.kill()


@contextmanager
def _held_still(books: Path) -> Iterator[sqlite3.Connection | None]:
    """A reader of the books under which their file holds all of them and isn't written to; None when others are at work in them.

    All of the WAL is written into the file first; as long as somebody reads who needs nothing of the WAL, nothing more is
    (sqlite.org/walformat.html, section 2.3: WAL_READ_LOCK(0)).
    """
    with closing(sqlite3.connect(f"{books.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=0.5)) as connection:
        for _ in range(_TRIES):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if _nothing_in_wal(books):
                yield connection
                return
            connection.execute("ROLLBACK")
    yield None


def _prepare(
    reading: sqlite3.Connection, books: Path, target: Path, slice_: Mapping[str, str], search: Search
) -> tuple[ControlTotals, str | None, dict[str, Any]] | None:
    """Make an image with all but the grafted tables; gives the totals, what was found, which roots go where. None when it wouldn't fit."""
    with ThreadPoolExecutor(1) as beside:
        searched = beside.submit(_search, books, search)
        totals = control_totals(reading)
        found = searched.result()
    (page_size,) = reading.execute("PRAGMA page_size").fetchone()
    with closing(_new_image(target, "administration", page_size)) as image:
        _copy_rows(image, books, tuple(name for name in schema.BOOK_TABLES if name not in _GRAFTED))
        _put_slice(image, slice_, totals)
        image.execute("COMMIT")
        alike = all(_described(image, "source", name) == _described(image, "main", name) for name in _GRAFTED)
        old, new = _roots(reading), _roots(image)
    if not alike or not _nothing_in_wal(books):  # somebody wrote meanwhile: these rows may be younger than the pages
        return None
    return totals, found, {"all": [1, *old.values()], "roots": {old[name]: new[name] for name in _GRAFTED}}


def _search(books: Path, search: Search) -> str | None:
    with closing(sqlite3.connect(f"{books.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        return search(connection)


def _nothing_in_wal(books: Path) -> bool:
    wal = Path(f"{books}-wal")
    return not wal.exists() or wal.stat().st_size == 0


def _roots(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT name, rootpage FROM main.sqlite_schema WHERE rootpage > 0"))


def _described(connection: sqlite3.Connection, place: str, table: str) -> list[Any]:
    return connection.execute(f"PRAGMA {place}.table_info({table})").fetchall()


def _put_slice(image: sqlite3.Connection, slice_: Mapping[str, str], totals: ControlTotals) -> None:
    found = {"counts": json.dumps(totals.counts()), "totals": json.dumps(totals.totals())}
    image.executemany("INSERT INTO slice VALUES (?, ?)", sorted({**slice_, **found}.items()))


def make_register(register: Path, target: Path, office_files: Mapping[str, bytes], slice_: Mapping[str, str]) -> None:
    """Make the image of a register at `target`, with the office's key files."""
    with closing(_new_image(target, "register", _PAGE_SIZE)) as image:
        _copy_rows(image, register, REGISTER_COPIED)
        image.executemany("INSERT INTO office_files VALUES (?, ?)", sorted(office_files.items()))
        image.executemany("INSERT INTO slice VALUES (?, ?)", sorted(slice_.items()))
        image.execute("COMMIT")


def check_made(making: Making) -> None:
    """Let SQLite check the image as soon as it is whole. Raises `schema-unexpected`.

    Its rows are held to their constraints in the books they come from; strangers' images are `image_checks`'.
    """
    making.file.wait()
    with closing(sqlite3.connect(read_only(making.file.path), uri=True, isolation_level=None)) as image:
        image.execute(f"PRAGMA mmap_size = {making.file.size}").close()
        if image.execute("PRAGMA quick_check(1)").fetchone() != ("ok",) or image.execute("PRAGMA freelist_count").fetchone() != (0,):
            raise Unsound("schema-unexpected", what="quick_check")
        if row_counts(image) != making.totals.counts():
            raise Unsound("schema-unexpected", what="counts")


def long_texts(connection: sqlite3.Connection, shortest: int) -> Iterator[str]:
    """All text values of at least `shortest` bytes, to be searched. Raises sqlite3.Error for one that isn't UTF-8."""
    for table in tables_in(connection):
        names = [f'"{name}"' for name in text_columns_in(connection, table)]
        if names:
            long = " OR ".join(f"length(CAST({name} AS BLOB)) >= {shortest}" for name in names)
            for row in connection.execute(f"SELECT {', '.join(names)} FROM {table} WHERE {long}"):
                yield from (text for text in row if text is not None)


def _new_image(target: Path, kind: Kind, page_size: int) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{target.absolute().as_uri()}?mode=rwc", uri=True, isolation_level=None)
    for pragma in (f"page_size = {page_size}", *_NEW, f"application_id = {APPLICATION_ID}", f"user_version = {schema.VERSION}"):
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
