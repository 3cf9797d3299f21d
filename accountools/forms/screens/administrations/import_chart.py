"""Changing the chart of accounts of an administration from a file, and its screen: first what would change, then doing it."""

from collections.abc import Iterator
from html import escape

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.formats.spreadsheets.charts import ChartFile, read_chart
from accountools.forms.kit import widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.chart_file import chart_changes_html, chart_file_html, describe_chart_plan
from accountools.forms.screens.administrations.file_form import FileForm, FileView
from accountools.forms.screens.administrations.two_steps import CheckView
from accountools.operations.books.charts import ChartImportPlan, plan_chart_import


class ImportChart(FileForm[ChartFile]):
    """The form: a file for the administration `number`, and the `plan` that it gives."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Import a chart of accounts"))
    title, action = N_("File"), N_("Change the chart")
    read_file = staticmethod(read_chart)

    def set_defaults(self) -> None:
        """Begin without a file."""
        super().set_defaults()
        self.number: AdministrationNumber | None = None
        self.plan: ChartImportPlan | None = None

    @guarded
    def choose_administration(self, number: AdministrationNumber) -> bool:
        """Choose whose chart it is."""
        return self.fill(lambda: setattr(self, "number", number))

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

    def apply_plan(self) -> None:
        """Do what was shown."""
        if self.plan is not None:
            self.made: ChartImportPlan = self.plan.apply(self.office)

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        return self.texts("The chart of administration {number} was changed.", number=self.made.number) if self.done else ""

    def compare(self) -> None:
        """Plan what the file would change."""
        self.plan = None
        if self.file.value is not None and self.number is not None:
            self.plan = plan_chart_import(self.office, self.number, self.file.value)


class ChartFileView(FileView[ImportChart]):
    """The file, and what it would change."""

    kind = "chart"

    def __init__(self, form: ImportChart, callbacks: widgets.Callbacks) -> None:
        _ = form.texts
        label = _("File with the chart of accounts (columns code, name, rgs, kind, side, vat)")
        whose = escape(_("Chart of accounts {number}", number=form.number or ""))
        about = paragraph(_("Accounts in the file are added or changed; none is removed."), "at-quiet")
        super().__init__(form, callbacks, label, _("The path of a CSV file or workbook"), f"<h3>{whose}</h3>{about}")

    def note(self) -> str:
        """What the file holds, or what is wrong in it."""
        return chart_file_html(self.form, self.form.file, self.form.counts)


class ChartCheckView(CheckView[ImportChart]):
    """Which accounts would be added, and what would change in others."""

    def summary(self) -> str:
        """A table: those that would be added first."""
        plan, _ = self.form.plan, self.form.texts
        return "" if plan is None else f"{paragraph(self.form.counts())}{chart_changes_html(plan, _)}"
