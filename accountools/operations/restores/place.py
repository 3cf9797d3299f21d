"""A checked backup becomes an administration here: its books and its extract of the register, whole or not at all.

Never rolled back by it: the licence, the revocations, the signers.
"""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from accountools.domain.administration import User, find_user
from accountools.domain.errors import Refused
from accountools.domain.events.administrations import BackupPlaced
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.operations.backups.register_extract import validate_extract
from accountools.operations.backups.safety_copy import SafetyCopy
from accountools.operations.register.clients import add_in
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.session import Office, Session
from accountools.storage.engine import PreparedBooks
from accountools.storage.register import administrations, clients, licences, signers, users


@dataclass(frozen=True)
class Placement:
    """How a checked backup becomes an administration here: its licence, as which event, for whom its signer is kept.

    `exchange`: a client's own backup at the accountant's: its office users stay, and its books are noted as exchanged. `saved` is what
    was kept of the books that it replaces, if there are any; those of which no backup can be made are kept as they are. `confirmed` are the
    codes about its licence that were accepted, `books` the identity of its books.
    """

    checked: CheckedBackup
    licence: Licence | None
    event: type[BackupPlaced]
    scope: str
    present_version: int | None
    exchange: bool = False
    saved: SafetyCopy | None = None
    confirmed: tuple[str, ...] = ()
    books: str | None = None


def place(office: Office, placement: Placement, prepared: PreparedBooks, owner: str) -> tuple[Obstacle, ...]:
    """Publish the books of it, which are prepared, in one transaction of the register with its extract. Raises `changed-meanwhile`.

    Gives, when there is no safety copy of what it replaced, why, and where that is kept.
    """
    number, engine = placement.checked.extract.number, office.engine
    placement = replace(placement, books=engine.prepared_identity(prepared))

    def record(connection: sa.Connection) -> None:
        session = Session(office, connection)
        session.record(place_extract(session, placement))

    if engine.has_books(number) and placement.present_version is not None:
        try:
            saved = placement.saved or SafetyCopy(None)
            kept = engine.replace_books(prepared, number, owner, record, revision=saved.revision)
        finally:
            engine.discard_books(prepared)
        return () if kept is None else (obstacle("books-set-aside", number=number, path=kept), *saved.reasons)
    with engine.publishing_books({number: prepared}, owner) as connection:
        engine.publish_books({number: prepared}, keep_aside=True)
        record(connection)
    return ()


def place_extract(session: Session, placement: Placement) -> BackupPlaced:
    """Put the extract into the register, keep the signer and the counter; gives the event to be recorded. Raises `changed-meanwhile`."""
    connection, engine = session.connection, session.office.engine
    extract, manifest = placement.checked.extract, placement.checked.manifest
    number, client, signer = extract.number, extract.client, manifest.signer
    present = administrations.find(connection, number)
    if (present.version if present else None) != placement.present_version:
        raise Refused("changed-meanwhile", what=number)
    if client is not None and clients.find(connection, client.kvk) is None:
        add_in(session, client)
    kvk = client.kvk if client else None
    if present is None:
        administrations.add(connection, number, extract.description, kvk)
    else:
        administrations.update(connection, number, description=extract.description, client_kvk=kvk)
    access = merged_access(session, placement)
    digest, login, accepted = _place_access(session, number, access)
    if signer.key.thumbprint in session.own_keys:
        administrations.raise_counters(connection, {number: manifest.counter})
    elif placement.scope != signers.DEFAULT_SCOPE or not session.is_accountant_office:  # an accountant's is asked each time
        known = signers.KnownSigner(signer.key.thumbprint, signer.name, signer.kvk)
        signers.save(connection, placement.scope, known, signer.key.jwk(), session.now_text)
    signers.raise_counter(connection, number, signer.key.thumbprint, manifest.counter)
    if placement.exchange:
        administrations.set_exchanged_revisions(connection, {number: engine.books_revision(number)})
    return placement.event(
        administration=number,
        description=extract.description,
        client=kvk,
        sha256=digest,
        login=login,
        users=access.users,
        backup=placement.checked.file_sha256,
        signer=signer.key.thumbprint,
        counter=manifest.counter,
        books=placement.books,
        accepted=accepted or None,
    )


@dataclass(frozen=True)
class Access:
    """Who may do what in an administration once a backup was placed: all its users, and its licence with its user and what is confirmed."""

    users: tuple[User, ...]
    licence: Licence | None
    login: Login | None
    imported_at: str
    confirmed: tuple[str, ...]


def merged_access(session: Session, placement: Placement) -> Access:
    """Users as in the backup; the licence as in the backup unless it isn't newer than the one held, whose user then stays too.

    When it is the very one that is held, what was confirmed at its import stays confirmed; when the backup names no user for it, the
    user of the one held gets access.
    """
    connection, extract = session.connection, placement.checked.extract
    number, licence, login = extract.number, placement.licence, extract.login
    at, accepted = session.now_text, placement.confirmed
    held_users, held = users.list_for(connection, number), licences.find_import(connection, number)
    everyone = {user.login.key: user for user in extract.users}
    if placement.exchange:  # who works at the office is for the office to say: nobody else's backup adds, removes or changes them
        everyone = {key: replace(user, office=False) for key, user in everyone.items()}
        everyone |= {user.login.key: user for user in held_users if user.office}
    if held is not None:
        is_same = licence is not None and held.token == licence.token
        held_licence = None if is_same else session.reject_future(session.verify(held.token).reading).licence
        if is_same:
            at, accepted = held.imported_at, tuple(sorted({*held.accepted, *accepted}))
        elif held_licence is not None and (licence is None or held_licence.issued_at >= licence.issued_at):
            licence, login, at, accepted = held_licence, held.login, held.imported_at, held.accepted
        login = login or held.login
        user = find_user(held_users, login)
        if user is not None:
            everyone.setdefault(login.key, user)
    return Access(tuple(everyone.values()), licence, login, at, accepted)


def merged_obstacles(session: Session, placement: Placement) -> list[Obstacle]:
    """Whether a backup can hold what becomes of it here, with the users who stay: what comes in must be able to go out again."""
    extract, access = placement.checked.extract, merged_access(session, placement)
    login = next((user.login for user in access.users if access.login and user.login.key == access.login.key), None)
    token = access.licence.token if access.licence else None
    try:
        validate_extract(replace(extract, users=access.users, licence=token, login=login))
    except Refused as error:
        return [obstacle(error.code, **dict(error.reason.facts), together=extract.number)]
    return []


def _place_access(session: Session, number: AdministrationNumber, access: Access) -> tuple[str | None, Login | None, tuple[str, ...]]:
    """Write it into the register. Gives the SHA-256 of the licence's token, its user's login, and what is confirmed for it."""
    connection, licence, login = session.connection, access.licence, access.login
    licences.remove_import(connection, number)
    users.remove_for(connection, number)
    users.add_all(connection, number, access.users)
    if licence is None or login is None:
        return None, None, ()
    return licences.set_import(connection, number, licence, login, access.imported_at, access.confirmed), login, access.confirmed
