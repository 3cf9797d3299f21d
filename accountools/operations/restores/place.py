"""A checked backup becomes an administration here: its books and its extract of the register, whole or not at all.

Never rolled back by it: the licence, the revocations, the signers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client, User, find_user
from accountools.domain.errors import Refused
from accountools.domain.events.administrations import BackupPlaced
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.licence_file import ReadResult
from accountools.operations.backups.register_extract import validate_extract
from accountools.operations.backups.safety_copy import SafetyCopy
from accountools.operations.register.clients import add_in
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.restores.present import Present
from accountools.operations.session import Office, Session
from accountools.storage.engine import PreparedBooks
from accountools.storage.register import administrations, clients, licences, signers, users


@dataclass(frozen=True)
class Placement:
    """How a checked backup becomes an administration here: its licence, as which event, for whom its signer is kept, what is here now.

    `exchange`: a client's own backup at the accountant's: its office users stay, and its books are noted as exchanged. `saved` is what
    was kept of the books that it replaces, if there are any; those of which no backup can be made are kept as they are. `confirmed` are the
    codes about its licence that were accepted, `books` the identity of its books.
    """

    checked: CheckedBackup
    licence: Licence | None
    event: type[BackupPlaced]
    scope: str
    present: Present
    exchange: bool = False
    saved: SafetyCopy | None = None
    confirmed: tuple[str, ...] = ()
    books: str | None = None

    @property
    def number(self) -> AdministrationNumber:
        """The number that the administration has and keeps (S16)."""
        return self.checked.extract.number

    @property
    def signer(self) -> str:
        """The thumbprint of who signed the backup."""
        return self.checked.manifest.signer.key.thumbprint

    @property
    def administration(self) -> Administration:
        """The administration that it becomes."""
        extract = self.checked.extract
        return Administration(extract.number, extract.description, extract.client.kvk if extract.client else None)


def place(office: Office, placement: Placement, prepared: PreparedBooks, owner: str) -> tuple[Obstacle, ...]:
    """Publish the books of it, which are prepared, in one transaction of the register with its extract. Raises `changed-meanwhile`.

    Gives, when there is no safety copy of what it replaced, why, and where that is kept.
    """
    number, engine = placement.number, office.engine
    placement = replace(placement, books=engine.prepared_identity(prepared))

    def record(connection: sa.Connection) -> None:
        session = Session(office, connection)
        save_signer(session, placement)
        session.record(*place_extracts(session, [placement]))

    if engine.has_books(number) and placement.present.administration is not None:
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


def save_signer(session: Session, placement: Placement) -> None:
    """Save who signed a backup that is placed, unless it is the office itself; an accountant's office is asked each time for its own."""
    signer = placement.checked.manifest.signer
    if signer.key.thumbprint in session.own_keys or (placement.scope == signers.DEFAULT_SCOPE and session.is_accountant_office):
        return
    known = signers.KnownSigner(signer.key.thumbprint, signer.name, signer.kvk)
    signers.save(session.connection, placement.scope, known, signer.key.jwk(), session.now_text)


def place_extracts(session: Session, placements: Sequence[Placement]) -> list[BackupPlaced]:
    """Put their extracts into the register, and keep their counters; gives the events to be recorded. Raises `changed-meanwhile`.

    Each table is written once for all of them.
    """
    connection, engine = session.connection, session.office.engine
    by_number = {one.number: one for one in placements}
    versions = {one.number: one.version for one in administrations.list_all(connection, by_number)}
    for number, one in by_number.items():
        if versions.get(number) != one.present.version:
            raise Refused("changed-meanwhile", what=number)
    _add_clients(session, [one.checked.extract.client for one in placements])
    administrations.save_all(connection, [one.administration for one in placements], versions)
    access = {number: merged_access(session, one) for number, one in by_number.items()}
    _write_access(connection, access)
    reached = {(one.number, one.signer): one.checked.manifest.counter for one in placements}
    signers.set_counters(connection, {key: n for key, n in reached.items() if n > by_number[key[0]].present.counter})
    own = {int(number): counter for (number, signer), counter in reached.items() if signer in session.own_keys}
    administrations.raise_counters(connection, own)
    exchanged = {int(number): engine.books_revision(number) for number, one in by_number.items() if one.exchange}
    administrations.set_exchanged_revisions(connection, exchanged)
    return [_event(one, access[one.number]) for one in placements]


def _add_clients(session: Session, named: Iterable[Client | None]) -> None:
    """Add those that aren't here; of two with one KvK number the first."""
    theirs = [client for client in named if client is not None]
    known = {client.kvk for client in clients.list_all(session.connection, {client.kvk for client in theirs})}
    for client in theirs:
        if client.kvk not in known:
            add_in(session, client)
            known.add(client.kvk)


def _event(placement: Placement, access: "Access") -> BackupPlaced:
    administration = placement.administration
    return placement.event(
        administration=administration.number,
        description=administration.description,
        client=administration.client_kvk,
        sha256=access.digest,
        login=access.login if access.digest else None,
        users=access.users,
        backup=placement.checked.file_sha256,
        signer=placement.signer,
        counter=placement.checked.manifest.counter,
        books=placement.books,
        accepted=(access.confirmed or None) if access.digest else None,
    )


@dataclass(frozen=True)
class Access:
    """Who may do what in an administration once a backup was placed: all its users, and its licence with its user and what is confirmed."""

    users: tuple[User, ...]
    licence: Licence | None
    login: Login | None
    imported_at: str
    confirmed: tuple[str, ...]

    @property
    def digest(self) -> str | None:
        """The SHA-256 of the licence's token; None when nobody here has a licence."""
        return licences.token_sha256(self.licence.token) if self.licence and self.login else None


def merged_access(session: Session, placement: Placement) -> Access:
    """Users as in the backup; the licence as in the backup unless it isn't newer than the one held, whose user then stays too.

    When it is the very one that is held, what was confirmed at its import stays confirmed; when the backup names no user for it, the
    user of the one held gets access.
    """
    extract, held_users, held = placement.checked.extract, placement.present.users, placement.present.imported
    licence, login, at, accepted = placement.licence, extract.login, session.now_text, placement.confirmed
    everyone = {user.login.key: user for user in extract.users}
    if placement.exchange:  # who works at the office is for the office to say: nobody else's backup adds, removes or changes them
        everyone = {key: replace(user, office=False) for key, user in everyone.items()}
        everyone |= {user.login.key: user for user in held_users if user.office}
    if held is not None:
        is_same = licence is not None and held.token == licence.token
        held_licence = None if is_same else session.reject_future(session.verify(held.token).reading).licence
        theirs = session.reject_future(ReadResult(licence)).licence
        if is_same:
            at, accepted = held.imported_at, tuple(sorted({*held.accepted, *accepted}))
        elif held_licence is not None and (theirs is None or held_licence.issued_at >= theirs.issued_at):
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


def _write_access(connection: sa.Connection, access: Mapping[AdministrationNumber, Access]) -> None:
    licences.remove_imports(connection, access)
    users.replace_all(connection, {number: one.users for number, one in access.items()})
    licences.add_all(connection, [one.licence for one in access.values() if one.licence and one.digest])
    rows = [
        licences.build_import_row(number, one.digest, one.login, one.imported_at, one.confirmed)
        for number, one in access.items()
        if one.digest and one.login
    ]
    licences.add_imports(connection, rows)
