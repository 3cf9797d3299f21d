"""What changed since an earlier overview: its file to choose, and a table of the changes."""

from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.table import Column, Table
from accountools.forms.screens.audit.form import AuditForm
from accountools.reports.audit_changes import CHANGES, Change
from accountools.texts import Texts


class ChangesView:
    """The file, and the changes; the table is made when there are some."""

    def __init__(self, form: AuditForm, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        places = ((_("Saved on this screen"), form.office.folder / "exports"),)
        self.file = FileChooser(
            callbacks, _, _("Earlier overview, saved as CSV"), _("Look up the file"), form.choose_since, places, endings=(".csv",)
        )
        self.file.add_upload(callbacks, form.upload, form.choose_since)
        about = _("The exports to Excel and HTML then say what changed too.")
        self._found = widgets.column(kinds=("at-group",))
        self._table: Table | None = None
        self._shown: object = None
        heading = widgets.html(f"<h3>{escape(_('What changed since an earlier overview'))}</h3>")
        parts = (heading, widgets.html(paragraph(about, "at-quiet")), self.file.widget, self._found)
        self.widget = widgets.column(*parts, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form = self._form
        self.file.show(str(form.since or ""), "")
        if self._shown is not form.changes:
            self._shown = form.changes
            self._found.children = () if form.changes is None else (self._changes(form.changes),)

    def _changes(self, changes: tuple[Change, ...]) -> widgets.Widget:
        _ = self._form.texts
        if not changes:
            return widgets.html(paragraph(_("Nothing changed.")))
        if self._table is None:
            columns = (Column(_("What")), Column(_("No."), right=True), Column(_("Client"), named=True), Column(_("Change"), broad=True))
            self._table = Table(self._callbacks, _, columns, lambda _: None, _("What changed since an earlier overview"))
        self._table.show(_cells(one, _) for one in changes)
        return self._table.widget


def _cells(one: Change, _: Texts) -> tuple[str, ...]:
    number = "" if one.number is None else str(one.number)
    return _(CHANGES[one.change]), number, one.client, one.describe(_)
