"""The users of an administration: who may log in, adding one, keeping one out, and whether somebody gets in (S6, S10, S12).

Before a client's user is kept out it is told what that means for handing over, if it means anything, and a yes is asked for.
"""

from collections.abc import Callable
from dataclasses import replace

from accountools.domain.administration import Administration, Client, User, user_by_login
from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.forms.kit.feedback import REMEDIES, Feedback, Remedy
from accountools.forms.kit.form import Form, step_of_form
from accountools.forms.kit.new_user import Asked, Checked, NewUser, Said
from accountools.forms.kit.wizard import Desk, State
from accountools.operations.register import administrations as administering
from accountools.operations.register import users
from accountools.operations.session import Office
from accountools.texts import Texts

_HERE = {
    "user-exists": Remedy(N_("Does this person get in?"), "check-user"),
    "too-many-users": Remedy(N_("Add as not active"), "add-inactive"),
    "administration-not-found": Remedy(N_("Choose another administration"), "choose-administration"),
}


class Users(Form):
    """The form. `new` is what is filled in, `asked` the question that waits for a yes, `checked` the last check, `said` what was done."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Users"))

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, Desk("users", N_("Users"), N_("Add user")), texts)
        self.feedback = Feedback(remedy_for=self._remedy)
        self._adding = False
        self.administration: Administration | None = None
        self.client: Client | None = None
        self.users: tuple[User, ...] = ()
        self.licence: Licence | None = None
        self.imported_for: Login | None = None
        self.wants = ""
        self._forget()
        self.assess()

    def _forget(self) -> None:
        self.new, self.login = NewUser(), ""
        self._said: Said | None = None
        self.asked: Asked | None = None
        self.checked: Checked | None = None

    @property
    def said(self) -> str:
        """What was done last, in a sentence."""
        return "" if self._said is None else self._said.in_words(self.texts)

    # Which administration

    def administrations(self) -> tuple[tuple[Administration, Client | None], ...]:
        """All administrations with their clients, by number; those in the archive last."""
        return tuple(sorted(administering.list_administrations(self.office), key=lambda pair: pair[0].archived))

    @step_of_form
    def choose_administration(self, number: int | str) -> bool:
        """Choose the administration. What was filled in of a new user stays."""
        wanted = AdministrationNumber.parse(number)
        self._read(wanted)
        self._said, self.asked, self.checked, self.wants = None, None, None, ""
        return True

    # Adding one

    @step_of_form
    def fill_in(
        self, *, login: str | None = None, name: str | None = None, employee: str | None = None, office: bool | None = None
    ) -> None:
        """Fill in what is given of a new user; the rest stays."""
        held = self.new
        self.new = NewUser(
            held.login if login is None else login,
            held.name if name is None else name,
            held.employee if employee is None else employee,
            held.office if office is None else office,
        )
        self._said, self.wants = None, ""

    @step_of_form
    def add(self) -> bool:
        """Add the user that is filled in (S6, S12). A second press does nothing: the fields are empty by then."""
        self._adding = True
        return self._add(active=True)

    # Keeping one out, and letting one in

    @step_of_form
    def set_active(self, login: str, active: bool) -> bool:
        """Let somebody in, or keep them out; where that means something for the client a yes is asked for first."""
        self._adding = False
        user = self._user(login)
        if user.active == active:
            return False
        self.asked, self._said, self.checked = None, None, None
        if not active:
            against = () if self.administration is None else users.obstacles_without(self.office, self.administration.number, user.login)
            imported_for = self.imported_for is not None and self.imported_for.key == user.login.key
            if against or imported_for:
                self.asked = Asked(user, imported_for, against)
                return False
        self._set_active(user, active=active)
        return True

    @property
    def question(self) -> str:
        """What it means to keep out whom it was asked of, in a sentence."""
        _, asked = self.texts, self.asked
        if asked is None:
            return ""
        if asked.against:
            return _("{name} can then no longer log in, and no backup can be made for the client.", name=asked.user.name)
        return _("{name} can then no longer log in.", name=asked.user.name)

    @step_of_form
    def say_yes(self) -> bool:
        """Yes, keep this user out. A second press does nothing."""
        if self.asked is None:
            return False
        self._set_active(self.asked.user, active=False)
        self.asked = None
        return True

    @step_of_form
    def say_no(self) -> None:
        """No, leave it as it is."""
        self.asked = None

    # Whether somebody gets in

    @step_of_form
    def check(self, login: str) -> bool:
        """Whether this person could log in now; tells whether they could."""
        self.login = login
        return self._check(login)

    # The other buttons

    @step_of_form
    def close(self) -> bool:
        """*Sluiten*: return to the menu Accountancy."""
        if self.over:
            return False
        self.over = "closed"
        return True

    @step_of_form
    def cancel(self) -> bool:
        """There is nothing to cancel: what is done here is done at once."""
        return False

    previous = cancel

    @step_of_form
    def start_again(self) -> None:
        """Open the users once more."""
        self.over = ""
        self._forget()
        if self.administration is not None:
            self._read(self.administration.number)

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says."""
        doing: dict[str, Callable[[], object]] = {
            "add-inactive": lambda: self._add(active=False),
            "check-user": lambda: self._check(self.new.login),
            "create-user": self._begin_new,
            "activate-user": lambda: self._set_active(self._user(self.checked.login if self.checked else ""), active=True),
            "choose-administration": lambda: setattr(self, "wants", "administration"),
        }
        if remedy in doing:
            return doing[remedy]() is not False
        if self.administration is not None:
            self._read(self.administration.number)
        return True

    def assess(self) -> None:
        """Whether a user can be added, and why not."""
        _ = self.texts
        lacking = []
        if self.administration is None:
            lacking.append(_("Choose the administration first"))
        if not self.new.login.strip():
            lacking.append(_("Fill in the login name of the new user"))
        if not self.new.name.strip():
            lacking.append(_("Fill in the full name of the new user"))
        self.wizard.put("users", State.CONFIGURED if lacking else State.READY, *lacking)

    def _remedy(self, code: str) -> Remedy | None:
        if code == "too-many-users" and not self._adding:
            return None
        return (REMEDIES | _HERE).get(code)

    def _read(self, number: AdministrationNumber) -> None:
        state = users.get_state(self.office, number)
        self.administration, self.client, self.users = state.administration, state.client, state.users
        self.imported_for = state.imported.login if state.imported else None
        self.licence = state.held.licence if state.held else None

    def _add(self, *, active: bool) -> bool:
        if self.administration is None or not self.wizard.is_at("users", State.READY):
            return False
        number = self.administration.number
        made = users.add_user(self.office, number, self.new.user(active=active))
        self._read(number)
        self._forget()
        said = N_("{name} ({login}) is added to administration {number}.") if active else N_(
            "{name} ({login}) is added to administration {number}, not active.")  # fmt: skip
        self._said = Said(said, {"name": made.name, "login": made.login, "number": number})
        return True

    def _set_active(self, user: User, *, active: bool) -> None:
        if self.administration is None:
            return
        number = self.administration.number
        users.set_active(self.office, number, user.login, active=active)
        self._read(number)
        said = N_("{login} is active in administration {number}.") if active else N_("{login} is not active in administration {number}.")
        self._said = Said(said, {"login": user.login, "number": number})
        if self.checked is not None:
            self._check(self.checked.login)

    def _check(self, typed: str) -> bool:
        self.checked = None
        if self.administration is None:
            return False
        login = Login.parse(typed)
        self.checked = Checked(login, users.enter(self.office, self.administration.number, login))
        return self.checked.entrance.may

    def _begin_new(self) -> None:
        if self.checked is not None:
            self.new = replace(self.new, login=str(self.checked.login))
        self.checked, self.wants = None, "new-user"

    def _user(self, login: str) -> User:
        found = user_by_login(self.users, Login.parse(login))
        if found is None:
            raise Refused("user-not-found", number=self.administration.number if self.administration else "", login=login)
        return found
