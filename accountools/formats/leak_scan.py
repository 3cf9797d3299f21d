"""Search for licences in bytes: the office's own may never be in an image, nor in a backup made earlier.

Both searches first remove every character that a token isn't written with, so line breaks, quoting and the zero bytes of UTF-16 don't
hide anything. `LeakScan` reads an image while it is written, so it is fast: it looks for each token's payload and signature, both in
two halves because a long value may straddle pages, for each line of the signature, and for any token that claims the kind accountant.
`ThoroughSearch` reads any file, also for Base64 (RFC 4648) at each of its three alignments in either alphabet and for hexadecimal: it
looks for windows, a third of a signature long, that no two licences have in common, so a page may end anywhere.
"""

import base64
import json
import math
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal, Protocol, Self

from ahocorasick_rs import BytesAhoCorasick, Implementation

from accountools.domain.errors import Unsound
from accountools.domain.obstacle import Part
from accountools.formats.armor import LINE
from accountools.formats.signatures import unverified_payload

Form = Literal["text", "base64", "hex"]
_TOKEN = string.ascii_letters.encode() + string.digits.encode() + b"-_"  # the characters of a token (RFC 4648, section 5)
_NOT_TOKEN = bytes(set(range(256)) - set(_TOKEN))
_NOT_BASE64 = bytes(set(_NOT_TOKEN) - set(b"+/"))
_ONE_ALPHABET = bytes.maketrans(b"+/", b"-_")
_WINDOW, _STEP = 24, 4  # characters of a token: 144 bits don't occur by chance
_NO_TEXT = 1 << 30  # bytes: longer than any text
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_MOST_FOR_DFA = 1_500  # needles: the fastest automaton takes some 25 KB for each


class Stream(Protocol):
    """`size` bytes to read from start to end."""

    size: int

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""

    def close(self) -> None:
        """Close it."""


class _Joined:
    """Chunks without the characters to remove, each with the end of those before it: what straddles two of them is found too."""

    def __init__(self, overlap: int, table: bytes | None, removed: bytes) -> None:
        self._overlap, self._table, self._removed = max(overlap, 1), table, removed
        self._end = b""

    def add(self, chunk: bytes) -> tuple[bytes, bytes]:
        """The border with what came before, and the chunk itself: between them they contain all that is new."""
        stripped = chunk.translate(self._table, self._removed)
        border = self._end + stripped[: self._overlap]
        self._end = (self._end + stripped[-self._overlap :])[-self._overlap :]
        return border, stripped


class LeakScan:
    """Looks for licences in an image while it is written: in its bytes as they are read, and in its long texts.

    Besides those of `tokens`, any licence of kind accountant counts, unless there are no tokens: then nothing is looked for.
    `allowed` is the licence that is to be in it: the halves of a payload that it has too don't count (both may be of the same modules).
    `found` is `Part.BYTES`, `Part.TEXT`, or None as long as nothing was found.
    """

    def __init__(self, tokens: Iterable[str], allowed: str = "") -> None:
        tokens = tuple(tokens)
        payloads = [half.encode() for token in tokens for half in _halves(token.split(".")[1]) if half not in allowed]
        self.byte_pieces = (*payloads, *(one.encode() for token in tokens for one in signature_pieces(token)))
        self._text_pieces = (*payloads, *(half.encode() for token in tokens for half in _halves(token.rpartition(".")[2])))
        self.shortest_text = min(map(len, self._text_pieces), default=_NO_TEXT)
        self.found: Part | None = None

    def reading(self, stream: Stream) -> "ScannedStream":
        """The same stream, searched as it is read."""
        return ScannedStream(stream, self)

    def search_texts(self, texts: bytes) -> None:
        """Search texts joined without a separator; those below `shortest_text` bytes need not be among them."""
        stripped = texts.translate(None, _NOT_TOKEN)
        if (
            self.found is None
            and self._text_pieces
            and (any(piece in stripped for piece in self._text_pieces) or claims_accountant(stripped))
        ):
            self.found = Part.TEXT


class ScannedStream:
    """A stream that a `LeakScan` searches while it is read once, by somebody else."""

    def __init__(self, stream: Stream, scan: LeakScan) -> None:
        self.size = stream.size
        self.scan = scan
        self._stream = stream
        self._finder = BytesAhoCorasick((*scan.byte_pieces, *_ACCOUNTANT))
        self._joined = _Joined(max((_CONTEXT, *(len(piece) - 1 for piece in scan.byte_pieces))), None, _NOT_TOKEN)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        chunk = self._stream.read(size)
        if self.scan.byte_pieces and self.scan.found is not Part.BYTES:
            border, stripped = self._joined.add(chunk)
            if any(self._contains_licence(part) for part in (stripped, border)):
                self.scan.found = Part.BYTES
        return chunk

    def _contains_licence(self, stripped: bytes) -> bool:
        """Whether it has a piece or claims to be an accountant's: both are looked for at once, as one may be within the other."""
        found = self._finder.find_matches_as_indexes(stripped, overlapping=True)
        pieces = len(self.scan.byte_pieces)
        return any(which < pieces or _is_claimed(stripped, start, end) for which, start, end in found)

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def claims_accountant(stripped: bytes) -> bool:
    """Whether a payload in the characters of tokens claims to be of a licence of kind accountant, however its JSON is spaced."""
    return any(_is_claimed(stripped, start, end) for _, start, end in _FINDER.find_matches_as_indexes(stripped))


def _is_claimed(stripped: bytes, start: int, end: int) -> bool:
    """Whether the kind that was found there is that of a licence."""
    around = stripped[max(start - _BEFORE, 0) : end + 4]
    aligned = (around[at : at + (len(around) - at) // 4 * 4] for at in range(4))
    return any(_CLAIM.search(base64.urlsafe_b64decode(one)) for one in aligned)


def _encodings(data: bytes) -> Iterator[bytes]:
    """What stands for `data` in the Base64 of something longer, at each of the three alignments."""
    for shift, first in enumerate((0, 2, 3)):
        yield base64.urlsafe_b64encode(bytes(shift) + data)[first : (shift + len(data)) * 8 // 6]


_ACCOUNTANT = tuple(_encodings(b'"accountant"'))
_FINDER = BytesAhoCorasick(_ACCOUNTANT)
_CLAIM = re.compile(rb'"kind"\s*:\s*"accountant"')
_BEFORE = 64  # characters of a token before the kind, in which its name is
_CONTEXT = _BEFORE + 32


def signature_pieces(token: str) -> tuple[str, ...]:
    """Pieces of a token's signature: one of them is in each half of it, and in each line of its file with half a line of it."""
    start = token.rindex(".") + 1
    middle = (start + len(token)) // 2
    lines = ((max(at, start), min(at + LINE, len(token))) for at in range(0, len(token), LINE))
    stretches = [(start, middle), (middle, len(token)), *(line for line in lines if line[1] - line[0] >= LINE // 2)]
    chosen: list[int] = []
    for first, end in sorted(stretches, key=itemgetter(1)):
        if not any(first <= at and at + _WINDOW <= end for at in chosen):
            chosen.append(end - _WINDOW)
    return tuple(token[at : at + _WINDOW] for at in chosen)


def _halves(text: str) -> tuple[str, str]:
    middle = len(text) // 2
    return text[:middle], text[middle:]


@dataclass(frozen=True, order=True)
class Match:
    """A licence that was found: its number as its token claims it, and the form in which it was found."""

    licence: str
    form: Form


class ThoroughSearch:
    """Looks for licences in any bytes: a database, its log, a freed page, an archive, a mail in a text."""

    def __init__(self, licences: Iterable[tuple[str, str]]) -> None:
        """`licences`: pairs of a number and a compact JWS. Raises `not-a-licence` for what isn't one."""
        self._licences = tuple(dict.fromkeys(licences))
        self._matches: list[Match] = []
        needles: list[bytes] = []
        for number, token in self._licences:
            for form, needle in _needles(token):
                needles.append(needle)
                self._matches.append(Match(number, form))
        self._longest = max(map(len, needles), default=1)
        implementation = Implementation.DFA if len(needles) < _MOST_FOR_DFA else None
        self._automaton = BytesAhoCorasick(needles, implementation=implementation) if needles else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def __reduce__(self) -> tuple[Any, ...]:
        """A worker in another process makes it once of the licences."""
        return _search_for, (self._licences,)

    def find(self, chunks: Iterable[bytes]) -> frozenset[Match]:
        """All matches in bytes that come in chunks, in memory that doesn't grow with them."""
        if self._automaton is None:
            return frozenset()
        joined = _Joined(self._longest, _ONE_ALPHABET, _NOT_BASE64)
        needles = (
            needle for chunk in chunks for part in joined.add(chunk) for needle, _, _ in self._automaton.find_matches_as_indexes(part)
        )
        return frozenset(self._matches[needle] for needle in needles)


@lru_cache(1)
def _search_for(licences: tuple[tuple[str, str], ...]) -> ThoroughSearch:
    return ThoroughSearch(licences)


def claimed_number(token: str) -> str:
    """The number that a token claims, verified or not; a dash when it claims none."""
    try:
        number = json.loads(unverified_payload(token)).get("sub")
    except (Unsound, ValueError, AttributeError, RecursionError):
        return "—"
    return number if isinstance(number, str) and number else "—"


def _needles(token: str) -> Iterator[tuple[Form, bytes]]:
    for window in dict.fromkeys(_unique_windows(token)):
        plain = window.encode()
        yield "text", plain
        yield from (("hex", plain.hex().encode()), ("hex", plain.hex().upper().encode()))
        for encoding in _ENCODINGS:
            yield from (("base64", needle) for needle in _encodings(window.encode(encoding)))


def _unique_windows(token: str) -> Iterator[str]:
    """Windows of the signature (RFC 8032: 64 bytes that nobody can predict) and of the serial number.

    Payloads may be alike in the rest; so only one without a serial is taken whole, in halves.
    """
    content = unverified_payload(token)
    _, payload, signature = token.split(".")
    yield from _windows(signature)
    try:
        serial = json.loads(content)["jti"].encode()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # also for a text that UTF-8 doesn't have
        serial = b""
    at = content.find(serial) if len(serial) >= _WINDOW else -1
    if at >= 0:  # the characters of the payload that encode the serial number and nothing else
        yield from _windows(payload[math.ceil(at * 4 / 3) : (at + len(serial)) * 4 // 3])
    else:
        yield from (half for half in _halves(payload) if len(half) >= _WINDOW)


def _windows(text: str) -> Iterator[str]:
    last = len(text) - _WINDOW
    if last >= 0:
        yield from (text[at : at + _WINDOW] for at in (*range(0, last, _STEP), last))
