"""The second step for a folder of backups: what would come of each, and afterwards what came of it."""

from collections.abc import Iterator

from accountools.forms.kit import widgets
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.screen import obstacle_panel
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.forms.screens.restore.many import NOT_RESTORED, NOT_TRIED, WORDS, ManyPreview, Row
from accountools.operations.progress import Stopped


class ManyView:
    """The totals, what asks for a confirmation, and a table with a line for each backup."""

    def __init__(self, form: RestoreBackup, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._counted, self._asked = widgets.column(), widgets.column(kinds=("at-group",))
        columns = [Column(_("Status")), Column(_("Number"), right=True), Column(_("Client"), named=True), Column(_("File"), broad=True)]
        columns.append(Column(_("What to do"), broad=True))
        self._table = Table(callbacks, _, columns, lambda _: None, _("Backups"))
        stopped = _("Stopped: nothing was done or changed.")
        self._working = JobView(form, callbacks, _("The administrations are being restored"), stopped=stopped)
        parts = (self._counted, self._asked, self._working.widget, self._table.widget)
        self.widget = widgets.column(*parts, kinds=("at-fields",))
        self._shown: tuple[object, ...] = ()
        self._results: object = None

    def refresh(self, many: ManyPreview) -> None:
        """Show the preview, or what was done."""
        form = self._form
        self._working.refresh()
        shown = (many.outcome, form.accepted)
        if self._results is many.results and self._shown == shown:
            return
        self._results, self._shown, rows = many.results, shown, many.rows(form.accepted)
        self._table.show(self._cells(row) for row in rows)
        self._counted.children = (self._summary(many, rows),)
        self._asked.children = tuple(self._confirmations(many)) if many.outcome is None else ()

    def _summary(self, many: ManyPreview, rows: tuple[Row, ...]) -> widgets.Widget:
        form, _ = self._form, self._form.texts
        counts = many.describe_counts(form.accepted, _)
        if many.outcome is None:
            return widgets.html(f"<p><b>{counts}</b></p>{paragraph(_('Nothing has been created or changed yet.'), 'at-quiet')}")
        left = {row.status for row in rows} & {NOT_RESTORED, NOT_TRIED}
        then = _("For those that were not restored, the table says what to do; then begin again with the same folder.") if left else ""
        word = _("stopped") if isinstance(many.outcome.stopped, Stopped) else _("done")
        return widgets.panel("attention" if left else "ready", word, counts, then)

    def _confirmations(self, many: ManyPreview) -> Iterator[widgets.Widget]:
        form, _ = self._form, self._form.texts
        for found in many.confirmations.values():
            counted = _.plural("This applies to {count} backup in the table.", "This applies to {count} backups in the table.", len(found))
            yield obstacle_panel(form, self._callbacks, found[0], widgets.html(paragraph(counted, "at-quiet")))

    def _cells(self, row: Row) -> tuple[Cell, ...]:
        form, (state, word) = self._form, WORDS[row.status]
        advice = " ".join(form.describe(one) for one in row.obstacles)
        return (StateCell(state, form.texts(word)), row.number, row.name, row.path.name, advice)
