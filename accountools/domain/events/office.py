"""What happens to the office itself: its place, its own licence, whom it trusts, its folders."""

from accountools.domain.events.base import Event, optional


class OwnLicenceEvent(Event):
    """The office works under this licence of its own from now on."""

    licence: str
    sha256: str


class OfficeCreated(OwnLicenceEvent, what="office-made"):
    """The office was made: which issuers it trusts (thumbprints), the SHA-256 of their file, and the key that signs its backups.

    On a server also its first `member`, to whose age key `recipient` that key is sealed.
    """

    issuers: tuple[str, ...] | None = optional()
    trust: str | None = optional()
    key: str | None = optional()
    member: str | None = optional()
    recipient: str | None = optional()


class OwnLicenceRenewed(OwnLicenceEvent, what="own-licence-renewed"):
    """The office's own licence was renewed. `replaces` is the number of the one before, where that was another."""

    replaces: str | None = optional()


class OfficeRestored(Event, what="office-restored"):
    """The office was made anew from its register's backup, whose SHA-256 is `backup`."""

    backup: str
    made_at: str


class OfficeMoved(Event, what="office-moved"):
    """The office goes on at another place, a folder or a URL. It is the last event here as long as that holds."""

    to: str


class MoveFinished(Event, what="move-finished"):
    """The office goes on here, with all that it was at its former place. `maker` is that of its engine here (`storage.engine`)."""

    source: str
    maker: str | None = optional()


class BooksDistributed(Event, what="books-distributed"):
    """The books were spread over the machines of a cluster, by `tables`."""

    tables: int


class IssuersTrusted(Event, what="issuers-trusted"):
    """Licences of the issuers with these keys (thumbprints) count from now on; `issuers` are all, `trust` is the SHA-256 of their file."""

    keys: tuple[str, ...]
    issuers: tuple[str, ...] | None = optional()
    trust: str | None = optional()


class RevocationsRead(Event, what="revocations-read"):
    """A revocation list was read; `revoked` are the numbers that the list before it didn't have (older journals don't say)."""

    issuer: str
    seq: int
    sha256: str
    revoked: tuple[str, ...] | None = optional()


class FoldersNamed(Event, what="folders-named"):
    """The office named the folder of its backups, its inbox, or both; one in its own folder relative to that."""

    backups: str | None = optional()
    inbox: str | None = optional()


class Repaired(Event, what="repaired"):
    """Leftovers of an interruption were removed."""

    found: tuple[str, ...]
