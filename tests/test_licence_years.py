"""Licences over years: renewing, running out, revoking, another's number or name: what is reported, blocks, stays."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accountools.domain.calendar import ExecutionContext, day_of
from accountools.office import Office
from tests.workspace import CLIENT_KVK, HENK, Workspace

EVA = r"JANSEN\eva"
LAST = date(2027, 12, 31)  # of the licence that a ready desk holds


def row(desk: Workspace, today: str | None = None) -> Any:
    return desk.ok("audit", today=today)["rows"][0]


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer["obstacles"]]


def plan(desk: Workspace, path: Path) -> Any:
    return desk.run("licence", "import", path, "--administration", 7, "--user", HENK)


def at(desk: Workspace, moment: datetime, folder: Path | None = None) -> Office:
    """The office at a moment, by a clock that was not set."""
    return Office.open(folder or desk.office, lambda: ExecutionContext(day_of(moment), moment, "tester"))


# --- renewals ---


def test_a_renewal_tells_users_modules_added_and_removed_and_dates(ready: Workspace) -> None:
    path = ready.issue("new.lic", users=5, module="SE1065", valid_from="2026-06-01", valid_until="2028-12-31")
    differences = [(one["what"], one["old"], one["new"]) for one in plan(ready, path).json["differences"]]
    assert differences == [
        ("users", "3", "5"),
        ("valid_from", "2026-01-01", "2026-06-01"),
        ("valid_until", "2027-12-31", "2028-12-31"),
        ("module", "SE1063 E-Cliëntenbeheer", None),
        ("module", None, "SE1065 E-Accountancy"),
    ]
    assert plan(ready, ready.folder / "client.lic").json["differences"] == []


@pytest.mark.parametrize(("users", "fits"), [(1, False), (2, True), (3, True)])
def test_fewer_users_than_are_active_is_an_obstacle_with_their_names(ready: Workspace, users: int, fits: bool) -> None:
    ready.ok("user", "add", "--administration", 7, EVA, "--name", "Eva Jansen")
    ready.ok("user", "add", "--administration", 7, "anna", "--name", "Anna", "--office-user")
    answer = plan(ready, ready.issue("fewer.lic", users=users, valid_until="2028-12-31"))
    assert answer.obstacles == ([] if fits else ["too-many-users"] * 2)
    if not fits:
        message = answer.json["obstacles"][0]["message"]
        assert all(login in message for login in (HENK, EVA))
        assert "anna" not in message
        assert ready.refused("licence", "import", ready.folder / "fewer.lic", "--administration", 7, "--user", HENK, "--confirm") == (
            "too-many-users"
        )
        assert row(ready)["valid_until"] == LAST.isoformat()


def test_a_licence_for_fewer_that_was_waited_for_makes_room_first(ready: Workspace) -> None:
    ready.ok("user", "add", "--administration", 7, EVA, "--name", "Eva Jansen")
    path = ready.issue("fewer.lic", users=1, valid_until="2028-12-31")
    ready.ok("user", "deactivate", "--administration", 7, EVA)
    ready.import_licence(path)
    assert ready.refused("user", "activate", "--administration", 7, EVA) == "too-many-users"
    assert row(ready)["state"] == "ready"


# --- running out ---


@pytest.mark.parametrize(
    ("days", "status", "state"),
    [(61, "valid", "ready"), (60, "expires-soon", "attention"), (0, "expires-soon", "attention"), (-1, "expired", "blocked")],
)  # fmt: skip
def test_running_out_is_reported_60_days_ahead_and_blocks_after_the_last_day(ready: Workspace, days: int, status: str, state: str) -> None:
    today = (LAST - timedelta(days=days)).isoformat()
    ready.ok("licence", "renew", ready.issue_own("long.lic", valid_until="2029-12-31"), "--confirm")
    found = row(ready, today)
    assert (found["licence_status"], found["state"]) == (status, state)
    code = {"expires-soon": ["licence-expires-soon"], "expired": ["licence-expired"]}.get(status, [])
    assert codes(found) == code
    answer = ready.run("backup", 7, "--confirm", today=today)
    assert (answer.code, answer.error) == ((3, "licence-expired") if days < 0 else (0, None))


def test_the_last_day_ends_in_amsterdam(ready: Workspace) -> None:
    """The second before and after midnight there, in winter: an hour ahead of UTC."""
    ready.ok("licence", "renew", ready.issue_own("long.lic", valid_until="2099-12-31"), "--confirm")
    ready.import_licence(ready.issue("longer.lic", valid_until="2098-12-31"))
    last = datetime(2098, 12, 31, 22, 59, 59, tzinfo=UTC)  # long after any clock's day: the journal's last event counts too
    assert [one.licence_status for one in at(ready, last).audit().rows] == ["expires-soon"]
    assert not at(ready, last).plan_backup([7]).refused
    late = at(ready, last + timedelta(seconds=1))
    assert [one.licence_status for one in late.audit().rows] == ["expired"]
    assert [one.code for item in late.plan_backup([7]).refused for one in item.obstacles] == ["licence-expired"]


def test_a_licence_that_ran_out_blocks_the_hand_over_and_locks_nobody_out(ready: Workspace) -> None:
    ready.ok("licence", "renew", ready.issue_own("long.lic", valid_until="2029-12-31"), "--confirm")
    made = ready.backup(7)
    client = ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=client)
    ready.today = "2028-01-01"
    assert ready.refused("backup", 7, "--confirm") == "licence-expired"
    for office in (ready.office, client):
        assert ready.ok("administration", "enter", 7, "--as", HENK, office=office) == {
            "may": True,
            "reason": None,
            "warning": "licence-expired",
        }
    assert ready.ok("restore", made, "--replace", "--confirm", office=client)["restored"]  # told, and passes
    saved = ready.backup(7, office=client)
    assert ready.ok("verify", saved)["ok"]
    ready.import_licence(ready.issue("renewed.lic", valid_until="2029-12-31"))
    assert ready.backup(7).is_file()


# --- which of two is the newer ---


def test_of_two_issued_at_the_same_moment_which_is_imported_by_name_counts(ready: Workspace) -> None:
    twin = ready.issue("twin.lic", users=5)  # of the same day, and with --today a day is the moment
    answer = plan(ready, twin)
    assert (answer.code, answer.obstacles) == (0, [])
    assert [(one["what"], one["new"]) for one in answer.json["differences"]] == [("users", "5")]
    ready.import_licence(twin)
    ready.import_licence(ready.folder / "client.lic")
    assert ready.ok("administration", "show", 7)["licence"]["users"] == 3


def test_a_return_does_not_replace_the_licence_held_by_one_of_the_same_moment(ready: Workspace) -> None:
    made = ready.backup(7)
    client = ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=client)
    back = ready.backup(7, office=client)
    ready.import_licence(ready.issue("twin.lic", users=5))
    ready.ok("install", back, "--replace", "--confirm")
    assert ready.ok("administration", "show", 7)["licence"]["users"] == 5
    assert ready.ok("journal", "verify")["ok"]


def test_at_the_clients_the_own_licence_gives_way_to_a_newer_one_only(ready: Workspace) -> None:
    twin = ready.issue("twin.lic", users=5)
    client = ready.create_client_office()
    ready.import_licence(twin)
    ready.ok("restore", ready.backup(7), "--confirm", office=client)
    assert ready.ok("administration", "show", 7, office=client)["licence"]["users"] == 3
    ready.today = "2026-11-25"
    ready.import_licence(ready.issue("later.lic", users=4))
    ready.ok("restore", ready.backup(7), "--replace", "--confirm", office=client)
    assert ready.ok("administration", "show", 7, office=client)["licence"]["users"] == 4


# --- another's number or name ---


@pytest.mark.parametrize(("code", "changes"), [("kvk-differs", {"kvk": "87654321"}), ("name-differs", {"licensee": "Slagerij Smit"})])
def test_the_yes_to_anothers_number_or_name_is_kept_in_the_journal(ready: Workspace, code: str, changes: dict[str, object]) -> None:
    path = ready.issue("other.lic", valid_until="2028-12-31", **changes)
    words = ("licence", "import", path, "--administration", 7, "--user", HENK, "--confirm")
    assert ready.refused(*words) == code
    ready.ok(*words, "--accept", code)
    event = ready.ok("journal")["events"][-1]
    assert (event["what"], event["by"], event["details"]["accepted"]) == ("licence-imported", "tester", [code])
    found = row(ready)
    assert (found["state"], code in codes(found)) == ("attention", True)
    assert ready.backup(7).is_file()  # it is not asked again


@pytest.mark.parametrize(("code", "changes"), [("name-differs", {"licensee": "Jansen Holding"}), ("demo-licence", {"kind": "demo"})])
def test_the_yes_outlives_a_copy_and_a_return_trip(ready: Workspace, code: str, changes: dict[str, object]) -> None:
    path = ready.issue("other.lic", valid_until="2028-12-31", **changes)
    ready.import_licence(path, 7, HENK, "--accept", code)
    ready.ok("administration", "copy", 7, 9)
    made = ready.backup(7)
    client = ready.create_client_office("other.lic")
    ready.ok("restore", made, "--confirm", office=client)
    back = ready.backup(7, office=client)
    ready.ok("install", back, "--replace", "--confirm")
    for found in ready.ok("audit")["rows"]:
        assert (found["state"], codes(found)) == ("attention", [code]), found["number"]


# --- revocation ---


def test_a_revocation_stays_through_a_renewal_a_copy_and_a_return(ready: Workspace) -> None:
    made = ready.backup(7)
    client = ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=client)
    back = ready.backup(7, office=client)
    first, second = ready.folder / "first.txt", ready.folder / "second.txt"
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-1", "--out", first)
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", second)
    ready.ok("licence", "revocations", second)
    assert ready.refused("licence", "revocations", first) == "revocations-older"
    renewed = ready.issue("renewed.lic", valid_until="2029-12-31")  # of the same number: revoked all the same
    assert plan(ready, renewed).error == "licence-revoked"
    ready.ok("administration", "copy", 7, 9)
    assert ready.refused("install", back, "--replace", "--confirm") == "licence-revoked"
    assert [one["licence_status"] for one in ready.ok("audit")["rows"]] == ["revoked", "revoked"]
    other = ready.issue("other.lic", number="KL-2042", valid_until="2029-12-31")
    ready.import_licence(other)
    assert [one["licence_status"] for one in ready.ok("audit")["rows"]] == ["valid", "revoked"]


# --- the own licence ---


def test_the_own_licences_renewal_tells_what_changes_and_does_not_go_back(ready: Workspace) -> None:
    ready.today = "2026-11-25"
    long = ready.issue_own("long.lic", valid_until="2029-12-31", users=20)
    found = ready.ok("licence", "renew", long, "--confirm")
    assert [(one["what"], one["old"], one["new"]) for one in found["differences"]] == [
        ("users", "10", "20"),
        ("valid_until", "2027-12-31", "2029-12-31"),
    ]
    answer = ready.run("licence", "renew", ready.folder / "own.lic", "--confirm")
    assert (answer.code, answer.error) == (3, "older-than-current")


def test_years_pass_with_a_renewal_each_and_the_history_stays(ready: Workspace) -> None:
    office = Path(shutil.copytree(ready.office, ready.folder / "years"))
    for year in range(2027, 2033):
        ready.today = f"{year}-12-01"
        own = ready.issue_own(f"own-{year}.lic", valid_until=f"{year + 1}-12-31")
        ready.ok("licence", "renew", own, "--confirm", office=office)
        path = ready.issue(f"{year}.lic", valid_until=f"{year + 1}-12-31")
        ready.ok("licence", "import", path, "--administration", 7, "--user", HENK, "--confirm", office=office)
        found = ready.ok("audit", office=office)["rows"][0]
        assert (found["state"], found["valid_until"]) == ("ready", f"{year + 1}-12-31")
        first = ready.run("licence", "import", ready.folder / "client.lic", "--administration", 7, "--user", HENK, office=office)
        assert {"licence-expires-soon" if year == 2027 else "licence-expired", "older-than-current"} == set(first.obstacles)
    kept = [one for one in ready.ok("licence", "list", office=office)["licences"] if one["licensee"]["kvk"] == CLIENT_KVK]
    assert len(kept) == 7
