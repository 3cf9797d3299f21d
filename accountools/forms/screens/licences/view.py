"""The screen of *Licenties*: the states that filter, the table, and beneath it the licence beside the client and what it changed."""

from collections.abc import Iterator
from html import escape

from accountools.domain.administration import Client
from accountools.domain.licence import Licence, same_name
from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.licence_texts import IN_STATE, KINDS, changes, licence_facts, modules
from accountools.forms.kit.links import GO, Heading, Way, Ways
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import facts, line, listed, mark
from accountools.forms.kit.table import Cell, Column, Mark, Table
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.inbox.view import InboxView
from accountools.forms.screens.licences.form import REPLACED, WORDS, CheckLicences, state_of
from accountools.operations.licences.history import KeptLicence
from accountools.operations.session import Office
from accountools.reports.icons import MARKS
from accountools.texts import Texts

_MARKS = IN_STATE | {REPLACED: "missing"}


def licences_screen(office: Office, texts: Texts | None = None) -> Screen[CheckLicences]:
    """The screen, to be shown in a notebook; its form is `.form`. It begins with what was chosen on another screen."""
    form = CheckLicences(office, texts)
    form.begin(preferences.take(office, navigation.LICENCES))
    screen = Screen(form, lambda *_: {}, LicencesView)
    screen.widget.add_class("at-wide")
    return screen


class LicencesView(StepView):
    """The states, the table and the licence that is open beneath it."""

    def __init__(self, form: CheckLicences, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._figures = {state: self._figure(state) for state in WORDS}
        columns = (_("State"), _("Licence"), _("Client"), _("Administration"), _("Kind"), _("Until"), _("Users"), _("Modules"))
        right = (_("Users"),)
        self._table = Table(callbacks, _, [Column(title, title in right) for title in columns], form.choose, _("Licences"))
        self._rows: tuple[KeptLicence, ...] | None = None
        self._shown: KeptLicence | None = None
        self._details = widgets.column(kinds=("at-fields",))
        again = callbacks.press(widgets.button(_("Look again"), "at-small", icon="refresh"), form.look)
        figures = widgets.row(*self._figures.values(), kinds=("at-figures",))
        self._inbox = InboxView(form, form.inbox, callbacks, form.open_inbox, form.import_waiting, form.close_inbox)
        self.widget = widgets.column(self._inbox.widget, figures, self._table.widget, widgets.row(again, kinds=("at-row",)), self._details)

    def refresh(self) -> None:
        """Show what the form says now."""
        self._inbox.refresh()
        for state, count in self._form.counts().items():
            figure = self._figures[state]
            figure.description = figure.tooltip = f"{MARKS[_MARKS[state]]} {count} {self._form.texts(WORDS[state])}"
            figure.value = self._form.shown == state
            widgets.show(figure, count > 0)
        if self._rows is not self._form.rows:
            self._rows, chosen = self._form.rows, self._form.chosen
            place = self._rows.index(chosen) if chosen in self._rows else None
            self._table.show((_cells(one, self._form.texts) for one in self._rows), place)
        if self._shown is not self._form.chosen:
            self._shown = self._form.chosen
            self._details.children = () if self._shown is None else tuple(self._open(self._shown))

    def _figure(self, state: str) -> Widget:
        figure = widgets.toggle("", f"at-figure-{_MARKS[state]}")
        return self._callbacks.change(figure, lambda on: self._form.show(state if on else ""))

    def _open(self, one: KeptLicence) -> Iterator[Widget]:
        _, licence = self._form.texts, one.licence
        yield Heading(f"{licence.number} {licence.licensee.name}")
        told = f"<h4>{escape(_('The licence'))}</h4>{facts(licence_facts(licence, one.status, _))}"
        yield widgets.row(widgets.html(told), widgets.html(_client(one, _)), kinds=("at-beside",))
        yield widgets.html(self._changes(one))
        href = navigation.address(navigation.IMPORT)
        if href and not one.own and one.here:
            number = int(one.here[0].number)
            step = lambda: preferences.choose(self._form.office, navigation.IMPORT, administration=number)  # noqa: E731
            yield Ways(self._callbacks, "line", (Way(_("Import a newer licence"), href, step, GO),))

    def _changes(self, one: KeptLicence) -> str:
        _ = self._form.texts
        heading = f"<h4>{escape(_('What changed against the licence before it'))}</h4>"
        if one.before is None:
            return f"{heading}{line(_('There was none before it.'), 'at-quiet')}"
        rows = [[escape(cell) for cell in row] for row in changes(self._form.changes, _)]
        if not rows:
            return f"{heading}{line(_('Nothing: it was signed anew.'), 'at-quiet')}"
        return heading + listed(("", _("Until now"), _("This licence")), rows)


def _cells(one: KeptLicence, _: Texts) -> tuple[Cell, ...]:
    licence, state = one.licence, state_of(one)
    return (
        Mark(_MARKS[state], _(WORDS[state])),
        licence.number,
        licence.licensee.name,
        _("the office itself") if one.own else ", ".join(str(its.number) for its in one.here),
        _(KINDS[licence.kind]),
        licence.valid_until,
        str(licence.users),
        modules(licence),
    )


def _client(one: KeptLicence, _: Texts) -> str:
    heading = f"<h4>{escape(_('The client as you know it'))}</h4>"
    if one.own:
        return f"{heading}{line(_('This is the own licence of your office.'), 'at-quiet')}"
    if one.client is None:
        return f"{heading}<p>{mark('attention', _('There is no client with this KvK number.'))}</p>"
    return heading + facts(_known(one, one.client, one.licence, _))


def _known(one: KeptLicence, client: Client, licence: Licence, _: Texts) -> Iterator[tuple[str, str]]:
    yield _("Name"), _beside(client.name, same_name(client.name, licence.licensee.name), _)
    yield _("KvK number"), _beside(client.kvk, client.kvk == licence.licensee.kvk, _)
    yield _("City"), _beside(client.city or "—", client.city.casefold() == licence.licensee.city.casefold(), _)
    yield _("Administration"), escape(", ".join(f"{its.number} {its.description}" for its in one.here) or "—")


def _beside(value: str, same: bool, _: Texts) -> str:
    return escape(value) if same else f"<b>{escape(value)}</b> &ensp;{mark('attention', _('differs'))}"
