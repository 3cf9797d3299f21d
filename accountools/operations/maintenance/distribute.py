"""The books spread over the machines of a database cluster (Citus), for a service that outgrows one server."""

from dataclasses import dataclass
from typing import Any

from accountools.domain.events.office import BooksDistributed
from accountools.domain.obstacle import obstacle
from accountools.operations.plan import Plan
from accountools.operations.progress import Progress
from accountools.operations.session import Office


@dataclass(frozen=True, kw_only=True)
class DistributionPlan(Plan):
    """The statements that would be sent, one for each table of the books that isn't distributed yet."""

    statements: tuple[str, ...]

    def inputs(self) -> dict[str, Any]:
        """The statements."""
        return {"statements": list(self.statements)}

    def execute(self, office: Office, progress: Progress) -> "DistributionPlan":
        """Send them, while nobody changes the register. Each is a transaction of its own: interrupted, the rest is left to do."""
        if not self.statements:
            return self
        with office.session(write=True) as session:
            now = plan_distribution(office)
            now.raise_if_changed(self.digest, office.engine.place)
            now.raise_if_refused()
            for done, statement in enumerate(self.statements):
                progress(done, len(self.statements))
                office.engine.distribute(statement)
            session.record(BooksDistributed(tables=len(self.statements)))
        return self


def plan_distribution(office: Office) -> DistributionPlan:
    """Plan distributing the books; without the extension that is refused: `citus-missing`."""
    statements = office.engine.list_distributing()
    missing = () if statements is not None else (obstacle("citus-missing", path=office.engine.place),)
    return DistributionPlan(obstacles=missing, statements=statements or ())
