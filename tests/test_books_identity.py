"""Books and their administration are held together: books under another's name, or of another copy of the office, are found at each use."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.reader import Decryption
from accountools.forms.screens.restore.backup import Preview
from accountools.storage.sqlite import connections
from tests.test_handover import change_register, new_key, post_books, second_client
from tests.test_journal import findings
from tests.test_restore import open_office, rows_of
from tests.test_storage import held_by_another
from tests.workspace import CLIENT_KVK, HENK, Workspace

OTHERS = "00007.db"
AUDIT_FILE = Path(__file__).parent / "auditfiles" / "good.xaf"


def books_of(office: Path, number: int = 7) -> Path:
    return office / "administrations" / f"{number:05d}.db"


def those_of_another_administration(desk: Workspace) -> None:
    """Copied over, as a file manager does."""
    second_client(desk, 8)
    post_books(desk.office, 8)
    shutil.copy(books_of(desk.office, 8), books_of(desk.office))


def those_of_its_own_copy(desk: Workspace) -> None:
    desk.ok("administration", "copy", 7, 8)
    shutil.copy(books_of(desk.office, 8), books_of(desk.office))


def those_of_another_office(desk: Workspace) -> None:
    """Under the same number, and for the same client."""
    other = desk.folder / "other"
    desk.ok("init", "--licence", desk.folder / "own.lic", "--trust", desk.trust, office=other)
    desk.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=other)
    desk.ok("administration", "create", 7, "--description", "x", "--client", CLIENT_KVK, "--chart", "standard", office=other)
    shutil.copy(books_of(other), books_of(desk.office))


def those_that_were_replaced(desk: Workspace) -> None:
    """An older file of the same administration, put back by hand after a restore."""
    old = shutil.copy(books_of(desk.office), desk.folder / "old.db")
    desk.ok("restore", desk.backup(7, "--purpose", "safekeeping"), "--replace", "--confirm")
    shutil.copy(old, books_of(desk.office))


def those_of_a_demonstration(desk: Workspace) -> None:
    desk.ok("demo", desk.folder / "demo", "--clients", 3, "--lines", 20)
    shutil.copy(books_of(desk.folder / "demo", 8), books_of(desk.office))


Put = Callable[[Workspace], None]
WAYS = [those_of_another_administration, those_of_its_own_copy, those_of_another_office, those_that_were_replaced, those_of_a_demonstration]
each_way = pytest.mark.parametrize("put", WAYS, ids=[one.__name__ for one in WAYS])


@each_way
def test_no_hand_over_or_safekeeping_backup_is_made_of_others_books(ready: Workspace, put: Put) -> None:
    put(ready)
    before = sorted((ready.office / "backups").iterdir())
    for purpose in ("handover", "safekeeping"):
        answer = ready.run("backup", 7, "--purpose", purpose, "--confirm")
        assert (answer.code, answer.error) == (3, "books-missing")
        assert OTHERS in answer.json["error"]["message"]
    assert sorted((ready.office / "backups").iterdir()) == before


@each_way
def test_the_audit_and_the_journal_show_them(ready: Workspace, put: Put) -> None:
    assert findings(ready) == []
    put(ready)
    row = next(row for row in ready.ok("audit")["rows"] if row["number"] == 7)
    assert (row["state"], [one["code"] for one in row["obstacles"]]) == ("blocked", ["books-missing"])
    assert [(code, "the books of administration 7" in text) for code, text in findings(ready)] == [("register-differs", True)]


@each_way
def test_they_are_not_entered_or_copied(ready: Workspace, put: Put) -> None:
    put(ready)
    assert ready.refused("administration", "enter", 7, "--as", HENK) == "books-missing"
    assert ready.refused("administration", "copy", 7, 20) == "books-missing"


@each_way
def test_they_are_neither_read_nor_written_as_its_own(ready: Workspace, put: Put) -> None:
    put(ready)
    others = books_of(ready.office).read_bytes()
    entries = ready.folder / "entries.csv"
    entries.write_text("datum;dagboek;stuk;rekening;omschrijving;debet;credit\n")
    for words in (
        ("administration", "show", 7),
        ("administration", "create", 30, "--description", "x", "--client", CLIENT_KVK, "--from", 7),
        ("auditfile", "export", 7, ready.folder / "7.xaf", "--year", 2026),
        ("auditfile", "import", AUDIT_FILE, "--administration", 7),
        ("entries", "import", entries, "--administration", 7),
        ("chart", "export", 7, ready.folder / "chart.csv"),
        ("chart", "import", "standard", "--administration", 7),
        ("books", "years", 7),
        ("books", "trial-balance", 7),
        ("books", "check", 7),
    ):
        answer = ready.run(*words)
        assert (answer.code, answer.error) == (3, "books-missing"), words
        assert OTHERS in answer.json["error"]["message"]
    assert books_of(ready.office).read_bytes() == others


@each_way
def test_its_own_come_back_by_a_restore_and_the_others_are_not_lost(ready: Workspace, put: Put) -> None:
    post_books(ready.office)
    kept, rows = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "safe"), rows_of(ready.office)
    put(ready)
    content = books_of(ready.office).read_bytes()
    ready.ok("restore", kept, "--replace", "--accept", "older-backup", "--confirm")
    assert rows_of(ready.office) == rows
    assert next(one for one in ready.ok("audit")["rows"] if one["number"] == 7)["state"] == "ready"
    assert findings(ready) == []
    asides = [path for path in books_of(ready.office).parent.iterdir() if path.name.startswith(f"{OTHERS}.")]
    assert [path.read_bytes() for path in asides] == [content]


@each_way
def test_the_screen_offers_to_restore_them(ready: Workspace, put: Put) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "safe")
    put(ready)
    preview = Preview(open_office(ready.office), kept, Decryption())
    preview.typed = "7"
    assert [one.code for one in preview.plan.obstacles if one.blocking] == []


def test_those_of_another_number_are_never_opened(ready: Workspace) -> None:
    those_of_another_administration(ready)
    assert ready.refused("administration", "show", 7) == "books-missing"
    with pytest.raises(AccountoolsError, match="books-missing"), open_office(ready.office).engine.books(AdministrationNumber(7)):
        pytest.fail("these are not its books")


def test_each_administrations_books_have_an_identity_that_the_register_knows(ready: Workspace) -> None:
    """Made, copied, restored and installed; and it stays the same through what is done with them."""
    ready.ok("administration", "copy", 7, 8)
    client = ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=client)
    post_books(client)
    ready.ok("install", ready.backup(7, office=client), "--replace", "--confirm")
    found = [event["details"]["books"] for office in (ready.office, client) for event in ready.ok("journal", office=office)["events"]
             if "books" in event["details"]]  # fmt: skip
    assert len(found) == len(set(found)) == 4
    for office, number in ((ready.office, 7), (ready.office, 8), (client, 7)):
        with contextlib.closing(sqlite3.connect(books_of(office, number))) as books:
            assert books.execute("PRAGMA user_version").fetchone() == (number,)
            (identity,) = books.execute("PRAGMA application_id").fetchone()
        assert f"{identity:08x}" in found


def revision_of(office: Path) -> str:
    with contextlib.closing(sqlite3.connect(books_of(office))) as books:
        return str(books.execute("SELECT mark FROM marks").fetchone()[0])


def test_the_journal_names_the_revision_of_the_books_that_were_handed_over(ready: Workspace) -> None:
    before = revision_of(ready.office)
    ready.backup()
    post_books(ready.office)
    ready.backup()
    made = [event["details"]["revision"] for event in ready.ok("journal")["events"] if event["what"] == "backup-made"]
    assert made == [before, revision_of(ready.office)]
    assert len(set(made)) == 2


def of_an_earlier_version(desk: Workspace) -> Workspace:
    """An office whose books have no identity, neither in their files nor in the register."""
    with contextlib.closing(sqlite3.connect(books_of(desk.office))) as books:
        books.executescript("PRAGMA user_version = 0; PRAGMA application_id = 0")
    change_register(desk.office, "UPDATE events SET details = json_remove(details, '$.books')")
    return desk


def test_an_office_of_an_earlier_version_still_opens_and_works(ready: Workspace) -> None:
    desk = of_an_earlier_version(ready)
    assert desk.ok("audit")["rows"][0]["state"] == "ready"
    assert desk.ok("administration", "enter", 7, "--as", HENK)["may"]
    desk.ok("administration", "copy", 7, 8)
    desk.backup("--register", "--recipient", new_key(desk))
    desk.ok("restore", desk.backup(7, "--purpose", "safekeeping"), "--replace", "--confirm")
    assert rows_of(desk.office, 8) == rows_of(desk.office)


@pytest.mark.parametrize("purpose", ["handover", "safekeeping"])
def test_its_books_get_an_identity_with_the_first_backup_and_only_then(ready: Workspace, purpose: str) -> None:
    desk = of_an_earlier_version(ready)
    for _ in range(2):
        desk.backup(7, "--purpose", purpose)
    assert [event["what"] for event in desk.ok("journal")["events"]][-3:] == ["books-identified", "backup-made", "backup-made"]
    desk.ok("administration", "copy", 7, 8)
    shutil.copy(books_of(desk.office, 8), books_of(desk.office))
    assert desk.refused("backup", 7, "--confirm") == "books-missing"


def test_books_in_use_get_it_another_time(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = of_an_earlier_version(ready)
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 60)
    with held_by_another(books_of(desk.office)):
        assert desk.ok("verify", desk.backup())["ok"]
    assert desk.ok("journal")["events"][-2]["what"] != "books-identified"
    desk.backup()
    assert desk.ok("journal")["events"][-2]["what"] == "books-identified"
