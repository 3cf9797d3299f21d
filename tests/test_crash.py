"""Each command is killed, and fails, at each failpoint that it reaches; afterwards the office is what it was or what it was to be."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accountools import failpoints
from accountools.operations.backups import records, write
from accountools.storage.sqlite.office_files import LEAVING
from tests.crash_checks import find_violations, points_of, run_forked, state_of
from tests.crash_scenarios import SCRIPTS, CrashScenario, CrashScript, ScenarioRunner
from tests.seeding import random_for
from tests.workspace import Workspace

FAILURES = ("ENOSPC", "EIO", "EACCES")
PACKAGE = Path(failpoints.__file__).parent
scripts = pytest.mark.parametrize("script", [pytest.param(one, id=one.name, marks=pytest.mark.xdist_group(one.name)) for one in SCRIPTS])
BACKUP = next(one for one in SCRIPTS if one.name == "backup")


def cut(scene: CrashScenario, way: str, point: str) -> Iterator[str]:
    """Run the scene's command, interrupted at a point; gives what doesn't hold then."""
    scene.reset()
    ended = run_forked(scene.arguments, f"{way}:{point}")
    if "Traceback" in ended.output or (way == "kill") != (ended.code == -9) or ended.code not in {-9, 0, 3, 4}:
        yield f"ended with {ended.code}: {ended.output[-500:]}"
    yield from find_violations(scene.office, scene.allowed if ended.code else [scene.after])
    left = state_of(scene.office)
    if left != scene.after or (scene.office / LEAVING).exists():
        again = run_forked(scene.arguments)
        if again.code != 0 or (left == scene.before and state_of(scene.office) != scene.after) or (scene.office / LEAVING).exists():
            yield f"once more: {again.code} {again.output[-500:]}"


def runs_of(points: list[str], seed: str, *, whole: bool) -> list[tuple[str, str]]:
    """How a command is interrupted at points: each one killed and failing in each way; or of a seeded tenth each in one way."""
    if whole:
        return [(way, point) for point in points for way in ("kill", *FAILURES)]
    chance = random_for(f"crash {seed}")
    chosen = chance.sample(points, -(-len(points) // 10))
    return [(chance.choice(("kill", "kill", *FAILURES)), point) for point in chosen]


@pytest.mark.campaign(10)
@scripts
def test_a_command_that_is_interrupted_is_done_or_not_done(
    stage: ScenarioRunner, script: CrashScript, thorough: bool, record_property: Any
) -> None:
    with stage.play(script) as scene:
        points = points_of(scene.arguments)
        runs = runs_of(points, script.name, whole=thorough)
        found = [f"{way} at {point}: {one}" for way, point in runs for one in cut(scene, way, point)]
    record_property("counted points at which a command was known to be interrupted", len(points))
    record_property("counted times that a command was interrupted there", len(runs))
    assert found == []


def test_an_event_recorded_before_the_rename_is_found(stage: ScenarioRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    mark_written = records.mark_written

    def mark_and_commit(session: Any, folder: Path, written: Any) -> list[Path]:
        paths = mark_written(session, folder, written)
        records.commit(session, [pending.record for pending, _, _ in written])
        return paths

    with stage.play(BACKUP) as scene:
        monkeypatch.setattr(records, "mark_written", mark_and_commit)
        assert any("lost" in one for one in cut(scene, "kill", "before-link:1"))


def test_a_file_under_its_final_name_before_it_is_written_is_found(stage: ScenarioRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    def name_first(part: Path, *_: Any) -> Any:
        part.with_name("20261124.acb").write_bytes(b"not yet")
        failpoints.reach("before-write-backup")

    with stage.play(BACKUP) as scene:
        monkeypatch.setattr(write, "write_container", name_first)
        assert any("doesn't verify" in one for one in cut(scene, "kill", "before-write-backup:1"))


def test_all_names_stand_in_one_place_and_each_is_used() -> None:
    used = set()
    for path in PACKAGE.rglob("*.py"):
        used |= set(re.findall(r'reach\(f?"([^"]+)"\)', path.read_text("utf-8")))
    for name in [name for name in used if "{" in name]:
        used |= {
            failpoint
            for failpoint in failpoints.NAMES
            if re.fullmatch(re.sub(r"\{\w+\}", "(file|folder|sync-file|sync-folder|register|books)", name), failpoint)
        }
        used.remove(name)
    assert used == failpoints.NAMES


def test_every_failpoint_is_reached(stage: ScenarioRunner, thorough: bool) -> None:
    if not thorough:
        pytest.skip("all scenes are set up for this: .ci/run --thorough")
    reached = set()
    for script in SCRIPTS:
        with stage.play(script) as scene:
            reached |= {point.partition(":")[0] for point in points_of(scene.arguments)}
    assert failpoints.NAMES - reached == set()


def test_they_are_off_unless_the_variable_arms_one(ready: Workspace) -> None:
    assert failpoints._armed is None
    ready.environment[failpoints.VARIABLE] = "ENOSPC:before-link:1"
    failed = ready.run_process("backup", 7, "--confirm")  # a file system may do without links
    assert failed.code == 0
    ready.environment[failpoints.VARIABLE] = "ENOSPC:before-sync-file:1"
    failed = ready.run_process("backup", 7, "--confirm")
    assert (failed.code, failed.error) == (4, "disk-full")
    ready.environment[failpoints.VARIABLE] = "kill:before-sync-file:1"
    assert ready.run_process("backup", 7, "--confirm").code == -9
    assert [one["what"] for one in ready.ok("repair")["found"]][:1] == ["unfinished-backup"]


@pytest.mark.parametrize("text", ["kill", "kill:nowhere:1", "EWHAT:before-link:1", "kill:before-link:x", "kill:before-link"])
def test_a_value_that_arms_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any
        failpoints.parse(text)
