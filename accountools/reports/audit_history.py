"""The audit looked back upon: how many were in each state at the end of each month, by what the journal's events replay to.

The very checks of the audit are held against the register as it was. What no event tells is taken as it is now: issuers that are
trusted, and books, which were there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client
from accountools.domain.calendar import day_of, parse_moment
from accountools.domain.errors import AccountoolsError
from accountools.domain.events import LicenceImported, RevocationsRead
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.formats import revocation_file
from accountools.formats.licence_file import Reading
from accountools.formats.verdicts import KeptVerdicts
from accountools.operations.maintenance.replay import ReplayedRegister
from accountools.operations.register import rules
from accountools.operations.register.state import AdministrationState, in_force
from accountools.operations.session import HeldLicence, Office, Session
from accountools.reports.audit import STATES, Audit, state_by
from accountools.reports.verdict_cache import kept_verdicts
from accountools.storage.register import journal, licences
from accountools.storage.register.journal import RecordedEvent
from accountools.storage.register.licences import Import

MONTHS = 12


@dataclass(frozen=True)
class Moment:
    """How many rows the audit had in each state at the end of a day."""

    on: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many rows there were."""
        return sum(self.counts.values())


def look_back(found: Audit, office: Office | None) -> tuple[Moment, ...]:
    """The audit by month: the ends of at most the last twelve months since the first event, and the audit's own day."""
    now = Moment(found.on, found.summary())
    if office is None:
        return (now,)
    with kept_verdicts(office) as verdicts:
        with office.session() as session:
            told = sorted(_dated(journal.every(session.connection)), key=lambda one: one[0])
            past = _Past(_readings(session, verdicts), _accepted(session.connection, told), _lists(session))
        ends = _month_ends(told[0][0], found.on) if told else []
        return (*_replayed(past, told, ends), now)


def _replayed(past: "_Past", told: list[tuple[date, RecordedEvent]], ends: list[date]) -> Iterator[Moment]:
    place = 0
    for end in ends:
        while place < len(told) and told[place][0] <= end:
            past.happen(told[place][1])
            place += 1
        yield Moment(end, past.counts(end))


def _dated(events: Iterator[RecordedEvent]) -> Iterator[tuple[date, RecordedEvent]]:
    """Each event with its day: the one that was set (`--today`), else the clock's."""
    for event in events:
        try:
            said = event.details.get("today")
            yield date.fromisoformat(said) if said else day_of(parse_moment(event.at)), event
        except (ValueError, TypeError, AttributeError, OverflowError):
            continue  # what is wrong with it is `journal verify`'s to tell


def _month_ends(first: date, on: date) -> list[date]:
    """The last days of the months before that of `on`, from that of `first` on, at most twelve."""
    found: list[date] = []
    end = on.replace(day=1) - timedelta(days=1)
    while end >= first and len(found) < MONTHS:
        found.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    return found[::-1]


@dataclass
class _Past:
    """The register as it was, and what each administration's state was the last time that was asked, with what it hung on."""

    read: Callable[[str], Reading]
    accepted: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, frozenset[str]]
    state: ReplayedRegister = field(default_factory=ReplayedRegister)
    turns: dict[int, int] = field(default_factory=dict)
    known: dict[int, tuple[object, str]] = field(default_factory=dict)
    revoked: set[tuple[str, str]] = field(default_factory=set)

    def happen(self, event: RecordedEvent) -> None:
        """Let an event happen."""
        parsed = event.parsed()
        if parsed is not None:
            with suppress(KeyError):  # it can't have happened so: `journal verify` shows that
                self.state.apply(parsed)
        if event.administration is not None:
            number = int(event.administration)
            self.turns[number] = self.turns.get(number, 0) + 1
        if isinstance(parsed, RevocationsRead):
            # older journals don't say which were added; then it is the list, if that is still held
            numbers = self.lists.get(parsed.sha256, frozenset()) if parsed.revoked is None else parsed.revoked
            self.revoked |= {(parsed.issuer, number) for number in numbers}

    def counts(self, day: date) -> dict[str, int]:
        """How many were in each state at the end of `day`."""
        found, served = dict.fromkeys(STATES, 0), set()
        own = self._held(self.state.own) or HeldLicence(Reading(None))
        for number, (_, kvk, archived) in self.state.administrations.items():
            if kvk in self.state.clients and not archived:
                served.add(kvk)
                found[self._state(number, own, day)] += 1
        found["missing"] += len(self.state.clients.keys() - served)
        return found

    def _state(self, number: int, own: HeldLicence, day: date) -> str:
        digest, login = self.state.imports.get(number, (None, ""))
        held = in_force(own, self._held(digest))
        hangs_on = (self.turns.get(number), self.state.own, digest, _status(own, day), _status(held, day))
        known = self.known.get(number)
        if known is None or known[0] != hangs_on:
            imported = None if digest is None else Import("", Login(login), "", self.accepted.get(digest, ()))
            known = self.known[number] = (hangs_on, _state(own, self._whole(number, imported, held), day))
        return known[1]

    def _whole(self, number: int, imported: Import | None, held: HeldLicence | None) -> AdministrationState:
        description, kvk, archived = self.state.administrations[number]
        name, city = self.state.clients[str(kvk)]
        client = Client(KvkNumber(kvk), name, city)
        users = tuple(self.state.users.get(number, {}).values())
        return AdministrationState(
            Administration(AdministrationNumber(number), description, client.kvk, archived), client, users, imported, held, has_books=True
        )

    def _held(self, digest: str | None) -> HeldLicence | None:
        if digest is None:
            return None
        reading = self.read(digest)
        return HeldLicence(reading, reading.licence is not None and (reading.licence.key_id, reading.licence.number) in self.revoked)


def _state(own: HeldLicence, state: AdministrationState, day: date) -> str:
    return state_by(state.held is not None, (*rules.handover_obstacles(own, state, day), *rules.accepted_obstacles(state)))


def _status(held: HeldLicence | None, day: date) -> str:
    return "" if held is None or held.licence is None else held.licence.status(day, revoked=held.revoked)


def _readings(session: Session, verdicts: KeptVerdicts) -> Callable[[str], Reading]:
    trust = session.trust
    tokens = {licences.hash_of(token): token for token in licences.tokens(session.connection)}
    return cache(lambda digest: verdicts.read_token(tokens.get(digest, ""), trust))


def _accepted(connection: sa.Connection, told: Iterable[tuple[date, RecordedEvent]]) -> dict[str, tuple[str, ...]]:
    """What was confirmed, by the hash of the licence's token: in the register as it is, and in the events."""
    in_force_now = {licences.hash_of(one.token): one.accepted for one in licences.all_imports(connection).values()}
    imported = [event for _, one in told if isinstance(event := one.parsed(), LicenceImported)]
    return in_force_now | {event.sha256: event.accepted for event in imported}


def _lists(session: Session) -> dict[str, frozenset[str]]:
    """The numbers of the revocation lists that are held, by the hash of their token."""
    found = {}
    for token in licences.revocation_tokens(session.connection, session.trust):
        try:
            found[licences.hash_of(token)] = revocation_file.read_token(token, session.trust).numbers
        except AccountoolsError:
            continue
    return found
