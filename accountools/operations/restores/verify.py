"""Verifying a backup without restoring it: all that can be checked with the keys at hand, told as findings."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import BackupFile, Unlock
from accountools.operations.backups import leak_scan
from accountools.operations.backups.register_extract import read_slice
from accountools.operations.restores.checked_image import expect_agreement
from accountools.operations.session import Office
from accountools.operations.workdir import workplace_anywhere
from accountools.storage import schema
from accountools.storage.image import check
from accountools.storage.register import licences, signers
from accountools.version import VERSION

_FINDINGS = {"backup-damaged", "signature-invalid", "schema-unexpected", "too-large"}


@dataclass(frozen=True)
class Verification:
    """What a look at a backup found. `signer` is `own`, `known`, `changed` or `unknown`; `image_checked` needs the key."""

    manifest: Manifest | None
    signer: str = "unknown"
    image_checked: bool = False
    findings: tuple[Obstacle, ...] = field(default=())

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


def verify(path: Path, unlock: Unlock, office: Office | None = None) -> Verification:
    """Verify the backup at `path`; without a key its image stays unchecked.

    Raises `file-not-found`, `not-a-backup`, `newer-version`, `wrong-key`: what can't be looked at at all.
    """
    try:
        with BackupFile(path, schema.VERSION, VERSION) as backup:
            return _look_inside(backup, unlock, office)
    except Unsound as error:
        if error.code not in _FINDINGS:
            raise
        return Verification(None, findings=(error.reason,))


def _look_inside(backup: BackupFile, unlock: Unlock, office: Office | None) -> Verification:
    signer, findings = signer_of(office, backup.manifest)
    checked = False
    try:
        if backup.manifest.encrypted and unlock == Unlock():
            backup.check_stored()
        else:
            findings += _check_image(backup, unlock, office)
            checked = True
    except (Unsound, Refused) as error:
        if error.code not in _FINDINGS:
            raise
        findings += [error.reason]
    return Verification(backup.manifest, signer, checked, tuple(findings))


def _check_image(backup: BackupFile, unlock: Unlock, office: Office | None) -> list[Obstacle]:
    manifest = backup.manifest
    with workplace_anywhere(office) as work:
        path = work / "image.sqlite"
        backup.unpack(path, unlock)
        with check.Image(path, "register" if manifest.purpose == "register" else "administration") as image:
            if manifest.purpose == "register":
                return []
            expect_agreement(manifest, read_slice(image.slice, image.totals), image.totals)
            where = leak_scan.find_licence(image, _own_tokens(office))
            return [obstacle("office-licence-found", number=manifest.number, where=where)] if where else []


def _own_tokens(office: Office | None) -> tuple[str, ...]:
    if office is None:
        return ()
    with office.reading() as connection:
        return licences.own_tokens(connection) if office.is_accountants(connection) else ()


def signer_of(office: Office | None, manifest: Manifest, client_kvk: str | None = None) -> tuple[str, list[Obstacle]]:
    """Whether the signer is `own`, `known`, `changed` or `unknown` here, and what to say of it.

    Whose client's backup it is, is in the manifest when the payload is plain; else who knows it gives `client_kvk`.
    """
    if office is None:
        return "unknown", []
    thumbprint = manifest.signer.key.thumbprint
    if thumbprint == office.backup_key.public.thumbprint:
        return "own", []
    with office.reading() as connection:
        client = (manifest.contents or {}).get("client")
        kvk = client_kvk or (str(client.get("kvk", "")) if isinstance(client, dict) else "")
        kept = signers.find(connection, signers.THE_ONE) or signers.find(connection, kvk)
    if kept is None:
        return "unknown", []
    if kept.thumbprint == thumbprint:
        return "known", []
    return "changed", [obstacle("signer-changed", name=manifest.signer.name, thumbprint=thumbprint)]
