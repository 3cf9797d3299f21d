"""How far long work is: told to whoever wants to know, who may stop it there. What is stopped leaves nothing that is seen.

An operation takes the hook as an argument; it is called with the bytes that are done and those there are in all.
"""

from collections.abc import Callable
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


def unheard(_done: int, _total: int) -> None:
    """The hook of nobody."""


class Told:
    """A stream that tells how much of it was read. `stopped` keeps that the hook stopped it, whatever becomes of that on its way up."""

    def __init__(self, stream: Stream, progress: Progress) -> None:
        self.size = stream.size
        self.stopped = False
        self._stream, self._progress = stream, progress
        self._done = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`. Raises `Stopped`."""
        chunk = self._stream.read(size)
        self._done += len(chunk)
        try:
            self._progress(self._done, self.size)
        except Stopped:
            self.stopped = True
            raise
        return chunk

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
