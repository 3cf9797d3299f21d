"""Failpoints: the places where a test lets the process die or the machine fail. All their names stand here; off in normal use.

`$ACCOUNTOOLS_FAILPOINT` arms one, as `kill:before-link:3` (the third time it is reached the process is killed) or `ENOSPC:before-link:1`
(that call fails as the system would say it); `count:FILE` writes the name of each one that is reached on a line of FILE.
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
    # of databases (`storage.sqlite`); "close" folds the WAL in
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
    # of the folder that one works in
    "work-folder",
    "clear-work-folder",
)
NAMES = frozenset(f"{when}-{step}" for step in STEPS for when in ("before", "after"))


@dataclass
class Armed:
    """What is to happen where, and how often each failpoint was reached."""

    what: str
    where: str
    turn: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def reach(self, name: str) -> None:
        """Count, and do what is to be done here."""
        self.reached[name] += 1
        if self.what == "count":
            with open(self.where, "a", encoding="ascii") as file:  # noqa: PTH123 - nothing of `pathlib` is needed here
                file.write(f"{name}\n")
        elif name == self.where and self.reached[name] == self.turn:
            self._strike(name)

    def _strike(self, name: str) -> None:
        if self.what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        number = int(getattr(errno, self.what))
        raise OSError(number, os.strerror(number), name)


def read(text: str) -> Armed | None:
    """What a value of the variable arms; raises ValueError for one that arms nothing."""
    what, _, rest = text.partition(":")
    if not text or what == "count":
        return Armed(what, rest) if rest else None
    where, _, turn = rest.partition(":")
    if where not in NAMES or not (what == "kill" or hasattr(errno, what)):
        raise ValueError(text)
    return Armed(what, where, int(turn))


_armed = read(os.environ.get(VARIABLE, ""))


def arm(text: str) -> None:
    """Arm in this process, or with an empty text disarm."""
    global _armed  # noqa: PLW0603 - one process, one failpoint
    _armed = read(text)


def reach(name: str) -> None:
    """Say that this place is reached; does nothing unless a test armed it."""
    if _armed is not None:
        _armed.reach(name)
