"""The files of an office's folder that are the program's own: no command writes another file in their place.

Whose folder a path lies in shows from the path alone, so this holds of every office, also for commands that open none.
"""

from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import Refused

REGISTER, BOOKS, WORK, INBOX = "register.db", "administrations", "work", "inbox"
BACKUP_KEY, TRUST, BATCH, VERDICTS, SETTINGS = "backup-key.pem", "trust.jwks", "batch.json", "verdicts", "settings.json"
MOVE = "unfinished-move.json"  # while an office is being moved into the folder: there is no register yet
LEAVING = "leaving.json"  # from when the office is about to be elsewhere until it is: the place
_FILES, _FOLDERS = (REGISTER, BACKUP_KEY, TRUST, BATCH, VERDICTS, SETTINGS, MOVE, LEAVING), (BOOKS, WORK)
FORMER = ".former"  # the ending of a file as it was, until the event is committed
_REPORTS = (".csv", ".xlsx", ".html", ".png", ".svg")  # what may be written over in an office's folder


def find_register(path: Path) -> Path | None:
    """The register of the office in whose folder a file lies, whatever office that is; None for a file that lies in none."""
    folder = path.parent.resolve()
    offices = (one for one in (folder, *folder.parents) if (one / BOOKS).is_dir())
    return next((one / REGISTER for one in offices if (one / REGISTER).is_file()), None)


def replace_recorded(path: Path, data: bytes) -> None:
    """Replace a file in the transaction that records it; what it was is kept until the next opening knows whether that was committed."""
    if path.is_file():
        safe_files.write_over(path.with_name(path.name + FORMER), path.read_bytes())
    safe_files.write_over(path, data)


def validate_output(path: Path) -> None:
    """Validate, before anything is written, a path that was asked for: of a file or of a folder.

    Raises `file-exists` when it is an office's own, or a device, and `usage` for the home of someone unknown.
    """
    path = safe_files.absolute(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise Refused("file-exists", path=path)
    folder = path.parent.resolve()
    office = next((one for one in (folder, *folder.parents) if (one / REGISTER).is_file() or (one / BACKUP_KEY).is_file()), None)
    if office is not None and _is_own(path, (folder / path.name).relative_to(office)):
        raise Refused("file-exists", path=path, office=office)


def validate_folder(folder: Path) -> None:
    """Validate a folder to write to, which is there or can be made.

    Raises `file-exists` as `validate_output`, and `file-not-found` (a stick that isn't in, a name mistyped).
    """
    validate_output(folder)
    if not folder.is_dir() and not (folder.parent.is_dir() and not folder.exists()):
        raise Refused("file-not-found", path=folder, folder=folder)


def _is_own(path: Path, within: Path) -> bool:
    first, *below = (part.casefold() for part in within.parts)  # on some systems a name has many spellings
    if first in _FOLDERS or (not below and (first in _FILES or first.startswith(REGISTER))):
        return True
    return path.is_file() and (first == INBOX or not is_report(path))


def is_report(path: Path) -> bool:
    """Whether a file may be written over by a report: by its name it is one itself."""
    return path.suffix.casefold() in _REPORTS
