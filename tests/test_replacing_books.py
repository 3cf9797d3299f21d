"""Replacing books by a restore: a safety copy first, and all or nothing when it is interrupted."""

import contextlib
import errno
import sqlite3
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn

import pytest
import sqlalchemy as sa

from accountools import safe_files
from accountools.clock import system_clock
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.office import Office
from accountools.operations import workdir as workdirs
from accountools.storage import schema
from accountools.storage.engine import PreparedBooks
from accountools.storage.sqlite import connections
from tests.engines import run_sql
from tests.test_handover import (
    post_books,
    query,
    state,
)
from tests.test_restore import SEVEN, change_books, open_office, rows_of
from tests.workspace import Workspace

pytestmark = pytest.mark.both_engines


def prepared_books(office: Office) -> PreparedBooks:
    """New books with one relation by which they are known."""

    def fill(connection: sa.Connection) -> None:
        connection.execute(sa.insert(schema.relations).values(code="NEW", name="Nieuw", kind="D", city=""))

    return office.engine.prepare_books(fill)


def test_a_replacement_whose_record_fails_is_undone_at_once(ready: Workspace) -> None:
    post_books(ready.office)
    office, before = open_office(ready.office), state(ready.office)

    def fail(connection: sa.Connection) -> NoReturn:
        connection.execute(sa.delete(schema.imports))
        raise KeyboardInterrupt

    prepared = prepared_books(office)
    with pytest.raises(KeyboardInterrupt):
        office.engine.replace_books(prepared, SEVEN, "nobody", fail)
    office.engine.discard_books(prepared)
    assert state(ready.office) == before


def test_what_was_booked_after_the_safety_copy_is_not_replaced(ready: Workspace) -> None:
    office = open_office(ready.office)
    saved = office.engine.books_revision(SEVEN)
    post_books(ready.office)
    before, prepared = state(ready.office), prepared_books(office)
    with pytest.raises(Refused, match="changed-meanwhile"):
        office.engine.replace_books(prepared, SEVEN, "nobody", lambda _: None, revision=saved)
    office.engine.discard_books(prepared)
    assert state(ready.office) == before
    office.engine.replace_books(prepared_books(office), SEVEN, "nobody", lambda _: None, revision=office.engine.books_revision(SEVEN))
    assert [row[0] for row in rows_of(ready.office)["relations"]] == ["NEW"]


@pytest.mark.files_only
def test_books_that_somebody_replaces_already_are_not_replaced(ready: Workspace) -> None:
    run_sql(ready.office, "INSERT INTO replacements (administration, kept_name) VALUES (7, '00007.db.0a1b2c3d.kept')")
    before, office = rows_of(ready.office), open_office_quietly(ready.office)
    with pytest.raises(Refused, match="changed-meanwhile"):
        office.engine.replace_books(prepared_books(office), SEVEN, "nobody", lambda _: None)
    assert rows_of(ready.office) == before


@pytest.mark.files_only
def test_who_finds_a_replacement_interrupted_does_not_undo_that_of_another(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first was done right after it was found, and another has begun with the same books."""
    run_sql(ready.office, "INSERT INTO replacements (administration, kept_name, owner) VALUES (7, '00007.db.0a1b2c3d.kept', 'one')")
    change = "UPDATE replacements SET owner = 'two', kept_name = '00007.db.11111111.kept'"
    books = ready.office / "administrations" / "00007.db"

    def ask_while_another_begins(_: object, owner: str | None) -> bool:
        if owner == "one":
            run_sql(ready.office, change)
            books.rename(books.with_name("00007.db.11111111.kept"))
        return owner == "two"

    monkeypatch.setattr(workdirs, "is_in_use", ask_while_another_begins)
    Office.open(ready.office)
    assert not books.exists()
    assert books.with_name("00007.db.11111111.kept").exists()
    assert query(ready.office, "SELECT owner FROM replacements") == [("two",)]


@pytest.mark.files_only
def test_a_replacement_that_was_finished_stays(ready: Workspace) -> None:
    office = open_office(ready.office)
    saved = office.engine.books_revision(SEVEN)
    assert office.engine.replace_books(prepared_books(office), SEVEN, "nobody", lambda _: None, revision=saved) is None
    ready.ok("administration", "list")  # opening it puts nothing back
    assert [row[0] for row in rows_of(ready.office)["relations"]] == ["NEW"]
    assert query(ready.office, "SELECT * FROM replacements") == []
    assert [path.name for path in (ready.office / "administrations").iterdir()] == ["00007.db"]


@pytest.mark.files_only
def test_books_are_put_back_while_who_changes_the_register_waits_for_them(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would wait for the other until both were refused."""
    office, other = open_office(ready.office), open_office(ready.office)
    prepared, move = prepared_books(office), safe_files.move
    begun, changing, moved, refused = Event(), Event(), Event(), list[str]()

    def move_when_somebody_changes_the_register(source: Path, target: Path) -> None:
        begun.set()
        assert changing.wait(60)
        move(source, target)
        moved.set()

    def replace() -> None:
        try:
            office.engine.replace_books(prepared, SEVEN, "nobody", lambda _: None, revision="booked meanwhile")
        except Refused as error:
            refused.append(error.code)

    monkeypatch.setattr(safe_files, "move", move_when_somebody_changes_the_register)
    replacing = Thread(target=replace)
    replacing.start()
    assert begun.wait(60)
    with other.engine.changing():
        changing.set()
        assert moved.wait(60)
        assert other.engine.has_books(SEVEN)
    replacing.join()
    assert refused == ["changed-meanwhile"]
    assert query(ready.office, "SELECT * FROM replacements") == []


@pytest.mark.files_only
def test_books_that_were_placed_right_after_they_were_looked_for_are_there(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """They were away when the file was read, and nobody replaces them any more when the register is asked."""
    office, books = open_office(ready.office), ready.office / "administrations" / "00007.db"
    books.rename(books.with_name("away"))
    being_replaced = office.engine.being_replaced

    def placed_first(numbers: Collection[AdministrationNumber]) -> Collection[AdministrationNumber]:
        books.with_name("away").rename(books)
        return being_replaced(numbers)

    monkeypatch.setattr(office.engine, "being_replaced", placed_first)
    assert office.engine.has_books(SEVEN)


@pytest.mark.files_only
def test_prepared_books_are_removed_though_the_register_is_busy(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 10)
    with open_office(ready.office).engine.changing():
        assert ready.refused("administration", "copy", 7, 8) == "office-busy"
    assert [path.name for path in (ready.office / "administrations").iterdir()] == ["00007.db"]


@pytest.mark.files_only
def test_who_only_reads_opens_the_office_though_nothing_can_be_finished_now(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run_sql(ready.office, "INSERT INTO replacements (administration, kept_name) VALUES (7, '00007.db.0a1b2c3d.kept')")
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 10)
    with open_office_quietly(ready.office).engine.changing():
        ready.ok("administration", "show", 7)
    ready.ok("administration", "show", 7)
    assert query(ready.office, "SELECT * FROM replacements") == []


@pytest.mark.files_only
def test_books_that_were_moved_aside_come_back_at_the_next_opening(ready: Workspace) -> None:
    post_books(ready.office)
    before = rows_of(ready.office)
    books = ready.office / "administrations"
    for place_new in (False, True):  # interrupted between the two renames, and between the second and the register's transaction
        (books / "00007.db").rename(books / "00007.db.0a1b2c3d.kept")
        if place_new:
            (books / prepared_books(open_office_quietly(ready.office))).rename(books / "00007.db")
        with contextlib.closing(sqlite3.connect(ready.office / "register.db")) as register, register:
            register.execute("INSERT INTO replacements (administration, kept_name) VALUES (7, '00007.db.0a1b2c3d.kept')")
        ready.ok("administration", "show", 7)
        assert rows_of(ready.office) == before
        assert query(ready.office, "SELECT * FROM replacements") == []
        assert [path.name for path in books.iterdir()] == ["00007.db"]


def open_office_quietly(folder: Path) -> Office:
    """The office without what its opening finishes."""
    from accountools.storage.sqlite.engine import SqliteEngine

    return Office(SqliteEngine(folder), system_clock())


@pytest.mark.files_only
@pytest.mark.parametrize("moment", ["record", "publish"])
def test_a_replacement_that_was_killed_is_undone_at_the_next_opening(ready: Workspace, moment: str) -> None:
    post_books(ready.office)
    backup = ready.backup(7, "--purpose", "safekeeping")
    change_books(ready.office, "UPDATE relations SET name = 'gewijzigd'")
    before = rows_of(ready.office)
    script = (
        "import os, sys\n"
        "from accountools import safe_files\n"
        "from accountools.operations.restores import place\n"
        "from accountools.cli import main\n"
        "die = lambda *_: os._exit(9)\n"
        "real = safe_files.publish\n"
        "if sys.argv[1] == 'record':\n"
        "    place.place_extracts = die\n"
        "else:\n"
        "    safe_files.publish = lambda aside, path, **how: die() if path.suffix == '.db' else real(aside, path, **how)\n"
        "main(sys.argv[2:])\n"
    )
    words = ready.arguments("restore", backup, "--replace", "--confirm")
    done = subprocess.run([sys.executable, "-c", script, moment, *words], capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    assert query(ready.office, "SELECT count(*) FROM replacements") == [(1,)]
    assert list((ready.office / "administrations").glob("*.kept"))
    ready.ok("administration", "show", 7)
    assert rows_of(ready.office) == before
    ready.ok("repair")
    assert [path.name for path in (ready.office / "administrations").iterdir()] == ["00007.db"]
    assert list((ready.office / "work").iterdir()) == []
    ready.ok("restore", backup, "--replace", "--confirm")
    assert rows_of(ready.office) != before


@pytest.mark.files_only
@pytest.mark.parametrize("failing", [1, 2, 3])
def test_what_is_still_in_the_wal_is_not_lost_by_a_move_that_is_interrupted(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Whoever wrote last was killed, so that its WAL lies beside the books."""
    path = ready.office / "administrations" / "00007.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode = WAL")
    with writer:
        writer.execute("INSERT INTO relations (code, name, kind, city) VALUES ('WAL', 'nog in de WAL', 'D', '')")
    saved = {ending: Path(f"{path}{ending}").read_bytes() for ending in ("", "-wal")}
    writer.close()
    for ending, content in saved.items():
        Path(f"{path}{ending}").write_bytes(content)
    move, calls = safe_files.move, iter(range(1, 99))

    def fail_at(source: Path, target: Path) -> None:
        if next(calls) == failing:
            raise OSError(errno.EIO, "interrupted")
        move(source, target)

    office = open_office(ready.office)
    prepared = prepared_books(office)

    def record(_: sa.Connection) -> NoReturn:
        raise OSError(errno.EIO, "interrupted")

    with monkeypatch.context() as broken:
        broken.setattr(safe_files, "move", fail_at)
        with pytest.raises(OSError, match="interrupted"):
            office.engine.replace_books(prepared, SEVEN, "nobody", record)
    ready.ok("administration", "show", 7)
    assert ("WAL", "nog in de WAL", "D", "", *6 * (None,)) in rows_of(ready.office)["relations"]
