"""The inbox: each waiting file matched with its client, and those with nothing in the way imported, one transaction each."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.formats import armor
from accountools.formats.licence_file import TYPE
from accountools.formats.signatures import SigningKey, sign, unverified_payload
from accountools.office import Office
from accountools.operations.licences.import_licence import ImportPlan
from accountools.operations.licences.inbox_files import count_waiting
from accountools.operations.session import Session
from tests.engines import place_of
from tests.test_handover import token_of
from tests.workspace import CLIENT_KVK, HENK, OFFICE_KVK, TODAY, CommandResult, Workspace

pytestmark = pytest.mark.both_engines


FISH, FISH_KVK = "Vishandel De Boer", "23456789"
EVA = r"DEBOER\eva"


def write_licence(desk: Workspace, name: str, **changes: object) -> Path:
    """A licence file in the office's inbox."""
    return desk.issue(f"office/inbox/{name}", **changes)


def write_fish_licence(desk: Workspace, name: str = "fish.lic", **changes: object) -> Path:
    return write_licence(desk, name, **({"number": "KL-3000", "licensee": FISH, "kvk": FISH_KVK} | changes))


def add_fish(desk: Workspace) -> None:
    """A second client, with administration 008 and one user."""
    desk.add_client(FISH, FISH_KVK)
    desk.create(8, FISH, client=FISH_KVK, chart=None)
    desk.ok("user", "add", "--administration", 8, EVA, "--name", "Eva de Boer")


def files(answer: CommandResult) -> dict[str, dict[str, Any]]:
    return {Path(one["path"]).name: one for one in answer.json["files"]}


def codes(file: dict[str, Any]) -> list[str]:
    return [one["code"] for one in file["obstacles"]]


def imports(desk: Workspace) -> list[tuple[int, str, str]]:
    """The imports that were done, by the journal."""
    found = desk.ok("journal")["events"]
    return [
        (one["administration"], one["details"]["licence"], one["details"]["login"]) for one in found if one["what"] == "licence-imported"
    ]


def held(desk: Workspace, number: int = 7) -> Any:
    return desk.ok("administration", "show", number)["licence"]


def test_each_file_is_matched_by_kvk_number_and_nothing_is_imported_before_the_yes(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create(chart=None)
    empty_office.add_user()
    add_fish(empty_office)
    write_licence(empty_office, "bread.lic")
    write_fish_licence(empty_office)
    answer = empty_office.run("inbox")
    assert (answer.code, answer.json.get("error")) == (0, None)
    found = files(answer)
    assert {name: (one["client"], one["administration"], one["user"]) for name, one in found.items()} == {
        "bread.lic": (CLIENT_KVK, 7, HENK),
        "fish.lic": (FISH_KVK, 8, EVA),
    }
    assert all((one["verdict"], one["imported"], one["obstacles"]) == ("valid", False, []) for one in found.values())
    assert imports(empty_office) == []
    done = empty_office.run("inbox", "--plan", answer.json["plan"], "--confirm")
    assert done.code == 0
    assert all(one["imported"] for one in files(done).values())
    assert imports(empty_office) == [(7, "KL-2041", HENK), (8, "KL-3000", EVA)]
    assert empty_office.ok("journal", "verify")["ok"]
    assert [row["state"] for row in empty_office.ok("audit")["rows"]] == ["ready", "ready"]


def test_a_licence_that_is_imported_already_is_not_imported_again(ready: Workspace) -> None:
    shutil.copy(ready.folder / "client.lic", ready.office / "inbox" / "client.lic")
    events = len(ready.ok("journal")["events"])
    for flags in ((), ("--confirm",)):
        answer = ready.run("inbox", *flags)
        one = files(answer)["client.lic"]
        assert (answer.code, one["imported"], one["administration"], one["user"], one["obstacles"]) == (0, True, 7, HENK, [])
    assert len(ready.ok("journal")["events"]) == events


def test_one_that_is_refused_does_not_keep_the_others(ready: Workspace) -> None:
    add_fish(ready)
    write_fish_licence(ready)
    write_licence(ready, "stranger.lic", kvk="99999999")
    (ready.office / "inbox" / "offer.txt").write_text("Beste,", "utf-8")
    (ready.office / "inbox" / ".hidden").write_text("x", "utf-8")
    (ready.office / "inbox" / "folder.lic").mkdir()
    planned = ready.run("inbox")
    assert (planned.code, planned.error) == (3, "not-a-licence")
    answer = ready.run("inbox", "--confirm")
    found = files(answer)
    assert answer.code == 3
    assert sorted(found) == ["fish.lic", "offer.txt", "stranger.lic"]
    assert found["fish.lic"]["imported"]
    assert (found["offer.txt"]["verdict"], codes(found["offer.txt"])) == ("not-a-licence", ["not-a-licence"])
    assert (found["stranger.lic"]["verdict"], codes(found["stranger.lic"])) == ("valid", ["client-not-found"])
    assert found["stranger.lic"]["client"] is found["stranger.lic"]["administration"] is None
    assert imports(ready)[1:] == [(8, "KL-3000", EVA)]
    assert answer.json["error"]["obstacles"][0]["code"] == answer.error


@pytest.mark.parametrize("claim", ["iat", "nbf", "exp"])
@pytest.mark.parametrize("moment", [10**400, -(10**400)], ids=["enormous", "before all"])
def test_an_impossible_moment_in_one_does_not_keep_the_others(ready: Workspace, claim: str, moment: int) -> None:
    key = SigningKey.from_pem((ready.folder / "issuer" / "issuer.pem").read_bytes())
    token = token_of(ready.folder / "client.lic")
    claims = json.loads(unverified_payload(token)) | {claim: moment}
    (ready.office / "inbox" / "a.lic").write_bytes(armor.armor(sign(json.dumps(claims).encode(), key, TYPE), armor.LICENCE))
    add_fish(ready)
    write_fish_licence(ready)
    found = files(ready.run("inbox", "--confirm"))
    assert codes(found["a.lic"]) == ["claims-invalid"]
    assert found["fish.lic"]["imported"]


REFUSED: dict[str, tuple[dict[str, object], str, list[str]]] = {
    "expired": ({"valid_until": "2026-11-23"}, "licence-expired", ["licence-expired"]),
    "not yet": ({"valid_from": "2026-11-25"}, "licence-not-yet-valid", ["licence-not-yet-valid"]),
    "demo": ({"kind": "demo"}, "valid", ["demo-licence"]),
    "a demo with E-Accountancy": ({"kind": "demo", "module": "SE1065", "number": "KL-9"}, "valid", ["wrong-kind"]),
    "another office's": ({"kind": "accountant", "module": "SE1065", "number": "AC-7"}, "valid", ["wrong-kind"]),
    "another name": ({"licensee": "Slagerij Jansen"}, "valid", ["name-differs"]),
    "the own": ({"kind": "accountant", "number": "AC-1001", "kvk": OFFICE_KVK}, "valid", ["own-licence"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_blocks_or_asks_stays_behind_with_its_code(empty_office: Workspace, case: str) -> None:
    changes, verdict, expected = REFUSED[case]
    empty_office.add_client()
    empty_office.create(chart=None)
    empty_office.add_user()
    write_licence(empty_office, "it.lic", **changes)
    asks = expected[0] in {"demo-licence", "name-differs"}
    planned, answer = empty_office.run("inbox"), empty_office.run("inbox", "--confirm")
    assert (planned.code, answer.code, answer.error) == (0 if asks else 3, 3, expected[0])
    one = files(answer)["it.lic"]
    assert (one["verdict"], codes(one), one["imported"]) == (verdict, expected, False)
    assert imports(empty_office) == []


def test_a_revoked_licence_stays_behind(ready: Workspace) -> None:
    write_licence(ready, "again.lic", valid_until="2028-12-31")
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", ready.folder / "r.txt")
    ready.ok("licence", "revocations", ready.folder / "r.txt")
    one = files(ready.run("inbox", "--confirm"))["again.lic"]
    assert (one["verdict"], codes(one), one["imported"]) == ("licence-revoked", ["licence-revoked"], False)


def test_the_user_is_that_of_the_import_before_else_the_only_active_one(ready: Workspace) -> None:
    ready.ok("user", "add", "--administration", 7, EVA, "--name", "Eva")
    write_licence(ready, "renewed.lic", valid_until="2028-12-31")
    assert files(ready.run("inbox"))["renewed.lic"]["user"] == HENK
    ready.ok("user", "deactivate", "--administration", 7, HENK)
    one = files(ready.run("inbox"))["renewed.lic"]
    assert (one["user"], codes(one)) == (HENK, ["user-inactive"])


def test_without_a_user_or_with_more_than_one_it_is_no_user(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create(chart=None)
    write_licence(empty_office, "bread.lic")
    none = files(empty_office.run("inbox"))["bread.lic"]
    assert (none["administration"], none["user"], codes(none)) == (7, None, ["no-user"])
    empty_office.add_user()
    empty_office.ok("user", "add", "--administration", 7, EVA, "--name", "Eva")
    empty_office.ok("user", "add", "--administration", 7, "anna", "--name", "Anna", "--office-user")
    both = files(empty_office.run("inbox"))["bread.lic"]
    assert (both["user"], codes(both)) == (None, ["no-user"])
    assert EVA in both["obstacles"][0]["message"]
    assert "anna" not in both["obstacles"][0]["message"]
    empty_office.ok("user", "deactivate", "--administration", 7, EVA)
    assert files(empty_office.run("inbox"))["bread.lic"]["user"] == HENK


def test_no_or_several_administrations(ready: Workspace) -> None:
    write_licence(ready, "renewed.lic", valid_until="2028-12-31")
    ready.add_client(FISH, FISH_KVK)
    write_fish_licence(ready)
    assert codes(files(ready.run("inbox"))["fish.lic"]) == ["no-administration"]
    ready.ok("administration", "copy", 7, 9)
    one = files(ready.run("inbox"))["renewed.lic"]
    assert (one["client"], one["administration"], codes(one)) == (CLIENT_KVK, None, ["several-administrations"])
    ready.ok("administration", "archive", 7)
    assert files(ready.run("inbox"))["renewed.lic"]["administration"] == 9
    ready.ok("administration", "archive", 9)
    assert codes(files(ready.run("inbox"))["renewed.lic"]) == ["several-administrations"]


def test_a_licence_of_another_kvk_number_that_was_confirmed_is_in_place(ready: Workspace) -> None:
    """What a person confirmed at the import is not asked again, nor is another client looked for."""
    odd = write_licence(ready, "odd.lic", number="KL-2050", kvk="87654321")
    stranger = files(ready.run("inbox"))["odd.lic"]
    assert (stranger["client"], stranger["administration"], codes(stranger)) == (None, None, ["client-not-found"])
    ready.import_licence(odd, 7, HENK, "--accept", "kvk-differs")
    for more in (False, True):
        if more:
            ready.create(8)  # nor do two administrations hide it
        answer = ready.run("inbox", "--confirm")
        one = files(answer)["odd.lic"]
        assert (answer.code, one["imported"], one["client"], one["administration"], one["user"]) == (0, True, CLIENT_KVK, 7, HENK)
        assert codes(one) == []
    assert len(imports(ready)) == 2
    ready.ok("administration", "archive", 7)
    assert codes(files(ready.run("inbox"))["odd.lic"]) == ["client-not-found"]
    ready.ok("administration", "archive", 8)
    assert files(ready.run("inbox"))["odd.lic"]["imported"]  # as one of the client's own KvK number


def test_the_renewal_of_a_licence_that_was_confirmed_asks_again(ready: Workspace) -> None:
    """It isn't said that there is no client for it: with one more client, the administration would be under another's licence."""
    ready.import_licence(ready.issue("odd.lic", number="KL-2050", kvk="87654321"), 7, HENK, "--accept", "kvk-differs")
    ready.today = "2026-11-25"
    write_licence(ready, "renewed.lic", number="KL-2050", kvk="87654321", valid_until="2028-12-31")
    write_licence(ready, "another.lic", number="KL-2050", kvk="99999999")
    write_licence(ready, "other number.lic", number="KL-2051", kvk="87654321")
    found = files(ready.run("inbox", "--confirm"))
    one = found["renewed.lic"]
    assert (one["client"], one["administration"], codes(one), one["imported"]) == (CLIENT_KVK, 7, ["kvk-differs"], False)
    assert codes(found["another.lic"]) == codes(found["other number.lic"]) == ["client-not-found"]


def test_a_licence_goes_to_the_client_with_its_kvk_number_though_another_has_it(ready: Workspace) -> None:
    odd = write_licence(ready, "odd.lic", number="KL-2050", licensee=FISH, kvk=FISH_KVK)
    ready.import_licence(odd, 7, HENK, "--accept", "kvk-differs")
    add_fish(ready)
    one = files(ready.run("inbox"))["odd.lic"]
    assert (one["client"], one["administration"], one["imported"], codes(one)) == (FISH_KVK, 8, False, [])


def undo(desk: Workspace, number: int = 7) -> None:
    office = Office.open(place_of(desk.office), system_clock(date.fromisoformat(desk.today or TODAY)))
    office.apply(office.plan_undo_import(number))


def waiting(desk: Workspace) -> int:
    return count_waiting(Office.open(place_of(desk.office), system_clock(date.fromisoformat(desk.today or TODAY))))


@pytest.mark.parametrize("issued", [TODAY, "2026-11-25"])
def test_an_import_that_was_undone_is_not_done_again_by_itself(ready: Workspace, issued: str) -> None:
    ready.today = issued
    renewal = write_licence(ready, "renewed.lic", number="KL-2042")
    assert files(ready.run("inbox", "--confirm"))["renewed.lic"]["imported"]
    undo(ready)
    for _ in range(2):
        answer = ready.run("inbox", "--confirm")
        one = files(answer)["renewed.lic"]
        assert (answer.code, one["undone"], one["imported"], one["replaced"], codes(one)) == (0, True, False, False, [])
        assert "undone" in ready.run("inbox", as_json=False).out
        assert (held(ready)["number"], waiting(ready)) == ("KL-2041", 0)
    ready.import_licence(renewal)  # somebody's own choice
    one = files(ready.run("inbox"))["renewed.lic"]
    assert (one["undone"], one["imported"], held(ready)["number"]) == (False, True, "KL-2042")


def test_that_the_first_import_was_undone_counts_until_it_is_given_again(ready: Workspace) -> None:
    shutil.copy(ready.folder / "client.lic", ready.office / "inbox" / "client.lic")
    kept = ready.backup(7, "--purpose", "safekeeping")
    undo(ready)
    assert files(ready.run("inbox", "--confirm"))["client.lic"]["undone"]
    assert held(ready) is None
    ready.create(8)  # nor is it imported elsewhere, or asked where
    again = ready.run("inbox", "--confirm")
    assert (again.code, files(again)["client.lic"]["undone"], waiting(ready)) == (0, True, 0)
    ready.ok("restore", kept, "--replace", "--confirm")
    assert files(ready.run("inbox"))["client.lic"]["imported"]
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"))
    ready.ok("administration", "archive", 8)
    assert files(ready.run("inbox"))["client.lic"]["replaced"]
    undo(ready)  # what comes back isn't undone itself
    assert files(ready.run("inbox"))["client.lic"]["imported"]


def test_an_archived_administration_takes_none(ready: Workspace) -> None:
    write_licence(ready, "renewed.lic", valid_until="2028-12-31")
    ready.ok("administration", "archive", 7)
    one = files(ready.run("inbox", "--confirm"))["renewed.lic"]
    assert (one["administration"], codes(one), one["imported"]) == (7, ["administration-archived"], False)


def test_of_two_licences_for_one_administration_the_latest_issued_is_imported(ready: Workspace) -> None:
    for day in ("2026-11-25", "2026-11-27", "2026-11-26"):
        ready.today = day
        write_licence(ready, f"of {day}.lic", valid_until=f"2028-{day[5:]}")
    answer = ready.run("inbox", "--confirm", today="2026-11-28")
    found = files(answer)
    assert {name: one["imported"] for name, one in found.items()} == {
        "of 2026-11-25.lic": False,
        "of 2026-11-26.lic": False,
        "of 2026-11-27.lic": True,
    }
    assert codes(found["of 2026-11-25.lic"]) == codes(found["of 2026-11-26.lic"]) == ["older-than-current"]
    assert held(ready)["valid_until"] == "2028-11-27"
    again = files(ready.run("inbox", "--confirm", today="2026-11-28"))
    assert {name: one["imported"] for name, one in again.items()} == {name: one["imported"] for name, one in found.items()}
    assert len(imports(ready)) == 2


def test_the_same_file_twice_is_one_import(ready: Workspace) -> None:
    path = write_licence(ready, "a.lic", valid_until="2028-12-31")
    text = path.read_text("ascii")
    (path.parent / "b.lic").write_text("".join(f"> {line}\r\n" for line in text.splitlines()), "ascii")  # as mail left it
    planned = ready.run("inbox")
    assert planned.code == 0
    assert files(planned)["b.lic"]["same_as"] == str(path)
    answer = ready.run("inbox", "--confirm")
    assert (answer.code, [one["imported"] for one in files(answer).values()]) == (0, [True, True])
    assert len(imports(ready)) == 2


def test_of_two_issued_at_the_same_moment_none_is_chosen_by_chance(ready: Workspace) -> None:
    ready.today = "2026-11-25"
    write_licence(ready, "a.lic", users=4)
    write_licence(ready, "b.lic", users=5)
    answer = ready.run("inbox", "--confirm")
    assert [codes(one) for one in files(answer).values()] == [["several-licences"]] * 2
    assert len(imports(ready)) == 1


def test_what_is_held_gives_way_to_one_of_the_same_moment_once_and_not_back_and_forth(ready: Workspace) -> None:
    shutil.copy(ready.folder / "client.lic", ready.office / "inbox" / "old.lic")
    write_licence(ready, "new.lic", users=5)  # issued on the same day as the one that is held
    first = files(ready.run("inbox", "--confirm"))
    assert first["new.lic"]["imported"]
    for _ in range(2):
        again = files(ready.run("inbox", "--confirm"))
        assert (again["new.lic"]["imported"], again["old.lic"]["imported"]) == (True, False)
        assert (again["old.lic"]["replaced"], codes(again["old.lic"])) == (True, [])
    assert (held(ready)["users"], len(imports(ready))) == (5, 2)


def test_what_a_renewal_took_the_place_of_is_dealt_with(ready: Workspace) -> None:
    shutil.copy(ready.folder / "client.lic", ready.office / "inbox" / "old.lic")
    ready.today = "2026-11-25"
    write_licence(ready, "renewed.lic", valid_until="2028-12-31")
    answers = [ready.run("inbox", "--confirm") for _ in range(2)]
    for answer in answers:
        old, new = files(answer)["old.lic"], files(answer)["renewed.lic"]
        assert (answer.code, new["imported"], old["imported"], old["replaced"], codes(old)) == (0, True, False, True, [])
    assert len(imports(ready)) == 2


def test_a_renewal_shows_what_changes(ready: Workspace) -> None:
    write_licence(ready, "renewed.lic", valid_until="2028-12-31", users=5, module="SE1065")
    one = files(ready.run("inbox"))["renewed.lic"]
    assert one["replaces"]["number"] == "KL-2041"
    assert [(it["what"], it["old"], it["new"]) for it in one["differences"]] == [
        ("users", "3", "5"),
        ("valid_until", "2027-12-31", "2028-12-31"),
        ("module", "SE1063 E-Cliëntenbeheer", None),
        ("module", None, "SE1065 E-Accountancy"),
    ]
    assert "2028-12-31" in ready.run("inbox", as_json=False).out


def test_fewer_users_than_are_active_is_an_obstacle_with_the_names(ready: Workspace) -> None:
    ready.ok("user", "add", "--administration", 7, EVA, "--name", "Eva")
    write_licence(ready, "renewed.lic", valid_until="2028-12-31", users=1)
    one = files(ready.run("inbox", "--confirm"))["renewed.lic"]
    assert codes(one) == ["too-many-users"]
    assert HENK in one["obstacles"][0]["message"]
    assert EVA in one["obstacles"][0]["message"]


def test_the_plan_holds_the_bytes_and_what_they_would_do(ready: Workspace) -> None:
    path = write_licence(ready, "renewed.lic", valid_until="2028-12-31")
    plan = ready.ok("inbox")["plan"]
    assert ready.ok("inbox")["plan"] == plan
    changes: dict[str, Callable[[], object]] = {
        "a file more": lambda: (path.parent / "x.txt").write_text("x", "utf-8"),
        "other bytes": lambda: path.write_bytes(path.read_bytes() + b"\n"),
        "a user more": lambda: ready.ok("user", "add", "--administration", 7, EVA, "--name", "Eva"),
        "a file less": path.unlink,
    }
    for what, change in changes.items():
        plan = ready.run("inbox").json["plan"]
        change()
        assert ready.refused("inbox", "--plan", plan, "--confirm") == "changed-meanwhile", what
    assert len(imports(ready)) == 1
    assert ready.refused("inbox", "--plan", plan, code=2) == "plan-needed"


def test_a_file_that_changes_while_the_others_are_imported_stays_behind(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    add_fish(ready)
    write_licence(ready, "a.lic", valid_until="2028-12-31")
    fish = write_fish_licence(ready, "b.lic")
    real = ImportPlan.commit

    def commit(plan: ImportPlan, session: Session) -> None:
        real(plan, session)
        fish.write_bytes((ready.folder / "client.lic").read_bytes())

    monkeypatch.setattr(ImportPlan, "commit", commit)
    answer = ready.run("inbox", "--confirm")
    found = files(answer)
    assert (answer.code, found["a.lic"]["imported"], found["b.lic"]["imported"]) == (3, True, False)
    assert codes(found["b.lic"]) == ["changed-meanwhile"]
    assert [one[0] for one in imports(ready)] == [7, 7]


def test_when_the_machine_fails_halfway_the_answer_says_what_was_done(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    add_fish(ready)
    write_licence(ready, "a.lic", valid_until="2028-12-31")
    write_fish_licence(ready, "b.lic")
    real = ImportPlan.commit

    def commit(plan: ImportPlan, session: Session) -> None:
        real(plan, session)
        if int(plan.number) == 8:
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(ImportPlan, "commit", commit)
    answer = ready.run("inbox", "--confirm")
    found = files(answer)
    assert (answer.code, found["a.lic"]["imported"], found["b.lic"]["imported"]) == (4, True, False)
    assert [one[0] for one in imports(ready)] == [7, 7]
    assert held(ready, 8) is None


def test_another_folder_and_one_that_is_not_there(ready: Workspace) -> None:
    elsewhere = ready.folder / "mail"
    elsewhere.mkdir()
    ready.issue("mail/renewed.lic", valid_until="2028-12-31")
    assert sorted(files(ready.run("inbox", elsewhere))) == ["renewed.lic"]
    assert ready.ok("inbox")["files"] == []
    assert ready.refused("inbox", ready.folder / "nowhere") == "file-not-found"
    (ready.office / "inbox").rmdir()
    assert ready.ok("inbox")["files"] == []


def test_a_file_that_may_not_be_read_and_one_that_is_too_large(ready: Workspace) -> None:
    inbox = ready.office / "inbox"
    (inbox / "large.lic").write_bytes(b"x" * (64 * 1024 + 1))
    closed = write_licence(ready, "closed.lic", valid_until="2028-12-31")
    found = files(ready.run("inbox"))
    assert (found["large.lic"]["verdict"], codes(found["large.lic"])) == ("file-too-large", ["file-too-large"])
    closed.chmod(0)
    if os.access(closed, os.R_OK):
        pytest.skip("this user may read everything")
    assert codes(files(ready.run("inbox"))["closed.lic"]) == ["not-permitted"]


def test_a_clients_own_office_imports_none(ready: Workspace) -> None:
    client = ready.create_client_office()
    ready.backup()
    shutil.copy(ready.folder / "client.lic", client / "inbox" / "client.lic")
    answer = ready.run("inbox", "--confirm", office=client)
    assert (answer.code, files(answer)["client.lic"]["imported"]) == (3, False)


def test_the_python_interface_says_the_same(ready: Workspace) -> None:
    write_licence(ready, "renewed.lic", valid_until="2028-12-31")
    office = Office.open(place_of(ready.office), system_clock(date.fromisoformat(TODAY)))
    plan = office.plan_inbox()
    assert [file.path.name for file in plan.to_import] == ["renewed.lic"]
    assert plan.digest == ready.run("inbox").json["plan"]
    outcome = office.apply(plan)
    assert [file.in_place for file in outcome.files] == [True]
