"""An audit file comes into the books of an administration, by year: planned, shown, applied in one transaction.

The file is read once, into a staged year beside the books (`storage.books.staging`); what it differs in, adds and lacks is asked there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from accountools.domain.audit_file.findings import FileFacts, Finding
from accountools.domain.errors import Refused
from accountools.domain.events.books import AuditfileImported
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import format_amount
from accountools.domain.obstacle import Obstacle
from accountools.formats.auditfile.check import CheckedAuditfile
from accountools.formats.auditfile.source import AuditfileSource, one_set
from accountools.operations.backup_key import key_obstacles
from accountools.operations.backups.safety_copy import save_safety_copy
from accountools.operations.books.auditfile_obstacles import client_obstacles, file_obstacles, find_overlapping, kvk_of, year_obstacles
from accountools.operations.books.opening import OpeningDifference, compare_openings
from accountools.operations.books.staged_file import StagedFile, check_and_stage
from accountools.operations.books.vat_accounts import complete_vat_accounts
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress, stoppable
from accountools.operations.register.state import own_books
from accountools.operations.session import Office
from accountools.operations.workdir import workdir
from accountools.storage.books import ledger, merge
from accountools.storage.books.staging import reading_staged
from accountools.storage.register import administrations, clients, journal

ADDED = ("accounts", "relations", "vat_codes", "journals", "periods", "entries", "lines")  # the tables that the plan counts


@dataclass(frozen=True, kw_only=True)
class AuditfileImportPlan(Plan):
    """What would come into the books, what differs from what is there, and all findings.

    `newest`: no other year of the books is later; then what differs in the file (also the `differences_hidden` that aren't named) replaces
    what the books have, else nothing of it does. `hidden` counts by code the findings that aren't named. `held` says that this very file
    is in already, so that there is nothing to do. `replaced` are the labels of years that make way; `against` is whose the file is, if not
    the client's.
    """

    number: AdministrationNumber
    source: AuditfileSource
    facts: FileFacts
    sha256: str
    revision: str
    adds: dict[str, int]
    counts: dict[str, int]
    differences: tuple[merge.Difference, ...]
    differences_hidden: int
    opening: OpeningDifference | None
    findings: tuple[Finding, ...]
    suppressed: int
    hidden: dict[str, int]
    totals: dict[str, str]
    held: bool
    newest: bool
    replaced: tuple[str, ...]
    replace: bool
    staged: StagedFile | None = field(default=None, repr=False, compare=False)
    against: tuple[Obstacle, ...] = ()

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

    def replacing(self) -> Self:
        """The same plan, by which the years that are there make way."""
        return replace(self, replace=True, obstacles=tuple(one for one in self.obstacles if one.code != "year-present"))

    def execute(self, office: Office, progress: Progress) -> "AuditfileImportPlan":
        """Merge the staged year; one that isn't at hand any more is read again. Gives the plan as it was carried out.

        Of a file that is in already only the event is recorded, if an interruption came between the two.
        """
        if self.held:
            with office.session(write=True) as session:
                events = (one.parsed() for one in journal.list_events(session.connection, self.number, kinds=(AuditfileImported,)))
                if not any(isinstance(one, AuditfileImported) and one.sha256 == self.sha256 for one in events):
                    session.record(self.event())
            return self
        with ExitStack() as stack:
            progress = stack.enter_context(stoppable(progress))
            now = self
            if self.staged is None or not self.staged.path.exists():
                now = stack.enter_context(
                    planned_auditfile_import(
                        office, self.source.paths, self.number, replace=self.replace, accept=self.accepted, progress=progress
                    )
                )
                now.raise_if_changed(self.digest, f"{self.source.name}, {self.number}")
                now.raise_if_refused()
            elif self.against != _compare_client(office, self.number, self.facts):
                raise Refused("changed-meanwhile", what=self.number)
            progress(1, 1)  # what comes now is one transaction
            now.merge(office)
        return replace(now, staged=None)

    def merge(self, office: Office) -> None:
        """Put the staged year into the books, and record it.

        Raises `changed-meanwhile`, and why what is replaced can't be backed up.
        """
        if self.staged is None:
            raise Refused("changed-meanwhile", what=self.source.name)
        if self.replaced:
            save_safety_copy(office, self.number).raise_if_missing(self.number)
        with own_books(office, self.number, change=True) as books, reading_staged(self.staged.path) as staged:
            if ledger.read_revision(books) != self.revision:
                raise Refused("changed-meanwhile", what=self.number)
            for label in self.replaced:
                merge.remove_year(books, label)
            if self.newest:
                merge.update_from_staged(books, staged)
            office.engine.copy_staged(books, self.staged.path, merge.number_shifts(books))
            complete_vat_accounts(books, self.facts.year)
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
    progress: Progress | None = None,
) -> Iterator[AuditfileImportPlan]:
    """The plan, with its rows at hand until the block is left: applying it in the block needn't read the file again.

    `beside`: a large file is checked in a process of its own while it is read; for a program whose main module can be imported.
    `progress` is called with the bytes of it that were read and those in all.
    Raises `administration-not-found`, `books-missing`, `file-not-found`, `not-an-auditfile`, `auditfile-encrypted`, `set-incomplete`.
    """
    with office.session() as session:
        administrations.get(session.connection, number)
    source = one_set(paths)
    with workdir(office) as work:
        with nullcontext() if progress is None else stoppable(progress) as hook:
            checked, staged = check_and_stage(office, source, work, beside=beside, progress=hook)
        if source.sha256() != staged.sha256:
            raise Refused("changed-meanwhile", what=source.name)
        against = _compare_client(office, number, staged.facts)
        with own_books(office, number) as books, reading_staged(staged.path) as rows:
            plan = _compare(office, books, rows, number, against, checked, staged, replaces=replace, accepted=frozenset(accept))
        yield plan


def _compare_client(office: Office, number: AdministrationNumber, facts: FileFacts) -> tuple[Obstacle, ...]:
    """Whose the file is, if not the client's as the register has it now."""
    written = kvk_of(facts)
    with office.session() as session:
        kvk = administrations.get(session.connection, number).client_kvk
        client, other = (None if one is None else clients.find(session.connection, one) for one in (kvk, written))
    return tuple(client_obstacles(facts, client, other))


def _compare(
    office: Office,
    books: sa.Connection,
    rows: sa.Connection,
    number: AdministrationNumber,
    against: Sequence[Obstacle],
    checked: CheckedAuditfile,
    staged: StagedFile,
    *,
    replaces: bool,
    accepted: frozenset[str],
) -> AuditfileImportPlan:
    """The plan, on what the books hold now; `rows` reads the staged year. `against`: whose the file is, if not the client's."""
    years, facts = merge.list_years(books), staged.facts
    overlapping = find_overlapping(years, staged)
    held = any(one.label == facts.year and one.sha256 == staged.sha256 for one in overlapping)
    others = [one for one in years if one not in overlapping]
    is_taken = any(one.label == facts.year for one in others)
    opening = None if held or is_taken else compare_openings(books, rows, others, facts.year, staged.first_day, staged.last_day)
    obstacles = [] if held else [
        *file_obstacles(checked, staged),
        *against,
        *year_obstacles(years, overlapping, staged, replaces=replaces),
        *(key_obstacles(office.engine) if overlapping and replaces else ()),
        *([opening.obstacle()] if opening is not None and opening.differs else []),
    ]  # fmt: skip
    comparison = merge.compare_staged(books, rows)
    counts = comparison.adds
    return AuditfileImportPlan(
        obstacles=tuple(obstacles),
        accepted=accepted,
        number=number,
        source=checked.source,
        facts=facts,
        sha256=staged.sha256,
        revision=ledger.read_revision(books),
        adds={name: 0 if held else counts[name] for name in ADDED},
        counts=counts,
        differences=() if held else comparison.differences,
        differences_hidden=0 if held else comparison.hidden,
        opening=opening,
        findings=(*staged.invalid_amounts, *checked.findings, *staged.findings),
        suppressed=checked.suppressed,
        hidden=checked.hidden,
        totals={"debit": format_amount(staged.debit), "credit": format_amount(staged.credit)},
        held=held,
        newest=all(one.first_day < staged.first_day for one in others),
        replaced=tuple(one.label for one in overlapping),
        replace=replaces,
        staged=staged,
        against=tuple(against),
    )
