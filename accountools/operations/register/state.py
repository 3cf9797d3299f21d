"""What the register knows of an administration at one moment: of one, of some, or of all, each in the same handful of queries."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client, User
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.obstacle import Obstacle
from accountools.operations.session import HeldLicence, Office, Session
from accountools.operations.workdir import find_worker, left_to_others, undo_interrupted_replacements, wait_for_books
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import administrations, clients, journal, licences, users
from accountools.storage.register.licences import Import

_SOME = 1000  # numbers that are asked for by name; more than those: all are read


@dataclass(frozen=True)
class AdministrationState:
    """All that the register knows of one administration. `held` is the licence that it is under (`in_force`).

    `other_client` is another client here, who has the KvK number of that licence. `has_books`: its own are there; `other_books` is the name
    of the file when others are there in their place, `books_fault` why what is there can't be read.
    """

    administration: Administration
    client: Client | None
    users: tuple[User, ...]
    imported: Import | None
    held: HeldLicence | None
    has_books: bool
    other_client: Client | None = None
    other_books: str | None = None
    books_fault: Obstacle | None = None


def state_of(session: Session, number: AdministrationNumber) -> AdministrationState:
    """The state of one administration. Raises `administration-not-found`."""
    return states_of(session, [number])[0]


def states_of(session: Session, numbers: Collection[AdministrationNumber]) -> list[AdministrationState]:
    """The states of these administrations, each once, in the order given. Raises `administration-not-found`."""
    found = find_states(session, numbers)
    for number, state in found.items():
        if state is None:
            raise Refused("administration-not-found", number=number)
    return [state for state in found.values() if state is not None]


def find_states(session: Session, numbers: Collection[AdministrationNumber]) -> dict[AdministrationNumber, AdministrationState | None]:
    """The states of these administrations, in the order given; None for one that isn't there."""
    wanted = dict.fromkeys(numbers)
    found = {state.administration.number: state for state in all_states(session, list(wanted) if len(wanted) < _SOME else None)}
    return {number: found.get(number) for number in wanted}


def all_states(
    session: Session,
    numbers: Collection[AdministrationNumber] | None = None,
    verify: Callable[[str], HeldLicence] | None = None,
    known: Mapping[KvkNumber, Client] | None = None,
) -> Iterator[AdministrationState]:
    """The states of all administrations, or of those with these numbers, by number; `verify` reads their licences, else the session.

    One at a time, so that an office of thousands is never in memory as a whole. `known` are all clients by KvK number, for who has them.
    """
    connection, engine = session.connection, session.office.engine
    chosen = administrations.list_all(connection, numbers)
    everyone, imports = users.list_by_administration(connection, numbers), licences.list_imports(connection, numbers)
    with_books = list_own_books(session, [one.number for one in chosen], numbers)
    files = engine.books_files([one.number for one in chosen if one.number not in with_books])
    verify, kvks = verify or session.verify, None
    if numbers is not None:
        verify = cache(verify)
        holders = {held.licence.licensee.kvk for held in map(verify, (one.token for one in imports.values())) if held.licence}
        kvks = holders | {one.client_kvk for one in chosen if one.client_kvk is not None}
    if known is None:
        known = {client.kvk: client for client in clients.list_all(connection, kvks)}
    for one in chosen:
        imported = imports.get(one.number)
        found = verify(imported.token) if imported else None
        held = in_force(session.own, found and replace(found, reading=session.reject_future(found.reading)))
        client = known[one.client_kvk] if one.client_kvk else None
        holder = known.get(KvkNumber(held.licence.licensee.kvk)) if held and held.licence else None
        other = holder if client and holder != client else None
        has_books = one.number in with_books
        fault = None if has_books else engine.find_books_fault(one.number)
        other_books = None if fault else files.get(one.number)
        everyone_here, reason = everyone.get(one.number, ()), fault.reason if fault else None
        yield AdministrationState(one, client, everyone_here, imported, held, has_books, other, other_books, reason)


def list_own_books(
    session: Session,
    wanted: Collection[AdministrationNumber],
    numbers: Collection[AdministrationNumber] | None = None,
    *,
    committed: bool = True,
) -> frozenset[AdministrationNumber]:
    """Of these administrations those whose own books are there: by the identities that these have, and that the register knows.

    `numbers` are those that are looked for, None: all. Books are read after the register, so others may be there that were restored
    meanwhile: what differs is compared with the register as it is now, unless what it says isn't `committed` yet. Books that somebody is
    replacing are there: one's own or the new ones. Those whose replacement was interrupted are put back, if `session` only reads.
    """
    engine = session.office.engine
    if not session.changes:
        with left_to_others():
            undo_interrupted_replacements(session)
    expected = journal.books_identities(session.connection, numbers)
    here = engine.books_identities(numbers, session.connection)
    own = {one for one in wanted if one in here and expected.get(one) in {None, here[one]}}
    others = [*engine.books_files([one for one in wanted if one not in own])] if committed else []
    if others:
        with session.office.session() as later:
            replacing = {number for number, _ in engine.unfinished_replacements(later.connection)}
            now = journal.books_identities(later.connection, others)
        again = engine.books_identities(others)
        own |= {
            one
            for one in others
            if one in replacing or now.get(one) != expected.get(one) or (one in again and now.get(one) in {None, again[one]})
        }
    return frozenset(own)


@contextmanager
def own_books(
    office: Office, number: AdministrationNumber, *, change: bool = False, within: Session | None = None
) -> Iterator[sa.Connection]:
    """The books of an administration, as `Engine.books` gives them.

    Books that somebody is replacing are waited for; not `within` a transaction that changes the register, which that needs: `office-busy`.
    Raises `administration-not-found`, and `books-missing` also for those of another office or copy.
    """
    if within is None:
        wait_for_books(office, number)
    else:
        replacing = dict(office.engine.unfinished_replacements(within.connection))
        if number in replacing:
            raise OfficeBusy(find_worker(office, replacing[number]))
    with nullcontext(within) if within is not None else office.session() as session:
        administrations.get(session.connection, number)
        own = list_own_books(session, [number], [number])
    if number not in own and office.engine.has_books(number):
        raise Refused("books-missing", number=number, file=office.engine.books_files([number]).get(number))
    with office.engine.books(number, change=change) as books:
        yield books


def find_other_client(session: Session, client: Client | None, held: HeldLicence) -> Client | None:
    """Another client here than `client`, who has the KvK number of the licence."""
    holder = clients.find(session.connection, KvkNumber(held.licence.licensee.kvk)) if held.licence else None
    return holder if client and holder != client else None


def in_force(own: HeldLicence, imported: HeldLicence | None) -> HeldLicence | None:
    """The licence that an administration is under: the client's that was imported.

    In a client's own office it is the own one, unless the imported one was issued after it.
    """
    if own.licence is None or own.licence.is_accountant_office:
        return imported
    if imported is None or imported.licence is None or imported.licence.issued_at <= own.licence.issued_at:
        return own
    return imported
