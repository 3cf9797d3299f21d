"""Importing a client's licence into an administration (S4, S5, S8, S11–S14): the seed's *Volgende* is the plan, *Klaar* is applying it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools.domain.administration import Client, User, find_user
from accountools.domain.errors import Refused
from accountools.domain.events.users import LicenceImported, UserAdded
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login, parse_employee, parse_name
from accountools.domain.licence import Difference, Licence, UnverifiedLicence, differences
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.licence_file import ReadResult
from accountools.formats.mail import mailed_licence
from accountools.operations.plan import RegisterPlan
from accountools.operations.register import handover_rules
from accountools.operations.register.state import AdministrationState, state_of
from accountools.operations.session import Office, Session
from accountools.storage.register import clients, licences, users


@dataclass(frozen=True)
class ChosenUser:
    """Who gets access, as it was typed: with a `name` (and perhaps an employee number) the user is made if there is none (S12)."""

    login: str
    name: str | None = None
    employee: int | None = None


@dataclass(frozen=True, kw_only=True)
class ImportPlan(RegisterPlan):
    """What an import would do. `licence` None when the file holds none that verifies (`unverified` is what it claims)."""

    path: Path
    number: AdministrationNumber
    client: Client | None
    chosen: ChosenUser
    user: User | None
    new_user: bool
    licence: Licence | None
    unverified: UnverifiedLicence | None
    replaces: Licence | None
    differences: tuple[Difference, ...]
    file_sha256: str
    version: int
    own_number: str

    @property
    def login(self) -> str:
        """The login as it was typed."""
        return self.chosen.login

    @property
    def subject(self) -> str:
        """The administration and the file."""
        return f"{self.number}, {self.path.name}"

    def inputs(self) -> dict[str, Any]:
        """The file's bytes, the version of the register's extract, the user and the own licence."""
        return {
            "file": self.file_sha256,
            "administration": int(self.number),
            "version": self.version,
            "login": self.chosen.login,
            "user_name": self.chosen.name,
            "employee": self.chosen.employee,
            "own": self.own_number,
        }

    def plan_again(self, session: Session) -> "ImportPlan":
        """Read the file and the register again."""
        return plan_in(session, self.path, state_of(session, self.number), self.chosen, self.accepted)

    def commit(self, session: Session) -> None:
        """User, licence and events."""
        if self.user is None or self.licence is None:  # such a plan has a blocking obstacle
            raise Refused("changed-meanwhile", what=self.path.name)
        if self.new_user:
            users.add(session.connection, self.number, self.user)
            session.record(UserAdded.for_user(self.number, self.user))
        confirmed = tuple(sorted(one.code for one in self.obstacles if one.needs_confirmation))
        digest = licences.set_import(session.connection, self.number, self.licence, self.user.login, session.now_text, confirmed)
        session.record(
            LicenceImported(
                administration=self.number,
                licence=self.licence.number,
                sha256=digest,
                login=self.user.login,
                replaces=self.replaces.number if self.replaces else None,
                accepted=confirmed,
            )
        )


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
    with office.session() as session:
        return plan_in(session, path, state_of(session, number), ChosenUser(login, user_name, employee), frozenset(accept))


def plan_in(
    session: Session,
    path: Path,
    state: AdministrationState,
    chosen: ChosenUser,
    accepted: frozenset[str] = frozenset(),
    read: tuple[ReadResult, str] | None = None,
) -> ImportPlan:
    """Plan as `plan_import`, in a transaction that is under way; `read` is what `read_file` gave in it, if it was read before."""
    number, today = state.administration.number, session.context.today
    reading, digest = read or read_file(session, path)
    licence, replaces = reading.licence, state.held.licence if state.held else None
    user, new_user, against_user = _user(state, chosen)
    obstacles = [*handover_rules.own_obstacles(session.own, today)]
    if state.client is None:
        obstacles.append(obstacle("client-not-found", template=number))
    if reading.fault:
        obstacles.append(reading.fault)
    if licence is not None:
        if state.client is not None:
            kvk = KvkNumber(licence.licensee.kvk)
            other = clients.find(session.connection, kvk) if kvk != state.client.kvk else None
            obstacles += handover_rules.identity_obstacles(licence, state.client, other)
        obstacles += handover_rules.licence_obstacles(licence, session.own.licence, today, revoked=session.is_revoked(licence))
        if replaces is not None and licence.issued_at < replaces.issued_at:
            obstacles.append(obstacle("older-than-current", held=replaces.number))
    obstacles += against_user
    if licence is not None:
        obstacles += handover_rules.user_count_obstacles(licence, (*state.users, user) if user and new_user else state.users)
    return ImportPlan(
        obstacles=tuple(obstacles),
        accepted=accepted,
        path=path,
        number=number,
        client=state.client,
        chosen=chosen,
        user=user,
        new_user=new_user,
        licence=licence,
        unverified=reading.unverified,
        replaces=replaces,
        differences=differences(replaces, licence) if replaces and licence else (),
        file_sha256=digest,
        version=state.administration.version,
        own_number=session.own.licence.number if session.own.licence else "",
    )


def read_file(session: Session, path: Path) -> tuple[ReadResult, str]:
    """A licence file as this office reads it, and the SHA-256 of its bytes. Raises `file-not-found`."""
    data = mailed_licence.read_bytes(path)
    return session.reject_future(mailed_licence.read(data, session.trust, path.name)), hashlib.sha256(data).hexdigest()


def _user(state: AdministrationState, chosen: ChosenUser) -> tuple[User | None, bool, tuple[Obstacle, ...]]:
    """The user that gets access, whether they are to be made, and the obstacles."""
    try:
        login = Login.parse(chosen.login) if chosen.login else None
        name = parse_name(chosen.name) if chosen.name is not None else None
        employee = parse_employee(chosen.employee)
    except Refused as error:
        return None, False, (error.reason,)
    held = find_user(state.users, login) if login else None
    if held is None and login is not None and name is not None:
        return User(login, name, employee), True, ()
    against = handover_rules.user_obstacles(state, held, chosen.login)
    if held is not None and name is not None and held.name != name:
        against = (*against, obstacle("user-exists", number=state.administration.number, login=held.login, name=held.name))
    return held, False, against
