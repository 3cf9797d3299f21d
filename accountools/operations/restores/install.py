"""Installing a client's own backup into the office (S3), to work on: under the office's licence, with the client's still in place."""

from collections.abc import Iterator

from accountools.domain.administration import Client
from accountools.domain.events.administrations import AdministrationInstalled
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.licence_file import ReadResult
from accountools.operations.register import handover_rules
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.restores.obstacles import (
    client_obstacles,
    counter_obstacles,
    licence_obstacles,
    may_have_other_kvk,
    number_obstacles,
    signer_obstacles,
)
from accountools.operations.restores.plan import RestoreChoices, RestoreKind
from accountools.operations.restores.present import Present
from accountools.operations.session import HeldLicence, Session
from accountools.storage.books import ledger
from accountools.storage.register import administrations, clients
from accountools.storage.register.licences import Import


def _scope(checked: CheckedBackup) -> str:
    """An accountant's office keeps one signer for each client."""
    return checked.extract.client.kvk if checked.extract.client else ""


def _obstacles(
    session: Session, checked: CheckedBackup, present: Present, held: HeldLicence, choices: RestoreChoices
) -> Iterator[Obstacle]:
    extract, connection = checked.extract, session.connection
    number, client, engine = extract.number, extract.client, session.office.engine
    yield from handover_rules.own_obstacles(session.own, session.context.today)
    is_known = client is not None and clients.find(connection, client.kvk) is not None
    if not is_known and not may_have_other_kvk(session, checked, present, held):
        yield obstacle("client-not-found", what=client.kvk if client else number)
    yield from number_obstacles(session, extract, present, replace=choices.replace)
    yield from client_obstacles(session, checked, present, held)
    if choices.replace and engine.has_books(number) and _is_booked_since(session, number):
        yield obstacle("changed-meanwhile", booked=number)
    yield from licence_obstacles(session, held)
    if held.licence is None and held.reading.fault is None:
        yield handover_rules.no_licence(client)
    elif held.licence is not None:
        yield from _import_obstacles(session, present.imported, client, held.licence)
    yield from signer_obstacles(session, checked.manifest, _scope(checked), None)
    yield from counter_obstacles(session, checked, present)


def _is_booked_since(session: Session, number: AdministrationNumber) -> bool:
    """Whether the office booked since the books last went to the client or came from there: that would be lost."""
    engine, exchanged = session.office.engine, administrations.find_exchanged_revision(session.connection, number)
    if exchanged is not None:
        return exchanged != engine.books_revision(number)
    with engine.books(number) as books:
        return ledger.is_booked_in(books)


def _import_obstacles(session: Session, imported: Import | None, client: Client | None, licence: Licence) -> Iterator[Obstacle]:
    """What an import asks of a licence and finds against it; a confirmation given for this very licence isn't asked for again.

    Its dates are only told (`licence_obstacles`), and a name that differs is for the import to ask about.
    """
    confirmed = imported.accepted if imported is not None and imported.token == licence.token else ()
    future = session.reject_future(ReadResult(licence)).fault
    if future is not None:
        yield future
    found = [*handover_rules.licence_obstacles(licence, session.own.licence, session.context.today, revoked=False)]
    if client is not None:
        found += handover_rules.identity_obstacles(licence, client, clients.find(session.connection, KvkNumber(licence.licensee.kvk)))
    wanted = {"own-licence", "demo-licence", "other-client", "kvk-differs"} | ({"wrong-kind"} if licence.kind == "demo" else set())
    yield from (one for one in found if one.code in wanted and one.code not in confirmed)


INSTALL = RestoreKind(AdministrationInstalled, _obstacles, _scope, exchange=True)
