"""A folder of one's own within the office to work in, under a lock that ends with the process: who finds it unlocked may clear it."""

import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from accountools.failpoints import reach
from accountools.operations.session import Office

P = ParamSpec("P")
T = TypeVar("T")
_NAME = re.compile(r"[0-9a-f]{16}")


@contextmanager
def workdir(office: Office) -> Iterator[Path]:
    """A private folder under the office's `work/`, removed afterwards whatever happens."""
    from filelock import FileLock

    folder = office.engine.work_folder / secrets.token_hex(8)
    try:
        with FileLock(f"{folder}.lock", mode=0o600):
            reach("before-work-folder")
            folder.mkdir(mode=0o700)
            try:
                reach("after-work-folder")
                yield folder
            finally:
                reach("before-clear-work-folder")
                shutil.rmtree(folder, ignore_errors=True)
                reach("after-clear-work-folder")
    finally:
        Path(f"{folder}.lock").unlink(missing_ok=True)


def in_workdir(operation: Callable[Concatenate[Office, P], T]) -> Callable[Concatenate[Office, P], T]:
    """An operation that holds a workdir while it runs: by which `repair` knows that what it makes isn't a leftover."""

    @wraps(operation)
    def run(office: Office, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with workdir(office):
            return operation(office, *args, **kwargs)

    return run


@contextmanager
def job_folder(work: Path) -> Iterator[Path]:
    """A private folder for one job in the workdir of who handed it out, removed afterwards whatever happens."""
    folder = work / secrets.token_hex(8)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_in_use(office: Office, name: str | None) -> bool:
    """Whether the process that made the workdir `name` is still running: its lock is held as long as that lives."""
    from filelock import FileLock, Timeout

    if name is None or not _NAME.fullmatch(name):  # one with a path in it would be another's lock
        return False
    lock = office.engine.work_folder / f"{name}.lock"
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def workdir_anywhere(office: Office | None) -> Iterator[Path]:
    """The office's workdir, or a temporary folder where there is no office."""
    if office is not None:
        with workdir(office) as folder:
            yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="accountools-") as name:
            yield Path(name)
