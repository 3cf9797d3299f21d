"""The screen of *Licenties*: the states that filter, the table, and beneath it the licence beside the client and what it changed."""

from collections.abc import Iterator
from html import escape

from accountools.domain.administration import Client
from accountools.domain.licence import Licence, is_same_name
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import KINDS, STATUS_STATES, describe_differences, describe_modules, licence_facts
from accountools.forms.kit.links import LIKE_BUTTON, Heading, Link, Links
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import facts_table, html_table, paragraph, state_html
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.licences.form import REPLACED, WORDS, CheckLicences, status_of
from accountools.forms.screens.licences.inbox_view import InboxView
from accountools.operations.licences.history import KeptLicence
from accountools.operations.session import Office
from accountools.reports.icons import ICONS
from accountools.texts import Texts

_STATES = STATUS_STATES | {REPLACED: "missing"}


def licences_screen(office: Office, texts: Texts | None = None) -> Screen[CheckLicences]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    screen = Screen(CheckLicences(office, texts), {}, LicencesView, navigation.LICENCES)
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
        again = callbacks.press(widgets.button(_("Look again"), "at-small", icon="refresh"), form.reload)
        figures = widgets.row(*self._figures.values(), kinds=("at-figures",))
        self._inbox = InboxView(form, form.inbox, callbacks, form.open_inbox, form.import_waiting, form.close_inbox)
        self.widget = widgets.column(self._inbox.widget, figures, self._table.widget, widgets.row(again, kinds=("at-row",)), self._details)

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

    def _figure(self, state: str) -> Widget:
        figure = widgets.toggle("", f"at-figure-{_STATES[state]}")
        return self._callbacks.change(figure, lambda on: self._form.show(state if on else ""))

    def _open(self, one: KeptLicence) -> Iterator[Widget]:
        _, licence = self._form.texts, one.licence
        yield Heading(f"{licence.number} {licence.licensee.name}")
        text = f"<h4>{escape(_('The licence'))}</h4>{facts_table(licence_facts(licence, one.status, _))}"
        yield widgets.row(widgets.html(text), widgets.html(_client(one, _)), kinds=("at-beside",))
        yield widgets.html(self._changes(one))
        if not one.own and one.here:
            href = navigation.address(navigation.IMPORT, administration=int(one.here[0].number))
            yield Links(self._callbacks, "line", (Link(_("Import a newer licence"), href, kind=LIKE_BUTTON),))

    def _changes(self, one: KeptLicence) -> str:
        _ = self._form.texts
        heading = f"<h4>{escape(_('What changed against the licence before it'))}</h4>"
        if one.before is None:
            return f"{heading}{paragraph(_('There was none before it.'), 'at-quiet')}"
        rows = [[escape(cell) for cell in row] for row in describe_differences(self._form.changes, _)]
        if not rows:
            return f"{heading}{paragraph(_('Nothing: it was signed anew.'), 'at-quiet')}"
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
    heading = f"<h4>{escape(_('The client as you know it'))}</h4>"
    if one.own:
        return f"{heading}{paragraph(_('This is the own licence of your office.'), 'at-quiet')}"
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
