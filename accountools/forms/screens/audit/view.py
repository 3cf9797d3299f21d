"""The screen of the office's overview: four figures that filter, the table, and beneath it the row that was chosen."""

from collections.abc import Iterator
from datetime import date
from html import escape

from accountools.forms.kit import navigation, preferences, widgets
from accountools.forms.kit.jobs import in_a_thread
from accountools.forms.kit.screen import Screen, StepView
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.table import Cell, Column, Led, Mark, Table
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.screens.audit.charts_view import PicturesView
from accountools.forms.screens.audit.details_view import DetailsView
from accountools.forms.screens.audit.filters import BESIDES, FILTERS, WORDS
from accountools.forms.screens.audit.form import AuditForm, first_way_out
from accountools.operations.session import Office
from accountools.reports.audit import AuditRow
from accountools.reports.icons import MARKS
from accountools.texts import Texts


def audit_screen(office: Office, texts: Texts | None = None) -> Screen[AuditForm]:
    """The screen, to be shown in a notebook; its form is `.form`. It begins with what was chosen on another screen."""
    form = AuditForm(office, texts)
    form.begin(preferences.take(office, navigation.AUDIT))
    screen = Screen(form, lambda *_: {}, AuditView)
    screen.widget.add_class("at-wide")
    return screen


class AuditView(StepView):
    """The figures, the table and what is open beneath it."""

    def __init__(self, form: AuditForm, callbacks: Callbacks) -> None:
        self._form, self._callbacks, _ = form, callbacks, form.texts
        self._figures = {name: self._figure(name) for name in (*WORDS, *BESIDES)}
        again = callbacks.press(widgets.button(_("Look again"), "at-small", icon="refresh"), form.look)
        papers = (self._paper("CSV", "csv"), self._paper("Excel", "xlsx"), self._paper("HTML", "html"))
        self._pictures = PicturesView(form, callbacks, in_a_thread)
        self._exported = widgets.html()
        self._columns = tuple(_columns(_))
        self._table = Table(callbacks, _, self._columns, form.choose, _("Office overview"), self._lead)
        self._rows: tuple[AuditRow, ...] | None = None
        self._details = DetailsView(form, callbacks)
        self.widget = widgets.column(
            widgets.row(*self._figures.values(), kinds=("at-figures",)),
            self._pictures.widget,
            self._table.widget,
            widgets.row(widgets.html(line(_("All rows as"), "at-quiet")), *papers, again, self._exported, kinds=("at-row",)),
            self._details.widget,
        )

    def refresh(self) -> None:
        """Show what the form says now."""
        for name, figure in self._figures.items():
            self._show_figure(name, figure)
        if self._rows is not self._form.rows:
            self._rows = self._form.rows
            chosen = self._form.row
            place = self._rows.index(chosen) if chosen in self._rows else None
            self._table.show((_cells(row, self._form.texts) for row in self._rows), place)
        self._details.refresh()
        self._exported.value = self._told()
        self._pictures.refresh()

    def _lead(self, place: int) -> None:
        row = self._form.rows[place]
        item = first_way_out(row)
        if item is not None:
            self._form.lead(item.notebook, row)

    def _paper(self, label: str, kind: str) -> Widget:
        made = widgets.button(label, "at-small", icon="download", tooltip=self._form.texts("All rows as {kind}", kind=label))
        return self._callbacks.press(made, lambda: self._form.export(kind))

    def _figure(self, name: str) -> Widget:
        kinds = (f"at-figure-{FILTERS[name].state}", *(("at-small",) if name in BESIDES else ()))
        figure = widgets.toggle("", *kinds)
        return self._callbacks.change(figure, lambda on: self._form.show(name if on else ""))

    def _show_figure(self, name: str, figure: Widget) -> None:
        _, found, told = self._form.texts, self._form.found, FILTERS[name].told(self._form.found, self._form.texts)
        if name in WORDS:
            told = f"{found.summary()[name]} {_(WORDS[name])}"
        figure.description = figure.tooltip = f"{MARKS[FILTERS[name].state]} {told}"
        figure.value = self._form.shown == name
        widgets.show(figure, bool(told))

    def _told(self) -> str:
        path, _ = self._form.exported, self._form.texts
        if path is None:
            return ""
        return f"{mark('ready', _('{n} rows written to', n=len(self._form.found.rows)))} <code>{escape(str(path))}</code>"


def _columns(_: Texts) -> Iterator[Column]:
    yield from (Column(_("State")), Column(_("No."), right=True), Column(_("Client"), named=True))
    yield from (Column(_("KvK")), Column(_("Licence")), Column(_("Until")), Column(_("User")))
    yield from (Column(_("Handed over")), Column(_("Rehearsed")))
    yield Column(_("What is to be done"), broad=True)


def _cells(row: AuditRow, _: Texts) -> tuple[Cell, ...]:
    return (
        Mark(row.state, _(WORDS[row.state])),
        "" if row.number is None else str(row.number),
        row.client if row.description in {None, row.client} else f"{row.client} — {row.description}",
        row.kvk,
        row.licence_number,
        row.valid_until,
        row.user if row.user is None or row.user_status == "active" else _("{login} (not active)", login=row.user),
        _day(row.last_handover),
        _day(row.last_rehearsed),
        _told(row, _),
    )


def _told(row: AuditRow, _: Texts) -> Cell:
    """What is in the way first, and the way to where it is mended."""
    first, item = next(iter(row.obstacles), None), first_way_out(row)
    if first is None:
        return None
    more = len(row.obstacles) - 1
    sentence = _.sentence(first) + (_(" (and {n} more)", n=more) if more > 0 else "")
    href = "" if item is None else navigation.address(item.notebook)
    return sentence if item is None or not href else Led(sentence, _(item.name), href)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
