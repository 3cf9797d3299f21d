"""What comes in is bounded: no text, and no work that a passphrase costs, is larger than the program can bear."""

import base64
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Relation
from accountools.formats.backup.writer import SigningOffice, write_backup
from accountools.formats.encryption import Encryption, decrypt_bytes
from accountools.office import Office
from accountools.operations.books.entries import post
from accountools.storage.image.tables import TextScan, scan_texts
from accountools.storage.schema import LONGEST_TEXT
from tests import fast_passphrases
from tests.seeding import random_for
from tests.test_backup_file import ATTACKER, DRAFT, forge
from tests.test_handover import WORDS, image_of, new_key, passphrase_file, post_books, second_client, state
from tests.test_images import edit, refusal
from tests.test_restore import restored
from tests.workspace import Workspace

MEGABYTE = 1 << 20
LONGEST = {  # bytes of the longest text: by where it is put
    "UPDATE lines SET description = {} WHERE id = 1": MEGABYTE,
    "UPDATE entries SET number = {} WHERE id = 1": MEGABYTE,
    "UPDATE accounts SET name = {} WHERE rowid = 1": MEGABYTE,
    "UPDATE relations SET city = {} WHERE rowid = 1": MEGABYTE,
    "INSERT INTO journals (code, name, kind) VALUES ({}, '', '')": MEGABYTE,
    "UPDATE slice SET value = {} WHERE name = 'users'": 16 * MEGABYTE,
}


@pytest.fixture
def image(ready: Workspace) -> Path:
    post_books(ready.office)
    path = ready.folder / "image.sqlite"
    path.write_bytes(image_of(ready.backup()))
    return path


def of_length(size: int) -> str:
    return f"printf('%.{size}c', 'x')"


@pytest.mark.parametrize("statement", LONGEST)
def test_a_text_that_is_too_long_is_refused_wherever_it_is(image: Path, statement: str) -> None:
    edit(image, statement.format(of_length(LONGEST[statement] + 1)))
    assert refusal(image) == "schema-unexpected"


@pytest.mark.parametrize("name", ["by", "description", "client", "licence", "counts"])
def test_a_value_of_the_extract_is_no_longer_than_a_text_unless_it_is_a_list(ready: Workspace, image: Path, name: str) -> None:
    edit(image, f"UPDATE slice SET value = value || replace(hex(zeroblob({MEGABYTE // 2})), '0', ' ') WHERE name = '{name}'")
    ready.create_client_office()
    backup, before = forge(ready.folder / "forged.acb", image), state(ready.client_office)
    assert ready.refused("restore", backup, "--confirm", office=ready.client_office) == "schema-unexpected"
    assert state(ready.client_office) == before


def test_its_length_counts_in_bytes(ready: Workspace, image: Path) -> None:
    """Half as many letters of two bytes each: what another program compares is the file."""
    fits, too_long = "é" * (LONGEST_TEXT // 2), "é" * (LONGEST_TEXT // 2 + 1)
    ready.create_client_office()
    for by, expected in ((fits, None), (too_long, "schema-unexpected")):
        changed = Path(shutil.copy(image, ready.folder / f"{len(by)}.sqlite"))
        with contextlib.closing(sqlite3.connect(changed)) as connection, connection:
            connection.execute("UPDATE slice SET value = ? WHERE name = 'by'", (by,))
        answer = ready.run("restore", forge(ready.folder / f"{len(by)}.acb", changed), "--replace", "--confirm", office=ready.client_office)
        assert answer.error == expected


def test_long_texts_that_are_not_too_long_come_through_everything(ready: Workspace, image: Path) -> None:
    """More of them than may be joined at once: what a client's backup brings in can be verified, kept, handed over and replaced."""
    text = random_for("long texts").randbytes(MEGABYTE // 2 - 100).hex()  # not compressed, which is bounded too
    with contextlib.closing(sqlite3.connect(image)) as connection, connection:
        connection.execute("UPDATE accounts SET name = substr(?, rowid) WHERE rowid <= 20", (text,))
        connection.execute("UPDATE lines SET description = ?", (text,))
    backup = forge(ready.folder / "forged.acb", image)
    restored(ready, backup)
    office = ready.client_office
    again = ready.backup(7, office=office)
    assert ready.ok("verify", again, office=office)["ok"]
    assert ready.ok("rehearse", again, office=office)["ok"]
    assert ready.ok("restore", backup, "--replace", "--accept", "older-backup", "--confirm", office=office)["restored"]


LIMITED = """
import resource, sys
from pathlib import Path
from typing import Any
{imports}
with open("/proc/self/status") as status:
    used = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmData"))
resource.setrlimit(resource.RLIMIT_DATA, (used + {room}, used + {room}))
{work}
"""


def work_within(room: int, imports: str, work: str, *arguments: object) -> str:
    """Do some work in a process that gets no more than so many bytes of memory (caches and stacks of threads take 48 MB)."""
    command = [sys.executable, "-c", LIMITED.format(imports=imports, work=work, room=room), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "ACCOUNTOOLS_DEBUG": "1"})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


CHECK = "from accountools.storage.image.check import CheckedImage"
MANY_LONG_TEXTS = f"UPDATE accounts SET name = {of_length(MEGABYTE - 100)} WHERE rowid <= 40"


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")
@pytest.mark.parametrize(
    ("statement", "answer"),
    [(MANY_LONG_TEXTS, "checked"), (f"UPDATE lines SET description = {of_length(40 * MEGABYTE)} WHERE id = 1", "schema-unexpected")],
    ids=["many", "one"],
)
def test_long_texts_are_checked_in_little_memory(image: Path, statement: str, answer: str) -> None:
    edit(image, statement)
    work = """
try:
    CheckedImage(Path(sys.argv[1]), "administration")
    print("checked")
except Exception as error:
    print(getattr(error, "code", repr(error)))
"""
    assert work_within(64 * MEGABYTE, CHECK, work, image) == answer


def test_texts_are_searched_in_pieces(image: Path) -> None:
    edit(image, MANY_LONG_TEXTS, "UPDATE accounts SET name = 'needle' || name WHERE rowid = 17")
    sizes, found = list[int](), list[bool]()

    def search(texts: bytes) -> None:
        sizes.append(len(texts))
        found.append(b"needle" in texts)

    with contextlib.closing(sqlite3.connect(image)) as connection:
        scan_texts(connection, TextScan(40, search))
    assert sum(sizes) > 39 * MEGABYTE
    assert max(sizes) <= 16 * MEGABYTE
    assert any(found)


# --- the office's own ---


def write_into_books(desk: Workspace, number: int = 7) -> None:
    """A text that the program would not have taken."""
    edit(desk.office / "administrations" / f"{number:05d}.db", f"UPDATE accounts SET name = {of_length(MEGABYTE + 1)} WHERE rowid = 1")


@pytest.mark.parametrize("target", [(), ("--purpose", "safekeeping")])
def test_what_could_not_be_restored_is_not_made_and_stops_no_other(ready: Workspace, target: tuple[str, ...]) -> None:
    second_client(ready, 8)
    write_into_books(ready)
    answer = ready.run("backup", 7, 8, *target, "--confirm")
    assert (answer.code, set(answer.obstacles)) == (3, {"text-too-long"})
    assert [one["administration"] for one in answer.json["backups"]] == [8]


def test_books_that_no_backup_can_hold_are_replaced_all_the_same(ready: Workspace) -> None:
    """By a good backup; the old ones are left beside it, as damaged ones are."""
    good = ready.backup(7, "--purpose", "safekeeping")
    write_into_books(ready)
    assert ready.ok("restore", good, "--replace", "--confirm")["restored"]
    assert ready.ok("administration", "show", 7)["counts"]["accounts"] > 0
    assert ready.backup().is_file()
    assert len(list((ready.office / "administrations").glob("*.damaged"))) == 1


def test_the_program_writes_no_text_that_it_would_not_restore(ready: Workspace) -> None:
    for name in ("x" * (MEGABYTE + 1), "é" * (MEGABYTE // 2 + 1)):
        with pytest.raises(AccountoolsError, match="text-too-long"):
            post(Office.open(ready.office), AdministrationNumber(7), (), (Relation("D1", name, "D"),))
    assert ready.ok("administration", "show", 7)["counts"]["relations"] == 0


# --- passphrases ---


def by_passphrase(work: bytes, words: str = "words") -> bytes:
    """An age file that asks for another amount of work than it was made with."""
    return fast_passphrases.encrypt(b"secret", words).replace(b" 2\n", b" " + work + b"\n", 1)


def armored(data: bytes) -> bytes:
    lines = base64.encodebytes(data).replace(b"\n", b"")
    body = b"\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return b"-----BEGIN AGE ENCRYPTED FILE-----\n" + body + b"\n-----END AGE ENCRYPTED FILE-----\n"


@pytest.mark.parametrize("shape", [bytes, armored])
@pytest.mark.parametrize("work", [b"21", b"22", b"24", b"30", b"63", b"64"])
def test_a_passphrase_takes_no_more_work_than_is_reasonable(
    work: bytes, shape: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Age itself would take 4 GB for 22; it isn't asked."""
    monkeypatch.setattr("pyrage.passphrase.decrypt", lambda *_: pytest.fail("age was asked"))
    with pytest.raises(AccountoolsError, match="too-large"):
        decrypt_bytes(shape(by_passphrase(work)), None, "words")


@pytest.mark.parametrize("work", [b"0", b"02", b"+2", b"-2", b"2 ", b"2 2", b"100", b"x", b""])
def test_work_that_is_no_number_is_no_key(work: bytes) -> None:
    with pytest.raises(AccountoolsError, match="wrong-key"):
        decrypt_bytes(by_passphrase(work), None, "words")


def test_a_second_passphrase_in_the_header_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which the first asks for little work and the second for much."""
    monkeypatch.setattr("pyrage.passphrase.decrypt", lambda *_: pytest.fail("age was asked"))
    one, other = (by_passphrase(work).split(b"\n---", 1)[0].split(b"\n", 1)[1] for work in (b"2", b"22"))
    rest = by_passphrase(b"2").split(b"\n---", 1)[1]
    for stanzas in ((one, other), (other, one), (b"-> grease\n", other)):
        with pytest.raises(AccountoolsError):
            decrypt_bytes(b"age-encryption.org/v1\n" + b"\n".join(stanzas) + b"\n---" + rest, None, "words")


@pytest.mark.parametrize("shape", [bytes, armored, lambda data: armored(data).replace(b"\n", b"\r\n")])
def test_what_is_reasonable_opens(shape: Callable[[bytes], bytes]) -> None:
    assert decrypt_bytes(shape(by_passphrase(b"2")), None, "words") == b"secret"
    with pytest.raises(AccountoolsError, match="wrong-key"):
        decrypt_bytes(shape(by_passphrase(b"2")), None, "others")


def test_every_command_that_takes_a_passphrase_refuses_it(ready: Workspace, image: Path) -> None:
    words = passphrase_file(ready)
    ready.create_client_office()
    forged, recipient = ready.folder / "forged.acb", new_key(ready)
    with forged.open("w+b") as target:
        draft = replace(DRAFT, recipients=(recipient,))
        write_backup(
            target, image, draft, SigningOffice("Kantoor", "11111111", ATTACKER), Encryption(recipient, by_passphrase(b"22", WORDS))
        )
    for command in (("verify",), ("rehearse",)):
        answer = ready.run(*command, forged, "--passphrase-file", words)
        assert (answer.code, [one["code"] for one in answer.json["findings"]]) == (1, ["too-large"])
    assert ready.refused("restore", forged, "--passphrase-file", words, "--confirm", office=ready.client_office) == "too-large"
    sealed = ready.folder / "sealed.age"
    sealed.write_bytes(by_passphrase(b"22"))
    assert ready.refused("key", "unseal", sealed, "--passphrase-file", words) == "too-large"
    findings = ready.run("inspect", sealed, "--passphrase-file", words).json["files"][0]["findings"]
    assert [one["code"] for one in findings] == ["too-large"]


# --- JSON in the columns of books: what another program wrote there is refused, or does no harm ---

JSON_COLUMNS = [
    *((table, "more") for table in ("years", "periods", "accounts", "journals", "vat_codes", "relations", "entries", "lines")),
    *((table, "addresses") for table in ("years", "relations")),
]
WRONG_JSON = {
    "no JSON": "x",
    "half of it": '{"a":',
    "a number": "5",
    "null": "null",
    "not a number": '{"a": NaN}',
    "very deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "another kind": {"more": "[]", "addresses": "{}"},
    "not of objects": {"more": '["a"]', "addresses": '[{"city": "Delft"}, 5]'},
}
ODD_JSON = {
    "numbers": {"more": '{"desc": 5, "nr": [[]], "amnt": {}, "undeclared": 7}', "addresses": '[{"city": 5, "kind": []}]'},
    "shapes": {"more": '{"header": 5, "company": [1], "basics": 7, "taxonomy": 1}', "addresses": '[{"street": {"a": 1}}]'},
    "further shapes": {"more": '{"basics": [1, {}], "header": {"a": [{}]}, "company": {"companyIdent": 9}}', "addresses": "[{}]"},
    "twice": {"more": '{"header": {}, "header": 5, "desc": "a", "desc": 5}', "addresses": '[{"city": "A", "city": 5}]'},
    "no elements": {"more": '{"a b<": "x", "": {}}', "addresses": '[{"a b<": "x"}]'},
    "deep": {"more": '{"a":' * 997 + "1" + "}" * 997, "addresses": '[{"city":' * 498 + "1" + "}]" * 498},
}


def write_json(image: Path, places: Iterable[tuple[str, str]], text: Any) -> None:
    """Write this text into these columns of all rows."""
    with contextlib.closing(sqlite3.connect(image)) as connection, connection:
        for table, column in places:
            value = text if isinstance(text, str) else text[column]
            assert connection.execute(f"UPDATE {table} SET {column} = ?", (value,)).rowcount > 0


@pytest.mark.parametrize("name", WRONG_JSON)
def test_what_is_no_json_of_its_kind_is_refused_in_each_column(image: Path, name: str) -> None:
    original = image.read_bytes()
    for place in JSON_COLUMNS:
        image.write_bytes(original)
        write_json(image, [place], WRONG_JSON[name])
        assert refusal(image) == "schema-unexpected", place


def test_a_backup_with_such_json_is_not_restored(ready: Workspace, image: Path) -> None:
    write_json(image, [("lines", "more")], "x")
    backup, office = forge(ready.folder / "forged.acb", image), ready.create_client_office()
    before = state(office)
    assert ready.refused("restore", backup, "--confirm", office=office) == "schema-unexpected"
    assert [one["code"] for one in ready.run("verify", backup).json["findings"]] == ["schema-unexpected"]
    assert state(office) == before


@pytest.mark.parametrize("name", ODD_JSON)
def test_json_that_no_audit_file_gives_stops_nothing(ready: Workspace, image: Path, name: str) -> None:
    write_json(image, JSON_COLUMNS, ODD_JSON[name])
    restored(ready, forge(ready.folder / "forged.acb", image))
    office = ready.client_office
    for version in ("4.0", "3.2"):
        path = ready.folder / f"{version}.xaf"
        ready.ok("auditfile", "export", 7, path, "--version", version, office=office)
        assert ready.ok("auditfile", "check", path)["counts"]["lines"] > 0
    for words in (("books", "check", 7), ("books", "vat", 7), ("dossier", 7, "--out", ready.folder / "dossier.html")):
        ready.ok(*words, office=office)
    again = ready.backup(7, office=office)
    assert ready.ok("rehearse", again, office=office)["ok"]


def test_books_in_which_another_program_wrote_no_json_are_not_handed_over(ready: Workspace) -> None:
    post_books(ready.office)
    with contextlib.closing(sqlite3.connect(ready.office / "administrations" / "00007.db")) as books, books:
        books.execute("UPDATE lines SET more = 'x' WHERE id = 1")
    assert ready.refused("backup", 7, "--confirm") == "schema-unexpected"
