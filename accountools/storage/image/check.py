"""Images are untrusted, signed or not: one is checked as a whole before anything of it is used.

It is opened immutable, with `trusted_schema` off; its header and pages are as this program writes them, its schema equals the frozen
one text by text; quick_check, keys with their indexes, foreign_key_check, constraints, all texts valid UTF-8 without zero bytes and
none too long, JSON where that is meant; no mmap before quick_check has passed.
"""

import sqlite3
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Part
from accountools.storage import schema
from accountools.storage.errors import MACHINE_ERRORS, translated_errors
from accountools.storage.image.adopt import make_indexes, open_to_adopt
from accountools.storage.image.file_format import read_header, validate_trees
from accountools.storage.image.frozen_schema import (
    APPLICATION_ID,
    EXTRACT_NAMES,
    OFFICE_FILES,
    REGISTER_COPIED,
    ROWS_COPIED,
    Kind,
    expected_schema,
)
from accountools.storage.image.parallel import Step, StepRunner
from accountools.storage.image.tables import (
    control_totals,
    enumerated_columns,
    in_pieces,
    list_constraints,
    list_tables,
    list_text_columns,
    read_only_uri,
)

_CONNECTIONS = 2
_SMALL = 4 << 20  # bytes of an image that one connection checks sooner than two threads start
_ROWS_AT_A_TIME = 2_000
_SHARES = 4  # of a table's rows for two connections, so that neither waits long for the other's last step
_MAX_ROWID = 1 << 62
_NO_LIST = "(NOT json_valid({0}) OR json_type({0}) <> 'array' OR EXISTS (SELECT 1 FROM json_each({0}) WHERE type <> '{1}'))"
_JSON_FAULTS = {  # of the columns that hold JSON; json_valid is strict where newer versions of the other functions take JSON5
    "more": "more IS NOT NULL AND (NOT json_valid(more) OR json_type(more) <> 'object')",
    "addresses": f"addresses IS NOT NULL AND {_NO_LIST.format('addresses', 'object')}",
    "accepted": _NO_LIST.format("accepted", "text"),
}
_LONGEST_VALUES = 2 * schema.LONGEST_LIST  # bytes of all values of the extract, or of all key files
_CAUTIOUS = ("trusted_schema = OFF", "mmap_size = 0", "cell_size_check = ON", "query_only = ON", "cache_size = -16384")
_FAST = ("cell_size_check = OFF", f"mmap_size = {1 << 40}")


class CheckedImage:
    """An image that passed every check. Raises `newer-version` or `schema-unexpected` when it is opened.

    `kind`, `totals` (of an administration) and `extract`, the register's extract by name, can be used then; it is a context manager.
    """

    def __init__(self, path: Path, kind: Kind, *, adopting: bool = False) -> None:
        """Open and check it.

        `adopting`: the indexes of books are made in it at the same time, for a caller that turns it into books when it has passed,
        and throws it away when it hasn't.
        """
        self.path = path
        self.kind = kind
        self.totals = ControlTotals()
        self._connections: list[sqlite3.Connection] = []
        self._quick_check_passed = False
        self._fast: set[sqlite3.Connection] = set()
        try:
            with translated_errors(path):
                self._check(adopting=adopting)
        except BaseException:
            self._close()
            raise

    def _check(self, *, adopting: bool) -> None:
        with _translated_faults():
            header = read_header(self.path)
            self.size = self.path.stat().st_size
            if header.application_id != APPLICATION_ID:
                raise Unsound("schema-unexpected", what="application_id")
            if header.version > schema.VERSION:
                raise Unsound("newer-version", made_by=header.version, ours=schema.VERSION)
            validate_trees(self.path, header)
            for _ in range(1 if self.path.stat().st_size <= _SMALL else _CONNECTIONS):
                self._connections.append(_open_cautiously(self.path))
            self.connection = self._connections[0]
            self._compare_schema(header.version)
            roots = [root for (root,) in self.connection.execute("SELECT rootpage FROM sqlite_schema")]
            if not all(isinstance(root, int) for root in roots):  # SQLite reads the number in a text or a blob too
                raise Unsound("schema-unexpected", what=Part.SQLITE_SCHEMA)
            validate_trees(self.path, header, roots)
            steps = [self._quick_check, *map(self._with_fast_pragmas, self._steps())]
            beside = adopting and header.schema_on_one_page  # else it is as well made afterwards
            with closing(open_to_adopt(self.path)) if beside else nullcontext() as image:
                StepRunner(self._connections).run(steps, (make_indexes, image) if image else None)
            for connection in self._fast:
                _set_pragmas(connection, _CAUTIOUS)
            _set_longest(self.connection, "slice")
            self.extract: dict[str, str] = self._read_values("slice", "value", EXTRACT_NAMES[self.kind])
            if self.counts("slice") != {"slice": len(self.extract)}:
                raise Unsound("schema-unexpected", what=Part.EXTRACT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        for connection in self._connections:
            connection.close()

    def office_files(self) -> dict[str, bytes]:
        """The key files in a register's image, by name. Raises `schema-unexpected` for very large ones."""
        with _translated_faults():
            return self._read_values("office_files", "content", OFFICE_FILES)

    def _read_values(self, table: str, column: str, names: Collection[str]) -> dict[str, Any]:
        """The values that a table has by these names, each once, if they have not too many bytes."""
        chosen = f"FROM {table} WHERE name IN ({', '.join('?' * len(names))})"
        query = f"SELECT coalesce(sum(length(CAST({column} AS BLOB))), 0) {chosen}"
        if self.connection.execute(query, [*names]).fetchone()[0] > _LONGEST_VALUES:
            raise Unsound("schema-unexpected", what=table)
        return dict(self.connection.execute(f"SELECT name, {column} {chosen}", [*names]))

    def counts(self, *tables: str) -> dict[str, int]:
        """How many rows these tables hold."""
        return {name: int(self.connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in tables}

    def load_register(self, connection: sa.Connection) -> None:
        """Copy a register's rows into the new one of `connection`. Raises `schema-unexpected` for rows it can't hold."""
        try:
            there = set(list_tables(self.connection))  # an older version has fewer
            for name in filter(there.__contains__, REGISTER_COPIED):
                names = [column.name for column in schema.REGISTER.tables[name].columns]
                columns = ", ".join(f'"{one}"' for one in names)
                rows = self.connection.execute(f"SELECT {columns} FROM {name}{ROWS_COPIED.get(name, '')} ORDER BY rowid")
                while some := rows.fetchmany(_ROWS_AT_A_TIME):
                    connection.execute(sa.insert(schema.REGISTER.tables[name]), [dict(zip(names, row, strict=True)) for row in some])
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise Unsound("schema-unexpected", what=Part.IMAGE) from error

    def _compare_schema(self, version: int) -> None:
        expected = expected_schema(self.kind, version)
        found = self.connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchmany(len(expected) + 1)
        for row in found:
            if row not in expected:
                raise Unsound("schema-unexpected", what=f"{row[0]} {row[1]}"[:80])
        if len(found) != len(expected):
            raise Unsound("schema-unexpected", what=Part.SQLITE_SCHEMA)

    def _steps(self) -> list[Step]:
        """What quick_check doesn't cover; the large tables last, whose steps are many."""
        tables = sorted(list_tables(self.connection), key=schema.LARGE_TABLES.__contains__)
        shares = _SHARES if len(self._connections) > 1 else 1
        rows = [partial(_check_rows, (share, shares)) for share in range(shares)]
        kinds: list[Callable[[str, sqlite3.Connection], Generator[None]]] = [_check_references, *rows, _check_keys]
        steps: list[Step] = [partial(kind, table) for table in tables for kind in kinds]
        return [self._count, *steps] if self.kind == "administration" else steps

    def _quick_check(self, connection: sqlite3.Connection) -> Generator[None]:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Unsound("schema-unexpected", what=Part.QUICK_CHECK)
        self._quick_check_passed = True
        yield

    def _with_fast_pragmas(self, step: Step) -> Step:
        """The step without what is needless once quick_check has passed: measuring each cell of each page, copying each page."""

        def fast(connection: sqlite3.Connection) -> Generator[None]:
            if self._quick_check_passed and connection in self._connections and connection not in self._fast:
                _set_pragmas(connection, _FAST)
                self._fast.add(connection)
            yield from step(connection)

        return fast

    def _count(self, connection: sqlite3.Connection) -> Generator[None]:
        self.totals = control_totals(connection)
        yield


def _open_cautiously(path: Path) -> sqlite3.Connection:
    """Open an image in a transaction that lasts: the first page is read here, and not again before the connection is closed."""
    connection = sqlite3.connect(read_only_uri(path), uri=True, isolation_level=None, check_same_thread=False)
    try:
        _set_pragmas(connection, _CAUTIOUS)
        _set_longest(connection, "slice")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def check_contents(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Check of these tables what quick_check doesn't cover, as of a stranger's image. Raises `schema-unexpected`."""
    with _translated_faults():
        for table in tables:
            for check in (_check_references, partial(_check_rows, (0, 1)), _check_keys):
                for _ in check(table, connection):
                    pass


@contextmanager
def _translated_faults() -> Iterator[None]:
    """What SQLite finds wrong with an image is raised as `schema-unexpected`; not what is wrong with the machine."""
    try:
        yield
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        if str(getattr(error, "sqlite_errorname", "")).startswith(MACHINE_ERRORS):
            raise
        raise Unsound("schema-unexpected", what=Part.IMAGE) from error


def _set_pragmas(connection: sqlite3.Connection, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _set_longest(connection: sqlite3.Connection, table: str) -> None:
    """Let SQLite refuse any text that is longer than one of this table may be, before it takes memory for it."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, schema.LONGEST_TEXT if table in schema.BOOK_TABLES else schema.LONGEST_LIST)


def _check_keys(table: str, connection: sqlite3.Connection) -> Generator[None]:
    """Check the indexes that an image has, those of keys that are texts: quick_check doesn't compare them with their tables."""
    (indexes,) = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table,)).fetchone()
    if indexes and connection.execute(f"PRAGMA integrity_check('{table}')").fetchone() != ("ok",):
        raise Unsound("schema-unexpected", what=f"integrity_check {table}")
    yield


def _check_references(table: str, connection: sqlite3.Connection) -> Generator[None]:
    if connection.execute(f"PRAGMA foreign_key_check('{table}')").fetchone() is not None:
        raise Unsound("schema-unexpected", what=Part.FOREIGN_KEY_CHECK)
    yield


def _check_rows(share: tuple[int, int], table: str, connection: sqlite3.Connection) -> Generator[None]:
    """Check the constraints that quick_check leaves out in a read-only file, of one share (which, of how many), and read its texts.

    Many rows at a time; a text that isn't UTF-8, or too long, raises sqlite3.Error. Columns restricted to a few texts needn't be read.
    A zero byte is no part of any text: PostgreSQL has none, and other programs end the text there.
    """
    (text,) = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)).fetchone()
    against, chunk = _rows_query(table, text)
    start, last = _share_of_rows(share, table, connection)
    _set_longest(connection, table)
    for wrong, *texts in in_pieces(connection, table, chunk, _ROWS_AT_A_TIME, start, last):
        if wrong:
            raise Unsound("schema-unexpected", what=f"{table}: {against}")
        if any(text and "\0" in text for text in texts):
            raise Unsound("schema-unexpected", what=f"{table}: U+0000")
        yield


@lru_cache(64)  # the tables of a few versions: for many images they are the same
def _rows_query(table: str, text: str) -> tuple[str, str]:
    """What is wrong with a row of a table with this text, as SQL, and the query that counts such rows and reads the texts of all."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(text)
        constraints = list_constraints(text)
        enumerated = enumerated_columns(constraints)
        names = list_text_columns(connection, table)
    texts = [f'group_concat("{name}")' for name in names if name not in enumerated]
    json = [fault for name, fault in _JSON_FAULTS.items() if name in names]
    against = " OR ".join((*(f"NOT ({constraint})" for constraint in constraints), *json)) or "FALSE"
    columns = ", ".join((f"count(*) FILTER (WHERE {against})", *texts))
    return against, f"SELECT {columns} FROM {table} WHERE rowid > ? AND rowid <= ?"


def _share_of_rows(share: tuple[int, int], table: str, connection: sqlite3.Connection) -> tuple[int | None, int]:
    """The rowid after which a share begins and the one with which it ends; None for a table without rows."""
    ends = f"SELECT (SELECT min(rowid) FROM {table}), (SELECT max(rowid) FROM {table})"  # each by itself: both at once read all rows
    lowest, highest = connection.execute(ends).fetchone()
    if lowest is None:
        return None, 0
    if lowest < -_MAX_ROWID or highest > _MAX_ROWID:
        raise Unsound("schema-unexpected", what=f"{table}: rowid")
    before, many = lowest - 1, highest - lowest + 1
    which, shares = share
    return before + many * which // shares, before + many * (which + 1) // shares
