"""The journal: read, and verified three ways: its own chain, the register that it replays to, and the backups at hand."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.errors import AccountoolsError, MachineFailed
from accountools.domain.event_json import parse_event
from accountools.domain.events.office import OfficeRestored
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle, Part, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import SUFFIX, BackupFile
from accountools.operations.maintenance.open_office import check_recorded_trust
from accountools.operations.register.replay import ReplayedRegister
from accountools.operations.register.state import list_own_books
from accountools.operations.session import Office, Session
from accountools.storage import schema
from accountools.storage.register import administrations, backups, clients, folders, journal, licences, members, signers, users
from accountools.storage.register.journal import RecordedEvent
from accountools.storage.sqlite.office_files import BACKUP_KEY
from accountools.version import VERSION

_PARTS = {
    "clients": Part.CLIENT,
    "administrations": Part.ADMINISTRATION,
    "users": Part.USERS,
    "imports": Part.IMPORTS,
    "folders": Part.FOLDERS,
    "members": Part.MEMBER,
    "received": Part.RECEIVED,
}


def list_events(office: Office, number: AdministrationNumber | None = None) -> tuple[RecordedEvent, ...]:
    """The events in order, of all or of one administration. Raises `administration-not-found`."""
    with office.session() as session:
        if number is not None:
            administrations.get(session.connection, number)
        return tuple(journal.list_events(session.connection, number))


def verify_journal(office: Office) -> tuple[int, tuple[Obstacle, ...]]:
    """How many events there are, and the findings: `event-changed`, `register-differs`, `journal-cut`; `journal-behind` informs."""
    at_hand = list_at_hand(office)  # before the journal: those that are made meanwhile know events that a session doesn't see
    with office.session() as session:
        return journal.head(session.connection).length, check_journal(session, at_hand)


def check_journal(session: Session, at_hand: Collection[Path], *, committed: bool = True) -> tuple[Obstacle, ...]:
    """The findings of `verify_journal`, on what a session sees; without the backup key where the register is not `committed` yet.

    `at_hand` are the backups to compare it with (`list_at_hand`), as they were before the session began.
    """
    connection = session.connection
    findings = [obstacle("event-changed", n=n) for n in journal.find_breaks(connection)]
    findings += [obstacle("register-differs", **facts) for facts in _differences(connection)]
    others = _other_books(session, committed=committed)
    findings += others
    findings += [*check_recorded_trust(session), *(_check_key(session) if committed else ())]
    findings += _compare_with_backups(session, at_hand)
    return tuple(findings)


def _check_key(session: Session) -> list[Obstacle]:
    """Whether the key that signs backups is the one that the journal says."""
    recorded = session.recorded_trust.key
    try:
        same = recorded is None or session.present_key == recorded
    except MachineFailed:  # there is none that can be read
        same = False
    return [] if same else [obstacle("register-differs", what=BACKUP_KEY)]


def _differences(connection: sa.Connection) -> Iterator[dict[str, object]]:
    """Where the register is not what the events make of it: `what` and perhaps `which`."""
    expected = ReplayedRegister()
    for recorded in journal.list_events(connection):
        try:
            event = parse_event(recorded.what, recorded.administration, recorded.details)
            if event is not None:
                expected.apply(event)
        except (KeyError, ValueError):
            yield {"what": Part.EVENT, "which": recorded.n}
    found = _register_as_it_is(connection)
    if expected.own != found.own:
        yield {"what": Part.OWN_LICENCE}
    if expected.backups != found.backups:
        yield {"what": Part.BACKUPS_MADE}
    yield from ({"what": Part.KNOWN_SIGNER, "which": one} for one in sorted(found.signers - expected.signers))
    for name, part in _PARTS.items():
        ours: dict[Any, Any] = getattr(expected, name)
        theirs: dict[Any, Any] = getattr(found, name)
        for key in sorted(ours.keys() | theirs.keys(), key=str):
            if (ours.get(key) or None) != (theirs.get(key) or None):
                yield {"what": part, "which": key[0] if isinstance(key, tuple) else key}


def _other_books(session: Session, *, committed: bool) -> Iterator[Obstacle]:
    """Under which numbers others' books are, or what can't be read."""
    numbers, engine = [one.number for one in administrations.list_all(session.connection)], session.office.engine
    own = list_own_books(session, numbers, committed=committed)
    others = [number for number in numbers if number not in own]
    files = engine.books_files(others)
    for number in others:
        if (fault := engine.find_books_fault(number)) is not None:
            yield fault.reason
        elif number in files:
            yield obstacle("register-differs", what=Part.BOOKS, which=int(number))


def _register_as_it_is(connection: sa.Connection) -> ReplayedRegister:
    imported = licences.list_imports(connection)
    return ReplayedRegister(
        [licences.token_sha256(token) for token in reversed(licences.list_own_tokens(connection))],
        {client.kvk: (client.name, client.city) for client in clients.list_all(connection)},
        {int(one.number): (one.description, one.client_kvk, one.archived) for one in administrations.list_all(connection)},
        {int(number): {user.login.key: user for user in everyone} for number, everyone in users.list_by_administration(connection).items()},
        {int(number): (licences.token_sha256(one.token), one.login.key, frozenset(one.accepted)) for number, one in imported.items()},
        folders.list_all(connection),
        {one.name: one.recipient for one in members.list_all(connection)},
        signers.list_counters(connection),
        backups.list_hashes(connection),
        signers.list_thumbprints(connection),
    )


def _compare_with_backups(session: Session, at_hand: Collection[Path]) -> Iterator[Obstacle]:
    """Backups of ours that are at hand, and were made when the journal was another one than it says now, or signed by another key."""
    restored_at = [one.at for one in journal.list_events(session.connection, kinds=(OfficeRestored,))]
    keys = _own_keys(session)
    for path, manifest in _own_backups(session, at_hand, keys):
        signer = manifest.signer
        if signer.key.thumbprint not in keys:
            yield obstacle("signed-elsewhere", path=path.name, name=signer.name, thumbprint=signer.key.thumbprint)
        elif journal.hash_at(session.connection, manifest.journal_length) != manifest.journal_head:
            explained = any(manifest.made_at <= at for at in restored_at)
            yield obstacle("journal-behind" if explained else "journal-cut", path=path.name, length=manifest.journal_length)


def _own_keys(session: Session) -> frozenset[str]:
    """The office's keys, by the journal where the present one can't be read."""
    try:
        return session.own_keys
    except MachineFailed:
        return frozenset({session.recorded_trust.key or ""})


def list_at_hand(office: Office) -> frozenset[Path]:
    """The backups in the office's folder, and those that it made elsewhere, if they are still there."""
    with office.session() as session:
        folder = session.folder_for("backups")
        recorded = [held.path for held in backups.list_committed(session.connection, office.stored_base)]
    return frozenset((*(path for path in recorded if path), *folder.glob(f"*{SUFFIX}")))


def _own_backups(session: Session, at_hand: Collection[Path], keys: frozenset[str]) -> Iterator[tuple[Path, Manifest]]:
    """What this office made, by its own key, by the register, or because its KvK number is signed into it."""
    kvks = frozenset[str]()
    with suppress(MachineFailed):  # without the issuers' file, which is a finding of its own
        kvks = frozenset(one.licensee.kvk for one in session.own_licences.values())
    recorded = {held.path for held in backups.list_committed(session.connection, session.office.stored_base)}
    for path in sorted(at_hand):
        try:
            with BackupFile(path, schema.VERSION, VERSION) as backup:
                manifest = backup.manifest
        except (AccountoolsError, OSError):
            continue  # what is wrong with a backup is shown by `backups check`
        if path in recorded or manifest.signer.kvk in kvks or manifest.signer.key.thumbprint in keys:
            yield path, manifest
