"""`repair` removes nothing that isn't the program's, and forgets nothing that it can't see just now."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from accountools.forms.kit.upload import Upload
from accountools.office import Office
from accountools.operations.backups import records
from accountools.operations.maintenance.move import plan_move
from tests.crash_checks import run_forked
from tests.engines import run_sql, server
from tests.workspace import Workspace

OTHERS = (".film.party", ".x.part", ".x.part-wal", ".0123456789abcdef.party", ".0123456789ABCDEF.part", "notes.kept", "00007.db.12.kept")
OURS = (".0123456789abcdef.part", ".0123456789abcdef.part-wal", ".0123456789abcdef.part-shm", ".fedcba9876543210.part-journal")


def paths_in(document: Any) -> set[Path]:
    return {Path(one["path"]) for one in document["found"]}


@pytest.mark.parametrize("folder", [".", "backups", "administrations"])
def test_only_what_has_a_name_of_ours_is_a_leftover(ready: Workspace, folder: str) -> None:
    """In the office's folder, and wherever else temporary files are."""
    place = ready.office / folder
    place.mkdir(exist_ok=True)
    for name in (*OTHERS, *OURS):
        (place / name).write_bytes(b"x")
    (place / ".00000000000000aa.part").mkdir()
    assert paths_in(ready.ok("repair")) == {place / name for name in OURS}
    assert all((place / name).is_file() for name in OTHERS)
    assert (place / ".00000000000000aa.part").is_dir()
    assert ready.ok("repair")["found"] == []


def test_books_that_were_replaced_are_removed_still(ready: Workspace) -> None:
    kept = ready.office / "administrations" / "00007.db.0123abcd.kept"
    kept.write_bytes(b"x")
    assert paths_in(ready.ok("repair")) == {kept}


@pytest.mark.parametrize("inside", [False, True])
def test_a_work_folder_that_is_a_link_is_not_cleared(ready: Workspace, inside: bool) -> None:
    """Others may use the folder too."""
    work, there = ready.office / "work", (ready.office if inside else ready.folder) / "shared"
    there.mkdir()
    (there / "thesis.txt").write_text("x")
    (there / "photos").mkdir()
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    work.symlink_to(there)
    assert ready.ok("repair")["found"] == []
    assert sorted(path.name for path in there.iterdir()) == ["photos", "thesis.txt"]
    assert ready.backup()
    assert ready.ok("repair")["found"] == []


@pytest.mark.both_engines
@pytest.mark.parametrize("target", ["folder", "file", "gone"])
def test_of_a_link_in_the_work_folder_the_link_goes(ready: Workspace, target: str) -> None:
    there = ready.folder / "there"
    if target == "folder":
        there.mkdir()
        (there / "thesis.txt").write_text("x")
    elif target == "file":
        there.write_text("x")
    link = ready.office / "work" / "link"
    link.symlink_to(there)
    assert [(Path(one["path"]), one["what"], one["done"]) for one in ready.ok("repair")["found"]] == [(link, "work-file", "removed")]
    assert ready.ok("repair")["found"] == []
    assert there.exists() is (target != "gone")
    assert not there.is_dir() or (there / "thesis.txt").is_file()


def test_a_folder_in_the_work_folder_goes_with_all_in_it(ready: Workspace) -> None:
    there = ready.folder / "there"
    there.mkdir()
    (there / "thesis.txt").write_text("x")
    left = ready.office / "work" / "0123456789abcdef"
    (left / "deeper").mkdir(parents=True)
    (left / "link").symlink_to(there)
    (found,) = ready.ok("repair")["found"]
    assert (Path(found["path"]), found["what"]) == (left, "work-folder")
    assert not left.exists()
    assert (there / "thesis.txt").is_file()


# --- a folder that isn't there just now ---


def interrupted(desk: Workspace, failpoint: str, *words: object) -> None:
    """The command, killed at a failpoint."""
    if desk.on_server:
        server().close_connections()  # the forked process would use this one's connections
    assert run_forked(desk.arguments(*words, "--confirm"), f"kill:{failpoint}:1").code == -9


def backups_in(document: Any) -> list[str]:
    """What was done about the unfinished backups that `repair` found."""
    return [one["done"] for one in document["found"] if one["what"] == "unfinished-backup"]


def states(desk: Workspace, office: Path | None = None) -> list[str]:
    return [state for (state,) in run_sql(office or desk.office, "SELECT state FROM backups ORDER BY id")]


def stick(desk: Workspace) -> Path:
    folder = desk.folder / "stick"
    folder.mkdir()
    return folder


def pull_out(folder: Path) -> Path:
    return folder.rename(folder.with_name("pulled-out"))


@pytest.mark.both_engines
def test_a_whole_backup_on_a_stick_that_is_pulled_out_is_not_forgotten(ready: Workspace) -> None:
    """It is committed at the first opening that finds it."""
    folder = stick(ready)
    interrupted(ready, "after-link", "backup", 7, "--to", folder)
    elsewhere = pull_out(folder)
    for _ in range(2):
        assert backups_in(ready.ok("repair")) == []
        assert states(ready) == ["sealed"]
    assert "interrupted" not in ready.run("audit").err  # there is nothing to clean up
    elsewhere.rename(folder)
    (listed,) = ready.ok("backups", "list")["backups"]
    assert (Path(listed["path"]).parent, listed["present"]) == (folder, True)
    assert ready.ok("journal", "verify")["ok"]
    assert ready.ok("repair")["found"] == []
    assert sorted(path.suffix for path in folder.iterdir()) == [".acb"]


@pytest.mark.both_engines
@pytest.mark.parametrize("failpoint", ["after-write-backup", "before-link"])
def test_half_a_backup_on_a_stick_is_removed_once_it_is_in_again(ready: Workspace, failpoint: str) -> None:
    folder = stick(ready)
    interrupted(ready, failpoint, "backup", 7, "--to", folder)
    elsewhere = pull_out(folder)
    assert backups_in(ready.ok("repair")) == []
    elsewhere.rename(folder)
    assert "interrupted" in ready.run("audit").err
    assert backups_in(ready.ok("repair")) == ["removed"]
    assert (states(ready), list(folder.iterdir())) == ([], [])


@pytest.mark.both_engines
def test_a_move_takes_along_what_is_known_of_a_stick_that_is_pulled_out(ready: Workspace) -> None:
    folder, there = stick(ready), ready.folder / "new"
    interrupted(ready, "after-link", "backup", 7, "--to", folder)
    elsewhere = pull_out(folder)
    ready.ok("office", "move", "--to", ready.place(there), "--confirm")
    elsewhere.rename(folder)
    (listed,) = ready.ok("backups", "list", office=there)["backups"]
    assert (Path(listed["path"]).parent, listed["present"]) == (folder, True)
    assert ready.ok("backups", "check", office=there)["ok"]
    assert ready.ok("backups", "list")["backups"] == []  # the old place can be read still, and records nothing more
    assert ready.ok("journal", "verify")["ok"]


def test_who_resumes_a_batch_without_the_stick_forgets_nothing_of_what_is_on_it(ready: Workspace) -> None:
    folder = stick(ready)
    interrupted(ready, "after-link", "backup", "--all-ready", "--to", folder)
    elsewhere = pull_out(folder)
    ready.ok("backup", "--all-ready", "--resume", "--confirm")  # on most systems the folder can be made, without the stick
    assert states(ready) == ["sealed", "made"]
    folder.rename(ready.folder / "made-meanwhile")
    elsewhere.rename(folder)
    assert len(ready.ok("backups", "list")["backups"]) == 2
    assert states(ready) == ["made", "made"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_on_a_server_nobody_forgets_what_lies_in_a_folder_of_another_machine(ready: Workspace) -> None:
    interrupted(ready, "after-link", "backup", 7)
    url = str(ready.place(ready.office)).partition("folder=")[0]
    elsewhere = pull_out(ready.office)  # as seen from a machine that has no such folder
    assert ready.ok("repair", "--office", f"{url}folder={ready.folder / 'other-machine'}")["found"] == []
    assert states(ready) == ["sealed"]
    elsewhere.rename(ready.office)
    assert len(ready.ok("backups", "list")["backups"]) == 1


def test_a_file_that_lies_uploaded_on_a_screen_keeps_nobody_waiting_and_stays(ready: Workspace) -> None:
    office, work = Office.open(ready.office), ready.office / "work"
    upload = Upload(office)
    path = upload.receive("client.acb", b"x" * 4096)
    interrupted(ready, "after-link", "backup", 7)
    assert "office-busy" not in {one.code for one in plan_move(office, ready.folder / "new").obstacles}
    assert "interrupted" not in ready.run("audit").err
    assert states(ready) == ["made"]
    left = work / "upload-0123456789abcdef"  # by a screen that was killed
    left.mkdir()
    left.with_suffix(".lock").touch()
    assert paths_in(ready.ok("repair")) >= {left, left.with_suffix(".lock")}
    assert path.read_bytes() == b"x" * 4096
    assert {one.name for one in work.iterdir()} == {path.parent.name, f"{path.parent.name}.lock"}
    upload.drop()
    assert list(work.iterdir()) == []


# --- a folder that can't be synced ---


def refuse_sync(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    """Let the system refuse to sync a folder."""
    sync = os.fsync

    def sync_other(handle: int) -> None:
        if os.path.samestat(os.fstat(handle), folder.stat()):
            raise OSError(number, os.strerror(number))
        sync(handle)

    monkeypatch.setattr(os, "fsync", sync_other)


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES])
def test_a_folder_that_can_not_be_synced_keeps_no_office_from_opening(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """A backup there is committed once it can be."""
    folder = stick(ready)
    with monkeypatch.context() as refusing:
        refuse_sync(refusing, folder, error)
        assert ready.run("backup", 7, "--confirm", "--to", folder).code == 4
        assert len(list(folder.glob("*.acb"))) == 1
        ready.ok("audit")
        ready.ok("repair")
        ready.ok("backup", 7, "--confirm")
        assert states(ready) == ["sealed", "made"]
    assert len(ready.ok("backups", "list")["backups"]) == 2
    assert states(ready) == ["made", "made"]
    assert ready.ok("journal", "verify")["ok"]


def test_half_a_backup_that_can_not_be_removed_keeps_repair_from_nothing_else(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stick(ready)
    interrupted(ready, "before-link", "backup", 7, "--to", folder)
    (part,) = folder.iterdir()
    interrupted(ready, "before-link", "backup", 7)
    unlink = Path.unlink

    def unlink_other(path: Path, *given: Any, **named: Any) -> None:
        if path == part:
            raise PermissionError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        unlink(path, *given, **named)

    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "unlink", unlink_other)
        assert sorted(backups_in(ready.ok("repair"))) == ["kept", "removed"]
        assert states(ready) == ["begun"] or states(ready) == ["sealed"]
        assert part.exists()
    assert backups_in(ready.ok("repair")) == ["removed"]
    assert (states(ready), list(folder.iterdir())) == ([], [])


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_on_a_file_system_that_can_not_sync_folders_backups_are_made(ready: Workspace, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    folder = stick(ready)
    refuse_sync(monkeypatch, folder, error)
    assert ready.backup(7, "--to", folder).parent == folder


@pytest.mark.parametrize("failpoint", ["before-link", "after-link"])
def test_what_a_lost_worker_left_is_found_as_long_as_the_backup_has_no_name(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, failpoint: str
) -> None:
    """The job that was done again took the second temporary name."""
    add = records.add_pending

    def half_done(*given: Any) -> Any:
        pending = add(*given)
        pending[0].part.write_bytes(b"half")
        return pending

    monkeypatch.setattr(records, "add_pending", half_done)
    interrupted(ready, failpoint, "backup", 7)
    ready.ok("audit")
    ready.ok("repair")
    assert [path.suffix for path in (ready.office / "backups").iterdir()] == ([".acb"] if failpoint == "after-link" else [])
