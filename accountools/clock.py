"""The clock and the current user: read once, where an operation starts (the command line, the forms, the Python interface)."""

import getpass
import os
from collections.abc import Callable
from datetime import UTC, date, datetime

from accountools.domain.calendar import Occasion, day_of
from accountools.domain.identifiers import shown

Clock = Callable[[], Occasion]


def system_clock(today: date | None = None) -> Clock:
    """The machine's clock; with `today` the day is fixed to that one."""
    return lambda: occasion(today)


def occasion(today: date | None = None) -> Occasion:
    """The present moment and the current user."""
    now = datetime.now(UTC)
    return Occasion(today or day_of(now), now, who(), today_was_set=today is not None)


def who() -> str:
    """`$ACCOUNTOOLS_USER`, else the operating system's login."""
    try:
        name = os.environ.get("ACCOUNTOOLS_USER") or getpass.getuser()
    except (OSError, KeyError):  # the system has no name for this user
        name = ""
    return shown(name.encode(errors="replace").decode(errors="replace")) or "?"
