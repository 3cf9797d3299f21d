"""What a year's books say for the VAT return, by box.

What a VAT code means follows from the standard codes; of others from the RGS codes of their accounts, else from their rate. What no box
is known for is `unmapped`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from accountools.domain.ledger import format_amount
from accountools.domain.messages import N_
from accountools.domain.vat import BOXES, INPUT_BOX, TREATMENTS, VatTreatment
from accountools.reports.books.table import BookTable, Field, SmallTable, amount, optional_amount
from accountools.reports.books.trial_balance import year_facts
from accountools.storage.books import balances, vat_sums
from accountools.storage.books.balances import FiscalYear, LedgerAccount
from accountools.storage.books.vat_sums import UsedVatCode, VatSum

BOX_TITLES = {
    "1a": N_("Supplies at the high rate"),
    "1b": N_("Supplies at the low rate"),
    "1c": N_("Supplies at other rates, except 0 %"),
    "1d": N_("Private use"),
    "1e": N_("Supplies at 0 % or not taxed with you"),
    "2a": N_("Supplies on which the VAT was reverse-charged to you"),
    "3a": N_("Supplies to countries outside the EU (exports)"),
    "3b": N_("Supplies to or in countries within the EU"),
    "3c": N_("Installation and distance sales within the EU"),
    "4a": N_("Supplies from countries outside the EU"),
    "4b": N_("Supplies from countries within the EU"),
    "5a": N_("VAT owed (boxes 1 to 4)"),
    "5b": N_("Input tax"),
    "5c": N_("To pay or to reclaim (5a less 5b)"),
}
OWED_BOX, BALANCE_BOX = "5a", "5c"
_WITHOUT_TAX = frozenset(("1e", "3a", "3b", "3c"))
_BOUGHT = frozenset(("2a", "4a", "4b"))  # their turnover is what was bought
_RATES = {21_000: "1a", 19_000: "1a", 9_000: "1b", 6_000: "1b"}  # thousandths of a percent
_INPUT = next(one.deductible for one in TREATMENTS if one.box == INPUT_BOX)
_STANDARD = {(one.code.code, one.code.name): one for one in TREATMENTS}
_BY_PAYABLE = {one.payable: one for one in reversed(TREATMENTS) if one.payable}
_UNKNOWN = VatTreatment(TREATMENTS[0].code, "?")


@dataclass(frozen=True)
class VatBox:
    """A box of the return; in cents, as the return has them. None is what it has no field for, or the books don't tell."""

    box: str
    turnover: int | None
    vat: int | None


@dataclass(frozen=True)
class UnmappedVat:
    """A VAT code of which the box isn't known: the sum of its lines and of their VAT, in cents, debit positive."""

    code: str
    name: str
    net: int
    vat: int
    lines: int


@dataclass(frozen=True)
class VatReturn(BookTable[VatBox]):
    """The boxes, and the codes that are in none."""

    year: str
    until: str | None
    rows: tuple[VatBox, ...]
    unmapped: tuple[UnmappedVat, ...]

    TITLE = N_("VAT return")
    FIELDS = (Field("box", N_("Box"), width=58), amount("turnover", N_("Turnover")), amount("vat", N_("VAT")))

    def facts(self) -> tuple[tuple[str, object], ...]:
        """The year, and the day to which it goes."""
        return year_facts(self.year, self.until)

    def more(self) -> tuple[SmallTable, ...]:
        """The codes that are in no box."""
        if not self.unmapped:
            return ()
        fields = (
            Field("code", N_("VAT code")), Field("name", N_("Name"), width=32), amount("net", N_("Lines' balance")),
            amount("vat", N_("VAT")), Field("lines", N_("Lines"), "number"),
        )  # fmt: skip
        return (SmallTable(N_("In no box"), fields, tuple((one.code, one.name, one.net, one.vat, one.lines) for one in self.unmapped)),)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        unmapped = [vars(one) | {"net": format_amount(one.net), "vat": optional_amount(one.vat)} for one in self.unmapped]
        return {"year": self.year, "until": self.until, "boxes": self.documents(), "unmapped": unmapped}


@dataclass
class _Box:
    """A box while it is computed: turnover, and the tax as VAT rows state it and as it is on accounts that only hold this tax."""

    turnover: int = 0
    stated: int = 0
    booked: int = 0
    unstated: int = 0
    accounts: set[str] = field(default_factory=set)


def compute_vat_return(books: sa.Connection, year: FiscalYear, until: str | None = None) -> VatReturn:
    """The boxes of the VAT of a year, with what was booked no later than `until`."""
    accounts = balances.list_accounts(books)
    codes = vat_sums.list_used_codes(books)
    rgs = {account.rgs for account in accounts.values()} & {*_BY_PAYABLE, _INPUT}
    vat_accounts = {code for one in codes for code in (one.payable_account, one.receivable_account) if code}
    vat_accounts |= {code for code, account in accounts.items() if account.rgs in rgs}
    sums = vat_sums.vat_sums(books, year.year, frozenset(vat_accounts), until)
    taxes = vat_sums.tax_by_account(books, year.year, frozenset(vat_accounts), until)
    boxes, unmapped = {name: _Box() for name in BOXES}, []
    for code in codes:
        if code.code not in sums:
            continue
        total, treatment = sums[code.code], _treatment(code, sums[code.code], accounts)
        if treatment is _UNKNOWN:
            unmapped.append(UnmappedVat(code.code, code.name, total.net, total.tax + sum(net for _, net in total.booked), total.lines))
            continue
        for box, part in _parts(treatment):
            _add(boxes[box], total, box, part, code, treatment)
    for name, one in boxes.items():
        wanted = _INPUT if name == INPUT_BOX else next((it.payable for it in TREATMENTS if it.box == name and it.payable), None)
        one.accounts = {code for code, account in accounts.items() if wanted and account.rgs == wanted}
    return VatReturn(year.year, until, tuple(_rows(boxes, taxes)), tuple(unmapped))


def _parts(treatment: VatTreatment) -> Iterator[tuple[str, str]]:
    """The boxes that a code is in, each with what it has there: `net` is turnover, with the tax on it; `tax` only tax."""
    if treatment.box == INPUT_BOX:
        yield INPUT_BOX, "tax"
    elif treatment.box:
        yield treatment.box, "net"
        if treatment.deductible:
            yield INPUT_BOX, "tax"


def _add(box: _Box, total: VatSum, name: str, part: str, code: UsedVatCode, treatment: VatTreatment) -> None:
    sold = treatment.box not in _BOUGHT and treatment.box != INPUT_BOX
    sign = -1 if sold else 1
    if part == "net":
        box.turnover += sign * total.net
    if name in _WITHOUT_TAX:
        return
    account = code.receivable_account if name == INPUT_BOX else code.payable_account
    both = treatment.box in _BOUGHT
    booked = [net for one, net in total.booked if not both or one == account]
    if booked:
        box.stated += sum(booked) if name == INPUT_BOX else -sum(booked)
    else:
        box.stated += sign * total.tax
        box.unstated += total.unstated


def _rows(boxes: Mapping[str, _Box], taxes: Mapping[str, int]) -> Iterator[VatBox]:
    owed: int | None = 0
    for name, box in boxes.items():
        sign = 1 if name == INPUT_BOX else -1
        vat: int | None = box.stated
        if box.unstated:  # rows that only name the code: the tax is on the accounts of this tax, if the books have such
            vat = sum(sign * taxes.get(code, 0) for code in box.accounts)
            vat = vat if box.accounts else None
        if name in _WITHOUT_TAX:
            vat = None
        elif name != INPUT_BOX:
            owed = None if vat is None or owed is None else owed + vat
        if name == INPUT_BOX:
            yield VatBox(OWED_BOX, None, owed)
            yield VatBox(name, None, vat)
            yield VatBox(BALANCE_BOX, None, None if vat is None or owed is None else owed - vat)
        else:
            yield VatBox(name, box.turnover, vat)


def _treatment(code: UsedVatCode, total: VatSum, accounts: Mapping[str, LedgerAccount]) -> VatTreatment:
    standard = _STANDARD.get((code.code, code.name))
    if standard is not None:
        return standard
    payable, receivable = (
        accounts[one].rgs if one in accounts else "" for one in (code.payable_account or "", code.receivable_account or "")
    )
    if payable in _BY_PAYABLE:
        return _BY_PAYABLE[payable]
    if receivable == _INPUT or (code.receivable_account and not code.payable_account):
        return VatTreatment(TREATMENTS[0].code, INPUT_BOX, "", _INPUT)
    box = {_RATES.get(rate or 0) for rate in total.percentages}
    if code.payable_account and not code.receivable_account and len(box) == 1 and None not in box:
        return VatTreatment(TREATMENTS[0].code, str(box.pop()))
    return _UNKNOWN
