"""Looking the licences over: all that are kept, how each stands, beside the client, and what it changed (the seed's *Licenties*)."""

from accountools.domain.codes import N_
from accountools.domain.licence import Difference, differences
from accountools.forms.kit.comparison import STATUSES
from accountools.forms.kit.form import Form, step_of_form
from accountools.forms.kit.preferences import Chosen
from accountools.forms.kit.wizard import Wizard
from accountools.forms.screens.inbox.form import INBOX, Inbox
from accountools.operations.licences.history import KeptLicence, kept_licences
from accountools.operations.session import Office
from accountools.texts import Texts

REPLACED = "replaced"
WORDS = STATUSES | {REPLACED: N_("replaced")}


class CheckLicences(Form):
    """The form. `shown` is the state that is shown by itself (empty: all), `chosen` the licence that is open beneath the table.

    `inbox` is what waits to be imported.
    """

    path = (N_("Accountancy"), N_("Audit"), N_("Licences"))

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        super().__init__(office, Wizard(()), texts)
        self.shown = ""
        self.chosen: KeptLicence | None = None
        self.inbox = Inbox(office)
        self._look()

    @property
    def progress(self) -> str:
        """How many licences are in each state, in a line."""
        return " · ".join(f"{count} {self.texts(WORDS[state])}" for state, count in self.counts().items() if count)

    @step_of_form
    def look(self) -> None:
        """Look at the licences anew, and at what waits."""
        self._look()
        self._look_at_inbox()

    @step_of_form
    def show(self, state: str) -> bool:
        """Show only the licences in this state, or all (empty); one that isn't among them closes."""
        if state and state not in WORDS:
            return False
        self.shown = state
        self._sift()
        return True

    @step_of_form
    def choose(self, place: int | None) -> None:
        """Open the licence at this place of those that are shown, or close the one that is open."""
        self.chosen = None if place is None else self.rows[place]

    @step_of_form
    def choose_licence(self, number: str) -> bool:
        """Open the licence with this number that is in force, else the last that was; whether there is one."""
        found = [one for one in self.kept if one.licence.number == number]
        if not found:
            return False
        self.shown = ""
        self._sift()
        self.chosen = next((one for one in found if one.in_force), found[-1])
        return True

    def begin(self, chosen: Chosen) -> None:
        """Begin with what was chosen on another screen."""
        if chosen.state in WORDS:
            self.show(chosen.state)
        if chosen.state == INBOX:
            self.open_inbox()
        if chosen.administration is not None:
            here = (one for one in self.kept if any(its.number == chosen.administration for its in one.here))
            self.chosen = next(here, None)

    @step_of_form
    def open_inbox(self) -> None:
        """Look at what waits in the inbox, and what importing it would do."""
        self.inbox.look()

    @step_of_form
    def import_waiting(self) -> bool:
        """Import what waits with nothing in the way, by the plan that was shown."""
        try:
            return self.inbox.take_in()
        finally:
            self._look()

    @step_of_form
    def close_inbox(self) -> None:
        """Look away from the inbox."""
        self.inbox.close()

    def counts(self) -> dict[str, int]:
        """How many licences are in each state."""
        return {state: sum(1 for one in self.kept if state_of(one) == state) for state in WORDS}

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What the chosen licence changed against the one whose place it took; nothing when it is the first."""
        if self.chosen is None or self.chosen.before is None:
            return ()
        return differences(self.chosen.before, self.chosen.licence)

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says: look again."""
        self._look()
        self._look_at_inbox()
        return remedy == "look-again"

    def _look_at_inbox(self) -> None:
        if self.inbox.plan is None:
            self.inbox.count_anew()
        else:
            self.inbox.look()

    def _look(self) -> None:
        self.kept = kept_licences(self.office)
        self.chosen = None
        self._sift()

    def _sift(self) -> None:
        self.rows = tuple(one for one in self.kept if self.shown in {"", state_of(one)})
        if self.chosen not in self.rows:
            self.chosen = None


def state_of(one: KeptLicence) -> str:
    """How a kept licence stands: as on its face, unless another took its place."""
    return one.status if one.in_force else REPLACED
