"""One backup is written: image, checks, container, read back, and rehearsed if that was asked.

It is a job (`operations.jobs`): it reads the books and writes files, and leaves the register to whoever handed it out. The image is made
in a workdir, checked and searched for the office's licence; the container beside its target.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from accountools import safe_files
from accountools.domain.codes.code import Weight
from accountools.domain.errors import Refused, Unsound, raise_first_obstacle
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.failpoints import reach
from accountools.formats.backup.manifest import Manifest, ManifestDraft
from accountools.formats.backup.reader import BackupFile, unpack_copy
from accountools.formats.backup.writer import ImageFile, ImageStream, SigningOffice, write_backup
from accountools.formats.encryption import Encryption
from accountools.formats.leak_scan import LeakScan
from accountools.operations.backups.records import Pending, Written
from accountools.operations.backups.register_extract import RegisterExtract, validate_extract
from accountools.operations.backups.target import BackupTarget
from accountools.operations.progress import Progress, ReportingStream, no_progress, stoppable
from accountools.operations.session import Office
from accountools.operations.workdir import job_folder
from accountools.storage import schema
from accountools.storage.image.tables import TextScan
from accountools.storage.image.write import validate_written
from accountools.version import VERSION

Rehearse = Callable[[Office, Manifest, Path, str], tuple[Obstacle, ...]]  # of a manifest, its unpacked image and the file's SHA-256


@dataclass(frozen=True)
class BackupJob:
    """What is to be written; `work` is the workdir of who hands it out.

    `own_tokens` are the licences that may not be in it; `maker` and `kvk` name the office that signs.
    """

    work: Path
    pending: Pending
    extract: RegisterExtract
    licence: Licence | None
    target: BackupTarget
    own_tokens: tuple[str, ...]
    maker: str
    kvk: str
    rehearse: Rehearse | None = None


def write_one(office: Office, job: BackupJob, progress: Progress = no_progress) -> Written:
    """Write the backup of an administration at its temporary name (done again, at the next one), durable and read back.

    Raises `office-licence-found`, `disk-full`; `schema-unexpected`, `too-large` for what is beyond the limits with which a backup is read.

    `progress` is called with the bytes of the image that are written; between two stages it may still stop the work.
    """
    started = time.monotonic()
    validate_extract(job.extract)
    encryption, extract = job.target.encryption_for(job.licence), job.extract
    draft = replace(job.pending.draft, recipients=(encryption.recipient,) if encryption else ())
    signing = SigningOffice(job.maker, job.kvk, office.backup_key)
    scan = LeakScan(job.own_tokens, extract.licence or "")
    with stoppable(progress) as report, job_folder(job.work) as work, ExitStack() as stack:
        image = work / "image.sqlite"
        copy = stack.enter_context(safe_files.create_private(work / "copy.zst")) if job.rehearse is not None else None
        reach("before-make-image")
        texts = TextScan(scan.shortest_text, scan.search_texts)
        totals, revision = office.engine.write_image(extract.number, image, extract.rows(), texts)
        reach("after-make-image")
        if encryption is None:
            draft = replace(draft, contents=extract.contents(totals))
        with ThreadPoolExecutor(1) as beside:
            checked = beside.submit(validate_written, image, totals)  # while it is written; it gets no name before both are done
            read = ImageFile(image, lambda: beside.submit(image.unlink))  # its removal takes longer than waiting for it should
            with scan.reading(ReportingStream(read, report)) as stream:
                try:
                    part, manifest, sha256 = _write_at_free_name(job.pending.part, stream, draft, signing, encryption, copy)
                except Unsound as error:
                    if error.code != "too-large":
                        raise
                    raise Refused("too-large", number=extract.number, what=dict(error.reason.facts)["what"]) from error
            try:
                checked.result()
            except Unsound as error:
                raise Refused("schema-unexpected", books=extract.number, what=dict(error.reason.facts)["what"]) from error
        if scan.found is not None:
            raise Refused("office-licence-found", number=extract.number, where=scan.found)
        if job.rehearse is not None and copy is not None:  # one that doesn't restore is not made
            size = manifest.image.size
            report(size, size)
            copy.seek(0)
            unpack_copy(copy, work / "rehearsed.sqlite", manifest.image)
            report(size, size)
            findings = job.rehearse(office, manifest, work / "rehearsed.sqlite", sha256)
            raise_first_obstacle(one.with_weight(Weight.BLOCKS) for one in findings)
            report(size, size)
    return Written(part, manifest, sha256, part.stat().st_size, round((time.monotonic() - started) * 1000), revision)


def _write_at_free_name(first: Path, stream: ImageStream, *more: Any) -> tuple[Path, Manifest, str]:
    """Write a container at the first temporary name that is free: a worker that was lost took one, and may still be taking it."""
    for part in safe_files.temporary_paths(first):
        with suppress(FileExistsError):  # nothing of the stream was read by then
            return part, *write_container(part, stream, *more)
    raise AssertionError("temporary names don't end")


def write_container(
    part: Path,
    image: ImageStream | Path,
    draft: ManifestDraft,
    maker: SigningOffice,
    encryption: Encryption | None,
    copy: IO[bytes] | None = None,
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
