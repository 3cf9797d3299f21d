"""A backup on its way in: looked at as hostile, and checked by what every way in has in common. `taking_over` puts it in its place."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.codes import Weight
from accountools.domain.errors import Refused, refuse_obstacles
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.failpoints import reach
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile, Identity, Unlock
from accountools.formats.licence_file import Reading, judge, read_token
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.register_extract import Slice, read_slice
from accountools.operations.backups.target import Destination
from accountools.operations.progress import Progress, stoppable, unheard
from accountools.operations.session import Office
from accountools.storage import schema
from accountools.storage.image import check
from accountools.storage.register import administrations, signers
from accountools.storage.sqlite import databases
from accountools.version import VERSION

Further = Callable[[Manifest], int]


@dataclass(frozen=True)
class Incoming:
    """What a backup holds: its signed manifest, the slice of the register, the control totals of its books."""

    manifest: Manifest
    slice: Slice
    totals: ControlTotals
    file_sha256: str
    file_identity: Identity | None = None  # with which a file needn't be read again to be known as the same


def look_into(
    path: Path,
    image: Path,
    unlock: Unlock,
    *,
    adopting: bool = False,
    further: Further = lambda _: 0,
    progress: Progress = unheard,
) -> Incoming:
    """Check the backup at `path`, unpack it to the new file `image`, and check that; with `adopting` it is half made into books.

    `further` tells how many bytes of disk are needed besides; `progress` is told the image's bytes, of which unpacking counts for half,
    and may stop it there. Raises `file-not-found`, `not-a-backup`, `backup-damaged`,
    `signature-invalid`, `newer-version`, `key-needed`, `wrong-key`, `too-large`, `disk-full`, `schema-unexpected`.
    """
    with stoppable(progress) as heard, BackupFile(path, schema.VERSION, VERSION) as backup:
        manifest, identity = backup.manifest, backup.identity()
        if manifest.purpose == "register":
            raise Refused("office-exists", path=path.name)
        reach("before-unpack-backup")
        size = manifest.image.size
        digest = backup.unpack(
            image, unlock, further(manifest) + (size if adopting else 0), lambda done, total: heard(size * done // (2 * total), size)
        )
        reach("after-unpack-backup")
    with ThreadPoolExecutor(1) as beside:  # what is kept is written to the disk while it is checked
        written = beside.submit(safe_files.sync_path, image) if adopting else None
        found = look_into_image(manifest, image, digest, adopting=adopting)
        if written is not None:
            written.result()
    return replace(found, file_identity=identity)


def room_to_replace(office: Office, manifest: Manifest, *, replace: bool) -> int:
    """How many bytes a safety copy of what is replaced may take at most: an image and a backup of it."""
    number = manifest.number if replace else None
    return 2 * office.store.size_of_books(AdministrationNumber(number)) if number is not None else 0


@contextmanager
def at_hand(
    path: Path, planned: Incoming, unpacked: Path | None, unlock: Unlock, work: Path, further: Further, progress: Progress = unheard
) -> Iterator[tuple[Incoming, Path]]:
    """The backup that was planned on, with its image: the one that the plan unpacked, if that is still there, else unpacked anew.

    Raises `changed-meanwhile` when the file is another one by now.
    """
    if unpacked is None or not unpacked.is_file():
        image = work / "image.sqlite"
        yield look_into(path, image, unlock, adopting=True, further=further, progress=progress), image
        return
    with BackupFile(path, schema.VERSION, VERSION) as backup:
        untouched = planned.file_identity is not None and planned.file_identity == backup.identity()
        if not untouched and backup.sha256() != planned.file_sha256:
            raise Refused("changed-meanwhile", what=path.name)
    yield planned, unpacked


def look_into_image(manifest: Manifest, image: Path, file_sha256: str, *, adopting: bool = False) -> Incoming:
    """Check an image that was unpacked, against its manifest. Raises `schema-unexpected`."""
    with check.Image(image, "administration", adopting=adopting) as opened:
        slice_, totals = read_slice(opened.slice, opened.totals), opened.totals
    expect_agreement(manifest, slice_, totals)
    return Incoming(manifest, slice_, totals, file_sha256)


def expect_agreement(manifest: Manifest, slice_: Slice, totals: ControlTotals) -> None:
    """Raise `schema-unexpected` when manifest and image are of different administrations or don't count the same."""
    contents = manifest.contents
    if manifest.number != slice_.number or (contents is not None and contents != slice_.contents(totals)):
        raise Refused("schema-unexpected", what="manifest")


def read_licence_of(office: Office, connection: sa.Connection, slice_: Slice) -> Reading:
    """The licence in a slice, verified against this office's trust; an empty reading when it holds none."""
    return read_token(slice_.licence, office.trust(connection), "backup") if slice_.licence else Reading(None)


def licence_obstacles(office: Office, connection: sa.Connection, reading: Reading) -> list[Obstacle]:
    """What stands against a licence on its way in: revoked blocks, expired is only told, an accountant's may not be there at all."""
    found = [reading.fault] if reading.fault else []
    licence = reading.licence
    if licence is None:
        return found
    against = judge(licence, office.occasion(connection).today, revoked=office.is_revoked(connection, licence))
    if against is not None:
        found.append(against if against.code == "licence-revoked" else against.weighing(Weight.TOLD))
    if licence.kind == "accountant":
        found.append(obstacle("wrong-kind", licence=licence.number, kind=licence.kind))
    return found


def place_obstacles(office: Office, connection: sa.Connection, slice_: Slice, *, replace: bool) -> list[Obstacle]:
    """Whether its number is taken here: by an administration that has its books, unless it is to be replaced."""
    taken = administrations.find(connection, slice_.number) is not None and office.store.has_books(slice_.number)
    return [obstacle("number-taken", number=slice_.number)] if taken and not replace else []


def signer_obstacles(office: Office, connection: sa.Connection, manifest: Manifest, scope: str, expected: str | None) -> list[Obstacle]:
    """Whether the signer is the one kept for `scope`, or the one read out by telephone; the office's own key is never another."""
    thumbprint = manifest.signer.key.thumbprint
    changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=thumbprint)
    if expected is not None:
        return [] if thumbprint == expected.strip() else [changed.weighing(Weight.BLOCKS)]
    kept = signers.find(connection, scope)
    own = office.backup_key.public.thumbprint
    return [] if thumbprint == own or kept is None or kept.thumbprint == thumbprint else [changed]


def counter_obstacles(connection: sa.Connection, incoming: Incoming) -> list[Obstacle]:
    """Whether a newer backup of this administration by this signer came in before."""
    manifest, number = incoming.manifest, incoming.slice.number
    held = signers.counter(connection, number, manifest.signer.key.thumbprint)
    return [obstacle("older-backup", number=number, held=held, counter=manifest.counter)] if manifest.counter < held else []


def keep_safety_copy(office: Office, incoming: Incoming, present_version: int | None) -> bool:
    """Make a safekeeping backup of what is about to be replaced; False when it is too damaged for that."""
    number = incoming.slice.number
    if present_version is None or not office.store.has_books(number):
        return True
    outcome = office.apply(plan_backup(office, [number], Destination(plain=True), "safekeeping"))
    if outcome.stopped is not None:
        if databases.is_damaged(office.store.books_path(number)):
            return False
        raise outcome.stopped
    for _, obstacles in outcome.refused:
        refuse_obstacles(obstacles)
    return True
