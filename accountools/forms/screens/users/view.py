"""The screen of the users: the administration, its users with a switch each, a new one, and whether somebody can log in (S6, S10, S12)."""

from functools import partial

from accountools.domain.codes import N_
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.file_chooser import AdministrationField
from accountools.forms.kit.form import describe_client
from accountools.forms.kit.screen import ClosedView, Screen, StepView
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.users.form import Users
from accountools.forms.screens.users.widgets import CheckView, NewUserView, TableView
from accountools.operations.session import Office
from accountools.texts import Texts


def users_screen(office: Office, texts: Texts | None = None) -> Screen[Users]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    closed = partial(ClosedView, again=N_("Users"), sentences={"closed": N_("Users screen closed.")})
    return Screen(Users(office, texts), {"users": UsersView}, closed, navigation.USERS)


class UsersView(StepView):
    """All of it on one page; the rest only when an administration is chosen."""

    def __init__(self, form: Users, callbacks: Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.add
        self._administration = AdministrationField(callbacks, _, _("Administration"), form.administrations, form.choose_administration,
            lambda pair: f"  — {_('archived')}" if pair[0].archived else "")  # fmt: skip
        self._message = widgets.column()
        self._table, self._new, self._check = TableView(form, callbacks), NewUserView(form, callbacks), CheckView(form, callbacks)
        self._rest = widgets.column(self._table.widget, self._message, self._check.widget, self._new.widget, kinds=("at-fields",))
        self.widget = widgets.column(self._administration.widget, self._rest, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self._form, self._form.texts
        one = form.administration
        whose = _("for {client}", client=describe_client(form.client)) if form.client else _("for nobody: it is a template")
        self._administration.show(f"{one.number} {one.description}" if one else "", paragraph(whose) if one else "")
        widgets.show(self._rest, one is not None)
        self._message.children = (widgets.panel("ready", _("Done"), form.message, ""),) if form.message else ()
        for part in (self._table, self._new, self._check):
            part.refresh()
        self.open_wanted(form.wants, {"new-user": self._new.focus, "administration": self._administration.open})
