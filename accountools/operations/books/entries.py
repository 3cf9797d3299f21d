"""Entries and relations in the books of an administration."""

from collections.abc import Iterable

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Relation
from accountools.operations.register.state import own_books
from accountools.operations.session import Office
from accountools.storage.books import ledger


def post(office: Office, number: AdministrationNumber, entries: Iterable[Entry], relations: Iterable[Relation] = ()) -> None:
    """Add relations and entries to the books. Raises `administration-not-found`, `books-missing`."""
    with own_books(office, number, change=True) as books:
        ledger.add_relations(books, relations)
        ledger.add_entries(books, entries)
