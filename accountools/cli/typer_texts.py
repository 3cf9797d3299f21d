"""What typer says, in the user's language: the help of commands, and what is wrong with a command line.

Typer names what it raises only by classes of its own that it doesn't export: they are known here by their names and attributes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import typer

from accountools.domain.messages import N_
from accountools.texts import Texts, choose_language

_COMMAND = re.compile(r"No such command '(.*?)'\.")
_LEFT_OVER = re.compile(r"unexpected extra argument\(s\) \((.*)\)", re.DOTALL)
EMPTY_PATH = N_("a path can't be empty")
UNKNOWN_CODE = N_("no obstacle has this code")
_FRAME = (  # typer's own words, by what they stand between
    (re.compile("^Usage:"), N_("Usage:")),
    (re.compile(r"(?<= )\[OPTIONS\]"), N_("[OPTIONS]")),
    (re.compile(r"(?<= )COMMAND \[ARGS\]\.\.\."), N_("COMMAND [ARGS]...")),
    (re.compile(r"(?<= )<int>"), N_("<int>")),
    (re.compile("^Arguments:$", re.MULTILINE), N_("Arguments:")),
    (re.compile("^Options:$", re.MULTILINE), N_("Options:")),
    (re.compile("^Commands:$", re.MULTILINE), N_("Commands:")),
    (re.compile(r"(?<=[\[ ])required(?=\])"), N_("required")),
    (re.compile(r"(?<=[\[ ])default:"), N_("default:")),
)
_OF_HELP = N_("Show this message and exit.")


def texts_of(arguments: Sequence[str]) -> Texts:
    """The texts in the language that a command line asks for, as far as it can be read."""
    given = [value for option, value in pairwise(arguments) if option == "--lang"]
    given += [one.removeprefix("--lang=") for one in arguments if one.startswith("--lang=")]
    return Texts(choose_language(next(iter(given), None)))


def describe(error: Any, texts: Texts) -> str:
    """What is wrong, in one sentence."""
    message: str = error.format_message()
    text, facts = message, dict[str, object]()
    match type(error).__name__:
        case "NoSuchOption":
            text, facts = N_("There is no option {option}."), {"option": error.option_name}
        case "BadOptionUsage":
            text = N_("Option {option} needs a value.") if "requires" in message else N_("Option {option} takes no value.")
            facts = {"option": error.option_name}
        case "MissingParameter":
            text, facts = N_("{what} is missing."), {"what": _name(error)}
        case "BadParameter":
            text, facts = _expected(error, texts), {}
            if _name(error):
                text, facts = N_("{what} needs another value ({why})."), {"what": _name(error), "why": text}
        case _:
            if command := _COMMAND.search(message):
                text, facts = N_("There is no command {command}."), {"command": command[1]}
            if left_over := _LEFT_OVER.search(message):
                text, facts = N_("Unexpected argument: {what}."), {"what": left_over[1]}
    return texts(text, **facts) if facts else text


def is_help(error: Any) -> bool:
    """Whether nothing was asked: then its message is the help, of several lines."""
    return type(error).__name__ == "NoArgsIsHelpError"


def _name(error: Any) -> str:
    """The option or argument that it is about."""
    hint = error.param_hint or (error.param.get_error_hint(error.ctx) if error.param is not None else "")
    return (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")


def _expected(error: Any, texts: Texts) -> str:
    """What may stand there, or what is wrong with it: of a number or one of a few words its type says it, else who raised the error."""
    kind = getattr(error.param, "type", None)
    choices, least, most = (getattr(kind, name, None) for name in ("choices", "min", "max"))
    if choices:
        return " | ".join(str(getattr(one, "value", one)) for one in choices)
    if least is None:
        return texts(error.message)
    if most is None:
        return texts("a number, {least} or higher", least=least)
    return texts("a number from {least} to {most}", least=least, most=most)


def translate(root: Any, texts: Texts) -> None:
    """Translate the help of a tree of typer's commands: what commands and options say is in the catalogues, as are typer's own words."""
    for command in _walk(root):
        for one in (command, *command.params):
            if getattr(one, "help", None):
                one.help = texts(as_key(one.help))
        command.get_help_option(typer.Context(command)).help = texts(_OF_HELP)
        command.get_help = _framed(command.get_help, texts)


def list_texts(root: Any) -> Iterator[str]:
    """The texts of a tree of typer's commands that `translate` looks up."""
    for command in _walk(root):
        yield from (as_key(one.help) for one in (command, *command.params) if getattr(one, "help", None))


def as_key(text: str) -> str:
    """A docstring as it is in the catalogues: paragraphs, each on one line."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _walk(command: Any) -> Iterator[Any]:
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from _walk(one)


def _framed(get_help: Any, texts: Texts) -> Any:
    def get(ctx: Any) -> str:
        text = str(get_help(ctx))
        for pattern, word in _FRAME:
            text = pattern.sub(texts(word), text)
        return text

    return get
