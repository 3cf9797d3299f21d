"""The office itself in a backup: its register, its keys and whom it trusts; encrypted only, since all its secrets are in it."""

import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused, Unsound
from accountools.failpoints import reach
from accountools.formats.backup.writer import SigningOffice
from accountools.formats.encryption import Encryption
from accountools.operations.backup_key import key_obstacles
from accountools.operations.backups import records
from accountools.operations.backups.groups import BackupOutcome
from accountools.operations.backups.records import Wanted, Written
from accountools.operations.backups.target import BackupTarget
from accountools.operations.backups.write import write_container
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.session import Office
from accountools.operations.workdir import workdir
from accountools.storage.image.check import CheckedImage
from accountools.storage.register import backups
from accountools.storage.register.backups import BackupRecord
from accountools.storage.sqlite.office_files import BACKUP_KEY, TRUST

OLD_AFTER = 30  # days


@dataclass(frozen=True, kw_only=True)
class RegisterBackupPlan(Plan):
    """Where the office's own backup would go, and to whom it would be encrypted."""

    target: BackupTarget
    folder: Path
    licence_number: str

    def inputs(self) -> dict[str, Any]:
        """The target."""
        chosen = self.target
        return {"folder": str(self.folder), "recipient": chosen.recipient, "passphrase": chosen.passphrase is not None}

    def execute(self, office: Office, progress: Progress) -> BackupOutcome:  # noqa: ARG002 - a register is small
        """Make it: pending, written, renamed, committed, as the backups of administrations."""
        started = time.monotonic()
        encryption = self.target.encryption_for(None)
        if encryption is None:
            raise Refused("key-needed")
        safe_files.make_folder(self.folder)
        with workdir(office) as work:
            return self._make(office, encryption, work, started)

    def _make(self, office: Office, encryption: Encryption, work: Path, started: float) -> BackupOutcome:
        image = work / "image.sqlite"
        with office.session(write=True) as session:  # until it is left nobody changes the register, the key or the issuers
            key, own = office.backup_key, session.own_licence
            (pending,) = records.add_pending(session, "register", self.folder, [Wanted(None, own, 0, encrypted=True)])
            keys = {BACKUP_KEY: key.pem(), TRUST: office.engine.read_trust(session.connection)}
            reach("before-make-image")
            office.engine.write_register_image(image, keys, {"licence_number": own.number})
            reach("after-make-image")
        try:
            _validate_written(image)
            draft = replace(pending.draft, recipients=(encryption.recipient,))
            maker = SigningOffice(own.licensee.name, own.licensee.kvk, key)
            manifest, sha256 = write_container(pending.part, image, draft, maker, encryption)
            elapsed = round((time.monotonic() - started) * 1000)
            written = Written(pending.part, manifest, sha256, pending.part.stat().st_size, elapsed)
            with office.session(write=True) as session:
                (path,) = records.mark_written(session, self.folder, [(pending, written, f"register-{own.licensee.name}")])
            office.engine.validate_working()
            safe_files.publish(pending.part, path)
        except BaseException:
            records.withdraw_own(office, [pending])
            raise
        with office.session(write=True) as session:
            return BackupOutcome(tuple(records.commit(session, [pending.record], {pending.record: manifest})), ())


def _validate_written(image: Path) -> None:
    """Validate the image as who restores it does: what nobody could restore isn't made. Raises `schema-unexpected`."""
    try:
        with CheckedImage(image, "register"):
            pass
    except Unsound as error:
        raise Refused("schema-unexpected", register=image.name, what=dict(error.reason.facts)["what"]) from error


@dataclass(frozen=True)
class LastRegisterBackup:
    """The last backup that was made of the office itself, and how many days old it is; None when none was made."""

    record: BackupRecord | None
    days: int = 0

    @property
    def is_due(self) -> bool:
        """Whether another is to be made: there is none, or it is old."""
        return self.record is None or self.days > OLD_AFTER


def last_register_backup(office: Office) -> LastRegisterBackup:
    """The last backup that was made of the office itself, wherever it is by now."""
    with office.session() as session:
        made = [one for one in backups.list_committed(session.connection, office.stored_base) if one.administration is None]
        if not made:
            return LastRegisterBackup(None)
        return LastRegisterBackup(made[-1], (session.context.today - date.fromisoformat(made[-1].day)).days)


def plan_register_backup(office: Office, target: BackupTarget) -> RegisterBackupPlan:
    """Plan the office's own backup. Raises `key-needed` without a recipient or passphrase, `recipient-invalid`, `file-not-found`."""
    if target.passphrase is None and target.recipient is None:
        raise Refused("key-needed")
    target.recipient_for(None)
    folder = target.folder_in(office)
    with office.session() as session:
        number, obstacles = session.own_licence.number, key_obstacles(office.engine)
        return RegisterBackupPlan(obstacles=obstacles, target=target, folder=folder, licence_number=number)
