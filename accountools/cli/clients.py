"""`client …` and `user …`: the office's clients, and the users of an administration."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.administrations import print_users
from accountools.cli.context import CommandContext
from accountools.cli.registration import command
from accountools.domain.administration import Client, User
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login, parse_employee, parse_name, single_line

client = typer.Typer(name="client", help="The office's clients.", no_args_is_help=True)
user = typer.Typer(name="user", help="Users of an administration.", no_args_is_help=True)

LoginName = Annotated[str, typer.Argument(metavar="LOGIN")]
NumberOption = Annotated[str, typer.Option("--administration", metavar="N", help="The administration's number.")]


@command(client, "add")
def add(
    context: CommandContext,
    name: Annotated[str, typer.Option(help="The client's name.")],
    kvk: Annotated[str, typer.Option(help="The client's KvK number.")],
    city: Annotated[str, typer.Option(help="The client's city.")] = "",
) -> None:
    """Add a client."""
    from accountools.operations.register.clients import add_client

    new = Client(KvkNumber.parse(kvk), parse_name(name), single_line(city))
    add_client(context.open_office(), new)
    context.document, context.acted = {"client": vars(new).copy()}, True
    context.print_text("Client {name} (KvK {kvk}) added.", name=new.name, kvk=new.kvk)


@command(client, "import")
def import_(context: CommandContext, file: Annotated[Path, typer.Argument(metavar="CSV")]) -> None:
    """Add the clients in a CSV file (name,kvk,city). Clients that exist already are not changed."""
    from accountools.formats.csv_files import read_clients
    from accountools.operations.register.clients import import_clients

    added, known = import_clients(context.open_office(), read_clients(file))
    context.acted = True
    found = {"clients": (*added, *known), "added": added, "known": known}
    context.document = {name: [vars(one).copy() for one in clients] for name, clients in found.items()}
    context.print_plural(
        "{count} client added; already present: {known}.", "{count} clients added; already present: {known}.", len(added), known=len(known)
    )


@command(client, "list")
def list_(context: CommandContext) -> None:
    """List the clients."""
    from accountools.operations.register.clients import list_clients

    found = list_clients(context.open_office())
    context.document = {"clients": [vars(one).copy() for one in found]}
    context.print_table((N_("KvK number"), N_("Name"), N_("City")), [(one.kvk, one.name, one.city) for one in found])


@command(user, "add")
def add_user(
    context: CommandContext,
    number: NumberOption,
    login: LoginName,
    name: Annotated[str, typer.Option(help="The full name.")],
    employee: Annotated[int | None, typer.Option(help="The employee number.")] = None,
    office_user: Annotated[bool, typer.Option("--office-user", help="The user works at the office, not at the client.")] = False,
    inactive: Annotated[bool, typer.Option("--inactive", help="The user may not log in yet.")] = False,
) -> None:
    """Add a user, by the login name on the person's own computer."""
    from accountools.operations.register import users

    parsed = AdministrationNumber.parse(number)
    new = User(Login.parse(login), parse_name(name), parse_employee(employee), not inactive, office_user)
    _print_user(context, parsed, users.add_user(context.open_office(), parsed, new))


@command(user, "activate")
def activate(context: CommandContext, number: NumberOption, login: LoginName) -> None:
    """Allow a user to log in."""
    _set_active(context, number, login, active=True)


@command(user, "deactivate")
def deactivate(context: CommandContext, number: NumberOption, login: LoginName) -> None:
    """Stop a user from logging in."""
    _set_active(context, number, login, active=False)


@command(user, "list")
def list_users(context: CommandContext, number: NumberOption) -> None:
    """List the users of an administration."""
    from accountools.operations.register import users

    found = users.list_users(context.open_office(), AdministrationNumber.parse(number))
    context.document = {"users": [one.document() for one in found]}
    print_users(context, found)


def _set_active(context: CommandContext, number: str, login: str, *, active: bool) -> None:
    from accountools.operations.register import users

    parsed = AdministrationNumber.parse(number)
    _print_user(context, parsed, users.set_active(context.open_office(), parsed, Login.parse(login), active=active))


def _print_user(context: CommandContext, number: AdministrationNumber, user: User) -> None:
    context.document, context.acted = {"administration": int(number), "user": user.document()}, True
    text = N_("{login} is active in administration {number}.") if user.active else N_("{login} is not active in administration {number}.")
    context.print_text(text, login=user.login, number=number)
