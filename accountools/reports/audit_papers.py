"""The audit on paper: the same rows as CSV, as a workbook and as a page to print, and its pictures, each as bytes to be written.

The CSV is a head and rows only; the others name the office, the day, who made them and the program's version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from accountools.domain.calendar import HeldDay
from accountools.domain.messages import N_
from accountools.formats.csv_files import write_csv
from accountools.operations.session import Office
from accountools.reports import page
from accountools.reports.audit import COLUMNS, STATES, Audit, AuditRow
from accountools.reports.audit_changes import CHANGES, Change
from accountools.reports.audit_texts import COVERAGE_TITLE, EXPIRY_TITLE, WORDS, coverage_words, expiry_words
from accountools.reports.event_texts import describe_actor
from accountools.reports.icons import COLOURS, ICONS
from accountools.reports.licence_texts import STATUSES
from accountools.texts import Texts
from accountools.version import VERSION

if TYPE_CHECKING:
    from accountools.formats.workbook import Cell

KINDS = ("csv", "xlsx", "html", "png", "svg")
HANDED_OVER = N_("Handed over")  # the column that a client's own office hasn't
USER_STATUSES = {"missing": N_("no user"), "active": N_("active"), "inactive": N_("not active")}


@dataclass(frozen=True)
class ReportDetails:
    """The details printed on each report: the office, the day, who made it, when, and the version of the program."""

    office: str
    on: date
    by: str
    made: datetime
    held_day: HeldDay | None = None

    program = f"accountools {VERSION}"

    def facts(self, _: Texts) -> tuple[tuple[str, str], ...]:
        """Each with its label."""
        held = () if self.held_day is None else ((_("Attention"), _(self.held_day.sentence, **vars(self.held_day))),)
        return (
            (_("Office"), self.office),
            (_("Date"), _.day(self.on)),
            *held,
            (_("Made by"), describe_actor(self.by, _)),
            (_("Program"), self.program),
        )

    def line(self, _: Texts) -> str:
        """All in one line."""
        return " · ".join((self.office, _.day(self.on), describe_actor(self.by, _), self.program))


def report_details(office: Office, audit: Audit) -> ReportDetails:
    """The details of the reports of this audit, made now."""
    with office.session() as session:
        context, own = session.context, session.own.licence
    return ReportDetails(own.licensee.name if own else "—", audit.on, context.actor, context.now, audit.held_day)


def render_workbook(audit: Audit, details: ReportDetails, _: Texts, changes: Sequence[Change] = ()) -> bytes:
    """A workbook: the rows, what changed if that was asked, the counts by month, and the report's details."""
    from accountools.formats.workbook import Column, Sheet, WorkbookProperties, write_workbook

    heads = ((N_("Status"), 17), (N_("No."), 8), (N_("Client"), 32), (N_("KvK"), 11), (N_("Description"), 28), (N_("Licence"), 14),
             (N_("Licence status"), 16), (N_("Until"), 12), (N_("User"), 24), (N_("User status"), 13), (HANDED_OVER, 12),
             (N_("Test restore"), 12))  # fmt: skip
    shown = [place for place, (title, _width) in enumerate(heads) if title != HANDED_OVER or not audit.is_client_office]
    columns = tuple(Column(_(heads[place][0]), heads[place][1], figures="000") for place in shown)
    rows = tuple(tuple(cells[place] for place in (*shown, len(heads))) for cells in (_cells(row, _) for row in audit.rows))
    sheets = [Sheet(_("Audit"), (*columns, Column(_("To do"), 80, wrap=True)), rows)]
    if changes:
        changed: tuple[tuple[Cell, ...], ...] = tuple((_(CHANGES[one.change]), one.number, one.client, one.describe(_)) for one in changes)
        columns = (Column(_("What changed"), 14), Column(_("No."), 8, figures="000"), Column(_("Client"), 32), Column(_("Explanation"), 80))
        sheets.append(Sheet(_("Changes"), columns, changed))
    months: tuple[tuple[Cell, ...], ...] = tuple((one.on, *(one.counts[state] for state in STATES)) for one in audit.history())
    sheets.append(Sheet(_("By month"), (Column(_("Date"), 14), *(Column(_(WORDS[state]), 16) for state in STATES)), months))
    sheets.append(Sheet(_("About"), (Column(_("What"), 18), Column(_("Value"), 50)), details.facts(_)))
    title = _("Office overview")
    about = WorkbookProperties(f"{title} {details.office}", details.by, details.made, title, details.line(_))
    return write_workbook(sheets, about, days="dd-mm-yyyy" if _.language == "nl" else "yyyy-mm-dd")


def render_page(audit: Audit, details: ReportDetails, _: Texts, changes: Sequence[Change] | None = None) -> bytes:
    """The page (HTML, UTF-8) to print on A4: the report's details, what changed if that was asked, all rows, the charts."""
    from markupsafe import Markup

    def day(value: date | str | None) -> str:
        return "" if value is None else _.day(value) if isinstance(value, date) else _.iso_day(value)

    return page.render_page(
        "audit.html",
        _,
        title=f"{_('Office overview')} · {details.office}",
        footer=details.line(_),
        orientation="landscape",
        about=details.facts(_),
        counts=audit.summary(),
        words=WORDS,
        user_statuses=USER_STATUSES,
        changes=None if changes is None else [one.describe(_) for one in changes],
        rows=audit.rows,
        handed_over=() if audit.is_client_office else (_(HANDED_OVER),),
        day=day,
        pictures=(
            (Markup(coverage_svg(audit, _, "months")), coverage_words(audit.history(), _)),  # noqa: S704 - our own SVG, escaped by matplotlib
            (Markup(expiry_svg(audit, _, "expiry")), expiry_words(audit, _)),  # noqa: S704
        ),
    )


def render(audit: Audit, details: ReportDetails, _: Texts, kind: str, changes: Sequence[Change] | None = None) -> bytes:
    """The audit as a file of this kind: `csv`, `xlsx`, `html`, or its charts as `png` or `svg`."""
    if kind == "csv":  # in Dutch with `;` and a byte order mark, as a Dutch spreadsheet program reads it, else by RFC 4180
        dutch = _.language == "nl"
        return write_csv(COLUMNS, (row.cells() for row in audit.rows), delimiter=";" if dutch else ",", bom=dutch)
    if kind == "xlsx":
        return render_workbook(audit, details, _, changes or ())
    return render_page(audit, details, _, changes) if kind == "html" else render_charts(audit, _, kind)


def export(office: Office, audit: Audit, texts: Texts, kind: str, changes: Sequence[Change] | None = None) -> Path:
    """Write it to the office's own folder, as one of `KINDS`, in the language of `texts`. Gives the path."""
    data = render(audit, report_details(office, audit), texts, kind, changes)
    return page.export_file(office, f"audit-{audit.on.isoformat()}", f".{kind}", data)


def render_charts(audit: Audit, _: Texts, kind: str) -> bytes:
    """The two charts in one image, `png` or `svg`, with their description in it."""
    from accountools.reports import drawing
    from accountools.reports.licence_charts import both_figures

    title = f"{_(COVERAGE_TITLE)}. {_(EXPIRY_TITLE)}"
    words = " ".join((*coverage_words(audit.history(), _), *expiry_words(audit, _)))
    return (drawing.png if kind == "png" else drawing.svg)(both_figures(audit, audit.history(), _.language), title, words)


def coverage_svg(audit: Audit, _: Texts, name: str) -> str:
    """The chart of states by month as SVG within a page; `name` makes its identifiers unique there."""
    from accountools.reports.drawing import inline_svg

    return inline_svg(audit.figure(_.language), _(COVERAGE_TITLE), " ".join(coverage_words(audit.history(), _)), name)


def expiry_svg(audit: Audit, _: Texts, name: str) -> str:
    """The chart of expiring licences as SVG within a page; `name` makes its identifiers unique there."""
    from accountools.reports.drawing import inline_svg

    return inline_svg(audit.expiry_figure(_.language), _(EXPIRY_TITLE), " ".join(expiry_words(audit, _)), name)


def _cells(row: AuditRow, _: Texts) -> "tuple[Cell, ...]":
    from accountools.formats.workbook import ColouredText

    handed, rehearsed = (None if day is None else date.fromisoformat(day) for day in (row.last_handover, row.last_rehearsed))
    return (
        ColouredText(f"{ICONS[row.state]} {_(WORDS[row.state])}", COLOURS[row.state]),
        row.number,
        row.client,
        row.kvk,
        row.description,
        row.licence_number,
        _({"missing": WORDS["missing"], **STATUSES}[row.licence_status]),
        row.valid_until,
        row.user,
        _(USER_STATUSES[row.user_status]),
        handed,
        rehearsed,
        "\n".join(f"{_.sentence(one)} {_.remedy(one)}" for one in row.obstacles) or None,
    )
