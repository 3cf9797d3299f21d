"""A form that is walked step by step, and left with nothing done or with what was done: the ways that all of those have in common."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.form import Form, step_of_form
from accountools.forms.kit.wizard import State
from accountools.texts import Texts

T = TypeVar("T")
Stand = tuple[State, *tuple[str, ...]]  # a step's state, and why it can't go on


class StepForm(Form):
    """The base. A subclass says how to `begin_anew` and how to `step_back`. `failed`: what was tried last came to nothing."""

    failed = False

    def begin_anew(self) -> None:
        """Forget what was filled in and done here."""

    def step_back(self) -> bool:
        """Go back a step, if that can be; what was filled in stays. Whether it did."""
        return self.wizard.back()

    def do(self, step: str, job: Callable[[], T]) -> T:
        """Do the work of a step, which is seen at work meanwhile. What it raises leaves it failed."""
        self.work(step)
        self.failed = True
        done = job()
        self.failed = False
        return done

    @step_of_form
    def previous(self) -> bool:
        """*Vorige*: back a step; all that was filled in stays, but a passphrase."""
        return self.step_back()

    @step_of_form
    def cancel(self) -> bool:
        """*Annuleren*: leave, with nothing done."""
        return not self.wizard.lasting and self._leave("cancelled")

    @step_of_form
    def close(self) -> bool:
        """*Sluiten*: return to the menu (S14)."""
        return self.wizard.lasting and self._leave("closed")

    @step_of_form
    def start_again(self) -> None:
        """Begin with another one."""
        self.begin_anew()
        self.over = ""

    def _leave(self, how: str) -> bool:
        if self.over or self.wizard.current.state is State.ACTIVE:
            return False
        self.begin_anew()
        self.over = how
        return True


def stand_of(obstacles: Iterable[Obstacle], accepted: frozenset[str], _: Texts) -> Stand:
    """Whether what was planned can be done as it is, with what was said yes to; if not, why."""
    found = tuple(obstacles)
    blocking = next((one for one in found if one.blocking), None)
    if blocking is not None:
        return State.FAIL, _.sentence(blocking)
    if any(one.asks and one.code not in accepted for one in found):
        return State.CONFIGURED, _("Say yes to what asks for it, or choose another file")
    return (State.READY,)
