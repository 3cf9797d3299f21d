"""Administrations in the register. Each change of an administration, its users or its licence raises its `version`."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Administration
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.storage.schema import administrations


def list_all(connection: sa.Connection, numbers: Collection[int] | None = None) -> tuple[Administration, ...]:
    """All administrations, or those with these numbers, by number."""
    chosen = restrict(sa.select(administrations), administrations.c.number, numbers).order_by(administrations.c.number)
    found = []
    for row in connection.execute(chosen).all():
        kvk = None if row.client_kvk is None else KvkNumber(row.client_kvk)
        found.append(Administration(AdministrationNumber(row.number), row.description, kvk, bool(row.archived), row.version))
    return tuple(found)


def restrict(chosen: sa.Select[Any], column: sa.ColumnElement[Any], values: Collection[Any] | None) -> sa.Select[Any]:
    """`chosen`, restricted to these values of `column`; unrestricted when None."""
    if values is None:
        return chosen
    wanted = list(values)
    return chosen.where(column == wanted[0] if len(wanted) == 1 else column.in_(wanted))


def find(connection: sa.Connection, number: AdministrationNumber) -> Administration | None:
    """The administration with this number, or None."""
    return next(iter(list_all(connection, (int(number),))), None)


def get(connection: sa.Connection, number: AdministrationNumber) -> Administration:
    """The administration with this number. Raises `administration-not-found`."""
    found = find(connection, number)
    if found is None:
        raise Refused("administration-not-found", number=number)
    return found


def add(connection: sa.Connection, number: AdministrationNumber, description: str, client_kvk: KvkNumber | None) -> None:
    """Add an administration. Raises `number-taken`."""
    if find(connection, number) is not None:
        raise Refused("number-taken", number=number)
    connection.execute(sa.insert(administrations).values(build_row(number, description, client_kvk)))


def build_row(number: AdministrationNumber, description: str, client_kvk: KvkNumber | None) -> dict[str, Any]:
    """The row of a new administration."""
    return {"number": int(number), "description": description, "client_kvk": client_kvk, "archived": 0, "version": 1}


def update(connection: sa.Connection, number: AdministrationNumber, **values: Any) -> None:
    """Update columns of an administration and raise its version; without values only the version."""
    changed = sa.update(administrations).where(administrations.c.number == int(number))
    connection.execute(changed.values(version=administrations.c.version + 1, **values))


def save_all(connection: sa.Connection, saved: Collection[Administration], known: Collection[int]) -> None:
    """Give each of these administrations its description and client, raising its version; those that aren't `known` are added."""
    rows = [build_row(one.number, one.description, one.client_kvk) for one in saved if one.number not in known]
    if rows:
        connection.execute(sa.insert(administrations), rows)
    given = [{"of": int(one.number), "named": one.description, "whose": one.client_kvk} for one in saved if one.number in known]
    if given:
        changed = sa.update(administrations).where(administrations.c.number == sa.bindparam("of"))
        values = {"description": sa.bindparam("named"), "client_kvk": sa.bindparam("whose"), "version": administrations.c.version + 1}
        connection.execute(changed.values(values), given)


def counters(connection: sa.Connection, numbers: Collection[int]) -> dict[int, int]:
    """The counter of the last backup of each of these administrations."""
    table = administrations.c
    found = connection.execute(sa.select(table.number, table.counter).where(table.number.in_(list(numbers))))
    return {row.number: row.counter for row in found}


def raise_counters(connection: sa.Connection, at_least: Mapping[int, int]) -> None:
    """Raise each administration's counter to `at_least`, if it is lower."""
    if at_least:
        table = administrations.c
        lower = (table.number == sa.bindparam("of")) & (table.counter < sa.bindparam("least"))
        given = [{"of": int(number), "least": counter} for number, counter in at_least.items()]
        connection.execute(sa.update(administrations).where(lower).values(counter=sa.bindparam("least")), given)


def set_exchanged_revisions(connection: sa.Connection, marks: Mapping[int, str | None]) -> None:
    """Set the revisions of books that were sent to the client or received from it."""
    if marks:
        given = [{"of": int(number), "mark": mark} for number, mark in marks.items()]
        changed = sa.update(administrations).where(administrations.c.number == sa.bindparam("of"))
        connection.execute(changed.values(exchanged_mark=sa.bindparam("mark")), given)


def find_exchanged_revision(connection: sa.Connection, number: AdministrationNumber) -> str | None:
    """The revision of the books when they were last sent to the client or received from it, or None."""
    return connection.execute(sa.select(administrations.c.exchanged_mark).where(administrations.c.number == int(number))).scalar()


def raise_all_counters(connection: sa.Connection, by: int) -> None:
    """Raise every backup counter: after a restore of the register nobody knows how many were made since."""
    connection.execute(sa.update(administrations).values(counter=administrations.c.counter + by))
