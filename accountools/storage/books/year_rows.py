"""One year of books as rows to be written to an audit file, some at a time: from the books, or from a staged year.

Everything is in an order that copies of the books share: by code, or by number.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import sqlalchemy as sa

from accountools.domain.audit_file.contents import EntryWithLines, Sums, YearContents
from accountools.domain.audit_file.rows import (
    LINE_COLUMNS,
    AccountRow,
    EntryRow,
    JournalRow,
    LineValues,
    OpeningRow,
    PeriodRow,
    RelationBalanceRow,
    RelationRow,
    StoredSubledgerRow,
    VatCodeRow,
    VatRow,
    YearRow,
)
from accountools.storage.books.balances import IS_OF_OPENING
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


def year_contents(connection: sa.Connection, year: YearRow, *, opening_apart: bool) -> YearContents:
    """All of a year, and the accounts, journals, VAT codes and relations of all years. To be read within the transaction, once.

    `opening_apart`: entries that open the year (as in `completion.move_opening_entries`) are lines of the opening, after those there are.
    """

    def rows(kind: type[Row], table: sa.Table, *order: str, of_year: bool = False) -> Iterator[Row]:
        query = sa.select(*_columns(table, kind._fields)).order_by(*(table.c[name] for name in order))  # type: ignore[attr-defined]
        found = query.where(table.c.year == year.label) if of_year else query
        for row in _stream(connection, found):
            yield kind(*row)

    own = entries.c.year == year.label
    own_lines = sa.select(lines).join(entries, entries.c.id == lines.c.entry)
    summed = "account", "side", "amount"
    stated = sa.select(*_columns(opening_lines, summed)).where(opening_lines.c.year == year.label)
    opening: sa.Select[Any] | sa.CompoundSelect[Any] = stated
    opening_rows: Iterable[OpeningRow] = rows(OpeningRow, opening_lines, "id", of_year=True)
    moved = 0, ""
    if opening_apart:
        moved = _count_opening_entries(connection, own)
        if moved[0]:
            opening = stated.union_all(own_lines.where(own, IS_OF_OPENING).with_only_columns(*_columns(lines, summed)))
            opening_rows = chain(opening_rows, (OpeningRow(*row) for row in _stream(connection, _moved_lines(own))))
            own &= sa.not_(IS_OF_OPENING)
    return YearContents(
        year=year,
        periods=rows(PeriodRow, periods, "number", of_year=True),
        accounts=rows(AccountRow, accounts, "code"),
        journals=rows(JournalRow, journals, "code"),
        vat_codes=rows(VatCodeRow, vat_codes, "code"),
        relations=_relations(connection, year.label),
        opening_lines=opening_rows,
        entries=_entries(connection, own),
        subledger_lines=lambda: rows(StoredSubledgerRow, subledger_lines, "id", of_year=True),
        opening_sums=_sums(connection, opening),
        sums=_sums(connection, own_lines.where(own)),
        due=partial(_due_lines, connection, own),
        due_alone=partial(_due_lines, connection, own, alone=True),
        moved=moved,
        last_entry=connection.execute(sa.select(sa.func.max(entries.c.date)).where(entries.c.year == year.label)).scalar(),
    )


def _relations(connection: sa.Connection, year: str) -> Iterator[tuple[RelationRow, RelationBalanceRow | None]]:
    of_year = (relation_balances.c.relation == relations.c.code) & (relation_balances.c.year == year)
    columns = *_columns(relations, RelationRow._fields), *_columns(relation_balances, RelationBalanceRow._fields)
    query = sa.select(*columns).select_from(relations.outerjoin(relation_balances, of_year)).order_by(relations.c.code)
    width = len(RelationRow._fields)
    for row in _stream(connection, query):
        yield RelationRow(*row[:width]), RelationBalanceRow(*row[width:]) if row[width] is not None else None


def _count_opening_entries(connection: sa.Connection, own: sa.ColumnElement[bool]) -> tuple[int, str]:
    """How many entries open the year, and the number of one."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.min(entries.c.number), "")).where(own, IS_OF_OPENING)
    count, example = connection.execute(query).one()
    return int(count), str(example)


def _moved_lines(own: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The lines of these entries as lines of an opening: their numbers are only unique within an entry, and their ids no others'."""
    unlike = {"id": -lines.c.id, "year": entries.c.year, "number": sa.null()}
    columns = [unlike[name] if name in unlike else lines.c[name] for name in OpeningRow._fields]
    return sa.select(*columns).join(entries, entries.c.id == lines.c.entry).where(own, IS_OF_OPENING).order_by(lines.c.id)


def _entries(connection: sa.Connection, own: sa.ColumnElement[bool]) -> Iterator[EntryWithLines]:
    """The entries by journal, each with its lines; these are read for many entries at a time."""
    query = sa.select(*_columns(entries, EntryRow._fields)).where(own).order_by(entries.c.journal, entries.c.id)
    in_some = lines.c.entry.in_(sa.bindparam("some", expanding=True))
    of_lines = sa.select(*_columns(lines, LINE_COLUMNS)).where(in_some).order_by(lines.c.entry, lines.c.id)
    of_vat = sa.select(*_columns(vat_rows, VatRow._fields), lines.c.entry).join(lines, lines.c.id == vat_rows.c.line)
    of_vat = of_vat.where(in_some).order_by(vat_rows.c.id)
    for some in connection.execute(query, execution_options={"yield_per": _ROWS_AT_A_TIME}).partitions():
        ids = [row[0] for row in some]
        ids += [0] * (_ROWS_AT_A_TIME - len(ids))  # of no entry: so each time it is the same statement
        found: dict[int, list[LineValues]] = {}
        for line in _driver_rows(connection, of_lines, ids):
            found.setdefault(line[1], []).append(line)  # a row reads as a list does
        rates: dict[int, dict[int, list[VatRow]]] = {}
        for *vat_values, entry in _driver_rows(connection, of_vat, ids):
            row = VatRow(*vat_values)
            rates.setdefault(entry, {}).setdefault(row.line, []).append(row)
        for values in some:
            yield EntryWithLines(EntryRow(*values), found.get(values[0], []), rates.get(values[0], {}))


def _driver_rows(connection: sa.Connection, query: sa.Select[Any], ids: list[int]) -> Sequence[Any]:
    """The rows as the driver gives them: one of SQLAlchemy's costs as much as all else that is done with it."""
    result = connection.execute(query, {"some": ids})
    rows: Sequence[Any] = result.cursor.fetchall()
    result.close()
    return rows


def _sums(connection: sa.Connection, of: sa.Select[Any] | sa.CompoundSelect[Any]) -> Sums:
    rows = of.subquery()
    sums = [sa.func.coalesce(sa.func.sum(rows.c.amount).filter(rows.c.side == side), 0) for side in ("D", "C")]
    query = sa.select(rows.c.account, sa.func.count(), *sums).group_by(rows.c.account)
    found = connection.execute(query).all()
    return Sums(sum(count for _, count, *_ in found), {account: (int(debit), int(credit)) for account, _, debit, credit in found})


def _due_lines(connection: sa.Connection, own: sa.ColumnElement[bool], *, alone: bool = False) -> tuple[int, str]:
    """How many lines have a due date, and one of these; `alone`: that no sub-ledger states."""
    stated = sa.select(subledger_lines.c.line).where(subledger_lines.c.due.is_not(None)).distinct().subquery()
    of_entries = lines.join(entries, entries.c.id == lines.c.entry)
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.min(lines.c.due), "")).where(own, lines.c.due.is_not(None))
    if alone:
        query = query.select_from(of_entries.outerjoin(stated, stated.c.line == lines.c.id)).where(stated.c.line.is_(None))
    else:
        query = query.select_from(of_entries)
    count, example = connection.execute(query).one()
    return int(count), str(example)


def _columns(table: sa.Table, names: Iterable[str]) -> list[sa.Column[Any]]:
    return [table.c[name] for name in names]


def _stream(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query, execution_options={"yield_per": _ROWS_AT_A_TIME})
