"""`restore`: an administration, or the office itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import CommandContext, apply_plan
from accountools.cli.options import Accept, Confirm, File, Identity, PassphraseFile, PlanHash, read_decryption
from accountools.domain.errors import WrongUsage

if TYPE_CHECKING:
    from accountools.formats.backup.reader import Decryption
    from accountools.operations.restores.plan import RestorePlan


def restore(
    context: CommandContext,
    file: File,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    signer: Annotated[
        str | None, typer.Option(help="The expected signer's key, e.g. as read out by telephone.", metavar="THUMBPRINT")
    ] = None,
    accept: Accept = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the administration that is here; a safety copy is kept.")] = False,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Restore an administration under the same number; or the office itself, from its own backup."""
    from accountools.operations.restores.restore import planned_restore
    from accountools.storage.sqlite.engine import SqliteEngine

    unlock = read_decryption(identity, passphrase_file)
    if not SqliteEngine(context.office_folder().expanduser().absolute()).exists():
        _restore_office(context, file, unlock, signer, accept or [], confirm=confirm, expected=plan)
        return
    office = context.open_office()
    with planned_restore(office, file, unlock, signer=signer, accept=accept or (), replace=replace, adopting=confirm) as made:
        print_backup_contents(context, made)
        if apply_plan(context, office, made, confirm=confirm, expected=plan) is not None:
            context.document["restored"] = True
            context.print_text("Administration {number} restored.", number=made.number)


def print_backup_contents(context: CommandContext, made: "RestorePlan") -> None:
    """Print what a backup contains, who signed it, and the obstacles."""
    extract, manifest = made.extract, made.manifest
    context.print_text("Administration {number}, {description}", number=made.number, description=extract.description)
    context.document = {
        "restored": False,
        "plan": made.digest,
        "administration": int(made.number),
        "licence_number": made.licence.number if made.licence else manifest.licence_number,
        "signer": print_signer(context, manifest.signer.document()),
        **{name: extract.contents(made.totals)[name] for name in ("users", "counts", "totals")},
        "obstacles": context.print_obstacles(made.obstacles, made.accepted),
    }


def _restore_office(
    context: CommandContext, file: Path, unlock: "Decryption", signer: str | None, accept: list[str], *, confirm: bool, expected: str | None
) -> None:
    from accountools.operations.restores.restore_office import plan_office_restore

    made = plan_office_restore(context.office_folder(), file, unlock, context.clock, signer=signer, accept=accept)
    context.document = {
        "restored": False,
        "plan": made.digest,
        "administration": None,
        "licence_number": made.manifest.licence_number,
        "signer": print_signer(context, made.manifest.signer.document()),
        "users": [],
        "counts": made.counts,
        "totals": {},
        "obstacles": context.print_obstacles(made.obstacles),
    }
    if expected is not None and not confirm:
        raise WrongUsage("plan-needed")
    made.raise_if_refused()
    if not confirm:
        context.print_text("Dry run: nothing changed. Add --confirm to apply.")
        return
    if expected is not None:
        made.raise_if_changed(expected, expected)
    made.create()
    context.document["restored"] = True
    context.print_text("Office restored in {folder}. Next, restore the backups of its administrations.", folder=made.folder)


def print_signer(context: CommandContext, signer: dict[str, str]) -> dict[str, str]:
    """Print who signed; gives it as JSON."""
    context.print_text("Signed by {name}, KvK {kvk}, key {thumbprint}", **signer)
    return signer
