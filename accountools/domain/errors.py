"""What is raised when something can't go on. Each error has a code of the table, an exit code, a sentence and a remedy.

Four classes, one for each exit code that means «no»; which of the many things it is, is the `code`, and the list of all that can
go wrong is `domain.codes`. What merely stands in the way is an `Obstacle` and is not raised until somebody insists.
"""

from collections.abc import Iterable
from typing import Any

from accountools.domain.obstacle import Obstacle, first_in_the_way, obstacle


class AccountoolsError(Exception):
    """The base of all that this program raises on purpose."""

    exit_code = 3

    def __init__(self, code: str, obstacles: Iterable[Obstacle] = (), **facts: object) -> None:
        self.reason = obstacle(code, **facts)
        self.obstacles = tuple(obstacles)
        super().__init__(f"{code}: {self.reason.sentence()}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as it is, for errors of workers in other processes."""
        return _rebuild, (type(self), self.args, self.__dict__)

    @property
    def code(self) -> str:
        """The code that stands in the interface, e.g. `no-licence`."""
        return self.reason.code

    @property
    def remedy(self) -> str:
        """What to do about it (English)."""
        return self.reason.remedy()


def _rebuild(kind: type[AccountoolsError], arguments: tuple[Any, ...], state: dict[str, Any]) -> AccountoolsError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class Refused(AccountoolsError):
    """Asked for something that the rules don't allow, or gave input that can't be looked at. Nothing was changed."""


class WrongUsage(AccountoolsError):
    """The command was put wrongly. Nothing was changed."""

    exit_code = 2


class MachineFailed(AccountoolsError):
    """The machine let us down: disk full, no permission, database away. Nothing was changed."""

    exit_code = 4


class Unsound(AccountoolsError):
    """A file or a value that was looked at and is not what it must be; the caller decides how bad that is."""


def refuse_obstacles(obstacles: Iterable[Obstacle], accepted: Iterable[str] = ()) -> None:
    """Raise `Refused` for the first obstacle that blocks or lacks its spoken yes, carrying all of them; else do nothing."""
    found = tuple(obstacles)
    first = first_in_the_way(found, accepted)
    if first is not None:
        raise Refused(first.code, found, **dict(first.facts))
