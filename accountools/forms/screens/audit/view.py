"""The screen of the office's overview: four figures that filter, the table, and beneath it the chosen row with all that is known of it."""

from collections.abc import Iterator
from datetime import date
from html import escape

from accountools.domain.administration import User
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.results import FileLinks, file_html
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import ATTENTION, FILTERS, licence_facts
from accountools.forms.kit.feedback import address_for, screen_for
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.links import LIKE_BUTTON, Heading, Link, Links
from accountools.forms.kit.navigation import Item
from accountools.forms.kit.screen import Screen, StepView, obstacle_panel
from accountools.forms.kit.style import facts_table, html_table, paragraph, state_html
from accountools.forms.kit.table import PAGE, Cell, Column, LinkCell, StateCell, Table
from accountools.forms.screens.audit.changes_view import ChangesView
from accountools.forms.screens.audit.charts_view import PicturesView
from accountools.forms.screens.audit.form import AuditForm, Details, resolving_screens
from accountools.operations.backups.retention import KeptBackup
from accountools.operations.session import Office
from accountools.reports.audit import AuditRow
from accountools.reports.audit_texts import WORDS
from accountools.reports.dossier import file_dossier
from accountools.reports.event_texts import describe_actor
from accountools.reports.icons import ICONS
from accountools.texts import Texts

PICTURES = {".png", ".svg"}


def audit_screen(office: Office, texts: Texts | None = None) -> Screen[AuditForm]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    screen = Screen(AuditForm(office, texts), {}, AuditView, navigation.AUDIT)
    screen.widget.add_class("at-wide")
    return screen


class AuditView(StepView):
    """The figures, the table and the row that is open beneath it."""

    def __init__(self, form: AuditForm, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        own_office = form.audit.is_client_office
        names = dict.fromkeys((*WORDS, *ATTENTION))
        if own_office:
            del names["missing"]  # a client has its own licence
        self._figures = {name: self._figure(name) for name in names}
        again = callbacks.press(widgets.button(_("Reload"), "at-small", icon="refresh"), form.reload)

        def about(text: str) -> widgets.Widget:
            return widgets.html(paragraph(text, "at-quiet"))

        exports = (about(_("Export all rows as")), *map(self._export, ("CSV", "Excel", "HTML"), ("csv", "xlsx", "html")))
        pictures = (about(_("Export the pictures as")), *map(self._export, ("PNG", "SVG"), ("png", "svg")))
        self._pictures = PicturesView(form, callbacks, run_in_thread)
        self._changes = ChangesView(form, callbacks)
        self.files = (self._changes.file,)
        widgets.show(self._changes.widget, not own_office)  # a client has one licence: its own
        self._exported, self._paper = widgets.html(), FileLinks(callbacks, form.office, _)
        handed = () if own_office else (_("Handed over"),)
        plain = [Column(title) for title in (_("KvK"), _("Licence"), _("Until"), _("User"), *handed, _("Test restore"))]
        first = (Column(_("Status")), Column(_("No."), right=True), Column(_("Client"), named=True))
        columns = (*first, *plain, Column(_("To do"), broad=True))
        self._table = Table(callbacks, _, columns, form.choose, _("Office overview"))
        self._rows: tuple[AuditRow, ...] | None = None
        self._details = DetailsView(form, callbacks)
        self.widget = widgets.column(
            widgets.row(*self._figures.values(), kinds=("at-figures",)),
            self._pictures.widget,
            self._table.widget,
            widgets.row(*exports, *pictures, again, kinds=("at-row",)),
            widgets.row(self._exported, self._paper.widget, kinds=("at-row",)),
            self._details.widget,
            self._changes.widget,
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _, audit = self._form, self._form.texts, self._form.audit
        for name, figure in self._figures.items():
            text = f"{audit.summary()[name]} {_(WORDS[name])}" if name in WORDS else FILTERS[name].count_text(audit, _)
            figure.description = figure.tooltip = f"{ICONS[FILTERS[name].state]} {text}"
            figure.value = form.shown == name
            widgets.show(figure, bool(text))
        if self._rows is not self._form.rows:
            self._rows = self._form.rows
            chosen = self._form.row
            place = self._rows.index(chosen) if chosen in self._rows else None
            self._table.show((_cells(row, self._form.texts, own_office=audit.is_client_office) for row in self._rows), place)
        self._details.refresh()
        self._exported.value = ""
        if form.exported is not None:
            written = _.plural("{count} row written to", "{count} rows written to", len(audit.rows))
            self._exported.value = state_html("ready", _("The pictures are written to") if form.exported.suffix in PICTURES else written)
        self._paper.show(form.exported)
        self._pictures.refresh()
        self._changes.refresh()

    def _export(self, label: str, kind: str) -> widgets.Widget:
        _ = self._form.texts
        what = _("Export the pictures as {kind}", kind=label) if f".{kind}" in PICTURES else _("Export all rows as {kind}", kind=label)
        made = widgets.button(label, "at-small", icon="download", tooltip=what)
        return self._callbacks.press(made, lambda: self._form.export(kind))

    def _figure(self, name: str) -> widgets.Widget:
        kinds = (f"at-figure-{FILTERS[name].state}", *(("at-small",) if name not in WORDS else ()))
        figure = widgets.toggle("", *kinds)
        return self._callbacks.change(figure, lambda on: self._form.show(name if on else ""))


def _cells(row: AuditRow, _: Texts, *, own_office: bool) -> tuple[Cell, ...]:
    handed = () if own_office else (_day(row.last_handover),)
    return (
        StateCell(row.state, _(WORDS[row.state])),
        "" if row.number is None else str(row.number),
        row.client if row.description in {None, row.client} else f"{row.client} — {row.description}",
        row.kvk,
        row.licence_number,
        row.valid_until,
        row.user if row.user is None or row.user_status == "active" else _("{login} (not active)", login=row.user),
        *handed,
        _day(row.last_rehearsed),
        _obstacle(row, _),
    )


def _obstacle(row: AuditRow, _: Texts) -> Cell:
    """The first obstacle, with a link to where it is resolved."""
    first = next(iter(row.obstacles), None)
    if first is None:
        return None
    item = next((one for one in resolving_screens(row) if one.notebook != navigation.MAKE), None)
    more = len(row.obstacles) - 1
    sentence = _.sentence(first) + (_(" (and {n} more)", n=more) if more > 0 else "")
    return sentence if item is None else LinkCell(sentence, _(item.name), address_for(item, row.number))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


class DetailsView:
    """What is open beneath the table; made anew for each row that is chosen."""

    def __init__(self, form: AuditForm, callbacks: widgets.Callbacks) -> None:
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

    def _parts(self, details: Details) -> Iterator[widgets.Widget]:
        _, row = self._form.texts, details.row
        name = row.client if row.number is None else f"{row.number} {row.description}"
        yield Heading(name)
        for one in row.obstacles:
            yield self._obstacle(one)
        own_office = self._form.audit.is_client_office
        if row.number is not None and row.state in {"ready", "attention"}:
            links = Links(self._callbacks, "line", [self._link(item) for item in resolving_screens(row)])
            can = _("You can work in this administration.") if own_office else _("The backup for the client can be made.")
            yield widgets.panel("ready", _("ready"), can, "", links)
        if row.number is not None:
            licence, users = widgets.html(_licence(details, self._form)), widgets.html(_users(details.users, _))
            yield widgets.row(licence, users, kinds=("at-beside",))
            yield widgets.row(widgets.html(_history(details, _)), widgets.html(_backups(details.backups, _)), kinds=("at-beside",))
            if not own_office:
                yield self._dossier(row.number)

    def _dossier(self, number: AdministrationNumber) -> widgets.Widget:
        """The button that writes the dossier, and what can be done with it."""
        form, _ = self._form, self._form.texts
        written = FileLinks(self._callbacks, form.office, _)

        def write() -> None:
            form.feedback.clear()
            written.show(None)  # that of before is no answer to this press
            written.show(file_dossier(form.office, number, _))
            form.notify()

        about = _("What was handed over, with proof: a page to print and file")
        button = self._callbacks.press(widgets.button(_("Dossier"), "at-small", icon="download", tooltip=about), write)
        return widgets.row(button, written.widget, kinds=("at-row",))

    def _obstacle(self, one: Obstacle) -> widgets.Widget:
        item = screen_for(one)
        links = () if item is None else (Links(self._callbacks, "line", [self._link(item)]),)
        return obstacle_panel(self._form, self._callbacks, one, *links, can_confirm=False)

    def _link(self, item: Item) -> Link:
        row = self._form.row
        return Link(self._form.texts(item.name), address_for(item, None if row is None else row.number), kind=LIKE_BUTTON)


def _licence(details: Details, form: AuditForm) -> str:
    _ = form.texts
    if details.licence is None:
        return f"<h4>{escape(_('Licence'))}</h4>{paragraph(_('No licence has been imported.'), 'at-quiet')}"
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
    table = html_table((_("Status"), _("Login name"), _("Name")), rows) if rows else paragraph(_("There are no users."), "at-quiet")
    return f"<h4>{escape(_('Users'))}</h4>{table}"


def _history(details: Details, _: Texts) -> str:
    earlier = len(details.history) - PAGE
    shown = list(details.describe_history(_))[-PAGE:]
    before = paragraph(_("Earlier events in the journal: {n}.", n=earlier), "at-quiet") if earlier > 0 else ""
    rows = ((escape(_.day(day)), escape(what), escape(describe_actor(by, _))) for day, what, by in shown)
    return f"<h4>{escape(_('History'))}</h4>{before}{html_table((_('Date'), _('What'), _('By')), rows)}"


def _backups(backups: tuple[KeptBackup, ...], _: Texts) -> str:
    if not backups:
        return f"<h4>{escape(_('Backups'))}</h4>{paragraph(_('No backup has been made yet.'), 'at-quiet')}"
    rows = (_backup_cells(kept, _) for kept in backups[-PAGE:])
    return f"<h4>{escape(_('Backups'))}</h4>{html_table((_('Date'), _('File'), _('Licence'), _('Test restore')), rows)}"


def _backup_cells(kept: KeptBackup, _: Texts) -> tuple[str, ...]:
    held = kept.record
    rehearsed = state_html("attention", _("no test restore"))
    if held.rehearsed is not None:
        rehearsed = state_html("ready", _("fully restored on {day}", day=_.iso_day(held.rehearsed)))
    there = "" if kept.present else f" {state_html('missing', _('no longer present'))}"
    return escape(_.iso_day(held.day)), f"{file_html(held.path, _)}{there}", escape(held.licence_number), rehearsed
