"""Long work on the screen: what is being done, a bar where it is known how far, and *Afbreken*; and that it was stopped."""

from html import escape

import ipywidgets

from accountools.forms import parts
from accountools.forms.parts import Callbacks
from accountools.forms.style import line
from accountools.forms.working import WorkingForm


class WorkingView:
    """A panel that is seen while the form works, and after it was stopped."""

    def __init__(self, form: WorkingForm, callbacks: Callbacks, doing: str) -> None:
        self._form, self._doing, _ = form, doing, form.texts
        self._said = parts.html()
        self._bar = ipywidgets.FloatProgress(min=0, max=1, layout={"width": "auto"})
        self._stop = callbacks.press(parts.button(_("Stop")), form.stop)
        self.widget = parts.column(self._said, self._bar, parts.row(self._stop, kinds=("at-row",)), kinds=("at-panel", "at-missing"))

    def refresh(self) -> None:
        """Show how far it is."""
        form, _ = self._form, self._form.texts
        parts.show(self.widget, form.busy or form.stopped)
        parts.show(self._stop, form.busy)
        parts.show(self._bar, form.busy and bool(form.far[1]))
        self._stop.disabled = form.stopping
        self._bar.value = form.far[0] / form.far[1] if form.far[1] else 0.0
        if form.busy:
            self._said.value = f"<p><b>{escape(_('Stopping; one moment, please') if form.stopping else self._doing)}</b></p>"
        elif form.stopped:
            self._said.value = line(_("Stopped: nothing was done or changed."))
