"""The inbox at once: which licence file is whose, what importing each would do, and importing those without an obstacle.

A file is matched with a client by KvK number, with its one administration, and with the user of the import before. Nothing is
chosen by chance: of several licences for one administration the latest issued is taken, and none when that isn't one. Where the one
that is held was issued at the same moment, one that never was here counts as newer; one that it replaced before stays away. So does
one whose import was undone, until somebody imports it again.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from accountools.domain.administration import Administration, Client, active_client_users, find_user
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, first_unresolved, obstacle
from accountools.formats import licence_file
from accountools.formats.licence_file import ReadResult
from accountools.operations.errors import InternalError, translate_error
from accountools.operations.licences import import_licence
from accountools.operations.licences.import_licence import ChosenUser, ImportPlan
from accountools.operations.licences.inbox_files import files_in, inbox_of, is_final
from accountools.operations.licences.undo_import import undone_licences
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, Stopped, no_progress
from accountools.operations.register import handover_rules
from accountools.operations.register.state import AdministrationState, states_of
from accountools.operations.session import Office, Session
from accountools.operations.workers import faults_as_errors
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import administrations, clients, licences


@dataclass(frozen=True)
class PlannedFile:
    """A file of the inbox and what would become of it. `verdict` is a code of the interface's, or `valid`.

    `plan` is there when it has an administration. `in_place`: its licence is the one that the administration is under already;
    `replaced`: it was, and that one replaced it; `undone`: it was, and that was undone; `same_as`: another file here holds the very same
    licence, and is the one imported. `useless`: it can't be imported later either.
    """

    path: Path
    sha256: str
    verdict: str
    licence: Licence | None = None
    client: Client | None = None
    administration: Administration | None = None
    login: str | None = None
    plan: ImportPlan | None = None
    obstacles: tuple[Obstacle, ...] = ()
    in_place: bool = False
    replaced: bool = False
    undone: bool = False
    same_as: Path | None = None
    useless: bool = False

    @property
    def refused(self) -> bool:
        """Whether it isn't imported: an obstacle blocks, or asks for a confirmation of its own."""
        return first_unresolved(self.obstacles) is not None

    @property
    def importable(self) -> bool:
        """Whether confirming imports it."""
        return self.plan is not None and not (self.in_place or self.replaced or self.undone or self.same_as or self.refused)


@dataclass(frozen=True, kw_only=True)
class InboxPlan(Plan):
    """What would be imported where. An obstacle of one file is that file's: it doesn't keep the others."""

    folder: Path
    files: tuple[PlannedFile, ...]

    @property
    def to_import(self) -> tuple[PlannedFile, ...]:
        """The files that would be imported."""
        return tuple(file for file in self.files if file.importable)

    def inputs(self) -> dict[str, Any]:
        """Each file's name and bytes, with the plan of its import and its obstacles."""
        return {
            "folder": str(self.folder),
            "files": [
                [
                    file.path.name,
                    file.sha256,
                    file.plan.digest if file.plan else None,
                    file.importable,
                    sorted(one.code for one in file.obstacles),
                ]
                for file in self.files
            ],
        }

    def execute(self, office: Office, progress: Progress) -> "InboxOutcome":
        """Import those without an obstacle, each in a transaction of its own; one that is refused doesn't keep the others.

        When the machine fails the rest is not tried: the outcome says what was done, and what stopped it. `progress` is called with files
        rather than bytes; when it stops the work, what was imported until then stays.
        """
        count = len(self.files)
        steps = count + len(self.to_import)
        now = plan_inbox(office, self.folder, lambda read, _: progress(read, steps))
        now.raise_if_changed(self.digest, self.folder)
        done: dict[Path, PlannedFile] = {}
        stopped = None
        for file in now.to_import:
            try:
                progress(count + len(done), steps)
                if file.plan is not None:
                    with faults_as_errors():
                        file.plan.apply(office)
                done[file.path] = replace(file, in_place=True)
            except Stopped:
                if not done:
                    raise
                break
            except (MachineFailed, OfficeBusy, OSError) as error:
                stopped = error
                break
            except AccountoolsError as error:
                done[file.path] = replace(file, obstacles=error.obstacles or (error.reason,))
        return InboxOutcome(tuple(_with_results(now.files, done)), stopped)


@dataclass(frozen=True)
class InboxOutcome:
    """All files as they are now (`in_place` marks the imported ones), and what stopped it when the machine failed halfway."""

    files: tuple[PlannedFile, ...]
    stopped: Exception | None = field(default=None, compare=False)


def plan_inbox(office: Office, folder: Path | None = None, progress: Progress = no_progress) -> InboxPlan:
    """Plan importing the licence files in `folder`, by default the office's inbox; folders in it and hidden files are passed over.

    `progress` is called with the number of files that were read, and of all. Raises `file-not-found` for a folder that isn't there; the
    office's own inbox may be missing.
    """
    if folder is not None and not folder.is_dir():
        raise Refused("file-not-found", path=folder, folder=folder)
    place = inbox_of(office) if folder is None else folder
    with office.session() as session:
        read, paths = [], files_in(place)
        for count, path in enumerate(paths, 1):
            file = _read(session, path)
            if file is not None:
                read.append(file)
            progress(count, len(paths))
        matcher = _Matcher(session, [file.licence for file in read if file.licence])
        found = [matcher.match(file, file.licence) if file.licence else file for file in read]
    return InboxPlan(folder=place, files=tuple(_one_for_each(found)))


def _read(session: Session, path: Path) -> PlannedFile | None:
    """One file, with its licence or its fault; None when it was removed meanwhile."""
    try:
        reading, digest = import_licence.read_file(session, path)
    except Exception as error:  # whatever it is: it concerns this file, and the others are read
        found = translate_error(error)
        if found.code == "file-not-found":
            if not os.path.lexists(path):
                return None
        elif not isinstance(error, OSError) and not isinstance(found, InternalError):
            raise
        return PlannedFile(path, "", found.code, obstacles=(found.reason,))
    if reading.licence is None:
        fault = reading.fault or obstacle("not-a-licence", path=path.name)
        return PlannedFile(path, digest, fault.code, obstacles=(fault,), useless=is_final([fault]))
    return PlannedFile(path, digest, "valid", reading.licence)


class _Matcher:
    """Matches licences with clients, administrations and users; all that the register knows of these clients is read once."""

    def __init__(self, session: Session, waiting: Collection[Licence]) -> None:
        self._session, connection = session, session.connection
        self._clients = {one.kvk: one for one in clients.list_all(connection, {KvkNumber(it.licensee.kvk) for it in waiting})}
        self._undone = undone_licences(connection)
        strange = {it.number for it in waiting if KvkNumber(it.licensee.kvk) not in self._clients}
        tokens = {token for number in strange for token in licences.list_tokens(connection, number)}
        under = {number for number, imported in licences.list_imports(connection).items() if imported.token in tokens} if tokens else set()
        every = administrations.list_all(connection)
        kvks = {one.client_kvk for one in every if one.client_kvk in self._clients or one.number in under}
        by_client: dict[KvkNumber, list[AdministrationState]] = {}
        for state in states_of(session, [one.number for one in every if one.client_kvk in kvks]):
            if state.client is not None:
                by_client.setdefault(state.client.kvk, []).append(state)
        # those that take part, or where none does the archived ones
        self._states = {kvk: [one for one in each if not one.administration.archived] or each for kvk, each in by_client.items()}

    def match(self, file: PlannedFile, licence: Licence) -> PlannedFile:
        """With whose administration and user it goes, and the obstacles."""
        session, today, revoked = self._session, self._session.context.today, self._session.is_revoked(licence)
        verdict = licence_file.validity_obstacle(licence, today, revoked=revoked)
        against = handover_rules.licence_obstacles(licence, session.own.licence, today, revoked=revoked)
        client = self._find_client(licence)
        file = replace(file, verdict=verdict.code if verdict else "valid", client=client, obstacles=against, useless=is_final(against))
        states = self._states.get(client.kvk, []) if client else []
        for state in states:
            if state.imported is not None and state.imported.token == licence.token:
                return replace(
                    file, administration=state.administration, login=_login_of(state), obstacles=(), in_place=True, useless=False
                )
        if licences.token_sha256(licence.token) in self._undone:
            return replace(file, obstacles=(), undone=True, useless=False)
        if client is None:
            is_own = any(one.code == "own-licence" for one in against)
            return file if is_own else replace(file, obstacles=(*against, obstacle("client-not-found", what=licence.licensee.kvk)))
        if not states:
            return replace(file, obstacles=(*against, obstacle("no-administration", client=client.name)))
        if len(states) > 1:
            numbers = ", ".join(str(state.administration.number) for state in states)
            return replace(file, obstacles=(*against, obstacle("several-administrations", client=client.name, numbers=numbers)))
        return self._plan_import(file, licence, states[0])

    def _find_client(self, licence: Licence) -> Client | None:
        """The client with its KvK number; else the one for whom a licence of its number and KvK number was confirmed."""
        kvk = KvkNumber(licence.licensee.kvk)
        held = ((state.client, state.held.licence) for each in self._states.values() for state in each if state.held)
        confirmed = (client for client, its in held if its and (its.number, its.licensee.kvk) == (licence.number, licence.licensee.kvk))
        return self._clients.get(kvk) or next(confirmed, None)

    def _plan_import(self, file: PlannedFile, licence: Licence, state: AdministrationState) -> PlannedFile:
        """The import that it would be, with the user of the import before, else the only active one."""
        active, login = active_client_users(state.users), _login_of(state)
        file = replace(file, administration=state.administration, login=login)
        plan = import_licence.plan_in(self._session, file.path, state, ChosenUser(login or ""), read=(ReadResult(licence), file.sha256))
        older = plan.replaces is not None and licence.issued_at <= plan.replaces.issued_at
        if older and licences.is_known(self._session.connection, licence.token):
            return replace(file, obstacles=(), replaced=True, useless=False)
        against = plan.obstacles
        if login is None and len(active) > 1:
            choose = obstacle("no-user", number=plan.number, logins=", ".join(user.login for user in active))
            against = tuple(choose if one.code == "no-user" else one for one in against)
        if state.administration.archived:
            against = (*against, obstacle("administration-archived", number=plan.number))
        return replace(file, plan=plan, obstacles=against)


def _login_of(state: AdministrationState) -> str | None:
    """The user of the import before, by the login as it was written; else the only active one of the client's."""
    if state.imported is None:
        active = active_client_users(state.users)
        return active[0].login if len(active) == 1 else None
    user = find_user(state.users, state.imported.login)
    return user.login if user else state.imported.login


def _one_for_each(files: Iterable[PlannedFile]) -> Iterator[PlannedFile]:
    """Of the files that could be imported into one administration only the latest issued is; the others say why they are not."""
    found = list(files)
    rivals: dict[AdministrationNumber, list[PlannedFile]] = {}
    for file in found:
        if file.importable and file.administration is not None:
            rivals.setdefault(file.administration.number, []).append(file)
    for file in found:
        group = rivals.get(file.administration.number, []) if file.administration else []
        yield _among_rivals(file, group) if file in group else file


def _among_rivals(file: PlannedFile, group: list[PlannedFile]) -> PlannedFile:
    """`file` as one of the importable files for one administration."""
    latest = max(one.licence.issued_at for one in group if one.licence)
    first: dict[str, PlannedFile] = {}
    for one in group:
        if one.licence and one.licence.issued_at == latest:
            first.setdefault(one.licence.token, one)
    names = ", ".join(one.path.name for one in first.values())
    token = file.licence.token if file.licence else ""
    if token not in first:
        return replace(file, obstacles=(*file.obstacles, obstacle("older-than-current", held=names)))
    if len(first) > 1:
        number = file.administration.number if file.administration else ""
        return replace(file, obstacles=(*file.obstacles, obstacle("several-licences", number=number, names=names)))
    return file if first[token] is file else replace(file, same_as=first[token].path)


def _with_results(files: Iterable[PlannedFile], done: dict[Path, PlannedFile]) -> Iterator[PlannedFile]:
    """All files as they are when those in `done` were dealt with: the same as an imported one is in place, what it replaced isn't."""
    imported = {file.path for file in done.values() if file.in_place}
    renewed = {file.administration.number for file in done.values() if file.in_place and file.administration}
    for file in files:
        if file.path in done:
            yield done[file.path]
        elif file.same_as in imported:
            yield replace(file, in_place=True)
        elif file.in_place and file.administration is not None and file.administration.number in renewed:
            yield replace(file, in_place=False, replaced=True)
        else:
            yield file
