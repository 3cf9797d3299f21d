"""The rules of importing and handing over (S4, S6, S10) in one place, for the plans and for the audit alike.

Pure functions of what was read; each gives all obstacles it finds, the gravest kind first.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from accountools.domain.administration import Client, User, active_client_users, find_user
from accountools.domain.codes.code import Weight
from accountools.domain.licence import E_ACCOUNTANCY, Licence, is_same_name
from accountools.domain.obstacle import KindOfLicence, Obstacle, obstacle
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
    return (*found, *_own_days(own.licence, today, revoked=own.revoked))


def _own_days(licence: Licence, today: date, *, revoked: bool) -> Iterator[Obstacle]:
    status = licence.status(today, revoked=revoked)
    if status == "revoked":
        yield obstacle("own-licence-revoked")
    elif status == "expired":
        yield obstacle("own-licence-expired", valid_until=licence.valid_until)
    elif status == "not-yet-valid":
        yield obstacle("own-licence-not-yet-valid", valid_from=licence.valid_from)


def audit_obstacles(own: HeldLicence, state: AdministrationState, today: date) -> tuple[Obstacle, ...]:
    """What the audit says of an administration: what keeps it from being handed over, and what was confirmed at its import.

    In a client's own office nothing is imported or handed over: what keeps the client from working in it.
    """
    if is_client_office(own):
        return tuple(_client_office_obstacles(state, today))
    return (*handover_obstacles(own, state, today), *accepted_obstacles(state))


def is_client_office(own: HeldLicence) -> bool:
    """Whether an office under this licence is a client's own."""
    return own.licence is not None and not own.licence.is_accountant_office


def _client_office_obstacles(state: AdministrationState, today: date) -> Iterator[Obstacle]:
    held = state.held
    if held is not None and held.licence is None and held.reading.fault:
        yield held.reading.fault
    if held is not None and held.licence is not None:
        yield from _own_days(held.licence, today, revoked=held.revoked)
        if held.licence.status(today, revoked=held.revoked) == "expires-soon":
            yield obstacle("licence-expires-soon", licence=held.licence.number, valid_until=held.licence.valid_until, own_office=True)
    yield from books_obstacles(state)
    yield from _login_obstacles(state, own_office=True)
    if held is not None and held.licence is not None:
        yield from user_count_obstacles(held.licence, state.users)


def _login_obstacles(state: AdministrationState, **facts: object) -> Iterator[Obstacle]:
    """Whether somebody of the client can log in."""
    number, clients_own = state.administration.number, [user for user in state.users if not user.office]
    if not clients_own:
        yield obstacle("no-user", number=number, **facts)
    elif not active_client_users(state.users):
        yield obstacle("user-inactive", number=number, login=clients_own[0].login)


def handover_obstacles(own: HeldLicence, state: AdministrationState, today: date) -> tuple[Obstacle, ...]:
    """The obstacles of a backup for the client (S10), and what only needs attention."""
    return (*own_obstacles(own, today), *administration_obstacles(own, state, today))


def administration_obstacles(own: HeldLicence, state: AdministrationState, today: date) -> tuple[Obstacle, ...]:
    """Those of them that are about the administration, whatever the office's own licence allows."""
    number = state.administration.number
    found: list[Obstacle] = []
    if state.client is None:
        found.append(obstacle("client-not-found", template=number))
    if state.administration.archived:
        found.append(obstacle("administration-archived", number=number))
    return (*found, *books_obstacles(state), *held_licence_obstacles(own, state, today))


def held_licence_obstacles(own: HeldLicence, state: AdministrationState, today: date) -> tuple[Obstacle, ...]:
    """Those of them that are about the licence that it is under, and its users."""
    held = state.held
    found: list[Obstacle] = []
    if held is None:
        found.append(no_licence(state.client))
    elif held.licence is None:
        found += [held.reading.fault] if held.reading.fault else []
    else:
        found += _unconfirmed_obstacles(own, state, held.licence, today, revoked=held.revoked)
    if state.imported is not None:
        found += user_obstacles(state, find_user(state.users, state.imported.login), state.imported.login)
    else:
        found += _login_obstacles(state)
    if held is not None and held.licence is not None:
        found += user_count_obstacles(held.licence, state.users)
    return tuple(found)


def books_obstacles(state: AdministrationState) -> tuple[Obstacle, ...]:
    """Whether its own books are there and can be opened: not others under its name."""
    number = state.administration.number
    if state.has_books:
        return ()
    if state.books_fault is not None:
        return (state.books_fault,)
    return (
        obstacle("books-missing", number=number, file=state.other_books) if state.other_books else obstacle("books-missing", number=number),
    )


def _unconfirmed_obstacles(
    own: HeldLicence, state: AdministrationState, licence: Licence, today: date, *, revoked: bool
) -> Iterator[Obstacle]:
    """All that the import checked, anew: that it is in the register proves nothing.

    What was confirmed for this licence stays confirmed; what was not blocks, until the licence is imported again.
    """
    accepted = state.imported.accepted if state.imported else ()
    for_client = own.licence if own.licence is not None and own.licence.is_accountant_office else None
    against = [*licence_obstacles(licence, for_client, today, revoked=revoked)]
    if state.client is not None and for_client is not None:
        against += identity_obstacles(licence, state.client, state.other_client)
    for one in against:
        if not one.needs_confirmation:
            yield one
        elif one.code not in accepted:
            yield one.with_weight(Weight.BLOCKS)


def accepted_obstacles(state: AdministrationState) -> tuple[Obstacle, ...]:
    """What was confirmed at the import: not asked again, but shown as attention in the audit."""
    if state.imported is None or not state.imported.accepted or state.held is None or state.held.licence is None or state.client is None:
        return ()
    return confirmed_obstacles(state.imported.accepted, state.held.licence, state.client, state.other_client)


def confirmed_obstacles(accepted: Collection[str], licence: Licence, client: Client, other: Client | None = None) -> tuple[Obstacle, ...]:
    """What these codes, which were confirmed for this licence of the client, say of it now."""
    again = (
        *identity_obstacles(licence, client, other),
        obstacle("demo-licence", licence=licence.number),
        obstacle("older-than-current", held=licence.number),
    )
    return tuple(one for one in again if one.code in accepted)


def handover_state(has_licence: bool, obstacles: Iterable[Obstacle]) -> str:
    """The state of an administration with these obstacles: `missing`, `blocked`, `attention` or `ready`."""
    found = tuple(obstacles)
    if not has_licence:
        return "missing"
    if any(one.blocking for one in found):
        return "blocked"
    return "attention" if found else "ready"


def licence_obstacles(licence: Licence, own: Licence | None, today: date, *, revoked: bool) -> tuple[Obstacle, ...]:
    """The obstacles of a licence as a client's: its days, being the office's own, its kind."""
    found = [one for one in (validity_obstacle(licence, today, revoked=revoked),) if one]
    if own is not None and licence.number == own.number:
        found.append(obstacle("own-licence", licence=licence.number))
    elif licence.kind == "accountant" or (licence.is_accountant_office and (own is None or own.kind != "demo")):
        # a demo licence with E-Accountancy would make the client an accountant's office, which can't restore the hand-over
        found.append(obstacle("wrong-kind", licence=licence.number, kind=KindOfLicence[licence.kind]))
    elif licence.kind == "demo":
        found.append(obstacle("demo-licence", licence=licence.number))
    if licence.status(today, revoked=revoked) == "expires-soon":
        found.append(obstacle("licence-expires-soon", licence=licence.number, valid_until=licence.valid_until))
    return tuple(found)


def identity_obstacles(licence: Licence, client: Client, other: Client | None = None) -> tuple[Obstacle, ...]:
    """Whether the licence is this client's: by KvK number, and only when that is the same by name (S13).

    `other` is the client here who has the licence's KvK number, if another: it is that client's licence then.
    """
    if licence.licensee.kvk != client.kvk and other is not None:
        return (obstacle("other-client", licence=licence.number, other=other.name, kvk=other.kvk, client=client.name),)
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
