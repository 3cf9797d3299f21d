"""Making backups (S2, S3, S9, S10, S15): a hand-over holds the client's licence in place of the office's, or is not made.

Many at a time, in groups. Of each group: pending in the register, checked once more (one transaction); written aside, read back and
durable (jobs, side by side); written in the register with hash and name (one transaction); renamed; committed with their events (one
transaction). The next group is begun while one is being written.
"""

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, as_completed, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.manifest import Purpose
from accountools.operations.backups import batch as batch_records
from accountools.operations.backups import records
from accountools.operations.backups.groups import BackupOutcome, BackupResult, Group, groups_of
from accountools.operations.backups.items import BackupItem, backup_items
from accountools.operations.backups.records import Wanted, Written
from accountools.operations.backups.register_extract import extract_of
from accountools.operations.backups.target import BackupTarget
from accountools.operations.backups.write import BackupJob, Rehearse, write_one
from accountools.operations.cluster import ClusterAway
from accountools.operations.jobs import workers
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, Stopped, no_progress
from accountools.operations.register.state import states_of
from accountools.operations.session import Office
from accountools.operations.workdir import wait_for_books, workdir
from accountools.operations.worker_processes import default_workers
from accountools.operations.workers import Workers
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import administrations


@dataclass(frozen=True, kw_only=True)
class BackupPlan(Plan):
    """Which backups would be made, for what purpose, where and to whom. An item that is refused doesn't keep the others.

    `batch`: it is recorded, so that it can be resumed when it is interrupted; `resumes` is the batch that this plan goes on with.
    `left_out`: of all of them those that aren't in the plan, each with the code of why.
    `workers`: how many make them side by side, or the address of a Dask scheduler.
    """

    items: tuple[BackupItem, ...]
    purpose: Purpose
    target: BackupTarget
    folder: Path
    rehearse: Rehearse | None = None
    batch: bool = False
    resumes: batch_records.InterruptedBatch | None = None
    left_out: tuple[tuple[AdministrationNumber, str], ...] = ()
    workers: int | str | None = None

    @property
    def to_make(self) -> tuple[BackupItem, ...]:
        """The items that can be made."""
        return tuple(item for item in self.items if not item.refused)

    @property
    def refused(self) -> tuple[BackupItem, ...]:
        """The items that can't."""
        return tuple(item for item in self.items if item.refused)

    def inputs(self) -> dict[str, Any]:
        """The versions and licences of the extracts, the purpose and the target (of a passphrase only that there is one)."""
        return {
            "purpose": self.purpose,
            "folder": str(self.folder),
            "recipient": self.target.recipient,
            "passphrase": self.target.by_passphrase,
            "plain": self.target.plain,
            "rehearse": self.rehearse is not None,
            "items": [
                [int(item.number), item.version, item.licence.number if item.licence else None, sorted(one.code for one in item.obstacles)]
                for item in self.items
            ],
        }

    def execute(self, office: Office, progress: Progress) -> "BackupOutcome":
        """Make those that can be made. When the machine fails the rest is not tried: the outcome says what was done and what stopped it.

        What fails before any is made, between two groups or after the last, is raised.
        """
        results = list[BackupResult]()
        stopped: Exception | None = None
        try:
            results.extend(make_backups(office, self, progress))
        except Stopped:
            raise
        except Exception as error:
            if not any(one.made for one in results):
                raise
            stopped = error
        made = tuple(one.made for one in results if one.made is not None)
        refused = tuple((one.item.number, one.refused) for one in results if one.refused)
        return BackupOutcome(made, refused, next((one.stopped for one in results if one.stopped is not None), stopped))


def make_backups(office: Office, plan: BackupPlan, progress: Progress = no_progress) -> Generator[BackupResult]:
    """Do what the plan says, giving each result when it is there: first those that are refused, then each backup that was made.

    `progress` is called with the bytes of the books that are done, and those of all. By raising `Stopped` it stops the work: what is
    made stays, of the rest nothing exists. So does who closes the generator.
    """
    yield from (BackupResult(item, refused=item.obstacles) for item in plan.refused)
    if not plan.to_make:
        if plan.batch:
            batch_records.discard_batch(office)
        return
    numbers = [item.number for item in plan.to_make]
    resumes = plan.resumes
    abandoned = records.list_abandoned(office, resumes.batch.after, numbers) if resumes is not None else ()  # they would keep their names
    safe_files.make_folder(plan.folder)  # only now: where it is missing, what was made there can't be seen
    with workdir(office) as work:
        if plan.batch:
            recorded = office, work.name, numbers, plan.folder, plan.target, plan.purpose
            batch_records.record_batch(*recorded, rehearse=plan.rehearse is not None, resumes=resumes, abandoned=abandoned)
        with workers(office, plan.workers or default_workers(len(numbers)), signs=True, writes=plan.folder) as at_work:
            for result in _Making(plan, at_work, work, progress).results():
                yield result
                if result.stopped is not None:
                    return
        if plan.batch:
            batch_records.discard_batch(office, work.name)


class _Making:
    """One run of `make_backups`: how far it is."""

    def __init__(self, plan: BackupPlan, at_work: Workers[Office], work: Path, progress: Progress) -> None:
        self._office, self._plan, self._workers, self._work, self._progress = at_work.office, plan, at_work, work, progress
        self._done, self._total = 0, sum(item.bytes for item in plan.to_make)
        self._inline = at_work.executor is None

    def results(self) -> Iterator[BackupResult]:
        """Each group's, to the end or to the first failure; on many workers the next group is at work while one is finished."""
        begun: deque[Group] = deque()
        try:
            alone = self._plan.target.own_passphrases is not None  # a letter is written as soon as its backup is committed
            for items in (*groups_of(self._plan.to_make, alone=alone), ()):
                if items:
                    begun.append(self._begin(items))
                while begun and (self._inline or not items or len(begun) > 1):
                    yield from self._finish(begun[0])
                    begun.popleft()
        finally:
            for group in begun:
                for future in group.jobs:
                    future.cancel()
            wait([future for group in begun for future in group.jobs])
            for group in begun:
                self._withdraw(group)

    def _begin(self, items: Sequence[BackupItem]) -> Group:
        """Check each again in one transaction, note that it is pending, and hand out its job. Raises `Stopped` before all that."""
        self._progress(self._done, self._total)
        group, plan, jobs = Group(), self._plan, list[BackupJob]()
        wait_for_books(self._office, *(item.number for item in items))
        with self._office.session(write=True) as session:
            states = states_of(session, [item.number for item in items])
            again = backup_items(session, states, plan.target, plan.purpose)
            ready = []
            for item, now, state in zip(items, again, states, strict=True):
                if now.version == item.version and now.licence == item.licence and not now.refused:
                    ready.append((item, state))
                else:
                    group.results.append(BackupResult(item, refused=(Refused("changed-meanwhile", what=item.number).reason,)))
            licensee = session.own_licence.licensee
            counters = {
                number: counter + 1
                for number, counter in administrations.counters(session.connection, [item.number for item, _ in ready]).items()
            }
            administrations.raise_counters(session.connection, counters)
            wanted = [
                Wanted(item.number, item.licence, counters[item.number], encrypted=plan.target.encrypts(item.licence)) for item, _ in ready
            ]
            for (item, state), pending in zip(ready, records.add_pending(session, plan.purpose, plan.folder, wanted), strict=True):
                group.items[pending.record], group.pending[pending.record] = item, pending
                extract = extract_of(state, session.context.actor, with_office_users=plan.purpose != "handover")
                jobs.append(
                    BackupJob(
                        self._work,
                        pending,
                        extract,
                        item.licence,
                        plan.target.target_of(item.number),
                        session.forbidden_tokens,
                        licensee.name,
                        licensee.kvk,
                        plan.rehearse,
                    )
                )
        for job in jobs:
            progress = (self._progress_of(group.items[job.pending.record]),) if self._inline else ()
            future = self._workers.submit(write_one, job, *progress)
            group.jobs[future] = job.pending.record
            if future.done() and isinstance(future.exception(), _FATAL):
                break  # what isn't handed out is withdrawn
        return group

    def _finish(self, group: Group) -> Iterator[BackupResult]:
        """Wait for the jobs, and commit what was written. Raises `Stopped`."""
        written: dict[int, Written] = {}
        failed: tuple[BackupItem, Exception] | None = None
        for future in as_completed(group.jobs):
            record = group.jobs[future]
            try:
                written[record] = future.result()
                self._done += group.items[record].bytes
                self._progress(self._done, self._total)
            except CancelledError:
                continue
            except _FATAL as error:
                failed = failed or (group.items[record], error)
                for other in group.jobs:
                    other.cancel()
            except AccountoolsError as error:
                group.refuse(record, error)
        try:
            self._commit(group, written)
        except _FATAL as error:
            failed = failed or (next(iter(group.items.values())), error)
        yield from group.results
        self._withdraw(group)
        if failed is not None:
            item, cause = failed
            if isinstance(cause, Stopped):
                raise cause
            worker_lost = isinstance(cause, BrokenExecutor)
            yield BackupResult(item, stopped=MachineFailed("machine-failed", what=str(cause)) if worker_lost else cause)

    def _withdraw(self, group: Group) -> None:
        """Take back those that weren't made.

        What a worker may still be writing stays noted: so whoever resumes the batch, or repairs the office, knows of its file.
        """
        done = {record: future for future, record in group.jobs.items() if future.done() and not future.cancelled()}
        away = {record for record, future in done.items() if isinstance(future.exception(), ClusterAway)}
        records.withdraw_own(self._office, [pending for record, pending in group.pending.items() if record not in away])
        group.pending.clear()

    def _commit(self, group: Group, written: Mapping[int, Written]) -> None:
        """Choose the names of what was written, rename, and note it: in this order."""
        self._office.engine.validate_working()
        if not written:
            return
        with self._office.session(write=True) as session:
            numbers = [group.items[record].number for record in written]
            versions = {one.number: one.version for one in administrations.list_all(session.connection, numbers)}
            named = []
            for record in sorted(written):
                item = group.items[record]
                if versions.get(item.number) == item.version:
                    named.append((group.pending[record], written[record], f"{item.number}-{item.description}"))
                else:
                    group.refuse(record, Refused("changed-meanwhile", what=item.number))
            paths = records.mark_written(session, self._plan.folder, named)
        self._office.engine.validate_working()
        in_place: list[int] = []
        failure: Exception | None = None
        for (pending, made, _), path in zip(named, paths, strict=True):
            try:
                lost = [part for part in records.find_parts(self._office, pending.part) if part != made.part]  # of a worker that was lost
                safe_files.publish(made.part, path, sync=False)
                for part in lost:  # not before: without the first of these names nobody would find the next
                    safe_files.discard(part)
                in_place.append(pending.record)
            except Refused as error:
                group.refuse(pending.record, error)
            except (MachineFailed, OSError) as error:  # those before it are made all the same
                failure = error
                break
        safe_files.sync_folder(self._plan.folder)
        with self._office.session(write=True) as session:
            held = records.commit(session, in_place, {record: written[record].manifest for record in in_place})
            if self._plan.rehearse is not None:
                held = records.mark_rehearsed(session, held)
        for one in held:
            group.results.append(BackupResult(group.items[one.id], made=one))
            del group.pending[one.id]
        if failure is not None:
            raise failure

    def _progress_of(self, item: BackupItem) -> Progress:
        """The progress of one item, of its image's bytes, as that of the whole."""

        def report(done: int, total: int) -> None:
            self._progress(self._done + (item.bytes * done // total if total else 0), self._total)

        return report


_FATAL = (Stopped, MachineFailed, OfficeBusy, OSError, BrokenExecutor)  # what ends all of it, rather than one
