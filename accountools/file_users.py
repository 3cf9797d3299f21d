"""Who has a file open: to say who keeps others waiting."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def find_user(*paths: Path) -> str:
    """The login and process of the one other program that has one of these files open; empty when none is found, or more than one.

    The system lets nobody but root look into other people's processes, and Windows nobody quickly.
    """
    with suppress(OSError):
        found = list(_users(paths)) if paths and sys.platform != "win32" else []
        return found[0] if len(found) == 1 else ""
    return ""


def _users(paths: tuple[Path, ...]) -> Iterator[str]:
    import psutil

    wanted = {os.path.realpath(path) for path in paths}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # it may end meanwhile
            if process.pid != os.getpid() and not wanted.isdisjoint(one.path for one in process.open_files()):
                yield f"{process.username()} (pid {process.pid})"
