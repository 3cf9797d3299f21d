"""Offices and backups of the first version of the tables open, migrate and restore; nothing of them is lost."""

import contextlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from accountools.storage import schema
from tests.first_version import ENTRIES, LINES, TOTALS, first_version_backup, make_first_version
from tests.test_backup_file import forge
from tests.test_restore import rows_of
from tests.workspace import Workspace

V1_LINE = slice(0, 7)


def without_more(rows: list[tuple[object, ...]], columns: int) -> list[tuple[object, ...]]:
    assert all(value is None for row in rows for value in row[columns:])
    return [row[:columns] for row in rows]


def check_rows(office: Path) -> None:
    """The rows of the first version, and the years and periods that follow from them."""
    rows = rows_of(office)
    assert without_more(rows["lines"], 7) == [row[V1_LINE] for row in LINES]
    assert [row[:6] for row in rows["entries"]] == ENTRIES
    assert [row[6] for row in rows["entries"]] == ["2024", "2024", "2025"]
    assert [row[:4] for row in rows["years"]] == [("2024", "2024-01-01", "2024-12-31", 0), ("2025", "2025-01-01", "2025-12-31", 0)]
    assert without_more(rows["periods"], 4) == [
        ("2024", 0, "2024-01-01", "2024-01-01"),
        ("2024", 3, "2024-03-01", "2024-03-31"),
        ("2025", 13, "2025-12-31", "2025-12-31"),
    ]
    assert rows["vat_rows"] == [(1, 4, "VH", None, None, None)]
    assert without_more(rows["relations"], 4) == [("D1", "Café Noord", "D", "Delft")]
    assert rows["opening_lines"] == rows["subledger_lines"] == rows["relation_balances"] == []
    with contextlib.closing(sqlite3.connect(office / "administrations" / "00007.db")) as books:
        assert books.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert books.execute("PRAGMA foreign_key_check").fetchall() == []
        assert books.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name LIKE '%1'").fetchone() == (0,)


def test_books_of_the_first_version_are_migrated_with_their_rows(ready: Workspace) -> None:
    make_first_version(ready.office)
    shown = ready.ok("administration", "show", 7)
    assert shown["totals"] == TOTALS
    assert shown["counts"] | {"accounts": 0} == {"accounts": 0, "entries": 3, "lines": 7, "relations": 1, "years": 2, "vat_rows": 1}
    check_rows(ready.office)
    books = ready.office / "administrations" / "00007.db"
    with contextlib.closing(sqlite3.connect(books.with_name(f"{books.name}.before-{schema.REVISION}"))) as copy:
        assert copy.execute("SELECT * FROM lines ORDER BY id").fetchall() == LINES
    assert ready.ok("journal", "verify")["ok"]
    assert ready.ok("repair")["found"] == []


@pytest.mark.parametrize(
    "first", [("backup", 7, "--plain", "--confirm"), ("audit",), ("administration", "copy", 7, 8), ("journal", "verify")]
)
def test_whatever_opens_an_office_of_the_first_version_first_works(ready: Workspace, first: tuple[object, ...]) -> None:
    make_first_version(ready.office)
    ready.ok(*first)
    if first[0] == "administration":
        assert ready.ok("administration", "show", 8)["totals"] == TOTALS
    backup = ready.backup()
    assert ready.ok("rehearse", backup)["counts"]["vat_rows"] == 1
    check_rows(ready.office)


def test_a_backup_of_the_first_version_is_restored_with_its_rows(ready: Workspace) -> None:
    ready.create_client_office()
    backup = first_version_backup(ready.backup(), ready.folder / "first.acb")
    assert ready.run("verify", backup, office=ready.client_office).json["image_checked"]
    done = ready.ok("restore", backup, "--confirm", office=ready.client_office)
    assert (done["totals"], "years" in done["counts"], done["counts"]["lines"]) == (TOTALS, False, 7)
    check_rows(ready.client_office)
    again = ready.backup(7, "--plain", office=ready.client_office)
    assert ready.ok("rehearse", again, office=ready.client_office)["counts"]["years"] == 2


def test_a_hand_over_of_an_office_of_the_first_version_arrives(ready: Workspace) -> None:
    ready.create_client_office()
    make_first_version(ready.office)
    ready.ok("restore", ready.backup(), "--confirm", office=ready.client_office)
    check_rows(ready.client_office)


def test_a_backup_of_the_first_version_that_was_tampered_with_is_refused(ready: Workspace) -> None:
    """Its rows are checked by the constraints of its own version."""
    ready.create_client_office()
    good = ready.backup()
    for number, (statement, code) in enumerate(
        [
            ("UPDATE accounts SET kind = 'M' WHERE code = '1100'", "schema-unexpected"),  # mixed came with the second version
            ("UPDATE relations SET kind = 'O'", "schema-unexpected"),
            ("UPDATE lines SET vat = 'none' WHERE id = 4", "schema-unexpected"),
            ("CREATE TABLE years (label TEXT) STRICT", "schema-unexpected"),
            ("PRAGMA user_version = 2", "schema-unexpected"),
        ]
    ):
        path = first_version_backup(good, ready.folder / f"{number}.acb")
        image = path.with_suffix(".sqlite")
        with contextlib.closing(sqlite3.connect(image, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(statement)
        forge(path, image, schema=1)
        assert ready.refused("restore", path, "--confirm", office=ready.client_office) == code, statement


def test_an_office_of_this_version_is_newer_to_the_first(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = ready.backup()
    client = Path(shutil.copytree(ready.create_client_office(), ready.folder / "other"))
    monkeypatch.setattr("accountools.storage.schema.VERSION", 1)
    monkeypatch.setattr("accountools.storage.schema.REVISION", "0001")
    assert ready.refused("audit") == "office-newer"
    with contextlib.closing(sqlite3.connect(client / "register.db")) as register, register:
        register.execute("UPDATE alembic_version SET version_num = '0001'")
    assert ready.refused("restore", backup, "--confirm", office=client) == "newer-version"
