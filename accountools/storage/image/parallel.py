"""Steps of work on several connections at once: SQLite lets go of the interpreter while it works, so two of them keep two cores busy."""

import sqlite3
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

Step = Callable[[sqlite3.Connection], Generator[None]]  # it yields wherever it may be ended


class Lanes:
    """Takes steps on each of these connections until none is left; one that fails ends the others where they are."""

    def __init__(self, connections: Sequence[sqlite3.Connection]) -> None:
        self._connections = connections
        self._steps: deque[tuple[Step, sqlite3.Connection | None]] = deque()
        self._at_work: list[sqlite3.Connection] = []
        self._failures: list[BaseException] = []

    def run(self, steps: Sequence[Step], meanwhile: tuple[Step, sqlite3.Connection] | None = None) -> None:
        """Take the steps, begun in their order, and `meanwhile` a long one over a connection of its own. Raises the first failure."""
        self._steps.extend((step, None) for step in steps)
        self._at_work = list(self._connections)
        if meanwhile is not None:
            self._steps.insert(1, meanwhile)
            self._at_work.append(meanwhile[1])
        with ThreadPoolExecutor(len(self._connections)) as threads:
            try:
                for lane in [threads.submit(self._lane, one) for one in self._connections]:
                    lane.result()
            except BaseException as error:  # an interruption from outside
                self._stop(error)
        if self._failures:
            raise self._failures[0]

    def _lane(self, connection: sqlite3.Connection) -> None:
        try:
            while not self._failures and (following := self._following()) is not None:
                step, own = following
                for _ in step(own or connection):
                    if self._failures:
                        return
        except BaseException as error:
            self._stop(error)

    def _following(self) -> tuple[Step, sqlite3.Connection | None] | None:
        try:
            return self._steps.popleft()
        except IndexError:
            return None

    def _stop(self, error: BaseException) -> None:
        self._failures.append(error)
        for connection in self._at_work:
            connection.interrupt()
