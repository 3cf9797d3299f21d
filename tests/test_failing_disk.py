"""The system refuses a write, a sync or a rename: any one that a command or SQLite asks for, or all from one on."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from accountools.storage.sqlite import databases
from tests.crash_checks import find_violations, run_forked, state_of
from tests.crash_scenarios import SCRIPTS, CrashScenario, CrashScript, ScenarioRunner
from tests.seeding import random_for
from tests.test_crash import scripts
from tests.tracing import expect_strace, run_traced

REFUSALS = {
    "pwrite64": ("ENOSPC", "EIO"),
    "write": ("ENOSPC", "EIO"),
    "ftruncate": ("ENOSPC", "EIO"),
    "fallocate": ("ENOSPC", "EIO"),
    "fsync": ("EIO", "ENOSPC"),
    "fdatasync": ("EIO", "ENOSPC"),
    "linkat": ("ENOSPC", "EACCES"),
    "link": ("ENOSPC", "EACCES"),
    "rename": ("EIO", "EACCES"),
    "mkdir": ("ENOSPC", "EACCES"),
    "unlink": ("EIO", "EACCES"),
}
MOST, FEW = 100, 1  # of a command's calls: thoroughly, and else


@pytest.fixture(scope="module", autouse=True)
def _strace() -> None:
    expect_strace()


def refusals(scene: CrashScenario) -> list[str]:
    """Each call of the scene's command, refused once or from then on in each way that it may be, as strace takes it."""
    _, log = run_traced(scene.arguments, ("-e", f"trace={','.join(REFUSALS)}"))
    calls = Counter(line.split("(")[0] for line in log.splitlines() if "(" in line)  # a process's number and the call
    most = {name: max((count for call, count in calls.items() if call.split()[1] == name), default=0) for name in REFUSALS}
    return [
        f"{name}:error={error}:when={turn}{on}"
        for name, errors in REFUSALS.items()
        for turn in range(1, most[name] + 1)
        for error in errors
        for on in ("", "+")
    ]


def refuse(scene: CrashScenario, what: str) -> Iterator[str]:
    """Run the scene's command while the system refuses; gives what doesn't hold then."""
    scene.reset()
    ended, _ = run_traced(scene.arguments, ("-e", f"trace={what.partition(':')[0]}", "-e", f"inject={what}"))
    if "Traceback" in ended.output or ended.code not in {0, 1, 3, 4, 120}:  # 1 and 120: it could not say what it had to say
        yield f"ended with {ended.code}: {ended.output[-500:]}"
    yield from find_violations(scene.office, scene.allowed if ended.code else [scene.after])
    if ended.code and state_of(scene.office) == scene.before:
        again = run_forked(scene.arguments)
        if again.code != 0 or state_of(scene.office) != scene.after:
            yield f"once more: {again.code} {again.output[-500:]}"


@pytest.mark.campaign(10)
@scripts
def test_a_command_that_is_refused_something_is_done_or_not_done(
    stage: ScenarioRunner, script: CrashScript, thorough: bool, record_property: Any
) -> None:
    with stage.play(script) as scene:
        known = refusals(scene)
        scene.reset()
        chosen = random_for(f"failing disk {script.name}").sample(known, min(len(known), MOST if thorough else FEW))
        found = [f"{what}: {one}" for what in chosen for one in refuse(scene, what)]
    record_property("counted calls of the system that could be refused, each in its ways", len(known))
    record_property("counted calls of those that were refused", len(chosen))
    assert found == []


def test_repair_knows_books_of_a_group_whose_register_refused_to_be_written(stage: ScenarioRunner) -> None:
    """No write succeeds any more once the books have their names: undoing them fails too, and `repair` must know whose they are."""
    with stage.play(next(one for one in SCRIPTS if one.name == "restore-many")) as scene:
        for_good = [what for what in refusals(scene) if what.startswith("pwrite64:error=EIO") and what.endswith("+")]
        found = [f"{what}: {one}" for what in for_good[-20::5] for one in refuse(scene, what)]
    assert found == []


def test_a_wal_that_is_not_written_into_its_database_is_found(stage: ScenarioRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite writes the WAL into a database that is closed, and is silent when it can't: the program has to check."""
    with stage.play(next(one for one in SCRIPTS if one.name == "create")) as scene:
        monkeypatch.setattr(databases, "_checkpoint", lambda _: None)
        writes = [what for what in refusals(scene) if what.startswith("pwrite64:error=ENOSPC") and not what.endswith("+")]
        tried = random_for("fold").sample(writes, len(writes))
        assert any("malformed" in one or "the database is damaged" in one for what in tried for one in refuse(scene, what))
