"""The licences that are kept: where each stands, whose it is, and which one it took the place of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import Licence, Status
from accountools.formats.licence_file import read_token
from accountools.operations.session import Office
from accountools.storage.register import administrations, clients, journal, licences
from accountools.storage.register.journal import Event

_PUT_IN_PLACE = frozenset({"office-made", "own-licence-renewed", "office-restored", "licence-imported", "administration-copied",
    "administration-restored", "administration-installed"})  # fmt: skip


@dataclass(frozen=True)
class KeptLicence:
    """A licence that is kept. `here` are the administrations that stand under it, `before` what it took the place of.

    `own` is the office's own, present or former; `in_force` is false for one that another took the place of.
    """

    licence: Licence
    status: Status
    client: Client | None
    here: tuple[Administration, ...]
    before: Licence | None
    own: bool
    in_force: bool


def kept_licences(office: Office) -> tuple[KeptLicence, ...]:
    """All licences ever kept here that still verify, by number."""
    with office.reading() as connection:
        trust, revoked, today = office.trust(connection), office.revoked(connection), office.occasion(connection).today
        read = [read_token(token, trust).licence for token in licences.tokens(connection)]
        held = {licences.hash_of(one.token): one for one in read if one is not None}
        known = {client.kvk: client for client in clients.every(connection)}
        here, own, before = _here(connection), licences.own_tokens(connection), _before(journal.every(connection))
    return tuple(
        KeptLicence(
            one,
            one.status(today, revoked=(one.key_id, one.number) in revoked),
            _client(one, here.get(digest, ()), known),
            here.get(digest, ()),
            held.get(before.get(digest, "")),
            one.token in own,
            digest in here or one.token == own[0],
        )
        for digest, one in held.items()
    )


def _here(connection: sa.Connection) -> dict[str, tuple[Administration, ...]]:
    """The administrations that stand under each licence now, by the hash of its token."""
    known = {one.number: one for one in administrations.every(connection)}
    found: dict[str, tuple[Administration, ...]] = {}
    for number, imported in licences.all_imports(connection).items():
        digest = licences.hash_of(imported.token)
        found[digest] = (*found.get(digest, ()), known[number])
    return found


def _before(events: Iterable[Event]) -> dict[str, str]:
    """By the events: which licence each took the place of, the last time that it did; both as hashes of their tokens."""
    present: dict[AdministrationNumber | None, str] = {}
    before: dict[str, str] = {}
    for place, digest in _put(events):
        if present.get(place, digest) != digest:
            before[digest] = present[place]
        present[place] = digest
    return before


def _put(events: Iterable[Event]) -> Iterator[tuple[AdministrationNumber | None, str]]:
    for event in events:
        digest = event.details.get("sha256")
        if event.what in _PUT_IN_PLACE and isinstance(digest, str):
            yield event.administration, digest


def _client(licence: Licence, here: tuple[Administration, ...], known: Mapping[KvkNumber, Client]) -> Client | None:
    """The client whose it is: of an administration that stands under it, else the one with its KvK number."""
    return known.get(next((one.client_kvk for one in here if one.client_kvk is not None), KvkNumber(licence.licensee.kvk)))
