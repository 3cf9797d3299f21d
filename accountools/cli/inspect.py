"""`inspect` and `dossier`: backups made earlier, and what was handed over."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import EXIT_FAILED, CommandContext, Row
from accountools.cli.options import Identity, PassphraseFile, Workers, read_decryption
from accountools.domain.identifiers import AdministrationNumber, single_line
from accountools.domain.messages import N_
from accountools.standard_streams import write_progress

if TYPE_CHECKING:
    from accountools.operations.restores.inspect_folder import InspectedFile

_SIGNERS = {"own": N_("this office"), "known": N_("known here"), "changed": N_("another signer"), "unknown": N_("unknown")}


def inspect(
    context: CommandContext,
    source: Annotated[Path, typer.Argument(metavar="FOLDER")],
    licence: Annotated[list[Path] | None, typer.Option("--licence", help="Search for this licence too.", metavar="FILE")] = None,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    workers: Workers = None,
) -> None:
    """Search earlier backups for the office's own licences; report which backups were made elsewhere and which fail verification."""
    from accountools.operations.restores.inspect_folder import inspect_each, traces_of

    unlock, office = read_decryption(identity, passphrase_file), context.find_office()
    traces = traces_of(licence or [], office)
    found = list(_with_progress(inspect_each(source, traces, unlock, office, workers)))
    failed = [one for one in found if one.findings]
    context.document = {
        "ok": not failed,
        "files": [one.document() | {"findings": [context.obstacle_document(it) for it in one.findings]} for one in found],
    }
    context.print_table(("", N_("Kind"), N_("Signed by"), N_("File")), [_row(context, one, source) for one in found])
    context.print_plural(
        "Checked {count} file: {failed} failed; with a licence of the office in it: {holding}.",
        "Checked {count} files: {failed} failed; with a licence of the office in them: {holding}.",
        len(found),
        failed=len(failed),
        holding=sum(one.holds_licence for one in found),
    )
    if not traces:
        context.warn("No licence to search for: give one with --licence, or the office with --office.")
    context.exit_code = EXIT_FAILED if failed else 0


def dossier(
    context: CommandContext,
    number: Annotated[str, typer.Argument(metavar="N")],
    out: Annotated[Path, typer.Option("--out", help="The page to write; an existing file is not overwritten.", metavar="FILE.html")],
) -> None:
    """Write the dossier of an administration: each hand-over with its date, licence, recipient and proof."""
    from accountools.reports.dossier import dossier as compile_dossier
    from accountools.safe_files import write_new
    from accountools.storage.sqlite.office_files import validate_output

    validate_output(out)
    found = compile_dossier(context.open_office(), AdministrationNumber.parse(number))
    write_new(out, found.page(context.texts.language))
    context.document, context.acted = {"path": str(out)} | found.document(), True
    context.print_plural(
        "Dossier of administration {number} written to {path}: {count} hand-over.",
        "Dossier of administration {number} written to {path}: {count} hand-overs.",
        len(found.hand_overs),
        number=found.administration.number,
        path=out,
    )
    if found.broken:
        context.warn("The journal is not intact from event {n} on: see `accountools journal verify`.", n=found.broken[0])


def _with_progress(files: Iterator["InspectedFile"]) -> Iterator["InspectedFile"]:
    """Show the number and name of the current file, on a terminal only."""
    is_terminal = sys.stderr.isatty()
    for count, one in enumerate(files, 1):
        if is_terminal:
            write_progress(f"{count}  {single_line(one.path.name)[:60]}")
        yield one
    if is_terminal:
        write_progress("")


def _row(context: CommandContext, one: "InspectedFile", folder: Path) -> Row:
    from accountools.operations.restores.inspect_file import FILE_KINDS

    signer = context.texts(_SIGNERS[one.signer]) if one.signer else "—"
    path = one.path.relative_to(folder) if one.path != folder else Path(one.path.name)
    icon = "✗" if one.findings else "✓" if one.looked_inside else "·"
    notes = tuple(f"{single_line(context.texts.sentence(it))} [{it.code}]" for it in one.findings)
    return Row((icon, context.texts(FILE_KINDS[one.kind]), signer, single_line(str(path))), notes)
