"""Whatever went wrong, as one of our errors: with a code, a sentence and a remedy. For the doors: the command line and the forms."""

import errno
import sys

from accountools.domain.errors import AccountoolsError, MachineFailed, Refused


def explain(error: BaseException) -> AccountoolsError:
    """An error of the system or the database as one of ours; anything else is a fault in the program, told as such."""
    if isinstance(error, AccountoolsError):
        return error
    if isinstance(error, OSError):
        return _explain_system(error)
    module = sys.modules.get("sqlalchemy.exc")
    if module is not None and isinstance(error, module.DBAPIError):
        error = error.orig or error
    if type(error).__module__ == "sqlite3":
        return _explain_sqlite(error)
    return MachineFailed("internal-error", what=f"{type(error).__name__}: {error}")


def _explain_system(error: OSError) -> AccountoolsError:
    path = error.filename or ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return MachineFailed("disk-full", path=path)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return MachineFailed("not-permitted", path=path)
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL}:
        return Refused("file-not-found", path=path)
    return MachineFailed("machine-failed", what=str(error))


def _explain_sqlite(error: BaseException) -> AccountoolsError:
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Refused("office-busy")
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")):  # the latter: no room for the index of the WAL
        return MachineFailed("disk-full", path="")
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")):
        return MachineFailed("not-permitted", path="")
    if name.startswith("SQLITE_IOERR"):
        return MachineFailed("machine-failed", what=f"{error} ({name})")
    return MachineFailed("office-damaged", what=str(error))
