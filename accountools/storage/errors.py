"""Errors of databases as ours. Nothing above `storage` catches an error of sqlite3 or SQLAlchemy.

They are recognised by the name of their module, so that who only needs a message for an OSError doesn't load them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.obstacle import Part

MACHINE_ERRORS = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM")  # the machine's fault, not the database's
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")  # the latter: no room for the index of the WAL
_NOT_PERMITTED = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")
_TOO_LONG = "SQLITE_TOOBIG"
_ROW_MISSING = ("NoResultFound", "MultipleResultsFound")


class OfficeBusy(Refused):
    """`office-busy`: another program held the database for too long. Trying the next administration would wait as long."""

    def __init__(self) -> None:
        super().__init__("office-busy")


@contextmanager
def translated_errors(path: Path | None = None) -> Iterator[None]:
    """Raise a database's errors in the block as ours; `path` is the database that messages name."""
    try:
        yield
    except Exception as error:
        ours = translate_database_error(error, path)
        if ours is None:
            raise
        raise ours from error


def translate_database_error(error: BaseException, path: Path | None = None) -> AccountoolsError | None:
    """An error of a database as one of ours, None for any other error.

    `office-busy` (an `OfficeBusy`), `text-too-long`, `disk-full`, `not-permitted`, `machine-failed`, or `office-damaged` when the
    database doesn't hold what it must.
    """
    if type(error).__module__ == "sqlalchemy.exc":
        if type(error).__name__ in _ROW_MISSING:
            return MachineFailed("office-damaged", what=Part.ROW)
        error = getattr(error, "orig", None) or error
    if type(error).__module__ != "sqlite3":
        return None
    name = str(getattr(error, "sqlite_errorname", ""))
    known: dict[str, Any] = {} if path is None else {"path": path}
    if name.startswith(_BUSY):
        return OfficeBusy()
    if name == _TOO_LONG:
        return Refused("text-too-long", what=path.name if path else "")
    for names, code in ((_FULL, "disk-full"), (_NOT_PERMITTED, "not-permitted")):
        if name.startswith(names):
            return MachineFailed(code, **known)
    machine = name.startswith(MACHINE_ERRORS)
    return MachineFailed("machine-failed", what=f"{error} ({name})") if machine else MachineFailed("office-damaged", what=f"“{error}”")
