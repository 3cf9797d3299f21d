"""`office move` and `office distribute`: to another place, and over the machines of a cluster."""

from typing import Annotated

import typer

from accountools.cli.backup import progress_bar
from accountools.cli.context import CommandContext, apply_plan
from accountools.cli.options import Confirm, PlanHash, parse_place


def move(
    context: CommandContext,
    to: Annotated[
        str, typer.Option(parser=parse_place, help="The folder, or the URL of the database, where the office is to be.", metavar="PATH|URL")
    ],
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Move the office to another location: to a server, or back into a folder."""
    from accountools.operations.maintenance.move import plan_move

    office = context.open_office()
    made = plan_move(office, to)
    facts = {"from": made.move.source, "to": str(made.target), "administrations": made.administrations, "books": len(made.books)}
    context.document = {"moved": False, "plan": made.digest, **facts, "copied": made.copied, "continues": made.continues}
    context.print_plural(
        "The office moves from {source} to {target}, with {count} administration.",
        "The office moves from {source} to {target}, with {count} administrations.",
        made.administrations,
        source=made.move.source,
        target=made.target,
    )
    if made.continues:
        context.print_text(
            "This move was interrupted before and goes on; books copied already: {copied} of {books}.",
            copied=made.copied,
            books=len(made.books),
        )
    context.document["obstacles"] = context.print_obstacles(made.obstacles)
    with progress_bar(context.texts("Moving"), len(made.books)) as update:

        def report(done: int, _: int) -> None:
            update(done)

        moved = apply_plan(context, office, made, confirm=confirm, expected=plan, apply=lambda: made.apply(office, report))
    context.document["moved"] = moved is not None
    if moved is not None:
        context.print_text("Moved, and compared: all counts, the totals of all administrations, and the journal are the same.")
        context.print_text("The office at {source} can still be read, but no longer changed.", source=made.move.source)


def distribute(context: CommandContext, confirm: Confirm = False, plan: PlanHash = None) -> None:
    """Distribute the books over the machines of a cluster, in a database with the Citus extension."""
    from accountools.operations.maintenance.distribute import plan_distribution

    office = context.open_office()
    made = plan_distribution(office)
    context.document = {"distributed": False, "plan": made.digest, "statements": list(made.statements)}
    context.document["obstacles"] = context.print_obstacles(made.obstacles)
    for statement in made.statements:
        context.print_line(statement)
    if not made.statements and not made.obstacles:
        context.print_text("All tables of the books are distributed.")
    done = apply_plan(context, office, made, confirm=confirm, expected=plan, is_empty=not made.statements)
    context.document["distributed"] = done is not None
    if done is not None and made.statements:
        context.print_plural("{count} table distributed.", "{count} tables distributed.", len(made.statements))
