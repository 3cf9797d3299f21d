"""No command writes over an office's own files, nor over a device; what is recorded in them never makes the program touch another's."""

import base64
import contextlib
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from accountools import failpoints
from accountools.formats.signatures import SigningKey
from accountools.safe_files import sha256_of
from tests.engines import run_sql
from tests.test_handover import new_key
from tests.test_register_backup import back_up, forge, lose, restore_office, with_key
from tests.test_retention import NEW, OLD, PRUNE, save
from tests.workspace import Workspace

RESUME = ("backup", "--all-ready", "--resume")
OWN = (
    "register.db",
    "register.db-wal",
    "backup-key.pem",
    "trust.jwks",
    "settings.json",
    "administrations/00007.db",
    "administrations/00050.db",
    "work/audit.csv",
    "inbox/mail.lic",
    "REGISTER.DB",
    "../office/trust.jwks",
)
ISSUE = ("--kind", "client", "--number", "KL-1", "--licensee", "X", "--kvk", "12345678", "--city", "Delft", "--users", 1,
         "--valid-from", "2026-01-01", "--valid-until", "2027-01-01")  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal")) and path.name != "verdicts"
    }


def commands(desk: Workspace) -> dict[str, tuple[object, ...]]:
    """Every command that writes a file at a given path; the path comes last."""
    recipient = desk.ok("key", "new", desk.folder / "some-key.txt")["recipient"]
    issuer = desk.folder / "issuer"
    return {
        **{kind: ("audit", f"--{kind}") for kind in ("csv", "xlsx", "html", "png", "svg")},
        "dossier": ("dossier", 7, "--out"),
        "seal": ("key", "seal", "--recipient", recipient, "--out"),
        "key": ("key", "new"),
        "issue": ("licence", "issue", "--issuer", issuer, *ISSUE, "--out"),
        "revoke": ("licence", "revoke", "--issuer", issuer, "--number", "KL-9", "--out"),
        "backup": ("backup", 7, "--plain", "--confirm", "--to"),
        "all": ("backup", "--all-ready", "--plain", "--confirm", "--to"),
        "auditfile": ("auditfile", "convert", Path(__file__).parent / "auditfiles" / "good.xaf"),
        "export": ("auditfile", "export", 7),
        "register": ("backup", "--register", "--recipient", recipient, "--confirm", "--to"),
    }


COMMANDS = (
    "csv",
    "xlsx",
    "html",
    "png",
    "svg",
    "dossier",
    "seal",
    "key",
    "issue",
    "revoke",
    "backup",
    "all",
    "register",
    "auditfile",
    "export",
)


@pytest.mark.parametrize("which", COMMANDS)
def test_no_command_writes_over_an_offices_own_files(ready: Workspace, which: str) -> None:
    """Its own office's, nor one's that is next to it."""
    (ready.office / "inbox" / "mail.lic").write_text("a licence")
    ready.create_client_office()
    command, before = commands(ready)[which], contents(ready.folder)
    for office in (ready.office, ready.client_office):
        for name in OWN:
            path = office / name.replace("office", office.name)
            if name.startswith("inbox") and office == ready.client_office:
                continue
            assert ready.refused(*command, path) == "file-exists", path
    ready.refused(*command, ready.office / "work" if which in {"backup", "all", "register"} else ready.office / "backup-key.pem")
    assert contents(ready.folder) == before


@pytest.mark.parametrize("folder", ["administrations", "work", "work/own"])
def test_backups_do_not_go_into_the_folders_that_are_cleared_or_hold_books(ready: Workspace, folder: str) -> None:
    (ready.office / folder).mkdir(exist_ok=True)
    for command in ("backup", "all", "register"):
        assert ready.refused(*commands(ready)[command], ready.office / folder) == "file-exists"
        (ready.folder / "some-key.txt").unlink()
    assert list(ready.office.rglob("*.acb")) == []


@pytest.mark.parametrize("kind", ["csv", "xlsx", "html", "png", "svg"])
def test_a_report_is_written_over_an_earlier_one_and_over_no_backup_or_key(ready: Workspace, kind: str) -> None:
    backup, report = ready.backup(), ready.office / f"report.{kind}"
    key = Path(shutil.copy(ready.folder / "issuer" / "issuer.pem", ready.office / "issuer.pem"))
    report.write_text("earlier")
    before = backup.read_bytes(), key.read_bytes()
    ready.ok("audit", f"--{kind}", report)
    assert report.read_bytes() != b"earlier"
    for path in (backup, key):
        assert ready.refused("audit", f"--{kind}", path) == "file-exists"
    assert (backup.read_bytes(), key.read_bytes()) == before


def test_a_link_to_a_folder_hides_nothing(ready: Workspace) -> None:
    link = ready.folder / "link"
    link.symlink_to(ready.office)
    before = contents(ready.office)
    for name in ("trust.jwks", "backup-key.pem", "administrations/new.csv"):
        assert ready.refused("audit", "--csv", link / name) == "file-exists"
    assert contents(ready.office) == before


@pytest.mark.parametrize("which", COMMANDS)
def test_no_command_writes_over_a_device_or_a_pipe(ready: Workspace, which: str) -> None:
    pipe, link, device = ready.folder / "pipe", ready.folder / "to-device", ready.folder / "device"
    os.mkfifo(pipe)
    link.symlink_to("/dev/null")  # never the machine's own by its name: root's would be gone if this failed
    with contextlib.suppress(PermissionError):  # only root makes one
        os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(1, 3))
    command = commands(ready)[which]
    for path in (pipe, link, *([device] if device.exists() else [])):
        before = path.lstat().st_mode
        assert ready.refused(*command, path) == "file-exists"
        assert path.lstat().st_mode == before


def test_an_issuer_is_not_made_in_an_office(ready: Workspace) -> None:
    (ready.office / "trust.jwks").rename(ready.folder / "aside")
    assert ready.refused("issuer", "new", ready.office) == "file-exists"
    assert not (ready.office / "trust.jwks").exists()
    assert not (ready.office / "issuer.pem").exists()


@pytest.mark.parametrize("inside", ["", "x", "x/y"])
@pytest.mark.parametrize("which", ["init", "issuer", "demo", "move", "register"])
def test_where_a_file_is_no_folder_is_made(ready: Workspace, which: str, inside: str) -> None:
    """The plan says so already."""
    taken = ready.folder / "taken"
    taken.write_text("a file")
    there, register = taken / inside, back_up(ready)
    words, office = {
        "init": (("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust), there),
        "issuer": (("issuer", "new", there), None),
        "demo": (("demo", there), None),
        "move": (("office", "move", "--to", there), None),
        "register": (("restore", register, *with_key(ready)), there),
    }[which]
    before = contents(ready.folder)
    for given in ((), ("--confirm",)) if which in {"move", "register"} else ((),):
        answer = ready.run(*words, *given, office=office)
        assert (answer.code, answer.error) == (3, "file-exists"), answer.err
        assert str(taken) in answer.err
    assert contents(ready.folder) == before


# --- an office whose register is gone ---


def init(desk: Workspace) -> str | None:
    answer = desk.run("init", "--licence", desk.folder / "own.lic", "--trust", desk.trust)
    return answer.error if answer.code else None


def without_register(desk: Workspace) -> dict[str, bytes]:
    for name in ("register.db", "register.db-wal", "register.db-shm"):
        (desk.office / name).unlink(missing_ok=True)
    return contents(desk.office)


def test_an_office_whose_register_is_gone_is_not_made_anew_over_its_books_and_key(ready: Workspace) -> None:
    before = without_register(ready)
    assert init(ready) == "office-exists"
    assert contents(ready.office) == before


def test_the_key_of_an_office_without_books_stays_when_it_is_made_again(empty_office: Workspace) -> None:
    before = without_register(empty_office)["backup-key.pem"]
    assert init(empty_office) is None
    assert (empty_office.office / "backup-key.pem").read_bytes() == before


@pytest.mark.parametrize("name", ["backup-key.pem", "trust.jwks"])
def test_a_key_or_list_of_issuers_that_can_not_be_kept_is_not_replaced(empty_office: Workspace, name: str) -> None:
    without_register(empty_office)
    (empty_office.office / name).write_bytes(b"something else")
    before = contents(empty_office.office)
    assert init(empty_office) == "file-exists"
    assert contents(empty_office.office) == before


def test_its_own_backup_brings_back_an_office_whose_register_is_gone(ready: Workspace) -> None:
    backup = back_up(ready)
    before = without_register(ready)
    restore_office(ready, backup)
    assert {name: data for name, data in contents(ready.office).items() if name in before} == before
    assert ready.ok("administration", "show", 7)["number"] == 7


@pytest.mark.parametrize("name", ["backup-key.pem", "trust.jwks"])
def test_the_backup_of_an_office_does_not_replace_the_key_or_issuers_of_another(ready: Workspace, name: str) -> None:
    backup = back_up(ready)
    without_register(ready)
    (ready.office / name).write_bytes(SigningKey.new().pem())
    before = contents(ready.office)
    for words in ((), ("--confirm",)):
        assert ready.refused("restore", backup, *with_key(ready), *words) == "file-exists"
    assert contents(ready.office) == before


# --- what is recorded ---


def change_register(office: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    with contextlib.closing(sqlite3.connect(office / "register.db", isolation_level=None)) as register:
        for statement, values in statements:
            register.execute(statement, values)


VICTIMS = ("thesis.doc", ".hidden", "file.part", ".0123456789abcdef.part.bak", ".0123456789abcdef.part", "x.db")


@pytest.mark.parametrize("name", VICTIMS)
@pytest.mark.parametrize("state", ["begun", "sealed"])
def test_a_forged_backup_of_the_register_removes_nothing_of_anybodys(ready: Workspace, name: str, state: str) -> None:
    victim = ready.folder / name
    victim.write_text("precious")
    ready.backup()

    def forged(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE backups SET state = ?, part_path = ?, path = ?", (state, str(victim), str(victim)))

    backup = forge(ready, forged, SigningKey.from_pem((ready.office / "backup-key.pem").read_bytes()))
    lose(ready)
    restore_office(ready, backup)
    ready.ok("audit")
    ready.ok("repair")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("name", VICTIMS)
@pytest.mark.parametrize("state", ["begun", "sealed", "pruned", "made"])
def test_a_path_that_is_recorded_removes_nothing_that_has_no_name_of_ours(ready: Workspace, name: str, state: str) -> None:
    victim = ready.folder / name
    victim.write_text("precious")
    save(ready, OLD), save(ready, NEW)
    values = (state, str(victim), str(victim), victim.stat().st_size, sha256_of(victim))
    change_register(ready.office, ("UPDATE backups SET state = ?, part_path = ?, path = ?, bytes = ?, sha256 = ? WHERE id = 1", values))
    ready.run("audit")
    ready.run("repair")
    ready.run(*PRUNE, "--confirm")
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("kept_name", ["../../victim.part", "../../victim.kept", "../victim", "{victim}", "00008.db", "../register.db"])
def test_a_kept_name_that_was_edited_moves_and_removes_nothing(ready: Workspace, kept_name: str) -> None:
    ready.ok("administration", "copy", 7, 8)
    for name in ("victim.part", "victim.kept", "office/victim"):
        (ready.folder / name).write_text("precious")
    name = kept_name.format(victim=ready.folder / "victim.kept")
    change_register(ready.office, ("INSERT INTO replacements (administration, kept_name) VALUES (7, ?)", (name,)))
    before = contents(ready.folder)
    for command in (("audit",), ("repair",), ("administration", "list")):
        assert ready.refused(*command, code=4) == "office-damaged"
    after = contents(ready.folder)
    assert {path: data for path, data in after.items() if path in before} == before


def interrupted(desk: Workspace, *words: object) -> None:
    desk.environment = {"ACCOUNTOOLS_FAILPOINT": "kill:before-make-image:1"}
    assert desk.run_process("backup", "--all-ready", "--confirm", *words).code == -9
    desk.environment = {}


def to_elsewhere(batch: dict[str, object], desk: Workspace) -> None:
    batch["folder"] = str(desk.folder / "elsewhere")


def plain(batch: dict[str, object], _: Workspace) -> None:
    batch |= {"recipient": None, "plain": True}


def to_another_key(batch: dict[str, object], desk: Workspace) -> None:
    batch["recipient"] = desk.ok("key", "new", desk.folder / "thief.txt")["recipient"]


def of_other_numbers(batch: dict[str, object], _: Workspace) -> None:
    batch["numbers"] = [8]


def unchanged(_: dict[str, object], __: Workspace) -> None:
    """Only the signature is removed."""


@pytest.mark.both_engines
@pytest.mark.parametrize("edit", [to_elsewhere, plain, to_another_key, of_other_numbers, unchanged])
def test_a_batch_that_was_edited_is_not_resumed(ready: Workspace, edit: Callable[[dict[str, object], Workspace], None]) -> None:
    ready.ok("administration", "copy", 7, 8)
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    interrupted(ready, "--recipient", recipient)
    ((signed,),) = run_sql(ready.office, "SELECT signed FROM batches")
    header, payload, signature = signed.split(".")
    batch = json.loads(base64.urlsafe_b64decode(f"{payload}=="))
    edit(batch, ready)
    edited = base64.urlsafe_b64encode(json.dumps(batch).encode()).decode().rstrip("=")
    run_sql(ready.office, "UPDATE batches SET signed = ?", f"{header}.{edited}.{'' if edit is unchanged else signature}")
    for words in ((), ("--confirm",)):
        answer = ready.run(*RESUME, *words)
        assert (answer.code, answer.error) == (3, "changed-meanwhile")
    assert list(ready.folder.rglob("*.acb")) == []
    ready.ok("repair")
    assert len(ready.ok("backup", "--all-ready", "--recipient", recipient, "--confirm")["backups"]) == 2
    assert ready.ok(*RESUME)["planned"] == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_plan_names_the_folder_and_how_many_will_be_encrypted(ready: Workspace, language: str) -> None:
    ready.ok("administration", "copy", 7, 8)
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    interrupted(ready, "--recipient", recipient, "--to", ready.folder / "out")
    for words, encrypted in ((RESUME, [7, 8]), (("backup", 7, 8, "--plain", "--to", ready.folder / "out"), [])):
        answer = ready.ok(*words)
        assert (answer["folder"], answer["encrypted"]) == (str(ready.folder / "out"), encrypted)
        text = ready.run(*words, "--lang", language, as_json=False).out
        assert str(ready.folder / "out") in text
        assert {"nl": f"versleuteld: {len(encrypted)} van 2", "en": f"encrypted: {len(encrypted)} of 2"}[language] in text


@pytest.mark.parametrize("failpoint", ["ENOSPC:before-commit-register:1", "EIO:before-sync-file:1"])
def test_a_copy_of_the_key_that_is_not_recorded_is_not_left(ready: Workspace, failpoint: str) -> None:
    recipient, out = new_key(ready), ready.folder / "copy.age"
    failpoints.arm(failpoint)
    try:
        assert ready.run("key", "seal", "--recipient", recipient, "--out", out).code == 4
    finally:
        failpoints.arm("")
    assert not out.exists()
    assert "key-sealed" not in [one["what"] for one in ready.ok("journal")["events"]]
