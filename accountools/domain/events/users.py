"""What happens to users, and to the licences imported for them."""

from typing import Self

from accountools.domain.administration import User
from accountools.domain.events.base import Event
from accountools.domain.identifiers import AdministrationNumber, Login


class UserAdded(Event, what="user-added"):
    """A user was added to an administration."""

    login: Login
    name: str
    employee: int | None
    active: bool
    office: bool

    @classmethod
    def for_user(cls, number: AdministrationNumber, user: User) -> Self:
        """The event of adding `user`."""
        return cls(administration=number, **vars(user))

    @property
    def user(self) -> User:
        """The user."""
        return User(self.login, self.name, self.employee, self.active, self.office)


class UserSwitched(Event):
    """A user can log in, or can't any more."""

    login: Login


class UserActivated(UserSwitched, what="user-activated"):
    """A user can log in."""


class UserDeactivated(UserSwitched, what="user-deactivated"):
    """A user can't log in any more."""


class LicenceImported(Event, what="licence-imported"):
    """A client's licence was imported for a user. `replaces` is the number of the one before, `accepted` the codes confirmed for it."""

    licence: str
    sha256: str
    login: Login
    replaces: str | None = None
    accepted: tuple[str, ...] = ()


class ImportUndone(Event, what="import-undone"):
    """The import of a client's licence (`undone` is the SHA-256 of its token) was undone: what was there before it is there again.

    `replaces` is the number of that licence, `sha256` and `login` are those of its import; None where there was none.
    """

    licence: str
    undone: str
    replaces: str | None
    sha256: str | None
    login: Login | None
    accepted: tuple[str, ...] = ()
