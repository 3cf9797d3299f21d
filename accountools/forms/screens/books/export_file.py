"""An audit file is made of a year, or of each year, of the books: XAF 4.0, or 3.2 for packages that still want it."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from accountools import safe_files
from accountools.domain.audit_file.findings import WrittenVersion
from accountools.domain.audit_findings import HOW_LOST
from accountools.domain.messages import N_
from accountools.forms.files.results import FileLinks
from accountools.forms.kit import widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.parts.part import PartView, heading
from accountools.forms.screens.books.part import EXPORT, BooksPart, no_year_panel
from accountools.operations.books.export_auditfile import WrittenFile, export_auditfile
from accountools.operations.progress import Progress
from accountools.reports.page import export_path
from accountools.texts import Texts

VERSIONS: dict[WrittenVersion, str] = {
    "4.0": N_("XAF 4.0: the version that the tax office accepts from 1 January 2027"),
    "3.2": N_("XAF 3.2: for packages that don't read 4.0 yet"),
}


@dataclass(frozen=True)
class Choice:
    """What was asked for: the version, and whether all years are written."""

    version: WrittenVersion = "4.0"
    all_years: bool = False


class ExportPart(BooksPart):
    """The part. `written` are the files that were made last."""

    name, title, action = EXPORT, N_("Make an audit file"), N_("Make the file")

    def forget(self) -> None:
        """Begin with the newest version and one year."""
        self.choice = Choice()
        self.written: tuple[WrittenFile, ...] = ()

    def load(self) -> None:
        """What was made is of other books."""
        self.written = ()

    @guarded
    def choose_version(self, version: WrittenVersion) -> None:
        """Choose the version of the format."""
        self.choice, self.written = Choice(version, self.choice.all_years), ()

    @guarded
    def choose_all_years(self, yes: bool = True) -> None:
        """Write each year to a file of its own, or only the one that is chosen."""
        self.choice, self.written = Choice(self.choice.version, yes), ()

    @guarded
    def make(self) -> bool:
        """*Auditfile maken*: in the office's folder of exports. When it is stopped the files of earlier years stay."""
        number, year = self.form.number, self.form.year
        if number is None or year is None or not self.can_act():
            return False
        self.written, version = (), self.choice.version
        years = [one.year for one in self.form.years] if self.choice.all_years else [year]

        def write(progress: Progress) -> tuple[WrittenFile, ...]:
            made = []
            for label in years:
                path = export_path(self.office, safe_files.file_name(f"auditfile-{number}-{label}"), ".xaf")
                made.append(export_auditfile(self.office, number, path, version=version, year=label, progress=progress))
            return tuple(made)

        return self.run_job(write, self._note)

    def _note(self, written: tuple[WrittenFile, ...]) -> None:
        self.written = written

    def missing(self) -> str:
        """Why nothing can be written."""
        return self.missing_year()


class ExportView(PartView[ExportPart]):
    """What is shown of it."""

    def __init__(self, part: ExportPart, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        self.press_main = part.make
        _ = self.texts
        options = [(_(label), version) for version, label in VERSIONS.items()]
        self._version = callbacks.change(widgets.choice(options, part.choice.version, _("Version")), part.choose_version)
        self._all = callbacks.change(widgets.checkbox(_("All fiscal years, each in a file of its own")), part.choose_all_years)
        self._working = JobView(part.form, callbacks, _("The audit file is being written"), files=True)
        self._empty, self._written = widgets.column(), widgets.column(kinds=("at-fields",))
        self._about = widgets.html()
        self._shown: object = self
        explained = _("Its totals are compared with the trial balance before the file is ready. What the version can't hold is listed.")
        self._fields = widgets.column(self._about, self._version, self._all, kinds=("at-fields",))
        self.widget = widgets.column(
            heading(_("Make an audit file"), explained),
            self._empty,
            self._fields,
            self._working.widget,
            self._written,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        self._version.value, self._all.value = part.choice.version, part.choice.all_years
        widgets.show(self._fields, not part.missing_year())
        whose = part.form.administration
        name = "" if whose is None else f"{whose[0].number} {whose[0].description}"
        years = ", ".join(one.year for one in part.form.years) if part.choice.all_years else part.form.year or ""
        self._about.value = paragraph(_("Of the books of {name}, fiscal year {years}.", name=name, years=years))
        self._working.refresh()
        state = (part.written, part.missing_year())
        if self._shown != state:
            self._shown = state
            self._empty.children = (no_year_panel(self),) if part.missing_year() else ()
            self._written.children = tuple(self._parts())

    def _parts(self) -> Iterator[widgets.Widget]:
        for one in self.part.written:
            links = FileLinks(self.callbacks, self.part.office, self.texts, one.path)
            yield from written_widgets(one, links, self.texts)


def written_widgets(one: WrittenFile, links: FileLinks, _: Texts) -> Iterator[widgets.Widget]:
    """What is shown of it."""
    totals = one.totals()
    sentence = _(
        "Fiscal year {year} is written as XAF {version}: {lines}, debit {debit}, credit {credit}.",
        year=one.year,
        version=one.version,
        lines=_.counts(lines=one.counts["lines"]),
        debit=_.amount(totals["debit"]),
        credit=_.amount(totals["credit"]),
    )
    yield widgets.panel("ready", _("done"), sentence, "", links.widget)
    if not one.lost:
        yield widgets.html(f"<p>{state_html('ready', _('Nothing was lost: this version can hold all of it.'))}</p>")
        return
    rows = [
        (
            f"<code>{escape(loss.what)}</code>",
            escape(_(HOW_LOST[loss.how])),
            str(loss.count),
            f'<span class="at-wrap">{escape(loss.example)}</span>',
        )
        for loss in one.lost
    ]
    about = paragraph(_("It isn't lost: it is still in the books or the file that this one was made from."), "at-quiet")
    table = html_table((_("What"), "", _("How many"), _("For example")), rows)
    yield widgets.html(f"<h3>{escape(_('What this version could not hold'))}</h3>{about}{table}")
