"""Administrations: made from a chart or a template (S1), copied to another number (S7), shown, archived."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client, User
from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.events.administrations import (
    AdministrationArchived,
    AdministrationCopied,
    AdministrationCreated,
    AdministrationUnarchived,
)
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, parse_description
from accountools.domain.ledger import STANDARD_JOURNALS, Account, ControlTotals
from accountools.domain.licence import Licence
from accountools.domain.vat import vat_codes_for
from accountools.operations.register import handover_rules
from accountools.operations.register.clients import add_in
from accountools.operations.register.state import own_books, state_of
from accountools.operations.session import Office, Session
from accountools.operations.workdir import in_workdir, wait_for_books
from accountools.storage.books import ledger
from accountools.storage.register import administrations, clients, licences, users

Fill = Callable[[sa.Connection], None]


@dataclass(frozen=True)
class AdministrationView:
    """An administration with all that may be shown of it. `licence` is the client's, never the office's."""

    administration: Administration
    client: Client | None
    licence: Licence | None
    users: tuple[User, ...]
    totals: ControlTotals

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        return {
            "number": int(self.administration.number),
            "description": self.administration.description,
            "client": vars(self.client).copy() if self.client else None,
            "archived": self.administration.archived,
            "licence": self.licence.document() if self.licence else None,
            "users": [user.document() for user in self.users],
            "counts": self.totals.counts(),
            "totals": self.totals.totals(),
        }


@in_workdir
def create(
    office: Office,
    number: AdministrationNumber,
    description: str,
    *,
    client: KvkNumber | None = None,
    chart: Iterable[Account] | None = None,
    template: AdministrationNumber | None = None,
    new_client: Client | None = None,
) -> Administration:
    """Make an administration; without a client it is a template. Its number can't be changed later (S7).

    The books take their chart from `chart` (with the standard journals and VAT codes), or chart, journals and VAT codes from
    `template` (S1), or are empty. `new_client` is one who isn't known yet: both are made, or neither. Raises `number-taken`,
    `description-too-long`, `client-not-found`, `client-exists`, `administration-not-found`.
    """
    description = parse_description(description)
    with office.session() as session:
        _check_free(session, number, client)
        if template is not None and chart is None:
            administrations.get(session.connection, template)
    prepared = office.engine.prepare_books(_filler(office, chart, template), number)
    books = office.engine.prepared_identity(prepared)
    with office.engine.publishing_books({number: prepared}) as connection:
        session = Session(office, connection)
        if new_client is not None:
            add_in(session, new_client)
            client = new_client.kvk
        _check_free(session, number, client)
        office.engine.publish_books({number: prepared}, keep_aside=True)
        administrations.add(connection, number, description, client)
        session.record(AdministrationCreated(administration=number, description=description, client=client, template=template, books=books))
        return administrations.get(connection, number)


@in_workdir
def copy(office: Office, source: AdministrationNumber, target: AdministrationNumber, description: str | None = None) -> Administration:
    """Make a complete copy under another number, for the same client (S7): books, users and client licence; no backups or events.

    Raises `administration-not-found`, `number-taken`, `books-missing`, `description-too-long`.
    """
    with office.session() as session:
        state = state_of(session, source)
        raise_first_obstacle(handover_rules.books_obstacles(state))
        planned = state.administration
        _check_free(session, target, planned.client_kvk)
    wait_for_books(office, source)
    prepared = office.engine.copy_books(source, target)
    books = office.engine.prepared_identity(prepared)
    with office.engine.publishing_books({target: prepared}) as connection:
        session = Session(office, connection)
        state = state_of(session, source)
        if state.administration.version != planned.version:
            raise Refused("changed-meanwhile", what=source)
        text = state.administration.description if description is None else parse_description(description)
        _check_free(session, target, state.administration.client_kvk)
        office.engine.publish_books({target: prepared}, keep_aside=True)
        administrations.add(connection, target, text, state.administration.client_kvk)
        for user in state.users:
            users.add(connection, target, user)
        digest = licences.copy_import(connection, source, target)
        session.record(
            AdministrationCopied(
                administration=target,
                source=source,
                description=text,
                client=state.administration.client_kvk,
                sha256=digest,
                login=state.imported.login if state.imported and digest else None,
                users=state.users,
                accepted=state.imported.accepted if state.imported and digest else None,
                books=books,
            )
        )
        return administrations.get(connection, target)


def list_administrations(office: Office) -> tuple[tuple[Administration, Client | None], ...]:
    """All administrations with their clients, by number."""
    with office.session() as session:
        known = {client.kvk: client for client in clients.list_all(session.connection)}
        found = administrations.list_all(session.connection)
    return tuple((one, None if one.client_kvk is None else known[one.client_kvk]) for one in found)


def show(office: Office, number: AdministrationNumber) -> AdministrationView:
    """An administration with its client, licence, users and control totals. Raises `administration-not-found`, `books-missing`."""
    with office.session() as session:
        state = state_of(session, number)
    with own_books(office, number) as books:
        totals = ledger.control_totals(books)
    return AdministrationView(state.administration, state.client, state.held.licence if state.held else None, state.users, totals)


def set_archived(office: Office, number: AdministrationNumber, *, archived: bool) -> Administration:
    """Take an administration out of audit and hand-over, or put it back; everything is kept. Raises `administration-not-found`."""
    with office.session(write=True) as session:
        held = administrations.get(session.connection, number)
        if held.archived != archived:
            administrations.update(session.connection, number, archived=int(archived))
            session.record((AdministrationArchived if archived else AdministrationUnarchived)(administration=number))
        return administrations.get(session.connection, number)


def _check_free(session: Session, number: AdministrationNumber, client: KvkNumber | None) -> None:
    if administrations.find(session.connection, number) is not None:
        raise Refused("number-taken", number=number)
    if client is not None:
        clients.get(session.connection, client)


def _filler(office: Office, chart: Iterable[Account] | None, template: AdministrationNumber | None) -> Fill:
    """What writes the first rows of new books."""
    if chart is not None:
        accounts = tuple(chart)
        return lambda books: ledger.add_chart(books, accounts, STANDARD_JOURNALS, vat_codes_for(accounts))
    if template is None:
        return lambda _: None
    with own_books(office, template) as source:
        taken = ledger.get_chart(source)
    return lambda books: ledger.add_chart(books, *taken)
