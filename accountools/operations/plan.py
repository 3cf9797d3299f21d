"""A plan: what would be done, as a frozen value that can be shown, and is what `apply` takes.

Planning reads, checks and changes nothing. Applying plans once more, inside its transaction, and goes on only if that plan is the
same: the `digest` is a hash of all that the plan was made of.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from accountools.domain.errors import Refused, raise_first_obstacle
from accountools.domain.obstacle import Obstacle
from accountools.operations.progress import Progress, no_progress
from accountools.operations.session import Office, Session


@dataclass(frozen=True, kw_only=True)
class Plan(ABC):
    """The base of all plans. `accepted` are the codes, or the confirmations of single obstacles, that were given."""

    needs_office_here: ClassVar[bool] = True  # not in one that was moved elsewhere, where nothing is changed any more
    obstacles: tuple[Obstacle, ...] = ()
    accepted: frozenset[str] = field(default_factory=frozenset)

    @abstractmethod
    def inputs(self) -> dict[str, Any]:
        """What the plan depends on, as JSON values."""

    @abstractmethod
    def execute(self, office: Office, progress: Progress) -> Any:
        """Check again that the world is the one planned on, and do it."""

    def apply(self, office: Office, progress: Progress = no_progress) -> Any:
        """Do it. Raises the first obstacle that blocks or lacks its confirmation, and `changed-meanwhile`.

        `progress` is called with the bytes done and those in all; by raising `Stopped` it stops the work, as if it had not begun.
        """
        self.raise_if_refused()
        return self.execute(office, progress)

    @property
    def digest(self) -> str:
        """The hash of what the plan was made of (32 hex digits)."""
        inputs = json.dumps({"plan": type(self).__name__} | self.inputs(), sort_keys=True)  # in ASCII: whatever was typed has a hash
        return hashlib.sha256(inputs.encode()).hexdigest()[:32]

    def raise_if_refused(self) -> None:
        """Raise the first obstacle that blocks or still lacks its confirmation."""
        raise_first_obstacle(self.obstacles, self.accepted)

    def raise_if_changed(self, digest: str, what: object) -> None:
        """Raise `changed-meanwhile` unless this is the plan with that digest; `what` says of what."""
        if self.digest != digest:
            raise Refused("changed-meanwhile", what=what)


@dataclass(frozen=True, kw_only=True)
class RegisterPlan(Plan):
    """A plan that is carried out in one transaction of the register."""

    @property
    @abstractmethod
    def subject(self) -> object:
        """What it is about, for the sentence of `changed-meanwhile`."""

    @abstractmethod
    def plan_again(self, session: Session) -> "RegisterPlan":
        """The same plan made anew, on what `session` sees."""

    @abstractmethod
    def commit(self, session: Session) -> None:
        """Write the changes and their events."""

    def execute(self, office: Office, progress: Progress) -> Any:  # noqa: ARG002 - one transaction has no progress
        """Plan again and commit, in one transaction. Gives the plan as it was carried out."""
        with office.session(write=True) as session:
            now = self.plan_again(session)
            now.raise_if_changed(self.digest, self.subject)
            now.raise_if_refused()
            now.commit(session)
        return now
