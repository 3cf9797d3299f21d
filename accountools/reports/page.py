"""One HTML page to print and to keep: it holds all it needs, runs nothing and asks nothing of anybody (its own policy forbids it).

What is put on it is built of the functions here, which escape every text they are given; what they give is HTML.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from accountools.reports.icons import COLOURS, MARKS

Orientation = Literal["portrait", "landscape"]
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_STYLE = """
@page { size: A4 %(orientation)s; margin: 16mm 15mm 18mm; }
* { box-sizing: border-box; }
html { background: #eceff2; }
body { margin: 0 auto; padding: 16mm 15mm; width: %(width)s; max-width: 100%%; background: #fff; color: #1c2733;
  font: 10.5pt/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 19pt; line-height: 1.2; margin: 0 0 2mm; } h2 { font-size: 13pt; margin: 8mm 0 2mm; }
h3 { font-size: 11pt; margin: 5mm 0 1mm; }
h1, h2, h3, thead { break-after: avoid; }
p { margin: 0 0 2mm; max-width: 75ch; } .quiet { color: #55616f; }
table { border-collapse: collapse; width: 100%%; margin: 0 0 3mm; font-size: 9.5pt; }
caption { text-align: left; color: #55616f; padding: 0 0 1mm; }
th, td { text-align: left; vertical-align: top; padding: 1.2mm 4mm 1.2mm 0; border-bottom: .3mm solid #d4dae1; overflow-wrap: anywhere; }
thead th { color: #55616f; font-weight: 600; border-color: #8793a0; overflow-wrap: normal; } tr { break-inside: avoid; }
table.facts th { width: 29%%; color: #55616f; font-weight: 500; } td.number { text-align: right; } td.whole { white-space: nowrap; }
code { font: 8.5pt/1.4 ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
ul.lines { list-style: none; margin: 0; padding: 0; color: #55616f; font-size: 9pt; } .sheet { break-after: page; }
.picture { display: flex; flex-wrap: wrap; gap: 2mm 8mm; align-items: flex-start; margin: 0 0 6mm; break-inside: avoid; }
.picture > div { flex: 0 1 180mm; } .picture > ul { flex: 1 1 60mm; }
.state { font-weight: 600; white-space: nowrap; } section { break-inside: auto; } svg, img { max-width: 100%%; height: auto; }
footer { margin-top: 10mm; padding-top: 2mm; border-top: .3mm solid #8793a0; color: #55616f; font-size: 8.5pt; }
@media print { html, body { background: none; } body { padding: 0; width: auto; print-color-adjust: exact; } }
"""
_WIDTHS = {"portrait": "210mm", "landscape": "297mm"}


def page(title: str, language: str, parts: Iterable[str], foot: str = "", orientation: Orientation = "portrait") -> bytes:
    """A whole page (UTF-8) of parts that are HTML already; `title` also is its heading, `foot` stands beneath it. Both are plain text."""
    style = _STYLE % {"orientation": orientation, "width": _WIDTHS[orientation]}
    head = "\n".join(
        (
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
        )
    )
    body = "\n".join((f"<h1>{escape(title)}</h1>", *parts, f"<footer>{escape(foot)}</footer>" if foot else ""))
    whole = f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'
    return whole.encode(errors="backslashreplace")


def heading(text: str, level: int = 2) -> str:
    """A heading beneath the page's own."""
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str, *, quiet: bool = False) -> str:
    """A paragraph of plain text."""
    return f'<p class="quiet">{escape(text)}</p>' if quiet else f"<p>{escape(text)}</p>"


def prose(text: str) -> str:
    """A paragraph of plain text in which what stands between backticks is to be read sign by sign."""
    parts = text.split("`")
    return f"<p>{''.join(exact(part) if turn % 2 else escape(part) for turn, part in enumerate(parts))}</p>"


def lines(texts: Iterable[str]) -> str:
    """Plain texts, one beneath the other."""
    return f'<ul class="lines">{"".join(f"<li>{escape(text)}</li>" for text in texts)}</ul>'


def picture(svg: str, words: Iterable[str]) -> str:
    """A picture (SVG to stand in a page), with what it shows in words beside it."""
    return f'<section class="picture"><div>{svg}</div>{lines(words)}</section>'


def new_sheet() -> str:
    """What follows begins on a new sheet of paper."""
    return '<div class="sheet"></div>'


def plain(text: object) -> str:
    """A plain text within a cell; None as a dash."""
    return "—" if text is None else escape(str(text))


def exact(text: str) -> str:
    """A text to be read sign by sign: a hash, a path, a key."""
    return f"<code>{escape(text)}</code>"


def mark(state: str, word: str) -> str:
    """A state: its sign in its colour, with its word. `state` is one of the audit's four."""
    return f'<span class="state" style="color:{COLOURS[state]}">{MARKS[state]} {escape(word)}</span>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """A table of two columns: what (plain), and how it is (HTML)."""
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>' for name, value in rows)
    return f'<table class="facts"><tbody>{body}</tbody></table>'


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    caption: str = "",
    numbers: frozenset[int] = frozenset(),
    whole: frozenset[int] = frozenset(),
) -> str:
    """A table with heads (plain) that are printed again on each sheet; its cells are HTML.

    Those in the columns `numbers` stand right, those in the columns `whole` are not broken over lines.
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(f"<tr>{''.join(_cell(cell, at in numbers, at in whole) for at, cell in enumerate(row))}</tr>" for row in rows)
    told = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{told}<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _cell(content: str, right: bool, whole: bool) -> str:
    kinds = " ".join(kind for kind, said in (("number", right), ("whole", whole)) if said)
    return f'<td class="{kinds}">{content}</td>' if kinds else f"<td>{content}</td>"
