"""`inspect` and `dossier`: what was made and handed over before."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import WANTING, Door, command, printable
from accountools.cli.decryption import Identity, PassphraseFile, unlock_of
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber, shown

if TYPE_CHECKING:
    from accountools.operations.restores.inspect import InspectedFile

_KINDS = {
    "backup": N_("backup"),
    "sqlite": N_("database"),
    "sqlite-log": N_("database log"),
    "archive": N_("archive"),
    "encrypted": N_("encrypted"),
    "unreadable": N_("unreadable"),
}
_SIGNERS = {"own": N_("this office"), "known": N_("known here"), "changed": N_("another than known"), "unknown": N_("unknown")}


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    command(parent, "inspect")(inspect)
    command(parent, "dossier")(dossier)


def inspect(
    door: Door,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    licence: Annotated[list[Path] | None, typer.Option("--licence", help="Look for this licence too.", metavar="FILE")] = None,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Look through backups made before: which still hold an own licence, weren't made here, or don't verify."""
    from accountools.operations.restores.inspect import inspect_each, traces_of

    unlock, office = unlock_of(identity, passphrase_file), door.open_if_there()
    traces = traces_of(licence or [], office)
    found = list(_watched(inspect_each(folder, traces, unlock, office)))
    wanting = [one for one in found if one.findings]
    door.document = {
        "ok": not wanting,
        "files": [one.document() | {"findings": [door.obstacle(it) for it in one.findings]} for one in found],
    }
    if found:
        door.tell(_row("", door.texts("Kind"), door.texts("Signed by"), door.texts("File")))
    for one in found:
        door.tell(_line(door, one, folder))
    holding = sum(one.holds_licence for one in found)
    door.say(
        "{count} files looked at, {wanting} wanting; {holding} hold a licence.", count=len(found), wanting=len(wanting), holding=holding
    )
    if not traces:
        door.note(door.texts("No licence was looked for: name one with --licence, or the office with --office."))
    door.exit_code = WANTING if wanting else 0


def dossier(
    door: Door,
    number: Annotated[str, typer.Argument(metavar="N")],
    out: Annotated[Path, typer.Option("--out", help="The page to write; never overwritten.", metavar="FILE.html")],
) -> None:
    """Write the dossier of an administration: what was handed over, when, under which licence, to whom, and the proof of it."""
    from accountools.reports.dossier import dossier as put_together
    from accountools.safe_files import write_new

    found = put_together(door.open(), AdministrationNumber.parse(number))
    write_new(out, found.page(door.texts.language))
    door.document = {"path": str(out)} | found.document()
    count = len(found.hand_overs)
    door.say(
        "The dossier of administration {number} is in {path}; handed over: {count}.",
        number=found.administration.number,
        path=out,
        count=count,
    )
    if found.broken:
        door.note(door.texts("The journal doesn't hold from event {n} on: see `accountools journal verify`.", n=found.broken[0]))


def _watched(files: Iterator["InspectedFile"]) -> Iterator["InspectedFile"]:
    """How far it is, on a terminal only."""
    watching = sys.stderr.isatty()
    for count, one in enumerate(files, 1):
        if watching:
            typer.echo(printable(f"\r\x1b[K{count}  {shown(one.path.name)[:60]}"), err=True, nl=False)
        yield one
    if watching:
        typer.echo("\r\x1b[K", err=True, nl=False)


def _line(door: Door, one: "InspectedFile", folder: Path) -> str:
    signer = door.texts(_SIGNERS[one.signer]) if one.signer else "—"
    place = one.path.relative_to(folder) if one.path != folder else Path(one.path.name)
    mark = "✗" if one.findings else "✓" if one.looked_inside else "·"
    head = _row(mark, door.texts(_KINDS[one.kind]), signer, shown(str(place)))
    return "\n".join((head, *(f"     {it.code}: {shown(door.texts.sentence(it))}" for it in one.findings)))


def _row(mark: str, kind: str, signer: str, name: str) -> str:
    return f"{mark:<2} {kind:<12.12} {signer:<20.20} {name}"
