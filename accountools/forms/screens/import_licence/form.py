"""Importing a client's licence: the seed's wizard (S8, S11–S14), then the backup (S9, S15).

Two fields, *Volgende* (the plan), the details, *Klaar* (that very plan applied), the confirmation, *Sluiten*. No rule of the field
stands here: the operations say what is in the way. What is filled in stays when something is refused.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from accountools.domain.codes import N_
from accountools.domain.errors import refuse_obstacles
from accountools.domain.identifiers import Login
from accountools.forms.kit.comparison import confirmed
from accountools.forms.kit.form import step_of_form, typed_path
from accountools.forms.kit.jobs import Start, WorkingForm, at_once
from accountools.forms.kit.step_form import Stand, stand_of
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.import_licence.backup import Made, MakeBackup
from accountools.forms.screens.import_licence.fields import LicenceFields
from accountools.operations.licences.import_licence import ImportPlan, plan_import
from accountools.operations.licences.inbox_files import add_to_inbox
from accountools.operations.register import users
from accountools.operations.session import Office
from accountools.texts import Texts

_GOES_TO = {"look-up-file": "file", "create-user": "new-user", "choose-user": "user"}


def steps() -> Wizard:
    """The four steps."""
    return Wizard(
        (
            Step("file", N_("File and user"), N_("Next")),
            Step("details", N_("Check the details"), N_("Finish"), lasting=True),
            Step("done", N_("Imported"), N_("Make backup")),
            Step("backup", N_("Backup"), N_("Make backup"), lasting=True),
        )
    )


class ImportClientLicence(WorkingForm):
    """The form. Its steps tell whether they were done; why not is in `feedback`. `wants` is the field that a remedy went to."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Import client licence"))

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = at_once) -> None:
        super().__init__(office, steps(), texts, start)
        self.begin_anew()
        self.assess()

    def begin_anew(self) -> None:
        """Begin with nothing filled in."""
        self.fields = LicenceFields(self.office)
        self.plan: ImportPlan | None = None
        self.accepted: frozenset[str] = frozenset()
        self.imported: ImportPlan | None = None
        self.backup: MakeBackup | None = None
        self.moved_on = self.failed = self.busy = self.stopped = False
        self.over, self.wants = "", ""

    # Step 1: the administration and the two fields

    @step_of_form
    def choose_administration(self, number: int | str) -> bool:
        """Choose the administration that is for the client (S8)."""
        return self._fill(lambda: self.fields.choose_administration(number))

    @step_of_form
    def choose_file(self, path: Path | str) -> bool:
        """Choose the licence file (S11). Tells whether it holds a licence that is valid."""
        filled = self._fill(lambda: self.fields.choose_file(path))
        showing = self.fields.showing
        return filled and showing is not None and showing.verdict is None

    @step_of_form
    def upload(self, name: str, data: bytes) -> bool:
        """Take in a licence file that was dropped on the screen: it goes to the inbox, and is chosen."""
        return self._fill(lambda: self.fields.choose_file(add_to_inbox(self.office, name, data)))

    @step_of_form
    def choose_user(self, login: str) -> bool:
        """Choose the client's user who gets access (S12)."""
        return self._fill(lambda: self.fields.choose_user(login))

    @step_of_form
    def create_user(self, login: str, name: str, employee: int | str | None = None) -> bool:
        """Fill in a new user of the client, who is made together with the import and not before (S12)."""
        return self._fill(lambda: self.fields.create_user(login, name, employee))

    @step_of_form
    def next(self) -> bool:
        """*Volgende*: plan the import and show the details (S13). Changes nothing."""
        if not self.wizard.is_at("file", State.READY):
            return False
        self._make_plan()
        return True

    # Step 2: the details

    @step_of_form
    def accept(self, code: str, yes: bool = True) -> None:
        """Say yes (or no again) to what asks for it."""
        self.accepted = self.accepted | {code} if yes else self.accepted - {code}

    @step_of_form
    def finish(self) -> bool:
        """*Klaar*: import, by the very plan that was shown (S14). A second press does nothing."""
        if self.plan is None or not self.wizard.is_at("details", State.READY):
            return False
        plan = replace(self.plan, accepted=self.accepted)
        self.imported = done = self.do("details", lambda: self.plan.apply(office))
        if done.licence is not None:
            self.backup = MakeBackup(self.office, done.number, done.licence)
        return True

    # Steps 3 and 4: the confirmation and the backup

    @property
    def confirmation(self) -> str:
        """What was imported, in a sentence."""
        return "" if self.imported is None else confirmed(self.imported, self.texts)

    @step_of_form
    def go_on(self) -> bool:
        """From the confirmation on to the backup."""
        self.moved_on = self.moved_on or self.wizard.is_at("done")
        return self.moved_on

    @step_of_form
    def make_backup(
        self,
        *,
        to: str | None = None,
        passphrase: str | None = None,
        folder: Path | str | None = None,
        check: bool | None = None,
        rehearse: bool | None = None,
    ) -> bool:
        """Make the backup for the client (S15): to the `licence`, a `passphrase`, or `plain`. The passphrase is not kept."""
        if self.backup is None or self.busy or self.wizard.finished:
            return False
        choice, self.moved_on, self.failed = self.backup, True, False
        choice.way = to if to in choice.ways else choice.way
        choice.folder = (typed_path(str(folder)) if folder else None) or choice.folder
        choice.check = choice.check if check is None else check
        choice.rehearse = choice.rehearse if rehearse is None else rehearse
        choice.compare(passphrase or "", passphrase or "")
        self.assess()
        if not self.wizard.is_at("backup", State.READY):
            return False
        choice.compare("", "")
        return self.work_on("backup", lambda: choice.make(passphrase, self.hook()), lambda made: self._take(choice, made))

    def _take(self, choice: MakeBackup, made: Made) -> None:
        choice.made = made
        refuse_obstacles(made.findings)

    # The other buttons

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says."""
        if remedy in _GOES_TO:
            self.step_back()
            self.wants = _GOES_TO[remedy]
            return True
        chosen = self.fields
        if remedy == "activate-user" and chosen.administration is not None and chosen.login:
            users.set_active(self.office, chosen.administration.number, Login.parse(chosen.login), active=True)
            chosen.read_users()
        self.failed = False
        if self.plan is not None and self.imported is None:
            self._make_plan()
        return True

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        lacking = tuple(self.fields.lacking(self.texts))
        filled = State.SUCCESS if self.plan is not None else State.CONFIGURED if lacking else State.READY
        self.wizard.put("file", filled, *lacking)
        self.wizard.put("details", *self._details())
        done = State.INIT if self.imported is None else State.SUCCESS if self.moved_on else State.READY
        self.wizard.put("done", done)
        self.wizard.put("backup", *self._backup())

    def _details(self) -> Stand:
        if self.plan is None or self.imported is not None:
            return (State.INIT if self.plan is None else State.SUCCESS,)
        if self.failed:
            return State.FAIL, self.not_now
        return stand_of(self.plan.obstacles, self.accepted, self.texts)

    def _backup(self) -> Stand:
        if self.backup is None or not self.moved_on:
            return (State.INIT,)
        if self.backup.made is not None:
            return (State.SUCCESS,)
        if self.busy:
            return State.ACTIVE, self.texts("At work; one moment, please")
        if self.failed:
            return State.FAIL, self.not_now
        lacking = self.backup.lacking(self.texts)
        return (State.CONFIGURED, *lacking) if lacking else (State.READY,)

    def _fill(self, step: Callable[[], None]) -> bool:
        """Fill a field in; only while they are on the screen."""
        if self.plan is not None or self.over:
            return False
        step()
        self.wants = ""
        return True

    def _make_plan(self) -> None:
        chosen = self.fields
        if chosen.administration is None or chosen.file is None:
            return
        new = chosen.new_user
        self.plan = plan_import(
            self.office,
            chosen.file,
            chosen.administration.number,
            chosen.login,
            user_name=new.name if new else None,
            employee=new.employee if new else None,
        )

    def step_back(self) -> bool:
        """Back a step, as long as nothing that lasts was done in it."""
        if self.busy or not self.wizard.back():
            return False
        self.failed = self.moved_on = self.stopped = False
        if self.imported is None:
            self.plan, self.accepted = None, frozenset()
        return True
