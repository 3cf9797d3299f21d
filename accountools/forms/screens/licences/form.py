"""The licences: all that are kept, the status of each, beside the client, what it changed (the seed's *Licenties*), and the inbox."""

from pathlib import Path

from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Difference, differences
from accountools.domain.messages import N_
from accountools.forms.files.licence_file import ImportUndo
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.navigation import INBOX, Request
from accountools.forms.kit.wizard import Wizard
from accountools.operations.errors import translate_error
from accountools.operations.licences.history import KeptLicence, kept_licences
from accountools.operations.licences.inbox import InboxOutcome, InboxPlan, PlannedFile, plan_inbox
from accountools.operations.licences.inbox_files import count_waiting, set_aside
from accountools.operations.progress import Progress
from accountools.operations.session import Office
from accountools.reports.licence_texts import STATUSES
from accountools.texts import Texts


class Inbox:
    """The inbox of an office. `plan` is there while it is open; `files` are as in the plan, or as they are afterwards."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.plan: InboxPlan | None = None
        self.files: tuple[PlannedFile, ...] = ()
        self.imported = self.set_aside = self.count = 0

    def recount(self) -> None:
        """Count the files that still wait: none as far as is known while the folder can't be read."""
        self.count = 0
        self.count = count_waiting(self._office)

    def read(self, progress: Progress) -> InboxPlan:
        """Plan what importing the files would do. Changes nothing."""
        return plan_inbox(self._office, progress=progress)

    def show(self, plan: InboxPlan) -> None:
        """Show that plan."""
        self.plan, self.files, self.imported, self.set_aside = plan, plan.files, 0, 0
        self.recount()

    def close(self) -> None:
        """Close the inbox."""
        self.plan, self.files, self.imported, self.set_aside = None, (), 0, 0
        self.recount()

    @property
    def to_import(self) -> int:
        """How many licences would be imported, by the plan that is shown; none when that was done."""
        return 0 if self.plan is None or self.imported else len(self.plan.to_import)

    @property
    def useless(self) -> tuple[Path, ...]:
        """The files that can't be imported later either."""
        return tuple(file.path for file in self.files if file.useless)

    def show_outcome(self, plan: InboxPlan, outcome: InboxOutcome) -> None:
        """Show what came of a plan. Raises what stopped it halfway, and `changed-meanwhile` when nothing was imported."""
        before = {file.path for file in plan.files if file.in_place}
        self.files = outcome.files
        self.imported = sum(file.in_place and file.path not in before and not file.same_as for file in outcome.files)
        if outcome.stopped is not None:
            raise translate_error(outcome.stopped)
        if not self.imported:
            raise Refused("changed-meanwhile", what=str(plan.folder))


REPLACED = "replaced"
WORDS = STATUSES | {REPLACED: N_("replaced")}


class CheckLicences(JobForm):
    """The form. `shown` is the status that is shown by itself (empty: all), `chosen` the licence that is open beneath the table.

    `inbox` is what is to be imported.
    """

    path = (N_("Accountancy"), N_("Audit"), N_("Licences"))
    for_accountants = True

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        super().__init__(office, Wizard(()), texts, start)
        self.shown = ""
        self.chosen: KeptLicence | None = None
        self.inbox = Inbox(office)
        self.undo = ImportUndo(office)
        self._load()
        self.feedback.run(self.inbox.recount)

    @property
    def progress(self) -> str:
        """How many licences are in each state, in a line."""
        return " · ".join(f"{count} {self.texts(WORDS[state])}" for state, count in self.counts().items() if count)

    @guarded
    def reload(self) -> None:
        """Read the licences and the inbox anew."""
        self._load()
        if self.inbox.plan is None:
            self.inbox.recount()
        else:
            self._open_inbox()

    @guarded
    def show(self, state: str) -> bool:
        """Show only the licences in this state, or all (empty); one that isn't among them closes."""
        if state and state not in WORDS:
            return False
        self.shown = state
        self._filter()
        return True

    @guarded
    def choose(self, place: int | None) -> None:
        """Open the licence at this place of those that are shown, or close the one that is open."""
        self.undo = ImportUndo(self.office)
        self.chosen = None if place is None else self.rows[place]

    @guarded
    def choose_licence(self, number: str) -> bool:
        """Open the licence with this number that is in force, else the last that was; whether there is one."""
        found = [one for one in self.kept if one.licence.number == number]
        if not found:
            return False
        self.shown = ""
        self._filter()
        self.chosen = next((one for one in found if one.in_force), found[-1])
        return True

    def begin(self, request: Request) -> None:
        """Begin with what another screen asks for: a status, the inbox, the licence of an administration."""
        if request.show in WORDS:
            self.show(request.show)
        if request.show == INBOX:
            self._open_inbox()
        if request.administration is not None:
            here = (one for one in self.kept if any(its.number == request.administration for its in one.here))
            self.chosen = next(here, None)

    @guarded
    def ask_undo(self, number: AdministrationNumber) -> None:
        """*Import ongedaan maken* in an administration that is under the chosen licence: ask first, saying what comes back."""
        self.undo.ask(number)

    @guarded
    def decline_undo(self) -> None:
        """Leave the import as it is."""
        self.undo.decline()

    @guarded
    def confirm_undo(self) -> bool:
        """Undo the import."""
        done = self.undo.confirm()
        if done:
            self._load()
        return done

    @guarded
    def open_inbox(self) -> bool:
        """Open the inbox, with what importing its files would do."""
        return self._open_inbox()

    def _open_inbox(self) -> bool:
        return not self.busy and self.run_job("", lambda: self.inbox.read(self.progress_hook()), self.inbox.show, harmless=True)

    @guarded
    def import_waiting(self) -> bool:
        """Import the files without obstacles, by the very plan that was shown. A second press does nothing.

        What was imported until it was stopped, by *Afbreken* or by the machine, stays, and is shown.
        """
        plan = self.inbox.plan
        if self.busy or plan is None or not self.inbox.to_import:
            return False

        def show(outcome: InboxOutcome) -> None:
            try:
                self.inbox.show_outcome(plan, outcome)
            finally:
                self._load()

        return self.run_job("", lambda: plan.apply(self.office, self.progress_hook()), show)

    @guarded
    def set_aside(self) -> bool:
        """Move the files that can't be imported later either to a folder of their own: they don't wait any more."""
        useless = self.inbox.useless
        if self.busy or not useless:
            return False
        count = set_aside(self.office, useless)

        def show(plan: InboxPlan) -> None:
            self.inbox.show(plan)
            self.inbox.set_aside = count

        return self.run_job("", lambda: self.inbox.read(self.progress_hook()), show, harmless=True)

    @guarded
    def close_inbox(self) -> bool:
        """Close the inbox, unless it is at work."""
        if self.busy:
            return False
        self.inbox.close()
        return True

    def counts(self) -> dict[str, int]:
        """How many licences are in each state."""
        return {state: sum(1 for one in self.kept if status_of(one) == state) for state in WORDS}

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What the chosen licence changed against the one that it replaced; nothing when it is the first."""
        if self.chosen is None or self.chosen.before is None:
            return ()
        return differences(self.chosen.before, self.chosen.licence)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: read anew."""
        return self.reload() and action == "retry"

    def _load(self) -> None:
        self.kept = kept_licences(self.office)
        self.chosen = None
        self._filter()

    def _filter(self) -> None:
        self.rows = tuple(one for one in self.kept if self.shown in {"", status_of(one)})
        if self.chosen not in self.rows:
            self.chosen = None


def status_of(one: KeptLicence) -> str:
    """The status of a kept licence: its own, unless another replaced it."""
    return one.status if one.in_force else REPLACED
