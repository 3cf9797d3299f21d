"""The office itself in a backup, and its standing up again on a new machine."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from accountools.domain.calendar import ExecutionContext
from accountools.domain.errors import AccountoolsError
from accountools.formats.backup.reader import BackupFile, Decryption
from accountools.formats.backup.writer import SigningOffice, write_backup
from accountools.formats.encryption import encryption_for_recipient, parse_identities
from accountools.formats.signatures import SigningKey
from accountools.office import Office
from accountools.operations.backups import register_backup
from accountools.operations.backups.register_backup import plan_register_backup
from accountools.operations.backups.target import BackupTarget
from accountools.operations.licences.trust import plan_trust
from accountools.operations.restores.rehearse import Rehearsal, rehearse_each
from accountools.storage import schema
from accountools.version import VERSION
from tests.engines import backup_key_of, lose_database, run_sql
from tests.test_backup_file import ATTACKER, DRAFT, members_of
from tests.test_handover import (
    manifest_of,
    new_key,
    open_office,
    passphrase_file,
    pieces_of,
    post_books,
    query,
    sealing_once,
    state,
    token_of,
)
from tests.test_journal import findings
from tests.test_restore import rows_of
from tests.workspace import CLIENT_KVK, Workspace

pytestmark = pytest.mark.both_engines


def back_up(desk: Workspace, *words: object) -> Path:
    """A backup of the register to a fresh key in `key.txt`."""
    if not (desk.folder / "key.txt").exists():
        new_key(desk)
    recipient = (desk.folder / "key.txt").read_text().split()[3]
    return desk.backup("--register", "--recipient", recipient, "--to", desk.folder / "safe", *words)


def with_key(desk: Workspace) -> tuple[object, ...]:
    return "--identity", desk.folder / "key.txt"


def lose(desk: Workspace) -> Path:
    """The disk is gone; gives where it is put to compare with."""
    lose_database(desk.office)
    return Path(shutil.move(desk.office, desk.folder / "lost"))


def restore_office(desk: Workspace, backup: Path) -> Any:
    return desk.ok("restore", backup, *with_key(desk), "--confirm")


# --- making it ---


@pytest.mark.parametrize("statement", ["UPDATE imports SET accepted = '{'", "UPDATE imports SET accepted = '[1]'"])
def test_one_that_nobody_could_restore_is_not_made(ready: Workspace, statement: str) -> None:
    run_sql(ready.office, statement)
    recipient = new_key(ready)
    assert (
        ready.refused("backup", "--register", "--recipient", recipient, "--to", ready.folder / "safe", "--confirm") == "schema-unexpected"
    )
    assert list((ready.folder / "safe").iterdir()) == []
    assert ready.ok("repair")["found"] == []


def test_its_key_issuers_and_register_are_of_one_moment(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who trusts another issuer in the middle of it waits."""
    ready.ok("issuer", "new", ready.folder / "other")
    office, reach, waiting = open_office(ready), register_backup.reach, list[Thread]()

    def trust_another() -> None:
        plan_trust(office, ready.folder / "other" / "trust.jwks").apply(office)

    def reach_and_change(name: str) -> None:
        if name == "before-make-image":
            waiting.append(Thread(target=trust_another))
            waiting[0].start()
            waiting[0].join(1)
        reach(name)

    with monkeypatch.context() as patched:
        patched.setattr(register_backup, "reach", reach_and_change)
        backup = back_up(ready)
    waiting[0].join()
    assert len(ready.ok("trust", "list")["issuers"]) == 2
    lose(ready)
    restore_office(ready, backup)
    assert len(ready.ok("trust", "list")["issuers"]) == 1
    assert ready.ok("journal", "verify")["findings"] == []


def test_it_is_made_encrypted_only(ready: Workspace) -> None:
    before = state(ready.office)
    for words in ((), ("--plain",)):
        answer = ready.run("backup", "--register", *words, "--confirm")
        assert (answer.code, answer.json["error"]["code"] in {"usage", "options-exclude"}) == (2, True)
    with pytest.raises(AccountoolsError) as caught:
        plan_register_backup(open_office(ready), BackupTarget())
    assert caught.value.code == "key-needed"
    assert state(ready.office) == before


def test_a_recipient_in_the_own_licence_does_not_replace_what_was_asked_for(ready: Workspace) -> None:
    ready.ok("licence", "renew", ready.issue_own("with.lic", recipient=new_key(ready)), "--confirm")
    assert ready.run("backup", "--register", "--confirm").code == 2


def test_what_it_answers(ready: Workspace) -> None:
    recipient = new_key(ready)
    planned = ready.ok("backup", "--register", "--recipient", recipient)
    assert (planned["planned"], planned["backups"]) == ([None], [])
    made = ready.ok("backup", "--register", "--recipient", recipient, "--plan", planned["plan"], "--confirm")["backups"]
    assert [(one["administration"], one["purpose"], one["encrypted"], one["licence_number"]) for one in made] == [
        (None, "register", True, "AC-1001")
    ]
    assert Path(made[0]["path"]).name == "20261124-1.0.0-register-Kantoor Zonnestein.acb"
    assert ready.ok("journal")["events"][-1]["what"] == "register-backed-up"
    manifest = manifest_of(Path(made[0]["path"]))
    assert (manifest["purpose"], manifest["number"], manifest["contents"], manifest["recipients"]) == ("register", None, None, [recipient])
    assert (manifest["journal"]["length"], manifest["counter"]) == (5, 0)


def test_nothing_of_it_can_be_read_without_the_key(ready: Workspace) -> None:
    backup = back_up(ready)
    pem = backup_key_of(ready.office).pem().decode().splitlines()[1]
    payload, manifest = members_of(backup)["register.sqlite.zst.age"], json.dumps(manifest_of(backup))
    for secret in (*pieces_of(token_of(ready.folder / "own.lic")), pem, "Bakkerij", CLIENT_KVK):
        assert secret.encode() not in payload
        assert secret not in manifest
    verified = ready.ok("verify", backup)
    assert (verified["image_checked"], verified["signer"]) == (False, "own")
    assert ready.ok("verify", backup, *with_key(ready))["image_checked"]
    new_key(ready, "other.txt")
    assert ready.refused("verify", backup, "--identity", ready.folder / "other.txt") == "wrong-key"


def test_it_says_nothing_against_handing_over(ready: Workspace) -> None:
    back_up(ready)
    assert ready.ok("audit")["rows"][0]["last_handover"] is None
    assert ready.ok("verify", ready.backup())["ok"]


# --- standing up again ---


@pytest.mark.files_only
def test_the_office_stands_up_again_with_all_it_knew(ready: Workspace) -> None:
    ready.backup(7, "--to", ready.folder / "safe")
    before = {name: query(ready.office, f"SELECT * FROM {name}") for name in schema.REGISTER_TABLES}
    backup = back_up(ready)
    lost = lose(ready)
    planned = ready.ok("restore", backup, *with_key(ready))
    assert (planned["restored"], planned["administration"], planned["licence_number"]) == (False, None, "AC-1001")
    assert not ready.office.exists()
    answer = restore_office(ready, backup)
    assert answer["restored"]
    assert answer["signer"]["name"] == "Kantoor Zonnestein"
    after = {name: query(ready.office, f"SELECT * FROM {name}") for name in schema.REGISTER_TABLES}
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"administrations", "events"}
    assert after["events"][: len(before["events"])] == before["events"]
    assert [row[3] for row in after["events"][len(before["events"]) :]] == ["office-restored"]
    for name in ("backup-key.pem", "trust.jwks"):
        assert (ready.office / name).read_bytes() == (lost / name).read_bytes()
        assert (ready.office / name).stat().st_mode & 0o777 == 0o600
    assert (ready.office / "register.db").stat().st_mode & 0o777 == 0o600
    assert ready.office.stat().st_mode & 0o777 == 0o700
    assert ready.run("audit").obstacles == ["books-missing"]
    assert ready.refused("backup", 7, "--confirm") == "books-missing"


def test_administrations_come_back_by_their_backups_and_the_office_goes_on(ready: Workspace) -> None:
    post_books(ready.office)
    kept, rows = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "safe"), rows_of(ready.office)
    backup = back_up(ready)
    lose(ready)
    restore_office(ready, backup)
    assert ready.refused("administration", "create", 7, "--description", "x") == "number-taken"
    ready.ok("restore", kept, "--confirm")
    assert rows_of(ready.office) == rows
    assert ready.ok("audit")["rows"][0]["state"] == "ready"
    assert findings(ready) == []
    ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=ready.client_office)


def test_the_client_never_hears_that_a_newer_backup_was_restored_before(ready: Workspace) -> None:
    kept, backup = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "safe"), back_up(ready)
    ready.create_client_office()
    for _ in range(3):  # after the register's backup, which doesn't know of them
        last = ready.backup()
        ready.ok("restore", last, "--replace", "--confirm", office=ready.client_office)
    before = manifest_of(last)["counter"]
    lose(ready)
    restore_office(ready, backup)
    ready.ok("restore", kept, "--confirm")
    handed = ready.backup()
    assert manifest_of(handed)["counter"] > before
    ready.ok("restore", handed, "--replace", "--confirm", office=ready.client_office)
    ready.create(8, "Nieuw")  # one that was made after, too
    assert manifest_of(ready.backup(8, "--purpose", "safekeeping"))["counter"] == 1


@pytest.mark.files_only
def test_the_journal_holds_and_tells_which_backups_are_of_after(ready: Workspace) -> None:
    early = ready.backup(7, "--to", ready.folder / "safe")
    backup = back_up(ready)
    ready.add_user(r"JANSEN\ingrid")
    late = ready.backup(7, "--purpose", "safekeeping", "--to", ready.folder / "safe")
    lose(ready)
    restore_office(ready, backup)
    for path in (early, late):
        shutil.copy(path, ready.office / "backups")
    found = findings(ready)
    assert [code for code, _ in found] == ["journal-behind"]  # told, and the journal is right all the same
    assert late.name in found[0][1]
    ready.ok("restore", late, "--confirm")
    assert [user["login"] for user in ready.ok("administration", "show", 7)["users"]] == [r"JANSEN\henk", r"JANSEN\ingrid"]
    assert [code for code, _ in findings(ready)] == ["journal-behind"]
    ready.backup()
    assert [code for code, _ in findings(ready)] == ["journal-behind"]
    with contextlib.closing(sqlite3.connect(ready.office / "register.db")) as register, register:
        register.execute("DELETE FROM events WHERE n = (SELECT max(n) FROM events)")
        register.execute("DELETE FROM events WHERE n = (SELECT max(n) FROM events)")
    assert "journal-cut" in [code for code, _ in findings(ready)]  # what is cut afterwards still shows


def test_the_backup_of_an_office_is_rehearsed_too(ready: Workspace) -> None:
    """An office is made of it aside, which must hold; of this office nothing but the receipt changes."""
    backup, other = back_up(ready), ready.folder / "other.txt"
    ready.ok("key", "new", other)
    before = {path.name for path in ready.office.iterdir()}
    assert ready.refused("rehearse", backup) == "key-needed"
    assert ready.refused("rehearse", backup, "--identity", other) == "wrong-key"
    answer = ready.ok("rehearse", backup, *with_key(ready))
    assert (answer["ok"], answer["findings"], answer["entered"], answer["login"]) == (True, [], False, None)
    assert (answer["counts"]["administrations"], answer["counts"]["clients"]) == (1, 1)
    assert "1 administration, 1 client" in ready.run("rehearse", backup, *with_key(ready), as_json=False).out
    (listed,) = (one for one in ready.ok("backups", "list")["backups"] if one["purpose"] == "register")
    assert listed["rehearsed"] == ready.today
    assert {path.name for path in ready.office.iterdir()} == before
    assert not list((ready.office / "work").iterdir())
    assert ready.ok("journal", "verify")["ok"]


def test_a_journal_that_was_changed_shows_in_the_rehearsal_of_the_office(ready: Workspace) -> None:
    run_sql(ready.office, "UPDATE events SET details = '{}' WHERE n = 2")
    answer = ready.run("rehearse", back_up(ready), *with_key(ready))
    assert (answer.code, answer.json["ok"], [one["code"] for one in answer.json["findings"]]) == (1, False, ["event-changed"])


def test_an_office_that_is_there_is_never_overwritten(ready: Workspace) -> None:
    backup = back_up(ready)
    ready.create_client_office()
    for office in (ready.office, ready.client_office):
        before = state(office)
        for words in ((), ("--confirm",), ("--replace", "--confirm")):
            answer = ready.run("restore", backup, *with_key(ready), *words, office=office)
            assert (answer.code, answer.error) == (3, "office-exists")
            assert f"{backup.name} is the backup of a whole office" in answer.err
        assert state(office) == before


@pytest.mark.files_only
def test_an_office_that_came_to_be_meanwhile_is_not_overwritten_either(ready: Workspace) -> None:
    from accountools.clock import system_clock
    from accountools.operations.restores.plan import RestoreChoices
    from accountools.operations.restores.restore_office import plan_office_restore

    backup = back_up(ready)
    unlock = Decryption(identity=parse_identities((ready.folder / "key.txt").read_text()))
    plan = plan_office_restore(ready.client_office, RestoreChoices(backup, unlock), system_clock())
    ready.create_client_office()
    before = state(ready.client_office)
    with pytest.raises(AccountoolsError) as caught:
        plan.create()
    assert caught.value.code == "office-exists"
    assert state(ready.client_office) == before


def test_the_key_is_needed_and_must_be_the_right_one(ready: Workspace) -> None:
    backup = back_up(ready)
    lose(ready)
    new_key(ready, "other.txt")
    assert ready.refused("restore", backup, "--confirm") == "key-needed"
    assert ready.refused("restore", backup, "--identity", ready.folder / "other.txt", "--confirm") == "wrong-key"
    assert not ready.office.exists()


@pytest.mark.xdist_group("passphrase")
def test_a_passphrase_serves_as_well(ready: Workspace) -> None:
    words = passphrase_file(ready)
    with sealing_once():
        backup = ready.backup("--register", "--passphrase-file", words, "--to", ready.folder / "safe")
        lose(ready)
        ready.ok("restore", backup, "--passphrase-file", words, "--confirm")
    assert ready.ok("client", "list")["clients"][0]["kvk"] == CLIENT_KVK


def test_a_signer_read_out_by_telephone_is_held_to(ready: Workspace) -> None:
    backup = back_up(ready)
    lose(ready)
    thumbprint = manifest_of(backup)["signer"]["jwk"]["kid"]
    for accept in ((), ("--accept", "signer-changed")):
        assert ready.refused("restore", backup, *with_key(ready), "--signer", "x" * 43, *accept, "--confirm") == "signer-changed"
    assert not ready.office.exists()
    ready.ok("restore", backup, *with_key(ready), "--signer", thumbprint, "--confirm")


def test_a_plan_holds_for_that_file_and_that_folder_only(ready: Workspace) -> None:
    backup, other = back_up(ready), back_up(ready)
    lose(ready)
    plan = ready.ok("restore", backup, *with_key(ready))["plan"]
    assert ready.refused("restore", other, *with_key(ready), "--plan", plan, "--confirm") == "changed-meanwhile"
    assert (
        ready.refused("restore", backup, *with_key(ready), "--plan", plan, "--confirm", office=ready.client_office) == "changed-meanwhile"
    )
    assert ready.refused("restore", backup, *with_key(ready), "--plan", plan, code=2) == "plan-needed"
    assert not ready.office.exists()
    assert not ready.client_office.exists()
    ready.ok("restore", backup, *with_key(ready), "--plan", plan, "--confirm")


def test_a_clients_office_has_its_own_way_back_too(ready: Workspace) -> None:
    ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=ready.client_office)
    safe, recipient = ready.folder / "safe", new_key(ready)
    kept = ready.backup(7, "--to", safe, office=ready.client_office)
    register = ready.backup("--register", "--recipient", recipient, "--to", safe, office=ready.client_office)
    shown = ready.ok("administration", "show", 7, office=ready.client_office)
    shutil.rmtree(ready.client_office)
    lose_database(ready.client_office)
    for backup in (register, kept):
        ready.ok("restore", backup, *(with_key(ready) if backup == register else ()), "--confirm", office=ready.client_office)
    assert ready.ok("administration", "show", 7, office=ready.client_office) == shown
    assert query(ready.client_office, "SELECT name FROM signers") == [("Kantoor Zonnestein",)]
    assert findings(ready, ready.client_office) == []


# --- hostile ---


def forge(desk: Workspace, edit: Callable[[sqlite3.Connection], None], key: SigningKey) -> Path:
    """The real register in a backup signed by `key`, after `edit`."""
    image, path, real = desk.folder / "image.sqlite", desk.folder / "forged.acb", back_up(desk)
    identity = (desk.folder / "key.txt").read_text()
    with BackupFile(real, schema.VERSION, VERSION) as backup:
        backup.unpack(image, Decryption(identity=parse_identities(identity)))
    with contextlib.closing(sqlite3.connect(image, isolation_level=None)) as connection:
        edit(connection)
    lock = encryption_for_recipient(identity.split()[3])
    draft = replace(DRAFT, purpose="register", number=None, licence_number="AC-1001", counter=0, recipients=(lock.recipient,))
    with path.open("w+b") as target:
        write_backup(target, image, draft, SigningOffice("Kantoor Zonnestein", "11111111", key), lock)
    return path


def unchanged(_: sqlite3.Connection) -> None:
    pass


def without_key(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM office_files WHERE name = 'backup-key.pem'")


def with_other_key(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE office_files SET content = ? WHERE name = 'backup-key.pem'", (ATTACKER.pem(),))


def with_no_key_at_all(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE office_files SET content = x'00' WHERE name = 'backup-key.pem'")


def without_trust(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM office_files WHERE name = 'trust.jwks'")


def without_own_licence(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM own_licences")


def with_a_trigger(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TRIGGER evil AFTER INSERT ON users BEGIN DELETE FROM events; END")


def with_another_table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE evil (x TEXT) STRICT")


def with_a_user_of_nothing(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE users SET administration = 99")


def with_an_impossible_flag(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("UPDATE users SET active = 7")


def of_another_licence(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE slice SET value = 'AC-1002'")


def with_an_unknown_row(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO slice VALUES ('more', 'x')")


def without_its_row(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM slice")


def with_a_path(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO office_files VALUES ('../../evil.sh', x'00')")


@pytest.mark.files_only
@pytest.mark.parametrize(
    ("edit", "code"),
    [(without_key, "schema-unexpected"), (with_other_key, "signature-invalid"), (with_no_key_at_all, "schema-unexpected"),
     (without_trust, "signature-invalid"), (without_own_licence, "schema-unexpected"), (with_a_trigger, "schema-unexpected"),
     (of_another_licence, "schema-unexpected"), (with_an_unknown_row, "schema-unexpected"), (without_its_row, "schema-unexpected"),
     (with_another_table, "schema-unexpected"), (with_a_user_of_nothing, "schema-unexpected"),
     (with_an_impossible_flag, "schema-unexpected")],
)  # fmt: skip
def test_a_register_that_was_tampered_with_is_refused_though_it_is_signed_by_the_office(
    ready: Workspace, edit: Callable[[sqlite3.Connection], None], code: str
) -> None:
    key = SigningKey.from_pem((ready.office / "backup-key.pem").read_bytes())
    backup = forge(ready, edit, key)
    lose(ready)
    for words in ((), ("--confirm",)):
        assert ready.refused("restore", backup, *with_key(ready), *words) == code
    assert not ready.office.exists()


@pytest.mark.files_only
def test_a_register_signed_by_another_is_refused(ready: Workspace) -> None:
    backup = forge(ready, unchanged, ATTACKER)
    lose(ready)
    assert ready.refused("restore", backup, *with_key(ready), "--confirm") == "signature-invalid"
    assert not ready.office.exists()


@pytest.mark.files_only
def test_files_are_written_under_no_other_names_than_the_offices_own(ready: Workspace) -> None:
    key = SigningKey.from_pem((ready.office / "backup-key.pem").read_bytes())
    backup = forge(ready, with_a_path, key)
    lose(ready)
    restore_office(ready, backup)
    assert sorted(path.name for path in ready.office.iterdir()) == [
        "administrations", "backup-key.pem", "backups", "inbox", "register.db", "trust.jwks", "work"
    ]  # fmt: skip
    assert list(ready.folder.rglob("evil.sh")) == []


def with_broken_trust(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE office_files SET content = CAST('garbage' AS BLOB) WHERE name = 'trust.jwks'")


def with_an_event_at_no_moment(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE events SET at = 'x'")


def with_an_own_licence_that_is_none(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE licences SET token = 'x'")


def with_a_key_of_its_own(edit: Callable[[sqlite3.Connection], None]) -> Callable[[sqlite3.Connection], None]:
    """As an attacker does it: the image holds the key that signs the backup."""

    def edited(connection: sqlite3.Connection) -> None:
        with_other_key(connection)
        edit(connection)

    return edited


@pytest.mark.files_only
@pytest.mark.parametrize("edit", [with_broken_trust, with_an_event_at_no_moment, with_an_own_licence_that_is_none])
@pytest.mark.parametrize("workers", [1, 2])
def test_an_office_that_can_not_be_opened_does_not_end_the_rehearsal_of_others(
    ready: Workspace, edit: Callable[[sqlite3.Connection], None], workers: int
) -> None:
    forged, good = forge(ready, with_a_key_of_its_own(edit), ATTACKER), ready.backup()
    answer = ready.run("rehearse", forged, good, back_up(ready), *with_key(ready), "--workers", workers)
    assert answer.code == 1, answer.out
    first, *others = answer.json["rehearsals"]
    assert [one["ok"] for one in others] == [True, True]
    assert {one["code"] for one in first["findings"]} <= {"schema-unexpected", "not-a-licence", "event-changed"}
    assert first["findings"]


@pytest.mark.files_only
def test_an_event_at_no_moment_does_not_end_the_rehearsal_of_others(ready: Workspace) -> None:
    """Read where the day is the clock's: it isn't before that of the newest event."""
    forged, good = forge(ready, with_a_key_of_its_own(with_an_event_at_no_moment), ATTACKER), ready.backup()
    office = Office.open(ready.office, lambda: ExecutionContext(date(2026, 11, 24), datetime(2026, 11, 24, 10, tzinfo=UTC), "test"))
    unlock = Decryption(identity=parse_identities((ready.folder / "key.txt").read_text()))
    (_, first), (_, other) = rehearse_each(office, [forged, good], unlock, 1)
    assert isinstance(first, Rehearsal)
    assert [one.code for one in first.findings] == ["schema-unexpected"]
    assert isinstance(other, Rehearsal)
    assert other.totals.accounts


@pytest.mark.files_only
def test_an_office_with_issuers_that_can_not_be_read_is_not_made(ready: Workspace) -> None:
    backup = forge(ready, with_broken_trust, SigningKey.from_pem((ready.office / "backup-key.pem").read_bytes()))
    lose(ready)
    for words in ((), ("--confirm",)):
        assert ready.refused("restore", backup, *with_key(ready), *words) == "schema-unexpected"
    assert not ready.office.exists()
