"""A form of two steps: fill it in, see what will be done, and do it. Until then nothing changes; what was filled in stays."""

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Generic, TypeVar

from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.form import Form, guarded
from accountools.forms.kit.jobs import JobForm, Start, run_now
from accountools.forms.kit.links import Link, Links
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import facts_table, paragraph
from accountools.forms.kit.upload import Uploads
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.operations.session import Office
from accountools.texts import Texts


class TwoStepForm(JobForm):
    """The base: `title` and `action` are the first step's title and what the button that does it says.

    A subclass says what is `missing`, checks anew in `check`, does it in `apply_plan`, and describes it as `outcome`. `wants` is the field
    that a remedy's button leads to, `following` the task that is begun when this one is left.
    """

    title: str
    action: str
    actions = frozenset({"retry", "next-number", "use-client", "create-client", "choose-administration", "choose-file"})

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        wizard = Wizard((Step("fill", self.title, N_("Next")), Step("check", N_("Check the details"), self.action, lasting=True)))
        super().__init__(office, wizard, texts, start)
        self.uploads, self.following = Uploads(), ""
        self.set_defaults()
        self.assess()

    def set_defaults(self) -> None:
        """Begin with nothing filled in."""
        self.checked = self.done = self.failed = False
        self.wants = ""

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        yield from ()

    def check(self) -> None:
        """Check anew what is filled in. Raises what keeps it from being done."""

    def apply_plan(self) -> None:
        """Do it. Raises what keeps it from being done."""

    @property
    def outcome(self) -> str:
        """What was done, in a sentence."""
        return ""

    @guarded
    def next(self) -> bool:
        """*Volgende*: show what will be done. Changes nothing."""
        if not self.wizard.is_at("fill", State.READY):
            return False
        self.check()
        self.checked = not any(self.missing())
        return self.checked

    @guarded
    def finish(self) -> bool:
        """Do what was shown. A second press does nothing."""
        if not self.wizard.is_at("check", State.READY):
            return False
        self.run_step("check", self.apply_plan)
        self.done = True
        return True

    @guarded
    def start_next_task(self, task: str) -> bool:
        """Leave this one, which is done, and begin another."""
        self.following = task
        return self.done and self.end("closed")

    def assess(self) -> None:
        """Derive the steps' states from what is filled in and what was done."""
        if self.busy:
            return
        missing = tuple(self.missing())
        filled = State.SUCCESS if self.checked else State.CONFIGURED if missing else State.READY
        self.wizard.set_state("fill", filled, *missing)
        if not self.checked:
            self.wizard.set_state("check", State.INIT)
        elif self.failed:
            self.wizard.set_state("check", State.FAIL, self.blocked_reason)
        else:
            self.wizard.set_state("check", State.SUCCESS if self.done else State.READY)

    def fill(self, step: Callable[[], object]) -> bool:
        """Fill a field in; only while they are on the screen."""
        if self.checked or self.ended:
            return False
        step()
        self.wants = ""
        return True

    def step_back(self) -> bool:
        """Go back to the fields."""
        if not self.wizard.back():
            return False
        self.checked = self.failed = False
        return True


F = TypeVar("F", bound=TwoStepForm)


class CheckView(StepView, Generic[F]):
    """What will be done, and that nothing has been yet. A subclass gives `summary` and `advice`."""

    def __init__(self, form: F, callbacks: widgets.Callbacks) -> None:
        self.form, self.callbacks = form, callbacks
        self.press_main = form.finish
        self.widget = widgets.column(kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form holds now."""
        form, _ = self.form, self.form.texts
        if form.done:
            links = Links(self.callbacks, "line", self.links())
            self.widget.children = (widgets.panel("ready", _("done"), form.outcome, self.advice(), links),)
        elif form.checked:
            unchanged = paragraph(_("Nothing has been created or changed yet."), "at-quiet")
            self.widget.children = (widgets.html(self.summary() + unchanged),)

    def summary(self) -> str:
        """What will be done, as HTML."""
        return ""

    def advice(self) -> str:
        """What to do next, when it is done."""
        return ""

    def links(self) -> Iterable[Link]:
        """Where that is done."""
        return ()


class NoView(StepView):
    """Nothing: what is shown of a form that was left, while another takes its place."""

    def __init__(self, _: Form, __: widgets.Callbacks) -> None:
        self.widget = widgets.column()


def text_table(rows: Iterable[tuple[str, str]]) -> str:
    """A table of labels and values, given as plain text."""
    return facts_table((label, escape(value)) for label, value in rows)
