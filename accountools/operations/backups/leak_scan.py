"""Looking for a licence in bytes and texts that go out of the door: the office's own may never be in an image.

A token's payload and signature are cut in two each, because a long value may straddle pages; any of the four pieces found is the
licence found, and so is a line of its signature, should somebody have pasted the file line by line. They are looked for with all
other signs left out: in the bytes of a file, and where a text may lie in more than one page of it also in the texts themselves.
"""

import string
from collections.abc import Iterable
from operator import itemgetter
from typing import Self

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.armor import LINE
from accountools.formats.backup.writer import ImageFile, ImageStream
from accountools.storage.image.check import Image
from accountools.storage.image.tables import Look, see_texts

_OTHER_SIGNS = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"-_"))  # than a token's (RFC 4648, 5)
_CHUNK = 1 << 20
_NO_TEXT = 1 << 30  # bytes: longer than any
_TRACE = 24  # signs of a signature: 144 bits


def pieces(tokens: Iterable[str], allowed: str = "") -> tuple[str, ...]:
    """The four pieces of each token: two of its payload, two of its signature, which is nobody else's."""
    return tuple(half for token in tokens for half in (*payload_halves(token, allowed), *_halves(token.rpartition(".")[2])))


def payload_halves(token: str, allowed: str = "") -> tuple[str, ...]:
    """The halves of a token's payload that tell it from `allowed`, the licence that is to be there: both may be of the same modules."""
    return tuple(half for half in _halves(token.split(".")[1]) if half not in allowed)


def _halves(text: str) -> tuple[str, str]:
    middle = len(text) // 2
    return text[:middle], text[middle:]


def traces(token: str) -> tuple[str, ...]:
    """What tells the signature of a token: one of these stands in each half of it, and in each line of its file with half a line of it."""
    signature = token.rindex(".") + 1
    middle = (signature + len(token)) // 2
    lines = ((max(at, signature), min(at + LINE, len(token))) for at in range(0, len(token), LINE))
    wanted = [(signature, middle), (middle, len(token)), *(line for line in lines if line[1] - line[0] >= LINE // 2)]
    chosen: list[int] = []
    for start, end in sorted(wanted, key=itemgetter(1)):
        if not any(start <= one and one + _TRACE <= end for one in chosen):
            chosen.append(end - _TRACE)
    return tuple(token[at : at + _TRACE] for at in chosen)


def _bare(data: bytes) -> bytes:
    return data.translate(None, _OTHER_SIGNS)


class Searched:
    """A stream in which licences are looked for as it is read, so that it is read once. `found`: `bytes` when one stood there.

    In what is read all signs are left out that no token has: so it is found in any text that lies in one page, however it is broken and
    quoted there, as UTF-8 or UTF-16.
    """

    def __init__(self, stream: ImageStream, tokens: Iterable[str], allowed: str = "") -> None:
        self.size = stream.size
        self.found: str | None = None
        self._stream = stream
        self._needles = tuple(one.encode() for token in tokens for one in (*payload_halves(token, allowed), *traces(token)))
        self._overlap = max(map(len, self._needles), default=1) - 1
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`."""
        chunk = self._stream.read(size)
        if self._needles and self.found is None:
            bare = _bare(chunk)
            edge = self._rest + bare[: self._overlap]
            if any(needle in bare or needle in edge for needle in self._needles):
                self.found = "bytes"
            self._rest = (self._rest + bare[-self._overlap :])[-self._overlap :]
        return chunk

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Texts:
    """Looks for licences in texts, however they are broken and quoted there. `found`: `text` when one stood in a text that was seen."""

    def __init__(self, tokens: Iterable[str], allowed: str = "") -> None:
        self.found: str | None = None
        self._wanted = tuple(piece.encode() for piece in pieces(tokens, allowed))

    @property
    def look(self) -> Look:
        """What is to see the texts."""
        return Look(min(map(len, self._wanted), default=_NO_TEXT), self._see)

    def _see(self, texts: bytes) -> None:
        bare = _bare(texts)
        if any(piece in bare for piece in self._wanted):
            self.found = "text"


def find_licence(image: Image, tokens: Iterable[str]) -> str | None:
    """Where one of these licences stands in an image: `bytes`, `text`, or None when it is clean."""
    tokens = tuple(tokens)
    allowed = image.slice.get("licence", "")
    texts = Texts(tokens, allowed)
    with Searched(ImageFile(image.path), tokens, allowed) as searched:
        while searched.read(_CHUNK):
            pass
    see_texts(image.connection, texts.look)
    return searched.found or texts.found


def expect_clean(number: AdministrationNumber, where: str | None) -> None:
    """Raise `office-licence-found` when the office's licence was found."""
    if where is not None:
        raise Refused("office-licence-found", number=number, where=where)
