"""An office's folder that is moved or copied works on its own files, never on those of where it came from (INTERFACE, *Paths*)."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from accountools import failpoints
from tests.engines import run_sql
from tests.test_retention import NEW, OLD, PRUNE, save
from tests.workspace import Workspace

RESUME = ("backup", "--all-ready", "--resume")


def copied(desk: Workspace) -> Path:
    return Path(shutil.copytree(desk.office, desk.folder / "copy"))


def moved(desk: Workspace) -> Path:
    return desk.office.rename(desk.folder / "moved")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and "-shm" not in path.name}


def killed(desk: Workspace, failpoint: str, *words: object) -> None:
    desk.environment = {"ACCOUNTOOLS_FAILPOINT": failpoint}
    assert desk.run_process(*words).code == -9
    desk.environment = {}


def paths_in(document: Any) -> list[Path]:
    return [Path(one["path"]) for one in document]


@pytest.mark.parametrize("go", [copied, moved])
def test_it_lists_and_checks_its_own_backups(ready: Workspace, go: Callable[[Workspace], Path]) -> None:
    name = save(ready, NEW).name
    there = go(ready)
    shutil.rmtree(ready.office, ignore_errors=True)
    assert [(one["path"], one["present"]) for one in ready.ok("backups", "list", office=there)["backups"]] == [
        (str(there / "backups" / name), True)
    ]
    assert ready.ok("backups", "check", office=there)["ok"]
    assert ready.ok("dossier", 7, "--out", ready.folder / "dossier.html", office=there)


@pytest.mark.parametrize("to", [None, "backups", "own/deeper", "../office/backups"])
def test_a_copy_prunes_its_own_backups_only(ready: Workspace, to: str | None) -> None:
    """However the folder in the office was named."""
    folder = ready.office / (to or "backups")
    folder.mkdir(parents=True, exist_ok=True)
    words = () if to is None else ("--to", folder)
    old, last = save(ready, OLD, *words), save(ready, NEW, *words)
    there, before = copied(ready), contents(ready.office)
    own = there / old.resolve().relative_to(ready.office)
    assert paths_in(ready.ok(*PRUNE, "--confirm", office=there)["backups"]) == [own]
    assert (own.exists(), old.exists(), last.exists()) == (False, True, True)
    assert contents(ready.office) == before


def test_a_copy_without_its_backups_prunes_nothing_of_the_original(ready: Workspace) -> None:
    save(ready, OLD), save(ready, NEW)
    there, before = copied(ready), contents(ready.office)
    shutil.rmtree(there / "backups")
    assert ready.ok(*PRUNE, "--confirm", office=there)["backups"] == []
    assert contents(ready.office) == before


def test_an_office_named_through_a_link_knows_its_backups_by_their_own_place(ready: Workspace) -> None:
    link = ready.folder / "link"
    link.symlink_to(ready.office)
    path = Path(
        ready.ok("backup", 7, "--to", ready.office / "backups", "--purpose", "safekeeping", "--confirm", office=link)["backups"][0]["path"]
    )
    link.unlink()
    there = moved(ready)
    assert paths_in(ready.ok("backups", "list", office=there)["backups"]) == [there / "backups" / path.name]


@pytest.mark.parametrize("failpoint", ["before-link", "before-make-image", "after-link"])
def test_a_copy_repairs_what_an_interruption_left_in_its_own_folder(ready: Workspace, failpoint: str) -> None:
    killed(ready, f"kill:{failpoint}:1", "backup", 7, "--plain", "--confirm")
    there, before = copied(ready), contents(ready.office)
    found = ready.ok("repair", office=there)["found"]
    assert all(Path(one["path"]).is_relative_to(there) for one in found)
    assert contents(ready.office) == before
    ready.ok("repair")
    assert ready.ok("backups", "check")["ok"]
    assert ready.ok("backups", "check", office=there)["ok"]
    for office in (ready.office, there):
        assert list(office.rglob("*.part")) == []


def test_a_copy_resumes_in_its_own_folder(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    killed(ready, "kill:before-link:2", "backup", "--all-ready", "--plain", "--confirm")
    there, before = copied(ready), contents(ready.office)
    assert ready.ok(*RESUME, office=there)["folder"] == str(there / "backups")
    made = paths_in(ready.ok(*RESUME, "--confirm", office=there)["backups"])
    assert [path.parent for path in made] == [there / "backups"]
    assert contents(ready.office) == before
    assert [path.parent for path in paths_in(ready.ok(*RESUME, "--confirm")["backups"])] == [ready.office / "backups"]


def test_a_moved_office_resumes_and_the_folder_it_left_is_not_made_again(ready: Workspace) -> None:
    killed(ready, "kill:before-make-image:1", "backup", "--all-ready", "--plain", "--confirm")
    there = moved(ready)
    assert [path.parent for path in paths_in(ready.ok(*RESUME, "--confirm", office=there)["backups"])] == [there / "backups"]
    assert not ready.office.exists()


def test_a_copy_finishes_only_its_own_interrupted_pruning(ready: Workspace) -> None:
    old, _ = save(ready, OLD), save(ready, NEW)
    killed(ready, "kill:after-commit-register:1", *PRUNE, "--confirm")
    there = copied(ready)
    own = there / "backups" / old.name
    own.unlink()
    assert own not in paths_in(ready.ok("backups", "list", office=there)["backups"])
    assert old.is_file()
    assert old in paths_in(ready.ok("backups", "list")["backups"])


def test_an_office_made_anew_from_its_register_never_prunes_in_the_folder_of_the_original(ready: Workspace) -> None:
    save(ready, OLD), save(ready, NEW)
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    (backup,) = paths_in(ready.ok("backup", "--register", "--recipient", recipient, "--to", ready.folder / "out", "--confirm")["backups"])
    anew, before = ready.folder / "anew", contents(ready.office)
    ready.ok("restore", backup, "--identity", ready.folder / "key.txt", "--confirm", office=anew)
    assert ready.ok(*PRUNE, "--confirm", office=anew)["backups"] == []
    ready.ok("repair", office=anew)
    assert contents(ready.office) == before


@pytest.mark.parametrize("state", ["made", "pruned"])
def test_backups_in_another_office_are_not_touched_though_an_older_register_names_them_by_their_whole_path(
    ready: Workspace, state: str
) -> None:
    """As registers did before paths were relative."""
    old, _ = save(ready, OLD), save(ready, NEW)
    there = copied(ready)
    shutil.rmtree(there / "backups")
    with closing(sqlite3.connect(there / "register.db", isolation_level=None)) as register:
        register.execute("UPDATE backups SET path = ? || path WHERE path NOT LIKE '/%'", (f"{ready.office}/",))
        register.execute("UPDATE backups SET state = ? WHERE id = 1", (state,))
    before = contents(ready.office)
    assert ready.ok(*PRUNE, "--confirm", office=there)["backups"] == []
    ready.ok("repair", office=there)
    assert contents(ready.office) == before
    assert old.is_file()


# --- backups outside the office's folder ---


def nas(desk: Workspace) -> Path:
    folder = desk.folder / "nas"
    folder.mkdir(exist_ok=True)
    return folder


def test_a_copy_prunes_outside_its_folder_only_what_it_made_itself(ready: Workspace) -> None:
    to = ("--to", nas(ready))
    old = [save(ready, OLD, *to), save(ready, "2016-01-01", *to)]
    there = copied(ready)
    own = [save(ready, day, *to, office=there) for day in ("2017-01-01", NEW)]
    planned, answer = ready.ok(*PRUNE, office=there), ready.ok(*PRUNE, "--confirm", office=there)
    for document in (planned, answer):
        assert paths_in(document["backups"]) == own[:1]
        assert [(Path(one["path"]), [each["code"] for each in one["findings"]]) for one in document["skipped"]] == [
            (path, ["made-elsewhere"]) for path in old
        ]
    assert [path.is_file() for path in (*old, *own)] == [True, True, False, True]
    assert paths_in(ready.ok(*PRUNE, "--confirm")["backups"]) == old[:1]  # the original goes on, with its last good one kept


@pytest.mark.parametrize("to", ["nas", "link"])
def test_the_only_backup_of_the_original_survives_what_its_copy_prunes(ready: Workspace, to: str) -> None:
    """Also where a folder in the office is a link out of it, that the copy has too."""
    folder = nas(ready)
    if to == "link":
        (ready.office / "backups").rmdir()
        (ready.office / "backups").symlink_to(folder)
    words = () if to == "link" else ("--to", folder)
    old = save(ready, OLD, *words)
    there = Path(shutil.copytree(ready.office, ready.folder / "copy", symlinks=True))
    save(ready, NEW, *words, office=there)
    assert ready.ok("backups", "prune", "--keep-years", 1, "--confirm", office=there)["backups"] == []
    assert old.is_file()


def test_an_office_that_was_moved_prunes_outside_what_it_made_since_and_names_the_rest(ready: Workspace) -> None:
    to = ("--to", nas(ready))
    old = save(ready, OLD, *to)
    there = moved(ready)
    later = [save(ready, day, *to, office=there) for day in ("2016-01-01", NEW)]
    answer = ready.ok(*PRUNE, "--confirm", office=there)
    assert paths_in(answer["backups"]) == later[:1]
    assert [(Path(one["path"]), one["findings"][0]["code"]) for one in answer["skipped"]] == [(old, "made-elsewhere")]
    assert old.is_file()


@pytest.mark.parametrize("failpoint", ["kill:after-write-backup:1", "kill:before-link:1"])
@pytest.mark.parametrize("link", [False, True])
def test_a_copy_removes_nothing_that_the_original_is_writing_outside(ready: Workspace, failpoint: str, link: bool) -> None:
    folder = nas(ready)
    if link:
        (ready.office / "backups").rmdir()
        (ready.office / "backups").symlink_to(folder)
    killed(ready, failpoint, "backup", "--all-ready", "--confirm", *(() if link else ("--to", folder)))
    there = Path(shutil.copytree(ready.office, ready.folder / "copy", symlinks=True))
    before = contents(folder)
    assert len(before) == 1
    for _ in range(2):
        assert unfinished(ready.ok("repair", office=there)) == ["kept"]
    assert contents(folder) == before
    assert unfinished(ready.ok("repair")) == ["removed"]
    assert contents(folder) == {}
    assert unfinished(ready.ok("repair", office=there)) == []
    assert run_sql(there, "SELECT count(*) FROM backups") == [(0,)]


def unfinished(repaired: Any) -> list[str]:
    return [one["done"] for one in repaired["found"] if one["what"] == "unfinished-backup"]


def test_an_office_that_was_moved_by_hand_names_what_it_left_outside(ready: Workspace) -> None:
    """Whether it was moved or copied isn't known, so nothing is removed; but nothing stays without a word either."""
    folder = nas(ready)
    killed(ready, "kill:after-write-backup:1", "backup", 7, "--confirm", "--to", folder)
    there, before = moved(ready), contents(folder)
    for _ in range(2):
        answer = ready.run("repair", office=there)
        assert [(one["path"], one["what"], one["done"]) for one in answer.json["found"] if one["done"] == "kept"] == [
            (str(folder / name), "unfinished-backup", "kept") for name in before
        ]
        assert "interrupted" not in answer.err  # there is nothing to clean up
    assert contents(folder) == before
    assert len(before) == 1


def test_what_could_not_be_pruned_outside_is_pruned_the_next_time(ready: Workspace) -> None:
    to = ("--to", nas(ready))
    old, _ = save(ready, OLD, *to), save(ready, NEW, *to)
    failpoints.arm("EACCES:before-remove:1")
    try:
        assert ready.run(*PRUNE, "--confirm").code == 4
    finally:
        failpoints.arm("")
    assert paths_in(ready.ok(*PRUNE, "--confirm")["backups"]) == [old]
