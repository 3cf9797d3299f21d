"""Archives: what a file is by its first bytes, and the files within a ZIP, a tape archive or a compressed stream, one after another.

The input is hostile: no name in an archive becomes a path, a stream that unpacks beyond a limit is `too-large`, and so is a directory
that would fill the memory. What can't be read is `backup-damaged`.
"""

import bz2
import errno
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Literal, Protocol, cast

import zstandard

from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Part
from accountools.formats.backup.reader import FIRST_MEMBERS
from accountools.formats.zips.directory import validate_directory_size

Kind = Literal["backup", "sqlite", "sqlite-log", "zip", "tar", "gzip", "bzip2", "xz", "zstd", "age"]
HEAD = 512
PACKED = frozenset(("zip", "tar", "gzip", "bzip2", "xz", "zstd"))
_ZIP = b"PK\x03\x04"
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x37\x7f\x06\x82", "sqlite-log"),  # a write-ahead log, of either byte order
    (b"\x37\x7f\x06\x83", "sqlite-log"),
    (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "sqlite-log"),  # a rollback journal
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"age-encryption.org/v1\n", "age"),
)
_BLOCK = 512
_LARGEST_WINDOW = 1 << 27
_CHUNK = 1 << 20
_MAX_RATIO = 1000  # real books compress some 2 to 10 times
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError, struct.error, ValueError, NotImplementedError)


class Source(Protocol):
    """Something to read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


def detect_kind(head: bytes) -> Kind | None:
    """The kind of a file that begins with these bytes (`HEAD` are enough); None for any other."""
    if head.startswith(_ZIP):
        return "backup" if head[30:64].startswith(FIRST_MEMBERS) else "zip"
    if head[257:262] == b"ustar":
        return "tar"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def iterate_members(file: IO[bytes] | Source, kind: Kind) -> Iterator[tuple[str, Source]]:
    """The files packed in one of a kind in `PACKED`: each with its name, to be read before the next is asked for.

    A ZIP must be a file, of the others a source will do. Raises `backup-damaged`, `too-large`, `key-needed` for a ZIP with a password.
    """
    with errors_as_damage():
        if kind == "zip":
            yield from _in_zip(cast("IO[bytes]", file))
        elif kind == "tar":
            yield from _in_tar(file)
        else:
            yield "", cast("Source", _unpacked(cast("IO[bytes]", file), kind))


@contextmanager
def errors_as_damage() -> Iterator[None]:
    """Turn what the libraries raise for a damaged archive into `backup-damaged`."""
    try:
        yield
    except _DAMAGE as error:
        raise Unsound("backup-damaged", what=Part.COMPRESSION) from error
    except OSError as error:
        if error.errno not in {None, errno.EINVAL}:  # no number for a damaged file, EINVAL for a ZIP that points before its own start
            raise
        raise Unsound("backup-damaged", what=Part.COMPRESSION) from error


class UnpackingBudget:
    """How many bytes may still be unpacked from one file, at all depths together; also of what is only skipped."""

    def __init__(self, size: int) -> None:
        self.limit = self.left = size * _MAX_RATIO + _CHUNK

    def iterate_members(self, packed: IO[bytes] | Source, kind: Kind) -> Iterator[tuple[str, "PeekedSource"]]:
        """As the function of that name; what is read from them raises `too-large` when the budget is spent."""
        for name, source in iterate_members(packed, kind):
            yield name, PeekedSource(source if kind == "tar" else _ChargedSource(source, self))  # a tape archive is as large as its members

    def charge(self, size: int) -> None:
        """Take so many bytes off. Raises `too-large`."""
        self.left -= size
        if self.left < 0:
            raise Unsound("too-large", what=f"{self.limit}")


class _ChargedSource:
    """A source of which all that is read, by whichever layer, is charged to a budget."""

    def __init__(self, source: Source, budget: UnpackingBudget) -> None:
        self._source, self._budget = source, budget

    def read(self, size: int = -1, /) -> bytes:
        most = self._budget.left + 1
        data = self._source.read(most if size < 0 else min(size, most))
        self._budget.charge(len(data))
        return data


def iterate_chunks(source: Source) -> Iterator[bytes]:
    """What is read from `source`, in chunks. Raises `backup-damaged`, and as the source does."""
    while True:
        with errors_as_damage():
            chunk = source.read(_CHUNK)
        if not chunk:
            return
        yield chunk


class PeekedSource:
    """A source whose first bytes, `head`, were read ahead to detect its kind."""

    def __init__(self, source: Source) -> None:
        self._source = source
        with errors_as_damage():
            self.head = _read_up_to(source, HEAD)
        self._rest = self.head

    def read(self, size: int = -1, /) -> bytes:
        """The first bytes again, then the others."""
        if self._rest:
            part, self._rest = (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
            return part
        return self._source.read(size)


def _unpacked(file: IO[bytes], kind: Kind) -> Any:
    if kind == "gzip":
        return gzip.GzipFile(fileobj=file)
    if kind == "bzip2":
        return bz2.BZ2File(file)
    if kind == "xz":
        return lzma.LZMAFile(file)
    return zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).stream_reader(file, read_across_frames=True)


def _in_zip(file: IO[bytes]) -> Iterator[tuple[str, Source]]:
    validate_directory_size(file)
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.flag_bits & 1:
                raise Refused("key-needed")
            if not member.is_dir():
                with archive.open(member) as source:
                    yield member.filename, source


class _Part:
    """The next so many bytes of a source."""

    def __init__(self, source: Source, size: int) -> None:
        self._source, self.left = source, size

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(self.left if size < 0 else min(size, self.left)) if self.left else b""
        if self.left and not data and size:
            raise EOFError
        self.left -= len(data)
        return data


def _in_tar(source: Source) -> Iterator[tuple[str, Source]]:
    """The members of a tape archive (POSIX ustar), read in one go; long names and other extensions are skipped."""
    while True:
        header = _read_up_to(source, _BLOCK)
        if len(header) < _BLOCK or not header.strip(b"\0"):
            return
        field = header[124:136]  # octal, or binary behind this first byte (as GNU writes what is over 8 GiB)
        size = int.from_bytes(field[1:], "big") if field.startswith(b"\x80") else int(field.strip(b" \0") or b"0", 8)
        if size < 0:
            raise ValueError
        part = _Part(source, size)
        if header[156:157] in {b"0", b"\0", b"7"}:
            yield header[:100].split(b"\0")[0].decode("utf-8", "replace"), part
        for left in (part, _Part(source, -size % _BLOCK)):
            while left.read(_CHUNK):
                pass


def _read_up_to(source: Source, size: int) -> bytes:
    found = b""
    while len(found) < size and (more := source.read(size - len(found))):
        found += more
    return found
