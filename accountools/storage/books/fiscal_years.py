"""The fiscal years of books, and their periods."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from accountools.storage.schema import periods, years

_OPENS, _MONTHS, _CLOSES = 0, 12, 13


class DayPlace(NamedTuple):
    """The year and the period that a day belongs to; `is_new` and `has_new_period`: they aren't there yet."""

    year: str
    period: int
    closed: bool
    is_new: bool
    has_new_period: bool


def place_days(connection: sa.Connection, days: Collection[date]) -> dict[date, DayPlace | None]:
    """Where days belong: in the year that they lie in, else in a new one; None where that would overlap another."""
    labels, known = _list_years(connection)
    rows = connection.execute(
        sa.select(periods.c.year, periods.c.number, periods.c.first_day, periods.c.last_day).order_by(periods.c.number)
    )
    within: dict[str, list[tuple[int, str, str]]] = {}
    for year, number, first, last in rows:
        within.setdefault(year, []).append((number, first or "", last or ""))

    def place(day: date) -> DayPlace | None:
        text = day.isoformat()
        for label, first_day, last_day, closed in known:
            if first_day <= text <= last_day:
                some = within.get(label, [])
                period = next((number for number, first, last in some if number and first <= text <= last), None)
                first = date.fromisoformat(first_day)
                number = _month_number(first, day) if period is None else period
                return DayPlace(label, number, bool(closed), is_new=False, has_new_period=number not in {one for one, *_ in some})
        new = _find_new_year(day, labels, known)
        return None if new is None else DayPlace(new[0], _month_number(new[1], day), closed=False, is_new=True, has_new_period=True)

    return {day: place(day) for day in days}


def labels_for(connection: sa.Connection, moments: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The years of entries, by their dates (ISO 8601) and periods; a year or a period that isn't there yet is made."""
    labels, known = _list_years(connection)
    found, new = dict[tuple[str, int], str](), dict[str, dict[str, str | int]]()
    for day, period in moments:
        label = next((label for label, first, last, _ in known if first <= day <= last), None)
        if label is None:
            made = _find_new_year(date.fromisoformat(day), labels, known)
            label, first, last = made or (day[:4], f"{day[:4]}-01-01", f"{day[:4]}-12-31")
            new[label] = {"label": label, "first_day": str(first), "last_day": str(last), "closed": 0}
        found[day, period] = label
    missing = sorted(new.keys() - labels)
    if missing:
        connection.execute(sa.insert(years), [new[label] for label in missing])
    present = {(label, number) for label, number in connection.execute(sa.select(periods.c.year, periods.c.number))}
    wanted = sorted({(label, period) for (_, period), label in found.items()} - present)
    if wanted:
        days = {label: (first_day, last_day) for label, first_day, last_day, _ in _list_years(connection)[1]}
        connection.execute(sa.insert(periods), [_period(label, number, days.get(label)) for label, number in wanted])
    return found


def _find_new_year(day: date, labels: Collection[str], known: Collection[tuple[str, str, str, int]]) -> tuple[str, date, date] | None:
    """The year to make for a day that lies in none: its label, first and last day. None where that would overlap another year.

    After a broken year, one that ended in a later calendar year than it began, that is one of the years of twelve months that follow on
    it; else the calendar year.
    """
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    ended, began = max(((end, begin) for _, begin, end, _ in known if begin <= end < str(day)), default=("", ""))
    if began[:4] < ended[:4] and not ended.endswith("-12-31"):
        start = date.fromisoformat(ended) + timedelta(days=1)
        passed = day.year - start.year - ((day.month, day.day) < (start.month, start.day))
        try:
            first, last = (start.replace(year=start.year + passed + more) for more in (0, 1))
        except ValueError:  # from a leap day, or beyond the last year that there is
            return None
        last -= timedelta(days=1)
    label = "-".join(dict.fromkeys(f"{one.year:04d}" for one in (first, last)))
    taken = label in labels or any(begin <= str(last) and str(first) <= end for _, begin, end, _ in known)
    return None if taken else (label, first, last)


def _list_years(connection: sa.Connection) -> tuple[set[str], list[tuple[str, str, str, int]]]:
    """The labels of all years; and label, first and last day, and whether it is closed, of those between two days.

    Another program, or an old audit file, may say anything there: such a year holds no day.
    """
    rows = connection.execute(sa.select(years.c.label, years.c.first_day, years.c.last_day, years.c.closed))
    known = [(label, first, last, closed) for label, first, last, closed in rows]
    return {label for label, *_ in known}, [one for one in known if _is_day(one[1]) and _is_day(one[2])]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text  # newer versions of Python read other forms too
    except ValueError:
        return False


def add_calendar_year(connection: sa.Connection, year: int, *, closed: bool = False) -> None:
    """Add a year of twelve months."""
    label = f"{year:04d}"
    days = f"{label}-01-01", f"{label}-12-31"
    connection.execute(sa.insert(years), [{"label": label, "first_day": days[0], "last_day": days[1], "closed": int(closed)}])
    connection.execute(sa.insert(periods), [_period(label, number, days) for number in range(1, _MONTHS + 1)])


def _month_number(first: date, day: date) -> int:
    """Which month of a year that begins on the first day it is: 1 is that of the first day itself."""
    return (day.year - first.year) * 12 + day.month - first.month + 1


def _period(year: str, number: int, days: tuple[str, str] | None) -> dict[str, str | int | None]:
    """A period of a year from the first to the last of `days`: a month, counted from the first; 0 opens the year.

    13 closes a year of no more than twelve months. Of others the days are not known.
    """
    found: tuple[date, date] | None = None
    if days is not None:
        first, last = (date.fromisoformat(day) for day in days)
        months = _month_number(first, last)
        if number == _OPENS:
            found = first, first
        elif 0 < number <= months:
            year_number, month = divmod(first.month + number - 2, 12)
            begins = date(first.year + year_number, month + 1, 1)
            found = max(begins, first), min(begins.replace(day=monthrange(begins.year, begins.month)[1]), last)
        elif number == _CLOSES:
            found = last, last
    texts = (None, None) if found is None else tuple(day.isoformat() for day in found)
    return {"year": year, "number": number, "first_day": texts[0], "last_day": texts[1]}
