"""Looking back: which backups made before hold a licence of the office's own, aren't signed by it, don't verify."""

import base64
import gzip
import hashlib
import json
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import accountools as at
from accountools import safe_files
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line, Relation
from accountools.formats import armor
from accountools.formats.archives import PeekedSource, detect_kind, iterate_chunks, iterate_members
from accountools.formats.database_file import read_chunks
from accountools.formats.leak_scan import ThoroughSearch, claimed_number
from accountools.formats.signatures import SigningKey
from accountools.office import Office
from accountools.operations.backups.target import BackupTarget
from accountools.operations.books import entries
from tests import planted_licences
from tests.planted_licences import PLANTERS, PlantingContext
from tests.seeding import random_for
from tests.test_handover import new_key, passphrase_file, sealing_once, token_of
from tests.workspace import Workspace

FOUND = "office-licence-found"


@pytest.fixture
def bed(ready: Workspace) -> PlantingContext:
    recipient = new_key(ready)
    own = ready.folder / "own.lic"
    return PlantingContext(own.read_text(), token_of(own), ready.backup(), Office.open(ready.office), recipient)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old").mkdir()
    return tmp_path / "old"


def inspect(desk: Workspace, folder: Path, *words: object, office: Path | None = None) -> dict[str, dict[str, Any]]:
    """What `inspect` says of each file, by its path in the folder; the exit code is 1 just when something failed."""
    answer = desk.run("inspect", folder, *words, office=office)
    assert "error" not in answer.json, answer.out
    files = {str(Path(one["path"]).relative_to(folder)): one for one in answer.json["files"]}
    assert len(files) == len(answer.json["files"])
    assert answer.code == (1 if any(one["findings"] for one in files.values()) else 0)
    return files


def codes(one: dict[str, Any]) -> list[str]:
    return [finding["code"] for finding in one["findings"]]


def content(folder: Path) -> dict[str, tuple[str, int]]:
    """All files in a folder: what is in them, and when that was last changed."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in files}


# --- what is planted is found, what is good is not accused ---


def test_every_planted_licence_is_found_and_nothing_is_changed(
    ready: Workspace, bed: PlantingContext, folder: Path, record_property: Any
) -> None:
    expected = set()
    for name, plant in PLANTERS.items():
        (folder / name).mkdir()
        expected.add(str(plant(bed, folder / name).relative_to(folder)))
        planted_licences.wipe(folder / name)
    before = content(folder)
    files = inspect(ready, folder, "--identity", ready.folder / "key.txt")
    assert {name for name, one in files.items() if FOUND in codes(one)} == expected
    assert len(expected) == len(PLANTERS) >= 20
    assert all(one["looked_inside"] for name, one in files.items() if "torn" not in name)
    assert all("AC-1001" in finding["message"] for one in files.values() for finding in one["findings"] if finding["code"] == FOUND)
    assert content(folder) == before
    record_property("counted planted licences that were found", len(expected))


def test_no_good_backup_is_accused(ready: Workspace, folder: Path, thorough: bool, record_property: Any) -> None:
    """Real backups of ever other books: plain and encrypted, to hand over and to keep, with all that looks like a licence in them."""
    recipient, count, chance = new_key(ready), 200 if thorough else 20, random_for("good backups")
    ready.issue("other.lic", number="KL-7", licensee="Slagerij Maanlicht", kvk="22222222")
    office = Office.open(ready.office)
    for turn in range(count):
        _post(office, turn, _like_a_licence(ready, chance))
        lock = BackupTarget(folder, recipient=recipient) if turn % 4 == 3 else BackupTarget(folder, plain=True)
        office.apply(office.plan_backup([7], lock, "safekeeping" if turn % 5 == 4 else "handover"))
    files = inspect(ready, folder, "--identity", ready.folder / "key.txt")
    assert [one for one in files.values() if one["findings"] or not one["looked_inside"] or one["signer"] != "own"] == []
    assert len(files) == count
    record_property("counted good backups that were not accused", count)


def _post(office: Office, turn: int, text: str) -> None:
    with office.engine.books(AdministrationNumber(7)) as books:
        debit, credit = [row[0] for row in books.exec_driver_sql("SELECT code FROM accounts ORDER BY code LIMIT 2")]
    amount = 100 + turn
    entry = Entry("60", f"2026-{turn}", "2026-03-01", 3, text[:40], (Line(debit, "D", amount, text, f"D{turn}"), Line(credit, "C", amount)))
    entries.post(office, AdministrationNumber(7), [entry], (Relation(f"D{turn}", text[:50], "D"),))


def _like_a_licence(desk: Workspace, chance: random.Random) -> str:
    """The client's licence, a licence of another client in the same words, or nonsense: as it is, or in Base64."""
    client, other = ((desk.folder / name).read_text() for name in ("client.lic", "other.lic"))
    nonsense = base64.urlsafe_b64encode(chance.randbytes(chance.randrange(2000))).decode()
    text = chance.choice([client, client.replace("\n", ""), other, nonsense])
    return chance.choice([text, base64.encodebytes(text.encode()).decode(), text.encode().hex()])


@pytest.mark.parametrize("shift", range(3))
def test_base64_in_an_entry_goes_into_a_real_backup_and_is_found_there(ready: Workspace, folder: Path, shift: int) -> None:
    """What the making of a backup doesn't look for, since it reads every image: the token in Base64, within an entry's text."""
    token, office = token_of(ready.folder / "own.lic"), Office.open(ready.office)
    _post(office, 1, f"bijlage {base64.b64encode(b'x' * shift + b' ' + token.encode() + b' groet').decode()} tot zover")
    made = ready.backup(7, "--to", folder)
    assert ready.ok("verify", made)["ok"]
    one = inspect(ready, folder)[made.name]
    assert (set(codes(one)), one["signer"], one["administration"]) == ({FOUND}, "own", 7)


def test_a_renewed_licence_is_looked_for_too(ready: Workspace, folder: Path) -> None:
    """Every own licence that the office has held counts, and which one it was is reported."""
    before = (ready.folder / "own.lic").read_text()
    ready.ok("licence", "renew", ready.issue_own("renewed.lic", valid_until="2029-12-31"), "--confirm")
    for name in ("own.lic", "renewed.lic"):
        with closing(sqlite3.connect(folder / f"{name}.db")) as connection:
            connection.execute("CREATE TABLE notes (body)")
            connection.execute("INSERT INTO notes VALUES (?)", ((ready.folder / name).read_text(),))
            connection.commit()
    assert before != (ready.folder / "renewed.lic").read_text()
    assert {name: codes(one) for name, one in inspect(ready, folder).items()} == {"own.lic.db": [FOUND], "renewed.lic.db": [FOUND]}


def test_a_licence_that_is_named_is_found_without_an_office(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    PLANTERS["view"](bed, folder)
    nowhere = ready.folder / "nowhere"
    answer = ready.run("inspect", folder, office=nowhere)
    assert (answer.code, "--licence" in answer.err) == (0, True)
    another = ready.issue("another.lic", number="KL-9")
    files = inspect(ready, folder, "--licence", another, "--licence", ready.folder / "own.lic", office=nowhere)
    assert codes(files["view.db"]) == [FOUND]
    assert codes(inspect(ready, folder, "--licence", another, office=nowhere)["view.db"]) == []
    both = inspect(ready, folder, "--licence", ready.folder / "client.lic", "--licence", ready.folder / "own.lic")["view.db"]
    assert {finding["message"].split()[1] for finding in both["findings"]} == {"AC-1001", "KL-2041"}
    assert not nowhere.exists()


def test_what_can_not_be_looked_for_is_refused(ready: Workspace, folder: Path) -> None:
    (ready.folder / "no.lic").write_text("Beste mensen")
    assert ready.refused("inspect", folder, "--licence", ready.folder / "no.lic") == "not-a-licence"
    assert ready.refused("inspect", folder, "--licence", ready.folder / "none.lic") == "file-not-found"
    assert ready.refused("inspect", folder / "nowhere") == "file-not-found"
    assert ready.refused("inspect", folder, "--identity", ready.folder / "no.lic") == "key-invalid"


@pytest.mark.parametrize("claim", ["jti", "sub"])
@pytest.mark.parametrize("value", ["\ud800" * 24, ["x"] * 24, 24, None, {"x": 24}, "é" * 24, "x" * 24])
def test_whatever_a_licence_that_is_named_claims_it_is_looked_for(ready: Workspace, folder: Path, claim: str, value: object) -> None:
    content = json.dumps({"jti": "x" * 36, "sub": "AC-1", "kind": "accountant"} | {claim: value}).encode()
    token = ".".join((_segment(b'{"alg":"EdDSA"}'), _segment(content), _segment(random.Random(1).randbytes(64))))
    (ready.folder / "named.lic").write_bytes(armor.armor(token, armor.LICENCE))
    with closing(sqlite3.connect(folder / "copy.db")) as database, database:
        database.execute("CREATE TABLE t AS SELECT ? AS x", (token,))
    assert codes(inspect(ready, folder, "--licence", ready.folder / "named.lic", office=folder / "none")["copy.db"]) == [FOUND]


# --- whose it is, and what is locked ---


def test_a_backup_that_another_office_signed_is_reported(
    ready: Workspace, bed: PlantingContext, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Path(shutil.copy(bed.backup, folder / "own.acb"))
    monkeypatch.setattr(type(bed.office), "backup_key", SigningKey.new())
    other = bed.sign(folder / "other.acb", bed.image(folder / "image.part"))
    files = inspect(ready, folder)
    assert (files[own.name]["signer"], codes(files[own.name])) == ("own", [])
    assert (files[other.name]["signer"], codes(files[other.name])) == ("unknown", ["signed-elsewhere"])
    assert files[other.name]["signed_by"]["thumbprint"] == bed.office.backup_key.public.thumbprint
    nowhere = inspect(ready, folder, office=ready.folder / "nowhere")
    assert [(one["signer"], one["findings"]) for one in nowhere.values() if one["kind"] == "backup"] == [("unknown", [])] * 2


def test_a_backup_signed_by_a_former_key_is_the_offices_own(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    shutil.copy(bed.backup, folder)
    former = bed.office.backup_key.public.thumbprint
    (ready.office / "backup-key.pem").rename(ready.folder / "former.pem")
    (ready.office / "backup-key.pem").write_bytes(SigningKey.new().pem())
    assert Office.open(ready.office).backup_key.public.thumbprint != former
    ready.ok("key", "seal", "--recipient", bed.recipient, "--out", ready.folder / "sealed.age")
    (ready.folder / "former.pem").replace(ready.office / "backup-key.pem")
    ready.ok("key", "unseal", ready.folder / "sealed.age", "--identity", ready.folder / "key.txt", "--confirm")
    assert [(one["signer"], codes(one)) for one in inspect(ready, folder).values()] == [("own", [])]


def test_a_clients_backup_that_came_in_is_not_the_offices(ready: Workspace, folder: Path) -> None:
    client = ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=client)
    back = ready.backup(7, "--to", folder, office=client)
    assert inspect(ready, folder)[back.name]["signer"] == "unknown"
    ready.ok("install", back, "--replace", "--confirm")
    files = inspect(ready, folder)
    assert (files[back.name]["signer"], codes(files[back.name])) == ("known", ["signed-elsewhere"])
    theirs = inspect(ready, folder, office=client)
    assert (theirs[back.name]["signer"], codes(theirs[back.name])) == ("own", [])


def test_an_encrypted_backup_needs_its_key(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    with sealing_once():
        to_key = ready.backup(7, "--recipient", bed.recipient, "--to", folder)
        by_words = ready.backup(7, "--passphrase-file", passphrase_file(ready), "--to", folder)
        register = ready.backup("--register", "--recipient", bed.recipient, "--to", folder)
        without = inspect(ready, folder)
        assert {name: (codes(one), one["looked_inside"]) for name, one in without.items()} == {
            path.name: (["key-needed"], False) for path in (to_key, by_words, register)
        }
        with_key = inspect(ready, folder, "--identity", ready.folder / "key.txt")
        assert {name: codes(one) for name, one in with_key.items()} == {to_key.name: [], by_words.name: ["wrong-key"], register.name: []}
        with_words = inspect(ready, folder, "--passphrase-file", passphrase_file(ready))
    assert codes(with_words[by_words.name]) == []
    assert with_words[by_words.name]["looked_inside"]
    assert codes(with_words[to_key.name]) == ["wrong-key"]


def test_an_accountants_licence_in_place_of_the_clients_is_reported(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    """Also one of another office, which nobody looks for."""
    other = token_of(ready.issue_own("other.lic", number="AC-7777", licensee="Ander kantoor", kvk="22222222"))
    image = bed.image(folder / "image.part")
    with planted_licences.changing(image) as connection:
        connection.execute("UPDATE slice SET value = ? WHERE name = 'licence'", (other,))
    bed.sign(folder / "x.acb", image)
    assert codes(inspect(ready, folder)["x.acb"]) == ["wrong-kind", "schema-unexpected"]  # the manifest names the client's


def test_the_office_itself_is_no_backup_but_a_copy_of_its_register_is_reported(ready: Workspace, folder: Path) -> None:
    assert all(not one["findings"] for one in inspect(ready, ready.office).values())
    shutil.copy(ready.office / "register.db", folder / "copy.db")
    for log in ready.office.glob("register.db-wal"):
        shutil.copy(log, folder / "copy.db-wal")
    assert codes(inspect(ready, folder)["copy.db"]) == [FOUND]


# --- files that mean harm, or are beyond reading ---


def test_a_damaged_backup_is_reported_and_the_next_is_inspected(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    data = bed.backup.read_bytes()
    for name, content in {"cut": data[: len(data) // 2], "empty": b"", "head": data[:40], "tail": data + b"x", "text": b"Beste"}.items():
        (folder / f"{name}.acb").write_bytes(content)
    shutil.copy(bed.backup, folder / "whole.acb")
    files = inspect(ready, folder)
    assert {name: codes(one) for name, one in files.items() if name != "whole.acb"} == {
        "cut.acb": ["backup-damaged"],
        "empty.acb": ["not-a-backup"],
        "head.acb": ["backup-damaged"],
        "tail.acb": ["backup-damaged"],
        "text.acb": ["not-a-backup"],
    }
    assert codes(files["whole.acb"]) == []


def test_a_backup_of_a_newer_version_is_reported_and_searched(
    ready: Workspace, bed: PlantingContext, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted_licences.signed_backup_in_the_books(bed, folder)
    planted_licences.wipe(folder)
    monkeypatch.setattr("accountools.storage.schema.VERSION", 0)
    found = at.inspect(folder, licences=[ready.folder / "own.lic"])
    assert {one.code for one in found.files[0].findings} == {"newer-version", FOUND}


def test_a_database_that_is_truncated_is_reported(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    data = bed.image(folder / "whole.db").read_bytes()
    (folder / "cut.db").write_bytes(data[: len(data) // 2])
    (folder / "head.db").write_bytes(data[:20])
    (folder / "none.db").write_bytes(b"")
    assert {name: codes(one) for name, one in inspect(ready, folder).items()} == {
        "whole.db": [],
        "cut.db": ["backup-damaged"],
        "head.db": ["backup-damaged"],
    }


def test_a_hostile_schema_runs_nothing(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    """A database is not opened as one: views without an end, tables that call functions and a schema that is nonsense are bytes."""
    path = PLANTERS["a_text"](bed, folder)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
    with planted_licences.changing(path) as connection:
        connection.execute(f"CREATE VIEW endless AS {endless}")
        connection.execute("CREATE TABLE vast (a, b GENERATED ALWAYS AS (zeroblob(1000000000)) VIRTUAL)")
        connection.execute("CREATE TRIGGER t INSTEAD OF INSERT ON endless BEGIN SELECT load_extension('x'); END")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = 'CREATE TABLE notes (body' WHERE name = 'notes'")
        connection.execute("INSERT INTO sqlite_schema VALUES ('table', 'itself', 'itself', 1, 'CREATE TABLE itself (a)')")
    before = content(folder)
    assert codes(inspect(ready, folder)["a_text.db"]) == [FOUND]
    assert content(folder) == before


def test_a_vast_file_with_holes_takes_neither_time_nor_memory(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    path = folder / "vast.db"
    with path.open("wb") as file:
        file.write(b"SQLite format 3\0" + bytes(84))
        file.truncate((1 << 40) + 4096)
        file.seek(3 << 38)
        file.write(bed.token.encode())
    if path.stat().st_blocks > 1 << 16:
        pytest.skip("a file system without holes")
    tracemalloc.start()
    found = at.inspect(folder, licences=[ready.folder / "own.lic"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.code for one in found.files[0].findings] == [FOUND]
    assert peak < 64 << 20


def test_links_that_go_round_in_a_circle_end(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    shutil.copy(bed.backup, deep / "one.acb")
    (deep / "up").symlink_to(folder, target_is_directory=True)
    (deep / "self").symlink_to("self")
    (deep / "self.acb").symlink_to("self.acb")
    (deep / "gone.acb").symlink_to("nowhere.acb")
    (deep / "linked.acb").symlink_to("one.acb")
    assert {name: codes(one) for name, one in inspect(ready, folder).items()} == {
        "a/b/one.acb": [],
        "a/b/linked.acb": [],
        "a/b/self.acb": ["file-not-found"],
        "a/b/gone.acb": ["file-not-found"],
    }


def test_folders_in_folders_without_end_and_files_that_are_none(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    inner = folder
    for _ in range(300):
        inner = inner / "m"
    inner.mkdir(parents=True)
    shutil.copy(bed.backup, inner / "deep.acb")
    os.mkfifo(folder / "pipe.acb")
    os.mkfifo(folder / "x.db-wal")
    os.mkfifo(folder / "pipe.db")
    (folder / "pipe.db-wal").write_bytes(b"no log")
    (folder / "x.db").write_bytes(bed.image(folder / "y.db").read_bytes())
    (folder / "new\nline\x1b[31m.db").write_bytes(b"SQLite format 3\0")
    assert len(inspect(ready, folder)) == 4
    output = ready.run("inspect", folder, as_json=False).out
    assert "\x1b" not in output


def test_a_file_may_come_through_a_pipe(ready: Workspace, bed: PlantingContext) -> None:
    pipe = ready.folder / "pipe"
    os.mkfifo(pipe)
    by_path = ready.run("inspect", bed.backup)
    with subprocess.Popen(["sh", "-c", 'exec cat "$0" > "$1"', str(bed.backup), str(pipe)]) as writer:
        answer = ready.run("inspect", pipe)
        writer.terminate()  # where nobody reads it
    assert answer.code == by_path.code, answer.err
    (found,) = answer.json["files"]
    assert {**found, "path": ""} == {**by_path.json["files"][0], "path": ""}
    assert found["kind"] == "backup"
    assert Path(found["path"]).name == "pipe"


def test_a_file_and_a_folder_without_permission_are_reported(
    ready: Workspace, bed: PlantingContext, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs this may be allowed everything, so the system's answer is given for it."""
    shut, closed, good = folder / "shut.db", folder / "closed", folder / "whole.acb"
    shut.write_bytes(b"SQLite format 3\0")
    closed.mkdir()
    shutil.copy(bed.backup, good)

    def refusing(what: Callable[..., Any]) -> Callable[..., Any]:
        def refuse(path: Any, *more: Any, **how: Any) -> Any:
            if path in {shut, closed}:
                raise PermissionError(13, "Permission denied", str(path))
            return what(path, *more, **how)

        return refuse

    monkeypatch.setattr(safe_files, "open_existing", refusing(safe_files.open_existing))
    monkeypatch.setattr(os, "scandir", refusing(os.scandir))
    files = inspect(ready, folder)
    assert {name: codes(one) for name, one in files.items()} == {"shut.db": ["not-permitted"], "closed": ["not-permitted"], "whole.acb": []}
    assert {name: one["kind"] for name, one in files.items()} == {"shut.db": "unreadable", "closed": "unreadable", "whole.acb": "backup"}


def test_what_is_packed_too_deep_or_swells_is_reported(ready: Workspace, folder: Path) -> None:
    (folder / "bomb.db.zst").write_bytes(zstandard.compress(b"SQLite format 3\0" + bytes(1 << 28)))
    inner = b"SQLite format 3\0" + bytes(100)
    for _ in range(6):
        inner = zstandard.compress(inner)
    (folder / "deep.zst").write_bytes(inner)
    with zipfile.ZipFile(folder / "locked.zip", "w") as archive:
        archive.writestr("x.db", inner)
    locked = bytearray((folder / "locked.zip").read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (folder / "locked.zip").write_bytes(locked)
    (folder / "torn.zip").write_bytes(locked[:60])
    (folder / "torn.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\3nonsense")
    with zipfile.ZipFile(folder / "letter.docx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    (folder / "letter.txt").write_text("Beste")
    assert {name: codes(one) for name, one in inspect(ready, folder).items()} == {
        "bomb.db.zst": ["too-large"],
        "deep.zst": ["too-large"],
        "locked.zip": ["key-needed"],
        "torn.zip": ["backup-damaged"],
        "torn.gz": ["backup-damaged"],
    }


def test_a_zip_whose_directory_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "vast.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(60) + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 1 << 30, 0, 0))
    with path.open("rb") as file, pytest.raises(at.Unsound) as caught:
        list(iterate_members(file, "zip"))
    assert caught.value.code == "too-large"


def with_end(size: int, comment: bytes = b"", *, between: bytes = b"", locator: int | None = None, large: int | None = None) -> bytes:
    """The end of a ZIP that says that its directory has this size, and that of a ZIP64 its size `large`."""
    data = b"PK\x03\x04" + bytes(60)
    if large is not None:
        place = len(data) if locator is None else locator
        data += struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, large, 0) + between
        data += struct.pack("<4sIQI", b"PK\x06\x07", 0, place, 1)
    return data + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, len(comment)) + comment


VAST = {
    "a ZIP": with_end(1 << 30),
    "with a comment": with_end(1 << 30, b"x" * 60_000),
    "a ZIP64": with_end((1 << 32) - 1, large=1 << 30),
    "a ZIP64 with a decoy in its comment": with_end((1 << 32) - 1, b"PK\6\6" + bytes(60), large=1 << 30),
    "a ZIP64 that says less at its end": with_end(100, large=1 << 30),
    "a ZIP64 behind another": with_end((1 << 32) - 1, between=with_end(0, large=100)[64:120], locator=64, large=1 << 30),
    "a ZIP64 that points elsewhere": with_end((1 << 32) - 1, locator=0, large=1 << 30),
}


@pytest.mark.parametrize("case", VAST)
def test_the_size_of_the_directory_is_read_where_the_library_reads_it(tmp_path: Path, case: str) -> None:
    (tmp_path / "vast.zip").write_bytes(VAST[case])
    with (tmp_path / "vast.zip").open("rb") as file, pytest.raises(at.Unsound) as caught:
        list(iterate_members(file, "zip"))
    assert caught.value.code == "too-large"


def test_a_zip_whose_comment_is_like_the_end_of_a_large_one_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x", b"x")
        archive.comment = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    with (tmp_path / "x.zip").open("rb") as file:
        assert [(name, source.read()) for name, source in iterate_members(file, "zip")] == [("x", b"x")]


def tape(size: bytes, kind: bytes = b"0", content: bytes = b"") -> bytes:
    """A member of a tape archive, whose header has this size and kind."""
    return (b"x".ljust(124, b"\0") + size.ljust(12, b"\0")).ljust(156, b"\0") + kind + bytes(100) + b"ustar\00000" + bytes(247) + content


@pytest.mark.parametrize("size", [b"-1", b"-7777777777", b"\xff" * 12, b"\xff" + bytes(11)])
@pytest.mark.parametrize("kind", [b"0", b"5"])
def test_a_negative_size_in_a_tape_archive_is_damage(ready: Workspace, folder: Path, size: bytes, kind: bytes) -> None:
    (folder / "x.tar").write_bytes(tape(size, kind, bytes(5000)))
    (folder / "x.tar.gz").write_bytes(gzip.compress((folder / "x.tar").read_bytes()))
    assert {name: codes(one) for name, one in inspect(ready, folder).items()} == {
        name: ["backup-damaged"] for name in ("x.tar", "x.tar.gz")
    }


@pytest.mark.parametrize("kind", [b"0", b"5"])
def test_a_negative_size_in_a_tape_archive_reads_nothing_whole(kind: bytes) -> None:
    """Neither what is skipped nor what is asked for is read beyond what was asked."""
    asked = []

    class Endless:
        def read(self, size: int = -1, /) -> bytes:
            asked.append(size)
            return tape(b"-1", kind) if len(asked) == 1 else bytes(max(size, 0))

    with pytest.raises(at.Unsound):
        [source.read(100) for _, source in iterate_members(Endless(), "tar")]
    assert min(asked) >= 0


@pytest.mark.parametrize("kind", [b"5", b"x", b"L"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_what_is_only_skipped_counts_as_unpacked(ready: Workspace, folder: Path, kind: bytes, layers: int) -> None:
    data = tape(b"%o" % (80 << 20), kind, bytes(80 << 20)) + bytes(1024)
    for _ in range(layers):
        data = zstandard.compress(data)
    (folder / "x.zst").write_bytes(data)
    (folder / "good.tar.zst").write_bytes(zstandard.compress(tape(b"%o" % 1024, kind, bytes(1024)) + bytes(1024)))
    assert {name: codes(one) for name, one in inspect(ready, folder).items()} == {"x.zst": ["too-large"]}


@pytest.mark.parametrize("seed", range(3))
def test_mutated_files_end_in_findings(ready: Workspace, bed: PlantingContext, folder: Path, thorough: bool, seed: int) -> None:
    """Bits turned, pieces cut out and moved, in everything that is read: it ends in findings, never in a fault of the program."""
    chance = random_for(f"mutated files {seed}")
    grown = folder / "grown"
    grown.mkdir()
    names = (
        "signed_backup",
        "encrypted_backup",
        "zipped",
        "backup_in_a_zip",
        "tape_archive",
        "compressed",
        "gzip_in_a_tape_archive",
        "scripted",
        "write_ahead_log",
        "overflow_pages",
    )
    seeds = [PLANTERS[name](bed, grown) for name in names]
    for turn in range(200 if thorough else 40):
        path = seeds[turn % len(seeds)]
        (folder / f"{turn}{path.suffix}").write_bytes(_mutated(path.read_bytes(), chance))
    shutil.rmtree(grown)
    files = inspect(ready, folder, "--identity", ready.folder / "key.txt")
    expected = {FOUND, "backup-damaged", "not-a-backup", "signature-invalid", "schema-unexpected", "wrong-key", "key-needed", "too-large"}
    assert {code for one in files.values() for code in codes(one)} <= expected


def _mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(changed)), chance.randrange(1, 200)
        way = chance.randrange(4)
        if way == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif way == 1 and len(changed) > length + 600:
            del changed[at : at + length]
        elif way == 2:
            changed[at : at + length] = chance.randbytes(length)
        else:
            changed = changed[: max(600, at)]
    return bytes(changed)


# --- the search itself ---


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _token(number: str, serial: str) -> str:
    content = json.dumps({"jti": serial, "sub": number, "kind": "accountant"}).encode()
    return ".".join((_segment(b'{"alg":"EdDSA"}'), _segment(content), _segment(random.Random(number).randbytes(64))))


OWN, OTHER = _token("AC-1", "0a5e7c52-53c4-4f8e-9d0b-6a2f7b1c8e11"), _token("AC-2", "7d1f0b9a-2e6c-4b57-8a43-c5e0d9f31b24")
SOUGHT = ThoroughSearch([("AC-1", OWN)])
CODERS = {
    "text": lambda data: data,
    "base64": base64.b64encode,
    "base64 for URLs": base64.urlsafe_b64encode,
    "base64 in lines": base64.encodebytes,
    "hex": lambda data: data.hex().encode(),
}


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


@settings(deadline=None)
@given(
    st.binary(max_size=40),
    st.binary(max_size=40),
    st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    st.sampled_from(sorted(CODERS)),
    st.integers(0, 55),
    st.lists(st.integers(0, 60), max_size=20),
)
def test_a_stretch_of_the_signature_is_found_wherever_it_lies(
    before: bytes, after: bytes, encoding: str, coder: str, start: int, sizes: list[int]
) -> None:
    """Thirty-one characters of a signature: in any surroundings, alignment and chunk size; those of another licence never."""
    if coder == "hex" and encoding != "utf-8":
        encoding = "utf-8"
    for token, expected in ((OWN, {"AC-1"}), (OTHER, set())):
        stretch = token.split(".")[2][start : start + 31].encode(encoding)
        data = CODERS[coder](before + stretch + after) if coder != "text" else before + b" " + stretch + b" " + after
        assert {trace.licence for trace in SOUGHT.find(cut(data, sizes))} == expected


@given(st.binary(max_size=3000))
def test_chance_is_never_taken_for_a_licence(data: bytes) -> None:
    assert SOUGHT.find([data, base64.b64encode(data)]) == frozenset()


def test_nothing_looked_for_is_nothing_found() -> None:
    assert not ThoroughSearch([])
    assert ThoroughSearch([]).find([OWN.encode()]) == frozenset()
    assert claimed_number(OWN) == "AC-1"
    with pytest.raises(at.Unsound):
        ThoroughSearch([("x", "no token")])


def test_a_file_is_read_without_its_holes(tmp_path: Path) -> None:
    path = tmp_path / "holes"
    with path.open("wb") as file:
        for at_ in (0, 1 << 20, 9 << 20):
            file.seek(at_)
            file.write(b"x" * 5000)
        file.truncate(30 << 20)
    with path.open("rb") as file:
        read = b"".join(read_chunks(file))
    assert read.replace(b"\0", b"") == b"x" * 15_000
    assert len(read) <= 30 << 20


def test_a_tape_archive_is_read_like_tar_does(tmp_path: Path) -> None:
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        with tarfile.open(tmp_path / "x.tar", "w", format=form) as archive:
            for number, name in enumerate(("a.db", "map/b.db", f"{'m' * 60}/{'n' * 90}")):
                (tmp_path / "member").write_bytes(b"m" * (511 + number))
                archive.add(tmp_path / "member", name)
            archive.add(tmp_path, "folder", recursive=False)
        with (tmp_path / "x.tar").open("rb") as file:
            assert detect_kind(file.read(512)) == "tar"
            file.seek(0)
            found = [(name[:100], PeekedSource(source).head) for name, source in iterate_members(file, "tar")]
        assert [head for _, head in found] == [b"m" * 511, b"m" * 512, b"m" * 512]
        assert [name for name, _ in found][:2] == ["a.db", "map/b.db"]
    assert list(iterate_chunks(PeekedSource(open(os.devnull, "rb")))) == []  # noqa: SIM115, PTH123


# --- what one sees ---


def test_the_table_lists_each_file_and_what_failed(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    shutil.copy(bed.backup, folder / "whole.acb")
    PLANTERS["view"](bed, folder)
    answer = ready.run("inspect", folder, as_json=False)
    lines = [" ".join(line.split()) for line in answer.out.splitlines()]
    assert answer.code == 1
    assert lines == [
        "Kind Signed by File",
        "✗ database — view.db",
        "Licence AC-1001 was found in view.db, as text. [office-licence-found]",
        "✓ backup this office whole.acb",
        "Checked 2 files: 1 failed; with a licence of the office in them: 1.",
    ]
    one = ready.run("inspect", folder / "whole.acb", as_json=False)
    assert (one.code, " ".join(one.out.splitlines()[1].split())) == (0, "✓ backup this office whole.acb")


def test_python_says_the_same(ready: Workspace, bed: PlantingContext, folder: Path) -> None:
    PLANTERS["free_page"](bed, folder)
    found = at.inspect(folder, office=at.Office.open(ready.office))
    assert (found.ok, found.with_findings, found.files[0].holds_licence) == (False, found.files, True)
    assert found.files[0].document() == {name: value for name, value in inspect(ready, folder)["free.db"].items() if name != "findings"} | {
        "findings": [{"code": FOUND, "message": "Licence AC-1001 was found in free.db, as text."}]
    }
