"""A folder of one's own within the office to work in, under a lock that ends with the process: who finds it unlocked may clear it."""

import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.file_users import find_user
from accountools.operations.session import Office, Session
from accountools.storage.errors import OfficeBusy
from accountools.storage.temporary_folders import clear_temporary_folders, locked_folder, temporary_folder

P = ParamSpec("P")
T = TypeVar("T")
_NAME = re.compile(r"[0-9a-f]{16}")
_UPLOAD = "upload-"
_LEFT_TO_OTHERS = ("office-busy", "not-permitted", "office-moved")  # whoever can finishes it: who only reads needs none of it
_MOMENT, _MOMENTS = 0.01, 1000  # seconds between two looks for books that are being replaced; how often


@contextmanager
def workdir(office: Office) -> Iterator[Path]:
    """A private folder under the office's `work/`, removed afterwards whatever happens.

    What it is for goes by the office's own books: those whose replacement was interrupted are put back first.
    """
    with left_to_others(), office.session() as session:
        undo_interrupted_replacements(session)
    name = secrets.token_hex(8)
    with office.engine.working(name), locked_folder(office.engine.work_folder / name) as folder:
        yield folder


@contextmanager
def upload_folder(office: Office) -> Iterator[Path]:
    """A private folder for a file that lies on a screen, removed afterwards. It is kept from `repair`, but nobody waits for it."""
    with locked_folder(office.engine.work_folder / f"{_UPLOAD}{secrets.token_hex(8)}") as folder:
        yield folder


def is_held_upload(path: Path) -> bool:
    """Whether this is in the work folder for a file that lies on a screen: the folder, or its lock."""
    return path.name.startswith(_UPLOAD) and _is_held(path.with_suffix(".lock"))


def in_workdir(operation: Callable[Concatenate[Office, P], T]) -> Callable[Concatenate[Office, P], T]:
    """An operation that holds a workdir while it runs: by which `repair` knows that what it makes isn't a leftover."""

    @wraps(operation)
    def run(office: Office, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with workdir(office):
            return operation(office, *args, **kwargs)

    return run


@contextmanager
def job_folder(work: Path) -> Iterator[Path]:
    """A private folder for one job, removed afterwards whatever happens.

    It is in the workdir of who handed the job out; on another machine, which doesn't have that, among the temporary files there.
    """
    if not os.path.isdir(work):  # noqa: PTH112 - false also where it may not be looked for
        with workdir_anywhere(None) as folder:
            yield folder
        return
    folder = work / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_in_use(office: Office, name: str | None) -> bool:
    """Whether the process that made the workdir `name` is still running, on whatever machine: its lock is held as long as that lives."""
    if name is None or not _NAME.fullmatch(name):  # one with a path in it would be another's lock
        return False
    return _is_held(office.engine.work_folder / f"{name}.lock") or office.engine.is_working(name)


def _is_held(lock: Path) -> bool:
    from filelock import FileLock, Timeout

    try:
        with suppress(FileNotFoundError):
            there = lock.stat()
            with FileLock(lock, timeout=0):
                if not os.path.samestat(lock.stat(), there):  # it was removed just now, and made again by asking for it
                    lock.unlink()
    except Timeout:
        return True
    return False


def is_busy(office: Office) -> bool:
    """Whether another program makes or restores backups in the office, here or elsewhere."""
    return office.engine.is_busy() or any(is_in_use(office, lock.stem) for lock in _list_locks(office))


def _list_locks(office: Office) -> list[Path]:
    return [lock for lock in office.engine.work_folder.glob("*.lock") if _NAME.fullmatch(lock.stem)]


def find_worker(office: Office, name: str | None = None) -> str:
    """Who holds the workdir `name`, or any, as the system knows them; empty when that can't be said."""
    locks = _list_locks(office) if name is None else [office.engine.work_folder / f"{name}.lock"]
    return find_user(*locks) or office.engine.find_worker(name)


@contextmanager
def left_to_others() -> Iterator[None]:
    """Finish in the block what an interruption left, if that can be done now."""
    try:
        yield
    except AccountoolsError as error:
        if error.code not in _LEFT_TO_OTHERS:
            raise


def undo_interrupted_replacements(session: Session) -> None:
    """Put back the books of which the replacement was interrupted: nobody holds the workdir any more of who began it.

    That is a transaction of its own that changes the register; `session` only reads.
    """
    office = session.office
    for number, owner in office.engine.unfinished_replacements(session.connection):
        if not is_in_use(office, owner):
            office.engine.undo_replacement(number, owner)


def wait_for_books(office: Office, *numbers: AdministrationNumber) -> None:
    """Wait while others take the place of these books: until that is recorded they may be taken away again. Raises `office-busy`.

    A replacement that was interrupted is undone. Not within a transaction that changes the register: whoever replaces them needs it.
    """
    owners = list[str | None]()
    for _ in range(_MOMENTS):
        with office.session() as session:
            replacing = [owner for number, owner in office.engine.unfinished_replacements(session.connection) if number in numbers]
            if replacing:
                with left_to_others():
                    undo_interrupted_replacements(session)
        owners = [owner for owner in replacing if is_in_use(office, owner)]
        if not owners:
            return
        time.sleep(_MOMENT)
    raise OfficeBusy(find_worker(office, owners[0]))


@contextmanager
def workdir_anywhere(office: Office | None) -> Iterator[Path]:
    """The office's workdir, or a temporary folder where there is no office. What a killed program left in such folders is removed first."""
    clear_temporary_folders()
    with temporary_folder() if office is None else workdir(office) as folder:
        yield folder
