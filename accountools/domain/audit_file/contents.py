"""What an audit file holds, as it is read and as it is written: rows, and their sums."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from accountools.domain.audit_file.rows import (
    LINE_COLUMNS,
    AccountRow,
    EntryRow,
    JournalRow,
    LineValues,
    OpeningRow,
    PeriodRow,
    RelationBalanceRow,
    RelationRow,
    StoredSubledgerRow,
    VatCodeRow,
    VatRow,
    YearRow,
)


@dataclass
class MasterData:
    """All of a file but its journals and entries."""

    year: YearRow
    periods: list[PeriodRow] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    vat_codes: list[VatCodeRow] = field(default_factory=list)
    relations: list[RelationRow] = field(default_factory=list)
    relation_balances: list[RelationBalanceRow] = field(default_factory=list)
    opening_lines: list[OpeningRow] = field(default_factory=list)


@dataclass
class EntryBatch:
    """Some entries with their lines and VAT rows. `unbalanced` are entries with what their debit is more than their credit.

    `columns` are those of the lines: the first of LINE_COLUMNS, which each line has, and those of the others that this file fills.
    `days` are the periods and dates of the entries as they are written. `is_doubtful`: an entry has no lines, or two of one number.
    """

    columns: tuple[str, ...] = LINE_COLUMNS
    entries: list[EntryRow] = field(default_factory=list)
    lines: list[LineValues] = field(default_factory=list)
    vat_rows: list[VatRow] = field(default_factory=list)
    unbalanced: list[tuple[int, int]] = field(default_factory=list)
    days: set[tuple[str | None, str | None]] = field(default_factory=set)
    is_doubtful: bool = False


class EntryWithLines(NamedTuple):
    """An entry with its lines, and their VAT rows by the number of the line."""

    entry: EntryRow
    lines: list[LineValues]
    vat_rows: Mapping[int, list[VatRow]]


@dataclass(frozen=True)
class Sums:
    """Debit and credit of some lines, by account and together, in cents."""

    lines: int
    accounts: Mapping[str, tuple[int, int]]

    @property
    def debit(self) -> int:
        """Debit of all accounts."""
        return sum(debit for debit, _ in self.accounts.values())

    @property
    def credit(self) -> int:
        """Credit of all accounts."""
        return sum(credit for _, credit in self.accounts.values())


@dataclass(frozen=True)
class YearContents:
    """What is written to an audit file: one year of books. Rows are read when they are written; entries by journal, as journals are.

    `due` counts the lines with a due date, `due_alone` those whose due date no sub-ledger states: how many, and one of the dates.
    `moved` are the entries that are among the lines of the opening: how many, and one of their numbers. `last_entry` is a day.
    """

    year: YearRow
    periods: Iterable[PeriodRow]
    accounts: Iterable[AccountRow]
    journals: Iterable[JournalRow]
    vat_codes: Iterable[VatCodeRow]
    relations: Iterable[tuple[RelationRow, RelationBalanceRow | None]]
    opening_lines: Iterable[OpeningRow]
    entries: Iterable[EntryWithLines]
    subledger_lines: Callable[[], Iterable[StoredSubledgerRow]]
    opening_sums: Sums
    sums: Sums
    due: Callable[[], tuple[int, str]]
    due_alone: Callable[[], tuple[int, str]]
    moved: tuple[int, str]
    last_entry: str | None
