"""`entries import`: entries in a table come into the books of an administration."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.clients import NumberOption
from accountools.cli.context import CommandContext, apply_plan
from accountools.cli.options import Confirm, PlanHash
from accountools.cli.registration import command
from accountools.domain.identifiers import AdministrationNumber

app = typer.Typer(name="entries", help="Entries in a CSV file or a workbook.", no_args_is_help=True)


@command(app, "import")
def import_(
    context: CommandContext,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file or a workbook; a row is a line of an entry.")],
    administration: NumberOption,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Post the entries in a CSV file or a workbook, each in the fiscal year that its date lies in."""
    from accountools.operations.books.import_entries import plan_entries_import

    office = context.open_office()
    made = plan_entries_import(office, file, AdministrationNumber.parse(administration))
    adds, texts = made.adds, context.texts
    context.document = {
        "imported": False,
        "plan": made.digest,
        "administration": int(made.number),
        "year": made.years[-1] if made.years else None,
        "years": list(made.years),
        "new_years": list(made.new_years),
        "adds": adds,
        "present": made.present,
        "unread": list(made.unread),
        "differences": [],
        "differences_hidden": 0,
        "opening": None,
        "findings": [],
        "totals": made.totals,
        "obstacles": context.print_obstacles(made.obstacles),
    }
    facts = {"years": ", ".join(made.years) or "—", "debit": texts.amount(made.totals["debit"])}
    if made.held:
        context.print_text("These entries are already in the books; nothing to do.")
    else:
        for year in made.new_years:
            context.print_text("Fiscal year {year} is new: it is made by the import.", year=year)
        context.print_plural(
            "{count} entry to post, {lines}; fiscal year {years}; the file has {debit} debit.",
            "{count} entries to post, {lines}; fiscal year {years}; the file has {debit} debit.",
            adds["entries"],
            lines=texts.counts(lines=adds["lines"]),
            **facts,
        )
        if made.present:
            context.print_plural("Already in the books: {count} entry.", "Already in the books: {count} entries.", made.present)
    if apply_plan(context, office, made, confirm=confirm, expected=plan, is_empty=made.held) is not None and not made.held:
        context.document["imported"] = True
        context.print_plural(
            "{count} entry posted in administration {number}.",
            "{count} entries posted in administration {number}.",
            adds["entries"],
            number=made.number,
        )
