"""Entries in a table come into the books: what would be posted, what is wrong with each row, and posting them."""

from collections.abc import Iterator
from functools import partial
from html import escape
from pathlib import Path

from accountools.domain.ledger import Entry as LedgerEntry
from accountools.domain.ledger import format_amount
from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import Entry, guarded, parse_path, plan_state
from accountools.forms.kit.style import paragraph, state_html
from accountools.forms.kit.table import Cell, Column, NumberCell, Table
from accountools.forms.kit.wizard import State
from accountools.forms.parts.field_errors import errors_html
from accountools.forms.parts.part import PartView, heading
from accountools.forms.screens.books.part import ENTRIES, TRIAL_BALANCE, BooksPart, Subject
from accountools.operations.books.import_entries import EntriesImportPlan, plan_entries_import

ENDINGS = (".csv", ".txt", ".xlsx")
_MOST = 200  # lines of what is wrong


class EntriesPart(BooksPart):
    """The part. `file` is the table and what posting it would do, `done` what was posted last."""

    name, title, action = ENTRIES, N_("Import entries"), N_("Post entries")

    def forget(self) -> None:
        """Begin with no file."""
        self.file: Entry[EntriesImportPlan | None] = Entry(self._plan)
        self.done: EntriesImportPlan | None = None
        self._of: Subject | None = None

    def enter(self) -> None:
        """Read the file for the books that are chosen now, unless it was."""
        if self._of != self.form.subject:
            self.retry()

    def retry(self) -> None:
        """Read the file again."""
        self._of = self.form.subject
        self.file.read(self.file.typed)

    @guarded
    def choose(self, path: object) -> None:
        """Choose a file; it is read at once. Changes nothing."""
        self.done, self._of = None, self.form.subject
        self.file.read(str(path))

    def _plan(self, typed: str) -> EntriesImportPlan | None:
        number = self.form.number
        return None if number is None else plan_entries_import(self.office, parse_path(typed) or Path(typed), number)

    @guarded
    def post(self) -> bool:
        """Post the entries that were shown, in one transaction."""
        plan = self.file.value
        if plan is None or not self.can_act():
            return False
        done = plan.apply(self.office)
        self.file.read("")
        self.form.note_change(done.years[-1] if done.years else None)
        self.done, self._of = done, self.form.subject
        return True

    def missing(self) -> str:
        """Why nothing can be posted."""
        _, plan = self.texts, self.file.value
        if self.form.administration is None:
            return _("Choose the administration first")
        if plan is None:
            return _("This file can't be used; choose another one") if self.file.error else _("Choose a file with entries first")
        if plan.number != self.form.number:
            return _("The file hasn't been read yet")
        if plan.held:
            return _("These entries are already in the books")
        state, *why = plan_state(plan.obstacles, frozenset(), _)
        return "" if state is State.READY else why[0]


class EntriesView(PartView[EntriesPart]):
    """What is shown of it."""

    def __init__(self, part: EntriesPart, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        self.press_main = part.post
        _ = self.texts
        field = _("File with entries (CSV or Excel)")
        self._file = FileChooser(callbacks, _, field, _("Look up the file"), part.choose, endings=ENDINGS, again=True,
            placeholder=_("The path of a CSV file or workbook"))  # fmt: skip
        self._file.add_upload(callbacks, part.form.uploads.upload_for("entries"), part.choose)
        columns = (Column(_("Ledger journal")), Column(_("Number")), Column(_("Date")), Column(_("Description"), broad=True),
            Column(_("Amount"), right=True))  # fmt: skip
        self._table = Table(callbacks, _, columns, lambda _place: None, _("What would be posted"))
        self._body = widgets.column(kinds=("at-fields",))
        self._shown: object = self
        explained = _("A row is a line of an entry; it comes into the fiscal year of its date. Nothing changes until you post them.")
        named = _("Columns: journal, number, date, account, debit, credit; and if you have them description, relation, vat, document.")
        self.widget = widgets.column(
            heading(_("Import entries"), explained),
            widgets.html(paragraph(named, "at-quiet")),
            self._file.widget,
            self._body,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part = self.part
        self._file.show(part.file.typed, "" if part.file.value else errors_html(part.form, part.file))
        state = (part.file.value, part.file.typed, part.done, part.form.administration)
        if self._shown != state:
            self._shown = state
            self._body.children = tuple(self._parts())

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def _parts(self) -> Iterator[widgets.Widget]:
        part, _ = self.part, self.texts
        if part.done is not None:
            yield self._done(part.done)
        elif part.file.typed and part.form.administration is None:
            yield widgets.html(paragraph(_("Choose above whose books this file belongs to; then it is read.")))
        elif part.file.value is not None:
            yield from self._plan(part.file.value)

    def _plan(self, plan: EntriesImportPlan) -> Iterator[widgets.Widget]:
        _ = self.texts
        yield widgets.html(self.part.describe_target(plan.number))
        remarks = [one for one in plan.obstacles if not one.blocking]
        if refused := [one for one in plan.obstacles if one.blocking]:
            lines = "".join(f"<li>{escape(_.sentence(one))}</li>" for one in refused[:_MOST])
            count = len(refused)
            text = _.plural("{count} entry can't be posted:", "{count} entries can't be posted:", count)
            remedies = "".join(paragraph(one, "at-quiet") for one in dict.fromkeys(map(self.part.form.remedy, refused)))
            rest = paragraph(_("and {count} more", count=count - _MOST), "at-quiet") if count > _MOST else ""
            yield widgets.html(f"<p>{state_html('blocked', text)}</p><ul>{lines}</ul>{rest}{remedies}")
        for one in remarks:
            yield widgets.html(f"<p>{state_html('attention', _.sentence(one))}</p>{paragraph(self.part.form.remedy(one), 'at-quiet')}")
        if plan.held:
            sentence = _("These entries are already in the books; there is nothing to do.")
            yield widgets.panel("ready", _("imported"), sentence, "")
        if plan.present and not plan.held:
            text = _.plural("Already in the books: {count} entry.", "Already in the books: {count} entries.", plan.present)
            yield widgets.html(paragraph(text, "at-quiet"))
        for year in plan.new_years:
            yield widgets.html(paragraph(_("Fiscal year {year} is new: it is made by the import.", year=year)))
        if plan.entries:
            yield heading(_("What would be posted"), _.counts(entries=len(plan.entries), lines=plan.adds["lines"]))
            self._table.show(self._row(one) for one in plan.entries)
            yield self._table.widget

    def _row(self, one: LedgerEntry) -> tuple[Cell, ...]:
        cents = sum(line.amount for line in one.lines if line.side == "D")
        amount = NumberCell(cents, self.texts.amount(format_amount(cents)))
        return one.journal, one.number, self.texts.iso_day(one.date), one.description, amount

    def _done(self, done: EntriesImportPlan) -> widgets.Widget:
        _ = self.texts
        sentence = _.plural(
            "{count} entry posted in administration {number}.",
            "{count} entries posted in administration {number}.",
            len(done.entries),
            number=done.number,
        )
        read = widgets.button(_("To the trial balance"), "at-small")
        self.callbacks.press(read, partial(self.part.form.open_part, TRIAL_BALANCE))
        return widgets.panel("ready", _("done"), sentence, "", read)
