"""A notebook as a page: one language at a time is seen of what it says, without what is only meant for who runs cells.

What it relies on: a heading in both languages has ` · ` between them, Dutch first; an English paragraph stands in `*…*`; the check that
is meant to be run by hand comes last, under a heading of the second rank.
"""

import re
from typing import Any

from accountools.texts import LANGUAGES, Language

BETWEEN = " · "
BY_HAND = "Shift+Enter"


def make_page(notebook: Any, language: Language) -> Any:
    """Make a page of a notebook (as nbformat holds it), in place: its cells up to the check, its words, its title in `language`.

    Its words are there in each language, of which one is seen: that of the page (`html lang`), which follows the screen's.
    """
    notebook.cells = _until_the_check(notebook.cells)
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = "\n\n".join(_part_in(each, spoken(cell.source, each)) for each in LANGUAGES)
    heading = spoken(first, language).splitlines()
    notebook.metadata["title"] = f"{heading[0].lstrip('# ')} — accountools" if heading else "accountools"
    return notebook


def spoken(text: str, language: Language) -> str:
    """What a text in both languages says in one, without the paragraphs about running cells."""
    kept = (_in_one(part.strip(), language) for part in text.split("\n\n") if BY_HAND not in part)
    return "\n\n".join(part for part in kept if part)


def _part_in(language: Language, words: str) -> str:
    return f'<div class="at-in-{language}" lang="{language}">\n\n{words}\n\n</div>'


def _in_one(part: str, language: Language) -> str:
    if part.startswith("#"):
        rank, _, words = part.partition(" ")
        dutch, _, english = words.partition(BETWEEN)
        return f"{rank} {dutch if language == 'nl' or not english else english}"
    is_english = part.startswith("*") and part.endswith("*") and not part.startswith("**")
    if is_english != (language == "en"):
        return ""
    return re.sub(r"\*(\s+)([^*]+?)(\s+)\*", r"\1*\2*\3", part[1:-1]) if is_english else part


def _until_the_check(cells: list[Any]) -> list[Any]:
    checks = (place for place, cell in enumerate(cells) if cell.cell_type == "markdown" and cell.source.startswith("## "))
    return cells[: next(checks, len(cells))]
