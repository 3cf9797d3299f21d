"""One backup is written: image, checks, container, read back, and rehearsed if that was asked.

It is a job (`operations.jobs`): it reads the books and writes files, and leaves the register to whoever handed it out. The image is made
in a workdir, checked and searched for the office's licence; the container beside its destination.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from accountools import safe_files
from accountools.domain.codes import Weight
from accountools.domain.errors import raise_first_obstacle
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.failpoints import reach
from accountools.formats.backup.manifest import ManifestDraft, Manifest
from accountools.formats.backup.reader import BackupFile, unpack_copy
from accountools.formats.backup.writer import ImageFile, ImageStream, SigningOffice, write_backup
from accountools.formats.encryption import Encryption
from accountools.operations.backups import leak_scan
from accountools.operations.backups.records import Pending, Written
from accountools.operations.backups.register_extract import RegisterExtract
from accountools.operations.backups.target import Destination
from accountools.operations.progress import Progress, ReportingStream, no_progress, stoppable
from accountools.operations.session import Office
from accountools.operations.workdir import workdir
from accountools.storage import schema
from accountools.storage.image import write as image_writer
from accountools.version import VERSION

Rehearse = Callable[[Office, Manifest, Path, str], tuple[Obstacle, ...]]  # of a manifest, its unpacked image and the file's SHA-256


@dataclass(frozen=True)
class BackupJob:
    """What is to be written. `own_tokens` are the licences that may not be in it; `maker` and `kvk` name the office that signs."""

    pending: Pending
    extract: RegisterExtract
    licence: Licence | None
    destination: Destination
    own_tokens: tuple[str, ...]
    maker: str
    kvk: str
    rehearse: Rehearse | None = None


def write_one(office: Office, job: BackupJob, progress: Progress = no_progress) -> Written:
    """Write the backup of an administration at its temporary name, durable and read back. Raises `office-licence-found`, `disk-full` …

    `progress` is called with the bytes of the image that are written; between two stages it may still stop the work.
    """
    started = time.monotonic()
    encryption, extract = job.destination.encryption_for(job.licence), job.extract
    maker = SigningOffice(job.maker, job.kvk, office.backup_key)
    draft = replace(job.pending.draft, recipients=(encryption.recipient,) if encryption else ())
    with (
        stoppable(progress) as progress,
        workdir(office) as work,
        nullcontext() if job.rehearse is None else safe_files.create_private(work / "copy.zst") as copy,
    ):
        image, allowed = work / "image.sqlite", extract.licence or ""
        reach("before-make-image")
        texts = leak_scan.Texts(job.own_tokens, allowed)
        totals = image_writer.write_administration(office.engine.books_path(extract.number), image, extract.rows(), texts.look)
        reach("after-make-image")
        if encryption is None:
            draft = replace(draft, contents=extract.contents(totals))
        with ThreadPoolExecutor(1) as beside:
            checked = beside.submit(image_writer.validate_written, image, totals)  # while it is written; it gets no name before both are done
            read = ImageFile(image, lambda: beside.submit(image.unlink))  # its removal takes longer than waiting for it should
            with leak_scan.Searched(ReportingStream(read, progress), job.own_tokens, allowed) as stream:
                manifest, sha256 = write_container(job.pending.part, stream, draft, maker, encryption, copy)
            checked.result()
        leak_scan.expect_clean(extract.number, stream.found or texts.found)
        if job.rehearse is not None and copy is not None:  # one that doesn't restore is not made
            progress(stream.size, stream.size)
            copy.seek(0)
            unpack_copy(copy, work / "rehearsed.sqlite", manifest.image)
            progress(stream.size, stream.size)
            findings = job.rehearse(office, manifest, work / "rehearsed.sqlite", sha256)
            raise_first_obstacle(one.with_weight(Weight.BLOCKS) for one in findings)
            progress(stream.size, stream.size)
    return Written(manifest, sha256, job.pending.part.stat().st_size, round((time.monotonic() - started) * 1000))


def write_container(
    part: Path, image: ImageStream | Path, draft: ManifestDraft, maker: SigningOffice, encryption: Encryption | None, copy: IO[bytes] | None = None
) -> tuple[Manifest, str]:
    """Write a container at `part`, make it durable, and read all of it back as a stranger would; gives its manifest and SHA-256."""
    with safe_files.create_private(part) as target, ThreadPoolExecutor(1) as beside:
        reach("before-write-backup")
        write_backup(target, image, draft, maker, encryption, copy)
        reach("after-write-backup")
        target.flush()
        synced = beside.submit(safe_files.sync_file, target)  # the disk is waited for while what it is given is read back
        with BackupFile(part, schema.VERSION, VERSION) as backup:
            sha256 = backup.check_stored()
        synced.result()
        return backup.manifest, sha256
