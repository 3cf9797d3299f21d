"""Administrations: making one from a chart or a template (S1), copying one to another number (S7), showing, putting away."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client, User
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, parse_description
from accountools.domain.ledger import (
    STANDARD_JOURNALS,
    STANDARD_VAT_CODES,
    Account,
    ControlTotals,
    Entry,
    Relation,
    VatCode,
)
from accountools.domain.licence import Licence
from accountools.operations.register import clients as enrolling
from accountools.operations.register.state import state_of
from accountools.operations.session import Office
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
            "users": [user_document(user) for user in self.users],
            "counts": self.totals.counts(),
            "totals": self.totals.totals(),
        }


def user_document(user: User) -> dict[str, Any]:
    """A user as the interface gives it."""
    return {"login": user.login, "name": user.name, "employee": user.employee, "active": user.active, "office": user.office}


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
    fill = _chart_filler(tuple(chart)) if chart is not None else _nothing if template is None else _template_filler(office, template)
    with office.reading() as connection:
        _expect_free(connection, number, client)
    prepared = office.store.prepare_books(fill)
    with office.store.placing_books(prepared, number) as connection:
        if new_client is not None:
            enrolling.enrol(office, connection, new_client)
            client = new_client.kvk
        _expect_free(connection, number, client)
        office.store.publish_books(prepared, number, keep_aside=True)
        administrations.add(connection, number, description, client)
        taken_from = {"template": None if template is None else int(template)}
        office.record(connection, "administration-created", number, description=description, client=client, **taken_from)
        return administrations.get(connection, number)


def copy(office: Office, source: AdministrationNumber, target: AdministrationNumber, description: str | None = None) -> Administration:
    """Make a complete copy under another number, for the same client (S7): books, users and client licence; no backups or events.

    Raises `administration-not-found`, `number-taken`, `books-missing`, `description-too-long`.
    """
    with office.reading() as connection:
        planned = state_of(office, connection, source).administration
        _expect_free(connection, target, planned.client_kvk)
    prepared = office.store.copy_books(source)
    with office.store.placing_books(prepared, target) as connection:
        state = state_of(office, connection, source)
        if state.administration.version != planned.version:
            raise Refused("changed-meanwhile", what=source)
        text = state.administration.description if description is None else parse_description(description)
        _expect_free(connection, target, state.administration.client_kvk)
        office.store.publish_books(prepared, target, keep_aside=True)
        administrations.add(connection, target, text, state.administration.client_kvk)
        for user in state.users:
            users.add(connection, target, user)
        imported = state.imported
        digest = licences.copy_import(connection, source, target)
        office.record(
            connection,
            "administration-copied",
            target,
            source=int(source),
            description=text,
            client=state.administration.client_kvk,
            sha256=digest,
            login=imported.login if imported and digest else None,
            users=[user_document(user) for user in state.users],
        )
        return administrations.get(connection, target)


def list_administrations(office: Office) -> tuple[tuple[Administration, Client | None], ...]:
    """All administrations with their clients, by number."""
    with office.reading() as connection:
        known = {client.kvk: client for client in clients.every(connection)}
        found = administrations.every(connection)
    return tuple((one, None if one.client_kvk is None else known[one.client_kvk]) for one in found)


def show(office: Office, number: AdministrationNumber) -> AdministrationView:
    """An administration with its client, licence, users and control totals. Raises `administration-not-found`, `books-missing`."""
    with office.reading() as connection:
        state = state_of(office, connection, number)
    with office.store.books(number) as books:
        totals = ledger.control_totals(books)
    return AdministrationView(state.administration, state.client, state.held.licence if state.held else None, state.users, totals)


def set_archived(office: Office, number: AdministrationNumber, *, archived: bool) -> Administration:
    """Take an administration out of audit and hand-over, or put it back; everything is kept. Raises `administration-not-found`."""
    with office.changing() as connection:
        held = administrations.get(connection, number)
        if held.archived != archived:
            administrations.change(connection, number, archived=int(archived))
            office.record(connection, "administration-archived" if archived else "administration-unarchived", number)
        return administrations.get(connection, number)


def post(office: Office, number: AdministrationNumber, entries: Iterable[Entry], relations: Iterable[Relation] = ()) -> None:
    """Add relations and entries to the books. Raises `administration-not-found`, `books-missing`."""
    with office.reading() as connection:
        administrations.get(connection, number)
    with office.store.books(number, change=True) as books:
        ledger.add_relations(books, relations)
        ledger.add_entries(books, entries)


def _expect_free(connection: sa.Connection, number: AdministrationNumber, client: KvkNumber | None) -> None:
    if administrations.find(connection, number) is not None:
        raise Refused("number-taken", number=number)
    if client is not None:
        clients.get(connection, client)


def _nothing(_: sa.Connection) -> None:
    """Leave the books empty."""


def _chart_filler(chart: tuple[Account, ...]) -> Fill:
    standard = {code.code for code in STANDARD_VAT_CODES}
    others = sorted({account.vat for account in chart if account.vat} - standard)

    def fill(books: sa.Connection) -> None:
        ledger.add_chart(books, chart, STANDARD_JOURNALS, (*STANDARD_VAT_CODES, *(VatCode(code, code, None) for code in others)))

    return fill


def _template_filler(office: Office, template: AdministrationNumber) -> Fill:
    with office.reading() as connection:
        administrations.get(connection, template)
    with office.store.books(template) as source:
        chart = ledger.chart_of(source)
    return lambda books: ledger.add_chart(books, *chart)
