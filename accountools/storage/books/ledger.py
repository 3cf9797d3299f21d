"""The books of one administration: queries and changes, in the transaction of the connection given."""

from collections.abc import Collection, Iterable
from dataclasses import fields
from itertools import islice
from typing import Any

import sqlalchemy as sa

from accountools.domain.ledger import Account, ControlTotals, Entry, Journal, OpeningLine, Relation, VatCode
from accountools.storage.books import fiscal_years
from accountools.storage.schema import accounts, entries, journals, lines, marks, opening_lines, relations, vat_codes, vat_rows, years

FOUND_LINE = ("date", "account", "side", "amount", "description", "relation", "document", "vat")
_ENTRIES_AT_A_TIME, _NUMBERS_AT_A_TIME = 2_000, 500


def read_revision(connection: sa.Connection) -> str:
    """The revision of the books: a random text, another one after each change."""
    return str(connection.execute(sa.select(marks.c.mark)).scalar_one())


def control_totals(connection: sa.Connection) -> ControlTotals:
    """Row counts, and the sums of debit and credit in cents."""
    counts = {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in (accounts, entries, relations, years, vat_rows)
    }
    one = sa.select(sa.func.count(), _sum("D"), _sum("C")).select_from(lines)
    count, debit, credit = connection.execute(one).one()
    return ControlTotals(**counts, lines=count, debit=debit, credit=credit)


def is_booked_in(connection: sa.Connection) -> bool:
    """Whether anything is booked: an entry, or an opening balance."""
    return any(connection.execute(sa.select(table.c.id).limit(1)).first() is not None for table in (entries, opening_lines))


def gross_totals(connection: sa.Connection) -> dict[str, float]:
    """About what debit and credit add up to with every amount as positive, in cents: as numbers that can't overflow."""
    amount = sa.cast(lines.c.amount, sa.Double)
    query = sa.select(lines.c.side, sa.func.sum(sa.func.abs(amount))).group_by(lines.c.side)
    return {side: float(total) for side, total in connection.execute(query)}


def add_chart(connection: sa.Connection, chart: Iterable[Account], journal: Iterable[Journal] = (), vat: Iterable[VatCode] = ()) -> None:
    """Add accounts, journals and VAT codes."""
    _insert(connection, accounts, chart)
    _insert(connection, journals, journal)
    _insert(connection, vat_codes, vat)


def add_relations(connection: sa.Connection, new: Iterable[Relation]) -> None:
    """Add relations."""
    _insert(connection, relations, new)


def add_entries(connection: sa.Connection, new: Iterable[Entry]) -> int:
    """Add entries with their lines, in constant memory; gives how many lines. An `Entry` always balances.

    Each is of the fiscal year that its date lies in; where there is none, one is made.
    """
    number, last, last_vat = (_highest(connection, table) for table in (entries, lines, vat_rows))
    added, source = 0, iter(new)
    while some := list(islice(source, _ENTRIES_AT_A_TIME)):
        labels = fiscal_years.labels_for(connection, {(entry.date, entry.period) for entry in some})
        heads = [
            {"id": n, "year": labels[entry.date, entry.period]}
            | {name: getattr(entry, name) for name in ("journal", "number", "date", "period", "description")}
            for n, entry in enumerate(some, number + 1)
        ]
        rows = [vars(line) | {"entry": n} for n, entry in enumerate(some, number + 1) for line in entry.lines]
        vat = [row for n, line in enumerate(rows, last + 1) if (row := _vat_row(n, line))["code"] is not None]
        connection.execute(sa.insert(entries), heads)
        if rows:
            connection.execute(sa.insert(lines), [row | {"id": n} for n, row in enumerate(rows, last + 1)])
        if vat:
            connection.execute(sa.insert(vat_rows), [row | {"id": n} for n, row in enumerate(vat, last_vat + 1)])
        number, last, last_vat, added = number + len(some), last + len(rows), last_vat + len(vat), added + len(rows)
    return added


def add_opening(connection: sa.Connection, year: str, new: Iterable[OpeningLine]) -> None:
    """Add lines to what a year opens with; the year must be there."""
    rows = [vars(line) | {"id": n, "year": year} for n, line in enumerate(new, _highest(connection, opening_lines) + 1)]
    if rows:
        connection.execute(sa.insert(opening_lines), rows)


def find_entries(connection: sa.Connection, journal: str, numbers: Collection[str]) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """The lines of the entries with these numbers in a journal, by year and number: `FOUND_LINE`, in their order.

    A line with several VAT rows is there as often: nobody typed it.
    """
    names = {"date": entries.c.date, "vat": vat_rows.c.code}
    source = entries.join(lines, lines.c.entry == entries.c.id).outerjoin(vat_rows, vat_rows.c.line == lines.c.id)
    columns = [names.get(name, lines.c.get(name)) for name in FOUND_LINE]
    found: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    wanted = iter(numbers)
    while some := list(islice(wanted, _NUMBERS_AT_A_TIME)):
        query = sa.select(entries.c.year, entries.c.number, *columns).select_from(source)
        chosen = query.where(entries.c.journal == journal, entries.c.number.in_(some)).order_by(lines.c.id, vat_rows.c.id)
        for row in connection.execute(chosen):
            found.setdefault((row.year, row.number), []).append(tuple(row[2:]))
    return found


def get_chart(connection: sa.Connection) -> tuple[tuple[Account, ...], tuple[Journal, ...], tuple[VatCode, ...]]:
    """The accounts, journals and VAT codes: what a new administration takes from a template (S1)."""
    return (
        tuple(Account(**row) for row in _values(connection, accounts, Account)),
        tuple(Journal(**row) for row in _values(connection, journals, Journal)),
        tuple(VatCode(**row) for row in _values(connection, vat_codes, VatCode)),
    )


def relation_names(connection: sa.Connection) -> dict[str, str]:
    """The names of all relations by their codes."""
    return {row.code: row.name for row in connection.execute(sa.select(relations.c.code, relations.c.name))}


def _values(connection: sa.Connection, table: sa.Table, kind: type) -> sa.MappingResult:
    """The rows of a table by code, with the columns that are fields of `kind`."""
    columns = [table.c[field.name] for field in fields(kind)]
    return connection.execute(sa.select(*columns).order_by(table.c.code)).mappings()


def _vat_row(number: int, line: dict[str, Any]) -> dict[str, Any]:
    """The VAT of a line, taken out of its values."""
    code, percentage, amount = (line.pop(name) for name in ("vat", "vat_percentage", "vat_amount"))
    return {"line": number, "code": code, "percentage": percentage, "side": None if amount is None else line["side"], "amount": amount}


def _insert(connection: sa.Connection, table: sa.Table, values: Iterable[Any]) -> None:
    rows = [vars(value).copy() for value in values]
    if rows:
        connection.execute(sa.insert(table), rows)


def _highest(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one())


def _sum(side: str) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((lines.c.side == side, lines.c.amount), else_=0)), 0)
