"""A backup before it is unpacked: what its manifest says, and what decrypts it."""

from pathlib import Path

from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile, Decryption
from accountools.formats.key_files import read_decryption
from accountools.storage import schema
from accountools.version import VERSION

OPENING = frozenset({"wrong-key", "key-invalid", "key-needed"})  # the codes of a key or passphrase that opens nothing


def read_manifest(path: Path) -> Manifest:
    """What the signed manifest of a backup says; its image is not checked.

    Raises `file-not-found`, `not-a-backup`, `backup-damaged`, `signature-invalid`, `newer-version`.
    """
    with BackupFile(path, schema.VERSION, VERSION) as backup:
        return backup.manifest


def read_key_file(path: Path) -> Decryption:
    """The key in an age key file. Raises `file-not-found`, `file-too-large`, `key-invalid`."""
    return read_decryption(path)


def one_time_key(path: Path, passphrase: str) -> Decryption:
    """The one-time key of a backup that its passphrase opens: what can be kept for a while, where the passphrase can't.

    Raises `wrong-key`, and as `read_manifest`.
    """
    with BackupFile(path, schema.VERSION, VERSION) as backup:
        return backup.one_time_key(passphrase)
