"""Renewing the office's own licence: by one of the same number, or, when asked for, of another number by the same issuer."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools.domain.errors import Refused
from accountools.domain.events.office import OwnLicenceRenewed
from accountools.domain.licence import Difference, Licence, differences
from accountools.domain.obstacle import KindOfLicence, Obstacle, obstacle
from accountools.formats import licence_file
from accountools.formats.mail import mailed_licence
from accountools.operations.plan import RegisterPlan
from accountools.operations.session import Office, Session
from accountools.storage.register import licences


@dataclass(frozen=True, kw_only=True)
class RenewPlan(RegisterPlan):
    """What changes when the office's own licence is renewed. `licence` None when the file holds none that verifies."""

    path: Path
    licence: Licence | None
    present: Licence
    differences: tuple[Difference, ...]
    new_number: bool

    def inputs(self) -> dict[str, Any]:
        """Both licences."""
        return {
            "present": licences.token_sha256(self.present.token),
            "licence": licences.token_sha256(self.licence.token) if self.licence else None,
            "new_number": self.new_number,
        }

    @property
    def subject(self) -> str:
        """The file."""
        return self.path.name

    def plan_again(self, session: Session) -> "RenewPlan":
        """Read the file again."""
        return _plan(session, self.path, self.accepted, new_number=self.new_number)

    def commit(self, session: Session) -> None:
        """Work under the new licence."""
        if self.licence is None:
            raise Refused("not-a-licence", path=self.path.name)
        digest = licences.set_own(session.connection, self.licence, session.now_text)
        replaced = self.present.number if self.present.number != self.licence.number else None
        session.record(OwnLicenceRenewed(licence=self.licence.number, sha256=digest, replaces=replaced))


def plan_renew(office: Office, path: Path, accepted: Iterable[str] = (), *, new_number: bool = False) -> RenewPlan:
    """Plan renewing the office's own licence; with `new_number` by one of another number. Raises `file-not-found`."""
    with office.session() as session:
        return _plan(session, path, frozenset(accepted), new_number=new_number)


def _plan(session: Session, path: Path, accepted: frozenset[str], *, new_number: bool) -> RenewPlan:
    present = session.own_licence
    held = session.hold(session.reject_future(mailed_licence.read_path(path, session.trust)))
    own_file = path.name
    found: list[Obstacle] = [held.reading.fault.with_facts(own_file=own_file)] if held.reading.fault else []
    new = held.licence
    if new is not None:
        if new.number != present.number and not new_number:
            found.append(obstacle("licence-differs", licence=new.number, expected=present.number, renewed=own_file))
        elif new.number != present.number and new.key_id != present.key_id:
            found.append(obstacle("licence-differs", licence=new.number, expected=present.number, issuer=new.issuer))
        elif new.kind != present.kind:
            found.append(obstacle("wrong-kind", licence=new.number, kind=KindOfLicence[new.kind], needed=KindOfLicence[present.kind]))
        elif new.number != present.number and (kvk := new.licensee.kvk) != present.licensee.kvk:
            found.append(obstacle("kvk-differs", licence_kvk=kvk, client_kvk=present.licensee.kvk, office=present.licensee.name))
        verdict = licence_file.validity_obstacle(new, session.context.today, revoked=held.revoked)
        found += [verdict.with_facts(own_file=own_file)] if verdict else []
        if new.issued_at < present.issued_at and present.is_issued_by(session.context.latest_day):
            found.append(obstacle("older-than-current", present=present.number))
    return RenewPlan(
        obstacles=tuple(found),
        accepted=accepted,
        path=path,
        licence=new,
        present=present,
        differences=differences(present, new) if new else (),
        new_number=new_number,
    )
