"""Errors. Each has a code of the table (`domain.codes`), an exit code, a sentence and a remedy.

A class for each exit code of a failure, and one for invalid input; the `code` identifies the case. What only prevents a plan is an
`Obstacle`, and is not raised until the plan is applied.
"""

import copyreg
from collections.abc import Iterable
from typing import Any

from accountools.domain.obstacle import Obstacle, first_unresolved, obstacle


class AccountoolsError(Exception):
    """The base class of all errors of this program."""

    exit_code = 3

    def __init__(self, code: str, obstacles: Iterable[Obstacle] = (), **facts: object) -> None:
        self.reason = obstacle(code, **facts)
        self.obstacles = tuple(obstacles)
        super().__init__(f"{code}: {self.reason.sentence()}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as it is, for errors of workers in other processes."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    @property
    def code(self) -> str:
        """The code of the interface, e.g. `no-licence`."""
        return self.reason.code

    @property
    def remedy(self) -> str:
        """What to do about it (English)."""
        return self.reason.remedy()


class Refused(AccountoolsError):
    """The rules don't allow it, or the input can't be read. Nothing was changed."""


class WrongUsage(AccountoolsError):
    """The command line was wrong. Nothing was changed."""

    exit_code = 2


class MachineFailed(AccountoolsError):
    """The machine failed: disk full, no permission, database unavailable. Nothing was changed."""

    exit_code = 4


class Unsound(AccountoolsError):
    """A file or a value that was read and is not valid; the caller decides how serious that is."""


def raise_first_obstacle(obstacles: Iterable[Obstacle], accepted: Iterable[str] = ()) -> None:
    """Raise `Refused` for the first obstacle that blocks or lacks its confirmation, carrying all of them; else do nothing."""
    found = tuple(obstacles)
    first = first_unresolved(found, accepted)
    if first is not None:
        raise Refused(first.code, found, **dict(first.facts))
