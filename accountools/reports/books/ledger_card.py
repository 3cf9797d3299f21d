"""The ledger card of an account: its lines by day, each with the balance after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import format_amount
from accountools.domain.messages import N_
from accountools.reports.books.table import BookTable, Field, amount
from accountools.reports.books.trial_balance import find_missing_opening, year_facts
from accountools.storage.books import balances
from accountools.storage.books.account_lines import AccountLine, account_lines
from accountools.storage.books.balances import FiscalYear


class LedgerRow(NamedTuple):
    """A line of the card; amounts in cents, the balance debit positive."""

    date: str
    period: int
    journal: str
    number: str
    document: str | None
    description: str
    relation: str | None
    debit: int
    credit: int
    balance: int
    due: str | None


@dataclass(frozen=True)
class LedgerCard(BookTable[LedgerRow]):
    """The card of one account; amounts in cents, debit positive. Its rows may come one by one, once, within the transaction.

    `missing_opening` is as that of a trial balance; of an account of profit and loss, which opens with nothing, None.
    """

    account: str
    name: str
    year: str
    until: str | None
    opening: int
    closing: int
    rows: Iterable[LedgerRow]
    missing_opening: str | None = None

    TITLE = N_("Ledger card")
    FIELDS = (
        Field("date", N_("Date"), "day"),
        Field("period", N_("Period"), "number", 8),
        Field("journal", N_("Ledger journal")),
        Field("number", N_("Number"), width=14),
        Field("document", N_("Document"), width=16),
        Field("description", N_("Description"), width=40),
        Field("relation", N_("Relation")),
        amount("debit", N_("Debit")),
        amount("credit", N_("Credit")),
        amount("balance", N_("Balance")),
        Field("due", N_("Due date"), "day"),
    )

    def facts(self) -> tuple[tuple[str, object], ...]:
        """The account, the year, and the balances; amounts as texts."""
        return (
            (N_("Account"), f"{self.account} {self.name}"),
            *year_facts(self.year, self.until, self.missing_opening),
            (N_("Balance at the start"), self.opening),
            (N_("Balance at the end"), self.closing),
        )

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "account": self.account,
            "name": self.name,
            "year": self.year,
            "until": self.until,
            "missing_opening": self.missing_opening,
            "opening": format_amount(self.opening),
            "rows": self.documents(),
            "closing": format_amount(self.closing),
        }


def open_ledger_card(
    books: sa.Connection, number: AdministrationNumber, year: FiscalYear, before: FiscalYear | None, account: str, until: str | None = None
) -> LedgerCard:
    """The card of an account, to be read once within the transaction. Raises `account-not-found`."""
    found = balances.list_accounts(books).get(account)
    if found is None:
        raise Refused("account-not-found", number=number, account=account)
    opening = balances.opening_by_account(books, year.year).get(account, 0)
    debit, credit = balances.movements_by_account(books, year.year, until).get(account, (0, 0))
    rows = _rows(opening, account_lines(books, account, year.year, until))
    missing = None if found.kind == "P" else find_missing_opening(books, year, before)
    return LedgerCard(account, found.name, year.year, until, opening, opening + debit - credit, rows, missing)


def _rows(balance: int, lines: Iterable[AccountLine]) -> Iterator[LedgerRow]:
    for one in lines:
        balance += one.debit - one.credit
        yield LedgerRow(*one[:-1], balance, one.due)
