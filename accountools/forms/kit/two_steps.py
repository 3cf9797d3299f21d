"""A form of two steps: fill it in, look over what will be done, and do it. Until then nothing changes; what was filled in stays."""

from collections.abc import Callable, Iterator

from accountools.domain.codes import N_
from accountools.forms.kit.feedback import REMEDIES, Feedback, Remedy
from accountools.forms.kit.form import step_of_form
from accountools.forms.kit.step_form import StepForm
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.operations.session import Office
from accountools.texts import Texts

_HERE = {
    "number-taken": Remedy(N_("Take the next free number"), "next-number"),
    "client-exists": Remedy(N_("Use that client"), "use-client"),
    "client-not-found": Remedy(N_("Create client"), "create-client"),
    "administration-not-found": Remedy(N_("Choose another administration"), "choose-source"),
}


class TwoSteps(StepForm):
    """The base: `title` and `action` are the first step's title and what the button that does it says.

    A subclass says what is `lacking`, checks anew in `look`, does it in `carry_out`, and tells it as `outcome`.
    """

    title: str
    action: str
    remedies = REMEDIES | _HERE

    def __init__(self, office: Office, texts: Texts | None = None) -> None:
        wizard = Wizard((Step("fill", self.title, N_("Next")), Step("look", N_("Look it over"), self.action, lasting=True)))
        super().__init__(office, wizard, texts)
        self.feedback = Feedback(remedy_for=self.remedies.get)
        self.looked = self.done = self.failed = False
        self.wants = ""
        self.empty()
        self.assess()

    def empty(self) -> None:
        """Begin with nothing filled in."""

    def lacking(self) -> Iterator[str]:
        """What is still to be filled in, in words."""
        yield from ()

    def look(self) -> None:
        """Check anew what is filled in. Raises what stands in the way."""

    def carry_out(self) -> None:
        """Do it. Raises what stands in the way."""

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        return ""

    @step_of_form
    def next(self) -> bool:
        """*Volgende*: show what will be done. Changes nothing."""
        if not self.wizard.is_at("fill", State.READY):
            return False
        self.look()
        self.looked = not any(self.lacking())
        return self.looked

    @step_of_form
    def finish(self) -> bool:
        """Do what was shown. A second press does nothing."""
        if not self.wizard.is_at("look", State.READY):
            return False
        self.do("look", self.carry_out)
        self.done = True
        return True

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        lacking = tuple(self.lacking())
        filled = State.SUCCESS if self.looked else State.CONFIGURED if lacking else State.READY
        self.wizard.put("fill", filled, *lacking)
        if not self.looked:
            self.wizard.put("look", State.INIT)
        elif self.failed:
            self.wizard.put("look", State.FAIL, self.not_now)
        else:
            self.wizard.put("look", State.SUCCESS if self.done else State.READY)

    def fill(self, step: Callable[[], object]) -> bool:
        """Fill a field in; only while they are on the screen."""
        if self.looked or self.over:
            return False
        step()
        self.wants = ""
        return True

    def step_back(self) -> bool:
        """Go back to the fields."""
        if not self.wizard.back():
            return False
        self.looked = self.failed = False
        return True
