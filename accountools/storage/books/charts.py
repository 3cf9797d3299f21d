"""Changing the chart of books that have one."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from accountools.domain.ledger import Account, VatCode
from accountools.storage.schema import BOOKS, accounts, vat_codes


def list_used_accounts(connection: sa.Connection, codes: Collection[str]) -> frozenset[str]:
    """Those of these accounts that something in the books refers to, such as a line of an entry."""
    referring = [column for table in BOOKS.sorted_tables for column in table.c if column.references(accounts.c.code)]
    if not codes:
        return frozenset()
    return frozenset(code for one in referring for code in connection.scalars(sa.select(one).where(one.in_(codes)).distinct()))


def update_accounts(connection: sa.Connection, changed: Iterable[Account]) -> None:
    """Give accounts, by their codes, another name, RGS code, kind, side and VAT code."""
    for one in changed:
        values = {name: value for name, value in vars(one).items() if name != "code"}
        connection.execute(sa.update(accounts).where(accounts.c.code == one.code).values(values))


def update_vat_accounts(connection: sa.Connection, changed: Iterable[VatCode]) -> None:
    """Give VAT codes, by their codes, other accounts."""
    for one in changed:
        values = {"payable_account": one.payable_account, "receivable_account": one.receivable_account}
        connection.execute(sa.update(vat_codes).where(vat_codes.c.code == one.code).values(values))
