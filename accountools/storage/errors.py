"""Errors of databases as ours. Nothing above `storage` catches an error of sqlite3, psycopg or SQLAlchemy.

They are recognised by the name of their module, so that who only needs a message for an OSError doesn't load them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Part
from accountools.file_users import find_user

MACHINE_ERRORS = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_NOMEM")  # the machine's fault, not the database's
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")  # the latter: no room for the index of the WAL
_NOT_PERMITTED = ("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")
_TOO_LONG = "SQLITE_TOOBIG"
_SERVER = (  # by the beginning of PostgreSQL's error code (its manual, appendix A); the first that fits counts
    (("55P03", "40001", "40P01", "53300"), "office-busy"),
    (("08", "57P", "53400"), "database-away"),
    (("53100",), "disk-full"),
    (("42501", "28", "25006"), "not-permitted"),
    (("53", "58", "57014", "25P03"), "machine-failed"),  # the latter two: the server gave up a statement or transaction that took too long
)
_DAMAGES = {"SQLITE_NOTADB": Part.NOT_A_DATABASE, "SQLITE_CORRUPT": Part.DATABASE}
_ROW_MISSING = ("NoResultFound", "MultipleResultsFound")


class OfficeBusy(Refused):
    """`office-busy`: another program held the database for too long. Trying the next administration would wait as long.

    `by` is who it is, where that is known.
    """

    def __init__(self, by: str = "") -> None:
        known: dict[str, Any] = {"by": by} if by else {}
        super().__init__("office-busy", **known)


class BooksDamaged(AccountoolsError):
    """`office-damaged`: the books of one administration can't be read. It concerns these, and says nothing of the register or of others."""

    exit_code = 4

    def __init__(self, number: AdministrationNumber, what: object) -> None:
        super().__init__("office-damaged", number=number, what=what)


@contextmanager
def damage_of(number: AdministrationNumber, path: Path | None = None) -> Iterator[None]:
    """Raise as `BooksDamaged` what keeps the books of `number` from being read in the block; `path` is their file, if they have one."""
    try:
        yield
    except (MachineFailed, OSError) as error:
        facts = dict(error.reason.facts) if isinstance(error, MachineFailed) and error.code == "office-damaged" else {}
        what = facts.get("what") or (path and _find_read_fault(path))  # a disk that is full, or a folder, is no fault of theirs
        if what is None:
            raise
        raise BooksDamaged(number, what) from error


def _find_read_fault(path: Path) -> str | None:
    faults = (safe_files.find_read_fault(one) for one in (path, Path(f"{path}-wal")))
    return next((describe_fault(fault) for fault in faults if fault is not None), None)


def describe_fault(error: OSError) -> str:
    """What the system says of a file that it doesn't let read."""
    return f"“{error.strerror or error}”"


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

    `office-busy` (an `OfficeBusy`), `text-too-long`, `disk-full`, `not-permitted`, `machine-failed`, `database-away`, or
    `office-damaged` when the database doesn't hold what it must.
    """
    if type(error).__module__ == "sqlalchemy.exc":
        if type(error).__name__ in _ROW_MISSING:
            return MachineFailed("office-damaged", what=Part.ROW)
        if type(error).__name__ == "TimeoutError":  # all connections of the pool are at work
            return OfficeBusy()
        error = getattr(error, "orig", None) or error
    if type(error).__module__.partition(".")[0] == "psycopg":
        return _translate_server_error(error)
    return _translate_sqlite_error(error, path) if type(error).__module__ == "sqlite3" else None


def _translate_sqlite_error(error: BaseException, path: Path | None) -> AccountoolsError:
    name = str(getattr(error, "sqlite_errorname", ""))
    known: dict[str, Any] = {} if path is None else {"path": path}
    if name.startswith(_BUSY):
        return OfficeBusy(find_user(path) if path else "")
    if name == _TOO_LONG:
        return Refused("text-too-long", what=path.name if path else "")
    for names, code in ((_FULL, "disk-full"), (_NOT_PERMITTED, "not-permitted")):
        if name.startswith(names):
            return MachineFailed(code, **known)
    if name.startswith(MACHINE_ERRORS):
        return MachineFailed("machine-failed", what=f"{error} ({name})")
    return MachineFailed("office-damaged", what=_DAMAGES.get(name, f"“{error}”"))


def _translate_server_error(error: BaseException) -> AccountoolsError:
    """Of an error of psycopg. What it says is of the server or of libpq, which name no password."""
    state = str(getattr(error, "sqlstate", None) or "")
    code = next((code for states, code in _SERVER if state.startswith(states)), "office-damaged")
    if not state:  # the driver's own: it can't know that anything is wrong with the office
        code = "machine-failed"
        if type(error).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}:
            code = "not-permitted" if _was_refused(error) else "database-away"
    if code == "office-busy":
        return OfficeBusy()
    message = str(error).partition("\n")[0]
    if code in {"machine-failed", "database-away"}:
        return MachineFailed(code, what=message)
    return MachineFailed(code, what=f"“{message}”") if code == "office-damaged" else MachineFailed(code)


def _was_refused(error: BaseException) -> bool:
    """Whether the server answered, and wanted a password that it wasn't given, or another one."""
    connection = getattr(error, "pgconn", None)
    return connection is not None and bool(connection.needs_password or connection.used_password)
