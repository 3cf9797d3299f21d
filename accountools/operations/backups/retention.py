"""Looking after the backups that were made: where they are, whether they are still what they were, and which may go."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import MINYEAR, date
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed
from accountools.domain.events.backups import BackupPruned
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.reader import BackupFile
from accountools.operations.backups import records
from accountools.operations.errors import translate_error
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, no_progress
from accountools.operations.session import Office, Session
from accountools.operations.workdir import is_busy, workdir
from accountools.storage import schema
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import backups
from accountools.storage.register.backups import BackupRecord
from accountools.storage.schema import COMMITTED
from accountools.version import VERSION

YEARS = 7  # how long the law has books kept


@dataclass(frozen=True)
class KeptBackup:
    """A backup that was made, and what was found wrong with its file."""

    record: BackupRecord
    findings: tuple[Obstacle, ...] = ()

    @property
    def present(self) -> bool:
        """Whether its file is there."""
        return self.record.path is not None and safe_files.has_file(self.record.path)


def list_backups(office: Office) -> tuple[KeptBackup, ...]:
    """The backups that were made, in order."""
    with office.session() as session:
        return tuple(KeptBackup(held) for held in backups.list_committed(session.connection, office.stored_base))


def is_backup_file(office: Office, path: Path) -> bool:
    """Whether this is the file of a backup that was made, and is there."""
    return safe_files.has_file(path) and not path.is_symlink() and any(one.record.path == path for one in list_backups(office))


def check_backups(office: Office, progress: Progress = no_progress) -> tuple[KeptBackup, ...]:
    """Read every backup's file again: what is missing, changed or no longer readable is in its findings.

    `progress` is called with the bytes of the files read, and of all.
    """
    kept = list_backups(office)
    done, total, checked = 0, sum(one.record.bytes or 0 for one in kept), []
    for one in kept:
        progress(done, total)
        checked.append(KeptBackup(one.record, _check_file(one.record)))
        done += one.record.bytes or 0
    return tuple(checked)


def _check_file(held: BackupRecord, *, inside: bool = True) -> tuple[Obstacle, ...]:
    """What is wrong with a backup's file: whether it is there and is the one that was made, and (`inside`) whether it holds together."""
    try:
        if held.path is None or not held.path.is_file():
            return (obstacle("file-not-found", path=held.path),)
        if safe_files.sha256_of(held.path) != held.sha256:
            return (obstacle("backup-damaged", what=held.path.name),)
        if inside:
            with BackupFile(held.path, schema.VERSION, VERSION) as backup:
                backup.check_stored()
    except (AccountoolsError, OSError) as error:  # of this file: it says nothing of the others
        return (translate_error(error).reason,)
    return ()


@dataclass(frozen=True, kw_only=True)
class PrunePlan(Plan):
    """Which backups would be removed: older than the years asked for, and never the last good one of an administration.

    Good is a backup whose file is there and has the hash that was recorded. Others count for nothing: the old ones among them are
    `skipped`, each with what is wrong with it, and stay on the list.
    """

    keep_years: int
    gone: tuple[BackupRecord, ...]
    skipped: tuple[KeptBackup, ...] = ()

    def inputs(self) -> dict[str, Any]:
        """The backups that go."""
        return {"gone": [[one.id, one.sha256] for one in self.gone]}

    def execute(self, office: Office, progress: Progress) -> "PruneOutcome":  # noqa: ARG002 - removing takes no time
        """Note which files are going to be removed, remove them, and note which were."""
        now = plan_prune(office, self.keep_years)
        now.raise_if_changed(self.digest, self.digest)
        with workdir(office):  # by which others know that it isn't interrupted
            with office.session(write=True) as session:
                backups.mark_pruning(session.connection, [one.id for one in now.gone])
            failed = tuple((one, error) for one in now.gone if (error := _remove(one)) is not None)
            try:
                with office.session(write=True) as session:
                    return PruneOutcome(_finish(session, {one.id for one in now.gone}), failed)
            except (MachineFailed, OfficeBusy, OSError) as error:  # the files are gone; the next opening records that
                removed = tuple(one for one in now.gone if _is_gone(one))
                return PruneOutcome(removed, failed, None if isinstance(error, OfficeBusy) else error)


@dataclass(frozen=True)
class PruneOutcome:
    """The backups that were removed, those that couldn't be, each with why, and why the register couldn't record it yet."""

    removed: tuple[BackupRecord, ...]
    failed: tuple[tuple[BackupRecord, OSError], ...] = ()
    stopped: Exception | None = None


def plan_prune(office: Office, keep_years: int = YEARS) -> PrunePlan:
    """Plan removing backups older than `keep_years`. Each of them is read, to see that it is the one that was made."""
    with office.session() as session:
        held, today = backups.list_committed(session.connection, office.stored_base), session.context.today
    oldest = _years_before(today, keep_years).isoformat()
    gone, skipped = list[BackupRecord](), list[KeptBackup]()
    kept = set[tuple[AdministrationNumber | None, str]]()  # those of which a newer good one was seen
    old = {(one.administration, one.purpose) for one in held if one.day < oldest}
    for one in reversed(held):
        key = one.administration, one.purpose
        if key not in old or (one.day >= oldest and key in kept):
            continue
        if not records.is_removable(office, one):
            elsewhere = () if records.is_ours(office, one) else (obstacle("made-elsewhere", path=one.path),)
            skipped += [KeptBackup(one, _check_file(one, inside=False) or elsewhere)] if one.day < oldest else []
        elif key in kept:
            gone.append(one)
        else:
            kept.add(key)
    return PrunePlan(keep_years=keep_years, gone=tuple(reversed(gone)), skipped=tuple(reversed(skipped)))


def finish_pruning(office: Office, marked: Collection[BackupRecord]) -> None:
    """Note which of these files are gone whose removal was interrupted; not while anybody is at work, whose they may be."""
    if not marked or is_busy(office):
        return
    with office.session(write=True) as session:
        if not is_busy(office):  # whoever began meanwhile holds its lock since before it marked any
            _finish(session, [one.id for one in marked])


def list_interrupted_pruning(session: Session) -> list[BackupRecord]:
    """The backups that are marked as being removed, by somebody at work or before an interruption, and whose folder is there."""
    return [one for one in backups.list_pruning(session.connection, session.office.stored_base) if _is_visible(one)]


def _finish(session: Session, ids: Collection[int]) -> tuple[BackupRecord, ...]:
    """Note which of the files that were to be removed are gone; gives them. The others stay on the list.

    One whose folder isn't there stays marked: what became of it shows when it is there again.
    """
    held = backups.get_many(session.connection, session.office.stored_base, ids)
    marked = [one for one in held if one.state == COMMITTED and _is_visible(one)]  # what another noted meanwhile is noted once
    gone = tuple(one for one in marked if _is_gone(one))
    backups.mark_pruned(session.connection, [one.id for one in gone])
    session.record(*(BackupPruned(administration=one.administration, sha256=one.sha256 or "") for one in gone))
    backups.mark_pruning(session.connection, [one.id for one in marked], ended=True)
    return gone


def _remove(held: BackupRecord) -> OSError | None:
    """Remove a backup's file; gives why that failed."""
    try:
        if held.path is not None:
            safe_files.discard(held.path)
            safe_files.sync_folder(held.path.parent)
    except OSError as error:
        return None if _is_gone(held) else error
    return None


def _is_gone(held: BackupRecord) -> bool:
    """Whether its file isn't there, though its folder is."""
    return held.path is None or (_is_visible(held) and not os.path.lexists(held.path))


def _is_visible(held: BackupRecord) -> bool:
    """Whether it shows now if its file is there: a stick that was pulled out takes the folder with it."""
    return held.path is None or os.access(held.path.parent, os.X_OK)


def _years_before(day: date, years: int) -> date:
    year = max(day.year - years, MINYEAR)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
