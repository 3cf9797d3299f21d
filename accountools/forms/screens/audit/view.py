"""The screen of the office's overview: four figures that filter, the table, and beneath it the row that was chosen."""

from collections.abc import Iterator
from datetime import date
from html import escape

from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import ATTENTION, FILTERS
from accountools.forms.kit.feedback import address_for
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.table import Cell, Column, LinkCell, StateCell, Table
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.audit.charts_view import PicturesView
from accountools.forms.screens.audit.details_view import DetailsView
from accountools.forms.screens.audit.form import AuditForm, resolving_screens
from accountools.operations.session import Office
from accountools.reports.audit import AuditRow
from accountools.reports.audit_texts import WORDS
from accountools.reports.icons import ICONS
from accountools.texts import Texts


def audit_screen(office: Office, texts: Texts | None = None) -> Screen[AuditForm]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    screen = Screen(AuditForm(office, texts), {}, AuditView, navigation.AUDIT)
    screen.widget.add_class("at-wide")
    return screen


class AuditView(StepView):
    """The figures, the table and the row that is open beneath it."""

    def __init__(self, form: AuditForm, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._figures = {name: self._figure(name) for name in dict.fromkeys((*WORDS, *ATTENTION))}
        again = callbacks.press(widgets.button(_("Look again"), "at-small", icon="refresh"), form.reload)
        exports = (self._export("CSV", "csv"), self._export("Excel", "xlsx"), self._export("HTML", "html"))
        self._pictures = PicturesView(form, callbacks, run_in_thread)
        self._exported = widgets.html()
        self._columns = tuple(_columns(_))
        self._table = Table(callbacks, _, self._columns, form.choose, _("Office overview"))
        self._rows: tuple[AuditRow, ...] | None = None
        self._details = DetailsView(form, callbacks)
        self.widget = widgets.column(
            widgets.row(*self._figures.values(), kinds=("at-figures",)),
            self._pictures.widget,
            self._table.widget,
            widgets.row(widgets.html(paragraph(_("All rows as"), "at-quiet")), *exports, again, self._exported, kinds=("at-row",)),
            self._details.widget,
        )

    def refresh(self) -> None:
        """Show what the form holds now."""
        for name, figure in self._figures.items():
            self._show_figure(name, figure)
        if self._rows is not self._form.rows:
            self._rows = self._form.rows
            chosen = self._form.row
            place = self._rows.index(chosen) if chosen in self._rows else None
            self._table.show((_cells(row, self._form.texts) for row in self._rows), place)
        self._details.refresh()
        self._exported.value = self._export_text()
        self._pictures.refresh()

    def _export(self, label: str, kind: str) -> Widget:
        made = widgets.button(label, "at-small", icon="download", tooltip=self._form.texts("All rows as {kind}", kind=label))
        return self._callbacks.press(made, lambda: self._form.export(kind))

    def _figure(self, name: str) -> Widget:
        kinds = (f"at-figure-{FILTERS[name].state}", *(("at-small",) if name not in WORDS else ()))
        figure = widgets.toggle("", *kinds)
        return self._callbacks.change(figure, lambda on: self._form.show(name if on else ""))

    def _show_figure(self, name: str, figure: Widget) -> None:
        _, audit = self._form.texts, self._form.audit
        text = f"{audit.summary()[name]} {_(WORDS[name])}" if name in WORDS else FILTERS[name].count_text(audit, _)
        figure.description = figure.tooltip = f"{ICONS[FILTERS[name].state]} {text}"
        figure.value = self._form.shown == name
        widgets.show(figure, bool(text))

    def _export_text(self) -> str:
        path, _ = self._form.exported, self._form.texts
        if path is None:
            return ""
        return f"{state_html('ready', _('{n} rows written to', n=len(self._form.audit.rows)))} <code>{escape(str(path))}</code>"


def _columns(_: Texts) -> Iterator[Column]:
    yield from (Column(_("State")), Column(_("No."), right=True), Column(_("Client"), named=True))
    yield from (Column(_("KvK")), Column(_("Licence")), Column(_("Until")), Column(_("User")))
    yield from (Column(_("Handed over")), Column(_("Rehearsed")))
    yield Column(_("What is to be done"), broad=True)


def _cells(row: AuditRow, _: Texts) -> tuple[Cell, ...]:
    return (
        StateCell(row.state, _(WORDS[row.state])),
        "" if row.number is None else str(row.number),
        row.client if row.description in {None, row.client} else f"{row.client} — {row.description}",
        row.kvk,
        row.licence_number,
        row.valid_until,
        row.user if row.user is None or row.user_status == "active" else _("{login} (not active)", login=row.user),
        _day(row.last_handover),
        _day(row.last_rehearsed),
        _obstacle(row, _),
    )


def _obstacle(row: AuditRow, _: Texts) -> Cell:
    """The first obstacle, with a link to where it is resolved."""
    first = next(iter(row.obstacles), None)
    if first is None:
        return None
    item = next((one for one in resolving_screens(row) if one.notebook != navigation.MAKE), None)
    more = len(row.obstacles) - 1
    sentence = _.sentence(first) + (_(" (and {n} more)", n=more) if more > 0 else "")
    return sentence if item is None else LinkCell(sentence, _(item.name), address_for(item, row.number))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
