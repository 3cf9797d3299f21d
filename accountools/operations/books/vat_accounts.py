"""VAT codes without accounts get those of their tax: what an audit file doesn't say follows from the RGS codes of its accounts."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import sqlalchemy as sa

from accountools.domain.ledger import VatCode
from accountools.domain.vat import DEDUCTIBLE_RGS, PAYABLE_RGS, with_accounts
from accountools.storage.books import charts, ledger, vat_sums


def complete_vat_accounts(books: sa.Connection, year: str) -> None:
    """Give accounts to the VAT codes that have none: the standard ones by the chart, others by what was booked with them in `year`.

    Of a code that isn't standard the account is that on which the entries that name this code alone have tax, if it is only one.
    """
    accounts, _, codes = ledger.get_chart(books)
    standard = with_accounts(codes, accounts)
    done = {one.code for one in standard}
    missing = [one for one in codes if not (one.payable_account or one.receivable_account or one.code in done)]
    taxes = {one.code: one.rgs for one in accounts if one.rgs in PAYABLE_RGS | DEDUCTIBLE_RGS}
    used = vat_sums.tax_accounts_by_code(books, year, frozenset(taxes)) if missing and taxes else {}
    charts.update_vat_accounts(books, (*standard, *_by_use(missing, used, taxes)))


def _by_use(codes: Collection[VatCode], used: Mapping[str, Collection[str]], taxes: Mapping[str, str]) -> Iterator[VatCode]:
    for one in codes:
        payable, receivable = (
            [account for account in used.get(one.code, ()) if taxes[account] in wanted] for wanted in (PAYABLE_RGS, DEDUCTIBLE_RGS)
        )
        if len(payable) <= 1 and len(receivable) <= 1 and payable + receivable:
            yield replace(one, payable_account=next(iter(payable), None), receivable_account=next(iter(receivable), None))
