"""The chart of accounts of the administration: shown, saved, and completed or changed by a file, which is checked first."""

from collections.abc import Iterator
from functools import partial
from html import escape
from pathlib import Path

from accountools.domain.ledger import Account
from accountools.domain.messages import N_
from accountools.formats.spreadsheets.charts import ChartFile, read_chart, render_chart
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import Entry, guarded, parse_path
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.table import Column, Table
from accountools.forms.parts.chart_file import chart_changes_html, chart_file_html, describe_chart_plan
from accountools.forms.parts.part import PartView, heading
from accountools.forms.screens.books.part import CHART, BooksPart
from accountools.operations.books.charts import ChartImportPlan, get_chart, plan_chart_import
from accountools.reports.page import export_file
from accountools.safe_files import file_name

FIELDS = {
    "code": N_("Account"),
    "name": N_("Name"),
    "rgs": N_("RGS code"),
    "kind": N_("Kind"),
    "side": N_("Side"),
    "vat": N_("VAT code"),
}
LABELS = {".csv": "CSV", ".xlsx": "Excel"}


class ChartPart(BooksPart):
    """The part. `accounts` are those of the administration, `file` is a chart that was read and `plan` what it would change.

    `done` is what was changed last, `exported` the file that the chart was saved to.
    """

    name, title, action = CHART, N_("Chart of accounts"), N_("Change the chart")

    def forget(self) -> None:
        """Nothing is read."""
        self.accounts: tuple[Account, ...] = ()
        self.file: Entry[ChartFile] = Entry(lambda typed: read_chart(parse_path(typed) or Path(typed)))
        self.plan: ChartImportPlan | None = None
        self.done: ChartImportPlan | None = None
        self.exported: Path | None = None

    def enter(self) -> None:
        """Read the chart, and what the file would change in it."""
        number = self.form.number
        self.done, self.exported, self.accounts, self.plan = None, None, (), None
        self.accounts = () if number is None else get_chart(self.office, number)
        self._plan()

    def retry(self) -> None:
        """Read both again."""
        self.file.read(self.file.typed)
        self.enter()

    @guarded
    def choose(self, path: object) -> None:
        """Choose a file; it is checked at once. Changes nothing."""
        self.file.read(str(path))
        self.done = None
        self._plan()

    def _plan(self) -> None:
        number, chart = self.form.number, self.file.value
        self.plan = None if number is None or chart is None else plan_chart_import(self.office, number, chart)

    @guarded
    def change(self) -> bool:
        """*Schema wijzigen*: add and change what was shown. No account is removed."""
        plan = self.plan
        if plan is None or not self.can_act():
            return False
        done = plan.apply(self.office)
        self.file.read("")
        self.form.note_change()
        self.enter()
        self.done = done
        return True

    @guarded
    def export(self, kind: str) -> bool:
        """Save the chart in the office's folder, as `.csv` or `.xlsx`; `exported` is its path."""
        number, _ = self.form.number, self.texts
        self.exported = None
        if number is None or kind not in LABELS:
            return False
        title = _("Chart of accounts {number}", number=number)
        data = render_chart(get_chart(self.office, number), kind, title, self.office.clock(), dutch=_.language == "nl")
        self.exported = export_file(self.office, file_name(title), kind, data)
        return True

    def missing(self) -> str:
        """Why nothing can be changed."""
        _ = self.texts
        if self.form.administration is None:
            return _("Choose the administration first")
        if self.plan is None:
            return _.sentence(self.file.error) if self.file.error else _("Choose a file with a chart of accounts first")
        if self.plan.number != self.form.number:
            return _("The file hasn't been read yet")
        if self.plan.is_empty:
            return _("The administration has all accounts in this file already")
        return next((_.sentence(one) for one in self.plan.obstacles if one.blocking), "")

    def describe_plan(self) -> str:
        """What the file would change, in a line; without an administration how many accounts it has."""
        if self.plan is not None:
            return describe_chart_plan(self.plan, self.texts)
        count = len(self.file.value.accounts) if self.file.value else 0
        return self.texts.plural("The chart can be used: {count} account.", "The chart can be used: {count} accounts.", count)


class ChartView(PartView[ChartPart]):
    """What is shown of it."""

    def __init__(self, part: ChartPart, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        self.press_main = part.change
        _ = self.texts
        columns = [Column(_(title), named=field == "name") for field, title in FIELDS.items()]
        self._table = Table(callbacks, _, columns, lambda _place: None, _("Chart of accounts"))
        self._rows: tuple[Account, ...] | None = None
        buttons = [
            callbacks.press(widgets.button(label, "at-small", icon="download"), partial(part.export, kind))
            for kind, label in LABELS.items()
        ]
        self._exported = FileLinks(callbacks, part.office, _)
        self._path: Path | None = None
        label = widgets.html(paragraph(_("Export the chart of accounts as"), "at-quiet"))
        self._own = widgets.column(
            self._table.widget, widgets.row(label, *buttons, self._exported.widget, kinds=("at-row",)), kinds=("at-fields",)
        )
        self._none = widgets.html(f'<p class="at-quiet">{escape(_("Choose above whose books you want to read."))}</p>')
        field = _("File with the chart of accounts (columns code, name, rgs, kind, side, vat)")
        self._file = FileChooser(callbacks, _, field, _("Look up the file"), part.choose, endings=(".csv", ".txt", ".xlsx"),
            again=True, placeholder=_("The path of a CSV file or workbook"))  # fmt: skip
        self._file.add_upload(callbacks, part.form.uploads.upload_for("chart"), part.choose)
        self._changes, self._done = widgets.html(), widgets.column()
        self._done_shown: object = None
        about = _("Accounts in the file are added or changed; none is removed. What is wrong in it is shown with its line.")
        self.widget = widgets.column(
            heading(_("Chart of accounts")),
            self._done,
            self._none,
            self._own,
            heading(_("Check a chart in a file, or change this one with it"), about),
            self._file.widget,
            self._changes,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part = self.part
        chosen = part.form.administration is not None
        widgets.show(self._own, chosen)
        widgets.show(self._none, not chosen)
        if self._rows != part.accounts:
            self._rows = part.accounts
            self._table.show([str(getattr(one, field) or "") for field in FIELDS] for one in part.accounts)
        if self._path != part.exported:
            self._path = part.exported
            self._exported.show(part.exported)
        self._file.show(part.file.typed, chart_file_html(part.form, part.file, part.describe_plan))
        plan = None if part.plan is None or part.plan.is_empty else part.plan
        self._changes.value = part.describe_target(plan.number) + chart_changes_html(plan, self.texts) if plan is not None else ""
        if self._done_shown is not part.done:
            self._done_shown = part.done
            self._done.children = tuple(self._result())

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def _result(self) -> Iterator[widgets.Widget]:
        _, done = self.texts, self.part.done
        if done is not None:
            sentence = _("The chart of administration {number} was changed.", number=done.number)
            yield widgets.panel("ready", _("done"), sentence, describe_chart_plan(done, _))
