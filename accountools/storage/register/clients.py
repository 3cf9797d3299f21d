"""Clients in the register."""

from collections.abc import Collection

import sqlalchemy as sa

from accountools.domain.administration import Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import KvkNumber
from accountools.storage.register.administrations import restrict
from accountools.storage.schema import administrations as administrations_table
from accountools.storage.schema import clients


def list_all(connection: sa.Connection, kvks: Collection[str] | None = None) -> tuple[Client, ...]:
    """All clients, or those with these KvK numbers, by name."""
    chosen = restrict(sa.select(clients), clients.c.kvk, kvks).order_by(clients.c.name, clients.c.kvk)
    return tuple(Client(KvkNumber(row.kvk), row.name, row.city) for row in connection.execute(chosen).all())


def find(connection: sa.Connection, kvk: KvkNumber) -> Client | None:
    """The client with this KvK number, or None."""
    return next(iter(list_all(connection, (kvk,))), None)


def get(connection: sa.Connection, kvk: KvkNumber) -> Client:
    """The client with this KvK number. Raises `client-not-found`."""
    client = find(connection, kvk)
    if client is None:
        raise Refused("client-not-found", what=kvk)
    return client


def add(connection: sa.Connection, client: Client) -> None:
    """Add a client. Raises `client-exists`."""
    held = find(connection, client.kvk)
    if held is not None:
        raise Refused("client-exists", kvk=client.kvk, name=held.name)
    connection.execute(sa.insert(clients).values(vars(client)))


def update(connection: sa.Connection, kvk: KvkNumber, client: Client) -> None:
    """Change the client that has this KvK number into `client`, also where administrations name it. Raises `client-exists`."""
    if client.kvk == kvk:
        connection.execute(sa.update(clients).where(clients.c.kvk == kvk).values(vars(client)))
        return
    add(connection, client)
    theirs = administrations_table.c.client_kvk
    connection.execute(sa.update(administrations_table).where(theirs == kvk).values(client_kvk=client.kvk))
    connection.execute(sa.delete(clients).where(clients.c.kvk == kvk))
