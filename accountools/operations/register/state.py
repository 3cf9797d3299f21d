"""The register seen as the states of its administrations: of one, or of all in a handful of queries."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import sqlalchemy as sa

from accountools.domain.administration import Client
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.formats.licence_file import Reading, read_token
from accountools.formats.signing import VerifyKey
from accountools.operations.register.rules import AdministrationState, HeldLicence
from accountools.operations.session import Office
from accountools.storage.register import administrations, clients, licences, users
from accountools.storage.register.licences import Import

Read = Callable[[str, Mapping[str, VerifyKey]], Reading]
_MANY = 100  # from there on it is quicker to look at all at once


def in_force(own: HeldLicence, imported: HeldLicence | None) -> HeldLicence | None:
    """The licence that an administration stands under: the client's that was imported.

    In a client's own office it is the own one, unless the imported one was issued after it.
    """
    if own.licence is None or own.licence.is_accountants:
        return imported
    if imported is None or imported.licence is None or imported.licence.issued_at <= own.licence.issued_at:
        return own
    return imported


def own_licence(office: Office, connection: sa.Connection) -> HeldLicence:
    """The office's own licence, verified anew."""
    reading = office.own_reading(connection)
    return HeldLicence(reading, reading.licence is not None and office.is_revoked(connection, reading.licence))


def state_of(office: Office, connection: sa.Connection, number: AdministrationNumber) -> AdministrationState:
    """The state of one administration. Raises `administration-not-found`."""
    administration = administrations.get(connection, number)
    kvk = administration.client_kvk
    imported = licences.find_import(connection, number)
    return AdministrationState(
        administration,
        None if kvk is None else clients.get(connection, kvk),
        users.of(connection, number),
        imported,
        in_force(own_licence(office, connection), _held(office, connection, imported)),
        office.store.has_books(number),
    )


def states_of(office: Office, connection: sa.Connection, numbers: Iterable[AdministrationNumber]) -> list[AdministrationState]:
    """The states of these administrations, each once, in the order given. Raises `administration-not-found`."""
    wanted = list(dict.fromkeys(numbers))
    if len(wanted) < _MANY:
        return [state_of(office, connection, number) for number in wanted]
    found = {state.administration.number: state for state in all_states(office, connection)}
    return [found[number] if number in found else state_of(office, connection, number) for number in wanted]


def all_states(office: Office, connection: sa.Connection, read: Read = read_token) -> Iterator[AdministrationState]:
    """The states of all administrations, by number; `read` verifies their licences."""
    known: dict[KvkNumber, Client] = {client.kvk: client for client in clients.every(connection)}
    everyone, imports = users.of_all(connection), licences.all_imports(connection)
    trust, revoked, own = office.trust(connection), office.revoked(connection), own_licence(office, connection)
    with_books = office.store.numbers_with_books()
    for administration in administrations.every(connection):
        imported = imports.get(administration.number)
        held = None
        if imported is not None:
            reading = read(imported.token, trust)
            licence = reading.licence
            held = HeldLicence(reading, licence is not None and (licence.key_id, licence.number) in revoked)
        yield AdministrationState(
            administration,
            None if administration.client_kvk is None else known[administration.client_kvk],
            everyone.get(administration.number, ()),
            imported,
            in_force(own, held),
            administration.number in with_books,
        )


def _held(office: Office, connection: sa.Connection, imported: Import | None) -> HeldLicence | None:
    if imported is None:
        return None
    reading = read_token(imported.token, office.trust(connection))
    return HeldLicence(reading, reading.licence is not None and office.is_revoked(connection, reading.licence))
