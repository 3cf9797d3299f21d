"""The office's backup key, sealed to put away and unsealed to take back: whoever has it can sign as the office."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.formats import encryption
from accountools.formats.backup.reader import Unlock
from accountools.formats.signing import SigningKey
from accountools.operations.backups.target import Destination
from accountools.operations.plan import Plan
from accountools.operations.session import BACKUP_KEY, Office

_LARGEST = 1 << 16


def seal_key(office: Office, destination: Destination, out: Path) -> str:
    """Write the backup key to `out`, encrypted; gives its thumbprint. Raises `key-needed`, `recipient-invalid`, `file-exists`."""
    if destination.passphrase is None and destination.recipient is None:
        raise Refused("key-needed")
    safe_files.write_new(out, encryption.seal_bytes(office.backup_key.pem(), destination.recipient, destination.passphrase))
    with office.changing() as connection:
        office.record(connection, "key-sealed", None, key=office.backup_key.public.thumbprint)
    return office.backup_key.public.thumbprint


@dataclass(frozen=True, kw_only=True)
class UnsealPlan(Plan):
    """Which key would sign the office's backups from now on, and which one does."""

    key: SigningKey
    present: str

    @property
    def thumbprint(self) -> str:
        """The thumbprint of the key that was sealed."""
        return self.key.public.thumbprint

    def made_of(self) -> dict[str, Any]:
        """Both thumbprints."""
        return {"key": self.thumbprint, "present": self.present}

    def apply_to(self, office: Office) -> "UnsealPlan":
        """Put the key in its place: the file first, the event last."""
        with office.changing() as connection:
            safe_files.write_over(office.folder / BACKUP_KEY, self.key.pem())
            office.record(connection, "key-unsealed", None, key=self.thumbprint, replaces=self.present)
        office.forget_key()
        return self


def plan_unseal(office: Office, path: Path, unlock: Unlock) -> UnsealPlan:
    """Plan taking a sealed key back. Raises `file-not-found`, `key-needed`, `wrong-key`, `key-invalid`."""
    data = safe_files.read_whole(path, _LARGEST)
    if unlock == Unlock():
        raise Refused("key-needed")
    try:
        key = SigningKey.from_pem(encryption.unseal_bytes(data, unlock.identity, unlock.passphrase))
    except ValueError as error:
        raise Refused("key-invalid", path=path.name) from error
    return UnsealPlan(key=key, present=office.present_key())
