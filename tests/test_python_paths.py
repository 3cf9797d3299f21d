"""A path given to the Python interface may be a `Path` or a text."""

import inspect
from datetime import date

import pytest

import accountools as at
from accountools.clock import system_clock
from tests.workspace import TODAY, Workspace

METHODS = {f"Office.{name}": method for name, method in vars(at.Office).items() if not name.startswith("_")}
TAKING_PATHS = {name: getattr(at, name) for name in at.__all__ if name.islower() and not name.startswith("_")} | {
    name: getattr(method, "__func__", method) for name, method in METHODS.items()
}


@pytest.mark.parametrize("name", [*TAKING_PATHS, "BackupTarget"])
def test_each_path_may_be_a_text(name: str) -> None:
    signature = inspect.signature(TAKING_PATHS.get(name, at.BackupTarget))
    only_paths = [str(one) for one in signature.parameters.values() if "Path" in str(one.annotation).replace("Path | str", "")]
    assert not only_paths


def test_backups_are_made_verified_and_restored_by_texts(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = system_clock(date.fromisoformat(TODAY))
    office, client = (at.Office.open(place, clock) for place in (ready.office, ready.create_client_office()))
    monkeypatch.chdir(ready.folder)
    made = office.apply(office.plan_backup([7], at.BackupTarget("out", plain=True))).made[0]
    file = f"out/{made.path.name}"
    assert at.verify(file, at.Decryption()).ok
    plans = [client.plan_restore_many("out"), client.plan_restore_many([file]), client.plan_restore(file)]
    assert [len(plan.backups) for plan in plans[:2]] == [1, 1]
    assert [result.restored for result in client.apply(plans[1]).results] == [True]
