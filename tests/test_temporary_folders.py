"""What a killed program leaves in the temporary folder, decrypted books for instance, is removed by the next run."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from accountools.forms.kit.upload import Upload
from tests.crash_checks import run_forked
from tests.workspace import Workspace


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_what_a_killed_verify_left_is_cleared_by_the_next_one(ready: Workspace, temporary: Path) -> None:
    backup, nowhere = ready.backup(7, "--plain"), ready.folder / "nowhere"
    verify = ready.arguments("verify", backup, office=nowhere)
    assert run_forked(verify, "kill:before-clear-work-folder:1").code == -9
    (image,) = temporary.glob("*/image.sqlite")
    assert image.read_bytes().startswith(b"SQLite format 3")
    assert image.parent.stat().st_mode & 0o777 == 0o700
    ready.ok("verify", backup, office=nowhere)
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes with a name")
@pytest.mark.parametrize("turn", [1, 2])
def test_so_is_what_came_through_a_pipe(ready: Workspace, temporary: Path, turn: int) -> None:
    backup, pipe = ready.backup(7, "--plain"), ready.folder / "pipe.acb"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(pipe.write_bytes, backup.read_bytes())
        verify = ready.arguments("verify", pipe, office=ready.folder / "nowhere")
        assert run_forked(verify, f"kill:before-clear-work-folder:{turn}").code == -9
        writing.result()
    assert backup.read_bytes() in {path.read_bytes() for path in temporary.glob("*/pipe.acb")}
    ready.ok("verify", backup, office=ready.folder / "nowhere")
    assert list(temporary.iterdir()) == []


def test_so_is_what_was_uploaded_where_there_is_no_office(ready: Workspace, temporary: Path) -> None:
    """Such as the key and the backup that a lost office is made anew with."""
    child = os.fork()
    if child == 0:
        held = Upload()
        held.receive("key.txt", b"AGE-SECRET-KEY-1")
        os._exit(0)  # as a kernel that is killed
    os.waitpid(child, 0)
    assert [path.read_bytes() for path in temporary.glob("*/key.txt")] == [b"AGE-SECRET-KEY-1"]
    ready.ok("verify", ready.backup(7, "--plain"), office=ready.folder / "nowhere")
    assert list(temporary.iterdir()) == []


NEXT = {
    "verify with an office": ("verify", "BACKUP"),
    "inspect": ("inspect", "BACKUP"),
    "verify of what is no backup": ("verify", "own.lic"),
}


@pytest.mark.parametrize("name", NEXT)
@pytest.mark.parametrize("point", ["before-work-folder", "after-work-folder", "before-clear-work-folder", "after-clear-work-folder"])
def test_any_next_run_clears_it_wherever_it_was_killed(ready: Workspace, temporary: Path, point: str, name: str) -> None:
    backup = ready.backup(7, "--plain")
    assert run_forked(ready.arguments("verify", backup, office=ready.folder / "nowhere"), f"kill:{point}:1").code == -9
    assert list(temporary.iterdir()) != []
    words = [backup if word == "BACKUP" else ready.folder / word if word.endswith(".lic") else word for word in NEXT[name]]
    ready.run(*words)
    ready.ok("verify", backup)
    assert list(temporary.iterdir()) == []


def test_what_a_killed_restore_of_an_office_left_is_cleared(ready: Workspace, temporary: Path) -> None:
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    register = ready.backup("--register", "--recipient", recipient)
    words = ready.arguments("restore", register, "--identity", ready.folder / "key.txt", office=ready.folder / "anew")
    assert run_forked(words, "kill:before-clear-work-folder:1").code == -9
    assert len(list(temporary.glob("*/image.sqlite"))) == 1
    ready.ok("restore", register, "--identity", ready.folder / "key.txt", "--confirm", office=ready.folder / "anew")
    assert list(temporary.iterdir()) == []


def test_what_is_in_use_or_somebody_elses_stays(ready: Workspace, temporary: Path) -> None:
    backup = ready.backup(7, "--plain")
    used = temporary / f"accountools-{'0' * 16}"
    others = [temporary / "accountools-notes", temporary / f"other-{'1' * 16}"]
    target = ready.folder / "kept.txt"
    target.write_text("kept")
    (temporary / f"accountools-{'2' * 16}.lock").symlink_to(target)
    for folder in (used, *others):
        folder.mkdir()
        (folder / "image.sqlite").write_text("x")
    for folder in others:
        folder.with_name(f"{folder.name}.lock").touch()
    with FileLock(f"{used}.lock"):
        ready.ok("verify", backup, office=ready.folder / "nowhere")
        assert all((folder / "image.sqlite").exists() for folder in (used, *others))
        assert target.read_text() == "kept"
    ready.ok("verify", backup, office=ready.folder / "nowhere")
    assert not used.exists()
