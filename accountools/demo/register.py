"""The register of the demonstration: its clients with their administrations, users and licences, and the events of adding them."""

from dataclasses import replace

from accountools.demo.clients import DemoClient
from accountools.demo.licences import client_licence
from accountools.domain.administration import User
from accountools.domain.calendar import ExecutionContext
from accountools.domain.events import AdministrationCreated, ClientAdded, LicenceImported, UserAdded
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.operations.licences.issue import IssuerFolder
from accountools.operations.session import Office
from accountools.storage.register.bulk_insert import BulkInsert

TEMPLATE = AdministrationNumber(1)
OFFICE_USER = User(Login(r"ZONNESTEIN\anna"), "Anna Visser", 1, office=True)


def add_clients(office: Office, issuer: IssuerFolder, clients: tuple[DemoClient, ...]) -> None:
    """Write all clients, in one transaction."""
    with office.session(write=True) as session:
        when = session.context
        additions = BulkInsert(session.connection, when)
        _administration(additions, TEMPLATE, "Sjabloon klein mkb", None)
        for one in clients:
            client = one.client
            additions.client(client)
            additions.record(ClientAdded(kvk=client.kvk, name=client.name, city=client.city))
            if one.has_administration:
                _administration(additions, one.number, client.name, client.kvk)
                _user(additions, one.number, OFFICE_USER)
            if one.state == "no-licence":
                _user(additions, one.number, one.user)
            elif one.has_administration and one.state != "waiting":
                _import_licence(additions, issuer, when, one)
        additions.write()


def _administration(additions: BulkInsert, number: AdministrationNumber, description: str, kvk: KvkNumber | None) -> None:
    additions.administration(number, description, kvk)
    template = None if kvk is None else TEMPLATE
    additions.record(AdministrationCreated(administration=number, description=description, client=kvk, template=template))


def _user(additions: BulkInsert, number: AdministrationNumber, user: User) -> None:
    additions.user(number, user)
    additions.record(UserAdded.for_user(number, user))


def _import_licence(additions: BulkInsert, issuer: IssuerFolder, when: ExecutionContext, one: DemoClient) -> None:
    """Add the client's users and import the licence, according to its state."""
    number, login = one.number, one.user.login
    _user(additions, number, replace(one.user, active=one.state != "user-inactive"))
    if one.state == "too-many-users":
        for extra, name in ((r"extra\lien", "Lien Extra"), (r"extra\wim", "Wim Extra")):
            _user(additions, number, User(Login(extra), name))
    licence = client_licence(issuer, when, one)
    accepted = ("name-differs",) if one.state == "name-differs" else ()
    digest = additions.imported(number, licence, login, accepted)
    additions.record(LicenceImported(administration=number, licence=licence.number, sha256=digest, login=login, accepted=accepted))
