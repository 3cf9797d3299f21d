"""The kernels of `lab` and `app`: on Linux they are forked from a process that has imported the program, and are kernels like others."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
import pytest
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from accountools.web import SHARE, kernel_provisioner
from accountools.web.forked_kernels import ForkedProcess, KernelSource
from accountools.web.ready_kernels import PromptClient

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
SECONDS = 60


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> KernelSource:
    """A source of its own, which ends with the test."""
    source = KernelSource()
    monkeypatch.setattr(kernel_provisioner, "SOURCE", source)
    return source


def manager() -> AsyncKernelManager:
    specs = KernelSpecManager(kernel_dirs=[str(SHARE / "kernels")], ensure_native_kernel=False)
    return AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs, transport_encryption="auto")


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[AsyncKernelManager, AsyncKernelClient]]:
    kernel = manager()
    await kernel.start_kernel(cwd=str(folder), env=os.environ | {"ONLY_HERE": folder.name})
    client = kernel.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        yield kernel, client
    finally:
        client.stop_channels()
        await kernel.shutdown_kernel(now=True)


def has_ended(process: int) -> bool:
    """Whether it runs no more; the system may still be about to forget it."""
    try:
        return psutil.Process(process).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def value(client: AsyncKernelClient, expression: str) -> str:
    """What a kernel says an expression is."""
    reply = await client.execute("", user_expressions={"it": expression}, reply=True, timeout=SECONDS)
    found = reply["content"]["user_expressions"]["it"]
    assert found["status"] == "ok", found
    return str(found["data"]["text/plain"])


def test_a_forked_kernel_has_its_own_folder_environment_and_chance(source: KernelSource, tmp_path: Path) -> None:
    expressions = {
        "folder": "__import__('os').getcwd()",
        "environment": "__import__('os').environ['ONLY_HERE']",
        "leader": "__import__('os').getpgid(0) == __import__('os').getpid()",
        "input": "__import__('os').readlink('/proc/self/fd/0')",
        "chance": "__import__('random').random()",
        "numpy's": "__import__('numpy').random.random()",
        "secret": "__import__('secrets').token_hex()",
        "source": "__import__('os').getppid()",
    }

    async def ask(folder: Path) -> dict[str, str]:
        folder.mkdir()
        async with running(folder) as (_, client):
            return {name: await value(client, expression) for name, expression in expressions.items()}

    async def both() -> tuple[dict[str, str], dict[str, str]]:
        return await ask(tmp_path / "one"), await ask(tmp_path / "two")

    one, two = asyncio.run(both())
    assert (one["folder"], one["environment"], two["environment"]) == (repr(str(tmp_path / "one")), "'one'", "'two'")
    assert (one["leader"], one["input"], one["source"]) == ("True", "'/dev/null'", two["source"])
    assert [name for name in one if name in {"chance", "numpy's", "secret"} and one[name] == two[name]] == []


def test_it_is_interrupted_started_again_and_ended(source: KernelSource, tmp_path: Path) -> None:
    async def life() -> None:
        async with running(tmp_path) as (kernel, client):
            asked = client.execute("import time\nprint('begun')\ntime.sleep(600)", stop_on_error=False)
            while (await client.get_iopub_msg(timeout=SECONDS))["msg_type"] != "stream":
                pass
            await kernel.interrupt_kernel()
            while (reply := await client.get_shell_msg(timeout=SECONDS))["parent_header"]["msg_id"] != asked:
                pass  # an answer to who asked whether it is ready
            assert reply["content"]["ename"] == "KeyboardInterrupt"
            first = int(await value(client, "__import__('os').getpid()"))
            await kernel.restart_kernel()
            await client.wait_for_ready(timeout=SECONDS)
            second = int(await value(client, "__import__('os').getpid()"))
            assert second != first
            assert await kernel.is_alive()
        assert has_ended(first)
        assert has_ended(second)

    asyncio.run(life())


def test_what_was_uploaded_in_it_goes_when_it_ends(source: KernelSource, tmp_path: Path) -> None:
    async def upload() -> Path:
        async with running(tmp_path) as (kernel, client):
            await client.execute("from accountools.forms.kit.upload import Upload; held = Upload()", reply=True, timeout=SECONDS)
            path = Path((await value(client, "str(held.receive('key.txt', b'secret'))")).strip("'"))
            assert path.read_bytes() == b"secret"
            await kernel.shutdown_kernel()
            return path

    assert not asyncio.run(upload()).exists()


def test_when_its_source_is_killed_the_next_kernel_starts_as_elsewhere_and_the_one_after_is_forked(
    source: KernelSource, tmp_path: Path
) -> None:
    async def parents() -> list[int]:
        found = []
        for _ in range(3):
            async with running(tmp_path) as (_, client):
                found.append(int(await value(client, "__import__('os').getppid()")))
            if len(found) == 1:
                os.kill(found[0], signal.SIGKILL)
                psutil.Process(found[0]).wait()
        return found

    first, second, third = asyncio.run(parents())
    assert second == os.getpid()
    assert third not in {first, second}


CANNOT_FORK_ONCE = """
import errno, os, socket
from accountools.web import kernel_source

fork, calls = os.fork, []

def fork_but_the_second():
    calls.append(1)
    if len(calls) == 2:
        raise OSError(errno.EAGAIN, "too many processes")
    return fork()

os.fork = fork_but_the_second
kernel_source.serve(socket.socket(fileno=0))
"""


def test_a_kernel_that_can_not_be_forked_ends_no_other(source: KernelSource, tmp_path: Path) -> None:
    async def answers() -> tuple[bool, str, bool]:
        async with running(tmp_path) as (_, client):
            refused = await asyncio.to_thread(source.fork, ["-f", "none"], tmp_path, dict(os.environ))
            answer = await value(client, "6 * 7")
            following = source.fork(["-f", str(tmp_path / "kernel-none.json")], tmp_path, dict(os.environ))
            if following is not None:
                following.kill()
        return refused is None, answer, following is not None

    source._requests, theirs = socket.socketpair()
    with theirs, subprocess.Popen([sys.executable, "-P", "-c", CANNOT_FORK_ONCE], stdin=theirs.fileno()):
        theirs.close()
        try:
            assert asyncio.run(answers()) == (True, "42", True)
        finally:
            source._requests.close()


def test_whether_it_runs_can_be_asked_at_any_moment_of_its_end() -> None:
    """A server asks while it ends its kernels; an error there leaves the kernel in its list, and the server runs on."""
    with ThreadPoolExecutor(1) as parent:
        for _ in range(200):
            process = subprocess.Popen([shutil.which("true") or "true"])
            asked, ended = ForkedProcess(process.pid), parent.submit(process.wait)
            while asked.poll() is None:
                asked.send_signal(0)
            assert (asked.poll(), asked.wait(), ended.result()) == (0, 0, 0)
            asked.terminate()
            asked.kill()


def test_it_leaves_its_connection_file_as_the_server_wrote_it(
    source: KernelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server reads the file right after forking: one that is written anew just then is empty for a moment, and no kernel starts."""
    fork, before = source.fork, list[tuple[bytes, int]]()

    def noting(arguments: list[str], folder: Path, environment: dict[str, str]) -> ForkedProcess | None:
        path = Path(arguments[arguments.index("-f") + 1])
        before.append((path.read_bytes(), path.stat().st_mtime_ns))
        return fork(arguments, folder, environment)

    monkeypatch.setattr(source, "fork", noting)

    async def afterwards() -> tuple[bytes, int]:
        async with running(tmp_path) as (kernel, client):
            assert await value(client, "1 + 1") == "2"
            path = Path(kernel.connection_file)
            return path.read_bytes(), path.stat().st_mtime_ns

    assert [asyncio.run(afterwards())] == before


def test_on_other_systems_none_is_forked(source: KernelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a kernel starts as that of the test above, whose source was killed."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        assert source.fork(["-f", "none"], tmp_path, {}) is None


@pytest.mark.parametrize("before", ["", "import ipywidgets; "])
@pytest.mark.parametrize("pages", ["", "1"])
def test_a_page_gets_all_widgets_by_one_question_also_where_they_were_imported_before_the_kernel_began(
    before: str, pages: str, tmp_path: Path
) -> None:
    """As in a kernel that is forked. Without an answer a page asks for each widget by itself, which takes seconds.

    Until it asks nothing is published of them, other than in JupyterLab; what changes from then on is.
    """

    async def heard(client: AsyncKernelClient, code: str) -> list[str]:
        """The widgets that are made, and the values that are changed, while a cell runs."""
        asked, found = client.execute(code), list[str]()
        while True:
            message = await client.get_iopub_msg(timeout=SECONDS)
            content = message["content"]
            if message["msg_type"] == "comm_open":
                found.append(content["data"]["state"]["_model_name"])
            elif message["msg_type"] == "comm_msg" and content["data"]["method"] == "update":
                found += content["data"]["state"]
            elif message["parent_header"].get("msg_id") == asked and content.get("execution_state") == "idle":
                return found

    async def ask() -> tuple[list[str], set[str], list[str]]:
        kernel = manager()
        argv = kernel.kernel_spec.argv  # type: ignore[union-attr]
        start = f"{before}from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
        kernel.kernel_spec.argv = [sys.executable, "-P", "-c", start, *argv[argv.index("-f") :]]  # type: ignore[union-attr]
        kernel.kernel_spec.metadata = {}  # type: ignore[union-attr]
        await kernel.start_kernel(cwd=str(tmp_path), env=os.environ | {"ACCOUNTOOLS_PAGES": pages})
        client = kernel.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=SECONDS)
            first = await heard(client, "import ipywidgets; button = ipywidgets.Button()")
            opened = {"comm_id": "asked", "target_name": "jupyter.widget.control", "data": {}}
            client.shell_channel.send(client.session.msg("comm_open", opened, metadata={"version": "1.0.0"}))
            client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": "asked", "data": {"method": "request_states"}}))
            while (message := await client.get_iopub_msg(timeout=SECONDS))["msg_type"] != "comm_msg":
                assert message["msg_type"] != "comm_close"
            states = {state["model_name"] for state in message["content"]["data"]["states"].values()}
            return first, states, await heard(client, "text = ipywidgets.Text(); button.icon = 'check'")
        finally:
            client.stop_channels()
            await kernel.shutdown_kernel(now=True)

    first, states, later = asyncio.run(ask())
    assert ("ButtonModel" in first) == (not pages)
    assert "ButtonModel" in states
    assert {"TextModel", "icon"} <= set(later)


class Listener(PromptClient):
    """Keeps what it heard of what the kernel publishes, None where there was nothing."""

    heard: list[dict[str, Any] | None]

    async def get_iopub_msg(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        try:
            message: dict[str, Any] = await super().get_iopub_msg(*arguments, **options)
        except Empty:
            self.heard.append(None)
            raise
        self.heard.append(message)
        return message


def listen(kernel: AsyncKernelManager) -> Listener:
    """A new client, as a page has."""
    kernel.client_factory = Listener
    client = kernel.client()
    client.heard = []
    client.start_channels()
    return client


def test_a_page_waits_for_a_kernel_until_it_is_heard_and_no_longer(source: KernelSource, tmp_path: Path) -> None:
    async def outputs(client: Listener, text: str) -> str:
        request, shown = client.execute(f"print({text!r})"), ""
        while True:
            message = await client.get_iopub_msg(timeout=SECONDS)
            if message["parent_header"].get("msg_id") == request:
                shown += message["content"].get("text", "")
                if message["content"].get("execution_state") == "idle":
                    return shown

    async def steps() -> None:
        async with running(tmp_path) as (kernel, _):
            for number in range(5):
                client = listen(kernel)
                try:
                    await client.wait_for_ready(timeout=SECONDS)
                    assert client.heard[-1] is not None, "it listened to silence"
                    assert client.heard[-1]["content"] == {"execution_state": "idle"}
                    assert await outputs(client, f"page {number}") == f"page {number}\n"
                finally:
                    client.stop_channels()

    asyncio.run(steps())


@pytest.mark.parametrize("what", ["ended", "stopped"])
def test_a_kernel_that_can_not_be_heard_is_said_to_be(what: str, source: KernelSource, tmp_path: Path) -> None:
    async def steps() -> None:
        async with running(tmp_path) as (kernel, known):
            process = int(await value(known, "__import__('os').getpid()"))
            os.kill(process, signal.SIGKILL if what == "ended" else signal.SIGSTOP)
            client = listen(kernel)
            try:
                with pytest.raises(RuntimeError, match={"ended": "ended before", "stopped": "doesn't answer"}[what]):
                    await client.wait_for_ready(timeout=SECONDS if what == "ended" else 0.5)
            finally:
                client.stop_channels()

    asyncio.run(steps())
