"""What each command writes, renames and syncs is recorded; every state that a power cut could leave of it is built, and opened."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from accountools import safe_files
from accountools.operations.backups import records
from accountools.storage.sqlite import office_files
from tests.crash_checks import find_violations
from tests.crash_scenarios import SCRIPTS, CrashScenario, CrashScript, ScenarioRunner
from tests.power_cut import IGNORED, Disk, all_cuts
from tests.seeding import random_for
from tests.test_crash import BACKUP, scripts
from tests.tracing import Operation, expect_strace, record

MOVE = next(one for one in SCRIPTS if one.name == "move")
MOST, FEW = 300, 4  # states of a command that are built: thoroughly, and else


@pytest.fixture(scope="module", autouse=True)
def _strace() -> None:
    expect_strace()


def recorded(scene: CrashScenario) -> tuple[Disk, list[Operation]]:
    """The disk before the scene's command, and what the command does; a model that differs from the real disk is no model."""
    disk, played = Disk(scene.desk.folder), Disk(scene.desk.folder)
    code, operations = record(scene.desk.folder, scene.arguments)
    assert code == 0
    for one in operations:
        played.do(one)
    model = {name: bytes(played.now[file]) for name, file in played.names.items() if not name.endswith(IGNORED)}
    real = {str(path): path.read_bytes() for path in scene.desk.folder.rglob("*") if path.is_file() and not path.name.endswith(IGNORED)}
    assert model == real
    return disk, operations


def violations(
    scene: CrashScenario, disk: Disk, operations: Sequence[Operation], most: int, *, last: bool = False
) -> tuple[int, int, Iterator[str]]:
    """How many states there are (with `last` after the last operation only), how many (seeded) are built, and what doesn't hold in them."""
    cuts = {cut: done for cut, done in all_cuts(disk, operations, scene.script.name).items() if done or not last}
    chosen = random_for(f"power cut {scene.script.name}").sample(list(cuts), min(most, len(cuts)))

    def find_violations_of_all() -> Iterator[str]:
        for cut in chosen:
            disk.build(cut)
            yield from find_violations(scene.office, [scene.after] if cuts[cut] else scene.allowed)

    return len(cuts), len(chosen), find_violations_of_all()


@pytest.mark.campaign(10)
@scripts
def test_whatever_a_power_cut_leaves_is_sound(stage: ScenarioRunner, script: CrashScript, thorough: bool, record_property: Any) -> None:
    with stage.play(script) as scene:
        states, built, found = violations(scene, *recorded(scene), MOST if thorough else FEW)
        assert list(found) == []
    record_property("counted states that a power cut could leave", states)
    record_property("counted states of those that were built and opened", built)


@pytest.mark.xdist_group(BACKUP.name)
@pytest.mark.parametrize("synced", [True, False])
def test_a_backup_that_is_recorded_late_stands_after_a_power_cut(
    stage: ScenarioRunner, monkeypatch: pytest.MonkeyPatch, synced: bool
) -> None:
    """Killed between the rename and the folder's sync, then recorded at the next opening: that must see to the sync, or it is found."""
    with stage.play(BACKUP) as scene, monkeypatch.context() as patch:
        disk = Disk(scene.desk.folder)
        code, killed = record(scene.desk.folder, scene.arguments, "kill:after-link:1")
        assert code == -9
        if not synced:
            patch.setattr(safe_files, "sync_folder", lambda _: None)
        code, opened = record(scene.desk.folder, scene.desk.arguments("backups", "list"))
        assert code == 0
        found = list(violations(scene, disk, [*killed, *opened], 40, last=True)[2])
    assert (found == []) is synced


@pytest.mark.xdist_group(MOVE.name)
def test_an_office_that_left_does_not_say_again_that_it_is_leaving(stage: ScenarioRunner) -> None:
    """The file that says so is gone for good before the new place forgets where it came from: nobody would remove it again."""
    with stage.play(MOVE) as scene:
        _, operations = recorded(scene)
    there, here = scene.desk.folder / "there" / office_files.MOVE, scene.office / office_files.LEAVING
    left, synced, forgotten = (
        max(n for n, one in enumerate(operations) if (one.kind, one.path) == (kind, str(path)))
        for kind, path in (("leave", here), ("sync", scene.office), ("leave", there))
    )
    assert left < synced < forgotten


# --- orders that are broken on purpose ---


def sync_last(part: Path, path: Path, **_: object) -> None:
    part.rename(path)
    safe_files.sync_folder(path.parent)
    safe_files.sync_path(path)


def commit_first(session: Any, folder: Path, written: Any) -> list[Path]:
    paths = MARK_WRITTEN(session, folder, written)
    records.commit(session, [pending.record for pending, _, _ in written])
    return paths


MARK_WRITTEN = records.mark_written
BROKEN: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "the file is never synced": lambda patch: patch.setattr(safe_files, "sync_file", lambda file: file.flush()),
    "the folder is never synced": lambda patch: patch.setattr(safe_files, "sync_folder", lambda _: None),
    "renamed before it is synced": lambda patch: (
        patch.setattr(safe_files, "sync_file", lambda file: file.flush()),
        patch.setattr(safe_files, "publish", sync_last),
    )[0],
    "recorded before it is renamed": lambda patch: patch.setattr(records, "mark_written", commit_first),
}


@pytest.mark.xdist_group(BACKUP.name)
@pytest.mark.campaign(10)
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_order_is_found(stage: ScenarioRunner, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    with stage.play(BACKUP) as scene:
        with monkeypatch.context() as patch:
            BROKEN[broken](patch)
            disk, operations = recorded(scene)
        assert next(violations(scene, disk, operations, MOST)[2], None) is not None


def needed_syncs(operations: Sequence[Operation]) -> list[int]:
    """The places of the syncs without which a backup isn't safe: of the file beside its destination, and of the folder."""
    return [n for n, one in enumerate(operations) if one.kind == "sync" and (one.path.endswith(".part") or one.path.endswith("/backups"))]


@pytest.mark.xdist_group(BACKUP.name)
def test_each_sync_of_a_backup_that_is_left_out_is_found(stage: ScenarioRunner) -> None:
    with stage.play(BACKUP) as scene:
        _, operations = recorded(scene)
        places = needed_syncs(operations)
        assert len(places) == 2
        for place in places:
            scene.reset()
            without = [*operations[:place], *operations[place + 1 :]]
            assert next(violations(scene, Disk(scene.desk.folder), without, MOST)[2], None) is not None, operations[place]
