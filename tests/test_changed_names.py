"""A client gets another name or KvK number, and an office another licence number: what was made before stays theirs."""

from pathlib import Path
from typing import Any

import pytest

from accountools import Office
from tests.engines import place_of
from tests.test_handover import new_key, second_client
from tests.test_trust_and_revocation import OTHER, issued_by, trust_file
from tests.workspace import CLIENT_KVK, HENK, OFFICE_KVK, CommandResult, Workspace

pytestmark = pytest.mark.both_engines


NEW_KVK = "87654321"


def changed(desk: Workspace, *words: object, office: Path | None = None) -> Any:
    """Change the client and confirm it; the journal must agree."""
    answer = desk.ok("client", "change", CLIENT_KVK, *words, "--confirm", office=office)
    assert desk.ok("journal", "verify", office=office)["findings"] == []
    return answer


def audit_row(desk: Workspace) -> Any:
    (row,) = (row for row in desk.ok("audit")["rows"] if row["number"] == 7)
    return row


# --- client change ---


def test_a_client_change_is_planned_shown_and_applied(ready: Workspace) -> None:
    words = ("client", "change", CLIENT_KVK, "--name", "Jansen  Brood", "--kvk", NEW_KVK, "--city", "Rotterdam")
    before = ready.ok("client", "list")
    plan = ready.ok(*words)
    assert plan["changed"] is False
    assert plan["client"] == {"kvk": NEW_KVK, "name": "Jansen Brood", "city": "Rotterdam"}
    assert plan["administrations"] == [7]
    assert plan["differences"] == [
        {"what": "name", "old": "Bakkerij Jansen", "new": "Jansen Brood"},
        {"what": "kvk", "old": CLIENT_KVK, "new": NEW_KVK},
        {"what": "city", "old": "Delft", "new": "Rotterdam"},
    ]
    assert [(one["code"], one["blocking"]) for one in plan["obstacles"]] == [("kvk-differs", False)]
    assert ready.ok("client", "list") == before
    assert ready.refused(*words, "--confirm", "--plan", "0" * 32) == "changed-meanwhile"
    assert ready.ok(*words, "--confirm", "--plan", plan["plan"])["changed"] is True
    assert ready.ok("client", "list") == {"clients": [plan["client"]]}
    assert ready.ok("administration", "show", 7)["client"] == plan["client"]
    assert ready.refused(*words, "--confirm") == "client-not-found"


@pytest.mark.parametrize("words", [("--name", "Jansen Brood"), ("--city", ""), ("--kvk", NEW_KVK), ("--kvk", NEW_KVK, "--name", "J")])
def test_each_change_is_an_event_that_the_register_follows_from(ready: Workspace, words: tuple[str, ...]) -> None:
    now = changed(ready, *words)["client"]
    event = ready.ok("journal")["events"][-1]
    assert event["what"] == "client-changed"
    event["details"].pop("database_user", None)  # on a server
    assert event["details"] == now | {"former_kvk": CLIENT_KVK, "today": "2026-11-24"}


def test_a_change_to_what_it_is_already_does_nothing(ready: Workspace) -> None:
    before = ready.ok("journal")
    assert changed(ready, "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK)["changed"] is False
    assert ready.ok("journal") == before


def test_what_a_client_can_not_become_is_refused(ready: Workspace) -> None:
    second_client(ready, 8)
    other = next(one["kvk"] for one in ready.ok("client", "list")["clients"] if one["kvk"] != CLIENT_KVK)
    change = ("client", "change", CLIENT_KVK)
    before = ready.ok("journal")
    assert ready.refused(*change, "--kvk", other, "--confirm") == "client-exists"
    assert ready.refused(*change, "--kvk", other) == "client-exists"
    assert ready.refused(*change, "--kvk", "1234567", "--confirm") == "kvk-invalid"
    assert ready.refused(*change, "--name", " ", "--confirm") == "name-missing"
    assert ready.refused("client", "change", NEW_KVK, "--name", "x", "--confirm") == "client-not-found"
    assert ready.refused(*change, "--confirm", code=2) == "usage"
    assert ready.ok("journal") == before


def test_after_a_change_a_hand_over_asks_for_the_licence_of_that_name_and_number(ready: Workspace) -> None:
    changed(ready, "--name", "Jansen Brood")
    assert (audit_row(ready)["state"], "name-differs" in [one["code"] for one in audit_row(ready)["obstacles"]]) == ("blocked", True)
    changed(ready, "--kvk", NEW_KVK, "--name", "Bakkerij Jansen")
    assert "kvk-differs" in ready.run("backup", 7, "--confirm").obstacles
    ready.import_licence(ready.issue("new.lic", kvk=NEW_KVK))
    assert audit_row(ready)["state"] == "ready"
    ready.backup()


@pytest.mark.parametrize(
    ("licence", "first", "code"),
    [({"kvk": "22222222"}, ("--kvk", NEW_KVK), "kvk-differs"), ({"licensee": "Slagerij"}, ("--name", "Jansen Brood"), "name-differs")],
)
def test_what_was_accepted_for_the_former_client_is_asked_again(
    ready: Workspace, licence: dict[str, str], first: tuple[str, ...], code: str
) -> None:
    ready.import_licence(ready.issue("other.lic", **licence), 7, HENK, "--accept", code)
    ready.backup()
    changed(ready, "--city", "Breda")
    ready.backup()
    changed(ready, *first)
    assert code in ready.run("backup", 7, "--confirm").obstacles


@pytest.mark.files_only
@pytest.mark.parametrize("words", [("--kvk", NEW_KVK), ("--name", "Jansen Brood", "--city", "Breda")])
@pytest.mark.parametrize("books", ["replaced", "missing"])
def test_a_safekeeping_backup_of_before_is_restored_for_the_client_as_it_is_now(
    ready: Workspace, words: tuple[str, ...], books: str
) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping")
    now = changed(ready, *words)["client"]
    if books == "missing":
        (ready.office / "administrations" / "00007.db").unlink()
    assert ready.ok("restore", kept, *(["--replace"] if books == "replaced" else []), "--confirm")["restored"]
    assert ready.ok("client", "list") == {"clients": [now]}
    assert ready.ok("administration", "show", 7)["client"] == now
    assert ready.ok("rehearse", kept)["ok"]
    assert ready.ok("journal", "verify")["findings"] == []


def test_a_number_that_another_client_has_now_is_not_that_clients(ready: Workspace) -> None:
    """The backup is of the client who had the number when it was made."""
    kept = ready.backup(7, "--purpose", "safekeeping")
    changed(ready, "--kvk", NEW_KVK)
    ready.ok("client", "add", "--name", "Nieuw", "--kvk", CLIENT_KVK)
    ready.ok("restore", kept, "--replace", "--confirm")
    assert ready.ok("administration", "show", 7)["client"]["kvk"] == NEW_KVK


def test_a_clients_own_backup_of_before_is_still_installed_and_its_signer_known(ready: Workspace) -> None:
    client_office = ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=client_office)
    theirs = ready.backup(7, "--plain", office=client_office)
    ready.ok("install", theirs, "--replace", "--confirm")
    assert ready.ok("verify", theirs)["signer"] == "known"
    changed(ready, "--kvk", NEW_KVK)
    assert ready.ok("verify", theirs)["signer"] == "known"
    answer = ready.run("install", theirs, "--replace")
    assert not {"client-not-found", "client-differs", "number-taken", "signer-changed"} & set(answer.obstacles)


# --- a client's KvK number that changed in one office, and not yet in the other ---


def with_new_number(desk: Workspace) -> tuple[Path, Path]:
    """The client's office, in which a hand-over was restored, and the next one, after its KvK number changed at the accountant's."""
    client_office = desk.create_client_office()
    desk.ok("restore", desk.backup(), "--confirm", office=client_office)
    changed(desk, "--kvk", NEW_KVK)
    desk.import_licence(desk.issue("new.lic", kvk=NEW_KVK))
    return client_office, desk.backup()


def client_differs(answer: CommandResult) -> Any:
    assert answer.code == 3
    (found,) = (one for one in answer.json["obstacles"] if one["code"] == "client-differs")
    assert found["blocking"]
    return found


CHANGE = f"`accountools client change {CLIENT_KVK} --kvk {NEW_KVK}`"


def test_the_next_hand_over_is_restored_once_the_client_changed_its_number_too(ready: Workspace) -> None:
    client_office, handed = with_new_number(ready)
    accepted = ("--accept", "client-differs", "--replace", "--confirm")
    answer = ready.run("restore", handed, *accepted, office=client_office)
    found = client_differs(answer)
    assert answer.error == "client-differs"
    assert CLIENT_KVK in found["message"]
    assert NEW_KVK in found["message"]
    assert CHANGE in found["remedy"]
    many = ready.run("restore", "--from", handed.parent, *accepted, office=client_office)
    assert many.code == 3
    assert CHANGE in next(one["remedy"] for one in many.json["restores"][0]["obstacles"] if one["code"] == "client-differs")
    ready.ok("client", "change", CLIENT_KVK, "--kvk", NEW_KVK, "--confirm", office=client_office)
    assert ready.ok("restore", handed, "--replace", "--confirm", office=client_office)["restored"]
    assert [one["kvk"] for one in ready.ok("client", "list", office=client_office)["clients"]] == [NEW_KVK]


def under_another_licence(desk: Workspace, name: str) -> CommandResult:
    """A client's restore of the next hand-over, which is for this name under another KvK number and another licence."""
    client_office = desk.create_client_office()
    desk.ok("restore", desk.backup(), "--confirm", office=client_office)
    changed(desk, "--kvk", NEW_KVK, "--name", name)
    desk.import_licence(desk.issue("new.lic", number="KL-3000", kvk=NEW_KVK, licensee=name))
    return desk.run("restore", desk.backup(), "--replace", office=client_office)


@pytest.mark.files_only
def test_so_it_is_said_before_its_new_licence_was_renewed_there(ready: Workspace) -> None:
    """By name and signer it is the same client's administration."""
    answer = under_another_licence(ready, "Bakkerij Jansen B.V.")
    assert "licence-differs" in answer.obstacles
    assert CHANGE in client_differs(answer)["remedy"]


@pytest.mark.files_only
def test_of_another_name_under_another_licence_no_change_of_the_number_is_proposed(ready: Workspace) -> None:
    """The office sends one client the backup of another, which has the same number in an office that was set up anew."""
    assert "client change" not in client_differs(under_another_licence(ready, "Slagerij De Wit"))["remedy"]


@pytest.mark.files_only
def test_nor_of_a_number_that_another_client_has_here(ready: Workspace) -> None:
    client_office, handed = with_new_number(ready)
    ready.ok("client", "add", "--name", "Jansen Beheer", "--kvk", NEW_KVK, office=client_office)
    assert "client change" not in client_differs(ready.run("restore", handed, "--replace", office=client_office))["remedy"]


@pytest.mark.files_only
def test_a_client_that_changed_its_number_first_is_known_again_once_the_accountant_changed_it_too(ready: Workspace) -> None:
    client_office = ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=client_office)
    changed(ready, "--kvk", NEW_KVK, office=client_office)
    theirs = ready.backup(7, "--plain", office=client_office)
    answer = ready.run("install", theirs, "--replace", "--confirm")
    assert (answer.error, "client-not-found" in answer.obstacles) == ("client-differs", False)
    assert CHANGE in client_differs(answer)["remedy"]
    changed(ready, "--kvk", NEW_KVK)
    assert ready.ok("install", theirs, "--replace", "--accept", "kvk-differs", "--confirm")["restored"]


@pytest.mark.files_only
def test_the_office_that_was_restored_as_it_was_before_the_change_says_so_of_its_own_backups(ready: Workspace) -> None:
    register = ready.backup("--register", "--recipient", new_key(ready), "--to", ready.folder / "stick")
    changed(ready, "--kvk", NEW_KVK)
    kept = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "stick")
    anew = ready.folder / "anew"
    ready.ok("restore", register, "--identity", ready.folder / "key.txt", "--confirm", office=anew)
    assert CHANGE in client_differs(ready.run("restore", kept, office=anew))["remedy"]
    ready.ok("client", "change", CLIENT_KVK, "--kvk", NEW_KVK, "--confirm", office=anew)
    assert ready.ok("restore", kept, "--confirm", office=anew)["restored"]


def exchanged_before(answer: Any) -> list[Any]:
    return [one for one in answer["obstacles"] if one["code"] == "exchanged-before"]


@pytest.mark.parametrize("number", [7, 9])
def test_who_changes_a_kvk_number_is_told_that_the_client_has_to_change_it_too(ready: Workspace, number: int) -> None:
    """Where administration 7 was handed over, or the client's own administration 9 installed."""
    words = ("client", "change", CLIENT_KVK)
    ready.create(8)
    assert exchanged_before(ready.ok(*words, "--kvk", NEW_KVK)) == []
    ready.backup(7, "--purpose", "safekeeping")
    assert exchanged_before(ready.ok(*words, "--kvk", NEW_KVK)) == []
    if number == 9:
        client_office = ready.create_client_office()
        ready.ok("client", "add", "--name", "Bakkerij Jansen", "--kvk", CLIENT_KVK, office=client_office)
        ready.ok("administration", "create", 9, "--description", "Own", "--client", CLIENT_KVK, office=client_office)
        ready.ok("install", ready.backup(9, office=client_office), "--confirm")
    else:
        ready.backup()
    assert exchanged_before(ready.ok(*words, "--name", "Jansen Brood", "--city", "Breda")) == []
    (found,) = exchanged_before(ready.ok(*words, "--kvk", NEW_KVK))
    assert not found["blocking"]
    assert f"administration {number:03} " in found["message"]
    assert CHANGE in found["remedy"]
    assert exchanged_before(changed(ready, "--kvk", NEW_KVK)) == [found]


def test_the_facade_plans_the_same(ready: Workspace) -> None:
    office = Office.open(place_of(ready.office))
    office.apply(office.plan_client_change(CLIENT_KVK, new_kvk=NEW_KVK))
    assert [one["kvk"] for one in ready.ok("client", "list")["clients"]] == [NEW_KVK]


# --- licence renew --new-number ---


def moved(desk: Workspace, office: Path | None = None, **changes: object) -> Path:
    """Move the office to another licence number."""
    path = desk.issue_own("moved.lic", **({"number": "AC-2002"} | changes))
    assert desk.refused("licence", "renew", path, "--confirm", office=office) == "licence-differs"
    planned = desk.ok("licence", "renew", path, "--new-number", office=office)
    assert planned["differences"][0]["what"] == "number"
    assert desk.ok("licence", "renew", path, "--new-number", "--confirm", "--plan", planned["plan"], office=office)["renewed"]
    assert desk.ok("journal", "verify", office=office)["findings"] == []
    return path


def test_an_office_moves_to_another_licence_number_with_an_event(ready: Workspace) -> None:
    moved(ready)
    event = ready.ok("journal")["events"][-1]
    assert (event["what"], event["details"]["licence"], event["details"]["replaces"]) == ("own-licence-renewed", "AC-2002", "AC-1001")
    ready.backup()
    assert ready.ok("backups", "list")["backups"][-1]["purpose"] == "handover"


def test_without_a_new_number_nothing_is_said_to_be_replaced(ready: Workspace) -> None:
    ready.ok("licence", "renew", ready.issue_own("newer.lic", users=12), "--new-number", "--confirm")
    assert "replaces" not in ready.ok("journal")["events"][-1]["details"]


def test_a_licence_of_another_issuer_kind_or_kvk_is_not_moved_to(ready: Workspace) -> None:
    ready.ok("trust", "add", trust_file(ready.folder, "other.jwks", OTHER), "--confirm")
    accountant = {"kind": "accountant", "number": "AC-3", "licensee": "Kantoor Zonnestein", "kvk": OFFICE_KVK, "module": "SE1065"}
    renew = ("licence", "renew", "--new-number", "--confirm")
    answer = ready.run(*renew, issued_by(ready, OTHER, **accountant))
    assert (answer.code, answer.error, "different issuer" in answer.err) == (3, "licence-differs", True)
    assert ready.refused(*renew, ready.issue("client2.lic", number="KL-77")) == "wrong-kind"
    other = ready.issue_own("kvk.lic", number="AC-4", kvk="22222222")
    assert ready.refused(*renew, other) == "kvk-differs"
    assert {event["what"] for event in ready.ok("journal")["events"]} & {"own-licence-renewed"} == set()
    assert ready.ok(*renew, other, "--accept", "kvk-differs")["renewed"]


@pytest.mark.files_only
def test_safekeeping_backups_under_the_former_numbers_stay_restorable(ready: Workspace) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping")
    moved(ready)
    assert ready.ok("rehearse", kept)["ok"]
    assert ready.ok("restore", kept, "--replace", "--confirm")["restored"]
    ready.ok("licence", "renew", ready.issue_own("third.lic", number="AC-3003"), "--new-number", "--confirm")
    (ready.office / "administrations" / "00007.db").unlink()
    answer = ready.ok("restore", "--from", kept.parent, "--confirm")
    assert [one["restored"] for one in answer["restores"]] == [True]
    assert ready.ok("verify", kept)["ok"]


def test_after_the_office_itself_was_restored_the_former_numbers_are_still_its_own(ready: Workspace) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "stick")
    moved(ready)
    register = ready.backup("--register", "--recipient", new_key(ready), "--to", ready.folder / "stick")
    anew = ready.folder / "anew"
    ready.ok("restore", register, "--identity", ready.folder / "key.txt", "--confirm", office=anew)
    assert ready.ok("restore", kept, "--confirm", office=anew)["restored"]


def test_a_clients_office_that_moved_still_restores_the_hand_overs_of_before(ready: Workspace) -> None:
    handed = ready.backup()
    client_office = ready.create_client_office()
    moved(ready, client_office, kind="client", number="KL-9", licensee="Bakkerij Jansen", kvk=CLIENT_KVK, module="SE1063", users=3)
    assert ready.ok("restore", handed, "--confirm", office=client_office)["restored"]
    stranger = ready.folder / "stranger"
    ready.ok("init", "--licence", ready.issue("stranger.lic", number="KL-8"), "--trust", ready.trust, office=stranger)
    assert ready.refused("restore", handed, "--confirm", office=stranger) == "licence-differs"
