"""A folder of backups, of which the newest of each administration is restored: what is filled in, and what restoring them would do."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from accountools.domain.errors import AccountoolsError
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle, first_unresolved, obstacle
from accountools.formats.backup.reader import Decryption
from accountools.forms.kit.form import StepState
from accountools.forms.kit.wizard import State
from accountools.operations.errors import translate_error
from accountools.operations.progress import Progress, Stopped, no_progress
from accountools.operations.register import administrations
from accountools.operations.restores.found_backups import FoundBackup, RestoreResult
from accountools.operations.restores.plan import RestoreChoices
from accountools.operations.restores.restore_many import RestoreManyPlan, RestoreOutcome, plan_restore_many
from accountools.operations.restores.unlock import one_time_key, read_key_file
from accountools.operations.restores.verify import signer_of
from accountools.operations.session import Office
from accountools.texts import Texts

RESTORABLE, ASKS, REFUSED, RESTORED, NOT_RESTORED, NOT_TRIED = "restorable", "asks", "refused", "restored", "not-restored", "not-tried"
WORDS = {  # what would come of a backup, or came of it: its colour, and a key of the catalogues
    RESTORABLE: ("ready", N_("will be restored")),
    ASKS: ("attention", N_("needs your confirmation")),
    REFUSED: ("blocked", N_("can't be restored")),
    RESTORED: ("ready", N_("restored")),
    NOT_RESTORED: ("blocked", N_("not restored")),
    NOT_TRIED: ("missing", N_("not tried")),
}


class BackupFolder:
    """What is filled in. Whether its backups are encrypted isn't known yet: a key file or a passphrase is tried on each that is."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.key_file: Path | None = None

    def missing(self, _: Texts) -> Iterator[str]:
        """What is still to be filled in, as text."""
        if self.path is None:
            yield _("Choose the folder with the backups first")


@dataclass(frozen=True)
class Row:
    """A backup in the table: what would come of it, or came (one of `WORDS`), of what, and why."""

    status: str
    number: str
    name: str
    path: Path
    obstacles: tuple[Obstacle, ...] = ()


class ManyPreview:
    """The preview: `results` is what would come of each backup, `outcome` what came of them, when it is done.

    `maker_key` is the signer's key as it was read out by telephone, or nothing: another one then blocks.
    Raises as `plan_restore_many`, and `wrong-key` for a passphrase that opens none of the backups that have one.
    """

    def __init__(
        self, office: Office, folder: BackupFolder, passphrase: str | None, maker_key: str = "", progress: Progress = no_progress
    ) -> None:
        self._office, self._folder = office, folder.path or Path()
        self._choices = RestoreChoices(Path(), signer=maker_key or None)
        self.outcome: RestoreOutcome | None = None
        unlock = _unlock(self._plan().backups, folder.key_file, passphrase, progress)
        self._choices = replace(self._choices, unlock=unlock)
        self.read(progress)

    def read(self, progress: Progress = no_progress) -> None:
        """Read the files, and what is here, anew."""
        self.plan = self._plan()
        self.results = self.plan.check(self._office, progress)
        signed = {one.manifest.signer.key.thumbprint: one.manifest for one in self.plan.backups}
        known = [(key, one.signer.name) for key, one in signed.items() if signer_of(self._office, one)[0] == "known"]
        self._known = frozenset(obstacle("signer-changed", thumbprint=key, name=name).confirmation for key, name in known)
        here = administrations.list_administrations(self._office)
        self._names = {one.number: client.name if client else one.description for one, client in here}
        self._names |= {one.number: one.name for one in self.results if one.number is not None and one.name}

    def state(self, accepted: frozenset[str], _: Texts) -> StepState:
        """Whether any can be restored; if not, why."""
        if not self.results:
            return State.FAIL, _("There is no backup of an administration in this folder")
        found = {self._planned(one, accepted) for one in self.results}
        if RESTORABLE in found:
            return (State.READY,)
        return (
            (State.CONFIGURED, _("First confirm what needs your confirmation"))
            if ASKS in found
            else (State.FAIL, _("None of these can be restored"))
        )

    @property
    def confirmations(self) -> dict[str, tuple[Obstacle, ...]]:
        """By what confirms it, so of each key by itself: what asks for that of backups that nothing else keeps from being restored."""
        asked = [found for one in self.results if not one.refused for found in one.obstacles if found.needs_confirmation]
        return {one.confirmation: tuple(found for found in asked if found.confirmation == one.confirmation) for one in asked}

    def restore(self, accepted: frozenset[str], progress: Progress) -> RestoreOutcome:
        """Restore those that can be. Raises `Stopped`, or what failed, only when none was."""
        accepted |= self._known  # another signer, whose backup is restored before one of these, takes the place of the one known
        plan = replace(self.plan, accepted=accepted, choices=replace(self.plan.choices, accepted=accepted))
        outcome: RestoreOutcome = plan.apply(self._office, progress)
        if outcome.stopped is not None and not any(one.restored for one in outcome.results):
            raise outcome.stopped if isinstance(outcome.stopped, Stopped) else translate_error(outcome.stopped)
        return outcome

    def rows(self, accepted: frozenset[str]) -> tuple[Row, ...]:
        """A line for each: what would come of it, or came of it."""
        if self.outcome is None:
            return tuple(self._row(self._planned(one, accepted), one) for one in self.results)
        done = [self._row(RESTORED if one.restored else NOT_RESTORED, one) for one in self.outcome.results]
        tried = {one.path for one in self.outcome.results}
        rest = [self._row(NOT_TRIED, RestoreResult(one.path, one.number)) for one in self.plan.backups if one.path not in tried]
        return (*done, *rest)

    def describe_counts(self, accepted: frozenset[str], _: Texts) -> str:
        """How many there are of each, in a line."""
        counts = Counter(row.status for row in self.rows(accepted))
        return " · ".join(f"{counts[status]} {_(word)}" for status, (_colour, word) in WORDS.items() if counts[status])

    def _plan(self) -> RestoreManyPlan:
        return plan_restore_many(self._office, self._folder, self._choices)

    def _planned(self, one: RestoreResult, accepted: frozenset[str]) -> str:
        if one.refused:
            return REFUSED
        return RESTORABLE if first_unresolved(one.obstacles, accepted) is None else ASKS

    def _row(self, status: str, one: RestoreResult) -> Row:
        number = "" if one.number is None else str(one.number)
        name = "" if one.number is None else self._names.get(one.number, "")
        obstacles = () if status == RESTORED else one.obstacles
        return Row(status, number, name, one.path, obstacles)


def _unlock(backups: tuple[FoundBackup, ...], key_file: Path | None, passphrase: str | None, progress: Progress) -> Decryption:
    """What opens them, without the passphrase itself in it: the key, and of each that the passphrase opens its one-time key."""
    given = None if key_file is None else read_key_file(key_file).identity
    keys = [given] if isinstance(given, str) else list(given or ())
    wrong: AccountoolsError | None = None
    sealed = [one.path for one in backups if passphrase and one.manifest.sealed_key is not None]
    opened = []
    for path in sealed:
        progress(0, 0)
        try:
            opened.append(one_time_key(path, passphrase or "").identity)
        except (AccountoolsError, OSError) as error:  # it is refused when it is checked
            wrong = translate_error(error)
    if wrong is not None and not opened:
        raise wrong
    keys += [str(one) for one in opened]
    return Decryption(tuple(keys)) if keys else Decryption()
