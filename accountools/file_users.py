"""Who has a file open: to say who keeps others waiting."""

import os
from contextlib import suppress
from pathlib import Path


def find_user(*paths: Path) -> str:
    """The login and process of somebody else who has one of these files open; empty when nobody is found.

    The system lets nobody but root look into other people's processes, so it may be that one isn't found.
    """
    import psutil

    wanted = {os.path.realpath(path) for path in paths}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # it may end meanwhile
            if process.pid != os.getpid() and any(os.path.realpath(one.path) in wanted for one in process.open_files()):
                return f"{process.username()} (pid {process.pid})"
    return ""
