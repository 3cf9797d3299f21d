"""`user …`: who may log in to an administration."""

from typing import Annotated

import typer

from accountools.cli.administrations import print_users
from accountools.cli.context import CommandContext
from accountools.cli.registration import command
from accountools.domain.administration import User
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber, Login, parse_employee, parse_name

app = typer.Typer(help="Users of an administration.", no_args_is_help=True)

LoginName = Annotated[str, typer.Argument(metavar="LOGIN")]
NumberOption = Annotated[str, typer.Option("--administration", metavar="N", help="The administration's number.")]


def add_commands(parent: typer.Typer) -> None:
    """Register the commands."""
    parent.add_typer(app, name="user")


def add(
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


def activate(context: CommandContext, number: NumberOption, login: LoginName) -> None:
    """Allow a user to log in."""
    _set_active(context, number, login, active=True)


def deactivate(context: CommandContext, number: NumberOption, login: LoginName) -> None:
    """Stop a user from logging in."""
    _set_active(context, number, login, active=False)


def list_(context: CommandContext, number: NumberOption) -> None:
    """List the users of an administration."""
    from accountools.operations.register import users
    from accountools.operations.register.administrations import user_document

    found = users.list_users(context.open_office(), AdministrationNumber.parse(number))
    context.document = {"users": [user_document(one) for one in found]}
    print_users(context, found)


def _set_active(context: CommandContext, number: str, login: str, *, active: bool) -> None:
    from accountools.operations.register import users

    parsed = AdministrationNumber.parse(number)
    _print_user(context, parsed, users.set_active(context.open_office(), parsed, Login.parse(login), active=active))


def _print_user(context: CommandContext, number: AdministrationNumber, user: User) -> None:
    from accountools.operations.register.administrations import user_document

    context.document = {"administration": int(number), "user": user_document(user)}
    text = N_("{login} is active in administration {number}.") if user.active else N_("{login} is not active in administration {number}.")
    context.print_text(text, login=user.login, number=number)


command(app, "add")(add)
command(app, "activate")(activate)
command(app, "deactivate")(deactivate)
command(app, "list")(list_)
