"""Verifying a backup without restoring it: all that can be checked with the keys at hand, given as findings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools.domain.errors import Refused, Unsound
from accountools.domain.identifiers import KvkNumber
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile, Decryption
from accountools.operations.backups import image_scan
from accountools.operations.backups.register_extract import read_extract
from accountools.operations.restores.checked_image import check_agreement, check_register
from accountools.operations.restores.obstacles import is_own_safekeeping
from accountools.operations.restores.present import current_client
from accountools.operations.session import Office
from accountools.operations.workdir import workdir_anywhere
from accountools.storage import schema
from accountools.storage.image.check import CheckedImage
from accountools.storage.register import signers
from accountools.version import VERSION

FINDINGS = {"backup-damaged", "signature-invalid", "schema-unexpected", "too-large"}  # of a file that can be read; others are errors


@dataclass(frozen=True)
class Verification:
    """What was found in a backup. `signer` is `own`, `known`, `changed` or `unknown`; `image_checked` needs the key."""

    manifest: Manifest | None
    signer: str = "unknown"
    image_checked: bool = False
    findings: tuple[Obstacle, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        return {
            "ok": self.ok,
            "image_checked": self.image_checked,
            "signer": self.signer,
            "findings": [{"code": one.code, "message": one.sentence()} for one in self.findings],
            "manifest": self.manifest.document if self.manifest else None,
        }


def verify(path: Path | str, unlock: Decryption, office: Office | None = None) -> Verification:
    """Verify the backup at `path`; without a key its image stays unchecked.

    Raises `file-not-found`, `not-a-backup`, `newer-version`, `wrong-key`: what can't be read at all.
    """
    manifest, signer, checked, findings = None, "unknown", False, list[Obstacle]()
    try:
        with BackupFile(Path(path), schema.VERSION, VERSION) as backup:
            manifest = backup.manifest
            signer, findings = signer_of(office, manifest)
            if manifest.encrypted and unlock == Decryption():
                backup.check_stored()
            else:
                findings += _check_image(backup, unlock, office)
                checked = True
    except (Unsound, Refused) as error:
        if error.code not in FINDINGS:
            raise
        findings.append(error.reason)
    return Verification(manifest, signer, checked, tuple(findings))


def _check_image(backup: BackupFile, unlock: Decryption, office: Office | None) -> list[Obstacle]:
    manifest = backup.manifest
    with workdir_anywhere(office) as work:
        path = work / "image.sqlite"
        backup.unpack(path, unlock)
        with CheckedImage(path, "register" if manifest.purpose == "register" else "administration") as image:
            if manifest.purpose == "register":
                check_register(manifest, image)
                return []
            check_agreement(manifest, read_extract(image.extract, image.totals), image.totals)
            where = image_scan.find_licence(image, forbidden_tokens(office))
            return [obstacle("office-licence-found", file=backup.path.name, where=where)] if where else []


def forbidden_tokens(office: Office | None) -> tuple[str, ...]:
    """The licences that may not go out: an accountant's own, present and former."""
    if office is None:
        return ()
    with office.session() as session:
        return session.forbidden_tokens


def signer_of(office: Office | None, manifest: Manifest, client_kvk: str | None = None) -> tuple[str, list[Obstacle]]:
    """Whether the signer is `own`, `known`, `changed` or `unknown` here, and the findings.

    Whose client's backup it is, is in the manifest when the payload is plain; else who knows it gives `client_kvk`.
    """
    if office is None:
        return "unknown", []
    thumbprint = manifest.signer.key.thumbprint
    changed = obstacle("signer-changed", name=manifest.signer.name, thumbprint=thumbprint)
    client = (manifest.contents or {}).get("client")
    try:
        kvk = KvkNumber.parse(client_kvk or str(client["kvk"]))  # type: ignore[index] # the image isn't compared with it yet
    except (Refused, TypeError, KeyError):
        kvk = None
    with office.session() as session:
        if thumbprint in session.own_keys:
            return "own", []
        if is_own_safekeeping(session, manifest):
            return "changed", [changed]
        kept = signers.find(session.connection, signers.DEFAULT_SCOPE)
        if kept is None and kvk is not None:
            current = current_client(session, kvk, manifest)
            kept = signers.find(session.connection, current.kvk if current else kvk)
    if kept is None:
        return "unknown", []
    return ("known", []) if kept.thumbprint == thumbprint else ("changed", [changed])
