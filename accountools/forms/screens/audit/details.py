"""What is known of one row of the audit: its licence, its users, its history, its backups and their rehearsals."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from accountools.domain.administration import User
from accountools.domain.calendar import day_of, parse_moment
from accountools.domain.licence import Licence
from accountools.operations.backups.retention import KeptBackup, list_backups
from accountools.operations.maintenance.verify_journal import list_events
from accountools.operations.register.state import state_of
from accountools.operations.session import Office
from accountools.reports.audit import AuditRow
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
