"""What a year's books say for the VAT return, by box.

What a VAT code means follows from the standard codes; of others from the RGS codes of their accounts, else from their rate. Of a code for
sales and purchases alike it follows for each entry from the account of its tax. What no box is known for is `unmapped`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.domain.ledger import format_amount, optional_amount
from accountools.domain.messages import N_
from accountools.domain.vat import BOXES, INPUT_BOX, TREATMENTS, VatTreatment, find_standard, vat_rgs
from accountools.reports.books.table import BookTable, Field, SmallTable, amount
from accountools.reports.books.trial_balance import year_facts
from accountools.storage.books import balances, vat_sums
from accountools.storage.books.balances import FiscalYear
from accountools.storage.books.vat_sums import EntryVat, UsedVatCode, VatSum

BOX_TITLES = {
    "1a": N_("Supplies at the high rate"),
    "1b": N_("Supplies at the low rate"),
    "1c": N_("Supplies at other rates, except 0%"),
    "1d": N_("Private use"),
    "1e": N_("Supplies at 0% or not taxed with you"),
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
_BY_PAYABLE = {one.payable: one for one in reversed(TREATMENTS) if one.payable}
_INPUT_TAX = VatTreatment(TREATMENTS[0].code, INPUT_BOX, "", _INPUT)
_BY_RGS = {**_BY_PAYABLE, _INPUT: _INPUT_TAX}
_UNKNOWN = VatTreatment(TREATMENTS[0].code, "?")
_Share = tuple[VatSum, VatTreatment]  # what a code has in an entry, and what it means there


@dataclass(frozen=True)
class VatBox:
    """A box of the return; in cents, as the return has them. None is what it has no field for, or the books don't tell."""

    box: str
    turnover: int | None
    vat: int | None


@dataclass(frozen=True)
class UnmappedVat:
    """A VAT code of which the box isn't known, perhaps only in some entries: the sum of its lines there and of their VAT.

    In cents, debit positive.
    """

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
    """A box while it is computed, with the accounts of its tax. `unknown`: the books don't give its VAT."""

    accounts: frozenset[str]
    turnover: int = 0
    vat: int = 0
    unknown: bool = False


def compute_vat_return(books: sa.Connection, year: FiscalYear, until: str | None = None) -> VatReturn:
    """The boxes of the VAT of a year, with what was booked no later than `until`."""
    codes = vat_sums.list_used_codes(books)
    rgs = {code: one for code, account in balances.list_accounts(books).items() if (one := vat_rgs(account.rgs)) in _BY_RGS}
    vat_accounts = frozenset(rgs).union(code for one in codes for code in (one.payable_account, one.receivable_account) if code)
    rates = vat_sums.rates_by_code(books, year.year, vat_accounts)
    meanings = {one.code: _meanings(one, rates.get(one.code, ()), rgs) for one in codes}
    boxes = {name: _Box(_accounts_of(name, codes, meanings, rgs)) for name in BOXES}
    unmapped = {one.code: VatSum() for one in codes}
    for entry in vat_sums.vat_by_entry(books, year.year, vat_accounts, until):
        shares: dict[str, list[_Share]] = {}
        for code, total in entry.codes.items():
            treatment = _meaning(meanings[code], total, entry)
            if treatment is _UNKNOWN:
                _add_unmapped(unmapped[code], total)
                continue
            if treatment.box not in {"", INPUT_BOX}:
                boxes[treatment.box].turnover += _sign(treatment) * total.net
            for box in dict.fromkeys((treatment.box, INPUT_BOX if treatment.deductible else "")):
                if box and box not in _WITHOUT_TAX:
                    shares.setdefault(box, []).append((total, treatment))
        for name in shares:
            _add_tax(name, shares, boxes, entry)
    found = ((one, unmapped[one.code]) for one in codes)
    left = tuple(UnmappedVat(one.code, one.name, total.net, total.tax, total.lines) for one, total in found if total.lines)
    return VatReturn(year.year, until, tuple(_rows(boxes)), left)


def _meanings(code: UsedVatCode, rates: Collection[int], rgs: Mapping[str, str]) -> dict[str, VatTreatment]:
    """What a VAT code means: by the account of its tax, or by "" whichever that is."""
    standard = find_standard(code.code, code.name)
    if standard is not None:
        return {"": standard}
    box = {_RATES.get(rate) for rate in rates}
    by_rate = next((VatTreatment(TREATMENTS[0].code, one) for one in box if one and len(box) == 1), _UNKNOWN)
    found: dict[str, VatTreatment] = {}
    for account, otherwise in ((code.payable_account, by_rate), (code.receivable_account, _INPUT_TAX)):
        if account:
            one = _BY_RGS.get(rgs.get(account, ""), otherwise)
            found[account] = one if found.get(account, one).box == one.box else _UNKNOWN
    both = [one for one in found.values() if one.payable and one.deductible]  # owed and deducted at once
    return {"": both[0]} if both and {one.box for one in found.values()} <= {both[0].box, INPUT_BOX} else found


def _meaning(meanings: Mapping[str, VatTreatment], total: VatSum, entry: EntryVat) -> VatTreatment:
    """What a VAT code means in an entry: of more than one meaning that of the account on which the entry has the tax."""
    boxes = {one.box: one for one in meanings.values()}
    if len(boxes) > 1:
        boxes = {meanings[account].box: meanings[account] for account in total.booked or entry.uncoded if account in meanings}
    return boxes.popitem()[1] if len(boxes) == 1 else _UNKNOWN


def _accounts_of(
    name: str, codes: Sequence[UsedVatCode], meanings: Mapping[str, Mapping[str, VatTreatment]], rgs: Mapping[str, str]
) -> frozenset[str]:
    """The accounts of the tax of a box: by their RGS codes, and what its VAT codes name that has none."""
    found = {account for account, one in rgs.items() if _BY_RGS[one].box == name}
    for code in codes:
        for account, one in meanings[code.code].items():
            deducted = INPUT_BOX if one.deductible else ""
            named = ((account, one.box),) if account else ((code.payable_account, one.box), (code.receivable_account, deducted))
            found |= {it for it, box in named if it and box == name and it not in rgs}
    return frozenset(found)


def _sign(treatment: VatTreatment) -> int:
    return 1 if treatment.box in _BOUGHT or treatment.box == INPUT_BOX else -1


def _add_unmapped(found: VatSum, total: VatSum) -> None:
    tax = sum(total.booked.values()) if total.booked else total.tax
    if total.net or tax:
        found.net += total.net
        found.tax += tax
        found.lines += total.lines


def _add_tax(name: str, shares: Mapping[str, Sequence[_Share]], boxes: Mapping[str, _Box], entry: EntryVat) -> None:
    """Add the tax that an entry has in a box; `shares` are what it has in all boxes.

    It is what lines with the code have on accounts for VAT, else what VAT rows state; of a code that has both, what is stated counts too
    where lines without a code hold it. Where rows only name the code, the tax is on the lines without a code on the box's own accounts.
    """
    box, sign = boxes[name], 1 if name == INPUT_BOX else -1
    others = frozenset[str]().union(*(boxes[other].accounts for other in shares if other != name))
    is_shared = any(entry.uncoded[account] for account in box.accounts & others)
    uncoded = sign * sum(entry.uncoded[account] for account in box.accounts - others)
    codes = [(_booked(name, total, treatment, boxes), _sign(treatment) * total.tax, total.unstated) for total, treatment in shares[name]]
    booked = sign * sum(on_accounts for on_accounts, _, _ in codes if on_accounts is not None)
    stated = sum(tax for on_accounts, tax, _ in codes if on_accounts is None)
    stated_too = sum(tax for on_accounts, tax, _ in codes if on_accounts is not None)
    box.unknown |= any(unstated and on_accounts is None for on_accounts, _, unstated in codes) and (is_shared or not box.accounts)
    if any(unstated for _, _, unstated in codes):
        box.vat += booked + uncoded
    else:
        rest = uncoded - stated
        box.vat += booked + stated + (rest if stated_too and rest in {stated_too, stated_too - booked} else 0)


def _booked(name: str, total: VatSum, treatment: VatTreatment, boxes: Mapping[str, _Box]) -> int | None:
    """What lines with a code have on the accounts for VAT of a box, debit positive; None where there are none."""
    found: Mapping[str, int] = total.booked
    if treatment.box in _BOUGHT:  # owed and deducted at once
        own = boxes[name].accounts - boxes[INPUT_BOX if name != INPUT_BOX else treatment.box].accounts
        found = {account: net for account, net in found.items() if account in own}
    return sum(found.values()) if found else None


def _rows(boxes: Mapping[str, _Box]) -> Iterator[VatBox]:
    owed: int | None = 0
    for name, box in boxes.items():
        vat = None if box.unknown or name in _WITHOUT_TAX else box.vat
        if name == INPUT_BOX:
            yield VatBox(OWED_BOX, None, owed)
            yield VatBox(name, None, vat)
            yield VatBox(BALANCE_BOX, None, None if vat is None or owed is None else owed - vat)
            continue
        if name not in _WITHOUT_TAX:
            owed = None if vat is None or owed is None else owed + vat
        yield VatBox(name, box.turnover, vat)
