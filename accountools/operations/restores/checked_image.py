"""A backup that comes in, checked as hostile: its container and signature, its image, and that the two agree. `place` places it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Part
from accountools.failpoints import reach
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.pipeline import is_worth_threads
from accountools.formats.backup.reader import BackupFile, Decryption, FileIdentity
from accountools.formats.claims import canonical
from accountools.formats.licence_file import claimed_number
from accountools.operations.backups import image_scan
from accountools.operations.backups.register_extract import RegisterExtract, read_extract
from accountools.operations.errors import faults_of_file
from accountools.operations.progress import Progress, no_progress, stoppable
from accountools.storage import schema
from accountools.storage.image.check import CheckedImage
from accountools.version import VERSION

BytesNeeded = Callable[[Manifest], int]
ForbiddenTokens = Callable[[Manifest], Sequence[str]]


@dataclass(frozen=True)
class CheckedBackup:
    """What a backup holds: its signed manifest, the extract of the register, the control totals of its books.

    `licence_found` is where a licence was found in it that may be in no backup made here.
    """

    manifest: Manifest
    extract: RegisterExtract
    totals: ControlTotals
    file_sha256: str
    licence_found: Part | None = None
    file_identity: FileIdentity | None = None  # with which a file needn't be read again to be known as the same


def check_backup(
    path: Path,
    image: Path,
    unlock: Decryption,
    *,
    adopting: bool = False,
    further: BytesNeeded = lambda _: 0,
    forbidden: ForbiddenTokens = lambda _: (),
    progress: Progress = no_progress,
) -> CheckedBackup:
    """Check the backup at `path`, unpack it to the new file `image`, and check that; with `adopting` it is half made into books.

    `further` says how many bytes of disk are needed besides, `forbidden` which licences are looked for in it. `progress` is called with
    the image's bytes, of which unpacking counts for half, and may stop it there. Raises `file-not-found`, `not-a-backup`,
    `backup-damaged`, `signature-invalid`, `newer-version`, `key-needed`, `wrong-key`, `too-large`, `disk-full`, `schema-unexpected`.
    """
    with faults_of_file(path), stoppable(progress) as report, BackupFile(path, schema.VERSION, VERSION) as backup:
        manifest, identity, tokens = backup.manifest, backup.identity(), forbidden(backup.manifest)
        if manifest.purpose == "register":
            raise Refused("office-exists", file=path.name)
        reach("before-unpack-backup")
        size = manifest.image.size
        room = further(manifest) + (size if adopting else 0)
        digest = backup.unpack(image, unlock, room, lambda done, total: report(size * done // (2 * total), size))
        reach("after-unpack-backup")
    if adopting and is_worth_threads(size):  # what is kept is written to the disk while it is checked
        with ThreadPoolExecutor(1) as beside:
            written = beside.submit(safe_files.sync_path, image)
            found = check_image(manifest, image, digest, tokens, adopting=adopting)
            written.result()
    else:
        found = check_image(manifest, image, digest, tokens, adopting=adopting)
    return replace(found, file_identity=identity)


def check_image(manifest: Manifest, image: Path, file_sha256: str, tokens: Sequence[str] = (), *, adopting: bool = False) -> CheckedBackup:
    """Check an image that was unpacked, and that it agrees with its manifest; look for `tokens` in it. Raises `schema-unexpected`."""
    with CheckedImage(image, "administration", adopting=adopting) as opened:
        extract, totals = read_extract(opened.extract, opened.totals), opened.totals
        licence_found = image_scan.find_licence(opened, tokens) if tokens else None
    check_agreement(manifest, extract, totals)
    return CheckedBackup(manifest, extract, totals, file_sha256, licence_found)


def check_agreement(manifest: Manifest, extract: RegisterExtract, totals: ControlTotals) -> None:
    """Raise `schema-unexpected` when manifest and image are of different administrations or licences, or don't count the same."""
    contents = manifest.contents  # compared as JSON: in Python `true` and `1.0` are 1
    if manifest.number != extract.number or (contents is not None and canonical(contents) != canonical(extract.contents(totals))):
        raise Refused("schema-unexpected", what=Part.MANIFEST)
    number = claimed_number(extract.licence) if extract.licence and manifest.purpose == "handover" else None
    if number is not None and number != manifest.licence_number:  # what isn't a licence at all is an obstacle of its own
        raise Refused("schema-unexpected", what=Part.MANIFEST)


def check_register(manifest: Manifest, image: CheckedImage) -> None:
    """Raise `schema-unexpected` when the image of a register is of another licence than its manifest says, or says more."""
    if image.extract != {"licence_number": manifest.licence_number}:
        raise Refused("schema-unexpected", what=Part.EXTRACT)


@contextmanager
def unpacked(
    path: Path,
    planned: CheckedBackup,
    image: Path | None,
    unlock: Decryption,
    work: Path,
    further: BytesNeeded,
    forbidden: ForbiddenTokens,
    progress: Progress = no_progress,
) -> Iterator[tuple[CheckedBackup, Path]]:
    """The backup that was planned on, with its image: the one that the plan unpacked, if that is still there, else unpacked anew.

    Raises `changed-meanwhile` when the file is another one by now.
    """
    if image is None or not image.is_file():
        image = work / "image.sqlite"
        yield check_backup(path, image, unlock, adopting=True, further=further, forbidden=forbidden, progress=progress), image
        return
    with BackupFile(path, schema.VERSION, VERSION) as backup:
        untouched = planned.file_identity is not None and planned.file_identity == backup.identity()
        if not untouched and backup.sha256() != planned.file_sha256:
            raise Refused("changed-meanwhile", what=path.name)
    yield planned, image
