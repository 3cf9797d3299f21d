"""The office itself made anew from its register's backup; its administrations then come back by restoring their backups."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.codes.code import Weight
from accountools.domain.errors import Refused, Unsound
from accountools.domain.events.keys import MemberAdmitted
from accountools.domain.events.office import OfficeRestored
from accountools.domain.obstacle import Part, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import parse_trust
from accountools.operations.backup_key import seal_to_members
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.register.create_office import list_other_files, write_key
from accountools.operations.register.members import admit_self
from accountools.operations.restores.checked_image import check_register
from accountools.operations.restores.plan import RestoreChoices
from accountools.operations.session import Office, Session
from accountools.operations.workdir import workdir_anywhere
from accountools.storage import schema
from accountools.storage.engines import engine_at
from accountools.storage.image.check import CheckedImage
from accountools.storage.register import administrations
from accountools.storage.sqlite.office_files import BACKUP_KEY, TRUST
from accountools.version import VERSION
from accountools.words import is_key

_COUNTERS_AHEAD = 1000  # nobody knows how many backups were made after this one: the next ones must count as newer than those


@dataclass(frozen=True, kw_only=True)
class OfficeRestorePlan(Plan):
    """What would be made: an office at `place`. `counts` are the rows of some of its tables."""

    choices: RestoreChoices
    place: Path | str
    file_sha256: str
    manifest: Manifest
    clock: Clock
    counts: dict[str, int]

    def inputs(self) -> dict[str, Any]:
        """The file's bytes and the place."""
        return {"file": self.file_sha256, "folder": str(self.place)}

    def execute(self, office: Office, progress: Progress) -> Office:  # noqa: ARG002 - there is no office yet
        """As `create`."""
        return self.create()

    def create(self) -> Office:
        """Make the office anew. Raises `office-exists`, `changed-meanwhile`."""
        self.raise_if_refused()
        engine = engine_at(self.place)
        with workdir_anywhere(None) as work, BackupFile(self.choices.path, schema.VERSION, VERSION) as backup:
            if safe_files.sha256_of(self.choices.path) != self.file_sha256:
                raise Refused("changed-meanwhile", what=self.choices.path.name)
            engine.validate_new()
            backup.unpack(work / "image.sqlite", self.choices.unlock)
            with CheckedImage(work / "image.sqlite", "register") as image:
                trust = image.office_files()[TRUST]
                key, office = _backup_key(image, self.manifest), Office(engine, self.clock)
                write_key(engine, key.pem(), trust)

                def fill(connection: sa.Connection) -> None:
                    image.load_register(connection)
                    administrations.raise_all_counters(connection, _COUNTERS_AHEAD)
                    seal_to_members(connection, key)
                    session = Session(office, connection)
                    session.record(OfficeRestored(backup=self.file_sha256, made_at=self.manifest.made_at))
                    admitted = admit_self(session, key)
                    if admitted is not None:
                        session.record(MemberAdmitted(name=admitted.name, recipient=admitted.recipient))

                engine.create(fill, trust)
                return office


def plan_office_restore(place: Path | str, choices: RestoreChoices, clock: Clock) -> OfficeRestorePlan:
    """Plan making the office anew at `place` from its register's backup. Raises as `plan_restore` does."""
    engine, signer = engine_at(place), choices.signer
    with workdir_anywhere(None) as work, BackupFile(choices.path, schema.VERSION, VERSION) as backup:
        manifest = backup.manifest
        if manifest.purpose != "register":
            raise Refused("office-not-found", path=engine.place)
        backup.unpack(work / "image.sqlite", choices.unlock)
        with CheckedImage(work / "image.sqlite", "register") as image:
            other = list_other_files(engine, _backup_key(image, manifest).pem(), image.office_files()[TRUST])
            counts = image.counts("administrations", "clients", "events")
    move = engine.unfinished_move()
    if move is not None:
        other = [obstacle("move-unfinished", path=engine.place, source=move.source)]
    obstacles = [obstacle("office-exists", path=engine.place)] if engine.exists() else other
    if signer is not None and not is_key(signer, manifest.signer.key.thumbprint):
        changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=manifest.signer.key.thumbprint, expected=signer)
        obstacles.append(changed.with_weight(Weight.BLOCKS))
    return OfficeRestorePlan(
        obstacles=tuple(obstacles),
        accepted=choices.accepted,
        choices=choices,
        place=engine.place,
        file_sha256=safe_files.sha256_of(choices.path),
        manifest=manifest,
        clock=clock,
        counts=counts,
    )


def _backup_key(image: CheckedImage, manifest: Manifest) -> SigningKey:
    """The office's backup key in the image; who signed the backup must be that very office. Raises `schema-unexpected` for no office."""
    check_register(manifest, image)
    files = image.office_files()
    try:
        key = SigningKey.from_pem(files[BACKUP_KEY])
    except (KeyError, ValueError) as error:
        raise Unsound("schema-unexpected", what=BACKUP_KEY) from error
    if key.public.thumbprint != manifest.signer.key.thumbprint or TRUST not in files:
        raise Unsound("signature-invalid", what=Part.SIGNER)
    try:
        parse_trust(files[TRUST], TRUST)
    except Refused as error:
        raise Unsound("schema-unexpected", what=TRUST) from error
    if image.counts("own_licences") == {"own_licences": 0}:
        raise Unsound("schema-unexpected", what=Part.OWN_LICENCE)
    return key
