"""A backup that was looked into: what it holds, what is here under its number, and what would be done with it as chosen."""

import dataclasses
from pathlib import Path

from accountools.domain.codes import N_
from accountools.domain.errors import AccountoolsError
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.reader import Unlock
from accountools.forms.kit.step_form import Stand, stand_of
from accountools.forms.kit.wizard import State
from accountools.operations.progress import Progress, no_progress
from accountools.operations.register import administrations
from accountools.operations.restores import install, restore
from accountools.operations.restores.checked_image import signer_obstacles
from accountools.operations.restores.install import InstallPlan
from accountools.operations.restores.restore import RestorePlan, plan_restore
from accountools.operations.restores.verify import signer_of
from accountools.operations.session import Office
from accountools.texts import Texts

HOW = {
    "restore": N_("Restore: a backup that this office kept"),
    "install": N_("Install: a client's own backup, to work on"),
}


class Look:
    """The look. `here` is the administration that is there now, `signer` whether its signer is known; `plan` follows the choices.

    `read_out` is the signer's key as it was read out by telephone, or nothing: another one is then in the way, whatever is said.
    Raises as `plan_restore`: what can't be looked into at all.
    """

    def __init__(self, office: Office, file: Path, unlock: Unlock, read_out: str = "", progress: Progress = no_progress) -> None:
        self._office, self._file, self._unlock, self._read_out = office, file, unlock, read_out
        self.how, self.typed = "restore", ""
        self.accepted: frozenset[str] = frozenset()
        self.read(progress)

    def read(self, progress: Progress = no_progress) -> None:
        """Look (again): at the file, and at what is here."""
        self.found = plan_restore(self._office, self._file, self._unlock, progress=progress).checked
        client = self.found.slice.client
        self.signer = signer_of(self._office, self.found.manifest, client.kvk if client else None)[0]
        if self._read_out:
            self.signer = "read-out" if self._read_out == self.found.manifest.signer.key.thumbprint else "not-read-out"
        known = any(one.number == self.number for one, _client in administrations.list_administrations(self._office))
        self.here = administrations.show(self._office, self.number) if known and self._office.engine.has_books(self.number) else None
        self.plan_anew()

    @property
    def number(self) -> AdministrationNumber:
        """The number in the backup, which it keeps."""
        return self.found.slice.number

    @property
    def means_it(self) -> bool:
        """Whether the number that was typed is the one of what would be replaced."""
        try:
            return bool(self.typed.strip()) and AdministrationNumber.parse(self.typed.strip()) == self.number
        except AccountoolsError:
            return False

    def plan_anew(self) -> None:
        """Plan for what was chosen, without and with replacing: what stands in the way of both isn't lifted by a number typed."""
        kept, replacing = self._plan_for(replace=False), self._plan_for(replace=True)
        taken = [any(one.code == "number-taken" for one in plan.obstacles) for plan in (kept, replacing)]
        self.can_replace = taken == [True, False]
        self.plan = replacing if self.can_replace and self.means_it else kept
        self.in_the_way: tuple[Obstacle, ...] = (replacing if self.can_replace else kept).obstacles

    def stands(self, _: Texts) -> Stand:
        """Whether it can be done as it is; if not, why."""
        stand = stand_of(self.in_the_way, self.accepted, _)
        if stand[0] is State.READY and self.can_replace and not self.means_it:
            return State.CONFIGURED, _("Type the number {number} to replace what is here", number=self.number)
        return stand

    def _plan_for(self, *, replace: bool) -> RestorePlan | InstallPlan:
        if self.how == "restore":
            return restore.plan_for(self._office, self._file, self.found, self._unlock, self._read_out or None, replace=replace)
        plan = install.plan_for(self._office, self._file, self.found, self._unlock, replace=replace)
        return plan if self.signer != "not-read-out" else dataclasses.replace(plan, obstacles=(*self._another(), *plan.obstacles))

    def _another(self) -> list[Obstacle]:
        """That the signer isn't the one that was read out."""
        with self._office.reading() as connection:
            return signer_obstacles(self._office, connection, self.found.manifest, "", self._read_out)
