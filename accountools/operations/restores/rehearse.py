"""Rehearsing a backup: restored aside as its receiver would, compared, entered as the client's user, and thrown away.

The receipt stands in the register: which backup, on what day. A recipient's key is never the office's, so a backup for a recipient is
rehearsed as it is made, from the compressed stream that goes into age; afterwards only who has the key can.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accountools.domain.calendar import Occasion
from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.identifiers import Login
from accountools.domain.ledger import ControlTotals
from accountools.domain.licence import Licence
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.reader import Unlock
from accountools.operations.register import users
from accountools.operations.register.administrations import show
from accountools.operations.register.create_office import found_under
from accountools.operations.restores import checked_image
from accountools.operations.restores.checked_image import Incoming
from accountools.operations.restores.restore import plan_for
from accountools.operations.session import Office
from accountools.operations.workdir import workplace
from accountools.storage.register import backups

_FINDINGS = {"backup-damaged", "signature-invalid", "schema-unexpected", "too-large"}


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal showed. `login` is who was let in, None when nobody could be tried."""

    findings: tuple[Obstacle, ...]
    totals: ControlTotals = field(default_factory=ControlTotals)
    login: Login | None = None
    entered: bool = False

    @property
    def ok(self) -> bool:
        """Whether it restores, counts the same, and lets its user in."""
        return not self.findings

    def document(self) -> dict[str, Any]:
        """As the interface gives it; the findings' sentences are the door's to add."""
        return {
            "ok": self.ok,
            "findings": [{"code": one.code, "message": one.sentence()} for one in self.findings],
            "counts": self.totals.counts(),
            "totals": self.totals.totals(),
            "entered": self.entered,
            "login": self.login,
        }


def rehearse(office: Office, path: Path, unlock: Unlock) -> Rehearsal:
    """Rehearse the backup at `path` and note the receipt if the office made it.

    Raises `file-not-found`, `not-a-backup`, `newer-version`, `key-needed`, `wrong-key`: what can't be looked at at all.
    """
    with workplace(office) as work:
        image = work / "image.sqlite"
        try:
            found = checked_image.look_into(path, image, unlock, adopting=True)
        except AccountoolsError as error:
            if error.code not in _FINDINGS:
                raise
            return Rehearsal((error.reason,))
        rehearsal = rehearse_image(office, found, image, work)
    if rehearsal.ok:
        note_rehearsed(office, found.file_sha256)
    return rehearsal


def rehearse_image(office: Office, found: Incoming, image: Path, work: Path) -> Rehearsal:
    """Restore an unpacked image into an office of its own in `work`, as its receiver would, and look at what came of it."""
    with office.reading() as connection:
        own, when = office.own_licence(connection), office.occasion(connection)
        reading = checked_image.read_licence_of(office, connection, found.slice)
    ours = found.manifest.purpose == "safekeeping" and found.manifest.licence_number == own.number
    licence = own if ours else reading.licence
    if licence is None:
        return Rehearsal((reading.fault,) if reading.fault else (Refused("no-licence", client=found.slice.description).reason,))
    try:
        return _restore_aside(office, found, image, work / "aside", licence, when)
    except AccountoolsError as error:
        return Rehearsal((error.reason,))


def note_rehearsed(office: Office, sha256: str) -> bool:
    """Write the receipt in the register, if the office made this backup."""
    with office.changing() as connection:
        held = next((one for one in backups.made(connection) if one.sha256 == sha256), None)
        if held is None:
            return False
        backups.set_rehearsed(connection, held.id, office.occasion(connection).today.isoformat())
        office.record(connection, "backup-rehearsed", held.administration, sha256=sha256)
        return True


def _restore_aside(office: Office, found: Incoming, image: Path, folder: Path, licence: Licence, when: Occasion) -> Rehearsal:
    aside = found_under(folder, licence, office.issuers(), lambda: when, office.backup_key)
    plan = plan_for(aside, image, found, Unlock())
    plan.refuse()
    plan.take_over().put_in_place(aside, image, "rehearsal")
    view = show(aside, found.slice.number)
    findings = () if view.totals == found.totals else (Refused("schema-unexpected", what="control totals").reason,)
    login = _who_is_tried(found)
    entrance = users.enter(aside, found.slice.number, login) if login else None
    if entrance is not None and entrance.reason is not None:
        findings = (*findings, entrance.reason)
    if entrance is None and found.manifest.purpose == "handover":
        findings = (*findings, Refused("no-user", number=found.slice.number).reason)
    return Rehearsal(findings, view.totals, login, entrance is not None and entrance.may)


def _who_is_tried(found: Incoming) -> Login | None:
    """In a hand-over the user for whom the licence was imported; in a backup to keep, where nobody need be active, whoever is."""
    named, active = found.slice.login, [user.login for user in found.slice.users if user.active]
    if named is not None and (found.manifest.purpose == "handover" or named in active):
        return named
    return next(iter(active), None)
