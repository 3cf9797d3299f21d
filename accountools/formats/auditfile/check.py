"""Checking audit files: all that pyxaf finds, and what we find beside it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pyxaf

from accountools.domain.audit_file.findings import FileFacts, Finding, Severity
from accountools.formats.auditfile.master import facts_of
from accountools.formats.auditfile.source import AuditfileSource, Repairs, with_repairs

_SEVERITIES: dict[pyxaf.Severity, Severity] = {
    pyxaf.Severity.ERROR: "error",
    pyxaf.Severity.WARNING: "warning",
    pyxaf.Severity.INFO: "info",
}
_COUNTED = {"transactions": "entries", "opening_balance_lines": "opening_lines"}  # what pyxaf calls otherwise
_NOT_WELL_FORMED, _WINDOWS_CHARACTERS = "XAF2001", "XAF1005"
UNREADABLE = {"XAF1021", _NOT_WELL_FORMED, "XAF2002", "XAF2003"}  # after which nothing more is read
_AMOUNTS = frozenset({"amnt", "vatAmnt", "curAmnt", "vatPerc", "debitAmount", "creditAmount"})
Group = Literal["unreadable", "amount", "balance", "undeclared", "date", "other"]
_BALANCE, _UNDECLARED, _DATE, _NUMBER = "XAF5010", {"XAF4001", "XAF4002", "XAF4003", "XAF4004", "XAF4007"}, "XAF3017", "XAF3018"


@dataclass(frozen=True)
class CheckedAuditfile:
    """What checking found. `source` is how it could be read; `errors` counts errors by what they mean for the books.

    `hidden` counts by code the findings that aren't named, `suppressed` all of them.
    """

    source: AuditfileSource
    facts: FileFacts | None
    findings: tuple[Finding, ...]
    counts: dict[str, int] = field(default_factory=dict)
    errors: dict[Group, int] = field(default_factory=dict)
    suppressed: int = 0
    hidden: dict[str, int] = field(default_factory=dict)

    @property
    def repairs(self) -> Repairs:
        """What was read otherwise than the file says."""
        return self.source.repairs


def check_source(source: AuditfileSource) -> CheckedAuditfile:
    """Check an audit file. One that isn't well-formed is checked with the repairs that help; what they are is among the findings.

    Raises as `source.readable`, for what is no audit file at all.
    """
    report, added = source.validate(), list[Finding]()
    if report.counts.get(_NOT_WELL_FORMED):
        repaired = with_repairs(source)
        if repaired.repairs:
            added = [one for one in findings_of(report.findings, source) if one.code == _NOT_WELL_FORMED]
            source, report = repaired, repaired.validate()
    elif report.counts.get(_WINDOWS_CHARACTERS):
        source = AuditfileSource(source.paths, Repairs("cp1252"))
        report = source.validate()
    if source.repairs.encoding is not None:
        declared = pyxaf.detect(source.paths[0]).encoding.declared
        detail = f"the file says {declared or 'UTF-8'}; it was read as {source.repairs.encoding}"
        added.append(Finding("encoding-differs", "error", detail, file=source.name))
    facts = None
    if not UNREADABLE & report.counts.keys():
        with source.open() as opened:
            facts = facts_of(opened, source)
    found = (*added, *findings_of(report.findings, source))
    return CheckedAuditfile(
        source, facts, found, {_COUNTED.get(name, name): count for name, count in report.stats.items()}, _errors(report), report.suppressed,
        _hidden(report),
    )  # fmt: skip


def findings_of(found: Iterable[pyxaf.Finding], source: AuditfileSource) -> tuple[Finding, ...]:
    """What pyxaf found, as ours."""
    names = [path.name for path in source.paths]
    return tuple(
        Finding(
            one.code,
            _SEVERITIES[one.severity],
            one.message if one.value is None else f"{one.message} ({one.value})",
            one.line,
            names[one.file] if one.file < len(names) else names[0],
        )
        for one in found
    )


def _errors(report: pyxaf.ValidationReport) -> dict[Group, int]:
    """How many errors of each group, those that aren't named among them: of these the code decides."""
    found: dict[Group, int] = {}
    for one in report.findings:
        if one.severity is pyxaf.Severity.ERROR:
            group = _group(one.code, one.path)
            found[group] = found.get(group, 0) + 1
    for code, count in _hidden(report).items():
        if pyxaf.CODES[code].severity is pyxaf.Severity.ERROR:
            group = _group(code, None)
            found[group] = found.get(group, 0) + count
    return found


def _hidden(report: pyxaf.ValidationReport) -> dict[str, int]:
    """How many findings of each code aren't named."""
    named = Counter(one.code for one in report.findings)
    return {code: count - named[code] for code, count in report.counts.items() if count > named[code]}


def _group(code: str, path: str | None) -> Group:
    if code in UNREADABLE:
        return "unreadable"
    if code == _BALANCE:
        return "balance"
    if code in _UNDECLARED:
        return "undeclared"
    if code == _DATE:
        return "date"
    if code == _NUMBER and path is not None and path.rsplit("/", 1)[-1] in _AMOUNTS:
        return "amount"
    return "other"
