"""What the tests of a year's journals look at: its entries, and the lines that a test is about."""

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from accountools.storage.books.balances import ENTRY_LINES, NET, is_movement
from accountools.storage.schema import entries, journals, lines, opening_lines, periods

_AT_A_TIME = 1_000


class EntryHead(NamedTuple):
    """An entry, with the days of its period where they are known, and its first line, where it has any.

    `counts`: it doesn't open the year, and is dated no later than the day to which the tests go.
    """

    journal: str
    number: str
    date: str
    period: int
    first_day: str | None
    last_day: str | None
    line: str | None
    counts: bool


class FoundLine(NamedTuple):
    """A line that a test found; the amount in cents, debit positive. `line` is its own number, else its place in the entry."""

    journal: str
    number: str
    line: str
    date: str
    amount: int


class RepeatedInvoice(NamedTuple):
    """A line of an invoice, with how often it was booked before and in which entry first."""

    journal: str
    number: str
    line: str
    relation: str
    document: str
    first_journal: str
    first_number: str


def _line_number() -> sa.ColumnElement[str]:
    own = lines.alias("own")
    place = sa.select(sa.func.count()).select_from(own).where(own.c.entry == lines.c.entry, own.c.id <= lines.c.id)
    return sa.func.coalesce(sa.func.nullif(lines.c.number, ""), sa.cast(place.scalar_subquery(), sa.Text))


def entry_heads(connection: sa.Connection, year: str, until: str | None = None) -> Iterator[EntryHead]:
    """All entries of a year, journal after journal, as they were made."""
    of_period = sa.and_(periods.c.year == entries.c.year, periods.c.number == entries.c.period)
    number = sa.select(sa.func.coalesce(sa.func.nullif(lines.c.number, ""), "1")).where(lines.c.entry == entries.c.id)
    line = number.order_by(lines.c.id).limit(1).scalar_subquery()
    own = (entries.c[name] for name in ("journal", "number", "date", "period"))
    counts = sa.case((sa.and_(*is_movement(year, until)), 1), else_=0)
    query = (
        sa.select(*own, periods.c.first_day, periods.c.last_day, line, counts)
        .select_from(entries.outerjoin(periods, of_period))
        .where(entries.c.year == year)
        .order_by(entries.c.journal, entries.c.id)
    )
    for row in connection.execute(query, execution_options={"yield_per": _AT_A_TIME}):
        yield EntryHead._make((*row[:-1], bool(row[-1])))


def moved_heads(connection: sa.Connection, year: str) -> dict[str, list[EntryHead]]:
    """By journal the entries of an audit file that are lines of the opening now (`completion.move_opening_entries`). None counts."""
    found: dict[str, list[EntryHead]] = {}
    query = sa.select(opening_lines.c.more).where(opening_lines.c.year == year, opening_lines.c.more.like('%"trNr"%'))
    for (more,) in connection.execute(query.order_by(opening_lines.c.id)):
        try:
            values = json.loads(more)
            journal, number = str(values["jrnID"]), str(values["trNr"])
        except (ValueError, LookupError, TypeError):  # another program wrote it
            continue
        found.setdefault(journal, []).append(EntryHead(journal, number, "", 0, None, None, None, counts=False))
    return found


def round_lines(connection: sa.Connection, year: str, unit: int, until: str | None = None) -> Iterator[FoundLine]:
    """Of each entry the first line whose amount is a multiple of `unit` cents."""
    first = sa.select(sa.func.min(lines.c.id)).select_from(ENTRY_LINES)
    first = first.where(*is_movement(year, until), lines.c.amount != 0, lines.c.amount % unit == 0).group_by(lines.c.entry)
    query = sa.select(entries.c.journal, entries.c.number, _line_number(), entries.c.date, NET).select_from(ENTRY_LINES)
    for row in connection.execute(query.where(lines.c.id.in_(first)).order_by(lines.c.id)):
        yield FoundLine(*row)


def cash_lines(connection: sa.Connection, year: str, account: str, until: str | None = None) -> Iterator[FoundLine]:
    """The lines of an account by day."""
    query = sa.select(entries.c.journal, entries.c.number, _line_number(), entries.c.date, NET).select_from(ENTRY_LINES)
    chosen = query.where(lines.c.account == account, *is_movement(year, until)).order_by(entries.c.date, entries.c.id, lines.c.id)
    for row in connection.execute(chosen, execution_options={"yield_per": _AT_A_TIME}):
        yield FoundLine(*row)


def cash_accounts(connection: sa.Connection) -> list[str]:
    """The accounts that cash journals name as theirs."""
    cash = sa.select(journals.c.offset_account).where(sa.func.upper(journals.c.kind) == "C", journals.c.offset_account.is_not(None))
    return [str(code) for code in connection.execute(cash.distinct().order_by(journals.c.offset_account)).scalars()]


def repeated_invoices(
    connection: sa.Connection, year: str, debtors: Collection[str], creditors: Collection[str], until: str | None = None
) -> list[RepeatedInvoice]:
    """Invoices of one relation with the same number in more than one entry, on the side that raises what is owed: each but the first."""
    raises = sa.or_(sa.and_(lines.c.account.in_(debtors), NET > 0), sa.and_(lines.c.account.in_(creditors), NET < 0))
    document = sa.func.coalesce(sa.func.nullif(lines.c.invoice, ""), sa.func.nullif(lines.c.document, ""))
    money = sa.select(journals.c.code).where(sa.func.upper(journals.c.kind).in_(("B", "C", "M")))  # refunds and corrections
    one = (
        sa.select(
            entries.c.journal,
            entries.c.number,
            _line_number().label("line"),
            lines.c.relation,
            document.label("document"),
            entries.c.id.label("entry"),
            lines.c.id,
        )
        .select_from(ENTRY_LINES)
        .where(*is_movement(year, until), raises, lines.c.relation.is_not(None), document.is_not(None), entries.c.journal.not_in(money))
        .subquery()
    )

    def first(name: str) -> sa.ColumnElement[Any]:
        value = sa.func.first_value(one.c[name])
        return value.over(partition_by=(one.c.relation, one.c.document), order_by=(one.c.entry, one.c.id)).label(f"first_{name}")

    ranked = sa.select(
        one,
        first("journal"),
        first("number"),
        first("entry"),
        sa.func.row_number().over(partition_by=(one.c.relation, one.c.document, one.c.entry), order_by=one.c.id).label("place"),
    ).subquery()
    names = (ranked.c[name] for name in RepeatedInvoice._fields)
    query = sa.select(*names).where(ranked.c.entry != ranked.c.first_entry, ranked.c.place == 1).order_by(ranked.c.id)
    return [RepeatedInvoice(*row) for row in connection.execute(query)]


def first_digits(connection: sa.Connection, year: str, until: str | None = None) -> dict[int, int]:
    """How many amounts begin with each digit."""
    digit = sa.cast(sa.func.substr(sa.cast(sa.func.abs(lines.c.amount), sa.Text), 1, 1), sa.Integer)
    query = sa.select(digit, sa.func.count()).select_from(ENTRY_LINES).where(*is_movement(year, until), lines.c.amount != 0).group_by(digit)
    return dict.fromkeys(range(1, 10), 0) | {int(first): int(count) for first, count in connection.execute(query)}
