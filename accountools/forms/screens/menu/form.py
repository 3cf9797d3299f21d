"""The menu Accountancy: what needs attention today, the menu of S8 and S9, and the office's own licence with its renewal."""

import os
from dataclasses import replace
from pathlib import Path

from accountools import notebook_copies, resources
from accountools.domain.licence import Licence
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.files.licence_file import missing_licence_file, read_licence_file
from accountools.forms.kit.descriptions import ATTENTION, FILTERS, InterruptedBatch, find_interrupted_batch
from accountools.forms.kit.form import guarded, parse_path, plan_state
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.navigation import OWN_LICENCE, Request
from accountools.forms.kit.upload import Upload
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.operations.backups.register_backup import last_register_backup
from accountools.operations.licences.inbox_files import count_waiting
from accountools.operations.licences.renew import RenewPlan, plan_renew
from accountools.operations.licences.show import LicenceView
from accountools.operations.maintenance.open_office import check_open_office
from accountools.operations.register.administrations import list_administrations
from accountools.operations.session import Office
from accountools.reports.audit import audit
from accountools.texts import Texts


class Menu(JobForm):
    """The form. While no step is shown the menu is; its two steps are the renewal of the own licence, `renewed` that plan when applied.

    `waiting` is how many files wait in the inbox, `interrupted` the last batch of backups, if it was interrupted; `findings` say where
    issuers or revocation lists are not what the journal says; `office_backup` is the last backup of the office itself. In JupyterLab
    `changed_notebooks` are those of which the user changed the copy, and `restored` what was restored: the name, and that of what the user
    had, which is kept.
    """

    path = (N_("Accountancy"), N_("Settings"), N_("System"), N_("Own licence"))
    is_menu = True
    actions = frozenset({"retry", "choose-file"})

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        steps = (Step("file", N_("Licence file"), N_("Next")), Step("details", N_("Check the details"), N_("Renew"), lasting=True))
        super().__init__(office, Wizard(steps), texts, start)
        self.renewed: RenewPlan | None = None
        self.interrupted: InterruptedBatch | None = None
        self.uploaded = Upload()
        self.restored: tuple[str, str] | None = None
        self.reset()
        self.ended = "menu"
        self._load()
        self.assess()

    def reset(self) -> None:
        """Begin at the own licence, with no file chosen."""
        self.file: Path | None = None
        self.showing: LicenceView | None = None
        self.plan: RenewPlan | None = None
        self.failed = False
        self.ended = ""

    def remedy(self, one: Obstacle) -> str:
        """While the own licence is being renewed that of its file."""
        return super().remedy(one if self.idle else one.with_facts(own_file=True))

    @guarded
    def reload(self) -> None:
        """Read anew what needs attention."""
        self._load()

    @property
    def attention(self) -> tuple[tuple[str, str], ...]:
        """What needs attention today: the name of the audit's filter, and how much, as text."""
        counted = ((name, FILTERS[name].count_text(self.audit, self.texts)) for name in ATTENTION)
        return tuple((name, text) for name, text in counted if text)

    @property
    def is_empty(self) -> bool:
        """Whether this is a client's own office in which no administration was restored yet."""
        return not self.is_accountant_office and not self.administrations

    def begin(self, request: Request) -> None:
        """Begin with what another screen asks for: the own licence."""
        if request.show == OWN_LICENCE:
            self.open_own_licence()

    @guarded
    def open_own_licence(self) -> None:
        """Show the own licence, and renew it by a file; a renewal that was cancelled goes on where it was."""
        self.renewed = None
        if self.ended == "cancelled":
            self.ended = ""
        else:
            self.reset()

    @guarded
    def restore_notebook(self, name: str) -> None:
        """Put the program's own notebook in the place of the copy that the user changed."""
        kept = notebook_copies.restore_copy(resources.notebooks() / name, Path(os.environ[notebook_copies.FOLDER]))
        self.restored = name, kept.name
        self._load()

    @guarded
    def choose_file(self, path: Path | str) -> bool:
        """Choose the file of the new licence. Gives whether it holds a licence that is valid."""
        if self.plan is not None or self.ended:
            return False
        self.file = parse_path(str(path))
        self.showing = read_licence_file(self.office, self.file)
        return self.showing is not None and self.showing.verdict is None

    @guarded
    def upload(self, name: str, data: bytes) -> bool:
        """Receive a file, and choose it."""
        return self.choose_file(self.uploaded.receive(name, data))

    @guarded
    def next(self) -> bool:
        """*Volgende*: plan the renewal and show what changes. Changes nothing."""
        if self.file is None or not self.wizard.is_at("file", State.READY):
            return False
        self.plan = plan_renew(self.office, self.file)
        return True

    @property
    def plan_to_confirm(self) -> RenewPlan | None:
        """The renewal that is shown."""
        return self.plan

    @property
    def can_change_number(self) -> bool:
        """Whether the chosen licence only has another number, which the office may move to when that is asked for."""
        found = [one for one in self.plan.obstacles if one.code == "licence-differs"] if self.plan is not None else []
        return self.plan is not None and not self.plan.new_number and any("issuer" not in dict(one.facts) for one in found)

    @guarded
    def change_number(self) -> bool:
        """Plan the renewal by a licence of another number. Changes nothing."""
        if self.file is None or not self.can_change_number:
            return False
        self.plan = plan_renew(self.office, self.file, new_number=True)
        return True

    @guarded
    def renew(self) -> bool:
        """*Vernieuwen*: by the very plan that was shown. A second press does nothing."""
        if self.plan is None or not self.wizard.is_at("details", State.READY):
            return False
        plan = replace(self.plan, accepted=self.accepted)
        self.renewed = self.run_step("details", lambda: plan.apply(self.office))
        self._load()
        self.reset()
        self.ended = "renewed"
        return True

    def step_back(self) -> bool:
        """Back to the file, which stays."""
        if not self.wizard.back():
            return False
        self.plan, self.failed = None, False
        return True

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: plan again, or choose another file; in the menu itself, read anew what needs attention."""
        self.failed = False
        if self.idle:
            self._load()
            return action == "retry"
        if action == "retry" and self.plan is not None and self.file is not None:
            self.plan = plan_renew(self.office, self.file, new_number=self.plan.new_number)
            return True
        self.plan = None
        return action in {"retry", "choose-file"}

    def assess(self) -> None:
        """Derive the steps' states from what is filled in."""
        missing = missing_licence_file(self.showing, self.texts)
        if self.plan is None:
            self.wizard.set_state("file", State.CONFIGURED if missing else State.READY, *missing)
            self.wizard.set_state("details", State.INIT)
        else:
            self.wizard.set_state("file", State.SUCCESS)
            failed = (State.FAIL, self.blocked_reason)
            self.wizard.set_state("details", *(failed if self.failed else plan_state(self.plan.obstacles, self.accepted, self.texts)))

    def _load(self) -> None:
        self.audit, self.administrations = audit(self.office), len(list_administrations(self.office))
        self.held_day = self.audit.held_day
        self.office_backup = last_register_backup(self.office)
        copies = os.environ.get(notebook_copies.FOLDER)
        self.changed_notebooks = notebook_copies.list_changed(resources.notebooks(), Path(copies)) if copies else ()
        self.waiting, self.interrupted = 0, None
        self.feedback.run(self._load_waiting)
        self.feedback.run(self._load_interrupted)
        with self.office.session() as session:
            self.own: Licence = session.own_licence
            self.findings = tuple(check_open_office(session))
            self.own_status = self.own.status(self.today, revoked=session.own.revoked)

    def _load_waiting(self) -> None:
        if self.is_accountant_office:
            self.waiting = count_waiting(self.office)

    def _load_interrupted(self) -> None:
        self.interrupted = find_interrupted_batch(self.office)
