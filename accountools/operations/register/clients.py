"""Clients of the office."""

from collections.abc import Iterable

import sqlalchemy as sa

from accountools.domain.administration import Client
from accountools.domain.identifiers import KvkNumber
from accountools.operations.session import Office
from accountools.storage.register import clients


def add_client(office: Office, client: Client) -> None:
    """Add a client. Raises `client-exists`."""
    add_clients(office, [client])


def add_clients(office: Office, new: Iterable[Client]) -> tuple[Client, ...]:
    """Add clients, all or none. Raises `client-exists`."""
    added = tuple(new)
    with office.changing() as connection:
        for client in added:
            enrol(office, connection, client)
    return added


def enrol(office: Office, connection: sa.Connection, client: Client) -> None:
    """Add a client, in a transaction that is under way. Raises `client-exists`."""
    clients.add(connection, client)
    office.record(connection, "client-added", None, kvk=client.kvk, name=client.name, city=client.city)


def import_clients(office: Office, new: Iterable[Client]) -> tuple[tuple[Client, ...], tuple[Client, ...]]:
    """Add those of a list that aren't known yet; gives the added ones and those that were there. All or none."""
    added, known = [], []
    with office.changing() as connection:
        for client in new:
            if clients.find(connection, client.kvk) is not None:
                known.append(client)
                continue
            enrol(office, connection, client)
            added.append(client)
    return tuple(added), tuple(known)


def list_clients(office: Office) -> tuple[Client, ...]:
    """All clients, by name."""
    with office.reading() as connection:
        return clients.every(connection)


def get_client(office: Office, kvk: KvkNumber) -> Client:
    """One client. Raises `client-not-found`."""
    with office.reading() as connection:
        return clients.get(connection, kvk)
