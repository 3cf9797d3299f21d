"""Images are opened as hostile, signed or not, checked whole, and only then read.

Immutable, of the shape that we write, no trusted schema, the schema compared text by text with the frozen one, STRICT tables,
quick_check, keys with their indexes, foreign_key_check, no free pages, every text valid UTF-8; no mmap before quick_check has passed.
"""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.image.adopt import Adoption
from accountools.storage.image.parallel import Lanes, Step
from accountools.storage.image.shape import Header, expect_trees, read_header
from accountools.storage.image.tables import (
    APPLICATION_ID,
    REGISTER_COPIED,
    Kind,
    control_totals,
    expected_schema,
    one_of_some,
    read_only,
    row_by_row,
    rules_of,
    tables_in,
    text_columns_in,
)

_LANES = 2
_ROWS_AT_A_TIME = 2_000
_SHARES = 4  # of a table's rows, so that no lane waits long for the other's last
_FAR = 1 << 62  # no row has a number as far out as that
_HOSTILE = ("trusted_schema = OFF", "mmap_size = 0", "cell_size_check = ON", "query_only = ON", "cache_size = -16384")
_LONGEST_FIRST = ("entries", "lines").__contains__
_SOUND = ("cell_size_check = OFF", f"mmap_size = {1 << 40}")
_MACHINE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM")  # the machine's fault, not the image's


class Image:
    """An image that passed every check. Raises `newer-version`, `schema-unexpected` when it is opened."""

    def __init__(self, path: Path, kind: Kind, *, own: bool = False, adopting: bool = False) -> None:
        """Open and check it.

        `own`: made here a moment ago, from books whose engine holds the constraints and the encoding. `adopting`: the indexes of books
        are made in it in the meantime, for who turns it into books when it has passed, and throws it away when it hasn't.
        """
        self.path = path
        self.kind = kind
        self.totals = ControlTotals()
        self._lanes: list[sqlite3.Connection] = []
        self._sound = False
        try:
            header = self._check_header()
            for _ in range(_LANES):
                self._lanes.append(_open_warily(path))
            self.connection = self._lanes[0]
            self._compare_schema(header.version)
            expect_trees(path, header, self._roots())
            steps = [self._quick_check] if own else [self._quick_check, *map(self._easing, self._steps())]
            with closing(Adoption(path)) if adopting else nullcontext() as adoption:
                Lanes(self._lanes).run(steps, adoption.step() if adoption else None)
            self.slice: dict[str, str] = dict(self.connection.execute("SELECT name, value FROM slice"))
        except (sqlite3.Error, OverflowError) as error:
            self._close()
            if str(getattr(error, "sqlite_errorname", "")).startswith(_MACHINE):
                raise
            raise Unsound("schema-unexpected", what=str(error)) from error
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        for connection in self._lanes:
            connection.close()

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

    def _check_header(self) -> Header:
        header = read_header(self.path)
        if header.application_id != APPLICATION_ID:
            raise Unsound("schema-unexpected", what="application_id")
        if header.version > schema.VERSION:
            raise Unsound("newer-version", made_by=header.version, ours=schema.VERSION)
        return header

    def _compare_schema(self, version: int) -> None:
        expected = expected_schema(self.kind, version)
        found = self.connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchmany(len(expected) + 1)
        for row in found:
            if row not in expected:
                raise Unsound("schema-unexpected", what=f"{row[0]} {row[1]}"[:80])
        if len(found) != len(expected):
            raise Unsound("schema-unexpected", what="sqlite_schema")

    def _roots(self) -> list[int]:
        return [root for (root,) in self.connection.execute("SELECT rootpage FROM sqlite_schema")]

    def _steps(self) -> list[Step]:
        """What quick_check doesn't look at; the long ones first."""
        tables = sorted(tables_in(self.connection), key=_LONGEST_FIRST)
        rows = [partial(_read_rows, share) for share in range(_SHARES)]
        kinds: list[Callable[[str, sqlite3.Connection], Generator[None]]] = [_check_references, *rows, _check_keys]
        steps: list[Step] = [partial(kind, table) for table in tables for kind in kinds]
        return [self._count, *steps] if self.kind == "administration" else steps

    def _quick_check(self, connection: sqlite3.Connection) -> Generator[None]:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise Unsound("schema-unexpected", what="quick_check")
        self._sound = True
        yield

    def _easing(self, step: Step) -> Step:
        """The step without what quick_check made needless when it has passed: measuring each cell of each page, copying each page."""

        def eased(connection: sqlite3.Connection) -> Generator[None]:
            _set(connection, _SOUND if self._sound else ())
            yield from step(connection)
            _set(connection, _HOSTILE)

        return eased

    def _count(self, connection: sqlite3.Connection) -> Generator[None]:
        self.totals = control_totals(connection)
        yield


def _open_warily(path: Path) -> sqlite3.Connection:
    """Open an image and stay at this moment of it: the first page is read here, and not again before the connection is closed."""
    connection = sqlite3.connect(read_only(path), uri=True, isolation_level=None, check_same_thread=False)
    try:
        _set(connection, _HOSTILE)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _set(connection: sqlite3.Connection, pragmas: tuple[str, ...]) -> None:
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _check_keys(table: str, connection: sqlite3.Connection) -> Generator[None]:
    """The indexes that an image has, those of keys that are texts: quick_check doesn't compare them with their tables."""
    (indexes,) = connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table,)).fetchone()
    if indexes and connection.execute(f"PRAGMA integrity_check('{table}')").fetchone() != ("ok",):
        raise Unsound("schema-unexpected", what=f"integrity_check {table}")
    yield


def _check_references(table: str, connection: sqlite3.Connection) -> Generator[None]:
    if connection.execute(f"PRAGMA foreign_key_check('{table}')").fetchone() is not None:
        raise Unsound("schema-unexpected", what="foreign_key_check")
    yield


def _read_rows(share: int, table: str, connection: sqlite3.Connection) -> Generator[None]:
    """Hold one share of the rows to the constraints, which quick_check passes over in a file that is only read, and read their texts.

    Many rows at a time; a text that isn't UTF-8 raises sqlite3.Error. Not those that must be one of some texts: what isn't UTF-8
    equals none of these.
    """
    rules = rules_of(table)
    texts = [f'group_concat("{name}")' for name in text_columns_in(connection, table) if name not in one_of_some(rules)]
    against = " OR ".join(f"NOT ({rule})" for rule in rules) or "FALSE"
    chunk = f"SELECT {', '.join((f'count(*) FILTER (WHERE {against})', *texts))} FROM {table} WHERE rowid > ? AND rowid <= ?"
    start, last = _share_of_rows(share, table, connection)
    while start is not None and start < last:
        end = min(start + _ROWS_AT_A_TIME, last)
        if connection.execute(chunk, (start, end)).fetchone()[0]:
            raise Unsound("schema-unexpected", what=f"{table}: {against}")
        yield
        (start,) = connection.execute(f"SELECT min(rowid) - 1 FROM {table} WHERE rowid > ?", (end,)).fetchone()


def _share_of_rows(share: int, table: str, connection: sqlite3.Connection) -> tuple[int | None, int]:
    """Behind which row a share begins and with which it ends, by their numbers; None for a table without rows."""
    ends = f"SELECT (SELECT min(rowid) FROM {table}), (SELECT max(rowid) FROM {table})"  # each by itself: both at once read all rows
    lowest, highest = connection.execute(ends).fetchone()
    if lowest is None:
        return None, 0
    if lowest < -_FAR or highest > _FAR:
        raise Unsound("schema-unexpected", what=f"{table}: rowid")
    before, many = lowest - 1, highest - lowest + 1
    return before + many * share // _SHARES, before + many * (share + 1) // _SHARES
