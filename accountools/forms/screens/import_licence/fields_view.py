"""The first step on the screen: the administration, the licence file, the user (S8, S11, S12)."""

from collections.abc import Iterable
from html import escape

from accountools.domain.administration import User
from accountools.domain.identifiers import is_found
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.licence_file import LicenceFileChooser, describe_licence_file
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import AdministrationField, Option, SearchField
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.screens.import_licence.form import ImportClientLicence


class FieldsView(StepView):
    """The three fields, and the new user that opens in place."""

    def __init__(self, form: ImportClientLicence, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        self._administration = AdministrationField(callbacks, _, _("Administration"), form.fields.choices, form.choose_administration)
        self._file = LicenceFileChooser(callbacks, form, lambda: form.fields.client, form.choose_file, form.upload,
            fits=_("fits this client"), placeholder=_("The path of the file that the client emailed"))  # fmt: skip
        self._user = SearchField(
            callbacks, _("User"), _("Look up the user"), self._users, form.choose_user,
            typed=form.choose_user, placeholder=_("The client's user who gets access"), nothing=_("Nothing found"), live=True,
        )  # fmt: skip
        self._new = NewUserView(form, callbacks)
        create = callbacks.press(widgets.button(_("Create user"), "at-small", icon="user-plus"), self._new.toggle)
        self._user.note_row.children = (self._user.note, create)
        self._shown = form.fields
        self.files = (self._file,)
        self.widget = widgets.column(
            self._administration.widget, self._file.widget, self._user.widget, self._new.widget, kinds=("at-fields",)
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        fields = self._form.fields
        if fields is not self._shown:
            self._shown = fields
            for field in (self._administration, self._file, self._user):
                field.close()
            self._new.clear()
        one, client = fields.administration, fields.client
        about = paragraph(self._form.texts("for {client}", client=describe_client(client))) if client else ""
        self._administration.show(f"{one.number} {one.description}" if one else "", about)
        self._file.show(str(fields.file or ""), describe_licence_file(self._form, fields.showing, fields.against))
        self._user.show(fields.login, self._about_user())
        self._new.refresh()
        openers = {"file": self._file.open, "user": self._user.open, "new-user": lambda: self._new.open(fields.login)}
        self.open_wanted(self._form.wants, openers)

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Beneath the file, or the fields of the new user while they are open."""
        return super().place_for(one) or self._new.place_for(one.code)

    def _users(self, typed: str) -> Iterable[Option]:
        for user in self._form.fields.users:
            text = f"{user.login}  {user.name}"
            if is_found(typed, text):
                yield (
                    f"{'●' if user.active else '○'} {text}" + ("" if user.active else f" ({self._form.texts('not active')})"),
                    user.login,
                )

    def _about_user(self) -> str:
        user, _ = self._form.fields.user, self._form.texts
        if user is None:
            return state_html("missing", _("no user with that login name")) if self._form.fields.login else ""
        if user is self._form.fields.new_user:
            number = _(", employee {employee}", employee=user.employee) if user.employee else ""
            return f"{state_html('ready', _('will be created on import'))}&ensp;{escape(user.name + number)}"
        state = state_html("ready", _("active")) if user.active else state_html("missing", _("not active"))
        return f"{state}&ensp;{escape(user.name)}"


class NewUserView:
    """*Gebruiker aanmaken*, in place: filled in here, made together with the import."""

    def __init__(self, form: ImportClientLicence, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self._fields = widgets.UserFields(_)
        use = callbacks.press(widgets.button(_("Use this user"), "at-small"), self._use)
        drop = callbacks.press(widgets.button(_("Don't create"), "at-small", "at-drops"), self.toggle)
        self.widget = widgets.column(self._fields.widget, widgets.row(use, drop, kinds=("at-row",)), kinds=("at-search-list",))
        self._user: User | None = None
        self._open = False
        widgets.show(self.widget, visible=False)

    def open(self, login: str) -> None:
        """Open, with this login filled in."""
        self._fields.login.value = self._fields.login.value or login
        self._open = True
        widgets.show(self.widget, visible=True)

    def place_for(self, code: str) -> widgets.Widget | None:
        """Beneath which field what is wrong is shown; None while they are closed."""
        return self._fields.places.get(code) if self._open else None

    def toggle(self) -> None:
        """Open or close."""
        self._open = not self._open
        widgets.show(self.widget, visible=self._open)

    def clear(self) -> None:
        """Forget what was typed, and close."""
        self._fields.show("", "", "")
        self._open = False
        widgets.show(self.widget, visible=False)

    def refresh(self) -> None:
        """Fill in the new user that the form has, after the language changed."""
        user = self._form.fields.new_user
        if user is not self._user and user is not None:
            self._fields.show(user.login, user.name, str(user.employee or ""))
        self._user = user

    def _use(self) -> None:
        if self._form.create_user(*(field.value for field in self._fields.all)) and self._open:
            self.toggle()
