"""`audit` and `journal`: the state of every client's licence, and the events of the office."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import EXIT_FAILED, CommandContext, Row
from accountools.cli.registration import command, group_callback
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_

if TYPE_CHECKING:
    from accountools.operations.session import Office
    from accountools.reports.audit import Audit, AuditRow
    from accountools.reports.audit_changes import Change

_ICONS = {"ready": "●", "attention": "▲", "blocked": "■", "missing": "○"}
_WORDS = {"ready": N_("ready"), "attention": N_("attention"), "blocked": N_("blocked"), "missing": N_("without licence")}
journal = typer.Typer(name="journal", help="The office's journal: its events, in a hash chain.")


def audit(
    context: CommandContext,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows as CSV.", metavar="F")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write the rows as an Excel workbook.", metavar="F")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write an HTML page to print on A4.", metavar="F")] = None,
    png: Annotated[Path | None, typer.Option("--png", help="Write the two pictures as PNG.", metavar="F")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the two pictures as SVG.", metavar="F")] = None,
    since: Annotated[Path | None, typer.Option("--since", help="Show what changed since the audit in this CSV file.", metavar="F")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with code 1 when a client is blocked or without a licence.")] = False,
) -> None:
    """Report which clients' licences are imported, which are not, and why."""
    from accountools.formats.csv_files import read_audit
    from accountools.operations.register.office_settings import validate_report
    from accountools.reports.audit import audit as compute_audit
    from accountools.reports.audit_changes import changes
    from accountools.storage.sqlite.office_files import validate_output

    options = {"csv": csv, "xlsx": xlsx, "html": html, "png": png, "svg": svg}
    paths = {kind: path for kind, path in options.items() if path is not None}
    for path in paths.values():
        validate_output(path)
    office = context.open_office()
    for path in paths.values():
        validate_report(office, path)
    found = compute_audit(office)
    changed = None if since is None else changes(read_audit(since), found)
    _print_audit(context, found, changed)
    _write_files(context, office, found, changed, paths)
    if strict and (found.summary()["blocked"] or found.summary()["missing"]):
        context.exit_code = EXIT_FAILED


def _print_audit(context: CommandContext, found: "Audit", changed: "tuple[Change, ...] | None") -> None:
    summary = found.summary()
    rows = [one.document() | {"obstacles": [context.obstacle_document(it) for it in one.obstacles]} for one in found.rows]
    context.document = {"on": found.on.isoformat(), "rows": rows, "summary": summary}
    if not context.json:
        headers = ("", N_("Status"), N_("Number"), N_("Client"), N_("Licence"), N_("Valid until"))
        context.print_table(headers, [_row(context, one) for one in found.rows], right=(2,))
    context.print_line("  ".join(f"{_ICONS[state]} {context.texts(_WORDS[state])} {count}" for state, count in summary.items()))
    if changed is None:
        return
    context.document["changes"] = [one.document() for one in changed]
    context.print_text("What changed:" if changed else "Nothing changed.")
    for change in changed:
        context.print_line(f"  {change.describe(context.texts)}")


def _write_files(
    context: CommandContext, office: "Office", found: "Audit", changed: "tuple[Change, ...] | None", paths: dict[str, Path]
) -> None:
    """Write the files named by the options; all are rendered before the first is written."""
    if not paths:
        return
    from accountools.reports import audit_papers
    from accountools.safe_files import write_over

    details = audit_papers.report_details(office, found)
    rendered = {path: audit_papers.render(found, details, context.texts, kind, changed) for kind, path in paths.items()}
    for path, data in rendered.items():
        write_over(path, data)
        context.acted = True


def _row(context: CommandContext, one: "AuditRow") -> Row:
    cells = (
        _ICONS[one.state],
        context.texts(_WORDS[one.state]),
        "—" if one.number is None else str(one.number),
        one.client,
        one.licence_number or "—",
        context.texts.day(one.valid_until) if one.valid_until else "—",
    )
    return Row(cells, tuple(f"{context.texts.sentence(it)} [{it.code}]" for it in one.obstacles))


@group_callback(journal)
def events(
    context: CommandContext,
    administration: Annotated[str | None, typer.Option(metavar="N", help="Only the events of this administration.")] = None,
) -> None:
    """List the events."""
    from accountools.operations.maintenance.verify_journal import list_events

    number = None if administration is None else AdministrationNumber.parse(administration)
    found = list_events(context.open_office(), number)
    context.document = {"events": [one.document() for one in found]}
    if context.held_day is not None:
        until_then = context.texts("Until then a command can be given the day with --today.")
        context.notices.append(f"{context.texts(context.held_day.remedy)} {until_then}")
    rows = [(str(one.n), one.at, one.by, "—" if one.administration is None else str(one.administration), one.what) for one in found]
    context.print_table((N_("Event"), N_("Time (UTC)"), N_("By"), N_("Administration"), N_("What")), rows, right=(0, 3))


@command(journal, "verify")
def verify(context: CommandContext) -> None:
    """Check that no event was changed or removed, and that the register agrees with the events."""
    from accountools.operations.maintenance.verify_journal import verify_journal

    length, found = verify_journal(context.open_office())
    wrong = [one for one in found if one.blocking]
    findings = [{"code": one.code, "message": context.texts.sentence(one)} for one in found]
    context.document = {"ok": not wrong, "events": length, "findings": findings}
    context.print_obstacles(found)
    if wrong:
        context.exit_code = EXIT_FAILED
    else:
        context.print_plural("The journal is intact: {count} event.", "The journal is intact: {count} events.", length)
