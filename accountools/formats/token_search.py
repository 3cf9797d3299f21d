"""Traces of a licence in any bytes whatever: a database, its log, a page that was freed, a mail in a text, a listing of a dump.

What is read is first stripped to the signs that a token or its Base64 is written with, so that blanks, line ends, quoting and the
noughts of UTF-16 fall away. In that are looked for short stretches that no two licences share: windows of the signature (RFC 8032: 64
bytes that nobody can foresee) and of the serial number; as they are, in Base64 (RFC 4648) at each of its three alignments in either
alphabet, and in hexadecimal. A window is a third of a signature, so a page's end may cut it anywhere.
"""

import base64
import json
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Literal

from ahocorasick_rs import BytesAhoCorasick, Implementation

from accountools.domain.errors import Unsound
from accountools.formats.signing import unverified_payload

Form = Literal["text", "base64", "hex"]
_WINDOW, _STEP = 24, 4  # signs of a token: 144 bits can't be met by chance
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_KEPT = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
_DROPPED = bytes(set(range(256)) - set(_KEPT))
_ONE_ALPHABET = bytes.maketrans(b"+/", b"-_")
_CHUNK = 1 << 22
_QUICK_UP_TO = 1_500  # needles: the quickest automaton takes some 25 KB for each


@dataclass(frozen=True, order=True)
class Trace:
    """A licence that was found: its number as its token claims it, and in what form it stands there."""

    licence: str
    form: Form


class Traces:
    """What to look for: the tokens of licences, each with its number."""

    def __init__(self, licences: Iterable[tuple[str, str]]) -> None:
        """`licences`: pairs of a number and a compact JWS. Raises `not-a-licence` for what isn't one."""
        self._found_by: list[Trace] = []
        needles: list[bytes] = []
        for number, token in dict.fromkeys(licences):
            for form, needle in _needles(token):
                needles.append(needle)
                self._found_by.append(Trace(number, form))
        self._longest = max(map(len, needles), default=1)
        way = Implementation.DFA if len(needles) < _QUICK_UP_TO else None
        self._automaton = BytesAhoCorasick(needles, implementation=way) if needles else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def find(self, chunks: Iterable[bytes]) -> frozenset[Trace]:
        """All traces in bytes that come in chunks, in memory that doesn't grow with them."""
        found: set[Trace] = set()
        if self._automaton is None:
            return frozenset()
        rest = b""
        for chunk in chunks:
            window = rest + chunk.translate(_ONE_ALPHABET, _DROPPED)
            found.update(self._found_by[needle] for needle, _, _ in self._automaton.find_matches_as_indexes(window))
            rest = window[-self._longest :]
        return frozenset(found)


def written(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of an open file in chunks, without its holes where the system knows them: a hole holds noughts only, and may be endless."""
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
    """Where the next bytes begin and end that were ever written, from `at`; to the end where the system doesn't say."""
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


def _needles(token: str) -> Iterator[tuple[Form, bytes]]:
    for stretch in dict.fromkeys(_stretches(token)):
        yield "text", stretch.encode()
        plain = stretch.encode()
        yield from (("hex", plain.hex().encode()), ("hex", plain.hex().upper().encode()))
        for encoding in _ENCODINGS:
            for needle in _within_base64(stretch.encode(encoding)):
                yield "base64", needle


def _stretches(token: str) -> Iterator[str]:
    """What no two licences share: the rest of a payload may be alike in two, so only one without a serial is taken whole, in halves."""
    content = unverified_payload(token)
    _, payload, signature = token.split(".")
    yield from _windows(signature)
    first, last = _serial_in(content)
    if last:
        yield from _windows(payload[first:last])
    else:
        middle = len(payload) // 2
        yield from (half for half in (payload[:middle], payload[middle:]) if len(half) >= _WINDOW)


def _windows(text: str) -> Iterator[str]:
    last = len(text) - _WINDOW
    if last >= 0:
        yield from (text[at : at + _WINDOW] for at in (*range(0, last, _STEP), last))


def _serial_in(content: bytes) -> tuple[int, int]:
    """Which signs of a payload spell its serial number (`jti`) and nothing else; none when it has no long one."""
    try:
        serial = json.loads(content).get("jti")
    except (ValueError, AttributeError, RecursionError):
        return 0, 0
    at = content.find(serial.encode()) if isinstance(serial, str) and len(serial) >= _WINDOW else -1
    return (0, 0) if at < 0 else (math.ceil(at * 4 / 3), (at + len(serial.encode())) * 4 // 3)


def _within_base64(data: bytes) -> Iterator[bytes]:
    """What `data` becomes inside a longer text in Base64, at each of the three alignments; in the alphabet for URLs."""
    for shift, first in enumerate((0, 2, 3)):
        whole = base64.urlsafe_b64encode(bytes(shift) + data)
        yield whole[first : (shift + len(data)) * 8 // 6]


def number_claimed(token: str) -> str:
    """The number that a token claims, verified or not; a dash when it claims none."""
    try:
        number = json.loads(unverified_payload(token)).get("sub")
    except (Unsound, ValueError, AttributeError, RecursionError):
        return "—"
    return number if isinstance(number, str) and number else "—"
