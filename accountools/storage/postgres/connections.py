"""Connections to an office's database, and how statements on the books are sent: each names the books that it is about.

The queries of `storage.books` are written for the books of one administration. Here every table of the books that a statement names is
compiled as those rows of it that are of the books of its transaction, an inserted row gets their number, and UPDATE and DELETE a
condition more (docs/decisions/0017-one-definition-two-shapes.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import IntLoader
from sqlalchemy.dialects.postgresql.base import PGCompiler

from accountools.domain.errors import Refused
from accountools.failpoints import reach
from accountools.storage import schema
from accountools.storage.errors import translated_errors
from accountools.storage.postgres.tables import ADMINISTRATION, BOOKS, CURRENT, SCHEMA

BUSY_SECONDS = 10
SETTINGS = {  # of each connection; a server that ends one which is idle would end its locks, or a move that is copying books beside it
    "search_path": SCHEMA,
    "lock_timeout": f"{BUSY_SECONDS}s",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
_CONNECT_SECONDS = 10
pools: dict[str, sa.Engine] = {}  # by what libpq gets of a URL


class _BooksCompiler(PGCompiler):
    """Names the administration in every statement on the books."""

    def visit_table(self, table: Any, **more: Any) -> str:  # type: ignore[override]
        """A table that rows are read from: those of one administration."""
        name = str(super().visit_table(table, **more))  # type: ignore[no-untyped-call]
        if not more.get("asfrom") or more.get("iscrud") or not _is_of_books(table):
            return name
        rows = f"(SELECT * FROM {name} WHERE {ADMINISTRATION} = {CURRENT})"  # noqa: S608 - our own names
        is_aliased = more.get("enclosing_alias") is not None and more["enclosing_alias"].element is table
        return rows if is_aliased else f"{rows} AS {self.preparer.quote(table.name)}"

    def visit_insert(self, insert_stmt: Any, **more: Any) -> str:  # type: ignore[override]
        """An INSERT into the books: the column has a default, the books of the transaction."""
        if _is_of_books(insert_stmt.table):
            insert_stmt = insert_stmt._clone()
            insert_stmt.table = BOOKS.tables[insert_stmt.table.name]
        return str(super().visit_insert(insert_stmt, **more))  # type: ignore[no-untyped-call]

    def visit_update(self, update_stmt: Any, **more: Any) -> str:  # type: ignore[override]
        """An UPDATE of the books of one administration."""
        return str(super().visit_update(_of_one(update_stmt), **more))

    def visit_delete(self, delete_stmt: Any, **more: Any) -> str:  # type: ignore[override]
        """A DELETE from the books of one administration."""
        return str(super().visit_delete(_of_one(delete_stmt), **more))  # type: ignore[no-untyped-call]


def _is_of_books(table: Any) -> bool:
    return getattr(table, "metadata", None) is schema.BOOKS


def _of_one(statement: Any) -> Any:
    table = statement.table
    if not _is_of_books(table):
        return statement
    return statement.where(sa.literal_column(f"{table.name}.{ADMINISTRATION}") == sa.literal_column(CURRENT))


def engine_for(conninfo: str) -> sa.Engine:
    """The engine of a database, with its pool of connections: one in a process. It connects when it is first used. Raises `url-invalid`."""
    if conninfo not in pools:
        pools[conninfo] = _create_engine(conninfo)
    return pools[conninfo]


def _create_engine(conninfo: str) -> sa.Engine:
    try:
        given: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, "application_name": SCHEMA} | conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError as error:  # an option that libpq doesn't know
        raise Refused("url-invalid") from error

    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect("", **given)
        for name, value in SETTINGS.items():  # not as it connects: PgBouncer refuses who asks for anything then
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.commit()
        connection.adapters.register_loader("numeric", IntLoader)  # only sums of whole cents are numeric here
        return connection

    engine = sa.create_engine(
        "postgresql+psycopg://", creator=connect, pool_pre_ping=True, max_overflow=20, use_native_hstore=False, hide_parameters=True
    )
    engine.dialect.statement_compiler = _BooksCompiler
    sa.event.listen(engine, "before_cursor_execute", _name_administration, retval=True)
    return engine


def _name_administration(
    connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _executemany: bool
) -> tuple[str, Any]:
    return name_administration(connection, statement), parameters


def name_administration(connection: sa.Connection, statement: str) -> str:
    """The statement with the books of the connection's transaction in it, where it is about any."""
    if CURRENT not in statement:
        return statement
    return statement.replace(CURRENT, str(int(connection.get_execution_options()[ADMINISTRATION])))


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads, and sees the database as it is at one moment."""
    with translated_errors(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def changing(engine: sa.Engine, which: str, *, at_one_moment: bool = False) -> Iterator[sa.Connection]:
    """A transaction that changes `which`, `register` or `books`: all or nothing.

    Each of its statements sees what is committed when it begins, or (`at_one_moment`) all see the same.
    """
    with translated_errors():
        with engine.connect() as connection:
            connection.execution_options(isolation_level="REPEATABLE READ" if at_one_moment else "READ COMMITTED")
            with connection.begin():
                yield connection
                reach(f"before-commit-{which}")
            reach(f"after-commit-{which}")
            reach(f"before-close-{which}")
        reach(f"after-close-{which}")


def has_tables(connection: sa.Connection, table: str = "office") -> bool:
    """Whether there are the tables of an office in the database, or another table of ours."""
    return connection.execute(sa.select(sa.func.to_regclass(f"{SCHEMA}.{table}"))).scalar() is not None
