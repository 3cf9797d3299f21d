"""Images are opened as hostile, signed or not, checked whole, and only then read.

Immutable, no trusted schema, no mmap, the schema compared text by text with the frozen one, STRICT tables, quick_check,
foreign_key_check, no free pages, every text valid UTF-8.
"""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.image_tables import (
    APPLICATION_ID,
    REGISTER_COPIED,
    Kind,
    checks_of,
    control_totals,
    expected_schema,
    read_only,
    row_by_row,
    tables_in,
    text_columns_in,
    whole,
)

_ROWS_AT_A_TIME = 5_000
_HOSTILE = ("trusted_schema = OFF", "mmap_size = 0", "cell_size_check = ON", "query_only = ON", "cache_size = -65536")
_LOADING = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "trusted_schema = OFF", "cache_size = -65536", "threads = 2")
_NAMED_BY_TEXT = ("accounts", "journals", "vat_codes", "relations")  # whose keys have an index, which is made anew row by row


class Image:
    """An image that passed every check. Raises `newer-version`, `schema-unexpected` when it is opened."""

    def __init__(self, path: Path, kind: Kind, *, own: bool = False) -> None:
        """Open and check it. `own`: made here a moment ago, from books whose engine holds the constraints and the encoding."""
        self.path = path
        self.kind = kind
        self._own = own
        self.connection = sqlite3.connect(read_only(path), uri=True, isolation_level=None)
        try:
            _be_wary(self.connection)
            self._check()
            self.slice: dict[str, str] = dict(self.connection.execute("SELECT name, value FROM slice"))
            self.totals = control_totals(self.connection) if kind == "administration" else ControlTotals()
        except (sqlite3.Error, OverflowError) as error:
            self.connection.close()
            raise Unsound("schema-unexpected", what=str(error)) from error
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def office_files(self) -> dict[str, bytes]:
        """The key files in a register's image."""
        return {str(name): bytes(content) for name, content in self.connection.execute("SELECT name, content FROM office_files")}

    def counts(self, *tables: str) -> dict[str, int]:
        """How many rows these tables hold."""
        return {name: int(self.connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables}

    def load_register(self, connection: sa.Connection) -> None:
        """Copy a register's rows into the fresh one of `connection`. Raises `schema-unexpected` for rows it can't hold."""
        try:
            connection.exec_driver_sql("ATTACH ? AS image", (read_only(self.path),))
            for name in REGISTER_COPIED:
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

    def _check(self) -> None:
        if self._pragma("application_id") != APPLICATION_ID:
            raise Unsound("schema-unexpected", what="application_id")
        version = self._pragma("user_version")
        if version > schema.VERSION:
            raise Unsound("newer-version", made_by=version, ours=schema.VERSION)
        self._compare_schema(version)
        if self.connection.execute("PRAGMA encoding").fetchone() != ("UTF-8",):
            raise Unsound("schema-unexpected", what="encoding")
        if self._pragma("freelist_count"):
            raise Unsound("schema-unexpected", what="freelist_count")
        with ThreadPoolExecutor(1) as beside:
            rest = None if self._own else beside.submit(self._check_contents)
            if self.connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
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
        found = self.connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchmany(len(expected) + 1)
        for row in found:
            if row not in expected:
                raise Unsound("schema-unexpected", what=f"{row[0]} {row[1]}"[:80])
        if len(found) != len(expected):
            raise Unsound("schema-unexpected", what="sqlite_schema")

    def _pragma(self, name: str) -> int:
        return int(self.connection.execute(f"PRAGMA {name}").fetchone()[0])


def _be_wary(connection: sqlite3.Connection) -> None:
    for pragma in _HOSTILE:
        connection.execute(f"PRAGMA {pragma}").close()


def _check_values(connection: sqlite3.Connection, kind: Kind) -> None:
    for name in schema.BOOK_TABLES if kind == "administration" else REGISTER_COPIED:
        for rule in checks_of(name):
            if connection.execute(f"SELECT 1 FROM {name} WHERE NOT ({rule}) LIMIT 1").fetchone() is not None:
                raise Unsound("schema-unexpected", what=f"{name}: {rule}")


def _read_texts(connection: sqlite3.Connection) -> None:
    """Read all text values, many rows at a time: a text that isn't UTF-8 raises sqlite3.Error."""
    for table in tables_in(connection):
        joined = " || ' ' || ".join(f"coalesce(\"{name}\", '')" for name in text_columns_in(connection, table))
        if not joined:
            continue
        chunk = f"SELECT {joined} AS t FROM {table} WHERE rowid > ? AND rowid <= ?"
        (lowest,) = connection.execute(f"SELECT min(rowid) FROM {table}").fetchone()
        start = None if lowest is None else lowest - 1
        while start is not None:
            end = start + _ROWS_AT_A_TIME
            connection.execute(f"SELECT group_concat(t, ' ') FROM ({chunk})", (start, end)).fetchone()
            (start,) = connection.execute(f"SELECT min(rowid) - 1 FROM {table} WHERE rowid > ?", (end,)).fetchone()
