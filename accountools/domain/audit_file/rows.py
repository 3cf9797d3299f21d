"""What an audit file holds, as rows for the books: one type for each table, its fields named as the columns are.

Amounts are whole cents on the side that is written, negative where that is written; percentages are thousandths; days are ISO 8601 texts.
`more` is JSON of what has no column.
"""

from typing import Literal, NamedTuple

from accountools.domain.ledger import Side


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


LINE_COLUMNS = (
    *("id", "entry", "account", "side", "amount", "description", "relation", "number", "document", "effective_date", "settlement_date"),
    *("invoice", "match_key", "cost_centre", "product", "project", "quantity", "receipt", "shipment", "work_costs"),
    *("bank_account", "offset_bank_account", "currency", "currency_amount", "more"),
)
LineValues = list[str | int | None]  # in the order of LINE_COLUMNS: of lines there are millions
ALWAYS = 6  # so many of LINE_COLUMNS each line has
