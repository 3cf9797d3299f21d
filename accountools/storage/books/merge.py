"""A staged year (`staging`) comes into the books: compared with what is there, then merged, in the transaction of the connection given.

The connection sees the staged year as the schema `staged` (`Engine.books`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from accountools.storage import schema
from accountools.storage.books.staging import UNDECLARED

_SIGNED = "CASE side WHEN 'D' THEN amount ELSE -amount END"
_COMPARED = {  # what a file may say otherwise of what is there
    "accounts": ("name", "kind", "rgs"),
    "journals": ("name", "kind", "offset_account"),
    "vat_codes": ("name", "payable_account", "receivable_account"),
    "relations": ("name", "kind", "kvk", "tax_number"),
}
_UPDATED = {  # what the newest year changes; what its file doesn't say stays
    "accounts": ("name", "kind", "rgs", "rgs_source", "more"),
    "journals": ("name", "kind", "offset_account", "bank_account", "more"),
    "vat_codes": ("name", "payable_account", "receivable_account", "more"),
    "relations": ("name", "kind", "city", "email", "kvk", "tax_country", "tax_number", "addresses", "more"),
}
_OPEN_KINDS = {"accounts": "M", "relations": "O"}  # what a file leaves open
_DECLARED = f"s.more IS NOT '{UNDECLARED}'"
_MOST_DIFFERENCES = 1_000
_WORTH_NEW_INDEXES = 20_000  # lines; for fewer the indexes stay


@dataclass(frozen=True)
class PresentYear:
    """A fiscal year that the books have."""

    label: str
    first_day: str
    last_day: str
    closed: bool
    sha256: str | None
    file: str | None
    is_empty: bool


@dataclass(frozen=True)
class Difference:
    """What the file says otherwise of an account, journal, VAT code or relation (`what`, the name of its table) that is there."""

    what: str
    code: str
    field: str
    here: str | None
    file: str | None


def list_years(connection: sa.Connection) -> list[PresentYear]:
    """The years, by their days."""
    used = "EXISTS (SELECT 1 FROM entries e WHERE e.year = y.label) OR EXISTS (SELECT 1 FROM opening_lines o WHERE o.year = y.label)"
    rows = connection.exec_driver_sql(
        f"SELECT label, first_day, last_day, closed, sha256, file, NOT ({used}) FROM years y ORDER BY first_day, label"
    )
    return [
        PresentYear(label, first, last, bool(closed), sha256, file, bool(empty)) for label, first, last, closed, sha256, file, empty in rows
    ]


def list_differences(connection: sa.Connection) -> list[Difference]:
    """What the staged year says otherwise of what is there; at most so many."""
    return list(_differences(connection))[:_MOST_DIFFERENCES]


def _differences(connection: sa.Connection) -> Iterator[Difference]:
    for table, columns in _COMPARED.items():
        differs = " OR ".join(f"({_is_stated(table, name)} AND m.{name} IS NOT s.{name})" for name in columns)
        pairs = ", ".join(f"m.{name}, s.{name}" for name in columns)
        query = f"SELECT m.code, {pairs} FROM main.{table} m JOIN staged.{table} s ON s.code = m.code WHERE {_DECLARED} AND ({differs})"
        for code, *values in connection.exec_driver_sql(f"{query} ORDER BY m.code LIMIT {_MOST_DIFFERENCES}"):
            for name, here, file in zip(columns, values[::2], values[1::2], strict=True):
                if here != file and file not in {None, "", _OPEN_KINDS.get(table) if name == "kind" else ""}:
                    yield Difference(table, code, name, here, file)


def count_new(connection: sa.Connection) -> dict[str, int]:
    """How many rows of each table the staged year adds."""
    found = {}
    for table in schema.BOOK_TABLES:
        new = f" WHERE code NOT IN (SELECT code FROM main.{table})" if table in _COMPARED else ""
        found[table] = int(connection.exec_driver_sql(f"SELECT count(*) FROM staged.{table}{new}").scalar_one())
    return found


def closing_balances(connection: sa.Connection, year: str, database: str = "main") -> dict[str, int]:
    """The balances of the balance sheet's accounts at the end of a year, in cents; those that are not zero."""
    movements = (
        f"SELECT account, {_SIGNED} AS net FROM {database}.lines WHERE entry IN (SELECT id FROM {database}.entries WHERE year = :year)"
    )
    opening = f"SELECT account, {_SIGNED} AS net FROM {database}.opening_lines WHERE year = :year"
    accounts = f"SELECT code FROM {database}.accounts WHERE kind <> 'P'"
    query = f"SELECT account, sum(net) FROM ({opening} UNION ALL {movements}) WHERE account IN ({accounts}) GROUP BY account"
    return {account: int(net) for account, net in connection.execute(sa.text(query), {"year": year}) if net}


def opening_balances(connection: sa.Connection, year: str, database: str = "main") -> dict[str, int]:
    """The opening balances of a year by account, in cents; those that are not zero."""
    query = f"SELECT account, sum({_SIGNED}) FROM {database}.opening_lines WHERE year = :year GROUP BY account"
    return {account: int(net) for account, net in connection.execute(sa.text(query), {"year": year}) if net}


def merge_staged(connection: sa.Connection, replaced: Iterable[str], *, newest: bool) -> None:
    """Put the staged year into the books, in place of the years that are `replaced`.

    `newest`: no later year is there, so that what the file says of accounts and relations holds.
    """
    for label in replaced:
        _remove_year(connection, label)
    execute = connection.exec_driver_sql
    counts = [int(execute(f"SELECT count(*) FROM {database}.lines").scalar_one()) for database in ("main", "staged")]
    tables = [schema.BOOKS.tables[name] for name in schema.LARGE_TABLES]
    indexes = [index for table in tables for index in table.indexes] if counts[1] > max(counts[0], _WORTH_NEW_INDEXES) else []
    for index in indexes:
        index.drop(connection)
    for table in ("years", "periods"):
        _copy(connection, table)
    for table, columns in _UPDATED.items():
        if newest:
            values = ", ".join(f"{name} = iif({_is_stated(table, name)}, s.{name}, main.{table}.{name})" for name in columns)
            execute(f"UPDATE main.{table} SET {values} FROM staged.{table} s WHERE s.code = main.{table}.code AND {_DECLARED}")
        _copy(connection, table, f" WHERE code NOT IN (SELECT code FROM main.{table})")
    _copy(connection, "relation_balances")
    shifts = {name: _highest_id(connection, name) for name in ("opening_lines", "entries", "lines", "vat_rows", "subledger_lines")}
    _copy(connection, "opening_lines", id=shifts["opening_lines"])
    _copy(connection, "entries", id=shifts["entries"])
    _copy(connection, "lines", id=shifts["lines"], entry=shifts["entries"])
    _copy(connection, "vat_rows", id=shifts["vat_rows"], line=shifts["lines"])
    _copy(connection, "subledger_lines", id=shifts["subledger_lines"], line=shifts["lines"], opening_line=shifts["opening_lines"])
    for index in indexes:
        index.create(connection)


def _is_stated(table: str, column: str) -> str:
    """Whether the file says anything in this column: an expression."""
    decided = f" AND s.kind <> '{_OPEN_KINDS[table]}'" if column == "kind" and table in _OPEN_KINDS else ""
    return f"s.{column} IS NOT NULL AND s.{column} <> ''{decided}"


def _copy(connection: sa.Connection, table: str, where: str = "", **shifts: int) -> None:
    """Copy the rows of a table; `shifts` are added to the numbers in these columns."""
    names = [column.name for column in schema.BOOKS.tables[table].columns]
    values = ", ".join(f"{name} + {shifts[name]}" if name in shifts else name for name in names)
    connection.exec_driver_sql(f"INSERT INTO main.{table} ({', '.join(names)}) SELECT {values} FROM staged.{table}{where} ORDER BY rowid")


def _remove_year(connection: sa.Connection, label: str) -> None:
    entries = "SELECT id FROM main.entries WHERE year = :year"
    lines = f"SELECT id FROM main.lines WHERE entry IN ({entries})"
    for table, where in (
        ("subledger_lines", "year = :year"),
        ("vat_rows", f"line IN ({lines})"),
        ("lines", f"entry IN ({entries})"),
        ("entries", "year = :year"),
        ("opening_lines", "year = :year"),
        ("relation_balances", "year = :year"),
        ("periods", "year = :year"),
        ("years", "label = :year"),
    ):
        connection.execute(sa.text(f"DELETE FROM main.{table} WHERE {where}"), {"year": label})


def _highest_id(connection: sa.Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM main.{table}").scalar_one())
