"""The standard VAT codes: the box of the Dutch VAT return of each, and the accounts that hold its tax, by their RGS codes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from accountools.domain.ledger import Account, VatCode

_HIGH, _LOW = 2100, 900
_INPUT = "BSchBepBoo"
INPUT_BOX = "5b"
BOXES = ("1a", "1b", "1c", "1d", "1e", "2a", "3a", "3b", "3c", "4a", "4b", INPUT_BOX)  # those that are filled in; the rest are sums


@dataclass(frozen=True)
class VatTreatment:
    """What a VAT code means. `box` is empty where the turnover isn't in the return.

    `payable` and `deductible` are the RGS codes of the accounts of the tax that is owed and of the input tax, empty where there is none.
    """

    code: VatCode
    box: str
    payable: str = ""
    deductible: str = ""


TREATMENTS = (
    VatTreatment(VatCode("VH", "Verkoop hoog 21 %", _HIGH), "1a", "BSchBepBla"),
    VatTreatment(VatCode("VL", "Verkoop laag 9 %", _LOW), "1b", "BSchBepBlv"),
    VatTreatment(VatCode("VO", "Verkoop overige tarieven", None), "1c", "BSchBepBlo"),
    VatTreatment(VatCode("VP", "Privégebruik", None), "1d", "BSchBepBop"),
    VatTreatment(VatCode("V0", "Verkoop 0 %", 0), "1e"),
    VatTreatment(VatCode("VVL", "Verkoop btw verlegd", 0), "1e"),
    VatTreatment(VatCode("VV", "Verkoop vrijgesteld", 0), ""),
    VatTreatment(VatCode("VEX", "Uitvoer buiten de EU", 0), "3a"),
    VatTreatment(VatCode("VEU", "Levering van goederen binnen de EU", 0), "3b"),  # the EU sales statement has goods and services apart
    VatTreatment(VatCode("VEUD", "Diensten binnen de EU", 0), "3b"),
    VatTreatment(VatCode("VAF", "Afstandsverkopen en installatie binnen de EU", 0), "3c"),
    VatTreatment(VatCode("IH", "Inkoop hoog 21 %", _HIGH), INPUT_BOX, "", _INPUT),
    VatTreatment(VatCode("IL", "Inkoop laag 9 %", _LOW), INPUT_BOX, "", _INPUT),
    VatTreatment(VatCode("IVL", "Inkoop btw verlegd", _HIGH), "2a", "BSchBepBlw", _INPUT),
    VatTreatment(VatCode("IEX", "Invoer en diensten van buiten de EU", _HIGH), "4a", "BSchBepBlb", _INPUT),
    VatTreatment(VatCode("IEU", "Verwerving van goederen binnen de EU", _HIGH), "4b", "BSchBepBlu", _INPUT),
    VatTreatment(VatCode("IEUD", "Diensten uit de EU", _HIGH), "4b", "BSchBepBlu", _INPUT),
)
STANDARD_VAT_CODES = tuple(one.code for one in TREATMENTS)
PAYABLE_RGS = frozenset(one.payable for one in TREATMENTS if one.payable)
DEDUCTIBLE_RGS = frozenset((_INPUT,))
REVERSED_RGS = frozenset(one.payable for one in TREATMENTS if one.payable and one.deductible)  # of tax that is owed and deducted at once

_OF_MOVEMENTS = {  # what RGS has below BSchBepBtw (level 5) for each of these
    "BSchBepBtwOla": "BSchBepBla",
    "BSchBepBtwOlv": "BSchBepBlv",
    "BSchBepBtwOlo": "BSchBepBlo",
    "BSchBepBtwOop": "BSchBepBop",
    "BSchBepBtwOlw": "BSchBepBlw",
    "BSchBepBtwOlb": "BSchBepBlb",
    "BSchBepBtwOlu": "BSchBepBlu",
    "BSchBepBtwVoo": _INPUT,
}
_STANDARD = {(one.code.code, one.code.name): one for one in TREATMENTS}


def find_standard(code: str, name: str) -> VatTreatment | None:
    """What a standard VAT code means, by code and name; None of any other."""
    return _STANDARD.get((code, name))


def vat_rgs(rgs: str) -> str:
    """The RGS code by which the account of a tax is known: of one for movements that of its box, of any other itself."""
    return _OF_MOVEMENTS.get(rgs, rgs)


def vat_codes_for(chart: Iterable[Account]) -> tuple[VatCode, ...]:
    """The standard VAT codes with their accounts in the chart, and those that accounts name besides; of these only the code is known."""
    accounts = tuple(chart)
    others = {account.vat for account in accounts if account.vat} - {one.code for one in STANDARD_VAT_CODES}
    standard = {one.code: one for one in (*STANDARD_VAT_CODES, *with_accounts(STANDARD_VAT_CODES, accounts))}
    return (*standard.values(), *(VatCode(code, code, None) for code in sorted(others)))


def with_accounts(codes: Iterable[VatCode], chart: Iterable[Account]) -> tuple[VatCode, ...]:
    """Those of the codes that are standard and name no account, with their accounts: those in the chart that alone have the RGS code."""
    with_rgs = [(vat_rgs(one.rgs), one.code) for one in chart if one.rgs]
    counts = Counter(rgs for rgs, _ in with_rgs)
    by_rgs = {rgs: code for rgs, code in with_rgs if counts[rgs] == 1}
    found = []
    for one in codes:
        treatment = find_standard(one.code, one.name)
        if treatment is None or one.payable_account or one.receivable_account:
            continue
        payable, receivable = (by_rgs.get(rgs) for rgs in (treatment.payable, treatment.deductible))
        if payable or receivable:
            found.append(replace(one, payable_account=payable, receivable_account=receivable))
    return tuple(found)
