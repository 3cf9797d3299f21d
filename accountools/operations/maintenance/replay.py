"""The register as it follows from the journal's events alone."""

from dataclasses import dataclass, field

from accountools.domain.administration import User
from accountools.domain.events.administrations import (
    AdministrationArchived,
    AdministrationCreated,
    AdministrationUnarchived,
    ClientAdded,
    ClientChanged,
    RegisterExtractPlaced,
)
from accountools.domain.events.base import Event
from accountools.domain.events.keys import MemberAdmitted, MemberDismissed
from accountools.domain.events.office import FoldersNamed, OfficeCreated, OwnLicenceEvent
from accountools.domain.events.users import ImportUndone, LicenceImported, UserActivated, UserAdded, UserSwitched
from accountools.domain.identifiers import KvkNumber, Login
from accountools.storage.register.folders import FolderName


@dataclass
class ReplayedRegister:
    """What the register must hold. Administrations by number: description, client, archived; users by their login's key.

    `own` is the SHA-256 of the own licence's token; imports by number: that of the licence's token, and the key of the user's login;
    folders as they are stored; members by name, with their age keys.
    """

    own: str | None = None
    clients: dict[str, tuple[str, str]] = field(default_factory=dict)
    administrations: dict[int, tuple[str, KvkNumber | None, bool]] = field(default_factory=dict)
    users: dict[int, dict[str, User]] = field(default_factory=dict)
    imports: dict[int, tuple[str, str]] = field(default_factory=dict)
    folders: dict[FolderName, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Let an event happen. Raises KeyError when it can't have happened so: what it is about isn't there."""
        number = int(event.administration or 0)
        match event:
            case ClientAdded():
                self.clients[event.kvk] = (event.name, event.city)
            case ClientChanged():
                del self.clients[event.former_kvk]
                self.clients[event.kvk] = (event.name, event.city)
                for its, (description, client, archived) in self.administrations.items():
                    if client == event.former_kvk:
                        self.administrations[its] = (description, event.kvk, archived)
            case AdministrationCreated():
                self._describe(number, event.description, event.client)
            case RegisterExtractPlaced():
                self._describe(number, event.description, event.client)
                self.users[number] = {user.login.key: user for user in event.users}
                self._import(number, event.sha256, event.login)
            case AdministrationArchived() | AdministrationUnarchived():
                description, client, _ = self.administrations[number]
                self.administrations[number] = (description, client, isinstance(event, AdministrationArchived))
            case UserAdded():
                self.users.setdefault(number, {})[event.login.key] = event.user
            case UserSwitched():
                held = self.users[number][event.login.key]
                self.users[number][event.login.key] = User(
                    held.login, held.name, held.employee, isinstance(event, UserActivated), held.office
                )
            case LicenceImported() | ImportUndone():
                self._import(number, event.sha256, event.login)
            case _:
                self._apply_to_office(event)

    def _apply_to_office(self, event: Event) -> None:
        match event:
            case OwnLicenceEvent():
                self.own = event.sha256
                if isinstance(event, OfficeCreated) and event.member is not None and event.recipient is not None:
                    self.members[event.member] = event.recipient
            case FoldersNamed():
                if event.backups is not None:
                    self.folders["backups"] = event.backups
                if event.inbox is not None:
                    self.folders["inbox"] = event.inbox
            case MemberAdmitted():
                self.members[event.name] = event.recipient
            case MemberDismissed():
                del self.members[event.name]

    def _import(self, number: int, sha256: str | None, login: Login | None) -> None:
        self.imports.pop(number, None)
        if sha256 is not None and login is not None:
            self.imports[number] = (sha256, login.key)

    def _describe(self, number: int, description: str, client: KvkNumber | None) -> None:
        archived = self.administrations.get(number, ("", None, False))[2]
        self.administrations[number] = (description, client, archived)
