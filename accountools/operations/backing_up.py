"""Making backups (S2, S3, S9, S10, S15): a hand-over holds the client's licence in place of the office's, or is not made.

The order of writing: intent in the register; image in the office's work folder, checked and searched for the office's licence;
container beside its destination, read back; seal in the register; rename; fact and event in the register.
"""

import sqlite3
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.codes import Weight
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused, refuse_obstacles
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup_file import unpack_copy
from accountools.formats.encryption import Lock
from accountools.formats.manifest import Draft, Manifest, Purpose
from accountools.operations import checks, scanning
from accountools.operations.checks import AdministrationState, HeldLicence
from accountools.operations.destination import Destination
from accountools.operations.intents import begin_record, draft_for, note_made, seal_record, withdraw, write_part
from accountools.operations.office import Office
from accountools.operations.plan import Plan
from accountools.operations.register_view import all_states, own_licence, state_of
from accountools.operations.slices import Slice
from accountools.operations.workplace import workplace
from accountools.storage import administrations, images, licences
from accountools.storage.backups import BackupRecord


@dataclass(frozen=True)
class BackupItem:
    """One administration in a plan: what stands in its way, and under which licence it would go."""

    number: AdministrationNumber
    description: str
    version: int
    licence: Licence | None
    obstacles: tuple[Obstacle, ...]

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

    def apply_to(self, office: Office) -> "BackupOutcome":
        """Make those that can be made, one after another; one that is refused doesn't keep the others from being made.

        When the machine fails the rest is not tried: the outcome says what was done, and what stopped it.
        """
        if self.to_make:
            self.folder.mkdir(mode=0o700, exist_ok=True)
        made: list[BackupRecord] = []
        refused = [(item.number, item.obstacles) for item in self.refused]
        for item in self.to_make:
            try:
                made.append(_make(office, self, item))
            except (MachineFailed, OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
                return BackupOutcome(tuple(made), tuple(refused), error)
            except AccountoolsError as error:
                refused.append((item.number, (error.reason,)))
        return BackupOutcome(tuple(made), tuple(refused))


@dataclass(frozen=True)
class BackupOutcome:
    """What was made, what was refused and why, and what stopped it when the machine failed halfway."""

    made: tuple[BackupRecord, ...]
    refused: tuple[tuple[AdministrationNumber, tuple[Obstacle, ...]], ...]
    stopped: Exception | None = None


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
        states = [state_of(office, connection, number) for number in dict.fromkeys(numbers)]
        return replace(_plan(office, connection, states, destination, purpose), rehearse=rehearse)


def plan_all_ready(office: Office, destination: Destination, *, rehearse: bool = False) -> BackupPlan:
    """Plan hand-overs of all that are ready for it (or ready with something to look at); the others are left out, not refused."""
    with office.reading() as connection:
        states = [state for state in all_states(office, connection) if state.client is not None and not state.administration.archived]
        plan = _plan(office, connection, states, destination, "handover")
    return replace(plan, items=plan.to_make, rehearse=rehearse)


def _plan(
    office: Office, connection: sa.Connection, states: list[AdministrationState], destination: Destination, purpose: str | None
) -> BackupPlan:
    own = own_licence(office, connection)
    accountants = own.licence is not None and own.licence.is_accountants
    chosen: Purpose = "safekeeping" if purpose == "safekeeping" or (purpose is None and not accountants) else "handover"
    folder = destination.place(office)
    today = office.occasion(connection).today
    items = []
    for state in states:
        against = checks.handover_obstacles(own, state, today) if chosen == "handover" else _safekeeping_obstacles(own, state)
        licence = (state.held.licence if state.held else None) if chosen == "handover" else own.licence
        destination.recipient_for(licence)
        one = state.administration
        items.append(BackupItem(one.number, one.description, one.version, licence, tuple(against)))
    return BackupPlan(items=tuple(items), purpose=chosen, destination=destination, folder=folder)


def _safekeeping_obstacles(own: HeldLicence, state: AdministrationState) -> list[Obstacle]:
    found = [] if state.has_books else [obstacle("books-missing", number=state.administration.number)]
    return found + ([own.reading.fault] if own.reading.fault else [])


def _make(office: Office, plan: BackupPlan, item: BackupItem) -> BackupRecord:
    started = time.monotonic()
    with workplace(office) as work:
        part = safe_files.name_aside(plan.folder / "backup")
        record, draft, slice_, lock = _begin(office, plan, item, part)
        try:
            image = work / "image.sqlite"
            totals = images.make_administration(office.store.books_path(item.number), image, slice_.rows())
            if lock is None:
                draft = replace(draft, contents=slice_.contents(totals))
            with ThreadPoolExecutor(1) as beside:  # searched while it is written; it gets no name before both are done
                search = beside.submit(_refuse_own_licence, office, item.number, image)
                _write(office, plan, work, part, draft, lock)
                search.result()
            path = _seal(office, plan, item, record, part, round((time.monotonic() - started) * 1000))
            safe_files.publish(part, path)
        except BaseException:
            withdraw(office, record)
            raise
    made = note_made(office, record)
    if plan.rehearse and made.sha256 is not None:
        from accountools.operations.rehearsing import note_rehearsed

        note_rehearsed(office, made.sha256)
    return made


def _begin(office: Office, plan: BackupPlan, item: BackupItem, part: Path) -> tuple[int, Draft, Slice, Lock | None]:
    lock = plan.destination.lock_for(item.licence)
    with office.changing() as connection:
        again = _plan(office, connection, [state_of(office, connection, item.number)], plan.destination, plan.purpose).items[0]
        if again.version != item.version or again.refused or again.licence != item.licence:
            raise Refused("changed-meanwhile", what=f"administration {item.number}")
        slice_ = _slice(office, connection, item.number, plan.purpose)
        counter = administrations.counter(connection, item.number) + 1
        administrations.raise_counter(connection, item.number, counter)
        draft = draft_for(office, connection, plan.purpose, item.number, item.licence, counter, lock)
        record = begin_record(connection, draft, part, office.store.mark_of_books(item.number))
    return record, draft, slice_, lock


def _slice(office: Office, connection: sa.Connection, number: AdministrationNumber, purpose: Purpose) -> Slice:
    state = state_of(office, connection, number)
    users = tuple(user for user in state.users if purpose != "handover" or not user.office)
    token = state.held.licence.token if state.held and state.held.licence else None
    login = next((user.login for user in users if state.imported and user.login.key == state.imported.login.key), None)
    by = office.occasion(connection).by
    return Slice(number, state.administration.description, state.client, users, token, login, by)


def _refuse_own_licence(office: Office, number: AdministrationNumber, path: Path) -> None:
    """Check the image and search it: nothing gets a name that holds a licence of an accountant's office."""
    with office.reading() as connection:
        own = licences.own_tokens(connection) if office.is_accountants(connection) else ()
    with images.Image(path, "administration", own=True) as image:
        where = scanning.find_licence(image, own)
    if where is not None:
        raise Refused("office-licence-found", number=number, where=where)


def _write(office: Office, plan: BackupPlan, work: Path, part: Path, draft: Draft, lock: Lock | None) -> None:
    with office.reading() as connection:
        maker = office.maker(connection)
    image = work / "image.sqlite"
    if not plan.rehearse:
        write_part(part, image, draft, maker, lock)
        return
    with safe_files.create_private(work / "copy.zst") as copy:
        manifest = write_part(part, image, draft, maker, lock, copy)
        copy.seek(0)
        unpack_copy(copy, work / "rehearsed.sqlite", manifest.image)
    _rehearse(office, manifest, work, part)


def _rehearse(office: Office, manifest: Manifest, work: Path, part: Path) -> None:
    """Rehearse before the backup gets its name: one that doesn't restore is not made."""
    from accountools.operations import incoming, rehearsing  # which need this module

    image = work / "rehearsed.sqlite"
    found = incoming.look_into_image(manifest, image, safe_files.sha256_of(part))
    rehearsal = rehearsing.rehearse_image(office, found, image, work)
    refuse_obstacles(one.weighing(Weight.BLOCKS) for one in rehearsal.findings)


def _seal(office: Office, plan: BackupPlan, item: BackupItem, record: int, part: Path, milliseconds: int) -> Path:
    with office.changing() as connection:
        if administrations.get(connection, item.number).version != item.version:
            raise Refused("changed-meanwhile", what=f"administration {item.number}")
        return seal_record(connection, record, plan.folder, part, str(item.number), item.description, milliseconds)
