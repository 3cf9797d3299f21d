"""Installing a client's own backup into the office (S3), to work on: under the office's licence, with the client's still in place."""

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.reader import Unlock
from accountools.formats.licence_file import Reading
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, unheard
from accountools.operations.register import rules
from accountools.operations.register.state import own_licence
from accountools.operations.restores import checked_image as incoming
from accountools.operations.restores.checked_image import Incoming, at_hand
from accountools.operations.restores.place import TakeOver
from accountools.operations.session import Office
from accountools.operations.workdir import workplace
from accountools.storage.register import administrations, clients


@dataclass(frozen=True, kw_only=True)
class InstallPlan(Plan):
    """What an install would do: which client's backup, what it holds, and what is here under that number now."""

    path: Path
    incoming: Incoming
    unlock: Unlock
    replace: bool
    licence: Licence | None
    present_version: int | None
    present_mark: str | None
    unpacked: Path | None = field(default=None, repr=False, compare=False)

    @property
    def number(self) -> AdministrationNumber:
        """The number it has and keeps."""
        return self.incoming.slice.number

    def made_of(self) -> dict[str, Any]:
        """The file's bytes, and what is here under its number."""
        return {
            "file": self.incoming.file_sha256,
            "number": int(self.number),
            "version": self.present_version,
            "books": self.present_mark,
            "replace": self.replace,
        }

    def apply_to(self, office: Office, progress: Progress = unheard) -> "InstallPlan":
        """Install: what is replaced is kept in a safekeeping backup first. `progress` as in a restore."""
        further, size = partial(incoming.room_to_replace, office, replace=self.replace), self.incoming.manifest.image.size
        progress(0, size)
        at_work = partial(at_hand, self.path, self.incoming, self.unpacked, self.unlock)
        with workplace(office) as work, at_work(work, further, progress) as (found, image):
            now = plan_for(office, self.path, found, self.unlock, self.accepted, replace=self.replace)
            now.expect(self.digest, f"{self.path.name}, {self.number}")
            now.refuse()
            progress(size * 2 // 3, size)  # the last moment to stop: what follows is done as a whole
            saved = incoming.keep_safety_copy(office, now.incoming, now.present_version)
            client = now.incoming.slice.client
            scope = client.kvk if client else ""
            take_over = TakeOver(now.incoming, now.licence, scope, "administration-installed", now.present_version, exchanged=True)
            take_over = dataclasses.replace(take_over, damaged=not saved)
            take_over.put_in_place(office, image, work.name)
        return now


def plan_install(office: Office, path: Path, unlock: Unlock, *, accept: Iterable[str] = (), replace: bool = False) -> InstallPlan:
    """Plan installing a client's own backup. Raises as `incoming.look_into`."""
    with planned_install(office, path, unlock, accept=accept, replace=replace) as plan:
        return dataclasses.replace(plan, unpacked=None)


@contextmanager
def planned_install(
    office: Office, path: Path, unlock: Unlock, *, accept: Iterable[str] = (), replace: bool = False, adopting: bool = False
) -> Iterator[InstallPlan]:
    """Plan as `plan_install`, with the image at hand until the block is left: applying the plan in it needn't unpack it again.

    `adopting`: it is meant to be applied, so that the image is made ready for it while it is checked.
    """
    with workplace(office) as work:
        image = work / "image.sqlite"
        further = partial(incoming.room_to_replace, office, replace=replace)
        found = incoming.look_into(path, image, unlock, adopting=adopting, further=further)
        plan = plan_for(office, path, found, unlock, frozenset(accept), replace=replace)
        yield dataclasses.replace(plan, unpacked=image)


def plan_for(
    office: Office, path: Path, found: Incoming, unlock: Unlock, accepted: frozenset[str] = frozenset(), *, replace: bool = False
) -> InstallPlan:
    """Plan installing what was found in a backup."""
    number, client = found.slice.number, found.slice.client
    with office.reading() as connection:
        present = administrations.find(connection, number)
        reading = incoming.read_licence_of(office, connection, found.slice)
        mark = office.store.mark_of_books(number) if office.store.has_books(number) else None
        obstacles = (
            *rules.own_obstacles(own_licence(office, connection), office.occasion(connection).today),
            *_client_obstacles(connection, found),
            *incoming.place_obstacles(office, connection, found.slice, replace=replace),
            *_exchange_obstacles(connection, number, mark, replace=replace),
            *incoming.licence_obstacles(office, connection, reading),
            *_licence_expected(office, connection, found, reading),
            *incoming.signer_obstacles(office, connection, found.manifest, client.kvk if client else "", None),
            *incoming.counter_obstacles(connection, found),
        )
    return InstallPlan(
        obstacles=obstacles,
        accepted=accepted,
        path=path,
        incoming=found,
        unlock=unlock,
        replace=replace,
        licence=reading.licence,
        present_version=present.version if present else None,
        present_mark=mark,
    )


def _client_obstacles(connection: sa.Connection, found: Incoming) -> list[Obstacle]:
    """The client must be known here by KvK number, and be the one that the number belongs to."""
    client, present = found.slice.client, administrations.find(connection, found.slice.number)
    if client is None or clients.find(connection, client.kvk) is None:
        return [obstacle("client-not-found", what=client.kvk if client else found.slice.number)]
    if present is not None and present.client_kvk != client.kvk:
        return [obstacle("number-taken", number=found.slice.number)]
    return []


def _exchange_obstacles(connection: sa.Connection, number: AdministrationNumber, mark: str | None, *, replace: bool) -> list[Obstacle]:
    """What the office booked since the books last went to the client or came from there would be lost."""
    if not replace or mark is None or administrations.exchanged_mark(connection, number) == mark:
        return []
    return [obstacle("changed-meanwhile", what=number)]


def _licence_expected(office: Office, connection: sa.Connection, found: Incoming, reading: Reading) -> list[Obstacle]:
    """It must hold the client's licence, of the client that it is for."""
    licence, client = reading.licence, found.slice.client
    if licence is None:
        return [] if reading.fault else [rules.no_licence(client)]
    own = office.own_licence(connection)
    if licence.number == own.number:
        return [obstacle("own-licence", licence=licence.number)]
    return [one for one in rules.identity_obstacles(licence, client) if one.code == "kvk-differs"] if client else []
