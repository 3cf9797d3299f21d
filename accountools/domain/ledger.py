"""The books: a chart of ledger accounts, journals, VAT codes, relations, and entries of lines that balance.

Amounts are whole cents in an `int`; on screen and in JSON they are texts with two decimals (`format_amount`).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from accountools.domain.errors import Refused
from accountools.domain.messages import N_

Side = Literal["D", "C"]
COUNTED = ("accounts", "entries", "lines", "relations", "years", "vat_rows")  # the tables that control totals count
COUNT_TITLES = {
    "accounts": N_("Accounts"),
    "entries": N_("Entries"),
    "lines": N_("Lines"),
    "relations": N_("Relations"),
    "years": N_("Fiscal years"),
    "vat_rows": N_("VAT lines"),
}


@dataclass(frozen=True)
class Account:
    """A ledger account. `side` is its normal side, `vat` its usual VAT code.

    `kind` is B (balance sheet), P (profit and loss) or M (mixed: what an audit file doesn't decide).
    """

    code: str
    name: str
    rgs: str
    kind: Literal["B", "P", "M"]
    side: Side
    vat: str = ""


@dataclass(frozen=True)
class Journal:
    """A journal (dagboek). `kind` as in the audit file: B bank, C cash, P purchase, S sales, M memorial, O opening, Z other."""

    code: str
    name: str
    kind: str
    offset_account: str | None = None


@dataclass(frozen=True)
class VatCode:
    """A VAT code; `rate` in hundredths of a percent (2100 is 21 %), None when not known."""

    code: str
    name: str
    rate: int | None
    payable_account: str | None = None
    receivable_account: str | None = None


@dataclass(frozen=True)
class Relation:
    """A debtor (D), creditor (C), both (B) or another one (O)."""

    code: str
    name: str
    kind: Literal["D", "C", "B", "O"]
    city: str = ""


@dataclass(frozen=True)
class Line:
    """One line of an entry: `amount` in cents on `side` of `account`. `document` is an invoice's number, `due` its due date (ISO 8601).

    `vat` is a VAT code; `vat_percentage` (thousandths) and `vat_amount` (cents, on the line's side) are None where only that is known.
    """

    account: str
    side: Side
    amount: int
    description: str = ""
    relation: str | None = None
    vat: str | None = None
    document: str | None = None
    due: str | None = None
    vat_percentage: int | None = None
    vat_amount: int | None = None


@dataclass(frozen=True)
class OpeningLine:
    """A line of the balance that a year opens with: of an account, or of an invoice on it that is open."""

    account: str
    side: Side
    amount: int
    description: str = ""
    relation: str | None = None
    document: str | None = None
    due: str | None = None


@dataclass(frozen=True)
class Entry:
    """A journal entry (boekstuk) on `date` (ISO 8601) in `period` (1–12; 0 opens, 13 closes the year)."""

    journal: str
    number: str
    date: str
    period: int
    description: str
    lines: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        debit = sum(line.amount for line in self.lines if line.side == "D")
        credit = sum(line.amount for line in self.lines if line.side == "C")
        if debit != credit:
            raise Refused("entry-unbalanced", entry=self.number, debit=decimal_amount(debit), credit=decimal_amount(credit))


@dataclass(frozen=True)
class ControlTotals:
    """Counts and sums that are equal in two copies of the same books; debit and credit in cents.

    None is what a backup of an older version doesn't count.
    """

    accounts: int = 0
    entries: int = 0
    lines: int = 0
    relations: int = 0
    debit: int = 0
    credit: int = 0
    years: int | None = None
    vat_rows: int | None = None

    def counts(self) -> dict[str, int]:
        """The counts as the interface gives them."""
        return {name: count for name in COUNTED if (count := getattr(self, name)) is not None}

    def totals(self) -> dict[str, str]:
        """The totals as texts with two decimals."""
        return {"debit": format_amount(self.debit), "credit": format_amount(self.credit)}


STANDARD_JOURNALS = (
    Journal("10", "Kas", "C"),
    Journal("20", "Bank", "B"),
    Journal("60", "Verkoop", "S"),
    Journal("70", "Inkoop", "P"),
    Journal("90", "Memoriaal", "M"),
    Journal("95", "Openingsbalans", "O"),
)


def decimal_amount(cents: int) -> Decimal:
    """An amount in cents as a decimal with two places: what a fact of an obstacle is, to be written as in the reader's language."""
    return Decimal(cents).scaleb(-2)


def optional_amount(cents: int | None) -> str | None:
    """As `format_amount`, where there is one."""
    return None if cents is None else format_amount(cents)


def format_amount(cents: int) -> str:
    """An amount in cents as a text with two decimals: `-1234.56`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
