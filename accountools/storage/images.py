"""Images: a SQLite file that holds an administration's books and the register's slice for it, or the register itself.

Made as a new database into which the rows are copied, so that nothing deleted was ever in it, and without indexes. Opened as
hostile, signed or not: immutable, no trusted schema, no mmap, the schema compared text by text with the frozen one, STRICT tables,
quick_check, foreign_key_check, no free pages, every text valid UTF-8.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.image_tables import Kind, checks_of, columns_in, expected_schema, read_only, row_by_row, statements, whole

APPLICATION_ID = 0x41434231  # «ACB1»: how `file` and we know an image
_PAGE_SIZE = 16_384
_ROWS_AT_A_TIME = 5_000
_NEW = (f"page_size = {_PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF", "main.locking_mode = EXCLUSIVE", "cache_size = -65536")
_HOSTILE = ("trusted_schema = OFF", "mmap_size = 0", "cell_size_check = ON", "query_only = ON", "cache_size = -65536")
_LOADING = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "trusted_schema = OFF", "cache_size = -65536", "threads = 2")
_NAMED_BY_TEXT = ("accounts", "journals", "vat_codes", "relations")  # whose keys have an index, which is made anew row by row
_LEFT_OUT = {"backups": " WHERE state IN ('made', 'pruned')"}  # intents concern the machine they were made on
_REGISTER_COPIED = tuple(name for name in schema.REGISTER_TABLES if name != "replacements")


def make_administration(books: Path, target: Path, slice_: Mapping[str, str]) -> ControlTotals:
    """Make the image of an administration at `target` from its books, with `slice_` and the control totals."""
    with closing(_new_image(target, "administration")) as image:
        _copy_rows(image, books, schema.BOOK_TABLES)
        totals = _totals(image)
        found = {"counts": json.dumps(totals.counts()), "totals": json.dumps(totals.totals())}
        image.executemany("INSERT INTO slice VALUES (?, ?)", sorted({**slice_, **found}.items()))
        image.execute("COMMIT")
    return totals


def make_register(register: Path, target: Path, office_files: Mapping[str, bytes], slice_: Mapping[str, str]) -> None:
    """Make the image of a register at `target`, with the office's key files."""
    with closing(_new_image(target, "register")) as image:
        _copy_rows(image, register, _REGISTER_COPIED)
        image.executemany("INSERT INTO office_files VALUES (?, ?)", sorted(office_files.items()))
        image.executemany("INSERT INTO slice VALUES (?, ?)", sorted(slice_.items()))
        image.execute("COMMIT")


class Image:
    """An image that passed every check. Raises `newer-version`, `schema-unexpected` when it is opened."""

    def __init__(self, path: Path, kind: Kind, *, own: bool = False) -> None:
        """Open and check it. `own`: made here a moment ago, from books whose engine holds the constraints and the encoding."""
        self.path = path
        self.kind = kind
        self._own = own
        self._connection = sqlite3.connect(read_only(path), uri=True, isolation_level=None)
        try:
            _be_wary(self._connection)
            self._check()
            self.slice: dict[str, str] = dict(self._connection.execute("SELECT name, value FROM slice"))
            self.totals = _totals(self._connection) if kind == "administration" else ControlTotals()
        except (sqlite3.Error, OverflowError) as error:
            self._connection.close()
            raise Unsound("schema-unexpected", what=str(error)) from error
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def office_files(self) -> dict[str, bytes]:
        """The key files in a register's image."""
        return {str(name): bytes(content) for name, content in self._connection.execute("SELECT name, content FROM office_files")}

    def counts(self, *tables: str) -> dict[str, int]:
        """How many rows these tables hold."""
        return {name: int(self._connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables}

    def load_register(self, connection: sa.Connection) -> None:
        """Copy a register's rows into the fresh one of `connection`. Raises `schema-unexpected` for rows it can't hold."""
        try:
            connection.exec_driver_sql("ATTACH ? AS image", (read_only(self.path),))
            for name in _REGISTER_COPIED:
                connection.exec_driver_sql(row_by_row(name, "image"))
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise Unsound("schema-unexpected", what=str(error.orig)) from error

    def load_books(self, books: Path) -> None:
        """Copy an administration's rows into the fresh books at `books`, and make its indexes last.

        Nothing there is durable before the caller syncs it. What the copying relies on was checked when the image was opened:
        foreign keys, constraints, types. Raises `schema-unexpected` for rows it can't hold.
        """
        try:
            with closing(sqlite3.connect(f"{books.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as connection:
                for pragma in _LOADING:
                    connection.execute(f"PRAGMA {pragma}").close()
                indexes = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall()
                connection.execute("ATTACH ? AS image", (read_only(self.path),))
                connection.execute("BEGIN")
                for name, _ in indexes:
                    connection.execute(f"DROP INDEX {name}")
                for name in schema.BOOK_TABLES:
                    connection.execute(row_by_row(name, "image") if name in _NAMED_BY_TEXT else whole(name, "image"))
                for _, statement in indexes:
                    connection.execute(statement)
                connection.execute("COMMIT")
                connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.Error as error:
            raise Unsound("schema-unexpected", what=str(error)) from error

    def long_texts(self, shortest: int) -> Iterator[str]:
        """All text values of at least `shortest` bytes, to be searched. Raises sqlite3.Error for one that isn't UTF-8."""
        for table in _tables(self._connection):
            for name in _text_columns(self._connection, table):
                chosen = f'SELECT "{name}" FROM {table} WHERE length(CAST("{name}" AS BLOB)) >= ?'
                yield from (text for (text,) in self._connection.execute(chosen, (shortest,)))

    def _check(self) -> None:
        if self._pragma("application_id") != APPLICATION_ID:
            raise Unsound("schema-unexpected", what="application_id")
        version = self._pragma("user_version")
        if version > schema.VERSION:
            raise Unsound("newer-version", made_by=version, ours=schema.VERSION)
        self._compare_schema(version)
        if self._connection.execute("PRAGMA encoding").fetchone() != ("UTF-8",):
            raise Unsound("schema-unexpected", what="encoding")
        if self._pragma("freelist_count"):
            raise Unsound("schema-unexpected", what="freelist_count")
        with ThreadPoolExecutor(1) as beside:
            rest = None if self._own else beside.submit(self._check_contents)
            if self._connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise Unsound("schema-unexpected", what="quick_check")
            if rest is not None:
                rest.result()

    def _check_contents(self) -> None:
        """What quick_check doesn't look at, or not always (CHECKs): constraints, references, encoding; over a connection of its own."""
        with closing(sqlite3.connect(read_only(self.path), uri=True, isolation_level=None)) as connection:
            _be_wary(connection)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise Unsound("schema-unexpected", what="foreign_key_check")
            _check_values(connection, self.kind)
            _read_texts(connection)

    def _compare_schema(self, version: int) -> None:
        expected = expected_schema(self.kind, version)
        found = self._connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchmany(len(expected) + 1)
        for row in found:
            if row not in expected:
                raise Unsound("schema-unexpected", what=f"{row[0]} {row[1]}"[:80])
        if len(found) != len(expected):
            raise Unsound("schema-unexpected", what="sqlite_schema")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])


def _be_wary(connection: sqlite3.Connection) -> None:
    for pragma in _HOSTILE:
        connection.execute(f"PRAGMA {pragma}").close()


def _tables(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]


def _text_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of texts, but those that refer to another table's: what is true of that one is true of them."""
    referring = {row[3] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    columns = connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'")
    return [name for (name,) in columns if name not in referring]


def _check_values(connection: sqlite3.Connection, kind: Kind) -> None:
    for name in schema.BOOK_TABLES if kind == "administration" else _REGISTER_COPIED:
        for rule in checks_of(name):
            if connection.execute(f"SELECT 1 FROM {name} WHERE NOT ({rule}) LIMIT 1").fetchone() is not None:
                raise Unsound("schema-unexpected", what=f"{name}: {rule}")


def _read_texts(connection: sqlite3.Connection) -> None:
    """Read all text values, many rows at a time: a text that isn't UTF-8 raises sqlite3.Error."""
    for table in _tables(connection):
        joined = " || ' ' || ".join(f"coalesce(\"{name}\", '')" for name in _text_columns(connection, table))
        if not joined:
            continue
        chunk = f"SELECT {joined} AS t FROM {table} WHERE rowid > ? AND rowid <= ?"
        (lowest,) = connection.execute(f"SELECT min(rowid) FROM {table}").fetchone()
        start = None if lowest is None else lowest - 1
        while start is not None:
            end = start + _ROWS_AT_A_TIME
            connection.execute(f"SELECT group_concat(t, ' ') FROM ({chunk})", (start, end)).fetchone()
            (start,) = connection.execute(f"SELECT min(rowid) - 1 FROM {table} WHERE rowid > ?", (end,)).fetchone()


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


def _totals(connection: sqlite3.Connection) -> ControlTotals:
    counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("accounts", "entries", "lines", "relations")]
    sums = "SELECT coalesce(sum(amount) FILTER (WHERE side = 'D'), 0), coalesce(sum(amount) FILTER (WHERE side = 'C'), 0) FROM lines"
    return ControlTotals(*counts, *connection.execute(sums).fetchone())
