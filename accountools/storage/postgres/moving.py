"""An office that is being moved to a server: its tables are there, with one more that says so, and no office in them yet."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from accountools.domain.errors import MachineFailed, Refused
from accountools.storage.engine import UnfinishedMove
from accountools.storage.errors import OfficeBusy, translated_errors
from accountools.storage.migrations import migrate
from accountools.storage.postgres import roles
from accountools.storage.postgres.connections import has_tables
from accountools.storage.postgres.holders import find_process
from accountools.storage.postgres.tables import ALL, SCHEMA, unfinished_move

_MOVE_LOCK = 0x41434233  # of the database's advisory locks: whoever moves an office here


def find_move(connection: sa.Connection) -> UnfinishedMove | None:
    """What is being moved here; None when nothing is."""
    if not has_tables(connection, unfinished_move.name):
        return None
    return UnfinishedMove(*connection.execute(sa.select(unfinished_move.c.journal, unfinished_move.c.source)).one())


def validate_free(connection: sa.Connection, place: str) -> None:
    """Validate that there is no office, and none on its way. Raises `office-exists`, `move-unfinished`."""
    move = find_move(connection)
    if move is not None:
        raise Refused("move-unfinished", path=place, source=move.source)
    if has_tables(connection):
        raise Refused("office-exists", path=place)


def make_tables(connection: sa.Connection) -> None:
    """Make the tables of an office, and who may do what with them."""
    connection.execute(sa.schema.CreateSchema(SCHEMA, if_not_exists=True))
    migrate.create(connection, *ALL)
    roles.grant(connection)


def begin(connection: sa.Connection, move: UnfinishedMove, place: str) -> None:
    """Begin to receive an office, or go on. Raises as `validate_free` when it is another, and `office-newer`."""
    found = find_move(connection)
    if found is None or found.journal != move.journal:
        validate_free(connection, place)
        make_tables(connection)
        unfinished_move.create(connection)
        connection.execute(sa.insert(unfinished_move).values(vars(move)))
        connection.exec_driver_sql(f"GRANT SELECT ON {SCHEMA}.{unfinished_move.name} TO PUBLIC")
    elif migrate.is_old(connection):
        migrate.upgrade(connection, "server")
        roles.grant(connection)


def end(connection: sa.Connection) -> None:
    """From the end of this transaction on there is an office."""
    unfinished_move.drop(connection)


@contextmanager
def alone(database: sa.Engine) -> Iterator[int]:
    """Within the block nobody else moves an office here: a lock that ends with its connection. Gives the server's process that holds it.

    Raises `office-busy`.
    """
    with translated_errors(), database.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(_MOVE_LOCK))).scalar_one():
            raise OfficeBusy
        try:
            yield connection.execute(sa.select(sa.func.pg_backend_pid())).scalar_one()
        finally:
            with suppress(sa.exc.DBAPIError):  # without its connection the lock is gone already
                connection.execute(sa.select(sa.func.pg_advisory_unlock(_MOVE_LOCK)))


def validate_alone(connection: sa.Connection, mover: int | None) -> None:
    """Validate that `mover`, as `alone` gave it, still holds the lock: another may move an office here by now. Raises `database-away`."""
    if mover is None or find_process(connection, _MOVE_LOCK) != mover:
        raise MachineFailed("database-away")
