"""Where backups go, and to whom they are encrypted."""

from dataclasses import dataclass, field
from pathlib import Path

from accountools.domain.errors import Refused
from accountools.domain.licence import Licence
from accountools.formats import encryption
from accountools.formats.encryption import Encryption
from accountools.operations.session import Office
from accountools.safe_files import absolute
from accountools.storage.sqlite.office_files import validate_output


@dataclass(frozen=True)
class BackupTarget:
    """Where backups go, and to whom they are encrypted: `recipient`, or `passphrase`, or (neither) the licence's, or not (`plain`)."""

    folder: Path | None = None
    recipient: str | None = None
    passphrase: str | None = field(default=None, repr=False)
    plain: bool = False

    def folder_in(self, office: Office) -> Path:
        """The folder, which is made when the one above it is there.

        Raises `file-not-found` (a stick that isn't in, a name mistyped), `file-exists` for a folder of an office's own files, or a device.
        """
        folder = absolute(self.folder or office.folder / "backups")
        validate_output(folder)
        if not folder.is_dir() and not (folder.parent.is_dir() and not folder.exists()):
            raise Refused("file-not-found", path=folder, folder=folder)
        return folder

    def recipient_for(self, licence: Licence | None) -> str | None:
        """The recipient it will be encrypted to, when there is no passphrase. Raises `recipient-invalid`."""
        if self.plain or self.passphrase is not None:
            return None
        if self.recipient is not None:  # an empty one is refused like any other that is none
            return encryption.encryption_for_recipient(self.recipient).recipient
        return licence.recipient if licence else None

    def encrypts(self, licence: Licence | None) -> bool:
        """Whether a backup under this licence is encrypted. Raises `recipient-invalid`."""
        return (self.passphrase is not None and not self.plain) or bool(self.recipient_for(licence))

    def encryption_for(self, licence: Licence | None) -> Encryption | None:
        """How a backup under this licence is encrypted; None for a plain one."""
        if self.passphrase is not None and not self.plain:
            return encryption.encryption_for_passphrase(self.passphrase)
        recipient = self.recipient_for(licence)
        return Encryption(recipient) if recipient else None
