"""Long work of a form: done at once, or in a thread of its own so that the page stays alive; and its bar on the screen, with *Afbreken*."""

import threading
import time
from collections.abc import Callable
from html import escape
from typing import TypeVar

import ipywidgets

from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import describe_size, describe_time
from accountools.forms.kit.form import Form, guarded
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.wizard import Wizard
from accountools.operations.progress import Progress, Stopped
from accountools.operations.session import Office
from accountools.texts import Texts

OFTEN = 0.3  # seconds between two reports of the progress
_ENOUGH = 20  # when a twentieth is done one can tell how long the rest takes
Job = Callable[[], object]
Start = Callable[[Job], None]
T = TypeVar("T")


def run_now(job: Job) -> None:
    """Do it here and now, and come back when it is done."""
    job()


def run_in_thread(job: Job) -> None:
    """Do it in a thread, which ends with the program: what was interrupted is settled the next time the office is opened."""
    threading.Thread(target=job, name="accountools", daemon=True).start()


class JobForm(Form):
    """A form with long work. `start` runs a job here or in a thread, `busy` is whether one runs.

    `bytes_done` are the bytes done, and in all (zero when that isn't known); `stopping` that it was asked to stop, `stopped` that it did,
    with nothing done.
    """

    def __init__(self, office: Office, wizard: Wizard, texts: Texts | None, start: Start) -> None:
        super().__init__(office, wizard, texts)
        self.start, self.busy = start, False
        self.stopping = self.stopped = False
        self.bytes_done: tuple[int, int] = (0, 0)
        self._lock = threading.RLock()
        self._running: object = None
        self._harmless, self._reported_at, self.began_at = False, 0.0, 0.0

    def changed(self) -> None:
        """Derive the states anew and notify the listeners; the thread that works and the one that listens take turns."""
        with self._lock:
            super().changed()

    def run_job(self, step: str, job: Callable[[], T], then: Callable[[T], object], *, harmless: bool = False) -> bool:
        """Do long work of a step, or of none (""): `then` gets its result. Gives False when it is there by now and failed.

        A `harmless` job changes nothing: when it is stopped it is abandoned at once, and its result is not used.
        """
        self.busy, self._harmless, self._running = True, harmless, (running := object())
        self.stopping, self.stopped, self.bytes_done, self.began_at = False, False, (0, 0), time.monotonic()
        self.failed = False
        self.show_working(step)
        done: list[bool] = []

        def run() -> None:
            result: list[T] = []
            failure: BaseException | None = None
            try:
                result.append(job())
            except BaseException as error:  # raised again under the guard
                failure = error
            with self._lock:
                if running is not self._running:
                    done.append(False)
                    return
                self._finish(stopped=isinstance(failure, Stopped))
                self.failed = bool(step) and failure is not None and not self.stopped

                def use() -> None:
                    if failure is not None:
                        raise failure
                    then(result[0])

                try:
                    done.append(not self.stopped and self.feedback.run(use))
                finally:
                    self.changed()

        self.start(run)
        return done != [False]

    def progress_hook(self) -> Progress:
        """What the job that begins now reports its progress to. It raises `Stopped` when the job was asked to stop, or was abandoned."""
        running = self._running

        def report(done: int, total: int) -> None:
            if self.stopping or running is None or running is not self._running:
                raise Stopped
            self.bytes_done = (done, total)
            if time.monotonic() - self._reported_at > OFTEN:
                self._reported_at = time.monotonic()
                self.changed()

        return report

    @property
    def working(self) -> bool:
        """Whether a job runs, with or without a step of its own."""
        return self.busy or super().working

    @property
    def can_leave(self) -> bool:
        """Whether nothing is at work that can't be abandoned."""
        return not self.busy or self._harmless

    def abandon(self) -> bool:
        """Abandon what is at work, if that changes nothing; whether nothing is at work any more."""
        with self._lock:
            if not self.can_leave:
                return False
            self._finish(stopped=False)
            return True

    @guarded
    def stop(self) -> bool:
        """*Afbreken*: nothing is done; what can't be left at once ends where nothing is half done."""
        with self._lock:
            if not self.busy or self.stopping:
                return False
            self.stopping = True
            if self._harmless:
                self._finish(stopped=True)
            return True

    def _finish(self, *, stopped: bool) -> None:
        self.busy, self.stopping, self.stopped, self._running = False, False, stopped, None


def seconds_remaining(done: int, total: int, seconds: float) -> float | None:
    """How many seconds the rest takes when `done` of `total` took so many; None when too little is done yet, or nothing is left."""
    return seconds / done * (total - done) if 0 < total <= done * _ENOUGH < total * _ENOUGH else None


class ProgressBar:
    """What is being done, a bar, and the button that stops it."""

    def __init__(self, callbacks: widgets.Callbacks, texts: Texts, stop: Callable[[], object]) -> None:
        self._texts = texts
        self._text = widgets.html()
        self._bar = ipywidgets.FloatProgress(min=0, max=1, layout={"width": "auto"})
        self._stop = callbacks.press(widgets.button(texts("Stop")), stop)
        self.widget = widgets.column(self._text, self._bar, widgets.row(self._stop, kinds=("at-row",)), kinds=("at-panel", "at-missing"))

    def show(
        self,
        doing: str,
        bytes_done: tuple[int, int],
        seconds_left: float | None,
        *,
        stopping: bool,
        counted: str = "",
        files: bool = False,
    ) -> None:
        """Show that: the bytes (or `files`) done and in all (no bar as long as nothing is known of them), and the seconds left."""
        _, (done, total) = self._texts, bytes_done
        texts = [str(one) if files or not one else describe_size(one, _) for one in bytes_done]
        size = _("{done} of {total}", done=texts[0], total=texts[1]) if total else ""
        time_left = _("{time} left", time=describe_time(seconds_left, _)) if seconds_left is not None else ""
        details = " · ".join(filter(None, (counted, size, time_left)))
        self._text.value = f"<p><b>{escape(doing)}</b></p>{paragraph(details, 'at-quiet')}"
        self._bar.value = done / total if total else 0.0
        self._stop.disabled = stopping
        widgets.show(self._bar, bool(total))
        widgets.show(self._stop, visible=True)

    def show_end(self, text: str) -> None:
        """Show how it ended, in place of the bar."""
        self._text.value = paragraph(text)
        widgets.show(self._bar, visible=False)
        widgets.show(self._stop, visible=False)


class JobView:
    """A panel that is seen while the form works, and after it was stopped. `last` is what is done when all bytes are.

    With `files` its progress is counted in files. `stopped` says what is so after it was stopped, of work of which something stays.
    """

    def __init__(
        self, form: JobForm, callbacks: widgets.Callbacks, doing: str, last: str = "", *, files: bool = False, stopped: str = ""
    ) -> None:
        self._form, self._doing, self._last, self._files = form, doing, last or doing, files
        self._stopped = stopped or form.texts("Stopped: nothing was done or changed.")
        self._bar = ProgressBar(callbacks, form.texts, form.stop)
        self.widget = self._bar.widget

    def refresh(self) -> None:
        """Show how far it is."""
        form, _ = self._form, self._form.texts
        widgets.show(self.widget, form.busy or form.stopped)
        if form.busy:
            written = bool(form.bytes_done[1]) and form.bytes_done[0] == form.bytes_done[1]
            doing = _("Stopping; one moment, please") if form.stopping else self._last if written else self._doing
            seconds_left = seconds_remaining(*form.bytes_done, time.monotonic() - form.began_at)
            self._bar.show(doing, form.bytes_done, seconds_left, stopping=form.stopping, files=self._files)
        elif form.stopped:
            self._bar.show_end(self._stopped)
