"""Stages of a stream that work at the same time, each in a thread: hashing, decompressing and writing release the GIL.

Of a small stream they work one after another: starting threads takes longer than they save.
"""

import queue
import threading
from typing import Any, Protocol, Self

_PORTION = 1 << 19  # bytes passed on at once, at least: each change of thread costs time
_SMALL = 4 << 20  # bytes of a stream that is not worth threads
_MAX_WAITING = 8  # portions in the queue of a stage; at most 1.5 MiB each


class Sink(Protocol):
    """Something to write to."""

    def write(self, data: bytes, /) -> Any:
        """Write these bytes."""


class PipelineStage:
    """A sink that passes its bytes to another one, in a thread unless `size` says that the stream is small.

    What that one raises is raised by `write` or at the block's end.
    """

    def __init__(self, sink: Sink, portion: int = _PORTION, *, size: int | None = None) -> None:
        self._sink = sink
        self._threaded = is_worth_threads(size)
        self._portion = portion
        self._buffered: list[bytes] = []
        self._size = 0
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_MAX_WAITING)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._write_queued)

    def __enter__(self) -> Self:
        if self._threaded:
            self._thread.start()
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if not self._threaded:
            return
        if self._buffered:
            self._enqueue()
        self._waiting.put(None)
        self._thread.join()
        if self._failure is not None and failed is None:
            raise self._failure

    def write(self, data: bytes) -> int:
        """Queue these bytes for the thread."""
        if not self._threaded:
            self._sink.write(data)
            return len(data)
        if self._failure is not None:
            raise self._failure
        self._buffered.append(bytes(data))
        self._size += len(data)
        if self._size >= self._portion:
            self._enqueue()
        return len(data)

    def flush(self) -> None:
        """Nothing to do: the block's end waits for all bytes."""

    def _enqueue(self) -> None:
        self._waiting.put(self._buffered[0] if len(self._buffered) == 1 else b"".join(self._buffered))
        self._buffered, self._size = [], 0

    def _write_queued(self) -> None:
        while (data := self._waiting.get()) is not None:
            if self._failure is None:
                try:
                    self._sink.write(data)
                except BaseException as error:
                    self._failure = error


def is_worth_threads(size: int | None) -> bool:
    """Whether a stream of so many bytes is faster in threads; one of unknown size is."""
    return size is None or size > _SMALL
