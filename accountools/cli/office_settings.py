"""`office …`: what the office is, the folders that it names."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accountools.cli.context import CommandContext
from accountools.cli.registration import command
from accountools.domain.codes import N_
from accountools.domain.errors import WrongUsage

if TYPE_CHECKING:
    from accountools.operations.session import Office

app = typer.Typer(name="office", help="The office itself: its folders and members.", no_args_is_help=True)
_FACTS = {
    "place": N_("Place"),
    "engine": N_("Database"),
    "schema": N_("Version of its tables"),
    "backups": N_("Folder of the backups"),
    "inbox": N_("Inbox"),
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
    """Name the folders of the backups and of the inbox, for everybody who works in the office."""
    from accountools.operations.register.office_settings import name_folders

    if backups is None and inbox is None:
        raise WrongUsage("usage", what="--backups | --inbox")
    office = context.open_office()
    name_folders(office, backups=backups, inbox=inbox)
    context.acted = True
    _describe(context, office)


def _describe(context: CommandContext, office: "Office") -> None:
    from accountools.operations.register.office_settings import show_office

    view = show_office(office)
    context.document = vars(view) | {name: str(getattr(view, name)) for name in ("place", "backups", "inbox")}
    for name, text in _FACTS.items():
        context.print_line(f"  {context.texts(text):<24} {getattr(view, name)}")
