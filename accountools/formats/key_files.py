"""Files with a key or a passphrase to decrypt with; a pipe serves as well as a file."""

from pathlib import Path
from typing import overload

from accountools.domain.errors import Refused
from accountools.formats.backup.reader import Decryption
from accountools.formats.encryption import parse_identities, parse_passphrase

_LARGEST = 1 << 16


def read_decryption(identity: Path | None, passphrase_file: Path | None = None) -> Decryption:
    """The identities in the file `identity`, else the passphrase in `passphrase_file`, else neither.

    Raises `file-not-found`, `file-too-large`, `key-invalid`.
    """
    if identity is None:
        return Decryption(passphrase=read_passphrase(passphrase_file))
    try:
        return Decryption(identity=parse_identities(_read(identity)))
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
        return parse_passphrase(_read(path))
    except ValueError as error:
        raise Refused("key-invalid", path=path.name) from error


def _read(path: Path) -> bytes:
    """What `safe_files.read_whole` gives, of a pipe too."""
    try:
        if not path.exists() or path.is_dir():
            raise Refused("file-not-found", path=path)
    except ValueError as error:  # a NUL in the name
        raise Refused("file-not-found", path=path) from error
    with path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise Refused("file-too-large", path=path.name)
    return data
