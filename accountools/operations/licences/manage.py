"""Licences as an issuer makes them, and as an office looks at them, renews its own, and reads what was revoked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.calendar import moment_text
from accountools.domain.errors import Refused, WrongUsage
from accountools.domain.licence import Difference, Licence, UnverifiedLicence, differences
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import armor, encryption, licence_file, revocation_file
from accountools.formats.signing import SigningKey, VerifyKey
from accountools.formats.trust_file import Issuer, keys_by_name, read_trust, write_trust
from accountools.operations.plan import Plan
from accountools.operations.register.state import own_licence
from accountools.operations.session import TRUST, Office, trusted_in
from accountools.storage.register import licences

ISSUER_KEY, REVOCATIONS = "issuer.pem", "revocations.txt"


@dataclass(frozen=True)
class Showing:
    """What a licence file says and whether it holds: the first code of the interface's verdicts that applies, or `valid`."""

    licence: Licence | None
    verdict: Obstacle | None
    unverified: UnverifiedLicence | None = None

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        document: dict[str, Any] = {"verdict": self.verdict.code if self.verdict else "valid"}
        if self.licence is not None:
            return document | self.licence.document()
        return document | ({"unverified": self.unverified.claims} if self.unverified else {})


@dataclass(frozen=True)
class IssuerFolder:
    """An issuer's key, and the name that its licences carry."""

    folder: Path
    key: SigningKey
    name: str

    @classmethod
    def open(cls, folder: Path) -> "IssuerFolder":
        """Open the folder that `new_issuer` made. Raises `file-not-found`, `key-invalid`."""
        pem = safe_files.read_whole(folder / ISSUER_KEY, armor.LARGEST)
        try:
            key = SigningKey.from_pem(pem)
        except ValueError as error:
            raise Refused("key-invalid", path=ISSUER_KEY) from error
        trusted = read_trust(folder / TRUST) if (folder / TRUST).is_file() else ()
        names = {issuer.key.thumbprint: issuer.name for issuer in trusted}
        return cls(folder, key, names.get(key.public.thumbprint, key.public.thumbprint))


def new_issuer(folder: Path, name: str | None = None, key: SigningKey | None = None) -> IssuerFolder:
    """Make an issuer: `issuer.pem` (0600) and `trust.jwks`. Raises `file-exists`."""
    key = key or SigningKey.new()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuer = Issuer(name or key.public.thumbprint, key.public)
    for taken in (folder / ISSUER_KEY, folder / TRUST):
        if taken.exists():
            raise Refused("file-exists", path=taken)
    safe_files.write_new(folder / ISSUER_KEY, key.pem())
    safe_files.write_new(folder / TRUST, write_trust((issuer,)))
    return IssuerFolder(folder, key, issuer.name)


def issue(issuer: IssuerFolder, terms: licence_file.LicenceTerms, out: Path) -> Licence:
    """Write a licence file. Raises `file-exists`, `claims-invalid`; WrongUsage when the last day is before the first."""
    if terms.valid_until < terms.valid_from:
        raise WrongUsage("usage", what="--valid-until is before --valid-from")
    data = licence_file.issue(terms, issuer.key, issuer.name)
    safe_files.write_new(out, data)
    reading = licence_file.read(data, {issuer.key.public.thumbprint: issuer.key.public})
    if reading.licence is None:
        raise Refused("not-a-licence", path=out.name)
    return reading.licence


def revoke(issuer: IssuerFolder, numbers: Iterable[str], issued_at: datetime, out: Path) -> revocation_file.RevocationList:
    """Write the issuer's next revocation list: all numbers ever revoked and these. Raises `file-exists`."""
    trust = {issuer.key.public.thumbprint: issuer.key.public}
    latest = issuer.folder / REVOCATIONS
    held = revocation_file.read_path(latest, trust) if latest.exists() else None
    every = frozenset(numbers) | (held.numbers if held else frozenset())
    data = revocation_file.issue(every, (held.seq if held else 0) + 1, issuer.name, issued_at, issuer.key)
    safe_files.write_new(out, data)
    safe_files.write_over(latest, data)
    return revocation_file.read_path(latest, trust)


def new_key(out: Path) -> str:
    """Write a fresh age identity to `out` (0600); gives its recipient. Raises `file-exists`."""
    text, recipient = encryption.new_identity()
    safe_files.write_new(out, text.encode())
    return recipient


def show(path: Path, trust: Mapping[str, VerifyKey], today: date, revoked: frozenset[tuple[str, str]] = frozenset()) -> Showing:
    """Look at a licence file. Raises `file-not-found` only."""
    reading = licence_file.read_path(path, trust)
    if reading.licence is None:
        return Showing(None, reading.fault, reading.unverified)
    held = reading.licence
    return Showing(held, licence_file.judge(held, today, revoked=(held.key_id, held.number) in revoked))


def show_in(office: Office, path: Path) -> Showing:
    """Look at a licence file as this office sees it."""
    with office.reading() as connection:
        return show(path, office.trust(connection), office.occasion(connection).today, office.revoked(connection))


def list_licences(office: Office) -> tuple[Licence, ...]:
    """All licences ever kept here that still verify, by number."""
    with office.reading() as connection:
        trust = office.trust(connection)
        readings = [licence_file.read_token(token, trust) for token in licences.tokens(connection)]
    return tuple(reading.licence for reading in readings if reading.licence is not None)


@dataclass(frozen=True, kw_only=True)
class RenewPlan(Plan):
    """What changes when the office's own licence is renewed."""

    path: Path
    licence: Licence | None
    present: Licence
    differences: tuple[Difference, ...]

    def made_of(self) -> dict[str, Any]:
        """Both licences."""
        return {
            "present": licences.hash_of(self.present.token),
            "licence": licences.hash_of(self.licence.token) if self.licence else None,
        }

    def apply_to(self, office: Office) -> "RenewPlan":
        """Renew."""
        now = plan_renew(office, self.path, self.accepted)
        now.expect(self.digest, self.path.name)
        now.refuse()
        if now.licence is None:
            raise Refused("not-a-licence", path=self.path.name)
        with office.changing() as connection:
            if licences.own_tokens(connection)[0] != now.present.token:
                raise Refused("changed-meanwhile", what=now.present.number)
            at = moment_text(office.occasion(connection).now)
            digest = licences.set_own(connection, now.licence, at)
            office.record(connection, "own-licence-renewed", None, licence=now.licence.number, sha256=digest)
        return now


def plan_renew(office: Office, path: Path, accepted: Iterable[str] = ()) -> RenewPlan:
    """Plan renewing the office's own licence by one of the same number. Raises `file-not-found`."""
    with office.reading() as connection:
        own = own_licence(office, connection)
        present = office.own_licence(connection)
        reading = licence_file.read_path(path, office.trust(connection))
        today, revoked = office.occasion(connection).today, office.revoked(connection)
    found = [reading.fault] if reading.fault else []
    new = reading.licence
    if new is not None:
        if new.number != present.number:
            found.append(obstacle("licence-differs", licence=new.number, expected=present.number))
        elif new.kind != present.kind:
            found.append(obstacle("wrong-kind", licence=new.number, kind=new.kind, needed=present.kind))
        found += [one for one in (licence_file.judge(new, today, revoked=(new.key_id, new.number) in revoked),) if one]
        if new.issued_at < present.issued_at:
            found.append(obstacle("older-than-current", held=present.number))
    return RenewPlan(
        obstacles=tuple(found),
        accepted=frozenset(accepted),
        path=path,
        licence=new,
        present=own.licence or present,
        differences=differences(present, new) if new else (),
    )


def read_revocations(office: Office, path: Path) -> tuple[revocation_file.RevocationList, tuple[str, ...]]:
    """Read a revocation list in; gives it and the numbers in it that another issuer's licences here bear (passed over).

    Raises `revocations-older` for a lower `seq`, an equal one with other content, or one that drops a number; and as the reader does.
    """
    with office.changing() as connection:
        trust = office.trust(connection)
        new = revocation_file.read_path(path, trust)
        held = {one.key_id: one for one in (revocation_file.read_token(t, trust) for t in licences.revocation_tokens(connection, trust))}
        before = held.get(new.key_id)
        if before is not None and _goes_back(new, before):
            raise Refused("revocations-older", seq=new.seq, held=before.seq)
        if before is None or new.seq > before.seq:
            licences.set_revocations(connection, new.key_id, new.seq, new.token)
            added = sorted(new.numbers - (before.numbers if before else frozenset()))
            digest = licences.hash_of(new.token)
            office.record(connection, "revocations-read", None, issuer=new.key_id, seq=new.seq, sha256=digest, revoked=added)
        readings = [licence_file.read_token(token, trust).licence for token in licences.tokens(connection)]
    others = {one.number for one in readings if one and one.key_id != new.key_id and one.number in new.numbers}
    return new, tuple(sorted(others))


def _goes_back(new: revocation_file.RevocationList, before: revocation_file.RevocationList) -> bool:
    if (new.seq, new.numbers) == (before.seq, before.numbers):
        return False
    return new.seq <= before.seq or not before.numbers <= new.numbers


@dataclass(frozen=True, kw_only=True)
class TrustPlan(Plan):
    """Which issuers' licences would count from now on."""

    path: Path
    new: tuple[Issuer, ...]
    known: tuple[Issuer, ...]

    def made_of(self) -> dict[str, Any]:
        """The keys, new and known."""
        return {"new": sorted(keys_by_name(self.new)), "known": sorted(keys_by_name(self.known))}

    def apply_to(self, office: Office) -> "TrustPlan":
        """Trust them: the file first, the event last."""
        now = plan_trust(office, self.path)
        now.expect(self.digest, self.path.name)
        now.refuse()
        with office.changing() as connection:
            safe_files.write_over(office.folder / TRUST, write_trust((*now.known, *now.new)))
            office.record(connection, "issuers-trusted", None, keys=sorted(keys_by_name(now.new)))
        return now


def plan_trust(office: Office, path: Path) -> TrustPlan:
    """Plan trusting the issuers in a JWKS. Raises `file-not-found`, `trust-invalid`; the test issuer is `unknown-issuer`."""
    offered, known = read_trust(path), office.issuers()
    with office.reading() as connection:
        demo = office.own_licence(connection).kind == "demo"
    counting = trusted_in(offered, demo=demo)
    refused = [issuer for issuer in offered if issuer not in counting]
    held = keys_by_name(known)
    return TrustPlan(
        obstacles=tuple(obstacle("unknown-issuer", key=issuer.key.thumbprint) for issuer in refused),
        path=path,
        new=tuple(issuer for issuer in counting if issuer.key.thumbprint not in held),
        known=known,
    )
