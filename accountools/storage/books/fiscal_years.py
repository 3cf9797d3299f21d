"""The fiscal years of books, and their periods."""

from calendar import monthrange
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from accountools.storage.schema import periods, years

_OPENS, _MONTHS, _CLOSES = 0, range(1, 13), 13


class DayPlace(NamedTuple):
    """The year and the period that a day belongs to; `is_new` and `has_new_period`: they aren't there yet."""

    year: str
    period: int
    closed: bool
    is_new: bool
    has_new_period: bool


def place_days(connection: sa.Connection, days: Collection[date]) -> dict[date, DayPlace | None]:
    """Where days belong: in the year that they lie in, else in their calendar year; None where that overlaps another year."""
    labels, known = _list_years(connection)
    rows = connection.execute(
        sa.select(periods.c.year, periods.c.number, periods.c.first_day, periods.c.last_day).order_by(periods.c.number)
    )
    within: dict[str, list[tuple[int, str, str]]] = {}
    for year, number, first, last in rows:
        within.setdefault(year, []).append((number, first or "", last or ""))

    def place(day: date) -> DayPlace | None:
        text, calendar = day.isoformat(), f"{day.year:04d}"
        for label, first_day, last_day, closed in known:
            if first_day <= text <= last_day:
                some = within.get(label, [])
                period = next((number for number, first, last in some if number and first <= text <= last), None)
                first = date.fromisoformat(first_day)
                number = (day.year - first.year) * 12 + day.month - first.month + 1 if period is None else period
                return DayPlace(label, number, bool(closed), is_new=False, has_new_period=number not in {one for one, *_ in some})
        taken = calendar in labels or any(first[:4] <= calendar <= last[:4] for _, first, last, _ in known)
        return None if taken else DayPlace(calendar, day.month, closed=False, is_new=True, has_new_period=True)

    return {day: place(day) for day in days}


def labels_for(connection: sa.Connection, moments: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The years of entries, by their dates (ISO 8601) and periods; a year or a period that isn't there yet is made."""
    labels, known = _list_years(connection)
    found = {(day, period): next((label for label, first, last, _ in known if first <= day <= last), day[:4]) for day, period in moments}
    missing = sorted(set(found.values()) - labels)
    if missing:
        rows = [{"label": label, "first_day": f"{label}-01-01", "last_day": f"{label}-12-31", "closed": 0} for label in missing]
        connection.execute(sa.insert(years), rows)
    present = {(label, number) for label, number in connection.execute(sa.select(periods.c.year, periods.c.number))}
    wanted = sorted({(label, period) for (_, period), label in found.items()} - present)
    if wanted:
        connection.execute(sa.insert(periods), [_period(label, number) for label, number in wanted])
    return found


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
    row = {"label": label, "first_day": f"{label}-01-01", "last_day": f"{label}-12-31", "closed": int(closed)}
    connection.execute(sa.insert(years), [row])
    connection.execute(sa.insert(periods), [_period(label, number) for number in _MONTHS])


def _period(year: str, number: int) -> dict[str, str | int | None]:
    """A period of a calendar year: a month; 0 opens the year, 13 closes it. Of another year the days are not known."""
    day = {_OPENS: f"{year}-01-01", _CLOSES: f"{year}-12-31"}.get(number)
    days = (day, day)
    if number in _MONTHS and year.isdecimal():
        days = f"{year}-{number:02d}-01", f"{year}-{number:02d}-{monthrange(int(year), number)[1]}"
    return {"year": year, "number": number, "first_day": days[0], "last_day": days[1]}
