"""A demonstration office: clients in every state, books, an inbox of licence files good and bad, and their issuer.

Its own licence is of kind `demo`, its keys are random; names and amounts come from a seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.domain.administration import Client, User
from accountools.domain.calendar import Occasion, moment_text, start_of
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.domain.ledger import STANDARD_JOURNALS, STANDARD_VAT_CODES
from accountools.domain.licence import E_ACCOUNTANCY, MODULE_NAMES, Kind, Licence, Licensee, Module
from accountools.formats import licence_file
from accountools.formats.licence_file import LicenceTerms
from accountools.formats.spreadsheet import read_chart
from accountools.formats.trust_file import Issuer
from accountools.operations.demo_books import invent_entries, invent_relations
from accountools.operations.founding import found_under
from accountools.operations.importing import user_details
from accountools.operations.licensing import IssuerFolder, new_issuer
from accountools.operations.office import Office
from accountools.shipped import standard_chart
from accountools.storage import administrations, clients, ledger, licences, users
from accountools.storage.sqlite import SqliteStore

TEMPLATE = AdministrationNumber(1)
OFFICE_USER = User(Login(r"ZONNESTEIN\anna"), "Anna Visser", 1, office=True)
_FIRST = AdministrationNumber(7)
_FIRST_NAMES = ("Henk", "Sanne", "Piet", "Fatima", "Joris", "Els", "Kees", "Noor", "Tom", "Lotte", "Ahmed", "Ria", "Bart", "Iris")
_NAMES = ("Jansen", "De Vries", "Bakker", "Visser", "Meijer", "Koster", "Prins", "Blom", "Huisman", "Kuipers", "Postma", "Schouten")
_TRADES = ("Bakkerij", "Schildersbedrijf", "Fietsen", "Loodgieters", "Bloemen", "Advies", "Slagerij", "Timmerwerken", "Garage", "Kapsalon")
_CITIES = ("Delft", "Utrecht", "Zwolle", "Breda", "Groningen", "Arnhem", "Leiden", "Alkmaar", "Middelburg", "Venlo")
_STATES = (  # which state each client is in, over and over; the first is the one that the walk takes through
    "waiting",
    "ready",
    "ready",
    "expires-soon",
    "expired",
    "ready",
    "no-administration",
    "user-inactive",
    "ready",
    "no-licence",
    "revoked",
    "ready",
    "name-differs",
    "waiting",
    "ready",
    "too-many-users",
)


@dataclass(frozen=True)
class Demo:
    """A demonstration office and what lies beside it."""

    folder: Path
    office: Office
    issuer: IssuerFolder
    clients: int
    lines: int

    @property
    def inbox(self) -> Path:
        """Where the licence files wait."""
        return self.folder / "inbox"

    def document(self) -> dict[str, Any]:
        """As JSON."""
        names = sorted(path.name for path in self.inbox.iterdir())
        return {
            "office": str(self.folder),
            "issuer": str(self.issuer.folder),
            "inbox": names,
            "clients": self.clients,
            "lines": self.lines,
            "summary": self.office.audit().summary(),
        }


@dataclass(frozen=True)
class _Person:
    """One invented client: who, under which number, in which state."""

    client: Client
    number: AdministrationNumber
    state: str
    user: User
    licence: str


def demonstrate(folder: Path, clock: Clock, *, clients: int = 25, lines: int = 240, seed: int = 1) -> Demo:
    """Make a demonstration office in `folder`. Raises `office-exists`, `number-invalid` for more clients than numbers."""
    folder = folder.expanduser().absolute()
    if SqliteStore(folder).exists():
        raise Refused("office-exists", path=folder)
    when = clock()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuer = new_issuer(folder / "issuer", "Voorbeelduitgever")
    own = _sign(issuer, when, "DEMO-1", "demo", Licensee("Kantoor Zonnestein", "90000001", "Delft", "NL"), (E_ACCOUNTANCY, "SE1063"), 25)
    office = found_under(folder, own, (Issuer(issuer.name, issuer.key.public),), clock)
    people = tuple(_people(clients, seed))
    written = _write_all_books(office, people, lines, seed, when.today.year)
    with office.changing() as connection:
        _enrol(office, connection, issuer, when, people)
    _fill_inbox(folder / "inbox", issuer, when, people)
    _revoke(office, issuer, when, people)
    return Demo(folder, office, issuer, clients, written)


def _people(count: int, seed: int) -> Iterator[_Person]:
    chance = random.Random(seed)  # noqa: S311 - invented people need no secrecy
    taken: set[str] = set()
    for place in range(count):
        name = "Bakkerij Jansen" if place == 0 else f"{chance.choice(_TRADES)} {chance.choice(_NAMES)}"
        while name in taken:
            name = f"{name.split(' & ', maxsplit=1)[0]} & {chance.choice(_FIRST_NAMES)} {chance.choice(_NAMES)}"
        taken.add(name)
        domain = name.split()[-1].upper() if name.split()[-1].isalpha() else f"KLANT{place}"
        first = "Henk" if place == 0 else chance.choice(_FIRST_NAMES)
        user = User(Login(rf"{domain}\{first.lower()}"), f"{first} {_surname(name)}", 100 + place)
        client = Client(KvkNumber(f"{10_000_000 + place * 911 + seed % 900 + 234:08d}"), name, chance.choice(_CITIES))
        number = AdministrationNumber.parse(_FIRST + place)
        yield _Person(client, number, _STATES[place % len(_STATES)], user, f"KL-{2041 + place}")


def _surname(client: str) -> str:
    """The family name that a client's name ends in, as it is written after a first name: `de Vries`."""
    name = next((name for name in _NAMES if client.endswith(name)), client.rsplit(maxsplit=1)[-1])
    return name.replace("De ", "de ")


def _write_all_books(office: Office, people: tuple[_Person, ...], lines: int, seed: int, year: int) -> int:
    chart = read_chart(standard_chart())

    def template(books: sa.Connection) -> None:
        ledger.add_chart(books, chart, STANDARD_JOURNALS, STANDARD_VAT_CODES)

    office.store.publish_books(office.store.prepare_books(template), TEMPLATE)
    written = 0
    for person in people:
        if person.state == "no-administration":
            continue

        def fill(books: sa.Connection, its_seed: int = seed * 100_003 + person.number) -> None:
            nonlocal written
            template(books)
            relations = invent_relations(its_seed)
            ledger.add_relations(books, relations)
            written += ledger.add_entries(books, invent_entries(its_seed, relations, lines, year))

        office.store.publish_books(office.store.prepare_books(fill), person.number)
    return written


def _enrol(office: Office, connection: sa.Connection, issuer: IssuerFolder, when: Occasion, people: tuple[_Person, ...]) -> None:
    _administration(office, connection, TEMPLATE, "Sjabloon klein mkb", None)
    for person in people:
        client = person.client
        clients.add(connection, client)
        office.record(connection, "client-added", None, kvk=client.kvk, name=client.name, city=client.city)
        if person.state == "no-administration":
            continue
        _administration(office, connection, person.number, client.name, client.kvk)
        _user(office, connection, person.number, OFFICE_USER)
        if person.state == "no-licence":
            _user(office, connection, person.number, person.user)
        elif person.state != "waiting":
            _admit(office, connection, issuer, when, person)


def _administration(
    office: Office, connection: sa.Connection, number: AdministrationNumber, description: str, kvk: KvkNumber | None
) -> None:
    administrations.add(connection, number, description, kvk)
    template = None if kvk is None else int(TEMPLATE)
    office.record(connection, "administration-created", number, description=description, client=kvk, template=template)


def _user(office: Office, connection: sa.Connection, number: AdministrationNumber, user: User) -> None:
    users.add(connection, number, user)
    office.record(connection, "user-added", number, **user_details(user))


def _admit(office: Office, connection: sa.Connection, issuer: IssuerFolder, when: Occasion, person: _Person) -> None:
    """Add the client's users and import the licence, as its state wants it."""
    _user(office, connection, person.number, replace(person.user, active=person.state != "user-inactive"))
    if person.state == "too-many-users":
        for login, name in ((r"extra\lien", "Lien Extra"), (r"extra\wim", "Wim Extra")):
            _user(office, connection, person.number, User(Login(login), name))
    licence = _client_licence(issuer, when, person)
    accepted = ("name-differs",) if person.state == "name-differs" else ()
    at = moment_text(when.now)
    digest = licences.set_import(connection, person.number, licence, person.user.login, at, accepted)
    details = {"licence": licence.number, "sha256": digest, "login": person.user.login, "replaces": None, "accepted": list(accepted)}
    office.record(connection, "licence-imported", person.number, **details)


def _client_licence(issuer: IssuerFolder, when: Occasion, person: _Person) -> Licence:
    name = f"{person.client.name} Holding" if person.state == "name-differs" else person.client.name
    ends = {"expires-soon": 30, "expired": -12}.get(person.state, 400 + int(person.number) % 300)
    licensee = Licensee(name, person.client.kvk, person.client.city, "NL")
    return _sign(issuer, when, person.licence, "client", licensee, ("SE1063",), 2, when.today + timedelta(days=ends))


def _sign(
    issuer: IssuerFolder,
    when: Occasion,
    number: str,
    kind: Kind,
    licensee: Licensee,
    modules: tuple[str, ...],
    allowed: int,
    until: date | None = None,
) -> Licence:
    data = _licence_file(issuer, when, number, kind, licensee, modules, allowed, until)
    reading = licence_file.read(data, {issuer.key.public.thumbprint: issuer.key.public})
    if reading.licence is None:
        raise Refused("not-a-licence", path=number)
    return reading.licence


def _licence_file(
    issuer: IssuerFolder,
    when: Occasion,
    number: str,
    kind: Kind,
    licensee: Licensee,
    modules: tuple[str, ...],
    allowed: int,
    until: date | None,
) -> bytes:
    terms = LicenceTerms(
        number,
        kind,
        licensee,
        allowed,
        tuple(Module(code, MODULE_NAMES[code]) for code in modules),
        when.today - timedelta(days=200),
        until or when.today + timedelta(days=700),
        start_of(when.today - timedelta(days=20)),
    )
    return licence_file.issue(terms, issuer.key, issuer.name)


def _fill_inbox(inbox: Path, issuer: IssuerFolder, when: Occasion, people: tuple[_Person, ...]) -> None:
    """The licences that clients mailed: those that are waited for, and some that won't do."""
    waiting = [person for person in people if person.state in {"waiting", "no-licence", "no-administration", "expired"}]
    for person in waiting:
        licensee = Licensee(person.client.name, person.client.kvk, person.client.city, "NL")
        data = _licence_file(issuer, when, person.licence, "client", licensee, ("SE1063",), 2, None)
        safe_files.write_new(inbox / f"{safe_files.file_name(f'{person.licence} {person.client.name}')}.lic", data)
    stranger = Licensee("Onbekend Handel", "99999999", "Tiel", "NL")
    good = _licence_file(issuer, when, "KL-9001", "client", stranger, ("SE1063",), 1, None)
    expired = _licence_file(issuer, when, "KL-9002", "client", stranger, ("SE1063",), 1, when.today - timedelta(days=90))
    own = _licence_file(issuer, when, "AC-9003", "accountant", stranger, (E_ACCOUNTANCY,), 1, None)
    middle = good.index(b"\n", 400) + 10
    changed = good[:middle] + (b"A" if good[middle : middle + 1] != b"A" else b"B") + good[middle + 1 :]
    for name, data in (
        ("KL-9001 van niemand hier.lic", good),
        ("KL-9002 verlopen.lic", expired),
        ("AC-9003 licentie van een kantoor.lic", own),
        ("KL-9004 onderweg veranderd.lic", changed),
        ("offerte.txt", b"Beste, in de bijlage vindt u onze offerte.\n"),
    ):
        safe_files.write_new(inbox / name, data)


def _revoke(office: Office, issuer: IssuerFolder, when: Occasion, people: tuple[_Person, ...]) -> None:
    from accountools.operations.licensing import read_revocations, revoke

    numbers = [person.licence for person in people if person.state == "revoked"]
    if numbers:
        out = issuer.folder / "revocations-1.txt"
        revoke(issuer, numbers, when.now, out)
        read_revocations(office, out)
