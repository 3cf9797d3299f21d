"""A file that another process is writing, read as it grows."""

import subprocess
import threading
from pathlib import Path
from typing import IO

_WAIT_AT_MOST = 10  # seconds for a process to end that has nothing more to do


class GrowingFile:
    """A file of `size` bytes, of which `process` tells on lines of its standard output how many are there already.

    Raises OSError from all that waits when the process failed.
    """

    def __init__(self, path: Path, size: int, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.path = path
        self.size = size
        self._process = process
        self._there = 0 if process else size
        self._ended = process is None
        self._news = threading.Condition()
        if process is not None:
            threading.Thread(target=self._listen, daemon=True).start()

    def wait(self, beyond: int | None = None) -> int:
        """Wait until there are more than `beyond` bytes (without it: until it is whole); gives how many there are."""
        with self._news:
            self._news.wait_for(lambda: self._ended or (beyond is not None and self._there > beyond))
            if self._there < self.size and self._ended:
                raise self._failure()
            return self._there

    def reader(self) -> "GrowingReader":
        """Something to read it from, once, from the start."""
        return GrowingReader(self)

    def close(self) -> None:
        """End the process, if it is still at it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None  # noqa: S101, PT018 - for the type checker
        for line in process.stdout:
            with self._news:
                self._there = int(line)
                self._news.notify_all()
        process.wait()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _failure(self) -> OSError:
        told = self._process.stderr.read() if self._process is not None and self._process.stderr is not None else b""
        return OSError(int(told), "") if told.strip().isdigit() else OSError(told.decode(errors="replace"))


class GrowingReader:
    """Reads a file that grows; waits where it isn't written yet."""

    def __init__(self, growing: GrowingFile) -> None:
        self.size = growing.size
        self._growing = growing
        self._file: IO[bytes] = growing.path.open("rb")
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        if self._at == self.size:
            return b""
        there = self._growing.wait(beyond=self._at)
        data = self._file.read(there - self._at if size < 0 else min(size, there - self._at))
        self._at += len(data)
        return data

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def __enter__(self) -> "GrowingReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
