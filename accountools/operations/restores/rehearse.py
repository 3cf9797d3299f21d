"""Rehearsing a backup: restored aside as its receiver would, compared, entered as the client's user, and thrown away.

The receipt stands in the register: which backup, on what day. A recipient's key is never the office's, so a backup for a recipient is
rehearsed as it is made, from the compressed stream that goes into age; afterwards only who has the key can.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.identifiers import Login
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Obstacle, Part
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Decryption
from accountools.operations.backups import records
from accountools.operations.register import users
from accountools.operations.register.administrations import show
from accountools.operations.register.create_office import create_under
from accountools.operations.restores.checked_image import CheckedBackup, check_backup, check_image
from accountools.operations.restores.obstacles import licence_in
from accountools.operations.restores.place import place
from accountools.operations.restores.plan import RestoreChoices, plan_checked
from accountools.operations.restores.restore import RESTORE
from accountools.operations.restores.verify import FINDINGS
from accountools.operations.session import Office
from accountools.operations.workdir import workdir
from accountools.storage.register import backups


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal showed. `login` is who was tried, None when nobody could be."""

    findings: tuple[Obstacle, ...]
    totals: ControlTotals = field(default_factory=ControlTotals)
    login: Login | None = None
    entered: bool = False

    @property
    def ok(self) -> bool:
        """Whether it restores, counts the same, and its user can log in."""
        return not self.findings

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        return {
            "ok": self.ok,
            "findings": [{"code": one.code, "message": one.sentence()} for one in self.findings],
            "counts": self.totals.counts(),
            "totals": self.totals.totals(),
            "entered": self.entered,
            "login": self.login,
        }


def rehearse(office: Office, path: Path, unlock: Decryption) -> Rehearsal:
    """Rehearse the backup at `path` and note the receipt if the office made it.

    Raises `file-not-found`, `not-a-backup`, `newer-version`, `key-needed`, `wrong-key`: what can't be read at all.
    """
    with workdir(office) as work:
        image = work / "image.sqlite"
        try:
            checked = check_backup(path, image, unlock, adopting=True)
        except AccountoolsError as error:
            if error.code not in FINDINGS:
                raise
            return Rehearsal((error.reason,))
        rehearsal = rehearse_image(office, checked, image)
    if rehearsal.ok:
        note_rehearsed(office, checked.file_sha256)
    return rehearsal


def rehearse_new(office: Office, manifest: Manifest, image: Path, file_sha256: str) -> tuple[Obstacle, ...]:
    """Rehearse a backup that has no name yet; gives the findings (`backups.write.Rehearse`)."""
    return rehearse_image(office, check_image(manifest, image, file_sha256), image).findings


def rehearse_image(office: Office, checked: CheckedBackup, image: Path) -> Rehearsal:
    """Restore an unpacked image into an office of its own beside it, as its receiver would, and look at what came of it."""
    with office.session() as session:
        own, issuers, held = session.own_licences, session.issuers, licence_in(session, checked.extract)
        context = session.context
    ours = own.get(checked.manifest.licence_number) if checked.manifest.purpose == "safekeeping" else None
    licence = ours or held.licence
    if licence is None:
        return Rehearsal((held.reading.fault or Refused("no-licence", client=checked.extract.description).reason,))
    receiver = image.parent / "aside"
    try:
        return _restore_aside(create_under(receiver, licence, issuers, lambda: context, office.backup_key), checked, image)
    except AccountoolsError as error:
        return Rehearsal((error.reason,))


def note_rehearsed(office: Office, sha256: str) -> None:
    """Note the receipt in the register, if the office made this backup."""
    with office.session(write=True) as session:
        records.mark_rehearsed(session, [one for one in backups.list_committed(session.connection) if one.sha256 == sha256][:1])


def _restore_aside(receiver: Office, checked: CheckedBackup, image: Path) -> Rehearsal:
    plan = plan_checked(receiver, RESTORE, RestoreChoices(image), checked)
    plan.raise_if_refused()
    place(receiver, plan.placement(), receiver.engine.adopt_books(image), "rehearsal")
    view = show(receiver, checked.extract.number)
    findings = [] if view.totals == checked.totals else [Refused("schema-unexpected", what=Part.CONTROL_TOTALS).reason]
    login = _login_to_try(checked)
    entrance = users.enter(receiver, checked.extract.number, login) if login else None
    if entrance is not None and entrance.reason is not None:
        findings.append(entrance.reason)
    if entrance is None and checked.manifest.purpose == "handover":
        findings.append(Refused("no-user", number=checked.extract.number).reason)
    return Rehearsal(tuple(findings), view.totals, login, entrance is not None and entrance.may)


def _login_to_try(checked: CheckedBackup) -> Login | None:
    """In a hand-over the user for whom the licence was imported; in a backup to keep, where nobody need be active, whoever is."""
    named, active = checked.extract.login, [user.login for user in checked.extract.users if user.active]
    if named is not None and (checked.manifest.purpose == "handover" or named in active):
        return named
    return next(iter(active), None)
