"""Looking at a licence file: what it says, and whether it holds. With an office, or with nothing but the issuers' keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from accountools.domain.calendar import ExecutionContext
from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.licence import Licence, UnverifiedLicence
from accountools.domain.obstacle import Obstacle
from accountools.formats import licence_file
from accountools.formats.licence_file import ReadResult
from accountools.formats.mail import mailed_licence
from accountools.formats.signatures import VerifyKey
from accountools.formats.trust_file import keys_by_thumbprint, read_trust
from accountools.operations.session import Office, Session


@dataclass(frozen=True)
class LicenceView:
    """What a licence file says and whether it holds: the first code of the interface's verdicts that applies, None when it is valid."""

    licence: Licence | None
    verdict: Obstacle | None
    unverified: UnverifiedLicence | None = None

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        document: dict[str, Any] = {"verdict": self.verdict.code if self.verdict else "valid"}
        if self.licence is not None:
            return document | self.licence.document()
        return document | ({"unverified": self.unverified.document()} if self.unverified else {})


def show_file(path: Path, trust: Mapping[str, VerifyKey], when: ExecutionContext) -> LicenceView:
    """Look at a licence file without an office. Raises `file-not-found` only."""
    return _view(licence_file.reject_future(mailed_licence.read_path(path, trust), when.latest_day), when.today, revoked=False)


def show_licence(office: Office, path: Path) -> LicenceView:
    """Look at a licence file as this office sees it. Raises `file-not-found` only."""
    with office.session() as session:
        return show_reading(session, mailed_licence.read_path(path, session.trust))


def show_reading(session: Session, reading: ReadResult) -> LicenceView:
    """What was read of a licence file, as `show_licence` shows it."""
    held = session.hold(session.reject_future(reading))
    return _view(held.reading, session.context.today, revoked=held.revoked)


def read_licence(path: Path | str, trust: Path | str) -> Licence:
    """The licence in the file at `path`, verified by an issuer of the JWKS at `trust`; whether it holds today is its `status`.

    Raises `file-not-found`, `trust-invalid`, or the file's fault (docs/licence-file.md).
    """
    reading = mailed_licence.read_path(Path(path), keys_by_thumbprint(read_trust(Path(trust))))
    raise_first_obstacle([reading.fault] if reading.fault else [])
    if reading.licence is None:  # a reading has a licence or a fault
        raise Refused("not-a-licence", path=path)
    return reading.licence


def _view(reading: ReadResult, today: date, *, revoked: bool) -> LicenceView:
    if reading.licence is None:
        return LicenceView(None, reading.fault, reading.unverified)
    return LicenceView(reading.licence, licence_file.validity_obstacle(reading.licence, today, revoked=revoked))
