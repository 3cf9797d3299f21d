"""Looking after the backups that were made: where they are, whether they are still what they were, and which may go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MINYEAR, date
from typing import Any

from accountools import safe_files
from accountools.domain.errors import AccountoolsError
from accountools.domain.events import BackupPruned
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.reader import BackupFile
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.session import Office
from accountools.storage import schema
from accountools.storage.register import backups
from accountools.storage.register.backups import BackupRecord
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
        return self.record.path is not None and self.record.path.is_file()


def list_backups(office: Office) -> tuple[KeptBackup, ...]:
    """The backups that were made, in order."""
    with office.session() as session:
        return tuple(KeptBackup(held) for held in backups.list_committed(session.connection))


def check_backups(office: Office) -> tuple[KeptBackup, ...]:
    """Read every backup's file again: what is missing, changed or no longer readable is in its findings."""
    return tuple(KeptBackup(one.record, tuple(_check_file(one.record))) for one in list_backups(office))


def _check_file(held: BackupRecord) -> Iterator[Obstacle]:
    if held.path is None or not held.path.is_file():
        yield obstacle("file-not-found", path=held.path)
        return
    if safe_files.sha256_of(held.path) != held.sha256:
        yield obstacle("backup-damaged", what=held.path.name)
        return
    try:
        with BackupFile(held.path, schema.VERSION, VERSION) as backup:
            backup.check_stored()
    except AccountoolsError as error:
        yield error.reason


@dataclass(frozen=True, kw_only=True)
class PrunePlan(Plan):
    """Which backups would be removed: older than the years asked for, and never the last one of an administration."""

    keep_years: int
    gone: tuple[BackupRecord, ...]

    def inputs(self) -> dict[str, Any]:
        """The backups that go."""
        return {"gone": [[one.id, one.sha256] for one in self.gone]}

    def execute(self, office: Office, progress: Progress) -> "PrunePlan":  # noqa: ARG002 - removing takes no time
        """Note it, and remove their files."""
        now = plan_prune(office, self.keep_years)
        now.raise_if_changed(self.digest, self.digest)
        with office.session(write=True) as session:
            backups.mark_pruned(session.connection, [one.id for one in now.gone])
            session.record(*(BackupPruned(administration=one.administration, sha256=one.sha256 or "") for one in now.gone))
        for one in now.gone:
            if one.path is not None:
                safe_files.discard(one.path)
        return now


def plan_prune(office: Office, keep_years: int = YEARS) -> PrunePlan:
    """Plan removing backups older than `keep_years`."""
    with office.session() as session:
        held, today = backups.list_committed(session.connection), session.context.today
    last = {(one.administration, one.purpose): one.id for one in held}
    oldest = _years_before(today, keep_years).isoformat()
    gone = tuple(one for one in held if one.day < oldest and one.id not in last.values())
    return PrunePlan(keep_years=keep_years, gone=gone)


def _years_before(day: date, years: int) -> date:
    year = max(day.year - years, MINYEAR)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
