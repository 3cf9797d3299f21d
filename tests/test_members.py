"""Who may make backups: members, to whose own age keys the backup key is sealed. On a server it is nowhere else."""

import base64
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from accountools.formats import key_files
from accountools.formats.backup.reader import BackupFile
from accountools.formats.signatures import SigningKey
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.storage import schema
from accountools.texts import Texts
from accountools.version import VERSION
from tests.engines import run_sql
from tests.test_handover import open_office
from tests.workspace import CommandResult, Workspace

AUDIT_FILE = Path(__file__).parent / "auditfiles" / "good.xaf"
As = Callable[[str], contextlib.AbstractContextManager[Path]]


@pytest.fixture
def as_person(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> As:
    """`with as_person("Piet"):` somebody else is at work, with a file of their own for their age key."""

    @contextlib.contextmanager
    def at_work(name: str) -> Iterator[Path]:
        with monkeypatch.context() as patch:
            path = ready.folder / "homes" / name / "identity.txt"
            patch.setenv(key_files.IDENTITY, str(path))
            patch.setenv("ACCOUNTOOLS_USER", name)
            yield path

    return at_work


def recipient(desk: Workspace) -> str:
    """The public key of who is at work."""
    return str(desk.ok("key", "identity")["recipient"])


def names(desk: Workspace) -> list[str]:
    return [one["name"] for one in desk.ok("office", "members")["members"]]


def signer(path: Path) -> str:
    with BackupFile(path, schema.VERSION, VERSION) as opened:
        return opened.manifest.signer.key.thumbprint


def admit(desk: Workspace, as_person: As, name: str) -> str:
    with as_person(name):
        theirs = recipient(desk)
    desk.ok("office", "admit", "--recipient", theirs, "--name", name)
    return theirs


def backup(desk: Workspace) -> CommandResult:
    return desk.run("backup", 7, "--purpose", "safekeeping", "--confirm")


# --- one's own key ---


def test_a_person_has_one_age_key_which_only_they_can_read(ready: Workspace, as_person: As) -> None:
    with as_person("Piet") as path:
        made = ready.ok("key", "identity")
        assert made == {"recipient": made["recipient"], "path": str(path), "created": True}
        assert ready.ok("key", "identity") == made | {"created": False}
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert made["recipient"] in path.read_text()
        path.write_text("no key")
        assert ready.refused("key", "identity") == "key-invalid"


# --- members, on both engines ---


@pytest.mark.both_engines
def test_whom_the_office_admits_is_listed_and_recorded(ready: Workspace, as_person: As) -> None:
    before = names(ready)
    theirs = admit(ready, as_person, "Piet de Boer")
    (new,) = [one for one in ready.ok("office", "members")["members"] if one["name"] not in before]
    assert (new["name"], new["recipient"]) == ("Piet de Boer", theirs)
    assert new in ready.ok("office", "show")["members"]
    event = ready.ok("journal")["events"][-1]
    assert event["what"] == "member-admitted"
    assert {"name": "Piet de Boer", "recipient": theirs}.items() <= event["details"].items()
    assert ready.ok("journal", "verify")["ok"]
    assert theirs in ready.run("office", "members", as_json=False).out


@pytest.mark.both_engines
def test_nobody_is_a_member_twice_and_none_without_a_name_or_key(ready: Workspace, as_person: As) -> None:
    theirs = admit(ready, as_person, "Piet")
    with as_person("Anna"):
        other = recipient(ready)
    before = ready.ok("journal")
    for name, key, code in (
        ("PIET", other, "member-exists"),
        ("Anna", theirs, "member-exists"),
        (" ", other, "name-missing"),
        ("Anna", "age1nobody", "recipient-invalid"),
    ):
        assert ready.refused("office", "admit", "--recipient", key, "--name", name) == code
    assert ready.refused("office", "dismiss", "Anna", "--confirm") == "member-not-found"
    assert ready.ok("journal") == before


@pytest.mark.both_engines
def test_a_dismissal_makes_a_new_key_and_what_the_old_one_signed_stays_the_offices_own(ready: Workspace, as_person: As) -> None:
    admit(ready, as_person, "Piet")
    old = Path(backup(ready).json["backups"][0]["path"])
    planned = ready.ok("office", "dismiss", "Piet")
    assert (planned["dismissed"], planned["key"], planned["replaces"]) == (False, None, signer(old))
    assert "Piet" in names(ready)
    done = ready.ok("office", "dismiss", "Piet", "--plan", planned["plan"], "--confirm")
    assert done["dismissed"]
    assert done["key"] not in {None, signer(old)}
    assert "Piet" not in names(ready)
    new = Path(backup(ready).json["backups"][0]["path"])
    assert signer(new) == done["key"]
    assert ready.ok("journal", "verify")["ok"]
    assert ready.ok("backups", "check")["ok"]
    for path in (old, new):
        assert ready.ok("rehearse", path)["ok"]
        assert ready.ok("verify", path)["signer"] == "own"
    assert ready.ok("restore", old, "--replace", "--accept", "older-backup", "--confirm")["restored"]
    assert ready.refused("office", "dismiss", "Piet", "--plan", planned["plan"], "--confirm") == "member-not-found"


@pytest.mark.both_engines
@pytest.mark.parametrize("change", ["DELETE FROM members", "UPDATE members SET recipient = 'age1x'"])
def test_members_changed_behind_the_programs_back_are_found(ready: Workspace, as_person: As, change: str) -> None:
    admit(ready, as_person, "Piet")
    run_sql(ready.office, f"{change} WHERE name = 'Piet'")
    assert "Piet" in ready.run("journal", "verify").json["findings"][0]["message"]


@pytest.mark.both_engines
def test_members_and_folders_come_back_with_the_offices_backup(ready: Workspace, as_person: As) -> None:
    theirs = admit(ready, as_person, "Piet")
    ready.ok("office", "set", "--backups", ready.folder / "out")
    held, key = ready.ok("office", "members"), ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    whole = ready.ok("backup", "--register", "--recipient", key, "--confirm")["backups"][0]["path"]
    own = Path(backup(ready).json["backups"][0]["path"])
    ready.lose_office()
    with as_person("Piet"):
        ready.ok("restore", whole, "--identity", ready.folder / "key.txt", "--confirm")
        assert ready.ok("office", "members") == held
        assert ready.ok("office", "show")["backups"] == str(ready.folder / "out")
        assert ready.ok("restore", own, "--confirm")["restored"]
        made = ready.backup(7, "--purpose", "safekeeping")
        assert (made.parent, signer(made)) == (ready.folder / "out", signer(own))
    assert theirs in {one["recipient"] for one in held["members"]}
    assert ready.ok("journal", "verify")["ok"]


# --- on a server ---


server_only = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


@server_only
def test_who_makes_the_office_is_its_first_member(ready: Workspace) -> None:
    (first,) = ready.ok("office", "members")["members"]
    assert (first["name"], first["recipient"]) == ("tester", recipient(ready))
    made = ready.ok("journal")["events"][0]["details"]
    assert (made["member"], made["recipient"]) == (first["name"], first["recipient"])
    assert ready.ok("journal", "verify")["ok"]


@server_only
def test_the_key_is_nowhere_but_sealed(ready: Workspace, as_person: As) -> None:
    admit(ready, as_person, "Piet")
    backup(ready)
    pem = open_office(ready).backup_key.pem()
    secret = base64.b64decode(b"".join(pem.splitlines()[1:-1]))[-32:]
    kept = [path.read_bytes() for path in ready.office.rglob("*") if path.is_file()]
    rows = [str(value).encode() for row in run_sql(ready.office, "SELECT sealed FROM members") for value in row]
    assert len(rows) == 2
    for data in (*kept, *rows, *(base64.b64decode(row) for row in rows)):
        assert secret not in data
        assert pem.splitlines()[1] not in data
    assert not (ready.office / "backup-key.pem").exists()


@server_only
def test_a_member_makes_backups_on_any_machine_and_nobody_else_does(ready: Workspace, as_person: As) -> None:
    own = signer(Path(backup(ready).json["backups"][0]["path"]))
    with as_person("Piet"):
        answer = backup(ready)
        assert (answer.code, answer.error) == (3, "member-not-found")
        assert "accountools key identity" in answer.err
        theirs = recipient(ready)
        answer = backup(ready)
        assert (answer.code, answer.error) == (3, "member-not-found")
        assert f"admit --recipient {theirs}" in answer.err
        assert ready.refused("office", "admit", "--recipient", theirs, "--name", "Piet") == "member-not-found"
        assert ready.refused("key", "seal", "--recipient", theirs, "--out", ready.folder / "key.age") == "member-not-found"
        assert ready.ok("audit")["rows"][0]["state"] == "ready"
        assert ready.ok("journal", "verify")["ok"]
        assert ready.ok("repair")["found"] == []
    ready.ok("office", "admit", "--recipient", theirs, "--name", "Piet")
    with as_person("Piet"):
        assert signer(Path(backup(ready).json["backups"][0]["path"])) == own


@server_only
def test_who_is_no_member_sees_so_in_the_plan(ready: Workspace, as_person: As) -> None:
    made = Path(backup(ready).json["backups"][0]["path"])
    ready.ok("auditfile", "import", AUDIT_FILE, "--administration", 7, "--accept", "undeclared", "--confirm")
    other = ready.folder / "other.xaf"
    other.write_text(AUDIT_FILE.read_text().replace("Boeking", "Andere boeking"))
    key = ("--recipient", recipient(ready))
    plans = (
        ("backup", 7),
        ("backup", "--all-ready"),
        ("backup", "--register", *key),
        ("restore", made, "--replace"),
        ("restore", made, made, "--replace"),
        ("auditfile", "import", other, "--administration", 7, "--replace", "--accept", "undeclared"),
    )
    for words in plans:
        assert ready.ok(*words).get("obstacles", []) == []
    with as_person("Piet"):
        for words in plans:
            answer = ready.run(*words)
            assert (answer.code, "member-not-found" in answer.obstacles) == (3, True), (words, answer.out)
        office = open_office(ready)
        form = MakeBackups(office, Texts("en"))
        form.tick([7])
        form.next()
        form.make(to="plain")
        button = form.wizard.buttons()[-1]
        assert (button.enabled, form.run) == (False, None)
        assert "there is no key of yours" in button.why


@server_only
def test_who_is_no_member_can_still_rehearse_and_restore(ready: Workspace, as_person: As) -> None:
    made = Path(backup(ready).json["backups"][0]["path"])
    ready.lose_books(7)
    with as_person("Piet"):
        assert ready.ok("rehearse", made)["ok"]
        assert ready.ok("verify", made)["signer"] == "own"
        assert ready.ok("restore", made, "--confirm")["restored"]


@server_only
def test_who_was_dismissed_can_make_no_backup_and_the_others_can(ready: Workspace, as_person: As) -> None:
    admit(ready, as_person, "Piet")
    admit(ready, as_person, "Anna")
    office = open_office(ready)  # of somebody whose notebook was open before
    ready.ok("office", "dismiss", "Piet", "--confirm")
    with as_person("Piet"):
        assert backup(ready).error == "member-not-found"
    with as_person("Anna"):
        made = signer(Path(backup(ready).json["backups"][0]["path"]))
    assert office.backup_key.public.thumbprint == made


@server_only
def test_the_last_member_stays(ready: Workspace, as_person: As) -> None:
    assert ready.refused("office", "dismiss", "tester", "--confirm") == "member-last"
    admit(ready, as_person, "Piet")
    ready.ok("office", "dismiss", "tester", "--confirm")
    assert backup(ready).error == "member-not-found"
    with as_person("Piet"):
        assert backup(ready).code == 0


@server_only
def test_an_owner_who_has_the_sealed_copy_becomes_a_member_by_taking_it_back(ready: Workspace, as_person: As) -> None:
    own = signer(Path(backup(ready).json["backups"][0]["path"]))
    key = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    ready.ok("key", "seal", "--recipient", key, "--out", ready.folder / "key.age")
    with as_person("Anna"):
        ready.ok("key", "unseal", ready.folder / "key.age", "--identity", ready.folder / "key.txt", "--confirm")
        assert names(ready) == ["Anna", "tester"]
        assert signer(Path(backup(ready).json["backups"][0]["path"])) == own
    assert backup(ready).code == 0
    assert ready.ok("journal", "verify")["ok"]


@server_only
def test_a_sealed_key_that_was_changed_is_found_and_not_used(ready: Workspace) -> None:
    run_sql(ready.office, "UPDATE members SET sealed = ?", base64.b64encode(b"x" * 200).decode())
    answer = backup(ready)
    assert (answer.code, answer.error) == (4, "office-damaged")
    assert ready.run("journal", "verify").json["findings"] != []


@server_only
def test_an_office_of_an_older_version_has_its_key_in_its_folder_until_somebody_is_admitted(ready: Workspace, as_person: As) -> None:
    key = open_office(ready).backup_key
    run_sql(ready.office, "DELETE FROM members")
    (ready.office / "backup-key.pem").write_bytes(key.pem())
    assert signer(Path(backup(ready).json["backups"][0]["path"])) == key.public.thumbprint
    ready.ok("office", "admit", "--recipient", recipient(ready), "--name", "tester")
    assert not (ready.office / "backup-key.pem").exists()
    assert signer(Path(backup(ready).json["backups"][0]["path"])) == key.public.thumbprint


# --- in a folder ---


def test_in_a_folder_the_key_is_a_file_and_a_dismissal_replaces_it(ready: Workspace, as_person: As) -> None:
    path = ready.office / "backup-key.pem"
    assert names(ready) == []
    assert "in the office's folder" in ready.run("office", "members", as_json=False).out
    admit(ready, as_person, "Piet")
    before = path.read_bytes()
    done: Any = ready.ok("office", "dismiss", "Piet", "--confirm")
    assert path.read_bytes() != before
    assert SigningKey.from_pem(path.read_bytes()).public.thumbprint == done["key"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in ready.office.glob("*.former")] == []
