"""The office itself in a backup: its register, its keys and whom it trusts; encrypted only, since all its secrets are in it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.calendar import moment_text
from accountools.domain.codes import Weight
from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import obstacle
from accountools.failpoints import reach
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile, Unlock
from accountools.formats.signing import SigningKey
from accountools.operations.backups.make import BackupOutcome
from accountools.operations.backups.target import Destination
from accountools.operations.backups.write import begin_record, draft_for, note_made, seal_record, withdraw, write_part
from accountools.operations.plan import Plan
from accountools.operations.session import BACKUP_KEY, TRUST, Office
from accountools.operations.workdir import workplace, workplace_anywhere
from accountools.storage import schema
from accountools.storage.image import check, write
from accountools.storage.register import administrations, journal
from accountools.storage.sqlite.store import SqliteStore, expect_place_for_office
from accountools.version import VERSION

_COUNTERS_AHEAD = 1000  # nobody knows how many backups were made after this one: the next ones must count as newer than those


@dataclass(frozen=True, kw_only=True)
class RegisterBackupPlan(Plan):
    """Where the office's own backup would go, and to whom."""

    destination: Destination
    folder: Path
    licence_number: str

    def made_of(self) -> dict[str, Any]:
        """The destination."""
        chosen = self.destination
        return {"folder": str(self.folder), "recipient": chosen.recipient, "passphrase": chosen.passphrase is not None}

    def apply_to(self, office: Office) -> BackupOutcome:
        """Make it."""
        started = time.monotonic()
        lock = self.destination.lock_for(None)
        if lock is None:
            raise Refused("key-needed")
        safe_files.make_folder(self.folder)
        part = safe_files.name_aside(self.folder / "backup")
        with office.changing() as connection:
            own = office.own_licence(connection)
            draft = draft_for(office, connection, "register", None, own, 0, lock)
            record = begin_record(connection, draft, part)
            maker = office.maker(connection)
        try:
            with workplace(office) as work:
                image = work / "image.sqlite"
                keys = {name: (office.folder / name).read_bytes() for name in (BACKUP_KEY, TRUST)}
                reach("before-make-image")
                write.make_register(office.folder / "register.db", image, keys, {"licence_number": own.number})
                reach("after-make-image")
                written = write_part(part, image, draft, maker, lock)
            with office.changing() as connection:
                elapsed = round((time.monotonic() - started) * 1000)
                path = seal_record(connection, record, self.folder, part, written.sha256, "register", own.licensee.name, elapsed)
            safe_files.publish(part, path)
        except BaseException:
            withdraw(office, record)
            raise
        return BackupOutcome((note_made(office, record),), ())


def plan_register_backup(office: Office, destination: Destination) -> RegisterBackupPlan:
    """Plan the office's own backup. Raises `key-needed` without a recipient or passphrase, `recipient-invalid`, `file-not-found`."""
    if destination.passphrase is None and destination.recipient is None:
        raise Refused("key-needed")
    destination.recipient_for(None)
    folder = destination.place(office)
    with office.reading() as connection:
        return RegisterBackupPlan(destination=destination, folder=folder, licence_number=office.own_licence(connection).number)


@dataclass(frozen=True, kw_only=True)
class OfficeRestorePlan(Plan):
    """What would stand up again: an office in `folder`."""

    path: Path
    folder: Path
    file_sha256: str
    unlock: Unlock
    manifest: Manifest
    clock: Clock
    counts: dict[str, int]

    def made_of(self) -> dict[str, Any]:
        """The file's bytes and the folder."""
        return {"file": self.file_sha256, "folder": str(self.folder)}

    def apply_to(self, office: Office | None = None) -> Office:  # noqa: ARG002 - there is no office yet
        """Make the office anew. Raises `office-exists`, `changed-meanwhile`."""
        self.refuse()
        with workplace_anywhere(None) as work, BackupFile(self.path, schema.VERSION, VERSION) as backup:
            if safe_files.sha256_of(self.path) != self.file_sha256:
                raise Refused("changed-meanwhile", what=self.path.name)
            backup.unpack(work / "image.sqlite", self.unlock)
            with check.Image(work / "image.sqlite", "register") as image:
                return _stand_up(self, image)


def plan_office_restore(
    folder: Path, path: Path, unlock: Unlock, clock: Clock, *, signer: str | None = None, accept: Iterable[str] = ()
) -> OfficeRestorePlan:
    """Plan making the office anew in `folder` from its register's backup. Raises as `plan_restore` does."""
    folder = folder.expanduser().absolute()
    with workplace_anywhere(None) as work, BackupFile(path, schema.VERSION, VERSION) as backup:
        if backup.manifest.purpose != "register":
            raise Refused("office-not-found", path=folder)
        backup.unpack(work / "image.sqlite", unlock)
        with check.Image(work / "image.sqlite", "register") as image:
            _own_key(image, backup.manifest)
            counts = image.counts("administrations", "clients", "events")
        manifest = backup.manifest
    obstacles = []
    if SqliteStore(folder).exists():
        obstacles.append(obstacle("office-exists", path=folder))
    if signer is not None and signer.strip() != manifest.signer.key.thumbprint:
        changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=manifest.signer.key.thumbprint)
        obstacles.append(changed.weighing(Weight.BLOCKS))
    return OfficeRestorePlan(
        obstacles=tuple(obstacles),
        accepted=frozenset(accept),
        path=path,
        folder=folder,
        file_sha256=safe_files.sha256_of(path),
        unlock=unlock,
        manifest=manifest,
        clock=clock,
        counts=counts,
    )


def _own_key(image: check.Image, manifest: Manifest) -> SigningKey:
    """The office's backup key in the image; who signed the backup must be that very office. Raises `schema-unexpected` for no office."""
    try:
        key = SigningKey.from_pem(image.office_files()[BACKUP_KEY])
    except (KeyError, ValueError) as error:
        raise Unsound("schema-unexpected", what=BACKUP_KEY) from error
    if key.public.thumbprint != manifest.signer.key.thumbprint or TRUST not in image.office_files():
        raise Unsound("signature-invalid", what="signer")
    if image.counts("own_licences") == {"own_licences": 0}:
        raise Unsound("schema-unexpected", what="own licence")
    return key


def _stand_up(plan: OfficeRestorePlan, image: check.Image) -> Office:
    when = plan.clock()
    key = _own_key(image, plan.manifest)
    expect_place_for_office(plan.folder)
    for needed in (plan.folder, plan.folder / "backups", plan.folder / "inbox"):
        safe_files.make_folder(needed)
    safe_files.write_over(plan.folder / BACKUP_KEY, key.pem())
    safe_files.write_over(plan.folder / TRUST, image.office_files()[TRUST])

    def fill(connection: sa.Connection) -> None:
        image.load_register(connection)
        administrations.raise_all_counters(connection, _COUNTERS_AHEAD)
        details = {"backup": plan.file_sha256, "made_at": plan.manifest.made_at} | when.said()
        journal.append(connection, moment_text(when.now), when.by, "office-restored", None, details)

    return Office(SqliteStore.found(plan.folder, fill), plan.clock)
