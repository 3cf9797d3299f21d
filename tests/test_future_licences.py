"""A licence that says that it was issued after today is none: held, it would make each later one an older one."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from accountools.domain.calendar import ExecutionContext
from accountools.office import Office
from tests.test_handover import state
from tests.workspace import CLIENT_KVK, HENK, Workspace

DAY_BEFORE, DAY = "2098-12-31", "2099-01-01"  # long after any clock's day
LASTS = {"valid_from": "2026-01-01", "valid_until": "2099-12-31"}


@pytest.fixture
def future(ready: Workspace) -> Path:
    """The client's next licence, of a day that is still to come."""
    return issued(ready, "future.lic")


def issued(desk: Workspace, name: str, day: str = DAY, **changes: object) -> Path:
    """A client's licence that was issued on that day."""
    return Workspace(desk.folder, today=day).issue(name, **(LASTS | changes))


def issued_own(desk: Workspace, name: str, day: str = DAY) -> Path:
    """The office's own licence, issued on that day."""
    return Workspace(desk.folder, today=day).issue_own(name, **LASTS)


def long_lasting(desk: Workspace) -> None:
    """The office works under a licence that lasts until then."""
    desk.ok("licence", "renew", desk.issue_own("long.lic", **LASTS), "--confirm")


@pytest.mark.parametrize("more", [(), ("--trust",)])
def test_show_calls_it_invalid_and_gives_what_it_says_as_unverified(ready: Workspace, future: Path, more: tuple[str, ...]) -> None:
    answer = ready.run("licence", "show", future, *more, *([ready.trust] if more else []))
    assert (answer.code, answer.json["verdict"], answer.json["unverified"]["sub"]) == (1, "claims-invalid", "KL-2041")
    assert DAY in ready.run("licence", "show", future, "--lang", "en", as_json=False).out


def test_it_is_invalid_from_a_day_ahead_on(ready: Workspace, future: Path) -> None:
    assert ready.run("licence", "show", future, today=DAY_BEFORE).json["verdict"] == "claims-invalid"
    assert ready.run("licence", "show", future, today=DAY).json["verdict"] == "valid"


def test_the_later_of_the_clocks_day_and_today_counts(ready: Workspace, future: Path) -> None:
    """So that a day that was set back refuses nothing that was issued meanwhile."""
    for now, fits in (("2098-12-31T20:00", False), ("2098-12-31T23:30", True), ("2099-06-01T12:00", True)):  # the day is Amsterdam's
        context = ExecutionContext(date(2026, 11, 24), datetime.fromisoformat(now).replace(tzinfo=UTC), "tester", today_was_set=True)
        plan = Office.open(ready.office, lambda context=context: context).plan_import(future, 7, HENK)
        assert ("claims-invalid" not in [one.code for one in plan.obstacles]) is fits, now


def test_no_office_is_made_under_it(ready: Workspace) -> None:
    own = issued_own(ready, "own-future.lic")
    assert ready.refused("init", "--licence", own, "--trust", ready.trust, office=ready.folder / "new") == "claims-invalid"
    assert not (ready.folder / "new").exists()


def test_it_is_not_imported_whatever_is_accepted(ready: Workspace, future: Path) -> None:
    before = state(ready.office)
    words = ("licence", "import", future, "--administration", 7, "--user", HENK, "--confirm")
    for accept in ((), ("--accept", "claims-invalid"), ("--accept", "older-than-current")):
        assert ready.refused(*words, *accept) == "claims-invalid"
    assert state(ready.office) == before


def test_the_inbox_leaves_it_where_it_is(ready: Workspace, future: Path) -> None:
    shutil.copy(future, ready.office / "inbox")
    (file,) = ready.run("inbox", "--confirm").json["files"]
    assert (file["verdict"], file["imported"]) == ("claims-invalid", False)
    assert ready.ok("administration", "show", 7)["licence"]["valid_until"] == "2027-12-31"


def test_the_own_licence_is_not_renewed_by_it(ready: Workspace) -> None:
    assert ready.refused("licence", "renew", issued_own(ready, "own-future.lic"), "--confirm") == "claims-invalid"


def test_a_clients_backup_under_it_is_not_installed(ready: Workspace, future: Path) -> None:
    client = ready.client_office
    ready.ok("init", "--licence", future, "--trust", ready.trust, office=client, today=DAY)
    ready.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=client)
    ready.ok("administration", "create", 8, "--description", "Bakkerij Jansen", "--client", CLIENT_KVK, office=client)
    assert ready.refused("install", ready.backup(8, office=client), "--confirm") == "claims-invalid"


def test_one_that_is_held_already_blocks_the_hand_over_and_makes_no_other_older(ready: Workspace, future: Path) -> None:
    """Taken when a clock was ahead: the audit shows it, and the next licence isn't asked about."""
    long_lasting(ready)
    ready.ok("licence", "import", future, "--administration", 7, "--user", HENK, "--confirm", today=DAY)
    (row,) = ready.ok("audit")["rows"]
    assert (row["state"], [one["code"] for one in row["obstacles"]]) == ("blocked", ["claims-invalid"])
    assert ready.refused("backup", 7, "--confirm") == "claims-invalid"
    ready.import_licence(ready.issue("next.lic", users=4))
    assert ready.ok("administration", "show", 7)["licence"]["users"] == 4
    assert ready.ok("audit")["rows"][0]["state"] == "ready"


def test_nor_does_an_own_licence_from_the_future_make_its_renewal_older(ready: Workspace) -> None:
    ready.ok("licence", "renew", issued_own(ready, "own-future.lic"), "--confirm", today=DAY)
    assert ready.ok("licence", "renew", ready.issue_own("next.lic", users=20), "--confirm")["obstacles"] == []


def test_nor_does_one_in_a_backup_take_the_place_of_the_one_that_is_held(ready: Workspace, future: Path) -> None:
    long_lasting(ready)
    ready.ok("licence", "import", future, "--administration", 7, "--user", HENK, "--confirm", today=DAY)
    kept = ready.ok("backup", 7, "--purpose", "safekeeping", "--confirm", today=DAY)["backups"][0]["path"]
    ready.import_licence(ready.issue("next.lic", users=4))
    ready.ok("restore", kept, "--replace", "--confirm")
    assert ready.ok("administration", "show", 7)["licence"]["users"] == 4
    assert ready.ok("audit")["rows"][0]["state"] == "ready"
