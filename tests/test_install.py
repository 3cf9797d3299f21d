"""Installing a client's own backup into the office (S3): what it may bring along, and what of the office's it may not change."""

from pathlib import Path

import pytest

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import OpeningLine
from accountools.storage.books import fiscal_years, ledger
from tests.test_handover import change_register, manifest_of, post_books, query, state
from tests.test_restore import open_office
from tests.workspace import CLIENT_KVK, HENK, PIET, Workspace

WIM = r"JANSEN\wim"
STRANGER_KVK = "99999999"


def row(desk: Workspace, office: Path | None = None) -> tuple[str, list[str]]:
    """The state of administration 007 in the audit, and its obstacles."""
    (found,) = (one for one in desk.ok("audit", office=office)["rows"] if one["number"] == 7)
    return found["state"], [one["code"] for one in found["obstacles"]]


def at_the_client(desk: Workspace, licence: str = "client.lic") -> Path:
    """The client's own office, in which the hand-over was restored."""
    backup = desk.backup()
    desk.ok("restore", backup, "--confirm", office=desk.create_client_office(licence))
    return desk.client_office


def made_by_the_client(desk: Workspace, *logins: str) -> Path:
    """A backup of books that the client made itself: it names no user for its licence."""
    office = desk.create_client_office()
    desk.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=office)
    desk.ok("administration", "create", 7, "--description", "Bakkerij Jansen", "--client", CLIENT_KVK, office=office)
    for login in logins:
        desk.ok("user", "add", "--administration", 7, login, "--name", "x", office=office)
    return desk.backup(7, office=office)


def installed(desk: Workspace, backup: Path, *words: object, office: Path | None = None) -> None:
    """Install it in place of what is here, which went to the client as it is."""
    desk.ok("backup", 7, "--confirm", office=office)
    desk.ok("install", backup, "--replace", *words, "--confirm", office=office)
    assert desk.ok("journal", "verify", office=office)["ok"]


def second_office(desk: Workspace) -> Path:
    """Another office under the own licence, which knows the client and nothing else."""
    office = desk.folder / "second"
    desk.ok("init", "--licence", desk.folder / "own.lic", "--trust", desk.trust, office=office)
    desk.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=office)
    return office


# --- the licence held ---


@pytest.mark.parametrize("logins", [(HENK,), (WIM,), ()])
def test_s3_the_licence_held_stays_with_its_user_when_the_clients_backup_names_none_for_it(
    ready: Workspace, logins: tuple[str, ...]
) -> None:
    installed(ready, made_by_the_client(ready, *logins))
    shown = ready.ok("administration", "show", 7)
    assert shown["licence"]["number"] == "KL-2041"
    assert {user["login"] for user in shown["users"]} == {HENK, *logins}
    assert query(ready.office, "SELECT login_key FROM imports") == [(HENK.lower(),)]
    assert row(ready) == ("ready", [])


def test_s3_a_newer_licence_without_a_user_is_for_the_user_of_the_present_one(ready: Workspace) -> None:
    ready.today = "2026-11-25"
    ready.issue("newer.lic", users=2)
    ready.ok("init", "--licence", ready.folder / "newer.lic", "--trust", ready.trust, office=ready.client_office)
    office = ready.client_office
    ready.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=office)
    ready.ok("administration", "create", 7, "--description", "Bakkerij Jansen", "--client", CLIENT_KVK, office=office)
    installed(ready, ready.backup(7, office=office))
    shown = ready.ok("administration", "show", 7)
    assert (shown["licence"]["users"], [user["login"] for user in shown["users"]]) == (2, [HENK])
    assert row(ready) == ("ready", [])


# --- what is asked, and remembered ---


@pytest.mark.parametrize(("code", "changes"), [("kvk-differs", {"kvk": STRANGER_KVK}), ("demo-licence", {"kind": "demo"})])
def test_what_is_confirmed_at_install_is_attention_in_the_audit_and_no_obstacle_to_a_hand_over(
    ready: Workspace, code: str, changes: dict[str, object]
) -> None:
    ready.import_licence(ready.issue("other.lic", **changes), 7, HENK, "--accept", code)
    back = ready.backup(7, office=at_the_client(ready, "other.lic"))
    second = second_office(ready)
    before = state(second)
    answer = ready.run("install", back, "--confirm", office=second)
    assert (answer.code, answer.error, answer.obstacles[:1]) == (3, code, [code])
    assert state(second) == before
    ready.ok("install", back, "--accept", code, "--confirm", office=second)
    assert row(ready, second) == ("attention", [code])
    handed = ready.backup(7, office=second)
    assert ready.ok("rehearse", handed, office=second)["ok"]
    assert ready.ok("journal", office=second)["events"][-3]["details"]["accepted"] == [code]
    ready.ok("install", back, "--replace", "--confirm", office=second)  # for this very licence it isn't asked again
    assert row(ready, second) == ("attention", [code])


def test_a_licence_of_another_client_here_is_not_installed(ready: Workspace) -> None:
    ready.import_licence(ready.issue("other.lic", kvk=STRANGER_KVK), 7, HENK, "--accept", "kvk-differs")
    back = ready.backup(7, office=at_the_client(ready, "other.lic"))
    second = second_office(ready)
    ready.ok("client", "add", "--name", "Slagerij De Wit", "--kvk", STRANGER_KVK, office=second)
    for accept in ((), ("--accept", "kvk-differs"), ("--accept", "other-client")):
        assert ready.refused("install", back, *accept, "--confirm", office=second) == "other-client"


# --- a demo licence with E-Accountancy, which makes whoever has it an accountant's office ---


@pytest.mark.parametrize("words", [(), ("--replace",)])
def test_over_the_administration_of_another_client_nothing_is_installed(ready: Workspace, words: tuple[str, ...]) -> None:
    backup = made_by_the_client(ready)
    ready.ok("client", "change", CLIENT_KVK, "--kvk", "99999990", "--confirm")  # 007 is theirs from now on
    ready.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK)
    before = state(ready.office)
    answer = ready.run("install", backup, *words, "--confirm")
    codes = [one["code"] for one in answer.json["obstacles"]]
    assert (answer.code, "client-differs" in codes, codes.count("number-taken")) == (3, True, 0 if words else 1)
    assert state(ready.office) == before


def demo_office(desk: Workspace) -> Path:
    """An office under such a licence, with a client under another one: there that is taken, since all of it is a demonstration."""
    own = desk.issue_own("demo-own.lic", kind="demo", number="DEMO-1")
    office = desk.folder / "demo"
    desk.ok("init", "--licence", own, "--trust", desk.trust, office=office)
    desk.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=office)
    desk.ok("administration", "create", 7, "--description", "Bakkerij Jansen", "--client", CLIENT_KVK, office=office)
    desk.ok("user", "add", "--administration", 7, HENK, "--name", "Henk", office=office)
    theirs = desk.issue("demo.lic", kind="demo", number="KL-9", module="SE1065")
    words = ("licence", "import", theirs, "--administration", 7, "--user", HENK)
    assert desk.refused(*words, "--confirm", office=office) == "demo-licence"
    desk.ok(*words, "--accept", "demo-licence", "--confirm", office=office)
    return office


@pytest.mark.parametrize("accept", [(), ("--accept", "demo-licence"), ("--accept", "wrong-kind")])
def test_a_backup_with_such_a_licence_is_not_installed_whatever_is_accepted(ready: Workspace, accept: tuple[str, ...]) -> None:
    backup, office = ready.backup(7, office=demo_office(ready)), second_office(ready)
    before = state(office)
    answer = ready.run("install", backup, *accept, "--confirm", office=office)
    assert (answer.code, answer.error) == (3, "wrong-kind")
    assert "demo-licence" not in answer.obstacles
    assert state(office) == before


def test_but_in_a_demo_office_it_is_imported_installed_and_handed_over(ready: Workspace) -> None:
    office = demo_office(ready)
    assert row(ready, office) == ("attention", ["demo-licence"])
    backup = ready.backup(7, office=office)
    assert manifest_of(backup)["licence_number"] == "KL-9"
    ready.ok("user", "add", "--administration", 7, WIM, "--name", "Wim", "--inactive", office=office)
    ready.ok("install", backup, "--replace", "--confirm", office=office)  # of this very licence it was confirmed
    assert [user["login"] for user in ready.ok("administration", "show", 7, office=office)["users"]] == [HENK]
    assert row(ready, office) == ("attention", ["demo-licence"])


# --- the office's own users ---


def test_a_clients_backup_does_not_shut_an_office_user_out(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    office = at_the_client(ready)
    ready.ok("user", "add", "--administration", 7, PIET.upper(), "--name", "Niet Piet", "--inactive", office=office)
    installed(ready, ready.backup(7, office=office))
    (piet,) = (user for user in ready.ok("administration", "show", 7)["users"] if user["login"] == PIET)
    assert (piet["name"], piet["active"], piet["office"]) == ("Henk Jansen", True, True)
    assert ready.ok("administration", "enter", 7, "--as", PIET)["may"]


@pytest.mark.parametrize("flags", [("--office-user",), ("--office-user", "--inactive")])
def test_a_clients_backup_brings_no_office_user_along(ready: Workspace, flags: tuple[str, ...]) -> None:
    office = at_the_client(ready)
    ready.ok("user", "add", "--administration", 7, WIM, "--name", "Wim", *flags, office=office)
    installed(ready, ready.backup(7, office=office))
    (wim,) = (user for user in ready.ok("administration", "show", 7)["users"] if user["login"] == WIM)
    assert (wim["office"], wim["active"]) == (False, "--inactive" not in flags)
    assert [user["login"] for user in ready.ok("administration", "show", 7)["users"] if user["office"]] == []


def test_nor_makes_the_clients_own_user_one_of_the_offices(ready: Workspace) -> None:
    office = at_the_client(ready)
    change_register(office, "UPDATE users SET office = 1")
    installed(ready, ready.backup(7, office=office))
    assert row(ready) == ("ready", [])


# --- over books that never went to the client ---


@pytest.mark.both_engines
@pytest.mark.parametrize("booked", [None, "entry", "opening"])
def test_over_books_that_never_went_to_the_client_it_replaces_only_those_in_which_nothing_is_booked(
    ready: Workspace, booked: str | None
) -> None:
    backup, second = made_by_the_client(ready, HENK), second_office(ready)
    ready.ok("administration", "create", 7, "--description", "Bakkerij Jansen", "--client", CLIENT_KVK, office=second)
    ready.ok("chart", "import", "standard", "--administration", 7, "--confirm", office=second)
    if booked == "entry":
        post_books(second)
    elif booked == "opening":
        with open_office(second).engine.books(AdministrationNumber(7), change=True) as books:
            fiscal_years.add_calendar_year(books, 2026)
            ledger.add_opening(books, "2026", [OpeningLine("0010", "D", 100), OpeningLine("0500", "C", 100)])
    answer = ready.run("install", backup, "--replace", "--confirm", office=second)
    assert (answer.code, answer.error) == ((0, None) if booked is None else (3, "changed-meanwhile")), answer.err
    assert ready.ok("journal", "verify", office=second)["ok"]
