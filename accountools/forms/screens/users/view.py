"""The screen of the users: the administration, its users with a switch each, a new one, and whether somebody can log in (S6, S10, S12)."""

from collections.abc import Iterable
from functools import partial
from html import escape

from accountools.domain.administration import User, active_client_users
from accountools.domain.identifiers import single_line
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.file_chooser import AdministrationField
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.screen import ClosedView, Screen, StepView
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.screens.users.form import Deactivation, Users
from accountools.operations.session import Office
from accountools.texts import Texts


def users_screen(office: Office, texts: Texts | None = None) -> Screen[Users]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    closed = partial(ClosedView, again=N_("Users"), sentences={"closed": N_("Users screen closed.")})
    return Screen(Users(office, texts), {"users": UsersView}, closed, navigation.USERS)


class UsersView(StepView):
    """All of it on one page; the rest only when an administration is chosen."""

    def __init__(self, form: Users, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.add
        self._administration = AdministrationField(callbacks, _, _("Administration"), form.administrations, form.choose_administration,
            lambda pair: f"  — {_('archived')}" if pair[0].archived else "")  # fmt: skip
        self._message = widgets.place()
        self._table, self._new, self._check = TableView(form, callbacks), NewUserView(form, callbacks), CheckView(form, callbacks)
        self.places = self._new.places
        self._rest = widgets.column(self._table.widget, self._message, self._check.widget, self._new.widget, kinds=("at-fields",))
        self.widget = widgets.column(self._administration.widget, self._rest, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        one = form.administration
        whose = _("for {client}", client=describe_client(form.client)) if form.client else _("no client: this is a template")
        self._administration.show(f"{one.number} {one.description}" if one else "", paragraph(whose) if one else "")
        widgets.show(self._rest, one is not None)
        self._message.children = (widgets.panel("ready", _("done"), form.message, ""),) if form.message else ()
        for part in (self._table, self._new, self._check):
            part.refresh()
        self.open_wanted(form.wants, {"new-user": self._new.focus, "administration": self._administration.open})

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the fields of the new user, or the login that is checked."""
        is_checked = one.code == "login-invalid" and ("login", single_line(self._form.new.login)) not in one.facts
        return self._check.wrong if is_checked else super().place_for(one)


COLUMNS = "minmax(150px, max-content) minmax(110px, max-content) max-content max-content max-content max-content"
ACTIONS = ("create-user", "activate-user")


class TableView:
    """The users: login, name, employee number, whose they are, a switch with its word, and whether they can log in."""

    def __init__(self, form: Users, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._shown: object = None
        self._switches: dict[str, widgets.Widget] = {}
        self._grid = widgets.grid(COLUMNS)
        self._note, self._question = widgets.html(), widgets.column()
        heading = widgets.html(f"<h3>{escape(form.texts('Users'))}</h3>")
        self.widget = widgets.column(heading, self._grid, self._note, self._question, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form = self._form
        if form.users is not self._shown:
            self._shown = form.users
            self._switches.clear()
            widgets.show(self._grid, bool(form.users))
            self._grid.children = [*self._heads(), *(cell for user in form.users for cell in self._row(user))]
            self._note.value = self._about()
        for user in form.users:
            self._switches[user.login].value = user.active
        self._question.children = () if form.deactivation is None else (self._ask(form.deactivation),)

    def _heads(self) -> Iterable[widgets.Widget]:
        _ = self._form.texts
        heads = (_("Login name"), _("Name"), _("Number"), _("Works at"), _("May log in"), "")
        return (widgets.html(f'<b class="at-quiet">{escape(head)}</b>') for head in heads)

    def _row(self, user: User) -> Iterable[widgets.Widget]:
        form, _ = self._form, self._form.texts
        whose = _("the office") if user.office else _("the client")
        imported = form.imported_for is not None and form.imported_for.key == user.login.key
        licence = f"<br><small>{escape(_('licence imported'))}</small>" if imported else ""
        yield from (widgets.html(escape(text)) for text in (user.login, user.name, str(user.employee or "—")))
        yield widgets.html(escape(whose) + licence)
        switch = widgets.switch(_("active") if user.active else _("not active"), value=user.active, about=f"{user.name} ({user.login})")
        self._switches[user.login] = self._callbacks.change(switch, lambda active: form.set_active(user.login, active))
        yield switch
        ask = widgets.button(_("Can log in?"), "at-small", tooltip=f"{_('Can log in?')} {user.login}")
        yield widgets.row(self._callbacks.press(ask, lambda: form.check(user.login)))

    def _about(self) -> str:
        form, _ = self._form, self._form.texts
        if not form.users:
            return state_html("missing", _("no users yet"))
        if form.licence is None:
            return paragraph(_("No client licence has been imported yet."), "at-quiet") if form.client else ""
        active = len(active_client_users(form.users))
        text = _("Licence {licence}: {active} active, {allowed} allowed; users of the office don't count.",
            licence=form.licence.number, active=active, allowed=form.licence.users)  # fmt: skip
        return paragraph(text, "at-quiet")

    def _ask(self, asked: Deactivation) -> widgets.Widget:
        form, _ = self._form, self._form.texts
        yes = self._callbacks.press(widgets.button(_("Yes, deactivate"), "at-small"), form.confirm)
        no = self._callbacks.press(widgets.button(_("No, keep active"), "at-small"), form.decline)
        why = _("The client licence was imported for this user: import it for another user first.") if asked.imported_for \
            else " ".join(form.describe(one) for one in asked.obstacles)  # fmt: skip
        return widgets.panel("attention", _("Are you sure?"), form.question, why, widgets.row(yes, no, kinds=("at-row",)))


class NewUserView:
    """*Nieuwe gebruiker*: the fields; the main button adds."""

    def __init__(self, form: Users, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self._fields = widgets.UserFields(_, live=True)
        self._office = widgets.checkbox(_("Works at the office: never handed over, and not counted"))
        callbacks.change(self._fields.login, lambda typed: form.fill_in(login=typed))
        callbacks.change(self._fields.name, lambda typed: form.fill_in(name=typed))
        callbacks.change(self._fields.employee, lambda typed: form.fill_in(employee=typed))
        callbacks.change(self._office, lambda yes: form.fill_in(office=yes))
        self.places = self._fields.places
        heading = widgets.html(f"<h3>{escape(_('New user'))}</h3>")
        widgets.show(self._office, form.is_accountant_office)
        self.widget = widgets.column(heading, self._fields.widget, self._office, kinds=("at-group", "at-narrow", "at-section"))

    def refresh(self) -> None:
        """Show what the form holds now."""
        new = self._form.new
        self._fields.show(new.login, new.name, new.employee)
        self._office.value = new.office

    def focus(self) -> None:
        """Put the cursor in the first field."""
        (self._fields.name if self._form.new.login else self._fields.login).focus()


class CheckView:
    """*Kan deze persoon inloggen?*, before they try."""

    def __init__(self, form: Users, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._login = widgets.text(_("Login name"), placeholder=r"JANSEN\henk")
        callbacks.change(self._login, self._typed)  # what is pressed may overtake what was typed before it
        check = callbacks.press(widgets.button(_("Check")), lambda: form.check(self._login.value))
        self.wrong, self._answer = widgets.place(), widgets.place()
        heading = widgets.html(f"<h3>{escape(_('Can this person log in?'))}</h3>")
        self.widget = widgets.column(
            heading, widgets.row(self._login, check, kinds=("at-search",)), self.wrong, self._answer, kinds=("at-group", "at-section")
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        widgets.set_value(self._login, self._form.login or self._login.value)
        self._answer.children = tuple(self._answers())

    def _typed(self, login: str) -> None:
        if login.strip():
            self._form.check(login)

    def _answers(self) -> Iterable[widgets.Widget]:
        form, _ = self._form, self._form.texts
        if form.checked is None or form.administration is None:
            return
        found = form.checked.entrance
        if found.reason is None:
            text = _("{login} can log in to administration {number}.", login=form.checked.login, number=form.administration.number)
            yield widgets.panel("ready", _("yes"), text, form.describe(found.warning) if found.warning else "")
            return
        action = form.action_for(found.reason.code)
        buttons = []
        if action is not None and action.name in ACTIONS:
            name = action.name
            buttons.append(self._callbacks.press(widgets.button(_(action.label), "at-small"), lambda: form.resolve(name)))
        yield widgets.panel("blocked", _("no"), _.sentence(found.reason), form.remedy(found.reason), *buttons)
