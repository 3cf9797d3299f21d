"""An office that is open, and one transaction in it.

`Office` is state only: where it is, its engine, its clock, its backup key. `office.session()` opens one transaction and gives a
`Session`: what operations pass on. It reads and verifies the trusted issuers, the revocations and the own licence once, when they are
first asked for, and knows the day; so within one transaction everybody sees the same, and a batch doesn't ask again for each item.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from accountools.clock import Clock
from accountools.domain.calendar import ExecutionContext, HeldDay, day_of, format_moment, parse_moment
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.events.administrations import ClientChanged
from accountools.domain.events.base import Event
from accountools.domain.identifiers import KvkNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Part
from accountools.formats import licence_file, revocation_file
from accountools.formats.licence_file import ReadResult
from accountools.formats.signatures import SigningKey, VerifyKey
from accountools.formats.trust_file import Issuer, keys_by_thumbprint, parse_trust
from accountools.operations.backup_key import read_backup_key
from accountools.storage.engine import Engine
from accountools.storage.register import folders, journal, licences
from accountools.storage.register.folders import FolderName
from accountools.storage.register.journal import Head
from accountools.storage.register.recorded_trust import RecordedTrust, read_trust_events
from accountools.storage.sqlite.office_files import TRUST

TEST_ISSUER = "_t5G8M5NvDigH6jQ2KIia3E512kJQ5crR7MHv67xCWQ"  # thumbprint of the samples' key (data/samples/make_samples.py)


@dataclass(frozen=True)
class HeldLicence:
    """A licence that is held: what came of verifying it, and whether its issuer revoked it."""

    reading: ReadResult
    revoked: bool = False

    @property
    def licence(self) -> Licence | None:
        """The licence, if it verified."""
        return self.reading.licence


@dataclass(frozen=True)
class FixedClock:
    """A clock that has stopped."""

    context: ExecutionContext

    def __call__(self) -> ExecutionContext:
        """The same, always."""
        return self.context


class Office:
    """An office that is open. `maintenance.open_office` opens one; the public facade (`accountools.Office`) adds the operations."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.folder = engine.folder
        self.stored_base = engine.stored_base
        self.clock = clock
        self.recorded_trust = RecordedTrust()  # as far as the journal was read
        self.recorded: list[Head] = []  # the ends of the journal by what was done in this office since it was opened, if it was committed

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator["Session"]:
        """One transaction of the register: as it is at one moment, or (`write`) to change it, all or nothing."""
        with self.engine.changing() if write else self.engine.reading() as connection:
            yield Session(self, connection, changes=write)

    def folder_for(self, name: FolderName) -> Path:
        """The folder of its backups, or its inbox: the one that was named, else the one of that name in its own folder."""
        with self.session() as session:
            return session.folder_for(name)

    def validate_here(self) -> None:
        """Raise `office-moved` in an office that goes on elsewhere."""
        with self.session() as session:
            journal.validate_here(session.connection)

    def has_recorded(self) -> bool:
        """Whether anything was done in this office since it was opened here: whether the journal has an event of it."""
        with self.session() as session:
            return any(journal.hash_at(session.connection, end.length) == end.hash for end in self.recorded)

    def __reduce__(self) -> tuple[type["Office"], tuple[Engine, Clock]]:
        """To a worker in another process it goes with the clock as it is now."""
        return Office, (self.engine, FixedClock(self.clock()))

    @property
    def backup_key(self) -> SigningKey:
        """The key that signs the office's backups, as it is now. Raises as `read_backup_key`."""
        return read_backup_key(self.engine)


class Session:
    """One transaction of an office's register, with what was read and verified once in it. `changes`: it holds the register's lock."""

    def __init__(self, office: Office, connection: sa.Connection, *, changes: bool = True) -> None:
        self.office = office
        self.connection = connection
        self.changes = changes

    def folder_for(self, name: FolderName) -> Path:
        """See `Office`."""
        return self.office.stored_base / folders.list_all(self.connection).get(name, self.office.folder / name)

    @cached_property
    def _newest(self) -> tuple[Head, str | None]:
        """The end of the journal and its moment: in a transaction nobody else adds to it."""
        return journal.newest(self.connection)

    @cached_property
    def context(self) -> ExecutionContext:
        """Today, now and the actor. Unless it was set, the day is never before that of the newest event.

        Raises `office-damaged` when that event has no moment that can be read.
        """
        asked = self.office.clock()
        head, at = self._newest
        if asked.today_was_set or at is None:
            return asked
        try:
            latest = day_of(parse_moment(at))
        except (ValueError, OverflowError) as error:
            raise MachineFailed("office-damaged", what=Part.JOURNAL) from error
        return asked if latest <= asked.today else replace(asked, today=latest, held_day=HeldDay(latest, head.length))

    @property
    def now_text(self) -> str:
        """The moment as it is kept in the register."""
        return format_moment(self.context.now)

    @cached_property
    def recorded_trust(self) -> RecordedTrust:
        """What the journal says of issuers, their revocation lists and the backup key."""
        self.office.recorded_trust = read_trust_events(self.connection, self.office.recorded_trust, self._newest[0])
        return self.office.recorded_trust

    @cached_property
    def issuers(self) -> tuple[Issuer, ...]:
        """The issuers whose licences count here: those in the file, as far as the journal knows them.

        The samples' test issuer counts in a demo office only.
        """
        try:
            issuers = parse_trust(self.office.engine.read_trust(self.connection), TRUST)
        except Refused as error:
            raise MachineFailed("office-damaged", what=TRUST) from error
        own, recorded = self.own_tokens, self.recorded_trust.issuers
        if recorded is not None:
            issuers = tuple(issuer for issuer in issuers if issuer.key.thumbprint in recorded)
        return issuers_that_count(issuers, demo=bool(own) and licence_file.claimed_kind(own[0]) == "demo")

    @cached_property
    def trust(self) -> Mapping[str, VerifyKey]:
        """The keys of those issuers, by thumbprint."""
        return keys_by_thumbprint(self.issuers)

    @cached_property
    def revoked(self) -> frozenset[tuple[str, str]]:
        """What was revoked, as pairs of the issuer's key and the licence's number: an issuer revokes only its own.

        By the lists that are held, and by the journal: also when a list was removed.
        """
        tokens = licences.list_revocation_tokens(self.connection, self.trust)
        lists = (revocation_file.read_token(token, self.trust) for token in tokens)
        return self.recorded_trust.revoked.union((held.key_id, number) for held in lists for number in held.numbers)

    @cached_property
    def moved_to(self) -> str | None:
        """Where the office goes on, if it was moved."""
        return journal.find_moved_to(self.connection)

    @cached_property
    def own_tokens(self) -> tuple[str, ...]:
        """The tokens of the office's own licences: the present one first, then those it had before."""
        return licences.list_own_tokens(self.connection)

    @cached_property
    def own_keys(self) -> frozenset[str]:
        """The thumbprints of the keys that sign or signed this office's backups: what another signed is not its own."""
        return self.recorded_trust.former_keys | {self.present_key}

    @property
    def present_key(self) -> str:
        """The thumbprint of the key that signs the office's backups: to who isn't a member the one that the journal says."""
        try:
            return self.office.backup_key.public.thumbprint
        except Refused:
            if self.recorded_trust.key is None:
                raise
            return self.recorded_trust.key

    @cached_property
    def own(self) -> HeldLicence:
        """The office's own licence as it verifies in this transaction."""
        return self.verify(self.own_tokens[0], "own licence")

    @property
    def own_licence(self) -> Licence:
        """The office's own licence. Raises `office-damaged` when it no longer verifies."""
        if self.own.licence is None:
            raise MachineFailed("office-damaged", what=Part.OWN_LICENCE)
        return self.own.licence

    @cached_property
    def own_licences(self) -> Mapping[str, Licence]:
        """By number the office's own licences that verify, of each number the newest: the present one, and those before a new number."""
        readings = (self.verify(token, "own licence").licence for token in reversed(self.own_tokens))
        return {one.number: one for one in readings if one is not None}

    @property
    def is_accountant_office(self) -> bool:
        """Whether this is an accountant's office rather than a client's own; false when its licence no longer verifies."""
        return self.own.licence is not None and self.own.licence.is_accountant_office

    @property
    def forbidden_tokens(self) -> tuple[str, ...]:
        """The licences that no backup may hold that goes out or comes in here: an accountant's own, present and former."""
        return self.own_tokens if self.is_accountant_office else ()

    @cached_property
    def _client_changes(self) -> tuple[tuple[int, ClientChanged], ...]:
        found = ((one.n, one.parsed()) for one in journal.list_events(self.connection, kinds=(ClientChanged,)))
        return tuple((n, event) for n, event in found if isinstance(event, ClientChanged))

    def current_kvk(self, kvk: KvkNumber, length: int = 0) -> KvkNumber:
        """The KvK number that a client has now who had `kvk` when the journal had `length` events."""
        for n, change in self._client_changes:
            if n > length and change.former_kvk == kvk:
                kvk = change.kvk
        return kvk

    def is_revoked(self, licence: Licence) -> bool:
        """Whether this licence was revoked by who issued it."""
        return (licence.key_id, licence.number) in self.revoked

    def hold(self, reading: ReadResult) -> HeldLicence:
        """What was read, with whether it was revoked."""
        return HeldLicence(reading, reading.licence is not None and self.is_revoked(reading.licence))

    def verify(self, token: str, name: str = "") -> HeldLicence:
        """The licence in `token`, verified now; `name` says in a fault where it was found."""
        return self.hold(licence_file.read_token(token, self.trust, name))

    def reject_future(self, reading: ReadResult) -> ReadResult:
        """What was read, or `claims-invalid` for a licence that says that it was issued after today."""
        return licence_file.reject_future(reading, self.context.latest_day)

    def record(self, *events: Event) -> None:
        """Write events at the end of the journal, in this order."""
        when = self.context
        details = when.event_details() | self.office.engine.event_details(self.connection)
        end = journal.append(self.connection, self._newest[0], self.now_text, when.actor, events, details)
        if events:
            self.office.recorded.append(end)
        del self._newest


def issuers_that_count(issuers: tuple[Issuer, ...], *, demo: bool) -> tuple[Issuer, ...]:
    """The issuers that count in an office: all, but the samples' test issuer in a demo office only."""
    return tuple(issuer for issuer in issuers if demo or issuer.key.thumbprint != TEST_ISSUER)
