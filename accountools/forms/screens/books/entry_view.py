"""An entry with all its lines, opened beneath what led to it: a line of a ledger card, a finding."""

from typing import Any

from accountools.forms.kit import widgets
from accountools.forms.kit.links import Heading
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.part import PartView
from accountools.forms.screens.books.part import BooksForm
from accountools.forms.screens.books.report_table import small_table_html, totals_html
from accountools.reports.books.entry_card import EntryCard


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
