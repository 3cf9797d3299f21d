"""A batch of backups that may be cut off: what was planned stands in a file of the office's until all of it is made.

What was made of it is not written there: the register knows. A passphrase is kept nowhere; only that there was one. Whoever makes it
holds a workplace meanwhile, by which others know that it isn't cut off.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.manifest import Purpose
from accountools.operations.backups.target import Destination
from accountools.operations.session import Office
from accountools.operations.workdir import is_at_work, workplace
from accountools.storage.register import backups

_FILE = "batch.json"
_LARGEST = 16 << 20


@dataclass(frozen=True)
class Batch:
    """Backups that were planned together. `after` is the last backup that the register knew when it began, `owner` who makes them."""

    numbers: tuple[AdministrationNumber, ...]
    after: int
    folder: Path
    recipient: str | None
    by_passphrase: bool
    plain: bool
    rehearse: bool
    purpose: Purpose = "handover"
    owner: str | None = None

    def destination(self, passphrase: str | None) -> Destination:
        """Where it goes and to whom it is encrypted, as before."""
        return Destination(self.folder, self.recipient, passphrase if self.by_passphrase else None, self.plain)


@contextmanager
def noted(
    office: Office, numbers: Iterable[AdministrationNumber], folder: Path, destination: Destination, purpose: Purpose, *, rehearse: bool
) -> Iterator[None]:
    """Note what is going to be made within the block, durably, before the first is; whoever made all of it says so by `forget`."""
    with workplace(office) as place:
        with office.reading() as connection:
            after = backups.last_id(connection)
        note = {
            "numbers": [int(number) for number in numbers],
            "after": after,
            "folder": str(folder),
            "recipient": destination.recipient,
            "by_passphrase": destination.passphrase is not None,
            "plain": destination.plain,
            "rehearse": rehearse,
            "purpose": purpose,
            "owner": place.name,
        }
        safe_files.write_over(office.folder / _FILE, json.dumps(note).encode())
        yield


def forget(office: Office) -> None:
    """Nothing is left to be made, or nobody wants it any more."""
    if note_of(office).exists():
        safe_files.discard(note_of(office))
        safe_files.sync_folder(office.folder)


def note_of(office: Office) -> Path:
    """Where the note of the last batch stands as long as it isn't ended."""
    return office.folder / _FILE


def is_left(office: Office) -> bool:
    """Whether a batch was cut off and something of it is left, as far as can be read."""
    try:
        return cut_off(office) is not None
    except MachineFailed:
        return True
    except Refused:
        return False


def cut_off(office: Office) -> Batch | None:
    """The last batch, if it was cut off before all of it was made; else None.

    Raises `office-busy` while it is being made, `office-damaged` for a note that can't be read.
    """
    batch = _read(office)
    if batch is None or not left_of(office, batch):
        return None
    if is_at_work(office, batch.owner):
        raise Refused("office-busy")
    return batch


def is_spent(office: Office) -> bool:
    """Whether there is a note of a batch of which nothing is left: it was cut off when all was made."""
    try:
        batch = _read(office)
    except MachineFailed:
        return False
    return batch is not None and not is_at_work(office, batch.owner) and not left_of(office, batch)


def left_of(office: Office, batch: Batch) -> tuple[AdministrationNumber, ...]:
    """What of it was not made."""
    with office.reading() as connection:
        made = {one.administration for one in backups.made(connection) if one.id > batch.after and one.purpose == batch.purpose}
    return tuple(number for number in batch.numbers if number not in made)


def _read(office: Office) -> Batch | None:
    if not note_of(office).is_file():
        return None
    try:
        note = json.loads(safe_files.read_whole(note_of(office), _LARGEST))
        numbers = tuple(AdministrationNumber(number) for number in note.pop("numbers"))
        return Batch(numbers=numbers, folder=Path(note.pop("folder")), **note)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MachineFailed("office-damaged", what=_FILE) from error
