"""The screen of the users: the administration, its users with a switch each, a new one, and whether somebody gets in (S6, S10, S12)."""

from collections.abc import Iterable, Mapping
from html import escape

from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.administrations.form import in_a_line, matching
from accountools.forms.screens.users.form import Users
from accountools.forms.screens.users.widgets import CheckView, NewUserView, TableView
from accountools.operations.session import Office
from accountools.texts import Texts


def users_screen(office: Office, texts: Texts | None = None) -> Screen[Users]:
    """The screen, to be shown in a notebook; its form is `.form`. It begins with the administration that another screen chose."""
    form = Users(office, texts)
    chosen = preferences.take(office, navigation.USERS).administration
    if chosen is not None:
        form.choose_administration(chosen)
    return Screen(form, _views, Menu)


def _views(form: Users, callbacks: Callbacks) -> Mapping[str, StepView]:
    return {"users": UsersView(form, callbacks)}


class UsersView(StepView):
    """All of it on one page; the rest only when an administration is chosen."""

    def __init__(self, form: Users, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._administration = LookUp(
            callbacks, _("Administration"), _("Look up the administration"), self._administrations, form.choose_administration,
            placeholder=_("Number or name"), nothing=_("Nothing found"),
        )  # fmt: skip
        self._said = widgets.column()
        self._table, self._new, self._check = TableView(form, callbacks), NewUserView(form, callbacks), CheckView(form, callbacks)
        self._rest = widgets.column(self._table.widget, self._said, self._check.widget, self._new.widget, kinds=("at-fields",))
        self._wanted = ""
        self.widget = widgets.column(self._administration.widget, self._rest, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form, _ = self._form, self._form.texts
        one = form.administration
        whose = _("for {client}", client=form.in_words(form.client)) if form.client else _("for nobody: it is a template")
        self._administration.say(f"{one.number} {one.description}" if one else "", line(whose) if one else "")
        widgets.show(self._rest, one is not None)
        self._said.children = (widgets.panel("ready", _("Done"), form.said, ""),) if form.said else ()
        for part in (self._table, self._new, self._check):
            part.refresh()
        if form.wants != self._wanted:
            self._wanted = form.wants
            if form.wants == "new-user":
                self._new.go_to()
            elif form.wants == "administration":
                self._administration.open()

    def go_on(self) -> None:
        """*Gebruiker toevoegen*."""
        self._form.add()

    def _administrations(self, typed: str) -> Iterable[Found]:
        archived = self._form.texts("archived")
        for pair in matching(typed, self._form.administrations()):
            yield Found(in_a_line(pair) + (f"  — {archived}" if pair[0].archived else ""), pair[0].number)


class Menu(StepView):
    """The menu Accountancy, to which *Sluiten* returns."""

    def __init__(self, form: Users, callbacks: Callbacks) -> None:
        _ = form.texts
        again = callbacks.press(widgets.button(_("Users")), form.start_again)
        heading = f"<h3>{escape(_('Accountancy'))}</h3>"
        self.widget = widgets.column(widgets.html(heading + line(_("The users are closed."), "at-quiet")), widgets.row(again))
