"""`repair` while another command is at work: it is refused (`office-busy`) and removes nothing of what is being made."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from accountools import failpoints
from accountools.domain.errors import AccountoolsError
from accountools.office import Office
from accountools.operations.maintenance import repair as maintenance
from tests.test_handover import new_key, post_books
from tests.test_retention import NEW, OLD, PRUNE, save
from tests.workspace import Workspace

Words = tuple[object, ...]


@dataclass
class Repairing:
    """In place of a failpoint: at each place that the command reaches, another program tries to repair its office."""

    office: Path
    answers: dict[str, str] = field(default_factory=dict)
    at_work: bool = False

    def reach(self, name: str) -> None:
        if self.at_work:
            return
        self.at_work = True
        try:
            found = maintenance.repair(Office.open(self.office))
            self.answers[name] = f"repaired {[one.what for one in found]}"
        except AccountoolsError as error:
            self.answers[name] = error.code
        finally:
            self.at_work = False


def _copy(desk: Workspace) -> Words:
    post_books(desk.office)
    return ("administration", "copy", 7, 8)


def _create(_: Workspace) -> Words:
    return ("administration", "create", 9, "--description", "Nieuw", "--chart", "standard")


def _create_from(_: Workspace) -> Words:
    return ("administration", "create", 9, "--description", "Nieuw", "--from", 7)


def _backup(_: Workspace) -> Words:
    return ("backup", 7, "--plain", "--rehearse", "--confirm")


def _backup_register(desk: Workspace) -> Words:
    return ("backup", "--register", "--recipient", new_key(desk), "--confirm")


def _restore_again(desk: Workspace) -> Words:
    return ("restore", shutil.copy(save(desk, NEW), desk.folder / "received.acb"), "--replace", "--confirm")


def _prune(desk: Workspace) -> Words:
    save(desk, OLD), save(desk, NEW)
    return (*PRUNE, "--confirm")


@pytest.mark.parametrize("prepare", [_copy, _create, _create_from, _backup, _backup_register, _restore_again, _prune])
def test_nothing_is_repaired_while_a_command_is_at_work(
    ready: Workspace, prepare: Callable[[Workspace], Words], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = prepare(ready)
    repairing = Repairing(ready.office)
    monkeypatch.setattr(failpoints, "_armed", repairing)
    answer = ready.run(*words)
    monkeypatch.setattr(failpoints, "_armed", None)
    assert repairing.answers
    assert set(repairing.answers.values()) == {"office-busy"}, repairing.answers
    assert answer.code == 0, answer.err
    assert ready.ok("backups", "check")["ok"]
    assert ready.ok("journal", "verify")["ok"]
    for one in ready.ok("administration", "list")["administrations"]:
        assert ready.ok("administration", "show", one["number"])["counts"]["accounts"]
    assert ready.ok("repair")["found"] == []


def test_a_command_that_begins_while_repair_looks_round_is_left_alone(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds its lock since before it made anything that `repair` may have found."""
    find, office = maintenance._find, Office.open(ready.office)
    prepared = office.engine.books_folder / ".0123456789abcdef.part"

    def find_when_one_begins(session: object) -> object:
        prepared.write_bytes(b"")
        (office.engine.work_folder / "0123456789abcdef.lock").touch()
        begun.acquire()
        return find(session)  # type: ignore[arg-type]

    from filelock import FileLock

    begun = FileLock(office.engine.work_folder / "0123456789abcdef.lock")
    monkeypatch.setattr(maintenance, "_find", find_when_one_begins)
    with pytest.raises(AccountoolsError) as caught:
        maintenance.repair(office)
    assert caught.value.code == "office-busy"
    assert prepared.exists()
    monkeypatch.setattr(maintenance, "_find", find)
    begun.release()
    assert {Path(one["path"]).name for one in ready.ok("repair")["found"]} >= {prepared.name}


def test_books_of_a_demonstration_office_are_not_leftovers_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Workspace(tmp_path)
    repairing = Repairing(tmp_path / "demo")

    def once_there_are_books(name: str) -> None:
        if list((tmp_path / "demo" / "administrations").glob(".*.part")):
            repairing.reach(name)

    monkeypatch.setattr(failpoints, "_armed", type("Armed", (), {"reach": staticmethod(once_there_are_books)}))
    desk.ok("demo", tmp_path / "demo", "--clients", 3, "--lines", 4)
    monkeypatch.setattr(failpoints, "_armed", None)
    assert set(repairing.answers.values()) == {"office-busy"}, repairing.answers
