"""A report of the books on a screen: its rows in the table with a search, or a small one as it is; and an entry opened beneath it."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from accountools.domain.audit_file.findings import Severity
from accountools.domain.messages import P_
from accountools.forms.kit import widgets
from accountools.forms.kit.links import Heading
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.table import Cell, Column, NumberCell, StateCell, Table
from accountools.forms.parts.part import PartView
from accountools.forms.screens.books.part import BooksForm
from accountools.reports.books.entry_card import EntryCard
from accountools.reports.books.findings import SEVERITIES
from accountools.reports.books.papers import format_cell, format_fact, title_of
from accountools.reports.books.table import TOTAL, BookTable, Field, parse_day
from accountools.texts import Texts

STATES = {"error": "blocked", "warning": "attention", "info": "missing"}  # the colour of each severity
COUNTED = {
    "error": P_("{count} error", "{count} errors"),
    "warning": P_("{count} warning", "{count} warnings"),
    "info": P_("{count} for information", "{count} for information"),
}
_BROAD = {"message", "description"}


class ReportTable:
    """The rows of a report in the table with a search. `chosen` gets the place of a row; `hidden` are fields that aren't shown."""

    def __init__(
        self, callbacks: widgets.Callbacks, texts: Texts, chosen: Callable[[int | None], object], hidden: frozenset[str] = frozenset()
    ) -> None:
        self._callbacks, self._texts, self._chosen, self._hidden = callbacks, texts, chosen, hidden
        self._fields: list[tuple[int, Field]] = []
        self._table: Table | None = None
        self._totals = widgets.html()
        self.widget = widgets.column(kinds=("at-group",))

    def show(self, report: BookTable[Any], place: int | None = None) -> None:
        """Show this report, with the row at a place chosen."""
        _ = self._texts
        fields = [(n, field) for n, field in enumerate(report.fields()) if field.name not in self._hidden]
        if self._table is None or fields != self._fields:
            columns = [
                Column(title_of(one, _), one.kind in {"amount", "number"}, named=one.name == "name", broad=one.name in _BROAD)
                for _n, one in fields
            ]
            self._fields, self._table = fields, Table(self._callbacks, _, columns, self._chosen, _(report.TITLE))
            self.widget.children = (self._table.widget, self._totals)
        cells = ([table_cell(field, values[n], _) for n, field in fields] for values in map(report.cells, report.rows))
        self._table.show(cells, place)
        self._totals.value = totals_html(report, _)


def table_cell(field: Field, value: Any, _: Texts) -> Cell:
    """A value as a cell that sorts as it should."""
    if value is None:
        return None
    if field.name == "severity":
        return StateCell(STATES[value], _(SEVERITIES[value]))
    if field.kind in {"amount", "number"} and isinstance(value, int):
        return NumberCell(value, format_cell(field, value, _))
    if field.kind == "day":
        return parse_day(value) or str(value)
    return format_cell(field, value, _)


def severities_html(counts: Mapping[Severity, int], _: Texts) -> str:
    """How many findings there are of each severity, in a line."""
    texts = (state_html(STATES[one], _.plural(*COUNTED[one], count)) for one, count in counts.items() if count)
    return f"<p>{'&emsp;'.join(texts)}</p>"


def totals_html(report: BookTable[Any], _: Texts) -> str:
    """The totals of a report in a line; nothing where there are none."""
    totals = report.totals()
    named = [(field, totals[field.name]) for field in report.fields() if field.name in totals and not field.plain]
    if not named:
        return ""
    sums = " · ".join(f"{escape(title_of(field, _))} <b>{escape(format_cell(field, cents, _))}</b>" for field, cents in named)
    return f'<p class="at-figures-line">{escape(_(TOTAL))}: {sums}</p>'


def facts_line(report: BookTable[Any], _: Texts) -> str:
    """What is said above a report, in a line."""
    return paragraph(" · ".join(f"{_(label)}: {format_fact(value, _)}" for label, value in report.facts()), "at-quiet at-figures-line")


def small_table_html(report: BookTable[Any], _: Texts) -> str:
    """A report of a few rows as a table without a search."""
    fields = report.fields()

    def cell(tag: str, text: str, field: Field) -> str:
        kind = ' class="at-amount"' if field.kind in {"amount", "number"} else ""
        return f"<{tag}{kind}>{escape(text)}</{tag}>"

    head = "".join(cell("th", title_of(field, _), field) for field in fields)
    rows = []
    for row in report.rows:
        texts = [format_cell(field, value, _) for field, value in zip(fields, report.cells(row), strict=True)]
        rows.append("".join(cell("td", text, field) for text, field in zip(texts, fields, strict=True)))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="at-table at-facts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def show_entry(form: BooksForm, journal: str | None, number: str | None) -> EntryCard | None:
    """The entry with this number in this journal; None where nothing names one."""
    books = form.books
    return None if books is None or journal is None or number is None else books.entry(journal, number, form.year)


class EntryView:
    """The entry that is open. `line` is the number of the line that it is about."""

    def __init__(self, view: PartView[Any]) -> None:
        self._texts = view.texts
        self._shown: EntryCard | None = None
        self.widget = widgets.column(kinds=("at-fields",))

    def show(self, entry: EntryCard | None, line: object = None) -> None:
        """Show this entry, or close it."""
        if self._shown is entry:
            return
        self._shown, _ = entry, self._texts
        if entry is None:
            self.widget.children = ()
            return
        heading = Heading(f"{_('Entry')} {entry.number} · {_('Ledger journal')} {entry.journal}")
        about = [] if line is None else [widgets.html(paragraph(_("The finding is about line {line}.", line=line), "at-quiet"))]
        table = widgets.html(small_table_html(entry, _) + totals_html(entry, _))
        self.widget.children = (heading, *about, table)
