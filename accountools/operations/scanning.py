"""Looking for a licence in bytes and texts that go out of the door: the office's own may never be in an image.

A token's payload and signature are cut in two each, because a long value may straddle pages; any of the four pieces found is the
licence found. In bytes they are looked for as UTF-8 and UTF-16 of both orders, and so are the lines of its signature, should
somebody have pasted the file line by line; in text values the pieces are looked for with blanks and quoting left out.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.armour import LINE
from accountools.operations.office import Office
from accountools.storage import licences
from accountools.storage.image_checks import Image
from accountools.storage.images import find_in_file, long_texts

_BLANKS = re.compile(r"[\s>\u00a0]+")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def pieces(tokens: Iterable[str]) -> tuple[str, ...]:
    """The four pieces of each token: two of its payload, two of its signature."""
    found: list[str] = []
    for token in tokens:
        for part in token.split(".")[1:]:
            middle = len(part) // 2
            found += [part[:middle], part[middle:]]
    return tuple(found)


def signature_lines(tokens: Iterable[str]) -> tuple[str, ...]:
    """The lines of a licence file that hold at least half a line of its signature: no two licences share one."""
    found: list[str] = []
    for token in tokens:
        signature = token.rindex(".") + 1
        lines = [(at, token[at : at + LINE]) for at in range(0, len(token), LINE)]
        found += [line for at, line in lines if at + len(line) - max(at, signature) >= LINE // 2]
    return tuple(found)


def find_licence(image: Image, tokens: Iterable[str]) -> str | None:
    """Where one of these licences stands in an image: `bytes`, `text`, or None when it is clean."""
    tokens = tuple(tokens)
    wanted = pieces(tokens)
    if not wanted:
        return None
    needles = tuple(piece.encode(encoding) for piece in wanted for encoding in _ENCODINGS)
    if find_in_file(image.path, (*needles, *(line.encode() for line in signature_lines(tokens)))):
        return "bytes"
    bare_texts = (_BLANKS.sub("", text) for text in long_texts(image.connection, min(map(len, wanted))))
    return "text" if any(piece in text for text in bare_texts for piece in wanted) else None


def refuse_own_licence(office: Office, number: AdministrationNumber, path: Path) -> None:
    """Check an image that was made and search it: nothing gets a name that holds a licence of an accountant's office."""
    with office.reading() as connection:
        own = licences.own_tokens(connection) if office.is_accountants(connection) else ()
    with Image(path, "administration", own=True) as image:
        where = find_licence(image, own)
    if where is not None:
        raise Refused("office-licence-found", number=number, where=where)
