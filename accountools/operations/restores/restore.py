"""Restoring an administration from a backup (S16): looked at as hostile, shown, and put under the same number or not at all."""

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Unlock
from accountools.formats.licence_file import Reading
from accountools.operations.backups.register_extract import Slice
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, unheard
from accountools.operations.restores import checked_image as incoming
from accountools.operations.restores.checked_image import Incoming, at_hand
from accountools.operations.restores.place import TakeOver
from accountools.operations.session import Office
from accountools.operations.workdir import workplace
from accountools.storage.register import administrations, signers


@dataclass(frozen=True, kw_only=True)
class RestorePlan(Plan):
    """What a restore would do: whose backup, what it holds, and what is here under that number now."""

    path: Path
    incoming: Incoming
    unlock: Unlock
    expected_signer: str | None
    replace: bool
    licence: Licence | None
    present_version: int | None
    unpacked: Path | None = field(default=None, repr=False, compare=False)

    @property
    def number(self) -> AdministrationNumber:
        """The number it has and keeps (S16)."""
        return self.incoming.slice.number

    @property
    def slice(self) -> Slice:
        """The register's slice in it."""
        return self.incoming.slice

    @property
    def manifest(self) -> Manifest:
        """Its manifest."""
        return self.incoming.manifest

    @property
    def totals(self) -> ControlTotals:
        """The control totals of its books."""
        return self.incoming.totals

    def made_of(self) -> dict[str, Any]:
        """The file's bytes, and what is here under its number."""
        return {
            "file": self.incoming.file_sha256,
            "number": int(self.number),
            "version": self.present_version,
            "replace": self.replace,
            "signer": self.expected_signer,
        }

    def apply_to(self, office: Office, progress: Progress = unheard) -> "RestorePlan":
        """Restore: what is replaced is kept in a safekeeping backup first, or as the file that it is when it is damaged.

        `progress` is told the image's bytes; by raising `Stopped` it leaves all as it was.
        """
        further, size = partial(incoming.room_to_replace, office, replace=self.replace), self.incoming.manifest.image.size
        progress(0, size)
        at_work = partial(at_hand, self.path, self.incoming, self.unpacked, self.unlock)
        with workplace(office) as work, at_work(work, further, progress) as (found, image):
            now = plan_for(office, self.path, found, self.unlock, self.expected_signer, self.accepted, replace=self.replace)
            now.expect(self.digest, f"{self.path.name}, {self.number}")
            now.refuse()
            progress(size * 2 // 3, size)  # the last moment to stop: what follows is done as a whole
            saved = incoming.keep_safety_copy(office, now.incoming, now.present_version)
            dataclasses.replace(now.take_over(), damaged=not saved).put_in_place(office, image, work.name)
        return now

    def take_over(self) -> TakeOver:
        """How it becomes an administration here."""
        return TakeOver(self.incoming, self.licence, signers.THE_ONE, "administration-restored", self.present_version)


def plan_restore(
    office: Office,
    path: Path,
    unlock: Unlock,
    *,
    signer: str | None = None,
    accept: Iterable[str] = (),
    replace: bool = False,
    progress: Progress = unheard,
) -> RestorePlan:
    """Plan restoring the backup at `path`. `signer` is a thumbprint read out by telephone.

    Raises as `incoming.look_into`; what merely stands in the way is in the plan's obstacles.
    """
    with planned_restore(office, path, unlock, signer=signer, accept=accept, replace=replace, progress=progress) as plan:
        return dataclasses.replace(plan, unpacked=None)


@contextmanager
def planned_restore(
    office: Office,
    path: Path,
    unlock: Unlock,
    *,
    signer: str | None = None,
    accept: Iterable[str] = (),
    replace: bool = False,
    adopting: bool = False,
    progress: Progress = unheard,
) -> Iterator[RestorePlan]:
    """Plan as `plan_restore`, with the image at hand until the block is left: applying the plan in it needn't unpack it again.

    `adopting`: it is meant to be applied, so that the image is made ready for it while it is checked.
    """
    with workplace(office) as work:
        image = work / "image.sqlite"
        further = partial(incoming.room_to_replace, office, replace=replace)
        found = incoming.look_into(path, image, unlock, adopting=adopting, further=further, progress=progress)
        plan = plan_for(office, path, found, unlock, signer, frozenset(accept), replace=replace)
        yield dataclasses.replace(plan, unpacked=image)


def plan_for(
    office: Office,
    path: Path,
    found: Incoming,
    unlock: Unlock,
    signer: str | None = None,
    accepted: frozenset[str] = frozenset(),
    *,
    replace: bool = False,
) -> RestorePlan:
    """Plan restoring what was found in a backup."""
    with office.reading() as connection:
        present = administrations.find(connection, found.slice.number)
        reading = incoming.read_licence_of(office, connection, found.slice)
        obstacles = (
            *incoming.place_obstacles(office, connection, found.slice, replace=replace),
            *incoming.licence_obstacles(office, connection, reading),
            *_licence_expected(office, connection, found, reading),
            *incoming.signer_obstacles(office, connection, found.manifest, signers.THE_ONE, signer),
            *incoming.counter_obstacles(connection, found),
        )
    return RestorePlan(
        obstacles=obstacles,
        accepted=accepted,
        path=path,
        incoming=found,
        unlock=unlock,
        expected_signer=signer,
        replace=replace,
        licence=reading.licence,
        present_version=present.version if present else None,
    )


def _licence_expected(office: Office, connection: sa.Connection, found: Incoming, reading: Reading) -> list[Obstacle]:
    """An accountant's office restores only its own safekeeping backups; a client's only what bears its own licence's number."""
    own = office.own_licence(connection)
    manifest = found.manifest
    if own.is_accountants:
        fits = manifest.purpose == "safekeeping" and manifest.licence_number == own.number
    elif reading.licence is not None:
        fits = reading.licence.number == manifest.licence_number == own.number
    else:
        fits = reading.fault is not None  # which tells enough
    return [] if fits else [obstacle("licence-differs", licence=manifest.licence_number, expected=own.number)]
