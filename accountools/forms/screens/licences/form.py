"""The licences: all that are kept, the status of each, beside the client, what it changed (the seed's *Licenties*), and the inbox."""

from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.licence import Difference, differences
from accountools.forms.kit.form import Form, guarded
from accountools.forms.kit.licence_file import ImportUndo
from accountools.forms.kit.navigation import INBOX, Request
from accountools.forms.kit.wizard import Wizard
from accountools.operations.errors import translate_error
from accountools.operations.licences.history import KeptLicence, kept_licences
from accountools.operations.licences.inbox import InboxPlan, PlannedFile, plan_inbox
from accountools.operations.licences.inbox_files import files_in, inbox_of
from accountools.operations.session import Office
from accountools.reports.licence_texts import STATUSES
from accountools.texts import Texts


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


REPLACED = "replaced"
WORDS = STATUSES | {REPLACED: N_("replaced")}


class CheckLicences(Form):
    """The form. `shown` is the status that is shown by itself (empty: all), `chosen` the licence that is open beneath the table.

    `inbox` is what is to be imported.
    """

    path = (N_("Accountancy"), N_("Audit"), N_("Licences"))
    for_accountants = True

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, Wizard(()), texts)
        self.shown = ""
        self.chosen: KeptLicence | None = None
        self.inbox = Inbox(office)
        self.undo = ImportUndo(office)
        self._load()

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
            self.inbox.open()

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
            self.open_inbox()
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
    def open_inbox(self) -> None:
        """Open the inbox, with what importing its files would do."""
        self.inbox.open()

    @guarded
    def import_waiting(self) -> bool:
        """Import the files without obstacles, by the plan that was shown."""
        try:
            return self.inbox.import_files()
        finally:
            self._load()

    @guarded
    def close_inbox(self) -> None:
        """Close the inbox."""
        self.inbox.close()

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
