"""The trial balance of a year: what each account opens with, what was booked, how it closes, and how it closed the year before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from accountools.domain.ledger import optional_amount
from accountools.domain.messages import N_
from accountools.reports.books.table import BookTable, Field, Note, amount
from accountools.storage.books import balances
from accountools.storage.books.balances import FiscalYear


@dataclass(frozen=True)
class TrialBalanceRow:
    """An account; amounts in cents, of balances debit positive. `previous` is None where the year before isn't in the books.

    `periods` are the movements by period.
    """

    account: str
    name: str
    rgs: str
    kind: str
    opening: int
    debit: int
    credit: int
    closing: int
    previous: int | None
    periods: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TrialBalance(BookTable[TrialBalanceRow]):
    """The accounts that have any amount. `periods` are those that are shown.

    `missing_opening` is the year before, where this one has no opening balance yet and so doesn't open with what that one closed with.
    """

    year: str
    until: str | None
    rows: tuple[TrialBalanceRow, ...]
    periods: tuple[int, ...] = ()
    missing_opening: str | None = None

    TITLE = N_("Trial balance")
    FIELDS = (
        Field("account", N_("Account")),
        Field("name", N_("Name"), width=36),
        Field("rgs", "RGS", width=14, plain=True),
        Field("kind", N_("Kind"), width=7),
        amount("opening", N_("Opening balance")),
        amount("debit", N_("Debit")),
        amount("credit", N_("Credit")),
        amount("closing", N_("Closing balance")),
        amount("previous", N_("Previous year")),
    )

    def fields(self) -> tuple[Field, ...]:
        """The columns, with those of the periods."""
        return (*self.FIELDS, *(Field(str(number), str(number), "amount", 14, plain=True) for number in self.periods))

    def cells(self, row: TrialBalanceRow) -> tuple[Any, ...]:
        """The values of a row."""
        return (*super().cells(row), *(row.periods.get(number, 0) for number in self.periods))

    def totals(self) -> Mapping[str, int]:
        """The sums of the columns of amounts; without that of the year before where it isn't known."""
        found = {name: sum(getattr(row, name) for row in self.rows) for name in ("opening", "debit", "credit", "closing")}
        if all(row.previous is not None for row in self.rows):
            found["previous"] = sum(row.previous or 0 for row in self.rows)
        return found | {str(number): sum(row.periods.get(number, 0) for row in self.rows) for number in self.periods}

    def facts(self) -> tuple[tuple[str, object], ...]:
        """The year, and the day to which it goes."""
        return year_facts(self.year, self.until, self.missing_opening)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        own = {one.name for one in self.FIELDS}
        rows = [
            {name: value for name, value in row.items() if name in own}
            | ({"periods": {name: value for name, value in row.items() if name not in own}} if self.periods else {})
            for row in self.documents()
        ]
        names = [one.name for one in self.FIELDS if one.kind == "amount"]
        totals: dict[str, Any] = {name: optional_amount(self.totals().get(name)) for name in names}
        if self.periods:
            totals["periods"] = {str(number): optional_amount(self.totals()[str(number)]) for number in self.periods}
        return {"year": self.year, "until": self.until, "missing_opening": self.missing_opening, "rows": rows, "totals": totals}


def year_facts(year: str, until: str | None, missing_opening: str | None = None) -> tuple[tuple[str, object], ...]:
    """A year, the day to which a report goes, and that the year has no opening balance, as they are printed above it."""
    found: list[tuple[str, object]] = [(N_("Year"), year)]
    if until is not None:
        found.append((N_("Up to and including"), until))
    if missing_opening is not None:
        found.append((N_("Note"), missing_opening_note(missing_opening)))
    return tuple(found)


def missing_opening_note(before: str) -> Note:
    """That a year has no opening balance, and what isn't in it."""
    return Note(N_("This year has no opening balance yet: the balances of {before} aren't in it."), {"before": before})


def find_missing_opening(books: sa.Connection, year: FiscalYear, before: FiscalYear | None) -> str | None:
    """The year before, where it closes with any balance and this one has no opening balance."""
    if before is None or balances.opening_by_account(books, year.year):
        return None
    return before.year if any(balances.closing_by_account(books, before.year).values()) else None


def compute_trial_balance(
    books: sa.Connection, year: FiscalYear, before: FiscalYear | None, until: str | None = None, *, by_period: bool = False
) -> TrialBalance:
    """The trial balance of a year, with what was booked no later than `until`."""
    opening = balances.opening_by_account(books, year.year)
    movements = balances.movements_by_account(books, year.year, until)
    previous = {} if before is None else balances.closing_by_account(books, before.year)
    moved: dict[str, dict[int, int]] = {}
    for (code, period), net in balances.movements_by_period(books, year.year, until).items() if by_period else ():
        moved.setdefault(code, {})[period] = net
    rows = []
    for code, account in balances.list_accounts(books).items():
        debit, credit = movements.get(code, (0, 0))
        opened = opening.get(code, 0)
        if code not in movements and not opened and not previous.get(code):
            continue
        rows.append(
            TrialBalanceRow(
                code,
                account.name,
                account.rgs,
                account.kind,
                opened,
                debit,
                credit,
                opened + debit - credit,
                None if before is None else previous.get(code, 0),
                moved.get(code, {}),
            )
        )
    shown = tuple(sorted({period for one in moved.values() for period in one}))
    return TrialBalance(year.year, until, tuple(rows), shown, find_missing_opening(books, year, before))
