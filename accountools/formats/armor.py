"""A signed text between BEGIN and END lines, as it is sent by mail; and reading it back after what mail programs do to it.

Accepted: a BOM, UTF-16 with a BOM, CRLF or CR, quoting marks before a line, indentation, trailing blanks, no-break spaces,
re-wrapped lines, text around the armour.
"""

import codecs
import re

LICENCE, REVOCATIONS = "ACCOUNTOOLS LICENCE", "ACCOUNTOOLS REVOCATIONS"
LARGEST = 64 * 1024
LINE = 64

_BLANK = "[ \t\u00a0]"
_SPACE = "[ \t\u00a0\n]"
_LINE_START = re.compile(rf"(?m)^{_BLANK}*(?:>{_BLANK}*)*")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")  # without a signature (alg none) it is refused later, with its code


def armor(token: str, label: str) -> bytes:
    """The token as an armoured file, in lines of 64."""
    lines = (token[at : at + LINE] for at in range(0, len(token), LINE))
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


def dearmor(data: bytes, label: str) -> str | None:
    """The token in the one armour block with this label in `data`, or None when there is not exactly one that is whole."""
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = _LINE_START.sub("", data.decode(encoding, errors="replace").replace("\r\n", "\n").replace("\r", "\n"))
    words = rf"{_SPACE}+".join(label.split())
    begins = list(re.finditer(rf"-----BEGIN{_SPACE}+{words}-----", text))
    ends = list(re.finditer(rf"-----END{_SPACE}+{words}-----", text))
    if len(begins) != 1 or len(ends) != 1:
        return None
    token = re.sub(_SPACE, "", text[begins[0].end() : ends[0].start()])
    return token if _TOKEN.fullmatch(token) else None
