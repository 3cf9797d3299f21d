"""Who may make backups: the members, each with the key that signs backups, sealed to the member's own age key."""

from dataclasses import dataclass

import sqlalchemy as sa

from accountools.storage.schema import members


@dataclass(frozen=True)
class Member:
    """A member: `recipient` is the public age key, `sealed` the backup key encrypted to it (base64), `since` a moment."""

    name: str
    recipient: str
    sealed: str
    since: str


def list_all(connection: sa.Connection) -> tuple[Member, ...]:
    """All members, by name."""
    return tuple(Member(**row) for row in connection.execute(sa.select(members).order_by(members.c.name)).mappings())


def save(connection: sa.Connection, member: Member) -> None:
    """Add a member, in place of one of the same name."""
    remove(connection, member.name)
    connection.execute(sa.insert(members).values(vars(member)))


def remove(connection: sa.Connection, name: str) -> None:
    """Remove a member."""
    connection.execute(sa.delete(members).where(members.c.name == name))
