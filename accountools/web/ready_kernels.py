"""A few started kernels are kept for the next pages: they have imported the program, but have not opened the office.

So a page doesn't wait for Python to start, also when several are opened one after the other, and shows the office as it is when the page is
opened.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress
from queue import Empty
from typing import Any

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath
from tornado.web import HTTPError

DELAY, GAP = 3.0, 1.0  # seconds before the next spare is started: while there are others; when none is left
MOST = 3
ANSWER, ECHO = 1.0, 0.1  # seconds until a kernel is asked again: when it doesn't answer; when what it publishes isn't heard yet
SIZE, SHARE = 150_000_000, 0.1  # what a spare kernel takes in memory, and which part of what is available all may take


def spare_count() -> int:
    """How many spare kernels are kept, by the memory that is available now: one at least."""
    return max(1, min(MOST, int(psutil.virtual_memory().available * SHARE / SIZE)))


class PromptClient(AsyncKernelClient):
    """Waits for a kernel until what it published is heard, and no longer: Jupyter's own then listens for a fifth of a second to silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and is heard. Raises `RuntimeError` when it ends, or isn't heard within `timeout` seconds."""
        requests, until = set[str](), time.monotonic() + (float("inf") if timeout is None else timeout)
        while time.monotonic() < until:
            requests.add(self.kernel_info())
            with suppress(Empty):
                self._handle_kernel_info_reply(await self.get_shell_msg(timeout=ANSWER))
                while not _is_idle_after(await self.get_iopub_msg(timeout=ECHO), requests):
                    pass  # what it published before
                return
            if not await self.is_alive():
                raise RuntimeError("the kernel ended before it answered")
        raise RuntimeError("the kernel doesn't answer")


def _is_idle_after(message: dict[str, Any], requests: set[str]) -> bool:
    return message["content"].get("execution_state") == "idle" and message["parent_header"].get("msg_id") in requests


class ReadyKernels(AsyncMappingKernelManager):
    """The kernels of the pages, and the spare ones."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self.spares: deque[asyncio.Future[str]] = deque()
        self._starting: set[asyncio.Future[str]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._ending = False

    def start_spares(self) -> None:
        """Start the spare kernels that are missing, one after the other: a page that is loading goes first."""
        self._timer = None
        if not self._ending and len(self.spares) < spare_count():
            self.spares.append(self._start(path=ApiPath("")))
            self._start_later()

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Give the oldest spare kernel, or a new one where there is none. Raises HTTP's error 503 when the pages end."""
        spare = self.spares.popleft() if self.spares else None
        self._start_later()
        kernel = None
        with suppress(Exception):  # a new one that can't be started either raises here
            kernel = await spare if spare is not None else None
        return kernel if kernel is not None and kernel in self else await self._start(**options)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """Stop a kernel whose page was closed; never a spare."""
        if not any(spare.done() and not spare.exception() and spare.result() == kernel_id for spare in self.spares):
            await super().cull_kernel_if_idle(kernel_id)  # type: ignore[no-untyped-call]

    async def finish_starting(self) -> None:
        """Wait for the kernels that are being started, and start no more: what ends the kernels doesn't know one that isn't there yet."""
        self._ending = True
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)

    def _start(self, **options: Any) -> asyncio.Task[str]:
        if self._ending:
            raise HTTPError(503)
        starting = asyncio.ensure_future(super().start_kernel(**options))
        self._starting.add(starting)
        starting.add_done_callback(self._starting.discard)
        return starting

    def _start_later(self) -> None:
        """Start the next spare a little later; each page that is opened puts that off: it is loading now."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(DELAY if self.spares else GAP, self.start_spares)
