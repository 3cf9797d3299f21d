"""How far long work is: the hook that is called with the bytes done and those in all, and may stop the work there.

What is stopped leaves nothing that is seen.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

Progress = Callable[[int, int], None]


class Stopped(Exception):
    """What a hook raises to stop the work: no error, and nothing was done."""


class Stream(Protocol):
    """What is read from start to end: `size` bytes."""

    size: int

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""

    def close(self) -> None:
        """Done with it."""


def no_progress(_done: int, _total: int) -> None:
    """The hook of nobody."""


@contextmanager
def stoppable(progress: Progress) -> Iterator[Progress]:
    """The hook, to be called within the block: that it stopped the work comes out as `Stopped`, whatever became of it on its way up."""
    stopped = False

    def hook(done: int, total: int) -> None:
        nonlocal stopped
        try:
            progress(done, total)
        except Stopped:
            stopped = True
            raise

    try:
        yield hook
    except Exception as error:
        if stopped and not isinstance(error, Stopped):
            raise Stopped from error
        raise


class ReportingStream:
    """A stream that calls `progress` with how much of it was read."""

    def __init__(self, stream: Stream, progress: Progress) -> None:
        self.size = stream.size
        self._stream, self._progress = stream, progress
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`. Raises `Stopped`."""
        chunk = self._stream.read(size)
        self._done += len(chunk)
        self._progress(self._done, self.size)
        return chunk

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
