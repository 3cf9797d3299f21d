"""A hand-over checks anew all that the import of the licence checked."""

import contextlib
import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.test_handover import change_register, revoke, second_client, state, token_of
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace

pytestmark = pytest.mark.both_engines


def test_s13_another_clients_licence_is_never_imported_however_often_it_is_confirmed(ready: Workspace) -> None:
    second_client(ready)
    theirs, before = ready.folder / "8.lic", state(ready.office)
    words = ("licence", "import", theirs, "--administration", 7, "--user", HENK, "--confirm")
    for accepted in ((), ("--accept", "kvk-differs"), ("--accept", "other-client")):
        answer = ready.run(*words, *accepted)
        assert (answer.code, answer.error) == (3, "other-client")
        assert "Slagerij 8" in answer.json["error"]["message"]
    assert state(ready.office) == before


def test_a_licence_confirmed_for_a_stranger_blocks_once_the_stranger_is_a_client_here(ready: Workspace) -> None:
    path = ready.issue("stranger.lic", number="KL-9", licensee="Slagerij De Wit", kvk="99999999")
    ready.import_licence(path, 7, HENK, "--accept", "kvk-differs")
    assert ready.ok("audit")["rows"][0]["state"] == "attention"
    assert len(ready.ok("backup", 7, "--confirm")["backups"]) == 1
    ready.add_client("Slagerij De Wit", "99999999")
    row = next(row for row in ready.ok("audit")["rows"] if row["number"] == 7)
    assert (row["state"], [one["code"] for one in row["obstacles"]]) == ("blocked", ["other-client"])
    assert ready.refused("backup", 7, "--confirm") == "other-client"


@pytest.mark.files_only
@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("clients", "UPDATE clients SET name = 'Slagerij De Wit' WHERE kvk = '12345678'", "name-differs"),
        ("administrations", "UPDATE administrations SET client_kvk = '99999999' WHERE number = 7", "other-client"),
    ],
)
def test_what_is_in_the_register_is_not_believed_because_it_is_there(ready: Workspace, table: str, change: str, code: str) -> None:
    """A register that was edited, or restored from before: the licence held is compared with the client once more."""
    ready.add_client("Slagerij De Vries", "99999999")
    with contextlib.closing(sqlite3.connect(ready.office / "register.db")) as register, register:
        register.execute(change)
    before = list((ready.office / "backups").iterdir())
    assert ready.refused("backup", 7, "--confirm") == code
    assert list((ready.office / "backups").iterdir()) == before


def test_a_demo_licence_with_e_accountancy_is_no_clients_licence(ready: Workspace) -> None:
    """Accepted, it would make the client's office an accountant's, which can't restore a hand-over."""
    path = ready.issue("demo.lic", kind="demo", number="KL-9", module=["SE1065"])
    words = ("licence", "import", path, "--administration", 7, "--user", HENK, "--accept", "demo-licence", "--confirm")
    assert ready.refused(*words) == "wrong-kind"


def test_but_in_a_demo_office_it_only_asks(empty_office: Workspace) -> None:
    """A demonstration of its own: by hand, and by the inbox, where it waits for a confirmation."""
    desk, office = empty_office, empty_office.folder / "demo"
    desk.ok("init", "--licence", desk.issue_own("demo-own.lic", kind="demo", number="DEMO-1"), "--trust", desk.trust, office=office)
    desk.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=office)
    desk.ok("administration", "create", 7, "--description", "x", "--client", CLIENT_KVK, office=office)
    desk.ok("user", "add", "--administration", 7, HENK, "--name", "Henk", office=office)
    path = desk.issue("demo.lic", kind="demo", number="KL-9", module=["SE1065"])
    (office / "inbox").mkdir(exist_ok=True)
    shutil.copy(path, office / "inbox")
    (found,) = desk.run("inbox", office=office).json["files"]
    assert [(one["code"], one["blocking"]) for one in found["obstacles"]] == [("demo-licence", False)]
    desk.ok("licence", "import", path, "--administration", 7, "--user", HENK, "--accept", "demo-licence", "--confirm", office=office)
    assert desk.backup(7, office=office).is_file()


def imported_behind_the_back(desk: Workspace, path: Path) -> None:
    """A licence that no import checked stands in the register as imported."""
    token = token_of(path)
    digest = hashlib.sha256(token.encode()).hexdigest()
    change_register(desk.office, "INSERT INTO licences VALUES (?, ?, 'KL', 'key')", digest, token)
    change_register(desk.office, "UPDATE imports SET licence = ?", digest)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kvk": "99999999"}, "kvk-differs"),
        ({"licensee": "Slagerij De Wit"}, "name-differs"),
        ({"kind": "accountant"}, "wrong-kind"),
        ({"kind": "demo", "module": "SE1065"}, "wrong-kind"),
        ({"number": "AC-1001"}, "own-licence"),
        ({"kind": "demo"}, "demo-licence"),
        ({"number": "KL-666"}, "licence-revoked"),
        ({"valid_until": "2026-11-23"}, "licence-expired"),
        ({"valid_from": "2026-11-25"}, "licence-not-yet-valid"),
    ],
)
def test_audit_and_hand_over_check_anew_all_that_import_checks(ready: Workspace, changes: dict[str, object], code: str) -> None:
    """Identity, kind, the office's own, demo, revoked, dates: of a licence in the register that was never imported."""
    revoke(ready, "KL-666")
    imported_behind_the_back(ready, ready.issue("other.lic", **changes))
    (row,) = ready.ok("audit")["rows"]
    blocking = [one["code"] for one in row["obstacles"] if one["blocking"]]
    assert (row["state"], blocking) == ("blocked", [code])
    for words in ((), ("--rehearse",)):
        assert ready.refused("backup", 7, *words, "--confirm") == code


def rehearsed(desk: Workspace, backup: Path, *, today: str | None = None) -> list[str]:
    """The codes that a rehearsal finds."""
    answer = desk.run("rehearse", backup, today=today)
    found = [one["code"] for one in answer.json["findings"]]
    assert (answer.code, answer.json["ok"]) == (bool(found), not found)
    return found


def test_a_rehearsal_checks_anew_what_import_checked_by_the_rules_of_the_audit(ready: Workspace) -> None:
    backup = ready.backup()
    assert rehearsed(ready, backup) == []
    assert rehearsed(ready, backup, today="2028-01-01") == ["licence-expired"]
    revoke(ready, "KL-2041")
    assert rehearsed(ready, backup) == ["licence-revoked"]
    assert ready.ok("audit")["rows"][0]["state"] == "blocked"
    assert ready.ok("backups", "list")["backups"][0]["rehearsed"] == TODAY  # of when nothing was found


def test_what_was_confirmed_at_import_stays_confirmed_in_a_rehearsal_until_the_stranger_is_a_client(ready: Workspace) -> None:
    stranger = ready.issue("stranger.lic", number="KL-9", licensee="Slagerij De Wit", kvk="99999999")
    ready.import_licence(stranger, 7, HENK, "--accept", "kvk-differs")
    backup = ready.backup()
    assert rehearsed(ready, backup) == []
    ready.import_licence(ready.folder / "client.lic", 7, HENK, "--accept", "older-than-current")
    assert rehearsed(ready, backup) == []  # though another licence is in its place by now
    ready.add_client("Slagerij De Wit", "99999999")
    assert rehearsed(ready, backup) == ["other-client"]


def test_what_was_confirmed_stays_confirmed_in_a_rehearsal_of_a_copied_administration(ready: Workspace) -> None:
    ready.import_licence(ready.issue("odd.lic", number="KL-9", licensee="Slagerij De Wit"), 7, HENK, "--accept", "name-differs")
    ready.ok("administration", "copy", 7, 9)
    backup = ready.backup(9)
    for number in (9, 7):
        ready.import_licence(ready.issue(f"newer-{number}.lic", number=f"KL-10{number}"), number)
        assert rehearsed(ready, backup) == []


@pytest.mark.files_only
def test_a_rehearsal_ends_where_the_journal_was_changed_so_that_copies_go_round_in_a_circle(ready: Workspace) -> None:
    ready.import_licence(ready.issue("odd.lic", number="KL-9", licensee="Slagerij De Wit"), 7, HENK, "--accept", "name-differs")
    ready.ok("administration", "copy", 7, 9)
    backup = ready.backup(9)
    ready.import_licence(ready.issue("newer.lic", number="KL-10"), 9)
    change_register(ready.office, "UPDATE events SET details = json_set(details, '$.source', 9) WHERE what = 'administration-copied'")
    assert rehearsed(ready, backup) == ["name-differs"]


@pytest.mark.files_only
def test_a_hand_over_whose_licence_becomes_the_offices_own_number_is_found_by_a_rehearsal(ready: Workspace) -> None:
    backup = ready.backup()
    other = Path(shutil.copytree(ready.office, ready.folder / "other"))
    imported = ready.issue_own("renumbered.lic", number="KL-2041")
    token = token_of(imported)
    digest = hashlib.sha256(token.encode()).hexdigest()
    change_register(other, "INSERT INTO licences VALUES (?, ?, 'KL-2041', 'key')", digest, token)
    change_register(other, "INSERT INTO own_licences (n, licence, since) VALUES (9, ?, '')", digest)
    answer = ready.run("rehearse", backup, office=other)
    assert "own-licence" in [one["code"] for one in answer.json["findings"]]
