"""A plan: what would be done, as a frozen value that can be shown, and is what `Office.apply` takes.

Planning reads, checks and changes nothing. Applying plans once more, inside its transaction, and goes on only if that plan is the
same: the `digest` is a hash of all that the plan was made of.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accountools.domain.errors import Refused, refuse_obstacles
from accountools.domain.obstacle import Obstacle

if TYPE_CHECKING:
    from accountools.operations.session import Office


@dataclass(frozen=True, kw_only=True)
class Plan(ABC):
    """The base of all plans. `accepted` are the codes that were said yes to."""

    obstacles: tuple[Obstacle, ...] = ()
    accepted: frozenset[str] = field(default_factory=frozenset)

    @abstractmethod
    def made_of(self) -> dict[str, Any]:
        """What the plan depends on, as JSON."""

    @abstractmethod
    def apply_to(self, office: "Office") -> Any:
        """Do it. Raises what stands in the way, and `changed-meanwhile`."""

    @property
    def digest(self) -> str:
        """The hash of what the plan was made of (32 hex digits)."""
        made_of = json.dumps({"plan": type(self).__name__} | self.made_of(), sort_keys=True)  # in ASCII: whatever was typed has a hash
        return hashlib.sha256(made_of.encode()).hexdigest()[:32]

    def refuse(self) -> None:
        """Raise the first obstacle that blocks or still lacks its yes; else do nothing."""
        refuse_obstacles(self.obstacles, self.accepted)

    def expect(self, digest: str, what: str) -> None:
        """Raise `changed-meanwhile` unless this is the plan with that digest."""
        if self.digest != digest:
            raise Refused("changed-meanwhile", what=what)
