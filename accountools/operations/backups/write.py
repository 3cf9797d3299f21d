"""A backup from intent to fact: begun in the register, written aside and read back, sealed in the register, renamed, and recorded.

A cut between two of these is told from the files that are there: what stands under its name is recorded at the next opening, the
rest is `repair`'s to clear.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.calendar import moment_text
from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.failpoints import reach
from accountools.formats.backup.manifest import Draft, Manifest, Purpose
from accountools.formats.backup.reader import SUFFIX, BackupFile
from accountools.formats.backup.writer import ImageStream, Maker, write_backup
from accountools.formats.encryption import Lock
from accountools.operations.session import Office
from accountools.storage import schema
from accountools.storage.register import administrations, backups, journal
from accountools.storage.register.backups import BackupRecord
from accountools.version import VERSION

BY_WORDS = "passphrase"  # in place of a recipient, in the event of a backup that one opens


def draft_for(
    office: Office,
    connection: sa.Connection,
    purpose: Purpose,
    number: AdministrationNumber | None,
    licence: Licence | None,
    counter: int,
    lock: Lock | None,
) -> Draft:
    """What the manifest of a backup made now will say, but for its payload."""
    when, head = office.occasion(connection), journal.head(connection)
    return Draft(
        program=VERSION,
        schema=schema.VERSION,
        purpose=purpose,
        number=None if number is None else int(number),
        licence_number=licence.number if licence else "",
        counter=counter,
        journal_head=head.hash,
        journal_length=head.length,
        made_at=moment_text(when.now),
        today=when.today.isoformat(),
        today_was_set=when.today_was_set,
        recipients=(lock.recipient,) if lock else (),
        contents=None,
    )


def begin_record(connection: sa.Connection, draft: Draft, part: Path, books_mark: str | None = None) -> int:
    """Note the intent in the register; gives its id. `books_mark` is that of the books before they are read."""
    return backups.begin(
        connection,
        administration=draft.number,
        purpose=draft.purpose,
        part_path=str(part),
        licence_number=draft.licence_number,
        encrypted=int(bool(draft.recipients)),
        books_mark=books_mark,
        counter=draft.counter,
        journal_length=draft.journal_length,
        journal_head=draft.journal_head,
        at=draft.made_at,
        day=draft.today,
    )


@dataclass(frozen=True)
class Written:
    """A container that was written and read back: its manifest, and the SHA-256 of the file in hex."""

    manifest: Manifest
    sha256: str


def write_part(
    part: Path, image: ImageStream | Path, draft: Draft, maker: Maker, lock: Lock | None, copy: IO[bytes] | None = None
) -> Written:
    """Write a container at `part`, make it durable, and read all of it back as a stranger would."""
    with safe_files.create_private(part) as target, ThreadPoolExecutor(1) as beside:
        reach("before-write-backup")
        write_backup(target, image, draft, maker, lock, copy)
        reach("after-write-backup")
        target.flush()
        synced = beside.submit(safe_files.sync_file, target)  # the disk is waited for while what it is given is read back
        with BackupFile(part, schema.VERSION, VERSION) as backup:
            sha256 = backup.check_stored()
        synced.result()
        return Written(backup.manifest, sha256)


def seal_record(
    connection: sa.Connection, record: int, folder: Path, part: Path, sha256: str, number: str, description: str, milliseconds: int
) -> Path:
    """Choose the backup's name and commit it with its hash, before the rename; gives the path."""
    held = backups.get(connection, record)
    promised = frozenset(other.path.name for other in backups.unfinished(connection) if other.path and other.path.parent == folder)
    path = safe_files.free_name(folder, file_stem(held.day, number, description), SUFFIX, promised)
    backups.seal(
        connection,
        record,
        path=str(path),
        bytes=part.stat().st_size,
        sha256=sha256,
        milliseconds=milliseconds,
    )
    return path


def withdraw(office: Office, record: int) -> None:
    """Take back an intent that failed, unless its file stands under its name already: then it is made, and recorded at the next opening."""
    with office.changing() as connection:
        held = backups.get(connection, record)
        safe_files.discard(held.part_path)
        if not stands(held):
            backups.forget(connection, record)


def stands(held: BackupRecord) -> bool:
    """Whether the file of a sealed backup stands under its name, whole."""
    if held.path is None or not held.path.is_file() or held.path.stat().st_size != held.bytes:
        return False
    return safe_files.sha256_of(held.path) == held.sha256


def note_made(office: Office, record: int) -> BackupRecord:
    """Record that a sealed backup stands under its name: the fact and its event, once."""
    with office.changing() as connection:
        held = backups.get(connection, record)
        if backups.finish(connection, record):
            office.record(
                connection,
                "register-backed-up" if held.purpose == "register" else "backup-made",
                held.administration,
                purpose=held.purpose,
                sha256=held.sha256,
                licence=held.licence_number,
                counter=held.counter,
                encrypted=held.encrypted,
                **_signed_and_locked(held),
            )
            if held.purpose == "handover" and held.administration is not None:
                administrations.note_exchanged(connection, held.administration, held.books_mark)
        return backups.get(connection, record)


def _signed_and_locked(held: BackupRecord) -> dict[str, str]:
    """Whose key signed a backup and what it is encrypted to, as its own manifest says; nothing when that can't be read any more."""
    try:
        with BackupFile(held.path or held.part_path, schema.VERSION, VERSION) as backup:
            manifest = backup.manifest
    except (AccountoolsError, OSError):
        return {}
    locked = {"recipient": BY_WORDS if manifest.sealed_key else manifest.recipients[0]} if manifest.encrypted else {}
    return {"signer": manifest.signer.key.thumbprint, **locked}


def file_stem(day: str, number: str, description: str) -> str:
    """A backup's file name without its ending: date, version, number and description say at a glance what it is."""
    return safe_files.file_name(f"{day.replace('-', '')}-{VERSION}-{number}-{description}")
