"""Stages of a stream that work at the same time, each in a thread: hashing, decompressing, writing let go of the interpreter."""

import queue
import threading
from typing import Any, Protocol, Self

_ROOM = 8  # chunks that may wait before a stage; at most 1 MiB each


class Sink(Protocol):
    """Something to write to."""

    def write(self, data: bytes, /) -> Any:
        """Take these bytes."""


class Stage:
    """A sink whose bytes go on to another one in a thread of their own. What that raises, writing here raises, or leaving the block."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_ROOM)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._hand_on)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._waiting.put(None)
        self._thread.join()
        if self._failure is not None and failed is None:
            raise self._failure

    def write(self, data: bytes) -> int:
        """Leave these bytes to the thread."""
        if self._failure is not None:
            raise self._failure
        self._waiting.put(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: leaving the block waits for all."""

    def _hand_on(self) -> None:
        while (data := self._waiting.get()) is not None:
            if self._failure is None:
                try:
                    self._sink.write(data)
                except BaseException as error:
                    self._failure = error
