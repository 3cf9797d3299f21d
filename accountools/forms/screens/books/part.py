"""What the parts of the screen *Boekhouding* have in common: whose books they are about, which year, and to which day."""

from datetime import date
from html import escape
from typing import Any

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import Listed
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import Start
from accountools.forms.kit.style import paragraph
from accountools.forms.kit.wizard import Wizard
from accountools.forms.parts.part import Part, PartsForm, PartView
from accountools.operations.register.administrations import list_administrations
from accountools.operations.session import Office
from accountools.reports.books.books import Books
from accountools.storage.books.balances import FiscalYear
from accountools.texts import Texts

IMPORT, TRIAL_BALANCE, OPEN_ITEMS, VAT, CHECKS = "import", "trial-balance", "open-items", "vat", "checks"
EXPORT, CONVERT, CHART, ENTRIES = "export", "convert", "chart", "entries"
Subject = tuple[AdministrationNumber | None, str | None, date | None, int]


class BooksForm(PartsForm):
    """The form, but for its parts. `years` are those of the books of `administration`, `year` the label of the chosen one.

    `until` leaves out what is dated later (None: nothing). `changes` counts how often the books were changed here.
    """

    def __init__(self, office: Office, wizard: Wizard, texts: Texts | None, start: Start) -> None:
        super().__init__(office, wizard, texts, start)
        self.set_defaults()

    def set_defaults(self) -> None:
        """Begin with no administration, but where there is only one."""
        self.administrations = self._list()
        self.administration: Listed | None = None
        self.years: tuple[FiscalYear, ...] = ()
        self.year: str | None = None
        self.until: date | None = None
        self.changes = 0

    def _list(self) -> tuple[Listed, ...]:
        return tuple(pair for pair in list_administrations(self.office) if not pair[0].archived)

    @property
    def number(self) -> AdministrationNumber | None:
        """The number of the administration that is chosen."""
        return None if self.administration is None else self.administration[0].number

    @property
    def books(self) -> Books | None:
        """Its books; None where no administration is chosen."""
        return None if self.number is None else Books(self.office, self.number)

    @property
    def subject(self) -> Subject:
        """What a report is about."""
        return self.number, self.year, self.until, self.changes

    @guarded
    def choose_administration(self, number: int | str) -> bool:
        """Choose whose books they are; their latest year is chosen with it. Raises `administration-not-found`, `books-missing`."""
        if self.ended or not self.abandon():
            return False
        wanted = AdministrationNumber.parse(number)
        if wanted not in {pair[0].number for pair in self.administrations}:  # it may have been created meanwhile
            self.administrations = self._list()
        found = next((pair for pair in self.administrations if pair[0].number == wanted), None)
        if found is None:
            raise Refused("administration-not-found", number=wanted)
        self.administration, self.years, self.year = found, (), None
        try:
            self.load_years()
        finally:  # nothing of other books stays, also when these can't be read
            self.follow()
        return True

    @guarded
    def choose_year(self, label: str) -> bool:
        """Choose a fiscal year."""
        if self.ended or label not in {one.year for one in self.years} or not self.abandon():
            return False
        self.year = label
        self.follow()
        return True

    @guarded
    def choose_until(self, day: date | None) -> bool:
        """Leave out what is dated later than this day; None: nothing."""
        if self.ended or not self.abandon():
            return False
        self.until = day
        self.follow()
        return True

    def kept_state(self) -> dict[str, Any]:
        """Whose books they are too, the year and the day: these fields are above all parts."""
        number, until = self.number, self.until
        subject = {"administration": None if number is None else int(number), "year": self.year, "until": until and until.isoformat()}
        return super().kept_state() | subject

    def restore_state(self, state: dict[str, Any]) -> None:
        """Choose them again."""
        super().restore_state(state)
        if isinstance(state.get("administration"), int) and self.choose_administration(state["administration"]):
            self.choose_year(str(state.get("year")))
            if isinstance(state.get("until"), str):
                self.choose_until(date.fromisoformat(state["until"]))

    def load_years(self, label: str | None = None) -> None:
        """Read which years there are, and choose one: this one, else the one that was chosen, else the latest."""
        books = self.books
        self.years = () if books is None else books.years().rows
        labels = [one.year for one in self.years]
        self.year = next((one for one in (label, self.year) if one in labels), labels[-1] if labels else None)

    def note_change(self, label: str | None = None) -> None:
        """The books were changed: what was read of them is read again."""
        self.changes += 1
        self.load_years(label)

    def follow(self) -> None:
        """Another administration, year or day was chosen: show it."""
        for part in self.parts.values():
            part.load()
        self.parts[self.wizard.current.name].enter()


class BooksPart(Part):
    """The base of the parts. Each reads only when it is open."""

    form: BooksForm

    def condition(self) -> tuple[str, str]:
        """Nothing is said of it."""
        return "", ""

    def describe_target(self, number: AdministrationNumber) -> str:
        """Whose books a file would come into, as HTML."""
        name = next((f"{number} {one.description}" for one, _ in self.form.administrations if one.number == number), number)
        return paragraph(self.texts("Into the books of administration {name}.", name=name))

    def missing_year(self) -> str:
        """Why nothing can be read, as text; empty when something can."""
        if self.form.administration is None:
            return self.texts("Choose the administration first")
        return "" if self.form.years else self.texts("There is no fiscal year in these books yet")


def no_year_panel(view: PartView[Any]) -> widgets.Widget:
    """Why there is nothing to read yet, and where to begin."""
    part: BooksPart = view.part
    _ = view.texts
    if part.form.administration is None:
        return widgets.html(f'<p class="at-quiet">{escape(_("Choose above whose books you want to read."))}</p>')
    button = view.callbacks.press(widgets.button(_("Import an audit file"), "at-small"), lambda: part.form.open_part(IMPORT))
    sentence = _("There is no fiscal year in these books yet.")
    return widgets.panel("missing", _("empty"), sentence, _("Import an audit file from the package that the books were kept in."), button)
