"""The users of an administration: who may log in, adding one, deactivating one, and whether somebody can log in (S6, S10, S12).

Before a client's user is deactivated the form says what that means for handing over, if it means anything, and asks for a confirmation.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from accountools.domain.administration import Administration, Client, User, find_user
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.descriptions import Listed
from accountools.forms.kit.form import Form, guarded, parse_user
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.wizard import SingleStep, State
from accountools.operations.register import administrations, users
from accountools.operations.register.users import Entrance
from accountools.operations.session import Office
from accountools.texts import Texts

ACTIONS = frozenset({"retry", "create-user", "activate-user", "check-user", "choose-administration"})


@dataclass(frozen=True)
class NewUser:
    """What is filled in of a user who is to be added."""

    login: str = ""
    name: str = ""
    employee: str = ""
    office: bool = False


@dataclass(frozen=True)
class Deactivation:
    """To be confirmed: `imported_for` is whether the licence was imported for this user, `obstacles` are those to a backup afterwards."""

    user: User
    imported_for: bool
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True)
class LoginCheck:
    """Whether somebody can log in, as it was when it was checked."""

    login: Login
    entrance: Entrance


class Users(Form):
    """The form. `new` is what is filled in, `deactivation` what waits for a confirmation, `checked` the last check."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Users"))
    actions = ACTIONS

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, SingleStep("users", N_("Users"), N_("Add user")), texts)
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
        self._message: tuple[str, dict[str, object]] | None = None
        self.deactivation: Deactivation | None = None
        self.checked: LoginCheck | None = None

    @property
    def message(self) -> str:
        """What was done last, in a sentence."""
        return "" if self._message is None else self.texts(self._message[0], **self._message[1])

    def administrations(self) -> tuple[Listed, ...]:
        """All administrations with their clients, by number; those in the archive last."""
        return tuple(sorted(administrations.list_administrations(self.office), key=lambda pair: pair[0].archived))

    @guarded
    def choose_administration(self, number: int | str) -> bool:
        """Choose the administration. What was filled in of a new user stays."""
        wanted = AdministrationNumber.parse(number)
        self._read(wanted)
        self._message, self.deactivation, self.checked, self.wants = None, None, None, ""
        return True

    @guarded
    def fill_in(
        self, *, login: str | None = None, name: str | None = None, employee: str | None = None, office: bool | None = None
    ) -> None:
        """Fill in what is given of a new user; the rest stays."""
        given: dict[str, Any] = {"login": login, "name": name, "employee": employee, "office": office}
        self.new = replace(self.new, **{field: value for field, value in given.items() if value is not None})
        self._message, self.wants = None, ""

    @guarded
    def add(self) -> bool:
        """Add the user that is filled in (S6, S12). A second press does nothing: the fields are empty by then."""
        self.actions = ACTIONS | {"add-inactive"}
        return self._add(active=True)

    @guarded
    def set_active(self, login: str, active: bool) -> bool:
        """Activate or deactivate somebody; where that means something for the client it waits for a confirmation."""
        self.actions = ACTIONS
        user = self._user(login)
        if user.active == active:
            return False
        self.deactivation, self._message, self.checked = None, None, None
        if not active:
            obstacles = () if self.administration is None else users.obstacles_without(self.office, self.administration.number, user.login)
            imported_for = self.imported_for is not None and self.imported_for.key == user.login.key
            if obstacles or imported_for:
                self.deactivation = Deactivation(user, imported_for, obstacles)
                return False
        self._set_active(user, active=active)
        return True

    @property
    def question(self) -> str:
        """What the deactivation that waits means, in a sentence."""
        _, asked = self.texts, self.deactivation
        if asked is None or not asked.obstacles:
            return _("{name} can then no longer log in.", name=asked.user.name) if asked else ""
        if not self.is_accountant_office:
            return _("{name} can then no longer log in, and nobody is left who can.", name=asked.user.name)
        return _("{name} can then no longer log in, and no backup can be made for the client.", name=asked.user.name)

    @guarded
    def confirm(self) -> bool:
        """Confirm: deactivate this user. A second press does nothing."""
        if self.deactivation is None:
            return False
        self._set_active(self.deactivation.user, active=False)
        self.deactivation = None
        return True

    @guarded
    def decline(self) -> None:
        """Don't deactivate this user."""
        self.deactivation = None

    @guarded
    def check(self, login: str) -> bool:
        """Check whether this person could log in now; whether they could."""
        self.login = login
        return self._check(login)

    def reset(self) -> None:
        """Forget what was filled in; the administration stays, as it is now."""
        self._forget()
        if self.administration is not None:
            self._read(self.administration.number)

    def begin(self, request: Request) -> None:
        """Begin with the administration that another screen asks for."""
        if request.administration is not None:
            self.choose_administration(request.administration)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        doing: dict[str, Callable[[], object]] = {
            "add-inactive": lambda: self._add(active=False),
            "check-user": lambda: self._check(self.new.login),
            "create-user": self._begin_new,
            "activate-user": lambda: self._set_active(self._user(self.checked.login if self.checked else ""), active=True),
            "choose-administration": lambda: setattr(self, "wants", "administration"),
        }
        if action in doing:
            return doing[action]() is not False
        if self.administration is not None:
            self._read(self.administration.number)
        return True

    def assess(self) -> None:
        """Whether a user can be added, and why not."""
        _ = self.texts
        missing = []
        if self.administration is None:
            missing.append(_("Choose the administration first"))
        if not self.new.login.strip():
            missing.append(_("Fill in the login name of the new user"))
        if not self.new.name.strip():
            missing.append(_("Fill in the full name of the new user"))
        self.wizard.set_state("users", State.CONFIGURED if missing else State.READY, *missing)

    def _read(self, number: AdministrationNumber) -> None:
        state = users.get_state(self.office, number)
        self.administration, self.client, self.users = state.administration, state.client, state.users
        self.imported_for = state.imported.login if state.imported and self.is_accountant_office else None
        self.licence = state.held.licence if state.held else None

    def _add(self, *, active: bool) -> bool:
        if self.administration is None or not self.wizard.is_at("users", State.READY):
            return False
        number, new = self.administration.number, self.new
        made = users.add_user(self.office, number, parse_user(new.login, new.name, new.employee, active=active, office=new.office))
        self._read(number)
        self._forget()
        text = N_("{name} ({login}) is added to administration {number}.") if active else N_(
            "{name} ({login}) is added to administration {number}, not active.")  # fmt: skip
        self._message = (text, {"name": made.name, "login": made.login, "number": number})
        return True

    def _set_active(self, user: User, *, active: bool) -> None:
        if self.administration is None:
            return
        number = self.administration.number
        users.set_active(self.office, number, user.login, active=active)
        self._read(number)
        text = N_("{login} is active in administration {number}.") if active else N_("{login} is not active in administration {number}.")
        self._message = (text, {"login": user.login, "number": number})
        if self.checked is not None:
            self._check(self.checked.login)

    def _check(self, typed: str) -> bool:
        self.checked = None
        if self.administration is None:
            return False
        login = Login.parse(typed)
        self.checked = LoginCheck(login, users.enter(self.office, self.administration.number, login))
        return self.checked.entrance.may

    def _begin_new(self) -> None:
        if self.checked is not None:
            self.new = replace(self.new, login=str(self.checked.login))
        self.checked, self.wants = None, "new-user"

    def _user(self, login: str) -> User:
        found = find_user(self.users, Login.parse(login))
        if found is None:
            raise Refused("user-not-found", number=self.administration.number if self.administration else "", login=login)
        return found
