"""A move between the last event at the old place and the first at the new one: neither is an office at work then.

A file in the office's own folder says so meanwhile. Interrupted there, the same command goes on at the new place. If what it made there is
gone, the file is how it is known that nobody ever worked there, so that the move may begin again.
"""

import json
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import AccountoolsError
from accountools.operations.session import Session
from accountools.storage.address import is_url
from accountools.storage.engines import engine_at
from accountools.storage.sqlite.office_files import LEAVING

_LARGEST = 1 << 16


def begin(folder: Path, place: str) -> None:
    """Note that the office of this folder is about to be at another place."""
    safe_files.write_over(folder / LEAVING, json.dumps({"to": place}).encode())


def end(folder: Path) -> None:
    """It is there, and works."""
    if (folder / LEAVING).exists():
        safe_files.discard(folder / LEAVING)
        safe_files.sync_folder(folder)


def find_given_up(session: Session) -> Path | None:
    """The file, in an office that never left: the move was interrupted in between, and the office is at work where it was."""
    path = session.office.folder / LEAVING
    return path if path.exists() and session.moved_to is None else None


def is_lost(folder: Path, place: str) -> bool:
    """Whether the move to `place` was interrupted before there was an office, and nothing is left there: no office, and no move.

    A place that can't be reached, such as a server that is away or a stick that was pulled out, is not known to be empty.
    """
    try:
        noted = json.loads(safe_files.read_whole(folder / LEAVING, _LARGEST))
        if noted != {"to": place} or not (is_url(place) or Path(place).parent.is_dir()):
            return False
        engine = engine_at(place)
        return not engine.exists() and engine.unfinished_move() is None
    except (AccountoolsError, OSError, ValueError):
        return False
