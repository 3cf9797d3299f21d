"""The row of the audit that was chosen: what is in the way with the way out, its licence, users, history and backups."""

from collections.abc import Iterator
from html import escape

from accountools.domain.administration import User
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.licence_texts import licence_facts
from accountools.forms.kit.links import GO, Heading, Way, Ways
from accountools.forms.kit.style import facts, line, listed, mark
from accountools.forms.kit.table import PAGE
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.audit.details import Details
from accountools.forms.screens.audit.dossier_view import DossierView
from accountools.forms.screens.audit.form import AuditForm, mended_at, ways_out
from accountools.operations.backups.retention import KeptBackup
from accountools.texts import Texts


class DetailsView:
    """What is open beneath the table; made anew for each row that is chosen."""

    def __init__(self, form: AuditForm, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._shown: Details | None = None
        self.widget = widgets.column(kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
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
            ways = Ways(self._callbacks, "line", (way for item in ways_out(row) if (way := self._way(item)) is not None))
            yield widgets.panel("ready", _("ready"), _("The backup for the client can be made."), "", ways)
        if row.number is not None:
            licence, users = widgets.html(_licence(details, self._form)), widgets.html(_users(details.users, _))
            yield widgets.row(licence, users, kinds=("at-beside",))
            yield widgets.row(widgets.html(_history(details, _)), widgets.html(_backups(details.backups, _)), kinds=("at-beside",))
            yield DossierView(self._form, self._callbacks, row.number).widget

    def _obstacle(self, one: Obstacle) -> Widget:
        _, item = self._form.texts, mended_at(one.code)
        state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("look at this"))
        way = None if item is None else self._way(item)
        out = () if way is None else (Ways(self._callbacks, "line", (way,)),)
        return widgets.panel(state, word, _.sentence(one), self._form.what_to_do(one), *out)

    def _way(self, item: navigation.Item) -> Way | None:
        href = navigation.address(item.notebook)
        return Way(self._form.texts(item.name), href, lambda: self._form.lead(item.notebook), GO) if href else None


def _licence(details: Details, form: AuditForm) -> str:
    _ = form.texts
    if details.licence is None:
        return f"<h4>{escape(_('Licence'))}</h4>{line(_('None has been imported.'), 'at-quiet')}"
    return f"<h4>{escape(_('Licence'))}</h4>{facts(licence_facts(details.licence, details.row.licence_status, _))}"


def _users(users: tuple[User, ...], _: Texts) -> str:
    rows = [
        (
            mark("ready", _("active")) if user.active else mark("missing", _("not active")),
            escape(user.login),
            escape(user.name) + (f' <span class="at-quiet">{escape(_("(of the office)"))}</span>' if user.office else ""),
        )
        for user in users[:PAGE]
    ]
    told = listed((_("State"), _("Login name"), _("Name")), rows) if rows else line(_("There are none."), "at-quiet")
    return f"<h4>{escape(_('Users'))}</h4>{told}"


def _history(details: Details, _: Texts) -> str:
    earlier = len(details.history) - PAGE
    shown = list(details.happened(_))[-PAGE:]
    before = line(_("{n} earlier ones are in the journal.", n=earlier), "at-quiet") if earlier > 0 else ""
    rows = ((escape(_.day(one.day)), escape(one.what), escape(one.by)) for one in shown)
    return f"<h4>{escape(_('History'))}</h4>{before}{listed((_('Day'), _('What'), _('By')), rows)}"


def _backups(backups: tuple[KeptBackup, ...], _: Texts) -> str:
    if not backups:
        return f"<h4>{escape(_('Backups'))}</h4>{line(_('None has been made yet.'), 'at-quiet')}"
    rows = (_backup(kept, _) for kept in backups[-PAGE:])
    return f"<h4>{escape(_('Backups'))}</h4>{listed((_('Day'), _('File'), _('Licence'), _('Rehearsal')), rows)}"


def _backup(kept: KeptBackup, _: Texts) -> tuple[str, ...]:
    held = kept.record
    rehearsed = mark("attention", _("never rehearsed"))
    if held.rehearsed is not None:
        rehearsed = mark("ready", _("everything came back on {day}", day=_.iso_day(held.rehearsed)))
    name = held.path.name if held.path else "—"
    there = "" if kept.present else f" {mark('missing', _('no longer there'))}"
    return escape(_.iso_day(held.day)), f"{escape(name)}{there}", escape(held.licence_number), rehearsed
