"""Files with a key or a passphrase to decrypt with; a pipe serves as well as a file. And a person's own age key.

That is a file in the user's folder (0600): by it a member of an office opens what is sealed to its public key.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.formats.backup.reader import Decryption
from accountools.formats.encryption import generate_identity, parse_identities, parse_passphrase, recipient_of
from accountools.safe_files import read_whole

IDENTITY = "ACCOUNTOOLS_IDENTITY"  # the file of one's own key, where it is another one than usual
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


@dataclass(frozen=True)
class Identity:
    """The file's keys, secret and public; the first is the one that is given to others."""

    secrets: tuple[str, ...] = field(repr=False)
    recipients: tuple[str, ...]


def identity_path() -> Path:
    """Where the file is, if there is one: as `$ACCOUNTOOLS_IDENTITY` says, else in the user's data folder."""
    given = os.environ.get(IDENTITY)
    if given:
        return safe_files.absolute(given)
    import platformdirs

    return platformdirs.user_data_path("accountools", appauthor=False) / "identity.txt"


def find_identity() -> Identity | None:
    """The user's own key; None when there is no file. Raises `key-invalid`."""
    path = identity_path()
    if not path.is_file():
        return None
    try:
        secrets = parse_identities(read_whole(path, _LARGEST))
    except ValueError as error:
        raise Refused("key-invalid", path=path) from error
    return Identity(secrets, tuple(map(recipient_of, secrets)))


def find_or_create_identity() -> Identity:
    """The user's own key, made when there is none. Raises `key-invalid`."""
    found = find_identity()
    if found is not None:
        return found
    path, (text, _) = identity_path(), generate_identity()
    safe_files.make_folder(path.parent)
    try:
        safe_files.write_new(path, text.encode())
    except Refused as error:  # another program made it meanwhile
        if error.code != "file-exists":
            raise
    return find_identity() or find_or_create_identity()
