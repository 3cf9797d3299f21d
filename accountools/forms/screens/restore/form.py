"""Restoring an administration from a backup (S16), or installing a client's own to work on (S3): choose, look, and do it or not at all.

Nothing changes until *Klaar*. What is replaced is named by its number, typed; what asks for a yes gets one, or it isn't done.
"""

from dataclasses import replace
from pathlib import Path

from accountools.domain.administration import User
from accountools.domain.codes import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.feedback import REMEDIES, Feedback, Remedy
from accountools.forms.kit.form import step_of_form
from accountools.forms.kit.jobs import Start, WorkingForm, at_once
from accountools.forms.kit.preferences import Chosen
from accountools.forms.kit.step_form import Stand
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.restore.file import BackupToRestore
from accountools.forms.screens.restore.preview import HOW, Look
from accountools.operations.backups.retention import list_backups
from accountools.operations.register import administrations
from accountools.operations.register import users as admitting
from accountools.operations.register.users import Entrance
from accountools.operations.restores.install import InstallPlan
from accountools.operations.restores.restore import RestorePlan
from accountools.operations.restores.verify import Verification
from accountools.operations.session import Office
from accountools.texts import Texts

_REMEDIES = REMEDIES | {
    "number-taken": Remedy(N_("Look again"), "look-again"),
    "wrong-key": Remedy(N_("Try again"), "again"),
    "key-invalid": Remedy(N_("Choose another key file"), "look-up-key"),
}
_GOES_TO = {"look-up-file": "file", "look-up-key": "key", "again": "words"}


def steps() -> Wizard:
    """The two steps."""
    return Wizard((Step("file", N_("Backup"), N_("Next")), Step("look", N_("Check and restore"), N_("Finish"), lasting=True)))


class RestoreBackup(WorkingForm):
    """The form. `look` is the look into the backup, `done` what was done.

    Then `entrances` says who may log in, and `kept` where the safety copy of what was replaced is.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Restore backup"))

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = at_once) -> None:
        super().__init__(office, steps(), texts, start)
        self.feedback = Feedback(remedy_for=_REMEDIES.get)
        with office.reading() as connection:
            self.accountants = office.is_accountants(connection)
        self.begin_anew()
        self.assess()

    def begin_anew(self) -> None:
        """Begin with another backup."""
        self.backup = BackupToRestore(self.office)
        self.over, self.wants = "", ""
        self.busy = self.stopped = False
        self._forget()

    def _forget(self) -> None:
        self.look: Look | None = None
        self.failed = False
        self.done: RestorePlan | InstallPlan | None = None
        self.entrances: tuple[tuple[User, Entrance], ...] = ()
        self.kept: Path | None = None

    def what_to_do(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done here: a number that is taken even when it may be replaced is somebody else's."""
        if one.code == "number-taken":
            return self.texts("It is another client's: choose another backup.")
        if one.code == "signer-changed" and one.blocking:
            return self.texts("It isn't the key that was read out to you: telephone the office, or correct what you typed.")
        if one.code == "licence-differs" and self.accountants:
            return self.texts("It is of a client: install it to work on, or choose a backup that this office kept.")
        return super().what_to_do(one)

    def begin(self, chosen: Chosen) -> None:
        """Begin with what was chosen on another screen: the last backup of that administration that was kept here, if it is still there."""
        if chosen.administration is None:
            return
        made = (one for one in list_backups(self.office) if one.present and one.record.administration == chosen.administration)
        kept = [one.record.path for one in made if one.record.purpose == "safekeeping" or not self.accountants]
        if kept and kept[-1] is not None:
            self.choose_file(kept[-1])
        else:
            self.wants = "file"

    # Step 1: the file, and what opens it

    @step_of_form
    def choose_file(self, path: Path | str) -> bool:
        """Choose the backup. Tells whether it is one."""
        if not self._may_fill:
            return False
        self.backup.choose(path)
        self.wants, self.stopped = "", False
        return self.backup.manifest is not None

    @step_of_form
    def choose_key(self, path: Path | str) -> bool:
        """Choose the key file."""
        if not self._may_fill:
            return False
        self.backup.choose_key(path)
        self.wants = ""
        return True

    @step_of_form
    def hold_to(self, thumbprint: str) -> bool:
        """Hold the signer to the key that was read out by telephone (empty: to none)."""
        if not self._may_fill:
            return False
        self.backup.hold_to(thumbprint)
        return True

    @step_of_form
    def type_words(self, typed: bool) -> bool:
        """Take note of whether a passphrase is typed, not of what it is."""
        self.backup.words = typed
        return self._may_fill

    @step_of_form
    def check(self, passphrase: str | None = None) -> bool:
        """*Controleren*: verify it without restoring it."""
        if not self._may_fill or self.backup.manifest is None:
            return False
        self.backup.words = False
        return self.work_on("file", lambda: self.backup.verified(passphrase), self._verified, free=True)

    def _verified(self, found: Verification | None) -> None:
        self.backup.verification = found

    @step_of_form
    def next(self, passphrase: str | None = None) -> bool:
        """*Volgende*: look into it. Changes nothing, and the passphrase is not kept."""
        self.backup.words = self.backup.words or bool(passphrase)
        self.assess()
        if not self._may_fill or not self.wizard.is_at("file", State.READY):
            return False
        self.backup.words = False
        return self.work_on("file", lambda: self._looked_into(passphrase), self._show, free=True)

    def _looked_into(self, passphrase: str | None) -> Look | None:
        file = self.backup.file
        return None if file is None else Look(self.office, file, self.backup.unlock(passphrase), self.backup.read_out, self.hook())

    def _show(self, look: Look | None) -> None:
        self.look = look

    # Step 2: what it holds, what is here; the choices, and doing it

    @step_of_form
    def choose_how(self, how: str) -> bool:
        """Restore, or (an accountant's office) install."""
        if self.look is None or self._finished or how not in HOW or not self.accountants:
            return False
        self.look.how, self.failed = how, False
        self.look.plan_anew()
        return True

    @step_of_form
    def accept(self, code: str, yes: bool = True) -> bool:
        """Say yes (or no again) to what asks for it."""
        if self.look is None or self._finished:
            return False
        self.look.accepted = self.look.accepted | {code} if yes else self.look.accepted - {code}
        return True

    @step_of_form
    def type_number(self, typed: str) -> bool:
        """Type the number of what is to be replaced; tells whether it is that number."""
        if self.look is None or self._finished:
            return False
        self.look.typed = typed
        self.look.plan_anew()
        return self.look.means_it

    @step_of_form
    def finish(self) -> bool:
        """*Klaar*: do what was shown. A second press does nothing."""
        if self.look is None or not self.wizard.is_at("look", State.READY):
            return False
        plan = replace(self.look.plan, accepted=self.look.accepted)
        return self.work_on("look", lambda: self._apply(plan), self._tell_done)

    def _apply(self, plan: RestorePlan | InstallPlan) -> tuple[RestorePlan | InstallPlan, Path | None]:
        before = {one.record.id for one in list_backups(self.office)}
        plan.raise_if_refused()
        done = plan.apply(self.office, self.hook())
        new = (one.record.path for one in list_backups(self.office) if one.record.id not in before)
        return done, next(new, None)

    def _tell_done(self, applied: tuple[RestorePlan | InstallPlan, Path | None]) -> None:
        done, self.kept = applied
        users = administrations.show(self.office, done.number).users
        self.entrances = tuple((user, admitting.enter(self.office, done.number, user.login)) for user in users)
        self.done = done

    # The other buttons

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says."""
        if remedy in _GOES_TO:
            self.step_back()
            self.wants = _GOES_TO[remedy]
            return True
        self.failed = False
        look = self.look
        return look is not None and self.done is None and self.work_on("look", look.read, lambda _: None)

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        if self.look is not None:
            self.wizard.put("file", State.SUCCESS)
            self.wizard.put("look", *self._looking(self.look))
            return
        lacking = (self.texts("At work; one moment, please"),) if self.busy else tuple(self.backup.lacking(self.texts))
        self.wizard.put("file", State.ACTIVE if self.busy else State.CONFIGURED if lacking else State.READY, *lacking)
        self.wizard.put("look", State.INIT)

    def _looking(self, look: Look) -> Stand:
        if self.busy:
            return State.ACTIVE, self.texts("At work; one moment, please")
        if self.done is not None:
            return (State.SUCCESS,)
        return (State.FAIL, self.not_now) if self.failed else look.stands(self.texts)

    @property
    def _may_fill(self) -> bool:
        return self.look is None and not self.over and not self.busy

    @property
    def _finished(self) -> bool:
        return self.done is not None or bool(self.over) or self.busy

    def step_back(self) -> bool:
        """Back to the file; what was filled in stays."""
        if self.done is not None or self.busy:
            return False
        if self.look is not None:
            self._forget()
        return True
