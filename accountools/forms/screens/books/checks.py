"""What the tests of the journals find: a table in which each finding leads to its entry, and the picture of the first digits."""

from collections.abc import Iterator
from dataclasses import replace
from threading import RLock

from accountools.domain.audit_file.findings import Severity
from accountools.domain.book_findings import BookFinding
from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.picture import Picture, with_words
from accountools.forms.screens.books.part import CHECKS
from accountools.forms.screens.books.report import ExportButtons, ReportPart, ReportView
from accountools.forms.screens.books.report_table import EntryView, ReportTable, facts_line, severities_html, show_entry
from accountools.reports.books.benford import TITLE
from accountools.reports.books.books import Books
from accountools.reports.books.entry_card import EntryCard
from accountools.reports.books.findings import Findings
from accountools.reports.books.papers import KINDS


class ChecksPart(ReportPart[Findings]):
    """The part. `chosen` is the finding that is open, `entry` the entry that it is about."""

    name, title = CHECKS, N_("Checks")
    kinds = (*KINDS, "png")

    def forget(self) -> None:
        """Nothing is read or open."""
        super().forget()
        self.chosen: BookFinding | None = None
        self.entry: EntryCard | None = None

    def compute(self, books: Books) -> Findings:
        """Test the journals."""
        return books.findings(self.form.year, until=self.form.until, texts=self.texts)

    def in_language(self, report: Findings) -> Findings:
        """Its sentences are made when they are shown."""
        return replace(report, texts=self.texts)

    @guarded
    def choose(self, place: int | None) -> None:
        """Open the entry that the finding at this place is about, or close the one that is open."""
        found = None if place is None or self.report is None else self.report.rows[place]
        self.chosen, self.entry = found, None if found is None else show_entry(self.form, found.journal, found.number)

    def counts(self) -> dict[Severity, int]:
        """How many findings there are of each severity."""
        found: dict[Severity, int] = {"error": 0, "warning": 0, "info": 0}
        for row in self.report.rows if self.report else ():
            found[row.severity] += 1
        return found


class ChecksView(ReportView[ChecksPart]):
    """What is shown of it."""

    def __init__(self, part: ChecksPart, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self._table = ReportTable(callbacks, self.texts, part.choose, frozenset({"code"}))
        self._entry, self._about = EntryView(self), widgets.html()
        self._picture, self._lock = Picture(), RLock()
        self._save_picture = ExportButtons(self, label=_("Export the picture as"), kinds={"png": "PNG"})

    def report_widgets(self, report: Findings) -> Iterator[widgets.Widget]:
        """The findings, the entry of the chosen one, the first digits."""
        _ = self.texts
        yield widgets.html(facts_line(report, _))
        if not report.rows:
            yield widgets.panel("ready", _("in order"), _("The tests of the journals found nothing."), "")
        else:
            yield widgets.html(severities_html(self.part.counts(), _))
            about = _("They show what is unusual, not what is wrong. Choose a finding to see its entry.")
            yield widgets.html(paragraph(about, "at-quiet"))
            self._table.show(report)
            yield self._table.widget
        if report.suppressed:
            more = _("Findings beyond the first thousand of a kind: {count}.", count=sum(report.suppressed.values()))
            yield widgets.html(paragraph(more, "at-quiet"))
        yield self.exports.widget
        yield self._about
        yield self._entry.widget
        yield self._picture
        yield self._save_picture.widget
        run_in_thread(lambda: self.callbacks.run(lambda: self._draw(report)))

    def refresh_details(self) -> None:
        """Show the entry that the chosen finding is about."""
        part, _ = self.part, self.texts
        self._save_picture.refresh(None, busy=part.form.busy)  # the file is shown beside the other exports
        whole = part.chosen is not None and part.chosen.journal is None
        self._about.value = paragraph(_("This finding is about the year as a whole, not about one entry."), "at-quiet") if whole else ""
        self._entry.show(part.entry, None if part.chosen is None else part.chosen.line)

    def _draw(self, report: Findings) -> None:
        from accountools.reports.drawing import inline_svg

        _ = self.texts
        with self._lock:
            if self.part.report is not None and report.benford is self.part.report.benford:
                words = report.benford.words(_)
                svg = inline_svg(report.benford.figure(_.language), _(TITLE), " ".join(words), "benford")
                self._picture.html = with_words(svg, words, _)
