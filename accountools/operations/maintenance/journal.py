"""The journal: read, and verified three ways: its own chain, the register that it replays to, and the backups at hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import SUFFIX, BackupFile
from accountools.operations.session import Office
from accountools.storage import schema
from accountools.storage.register import administrations, backups, clients, journal, licences, users
from accountools.storage.register.journal import Event
from accountools.version import VERSION


@dataclass
class Replayed:
    """What the register must hold, by the events alone: each administration's facts, users by login, and licence with its user."""

    own: str | None = None
    clients: dict[str, tuple[str, str]] = field(default_factory=dict)
    administrations: dict[int, tuple[str, str | None, bool]] = field(default_factory=dict)
    users: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)
    imports: dict[int, tuple[str, str]] = field(default_factory=dict)


def events(office: Office, number: AdministrationNumber | None = None) -> tuple[Event, ...]:
    """The events in order, of all or of one administration."""
    with office.reading() as connection:
        return tuple(journal.every(connection, number))


def verify_journal(office: Office) -> tuple[int, tuple[Obstacle, ...]]:
    """How many events there are, and what was found wrong: `event-changed`, `register-differs`, `journal-cut`; `journal-behind` is told."""
    with office.reading() as connection:
        broken = [obstacle("event-changed", n=n) for n in journal.breaks(connection)]
        differing = [obstacle("register-differs", what=what) for what in _differences(connection)]
        length = journal.head(connection).length
        cut = list(_against_backups(office, connection))
    return length, tuple(broken + differing + cut)


def replay(state: Replayed, event: Event) -> bool:
    """Let an event happen to `state`. False when it can't have happened so: what it speaks of isn't there, or it isn't whole."""
    try:
        _REPLAY.get(event.what, _ignore)(state, event)
    except (KeyError, TypeError, AttributeError):
        return False
    return True


def _differences(connection: sa.Connection) -> Iterator[str]:
    expected, found = Replayed(), _as_it_is(connection)
    for event in journal.every(connection):
        if not replay(expected, event):
            yield f"event {event.n}"
    for name in ("own", "clients", "administrations", "users", "imports"):
        yield from _compare(name, getattr(expected, name), getattr(found, name))


def _compare(name: str, expected: Any, found: Any) -> Iterator[str]:
    if not isinstance(expected, dict):
        if expected != found:
            yield name
        return
    for key in sorted(expected.keys() | found.keys(), key=str):
        if (expected.get(key) or None) != (found.get(key) or None):
            yield f"{name} {key}"


def _as_it_is(connection: sa.Connection) -> Replayed:
    own = licences.own_tokens(connection)
    return Replayed(
        licences.hash_of(own[0]) if own else None,
        {client.kvk: (client.name, client.city) for client in clients.every(connection)},
        {int(one.number): (one.description, one.client_kvk, one.archived) for one in administrations.every(connection)},
        {
            int(number): {user.login.key: vars(user) | {"login": str(user.login)} for user in everyone}
            for number, everyone in users.of_all(connection).items()
        },
        {int(number): (licences.hash_of(one.token), one.login.key) for number, one in licences.all_imports(connection).items()},
    )


def _ignore(_: Replayed, __: Event) -> None:
    """Nothing of the register follows from such an event."""


def _own(state: Replayed, event: Event) -> None:
    state.own = event.details["sha256"]


def _client(state: Replayed, event: Event) -> None:
    state.clients[event.details["kvk"]] = (event.details["name"], event.details["city"])


def _administration(state: Replayed, event: Event) -> None:
    number = _number(event)
    archived = state.administrations.get(number, ("", None, False))[2]
    state.administrations[number] = (event.details["description"], event.details["client"], archived)


def _whole_slice(state: Replayed, event: Event) -> None:
    _administration(state, event)
    number = _number(event)
    state.users[number] = {_key(user["login"]): user for user in event.details["users"]}
    state.imports.pop(number, None)
    if event.details["sha256"] is not None:
        state.imports[number] = (event.details["sha256"], _key(event.details["login"]))


def _archived(state: Replayed, event: Event) -> None:
    description, client, _ = state.administrations[_number(event)]
    state.administrations[_number(event)] = (description, client, event.what == "administration-archived")


def _user(state: Replayed, event: Event) -> None:
    kept = ("login", "name", "employee", "active", "office")
    state.users.setdefault(_number(event), {})[_key(event.details["login"])] = {name: event.details[name] for name in kept}


def _activity(state: Replayed, event: Event) -> None:
    user = state.users[_number(event)][_key(event.details["login"])]
    state.users[_number(event)][_key(event.details["login"])] = user | {"active": event.what == "user-activated"}


def _import(state: Replayed, event: Event) -> None:
    state.imports[_number(event)] = (event.details["sha256"], _key(event.details["login"]))


_REPLAY: dict[str, Callable[[Replayed, Event], None]] = {
    "office-made": _own,
    "own-licence-renewed": _own,
    "client-added": _client,
    "administration-created": _administration,
    "administration-copied": _whole_slice,
    "administration-restored": _whole_slice,
    "administration-installed": _whole_slice,
    "administration-archived": _archived,
    "administration-unarchived": _archived,
    "user-added": _user,
    "user-activated": _activity,
    "user-deactivated": _activity,
    "licence-imported": _import,
}


def _number(event: Event) -> int:
    return int(event.administration) if event.administration is not None else 0


def _key(login: str) -> str:
    return Login(login).key


def _against_backups(office: Office, connection: sa.Connection) -> Iterator[Obstacle]:
    """Backups of ours that are at hand and were made when the journal was another one than it says now."""
    restored_at = [event.at for event in journal.every(connection) if event.what == "office-restored"]
    for path, manifest in _backups_at_hand(office, connection):
        if journal.hash_at(connection, manifest.journal_length) != manifest.journal_head:
            explained = any(manifest.made_at <= at for at in restored_at)
            yield obstacle("journal-behind" if explained else "journal-cut", path=path.name, length=manifest.journal_length)


def _backups_at_hand(office: Office, connection: sa.Connection) -> Iterator[tuple[Path, Manifest]]:
    recorded = {held.path for held in backups.made(connection) if held.path and held.path.is_file()}
    for path in sorted(recorded | set((office.folder / "backups").glob(f"*{SUFFIX}"))):
        try:
            with BackupFile(path, schema.VERSION, VERSION) as backup:
                manifest = backup.manifest
        except AccountoolsError:
            continue  # what is wrong with a backup is `backups check`'s to tell
        if manifest.signer.key.thumbprint == office.backup_key.public.thumbprint:
            yield path, manifest
