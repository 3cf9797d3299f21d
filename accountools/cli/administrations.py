"""`administration …`: the administrations of the office."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import CommandContext, validate_exclusive
from accountools.cli.registration import command
from accountools.domain.administration import Administration, User
from accountools.domain.errors import AccountoolsError, raise_first_obstacle
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.domain.messages import N_

app = typer.Typer(name="administration", help="Administrations.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="N")]
_TOTALS = {"debit": N_("Debit"), "credit": N_("Credit")}


@command(app, "create")
def create(
    context: CommandContext,
    number: Number,
    description: Annotated[str, typer.Option(help="The description, at most 60 characters.")],
    client: Annotated[str | None, typer.Option(help="The client's KvK number; without it, a template.", metavar="K")] = None,
    chart: Annotated[
        Path | None,
        typer.Option(help="A chart of accounts (CSV or workbook), or standard, sole-trader or association.", metavar="FILE"),
    ] = None,
    template: Annotated[str | None, typer.Option("--from", help="Copy the chart of this administration.", metavar="M")] = None,
) -> None:
    """Create an administration. Its number can't be changed later."""
    from accountools.formats.spreadsheets.charts import read_chart
    from accountools.operations.register import administrations

    validate_exclusive(chart=chart, **{"from": template})
    created = administrations.create(
        context.open_office(),
        AdministrationNumber.parse(number),
        description,
        client=KvkNumber.parse(client) if client is not None else None,
        chart=None if chart is None else read_chart(str(chart)).accounts,
        template=AdministrationNumber.parse(template) if template is not None else None,
    )
    _print_created(context, created)


@command(app, "copy")
def copy(
    context: CommandContext,
    number: Number,
    to: Annotated[str, typer.Argument(metavar="M")],
    description: Annotated[str | None, typer.Option(help="Another description; else that of the source.")] = None,
) -> None:
    """Make a complete copy under another number, for the same client."""
    from accountools.operations.register import administrations

    source, target = AdministrationNumber.parse(number), AdministrationNumber.parse(to)
    _print_created(context, administrations.copy(context.open_office(), source, target, description))


@command(app, "list")
def list_(context: CommandContext) -> None:
    """List the administrations with their clients."""
    from accountools.operations.register import administrations

    found = administrations.list_administrations(context.open_office())
    documents = [
        {"number": int(one.number), "description": one.description, "client": client and vars(client).copy(), "archived": one.archived}
        for one, client in found
    ]
    context.document = {"administrations": documents}
    archived = context.texts(N_("archived"))
    rows = [(str(one.number), one.description, client.name if client else "—", archived if one.archived else "") for one, client in found]
    context.print_table((N_("Number"), N_("Description"), N_("Client"), N_("Status")), rows, right=(0,))


@command(app, "show")
def show(context: CommandContext, number: Number) -> None:
    """Show an administration: client, licence, users, counts and totals."""
    from accountools.cli.licence import print_licence
    from accountools.domain.ledger import COUNT_TITLES
    from accountools.operations.register import administrations

    view = administrations.show(context.open_office(), AdministrationNumber.parse(number))
    context.document = view.document()
    context.print_line(f"{view.administration.number}  {view.administration.description}  {view.client.name if view.client else '—'}")
    if view.licence:
        print_licence(context, view.licence)
    print_users(context, view.users)
    for name, count in view.totals.counts().items():
        context.print_line(f"  {context.texts(COUNT_TITLES[name]):<20} {count:>14}")
    for name, amount in view.totals.totals().items():
        context.print_line(f"  {context.texts(_TOTALS[name]):<20} {context.texts.amount(amount):>14}")


@command(app, "archive")
def archive(context: CommandContext, number: Number) -> None:
    """Archive an administration: leave it out of the audit and of hand-overs. Everything is kept."""
    _set_archived(context, number, archived=True)


@command(app, "unarchive")
def unarchive(context: CommandContext, number: Number) -> None:
    """Take an administration out of the archive."""
    _set_archived(context, number, archived=False)


@command(app, "enter")
def enter(
    context: CommandContext, number: Number, login: Annotated[str, typer.Option("--as", help="The user's login name.", metavar="LOGIN")]
) -> None:
    """Check whether a user can log in to an administration."""
    from accountools.operations.register import users

    parsed = AdministrationNumber.parse(number)
    context.document = {"may": False, "reason": None, "warning": None}
    try:
        found = users.enter(context.open_office(), parsed, Login.parse(login))
        raise_first_obstacle(filter(None, (found.reason,)))
    except AccountoolsError as error:
        context.document["reason"] = error.code
        raise
    context.document = {"may": True, "reason": None, "warning": found.warning.code if found.warning else None}
    context.print_text("{login} can log in to administration {number}.", login=login, number=parsed)
    context.print_obstacles(filter(None, (found.warning,)))


def print_users(context: CommandContext, users: tuple[User, ...]) -> None:
    """Print a table of users."""
    rows = [
        (
            one.login,
            one.name,
            "—" if one.employee is None else str(one.employee),
            context.texts(N_("active") if one.active else N_("not active")),
            context.texts(N_("office") if one.office else N_("client")),
        )
        for one in users
    ]
    context.print_table((N_("Login name"), N_("Name"), N_("Employee number"), N_("Status"), N_("Works at")), rows, right=(2,))


def _print_created(context: CommandContext, created: Administration) -> None:
    context.document = {"administration": int(created.number), "description": created.description, "client": created.client_kvk}
    context.print_text("Administration {number} “{description}” created.", number=created.number, description=created.description)


def _set_archived(context: CommandContext, number: str, *, archived: bool) -> None:
    from accountools.operations.register import administrations

    changed = administrations.set_archived(context.open_office(), AdministrationNumber.parse(number), archived=archived)
    context.document = {"administration": int(changed.number), "archived": changed.archived}
    text = N_("Administration {number} is archived.") if changed.archived else N_("Administration {number} is no longer archived.")
    context.print_text(text, number=changed.number)
