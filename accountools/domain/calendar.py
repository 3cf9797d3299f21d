"""Days in Amsterdam, whatever the machine's zone; moments in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from accountools.domain.messages import N_

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def day_of(moment: datetime) -> date:
    """The day in Amsterdam in which an aware `moment` falls."""
    return moment.astimezone(AMSTERDAM).date()


def start_of_day(day: date) -> datetime:
    """00:00:00 of `day` in Amsterdam."""
    return datetime.combine(day, time(0, 0, 0), AMSTERDAM)


def end_of_day(day: date) -> datetime:
    """23:59:59 of `day` in Amsterdam: a licence is valid through the end of its last day."""
    return datetime.combine(day, time(23, 59, 59), AMSTERDAM)


def format_moment(moment: datetime) -> str:
    """A moment as it is stored: UTC, ISO 8601, to the millisecond, ending in `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime:
    """The inverse of `format_moment`. Raises ValueError."""
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class HeldDay:
    """The day that counts as today because the journal's newest event is of that day, and the clock is behind it."""

    day: date
    event: int

    sentence = N_("Event {event} of the journal is later than the clock, so {day} counts as today: licences may show as expired.")
    remedy = N_(
        "Correct the clock if it is wrong. If it is right, it was ahead when that event was recorded: the next event that is recorded, "
        "such as a new client, ends this."
    )

    def document(self) -> dict[str, str | int]:
        """As the interface gives it."""
        return {"day": self.day.isoformat(), "event": self.event}


@dataclass(frozen=True)
class ExecutionContext:
    """When and by whom an operation is done, read once at the start. `today` is a day in Amsterdam, `now` an aware moment.

    `today_was_set`: the day is not the clock's; events and manifests then record it. `held_day`: it is the newest event's.
    """

    today: date
    now: datetime
    actor: str
    today_was_set: bool = False
    held_day: HeldDay | None = None

    @property
    def latest_day(self) -> date:
        """The later of today and the clock's day: nothing is issued after it."""
        return max(self.today, day_of(self.now))

    def event_details(self) -> dict[str, str]:
        """What events record about the day: nothing, unless it was set."""
        return {"today": self.today.isoformat()} if self.today_was_set else {}
