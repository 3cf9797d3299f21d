"""Steps of work on several connections at once: SQLite releases the interpreter's lock while it works, so two keep two cores busy."""

import sqlite3
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

Step = Callable[[sqlite3.Connection], Generator[None]]  # it yields wherever it may be ended


class StepRunner:
    """Runs steps on each of these connections until none is left; the first failure ends the others where they are."""

    def __init__(self, connections: Sequence[sqlite3.Connection]) -> None:
        self._connections = connections
        self._steps: deque[tuple[Step, sqlite3.Connection | None]] = deque()
        self._in_use: list[sqlite3.Connection] = []
        self._failures: list[BaseException] = []

    def run(self, steps: Sequence[Step], long_step: tuple[Step, sqlite3.Connection] | None = None) -> None:
        """Run the steps, started in their order, and beside them `long_step` on its own connection. Raises the first failure."""
        self._steps.extend((step, None) for step in steps)
        self._in_use = list(self._connections)
        if long_step is not None:
            self._steps.insert(1, long_step)
            self._in_use.append(long_step[1])
        if len(self._connections) == 1:
            self._run_on(self._connections[0])
        else:
            self._run_in_threads()
        if self._failures:
            raise self._failures[0]

    def _run_in_threads(self) -> None:
        with ThreadPoolExecutor(len(self._connections)) as threads:
            try:
                for thread in [threads.submit(self._run_on, one) for one in self._connections]:
                    thread.result()
            except BaseException as error:  # an interruption from outside
                self._stop(error)

    def _run_on(self, connection: sqlite3.Connection) -> None:
        try:
            while not self._failures:
                try:
                    step, own = self._steps.popleft()
                except IndexError:
                    return
                for _ in step(own or connection):
                    if self._failures:
                        return
        except BaseException as error:
            self._stop(error)

    def _stop(self, error: BaseException) -> None:
        self._failures.append(error)
        for connection in self._in_use:
            connection.interrupt()
