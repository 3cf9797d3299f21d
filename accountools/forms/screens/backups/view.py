"""The screen of *Back-ups beheren*: the backups, the one that is open beneath them, removing old ones, and a folder of earlier ones."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from html import escape

from accountools.domain.messages import N_
from accountools.formats.backup.manifest import PURPOSES
from accountools.forms.files.delivery import DeliveryView
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import describe_size
from accountools.forms.kit.jobs import JobView, run_in_thread
from accountools.forms.kit.links import Heading
from accountools.forms.kit.screen import ClosedView, Screen, StepView
from accountools.forms.kit.style import facts_table, state_html
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.screens.backups.form import STATES, WORDS, ManageBackups, TestResult, status_of
from accountools.forms.screens.backups.parts import InspectionView, OpeningFields, RemovalView
from accountools.operations.backups.retention import KeptBackup
from accountools.operations.session import Office
from accountools.reports.icons import ICONS
from accountools.texts import Texts


def backups_screen(office: Office, texts: Texts | None = None) -> Screen[ManageBackups]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    closed = partial(ClosedView, again=N_("Manage backups"), sentences={"closed": N_("Backups screen closed.")})
    screen = Screen(ManageBackups(office, texts, run_in_thread), {"backups": BackupsView}, closed, navigation.BACKUPS)
    screen.widget.add_class("at-wide")
    return screen


class BackupsView(StepView):
    """All of it on one page."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = form.check
        self._figures = {status: self._figure(status) for status in WORDS}
        columns = (_("Status"), _("Date"), _("Administration"), _("Purpose"), _("Licence"), _("Encrypted"), _("Size"), _("Test restore"))
        listed = [*(Column(title, title == _("Size")) for title in columns), Column(_("File"), broad=True)]
        self._table = Table(callbacks, _, listed, form.choose, _("Backups"))
        self._rows: tuple[KeptBackup, ...] | None = None
        self._working = JobView(form, callbacks, _("The backups are being read"))
        self._result = widgets.column(kinds=("at-group",))
        self._result_of: tuple[object, ...] = ()
        self._opening = OpeningFields(form, callbacks)
        self._test_all = callbacks.press(widgets.button("", "at-small"), lambda: form.test_all(self._opening.pop_passphrase()))
        again = callbacks.press(widgets.button(_("Reload"), "at-small", icon="refresh"), form.reload)
        self._details = widgets.column(kinds=("at-fields",))
        self._shown: KeptBackup | None = None
        self._removal, self._inspection = RemovalView(form, callbacks), InspectionView(form, callbacks, self._opening)
        self.files = (self._opening.key, self._inspection.licence, self._inspection.folder)
        widgets.show(self._inspection.widget, form.is_accountant_office)  # a client's own licence is in its backups by right
        self.widget = widgets.column(
            widgets.row(*self._figures.values(), kinds=("at-figures",)),
            self._working.widget,
            self._result,
            self._table.widget,
            widgets.row(self._test_all, again, kinds=("at-row",)),
            self._details,
            self._opening.widget,
            self._removal.widget,
            self._inspection.widget,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        for status, count in form.counts().items():
            figure = self._figures[status]
            figure.description = figure.tooltip = f"{ICONS[STATES[status]]} {count} {_(WORDS[status])}"
            figure.value = form.shown == status
            widgets.show(figure, count > 0)
        self._working.refresh()
        if self._rows is not form.rows:
            self._rows = form.rows
            place = self._rows.index(form.chosen) if form.chosen in self._rows else None
            self._table.show((_cells(one, _) for one in self._rows), place)
        waiting = len(form.to_test)
        self._test_all.description = self._test_all.tooltip = _.plural(
            "Test restore of {count} backup", "Test restore of {count} backups", waiting
        )
        widgets.show(self._test_all, waiting > 0)
        self._test_all.disabled = form.busy
        results = (form.checked, form.removed, form.tested)
        if self._result_of != results:
            self._result_of, self._result.children = results, tuple(self._results())
            self._opening.wrong.children = [self._result_of_test(one) for one in form.tested if one.is_about_opening]
        if self._shown is not form.chosen:
            self._shown = form.chosen
            self._details.children = () if form.chosen is None else tuple(self._open(form.chosen))
        for part in (self._opening, self._removal, self._inspection):
            part.refresh()

    def hide(self) -> None:
        """Empty the passphrase's line."""
        self._opening.pop_passphrase()

    def _figure(self, status: str) -> widgets.Widget:
        figure = widgets.toggle("", f"at-figure-{STATES[status]}")
        return self._callbacks.change(figure, lambda on: self._form.show(status if on else ""))

    def _results(self) -> Iterator[widgets.Widget]:
        form, _ = self._form, self._form.texts
        if form.checked is not None:
            failed = sum(1 for one in form.kept if one.findings)
            text = _.plural(
                "Checked {count} backup: {failed} failed.", "Checked {count} backups: {failed} failed.", form.checked, failed=failed
            )
            yield widgets.panel("blocked" if failed else "ready", _("checked"), text, "")
        if form.removed is not None:
            text = _.plural("{count} backup was removed.", "{count} backups were removed.", form.removed)
            yield widgets.panel("ready", _("done"), text, "")
        yield from (self._result_of_test(one) for one in form.tested if not one.is_about_opening)

    def _result_of_test(self, one: TestResult) -> widgets.Widget:
        form, _, record = self._form, self._form.texts, one.backup.record
        name = f"{record.administration} · {_.iso_day(record.day)}"
        if one.findings:
            first, *others = one.findings
            more = [widgets.html(f"<p>{state_html('blocked', form.describe(it))}</p>") for it in others]
            return widgets.panel("blocked", name, _.sentence(first), form.remedy(first), *more)
        entered = _("{login} can log in.", login=one.login) if one.login else ""
        return widgets.panel("ready", name, _("The test restore succeeded."), entered)

    def _open(self, one: KeptBackup) -> Iterator[widgets.Widget]:
        form, _, record = self._form, self._form.texts, one.record
        yield Heading(record.path.name if record.path else "—")
        facts = [
            (_("Status"), state_html(STATES[status_of(one)], _(WORDS[status_of(one)]))),
            (_("Folder"), f"<code>{escape(str(record.path.parent))}</code>" if record.path else "—"),
            (_("Licence"), escape(record.licence_number)),
            (_("SHA-256"), f"<code>{escape(record.sha256 or '')}</code>"),
        ]
        yield widgets.html(facts_table(facts))
        yield from (widgets.html(f"<p>{state_html('blocked', form.describe(it))}</p>") for it in one.findings)
        if form.deliveries is None:
            yield FileLinks(self._callbacks, form.office, _, record.path).widget
        if one.present:
            button = widgets.button(_("Test restore"), "at-small", icon="check")
            yield widgets.row(self._callbacks.press(button, lambda: form.test(self._opening.pop_passphrase())), kinds=("at-row",))
        if form.deliveries is not None:
            yield DeliveryView(form, self._callbacks, form.deliveries).widget


def _cells(one: KeptBackup, _: Texts) -> tuple[Cell, ...]:
    record, status = one.record, status_of(one)
    return (
        StateCell(STATES[status], _(WORDS[status])),
        date.fromisoformat(record.day),
        "" if record.administration is None else str(record.administration),
        _(PURPOSES[record.purpose]),
        record.licence_number,
        _("encrypted") if record.encrypted else _("not encrypted"),
        describe_size(record.bytes or 0, _),
        date.fromisoformat(record.rehearsed) if record.rehearsed else None,
        record.path.name if record.path else "—",
    )
