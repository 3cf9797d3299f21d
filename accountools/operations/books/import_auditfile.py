"""An audit file comes into the books of an administration, by year: planned, shown, applied in one transaction.

The file is read once, into a staged year beside the books (`storage.books.staging`); what it differs in, adds and lacks is asked there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.administration import Client
from accountools.domain.audit_file import FileFacts, Finding
from accountools.domain.errors import Refused
from accountools.domain.events import AuditfileImported
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.ledger import format_amount
from accountools.domain.licence import is_same_name
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.auditfile.check import CheckedAuditfile, check_source
from accountools.formats.auditfile.reader import open_auditfile
from accountools.formats.auditfile.source import AuditfileSource, DamagedXml, one_set
from accountools.operations.backups.safety_copy import save_safety_copy
from accountools.operations.books.opening import OpeningDifference, compare_openings
from accountools.operations.jobs import workers
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.session import Office
from accountools.operations.workdir import workdir
from accountools.storage.books import merge
from accountools.storage.books.staging import StagedYear, UnbalancedEntry
from accountools.storage.register import administrations, clients, journal
from accountools.storage.schema import marks

ADDED = ("accounts", "relations", "vat_codes", "journals", "periods", "entries", "lines")  # the tables that the plan counts
_MOST_NAMES = 10
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


@dataclass(frozen=True, kw_only=True)
class AuditfileImportPlan(Plan):
    """What would come into the books, what differs from what is there, and all findings.

    `held` says that this very file is in already, so that there is nothing to do. `replaced` are the labels of years that make way.
    """

    number: AdministrationNumber
    source: AuditfileSource
    facts: FileFacts
    sha256: str
    revision: str
    adds: dict[str, int]
    counts: dict[str, int]
    differences: tuple[merge.Difference, ...]
    opening: OpeningDifference | None
    findings: tuple[Finding, ...]
    suppressed: int
    totals: dict[str, str]
    held: bool
    newest: bool
    replaced: tuple[str, ...]
    replace: bool
    staged: StagedFile | None = field(default=None, repr=False, compare=False)

    def inputs(self) -> dict[str, Any]:
        """The file's bytes and how they are read, the books, and what was asked."""
        return {
            "number": int(self.number),
            "file": self.sha256,
            "encoding": self.source.repairs.encoding,
            "repairs": sorted(self.source.repairs.names),
            "books": self.revision,
            "replace": self.replace,
            "obstacles": sorted({one.code for one in self.obstacles}),
        }

    def execute(self, office: Office, progress: Progress) -> "AuditfileImportPlan":  # noqa: ARG002 - it is one transaction
        """Merge the staged year; one that isn't at hand any more is read again. Gives the plan as it was carried out.

        Of a file that is in already only the event is recorded, if an interruption came between the two.
        """
        if self.held:
            with office.session(write=True) as session:
                events = (one.parsed() for one in journal.list_events(session.connection, self.number, kind=AuditfileImported))
                if not any(isinstance(one, AuditfileImported) and one.sha256 == self.sha256 for one in events):
                    session.record(self.event())
            return self
        with ExitStack() as stack:
            now = self
            if self.staged is None or not self.staged.path.exists():
                now = stack.enter_context(
                    planned_auditfile_import(office, self.source.paths, self.number, replace=self.replace, accept=self.accepted)
                )
                now.raise_if_changed(self.digest, f"{self.source.name}, {self.number}")
                now.raise_if_refused()
            now.merge(office)
        return replace(now, staged=None)

    def merge(self, office: Office) -> None:
        """Put the staged year into the books, and record it. Raises `changed-meanwhile`."""
        if self.staged is None:
            raise Refused("changed-meanwhile", what=self.source.name)
        if self.replaced:
            save_safety_copy(office, self.number)
        with office.engine.books(self.number, change=True, staged=self.staged.path) as books:
            if _revision(books) != self.revision:
                raise Refused("changed-meanwhile", what=self.number)
            merge.merge_staged(books, self.replaced, newest=self.newest)
        with office.session(write=True) as session:
            session.record(self.event())

    def event(self) -> AuditfileImported:
        """What the journal says of it."""
        return AuditfileImported(
            administration=self.number,
            year=self.facts.year,
            sha256=self.sha256,
            entries=self.counts["entries"],
            lines=self.counts["lines"],
            replaces=() if self.held else self.replaced,
            accepted=tuple(sorted({one.code for one in self.obstacles if one.needs_confirmation})),
        )


def plan_auditfile_import(
    office: Office, paths: Sequence[Path], number: AdministrationNumber, *, replace: bool = False, accept: Iterable[str] = ()
) -> AuditfileImportPlan:
    """Plan importing an audit file, of which `paths` are the parts. Raises as `planned_auditfile_import`."""
    with planned_auditfile_import(office, paths, number, replace=replace, accept=accept) as plan:
        return _without_rows(plan)


def _without_rows(plan: AuditfileImportPlan) -> AuditfileImportPlan:
    return replace(plan, staged=None)


@contextmanager
def planned_auditfile_import(
    office: Office,
    paths: Sequence[Path],
    number: AdministrationNumber,
    *,
    replace: bool = False,
    accept: Iterable[str] = (),
    beside: bool = False,
) -> Iterator[AuditfileImportPlan]:
    """The plan, with its rows at hand until the block is left: applying it in the block needn't read the file again.

    `beside`: a large file is checked in a process of its own while it is read; for a program whose main module can be imported.
    Raises `administration-not-found`, `books-missing`, `file-not-found`, `not-an-auditfile`, `auditfile-encrypted`, `set-incomplete`.
    """
    with office.session() as session:
        administration = administrations.get(session.connection, number)
        kvk = administration.client_kvk
        client = clients.find(session.connection, kvk) if kvk is not None else None
    source = one_set(paths)
    with workdir(office) as work:
        checked, staged = _check_and_stage(office, source, work, beside=beside)
        if source.sha256() != staged.sha256:
            raise Refused("changed-meanwhile", what=source.name)
        with office.engine.books(number, staged=staged.path) as books:
            plan = _compare(books, number, client, checked, staged, replaces=replace, accepted=frozenset(accept))
        yield plan


def _check_and_stage(office: Office, source: AuditfileSource, work: Path, *, beside: bool) -> tuple[CheckedAuditfile, StagedFile]:
    """Check a file, and read it into a staged year; `beside` each other as if nothing had to be repaired in it."""
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
        offset = staged.add_offset_lines()
        undeclared = staged.declare_missing()
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


def _compare(
    books: sa.Connection,
    number: AdministrationNumber,
    client: Client | None,
    checked: CheckedAuditfile,
    staged: StagedFile,
    *,
    replaces: bool,
    accepted: frozenset[str],
) -> AuditfileImportPlan:
    """The plan, on what the books hold now."""
    years, facts = merge.list_years(books), staged.facts
    overlapping = [one for one in years if one.label == facts.year or _overlap(one, staged)]
    held = any(one.label == facts.year and one.sha256 == staged.sha256 for one in overlapping)
    others = [one for one in years if one not in overlapping]
    opening = None if held else compare_openings(books, others, facts.year, staged.first_day, staged.last_day)
    obstacles = [] if held else [
        *_file_obstacles(checked, staged),
        *_client_obstacles(facts, client),
        *_year_obstacles(overlapping, replaces=replaces),
        *([opening.obstacle()] if opening is not None and opening.differs else []),
    ]  # fmt: skip
    counts = merge.count_new(books)
    return AuditfileImportPlan(
        obstacles=tuple(obstacles),
        accepted=accepted,
        number=number,
        source=checked.source,
        facts=facts,
        sha256=staged.sha256,
        revision=_revision(books),
        adds={name: 0 if held else counts[name] for name in ADDED},
        counts=counts,
        differences=() if held else tuple(merge.list_differences(books)),
        opening=opening,
        findings=(*staged.invalid_amounts, *checked.findings, *staged.findings),
        suppressed=checked.suppressed,
        totals={"debit": format_amount(staged.debit), "credit": format_amount(staged.credit)},
        held=held,
        newest=all(one.first_day < staged.first_day for one in others),
        replaced=tuple(one.label for one in overlapping),
        replace=replaces,
        staged=staged,
    )


def _overlap(year: merge.PresentYear, staged: StagedFile) -> bool:
    return year.first_day <= staged.last_day and staged.first_day <= year.last_day


def _file_obstacles(checked: CheckedAuditfile, staged: StagedFile) -> Iterator[Obstacle]:
    """What is wrong with the file itself."""
    errors, repairs = checked.errors, checked.repairs
    if staged.invalid_count:
        yield obstacle("amount-invalid", **staged.amount_facts(checked.source))
    if staged.unbalanced_count:
        one = staged.unbalanced[0]
        of_first = {"entry": one.number, "journal": one.journal, "difference": format_amount(one.difference)}
        yield obstacle("auditfile-unbalanced", count=staged.unbalanced_count, **of_first)
    if staged.offset_lines:
        yield obstacle("offset-lines", count=sum(staged.offset_lines.values()), journals=", ".join(staged.offset_lines))
    if staged.undeclared:
        codes = [code or "“”" for found in staged.undeclared.values() for code in found]
        names = ", ".join(codes[:_MOST_NAMES]) + (f" … ({len(codes)})" if len(codes) > _MOST_NAMES else "")
        yield obstacle("undeclared", names=names)
    if repairs.encoding is not None:
        yield obstacle("encoding-differs", encoding=repairs.encoding)
    invalid = errors.get("other", 0) + len(repairs.names)
    if invalid:
        yield obstacle("auditfile-invalid", count=invalid)


def _client_obstacles(facts: FileFacts, client: Client | None) -> Iterator[Obstacle]:
    """Whether the file is the client's: by the KvK number, else by the name. Of a template there is nothing to compare."""
    if client is None:
        return
    written = _kvk_of(facts)
    if written is not None and written != client.kvk:
        yield obstacle("kvk-differs", file_kvk=written, client_kvk=client.kvk)
    elif facts.company and not is_same_name(facts.company, client.name):
        yield obstacle("name-differs", file_name=facts.company, client_name=client.name)


def _kvk_of(facts: FileFacts) -> KvkNumber | None:
    """The KvK number, where what the file has in its place is one: it may be the package's own code."""
    try:
        return KvkNumber.parse(facts.kvk or "")
    except Refused:
        return None


def _year_obstacles(overlapping: Sequence[merge.PresentYear], *, replaces: bool) -> Iterator[Obstacle]:
    for one in overlapping:
        if one.closed:
            yield obstacle("year-closed", year=one.label)
        elif not one.is_empty and not replaces:
            yield obstacle("year-present", year=one.label, file=one.file or "—")


def _revision(books: sa.Connection) -> str:
    return str(books.execute(sa.select(marks.c.mark)).scalar_one())
