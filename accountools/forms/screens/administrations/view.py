"""The screen of the administrations: the list with its search, the chosen one beneath it, and the forms that take its place."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from html import escape
from typing import Any

from accountools.domain.administration import Administration, Client
from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.links import Way, Ways
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line
from accountools.forms.kit.table import Cell, Column, Mark, Table
from accountools.forms.kit.two_steps import TwoSteps
from accountools.forms.kit.two_steps_view import told
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.administrations.clients import ImportClients
from accountools.forms.screens.administrations.clients_view import clients_screen
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.copy_view import copy_screen
from accountools.forms.screens.administrations.form import Administrations, Listed
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.forms.screens.administrations.make_view import make_screen
from accountools.operations.session import Office
from accountools.texts import Texts

SCREENS: dict[type, Callable[[Any], Screen[Any]]] = {
    MakeAdministration: make_screen,
    CopyAdministration: copy_screen,
    ImportClients: clients_screen,
}


def administrations_screen(office: Office, texts: Texts | None = None) -> "AdministrationsScreen":
    """The screen, to be shown in a notebook; its form is `.form`."""
    form = Administrations(office, texts)
    chosen = preferences.take(office, navigation.ADMINISTRATIONS).administration
    if chosen is not None:
        form.choose(chosen)
    return AdministrationsScreen(form, _views, Menu)


def _views(form: Administrations, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"list": ListView(form, callbacks)}


class AdministrationsScreen(Screen[Administrations]):
    """The list, or the screen of the form that was begun from it."""

    task: TwoSteps | None = None
    inner: Screen[Any] | None = None

    def refresh(self) -> None:
        """Show what the form says now."""
        task, before = self.form.task, self.task
        self.task = task
        if task is None:
            if before is not None:
                self.inner = None
                self._build()
            else:
                super().refresh()
        elif task is not before:
            self.inner = SCREENS[type(task)](task)
            self.widget.children = (self.inner.widget,)


class ListView(StepView):
    """The list, with a search of its own, and beneath it the one that is chosen."""

    def __init__(self, form: Administrations, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._said = widgets.column()
        titles = (_("Number"), _("Description"), _("Client"), _("KvK number"), _("City"), _("State"))
        self._table = Table(callbacks, _, [Column(title, title == titles[0]) for title in titles], self._pick, _("Administrations"))
        self._rows: tuple[Listed, ...] = ()
        self._archived = widgets.tick(_("Those in the archive as well"), value=form.archived_too)
        self._counted = widgets.html()
        self._one = widgets.column(kinds=("at-fields",))
        self._open: object = None
        callbacks.change(self._archived, form.show_archived)
        clients = callbacks.press(widgets.button(_("Read in clients from a file"), "at-small"), lambda: form.begin("clients"))
        below = widgets.row(self._counted, self._archived, clients, kinds=("at-row", "at-below"))
        self.widget = widgets.column(self._said, self._table.widget, below, self._one, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        self._said.children = (widgets.panel("ready", _("Done"), form.said, ""),) if form.said else ()
        rows = form.listed()
        if rows != self._rows:
            self._rows = rows
            numbers = [pair[0].number for pair in rows]
            place = numbers.index(form.chosen.number) if form.chosen and form.chosen.number in numbers else None
            self._table.show((self._cells(*pair) for pair in rows), place)
        self._counted.value = f'<span class="at-quiet">{escape(form.counted())}</span>'
        if self._open != (form.chosen, form.view, form.asking):
            self._open = (form.chosen, form.view, form.asking)
            self._one.children = tuple(self._chosen())

    def go_on(self) -> None:
        """*Administratie aanmaken*."""
        self._form.begin("make")

    def _pick(self, place: int | None) -> None:
        if place is None:
            self._form.let_go()
        else:
            self._form.choose(self._rows[place][0].number)

    def _cells(self, one: Administration, client: Client | None) -> tuple[Cell, ...]:
        _ = self._form.texts
        about = _("archived") if one.archived else "" if client else _("template")
        mark_ = Mark("missing", about) if about else None
        told = (client.name, client.kvk, client.city) if client else ("", "", "")
        return (str(one.number), one.description, *told, mark_)

    def _chosen(self) -> Iterable[Widget]:
        form, _ = self._form, self._form.texts
        one = form.chosen
        if one is None:
            return
        yield widgets.html(f"<h3>{escape(f'{one.number} {one.description}')}</h3>{told(self._facts())}")
        copy = self._callbacks.press(widgets.button(_("Copy to another number"), "at-small", icon="copy"), lambda: form.begin("copy"))
        put = widgets.button(_("Take out of the archive") if one.archived else _("Archive"), "at-small", icon="archive")
        if form.asking:
            yield self._question(one.number)
        else:
            ways = Ways(self._callbacks, "line", self._ways(one))
            yield widgets.row(copy, self._callbacks.press(put, form.archive), ways, kinds=("at-row",))

    def _ways(self, one: Administration) -> Iterable[Way]:
        form, _ = self._form, self._form.texts
        yield Way(
            _("Users"),
            navigation.address(navigation.USERS),
            partial(preferences.choose, form.office, navigation.USERS, administration=one.number),
        )
        if form.client is not None and not one.archived:
            step = partial(preferences.choose, form.office, navigation.IMPORT, administration=one.number)
            yield Way(_("Import client licence"), navigation.address(navigation.IMPORT), step)

    def _facts(self) -> Iterable[tuple[str, str]]:
        form, _ = self._form, self._form.texts
        yield _("Client"), form.in_words(form.client) if form.client else _("nobody: it is a template")
        view = form.view
        if view is None:
            yield _("Books"), _("missing")
            return
        people = ", ".join(f"{user.name} ({user.login})" for user in view.users)
        yield _("Users"), people or _("none yet")
        if view.client is not None:
            yield _("Client licence"), view.licence.number if view.licence else _("none yet")
        held = view.totals
        yield _("Books"), _("{accounts} accounts, {entries} entries, {relations} relations",
            accounts=held.accounts, entries=held.entries, relations=held.relations)  # fmt: skip

    def _question(self, number: object) -> Widget:
        _, press = self._form.texts, self._callbacks.press
        yes = press(widgets.button(_("Yes, archive it"), "at-small"), self._form.say_yes)
        no = press(widgets.button(_("No, leave it"), "at-small"), self._form.say_no)
        said = _("Administration {number} then takes no part in audit and handing over.", number=number)
        kept = _("Everything is kept, and you can take it out of the archive again.")
        return widgets.panel("attention", _("Archive?"), said, kept, widgets.row(yes, no, kinds=("at-row",)))


class Menu(StepView):
    """The menu Accountancy, to which *Sluiten* returns."""

    def __init__(self, form: Administrations, callbacks: Callbacks) -> None:
        _ = form.texts
        again = callbacks.press(widgets.button(_("Administrations")), form.start_again)
        heading = f"<h3>{escape(_('Accountancy'))}</h3>"
        self.widget = widgets.column(
            widgets.html(heading + line(_("The list of administrations is closed."), "at-quiet")), widgets.row(again)
        )
