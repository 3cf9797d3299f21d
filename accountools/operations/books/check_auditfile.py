"""Checking audit files, outside of any administration."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.audit_file.findings import FileFacts, Finding
from accountools.domain.errors import Refused
from accountools.domain.ledger import format_amount
from accountools.formats.auditfile.check import check_source
from accountools.formats.auditfile.reader import open_auditfile
from accountools.formats.auditfile.source import AuditfileSource, find_sets, one_set
from accountools.operations import jobs
from accountools.operations.worker_processes import MOST_WORKERS

_WORTH_A_WORKER = 1 << 20  # bytes of audit files; fewer are checked before a process would have started


@dataclass(frozen=True)
class AuditfileCheck:
    """What checking some audit files found, in all. `hidden` counts by code the findings that aren't named, `suppressed` all of them."""

    files: tuple[FileFacts, ...]
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    debit: int
    credit: int
    suppressed: int
    hidden: dict[str, int]

    def is_ok(self, *, strict: bool = False) -> bool:
        """Whether there is no error, and (`strict`) no warning either."""
        return not any(one.severity == "error" or (strict and one.severity == "warning") for one in self.findings)

    def totals(self) -> dict[str, str]:
        """Debit and credit of all lines."""
        return {"debit": format_amount(self.debit), "credit": format_amount(self.credit)}


def check_auditfile(*paths: Path | str, workers: int | str = 1) -> AuditfileCheck:
    """Check audit files, so many side by side (more than one for a program whose main module can be imported), or on a Dask scheduler's.

    Raises `file-not-found`, `not-an-auditfile`, `auditfile-encrypted` for what can't be read at all, and as `jobs.workers`.
    """
    sources = find_sets([Path(path).absolute() for path in paths])
    with jobs.workers(None, workers if isinstance(workers, str) else min(workers, len(sources))) as at_work:
        futures = [at_work.submit(_check_one, source) for source in sources]
        found = [future.result() for future in futures]
    counts, hidden = Counter[str](), Counter[str]()
    for one in found:
        counts.update(one.counts)
        hidden.update(one.hidden)
    return AuditfileCheck(
        tuple(facts for one in found for facts in one.files),
        tuple(finding for one in found for finding in one.findings),
        dict(counts),
        sum(one.debit for one in found),
        sum(one.credit for one in found),
        sum(one.suppressed for one in found),
        dict(hidden),
    )


def default_workers(paths: Sequence[Path]) -> int:
    """How many check these files when nobody says: the cores, at most `MOST_WORKERS`; one for little files."""
    size = sum(map(safe_files.size_of, paths))
    return min(os.cpu_count() or 1, MOST_WORKERS, max(size // _WORTH_A_WORKER, 1))


def _check_one(_: None, source: AuditfileSource) -> AuditfileCheck:
    """Check one audit file, or the parts of one."""
    findings = list[Finding]()
    try:
        source = one_set(source.paths)  # in its order
    except Refused as error:
        if error.code != "set-incomplete":
            raise
        findings.append(Finding("set-incomplete", "error", error.reason.sentence(), file=source.name))
    try:
        checked = check_source(source)
    except Refused:
        if not findings:
            raise
        return AuditfileCheck((), tuple(findings), {}, 0, 0, 0, {})  # the first part is missing, or no other belongs to it
    findings += checked.findings
    if checked.facts is None:
        return AuditfileCheck((), tuple(findings), checked.counts, 0, 0, checked.suppressed, checked.hidden)
    debit = credit = 0
    with open_auditfile(checked.source) as reader:
        for batch in reader.batches():
            for line in batch.lines:
                amount = int(line[4] or 0)
                debit, credit = (debit + amount, credit) if line[3] == "D" else (debit, credit + amount)
        findings += reader.findings
    return AuditfileCheck((checked.facts,), tuple(findings), checked.counts, debit, credit, checked.suppressed, checked.hidden)
