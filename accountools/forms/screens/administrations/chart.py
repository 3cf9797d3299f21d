"""Where an administration's chart of accounts comes from (S1): a standard one, another administration (a template), a file, or none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Account
from accountools.domain.messages import N_
from accountools.formats.spreadsheets.charts import STANDARD_CHARTS, ChartFile, read_chart
from accountools.forms.kit.form import Entry, guarded, parse_path
from accountools.forms.screens.administrations.two_steps import TwoStepForm
from accountools.operations.register import administrations
from accountools.operations.register.administrations import AdministrationView

CHARTS = {
    **STANDARD_CHARTS,
    "template": N_("The chart of accounts of another administration, such as a template"),
    "file": N_("A chart of accounts from a file (CSV or Excel)"),
    "empty": N_("None: start with empty books"),
}


class ChartForm(TwoStepForm):
    """A form in which the chart is chosen: `chart` is one of `CHARTS`, `template` and `file` where it comes from."""

    def set_defaults(self) -> None:
        """Begin with the standard chart."""
        super().set_defaults()
        self.chart = "standard"
        self.template: Entry[AdministrationView] = Entry(lambda typed: administrations.show(self.office, AdministrationNumber.parse(typed)))
        self.file: Entry[ChartFile] = Entry(lambda typed: read_chart(parse_path(typed) or Path(typed)))

    @guarded
    def choose_chart(self, chart: str) -> bool:
        """Choose where the chart of accounts comes from: one of `CHARTS`."""
        return chart in CHARTS and self.fill(lambda: setattr(self, "chart", chart))

    @guarded
    def choose_template(self, number: int | str) -> bool:
        """Choose the administration that gives its chart, journals and VAT codes."""
        return self.fill(lambda: self.template.read(str(number)))

    @guarded
    def choose_file(self, path: object) -> bool:
        """Choose the file with the chart; it is read at once."""
        return self.fill(lambda: self.file.read(str(path)))

    def missing_chart(self) -> Iterator[str]:
        """What is still to be filled in about it, as text."""
        _ = self.texts
        entries: dict[str, Entry[Any]] = {"template": self.template, "file": self.file}
        chosen = entries.get(self.chart)
        if chosen is not None and chosen.value is None:
            yield _.sentence(chosen.error) if chosen.error else _("Choose where the chart of accounts comes from")

    @property
    def chart_file(self) -> ChartFile | None:
        """The chosen chart, if it is a standard one or that of a file."""
        return read_chart(self.chart) if self.chart in STANDARD_CHARTS else self.file.value if self.chart == "file" else None

    def describe_chart(self) -> str:
        """Which chart it gets, with how many accounts."""
        _ = self.texts
        if self.chart == "template" and self.template.value is not None:
            view = self.template.value
            given = f"{view.administration.number} {view.administration.description}"
            return _(
                "as in {given}: {accounts}, with its journals and VAT codes", given=given, accounts=_.counts(accounts=view.totals.accounts)
            )
        chart = self.chart_file
        if chart is None:
            return _("none: start with empty books")
        count = len(chart.accounts)
        if self.chart == "file":
            path = parse_path(self.file.typed)
            return _("from {file}: {accounts}", file=path.name if path else "", accounts=_.counts(accounts=count))
        return f"{_(STANDARD_CHARTS[self.chart])}: {_.plural('{count} account', '{count} accounts', count)}"

    def check_chart(self) -> None:
        """Read the template or the file anew."""
        if self.chart == "template":
            self.template.read(self.template.typed)
        else:
            self.file.read(self.file.typed)

    def chosen_chart(self) -> tuple[tuple[Account, ...] | None, AdministrationNumber | None]:
        """The accounts, or the administration that gives its own; neither for empty books."""
        given = self.template.value.administration.number if self.chart == "template" and self.template.value else None
        chart = self.chart_file
        return (chart.accounts if chart else None), given
