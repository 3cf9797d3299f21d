"""An office on a PostgreSQL server: everything in one schema, changed by transactions alone.

What an interruption leaves is rows that no administration has; nothing of it is ever half there. Changes of the register wait for one
another (an advisory lock, released with the transaction), changes of books only for those of the same books.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.storage import schema
from accountools.storage.address import Address
from accountools.storage.engine import Engine, PreparedBooks, UnfinishedMove, Write
from accountools.storage.errors import translated_errors
from accountools.storage.image import write
from accountools.storage.migrations import migrate
from accountools.storage.postgres import cluster, copying, moving, roles
from accountools.storage.postgres.books import BooksTables, publish
from accountools.storage.postgres.connections import changing, engine_for, has_tables, reading
from accountools.storage.postgres.holders import find_holder, is_held, naming
from accountools.storage.postgres.tables import SCHEMA, held_books, trusted
from accountools.storage.register import journal
from accountools.storage.sqlite.moving import is_in_another_office
from accountools.storage.sqlite.office_files import WORK

_MAKER = sa.text("SELECT concat_ws(' ', datname, oid, to_regclass(:table)::oid) FROM pg_database WHERE datname = current_database()")
_MAKER = _MAKER.bindparams(table=f"{SCHEMA}.backups")
_REGISTER_LOCK = 0x41434231  # of the database's advisory locks: whoever changes the register
_WORK_LOCK = _REGISTER_LOCK + 1  # shared by all who work in the office


def _lock_of(name: str) -> int:
    """The advisory lock of who works under a name; the database compares numbers of 64 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


_LOCK = sa.select(sa.func.pg_advisory_xact_lock(_REGISTER_LOCK))


class PostgresEngine(BooksTables):
    """An `Engine` (`storage.engine`) for the database that a URL names."""

    name = "postgresql"
    key_path = None

    def __init__(self, url: str) -> None:
        self.address = Address.parse(url)
        super().__init__(engine_for(self.address.conninfo))
        self.folder = self.address.folder
        self.work_folder = self.folder / WORK
        self.stored_base = Path(os.devnull)  # in which no file lies: others know this office's folder by another path
        self._working = set[str]()  # the names under which this program works in the office
        self._mover: int | None = None  # the server's process that holds the lock of who moves an office here

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        """Pickled as the URL, for workers in other processes."""
        return type(self), (self.address.url,)

    def validate_new(self) -> None:
        """See `Engine`."""
        with reading(self._database) as connection:
            moving.validate_free(connection, self.place)

    def create(self, fill: Write, trust: bytes) -> None:
        """See `Engine`."""
        safe_files.make_folder(self.work_folder)
        with changing(self._database, "register") as connection:
            connection.execute(_LOCK)
            moving.validate_free(connection, self.place)
            moving.make_tables(connection)
            connection.execute(sa.insert(trusted).values(id=1, jwks=trust))
            fill(connection)

    def unfinished_move(self) -> UnfinishedMove | None:
        """See `Engine`."""
        with reading(self._database) as connection:
            return moving.find_move(connection)

    @contextmanager
    def receiving(self, move: UnfinishedMove) -> Iterator[None]:
        """See `Engine`."""
        safe_files.make_folder(self.work_folder)
        with moving.alone(self._database) as self._mover:
            with changing(self._database, "register") as connection:
                connection.execute(_LOCK)
                moving.begin(connection, move, self.place)
            yield

    def finish_receiving(self, fill: Write, trust: bytes) -> None:
        """See `Engine`."""
        with changing(self._database, "register") as connection:
            connection.execute(_LOCK)
            moving.validate_alone(connection, self._mover)
            connection.execute(sa.insert(trusted).values(id=1, jwks=trust))
            fill(connection)
            moving.end(connection)

    def list_distributing(self) -> tuple[str, ...] | None:
        """See `Engine`."""
        with reading(self._database) as connection:
            return cluster.list_statements(connection)

    def distribute(self, statement: str) -> None:
        """See `Engine`. In a transaction of its own, whatever transaction of the register is open."""
        with changing(self._database, "books") as connection:
            connection.exec_driver_sql(statement)

    @property
    def place(self) -> str:
        """See `Engine`."""
        return self.address.url

    def exists(self) -> bool:
        """See `Engine`."""
        with reading(self._database) as connection:
            return has_tables(connection) and moving.find_move(connection) is None

    def open(self) -> None:
        """See `Engine`."""
        with reading(self._database) as connection:
            if not has_tables(connection):
                raise Refused("office-not-found", path=self.place)
            if moving.find_move(connection) is not None:
                moving.validate_free(connection, self.place)
            is_old = migrate.is_old(connection)
        if is_old:
            with self.changing(moved=True) as connection:  # an office that was moved away can still be read
                if migrate.is_old(connection):
                    roles.validate_table_owner(connection)
                    migrate.upgrade(connection, "server")
                    roles.grant(connection)
        for needed in (self.folder, self.work_folder):
            safe_files.make_folder(needed)

    @contextmanager
    def working(self, name: str) -> Iterator[None]:
        """See `Engine`. Locks that end with their connection, also when the program is killed."""
        with translated_errors(), self._database.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(sa.select(sa.func.pg_advisory_lock_shared(_WORK_LOCK), sa.func.pg_advisory_lock(_lock_of(name))))
            self._working.add(name)
            try:
                yield
            finally:
                self._working.discard(name)
                with suppress(sa.exc.DBAPIError):  # without its connection the lock is gone already
                    connection.execute(sa.select(sa.func.pg_advisory_unlock_shared(_WORK_LOCK), sa.func.pg_advisory_unlock(_lock_of(name))))

    def validate_working(self) -> None:
        """See `Engine`. A lock ends with its connection, which nobody uses meanwhile: when the server restarts it is lost unnoticed."""
        names = tuple(self._working)
        if not names:
            return
        with self.reading() as connection:
            if not all(is_held(connection, _lock_of(name)) for name in names):
                raise MachineFailed("database-away")

    def is_working(self, name: str) -> bool:
        """See `Engine`."""
        with self.reading() as connection:
            return is_held(connection, _lock_of(name))

    def is_busy(self) -> bool:
        """See `Engine`."""
        with self.reading() as connection:
            return is_held(connection, _WORK_LOCK)

    def find_worker(self, name: str | None = None) -> str:
        """See `Engine`."""
        return find_holder(self._database, _WORK_LOCK if name is None else _lock_of(name))

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """See `Engine`."""
        with reading(self._database) as connection:
            yield connection

    @contextmanager
    def changing(self, *, moved: bool = False) -> Iterator[sa.Connection]:
        """See `Engine`."""
        with changing(self._database, "register") as connection:
            with naming(partial(find_holder, self._database, _REGISTER_LOCK)):
                connection.execute(_LOCK)
            if not moved:
                journal.validate_here(connection)
            yield connection

    def write_register_image(self, target: Path, office_files: Mapping[str, bytes], extract: Mapping[str, str]) -> None:
        """See `Engine`."""
        with reading(self._database) as connection:
            write.write_register_rows(target, partial(copying.read_rows, connection), office_files, extract)

    def read_trust(self, connection: sa.Connection) -> bytes:
        """See `Engine`."""
        return bytes(connection.execute(sa.select(trusted.c.jwks)).scalar() or b"")

    def write_trust(self, connection: sa.Connection, data: bytes) -> None:
        """See `Engine`."""
        connection.execute(sa.update(trusted).values(jwks=data))

    def event_details(self, connection: sa.Connection) -> dict[str, str]:
        """See `Engine`. The user as whom the program is connected, as the server reports it; who works with it is what events say."""
        driver: Any = connection.connection.dbapi_connection
        user = driver.info.parameter_status("session_authorization") or connection.execute(sa.select(sa.func.session_user())).scalar_one()
        return {"database_user": str(user)}

    def validate_owner(self, connection: sa.Connection) -> None:
        """See `Engine`."""
        if not roles.is_owner(connection):
            raise MachineFailed("not-permitted")

    def is_register(self, path: Path) -> bool:  # noqa: ARG002 - the register is no file
        """See `Engine`."""
        return False

    def maker(self, connection: sa.Connection | None = None) -> str:
        """See `Engine`. By what the server numbers itself: colleagues name it differently."""
        with self.reading() if connection is None else nullcontext(connection) as here:
            return str(here.execute(_MAKER).scalar_one())

    def is_in_another_office(self, path: Path) -> bool:
        """See `Engine`."""
        return is_in_another_office(path, None, self)

    @contextmanager
    def publishing_books(
        self,
        books: Mapping[AdministrationNumber, PreparedBooks],
        owner: str | None = None,  # noqa: ARG002 - nothing is ever half done
    ) -> Iterator[sa.Connection]:
        """See `Engine`."""
        try:
            with self.changing() as connection, self._publishing_by(connection):
                self.validate_working()
                yield connection
        finally:
            for prepared in books.values():
                self._discard_quietly(prepared)

    def replace_books(
        self,
        prepared: PreparedBooks,
        number: AdministrationNumber,
        owner: str,  # noqa: ARG002 - nothing is ever half done
        record: Write,
        *,
        revision: str | None = None,
    ) -> Path | None:
        """See `Engine`. The old books are removed when the transaction is done."""
        with self.changing() as connection, self._publishing_by(connection):
            self.validate_working()
            former = self._use(connection, number, lock=True)
            if revision not in {None, connection.execute(sa.select(schema.marks.c.mark)).scalar()}:
                raise Refused("changed-meanwhile", what=number)
            publish(connection, {number: prepared})
            if revision is not None:
                connection.execute(sa.update(held_books).where(held_books.c.id == former).values(aside=None))
            record(connection)
        if revision is None:
            return self._place_of(former)
        self._discard_quietly(PreparedBooks(str(former)))
        return None

    def _discard_quietly(self, prepared: PreparedBooks) -> None:
        """What was done is done, and what failed has failed already: `repair` removes what stays."""
        with suppress(AccountoolsError):
            self.discard_books(prepared)

    def unfinished_replacements(
        self,
        connection: sa.Connection,  # noqa: ARG002 - nothing is asked of it
    ) -> tuple[tuple[AdministrationNumber, str | None], ...]:
        """See `Engine`. Here there are none: a replacement is one transaction."""
        return ()

    def undo_replacement(self, number: AdministrationNumber, owner: str | None) -> None:
        """See `Engine`."""


if TYPE_CHECKING:
    _engine: Engine = PostgresEngine("")  # mypy compares it with the Protocol
