"""A preview of a backup: what it holds, what is here under its number, and what would be done with it as chosen."""

import dataclasses
from pathlib import Path

from accountools.domain.codes import N_
from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.reader import Decryption
from accountools.forms.kit.form import StepState, plan_state
from accountools.forms.kit.wizard import State
from accountools.operations.progress import Progress, no_progress
from accountools.operations.register import administrations
from accountools.operations.restores.install import INSTALL
from accountools.operations.restores.obstacles import signer_obstacles
from accountools.operations.restores.plan import RestoreChoices, RestorePlan, plan_checked
from accountools.operations.restores.restore import RESTORE, plan_restore
from accountools.operations.restores.verify import signer_of
from accountools.operations.session import Office
from accountools.texts import Texts

HOW = {
    "restore": N_("Restore: a backup that this office kept"),
    "install": N_("Install: a client's own backup, to work on"),
}


class Preview:
    """The preview. `here` is the administration that is there now, `signer` whether its signer is known; `plan` follows the choices.

    `maker_key` is the signer's key as it was read out by telephone, or nothing: another one then blocks.
    Raises as `plan_restore`: what can't be opened at all.
    """

    def __init__(self, office: Office, file: Path, unlock: Decryption, maker_key: str = "", progress: Progress = no_progress) -> None:
        self._office, self._file, self._unlock, self._maker_key = office, file, unlock, maker_key
        self.how, self.typed = "restore", ""
        self.accepted: frozenset[str] = frozenset()
        self.read(progress)

    def read(self, progress: Progress = no_progress) -> None:
        """Read the file, and what is here, anew."""
        self.found = plan_restore(self._office, self._file, self._unlock, progress=progress).checked
        client = self.found.extract.client
        self.signer = signer_of(self._office, self.found.manifest, client.kvk if client else None)[0]
        if self._maker_key:
            self.signer = "read-out" if self._maker_key == self.found.manifest.signer.key.thumbprint else "not-read-out"
        known = any(one.number == self.number for one, _client in administrations.list_administrations(self._office))
        self.here = administrations.show(self._office, self.number) if known and self._office.engine.has_books(self.number) else None
        self.replan()

    @property
    def number(self) -> AdministrationNumber:
        """The number in the backup, which it keeps."""
        return self.found.extract.number

    @property
    def number_confirmed(self) -> bool:
        """Whether the number that was typed is the one of what would be replaced."""
        try:
            return bool(self.typed.strip()) and AdministrationNumber.parse(self.typed.strip()) == self.number
        except AccountoolsError:
            return False

    def replan(self) -> None:
        """Plan for what was chosen, without and with replacing: the obstacles of both aren't lifted by a number typed."""
        kept, replacing = self._plan_for(replace=False), self._plan_for(replace=True)
        taken = [any(one.code == "number-taken" for one in plan.obstacles) for plan in (kept, replacing)]
        self.can_replace = taken == [True, False]
        self.plan = replacing if self.can_replace and self.number_confirmed else kept
        self.obstacles: tuple[Obstacle, ...] = (replacing if self.can_replace else kept).obstacles

    def state(self, _: Texts) -> StepState:
        """Whether it can be done as it is; if not, why."""
        state = plan_state(self.obstacles, self.accepted, _)
        if state[0] is State.READY and self.can_replace and not self.number_confirmed:
            return State.CONFIGURED, _("Type the number {number} to replace what is here", number=self.number)
        return state

    def _plan_for(self, *, replace: bool) -> RestorePlan:
        if self.how == "restore":
            choices = RestoreChoices(self._file, self._unlock, self._maker_key or None, replace=replace)
            return plan_checked(self._office, RESTORE, choices, self.found)
        plan = plan_checked(self._office, INSTALL, RestoreChoices(self._file, self._unlock, replace=replace), self.found)
        if self.signer != "not-read-out":
            return plan
        with self._office.session() as session:
            other_signer = signer_obstacles(session, self.found.manifest, "", self._maker_key)
        return dataclasses.replace(plan, obstacles=(*other_signer, *plan.obstacles))
