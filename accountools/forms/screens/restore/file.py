"""The backup to restore, as far as it is known before it is opened: who made it, what opens it, and what verifying it found."""

from collections.abc import Iterator
from pathlib import Path

from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Decryption
from accountools.forms.kit.form import parse_path
from accountools.operations.errors import translate_error
from accountools.operations.restores.unlock import one_time_key, read_key_file, read_manifest
from accountools.operations.restores.verify import Verification, verify
from accountools.operations.session import Office
from accountools.texts import Texts


class BackupToRestore:
    """What is filled in. `passphrase_typed` is whether a passphrase is typed, not what it is; `error` what is wrong with the file.

    `maker_key` is the thumbprint of the maker's key as read out by telephone, empty when nobody did.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.file: Path | None = None
        self.manifest: Manifest | None = None
        self.error: Obstacle | None = None
        self.key_file: Path | None = None
        self.passphrase_typed = False
        self.maker_key = ""
        self.verification: Verification | None = None

    def choose(self, path: Path | str) -> None:
        """Choose the file; its manifest is read at once."""
        self.file = parse_path(str(path))
        self.manifest = self.error = self.verification = None
        if self.file is None:
            return
        try:
            self.manifest = read_manifest(self.file)
        except (AccountoolsError, OSError) as error:  # shown beside the field
            self.error = translate_error(error).reason

    @property
    def opened_by(self) -> str:
        """What opens it: a `passphrase`, a `key`, or nothing (it is plain, or not known yet)."""
        if self.manifest is None or not self.manifest.encrypted:
            return ""
        return "passphrase" if self.manifest.sealed_key is not None else "key"

    def missing(self, _: Texts) -> Iterator[str]:
        """What is still to be filled in, in words."""
        if self.manifest is None:
            yield _("Choose a backup first") if self.error is None else _("This file won't do; choose another one")
        elif self.manifest.purpose == "register":
            yield _("This is a backup of the office itself: choose one of an administration")
        elif self.opened_by == "passphrase" and not self.passphrase_typed:
            yield _("Type the passphrase first")
        elif self.opened_by == "key" and self.key_file is None:
            yield _("Choose the key file first")

    def unlock(self, passphrase: str | None) -> Decryption:
        """What opens it, without the passphrase itself in it. Raises `wrong-key`, `key-needed`, `key-invalid`."""
        if self.file is None or not self.opened_by:
            return Decryption()
        if self.opened_by == "key":
            return read_key_file(self.file if self.key_file is None else self.key_file)
        if not passphrase:
            raise Refused("key-needed")
        return one_time_key(self.file, passphrase)

    def verified(self, passphrase: str | None) -> Verification | None:
        """Check it without restoring it: as far as can be seen when what opens it is not given."""
        if self.file is None:
            return None
        given = passphrase if self.opened_by == "passphrase" else self.key_file
        return verify(self.file, self.unlock(passphrase) if given else Decryption(), self.office)
