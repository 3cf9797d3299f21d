"""One year of books as rows to be written to an audit file, some at a time: from the books, or from a staged year.

Everything is in an order that copies of the books share: by code, or by number.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa

from accountools.domain.audit_file import (
    LINE_COLUMNS,
    AccountRow,
    EntryRow,
    EntryWithLines,
    JournalRow,
    LineValues,
    OpeningRow,
    PeriodRow,
    RelationBalanceRow,
    RelationRow,
    StoredSubledgerRow,
    Sums,
    VatCodeRow,
    VatRow,
    YearContents,
    YearRow,
)
from accountools.storage.schema import (
    accounts,
    entries,
    journals,
    lines,
    opening_lines,
    periods,
    relation_balances,
    relations,
    subledger_lines,
    vat_codes,
    vat_rows,
    years,
)

_ROWS_AT_A_TIME = 1_000
Row = TypeVar("Row", bound=tuple[Any, ...])


def find_year(connection: sa.Connection, label: str | None = None) -> YearRow | None:
    """A year; without `label` the latest."""
    query = sa.select(*_columns(years, YearRow._fields)).order_by(years.c.first_day.desc(), years.c.label.desc())
    row = connection.execute(query if label is None else query.where(years.c.label == label)).first()
    return None if row is None else YearRow(*row)


def list_labels(connection: sa.Connection) -> list[str]:
    """The labels of all years, the first first."""
    return list(connection.execute(sa.select(years.c.label).order_by(years.c.first_day, years.c.label)).scalars())


def year_contents(connection: sa.Connection, year: YearRow) -> YearContents:
    """All of a year, and the accounts, journals, VAT codes and relations of all years. To be read within the transaction, once."""

    def rows(kind: type[Row], table: sa.Table, *order: str, of_year: bool = False) -> Iterator[Row]:
        query = sa.select(*_columns(table, kind._fields)).order_by(*(table.c[name] for name in order))  # type: ignore[attr-defined]
        found = query.where(table.c.year == year.label) if of_year else query
        for row in _stream(connection, found):
            yield kind(*row)

    return YearContents(
        year=year,
        periods=rows(PeriodRow, periods, "number", of_year=True),
        accounts=rows(AccountRow, accounts, "code"),
        journals=rows(JournalRow, journals, "code"),
        vat_codes=rows(VatCodeRow, vat_codes, "code"),
        relations=_relations(connection, year.label),
        opening_lines=rows(OpeningRow, opening_lines, "id", of_year=True),
        entries=_entries(connection, year.label),
        subledger_lines=lambda: rows(StoredSubledgerRow, subledger_lines, "id", of_year=True),
        opening_sums=_sums(connection, sa.select(opening_lines).where(opening_lines.c.year == year.label)),
        sums=_sums(connection, sa.select(lines).join(entries, entries.c.id == lines.c.entry).where(entries.c.year == year.label)),
        due=_due_lines(connection, year.label),
        due_alone=_due_lines(connection, year.label, alone=True),
        last_entry=connection.execute(sa.select(sa.func.max(entries.c.date)).where(entries.c.year == year.label)).scalar(),
    )


def _relations(connection: sa.Connection, year: str) -> Iterator[tuple[RelationRow, RelationBalanceRow | None]]:
    of_year = (relation_balances.c.relation == relations.c.code) & (relation_balances.c.year == year)
    columns = *_columns(relations, RelationRow._fields), *_columns(relation_balances, RelationBalanceRow._fields)
    query = sa.select(*columns).select_from(relations.outerjoin(relation_balances, of_year)).order_by(relations.c.code)
    width = len(RelationRow._fields)
    for row in _stream(connection, query):
        yield RelationRow(*row[:width]), RelationBalanceRow(*row[width:]) if row[width] is not None else None


def _entries(connection: sa.Connection, year: str) -> Iterator[EntryWithLines]:
    """The entries by journal, each with its lines; these are read for many entries at a time."""
    query = sa.select(*_columns(entries, EntryRow._fields)).where(entries.c.year == year).order_by(entries.c.journal, entries.c.id)
    own = _columns(lines, LINE_COLUMNS)
    vat = [*_columns(vat_rows, VatRow._fields), lines.c.entry]
    result = connection.execution_options(yield_per=_ROWS_AT_A_TIME).execute(query)
    for some in result.partitions():
        ids = [row[0] for row in some]
        wanted: sa.BindParameter[list[int]] = sa.bindparam("ids", ids, expanding=True)
        found: dict[int, list[LineValues]] = {}
        for line in connection.execute(sa.select(*own).where(lines.c.entry.in_(wanted)).order_by(lines.c.entry, lines.c.id)):
            found.setdefault(line[1], []).append(line)  # type: ignore[arg-type] # a row reads as a list does
        rates: dict[int, dict[int, list[VatRow]]] = {}
        rows = sa.select(*vat).join(lines, lines.c.id == vat_rows.c.line).where(lines.c.entry.in_(wanted)).order_by(vat_rows.c.id)
        for *vat_values, entry in connection.execute(rows):
            row = VatRow(*vat_values)
            rates.setdefault(entry, {}).setdefault(row.line, []).append(row)
        for values in some:
            yield EntryWithLines(EntryRow(*values), found.get(values[0], []), rates.get(values[0], {}))


def _sums(connection: sa.Connection, of: sa.Select[Any]) -> Sums:
    rows = of.subquery()
    sums = [sa.func.coalesce(sa.func.sum(rows.c.amount).filter(rows.c.side == side), 0) for side in ("D", "C")]
    query = sa.select(rows.c.account, sa.func.count(), *sums).group_by(rows.c.account)
    found = connection.execute(query).all()
    return Sums(sum(count for _, count, *_ in found), {account: (int(debit), int(credit)) for account, _, debit, credit in found})


def _due_lines(connection: sa.Connection, year: str, *, alone: bool = False) -> tuple[int, str]:
    """How many lines have a due date, and one of these; `alone`: that no sub-ledger states."""
    query = (
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.min(lines.c.due), ""))
        .select_from(lines.join(entries, entries.c.id == lines.c.entry))
        .where(entries.c.year == year, lines.c.due.is_not(None))
    )
    if alone:
        stated = sa.select(subledger_lines.c.line).where(subledger_lines.c.line.is_not(None), subledger_lines.c.due.is_not(None))
        query = query.where(lines.c.id.not_in(stated))
    count, example = connection.execute(query).one()
    return int(count), str(example)


def _columns(table: sa.Table, names: Iterable[str]) -> list[sa.Column[Any]]:
    return [table.c[name] for name in names]


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=_ROWS_AT_A_TIME).execute(query)
