"""Connections to SQLite databases, opened safely, and transactions on them. Errors of the database end a transaction as ours."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from accountools.failpoints import reach
from accountools.storage import schema
from accountools.storage.errors import translated_errors

BUSY_MILLISECONDS = 10_000
_MAX_READ_ONLY_COPY = 256 << 20  # bytes of a database that is read into memory
_WAL_IN_HEADER = slice(18, 20)
_compiled: dict[Any, Any] = {}
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF")


def create_engine(path: Path, longest: int = schema.LONGEST_LIST) -> sa.Engine:
    """An engine whose transactions begin with the statement in their execution option `begin`; its URL names the file.

    `longest` is how many bytes a row may have.
    """
    url = sa.URL.create("sqlite", database=str(path))
    dialect = _prototype().dialect
    pool = sa.NullPool(cast("Any", lambda: connect(path, longest)), dialect=dialect)
    engine = sa.Engine(pool, dialect, url, execution_options={"compiled_cache": _compiled})

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options()["begin"])

    return engine


@cache
def _prototype() -> sa.Engine:
    """An engine of no file: what SQLAlchemy learns of SQLite is asked once, and a statement compiled for one file serves all."""
    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool)
    engine.connect().close()
    return engine


def connect(path: Path, longest: int = schema.LONGEST_LIST) -> sqlite3.Connection:
    """Open an existing database; read-only where nothing may be written. Raises sqlite3.Error."""
    try:
        connection = _connect_to_write(path)
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise
        copy = _read_only_copy(path)
        if copy is None:
            raise
        connection = copy
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    return connection


def _connect_to_write(path: Path) -> sqlite3.Connection:
    with suppress(FileNotFoundError):  # of an interrupted writer there may be one; SQLite would wait for ever to read a pipe of that name
        if not stat.S_ISREG(Path(f"{path}-journal").stat().st_mode):
            raise sqlite3.DatabaseError(f"{path.name}-journal is not a file")
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _read_only_copy(path: Path) -> sqlite3.Connection | None:
    """A copy in memory of a database in a folder where no WAL can be made: a read-only disk, another user's office.

    None while another program has it open, when it is large, or when it can't be read. SQLite refuses to write to it.
    """
    try:
        before = path.stat()
        data = bytearray(path.read_bytes() if before.st_size <= _MAX_READ_ONLY_COPY else b"")
        after, log = path.stat(), Path(f"{path}-wal")
        if not data or (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or (log.exists() and log.stat().st_size):
            return None
    except OSError:
        return None
    data[_WAL_IN_HEADER] = b"\x01\x01"  # SQLite's file format, 1.3: not a WAL database, which can't be in memory
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(bytes(data))
    for pragma in ("trusted_schema = OFF", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


@contextmanager
def transaction(engine: sa.Engine, begin: str) -> Iterator[sa.Connection]:
    """One transaction, begun by the statement `begin`."""
    with translated_errors(path_of(engine)), engine.connect().execution_options(begin=begin) as connection, connection.begin():
        yield connection


@contextmanager
def write_transaction(engine: sa.Engine, which: str) -> Iterator[sa.Connection]:
    """A transaction that changes `which`, `register` or `books`: all or nothing."""
    with translated_errors(path_of(engine)):
        with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection:
            with connection.begin():
                yield connection
                reach(f"before-commit-{which}")
            reach(f"after-commit-{which}")
            reach(f"before-close-{which}")
        reach(f"after-close-{which}")


def path_of(engine: sa.Engine) -> Path:
    """The file of an engine that `create_engine` made."""
    return Path(engine.url.database or "")
