"""Importing a client's licence: the seed's wizard (S8, S11–S14), then the backup (S9, S15).

Two fields, *Volgende* (the plan), the details, *Klaar* (that very plan applied), the confirmation, *Sluiten*. The rules
are those of the operations. What is filled in stays when something is refused.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from accountools.domain.administration import Administration
from accountools.domain.errors import raise_first_obstacle
from accountools.domain.identifiers import Login
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.licence_file import ImportUndo
from accountools.forms.kit.form import StepState, guarded, parse_user, plan_state
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.import_licence.backup import BackupResult, ClientBackup
from accountools.forms.screens.import_licence.fields import LicenceFields
from accountools.operations.licences.import_licence import ImportPlan, plan_import
from accountools.operations.licences.inbox_files import add_to_inbox
from accountools.operations.register import users
from accountools.operations.session import Office
from accountools.texts import Texts

_FIELDS = {"choose-file": "file", "create-user": "new-user", "choose-user": "user"}  # by the action that leads to it


class ImportClientLicence(JobForm):
    """The form. Its steps give whether they were done; why not is in `feedback`. `wants` is the field that a remedy's button leads to."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Import client licence"))
    for_accountants = True
    actions = frozenset({"retry", "choose-file", "create-user", "choose-user", "activate-user"})

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        steps = (
            Step("file", N_("File and user"), N_("Next")),
            Step("details", N_("Check the details"), N_("Finish"), lasting=True),
            Step("done", N_("Imported"), N_("Make backup")),
            Step("backup", N_("Backup"), N_("Make backup"), lasting=True),
        )
        super().__init__(office, Wizard(steps), texts, start)
        self.reset()
        self.assess()

    def reset(self) -> None:
        """Begin with nothing filled in."""
        self.fields = LicenceFields(self.office)
        self.plan: ImportPlan | None = None
        self.imported: ImportPlan | None = None
        self.backup: ClientBackup | None = None
        self.undo = ImportUndo(self.office)
        self.moved_on = self.failed = self.busy = self.stopped = False
        self.ended, self.wants = "", ""

    def begin(self, request: Request) -> None:
        """Begin with the administration that another screen asks for."""
        if request.administration is not None:
            self.choose_administration(request.administration)

    def kept_state(self) -> dict[str, Any]:
        """The user who is made with the import."""
        user = self.fields.new_user
        return {} if user is None else {"user": [user.login, user.name, user.employee]}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Fill in that user, as soon as their login is."""
        if state.get("user"):
            self.fields.draft = parse_user(*state["user"])

    # Step 1: the administration and the two fields

    @guarded
    def choose_administration(self, number: int | str) -> bool:
        """Choose the administration that is for the client (S8)."""
        return self._fill(lambda: self.fields.choose_administration(number))

    @guarded
    def choose_file(self, path: Path | str) -> bool:
        """Choose the licence file (S11). Gives whether it holds a licence that is valid."""
        filled, fields = self._fill(lambda: self.fields.choose_file(path)), self.fields
        return filled and fields.showing is not None and fields.showing.verdict is None

    @guarded
    def upload(self, name: str, data: bytes) -> bool:
        """Receive a licence file that was dropped on the screen: it goes to the inbox, and is chosen."""
        return self._fill(lambda: self.fields.choose_file(add_to_inbox(self.office, name, data)))

    @guarded
    def choose_user(self, login: str) -> bool:
        """Choose the client's user who gets access (S12)."""
        return self._fill(lambda: self.fields.choose_user(login))

    @guarded
    def create_user(self, login: str, name: str, employee: int | str | None = None) -> bool:
        """Fill in a new user of the client, who is made together with the import and not before (S12)."""
        return self._fill(lambda: self.fields.create_user(login, name, employee))

    @guarded
    def next(self) -> bool:
        """*Volgende*: plan the import and show the details (S13). Changes nothing."""
        if not self.wizard.is_at("file", State.READY):
            return False
        self._make_plan()
        return True

    # Step 2: the details

    @property
    def plan_to_confirm(self) -> ImportPlan | None:
        """The import that is shown."""
        return self.plan

    @guarded
    def finish(self) -> bool:
        """*Klaar*: import, by the very plan that was shown (S14). A second press does nothing."""
        if self.plan is None or not self.wizard.is_at("details", State.READY):
            return False
        plan = replace(self.plan, accepted=self.accepted)
        self.imported = done = self.run_step("details", lambda: plan.apply(self.office))
        if done.licence is not None:
            self.backup = ClientBackup(self.office, done.number, done.licence)
        return True

    # Steps 3 and 4: the confirmation and the backup

    @property
    def confirmation(self) -> str:
        """What was imported, in a sentence."""
        plan = self.imported
        if plan is None or plan.licence is None or plan.user is None:
            return ""
        return self.texts("Licence {licence} of {client} is imported into administration {number}. {user} ({login}) gets access.",
            licence=plan.licence.number, client=plan.licence.licensee.name, number=plan.number, user=plan.user.name,
            login=plan.user.login)  # fmt: skip

    @guarded
    def ask_undo(self) -> bool:
        """*Import ongedaan maken*: ask first, saying what comes back."""
        if self.imported is None or not self.wizard.is_at("done"):
            return False
        self.undo.ask(self.imported.number)
        return True

    @guarded
    def decline_undo(self) -> None:
        """Leave the import as it is."""
        self.undo.decline()

    @guarded
    def confirm_undo(self) -> bool:
        """Undo the import; one begins anew after that."""
        undo = self.undo
        if not undo.confirm():
            return False
        self.reset()
        self.undo, self.ended = undo, "undone"
        return True

    @guarded
    def continue_to_backup(self) -> bool:
        """From the confirmation on to the backup."""
        self.moved_on = self.moved_on or self.wizard.is_at("done")
        return self.moved_on

    @guarded
    def make_backup(
        self,
        *,
        to: str | None = None,
        passphrase: str | None = None,
        folder: Path | str | None = None,
        check: bool | None = None,
        rehearse: bool | None = None,
    ) -> bool:
        """Make the backup for the client (S15): to the `licence`, a `passphrase` (not kept), a `generated` one, or `plain`."""
        if self.backup is None or self.busy or self.wizard.finished:
            return False
        choice, self.moved_on, self.failed = self.backup, True, False
        choice.choose(to, passphrase, folder, rehearse=rehearse)
        choice.check = choice.check if check is None else check
        self.assess()
        if not self.wizard.is_at("backup", State.READY):
            return False
        choice.compare("", "")

        def show(made: BackupResult) -> None:
            choice.made = made
            raise_first_obstacle(made.findings)

        return self.run_job("backup", lambda: choice.make(passphrase, self.texts, self.progress_hook()), show)

    def administrations_of(self, one: Obstacle) -> tuple[Administration, ...]:
        """Those of the client whose licence it is (`other-client`)."""
        kvk = dict(one.facts).get("kvk") if one.code == "other-client" else None
        return tuple(its for its, client in self.fields.choices() if client.kvk == kvk)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        if action in _FIELDS:
            self.step_back()
            self.wants = _FIELDS[action]
            return True
        chosen = self.fields
        if action == "activate-user" and chosen.administration is not None and chosen.login:
            users.set_active(self.office, chosen.administration.number, Login.parse(chosen.login), active=True)
            chosen.read_users()
        self.failed = False
        if self.plan is not None and self.imported is None:
            self._make_plan()
        return True

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        missing = tuple(self.fields.missing(self.texts))
        filled = State.SUCCESS if self.plan is not None else State.CONFIGURED if missing else State.READY
        self.wizard.set_state("file", filled, *missing)
        self.wizard.set_state("details", *self._details_state())
        done = State.INIT if self.imported is None else State.SUCCESS if self.moved_on else State.READY
        self.wizard.set_state("done", done)
        self.wizard.set_state("backup", *self._backup_state())

    def _details_state(self) -> StepState:
        if self.plan is None or self.imported is not None:
            return (State.INIT if self.plan is None else State.SUCCESS,)
        if self.failed:
            return State.FAIL, self.blocked_reason
        return plan_state(self.plan.obstacles, self.accepted, self.texts)

    def _backup_state(self) -> StepState:
        if self.backup is None or not self.moved_on:
            return (State.INIT,)
        if self.backup.made is not None:
            return (State.SUCCESS,)
        if self.busy:
            return State.ACTIVE, self.texts("Working; one moment, please")
        if self.failed:
            return State.FAIL, self.blocked_reason
        missing = self.backup.missing(self.texts)
        return (State.CONFIGURED, *missing) if missing else (State.READY,)

    def _fill(self, step: Callable[[], None]) -> bool:
        """Fill a field in; only while they are on the screen."""
        if self.plan is not None or self.ended:
            return False
        step()
        self.wants = ""
        return True

    def _make_plan(self) -> None:
        chosen = self.fields
        if chosen.administration is None or chosen.file is None:
            return
        name, employee = (chosen.new_user.name, chosen.new_user.employee) if chosen.new_user else (None, None)
        number = chosen.administration.number
        self.plan = plan_import(self.office, chosen.file, number, chosen.login, user_name=name, employee=employee)

    def step_back(self) -> bool:
        """Back a step, as long as nothing that lasts was done in it."""
        if self.busy or not self.wizard.back():
            return False
        self.failed = self.moved_on = self.stopped = False
        if self.imported is None:
            self.plan = None
        return True
