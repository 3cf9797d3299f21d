"""How the screens look: every colour in one place, the style sheets in `static/`, and small pieces of HTML.

Contrast is at least 4.5 to 1 for text (WCAG AA) on white and on grey.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from accountools.reports.icons import COLOURS, ICONS

STATIC = Path(__file__).parent / "static"  # style sheets, and the scripts of the widgets
COLOURS_AND_TIMES = {
    "ink": "#1c2733", "quiet": "#55616f", "line": "#d4dae1", "paper": "#ffffff", "shade": "#f5f7f9", "accent": "#0b5cad",
    "accent_dark": "#084682", "green": COLOURS["ready"], "amber": COLOURS["attention"], "red": COLOURS["blocked"],
    "settle": "0.6s",  # for as long a button that has just come doesn't take a click: the second of a double click was for the one before
}  # fmt: skip


_WHOLE = re.compile(r"\b(?:\d{1,2}-\d{1,2}-\d{4}|[A-Z]{1,4}-\d{1,6})\b")  # a day, a licence's number; not a file's name, which may be long


def _css(name: str) -> str:
    return Template((STATIC / name).read_text("utf-8")).substitute(COLOURS_AND_TIMES)


CSS = _css("screen.css")
TABLES = _css("table.css") + "\n".join(
    f".at-screen .at-is-{state}, .at-screen .at-links a.at-is-{state} {{ color: {colour}; }}\n"
    f".at-screen .at-figures button.at-figure-{state} {{ color: {colour}; border-color: {colour}; }}"
    for state, colour in COLOURS.items()
)


def text_html(text: str) -> str:
    """A text as HTML, in which no day and no licence number is broken at its hyphens."""
    return _WHOLE.sub(r'<span class="at-whole">\g<0></span>', escape(text))


def facts_table(rows: Iterable[tuple[str, str]]) -> str:
    """A table of two columns: labels, and values that are HTML already."""
    body = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows)
    return f'<table class="at-table at-facts"><tbody>{body}</tbody></table>'


def html_table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table with heads; its cells are HTML already."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="at-table {kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def state_html(state: str, word: str) -> str:
    """A state as it is shown everywhere: its icon in its colour, with its word. `state` is one of the audit's four."""
    return f'<span style="color:{COLOURS[state]}">{ICONS[state]} {escape(word)}</span>'


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f'<p class="{kind}">{text_html(text)}</p>' if kind else f"<p>{text_html(text)}</p>"
