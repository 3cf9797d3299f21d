"""The audit's two pictures above the table, with what they show as text. They are drawn aside: the table doesn't wait for them."""

from threading import RLock

from accountools.forms.kit import widgets
from accountools.forms.kit.jobs import Start
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.picture import Picture, with_words
from accountools.forms.screens.audit.form import AuditForm
from accountools.reports.audit import Audit


class PicturesView:
    """The pictures of the audit that the form holds; `start` says where they are drawn."""

    def __init__(self, form: AuditForm, callbacks: widgets.Callbacks, start: Start) -> None:
        self._form, self._callbacks, self._start = form, callbacks, start
        self._drawn: Audit | None = None
        self._lock = RLock()
        self._pictures = (Picture(), Picture())
        for picture in self._pictures:
            picture.html = paragraph(form.texts("The picture is being drawn…"), "at-quiet")
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
            coverage = with_words(coverage_svg(audit, _, "months"), coverage_words(audit.history(), _), _)
            expiry = with_words(expiry_svg(audit, _, "expiry"), expiry_words(audit, _), _)
            if audit is self._form.audit:  # else the newer one is drawn already, or will be
                for picture, html in zip(self._pictures, (coverage, expiry), strict=True):
                    picture.html = html
