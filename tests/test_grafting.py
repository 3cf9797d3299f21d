"""Images of large books, written page by page: the same rows as copied by SQLite, valid, and nothing in them that was deleted."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accountools.domain.errors import MachineFailed, Unsound
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.image import graft, write
from accountools.storage.image.check import CheckedImage
from accountools.storage.image.tables import TextScan, control_totals
from accountools.storage.sqlite import connections, databases
from tests.workspace import HENK, Workspace

GONE = "was deleted"
EXTRACT = {"number": "7"}
NO_SCAN = TextScan(1 << 30, lambda _: None)
TABLES = schema.BOOK_TABLES
LINE_COLUMNS = "id, entry, account, side, amount, description"


@pytest.fixture(autouse=True)
def _always_graft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "WORTH_GRAFTING", 0)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def make_books(path: Path, lines: int, *, page_size: int = 4096, text: str = "een omschrijving") -> None:
    """Books with so many lines, an entry for every two."""
    if page_size != 4096:
        with opened(path) as connection:
            connection.execute(f"PRAGMA page_size = {page_size}")
            connection.execute("VACUUM")
    databases.create(path, schema.BOOKS, lambda _: None) if page_size == 4096 else fill_schema(path)
    with closing(connections.connect(path)) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO accounts (code, name, rgs, kind, side, vat) VALUES ('1000', 'Kas', 'BLim', 'B', 'D', '')")
        connection.execute("INSERT INTO journals (code, name, kind) VALUES ('10', 'Kas', 'C')")
        connection.execute("INSERT INTO years (label, first_day, last_day, closed) VALUES ('2026', '2026-01-01', '2026-12-31', 0)")
        connection.execute("INSERT INTO periods (year, number) VALUES ('2026', 1)")
        connection.execute("INSERT INTO marks VALUES (1, 'one')")
        entries = ((n, "10", f"{n}", "2026-01-01", 1, f"{text} {n}") for n in range(1, lines // 2 + 2))
        columns = "id, journal, number, date, period, description"
        connection.executemany(f"INSERT INTO entries ({columns}, year) VALUES (?, ?, ?, ?, ?, ?, '2026')", entries)
        rows = ((n, n // 2 + 1, "1000", "DC"[n % 2], n * 7, f"{text} {n}") for n in range(lines))
        connection.executemany(f"INSERT INTO lines ({LINE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")


def fill_schema(path: Path) -> None:
    from accountools.storage.migrations import migrate

    with connections.transaction(connections.create_engine(path), "BEGIN IMMEDIATE") as connection:
        migrate.create(connection, schema.BOOKS)


def rows_of(path: Path) -> dict[str, list[Any]]:
    with opened(path) as connection:
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in TABLES}


def grafted(books: Path, target: Path) -> bool:
    """Make the image, and check it as a stranger's; whether it was grafted: it then has pages of the size that the books have."""
    totals = write.write_administration(books, target, EXTRACT, NO_SCAN)
    write.validate_written(target, totals)
    with CheckedImage(target, "administration") as image:
        assert image.totals == totals
        assert image.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert rows_of(target) == rows_of(books)
    with opened(target) as made, opened(books) as source:
        return bool(made.execute("PRAGMA page_size").fetchone() == source.execute("PRAGMA page_size").fetchone())


@pytest.mark.parametrize("page_size", [4096, 8192, 16384, 65536])
@pytest.mark.parametrize("lines", [0, 1, 300, 5000])
def test_the_image_holds_just_the_rows_of_the_books(tmp_path: Path, page_size: int, lines: int) -> None:
    make_books(tmp_path / "books.db", lines, page_size=page_size)
    assert grafted(tmp_path / "books.db", tmp_path / "image")


changes = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "update", "vacuum"]), st.integers(0, 900), st.integers(1, 300)), max_size=12
)


@settings(
    max_examples=80 if os.environ.get("ACCOUNTOOLS_THOROUGH") == "1" else 8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(page_size=st.sampled_from([4096, 8192]), changes=changes)
def test_whatever_was_changed_and_deleted_before_is_not_in_it(tmp_path_factory: Any, page_size: int, changes: Any) -> None:
    folder = tmp_path_factory.mktemp("books")
    books = folder / "books.db"
    make_books(books, 900, page_size=page_size, text=GONE)
    with closing(connections.connect(books)) as connection:
        for what, first, many in changes:
            change(connection, what, first, many)
        connection.execute("UPDATE lines SET description = 'x' || id")
        connection.execute("UPDATE entries SET description = 'y' || id")
    grafted(books, folder / "image")
    assert GONE.encode() not in (folder / "image").read_bytes()


def change(connection: sqlite3.Connection, what: str, first: int, many: int) -> None:
    if what == "insert":
        values = ((1000 + first * 400 + n, 1, "1000", "D", n, GONE * (n % 5)) for n in range(many))
        connection.executemany(f"INSERT OR IGNORE INTO lines ({LINE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", values)
    elif what == "delete":
        connection.execute("DELETE FROM lines WHERE id BETWEEN ? AND ?", (first, first + many))
    elif what == "update":
        connection.execute("UPDATE lines SET description = description || ? WHERE id BETWEEN ? AND ?", (GONE * 3, first, first + many))
    else:
        connection.execute("VACUUM")


def test_a_row_that_overflows_its_page_is_copied_by_sqlite(tmp_path: Path) -> None:
    make_books(tmp_path / "books.db", 900)
    with closing(connections.connect(tmp_path / "books.db")) as connection:
        connection.execute("UPDATE lines SET description = ? WHERE id = 17", ("lang" * 5000,))
    assert not grafted(tmp_path / "books.db", tmp_path / "image")


def test_books_that_others_read_as_they_were_are_copied_by_sqlite(tmp_path: Path) -> None:
    make_books(tmp_path / "books.db", 900)
    with closing(connections.connect(tmp_path / "books.db")) as reader, closing(connections.connect(tmp_path / "books.db")) as writer:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM lines").fetchone()
        writer.execute("UPDATE lines SET description = 'new' WHERE id = 3")
        assert not grafted(tmp_path / "books.db", tmp_path / "image")


def test_what_is_booked_meanwhile_is_not_in_it_nor_is_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books = tmp_path / "books.db"
    make_books(books, 40_000)
    before = rows_of(books)

    def book_and_count(connection: sqlite3.Connection) -> ControlTotals:
        with closing(connections.connect(books)) as writer:
            writer.execute("UPDATE lines SET amount = amount + 1")
            writer.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
        return control_totals(connection)

    monkeypatch.setattr(write, "control_totals", book_and_count)
    totals = write.write_administration(books, tmp_path / "image", EXTRACT, NO_SCAN)
    assert rows_of(tmp_path / "image") == before != rows_of(books)
    assert totals.debit == sum(row[4] for row in before["lines"] if row[3] == "D")


def test_no_lock_of_sqlite_is_lost_by_it(tmp_path: Path) -> None:
    books = tmp_path / "books.db"
    make_books(books, 900)
    with closing(connections.connect(books)) as connection:
        connection.execute("SELECT count(*) FROM lines").fetchone()
        assert grafted(books, tmp_path / "image")
        # as the last one to close it another process would remove the WAL, if it saw no lock of ours
        code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('UPDATE lines SET amount = 5 WHERE id = 1'); c.commit()"
        subprocess.run([sys.executable, "-c", code, str(books)], check=True)
        assert Path(f"{books}-wal").exists()
        assert connection.execute("SELECT amount FROM lines WHERE id = 1").fetchone() == (5,)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda page: page[:5] + b"\xff" + page[6:], id="content out of the page"),
        pytest.param(lambda page: b"\x05" + page[1:], id="a leaf that says it is interior"),
        pytest.param(lambda page: bytes(len(page)), id="zeroes"),
    ],
)
def test_damaged_books_are_not_handed_over(tmp_path: Path, damage: Any) -> None:
    books = tmp_path / "books.db"
    make_books(books, 20_000)
    with opened(books) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'lines'").fetchone()
    data = bytearray(books.read_bytes())
    pages = graft.Pages(bytes(data))
    leaf = pages.levels(root)[-1][40]
    data[(leaf - 1) * 4096 : leaf * 4096] = damage(pages[leaf])
    books.write_bytes(data)
    with pytest.raises((MachineFailed, OSError, Unsound)):
        grafted(books, tmp_path / "image")


def test_a_full_disk_is_an_error_with_the_files_name(tmp_path: Path) -> None:
    make_books(tmp_path / "books.db", 60_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(OSError, match=r"27.*image"):
            write.write_administration(tmp_path / "books.db", tmp_path / "image", EXTRACT, NO_SCAN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_s2_a_grafted_backup_is_verified_restored_and_entered(ready: Workspace) -> None:
    backup = ready.backup(7, "--plain", "--rehearse")
    assert ready.ok("verify", backup)["image_checked"]
    client = ready.create_client_office()
    restored = ready.ok("restore", backup, "--confirm", office=client)
    assert restored["totals"] == ready.ok("administration", "show", 7)["totals"]
    assert ready.ok("administration", "enter", 7, "--as", HENK, office=client)["may"]


@pytest.mark.parametrize("between", ["", "\n> ", " "])
def test_s10_an_entry_that_holds_the_offices_licence_is_found(ready: Workspace, between: str) -> None:
    with opened(ready.office / "register.db") as connection:
        (token,) = connection.execute("SELECT token FROM licences JOIN own_licences ON licence = sha256").fetchone()
    with closing(connections.connect(ready.office / "administrations" / "00007.db")) as connection:
        broken = between.join(token[at : at + 50] for at in range(0, len(token), 50))
        connection.execute("INSERT INTO journals (code, name, kind) VALUES ('99', 'x', 'M')")
        connection.execute("INSERT INTO years (label, first_day, last_day, closed) VALUES ('2026', '2026-01-01', '2026-12-31', 0)")
        connection.execute("INSERT INTO periods (year, number) VALUES ('2026', 1)")
        columns = "id, journal, number, date, period, year, description"
        connection.execute(f"INSERT INTO entries ({columns}) VALUES (99, '99', '1', '2026-01-01', 1, '2026', ?)", (broken,))
    assert ready.refused("backup", 7, "--plain", "--confirm") == "office-licence-found"
    assert list((ready.office / "backups").iterdir()) == []
