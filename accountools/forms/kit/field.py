"""What is typed in a field that is read at once: its value, or what is wrong with it, to be told beside the field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from accountools.domain.errors import AccountoolsError
from accountools.domain.obstacle import Obstacle
from accountools.operations.errors import explain

T = TypeVar("T")


@dataclass
class Entry(Generic[T]):
    """A field. `typed` stays whatever comes of it; an empty field has neither a value nor a fault."""

    parse: Callable[[str], T]
    typed: str = ""
    value: T | None = None
    fault: Obstacle | None = None

    def take(self, typed: str) -> None:
        """Read what was typed."""
        self.typed, self.value, self.fault = typed, None, None
        if typed.strip():
            try:
                self.value = self.parse(typed)
            except (AccountoolsError, OSError) as error:
                self.fault = explain(error).reason

    def again(self) -> None:
        """Read it once more: the world may have changed."""
        self.take(self.typed)
