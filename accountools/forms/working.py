"""Where long work is done: at once, in the one thread there is, or in a thread of its own so that the page stays alive."""

import threading
from collections.abc import Callable

from accountools.forms.form import Form
from accountools.forms.wizard import Wizard
from accountools.operations.office import Office
from accountools.texts import Texts

Job = Callable[[], object]
Start = Callable[[Job], None]


def at_once(job: Job) -> None:
    """Do it here and now, and come back when it is done."""
    job()


def in_a_thread(job: Job) -> None:
    """Do it in a thread, which ends with the program: what it was cut off at is settled the next time the office is opened."""
    threading.Thread(target=job, name="accountools", daemon=True).start()


class WorkingForm(Form):
    """A form with long work. `start` says where that is done, `busy` whether it is being done."""

    def __init__(self, office: Office, wizard: Wizard, texts: Texts | None, start: Start) -> None:
        super().__init__(office, wizard, texts)
        self.start, self.busy = start, False
        self._lock = threading.RLock()

    def changed(self) -> None:
        """Derive the states anew and tell the listeners; the thread that works and the one that listens take turns."""
        with self._lock:
            super().changed()

    def work_on(self, step: str, job: Job) -> bool:
        """Do long work of a step, and tell when it is there. Gives False when it is there by then and failed."""
        self.busy = True
        self.work(step)
        told: list[bool] = []
        self.start(lambda: told.append(self._guarded(job)))
        return told != [False]

    def _guarded(self, job: Job) -> bool:
        done = self.feedback.run(job)
        self.busy = False
        self.changed()
        return done
