"""The books of one administration: queries and changes, in the transaction of the connection given."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from accountools.domain.ledger import Account, ControlTotals, Entry, Journal, Relation, VatCode
from accountools.storage.schema import accounts, entries, journals, lines, relations, vat_codes


def control_totals(connection: sa.Connection) -> ControlTotals:
    """How many of each, and the sums of debit and credit."""
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


def add_entries(connection: sa.Connection, new: Iterable[Entry]) -> None:
    """Add entries with their lines; an `Entry` balances by its making."""
    first = connection.execute(sa.select(sa.func.coalesce(sa.func.max(entries.c.id), 0))).scalar_one() + 1
    heads: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for number, entry in enumerate(new, first):
        heads.append({"id": number} | {name: getattr(entry, name) for name in ("journal", "number", "date", "period", "description")})
        rows.extend(vars(line) | {"entry": number} for line in entry.lines)
    for table, values in ((entries, heads), (lines, rows)):
        if values:
            connection.execute(sa.insert(table), values)


def chart_of(connection: sa.Connection) -> tuple[tuple[Account, ...], tuple[Journal, ...], tuple[VatCode, ...]]:
    """The accounts, journals and VAT codes: all that another client's administration takes from a template (S1)."""
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
