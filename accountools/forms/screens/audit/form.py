"""The overview of the office (issue of every day): who has a licence, who hasn't, why, and where that is resolved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from accountools.domain.administration import User
from accountools.domain.calendar import day_of, parse_moment
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.messages import N_
from accountools.formats.csv_files import SavedAuditRow, read_audit
from accountools.forms.kit import navigation
from accountools.forms.kit.descriptions import FILTERS
from accountools.forms.kit.feedback import screen_for
from accountools.forms.kit.form import Form, guarded, parse_path
from accountools.forms.kit.navigation import ITEMS, Item, Request
from accountools.forms.kit.upload import Upload
from accountools.forms.kit.wizard import Wizard
from accountools.operations.backups.retention import KeptBackup, list_backups
from accountools.operations.maintenance.verify_journal import list_events
from accountools.operations.register.state import state_of
from accountools.operations.session import Office
from accountools.reports.audit import AuditRow, audit
from accountools.reports.audit_changes import Change, changes
from accountools.reports.audit_papers import KINDS, export
from accountools.reports.audit_texts import WORDS
from accountools.reports.event_texts import EVENTS, FACTS
from accountools.texts import Texts


@dataclass(frozen=True)
class Details:
    """What there is to show beneath the table; empty as far as there is no administration."""

    row: AuditRow
    licence: Licence | None = None
    users: tuple[User, ...] = ()
    history: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = ()
    backups: tuple[KeptBackup, ...] = ()

    def describe_history(self, texts: Texts) -> Iterator[tuple[date, str, str]]:
        """The events in their order: on which day, what, and by whom."""
        for at, what, by, facts in self.history:
            words = texts(EVENTS[what], **dict.fromkeys(FACTS, "—") | dict(facts)) if what in EVENTS else what
            yield day_of(parse_moment(at)), words, by


def load_details(office: Office, row: AuditRow) -> Details:
    """The details of a row. Raises `administration-not-found` when it is gone by now."""
    if row.number is None:
        return Details(row)
    with office.session() as session:
        state = state_of(session, row.number)
    history = tuple((event.at, event.what, event.by, tuple(_facts(event.details))) for event in list_events(office, row.number))
    made = tuple(kept for kept in list_backups(office) if kept.record.administration == row.number)
    return Details(row, state.held.licence if state.held else None, state.users, history, made)


def _facts(details: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name in FACTS:
        if details.get(name) is not None:
            yield name, f"{details[name]:03}" if name == "source" else str(details[name])


class AuditForm(Form):
    """The form. `shown` names the filter that is on (none: all), `row` is the one that is open beneath the table.

    `since` is the file of an earlier overview, `changes` what changed since (None without one).
    """

    path = (N_("Accountancy"), N_("Audit"), N_("Office overview"))

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, Wizard(()), texts)
        self.shown = ""
        self.exported: Path | None = None
        self.upload = Upload()
        self.since: Path | None = None
        self._before: tuple[SavedAuditRow, ...] | None = None
        self._load()

    @property
    def progress(self) -> str:
        """The four figures, in a line."""
        return " · ".join(f"{count} {self.texts(WORDS[state])}" for state, count in self.audit.summary().items())

    @guarded
    def reload(self) -> None:
        """Read the whole office anew; what is shown and what is open stay as they are."""
        self._load()

    @guarded
    def show(self, name: str) -> bool:
        """Show only what this filter includes, or all (an empty name); a row that isn't among it closes."""
        if name and name not in FILTERS:
            return False
        self.shown = name
        self._filter()
        return True

    @guarded
    def choose(self, place: int | None) -> None:
        """Open the row at this place of those that are shown, or close the one that is open."""
        self._open(None if place is None else self.rows[place])

    @guarded
    def choose_administration(self, number: int | str) -> None:
        """Open the row of an administration. Raises `number-invalid`, `administration-not-found`."""
        wanted = AdministrationNumber.parse(number)
        row = next((row for row in self.audit.rows if row.number == wanted), None)
        if row is None:
            raise Refused("administration-not-found", number=wanted)
        if row not in self.rows:
            self.shown = ""
            self._filter()
        self._open(row)

    @guarded
    def export(self, kind: str = "csv") -> bool:
        """Write all rows to the office's folder, as `csv`, `xlsx` or `html`, or the pictures as `png` or `svg`; `exported` is its path."""
        self.exported = None
        if kind not in KINDS:
            return False
        self.exported = export(self.office, self.audit, self.texts, kind, self.changes)
        return True

    @guarded
    def choose_since(self, path: Path | str) -> None:
        """Choose the file of an earlier overview, saved as CSV: show what changed since; an empty path: nothing. Raises `audit-invalid`."""
        self.since, self._before = parse_path(str(path)), None
        self._compare()
        if self.since is not None:
            self._before = read_audit(self.since)
            self._compare()

    def begin(self, request: Request) -> None:
        """Begin with what another screen asks for: a filter, an administration."""
        if request.show in FILTERS:
            self.show(request.show)
        if request.administration is not None:
            self.choose_administration(request.administration)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: read anew."""
        self._load()
        return action == "retry"

    def _load(self) -> None:
        self.audit = audit(self.office)
        self.held_day = self.audit.held_day
        self._compare()
        self.row: AuditRow | None = None
        self.details: Details | None = None
        self._filter()

    def _compare(self) -> None:
        self.changes: tuple[Change, ...] | None = None if self._before is None else changes(self._before, self.audit)

    def _filter(self) -> None:
        self.rows = FILTERS[self.shown].rows(self.audit) if self.shown else self.audit.rows
        if self.row is not None and self.row not in self.rows:
            self._open(None)

    def _open(self, row: AuditRow | None) -> None:
        self.row, self.details = row, None
        if row is not None:
            self.details = load_details(self.office, row)


def resolving_screens(row: AuditRow) -> tuple[Item, ...]:
    """The screens that a row leads to: where each of its obstacles is resolved, and the backup when there are none."""
    found = [item for one in row.obstacles if (item := screen_for(one)) is not None]
    if row.state in {"ready", "attention"}:
        found.append(ITEMS[navigation.MAKE])
    return tuple(dict.fromkeys(found))
