"""The outer shape of a backup: a ZIP of two or three stored members that `unzip` opens, with exactly one valid form.

Names, order, dates, attributes and the ZIP64 fields are fixed, so the reader needn't trust the directory: it reads the members
from the start, rebuilds every header from what it found, and refuses any byte that differs (`backup-damaged`): a comment, an
extra field, a gap, a second directory. Layout by PKWARE's APPNOTE 6.3.10, sections 4.3.7–4.3.16.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from accountools.domain.errors import Unsound
from accountools.domain.obstacle import Part

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_ZIP64_END = struct.Struct("<4sQ2H2I4Q")
_ZIP64_LOCATOR = struct.Struct("<4sIQI")
_END = struct.Struct("<4s4H2IH")
_NEEDED, _MADE_BY = 45, 3 << 8 | 45
_DATE = (1 << 5) | 1  # 1980-01-01, the first there is
_ATTRIBUTES = 0o100600 << 16
_IN_ZIP64 = 0xFFFFFFFF  # the value is in the ZIP64 field
_ZIP64_ID = 1
_CHUNK = 1 << 20
_MAX_NAME = 64
_MAX_MEMBERS = 16  # a backup has two or three


@dataclass(frozen=True)
class Member:
    """A stored member: offset and number of its bytes, and their CRC-32."""

    name: str
    offset: int
    size: int
    crc: int

    def local_header(self) -> bytes:
        """The header before its bytes."""
        name = self.name.encode()
        extra = struct.pack("<2H2Q", _ZIP64_ID, 16, self.size, self.size)
        fixed = (_NEEDED, 0, 0, 0, _DATE, self.crc, _IN_ZIP64, _IN_ZIP64, len(name), len(extra))
        return _LOCAL.pack(b"PK\x03\x04", *fixed) + name + extra

    def central_header(self) -> bytes:
        """Its entry in the directory."""
        name = self.name.encode()
        extra = struct.pack("<2H3Q", _ZIP64_ID, 24, self.size, self.size, self.offset - len(self.local_header()))
        times = (_MADE_BY, _NEEDED, 0, 0, 0, _DATE)
        lengths = (len(name), len(extra), 0, 0, 0)
        return _CENTRAL.pack(b"PK\x01\x02", *times, self.crc, _IN_ZIP64, _IN_ZIP64, *lengths, _ATTRIBUTES, _IN_ZIP64) + name + extra


class ContainerWriter:
    """Writes members one after another into an empty, seekable file, then the directory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._members: list[Member] = []

    @contextmanager
    def member(self, name: str) -> Iterator["_MemberSink"]:
        """A sink for the bytes of the member `name`; its header is completed at the end of the block."""
        start = self._file.tell()
        self._file.write(Member(name, 0, 0, 0).local_header())
        sink = _MemberSink(self._file)
        yield sink
        member = Member(name, start + len(Member(name, 0, 0, 0).local_header()), sink.size, sink.crc)
        self._file.seek(start)
        self._file.write(member.local_header())
        self._file.seek(0, os.SEEK_END)
        self._members.append(member)

    def finish(self) -> None:
        """Write the directory."""
        self._file.write(_directory(self._members))


class _MemberSink:
    """Counts and checks what goes into a member."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.crc = 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.size += len(data)
        self.crc = zlib.crc32(data, self.crc)
        return len(data)

    def flush(self) -> None:
        self._file.flush()


def read_members(file: IO[bytes], name: str, first: tuple[bytes, ...]) -> tuple[Member, ...]:
    """The members of a container, of which the first one's name begins with one of `first`.

    Raises `not-a-backup`, also for any other ZIP, or `backup-damaged` for any byte of a header that differs from what it must be.
    """
    file.seek(_LOCAL.size)
    begins = file.read(_MAX_NAME)  # less in a file that was truncated
    if not any(begins[: len(one)] == one[: len(begins)] for one in first):
        raise Unsound("not-a-backup", path=name)
    file.seek(0, os.SEEK_END)
    length = file.tell()
    members: list[Member] = []
    offset = 0
    while (found := _member_at(file, offset, length)) is not None:
        members.append(found)
        offset = found.offset + found.size
        if len(members) > _MAX_MEMBERS:
            raise Unsound("backup-damaged", what=Part.MEMBERS)
    if not members:
        raise Unsound("not-a-backup", path=name)
    for member in members:
        _expect(file, member.offset - len(member.local_header()), member.local_header())
    _expect(file, offset, _directory(members))
    if length != offset + len(_directory(members)):
        raise Unsound("backup-damaged", what=Part.LENGTH)
    return tuple(members)


def read_checked(file: IO[bytes], member: Member) -> Iterator[bytes]:
    """A member's bytes in chunks. Raises `backup-damaged` at the end when their CRC isn't the header's."""
    crc = 0
    for chunk in read_unchecked(file, member):
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if crc != member.crc:
        raise Unsound("backup-damaged", what=member.name)


def read_unchecked(file: IO[bytes], member: Member) -> Iterator[bytes]:
    """The bytes of a member whose CRC was compared before; they may have changed since. Raises `backup-damaged` for fewer."""
    file.seek(member.offset)
    left = member.size
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise Unsound("backup-damaged", what=Part.LENGTH)
        left -= len(chunk)
        yield chunk


def _member_at(file: IO[bytes], offset: int, length: int) -> Member | None:
    file.seek(offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        return None
    fields = _LOCAL.unpack(head)
    crc, name_length, extra_length = fields[6], fields[9], fields[10]
    rest = file.read(name_length + extra_length)
    try:
        name = rest[:name_length].decode("ascii")
        size = int(struct.unpack_from("<2H2Q", rest, name_length)[3])
    except (UnicodeDecodeError, struct.error) as error:
        raise Unsound("backup-damaged", what=Part.HEADER) from error
    start = offset + _LOCAL.size + name_length + extra_length
    if name_length > _MAX_NAME or start + size > length:
        raise Unsound("backup-damaged", what=Part.HEADER)
    return Member(name, start, size, crc)


def _directory(members: list[Member]) -> bytes:
    start = members[-1].offset + members[-1].size
    entries = b"".join(member.central_header() for member in members)
    count = len(members)
    zip64 = _ZIP64_END.pack(b"PK\x06\x06", _ZIP64_END.size - 12, _MADE_BY, _NEEDED, 0, 0, count, count, len(entries), start)
    locator = _ZIP64_LOCATOR.pack(b"PK\x06\x07", 0, start + len(entries), 1)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, _IN_ZIP64, _IN_ZIP64, 0)
    return entries + zip64 + locator + end


def _expect(file: IO[bytes], offset: int, expected: bytes) -> None:
    file.seek(offset)
    if file.read(len(expected)) != expected:
        raise Unsound("backup-damaged", what=Part.HEADER)
