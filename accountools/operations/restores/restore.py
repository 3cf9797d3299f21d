"""Restoring an administration under the same number (S16): an accountant's own safekeeping backup, or at the client a hand-over."""

from collections.abc import Iterator

from accountools.domain.events.administrations import AdministrationRestored
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.operations.restores.checked_image import CheckedBackup
from accountools.operations.restores.obstacles import (
    client_obstacles,
    counter_obstacles,
    licence_obstacles,
    number_obstacles,
    signer_obstacles,
)
from accountools.operations.restores.plan import RestoreChoices, RestoreKind
from accountools.operations.restores.present import Present
from accountools.operations.session import HeldLicence, Session
from accountools.storage.register import signers


def _obstacles(
    session: Session, checked: CheckedBackup, present: Present, held: HeldLicence, choices: RestoreChoices
) -> Iterator[Obstacle]:
    """An accountant's office restores only its own backups to keep; a client's only what has its own licence's number."""
    yield from number_obstacles(session, checked.extract, present, replace=choices.replace)
    yield from client_obstacles(session, checked, present, held)
    yield from licence_obstacles(session, held)
    own, ours, manifest = session.own_licence, session.own_licences, checked.manifest
    if own.is_accountant_office:
        fits = manifest.purpose == "safekeeping" and manifest.licence_number in ours
    elif held.licence is not None:
        fits = held.licence.number == manifest.licence_number and manifest.licence_number in ours
    else:
        fits = held.reading.fault is not None  # which is an obstacle of its own
    if not fits:
        differs = obstacle("licence-differs", licence=manifest.licence_number, expected=own.number)
        yield differs.with_facts(backup=True) if own.is_accountant_office else differs
    yield from signer_obstacles(session, manifest, signers.DEFAULT_SCOPE, choices.signer)
    yield from counter_obstacles(session, checked, present)


RESTORE = RestoreKind(AdministrationRestored, _obstacles, lambda _: signers.DEFAULT_SCOPE)
