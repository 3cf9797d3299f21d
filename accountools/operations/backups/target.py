"""Where backups go, and to whom they are encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.formats import encryption
from accountools.formats.encryption import Encryption
from accountools.operations.session import Office
from accountools.safe_files import absolute
from accountools.storage.sqlite.office_files import validate_folder


@dataclass(frozen=True)
class BackupTarget:
    """Where backups go, and to whom they are encrypted: `recipient`, or `passphrase`, or (neither) the licence's, or not (`plain`).

    `own_passphrases` are of each administration its own.
    """

    folder: Path | str | None = None
    recipient: str | None = None
    passphrase: str | None = field(default=None, repr=False)
    plain: bool = False
    own_passphrases: Mapping[AdministrationNumber, str] | None = field(default=None, repr=False)

    @property
    def by_passphrase(self) -> bool:
        """Whether it is encrypted by a passphrase."""
        return not self.plain and (self.passphrase is not None or self.own_passphrases is not None)

    def target_of(self, number: AdministrationNumber) -> "BackupTarget":
        """The target of one administration: with its own passphrase, if each has one."""
        return self if self.own_passphrases is None else replace(self, passphrase=self.own_passphrases[number], own_passphrases=None)

    def folder_in(self, office: Office) -> Path:
        """The folder, which is made when the one above it is there.

        Raises `file-not-found` (a stick that isn't in, a name mistyped), `file-exists` for a folder of an office's own files, or a device.
        """
        folder = absolute(self.folder or office.folder_for("backups"))
        validate_folder(folder)
        return folder

    def recipient_for(self, licence: Licence | None) -> str | None:
        """The recipient it will be encrypted to, when there is no passphrase. Raises `recipient-invalid`."""
        if self.plain or self.by_passphrase:
            return None
        if self.recipient is not None:  # an empty one is refused like any other that is none
            return encryption.encryption_for_recipient(self.recipient).recipient
        return licence.recipient if licence else None

    def encrypts(self, licence: Licence | None) -> bool:
        """Whether a backup under this licence is encrypted. Raises `recipient-invalid`."""
        return self.by_passphrase or bool(self.recipient_for(licence))

    def encryption_for(self, licence: Licence | None) -> Encryption | None:
        """How a backup under this licence is encrypted; None for a plain one."""
        if self.passphrase is not None and not self.plain:
            return encryption.encryption_for_passphrase(self.passphrase)
        recipient = self.recipient_for(licence)
        return Encryption(recipient) if recipient else None
