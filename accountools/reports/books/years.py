"""The fiscal years of the books, and which of them a report is about."""

from dataclasses import dataclass
from datetime import date, timedelta

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.reports.books.table import BookTable, Field, parse_day
from accountools.storage.books.balances import FiscalYear


@dataclass(frozen=True)
class Years(BookTable[FiscalYear]):
    """The years by their days."""

    rows: tuple[FiscalYear, ...]

    TITLE = N_("Fiscal years")
    FIELDS = (
        Field("year", N_("Year")),
        Field("first_day", N_("First day"), "day"),
        Field("last_day", N_("Last day"), "day"),
        Field("closed", N_("Closed")),
        Field("entries", N_("Entries"), "number"),
        Field("lines", N_("Lines"), "number"),
        Field("source", N_("Audit file"), width=36),
    )

    def choose(self, number: AdministrationNumber, year: int | str | None, day: date | None = None) -> FiscalYear:
        """The year with this label, for a report up to `day`; None is the year in which the day lies, without a day the latest.

        Raises `year-not-found`, also where the year begins after the day.
        """
        if not self.rows:
            raise Refused("year-not-found", empty=number)
        if year is not None:
            found = next((one for one in self.rows if one.year == str(year)), None)
        else:
            found = self.rows[-1] if day is None else self.at(day) or self.rows[0]
        if found is None:
            raise Refused("year-not-found", number=number, year=str(year))
        begins = parse_day(found.first_day)
        if day is not None and begins is not None and day < begins:
            raise Refused("year-not-found", number=number, year=found.year, begins=begins, day=day)
        return found

    def at(self, day: date) -> FiscalYear | None:
        """The last year that has begun on a day."""
        return next((one for one in reversed(self.rows) if one.first_day <= day.isoformat()), None)

    def before(self, year: FiscalYear) -> FiscalYear | None:
        """The year that ends on the day before this one begins, if the books have it."""
        first = parse_day(year.first_day)
        if first is None or first == date.min:
            return None
        ends = (first - timedelta(days=1)).isoformat()
        return next((one for one in self.rows if one.last_day == ends), None)
