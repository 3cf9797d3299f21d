"""A batch of backups that may be interrupted: what was planned stands in a file of the office's until all of it is made.

The file is signed by the office's backup key: it says where the rest goes and to whom it is encrypted, and nobody is asked again.

What was made of it is not written there: the register knows. A passphrase is kept nowhere; only that there was one, or one of each.
Whoever makes it holds a workdir meanwhile (`owner`), by which others know that it isn't interrupted.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import MachineFailed, Refused, Unsound
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.manifest import Purpose
from accountools.formats.claims import canonical
from accountools.formats.signatures import sign, verify
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office
from accountools.operations.workdir import is_in_use
from accountools.storage.register import backups
from accountools.storage.sqlite.office_files import BATCH

_TYPE = "accountools-batch+jwt"
_LARGEST = 16 << 20


@dataclass(frozen=True)
class Batch:
    """Backups that were planned together. `after` is the last record that the register had when it began, `owner` who makes them."""

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

    def target(self, passphrase: str | None) -> BackupTarget:
        """Where it goes and to whom it is encrypted, as before."""
        return BackupTarget(self.folder, self.recipient, passphrase if self.by_passphrase else None, self.plain)


def record_batch(
    office: Office,
    owner: str,
    numbers: Iterable[AdministrationNumber],
    folder: Path,
    target: BackupTarget,
    purpose: Purpose,
    *,
    rehearse: bool,
) -> None:
    """Record durably what is going to be made, before the first is; `discard_batch` says that all of it is made."""
    with office.session() as session:
        after = backups.last_id(session.connection)
    document = {
        "numbers": [int(number) for number in numbers],
        "after": after,
        "folder": backups.stored_path(folder, office.stored_base),
        "recipient": target.recipient,
        "by_passphrase": target.by_passphrase,
        "own_passphrases": target.own_passphrases is not None,
        "plain": target.plain,
        "rehearse": rehearse,
        "purpose": purpose,
        "owner": owner,
    }
    signature = sign(canonical(document), office.backup_key, _TYPE)
    safe_files.write_over(batch_file(office), json.dumps(document | {"signature": signature}).encode())


def discard_batch(office: Office) -> None:
    """Nothing of the batch is to be made any more."""
    path = batch_file(office)
    if path.exists():
        safe_files.discard(path)
        safe_files.sync_folder(office.folder)


def batch_file(office: Office) -> Path:
    """Where the last batch is recorded as long as it isn't ended."""
    return office.folder / BATCH


def interrupted_batch(office: Office) -> Batch | None:
    """The last batch, if it was interrupted before all of it was made; else None.

    Raises `office-busy` while it is being made, `office-damaged` for a record that can't be read, `changed-meanwhile` for one that is
    not as this office wrote it.
    """
    batch = _read(office)
    if batch is None or not rest_of(office, batch):
        return None
    if is_in_use(office, batch.owner):
        raise Refused("office-busy")
    return batch


def has_interrupted_batch(office: Office) -> bool:
    """Whether a batch was interrupted and something of it is left, as far as can be read."""
    try:
        return interrupted_batch(office) is not None
    except MachineFailed:
        return True
    except Refused:
        return False


def is_finished(office: Office) -> bool:
    """Whether a batch is recorded of which nothing is left: it was interrupted when all was made."""
    try:
        batch = _read(office)
    except (MachineFailed, Refused):
        return False
    return batch is not None and not is_in_use(office, batch.owner) and not rest_of(office, batch)


def rest_of(office: Office, batch: Batch) -> tuple[AdministrationNumber, ...]:
    """What of it was not made."""
    with office.session() as session:
        recorded = backups.list_committed(session.connection, office.stored_base)
    made = {one.administration for one in recorded if one.id > batch.after and one.purpose == batch.purpose}
    return tuple(number for number in batch.numbers if number not in made)


def _read(office: Office) -> Batch | None:
    path = batch_file(office)
    if not path.is_file():
        return None
    try:
        document = json.loads(safe_files.read_whole(path, _LARGEST))
        signature, signed = document.pop("signature", ""), canonical(document)
        numbers = tuple(AdministrationNumber(number) for number in document.pop("numbers"))
        batch = Batch(numbers=numbers, folder=office.stored_base / document.pop("folder"), **document)
        key = office.backup_key.public
        if verify(signature, _TYPE, {key.thumbprint: key}).payload != signed:
            raise Unsound("bad-signature")
    except Unsound as error:
        raise Refused("changed-meanwhile", what=BATCH, batch=BATCH) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MachineFailed("office-damaged", what=BATCH) from error
    return batch
