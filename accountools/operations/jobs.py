"""Many independent jobs at once, on an executor: a pool of processes here, or whatever gives a `concurrent.futures.Executor`.

A job is a function of this package, at the top of its module, and a value that pickles; so is its result. It never writes to the
register: whoever hands the jobs out does that, for many of them in one transaction.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

MOST_WORKERS = 4
P = ParamSpec("P")
T = TypeVar("T")


class InlineExecutor(Executor):
    """Does each job at once, in this thread, when it is handed in: for one worker, or a handful of jobs."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Do the job; what it raises is the future's, but for an interruption."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def default_workers(jobs: int) -> int:
    """How many workers that many jobs get when nobody says: the cores, at most `MOST_WORKERS`; one when there is little to do."""
    return min(os.cpu_count() or 1, MOST_WORKERS, max(jobs // 8, 1))


@contextmanager
def executor(workers: int) -> Iterator[Executor]:
    """An executor with that many workers; when it is left, jobs that were not begun are cancelled and those at work are waited for."""
    if workers <= 1:
        yield InlineExecutor()
        return
    context = multiprocessing.get_context("spawn")  # a kernel has threads: a forked copy of it could hang
    pool = ProcessPoolExecutor(workers, context, initializer=_prepare_worker)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare_worker(*_: Any) -> None:
    """An interruption at the keyboard is the parent's to handle."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
