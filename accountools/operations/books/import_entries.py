"""Entries from a table come into the books of an administration: planned, shown, applied in one transaction."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountools.domain.events.books import EntriesImported
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, decimal_amount, format_amount
from accountools.domain.obstacle import Obstacle, Reason
from accountools.formats.csv_files import fault, remark_unread
from accountools.formats.spreadsheets.entries import EntriesFile, KnownCodes, TypedEntry, read_entries
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.register.state import own_books
from accountools.operations.session import Office
from accountools.operations.workdir import wait_for_books
from accountools.storage.books import fiscal_years, ledger
from accountools.storage.books.fiscal_years import DayPlace
from accountools.storage.register import journal

_MOST = 1 << 62  # cents in debit or credit: the databases add up in 64 bits
_MUCH = 1 << 40  # what a file must have for the books to be added up first


@dataclass(frozen=True, kw_only=True)
class EntriesImportPlan(Plan):
    """What would come into the books: of the entries in the file those that aren't there yet.

    `years` are the fiscal years of all, `new_years` those that are made; `sha256` is that of the file's entries. `unread` are the titles
    of the columns that aren't known, `present` counts the entries of the file that are in the books already.
    """

    number: AdministrationNumber
    path: Path
    typed: tuple[TypedEntry, ...]
    unread: tuple[str, ...]
    entries: tuple[Entry, ...]
    years: tuple[str, ...]
    new_years: tuple[str, ...]
    new_periods: int
    revision: str
    sha256: str
    present: int

    @property
    def held(self) -> bool:
        """Whether all of the file is in the books already, so that there is nothing to do."""
        return not self.entries and not any(one.blocking for one in self.obstacles)

    @property
    def adds(self) -> dict[str, int]:
        """How many rows come in; what the entries name must be there."""
        found = dict.fromkeys(("accounts", "relations", "vat_codes", "journals"), 0)
        found |= {"years": len(self.new_years), "periods": self.new_periods, "entries": len(self.entries)}
        return found | {"lines": sum(len(one.lines) for one in self.entries)}

    @property
    def totals(self) -> dict[str, str]:
        """Debit and credit of the file."""
        sums = {"debit": sum(one.sum("D") for one in self.typed), "credit": sum(one.sum("C") for one in self.typed)}
        return {name: format_amount(cents) for name, cents in sums.items()}

    def inputs(self) -> dict[str, Any]:
        """The entries and the books."""
        return {"number": int(self.number), "entries": self.sha256, "books": self.revision}

    def execute(self, office: Office, progress: Progress) -> "EntriesImportPlan":  # noqa: ARG002 - it is one transaction
        """Plan again and post the entries, in one transaction of the books; then record it. The register is locked for it first.

        Of a file whose entries are all there only the event is recorded, if an interruption came between the two.
        """
        now = self
        wait_for_books(office, self.number)
        with office.session(write=True) as session:
            if not self.held:
                with own_books(office, self.number, change=True, within=session) as books:
                    now = _plan(books, self.number, self.path, EntriesFile(self.typed, self.unread))
                    now.raise_if_changed(self.digest, self.number)
                    now.raise_if_refused()
                    ledger.add_entries(books, now.entries)
            events = (one.parsed() for one in journal.list_events(session.connection, self.number, kinds=(EntriesImported,)))
            if not self.held or not any(isinstance(one, EntriesImported) and one.sha256 == self.sha256 for one in events):
                session.record(now.event())
        return now

    def event(self) -> EntriesImported:
        """What the journal says of it."""
        some = self.entries or self.typed
        lines = sum(len(one.lines) for one in some)
        return EntriesImported(administration=self.number, years=self.years, sha256=self.sha256, entries=len(some), lines=lines)


def plan_entries_import(office: Office, path: Path, number: AdministrationNumber) -> EntriesImportPlan:
    """Plan posting the entries in a CSV file or a workbook, each in the year that its date lies in.

    Raises `administration-not-found`, `books-missing`, `file-not-found`, `file-too-large`, `entries-invalid`, `entry-unbalanced`.
    """
    with own_books(office, number) as books:
        accounts, journals, vat_codes = (frozenset(one.code for one in some) for some in ledger.get_chart(books))
        known = KnownCodes(journals, accounts, frozenset(ledger.relation_names(books)), vat_codes)
        return _plan(books, number, path, read_entries(path, known))


def _plan(books: sa.Connection, number: AdministrationNumber, path: Path, file: EntriesFile) -> EntriesImportPlan:
    """The plan, on what the books hold now."""
    typed = file.entries
    places = fiscal_years.place_days(books, {one.date for one in typed})
    placed = [(one, place) for one in typed if (place := places[one.date]) is not None]
    by_journal: dict[str, list[str]] = {}
    for one in typed:
        by_journal.setdefault(one.journal, []).append(one.number)
    found = {code: ledger.find_entries(books, code, numbers) for code, numbers in by_journal.items()}
    present = 0
    new, obstacles = list[tuple[TypedEntry, DayPlace]](), list[Obstacle]()
    for one in typed:
        place = places[one.date]
        there = found[one.journal].get((place.year, one.number)) if place is not None else None
        if place is None:
            facts = {"column": "date", "value": one.date.isoformat(), "why": Reason.NO_YEAR}
            obstacles.append(fault("entries-invalid", path, line=one.row, **facts))
        elif there is not None and there != _found_lines(one):
            obstacles.append(fault("entry-present", path, line=one.row, entry=f"{one.journal} {one.number}", year=place.year))
        elif there is None and place.closed:
            obstacles.append(fault("year-closed", path, line=one.row, year=place.year))
        elif there is None:
            new.append((one, place))
        else:
            present += 1
    if not obstacles and _is_too_much(books, [one for one, _ in new]):
        facts = {"column": "debit", "value": decimal_amount(sum(one.sum("D") for one, _ in new)), "why": Reason.TOO_MUCH}
        obstacles.append(fault("entries-invalid", path, line=new[0][0].row, **facts))
    content = [[one.journal, one.number, one.date.isoformat(), [vars(line) for line in one.lines]] for one in typed]
    return EntriesImportPlan(
        obstacles=(*obstacles, *remark_unread(path, file.unread)),
        number=number,
        path=path,
        typed=typed,
        unread=file.unread,
        entries=tuple(
            Entry(one.journal, one.number, one.date.isoformat(), place.period, one.description, tuple(one.lines)) for one, place in new
        ),
        years=tuple(sorted({place.year for _, place in placed})),
        new_years=tuple(sorted({place.year for _, place in new if place.is_new})),
        new_periods=len({(place.year, place.period) for _, place in new if place.has_new_period}),
        revision=ledger.read_revision(books),
        present=present,
        sha256=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
    )


def _is_too_much(books: sa.Connection, new: Sequence[TypedEntry]) -> bool:
    """Whether debit or credit of the books would add up to more than can be computed with."""
    added = Counter[str]()
    for line in (line for one in new for line in one.lines):
        added[line.side] += abs(line.amount)
    if max(added.values(), default=0) < _MUCH:
        return False
    held = ledger.gross_totals(books)
    return any(held.get(side, 0) + total > _MOST for side, total in added.items())


def _found_lines(one: TypedEntry) -> list[tuple[Any, ...]]:
    """The lines as `ledger.find_entries` would find them."""
    facts = vars(one) | {"date": one.date.isoformat()}
    return [tuple((facts | vars(line))[name] for name in ledger.FOUND_LINE) for line in one.lines]
