"""Restoring: the same administration under the same number (S16), from whom it may come, and what is never rolled back."""

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accountools import safe_files
from accountools.clock import system_clock
from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.reader import Decryption
from accountools.formats.encryption import parse_identities
from accountools.formats.signatures import SigningKey
from accountools.office import Office
from accountools.operations.backups import write
from accountools.operations.backups.target import BackupTarget
from accountools.storage import schema
from accountools.storage.image import write as write_image
from tests.engines import book_rows, place_of, run_sql, trust_of
from tests.test_handover import (
    WORDS,
    extract_of,
    manifest_of,
    new_key,
    post_books,
    query,
    revoke,
    sealing_once,
    second_client,
    state,
    token_of,
)
from tests.test_handover import (
    change_register as edit_register,
)
from tests.workspace import CLIENT_KVK, HENK, PIET, TODAY, Workspace

pytestmark = pytest.mark.both_engines


SEVEN = AdministrationNumber(7)
INGRID = r"JANSEN\ingrid"


def rows_of(office: Path, number: int = 7) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of an administration's books."""
    return {name: sorted(book_rows(office, name, number), key=repr) for name in schema.BOOK_TABLES}


def change_books(office: Path, *statements: str, number: int = 7) -> None:
    for statement in statements:
        run_sql(office, statement, number=number)


def open_office(folder: Path) -> Office:
    return Office.open(place_of(folder), system_clock(date.fromisoformat(TODAY)))


def restored(desk: Workspace, backup: Path, *words: object) -> Any:
    """Restore in the client's office, which is made when it isn't there."""
    if not desk.client_office.exists():
        desk.create_client_office()
    return desk.ok("restore", backup, *words, "--confirm", office=desk.client_office)


def rival(desk: Workspace) -> Path:
    """Another accountant's office hands the same client's administration over; gives its backup."""
    office = desk.folder / "rival"
    own = desk.issue_own("rival.lic", number="AC-2002", licensee="Kantoor Maanzicht", kvk="22222222")
    desk.ok("init", "--licence", own, "--trust", desk.trust, office=office)
    desk.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=office)
    desk.ok("administration", "create", 7, "--description", "Van de concurrent", "--client", CLIENT_KVK, office=office)
    desk.ok("licence", "import", desk.folder / "client.lic", "--administration", 7, "--user", HENK, "--user-name", "Henk", "--confirm",
            office=office)  # fmt: skip
    return desk.backup(7, office=office)


# --- S16 ---


def test_s16_it_is_the_same_administration_under_the_same_number(ready: Workspace) -> None:
    post_books(ready.office)
    ready.ok("user", "add", "--administration", 7, INGRID, "--name", "Ingrid Ærø", "--employee", 12, "--inactive")
    backup = ready.backup()
    ready.create_client_office()
    planned = ready.ok("restore", backup, office=ready.client_office)
    assert (planned["restored"], planned["administration"]) == (False, 7)
    assert ready.ok("administration", "list", office=ready.client_office)["administrations"] == []
    answer = restored(ready, backup)
    before, after = ready.ok("administration", "show", 7), ready.ok("administration", "show", 7, office=ready.client_office)
    assert after == before  # number, description, client, licence, users, counts, totals
    assert rows_of(ready.client_office) == rows_of(ready.office)
    assert (answer["restored"], answer["administration"], answer["licence_number"]) == (True, 7, "KL-2041")
    assert (answer["counts"], answer["totals"], answer["users"]) == (before["counts"], before["totals"], before["users"])
    assert answer["totals"] == {"debit": "161.00", "credit": "161.00"}
    assert answer["signer"] == {"name": "Kantoor Zonnestein", "kvk": "11111111", "thumbprint": manifest_of(backup)["signer"]["jwk"]["kid"]}
    assert ready.ok("administration", "enter", 7, "--as", HENK, office=ready.client_office)["may"]
    shut = ready.run("administration", "enter", 7, "--as", INGRID, office=ready.client_office)
    assert (shut.code, shut.json["reason"]) == (3, "user-inactive")


def test_s16_another_number_is_had_by_a_copy(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 123)
    assert restored(ready, ready.backup(123))["administration"] == 123
    assert rows_of(ready.client_office, 123) == rows_of(ready.office, 7)


@pytest.mark.files_only
def test_the_indexes_are_made_again(ready: Workspace) -> None:
    restored(ready, ready.backup())
    made = "SELECT coalesce(sql, name) FROM sqlite_schema WHERE type = 'index' ORDER BY 1"
    found = [
        sqlite3.connect(office / "administrations" / "00007.db").execute(made).fetchall() for office in (ready.office, ready.client_office)
    ]
    assert found[0] == found[1]
    assert len([sql for (sql,) in found[1] if sql.startswith("CREATE INDEX")]) == 6


def test_a_user_with_a_very_long_name_comes_along(ready: Workspace) -> None:
    ready.ok("user", "add", "--administration", 7, INGRID, "--name", "Ingrid " * 60)
    assert [len(user["name"]) for user in restored(ready, ready.backup())["users"]] == [len("Henk Jansen"), 60 * 7 - 1]


def test_what_was_restored_is_in_the_journal(ready: Workspace) -> None:
    backup = ready.backup()
    restored(ready, backup)
    event = ready.ok("journal", "--administration", 7, office=ready.client_office)["events"][-1]
    assert event["what"] == "administration-restored"
    assert event["details"]["backup"] == safe_files.sha256_of(backup)
    assert ready.ok("journal", "verify", office=ready.client_office)["ok"]


# --- a number that is taken ---


def test_a_number_that_is_taken_is_not_given_away(ready: Workspace) -> None:
    backup = ready.backup()
    restored(ready, backup)
    before = state(ready.client_office)
    assert ready.refused("restore", backup, office=ready.client_office) == "number-taken"
    assert ready.refused("restore", backup, "--confirm", office=ready.client_office) == "number-taken"
    assert ready.refused("restore", backup, "--accept", "number-taken", "--confirm", office=ready.client_office) == "number-taken"
    assert state(ready.client_office) == before


@pytest.mark.files_only
def test_replacing_keeps_a_safety_copy_that_itself_restores(ready: Workspace) -> None:
    backup = ready.backup()
    restored(ready, backup)
    fresh = rows_of(ready.client_office)
    post_books(ready.client_office)
    ready.ok("user", "add", "--administration", 7, INGRID, "--name", "Ingrid", office=ready.client_office)
    worked_on, shown = rows_of(ready.client_office), ready.ok("administration", "show", 7, office=ready.client_office)
    assert worked_on != fresh
    restored(ready, backup, "--replace")
    assert rows_of(ready.client_office) == fresh
    (copy,) = (ready.client_office / "backups").iterdir()
    assert manifest_of(copy)["purpose"] == "safekeeping"
    assert ready.ok("verify", copy, office=ready.client_office)["signer"] == "own"
    restored(ready, copy, "--replace")
    assert rows_of(ready.client_office) == worked_on
    assert ready.ok("administration", "show", 7, office=ready.client_office) == shown
    assert len(list((ready.client_office / "backups").iterdir())) == 2  # what was replaced the second time is kept as well
    assert [path.name for path in (ready.client_office / "administrations").iterdir()] == ["00007.db"]


@pytest.mark.parametrize(("module", "step"), [(write, "write_container"), (safe_files, "publish"), (write_image, "write_administration")])
def test_nothing_is_replaced_when_the_safety_copy_cannot_be_made(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, module: Any, step: str
) -> None:
    backup = ready.backup()
    restored(ready, backup)
    post_books(ready.client_office)
    before, rows = state(ready.client_office)[0], rows_of(ready.client_office)

    def fail(*_: Any, **__: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        for name in {step, f"{step}_rows"} & vars(module).keys():  # of an image, as each engine writes it
            broken.setattr(module, name, fail)
        assert ready.refused("restore", backup, "--replace", "--confirm", office=ready.client_office, code=4) == "disk-full"
    assert (state(ready.client_office)[0], rows_of(ready.client_office)) == (before, rows)


def damage_a_page(books: Path) -> None:
    """Spoil the page of the chart, which only who reads the chart comes upon."""
    with contextlib.closing(sqlite3.connect(books)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'accounts'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with books.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.files_only
@pytest.mark.parametrize("damage", [damage_a_page, lambda books: books.write_bytes(b"no database"), lambda books: books.write_bytes(b"")])
def test_books_that_are_damaged_are_replaced_and_kept(ready: Workspace, damage: Callable[[Path], None]) -> None:
    backup = ready.backup(7, "--purpose", "safekeeping")
    rows, books = rows_of(ready.office), ready.office / "administrations" / "00007.db"
    damage(books)
    damaged = books.read_bytes()
    assert ready.ok("restore", backup, "--replace", "--confirm")["restored"]
    assert rows_of(ready.office) == rows
    (kept,) = books.parent.glob("*.damaged")
    assert kept.read_bytes() == damaged or not damaged  # SQLite writes a head in an empty file
    for _ in range(2):  # it is reported, and stays
        assert [(Path(one["path"]), one["what"], one["done"]) for one in ready.ok("repair")["found"]] == [(kept, "damaged-books", "kept")]
    assert kept.is_file()
    assert ready.ok("journal", "verify")["ok"]
    assert len(ready.ok("backups", "list")["backups"]) == 1  # no safety copy of what can't be read


@pytest.mark.files_only
def test_a_restore_that_fails_halfway_leaves_nothing(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = ready.backup()
    ready.create_client_office()
    before = state(ready.client_office)
    for step in ("publish", "create_private"):
        with monkeypatch.context() as broken:
            broken.setattr(safe_files, step, lambda *_, **__: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
            assert ready.refused("restore", backup, "--confirm", office=ready.client_office, code=4) == "disk-full"
        assert state(ready.client_office) == before
    restored(ready, backup)


# --- whose backups are taken ---


def test_the_first_signer_is_kept_when_it_is_confirmed_and_another_is_asked_about(ready: Workspace) -> None:
    backup, other = ready.backup(), rival(ready)
    ready.create_client_office()
    office = ready.client_office
    ready.ok("restore", backup, office=office)  # a plan keeps nobody
    assert query(office, "SELECT count(*) FROM signers") == [(0,)]
    assert ready.ok("verify", backup, office=office)["signer"] == "unknown"
    restored(ready, backup)
    assert query(office, "SELECT client_kvk, name, kvk FROM signers") == [("", "Kantoor Zonnestein", "11111111")]
    assert ready.ok("verify", backup, office=office)["signer"] == "known"
    before = state(office)
    answer = ready.run("restore", other, "--replace", "--confirm", office=office)
    assert (answer.code, answer.error) == (3, "signer-changed")
    assert [one["blocking"] for one in answer.json["obstacles"] if one["code"] == "signer-changed"] == [False]
    assert answer.json["signer"]["name"] == "Kantoor Maanzicht"
    verified = ready.run("verify", other, office=office)
    assert (verified.code, verified.json["signer"], [one["code"] for one in verified.json["findings"]]) == (
        1,
        "changed",
        ["signer-changed"],
    )
    assert ready.refused("restore", other, "--replace", "--accept", "older-backup", "--confirm", office=office) == "signer-changed"
    assert state(office) == before
    planned = ready.run("restore", other, "--replace", office=office)  # nothing blocks: it is planned, and shown
    assert planned.code == 0
    restored(ready, other, "--replace", "--accept", "signer-changed")
    assert query(office, "SELECT name FROM signers") == [("Kantoor Maanzicht",)]
    assert ready.ok("administration", "show", 7, office=office)["description"] == "Van de concurrent"
    assert ready.refused("restore", backup, "--replace", "--confirm", office=office) == "signer-changed"


def test_a_signer_read_out_by_telephone_is_held_to(ready: Workspace) -> None:
    backup, other = ready.backup(), rival(ready)
    thumbprint = manifest_of(backup)["signer"]["jwk"]["kid"]
    office = ready.create_client_office()
    before = state(office)
    for wrong in (manifest_of(other)["signer"]["jwk"]["kid"], thumbprint[:-1], thumbprint.lower(), "", "*"):
        for accept in ((), ("--accept", "signer-changed")):
            answer = ready.run("restore", backup, "--signer", wrong, *accept, "--confirm", office=office)
            assert (answer.code, answer.error) == (3, "signer-changed")
            assert [one["blocking"] for one in answer.json["obstacles"]] == [True]
            assert "read out to you" in answer.err
            assert "accept" not in answer.err
    assert state(office) == before
    restored(ready, backup, "--signer", f" {thumbprint} ")
    # and one read out in the place of the one kept is confirmation enough
    restored(ready, other, "--replace", "--signer", manifest_of(other)["signer"]["jwk"]["kid"])


def test_an_offices_own_key_never_counts_as_another(ready: Workspace) -> None:
    restored(ready, ready.backup())
    own = ready.backup(7, office=ready.client_office)
    assert ready.ok("verify", own, office=ready.client_office)["signer"] == "own"
    restored(ready, own, "--replace")
    assert query(ready.client_office, "SELECT name FROM signers") == [("Kantoor Zonnestein",)]


def kept_by_a_stranger(desk: Workspace, to: Path) -> Path:
    """A backup that says it is this office's own to keep, signed by another key."""
    stranger = Path(shutil.copytree(desk.office, desk.folder / "stranger"))
    (stranger / "backup-key.pem").write_bytes(SigningKey.new().pem())
    post_books(stranger)
    return desk.backup(7, "--purpose", "safekeeping", "--to", to, office=stranger)


def asked_about_the_signer(desk: Workspace, path: Path, *words: object) -> None:
    before = state(desk.office)
    answer = desk.run("restore", path, *words, "--confirm")
    assert (answer.code, answer.error) == (3, "signer-changed")
    assert [(one["code"], one["blocking"]) for one in answer.json["obstacles"]] == [("signer-changed", False)]
    assert state(desk.office) == before


@pytest.mark.files_only
def test_a_strangers_key_does_not_pass_for_the_offices_own_safekeeping(ready: Workspace) -> None:
    """Own means signed by a key that the office has or had, not only of its licence number; whoever accepts is asked again."""
    forged = kept_by_a_stranger(ready, ready.folder / "safe")
    asked_about_the_signer(ready, forged, "--replace")
    for _ in range(2):
        ready.ok("restore", forged, "--replace", "--accept", "signer-changed", "--confirm")
        assert query(ready.office, "SELECT * FROM signers") == []
        asked_about_the_signer(ready, forged, "--replace")


@pytest.mark.files_only
def test_nor_where_the_books_are_missing(ready: Workspace) -> None:
    forged = kept_by_a_stranger(ready, ready.folder / "safe")
    ready.lose_books(7)
    asked_about_the_signer(ready, forged)


@pytest.mark.files_only
def test_nor_in_an_office_that_was_made_anew_from_its_register(ready: Workspace) -> None:
    safe, recipient = ready.folder / "safe", new_key(ready)
    own, forged = ready.backup(7, "--purpose", "safekeeping", "--to", safe), kept_by_a_stranger(ready, safe)
    register = ready.backup("--register", "--recipient", recipient, "--to", safe)
    shutil.rmtree(ready.office)
    ready.ok("restore", register, "--identity", ready.folder / "key.txt", "--confirm")
    asked_about_the_signer(ready, forged)
    ready.ok("restore", own, "--confirm")  # its key came back with the register


@pytest.mark.files_only
def test_verify_and_rehearse_report_a_strangers_key_too(ready: Workspace) -> None:
    forged = kept_by_a_stranger(ready, ready.folder / "safe")
    verified, rehearsed = ready.run("verify", forged), ready.run("rehearse", forged)
    assert (verified.code, verified.json["signer"], [one["code"] for one in verified.json["findings"]]) == (
        1,
        "changed",
        ["signer-changed"],
    )
    assert (rehearsed.code, [one["code"] for one in rehearsed.json["findings"]]) == (1, ["signer-changed"])


@pytest.mark.files_only
def test_of_a_folder_the_offices_own_backup_is_restored_though_a_strangers_is_newer(ready: Workspace) -> None:
    safe, rows = ready.folder / "safe", rows_of(ready.office)
    ready.backup(7, "--purpose", "safekeeping", "--to", safe)
    kept_by_a_stranger(ready, safe)
    change_books(ready.office, "DELETE FROM accounts")
    assert ready.ok("restore", "--from", safe, "--replace", "--confirm")["restores"][0]["restored"]
    assert rows_of(ready.office) == rows


@pytest.mark.files_only
@pytest.mark.parametrize("lost", [False, True])
def test_a_key_that_the_office_had_before_is_its_own(ready: Workspace, lost: bool) -> None:
    """Kept at `key unseal`, also when the key before was lost by then."""
    kept, own, recipient = ready.backup(7, "--purpose", "safekeeping"), ready.office / "backup-key.pem", new_key(ready)
    former = own.read_bytes()
    own.write_bytes(SigningKey.new().pem())
    ready.ok("key", "seal", "--recipient", recipient, "--out", ready.folder / "sealed.age")
    own.write_bytes(b"" if lost else former)
    ready.ok("key", "unseal", ready.folder / "sealed.age", "--identity", ready.folder / "key.txt", "--confirm")
    assert ready.ok("verify", kept)["signer"] == "own"
    assert ready.ok("rehearse", kept)["ok"]
    ready.ok("restore", kept, "--replace", "--confirm")
    assert query(ready.office, "SELECT * FROM signers") == []
    asked_about_the_signer(ready, kept_by_a_stranger(ready, ready.folder / "safe"), "--replace")


def test_an_older_backup_is_asked_about(ready: Workspace) -> None:
    first, second = ready.backup(), ready.backup()
    restored(ready, second)
    office = ready.client_office
    restored(ready, second, "--replace")  # the same one is not older
    before = state(office)
    answer = ready.run("restore", first, "--replace", "--confirm", office=office)
    assert (answer.code, answer.error) == (3, "older-backup")
    assert state(office) == before
    restored(ready, first, "--replace", "--accept", "older-backup")
    assert ready.refused("restore", first, "--replace", "--confirm", office=office) == "older-backup"  # the highest stays held
    ready.ok("administration", "copy", 7, 8)
    assert restored(ready, ready.backup(8))["administration"] == 8  # each administration counts for itself


def twins(desk: Workspace, *words: object, office: Path | None = None) -> tuple[Path, Path]:
    """Backups of administration 007 by two copies of an office, with the same counter."""
    other = Path(shutil.copytree(office or desk.office, desk.folder / "copy"))
    post_books(other)
    found = tuple(desk.backup(7, *words, "--to", desk.folder / name, office=one) for name, one in (("a", office), ("b", other)))
    assert len({manifest_of(path)["counter"] for path in found}) == len({manifest_of(path)["signer"]["jwk"]["kid"] for path in found}) == 1
    return found[0], found[1]


def asked_which_of_two(desk: Workspace, path: Path, office: Path, command: str = "restore") -> None:
    before = state(office)
    answer = desk.run(command, path, "--replace", "--confirm", office=office)
    assert (answer.code, answer.error) == (3, "older-backup")
    assert [(one["code"], one["blocking"]) for one in answer.json["obstacles"]] == [("older-backup", False)]
    assert state(office) == before


@pytest.mark.files_only
def test_of_two_backups_with_the_same_counter_the_second_is_asked_about(ready: Workspace) -> None:
    """Two copies of an office give one counter twice: which of them is the newer, nobody knows."""
    first, second = twins(ready)
    restored(ready, first)
    asked_which_of_two(ready, second, ready.client_office)
    restored(ready, second, "--replace", "--accept", "older-backup")
    asked_which_of_two(ready, first, ready.client_office)
    restored(ready, Path(shutil.copy(second, ready.folder / "renamed.acb")), "--replace")  # the very same file is no other
    restored(ready, ready.backup(), "--replace")  # a higher counter is newer than both


@pytest.mark.files_only
def test_so_is_an_offices_own_safekeeping_backup_by_its_copy(ready: Workspace) -> None:
    first, second = twins(ready, "--purpose", "safekeeping")
    ready.ok("restore", first, "--replace", "--confirm")
    asked_which_of_two(ready, second, ready.office)


@pytest.mark.files_only
def test_so_is_a_clients_backup_by_the_copy_of_its_office(ready: Workspace) -> None:
    restored(ready, ready.backup())
    first, second = twins(ready, office=ready.client_office)
    ready.ok("install", first, "--replace", "--confirm")
    asked_which_of_two(ready, second, ready.office, "install")


@pytest.mark.files_only
def test_so_is_one_among_several(ready: Workspace) -> None:
    first, second = twins(ready, "--purpose", "safekeeping")
    ready.ok("restore", first, "--replace", "--confirm")
    answer = ready.run("restore", "--from", second.parent, "--replace", "--confirm")
    assert (answer.code, answer.error, answer.json["restores"][0]["restored"]) == (3, "older-backup", False)


def test_both_questions_need_their_own_yes(ready: Workspace) -> None:
    first, second, other = ready.backup(), ready.backup(), rival(ready)
    restored(ready, second)
    restored(ready, other, "--replace", "--accept", "signer-changed")
    answer = ready.run("restore", first, "--replace", "--confirm", office=ready.client_office)
    assert answer.obstacles[:2] == ["signer-changed", "older-backup"]
    for yes in ("signer-changed", "older-backup"):
        assert ready.run("restore", first, "--replace", "--accept", yes, "--confirm", office=ready.client_office).code == 3
    restored(ready, first, "--replace", "--accept", "signer-changed", "--accept", "older-backup")


# --- whose licence is in it ---


def refused_everywhere(desk: Workspace, backup: Path, code: str, office: Path) -> None:
    """It isn't taken, whatever is said, and nothing changes."""
    before = state(office)
    every_yes = [word for yes in ("signer-changed", "older-backup", "licence-differs") for word in ("--accept", yes)]
    for words in ((), ("--confirm",), ("--confirm", *every_yes)):
        answer = desk.run("restore", backup, "--replace", *words, office=office)
        assert (answer.code, answer.error) == (3, code)
    assert state(office) == before


def test_another_clients_backup_is_not_for_this_client(ready: Workspace) -> None:
    second_client(ready, 8)
    refused_everywhere(ready, ready.backup(8), "licence-differs", ready.create_client_office())


def test_an_accountants_office_takes_only_its_own_safekeeping_backups(ready: Workspace) -> None:
    refused_everywhere(ready, ready.backup(), "licence-differs", ready.office)  # a hand-over
    rival(ready)
    refused_everywhere(ready, ready.backup(7, "--purpose", "safekeeping", office=ready.folder / "rival"), "licence-differs", ready.office)
    restored(ready, ready.backup())
    refused_everywhere(ready, ready.backup(7, office=ready.client_office), "licence-differs", ready.office)  # the client's own


def test_an_accountants_safekeeping_backup_is_not_for_the_client_though_the_clients_licence_is_in_it(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    kept = ready.backup(7, "--purpose", "safekeeping")
    assert extract_of(kept)["licence"] == token_of(ready.folder / "client.lic")
    assert manifest_of(kept)["licence_number"] == "AC-1001"
    refused_everywhere(ready, kept, "licence-differs", ready.create_client_office())


def test_a_backup_without_a_licence_is_not_for_a_client(ready: Workspace) -> None:
    ready.create(8, "Sjabloon", client=None)
    refused_everywhere(ready, ready.backup(8, "--purpose", "safekeeping"), "licence-differs", ready.create_client_office())


def test_a_licence_of_an_issuer_that_is_not_trusted_is_not_taken(ready: Workspace) -> None:
    ready.ok("issuer", "new", ready.folder / "other")
    other = ready.issue("other.lic", issuer=ready.folder / "other")
    ready.ok("init", "--licence", other, "--trust", ready.folder / "other" / "trust.jwks", office=ready.client_office)
    refused_everywhere(ready, ready.backup(), "unknown-issuer", ready.client_office)


def test_a_licence_that_ran_out_is_reported_and_one_that_was_revoked_blocks(ready: Workspace) -> None:
    backup, office = ready.backup(), ready.create_client_office()
    late = ready.run("restore", backup, office=office, today="2029-01-01")
    assert (late.code, late.obstacles) == (0, ["licence-expired"])
    assert [one["blocking"] for one in late.json["obstacles"]] == [False]
    early = ready.run("restore", backup, office=office, today="2025-06-01")
    assert (early.code, early.obstacles) == (0, ["licence-not-yet-valid"])
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", ready.folder / "revoked.txt")
    ready.ok("licence", "revocations", ready.folder / "revoked.txt", office=office)
    refused_everywhere(ready, backup, "licence-revoked", office)


def test_one_that_ran_out_really_is_restored(ready: Workspace) -> None:
    backup, office = ready.backup(), ready.create_client_office()
    ready.ok("restore", backup, "--confirm", office=office, today="2029-01-01")
    entrance = ready.ok("administration", "enter", 7, "--as", HENK, office=office, today="2029-01-01")
    assert entrance == {"may": True, "reason": None, "warning": "licence-expired"}


# --- never rolled back ---


def issued_later(desk: Workspace, name: str, **changes: object) -> Path:
    """A licence whose moment of issue (`iat`) is the day after."""
    desk.today = "2026-11-25"
    path = desk.issue(name, **changes)
    desk.today = TODAY
    return path


def test_a_newer_licence_that_is_held_stays_with_its_user(ready: Workspace) -> None:
    kept, handed = ready.backup(7, "--purpose", "safekeeping"), ready.backup()
    restored(ready, handed)
    newer = issued_later(ready, "newer.lic", users=2)
    ready.ok("licence", "import", newer, "--administration", 7, "--user", INGRID, "--user-name", "Ingrid", "--confirm")
    restored(ready, ready.backup(), "--replace")
    ready.ok("restore", kept, "--replace", "--confirm")
    restored(ready, handed, "--replace", "--accept", "older-backup")
    for office in (ready.office, ready.client_office):
        shown = ready.ok("administration", "show", 7, office=office)
        assert shown["licence"]["users"] == 2
        assert [user["login"] for user in shown["users"]] == [HENK, INGRID]
        assert query(office, "SELECT login_key FROM imports") == [(INGRID.lower(),)]
        assert ready.ok("administration", "enter", 7, "--as", INGRID, office=office)["may"]
        assert ready.ok("journal", "verify", office=office)["ok"]


def test_a_newer_licence_in_the_backup_takes_the_place_of_the_older(ready: Workspace) -> None:
    restored(ready, ready.backup())
    ready.import_licence(issued_later(ready, "newer.lic", users=2))
    restored(ready, ready.backup(), "--replace")
    assert ready.ok("administration", "show", 7, office=ready.client_office)["licence"]["users"] == 2


def test_revocations_signers_and_the_own_licence_stay_as_they_are(ready: Workspace) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping")
    revoke(ready, "KL-9999")
    ready.ok("licence", "renew", ready.issue_own("renewed.lic"), "--confirm")
    tables = ("revocations", "signers", "own_licences", "licences", "office")
    before = {name: query(ready.office, f"SELECT * FROM {name}") for name in tables}
    trust = trust_of(ready.office)
    ready.ok("restore", kept, "--replace", "--confirm")
    assert {name: query(ready.office, f"SELECT * FROM {name}") for name in tables} == before
    assert trust_of(ready.office) == trust


# --- the office's own ---


def test_an_accountants_own_safekeeping_backup_brings_everything_back(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    post_books(ready.office)
    kept, shown, rows = ready.backup(7, "--purpose", "safekeeping"), ready.ok("administration", "show", 7), rows_of(ready.office)
    change_books(ready.office, "DELETE FROM lines", "DELETE FROM entries")
    ready.ok("user", "deactivate", "--administration", 7, PIET)
    ready.ok("restore", kept, "--replace", "--confirm")
    assert (ready.ok("administration", "show", 7), rows_of(ready.office)) == (shown, rows)
    assert ready.ok("audit")["rows"][0]["state"] == "ready"
    assert ready.ok("backup", 7, "--confirm")["backups"][0]["purpose"] == "handover"


def test_a_template_is_kept_and_restored_too(ready: Workspace) -> None:
    ready.create(900, "Sjabloon", client=None)
    kept, rows = ready.backup(900, "--purpose", "safekeeping"), rows_of(ready.office, 900)
    change_books(ready.office, "DELETE FROM accounts", number=900)
    ready.ok("restore", kept, "--replace", "--confirm")
    assert rows_of(ready.office, 900) == rows
    assert ready.ok("administration", "show", 900)["client"] is None


def test_a_restored_backup_of_ones_own_does_not_lower_the_counter(ready: Workspace) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping")
    for _ in range(3):
        last = ready.backup()
    ready.ok("restore", kept, "--replace", "--confirm")
    assert manifest_of(ready.backup())["counter"] > manifest_of(last)["counter"]


def test_books_that_are_missing_come_back_without_replacing(ready: Workspace) -> None:
    post_books(ready.office)
    kept, rows = ready.backup(7, "--purpose", "safekeeping"), rows_of(ready.office)
    ready.lose_books(7)
    assert ready.refused("administration", "show", 7) == "books-missing"
    ready.ok("restore", kept, "--confirm")
    assert rows_of(ready.office) == rows
    assert list((ready.office / "backups").iterdir()) == [kept]  # there was nothing to keep a copy of


@pytest.mark.files_only
def test_books_that_lie_there_without_an_administration_are_moved_not_lost(ready: Workspace) -> None:
    backup, office = ready.backup(), ready.create_client_office()
    stray = office / "administrations" / "00007.db"
    shutil.copy(ready.office / "administrations" / "00007.db", stray)
    change_books(office, "UPDATE accounts SET name = 'van vroeger'")
    restored(ready, backup)
    assert rows_of(office) == rows_of(ready.office)
    (moved,) = (path for path in stray.parent.iterdir() if path != stray)
    assert sqlite3.connect(moved).execute("SELECT DISTINCT name FROM accounts").fetchall() == [("van vroeger",)]


def test_without_an_office_there_is_nothing_to_restore_into(ready: Workspace) -> None:
    backup = ready.backup()
    for words in ((), ("--confirm",)):
        assert ready.refused("restore", backup, *words, office=ready.client_office) == "office-not-found"
    assert not ready.client_office.exists()


# --- another client's administration ---


def in_a_new_register(desk: Workspace) -> tuple[Path, Workspace]:
    """Administration 007 of Bakkerij Jansen is kept; the office is set up again, and 007 becomes Slagerij 7's, with its licence."""
    kept = desk.backup(7, "--purpose", "safekeeping", "--to", desk.folder / "safe")
    key = (desk.office / "backup-key.pem").read_bytes()
    shutil.rmtree(desk.office)
    desk.ok("init", "--licence", desk.folder / "own.lic", "--trust", desk.trust)
    (desk.office / "backup-key.pem").write_bytes(key)
    second_client(desk, 7)
    desk.add_client()
    return kept, desk


def refused_whatever_is_accepted(desk: Workspace, kept: Path, office: Path, *words: object) -> None:
    before = state(office)
    accepted = [word for code in ("client-differs", "signer-changed", "older-backup") for word in ("--accept", code)]
    for more in ((), ("--confirm",), (*accepted, "--confirm")):
        answer = desk.run("restore", kept, *words, *more, office=office)
        assert (answer.code, answer.error) == (3, "client-differs")
        assert "client-differs" in answer.obstacles
    assert state(office) == before


@pytest.mark.files_only
def test_a_restore_over_another_clients_administration_is_refused(ready: Workspace) -> None:
    """Else one client's books would be handed over under the other's licence."""
    kept, desk = in_a_new_register(ready)
    refused_whatever_is_accepted(desk, kept, desk.office, "--replace")
    assert desk.ok("administration", "show", 7)["client"]["name"] == "Slagerij 7"


@pytest.mark.files_only
def test_so_is_one_where_the_books_of_that_administration_are_missing(ready: Workspace) -> None:
    kept, desk = in_a_new_register(ready)
    desk.lose_books(7)
    refused_whatever_is_accepted(desk, kept, desk.office)


@pytest.mark.files_only
def test_so_is_one_from_second_office_under_the_same_licence_number(ready: Workspace) -> None:
    kept, second = ready.backup(7, "--purpose", "safekeeping"), Workspace(ready.folder / "second")
    ready.ok("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust, office=second.office)
    second.add_client("Slagerij De Wit", "99999999")
    second.create(7, "Slagerij De Wit", client="99999999")
    refused_whatever_is_accepted(ready, kept, second.office, "--replace")


@pytest.mark.parametrize("template_here", [True, False])
def test_a_template_and_a_clients_administration_do_not_become_each_other(ready: Workspace, template_here: bool) -> None:
    ready.create(900, "Sjabloon", client=None)
    number = 7 if template_here else 900
    kept = ready.backup(number, "--purpose", "safekeeping")
    edit_register(ready.office, "UPDATE administrations SET client_kvk = ? WHERE number = ?", None if template_here else CLIENT_KVK, number)
    refused_whatever_is_accepted(ready, kept, ready.office, "--replace")


def test_of_several_backups_only_that_of_another_client_is_refused(ready: Workspace) -> None:
    second_client(ready, 8)
    safe = ready.folder / "safe"
    for number in (7, 8):
        ready.backup(number, "--purpose", "safekeeping", "--to", safe)
    edit_register(ready.office, "UPDATE administrations SET client_kvk = '20000008' WHERE number = 7")
    answer = ready.run("restore", "--from", safe, "--replace", "--confirm")
    assert answer.code == 3
    assert [(one["administration"], one["restored"]) for one in answer.json["restores"]] == [(7, False), (8, True)]
    assert [one["code"] for one in answer.json["restores"][0]["obstacles"]] == ["client-differs"]


# --- into an archived administration ---


def archived_notes(obstacles: list[Any]) -> list[str]:
    found = [one for one in obstacles if one["code"] == "administration-archived"]
    assert not any(one["blocking"] for one in found)
    return [one["remedy"] for one in found]


@pytest.mark.parametrize("way", ["one", "many", "at the client", "installed"])
def test_who_restores_or_installs_into_an_archived_administration_is_told_that_it_stays_archived(ready: Workspace, way: str) -> None:
    office, kept, words = ready.office, ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "safe"), ("restore",)
    if way in {"at the client", "installed"}:
        office, kept = ready.create_client_office(), ready.backup()
        ready.ok("restore", kept, "--confirm", office=office)
    if way == "installed":
        office, kept, words = ready.office, ready.backup(7, "--plain", office=office), ("install",)
    source = ("--from", kept.parent) if way == "many" else (kept,)

    def notes(*more: str) -> list[str]:
        answer = ready.ok(*words, *source, "--replace", *more, office=office)
        return archived_notes(answer["restores"][0]["obstacles"] if way == "many" else answer["obstacles"])

    assert notes() == []
    ready.ok("administration", "archive", 7, office=office)
    (remedy,) = notes()
    assert "`accountools administration unarchive 007`" in remedy
    assert notes("--confirm") == [remedy]
    assert ready.ok("administration", "list", office=office)["administrations"][0]["archived"]
    ready.ok("administration", "unarchive", "007", office=office)
    assert notes() == []


# --- plan, then apply ---


def test_a_plan_of_a_restore_that_no_longer_holds_is_refused(ready: Workspace) -> None:
    backup, second, office = ready.backup(), ready.backup(), ready.create_client_office()
    plan = ready.ok("restore", backup, office=office)["plan"]
    before = state(office)
    assert ready.refused("restore", backup, "--plan", plan, office=office, code=2) == "plan-needed"
    assert ready.refused("restore", second, "--plan", plan, "--confirm", office=office) == "changed-meanwhile"
    assert ready.refused("restore", backup, "--plan", plan, "--replace", "--confirm", office=office) == "changed-meanwhile"
    assert state(office) == before
    ready.ok("restore", backup, "--plan", plan, "--confirm", office=office)


def replace_file(desk: Workspace, path: Path) -> None:
    path.write_bytes(desk.backup().read_bytes())


def change_register(desk: Workspace, path: Path) -> None:
    desk.ok("user", "add", "--administration", 7, INGRID, "--name", "Ingrid", office=desk.client_office)


@pytest.mark.parametrize("change", [replace_file, change_register])
def test_what_changed_between_plan_and_apply_is_not_restored(ready: Workspace, change: Callable[[Workspace, Path], None]) -> None:
    backup = ready.backup()
    restored(ready, backup)
    office = open_office(ready.client_office)
    plan = office.plan_restore(backup, replace=True)
    change(ready, backup)
    before = state(ready.client_office)
    with pytest.raises(AccountoolsError) as caught:
        office.apply(plan)
    assert caught.value.code == "changed-meanwhile"
    assert state(ready.client_office) == before


# --- any books at all, by any way of encryption ---


def text(longest: int = 40) -> st.SearchStrategy[str]:
    """Whatever a text of books may hold: all but halves of pairs and U+0000, with which no backup is made (test_images)."""
    return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=longest)


@st.composite
def books(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Accounts, journals, VAT codes, relations, and entries that balance, with whatever texts."""
    codes = [f"x{n}{draw(text(8))}" for n in range(draw(st.integers(1, 5)))]
    relations = [f"r{n}{draw(text(8))}" for n in range(draw(st.integers(0, 3)))]
    vat = [f"v{n}" for n in range(draw(st.integers(0, 2)))]
    entries, lines = [], []
    for number in range(1, draw(st.integers(0, 5)) + 1):
        entries.append({"id": number, "journal": "jj", "number": draw(text()), "date": "2026-01-31",
                        "period": draw(st.integers(0, 13)), "description": draw(text(300)), "year": "2026"})  # fmt: skip
        for _ in range(draw(st.integers(0, 4))):
            amount = draw(st.integers(-(10**14), 10**14))
            for side in ("D", "C"):
                lines.append({"id": len(lines) + 1, "entry": number, "side": side, "account": draw(st.sampled_from(codes)),
                              "amount": amount, "description": draw(text()),
                              "relation": draw(st.sampled_from([None, *relations]))})  # fmt: skip
    rows = [{"line": line["id"], "code": draw(st.sampled_from(vat)), "percentage": draw(st.none() | st.integers(0, 10**6)),
             "side": draw(st.sampled_from([None, "D", "C"])), "amount": draw(st.none() | st.integers(-(10**14), 10**14))}
            for line in lines for _ in range(draw(st.integers(0, 2))) if vat]  # fmt: skip
    return {
        "years": [{"label": "2026", "first_day": "2026-01-01", "last_day": "2026-12-31", "closed": draw(st.integers(0, 1)),
                   "company": draw(st.none() | text())}],
        "periods": [{"year": "2026", "number": number, "name": draw(st.none() | text())} for number in range(14)],
        "accounts": [{"code": code, "name": draw(text(300)), "rgs": draw(text()), "kind": draw(st.sampled_from("BP")),
                      "side": draw(st.sampled_from("DC")), "vat": draw(text(4))} for code in codes],
        "journals": [{"code": "jj", "name": draw(text()), "kind": draw(text(2))}],
        "vat_codes": [{"code": code, "name": draw(text()), "rate": draw(st.none() | st.integers(-(2**40), 2**40))} for code in vat],
        "relations": [{"code": code, "name": draw(text()), "kind": draw(st.sampled_from("DCB")), "city": draw(text())}
                      for code in relations],
        "entries": entries,
        "lines": lines,
        "vat_rows": rows,
    }  # fmt: skip


def there_and_back(
    desk: Workspace, content: dict[str, list[dict[str, Any]]], folder: Path, destination: BackupTarget, unlock: Decryption
) -> None:
    """Books → backup → restore → the same rows."""
    offices = [Path(shutil.copytree(one, folder / one.name)) for one in (desk.office, desk.client_office)]
    office, client = map(open_office, offices)
    with office.engine.books(SEVEN, change=True) as connection:
        for name, rows in content.items():
            if rows:
                connection.execute(sa.insert(schema.BOOKS.tables[name]), rows)
    (made,) = office.apply(office.plan_backup([7], destination)).made
    assert made.encrypted == (destination != BackupTarget())
    client.apply(client.plan_restore(made.path, unlock))
    assert rows_of(offices[1]) == rows_of(offices[0])
    assert len(rows_of(offices[1])["lines"]) == len(content["lines"])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, _masters: dict[str, Path]) -> Workspace:
    desk = Workspace(Path(shutil.copytree(_masters["ready"], tmp_path_factory.mktemp("pair") / "desk")))
    desk.create_client_office()
    return desk


FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.files_only
@FEW
@given(content=books())
def test_any_books_come_back_as_they_were(pair: Workspace, tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    there_and_back(pair, content, tmp_path_factory.mktemp("plain"), BackupTarget(), Decryption())


@pytest.mark.files_only
@FEW
@given(content=books())
def test_any_books_come_back_when_encrypted_to_a_recipient(pair: Workspace, tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    folder = tmp_path_factory.mktemp("recipient")
    recipient = new_key(pair, f"{folder.name}.txt")
    unlock = Decryption(identity=parse_identities((pair.folder / f"{folder.name}.txt").read_text()))
    there_and_back(pair, content, folder, BackupTarget(recipient=recipient), unlock)


@pytest.mark.files_only
@pytest.mark.xdist_group("passphrase")
@FEW
@given(content=books())
def test_any_books_come_back_when_encrypted_by_a_passphrase(
    pair: Workspace, tmp_path_factory: pytest.TempPathFactory, content: Any
) -> None:
    words = WORDS
    with sealing_once():
        there_and_back(pair, content, tmp_path_factory.mktemp("words"), BackupTarget(passphrase=words), Decryption(passphrase=words))
