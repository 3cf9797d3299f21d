"""What is shown of an audit file that comes in: the file, what asks for a confirmation, what would come in, and what was found."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from html import escape

from accountools.domain.audit_file.findings import Finding, Severity
from accountools.domain.audit_findings import COUNTED, FIELDS, FINDINGS, USED, one_line
from accountools.domain.ledger import format_amount
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import widgets
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.screen import obstacle_panel
from accountools.forms.kit.style import facts_table, paragraph, state_html
from accountools.forms.kit.table import Column, NumberCell, StateCell, Table
from accountools.forms.parts.part import PartView, heading
from accountools.forms.screens.books.import_file import Imported, ImportPart
from accountools.forms.screens.books.part import TRIAL_BALANCE
from accountools.forms.screens.books.report import ExportButtons
from accountools.forms.screens.books.report_table import STATES, severities_html
from accountools.operations.books.import_auditfile import AuditfileImportPlan
from accountools.operations.books.opening import OpeningDifference
from accountools.reports.books.findings import SEVERITIES
from accountools.texts import Texts

ENDINGS = (".xaf", ".xml", ".gz", ".zip", ".adf", ".txt")
KINDS = {"html": "HTML", "csv": "CSV", "txt": N_("Text")}
_MOST = 200  # rows of the table without a search


class ImportView(PartView[ImportPart]):
    """What is shown of it."""

    def __init__(self, part: ImportPart, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        self.press_main = part.finish
        _ = self.texts
        self._file = FileChooser(callbacks, _, _("Audit file (XAF, ADF or CLAIR)"), _("Look up the audit file"), part.choose,
            endings=ENDINGS, again=True, placeholder=_("The path of the file that you received"))  # fmt: skip
        self._file.add_upload(callbacks, part.upload, part.choose)
        self._working = JobView(part.form, callbacks, _("The audit file is being read"), _("The audit file is being checked"))
        self._body = widgets.column(kinds=("at-fields",))
        self._shown: object = self
        self._findings = FindingsTable(self)
        columns = (Column(_("What")), Column(_("Code")), Column(_("Differs in")), Column(_("In the books"), named=True),
            Column(_("In the file"), named=True))  # fmt: skip
        self._differing = Table(callbacks, _, columns, lambda _place: None, _("What differs in the file"))
        explained = _("Nothing changes until you choose Finish. Years may come in any order; each file is one year.")
        self.widget = widgets.column(
            heading(_("Import an audit file"), explained), self._file.widget, self._working.widget, self._body, kinds=("at-fields",)
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part = self.part
        self._file.show(", ".join(map(str, part.paths)) if part.paths else "", self._note())
        self._working.refresh()
        self._findings.exports.refresh(part.exported, busy=part.form.busy)
        state = (part.plan, part.error, part.done, part.paths, part.form.administration)
        if self._shown != state:
            self._shown = state
            self._body.children = tuple(self._parts())

    def hide(self) -> None:
        """Close the list of files."""
        self._file.close()

    def _note(self) -> str:
        part, _ = self.part, self.texts
        if part.error is not None and not part.is_incomplete:
            return f"<p>{state_html('blocked', _('not usable'))}&ensp;{escape(part.form.describe(part.error))}</p>"
        return ""

    def _parts(self) -> Iterator[widgets.Widget]:
        part, _ = self.part, self.texts
        if part.done is not None:
            yield self._done(part.done)
        elif part.paths and part.form.administration is None:
            yield widgets.html(paragraph(_("Choose above whose books this file belongs to; then it is read.")))
        elif part.error is not None and part.is_incomplete:
            again = self.callbacks.press(widgets.button(_("Choose another file"), "at-small"), part.start_again)
            chosen = _("Chosen: {names}. Choose the other parts too.", names=", ".join(path.name for path in part.paths))
            yield widgets.panel("attention", _("attention"), _.sentence(part.error), chosen, again)
        elif part.plan is not None:
            yield from self._plan(part.plan)

    def _plan(self, plan: AuditfileImportPlan) -> Iterator[widgets.Widget]:
        _ = self.texts
        facts, target = facts_table(file_facts(plan, _)), self.part.describe_target(plan.number)
        yield widgets.html(f"<h3>{escape(_('About this file'))}</h3>{facts}{target}")
        if plan.held:
            sentence = _("This file is in the books already; there is nothing to do.")
            yield widgets.panel("ready", _("imported"), sentence, "")
        yield from (self._obstacle(one) for one in plan.obstacles)
        if plan.replace and plan.replaced:
            yield self._replacing(plan)
        yield from self._findings.widgets(plan)
        if not plan.held:
            rows = [(escape(_(COUNTED[name])), str(count), str(plan.counts[name])) for name, count in plan.adds.items()]
            table = _amounts_table((_("What"), _("New"), _("In the file")), rows)
            yield widgets.html(f"<h3>{escape(_('What would be imported'))}</h3>{table}")
            yield widgets.html(self._opening(plan.opening))
            yield from self._differences(plan)

    def _obstacle(self, one: Obstacle) -> widgets.Widget:
        if one.code == "year-present":
            return obstacle_panel(self.part.form, self.callbacks, one, self._replace_box(value=False))
        return obstacle_panel(self.part.form, self.callbacks, one)

    def _replace_box(self, *, value: bool) -> widgets.Widget:
        box = widgets.checkbox(self.texts("Replace what is there; a safekeeping backup is made first"), value=value)
        return self.callbacks.change(box, self.part.replace_year)

    def _replacing(self, plan: AuditfileImportPlan) -> widgets.Widget:
        _ = self.texts
        sentence = _("Fiscal year {year} is replaced by what is in this file.", year=", ".join(plan.replaced))
        kept = _("A safekeeping backup of the books as they are now is made first.")
        return widgets.panel("attention", _("replaced"), sentence, kept, self._replace_box(value=True))

    def _opening(self, opening: OpeningDifference | None) -> str:
        _ = self.texts
        title = f"<h3>{escape(_('The opening balance and the year before'))}</h3>"
        if opening is None:
            return title + paragraph(_("There is no adjoining year in the books to compare with."), "at-quiet")
        facts = {"year": opening.year, "before": opening.before}
        if not opening.differs:
            return f"{title}<p>{state_html('ready', _('The opening balance of {year} is the closing balance of {before}.', **facts))}</p>"
        rows = [
            (escape(one.account), *(self._amount(cents) for cents in (one.closing, one.opening, one.opening - one.closing)))
            for one in opening.differs[:_MOST]
        ]
        heads = (_("Account"), _("Closing balance"), _("Opening balance"), _("Difference"))
        about = _(
            "The opening balance of {year} is not the closing balance of {before}; usually that year's result wasn't appropriated yet.",
            **facts,
        )
        return title + paragraph(about) + _amounts_table(heads, rows)

    def _amount(self, cents: int) -> str:
        return self.texts.amount(format_amount(cents))

    def _differences(self, plan: AuditfileImportPlan) -> Iterator[widgets.Widget]:
        _ = self.texts
        if plan.differences:
            yield heading(_("What differs in the file"), _(USED[plan.newest]))
            if plan.differences_hidden:
                more = _.plural("{count} more difference isn't shown.", "{count} more differences aren't shown.", plan.differences_hidden)
                yield widgets.html(paragraph(more, "at-quiet"))
            self._differing.show(
                (_(COUNTED[one.what]), one.code, _(FIELDS[one.field]), one_line(one.field, one.here), one_line(one.field, one.file))
                for one in plan.differences
            )
            yield self._differing.widget

    def _done(self, done: Imported) -> widgets.Widget:
        _, plan = self.texts, done.plan
        sentence = _(
            "Fiscal year {year} is imported into administration {number}: {counts}.",
            year=plan.facts.year,
            number=plan.number,
            counts=_.counts(entries=plan.counts["entries"], lines=plan.counts["lines"]),
        )
        kept = ""
        if done.safety_copy is not None:
            kept = _("What it replaced is in the safekeeping backup {name}.", name=done.safety_copy.name)
        read = widgets.button(_("To the trial balance"), "at-small")
        self.callbacks.press(read, partial(self.part.form.open_part, TRIAL_BALANCE))
        another = self.callbacks.press(widgets.button(_("Import another file"), "at-small"), self.part.start_again)
        copy = FileLinks(self.callbacks, self.part.office, _, done.safety_copy)
        return widgets.panel("ready", _("done"), sentence, kept, copy.widget, widgets.row(read, another, kinds=("at-row",)))


def file_facts(plan: AuditfileImportPlan, _: Texts) -> Iterator[tuple[str, str]]:
    """What an audit file says of itself, as pairs of a name and HTML."""
    facts, totals = plan.facts, plan.totals
    days = [_.iso_day(day) if day else "—" for day in (facts.first_day, facts.last_day)]
    yield _("Package"), escape(facts.software or "—")
    yield _("Company"), escape(facts.company or "—")
    yield _("KvK number"), escape(facts.kvk or "—")
    yield _("Fiscal year"), escape(f"{facts.year}: {_('{first} to {last}', first=days[0], last=days[1])}")
    yield _("Entries and lines"), escape(_.counts(entries=plan.counts["entries"], lines=plan.counts["lines"]))
    yield _("Debit and credit"), escape(f"{_.amount(totals['debit'])} · {_.amount(totals['credit'])}")
    yield _("Format"), escape(f"XAF {facts.version} · {facts.encoding}")


class FindingsTable:
    """The findings of an audit file by severity, each with its line; what to do about the chosen one beneath."""

    def __init__(self, view: PartView[ImportPart]) -> None:
        _ = self._texts = view.texts
        columns = (Column(_("Severity")), Column(_("Line"), right=True), Column(_("Finding"), broad=True),
            Column(_("Code")), Column(_("File")))  # fmt: skip
        self._table = Table(view.callbacks, self._texts, columns, self._choose, _("Findings"))
        self._about = widgets.column()
        self.exports = ExportButtons(view, label=_("For the supplier of the package, without any of the client's data:"), kinds=KINDS)
        self._rows: tuple[Finding, ...] = ()

    def widgets(self, plan: AuditfileImportPlan) -> Iterator[widgets.Widget]:
        """What is shown of them."""
        _, order = self._texts, list(SEVERITIES)
        yield heading(_("What was found in the file"))
        self._about.children = ()
        self._rows = tuple(sorted(plan.findings, key=lambda one: (order.index(one.severity), one.line or 0)))
        if not self._rows:
            yield widgets.html(f"<p>{state_html('ready', _('Nothing is wrong with this file.'))}</p>")
            return
        counts: dict[Severity, int] = {}
        for one in self._rows:
            counts[one.severity] = counts.get(one.severity, 0) + 1
        more = _.plural(
            "{count} more finding of the same kinds isn't shown.", "{count} more findings of the same kinds aren't shown.", plan.suppressed
        )
        hidden = paragraph(more, "at-quiet")
        yield widgets.html(severities_html(counts, _) + (hidden if plan.suppressed else ""))
        self._table.show(
            (
                StateCell(STATES[one.severity], _(SEVERITIES[one.severity])),
                None if one.line is None else NumberCell(one.line, str(one.line)),
                _(FINDINGS[one.code][0]),
                one.code,
                one.file,
            )
            for one in self._rows
        )
        yield self._table.widget
        yield self._about
        if any(one.severity != "info" for one in self._rows):
            yield self.exports.widget

    def _choose(self, place: int | None) -> None:
        if place is None:
            self._about.children = ()
            return
        _, one = self._texts, self._rows[place]
        sentence, remedy = FINDINGS[one.code]
        detail = widgets.html(f"<p><code>{escape(one.detail)}</code></p>")
        word = _("Line {line}", line=one.line) if one.line is not None else _(SEVERITIES[one.severity])
        self._about.children = (widgets.panel(STATES[one.severity], word, _(sentence), _(remedy), detail),)


def _amounts_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells, but the first, are amounts or figures."""

    def line(tag: str, cells: Sequence[str]) -> str:
        first, *others = cells
        figures = "".join(f'<{tag} class="at-amount">{cell}</{tag}>' for cell in others)
        return f"<tr><{tag}>{first}</{tag}>{figures}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<table class="at-table"><thead>{line("th", list(map(escape, heads)))}</thead><tbody>{body}</tbody></table>'
