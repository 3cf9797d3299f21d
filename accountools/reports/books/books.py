"""The books of one administration, and the reports of them (`office.books(7)`)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.register.state import own_books
from accountools.operations.session import Office
from accountools.reports.books import findings as journal_tests
from accountools.reports.books.entry_card import EntryCard
from accountools.reports.books.findings import Findings
from accountools.reports.books.ledger_card import LedgerCard, open_ledger_card
from accountools.reports.books.open_items import ItemKind, OpenItems, compute_open_items
from accountools.reports.books.table import parse_day
from accountools.reports.books.trial_balance import TrialBalance, compute_trial_balance
from accountools.reports.books.vat_return import VatReturn, compute_vat_return
from accountools.reports.books.years import Years
from accountools.storage.books import balances
from accountools.storage.books.account_lines import entry_lines
from accountools.texts import Texts, choose_language

Year = int | str | None


@dataclass(frozen=True)
class Books:
    """The books of an administration. Each report has `.rows` (amounts in cents) and `.frame()` (a pandas table).

    A year is a label, such as 2025 or `2025-2026`; None is the year in which `until` lies, without `until` the latest. `until` leaves
    out what is dated later; it can't be before the year (`year-not-found`).
    All raise `administration-not-found`, `books-missing`; and all but `years` raise `year-not-found`.
    """

    office: Office
    number: AdministrationNumber

    def years(self) -> Years:
        """The fiscal years."""
        with self._open() as books:
            return list_years(books)

    def trial_balance(self, year: Year = None, *, until: date | None = None, by_period: bool = False) -> TrialBalance:
        """What accounts opened with, moved and closed with, and how they closed the year before; `by_period`: and moved in each period."""
        with self._open() as books:
            years = list_years(books)
            chosen = years.choose(self.number, year, until)
            return compute_trial_balance(books, chosen, years.before(chosen), _text(until), by_period=by_period)

    def ledger(self, account: str, year: Year = None, *, until: date | None = None) -> LedgerCard:
        """The lines of an account with the balance after each. Raises `account-not-found`."""
        with self.open_ledger(account, year, until=until) as card:
            return replace(card, rows=tuple(card.rows))

    @contextmanager
    def open_ledger(self, account: str, year: Year = None, *, until: date | None = None) -> Iterator[LedgerCard]:
        """As `ledger`, but its rows are read one by one, once, in the block: of any number of lines in constant memory."""
        with self._open() as books:
            years = list_years(books)
            chosen = years.choose(self.number, year, until)
            yield open_ledger_card(books, self.number, chosen, years.before(chosen), account, _text(until))

    def entry(self, journal: str, number: str, year: Year = None) -> EntryCard:
        """The lines of an entry."""
        with self._open() as books:
            label = list_years(books).choose(self.number, year).year
            return EntryCard(label, journal, number, tuple(entry_lines(books, label, journal, number)))

    def open_items(
        self, year: Year = None, *, until: date | None = None, on: date | None = None, kind: ItemKind | None = None
    ) -> OpenItems:
        """What debtors owe and creditors are owed. Items age to the day `on`, and nothing later counts.

        It is `until` where that is given, else today; of a year that is asked for and has ended, its last day, and of one that has yet
        to begin its first. Without a year they are those of the year in which the day lies.
        """
        today = self._today()
        counted = min(filter(None, (on, until)), default=None)
        with self._open() as books:
            years = list_years(books)
            current = years.at(today) if year is None and counted is None else None
            chosen = current or years.choose(self.number, year, counted)
            default = today if year is None else min(today, parse_day(chosen.last_day) or today)
            day = on or until or max(default, parse_day(chosen.first_day) or default)
            return compute_open_items(books, years, chosen, day, _text(counted or day), kind)

    def vat(self, year: Year = None, *, until: date | None = None) -> VatReturn:
        """The VAT by box of the Dutch return."""
        with self._open() as books:
            return compute_vat_return(books, list_years(books).choose(self.number, year, until), _text(until))

    def findings(self, year: Year = None, *, until: date | None = None, texts: Texts | None = None) -> Findings:
        """What the tests of the journals find; sentences in the language of `texts`."""
        with self._open() as books:
            years = list_years(books)
            chosen = years.choose(self.number, year, until)
            language = texts or Texts(choose_language(None))
            return journal_tests.compute_findings(books, chosen, years.before(chosen), _text(until), language)

    def _open(self) -> AbstractContextManager[sa.Connection]:
        return own_books(self.office, self.number)

    def _today(self) -> date:
        with self.office.session() as session:
            return session.context.today


def list_years(books: sa.Connection) -> Years:
    """The fiscal years of books."""
    return Years(tuple(balances.list_fiscal_years(books)))


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
