"""VAT codes without accounts get those of their tax: what an audit file doesn't say follows from the RGS codes of its accounts."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

import sqlalchemy as sa

from accountools.domain.ledger import VatCode
from accountools.domain.vat import DEDUCTIBLE_RGS, PAYABLE_RGS, REVERSED_RGS, find_standard, vat_rgs, with_accounts
from accountools.storage.books import charts, ledger, vat_sums


def complete_vat_accounts(books: sa.Connection, year: str) -> None:
    """Give VAT codes the accounts that they don't name: the standard ones by the chart, others by what was booked with them in `year`.

    Of a code that isn't standard these are the account of what is owed and that of input tax on which the entries that name this code
    alone have tax, if there is only one of either. A code for sales and purchases alike gets both.
    """
    accounts, _, codes = ledger.get_chart(books)
    standard = with_accounts(codes, accounts)
    done = {one.code for one in standard}
    missing = [one for one in codes if one.code not in done and _can_be_completed(one)]
    taxes = {one.code: rgs for one in accounts if (rgs := vat_rgs(one.rgs)) in PAYABLE_RGS | DEDUCTIBLE_RGS}
    used = vat_sums.tax_accounts_by_code(books, year, frozenset(taxes)) if missing and taxes else {}
    charts.update_vat_accounts(books, (one for one in (*standard, *_by_use(missing, used, taxes)) if one not in codes))


def _can_be_completed(one: VatCode) -> bool:
    """Whether use may show an account of a VAT code: of a standard one only if it has none."""
    if find_standard(one.code, one.name):
        return not (one.payable_account or one.receivable_account)
    return not (one.payable_account and one.receivable_account)


def _by_use(codes: Collection[VatCode], used: Mapping[str, Collection[Collection[str]]], taxes: Mapping[str, str]) -> Iterator[VatCode]:
    for one in codes:
        booked = {account for some in used.get(one.code, ()) if _is_tax_of_one_code({taxes[it] for it in some}) for account in some}
        payable, receivable = (
            {named} if named else {account for account in booked if taxes[account] in wanted}
            for named, wanted in ((one.payable_account, PAYABLE_RGS), (one.receivable_account, DEDUCTIBLE_RGS))
        )
        if len(payable) <= 1 and len(receivable) <= 1:
            yield replace(one, payable_account=next(iter(payable), None), receivable_account=next(iter(receivable), None))


def _is_tax_of_one_code(rgs: set[str]) -> bool:
    """Whether the taxes on an entry can be those of one VAT code: owed, or deducted, or both where it is reversed or on acquisitions."""
    return not rgs & DEDUCTIBLE_RGS or rgs <= DEDUCTIBLE_RGS | REVERSED_RGS
