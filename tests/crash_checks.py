"""Crash tests: a command run in a forked child where a failpoint is armed, and what must hold of the office afterwards."""

import contextlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from accountools import failpoints, safe_files
from accountools.cli import main
from accountools.domain.errors import AccountoolsError
from accountools.formats.backup.reader import BackupFile
from accountools.office import Office
from accountools.operations.maintenance.repair import repair
from accountools.operations.maintenance.verify_journal import verify_journal
from accountools.reports.audit import audit
from accountools.storage import schema
from accountools.storage.register import journal
from accountools.storage.sqlite.office_files import LEAVING
from accountools.version import VERSION

# What differs from run to run, or counts what was tried and not done.
_VARYING = {
    "administrations": {"counter", "exchanged_mark"},
    "backups": {
        "id",
        "part_path",
        "path",
        "bytes",
        "sha256",
        "books_mark",
        "counter",
        "journal_length",
        "journal_head",
        "at",
        "milliseconds",
    },
    "events": {"n", "at", "hash", "details"},
    "imports": {"imported_at"},
    "licences": {"at", "imported_at"},
    "own_licences": {"at", "since"},
    "signers": {"kept_at"},
}
_OPEN = {"begun", "sealed"}
State = dict[str, Any]


@dataclass(frozen=True)
class ProcessResult:
    """How a child ended: its exit code, or -9 when it was killed, and its output."""

    code: int
    output: str


def run_forked(arguments: list[str], arm: str = "") -> ProcessResult:
    """Run a command as `main` does, in a forked child with a failpoint armed."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            become_command(arguments, arm, output.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return ProcessResult(os.waitstatus_to_exitcode(status), output.read().decode())


def become_command(arguments: list[str], arm: str, output: int, ready: int | None = None) -> NoReturn:
    """In a child: be that command, once there is a byte in `ready`, and end, whatever happens."""
    code = 70
    try:
        if ready is not None:
            os.read(ready, 1)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        failpoints.arm(arm)
        main(arguments)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException as error:  # nothing may get out of a child into the tests
        print("Traceback of", repr(error), file=sys.stderr)  # noqa: T201
    finally:
        with contextlib.suppress(OSError):  # a write may have been made to fail
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def points_of(arguments: list[str]) -> list[str]:
    """The failpoints that a command reaches, each with its turn, in order."""
    with tempfile.NamedTemporaryFile("r") as file:
        ended = run_forked(arguments, f"count:{file.name}")
        assert ended.code == 0, ended.output
        names = file.read().split()
    return [f"{name}:{names[: place + 1].count(name)}" for place, name in enumerate(names)]


# --- what an office is ---


def state_of(office: Path) -> State:
    """All that counts of an office, to be compared between runs: its register, its books, which backups it made, what happened."""
    state: State = {}
    with contextlib.closing(_read_only(office / "register.db")) as register:
        for table in schema.REGISTER_TABLES:
            rows = [dict(row) for row in register.execute(f"SELECT * FROM {table}")]
            state[table] = sorted((_steady(table, row) for row in rows if _counts(table, row)), key=repr)
        numbers = [number for (number,) in register.execute("SELECT number FROM administrations")]
        state["exchanged"] = dict(register.execute("SELECT number, exchanged_mark FROM administrations").fetchall())
    for number in numbers:
        books = office / "administrations" / f"{number:05d}.db"
        try:
            state[f"books {number}"] = _books(books, state["exchanged"].pop(number)) if books.exists() else "missing"
        except sqlite3.DatabaseError as error:
            state[f"books {number}"] = str(error)
    return state


def _counts(table: str, row: dict[str, Any]) -> bool:
    return not (table == "backups" and row["state"] in _OPEN) and not (table == "events" and row["what"] == "repaired")


def _steady(table: str, row: dict[str, Any]) -> list[Any]:
    return [value for name, value in row.items() if name not in _VARYING.get(table, set())]


def _books(path: Path, exchanged: str | None) -> dict[str, Any]:
    with contextlib.closing(_read_only(path)) as books:
        rows = {name: sorted(map(tuple, books.execute(f"SELECT * FROM {name}")), key=repr) for name in schema.BOOK_TABLES}
        (mark,) = books.execute("SELECT mark FROM marks").fetchone()
        return {**rows, "exchanged": exchanged == mark}


def _read_only(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


# --- what must hold ---


def find_violations(office: Path, allowed: list[State]) -> Iterator[str]:
    """What doesn't hold of an office after an interruption; nothing when all does. The office is opened, checked and repaired."""
    try:
        opened = Office.open(office)
        missing = {name for state in allowed for name, books in state.items() if books == "missing"}
        yield from _sound(opened, missing)
        yield from _among(office, allowed, "opened")
        yield from _backups_stand(opened)
        with opened.session() as session:
            moved_to = journal.find_moved_to(session.connection)
        if moved_to is not None:  # nothing here is changed any more
            arrived = (Path(moved_to) / "register.db").exists()
            if arrived:
                Office.open(Path(moved_to))
            yield from _nothing_left(opened, set() if arrived else {LEAVING})
            return
        found = repair(opened)
        if again := repair(opened):
            yield f"a second repair finds {again}"
        yield from (f"repair kept {one}" for one in found if one.done != "removed")
        yield from _sound(opened, missing)
        yield from _among(office, allowed, "repaired")
        yield from _nothing_left(opened)
    except (AccountoolsError, OSError, sqlite3.Error) as error:
        yield f"{type(error).__name__}: {error}"


def _sound(office: Office, known_missing: set[str]) -> Iterator[str]:
    """Whether all books are there, but those known to be missing in one of the allowed states; the journal; each database."""
    missing = [row.number for row in audit(office).rows if any(one.code == "books-missing" for one in row.obstacles)]
    yield from (f"the books of {number} are missing" for number in missing if f"books {int(number)}" not in known_missing)
    yield from (f"journal: {one}" for one in verify_journal(office)[1])
    for path in (office.folder / "register.db", *office.engine.books_folder.glob("*.db"), *office.folder.rglob("*.before-*")):
        with contextlib.closing(_read_only(path)) as database:
            if (output := database.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                yield f"{path.name}: {output}"


def _among(office: Path, allowed: list[State], when: str) -> Iterator[str]:
    state = state_of(office)
    if state not in allowed:
        differing = sorted(name for name in state.keys() | allowed[-1].keys() if state.get(name) != allowed[-1].get(name))
        yield f"{when}: a state between; other than in the end: {differing}"


def _backups_stand(office: Office) -> Iterator[str]:
    """Whatever has a final name verifies; what was recorded as made stands as it was recorded; what stands was recorded."""
    with office.session() as session:
        rows = session.connection.exec_driver_sql("SELECT path, sha256, state FROM backups WHERE path IS NOT NULL").all()
    made = {office.folder / path: sha256 for path, sha256, state in rows if state == "made"}
    for path, sha256 in made.items():
        if not path.is_file() or safe_files.sha256_of(path) != sha256:
            yield f"lost: {path}"
    for found in _containers(office):
        try:
            with BackupFile(found, schema.VERSION, VERSION) as backup:
                backup.check_stored()
        except AccountoolsError as error:
            yield f"{found.name} doesn't verify: {error}"
        if found not in {office.folder / path for path, _, _ in rows}:
            yield f"{found.name} stands and isn't recorded"


def _containers(office: Office) -> list[Path]:
    return [*(office.folder / "backups").glob("*.acb"), *(office.folder.parent / "stick").glob("*.acb")]


def _nothing_left(office: Office, expected: Collection[str] = ()) -> Iterator[str]:
    """After a repair there is nothing but what the register knows of, and these files in the office's folder."""
    with office.session() as session:
        connection = session.connection
        known = {office.folder / path for (path,) in connection.exec_driver_sql("SELECT path FROM backups WHERE state = 'made'")}
        known |= {
            office.folder / "administrations" / f"{n:05d}.db" for (n,) in connection.exec_driver_sql("SELECT number FROM administrations")
        }
    known |= {office.folder / name for name in ("register.db", "backup-key.pem", "trust.jwks", "verdicts", *expected)}
    for path in (*office.folder.rglob("*"), *(office.folder.parent / "stick").rglob("*")):
        live = path.name.endswith(("-wal", "-shm"))
        if path.is_file() and path not in known and not live and ".before-" not in path.name:
            yield f"left: {path.relative_to(office.folder.parent)}"
    yield from (f"left: work/{path.name}" for path in office.engine.work_folder.iterdir())
