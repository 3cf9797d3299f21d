"""The tables of an image: their frozen texts, version by version, and how rows are copied between them and the live ones."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from accountools.domain.errors import Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema

Kind = Literal["administration", "register"]
APPLICATION_ID = 0x41434231  # «ACB1»: how `file` and we know an image
_SUMS = "coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE side = 'D'), 0)"
_ROWS_AT_A_TIME = 20_000
_ONE_OF = re.compile(r"(\w+) IN \('")
REGISTER_COPIED = tuple(name for name in schema.REGISTER_TABLES if name != "replacements")


@cache
def statements(kind: Kind, version: int) -> tuple[str, ...]:
    """The frozen texts that make an image's tables."""
    text = files("accountools.storage.image").joinpath("schema", f"{kind}_{version}.sql").read_text("utf-8")
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


def rules_of(table: str) -> list[str]:
    """The constraints on the values of a table of an image; none for those that only an image has."""
    known = table in schema.BOOKS.tables or table in schema.REGISTER.tables
    return checks_of(table) if known else []


def one_of_some(rules: list[str]) -> set[str]:
    """The columns that must be one of some short texts, by these constraints: nothing else can stand in them."""
    return {found[1] for rule in rules if (found := _ONE_OF.match(rule))}


def tables_in(connection: sqlite3.Connection) -> list[str]:
    """The names of its tables, in order."""
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]


def text_columns_in(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of texts, but those that refer to another table's: what is true of that one is true of them."""
    referring = {row[3] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    columns = connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'")
    return [name for (name,) in columns if name not in referring]


@dataclass(frozen=True)
class Look:
    """What is to see all texts of at least `shortest` bytes: `see` is given the bytes of many at a time, one after another."""

    shortest: int
    see: Callable[[bytes], None]


def see_texts(connection: sqlite3.Connection, look: Look) -> None:
    """Let every long text be seen, of books or of any image."""
    tables = {name: text_columns_in(connection, name) for name in tables_in(connection)}
    factory, connection.text_factory = connection.text_factory, bytes
    try:
        for table, names in tables.items():
            free = [f'"{name}"' for name in names if name not in one_of_some(rules_of(table))]
            for texts in _long_texts(connection, table, free, look.shortest) if free else ():
                look.see(texts)
    finally:
        connection.text_factory = factory


def _long_texts(connection: sqlite3.Connection, table: str, names: list[str], shortest: int) -> Iterator[bytes]:
    """The texts of the rows that have a long one, many rows at a time."""
    joined = ", ".join(f"group_concat({name}, '')" for name in names)
    long = " OR ".join(f"length(CAST({name} AS BLOB)) >= {shortest}" for name in names)
    (start,) = connection.execute(f"SELECT min(rowid) - 1 FROM {table}").fetchone()
    while start is not None:
        end = start + _ROWS_AT_A_TIME
        row = connection.execute(f"SELECT {joined} FROM {table} WHERE rowid > ? AND rowid <= ? AND ({long})", (start, end)).fetchone()
        yield from (texts for texts in row if texts)
        (start,) = connection.execute(f"SELECT min(rowid) - 1 FROM {table} WHERE rowid > ?", (end,)).fetchone()


def control_totals(connection: sqlite3.Connection) -> ControlTotals:
    """The control totals of an administration's image; amounts in cents."""
    together, debit = connection.execute(f"SELECT {_SUMS} FROM lines").fetchone()
    return ControlTotals(**row_counts(connection), debit=debit, credit=together - debit)  # a constraint: no line is on another side


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows the tables have that control totals count."""
    names = ("accounts", "entries", "lines", "relations")
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def _table(name: str) -> sa.Table:
    return schema.BOOKS.tables[name] if name in schema.BOOKS.tables else schema.REGISTER.tables[name]
