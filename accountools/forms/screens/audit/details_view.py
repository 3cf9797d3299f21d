"""The row of the audit that was chosen: its obstacles with links to where they are resolved, its licence, users, history and backups."""

from collections.abc import Iterator
from html import escape

from accountools.domain.administration import User
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import licence_facts
from accountools.forms.kit.feedback import address_for, screen_for
from accountools.forms.kit.links import LIKE_BUTTON, Heading, Link, Links
from accountools.forms.kit.navigation import Item
from accountools.forms.kit.screen import obstacle_panel
from accountools.forms.kit.style import facts_table, html_table, paragraph, state_html
from accountools.forms.kit.table import PAGE
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.audit.details import Details
from accountools.forms.screens.audit.form import AuditForm, resolving_screens
from accountools.operations.backups.retention import KeptBackup
from accountools.reports.dossier import file_dossier
from accountools.texts import Texts


class DetailsView:
    """What is open beneath the table; made anew for each row that is chosen."""

    def __init__(self, form: AuditForm, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._shown: Details | None = None
        self.widget = widgets.column(kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        details = self._form.details
        if details is self._shown:
            return
        self._shown = details
        self.widget.children = () if details is None else tuple(self._parts(details))

    def _parts(self, details: Details) -> Iterator[Widget]:
        _, row = self._form.texts, details.row
        name = row.client if row.number is None else f"{row.number} {row.description}"
        yield Heading(name)
        for one in row.obstacles:
            yield self._obstacle(one)
        if row.state in {"ready", "attention"}:
            links = Links(self._callbacks, "line", [self._link(item) for item in resolving_screens(row)])
            yield widgets.panel("ready", _("ready"), _("The backup for the client can be made."), "", links)
        if row.number is not None:
            licence, users = widgets.html(_licence(details, self._form)), widgets.html(_users(details.users, _))
            yield widgets.row(licence, users, kinds=("at-beside",))
            yield widgets.row(widgets.html(_history(details, _)), widgets.html(_backups(details.backups, _)), kinds=("at-beside",))
            yield self._dossier(row.number)

    def _dossier(self, number: AdministrationNumber) -> Widget:
        """The button that writes the dossier, and where it was written."""
        form, _, written = self._form, self._form.texts, widgets.html()

        def write() -> None:
            form.feedback.clear()
            written.value = ""
            path = file_dossier(form.office, number, _)
            written.value = f"{state_html('ready', _('The dossier was written to'))} <code>{escape(str(path))}</code>"
            form.notify()

        about = _("What was handed over, with the proof of it: a page to print and file")
        button = self._callbacks.press(widgets.button(_("Dossier"), "at-small", icon="download", tooltip=about), write)
        return widgets.row(button, written, kinds=("at-row",))

    def _obstacle(self, one: Obstacle) -> Widget:
        item = screen_for(one.code)
        links = () if item is None else (Links(self._callbacks, "line", [self._link(item)]),)
        return obstacle_panel(self._form, self._callbacks, one, *links)

    def _link(self, item: Item) -> Link:
        row = self._form.row
        return Link(self._form.texts(item.name), address_for(item, None if row is None else row.number), kind=LIKE_BUTTON)


def _licence(details: Details, form: AuditForm) -> str:
    _ = form.texts
    if details.licence is None:
        return f"<h4>{escape(_('Licence'))}</h4>{paragraph(_('None has been imported.'), 'at-quiet')}"
    return f"<h4>{escape(_('Licence'))}</h4>{facts_table(licence_facts(details.licence, details.row.licence_status, _))}"


def _users(users: tuple[User, ...], _: Texts) -> str:
    rows = [
        (
            state_html("ready", _("active")) if user.active else state_html("missing", _("not active")),
            escape(user.login),
            escape(user.name) + (f' <span class="at-quiet">{escape(_("(of the office)"))}</span>' if user.office else ""),
        )
        for user in users[:PAGE]
    ]
    table = html_table((_("State"), _("Login name"), _("Name")), rows) if rows else paragraph(_("There are none."), "at-quiet")
    return f"<h4>{escape(_('Users'))}</h4>{table}"


def _history(details: Details, _: Texts) -> str:
    earlier = len(details.history) - PAGE
    shown = list(details.describe_history(_))[-PAGE:]
    before = paragraph(_("{n} earlier ones are in the journal.", n=earlier), "at-quiet") if earlier > 0 else ""
    rows = ((escape(_.day(day)), escape(what), escape(by)) for day, what, by in shown)
    return f"<h4>{escape(_('History'))}</h4>{before}{html_table((_('Day'), _('What'), _('By')), rows)}"


def _backups(backups: tuple[KeptBackup, ...], _: Texts) -> str:
    if not backups:
        return f"<h4>{escape(_('Backups'))}</h4>{paragraph(_('None has been made yet.'), 'at-quiet')}"
    rows = (_backup_cells(kept, _) for kept in backups[-PAGE:])
    return f"<h4>{escape(_('Backups'))}</h4>{html_table((_('Day'), _('File'), _('Licence'), _('Rehearsal')), rows)}"


def _backup_cells(kept: KeptBackup, _: Texts) -> tuple[str, ...]:
    held = kept.record
    rehearsed = state_html("attention", _("never rehearsed"))
    if held.rehearsed is not None:
        rehearsed = state_html("ready", _("everything came back on {day}", day=_.iso_day(held.rehearsed)))
    name = held.path.name if held.path else "—"
    there = "" if kept.present else f" {state_html('missing', _('no longer there'))}"
    return escape(_.iso_day(held.day)), f"{escape(name)}{there}", escape(held.licence_number), rehearsed
