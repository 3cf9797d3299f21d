"""The door of the command line: options that every command has, the clock, one JSON document, exit codes, and no traceback ever."""

import inspect
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.domain.errors import AccountoolsError, Refused, WrongUsage
from accountools.domain.obstacle import Obstacle
from accountools.operations.errors import explain as explain  # noqa: PLC0414 - the commands take it from here
from accountools.texts import LANGUAGES, Language, Texts, language_of

if TYPE_CHECKING:
    from accountools.clock import Clock
    from accountools.operations.plan import Plan
    from accountools.operations.session import Office

OFFICE = "ACCOUNTOOLS_OFFICE"
DEBUG = "ACCOUNTOOLS_DEBUG"
WANTING = 1


@dataclass
class Door:
    """One run of a command: how it was asked, and what it has answered so far."""

    place: str | None
    json: bool
    texts: Texts
    today: date | None
    document: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0
    lines: list[str] = field(default_factory=list)

    def open(self) -> "Office":
        """The office that the command works in."""
        from accountools.operations.maintenance.open_office import open_office
        from accountools.operations.maintenance.repair import count_interrupted

        office = open_office(self.office_folder(), self.clock)
        count = count_interrupted(office)
        if count:
            from accountools.operations.backups import batch

            self.note(self.texts("{count} backups were cut off before they were finished; `accountools repair` clears them.", count=count))
            if batch.has_interrupted_batch(office):
                self.note(self.texts("`accountools backup --all-ready --resume` makes what is left of them."))
        return office

    def open_if_there(self) -> "Office | None":
        """The office, or None where there is none."""
        try:
            return self.open()
        except Refused as error:
            if error.code != "office-not-found":
                raise
            return None

    def office_folder(self) -> Path:
        """Where the office is: --office, else `$ACCOUNTOOLS_OFFICE`, else the user's data folder."""
        place = self.place or os.environ.get(OFFICE)
        if place:
            return Path(place)
        import platformdirs

        return Path(platformdirs.user_data_dir("accountools", appauthor=False)) / "office"

    @property
    def clock(self) -> "Clock":
        """The machine's clock, held to --today when that was given."""
        from accountools.clock import system_clock

        return system_clock(self.today)

    def say(self, text: str, **facts: object) -> None:
        """Say a line of the answer (not with --json)."""
        self.lines.append(self.texts(text, **facts))

    def tell(self, line: str) -> None:
        """Say a line that is already in words."""
        self.lines.append(line)

    def note(self, line: str) -> None:
        """Say something beside the answer, on standard error."""
        typer.echo(line, err=True)

    def obstacles(self, found: "tuple[Obstacle, ...]", accepted: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Obstacles as JSON, in the language asked for; also said as lines."""
        for one in found:
            mark = "✗" if one.blocking else "?" if one.asks and one.code not in accepted else "·"
            self.tell(f"  {mark} {one.code}: {self.texts.sentence(one)} {self.texts.remedy(one)}")
        return [self.obstacle(one) for one in found]

    def obstacle(self, one: Obstacle) -> dict[str, Any]:
        """An obstacle as JSON."""
        return {"code": one.code, "message": self.texts.sentence(one), "remedy": self.texts.remedy(one), "blocking": one.blocking}

    def finish(self) -> None:
        """Print the answer."""
        if self.json:
            typer.echo(printable(json.dumps(self.document, ensure_ascii=False, indent=2)))
        elif self.lines:
            typer.echo(printable("\n".join(self.lines)))

    def fail(self, error: AccountoolsError) -> None:
        """Print a refusal: its sentence and remedy on standard error, and with --json the document with `error` in it."""
        reason = error.reason
        message, remedy = self.texts.sentence(reason), self.texts.remedy(reason)
        self.document["error"] = {
            "code": error.code,
            "message": message,
            "remedy": remedy,
            "obstacles": [self.obstacle(one) for one in error.obstacles],
        }
        self.finish()
        typer.echo(f"{error.code}: {message}\n{remedy}", err=True)
        self.exit_code = error.exit_code


def carry_out(
    door: Door,
    office: "Office",
    plan: "Plan",
    *,
    confirm: bool,
    expected: str | None,
    something: bool = True,
    apply: Callable[[], Any] | None = None,
) -> Any:
    """Apply a plan that was shown, if that was confirmed; without a confirmation only refuse what blocks. Gives None then.

    `something`: whether there is anything to do at all; `apply` does it, else `Office.apply`. Raises `changed-meanwhile` when it is not
    the plan with the hash `expected`: before what blocks, as `Office.apply` does.
    """
    if expected is not None and not confirm:
        raise WrongUsage("plan-needed")
    if expected is not None:
        plan.raise_if_changed(expected, expected)
    if any(one.blocking for one in plan.obstacles):
        plan.raise_if_refused()
    if not confirm:
        if something:
            door.say("Nothing was changed. To do it: --confirm")
        return None
    return plan.apply(office) if apply is None else apply()


def printable(text: str) -> str:
    """A text that any UTF-8 stream takes: half a surrogate pair becomes its escape, which is JSON's as well."""
    return text.encode(errors="backslashreplace").decode()


def only_one(**given: object) -> None:
    """Refuse options that exclude each other (wrong usage)."""
    said = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if len(said) > 1:
        raise WrongUsage("options-exclude", options=", ".join(said))


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command: its first parameter is the `Door`, made of the options that every command has."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name)(_with_common_options(function))
        return function

    return register


def default_command(app: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as what a group does when no command of its own is named."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        run = _with_common_options(function)

        def unless_named(ctx: typer.Context, **values: Any) -> None:
            if ctx.invoked_subcommand is None:
                run(**values)

        context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        _present_as(unless_named, function, [context, *inspect.signature(run).parameters.values()])
        app.callback(invoke_without_command=True)(unless_named)
        return function

    return register


def _with_common_options(function: Callable[..., None]) -> Callable[..., None]:
    def run(**values: Any) -> None:
        texts = Texts(_language(values.pop("lang")))
        door = Door(values.pop("office"), values.pop("as_json"), texts, _day(values.pop("today")))
        with guarded(door):
            function(door, **values)
            door.finish()
        raise typer.Exit(door.exit_code)

    _present_as(run, function, [*list(inspect.signature(function).parameters.values())[1:], *_COMMON])
    return run


def _present_as(run: Callable[..., None], function: Callable[..., None], parameters: list[inspect.Parameter]) -> None:
    """Give a wrapper the name, the docstring and the parameters that typer reads."""
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__name__, run.__doc__ = function.__name__, function.__doc__


@contextmanager
def guarded(door: Door) -> Iterator[None]:
    """Turn whatever goes wrong into a code, a sentence and an exit code."""
    try:
        yield
    except AccountoolsError as error:
        door.fail(error)
    except (typer.Exit, typer.Abort, KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        door.fail(explain(error))


def _language(asked: str | None) -> Language:
    if asked is not None and asked not in LANGUAGES:
        raise typer.BadParameter("nl|en", param_hint="--lang")
    return language_of(asked)


def _day(text: str | None) -> date | None:
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
    _option("as_json", Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")], False),
    _option("lang", Annotated[str | None, typer.Option("--lang", help="nl or en; else the locale's.", metavar="nl|en")], None),
    _option("today", Annotated[str | None, typer.Option("--today", help="The day to reckon with.", metavar="YYYY-MM-DD")], None),
]
