"""`backup` and `verify`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.context import WANTING, Door, carry_out, command, explain, only_one
from accountools.cli.decryption import File, Identity, PassphraseFile, passphrase_in, unlock_of
from accountools.cli.office import Confirm, PlanHash
from accountools.cli.progress import make_backups
from accountools.domain.codes import N_
from accountools.domain.errors import Refused, WrongUsage
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle

if TYPE_CHECKING:
    from accountools.operations.backups.make import BackupOutcome, BackupPlan
    from accountools.operations.backups.target import Destination
    from accountools.operations.session import Office
    from accountools.storage.register.backups import BackupRecord


class PurposeOption(StrEnum):
    """What a backup is for."""

    handover = "handover"
    safekeeping = "safekeeping"


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    command(parent, "backup")(backup)
    command(parent, "verify")(verify)


def backup(
    door: Door,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="N...")] = None,
    all_ready: Annotated[bool, typer.Option("--all-ready", help="All that are ready to hand over.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --all-ready: only what the last one that was cut off had not made.")
    ] = False,
    register: Annotated[bool, typer.Option("--register", help="The office itself: register, keys, trust.")] = False,
    purpose: Annotated[PurposeOption | None, typer.Option(help="Else handover at an accountant's, safekeeping at a client's.")] = None,
    to: Annotated[Path | None, typer.Option(help="The folder to write to.", metavar="DIR")] = None,
    recipient: Annotated[str | None, typer.Option(help="Encrypt to this age key.", metavar="AGE1")] = None,
    passphrase_file: PassphraseFile = None,
    plain: Annotated[bool, typer.Option("--plain", help="Don't encrypt.")] = False,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Restore each aside before it counts.")] = False,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Make backups: for the client with the client's licence in place of the office's, or to keep."""
    from accountools.operations.backups import batch, register_backup
    from accountools.operations.backups.target import Destination

    only_one(recipient=recipient, passphrase_file=passphrase_file, plain=plain)
    only_one(register=register, all_ready=all_ready, N=numbers)
    only_one(register=register, plain=plain)
    only_one(register=register, purpose=purpose)
    only_one(register=register, rehearse=rehearse)
    only_one(all_ready=all_ready, purpose=purpose if purpose != PurposeOption.handover else None)
    for option, given in {"to": to, "recipient": recipient, "plain": plain, "rehearse": rehearse}.items():
        only_one(**{"resume": resume, option: given})
    if not (register or all_ready or numbers):
        raise WrongUsage("usage", what="backup N…, --all-ready or --register")
    if resume and not all_ready:
        raise WrongUsage("usage", what="--all-ready --resume")
    if register and not (recipient or passphrase_file):
        raise WrongUsage("usage", what="--register: --recipient or --passphrase-file")
    office = door.open()
    destination = Destination(to, recipient, passphrase_in(passphrase_file), plain)
    if register:
        made = register_backup.plan_register_backup(office, destination)
        door.document = {"plan": made.digest, "planned": [None], "backups": [], "refused": []}
        door.say("The office itself goes into a backup in {folder}.", folder=made.folder)
        _tell_outcome(door, carry_out(door, office, made, confirm=confirm, expected=plan))
        return
    chosen = purpose.value if purpose else None
    made_plan = _plan_of(office, destination, numbers or [], chosen, rehearse=rehearse, resume=resume)
    if made_plan is None:
        door.document = {"plan": None, "planned": [], "backups": [], "refused": []}
        door.say("No batch was cut off.")
        if confirm:
            batch.discard_batch(office)  # the note of one that was cut off when all of it was made
    else:
        _backup_administrations(door, office, made_plan, confirm=confirm, expected=plan)


def _plan_of(
    office: "Office", destination: "Destination", numbers: list[str], purpose: str | None, *, rehearse: bool, resume: bool
) -> "BackupPlan | None":
    from accountools.operations.backups.plan import plan_all_ready, plan_backup, plan_resume
    from accountools.operations.restores.rehearse import rehearse_new

    if resume:
        return plan_resume(office, destination.passphrase, rehearse=rehearse_new)
    hook = rehearse_new if rehearse else None
    if numbers:
        return plan_backup(office, map(AdministrationNumber.parse, numbers), destination, purpose, rehearse=hook)
    return plan_all_ready(office, destination, rehearse=hook)


def _backup_administrations(door: Door, office: "Office", made: "BackupPlan", *, confirm: bool, expected: str | None) -> None:
    door.document = {"plan": made.digest, "planned": [int(one.number) for one in made.to_make], "backups": [], "refused": []}
    for item in made.items:
        door.say("Administration {number}, {description}", number=item.number, description=item.description)
        door.obstacles(item.obstacles)
    door.document["refused"] = _refused(door, tuple((one.number, one.obstacles) for one in made.refused))

    def make() -> "BackupOutcome":
        return make_backups(office, made, door.texts("Backups"))

    outcome = carry_out(door, office, made, confirm=confirm, expected=expected, something=bool(made.to_make), apply=make)
    _tell_outcome(door, outcome)
    refused = outcome.refused if outcome else tuple((one.number, one.obstacles) for one in made.refused)
    if refused:
        obstacles = refused[0][1]
        first = next((one for one in obstacles if one.blocking), obstacles[0])
        raise Refused(first.code, [one for _, found in refused for one in found], **dict(first.facts))


def verify(door: Door, file: File, identity: Identity = None, passphrase_file: PassphraseFile = None) -> None:
    """Check a backup without restoring it."""
    from accountools.operations.restores.verify import verify as look

    found = look(file, unlock_of(identity, passphrase_file), door.open_if_there())
    door.document = found.document()
    door.document["findings"] = [{"code": one.code, "message": door.texts.sentence(one)} for one in found.findings]
    door.obstacles(found.findings)
    if found.ok:
        door.say(N_("The backup is sound.") if found.image_checked else N_("The backup is whole; what is inside needs the key."))
    else:
        door.exit_code = WANTING


def _tell_outcome(door: Door, outcome: "BackupOutcome | None") -> None:
    if outcome is None:
        return
    door.document["backups"] = [backup_document(one) for one in outcome.made]
    door.document["refused"] = _refused(door, outcome.refused)
    for one in outcome.made:
        how = door.texts(N_("encrypted") if one.encrypted else N_("plain"))
        door.tell(f"{one.path}  {one.bytes} B  {how}")
    if outcome.stopped is not None:
        raise explain(outcome.stopped)


def backup_document(one: "BackupRecord") -> dict[str, Any]:
    """A backup that was made, as JSON."""
    return {
        "administration": None if one.administration is None else int(one.administration),
        "path": str(one.path),
        "bytes": one.bytes,
        "sha256": one.sha256,
        "purpose": one.purpose,
        "licence_number": one.licence_number,
        "encrypted": one.encrypted,
        "seconds": (one.milliseconds or 0) / 1000,
    }


def _refused(door: Door, refused: tuple[tuple[AdministrationNumber, tuple[Obstacle, ...]], ...]) -> list[dict[str, Any]]:
    return [{"administration": int(number), "obstacles": [door.obstacle(one) for one in found]} for number, found in refused]
