"""The menu Accountancy: what needs attention today, the paths of S8 and S9 by name, and the office's own licence with its renewal."""

from dataclasses import replace
from pathlib import Path

from accountools.domain.administration import Client
from accountools.domain.codes import N_
from accountools.domain.errors import Refused
from accountools.domain.identifiers import KvkNumber
from accountools.domain.licence import Licence
from accountools.forms.kit import navigation, preferences
from accountools.forms.kit.form import step_of_form, typed_path
from accountools.forms.kit.preferences import Chosen
from accountools.forms.kit.step_form import Stand, StepForm, stand_of
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.audit.filters import needs_attention
from accountools.forms.screens.audit.form import OWN_LICENCE
from accountools.forms.screens.inbox.form import INBOX
from accountools.forms.screens.make_backups.interrupted import CutOff, last_cut_off
from accountools.operations.licences.inbox import files_in
from accountools.operations.licences.inbox_files import add_to_inbox, inbox_of
from accountools.operations.licences.renew import RenewPlan, plan_renew
from accountools.operations.licences.show import LicenceView, show_licence
from accountools.operations.session import Office
from accountools.texts import Texts


class Menu(StepForm):
    """The form. It rests at the menu; its two steps are the renewal of the own licence. `renewed` is that plan when it was applied.

    `waiting` is how many files wait in the inbox, `cut_off` the last batch of backups, if it was cut off.
    """

    path = (N_("Accountancy"), N_("Settings"), N_("System"), N_("Own licence"))
    at_home = True

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        steps = (Step("file", N_("Licence file"), N_("Next")), Step("details", N_("Check the details"), N_("Renew"), lasting=True))
        super().__init__(office, Wizard(steps), texts)
        self.renewed: RenewPlan | None = None
        self.begin_anew()
        self.over = "menu"
        self._look()
        self.assess()

    def begin_anew(self) -> None:
        """Begin at the own licence, with no file chosen."""
        self.file: Path | None = None
        self.showing: LicenceView | None = None
        self.plan: RenewPlan | None = None
        self.accepted: frozenset[str] = frozenset()
        self.failed = False
        self.over = ""

    # The menu

    @step_of_form
    def look(self) -> None:
        """Look anew at what needs attention."""
        self._look()

    @property
    def attention(self) -> tuple[tuple[str, str], ...]:
        """What needs attention today: the name of the audit's filter, and how much, in words."""
        return tuple(needs_attention(self.found, self.texts))

    def lead(self, state: str) -> None:
        """Choose what the audit is to show, to which one goes now."""
        preferences.choose(self.office, navigation.AUDIT, state=state)

    def lead_to_inbox(self) -> None:
        """Choose that the screen of the licences, to which one goes now, opens the inbox."""
        preferences.choose(self.office, navigation.LICENCES, state=INBOX)

    def begin(self, chosen: Chosen) -> None:
        """Begin with what was chosen on another screen: the own licence."""
        if chosen.state == OWN_LICENCE:
            self.open_own_licence()

    # The own licence

    @step_of_form
    def open_own_licence(self) -> None:
        """Look at the own licence, and renew it by a file."""
        self.renewed = None
        self.begin_anew()

    @property
    def itself(self) -> Client:
        """The office as its own licence has it, to find the file that fits."""
        licensee = self.own.licensee
        return Client(KvkNumber(licensee.kvk), licensee.name, licensee.city)

    @step_of_form
    def choose_file(self, path: Path | str) -> bool:
        """Choose the file of the new licence. Tells whether it holds a licence that is valid."""
        if self.plan is not None or self.over:
            return False
        self.file, self.showing = typed_path(str(path)), None
        if self.file is not None:
            try:
                self.showing = show_licence(self.office, self.file)
            except Refused as error:  # told beside the field
                self.showing = LicenceView(None, error.reason)
        return self.showing is not None and self.showing.verdict is None

    @step_of_form
    def upload(self, name: str, data: bytes) -> bool:
        """Take in a file that was handed in: it goes to the inbox, and is chosen."""
        return self.choose_file(add_to_inbox(self.office, name, data))

    @step_of_form
    def next(self) -> bool:
        """*Volgende*: plan the renewal and show what changes. Changes nothing."""
        if self.file is None or not self.wizard.is_at("file", State.READY):
            return False
        self.plan = plan_renew(self.office, self.file)
        return True

    @step_of_form
    def accept(self, code: str, yes: bool = True) -> None:
        """Say yes (or no again) to what asks for it."""
        self.accepted = self.accepted | {code} if yes else self.accepted - {code}

    @step_of_form
    def renew(self) -> bool:
        """*Vernieuwen*: by the very plan that was shown. A second press does nothing."""
        if self.plan is None or not self.wizard.is_at("details", State.READY):
            return False
        plan = replace(self.plan, accepted=self.accepted)
        self.renewed = self.do("details", lambda: self.plan.apply(office))
        self._look()
        self.begin_anew()
        self.over = "renewed"
        return True

    def step_back(self) -> bool:
        """Back to the file, which stays."""
        if not self.wizard.back():
            return False
        self.plan, self.accepted, self.failed = None, frozenset(), False
        return True

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says: look again, or at another file."""
        self.failed = False
        if remedy == "look-again" and self.plan is not None and self.file is not None:
            self.plan = plan_renew(self.office, self.file)
            return True
        self.plan, self.accepted = None, frozenset()
        return remedy in {"look-again", "look-up-file"}

    def assess(self) -> None:
        """Derive the steps' states from what is filled in."""
        self.wizard.put("file", *self._file())
        self.wizard.put("details", *self._details())

    def _file(self) -> Stand:
        if self.plan is not None:
            return (State.SUCCESS,)
        if self.showing is None:
            return State.CONFIGURED, self.texts("Choose a licence file first")
        if self.showing.verdict is not None:
            return State.CONFIGURED, self.texts("This licence file won't do; choose another one")
        return (State.READY,)

    def _details(self) -> Stand:
        if self.plan is None:
            return (State.INIT,)
        if self.failed:
            return State.FAIL, self.not_now
        return stand_of(self.plan.obstacles, self.accepted, self.texts)

    def _look(self) -> None:
        self.found, self.waiting = self.office.audit(), len(files_in(inbox_of(self.office)))
        self.cut_off: CutOff | None = None
        self.feedback.run(self._look_for_cut_off)
        with self.office.reading() as connection:
            self.own: Licence = self.office.own_licence(connection)
            self.own_status = self.own.status(self.today, revoked=self.office.is_revoked(connection, self.own))

    def _look_for_cut_off(self) -> None:
        self.cut_off = last_cut_off(self.office)
