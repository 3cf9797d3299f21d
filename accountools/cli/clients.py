"""`client …`: the office's clients."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.context import Door, command
from accountools.domain.administration import Client
from accountools.domain.identifiers import KvkNumber, parse_name, shown

app = typer.Typer(help="The office's clients.", no_args_is_help=True)


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    parent.add_typer(app, name="client")


def add(
    door: Door,
    name: Annotated[str, typer.Option(help="The client's name.")],
    kvk: Annotated[str, typer.Option(help="The client's KvK number.")],
    city: Annotated[str, typer.Option(help="The client's city.")] = "",
) -> None:
    """Add a client."""
    from accountools.operations.register.clients import add_client

    client = Client(KvkNumber.parse(kvk), parse_name(name), shown(city))
    add_client(door.open(), client)
    door.document = {"client": vars(client).copy()}
    door.say("{name} (KvK {kvk}) is a client now.", name=client.name, kvk=client.kvk)


def import_(door: Door, file: Annotated[Path, typer.Argument(metavar="CSV")]) -> None:
    """Add the clients of a list: name,kvk,city. Those that are known already are left as they are."""
    from accountools.formats.csv_files import read_clients
    from accountools.operations.register.clients import import_clients

    added, known = import_clients(door.open(), read_clients(file))
    every = {"clients": (*added, *known), "added": added, "known": known}
    door.document = {name: [vars(one).copy() for one in some] for name, some in every.items()}
    door.say("{added} clients added, {known} were known.", added=len(added), known=len(known))


def list_(door: Door) -> None:
    """List the clients."""
    from accountools.operations.register.clients import list_clients

    found = list_clients(door.open())
    door.document = {"clients": [vars(one).copy() for one in found]}
    for one in found:
        door.tell(f"{one.kvk}  {one.name}  {one.city}")


command(app, "add")(add)
command(app, "import")(import_)
command(app, "list")(list_)
