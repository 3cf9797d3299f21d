"""What is taken in can go out again; and books that can't go out are replaced by good ones, and kept."""

import base64
import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Relation
from accountools.office import Office
from accountools.operations.backups import register_extract
from accountools.operations.books.entries import post
from tests.engines import place_of, run_sql
from tests.test_handover import state
from tests.test_install import at_the_client
from tests.workspace import CLIENT_KVK, PIET, Workspace

pytestmark = pytest.mark.both_engines

CLAIM = f"eyJ.{base64.urlsafe_b64encode(json.dumps({'kind': 'accountant'}).encode()).decode()}"
LIMIT = 5


def write_claim(office: Path) -> None:
    """A text that claims to be an accountant's licence, as a client may type it."""
    post(Office.open(place_of(office)), AdministrationNumber(7), (), [Relation("X", CLAIM, "D")])


def claiming(desk: Workspace) -> Path:
    """The client's own backup with such a text in it, and the office's books as they went to the client."""
    office = at_the_client(desk)
    write_claim(office)
    return desk.backup(7, office=office)


def set_aside(desk: Workspace) -> list[str]:
    """The books that `repair` finds to be kept for good."""
    return [one["path"] for one in desk.ok("repair")["found"] if one["done"] == "kept"]


# --- what comes in ---


@pytest.mark.parametrize("replace", [(), ("--replace",)])
def test_a_clients_backup_with_an_accountants_licence_in_it_is_not_installed(ready: Workspace, replace: tuple[str, ...]) -> None:
    backup = claiming(ready)
    if not replace:
        ready.lose_books(7)
    before = state(ready.office)
    for confirm in ((), ("--confirm",)):
        answer = ready.run("install", backup, *replace, *confirm)
        assert (answer.code, answer.error, answer.obstacles[:1]) == (3, "office-licence-found", ["office-licence-found"])
        assert backup.name in answer.json["error"]["message"]
    assert state(ready.office) == before


@pytest.mark.files_only
@pytest.mark.parametrize("many", [False, True])
def test_nor_is_a_strangers_backup_with_one_restored_in_an_accountants_office(ready: Workspace, tmp_path: Path, many: bool) -> None:
    """Another program under the same licence, without this office's key: whoever accepts its signer gets the same books."""
    other = Workspace(tmp_path / "other")
    other.folder.mkdir()
    other.ok("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust)
    other.add_client()
    other.create()
    clean = other.backup(7, "--purpose", "safekeeping")
    ready.ok("restore", clean, "--replace", "--accept", "signer-changed", "--confirm")
    with pytest.MonkeyPatch.context() as careless:
        careless.setattr("accountools.formats.leak_scan.LeakScan.search_texts", lambda *_: None)
        careless.setattr("accountools.formats.leak_scan._is_claimed", lambda *_: False)
        write_claim(other.office)
        backup = other.backup(7, "--purpose", "safekeeping")
    source = ("--from", backup.parent) if many else (backup,)
    before = state(ready.office)
    answer = ready.run("restore", *source, "--replace", "--accept", "signer-changed", "--confirm")
    assert (answer.code, answer.error) == (3, "office-licence-found")
    assert state(ready.office) == before


def test_a_clients_own_office_restores_it(ready: Workspace) -> None:
    """There nothing is looked for: no accountant's licence of its own could be in it, and its backups are made with it."""
    backup = claiming(ready)
    ready.ok("restore", backup, "--replace", "--confirm", office=ready.client_office)
    assert ready.backup(7, office=ready.client_office).is_file()


# --- what is so already ---


def replaced_by(desk: Workspace, good: Path, command: str, reason: str) -> Any:
    """Replace the office's books by a good backup; they are kept, and it says where, and why there is no safety copy."""
    made = len(desk.ok("backups", "list")["backups"])
    done = desk.ok(command, good, "--replace", "--confirm")
    (aside, why) = done["obstacles"]
    assert (aside["code"], aside["blocking"], why["code"], why["blocking"]) == ("books-set-aside", False, reason, False)
    (kept,) = set_aside(desk)
    assert aside["message"].endswith(f"{kept}.")
    assert len(desk.ok("backups", "list")["backups"]) == made
    assert desk.ok("backup", 7, "--confirm")["backups"]
    assert desk.ok("backup", 7, "--purpose", "safekeeping", "--confirm")["backups"]
    assert desk.ok("journal", "verify")["ok"]
    return done


@pytest.mark.parametrize("command", ["restore", "install"])
def test_books_with_an_accountants_licence_in_them_are_replaced_and_kept(ready: Workspace, command: str) -> None:
    good = ready.backup(7, "--purpose", "safekeeping") if command == "restore" else ready.backup(7, office=at_the_client(ready))
    write_claim(ready.office)
    revision = Office.open(place_of(ready.office)).engine.books_revision(AdministrationNumber(7))
    run_sql(ready.office, "UPDATE administrations SET exchanged_mark = ?", revision)  # as if they had been installed so
    assert ready.refused("backup", 7, "--confirm") == "office-licence-found"
    replaced_by(ready, good, command, "office-licence-found")
    assert ready.ok("administration", "show", 7)["counts"]["relations"] == 0


@pytest.mark.files_only
def test_what_was_set_aside_is_all_there(ready: Workspace) -> None:
    good = ready.backup(7, "--purpose", "safekeeping")
    write_claim(ready.office)
    replaced_by(ready, good, "restore", "office-licence-found")
    (kept,) = set_aside(ready)
    with contextlib.closing(sqlite3.connect(kept)) as books:
        assert books.execute("SELECT name FROM relations").fetchall() == [(CLAIM,)]


def test_of_several_restored_at_once_each_says_what_was_set_aside(ready: Workspace) -> None:
    good = ready.backup(7, "--purpose", "safekeeping")
    write_claim(ready.office)
    (done,) = ready.ok("restore", "--from", good.parent, "--replace", "--confirm")["restores"]
    assert (done["restored"], [one["code"] for one in done["obstacles"]]) == (True, ["books-set-aside", "office-licence-found"])
    assert len(set_aside(ready)) == 1


def test_a_safety_copy_that_fails_for_the_moment_still_keeps_the_books_in_place(ready: Workspace) -> None:
    good = ready.backup(7, "--purpose", "safekeeping")
    before = state(ready.office)
    with pytest.MonkeyPatch.context() as full:
        full.setattr("accountools.operations.backups.write.write_container", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        assert ready.refused("restore", good, "--replace", "--confirm", code=4) == "disk-full"
    assert [one for one in state(ready.office)[0] if "backups" not in one] == [one for one in before[0] if "backups" not in one]
    assert set_aside(ready) == []


# --- users ---


@pytest.fixture
def full(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client's backup with as many users as one can hold."""
    monkeypatch.setattr(register_extract, "_MAX_USERS", LIMIT)
    office = at_the_client(ready)
    for n in range(LIMIT - 1):
        ready.ok("user", "add", "--administration", 7, f"user{n}", "--name", "x", "--inactive", office=office)
    return ready.backup(7, office=office)


def test_a_backup_with_as_many_users_as_one_can_hold_is_installed(ready: Workspace, full: Path) -> None:
    ready.ok("install", full, "--replace", "--confirm")
    assert len(ready.ok("administration", "show", 7)["users"]) == LIMIT
    assert ready.backup(7, "--purpose", "safekeeping").is_file()


def test_but_not_where_the_offices_own_users_would_come_on_top(ready: Workspace, full: Path) -> None:
    ready.add_user(PIET, 7, "--office-user")
    before = state(ready.office)
    answer = ready.run("install", full, "--replace", "--confirm")
    assert (answer.code, answer.error) == (3, "schema-unexpected")
    assert "007" in answer.json["error"]["message"]
    assert str(LIMIT) in answer.json["error"]["remedy"]
    assert state(ready.office) == before


def test_nor_where_the_user_of_the_licence_held_would(ready: Workspace, full: Path) -> None:
    ready.add_user("held", 7)
    ready.import_licence(ready.issue("newer.lic", users=4), 7, "held")
    before = state(ready.office)
    assert ready.refused("install", full, "--replace", "--confirm") == "schema-unexpected"
    assert state(ready.office) == before


def test_an_administration_with_too_many_users_is_replaced_by_a_backup_with_fewer(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = ready.backup(7, office=at_the_client(ready))
    for n in range(LIMIT):
        ready.ok("user", "add", "--administration", 7, f"user{n}", "--name", "x", "--inactive")
    monkeypatch.setattr(register_extract, "_MAX_USERS", LIMIT)
    assert ready.refused("backup", 7, "--purpose", "safekeeping", "--confirm") == "schema-unexpected"
    replaced_by(ready, good, "install", "schema-unexpected")
    assert ready.ok("administration", "show", 7)["client"]["kvk"] == CLIENT_KVK
