"""Any exception as one of our errors, with a code, a sentence and a remedy: for the command line and the forms."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.storage.errors import translate_database_error

DEBUG = "ACCOUNTOOLS_DEBUG"
INTERRUPTIONS = (KeyboardInterrupt, SystemExit, GeneratorExit)  # no errors, though they are raised; a library's panic is one
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_PERMITTED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FILE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL}


class InternalError(AccountoolsError):
    """`internal-error`: a fault in the program, or a panic of a library. It concerns what was being done, and nothing after it."""

    exit_code = 4


class UnreadableFile(AccountoolsError):
    """One of the files that were given can't be read: by the code of why. It concerns that file, and nothing after it."""

    exit_code = 4


@contextmanager
def faults_of_file(path: Path) -> Iterator[None]:
    """Raise an error of the system in the block as an `UnreadableFile` if it is that this file can't be read."""
    try:
        yield
    except OSError as error:
        fault = safe_files.find_read_fault(path)
        if fault is None:
            raise
        reason = translate_error(fault).reason
        raise UnreadableFile(reason.code, (), **dict(reason.facts)) from error


def translate_error(error: BaseException) -> AccountoolsError:
    """An error of the system or of a database as one of ours; anything else is a fault in the program (`internal-error`)."""
    if isinstance(error, AccountoolsError):
        return error
    if isinstance(error, OSError):
        known = _names(error)
        if error.errno in _FULL:
            return MachineFailed("disk-full", **known)
        if error.errno in _NOT_PERMITTED:
            return MachineFailed("not-permitted", **known)
        if error.errno in _NO_FILE and known:
            return Refused("file-not-found", **known)
        return MachineFailed("machine-failed", what=str(error))
    return translate_database_error(error) or InternalError("internal-error", what=f"{type(error).__name__}: {error}")


def _names(error: OSError) -> dict[str, Any]:
    """The path that an error is about, as a fact: that of a file under its temporary name is its folder. None where it names none."""
    name = error.filename2 or error.filename
    if not isinstance(name, str | bytes) or not name:  # a number is an open file
        return {}
    path = Path(os.fsdecode(name))
    return {"path": path.parent, "folder": path.parent} if safe_files.is_temporary(path) else {"path": path}
