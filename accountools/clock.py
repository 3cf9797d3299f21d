"""The clock and the person at it: asked once, at the door (the command line, the forms, the Python interface)."""

import getpass
import os
from collections.abc import Callable
from datetime import UTC, date, datetime

from accountools.domain.calendar import Occasion, day_of
from accountools.domain.identifiers import shown

Clock = Callable[[], Occasion]


def system_clock(today: date | None = None) -> Clock:
    """The machine's clock; with `today` the day is held to that one."""
    return lambda: occasion(today)


def occasion(today: date | None = None) -> Occasion:
    """Now, and who is at it."""
    now = datetime.now(UTC)
    return Occasion(today or day_of(now), now, who(), today_was_set=today is not None)


def who() -> str:
    """`$ACCOUNTOOLS_USER`, else the operating system's login."""
    try:
        name = os.environ.get("ACCOUNTOOLS_USER") or getpass.getuser()
    except (OSError, KeyError):  # a system without a name for this user
        name = ""
    return shown(name.encode(errors="replace").decode(errors="replace")) or "?"
