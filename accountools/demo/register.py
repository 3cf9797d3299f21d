"""The register of the demonstration: its clients with their administrations, users and licences, and the events that tell of them."""

from dataclasses import replace

from accountools.demo.clients import Person
from accountools.demo.licences import client_licence
from accountools.domain.administration import User
from accountools.domain.calendar import Occasion
from accountools.domain.events import AdministrationCreated, ClientAdded, LicenceImported, UserAdded
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.operations.licences.issue import IssuerFolder
from accountools.operations.session import Office
from accountools.storage.register.bulk_insert import Additions

TEMPLATE = AdministrationNumber(1)
OFFICE_USER = User(Login(r"ZONNESTEIN\anna"), "Anna Visser", 1, office=True)


def enrol(office: Office, issuer: IssuerFolder, people: tuple[Person, ...]) -> None:
    """Write all of them, in one transaction."""
    with office.session(write=True) as session:
        when = session.context
        additions = Additions(session.connection, when)
        _administration(additions, TEMPLATE, "Sjabloon klein mkb", None)
        for person in people:
            _enrol(additions, issuer, when, person)
        additions.write()


def _enrol(additions: Additions, issuer: IssuerFolder, when: Occasion, person: Person) -> None:
    client = person.client
    additions.client(client)
    additions.record(ClientAdded(kvk=client.kvk, name=client.name, city=client.city))
    if not person.has_administration:
        return
    _administration(additions, person.number, client.name, client.kvk)
    _user(additions, person.number, OFFICE_USER)
    if person.state == "no-licence":
        _user(additions, person.number, person.user)
    elif person.state != "waiting":
        _admit(additions, issuer, when, person)


def _administration(additions: Additions, number: AdministrationNumber, description: str, kvk: KvkNumber | None) -> None:
    additions.administration(number, description, kvk)
    template = None if kvk is None else TEMPLATE
    additions.record(AdministrationCreated(administration=number, description=description, client=kvk, template=template))


def _user(additions: Additions, number: AdministrationNumber, user: User) -> None:
    additions.user(number, user)
    additions.record(UserAdded.of(number, user))


def _admit(additions: Additions, issuer: IssuerFolder, when: Occasion, person: Person) -> None:
    """Add the client's users and import the licence, as its state wants it."""
    number, login = person.number, person.user.login
    _user(additions, number, replace(person.user, active=person.state != "user-inactive"))
    if person.state == "too-many-users":
        for extra, name in ((r"extra\lien", "Lien Extra"), (r"extra\wim", "Wim Extra")):
            _user(additions, number, User(Login(extra), name))
    licence = client_licence(issuer, when, person)
    accepted = ("name-differs",) if person.state == "name-differs" else ()
    digest = additions.imported(number, licence, login, accepted)
    additions.record(LicenceImported(administration=number, licence=licence.number, sha256=digest, login=login, accepted=accepted))
