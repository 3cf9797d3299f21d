"""A batch of backups that may be cut off: what was planned stands in a file of the office's until all of it is made.

What was made of it is not written there: the register knows. A passphrase is kept nowhere; only that there was one.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import MachineFailed
from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.destination import Destination
from accountools.operations.office import Office
from accountools.storage import backups

_FILE = "batch.json"
_LARGEST = 16 << 20


@dataclass(frozen=True)
class Batch:
    """Hand-overs that were planned together. `after` is the last backup that the register knew when it began."""

    numbers: tuple[AdministrationNumber, ...]
    after: int
    folder: Path
    recipient: str | None
    by_passphrase: bool
    plain: bool
    rehearse: bool

    def destination(self, passphrase: str | None) -> Destination:
        """Where it goes and to whom it is encrypted, as before."""
        return Destination(self.folder, self.recipient, passphrase if self.by_passphrase else None, self.plain)


def begin(office: Office, numbers: Iterable[AdministrationNumber], folder: Path, destination: Destination, *, rehearse: bool) -> None:
    """Note what is going to be made, durably, before the first is."""
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
    }
    safe_files.write_over(office.folder / _FILE, json.dumps(note).encode())


def end(office: Office) -> None:
    """Nothing is left to be made."""
    safe_files.discard(office.folder / _FILE)
    safe_files.sync_folder(office.folder)


def is_noted(office: Office) -> bool:
    """Whether a batch is being made, or was cut off."""
    return (office.folder / _FILE).is_file()


def cut_off(office: Office) -> Batch | None:
    """The last batch, if it wasn't ended, or None. Raises `office-damaged` for a note that can't be read."""
    if not is_noted(office):
        return None
    try:
        note = json.loads(safe_files.read_whole(office.folder / _FILE, _LARGEST))
        numbers = tuple(AdministrationNumber(number) for number in note.pop("numbers"))
        return Batch(numbers=numbers, folder=Path(note.pop("folder")), **note)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MachineFailed("office-damaged", what=_FILE) from error


def left_of(office: Office, batch: Batch) -> tuple[AdministrationNumber, ...]:
    """What of it was not made."""
    with office.reading() as connection:
        made = {one.administration for one in backups.made(connection) if one.id > batch.after and one.purpose == "handover"}
    return tuple(number for number in batch.numbers if number not in made)
