"""The command line (`docs/command-line.md`): the same things with the same words as the forms and the Python interface."""

import copy
import os
import sys
from functools import cache
from typing import Any

import typer
from typer.main import get_group

from accountools.cli import (
    administrations,
    audit,
    backup,
    clients,
    inbox,
    inspect,
    issuer,
    licence,
    made_backups,
    office,
    restore,
)
from accountools.cli.books import auditfiles, charts, entries, reports
from accountools.cli.registration import Command, command
from accountools.cli.server import place, settings
from accountools.cli.typer_texts import describe, is_help, texts_of, translate
from accountools.operations import worker_processes
from accountools.operations.errors import DEBUG
from accountools.standard_streams import discard, open_missing_streams, write_document, write_message
from accountools.texts import Texts

app = typer.Typer(
    help="Import the licences of an accountancy office's clients, hand over their backups, and audit which licences are missing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
_COMMANDS: dict[str, Command] = {
    "lab": office.lab,
    "app": office.pages,
    "shortcut": office.shortcut,
    "demo": office.demo,
    "init": office.init,
    "repair": office.repair,
    "inbox": inbox.inbox,
    "backup": backup.backup,
    "verify": backup.verify,
    "restore": restore.restore,
    "rehearse": made_backups.rehearse,
    "install": made_backups.install,
    "audit": audit.audit,
    "inspect": inspect.inspect,
    "dossier": inspect.dossier,
}
for _name, _function in _COMMANDS.items():
    command(app, _name)(_function)
command(settings.app, "move")(place.move)
command(settings.app, "distribute")(place.distribute)
for _group in (
    office.key,
    office.trust,
    settings.app,
    issuer.app,
    licence.app,
    clients.client,
    clients.user,
    administrations.app,
    made_backups.app,
    charts.app,
    auditfiles.app,
    entries.app,
    reports.app,
):
    app.add_typer(_group)
app.add_typer(audit.journal)


@cache  # for whoever runs several commands in one process: options are read once
def _root(texts: Texts | None = None) -> Any:
    """All commands, with their help in the language of `texts`, or as it is in the code."""
    root = get_group(app)
    if texts is not None:
        translate(root, texts)
    return root


@cache
def _root_with(name: str) -> Any:
    """The command or group of this name, if there is one: reading the options of all the others takes a twentieth of a short command."""
    single = copy.copy(app)
    single.registered_commands = [one for one in app.registered_commands if one.name == name]
    single.registered_groups = [one for one in app.registered_groups if one.typer_instance and one.typer_instance.info.name == name]
    return get_group(single) if single.registered_commands or single.registered_groups else _root()


def _run(given: list[str], texts: Texts) -> Any:
    try:
        root = _root(texts) if "--help" in given else _root_with(given[0]) if given else _root()
        return root(given, standalone_mode=False)
    except typer.exceptions.TyperException as error:
        if is_help(error):
            _root(texts)(given, standalone_mode=False)  # raises the same, in the user's language
        raise


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process with the interface's exit codes."""
    given = sys.argv[1:] if arguments is None else arguments
    worker_processes.is_command = arguments is None
    open_missing_streams(messages_on_output="--json" not in given)
    texts = texts_of(given)
    try:
        sys.exit(_run(given, texts) or 0)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OSError as error:  # the text of --help could not be written
        if os.environ.get(DEBUG):
            raise
        discard(sys.stdout)
        if isinstance(error, BrokenPipeError):
            sys.exit(0)
        write_message(str(error))
        sys.exit(4)
    except typer.exceptions.TyperException as error:
        message, remedy = describe(error, texts), texts("See: accountools --help")
        write_message(*message.splitlines() if is_help(error) else (f"usage: {message}", remedy))
        if "--json" in given:
            write_document({"error": {"code": "usage", "message": message, "remedy": remedy, "obstacles": []}})
        sys.exit(int(getattr(error, "exit_code", 2)))
