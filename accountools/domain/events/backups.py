"""What happens to backups."""

from accountools.domain.events.base import Event, optional


class BackupMade(Event, what="backup-made"):
    """A backup was made, of the books at their `revision`.

    `recipient` is an age recipient, or the word `passphrase`; None when it is not encrypted.
    """

    purpose: str
    sha256: str
    licence: str
    counter: int
    encrypted: bool
    signer: str | None = optional()
    recipient: str | None = optional()
    revision: str | None = optional()


class RegisterBackedUp(BackupMade, what="register-backed-up"):
    """A backup of the office itself was made."""


class BackupRehearsed(Event, what="backup-rehearsed"):
    """The backup with this SHA-256 was rehearsed, and nothing was found."""

    sha256: str


class BackupPruned(Event, what="backup-pruned"):
    """The backup with this SHA-256 was removed on purpose."""

    sha256: str
