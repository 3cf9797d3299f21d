"""The backup to restore: what is known of the file before it is opened, and a preview of what restoring it would do."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from accountools.domain.errors import AccountoolsError, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.manifest import Manifest
from accountools.formats.backup.reader import Decryption
from accountools.forms.kit.form import StepState, parse_path, plan_state
from accountools.forms.kit.wizard import State
from accountools.operations.errors import translate_error
from accountools.operations.progress import Progress, no_progress
from accountools.operations.register import administrations
from accountools.operations.register.administrations import AdministrationView
from accountools.operations.restores.install import INSTALL
from accountools.operations.restores.obstacles import signer_obstacles
from accountools.operations.restores.plan import RestoreChoices, RestorePlan, plan_checked, plan_restore
from accountools.operations.restores.restore import RESTORE
from accountools.operations.restores.unlock import one_time_key, read_key_file, read_manifest
from accountools.operations.restores.verify import Verification, signer_of, verify
from accountools.operations.session import Office
from accountools.texts import Texts
from accountools.words import is_key


class BackupToRestore:
    """What is filled in. `passphrase_typed` is whether a passphrase is typed, not what it is; `error` what is wrong with the file.

    `maker_key` is the maker's key as read out by telephone, its words or its thumbprint; empty when nobody did.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.file: Path | None = None
        self.manifest: Manifest | None = None
        self.error: Obstacle | None = None
        self.key_file: Path | None = None
        self.passphrase_typed = False
        self.maker_key = ""
        self.verification: Verification | None = None

    def choose(self, path: Path | str) -> None:
        """Choose the file; its manifest is read at once."""
        self.file = parse_path(str(path))
        self.manifest = self.error = self.verification = None
        if self.file is None:
            return
        try:
            self.manifest = read_manifest(self.file)
        except (AccountoolsError, OSError) as error:  # shown beside the field
            self.error = translate_error(error).reason

    @property
    def opened_by(self) -> str:
        """What opens it: a `passphrase`, a `key`, or nothing (it is plain, or not known yet)."""
        if self.manifest is None or not self.manifest.encrypted:
            return ""
        return "passphrase" if self.manifest.sealed_key is not None else "key"

    def missing(self, _: Texts) -> Iterator[str]:
        """What is still to be filled in, as text."""
        if self.manifest is None:
            yield _("Choose a backup first") if self.error is None else _("This file can't be used; choose another one")
        elif self.manifest.purpose == "register":
            yield _("This is a backup of the office itself: choose one of an administration")
        elif self.opened_by == "passphrase" and not self.passphrase_typed:
            yield _("Type the passphrase first")
        elif self.opened_by == "key" and self.key_file is None:
            yield _("Choose the key file first")

    def unlock(self, passphrase: str | None) -> Decryption:
        """What opens it, without the passphrase itself in it. Raises `wrong-key`, `key-needed`, `key-invalid`."""
        if self.file is None or not self.opened_by:
            return Decryption()
        if self.opened_by == "key":
            return read_key_file(self.file if self.key_file is None else self.key_file)
        if not passphrase:
            raise Refused("key-needed")
        return one_time_key(self.file, passphrase)

    def verified(self, passphrase: str | None) -> Verification | None:
        """Check it without restoring it: as far as can be seen when what opens it is not given."""
        if self.file is None:
            return None
        given = passphrase if self.opened_by == "passphrase" else self.key_file
        return verify(self.file, self.unlock(passphrase) if given else Decryption(), self.office)


HOW = {
    "restore": N_("Restore: a backup that this office kept"),
    "install": N_("Install: a client's own backup, to work in it"),
}


class Preview:
    """The preview. `here` is the administration that is there now, `signer` whether its signer is known.

    `plans` are those without and with replacing: the obstacles of both aren't lifted by the number that is `typed`.
    `maker_key` is the signer's key as it was read out by telephone, or nothing: another one then blocks.
    Raises as `plan_restore`: what can't be opened at all.
    """

    def __init__(self, office: Office, file: Path, unlock: Decryption, maker_key: str = "", progress: Progress = no_progress) -> None:
        self._office, self._file, self._unlock, self._maker_key = office, file, unlock, maker_key
        self.how = "restore"
        self.read(progress)

    def read(self, progress: Progress = no_progress) -> None:
        """Read the file, and what is here, anew: what would be replaced may be another, so that its number is typed anew."""
        self.typed = ""
        self.found = plan_restore(self._office, RESTORE, RestoreChoices(self._file, self._unlock), progress).checked
        client = self.found.extract.client
        self.signer = signer_of(self._office, self.found.manifest, client.kvk if client else None)[0]
        if self._maker_key:
            self.signer = "read-out" if is_key(self._maker_key, self.found.manifest.signer.key.thumbprint) else "not-read-out"
        try:
            self.here: AdministrationView | None = administrations.show(self._office, self.number)
        except Refused:  # there is no such administration, or its own books are missing
            self.here = None
        self.plan_to(self.how)

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

    def plan_to(self, how: str) -> None:
        """Plan restoring or installing it."""
        self.plans, self.how = (self._plan_for(how, replace=False), self._plan_for(how, replace=True)), how

    @property
    def can_replace(self) -> bool:
        """Whether something is here that can be replaced."""
        return [any(one.code == "number-taken" for one in plan.obstacles) for plan in self.plans] == [True, False]

    @property
    def plan(self) -> RestorePlan:
        """The plan that follows the choices and the number that was typed."""
        return self.plans[self.can_replace and self.number_confirmed]

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Its obstacles, as if the number were typed."""
        return self.plans[self.can_replace].obstacles

    def state(self, accepted: frozenset[str], _: Texts) -> StepState:
        """Whether it can be done as it is; if not, why."""
        state = plan_state(self.obstacles, accepted, _)
        if state[0] is State.READY and self.can_replace and not self.number_confirmed:
            return State.CONFIGURED, _("Type the number {number} to replace what is here", number=self.number)
        return state

    def _plan_for(self, how: str, *, replace: bool) -> RestorePlan:
        is_restore = how == "restore"
        choices = RestoreChoices(self._file, self._unlock, (self._maker_key or None) if is_restore else None, replace=replace)
        with self._office.session() as session:
            plan = plan_checked(session, RESTORE if is_restore else INSTALL, choices, self.found)
            other_signer = []
            if not is_restore and self.signer == "not-read-out":
                other_signer = signer_obstacles(session, self.found.manifest, "", self._maker_key)
        return dataclasses.replace(plan, obstacles=(*other_signer, *plan.obstacles))
