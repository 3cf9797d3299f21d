"""`repair` removes nothing that isn't the program's, and forgets nothing that it can't see just now."""

import os
from pathlib import Path

import pytest

from tests.workspace import Workspace

OTHERS = (".film.party", ".x.part", ".x.part-wal", ".0123456789abcdef.party", ".0123456789ABCDEF.part", "notes.kept", "00007.db.12.kept")
OURS = (".0123456789abcdef.part", ".0123456789abcdef.part-wal", ".0123456789abcdef.part-shm", ".fedcba9876543210.part-journal")


def paths_in(document: object) -> set[Path]:
    return {Path(one["path"]) for one in document["found"]}  # type: ignore[index]


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
    assert sorted(os.listdir(there)) == ["photos", "thesis.txt"]
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
