"""The tables of images and books as SQLite sees them: columns and constraints, copying, totals, and scanning their texts."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.errors import Refused
from accountools.domain.ledger import COUNTED, ControlTotals
from accountools.storage import schema

_SUMS = "coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE side = 'D'), 0)"
_ROWS_AT_A_TIME = 20_000
_ENUMERATION = re.compile(r"(\w+) IN \('")
_CONSTRAINT = re.compile(r"^\s*(?:CONSTRAINT \S+ )?CHECK \((.*)\),?\s*$", re.MULTILINE)


def read_only_uri(path: Path) -> str:
    """The URI of an image that nobody changes while it is open."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


def list_tables(connection: sqlite3.Connection) -> list[str]:
    """The names of the tables, in order."""
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]


def list_columns(connection: sqlite3.Connection, database: str, table: str) -> list[str]:
    """A table's columns in the order in which they are stored."""
    return [row[1] for row in connection.execute(f"PRAGMA {database}.table_info({table})")]


def list_text_columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """The text columns that don't refer to another table: what holds for the values of that one holds for theirs."""
    referring = {row[3] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    columns = connection.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'")
    return [name for (name,) in columns if name not in referring]


def copy_rows_sql(table: str, source: str, where: str = "") -> str:
    """Copy a table's rows one by one, each checked against the constraints and put into the indexes."""
    names = ", ".join(f'"{column.name}"' for column in _table(table).columns)
    return f"INSERT INTO main.{table} ({names}) SELECT {names} FROM {source}.{table}{where} ORDER BY rowid"


def list_constraints(text: str) -> list[str]:
    """The CHECK constraints of a table as SQL, by its text that was compared: those of its own version, each on a line of that text."""
    return _CONSTRAINT.findall(text)


def enumerated_columns(constraints: list[str]) -> set[str]:
    """The columns that these constraints restrict to a few short texts."""
    return {found[1] for constraint in constraints if (found := _ENUMERATION.match(constraint))}


def control_totals(connection: sqlite3.Connection) -> ControlTotals:
    """The control totals of an administration's books or image; amounts in cents."""
    together, debit = connection.execute(f"SELECT {_SUMS} FROM lines").fetchone()
    return ControlTotals(**row_counts(connection), debit=debit, credit=together - debit)  # a constraint: a line is debit or credit


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows the tables have that control totals count; an image of an older version has fewer of them."""
    counted = [name for name in list_tables(connection) if name in COUNTED]
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in counted}


@dataclass(frozen=True)
class TextScan:
    """A scan of all texts of at least `shortest` bytes: `see` is called with the bytes of many of them, one after another."""

    shortest: int
    search: Callable[[bytes], None]


def scan_texts(connection: sqlite3.Connection, scan: TextScan) -> None:
    """Scan the texts of books or of any image, but for those that one of a few fixed texts must be. Raises `text-too-long`."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, schema.LONGEST_LIST)
    columns = {table: list_text_columns(connection, table) for table in list_tables(connection)}
    factory, connection.text_factory = connection.text_factory, bytes
    try:
        for table, names in columns.items():
            enumerated = enumerated_columns(_own_constraints(table))
            free = [f'"{name}"' for name in names if name not in enumerated]
            for texts in _long_texts(connection, table, free, scan.shortest) if free else ():
                scan.search(texts)
    finally:
        connection.text_factory = factory


def _long_texts(connection: sqlite3.Connection, table: str, names: list[str], shortest: int) -> Iterator[bytes]:
    """The texts of the rows that have a long one, joined column by column for many rows at a time."""
    joined = ", ".join(f"group_concat({name}, '')" for name in names)
    longest = schema.LONGEST_TEXT if table in schema.BOOK_TABLES else schema.LONGEST_LIST
    long, too_long = (
        " OR ".join(f"length(CAST({name} AS BLOB)) > {bound}" for name in names) for bound in (min(shortest - 1, longest), longest)
    )
    query = f"SELECT count(*) FILTER (WHERE {too_long}), {joined} FROM {table} WHERE rowid > ? AND rowid <= ? AND ({long})"
    start, last = connection.execute(f"SELECT min(rowid) - 1, max(rowid) FROM {table}").fetchone()
    for found, *row in in_pieces(connection, table, query, _ROWS_AT_A_TIME, start, last):
        if found:
            raise Refused("text-too-long", what=table)
        yield from (texts for texts in row if texts)


def in_pieces(connection: sqlite3.Connection, table: str, query: str, most: int, start: int | None, last: int) -> Iterator[tuple[Any, ...]]:
    """What an aggregate `query` gives for the rows after `start` up to `last`, `most` at a time; its two parameters are such ends.

    Fewer at a time where their joined texts are longer than the connection allows. Raises sqlite3.DataError for one text that is.
    """
    many = most
    while start is not None and start < last:
        end = min(start + many, last)
        try:
            row = connection.execute(query, (start, end)).fetchone()
        except sqlite3.DataError as error:
            if error.sqlite_errorname != "SQLITE_TOOBIG" or end - start == 1:
                raise
            many = (end - start) // 2
            continue
        yield row
        many = min(2 * many, most)
        (start,) = connection.execute(f"SELECT min(rowid) - 1 FROM {table} WHERE rowid > ?", (end,)).fetchone()


def _own_constraints(table: str) -> list[str]:
    """The CHECK constraints that a table has by this program's own definition: what a file says of its own isn't believed."""
    if table not in schema.BOOKS.tables and table not in schema.REGISTER.tables:
        return []
    return [str(one.sqltext) for one in _table(table).constraints if isinstance(one, sa.CheckConstraint)]


def _table(name: str) -> sa.Table:
    return schema.BOOKS.tables[name] if name in schema.BOOKS.tables else schema.REGISTER.tables[name]
