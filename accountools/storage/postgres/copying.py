"""Rows of books streamed: into an image, from one, from a staged year, and from books to other books."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from psycopg import capabilities

from accountools.storage import schema
from accountools.storage.books.merge import CODED
from accountools.storage.image.file_format import read_header
from accountools.storage.image.tables import read_only_uri
from accountools.storage.postgres.connections import name_administration
from accountools.storage.postgres.tables import ADMINISTRATION, BOOKS, CURRENT, REGISTER
from accountools.storage.sqlite import databases
from accountools.storage.sqlite.books_stamp import BooksStamp

# from libpq 17 on the driver takes rows by the hundred, a few at a time
_ROWS_AT_A_TIME = 100 if capabilities.has_stream_chunked() else 1


@contextmanager
def read_rows(connection: sa.Connection, table: str, columns: Sequence[str], where: str = "") -> Iterator[Iterator[tuple[Any, ...]]]:
    """The rows of a table: of the register, or of the books of the connection's transaction. By key, so that copies are alike.

    Until the block is left nothing else can be asked of the connection, not even a rollback: the driver locks it.
    """
    shared = BOOKS.tables.get(table)
    its = REGISTER.tables[table] if shared is None else shared
    names = ", ".join(f'"{name}"' for name in columns)
    keys = ", ".join(f'"{name}"' for name in its.primary_key.columns.keys())  # noqa: SIM118
    where = where if shared is None else f" WHERE {ADMINISTRATION} = {CURRENT}"
    query = f'SELECT {names} FROM "{table}"{where} ORDER BY {keys}'  # noqa: S608 - our own names
    query = name_administration(connection, query)
    with _cursor(connection) as cursor, closing(cursor.stream(query, binary=True, size=_ROWS_AT_A_TIME)) as rows:
        yield rows


def filled_columns(connection: sa.Connection, table: str, columns: Sequence[str]) -> list[str]:
    """Those of these columns in which anything is, in the books of the connection's transaction: of lines, most are empty."""
    its = schema.BOOKS.tables[table]
    optional = [name for name in columns if its.c[name].nullable]
    if not optional:
        return list(columns)
    counts = connection.execute(sa.select(*(sa.func.count(its.c[name]).label(name) for name in optional))).mappings().one()
    return [name for name in columns if counts.get(name, 1)]


def write_image_rows(connection: sa.Connection, image: Path) -> None:
    """Write the rows of a checked image, of any version, as the books of the connection's transaction."""
    if read_header(image).version < schema.VERSION:
        databases.adopt(image, "", BooksStamp())
    with closing(sqlite3.connect(read_only_uri(image), uri=True)) as source:
        for name in schema.BOOK_TABLES:
            _write_rows(connection, source, name)


def write_staged_rows(connection: sa.Connection, staged: Path, shifts: Mapping[str, Mapping[str, int]]) -> None:
    """Write the rows of a staged year as `Engine.copy_staged` says."""
    with closing(sqlite3.connect(read_only_uri(staged), uri=True)) as source:
        source.execute("CREATE TEMP TABLE present (code TEXT PRIMARY KEY) WITHOUT ROWID")
        for name in schema.BOOK_TABLES:
            where = ""
            if name in CODED:
                source.execute("DELETE FROM present")
                with read_rows(connection, name, ["code"]) as codes:
                    source.executemany("INSERT INTO present VALUES (?)", codes)
                where = "WHERE code NOT IN (SELECT code FROM present)"
            _write_rows(connection, source, name, where, shifts.get(name, {}))


def _write_rows(
    connection: sa.Connection, source: sqlite3.Connection, table: str, where: str = "", shifts: Mapping[str, int] = MappingProxyType({})
) -> None:
    """Write rows of a table in a SQLite file as those of the books of the connection's transaction."""
    names = [column.name for column in schema.BOOKS.tables[table].columns]
    columns = ", ".join(f'"{name}"' for name in names)
    key = int(connection.get_execution_options()[ADMINISTRATION])
    values = ", ".join(f'"{name}" + {shifts[name]}' if name in shifts else f'"{name}"' for name in names)
    rows = source.execute(f'SELECT {key}, {values} FROM "{table}" {where} ORDER BY rowid')  # noqa: S608 - our own names
    statement = f'COPY "{table}" ({ADMINISTRATION}, {columns}) FROM STDIN (FORMAT BINARY)'
    with _cursor(connection) as cursor, cursor.copy(statement) as target:
        target.set_types([_type_name(column.type) for column in BOOKS.tables[table].columns])
        for row in rows:
            target.write_row(row)


def copy_rows(connection: sa.Connection, source: int, target: int) -> None:
    """Copy all rows of books to other books."""
    for table in schema.BOOK_TABLES:
        names = ", ".join(f'"{column.name}"' for column in schema.BOOKS.tables[table].columns)
        rows = f'SELECT {int(target)}, {names} FROM "{table}" WHERE {ADMINISTRATION} = {int(source)}'  # noqa: S608 - our own names
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({ADMINISTRATION}, {names}) {rows}')


def _cursor(connection: sa.Connection) -> Any:
    """The driver's own cursor, which knows COPY."""
    return connection.connection.cursor()


def _type_name(type_: sa.types.TypeEngine[Any]) -> str:
    return "int8" if isinstance(type_, sa.BigInteger) else "text"
