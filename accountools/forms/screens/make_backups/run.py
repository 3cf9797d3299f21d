"""A run of backups: what was, is being done, how far it is, how long it takes, the outcome as text. Knows no thread and no widget."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.delivery import Deliveries, Passphrases
from accountools.forms.kit.form import Form
from accountools.forms.kit.jobs import seconds_remaining
from accountools.operations.backups.make_backups import BackupPlan, make_backups
from accountools.operations.backups.register_backup import RegisterBackupPlan
from accountools.operations.errors import translate_error
from accountools.operations.progress import Progress, Stopped
from accountools.operations.session import Office
from accountools.reports.letter import Lock
from accountools.storage.register.backups import BackupRecord
from accountools.texts import Texts

OFTEN = 0.4  # seconds between two reports of the progress
Waiting = tuple[AdministrationNumber | None, str, int]  # number (None: the office itself), what it is called, bytes


@dataclass(frozen=True)
class Result:
    """The result of one: `made`, or `refused` and why, or what `stopped` the run.

    Of one that was made, what opens it (`lock`), and the client's `letter` if its passphrase is in it, or why that is `unwritten`.
    """

    number: AdministrationNumber | None
    name: str
    bytes: int = 0
    made: BackupRecord | None = None
    refused: tuple[Obstacle, ...] = ()
    stopped: Exception | None = None
    lock: Lock = "plain"
    letter: Path | None = None
    unwritten: Exception | None = None


class Run:
    """One run. `step` makes the next; `stop` works at once. What was made stays, of the one that was being made nothing exists.

    `listener` is called now and then while one is being made.
    """

    def __init__(
        self, waiting: tuple[Waiting, ...], steps: Callable[[Progress], Generator[Result]], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.waiting = waiting
        self.results: list[Result] = []
        self.stopping = self.over = False
        self.steps = steps(self.report)
        self.listener: Callable[[], object] = lambda: None
        self._progress, self._reported_at = (0, 0), 0.0
        self._seconds = seconds
        self._began = seconds()

    def step(self) -> bool:
        """Make the next one; False when there is none, or when it was stopped. What is made by then is still given."""
        try:
            result = next(self.steps, None)
        except Stopped:
            result = None
        if result is None:
            self.steps.close()
            self.over = True
            return False
        self.results.append(result)
        return True

    def stop(self) -> None:
        """Abandon the one that is being made, and begin with none after it."""
        self.stopping = True

    def report(self, done: int, total: int) -> None:
        """Note how many bytes are done, of how many. Raises `Stopped` when it was stopped."""
        if self.stopping:
            raise Stopped
        self._progress = done, total
        if time.monotonic() - self._reported_at > OFTEN:
            self._reported_at = time.monotonic()
            self.listener()

    @property
    def made(self) -> tuple[Result, ...]:
        """Those that were made."""
        return tuple(one for one in self.results if one.made is not None)

    @property
    def refused(self) -> tuple[Result, ...]:
        """Those that were refused."""
        return tuple(one for one in self.results if one.refused)

    @property
    def failure(self) -> Exception | None:
        """What stopped the run, when the machine failed."""
        return next((one.stopped for one in self.results if one.stopped is not None), None)

    def raise_unwritten(self) -> None:
        """Raise why a letter couldn't be written, which ended the run too; else do nothing."""
        for one in self.results:
            if one.unwritten is not None:
                raise one.unwritten

    @property
    def rest(self) -> tuple[Waiting, ...]:
        """Those that are not made yet: the first of them is being made, unless the run is over."""
        done = {one.number for one in self.results if one.stopped is None}
        return tuple(one for one in self.waiting if one[0] not in done)

    @property
    def bytes(self) -> tuple[int, int]:
        """How many bytes of books were done, and how many there are; of what is being made those that are written."""
        total = sum(size for _, _, size in self.waiting)
        left = sum(size for _, _, size in self.rest)
        refused = sum(one.bytes for one in self.refused)
        return max(total - left, min(self._progress[0] + refused, total)), total

    @property
    def checking(self) -> bool:
        """Whether all that is being made is written, and is being checked."""
        done, total = self._progress
        return not self.over and 0 < total == done

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes, by how long it took until now; None when that isn't known yet."""
        return seconds_remaining(*self.bytes, self._seconds() - self._began)


def run_of(office: Office, plan: BackupPlan, lock: Lock, texts: Texts, passphrases: Passphrases) -> Run:
    """The run of a plan for administrations; a letter with a generated passphrase is written as soon as its backup is made.

    If it can't be, the passphrase stays in `passphrases`, and no further backup is begun.
    """
    own_passphrases = plan.target.own_passphrases or {}

    def write_letter(made: BackupRecord, number: AdministrationNumber) -> Path | None:
        passphrases.pop(number, None)  # of one that was made before
        if number not in own_passphrases:
            return None
        passphrases[number] = own_passphrases[number]
        delivered = Deliveries.list_for(office, [(made, lock)], passphrases)
        return None if delivered is None else delivered.write_letter(texts)

    def results(report: Progress) -> Generator[Result]:
        unwritten: Exception | None = None

        def report_on(done: int, total: int) -> None:
            if unwritten is not None:
                raise Stopped
            report(done, total)

        report(0, 0)  # it may be stopped before it is begun
        with closing(make_backups(office, plan, report_on)) as made:
            for one in made:
                item = one.item
                result = Result(item.number, item.description, item.bytes, one.made, one.refused, one.stopped, lock)
                try:
                    result = result if one.made is None else replace(result, letter=write_letter(one.made, item.number))
                except Exception as error:  # the backup is made all the same
                    unwritten = error
                    result = replace(result, unwritten=error)
                yield result

    return Run(tuple((item.number, item.description, item.bytes) for item in plan.items), results)


def run_of_register(office: Office, plan: RegisterBackupPlan, name: str) -> Run:
    """The run of a plan for the office itself."""

    def results(report: Progress) -> Generator[Result]:
        report(0, 0)  # it may be stopped before it is begun
        for one in plan.apply(office).made:
            yield Result(None, name, made=one)

    return Run(((None, name, 0),), results)


def describe_run(form: Form, run: Run) -> Iterator[str]:
    """A line for each, then the summary."""
    for one in run.results:
        yield f"{label(one)}: {describe_result(form, one)}"
    yield describe_counts(form, run)


def label(one: Result) -> str:
    """What a result is of: number and description."""
    return one.name if one.number is None else f"{one.number} {one.name}"


def describe_result(form: Form, one: Result) -> str:
    """The result of one."""
    _ = form.texts
    if one.made is not None:
        return _("made and tested with a test restore") if one.made.rehearsed else _("made")
    if one.stopped is not None:
        return _.sentence(translate_error(one.stopped).reason)
    return " ".join(form.describe(each) for each in one.refused if each.blocking)


def describe_counts(form: Form, run: Run) -> str:
    """How many were made, refused, and not made."""
    counts = {"made": len(run.made), "refused": len(run.refused), "rest": len(run.rest)}
    return form.texts("{made} made, {refused} refused, {rest} not made", **counts)
