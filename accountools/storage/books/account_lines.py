"""The lines of one account, one after the other: a ledger card. And those of one entry."""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from accountools.storage.books.balances import ENTRY_LINES, is_movement
from accountools.storage.schema import accounts, entries, lines

_AT_A_TIME = 1_000
_SHOWN = (  # of a line: document, description, relation, debit, credit
    sa.func.coalesce(sa.func.nullif(lines.c.document, ""), sa.func.nullif(lines.c.invoice, "")),
    sa.func.coalesce(sa.func.nullif(lines.c.description, ""), entries.c.description),
    lines.c.relation,
    sa.case((lines.c.side == "D", lines.c.amount), else_=0),
    sa.case((lines.c.side == "C", lines.c.amount), else_=0),
)


class AccountLine(NamedTuple):
    """A line as it is on a ledger card; debit and credit in cents, on the side that was written."""

    date: str
    period: int
    journal: str
    number: str
    document: str | None
    description: str
    relation: str | None
    debit: int
    credit: int
    due: str | None


class EntryLine(NamedTuple):
    """A line of an entry; debit and credit in cents, on the side that was written."""

    date: str
    line: str | None
    account: str
    name: str
    document: str | None
    description: str
    relation: str | None
    debit: int
    credit: int


def account_lines(connection: sa.Connection, account: str, year: str, until: str | None = None) -> Iterator[AccountLine]:
    """The lines of an account by day, read as they are asked for, within the transaction."""
    query = (
        sa.select(
            entries.c.date,
            entries.c.period,
            entries.c.journal,
            entries.c.number,
            *_SHOWN,
            lines.c.due,
        )
        .select_from(ENTRY_LINES)
        .where(lines.c.account == account, *is_movement(year, until))
        .order_by(entries.c.date, entries.c.id, lines.c.id)
    )
    for row in connection.execute(query, execution_options={"yield_per": _AT_A_TIME}):
        yield AccountLine._make(row)


def entry_lines(connection: sa.Connection, year: str, journal: str, number: str) -> list[EntryLine]:
    """The lines of the entries of a year with this number in this journal: as a rule it is one entry."""
    query = (
        sa.select(entries.c.date, lines.c.number, lines.c.account, sa.func.coalesce(accounts.c.name, ""), *_SHOWN)
        .select_from(ENTRY_LINES.outerjoin(accounts, accounts.c.code == lines.c.account))
        .where(entries.c.year == year, entries.c.journal == journal, entries.c.number == number)
        .order_by(entries.c.id, lines.c.id)
    )
    return [EntryLine._make(row) for row in connection.execute(query)]
