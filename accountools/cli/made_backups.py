"""`rehearse`, `install`, `backups …`, `key seal` and `unseal`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.backup import backup_document
from accountools.cli.context import EXIT_FAILED, CommandContext, apply_plan, validate_exclusive
from accountools.cli.office import key
from accountools.cli.options import Accept, Confirm, File, Identity, PassphraseFile, PlanHash, Workers, read_decryption, read_passphrase
from accountools.cli.registration import command
from accountools.cli.restore import print_backup_contents, print_set_aside
from accountools.domain.errors import AccountoolsError, WrongUsage
from accountools.domain.identifiers import single_line
from accountools.domain.messages import N_
from accountools.operations.errors import translate_error

if TYPE_CHECKING:
    from accountools.operations.backups.retention import KeptBackup
    from accountools.operations.restores.rehearse import Rehearsal

_HEADERS = (N_("Date"), N_("Administration"), N_("Purpose"), N_("Present"), N_("File"))
app = typer.Typer(name="backups", help="The backups that were made.", no_args_is_help=True)


def rehearse(
    context: CommandContext,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    workers: Workers = None,
) -> None:
    """Test backups: restore each in a temporary folder, compare the books, and check that the client's user can log in."""
    from accountools.operations.restores.rehearse import Rehearsal, rehearse_each

    office, unlock = context.open_office(), read_decryption(identity, passphrase_file)
    rehearsals, refused = context.document.setdefault("rehearsals", []), list[AccountoolsError]()
    for path, found in rehearse_each(office, files, unlock, workers):
        if isinstance(found, AccountoolsError):
            refused.append(found)
        rehearsal = Rehearsal((found.reason,)) if isinstance(found, AccountoolsError) else found
        findings = [{"code": one.code, "message": context.texts.sentence(one)} for one in rehearsal.findings]
        rehearsals.append({"path": str(path)} | rehearsal.document() | {"findings": findings})
        if len(files) > 1:
            context.print_line(single_line(str(path)))
        if rehearsal is found or len(files) > 1:
            _print_rehearsal(context, rehearsal)
    if len(files) == 1:
        context.document = rehearsals[0] if not refused else {}
    else:
        context.document["ok"] = all(one["ok"] for one in rehearsals)
    if refused:
        raise refused[0]
    context.exit_code = 0 if context.document["ok"] else EXIT_FAILED


def _print_rehearsal(context: CommandContext, found: "Rehearsal") -> None:
    context.print_obstacles(found.findings)
    if found.ok and found.of_office is not None:
        counts = context.texts.counts(**{name: found.of_office[name] for name in ("administrations", "clients", "events")})
        context.print_text("The test restore succeeded: an office with {counts}.", counts=counts)
    elif found.ok:
        debit = context.texts.amount(found.totals.totals()["debit"])
        context.print_plural(
            "The test restore succeeded: {count} line, debit {debit}.",
            "The test restore succeeded: {count} lines, debit {debit}.",
            found.totals.lines,
            debit=debit,
        )
        if found.entered:
            context.print_text("{login} can log in.", login=found.login)


def install(
    context: CommandContext,
    file: File,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    accept: Accept = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the administration that is here; a safety copy is kept.")] = False,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Install a client's own backup in the office, to work in it; the client's licence is kept."""
    from accountools.operations.restores.install import INSTALL
    from accountools.operations.restores.plan import RestoreChoices, planned_restore

    office = context.open_office()
    choices = RestoreChoices(file, read_decryption(identity, passphrase_file), None, frozenset(accept or ()), replace)
    with planned_restore(office, INSTALL, choices, adopting=confirm) as made:
        print_backup_contents(context, made)
        done = apply_plan(context, office, made, confirm=confirm, expected=plan)
        if done is not None:
            context.document["restored"] = True
            context.print_text("Administration {number} installed.", number=made.number)
            print_set_aside(context, made, done)


@command(app, "list")
def list_(context: CommandContext) -> None:
    """List the backups that were made."""
    from accountools.operations.backups.retention import list_backups

    found = list_backups(context.open_office())
    context.document = {"backups": [_entry(one) for one in found]}
    context.print_table(_HEADERS, [_row(context, one) for one in found], right=(1,))


@command(app, "check")
def check(context: CommandContext) -> None:
    """Read every backup file again; report those that are missing, changed or unreadable."""
    from accountools.operations.backups.retention import check_backups

    found = check_backups(context.open_office())
    failed = [one for one in found if one.findings]
    entries = [_entry(one) | {"findings": [context.obstacle_document(it) for it in one.findings]} for one in found]
    context.document = {"ok": not failed, "backups": entries}
    for one in failed:
        context.print_obstacles(one.findings)
    context.print_plural(
        "Checked {count} backup: {failed} failed.", "Checked {count} backups: {failed} failed.", len(found), failed=len(failed)
    )
    context.exit_code = EXIT_FAILED if failed else 0


@command(app, "prune")
def prune(
    context: CommandContext,
    keep_years: Annotated[int, typer.Option(min=1, help="The retention period in years; the law requires 7.")] = 7,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Remove backups that are past the retention period; never the last good one of an administration."""
    from accountools.operations.backups.retention import KeptBackup, PruneOutcome, plan_prune

    office = context.open_office()
    made = plan_prune(office, keep_years)
    context.document = {
        "pruned": False,
        "plan": made.digest,
        "backups": [_entry(KeptBackup(one)) for one in made.gone],
        "skipped": [_entry(one) | {"findings": context.print_obstacles(one.findings)} for one in made.skipped],
        "failed": [],
    }
    context.print_table(_HEADERS, [_row(context, KeptBackup(one)) for one in made.gone], right=(1,))
    context.print_plural(
        "{count} backup is past the retention period ({years}).",
        "{count} backups are past the retention period ({years}).",
        len(made.gone),
        years=context.texts.plural("{count} year", "{count} years", keep_years),
    )
    outcome: PruneOutcome | None = apply_plan(context, office, made, confirm=confirm, expected=plan)
    if outcome is None:
        return
    context.document |= {
        "pruned": not outcome.failed,
        "backups": [_entry(KeptBackup(one)) for one in outcome.removed],
        "failed": [_entry(KeptBackup(one)) for one, _ in outcome.failed],
    }
    for one, _ in outcome.failed:
        context.print_text("Not removed: {path}", path=one.path)
    if outcome.failed:
        raise translate_error(outcome.failed[0][1])
    if outcome.stopped is not None:
        raise translate_error(outcome.stopped)


@command(key, "seal")
def seal(
    context: CommandContext,
    out: Annotated[Path, typer.Option(help="The file to write; an existing file is not overwritten.", metavar="FILE")],
    recipient: Annotated[str | None, typer.Option(help="Encrypt to this age public key.", metavar="AGE1")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Save an encrypted copy of the office's backup key."""
    from accountools.operations.backups.office_key import seal_key
    from accountools.operations.backups.target import BackupTarget

    validate_exclusive(recipient=recipient, passphrase_file=passphrase_file)
    if not (recipient or passphrase_file):
        raise WrongUsage("usage", what="--recipient | --passphrase-file")
    passphrase = read_passphrase(passphrase_file)
    thumbprint = seal_key(context.open_office(), BackupTarget(recipient=recipient, passphrase=passphrase), out)
    context.document = {"path": str(out), "thumbprint": thumbprint}
    context.print_text("Key {thumbprint} written to {path}, encrypted.", thumbprint=thumbprint, path=out)


@command(key, "unseal")
def unseal(
    context: CommandContext,
    file: File,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Restore an encrypted copy of the backup key: the office signs its backups with it from then on."""
    from accountools.operations.backups.office_key import plan_unseal

    office = context.open_office()
    made = plan_unseal(office, file, read_decryption(identity, passphrase_file))
    context.document = {"unsealed": False, "plan": made.digest, "thumbprint": made.thumbprint, "present": made.present}
    context.print_text("Key {thumbprint} replaces key {present}.", thumbprint=made.thumbprint, present=made.present or "—")
    context.document["unsealed"] = apply_plan(context, office, made, confirm=confirm, expected=plan) is not None


def _entry(one: "KeptBackup") -> dict[str, Any]:
    record = one.record
    return backup_document(record) | {"at": record.at, "present": one.present, "rehearsed": record.rehearsed}


def _row(context: CommandContext, one: "KeptBackup") -> tuple[str, ...]:
    from accountools.formats.backup.manifest import PURPOSES

    record = one.record
    return (
        context.texts.iso_day(record.day),
        "—" if record.administration is None else str(record.administration),
        context.texts(PURPOSES[record.purpose]),
        context.texts(N_("yes") if one.present else N_("no")),
        str(record.path),
    )
