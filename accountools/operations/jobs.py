"""Many independent jobs in an office, side by side: in this thread, in a pool of processes here, or on a Dask cluster.

A job is a function at the top of a module of this package and values that pickle; so is its result. It never writes to the register:
whoever hands the jobs out does that, for many of them in one transaction. Its first parameter is the office, or None where there is none.
A cluster does a job again when a worker is lost: what a job makes has a name of its own each time.
"""

import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.operations.backup_key import read_backup_key
from accountools.operations.errors import DEBUG, INTERRUPTIONS, translate_error
from accountools.operations.progress import Stopped
from accountools.operations.session import Office
from accountools.version import VERSION

if TYPE_CHECKING:
    from distributed import Client

MOST_WORKERS = 4
_WORTH_A_WORKER = 8  # jobs; for fewer a process costs more than it saves
_SAFE_PATH = "PYTHONSAFEPATH"
_AHEAD = 2  # jobs that are handed out for each worker: the next one is there when one is done
_CONNECTING, _PATIENCE = 5, 5  # seconds: until a scheduler answers, and between two looks whether there are still workers
_MOST_LOOKS = 6  # that find no worker at all, before nobody waits for one any more
O = TypeVar("O", bound=Office | None)  # noqa: E741 - the office
P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")
Run = Callable[..., Any]


@dataclass(frozen=True)
class Workers(Generic[O]):
    """Where jobs in an office are done: on `executor`, or (None) at once, in this thread. `count`: how many at a time."""

    office: O
    executor: Executor | None = None
    run: Run | None = None  # what runs on `executor`, with the job and its arguments
    count: int = 1

    def submit(self, job: Callable[Concatenate[O, P], T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Hand out a job, whose first parameter is the office. What it raises is the future's, but for an interruption.

        A fault in the program is an `InternalError`.
        """
        if self.executor is not None and self.run is not None:
            return self.executor.submit(self.run, job, *args, **kwargs)
        future: Future[T] = Future()
        try:
            with faults_as_errors():
                future.set_result(job(self.office, *args, **kwargs))
        except INTERRUPTIONS:
            raise
        except BaseException as error:
            future.set_exception(error)
        return future

    def each(
        self, job: Callable[Concatenate[O, V, P], T], values: Iterable[V], *args: P.args, **kwargs: P.kwargs
    ) -> "Iterator[tuple[V, Future[T]]]":
        """Each value with its finished job, in their order; only some jobs are handed out ahead. Raises `machine-failed` for a lost worker.

        Whoever stops asking cancels those that were not begun and waits for those at work.
        """
        waiting: deque[tuple[V, Future[T]]] = deque()

        def first() -> "tuple[V, Future[T]]":
            failure = waiting[0][1].exception()
            if isinstance(failure, BrokenExecutor):
                raise MachineFailed("machine-failed", what=str(failure))
            return waiting.popleft()

        try:
            for value in values:
                waiting.append((value, self.submit(job, value, *args, **kwargs)))
                while waiting and (len(waiting) > _AHEAD * self.count or waiting[0][1].done()):
                    yield first()
            while waiting:
                yield first()
        finally:
            for _, future in waiting:
                future.cancel()
            wait([future for _, future in waiting])


def default_workers(jobs: int) -> int:
    """How many workers so many jobs get when nobody says: the cores, at most `MOST_WORKERS`; one when there is little to do."""
    return min(os.cpu_count() or 1, MOST_WORKERS, max(jobs // _WORTH_A_WORKER, 1))


def work_in(paths: Iterable[Path]) -> int:
    """How many jobs these files count for: a megabyte each."""
    return sum(path.stat().st_size for path in paths if path.is_file()) >> 20


@contextmanager
def workers(office: O, chosen: int | str, *, signs: bool = False) -> Iterator[Workers[O]]:
    """So many workers here, or those of the Dask scheduler at an address; each of these can open the backup key, if their work `signs`.

    When the block is left, jobs that were not begun are cancelled and those at work are waited for.
    Raises `package-missing`, `cluster-away`, `worker-unsuitable`.
    """
    if isinstance(chosen, str):
        with _cluster(office, chosen, signs=signs) as at_work:
            yield at_work
    elif chosen <= 1:
        yield Workers(office)
    else:
        with _processes(office, chosen) as at_work:
            yield at_work


@contextmanager
def _processes(office: O, count: int) -> Iterator[Workers[O]]:
    context = multiprocessing.get_context("spawn")  # a kernel has threads: a forked copy of it could hang
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"  # workers are started by `python -c`, which would import from the working folder
    pool = ProcessPoolExecutor(count, context, _start_worker, (office,))
    try:
        pool.submit(os.getpid)  # starts the processes now, beside what the caller does first
        yield Workers(office, pool, _in_worker, count)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        os.environ.pop(_SAFE_PATH, None)
        if before is not None:
            os.environ[_SAFE_PATH] = before


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


@contextmanager
def _cluster(office: O, address: str, *, signs: bool) -> Iterator[Workers[O]]:
    """The workers of a Dask scheduler. A thread here waits for each job: so what is at work is known, and can be waited for."""
    try:
        from distributed import Client
    except ImportError as error:
        raise Refused("package-missing", package="distributed", extra="cluster") from error
    for name in ("distributed", "distributed.client", "distributed.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is an error of ours
    try:
        client = Client(address, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise MachineFailed("cluster-away", address=address) from error
    with client:
        count = _suitable_threads(client, office, address, signs=signs)
        pool = ThreadPoolExecutor(_AHEAD * count)
        try:
            yield Workers(office, pool, _OnCluster(client, office, address), count)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _suitable_threads(client: "Client", office: Office | None, address: str, *, signs: bool) -> int:
    """How many jobs the workers can do at a time, once each was asked whether it is able to. Raises `worker-unsuitable`."""
    threads: dict[str, int] = client.nthreads()
    if not threads:
        raise MachineFailed("cluster-away", address=address)
    for worker, answer in client.run(_why_unsuitable, office, VERSION, signs=signs, on_error="return").items():
        if answer is not None:
            why = answer.reason.sentence() if isinstance(answer, AccountoolsError) else str(answer)
            raise Refused("worker-unsuitable", worker=worker, why=why)
    return sum(threads.values())


def _why_unsuitable(office: Office | None, version: str, *, signs: bool) -> str | None:
    """Asked of each worker of a cluster."""
    if version != VERSION:
        return f"accountools {VERSION}"
    if office is not None:
        office.engine.open()
        if signs:
            read_backup_key(office.engine)
    return None


@dataclass(frozen=True)
class _OnCluster:
    """Runs a job on the cluster, and waits for it."""

    client: "Client"
    office: Office | None
    address: str

    def __call__(self, job: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        from distributed import KilledWorker
        from distributed.client import ClosedClientError

        try:
            done: Future[T] = self.client.get_executor(pure=False).submit(_ClusterJob(job, (self.office, *args), kwargs))
        except (ClosedClientError, OSError) as error:
            raise MachineFailed("cluster-away", address=self.address) from error
        looks = 0
        while not wait([done], timeout=_PATIENCE).done:
            looks = 0 if self._has_workers() else looks + 1
            if looks == _MOST_LOOKS:
                done.cancel()
                raise MachineFailed("cluster-away", address=self.address)
        if done.cancelled() or isinstance(done.exception(), CancelledError):  # nobody cancels what is at work: the scheduler is gone
            raise MachineFailed("cluster-away", address=self.address)
        if isinstance(done.exception(), KilledWorker):
            raise MachineFailed("machine-failed", what=str(done.exception()))
        with faults_as_errors():
            return done.result()

    def _has_workers(self) -> bool:
        from distributed.client import ClosedClientError

        try:
            return bool(self.client.nthreads())
        except (ClosedClientError, OSError):
            return False


class _ClusterJob:
    """A job with its arguments, which Dask's logs and pages show by its name only: they hold licences and passphrases."""

    def __init__(self, job: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.__name__ = job.__name__
        self._job, self._args, self._kwargs = job, args, kwargs

    def __call__(self) -> Any:
        return self._job(*self._args, **self._kwargs)

    def __repr__(self) -> str:
        return f"<job {self.__name__}>"


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
