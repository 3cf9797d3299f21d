"""A staged year (`staging`) comes into the books: compared with what is there, then merged, in the transaction of the connection given.

`staged` is a connection that reads the staged year (`staging.reading_staged`). Its rows come into the books by `Engine.copy_staged`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.storage import schema
from accountools.storage.books.balances import NET, OPENING_NET
from accountools.storage.books.completion import UNDECLARED
from accountools.storage.schema import accounts, entries, lines, opening_lines, years

_UPDATED = {  # what the newest year changes; what its file doesn't say stays
    "accounts": ("name", "kind", "rgs", "rgs_source", "more"),
    "journals": ("name", "kind", "offset_account", "bank_account", "more"),
    "vat_codes": ("name", "payable_account", "receivable_account", "more"),
    "relations": ("name", "kind", "city", "email", "kvk", "tax_country", "tax_number", "addresses", "more"),
}
_COMPARED = {  # what is shown of it: not what only an audit file has a word for
    table: tuple(one for one in columns if one not in {"rgs_source", "more"}) for table, columns in _UPDATED.items()
}
CODED = frozenset(_COMPARED)  # the tables whose rows are those of all years: a code that is there doesn't come in again
_NUMBERED = {  # the columns that hold numbers of rows, with the table whose numbers they are
    "opening_lines": {"id": "opening_lines"},
    "entries": {"id": "entries"},
    "lines": {"id": "lines", "entry": "entries"},
    "vat_rows": {"id": "vat_rows", "line": "lines"},
    "subledger_lines": {"id": "subledger_lines", "line": "lines", "opening_line": "opening_lines"},
}
_OPEN_KINDS = {"accounts": "M", "relations": "O"}  # what a file leaves open
_MOST_DIFFERENCES = 1_000
_ROWS_AT_A_TIME = 1_000


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


@dataclass(frozen=True)
class Comparison:
    """What the staged year says otherwise, at most so many of it; how many more there are; and how many rows of each table it adds."""

    differences: tuple[Difference, ...]
    hidden: int
    adds: dict[str, int]


def list_years(connection: sa.Connection) -> list[PresentYear]:
    """The years, by their days."""
    used = sa.or_(sa.exists().where(entries.c.year == years.c.label), sa.exists().where(opening_lines.c.year == years.c.label))
    columns = (years.c[name] for name in ("label", "first_day", "last_day", "closed", "sha256", "file"))
    found = connection.execute(sa.select(*columns, sa.not_(used)).order_by(years.c.first_day, years.c.label))
    return [PresentYear(*row[:3], bool(row[3]), *row[4:6], bool(row[6])) for row in found]


def compare_staged(books: sa.Connection, staged: sa.Connection) -> Comparison:
    """Compare the staged year with what is there."""
    differences, hidden, adds = list[Difference](), 0, dict[str, int]()
    for name in schema.BOOK_TABLES:
        if name not in CODED:
            adds[name] = staged.execute(sa.select(sa.func.count()).select_from(schema.BOOKS.tables[name])).scalar_one()
            continue
        adds[name] = 0
        for row, here in _pairs(books, staged, name, _COMPARED[name]):
            if here is None:
                adds[name] += 1
            elif row["more"] != UNDECLARED:
                found = [
                    Difference(name, row["code"], column, here[column], row[column])
                    for column in _COMPARED[name]
                    if here[column] != row[column] and _is_stated(name, column, row[column])
                ]
                shown = found[: _MOST_DIFFERENCES - len(differences)]
                differences += shown
                hidden += len(found) - len(shown)
    return Comparison(tuple(differences), hidden, adds)


def closing_balances(connection: sa.Connection, year: str) -> dict[str, int]:
    """The balances of the balance sheet's accounts at the end of a year of books or staged, in cents; those that are not zero."""
    stated = sa.select(opening_lines.c.account, OPENING_NET.label("net")).where(opening_lines.c.year == year)
    booked = sa.select(lines.c.account, NET).join(entries, entries.c.id == lines.c.entry).where(entries.c.year == year)
    both = stated.union_all(booked).subquery()
    query = sa.select(both.c.account, sa.func.sum(both.c.net)).join(accounts, accounts.c.code == both.c.account)
    found = connection.execute(query.where(accounts.c.kind != "P").group_by(both.c.account))
    return {account: int(net) for account, net in found if net}


def staged_opening(staged: sa.Connection, year: str) -> dict[str, int]:
    """The opening balances of a staged year, by account, in cents; its entries that open it are among them (`move_opening_entries`)."""
    query = sa.select(opening_lines.c.account, sa.func.sum(OPENING_NET)).where(opening_lines.c.year == year)
    return {account: int(net) for account, net in staged.execute(query.group_by(opening_lines.c.account))}


def remove_year(connection: sa.Connection, label: str) -> None:
    """Remove a year with all that is in it."""
    own_entries = sa.select(entries.c.id).where(entries.c.year == label)
    own_lines = sa.select(lines.c.id).where(lines.c.entry.in_(own_entries))
    tables = schema.BOOKS.tables
    connection.execute(sa.delete(tables["subledger_lines"]).where(tables["subledger_lines"].c.year == label))
    connection.execute(sa.delete(tables["vat_rows"]).where(tables["vat_rows"].c.line.in_(own_lines)))
    connection.execute(sa.delete(lines).where(lines.c.entry.in_(own_entries)))
    for name in ("entries", "opening_lines", "relation_balances", "periods"):
        connection.execute(sa.delete(tables[name]).where(tables[name].c.year == label))
    connection.execute(sa.delete(years).where(years.c.label == label))


def update_from_staged(books: sa.Connection, staged: sa.Connection) -> None:
    """Let what the file says of accounts, journals, VAT codes and relations that are there hold: it is of the newest year."""
    for name, columns in _UPDATED.items():
        table, changed = schema.BOOKS.tables[name], list[dict[str, Any]]()
        update = sa.update(table).where(table.c.code == sa.bindparam("changed_code"))
        for row, here in _pairs(books, staged, name, columns):
            if here is None or row["more"] == UNDECLARED:
                continue
            values = {column: row[column] if _is_stated(name, column, row[column]) else here[column] for column in columns}
            if any(values[column] != here[column] for column in columns):
                changed.append({"changed_code": row["code"], **values})
            if len(changed) == _ROWS_AT_A_TIME:
                books.execute(update, changed)
                changed.clear()
        if changed:
            books.execute(update, changed)


def number_shifts(connection: sa.Connection) -> dict[str, dict[str, int]]:
    """What is added to the numbers in the staged year, by table and column, so that they follow on those that are there."""
    numbered = {name: schema.BOOKS.tables[name] for name in _NUMBERED}
    highest = {
        name: connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one() for name, table in numbered.items()
    }
    return {name: {column: highest[table] for column, table in columns.items()} for name, columns in _NUMBERED.items()}


def _is_stated(table: str, column: str, value: str | None) -> bool:
    """Whether the file says anything in this column."""
    return value not in {None, ""} and not (column == "kind" and value == _OPEN_KINDS.get(table))


def _pairs(
    books: sa.Connection, staged: sa.Connection, name: str, columns: Sequence[str]
) -> Iterator[tuple[sa.RowMapping, sa.RowMapping | None]]:
    """The rows of a table of the staged year, by code, each with that of the books, where there is one; both are read side by side."""
    table = schema.BOOKS.tables[name]
    query = sa.select(*(table.c[one] for one in dict.fromkeys(("code", "more", *columns)))).order_by(table.c.code)
    present = _stream(books, query)
    here = next(present, None)
    for row in _stream(staged, query):
        while here is not None and here["code"] < row["code"]:
            here = next(present, None)
        yield row, here if here is not None and here["code"] == row["code"] else None


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[sa.RowMapping]:
    yield from connection.execute(query, execution_options={"yield_per": _ROWS_AT_A_TIME}).mappings()
