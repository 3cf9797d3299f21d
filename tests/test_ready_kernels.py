"""The kernels that are started before a page asks for one: several, as memory allows, each given once, none stopped while it waits."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import psutil
import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError

from accountools.web import ready_kernels
from accountools.web.ready_kernels import MOST, ReadyKernels

GIGABYTE = 1_000_000_000


class Kernels(ReadyKernels):
    """Its kernels are names, which last until they are stopped; those in `failing` can't be started."""

    def __init__(self) -> None:
        super().__init__()
        self.living: set[str] = set()
        self.failing: set[str] = set()
        self.names = (f"kernel-{n}" for n in count(1))
        self.started: list[str] = []
        self.culled: list[str] = []

    def __contains__(self, kernel_id: str) -> bool:
        return kernel_id in self.living


@pytest.fixture(autouse=True)
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No processes, and no waiting."""

    async def start(self: Kernels, **options: Any) -> str:
        name = next(self.names)
        self.started.append(name)
        if name in self.failing:
            raise OSError(name)
        self.living.add(name)
        return name

    async def cull(self: Kernels, kernel_id: str) -> None:
        self.culled.append(kernel_id)

    monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start)
    monkeypatch.setattr(AsyncMappingKernelManager, "cull_kernel_if_idle", cull)
    monkeypatch.setattr(ready_kernels, "DELAY", 0)
    monkeypatch.setattr(ready_kernels, "GAP", 0)
    free(monkeypatch, 16)


def free(monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    """This much memory is free."""
    available = psutil.virtual_memory()._replace(available=int(gigabytes * GIGABYTE))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: available)


async def filled() -> None:
    """Let all that is to be started be started."""
    for _ in range(50):
        await asyncio.sleep(0)


def run_apart(steps: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In a thread of its own: the browser has a loop running in this one."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(asyncio.run, steps()).result()


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_pages_opened_one_after_the_other_get_each_a_kernel_that_was_started_before(pages: int) -> None:
    async def steps() -> None:
        kernels = Kernels()
        kernels.start_spares()
        await filled()
        assert len(kernels.spares) == MOST
        before = list(kernels.started)
        given = [await kernels.start_kernel() for _ in range(pages)]
        assert given == before[:pages]
        await filled()
        assert len(kernels.spares) == MOST
        assert not set(given) & {spare.result() for spare in kernels.spares}

    run_apart(steps)


def test_a_page_beyond_the_spares_starts_its_own() -> None:
    async def steps() -> None:
        kernels = Kernels()
        kernels.start_spares()
        await filled()
        given = [await kernels.start_kernel() for _ in range(MOST + 2)]
        assert len(set(given)) == MOST + 2

    run_apart(steps)


@pytest.mark.parametrize(("gigabytes", "spares"), [(0.2, 1), (1, 1), (3.5, 2), (8, 3), (500, 3)])
def test_how_many_are_kept_follows_from_the_memory_that_is_free(gigabytes: float, spares: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        free(monkeypatch, gigabytes)
        kernels = Kernels()
        kernels.start_spares()
        await filled()
        assert len(kernels.spares) == spares

    run_apart(steps)


@pytest.mark.parametrize("lost", ["stopped", "not started"])
def test_a_page_gets_its_own_in_the_place_of_a_spare_that_is_lost(lost: str) -> None:
    async def steps() -> None:
        kernels = Kernels()
        if lost == "not started":
            kernels.failing = {"kernel-1"}
        kernels.start_spares()
        await filled()
        kernels.living.discard("kernel-1")
        assert await kernels.start_kernel() == f"kernel-{MOST + 1}"
        assert await kernels.start_kernel() == "kernel-2"

    run_apart(steps)


def test_a_spare_is_never_stopped_for_being_idle_and_a_page_that_was_closed_is() -> None:
    async def steps() -> None:
        kernels = Kernels()
        kernels.failing = {"kernel-2"}
        kernels.start_spares()
        await filled()
        given = await kernels.start_kernel()
        for name in ("kernel-1", "kernel-2", "kernel-3"):
            await kernels.cull_kernel_if_idle(name)
        assert given == "kernel-1"
        assert kernels.culled == ["kernel-1", "kernel-2"]

    run_apart(steps)


def test_pages_that_end_wait_for_the_kernels_that_are_being_started_and_start_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start_slowly(self: Kernels, **options: Any) -> str:
        await asyncio.sleep(0.05)
        name = next(self.names)
        if name in self.failing:
            raise OSError(name)
        self.living.add(name)
        return name

    monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start_slowly)

    async def steps() -> None:
        kernels = Kernels()
        kernels.failing = {"kernel-2"}
        pages = [asyncio.ensure_future(kernels.start_kernel()) for _ in range(3)]
        await asyncio.sleep(0)
        kernels.start_spares()
        await kernels.finish_starting()
        assert kernels.living == {"kernel-1", "kernel-3", "kernel-4"}
        kernels.start_spares()
        assert await kernels.start_kernel() == "kernel-4"
        with pytest.raises(HTTPError, match="503"):
            await kernels.start_kernel()
        await filled()
        assert [type(one) for one in await asyncio.gather(*pages, return_exceptions=True)] == [str, OSError, str]
        assert len(kernels.living) == 3

    run_apart(steps)
