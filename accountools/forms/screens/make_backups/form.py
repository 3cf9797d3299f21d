"""Making backups of one, several or all administrations, or of the office itself (S9, S10, S15).

The work is done one administration after another; it can be stopped at any moment, and one that is refused keeps no other from being made.
"""

from dataclasses import replace
from pathlib import Path

from accountools.domain.messages import N_
from accountools.forms.files.delivery import Deliveries
from accountools.forms.kit.encryption_choice import EncryptionChoice
from accountools.forms.kit.form import StepState, guarded
from accountools.forms.kit.wizard import State
from accountools.forms.screens.make_backups.choose import ChooseBackups
from accountools.forms.screens.make_backups.run import Result, Run, run_of, run_of_register
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.register_backup import plan_register_backup
from accountools.operations.restores.rehearse import rehearse_new


class MakeBackups(ChooseBackups):
    """The whole form."""

    @guarded
    def make(
        self, *, to: str | None = None, passphrase: str | None = None, folder: Path | str | None = None, rehearse: bool | None = None
    ) -> bool:
        """Make them: to the `licence`, a `passphrase` (not kept), `generated` ones, a `key`, or `plain`. A second press does nothing."""
        choice = self.encryption
        if choice is None or self.run is not None:
            return False
        choice.choose(to, passphrase, folder, rehearse=rehearse)
        self.failed = False
        self.assess()
        if not self.wizard.is_at("make", State.READY):
            return False
        choice.compare("", "")
        self.run = self.run_step("make", lambda: self._prepare(choice, passphrase))
        self.start(self._work)
        return self.run is None or self.run.failure is None

    def _prepare(self, choice: EncryptionChoice, passphrase: str | None) -> Run:
        numbers = [item.number for item in self.plan.items] if self.plan else []
        target = choice.target(passphrase, numbers, self.texts.language)
        if self.plan is None:
            return run_of_register(self.office, plan_register_backup(self.office, target), self.texts("The office itself"))
        planned = self.plan.items
        now = plan_backup(
            self.office, (item.number for item in planned), target, self.purpose, rehearse=rehearse_new if choice.rehearse else None
        )
        items = (fresh if fresh.refused else seen for seen, fresh in zip(planned, now.items, strict=True))
        several = len(now.to_make) > 1 or self.resumed is not None  # then it can be continued when it is interrupted
        plan = replace(now, items=tuple(items), batch=several, resumes=self.resumed)  # what changed since it was planned is refused
        return run_of(self.office, plan, choice.lock, self.texts, self.passphrases)

    def _work(self) -> None:
        run = self.run
        if run is None:
            return
        self.changed()
        run.listener = self.changed

        def make_all() -> None:
            while run.step():
                self.changed()
            if run.failure is not None:
                raise run.failure

        self.failed = True
        try:
            self.failed = not self.feedback.run(make_all)
        finally:  # whatever happened, it isn't at work any more
            run.over = True
            self.feedback.run(self.find_rest)
            self.feedback.run(self._deliver)
            self.feedback.run(run.raise_unwritten)
            self.changed()

    def _deliver(self) -> None:
        """Find what goes to the clients with all that was made."""
        made = {one.number: one for one in self._made}  # of one that was made twice the last
        records = ((one.made, one.lock) for one in made.values() if one.made is not None)
        found = Deliveries.list_for(self.office, records, self.passphrases)
        if found is not None:
            found.letters |= {number: one.letter for number, one in made.items() if number is not None and one.letter is not None}
            if self.deliveries is not None:
                found.update_from(self.deliveries)
        self.deliveries = found

    def _write_letters(self) -> None:
        """Write the letters that are still to be written. Raises why one can't be."""
        self._deliver()
        if self.deliveries is not None:
            self.deliveries.write_letters(self.texts)

    @property
    def _made(self) -> tuple[Result, ...]:
        """All that was made, before the rest of it was begun too."""
        return (*self.made_before, *(self.run.made if self.run is not None and self.run.over else ()))

    @guarded
    def stop(self) -> bool:
        """*Afbreken*: leave the one that is being made. What is made stays; nothing is half done."""
        if self.run is None or self.run.over:
            return False
        self.run.stop()
        return True

    @guarded
    def make_rest(self) -> bool:
        """Go on with those that were not made."""
        if self.run is None or not self.run.over or not self.run.rest:
            return False
        self.list.ticked = frozenset(number for number, _, _ in self.run.rest if number is not None)
        self.made_before = (*self.made_before, *self.run.made)
        self.run, self.failed = None, False
        self.plan_for(self.list.ticked, same_key=True)
        return True

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: try again, with what is still to be made, and the letters that are still to be written."""
        run = self.run
        if run is not None and self.passphrases:
            self._write_letters()
            if run.failure is None:
                return True
        self.failed = False
        if run is None and self.plan is not None:
            self.plan_for(item.number for item in self.plan.items)
        return action == "retry" if run is None else self.make_rest()

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        ticked = self.purpose == "register" or bool(self.list.ticked)
        missing = () if ticked else (self.texts("Tick at least one administration"),)
        self.wizard.set_state("what", State.SUCCESS if self.planned else State.READY if ticked else State.CONFIGURED, *missing)
        self.wizard.set_state("make", *self._make_state())
        self.wizard.steps[0].lasting = bool(self._made)

    def _make_state(self) -> StepState:
        if not self.planned or self.encryption is None:
            return (State.INIT,)
        if self.run is not None and not self.run.over:
            return State.ACTIVE, self.texts("Working; one moment, please")
        if self.failed:
            return State.FAIL, self.blocked_reason
        if self.run is not None:
            none = N_("Stopped: none of these backups was made") if self.run.stopping else N_("None of these backups could be made")
            return (State.SUCCESS,) if self._made else (State.FAIL, self.texts(none))
        missing = self.encryption.missing(self.texts)
        if self.without_key:
            missing.append(self.texts("Not every licence contains a key: choose another encryption, or leave those administrations out"))
        return (State.CONFIGURED, *missing) if missing else (State.READY,)

    def step_back(self) -> bool:
        """Back to the list; all that was filled in stays."""
        if not self.wizard.back():
            return False
        self.run, self.plan = None, None
        self.planned = self.failed = False
        self.list.read()
        self.find_interrupted()
        return True
