"""The servers of `lab` and `app` as processes: no token in their logs, no code of the working folder, and no life after their command."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from accountools.server_address import PREFIX
from tests.browsing import ENOUGH, MODES, RunningServer, address_in, free_port
from tests.workspace import Workspace

EVIL = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"
SHADOWS = ("argparse", "asyncio", "jupyterlab", "tornado", "socket", "voila", "pickle", "ipykernel_launcher", "accountools",
           "jupyter_server_config", "jupyter_config", "jupyter_lab_config", "sitecustomize", "IPython", "multiprocessing")  # fmt: skip


@pytest.fixture(autouse=True)
def _end_of_the_terminal() -> Iterator[None]:
    """Under `nohup` what these tests start would ignore it too."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def planted(folder: Path) -> Path:
    """A folder of downloads with modules by the names of what the servers import, each of which leaves a trace when it runs."""
    folder.mkdir()
    for name in SHADOWS:
        (folder / f"{name}.py").write_text(EVIL)
    return folder


@pytest.fixture(scope="module", params=MODES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose command was given in a folder with bad modules."""
    with serving(request.param, tmp_path_factory.mktemp(request.param)) as running:
        yield running


@contextmanager
def serving(mode: str, tmp_path: Path) -> Iterator[RunningServer]:
    """A server whose command was given in a folder with bad modules, `downloads`; it may be gone at the end."""
    port, log = free_port(), tmp_path / "log"
    places = {name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    command = (str(Path(sys.executable).with_name("accountools")), mode, "--no-browser", "--port", str(port), "--lang", "en")
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--office", str(tmp_path / "office")],
            env=os.environ | places,
            stdout=out,
            stderr=out,
            cwd=planted(tmp_path / "downloads"),
        )
        try:
            address = address_in(process, log, port)
            assert eventually(lambda: accepts(port))  # JupyterLab prints its address a moment before
            yield RunningServer(mode, address, process, tmp_path / "office", log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def accepts(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def answer(address: str, method: str = "GET") -> int:
    """The status of the answer to a request."""
    request = urllib.request.Request(address, method=method, headers={"Referer": address})
    try:
        return int(urllib.request.urlopen(request, timeout=60).status)
    except urllib.error.HTTPError as error:
        return error.code


def processes_of(server: RunningServer) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


def names_of(server: RunningServer) -> set[str]:
    names = set()
    for one in processes_of(server):
        with suppress(psutil.NoSuchProcess):
            names.add(one.name())
    return names


def has_ended(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold."""
    for _ in range(ENOUGH // 100):
        if holds():
            return True
        time.sleep(0.1)
    return False


def test_no_line_of_the_log_has_the_token_but_the_address(server: RunningServer) -> None:
    token = server.address.split("token=")[1]
    host = re.match(r"http://[^/]+", server.address)
    assert host
    queries = (f"?token={token}", f"?a=1&token={token}&b=2", f"?tok%65n={token}", f"?TOKEN={token}", f"?a='&token={token}")
    asked = (("GET", "/none"), ("GET", "/voila/render/none.ipynb"), ("PUT", "/voila/render/x.ipynb"), ("POST", "/voila/render/x.ipynb"),
             ("DELETE", "/tree"), ("FOO", "/voila"), ("GET", "/api/kernels/x"), ("GET", "/voila/files/x"),
             ("GET", "/api/kernels/11111111-1111-1111-1111-111111111111/channels"))  # fmt: skip
    statuses = {answer(f"{host[0]}{path}{query}", method) for method, path in asked for query in queries}
    assert {404, 405} <= statuses
    assert answer(f"{host[0]}/none/{len(statuses)}") == 404  # the log of what was asked before is written by now
    assert [line for line in server.log.read_text().splitlines() if token in line and server.address not in line] == []


def test_logging_out_works_and_no_page_fails_for_want_of_a_template(server: RunningServer) -> None:
    host = re.match(r"http://[^/]+", server.address)
    assert host
    for path in ("/logout", f"/logout?{server.address.split('?')[1]}", "/login", "/logout?next=/x"):
        assert answer(host[0] + path) == 200, path
    assert answer(f"{host[0]}/api/kernels/11111111-1111-1111-1111-111111111111/channels?{server.address.split('?')[1]}") == 404
    if server.mode == "app":
        assert "Uncaught exception" not in server.log.read_text()


def test_a_browser_asks_once_for_a_program_whose_name_holds_its_hash(server: RunningServer) -> None:
    """The next screen waits for no answer that nothing changed."""
    host, token = re.match(r"http://[^/]+", server.address), server.address.split("?")[1]
    (entry,) = (Path(sys.prefix) / "share/jupyter/labextensions/@jupyter-widgets/jupyterlab-manager/static").glob("remoteEntry.*.js")
    places = {"app": "/voila/labextensions", "lab": "/lab/extensions"}
    assert host
    given = urllib.request.urlopen(
        f"{host[0]}{places[server.mode]}/@jupyter-widgets/jupyterlab-manager/static/{entry.name}?{token}", timeout=60
    )
    assert "immutable" in given.headers["Cache-Control"]
    assert given.read() == entry.read_bytes()


@pytest.mark.campaign(2)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_and_its_kernels_end_with_the_command_however_that_ends(mode: str, number: signal.Signals, tmp_path: Path) -> None:
    with serving(mode, tmp_path) as server:
        if mode == "app":  # which starts a spare kernel at once
            assert eventually(lambda: len(processes_of(server)) > 1)
        theirs = processes_of(server)
        assert theirs
        server.process.send_signal(number)
        server.process.wait(60)
        assert eventually(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in theirs))


STARTED = """
import os, sys
from accountools.web import launch

sys.exit(launch._run([sys.executable, "-c", "import time; print('serves', flush=True); time.sleep(15)"], dict(os.environ)))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "prefix"), [("SIGTERM", ""), ("SIGHUP", ""), ("SIGINT", "/user/anna/")])
def test_what_ends_the_command_ends_its_server_at_once_and_leaves_no_folder(name: str, prefix: str, tmp_path: Path) -> None:
    """SIGINT comes from a Hub, to the command alone."""
    environment = os.environ | {"TMPDIR": str(tmp_path), PREFIX: prefix}
    with subprocess.Popen([sys.executable, "-c", STARTED], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "serves\n"
        process.send_signal(getattr(signal, name))
        assert process.wait(60) == 256 - signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files; the user's home is another one, without which libraries make one among them."""
    folder = tmp_path / "t"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("mode", MODES)
def test_closing_the_window_of_the_terminal_leaves_nothing_behind(mode: str, tmp_path: Path, temporary: Path) -> None:
    """All processes of the terminal get SIGHUP."""
    with serving(mode, tmp_path) as server:
        assert answer(server.address) == 200
        assert eventually(lambda: "npm" not in names_of(server))  # JupyterLab asks it for a folder as it starts
        theirs, group = processes_of(server), os.getpgid(server.process.pid)
        for pid in (server.process.pid, *(one.pid for one in theirs)):
            with suppress(ProcessLookupError):
                if os.getpgid(pid) == group:
                    os.kill(pid, signal.SIGHUP)
        server.process.wait(60)
        assert eventually(lambda: all(has_ended(one) for one in theirs))
    assert sorted(temporary.rglob("*")) == [], server.log.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize(("seconds", "times"), [(0, 3), (0.3, 1), (0.6, 1)])
def test_pages_that_end_while_kernels_are_being_started_leave_nothing_behind(
    seconds: float, times: int, tmp_path: Path, temporary: Path
) -> None:
    """Ctrl+C, by a hasty hand too, once the pages were asked for."""
    with serving("app", tmp_path) as server, ThreadPoolExecutor(4) as readers:
        for _ in range(4):
            readers.submit(answer, server.address)  # it may fail
        time.sleep(seconds)
        theirs = processes_of(server)
        (main,) = psutil.Process(server.process.pid).children()
        for _ in range(times):
            with suppress(psutil.NoSuchProcess):
                main.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert server.process.wait(60) == 0, server.log.read_text()
        assert eventually(lambda: all(has_ended(one) for one in theirs))
    assert sorted(temporary.rglob("*")) == [], server.log.read_text()


ENDED = """
import atexit, sys, threading
from accountools.web import server_process

def serve():
    threading.Thread(target=threading.Event().wait).start()  # of a request that was never answered
    atexit.register(print, "cleared")
    {end}

server_process.run(serve)
"""


@pytest.mark.parametrize(
    ("end", "code", "logged"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('no port')", 1, "no port"),
        ("raise OSError('no disk')", 1, "OSError: no disk"),
    ],
)
def test_a_server_ends_though_a_request_was_never_answered(end: str, code: int, logged: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENDED.format(end=end)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (code, "cleared\n")
    assert logged in done.stderr
    assert done.stderr == "" or logged


def test_what_a_server_is_writing_when_it_ends_is_written_to_its_end(tmp_path: Path) -> None:
    code = "import threading, time; from accountools.web import server_process\n"
    code += (
        "def write():\n    with open('file', 'w') as file:\n        file.write('one '); file.flush(); time.sleep(0.5); file.write('two')\n"
    )
    code += "server_process.run(threading.Thread(target=write).start)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, timeout=60, check=False).returncode == 0
    assert (tmp_path / "file").read_text() == "one two"


def test_a_thread_of_a_request_that_was_never_answered_is_told_to_end(tmp_path: Path) -> None:
    code = "import asyncio, anyio, time; from accountools.web import server_process\n"
    code += "async def answer():\n    await anyio.to_thread.run_sync(time.time)\n    await asyncio.sleep(1000)\n"
    code += "loop = asyncio.new_event_loop(); loop.create_task(answer()); loop.call_later(0.3, loop.stop)\n"
    code += "import atexit, threading; atexit.register(lambda: print([one.name for one in threading.enumerate()]))\n"
    code += "server_process.run(loop.run_forever)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "['MainThread']\n")


def test_nothing_in_the_working_folder_is_run_by_server_or_kernel(server: RunningServer) -> None:
    downloads = server.log.parent / "downloads"
    if server.mode == "app":
        assert answer(server.address) == 200
        assert eventually(lambda: len(processes_of(server)) > 1)
    assert list(downloads.glob("*.ran")) == []
    (main,) = psutil.Process(server.process.pid).children()
    assert main.cwd()
    for process in (main, *main.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # what JupyterLab asks as it starts ends by itself
            folder, environment, words = process.cwd(), process.environ(), process.cmdline()
            assert not folder.startswith(str(downloads))
            assert environment["PYTHONSAFEPATH"] == "1"
            if {"ipykernel_launcher", "accountools.web.kernel_source"} & set(words):
                assert words[1] == "-P"


def test_no_worker_runs_what_is_in_the_working_folder(ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are processes of their own too."""
    ready.ok("administration", "copy", 7, 8)
    monkeypatch.chdir(planted(tmp_path / "downloads"))
    made = ready.run_process("backup", 7, 8, "--purpose", "safekeeping", "--workers", 2, "--confirm")
    assert (made.code, len(made.json["backups"])) == (0, 2), made.err
    assert list(Path.cwd().glob("*.ran")) == []


IN_ENGLISH = re.compile(r"CRITICAL|\[C |could not be started|To access the server|copy and paste|received signal")


def run_in_dutch(mode: str, port: int, folder: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a server in Dutch; gives its process and its log."""
    log = folder / "log"
    places = {name: str(folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    command = (str(Path(sys.executable).with_name("accountools")), mode, "--no-browser", "--port", str(port), "--lang", "nl")
    with log.open("w") as out:
        return subprocess.Popen(command, env=os.environ | places, stdout=out, stderr=out), log


@pytest.mark.campaign(2)
@pytest.mark.parametrize("mode", MODES)
def test_a_port_in_use_is_said_in_dutch(mode: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process, log = run_in_dutch(mode, taken.getsockname()[1], tmp_path)
        assert process.wait(ENOUGH // 1000) != 0
    assert "Deze poort is in gebruik door een ander programma: kies een andere met --port." in log.read_text()
    assert not IN_ENGLISH.search(log.read_text()), log.read_text()


@pytest.mark.campaign(2)
@pytest.mark.parametrize("mode", MODES)
def test_the_address_and_the_end_are_said_in_dutch(mode: str, tmp_path: Path) -> None:
    port = free_port()
    process, log = run_in_dutch(mode, port, tmp_path)
    address = address_in(process, log, port)
    assert eventually(lambda: accepts(port))
    assert f"op {address}\n" in log.read_text()
    assert "Laat dit venster open; Ctrl+C stopt de server." in log.read_text()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    assert ("accountools is gestopt." in log.read_text()) == (mode == "lab")
    assert not IN_ENGLISH.search(log.read_text()), log.read_text()


@pytest.mark.campaign(2)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
@pytest.mark.parametrize("mode", MODES)
def test_it_serves_though_nothing_can_be_said(mode: str, tmp_path: Path) -> None:
    """Its standard error is on a full disk."""
    port = free_port()
    places = {name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    command = (str(Path(sys.executable).with_name("accountools")), mode, "--no-browser", "--port", str(port))
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen([*command, "--office", str(tmp_path / "office")], env=os.environ | places, stdout=full, stderr=full)
    assert eventually(lambda: accepts(port) or process.poll() is not None)
    assert answer(f"http://127.0.0.1:{port}/") in {200, 403, 404}
    process.send_signal(signal.SIGTERM)
    process.wait(60)
