"""What is made can be restored: the limits with which a backup is read hold when it is made, rehearsed or not."""

import contextlib
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from accountools.formats.backup.manifest import sign_manifest
from accountools.formats.backup.reader import BackupFile
from accountools.office import Office
from accountools.operations.backups import register_extract
from accountools.storage import schema
from accountools.storage.image import write
from accountools.version import VERSION
from tests.test_backup_file import blob_of, container_of
from tests.test_handover import image_of, manifest_of, new_key
from tests.test_install import at_the_client
from tests.workspace import Workspace

MEGABYTE = LONGEST_NAME = 1 << 20
WAYS = (("--plain",), ("--plain", "--rehearse"), ("--purpose", "safekeeping", "--plain"), ("--recipient",))


def add_users(desk: Workspace, count: int, name: str = "X") -> None:
    """So many users in all, of which only the licence's is active."""
    with contextlib.closing(sqlite3.connect(desk.office / "register.db", isolation_level=None)) as register:
        (held,) = register.execute("SELECT count(*) FROM users WHERE administration = 7").fetchone()
        rows = ((7, f"user{n}", f"user{n}", name) for n in range(count - held))
        register.execute("BEGIN")
        register.executemany("INSERT INTO users (administration, login_key, login, name, active, office) VALUES (?, ?, ?, ?, 0, 0)", rows)
        register.execute("COMMIT")


def add_lines(desk: Workspace, count: int, length: int, office: Path | None = None) -> None:
    """So many lines with a text of so many times the same character."""
    place = (office or desk.office) / "administrations" / "00007.db"
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as books:
        books.execute("BEGIN")
        columns = "id, journal, number, date, period, description"
        books.execute("INSERT INTO years (label, first_day, last_day, closed) VALUES ('2026', '2026-01-01', '2026-12-31', 0)")
        books.execute("INSERT INTO periods (year, number) VALUES ('2026', 1)")
        books.execute(f"INSERT INTO entries ({columns}, year) SELECT 1, code, '1', '2026-01-01', 1, '', '2026' FROM journals LIMIT 1")
        books.execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?) "
            "INSERT INTO lines (id, entry, account, side, amount, description) "
            "SELECT x, 1, (SELECT min(code) FROM accounts), 'D', 0, replace(hex(zeroblob(?)), '00', 'a') FROM n",
            (count, length),
        )
        books.execute("COMMIT")


def words_for(desk: Workspace, way: tuple[str, ...]) -> tuple[object, ...]:
    return ("backup", 7, *way, *((new_key(desk),) if way[-1] == "--recipient" else ()), "--confirm")


def expect_refused(desk: Workspace, words: tuple[object, ...], code: str) -> None:
    answer = desk.run(*words, "--lang", "nl")
    assert (answer.code, answer.error) == (3, code)
    assert "administratie 007" in answer.json["error"]["message"]
    assert list(desk.office.rglob("*.acb")) == []
    assert desk.ok("backups", "list")["backups"] == []
    assert desk.ok("repair")["found"] == []


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, thorough: bool) -> int:
    """As many users as a backup can hold: in `thorough` runs really, else fewer, since so many take long to write."""
    if thorough:
        return 100_000
    monkeypatch.setattr(register_extract, "_MAX_USERS", 50)
    return 50


@pytest.mark.parametrize("way", WAYS)
def test_more_users_than_can_be_read_are_not_made(ready: Workspace, few: int, way: tuple[str, ...]) -> None:
    add_users(ready, few + 1)
    expect_refused(ready, words_for(ready, way), "schema-unexpected")


def too_long_a_name(desk: Workspace) -> None:
    add_users(desk, 2, "é" * (LONGEST_NAME + 1))


def a_name_on_two_lines(desk: Workspace) -> None:
    """As only another program writes one."""
    add_users(desk, 2, "two\nlines")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("prepare", [too_long_a_name, a_name_on_two_lines])
def test_what_the_reader_would_not_take_of_the_register_is_not_made(
    ready: Workspace, prepare: Callable[[Workspace], None], way: tuple[str, ...]
) -> None:
    prepare(ready)
    expect_refused(ready, words_for(ready, way), "schema-unexpected")


@pytest.mark.campaign(4)
@pytest.mark.parametrize("way", WAYS)
def test_books_that_compress_very_well_are_made_as_large_as_a_reader_wants_them(ready: Workspace, way: tuple[str, ...]) -> None:
    """More than a thousand to one is a decompression bomb to who reads it: what is missing is filled up."""
    add_lines(ready, 4_000, 12_000)
    made = ready.ok(*words_for(ready, way))["backups"][0]
    image = manifest_of(Path(made["path"]))["image"]["size"]
    assert image > 40_000_000
    assert (image - MEGABYTE) / 1000 <= manifest_of(Path(made["path"]))["payload"]["size"] < image / 900
    key = ("--identity", ready.folder / "key.txt") if way[-1] == "--recipient" else ()
    assert ready.ok("verify", made["path"], *key)["image_checked"]
    if "safekeeping" in way:
        assert ready.ok("restore", made["path"], "--replace", "--confirm")["counts"]["lines"] == 4_000
    else:
        ready.ok("restore", made["path"], *key, "--confirm", office=ready.create_client_office())


@pytest.mark.skipif(shutil.which("zstd") is None, reason="zstd isn't installed")
def test_what_fills_one_up_is_skipped_by_other_programs(ready: Workspace) -> None:
    add_lines(ready, 4_000, 12_000)
    with zipfile.ZipFile(ready.backup(7, "--plain")) as container:
        packed = container.read("administration.sqlite.zst")
    unpacked = subprocess.run(["zstd", "-dc"], input=packed, capture_output=True, check=True).stdout
    assert unpacked.startswith(b"SQLite format 3")
    assert len(unpacked) > 40_000_000


def packed_badly(desk: Workspace, backup: Path) -> Path:
    """The same image, compressed so that it stays below a thousand to one, under the client's signature."""
    image, packed = image_of(backup), b""
    compressor = zstandard.ZstdCompressor().compressobj()
    for at in range(0, len(image), 6_000):
        packed += compressor.compress(image[at : at + 6_000]) + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    packed += compressor.flush()
    assert len(image) / 1000 < len(packed) < len(image) / 200
    with BackupFile(backup, schema.VERSION, VERSION) as good:
        draft = good.manifest
    key = Office.open(desk.client_office).backup_key
    token = sign_manifest(draft, draft.signer.name, draft.signer.kvk, key, blob_of(image), blob_of(packed), None)
    path = desk.folder / "badly.acb"
    path.write_bytes(container_of([("administration.sqlite.zst", packed), ("manifest.jws", token.encode())]))
    return path


def test_books_that_came_in_under_the_limit_go_out_under_it_too(ready: Workspace) -> None:
    office = at_the_client(ready)
    clean = ready.backup(7, "--plain", office=office)
    add_lines(ready, 4_000, 12_000, office)
    badly = packed_badly(ready, ready.backup(7, "--plain", office=office))
    ready.ok("install", badly, "--replace", "--confirm")
    assert ready.ok("administration", "show", 7)["counts"]["lines"] == 4_000
    for way in ((), ("--purpose", "safekeeping")):
        assert ready.ok("verify", ready.backup(7, *way))["ok"]
    ready.ok("install", clean, "--replace", "--accept", "older-backup", "--confirm")
    assert ready.ok("administration", "show", 7)["counts"]["lines"] == 0


def test_a_manifest_that_is_too_large_is_refused_as_such_and_the_same_is_made_encrypted(ready: Workspace) -> None:
    add_users(ready, 14, "x" * LONGEST_NAME)
    expect_refused(ready, words_for(ready, ("--plain",)), "too-large")
    assert ready.ok(*words_for(ready, ("--recipient",)))["backups"]


def test_one_that_can_not_be_made_does_not_keep_the_others(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    too_long_a_name(ready)
    answer = ready.run("backup", "--all-ready", "--plain", "--confirm")
    assert (answer.code, answer.error) == (3, "schema-unexpected")
    assert [one["administration"] for one in answer.json["backups"]] == [8]
    assert [one["administration"] for one in answer.json["refused"]] == [7]


def restored(desk: Workspace, backup: Path) -> Any:
    return desk.ok("restore", backup, "--confirm", office=desk.create_client_office())


def test_as_many_users_and_as_long_a_name_as_can_be_read_are_made_and_restored(ready: Workspace, few: int) -> None:
    add_users(ready, few - 1)
    with contextlib.closing(sqlite3.connect(ready.office / "register.db", isolation_level=None)) as register:
        register.execute("INSERT INTO users VALUES (7, 'long', 'long', ?, NULL, 0, 0)", ("é" * LONGEST_NAME,))
    found = restored(ready, ready.backup(7, "--plain"))
    assert len(found["users"]) == few
    assert max(len(user["name"]) for user in found["users"]) == LONGEST_NAME


def test_books_that_compress_well_are_made_rehearsed_and_restored(ready: Workspace) -> None:
    add_lines(ready, 800, 12_000)
    assert restored(ready, ready.backup(7, "--plain", "--rehearse"))["counts"]["lines"] == 800


# --- what another program wrote in the books ---

NOT_UTF8 = "CAST(x'4a616eff73656e' AS TEXT)"
WRITTEN_ELSEWHERE = {
    "a name that isn't UTF-8": (f"INSERT INTO relations (code, name, kind, city) VALUES ('X', {NOT_UTF8}, 'D', '')",),
    "an account that isn't UTF-8": (f"UPDATE accounts SET name = {NOT_UTF8} WHERE rowid = 1",),
    "a line's text that isn't UTF-8": (f"UPDATE lines SET description = {NOT_UTF8} WHERE id = 3",),
    "a line of no entry": ("UPDATE lines SET entry = 99 WHERE id = 3",),
    "a line of no relation": ("UPDATE lines SET relation = 'nobody' WHERE id = 3",),
    "an entry of no journal": ("UPDATE entries SET journal = 'none'",),
    "an account of no kind": ("PRAGMA ignore_check_constraints = ON", "UPDATE accounts SET kind = 'X' WHERE rowid = 1"),
    "a line on no side": ("PRAGMA ignore_check_constraints = ON", "UPDATE lines SET side = 'X' WHERE id = 3"),
}
ONLY_IN_LARGE_TABLES = {
    "a line on no side",
    "a line's text that isn't UTF-8",
    "a line of no entry",
    "a line of no relation",
    "an entry of no journal",
}


def write_elsewhere(desk: Workspace, statements: tuple[str, ...]) -> None:
    with contextlib.closing(sqlite3.connect(desk.office / "administrations" / "00007.db", isolation_level=None)) as books:
        for statement in statements:
            books.execute(statement)


@pytest.mark.campaign(4)
@pytest.mark.parametrize("what", WRITTEN_ELSEWHERE)
def test_what_another_program_wrote_and_nobody_would_restore_is_not_made(ready: Workspace, what: str) -> None:
    add_lines(ready, 5, 10)
    good = ready.backup(7, "--purpose", "safekeeping")
    write_elsewhere(ready, WRITTEN_ELSEWHERE[what])
    for purpose in ("handover", "safekeeping"):
        answer = ready.run("backup", 7, "--purpose", purpose, "--confirm")
        assert (answer.code, answer.error) == (3, "schema-unexpected")
        assert "007" in answer.json["error"]["message"]
    assert list(good.parent.iterdir()) == [good]
    assert "books-set-aside" in [one["code"] for one in ready.ok("restore", good, "--replace", "--confirm")["obstacles"]]
    assert ready.backup(7).is_file()


@pytest.mark.campaign(4)
@pytest.mark.parametrize("what", WRITTEN_ELSEWHERE)
def test_of_very_large_books_the_large_tables_are_left_to_a_rehearsal(ready: Workspace, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "_LARGEST_CHECKED", 0)
    add_lines(ready, 5, 10)
    write_elsewhere(ready, WRITTEN_ELSEWHERE[what])
    assert ready.run("backup", 7, "--confirm").code == (0 if what in ONLY_IN_LARGE_TABLES else 3)
    assert ready.refused("backup", 7, "--rehearse", "--confirm") == "schema-unexpected"


def test_rows_of_large_books_that_are_not_copied_by_page_are_checked_as_they_are_copied(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "_LARGEST_CHECKED", 0)
    monkeypatch.setattr(write, "WORTH_GRAFTING", 0)
    monkeypatch.setattr(write, "_graft", lambda *_: None)
    add_lines(ready, 5, 10)
    assert ready.backup(7).is_file()
    write_elsewhere(ready, WRITTEN_ELSEWHERE["a line on no side"])
    assert ready.refused("backup", 7, "--confirm") == "office-damaged"
