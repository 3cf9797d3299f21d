"""What is written from names and texts of others harms nobody who reads it: no formula in a table, no command for a terminal."""

import contextlib
import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountools.domain.identifiers import single_line
from accountools.formats.csv_files import read_audit, write_csv
from accountools.reports.audit_table import COLUMNS
from accountools.reports.verdict_cache import FILE
from tests.test_codes import forge_licence
from tests.test_handover import change_register
from tests.workspace import CLIENT_KVK, HENK, Workspace

FORMULAS = [
    '=HYPERLINK("http://x";"klik")',
    "=1+1",
    "+31 20 1234567",
    "-Deel",
    "@SUM(A1)",
    "  =1+1",
    '"=1+1',
    "\t=1+1",
    "'=1+1",
    "＝1+1",
    "Jansen;=cmd|' /C calc'!A0",
    'Jansen,"=1+1',
]
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")

# --- tables ---


def begins_a_formula(cell: str) -> bool:
    return cell.lstrip(' \t\r\n"').startswith(FORMULA_STARTS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_file_begins_a_formula_whatever_separates_them(text: str, delimiter: str) -> None:
    for own in (",", ";"):
        data = write_csv(["text", "more"], [[text, text]], delimiter=own).decode()
        for row in csv.reader(io.StringIO(data, newline=""), delimiter=delimiter):
            assert not any(begins_a_formula(cell) for cell in row), (row, data)


@pytest.mark.parametrize(
    "text", ["-12.50", "+3", "1234,56", "-1.234,56", "", "Jansen - Bakker", "a=b", "Bakkerij 't Hoekje", "'s-Gravenhage"]
)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert list(csv.reader(io.StringIO(write_csv(["text"], [[text]]).decode())))[1:] == [[text]]


def saved(folder: Path, client: str, **options: Any) -> str:
    """The client's name in an audit that was saved and read again."""
    row = dict.fromkeys(COLUMNS, "") | {"client": client, "kvk": CLIENT_KVK, "licence_status": "missing"}
    (folder / "audit.csv").write_bytes(write_csv(COLUMNS, [list(row.values())], **options))
    return read_audit(folder / "audit.csv")[0].client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved")


@given(st.text(st.sampled_from("ab'=+-@;, \"＝"), max_size=12).map(single_line))
def test_what_was_saved_is_read_again_as_it_was(folder: Path, client: str) -> None:
    assert saved(folder, client) == client
    assert saved(folder, client, delimiter=";", bom=True) == client


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_audit_writes_no_formula_of_a_client_and_compares_with_what_it_wrote(ready: Workspace, language: str) -> None:
    ready.add_client('=HYPERLINK("http://x","klik")', "20000008")
    ready.create(8, "@SUM(1+1)", client="20000008")
    path = ready.folder / "audit.csv"
    ready.ok("audit", "--csv", path, "--lang", language)
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";" if language == "nl" else ","))
    assert [row[rows[0].index("description")] for row in rows[1:]] == ["'@SUM(1+1)", "Bakkerij Jansen"]
    assert not any(begins_a_formula(cell) for row in rows for cell in row)
    assert ready.ok("audit", "--since", path)["changes"] == []


# --- the terminal ---

EVIL = "a\x1b]0;title\x07\x1b[2J\x9b31m\b\x7f\r\u202egnp.\u2066\u2028b"
OBEYED = "\x1b\x07\x9b\b\x7f\r\u202e\u2066\u2028\t"


def expect_harmless(*outputs: str) -> None:
    for output in outputs:
        assert not set(OBEYED) & set(output), ascii(output)


@pytest.mark.skipif(os.name == "nt", reason="such names can't be made there")
def test_the_name_of_a_file_says_nothing_to_the_terminal(ready: Workspace) -> None:
    evil = ready.folder / f"{EVIL}\nfile-exists: forged"
    evil.mkdir()
    licence = shutil.copy(ready.folder / "client.lic", evil / f"{EVIL}.lic")
    nothing, backup = evil / "nothing", evil / f"{EVIL}.acb"
    shutil.copy(ready.backup(), backup)
    (evil / f"{EVIL}.db").write_bytes(b"SQLite format 3\0")
    commands: list[tuple[Any, ...]] = [
        ("licence", "show", licence),
        ("licence", "show", nothing),
        ("licence", "import", nothing, "--administration", 7, "--user", HENK),
        ("licence", "revocations", nothing),
        ("licence", "renew", nothing),
        ("inbox", evil),
        ("inbox", nothing),
        ("inspect", evil),
        ("verify", backup),
        ("verify", nothing),
        ("rehearse", nothing),
        ("restore", backup),
        ("restore", "--from", evil),
        ("install", nothing),
        ("key", "new", evil / "key.txt"),
        ("key", "new", evil / "key.txt"),
        ("key", "unseal", nothing),
        ("trust", "add", nothing),
        ("client", "import", nothing),
        ("administration", "create", 9, "--description", "x", "--chart", nothing),
        ("backup", 7, "--to", evil, "--confirm"),
        ("backups", "list"),
        ("backups", "check"),
        ("audit", "--since", nothing),
        ("audit", "--csv", evil / "audit.csv"),
        ("dossier", 7, "--out", evil / "dossier.html"),
        ("issuer", "new", evil / "issuer"),
        ("init", "--licence", nothing, "--trust", nothing, "--office", evil / "office"),
        ("audit", "--office", evil / "office"),
        ("audit", "--lang", EVIL),
        (EVIL,),
    ]
    for words in commands:
        for as_json in (False, True):
            answer = ready.run(*words, as_json=as_json)
            expect_harmless(answer.out, answer.err)
            assert not [line for line in (answer.out + answer.err).splitlines() if line.startswith("file-exists: forged")]
            if as_json:
                json.loads(answer.out)


def test_texts_of_a_licence_and_of_the_register_say_nothing_to_it_either(ready: Workspace) -> None:
    """Also those that this program would not have stored."""
    ready.backup()
    unverified = forge_licence(ready, {"iss": EVIL, "licensee": {"name": EVIL, "kvk": EVIL, "city": EVIL}, "modules": EVIL}, kid=EVIL)
    change_register(ready.office, "UPDATE clients SET name = ?, city = ?", EVIL, EVIL)
    change_register(ready.office, "UPDATE administrations SET description = ?", EVIL)
    change_register(ready.office, "UPDATE users SET name = ?", EVIL)
    change_register(ready.office, 'UPDATE events SET "by" = ? WHERE n = 1', EVIL)
    change_register(ready.office, "UPDATE backups SET path = '/tmp/' || ?", EVIL)
    for words in (
        ("licence", "show", unverified),
        ("client", "list"),
        ("administration", "list"),
        ("administration", "show", 7),
        ("user", "list", "--administration", 7),
        ("backups", "list"),
        ("backups", "check"),
        ("audit",),
        ("journal",),
        ("journal", "verify"),
        ("backup", 7),
        ("client", "add", "--name", "x", "--kvk", CLIENT_KVK),
    ):
        for as_json in (False, True):
            answer = ready.run(*words, as_json=as_json)
            expect_harmless(answer.out, answer.err)


@pytest.mark.skipif(os.name == "nt", reason="has no such terminal")
def test_on_a_terminal_too(ready: Workspace) -> None:
    """Where nothing is taken away from what is printed on its way."""
    import pty

    command = Path(sys.executable).with_name("accountools")
    ours, theirs = pty.openpty()
    words = [str(command), *ready.arguments("verify", ready.folder / "x\x1b]0;title\x07", as_json=False)]
    with contextlib.closing(os.fdopen(ours, "rb", buffering=0)) as terminal:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, check=False, env={**os.environ, "TERM": "xterm"}
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal tells that nobody writes any more
            while more := terminal.read(4096):
                shown += more
    assert done.returncode == 3
    assert b"title" in shown
    assert b"\x07" not in shown
    assert b"\x1b]" not in shown


# --- findings without number ---


def nested(inner: bytes, layers: int, width: int) -> bytes:
    """ZIPs in ZIPs: the outermost holds so many."""
    for layer in range(layers):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(width if layer == layers - 1 else 1):
                archive.writestr(f"{number}", inner)
        inner = buffer.getvalue()
    return inner


def test_an_archive_has_no_more_findings_than_one_can_read(ready: Workspace) -> None:
    folder = ready.folder / "old"
    folder.mkdir()
    own = (ready.folder / "own.lic").read_bytes()
    (folder / "deep.zip").write_bytes(nested(b"x", 6, 300))
    (folder / "licences.zip").write_bytes(nested(own, 1, 300))
    with zipfile.ZipFile(folder / "both.zip", "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}.zip", nested(b"x", 5, 1))
        archive.writestr("last.lic", own)
    files = {Path(one["path"]).name: one["findings"] for one in ready.run("inspect", folder).json["files"]}
    assert set(files) == {"deep.zip", "licences.zip", "both.zip"}
    for name, findings in files.items():
        assert len(findings) <= 42, name
        assert "more-findings" in [one["code"] for one in findings], name
    for name in ("licences.zip", "both.zip"):
        assert "office-licence-found" in [one["code"] for one in files[name]]


# --- what is no file ---

OWN_FILES = (FILE, "backup-key.pem", "trust.jwks", "batch.json", "preferences.json", "register.db", "inbox/x.lic",
             "administrations/00007.db", "administrations/00007.db-wal", "register.db-wal",
             "backup-key.pem.former", "trust.jwks.former", "register.db-journal", "administrations/00007.db-journal")  # fmt: skip
BETWEEN = "\x1e"
ONE_AFTER_ANOTHER = """
import contextlib, json, sys
from accountools.cli import main
for words in json.loads(sys.argv[1]):
    with contextlib.suppress(SystemExit):
        main(words)
    print("\x1e", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with a name")
@pytest.mark.parametrize("special", ["pipe", "device"])
def test_an_office_in_which_a_pipe_or_a_device_has_a_files_name_hangs_nothing(ready: Workspace, special: str) -> None:
    commands = [
        ("audit",),
        ("backup", 7, "--confirm"),
        ("backup", "--register", "--recipient", "age1x"),
        ("inbox",),
        ("journal", "verify"),
    ]
    given = []
    for count, name in enumerate(OWN_FILES):
        office = Path(shutil.copytree(ready.office, ready.folder / f"office{count}"))
        path = office / name
        path.unlink(missing_ok=True)
        path.parent.mkdir(exist_ok=True)
        if special == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero")
        given += [ready.arguments(*words, office=office) for words in commands]
    command = [sys.executable, "-c", ONE_AFTER_ANOTHER, json.dumps(given)]  # in a process of its own: one that hangs is ended
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr
    answers = done.stdout.split(BETWEEN)[:-1]
    assert [isinstance(json.loads(answer), dict) for answer in answers] == [True] * len(given)


def test_verdicts_that_are_no_file_are_read_anew(ready: Workspace) -> None:
    before = ready.ok("audit")["rows"]
    (ready.office / FILE).unlink(missing_ok=True)
    (ready.office / FILE).mkdir()
    assert ready.ok("audit")["rows"] == before
    with contextlib.closing(sqlite3.connect(ready.office / "register.db")) as register:
        assert register.execute("PRAGMA quick_check").fetchall() == [("ok",)]
