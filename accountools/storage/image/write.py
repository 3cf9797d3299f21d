"""Images are made: a SQLite file that holds an administration's books and the register's slice for it, or the register itself.

Made as a new database, so that nothing deleted is in it, and without indexes: rows are copied by SQLite, the pages of large tables
as they lie. How they are read again is in `image_checks`.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.image import graft
from accountools.storage.image.tables import (
    APPLICATION_ID,
    REGISTER_COPIED,
    Kind,
    Look,
    columns_in,
    control_totals,
    read_only,
    row_by_row,
    row_counts,
    see_texts,
    statements,
    whole,
)

WORTH_GRAFTING = 16 << 20  # bytes of books; for less a process of its own costs more than it saves
_GRAFTED = ("entries", "lines")
_MAPPED = 1 << 31  # bytes of a file that are read without being copied
_TRIES = 3
_PAGE_SIZE = 16_384
_NEW = ("journal_mode = OFF", "synchronous = OFF", "main.locking_mode = EXCLUSIVE", "cache_size = -65536")
_LEFT_OUT = {"backups": " WHERE state IN ('made', 'pruned')"}  # intents concern the machine they were made on


def make_administration(books: Path, target: Path, slice_: Mapping[str, str], look: Look) -> ControlTotals:
    """Make the image of an administration at `target` from its books as they are now, with `slice_` and the control totals.

    `look` is given each long text that may lie in more than one of its pages. Large books are taken over page by page where they can be
    (`grafting`: each of their rows then lies in one), else all rows are copied by SQLite. The image isn't checked yet: see `check_made`.
    """
    for text in (text.encode() for text in slice_.values() if len(text) >= look.shortest):
        look.see(text)
    if books.stat().st_size >= WORTH_GRAFTING:
        totals = _graft(books, target, slice_, look)
        if totals is not None:
            return totals
        target.unlink(missing_ok=True)
    with closing(_new_image(target, "administration", _PAGE_SIZE)) as image:
        _copy_rows(image, books, schema.BOOK_TABLES)
        totals = control_totals(image)
        see_texts(image, look)
        _put(image, "slice", {**slice_, **_told(totals)})
        image.execute("COMMIT")
    return totals


def _graft(books: Path, target: Path, slice_: Mapping[str, str], look: Look) -> ControlTotals | None:
    """The image by the pages of the books; None when they have to be copied row by row."""
    with _held_still(books) as reading:
        roots = None if reading is None else _make_base(reading, books, target, slice_, look)
        if reading is None or roots is None:
            return None
        command = (sys.executable, "-I", "-S", graft.__file__, str(books), str(target), *roots)
        # a process of its own: closing a file here would take away the locks that SQLite holds on it in this one (fcntl(2))
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
            try:
                totals = control_totals(reading)
                _, told = process.communicate()
            finally:
                process.kill()
    if process.returncode == graft.DECLINED:
        return None
    if process.returncode:
        raise OSError(int(told), "") if told.strip().isdigit() else OSError(told.decode(errors="replace"))
    with closing(sqlite3.connect(target, isolation_level=None)) as image:
        image.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = {_MAPPED}; BEGIN")
        _put(image, "slice", _told(totals))
        image.execute("COMMIT")
    return totals


@contextmanager
def _held_still(books: Path) -> Iterator[sqlite3.Connection | None]:
    """A reader of the books under which their file holds all of them and isn't written to; None when others are at work in them.

    All of the WAL is written into the file first; as long as somebody reads who needs nothing of the WAL, nothing more is
    (sqlite.org/walformat.html, section 2.3: WAL_READ_LOCK(0)).
    """
    with closing(_open(books, "rw")) as connection:
        for _ in range(_TRIES):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if _nothing_in_wal(books):
                # nobody makes it shorter while it is held; what of it can't be read ends `grafting` all the same
                connection.execute(f"PRAGMA mmap_size = {_MAPPED}").close()
                yield connection
                return
            connection.execute("ROLLBACK")
    yield None


def _make_base(reading: sqlite3.Connection, books: Path, target: Path, slice_: Mapping[str, str], look: Look) -> tuple[str, str] | None:
    """Make an image with all but the grafted tables; gives all roots, and which go where. None when theirs wouldn't fit."""
    (page_size,) = reading.execute("PRAGMA page_size").fetchone()
    with closing(_new_image(target, "administration", page_size)) as image:
        _copy_rows(image, books, tuple(name for name in schema.BOOK_TABLES if name not in _GRAFTED))
        see_texts(image, look)
        _put(image, "slice", slice_)
        image.execute("COMMIT")
        alike = all(_described(image, "source", name) == _described(image, "main", name) for name in _GRAFTED)
        old, new = _roots(reading), _roots(image)
    if not alike or not _nothing_in_wal(books):  # somebody wrote meanwhile: these rows may be younger than the pages
        return None
    return ",".join(map(str, (1, *old.values()))), ",".join(f"{old[name]}:{new[name]}" for name in _GRAFTED)


def _open(books: Path, mode: str) -> sqlite3.Connection:
    uri = f"{books.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0.5, check_same_thread=False)


def _nothing_in_wal(books: Path) -> bool:
    wal = Path(f"{books}-wal")
    return not wal.exists() or wal.stat().st_size == 0


def _roots(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT name, rootpage FROM main.sqlite_schema WHERE rootpage > 0"))


def _described(connection: sqlite3.Connection, place: str, table: str) -> list[Any]:
    return connection.execute(f"PRAGMA {place}.table_info({table})").fetchall()


def _told(totals: ControlTotals) -> dict[str, str]:
    return {"counts": json.dumps(totals.counts()), "totals": json.dumps(totals.totals())}


def _put(image: sqlite3.Connection, table: str, values: Mapping[str, str] | Mapping[str, bytes]) -> None:
    image.executemany(f"INSERT INTO {table} VALUES (?, ?)", sorted(values.items()))


def make_register(register: Path, target: Path, office_files: Mapping[str, bytes], slice_: Mapping[str, str]) -> None:
    """Make the image of a register at `target`, with the office's key files."""
    with closing(_new_image(target, "register", _PAGE_SIZE)) as image:
        _copy_rows(image, register, REGISTER_COPIED)
        _put(image, "office_files", office_files)
        _put(image, "slice", slice_)
        image.execute("COMMIT")


def check_made(path: Path, totals: ControlTotals) -> None:
    """Let SQLite check an image that was made. Raises `schema-unexpected`.

    Its rows are held to their constraints in the books they come from; strangers' images are `image_checks`'.
    """
    with closing(sqlite3.connect(read_only(path), uri=True, isolation_level=None)) as image:
        image.execute(f"PRAGMA mmap_size = {_MAPPED}").close()
        if image.execute("PRAGMA quick_check(1)").fetchone() != ("ok",) or image.execute("PRAGMA freelist_count").fetchone() != (0,):
            raise Unsound("schema-unexpected", what="quick_check")
        if row_counts(image) != totals.counts():
            raise Unsound("schema-unexpected", what="counts")


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
