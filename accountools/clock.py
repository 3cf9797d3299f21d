"""The clock and the current user: read once, where an operation starts (the command line, the forms, the Python interface)."""

import getpass
import os
from collections.abc import Callable
from datetime import UTC, date, datetime

from accountools.domain.calendar import ExecutionContext, day_of
from accountools.domain.identifiers import single_line

TODAY = "ACCOUNTOOLS_TODAY"  # the day of the screens, when the command that opened them was given one
Clock = Callable[[], ExecutionContext]


def system_clock(today: date | None = None) -> Clock:
    """The machine's clock; with `today` the day is fixed to that one."""
    return lambda: current_context(today)


def session_clock() -> Clock:
    """The clock of the screens: with the day that `lab` or `app` was given."""
    given = os.environ.get(TODAY)
    return system_clock(date.fromisoformat(given) if given else None)


def current_context(today: date | None = None) -> ExecutionContext:
    """The present moment and the current user."""
    now = datetime.now(UTC)
    return ExecutionContext(today or day_of(now), now, current_actor(), today_was_set=today is not None)


def current_actor() -> str:
    """`$ACCOUNTOOLS_USER`, else the operating system's login."""
    try:
        name = os.environ.get("ACCOUNTOOLS_USER") or getpass.getuser()
    except (OSError, KeyError):  # the system has no name for this user
        name = ""
    return single_line(name.encode(errors="replace").decode(errors="replace")) or "?"
