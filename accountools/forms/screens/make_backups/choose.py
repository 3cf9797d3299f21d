"""What to make backups of, to whom and where to: the form of *Back-up maken* as far as nothing is made (S9)."""

from collections.abc import Iterable

from accountools.domain.codes import N_
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.backup.manifest import Purpose
from accountools.forms.kit.encryption_choice import ToWhom
from accountools.forms.kit.feedback import REMEDIES, Feedback, Remedy
from accountools.forms.kit.form import step_of_form
from accountools.forms.kit.jobs import Start, WorkingForm, at_once
from accountools.forms.kit.navigation import MAKE
from accountools.forms.kit.preferences import take
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.forms.screens.make_backups.interrupted import CutOff, last_cut_off
from accountools.forms.screens.make_backups.run import Run
from accountools.forms.screens.make_backups.table import BackupList
from accountools.operations.backups.plan import BackupPlan
from accountools.operations.session import Office
from accountools.texts import Texts

_REMEDIES = REMEDIES | {"file-not-found": Remedy(N_("Look at the folder again"), "look-again")}
PURPOSES: dict[Purpose, str] = {
    "handover": N_("For the client: with the client's licence in place of yours"),
    "safekeeping": N_("To keep: to restore in this office"),
    "register": N_("The office itself: register, keys and whom it trusts"),
}


def steps() -> Wizard:
    """The two steps."""
    return Wizard(
        (Step("what", N_("Administrations"), N_("Next")), Step("make", N_("To whom and where to"), N_("Make backups"), lasting=True))
    )


class ChooseBackups(WorkingForm):
    """The form as far as nothing is made. `plan` is what was looked over (None for the office itself), `run` what is being made.

    `cut_off` is the last batch, if it was cut off, `taken_up` that batch once one goes on with it.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Make backup"))

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = at_once) -> None:
        super().__init__(office, steps(), texts, start)
        self.feedback = Feedback(remedy_for=_REMEDIES.get)
        with office.reading() as connection:
            accountants = office.is_accountants(connection)
        self.purposes = tuple(purpose for purpose in PURPOSES if accountants or purpose != "handover")
        self.cut_off: CutOff | None = None
        self.empty(self.purposes[0])
        self.feedback.run(self.look_for_cut_off)
        chosen = take(office, MAKE)
        if chosen.administration is not None:
            self.list.tick([AdministrationNumber.parse(chosen.administration)])
        self.assess()

    def empty(self, purpose: Purpose) -> None:
        """Begin with nothing ticked."""
        self.list = BackupList(self.office, "safekeeping" if purpose == "register" else purpose)
        self.purpose: Purpose = purpose
        self.plan: BackupPlan | None = None
        self.to_whom: ToWhom | None = None
        self.run: Run | None = None
        self.taken_up: CutOff | None = None
        self.looked = self.failed = False
        self.over = ""

    def begin_anew(self) -> None:
        """Begin with nothing ticked, for the same purpose."""
        self.empty(self.purpose)
        self.look_for_cut_off()

    def look_for_cut_off(self) -> None:
        """Look whether there is a batch that was cut off, of a kind that is made here."""
        found = last_cut_off(self.office)
        self.cut_off = found if found is not None and found.batch.purpose in self.purposes else None

    @step_of_form
    def choose_purpose(self, purpose: Purpose) -> bool:
        """Choose what the backups are for. The ticks stay as far as they can."""
        if self.looked or self.over or purpose not in self.purposes:
            return False
        before = self.list
        self.purpose = purpose
        if purpose not in {"register", before.purpose}:
            self.list = BackupList(self.office, purpose)
            self.list.narrow(before.search, before.showing)
            self.list.tick(before.ticked)
        return True

    @step_of_form
    def tick(self, numbers: Iterable[AdministrationNumber | int], yes: bool = True) -> bool:
        """Tick administrations, or take their ticks away."""
        if self.looked or self.over:
            return False
        self.list.tick(map(AdministrationNumber.parse, numbers), yes=yes)
        return True

    @step_of_form
    def tick_found(self, yes: bool = True) -> bool:
        """Tick all that is searched for and can be made (or take those ticks away)."""
        if self.looked or self.over:
            return False
        self.list.tick((row.number for row in self.list.found), yes=yes)
        return True

    @step_of_form
    def look_again(self) -> bool:
        """Read the office anew: what stood in the way may have been mended on another screen."""
        if self.looked or self.over:
            return False
        self.list.read()
        self.look_for_cut_off()
        return True

    @step_of_form
    def next(self) -> bool:
        """*Volgende*: look over what is ticked. Changes nothing."""
        if not self.wizard.is_at("what", State.READY):
            return False
        self.look_over(self.list.ticked)
        return True

    @step_of_form
    def take_up(self) -> bool:
        """Take up the batch that was cut off: look over what is left of it, with all chosen as it was begun."""
        cut_off = self.cut_off
        if self.looked or self.over or cut_off is None:
            return False
        self.list = BackupList(self.office, cut_off.batch.purpose)
        self.purpose = cut_off.batch.purpose
        self.list.tick(cut_off.left)
        self.taken_up = cut_off
        self.look_over(cut_off.left)
        if self.to_whom is not None:
            cut_off.choose(self.to_whom)
        return True

    @step_of_form
    def leave_rest(self) -> bool:
        """Make nothing more of the batch that was cut off."""
        if self.looked or self.over or self.cut_off is None:
            return False
        self.office.leave_rest()
        self.look_for_cut_off()
        return True

    def look_over(self, numbers: Iterable[AdministrationNumber]) -> None:
        """Plan for these, and offer the ways in which they can be encrypted."""
        ways: tuple[str, ...] = ("passphrase", "key")
        if self.purpose == "register":
            self.plan = None
        else:
            self.plan = self.office.plan_backup(sorted(numbers), None, self.purpose)
            keyed = any(item.licence is not None and item.licence.recipient for item in self.plan.to_make)
            by_key = self.purpose == "safekeeping" or (self.taken_up is not None and self.taken_up.way == "key")
            ways = (*(("licence",) if keyed else ()), "passphrase", *(("key",) if by_key else ()), "plain")
        if self.to_whom is None or self.to_whom.ways != ways:
            self.to_whom = ToWhom(self.office, ways)
        self.looked = True

    @property
    def keyless(self) -> tuple[AdministrationNumber, ...]:
        """Those whose licence holds no key, when that is what they are to be encrypted to: they would go out open."""
        if self.plan is None or self.to_whom is None or self.to_whom.way != "licence":
            return ()
        return tuple(item.number for item in self.plan.to_make if item.licence is None or not item.licence.recipient)

    @property
    def shared(self) -> bool:
        """Whether backups for more than one would get the same passphrase."""
        return self.plan is not None and self.purpose == "handover" and len(self.plan.to_make) > 1

    def chosen(self) -> None:
        """Something was chosen: what was wrong before need not be wrong any more."""
        if self.run is None:
            self.failed = False
            self.feedback.clear()
        self.changed()

    @step_of_form
    def leave_out_keyless(self) -> bool:
        """Go on without those whose licence holds no key."""
        if not self.wizard.is_at("make") or self.plan is None:
            return False
        self.list.tick(self.keyless, yes=False)
        self.look_over(self.list.ticked)
        return True
