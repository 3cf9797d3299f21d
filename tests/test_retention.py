"""Pruning: only backups that are there and are what was made count, only such are removed, and a last good one always stays."""

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accountools import failpoints
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import backups
from tests.crash_checks import run_forked
from tests.engines import server
from tests.test_damaged_books import refuse
from tests.workspace import CommandResult, Workspace

PRUNE = ("backups", "prune", "--keep-years", 7)
OLD, NEWER, NEW = "2015-01-01", "2016-01-01", "2026-11-24"


def save(desk: Workspace, day: str, *words: object, number: int = 7, office: Path | None = None) -> Path:
    """Make a safekeeping backup on that day."""
    made = ("backup", number, "--purpose", "safekeeping", "--plain", "--confirm", *words)
    return Path(desk.ok(*made, today=day, office=office)["backups"][0]["path"])


def paths_in(document: Any, key: str = "backups") -> list[Path]:
    return [Path(one["path"]) for one in document[key]]


def listed(desk: Workspace) -> list[Path]:
    return paths_in(desk.ok("backups", "list"))


def lose(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def unplug(path: Path) -> None:
    """The stick isn't in."""
    path.parent.rename(path.parent.with_name("elsewhere"))


@pytest.mark.parametrize("fault", [lose, empty, change, unplug])
def test_the_only_good_backup_stays_when_the_last_one_is_not_good(ready: Workspace, fault: Callable[[Path], None]) -> None:
    good, last = save(ready, OLD), save(ready, NEW, "--to", ready.folder / "stick")
    fault(last)
    answer = ready.ok(*PRUNE, "--confirm")
    assert answer["backups"] == []
    assert good.is_file()
    assert listed(ready) == [good, last]


def test_of_several_old_ones_the_newest_good_one_stays(ready: Workspace) -> None:
    oldest, good, damaged = save(ready, OLD), save(ready, NEWER), save(ready, "2016-06-01")
    change(damaged)
    answer = ready.ok(*PRUNE, "--confirm")
    assert paths_in(answer) == [oldest]
    assert not oldest.exists()
    assert listed(ready) == [good, damaged]


def test_a_backup_to_keep_of_another_administration_or_for_another_purpose_is_no_reason_to_remove_one(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    mine, other, handed = save(ready, OLD), save(ready, NEW, number=8), ready.backup()
    assert ready.ok(*PRUNE, "--confirm")["backups"] == []
    assert listed(ready) == [mine, other, handed]


@pytest.mark.parametrize(("fault", "code"), [(lose, "file-not-found"), (empty, "backup-damaged"), (change, "backup-damaged")])
def test_an_old_one_that_is_missing_or_is_another_file_is_reported_and_stays_on_the_list(
    ready: Workspace, fault: Callable[[Path], None], code: str
) -> None:
    old, last = save(ready, OLD), save(ready, NEW)
    fault(old)
    content = old.read_bytes() if old.exists() else None
    for words in ((), ("--confirm",)):
        answer = ready.ok(*PRUNE, *words)
        assert answer["backups"] == []
        assert [[finding["code"] for finding in one["findings"]] for one in answer["skipped"]] == [[code]]
    assert (old.read_bytes() if old.exists() else None) == content
    assert listed(ready) == [old, last]
    assert "backup-pruned" not in [one["what"] for one in ready.ok("journal")["events"]]


CODE = {errno.EACCES: "not-permitted", errno.EIO: "machine-failed"}


@pytest.mark.parametrize("error", CODE)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_that_cannot_be_read_is_a_finding_and_the_others_are_checked(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, at: int, error: int
) -> None:
    paths = [save(ready, day) for day in (OLD, NEWER, NEW)]
    refuse(monkeypatch, paths[at], error)
    answer = ready.run("backups", "check")
    assert (answer.code, answer.json["ok"], paths_in(answer.json)) == (1, False, paths)
    assert [[each["code"] for each in one["findings"]] for one in answer.json["backups"]] == [
        [CODE[error]] if one == at else [] for one in range(3)
    ]
    assert listed(ready) == paths


@pytest.mark.parametrize("error", CODE)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_that_cannot_be_read_stays_and_the_others_are_pruned(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, at: int, error: int
) -> None:
    old, new = [save(ready, day) for day in (OLD, NEWER, "2017-01-01")], save(ready, NEW)
    left = old[at]
    with monkeypatch.context() as refusing:
        refuse(refusing, left, error)
        planned, answer = ready.ok(*PRUNE), ready.ok(*PRUNE, "--confirm")
        assert ready.ok("repair")["found"] == []
    for document in (planned, answer):
        assert paths_in(document) == [one for one in old if one != left]
        assert [(Path(one["path"]), [each["code"] for each in one["findings"]]) for one in document["skipped"]] == [(left, [CODE[error]])]
    assert listed(ready) == [left, new]
    assert left.is_file()


@pytest.mark.parametrize("error", CODE)
def test_one_that_cannot_be_read_is_no_good_backup_for_which_an_old_one_goes(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    old, new = save(ready, OLD), save(ready, NEW)
    refuse(monkeypatch, new, error)
    assert ready.ok(*PRUNE, "--confirm")["backups"] == []
    assert old.is_file()


@pytest.mark.parametrize("error", CODE)
def test_an_office_opens_when_a_backup_that_was_interrupted_cannot_be_read(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    """It is committed as soon as it can be read; until then `repair` doesn't forget it."""
    ready.environment = {"ACCOUNTOOLS_FAILPOINT": "kill:after-link:1"}
    assert ready.run_process("backup", 7, "--confirm").code == -9
    ready.environment = {}
    (path,) = (ready.office / "backups").glob("*.acb")
    with monkeypatch.context() as refusing:
        refuse(refusing, path, error)
        assert listed(ready) == []
        ready.ok("repair")
    assert path.is_file()
    assert listed(ready) == [path]


def test_another_file_under_the_old_name_is_never_removed(ready: Workspace) -> None:
    old, _ = save(ready, OLD), save(ready, NEW)
    old.unlink()
    shutil.copy(ready.backup(), old)
    ready.ok(*PRUNE, "--confirm")
    assert old.is_file()


def prune_while(desk: Workspace, arm: str) -> CommandResult:
    failpoints.arm(arm)
    try:
        return desk.run(*PRUNE, "--confirm")
    finally:
        failpoints.arm("")


@pytest.mark.parametrize(("error", "code"), [("EACCES", "not-permitted"), ("EROFS", "not-permitted"), ("EIO", "machine-failed")])
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_what_could_not_be_removed_is_reported_stays_on_the_list_and_goes_the_next_time(
    ready: Workspace, error: str, code: str, turn: int
) -> None:
    old, last = [save(ready, day) for day in (OLD, NEWER, "2017-01-01")], save(ready, NEW)
    answer = prune_while(ready, f"{error}:before-remove:{turn}")
    left, gone = old[turn - 1], [one for one in old if one != old[turn - 1]]
    assert (answer.code, answer.error) == (4, code)
    assert (answer.json["pruned"], paths_in(answer.json), paths_in(answer.json, "failed")) == (False, gone, [left])
    assert [path.exists() for path in old] == [path == left for path in old]
    assert listed(ready) == [left, last]
    assert [one["what"] for one in ready.ok("journal")["events"]].count("backup-pruned") == 2
    assert ready.ok("backups", "check")["ok"]
    assert paths_in(ready.ok(*PRUNE, "--confirm")) == [left]
    assert listed(ready) == [last]
    assert ready.ok("repair")["found"] == []


def test_a_person_reads_which_could_not_be_removed(ready: Workspace) -> None:
    old, _ = save(ready, OLD), save(ready, NEW)
    failpoints.arm("EACCES:before-remove:1")
    try:
        answer = ready.run(*PRUNE, "--confirm", "--lang", "nl", as_json=False)
    finally:
        failpoints.arm("")
    assert f"Niet verwijderd: {old}" in answer.out


def test_what_was_recorded_by_the_name_it_has_no_more_is_not_taken_for_gone_when_its_stick_is_pulled_out(ready: Workspace) -> None:
    stick = ready.folder / "stick"
    old, last = save(ready, OLD, "--to", stick), save(ready, NEW)
    ready.environment = {"ACCOUNTOOLS_FAILPOINT": "kill:after-commit-register:1"}
    assert ready.run_process(*PRUNE, "--confirm").code == -9
    ready.environment = {}
    stick.rename(ready.folder / "away")
    assert listed(ready) == [old, last]
    (ready.folder / "away").rename(stick)
    assert paths_in(ready.ok(*PRUNE, "--confirm")) == [old]


def test_the_plan_holds_only_for_the_backups_that_it_names(ready: Workspace) -> None:
    old, _, _ = save(ready, OLD), save(ready, NEWER), save(ready, NEW)
    plan = ready.ok(*PRUNE)
    change(old)
    assert ready.refused(*PRUNE, "--plan", plan["plan"], "--confirm") == "changed-meanwhile"
    assert json.dumps(plan["skipped"]) == "[]"


def leftovers(desk: Workspace) -> list[tuple[Path, str, str]]:
    return [(Path(one["path"]), one["what"], one["done"]) for one in desk.ok("repair")["found"]]


def pruned_and_copied_back(desk: Workspace) -> tuple[Path, Path]:
    """The old backup was pruned, and put back under its own name from where it had been copied to."""
    old, new = save(desk, OLD), save(desk, NEW)
    offsite = shutil.copy(old, desk.folder / "offsite.acb")
    assert paths_in(desk.ok(*PRUNE, "--confirm")) == [old]
    shutil.copy(offsite, old)
    return old, new


@pytest.mark.parametrize("fault", [lose, empty, change])
def test_a_pruned_backup_that_came_back_stays_when_no_other_good_one_is_left(ready: Workspace, fault: Callable[[Path], None]) -> None:
    old, new = pruned_and_copied_back(ready)
    content = old.read_bytes()
    fault(new)
    for _ in range(2):
        assert leftovers(ready) == [(old, "pruned-backup", "kept")]
        assert old.read_bytes() == content
    assert ready.ok("verify", old)["ok"]


def test_one_of_another_administration_or_for_another_purpose_is_no_reason_to_remove_it(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    old, new = pruned_and_copied_back(ready)
    lose(new)
    save(ready, NEW, number=8)
    ready.backup()
    assert leftovers(ready) == [(old, "pruned-backup", "kept")]


def test_a_pruned_backup_that_came_back_is_removed_as_long_as_another_good_one_stands(ready: Workspace) -> None:
    old, new = pruned_and_copied_back(ready)
    assert leftovers(ready) == [(old, "pruned-backup", "removed")]
    assert not old.exists()
    assert new.is_file()


def pruned(desk: Workspace) -> int:
    return [one["what"] for one in desk.ok("journal")["events"]].count("backup-pruned")


@dataclass
class Meanwhile:
    """In place of a failpoint: where the command is about to remove a file for the first time, something else is done."""

    act: Callable[[], object]
    done: bool = False

    def reach(self, name: str) -> None:
        if name == "before-remove" and not self.done:
            self.done = True
            self.act()


@pytest.mark.both_engines
@pytest.mark.parametrize("years", [3, 5, 7])
def test_of_two_who_prune_at_once_each_file_that_is_gone_is_recorded_once(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, years: int
) -> None:
    """The other one may remove fewer, the same or more."""
    save(ready, OLD), save(ready, "2020-06-01"), save(ready, "2022-06-01")
    last = save(ready, NEW)
    meanwhile = Meanwhile(lambda: ready.ok("backups", "prune", "--keep-years", years, "--confirm"))
    monkeypatch.setattr(failpoints, "_armed", meanwhile)
    ready.ok("backups", "prune", "--keep-years", 5, "--confirm")
    monkeypatch.setattr(failpoints, "_armed", None)
    assert meanwhile.done
    assert last in listed(ready)
    assert listed(ready) == sorted((ready.office / "backups").iterdir())
    assert pruned(ready) == 4 - len(listed(ready)) == (3 if years == 3 else 2)
    assert ready.ok("backups", "check")["ok"]
    assert ready.ok("journal", "verify")["ok"]


@pytest.mark.both_engines
def test_who_opens_the_office_meanwhile_leaves_a_pruning_to_who_does_it(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    old, last = save(ready, OLD), save(ready, NEW)
    meanwhile = Meanwhile(lambda: listed(ready))
    monkeypatch.setattr(failpoints, "_armed", meanwhile)
    assert paths_in(ready.ok(*PRUNE, "--confirm")) == [old]
    monkeypatch.setattr(failpoints, "_armed", None)
    assert (meanwhile.done, listed(ready), pruned(ready)) == (True, [last], 1)


@pytest.mark.both_engines
def test_what_was_removed_from_a_stick_that_is_pulled_out_is_recorded_once_it_is_in_again(ready: Workspace) -> None:
    stick = ready.folder / "stick"
    old, last = save(ready, OLD, "--to", stick), save(ready, NEW)
    if ready.on_server:
        server().close_connections()  # the forked process would use this one's connections
    assert run_forked(ready.arguments(*PRUNE, "--confirm"), "kill:after-remove:1").code == -9
    stick.rename(ready.folder / "away")
    assert (listed(ready), pruned(ready)) == ([old, last], 0)
    (ready.folder / "away").rename(stick)
    assert (listed(ready), pruned(ready)) == ([last], 1)
    assert ready.ok("backups", "check")["ok"]


@pytest.mark.both_engines
@pytest.mark.parametrize("failpoint", ["after-commit-register", "after-remove"])
def test_a_move_takes_along_that_a_backup_on_a_stick_was_being_removed(ready: Workspace, failpoint: str) -> None:
    stick, there = ready.folder / "stick", ready.folder / "new"
    old, last = save(ready, OLD, "--to", stick), save(ready, NEW)
    if ready.on_server:
        server().close_connections()  # the forked process would use this one's connections
    assert run_forked(ready.arguments(*PRUNE, "--confirm"), f"kill:{failpoint}:1").code == -9
    stick.rename(ready.folder / "away")
    ready.ok("office", "move", "--to", ready.place(there), "--confirm")
    (ready.folder / "away").rename(stick)
    assert paths_in(ready.ok("backups", "list", office=there)) == ([last] if failpoint == "after-remove" else [old, last])
    assert ready.ok("backups", "check", office=there)["ok"]


@pytest.mark.parametrize("failure", ["disk", "busy"])
def test_what_was_removed_before_the_register_failed_is_in_the_answer(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    """It is recorded at the next opening."""
    old, new = save(ready, OLD), save(ready, NEW)
    record = backups.mark_pruned

    def busy_once(*_: Any) -> None:
        monkeypatch.setattr(backups, "mark_pruned", record)
        raise OfficeBusy

    if failure == "busy":
        monkeypatch.setattr(backups, "mark_pruned", busy_once)
    failpoints.arm("ENOSPC:before-commit-register:2" if failure == "disk" else "")
    try:
        answer = ready.run(*PRUNE, "--confirm")
    finally:
        failpoints.arm("")
    assert (answer.code, answer.error) == ((4, "disk-full") if failure == "disk" else (0, None))
    assert paths_in(answer.json) == [old]
    assert not old.exists()
    assert listed(ready) == [new]
    assert ready.ok("journal", "verify")["ok"]
