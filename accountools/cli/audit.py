"""`audit` and `journal`: the office at a glance, and what happened."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.door import WANTING, Door, command, default_command
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber

if TYPE_CHECKING:
    from accountools.operations.auditing import AuditRow

_SYMBOLS = {N_("ready"): "●", N_("attention"): "▲", N_("blocked"): "■", N_("missing"): "○"}
journal = typer.Typer(help="What happened, in a chain that can't be changed unseen.")


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    command(parent, "audit")(audit)
    parent.add_typer(journal, name="journal")


def audit(
    door: Door,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows as CSV.", metavar="F")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a client is blocked or missing.")] = False,
) -> None:
    """Tell which clients have their licence imported, which don't, and why."""
    from accountools.formats.spreadsheet import write_csv
    from accountools.operations.auditing import COLUMNS
    from accountools.safe_files import write_over

    found = door.open().audit()
    summary = found.summary()
    rows = [one.document() | {"obstacles": [door.obstacle(it) for it in one.obstacles]} for one in found.rows]
    door.document = {"on": found.on.isoformat(), "rows": rows, "summary": summary}
    for one in found.rows:
        door.tell(_line(door, one))
    door.tell("  ".join(f"{_SYMBOLS[state]} {door.texts(state)} {count}" for state, count in summary.items()))
    if csv is not None:
        dutch = door.texts.language == "nl"
        write_over(csv, write_csv(COLUMNS, (one.cells() for one in found.rows), delimiter=";" if dutch else ",", bom=dutch))
    if strict and (summary["blocked"] or summary["missing"]):
        door.exit_code = WANTING


def _line(door: Door, one: "AuditRow") -> str:
    number = "—" if one.number is None else str(one.number)
    words = f"{_SYMBOLS[one.state]} {door.texts(one.state):<12} {number:>5}  {one.client:<32.32} {one.licence_number or '—':<12}"
    return "\n".join((words, *(f"        {door.texts.sentence(it)}" for it in one.obstacles)))


def events(
    door: Door, administration: Annotated[str | None, typer.Option(metavar="N", help="Only of this administration.")] = None
) -> None:
    """Tell what happened."""
    from accountools.operations import journalling

    number = None if administration is None else AdministrationNumber.parse(administration)
    found = journalling.events(door.open(), number)
    door.document = {"events": [one.document() for one in found]}
    for one in found:
        where = "—" if one.administration is None else str(one.administration)
        door.tell(f"{one.n:>6}  {one.at}  {one.by:<12} {where:>5}  {one.what}")


def verify(door: Door) -> None:
    """Check that nothing in the journal was changed, and that the register is what it says."""
    from accountools.operations import journalling

    length, found = journalling.verify_journal(door.open())
    wrong = [one for one in found if one.blocking]
    findings = [{"code": one.code, "message": door.texts.sentence(one)} for one in found]
    door.document = {"ok": not wrong, "events": length, "findings": findings}
    door.obstacles(found)
    if wrong:
        door.exit_code = WANTING
    else:
        door.say("The journal holds: {count} events.", count=length)


default_command(journal)(events)
command(journal, "verify")(verify)
