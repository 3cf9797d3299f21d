"""The screen of *Licenties*: the states that filter, the table, the licence that is open beneath it, and the inbox."""

from collections.abc import Iterator
from html import escape

from accountools.domain.administration import Administration, Client
from accountools.domain.licence import Licence, is_same_name
from accountools.forms.files.licence_file import undo_panel
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import KINDS, STATUS_STATES, describe_differences, describe_modules, describe_waiting, licence_facts
from accountools.forms.kit.jobs import JobView, run_in_thread
from accountools.forms.kit.links import LIKE_BUTTON, Heading, Link, Links
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import facts_table, html_table, paragraph, state_html
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.screens.licences.form import REPLACED, WORDS, CheckLicences, status_of
from accountools.operations.licences.history import KeptLicence
from accountools.operations.licences.inbox import PlannedFile
from accountools.operations.licences.inbox_files import REFUSED
from accountools.operations.session import Office
from accountools.reports.icons import ICONS
from accountools.texts import Texts

_STATES = STATUS_STATES | {REPLACED: "missing"}


def licences_screen(office: Office, texts: Texts | None = None) -> Screen[CheckLicences]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    screen = Screen(CheckLicences(office, texts, run_in_thread), {}, LicencesView, navigation.LICENCES)
    screen.widget.add_class("at-wide")
    return screen


class LicencesView(StepView):
    """The states, the table and the licence that is open beneath it."""

    def __init__(self, form: CheckLicences, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._figures = {state: self._figure(state) for state in WORDS}
        columns = (_("Status"), _("Licence"), _("Client"), _("Administration"), _("Kind"), _("Until"), _("Users"), _("Modules"))
        right = (_("Users"),)
        self._table = Table(callbacks, _, [Column(title, title in right) for title in columns], form.choose, _("Licences"))
        self._rows: tuple[KeptLicence, ...] | None = None
        self._shown: KeptLicence | None = None
        self._details, self._asked = widgets.column(kinds=("at-fields",)), widgets.column()
        self._undo: object = None
        again = callbacks.press(widgets.button(_("Reload"), "at-small", icon="refresh"), form.reload)
        figures = widgets.row(*self._figures.values(), kinds=("at-figures",))
        self._inbox = InboxView(form, callbacks)
        row = widgets.row(again, kinds=("at-row",))
        self.widget = widgets.column(self._inbox.widget, figures, self._table.widget, row, self._details, self._asked, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        self._inbox.refresh()
        for state, count in self._form.counts().items():
            figure = self._figures[state]
            figure.description = figure.tooltip = f"{ICONS[_STATES[state]]} {count} {self._form.texts(WORDS[state])}"
            figure.value = self._form.shown == state
            widgets.show(figure, count > 0)
        if self._rows is not self._form.rows:
            self._rows, chosen = self._form.rows, self._form.chosen
            place = self._rows.index(chosen) if chosen in self._rows else None
            self._table.show((_cells(one, self._form.texts) for one in self._rows), place)
        if self._shown is not self._form.chosen:
            self._shown = self._form.chosen
            self._details.children = () if self._shown is None else tuple(self._open(self._shown))
        if self._undo != (self._form.undo.plan, self._form.undo.done):
            self._undo = self._form.undo.plan, self._form.undo.done
            self._asked.children = tuple(self._undoing())

    def _figure(self, state: str) -> widgets.Widget:
        figure = widgets.toggle("", f"at-figure-{_STATES[state]}")
        return self._callbacks.change(figure, lambda on: self._form.show(state if on else ""))

    def _open(self, one: KeptLicence) -> Iterator[widgets.Widget]:
        _, licence = self._form.texts, one.licence
        yield Heading(f"{licence.number} {licence.licensee.name}")
        text = f"<h4>{escape(_('The licence'))}</h4>{facts_table(licence_facts(licence, one.status, _))}"
        yield widgets.row(widgets.html(text), widgets.html(_client(one, _)), kinds=("at-beside",))
        yield widgets.html(self._changes(one))
        if not one.own and one.here:
            href = navigation.address(navigation.IMPORT, administration=int(one.here[0].number))
            newer = Links(self._callbacks, "line", (Link(_("Import a newer licence"), href, kind=LIKE_BUTTON),))
            undo = (self._undo_button(its) for its in one.here)
            yield widgets.row(newer, *undo, kinds=("at-row",))

    def _undo_button(self, one: Administration) -> widgets.Widget:
        undo = widgets.button(self._form.texts("Undo the import into {number}", number=one.number), "at-small", icon="undo")
        return self._callbacks.press(undo, lambda: self._form.ask_undo(one.number))

    def _undoing(self) -> Iterator[widgets.Widget]:
        form, _ = self._form, self._form.texts
        if form.undo.plan is not None:
            yield undo_panel(form.undo.plan, self._callbacks, form.confirm_undo, form.decline_undo, _)
        if form.undo.done is not None:
            yield widgets.panel("ready", _("Done"), form.undo.describe(_), "")

    def _changes(self, one: KeptLicence) -> str:
        _ = self._form.texts
        heading = f"<h4>{escape(_('Changes since the previous licence'))}</h4>"
        if one.before is None:
            return f"{heading}{paragraph(_('There is no previous licence.'), 'at-quiet')}"
        rows = [[escape(cell) for cell in row] for row in describe_differences(self._form.changes, _)]
        if not rows:
            return f"{heading}{paragraph(_('None: the licence was only signed again.'), 'at-quiet')}"
        return heading + html_table(("", _("Until now"), _("This licence")), rows)


def _cells(one: KeptLicence, _: Texts) -> tuple[Cell, ...]:
    licence, state = one.licence, status_of(one)
    return (
        StateCell(_STATES[state], _(WORDS[state])),
        licence.number,
        licence.licensee.name,
        _("the office itself") if one.own else ", ".join(str(its.number) for its in one.here),
        _(KINDS[licence.kind]),
        licence.valid_until,
        str(licence.users),
        describe_modules(licence),
    )


def _client(one: KeptLicence, _: Texts) -> str:
    heading = f"<h4>{escape(_('The client as registered here'))}</h4>"
    if one.own:
        return heading + paragraph(_("This is your office's own licence."), "at-quiet")
    if one.client is None:
        return f"{heading}<p>{state_html('attention', _('There is no client with this KvK number.'))}</p>"
    return heading + facts_table(_known(one, one.client, one.licence, _))


def _known(one: KeptLicence, client: Client, licence: Licence, _: Texts) -> Iterator[tuple[str, str]]:
    yield _("Name"), _beside(client.name, is_same_name(client.name, licence.licensee.name), _)
    yield _("KvK number"), _beside(client.kvk, client.kvk == licence.licensee.kvk, _)
    yield _("City"), _beside(client.city or "—", client.city.casefold() == licence.licensee.city.casefold(), _)
    yield _("Administration"), escape(", ".join(f"{its.number} {its.description}" for its in one.here) or "—")


def _beside(value: str, same: bool, _: Texts) -> str:
    return escape(value) if same else f"<b>{escape(value)}</b> &ensp;{state_html('attention', _('differs'))}"


class InboxView:
    """The line, and the table under it once it is open; how far it is while the files are read."""

    def __init__(self, form: CheckLicences, callbacks: widgets.Callbacks) -> None:
        self._form, self._inbox, self._callbacks, _ = form, form.inbox, callbacks, form.texts
        self._text = widgets.html()
        self._open = callbacks.press(widgets.button(_("Show the inbox"), "at-small", icon="envelope-o"), form.open_inbox)
        self._import = callbacks.press(widgets.button("", "at-main"), form.import_waiting)
        self._close = callbacks.press(widgets.button(_("Close the inbox"), "at-small"), form.close_inbox)
        self._aside = callbacks.press(widgets.button("", "at-small"), form.set_aside)
        self._files: tuple[PlannedFile, ...] | None = None
        self._table: Table | None = None
        self._rows = widgets.column()
        self._working = JobView(form, callbacks, _("The files in the inbox are being read"), files=True)
        buttons = widgets.row(self._open, self._import, self._aside, self._close, kinds=("at-row",))
        self._panel = widgets.column(self._text, buttons, kinds=("at-panel", "at-missing"))
        self.widget = widgets.column(self._panel, self._working.widget, self._rows)

    def refresh(self) -> None:
        """Show what the form holds now."""
        inbox, _ = self._inbox, self._form.texts
        opened = inbox.plan is not None
        self._text.value = self._sentence(_)
        self._working.refresh()
        widgets.show(self._panel, not self._form.busy)
        widgets.show(self.widget, opened or self._form.busy or self._form.stopped or inbox.count > 0)
        widgets.show(self._open, not opened)
        widgets.show(self._close, opened)
        widgets.show(self._import, inbox.to_import > 0)
        count, useless = inbox.to_import, len(inbox.useless)
        widgets.show(self._aside, opened and useless > 0)
        self._aside.description = self._aside.tooltip = _.plural(
            "Set {count} unusable file aside", "Set {count} unusable files aside", useless
        )
        self._import.description = self._import.tooltip = _.plural("Import {count} licence", "Import {count} licences", count)
        if self._files is not inbox.files:
            self._files = inbox.files
            self._rows.children = (self._shown(inbox.files).widget,) if opened and inbox.files else ()

    def _sentence(self, _: Texts) -> str:
        inbox = self._inbox
        if inbox.imported:
            text = _.plural("{count} licence was imported.", "{count} licences were imported.", inbox.imported)
            return f"<p>{state_html('ready', text)}</p>"
        text = describe_waiting(inbox.count, _)
        if inbox.plan is None:
            return f"<p>{escape(text)}</p>"
        rest = _("Nothing has been imported yet.") if inbox.to_import else _("None of these files can be imported.")
        if inbox.useless:
            aside = _(
                "Unusable files can't be imported later either; set aside, they are in the folder {folder} of the inbox.", folder=REFUSED
            )
            rest = f"{rest} {aside}"
        if inbox.set_aside:
            rest = _.plural("{count} file was set aside, in {folder}.", "{count} files were set aside, in {folder}.", inbox.set_aside,
                folder=inbox.plan.folder / REFUSED)  # fmt: skip
        return f"<p>{escape(text)}</p>{paragraph(rest, 'at-quiet')}"

    def _shown(self, files: tuple[PlannedFile, ...]) -> Table:
        _ = self._form.texts
        if self._table is None:
            titles = (_("Status"), _("File"), _("Licence"), _("Administration"), _("User"), _("Until"))
            columns = [*(Column(title) for title in titles), Column(_("What it does, or its obstacles"), broad=True)]
            self._table = Table(self._callbacks, _, columns, lambda _: None, _("Inbox"))
        self._table.show(_file_cells(file, self._form) for file in sorted(files, key=_rank))
        return self._table


def _file_cells(file: PlannedFile, form: CheckLicences) -> tuple[Cell, ...]:
    licence, here = file.licence, file.administration
    return (
        _file_state(file, form.texts),
        file.path.name,
        licence.number if licence else "",
        f"{here.number} {here.description}" if here else file.client.name if file.client else "",
        file.login or "",
        licence.valid_until if licence else None,
        _effect(file, form),
    )


def _rank(file: PlannedFile) -> tuple[bool, bool, bool, str]:
    """What can be imported first, then what is in place, what asks for a confirmation, and what is blocked."""
    refused, blocked = file.refused and not file.in_place, any(one.blocking for one in file.obstacles)
    return refused, not file.importable, blocked, file.path.name


def _file_state(file: PlannedFile, _: Texts) -> StateCell:
    if file.in_place:
        return StateCell("ready", _("imported"))
    if file.same_as or file.replaced:
        return StateCell("missing", _("duplicate") if file.same_as else _("replaced"))
    if file.undone:
        return StateCell("missing", _("undone"))
    if file.importable:
        return StateCell("ready", _("can be imported"))
    return StateCell("blocked" if any(one.blocking for one in file.obstacles) else "attention", _("will not be imported"))


def _effect(file: PlannedFile, form: CheckLicences) -> str:
    _ = form.texts
    if file.obstacles and not file.in_place:
        return " ".join((*(_.sentence(one) for one in file.obstacles), form.remedy(file.obstacles[0])))
    if file.same_as:
        return _("The same licence as in {path}.", path=file.same_as.name)
    if file.replaced or file.undone:
        undone = _("Its import was undone. If it is right after all, import it separately.")
        return undone if file.undone else _("It was imported before and has since been replaced.")
    if file.in_place or file.plan is None:
        return _("The administration has this licence.")
    changed = "; ".join(f"{what}: {old} → {new}" for what, old, new in describe_differences(file.plan.differences, _))
    if file.plan.replaces is None:
        return _("The first licence of this administration.")
    return _("A renewal: {changes}.", changes=changed) if changed else _("A renewal without changes.")
