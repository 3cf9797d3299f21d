"""Restoring an administration from a backup (S16), or installing a client's own to work on (S3): choose, preview, and do it or not at all.

Or many, when an office was lost: the newest backup of each administration in a folder. Nothing changes until *Klaar*. What is replaced is
named by its number, typed, one at a time; what asks for a confirmation gets one, or it isn't done.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

from accountools.domain.administration import User
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.form import StepState, guarded, parse_path
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.upload import Upload
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.restore.backup import HOW, BackupToRestore, Preview
from accountools.forms.screens.restore.many import BackupFolder, ManyPreview
from accountools.operations.backups.retention import list_backups
from accountools.operations.errors import translate_error
from accountools.operations.progress import Stopped
from accountools.operations.register import administrations, users
from accountools.operations.register.users import Entrance
from accountools.operations.restores.plan import RestorePlan
from accountools.operations.restores.restore_many import RestoreOutcome
from accountools.operations.restores.verify import Verification
from accountools.operations.session import Office
from accountools.texts import Texts

ONE, FOLDER = "one", "folder"
_FIELDS = {"choose-file": "file", "choose-key": "key", "type-passphrase": "passphrase"}  # by the action that leads to it


class RestoreBackup(JobForm):
    """The form. `preview` is that of the backup, `done` what was done. `wants` is the field that a remedy's button leads to.

    `source` is `ONE` backup or a `FOLDER`; of that `many` is the preview, with the outcome in it. Afterwards `entrances` says who may log
    in, and `safety_copy` is the backup of what was replaced.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Restore backup"))
    actions = frozenset({"retry", "choose-file", "choose-key", "type-passphrase"})

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        steps = (Step("file", N_("Backup"), N_("Next")), Step("preview", N_("Check and restore"), N_("Finish"), lasting=True))
        super().__init__(office, Wizard(steps), texts, start)
        self.upload = Upload(office)
        self.reset()
        self.assess()

    def reset(self) -> None:
        """Begin with another backup. What was uploaded goes."""
        self.upload.drop()
        self.backup, self.folder = BackupToRestore(self.office), BackupFolder()
        self.source, self.wants = ONE, ""
        self.busy = self.stopped = False
        self._clear_preview()

    def _clear_preview(self) -> None:
        self.preview: Preview | None = None
        self.many: ManyPreview | None = None
        self.failed = False
        self.done: RestorePlan | None = None
        self.entrances: tuple[tuple[User, Entrance], ...] = ()
        self.safety_copy: Path | None = None

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done here: a number that is taken even when it may be replaced is somebody else's."""
        if one.code == "number-taken" and self.source == FOLDER:
            return self.texts("If what is here must be replaced, restore this backup by itself.")
        if one.code == "number-taken":
            return self.texts("This backup is of another client: choose another one.")
        return super().remedy(one)

    def begin(self, request: Request) -> None:
        """Begin with the last backup of the administration that another screen asks for that was kept here, if it is still there."""
        if request.administration is None:
            return
        made = (one for one in list_backups(self.office) if one.present and one.record.administration == request.administration)
        kept = [one.record.path for one in made if one.record.purpose == "safekeeping" or not self.is_accountant_office]
        if kept and kept[-1] is not None:
            self.choose_file(kept[-1])
        else:
            self.wants = "file"

    # Step 1: the file, and what opens it

    @guarded
    def choose_file(self, path: Path | str) -> bool:
        """Choose the backup. Gives whether it is one."""
        if not self._may_fill:
            return False
        self.backup.choose(path)
        self.wants, self.stopped = "", False
        return self.backup.manifest is not None

    @guarded
    def choose_source(self, source: str) -> bool:
        """Choose what to restore: one backup, or those in a folder. What was filled in stays."""
        if not self._may_fill or source not in {ONE, FOLDER}:
            return False
        self.source, self.wants, self.stopped = source, "", False
        return True

    @guarded
    def choose_folder(self, path: Path | str) -> bool:
        """Choose the folder of backups."""
        if not self._may_fill:
            return False
        self.folder.path, self.wants, self.stopped = parse_path(str(path)), "", False
        return True

    @guarded
    def choose_key(self, path: Path | str) -> bool:
        """Choose the key file."""
        if not self._may_fill:
            return False
        self.backup.key_file = self.folder.key_file = parse_path(str(path))
        self.wants = ""
        return True

    @guarded
    def set_maker_key(self, thumbprint: str) -> bool:
        """Set the signer's key as it was read out by telephone (empty: any); blanks and how it was grouped don't count, capitals do."""
        if not self._may_fill:
            return False
        self.backup.maker_key = " ".join(thumbprint.split())
        return True

    @guarded
    def note_passphrase(self, typed: bool) -> bool:
        """Note whether a passphrase is typed, not what it is."""
        self.backup.passphrase_typed = typed
        return self._may_fill

    @guarded
    def check(self, passphrase: str | None = None) -> bool:
        """*Controleren*: verify it without restoring it."""
        if not self._may_fill or self.backup.manifest is None:
            return False
        self.backup.passphrase_typed = False

        def show(found: Verification | None) -> None:
            self.backup.verification = found

        return self.run_job("file", lambda: self.backup.verified(passphrase), show, harmless=True)

    @guarded
    def next(self, passphrase: str | None = None) -> bool:
        """*Volgende*: preview it. Changes nothing, and the passphrase is not kept."""
        self.backup.passphrase_typed = self.backup.passphrase_typed or bool(passphrase)
        self.assess()
        if not self._may_fill or not self.wizard.is_at("file", State.READY):
            return False
        self.backup.passphrase_typed = False
        if self.source == FOLDER:
            return self._next_many(passphrase)
        file = self.backup.file

        def read() -> Preview | None:
            unlock = self.backup.unlock(passphrase)
            return None if file is None else Preview(self.office, file, unlock, self.backup.maker_key, self.progress_hook())

        def show(preview: Preview | None) -> None:
            self.preview = preview

        return self.run_job("file", read, show, harmless=True)

    def _next_many(self, passphrase: str | None) -> bool:
        def read() -> ManyPreview:
            return ManyPreview(self.office, self.folder, passphrase, self.backup.maker_key, self.progress_hook())

        def show(many: ManyPreview) -> None:
            self.many = many

        return self.run_job("file", read, show, harmless=True)

    # Step 2: what it holds, what is here; the choices, and doing it

    @property
    def plan_to_confirm(self) -> object:
        """What is planned for the backup, or would come of each in the folder."""
        if self.preview is not None:
            return self.preview.plans
        return None if self.many is None else self.many.results

    @guarded
    def choose_how(self, how: str) -> bool:
        """Restore, or (an accountant's office) install."""
        if self.preview is None or self._finished or how not in HOW or not self.is_accountant_office:
            return False
        self.preview.plan_to(how)
        self.failed = False
        return True

    @guarded
    def type_number(self, typed: str) -> bool:
        """Type the number of what is to be replaced; gives whether it is that number."""
        if self.preview is None or self._finished:
            return False
        self.preview.typed = typed
        return self.preview.number_confirmed

    @guarded
    def finish(self) -> bool:
        """*Klaar*: do what was shown. A second press does nothing."""
        many = self.many
        if many is not None and self.wizard.is_at("preview", State.READY):
            return self.run_job("preview", lambda: many.restore(self.accepted, self.progress_hook()), partial(self._show_many, many))
        if self.preview is None or not self.wizard.is_at("preview", State.READY):
            return False
        plan = replace(self.preview.plan, accepted=self.accepted)
        return self.run_job("preview", lambda: self._apply(plan), self._show_done)

    def _apply(self, plan: RestorePlan) -> tuple[RestorePlan, Path | None]:
        before = {one.record.id for one in list_backups(self.office)}
        plan.raise_if_refused()
        done = plan.apply(self.office, self.progress_hook())
        new = (one.record.path for one in list_backups(self.office) if one.record.id not in before)
        return done, next(new, None)

    def _show_done(self, applied: tuple[RestorePlan, Path | None]) -> None:
        done, self.safety_copy = applied
        here = administrations.show(self.office, done.number).users
        self.entrances = tuple((user, users.enter(self.office, done.number, user.login)) for user in here)
        self.done = done

    def _show_many(self, many: ManyPreview, outcome: RestoreOutcome) -> None:
        many.outcome = outcome
        if outcome.stopped is not None and not isinstance(outcome.stopped, Stopped):
            raise translate_error(outcome.stopped)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        if action in _FIELDS:
            self.step_back()
            self.wants = _FIELDS[action]
            return True
        self.failed = False
        preview = self.preview or self.many
        return preview is not None and not self._finished and self.run_job("preview", preview.read, lambda _: None)

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        preview = self.preview or self.many
        if preview is not None:
            self.wizard.set_state("file", State.SUCCESS)
            self.wizard.set_state("preview", *self._preview_state(preview))
            return
        chosen = self.folder if self.source == FOLDER else self.backup
        missing = (self.texts("Working; one moment, please"),) if self.busy else tuple(chosen.missing(self.texts))
        self.wizard.set_state("file", State.ACTIVE if self.busy else State.CONFIGURED if missing else State.READY, *missing)
        self.wizard.set_state("preview", State.INIT)

    def _preview_state(self, preview: Preview | ManyPreview) -> StepState:
        if self.busy:
            return State.ACTIVE, self.texts("Working; one moment, please")
        if self._is_done:
            return (State.SUCCESS,)
        return (State.FAIL, self.blocked_reason) if self.failed else preview.state(self.accepted, self.texts)

    @property
    def _is_done(self) -> bool:
        return self.done is not None or (self.many is not None and self.many.outcome is not None)

    @property
    def _may_fill(self) -> bool:
        return self.preview is None and self.many is None and not self.ended and not self.busy

    @property
    def _finished(self) -> bool:
        return self._is_done or bool(self.ended) or self.busy

    def step_back(self) -> bool:
        """Back to the file; what was filled in stays."""
        if self._is_done or self.busy:
            return False
        self._clear_preview()
        return True
