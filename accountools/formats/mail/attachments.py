"""What is in a mail that was saved (.eml, or .msg by Outlook) or in a ZIP: its texts and attachments, also of one within another.

The input is hostile: what is unpacked, the number of parts and how deep they lie are limited (`file-too-large`), and no name in it
becomes a path. A part that can't be read is passed over.
"""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from itertools import count
from typing import Any

from accountools.domain.errors import Refused
from accountools.formats.archives import HEAD, detect_kind, iterate_members

LARGEST = 32 << 20  # more than mail servers let through
_MOST_PARTS, _DEEPEST = 1000, 5
_MOST_NESTED = 100  # parts of a mail that hold others: each line is compared with the end of all that it is in
_MOST_COMPARED = 8_000_000  # of those comparisons; what else is done with a line takes as long as some four
_MOST_HEADERS = 1000  # of one part
_LONGEST_HEADER = 8192  # of a header with parameters, on which the library's work grows with the square of its length
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIL = re.compile(rb"From |[!-9;-~]+:")  # the line of a mailbox, or a header (RFC 5322)
_NESTED = re.compile(rb"multipart/|message/", re.IGNORECASE)
_ATTACHMENT, _BODY, _BODY_UTF16 = "__substg1.0_37010102", "__substg1.0_1000001E", "__substg1.0_1000001F"  # MS-OXPROPS

Part = tuple[bytes, bool]  # and whether it may be a mail itself: a text that begins as one does is a text


def is_packed(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a mail or a ZIP."""
    return head.startswith(_OLE) or detect_kind(head[:HEAD]) == "zip" or _MAIL.match(_text(head)) is not None


def iterate_parts(data: bytes, name: str) -> Iterator[bytes]:
    """The texts and attachments in a mail or a ZIP; of another file all of it. Raises `file-too-large`, `key-needed`."""
    yield from _Unpacking(name).parts(data, 0)


class _Unpacking:
    """What may still be unpacked from one file, at all depths together."""

    def __init__(self, name: str) -> None:
        self._name, self._left, self._parts = name, LARGEST, _MOST_PARTS

    def parts(self, data: bytes, depth: int, *, mail: bool = True) -> Iterator[bytes]:
        """The parts at the bottom of a part."""
        if data.startswith(_OLE):
            inside = _in_outlook(data, self._left, self._name)
        elif detect_kind(data[:HEAD]) == "zip":
            inside = _in_zip(data, self._left)
        elif mail and _MAIL.match(_text(data)):
            inside = _in_mail(_text(data), self._name)
        else:
            yield data
            return
        for part, may_be_mail in _readable(inside):
            self._left -= len(part)
            self._parts -= 1
            if self._left < 0 or self._parts < 0 or depth > _DEEPEST:
                raise too_large(self._name)
            yield from self.parts(part, depth + 1, mail=may_be_mail)


def _text(data: bytes) -> bytes:
    return data.removeprefix(codecs.BOM_UTF8).lstrip()


def _readable(parts: Iterator[Part]) -> Iterator[Part]:
    """The parts up to one that can't be read, whatever the library makes of it."""
    try:
        yield from parts
    except Refused:
        raise
    except Exception:
        return


def _in_zip(data: bytes, most: int) -> Iterator[Part]:
    for _, source in iterate_members(io.BytesIO(data), "zip"):
        yield source.read(most + 1), True


def _in_mail(data: bytes, name: str) -> Iterator[Part]:
    nested = sum(1 for _ in _NESTED.finditer(data))
    if nested > _MOST_NESTED or (nested + 4) * max(data.count(b"\n"), data.count(b"\r")) > _MOST_COMPARED:
        raise too_large(name)
    try:
        whole = _parse_mail(data)
    except _TooMuch as error:
        raise too_large(name) from error
    for part in whole.walk():
        with suppress(Exception):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content, part.get_content_maintype() != "text"


class _TooMuch(Exception):
    """There is more in a mail than is parsed."""


class _BoundedPart(Message):
    def set_raw(self, name: str, value: str) -> None:
        if len(self) >= _MOST_HEADERS or (len(value) > _LONGEST_HEADER and name.lower().startswith("content-")):
            raise _TooMuch
        super().set_raw(name, value)


class _NoDefects(Compat32):
    """Defects aren't collected: there may be one a line."""

    def register_defect(self, obj: Any, defect: Any) -> None:
        pass


def _parse_mail(data: bytes) -> Message:
    made = count()

    def new_part(policy: Any = None) -> Message:
        if next(made) > _MOST_PARTS + _MOST_NESTED:
            raise _TooMuch
        return _BoundedPart(policy)

    return BytesParser(new_part, policy=_NoDefects()).parsebytes(data)


def _in_outlook(data: bytes, most: int, name: str) -> Iterator[Part]:
    """The streams of a compound file (MS-CFB) that hold a message's text and its attachments (MS-OXMSG), at any depth."""
    from olefile import OleFileIO

    with OleFileIO(io.BytesIO(data)) as file:
        for path in file.listdir():
            if path[-1] in {_ATTACHMENT, _BODY, _BODY_UTF16}:
                if file.get_size(path) > most:
                    raise too_large(name)
                content = file.openstream(path).read()
                yield (codecs.BOM_UTF16_LE if path[-1] == _BODY_UTF16 else b"") + content, path[-1] == _ATTACHMENT


def too_large(name: str) -> Refused:
    """That there is more in the mail or ZIP `name` than is read."""
    return Refused("file-too-large", path=name, packed=name)
