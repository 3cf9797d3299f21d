"""A staged year (`storage.books.staging`) comes into books by SQLite alone: it is attached, and copied by a statement for each table."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from accountools.storage import schema
from accountools.storage.books.merge import CODED
from accountools.storage.image.tables import read_only_uri

_WORTH_NEW_INDEXES = 20_000  # lines; for fewer the indexes stay


def copy_staged_year(connection: sa.Connection, staged: Path, shifts: Mapping[str, Mapping[str, int]]) -> None:
    """Copy the rows of a staged year, as `Engine.copy_staged`. Where it is larger than what is there, indexes are made anew."""
    execute = connection.exec_driver_sql
    execute("ATTACH ? AS staged", (read_only_uri(staged),))
    here, there = (int(execute(f"SELECT count(*) FROM {one}.lines").scalar_one()) for one in ("main", "staged"))  # noqa: S608 - our own names
    tables = [schema.BOOKS.tables[name] for name in schema.LARGE_TABLES]
    indexes = [index for table in tables for index in table.indexes] if there > max(here, _WORTH_NEW_INDEXES) else []
    for index in indexes:
        index.drop(connection)
    for name in schema.BOOK_TABLES:
        columns, shifted = [column.name for column in schema.BOOKS.tables[name].columns], shifts.get(name, {})
        values = ", ".join(f"{column} + {shifted[column]}" if column in shifted else column for column in columns)
        new = f"WHERE code NOT IN (SELECT code FROM main.{name})" if name in CODED else ""  # noqa: S608 - our own names
        rows = f"SELECT {values} FROM staged.{name} {new} ORDER BY rowid"  # noqa: S608 - our own names
        execute(f"INSERT INTO main.{name} ({', '.join(columns)}) {rows}")
    for index in indexes:
        index.create(connection)
