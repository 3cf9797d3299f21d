"""A demonstration office: clients in every state, books, an inbox of valid and invalid licence files, and their issuer.

Its own licence is of kind `demo`, its keys are random; names and amounts come from a seed.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import Clock
from accountools.demo.books import DemoBooks
from accountools.demo.clients import DemoClient, generate_clients
from accountools.demo.licences import client_licence, fill_inbox, own_licence, revoke_licences
from accountools.demo.trades import TRADES
from accountools.domain.administration import User
from accountools.domain.calendar import ExecutionContext
from accountools.domain.events.administrations import AdministrationCreated, ClientAdded
from accountools.domain.events.users import LicenceImported, UserAdded
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.domain.ledger import STANDARD_JOURNALS, Account
from accountools.domain.vat import vat_codes_for
from accountools.formats.spreadsheets.charts import read_chart
from accountools.formats.trust_file import Issuer
from accountools.operations.licences.issue import IssuerFolder, create_issuer
from accountools.operations.register.create_office import create_under
from accountools.operations.session import Office
from accountools.operations.workdir import workdir
from accountools.reports.audit import audit
from accountools.storage.books import fiscal_years, ledger
from accountools.storage.engines import engine_at
from accountools.storage.register.bulk_insert import BulkInsert

TEMPLATE = AdministrationNumber(1)
OFFICE_USER = User(Login(r"ZONNESTEIN\anna"), "Anna Visser", 1, office=True)
_DIFFERENT_BOOKS = 48  # of more administrations than that, the others' are copies of these


_BYTES_A_LINE = 80  # of the books, about


@dataclass(frozen=True)
class Demo:
    """A demonstration office with its issuer and inbox."""

    folder: Path
    office: Office
    issuer: IssuerFolder
    clients: int
    lines: int

    @property
    def inbox(self) -> Path:
        """The folder with the licence files."""
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
            "summary": audit(self.office).summary(),
        }


def create_demo(folder: Path, clock: Clock, *, clients: int = 25, lines: int = 480, seed: int = 1) -> Demo:
    """Make a demonstration office in `folder`. Raises `office-exists`, `number-invalid` for more clients than numbers."""
    folder = safe_files.absolute(folder)
    engine_at(folder).validate_new()
    generated = tuple(generate_clients(clients, seed))
    when = clock()
    safe_files.make_folder(folder)
    safe_files.validate_free_space(folder, clients * lines * _BYTES_A_LINE)
    issuer = create_issuer(folder / "issuer", "Voorbeelduitgever")
    office = create_under(folder, own_licence(issuer, when), (Issuer(issuer.name, issuer.key.public),), clock)
    with workdir(office):  # by which `repair` knows that the books aren't leftovers
        written = _write_all_books(office, generated, lines, seed, when.today)
        _add_clients(office, issuer, generated)
    fill_inbox(folder / "inbox", issuer, when, generated)
    revoke_licences(office, issuer, when, generated)
    return Demo(folder, office, issuer, clients, written)


@cache
def _chart() -> tuple[Account, ...]:
    return read_chart("standard").accounts


def write_books(books: sa.Connection, made: DemoBooks | None = None) -> int:
    """Write the standard chart into new books, and what is `made`; gives the number of lines."""
    ledger.add_chart(books, _chart(), STANDARD_JOURNALS, vat_codes_for(_chart()))
    if made is None:
        return 0
    ledger.add_relations(books, made.relations)
    lines = 0
    for year in made.years:
        fiscal_years.add_calendar_year(books, year, closed=year == made.years[0])
        ledger.add_opening(books, str(year), made.opening(year))
        lines += ledger.add_entries(books, made.entries(year))
    return lines


def _write_all_books(office: Office, generated: tuple[DemoClient, ...], lines: int, seed: int, today: date) -> int:
    """Write the books of the template and of all clients; gives the total number of lines."""
    written: list[int] = []

    def fill(books: sa.Connection, made: DemoBooks | None) -> None:
        written.append(write_books(books, made))

    office.engine.publish_books({TEMPLATE: office.engine.prepare_books(partial(fill, made=None))})
    written.clear()
    some = [one for one in generated if one.has_administration]
    made = (DemoBooks(seed * 100_003 + one.number, TRADES[one.client.name.split()[0]], lines, today) for one in some[:_DIFFERENT_BOOKS])
    prepared = [office.engine.prepare_books(partial(fill, made=books)) for books in made]
    numbers = [one.number for one in some]
    office.engine.publish_copies(prepared, numbers)
    return sum(written[place % len(written)] for place in range(len(numbers)))


def _add_clients(office: Office, issuer: IssuerFolder, clients: tuple[DemoClient, ...]) -> None:
    """Write all clients, in one transaction."""
    with office.session(write=True) as session:
        when = session.context
        additions = BulkInsert(session.connection, when)
        books = office.engine.books_identities()
        _administration(additions, TEMPLATE, "Sjabloon klein mkb", None, books[TEMPLATE])
        for one in clients:
            client = one.client
            additions.client(client)
            additions.record(ClientAdded(kvk=client.kvk, name=client.name, city=client.city))
            if one.has_administration:
                _administration(additions, one.number, client.name, client.kvk, books[one.number])
                _user(additions, one.number, OFFICE_USER)
            if one.state == "no-licence":
                _user(additions, one.number, one.user)
            elif one.has_administration and one.state != "waiting":
                _import_licence(additions, issuer, when, one)
        additions.write()


def _administration(
    additions: BulkInsert, number: AdministrationNumber, description: str, kvk: KvkNumber | None, books: str | None
) -> None:
    additions.administration(number, description, kvk)
    template = None if kvk is None else TEMPLATE
    additions.record(AdministrationCreated(administration=number, description=description, client=kvk, template=template, books=books))


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
