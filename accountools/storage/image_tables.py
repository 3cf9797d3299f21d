"""The tables of an image: their frozen texts, version by version, and how rows are copied between them and the live ones."""

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
_SUMS = "coalesce(sum(amount) FILTER (WHERE side = 'D'), 0), coalesce(sum(amount) FILTER (WHERE side = 'C'), 0)"
REGISTER_COPIED = tuple(name for name in schema.REGISTER_TABLES if name != "replacements")


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
    """What is to see each text of at least `shortest` bytes."""

    shortest: int
    see: Callable[[str], None]


def read_through(connection: sqlite3.Connection, look: Look) -> ControlTotals:
    """Read all rows of an administration once: its control totals (amounts in cents), and every long text is seen.

    Raises sqlite3.Error for a long text that isn't UTF-8.
    """
    (debit, credit), *_ = [read[1:3] for table, read in _read_tables(connection, look) if table == "lines"]
    return ControlTotals(**row_counts(connection), debit=debit, credit=credit)


def see_texts(connection: sqlite3.Connection, look: Look) -> None:
    """Let every long text of any image be seen. Raises sqlite3.Error for one that isn't UTF-8."""
    for _ in _read_tables(connection, look):
        pass


def _read_tables(connection: sqlite3.Connection, look: Look) -> Iterator[tuple[str, tuple[int, ...]]]:
    connection.create_function("see", 1, look.see)
    for table in tables_in(connection):
        sums = _SUMS if table == "lines" else "0, 0"
        sizes = ((name, f'length(CAST("{name}" AS BLOB))') for name in text_columns_in(connection, table))
        seen = "".join(f', count(CASE WHEN {size} >= {look.shortest} THEN see("{name}") END)' for name, size in sizes)
        yield table, connection.execute(f"SELECT count(*), {sums}{seen} FROM {table}").fetchone()


def control_totals(connection: sqlite3.Connection) -> ControlTotals:
    """The control totals of an administration's image; amounts in cents."""
    debit, credit = connection.execute(f"SELECT {_SUMS} FROM lines").fetchone()
    return ControlTotals(**row_counts(connection), debit=debit, credit=credit)


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows the tables have that control totals count."""
    names = ("accounts", "entries", "lines", "relations")
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def _table(name: str) -> sa.Table:
    return schema.BOOKS.tables[name] if name in schema.BOOKS.tables else schema.REGISTER.tables[name]
