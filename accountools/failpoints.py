"""Failpoints: named places where a test can kill the process or make the system fail. Off in normal use.

`$ACCOUNTOOLS_FAILPOINT` arms one: with `kill:before-link:3` the process is killed the third time it is reached, with `stop:` it is
stopped there until it is told to go on, with `ENOSPC:before-link:1` an OSError of that number is raised the first time;
`count:FILE` appends the name of each one reached to FILE.
"""

import errno
import os
import signal
from collections import Counter
from dataclasses import dataclass, field

VARIABLE = "ACCOUNTOOLS_FAILPOINT"
STEPS = (
    # of files (`safe_files`)
    "create",
    "sync-file",
    "sync-folder",
    "link",
    "remove-aside",
    "replace",
    "move",
    "remove",
    "make-folder",
    # of databases (`storage.sqlite`); closing writes the WAL into the database
    "commit-register",
    "commit-books",
    "close-register",
    "close-books",
    "make-database",
    "copy-database",
    "adopt-image",
    # of backups
    "make-image",
    "write-backup",
    "unpack-backup",
    # of an office that is moved: it says at its old place that it went
    "leave-place",
    # of the temporary folder of an operation
    "work-folder",
    "clear-work-folder",
)
_SIGNALS = {"kill": "SIGKILL", "stop": "SIGSTOP"}
NAMES = frozenset(f"{when}-{step}" for step in STEPS for when in ("before", "after"))


@dataclass
class Armed:
    """What happens where, and how often each failpoint was reached."""

    what: str
    where: str
    turn: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def reach(self, name: str) -> None:
        """Count, and do what is armed here."""
        self.reached[name] += 1
        if self.what == "count":
            with open(self.where, "a", encoding="ascii") as file:  # noqa: PTH123 - nothing of `pathlib` is needed here
                file.write(f"{name}\n")
        elif name == self.where and self.reached[name] == self.turn:
            if self.what in _SIGNALS:
                os.kill(os.getpid(), getattr(signal, _SIGNALS[self.what]))
                return
            number = int(getattr(errno, self.what))
            raise OSError(number, os.strerror(number), name)


def parse(text: str) -> Armed | None:
    """Parse a value of the variable; None when it is empty. Raises ValueError."""
    what, _, rest = text.partition(":")
    if not text or what == "count":
        return Armed(what, rest) if rest else None
    where, _, turn = rest.partition(":")
    if where not in NAMES or not (what in _SIGNALS or hasattr(errno, what)):
        raise ValueError(text)
    return Armed(what, where, int(turn))


_armed = parse(os.environ.get(VARIABLE, ""))


def arm(text: str) -> None:
    """Arm in this process; an empty text disarms."""
    global _armed  # noqa: PLW0603 - one process, one failpoint
    _armed = parse(text)


def reach(name: str) -> None:
    """Mark that this place is reached; does nothing unless a test armed it."""
    if _armed is not None:
        _armed.reach(name)
