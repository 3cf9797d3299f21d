"""What an audit file holds, as rows for the books: one type for each table, its fields named as the columns are.

Amounts are whole cents on the side that is written, negative where that is written; percentages are thousandths; days are ISO 8601 texts.
`more` is JSON of what has no column.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from accountools.domain.ledger import Side

Severity = Literal["error", "warning", "info"]
WrittenVersion = Literal["4.0", "3.2"]
LossKind = Literal["left-out", "shortened", "replaced"]


@dataclass(frozen=True)
class Finding:
    """One observation about an audit file: a code of `domain.audit_findings`, where it is, and what exactly was found (English)."""

    code: str
    severity: Severity
    detail: str
    line: int | None = None
    file: str | None = None


@dataclass(frozen=True)
class FileFacts:
    """What an audit file says of itself. `version` is that of the format; days are None where they can't be read."""

    path: str
    version: str
    software: str | None
    company: str | None
    kvk: str | None
    year: str
    first_day: str | None
    last_day: str | None
    encoding: str


class YearRow(NamedTuple):
    """A fiscal year: header and company of the file."""

    label: str
    first_day: str
    last_day: str
    closed: int
    format: str
    file: str
    sha256: str
    fiscal_year: str | None
    currency: str | None
    created: str | None
    software: str | None
    software_version: str | None
    rgs_version: str | None
    company: str | None
    kvk: str | None
    tax_country: str | None
    tax_number: str | None
    addresses: str | None
    opening_day: str | None
    opening_text: str | None
    more: str | None


class PeriodRow(NamedTuple):
    """A period of the year."""

    year: str
    number: int
    first_day: str | None
    last_day: str | None
    name: str | None
    more: str | None


class AccountRow(NamedTuple):
    """A ledger account."""

    code: str
    name: str
    rgs: str
    kind: Literal["B", "P", "M"]
    side: Side
    vat: str
    rgs_source: str | None
    more: str | None


class JournalRow(NamedTuple):
    """A journal."""

    code: str
    name: str
    kind: str
    offset_account: str | None
    bank_account: str | None
    more: str | None


class VatCodeRow(NamedTuple):
    """A VAT code."""

    code: str
    name: str
    rate: int | None
    payable_account: str | None
    receivable_account: str | None
    more: str | None


class RelationRow(NamedTuple):
    """A relation: D is a debtor (in the file a customer, C), C a creditor (a supplier, S), B both, O another one."""

    code: str
    name: str
    kind: Literal["D", "C", "B", "O"]
    city: str
    email: str | None
    kvk: str | None
    tax_country: str | None
    tax_number: str | None
    addresses: str | None
    more: str | None


class RelationBalanceRow(NamedTuple):
    """The balances of a relation that the file states."""

    year: str
    relation: str
    opening: int | None
    opening_side: Side | None
    closing: int | None
    closing_side: Side | None


class OpeningRow(NamedTuple):
    """A line of the opening balance."""

    id: int
    year: str
    account: str
    side: Side
    amount: int
    number: str | None
    description: str | None = None
    relation: str | None = None
    document: str | None = None
    invoice: str | None = None
    due: str | None = None
    more: str | None = None


class EntryRow(NamedTuple):
    """An entry."""

    id: int
    journal: str
    number: str
    date: str
    period: int
    description: str
    year: str
    source: str | None
    user_name: str | None
    more: str | None


class VatRow(NamedTuple):
    """A VAT row of a line."""

    line: int
    code: str
    percentage: int | None
    side: Side | None
    amount: int | None


class SubledgerRow(NamedTuple):
    """A line of a sub-ledger. `references` are the places that it may belong to: journal, entry and line numbers.

    `opening` is the number of the line of the opening balance that it belongs to instead.
    """

    ledger: str
    side: Side
    amount: int
    relation: str | None
    invoice: str | None
    invoice_date: str | None
    due: str | None
    more: str | None
    opening: str | None
    references: tuple[tuple[str, str, str], ...]


LINE_COLUMNS = (
    *("id", "entry", "account", "side", "amount", "description", "relation", "number", "document", "effective_date", "settlement_date"),
    *("invoice", "match_key", "cost_centre", "product", "project", "quantity", "receipt", "shipment", "work_costs"),
    *("bank_account", "offset_bank_account", "currency", "currency_amount", "more"),
)
LineValues = list[str | int | None]  # in the order of LINE_COLUMNS: of lines there are millions
ALWAYS = 6  # so many of LINE_COLUMNS each line has


@dataclass
class MasterData:
    """All of a file but its journals and entries."""

    year: YearRow
    periods: list[PeriodRow] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    vat_codes: list[VatCodeRow] = field(default_factory=list)
    relations: list[RelationRow] = field(default_factory=list)
    relation_balances: list[RelationBalanceRow] = field(default_factory=list)
    opening_lines: list[OpeningRow] = field(default_factory=list)


@dataclass
class EntryBatch:
    """Some entries with their lines and VAT rows. `unbalanced` are entries with what their debit is more than their credit.

    `columns` are those of the lines: the first of LINE_COLUMNS, which each line has, and those of the others that this file fills.
    `days` are the periods and dates of the entries as they are written. `is_doubtful`: an entry has no lines, or two of one number.
    """

    columns: tuple[str, ...] = LINE_COLUMNS
    entries: list[EntryRow] = field(default_factory=list)
    lines: list[LineValues] = field(default_factory=list)
    vat_rows: list[VatRow] = field(default_factory=list)
    unbalanced: list[tuple[int, int]] = field(default_factory=list)
    days: set[tuple[str | None, str | None]] = field(default_factory=set)
    is_doubtful: bool = False


class StoredSubledgerRow(NamedTuple):
    """A line of a sub-ledger as the books keep it."""

    opening_line: int | None
    ledger: str
    side: Side
    amount: int
    relation: str | None
    invoice: str | None
    invoice_date: str | None
    due: str | None
    more: str | None


class EntryWithLines(NamedTuple):
    """An entry with its lines, and their VAT rows by the number of the line."""

    entry: EntryRow
    lines: list[LineValues]
    vat_rows: Mapping[int, list[VatRow]]


@dataclass(frozen=True)
class Sums:
    """Debit and credit of some lines, by account and together, in cents."""

    lines: int
    accounts: Mapping[str, tuple[int, int]]

    @property
    def debit(self) -> int:
        """Debit of all accounts."""
        return sum(debit for debit, _ in self.accounts.values())

    @property
    def credit(self) -> int:
        """Credit of all accounts."""
        return sum(credit for _, credit in self.accounts.values())


@dataclass(frozen=True)
class YearContents:
    """What is written to an audit file: one year of books. Rows are read when they are written; entries by journal, as journals are.

    `due` counts the lines with a due date, `due_alone` those whose due date no sub-ledger states: how many, and one of the dates.
    `moved` are the entries that are among the lines of the opening: how many, and one of their numbers. `last_entry` is a day.
    """

    year: YearRow
    periods: Iterable[PeriodRow]
    accounts: Iterable[AccountRow]
    journals: Iterable[JournalRow]
    vat_codes: Iterable[VatCodeRow]
    relations: Iterable[tuple[RelationRow, RelationBalanceRow | None]]
    opening_lines: Iterable[OpeningRow]
    entries: Iterable[EntryWithLines]
    subledger_lines: Callable[[], Iterable[StoredSubledgerRow]]
    opening_sums: Sums
    sums: Sums
    due: Callable[[], tuple[int, str]]
    due_alone: Callable[[], tuple[int, str]]
    moved: tuple[int, str]
    last_entry: str | None


@dataclass(frozen=True)
class Loss:
    """What an audit file of a version can't hold: the element, what became of it, how often, and one of the values."""

    what: str
    how: LossKind
    count: int
    example: str
