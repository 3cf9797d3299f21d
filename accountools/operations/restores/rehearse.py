"""Rehearsing a backup: restored aside as its receiver would, compared, entered as the client's user, and thrown away.

The office's own backup is rehearsed too: an office is made of it aside.

The receipt stands in the register: which backup, on what day. A recipient's key is never the office's, so a backup for a recipient is
rehearsed as it is made, from the compressed stream that goes into age; afterwards only who has the key can.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from accountools import safe_files
from accountools.domain.administration import Administration
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused, Unsound
from accountools.domain.events.administrations import AdministrationCopied, BackupPlaced
from accountools.domain.events.users import LicenceImported
from accountools.domain.identifiers import AdministrationNumber, Login
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Obstacle, Part, obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Decryption
from accountools.operations import jobs
from accountools.operations.backups import records
from accountools.operations.errors import faults_of_file
from accountools.operations.register import handover_rules, users
from accountools.operations.register.administrations import show
from accountools.operations.register.create_office import create_under
from accountools.operations.register.state import AdministrationState, find_other_client
from accountools.operations.restores.checked_image import CheckedBackup, check_backup, check_image
from accountools.operations.restores.obstacles import licence_in
from accountools.operations.restores.place import place
from accountools.operations.restores.plan import RestoreChoices, plan_checked
from accountools.operations.restores.restore import RESTORE
from accountools.operations.restores.restore_office import plan_office_restore
from accountools.operations.restores.unlock import read_manifest
from accountools.operations.restores.verify import FINDINGS
from accountools.operations.session import HeldLicence, Office, Session
from accountools.operations.workdir import job_folder, workdir
from accountools.operations.worker_processes import default_workers
from accountools.storage.errors import OfficeBusy
from accountools.storage.register import backups, journal, licences
from accountools.storage.register.licences import Import


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal showed. `login` is who was tried, None when nobody could be; `of_office` counts what an office's holds."""

    findings: tuple[Obstacle, ...]
    totals: ControlTotals = field(default_factory=ControlTotals)
    login: Login | None = None
    entered: bool = False
    of_office: dict[str, int] | None = None

    @property
    def ok(self) -> bool:
        """Whether it restores, counts the same, and its user can log in."""
        return not self.findings

    def document(self) -> dict[str, Any]:
        """As the interface gives it."""
        return {
            "ok": self.ok,
            "findings": [{"code": one.code, "message": one.sentence()} for one in self.findings],
            "counts": self.totals.counts() if self.of_office is None else self.of_office,
            "totals": self.totals.totals(),
            "entered": self.entered,
            "login": self.login,
        }


def rehearse(office: Office, path: Path, unlock: Decryption) -> Rehearsal:
    """Rehearse the backup at `path` and note the receipt if the office made it.

    Raises `file-not-found`, `not-a-backup`, `newer-version`, `key-needed`, `wrong-key`: what can't be read at all.
    """
    with workdir(office) as work:
        rehearsal, sha256 = rehearse_file(office, path, unlock, work)
    if rehearsal.ok:
        note_rehearsed(office, sha256)
    return rehearsal


def rehearse_each(
    office: Office, paths: Sequence[Path], unlock: Decryption, workers: int | str | None = None
) -> Iterator[tuple[Path, Rehearsal | AccountoolsError]]:
    """Rehearse many, side by side, giving each when it is done, or why it can't be read. Raises what the machine fails with."""
    chosen = workers or min(len(paths), default_workers(max(len(paths), jobs.work_in(paths))))
    with workdir(office) as work, jobs.workers(office, chosen, reads=paths) as at_work:
        for path, future in at_work.each(rehearse_file, paths, unlock, work):
            try:
                rehearsal, sha256 = future.result()
            except MachineFailed:
                raise
            except AccountoolsError as error:
                yield path, error
                continue
            if rehearsal.ok:
                note_rehearsed(office, sha256)
            yield path, rehearsal


def rehearse_file(office: Office, path: Path, unlock: Decryption, work: Path) -> tuple[Rehearsal, str]:
    """A job: rehearse the backup at `path`; gives the file's SHA-256 too. `work` is the workdir of who hands it out."""
    with job_folder(work) as folder:
        try:
            with faults_of_file(path):
                if read_manifest(path).purpose == "register":
                    return _rehearse_office(office, path, unlock, folder), safe_files.sha256_of(path)
            checked = check_backup(path, folder / "image.sqlite", unlock, adopting=True)
        except AccountoolsError as error:
            if error.code not in FINDINGS:
                raise
            return Rehearsal((error.reason,)), ""
        return rehearse_image(office, checked, folder / "image.sqlite"), checked.file_sha256


def _rehearse_office(office: Office, path: Path, unlock: Decryption, folder: Path) -> Rehearsal:
    """Make the office anew aside, of its own backup: its journal must hold, and its licence verify."""
    with office.session() as session:
        context = session.context
    plan = plan_office_restore(folder / "aside", RestoreChoices(path, unlock), lambda: context)
    try:
        with plan.create().session() as session:
            broken = [obstacle("event-changed", n=n) for n in journal.find_breaks(session.connection)]
            fault = session.own.reading.fault
    except MachineFailed as error:
        if error.code != "office-damaged":
            raise
        raise Unsound("schema-unexpected", what=dict(error.reason.facts).get("what", Part.BACKUP)) from error  # it was made of this file
    return Rehearsal((*broken, *([fault] if fault else [])), of_office=plan.counts)


def rehearse_new(office: Office, manifest: Manifest, image: Path, file_sha256: str) -> tuple[Obstacle, ...]:
    """Rehearse a backup that has no name yet; gives the findings (`backups.write.Rehearse`)."""
    return rehearse_image(office, check_image(manifest, image, file_sha256), image).findings


def rehearse_image(office: Office, checked: CheckedBackup, image: Path) -> Rehearsal:
    """Restore an unpacked image into an office of its own beside it, as its receiver would, and look at what came of it."""
    with office.session() as session:
        own, issuers, held = session.own_licences, session.issuers, licence_in(session, checked.extract)
        context, against = session.context, _checked_anew(session, checked, held)
        is_own = checked.manifest.signer.key.thumbprint in session.own_keys
    ours = own.get(checked.manifest.licence_number) if checked.manifest.purpose == "safekeeping" else None
    licence = ours or held.licence
    if licence is None:
        return Rehearsal((held.reading.fault or Refused("no-licence", client=checked.extract.description).reason,))
    receiver = image.parent / "aside"
    signer = checked.manifest.signer.key.thumbprint if is_own else None
    choices = RestoreChoices(image, signer=signer)
    try:
        shown = _restore_aside(create_under(receiver, licence, issuers, lambda: context, signer), checked, choices)
    except AccountoolsError as error:
        if isinstance(error, OfficeBusy) or (isinstance(error, MachineFailed) and error.code != "office-damaged"):
            raise  # it says nothing of the backup
        shown = Rehearsal((error.reason,))
    codes = {one.code for one in against}
    return replace(shown, findings=(*against, *(one for one in shown.findings if one.code not in codes)))


def _checked_anew(session: Session, checked: CheckedBackup, held: HeldLicence) -> list[Obstacle]:
    """Why an accountant's office would not make this hand-over today: the rules of the audit, of what is in the backup."""
    extract, own = checked.extract, session.own
    if checked.manifest.purpose != "handover" or not session.is_accountant_office or extract.licence is None:
        return []
    administration = Administration(extract.number, extract.description, extract.client.kvk if extract.client else None)
    accepted = _confirmed_codes(session, extract.number, extract.licence)
    imported = Import(extract.licence, extract.login, checked.manifest.made_at, accepted) if extract.login else None
    other = find_other_client(session, extract.client, held)
    state = AdministrationState(administration, extract.client, extract.users, imported, held, True, other)
    return [one for one in handover_rules.administration_obstacles(own, state, session.context.today) if one.blocking]


def _confirmed_codes(session: Session, number: AdministrationNumber, token: str) -> tuple[str, ...]:
    """What was confirmed when this licence was imported into this administration, also when another has taken its place."""
    held = licences.find_import(session.connection, number)
    if held is not None and held.token == token:
        return held.accepted
    return tuple(_codes_in_events(session, number, licences.token_sha256(token)))


def _codes_in_events(session: Session, number: AdministrationNumber, sha256: str, until: float = math.inf) -> Iterator[str]:
    """What was confirmed at imports of this licence before an event; a copy has it from the administration that it was copied from."""
    for one in tuple(journal.list_events(session.connection, number, kinds=(LicenceImported, AdministrationCopied, BackupPlaced))):
        event = one.parsed()
        if one.n >= until:
            return
        if isinstance(event, LicenceImported | BackupPlaced) and event.sha256 == sha256:
            yield from event.accepted or ()
        elif isinstance(event, AdministrationCopied) and event.sha256 == sha256:
            yield from _codes_in_events(session, event.source, sha256, one.n)  # in its past only: a changed journal makes no circle


def note_rehearsed(office: Office, sha256: str) -> None:
    """Note the receipt in the register, if the office made this backup."""
    with office.session(write=True) as session:
        made = backups.list_committed(session.connection, office.stored_base)
        records.mark_rehearsed(session, [one for one in made if one.sha256 == sha256][:1])


def _restore_aside(receiver: Office, checked: CheckedBackup, choices: RestoreChoices) -> Rehearsal:
    with receiver.session() as session:
        plan = plan_checked(session, RESTORE, choices, checked)
    plan.raise_if_refused()
    place(receiver, plan.placement(), receiver.engine.adopt_books(choices.path, checked.extract.number), "rehearsal")
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
