"""Restoring an administration under the same number (S16): an accountant's own safekeeping backup, or at the client a hand-over."""

import dataclasses
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from accountools.domain.events import AdministrationRestored
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.backup.reader import Decryption
from accountools.operations.progress import Progress, no_progress
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.restores.obstacles import counter_obstacles, licence_obstacles, number_obstacles, signer_obstacles
from accountools.operations.restores.plan import RestoreChoices, RestoreKind, RestorePlan, planned
from accountools.operations.session import HeldLicence, Office, Session
from accountools.storage.register import signers


def plan_restore(
    office: Office,
    path: Path,
    unlock: Decryption,
    *,
    signer: str | None = None,
    accept: Iterable[str] = (),
    replace: bool = False,
    progress: Progress = no_progress,
) -> RestorePlan:
    """Plan restoring the backup at `path`. `signer` is a thumbprint read out by telephone.

    Raises as `check_backup`; what merely blocks is in the plan's obstacles.
    """
    with planned_restore(office, path, unlock, signer=signer, accept=accept, replace=replace, progress=progress) as plan:
        return dataclasses.replace(plan, unpacked=None)


@contextmanager
def planned_restore(
    office: Office,
    path: Path,
    unlock: Decryption,
    *,
    signer: str | None = None,
    accept: Iterable[str] = (),
    replace: bool = False,
    adopting: bool = False,
    progress: Progress = no_progress,
) -> Iterator[RestorePlan]:
    """Plan as `plan_restore`, with the image at hand until the block is left (`restores.plan.planned`)."""
    choices = RestoreChoices(path, unlock, signer, frozenset(accept), replace)
    with planned(office, RESTORE, choices, adopting=adopting, progress=progress) as plan:
        yield plan


def _obstacles(session: Session, checked: CheckedBackup, held: HeldLicence, choices: RestoreChoices) -> Iterator[Obstacle]:
    """An accountant's office restores only its own backups to keep; a client's only what has its own licence's number."""
    yield from number_obstacles(session, checked.extract, replace=choices.replace)
    yield from licence_obstacles(session, held)
    own, ours, manifest = session.own_licence, session.own_licences, checked.manifest
    if own.is_accountant_office:
        fits = manifest.purpose == "safekeeping" and manifest.licence_number in ours
    elif held.licence is not None:
        fits = held.licence.number == manifest.licence_number and manifest.licence_number in ours
    else:
        fits = held.reading.fault is not None  # which is an obstacle of its own
    if not fits:
        yield obstacle("licence-differs", licence=manifest.licence_number, expected=own.number)
    yield from signer_obstacles(session, manifest, signers.DEFAULT_SCOPE, choices.signer)
    yield from counter_obstacles(session, checked)


RESTORE = RestoreKind(AdministrationRestored, _obstacles, lambda _: signers.DEFAULT_SCOPE)
