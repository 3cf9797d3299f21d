"""Clients, administrations and their users, as the register knows them."""

from dataclasses import dataclass

from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login


@dataclass(frozen=True)
class Client:
    """Who an administration is for. The KvK number names it."""

    kvk: KvkNumber
    name: str
    city: str = ""


@dataclass(frozen=True)
class User:
    """A user of an administration. Office users are the accountant's own staff and never handed over."""

    login: Login
    name: str
    employee: int | None = None
    active: bool = True
    office: bool = False

    def document(self) -> dict[str, object]:
        """As the interface shows it, and events and images store it."""
        return vars(self) | {"login": str(self.login)}


@dataclass(frozen=True)
class Administration:
    """One bookkeeping database. Without a client it is a template (S1). `version` counts the changes of its data in the register."""

    number: AdministrationNumber
    description: str
    client_kvk: KvkNumber | None = None
    archived: bool = False
    version: int = 0


def active_client_users(users: tuple[User, ...]) -> tuple[User, ...]:
    """The users that count towards a licence's number: active, and not the office's own."""
    return tuple(user for user in users if user.active and not user.office)


def find_user(users: tuple[User, ...], login: Login) -> User | None:
    """The user with this login, compared case-insensitively after NFC, or None."""
    return next((user for user in users if user.login.key == login.key), None)
