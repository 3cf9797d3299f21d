"""Changing the chart of books that have one."""

import json
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
    """Give accounts, by their codes, another name, RGS code, kind, side and VAT code.

    Where the RGS code is another one, what an audit file said of it goes: an export would say that still.
    """
    for one in changed:
        its = accounts.c.code == one.code
        values = {name: value for name, value in vars(one).items() if name != "code"}
        rgs, source, more = connection.execute(sa.select(accounts.c.rgs, accounts.c.rgs_source, accounts.c.more).where(its)).one()
        if one.rgs != rgs:
            values |= {"rgs_source": None, "more": _without(more, {"RGScode", source})}
        connection.execute(sa.update(accounts).where(its).values(values))


def _without(more: str | None, names: Collection[str | None]) -> str | None:
    """What is kept of an account beside the columns, without these elements. What isn't a JSON object another program wrote: it stays."""
    try:
        kept = json.loads(more or "{}")
    except (ValueError, RecursionError):
        return more
    if not isinstance(kept, dict):
        return more
    return json.dumps({name: value for name, value in kept.items() if name not in names}) if kept.keys() & names else more


def update_vat_accounts(connection: sa.Connection, changed: Iterable[VatCode]) -> None:
    """Give VAT codes, by their codes, other accounts."""
    for one in changed:
        values = {"payable_account": one.payable_account, "receivable_account": one.receivable_account}
        connection.execute(sa.update(vat_codes).where(vat_codes.c.code == one.code).values(values))
