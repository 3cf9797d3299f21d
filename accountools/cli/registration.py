"""Registering functions as commands: the options that every command has, and every error as a code, a sentence and an exit code."""

import inspect
import os
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import typer

from accountools.cli.context import CommandContext
from accountools.operations.errors import translate_error
from accountools.texts import LANGUAGES, Texts, choose_language

DEBUG = "ACCOUNTOOLS_DEBUG"
Command = Callable[..., None]


def command(app: typer.Typer, name: str) -> Callable[[Command], Command]:
    """Register a function as a command: its first parameter is the `CommandContext`, made of the options that every command has."""

    def register(function: Command) -> Command:
        app.command(name)(_with_common_options(function))
        return function

    return register


def group_callback(app: typer.Typer) -> Callable[[Command], Command]:
    """Register a function as what a group does when none of its commands is named."""

    def register(function: Command) -> Command:
        run = _with_common_options(function)

        def callback(ctx: typer.Context, **values: Any) -> None:
            if ctx.invoked_subcommand is None:
                run(**values)

        ctx = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        _set_signature(callback, function, [ctx, *inspect.signature(run).parameters.values()])
        app.callback(invoke_without_command=True)(callback)
        return function

    return register


def _with_common_options(function: Command) -> Command:
    def run(**values: Any) -> None:
        language = values.pop("lang")
        if language is not None and language not in LANGUAGES:
            raise typer.BadParameter("nl|en", param_hint="--lang")
        texts, today = Texts(choose_language(language)), _parse_day(values.pop("today"))
        context = CommandContext(values.pop("office"), values.pop("as_json"), texts, today)
        try:
            function(context, **values)
            context.print_answer()
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            found = translate_error(error)
            if found is not error and os.environ.get(DEBUG):
                raise
            context.print_error(found)
        raise typer.Exit(context.exit_code)

    _set_signature(run, function, [*list(inspect.signature(function).parameters.values())[1:], *_COMMON])
    return run


def _set_signature(run: Command, function: Command, parameters: list[inspect.Parameter]) -> None:
    """Give a wrapper the name, docstring and parameters that typer reads."""
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__name__, run.__doc__ = function.__name__, function.__doc__


def _parse_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise typer.BadParameter("YYYY-MM-DD", param_hint="--today") from error


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


_COMMON = [
    _option("office", Annotated[str | None, typer.Option("--office", help="The office's folder.", metavar="PATH")], None),
    _option("as_json", Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")], False),
    _option("lang", Annotated[str | None, typer.Option("--lang", help="The language; else the locale's.", metavar="nl|en")], None),
    _option("today", Annotated[str | None, typer.Option("--today", help="Use this date as today.", metavar="YYYY-MM-DD")], None),
]
