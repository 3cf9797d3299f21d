"""Administrations in the register. Each change of an administration's slice (it, its users, its licence) raises its `version`."""

from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Administration
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.storage.schema import administrations


def every(connection: sa.Connection) -> tuple[Administration, ...]:
    """All administrations, by number."""
    return tuple(_administration(row) for row in connection.execute(sa.select(administrations).order_by(administrations.c.number)).all())


def find(connection: sa.Connection, number: AdministrationNumber) -> Administration | None:
    """The administration with this number, or None."""
    row = connection.execute(sa.select(administrations).where(administrations.c.number == int(number))).one_or_none()
    return _administration(row) if row else None


def get(connection: sa.Connection, number: AdministrationNumber) -> Administration:
    """The administration with this number. Raises `administration-not-found`."""
    found = find(connection, number)
    if found is None:
        raise Refused("administration-not-found", number=number)
    return found


def add(connection: sa.Connection, number: AdministrationNumber, description: str, client_kvk: KvkNumber | None) -> None:
    """Make an administration exist. Raises `number-taken`."""
    if find(connection, number) is not None:
        raise Refused("number-taken", number=number)
    connection.execute(sa.insert(administrations).values(row_of(number, description, client_kvk)))


def row_of(number: AdministrationNumber, description: str, client_kvk: KvkNumber | None) -> dict[str, Any]:
    """The row of a new administration."""
    return {"number": int(number), "description": description, "client_kvk": client_kvk, "archived": 0, "version": 1, "counter": 0}


def change(connection: sa.Connection, number: AdministrationNumber, **values: Any) -> None:
    """Change columns of an administration, and so its version. Without values only the version goes up."""
    changed = sa.update(administrations).where(administrations.c.number == int(number))
    connection.execute(changed.values(version=administrations.c.version + 1, **values))


def counter(connection: sa.Connection, number: AdministrationNumber) -> int:
    """How many backups were made of it, as its next backup's counter less one."""
    chosen = sa.select(administrations.c.counter).where(administrations.c.number == int(number))
    return int(connection.execute(chosen).scalar_one())


def raise_counter(connection: sa.Connection, number: AdministrationNumber, at_least: int) -> None:
    """Make the counter `at_least` that, if it isn't yet."""
    lower = (administrations.c.number == int(number)) & (administrations.c.counter < at_least)
    connection.execute(sa.update(administrations).where(lower).values(counter=at_least))


def note_exchanged(connection: sa.Connection, number: AdministrationNumber, mark: str | None) -> None:
    """Note the mark that the books bear as they go to the client, or come from there."""
    connection.execute(sa.update(administrations).where(administrations.c.number == int(number)).values(exchanged_mark=mark))


def exchanged_mark(connection: sa.Connection, number: AdministrationNumber) -> str | None:
    """The mark that the books bore when they last went to the client or came from there, or None."""
    return connection.execute(sa.select(administrations.c.exchanged_mark).where(administrations.c.number == int(number))).scalar()


def raise_all_counters(connection: sa.Connection, by: int) -> None:
    """Raise every counter: after a register's restore nobody knows how many backups were made since."""
    connection.execute(sa.update(administrations).values(counter=administrations.c.counter + by))


def _administration(row: Any) -> Administration:
    kvk = None if row.client_kvk is None else KvkNumber(row.client_kvk)
    return Administration(AdministrationNumber(row.number), row.description, kvk, bool(row.archived), row.version)
