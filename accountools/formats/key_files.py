"""Files with a key or a passphrase to decrypt with; a pipe serves as well as a file."""

from pathlib import Path
from typing import overload

from accountools.domain.errors import Refused
from accountools.formats.backup.reader import Decryption
from accountools.formats.encryption import parse_identities, parse_passphrase
from accountools.safe_files import read_whole

_LARGEST = 1 << 16


def read_decryption(identity: Path | None, passphrase_file: Path | None = None) -> Decryption:
    """The identities in the file `identity`, else the passphrase in `passphrase_file`, else neither.

    Raises `file-not-found`, `file-too-large`, `key-invalid`.
    """
    if identity is None:
        return Decryption(passphrase=read_passphrase(passphrase_file))
    try:
        return Decryption(identity=parse_identities(read_whole(identity, _LARGEST, pipe=True)))
    except ValueError as error:
        raise Refused("key-invalid", path=identity.name) from error


@overload
def read_passphrase(path: Path) -> str: ...
@overload
def read_passphrase(path: Path | None) -> str | None: ...
def read_passphrase(path: Path | None) -> str | None:
    """The first line of a passphrase file; None without a file. Raises `file-not-found`, `file-too-large`, `key-invalid`."""
    if path is None:
        return None
    try:
        return parse_passphrase(read_whole(path, _LARGEST, pipe=True))
    except ValueError as error:
        raise Refused("key-invalid", path=path.name) from error
