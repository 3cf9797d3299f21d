"""Clients of the office."""

from collections.abc import Iterable

from accountools.domain.administration import Client
from accountools.domain.events import ClientAdded
from accountools.domain.identifiers import KvkNumber
from accountools.operations.session import Office, Session
from accountools.storage.register import clients


def add_client(office: Office, client: Client) -> None:
    """Add a client. Raises `client-exists`."""
    with office.session(write=True) as session:
        add_in(session, client)


def add_in(session: Session, client: Client) -> None:
    """Add a client in a transaction that is under way. Raises `client-exists`."""
    clients.add(session.connection, client)
    session.record(ClientAdded(kvk=client.kvk, name=client.name, city=client.city))


def import_clients(office: Office, new: Iterable[Client]) -> tuple[tuple[Client, ...], tuple[Client, ...]]:
    """Add those of a list that aren't known yet; gives the added ones and those that were there. All or none."""
    added, known = [], []
    with office.session(write=True) as session:
        held = {client.kvk for client in clients.list_all(session.connection)}
        for client in new:
            if client.kvk in held:
                known.append(client)
            else:
                add_in(session, client)
                added.append(client)
                held.add(client.kvk)
    return tuple(added), tuple(known)


def list_clients(office: Office) -> tuple[Client, ...]:
    """All clients, by name."""
    with office.session() as session:
        return clients.list_all(session.connection)


def get_client(office: Office, kvk: KvkNumber) -> Client:
    """One client. Raises `client-not-found`."""
    with office.session() as session:
        return clients.get(session.connection, kvk)
