"""Where jobs in an office are done, and how they are handed out.

A job is a function at the top of a module of this package and values that pickle; so is its result. It never writes to the register:
whoever hands the jobs out does that, for many of them in one transaction. Its first parameter is the office, or None where there is none.
A cluster does a job again when a worker is lost: what a job makes has a name of its own each time.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from accountools.domain.errors import AccountoolsError, MachineFailed
from accountools.operations.errors import DEBUG, INTERRUPTIONS, translate_error
from accountools.operations.progress import Stopped
from accountools.operations.session import Office

AHEAD = 2  # jobs that are handed out for each worker: the next one is there when one is done
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
                while waiting and (len(waiting) > AHEAD * self.count or waiting[0][1].done()):
                    yield first()
            while waiting:
                yield first()
        finally:
            for _, future in waiting:
                future.cancel()
            wait([future for _, future in waiting])


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
