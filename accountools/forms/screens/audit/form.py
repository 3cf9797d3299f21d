"""The overview of the office (issue of every day): who has a licence, who hasn't, why, and the way to where it is mended."""

from collections.abc import Iterable
from pathlib import Path

from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit import navigation, preferences
from accountools.forms.kit.form import Form, step_of_form
from accountools.forms.kit.preferences import Chosen
from accountools.forms.kit.wizard import Wizard
from accountools.forms.screens.audit.details import Details, details_of
from accountools.forms.screens.audit.filters import FILTERS, WORDS
from accountools.operations.session import Office
from accountools.reports.audit import AuditRow
from accountools.reports.export import KINDS, export
from accountools.texts import Texts

_IMPORT = ("no-licence", "licence-expired", "licence-expires-soon", "licence-revoked", "licence-not-yet-valid", "licence-differs",
    "wrong-kind", "own-licence", "kvk-differs", "name-differs", "older-than-current", "demo-licence", "bad-signature", "unknown-issuer",
    "claims-invalid", "wrong-type", "algorithm-not-allowed", "not-a-licence")  # fmt: skip
_USERS = ("no-user", "user-not-found", "user-inactive", "user-is-office", "too-many-users")
_ADMINISTRATIONS = ("no-administration", "several-administrations", "client-not-found", "administration-archived")
_OWN = ("own-licence-expired", "own-licence-revoked", "own-licence-not-yet-valid", "module-missing")
OWN_LICENCE = "own-licence"


class AuditForm(Form):
    """The form. `shown` names the filter that is on (none: all), `row` is the one that is open beneath the table."""

    path = (N_("Accountancy"), N_("Audit"), N_("Office overview"))

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, Wizard(()), texts)
        self.shown = ""
        self.exported: Path | None = None
        self._look()

    @property
    def progress(self) -> str:
        """The four figures, in a line."""
        return " · ".join(f"{count} {self.texts(WORDS[state])}" for state, count in self.found.summary().items())

    @step_of_form
    def look(self) -> None:
        """Look at the whole office anew; what is shown and what is open stay as they are."""
        self._look()

    @step_of_form
    def show(self, name: str) -> bool:
        """Show only what this filter lets through, or all (an empty name); a row that isn't among it closes."""
        if name and name not in FILTERS:
            return False
        self.shown = name
        self._sift()
        return True

    @step_of_form
    def choose(self, place: int | None) -> None:
        """Open the row at this place of those that are shown, or close the one that is open."""
        self._open(None if place is None else self.rows[place])

    @step_of_form
    def choose_administration(self, number: int | str) -> None:
        """Open the row of an administration. Raises `number-invalid`, `administration-not-found`."""
        wanted = AdministrationNumber.parse(number)
        row = next((row for row in self.found.rows if row.number == wanted), None)
        if row is None:
            raise Refused("administration-not-found", number=wanted)
        if row not in self.rows:
            self.shown = ""
            self._sift()
        self._open(row)

    @step_of_form
    def export(self, kind: str = "csv") -> bool:
        """Write all rows to the office's folder, as `csv`, `xlsx` or `html`; `exported` is its path."""
        self.exported = None
        if kind not in KINDS:
            return False
        self.exported = export(self.office, self.found, self.texts, kind)
        return True

    def begin(self, chosen: Chosen) -> None:
        """Begin with what was chosen on another screen."""
        if chosen.state in FILTERS:
            self.show(chosen.state)
        if chosen.administration is not None:
            self.choose_administration(chosen.administration)

    def lead(self, notebook: str, row: AuditRow | None = None) -> None:
        """Choose this row (else the one that is open here) for the screen of that notebook, to which one goes now."""
        row = row or self.row
        number = None if row is None or row.number is None else int(row.number)
        preferences.choose(self.office, notebook, administration=number, state=OWN_LICENCE if notebook == navigation.HOME else None)

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says: look again."""
        self._look()
        return remedy == "look-again"

    def _look(self) -> None:
        self.found = self.office.audit()
        self.row: AuditRow | None = None
        self.details: Details | None = None
        self._sift()

    def _sift(self) -> None:
        self.rows = FILTERS[self.shown].rows(self.found) if self.shown else self.found.rows
        if self.row is not None and self.row not in self.rows:
            self._open(None)

    def _open(self, row: AuditRow | None) -> None:
        self.row, self.details = row, None
        if row is not None:
            self.details = details_of(self.office, row)


def mended_at(code: str) -> navigation.Item | None:
    """The screen at which an obstacle with this code is mended."""
    return next((item for item, codes in _MENDED if code in codes), None)


def first_way_out(row: AuditRow) -> navigation.Item | None:
    """The screen at which the first of a row's obstacles is mended that is mended on a screen."""
    return next((item for one in row.obstacles if (item := mended_at(one.code)) is not None), None)


def ways_out(row: AuditRow) -> Iterable[navigation.Item]:
    """The screens that a row leads to: one for each obstacle's mending, and the backup when nothing is in the way."""
    found = [item for one in row.obstacles if (item := mended_at(one.code)) is not None]
    if row.state in {"ready", "attention"}:
        found.append(navigation.Item(N_("Make backup"), navigation.MAKE))
    return dict.fromkeys(found)


_MENDED = (
    (navigation.Item(N_("Import client licence"), navigation.IMPORT), _IMPORT),
    (navigation.Item(N_("Users"), navigation.USERS), _USERS),
    (navigation.Item(N_("Create or copy"), navigation.ADMINISTRATIONS), _ADMINISTRATIONS),
    (navigation.Item(N_("Restore backup"), navigation.RESTORE), ("books-missing",)),
    (navigation.Item(N_("Own licence"), navigation.HOME), _OWN),
)
