"""What was booked under each VAT code, entry by entry, in cents, debit positive."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import sqlalchemy as sa

from accountools.storage.books.balances import ENTRY_LINES, NET, is_movement
from accountools.storage.schema import lines, vat_codes, vat_rows

_AT_A_TIME = 1_000
_THOUSANDTHS = 100_000  # in 100 %
_OWED_AND_DEDUCTED = 2  # accounts
_WITH_VAT = ENTRY_LINES.join(vat_rows, vat_rows.c.line == lines.c.id)


@dataclass(frozen=True)
class UsedVatCode:
    """A VAT code with its accounts."""

    code: str
    name: str
    payable_account: str | None
    receivable_account: str | None


class _VatLine(NamedTuple):
    """A line with one of its VAT rows; without a code where it has none. `tax` is None where the row only names the code."""

    entry: int
    line: int
    account: str
    net: int
    code: str | None
    percentage: int | None
    tax: int | None


@dataclass
class VatSum:
    """What an entry has under one VAT code: the sums of lines, and of the tax that their VAT rows state.

    `booked` is the tax on lines that are themselves on an account for VAT, by that account. `unstated` counts rows that only name the code.
    """

    net: int = 0
    tax: int = 0
    lines: int = 0
    unstated: int = 0
    booked: Counter[str] = field(default_factory=Counter)


@dataclass
class EntryVat:
    """The VAT of an entry that names VAT codes: the sums by code, and what lines without a code have on accounts for VAT."""

    codes: dict[str, VatSum] = field(default_factory=dict)
    uncoded: Counter[str] = field(default_factory=Counter)


def list_used_codes(connection: sa.Connection) -> list[UsedVatCode]:
    """All VAT codes."""
    columns = vat_codes.c.code, vat_codes.c.name, vat_codes.c.payable_account, vat_codes.c.receivable_account
    return [UsedVatCode(*row) for row in connection.execute(sa.select(*columns).order_by(vat_codes.c.code))]


def rates_by_code(connection: sa.Connection, year: str, vat_accounts: frozenset[str]) -> dict[str, set[int]]:
    """The percentages (in thousandths) that lines of a year state with each code; lines on accounts for VAT aside."""
    query = sa.select(vat_rows.c.code, vat_rows.c.percentage).select_from(_WITH_VAT).where(*is_movement(year))
    query = query.where(vat_rows.c.percentage.is_not(None), lines.c.account.not_in(vat_accounts)).distinct()
    found: dict[str, set[int]] = {}
    for code, percentage in connection.execute(query):
        found.setdefault(code, set()).add(percentage)
    return found


def vat_by_entry(connection: sa.Connection, year: str, vat_accounts: frozenset[str], until: str | None = None) -> Iterator[EntryVat]:
    """The entries of a year that name VAT codes, one by one."""
    tax = sa.case((sa.func.coalesce(vat_rows.c.side, lines.c.side) == "D", vat_rows.c.amount), else_=-vat_rows.c.amount)
    query = (
        sa.select(
            lines.c.entry, lines.c.id, lines.c.account, NET, vat_rows.c.code, vat_rows.c.percentage, tax
        )
        .select_from(ENTRY_LINES.outerjoin(vat_rows, vat_rows.c.line == lines.c.id))
        .where(*is_movement(year, until), sa.or_(vat_rows.c.id.is_not(None), lines.c.account.in_(vat_accounts)))
        .order_by(lines.c.entry, lines.c.id, vat_rows.c.id)
    )  # fmt: skip
    rows = map(_VatLine._make, connection.execute(query, execution_options={"yield_per": _AT_A_TIME}))
    for _, of_entry in groupby(rows, attrgetter("entry")):
        found = EntryVat()
        for _, of_line in groupby(of_entry, attrgetter("line")):
            _add_line(found, tuple(of_line), vat_accounts)
        if found.codes:
            yield found


def _add_line(entry: EntryVat, rows: Sequence[_VatLine], vat_accounts: frozenset[str]) -> None:
    """Add a line, given as its VAT rows; of one without any, the only row has no code."""
    account, net, is_tax = rows[0].account, rows[0].net, rows[0].account in vat_accounts
    for row, part in zip(rows, _parts(net, rows, is_tax=is_tax), strict=True):
        if row.code is None:
            if net:
                entry.uncoded[account] += net
            return
        found = entry.codes.setdefault(row.code, VatSum())
        found.lines += 1
        if is_tax:
            if part:
                found.booked[account] += part
            continue
        found.net += part
        found.tax += row.tax or 0
        found.unstated += row.tax is None


def _parts(net: int, rows: Sequence[_VatLine], *, is_tax: bool) -> list[int]:
    """What each VAT row of a line is of: where they are several, what their tax gives, and the first without tax the rest of the line."""
    if len(rows) == 1:
        return [net]
    taxed = [round(row.tax * _THOUSANDTHS / row.percentage) if row.tax and row.percentage else 0 for row in rows]
    if is_tax:
        taxed = [row.tax or 0 for row in rows]
    untaxed = next((place for place, part in enumerate(taxed) if not part), None)
    if untaxed is not None:
        taxed[untaxed] = net - sum(taxed)
    return taxed


def tax_accounts_by_code(connection: sa.Connection, year: str, vat_accounts: frozenset[str]) -> dict[str, set[frozenset[str]]]:
    """The accounts for VAT, one or two, in each entry of a year that names one VAT code only, with tax on it; by that code."""
    taxed = sa.func.sum(sa.case((vat_rows.c.amount == 0, 0), else_=1)) > 0
    named = (
        sa.select(lines.c.entry, sa.func.min(vat_rows.c.code).label("code"))
        .select_from(_WITH_VAT)
        .where(*is_movement(year))
        .group_by(lines.c.entry)
        .having(sa.func.count(vat_rows.c.code.distinct()) == 1, taxed)
        .subquery()
    )
    tax = lines.alias("tax")
    first, last = sa.func.min(tax.c.account).label("first"), sa.func.max(tax.c.account).label("last")
    of_entry = (
        sa.select(named.c.code, first, last)
        .join(tax, tax.c.entry == named.c.entry)
        .where(tax.c.account.in_(vat_accounts))
        .group_by(named.c.entry, named.c.code)
        .having(sa.func.count(tax.c.account.distinct()) <= _OWED_AND_DEDUCTED)
        .subquery()
    )
    found: dict[str, set[frozenset[str]]] = {}
    for code, *accounts in connection.execute(sa.select(of_entry).distinct()):
        found.setdefault(code, set()).add(frozenset(accounts))
    return found
