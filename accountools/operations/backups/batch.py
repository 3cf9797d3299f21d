"""A batch of backups that may be interrupted: what was planned stands in the register until all of it is made.

It is signed by the office's backup key: it says where the rest goes and to whom it is encrypted, and nobody is asked again. With the
public key in it, it can be verified also when the office has another key by then: the journal knows those that it had.

What was made of it is not written there: the records of backups say so. A passphrase is kept nowhere; only that there was one, or one of
each. Whoever makes it holds a workdir meanwhile (`owner`), by which others know that it isn't interrupted, on whatever machine they are.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused, Unsound
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.manifest import Purpose
from accountools.formats.claims import canonical, parse_json
from accountools.formats.signatures import claimed_key, sign, verify
from accountools.operations.backups import records
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office, Session
from accountools.operations.workdir import find_worker, is_in_use
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import backups, batches, journal
from accountools.storage.register.backups import BackupRecord
from accountools.storage.sqlite.office_files import BATCH

_TYPE = "accountools-batch+jwt"
_NOT_OURS = "member-not-found"  # of who can't open the key that batches are signed with: they neither continue one nor remove it
_LARGEST = 16 << 20
_IN_FILE = 0  # in place of the id of the batch that an older version recorded in a file


@dataclass(frozen=True)
class Batch:
    """Backups that were planned together. `after` is the last record that the register had when it began, `owner` who makes them.

    `events` is how many events there were then: ids of records that are taken back are given again. Older versions didn't record it.
    """

    numbers: tuple[AdministrationNumber, ...]
    after: int
    folder: Path
    recipient: str | None
    by_passphrase: bool
    plain: bool
    rehearse: bool
    purpose: Purpose = "handover"
    owner: str | None = None
    own_passphrases: bool = False
    events: int | None = None

    def began_before(self, made: BackupRecord) -> bool:
        """Whether a backup was begun after this batch."""
        return made.id > self.after if self.events is None else made.journal_length >= self.events

    def target(self, passphrase: str | None) -> BackupTarget:
        """Where it goes and to whom it is encrypted, as before."""
        return BackupTarget(self.folder, self.recipient, passphrase if self.by_passphrase else None, self.plain)


@dataclass(frozen=True)
class InterruptedBatch:
    """A batch of backups that was interrupted, by a stop, a power failure or a closed machine; `missing` has no backup yet."""

    batch: Batch
    missing: tuple[AdministrationNumber, ...]


def record_batch(
    office: Office,
    owner: str,
    numbers: Iterable[AdministrationNumber],
    folder: Path,
    target: BackupTarget,
    purpose: Purpose,
    *,
    rehearse: bool,
    resumes: InterruptedBatch | None = None,
    abandoned: Collection[int] = (),
) -> None:
    """Record what is going to be made, before the first is, in place of what was interrupted; `discard_batch` says that it is made.

    `resumes` is the batch that it goes on with, and `abandoned` the unfinished records of it. Raises `office-busy` when somebody else
    is making the rest by now, `changed-meanwhile` when it isn't missing any more.
    """
    document: dict[str, Any] = {
        "numbers": [int(number) for number in numbers],
        "folder": backups.stored_path(folder, office.stored_base),
        "recipient": target.recipient,
        "by_passphrase": target.by_passphrase,
        "own_passphrases": target.own_passphrases is not None,
        "plain": target.plain,
        "rehearse": rehearse,
        "purpose": purpose,
        "owner": owner,
    }
    with office.session(write=True) as session:
        if resumes is not None:
            _validate_interrupted(session, resumes, document["numbers"])
            records.withdraw(session, abandoned)
        document |= {"after": backups.last_id(session.connection), "events": journal.head(session.connection).length}
        _remove_interrupted(session)
        batches.add(session.connection, sign(canonical(document), office.backup_key, _TYPE, with_key=True))
    _discard_file(office)


def _validate_interrupted(session: Session, resumes: InterruptedBatch, numbers: Collection[int]) -> None:
    """Raise unless that batch is still there, and what these numbers make of it is missing still: else somebody else has taken it over."""
    held, missing = list(_read(session)), _rest_in(session, resumes.batch)
    if resumes.batch in held and {*numbers} & {*resumes.missing} <= {*missing}:
        return
    for one in held:
        if is_in_use(session.office, one.owner) and not set(missing).isdisjoint(one.numbers):
            raise OfficeBusy(find_worker(session.office, one.owner))
    raise Refused("changed-meanwhile", what=next((one for one in resumes.missing if one not in missing), resumes.missing[0]))


def discard_batch(office: Office, owner: str | None = None) -> None:
    """Nothing of the batch that `owner` makes is to be made any more; without one, nothing of what was interrupted."""
    with office.session(write=True) as session:
        _remove_interrupted(session, owner)
    _discard_file(office)


def _remove_interrupted(session: Session, owner: str | None = None) -> None:
    """Remove the batches of `owner`, and those that nobody makes; of what can't be read nobody knows who does."""
    gone = []
    for number, signed in batches.list_all(session.connection).items():
        try:
            by = _parse(session, number, signed).owner
        except AccountoolsError as error:
            if error.code == _NOT_OURS:
                continue
            by = None
        if by == owner or not is_in_use(session.office, by):
            gone.append(number)
    batches.remove(session.connection, gone)


def _discard_file(office: Office) -> None:
    path = office.folder / BATCH
    if path.exists():
        safe_files.discard(path)
        safe_files.sync_folder(office.folder)


def interrupted_batch(session: Session) -> InterruptedBatch | None:
    """The last batch, if it was interrupted before all of it was made; else None.

    Raises `office-busy` while it is being made, `office-damaged` for a record that can't be read, `changed-meanwhile` for one that is
    not as this office wrote it.
    """
    unfinished = [InterruptedBatch(batch, rest) for batch in _read(session) if (rest := _rest_in(session, batch))]
    interrupted = next((one for one in unfinished if not is_in_use(session.office, one.batch.owner)), None)
    if unfinished and interrupted is None:
        raise OfficeBusy(find_worker(session.office, unfinished[0].batch.owner))
    return interrupted


def has_interrupted_batch(session: Session) -> bool:
    """Whether a batch was interrupted and something of it is left to make in this office, as far as can be read."""
    try:
        if interrupted_batch(session) is None:
            return False
    except MachineFailed:
        pass
    except Refused:
        return False
    return session.moved_to is None


def remove_finished(session: Session) -> None:
    """Remove the record of a batch of which nothing is left: it was interrupted when all was made."""
    office, gone = session.office, []
    for number, signed in batches.list_all(session.connection).items():
        try:
            batch = _parse(session, number, signed)
        except AccountoolsError:
            continue
        if not is_in_use(office, batch.owner) and not _rest_in(session, batch):
            gone.append(number)
    batches.remove(session.connection, gone)


def _rest_in(session: Session, batch: Batch) -> tuple[AdministrationNumber, ...]:
    recorded = backups.list_committed(session.connection, session.office.stored_base)
    made = [one for one in recorded if batch.began_before(one) and one.purpose == batch.purpose and one.administration in batch.numbers]
    if batch.own_passphrases and made and not _has_letter(session.office, made[-1]):
        made.pop()  # interrupted between this backup and its letter: nobody can open it
    numbers = {one.administration for one in made}
    return tuple(number for number in batch.numbers if number not in numbers)


def _has_letter(office: Office, made: BackupRecord) -> bool:
    """Whether a letter with the passphrase of this backup is there (`reports/letter.py` writes it)."""
    names, hashed = (office.folder / "exports").glob(f"*-{made.administration}-*.html"), f'data-sha256="{made.sha256}"'
    pages = (path.read_text("utf-8", "replace") for path in names if safe_files.has_file(path))
    return any(hashed in page and 'class="words"' in page for page in pages)


def _read(session: Session) -> Iterator[Batch]:
    """The batches that were begun, the newest first. To who can't open the backup key there are none."""
    office, held = session.office, batches.list_all(session.connection)
    file = office.folder / BATCH
    if file.is_file():
        held[_IN_FILE] = _signed_in(file)
    for number, signed in held.items():
        try:
            yield _parse(session, number, signed)
        except Refused as error:
            if error.code != _NOT_OURS:
                raise


def _signed_in(file: Path) -> str:
    try:
        return str(parse_json(safe_files.read_whole(file, _LARGEST))["signature"])
    except (ValueError, TypeError, KeyError) as error:
        raise MachineFailed("office-damaged", what=BATCH) from error


def _parse(session: Session, number: int, signed: str) -> Batch:
    key, what = session.office.backup_key.public, f"batches {number}" if number != _IN_FILE else BATCH
    try:
        named = claimed_key(signed)
        if named is not None and named != key and named.thumbprint in session.own_keys:
            key = named
        document = parse_json(verify(signed, _TYPE, {key.thumbprint: key}).payload)
        numbers = tuple(AdministrationNumber(number) for number in document.pop("numbers"))
        return Batch(numbers=numbers, folder=session.office.stored_base / document.pop("folder"), **document)
    except Unsound as error:
        raise Refused("changed-meanwhile", what=what, batch=what) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MachineFailed("office-damaged", what=what) from error
