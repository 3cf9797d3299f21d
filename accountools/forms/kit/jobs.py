"""Where long work is done: at once, in the one thread there is, or in a thread of its own so that the page stays alive."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from accountools.forms.kit.form import step_of_form
from accountools.forms.kit.step_form import StepForm
from accountools.forms.kit.wizard import Wizard
from accountools.operations.progress import Progress, Stopped
from accountools.operations.session import Office
from accountools.texts import Texts

OFTEN = 0.3  # seconds between two looks at how far it is
_ENOUGH = 20  # when a twentieth is done one can tell how long the rest takes
Job = Callable[[], object]
Start = Callable[[Job], None]
T = TypeVar("T")


def at_once(job: Job) -> None:
    """Do it here and now, and come back when it is done."""
    job()


def in_a_thread(job: Job) -> None:
    """Do it in a thread, which ends with the program: what it was cut off at is settled the next time the office is opened."""
    threading.Thread(target=job, name="accountools", daemon=True).start()


def again_after(seconds: Iterable[float], job: Job) -> None:
    """Do it after each of so many seconds, in threads that end with the program."""
    for pause in seconds:
        timer = threading.Timer(pause, job)
        timer.daemon = True
        timer.start()


class WorkingForm(StepForm):
    """A form with long work. `start` says where that is done, `busy` whether it is being done.

    `far` is how far it is (bytes done, and in all; nothing when that isn't known); `stopping` that it was asked to stop, `stopped` that it
    did, with nothing done.
    """

    def __init__(self, office: Office, wizard: Wizard, texts: Texts | None, start: Start) -> None:
        super().__init__(office, wizard, texts)
        self.start, self.busy = start, False
        self.stopping = self.stopped = False
        self.far: tuple[int, int] = (0, 0)
        self._lock = threading.RLock()
        self._at_hand: object = None
        self._free, self._told_at, self._began_at = False, 0.0, 0.0

    def changed(self) -> None:
        """Derive the states anew and tell the listeners; the thread that works and the one that listens take turns."""
        with self._lock:
            super().changed()

    def work_on(self, step: str, job: Callable[[], T], then: Callable[[T], object], *, free: bool = False) -> bool:
        """Do long work of a step: `then` takes what it gives. Gives False when it is there by now and failed.

        `free` work changes nothing: when it is stopped it is let go of at once, and what it still gives is not taken.
        """
        self.busy, self._free, self._at_hand = True, free, (work := object())
        self.stopping, self.stopped, self.far, self._began_at = False, False, (0, 0), time.monotonic()
        self.failed = False
        self.work(step)
        told: list[bool] = []
        self.start(lambda: told.append(self._guarded(work, job, then)))
        return told != [False]

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes, by how long it took until now; None when that can't be told yet."""
        return left_by(*self.far, time.monotonic() - self._began_at)

    def hook(self) -> Progress:
        """What the work that is begun now tells how far it is. It raises `Stopped` when that was asked to stop, or was let go of."""
        work = self._at_hand

        def watch(done: int, total: int) -> None:
            if self.stopping or work is None or work is not self._at_hand:
                raise Stopped
            self.far = (done, total)
            if time.monotonic() - self._told_at > OFTEN:
                self._told_at = time.monotonic()
                self.changed()

        return watch

    @step_of_form
    def stop(self) -> bool:
        """*Afbreken*: nothing is done; what can't be left at once ends where nothing is half done."""
        with self._lock:
            if not self.busy or self.stopping:
                return False
            self.stopping = True
            if self._free:
                self._ends(stopped=True)
            return True

    def _ends(self, *, stopped: bool) -> None:
        self.busy, self.stopping, self.stopped, self._at_hand = False, False, stopped, None

    def _guarded(self, work: object, job: Callable[[], T], then: Callable[[T], object]) -> bool:
        given, failure = _tried(job)
        with self._lock:
            if work is not self._at_hand:
                return False
            self._ends(stopped=isinstance(failure, Stopped))
            self.failed = failure is not None and not self.stopped
            done = not self.stopped and self.feedback.run(lambda: _take(given, failure, then))
        self.changed()
        return done


def left_by(done: int, total: int, seconds: float) -> float | None:
    """How many seconds the rest takes when `done` of `total` took so many; None when too little is done yet to tell, or nothing is left."""
    return seconds / done * (total - done) if 0 < total <= done * _ENOUGH < total * _ENOUGH else None


def _tried(job: Callable[[], T]) -> tuple[list[T], Exception | None]:
    try:
        return [job()], None
    except Exception as error:  # told by who takes it
        return [], error


def _take(given: list[T], failure: Exception | None, then: Callable[[T], object]) -> None:
    if failure is not None:
        raise failure
    then(given[0])
