"""What was found in an audit file, by code, to send to the supplier of the package that made it: a page, CSV, and text for an email.

It holds nothing of the client: no name, no number, no amount, not even the file's name. In examples each digit is 9, each letter x.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from accountools import safe_files
from accountools.domain.audit_file.findings import FileFacts, Finding
from accountools.domain.audit_findings import CONTROLS, FINDINGS, WITHOUT_EXAMPLE
from accountools.domain.messages import N_
from accountools.operations.session import Office
from accountools.reports.books.findings import SEVERITIES
from accountools.reports.books.papers import page_tables, write_csv_report
from accountools.reports.books.table import BookTable, Field
from accountools.texts import Texts
from accountools.version import VERSION

KINDS = ("html", "csv", "txt")
_MOST_LINES, _MOST_EXAMPLE = 12, 160  # of a code; characters
_QUOTED = re.compile(r"(?<!\w)'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|“[^”]*”")
_IN_BRACKETS = re.compile(r" \((?!at most \d+\)$).*", re.DOTALL)  # the value itself comes last, in brackets
_NUMBER, _DIGIT = re.compile(r"\d+(?:,\d{3})*(\.\d+)?"), re.compile(r"\d")
_SOURCES = {  # whose rule it is, by the beginning of the code
    "XAF1": N_("the description of the format: UTF-8 or ISO-8859-1, as the file states"),
    "XAF2": N_("the XML standard of the W3C"),
    "XAF3": N_("the schema (XSD) of this version, published by the Dutch tax office"),
    "XAF4": N_("the description of the format: what a line names is defined in the file"),
    "XAF5": N_("the description of the format: totals and entries add up"),
    "XAF6": N_("the description of the format: identifiers are unique"),
    "XAF7": N_("the description of the format: how dates, periods and the opening balance are given"),
    "XAF8": N_("the reference chart of accounts (RGS)"),
    "": N_("the description of the format"),
}
_FILE, _STRUCTURE = ("XAF1", "XAF2"), ("XAF1", "XAF2", "XAF3")  # their numbers are places, limits and names of encodings


@dataclass(frozen=True)
class VendorFinding:
    """A code with how often it was found, the first lines, and one example. `finding` and `source` are in the page's language."""

    code: str
    severity: str
    count: int
    lines: str
    finding: str
    example: str
    source: str


@dataclass(frozen=True)
class VendorPage(BookTable[VendorFinding]):
    """The findings by code, the gravest first, and what the file is."""

    files: tuple[FileFacts, ...]
    counts: Mapping[str, int]
    on: date
    rows: tuple[VendorFinding, ...]

    TITLE = N_("Findings in an audit file")
    FIELDS = (
        Field("code", N_("Code"), width=20),
        Field("severity", N_("Severity")),
        Field("count", N_("Number"), "number"),
        Field("lines", N_("Lines of the file"), width=24),
        Field("finding", N_("Finding"), width=40),
        Field("example", N_("For example"), width=40),
        Field("source", N_("Rule"), width=40),
    )

    def described(self, _: Texts) -> list[tuple[str, str]]:
        """What the file is, and what was left out, each with its label."""
        packages = ", ".join(dict.fromkeys(one.software or "—" for one in self.files))
        versions = ", ".join(dict.fromkeys(f"XAF {one.version}, {one.encoding}" for one in self.files))
        known = {name: self.counts[name] for name in ("entries", "lines") if name in self.counts}
        return [
            (_("Package"), packages or "—"),
            (_("Format"), versions or "—"),
            (_("Size"), _.counts(**known) or "—"),
            (_("Date"), _.day(self.on)),
            (_("Left out"), _("Everything of the client: names, numbers and amounts. In examples each digit is 9, each letter x.")),
        ]


def build_vendor_page(
    files: Sequence[FileFacts], findings: Iterable[Finding], counts: Mapping[str, int], hidden: Mapping[str, int], on: date, _: Texts
) -> VendorPage:
    """Group findings by code; `hidden` counts by code those that aren't among them. What only informs is left out."""
    by_code: dict[str, list[Finding]] = {}
    for one in findings:
        if one.severity != "info":
            by_code.setdefault(one.code, []).append(one)
    order = list(SEVERITIES)
    gravest = {code: min((one.severity for one in some), key=order.index) for code, some in by_code.items()}
    names = list(dict.fromkeys(one.file for some in by_code.values() for one in some if one.file))
    rows = []
    for code in sorted(by_code, key=lambda code: (order.index(gravest[code]), code)):
        some, severity = by_code[code], _(SEVERITIES[gravest[code]])
        count, sentence = len(some) + hidden.get(code, 0), _(FINDINGS[code][0])
        rows.append(VendorFinding(code, severity, count, _lines(some, names, count), sentence, example(some[0]), source(code, _)))
    return VendorPage(tuple(files), counts, on, tuple(rows))


def example(finding: Finding) -> str:
    """What exactly was found, as pyxaf says it, without anything of the client in it."""
    if finding.code in WITHOUT_EXAMPLE:
        return ""
    text = _QUOTED.sub(_masked, finding.detail)
    if not finding.code.startswith(_FILE):
        text = _IN_BRACKETS.sub(_masked, text)
    if not finding.code.startswith(_STRUCTURE):
        text = _NUMBER.sub(lambda found: "9" + _DIGIT.sub("9", found[1] or ""), text)
    return text if len(text) <= _MOST_EXAMPLE else f"{text[: _MOST_EXAMPLE - 1]}…"


def source(code: str, _: Texts) -> str:
    """Whose rule it is."""
    text = _(next(words for beginning, words in _SOURCES.items() if code.startswith(beginning)))
    return f"{_('control {number} of the tax office', number=CONTROLS[code])}; {text}" if code in CONTROLS else text


def write_vendor_page(file: IO[bytes], table: VendorPage, _: Texts, kind: str) -> None:
    """Write it as one of `KINDS` into an open file."""
    if kind == "csv":
        write_csv_report(file, table, _)
    elif kind == "txt":
        file.write(_text(table, _).encode())
    else:
        from accountools.reports import page

        about, footer = table.described(_), f"accountools {VERSION} · {_.day(table.on)}"
        tables = page_tables(table, _)
        layout = {"title": _(table.TITLE), "footer": footer, "orientation": "landscape"}
        page.stream_page(file, "books.html", _, about=about, tables=tables, pictures=[], **layout)


def export_vendor_page(office: Office, table: VendorPage, _: Texts, kind: str) -> Path:
    """Write it to a new file in the office's folder `exports`, as one of `KINDS`. Gives its path."""
    from accountools.reports import page

    package = next((one.software for one in table.files if one.software), None)
    path = page.export_path(office, safe_files.file_name(" ".join(filter(None, (_(table.TITLE), package)))), f".{kind}")
    with safe_files.create_new(path) as file:
        write_vendor_page(file, table, _, kind)
    return path


def _masked(found: re.Match[str]) -> str:
    """Each letter as x, each digit as 9; what encloses them and stands between them shows."""
    return "".join("9" if one.isdigit() else "x" if one.isalpha() else one for one in found[0])


def _lines(some: Sequence[Finding], names: Sequence[str], count: int) -> str:
    """The first lines, with the file's place in the set where there are more."""
    numbered = [one for one in some if one.line is not None]
    places = [f"{names.index(one.file) + 1}:{one.line}" if one.file and len(names) > 1 else str(one.line) for one in numbered]
    shown = list(dict.fromkeys(places))[:_MOST_LINES]
    return ", ".join(shown) + (" …" if shown and count > len(shown) else "")


def _text(table: VendorPage, _: Texts) -> str:
    """As text: a paragraph for each code."""
    head = [_(table.TITLE), "", *(f"{label}: {value}" for label, value in table.described(_))]
    parts = [
        "\n".join(
            [f"{row.code} ({row.severity}): {row.count} × {row.finding}"]
            + [f"  {_(title)}: {value}" for title, value in _details(row) if value]
        )
        for row in table.rows
    ]
    return "\n".join(head) + "\n\n" + "\n\n".join(parts or [_("Nothing.")]) + "\n"


def _details(row: VendorFinding) -> list[tuple[str, Any]]:
    titles = {field.name: field.title for field in VendorPage.FIELDS}
    return [(titles[name], getattr(row, name)) for name in ("lines", "example", "source")]
