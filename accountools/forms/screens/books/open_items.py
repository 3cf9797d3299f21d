"""What debtors owe and creditors are owed, with the age of each item."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.part import heading
from accountools.forms.screens.books.part import OPEN_ITEMS
from accountools.forms.screens.books.report import ReportPart, ReportView
from accountools.forms.screens.books.report_table import ReportTable, facts_line, small_table_html
from accountools.reports.books.books import Books
from accountools.reports.books.open_items import KIND_TITLES, OpenItems

ALL = "all"


class OpenItemsPart(ReportPart[OpenItems]):
    """The part. `kind` is one of `debtors`, `creditors` and `all`; `report` has the items of that kind, of all that were `found`.

    `on` is the day to which they age, and after which nothing counts; None: as the report chooses it.
    """

    name, title = OPEN_ITEMS, N_("Open items")
    kind = ALL
    on: date | None = None

    def compute(self, books: Books) -> OpenItems:
        """Read all."""
        self.found = books.open_items(self.form.year, until=self.form.until, on=self.on)
        return self._restricted()

    @guarded
    def choose_kind(self, kind: str) -> bool:
        """Show the items of a kind, or of both."""
        if kind not in {ALL, *KIND_TITLES}:
            return False
        self.kind, self.exported = kind, None
        if self.report is not None:
            self.report = self._restricted()
        return True

    @guarded
    def choose_on(self, day: date | None) -> bool:
        """Let the items age to this day; nothing later counts. None: to today, or the end of the year that is chosen."""
        if self.form.ended or not self.form.abandon():
            return False
        self.on = day
        return self.read()

    def _restricted(self) -> OpenItems:
        return replace(self.found, rows=tuple(row for row in self.found.rows if self.kind in {ALL, row.kind}))


class OpenItemsView(ReportView[OpenItemsPart]):
    """What is shown of it."""

    def __init__(self, part: OpenItemsPart, callbacks: widgets.Callbacks) -> None:
        _ = part.texts
        kinds = [(_("All"), ALL), *((_(title), kind) for kind, title in KIND_TITLES.items())]
        self._kind = widgets.choice(kinds, part.kind)
        self._kind.add_class("at-line")
        callbacks.change(self._kind, part.choose_kind)
        self._on = widgets.day(_("As of"))
        self._on.value = part.on
        callbacks.change(self._on, part.choose_on)
        super().__init__(part, callbacks)
        self._table = ReportTable(callbacks, _, lambda _place: None)

    def report_widgets(self, report: OpenItems) -> Iterator[widgets.Widget]:
        """The ageing, and the items."""
        _ = self.texts
        (ageing,) = report.more()
        yield widgets.html(facts_line(report, _))
        yield widgets.row(self._kind, self._on, kinds=("at-row",))
        if ageing.rows:
            yield heading(_(ageing.TITLE))
            yield widgets.html(small_table_html(ageing, _))
        if report.rows and all(row.days is None for row in report.rows):
            unknown = _("These books don't say when these items are due: the audit file has no due dates.")
            yield widgets.html(paragraph(unknown, "at-quiet"))
        yield heading(_(report.TITLE))
        self._table.show(report)
        yield self._table.widget
        yield self.exports.widget
