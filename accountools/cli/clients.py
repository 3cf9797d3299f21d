"""`client …`: the office's clients."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import CommandContext
from accountools.cli.registration import command
from accountools.domain.administration import Client
from accountools.domain.codes import N_
from accountools.domain.identifiers import KvkNumber, parse_name, shown

app = typer.Typer(help="The office's clients.", no_args_is_help=True)


def add_commands(parent: typer.Typer) -> None:
    """Register the commands."""
    parent.add_typer(app, name="client")


def add(
    context: CommandContext,
    name: Annotated[str, typer.Option(help="The client's name.")],
    kvk: Annotated[str, typer.Option(help="The client's KvK number.")],
    city: Annotated[str, typer.Option(help="The client's city.")] = "",
) -> None:
    """Add a client."""
    from accountools.operations.register.clients import add_client

    client = Client(KvkNumber.parse(kvk), parse_name(name), shown(city))
    add_client(context.open_office(), client)
    context.document = {"client": vars(client).copy()}
    context.print_text("Client {name} (KvK {kvk}) added.", name=client.name, kvk=client.kvk)


def import_(context: CommandContext, file: Annotated[Path, typer.Argument(metavar="CSV")]) -> None:
    """Add the clients in a CSV file (name,kvk,city). Clients that exist already are not changed."""
    from accountools.formats.csv_files import read_clients
    from accountools.operations.register.clients import import_clients

    added, known = import_clients(context.open_office(), read_clients(file))
    found = {"clients": (*added, *known), "added": added, "known": known}
    context.document = {name: [vars(one).copy() for one in clients] for name, clients in found.items()}
    context.print_plural(
        "{count} client added; already present: {known}.", "{count} clients added; already present: {known}.", len(added), known=len(known)
    )


def list_(context: CommandContext) -> None:
    """List the clients."""
    from accountools.operations.register.clients import list_clients

    found = list_clients(context.open_office())
    context.document = {"clients": [vars(one).copy() for one in found]}
    context.print_table((N_("KvK number"), N_("Name"), N_("City")), [(one.kvk, one.name, one.city) for one in found])


command(app, "add")(add)
command(app, "import")(import_)
command(app, "list")(list_)
