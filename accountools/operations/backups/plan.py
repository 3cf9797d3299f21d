"""Planning backups: which administrations, for what, where and to whom (S9); made in `make`."""

from collections.abc import Iterable
from dataclasses import replace

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.manifest import Purpose
from accountools.operations.backup_key import key_obstacles
from accountools.operations.backups import batch
from accountools.operations.backups.items import BackupItem, backup_items, unknown_item
from accountools.operations.backups.make_backups import BackupPlan
from accountools.operations.backups.target import BackupTarget
from accountools.operations.backups.write import Rehearse
from accountools.operations.register.state import all_states, find_states
from accountools.operations.session import Office, Session


def plan_backup(
    office: Office,
    numbers: Iterable[AdministrationNumber],
    target: BackupTarget,
    purpose: str | None = None,
    *,
    rehearse: Rehearse | None = None,
) -> BackupPlan:
    """Plan backups of these administrations; with `rehearse` each is restored aside before it gets its name.

    The purpose is by default a hand-over in an accountant's office, and safekeeping in a client's own.
    Raises `recipient-invalid`, `file-not-found` for a folder that can't be made.
    """
    with office.session() as session:
        chosen, states = _purpose(session, purpose), find_states(session, list(numbers))
        found = iter(backup_items(session, filter(None, states.values()), target, chosen))
        items = tuple(unknown_item(number) if state is None else next(found) for number, state in states.items())
    obstacles, folder = key_obstacles(office.engine), target.folder_in(office)
    return BackupPlan(obstacles=obstacles, items=items, purpose=chosen, target=target, folder=folder, rehearse=rehearse)


def _purpose(session: Session, asked: str | None) -> Purpose:
    hands_over = session.is_accountant_office if asked is None else asked != "safekeeping"
    return "handover" if hands_over else "safekeeping"


def plan_all_ready(office: Office, target: BackupTarget, purpose: str | None = None, *, rehearse: Rehearse | None = None) -> BackupPlan:
    """Plan backups of all that are ready or attention in the audit; the others are left out, not refused.

    For safekeeping those are all that aren't archived and can be made: whether a client may have one doesn't count.
    The purpose is as in `plan_backup`. Interrupted, it can be resumed. Raises as `plan_backup`.
    """
    with office.session() as session:
        chosen = _purpose(session, purpose)
        states = list(all_states(session))
        archived = {state.administration.number for state in states if state.administration.archived}
        found = backup_items(session, states, target, chosen)
        reasons = {item.number: next((one.code for one in item.obstacles if one.blocking), "") for item in found}
    reasons |= {number: reasons[number] or "administration-archived" for number in archived}
    return BackupPlan(
        obstacles=key_obstacles(office.engine),
        items=tuple(item for item in found if not reasons[item.number]),
        purpose=chosen,
        target=target,
        folder=target.folder_in(office),
        rehearse=rehearse,
        batch=True,
        left_out=tuple((number, code) for number, code in reasons.items() if code),
    )


def plan_resume(office: Office, passphrase: str | None = None, *, rehearse: Rehearse | None = None) -> BackupPlan | None:
    """Plan the rest of the last batch, if that was interrupted, with the same choices; None when none was.

    `rehearse` is used if that batch was to be rehearsed. Raises `key-needed` when it was encrypted by a passphrase and none is given,
    `office-busy` while it is being made, `changed-meanwhile` when its record is not as this office wrote it.
    """
    with office.session() as session:
        interrupted = batch.interrupted_batch(session)
    if interrupted is None:
        return None
    begun = interrupted.batch
    if begun.by_passphrase and passphrase is None:
        raise Refused("key-needed", batch=", ".join(str(number) for number in interrupted.missing[:5]))
    hook = rehearse if begun.rehearse else None
    plan = plan_backup(office, interrupted.missing, begun.target(passphrase), begun.purpose, rehearse=hook)
    return replace(plan, batch=True, resumes=interrupted)


def list_items(office: Office, purpose: Purpose, target: BackupTarget | None = None) -> tuple[BackupItem, ...]:
    """All administrations, each with its obstacles. For handing over: those of clients, without what is archived."""
    with office.session() as session:
        states = list(all_states(session))
        if purpose == "handover":
            states = [state for state in states if state.client is not None and not state.administration.archived]
        return backup_items(session, states, target or BackupTarget(), purpose)
