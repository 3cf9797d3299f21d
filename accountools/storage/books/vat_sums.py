"""What was booked under each VAT code, in cents, debit positive."""

from dataclasses import dataclass

import sqlalchemy as sa

from accountools.storage.books.balances import ENTRY_LINES, NET, is_movement
from accountools.storage.schema import lines, vat_codes, vat_rows

_THOUSANDTHS = 100_000  # in 100 %


@dataclass(frozen=True)
class UsedVatCode:
    """A VAT code with its accounts."""

    code: str
    name: str
    payable_account: str | None
    receivable_account: str | None


@dataclass
class VatSum:
    """The sums of one VAT code: of lines, and of the tax that their VAT rows state.

    `booked` is the tax on lines that are themselves on an account for VAT, by that account. `unstated` counts rows that only name the code.
    """

    net: int = 0
    tax: int = 0
    lines: int = 0
    unstated: int = 0
    percentages: frozenset[int | None] = frozenset()
    booked: tuple[tuple[str, int], ...] = ()


def list_used_codes(connection: sa.Connection) -> list[UsedVatCode]:
    """All VAT codes."""
    columns = vat_codes.c.code, vat_codes.c.name, vat_codes.c.payable_account, vat_codes.c.receivable_account
    return [UsedVatCode(*row) for row in connection.execute(sa.select(*columns).order_by(vat_codes.c.code))]


def vat_sums(connection: sa.Connection, year: str, vat_accounts: frozenset[str], until: str | None = None) -> dict[str, VatSum]:
    """The sums of each code in a year. Of a line with several VAT rows each counts for the part that its tax and percentage give."""
    other = vat_rows.alias("other")
    rows_of_line = sa.select(sa.func.count()).select_from(other).where(other.c.line == vat_rows.c.line)
    tax = sa.case((sa.func.coalesce(vat_rows.c.side, lines.c.side) == "D", vat_rows.c.amount), else_=-vat_rows.c.amount)
    query = (
        sa.select(
            vat_rows.c.code,
            lines.c.account,
            vat_rows.c.percentage,
            rows_of_line.scalar_subquery().label("rows"),
            sa.func.sum(NET),
            sa.func.coalesce(sa.func.sum(tax), 0),
            sa.func.count(),
            sa.func.sum(sa.case((vat_rows.c.amount.is_(None), 1), else_=0)),
        )
        .select_from(ENTRY_LINES.join(vat_rows, vat_rows.c.line == lines.c.id))
        .where(*is_movement(year, until))
        .group_by(vat_rows.c.code, lines.c.account, vat_rows.c.percentage, sa.text("rows"))
    )
    found: dict[str, VatSum] = {}
    for code, account, percentage, rows, net, stated, count, unstated in connection.execute(query):
        one = found.setdefault(code, VatSum())
        one.lines += count
        if account in vat_accounts:
            one.booked += ((account, int(net)),)
            continue
        one.percentages |= {percentage}
        one.net += int(net) if rows == 1 or not percentage else round(int(stated) * _THOUSANDTHS / percentage)
        one.tax += int(stated)
        one.unstated += int(unstated)
    return found


def tax_by_account(connection: sa.Connection, year: str, vat_accounts: frozenset[str], until: str | None = None) -> dict[str, int]:
    """What the entries that name VAT codes have on accounts for VAT."""
    named = sa.select(lines.c.entry).join(vat_rows, vat_rows.c.line == lines.c.id)
    query = sa.select(lines.c.account, sa.func.sum(NET)).select_from(ENTRY_LINES).where(*is_movement(year, until))
    found = query.where(lines.c.account.in_(vat_accounts), lines.c.entry.in_(named)).group_by(lines.c.account)
    return {account: int(net) for account, net in connection.execute(found)}


def tax_accounts_by_code(connection: sa.Connection, year: str, vat_accounts: frozenset[str]) -> dict[str, set[str]]:
    """The accounts for VAT in the entries of a year that name one VAT code only, with tax on it; by that code."""
    taxed = sa.func.sum(sa.case((vat_rows.c.amount == 0, 0), else_=1)) > 0
    named = (
        sa.select(lines.c.entry, sa.func.min(vat_rows.c.code).label("code"))
        .select_from(ENTRY_LINES.join(vat_rows, vat_rows.c.line == lines.c.id))
        .where(*is_movement(year, None))
        .group_by(lines.c.entry)
        .having(sa.func.count(vat_rows.c.code.distinct()) == 1, taxed)
        .subquery()
    )
    tax = lines.alias("tax")
    query = sa.select(named.c.code, tax.c.account).join(tax, tax.c.entry == named.c.entry).where(tax.c.account.in_(vat_accounts)).distinct()
    found: dict[str, set[str]] = {}
    for code, account in connection.execute(query):
        found.setdefault(code, set()).add(account)
    return found
