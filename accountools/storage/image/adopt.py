"""A checked image becomes the books themselves: its rows stay where they are, the indexes are added, the register's extract is removed.

Why that is as safe as copying the rows: docs/decisions/0008-adopting-images.md. Nothing here is durable before the caller syncs the file,
and after a failure the file must be thrown away.
"""

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from accountools.storage import schema
from accountools.storage.migrations import migrate

_PRAGMAS = (  # no other program has the file
    "journal_mode = OFF",
    "synchronous = OFF",
    "foreign_keys = OFF",
    "trusted_schema = OFF",
    "secure_delete = ON",
    "cell_size_check = ON",
)
_SMALL_CACHE, _LARGE_CACHE = 2_000, 16_384  # KiB to sort in: the small one fits in the processor's cache
_MOSTLY_SORTED = {"ix_lines_entry"}  # for these the large one is faster


def turn_into_books(image: Path, revision: str, header: Iterable[str]) -> bool:
    """Turn the image, which passed its checks, into books as `migrate.create` makes them, of the image's own version.

    `header` are the statements that set its application id and user version. Gives whether that is the present one.
    """
    with closing(open_to_adopt(image)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("BEGIN")
        connection.execute("DROP TABLE slice")
        for _ in make_indexes(connection):
            pass
        _make_tables(connection, version)
        connection.execute("INSERT INTO marks (id, mark) VALUES (1, ?)", (revision,))
        connection.execute("INSERT INTO alembic_version VALUES (?)", (_alembic_revision(version),))
        for pragma in header:
            connection.execute(pragma).close()
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL").close()
    return _alembic_revision(version) == schema.REVISION


def open_to_adopt(image: Path) -> sqlite3.Connection:
    """Open an image to turn it into books: nothing that is written is durable."""
    uri = f"{image.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, schema.LONGEST_LIST)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def make_indexes(connection: sqlite3.Connection) -> Generator[None]:
    """Make the indexes of books in an image; it may still be being checked, the checks read none of the pages that this writes."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    for kind, name, text in _schema_of_books(version):
        if kind == "index" and name not in present:
            connection.execute(f"PRAGMA cache_size = {-(_LARGE_CACHE if name in _MOSTLY_SORTED else _SMALL_CACHE)}").close()
            connection.execute(text)
            yield


def _make_tables(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables that an image lacks, and give the others the schema texts of books, which name their constraints.

    Only texts change, in the way that SQLite's manual gives (lang_altertable.html, section 7): `expected_schema` and a test keep
    columns, types, keys and constraints equal.
    """
    present = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    tables = {name: text for kind, name, text in _schema_of_books(version) if kind == "table"}
    for name in tables.keys() - present:
        connection.execute(tables[name])
    connection.execute("PRAGMA writable_schema = ON").close()
    texts = [(tables[name], name) for name in present]
    connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", texts)
    connection.execute("PRAGMA writable_schema = OFF").close()


@cache
def _schema_of_books(version: int) -> tuple[tuple[str, str, str], ...]:
    """Kind, name and text of each table and index in books of a version, as in `sqlite_schema`."""
    with sa.create_engine("sqlite://", poolclass=sa.StaticPool).begin() as connection:
        if _alembic_revision(version) == schema.REVISION:
            migrate.create(connection, schema.BOOKS)
        else:
            migrate.upgrade(connection, "books", _alembic_revision(version))
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").all()
    return tuple((str(kind), str(name), str(text)) for kind, name, text in rows)


def _alembic_revision(version: int) -> str:
    return f"{version:04d}"
