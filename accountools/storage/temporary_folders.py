"""Private folders under a lock that ends with the process: who finds it unlocked may clear them. Imports nothing that takes time."""

import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from accountools.failpoints import reach

_PREFIX = "accountools-"


@contextmanager
def locked_folder(folder: Path) -> Iterator[Path]:
    """Make a private folder and hold its lock in the block; both are removed afterwards whatever happens."""
    from filelock import FileLock

    try:
        with FileLock(f"{folder}.lock", mode=0o600, thread_local=False):  # a screen may leave it in another thread
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
        with suppress(OSError):  # what was done is done; `repair`, or the next program, removes it
            Path(f"{folder}.lock").unlink()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Such a folder among the temporary files of this machine."""
    with locked_folder(Path(tempfile.gettempdir()) / f"{_PREFIX}{secrets.token_hex(8)}") as folder:
        yield folder


def clear_temporary_folders() -> None:
    """Remove the folders of programs that were killed: nobody holds their locks."""
    from filelock import FileLock, Timeout

    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*.lock"):
        if not re.fullmatch(rf"{_PREFIX}[0-9a-f]{{16}}\.lock", lock.name) or not _is_ours(lock):
            continue
        with suppress(Timeout, FileNotFoundError), FileLock(lock, timeout=0, mode=0o600):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            if not lock.with_suffix("").exists():
                lock.unlink(missing_ok=True)


def _is_ours(path: Path) -> bool:
    """Whether it is a file of this user: the folder is everybody's."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and (not hasattr(os, "getuid") or found.st_uid == os.getuid())
