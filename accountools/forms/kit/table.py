"""A table to search, sort and choose a row of, of any length: only a page of its rows is ever in the browser's document.

The rows go over as columns; what has a colour or an order of its own (states, days, numbers) goes as the number of what it shows.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

from accountools.forms.kit import widgets
from accountools.forms.kit.links import link_html
from accountools.forms.kit.style import TABLES, text_html
from accountools.reports.icons import ICONS
from accountools.texts import Texts

PAGE = 25
_LAYOUT = {"topStart": "search", "topEnd": None, "bottomStart": "info", "bottomEnd": "paging"}


@dataclass(frozen=True)
class StateCell:
    """A cell with a state's icon and colour before its word."""

    state: str
    word: str


@dataclass(frozen=True)
class LinkCell:
    """A cell with a sentence, and beneath it a link to where that is resolved."""

    sentence: str
    label: str
    href: str


@dataclass(frozen=True)
class NumberCell:
    """A figure or an amount: how it is shown, and the number that it is sorted by."""

    number: int
    text: str


Cell = str | date | StateCell | LinkCell | NumberCell | None


@dataclass(frozen=True)
class Column:
    """A column: its title, whether its figures stand to the right, and whether it holds names or sentences."""

    title: str
    right: bool = False
    named: bool = False
    broad: bool = False


class Table:
    """The table. `chosen` gets the place of the row that was chosen among those shown, or None when none is any more."""

    def __init__(
        self, callbacks: widgets.Callbacks, texts: Texts, columns: Sequence[Column], chosen: Callable[[int | None], object], caption: str
    ) -> None:
        from itables.widget import ITable

        self._texts, self._columns, self._callbacks = texts, tuple(columns), callbacks
        self._caption = caption
        self.itable = ITable(self._frame(()), **self._options())
        self.itable.add_class("at-itable")
        self.widget = widgets.column(widgets.html(f"<style>{TABLES}</style>"), self.itable)
        self.itable.observe(lambda change: self._pick(change["new"], chosen), "selected_rows")

    def show(self, rows: Iterable[Sequence[Cell]], chosen: int | None = None) -> None:
        """Show these rows, with one of them chosen."""
        with self._callbacks.silenced():
            self.itable.update(self._frame(tuple(rows)), **self._options([] if chosen is None else [chosen]))

    def _pick(self, places: Sequence[int], chosen: Callable[[int | None], object]) -> None:
        if not self._callbacks.quiet:
            self._callbacks.run(lambda: chosen(places[-1] if places else None))

    def _frame(self, rows: Sequence[Sequence[Cell]]) -> Any:
        import pandas as pd

        columns = {f"{place}": self._series([row[place] for row in rows]) for place in range(len(self._columns))}
        frame = pd.DataFrame(columns)
        frame.columns = pd.Index([column.title for column in self._columns])
        return frame

    def _series(self, cells: Sequence[Cell]) -> Any:
        import pandas as pd

        if not any(isinstance(cell, date | StateCell | NumberCell) for cell in cells):
            return pd.Series([self._show(cell) for cell in cells], dtype="object")
        order = sorted({cell for cell in cells if cell is not None}, key=_rank)
        shown: dict[Cell, str] = {cell: self._show(cell) for cell in order}
        values: Any = [shown.get(cell) for cell in cells]
        return pd.Series(pd.Categorical(values, categories=list(dict.fromkeys(shown.values())), ordered=True))

    def _show(self, cell: Cell) -> str:
        if isinstance(cell, StateCell):
            return f'<span class="at-whole at-is-{cell.state}">{ICONS[cell.state]} {escape(cell.word)}</span>'
        if isinstance(cell, LinkCell):
            return f"{text_html(cell.sentence)}<br>{link_html(cell.label, cell.href)}"
        if isinstance(cell, NumberCell):
            return f'<span class="at-whole">{escape(cell.text)}</span>'
        if isinstance(cell, date):
            when = self._texts.moment(cell) if isinstance(cell, datetime) else self._texts.day(cell)
            return f'<span class="at-whole">{when}</span>'
        return escape(str(cell or ""))

    def _options(self, selected: Sequence[int] = ()) -> Any:
        kinds = {"dt-right": "right", "at-client": "named", "at-broad": "broad"}
        columns = [(kind, [n for n, one in enumerate(self._columns) if getattr(one, name)]) for kind, name in kinds.items()]
        return {
            "caption": self._caption,
            "allow_html": True,  # what comes from outside is escaped above
            "showIndex": False,
            "maxBytes": 0,
            "pageLength": PAGE,
            "layout": _LAYOUT,
            "autoWidth": False,
            "select": {"style": "single", "keys": True, "info": False},
            "columnDefs": [{"targets": places, "className": kind} for kind, places in columns],
            "text_in_header_can_be_selected": False,  # a press on it sorts
            "language": _table_words(self._texts),
            "classes": "display compact",
            "style": "width:100%",
            "selected_rows": list(selected),
        }


def _table_words(_: Texts) -> dict[str, Any]:
    return {
        "search": _("Search"),
        "thousands": _.thousands_separator,
        "info": _("_START_ to _END_ of _TOTAL_"),
        "infoEmpty": _("nothing to show"),
        "infoFiltered": _("(of _MAX_ in all)"),
        "zeroRecords": _("Nothing found"),
        "emptyTable": _("nothing to show"),
        "aria": {
            "orderable": _("sort by this column"),
            "orderableReverse": _("sort the other way round"),
            "paginate": {"first": _("first page"), "previous": _("previous page"), "next": _("next page"), "last": _("last page")},
        },
    }


def _rank(cell: Cell) -> tuple[int, str]:
    """The order of a column's values: states by their weight (as the audit has them), days by the calendar, numbers by their size."""
    if isinstance(cell, NumberCell):
        return cell.number, cell.text
    if isinstance(cell, StateCell):
        return tuple(ICONS).index(cell.state), cell.word
    return 0, cell.isoformat() if isinstance(cell, date) else str(cell)
