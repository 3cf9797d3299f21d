"""The tables of an image: their frozen texts, version by version, and how rows are copied between them and the live ones."""

import sqlite3
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.storage import schema

Kind = Literal["administration", "register"]


@cache
def statements(kind: Kind, version: int) -> tuple[str, ...]:
    """The frozen texts that make an image's tables."""
    text = files("accountools.storage").joinpath("image_schema", f"{kind}_{version}.sql").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("--"))
    return tuple(statement.strip() for statement in "\n".join(lines).split(";") if statement.strip())


@cache
def expected_schema(kind: Kind, version: int) -> frozenset[tuple[str, str, str, str | None]]:
    """What `sqlite_schema` must hold: type, name, table and text. Raises `schema-unexpected` for a version that never was."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.executescript(";".join(statements(kind, version)))
        except FileNotFoundError as error:
            raise Unsound("schema-unexpected", what=f"user_version {version}") from error
        return frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall())


def columns_in(connection: sqlite3.Connection, place: str, table: str) -> list[str]:
    """A table's columns as they lie."""
    return [row[1] for row in connection.execute(f"PRAGMA {place}.table_info({table})")]


def whole(table: str, source: str) -> str:
    """Copy a table as it lies: SQLite then moves records without taking them apart."""
    return f"INSERT INTO main.{table} SELECT * FROM {source}.{table}"


def row_by_row(table: str, source: str, where: str = "") -> str:
    """Copy a table's rows one by one, each checked against the constraints and put into the indexes."""
    names = columns(table)
    return f"INSERT INTO main.{table} ({names}) SELECT {names} FROM {source}.{table}{where} ORDER BY rowid"


def read_only(path: Path) -> str:
    """The URI of an image that nobody changes while it is open."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def columns(table: str) -> str:
    """The columns of a live table, as SQL."""
    return ", ".join(f'"{column.name}"' for column in _table(table).columns)


def checks_of(table: str) -> list[str]:
    """The constraints that a live table puts on its values, as SQL."""
    return [str(one.sqltext) for one in _table(table).constraints if isinstance(one, sa.CheckConstraint)]


def _table(name: str) -> sa.Table:
    return schema.BOOKS.tables[name] if name in schema.BOOKS.tables else schema.REGISTER.tables[name]
