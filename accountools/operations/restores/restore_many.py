"""Restoring many administrations at once (S16): of each number the newest backup; one that is refused doesn't keep the others.

In groups. Of each group: every backup is checked and made into books that are nobody's yet (jobs, side by side); what has no obstacle is
placed in one transaction of the register. Books that are to be replaced are placed one by one, each after its safety copy. The next group
is begun while one is being placed.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import first_unresolved
from accountools.operations import jobs
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, Stopped, no_progress
from accountools.operations.restores.checked_image import CheckedBackup, check_backup
from accountools.operations.restores.found_backups import FoundBackup, RestoreResult, find_backups, newest_of_each
from accountools.operations.restores.obstacles import forbidden_in
from accountools.operations.restores.place import Placement, place, place_extracts, save_signer
from accountools.operations.restores.plan import RestoreChoices, RestorePlan, plan_checked, room_to_replace, save_replaced
from accountools.operations.restores.present import Present, list_present
from accountools.operations.restores.restore import RESTORE
from accountools.operations.session import Office, Session
from accountools.operations.workdir import job_folder, workdir
from accountools.operations.worker_processes import default_workers
from accountools.operations.workers import Workers
from accountools.storage.engine import PreparedBooks
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import administrations

_GROUP = 24  # administrations that share a transaction
_FATAL = (Stopped, MachineFailed, OfficeBusy, OSError, BrokenExecutor)  # what ends all of it, rather than one


@dataclass(frozen=True)
class RestoreOutcome:
    """What came of each backup, and what stopped it halfway: a failure of the machine, or `Stopped`."""

    results: tuple[RestoreResult, ...]
    stopped: Exception | None = None


@dataclass(frozen=True, kw_only=True)
class RestoreManyPlan(Plan):
    """Which backups would be restored. `choices` are for each of them (their `path` is not used); `unreadable` are no backups.

    `versions` are those of the administrations that are here now; `workers` how many check backups side by side, or the address of a
    Dask scheduler.
    """

    choices: RestoreChoices
    backups: tuple[FoundBackup, ...]
    unreadable: tuple[RestoreResult, ...]
    versions: Mapping[AdministrationNumber, int]
    workers: int | str | None = None

    @property
    def bytes(self) -> int:
        """How large the images are, together."""
        return sum(one.manifest.image.size for one in self.backups)

    def inputs(self) -> dict[str, Any]:
        """What the manifests say of the files, and what is here under their numbers."""
        found = [(int(one.number), one.manifest.payload.sha256, one.manifest.signer.key.thumbprint) for one in self.backups]
        return {
            "backups": [[*one, self.versions.get(AdministrationNumber(one[0]))] for one in found],
            "replace": self.choices.replace,
            "signer": self.choices.signer,
        }

    def _workers(self, office: Office) -> AbstractContextManager[Workers[Office]]:
        return jobs.workers(office, self.workers or default_workers(len(self.backups)), reads=[one.path for one in self.backups])

    def check(self, office: Office, progress: Progress = no_progress) -> tuple[RestoreResult, ...]:
        """Check every backup and find its obstacles, changing nothing. Raises `Stopped`."""
        done, total, checked = 0, self.bytes, []
        with workdir(office) as work, self._workers(office) as at_work:
            choices = [replace(self.choices, path=one.path) for one in self.backups]
            each = zip(choices, forbidden_tokens(office, self.backups), strict=True)
            for one, (_, future) in zip(self.backups, at_work.each(check_only, each, work), strict=True):
                checked.append(_result_or_error(future))
                done += one.manifest.image.size
                progress(done, total)
        results = []
        with office.session() as session:
            readable = [one for one in checked if isinstance(one, CheckedBackup)]
            present = iter(list_present(session, readable))
            for one, found in zip(self.backups, checked, strict=True):
                if isinstance(found, AccountoolsError):
                    results.append(RestoreResult.of_error(one.path, one.number, found))
                else:
                    planned = plan_checked(session, RESTORE, replace(self.choices, path=one.path), found, next(present))
                    blocked = any(obstacle.blocking for obstacle in planned.obstacles)
                    name = found.extract.client.name if found.extract.client else found.extract.description
                    results.append(RestoreResult(one.path, one.number, planned.obstacles, refused=blocked, name=name))
        return (*self.unreadable, *results)

    def execute(self, office: Office, progress: Progress) -> RestoreOutcome:
        """Restore those that can be. When it is stopped, or the machine fails, the rest is not tried: the outcome says what was done."""
        with workdir(office) as work, self._workers(office) as at_work:
            return _Restoring(self, at_work, work, progress).outcome()


def plan_restore_many(
    office: Office, source: Path | Sequence[Path], choices: RestoreChoices, *, workers: int | str | None = None
) -> RestoreManyPlan:
    """Plan restoring the newest backup of each administration among these files or in this folder, by their signed manifests.

    Raises `file-not-found` for a folder that isn't there.
    """
    found, unreadable = find_backups(source)
    with office.session() as session:
        chosen = newest_of_each(session, found, choices.signer)
        present = administrations.list_all(session.connection, [one.number for one in chosen])
    return RestoreManyPlan(
        accepted=choices.accepted,
        choices=choices,
        backups=tuple(chosen),
        unreadable=unreadable,
        versions={one.number: one.version for one in present},
        workers=workers,
    )


def forbidden_tokens(office: Office, backups: Iterable[FoundBackup]) -> list[tuple[str, ...]]:
    """The licences that are looked for in each of these backups: jobs leave the register to who hands them out."""
    with office.session() as session:
        return [forbidden_in(session, one.manifest) for one in backups]


def check_only(office: Office, chosen: tuple[RestoreChoices, tuple[str, ...]], work: Path) -> CheckedBackup:
    """A job: check a backup, leaving nothing of it, and look for these licences in it. `work` is the workdir of who hands it out."""
    choices, tokens = chosen
    further = partial(room_to_replace, office, choices)
    with job_folder(work) as folder:
        return check_backup(choices.path, folder / "image.sqlite", choices.unlock, further=further, forbidden=lambda _: tokens)


def prepare_books(office: Office, work: Path, choices: RestoreChoices, tokens: tuple[str, ...]) -> tuple[CheckedBackup, PreparedBooks]:
    """A job: check a backup, look for `tokens` in it, and make books of it that are nobody's yet."""
    further = partial(room_to_replace, office, choices)
    with job_folder(work) as folder:
        image = folder / "image.sqlite"
        checked = check_backup(choices.path, image, choices.unlock, adopting=True, further=further, forbidden=lambda _: tokens)
        return checked, office.engine.adopt_books(image, checked.extract.number)


def _result_or_error(future: "Future[CheckedBackup]") -> CheckedBackup | AccountoolsError:
    try:
        return future.result()
    except _FATAL:
        raise
    except AccountoolsError as error:
        return error


_Group = list[tuple[FoundBackup, Future[tuple[CheckedBackup, PreparedBooks]]]]  # backups that are placed together, and their jobs


class _Restoring:
    """One run of `RestoreManyPlan.execute`: how far it is."""

    def __init__(self, plan: RestoreManyPlan, at_work: Workers[Office], work: Path, progress: Progress) -> None:
        self._office, self._plan, self._workers, self._work, self._progress = at_work.office, plan, at_work, work, progress
        self._done, self._total = 0, plan.bytes
        self._handed_over = set[PreparedBooks]()  # the engine removes them: after a failure `repair` knows the books by these names

    def outcome(self) -> RestoreOutcome:
        """Restore all, to the end, or to where it is stopped or the machine fails. Raises for a broken office what breaks it."""
        results = list(self._plan.unreadable)
        begun: deque[_Group] = deque()
        backups, inline = self._plan.backups, self._workers.executor is None
        try:
            for start in range(0, len(backups) + _GROUP, _GROUP):
                items = backups[start : start + _GROUP]
                if items:
                    tokens = forbidden_tokens(self._office, items)
                    jobs_of_group = [
                        self._workers.submit(prepare_books, self._work, replace(self._plan.choices, path=one.path), tokens_of_one)
                        for one, tokens_of_one in zip(items, tokens, strict=True)
                    ]
                    begun.append(list(zip(items, jobs_of_group, strict=True)))
                while begun and (inline or not items or len(begun) > 1):
                    results.extend(self._finish(begun[0]))  # what was restored before a failure too
                    self._discard(begun.popleft())
        except _FATAL as error:
            worker_lost = isinstance(error, BrokenExecutor)
            return RestoreOutcome(tuple(results), MachineFailed("machine-failed", what=str(error)) if worker_lost else error)
        finally:
            for group in begun:
                self._discard(group)
        return RestoreOutcome(tuple(results))

    def _finish(self, group: _Group) -> Iterator[RestoreResult]:
        """Wait for the jobs, and place what they made."""
        checked: dict[AdministrationNumber, CheckedBackup] = {}
        prepared: dict[AdministrationNumber, PreparedBooks] = {}
        for one, future in group:
            try:
                found, prepared[one.number] = future.result()
            except _FATAL:
                raise
            except AccountoolsError as error:
                yield RestoreResult.of_error(one.path, one.number, error)
                continue
            if found.manifest == one.manifest:
                checked[one.number] = found
            else:
                yield RestoreResult.of_error(one.path, one.number, Refused("changed-meanwhile", what=one.path.name))
            self._done += one.manifest.image.size
            self._progress(self._done, self._total)
        paths = {one.number: one.path for one, _ in group}
        replacing = [number for number in checked if self._plan.choices.replace and self._office.engine.has_books(number)]
        adding = {number: one for number, one in checked.items() if number not in replacing}
        try:
            yield from self._add(adding, paths, {number: prepared[number] for number in adding})
        except _FATAL:
            raise
        except AccountoolsError as error:  # none of these was placed: it says nothing of those before and after
            yield from (RestoreResult.of_error(paths[number], number, error) for number in adding)
        for number in replacing:
            yield self._replace(checked[number], paths[number], prepared[number])

    def _add(
        self,
        checked: Mapping[AdministrationNumber, CheckedBackup],
        paths: Mapping[AdministrationNumber, Path],
        prepared: Mapping[AdministrationNumber, PreparedBooks],
    ) -> list[RestoreResult]:
        """Place, in one transaction, those whose books aren't here and that have no obstacle."""
        results, placements, engine = list[RestoreResult](), list[Placement](), self._office.engine
        self._handed_over.update(prepared.values())
        with engine.publishing_books(prepared, self._work.name) as connection:
            session = Session(self._office, connection)
            present = list_present(session, list(checked.values()))
            for (number, one), here in zip(checked.items(), present, strict=True):
                now, refused = self._plan_again(session, one, paths[number], here)
                results.append(refused or RestoreResult(paths[number], number, now.obstacles, restored=True))
                if refused is None:
                    placements.append(replace(now.placement(), books=engine.prepared_identity(prepared[number])))
                    save_signer(session, placements[-1])  # the next backup may be another's
            session.record(*place_extracts(session, placements))
            engine.publish_books({one.number: prepared[one.number] for one in placements}, keep_aside=True)
        return results

    def _replace(self, checked: CheckedBackup, path: Path, prepared: PreparedBooks) -> RestoreResult:
        """Place one, in place of the books that are here, once a safety copy of them was made."""
        try:
            with self._office.session() as session:
                now, refused = self._plan_again(session, checked, path, list_present(session, [checked])[0])
            if refused is not None:
                return refused
            placement = save_replaced(self._office, now)
            self._handed_over.add(prepared)
            kept = place(self._office, placement, prepared, self._work.name)
        except _FATAL:
            raise
        except AccountoolsError as error:
            return RestoreResult.of_error(path, checked.extract.number, error)
        return RestoreResult(path, now.number, (*now.obstacles, *kept), restored=True)

    def _plan_again(
        self, session: Session, checked: CheckedBackup, path: Path, present: Present
    ) -> tuple[RestorePlan, RestoreResult | None]:
        """The plan of one on what `session` sees, and why it is refused, if it is."""
        plan, number = self._plan, checked.extract.number
        now = plan_checked(session, RESTORE, replace(plan.choices, path=path), checked, present)
        if now.present.version != plan.versions.get(number):
            return now, RestoreResult.of_error(path, number, Refused("changed-meanwhile", what=number))
        if first_unresolved(now.obstacles, now.accepted) is not None:
            return now, RestoreResult(path, number, now.obstacles, refused=True)
        return now, None

    def _discard(self, group: _Group) -> None:
        """Remove what was prepared of a group and not handed to the engine."""
        futures = [future for _, future in group]
        for future in futures:
            future.cancel()
        wait(futures)
        for future in futures:
            if not future.cancelled() and future.exception() is None and future.result()[1] not in self._handed_over:
                self._office.engine.discard_books(future.result()[1])
