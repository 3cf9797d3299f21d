"""A checked image becomes the books themselves: its rows stay where they are, the indexes are added, the register's slice is removed.

Why that is as safe as copying the rows is in docs/decisions/0008-adopting-images.md. Nothing here is durable before the caller syncs it,
and a file that was being turned when something failed is good for nothing any more.
"""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from accountools.storage import schema
from accountools.storage.image.parallel import Step
from accountools.storage.migrations import migrate

_ALONE = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "foreign_keys = OFF",
    "trusted_schema = OFF",
    "secure_delete = ON",
    "cell_size_check = ON",
)
_SMALL, _LARGE = 2_000, 16_384  # KiB to sort in: small portions stay in the processor's cache
_IN_ORDER = {"ix_lines_entry"}  # of what mostly lies in its order already: larger portions are quicker then
_KEPT_BACK = ("slice",)


class Adoption:
    """Makes the indexes in an image that may still be under its checks: they read none of the pages that this writes."""

    def __init__(self, image: Path) -> None:
        self._connection = _open(image)

    def step(self) -> tuple[Step, sqlite3.Connection]:
        """The work, to be done beside others."""
        return _make_indexes, self._connection

    def close(self) -> None:
        """Done, or given up."""
        self._connection.close()


def turn_into_books(image: Path, mark: str) -> None:
    """Turn the image, which passed its checks, into books as `migrating.create` makes them, of the image's own version."""
    with closing(_open(image)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("BEGIN")
        for name in _KEPT_BACK:
            connection.execute(f"DROP TABLE {name}")
        for _ in _make_indexes(connection):
            pass
        _make_tables(connection, version)
        connection.execute("INSERT INTO marks (id, mark) VALUES (1, ?)", (mark,))
        connection.execute("INSERT INTO alembic_version VALUES (?)", (_revision(version),))
        connection.execute("PRAGMA application_id = 0").close()
        connection.execute("PRAGMA user_version = 0").close()
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").close()


def _open(image: Path) -> sqlite3.Connection:
    uri = f"{image.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    for pragma in _ALONE:
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def _make_indexes(connection: sqlite3.Connection) -> Generator[None]:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    for kind, name, text in _texts_of_books(version):
        if kind == "index" and name not in there:
            connection.execute(f"PRAGMA cache_size = {-(_LARGE if name in _IN_ORDER else _SMALL)}").close()
            connection.execute(text)
            yield


def _make_tables(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables that an image lacks, and let the others be described in the words of books, which name their constraints.

    A change of words only, in the way that SQLite's manual gives (lang_altertable.html, section 7): `expected_schema` and a test hold
    columns, types, keys and constraints equal.
    """
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    tables = {name: text for kind, name, text in _texts_of_books(version) if kind == "table"}
    for name in tables.keys() - there:
        connection.execute(tables[name])
    connection.execute("PRAGMA writable_schema = ON").close()
    connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", [(tables[name], name) for name in there])
    connection.execute("PRAGMA writable_schema = OFF").close()


@cache
def _texts_of_books(version: int) -> tuple[tuple[str, str, str], ...]:
    """Kind, name and text of each table and index in books of a version, as they are in sqlite_schema."""
    with sa.create_engine("sqlite://", poolclass=sa.StaticPool).begin() as connection:
        if _revision(version) == schema.REVISION:
            migrate.create(connection, schema.BOOKS)
        else:
            migrate.upgrade(connection, "books", _revision(version))
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").all()
    return tuple((str(kind), str(name), str(text)) for kind, name, text in rows)


def _revision(version: int) -> str:
    return f"{version:04d}"
