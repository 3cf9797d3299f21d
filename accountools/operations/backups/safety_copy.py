"""A safekeeping backup of an administration, made before its books are replaced."""

from accountools.domain.errors import raise_first_obstacle
from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office


def save_safety_copy(office: Office, number: AdministrationNumber) -> str | None:
    """Make a safekeeping backup of what is about to be replaced; gives the revision of the books in it.

    None when they are too damaged for that, or a text is too long.
    """
    outcome = plan_backup(office, [number], BackupTarget(plain=True), "safekeeping").apply(office)
    if outcome.stopped is not None:
        raise outcome.stopped
    for _, obstacles in outcome.refused:
        codes = [one.code for one in obstacles]
        if "books-missing" in codes or codes == ["text-too-long"]:  # others are in their place, or no backup can have it: the file is kept
            return None
        if "office-damaged" in codes and office.engine.is_damaged(number):
            return None
        raise_first_obstacle(obstacles)
    (made,) = outcome.made
    return str(made.books_revision)
