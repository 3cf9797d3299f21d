"""A notebook as a web page: its texts in one language at a time, without the instructions for running cells.

Conventions in the notebooks: a heading has both languages with ` · ` between them, Dutch first; an English paragraph is in `*…*`; what is
for accountants only is a paragraph that begins so, which the pages of a client's own office don't show; the check that is run by hand comes
last, under a heading of level two.
"""

import re
from typing import Any

from accountools.texts import LANGUAGES, Language

SEPARATOR = " · "
RUN_BY_HAND = "Shift+Enter"
FOR_ACCOUNTANTS: dict[Language, str] = {"nl": "Voor accountantskantoren: ", "en": "For accountancy offices: "}


def make_page(notebook: Any, language: Language) -> Any:
    """Change a notebook (as nbformat holds it) into a page, in place: the cells before the check, with a title in `language`.

    The texts are there in each language; the style shows those of the page's language (`html lang`), which follows the screen's.
    """
    headings = (index for index, cell in enumerate(notebook.cells) if cell.cell_type == "markdown" and cell.source.startswith("## "))
    notebook.cells = notebook.cells[: next(headings, len(notebook.cells))]
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts = (f'<div class="at-in-{one}" lang="{one}">\n\n{_mark(one, text_in(one, cell.source))}\n\n</div>' for one in LANGUAGES)
            cell.source = "\n\n".join(parts)
    heading = text_in(language, first).splitlines()
    notebook.metadata["title"] = f"{heading[0].lstrip('# ')} — accountools" if heading else "accountools"
    return notebook


def text_in(language: Language, text: str) -> str:
    """The part of a bilingual text that is in `language`, without the paragraphs about running cells."""
    parts = (_part_in(language, part.strip()) for part in text.split("\n\n") if RUN_BY_HAND not in part)
    return "\n\n".join(part for part in parts if part)


def _mark(language: Language, text: str) -> str:
    """A text with what is for accountants only marked as such, without saying for whom it is: on their pages that is clear."""
    begin = FOR_ACCOUNTANTS[language]

    def marked(part: str) -> str:
        if not part.startswith(begin):
            return part
        return f'<div class="at-for-accountants">\n\n{part[len(begin)].upper()}{part[len(begin) + 1 :]}\n\n</div>'

    return "\n\n".join(map(marked, text.split("\n\n")))


def _part_in(language: Language, part: str) -> str:
    if part.startswith("#"):
        level, _, heading = part.partition(" ")
        dutch, _, english = heading.partition(SEPARATOR)
        return f"{level} {dutch if language == 'nl' or not english else english}"
    is_english = part.startswith("*") and part.endswith("*") and not part.startswith("**")
    if is_english != (language == "en"):
        return ""
    return re.sub(r"\*(\s+)([^*]+?)(\s+)\*", r"\1*\2*\3", part[1:-1]) if is_english else part
