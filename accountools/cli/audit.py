"""`audit` and `journal`: the office at a glance, and what happened."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import WANTING, Door, command, default_command
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber

if TYPE_CHECKING:
    from accountools.operations.session import Office
    from accountools.reports.audit import Audit, AuditRow
    from accountools.reports.audit_changes import Change

_SYMBOLS = {N_("ready"): "●", N_("attention"): "▲", N_("blocked"): "■", N_("missing"): "○"}
journal = typer.Typer(help="What happened, in a chain that can't be changed unseen.")


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    command(parent, "audit")(audit)
    parent.add_typer(journal, name="journal")


def audit(
    door: Door,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows as CSV.", metavar="F")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write the rows as an Excel workbook.", metavar="F")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page to print on A4.", metavar="F")] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Draw the two pictures as PNG.", metavar="F")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw the two pictures as SVG.", metavar="F")] = None,
    since: Annotated[Path | None, typer.Option("--since", help="Tell what changed since this CSV.", metavar="F")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a client is blocked or missing.")] = False,
) -> None:
    """Tell which clients have their licence imported, which don't, and why."""
    from accountools.reports.audit import audit as look_at_all

    office = door.open()
    found = look_at_all(office)
    changed = None if since is None else _changes(found, since)
    _tell(door, found, changed)
    _write(door, office, found, changed, {"csv": csv, "xlsx": xlsx, "html": html, "png": png, "svg": svg})
    if strict and (found.summary()["blocked"] or found.summary()["missing"]):
        door.exit_code = WANTING


def _changes(found: "Audit", since: Path) -> "tuple[Change, ...]":
    from accountools.reports.audit_changes import changes_since

    return changes_since(found, since)


def _tell(door: Door, found: "Audit", changed: "tuple[Change, ...] | None") -> None:
    summary = found.summary()
    rows = [one.document() | {"obstacles": [door.obstacle(it) for it in one.obstacles]} for one in found.rows]
    door.document = {"on": found.on.isoformat(), "rows": rows, "summary": summary}
    for one in () if door.json else found.rows:
        door.tell(_line(door, one))
    door.tell("  ".join(f"{_SYMBOLS[state]} {door.texts(state)} {count}" for state, count in summary.items()))
    if changed is None:
        return
    door.document["changes"] = [one.document() for one in changed]
    door.say("What changed:" if changed else "Nothing changed.")
    for change in changed:
        door.tell(f"  {change.told(door.texts)}")


def _write(door: Door, office: "Office", found: "Audit", changed: "tuple[Change, ...] | None", wanted: dict[str, Path | None]) -> None:
    """Write the files that were asked for; all are made before the first is written."""
    asked = {kind: path for kind, path in wanted.items() if path is not None}
    if not asked:
        return
    from accountools.reports import audit_papers
    from accountools.safe_files import write_over

    texts, imprint = door.texts, audit_papers.imprint_of(office, found)
    make: dict[str, Callable[[], bytes]] = {
        "csv": lambda: audit_papers.csv_of(found, texts),
        "xlsx": lambda: audit_papers.workbook_of(found, imprint, texts, changed or ()),
        "html": lambda: audit_papers.page_of(found, imprint, texts, changed),
        "png": lambda: audit_papers.picture_of(found, texts, "png"),
        "svg": lambda: audit_papers.picture_of(found, texts, "svg"),
    }
    made = {path: make[kind]() for kind, path in asked.items()}
    for path, data in made.items():
        write_over(path, data)


def _line(door: Door, one: "AuditRow") -> str:
    number = "—" if one.number is None else str(one.number)
    words = f"{_SYMBOLS[one.state]} {door.texts(one.state):<12} {number:>5}  {one.client:<32.32} {one.licence_number or '—':<12}"
    return "\n".join((words, *(f"        {door.texts.sentence(it)}" for it in one.obstacles)))


def events(
    door: Door, administration: Annotated[str | None, typer.Option(metavar="N", help="Only of this administration.")] = None
) -> None:
    """Tell what happened."""
    from accountools.operations.maintenance.verify_journal import list_events

    number = None if administration is None else AdministrationNumber.parse(administration)
    found = list_events(door.open(), number)
    door.document = {"events": [one.document() for one in found]}
    for one in found:
        where = "—" if one.administration is None else str(one.administration)
        door.tell(f"{one.n:>6}  {one.at}  {one.by:<12} {where:>5}  {one.what}")


def verify(door: Door) -> None:
    """Check that nothing in the journal was changed, and that the register is what it says."""
    from accountools.operations.maintenance.verify_journal import verify_journal

    length, found = verify_journal(door.open())
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
