"""The parts of the screen of the users: the table with its switches, the new user, and the check."""

from collections.abc import Iterable
from html import escape

from accountools.domain.administration import User, active_client_users
from accountools.forms.kit import widgets
from accountools.forms.kit.new_user import Asked
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.two_steps_view import put
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.users.form import Users

COLUMNS = "minmax(150px, max-content) minmax(110px, max-content) max-content max-content max-content max-content"
REMEDIES = ("create-user", "activate-user")


class TableView:
    """The users: login, name, employee number, whose they are, a switch with its word, and whether they get in."""

    def __init__(self, form: Users, callbacks: Callbacks) -> None:
        self._form, self._callbacks = form, callbacks
        self._shown: object = None
        self._switches: dict[str, Widget] = {}
        self._grid = widgets.grid(COLUMNS)
        self._note, self._question = widgets.html(), widgets.column()
        heading = widgets.html(f"<h3>{escape(form.texts('Users'))}</h3>")
        self.widget = widgets.column(heading, self._grid, self._note, self._question, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form = self._form
        if form.users is not self._shown:
            self._shown = form.users
            self._switches.clear()
            self._grid.children = [cell for row in self._rows() for cell in row]
            self._note.value = self._about()
        for user in form.users:
            self._switches[user.login].value = user.active
        self._question.children = () if form.asked is None else (self._ask(form.asked),)

    def _rows(self) -> Iterable[Iterable[Widget]]:
        _ = self._form.texts
        widgets.show(self._grid, bool(self._form.users))
        heads = (_("Login name"), _("Name"), _("Number"), _("Of"), _("May log in"), "")
        yield [widgets.html(f'<b class="at-quiet">{escape(head)}</b>') for head in heads]
        yield from (self._row(user) for user in self._form.users)

    def _row(self, user: User) -> Iterable[Widget]:
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
            return mark("missing", _("no users yet"))
        if form.licence is None:
            return line(_("No client licence has been imported yet."), "at-quiet") if form.client else ""
        active = len(active_client_users(form.users))
        said = _("Licence {licence}: {active} of {allowed} active users; those of the office don't count.",
            licence=form.licence.number, active=active, allowed=form.licence.users)  # fmt: skip
        return line(said, "at-quiet")

    def _ask(self, asked: Asked) -> Widget:
        form, _ = self._form, self._form.texts
        yes = self._callbacks.press(widgets.button(_("Yes, make not active"), "at-small"), form.say_yes)
        no = self._callbacks.press(widgets.button(_("No, leave active"), "at-small"), form.say_no)
        why = _("The client licence was imported for this user: import it for another user first.") if asked.imported_for \
            else " ".join(form.say(one) for one in asked.against)  # fmt: skip
        return widgets.panel("attention", _("Are you sure?"), form.question, why, widgets.row(yes, no, kinds=("at-row",)))


class NewUserView:
    """*Nieuwe gebruiker*: the fields; the main button adds."""

    def __init__(self, form: Users, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._login = widgets.text(_("Login name, as on their own computer"), placeholder=r"JANSEN\henk", live=True)
        self._name = widgets.text(_("Full name"), live=True)
        self._employee = widgets.text(_("Employee number (may be left out)"), live=True)
        self._office = widgets.tick(_("One of the office's own people: never handed over, and not counted"))
        callbacks.change(self._login, lambda typed: form.fill_in(login=typed))
        callbacks.change(self._name, lambda typed: form.fill_in(name=typed))
        callbacks.change(self._employee, lambda typed: form.fill_in(employee=typed))
        callbacks.change(self._office, lambda yes: form.fill_in(office=yes))
        example = line(_(r"As Windows, a mail address or macOS and Linux give it: JANSEN\henk, henk@jansen.nl or henk."), "at-quiet")
        login = widgets.column(self._login, widgets.html(example), kinds=("at-group",))
        heading = widgets.html(f"<h3>{escape(_('New user'))}</h3>")
        self.widget = widgets.column(
            heading, login, self._name, self._employee, self._office, kinds=("at-group", "at-narrow", "at-section")
        )

    def refresh(self) -> None:
        """Show what the form says now."""
        new = self._form.new
        put(self._login, new.login)
        put(self._name, new.name)
        put(self._employee, new.employee)
        self._office.value = new.office

    def go_to(self) -> None:
        """Put the cursor in the first field."""
        (self._name if self._form.new.login else self._login).focus()


class CheckView:
    """*Kan deze persoon inloggen?*, asked before it turns out."""

    def __init__(self, form: Users, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._login = widgets.text(_("Login name"), placeholder=r"JANSEN\henk")
        callbacks.change(self._login, self._typed)  # what is pressed may overtake what was typed before it
        check = callbacks.press(widgets.button(_("Check")), lambda: form.check(self._login.value))
        self._answer = widgets.column()
        heading = widgets.html(f"<h3>{escape(_('Can this person log in?'))}</h3>")
        self.widget = widgets.column(
            heading, widgets.row(self._login, check, kinds=("at-look",)), self._answer, kinds=("at-group", "at-section")
        )

    def refresh(self) -> None:
        """Show what the form says now."""
        put(self._login, self._form.login or self._login.value)
        self._answer.children = tuple(self._answers())

    def _typed(self, login: str) -> None:
        if login.strip():
            self._form.check(login)

    def _answers(self) -> Iterable[Widget]:
        form, _ = self._form, self._form.texts
        if form.checked is None or form.administration is None:
            return
        found = form.checked.entrance
        if found.reason is None:
            said = _("{login} gets in to administration {number}.", login=form.checked.login, number=form.administration.number)
            yield widgets.panel("ready", _("yes"), said, form.say(found.warning) if found.warning else "")
            return
        remedy = form.feedback.remedy_for(found.reason.code)
        buttons = []
        if remedy is not None and remedy.name in REMEDIES:
            name = remedy.name
            buttons.append(self._callbacks.press(widgets.button(_(remedy.label), "at-small"), lambda: form.mend(name)))
        yield widgets.panel("blocked", _("no"), _.sentence(found.reason), form.what_to_do(found.reason), *buttons)
