"""What the screen of the backups shows beneath its list: opening an encrypted one, removing, inspecting any file."""

from collections.abc import Iterator
from datetime import date
from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.table import Column, Table
from accountools.forms.screens.backups.form import YEARS_OFFERED, ManageBackups
from accountools.operations.restores.inspect_file import FILE_KINDS
from accountools.operations.restores.inspect_folder import InspectedFile


class OpeningFields:
    """What opens encrypted backups: a key file, a passphrase. The passphrase's line is emptied at once when it is used or left."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        text = _(
            "To test an encrypted backup, or to search a folder with encrypted ones, choose the key file or type the passphrase. "
            "Without either, only the recipient can do this."
        )
        self.key = FileChooser(callbacks, _, _("Key file"), _("Look up: {what}", what=_("Key file")), form.choose_key)
        self._passphrase = widgets.password(_("Passphrase"))
        secret = widgets.row(self._passphrase, kinds=("at-search",))
        self.wrong = widgets.place()
        about = widgets.html(paragraph(text, "at-quiet"))
        self.widget = widgets.column(about, self.key.widget, secret, self.wrong, kinds=("at-fields",))

    def refresh(self) -> None:
        """Show what is chosen, if there may be an encrypted backup."""
        self.key.show(str(self._form.key_file or ""), "")
        encrypted = any(one.record.encrypted and one.present for one in self._form.rows)
        widgets.show(self.widget, encrypted or self._form.is_accountant_office)  # whose folder of earlier ones may hold some

    def pop_passphrase(self) -> str | None:
        """The passphrase, removed from its line."""
        typed = str(self._passphrase.value)
        with self._callbacks.silenced():
            self._passphrase.value = ""
        return typed or None


class RemovalView:
    """Removing backups that are older than must be kept: what would go, and a button that does it."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        options = [(_.plural("{count} year", "{count} years", years), years) for years in YEARS_OFFERED]
        years = widgets.dropdown(options, form.years, _("Keep"))
        preview = widgets.button(_("Show what can be removed"), "at-small")
        callbacks.press(preview, lambda: form.plan_removal(years.value))
        heading = widgets.html(f"<h3>{escape(_('Remove old backups'))}</h3>")
        text = _("The law requires 7 years. The last backup of an administration always stays.")
        columns = [Column(title, broad=title == _("File")) for title in (_("Date"), _("Administration"), _("File"))]
        self._table = Table(callbacks, _, columns, lambda _: None, _("Remove old backups"))
        self._plan, self._shown = widgets.column(), object()
        controls = widgets.row(years, preview, kinds=("at-row",))
        self.widget = widgets.column(heading, widgets.html(paragraph(text, "at-quiet")), controls, self._plan, kinds=("at-group",))

    def refresh(self) -> None:
        """Show the plan."""
        if self._shown is not self._form.removal:
            self._shown = self._form.removal
            self._plan.children = tuple(self._parts())
        widgets.show(self.widget, bool(self._form.kept))

    def _parts(self) -> Iterator[widgets.Widget]:
        form, _, plan = self._form, self._form.texts, self._form.removal
        if plan is None:
            return
        if plan.skipped:
            text = _.plural(
                "{count} old backup is missing or changed: it stays on the list.",
                "{count} old backups are missing or changed: they stay on the list.",
                len(plan.skipped),
            )
            yield widgets.html(paragraph(text, "at-quiet"))
        if not plan.gone:
            yield widgets.html(
                paragraph(
                    _.plural(
                        "No backup is older than {count} year: nothing to remove.",
                        "No backup is older than {count} years: nothing to remove.",
                        plan.keep_years,
                    )
                )
            )
            return
        self._table.show((date.fromisoformat(one.day), str(one.administration or "—"), str(one.path or "—")) for one in plan.gone)
        yield self._table.widget
        label = _.plural("Remove {count} backup", "Remove {count} backups", len(plan.gone))
        drop = self._callbacks.press(widgets.button(_("Remove nothing"), "at-small"), form.drop_removal)
        yield widgets.row(self._callbacks.press(widgets.button(label, "at-small", icon="trash"), form.remove), drop, kinds=("at-row",))


class InspectionView:
    """A folder of older backups: whether a licence of the office's own is in one of them, and which don't verify."""

    def __init__(self, form: ManageBackups, callbacks: widgets.Callbacks, opening: OpeningFields) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        heading = widgets.html(f"<h3>{escape(_('Search a folder of earlier backups'))}</h3>")
        text = _("Searches all files in it, and in the folders below, for your office's own licence. Nothing there is changed.")
        label = _("Another licence to search for (optional)")
        self.licence = FileChooser(callbacks, _, label, _("Look up: {what}", what=label), form.choose_licence)
        self.folder = FileChooser(callbacks, _, _("Folder"), _("Look up the folder"), form.choose_folder, folders=True)
        self._search = widgets.button(_("Search this folder"), "at-small", icon="search")

        def search() -> bool:
            self.folder.close()
            return form.inspect(opening.pop_passphrase())

        callbacks.press(self._search, search)
        columns = [Column(title, broad=title == _("Findings")) for title in (_("File"), _("Kind"), _("Findings"))]
        self._table = Table(callbacks, _, columns, lambda _: None, _("Findings"))
        self._found, self._shown = widgets.column(kinds=("at-group",)), object()
        described = widgets.html(paragraph(text, "at-quiet"))
        chosen = (self.licence.widget, self.folder.widget, widgets.row(self._search, kinds=("at-row",)))
        self.widget = widgets.column(heading, described, *chosen, self._found, kinds=("at-group",))

    def refresh(self) -> None:
        """Show what was found."""
        form = self._form
        self.licence.show(str(form.licence_file or ""), "")
        self.folder.show(str(form.folder or ""), "")
        self._search.disabled = form.busy or form.folder is None
        if self._shown is not form.inspected:
            self._shown = form.inspected
            self._found.children = () if form.inspected is None else tuple(self._parts(form.inspected))

    def _parts(self, found: tuple[InspectedFile, ...]) -> Iterator[widgets.Widget]:
        _, wrong = self._form.texts, [one for one in found if one.findings]
        text = _.plural("Checked {count} file: {failed} failed; with a licence of the office in it: {holding}.",
            "Checked {count} files: {failed} failed; with a licence of the office in them: {holding}.",
            len(found), failed=len(wrong), holding=sum(one.holds_licence for one in found))  # fmt: skip
        yield widgets.panel("blocked" if wrong else "ready", _("checked"), text, "")
        if wrong:
            self._table.show((str(one.path), _(FILE_KINDS[one.kind]), " ".join(_.sentence(it) for it in one.findings)) for one in wrong)
            yield self._table.widget
