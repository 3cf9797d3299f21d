"""The directory of a ZIP, which the library reads whole: its size, before that is done."""

import os
import struct
from typing import IO

from accountools.domain.errors import Unsound

_LARGEST_DIRECTORY = 8 << 20
_END, _LOCATOR, _LARGE_END = 22, 20, 56  # bytes of a ZIP's end, of the locator of a ZIP64's, and of that


def validate_directory_size(file: IO[bytes]) -> None:
    """Raise `too-large` for a ZIP whose directory, which the library reads whole, would fill the memory.

    Its size is in the file's last bytes (APPNOTE 4.3.16); of a ZIP64 in those before its locator, or where that points (4.3.14, 4.3.15).
    """
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - (1 << 16) - _END - _LOCATOR - _LARGE_END)
    file.seek(start)
    tail = file.read()
    last = len(tail) - _END
    at = last if tail.startswith(b"PK\x05\x06", last) and tail.endswith(b"\0\0") else tail.rfind(b"PK\x05\x06")
    if at < 0 or at > last:
        return
    sizes = [struct.unpack_from("<I", tail, at + 12)[0]]
    if tail.startswith(b"PK\x06\x07", at - _LOCATOR) and at >= _LOCATOR:
        ends = []
        for place in (start + at - _LOCATOR - _LARGE_END, struct.unpack_from("<Q", tail, at - _LOCATOR + 8)[0]):
            if 0 <= place < end:
                file.seek(place)
                ends.append(file.read(_LARGE_END))
        sizes = [struct.unpack_from("<Q", one, 40)[0] for one in ends if one.startswith(b"PK\x06\x06") and len(one) == _LARGE_END] or sizes
    if max(sizes) > _LARGEST_DIRECTORY:
        raise Unsound("too-large", what=f"{_LARGEST_DIRECTORY}")
