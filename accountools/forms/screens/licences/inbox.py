"""The licence files in the inbox, as a part of the form of the licences: how many, what importing them would do, and doing that."""

from accountools.domain.errors import Refused
from accountools.operations.errors import translate_error
from accountools.operations.licences.inbox import InboxPlan, PlannedFile, plan_inbox
from accountools.operations.licences.inbox_files import files_in, inbox_of
from accountools.operations.session import Office


class Inbox:
    """The inbox of an office. `plan` is there while it is open; `files` are as in the plan, or as they are afterwards."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.plan: InboxPlan | None = None
        self.files: tuple[PlannedFile, ...] = ()
        self.imported = 0
        self.recount()

    def recount(self) -> None:
        """Count the files, without reading them."""
        self.count = len(files_in(inbox_of(self._office)))

    def open(self) -> None:
        """Plan what importing the files would do. Changes nothing."""
        self.plan, self.imported = plan_inbox(self._office), 0
        self.files, self.count = self.plan.files, len(self.plan.files)

    def close(self) -> None:
        """Close the inbox."""
        self.plan, self.files, self.imported = None, (), 0
        self.recount()

    @property
    def to_import(self) -> int:
        """How many licences would be imported, by the plan that is shown; none when that was done."""
        return 0 if self.plan is None or self.imported else len(self.plan.to_import)

    def import_files(self) -> bool:
        """Import those without obstacles, by the very plan that was shown. A second press does nothing.

        Raises `changed-meanwhile`, and what stopped it halfway; what was imported until then stays, and is shown.
        """
        if self.plan is None or not self.to_import:
            return False
        before = {file.path for file in self.plan.files if file.in_place}
        outcome = self.plan.apply(self._office)
        self.files = outcome.files
        self.imported = sum(file.in_place and file.path not in before and not file.same_as for file in outcome.files)
        if outcome.stopped is not None:
            raise translate_error(outcome.stopped)
        if not self.imported:
            raise Refused("changed-meanwhile", what=str(self.plan.folder))
        return True
