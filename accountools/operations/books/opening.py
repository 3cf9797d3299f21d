"""The opening balance of a year held against the closing balance of the year before, and the other way round for a year that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from accountools.domain.ledger import decimal_amount, format_amount
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.storage.books import balances, merge


@dataclass(frozen=True)
class AccountDifference:
    """An account whose opening balance isn't its closing balance of the year before; in cents, debit positive."""

    account: str
    closing: int
    opening: int

    def document(self) -> dict[str, str]:
        """As the interface gives it."""
        return {"account": self.account, "closing": format_amount(self.closing), "opening": format_amount(self.opening)}


@dataclass(frozen=True)
class OpeningDifference:
    """How the opening of `year` differs from the closing of `before`."""

    year: str
    before: str
    differs: tuple[AccountDifference, ...]

    def obstacle(self) -> Obstacle:
        """What is asked about it."""
        amount = sum(abs(one.opening - one.closing) for one in self.differs)
        return obstacle("opening-differs", year=self.year, before=self.before, count=len(self.differs), amount=decimal_amount(amount))

    def document(self) -> dict[str, object]:
        """As the interface gives it."""
        return {"year": self.year, "before": self.before, "differs": [one.document() for one in self.differs]}


def compare_openings(
    books: sa.Connection, staged: sa.Connection, others: Sequence[merge.PresentYear], label: str, first_day: str, last_day: str
) -> OpeningDifference | None:
    """How the staged year `label` connects with the years beside it; None when there is none of them. Of two faults the first counts."""
    before = next((one for one in others if _follows(one.last_day, first_day)), None)
    after = next((one for one in others if _follows(last_day, one.first_day)), None)
    found = None
    if before is not None:
        found = _difference(label, before.label, merge.closing_balances(books, before.label), merge.staged_opening(staged, label))
    if after is not None and (found is None or not found.differs):
        opening = balances.opening_by_account(books, after.label)
        other = _difference(after.label, label, merge.closing_balances(staged, label), opening)
        found = other if opening and (found is None or other.differs) else found  # what doesn't open goes on from the year before
    return found


def _difference(year: str, before: str, closing: dict[str, int], opening: dict[str, int]) -> OpeningDifference:
    codes = sorted(closing.keys() | opening.keys())
    pairs = ((code, closing.get(code, 0), opening.get(code, 0)) for code in codes)
    return OpeningDifference(year, before, tuple(AccountDifference(*pair) for pair in pairs if pair[1] != pair[2]))


def _follows(last_day: str, first_day: str) -> bool:
    """Whether a year that begins on `first_day` follows at once on one that ends on `last_day`."""
    try:
        return date.fromisoformat(last_day) + timedelta(days=1) == date.fromisoformat(first_day)
    except (ValueError, OverflowError):
        return False
