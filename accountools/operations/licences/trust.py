"""Trusted issuers, and what they revoked."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools.domain.errors import Refused
from accountools.domain.events.office import IssuersTrusted, RevocationsRead
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Licence
from accountools.domain.obstacle import obstacle
from accountools.formats import licence_file, revocation_file
from accountools.formats.revocation_file import RevocationList
from accountools.formats.trust_file import Issuer, keys_by_thumbprint, read_trust, write_trust
from accountools.operations.plan import RegisterPlan
from accountools.operations.progress import Progress
from accountools.operations.register.file_replacement import finish_replacements
from accountools.operations.session import Office, Session, issuers_that_count
from accountools.storage.register import licences
from accountools.storage.register.recorded_trust import RecordedList


@dataclass(frozen=True, kw_only=True)
class TrustPlan(RegisterPlan):
    """Which issuers' licences would count from now on."""

    path: Path
    new: tuple[Issuer, ...]
    known: tuple[Issuer, ...]

    def inputs(self) -> dict[str, Any]:
        """The keys, new and known."""
        return {"new": sorted(keys_by_thumbprint(self.new)), "known": sorted(keys_by_thumbprint(self.known))}

    @property
    def subject(self) -> str:
        """The file."""
        return self.path.name

    def plan_again(self, session: Session) -> "TrustPlan":
        """Read both files again."""
        return _plan_trust(session, self.path)

    def commit(self, session: Session) -> None:
        """Trust them: the file first, the event last."""
        new, trusted = keys_by_thumbprint(self.new), (*self.known, *self.new)
        data = write_trust(trusted)
        session.office.engine.write_trust(session.connection, data)
        everyone, sha256 = tuple(sorted(keys_by_thumbprint(trusted))), hashlib.sha256(data).hexdigest()
        session.record(IssuersTrusted(keys=tuple(sorted(new)), issuers=everyone, trust=sha256))

    def execute(self, office: Office, progress: Progress) -> "TrustPlan":
        """As every plan of the register; then the file as it was is removed."""
        done: TrustPlan = super().execute(office, progress)
        finish_replacements(office)
        return done


def list_issuers(office: Office) -> tuple[Issuer, ...]:
    """The issuers whose licences count here."""
    with office.session() as session:
        return session.issuers


def plan_trust(office: Office, path: Path) -> TrustPlan:
    """Plan trusting the issuers in a JWKS. Raises `file-not-found`, `trust-invalid`; the test issuer is `unknown-issuer`."""
    with office.session() as session:
        return _plan_trust(session, path)


def _plan_trust(session: Session, path: Path) -> TrustPlan:
    offered, known = read_trust(path), session.issuers
    counting = issuers_that_count(offered, demo=session.own_licence.kind == "demo")
    held = keys_by_thumbprint(known)
    return TrustPlan(
        obstacles=tuple(
            obstacle("unknown-issuer", key=issuer.key.thumbprint, samples=True) for issuer in offered if issuer not in counting
        ),
        path=path,
        new=tuple(issuer for issuer in counting if issuer.key.thumbprint not in held),
        known=known,
    )


def list_revocations(office: Office) -> tuple[RevocationList, ...]:
    """The revocation lists that were read in, one of each issuer."""
    with office.session() as session:
        tokens = licences.list_revocation_tokens(session.connection, session.trust)
        return tuple(revocation_file.read_token(token, session.trust) for token in tokens)


def list_revoked(office: Office) -> tuple[tuple[AdministrationNumber | None, Licence], ...]:
    """The licences in use here that were revoked: those of administrations, and (without a number) the office's own."""
    with office.session() as session:
        imports = licences.list_imports(session.connection)
        held = [(None, session.own), *((number, session.verify(one.token)) for number, one in sorted(imports.items()))]
        return tuple((number, one.licence) for number, one in held if one.licence is not None and one.revoked)


def read_revocations(office: Office, path: Path) -> tuple[RevocationList, tuple[str, ...]]:
    """Read a revocation list in; gives it and the numbers in it that another issuer's licences here bear (passed over).

    Raises `revocations-older` for a lower `seq`, an equal one with other content, or one that drops a number; and as the reader does.
    """
    with office.session(write=True) as session:
        trust = session.trust
        new = revocation_file.read_path(path, trust)
        lists = (revocation_file.read_token(token, trust) for token in licences.list_revocation_tokens(session.connection, trust))
        held = next((one for one in lists if one.key_id == new.key_id), None)
        sha256, recorded = licences.token_sha256(new.token), session.recorded_trust.lists.get(new.key_id, RecordedList())
        seq = max(recorded.seq, held.seq if held else 0)
        numbers = recorded.numbers | (held.numbers if held else frozenset())
        if sha256 != recorded.sha256 and (new.seq, new.numbers) != (seq, numbers) and (new.seq <= seq or not numbers <= new.numbers):
            raise Refused("revocations-older", seq=new.seq, held=seq)
        if held is None or new.seq > held.seq:
            licences.set_revocations(session.connection, new.key_id, new.seq, new.token)
            session.record(RevocationsRead(issuer=new.key_id, seq=new.seq, sha256=sha256, revoked=tuple(sorted(new.numbers - numbers))))
        readings = [licence_file.read_token(token, trust).licence for token in licences.list_tokens(session.connection)]
    others = {one.number for one in readings if one and one.key_id != new.key_id and one.number in new.numbers}
    return new, tuple(sorted(others))
