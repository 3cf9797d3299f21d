"""The inbox on the screen of the licences: a line with how many files are in it; opened, a table of them and the button that imports."""

from collections.abc import Callable
from html import escape

from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import describe_differences, describe_waiting
from accountools.forms.kit.form import Form
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.table import Cell, Column, StateCell, Table
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.licences.form import Inbox
from accountools.operations.licences.inbox import PlannedFile
from accountools.texts import Texts

Step = Callable[[], object]


class InboxView:
    """The line, and the table under it once it is open; `open_inbox`, `import_files` and `close` are steps of the form."""

    def __init__(self, form: Form, inbox: Inbox, callbacks: Callbacks, open_inbox: Step, import_files: Step, close: Step) -> None:
        self._form, self._inbox, self._callbacks, _ = form, inbox, callbacks, form.texts
        self._text = widgets.html()
        self._open = callbacks.press(widgets.button(_("Look at the inbox"), "at-small", icon="envelope-o"), open_inbox)
        self._import = callbacks.press(widgets.button("", "at-main"), import_files)
        self._close = callbacks.press(widgets.button(_("Close the inbox"), "at-small"), close)
        self._files: tuple[PlannedFile, ...] | None = None
        self._table: Table | None = None
        self._rows = widgets.column()
        buttons = widgets.row(self._open, self._import, self._close, kinds=("at-row",))
        self.widget = widgets.column(widgets.column(self._text, buttons, kinds=("at-panel", "at-missing")), self._rows)

    def refresh(self) -> None:
        """Show what the form holds now."""
        inbox, _ = self._inbox, self._form.texts
        opened = inbox.plan is not None
        self._text.value = self._sentence(_)
        widgets.show(self.widget, opened or inbox.count > 0)
        widgets.show(self._open, not opened)
        widgets.show(self._close, opened)
        widgets.show(self._import, inbox.to_import > 0)
        count = inbox.to_import
        self._import.description = self._import.tooltip = _("Import 1 licence") if count == 1 else _("Import {n} licences", n=count)
        if self._files is not inbox.files:
            self._files = inbox.files
            self._rows.children = (self._shown(inbox.files).widget,) if opened and inbox.files else ()

    def _sentence(self, _: Texts) -> str:
        inbox = self._inbox
        if inbox.imported:
            text = _("1 licence was imported.") if inbox.imported == 1 else _("{n} licences were imported.", n=inbox.imported)
            return f"<p>{state_html('ready', text)}</p>"
        text = describe_waiting(inbox.count, _)
        if inbox.plan is None:
            return f"<p>{escape(text)}</p>"
        rest = _("Nothing has been imported yet.") if inbox.to_import else _("None of them can be imported as it is.")
        return f"<p>{escape(text)}</p>{paragraph(rest, 'at-quiet')}"

    def _shown(self, files: tuple[PlannedFile, ...]) -> Table:
        _ = self._form.texts
        if self._table is None:
            titles = (_("State"), _("File"), _("Licence"), _("Administration"), _("User"), _("Until"))
            columns = [*(Column(title) for title in titles), Column(_("What it does, or what stands in the way"), broad=True)]
            self._table = Table(self._callbacks, _, columns, lambda _: None, _("Inbox"))
        self._table.show(_cells(file, self._form) for file in sorted(files, key=_rank))
        return self._table


def _cells(file: PlannedFile, form: Form) -> tuple[Cell, ...]:
    licence, here = file.licence, file.administration
    return (
        _state(file, form.texts),
        file.path.name,
        licence.number if licence else "",
        f"{here.number} {here.description}" if here else file.client.name if file.client else "",
        file.login or "",
        licence.valid_until if licence else None,
        _effect(file, form),
    )


def _rank(file: PlannedFile) -> tuple[bool, bool, bool, str]:
    """What can be imported first, then what is in place, what asks for a confirmation, and what is blocked."""
    refused, blocked = file.refused and not file.in_place, any(one.blocking for one in file.obstacles)
    return refused, not file.importable, blocked, file.path.name


def _state(file: PlannedFile, _: Texts) -> StateCell:
    if file.in_place:
        return StateCell("ready", _("imported"))
    if file.same_as or file.replaced:
        return StateCell("missing", _("the same") if file.same_as else _("replaced"))
    if file.importable:
        return StateCell("ready", _("can be imported"))
    return StateCell("blocked" if any(one.blocking for one in file.obstacles) else "attention", _("stays behind"))


def _effect(file: PlannedFile, form: Form) -> str:
    _ = form.texts
    if file.obstacles and not file.in_place:
        return " ".join((*(_.sentence(one) for one in file.obstacles), form.remedy(file.obstacles[0])))
    if file.same_as:
        return _("The same licence as in {path}.", path=file.same_as.name)
    if file.replaced:
        return _("It was imported before; another licence took its place.")
    if file.in_place or file.plan is None:
        return _("The administration stands under this licence.")
    changed = "; ".join(f"{what}: {old} → {new}" for what, old, new in describe_differences(file.plan.differences, _))
    if file.plan.replaces is None:
        return _("The first licence of this administration.")
    return _("A renewal: {changes}.", changes=changed) if changed else _("A renewal in which nothing differs.")
