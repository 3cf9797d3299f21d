"""A wizard as states: each step has one, and icons, titles and which buttons can be pressed derive from them and from nothing else.

Knows no widget and no operation: a form sets the states of its steps, a screen shows what follows from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from accountools.domain.messages import N_


class State(Enum):
    """The state of a step."""

    INIT = "init"  # its turn has not come
    CONFIGURED = "configured"  # it is being filled in; something is still missing, and the reasons say what
    READY = "ready"  # all is there: its button may be pressed
    ACTIVE = "active"  # it is at work
    SUCCESS = "success"  # it is done
    FAIL = "fail"  # it can't go on as it is


ICONS = {State.INIT: "○", State.CONFIGURED: "○", State.READY: "●", State.ACTIVE: "▲", State.SUCCESS: "●", State.FAIL: "■"}
WORDS = {  # keys of the catalogues
    State.INIT: N_("later"),
    State.CONFIGURED: N_("to fill in"),
    State.READY: N_("can continue"),
    State.ACTIVE: N_("in progress"),
    State.SUCCESS: N_("done"),
    State.FAIL: N_("blocked"),
}


@dataclass
class Step:
    """A step of a wizard. `title` and `action` (what its main button says) are keys of the catalogues; `reasons` are why it can't go on.

    A `lasting` step did something that *Vorige* can't undo.
    """

    name: str
    title: str
    action: str
    lasting: bool = False
    state: State = State.INIT
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Button:
    """A button as the states make it. `why` says why it can't be pressed (empty when it can)."""

    name: str
    label: str
    enabled: bool
    main: bool = False
    why: str = ""


class Wizard:
    """The steps in their order. The current one is the first that isn't done."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = tuple(steps)

    @property
    def current(self) -> Step:
        """The step whose turn it is; when all are done, the last."""
        return next((step for step in self.steps if step.state is not State.SUCCESS), self.steps[-1])

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return all(step.state is State.SUCCESS for step in self.steps)

    @property
    def committed(self) -> bool:
        """Whether something was done that can't be undone."""
        return any(step.lasting and step.state is State.SUCCESS for step in self.steps)

    @property
    def lasting(self) -> bool:
        """Whether one closes it, rather than cancelling it."""
        return self.committed

    def is_at(self, name: str, *states: State) -> bool:
        """Whether it is the turn of the step `name`, in one of `states` (in any when none is given)."""
        return self.current.name == name and (not states or self.current.state in states)

    def set_state(self, name: str, state: State, *reasons: str) -> None:
        """Give a step a state, and the reasons why it can't go on."""
        step = next(step for step in self.steps if step.name == name)
        step.state, step.reasons = state, reasons

    def back(self) -> bool:
        """Go back a step if that undoes nothing that lasts; whether it did."""
        if not self._may_go_back:
            return False
        here = self.steps.index(self.current)
        self.steps[here].state, self.steps[here].reasons = State.INIT, ()
        self.steps[here - 1].state = State.READY
        return True

    def buttons(self) -> tuple[Button, ...]:
        """The buttons from left to right; the last is the main one, and it is always in the same corner."""
        leave = Button("close", N_("Close"), self._idle) if self.lasting else Button("cancel", N_("Cancel"), self._idle)
        if self.finished:
            return (Button("close", N_("Close"), enabled=True, main=True),)
        step = self.current
        enabled = step.state is State.READY
        main = Button(step.name, step.action, enabled, main=True, why="" if enabled or not step.reasons else step.reasons[0])
        back = (Button("previous", N_("Previous"), enabled=True),) if self._may_go_back else ()
        return (leave, *back, main)

    @property
    def _idle(self) -> bool:
        return self.current.state is not State.ACTIVE

    @property
    def _may_go_back(self) -> bool:
        here = self.steps.index(self.current)
        return here > 0 and self._idle and not self.finished and not self.steps[here - 1].lasting


class Parts(Wizard):
    """Steps beside each other, of which one is open and none is ever done.

    `conditions` say how things are in each, by its name: one of the audit's four states, and a word; of a part without one nothing is said.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        super().__init__(steps)
        self.conditions: dict[str, tuple[str, str]] = {}
        self._open = self.steps[0]

    def open(self, name: str) -> None:
        """Open the part `name`."""
        self._open = next(step for step in self.steps if step.name == name)

    @property
    def current(self) -> Step:
        """The part that is open."""
        return self._open

    @property
    def lasting(self) -> bool:
        """One closes it; there is nothing to cancel."""
        return True

    @property
    def _may_go_back(self) -> bool:
        return False


class SingleStep(Wizard):
    """One step that is never done, for a screen on which each thing is done at once."""

    def __init__(self, name: str, title: str, action: str) -> None:
        super().__init__((Step(name, title, action, state=State.READY),))

    @property
    def lasting(self) -> bool:
        """One closes it; there is nothing to cancel."""
        return True
