"""The audit's history: how many rows were in each state at the end of each month, computed by replaying the journal's events.

The checks are those of the audit, on the register as it was. What no event records is taken as it is now: the trusted issuers; books
are assumed to have existed.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from accountools.domain.administration import Administration, Client
from accountools.domain.calendar import day_of, parse_moment
from accountools.domain.errors import AccountoolsError
from accountools.domain.events.office import RevocationsRead
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.formats import revocation_file
from accountools.formats.licence_file import ReadResult
from accountools.operations.register import handover_rules
from accountools.operations.register.replay import ReplayedRegister
from accountools.operations.register.state import AdministrationState, in_force
from accountools.operations.session import HeldLicence, Office, Session
from accountools.reports.audit_table import STATES, AuditTable
from accountools.reports.verdict_cache import cached_verdicts
from accountools.storage.register import journal, licences
from accountools.storage.register.journal import RecordedEvent
from accountools.storage.register.licences import Import

MONTHS = 12


@dataclass(frozen=True)
class MonthCounts:
    """How many rows the audit had in each state at the end of a day."""

    on: date
    counts: Mapping[str, int]


def compute_history(audit: AuditTable, office: Office | None) -> tuple[MonthCounts, ...]:
    """The ends of at most the last twelve months since the first event, and the audit's own day; without an office only that day."""
    history: list[MonthCounts] = []
    if office is not None:
        with cached_verdicts(office) as verdicts:
            with office.session() as session:
                events = sorted(_dated(journal.list_events(session.connection)), key=lambda one: one[0])
                trust = session.trust
                tokens = {licences.token_sha256(token): token for token in licences.list_tokens(session.connection)}
                read = cache(lambda digest: verdicts.read_token(tokens.get(digest, ""), trust))
                past = _Past(read, _lists(session))
            position, ends, end = 0, list[date](), audit.on.replace(day=1) - timedelta(days=1)
            while events and end >= events[0][0] and len(ends) < MONTHS:
                ends.append(end)
                end = end.replace(day=1) - timedelta(days=1)
            for end in reversed(ends):
                while position < len(events) and events[position][0] <= end:
                    past.apply(events[position][1])
                    position += 1
                history.append(MonthCounts(end, past.counts(end)))
    return (*history, MonthCounts(audit.on, audit.summary()))


def _dated(events: Iterator[RecordedEvent]) -> Iterator[tuple[date, RecordedEvent]]:
    """Each event with its day: the one that was set (`--today`), else the clock's."""
    for event in events:
        try:
            day_set = event.details.get("today")
            yield date.fromisoformat(day_set) if day_set else day_of(parse_moment(event.at)), event
        except (ValueError, TypeError, AttributeError, OverflowError):
            continue  # `journal verify` reports it


@dataclass
class _Past:
    """The register at a moment of the replay, with each administration's last computed state and the values it depends on."""

    read: Callable[[str], ReadResult]
    lists: Mapping[str, frozenset[str]]
    state: ReplayedRegister = field(default_factory=ReplayedRegister)
    event_counts: dict[int, int] = field(default_factory=dict)
    cached: dict[int, tuple[object, str]] = field(default_factory=dict)
    revoked: set[tuple[str, str]] = field(default_factory=set)

    def apply(self, event: RecordedEvent) -> None:
        """Replay an event."""
        parsed = event.parsed()
        if parsed is not None:
            with suppress(KeyError):  # an inconsistent event: `journal verify` reports it
                self.state.apply(parsed)
        if event.administration is not None:
            number = int(event.administration)
            self.event_counts[number] = self.event_counts.get(number, 0) + 1
        if isinstance(parsed, RevocationsRead):
            # older journals don't record which were added; then those of the list, if it is still held
            numbers = self.lists.get(parsed.sha256, frozenset()) if parsed.revoked is None else parsed.revoked
            self.revoked |= {(parsed.issuer, number) for number in numbers}

    def counts(self, day: date) -> dict[str, int]:
        """How many were in each state at the end of `day`."""
        counts, with_administration = dict.fromkeys(STATES, 0), set()
        own = self._held(self.state.own[-1] if self.state.own else None) or HeldLicence(ReadResult(None))
        for number, (_, kvk, archived) in self.state.administrations.items():
            if kvk in self.state.clients:
                with_administration.add(kvk)
                if not archived:
                    counts[self._state(number, own, day)] += 1
        without = "attention" if handover_rules.is_client_office(own) else "missing"
        counts[without] += len(self.state.clients.keys() - with_administration)
        return counts

    def _state(self, number: int, own: HeldLicence, day: date) -> str:
        digest, login, accepted = self.state.imports.get(number, (None, "", frozenset()))
        held = in_force(own, self._held(digest))
        description, kvk, archived = self.state.administrations[number]
        client, holder = self._client(kvk), self._client(held.licence.licensee.kvk if held and held.licence else None)
        other = holder if holder != client else None
        depends_on = (self.event_counts.get(number), client, other, tuple(self.state.own), digest, _status(own, day), _status(held, day))
        cached = self.cached.get(number)
        if cached is None or cached[0] != depends_on:
            imported = None if digest is None else Import("", Login(login), "", tuple(accepted))
            administration = Administration(AdministrationNumber(number), description, KvkNumber(kvk), archived)
            users = tuple(self.state.users.get(number, {}).values())
            state = AdministrationState(administration, client, users, imported, held, has_books=True, other_client=other)
            obstacles = handover_rules.audit_obstacles(own, state, day)
            cached = self.cached[number] = (depends_on, handover_rules.handover_state(held is not None, obstacles))
        return cached[1]

    def _client(self, kvk: str | None) -> Client | None:
        return Client(KvkNumber(kvk), *self.state.clients[kvk]) if kvk in self.state.clients else None

    def _held(self, digest: str | None) -> HeldLicence | None:
        if digest is None:
            return None
        reading = self.read(digest)
        return HeldLicence(reading, reading.licence is not None and (reading.licence.key_id, reading.licence.number) in self.revoked)


def _status(held: HeldLicence | None, day: date) -> str:
    return "" if held is None or held.licence is None else held.licence.status(day, revoked=held.revoked)


def _lists(session: Session) -> dict[str, frozenset[str]]:
    """The numbers of the revocation lists that are held, by the hash of their token."""
    found = {}
    for token in licences.list_revocation_tokens(session.connection, session.trust):
        try:
            found[licences.token_sha256(token)] = revocation_file.read_token(token, session.trust).numbers
        except AccountoolsError:
            continue
    return found
