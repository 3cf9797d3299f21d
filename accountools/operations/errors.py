"""Any exception as one of our errors, with a code, a sentence and a remedy: for the command line and the forms."""

import errno

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


def translate_error(error: BaseException) -> AccountoolsError:
    """An error of the system or of a database as one of ours; anything else is a fault in the program (`internal-error`)."""
    if isinstance(error, AccountoolsError):
        return error
    if isinstance(error, OSError):
        known = {} if error.filename is None else {"path": error.filename}
        if error.errno in _FULL:
            return MachineFailed("disk-full", **known)
        if error.errno in _NOT_PERMITTED:
            return MachineFailed("not-permitted", **known)
        if error.errno in _NO_FILE and known:
            return Refused("file-not-found", **known)
        return MachineFailed("machine-failed", what=str(error))
    return translate_database_error(error) or InternalError("internal-error", what=f"{type(error).__name__}: {error}")
