"""The rules of importing and handing over (S4, S6, S10) in one place, for the plans and for the audit alike.

Pure functions of what was read; each gives all obstacles it finds, the gravest kind first.
"""

from collections.abc import Iterator
from datetime import date

from accountools.domain.administration import Client, User, active_client_users, find_user
from accountools.domain.licence import E_ACCOUNTANCY, Licence, is_same_name
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.licence_file import validity_obstacle
from accountools.operations.register.state import AdministrationState
from accountools.operations.session import HeldLicence


def own_obstacles(own: HeldLicence, today: date) -> tuple[Obstacle, ...]:
    """The obstacles of the office's own licence: E-Accountancy (S4), and being valid that day."""
    if own.licence is None:
        return (own.reading.fault,) if own.reading.fault else ()
    found = []
    if not (own.licence.is_accountant_office and own.licence.has_module(E_ACCOUNTANCY)):
        found.append(obstacle("module-missing"))
    status = own.licence.status(today, revoked=own.revoked)
    if status == "revoked":
        found.append(obstacle("own-licence-revoked"))
    elif status == "expired":
        found.append(obstacle("own-licence-expired", valid_until=own.licence.valid_until))
    elif status == "not-yet-valid":
        found.append(obstacle("own-licence-not-yet-valid", valid_from=own.licence.valid_from))
    return tuple(found)


def handover_obstacles(own: HeldLicence, state: AdministrationState, today: date) -> tuple[Obstacle, ...]:
    """The obstacles of a backup for the client (S10), and what only needs attention."""
    return (
        *own_obstacles(own, today),
        *_administration_obstacles(state),
        *_held_obstacles(state, today),
        *_access_obstacles(state),
    )


def accepted_obstacles(state: AdministrationState) -> tuple[Obstacle, ...]:
    """What was confirmed at the import: not asked again, but shown as attention in the audit."""
    if state.imported is None or not state.imported.accepted or state.held is None or state.held.licence is None or state.client is None:
        return ()
    accepted = set(state.imported.accepted)
    again = (*identity_obstacles(state.held.licence, state.client), *_remembered(state.held.licence, accepted))
    return tuple(one for one in again if one.code in accepted)


def licence_obstacles(licence: Licence, own: Licence | None, today: date, *, revoked: bool) -> tuple[Obstacle, ...]:
    """The obstacles of a licence as a client's: its days, being the office's own, its kind."""
    found = [one for one in (validity_obstacle(licence, today, revoked=revoked),) if one]
    if own is not None and licence.number == own.number:
        found.append(obstacle("own-licence", licence=licence.number))
    elif licence.kind == "accountant":
        found.append(obstacle("wrong-kind", licence=licence.number, kind=licence.kind))
    elif licence.kind == "demo":
        found.append(obstacle("demo-licence", licence=licence.number))
    if licence.status(today, revoked=revoked) == "expires-soon":
        found.append(expires_soon(licence))
    return tuple(found)


def identity_obstacles(licence: Licence, client: Client) -> tuple[Obstacle, ...]:
    """Whether the licence is this client's: by KvK number, and only when that is the same by name (S13)."""
    if licence.licensee.kvk != client.kvk:
        return (obstacle("kvk-differs", licence_kvk=licence.licensee.kvk, client_kvk=client.kvk),)
    if not is_same_name(licence.licensee.name, client.name):
        return (obstacle("name-differs", licence_name=licence.licensee.name, client_name=client.name),)
    return ()


def user_obstacles(state: AdministrationState, user: User | None, login: str) -> tuple[Obstacle, ...]:
    """The obstacles of a user as the client's who gets access (S6, S12)."""
    number = state.administration.number
    if user is None:
        return (obstacle("user-not-found", number=number, login=login) if login else obstacle("no-user", number=number),)
    found = []
    if user.office:
        found.append(obstacle("user-is-office", number=number, login=user.login))
    if not user.active:
        found.append(obstacle("user-inactive", number=number, login=user.login))
    return tuple(found)


def user_count_obstacles(licence: Licence, users: tuple[User, ...]) -> tuple[Obstacle, ...]:
    """Whether the licence allows as many active users as the client has; the obstacle names them."""
    active = active_client_users(users)
    if len(active) <= licence.users:
        return ()
    return (obstacle("too-many-users", allowed=licence.users, active=len(active), names=", ".join(user.login for user in active)),)


def no_licence(client: Client | None) -> Obstacle:
    """That the client's licence has not been imported: the one thing that nobody may forget (S10)."""
    return obstacle("no-licence", client=client.name if client else "—")


def expires_soon(licence: Licence) -> Obstacle:
    """That a licence runs out within 60 days."""
    return obstacle("licence-expires-soon", licence=licence.number, valid_until=licence.valid_until)


def _administration_obstacles(state: AdministrationState) -> Iterator[Obstacle]:
    if state.client is None:
        yield obstacle("client-not-found", what=state.administration.number)
    if state.administration.archived:
        yield obstacle("administration-archived", number=state.administration.number)
    if not state.has_books:
        yield obstacle("books-missing", number=state.administration.number)


def _held_obstacles(state: AdministrationState, today: date) -> Iterator[Obstacle]:
    if state.held is None:
        yield no_licence(state.client)
    elif state.held.licence is None:
        if state.held.reading.fault:
            yield state.held.reading.fault
    else:
        against = validity_obstacle(state.held.licence, today, revoked=state.held.revoked)
        if against:
            yield against
        if state.held.licence.status(today, revoked=state.held.revoked) == "expires-soon":
            yield expires_soon(state.held.licence)


def _access_obstacles(state: AdministrationState) -> Iterator[Obstacle]:
    number = state.administration.number
    clients_own = tuple(user for user in state.users if not user.office)
    if state.imported is not None:
        yield from user_obstacles(state, find_user(state.users, state.imported.login), state.imported.login)
    elif not clients_own:
        yield obstacle("no-user", number=number)
    elif not active_client_users(clients_own):
        yield obstacle("user-inactive", number=number, login=clients_own[0].login)
    if state.held is not None and state.held.licence is not None:
        yield from user_count_obstacles(state.held.licence, state.users)


def _remembered(licence: Licence, accepted: set[str]) -> Iterator[Obstacle]:
    if "demo-licence" in accepted:
        yield obstacle("demo-licence", licence=licence.number)
    if "older-than-current" in accepted:
        yield obstacle("older-than-current", held=licence.number)
