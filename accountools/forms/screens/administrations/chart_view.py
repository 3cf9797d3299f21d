"""Where the chart of accounts comes from, on the screen (S1)."""

from accountools.formats.spreadsheets.charts import STANDARD_CHARTS
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import Listed
from accountools.forms.kit.file_chooser import AdministrationField, FileChooser
from accountools.forms.kit.style import state_html
from accountools.forms.parts.chart_file import chart_file_html
from accountools.forms.parts.field_errors import error_html
from accountools.forms.screens.administrations.chart import CHARTS, ChartForm
from accountools.operations.register import administrations


class ChartView:
    """Where the chart of accounts comes from."""

    def __init__(self, form: ChartForm, callbacks: widgets.Callbacks) -> None:
        self._form, _ = form, form.texts
        self._which = widgets.choice([(_(label), name) for name, label in CHARTS.items()], form.chart, _("Chart of accounts"))
        callbacks.change(self._which, form.choose_chart)

        def templates_first() -> list[Listed]:
            return sorted(administrations.list_administrations(form.office), key=lambda pair: pair[1] is not None)

        self.template = AdministrationField(callbacks, _, _("From which administration"), templates_first, form.choose_template,
            lambda pair: "" if pair[1] else f"  ({_('template')})")  # fmt: skip
        label = _("File with the chart of accounts (columns code, name, rgs, kind, side, vat)")
        self.file = FileChooser(callbacks, _, label, _("Look up the file"), form.choose_file, endings=(".csv", ".txt", ".xlsx"),
            again=True, placeholder=_("The path of a CSV file or workbook"))  # fmt: skip
        self.file.add_upload(callbacks, form.uploads.upload_for("chart"), form.choose_file)
        self._note = widgets.note()
        self.widget = widgets.column(self._which, self.template.widget, self.file.widget, self._note, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form = self._form
        self._which.value = form.chart
        widgets.show(self.template.widget, form.chart == "template")
        widgets.show(self.file.widget, form.chart == "file")
        view = form.template.value
        given = f"{view.administration.number} {view.administration.description}" if view else form.template.typed
        self.template.show(given, self._about(form.template.value, error_html(form, form.template.error)))
        self.file.show(form.file.typed, chart_file_html(form, form.file, form.describe_chart))
        self._note.value = self._about(form.chart in STANDARD_CHARTS, "")

    def _about(self, there: object, otherwise: str) -> str:
        return state_html("ready", self._form.describe_chart()) if there else otherwise
