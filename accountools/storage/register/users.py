"""Users of administrations in the register."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import User
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.storage.register import administrations
from accountools.storage.schema import users


def list_for(connection: sa.Connection, number: AdministrationNumber) -> tuple[User, ...]:
    """The users of an administration, by login."""
    chosen = sa.select(users).where(users.c.administration == int(number)).order_by(users.c.login_key)
    return tuple(_user(row) for row in connection.execute(chosen))


def list_by_administration(
    connection: sa.Connection, numbers: Collection[int] | None = None
) -> dict[AdministrationNumber, tuple[User, ...]]:
    """The users of every administration, or of those with these numbers, in one query."""
    found: dict[AdministrationNumber, tuple[User, ...]] = defaultdict(tuple)
    chosen = administrations.restrict(sa.select(users), users.c.administration, numbers)
    for row in connection.execute(chosen.order_by(users.c.administration, users.c.login_key)).all():
        found[AdministrationNumber(row.administration)] += (_user(row),)
    return found


def find(connection: sa.Connection, number: AdministrationNumber, login: Login) -> User | None:
    """The user with this login, or None."""
    row = connection.execute(sa.select(users).where(_is(number, login))).one_or_none()
    return _user(row) if row else None


def add(connection: sa.Connection, number: AdministrationNumber, user: User) -> None:
    """Add a user. Raises `user-exists`."""
    held = find(connection, number, user.login)
    if held is not None:
        raise Refused("user-exists", number=number, login=held.login, name=held.name)
    connection.execute(sa.insert(users).values(build_row(number, user)))
    administrations.update(connection, number)


def replace_all(connection: sa.Connection, everyone: Mapping[AdministrationNumber, Collection[User]]) -> None:
    """Make these the users of each of these administrations, whose imports must be removed before. Their versions stay."""
    connection.execute(sa.delete(users).where(users.c.administration.in_([int(number) for number in everyone])))
    rows = [build_row(number, user) for number, some in everyone.items() for user in some]
    if rows:
        connection.execute(sa.insert(users), rows)


def build_row(number: AdministrationNumber, user: User) -> dict[str, Any]:
    """The row of a user of an administration."""
    row = {"administration": int(number), "login_key": user.login.key, "active": int(user.active), "office": int(user.office)}
    return vars(user) | row


def set_active(connection: sa.Connection, number: AdministrationNumber, login: Login, *, active: bool) -> None:
    """Activate or deactivate a user."""
    connection.execute(sa.update(users).where(_is(number, login)).values(active=int(active)))
    administrations.update(connection, number)


def _is(number: AdministrationNumber, login: Login) -> sa.ColumnElement[bool]:
    return sa.and_(users.c.administration == int(number), users.c.login_key == login.key)


def _user(row: Any) -> User:
    return User(Login(row.login), row.name, row.employee, bool(row.active), bool(row.office))
