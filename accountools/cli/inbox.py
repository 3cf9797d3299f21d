"""`inbox`: the licence files that wait, all at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.context import Door, carry_out, command, explain
from accountools.cli.licence import tell_differences
from accountools.cli.office import Confirm, PlanHash
from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import shown
from accountools.domain.obstacle import first_in_the_way

if TYPE_CHECKING:
    from accountools.operations.licences.inbox import PlannedFile


def add_to(parent: typer.Typer) -> None:
    """Register the command."""
    command(parent, "inbox")(inbox)


def inbox(
    door: Door,
    folder: Annotated[Path | None, typer.Argument(metavar="[FOLDER]")] = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Match licence files with clients, and import those with nothing in the way."""
    from accountools.operations.licences.inbox import plan_inbox

    office = door.open()
    made = plan_inbox(office, folder)
    _show(door, made.digest, made.files)
    outcome = carry_out(door, office, made, confirm=confirm, expected=plan, something=bool(made.to_import))
    if outcome is not None:
        _show(door, made.digest, outcome.files)
        if outcome.stopped is not None:
            raise explain(outcome.stopped)
    _refuse(made.files if outcome is None else outcome.files, confirmed=outcome is not None)


def _show(door: Door, digest: str, files: "tuple[PlannedFile, ...]") -> None:
    door.document = {"plan": digest, "files": [_document(door, file) for file in files]}
    door.lines.clear()
    for file in files:
        _tell(door, file)
    if not files:
        door.say("No files wait there.")


def _refuse(files: "tuple[PlannedFile, ...]", *, confirmed: bool) -> None:
    """Tell by the exit code when a file stays behind: at the plan one that is blocked, afterwards also one that asks for a yes."""
    behind = [file for file in files if file.refused]
    found = [one for file in behind for one in file.obstacles]
    first = first_in_the_way(found)
    if first is not None and (confirmed or first.blocking):
        raise Refused(first.code, found, **dict(first.facts))


def _document(door: Door, file: "PlannedFile") -> dict[str, Any]:
    replaces = file.plan.replaces if file.plan else None
    return {
        "path": str(file.path),
        "verdict": file.verdict,
        "client": file.client.kvk if file.client else None,
        "administration": int(file.administration.number) if file.administration else None,
        "user": file.login,
        "imported": file.in_place,
        "obstacles": [door.obstacle(one) for one in file.obstacles],
        "client_name": file.client.name if file.client else None,
        "licence_number": file.licence.number if file.licence else None,
        "replaces": replaces.document() if replaces else None,
        "differences": [one.document() for one in file.plan.differences] if file.plan else [],
        "replaced": file.replaced,
        "same_as": str(file.same_as) if file.same_as else None,
    }


def _tell(door: Door, file: "PlannedFile") -> None:
    mark = "✗" if file.refused else "✓" if file.in_place else "·" if file.same_as or file.replaced else "→"
    door.tell(f"{mark} {shown(file.path.name)}")
    if file.licence:
        until = door.texts.day(file.licence.valid_until)
        door.tell(f"    {file.licence.number}, {file.licence.licensee.name}, KvK {file.licence.licensee.kvk}, {until}")
    if file.administration and file.login:
        where, here = N_("Administration {number}, {description}; {login} gets access."), file.administration
        door.tell(f"    {door.texts(where, number=here.number, description=here.description, login=file.login)}")
    if file.plan and not file.refused:
        tell_differences(door, file.plan.differences)
    door.obstacles(file.obstacles)
