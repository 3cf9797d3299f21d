"""The office itself made anew from its register's backup; its administrations then come back by restoring their backups."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.codes import Weight
from accountools.domain.errors import Refused, Unsound
from accountools.domain.events import OfficeRestored
from accountools.domain.obstacle import Part, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile, Decryption
from accountools.formats.signatures import SigningKey
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.register.create_office import record_first, write_office_files
from accountools.operations.session import BACKUP_KEY, TRUST, Office
from accountools.operations.workdir import workdir_anywhere
from accountools.storage import schema
from accountools.storage.image.check import CheckedImage
from accountools.storage.register import administrations
from accountools.storage.sqlite.engine import SqliteEngine
from accountools.version import VERSION

_COUNTERS_AHEAD = 1000  # nobody knows how many backups were made after this one: the next ones must count as newer than those


@dataclass(frozen=True, kw_only=True)
class OfficeRestorePlan(Plan):
    """What would be made: an office in `folder`. `counts` are the rows of some of its tables."""

    path: Path
    folder: Path
    file_sha256: str
    unlock: Decryption
    manifest: Manifest
    clock: Clock
    counts: dict[str, int]

    def inputs(self) -> dict[str, Any]:
        """The file's bytes and the folder."""
        return {"file": self.file_sha256, "folder": str(self.folder)}

    def execute(self, office: Office, progress: Progress) -> Office:  # noqa: ARG002 - there is no office yet
        """As `create`."""
        return self.create()

    def create(self) -> Office:
        """Make the office anew. Raises `office-exists`, `changed-meanwhile`."""
        self.raise_if_refused()
        with workdir_anywhere(None) as work, BackupFile(self.path, schema.VERSION, VERSION) as backup:
            if safe_files.sha256_of(self.path) != self.file_sha256:
                raise Refused("changed-meanwhile", what=self.path.name)
            backup.unpack(work / "image.sqlite", self.unlock)
            with CheckedImage(work / "image.sqlite", "register") as image:
                write_office_files(self.folder, _backup_key(image, self.manifest).pem(), image.office_files()[TRUST])

                def fill(connection: sa.Connection) -> None:
                    image.load_register(connection)
                    administrations.raise_all_counters(connection, _COUNTERS_AHEAD)
                    record_first(connection, self.clock, OfficeRestored(backup=self.file_sha256, made_at=self.manifest.made_at))

                return Office(SqliteEngine.create(self.folder, fill), self.clock)


def plan_office_restore(
    folder: Path, path: Path, unlock: Decryption, clock: Clock, *, signer: str | None = None, accept: Iterable[str] = ()
) -> OfficeRestorePlan:
    """Plan making the office anew in `folder` from its register's backup. Raises as `plan_restore` does."""
    folder = safe_files.absolute(folder)
    with workdir_anywhere(None) as work, BackupFile(path, schema.VERSION, VERSION) as backup:
        manifest = backup.manifest
        if manifest.purpose != "register":
            raise Refused("office-not-found", path=folder)
        backup.unpack(work / "image.sqlite", unlock)
        with CheckedImage(work / "image.sqlite", "register") as image:
            _backup_key(image, manifest)
            counts = image.counts("administrations", "clients", "events")
    obstacles = []
    if SqliteEngine(folder).exists():
        obstacles.append(obstacle("office-exists", path=folder))
    if signer is not None and signer.strip() != manifest.signer.key.thumbprint:
        changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=manifest.signer.key.thumbprint)
        obstacles.append(changed.with_weight(Weight.BLOCKS))
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


def _backup_key(image: CheckedImage, manifest: Manifest) -> SigningKey:
    """The office's backup key in the image; who signed the backup must be that very office. Raises `schema-unexpected` for no office."""
    files = image.office_files()
    try:
        key = SigningKey.from_pem(files[BACKUP_KEY])
    except (KeyError, ValueError) as error:
        raise Unsound("schema-unexpected", what=BACKUP_KEY) from error
    if key.public.thumbprint != manifest.signer.key.thumbprint or TRUST not in files:
        raise Unsound("signature-invalid", what=Part.SIGNER)
    if image.counts("own_licences") == {"own_licences": 0}:
        raise Unsound("schema-unexpected", what=Part.OWN_LICENCE)
    return key
