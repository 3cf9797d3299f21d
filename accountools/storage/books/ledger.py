"""The books of one administration: queries and changes, in the transaction of the connection given."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import sqlalchemy as sa

from accountools.domain.ledger import Account, ControlTotals, Entry, Journal, Relation, VatCode
from accountools.storage.schema import accounts, entries, journals, lines, relations, vat_codes

_ENTRIES_AT_A_TIME = 2_000


def control_totals(connection: sa.Connection) -> ControlTotals:
    """Row counts, and the sums of debit and credit in cents."""
    counts = {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in (accounts, entries, relations)
    }
    one = sa.select(sa.func.count(), _sum("D"), _sum("C")).select_from(lines)
    count, debit, credit = connection.execute(one).one()
    return ControlTotals(counts["accounts"], counts["entries"], count, counts["relations"], debit, credit)


def add_chart(connection: sa.Connection, chart: Iterable[Account], journal: Iterable[Journal] = (), vat: Iterable[VatCode] = ()) -> None:
    """Add accounts, journals and VAT codes."""
    _insert(connection, accounts, chart)
    _insert(connection, journals, journal)
    _insert(connection, vat_codes, vat)


def add_relations(connection: sa.Connection, new: Iterable[Relation]) -> None:
    """Add relations."""
    _insert(connection, relations, new)


def add_entries(connection: sa.Connection, new: Iterable[Entry]) -> int:
    """Add entries with their lines, in constant memory; gives how many lines. An `Entry` always balances."""
    number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(entries.c.id), 0))).scalar_one()
    added, source = 0, iter(new)
    while some := list(islice(source, _ENTRIES_AT_A_TIME)):
        heads = [
            {"id": n} | {name: getattr(entry, name) for name in ("journal", "number", "date", "period", "description")}
            for n, entry in enumerate(some, number + 1)
        ]
        rows = [vars(line) | {"entry": n} for n, entry in enumerate(some, number + 1) for line in entry.lines]
        connection.execute(sa.insert(entries), heads)
        if rows:
            connection.execute(sa.insert(lines), rows)
        number, added = number + len(some), added + len(rows)
    return added


def get_chart(connection: sa.Connection) -> tuple[tuple[Account, ...], tuple[Journal, ...], tuple[VatCode, ...]]:
    """The accounts, journals and VAT codes: what a new administration takes from a template (S1)."""
    return (
        tuple(Account(**row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.code)).mappings()),
        tuple(Journal(**row) for row in connection.execute(sa.select(journals).order_by(journals.c.code)).mappings()),
        tuple(VatCode(**row) for row in connection.execute(sa.select(vat_codes).order_by(vat_codes.c.code)).mappings()),
    )


def _insert(connection: sa.Connection, table: sa.Table, values: Iterable[Any]) -> None:
    rows = [vars(value).copy() for value in values]
    if rows:
        connection.execute(sa.insert(table), rows)


def _sum(side: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((lines.c.side == side, lines.c.amount), else_=0)), 0)
