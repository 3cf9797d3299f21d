"""Registering functions as commands: the options that every command has, and every error as a code, a sentence and an exit code."""

import copy
import inspect
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, get_origin

import typer

from accountools.cli.context import CommandContext
from accountools.cli.options import parse_place
from accountools.operations.errors import DEBUG, INTERRUPTIONS, translate_error
from accountools.safe_files import create_private, is_pipe
from accountools.texts import LANGUAGES, Texts, choose_language

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)  # those of --today: no reckoning with days leaves the calendar
_NOT_UTF8 = re.compile("[\ud800-\udfff]")  # what Python makes of such a byte
_READ = {
    "file",
    "files",
    "licence",
    "trust",
    "jwks",
    "since",
    "source",
}  # parameters that are files a command reads; keys are read in memory
Command = Callable[..., None]


def command(app: typer.Typer, name: str) -> Callable[[Command], Command]:
    """Register a function as a command: its first parameter is the `CommandContext`, made of the options that every command has.

    Options that several commands have can be one parameter: a dataclass, of which each field is an option.
    """

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
    own = list(inspect.signature(function).parameters.values())[1:]
    groups: dict[str, Any] = {one.name: one.annotation for one in own if is_dataclass(one.annotation)}

    def run(**values: Any) -> None:
        place, language = values.pop("office"), values.pop("lang")
        if language is not None and language not in LANGUAGES:
            raise typer.BadParameter("nl | en", param_hint="--lang")
        texts = Texts(choose_language(language))
        _validate_texts(values, texts)
        today = _parse_day(values.pop("today"))
        context = CommandContext(place, values.pop("as_json"), texts, today)
        try:
            with _pipes_as_files(values) as given:
                for name, group in groups.items():
                    given[name] = group(**{one.name: given.pop(one.name) for one in fields(group)})
                function(context, **given)
            context.print_answer()
        except (typer.Exit, typer.Abort, typer.BadParameter, *INTERRUPTIONS):
            raise
        except BaseException as error:
            found = translate_error(error)
            if found is not error and os.environ.get(DEBUG):
                raise
            context.print_error(found)
        raise typer.Exit(context.exit_code)

    single = [one for parameter in own for one in (_options_of(groups[parameter.name]) if parameter.name in groups else [parameter])]
    _set_signature(run, function, [*map(_reading_paths, single), *_COMMON])
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
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError as error:
        raise typer.BadParameter("YYYY-MM-DD", param_hint="--today") from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise typer.BadParameter(f"{FIRST_DAY} … {LAST_DAY}", param_hint="--today")
    return day


def _parse_path(text: str) -> Path:
    """A path of the command line. Raises BadParameter as `parse_place`."""
    return Path(parse_place(text))


def _validate_texts(values: dict[str, Any], texts: Texts) -> None:
    """Raise BadParameter for a text of which some bytes aren't UTF-8: without them it would be another, or none."""
    for value in values.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and _NOT_UTF8.search(text):
                raise typer.BadParameter(texts("{what} is not text in UTF-8.", what=ascii(text)))


@contextmanager
def _pipes_as_files(values: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The values, with a temporary copy instead of each pipe among the files that a command reads: a pipe can be read only once."""
    with ExitStack() as stack:

        def as_file(path: Path | None) -> Path | None:
            if path is None or not is_pipe(path):
                return path
            from accountools.operations.workdir import workdir_anywhere

            copied = stack.enter_context(workdir_anywhere(None)) / path.name
            with path.open("rb") as pipe, create_private(copied) as file:
                shutil.copyfileobj(pipe, file)
            return copied

        yield values | {
            name: [*map(as_file, value)] if isinstance(value, list) else as_file(value)
            for name, value in values.items()
            if name in _READ and value is not None
        }


def _reading_paths(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter whose paths, if it is one of paths, are read by `_parse_path`."""
    annotation = parameter.annotation
    if get_origin(annotation) is not Annotated or "Path" not in str(annotation.__origin__):
        return parameter
    info = copy.copy(annotation.__metadata__[0])
    info.parser, info.metavar = _parse_path, info.metavar or "PATH"
    return parameter.replace(annotation=Annotated[annotation.__origin__, info])


def _options_of(group: Any) -> list[inspect.Parameter]:
    """The options that are the fields of a dataclass."""
    return [_option(one.name, one.type, one.default) for one in fields(group)]


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


_COMMON = [
    _option(
        "office",
        Annotated[
            str | None,
            typer.Option("--office", parser=parse_place, help="The office's folder, or the URL of its database.", metavar="PATH|URL"),
        ],
        None,
    ),
    _option("as_json", Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")], False),
    _option(
        "lang", Annotated[str | None, typer.Option("--lang", help="The language; default: that of the locale.", metavar="nl|en")], None
    ),
    _option("today", Annotated[str | None, typer.Option("--today", help="Use this date as today.", metavar="YYYY-MM-DD")], None),
]
