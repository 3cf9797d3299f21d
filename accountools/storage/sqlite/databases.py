"""SQLite databases as files: opened with what is safe, made, copied, moved and removed whole."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.failpoints import reach
from accountools.storage.image import adopt as adopting
from accountools.storage.migrations import migrate

_BUSY_MILLISECONDS = 10_000
_LARGEST_STILL = 256 << 20  # bytes of a database that is read into memory
_WAL_IN_HEADER = slice(18, 20)
_NETWORK_KINDS = {"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "fuse.sshfs", "davfs", "ncpfs", "afs"}
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "trusted_schema = OFF")


def refuse_network_share(folder: Path) -> None:
    """Raise `network-share` when `folder` lies on one: WAL can't work there."""
    import psutil

    place = str(folder.absolute())
    mounts = [part for part in psutil.disk_partitions(all=True) if Path(place).is_relative_to(part.mountpoint)]
    kind = max(mounts, key=lambda part: len(part.mountpoint)).fstype.lower() if mounts else ""
    if kind in _NETWORK_KINDS or place.startswith(("\\\\", "//")):
        raise Refused("network-share", path=folder, kind=kind or "UNC")


def engine_of(path: Path) -> sa.Engine:
    """An engine whose transactions begin as their `begin` option says."""
    engine = sa.create_engine("sqlite://", creator=lambda: connect(path), poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options()["begin"])

    return engine


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that is there; where nothing may be written, to read only."""
    try:
        return _open(path)
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise
        still = _still(path)
        if still is None:
            raise
        return still


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except BaseException:
        connection.close()
        raise
    return connection


def _still(path: Path) -> sqlite3.Connection | None:
    """A database in a folder where no WAL can be made (a disk that is only read, another's office), as it lies there, in memory.

    None while somebody else has it open, when it is large, or when it can't be read. What is written to it is refused by SQLite.
    """
    try:
        before = path.stat()
        data = bytearray(path.read_bytes() if before.st_size <= _LARGEST_STILL else b"")
        after, log = path.stat(), Path(f"{path}-wal")
        if not data or (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or (log.exists() and log.stat().st_size):
            return None
    except OSError:
        return None
    data[_WAL_IN_HEADER] = b"\x01\x01"  # SQLite's file format, 1.3: neither read nor written by way of a WAL, which memory has none of
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(bytes(data))
    for pragma in ("trusted_schema = OFF", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


@contextmanager
def transaction(engine: sa.Engine, begin: str) -> Iterator[sa.Connection]:
    """One transaction, begun by the statement `begin`."""
    with engine.connect().execution_options(begin=begin) as connection, connection.begin():
        yield connection


@contextmanager
def changing(engine: sa.Engine, which: str) -> Iterator[sa.Connection]:
    """A transaction that writes in `which`, `register` or `books`: all or nothing."""
    with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection:
        with connection.begin():
            yield connection
            reach(f"before-commit-{which}")
        reach(f"after-commit-{which}")
        reach(f"before-close-{which}")
    reach(f"after-close-{which}")


def make(path: Path, tables: sa.MetaData, fill: Callable[[sa.Connection], None]) -> None:
    """Make a new private database with these tables; `fill` writes its first rows. It is whole and durable when this returns."""
    safe_files.create_private(path).close()
    reach("before-make-database")
    with transaction(engine_of(path), "BEGIN IMMEDIATE") as connection:
        migrate.create(connection, tables)
        fill(connection)
    _fold(path)
    reach("after-make-database")


def adopt(image: Path, mark: str) -> None:
    """Turn a checked image into books of the present version, in one file that the caller syncs."""
    reach("before-adopt-image")
    adopting.turn_into_books(image, mark)
    with transaction(engine_of(image), "BEGIN IMMEDIATE") as connection:
        if migrate.is_old(connection):
            migrate.upgrade(connection, "books")
    _fold(image)
    reach("after-adopt-image")


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at this moment into the empty one at `target`, durably."""
    reach("before-copy-database")
    with closing(connect(source)) as old, closing(sqlite3.connect(target)) as new:  # not in WAL yet: it takes the source's page size
        new.execute("PRAGMA synchronous = FULL").close()
        old.backup(new)
    _fold(target)
    reach("after-copy-database")


def _fold(path: Path) -> None:
    """See to it that all of a database is in its one file, durably. Closing it does that, but doesn't tell when it could not."""
    if Path(f"{path}-wal").exists():
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def set_aside(path: Path, kept: Path) -> None:
    """A private copy of a database as it is now; one that was cut off before is made anew."""
    aside = safe_files.name_aside(kept)
    safe_files.create_private(aside).close()
    try:
        copy(path, aside)
        safe_files.sync_path(aside)
        safe_files.replace(aside, kept)
    finally:
        remove(aside)


def move(path: Path, target: Path) -> None:
    """Give a database another name, in one rename: what is still in its WAL is written into it first."""
    if Path(f"{path}-wal").exists():
        with suppress(sqlite3.Error), closing(connect(path)) as connection:  # one that can't be read is moved as it is
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    for ending in ("-wal", "-shm", ""):
        if Path(f"{path}{ending}").exists():
            safe_files.move(Path(f"{path}{ending}"), Path(f"{target}{ending}"))


def is_damaged(path: Path) -> bool:
    """Whether a database can't be read any more, rather than for the moment."""
    try:
        with closing(connect(path)) as connection:
            connection.execute("SELECT version_num FROM alembic_version").close()
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorname.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR"))


def remove(path: Path) -> None:
    """Remove a database with what lies beside it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        safe_files.discard(Path(f"{path}{ending}"))
