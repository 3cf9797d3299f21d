"""What the register knows of a backup: pending before it is written, written before it gets its name, committed at last.

After an interruption between two of these the files that are there show where it was: a file that has its final name is committed at the
next opening, the rest is `repair`'s to remove. Each step takes many backups in one transaction.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed
from accountools.domain.events.backups import BackupMade, BackupRehearsed, RegisterBackedUp
from accountools.domain.events.books import BooksIdentified
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.formats.backup.manifest import Manifest, ManifestDraft, Purpose
from accountools.formats.backup.reader import SUFFIX, BackupFile
from accountools.operations.session import Office, Session
from accountools.operations.workdir import is_busy
from accountools.storage import schema
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import administrations, backups, journal
from accountools.storage.register.backups import BackupRecord
from accountools.version import VERSION

BY_PASSPHRASE = "passphrase"  # noqa: S105 - a word in place of a recipient, in the event of a backup that one opens


@dataclass(frozen=True)
class Pending:
    """A backup that is to be written: its record in the register, where it is written first, and what its manifest says so far."""

    record: int
    part: Path
    draft: ManifestDraft


@dataclass(frozen=True)
class Written:
    """A container that was written and read back: its manifest, and the SHA-256 (hex) and size of the file.

    It is at `part`. `books_revision` is that of the books when it was begun, None for the register.
    """

    part: Path
    manifest: Manifest
    sha256: str
    bytes: int
    milliseconds: int
    books_revision: str | None = None


@dataclass(frozen=True)
class Wanted:
    """A backup that is to be made pending. `number` None is the register itself."""

    number: AdministrationNumber | None
    licence: Licence | None
    counter: int
    encrypted: bool


def add_pending(session: Session, purpose: Purpose, folder: Path, wanted: Sequence[Wanted]) -> list[Pending]:
    """Note that these are going to be written in `folder`."""
    context, head = session.context, journal.head(session.connection)
    drafts = [
        ManifestDraft(
            program=VERSION,
            schema=schema.VERSION,
            purpose=purpose,
            number=None if one.number is None else int(one.number),
            licence_number=one.licence.number if one.licence else "",
            counter=one.counter,
            journal_head=head.hash,
            journal_length=head.length,
            made_at=session.now_text,
            today=context.today.isoformat(),
            today_was_set=context.today_was_set,
            recipients=(),
            contents=None,
        )
        for one in wanted
    ]
    maker = session.office.engine.maker()
    parts = [safe_files.temporary_path(folder / "backup", maker) for _ in wanted]
    rows = [
        {
            "administration": draft.number,
            "purpose": purpose,
            "part_path": part,
            "licence_number": draft.licence_number,
            "encrypted": int(one.encrypted),
            "counter": draft.counter,
            "journal_length": draft.journal_length,
            "journal_head": draft.journal_head,
            "at": draft.made_at,
            "day": draft.today,
        }
        for one, draft, part in zip(wanted, drafts, parts, strict=True)
    ]
    return [
        Pending(*one) for one in zip(backups.add_pending(session.connection, session.office.stored_base, rows), parts, drafts, strict=True)
    ]


def mark_written(session: Session, folder: Path, written: Sequence[tuple[Pending, Written, str]]) -> list[Path]:
    """Choose the name of each and note it with its hash, before the rename; the text is what its name says beside day and version.

    Raises `database-away` when others didn't see any more that they were being made: they may have repaired what was there.
    """
    session.office.engine.validate_working()
    unfinished = backups.list_unfinished(session.connection, session.office.stored_base)
    if {pending.record for pending, _, _ in written} - {held.id for held in unfinished}:
        raise MachineFailed("database-away")
    taken = {held.path.name for held in unfinished if held.path and held.path.parent == folder}
    rows, paths = [], []
    for pending, made, described in written:
        stem = safe_files.file_name(f"{pending.draft.today.replace('-', '')}-{VERSION}-{described}")
        path = safe_files.free_name(folder, stem, SUFFIX, frozenset(taken))
        taken.add(path.name)
        paths.append(path)
        rows.append(
            {
                "id": pending.record,
                "path": path,
                "bytes": made.bytes,
                "sha256": made.sha256,
                "milliseconds": made.milliseconds,
                "books_mark": made.books_revision,
            }
        )
    backups.mark_written(session.connection, session.office.stored_base, rows)
    return paths


def commit(session: Session, ids: Iterable[int], manifests: Mapping[int, Manifest] | None = None) -> list[BackupRecord]:
    """Note that these have their final names, each once, with its event; gives their records.

    `manifests` by id are those known to who wrote them; another is read from its file.
    """
    wanted = list(ids)
    made = backups.commit_written(session.connection, session.office.stored_base, wanted)
    numbers, identified = {held.administration for held in made if held.administration is not None}, []
    for number in sorted(numbers - journal.books_identities(session.connection, numbers).keys()):  # of earlier versions: known from now on
        with suppress(OfficeBusy, MachineFailed):  # those that are in use get it another time
            identity = session.office.engine.identify_books(number)
            if identity is not None:
                identified.append(BooksIdentified(administration=number, books=identity))
    session.record(*identified)
    session.record(*(_event(held, (manifests or {}).get(held.id)) for held in made))
    handed_over = {held.administration: held.books_revision for held in made if held.purpose == "handover"}
    administrations.set_exchanged_revisions(
        session.connection, {number: mark for number, mark in handed_over.items() if number is not None}
    )
    return backups.get_many(session.connection, session.office.stored_base, wanted)


def mark_rehearsed(session: Session, held: Sequence[BackupRecord]) -> list[BackupRecord]:
    """Note that these were rehearsed today; gives their records."""
    today = session.context.today.isoformat()
    backups.set_rehearsed(session.connection, [one.id for one in held], today)
    session.record(*(BackupRehearsed(administration=one.administration, sha256=one.sha256 or "") for one in held))
    return [replace(one, rehearsed=today) for one in held]


def withdraw(session: Session, ids: Collection[int]) -> None:
    """Take back records of backups that failed, with what they left, unless they have to stay (`has_to_stay`)."""
    held = [one for one in backups.list_unfinished(session.connection, session.office.stored_base) if one.id in ids]
    gone = list[int]()
    for one in held:
        with suppress(OSError):  # in a folder that can't be changed now: it stays recorded
            discard_parts(session.office, one.part_path)
            gone += [] if has_to_stay(session.office, one) else [one.id]
    backups.remove_pending(session.connection, gone)


def withdraw_all(session: Session) -> None:
    """As `withdraw`, of all that are unfinished."""
    withdraw(session, [held.id for held in backups.list_unfinished(session.connection, session.office.stored_base)])


def withdraw_own(office: Office, failed: Collection[Pending]) -> None:
    """As `withdraw`, of what failed here: what it left goes first, also where the register is busy, or somebody has repaired it."""
    if not failed:
        return
    for one in failed:
        discard_parts(office, one.part)
    with office.session(write=True) as session:
        withdraw(session, {one.record for one in failed})


def list_abandoned(office: Office, record: int, numbers: Collection[AdministrationNumber]) -> tuple[int, ...]:
    """The unfinished records of these administrations' backups after `record`, unless they have to stay.

    None while anybody is at work, whose they may be.
    """
    with office.session() as session:
        unfinished = backups.list_unfinished(session.connection, office.stored_base)
    if is_busy(office):  # whoever makes one of these holds a workdir since before it was recorded
        return ()
    abandoned = (held for held in unfinished if held.id > record and held.administration in numbers)
    return tuple(held.id for held in abandoned if not has_to_stay(office, held))


def has_to_stay(office: Office, held: BackupRecord) -> bool:
    """Whether the record of an unfinished backup may not be taken back.

    Its file has its final name, and is committed at the next opening; or that can't be seen now, as on a stick that was pulled out; or
    a part of it is there that isn't this office's to remove, which nobody would know of any more.
    """
    if not os.access(held.part_path.parent, os.X_OK) or is_in_place(held, unreadable=True):
        return True
    return bool(list_parts(held.part_path)) and not find_parts(office, held.part_path)


def is_in_place(held: BackupRecord, *, unreadable: bool = False) -> bool:
    """Whether the file of a written backup has its final name and is whole; `unreadable` is the answer for one that can't be read."""
    path = held.path
    try:
        if path is None or path.suffix != SUFFIX or not path.is_file() or path.stat().st_size != held.bytes:
            return False
        return safe_files.sha256_of(path) == held.sha256
    except OSError:  # of this file: it says nothing of the others
        return unreadable


def is_removable(office: Office, held: BackupRecord) -> bool:
    """Whether a backup's file is there, is the one that was made, and is this office's. One that can't be read isn't known to be that."""
    return is_in_place(held) and is_ours(office, held)


def is_ours(office: Office, held: BackupRecord) -> bool:
    """Whether a backup's file may be removed here: it lies in the office's folder, or was made by this very one.

    Of another office this one may be a copy; its register names the same files elsewhere then.
    """
    return held.path is not None and _is_ours(office, held.path, held.part_path)


def _is_ours(office: Office, path: Path, part: Path) -> bool:
    if office.engine.is_in_another_office(path):
        return False
    inside = path.parent.resolve().is_relative_to(office.stored_base.resolve())  # which a link in it may lead out of
    return inside or safe_files.is_made_by(part, office.engine.maker())


def hand_to(session: Session, received: Session) -> None:
    """Of an office that is being moved: what it made outside its folder may be removed from its new place."""
    office, target = session.office, received.office
    made = [one for one in backups.list_committed(session.connection, office.stored_base) if is_ours(office, one)]
    maker = target.engine.maker(received.connection)
    parts = {one.id: safe_files.temporary_path(one.path, maker) for one in made if one.path}
    backups.name_parts(received.connection, target.stored_base, parts)


def is_last_good(office: Office, held: BackupRecord, committed: Sequence[BackupRecord]) -> bool:
    """Whether none of those `committed` is a good backup of the same administration and purpose, so that this file has to stay."""
    return not any(
        (one.administration, one.purpose) == (held.administration, held.purpose) and is_removable(office, one)
        for one in reversed(committed)
    )


def find_parts(office: Office, part: Path) -> list[Path]:
    """What a backup left under the temporary name that is recorded, and may be removed here: as `list_parts`, and as `is_ours`."""
    found = list_parts(part)
    return found if found and _is_ours(office, part, part) else []


def list_parts(part: Path) -> list[Path]:
    """What is there under a backup's temporary name, and under further ones: a job that was done again took the next.

    A name that this program doesn't give is never one, whatever is recorded.
    """
    return list(takewhile(os.path.lexists, safe_files.temporary_paths(part))) if safe_files.is_temporary(part) else []


def discard_parts(office: Office, part: Path) -> None:
    """Remove what a backup left under its temporary names."""
    for one in find_parts(office, part):
        safe_files.discard(one)


def _event(held: BackupRecord, manifest: Manifest | None) -> BackupMade:
    if manifest is None:
        try:
            with BackupFile(held.path or held.part_path, schema.VERSION, VERSION) as backup:
                manifest = backup.manifest
        except (AccountoolsError, OSError):  # who signed it can't be read any more
            pass
    recipient = None
    if manifest is not None and manifest.encrypted:
        recipient = BY_PASSPHRASE if manifest.sealed_key else manifest.recipients[0]
    return (RegisterBackedUp if held.purpose == "register" else BackupMade)(
        administration=held.administration,
        purpose=held.purpose,
        sha256=held.sha256 or "",
        licence=held.licence_number,
        counter=held.counter,
        encrypted=held.encrypted,
        signer=manifest.signer.key.thumbprint if manifest else None,
        recipient=recipient,
        revision=held.books_revision,
    )
