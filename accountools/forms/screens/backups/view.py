"""The screen of *Back-ups beheren*: the backups, the one that is open beneath them, removing old ones, and a folder of earlier ones."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from html import escape

from accountools.domain.messages import N_
from accountools.formats.backup.manifest import PURPOSES
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import describe_size
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.jobs import JobView, run_in_thread
from accountools.forms.kit.links import Heading
from accountools.forms.kit.screen import ClosedView, Screen, StepView
from accountools.forms.kit.style import facts_table, paragraph, state_html
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.screens.backups.form import STATES, WORDS, YEARS_OFFERED, ManageBackups, TestResult, status_of
from accountools.operations.backups.retention import KeptBackup
from accountools.operations.restores.inspect_file import FILE_KINDS
from accountools.operations.restores.inspect_folder import InspectedFile
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
        self._removal, self._inspection = RemovalView(form, callbacks), InspectionView(form, callbacks)
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
        yield from (self._result_of_test(one) for one in form.tested)

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
        links = FileLinks(self._callbacks, form.office, _)
        links.show(record.path)
        yield links.widget
        if one.present and record.administration is not None:
            button = widgets.button(_("Test restore"), "at-small", icon="check")
            yield widgets.row(self._callbacks.press(button, lambda: form.test(self._opening.pop_passphrase())), kinds=("at-row",))


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


class OpeningFields:
    """What opens encrypted backups: a key file, a passphrase. The passphrase's line is emptied at once when it is used or left."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        text = _("To test an encrypted backup, choose its key file or type its passphrase. Without these only its recipient can test it.")
        self._key = FileChooser(callbacks, _, _("Key file"), _("Look up: {what}", what=_("Key file")), form.choose_key)
        self._passphrase = widgets.password(_("Passphrase"))
        secret = widgets.row(self._passphrase, kinds=("at-search",))
        self.widget = widgets.column(widgets.html(paragraph(text, "at-quiet")), self._key.widget, secret, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what is chosen, if there is an encrypted backup."""
        self._key.show(str(self._form.key_file or ""), "")
        widgets.show(self.widget, any(one.record.encrypted and one.present for one in self._form.rows))

    def pop_passphrase(self) -> str | None:
        """The passphrase, removed from its line."""
        typed = str(self._passphrase.value)
        with self._callbacks.silenced():
            self._passphrase.value = ""
        return typed or None


class RemovalView:
    """Removing backups that are older than must be kept: what would go, and a button that does it."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        options = [(_.plural("{count} year", "{count} years", years), years) for years in YEARS_OFFERED]
        years = widgets.dropdown(options, form.years, _("Keep"))
        preview = widgets.button(_("Show what can be removed"), "at-small")
        callbacks.press(preview, lambda: form.plan_removal(years.value))
        heading = widgets.html(f"<h3>{escape(_('Remove old backups'))}</h3>")
        text = _("The law requires 7 years. The last backup of an administration always stays.")
        columns = [Column(title, broad=title == _("File")) for title in (_("Date"), _("Administration"), _("File"))]
        self._table = Table(callbacks, _, columns, lambda _: None, _("Remove old backups"))
        self._plan, self._shown = widgets.column(), object()
        controls = widgets.row(years, preview, kinds=("at-row",))
        self.widget = widgets.column(heading, widgets.html(paragraph(text, "at-quiet")), controls, self._plan, kinds=("at-group",))

    def refresh(self) -> None:
        """Show the plan."""
        if self._shown is not self._form.removal:
            self._shown = self._form.removal
            self._plan.children = tuple(self._parts())
        widgets.show(self.widget, bool(self._form.kept))

    def _parts(self) -> Iterator[widgets.Widget]:
        form, _, plan = self._form, self._form.texts, self._form.removal
        if plan is None:
            return
        if plan.skipped:
            text = _.plural(
                "{count} old backup is missing or changed: it stays on the list.",
                "{count} old backups are missing or changed: they stay on the list.",
                len(plan.skipped),
            )
            yield widgets.html(paragraph(text, "at-quiet"))
        if not plan.gone:
            yield widgets.html(
                paragraph(
                    _.plural(
                        "No backup is older than {count} year: nothing to remove.",
                        "No backup is older than {count} years: nothing to remove.",
                        plan.keep_years,
                    )
                )
            )
            return
        self._table.show((date.fromisoformat(one.day), str(one.administration or "—"), str(one.path or "—")) for one in plan.gone)
        yield self._table.widget
        label = _.plural("Remove {count} backup", "Remove {count} backups", len(plan.gone))
        drop = self._callbacks.press(widgets.button(_("Remove nothing"), "at-small"), form.drop_removal)
        yield widgets.row(self._callbacks.press(widgets.button(label, "at-small", icon="trash"), form.remove), drop, kinds=("at-row",))


class InspectionView:
    """A folder of older backups: whether a licence of the office's own is in one of them, and which don't verify."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        heading = widgets.html(f"<h3>{escape(_('Look through a folder of earlier backups'))}</h3>")
        text = _("Searches all files in it, and in the folders below, for your office's own licence. Nothing there is changed.")
        self._folder = FileChooser(callbacks, _, _("Folder"), _("Look up the folder"), form.inspect, folders=True)
        columns = [Column(title, broad=title == _("Findings")) for title in (_("File"), _("Kind"), _("Findings"))]
        self._table = Table(callbacks, _, columns, lambda _: None, _("Findings"))
        self._found, self._shown = widgets.column(kinds=("at-group",)), object()
        described = widgets.html(paragraph(text, "at-quiet"))
        self.widget = widgets.column(heading, described, self._folder.widget, self._found, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what was found."""
        form = self._form
        self._folder.show(str(form.folder or ""), "")
        if self._shown is not form.inspected:
            self._shown = form.inspected
            self._found.children = () if form.inspected is None else tuple(self._parts(form.inspected))

    def _parts(self, found: tuple[InspectedFile, ...]) -> Iterator[widgets.Widget]:
        _, wrong = self._form.texts, [one for one in found if one.findings]
        text = _.plural("Checked {count} file: {failed} failed; with an own licence in it: {holding}.",
            "Checked {count} files: {failed} failed; with an own licence in them: {holding}.",
            len(found), failed=len(wrong), holding=sum(one.holds_licence for one in found))  # fmt: skip
        yield widgets.panel("blocked" if wrong else "ready", _("checked"), text, "")
        if wrong:
            self._table.show((str(one.path), _(FILE_KINDS[one.kind]), " ".join(_.sentence(it) for it in one.findings)) for one in wrong)
            yield self._table.widget
