"""Making backups of one, several or all administrations, or of the office itself (S9, S10, S15): choose, say to whom and where to, make.

The work is done one administration after another; it can be stopped at any moment, and one that is refused keeps no other from being made.
"""

from dataclasses import replace
from pathlib import Path

from accountools.forms.kit.encryption_choice import ToWhom
from accountools.forms.kit.form import step_of_form, typed_path
from accountools.forms.kit.step_form import Stand
from accountools.forms.kit.wizard import State
from accountools.forms.screens.make_backups.choose import ChooseBackups
from accountools.forms.screens.make_backups.run import Run, run_of, run_of_register
from accountools.operations.backups.register_backup import plan_register_backup


class MakeBackups(ChooseBackups):
    """The whole form."""

    @step_of_form
    def make(
        self, *, to: str | None = None, passphrase: str | None = None, folder: Path | str | None = None, rehearse: bool | None = None
    ) -> bool:
        """Make them: to the `licence`, a `passphrase`, a `key`, or `plain`. The passphrase is not kept; a second press does nothing."""
        choice = self.to_whom
        if choice is None or self.run is not None:
            return False
        choice.way = to if to in choice.ways else choice.way
        choice.folder = (typed_path(str(folder)) if folder else None) or choice.folder
        choice.rehearse = choice.rehearse if rehearse is None else rehearse
        choice.compare(passphrase or "", passphrase or "")
        self.failed = False
        self.assess()
        if not self.wizard.is_at("make", State.READY):
            return False
        choice.compare("", "")
        self.run = self.do("make", lambda: self._prepare(choice, passphrase))
        self.start(self._work)
        return self.run is None or self.run.failure is None

    def _prepare(self, choice: ToWhom, passphrase: str | None) -> Run:
        destination = choice.destination(passphrase)
        if self.plan is None:
            return run_of_register(self.office, plan_register_backup(self.office, destination), self.texts("The office itself"))
        looked_over = self.plan.items
        now = self.office.plan_backup((item.number for item in looked_over), destination, self.purpose, rehearse=choice.rehearse)
        items = (fresh if fresh.refused else seen for seen, fresh in zip(looked_over, now.items, strict=True))
        several = len(now.to_make) > 1 or self.taken_up is not None  # then it can be taken up again when it is cut off
        return run_of(self.office, replace(now, items=tuple(items), batch=several))  # what changed since it was looked over is refused

    def _work(self) -> None:
        run = self.run
        if run is None:
            return
        self.failed = not self.feedback.run(lambda: self._go(run))
        run.over = True
        self.changed()

    def _go(self, run: Run) -> None:
        self.changed()
        run.listener = self.changed
        while run.step():
            self.changed()
        if run.failure is not None:
            raise run.failure

    @step_of_form
    def stop(self) -> bool:
        """*Afbreken*: leave the one that is being made. What is made stays; nothing is half done."""
        if self.run is None or self.run.over:
            return False
        self.run.stop()
        return True

    @step_of_form
    def make_rest(self) -> bool:
        """Go on with those that it did not come to."""
        return self._go_on_with_rest()

    @step_of_form
    def mend(self, remedy: str) -> bool:
        """Do what a remedy's button says: try again, with what is still to be made."""
        self.failed = False
        if self.run is None and self.plan is not None:
            self.look_over(item.number for item in self.plan.items)
        return remedy == "look-again" if self.run is None else self._go_on_with_rest()

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        ticked = self.purpose == "register" or bool(self.list.ticked)
        lacking = () if ticked else (self.texts("Tick at least one administration"),)
        self.wizard.put("what", State.SUCCESS if self.looked else State.READY if ticked else State.CONFIGURED, *lacking)
        self.wizard.put("make", *self._making())
        self.wizard.steps[0].lasting = self.run is not None and self.run.over and bool(self.run.made)

    def _making(self) -> Stand:
        if not self.looked or self.to_whom is None:
            return (State.INIT,)
        if self.run is not None and not self.run.over:
            return State.ACTIVE, self.texts("At work; one moment, please")
        if self.failed:
            return State.FAIL, self.not_now
        if self.run is not None:
            return (State.SUCCESS,) if self.run.made or self.run.stopping else (State.FAIL, self.texts("None of these could be made"))
        lacking = self.to_whom.lacking(self.texts)
        if self.keyless:
            lacking.append(self.texts("Not every licence holds a key: choose another way, or leave those out"))
        return (State.CONFIGURED, *lacking) if lacking else (State.READY,)

    def _go_on_with_rest(self) -> bool:
        if self.run is None or not self.run.over or not self.run.rest:
            return False
        self.list.ticked = frozenset(number for number, _, _ in self.run.rest if number is not None)
        self.run, self.failed = None, False
        self.look_over(self.list.ticked)
        return True

    def step_back(self) -> bool:
        """Back to the list; all that was filled in stays."""
        if not self.wizard.back():
            return False
        self.run, self.plan = None, None
        self.looked = self.failed = False
        self.list.read()
        self.look_for_cut_off()
        return True
