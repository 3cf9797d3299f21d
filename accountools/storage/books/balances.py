"""The fiscal years of books with what is in them, and their balances by account, in cents, debit positive.

Entries that open a year, as in `completion.move_opening_entries`, are its opening balance where it has no other.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from accountools.storage.schema import accounts, entries, journals, lines, opening_lines, years

_OPENING_KIND = sa.or_(sa.func.upper(journals.c.kind) == "O", sa.func.lower(journals.c.kind).like("opening%"))
_OPENING_JOURNAL = entries.c.journal.in_(sa.select(journals.c.code).where(_OPENING_KIND))
_HAS_OPENING = sa.exists(sa.select(opening_lines.c.id).where(opening_lines.c.year == entries.c.year))
IS_OF_OPENING = sa.or_(entries.c.period == 0, _OPENING_JOURNAL)  # of an entry
OPENS = sa.and_(IS_OF_OPENING, ~_HAS_OPENING)  # of an entry: it is what the year opens with
NET = sa.case((lines.c.side == "D", lines.c.amount), else_=-lines.c.amount)  # of a line
OPENING_NET = sa.case((opening_lines.c.side == "D", opening_lines.c.amount), else_=-opening_lines.c.amount)  # of a line of the opening
ENTRY_LINES = lines.join(entries, entries.c.id == lines.c.entry)


@dataclass(frozen=True)
class FiscalYear:
    """A fiscal year; `source` is the name of the audit file that it came from, if it did."""

    year: str
    first_day: str
    last_day: str
    closed: bool
    entries: int
    lines: int
    source: str | None


@dataclass(frozen=True)
class LedgerAccount:
    """An account as it is shown."""

    code: str
    name: str
    rgs: str
    kind: str


def list_fiscal_years(connection: sa.Connection) -> list[FiscalYear]:
    """The years by their days, with how many entries and lines they have."""
    counts = (
        sa.select(entries.c.year, sa.func.count(sa.distinct(entries.c.id)).label("entries"), sa.func.count(lines.c.id).label("lines"))
        .select_from(entries.outerjoin(lines, lines.c.entry == entries.c.id))
        .group_by(entries.c.year)
        .subquery()
    )
    query = (
        sa.select(years.c.label, years.c.first_day, years.c.last_day, years.c.closed, counts.c.entries, counts.c.lines, years.c.file)
        .select_from(years.outerjoin(counts, counts.c.year == years.c.label))
        .order_by(years.c.first_day, years.c.label)
    )
    return [
        FiscalYear(label, first, last, bool(closed), count or 0, line_count or 0, file)
        for label, first, last, closed, count, line_count, file in connection.execute(query)
    ]


def list_accounts(connection: sa.Connection) -> dict[str, LedgerAccount]:
    """All accounts by code."""
    query = sa.select(accounts.c.code, accounts.c.name, accounts.c.rgs, accounts.c.kind).order_by(accounts.c.code)
    return {row.code: LedgerAccount(*row) for row in connection.execute(query)}


def opening_by_account(connection: sa.Connection, year: str) -> dict[str, int]:
    """What the accounts of a year open with."""
    stated = sa.select(opening_lines.c.account, OPENING_NET.label("net")).where(opening_lines.c.year == year)
    booked = sa.select(lines.c.account, NET).select_from(ENTRY_LINES).where(entries.c.year == year, OPENS)
    both = stated.union_all(booked).subquery()
    return {code: int(net) for code, net in connection.execute(sa.select(both.c.account, sa.func.sum(both.c.net)).group_by(both.c.account))}


def movements_by_account(connection: sa.Connection, year: str, until: str | None = None) -> dict[str, tuple[int, int]]:
    """Debit and credit of each account of a year, on the side that was written, without the opening."""
    debit = sa.func.sum(sa.case((lines.c.side == "D", lines.c.amount), else_=0))
    credit = sa.func.sum(sa.case((lines.c.side == "C", lines.c.amount), else_=0))
    query = sa.select(lines.c.account, debit, credit).select_from(ENTRY_LINES).where(*is_movement(year, until)).group_by(lines.c.account)
    return {code: (int(debited), int(credited)) for code, debited, credited in connection.execute(query)}


def movements_by_period(connection: sa.Connection, year: str, until: str | None = None) -> dict[tuple[str, int], int]:
    """What each account moved in each period of a year, without the opening."""
    query = sa.select(lines.c.account, entries.c.period, sa.func.sum(NET)).select_from(ENTRY_LINES).where(*is_movement(year, until))
    return {(code, period): int(net) for code, period, net in connection.execute(query.group_by(lines.c.account, entries.c.period))}


def closing_by_account(connection: sa.Connection, year: str) -> dict[str, int]:
    """The balances at the end of a year."""
    opening, movements = opening_by_account(connection, year), movements_by_account(connection, year)
    nets = {code: debit - credit for code, (debit, credit) in movements.items()}
    return {code: opening.get(code, 0) + nets.get(code, 0) for code in opening.keys() | nets.keys()}


def is_movement(year: str, until: str | None = None) -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions on an entry of a year that doesn't open it, dated no later than `until`."""
    found = entries.c.year == year, ~OPENS
    return found if until is None else (*found, entries.c.date <= until)
