"""Many new clients, administrations, users, imports and events, inserted with one statement a table.

Whether any of them exists is not queried first: the tables' keys refuse it, and with it all.
"""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Client, User
from accountools.domain.calendar import ExecutionContext, format_moment
from accountools.domain.events.base import Event
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.domain.licence import Licence
from accountools.storage import schema
from accountools.storage.register import administrations, journal, licences, users


class BulkInsert:
    """Collects rows and their events, in order, and inserts them at once."""

    def __init__(self, connection: sa.Connection, when: ExecutionContext) -> None:
        self._connection, self._when = connection, when
        self._head = journal.head(connection)
        self._rows: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        self._administrations: dict[AdministrationNumber, dict[str, Any]] = {}

    def client(self, client: Client) -> None:
        """Add a client."""
        self._rows[schema.clients].append(vars(client))

    def administration(self, number: AdministrationNumber, description: str, client_kvk: KvkNumber | None) -> None:
        """Add an administration; its users and its import come after it."""
        row = self._administrations[number] = administrations.build_row(number, description, client_kvk)
        self._rows[schema.administrations].append(row)

    def user(self, number: AdministrationNumber, user: User) -> None:
        """Add a user of an administration."""
        self._rows[schema.users].append(users.build_row(number, user))
        self._administrations[number]["version"] += 1

    def imported(self, number: AdministrationNumber, licence: Licence, login: Login, accepted: tuple[str, ...]) -> str:
        """Add a client's licence for the user `login`; gives its SHA-256."""
        row = licences.build_row(licence)
        self._rows[schema.licences].append(row)
        at = format_moment(self._when.now)
        self._rows[schema.imports].append(licences.build_import_row(number, row["sha256"], login, at, accepted))
        self._administrations[number]["version"] += 1
        return row["sha256"]

    def record(self, event: Event) -> None:
        """Add an event, as `Session.record` does."""
        row = journal.build_next_row(self._head, format_moment(self._when.now), self._when.actor, event, self._when.event_details())
        self._head = journal.Head(row["hash"], row["n"])
        self._rows[schema.events].append(row)

    def write(self) -> None:
        """Insert all of it, each row after those it refers to."""
        for table in schema.REGISTER.sorted_tables:
            if table in self._rows:
                self._connection.execute(sa.insert(table), self._rows[table])
        self._rows.clear()
