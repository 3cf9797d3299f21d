"""The Dutch catalogue: extract the texts from the code, bring the .po up to date with them, compile it.

uv run python -m tools.catalogue

A text is the literal that `N_`, `_`, `texts` or `say` is called with, or both literals of a choice (`say("a" if x else "b")`), also
inside an f-string; in a template (`*.html`) it is the literal that one of them is called with. New texts get no translation; changed
ones keep their old translation, marked fuzzy.
`tests/test_texts.py` wants every text translated.
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

TOP = Path(__file__).parent.parent
PACKAGE = TOP / "accountools"
PO = PACKAGE / "locale" / "nl" / "LC_MESSAGES" / "accountools.po"
KEYWORDS = {"N_", "_", "texts", "say"}
HEADER = "# The Dutch texts of accountools; `python -m tools.catalogue` brings them up to date."
DAY = datetime(2026, 11, 24, tzinfo=UTC)  # always the same, so that the file only changes with its texts


def calls(path: Path) -> Iterator[tuple[int, ast.expr]]:
    """What the keywords are called with in a module, and the line where."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in KEYWORDS:
            yield node.lineno, node.args[0]


def literals(said: ast.expr) -> Iterator[str]:
    """The texts that an argument can be; none when it is not literal."""
    if isinstance(said, ast.IfExp):
        yield from literals(said.body)
        yield from literals(said.orelse)
    if isinstance(said, ast.Constant) and isinstance(said.value, str):
        yield said.value


def extract(package: Path = PACKAGE) -> Catalog:
    """All texts of the package, with the files where they stand."""
    found = Catalog()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package.parent).as_posix()
        for line, said in sorted(calls(path), key=lambda call: call[0]):
            for text in literals(said):
                found.add(text, locations=[(place, line)])
    for path in sorted(package.rglob("*.html")):
        place = path.relative_to(package.parent).as_posix()
        for number, _function, message in extract_from_ast(Environment().parse(path.read_text("utf-8")), tuple(KEYWORDS)):  # noqa: S701
            found.add(str(message[0] if isinstance(message, tuple) else message), locations=[(place, number)])
    return found


def read(path: Path = PO) -> Catalog:
    """The catalogue as it stands in the .po, or an empty one."""
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as file:
        return read_po(file, locale="nl")


def update(path: Path = PO, package: Path = PACKAGE) -> Catalog:
    """Write the .po and the .mo anew for the texts of the package; gives the catalogue."""
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
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else None


if __name__ == "__main__":
    update()
