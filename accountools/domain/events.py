"""What happens in an office, one dataclass for each kind of event; the journal (`storage.register.journal`) keeps them in a hash chain.

An event's fields are the keys of its details in the journal and in `journal --json`: numbers and hashes, never a token.
"""

from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Self, get_args, get_origin, get_type_hints

from accountools.domain.administration import User
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login


def _optional() -> Any:
    """A field that is left out of the details when it isn't known."""
    return field(default=None, metadata={"optional": True})


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base of all events. `what` names the kind in the journal; `administration` is the one it concerns, if one."""

    what: ClassVar[str] = ""
    administration: AdministrationNumber | None = None

    def details(self) -> dict[str, Any]:
        """The fields as JSON values; what is optional and not known is left out."""
        found = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name != "administration" and not (value is None and one.metadata.get("optional")):
                found[one.name] = _to_json(value)
        return found

    @classmethod
    def from_details(cls, administration: AdministrationNumber | None, details: dict[str, Any]) -> Self:
        """The inverse of `details`. Raises ValueError when a field is missing or of another type."""
        values: dict[str, Any] = {"administration": administration}
        hints = _hints(cls.what)
        for one in fields(cls):
            if one.name in details:
                values[one.name] = _from_json(hints[one.name], details[one.name])
            elif one.default is MISSING:
                raise ValueError(f"{cls.what}: {one.name} is missing")
        return cls(**values)


@dataclass(frozen=True, kw_only=True)
class OwnLicenceEvent(Event):
    """The office works under this licence of its own from now on."""

    licence: str
    sha256: str


class OfficeCreated(OwnLicenceEvent):
    """The office was made."""

    what = "office-made"


class OwnLicenceRenewed(OwnLicenceEvent):
    """The office's own licence was renewed."""

    what = "own-licence-renewed"


@dataclass(frozen=True, kw_only=True)
class OfficeRestored(Event):
    """The office was made anew from its register's backup, whose SHA-256 is `backup`."""

    what = "office-restored"
    backup: str
    made_at: str


@dataclass(frozen=True, kw_only=True)
class IssuersTrusted(Event):
    """Licences of the issuers with these keys (thumbprints) count from now on."""

    what = "issuers-trusted"
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RevocationsRead(Event):
    """A revocation list was read; `revoked` are the numbers that the list before it didn't have (older journals don't say)."""

    what = "revocations-read"
    issuer: str
    seq: int
    sha256: str
    revoked: tuple[str, ...] | None = _optional()


@dataclass(frozen=True, kw_only=True)
class KeySealed(Event):
    """A copy of the backup key was written, encrypted."""

    what = "key-sealed"
    key: str


@dataclass(frozen=True, kw_only=True)
class KeyUnsealed(Event):
    """The backup key (thumbprint `key`) took the place of another."""

    what = "key-unsealed"
    key: str
    replaces: str


@dataclass(frozen=True, kw_only=True)
class ClientAdded(Event):
    """A client was added."""

    what = "client-added"
    kvk: KvkNumber
    name: str
    city: str


@dataclass(frozen=True, kw_only=True)
class AdministrationCreated(Event):
    """An administration was made; `template` is the one its chart was taken from."""

    what = "administration-created"
    description: str
    client: KvkNumber | None
    template: AdministrationNumber | None = None


@dataclass(frozen=True, kw_only=True)
class RegisterExtractPlaced(Event):
    """The whole of what the register knows of an administration was replaced. `sha256` is that of its client licence's token."""

    description: str
    client: KvkNumber | None
    sha256: str | None
    login: Login | None
    users: tuple[User, ...]


@dataclass(frozen=True, kw_only=True)
class AdministrationCopied(RegisterExtractPlaced):
    """An administration was copied to another number."""

    what = "administration-copied"
    source: AdministrationNumber


@dataclass(frozen=True, kw_only=True)
class BackupPlaced(RegisterExtractPlaced):
    """A backup became an administration: the file's SHA-256, its signer's thumbprint and its counter."""

    backup: str
    signer: str
    counter: int


class AdministrationRestored(BackupPlaced):
    """A backup was restored."""

    what = "administration-restored"


class AdministrationInstalled(BackupPlaced):
    """A client's own backup was installed."""

    what = "administration-installed"


class AdministrationArchived(Event):
    """An administration was taken out of audit and hand-over."""

    what = "administration-archived"


class AdministrationUnarchived(Event):
    """An administration was put back."""

    what = "administration-unarchived"


@dataclass(frozen=True, kw_only=True)
class UserAdded(Event):
    """A user was added to an administration."""

    what = "user-added"
    login: Login
    name: str
    employee: int | None
    active: bool
    office: bool

    @classmethod
    def of(cls, number: AdministrationNumber, user: User) -> Self:
        """The event of adding `user`."""
        return cls(administration=number, **vars(user))

    @property
    def user(self) -> User:
        """The user."""
        return User(self.login, self.name, self.employee, self.active, self.office)


@dataclass(frozen=True, kw_only=True)
class UserSwitched(Event):
    """A user can log in, or can't any more."""

    login: Login


class UserActivated(UserSwitched):
    """A user can log in."""

    what = "user-activated"


class UserDeactivated(UserSwitched):
    """A user can't log in any more."""

    what = "user-deactivated"


@dataclass(frozen=True, kw_only=True)
class LicenceImported(Event):
    """A client's licence was imported for a user. `replaces` is the number of the one before, `accepted` the codes confirmed for it."""

    what = "licence-imported"
    licence: str
    sha256: str
    login: Login
    replaces: str | None = None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BackupMade(Event):
    """A backup was made. `recipient` is an age recipient, or the word `passphrase`; None when it is not encrypted."""

    what = "backup-made"
    purpose: str
    sha256: str
    licence: str
    counter: int
    encrypted: bool
    signer: str | None = _optional()
    recipient: str | None = _optional()


class RegisterBackedUp(BackupMade):
    """A backup of the office itself was made."""

    what = "register-backed-up"


@dataclass(frozen=True, kw_only=True)
class BackupRehearsed(Event):
    """The backup with this SHA-256 was rehearsed, and nothing was found."""

    what = "backup-rehearsed"
    sha256: str


@dataclass(frozen=True, kw_only=True)
class BackupPruned(Event):
    """The backup with this SHA-256 was removed on purpose."""

    what = "backup-pruned"
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Repaired(Event):
    """Leftovers of an interruption were removed."""

    what = "repaired"
    found: tuple[str, ...]


def parse_event(what: str, administration: AdministrationNumber | None, details: dict[str, Any]) -> Event | None:
    """The event that a row of the journal holds; None for a kind that this version doesn't know. Raises ValueError when it is malformed."""
    kind = _kinds().get(what)
    return kind.from_details(administration, details) if kind else None


@cache
def _kinds() -> dict[str, type[Event]]:
    found, waiting = {}, [Event]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.what:
            found[kind.what] = kind
    return found


@cache
def _hints(what: str) -> dict[str, Any]:
    return get_type_hints(_kinds()[what])


def _to_json(value: Any) -> Any:
    if isinstance(value, User):
        return value.document()
    if isinstance(value, tuple):
        return [_to_json(one) for one in value]
    if isinstance(value, AdministrationNumber):
        return int(value)
    return str(value) if isinstance(value, str) else value


def _from_json(hint: Any, value: Any) -> Any:
    """`value` as the type that the field has. Raises ValueError."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    if value is None and NoneType in kinds:
        return None
    (kind,) = (one for one in kinds if one is not NoneType)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is no list")
        return tuple(_from_json(get_args(kind)[0], one) for one in value)
    if kind is User:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is no user")
        added = UserAdded.from_details(None, value)
        return added.user
    plain = int if kind is AdministrationNumber else str if kind in {Login, KvkNumber} else kind
    if type(value) is not plain:  # a bool is no number
        raise ValueError(f"{value!r} is no {kind.__name__}")
    return kind(value)
