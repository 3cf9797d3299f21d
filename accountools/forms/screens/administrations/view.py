"""The screen of the administrations: the list with its search, the chosen one beneath it, and the forms that take its place."""

from collections.abc import Iterable
from functools import partial
from html import escape
from typing import Any

from accountools.domain.administration import Administration, Client
from accountools.domain.messages import N_
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import Listed
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.screen import ClosedView, Screen, StepView, ViewBuilder
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.screens.administrations.change_client import ChangeCheckView, ChangeClient, ChangeView
from accountools.forms.screens.administrations.clients import ClientsCheckView, ClientsView, ImportClients
from accountools.forms.screens.administrations.copy import CopyAdministration, CopyCheckView, CopyView
from accountools.forms.screens.administrations.form import Administrations
from accountools.forms.screens.administrations.import_chart import ChartCheckView, ChartFileView, ImportChart
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.forms.screens.administrations.make_view import MakeCheckView, MakeView
from accountools.forms.screens.administrations.many import MakeMany
from accountools.forms.screens.administrations.many_view import ManyCheckView, ManyView
from accountools.forms.screens.administrations.two_steps import NoView, TwoStepForm, text_table
from accountools.operations.session import Office
from accountools.texts import Texts

TASK_VIEWS: dict[type, dict[str, ViewBuilder]] = {
    MakeAdministration: {"fill": MakeView, "check": MakeCheckView},
    MakeMany: {"fill": ManyView, "check": ManyCheckView},
    ChangeClient: {"fill": ChangeView, "check": ChangeCheckView},
    CopyAdministration: {"fill": CopyView, "check": CopyCheckView},
    ImportClients: {"fill": ClientsView, "check": ClientsCheckView},
    ImportChart: {"fill": ChartFileView, "check": ChartCheckView},
}


def administrations_screen(office: Office, texts: Texts | None = None) -> "AdministrationsScreen":
    """The screen, to be shown in a notebook; its form is `.form`."""
    closed = partial(ClosedView, again=N_("Administrations"), sentences={"closed": N_("The list of administrations is closed.")})
    return AdministrationsScreen(Administrations(office, texts, run_in_thread), {"list": ListView}, closed, navigation.ADMINISTRATIONS)


class AdministrationsScreen(Screen[Administrations]):
    """The list, or the screen of the form that was begun from it."""

    task: TwoStepForm | None = None
    inner: Screen[Any] | None = None

    def refresh(self) -> None:
        """Show what the form holds now."""
        task, before = self.form.task, self.task
        self.task = task
        if task is None:
            if before is not None:
                self.inner = None
                self._build()
            else:
                super().refresh()
        elif task is not before:
            self._save_typed_of(task)
            task.subscribe(partial(self._save_typed_of, task))
            self.inner = Screen(task, TASK_VIEWS[type(task)], NoView)
            self.widget.children = (self._typed, self.inner.widget)

    def _save_typed_of(self, task: TwoStepForm) -> None:
        if task is self.form.task:
            self._save_typed(task, f"{self.form.begun}:")


class ListView(StepView):
    """The list, with a search of its own, and beneath it the one that is chosen."""

    def __init__(self, form: Administrations, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self.press_main = partial(form.start_task, "make")
        self._message = widgets.column()
        titles = (_("Number"), _("Description"), _("Client"), _("KvK number"), _("City"), _("Status"))
        self._table = Table(callbacks, _, [Column(title, title == titles[0]) for title in titles], self._pick, _("Administrations"))
        self._rows: tuple[Listed, ...] = ()
        self._archived = widgets.checkbox(_("Show archived administrations too"), value=form.with_archived)
        self._counted = widgets.html()
        self._one = widgets.column(kinds=("at-fields",))
        self._open: object = None
        callbacks.change(self._archived, form.show_archived)
        tasks = (("clients", _("Import clients from a file")), ("many", _("Create for several clients")), ("change", _("Change a client")))
        mine = tasks if form.is_accountant_office else tasks[-1:]  # a client's own office has one client: itself
        buttons = [callbacks.press(widgets.button(label, "at-small"), partial(form.start_task, task)) for task, label in mine]
        below = widgets.row(self._counted, self._archived, kinds=("at-row", "at-below"))
        tasks_row = widgets.row(*buttons, kinds=("at-row",))
        self.widget = widgets.column(self._message, self._table.widget, below, tasks_row, self._one, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        self._message.children = (widgets.panel("ready", _("done"), form.message, ""),) if form.message else ()
        rows = form.rows()
        if rows != self._rows:
            self._rows = rows
            numbers = [pair[0].number for pair in rows]
            place = numbers.index(form.chosen.number) if form.chosen and form.chosen.number in numbers else None
            self._table.show((self._cells(*pair) for pair in rows), place)
        self._counted.value = f'<span class="at-quiet">{escape(form.count_text())}</span>'
        if self._open != (form.chosen, form.view, form.confirming, form.exported):
            self._open = (form.chosen, form.view, form.confirming, form.exported)
            self._one.children = tuple(self._chosen())

    def _pick(self, place: int | None) -> None:
        if place is None:
            self._form.unchoose()
        else:
            self._form.choose(self._rows[place][0].number)

    def _cells(self, one: Administration, client: Client | None) -> tuple[Cell, ...]:
        _ = self._form.texts
        about = _("archived") if one.archived else "" if client else _("template")
        state = StateCell("missing", about) if about else None
        details = (client.name, client.kvk, client.city) if client else ("", "", "")
        return (str(one.number), one.description, *details, state)

    def _chosen(self) -> Iterable[widgets.Widget]:
        form, _ = self._form, self._form.texts
        one = form.chosen
        if one is None:
            return
        yield widgets.html(f"<h3>{escape(f'{one.number} {one.description}')}</h3>{text_table(self._facts())}")
        copy = self._callbacks.press(widgets.button(_("Copy to another number"), "at-small", icon="copy"), lambda: form.start_task("copy"))
        archive = widgets.button(_("Unarchive") if one.archived else _("Archive"), "at-small", icon="archive")
        if form.confirming:
            yield self._question(one.number)
        else:
            links = Links(self._callbacks, "line", self._links(one))
            change = self._callbacks.press(widgets.button(_("Change client"), "at-small"), partial(form.start_task, "change"))
            more = (change,) if form.client is not None else ()
            yield widgets.row(copy, *more, self._callbacks.press(archive, form.archive), links, kinds=("at-row",))
            if form.view is not None:
                yield self._chart()

    def _chart(self) -> widgets.Widget:
        """What can be done with the chart of accounts of the chosen one."""
        form, _, press = self._form, self._form.texts, self._callbacks.press
        label = widgets.html(paragraph(_("Export the chart of accounts as"), "at-quiet"))
        exports = [
            press(widgets.button(name, "at-small", icon="download"), partial(form.export_chart, kind))
            for name, kind in (("CSV", ".csv"), ("Excel", ".xlsx"))
        ]
        start = press(widgets.button(_("Import a chart of accounts"), "at-small"), lambda: form.start_task("chart"))
        paper = FileLinks(self._callbacks, form.office, _, form.exported)
        return widgets.row(label, *exports, paper.widget, start, kinds=("at-row",))

    def _links(self, one: Administration) -> Iterable[Link]:
        form, _, number = self._form, self._form.texts, int(one.number)
        yield Link(_("Users"), navigation.address(navigation.USERS, administration=number))
        if form.client is not None and not one.archived and form.is_accountant_office:
            yield Link(_("Import client licence"), navigation.address(navigation.IMPORT, administration=number))

    def _facts(self) -> Iterable[tuple[str, str]]:
        form, _ = self._form, self._form.texts
        yield _("Client"), describe_client(form.client) if form.client else _("no client: this is a template")
        view = form.view
        if view is None:
            yield _("Books"), _("missing")
            return
        people = ", ".join(f"{user.name} ({user.login})" for user in view.users)
        yield _("Users"), people or _("none yet")
        if view.client is not None:
            yield _("Client licence"), view.licence.number if view.licence else _("none yet")
        held = view.totals
        yield _("Books"), _.counts(accounts=held.accounts, entries=held.entries, relations=held.relations)

    def _question(self, number: object) -> widgets.Widget:
        _, press = self._form.texts, self._callbacks.press
        yes = press(widgets.button(_("Yes, archive it"), "at-small"), self._form.confirm)
        no = press(widgets.button(_("No, don't archive"), "at-small"), self._form.decline)
        consequence = _("Administration {number} is then left out of the office overview and can't be handed over.", number=number)
        kept = _("Everything is kept, and you can unarchive it later.")
        return widgets.panel("attention", _("Archive?"), consequence, kept, widgets.row(yes, no, kinds=("at-row",)))
