"""Images are written: a SQLite file that holds an administration's books and the register's extract for it, or the register itself.

Each is a new database, so that nothing deleted is in it, and has no indexes: rows are copied by SQLite, the pages of large tables
as they are. How one is checked before it is used again: `check`.
"""

import json
import mmap
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import chain, islice
from pathlib import Path

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Part
from accountools.storage import schema
from accountools.storage.errors import translated_errors
from accountools.storage.image import graft
from accountools.storage.image.check import check_contents
from accountools.storage.image.frozen_schema import APPLICATION_ID, REGISTER_COPIED, ROWS_COPIED, Kind, create_statements
from accountools.storage.image.tables import (
    TextScan,
    control_totals,
    copy_rows_sql,
    list_columns,
    list_tables,
    read_only_uri,
    row_counts,
    scan_texts,
)

Rows = AbstractContextManager[Iterator[tuple[object, ...]]]
ReadRows = Callable[[str, Sequence[str], str], Rows]  # of a table, these columns, and a condition in SQL or ""
FilledColumns = Callable[[str, Sequence[str]], Sequence[str]]  # of a table, those of these columns in which there is anything
WORTH_GRAFTING = 16 << 20  # bytes of books; for smaller ones a process of its own costs more than it saves
_MMAP_SIZE = 1 << 31
_LARGEST_CHECKED = 64 << 20  # bytes of an image, some 600,000 lines
_TRIES = 3
_PAGE_SIZE = 16_384
_ROWS_AT_ONCE = 50  # by one statement: half the time of one for each row
_NEW = ("journal_mode = OFF", "synchronous = OFF", "main.locking_mode = EXCLUSIVE", "cache_size = -65536")


def write_administration(books: Path, target: Path, extract: Mapping[str, str], scan: TextScan) -> ControlTotals:
    """Write the image of an administration to `target`: its books as they are now, `extract` and the control totals, which it gives.

    Large books are copied page by page where that can be done (`graft`), else SQLite copies all rows. `scan` searches the long texts
    of an image in which one may be on more than one page; no text of a grafted table is. Call `validate_written` next.
    """
    _search_extract(extract, scan)
    with translated_errors(target):
        large = books.stat().st_size >= WORTH_GRAFTING
        if large:
            totals = _graft(books, target, extract, scan)
            if totals is not None:
                return totals
            target.unlink(missing_ok=True)
        with closing(_new_image(target, "administration", _PAGE_SIZE)) as image:
            _copy_books(image, books, schema.BOOK_TABLES, decoding=schema.LARGE_TABLES if large else ())
            return _finish(image, target, extract, scan)


def write_administration_rows(
    target: Path, read: ReadRows, filled: FilledColumns, extract: Mapping[str, str], scan: TextScan
) -> ControlTotals:
    """Write the image of an administration as `write_administration` does, of rows that `read` gives."""
    _search_extract(extract, scan)
    with translated_errors(target), closing(_new_image(target, "administration", _PAGE_SIZE)) as image:
        for name in schema.BOOK_TABLES:
            _write_rows(image, read, name, filled(name, list_columns(image, "main", name)))
        return _finish(image, target, extract, scan)


def _search_extract(extract: Mapping[str, str], scan: TextScan) -> None:
    for text in (text.encode() for text in extract.values() if len(text) >= scan.shortest):
        scan.search(text)


def _finish(image: sqlite3.Connection, target: Path, extract: Mapping[str, str], scan: TextScan) -> ControlTotals:
    """Add what is not of the books to an image that has their rows, and scan its texts unless each is on one page."""
    totals = control_totals(image)
    _insert(image, "slice", {**extract, **_totals_values(totals)})
    image.execute("COMMIT")
    with target.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            graft.validate_no_overflow(graft.Pages(data), [1, *_roots(image).values()])
        except graft.Declined:
            scan_texts(image, scan)
    return totals


def write_register(register: Path, target: Path, office_files: Mapping[str, bytes], extract: Mapping[str, str]) -> None:
    """Write the image of a register to `target`, with the office's key files by name."""
    with translated_errors(target), closing(_new_image(target, "register", _PAGE_SIZE)) as image:
        _attach(image, register)
        for name in REGISTER_COPIED:
            image.execute(copy_rows_sql(name, "source", ROWS_COPIED.get(name, "")))
        _insert(image, "office_files", office_files)
        _insert(image, "slice", extract)
        image.execute("COMMIT")


def write_register_rows(target: Path, read: ReadRows, office_files: Mapping[str, bytes], extract: Mapping[str, str]) -> None:
    """Write the image of a register as `write_register` does, of rows that `read` gives."""
    with translated_errors(target), closing(_new_image(target, "register", _PAGE_SIZE)) as image:
        for name in REGISTER_COPIED:
            _write_rows(image, read, name, list_columns(image, "main", name))
        _insert(image, "office_files", office_files)
        _insert(image, "slice", extract)
        image.execute("COMMIT")


def validate_written(path: Path, totals: ControlTotals) -> None:
    """Validate an image that was just written: what who reads it would refuse isn't made. Raises `schema-unexpected`.

    Of a very large image the large tables are checked by `quick_check` only: whether another program wrote a text there that isn't UTF-8,
    or a row that refers to nothing, takes a third as long again as the whole backup (docs/backup-speed.md).
    """
    with translated_errors(path), closing(sqlite3.connect(read_only_uri(path), uri=True, isolation_level=None)) as image:
        image.execute(f"PRAGMA mmap_size = {_MMAP_SIZE}").close()
        if image.execute("PRAGMA quick_check(1)").fetchone() != ("ok",) or image.execute("PRAGMA freelist_count").fetchone() != (0,):
            raise Unsound("schema-unexpected", what=Part.QUICK_CHECK)
        if row_counts(image) != totals.counts():
            raise Unsound("schema-unexpected", what=Part.COUNTS)
        is_large = path.stat().st_size > _LARGEST_CHECKED
        check_contents(image, (name for name in list_tables(image) if not (is_large and name in schema.LARGE_TABLES)))


def _graft(books: Path, target: Path, extract: Mapping[str, str], scan: TextScan) -> ControlTotals | None:
    """Write the image with the pages of the books; None when they have to be copied row by row."""
    with _frozen_reader(books) as reader:
        roots = None if reader is None else _write_base(reader, books, target, extract, scan)
        if reader is None or roots is None:
            return None
        command = (sys.executable, "-I", "-S", graft.__file__, str(books), str(target), *roots)
        # a process of its own: closing a file here would release the locks that SQLite holds on it in this one (fcntl(2))
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own
            try:
                totals = control_totals(reader)
                _, output = process.communicate()
            finally:
                process.kill()
    if process.returncode == graft.DECLINED:
        return None
    if process.returncode:
        number = int(output) if output.strip().isdigit() else 0
        raise OSError(number, os.strerror(number), str(target)) if number else OSError(output.decode(errors="replace"))
    with closing(sqlite3.connect(target, isolation_level=None)) as image:
        image.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA mmap_size = {_MMAP_SIZE}; BEGIN")
        _insert(image, "slice", _totals_values(totals))
        image.execute("COMMIT")
    return totals


@contextmanager
def _frozen_reader(books: Path) -> Iterator[sqlite3.Connection | None]:
    """A reader of the books during which their file holds all of them and isn't written to; None when other programs are using them.

    All of the WAL is written into the file first; as long as somebody reads who needs nothing of the WAL, nothing more is
    (sqlite.org/walformat.html, section 2.3: WAL_READ_LOCK(0)).
    """
    uri = f"{books.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=0.5, check_same_thread=False)) as connection:
        for _ in range(_TRIES):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if _wal_is_empty(books):
                # nobody shortens the file meanwhile; a disk error while it is mapped would end `graft` too
                connection.execute(f"PRAGMA mmap_size = {_MMAP_SIZE}").close()
                yield connection
                return
            connection.execute("ROLLBACK")
    yield None


def _write_base(
    reader: sqlite3.Connection, books: Path, target: Path, extract: Mapping[str, str], scan: TextScan
) -> tuple[str, str] | None:
    """Write an image with all but the rows of the grafted tables.

    Gives the last two arguments of `graft`: all root pages of the books, and the pairs of those to be moved. None when it can't be done.
    """
    (page_size,) = reader.execute("PRAGMA page_size").fetchone()
    with closing(_new_image(target, "administration", page_size)) as image:
        _copy_books(image, books, tuple(name for name in schema.BOOK_TABLES if name not in schema.LARGE_TABLES))
        scan_texts(image, scan)
        _insert(image, "slice", extract)
        image.execute("COMMIT")
        for name in schema.LARGE_TABLES:
            columns = [image.execute(f"PRAGMA {database}.table_info({name})").fetchall() for database in ("source", "main")]
            if columns[0] != columns[1]:
                return None
        old, new = _roots(reader), _roots(image)
    if not _wal_is_empty(books):  # somebody wrote meanwhile: the rows copied may be newer than the pages
        return None
    return ",".join(map(str, (1, *old.values()))), ",".join(f"{old[name]}:{new[name]}" for name in schema.LARGE_TABLES)


def _wal_is_empty(books: Path) -> bool:
    wal = Path(f"{books}-wal")
    return not wal.exists() or wal.stat().st_size == 0


def _roots(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT name, rootpage FROM main.sqlite_schema WHERE rootpage > 0"))


def _new_image(target: Path, kind: Kind, page_size: int) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{target.absolute().as_uri()}?mode=rwc", uri=True, isolation_level=None)
    for pragma in (f"page_size = {page_size}", *_NEW, f"application_id = {APPLICATION_ID}", f"user_version = {schema.VERSION}"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("BEGIN")
    for statement in create_statements(kind, schema.VERSION):
        connection.execute(statement)
    return connection


def _attach(image: sqlite3.Connection, source: Path) -> None:
    # SQLite reads no constraints of a database that is attached read-only, and would then decode every row to check it against its own
    image.execute("ATTACH ? AS source", (f"{source.absolute().as_uri()}?mode=rw",))


def _copy_books(image: sqlite3.Connection, books: Path, tables: tuple[str, ...], decoding: Collection[str] = ()) -> None:
    """Copy tables of books; SQLite moves the records of columns in the same order without `decoding` them (`validate_written` does)."""
    _attach(image, books)
    for name in tables:
        same_order = list_columns(image, "source", name) == list_columns(image, "main", name)
        as_it_is = same_order and name not in decoding
        image.execute(f"INSERT INTO main.{name} SELECT * FROM source.{name}" if as_it_is else copy_rows_sql(name, "source"))


def _write_rows(image: sqlite3.Connection, read: ReadRows, table: str, columns: Sequence[str]) -> None:
    names, marks = ", ".join(f'"{column}"' for column in columns), f"({', '.join('?' * len(columns))})"
    insert, cursor = f"INSERT INTO main.{table} ({names}) VALUES ", image.cursor()
    several = insert + ", ".join([marks] * _ROWS_AT_ONCE)
    with read(table, columns, ROWS_COPIED.get(table, "")) as rows:
        while len(some := tuple(islice(rows, _ROWS_AT_ONCE))) == _ROWS_AT_ONCE:
            cursor.execute(several, tuple(chain.from_iterable(some)))
        cursor.executemany(insert + marks, some)


def _totals_values(totals: ControlTotals) -> dict[str, str]:
    return {"counts": json.dumps(totals.counts()), "totals": json.dumps(totals.totals())}


def _insert(image: sqlite3.Connection, table: str, values: Mapping[str, str] | Mapping[str, bytes]) -> None:
    image.executemany(f"INSERT INTO {table} VALUES (?, ?)", sorted(values.items()))
