"""Standard output and standard error as machines have them: another encoding, closed, full. What is done is done, and said."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace import Workspace

COMMAND = Path(sys.executable).with_name("accountools")
ENCODINGS = ("cp1252", "cp850", "iso-8859-1", "utf-8")


def run(desk: Workspace, *words: object, redirect: str = "", encoding: str = "utf-8", as_json: bool = False) -> subprocess.CompletedProcess:
    """Run the installed command in a shell that redirects its streams."""
    given = [str(COMMAND), *desk.arguments(*words, as_json=as_json)]
    shell = ["sh", "-c", f'exec "$@" {redirect}', "sh", *given]
    done = subprocess.run(shell, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert b"Traceback" not in done.stderr + done.stdout
    assert b"Exception ignored" not in done.stderr
    return done


def backups_of(desk: Workspace) -> list[Path]:
    return list((desk.office / "backups").glob("*.acb"))


@pytest.fixture
def mailed(ready: Workspace) -> Workspace:
    """An office with a licence file in its inbox, and a client whose name no Western encoding has."""
    ready.ok("client", "add", "--name", "Łódź Ω", "--kvk", "99999999")
    ready.issue("renewed.lic", number="KL-2042", valid_until="2028-12-31")
    inbox = ready.office / "inbox"
    inbox.mkdir(exist_ok=True)
    (ready.folder / "renewed.lic").rename(inbox / "renewed.lic")
    return ready


@pytest.mark.campaign(10)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", [("audit",), ("client", "list"), ("inbox", "--confirm")], ids=lambda it: it[0])
def test_an_answer_is_printed_in_any_encoding(mailed: Workspace, words: tuple[object, ...], encoding: str) -> None:
    """What the encoding lacks is escaped; the icons and names of an answer are no reason to fail after the work was done."""
    done = run(mailed, *words, encoding=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode(encoding)
    if words[0] == "client":
        assert ("Łódź" in done.stdout.decode(encoding)) == (encoding == "utf-8")
        assert "Bakkerij Jansen" in done.stdout.decode(encoding)
    if words[0] == "inbox":
        assert "KL-2042" in mailed.run("licence", "list").out


@pytest.mark.campaign(10)
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_a_document_is_the_same_json_in_any_encoding(mailed: Workspace, encoding: str) -> None:
    done = run(mailed, "client", "list", as_json=True, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Łódź Ω" in {client["name"] for client in json.loads(done.stdout.decode(encoding))["clients"]}
    assert json.loads(done.stdout) == json.loads(done.stdout.decode(encoding))


def test_help_is_printed_in_any_encoding(ready: Workspace) -> None:
    for encoding in ENCODINGS:
        done = subprocess.run(
            [str(COMMAND), "audit", "--help"], capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding}
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.campaign(10)
@pytest.mark.parametrize("redirect", ["2>&-", "<&-", "<&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize("as_json", [True, False])
def test_the_work_is_done_without_a_standard_error(ready: Workspace, redirect: str, as_json: bool) -> None:
    done = run(ready, "backup", 7, "--confirm", redirect=redirect, as_json=as_json)
    assert (done.returncode, done.stderr) == (0, b"")
    (made,) = backups_of(ready)
    assert str(made).encode() in done.stdout
    assert ready.run("verify", made).code == 0


@pytest.mark.campaign(10)
@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full"])
def test_a_refusal_is_printed_on_standard_output_without_a_standard_error(ready: Workspace, redirect: str) -> None:
    done = run(ready, "administration", "show", 99, redirect=redirect)
    assert (done.returncode, done.stderr) == (3, b"")
    assert b"administration-not-found" in done.stdout
    document = run(ready, "administration", "show", 99, redirect=redirect, as_json=True)
    assert json.loads(document.stdout)["error"]["code"] == "administration-not-found"


ACTS: dict[str, tuple[object, ...]] = {
    "backup": ("backup", 7, "--confirm"),
    "client": ("client", "add", "--name", "Nieuw", "--kvk", "99999999"),
    "user": ("user", "deactivate", "--administration", 7, r"JANSEN\henk"),
    "administration": ("administration", "copy", 7, 8),
    "key": ("key", "new", "new.key"),
}


@pytest.mark.campaign(10)
@pytest.mark.parametrize(("redirect", "as_json"), [(">&-", False), (">/dev/full", True)])
@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_is_said_when_standard_output_can_not_be_written(
    ready: Workspace, act: str, redirect: str, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code is that of the act, for nothing else says whether it was done; standard error says that its answer is lost."""
    monkeypatch.chdir(ready.folder)
    done = run(ready, *ACTS[act], redirect=redirect, as_json=as_json)
    assert done.returncode == 0
    assert b"It is done, but the answer can't be written" in done.stderr
    proofs = {
        "backup": lambda: backups_of(ready),
        "client": lambda: "Nieuw" in ready.run("client", "list").out,
        "user": lambda: not ready.ok("user", "list", "--administration", 7)["users"][0]["active"],
        "administration": lambda: ready.ok("administration", "show", 8),
        "key": lambda: (ready.folder / "new.key").read_text().startswith("#"),
    }
    assert proofs[act]()


@pytest.mark.campaign(10)
@pytest.mark.parametrize(("redirect", "as_json"), [(">&-", True), (">/dev/full", False)])
@pytest.mark.parametrize("words", [("audit",), ("journal",), ("backup", 7), ("client", "list")], ids=lambda it: it[0])
def test_an_answer_that_is_lost_is_a_failure_when_nothing_else_was_asked(
    ready: Workspace, words: tuple[object, ...], redirect: str, as_json: bool
) -> None:
    done = run(ready, *words, redirect=redirect, as_json=as_json)
    assert done.returncode == 4
    assert done.stderr.startswith(b"output-failed: ")
    assert not backups_of(ready)


@pytest.mark.campaign(10)
@pytest.mark.parametrize("redirect", [">&-", ">/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_the_exit_code_alone_tells_whether_it_was_done(ready: Workspace, redirect: str) -> None:
    assert run(ready, "backup", 7, "--confirm", redirect=f"{redirect} <&-").returncode == 0
    assert len(backups_of(ready)) == 1
    assert run(ready, "backup", 8, "--confirm", redirect=redirect).returncode == 3
    assert run(ready, "backup", "--no-such-option", redirect=redirect).returncode == 2
    assert run(ready, "audit", redirect=redirect).returncode == 4


def test_each_step_of_the_walk_that_is_not_printed_counts(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    done = run(desk, "demo", tmp_path / "demo", "--clients", 3, "--lines", 10, "--walk", redirect=">/dev/full")
    assert done.returncode == 0
    assert b"It is done, but the answer can't be written" in done.stderr


@pytest.mark.campaign(10)
@pytest.mark.parametrize(("words", "code"), [(("audit", "--strict"), 1), (("administration", "show", 99), 3)])
def test_a_reader_that_stops_reading_does_not_change_the_exit_code(ready: Workspace, words: tuple[object, ...], code: int) -> None:
    ready.ok("client", "add", "--name", "Nieuw", "--kvk", "99999999")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([str(COMMAND), *ready.arguments(*words)], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.returncode == code
    assert b"Broken" not in done.stderr


def test_no_file_of_the_office_takes_the_number_of_a_closed_stream(ready: Workspace) -> None:
    """What a library prints would else go into the file that was opened first."""
    code = (
        "import os, sys\nfrom accountools.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit as end: code = end.code\n"
        "os.write(2, b'panic'); os.write(1, b'printed'); sys.exit(code)"
    )
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", code, *ready.arguments("backup", 7, "--confirm")]
    assert subprocess.run(shell, check=False).returncode == 0
    (made,) = backups_of(ready)
    assert b"panic" not in made.read_bytes()
    assert ready.run("verify", made).code == 0
