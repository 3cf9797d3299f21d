"""A safekeeping backup of an administration, made before its books are replaced."""

from dataclasses import dataclass

from accountools.domain.codes.code import Weight
from accountools.domain.errors import MachineFailed, raise_first_obstacle
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office

# of the books themselves: waiting resolves none of these, and they may not keep the books from being replaced by good ones
_UNSAVABLE = {"books-missing", "office-licence-found", "schema-unexpected", "text-too-long", "too-large"}


@dataclass(frozen=True)
class SafetyCopy:
    """What was kept of books: the revision that is in the backup, or why no backup can hold them (`reasons` then only inform)."""

    revision: str | None
    reasons: tuple[Obstacle, ...] = ()

    def raise_if_missing(self, number: AdministrationNumber) -> None:
        """Raise why there is none, for who has no other way to keep the books."""
        if self.revision is None:
            raise_first_obstacle(one.with_weight(Weight.BLOCKS) for one in self.reasons)
            raise MachineFailed("office-damaged", what=number)


def save_safety_copy(office: Office, number: AdministrationNumber) -> SafetyCopy:
    """Make a safekeeping backup of what is about to be replaced. Raises what prevents that for the moment only."""
    outcome = plan_backup(office, [number], BackupTarget(plain=True), "safekeeping").apply(office)
    if outcome.stopped is not None:
        raise outcome.stopped
    for _, obstacles in outcome.refused:
        wrong = {one.code for one in obstacles if one.blocking} - _UNSAVABLE
        if wrong != ({"office-damaged"} if wrong and office.engine.is_damaged(number) else set()):
            raise_first_obstacle(obstacles)
        return SafetyCopy(None, tuple(one.with_weight(Weight.INFORMS) for one in obstacles))
    (made,) = outcome.made
    return SafetyCopy(str(made.books_revision))
