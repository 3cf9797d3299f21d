"""Which backups are to be made, for what, where and to whom, and what stands in their way (S3, S9, S10); made in `backing_up`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Purpose
from accountools.operations.backups import batch as batches
from accountools.operations.backups.target import Destination
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, unheard
from accountools.operations.register import rules
from accountools.operations.register.rules import AdministrationState, HeldLicence
from accountools.operations.register.state import all_states, own_licence, states_of
from accountools.operations.session import Office

if TYPE_CHECKING:
    from accountools.operations.backups.make import BackupOutcome


@dataclass(frozen=True)
class BackupItem:
    """One administration in a plan: what stands in its way, under which licence it would go, and how large its books are."""

    number: AdministrationNumber
    description: str
    version: int
    licence: Licence | None
    obstacles: tuple[Obstacle, ...]
    bytes: int = 0

    @property
    def refused(self) -> bool:
        """Whether it can't be made."""
        return any(one.blocking for one in self.obstacles)


@dataclass(frozen=True, kw_only=True)
class BackupPlan(Plan):
    """Which backups would be made, for what purpose, where and to whom. An item that is refused doesn't keep the others."""

    items: tuple[BackupItem, ...]
    purpose: Purpose
    destination: Destination
    folder: Path
    rehearse: bool = False
    batch: bool = False  # noted, so that it can be taken up again when it is cut off

    @property
    def to_make(self) -> tuple[BackupItem, ...]:
        """The items that can be made."""
        return tuple(item for item in self.items if not item.refused)

    @property
    def refused(self) -> tuple[BackupItem, ...]:
        """The items that can't."""
        return tuple(item for item in self.items if item.refused)

    def made_of(self) -> dict[str, Any]:
        """The slices' versions and licences, the purpose and the destination (of a passphrase only that there is one)."""
        return {
            "purpose": self.purpose,
            "folder": str(self.folder),
            "recipient": self.destination.recipient,
            "passphrase": self.destination.passphrase is not None,
            "plain": self.destination.plain,
            "rehearse": self.rehearse,
            "items": [
                [int(item.number), item.version, item.licence.number if item.licence else None, sorted(one.code for one in item.obstacles)]
                for item in self.items
            ],
        }

    def apply_to(self, office: Office, progress: Progress = unheard) -> "BackupOutcome":
        """Make those that can be made, one after another; one that is refused doesn't keep the others from being made.

        When the machine fails the rest is not tried: the outcome says what was done, and what stopped it. `progress` as with `carry_out`.
        """
        from accountools.operations.backups.make import BackupOutcome, carry_out  # which needs this module

        return BackupOutcome.of(tuple(carry_out(office, self, progress)))


def plan_backup(
    office: Office,
    numbers: Iterable[AdministrationNumber],
    destination: Destination,
    purpose: str | None = None,
    *,
    rehearse: bool = False,
) -> BackupPlan:
    """Plan backups of these administrations; with `rehearse` each is restored aside before it counts.

    Raises `administration-not-found`, `recipient-invalid`, `file-not-found` for a folder that can't be made.
    """
    with office.reading() as connection:
        states = states_of(office, connection, numbers)
        return replace(plan_in(office, connection, states, destination, purpose), rehearse=rehearse)


def plan_all_ready(office: Office, destination: Destination, *, rehearse: bool = False) -> BackupPlan:
    """Plan hand-overs of all that are ready for it (or ready with something to look at); the others are left out, not refused."""
    items = tuple(item for item in survey(office, "handover", destination) if not item.refused)
    folder = destination.place(office)
    return BackupPlan(items=items, purpose="handover", destination=destination, folder=folder, rehearse=rehearse, batch=True)


def plan_rest(office: Office, passphrase: str | None = None) -> BackupPlan | None:
    """Plan what is left of the last batch, if that was cut off, where it went and as it was; None when none was.

    Raises `key-needed` when it was encrypted by a passphrase and there is none now, `office-busy` while it is being made.
    """
    batch = batches.cut_off(office)
    if batch is None:
        return None
    if batch.by_passphrase and passphrase is None:
        raise Refused("key-needed")
    left = batches.left_of(office, batch)
    return replace(plan_backup(office, left, batch.destination(passphrase), batch.purpose, rehearse=batch.rehearse), batch=True)


def survey(office: Office, purpose: Purpose, destination: Destination | None = None) -> tuple[BackupItem, ...]:
    """All administrations, each with what stands in its way. For handing over: those of clients, without what is archived."""
    with office.reading() as connection:
        states = [
            state
            for state in all_states(office, connection)
            if purpose != "handover" or (state.client is not None and not state.administration.archived)
        ]
        return plan_in(office, connection, states, destination or Destination(), purpose).items


def plan_in(
    office: Office, connection: sa.Connection, states: list[AdministrationState], destination: Destination, purpose: str | None
) -> BackupPlan:
    """Plan for these states, on what `connection` sees."""
    own = own_licence(office, connection)
    accountants = own.licence is not None and own.licence.is_accountants
    chosen: Purpose = "safekeeping" if purpose == "safekeeping" or (purpose is None and not accountants) else "handover"
    folder = destination.place(office)
    today = office.occasion(connection).today
    items = []
    for state in states:
        against = rules.handover_obstacles(own, state, today) if chosen == "handover" else _safekeeping_obstacles(own, state)
        licence = (state.held.licence if state.held else None) if chosen == "handover" else own.licence
        destination.recipient_for(licence)
        one = state.administration
        size = office.store.size_of_books(one.number)
        items.append(BackupItem(one.number, one.description, one.version, licence, tuple(against), size))
    return BackupPlan(items=tuple(items), purpose=chosen, destination=destination, folder=folder)


def _safekeeping_obstacles(own: HeldLicence, state: AdministrationState) -> list[Obstacle]:
    found = [] if state.has_books else [obstacle("books-missing", number=state.administration.number)]
    return found + ([own.reading.fault] if own.reading.fault else [])
