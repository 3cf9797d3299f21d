"""`office …`: what the office is, the folders that it names, and its members."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import CommandContext, apply_plan
from accountools.cli.options import Confirm, PlanHash
from accountools.cli.registration import command
from accountools.domain.errors import WrongUsage
from accountools.domain.messages import N_
from accountools.words import describe_key

if TYPE_CHECKING:
    from accountools.operations.session import Office
    from accountools.storage.register.members import Member

app = typer.Typer(name="office", help="The office itself: its folders, its members, and where it is kept.", no_args_is_help=True)
_FACTS = {
    "place": N_("Location"),
    "engine": N_("Database"),
    "schema": N_("Version of its tables"),
    "backups": N_("Folder of the backups"),
    "inbox": N_("Inbox"),
    "members": N_("Members"),
    "administrations": N_("Administrations"),
    "events": N_("Events in the journal"),
}


@command(app, "show")
def _show(context: CommandContext) -> None:
    """Show where the office is, its folders and how much is in it."""
    _describe(context, context.open_office())


@command(app, "set")
def _set(
    context: CommandContext,
    backups: Annotated[Path | None, typer.Option(help="The folder where backups go by default.", metavar="DIR")] = None,
    inbox: Annotated[Path | None, typer.Option(help="The folder of received licence files.", metavar="DIR")] = None,
) -> None:
    """Choose the folders of the backups and of the inbox, for everybody who works in the office."""
    from accountools.operations.register.office_settings import name_folders

    if backups is None and inbox is None:
        raise WrongUsage("usage", what="--backups | --inbox")
    office = context.open_office()
    name_folders(office, backups=backups, inbox=inbox)
    _describe(context, office)


def _describe(context: CommandContext, office: "Office") -> None:
    from accountools.operations.register.office_settings import show_office

    view = show_office(office)
    members = [_member_document(one) for one in view.members]
    context.document = vars(view) | {name: str(getattr(view, name)) for name in ("place", "backups", "inbox")} | {"members": members}
    shown = vars(view) | {"members": ", ".join(one.name for one in view.members) or "—"}
    for name, text in _FACTS.items():
        context.print_line(f"  {context.texts(text):<24} {shown[name]}")


@command(app, "admit")
def _admit(
    context: CommandContext,
    recipient: Annotated[str, typer.Option(help="The member's age public key, as `accountools key identity` prints it.", metavar="AGE1")],
    name: Annotated[str, typer.Option(help="The member's name.", metavar="NAME")],
) -> None:
    """Admit a member, who may then make backups: the key that signs them is encrypted to the member's age key."""
    from accountools.operations.register.members import admit

    admitted = admit(context.open_office(), name, recipient)
    context.document = _member_document(admitted)
    context.print_text("{name} can make backups from now on.", name=admitted.name)


@command(app, "members")
def _members(context: CommandContext) -> None:
    """List the members: who may make backups."""
    from accountools.operations.register.members import list_members

    found = list_members(context.open_office())
    context.document = {"members": [_member_document(one) for one in found]}
    context.print_table((N_("Name"), N_("Since"), N_("Age public key")), [(one.name, one.since[:10], one.recipient) for one in found])
    if not found:
        context.print_text("There are no members: the backup key is in the office's folder, for whoever may read that.")


@command(app, "dismiss")
def _dismiss(
    context: CommandContext, name: Annotated[str, typer.Argument(metavar="NAME")], confirm: Confirm = False, plan: PlanHash = None
) -> None:
    """Dismiss a member, who can then no longer make backups: the office gets a new backup key."""
    from accountools.operations.register.members import plan_dismiss

    office = context.open_office()
    made = plan_dismiss(office, name)
    context.document = {
        "dismissed": False,
        "plan": made.digest,
        "member": _member_document(made.member),
        "key": None,
        "replaces": made.present,
        "obstacles": context.print_obstacles(made.obstacles),
    }
    context.print_text("{name} can no longer make backups. The office gets a new key to sign them.", name=made.member.name)
    context.print_text("Clients are asked once about the new key when they restore a backup: read it out to them by telephone.")
    key = apply_plan(context, office, made, confirm=confirm, expected=plan)
    if key is not None:
        context.document |= {"dismissed": True, "key": key}
        context.print_text("The new key: {key}", key=key)
        context.print_text("That key in six words, to compare by telephone: {words}", words=describe_key(key, context.texts.language))


def _member_document(one: "Member") -> dict[str, str]:
    return {"name": one.name, "recipient": one.recipient, "since": one.since}
