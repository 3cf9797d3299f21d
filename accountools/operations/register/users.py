"""Users: who may log in to an administration (S6), and whether somebody would get in (S10)."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from accountools.domain.administration import User, user_by_login
from accountools.domain.errors import Refused, refuse_obstacles
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.licence_file import judge
from accountools.operations.licences.import_licence import user_details
from accountools.operations.register import rules
from accountools.operations.register.rules import AdministrationState, HeldLicence
from accountools.operations.register.state import own_licence, state_of
from accountools.operations.session import Office
from accountools.storage.register import administrations, users


@dataclass(frozen=True)
class Entrance:
    """Whether a login gets in. `reason` is why not, `warning` what to know all the same."""

    reason: Obstacle | None = None
    warning: Obstacle | None = None

    @property
    def may(self) -> bool:
        """Whether the person gets in."""
        return self.reason is None


def add_user(office: Office, number: AdministrationNumber, user: User) -> User:
    """Add a user. Raises `administration-not-found`, `user-exists`, `too-many-users`."""
    with office.changing() as connection:
        state = state_of(office, connection, number)
        users.add(connection, number, user)
        _expect_room(state, (*state.users, user))
        office.record(connection, "user-added", number, **user_details(user))
    return user


def set_active(office: Office, number: AdministrationNumber, login: Login, *, active: bool) -> User:
    """Let a user in, or keep them out. Raises `administration-not-found`, `user-not-found`, `too-many-users`."""
    with office.changing() as connection:
        state = state_of(office, connection, number)
        held = user_by_login(state.users, login)
        if held is None:
            raise Refused("user-not-found", number=number, login=login)
        if held.active != active:
            changed = User(held.login, held.name, held.employee, active, held.office)
            if active:
                _expect_room(state, tuple(changed if user is held else user for user in state.users))
            users.set_active(connection, number, login, active=active)
            office.record(connection, "user-activated" if active else "user-deactivated", number, login=held.login)
        return User(held.login, held.name, held.employee, active, held.office)


def list_users(office: Office, number: AdministrationNumber) -> tuple[User, ...]:
    """The users of an administration. Raises `administration-not-found`."""
    with office.reading() as connection:
        administrations.get(connection, number)
        return users.of(connection, number)


def look_at(office: Office, number: AdministrationNumber) -> AdministrationState:
    """All that the register knows of an administration. Raises `administration-not-found`."""
    with office.reading() as connection:
        return state_of(office, connection, number)


def without(office: Office, number: AdministrationNumber, login: Login) -> tuple[Obstacle, ...]:
    """What would stand in the way of a backup for the client, and doesn't now, if this user were kept out.

    Nothing where there is no backup for a client: of a template, and in a client's own office. Raises `administration-not-found`.
    """
    with office.reading() as connection:
        now, own, today = state_of(office, connection, number), own_licence(office, connection), office.occasion(connection).today
    if now.client is None or own.licence is None or not own.licence.is_accountants:
        return ()
    then = replace(now, users=tuple(replace(user, active=user.active and user.login.key != login.key) for user in now.users))
    before = {one.code for one in rules.handover_obstacles(own, now, today)}
    return tuple(one for one in rules.handover_obstacles(own, then, today) if one.code not in before)


def enter(office: Office, number: AdministrationNumber, login: Login) -> Entrance:
    """Whether a login gets in to an administration: nobody is locked out of their own books by a licence that ran out.

    Raises `administration-not-found`, `books-missing`.
    """
    with office.reading() as connection:
        state = state_of(office, connection, number)
        if not state.has_books:
            raise Refused("books-missing", number=number)
        user = user_by_login(state.users, login)
        if user is None:
            return Entrance(obstacle("user-not-found", number=number, login=login))
        if not user.active:
            return Entrance(obstacle("user-inactive", number=number, login=user.login))
        own = own_licence(office, connection)
        if user.office and not (own.licence is not None and own.licence.is_accountants):
            return Entrance(obstacle("user-is-office", number=number, login=user.login))
        return Entrance(warning=_warning(office, connection, own, state, user))


def _warning(office: Office, connection: sa.Connection, own: HeldLicence, state: AdministrationState, user: User) -> Obstacle | None:
    today = office.occasion(connection).today
    if user.office:
        return next((one for one in rules.own_obstacles(own, today) if one.code != "module-missing"), None)
    held = state.held
    if held is None:
        return None  # the client has no licence here yet: that is the audit's to tell
    return judge(held.licence, today, revoked=held.revoked) if held.licence else held.reading.fault


def _expect_room(state: AdministrationState, wanted: tuple[User, ...]) -> None:
    if state.held is not None and state.held.licence is not None:
        refuse_obstacles(rules.number_of_users(state.held.licence, wanted))
