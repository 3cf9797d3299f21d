"""The screen of *Boekhouding*: whose books and which year above, and the parts beneath it."""

from datetime import date
from functools import partial

from accountools.domain.messages import N_
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import describe_administration
from accountools.forms.kit.file_chooser import AdministrationField
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.screen import ClosedView, Screen, StepView, ViewBuilder
from accountools.forms.screens.books.chart import ChartView
from accountools.forms.screens.books.checks import ChecksView
from accountools.forms.screens.books.convert import ConvertView
from accountools.forms.screens.books.entries import EntriesView
from accountools.forms.screens.books.export_file import ExportView
from accountools.forms.screens.books.form import Bookkeeping
from accountools.forms.screens.books.import_view import ImportView
from accountools.forms.screens.books.open_items import OpenItemsView
from accountools.forms.screens.books.part import CHART, CHECKS, CONVERT, ENTRIES, EXPORT, IMPORT, OPEN_ITEMS, TRIAL_BALANCE, VAT
from accountools.forms.screens.books.trial_balance import TrialBalanceView
from accountools.forms.screens.books.vat import VatView
from accountools.operations.session import Office
from accountools.texts import Texts


def books_screen(office: Office, texts: Texts | None = None) -> Screen[Bookkeeping]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    closed = partial(ClosedView, again=N_("Bookkeeping"), sentences={"closed": N_("Bookkeeping screen closed.")})
    screen = Screen(Bookkeeping(office, texts, run_in_thread), VIEWS, closed, navigation.BOOKS, above=SubjectView)
    screen.widget.add_class("at-wide")
    return screen


VIEWS: dict[str, ViewBuilder] = {
    IMPORT: lambda form, callbacks: ImportView(form.file, callbacks),
    ENTRIES: lambda form, callbacks: EntriesView(form.entries, callbacks),
    TRIAL_BALANCE: lambda form, callbacks: TrialBalanceView(form.balance, callbacks),
    OPEN_ITEMS: lambda form, callbacks: OpenItemsView(form.open_items, callbacks),
    VAT: lambda form, callbacks: VatView(form.vat, callbacks),
    CHECKS: lambda form, callbacks: ChecksView(form.checks, callbacks),
    EXPORT: lambda form, callbacks: ExportView(form.export, callbacks),
    CONVERT: lambda form, callbacks: ConvertView(form.conversion, callbacks),
    CHART: lambda form, callbacks: ChartView(form.chart, callbacks),
}


class SubjectView(StepView):
    """Whose books, which fiscal year, and to which day."""

    def __init__(self, form: Bookkeeping, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self._whose = AdministrationField(callbacks, _, _("Administration"), lambda: form.administrations, form.choose_administration)
        self._year = callbacks.change(widgets.dropdown([], None, _("Fiscal year")), self._choose_year)
        self._until = callbacks.change(widgets.day(_("Up to and including")), self._choose_until)
        self.widget = widgets.row(self._whose.widget, self._year, self._until, kinds=("at-subject",))

    def refresh(self) -> None:
        """Show what is chosen."""
        form = self._form
        self._whose.show("" if form.administration is None else describe_administration(form.administration), "")
        labels = tuple(one.year for one in reversed(form.years))
        if tuple(self._year.options) != labels:
            self._year.options = labels
        self._year.value = form.year
        if self._until.value != form.until:
            self._until.value = form.until
        for one in (self._year, self._until):
            widgets.show(one, bool(labels))
            one.disabled = not form.can_leave

    def _choose_year(self, label: str | None) -> None:
        if label is not None:
            self._form.choose_year(label)

    def _choose_until(self, day: date | None) -> None:
        self._form.choose_until(day)
