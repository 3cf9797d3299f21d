"""Changing the chart of accounts of an administration from a file, and its screen: first what would change, then doing it."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.formats.spreadsheets.charts import ChartFile, read_chart
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import Entry, guarded, parse_path
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.chart_file import chart_changes_html, chart_file_html, describe_chart_plan
from accountools.forms.screens.administrations.two_steps import CheckView, TwoStepForm
from accountools.operations.books.charts import ChartImportPlan, plan_chart_import


class ImportChart(TwoStepForm):
    """The form: a file for the administration `number`, and the `plan` that it gives."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Import a chart of accounts"))
    title, action = N_("File"), N_("Change the chart")

    def set_defaults(self) -> None:
        """Begin without a file."""
        super().set_defaults()
        self.number: AdministrationNumber | None = None
        self.file: Entry[ChartFile] = Entry(lambda typed: read_chart(parse_path(typed) or Path(typed)))
        self.plan: ChartImportPlan | None = None

    @guarded
    def choose_administration(self, number: AdministrationNumber) -> bool:
        """Choose whose chart it is."""
        return self.fill(lambda: setattr(self, "number", number))

    @guarded
    def choose_file(self, path: object) -> bool:
        """Choose the file; it is read at once."""
        return self.fill(lambda: self._read(str(path)))

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        self.step_back()
        self.wants = "file" if action == "choose-file" else ""
        self.failed = False
        return True

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        _ = self.texts
        if self.done:
            return
        if self.plan is None:
            yield _.sentence(self.file.error) if self.file.error else _("Choose a file with a chart of accounts first")
        elif self.plan.is_empty:
            yield _("The administration has all accounts in this file already")
        else:
            yield from (_.sentence(one) for one in self.plan.obstacles if one.blocking)

    def counts(self) -> str:
        """What would be done, in a line."""
        return "" if self.plan is None else describe_chart_plan(self.plan, self.texts)

    def check(self) -> None:
        """Read the file once more: it may have changed."""
        self.file.parse(self.file.typed)
        self._read(self.file.typed)

    def apply_plan(self) -> None:
        """Do what was shown."""
        if self.plan is not None:
            self.made: ChartImportPlan = self.plan.apply(self.office)

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        return self.texts("The chart of administration {number} was changed.", number=self.made.number) if self.done else ""

    def _read(self, typed: str) -> None:
        self.file.read(typed)
        self.plan = None
        if self.file.value is not None and self.number is not None:
            self.plan = plan_chart_import(self.office, self.number, self.file.value)


class ChartFileView(StepView):
    """The file, and what it would change."""

    def __init__(self, form: ImportChart, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self.press_main = form.next
        label = _("File with the chart of accounts (columns code, name, rgs, kind, side, vat)")
        self._file = FileChooser(callbacks, _, label, _("Look the file up"), form.choose_file, endings=(".csv", ".txt", ".xlsx"),
            again=True, placeholder=_("The path of a CSV file or workbook"))  # fmt: skip
        self._file.add_upload(callbacks, form.uploads.upload_for("chart"), form.choose_file)
        whose = _("Chart of accounts {number}", number=form.number or "")
        about = _("Accounts in the file are added or changed; none is removed.")
        self.widget = widgets.column(
            widgets.html(f"<h3>{escape(whose)}</h3>{paragraph(about, 'at-quiet')}"), self._file.widget, kinds=("at-fields",)
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        form = self._form
        self._file.show(form.file.typed, chart_file_html(form, form.file, form.counts))
        self.open_wanted(form.wants, {"file": self._file.open})


class ChartCheckView(CheckView[ImportChart]):
    """Which accounts would be added, and what would change in others."""

    def summary(self) -> str:
        """A table: those that would be added first."""
        plan, _ = self.form.plan, self.form.texts
        return "" if plan is None else f"{paragraph(self.form.counts())}{chart_changes_html(plan, _)}"
