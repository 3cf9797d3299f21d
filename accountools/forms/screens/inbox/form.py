"""What waits in the inbox, as a part of another form: how many files, what importing them would do, and doing that by the plan shown."""

from accountools.domain.errors import Refused
from accountools.operations.errors import explain
from accountools.operations.licences.inbox import InboxPlan, PlannedFile, files_in, plan_inbox
from accountools.operations.licences.inbox_files import inbox_of
from accountools.operations.session import Office
from accountools.texts import Texts

INBOX = "inbox"  # the name by which another screen asks to open it


class Inbox:
    """The inbox of an office. `plan` is there while one looks at it; `files` are as they stand in the plan, or afterwards."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.plan: InboxPlan | None = None
        self.files: tuple[PlannedFile, ...] = ()
        self.imported = 0
        self.count_anew()

    def count_anew(self) -> None:
        """Count the files that wait, without looking into them."""
        self.count = len(files_in(inbox_of(self._office)))

    def look(self) -> None:
        """Look at what waits: plan what importing it would do. Changes nothing."""
        self.plan, self.imported = plan_inbox(self._office), 0
        self.files, self.count = self.plan.files, len(self.plan.files)

    def close(self) -> None:
        """Look away."""
        self.plan, self.files, self.imported = None, (), 0
        self.count_anew()

    @property
    def to_import(self) -> int:
        """How many licences importing would take in, by the plan that is shown; none when that was done."""
        return 0 if self.plan is None or self.imported else len(self.plan.to_import)

    def take_in(self) -> bool:
        """Import those with nothing in the way, by the very plan that was shown. A second press does nothing.

        Raises `changed-meanwhile`, and what stopped it halfway; what was imported until then stays, and is shown.
        """
        if self.plan is None or not self.to_import:
            return False
        before = {file.path for file in self.plan.files if file.in_place}
        outcome = self._office.apply(self.plan)
        self.files = outcome.files
        self.imported = sum(file.in_place and file.path not in before and not file.same_as for file in outcome.files)
        if outcome.stopped is not None:
            raise explain(outcome.stopped)
        if not self.imported:
            raise Refused("changed-meanwhile", what=str(self.plan.folder))
        return True


def how_many(count: int, _: Texts) -> str:
    """How many files wait, in words."""
    return _("1 file waits in the inbox.") if count == 1 else _("{n} files wait in the inbox.", n=count)
