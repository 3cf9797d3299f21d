"""`chart …`: the standard charts of accounts, those of administrations, and those in files."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import EXIT_FAILED, CommandContext, apply_plan
from accountools.cli.options import Confirm, File, PlanHash
from accountools.cli.registration import command
from accountools.domain import rgs
from accountools.domain.errors import Refused, WrongUsage
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_

app = typer.Typer(name="chart", help="Charts of accounts.", no_args_is_help=True)

_FIELDS = {"name": N_("Name"), "rgs": N_("RGS code"), "kind": N_("Kind"), "side": N_("Side"), "vat": N_("VAT code")}


@command(app, "list")
def list_(context: CommandContext) -> None:
    """List the standard charts of accounts."""
    from accountools.formats.spreadsheets.charts import STANDARD_CHARTS, read_chart

    found = [(name, title, len(read_chart(name).accounts)) for name, title in STANDARD_CHARTS.items()]
    context.document = {
        "charts": [{"name": name, "title": context.texts(title), "accounts": count, "rgs": rgs.VERSION} for name, title, count in found]
    }
    rows = [(name, str(count), rgs.VERSION, context.texts(title)) for name, title, count in found]
    context.print_table((N_("Chart"), N_("Accounts"), "RGS", N_("What it is")), rows, right=(1,))


@command(app, "export")
def export(
    context: CommandContext,
    number: Annotated[str, typer.Argument(metavar="N", help="An administration, or a standard chart.")],
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, .csv or .xlsx; an existing file is not overwritten.")],
) -> None:
    """Write the chart of accounts of an administration, or a standard chart, as CSV or as a workbook."""
    from accountools.formats.spreadsheets.charts import ENDINGS, STANDARD_CHARTS, read_chart, render_chart
    from accountools.operations.books.charts import get_chart
    from accountools.safe_files import sha256_of, write_new
    from accountools.storage.sqlite.office_files import validate_output

    kind = out.suffix.lower()
    if kind not in ENDINGS:
        raise WrongUsage("usage", what=f"FILE: {', '.join(ENDINGS)}")
    validate_output(out)
    _ = context.texts
    if number in STANDARD_CHARTS:
        accounts, title = read_chart(number).accounts, _(STANDARD_CHARTS[number])
    else:
        parsed = AdministrationNumber.parse(number)
        accounts, title = get_chart(context.open_office(), parsed), _("Chart of accounts {number}", number=parsed)
    write_new(out, render_chart(accounts, kind, title, context.clock(), dutch=_.language == "nl"))
    context.acted = True
    context.document = {"path": str(out), "accounts": len(accounts), "bytes": out.stat().st_size, "sha256": sha256_of(out)}
    context.print_plural("Chart written to {path}: {count} account.", "Chart written to {path}: {count} accounts.", len(accounts), path=out)


@command(app, "check")
def check(context: CommandContext, file: File) -> None:
    """Check a chart of accounts in a file: what can't be read, and what deserves attention, each with its line."""
    from accountools.formats.spreadsheets.charts import ChartFile, read_chart

    try:
        chart = read_chart(str(file))
        found = chart.remarks
    except Refused as error:
        if error.code != "chart-invalid":
            raise
        chart, found = ChartFile(()), error.obstacles
    findings = [
        {
            "code": one.code,
            "severity": "error" if one.blocking else "warning",
            "line": None if (line := dict(one.facts).get("line")) is None else int(str(line)),
            "file": file.name,
            "message": context.texts.sentence(one),
            "detail": context.texts.remedy(one),
        }
        for one in found
    ]
    failed = any(one.blocking for one in found)
    context.document = {"ok": not failed, "accounts": len(chart.accounts), "unread": list(chart.unread), "findings": findings}
    context.print_obstacles(found)
    if failed:
        context.print_text("The chart can't be used.")
        context.exit_code = EXIT_FAILED
    else:
        context.print_plural("The chart can be used: {count} account.", "The chart can be used: {count} accounts.", len(chart.accounts))


@command(app, "import")
def import_(
    context: CommandContext,
    file: File,
    number: Annotated[str, typer.Option("--administration", metavar="N", help="The administration's number.")],
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Add the accounts in a file to an administration, and change those that it has. No account is removed."""
    from accountools.formats.spreadsheets.charts import read_chart
    from accountools.operations.books.charts import plan_chart_import

    parsed = AdministrationNumber.parse(number)
    office = context.open_office()
    made = plan_chart_import(office, parsed, read_chart(str(file)))
    adds = made.counts()
    for account in made.added:
        context.print_line(f"  + {account.code} {account.name}")
    for vat in made.completed:
        accounts = " / ".join(filter(None, (vat.payable_account, vat.receivable_account)))
        context.print_line(f"  {context.texts(_FIELDS['vat'])} {vat.code}: {accounts}")
    for code, one in made.differences:
        context.print_line(f"  {code} {context.texts(_FIELDS[one.what])}: {one.old or '—'} → {one.new or '—'}")
    context.document = {
        "imported": False,
        "plan": made.digest,
        "administration": int(parsed),
        "adds": adds,
        "differences": [{"account": code} | one.document() for code, one in made.differences],
        "completed": [
            {"vat_code": one.code, "payable_account": one.payable_account, "receivable_account": one.receivable_account}
            for one in made.completed
        ],
        "absent": made.absent,
        "unread": list(made.chart.unread),
        "obstacles": context.print_obstacles(made.obstacles),
    }
    facts = {"number": parsed, "added": len(made.added), "changed": len(made.changed), "absent": made.absent}
    context.print_text(
        "Administration {number}: accounts to add {added}, to change {changed}; not in the file, these stay: {absent}.", **facts
    )
    if apply_plan(context, office, made, confirm=confirm, expected=plan, is_empty=made.is_empty) is not None:
        context.document["imported"] = not made.is_empty
    if made.is_empty:
        context.print_text("Nothing changed.")
    elif confirm:
        context.print_text("The chart of administration {number} was changed.", number=parsed)
