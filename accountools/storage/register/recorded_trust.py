"""What the journal says of the issuers that are trusted and of their revocation lists: by it the files and tables are verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from accountools.domain.events.base import Event
from accountools.domain.events.keys import KeyReplaced, KeyUnsealed, MemberDismissed
from accountools.domain.events.office import IssuersTrusted, OfficeCreated, RevocationsRead
from accountools.storage.register import journal
from accountools.storage.register.journal import GENESIS, Head

_KINDS = (OfficeCreated, IssuersTrusted, KeyUnsealed, MemberDismissed, RevocationsRead)


@dataclass(frozen=True)
class RecordedList:
    """The last revocation list that was read of an issuer: its number, the SHA-256 of its token, and all that was ever revoked.

    Journals of older versions don't say which numbers were revoked.
    """

    seq: int = 0
    sha256: str = ""
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RecordedTrust:
    """What the events up to `head` say. What is None they don't say: the office was made by an older version.

    `issuers` are thumbprints, `trust` is the SHA-256 of the file of issuers, `key` the thumbprint of the key that signs backups,
    `former_keys` those of the keys before it, `lists` are by their issuers' keys.
    """

    head: Head = field(default_factory=lambda: Head(GENESIS, 0))
    issuers: frozenset[str] | None = None
    trust: str | None = None
    key: str | None = None
    former_keys: frozenset[str] = frozenset()
    lists: Mapping[str, RecordedList] = field(default_factory=dict)

    @property
    def revoked(self) -> frozenset[tuple[str, str]]:
        """What was revoked, as pairs of the issuer's key and the licence's number."""
        return frozenset((issuer, number) for issuer, held in self.lists.items() for number in held.numbers)

    def after(self, event: Event | None) -> "RecordedTrust":
        """The same with one event more."""
        match event:
            case OfficeCreated():
                issuers = None if event.issuers is None else frozenset(event.issuers)
                return replace(self, issuers=issuers, trust=event.trust, key=event.key)
            case IssuersTrusted() if event.issuers is not None:
                return replace(self, issuers=frozenset(event.issuers), trust=event.trust)
            case KeyReplaced():
                return replace(self, key=event.key, former_keys=self.former_keys | {event.replaces} - {""})
            case RevocationsRead():
                numbers = self.lists.get(event.issuer, RecordedList()).numbers | frozenset(event.revoked or ())
                return replace(self, lists={**self.lists, event.issuer: RecordedList(event.seq, event.sha256, numbers)})
        return self


def read_trust_events(connection: sa.Connection, known: RecordedTrust, head: Head) -> RecordedTrust:
    """What the journal says until `head`, its end; only what came after `known` is read, if the journal still begins with that."""
    found = known if head == known.head or journal.hash_at(connection, known.head.length) == known.head.hash else RecordedTrust()
    if head != found.head:
        for one in journal.list_events(connection, kinds=_KINDS, after=found.head.length):
            found = found.after(one.parsed())
    return replace(found, head=head)
