"""Jobs on a Dask cluster and on processes here: the same work, done once, also when a worker is killed."""

import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import psutil
import pytest

from accountools.domain.errors import MachineFailed
from accountools.operations.backups.target import BackupTarget
from accountools.operations.cluster import ClusterAway, _OnCluster
from accountools.operations.progress import Stopped
from tests.test_batches import OPTIONS, expect_one_each
from tests.test_handover import open_office, passphrase_file, token_of
from tests.test_register_backup import back_up, lose, restore_office
from tests.test_restore_many import nothing_is_left, results, save
from tests.workspace import Workspace

pytest.importorskip("distributed", reason="dask and distributed (the extra `cluster`) are not installed")
pytestmark = pytest.mark.xdist_group("cluster")
CommClosedError = importlib.import_module("distributed.comm.core").CommClosedError
ENOUGH = 60  # seconds
AUDIT_FILES = Path(__file__).parent / "auditfiles"
WORKER = "import accountools.version as v; v.VERSION = {version!r} or v.VERSION; from distributed.cli.dask_worker import main; main()"
SCHEDULER = "from distributed.cli.dask_scheduler import main; main()"


@dataclass
class Process:
    """A scheduler or worker that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, text: str) -> None:
        for _ in range(ENOUGH * 20):
            if text in self.log.read_text():
                return
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())


@contextmanager
def started(folder: Path, code: str, *options: str, **environment: str) -> Iterator[Process]:
    """A scheduler or worker, until the block is left."""
    log = folder / f"{os.urandom(4).hex()}.log"
    with log.open("w") as out:
        command = [sys.executable, "-c", code, *options]
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, env=os.environ | environment)
        try:
            yield Process(process, log)
        finally:
            process.kill()
            process.wait()


@dataclass
class Cluster:
    """A scheduler that runs, at `address`."""

    folder: Path
    address: str
    scheduler: Process

    @property
    def workers(self) -> tuple[str, str]:
        return "--workers", self.address

    @contextmanager
    def worker(self, failpoint: str = "", version: str = "", **environment: str) -> Iterator[Process]:
        """A worker of one thread; it has registered itself."""
        options = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder))
        with started(self.folder, WORKER.format(version=version), *options, ACCOUNTOOLS_FAILPOINT=failpoint, **environment) as worker:
            worker.wait_for("Registered to:")
            yield worker


@contextmanager
def running_cluster(folder: Path, **environment: str) -> Iterator[Cluster]:
    """A scheduler without workers."""
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show", "--scheduler-file", str(file))
    with started(folder, SCHEDULER, *options, **environment) as scheduler:
        scheduler.wait_for("Scheduler at:")
        while not file.exists() or not file.read_text().rstrip().endswith("}"):  # it may be half written
            time.sleep(0.05)
        yield Cluster(folder, json.loads(file.read_text())["address"], scheduler)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with one worker; a test that needs another one starts it."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running, running.worker():
        yield running


@pytest.fixture
def five(ready: Workspace) -> Workspace:
    """Administrations 7 and four copies of it, all ready."""
    for number in (8, 9, 10, 11):
        ready.ok("administration", "copy", 7, number)
    return ready


def no_part_is_left(folder: Path) -> None:
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def wait_for_part(folder: Path) -> None:
    for _ in range(ENOUGH * 100):
        if list(folder.glob(".*.part")):
            return
        time.sleep(0.01)
    raise AssertionError(list(folder.iterdir()))


# --- a worker is killed ---


@pytest.mark.campaign(3)
@pytest.mark.parametrize("failpoint", ["before-make-image", "before-create", "after-sync-file"])
def test_the_job_of_a_worker_that_was_killed_is_done_again_and_nothing_twice(five: Workspace, cluster: Cluster, failpoint: str) -> None:
    to = five.folder / "out"
    with cluster.worker(f"kill:{failpoint}:1") as killed:
        made = five.run(*OPTIONS, "--to", to, *cluster.workers)
        assert (made.code, len(made.json["backups"])) == (0, 5), made.err
        assert killed.process.wait(ENOUGH) == -signal.SIGKILL
    expect_one_each(five, to)
    no_part_is_left(to)
    assert five.ok("repair")["found"] == []


def test_a_restore_goes_on_when_a_worker_is_killed(five: Workspace, cluster: Cluster) -> None:
    save(five, 7, 8, 9)
    register = back_up(five)
    lose(five)
    restore_office(five, register)
    with cluster.worker("kill:after-adopt-image:1") as killed:
        done = five.run("restore", "--from", five.folder / "safe", *cluster.workers, "--confirm")
        assert (done.code, results(done)) == (0, {7: (True, []), 8: (True, []), 9: (True, [])}), done.err
        assert killed.process.wait(ENOUGH) == -signal.SIGKILL
    five.ok("repair")
    nothing_is_left(five)
    assert five.ok("journal", "verify")["ok"]


def test_when_the_scheduler_is_gone_in_the_middle_it_ends_and_the_rest_can_be_resumed(five: Workspace, tmp_path: Path) -> None:
    office, to = open_office(five), five.folder / "out"
    plan = office.plan_all_ready(BackupTarget(to))
    with running_cluster(tmp_path) as running, running.worker():

        def kill_scheduler(done: int, _: int) -> None:
            if done:
                running.scheduler.process.kill()

        outcome = replace(plan, workers=running.address).execute(office, kill_scheduler)
    assert isinstance(outcome.stopped, MachineFailed)
    assert outcome.stopped.code == "cluster-away"
    assert 1 <= len(outcome.made) < 5
    five.ok(*OPTIONS, "--resume")
    no_part_is_left(to)
    expect_one_each(five, to)


@pytest.mark.parametrize("going_on", ["resume", "repair"])
def test_what_a_worker_wrote_that_nobody_could_reach_any_more_is_removed(five: Workspace, tmp_path: Path, going_on: str) -> None:
    """It goes on when all is over, and leaves a part of a backup in a folder where nobody would look for it."""
    to = five.folder / "out"
    with running_cluster(tmp_path) as running, running.worker("stop:before-create:2") as worker:

        def kill_the_scheduler_once_the_worker_is_stopped() -> None:
            while psutil.Process(worker.process.pid).status() != psutil.STATUS_STOPPED:
                time.sleep(0.01)
            running.scheduler.process.kill()

        killing = Thread(target=kill_the_scheduler_once_the_worker_is_stopped, daemon=True)
        killing.start()
        assert five.refused(*OPTIONS, "--to", to, *running.workers, code=4) == "cluster-away"
        killing.join()
        worker.process.send_signal(signal.SIGCONT)
        wait_for_part(to)
    if going_on == "resume":
        five.ok(*OPTIONS, "--resume")
        expect_one_each(five, to)
    else:
        five.ok("repair")
    no_part_is_left(to)
    assert five.ok("repair")["found"] == []


@pytest.mark.parametrize("result", [TypeError("cannot unpack"), CommClosedError("in <TCP>: Stream is closed")])
@pytest.mark.parametrize("asked", [AttributeError("no comm"), CommClosedError("closed"), TimeoutError(), {}])
def test_whatever_dask_says_when_its_scheduler_goes_just_then(result: Exception, asked: object) -> None:
    done: Future[object] = Future()
    done.set_exception(result)

    def nthreads() -> object:
        if isinstance(asked, Exception):
            raise asked
        return asked

    client = SimpleNamespace(nthreads=nthreads, get_executor=lambda **_: SimpleNamespace(submit=lambda *_: done))
    with pytest.raises(ClusterAway):
        _OnCluster(client, None, "tcp://…")(len)  # type: ignore[arg-type]


def test_a_job_that_kills_its_workers_ends_all(five: Workspace, tmp_path: Path) -> None:
    to, once = five.folder / "out", {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with running_cluster(tmp_path, **once) as running, running.worker(), running.worker("kill:after-write-backup:1"):
        assert five.refused(*OPTIONS, "--to", to, *running.workers, code=4) == "machine-failed"
    no_part_is_left(to)
    five.ok(*OPTIONS, "--resume")
    expect_one_each(five, to)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_worker_that_is_no_member_makes_no_backups_and_is_named_beforehand(ready: Workspace, tmp_path: Path) -> None:
    with running_cluster(tmp_path) as running:
        with running.worker(ACCOUNTOOLS_IDENTITY=str(tmp_path / "none.txt")):
            answer = ready.run("backup", 7, "--confirm", *running.workers)
            assert (answer.code, answer.error) == (3, "worker-unsuitable")
            assert f"no key of yours at {tmp_path / 'none.txt'}" in answer.err
        made = ready.backup(7, "--purpose", "safekeeping")
        with running.worker(ACCOUNTOOLS_IDENTITY=str(tmp_path / "none.txt")):
            assert ready.ok("rehearse", made, *running.workers)["ok"]


# --- on another machine ---

HERE = Path("/proc/self/cwd")  # to each process its own working folder: as a path that means something else on each machine


def on_another_machine(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> str:
    """The office's URL with a folder that the workers don't share; the working folder becomes another one than theirs."""
    (desk.folder / "here").mkdir()
    monkeypatch.chdir(desk.folder / "here")
    return f"{str(desk.place(desk.office)).partition('folder=')[0]}folder={HERE / 'own'}"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_workers_on_another_machine_work_in_folders_of_their_own(ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, to = on_another_machine(ready, monkeypatch), ready.folder / "shared"
    (tmp_path / "theirs").mkdir()
    with running_cluster(tmp_path) as running, running.worker(TMPDIR=str(tmp_path / "theirs"), XDG_DATA_HOME=str(tmp_path / "data")):
        words = (*running.workers, "--office", url)
        ready.ok("office", "set", "--backups", to, "--office", url)
        ready.ok("administration", "copy", 7, 8)
        done = ready.ok("backup", 7, 8, "--purpose", "safekeeping", "--rehearse", "--confirm", *words)
        made = [Path(one["path"]) for one in done["backups"]]
        assert (len(made), {path.parent for path in made}) == (2, {to})
        assert all(one["ok"] for one in ready.ok("rehearse", *made, *words)["rehearsals"])
        ready.ok("restore", *made, "--replace", *words)
        restored = ready.ok("restore", *made, "--replace", "--confirm", *words)
        assert [one["restored"] for one in restored["restores"]] == [True] * 2
        assert list((tmp_path / "theirs").iterdir()) == []
    no_part_is_left(to)
    assert ready.ok("repair", "--office", url)["found"] == []


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_workers_that_do_not_see_what_they_read_or_where_they_write_are_named_beforehand(
    ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = on_another_machine(ready, monkeypatch)
    with running_cluster(tmp_path) as running, running.worker():
        (tmp_path / "out").mkdir()
        for words, unseen in (
            (("backup", 7, "--to", HERE / "out", "--confirm"), HERE / "out"),
            (("rehearse", backup := HERE / ready.backup(7, "--to", HERE, "--office", url).name), backup),
            (("restore", backup, backup, "--replace", "--confirm"), backup),
        ):
            answer = ready.run(*words, *running.workers, "--office", url)
            assert (answer.code, answer.error) == (3, "worker-unsuitable"), answer.err
            assert f"{unseen}." in answer.err
        assert list((tmp_path / "out").iterdir()) == []
    assert [one["what"] for one in ready.ok("journal")["events"]].count("backup-made") == 1


# --- the same answers everywhere ---


def test_everything_that_takes_workers_answers_the_same_on_all_of_them(five: Workspace, cluster: Cluster) -> None:
    files = save(five, 7, 8, 9)
    damaged = five.folder / "safe" / "damaged.acb"
    damaged.write_bytes(files[0].read_bytes()[:-1])
    one, two = ("--workers", 1), ("--workers", 2)
    for words, code, more in (
        (("rehearse", *files, damaged), 1, (two, cluster.workers)),
        (("inspect", five.folder / "safe"), 1, (two, cluster.workers)),
        (("restore", "--from", five.folder / "safe"), 3, (cluster.workers,)),
        (("restore", *files, "--replace"), 0, (cluster.workers,)),
    ):
        expected = five.run(*words, *one)
        assert expected.code == code, expected.out
        assert [five.run(*words, *workers).out for workers in more] == [expected.out] * len(more)


def test_of_several_test_restores_one_that_can_not_be_read_does_not_keep_the_others(five: Workspace) -> None:
    """`rehearse FILE…`: each has its own answer; who can't be read at all makes it 3, a finding alone 1."""
    files = save(five, 7, 8)
    other = five.folder / "none.acb"
    done = five.run("rehearse", files[0], other, files[1])
    assert (done.code, done.error, done.json["ok"]) == (3, "file-not-found", False)
    assert [(one["path"], one["ok"]) for one in done.json["rehearsals"]] == [
        (str(files[0]), True),
        (str(other), False),
        (str(files[1]), True),
    ]
    assert [one["rehearsed"] is not None for one in five.ok("backups", "list")["backups"]] == [True, True]
    one = five.ok("rehearse", files[0])
    assert (one["ok"], one["entered"], "rehearsals" in one) == (True, True, False)


# --- stopped, or failing ---


def test_what_is_stopped_leaves_nothing_that_is_seen_and_nothing_comes_after_it(five: Workspace, cluster: Cluster) -> None:
    office, to = open_office(five), five.folder / "out"
    plan = replace(office.plan_backup([7, 8, 9, 10, 11], BackupTarget(to)), workers=cluster.address)
    seen = list[tuple[int, int]]()

    def stop_at_the_first(done: int, total: int) -> None:
        if done:
            seen.append((done, total))
            raise Stopped

    with pytest.raises(Stopped):
        plan.execute(office, stop_at_the_first)
    ((done, total),) = seen
    assert 0 < done < total
    before = sorted(path.name for path in to.iterdir())
    assert five.ok("rehearse", *save(five, 7), *cluster.workers)["ok"]  # a job of which the worker has nothing left before it
    assert sorted(path.name for path in to.iterdir()) == before
    no_part_is_left(to)
    assert five.ok("repair")["found"] == []


def test_what_ends_one_job_ends_all_and_no_log_of_a_worker_has_a_secret(five: Workspace, tmp_path: Path) -> None:
    words = passphrase_file(five)
    with running_cluster(tmp_path) as running, running.worker("ENOSPC:before-write-backup:1") as worker:
        assert five.refused(*OPTIONS, "--passphrase-file", words, *running.workers, code=4) == "disk-full"
        log = worker.log.read_text() + running.scheduler.log.read_text()
    assert "write_one" in log
    assert words.read_text().strip() not in log
    assert token_of(five.folder / "own.lic")[:40] not in log
    assert five.ok("journal", "verify")["ok"]


# --- what can't be used ---


def test_a_scheduler_that_does_not_answer_or_has_no_workers_is_refused(ready: Workspace, tmp_path: Path) -> None:
    backup = ready.backup(7, "--plain")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        answer = ready.run("backup", 7, "--confirm", "--workers", address)
        assert (answer.code, answer.error) == (4, "cluster-away")
        assert address in answer.err
        assert "dask scheduler" in answer.err
    with running_cluster(tmp_path) as running:
        for words in (("backup", 7, "--confirm"), ("restore", "--from", backup.parent), ("rehearse", backup), ("inspect", backup.parent)):
            assert ready.refused(*words, *running.workers, code=4) == "cluster-away"
    assert [one["what"] for one in ready.ok("journal")["events"]].count("backup-made") == 1


def test_audit_files_are_checked_on_a_cluster_as_here(ready: Workspace, cluster: Cluster) -> None:
    files = [AUDIT_FILES / name for name in ("good.xaf", "undeclared.xaf", "windows-1252.xaf")]
    here, there = (ready.run("auditfile", "check", *files, *words) for words in ((), cluster.workers))
    assert (there.code, there.json) == (here.code, here.json)
    assert here.json["files"]


def test_the_dashboard_shows_a_scheduler_at_work(tmp_path: Path) -> None:
    """With what the extra installs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ("--host", "127.0.0.1", "--port", "0", "--no-show", "--dashboard-address", f"127.0.0.1:{port}")
    with started(tmp_path, SCHEDULER, *options) as scheduler:
        scheduler.wait_for("Scheduler at:")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/status") as page:
            assert "Bokeh" in page.read().decode()


def test_without_the_package_it_is_refused_with_how_to_install_it(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    answer = ready.run("backup", 7, "--workers", "tcp://127.0.0.1:8786", "--confirm")
    assert (answer.code, answer.error) == (3, "package-missing")
    assert "accountools[cluster]" in answer.err


def test_dask_is_loaded_only_for_an_address(ready: Workspace) -> None:
    run = "import sys; from accountools.cli import main\ntry: main(sys.argv[1:])\n"
    code = f"{run}finally: assert not {{'dask', 'distributed'}} & set(sys.modules)"
    command = [sys.executable, "-c", code, *ready.arguments("backup", 7, "--workers", 2, "--confirm")]
    subprocess.run(command, check=True, capture_output=True)


@pytest.mark.parametrize(
    "workers", ["0", "-1", "62", "two", "", "²", "http://h:1", "tcp://h", "tcp://:1", "tcp://h:0", "tcp://h:x", "tcp://h:1/x", "h:8786"]
)
@pytest.mark.parametrize("words", [("backup", 7), ("restore", "x", "y"), ("rehearse", "x"), ("inspect", ".")])
def test_any_other_workers_are_wrong_usage(ready: Workspace, words: tuple[object, ...], workers: str) -> None:
    assert ready.run(*words, f"--workers={workers}").code == 2
