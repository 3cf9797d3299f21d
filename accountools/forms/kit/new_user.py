"""What the form of the users holds: a new user that is filled in, a question that waits, a check that was made."""

from collections.abc import Mapping
from dataclasses import dataclass

from accountools.domain.administration import User
from accountools.domain.identifiers import Login, parse_name
from accountools.domain.obstacle import Obstacle
from accountools.forms.screens.import_licence.fields import employee_of
from accountools.operations.register.users import Entrance
from accountools.texts import Texts


@dataclass(frozen=True)
class NewUser:
    """What is filled in of a user who is to be added."""

    login: str = ""
    name: str = ""
    employee: str = ""
    office: bool = False

    def user(self, *, active: bool) -> User:
        """The user. Raises `login-invalid`, `name-missing`, `employee-invalid`."""
        return User(Login.parse(self.login), parse_name(self.name), employee_of(self.employee), active, self.office)


@dataclass(frozen=True)
class Asked:
    """Whether to keep this user out: `imported_for` tells that the client's licence was, `against` what it would put in the way."""

    user: User
    imported_for: bool
    against: tuple[Obstacle, ...]


@dataclass(frozen=True)
class Said:
    """What was done, to be told in any language: a key of the catalogues and its facts."""

    text: str
    facts: Mapping[str, object]

    def in_words(self, _: Texts) -> str:
        """The sentence."""
        return _(self.text, **self.facts)


@dataclass(frozen=True)
class Checked:
    """Whether somebody gets in, as it was when it was asked."""

    login: Login
    entrance: Entrance
