"""The first step on the screen: the administration, the licence file, the user (S8, S11, S12)."""

from collections.abc import Iterable
from html import escape

from accountools.domain.administration import User
from accountools.forms.kit import widgets
from accountools.forms.kit.choose_file import ChooseFile
from accountools.forms.kit.comparison import STATUSES
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.import_licence.form import ImportClientLicence


class FieldsView(StepView):
    """The three fields, and the new user that opens in place."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._administration = LookUp(
            callbacks, _("Administration"), _("Look up the administration"), self._administrations, form.choose_administration,
            placeholder=_("Number or name"), nothing=_("Nothing found"),
        )  # fmt: skip
        self._file = ChooseFile(callbacks, form.office, _, lambda: form.fields.client, form.choose_file, form.upload)
        self._user = LookUp(
            callbacks, _("User"), _("Look up the user"), self._users, form.choose_user,
            typed=form.choose_user, placeholder=_("The client's user who gets access"), nothing=_("Nothing found"), live=True,
        )  # fmt: skip
        self._new = NewUser(form, callbacks)
        create = callbacks.press(widgets.button(_("Create user"), "at-small", icon="user-plus"), self._new.toggle)
        self._user.note_row.children = (self._user.note, create)
        self._wanted, self._seen = "", form.fields
        self.widget = widgets.column(
            self._administration.widget, self._file.widget, self._user.widget, self._new.widget, kinds=("at-fields",)
        )

    def refresh(self) -> None:
        """Show what the form says now."""
        fields = self._form.fields
        if fields is not self._seen:
            self._start_again()
        one, client = fields.administration, fields.client
        about = line(self._form.texts("for {client}", client=self._form.in_words(client))) if client else ""
        self._administration.say(f"{one.number} {one.description}" if one else "", about)
        self._file.say(str(fields.file) if fields.file else "", self._about_file())
        self._user.say(fields.login, self._about_user())
        self._new.refresh()
        self._go_to(self._form.wants)

    def go_on(self) -> None:
        """*Volgende*."""
        self._form.next()

    def _start_again(self) -> None:
        self._seen = self._form.fields
        for look_up in (self._administration, self._file, self._user):
            look_up.close()
        self._new.empty()

    def _go_to(self, wanted: str) -> None:
        """Open the field that a remedy's button leads to, once."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted == "file":
            self._file.open()
        elif wanted == "user":
            self._user.open()
        elif wanted == "new-user":
            self._new.open(self._form.fields.login)

    def _administrations(self, typed: str) -> Iterable[Found]:
        wanted = typed.casefold().split()
        known = self._form.fields.administrations()
        for one, client in [pair for pair in known if typed.strip().lstrip("0") == f"{int(pair[0].number)}"] or known:
            text = f"{one.number}  {one.description}" + ("" if client.name == one.description else f"  ({client.name})")
            if all(word in text.casefold() for word in wanted):
                yield Found(text, one.number)

    def _users(self, typed: str) -> Iterable[Found]:
        for user in self._form.fields.users:
            text = f"{user.login}  {user.name}"
            if typed.casefold().strip() in text.casefold():
                yield Found(
                    f"{'●' if user.active else '○'} {text}" + ("" if user.active else f" ({self._form.texts('not active')})"), user.login
                )

    def _about_file(self) -> str:
        showing, _ = self._form.fields.showing, self._form.texts
        if showing is None:
            return ""
        if showing.verdict is not None:
            return f"<p>{mark('blocked', _('won’t do'))}&ensp;{escape(self._form.say(showing.verdict))}</p>"
        if showing.licence is None:
            return ""
        held = showing.licence
        status = held.status(self._form.today)
        state = mark("ready" if status == "valid" else "attention", _(STATUSES[status]))
        until = _("until {day}", day=_.day(held.valid_until))
        return f"<p>{state} {escape(until)}&ensp;·&ensp;{escape(held.number)}&ensp;·&ensp;{escape(held.licensee.name)}</p>"

    def _about_user(self) -> str:
        user, _ = self._form.fields.user, self._form.texts
        if user is None:
            return mark("missing", _("no user by that login")) if self._form.fields.login else ""
        if user is self._form.fields.new_user:
            number = _(", employee {employee}", employee=user.employee) if user.employee else ""
            return f"{mark('ready', _('is created at the import'))}&ensp;{escape(user.name + number)}"
        state = mark("ready", _("active")) if user.active else mark("attention", _("not active"))
        return f"{state}&ensp;{escape(user.name)}"


class NewUser:
    """*Gebruiker aanmaken*, in place: filled in here, made together with the import."""

    def __init__(self, form: ImportClientLicence, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self._login = widgets.text(_("Login name, as on their own computer"), placeholder=r"JANSEN\henk")
        self._name, self._employee = widgets.text(_("Full name")), widgets.text(_("Employee number (may be left out)"))
        use = callbacks.press(widgets.button(_("Use this user"), "at-small"), self._take)
        drop = callbacks.press(widgets.button(_("Never mind"), "at-small", "at-drops"), self.toggle)
        example = line(_(r"As Windows, a mail address or macOS and Linux give it: JANSEN\henk, henk@jansen.nl or henk."), "at-quiet")
        self.widget = widgets.column(self._login, widgets.html(example), self._name, self._employee, widgets.row(use, drop, kinds=("at-row",)),
            kinds=("at-look-list",))  # fmt: skip
        self._user: User | None = None
        self._open = True
        self.toggle()

    def open(self, login: str) -> None:
        """Open, with this login filled in."""
        self._login.value = self._login.value or login
        self._open = True
        widgets.show(self.widget, visible=True)

    def toggle(self) -> None:
        """Open or close."""
        self._open = not self._open
        widgets.show(self.widget, visible=self._open)

    def empty(self) -> None:
        """Forget what was typed, and close."""
        for field in (self._login, self._name, self._employee):
            field.value = ""
        self._open = False
        widgets.show(self.widget, visible=False)

    def refresh(self) -> None:
        """Fill in the new user that the form has, after the language changed."""
        user = self._form.fields.new_user
        if user is not self._user and user is not None:
            self._login.value, self._name.value, self._employee.value = user.login, user.name, str(user.employee or "")
        self._user = user

    def _take(self) -> None:
        if self._form.create_user(self._login.value, self._name.value, self._employee.value) and self._open:
            self.toggle()
