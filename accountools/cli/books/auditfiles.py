"""`auditfile`: audit files (XAF) are checked, come into the books of an administration, and are written."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.clients import NumberOption
from accountools.cli.context import EXIT_FAILED, CommandContext, Row, apply_plan
from accountools.cli.options import Accept, Confirm, PlanHash, Workers
from accountools.cli.registration import command
from accountools.domain.audit_findings import COUNTED, FIELDS, FINDINGS, HOW_LOST, USED, one_line
from accountools.domain.errors import WrongUsage
from accountools.domain.identifiers import AdministrationNumber, single_line
from accountools.domain.messages import N_

if TYPE_CHECKING:
    from accountools.domain.audit_file.findings import FileFacts, Finding
    from accountools.operations.books.export_auditfile import WrittenFile
    from accountools.operations.books.import_auditfile import AuditfileImportPlan

app = typer.Typer(name="auditfile", help="Check, import, export and convert audit files (XAF).", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(metavar="FILE...")]
_ICONS = {"error": "✗", "warning": "!", "info": "·"}
_PAPER_HELP = "Write the findings by code to FILE (.html, .csv or .txt), for the supplier of the package, without any of the client's data."
_PRINTED = 40  # findings on screen; --json gives all
_ALL = "all"


@command(app, "check")
def check(
    context: CommandContext,
    files: Files,
    strict: Annotated[bool, typer.Option("--strict", help="Fail the check on a warning too.")] = False,
    workers: Workers = None,
    paper: Annotated[Path | None, typer.Option("--paper", help=_PAPER_HELP, metavar="FILE")] = None,
) -> None:
    """Check audit files: what is wrong, each with its line. Needs no office."""
    from accountools.operations.books.check_auditfile import check_auditfile, default_workers

    if paper is not None:
        _validate_paper(paper)
    found = check_auditfile(*files, workers=workers or default_workers(files))
    ok = found.is_ok(strict=strict)
    context.document = {
        "ok": ok,
        "files": [_file_document(one) for one in found.files],
        "counts": found.counts,
        "totals": found.totals(),
        "findings": [_finding_document(context, one) for one in found.findings],
        "suppressed": found.suppressed,
    }
    for one in found.files:
        _print_file(context, one)
    _print_findings(context, found.findings, found.suppressed)
    context.print_plural("{count} finding.", "{count} findings.", len(found.findings) + found.suppressed)
    context.exit_code = 0 if ok else EXIT_FAILED
    if paper is not None:
        from accountools.reports.books.vendor_page import build_vendor_page, write_vendor_page
        from accountools.safe_files import create_over

        made = build_vendor_page(found.files, found.findings, found.counts, found.hidden, context.clock().today, context.texts)
        with create_over(paper) as file:
            write_vendor_page(file, made, context.texts, paper.suffix.lower()[1:])
        context.acted = True
        context.document["paper"] = str(paper)
        context.print_text("For the supplier of the package, without any of the client's data: {path}.", path=paper)


def _validate_paper(path: Path) -> None:
    from accountools.reports.books.vendor_page import KINDS
    from accountools.storage.sqlite.office_files import validate_output

    if path.suffix.lower()[1:] not in KINDS:
        raise WrongUsage("usage", what="--paper: " + ", ".join(f".{kind}" for kind in KINDS))
    validate_output(path)


@command(app, "import")
def import_(
    context: CommandContext,
    files: Files,
    administration: NumberOption,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the year that is there; a safekeeping backup is made first.")] = False,
    accept: Accept = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Import an audit file into the books of an administration; several files are the parts of one set."""
    from accountools.operations.books.import_auditfile import planned_auditfile_import

    office, number = context.open_office(), AdministrationNumber.parse(administration)
    with planned_auditfile_import(office, files, number, replace=replace, accept=accept or (), beside=True) as made:
        _print_plan(context, made)
        if apply_plan(context, office, made, confirm=confirm, expected=plan, is_empty=made.held) is not None and not made.held:
            context.document["imported"] = True
            context.print_text("Fiscal year {year} imported into administration {number}.", year=made.facts.year, number=made.number)


class VersionOption(StrEnum):
    """The versions that are written."""

    newest = "4.0"
    earlier = "3.2"


Version = Annotated[VersionOption, typer.Option("--version", help="The XAF version of the file to write.")]


@command(app, "export")
def export(
    context: CommandContext,
    number: Annotated[str, typer.Argument(metavar="N")],
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    version: Version = VersionOption.newest,
    year: Annotated[str | None, typer.Option("--year", help="The fiscal year, or all; default: the latest.", metavar="Y")] = None,
) -> None:
    """Export a fiscal year to an audit file; with --year all, each year goes to a file of its own (FILE-2025.xaf)."""
    from accountools.operations.books.export_auditfile import export_all_years, export_auditfile

    office, administration = context.open_office(), AdministrationNumber.parse(number)
    if year == _ALL:
        written = export_all_years(office, administration, path, version=version.value)
        context.document = {"files": [_written_document(one) for one in written]}
    else:
        written = (export_auditfile(office, administration, path, version=version.value, year=year),)
        context.document = _written_document(written[0])
    context.acted = True
    for one in written:
        _print_written(context, one)


@command(app, "convert")
def convert(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="IN")],
    out: Annotated[Path, typer.Argument(metavar="OUT")],
    version: Version = VersionOption.newest,
) -> None:
    """Convert an audit file to another version. Needs no office."""
    from accountools.operations.books.convert_auditfile import convert_auditfile

    written = convert_auditfile(file, out, version=version.value)
    context.document, context.acted = _written_document(written), True
    context.document["findings"] = [_finding_document(context, one) for one in written.findings]
    _print_findings(context, [one for one in written.findings if one.severity != "info"], 0)
    _print_written(context, written)


def _print_written(context: CommandContext, one: "WrittenFile") -> None:
    rows = [(loss.what, context.texts(HOW_LOST[loss.how]), str(loss.count), single_line(loss.example)) for loss in one.lost]
    context.print_table((N_("Doesn't fit this version"), "", N_("How many"), N_("For example")), rows, right=(2,))
    facts = {"year": one.year, "version": one.version, "path": one.path, "debit": context.texts.amount(one.totals()["debit"])}
    context.print_plural(
        "Fiscal year {year} written to {path} as XAF {version}: {count} line, {debit} debit.",
        "Fiscal year {year} written to {path} as XAF {version}: {count} lines, {debit} debit.",
        one.counts["lines"],
        **facts,
    )


def _written_document(one: "WrittenFile") -> dict[str, Any]:
    return {
        "path": str(one.path),
        "version": one.version,
        "year": one.year,
        "bytes": one.size,
        "sha256": one.sha256,
        "counts": one.counts,
        "totals": one.totals(),
        "lost": [vars(loss).copy() for loss in one.lost],
    }


def _print_plan(context: CommandContext, made: "AuditfileImportPlan") -> None:
    _print_file(context, made.facts)
    if made.held:
        context.print_text("This file is already in the books; nothing to do.")
    else:
        adds = ((context.texts(COUNTED[name]), str(count)) for name, count in made.adds.items())
        context.print_table((N_("New"), N_("Number")), list(adds), right=(1,))
    if made.opening is not None and made.opening.differs:
        rows = [(one.account, _amount(context, one.closing), _amount(context, one.opening)) for one in made.opening.differs]
        context.print_table((N_("Account"), N_("Closing balance"), N_("Opening balance")), rows, right=(1, 2))
    differences = [
        (
            context.texts(COUNTED[one.what]),
            one.code,
            context.texts(FIELDS[one.field]),
            one_line(one.field, one.here),
            one_line(one.field, one.file),
        )
        for one in made.differences
    ]
    context.print_table(("", N_("Code"), N_("Differs in"), N_("In the books"), N_("In the file")), differences)
    if made.differences_hidden:
        context.print_plural("{count} more difference.", "{count} more differences.", made.differences_hidden)
    if made.differences:
        context.print_text(USED[made.newest])
    _print_findings(context, [one for one in made.findings if one.severity != "info"], made.suppressed)
    context.document = {
        "imported": False,
        "plan": made.digest,
        "administration": int(made.number),
        "year": made.facts.year,
        "file": _file_document(made.facts),
        "adds": made.adds,
        "differences": [vars(one).copy() for one in made.differences],
        "differences_hidden": made.differences_hidden,
        "newest": made.newest,
        "opening": None if made.opening is None else made.opening.document(),
        "findings": [_finding_document(context, one) for one in made.findings],
        "suppressed": made.suppressed,
        "totals": made.totals,
        "replaces": [] if made.held else list(made.replaced),
        "obstacles": context.print_obstacles(made.obstacles, made.accepted),
    }


def _print_file(context: CommandContext, one: "FileFacts") -> None:
    context.print_line(single_line(f"{Path(one.path).name}  XAF {one.version}  {one.software or '—'}  {one.encoding}"))
    context.print_line(single_line(f"  {one.company or '—'}  {one.kvk or '—'}  {one.year}: {one.first_day or '—'} – {one.last_day or '—'}"))


def _print_findings(context: CommandContext, findings: "Iterable[Finding]", suppressed: int) -> None:
    found = list(findings)
    rows = [
        Row(
            (_ICONS[one.severity], "" if one.line is None else str(one.line), context.texts(FINDINGS[one.code][0])),
            (single_line(f"{one.detail} [{one.code}]"), context.texts(FINDINGS[one.code][1])),
        )
        for one in found[:_PRINTED]
    ]
    context.print_table(("", N_("Line"), N_("Finding")), rows, right=(1,))
    hidden = max(len(found) - _PRINTED, 0) + suppressed
    if hidden:
        context.print_plural("{count} more finding.", "{count} more findings.", hidden)


def _finding_document(context: CommandContext, one: "Finding") -> dict[str, Any]:
    sentence, remedy = FINDINGS[one.code]
    return {
        "code": one.code,
        "severity": one.severity,
        "line": one.line,
        "file": one.file,
        "message": context.texts(sentence),
        "detail": one.detail,
        "remedy": context.texts(remedy),
    }


def _file_document(one: "FileFacts") -> dict[str, Any]:
    return vars(one).copy()


def _amount(context: CommandContext, cents: int) -> str:
    from accountools.domain.ledger import format_amount

    return context.texts.amount(format_amount(cents))
