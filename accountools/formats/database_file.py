"""SQLite databases as files: the logs beside one, its bytes, and whether it is whole. Nothing is opened as a database here."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from accountools.formats.archives import HEAD, detect_kind
from accountools.safe_files import has_file

_LOGS = ("-wal", "-journal")
_HEADER = 100
_CHUNK = 1 << 22


def logs_of(path: Path) -> tuple[Path, ...]:
    """The logs beside a database."""
    return tuple(log for ending in _LOGS if (log := path.with_name(f"{path.name}{ending}")).is_file())


def is_log(path: Path) -> bool:
    """Whether a file is the log of a database beside it, and read with that."""
    stem = next((path.name.removesuffix(ending) for ending in _LOGS if path.name.endswith(ending)), None)
    if not stem or not has_file(path.with_name(stem)):
        return False
    try:
        with path.with_name(stem).open("rb") as file:
            return detect_kind(file.read(HEAD)) == "sqlite"
    except OSError:
        return False


def is_truncated(path: Path) -> bool:
    """Whether a database is shorter than its own header states (SQLite's file format, 1.3: page size, and a page count that is valid)."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER:
        return True
    size = int.from_bytes(header[16:18], "big")
    pages, valid = int.from_bytes(header[28:32], "big"), header[24:28] == header[92:96]
    return valid and path.stat().st_size < pages * ((1 << 16) if size == 1 else size)


def read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of an open file in chunks, without its holes where the system knows them: those are all zero bytes, and may be huge."""
    end = file.seek(0, os.SEEK_END)
    at = 0
    while at < end:
        start, stop = _extent(file, at, end)
        at = file.seek(start)
        while at < stop:
            chunk = file.read(min(stop - at, _CHUNK))
            if not chunk:
                return
            at += len(chunk)
            yield chunk
        at = stop


def _extent(file: IO[bytes], at: int, end: int) -> tuple[int, int]:
    """Start and end of the next bytes from `at` that were ever written; all to the end where the system doesn't know."""
    if not hasattr(os, "SEEK_DATA"):
        return at, end
    try:
        start = os.lseek(file.fileno(), at, os.SEEK_DATA)
    except OSError:  # nothing more was written: but the last bytes are read all the same, a system may not know
        return max(at, end - _CHUNK), end
    try:
        return start, min(os.lseek(file.fileno(), start, os.SEEK_HOLE), end)
    except OSError:
        return start, end
