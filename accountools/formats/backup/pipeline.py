"""Stages of a stream that work at the same time, each in a thread: hashing, decompressing, writing let go of the interpreter."""

import queue
import threading
from typing import Any, Protocol, Self

_PORTION = 1 << 19  # bytes that go on together at least: each change of thread costs time
_ROOM = 8  # portions that may wait before a stage; at most 1.5 MiB each


class Sink(Protocol):
    """Something to write to."""

    def write(self, data: bytes, /) -> Any:
        """Take these bytes."""


class Stage:
    """A sink whose bytes go on to another one in a thread of their own. What that raises, writing here raises, or leaving the block."""

    def __init__(self, sink: Sink, portion: int = _PORTION) -> None:
        self._sink = sink
        self._portion = portion
        self._gathered: list[bytes] = []
        self._size = 0
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_ROOM)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._hand_on)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if self._gathered:
            self._pass_on()
        self._waiting.put(None)
        self._thread.join()
        if self._failure is not None and failed is None:
            raise self._failure

    def write(self, data: bytes) -> int:
        """Leave these bytes to the thread."""
        if self._failure is not None:
            raise self._failure
        self._gathered.append(bytes(data))
        self._size += len(data)
        if self._size >= self._portion:
            self._pass_on()
        return len(data)

    def flush(self) -> None:
        """Nothing to do: leaving the block waits for all."""

    def _pass_on(self) -> None:
        self._waiting.put(self._gathered[0] if len(self._gathered) == 1 else b"".join(self._gathered))
        self._gathered, self._size = [], 0

    def _hand_on(self) -> None:
        while (data := self._waiting.get()) is not None:
            if self._failure is None:
                try:
                    self._sink.write(data)
                except BaseException as error:
                    self._failure = error
