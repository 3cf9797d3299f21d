"""An office that is being moved into a folder, or was moved out of one.

While it is being moved in there is no register, which makes an office; a file says what is being moved. It went elsewhere when the
last event of its journal says so.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.storage.address import is_url
from accountools.storage.engine import Engine, UnfinishedMove
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import journal
from accountools.storage.sqlite.connections import create_engine, transaction
from accountools.storage.sqlite.office_files import LEAVING, MOVE, find_register

_LARGEST = 1 << 16


def find_move(folder: Path) -> UnfinishedMove | None:
    """What is being moved into a folder. Raises `office-damaged` when the file that says so can't be read."""
    path = folder / MOVE
    if not path.is_file():
        return None
    try:
        found = json.loads(safe_files.read_whole(path, _LARGEST))
        return UnfinishedMove(str(found["journal"]), str(found["source"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MachineFailed("office-damaged", what=MOVE) from error


def validate_no_move(folder: Path) -> None:
    """Raise `move-unfinished` when an office is being moved into a folder."""
    move = find_move(folder)
    if move is not None:
        raise Refused("move-unfinished", path=folder, source=move.source)


@contextmanager
def receiving(folder: Path, move: UnfinishedMove) -> Iterator[None]:
    """Within the block this program alone moves an office into the folder. Raises `move-unfinished` for another, `office-busy`."""
    from filelock import FileLock, Timeout

    safe_files.make_folder(folder)
    lock = FileLock(folder / f".{MOVE}.lock", timeout=0, mode=safe_files.PRIVATE)
    try:
        lock.acquire()
    except Timeout as error:
        raise OfficeBusy from error
    try:
        found = find_move(folder)
        if found is None:
            safe_files.write_over(folder / MOVE, json.dumps(vars(move)).encode())
        elif found.journal != move.journal:
            validate_no_move(folder)
        yield
    finally:
        with suppress(OSError):
            Path(lock.lock_file).unlink()
        lock.release()


def end_move(folder: Path) -> None:
    """Remove the file, when there is a register; and the one at a folder that the office came from, by which the move could begin again."""
    if (folder / MOVE).exists():
        with suppress(AccountoolsError, OSError):  # the folder may be out of reach
            move = find_move(folder)
            if move is not None and not is_url(move.source):
                safe_files.discard(Path(move.source) / LEAVING)
                safe_files.sync_folder(Path(move.source))  # before the file here goes: without that nobody would remove the other again
        safe_files.discard(folder / MOVE)
        safe_files.sync_folder(folder)


def is_in_another_office(path: Path, own: Path | None, engine: Engine) -> bool:
    """Whether a file lies in another office's folder than that of the register `own`, and that one wasn't moved here, to `engine`.

    By whatever places in between: of an office that was moved here the journal goes on with that of each place it was at. A copy of the
    office at another place has the same journal.
    """
    register = find_register(path)
    if register is None or (own is not None and own.is_file() and register.samefile(own)):
        return False
    with suppress(AccountoolsError), transaction(create_engine(register), "BEGIN") as there, engine.reading() as here:
        end = journal.head(there)
        moved = journal.find_moved_to(there) is not None and journal.hash_at(here, end.length) == end.hash
        return not (moved and journal.has_arrived(here, str(engine.place), engine.maker()))
    return True
