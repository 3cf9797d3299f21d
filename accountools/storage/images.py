"""Images: a SQLite file that holds an administration's books and the register's slice for it, or the register itself.

Made as a new database into which the rows are copied, so that nothing deleted was ever in it, and without indexes. Opened as
hostile, signed or not: immutable, no trusted schema, no mmap, the schema compared text by text with the frozen one, STRICT tables,
quick_check, foreign_key_check, no free pages, every text valid UTF-8.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema

Kind = Literal["administration", "register"]
APPLICATION_ID = 0x41434231  # «ACB1»: how `file` and we know an image
_PAGE_SIZE = 16_384
_ROWS_AT_A_TIME = 5_000
_NEW = (f"page_size = {_PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF", "main.locking_mode = EXCLUSIVE", "cache_size = -65536")
_HOSTILE = ("trusted_schema = OFF", "mmap_size = 0", "cell_size_check = ON", "query_only = ON", "cache_size = -65536")
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
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        try:
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

    def load(self, connection: sa.Connection) -> None:
        """Copy the image's rows into the fresh database of `connection`. Raises `schema-unexpected` for rows it can't hold."""
        names = schema.BOOK_TABLES if self.kind == "administration" else _REGISTER_COPIED
        try:
            connection.exec_driver_sql("ATTACH ? AS image", (f"{self.path.absolute().as_uri()}?mode=ro&immutable=1",))
            for name in names:
                columns = _columns(name)
                connection.exec_driver_sql(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM image.{name} ORDER BY rowid")
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise Unsound("schema-unexpected", what=str(error.orig)) from error

    def long_texts(self, shortest: int) -> Iterator[str]:
        """All text values of at least `shortest` bytes, to be searched. Raises sqlite3.Error for one that isn't UTF-8."""
        for table in self._tables():
            for name in self._text_columns(table):
                chosen = f'SELECT "{name}" FROM {table} WHERE length(CAST("{name}" AS BLOB)) >= ?'
                yield from (text for (text,) in self._connection.execute(chosen, (shortest,)))

    def _tables(self) -> list[str]:
        return [name for (name,) in self._connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]

    def _text_columns(self, table: str) -> list[str]:
        """The columns of texts, but those that refer to another table's: what is true of that one is true of them."""
        referring = {row[3] for row in self._connection.execute(f"PRAGMA foreign_key_list({table})")}
        columns = self._connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'")
        return [name for (name,) in columns if name not in referring]

    def _read_texts(self) -> None:
        """Read all text values, many rows at a time: a text that isn't UTF-8 raises sqlite3.Error."""
        for table in self._tables():
            joined = " || ' ' || ".join(f"coalesce(\"{name}\", '')" for name in self._text_columns(table))
            if not joined:
                continue
            chunk = f"SELECT {joined} AS t FROM {table} WHERE rowid > ? AND rowid <= ?"
            (lowest,) = self._connection.execute(f"SELECT min(rowid) FROM {table}").fetchone()
            start = None if lowest is None else lowest - 1
            while start is not None:
                end = start + _ROWS_AT_A_TIME
                self._connection.execute(f"SELECT group_concat(t, ' ') FROM ({chunk})", (start, end)).fetchone()
                (start,) = self._connection.execute(f"SELECT min(rowid) - 1 FROM {table} WHERE rowid > ?", (end,)).fetchone()

    def _check(self) -> None:
        for pragma in _HOSTILE:
            self._connection.execute(f"PRAGMA {pragma}").close()
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
        if self._connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Unsound("schema-unexpected", what="quick_check")
        if self._own:
            return
        if self._connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise Unsound("schema-unexpected", what="foreign_key_check")
        self._check_values()
        self._read_texts()

    def _compare_schema(self, version: int) -> None:
        expected = _expected_schema(self.kind, version)
        found = self._connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchmany(len(expected) + 1)
        for row in found:
            if row not in expected:
                raise Unsound("schema-unexpected", what=f"{row[0]} {row[1]}"[:80])
        if len(found) != len(expected):
            raise Unsound("schema-unexpected", what="sqlite_schema")

    def _check_values(self) -> None:
        """The constraints that an image's frozen schema leaves to the tables that it is restored into."""
        for name in schema.BOOK_TABLES if self.kind == "administration" else _REGISTER_COPIED:
            for one in _table(name).constraints:
                if not isinstance(one, sa.CheckConstraint):
                    continue
                if self._connection.execute(f"SELECT 1 FROM {name} WHERE NOT ({one.sqltext}) LIMIT 1").fetchone() is not None:
                    raise Unsound("schema-unexpected", what=str(one.name))

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])


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
    for statement in _statements(kind, schema.VERSION):
        connection.execute(statement)
    return connection


def _copy_rows(image: sqlite3.Connection, source: Path, tables: tuple[str, ...]) -> None:
    image.execute("ATTACH ? AS source", (f"{source.absolute().as_uri()}?mode=ro",))
    for name in tables:
        columns, where = _columns(name), _LEFT_OUT.get(name, "")
        image.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM source.{name}{where} ORDER BY rowid")


def _columns(table: str) -> str:
    return ", ".join(f'"{column.name}"' for column in _table(table).columns)


def _table(name: str) -> sa.Table:
    return schema.BOOKS.tables[name] if name in schema.BOOKS.tables else schema.REGISTER.tables[name]


def _totals(connection: sqlite3.Connection) -> ControlTotals:
    counts = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("accounts", "entries", "lines", "relations")]
    sums = "SELECT coalesce(sum(amount) FILTER (WHERE side = 'D'), 0), coalesce(sum(amount) FILTER (WHERE side = 'C'), 0) FROM lines"
    return ControlTotals(*counts, *connection.execute(sums).fetchone())


@cache
def _statements(kind: Kind, version: int) -> tuple[str, ...]:
    text = files("accountools.storage").joinpath("image_schema", f"{kind}_{version}.sql").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    return tuple(statement.strip() for statement in "\n".join(lines).split(";") if statement.strip())


@cache
def _expected_schema(kind: Kind, version: int) -> frozenset[tuple[str, str, str, str | None]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.executescript(";".join(_statements(kind, version)))
        except FileNotFoundError as error:
            raise Unsound("schema-unexpected", what=f"user_version {version}") from error
        return frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall())
