"""Long work on the screen: what is being done, how far it is and how long it still takes, and *Afbreken*; and that it was stopped."""

from collections.abc import Callable
from html import escape

import ipywidgets

from accountools.forms.kit import widgets
from accountools.forms.kit.jobs import WorkingForm
from accountools.forms.kit.measures import how_long, size
from accountools.forms.kit.style import line
from accountools.forms.kit.widgets import Callbacks
from accountools.texts import Texts


class Bar:
    """What is being done, a bar, and the button that stops it; each form with long work has it."""

    def __init__(self, callbacks: Callbacks, texts: Texts, stop: Callable[[], object]) -> None:
        self._texts = texts
        self._doing = widgets.html()
        self._bar = ipywidgets.FloatProgress(min=0, max=1, layout={"width": "auto"})
        self._stop = callbacks.press(widgets.button(texts("Stop")), stop)
        self.widget = widgets.column(self._doing, self._bar, widgets.row(self._stop, kinds=("at-row",)), kinds=("at-panel", "at-missing"))

    def show(self, doing: str, far: tuple[int, int], left: float | None, *, stopping: bool, counted: str = "") -> None:
        """Show that. `far` are the bytes done and in all (no bar as long as nothing is known of them), `left` seconds."""
        _, (done, total) = self._texts, far
        told = _("{done} of {total}", done=size(done, _) if done else "0", total=size(total, _)) if total else ""
        still = _("still {time}", time=how_long(left, _)) if left is not None else ""
        self._doing.value = f"<p><b>{escape(doing)}</b></p>{line(' · '.join(filter(None, (counted, told, still))), 'at-quiet')}"
        self._bar.value = done / total if total else 0.0
        self._stop.disabled = stopping
        self._show_parts(bar=bool(total))

    def say(self, text: str) -> None:
        """Say how it ended, in place of the bar."""
        self._doing.value = line(text)
        self._show_parts(bar=False, stop=False)

    def _show_parts(self, *, bar: bool, stop: bool = True) -> None:
        widgets.show(self._bar, bar)
        widgets.show(self._stop, stop)


class WorkingView:
    """A panel that is seen while the form works, and after it was stopped. `last` is what is done when all bytes are."""

    def __init__(self, form: WorkingForm, callbacks: Callbacks, doing: str, last: str = "") -> None:
        self._form, self._doing, self._last = form, doing, last or doing
        self._bar = Bar(callbacks, form.texts, form.stop)
        self.widget = self._bar.widget

    def refresh(self) -> None:
        """Show how far it is."""
        form, _ = self._form, self._form.texts
        widgets.show(self.widget, form.busy or form.stopped)
        if form.busy:
            written = bool(form.far[1]) and form.far[0] == form.far[1]
            doing = _("Stopping; one moment, please") if form.stopping else self._last if written else self._doing
            self._bar.show(doing, form.far, form.seconds_left, stopping=form.stopping)
        elif form.stopped:
            self._bar.say(_("Stopped: nothing was done or changed."))
