"""An audit file is checked, and read into a staged year."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accountools.domain.audit_file import FileFacts, Finding
from accountools.domain.errors import Refused
from accountools.domain.ledger import format_amount
from accountools.formats.auditfile.check import CheckedAuditfile, check_source
from accountools.formats.auditfile.reader import open_auditfile
from accountools.formats.auditfile.source import AuditfileSource, DamagedXml
from accountools.operations.jobs import workers
from accountools.operations.session import Office
from accountools.storage.books.staging import StagedYear, UnbalancedEntry

_WORTH_A_WORKER = 4 << 20  # bytes of a file; a smaller one is checked before a process would have started


@dataclass(frozen=True)
class StagedFile:
    """An audit file in a staged year at `path`, and what was found on the way."""

    path: Path
    facts: FileFacts
    first_day: str
    last_day: str
    sha256: str
    debit: int
    credit: int
    unbalanced: tuple[UnbalancedEntry, ...]
    unbalanced_count: int
    invalid_amounts: tuple[Finding, ...]
    invalid_count: int
    offset_lines: dict[str, int]
    undeclared: dict[str, list[str]]
    findings: tuple[Finding, ...]

    def amount_facts(self, source: AuditfileSource) -> dict[str, Any]:
        """What `amount-invalid` says of it."""
        first = self.invalid_amounts[0]
        line = {} if first.line is None else {"line": first.line}
        return {"path": source.name, "count": self.invalid_count, "detail": first.detail} | line


def check_and_stage(office: Office, source: AuditfileSource, work: Path, *, beside: bool) -> tuple[CheckedAuditfile, StagedFile]:
    """Check a file, and read it into a staged year; `beside` each other as if nothing had to be repaired in it.

    Raises `not-an-auditfile`, and as `formats.auditfile.source.readable`.
    """
    sha256, size = source.sha256(), sum(path.stat().st_size for path in source.paths)
    with workers(office, 2 if beside and size > _WORTH_A_WORKER else 1) as crew:
        checking = crew.submit(_check, source)
        staged = None
        if not checking.done():
            with suppress(DamagedXml):
                staged = stage_file(source, sha256, work / "staged.sqlite")
        checked = checking.result()
    if checked.facts is None:
        raise Refused("not-an-auditfile", path=source.name, why=next(one.detail for one in checked.findings if one.severity == "error"))
    if staged is None or checked.source != source:
        staged = stage_file(checked.source, sha256, work / "read.sqlite")
    return checked, staged


def _check(_: Office, source: AuditfileSource) -> CheckedAuditfile:
    return check_source(source)


def stage_file(source: AuditfileSource, sha256: str, path: Path) -> StagedFile:
    """Read an audit file into a staged year at `path`, and complete it there."""
    with open_auditfile(source, sha256) as reader, StagedYear.create(path) as staged:
        staged.add_master(reader.master)
        for batch in reader.batches():
            staged.add_batch(batch)
            staged.add_subledger_lines(reader.subledger_lines)
        staged.add_subledger_lines(reader.subledger_lines)
        staged.add_journals(reader.journals)
        findings = []
        moved, difference = staged.move_opening_entries(clair2=reader.is_clair2), staged.opening_difference()
        if moved and difference:
            findings.append(Finding("XAF5013", "warning", f"debit is {format_amount(difference)} more than credit", file=source.name))
        undeclared = staged.declare_missing()
        offset = staged.add_offset_lines()
        staged.set_normal_sides(reader.net)
        lost = staged.resolve_subledgers()
        if lost:
            findings.append(Finding("subledger-reference", "warning", f"{lost} lines of sub-ledgers", file=source.name))
        for journal, count in offset.items():
            findings.append(Finding("offset-lines", "warning", f"journal {journal}: {count} lines added", file=source.name))
        unbalanced, count = staged.unbalanced()
        debit, credit = staged.sums()
        staged.save()
        year = reader.master.year
        return StagedFile(
            path=path,
            facts=reader.facts,
            first_day=year.first_day,
            last_day=year.last_day,
            sha256=sha256,
            debit=debit,
            credit=credit,
            unbalanced=tuple(unbalanced),
            unbalanced_count=count,
            invalid_amounts=tuple(reader.findings),
            invalid_count=reader.invalid_amounts,
            offset_lines=offset,
            undeclared={table: codes for table, codes in undeclared.items() if _can_declare(table, codes, clair2=reader.is_clair2)},
            findings=tuple(findings),
        )


def _can_declare(table: str, codes: list[str], *, clair2: bool) -> bool:
    """Whether the format has a place where these could have been declared."""
    return not (clair2 and table in {"periods", "vat_codes"}) and not (table == "periods" and codes == ["0"])
