"""One of the processes of `--workers N` is killed: its work is done again by others, once, and the journal agrees."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from accountools.domain.errors import MachineFailed
from accountools.formats.backup.reader import Decryption
from accountools.operations.backups import write
from accountools.operations.backups.target import BackupTarget
from accountools.operations.progress import Stopped
from accountools.operations.restores.plan import RestoreChoices
from accountools.operations.restores.restore_many import plan_restore_many
from tests.test_batches import OPTIONS, expect_one_each
from tests.test_handover import open_office
from tests.test_register_backup import back_up, lose, restore_office
from tests.test_restore_many import nothing_is_left, save
from tests.workspace import Workspace

NUMBERS = tuple(range(7, 19))


@pytest.fixture
def dozen(ready: Workspace) -> Workspace:
    """Administration 7 and eleven copies of it, all ready."""
    for number in NUMBERS[1:]:
        ready.ok("administration", "copy", 7, number)
    return ready


def workers() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended, or is nobody's to wait for any more
            if any("spawn_main" in word for word in one.cmdline()):
                found.append(one)
    return found


def killing(turns: set[int]) -> Callable[[int, int], None]:
    """What is called with the progress, and kills a worker each time that it is called for one of these times."""
    calls = 0

    def called(_: int, __: int) -> None:
        nonlocal calls
        calls += 1
        if calls in turns:
            workers()[0].send_signal(signal.SIGKILL)

    return called


@pytest.mark.campaign(3)
@pytest.mark.parametrize("turns", [{1}, {3}, {2, 5}], ids=str)
def test_backups_are_made_though_a_process_is_killed(dozen: Workspace, turns: set[int]) -> None:
    to = dozen.folder / "out"
    outcome = replace(open_office(dozen).plan_all_ready(BackupTarget(to)), workers=2).execute(open_office(dozen), killing(turns))
    assert (outcome.stopped, outcome.refused, len(outcome.made)) == (None, (), len(NUMBERS))
    expect_one_each(dozen, to)
    assert not [path.name for path in to.iterdir() if path.name.startswith(".")]
    assert dozen.ok("repair")["found"] == []
    assert dozen.ok("journal", "verify")["ok"]


def test_so_is_a_restore_of_many(dozen: Workspace) -> None:
    save(dozen, *NUMBERS)
    register = back_up(dozen)
    lose(dozen)
    restore_office(dozen, register)
    office = open_office(dozen)
    choices = RestoreChoices(dozen.folder, Decryption())
    outcome = plan_restore_many(office, dozen.folder / "safe", choices, workers=2).execute(office, killing({2}))
    assert [(one.number, one.restored) for one in outcome.results] == [(number, True) for number in NUMBERS]
    assert outcome.stopped is None
    dozen.ok("repair")
    nothing_is_left(dozen)
    assert dozen.ok("journal", "verify")["ok"]


def test_work_that_kills_each_process_ends_and_can_be_resumed(dozen: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    office, to = open_office(dozen), dozen.folder / "out"
    plan = replace(office.plan_all_ready(BackupTarget(to)), workers=2)
    with monkeypatch.context() as deadly:
        deadly.setenv("ACCOUNTOOLS_FAILPOINT", "kill:before-make-image:1")  # read when a process starts: only those are killed
        outcome = plan.execute(office, lambda _, __: None)
    assert isinstance(outcome.stopped, MachineFailed)
    assert (outcome.stopped.code, outcome.made) == ("machine-failed", ())
    assert workers() == []
    dozen.ok(*OPTIONS, "--resume")
    expect_one_each(dozen, to)
    nothing_is_left(dozen)


def test_what_is_stopped_while_a_process_is_killed_stays_stopped(dozen: Workspace) -> None:
    office, to = open_office(dozen), dozen.folder / "out"

    def kill_and_stop(done: int, total: int) -> None:
        killing({1})(done, total)
        raise Stopped

    with pytest.raises(Stopped):
        replace(office.plan_all_ready(BackupTarget(to)), workers=2).execute(office, kill_and_stop)
    assert workers() == []
    assert not [path.name for path in to.iterdir() if path.name.startswith(".")]
    dozen.ok(*OPTIONS, "--resume")
    expect_one_each(dozen, to)


def processes_marked(mark: str) -> list[int]:
    """The processes in whose environment this mark is."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("MARK") == mark:
                found.append(process.pid)
    return found


@pytest.mark.parametrize("failpoint", ["", "kill:before-commit-register:2"], ids=["done", "killed"])
def test_no_process_outlives_the_command_that_started_it(ready: Workspace, failpoint: str) -> None:
    """Neither the workers nor the one that they are forked from."""
    ready.ok("administration", "copy", 7, 8)
    ready.environment |= {"MARK": str(ready.folder), "ACCOUNTOOLS_FAILPOINT": failpoint}
    answer = ready.run_process("backup", 7, 8, "--workers", 2, "--confirm")
    assert answer.code == (-9 if failpoint else 0), answer.err
    left = processes_marked(str(ready.folder))
    for _ in range(100):
        if not left:
            break
        time.sleep(0.1)
        left = processes_marked(str(ready.folder))
    assert left == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a command's workers aren't forked")
def test_a_forked_worker_that_is_killed_is_replaced_too(dozen: Workspace) -> None:
    command = [Path(sys.executable).with_name("accountools"), *dozen.arguments(*OPTIONS, "--workers", 2)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"LANG": "C.UTF-8"}) as process:
        killed = None
        while killed is None and process.poll() is None:
            forked = [one for child in psutil.Process(process.pid).children() for one in child.children()]
            if forked:
                killed = forked[0]
                killed.send_signal(signal.SIGKILL)
        assert killed is not None
        assert process.communicate()[0]
    assert process.returncode == 0
    expect_one_each(dozen, dozen.office / "backups")


def test_a_worker_that_was_lost_may_still_take_a_temporary_name(dozen: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is being ended, and creates its file just when the worker that does its job again is about to."""
    real, late = write.write_container, []

    def write_when_it_was_taken(part: Path, *words: Any) -> Any:
        if not late:
            late.append(part)
            part.write_bytes(b"of a worker that isn't gone yet")
        return real(part, *words)

    monkeypatch.setattr(write, "write_container", write_when_it_was_taken)
    dozen.ok("backup", *NUMBERS, "--confirm", "--workers", 1)
    expect_one_each(dozen, dozen.office / "backups")
    assert late
    assert not list((dozen.office / "backups").glob(".*"))


_ONE_STARTS_WHILE_ANOTHER_IS_KILLED = """
import os, signal, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkServerContext, ForkServerProcess

from accountools.operations.restarting_pool import RestartingPool

started = []

class Late(ForkServerProcess):  # the second process is known to its pool only after the first was killed
    def start(self):
        super().start()
        started.append(self.pid)
        if len(started) == 2:
            os.kill(started[0], signal.SIGKILL)
            time.sleep(1)

class Context(ForkServerContext):
    Process = Late

if __name__ == "__main__":
    pool = RestartingPool(lambda: ProcessPoolExecutor(2, Context()))
    jobs = [pool.submit(time.sleep, 0.2), pool.submit(time.sleep, 0.2)]
    for job in jobs:
        job.result()
    pool.shutdown()
    print("over")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a command's workers aren't forked")
def test_a_process_that_was_being_started_when_another_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_ONE_STARTS_WHILE_ANOTHER_IS_KILLED)
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "over\n", "")
    assert processes_marked(str(program)) == []
