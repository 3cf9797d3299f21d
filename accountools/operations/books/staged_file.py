"""An audit file is checked, and read into a staged year."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accountools.domain.audit_file.findings import FileFacts, Finding
from accountools.domain.errors import Refused
from accountools.domain.ledger import format_amount
from accountools.formats.auditfile.check import CheckedAuditfile, check_source
from accountools.formats.auditfile.faults import DateFaults
from accountools.formats.auditfile.reader import open_auditfile
from accountools.formats.auditfile.source import AuditfileSource, DamagedXml
from accountools.operations.jobs import workers
from accountools.operations.progress import Progress
from accountools.operations.session import Office
from accountools.storage.books import completion
from accountools.storage.books.staging import StagedYear, UnbalancedEntry

_WORTH_A_WORKER = 4 << 20  # bytes of a file; a smaller one is checked before a process would have started


@dataclass(frozen=True)
class StagedFile:
    """An audit file in a staged year at `path`, and what was found on the way.

    `opening_twice`: how many entries open the year beside an opening balance with other amounts.
    `proven` is all that a check of the file would find, if reading it proved that: nothing but what is only told.
    """

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
    dates: DateFaults
    opening_twice: int
    offset_lines: dict[str, int]
    undeclared: dict[str, list[str]]
    findings: tuple[Finding, ...]
    proven: tuple[Finding, ...] | None

    def amount_facts(self, source: AuditfileSource) -> dict[str, Any]:
        """What `amount-invalid` says of it."""
        first = self.invalid_amounts[0]
        line = {} if first.line is None else {"line": first.line}
        return {"path": source.name, "count": self.invalid_count, "detail": first.detail} | line


def check_and_stage(
    office: Office, source: AuditfileSource, work: Path, *, beside: bool, progress: Progress | None = None
) -> tuple[CheckedAuditfile, StagedFile]:
    """Check a file, and read it into a staged year, as if nothing had to be repaired in it.

    Reading proves that nothing is wrong in the file, if it can; from the first doubt on it is checked, `beside` the reading if it is
    large. Raises `not-an-auditfile`, and as `formats.auditfile.source.readable`.
    """
    sha256, size = source.sha256(), sum(path.stat().st_size for path in source.paths)
    with ExitStack() as stack:
        checks: list[Future[CheckedAuditfile]] = []

        def check() -> None:
            checks.append(stack.enter_context(workers(office, 2)).submit(_check, source))

        staged = None
        with suppress(DamagedXml):
            doubt = check if beside and size > _WORTH_A_WORKER else _do_nothing
            staged = stage_file(source, sha256, work / "staged.sqlite", progress, doubt)
        if staged is not None and staged.proven is not None:
            return CheckedAuditfile(source, staged.facts, staged.proven), staged
        checked = checks[0].result() if checks else check_source(source)
    if checked.facts is None:
        why = next(one.detail for one in checked.findings if one.severity == "error")
        raise Refused("not-an-auditfile", path=source.name, why=f"“{why}”")
    if staged is None or checked.source != source:
        staged = stage_file(checked.source, sha256, work / "read.sqlite", progress)
    return checked, staged


def _do_nothing() -> None:
    """Of a file that is checked once it was read."""


def _check(_: Office, source: AuditfileSource) -> CheckedAuditfile:
    return check_source(source)


def stage_file(
    source: AuditfileSource, sha256: str, path: Path, progress: Progress | None = None, doubt: Callable[[], None] | None = None
) -> StagedFile:
    """Read an audit file into a staged year at `path`, and complete it there.

    With `doubt`, reading is to prove that nothing is wrong in the file; `doubt` is called at the first doubt, once.
    """
    with open_auditfile(source, sha256, progress, prove=doubt is not None) as reader, StagedYear.create(path) as staged:
        staged.add_master(reader.master)
        for batch in reader.batches():
            if doubt is not None and reader.is_doubtful:
                doubt()
                doubt = None
            staged.add_batch(batch)
            staged.add_subledger_lines(reader.subledger_lines)
        staged.add_subledger_lines(reader.subledger_lines)
        if reader.has_late_master:
            staged.add_master(reader.master)
        staged.add_journals(reader.journals)
        proven = None if reader.is_doubtful or staged.has_number_twice() else reader.proven_findings()
        findings = [replace(one, file=source.name) for one in reader.dates.findings]
        completion.resolve_subledgers(staged)
        opening = completion.move_opening_entries(staged, clair2=reader.is_clair2)
        findings += _opening_findings(staged, opening, source)
        undeclared = completion.declare_missing(staged)
        offset = completion.add_offset_lines(staged)
        completion.set_normal_sides(staged)
        lost = completion.count_unresolved(staged)
        if lost:
            findings.append(Finding("subledger-reference", "warning", f"{lost} lines of sub-ledgers", file=source.name))
        for journal, count in offset.items():
            findings.append(Finding("offset-lines", "warning", f"journal {journal!r}: {count} lines added", file=source.name))
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
            dates=reader.dates,
            opening_twice=opening.count if opening is not None and opening.outcome == "other" else 0,
            offset_lines=offset,
            undeclared={table: codes for table, codes in undeclared.items() if _can_declare(table, codes, clair2=reader.is_clair2)},
            findings=tuple(findings),
            proven=proven,
        )


def _opening_findings(staged: StagedYear, opening: completion.OpeningEntries | None, source: AuditfileSource) -> Iterator[Finding]:
    """What there is to say of the entries that open the year."""
    if opening is None:
        return
    difference = staged.opening_difference()
    if opening.outcome == "moved" and difference:
        yield Finding("XAF5013", "warning", f"debit is {format_amount(difference)} more than credit", file=source.name)
    if opening.outcome == "same":
        sums = f"debit {format_amount(opening.debit)}, credit {format_amount(opening.credit)}"
        yield Finding("opening-twice", "warning", f"entries that open the year: {opening.count}, {sums}; counted once", file=source.name)


def _can_declare(table: str, codes: list[str], *, clair2: bool) -> bool:
    """Whether the format has a place where these could have been declared."""
    return not (clair2 and table in {"periods", "vat_codes"}) and not (table == "periods" and codes == ["0"])
