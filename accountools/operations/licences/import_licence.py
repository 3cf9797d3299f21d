"""Importing a client's licence into an administration (S4, S5, S8, S11–S14): the seed's *Volgende* is the plan, *Klaar* is applying it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.administration import Client, User, user_by_login
from accountools.domain.calendar import moment_text
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, Login, parse_employee, parse_name
from accountools.domain.licence import Difference, Licence, UnverifiedLicence, differences
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import armor, licence_file
from accountools.formats.licence_file import Reading
from accountools.operations.plan import Plan
from accountools.operations.register import rules
from accountools.operations.register.rules import AdministrationState
from accountools.operations.register.state import own_licence, state_of
from accountools.operations.session import Office
from accountools.storage.register import licences, users


@dataclass(frozen=True, kw_only=True)
class ImportPlan(Plan):
    """What an import would do. `licence` None when the file holds none that verifies (`unverified` is what it claims)."""

    path: Path
    number: AdministrationNumber
    client: Client | None
    login: str
    user: User | None
    new_user: bool
    user_name: str | None
    employee: int | None
    licence: Licence | None
    unverified: UnverifiedLicence | None
    replaces: Licence | None
    differences: tuple[Difference, ...]
    file_sha256: str
    version: int
    own_number: str

    def made_of(self) -> dict[str, Any]:
        """The file's bytes, the slice's version, the user and the own licence."""
        return {
            "file": self.file_sha256,
            "administration": int(self.number),
            "version": self.version,
            "login": self.login,
            "user_name": self.user_name,
            "employee": self.employee,
            "own": self.own_number,
        }

    def apply_to(self, office: Office) -> "ImportPlan":
        """Import: user, licence and events in one transaction. Gives the plan as it was carried out."""
        with office.changing() as connection:
            now = plan_in(office, connection, self.path, self.number, self.login, (self.user_name, self.employee), self.accepted)
            now.expect(self.digest, f"{self.number}, {self.path.name}")
            now.refuse()
            _carry_out(office, connection, now)
        return now


def plan_import(
    office: Office,
    path: Path,
    number: AdministrationNumber,
    login: str,
    *,
    user_name: str | None = None,
    employee: int | None = None,
    accept: Iterable[str] = (),
) -> ImportPlan:
    """Plan importing the licence file at `path` into administration `number` for the client's user `login`.

    With `user_name` (and perhaps an `employee` number) the user is made if there is none (S12). Raises `administration-not-found`,
    `file-not-found`.
    """
    with office.reading() as connection:
        return plan_in(office, connection, path, number, login, (user_name, employee), frozenset(accept))


def plan_in(
    office: Office,
    connection: sa.Connection,
    path: Path,
    number: AdministrationNumber,
    login: str,
    new: tuple[str | None, int | None] = (None, None),
    accepted: frozenset[str] = frozenset(),
) -> ImportPlan:
    """Plan as `plan_import`, on what `connection` sees; `new` are the name and the employee number of a user to be made."""
    state = state_of(office, connection, number)
    reading, digest = read_file(office, connection, path)
    user, new_user, against_user = _user(state, login, *new)
    own = own_licence(office, connection)
    replaces = state.held.licence if state.held else None
    licence = reading.licence
    return ImportPlan(
        obstacles=(
            *rules.own_obstacles(own, office.occasion(connection).today),
            *([obstacle("client-not-found", what=number)] if state.client is None else []),
            *([reading.fault] if reading.fault else []),
            *(_against_licence(office, connection, licence, own.licence, state) if licence else ()),
            *against_user,
            *(rules.number_of_users(licence, (*state.users, user) if user and new_user else state.users) if licence else ()),
        ),
        accepted=accepted,
        path=path,
        number=number,
        client=state.client,
        login=login,
        user=user,
        new_user=new_user,
        user_name=new[0],
        employee=new[1],
        licence=licence,
        unverified=reading.unverified,
        replaces=replaces,
        differences=differences(replaces, licence) if replaces and licence else (),
        file_sha256=digest,
        version=state.administration.version,
        own_number=own.licence.number if own.licence else "",
    )


def read_file(office: Office, connection: sa.Connection, path: Path) -> tuple[Reading, str]:
    """A licence file as this office reads it, and the SHA-256 of its bytes (empty when it is too large). Raises `file-not-found`."""
    try:
        data = safe_files.read_whole(path, armor.LARGEST)
    except Refused as error:
        if error.code != "file-too-large":
            raise
        return Reading(None, error.reason), ""
    return licence_file.read(data, office.trust(connection), path.name), hashlib.sha256(data).hexdigest()


def _user(
    state: AdministrationState, typed: str, user_name: str | None, number: int | None
) -> tuple[User | None, bool, tuple[Obstacle, ...]]:
    """The user that gets access, whether they are to be made, and what stands against them."""
    try:
        login = Login.parse(typed) if typed else None
        name = parse_name(user_name) if user_name is not None else None
        employee = parse_employee(number)
    except Refused as error:
        return None, False, (error.reason,)
    held = user_by_login(state.users, login) if login else None
    if held is None and login is not None and name is not None:
        return User(login, name, employee), True, ()
    against = rules.user_obstacles(state, held, typed)
    if held is not None and name is not None and held.name != name:
        against = (*against, obstacle("user-exists", number=state.administration.number, login=held.login, name=held.name))
    return held, False, against


def _against_licence(
    office: Office, connection: sa.Connection, licence: Licence, own: Licence | None, state: AdministrationState
) -> tuple[Obstacle, ...]:
    today, revoked = office.occasion(connection).today, office.is_revoked(connection, licence)
    found = list(rules.identity_obstacles(licence, state.client)) if state.client is not None else []
    found.extend(rules.licence_obstacles(licence, own, today, revoked=revoked))
    held = state.held.licence if state.held else None
    if held is not None and licence.issued_at < held.issued_at:
        found.append(obstacle("older-than-current", held=held.number))
    return tuple(found)


def _carry_out(office: Office, connection: sa.Connection, plan: ImportPlan) -> None:
    if plan.user is None or plan.licence is None:  # `refuse` has seen to both
        raise Refused("changed-meanwhile", what=plan.path.name)
    if plan.new_user:
        users.add(connection, plan.number, plan.user)
        office.record(connection, "user-added", plan.number, **user_details(plan.user))
    at = moment_text(office.occasion(connection).now)
    asked = tuple(sorted(one.code for one in plan.obstacles if one.asks))
    digest = licences.set_import(connection, plan.number, plan.licence, plan.user.login, at, asked)
    office.record(
        connection,
        "licence-imported",
        plan.number,
        licence=plan.licence.number,
        sha256=digest,
        login=plan.user.login,
        replaces=plan.replaces.number if plan.replaces else None,
        accepted=list(asked),
    )


def user_details(user: User) -> dict[str, Any]:
    """A user as an event tells them."""
    return {"login": user.login, "name": user.name, "employee": user.employee, "active": user.active, "office": user.office}
