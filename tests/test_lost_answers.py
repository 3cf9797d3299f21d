"""A command whose answer is lost: standard error says whether anything was done, and the exit code is that of what was."""

import contextlib
import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools import safe_files
from accountools.cli import main
from tests.crash_scenarios import SCRIPTS, Words
from tests.test_docs import commands
from tests.test_entries_import import GOOD, table
from tests.test_handover import new_key
from tests.workspace import HENK, Workspace

AUDITFILES = Path(__file__).parent / "auditfiles"
DONE, IN_PART, NOTHING = "It is done, but the answer can't be written", "Part of it is done. The answer", "nothing was changed"
READING = {
    *("administration enter", "administration list", "administration show", "auditfile check", "backups check", "backups list"),
    *("books check", "books ledger", "books open-items", "books trial-balance", "books vat", "books years", "chart check", "chart list"),
    *("client list", "inspect", "journal", "journal verify", "key identity", "licence list", "licence show", "office members"),
    *("office show", "trust list", "user list", "verify", "audit"),
}
ELSEWHERE = {"lab", "app", "shortcut", "office distribute"}  # they serve pages, write outside the folder, or need a cluster


def run_unheard(desk: Workspace, *words: object, as_json: bool, office: Path | None = None) -> tuple[int, str]:
    """Run a command whose standard output is full; gives the exit code and what was on standard error."""
    err = io.StringIO()
    with open("/dev/full", "w") as full, contextlib.redirect_stdout(full), contextlib.redirect_stderr(err):  # noqa: PTH123
        try:
            main(desk.arguments(*words, office=office, as_json=as_json))
        except SystemExit as end:
            return int(end.code or 0), err.getvalue()
    return 0, err.getvalue()


def renewed(desk: Workspace, **changes: object) -> Path:
    return desk.issue("renewed.lic", number="KL-2042", valid_until="2028-12-31", **changes)


def revoked(desk: Workspace) -> Path:
    desk.ok("licence", "revoke", "--issuer", desk.folder / "issuer", "--number", "KL-9", "--out", desk.folder / "revoked.txt")
    return desk.folder / "revoked.txt"


def listed(desk: Workspace) -> Path:
    path = desk.folder / "clients.csv"
    path.write_text("name,kvk\nNieuw,99999999\n")
    return path


def received(desk: Workspace) -> Path:
    inbox = desk.folder / "received"
    inbox.mkdir()
    return renewed(desk).rename(inbox / "renewed.lic").parent


def admitted(desk: Workspace) -> str:
    desk.ok("office", "admit", "--recipient", new_key(desk), "--name", "Anna")
    return "Anna"


def archived(desk: Workspace) -> int:
    desk.ok("administration", "archive", 7)
    return 7


def deactivated(desk: Workspace) -> str:
    desk.ok("user", "deactivate", "--administration", 7, HENK)
    return HENK


def own_renewed(desk: Workspace) -> Path:
    return desk.issue_own("renewed.lic", valid_until="2029-12-31")


def register_backup(desk: Workspace) -> Path:
    recipient = new_key(desk)
    return Path(desk.ok("backup", "--register", "--recipient", recipient, "--confirm")["backups"][0]["path"])


UNRELATED = [row.replace(",C1,", ",,") for row in GOOD]  # the administration has no relation
ISSUE = ("--kind", "client", "--number", "X", "--licensee", "X", "--kvk", "12345678", "--city", "X", "--users", 1, "--module", "SE1063")
DAYS = ("--valid-from", "2026-01-01", "--valid-until", "2027-01-01")
ACTS: dict[str, Callable[[Workspace], Words]] = {
    "rehearse": lambda desk: ("rehearse", desk.backup()),
    "client add": lambda _: ("client", "add", "--name", "Nieuw", "--kvk", "99999999"),
    "client import": lambda desk: ("client", "import", listed(desk)),
    "client change": lambda _: ("client", "change", "12345678", "--city", "Leiden", "--confirm"),
    "user add": lambda _: ("user", "add", "--administration", 7, "x", "--name", "X"),
    "user activate": lambda desk: ("user", "activate", "--administration", 7, deactivated(desk)),
    "user deactivate": lambda _: ("user", "deactivate", "--administration", 7, HENK),
    "administration archive": lambda _: ("administration", "archive", 7),
    "administration unarchive": lambda desk: ("administration", "unarchive", archived(desk)),
    "licence issue": lambda desk: ("licence", "issue", "--issuer", desk.folder / "issuer", *ISSUE, *DAYS, "--out", desk.folder / "x.lic"),
    "licence revoke": lambda desk: (
        *("licence", "revoke", "--issuer", desk.folder / "issuer", "--number", "KL-9", "--out", desk.folder / "list.txt"),
    ),
    "licence revocations": lambda desk: ("licence", "revocations", revoked(desk)),
    "licence renew": lambda desk: ("licence", "renew", own_renewed(desk), "--confirm"),
    "inbox": lambda desk: ("inbox", received(desk), "--confirm"),
    "office set": lambda desk: ("office", "set", "--backups", desk.folder / "elsewhere"),
    "office admit": lambda desk: ("office", "admit", "--recipient", new_key(desk), "--name", "Anna"),
    "office dismiss": lambda desk: ("office", "dismiss", admitted(desk), "--confirm"),
    "key new": lambda desk: ("key", "new", desk.folder / "new.txt"),
    "key seal": lambda desk: ("key", "seal", "--recipient", new_key(desk), "--out", desk.folder / "sealed.age"),
    "issuer new": lambda desk: ("issuer", "new", desk.folder / "second"),
    "init": lambda desk: (*("init", "--licence", desk.folder / "client.lic", "--trust", desk.trust, "--office", desk.folder / "third"),),
    "demo": lambda desk: ("demo", desk.folder / "demo", "--clients", 1, "--lines", 2),
    "restore of the office": lambda desk: (
        *("restore", register_backup(desk), "--identity", desk.folder / "key.txt", "--confirm", "--office", desk.folder / "third"),
    ),
    "dossier": lambda desk: ("dossier", 7, "--out", desk.folder / "dossier.html"),
    "audit --csv": lambda desk: ("audit", "--csv", desk.folder / "audit.csv"),
    "auditfile check --paper": lambda desk: ("auditfile", "check", AUDITFILES / "subledgers.xaf", "--paper", desk.folder / "paper.csv"),
    "auditfile import": lambda _: (
        *("auditfile", "import", AUDITFILES / "subledgers.xaf", "--administration", 7, "--confirm"),
        *("--accept", "kvk-differs", "--accept", "name-differs", "--accept", "undeclared", "--accept", "opening-differs"),
    ),
    "entries import": lambda desk: ("entries", "import", table(desk, *UNRELATED), "--administration", 7, "--confirm"),
    **{one.name: one.prepare for one in SCRIPTS if one.name != "migration"},
}
OFFICES = {one.name: one.office for one in SCRIPTS}
AS_SCRIPTS = {  # under other names
    *("licence import", "install", "administration create", "administration copy", "chart import", "chart export"),
    *("auditfile export", "auditfile convert", "backups prune", "trust add", "key unseal", "office move"),
}


def test_each_command_that_acts_is_among_these() -> None:
    assert {name for name, _ in commands()} - ACTS.keys() == READING | ELSEWHERE | AS_SCRIPTS


@pytest.mark.campaign(3)
@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_is_said_though_the_answer_is_lost(ready: Workspace, act: str) -> None:
    words = ACTS[act](ready)
    code, err = run_unheard(ready, *words, as_json=len(act) % 2 == 0, office=ready.folder / OFFICES.get(act, "office"))
    assert (code, DONE in err, IN_PART in err, NOTHING in err) == (0, True, False, False), err


@pytest.fixture
def blocked(ready: Workspace) -> Workspace:
    """Beside administration 007, which is ready, 050 whose client has no licence."""
    ready.add_client("Loodgieter De Vries", "99999999")
    ready.create(50, "De Vries", client="99999999")
    return ready


def bad_and_good_licences(desk: Workspace) -> Words:
    folder = received(desk)
    (folder / "bad.lic").write_text("a letter")
    return ("inbox", folder, "--confirm")


def bad_and_good_backups(desk: Workspace) -> Words:
    folder = desk.folder / "received"
    desk.ok("backup", 7, "--purpose", "safekeeping", "--plain", "--to", folder, "--confirm")
    (folder / "a letter.acb").write_bytes(b"PK\x03\x04")
    desk.ok("user", "deactivate", "--administration", 7, HENK)
    return ("restore", *sorted(folder.iterdir()), "--replace", "--confirm")


def bad_and_good_rehearsals(desk: Workspace) -> Words:
    (desk.folder / "letter.acb").write_bytes(b"a letter")
    return ("rehearse", desk.backup(), desk.folder / "letter.acb")


PARTS: dict[str, Callable[[Workspace], Words]] = {
    "backup": lambda _: ("backup", 7, 50, "--confirm"),
    "inbox": bad_and_good_licences,
    "restore": bad_and_good_backups,
    "rehearse": bad_and_good_rehearsals,
}
REFUSED: dict[str, Callable[[Workspace], Words]] = {
    "backup": lambda _: ("backup", 50, "--confirm"),
    "plan": lambda _: ("backup", 7, 50),
    "client": lambda _: ("client", "add", "--name", "x", "--kvk", "12345678"),
    "user": lambda _: ("user", "add", "--administration", 7, HENK, "--name", "x"),
}


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("act", PARTS)
def test_what_is_done_in_part_is_said_though_the_answer_is_lost(blocked: Workspace, act: str, as_json: bool) -> None:
    code, err = run_unheard(blocked, *PARTS[act](blocked), as_json=as_json)
    assert (code, DONE in err, IN_PART in err) == (3, False, True), err


@pytest.mark.parametrize("act", REFUSED)
def test_nothing_is_called_done_where_nothing_was(blocked: Workspace, act: str) -> None:
    before = blocked.ok("journal")["events"]
    code, err = run_unheard(blocked, *REFUSED[act](blocked), as_json=False)
    assert (code, DONE in err, IN_PART in err) == (3, False, False), err
    assert blocked.ok("journal")["events"] == before


@pytest.mark.parametrize("words", [("user", "activate", "--administration", 7, HENK), ("client", "import", "clients.csv")], ids=str)
def test_an_answer_that_is_lost_is_a_failure_where_there_was_nothing_to_do(
    ready: Workspace, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ready.folder)
    Path("clients.csv").write_text("name,kvk,city\nBakkerij Jansen,12345678,Delft\n")
    code, err = run_unheard(ready, *words, as_json=False)
    assert (code, DONE in err, NOTHING in err) == (4, False, True), err


def test_files_that_were_written_before_one_that_could_not_be_are_said(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    write = safe_files.write_over

    def full(path: Path, data: Any) -> None:
        if path.suffix == ".html":
            raise OSError(errno.ENOSPC, "full", str(path))
        write(path, data)

    monkeypatch.setattr(safe_files, "write_over", full)
    code, err = run_unheard(ready, "audit", "--csv", ready.folder / "a.csv", "--html", ready.folder / "a.html", as_json=False)
    assert (code, IN_PART in err) == (4, True), err
