"""The journal: nothing in it can be changed unseen, and the register is what it says."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools import Office
from accountools.formats.signatures import SigningKey
from accountools.forms.screens.menu.view import menu_screen
from accountools.storage.register import journal
from accountools.texts import Texts
from tests.engines import backup_key_of, place_of, replace_backup_key, run_sql, set_trust, trust_of
from tests.test_forms_screen import visible_text
from tests.test_handover import change_register, new_key, pieces_of, query, revoke, second_client, token_of
from tests.workspace import HENK, PIET, Workspace

pytestmark = pytest.mark.both_engines


INGRID = r"JANSEN\ingrid"


def findings(desk: Workspace, office: Path | None = None) -> list[tuple[str, str]]:
    """What `journal verify` finds: codes and sentences. Its exit code must fit."""
    answer = desk.run("journal", "verify", office=office)
    found = [(one["code"], one["message"]) for one in answer.json["findings"]]
    serious = [code for code, _ in found if code != "journal-behind"]
    assert (answer.code, answer.json["ok"]) == ((1, False) if serious else (0, True)), answer.out
    return found


def codes(desk: Workspace) -> set[str]:
    return {code for code, _ in findings(desk)}


def numbers_of(found: list[tuple[str, str]]) -> list[int]:
    """The numbers of the events that are said to be changed."""
    return [int(message.split()[1]) for code, message in found if code == "event-changed"]


def rechain(office: Path) -> None:
    """Write the whole chain anew, as somebody would who knows how."""
    columns = ("n", "at", "by", "what", "administration", "details")
    before = journal.GENESIS
    rows = run_sql(office, f"SELECT {', '.join(columns)} FROM events ORDER BY n")
    run_sql(office, "DELETE FROM events")
    for n, row in enumerate(rows, 1):
        body = dict(zip(columns, row, strict=True)) | {"n": n}
        before = journal.compute_hash(before, body)
        run_sql(office, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", *(body[name] for name in columns), before)


def do_everything(desk: Workspace) -> None:
    """Everything that has an event."""
    desk.add_user(PIET, 7, "--office-user")
    desk.ok("user", "add", "--administration", 7, INGRID, "--name", "Ingrid", "--inactive", "--employee", 5)
    desk.ok("user", "activate", "--administration", 7, INGRID)
    desk.ok("user", "deactivate", "--administration", 7, INGRID)
    second_client(desk, 8)
    desk.ok("administration", "copy", 7, 9, "--description", "Kopie")
    desk.ok("administration", "archive", 9)
    desk.ok("administration", "unarchive", 9)
    desk.create(10, "Sjabloon", client=None)
    desk.import_licence(desk.issue("newer.lic", number="KL-2042"))
    desk.ok("licence", "renew", desk.issue_own("renewed.lic", valid_until="2028-12-31"), "--confirm")
    revoke(desk, "KL-9999")
    desk.ok("issuer", "new", desk.folder / "second")
    desk.ok("trust", "add", desk.folder / "second" / "trust.jwks", "--confirm")
    desk.backup(7)
    kept = desk.backup(7, "--purpose", "safekeeping")
    desk.backup("--register", "--recipient", new_key(desk))
    desk.ok("restore", kept, "--replace", "--confirm")


def test_the_journal_tells_what_happened_in_order(ready: Workspace) -> None:
    events = ready.ok("journal")["events"]
    assert [event["n"] for event in events] == [1, 2, 3, 4, 5]
    assert [event["what"] for event in events] == [
        "office-made",
        "client-added",
        "administration-created",
        "user-added",
        "licence-imported",
    ]
    assert {event["by"] for event in events} == {"tester"}
    assert [event["administration"] for event in events] == [None, None, 7, 7, 7]
    assert all(event["at"].endswith("Z") and event["details"]["today"] == "2026-11-24" for event in events)
    second_client(ready, 8)
    assert {event["administration"] for event in ready.ok("journal", "--administration", "008")["events"]} == {8}
    assert len(ready.ok("journal", "--administration", 7)["events"]) == 3
    assert ready.refused("journal", "--administration", 999) == "administration-not-found"


def test_after_everything_that_can_happen_the_journal_holds(ready: Workspace) -> None:
    do_everything(ready)
    assert findings(ready) == []
    happened = {event["what"] for event in ready.ok("journal")["events"]}
    assert {"user-activated", "user-deactivated", "administration-copied", "administration-archived", "administration-unarchived",
            "own-licence-renewed", "revocations-read", "issuers-trusted", "backup-made", "register-backed-up",
            "administration-restored"} <= happened  # fmt: skip


def test_no_event_holds_a_token_or_a_key(ready: Workspace) -> None:
    do_everything(ready)
    events = json.dumps(ready.ok("journal")["events"])
    for licence in ("own.lic", "client.lic", "newer.lic", "renewed.lic", "8.lic"):
        assert not any(piece in events for piece in pieces_of(token_of(ready.folder / licence)))
    assert "eyJ" not in events
    assert "PRIVATE" not in events
    assert "AGE-SECRET" not in events


def test_what_is_refused_or_only_planned_has_no_event(ready: Workspace) -> None:
    before = ready.ok("journal")
    ready.run("backup", 7)
    ready.run("backup", 8, "--confirm")
    ready.run("licence", "import", ready.folder / "own.lic", "--administration", 7, "--user", HENK, "--confirm")
    ready.run("user", "add", "--administration", 7, HENK, "--name", "Henk")
    ready.run("user", "activate", "--administration", 7, HENK)  # is active already
    assert ready.ok("journal") == before


# --- changed behind the program's back: the events ---


ALL_EVENTS = "SELECT * FROM events ORDER BY n"


def replace_journal(office: Path, events: list[tuple[Any, ...]]) -> None:
    """Let the journal be these events."""
    change_register(office, "DELETE FROM events")
    for row in events:
        change_register(office, "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", *row)


CHANGES = {
    "at": "UPDATE events SET at = '2026-01-01T00:00:00.000Z' WHERE n = ?",
    "by": "UPDATE events SET \"by\" = 'somebody else' WHERE n = ?",
    "what": "UPDATE events SET what = 'client-added' || what WHERE n = ?",
    "administration": "UPDATE events SET administration = 99 WHERE n = ?",
    "details": "UPDATE events SET details = replace(details, '2026', '2025') WHERE n = ?",
    "details blank": "UPDATE events SET details = details || ' ' WHERE n = ?",
    "details not JSON": "UPDATE events SET details = 'hello' WHERE n = ?",
    "details a list": "UPDATE events SET details = '[]' WHERE n = ?",
    "details a number": "UPDATE events SET details = '5' WHERE n = ?",
    "details null": "UPDATE events SET details = 'null' WHERE n = ?",
    "details emptied": "UPDATE events SET details = '{}' WHERE n = ?",
    "hash": "UPDATE events SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE n = ?",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_event_is_found_with_its_number(ready: Workspace, change: str) -> None:
    whole = query(ready.office, ALL_EVENTS)
    for n in range(1, 6):
        change_register(ready.office, CHANGES[change], n)
        found = numbers_of(findings(ready))
        assert found[0] == n, found
        assert set(found) <= {n, n + 1}  # a changed hash is seen in the one after it too
        replace_journal(ready.office, whole)
    assert findings(ready) == []


def test_a_moment_that_is_none_does_not_hide_it(ready: Workspace) -> None:
    change_register(ready.office, "UPDATE events SET at = 'gisteren' WHERE n = 5")
    ready.today = None
    assert numbers_of(findings(ready)) == [5]
    assert ready.refused("audit", code=4) == "office-damaged"


def test_a_removed_event_is_found_where_it_stood(ready: Workspace) -> None:
    whole = query(ready.office, ALL_EVENTS)
    for n in range(1, 5):
        change_register(ready.office, "DELETE FROM events WHERE n = ?", n)
        assert numbers_of(findings(ready)) == [n + 1]
        change_register(ready.office, "UPDATE events SET n = -n WHERE n > ?", n)
        change_register(ready.office, "UPDATE events SET n = -n - 1 WHERE n < 0")  # the rest moved up
        assert numbers_of(findings(ready))[0] == n
        replace_journal(ready.office, whole)


def test_events_that_changed_places_are_found(ready: Workspace) -> None:
    for one, other in ((2, 99), (4, 2), (99, 4)):
        change_register(ready.office, "UPDATE events SET n = ? WHERE n = ?", other, one)
    assert [row[0] for row in query(ready.office, "SELECT what FROM events ORDER BY n")][1] == "user-added"
    assert numbers_of(findings(ready)) == [2, 3, 4, 5]


def test_an_inserted_event_is_found(ready: Workspace) -> None:
    row = "SELECT {n}, at, \"by\", 'client-added', NULL, '{details}', '{hash}' FROM events WHERE n = 1"
    whole = query(ready.office, ALL_EVENTS)
    change_register(ready.office, f"INSERT INTO events {row.format(n=6, details='{}', hash='0' * 64)}")
    assert numbers_of(findings(ready)) == [6]
    replace_journal(ready.office, whole)
    change_register(ready.office, "UPDATE events SET n = -n WHERE n > 2")
    change_register(ready.office, "UPDATE events SET n = 1 - n WHERE n < 0")
    change_register(ready.office, f"INSERT INTO events {row.format(n=3, details='{}', hash='0' * 64)}")
    assert numbers_of(findings(ready))[0] == 3
    replace_journal(ready.office, whole)
    change_register(ready.office, f"INSERT INTO events {row.format(n=0, details='{}', hash='0' * 64)}")
    assert numbers_of(findings(ready))[0] == 0


def test_an_event_of_a_kind_nobody_knows_is_found_by_what_it_says_too(ready: Workspace) -> None:
    """A well-made chain, but the details aren't what they must be."""
    for details in (
        "[]",
        "{}",
        '{"kvk":5,"name":"x","city":"y"}',
        '{"kvk":null,"name":"x","city":"y"}',
        '{"kvk":[],"name":1,"city":2}',
        "x",
    ):
        change_register(ready.office, "UPDATE events SET details = ? WHERE n = 2", details)
        rechain(ready.office)
        assert codes(ready) == {"register-differs"}


# --- changed behind the program's back: the chain written anew, or cut ---


def test_a_chain_that_was_written_anew_shows_against_the_backups_at_hand(ready: Workspace) -> None:
    ready.backup()
    change_register(ready.office, "UPDATE events SET \"by\" = 'somebody else' WHERE n = 4")
    rechain(ready.office)
    found = findings(ready)
    assert [code for code, _ in found] == ["journal-cut"]
    assert "20261124-1.0.0-007-Bakkerij Jansen.acb" in found[0][1]


def test_a_missing_tail_shows_against_the_backups_at_hand(ready: Workspace) -> None:
    stick = ready.folder / "stick"
    backups = [ready.backup(7, "--to", stick), ready.backup()]
    change_register(ready.office, "DELETE FROM events WHERE n > 6")
    assert codes(ready) == {"register-differs"}  # the second was made when there were six events, and is in the register
    change_register(ready.office, "DELETE FROM events WHERE n > 5")
    assert [message for code, message in findings(ready) if code == "journal-cut"] != []
    change_register(ready.office, "DELETE FROM events WHERE n > 4")
    found = findings(ready)
    assert [code for code, _ in found].count("journal-cut") == 2
    assert {code for code, _ in found} == {"journal-cut", "register-differs"}
    for backup in backups:
        backup.unlink()
    assert codes(ready) == {"register-differs"}


def test_a_tail_that_was_cut_and_grew_again_shows_too(ready: Workspace) -> None:
    ready.backup()
    ready.backup()
    change_register(ready.office, "DELETE FROM events WHERE n > 5")
    ready.add_user(INGRID)
    ready.ok("user", "deactivate", "--administration", 7, INGRID)
    assert codes(ready) == {"journal-cut", "register-differs"}


def test_an_emptied_journal_is_found(ready: Workspace) -> None:
    ready.backup()
    change_register(ready.office, "DELETE FROM events")
    assert codes(ready) == {"journal-cut", "register-differs"}


def test_backups_of_another_office_or_damaged_ones_prove_nothing(ready: Workspace) -> None:
    ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=ready.client_office)
    theirs = ready.backup(7, office=ready.client_office)
    (ready.office / "backups" / "a.acb").write_bytes(theirs.read_bytes())
    (ready.office / "backups" / "b.acb").write_bytes(theirs.read_bytes()[:500])
    (ready.office / "backups" / "c.acb").write_text("hello")
    assert findings(ready) == []


# --- changed behind the program's back: the register ---


def user_named(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE users SET name = 'Iemand anders'")


def user_deactivated(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE users SET active = 0")


def user_made_office(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE users SET office = 1")


def user_employed(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE users SET employee = 7")


def user_login_spelled(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE users SET login = upper(login)")


def user_added(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO users VALUES (7, 'x', 'x', 'X', NULL, 1, 0)")


def user_removed(desk: Workspace) -> None:
    change_register(desk.office, "DELETE FROM imports")
    change_register(desk.office, "DELETE FROM users")


def licence_removed(desk: Workspace) -> None:
    change_register(desk.office, "DELETE FROM imports")


def licence_replaced(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE licences SET token = ? WHERE number = 'KL-2041'", token_of(desk.issue("other.lic")))


def licence_replaced_by_the_own(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE imports SET licence = (SELECT licence FROM own_licences)")


def licence_for_another(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO users VALUES (7, 'x', 'x', 'X', NULL, 1, 0)")
    change_register(desk.office, "UPDATE imports SET login_key = 'x'")


def own_replaced(desk: Workspace) -> None:
    other = token_of(desk.issue_own("other.lic", users=99))
    change_register(desk.office, "UPDATE licences SET token = ? WHERE number = 'AC-1001'", other)


def own_added(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO licences VALUES ('f', ?, 'AC-1001', 'k')", token_of(desk.issue_own("other.lic", users=99)))
    change_register(desk.office, "INSERT INTO own_licences (n, licence, since) VALUES (9, 'f', 'now')")


def client_named(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE clients SET name = 'Iemand anders'")


def client_moved(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE clients SET city = 'Elders'")


def client_added(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO clients VALUES ('99999999', 'Iemand', '')")


def administration_described(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE administrations SET description = 'Iets anders'")


def administration_given_away(desk: Workspace) -> None:
    client_added(desk)
    change_register(desk.office, "UPDATE administrations SET client_kvk = '99999999'")


def administration_archived(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE administrations SET archived = 1")


def administration_made(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO administrations (number, description, archived, version, counter) VALUES (8, 'x', 0, 1, 0)")


def confirmation_added(desk: Workspace) -> None:
    change_register(desk.office, """UPDATE imports SET accepted = '["kvk-differs"]'""")


def signer_known(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO signers VALUES ('12345678', 'x', '{}', 'X', '99999999', 'now')")


def older_backup_allowed(desk: Workspace) -> None:
    desk.ok("restore", desk.backup(7, "--purpose", "safekeeping"), "--replace", "--confirm")
    change_register(desk.office, "DELETE FROM received")


def newer_backup_claimed(desk: Workspace) -> None:
    change_register(desk.office, "INSERT INTO received VALUES (7, 'x', 9)")


def backup_forgotten(desk: Workspace) -> None:
    desk.backup()
    change_register(desk.office, "DELETE FROM backups")


def backup_of_another_file(desk: Workspace) -> None:
    desk.backup()
    change_register(desk.office, "UPDATE backups SET sha256 = 'x'")


def former_own_forgotten(desk: Workspace) -> None:
    desk.ok("licence", "renew", desk.issue_own("renewed.lic", valid_until="2029-12-31"), "--confirm")
    change_register(desk.office, "DELETE FROM own_licences WHERE n = 1")


BEHIND = [confirmation_added, signer_known, older_backup_allowed, newer_backup_claimed, backup_forgotten, backup_of_another_file,
          former_own_forgotten, user_named, user_deactivated, user_made_office, user_employed, user_login_spelled, user_added,
          user_removed, licence_removed, licence_replaced, licence_replaced_by_the_own, licence_for_another, own_replaced, own_added,
          client_named, client_moved, client_added, administration_described, administration_given_away, administration_archived,
          administration_made]  # fmt: skip


@pytest.mark.parametrize("change", BEHIND)
def test_what_is_changed_in_the_register_behind_the_journals_back_is_found(ready: Workspace, change: Callable[[Workspace], None]) -> None:
    change(ready)
    assert codes(ready) == {"register-differs"}


def test_a_finding_names_what_differs(ready: Workspace) -> None:
    client_named(ready)
    user_named(ready)
    assert [message for _, message in findings(ready)] == [
        "The register and the journal disagree on client 12345678.",
        "The register and the journal disagree on the users of administration 7.",
    ]


def test_a_register_and_journal_changed_together_still_show_against_a_backup(ready: Workspace) -> None:
    ready.backup()
    client_named(ready)
    row: list[tuple[Any, ...]] = query(ready.office, "SELECT details FROM events WHERE n = 2")
    change_register(ready.office, "UPDATE events SET details = ? WHERE n = 2", row[0][0].replace("Bakkerij Jansen", "Iemand anders"))
    rechain(ready.office)
    assert codes(ready) == {"journal-cut"}


def test_the_chain_is_what_the_documents_say_it_is() -> None:
    """SHA-256 of the hash before it, a line end, and the event as canonical JSON."""
    import hashlib

    body = {"n": 1, "at": "a", "by": "b", "what": "é", "administration": None, "details": "{}"}
    text = "0" * 64 + '\n{"administration":null,"at":"a","by":"b","details":"{}","n":1,"what":"é"}'
    assert journal.compute_hash(journal.GENESIS, body) == hashlib.sha256(text.encode()).hexdigest()


# --- changed behind the journal's back: issuers, revocation lists, the key ---


def replace_key(desk: Workspace) -> None:
    replace_backup_key(desk.office, SigningKey.new())


def rewritten(desk: Workspace, key: SigningKey) -> None:
    """The chain written anew, with that key in it as the office's from the start, and put in place."""
    replace_backup_key(desk.office, key)
    ((details,),) = query(desk.office, "SELECT details FROM events WHERE n = 1")
    was = json.loads(details)["key"]
    change_register(desk.office, "UPDATE events SET details = replace(details, ?, ?)", was, key.public.thumbprint)
    change_register(desk.office, "UPDATE events SET \"by\" = 'somebody else' WHERE n = 4")
    rechain(desk.office)


@pytest.mark.parametrize("where", ["backups", "stick"])
def test_a_chain_written_anew_with_another_key_in_place_shows_against_the_backups(ready: Workspace, where: str) -> None:
    backup = ready.backup(7, *([] if where == "backups" else ["--to", ready.folder / where]))
    rewritten(ready, SigningKey.new())
    found = findings(ready)
    assert [code for code, _ in found] == ["signed-elsewhere"]
    assert backup.name in found[0][1]


def test_a_backup_that_the_rewritten_register_no_longer_knows_shows_too(ready: Workspace) -> None:
    ready.backup(7, "--purpose", "safekeeping")
    ready.backup()
    change_register(ready.office, "DELETE FROM backups")
    change_register(ready.office, "DELETE FROM events WHERE n > 5")
    rewritten(ready, SigningKey.new())
    assert [code for code, _ in findings(ready)] == ["signed-elsewhere"] * 2


def test_a_key_that_was_put_in_place_is_found_without_any_backup(ready: Workspace) -> None:
    ready.add_user(INGRID)
    replace_key(ready)
    assert findings(ready) == [("register-differs", "The register and the journal disagree on backup-key.pem.")]
    replace_backup_key(ready.office, None)
    assert codes(ready) == {"register-differs"}


def test_a_key_that_is_lost_is_found_and_its_backups_are_still_the_offices(ready: Workspace) -> None:
    ready.backup()
    replace_backup_key(ready.office, None)
    assert findings(ready) == [("register-differs", "The register and the journal disagree on backup-key.pem.")]


def test_backups_under_a_key_that_an_event_replaced_are_the_offices_own(ready: Workspace) -> None:
    ready.backup()
    former = backup_key_of(ready.office)
    recipient = new_key(ready)
    replace_key(ready)
    ready.ok("key", "seal", "--recipient", recipient, "--out", ready.folder / "sealed.age")
    replace_backup_key(ready.office, former)
    ready.ok("key", "unseal", ready.folder / "sealed.age", "--identity", ready.folder / "key.txt", "--confirm")
    ready.backup()
    assert findings(ready) == []


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----", b"age-encryption.org/v2\n"], ids=["empty", "a key", "later"])
def test_what_is_no_sealed_key_is_not_told_as_another_ones(ready: Workspace, content: bytes) -> None:
    new_key(ready)
    (ready.folder / "sealed.age").write_bytes(content)
    assert ready.refused("key", "unseal", ready.folder / "sealed.age", "--identity", ready.folder / "key.txt") == "key-invalid"
    assert ready.refused("key", "unseal", ready.folder / "sealed.age") == "key-invalid"


def remove_revocations(desk: Workspace) -> None:
    change_register(desk.office, "DELETE FROM revocations")


def older_revocations(desk: Workspace) -> None:
    """The issuer's list of before is put back."""
    change_register(desk.office, "UPDATE revocations SET seq = 1, token = ?", FIRST_LIST[desk.folder])


FIRST_LIST: dict[Path, str] = {}


@pytest.mark.parametrize("change", [remove_revocations, older_revocations])
def test_a_revocation_that_was_removed_is_found_and_still_counts(ready: Workspace, change: Callable[[Workspace], None]) -> None:
    revoke(ready, "KL-9999")
    ((FIRST_LIST[ready.folder],),) = query(ready.office, "SELECT token FROM revocations")
    (ready.folder / "revoked.txt").unlink()
    revoke(ready, "KL-2041")
    change(ready)
    found = findings(ready)
    assert [code for code, _ in found] == ["register-differs"]
    assert "revocations" in found[0][1]
    answer = ready.run("audit")
    assert answer.json["rows"][0]["licence_status"] == "revoked"
    assert "The register and the journal disagree on revocations" in answer.err
    assert ready.refused("backup", 7, "--confirm") == "licence-revoked"
    ready.ok("licence", "revocations", ready.folder / "revoked.txt")  # read again, it is held again
    assert findings(ready) == []
    assert ready.run("audit").err == ""


def test_a_removed_list_is_not_replaced_by_an_older_one(ready: Workspace) -> None:
    revoke(ready, "KL-9999")
    (ready.folder / "revoked.txt").rename(ready.folder / "first.txt")
    revoke(ready, "KL-2041")
    remove_revocations(ready)
    assert ready.refused("licence", "revocations", ready.folder / "first.txt") == "revocations-older"


def edited_trust(desk: Workspace, kind: str) -> None:
    known = json.loads(trust_of(desk.office))
    if kind == "added":
        known["keys"].append(SigningKey.new().public.jwk() | {"issuer": "Iemand"})
    elif kind == "renamed":
        known["keys"][0]["issuer"] = "Iemand anders"
    elif kind == "replaced":
        known["keys"][0] = SigningKey.new().public.jwk()
    set_trust(desk.office, None if kind == "removed" else json.dumps(known).encode())


@pytest.mark.parametrize("kind", ["added", "renamed", "replaced", "removed"])
def test_an_edited_list_of_issuers_is_found_when_the_office_is_opened_and_verified(ready: Workspace, kind: str) -> None:
    edited_trust(ready, kind)
    assert ("register-differs", "The register and the journal disagree on trust.jwks.") in findings(ready)
    for command in ("client", "administration"):
        answer = ready.run(command, "list")
        assert answer.code == 0
        assert "disagree on trust.jwks" in answer.err


def test_an_issuer_that_was_written_into_the_list_does_not_count(ready: Workspace) -> None:
    ready.ok("issuer", "new", ready.folder / "second")
    licence = ready.issue("second.lic", issuer=ready.folder / "second")
    theirs = json.loads((ready.folder / "second" / "trust.jwks").read_text("utf-8"))["keys"]
    before = json.loads(trust_of(ready.office))
    set_trust(ready.office, json.dumps({"keys": before["keys"] + theirs}).encode())
    words = ("licence", "import", licence, "--administration", 7, "--user", HENK)
    assert ready.refused(*words, "--confirm") == "unknown-issuer"
    assert len(ready.ok("trust", "list")["issuers"]) == 1
    ready.ok("trust", "add", ready.folder / "second" / "trust.jwks", "--confirm")
    assert ready.ok(*words, "--confirm")["imported"]
    assert findings(ready) == []


def as_made_before(office: Path) -> None:
    """The journal as an older version wrote it: its first event doesn't know issuers nor key, and no event the file of issuers."""
    for n, details in query(office, "SELECT n, details FROM events WHERE what IN ('office-made', 'issuers-trusted')"):
        older = {name: value for name, value in json.loads(details).items() if name not in {"issuers", "trust", "key"}}
        change_register(office, "UPDATE events SET details = ? WHERE n = ?", json.dumps(older, sort_keys=True, separators=(",", ":")), n)
    rechain(office)


def test_an_office_that_was_made_before_still_opens_and_is_held_from_the_next_event_on(ready: Workspace) -> None:
    revoke(ready, "KL-9999")
    as_made_before(ready.office)
    assert findings(ready) == []
    edited_trust(ready, "renamed")  # of which its journal says nothing
    assert findings(ready) == []
    assert ready.run("audit").err == ""
    ready.ok("issuer", "new", ready.folder / "second")
    ready.ok("trust", "add", ready.folder / "second" / "trust.jwks", "--confirm")
    assert findings(ready) == []
    edited_trust(ready, "added")
    assert codes(ready) == {"register-differs"}


def test_after_the_office_itself_was_restored_issuers_and_revocations_hold(ready: Workspace) -> None:
    do_everything(ready)
    register = ready.backup("--register", "--recipient", new_key(ready, "other.txt"), "--to", ready.folder / "stick")
    anew = ready.folder / "anew"
    ready.ok("restore", register, "--identity", ready.folder / "other.txt", "--confirm", office=anew)
    assert findings(ready, anew) == []


def test_the_menu_shows_what_was_edited(ready: Workspace) -> None:
    edited_trust(ready, "renamed")
    screen = menu_screen(Office.open(place_of(ready.office)), Texts("en"))
    assert "disagree on trust.jwks" in visible_text(screen)
