"""An import can be undone: the licence before it comes back, with an event of its own that `journal verify` replays."""

from pathlib import Path
from typing import Any

import pytest

from accountools import Refused
from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.engines import place_of
from tests.test_forms_screen import press, visible_text
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace, without_tags

pytestmark = pytest.mark.both_engines


EN = Texts("en")


def opened(desk: Workspace) -> Office:
    return Office.open(place_of(desk.office), system_clock(parse_moment(f"{TODAY}T12:00:00Z").date()))


def undo(desk: Workspace, number: int = 7) -> Any:
    office = opened(desk)
    return office.apply(office.plan_undo_import(number))


def held(desk: Workspace, number: int = 7) -> str | None:
    licence = desk.ok("administration", "show", number)["licence"]
    return licence and licence["number"]


def newest(desk: Workspace) -> dict[str, Any]:
    event: dict[str, Any] = desk.ok("journal")["events"][-1]
    return event


def check_journal(desk: Workspace) -> None:
    assert desk.ok("journal", "verify")["findings"] == []


@pytest.fixture
def renewed(ready: Workspace) -> Workspace:
    """Administration 007 under KL-2042, which replaced KL-2041."""
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"))
    return ready


def test_the_licence_before_comes_back_with_an_event(renewed: Workspace) -> None:
    before = len(renewed.ok("journal")["events"])
    plan = undo(renewed)
    assert (plan.undone, plan.before_number, held(renewed)) == ("KL-2042", "KL-2041", "KL-2041")
    assert len(renewed.ok("journal")["events"]) == before + 1
    event = newest(renewed)
    assert (event["what"], event["administration"], event["by"]) == ("import-undone", 7, "tester")
    assert (event["details"]["licence"], event["details"]["replaces"], event["details"]["login"]) == ("KL-2042", "KL-2041", HENK)
    assert "eyJ" not in str(event)
    check_journal(renewed)
    assert renewed.ok("audit")["rows"][0]["state"] == "ready"
    assert renewed.ok("verify", renewed.backup(7))["manifest"]["licence_number"] == "KL-2041"


def test_of_the_first_import_nothing_comes_back(ready: Workspace) -> None:
    """The user who got access stays."""
    assert undo(ready).before is None
    (row,) = ready.ok("audit")["rows"]
    assert (held(ready), row["state"], row["user"]) == (None, "missing", None)
    assert [user["login"] for user in ready.ok("administration", "show", 7)["users"]] == [HENK]
    check_journal(ready)
    assert ready.refused("backup", 7, "--confirm") == "no-licence"
    ready.import_licence(ready.folder / "client.lic")
    assert held(ready) == "KL-2041"
    check_journal(ready)


def test_imports_are_undone_one_after_the_other(renewed: Workspace) -> None:
    renewed.import_licence(renewed.issue("third.lic", number="KL-2043"))
    assert [undo(renewed).undone for _ in range(3)] == ["KL-2043", "KL-2042", "KL-2041"]
    with pytest.raises(Refused) as refused:
        undo(renewed)
    assert refused.value.code == "no-licence"
    check_journal(renewed)


def test_an_import_after_an_undoing_is_undone_to_what_was_there_then(renewed: Workspace) -> None:
    undo(renewed)
    renewed.import_licence(renewed.issue("third.lic", number="KL-2043"))
    assert undo(renewed).before_number == "KL-2041"
    check_journal(renewed)


def test_the_user_of_the_import_before_comes_back_too(ready: Workspace) -> None:
    ready.add_user("ria")
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"), 7, "ria")
    assert ready.ok("audit")["rows"][0]["user"] == "ria"
    undo(ready)
    assert ready.ok("audit")["rows"][0]["user"] == HENK
    check_journal(ready)


def test_what_was_confirmed_comes_back_unless_the_client_changed_since(ready: Workspace) -> None:
    odd = ready.issue("odd.lic", number="KL-2050", kvk="87654321")
    ready.import_licence(odd, 7, HENK, "--accept", "kvk-differs")
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"))
    undo(ready)
    assert [one["code"] for one in ready.ok("audit")["rows"][0]["obstacles"]] == ["kvk-differs"]
    assert ready.ok("audit")["rows"][0]["state"] == "attention"
    ready.import_licence(ready.issue("newest.lic", number="KL-2043"))
    ready.ok("client", "change", CLIENT_KVK, "--kvk", "11223344", "--confirm")
    undo(ready)
    assert ready.ok("audit")["rows"][0]["state"] == "blocked"  # it is asked anew, at a new import
    check_journal(ready)


OTHER_NAME = ({"licensee": "Iets Anders"}, "name-differs")
OTHER_KVK = ({"kvk": "87654321"}, "kvk-differs")


@pytest.mark.parametrize(
    ("confirmed", "change"),
    [
        (OTHER_NAME, ("99887766", "--name", "Visser en Zn")),
        (OTHER_NAME, ("99887766", "--kvk", "11223344")),
        (OTHER_NAME, (CLIENT_KVK, "--city", "Urk")),
        (OTHER_KVK, (CLIENT_KVK, "--name", "Bakkerij Jansen en Zn")),
    ],
    ids=["the name of another client", "the number of another client", "the city", "the name, where the number was confirmed"],
)
def test_what_was_confirmed_comes_back_after_a_change_that_it_was_not_about(
    ready: Workspace, confirmed: tuple[dict[str, str], str], change: tuple[str, ...]
) -> None:
    """The change of another client, or of something else of this one: as it stays confirmed for a licence that is in force."""
    differing, code = confirmed
    ready.add_client("Visser", "99887766")
    ready.import_licence(ready.issue("odd.lic", number="KL-2050", **differing), 7, HENK, "--accept", code)
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"))
    ready.ok("client", "change", *change, "--confirm")
    undo(ready)
    row = ready.ok("audit")["rows"][0]
    assert (row["state"], [one["code"] for one in row["obstacles"]]) == ("attention", [code])
    check_journal(ready)


@pytest.mark.parametrize("changed", [False, True], ids=["as it was", "the client changed before the copy"])
def test_what_was_confirmed_comes_back_in_a_copy_too(ready: Workspace, changed: bool) -> None:
    """Also in a copy of a copy."""
    differing, code = OTHER_NAME
    ready.import_licence(ready.issue("odd.lic", number="KL-2050", **differing), 7, HENK, "--accept", code)
    ready.ok("administration", "copy", 7, 9, "--description", "Kopie")
    if changed:
        ready.ok("client", "change", CLIENT_KVK, "--name", "Bakkerij Jansen en Zn", "--confirm")
    ready.ok("administration", "copy", 9, 8, "--description", "Kopie van de kopie")
    for number in (8, 9):
        newer = ready.issue(
            f"newer-{number}.lic", number=f"KL-206{number}", licensee="Bakkerij Jansen en Zn" if changed else "Bakkerij Jansen"
        )
        ready.import_licence(newer, number)
        undo(ready, number)
    rows = {row["number"]: (row["state"], [one["code"] for one in row["obstacles"]]) for row in ready.ok("audit")["rows"]}
    assert rows == dict.fromkeys((7, 8, 9), ("blocked" if changed else "attention", [code]))
    check_journal(ready)


def test_the_plan_tells_what_the_licence_before_will_block(ready: Workspace) -> None:
    """It informs: the import can be undone all the same."""
    ready.import_licence(ready.issue("newer.lic", number="KL-2042", users=9, valid_until="2029-12-31"))
    assert opened(ready).plan_undo_import(7).obstacles == ()
    for login in "abc":
        ready.add_user(login)
    revoked = ready.folder / "revoked.txt"
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", revoked)
    later = Office.open(place_of(ready.office), system_clock(parse_moment("2028-06-01T12:00:00Z").date()))
    ready.ok("administration", "archive", 7)  # which isn't about the licence
    assert [one.code for one in later.plan_undo_import(7).obstacles] == ["licence-expired", "too-many-users"]
    ready.ok("licence", "revocations", revoked)
    plan = opened(ready).plan_undo_import(7)
    assert [(one.code, one.blocking, one.needs_confirmation) for one in plan.obstacles] == [
        ("licence-revoked", False, False),
        ("too-many-users", False, False),
    ]
    screen = licences_screen(opened(ready), EN)
    assert screen.form.choose_licence("KL-2042")
    press(screen, "Undo the import into 007")
    shown = visible_text(screen)
    assert "Licence KL-2041 was revoked by its issuer." in shown
    assert "4 users would be active, and the licence allows 3" in shown
    press(screen, "Yes, undo the import")
    assert held(ready) == "KL-2041"
    ready.ok("administration", "unarchive", 7)
    row = ready.ok("audit")["rows"][0]
    assert (row["state"], [one["code"] for one in row["obstacles"]]) == ("blocked", [one.code for one in plan.obstacles])


def test_the_plan_tells_what_is_to_be_confirmed_anew_and_who_can_not_log_in(ready: Workspace) -> None:
    differing, code = OTHER_NAME
    ready.import_licence(ready.issue("odd.lic", number="KL-2050", **differing), 7, HENK, "--accept", code)
    ready.add_user("ria")
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"), 7, "ria")
    assert opened(ready).plan_undo_import(7).obstacles == ()  # what was confirmed comes back
    ready.ok("client", "change", CLIENT_KVK, "--name", "Bakkerij Jansen en Zn", "--confirm")
    ready.ok("user", "deactivate", "--administration", 7, HENK)
    assert [one.code for one in undo(ready).obstacles] == [code, "user-inactive"]


@pytest.mark.parametrize("how", ["copied", "restored"])
def test_what_a_copy_or_a_backup_gave_is_no_import(how: str, ready: Workspace) -> None:
    if how == "copied":
        ready.ok("administration", "copy", 7, 9, "--description", "Kopie")
    else:
        ready.ok("restore", ready.backup(7, "--purpose", "safekeeping"), "--replace", "--confirm")
    number = 9 if how == "copied" else 7
    with pytest.raises(Refused) as refused:
        undo(ready, number)
    assert refused.value.code == "no-licence"
    assert "no import to undo" in str(refused.value.reason.sentence())
    ready.import_licence(ready.issue("newer.lic", number="KL-2042"), number)
    assert undo(ready, number).before_number == "KL-2041"
    check_journal(ready)


def test_another_administration_keeps_its_licence(renewed: Workspace) -> None:
    renewed.ok("administration", "copy", 7, 9, "--description", "Kopie")
    undo(renewed)
    assert (held(renewed), held(renewed, 9)) == ("KL-2041", "KL-2042")
    check_journal(renewed)


def test_a_plan_that_is_outdated_undoes_nothing(renewed: Workspace) -> None:
    office = opened(renewed)
    plan = office.plan_undo_import(7)
    renewed.import_licence(renewed.issue("third.lic", number="KL-2043"))
    with pytest.raises(Refused) as refused:
        office.apply(plan)
    assert refused.value.code == "changed-meanwhile"
    assert held(renewed) == "KL-2043"


@pytest.mark.files_only
def test_an_event_that_undoes_nothing_is_a_finding(ready: Workspace) -> None:
    """`journal verify` replays the undoing: a register in which it was not done differs."""
    undo(ready)
    import sqlite3

    with sqlite3.connect(ready.office / "register.db") as register:
        digest = register.execute("SELECT sha256 FROM licences WHERE number = 'KL-2041'").fetchone()[0]
        register.execute("INSERT INTO imports VALUES (7, ?, ?, '2026-11-24T00:00:00.000Z', '[]')", (digest, HENK.casefold()))
    answer = ready.run("journal", "verify")
    assert (answer.code, [one["code"] for one in answer.json["findings"]]) == (1, ["register-differs"])


def test_it_is_undone_on_the_screen_right_after_the_import(ready: Workspace) -> None:
    screen = client_licence_screen(opened(ready), EN)
    form = screen.form
    form.choose_administration(7)
    form.choose_file(ready.issue("newer.lic", number="KL-2042"))
    form.choose_user(HENK)
    form.next()
    assert not form.ask_undo()
    form.finish()
    press(screen, "Undo this import")
    assert held(ready) == "KL-2042"  # it asks first
    assert "Licence KL-2041 comes back, as it was before." in visible_text(screen)
    press(screen, "No, leave it")
    assert not form.confirm_undo()
    press(screen, "Undo this import")
    press(screen, "Yes, undo the import")
    assert "The import is undone" in visible_text(screen)
    assert held(ready) == "KL-2041"
    assert form.restart()
    assert form.fields.file is None
    check_journal(ready)


def test_it_is_undone_on_the_screen_of_the_licences(renewed: Workspace, tmp_path: Path) -> None:
    """Also days later; a backup that the client has already is named."""
    renewed.backup(7)
    screen = licences_screen(opened(renewed), EN)
    assert screen.form.choose_licence("KL-2042")
    assert screen.form.changes
    press(screen, "Undo the import into 007")
    assert "A backup for the client was made on 2026-11-24 already" in visible_text(screen)
    press(screen, "Yes, undo the import")
    shown = visible_text(screen)
    assert "The import of licence KL-2042 is undone. Administration 007 is under licence KL-2041 again." in shown
    assert screen.form.choose_licence("KL-2041")
    assert (screen.form.chosen.in_force, screen.form.chosen.before) == (True, None)
    assert screen.form.choose_licence("KL-2042")
    assert not screen.form.chosen.in_force
    renewed.ok("dossier", 7, "--out", tmp_path / "dossier.html")
    assert "import of licence KL-2042 undone" in without_tags(tmp_path / "dossier.html")


def test_the_months_before_know_what_was_undone(renewed: Workspace) -> None:
    """The audit's history replays it."""
    undo(renewed)
    undo(renewed)
    later = Office.open(place_of(renewed.office), system_clock(parse_moment("2027-01-10T12:00:00Z").date()))
    assert [month.counts["missing"] for month in later.audit().history()[-2:]] == [1, 1]
