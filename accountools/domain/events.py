"""What happens in an office, one dataclass for each kind of event; the journal (`storage.register.journal`) keeps them in a hash chain.

An event's fields are the keys of its details in the journal and in `journal --json` (`domain.event_json`): numbers and hashes, never a
token. `what` names the kind there; a class without it is only a base.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, dataclass_transform

from accountools.domain.administration import User
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login

KINDS: "dict[str, type[Event]]" = {}  # by their names in the journal


def _optional() -> Any:
    """A field that is left out of the details when it isn't known."""
    return field(default=None, metadata={"optional": True})


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(_optional,))
@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events: each subclass is a frozen dataclass. `administration` is the one that it concerns, if one."""

    what: ClassVar[str] = ""
    administration: AdministrationNumber | None = None

    def __init_subclass__(cls, what: str = "") -> None:
        dataclass(frozen=True, kw_only=True)(cls)
        cls.what = what
        if what:
            KINDS[what] = cls


class OwnLicenceEvent(Event):
    """The office works under this licence of its own from now on."""

    licence: str
    sha256: str


class OfficeCreated(OwnLicenceEvent, what="office-made"):
    """The office was made: which issuers it trusts (thumbprints), the SHA-256 of their file, and the key that signs its backups.

    On a server also its first `member`, to whose age key `recipient` that key is sealed.
    """

    issuers: tuple[str, ...] | None = _optional()
    trust: str | None = _optional()
    key: str | None = _optional()
    member: str | None = _optional()
    recipient: str | None = _optional()


class OwnLicenceRenewed(OwnLicenceEvent, what="own-licence-renewed"):
    """The office's own licence was renewed. `replaces` is the number of the one before, where that was another."""

    replaces: str | None = _optional()


class OfficeRestored(Event, what="office-restored"):
    """The office was made anew from its register's backup, whose SHA-256 is `backup`."""

    backup: str
    made_at: str


class OfficeMoved(Event, what="office-moved"):
    """The office goes on at another place, a folder or a URL. It is the last event here as long as that holds."""

    to: str


class MoveFinished(Event, what="move-finished"):
    """The office goes on here, with all that it was at its former place."""

    source: str


class BooksDistributed(Event, what="books-distributed"):
    """The books were spread over the machines of a cluster, by `tables`."""

    tables: int


class IssuersTrusted(Event, what="issuers-trusted"):
    """Licences of the issuers with these keys (thumbprints) count from now on; `issuers` are all, `trust` is the SHA-256 of their file."""

    keys: tuple[str, ...]
    issuers: tuple[str, ...] | None = _optional()
    trust: str | None = _optional()


class RevocationsRead(Event, what="revocations-read"):
    """A revocation list was read; `revoked` are the numbers that the list before it didn't have (older journals don't say)."""

    issuer: str
    seq: int
    sha256: str
    revoked: tuple[str, ...] | None = _optional()


class FoldersNamed(Event, what="folders-named"):
    """The office named the folder of its backups, its inbox, or both; one in its own folder relative to that."""

    backups: str | None = _optional()
    inbox: str | None = _optional()


class KeySealed(Event, what="key-sealed"):
    """A copy of the backup key was written, encrypted."""

    key: str


class KeyReplaced(Event):
    """The backup key (thumbprint `key`) took the place of another."""

    key: str
    replaces: str


class KeyUnsealed(KeyReplaced, what="key-unsealed"):
    """A copy of the backup key was taken back."""


class MemberAdmitted(Event, what="member-admitted"):
    """Somebody may make backups from now on: the backup key is sealed to the age key `recipient`. One of the same name no longer may."""

    name: str
    recipient: str


class MemberDismissed(KeyReplaced, what="member-dismissed"):
    """Somebody may make no more backups: the office has a new backup key."""

    name: str


class ClientAdded(Event, what="client-added"):
    """A client was added."""

    kvk: KvkNumber
    name: str
    city: str


class ClientChanged(Event, what="client-changed"):
    """A client got another name, city or KvK number; `former_kvk` is the number that it had (perhaps the same)."""

    kvk: KvkNumber
    name: str
    city: str
    former_kvk: KvkNumber


class AdministrationCreated(Event, what="administration-created"):
    """An administration was made; `template` is the one its chart was taken from, `books` the identity of its books."""

    description: str
    client: KvkNumber | None
    template: AdministrationNumber | None = None
    books: str | None = _optional()


class RegisterExtractPlaced(Event):
    """The whole of what the register knows of an administration was replaced. `sha256` is that of its client licence's token.

    `books` is the identity of its books, which are others from now on.
    """

    description: str
    client: KvkNumber | None
    sha256: str | None
    login: Login | None
    users: tuple[User, ...]
    books: str | None = _optional()


class AdministrationCopied(RegisterExtractPlaced, what="administration-copied"):
    """An administration was copied to another number."""

    source: AdministrationNumber


class BackupPlaced(RegisterExtractPlaced):
    """A backup became an administration: the file's SHA-256, its signer's thumbprint and its counter.

    `accepted` are the codes confirmed for the licence of `sha256`.
    """

    backup: str
    signer: str
    counter: int
    accepted: tuple[str, ...] | None = _optional()


class AdministrationRestored(BackupPlaced, what="administration-restored"):
    """A backup was restored."""


class AdministrationInstalled(BackupPlaced, what="administration-installed"):
    """A client's own backup was installed."""


class BooksIdentified(Event, what="books-identified"):
    """The books of an administration have this identity from now on: those of earlier versions had none."""

    books: str


class AuditfileImported(Event, what="auditfile-imported"):
    """A fiscal year came into the books from an audit file with this SHA-256, in place of the years that it `replaces`.

    `accepted` are the codes that were confirmed for it.
    """

    year: str
    sha256: str
    entries: int
    lines: int
    replaces: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()


class EntriesImported(Event, what="entries-imported"):
    """Entries came into the books from a table with this SHA-256, into the fiscal years `years`."""

    years: tuple[str, ...]
    sha256: str
    entries: int
    lines: int


class ChartImported(Event, what="chart-imported"):
    """The chart of an administration was completed and changed from a chart of so many accounts, of which this is the SHA-256."""

    sha256: str
    accounts: int


class AdministrationArchived(Event, what="administration-archived"):
    """An administration was taken out of audit and hand-over."""


class AdministrationUnarchived(Event, what="administration-unarchived"):
    """An administration was put back."""


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


class BackupMade(Event, what="backup-made"):
    """A backup was made, of the books at their `revision`.

    `recipient` is an age recipient, or the word `passphrase`; None when it is not encrypted.
    """

    purpose: str
    sha256: str
    licence: str
    counter: int
    encrypted: bool
    signer: str | None = _optional()
    recipient: str | None = _optional()
    revision: str | None = _optional()


class RegisterBackedUp(BackupMade, what="register-backed-up"):
    """A backup of the office itself was made."""


class BackupRehearsed(Event, what="backup-rehearsed"):
    """The backup with this SHA-256 was rehearsed, and nothing was found."""

    sha256: str


class BackupPruned(Event, what="backup-pruned"):
    """The backup with this SHA-256 was removed on purpose."""

    sha256: str


class Repaired(Event, what="repaired"):
    """Leftovers of an interruption were removed."""

    found: tuple[str, ...]
