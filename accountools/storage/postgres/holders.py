"""Who holds what others wait for, an advisory lock or the books of an administration: the database's user and the server's process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.storage.errors import OfficeBusy, translated_errors
from accountools.storage.postgres.connections import reading

_PROCESSES = "SELECT l.pid FROM pg_locks AS l WHERE l.granted AND l.pid <> pg_backend_pid() AND "
_ADVISORY = (  # a key of 64 bits: the view has it in two halves
    "l.locktype = 'advisory' AND l.objsubid = 1 AND (l.classid::bigint << 32) | l.objid::bigint = :lock"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1"
)
_OF_BOOKS = (  # who locked a row is in its xmax, and holds the lock of that transaction
    "l.locktype = 'transactionid' AND l.transactionid = (SELECT xmax FROM held_books WHERE number = :number) LIMIT 1"
)
_USERS = "SELECT usename || ' (pid ' || pid || ')' FROM pg_stat_activity WHERE pid = "
_HELD = sa.text(_PROCESSES + _ADVISORY)
_HOLDER, _HOLDER_OF_BOOKS = (sa.text(f"{_USERS} ({_PROCESSES} {which})") for which in (_ADVISORY, _OF_BOOKS))


def is_held(connection: sa.Connection, lock: int) -> bool:
    """Whether somebody holds an advisory lock: it isn't tried, as two who do that at once would take each other for holders."""
    return find_process(connection, lock) is not None


def find_process(connection: sa.Connection, lock: int) -> int | None:
    """The server's process that holds an advisory lock, for somebody else's connection."""
    found: int | None = connection.execute(_HELD, {"lock": lock}).scalar()
    return found


def find_holder(database: sa.Engine, lock: int) -> str:
    """The user who holds an advisory lock; empty when it is free by now."""
    return _find(database, _HOLDER, {"lock": lock})


def find_holder_of_books(database: sa.Engine, number: AdministrationNumber) -> str:
    """The user who is changing the books of an administration; empty when nobody is by now."""
    return _find(database, _HOLDER_OF_BOOKS, {"number": int(number)})


def _find(database: sa.Engine, asked: sa.TextClause, values: dict[str, Any]) -> str:
    with suppress(AccountoolsError), reading(database) as connection:
        return str(connection.execute(asked, values).scalar() or "")
    return ""


@contextmanager
def naming(find: Callable[[], str]) -> Iterator[None]:
    """Let `office-busy` name whom `find` finds: whoever waits too long within the block sees for whom."""
    try:
        with translated_errors():
            yield
    except OfficeBusy as error:
        raise OfficeBusy(find()) from error
