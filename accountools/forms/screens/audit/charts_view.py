"""The audit's two pictures above the table, with what they show in words. They are drawn aside: the table doesn't wait for them."""

from collections.abc import Sequence
from html import escape
from threading import RLock

from accountools.forms.kit import widgets
from accountools.forms.kit.jobs import Start, again_after
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.audit.form import AuditForm
from accountools.reports.audit import Audit
from accountools.texts import Texts

# A page that opens asks for all values and only then begins to listen: what changes in between never reaches it, so it is said again.
_AGAIN = (1, 3, 9)  # seconds


class PicturesView:
    """The pictures of the audit that the form has found; `start` says where they are drawn."""

    def __init__(self, form: AuditForm, callbacks: Callbacks, start: Start) -> None:
        self._form, self._callbacks, self._start = form, callbacks, start
        self._drawn: Audit | None = None
        self._lock = RLock()
        self._places = (widgets.html("", "at-picture"), widgets.html("", "at-picture"))
        self.widget = widgets.row(*self._places, kinds=("at-pictures",))

    def refresh(self) -> None:
        """Show what the form says now."""
        if self._drawn is not self._form.found:
            self._drawn = self._form.found
            self._start(lambda: self._callbacks.run(lambda: self._draw(self._form.found)))

    def _draw(self, found: Audit) -> None:
        from accountools.reports.audit_papers import coverage_svg, expiry_svg
        from accountools.reports.audit_texts import coverage_words, expiry_words

        _ = self._form.texts
        with self._lock:
            shown = (
                _shown(coverage_svg(found, _, "months"), coverage_words(found.history(), _), _),
                _shown(expiry_svg(found, _, "expiry"), expiry_words(found, _), _),
            )
            if found is self._form.found:  # else what was found since is drawn already, or will be
                for place, html in zip(self._places, shown, strict=True):
                    place.value = html
                again_after(_AGAIN, self._send)

    def _send(self) -> None:
        for place in self._places:
            place.send_state("value")


def _shown(svg: str, words: Sequence[str], _: Texts) -> str:
    """A picture with the first of its sentences beneath it; the others open."""
    more = "".join(f"<li>{escape(text)}</li>" for text in words[1:])
    rest = f"<details><summary>{escape(_('All numbers in words'))}</summary><ul>{more}</ul></details>" if more else ""
    return f'{svg}<p class="at-quiet">{escape(words[0])}</p>{rest}'
