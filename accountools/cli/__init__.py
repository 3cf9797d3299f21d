"""The command line (`docs/command-line.md`): the same things with the same words as the forms and the Python interface."""

import atexit
import gc
import json
import os
import sys

import typer

from accountools.cli import administrations, audit, backup, backups, clients, inbox, inspect, licence, office, restore
from accountools.cli.context import DEBUG, printable
from accountools.cli.context import command as command

_SELDOM = 200_000  # objects between two looks for garbage: most are modules being loaded or rows of a table that is told, and stay

app = typer.Typer(
    help="Import a client's licence, hand over the right backup, see who is still without.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for _part in (office, licence, inbox, clients, administrations, backup, restore, backups, audit, inspect):
    _part.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process with the interface's exit codes."""
    given = sys.argv[1:] if arguments is None else arguments
    if arguments is None:
        gc.set_threshold(_SELDOM)
        atexit.register(gc.freeze)  # what is still there goes with the process: looking through it for garbage takes 0.04 s
    try:
        sys.exit(app(given, standalone_mode=False) or 0)
    except typer.Abort:
        sys.exit(130)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError:  # what it had to say could not be written: a full disk behind standard output
        if os.environ.get(DEBUG):
            raise
        sys.exit(4)
    except typer.exceptions.TyperException as error:
        code = int(getattr(error, "exit_code", 2))
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        typer.echo(f"usage: {message}\nSee: accountools --help", err=True)
        if "--json" in given:
            reason = {"code": "usage", "message": message, "remedy": "See: accountools --help", "obstacles": []}
            typer.echo(printable(json.dumps({"error": reason}, ensure_ascii=False, indent=2)))
        sys.exit(code)
