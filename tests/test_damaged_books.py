"""What is wrong with one administration's books, or with one backup's file, concerns that one: all others are made, read and listed."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools.domain.errors import MachineFailed
from accountools.operations.backups import make_backups
from accountools.storage.image import write as write_image
from tests.engines import run_sql
from tests.test_backup_file import with_contents
from tests.test_handover import image_of, manifest_of, query, second_client
from tests.test_restore import damage_a_page
from tests.workspace import Workspace

pytestmark = pytest.mark.both_engines
ALL = (7, 8, 9)
Fault = Callable[[Workspace, int], None]


@pytest.mark.parametrize("kvk", ["\x00", "1\x002", "\ud800", "'"], ids=["zero byte", "zero byte within", "half of a pair", "quote"])
def test_whatever_a_manifest_says_of_the_client_all_files_are_inspected(ready: Workspace, kvk: str) -> None:
    good, image, folder = ready.backup(), ready.folder / "image.sqlite", ready.folder / "received"
    folder.mkdir()
    image.write_bytes(image_of(good))
    with_contents(folder, image, manifest_of(good)["contents"] | {"client": {"kvk": kvk}}, "a.acb")
    (folder / "b.acb").write_bytes(good.read_bytes())
    answer = ready.run("inspect", folder)
    assert answer.code == 1
    assert [(Path(one["path"]).name, bool(one["findings"])) for one in answer.json["files"]] == [("a.acb", True), ("b.acb", False)]


@pytest.mark.parametrize("accepted", ["{", "", "5", "null", '"a"', "[1]", pytest.param("[" * 60_000, id="deep")])
def test_an_import_whose_codes_can_not_be_read_is_damage_to_the_office(ready: Workspace, accepted: str) -> None:
    run_sql(ready.office, "UPDATE imports SET accepted = ?", accepted)
    assert ready.refused("audit", code=4) == "office-damaged"


def books_of(desk: Workspace, number: int) -> Path:
    return desk.office / "administrations" / f"{number:05d}.db"


def refuse(monkeypatch: pytest.MonkeyPatch, path: Path, number: int) -> None:
    """Let the system refuse to open a file, also to root."""
    opened, opened_path = os.open, Path.open

    def refuse_it(asked: Any) -> None:
        if not isinstance(asked, int) and Path(asked) == path:
            raise OSError(number, os.strerror(number), str(asked))

    def open_number(asked: Any, *words: Any, **more: Any) -> int:
        refuse_it(asked)
        return opened(asked, *words, **more)

    def open_file(asked: Path, *words: Any, **more: Any) -> Any:
        refuse_it(asked)
        return opened_path(asked, *words, **more)

    monkeypatch.setattr(os, "open", open_number)
    monkeypatch.setattr(Path, "open", open_file)


@pytest.fixture
def three(ready: Workspace) -> Workspace:
    """007, 008 and 009, ready to hand over."""
    second_client(ready, 8)
    second_client(ready, 9)
    return ready


def lose_a_row(desk: Workspace, number: int) -> None:
    """A row that each books must have."""
    run_sql(desk.office, "DELETE FROM marks", number=number)


def spoil_a_page(desk: Workspace, number: int) -> None:
    damage_a_page(books_of(desk, number))


def spoil_all_but_the_head(desk: Workspace, number: int) -> None:
    path = books_of(desk, number)
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 20_000)


def link_in_a_circle(desk: Workspace, number: int) -> None:
    """What nobody can open, not even root."""
    path = books_of(desk, number)
    path.unlink()
    path.symlink_to(path.name)


def made(desk: Workspace, *words: object) -> tuple[int, list[int], dict[int, list[str]]]:
    """Make backups: the exit code, which were made, and which weren't and why."""
    answer = desk.run("backup", *words, "--confirm")
    refused = {one["administration"]: [each["code"] for each in one["obstacles"]] for one in answer.json["refused"]}
    return answer.code, [one["administration"] for one in answer.json["backups"]], refused


def check_others_are_made(desk: Workspace, number: int, fault: Fault) -> None:
    """The damaged one is first, in the middle or last."""
    fault(desk, number)
    others = [one for one in ALL if one != number]
    assert made(desk, *ALL) == (3, others, {number: ["office-damaged"]})
    assert query(desk.office, "SELECT administration FROM backups ORDER BY administration") == [(one,) for one in others]
    assert list((desk.office / "work").iterdir()) == []
    assert not list((desk.office / "backups").glob(".*"))
    assert made(desk, number, "--purpose", "safekeeping") == (3, [], {number: ["office-damaged"]})
    message = desk.run("backup", number, "--confirm", "--lang", "nl").json["error"]
    assert f"administratie {number:03d} " in message["message"]
    assert "bureau" not in message["message"]


@pytest.mark.campaign(3)
@pytest.mark.parametrize("number", ALL)
def test_books_in_which_a_row_is_missing_stop_no_other_backup(three: Workspace, number: int) -> None:
    check_others_are_made(three, number, lose_a_row)


@pytest.mark.files_only
@pytest.mark.campaign(3)
@pytest.mark.parametrize("number", ALL)
@pytest.mark.parametrize("fault", [spoil_a_page, spoil_all_but_the_head, link_in_a_circle])
def test_damaged_books_stop_no_other_backup(three: Workspace, number: int, fault: Fault) -> None:
    check_others_are_made(three, number, fault)


@pytest.mark.campaign(3)
@pytest.mark.parametrize("number", ALL)
def test_a_batch_is_made_but_for_the_damaged_one_and_isnt_left_to_be_resumed(three: Workspace, number: int) -> None:
    lose_a_row(three, number)
    others = [one for one in ALL if one != number]
    assert made(three, "--all-ready") == (3, others, {number: ["office-damaged"]})
    assert made(three, "--all-ready", "--resume")[:2] == (0, [])


@pytest.mark.files_only
@pytest.mark.parametrize("number", ALL)
def test_damaged_books_stop_no_other_worker(three: Workspace, number: int) -> None:
    spoil_a_page(three, number)
    assert made(three, *ALL, "--workers", 2) == (3, [one for one in ALL if one != number], {number: ["office-damaged"]})


@pytest.mark.files_only
@pytest.mark.campaign(3)
@pytest.mark.parametrize("number", ALL)
@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO, None])
def test_books_that_cannot_be_opened_are_a_row_with_its_obstacle(
    three: Workspace, monkeypatch: pytest.MonkeyPatch, number: int, error: int | None
) -> None:
    others = [one for one in ALL if one != number]
    if error is None:
        link_in_a_circle(three, number)
    else:
        refuse(monkeypatch, books_of(three, number), error)
    rows = three.ok("audit")["rows"]
    assert {one["number"]: (one["state"], [each["code"] for each in one["obstacles"]]) for one in rows} == {
        number: ("blocked", ["office-damaged"])
    } | {one: ("ready", []) for one in others}
    assert made(three, "--all-ready") == (0, others, {})
    assert made(three, number) == (3, [], {number: ["office-damaged"]})
    assert three.refused("administration", "show", number, code=4) == "office-damaged"
    found = three.run("journal", "verify")
    assert (found.code, [one["code"] for one in found.json["findings"]]) == (1, ["office-damaged"])
    assert three.refused("office", "move", "--to", three.folder / "new") == "office-damaged"
    assert three.ok("inbox")["files"] == []


@pytest.mark.files_only
def test_books_that_cannot_be_read_to_their_end_stop_no_other(three: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk gives their head and not the rest: SQLite says so as of any disk, and whose fault it is shows when they are read again."""
    real, bad = write_image.write_administration, books_of(three, 8)

    def fail_at_one(books: Path, *words: Any) -> Any:
        if books == bad:
            refuse(monkeypatch, bad, errno.EIO)
            raise MachineFailed("machine-failed", what="disk I/O error (SQLITE_IOERR_READ)")
        return real(books, *words)

    monkeypatch.setattr(write_image, "write_administration", fail_at_one)
    assert made(three, *ALL) == (3, [7, 9], {8: ["office-damaged"]})


@pytest.mark.files_only
@pytest.mark.campaign(3)
@pytest.mark.parametrize("number", ALL)
@pytest.mark.parametrize("fault", [spoil_a_page, link_in_a_circle])
def test_many_are_restored_whatever_is_wrong_with_the_books_that_one_of_them_replaces(three: Workspace, number: int, fault: Fault) -> None:
    three.ok("backup", *ALL, "--purpose", "safekeeping", "--plain", "--confirm", "--to", three.folder / "safe")
    fault(three, number)
    refused = three.run("restore", "--from", three.folder / "safe", "--confirm")
    assert [[each["code"] for each in one["obstacles"]] for one in refused.json["restores"]] == [["number-taken"]] * 3
    restores = three.ok("restore", "--from", three.folder / "safe", "--replace", "--confirm")["restores"]
    assert sorted((one["administration"], one["restored"]) for one in restores) == [(one, True) for one in ALL]
    assert [one["state"] for one in three.ok("audit")["rows"]] == ["ready"] * 3
    assert [one["done"] for one in three.ok("repair")["found"]] == ["kept"]


def test_a_register_that_is_damaged_concerns_all(three: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    real = make_backups.write_one

    def damage_at_the_second(office: Any, job: Any, *words: Any) -> Any:
        if job.extract.number == 8:
            run_sql(three.office, "ALTER TABLE backups RENAME TO lost")
        return real(office, job, *words)

    monkeypatch.setattr(make_backups, "write_one", damage_at_the_second)
    answer = three.run("backup", *ALL, "--confirm")
    assert (answer.code, answer.error) == (4, "office-damaged")
    assert "administration" not in answer.json["error"]["message"]
    (made,) = answer.json["backups"]  # of the group before, whose events were recorded
    assert (made["administration"], Path(made["path"]).exists()) == (7, True)
    run_sql(three.office, "ALTER TABLE lost RENAME TO backups")
    assert [one["administration"] for one in three.ok("backups", "list")["backups"]] == [7]


# --- one backup's file ---


@pytest.mark.files_only
@pytest.mark.campaign(3)
@pytest.mark.parametrize("number", ALL)
@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO])
def test_a_backup_that_cannot_be_read_stops_no_other(three: Workspace, monkeypatch: pytest.MonkeyPatch, number: int, error: int) -> None:
    code = {errno.EACCES: "not-permitted", errno.EIO: "machine-failed"}[error]
    made_now = three.ok("backup", *ALL, "--purpose", "safekeeping", "--plain", "--confirm")["backups"]
    paths = {one["administration"]: Path(one["path"]) for one in made_now}
    refuse(monkeypatch, paths[number], error)
    restores = three.run("restore", "--from", three.office / "backups", "--replace").json["restores"]
    assert {Path(one["path"]): [each["code"] for each in one["obstacles"]] for one in restores} == {
        path: [code] if one == number else [] for one, path in paths.items()
    }
    answer = three.run("rehearse", *paths.values())
    assert answer.code == 4
    assert {Path(one["path"]): [each["code"] for each in one["findings"]] for one in answer.json["rehearsals"]} == {
        path: [code] if one == number else [] for one, path in paths.items()
    }
    assert three.ok("journal", "verify")["ok"]
    inspected = three.run("inspect", three.office / "backups").json["files"]
    assert [bool(one["findings"]) for one in inspected] == [one == number for one in ALL]
