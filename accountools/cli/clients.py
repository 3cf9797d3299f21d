"""`client …` and `user …`: the office's clients, and the users of an administration."""

from pathlib import Path
from typing import Annotated

import typer

from accountools.cli.administrations import print_users
from accountools.cli.context import MOST_LINES, CommandContext, apply_plan
from accountools.cli.options import Confirm, PlanHash
from accountools.cli.registration import command
from accountools.domain.administration import Client, User
from accountools.domain.errors import WrongUsage
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login, parse_employee, parse_name, single_line
from accountools.domain.messages import N_

client = typer.Typer(name="client", help="The office's clients.", no_args_is_help=True)
user = typer.Typer(name="user", help="Users of an administration.", no_args_is_help=True)

_FIELDS = {"name": N_("Name"), "kvk": N_("KvK number"), "city": N_("City")}
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
    context.document = {"client": vars(new).copy()}
    context.print_text("Client {name} (KvK {kvk}) added.", name=new.name, kvk=new.kvk)


@command(client, "import")
def import_(context: CommandContext, file: Annotated[Path, typer.Argument(metavar="CSV")]) -> None:
    """Add the clients in a CSV file (columns name, kvk and city). Clients already present are not changed."""
    from accountools.formats.csv_files import read_clients
    from accountools.operations.register.clients import has_other_details, import_clients

    added, offered = import_clients(context.open_office(), read_clients(file))
    known = tuple(there for _, there in offered)
    differing = [(client, there) for client, there in offered if has_other_details(client, there)]
    found = {"clients": (*added, *known), "added": added, "known": known, "differing": [client for client, _ in differing]}
    context.document = {name: [vars(one).copy() for one in clients] for name, clients in found.items()}
    context.print_plural(
        "{count} client added; already present: {known}.", "{count} clients added; already present: {known}.", len(added), known=len(known)
    )
    for client, there in differing[:MOST_LINES]:
        facts = {"kvk": there.kvk, "present": _describe(there), "given": _describe(client)}
        context.print_text("  KvK {kvk} is {present} here, and was not changed; in the file: {given}.", **facts)
    context.print_rest(len(differing))


@command(client, "change")
def change(
    context: CommandContext,
    number: Annotated[str, typer.Argument(metavar="K")],
    name: Annotated[str | None, typer.Option(help="The client's new name.")] = None,
    kvk: Annotated[str | None, typer.Option(help="The client's new KvK number.")] = None,
    city: Annotated[str | None, typer.Option(help="The client's new city.")] = None,
    confirm: Confirm = False,
    plan: PlanHash = None,
) -> None:
    """Change the name, KvK number or city of a client. The client keeps its administrations, licences and backups."""
    from accountools.operations.register.clients import plan_client_change

    if name is None and kvk is None and city is None:
        raise WrongUsage("usage", what="--name, --kvk, --city")
    office = context.open_office()
    made = plan_client_change(
        office,
        KvkNumber.parse(number),
        name=None if name is None else parse_name(name),
        new_kvk=None if kvk is None else KvkNumber.parse(kvk),
        city=None if city is None else single_line(city),
    )
    context.print_text("Client {name} (KvK {kvk})", name=made.present.name, kvk=made.present.kvk)
    for one in made.differences:
        context.print_line(f"  {context.texts(_FIELDS[one.what])}: {one.old or '—'} → {one.new or '—'}")
    context.document = {
        "changed": False,
        "plan": made.digest,
        "client": vars(made.changed).copy(),
        "differences": [one.document() for one in made.differences],
        "administrations": [int(its) for its, _ in made.administrations],
        "obstacles": context.print_obstacles(made.obstacles),
    }
    if apply_plan(context, office, made, confirm=confirm, expected=plan, is_empty=not made.differences) is not None:
        context.document["changed"] = bool(made.differences)
    if not made.differences:
        context.print_text("Nothing changed.")
    elif confirm:
        context.print_text("Client {name} (KvK {kvk}) changed.", name=made.changed.name, kvk=made.changed.kvk)


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
    """Add a user, with the login name used on that person's own computer."""
    from accountools.operations.register import users

    parsed = AdministrationNumber.parse(number)
    new = User(Login.parse(login), parse_name(name), parse_employee(employee), not inactive, office_user)
    _print_user(context, parsed, users.add_user(context.open_office(), parsed, new))


@command(user, "activate")
def activate(context: CommandContext, number: NumberOption, login: LoginName) -> None:
    """Activate a user, who can then log in."""
    _set_active(context, number, login, active=True)


@command(user, "deactivate")
def deactivate(context: CommandContext, number: NumberOption, login: LoginName) -> None:
    """Deactivate a user, who can then no longer log in."""
    _set_active(context, number, login, active=False)


@command(user, "list")
def list_users(context: CommandContext, number: NumberOption) -> None:
    """List the users of an administration."""
    from accountools.operations.register import users

    found = users.list_users(context.open_office(), AdministrationNumber.parse(number))
    context.document = {"users": [one.document() for one in found]}
    print_users(context, found)


def _describe(client: Client) -> str:
    return ", ".join(filter(None, (client.name, client.city)))


def _set_active(context: CommandContext, number: str, login: str, *, active: bool) -> None:
    from accountools.operations.register import users

    parsed = AdministrationNumber.parse(number)
    _print_user(context, parsed, users.set_active(context.open_office(), parsed, Login.parse(login), active=active))


def _print_user(context: CommandContext, number: AdministrationNumber, user: User) -> None:
    context.document = {"administration": int(number), "user": user.document()}
    text = N_("{login} is active in administration {number}.") if user.active else N_("{login} is not active in administration {number}.")
    context.print_text(text, login=user.login, number=number)
