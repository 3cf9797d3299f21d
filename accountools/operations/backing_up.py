"""Making backups (S2, S3, S9, S10, S15): a hand-over holds the client's licence in place of the office's, or is not made.

The order of writing: intent in the register; image in the office's work folder, checked and searched for the office's licence;
container beside its destination, read back; seal in the register; rename; fact and event in the register.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.calendar import moment_text
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import encryption
from accountools.formats.backup_file import SUFFIX, BackupFile, write_backup
from accountools.formats.encryption import Lock
from accountools.formats.manifest import Draft, Purpose
from accountools.operations import checks, scanning
from accountools.operations.checks import AdministrationState, HeldLicence
from accountools.operations.office import Office
from accountools.operations.plan import Plan
from accountools.operations.register_view import all_states, own_licence, state_of
from accountools.operations.slices import Slice
from accountools.operations.workplace import workplace
from accountools.storage import administrations, backups, images, journal, licences, schema
from accountools.storage.backups import BackupRecord
from accountools.version import VERSION


@dataclass(frozen=True)
class Destination:
    """Where backups go, and to whom they are encrypted: `recipient`, or `passphrase`, or (neither) the licence's, or not (`plain`)."""

    folder: Path | None = None
    recipient: str | None = None
    passphrase: str | None = field(default=None, repr=False)
    plain: bool = False

    def place(self, office: Office) -> Path:
        """The folder, which is made when the one above it is there. Raises `file-not-found`: a stick that isn't in, a name mistyped."""
        folder = (self.folder or office.folder / "backups").expanduser().absolute()
        if not folder.is_dir() and not (folder.parent.is_dir() and not folder.exists()):
            raise Refused("file-not-found", path=folder)
        return folder

    def recipient_for(self, licence: Licence | None) -> str | None:
        """The recipient it will be encrypted to, when there is no passphrase."""
        if self.plain or self.passphrase is not None:
            return None
        return encryption.lock_for_recipient(self.recipient).recipient if self.recipient else licence.recipient if licence else None

    def lock_for(self, licence: Licence | None) -> Lock | None:
        """The lock for a backup under this licence, or None for a plain one."""
        if self.passphrase is not None and not self.plain:
            return encryption.lock_for_passphrase(self.passphrase)
        recipient = self.recipient_for(licence)
        return Lock(recipient) if recipient else None


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
            "items": [
                [int(item.number), item.version, item.licence.number if item.licence else None, sorted(one.code for one in item.obstacles)]
                for item in self.items
            ],
        }

    def apply_to(self, office: Office) -> "BackupOutcome":
        """Make those that can be made, one after another; one that is refused doesn't keep the others from being made.

        When the machine fails the rest is not tried: the outcome says what was done, and what stopped it.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        made: list[BackupRecord] = []
        refused = [(item.number, item.obstacles) for item in self.refused]
        for item in self.to_make:
            try:
                made.append(_make(office, self, item))
            except (MachineFailed, OSError, sa.exc.SQLAlchemyError) as error:
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
    office: Office, numbers: Iterable[AdministrationNumber], destination: Destination, purpose: str | None = None
) -> BackupPlan:
    """Plan backups of these administrations. Raises `administration-not-found`, `recipient-invalid`."""
    with office.reading() as connection:
        states = [state_of(office, connection, number) for number in dict.fromkeys(numbers)]
        return _plan(office, connection, states, destination, purpose)


def plan_all_ready(office: Office, destination: Destination) -> BackupPlan:
    """Plan hand-overs of all that are ready for it (or ready with something to look at); the others are left out, not refused."""
    with office.reading() as connection:
        states = [state for state in all_states(office, connection) if state.client is not None and not state.administration.archived]
        plan = _plan(office, connection, states, destination, "handover")
    return BackupPlan(items=plan.to_make, purpose=plan.purpose, destination=plan.destination, folder=plan.folder)


def file_stem(day: str, number: str, description: str) -> str:
    """A backup's file name without its ending: date, version, number and description say at a glance what it is."""
    return safe_files.file_name(f"{day.replace('-', '')}-{VERSION}-{number}-{description}")


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
            _refuse_own_licence(office, item.number, image)
            if lock is None:
                draft = _with_contents(draft, slice_.contents(totals))
            _write(office, part, image, draft, lock)
            path = _seal(office, plan, item, record, part, round((time.monotonic() - started) * 1000))
            safe_files.publish(part, path)
        except BaseException:
            withdraw(office, record)
            raise
    return note_made(office, record)


def withdraw(office: Office, record: int) -> None:
    """Take back an intent that failed, unless its file stands under its name already: then it is made, and recorded at the next opening."""
    with office.changing() as connection:
        held = backups.get(connection, record)
        safe_files.discard(held.part_path)
        if not stands(held):
            backups.forget(connection, record)


def stands(held: BackupRecord) -> bool:
    """Whether the file of a sealed backup stands under its name, whole."""
    if held.path is None or not held.path.is_file() or held.path.stat().st_size != held.bytes:
        return False
    return safe_files.sha256_of(held.path) == held.sha256


def note_made(office: Office, record: int) -> BackupRecord:
    """Record that a sealed backup stands under its name: the fact and its event, once."""
    with office.changing() as connection:
        held = backups.get(connection, record)
        if backups.finish(connection, record):
            office.record(
                connection,
                "register-backed-up" if held.purpose == "register" else "backup-made",
                held.administration,
                purpose=held.purpose,
                sha256=held.sha256,
                licence=held.licence_number,
                counter=held.counter,
                encrypted=held.encrypted,
            )
        return backups.get(connection, record)


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
        record = begin_record(connection, draft, part)
    return record, draft, slice_, lock


def draft_for(
    office: Office,
    connection: sa.Connection,
    purpose: Purpose,
    number: AdministrationNumber | None,
    licence: Licence | None,
    counter: int,
    lock: Lock | None,
) -> Draft:
    """What the manifest of a backup made now will say, but for its payload."""
    when, head = office.occasion(connection), journal.head(connection)
    return Draft(
        program=VERSION,
        schema=schema.VERSION,
        purpose=purpose,
        number=None if number is None else int(number),
        licence_number=licence.number if licence else "",
        counter=counter,
        journal_head=head.hash,
        journal_length=head.length,
        made_at=moment_text(when.now),
        today=when.today.isoformat(),
        today_was_set=when.today_was_set,
        recipients=(lock.recipient,) if lock else (),
        contents=None,
    )


def begin_record(connection: sa.Connection, draft: Draft, part: Path) -> int:
    """Note the intent in the register; gives its id."""
    return backups.begin(
        connection,
        administration=draft.number,
        purpose=draft.purpose,
        part_path=str(part),
        licence_number=draft.licence_number,
        encrypted=int(bool(draft.recipients)),
        counter=draft.counter,
        journal_length=draft.journal_length,
        journal_head=draft.journal_head,
        at=draft.made_at,
        day=draft.today,
    )


def _slice(office: Office, connection: sa.Connection, number: AdministrationNumber, purpose: Purpose) -> Slice:
    state = state_of(office, connection, number)
    own = office.own_licence(connection)
    users = tuple(user for user in state.users if purpose != "handover" or not user.office)
    token = state.imported.token if state.imported else None
    if token is None and own.kind == "client":
        token = own.token
    login = next((user.login for user in users if state.imported and user.login.key == state.imported.login.key), None)
    by = office.occasion(connection).by
    return Slice(number, state.administration.description, state.client, users, token, login, by)


def _refuse_own_licence(office: Office, number: AdministrationNumber, path: Path) -> None:
    """Open the image as who restores it will, and search it: nothing is written that holds a licence of an accountant's office."""
    with office.reading() as connection:
        own = licences.own_tokens(connection) if office.is_accountants(connection) else ()
    with images.Image(path, "administration") as image:
        where = scanning.find_licence(image, own)
    if where is not None:
        raise Refused("office-licence-found", number=number, where=where)


def _with_contents(draft: Draft, contents: dict[str, Any]) -> Draft:
    return Draft(**(vars(draft) | {"contents": contents}))


def _write(office: Office, part: Path, image: Path, draft: Draft, lock: Lock | None) -> None:
    with office.reading() as connection:
        maker = office.maker(connection)
    write_part(part, image, draft, maker, lock)


def write_part(part: Path, image: Path, draft: Draft, maker: Any, lock: Lock | None) -> None:
    """Write a container at `part`, make it durable, and read all of it back as a stranger would."""
    with safe_files.create_private(part) as target:
        write_backup(target, image, draft, maker, lock)
        safe_files.sync_file(target)
    with BackupFile(part, schema.VERSION, VERSION) as backup:
        backup.check_stored()


def _seal(office: Office, plan: BackupPlan, item: BackupItem, record: int, part: Path, milliseconds: int) -> Path:
    with office.changing() as connection:
        if administrations.get(connection, item.number).version != item.version:
            raise Refused("changed-meanwhile", what=f"administration {item.number}")
        return seal_record(connection, record, plan.folder, part, str(item.number), item.description, milliseconds)


def seal_record(connection: sa.Connection, record: int, folder: Path, part: Path, number: str, description: str, milliseconds: int) -> Path:
    """Choose the backup's name and commit it with its hash, before the rename; gives the path."""
    held = backups.get(connection, record)
    promised = frozenset(other.path.name for other in backups.unfinished(connection) if other.path and other.path.parent == folder)
    path = safe_files.free_name(folder, file_stem(held.day, number, description), SUFFIX, promised)
    backups.seal(
        connection,
        record,
        path=str(path),
        bytes=part.stat().st_size,
        sha256=safe_files.sha256_of(part),
        milliseconds=milliseconds,
    )
    return path
