"""The backups that were made: which there are, whether their files are whole, testing them, and removing those older than must be kept.

And a folder of backups made elsewhere or before: whether a licence of the office's own is in one of them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from accountools.domain.errors import AccountoolsError
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.formats.backup.reader import Decryption
from accountools.forms.files.delivery import Deliveries
from accountools.forms.kit.form import guarded, parse_path
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.navigation import NEVER_REHEARSED, Request
from accountools.forms.kit.wizard import SingleStep, State
from accountools.operations.backups.retention import YEARS, KeptBackup, PruneOutcome, PrunePlan, check_backups, list_backups, plan_prune
from accountools.operations.errors import translate_error
from accountools.operations.progress import Progress
from accountools.operations.restores.inspect_folder import InspectedFile, inspect_each, traces_of
from accountools.operations.restores.rehearse import rehearse
from accountools.operations.restores.unlock import OPENING, one_time_key, read_key_file, read_manifest
from accountools.operations.session import Office
from accountools.texts import Texts

YEARS_OFFERED = (YEARS, 8, 10, 12, 15, 20)
T = TypeVar("T")
ABSENT, DAMAGED, UNTESTED, GOOD = "absent", "damaged", "untested", "good"
WORDS = {GOOD: N_("in order"), UNTESTED: N_("no test restore"), ABSENT: N_("no longer present"), DAMAGED: N_("damaged")}
STATES = {GOOD: "ready", UNTESTED: "attention", ABSENT: "missing", DAMAGED: "blocked"}  # the colour of each


def status_of(one: KeptBackup) -> str:
    """What is to be said of a backup first: one of `WORDS`."""
    if not one.present:
        return ABSENT
    if one.findings:
        return DAMAGED
    return UNTESTED if one.record.rehearsed is None else GOOD


@dataclass(frozen=True)
class TestResult:
    """What came of the test restore of a backup; `login` is who could log in there."""

    backup: KeptBackup
    findings: tuple[Obstacle, ...] = ()
    login: str = ""

    @property
    def is_about_opening(self) -> bool:
        """Whether the key or passphrase didn't open it."""
        return bool(self.findings) and self.findings[0].code in OPENING


class ManageBackups(JobForm):
    """The form. `rows` are the backups that are shown, the newest first; `chosen` is the one that is open beneath them.

    `deliveries` is what goes to the client with the chosen one, if it was made for one. `tested` are the results of the
    last test restores, `removal` what would be removed, `inspected` what was found in a folder, where `licence_file` is searched for too.
    """

    path = (N_("Accountancy"), N_("Audit"), N_("Manage backups"))
    actions = frozenset({"retry", "choose-key"})

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        super().__init__(office, SingleStep("backups", N_("Backups"), N_("Check all files")), texts, start)
        self.shown, self.years = "", YEARS
        self.key_file: Path | None = None
        self.folder: Path | None = None
        self.licence_file: Path | None = None
        self.chosen: KeptBackup | None = None
        self.deliveries: Deliveries | None = None
        self._emails: dict[str, str] = {}  # those that were changed, by the path of the backup
        self._findings: dict[int, tuple[Obstacle, ...]] = {}
        self._forget()
        self._load()
        self.assess()

    def reset(self) -> None:
        """Forget what was filled in and found; what was done stays."""
        self.shown, self.years, self.key_file, self.folder, self.licence_file, self.chosen = "", YEARS, None, None, None, None
        self._emails.clear()
        self._forget()
        self._load()

    def _forget(self) -> None:
        self.checked: int | None = None
        self.removed: int | None = None
        self.tested: tuple[TestResult, ...] = ()
        self.removal: PrunePlan | None = None
        self.inspected: tuple[InspectedFile, ...] | None = None

    def _load(self) -> None:
        found = (KeptBackup(one.record, self._findings.get(one.record.id, ())) for one in list_backups(self.office))
        self.kept = tuple(reversed(list(found)))
        self._filter()

    def _filter(self) -> None:
        self.rows = tuple(one for one in self.kept if self.shown in {"", status_of(one)})
        here = self.chosen and self.chosen.record.id
        self.chosen = next((one for one in self.rows if one.record.id == here), None)

    def assess(self) -> None:
        """Derive the step's state: there must be backups to check."""
        if not self.busy:
            missing = [] if self.kept else [self.texts("No backup has been made yet.")]
            self.wizard.set_state("backups", State.CONFIGURED if missing else State.READY, *missing)

    def begin(self, request: Request) -> None:
        """Begin with what another screen asks for: the backups without a test restore."""
        if request.show == NEVER_REHEARSED:
            self.show(UNTESTED)

    def kept_state(self) -> dict[str, Any]:
        """The emails that were changed."""
        return {"emails": dict(self._emails)} if self._emails else {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Show them when their backups are opened."""
        self._emails.update(state.get("emails", {}))

    def counts(self) -> dict[str, int]:
        """How many backups are in each status."""
        return {status: sum(1 for one in self.kept if status_of(one) == status) for status in WORDS}

    @guarded
    def reload(self) -> None:
        """Read anew which backups there are."""
        self._load()

    @guarded
    def show(self, status: str) -> bool:
        """Show only the backups with this status, or all (empty)."""
        if status and status not in WORDS:
            return False
        self.shown = status
        self._filter()
        return True

    @guarded
    def choose(self, place: int | None) -> None:
        """Open the backup at this place of those that are shown, or close the one that is open."""
        self.chosen, self.deliveries = (None if place is None else self.rows[place]), None
        if self.chosen is not None and self.chosen.record.purpose == "handover":
            self.deliveries = Deliveries.find_for(self.office, self.chosen.record)
        if self.deliveries is not None:
            self.deliveries.edited = self._emails

    @guarded
    def check(self) -> bool:
        """*Alle bestanden controleren*: read every file again."""
        self._forget()
        return self._work(lambda report: check_backups(self.office, report), self._note_checked)

    def _note_checked(self, found: tuple[KeptBackup, ...]) -> None:
        self._findings = {one.record.id: one.findings for one in found}
        self.checked = len(found)
        self._load()

    @guarded
    def choose_key(self, path: Path | str) -> None:
        """Choose the key file that opens encrypted backups."""
        self.key_file = parse_path(str(path))

    @guarded
    def test(self, passphrase: str | None = None) -> bool:
        """*Proefherstel*: restore the chosen backup aside, compare it, log in, and throw it away."""
        return self.chosen is not None and self._test([self.chosen], passphrase)

    @guarded
    def test_all(self, passphrase: str | None = None) -> bool:
        """Test all backups that are shown and weren't tested yet."""
        return self._test(self.to_test, passphrase)

    @property
    def to_test(self) -> tuple[KeptBackup, ...]:
        """The backups among those shown that can be tested and weren't yet."""
        return tuple(one for one in self.rows if status_of(one) == UNTESTED)

    def _test(self, chosen: Iterable[KeptBackup], passphrase: str | None) -> bool:
        self._forget()
        backups = [(one, one.record.path) for one in chosen if one.record.path is not None]
        total = sum(one.record.bytes or 0 for one, _path in backups)
        is_encrypted = any(one.record.encrypted for one, _path in backups)
        key = read_key_file(self.key_file) if self.key_file is not None and is_encrypted else Decryption()

        def test_each(report: Progress) -> tuple[TestResult, ...]:
            done, results = 0, []
            for one, path in backups:
                report(done, total)
                try:
                    found = rehearse(self.office, path, _unlock(path, passphrase, key))
                    results.append(TestResult(one, found.findings, found.login or "" if found.entered else ""))
                except (AccountoolsError, OSError) as error:  # the others can still be tested
                    results.append(TestResult(one, (translate_error(error).reason,)))
                done += one.record.bytes or 0
            return tuple(results)

        return bool(backups) and self._work(test_each, self._note_tested)

    def _note_tested(self, results: tuple[TestResult, ...]) -> None:
        self.tested = results
        self._load()

    @guarded
    def plan_removal(self, years: int) -> None:
        """Plan removing what is older than so many years. Changes nothing."""
        self._forget()
        self.years = years
        self.removal = plan_prune(self.office, self.years)

    @guarded
    def remove(self) -> bool:
        """*Verwijderen*: by the very plan that was shown. A second press does nothing."""
        plan, self.removal = self.removal, None
        if plan is None or not plan.gone:
            return False
        outcome: PruneOutcome = plan.apply(self.office)
        self.removed = len(outcome.removed)
        self._load()
        if outcome.failed:
            raise translate_error(outcome.failed[0][1])
        if outcome.stopped is not None:
            raise translate_error(outcome.stopped)
        return True

    @guarded
    def drop_removal(self) -> None:
        """Remove nothing."""
        self.removal = None

    @guarded
    def choose_licence(self, path: Path | str) -> None:
        """Choose another licence to search for, beside the office's own ones."""
        self.licence_file = parse_path(str(path))

    @guarded
    def choose_folder(self, path: Path | str) -> None:
        """Choose the folder of earlier backups; what was found in another one goes."""
        folder = parse_path(str(path))
        if folder != self.folder:
            self.folder, self.inspected = folder, None

    @guarded
    def inspect(self, passphrase: str | None = None) -> bool:
        """Search the folder for licences of the office's own, and for backups that don't verify. Changes nothing there."""
        self._forget()
        if self.folder is None:
            return False
        place, searched = self.folder, () if self.licence_file is None else (self.licence_file,)
        unlock = Decryption(passphrase=passphrase) if self.key_file is None else read_key_file(self.key_file)

        def inspect_all(report: Progress) -> tuple[InspectedFile, ...]:
            found = []
            for one in inspect_each(place, traces_of(searched, self.office), unlock, self.office):
                report(0, 0)
                found.append(one)
            return tuple(found)

        return self._work(inspect_all, self._note_inspected)

    def _note_inspected(self, found: tuple[InspectedFile, ...]) -> None:
        self.inspected = found

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: read anew."""
        self._load()
        return action == "retry"

    def _work(self, job: Callable[[Progress], T], then: Callable[[T], None]) -> bool:
        return self.run_job("backups", lambda: job(self.progress_hook()), then, harmless=True)


def _unlock(path: Path, passphrase: str | None, key: Decryption) -> Decryption:
    manifest = read_manifest(path)
    if manifest.encrypted and manifest.sealed_key is not None and passphrase:
        return one_time_key(path, passphrase)
    return key if manifest.encrypted else Decryption()
