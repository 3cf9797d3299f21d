"""Checking audit files, outside of any administration."""

from dataclasses import dataclass
from pathlib import Path

from accountools.domain.audit_file import FileFacts, Finding
from accountools.domain.errors import Refused
from accountools.domain.ledger import format_amount
from accountools.formats.auditfile.check import check_source
from accountools.formats.auditfile.reader import open_auditfile
from accountools.formats.auditfile.source import find_sets, one_set


@dataclass(frozen=True)
class AuditfileCheck:
    """What checking some audit files found, in all."""

    files: tuple[FileFacts, ...]
    findings: tuple[Finding, ...]
    counts: dict[str, int]
    debit: int
    credit: int
    suppressed: int

    def is_ok(self, *, strict: bool = False) -> bool:
        """Whether there is no error, and (`strict`) no warning either."""
        return not any(one.severity == "error" or (strict and one.severity == "warning") for one in self.findings)

    def totals(self) -> dict[str, str]:
        """Debit and credit of all lines."""
        return {"debit": format_amount(self.debit), "credit": format_amount(self.credit)}


def check_auditfile(*paths: Path | str) -> AuditfileCheck:
    """Check audit files. Raises `file-not-found`, `not-an-auditfile`, `auditfile-encrypted` for what can't be read at all."""
    files, findings, counts = list[FileFacts](), list[Finding](), dict[str, int]()
    debit = credit = suppressed = 0
    for source in find_sets([Path(path) for path in paths]):
        try:
            source = one_set(source.paths)  # noqa: PLW2901 - in its order
        except Refused as error:
            if error.code != "set-incomplete":
                raise
            findings.append(Finding("set-incomplete", "error", error.reason.sentence(), file=source.name))
        checked = check_source(source)
        findings += checked.findings
        suppressed += checked.suppressed
        for name, count in checked.counts.items():
            counts[name] = counts.get(name, 0) + count
        if checked.facts is None:
            continue
        files.append(checked.facts)
        with open_auditfile(checked.source) as reader:
            for batch in reader.batches():
                for line in batch.lines:
                    amount = int(line[4] or 0)
                    debit, credit = (debit + amount, credit) if line[3] == "D" else (debit, credit + amount)
            findings += reader.findings
    return AuditfileCheck(tuple(files), tuple(findings), counts, debit, credit, suppressed)
