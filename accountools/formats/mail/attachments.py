"""What is in a mail that was saved (.eml, or .msg by Outlook) or in a ZIP: its texts and attachments, also of one within another.

The input is hostile: what is unpacked, the number of parts and how deep they lie are limited (`file-too-large`), and no name in it
becomes a path. A part that can't be read is passed over.
"""

import codecs
import email
import io
import re
from collections.abc import Iterator
from contextlib import suppress

from accountools.domain.errors import Refused, Unsound
from accountools.formats.archives import HEAD, detect_kind, errors_as_damage, iterate_members

LARGEST = 32 << 20  # more than mail servers let through
_MOST_PARTS, _DEEPEST = 1000, 5
_MOST_NESTED = 100  # parts of a mail that hold others: each line is compared with the end of all that it is in
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
        for part, may_be_mail in inside:
            self._left -= len(part)
            self._parts -= 1
            if self._left < 0 or self._parts < 0 or depth > _DEEPEST:
                raise too_large(self._name)
            yield from self.parts(part, depth + 1, mail=may_be_mail)


def _text(data: bytes) -> bytes:
    return data.removeprefix(codecs.BOM_UTF8).lstrip()


def _in_zip(data: bytes, most: int) -> Iterator[Part]:
    with suppress(Unsound):
        for _, source in iterate_members(io.BytesIO(data), "zip"):
            with errors_as_damage():
                content = source.read(most + 1)
            yield content, True


def _in_mail(data: bytes, name: str) -> Iterator[Part]:
    if sum(1 for _ in _NESTED.finditer(data)) > _MOST_NESTED:
        raise too_large(name)
    for part in email.message_from_bytes(data).walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content, part.get_content_maintype() != "text"


def _in_outlook(data: bytes, most: int, name: str) -> Iterator[Part]:
    """The streams of a compound file (MS-CFB) that hold a message's text and its attachments (MS-OXMSG), at any depth."""
    from olefile import OleFileIO

    try:
        with OleFileIO(io.BytesIO(data)) as file:
            for path in file.listdir():
                if path[-1] in {_ATTACHMENT, _BODY, _BODY_UTF16}:
                    if file.get_size(path) > most:
                        raise too_large(name)
                    content = file.openstream(path).read()
                    yield (codecs.BOM_UTF16_LE if path[-1] == _BODY_UTF16 else b"") + content, path[-1] == _ATTACHMENT
    except Refused:
        raise
    except Exception:
        return


def too_large(name: str) -> Refused:
    """That there is more in the mail or ZIP `name` than is read."""
    return Refused("file-too-large", path=name, packed=name)
