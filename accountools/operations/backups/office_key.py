"""The office's backup key, sealed to put away and unsealed to take back: whoever has it can sign as the office."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.events.backups import BackupMade
from accountools.domain.events.keys import KeySealed, KeyUnsealed, MemberAdmitted
from accountools.domain.obstacle import Part
from accountools.formats import encryption
from accountools.formats.archives import HEAD, detect_kind
from accountools.formats.backup.reader import Decryption
from accountools.formats.signatures import SigningKey
from accountools.operations.backup_key import replace_backup_key
from accountools.operations.backups.target import BackupTarget
from accountools.operations.plan import RegisterPlan
from accountools.operations.progress import Progress
from accountools.operations.register.file_replacement import finish_replacements
from accountools.operations.register.members import admit_self
from accountools.operations.session import Office, Session
from accountools.storage.register import journal
from accountools.storage.sqlite.office_files import validate_output

_LARGEST = 1 << 16
KEY_COPY = "backup-key"  # how the names of copies begin


def seal_key(office: Office, target: BackupTarget, out: Path) -> str:
    """Write the backup key to `out`, encrypted; gives its thumbprint. Raises `key-needed`, `recipient-invalid`, `file-exists`."""
    if target.passphrase is None and target.recipient is None:
        raise Refused("key-needed")
    validate_output(out)
    sealed = encryption.encrypt_bytes(office.backup_key.pem(), target.recipient, target.passphrase)
    thumbprint, is_written = office.backup_key.public.thumbprint, False
    try:
        with office.session(write=True) as session:
            session.record(KeySealed(key=thumbprint))
            safe_files.write_new(out, sealed)
            is_written = True
    except BaseException:
        if is_written:  # and isn't recorded
            safe_files.discard(out)
        raise
    return thumbprint


def is_key_copy(office: Office, path: Path) -> bool:
    """Whether this is a copy of the backup key in the office's folder of backups, by its name, and encrypted."""
    named = path.parent == office.folder_for("backups") and path.name.startswith(f"{KEY_COPY}-") and path.suffix == ".age"
    if not named or not safe_files.has_file(path) or path.is_symlink():
        return False
    with path.open("rb") as file:
        return detect_kind(file.read(HEAD)) == "age"


@dataclass(frozen=True, kw_only=True)
class UnsealPlan(RegisterPlan):
    """Which key would sign the office's backups from now on, and which one does (empty when that can't be read)."""

    key: SigningKey
    present: str

    @property
    def thumbprint(self) -> str:
        """The thumbprint of the key that was sealed."""
        return self.key.public.thumbprint

    def inputs(self) -> dict[str, Any]:
        """Both thumbprints."""
        return {"key": self.thumbprint, "present": self.present}

    @property
    def subject(self) -> Part:
        """The key that signs."""
        return Part.KEY

    def plan_again(self, session: Session) -> "UnsealPlan":
        """Read again which key signs."""
        return replace(self, present=_present_key(session))

    def commit(self, session: Session) -> None:
        """Put the key in its place: the file first, the event last. On a server who does it is a member from then on."""
        admitted = admit_self(session, self.key)
        if admitted is not None:
            session.record(MemberAdmitted(name=admitted.name, recipient=admitted.recipient))
        replace_backup_key(session.office.engine, session.connection, self.key)
        session.record(KeyUnsealed(key=self.thumbprint, replaces=self.present or _last_signer(session)))

    def execute(self, office: Office, progress: Progress) -> Any:
        """As every plan of the register."""
        now = super().execute(office, progress)
        finish_replacements(office)
        return now


def _present_key(session: Session) -> str:
    try:
        return session.present_key
    except MachineFailed:  # none that can be read: which is why a sealed one is taken back
        return ""


def _last_signer(session: Session) -> str:
    """The key that signed last, where it is lost: what it signed stays the office's own. Empty when nothing was signed."""
    made = (one.parsed() for one in journal.list_events(session.connection, kinds=(BackupMade,)))
    return next((event.signer for event in reversed(list(made)) if isinstance(event, BackupMade) and event.signer), "")


def plan_unseal(office: Office, path: Path, unlock: Decryption) -> UnsealPlan:
    """Plan taking a sealed key back. Raises `file-not-found`, `key-needed`, `wrong-key`, `key-invalid`."""
    data = safe_files.read_whole(path, _LARGEST)
    if not encryption.is_encrypted(data):
        raise Refused("key-invalid", path=path.name)
    if unlock == Decryption():
        raise Refused("key-needed")
    try:
        key = SigningKey.from_pem(encryption.decrypt_bytes(data, unlock.identity, unlock.passphrase))
    except ValueError as error:
        raise Refused("key-invalid", path=path.name) from error
    with office.session() as session:
        return UnsealPlan(key=key, present=_present_key(session))
