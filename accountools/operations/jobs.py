"""Many independent jobs in an office, side by side: in this thread, in a pool of processes here, or on another executor.

A job is a function at the top of a module of this package and a value that pickles; so is its result. It never writes to the register:
whoever hands the jobs out does that, for many of them in one transaction. Its first parameter is the office, or None where there is none.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from accountools.domain.errors import AccountoolsError
from accountools.operations.errors import DEBUG, INTERRUPTIONS, translate_error
from accountools.operations.progress import Stopped
from accountools.operations.session import Office

MOST_WORKERS = 4
_WORTH_A_WORKER = 8  # jobs; for fewer a process costs more than it saves
_SAFE_PATH = "PYTHONSAFEPATH"
P = ParamSpec("P")
T = TypeVar("T")
Place = TypeVar("Place", Office, None)


@dataclass(frozen=True)
class Workers(Generic[Place]):
    """Where jobs in an office are done: on `executor`, or (None) at once, in this thread."""

    office: Place
    executor: Executor | None = None

    def submit(self, job: Callable[Concatenate[Place, P], T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Hand out a job. What it raises is the future's, but for an interruption.

        A fault in the program is an `InternalError`.
        """
        if self.executor is not None:
            return self.executor.submit(_in_worker, job, *args, **kwargs)
        future: Future[T] = Future()
        try:
            with faults_as_errors():
                future.set_result(job(self.office, *args, **kwargs))
        except INTERRUPTIONS:
            raise
        except BaseException as error:
            future.set_exception(error)
        return future


def default_workers(jobs: int) -> int:
    """How many workers so many jobs get when nobody says: the cores, at most `MOST_WORKERS`; one when there is little to do."""
    return min(os.cpu_count() or 1, MOST_WORKERS, max(jobs // _WORTH_A_WORKER, 1))


@contextmanager
def workers(office: Place, count: int) -> Iterator[Workers[Place]]:
    """So many workers; when the block is left, jobs that were not begun are cancelled and those at work are waited for."""
    if count <= 1:
        yield Workers(office)
        return
    context = multiprocessing.get_context("spawn")  # a kernel has threads: a forked copy of it could hang
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"  # workers are started by `python -c`, which would import from the working folder
    pool = ProcessPoolExecutor(count, context, _start_worker, (office,))
    try:
        pool.submit(os.getpid)  # starts the processes now, beside what the caller does first
        yield Workers(office, pool)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        os.environ.pop(_SAFE_PATH, None)
        if before is not None:
            os.environ[_SAFE_PATH] = before


_office: list[Office | None] = []  # of this worker


def _start_worker(office: Office | None) -> None:
    _office.append(office)  # a worker serves one office as long as it lives
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interruption at the keyboard is the parent's to handle
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for its next job for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_worker(job: Callable[Concatenate[Any, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    (office,) = _office
    with faults_as_errors():
        return job(office, *args, **kwargs)


@contextmanager
def faults_as_errors() -> Iterator[None]:
    """For one of many: raise a fault in the program as an `InternalError`, so that it ends this one only."""
    try:
        yield
    except (AccountoolsError, OSError, Stopped, *INTERRUPTIONS):
        raise
    except BaseException as error:
        if os.environ.get(DEBUG):
            raise
        raise translate_error(error) from error
