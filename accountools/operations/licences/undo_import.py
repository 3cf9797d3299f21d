"""Undoing the import of a client's licence: the licence before it comes back, or none where it was the first."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Client
from accountools.domain.codes.code import Weight
from accountools.domain.errors import Refused
from accountools.domain.events.administrations import (
    AdministrationCopied,
    AdministrationCreated,
    ClientAdded,
    ClientChanged,
    RegisterExtractPlaced,
)
from accountools.domain.events.base import Event
from accountools.domain.events.users import ImportUndone, LicenceImported
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.operations.plan import RegisterPlan
from accountools.operations.register import handover_rules
from accountools.operations.register.replay import ReplayedRegister
from accountools.operations.register.state import AdministrationState, find_other_client, in_force, state_of
from accountools.operations.session import Office, Session
from accountools.storage.register import backups, journal, licences
from accountools.storage.register.licences import Import


@dataclass(frozen=True)
class PastImport:
    """A client licence that an administration was under, by the event that gave it; `imported` is false where a backup or a copy did."""

    sha256: str
    login: Login
    accepted: tuple[str, ...]
    imported: bool


@dataclass(frozen=True, kw_only=True)
class UndoImportPlan(RegisterPlan):
    """What undoing the last import would do. `undone` is the number of its licence, `before` what comes back (None: no licence).

    `before_licence` is that licence, if it still verifies; `last_handover` the day of the last backup that the client got. The obstacles
    only inform: what will block a backup for the client under it.
    """

    number: AdministrationNumber
    client: Client | None
    undone: str
    undone_sha256: str
    before: PastImport | None
    before_number: str | None
    before_licence: Licence | None
    last_handover: str | None
    version: int

    @property
    def subject(self) -> AdministrationNumber:
        """The administration."""
        return self.number

    def inputs(self) -> dict[str, Any]:
        """The version of the register's extract, and the two licences."""
        before = self.before.sha256 if self.before else None
        return {"administration": int(self.number), "version": self.version, "undone": self.undone_sha256, "before": before}

    def plan_again(self, session: Session) -> "UndoImportPlan":
        """Read the register again."""
        return _plan_in(session, state_of(session, self.number))

    def commit(self, session: Session) -> None:
        """The licence and the event."""
        before = self.before
        if before is None:
            licences.withdraw_import(session.connection, self.number)
        else:
            licences.set_known_import(session.connection, self.number, before.sha256, before.login, session.now_text, before.accepted)
        session.record(
            ImportUndone(
                administration=self.number,
                licence=self.undone,
                undone=self.undone_sha256,
                replaces=self.before_number,
                sha256=before.sha256 if before else None,
                login=before.login if before else None,
                accepted=before.accepted if before else (),
            )
        )


def plan_undo_import(office: Office, number: AdministrationNumber) -> UndoImportPlan:
    """Plan undoing the last import into administration `number`. Its user stays.

    Raises `administration-not-found`, and `no-licence` where nothing was imported, or a backup or a copy gave the licence.
    """
    with office.session() as session:
        return _plan_in(session, state_of(session, number))


def undone_licences(connection: sa.Connection) -> frozenset[str]:
    """The licences whose import was undone, and that no administration was given since: the SHA-256 of their tokens."""
    undoings = [one.n for one in journal.list_events(connection, kinds=(ImportUndone,))]
    undone: set[str] = set()
    if undoings:
        since = journal.list_events(connection, kinds=(LicenceImported, RegisterExtractPlaced, ImportUndone), after=undoings[0] - 1)
        for event in (one.parsed() for one in since):
            if isinstance(event, ImportUndone):
                undone.add(event.undone)
            if isinstance(event, LicenceImported | RegisterExtractPlaced | ImportUndone) and event.sha256 is not None:
                undone.discard(event.sha256)
    return frozenset(undone)


def _plan_in(session: Session, state: AdministrationState) -> UndoImportPlan:
    number, connection = state.administration.number, session.connection
    past = _past_imports(session, number)
    client = state.client.name if state.client else "—"
    if not past or state.imported is None:
        raise Refused("no-licence", client=client)
    last, before = past[-1], past[-2] if len(past) > 1 else None
    if not last.imported or last.sha256 != licences.token_sha256(state.imported.token):
        raise Refused("no-licence", client=client, number=number, placed=True)
    numbers = {digest: (licence_number, token) for digest, licence_number, token in licences.list_known(connection)}
    held = session.verify(numbers[before.sha256][1]) if before else None
    return UndoImportPlan(
        obstacles=_obstacles_under(session, state, before, numbers[before.sha256][1]) if before else (),
        number=number,
        client=state.client,
        undone=numbers[last.sha256][0],
        undone_sha256=last.sha256,
        before=before,
        before_number=numbers[before.sha256][0] if before else None,
        before_licence=held.licence if held else None,
        last_handover=backups.last_days(connection).get(number, (None, None))[0],
        version=state.administration.version,
    )


def _obstacles_under(session: Session, state: AdministrationState, before: PastImport, token: str) -> tuple[Obstacle, ...]:
    """What will keep the administration from being handed over under the licence that comes back. It informs only."""
    found = session.verify(token)
    held = in_force(session.own, replace(found, reading=session.reject_future(found.reading)))
    other = find_other_client(session, state.client, held) if held else None
    then = replace(state, imported=Import(token, before.login, "", before.accepted), held=held, other_client=other)
    against = handover_rules.held_licence_obstacles(session.own, then, session.context.today)
    return tuple(one.with_weight(Weight.INFORMS) for one in against if one.blocking)


def _past_imports(session: Session, number: AdministrationNumber) -> list[PastImport]:
    """What was imported and not undone, oldest first; what a backup or a copy put in its place begins anew.

    What was confirmed counts no longer once the client got another name or KvK number, as in the register that is replayed.
    """
    past, register = list[PastImport](), ReplayedRegister()
    for event in _events_about(session, number):
        _, kvk, _ = register.administrations.get(number, ("", None, False))
        if isinstance(event, ClientChanged) and event.former_kvk not in register.clients:
            continue  # `journal verify` reports it
        if isinstance(event, ClientChanged) and event.former_kvk == kvk:
            outdated = event.outdated_codes(register.clients[kvk][0])
            past = [replace(it, accepted=tuple(code for code in it.accepted if code not in outdated)) for it in past]
        register.apply(event)
        if event.administration != number:
            continue
        if isinstance(event, LicenceImported):
            past.append(PastImport(event.sha256, event.login, event.accepted, imported=True))
        elif isinstance(event, RegisterExtractPlaced):
            _, _, accepted = register.imports.get(number, ("", "", frozenset()))
            placed = event.sha256 is not None and event.login is not None
            past = [PastImport(str(event.sha256), event.login, tuple(sorted(accepted)), imported=False)] if placed and event.login else []
        elif isinstance(event, ImportUndone) and past:
            past.pop()
    return past


def _events_about(session: Session, number: AdministrationNumber) -> Iterator[Event]:
    """What happened to an administration, to those that it was copied from, and to all clients, in order."""
    kinds = (AdministrationCreated, RegisterExtractPlaced, LicenceImported, ImportUndone)
    found, numbers = list(journal.list_events(session.connection, kinds=(ClientAdded, ClientChanged))), [number]
    for one in numbers:
        theirs = list(journal.list_events(session.connection, one, kinds=kinds))
        found += theirs
        copied = (event.parsed() for event in theirs)
        numbers += [event.source for event in copied if isinstance(event, AdministrationCopied) and event.source not in numbers]
    parsed = (one.parsed() for one in sorted(found, key=lambda one: one.n))
    return (event for event in parsed if event is not None)
