"""What happens to the key that signs backups, and to those who may use it."""

from accountools.domain.events.base import Event


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
