"""The audit on paper: the same rows as CSV, as a workbook and as a page to print, and its pictures, each as bytes to be written.

The CSV is a head and rows only; the others name the office, the day, who made them and the program's version.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from accountools.domain.codes import N_
from accountools.formats.csv_files import write_csv
from accountools.operations.session import Office
from accountools.reports import page
from accountools.reports.audit import COLUMNS, STATES, Audit, AuditRow
from accountools.reports.audit_changes import CHANGES, Change
from accountools.reports.audit_texts import STATUSES, WORDS, coverage_title, coverage_words, expiry_title, expiry_words
from accountools.reports.icons import COLOURS, MARKS
from accountools.texts import Texts
from accountools.version import VERSION

if TYPE_CHECKING:
    from accountools.formats.workbook import Cell

_WHOLE = frozenset({1, 3, 4, 5, 7, 8})  # the columns of the page whose cells are not broken
USER_STATUSES = {"missing": N_("missing"), "active": N_("active"), "inactive": N_("not active")}


@dataclass(frozen=True)
class Imprint:
    """What a paper names: of which office it is, of which day, who made it and when, and by which version."""

    office: str
    on: date
    by: str
    made: datetime

    @property
    def program(self) -> str:
        """The program with its version."""
        return f"accountools {VERSION}"

    def line(self, _: Texts) -> str:
        """All of it in a line."""
        return " · ".join((self.office, _.day(self.on), self.by, self.program))


def imprint_of(office: Office, found: Audit) -> Imprint:
    """What the papers of this audit name, made now."""
    with office.session() as session:
        occasion, own = session.context, session.own.licence
    return Imprint(own.licensee.name if own else "—", found.on, occasion.by, occasion.now)


def csv_of(found: Audit, _: Texts) -> bytes:
    """A head and all rows; in Dutch with `;` and a mark, as a spreadsheet in Dutch reads it, else by RFC 4180."""
    dutch = _.language == "nl"
    return write_csv(COLUMNS, (row.cells() for row in found.rows), delimiter=";" if dutch else ",", bom=dutch)


def workbook_of(found: Audit, imprint: Imprint, _: Texts, changes: Sequence[Change] = ()) -> bytes:
    """A workbook: the rows, what changed if that was asked, the numbers by month, and what it is."""
    from accountools.formats.workbook import About, Column, Sheet, write_workbook

    heads = ((N_("State"), 17), (N_("No."), 8), (N_("Client"), 32), (N_("KvK"), 11), (N_("Description"), 28), (N_("Licence"), 14),
             (N_("Of the licence"), 16), (N_("Until"), 12), (N_("User"), 24), (N_("Of the user"), 13), (N_("Handed over"), 12),
             (N_("Rehearsed"), 12))  # fmt: skip
    columns = tuple(Column(_(title), width, figures="000") for title, width in heads)
    rows = tuple(_cells(row, _) for row in found.rows)
    sheets = [Sheet(_("Audit"), (*columns, Column(_("What is to be done"), 80, wrap=True)), rows)]
    if changes:
        told: tuple[tuple[Cell, ...], ...] = tuple((_(CHANGES[one.change]), one.number, one.client, one.told(_)) for one in changes)
        columns = (Column(_("What changed"), 14), Column(_("No."), 8, figures="000"), Column(_("Client"), 32), Column(_("In words"), 80))
        sheets.append(Sheet(_("Changes"), columns, told))
    months: tuple[tuple[Cell, ...], ...] = tuple((one.on, *(one.counts[state] for state in STATES)) for one in found.history())
    sheets.append(Sheet(_("By month"), (Column(_("Day"), 14), *(Column(_(WORDS[state]), 16) for state in STATES)), months))
    about = tuple(_about(imprint, _))
    sheets.append(Sheet(_("About"), (Column(_("What"), 18), Column(_("Said"), 50)), about))
    days = "dd-mm-yyyy" if _.language == "nl" else "yyyy-mm-dd"
    title = _("Office overview")
    return write_workbook(sheets, About(f"{title} {imprint.office}", imprint.by, imprint.made, title, imprint.line(_)), days=days)


def page_of(found: Audit, imprint: Imprint, _: Texts, changes: Sequence[Change] | None = None) -> bytes:
    """A page that holds all it needs, to print on A4: what it is, what changed if that was asked, all rows, the pictures."""
    parts = [page.facts((name, page.plain(value)) for name, value in _about(imprint, _)), _summary(found, _)]
    if changes is not None:
        parts += [page.heading(_("What changed")), page.lines([one.told(_) for one in changes] or [_("Nothing.")])]
    heads = [_("State"), _("No."), _("Client"), _("KvK"), _("Licence"), _("Until"), _("User"), _("Handed over"), _("Rehearsed")]
    parts += [
        page.heading(_("Clients and administrations")),
        page.table([*heads, _("What is to be done")], _page_rows(found, _), whole=_WHOLE),
    ]
    parts += [page.new_sheet(), *_pictures(found, _)]
    return page.page(f"{_('Office overview')} · {imprint.office}", _.language, parts, imprint.line(_), "landscape")


def picture_of(found: Audit, _: Texts, kind: str) -> bytes:
    """The two pictures as one, as `png` or `svg`, with their words in it."""
    from accountools.reports import drawing
    from accountools.reports.audit_charts import both_figures

    title = f"{coverage_title(_)}. {expiry_title(_)}"
    words = " ".join((*coverage_words(found.history(), _), *expiry_words(found, _)))
    return (drawing.png if kind == "png" else drawing.svg)(both_figures(found, _.language), title, words)


def coverage_svg(found: Audit, _: Texts, name: str) -> str:
    """The picture of the months, to stand in a page; `name` is its own there."""
    from accountools.reports.audit_charts import coverage_figure
    from accountools.reports.drawing import inline_svg

    return inline_svg(coverage_figure(found, _.language), coverage_title(_), " ".join(coverage_words(found.history(), _)), name)


def expiry_svg(found: Audit, _: Texts, name: str) -> str:
    """The line of time of the licences that run out, to stand in a page; `name` is its own there."""
    from accountools.reports.audit_charts import expiry_figure
    from accountools.reports.drawing import inline_svg

    return inline_svg(expiry_figure(found, _.language), expiry_title(_), " ".join(expiry_words(found, _)), name)


def _about(imprint: Imprint, _: Texts) -> Iterator[tuple[str, str]]:
    yield _("Office"), imprint.office
    yield _("Day"), _.day(imprint.on)
    yield _("Made by"), imprint.by
    yield _("Program"), imprint.program


def _cells(row: AuditRow, _: Texts) -> "tuple[Cell, ...]":
    from accountools.formats.workbook import Coloured

    return (
        Coloured(f"{MARKS[row.state]} {_(WORDS[row.state])}", COLOURS[row.state]),
        row.number,
        row.client,
        row.kvk,
        row.description,
        row.licence_number,
        _(STATUSES[row.licence_status]),
        row.valid_until,
        row.user,
        _(USER_STATUSES[row.user_status]),
        _day(row.last_handover),
        _day(row.last_rehearsed),
        "\n".join(f"{_.sentence(one)} {_.remedy(one)}" for one in row.obstacles) or None,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _summary(found: Audit, _: Texts) -> str:
    counts = found.summary()
    return f"<p>{' &ensp; '.join(page.mark(state, f'{counts[state]} {_(WORDS[state])}') for state in STATES)}</p>"


def _page_rows(found: Audit, _: Texts) -> Iterator[tuple[str, ...]]:
    for row in found.rows:
        days = [row.valid_until, _day(row.last_handover), _day(row.last_rehearsed)]
        until, handed, rehearsed = (page.plain("" if day is None else _.day(day)) for day in days)
        own = [row.client] if row.description in {None, row.client} else [row.client, row.description]
        user = "" if row.user is None else row.user if row.user_status == "active" else f"{row.user} ({_(USER_STATUSES[row.user_status])})"
        yield (
            page.mark(row.state, _(WORDS[row.state])),
            page.plain("" if row.number is None else row.number),
            page.plain(" — ".join(str(part) for part in own)),
            page.plain(row.kvk),
            page.plain(row.licence_number or ""),
            until,
            page.plain(user),
            handed,
            rehearsed,
            "<br>".join(page.plain(_.sentence(one)) for one in row.obstacles),
        )


def _pictures(found: Audit, _: Texts) -> Iterator[str]:
    yield page.picture(coverage_svg(found, _, "months"), coverage_words(found.history(), _))
    yield page.picture(expiry_svg(found, _, "expiry"), expiry_words(found, _))
