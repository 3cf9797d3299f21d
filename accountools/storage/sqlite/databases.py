"""SQLite databases as files: created, copied, moved and removed whole. Errors of SQLite are raised as ours."""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.failpoints import reach
from accountools.storage import schema
from accountools.storage.errors import translated_errors
from accountools.storage.image import adopt as image_adoption
from accountools.storage.migrations import migrate
from accountools.storage.sqlite.books_stamp import BooksStamp
from accountools.storage.sqlite.connections import connect, create_engine, transaction

_NETWORK_KINDS = {"nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "fuse.sshfs", "davfs", "ncpfs", "afs"}


def refuse_network_share(folder: Path) -> None:
    """Raise `network-share` when `folder` is on one: WAL can't work there."""
    import psutil

    path = str(folder.absolute())
    mounts = [part for part in psutil.disk_partitions(all=True) if Path(path).is_relative_to(part.mountpoint)]
    kind = max(mounts, key=lambda part: len(part.mountpoint)).fstype.lower() if mounts else ""
    if kind in _NETWORK_KINDS or path.startswith(("\\\\", "//")):
        raise Refused("network-share", path=folder, kind=kind or "UNC")


def create(path: Path, tables: sa.MetaData, fill: Callable[[sa.Connection], None]) -> None:
    """Create a private database with these tables; `fill` writes its first rows. It is whole and durable when this returns."""
    safe_files.create_private(path).close()
    reach("before-make-database")
    longest = schema.LONGEST_TEXT if tables is schema.BOOKS else schema.LONGEST_LIST
    with transaction(create_engine(path, longest), "BEGIN IMMEDIATE") as connection:
        migrate.create(connection, tables)
        fill(connection)
    _checkpoint(path)
    reach("after-make-database")


def adopt(image: Path, revision: str, stamp: BooksStamp) -> None:
    """Turn a checked image into books of the present version, in one file that the caller syncs."""
    reach("before-adopt-image")
    with translated_errors(image):
        is_current = image_adoption.turn_into_books(image, revision, stamp.pragmas())
    if not is_current:
        with transaction(create_engine(image), "BEGIN IMMEDIATE") as connection:
            migrate.upgrade(connection, "books")
    _checkpoint(image)
    reach("after-adopt-image")


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at this moment into the empty one at `target`, durably."""
    reach("before-copy-database")
    with translated_errors(target), closing(connect(source)) as old, closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = FULL").close()  # not in WAL mode yet: it gets the source's page size
        old.backup(new)
    _checkpoint(target)
    reach("after-copy-database")


def stamp(path: Path, as_what: BooksStamp) -> None:
    """Write in books whose they are, durably."""
    with translated_errors(path), closing(connect(path)) as books:
        for pragma in as_what.pragmas():
            books.execute(pragma).close()
    _checkpoint(path)


def copy_books(model: Path, target: Path, as_what: BooksStamp) -> None:
    """Copy closed books to a new file, under a revision of its own. It is not durable before the caller syncs it."""
    safe_files.create_private(target).close()
    shutil.copyfile(model, target)
    with translated_errors(target), closing(sqlite3.connect(target, isolation_level=None)) as books:
        for pragma in ("synchronous = OFF", "journal_mode = OFF", "secure_delete = ON"):  # no other program has it yet
            books.execute(f"PRAGMA {pragma}").close()
        books.execute("UPDATE marks SET mark = ?", (secrets.token_hex(8),))
        for pragma in as_what.pragmas():
            books.execute(pragma).close()
        books.execute("PRAGMA journal_mode = WAL").close()


def _checkpoint(path: Path) -> None:
    """Write what is in the WAL into the database's file, durably. Closing it does that too, but hides a failure."""
    if Path(f"{path}-wal").exists():
        with translated_errors(path), closing(connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def set_aside(path: Path, kept: Path) -> None:
    """Write a private copy of a database as it is now to `kept`, over an earlier one that may be incomplete."""
    aside = safe_files.temporary_path(kept)
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
        if os.path.lexists(f"{path}{ending}"):
            safe_files.move(Path(f"{path}{ending}"), Path(f"{target}{ending}"))


def is_damaged(path: Path) -> bool:
    """Whether a database can't be read any more, rather than for the moment."""
    try:
        with closing(connect(path)) as connection:
            connection.execute("SELECT version_num FROM alembic_version").close()
            return bool(connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",))
    except sqlite3.DatabaseError as error:
        return error.sqlite_errorname.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR"))


def move_away(path: Path, target: Path) -> None:
    """As `move`, but the database itself first: whoever opens it meanwhile finds none, rather than one without its WAL."""
    if Path(f"{path}-wal").exists():
        with suppress(sqlite3.Error), closing(connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    for ending in ("", "-wal", "-shm"):
        if Path(f"{path}{ending}").exists():
            safe_files.move(Path(f"{path}{ending}"), Path(f"{target}{ending}"))


def final_revision(path: Path) -> str:
    """The revision of books that nobody finds any more, once whoever was changing them is done."""
    with translated_errors(path), closing(connect(path)) as books:
        books.execute("BEGIN IMMEDIATE").close()
        return str(books.execute("SELECT mark FROM marks").fetchone()[0])


def remove(path: Path) -> None:
    """Remove a database with its WAL, shared memory and journal; itself last: as long as it is there, they are its own."""
    for ending in ("-wal", "-shm", "-journal", ""):
        safe_files.discard(Path(f"{path}{ending}"))
