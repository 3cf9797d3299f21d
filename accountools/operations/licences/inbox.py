"""The inbox at once: which licence file is whose, what importing each would do, and importing those with nothing in the way.

A file is matched with a client by KvK number, with its one administration, and with the user of the import before. Nothing is
chosen by chance: of several licences for one administration the latest issued is taken, and none when that isn't one. Where the one
that is held was issued at the same moment, one that never was here counts as newer; one that gave way to it before stays away.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Administration, Client, active_client_users, user_by_login
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, first_in_the_way, obstacle
from accountools.formats import licence_file
from accountools.operations.licences import import_licence
from accountools.operations.licences.import_licence import ImportPlan
from accountools.operations.licences.inbox_files import inbox_of
from accountools.operations.plan import Plan
from accountools.operations.register import rules
from accountools.operations.register.rules import AdministrationState
from accountools.operations.register.state import own_licence, state_of
from accountools.operations.session import Office
from accountools.storage.register import administrations, clients, licences


@dataclass(frozen=True)
class WaitingFile:
    """A file of the inbox and what would become of it. `verdict` is a code of the interface's, or `valid`.

    `plan` is there when it has a place. `in_place`: its licence is the one that the administration stands under already; `replaced`:
    it was, and gave way to that one; `same_as`: another file here holds the very same licence, and is the one that is imported.
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
    same_as: Path | None = None

    @property
    def importable(self) -> bool:
        """Whether confirming imports it."""
        return self.plan is not None and not (self.in_place or self.replaced or self.same_as) and first_in_the_way(self.obstacles) is None

    def _after(self, imported: set[Path], renewed: set[AdministrationNumber]) -> "WaitingFile":
        """How it stands when the files in `imported` were taken in, into the administrations in `renewed`."""
        if self.path in imported or self.same_as in imported:
            return replace(self, in_place=True)
        gave_way = self.in_place and self.administration is not None and self.administration.number in renewed
        return replace(self, in_place=False, replaced=True) if gave_way else self

    @property
    def refused(self) -> bool:
        """Whether it stays behind with something in the way: what blocks, or what asks for a yes of its own."""
        return first_in_the_way(self.obstacles) is not None


@dataclass(frozen=True, kw_only=True)
class InboxPlan(Plan):
    """What would be imported where. What stands in the way of one file is that file's: it doesn't keep the others."""

    folder: Path
    files: tuple[WaitingFile, ...]

    @property
    def to_import(self) -> tuple[WaitingFile, ...]:
        """The files that would be imported."""
        return tuple(file for file in self.files if file.importable)

    def made_of(self) -> dict[str, Any]:
        """Each file's name and bytes, with the plan of its import and what stands in its way."""
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

    def apply_to(self, office: Office) -> "InboxOutcome":
        """Import those with nothing in the way, each in a transaction of its own; one that is refused doesn't keep the others.

        When the machine fails the rest is not tried: the outcome says what was done, and what stopped it.
        """
        now = plan_inbox(office, self.folder)
        now.expect(self.digest, str(self.folder))
        done: dict[Path, WaitingFile] = {}
        for file in now.to_import:
            try:
                done[file.path] = replace(file, in_place=_take_in(office, file))
            except (MachineFailed, OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
                return InboxOutcome(now.with_results(done), error)
            except AccountoolsError as error:
                done[file.path] = replace(file, obstacles=error.obstacles or (error.reason,))
        return InboxOutcome(now.with_results(done))

    def with_results(self, done: dict[Path, WaitingFile]) -> tuple[WaitingFile, ...]:
        """All files as they stand when those in `done` were dealt with: the same as another is in place with it, what was may not be."""
        imported = [file for file in done.values() if file.in_place]
        renewed = {file.administration.number for file in imported if file.administration}
        return tuple(done.get(file.path, file)._after({one.path for one in imported}, renewed) for file in self.files)


@dataclass(frozen=True)
class InboxOutcome:
    """All files as they stand now (`in_place` tells the imported ones), and what stopped it when the machine failed halfway."""

    files: tuple[WaitingFile, ...]
    stopped: Exception | None = field(default=None, compare=False)


def plan_inbox(office: Office, folder: Path | None = None) -> InboxPlan:
    """Plan importing the licence files in `folder`, by default the office's inbox; folders in it and hidden files are passed over.

    Raises `file-not-found` for a folder that isn't there; the office's own inbox may be missing.
    """
    place = inbox_of(office) if folder is None else folder
    if folder is not None and not folder.is_dir():
        raise Refused("file-not-found", path=folder)
    with office.reading() as connection:
        held = _held_by_client(connection)
        found = [_look(office, connection, path, held) for path in files_in(place)]
    return InboxPlan(folder=place, files=tuple(_one_for_each(one for one in found if one is not None)))


def files_in(folder: Path) -> list[Path]:
    """The files that wait in a folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.is_file())


def _take_in(office: Office, file: WaitingFile) -> bool:
    if file.plan is None:
        raise Refused("changed-meanwhile", what=file.path.name)
    office.apply(file.plan)
    return True


def _held_by_client(connection: sa.Connection) -> dict[KvkNumber, list[Administration]]:
    """The administrations of each client: those that take part, or where none does the archived ones."""
    found: dict[KvkNumber, list[Administration]] = {}
    for one in administrations.every(connection):
        if one.client_kvk is not None:
            found.setdefault(one.client_kvk, []).append(one)
    return {kvk: [one for one in every if not one.archived] or every for kvk, every in found.items()}


def _look(office: Office, connection: sa.Connection, path: Path, held: dict[KvkNumber, list[Administration]]) -> WaitingFile | None:
    """One file; None when it went meanwhile."""
    try:
        reading, digest = import_licence.read_file(office, connection, path)
        if reading.licence is not None:
            return _match(office, connection, WaitingFile(path, digest, "valid", reading.licence), reading.licence, held)
    except Refused as error:
        if error.code != "file-not-found":
            raise
        return None
    except PermissionError:
        return WaitingFile(path, "", "not-permitted", obstacles=(obstacle("not-permitted", path=path.name),))
    fault = reading.fault or obstacle("not-a-licence", path=path.name)
    return WaitingFile(path, digest, fault.code, obstacles=(fault,))


def _match(
    office: Office,
    connection: sa.Connection,
    file: WaitingFile,
    licence: Licence,
    held: dict[KvkNumber, list[Administration]],
) -> WaitingFile:
    """With whose administration and user a licence goes, and what stands in the way of that."""
    today, revoked = office.occasion(connection).today, office.is_revoked(connection, licence)
    verdict = licence_file.judge(licence, today, revoked=revoked)
    own = own_licence(office, connection).licence
    against = rules.licence_obstacles(licence, own, today, revoked=revoked)
    client = clients.find(connection, KvkNumber(licence.licensee.kvk))
    file = replace(file, verdict=verdict.code if verdict else "valid", client=client, obstacles=against)
    if client is None:
        stranger = () if "own-licence" in {one.code for one in against} else (obstacle("client-not-found", what=licence.licensee.kvk),)
        return replace(file, obstacles=(*against, *stranger))
    theirs = [state_of(office, connection, one.number) for one in held.get(client.kvk, [])]
    for state in theirs:
        if state.imported is not None and state.imported.token == licence.token:
            return replace(file, administration=state.administration, login=_login_of(state), obstacles=(), in_place=True)
    if len(theirs) != 1:
        return replace(file, obstacles=(*against, _no_place(client, theirs)))
    return _planned(office, connection, file, licence, theirs[0])


def _no_place(client: Client, theirs: list[AdministrationState]) -> Obstacle:
    if not theirs:
        return obstacle("no-administration", client=client.name)
    numbers = ", ".join(str(state.administration.number) for state in theirs)
    return obstacle("several-administrations", client=client.name, numbers=numbers)


def _planned(office: Office, connection: sa.Connection, file: WaitingFile, licence: Licence, state: AdministrationState) -> WaitingFile:
    """The import that it would be, with the user of the import before, else the only active one."""
    active, known = active_client_users(state.users), _login_of(state)
    plan = import_licence.plan_in(office, connection, file.path, state.administration.number, known or "")
    if plan.replaces is not None and licence.issued_at <= plan.replaces.issued_at and licences.is_kept(connection, licence.token):
        return replace(file, administration=state.administration, login=known, obstacles=(), replaced=True)
    against = plan.obstacles
    if known is None and len(active) > 1:
        choose = obstacle("no-user", number=plan.number, logins=", ".join(user.login for user in active))
        against = tuple(choose if one.code == "no-user" else one for one in against)
    if state.administration.archived:
        against = (*against, obstacle("administration-archived", number=plan.number))
    if plan.file_sha256 != file.sha256:
        against = (*against, obstacle("changed-meanwhile", what=file.path.name))
    return replace(file, administration=state.administration, login=known, plan=plan, obstacles=against)


def _login_of(state: AdministrationState) -> str | None:
    """The user of the import before, by the login as it was written; else the only active one of the client's."""
    active = active_client_users(state.users)
    if state.imported is None:
        return active[0].login if len(active) == 1 else None
    user = user_by_login(state.users, state.imported.login)
    return user.login if user else state.imported.login


def _one_for_each(files: Iterable[WaitingFile]) -> Iterator[WaitingFile]:
    """Of the files that could be imported into one administration only the latest issued is; the others say why they are not."""
    found = list(files)
    rivals: dict[int, list[WaitingFile]] = {}
    for file in found:
        if file.importable and file.administration is not None:
            rivals.setdefault(int(file.administration.number), []).append(file)
    settled = {file.path: file for group in rivals.values() for file in _settle(group)}
    return (settled.get(file.path, file) for file in found)


def _settle(group: list[WaitingFile]) -> Iterator[WaitingFile]:
    """`group` are the files for one administration, all importable."""
    latest = max(file.licence.issued_at for file in group if file.licence)
    first: dict[str, WaitingFile] = {}
    for file in group:
        if file.licence and file.licence.issued_at == latest:
            first.setdefault(file.licence.token, file)
    names = ", ".join(file.path.name for file in first.values())
    for file in group:
        token = file.licence.token if file.licence else ""
        if token not in first:
            yield replace(file, obstacles=(*file.obstacles, obstacle("older-than-current", held=names)))
        elif len(first) > 1:
            number = file.administration.number if file.administration else ""
            yield replace(file, obstacles=(*file.obstacles, obstacle("several-licences", number=number, names=names)))
        else:
            yield file if first[token] is file else replace(file, same_as=first[token].path)
