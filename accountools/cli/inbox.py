"""`inbox`: import the licence files in a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.context import CommandContext, Row, apply_plan
from accountools.cli.licence import format_difference
from accountools.cli.options import Confirm, PlanHash
from accountools.domain.errors import Refused
from accountools.domain.identifiers import single_line
from accountools.domain.messages import N_
from accountools.domain.obstacle import first_unresolved
from accountools.operations.errors import translate_error

if TYPE_CHECKING:
    from accountools.operations.licences.inbox import PlannedFile


def inbox(
    context: CommandContext,
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]")] = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Match the licence files in a folder with clients, and import the licences that have no obstacle."""
    from accountools.operations.licences.inbox import plan_inbox

    office = context.open_office()
    made = plan_inbox(office, folder)
    _print_files(context, made.digest, made.files)
    outcome = apply_plan(context, office, made, confirm=confirm, expected=plan, is_empty=not made.to_import)
    if outcome is not None:
        _print_files(context, made.digest, outcome.files)
        if outcome.stopped is not None:
            raise translate_error(outcome.stopped)
    files = made.files if outcome is None else outcome.files
    found = [one for file in files if file.refused for one in file.obstacles]
    first = first_unresolved(found)
    if first is not None and (first.blocking or outcome is not None):  # in a plan only what blocks ends the command
        raise Refused(first.code, found, **dict(first.facts))


def _print_files(context: CommandContext, digest: str, files: "tuple[PlannedFile, ...]") -> None:
    context.document = {"plan": digest, "files": [_document(context, file) for file in files]}
    context.lines.clear()
    headers = ("", N_("File"), N_("Licence"), N_("Licensee"), N_("KvK number"), N_("Valid until"))
    context.print_table(headers, [_row(context, file) for file in files])
    if not files:
        context.print_text("The inbox is empty.")


def _document(context: CommandContext, file: "PlannedFile") -> dict[str, Any]:
    replaces = file.plan.replaces if file.plan else None
    return {
        "path": str(file.path),
        "verdict": file.verdict,
        "client": file.client.kvk if file.client else None,
        "administration": int(file.administration.number) if file.administration else None,
        "user": file.login,
        "imported": file.in_place,
        "obstacles": [context.obstacle_document(one) for one in file.obstacles],
        "client_name": file.client.name if file.client else None,
        "licence_number": file.licence.number if file.licence else None,
        "replaces": replaces.document() if replaces else None,
        "differences": [one.document() for one in file.plan.differences] if file.plan else [],
        "replaced": file.replaced,
        "undone": file.undone,
        "same_as": str(file.same_as) if file.same_as else None,
    }


def _row(context: CommandContext, file: "PlannedFile") -> Row:
    icon = "✗" if file.refused else "✓" if file.in_place else "·" if file.same_as or file.replaced or file.undone else "→"
    licence, texts, notes = file.licence, context.texts, []
    if file.administration and file.login:
        text, here = N_("Administration {number}, {description}; {login} gets access."), file.administration
        notes.append(texts(text, number=here.number, description=here.description, login=file.login))
    if file.undone:
        notes.append(texts(N_("Its import was undone. If it is right after all, import it separately.")))
    if file.plan and not file.refused:
        notes += [format_difference(texts, one) for one in file.plan.differences]
    notes += [context.format_obstacle(one) for one in file.obstacles]
    details = (licence.number, licence.licensee.name, licence.licensee.kvk, texts.day(licence.valid_until)) if licence else ("—",) * 4
    return Row((icon, single_line(file.path.name), *details), tuple(notes))
