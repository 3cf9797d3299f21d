"""Users: who may log in to an administration (S6), and whether a login can (S10)."""

from dataclasses import dataclass, replace

from accountools.domain.administration import User, active_client_users, find_user
from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.events.users import UserActivated, UserAdded, UserDeactivated
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.licence_file import validity_obstacle
from accountools.operations.register import handover_rules
from accountools.operations.register.state import AdministrationState, state_of
from accountools.operations.session import Office
from accountools.storage.register import administrations, users


@dataclass(frozen=True)
class Entrance:
    """Whether a login can enter an administration. `reason` is why not, `warning` what to know all the same."""

    reason: Obstacle | None = None
    warning: Obstacle | None = None

    @property
    def may(self) -> bool:
        """Whether the person can enter."""
        return self.reason is None


def add_user(office: Office, number: AdministrationNumber, user: User) -> User:
    """Add a user. Raises `administration-not-found`, `user-exists`, `too-many-users`."""
    with office.session(write=True) as session:
        state = state_of(session, number)
        users.add(session.connection, number, user)
        _check_user_count(state, user)
        session.record(UserAdded.for_user(number, user))
    return user


def set_active(office: Office, number: AdministrationNumber, login: Login, *, active: bool) -> User:
    """Activate or deactivate a user. Raises `administration-not-found`, `user-not-found`, `too-many-users`."""
    with office.session(write=True) as session:
        state = state_of(session, number)
        held = find_user(state.users, login)
        if held is None:
            raise Refused("user-not-found", number=number, login=login)
        changed = replace(held, active=active)
        if held != changed:
            _check_user_count(state, changed)
            users.set_active(session.connection, number, login, active=active)
            session.record((UserActivated if active else UserDeactivated)(administration=number, login=held.login))
    return changed


def list_users(office: Office, number: AdministrationNumber) -> tuple[User, ...]:
    """The users of an administration. Raises `administration-not-found`."""
    with office.session() as session:
        administrations.get(session.connection, number)
        return users.list_for(session.connection, number)


def get_state(office: Office, number: AdministrationNumber) -> AdministrationState:
    """All that the register knows of an administration. Raises `administration-not-found`."""
    with office.session() as session:
        return state_of(session, number)


def obstacles_without(office: Office, number: AdministrationNumber, login: Login) -> tuple[Obstacle, ...]:
    """The obstacles that the audit would show, and doesn't now, if this user were deactivated; a template has none.

    Raises `administration-not-found`.
    """
    with office.session() as session:
        now, own, today = state_of(session, number), session.own, session.context.today
        if now.client is None:
            return ()
    then = replace(now, users=tuple(replace(user, active=user.active and user.login.key != login.key) for user in now.users))
    before = {one.code for one in handover_rules.audit_obstacles(own, now, today)}
    return tuple(one for one in handover_rules.audit_obstacles(own, then, today) if one.code not in before)


def enter(office: Office, number: AdministrationNumber, login: Login) -> Entrance:
    """Whether a login can enter an administration: nobody is locked out of their own books by a licence that expired.

    Raises `administration-not-found`, `books-missing`.
    """
    with office.session() as session:
        state, own, today = state_of(session, number), session.own, session.context.today
        accountant = session.is_accountant_office
    raise_first_obstacle(handover_rules.books_obstacles(state))
    user = find_user(state.users, login)
    if user is None:
        return Entrance(obstacle("user-not-found", number=number, login=login))
    if not user.active:
        return Entrance(obstacle("user-inactive", number=number, login=user.login))
    if user.office:
        if not accountant:
            return Entrance(obstacle("user-is-office", number=number, login=user.login))
        return Entrance(warning=next((one for one in handover_rules.own_obstacles(own, today) if one.code != "module-missing"), None))
    held = state.held
    if held is None:
        return Entrance()  # that the client has no licence here yet is shown by the audit
    return Entrance(warning=validity_obstacle(held.licence, today, revoked=held.revoked) if held.licence else held.reading.fault)


def _check_user_count(state: AdministrationState, new: User) -> None:
    """Raise `too-many-users` if the licence doesn't allow this user too; one who doesn't count may always be there."""
    if state.held is not None and state.held.licence is not None and active_client_users((new,)):
        others = tuple(user for user in state.users if user.login.key != new.login.key)
        raise_first_obstacle(handover_rules.user_count_obstacles(state.held.licence, (*others, new)))
