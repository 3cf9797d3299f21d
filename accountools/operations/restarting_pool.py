"""A pool of processes that goes on when one of them is killed: the jobs that weren't done are handed out again."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
_MOST_ATTEMPTS = 4  # of a job, as on a Dask cluster: one that kills each process that takes it must end some time


class _Job(Future[T]):
    """A job for whoever handed it out; `inner` is its future in the pool that has it now."""

    inner: Future[T]

    def __init__(self, work: Callable[[], T]) -> None:
        super().__init__()
        self.work = work
        self.attempts = 0

    def cancel(self) -> bool:
        """Drop it, unless it is at work already; whether it was dropped."""
        return self.inner.cancel() or self.cancelled()

    def drop(self) -> None:
        """Let who waits for it know that it was dropped."""
        super().cancel()
        self.set_running_or_notify_cancel()


class RestartingPool(Executor):
    """Python's pool, made anew by `make` when it is broken: one process that is killed takes the others with it."""

    def __init__(self, make: Callable[[], ProcessPoolExecutor]) -> None:
        self._make, self._lock = make, Lock()
        self._pool, self._closed = make(), False
        self._broken: list[ProcessPoolExecutor] = []

    def submit(self, job: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Hand out a job; it may be begun more than once."""
        handed_out = _Job(partial(job, *args, **kwargs))
        self._hand_out(handed_out)
        return handed_out

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As Python's: no job is handed out any more."""
        with self._lock:
            self._closed = True
        for pool in (*self._broken, self._pool):
            _end_forgotten(pool)
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def _hand_out(self, job: _Job[T]) -> None:
        job.attempts += 1
        while True:
            pool = self._pool
            try:
                job.inner = pool.submit(job.work)
                break
            except BrokenProcessPool:
                if not self._renew(pool):
                    raise
        job.inner.add_done_callback(partial(self._finish, job, pool))

    def _renew(self, broken: ProcessPoolExecutor) -> bool:
        """Make another pool, unless somebody did; whether there is one."""
        with self._lock:
            if self._pool is broken and not self._closed:
                self._broken.append(broken)
                self._pool = self._make()
            return self._pool is not broken

    def _finish(self, job: _Job[T], pool: ProcessPoolExecutor, done: Future[T]) -> None:
        """What came of a job in a pool, for whoever waits for it; in a pool that broke it is handed out again."""
        if done.cancelled():
            job.drop()
            return
        error = done.exception()
        if isinstance(error, BrokenProcessPool) and job.attempts < _MOST_ATTEMPTS and self._renew(pool):
            try:
                self._hand_out(job)
            except Exception as failure:  # whatever it is, somebody waits for the job
                error = failure
            else:
                return
        if error is not None:
            job.set_exception(error)
        else:
            job.set_result(done.result())


def _end_forgotten(pool: ProcessPoolExecutor) -> None:
    """End the processes of a pool that broke.

    Python forgets one that was being started just when another was killed, and waits for it for ever, even at the end of the program.
    """
    if pool._broken:  # from Python 3.14 on `terminate_workers` does this
        for process in tuple((pool._processes or {}).values()):  # None once it was shut down
            if process.is_alive():
                process.terminate()
