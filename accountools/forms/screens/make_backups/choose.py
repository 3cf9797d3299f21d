"""What to make backups of, how encrypted and where to: the form of *Back-up maken* as far as nothing is made (S9)."""

from collections.abc import Iterable
from typing import Any

from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.formats.backup.manifest import Purpose
from accountools.forms.files.delivery import Deliveries, Passphrases
from accountools.forms.kit.descriptions import InterruptedBatch, find_interrupted_batch
from accountools.forms.kit.encryption_choice import EncryptionChoice
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.make_backups.run import Result, Run
from accountools.forms.screens.make_backups.table import BackupList
from accountools.operations.backups.batch import discard_batch
from accountools.operations.backups.make_backups import BackupPlan
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.target import BackupTarget
from accountools.operations.session import Office
from accountools.texts import Texts

For = tuple[Purpose, frozenset[AdministrationNumber]]  # for whom something was chosen
PURPOSES: dict[Purpose, str] = {
    "handover": N_("For the client: with the client's licence in place of yours"),
    "safekeeping": N_("For safekeeping: to restore in this office"),
    "register": N_("The office itself: register, keys and trusted issuers"),
}


class ChooseBackups(JobForm):
    """The form as far as nothing is made. `plan` is what will be made (None for the office itself), `run` what is being made.

    `interrupted` is the last batch, if it was interrupted, `resumed` that batch once it is continued. `deliveries` is what goes to the
    clients with what was made, `made_before` what was made before the rest of it was begun; `passphrases` were generated, of letters that
    are still to be written.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Make backup"))

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        what, make = (N_("Administrations"), N_("Next")), (N_("Recipient and folder"), N_("Make backups"))
        super().__init__(office, Wizard((Step("what", *what), Step("make", *make, lasting=True))), texts, start)
        self.purposes = tuple(purpose for purpose in PURPOSES if self.is_accountant_office or purpose != "handover")
        self.interrupted: InterruptedBatch | None = None
        self._pasted: dict[For, str] = {}
        self.start_over(self.purposes[0])
        self.feedback.run(self.find_interrupted)
        self.assess()

    @guarded
    def begin(self, request: Request) -> None:
        """Begin with the administration that another screen asks for."""
        if request.administration is not None and not self.planned:
            self.list.tick([AdministrationNumber.parse(request.administration)])

    def kept_state(self) -> dict[str, Any]:
        """The purpose and what is ticked, on all pages of the list; and the public key that was pasted for those."""
        kept, here = {"purpose": self.purpose, "ticked": sorted(map(int, self.list.ticked))}, self._ticked
        key = self.encryption.key if self.encryption is not None and self._planned_for == here else self._pasted.get(here, "")
        return kept | ({"key": key} if key else {})

    def restore_state(self, state: dict[str, Any]) -> None:
        """Tick those again that can still be made, and no others."""
        if not self.planned and self.choose_purpose(state.get("purpose", self.purpose)):
            self.list.ticked = frozenset()
            self.list.tick(map(AdministrationNumber.parse, state.get("ticked", ())))
            self._pasted = {self._ticked: str(state.get("key", ""))}

    def start_over(self, purpose: Purpose) -> None:
        """Begin with nothing ticked."""
        self.list = BackupList(self.office, "safekeeping" if purpose == "register" else purpose)
        self.purpose: Purpose = purpose
        self.plan: BackupPlan | None = None
        self.encryption: EncryptionChoice | None = None
        self.run: Run | None = None
        self.deliveries: Deliveries | None = None
        self.made_before: tuple[Result, ...] = ()
        self.passphrases: Passphrases = {}
        self.resumed: InterruptedBatch | None = None
        self._planned_for: For | None = None
        self.planned = self.failed = False

    def reset(self) -> None:
        """Begin with nothing ticked, for the same purpose."""
        self.start_over(self.purpose)
        self.find_interrupted()

    def find_interrupted(self) -> None:
        """Find the batch that was interrupted, if it is of a kind that is made here."""
        found = find_interrupted_batch(self.office)
        self.interrupted = found if found is not None and found.batch.purpose in self.purposes else None

    def find_rest(self) -> None:
        """Find the batch that a run recorded, if that isn't finished: the rest is made by resuming it, unless somebody else did."""
        rest = {number for number, _, _ in self.run.rest} if self.run is not None else set()
        found = find_interrupted_batch(self.office) if rest else None
        if found is not None and rest <= set(found.missing):
            self.resumed = found

    @guarded
    def choose_purpose(self, purpose: Purpose) -> bool:
        """Choose what the backups are for. The ticks stay as far as they can."""
        if self.planned or self.ended or purpose not in self.purposes:
            return False
        before = self.list
        self.purpose = purpose
        if purpose not in {"register", before.purpose}:
            self.list = BackupList(self.office, purpose)
            self.list.filter(before.search, before.showing)
            self.list.tick(before.ticked)
        return True

    @guarded
    def tick(self, numbers: Iterable[AdministrationNumber | int], yes: bool = True) -> bool:
        """Tick administrations, or untick them."""
        if self.planned or self.ended:
            return False
        self.list.tick(map(AdministrationNumber.parse, numbers), yes=yes)
        return True

    @guarded
    def tick_found(self, yes: bool = True) -> bool:
        """Tick all that the search finds and that can be made, or untick them."""
        if self.planned or self.ended:
            return False
        self.list.tick((row.item.number for row in self.list.matching), yes=yes)
        return True

    @guarded
    def reload(self) -> bool:
        """Read the office anew: obstacles may have been resolved on another screen."""
        if self.planned or self.ended:
            return False
        self.list.read()
        self.find_interrupted()
        return True

    @guarded
    def next(self) -> bool:
        """*Volgende*: plan what is ticked. Changes nothing."""
        if not self.wizard.is_at("what", State.READY):
            return False
        self.plan_for(self.list.ticked)
        return True

    @guarded
    def resume_batch(self) -> bool:
        """Continue the batch that was interrupted: plan what is missing of it, with all chosen as it was begun."""
        interrupted = self.interrupted
        if self.planned or self.ended or interrupted is None:
            return False
        self.list = BackupList(self.office, interrupted.batch.purpose)
        self.purpose = interrupted.batch.purpose
        self.list.tick(interrupted.missing)
        self.resumed = interrupted
        self.plan_for(interrupted.missing)
        if self.encryption is not None:
            self.encryption.choose_as(interrupted.batch, interrupted.encryption)
        return True

    @guarded
    def discard_rest(self) -> bool:
        """Make nothing more of the batch that was interrupted."""
        if self.planned or self.ended or self.interrupted is None:
            return False
        discard_batch(self.office)
        self.resumed = None
        self.find_interrupted()
        return True

    @property
    def _ticked(self) -> For:
        return self.purpose, frozenset() if self.purpose == "register" else self.list.ticked

    def plan_for(self, numbers: Iterable[AdministrationNumber], *, same_key: bool = False) -> None:
        """Plan for these, and offer how they can be encrypted. A public key that was pasted for others doesn't stay, unless `same_key`."""
        options: tuple[str, ...] = ("passphrase", "key")
        if self.purpose == "register":
            self.plan = None
        else:
            self.plan = plan_backup(self.office, sorted(numbers), BackupTarget(), self.purpose)
            keyed = any(item.licence is not None and item.licence.recipient for item in self.plan.to_make)
            generated = ("generated",) if self.purpose == "handover" else ()
            options = (*(("licence",) if keyed else ()), "passphrase", *generated, "key", "plain")
        if self.encryption is None or self.encryption.options != options:
            self.encryption = EncryptionChoice(self.office, options)
        planned = self.purpose, frozenset(item.number for item in self.plan.to_make) if self.plan else frozenset()
        if planned != self._planned_for and not same_key:
            self.encryption.key = self._pasted.get(planned, "")
        self._planned_for, self.planned = planned, True

    @property
    def without_key(self) -> tuple[AdministrationNumber, ...]:
        """Those whose licence holds no key, when that is what they are to be encrypted to: they would not be encrypted."""
        if self.plan is None or self.encryption is None or self.encryption.option != "licence":
            return ()
        return tuple(item.number for item in self.plan.to_make if item.licence is None or not item.licence.recipient)

    def choice_changed(self) -> None:
        """Something was chosen: what was wrong before need not be wrong any more."""
        if self.run is None:
            self.failed = False
            self.feedback.clear()
        self.changed()

    @guarded
    def exclude_keyless(self) -> bool:
        """Go on without those whose licence holds no key."""
        if not self.wizard.is_at("make") or self.plan is None:
            return False
        self.list.tick(self.without_key, yes=False)
        self.plan_for(self.list.ticked)
        return True
