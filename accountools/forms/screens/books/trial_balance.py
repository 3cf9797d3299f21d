"""The trial balance of a year, the ledger card of the account that is chosen in it, and an entry of that."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.links import Heading
from accountools.forms.kit.style import paragraph
from accountools.forms.screens.books.part import TRIAL_BALANCE
from accountools.forms.screens.books.report import ExportButtons, ReportPart, ReportView
from accountools.forms.screens.books.report_table import EntryView, ReportTable, facts_line, show_entry
from accountools.reports.books.books import Books
from accountools.reports.books.entry_card import EntryCard
from accountools.reports.books.ledger_card import LedgerCard, LedgerRow
from accountools.reports.books.papers import KINDS, export_report, format_fact
from accountools.reports.books.trial_balance import TrialBalance, missing_opening_note

MOST = 10_000  # lines of a card on the screen; the files have all
_HIDDEN = frozenset({"rgs", "kind"})


class TrialBalancePart(ReportPart[TrialBalance]):
    """The part. `card` is the ledger card of the account that was chosen, of which `card_cut` says that there are more lines.

    `entry` is the entry of the card's line that was chosen; `by_period` shows the movements of each period too.
    """

    name, title = TRIAL_BALANCE, N_("Trial balance")
    by_period = False

    def forget(self) -> None:
        """Nothing is read or open."""
        super().forget()
        self.card: LedgerCard | None = None
        self.card_rows: tuple[LedgerRow, ...] = ()
        self.card_cut = False
        self.card_file: Path | None = None
        self.entry: EntryCard | None = None

    def compute(self, books: Books) -> TrialBalance:
        """Read it."""
        return books.trial_balance(self.form.year, until=self.form.until, by_period=self.by_period)

    @guarded
    def show_periods(self, yes: bool = True) -> bool:
        """Show the movements of each period too, or not."""
        self.by_period = yes
        return self.read()

    @guarded
    def choose(self, place: int | None) -> None:
        """Open the ledger card of the account at this place, or close the one that is open."""
        account = None if place is None or self.report is None else self.report.rows[place].account
        self._open(account)

    @guarded
    def open_account(self, account: str) -> None:
        """Open the ledger card of an account. Raises `account-not-found`."""
        self._open(account)

    def _open(self, account: str | None) -> None:
        books = self.form.books
        self.card, self.card_file, self.entry = None, None, None
        if account is None or books is None:
            return
        with books.open_ledger(account, self.form.year, until=self.form.until) as card:
            rows = tuple(islice(card.rows, MOST + 1))
        self.card_rows, self.card_cut = rows[:MOST], len(rows) > MOST
        self.card = replace(card, rows=self.card_rows)

    @guarded
    def choose_line(self, place: int | None) -> None:
        """Open the entry of the card's line at this place, or close the one that is open."""
        line = None if place is None else self.card_rows[place]
        self.entry = None if line is None else show_entry(self.form, line.journal, line.number)

    @property
    def cards(self) -> "CardExport":
        """The card, to be saved."""
        return CardExport(self)

    @guarded
    def export_card(self, kind: str) -> bool:
        """Save all lines of the ledger card, as `csv`, `xlsx` or `html`; `card_file` is its path."""
        books, card, number = self.form.books, self.card, self.form.number
        self.card_file = None
        if books is None or card is None or number is None or kind not in KINDS or not self.can_act():
            return False

        def write() -> Path:
            with books.open_ledger(card.account, self.form.year, until=self.form.until) as whole:
                return export_report(self.office, number, whole, f"{card.account} {card.year}", self.texts, kind)

        return self.run_job(lambda _: write(), self._note_card)

    def _note_card(self, path: Path) -> None:
        self.card_file = path


class CardExport:
    """The ledger card as `ExportButtons` take a report."""

    def __init__(self, part: TrialBalancePart) -> None:
        self.export = part.export_card


class TrialBalanceView(ReportView[TrialBalancePart]):
    """What is shown of it."""

    def __init__(self, part: TrialBalancePart, callbacks: widgets.Callbacks) -> None:
        self._periods = callbacks.change(widgets.checkbox(part.texts("Show the movement of each period too")), part.show_periods)
        super().__init__(part, callbacks)
        self._table = ReportTable(callbacks, self.texts, part.choose, _HIDDEN)
        self._card_table = ReportTable(callbacks, self.texts, part.choose_line, frozenset({"period"}))
        self._card_exports = ExportButtons(self, part.cards)
        self._card, self._card_shown = widgets.column(kinds=("at-fields",)), part.card
        self._entry = EntryView(self)

    def state(self) -> object:
        """The movements of periods have columns of their own."""
        return self.part.by_period

    def report_widgets(self, report: TrialBalance) -> Iterator[widgets.Widget]:
        """The accounts, and beneath them the card that is open."""
        _ = self.texts
        if report.missing_opening is not None:
            yield widgets.panel("attention", _("attention"), format_fact(missing_opening_note(report.missing_opening), _), "")
        yield widgets.html(paragraph(_("Choose an account to read its ledger card."), "at-quiet"))
        self._table.show(report)
        yield self._table.widget
        yield self._periods
        yield self.exports.widget
        yield self._card

    def refresh_details(self) -> None:
        """Show the card, and the entry beneath it."""
        part = self.part
        if self._card_shown is not part.card:
            self._card_shown = part.card
            self._card.children = () if part.card is None else tuple(self._card_widgets(part.card))
        self._card_exports.refresh(part.card_file, busy=part.form.busy)
        self._entry.show(part.entry)

    def _card_widgets(self, card: LedgerCard) -> Iterator[widgets.Widget]:
        _ = self.texts
        yield Heading(f"{_('Ledger card')} {card.account} {card.name}")
        yield widgets.html(facts_line(card, _))
        self._card_table.show(card)
        yield self._card_table.widget
        if self.part.card_cut:
            yield widgets.html(paragraph(_("The first {n} lines are shown; the files have all.", n=MOST), "at-quiet"))
        yield self._card_exports.widget
        yield self._entry.widget
