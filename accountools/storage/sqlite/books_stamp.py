"""Whose a file of books is: its administration's number and a random identity of its own, in the two free fields of SQLite's header.

They are written when the books are prepared, and read without opening the database (sqlite.org/fileformat2.html, section 1.3). Books of
before this have neither.
"""

import errno
import os
import secrets
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from accountools.domain.identifiers import AdministrationNumber

_OPENED = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # who opens a pipe would wait for somebody to write
_FIELDS = struct.Struct(">60xI4xI")  # user_version, application_id


@dataclass(frozen=True)
class BooksStamp:
    """The number (0: none yet) and the identity (0: none) of books."""

    number: int = 0
    identity: int = 0

    @classmethod
    def new(cls, number: AdministrationNumber | None) -> Self:
        """That of new books; `number` None when they are nobody's yet."""
        return cls(int(number or 0), 1 + secrets.randbelow((1 << 31) - 1))

    @classmethod
    def of_version(cls, number: AdministrationNumber | None, identity: str | None) -> Self:
        """That of books that are moved."""
        return cls(int(number or 0), int(identity or "0", 16))

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """That of the books at `path`. Raises FileNotFoundError, also for what is no file."""
        opened = os.open(path, _OPENED)  # a table of the office reads thousands
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            head = os.read(opened, _FIELDS.size)
        finally:
            os.close(opened)
        return cls(*_FIELDS.unpack(head)) if len(head) == _FIELDS.size else cls()

    def is_of(self, number: AdministrationNumber) -> bool:
        """Whether these may be the books of `number`."""
        return self.number in {0, int(number)}

    @property
    def name(self) -> str | None:
        """The identity as the register knows it."""
        return f"{self.identity:08x}" if self.identity else None

    def pragmas(self) -> tuple[str, str]:
        """The statements that write it. SQLite takes a number of 32 bits with a sign."""
        signed = self.identity - (self.identity >> 31 << 32)
        return f"PRAGMA user_version = {self.number}", f"PRAGMA application_id = {signed}"
