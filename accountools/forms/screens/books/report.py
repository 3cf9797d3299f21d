"""A part that shows a report of the books: read when the part is opened, and saved as CSV, Excel or a page."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from accountools.domain.messages import N_
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.part import PartView
from accountools.forms.screens.books.part import BooksPart, Subject, no_year_panel
from accountools.reports.books.books import Books
from accountools.reports.books.papers import KINDS, export_report
from accountools.reports.books.table import BookTable

R = TypeVar("R", bound=BookTable[Any])
LABELS = {"csv": "CSV", "xlsx": "Excel", "html": "HTML"}


class ReportPart(BooksPart, Generic[R]):
    """The base. `report` is what was read, of `subject`; `exported` the file that it was saved as."""

    action = N_("Reload")
    kinds: tuple[str, ...] = tuple(KINDS)

    def forget(self) -> None:
        """Nothing is read."""
        self.report: R | None = None
        self.exported: Path | None = None
        self._subject: Subject | None = None

    def compute(self, books: Books) -> R:
        """Read the report."""
        raise NotImplementedError

    def in_language(self, report: R) -> R:
        """The report in the language that is chosen now."""
        return report

    def enter(self) -> None:
        """Read it, unless it was read already."""
        if self._subject != self.form.subject:
            self.read()

    def retry(self) -> None:
        """Read it again."""
        self.read()

    def read(self) -> bool:
        """Read it; where there is nothing to read there is no report."""
        books, subject = self.form.books, self.form.subject
        self.forget()
        if books is None or self.missing_year():
            return True

        def note(found: R) -> None:
            self.report, self._subject = found, subject

        return self.run_job(lambda _: self.compute(books), note, harmless=True)

    @guarded
    def reload(self) -> bool:
        """*Opnieuw laden*: read it again, and which years there are."""
        if not self.can_act():
            return False
        self.form.note_change()
        return self.read()

    @guarded
    def export(self, kind: str) -> bool:
        """Save it in the office's folder, as one of `kinds`; `exported` is its path."""
        report, number = self.report, self.form.number
        self.exported = None
        if report is None or number is None or kind not in self.kinds or not self.can_act():
            return False
        shown, name = self.in_language(report), self.form.year or ""
        return self.run_job(lambda _: export_report(self.office, number, shown, name, self.texts, kind), self._note)

    def _note(self, path: Path) -> None:
        self.exported = path

    def missing(self) -> str:
        """Why it can't be read."""
        return self.missing_year()


P = TypeVar("P", bound=ReportPart[Any])


class ReportView(PartView[P]):
    """The base of what is shown of it: a subclass gives the widgets of a report, and what stands above it."""

    def __init__(self, part: P, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        self.press_main = part.reload
        self._working = JobView(part.form, callbacks, self.texts("The books are being read"))
        self._body = widgets.column(kinds=("at-fields",))
        self._shown: object = self
        self.exports = ExportButtons(self)
        self.widget = widgets.column(self._working.widget, *self.controls(), self._body, kinds=("at-fields",))

    def controls(self) -> Iterator[widgets.Widget]:
        """What stands above the report."""
        yield from ()

    def refresh(self) -> None:
        """Show what the part holds now."""
        self._working.refresh()
        state = (self.part.report, self.part.form.administration, bool(self.part.form.years), self.state())
        if self._shown != state:
            self._shown = state
            self._body.children = tuple(self._parts())
        self.exports.refresh(self.part.exported, busy=self.part.form.busy)
        self.refresh_details()

    def state(self) -> object:
        """What else the report is shown by."""
        return None

    def refresh_details(self) -> None:
        """Show what is opened beneath the report."""

    def report_widgets(self, report: Any) -> Iterator[widgets.Widget]:
        """What is shown of a report, with the buttons that save it (`exports`)."""
        raise NotImplementedError

    def _parts(self) -> Iterator[widgets.Widget]:
        report = self.part.report
        if report is not None:
            yield from self.report_widgets(self.part.in_language(report))
        elif self.part.missing_year():
            yield no_year_panel(self)


class ExportButtons:
    """The buttons that save a report, and what can be done with the file."""

    def __init__(self, view: PartView[Any], part: Any = None, label: str = "", kinds: Mapping[str, str] = LABELS) -> None:
        part = part or view.part
        _, callbacks = view.texts, view.callbacks
        about = label or _("Export all rows as")
        self._buttons = [
            callbacks.press(
                widgets.button(_(kind_label), "at-small", icon="download", tooltip=f"{about} {kind_label}"),
                partial(part.export, kind),
            )
            for kind, kind_label in kinds.items()
        ]
        self._file = FileLinks(callbacks, view.part.office, _)
        self.widget = widgets.row(widgets.html(paragraph(about, "at-quiet")), *self._buttons, self._file.widget, kinds=("at-row",))
        self._path: Path | None = None

    def refresh(self, path: Path | None, *, busy: bool) -> None:
        """Show what was saved."""
        for one in self._buttons:
            one.disabled = busy
        if self._path != path:
            self._path = path
            self._file.show(path)
