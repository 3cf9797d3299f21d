"""`backup` and `verify`."""

import dataclasses
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.context import EXIT_FAILED, CommandContext, apply_plan, validate_exclusive
from accountools.cli.options import Confirm, File, Identity, PassphraseFile, PlanHash, Workers, read_decryption, read_passphrase
from accountools.domain.errors import Refused, WrongUsage
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.operations import worker_processes
from accountools.operations.errors import translate_error
from accountools.safe_files import absolute

if TYPE_CHECKING:
    from accountools.operations.backups.groups import BackupOutcome
    from accountools.operations.backups.make_backups import BackupPlan
    from accountools.operations.backups.target import BackupTarget
    from accountools.operations.backups.write import Rehearse
    from accountools.operations.session import Office
    from accountools.storage.register.backups import BackupRecord


class PurposeOption(StrEnum):
    """What a backup is for."""

    handover = "handover"
    safekeeping = "safekeeping"


def backup(
    context: CommandContext,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="N...")] = None,
    all_ready: Annotated[
        bool, typer.Option("--all-ready", help="All administrations that are ready; for safekeeping all that aren't archived.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="With --all-ready: make the remaining backups of the last interrupted batch.")
    ] = False,
    register: Annotated[bool, typer.Option("--register", help="The office itself: register, keys, trusted issuers.")] = False,
    purpose: Annotated[
        PurposeOption | None,
        typer.Option(help="The purpose; default: handover in an accountancy office, safekeeping in a client's office."),
    ] = None,
    to: Annotated[Path | None, typer.Option(help="The folder to write to.", metavar="DIR")] = None,
    recipient: Annotated[str | None, typer.Option(help="Encrypt to this age public key.", metavar="AGE1")] = None,
    passphrase_file: PassphraseFile = None,
    plain: Annotated[bool, typer.Option("--plain", help="Don't encrypt.")] = False,
    rehearse: Annotated[bool, typer.Option("--rehearse", help="Test each backup with a test restore in a temporary folder.")] = False,
    workers: Workers = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Make backups: for the client (with the client's licence instead of the office's), or for safekeeping."""
    from accountools.operations.backups import batch, register_backup
    from accountools.operations.backups.plan import plan_all_ready, plan_backup, plan_resume
    from accountools.operations.backups.target import BackupTarget
    from accountools.operations.register.administrations import list_administrations

    validate_exclusive(recipient=recipient, passphrase_file=passphrase_file, plain=plain)
    validate_exclusive(register=register, all_ready=all_ready, N=numbers)
    validate_exclusive(register=register, plain=plain)
    validate_exclusive(register=register, purpose=purpose)
    validate_exclusive(register=register, rehearse=rehearse)
    if not (register or all_ready or numbers):
        raise WrongUsage("usage", what="backup N… | --all-ready | --register")
    if resume and not all_ready:
        raise WrongUsage("usage", what="--all-ready --resume")
    if register and not (recipient or passphrase_file):
        raise WrongUsage("usage", what="--register --recipient | --passphrase-file")
    office = context.open_office()
    if confirm and not register:
        worker_processes.prepare(len(numbers) if numbers else len(list_administrations(office)), workers)
    target = BackupTarget(to, recipient, read_passphrase(passphrase_file), plain)
    if register:
        made = register_backup.plan_register_backup(office, target)
        context.document = {"plan": made.digest, "planned": [None], "backups": [], "refused": []}
        context.print_text("Backup of the office itself, to {folder}.", folder=made.folder)
        _print_plan_obstacles(context, made.obstacles)
        _print_outcome(context, apply_plan(context, office, made, confirm=confirm, expected=plan))
        return
    hook = _rehearsal(rehearse or resume)
    chosen = purpose.value if purpose else None
    made_plan: BackupPlan | None
    if resume:
        made_plan = plan_resume(office, target.passphrase, rehearse=hook)
        if made_plan is not None:
            _validate_same_choices(made_plan, target, chosen, rehearse=rehearse)
    elif numbers:
        made_plan = plan_backup(office, map(AdministrationNumber.parse, numbers), target, chosen, rehearse=hook)
    else:
        made_plan = plan_all_ready(office, target, chosen, rehearse=hook)
    if made_plan is None:
        context.document = {"plan": None, "planned": [], "backups": [], "refused": [], "left_out": []}
        context.print_text("There is no interrupted batch.")
        if confirm:
            batch.discard_batch(office)  # an interrupted batch whose backups were all made
    else:
        _backup_administrations(context, office, dataclasses.replace(made_plan, workers=workers), confirm=confirm, expected=plan)


def _rehearsal(wanted: bool) -> "Rehearse | None":
    """What rehearses a new backup, if that is wanted: most backups needn't wait until it is imported."""
    if not wanted:
        return None
    from accountools.operations.restores.rehearse import rehearse_new

    return rehearse_new


def _validate_same_choices(plan: "BackupPlan", given: "BackupTarget", purpose: str | None, *, rehearse: bool) -> None:
    """Raise `options-exclude` when something else was chosen than for the batch that is resumed: that is made as it was begun."""
    differs = {
        "purpose": purpose not in {None, plan.purpose},
        "to": given.folder is not None and absolute(given.folder) != plan.folder,
        "recipient": given.recipient not in {None, plan.target.recipient},
        "passphrase_file": given.passphrase is not None and not plan.target.by_passphrase,
        "plain": given.plain and not plan.target.plain,
        "rehearse": rehearse and plan.rehearse is None,
    }
    for option, other in differs.items():
        validate_exclusive(**{"resume": True, option: other})


def _backup_administrations(context: CommandContext, office: "Office", made: "BackupPlan", *, confirm: bool, expected: str | None) -> None:
    context.document = {
        "plan": made.digest,
        "planned": [int(one.number) for one in made.to_make],
        "folder": str(made.folder),
        "encrypted": [int(one.number) for one in made.to_make if made.target.encrypts(one.licence)],
        "backups": [],
        "refused": [],
        "left_out": [{"number": int(number), "code": code} for number, code in made.left_out],
    }
    if not made.items:
        context.print_text("No administration is ready.")
    _print_left_out(context, made)
    for item in made.items:
        context.print_text("Administration {number}, {description}", number=item.number, description=item.description)
        context.print_obstacles(item.obstacles)
        for one in item.accepted:
            context.print_text("  Confirmed at the import: {what}", what=context.texts.sentence(one))
    if made.to_make:
        encrypted, count = len(context.document["encrypted"]), len(made.to_make)
        context.print_text("To {folder}; encrypted: {encrypted} of {count}.", folder=made.folder, encrypted=encrypted, count=count)
    context.document["refused"] = _refused_documents(context, tuple((one.number, one.obstacles) for one in made.refused))

    def make() -> "BackupOutcome":
        with progress_bar(context.texts("Backups"), sum(item.bytes for item in made.to_make)) as update:
            done: BackupOutcome = made.apply(office, lambda bytes_done, _: update(bytes_done))
        return done

    _print_plan_obstacles(context, made.obstacles)
    try:
        outcome = apply_plan(context, office, made, confirm=confirm, expected=expected, is_empty=not made.to_make, apply=make)
        _print_outcome(context, outcome)
    except Exception:
        if confirm and made.batch:
            context.notify_interrupted_batch()
        raise
    refused = outcome.refused if outcome else tuple((one.number, one.obstacles) for one in made.refused)
    if refused:
        obstacles = refused[0][1]
        first = next((one for one in obstacles if one.blocking), obstacles[0])
        raise Refused(first.code, [one for _, found in refused for one in found], **dict(first.facts))


def _print_left_out(context: CommandContext, made: "BackupPlan") -> None:
    """How many of all were left out, and for how many each reason counts."""
    if made.left_out:
        context.print_plural(
            "{count} administration is left out (`--json` names it):",
            "{count} administrations are left out (`--json` names them):",
            len(made.left_out),
        )
        counts = Counter(code for _, code in made.left_out)
        context.print_table((N_("How many"), N_("Code")), [(str(count), code) for code, count in counts.most_common()], right=(0,))


def verify(context: CommandContext, file: File, identity: Identity = None, passphrase_file: PassphraseFile = None) -> None:
    """Check a backup without restoring it."""
    from accountools.operations.restores.verify import verify as verify_file

    found = verify_file(file, read_decryption(identity, passphrase_file), context.find_office())
    context.document = found.document()
    context.document["findings"] = [{"code": one.code, "message": context.texts.sentence(one)} for one in found.findings]
    context.print_obstacles(found.findings)
    if found.ok:
        context.print_text(
            N_("The backup is in order.")
            if found.image_checked
            else N_("The file is complete and signed; checking its contents needs the key or the passphrase.")
        )
    else:
        context.exit_code = EXIT_FAILED


def _print_outcome(context: CommandContext, outcome: "BackupOutcome | None") -> None:
    if outcome is None:
        return
    context.document["backups"] = [backup_document(one) for one in outcome.made]
    context.document["refused"] = _refused_documents(context, outcome.refused)
    texts = context.texts
    rows = [
        (f"{one.bytes:,}".replace(",", texts.thousands_separator), texts(N_("yes") if one.encrypted else N_("no")), str(one.path))
        for one in outcome.made
    ]
    context.print_table((N_("Bytes"), N_("Encrypted"), N_("File")), rows, right=(0,))
    if outcome.stopped is not None:
        raise translate_error(outcome.stopped)


def backup_document(one: "BackupRecord") -> dict[str, Any]:
    """A backup as JSON."""
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


def _print_plan_obstacles(context: CommandContext, found: tuple[Obstacle, ...]) -> None:
    """Why nobody's backup can be made, if there is a reason."""
    obstacles = context.print_obstacles(found)
    if obstacles:
        context.document["obstacles"] = obstacles


def _refused_documents(
    context: CommandContext, refused: tuple[tuple[AdministrationNumber, tuple[Obstacle, ...]], ...]
) -> list[dict[str, Any]]:
    return [{"administration": int(number), "obstacles": [context.obstacle_document(one) for one in found]} for number, found in refused]


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; gives a function to call with how many of the `total` bytes are done."""
    if not (total and sys.stderr.isatty()):
        yield lambda _: None
        return
    with typer.progressbar(length=total, label=label, file=sys.stderr) as shown:
        yield lambda done: shown.update(done - shown.pos)
