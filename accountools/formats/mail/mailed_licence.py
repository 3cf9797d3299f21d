"""A licence file as it comes by mail: the file itself, or a mail or ZIP that holds one licence (`attachments`)."""

from collections.abc import Mapping
from pathlib import Path

from accountools.domain.errors import Refused
from accountools.domain.obstacle import obstacle
from accountools.formats import armor, licence_file
from accountools.formats.licence_file import ReadResult
from accountools.formats.mail.attachments import LARGEST, is_packed, iterate_parts, too_large
from accountools.formats.signatures import VerifyKey
from accountools.safe_files import open_existing


def read_path(path: Path, trust: Mapping[str, VerifyKey]) -> ReadResult:
    """Read the licence in the file at `path`. Raises `file-not-found`; any other fault is in the `ReadResult`."""
    return read(read_bytes(path), trust, path.name)


def read_bytes(path: Path) -> bytes:
    """The bytes of a file in which a licence may be; of one that is too large the first, which are too many. Raises `file-not-found`."""
    with open_existing(path) as file:
        head = file.read(armor.LARGEST + 1)
        return head + file.read(LARGEST + 1 - len(head)) if is_packed(head) else head


def read(data: bytes, trust: Mapping[str, VerifyKey], name: str = "") -> ReadResult:
    """Read the licence in these bytes, against the issuers' keys in `trust` (by thumbprint)."""
    try:
        tokens = find_tokens(data, name)
    except Refused as error:
        locked = error.code == "key-needed"
        return ReadResult(None, obstacle("not-a-licence", path=name, locked=name) if locked else error.reason)
    if len(tokens) > 1:
        return ReadResult(None, obstacle("not-a-licence", path=name, licences=len(tokens)))
    if tokens:
        return licence_file.read_token(tokens.pop(), trust, name)
    return licence_file.read(data[: armor.LARGEST], trust, name)  # for its fault: there is no licence in it


def find_tokens(data: bytes, name: str) -> set[str]:
    """The tokens of the licences in these bytes, verified or not. Raises `file-too-large`, `key-needed`."""
    packed = is_packed(data)
    if len(data) > (LARGEST if packed else armor.LARGEST):
        raise too_large(name) if packed else Refused("file-too-large", path=name)
    found = (armor.dearmor(part, armor.LICENCE) for part in iterate_parts(data, name) if len(part) <= armor.LARGEST)
    return {token for token in found if token}
