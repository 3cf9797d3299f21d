"""Many independent jobs in an office, side by side: in this thread, in a pool of processes here, or on a Dask cluster."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from accountools import safe_files
from accountools.operations import worker_processes
from accountools.operations.cluster import cluster
from accountools.operations.restarting_pool import RestartingPool
from accountools.operations.session import Office
from accountools.operations.workers import O, Workers, faults_as_errors

T = TypeVar("T")


def work_in(paths: Iterable[Path]) -> int:
    """How many jobs these files count for: a megabyte each. Those that can't be seen count for none: their jobs say why."""
    return sum(map(safe_files.size_of, paths)) >> 20


@contextmanager
def workers(
    office: O, chosen: int | str, *, signs: bool = False, reads: Iterable[Path] = (), writes: Path | None = None
) -> Iterator[Workers[O]]:
    """So many workers here, or those of the Dask scheduler at an address.

    Each of these can open the backup key, if their work `signs`, sees the files that it `reads` and the folder into which it `writes`.
    When the block is left, jobs that were not begun are cancelled and those at work are waited for.
    Raises `package-missing`, `cluster-away`, `worker-unsuitable`.
    """
    if isinstance(chosen, str):
        with cluster(office, chosen, signs=signs, reads=reads, writes=writes) as at_work:
            yield at_work
    elif chosen <= 1:
        yield Workers(office)
    else:
        with _processes(office, chosen) as at_work:
            yield at_work


@contextmanager
def _processes(office: O, count: int) -> Iterator[Workers[O]]:
    with worker_processes.starting() as context:
        pool = RestartingPool(partial(ProcessPoolExecutor, count, context, _start_worker, (office,)))
        try:
            pool.submit(os.getpid)  # starts the processes now, beside what the caller does first
            yield Workers(office, pool, _in_worker, count)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_office: Office | None = None  # of this worker


def _start_worker(office: Office | None) -> None:
    global _office  # noqa: PLW0603 - a worker serves one office as long as it lives
    _office = office
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption at the keyboard is the parent's to handle
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for its next job for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_worker(job: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
    with faults_as_errors():
        return job(_office, *args, **kwargs)
