"""The administrations in a plan for backups, each with its obstacles (S3, S10)."""

from collections.abc import Iterable
from dataclasses import dataclass

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Purpose
from accountools.operations.backups.target import BackupTarget
from accountools.operations.register import handover_rules
from accountools.operations.register.state import AdministrationState
from accountools.operations.session import Session


@dataclass(frozen=True)
class BackupItem:
    """One administration in a plan: its obstacles, under which licence its backup would be made, and the size of its books in bytes.

    `accepted` is what was confirmed when the licence was imported, for a hand-over: it is not asked again, but said again.
    """

    number: AdministrationNumber
    description: str
    version: int
    licence: Licence | None
    obstacles: tuple[Obstacle, ...]
    bytes: int = 0
    accepted: tuple[Obstacle, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it can't be made."""
        return any(one.blocking for one in self.obstacles)


def unknown_item(number: AdministrationNumber) -> BackupItem:
    """What a number is in a plan that no administration has."""
    return BackupItem(number, "—", 0, None, (obstacle("administration-not-found", number=number),))


def backup_items(session: Session, states: Iterable[AdministrationState], target: BackupTarget, purpose: Purpose) -> tuple[BackupItem, ...]:
    """What these administrations are in a plan. Raises `recipient-invalid`."""
    own, today, engine = session.own, session.context.today, session.office.engine
    items = []
    for state in states:
        one = state.administration
        if purpose == "handover":
            obstacles, licence = handover_rules.handover_obstacles(own, state, today), state.held.licence if state.held else None
        else:
            obstacles, licence = (*handover_rules.books_obstacles(state), *([own.reading.fault] if own.reading.fault else [])), own.licence
        target.recipient_for(licence)
        accepted = handover_rules.accepted_obstacles(state) if purpose == "handover" else ()
        size = engine.books_size(one.number)
        items.append(BackupItem(one.number, one.description, one.version, licence, obstacles, size, accepted))
    return tuple(items)
