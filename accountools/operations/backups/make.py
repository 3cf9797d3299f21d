"""Making backups (S2, S3, S9, S10, S15): a hand-over holds the client's licence in place of the office's, or is not made.

The order of writing: intent in the register; image in the office's work folder, checked and searched for the office's licence;
container beside its destination, read back; seal in the register; rename; fact and event in the register.
"""

import sqlite3
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.codes import Weight
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused, refuse_obstacles
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.failpoints import reach
from accountools.formats.backup.manifest import Draft
from accountools.formats.backup.reader import unpack_copy
from accountools.formats.backup.writer import ImageFile, ImageStream
from accountools.formats.encryption import Lock
from accountools.operations.backups import batch, leak_scan
from accountools.operations.backups.plan import BackupItem, BackupPlan, plan_in
from accountools.operations.backups.register_extract import Slice, slice_of
from accountools.operations.backups.write import Written, begin_record, draft_for, note_made, seal_record, withdraw, write_part
from accountools.operations.progress import Progress, Told, stoppable, unheard
from accountools.operations.register.state import state_of
from accountools.operations.session import Office
from accountools.operations.workdir import workplace
from accountools.storage.image import write
from accountools.storage.register import administrations, backups
from accountools.storage.register.backups import BackupRecord as BackupRecord  # noqa: PLC0414 - the forms take it from here


@dataclass(frozen=True)
class BackupOutcome:
    """What was made, what was refused and why, and what stopped it when the machine failed halfway."""

    made: tuple[BackupRecord, ...]
    refused: tuple[tuple[AdministrationNumber, tuple[Obstacle, ...]], ...]
    stopped: Exception | None = None

    @classmethod
    def of(cls, results: "Sequence[BackupResult]") -> Self:
        """All of it, of what came of each."""
        made = tuple(one.made for one in results if one.made is not None)
        refused = tuple((one.item.number, one.refused) for one in results if one.refused)
        return cls(made, refused, next((one.stopped for one in results if one.stopped is not None), None))


@dataclass(frozen=True)
class BackupResult:
    """What came of one administration: the backup that was made, or why it was refused, or what stopped it when the machine failed."""

    item: BackupItem
    made: BackupRecord | None = None
    refused: tuple[Obstacle, ...] = ()
    stopped: Exception | None = None


def carry_out(office: Office, plan: BackupPlan, progress: Progress = unheard) -> Generator[BackupResult]:
    """Do what the plan says, giving each result as it is there: first those that are refused, then each backup as it is made.

    Whoever stops asking stops between two: what is made stays, of the next nothing exists. `progress` is told how many bytes of the
    one that is being made are done; by raising `Stopped` it stops that one too.
    """
    yield from (BackupResult(item, refused=item.obstacles) for item in plan.refused)
    if plan.to_make:
        safe_files.make_folder(plan.folder)
    if not plan.batch:
        yield from _make_each(office, plan, progress)
    elif plan.to_make:
        numbers = [item.number for item in plan.to_make]
        with batch.noted(office, numbers, plan.folder, plan.destination, plan.purpose, rehearse=plan.rehearse):
            for result in _make_each(office, plan, progress):
                yield result
                if result.stopped is not None:
                    return
            batch.forget(office)
    else:
        batch.forget(office)


def _make_each(office: Office, plan: BackupPlan, progress: Progress) -> Iterator[BackupResult]:
    for item in plan.to_make:
        try:
            with stoppable(progress) as heard:
                made = _make(office, plan, item, heard)
            yield BackupResult(item, made=made)
        except (MachineFailed, OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
            yield BackupResult(item, stopped=error)
            return
        except AccountoolsError as error:
            yield BackupResult(item, refused=(error.reason,))


def _make(office: Office, plan: BackupPlan, item: BackupItem, progress: Progress) -> BackupRecord:
    started = time.monotonic()
    with workplace(office) as work:
        part = safe_files.name_aside(plan.folder / "backup")
        record, draft, slice_, lock = _begin(office, plan, item, part)
        try:
            reach("before-make-image")
            own, licence, image = leak_scan.own_tokens(office), slice_.licence or "", work / "image.sqlite"
            texts = leak_scan.Texts(own, licence)
            totals = write.make_administration(office.store.books_path(item.number), image, slice_.rows(), texts.look)
            reach("after-make-image")
            if lock is None:
                draft = replace(draft, contents=slice_.contents(totals))
            with ThreadPoolExecutor(1) as beside:
                checked = beside.submit(write.check_made, image, totals)  # while it is written; it gets no name before both are done
                read = ImageFile(image, lambda: beside.submit(image.unlink))  # so much is taken away sooner than it is waited for
                with leak_scan.Searched(Told(read, progress), own, licence) as stream:
                    sha256 = _write(office, plan, work, part, stream, draft, lock, progress)
                checked.result()
            leak_scan.expect_clean(item.number, stream.found or texts.found)
            path = _seal(office, plan, item, record, part, sha256, round((time.monotonic() - started) * 1000))
            safe_files.publish(part, path)
        except BaseException:
            withdraw(office, record)
            raise
    made = note_made(office, record)
    if plan.rehearse and made.sha256 is not None:
        from accountools.operations.restores.rehearse import note_rehearsed

        note_rehearsed(office, made.sha256)
        with office.reading() as connection:
            return backups.get(connection, record)
    return made


def _begin(office: Office, plan: BackupPlan, item: BackupItem, part: Path) -> tuple[int, Draft, Slice, Lock | None]:
    lock = plan.destination.lock_for(item.licence)
    with office.changing() as connection:
        again = plan_in(office, connection, [state_of(office, connection, item.number)], plan.destination, plan.purpose).items[0]
        if again.version != item.version or again.refused or again.licence != item.licence:
            raise Refused("changed-meanwhile", what=item.number)
        slice_ = slice_of(office, connection, item.number, whole=plan.purpose != "handover")
        counter = administrations.counter(connection, item.number) + 1
        administrations.raise_counter(connection, item.number, counter)
        draft = draft_for(office, connection, plan.purpose, item.number, item.licence, counter, lock)
        record = begin_record(connection, draft, part, office.store.mark_of_books(item.number))
    return record, draft, slice_, lock


def _write(
    office: Office,
    plan: BackupPlan,
    work: Path,
    part: Path,
    image: ImageStream,
    draft: Draft,
    lock: Lock | None,
    progress: Progress,
) -> str:
    """Write it, and rehearse it when that was asked; between two stages `progress` is told that all is written, and may stop it."""
    with office.reading() as connection:
        maker = office.maker(connection)
    if not plan.rehearse:
        return write_part(part, image, draft, maker, lock).sha256
    with safe_files.create_private(work / "copy.zst") as copy:
        written = write_part(part, image, draft, maker, lock, copy)
        progress(image.size, image.size)
        copy.seek(0)
        unpack_copy(copy, work / "rehearsed.sqlite", written.manifest.image)
    progress(image.size, image.size)
    _rehearse(office, written, work)
    progress(image.size, image.size)
    return written.sha256


def _rehearse(office: Office, written: Written, work: Path) -> None:
    """Rehearse before the backup gets its name: one that doesn't restore is not made."""
    from accountools.operations.restores import checked_image, rehearse  # which need this module

    image = work / "rehearsed.sqlite"
    found = checked_image.look_into_image(written.manifest, image, written.sha256)
    rehearsal = rehearse.rehearse_image(office, found, image, work)
    refuse_obstacles(one.weighing(Weight.BLOCKS) for one in rehearsal.findings)


def _seal(office: Office, plan: BackupPlan, item: BackupItem, record: int, part: Path, sha256: str, milliseconds: int) -> Path:
    with office.changing() as connection:
        if administrations.get(connection, item.number).version != item.version:
            raise Refused("changed-meanwhile", what=item.number)
        return seal_record(connection, record, plan.folder, part, sha256, str(item.number), item.description, milliseconds)
