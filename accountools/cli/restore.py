"""`restore`: an administration, many of them, or the office itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import CommandContext, Row, apply_plan, validate_exclusive
from accountools.cli.options import Accept, Confirm, Identity, PassphraseFile, PlanHash, Workers, read_decryption
from accountools.domain.errors import Refused, WrongUsage
from accountools.domain.messages import N_
from accountools.domain.obstacle import first_unresolved
from accountools.operations import worker_processes
from accountools.operations.errors import translate_error
from accountools.words import describe_key

if TYPE_CHECKING:
    from accountools.operations.restores.found_backups import RestoreResult
    from accountools.operations.restores.plan import RestoreChoices, RestorePlan


def restore(
    context: CommandContext,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE...")] = None,
    folder: Annotated[
        Path | None, typer.Option("--from", help="Restore the newest backup of each administration in this folder.", metavar="FOLDER")
    ] = None,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    signer: Annotated[
        str | None, typer.Option(help="The expected signer's key, e.g. as read out by telephone.", metavar="THUMBPRINT")
    ] = None,
    accept: Accept = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the administration that is here; a safety copy is kept.")] = False,
    workers: Workers = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Restore administrations under the same numbers; or the office itself, from its own backup."""
    if confirm:
        worker_processes.prepare(len(files or []) + (len(list(folder.glob("*"))) if folder else 0), workers)
    from accountools.operations.restores.plan import RestoreChoices, planned_restore
    from accountools.operations.restores.restore import RESTORE
    from accountools.storage.engines import engine_at

    validate_exclusive(**{"from": folder, "FILE": files})
    if not (folder or files):
        raise WrongUsage("usage", what="restore FILE… | --from FOLDER")
    unlock = read_decryption(identity, passphrase_file)
    choices = RestoreChoices(files[0] if files else Path(), unlock, signer, frozenset(accept or ()), replace)
    place = context.office_place()
    if folder or not files or len(files) > 1:
        if not engine_at(place).exists():
            raise Refused("office-not-found", path=place, backups=True)
        _restore_many(context, folder or files or [], choices, workers, confirm=confirm, expected=plan)
        return
    if not engine_at(place).exists():
        _restore_office(context, choices, confirm=confirm, expected=plan)
        return
    office = context.open_office()
    with planned_restore(office, RESTORE, choices, adopting=confirm) as made:
        print_backup_contents(context, made)
        done = apply_plan(context, office, made, confirm=confirm, expected=plan)
        if done is not None:
            context.document["restored"] = True
            context.print_text("Administration {number} restored.", number=made.number)
            print_set_aside(context, made, done)


def _restore_many(
    context: CommandContext,
    source: Path | list[Path],
    choices: "RestoreChoices",
    workers: int | str | None,
    *,
    confirm: bool,
    expected: str | None,
) -> None:
    from accountools.operations.restores.restore_many import RestoreOutcome, plan_restore_many

    office = context.open_office()
    made = plan_restore_many(office, source, choices, workers=workers)
    context.document = {"plan": made.digest, "restores": []}
    outcome: RestoreOutcome | None = apply_plan(context, office, made, confirm=confirm, expected=expected, is_empty=not made.backups)
    results = made.check(office) if outcome is None else outcome.results
    _print_results(context, results)
    if outcome is not None and outcome.stopped is not None:
        raise translate_error(outcome.stopped)
    refused = [one for result in results if result.refused for one in result.obstacles]
    if refused:
        first = first_unresolved(refused, choices.accepted) or refused[0]
        raise Refused(first.code, refused, **dict(first.facts))


def _print_results(context: CommandContext, results: "tuple[RestoreResult, ...]") -> None:
    context.document["restores"] = [
        {
            "path": str(one.path),
            "administration": None if one.number is None else int(one.number),
            "restored": one.restored,
            "obstacles": [context.obstacle_document(found) for found in one.obstacles],
        }
        for one in results
    ]
    rows = []
    for one in results:
        icon = "✗" if one.refused else "✓" if one.restored else "→"
        notes = tuple(context.format_obstacle(found) for found in one.obstacles)
        rows.append(Row((icon, "" if one.number is None else str(int(one.number)), str(one.path)), notes))
    context.print_table(("", N_("Number"), N_("File")), rows, right=(1,))


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


def print_set_aside(context: CommandContext, made: "RestorePlan", done: "RestorePlan") -> None:
    """Print what doing it brought to light: that there is no safety copy of what was replaced, why, and where that is."""
    new = [one for one in done.obstacles if one not in made.obstacles]
    context.document["obstacles"] += context.print_obstacles(new, made.accepted)


def _restore_office(context: CommandContext, choices: "RestoreChoices", *, confirm: bool, expected: str | None) -> None:
    from accountools.operations.restores.restore_office import plan_office_restore

    made = plan_office_restore(context.office_place(), choices, context.clock)
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
    context.document["restored"] = context.acted = True
    context.print_text("Office restored in {folder}. Next, restore the backups of its administrations.", folder=made.place)


def print_signer(context: CommandContext, signer: dict[str, str]) -> dict[str, str]:
    """Print who signed; gives it as JSON."""
    context.print_text("Signed by {name}, KvK {kvk}, key {thumbprint}", **signer)
    words = describe_key(str(signer["thumbprint"]), context.texts.language)
    context.print_text("That key in six words, to compare by telephone: {words}", words=words)
    return signer
