"""The Dutch catalogue: extract the texts from the code, update the .po, compile the .mo.

uv run python -m tools.catalogue

A text is the literal argument of one of KEYWORDS, or both literals of a choice (`texts("a" if x else "b")`), also inside an f-string;
or the two literals of one of PLURALS; in a template (`*.html`) the literal that one of KEYWORDS is called with; or what a command says in
its help. `Texts()` among them is a `Texts` that was just made: `Texts("nl")("a")`.
New texts are added to the .po without a translation; changed texts keep their old translation, marked
fuzzy. `tests/test_texts.py` requires a translation of every text.
"""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast
from typer.main import get_command

from accountools.cli import app
from accountools.cli.typer_texts import list_texts

TOP = Path(__file__).parent.parent
PACKAGE = TOP / "accountools"
PO = PACKAGE / "locale" / "nl" / "LC_MESSAGES" / "accountools.po"
KEYWORDS = {"N_", "_", "texts", "Texts()", "say", "print_text", "warn"}
PLURALS = {"P_", "plural", "print_plural"}
HEADER = "# The Dutch texts of accountools; `python -m tools.catalogue` updates them."
DAY = datetime(2026, 11, 24, tzinfo=UTC)  # fixed, so that the file only changes with its texts


def calls(path: Path) -> Iterator[tuple[int, ast.expr]]:
    """The text arguments of all calls of the keywords in a module, with their lines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = _name(node.func)
            for argument in node.args[: 2 if name in PLURALS else 1 if name in KEYWORDS else 0]:
                yield node.lineno, argument


def literals(argument: ast.expr) -> Iterator[str]:
    """The texts that an argument can be; none when it is not literal."""
    if isinstance(argument, ast.IfExp):
        yield from literals(argument.body)
        yield from literals(argument.orelse)
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        yield argument.value


def messages(path: Path) -> Iterator[tuple[int, str | tuple[str, str]]]:
    """The message ids in a module, with their lines: a text, or a pair of singular and plural."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            if _name(node.func) in PLURALS:
                pair = [text for argument in node.args[:2] for text in literals(argument)]
                if len(pair) == 2:  # noqa: PLR2004 - singular and plural
                    yield node.lineno, (pair[0], pair[1])
            elif _name(node.func) in KEYWORDS:
                yield from ((node.lineno, text) for text in literals(node.args[0]))


def extract(package: Path = PACKAGE) -> Catalog:
    """All texts of the package, with the files that contain them."""
    found = Catalog()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package.parent).as_posix()
        for line, message in sorted(messages(path), key=lambda one: one[0]):
            found.add(message, locations=[(place, line)])
    for path in sorted(package.rglob("*.html")):
        place = path.relative_to(package.parent).as_posix()
        for number, _function, message in extract_from_ast(Environment().parse(path.read_text("utf-8")), tuple(KEYWORDS)):  # noqa: S701
            found.add(str(message[0] if isinstance(message, tuple) else message), locations=[(place, number)])
    for text in list_texts(get_command(app)) if package == PACKAGE else ():
        found.add(text, locations=[("accountools/cli/__init__.py", 0)])
    return found


def read(path: Path = PO) -> Catalog:
    """Read the .po; an empty catalogue where there is none."""
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as file:
        return read_po(file, locale="nl")


def update(path: Path = PO, package: Path = PACKAGE) -> Catalog:
    """Write the .po and the .mo for the texts of the package; gives the catalogue."""
    held = read(path)
    held.update(extract(package))
    held.project, held.version, held.header_comment = "accountools", "1", HEADER
    held.creation_date = held.revision_date = DAY
    held.last_translator, held.language_team, held.msgid_bugs_address = "accountools", "nl", "accountools"
    held.fuzzy = False
    with path.open("wb") as file:
        write_po(file, held, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, held)
    return held


def _name(function: ast.expr) -> str | None:
    if isinstance(function, ast.Call):  # what was just made
        return f"{_name(function.func)}()"
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else None


if __name__ == "__main__":
    update()
