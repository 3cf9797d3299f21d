"""The licences that are kept: which administrations are under each, whose it is, and which one it replaced."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client
from accountools.domain.events.administrations import RegisterExtractPlaced
from accountools.domain.events.office import OwnLicenceEvent
from accountools.domain.events.users import ImportUndone, LicenceImported
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import Licence, Status
from accountools.operations.session import Office
from accountools.storage.register import administrations, clients, journal, licences
from accountools.storage.register.journal import RecordedEvent

_GIVING = (OwnLicenceEvent, LicenceImported, RegisterExtractPlaced)


@dataclass(frozen=True)
class KeptLicence:
    """A licence that is kept. `here` are the administrations that are under it, `before` the one it replaced.

    `own` is the office's own, present or former; `in_force` is false for one that was replaced.
    """

    licence: Licence
    status: Status
    client: Client | None
    here: tuple[Administration, ...]
    before: Licence | None
    own: bool
    in_force: bool


def list_licences(office: Office, number: str | None = None) -> tuple[Licence, ...]:
    """All licences ever kept here that still verify, by number; or those with this `number`."""
    with office.session() as session:
        found = (session.verify(token).licence for token in licences.list_tokens(session.connection, number))
        return tuple(one for one in found if one is not None)


def kept_licences(office: Office) -> tuple[KeptLicence, ...]:
    """All licences ever kept here that still verify, by number, each with its history."""
    with office.session() as session:
        connection, today, own = session.connection, session.context.today, session.own_tokens
        verified = [session.verify(token) for token in licences.list_tokens(connection)]
        known = {client.kvk: client for client in clients.list_all(connection)}
        here, before = _administrations_under(connection), _replaced(journal.list_events(connection, kinds=(*_GIVING, ImportUndone)))
    held = {licences.token_sha256(one.licence.token): one.licence for one in verified if one.licence}
    revoked = {one.licence.token for one in verified if one.licence and one.revoked}
    return tuple(
        KeptLicence(
            one,
            one.status(today, revoked=one.token in revoked),
            _client_of(one, here.get(digest, ()), known),
            here.get(digest, ()),
            held.get(before.get(digest, "")),
            one.token in own,
            digest in here or one.token == own[0],
        )
        for digest, one in held.items()
    )


def _administrations_under(connection: sa.Connection) -> dict[str, tuple[Administration, ...]]:
    """The administrations that are under each licence now, by the hash of its token."""
    known = {one.number: one for one in administrations.list_all(connection)}
    found: dict[str, tuple[Administration, ...]] = {}
    for number, imported in licences.list_imports(connection).items():
        digest = licences.token_sha256(imported.token)
        found[digest] = (*found.get(digest, ()), known[number])
    return found


def _replaced(recorded: Iterable[RecordedEvent]) -> dict[str, str]:
    """By the events: which licence each one replaced, the last time that it did; both as hashes of their tokens."""
    present: dict[AdministrationNumber | None, str] = {}
    before: dict[str, str] = {}
    for one in recorded:
        event = one.parsed()
        if isinstance(event, ImportUndone):
            present.pop(event.administration, None)
            if event.sha256 is not None:
                present[event.administration] = event.sha256
        if isinstance(event, _GIVING) and event.sha256 is not None:
            if present.get(event.administration, event.sha256) != event.sha256:
                before[event.sha256] = present[event.administration]
            present[event.administration] = event.sha256
    return before


def _client_of(licence: Licence, here: tuple[Administration, ...], known: Mapping[KvkNumber, Client]) -> Client | None:
    """The client whose it is: of an administration that is under it, else the one with its KvK number."""
    return known.get(next((one.client_kvk for one in here if one.client_kvk is not None), KvkNumber(licence.licensee.kvk)))
