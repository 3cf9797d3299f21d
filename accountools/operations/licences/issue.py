"""For whoever issues licences: an issuer's key, licence files, revocation lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from accountools import safe_files
from accountools.domain.errors import Refused, WrongUsage
from accountools.domain.licence import Licence
from accountools.formats import armor, encryption, licence_file, revocation_file
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer, read_trust, write_trust
from accountools.storage.sqlite.office_files import TRUST, validate_output

ISSUER_KEY, REVOCATIONS = "issuer.pem", "revocations.txt"


@dataclass(frozen=True)
class IssuerFolder:
    """An issuer's key, and the name that its licences carry."""

    folder: Path
    key: SigningKey
    name: str

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the folder that `create_issuer` made. Raises `file-not-found`, `key-invalid`."""
        pem = safe_files.read_whole(folder / ISSUER_KEY, armor.LARGEST)
        try:
            key = SigningKey.from_pem(pem)
        except ValueError as error:
            raise Refused("key-invalid", path=ISSUER_KEY) from error
        trusted = read_trust(folder / TRUST) if (folder / TRUST).is_file() else ()
        names = {issuer.key.thumbprint: issuer.name for issuer in trusted}
        return cls(folder, key, names.get(key.public.thumbprint, key.public.thumbprint))


def create_issuer(folder: Path, name: str | None = None, key: SigningKey | None = None) -> IssuerFolder:
    """Make an issuer: `issuer.pem` (0600) and `trust.jwks`. Raises `file-exists`."""
    key = key or SigningKey.new()
    validate_output(folder / ISSUER_KEY)
    validate_output(folder / TRUST)
    safe_files.make_folder(folder)
    issuer = Issuer(name or key.public.thumbprint, key.public)
    for taken in (folder / ISSUER_KEY, folder / TRUST):
        if taken.exists():
            raise Refused("file-exists", path=taken)
    safe_files.write_new(folder / ISSUER_KEY, key.pem())
    safe_files.write_new(folder / TRUST, write_trust((issuer,)))
    return IssuerFolder(folder, key, issuer.name)


def create_key(out: Path) -> str:
    """Write a fresh age identity to `out` (0600); gives its recipient. Raises `file-exists`."""
    validate_output(out)
    text, recipient = encryption.generate_identity()
    safe_files.write_new(out, text.encode())
    return recipient


def issue(issuer: IssuerFolder, terms: licence_file.LicenceTerms, out: Path) -> Licence:
    """Write a licence file. Raises `file-exists`, `claims-invalid`, `file-too-large`; WrongUsage when the last day is before the first."""
    if terms.valid_until < terms.valid_from:
        raise WrongUsage("usage", what="--valid-until < --valid-from")
    validate_output(out)
    data = licence_file.issue(terms, issuer.key, issuer.name)
    safe_files.write_new(out, data)
    reading = licence_file.read(data, {issuer.key.public.thumbprint: issuer.key.public})
    if reading.licence is None:
        raise Refused("not-a-licence", path=out.name)
    return reading.licence


def revoke(issuer: IssuerFolder, numbers: Iterable[str], issued_at: datetime, out: Path) -> revocation_file.RevocationList:
    """Write the issuer's next revocation list: all numbers ever revoked and these.

    Whoever does so at the same time waits. The issuer's folder gets the list before `out` does: an interruption in between skips a
    number. So no number is given twice, and none that was revoked is left out.
    Raises `file-exists`, `claims-invalid`, `file-too-large`.
    """
    from filelock import FileLock

    validate_output(out)
    trust = {issuer.key.public.thumbprint: issuer.key.public}
    latest = issuer.folder / REVOCATIONS
    with FileLock(issuer.folder / f".{REVOCATIONS}.lock", mode=safe_files.PRIVATE):
        held = revocation_file.read_path(latest, trust) if latest.exists() else None
        every = frozenset(numbers) | (held.numbers if held else frozenset())
        data = revocation_file.issue(every, (held.seq if held else 0) + 1, issuer.name, issued_at, issuer.key)
        with safe_files.create_new(out) as file:
            file.write(data)
            safe_files.sync_file(file)
            safe_files.write_over(latest, data)
        return revocation_file.read_path(latest, trust)
