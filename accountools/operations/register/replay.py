"""The register as it follows from the journal's events alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from accountools.domain.administration import User
from accountools.domain.events.administrations import (
    AdministrationArchived,
    AdministrationCopied,
    AdministrationCreated,
    AdministrationUnarchived,
    BackupPlaced,
    ClientAdded,
    ClientChanged,
    RegisterExtractPlaced,
)
from accountools.domain.events.backups import BackupMade
from accountools.domain.events.base import Event
from accountools.domain.events.keys import MemberAdmitted, MemberDismissed
from accountools.domain.events.office import FoldersNamed, OfficeCreated, OwnLicenceEvent
from accountools.domain.events.users import ImportUndone, LicenceImported, UserActivated, UserAdded, UserSwitched
from accountools.domain.identifiers import KvkNumber, Login
from accountools.storage.register.folders import FolderName


@dataclass
class ReplayedRegister:
    """What the register must hold. Administrations by number: description, client, archived; users by their login's key.

    `own` are the SHA-256 of the own licences' tokens, the present one last; imports by number: that of the licence's token, the key of the
    user's login and the codes that were accepted; folders as they are stored; members by name, with their age keys; counters of
    received backups by administration and signer; backups made by their SHA-256. `signers` are all who may be known: not each is.
    """

    own: list[str] = field(default_factory=list)
    clients: dict[str, tuple[str, str]] = field(default_factory=dict)
    administrations: dict[int, tuple[str, KvkNumber | None, bool]] = field(default_factory=dict)
    users: dict[int, dict[str, User]] = field(default_factory=dict)
    imports: dict[int, tuple[str, str, frozenset[str]]] = field(default_factory=dict)
    folders: dict[FolderName, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    received: dict[tuple[int, str], int] = field(default_factory=dict)
    backups: set[str] = field(default_factory=set)
    signers: set[str] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Let an event happen. Raises KeyError when it can't have happened so: what it is about isn't there."""
        number = int(event.administration or 0)
        match event:
            case ClientAdded():
                self.clients[event.kvk] = (event.name, event.city)
            case ClientChanged():
                self._change_client(event)
            case AdministrationCreated():
                self._describe(number, event.description, event.client)
            case RegisterExtractPlaced():
                self._describe(number, event.description, event.client)
                self.users[number] = {user.login.key: user for user in event.users}
                self._import(number, event.sha256, event.login, self._accepted_for(event))
                if isinstance(event, BackupPlaced):
                    self.signers.add(event.signer)
                    self.received[number, event.signer] = max(event.counter, self.received.get((number, event.signer), 0))
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
                self._import(number, event.sha256, event.login, event.accepted)
            case BackupMade():
                self.backups.add(event.sha256)
            case _:
                self._apply_to_office(event)

    def _apply_to_office(self, event: Event) -> None:
        match event:
            case OwnLicenceEvent():
                self.own.append(event.sha256)
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

    def _change_client(self, event: ClientChanged) -> None:
        name, _ = self.clients.pop(event.former_kvk)
        self.clients[event.kvk] = (event.name, event.city)
        outdated = event.outdated_codes(name)
        for its, (description, client, archived) in self.administrations.items():
            if client == event.former_kvk:
                self.administrations[its] = (description, event.kvk, archived)
                if its in self.imports:
                    sha256, login, accepted = self.imports[its]
                    self.imports[its] = (sha256, login, accepted - outdated)

    def _accepted_for(self, event: RegisterExtractPlaced) -> Iterable[str]:
        if event.accepted is None and isinstance(event, AdministrationCopied) and int(event.source) in self.imports:
            return self.imports[int(event.source)][2]
        return event.accepted or ()

    def _import(self, number: int, sha256: str | None, login: Login | None, accepted: Iterable[str]) -> None:
        self.imports.pop(number, None)
        if sha256 is not None and login is not None:
            self.imports[number] = (sha256, login.key, frozenset(accepted))

    def _describe(self, number: int, description: str, client: KvkNumber | None) -> None:
        archived = self.administrations.get(number, ("", None, False))[2]
        self.administrations[number] = (description, client, archived)
