"""The audit's two pictures above the table, with what they show as text. They are drawn aside: the table doesn't wait for them."""

from collections.abc import Sequence
from html import escape
from threading import RLock
from typing import Any

import anywidget
import traitlets

from accountools.forms.kit import widgets
from accountools.forms.kit.jobs import Start
from accountools.forms.kit.style import STATIC
from accountools.forms.screens.audit.form import AuditForm
from accountools.reports.audit import Audit
from accountools.texts import Texts


class Picture(anywidget.AnyWidget):
    """Some HTML that is made in another thread.

    A page asks for the state of all widgets, and listens to them only after that: what changes in between doesn't reach it. So the
    picture is sent when the page says that it listens.
    """

    _esm = (STATIC / "picture.js").read_text("utf-8")
    html = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("at-picture")
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and content.get("ready") and self.html:
            self.send_state("html")


class PicturesView:
    """The pictures of the audit that the form holds; `start` says where they are drawn."""

    def __init__(self, form: AuditForm, callbacks: widgets.Callbacks, start: Start) -> None:
        self._form, self._callbacks, self._start = form, callbacks, start
        self._drawn: Audit | None = None
        self._lock = RLock()
        self._pictures = (Picture(), Picture())
        self.widget = widgets.row(*self._pictures, kinds=("at-pictures",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        if self._drawn is not self._form.audit:
            self._drawn = self._form.audit
            self._start(lambda: self._callbacks.run(lambda: self._draw(self._form.audit)))

    def _draw(self, audit: Audit) -> None:
        from accountools.reports.audit_papers import coverage_svg, expiry_svg
        from accountools.reports.audit_texts import coverage_words, expiry_words

        _ = self._form.texts
        with self._lock:
            coverage = _with_words(coverage_svg(audit, _, "months"), coverage_words(audit.history(), _), _)
            expiry = _with_words(expiry_svg(audit, _, "expiry"), expiry_words(audit, _), _)
            if audit is self._form.audit:  # else the newer one is drawn already, or will be
                for picture, html in zip(self._pictures, (coverage, expiry), strict=True):
                    picture.html = html


def _with_words(svg: str, words: Sequence[str], _: Texts) -> str:
    """A picture with the first of its sentences beneath it; the others open."""
    more = "".join(f"<li>{escape(text)}</li>" for text in words[1:])
    rest = f"<details><summary>{escape(_('All numbers as text'))}</summary><ul>{more}</ul></details>" if more else ""
    return f'{svg}<p class="at-quiet">{escape(words[0])}</p>{rest}'
