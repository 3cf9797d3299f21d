"""`administration …` and `user …`: administrations, and who may log in to them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from accountools.cli.context import Door, command, only_one
from accountools.domain.administration import Administration, Client, User
from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login, parse_employee, parse_name

administration = typer.Typer(help="Administrations.", no_args_is_help=True)
user = typer.Typer(help="Users of an administration.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="N")]
LoginName = Annotated[str, typer.Argument(metavar="LOGIN")]
Of = Annotated[str, typer.Option("--administration", metavar="N", help="The administration's number.")]
_COUNTED = (N_("accounts"), N_("entries"), N_("lines"), N_("relations"), N_("debit"), N_("credit"))  # said by their names in `show`
_REFUSED = 3


def add_to(parent: typer.Typer) -> None:
    """Register the commands."""
    parent.add_typer(administration, name="administration")
    parent.add_typer(user, name="user")


def create(
    door: Door,
    number: Number,
    description: Annotated[str, typer.Option(help="At most 60 characters.")],
    client: Annotated[str | None, typer.Option(help="The client's KvK number; without it, a template.", metavar="K")] = None,
    chart: Annotated[str | None, typer.Option(help="A chart of accounts (CSV), or `standard`.", metavar="FILE")] = None,
    template: Annotated[str | None, typer.Option("--from", help="Take the chart of this administration.", metavar="M")] = None,
) -> None:
    """Make an administration. Its number can't be changed later."""
    from accountools.formats.csv_files import read_chart
    from accountools.operations.register import administrations
    from accountools.resources import standard_chart

    only_one(chart=chart, **{"from": template})
    made = administrations.create(
        door.open(),
        AdministrationNumber.parse(number),
        description,
        client=KvkNumber.parse(client) if client is not None else None,
        chart=None if chart is None else read_chart(standard_chart() if chart == "standard" else Path(chart)),
        template=AdministrationNumber.parse(template) if template is not None else None,
    )
    door.document = {"administration": int(made.number), "description": made.description, "client": made.client_kvk}
    door.say("Administration {number} «{description}» is made.", number=made.number, description=made.description)


def copy(
    door: Door,
    number: Number,
    to: Annotated[str, typer.Argument(metavar="M")],
    description: Annotated[str | None, typer.Option(help="Else that of the source.")] = None,
) -> None:
    """Make a complete copy under another number, for the same client."""
    from accountools.operations.register import administrations

    made = administrations.copy(door.open(), AdministrationNumber.parse(number), AdministrationNumber.parse(to), description)
    door.document = {"administration": int(made.number), "description": made.description, "client": made.client_kvk}
    door.say("Administration {number} «{description}» is made.", number=made.number, description=made.description)


def list_(door: Door) -> None:
    """List the administrations."""
    from accountools.operations.register import administrations

    found = administrations.list_administrations(door.open())
    door.document = {"administrations": [_entry(one, client) for one, client in found]}
    for one, client in found:
        door.tell(f"{one.number!s:>5}  {one.description}  {client.name if client else '—'}")


def show(door: Door, number: Number) -> None:
    """Show an administration: client, licence, users, counts and totals."""
    from accountools.cli.licence import tell_licence
    from accountools.operations.register import administrations

    view = administrations.show(door.open(), AdministrationNumber.parse(number))
    door.document = view.document()
    door.tell(f"{view.administration.number}  {view.administration.description}  {view.client.name if view.client else '—'}")
    if view.licence:
        tell_licence(door, view.licence)
    for one in view.users:
        door.tell(f"  {one.login}  {one.name}")
    for name, count in view.totals.counts().items():
        door.tell(f"  {door.texts(name):<10} {count:>14}")
    for name, amount in view.totals.totals().items():
        door.tell(f"  {door.texts(name):<10} {door.texts.amount(amount):>14}")


def archive(door: Door, number: Number) -> None:
    """Take an administration out of audit and hand-over; everything is kept."""
    _archive(door, number, archived=True)


def unarchive(door: Door, number: Number) -> None:
    """Put an archived administration back."""
    _archive(door, number, archived=False)


def enter(door: Door, number: Number, login: Annotated[str, typer.Option("--as", help="Who logs in.", metavar="LOGIN")]) -> None:
    """Tell whether somebody would get in."""
    from accountools.operations.register import users

    found = users.enter(door.open(), AdministrationNumber.parse(number), Login.parse(login))
    door.document = {
        "may": found.may,
        "reason": found.reason.code if found.reason else None,
        "warning": found.warning.code if found.warning else None,
    }
    if found.may:
        door.say("{login} gets in to administration {number}.", login=login, number=AdministrationNumber.parse(number))
    door.obstacles(tuple(filter(None, (found.reason, found.warning))))
    door.exit_code = 0 if found.may else _REFUSED


def user_add(
    door: Door,
    number: Of,
    login: LoginName,
    name: Annotated[str, typer.Option(help="The full name.")],
    employee: Annotated[int | None, typer.Option(help="The employee number.")] = None,
    office_user: Annotated[bool, typer.Option("--office-user", help="One of the office's own people.")] = False,
    inactive: Annotated[bool, typer.Option("--inactive", help="May not log in yet.")] = False,
) -> None:
    """Add a user, under the login name used on the person's own computer."""
    from accountools.operations.register import users

    new = User(Login.parse(login), parse_name(name), parse_employee(employee), not inactive, office_user)
    _answer_user(door, number, users.add_user(door.open(), AdministrationNumber.parse(number), new))


def activate(door: Door, number: Of, login: LoginName) -> None:
    """Let a user in."""
    _activate(door, number, login, active=True)


def deactivate(door: Door, number: Of, login: LoginName) -> None:
    """Keep a user out."""
    _activate(door, number, login, active=False)


def user_list(door: Door, number: Of) -> None:
    """List the users of an administration."""
    from accountools.operations.register import users

    found = users.list_users(door.open(), AdministrationNumber.parse(number))
    door.document = {"users": [one.document() for one in found]}
    for one in found:
        active = door.texts(N_("active") if one.active else N_("inactive"))
        door.tell(f"{one.login}  {one.name}  {active}")


def _entry(one: Administration, client: Client | None) -> dict[str, Any]:
    return {
        "number": int(one.number),
        "description": one.description,
        "client": vars(client).copy() if client else None,
        "archived": one.archived,
    }


def _archive(door: Door, number: str, *, archived: bool) -> None:
    from accountools.operations.register import administrations

    made = administrations.set_archived(door.open(), AdministrationNumber.parse(number), archived=archived)
    door.document = {"administration": int(made.number), "archived": made.archived}
    said = N_("Administration {number} is archived.") if made.archived else N_("Administration {number} is no longer archived.")
    door.say(said, number=made.number)


def _activate(door: Door, number: str, login: str, *, active: bool) -> None:
    from accountools.operations.register import users

    changed = users.set_active(door.open(), AdministrationNumber.parse(number), Login.parse(login), active=active)
    _answer_user(door, number, changed)


def _answer_user(door: Door, number: str, one: User) -> None:

    door.document = {"administration": int(AdministrationNumber.parse(number)), "user": one.document()}
    said = N_("{login} is active in administration {number}.") if one.active else N_("{login} is not active in administration {number}.")
    door.say(said, login=one.login, number=AdministrationNumber.parse(number))


for _group, _name, _function in (
    (administration, "create", create),
    (administration, "copy", copy),
    (administration, "list", list_),
    (administration, "show", show),
    (administration, "archive", archive),
    (administration, "unarchive", unarchive),
    (administration, "enter", enter),
    (user, "add", user_add),
    (user, "activate", activate),
    (user, "deactivate", deactivate),
    (user, "list", user_list),
):
    command(_group, _name)(_function)
