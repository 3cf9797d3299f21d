"""The second step of the forms of two steps on the screen: what will be done, then what was done. And what they have in common."""

from collections.abc import Iterable
from html import escape
from typing import Any, Generic, TypeVar

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.form import Form
from accountools.forms.kit.screen import StepView
from accountools.forms.kit.style import facts, line, mark
from accountools.forms.kit.two_steps import TwoSteps
from accountools.forms.kit.widgets import Callbacks

F = TypeVar("F", bound=TwoSteps)


class LookView(StepView, Generic[F]):
    """What will be done, and that nothing has been yet. A subclass fills in `body` and `then`."""

    def __init__(self, form: F) -> None:
        self.form = form
        self.widget = widgets.column(kinds=("at-group",))

    def refresh(self) -> None:
        """Show what the form says now."""
        form = self.form
        if form.done:
            self.widget.children = (widgets.panel("ready", form.texts("Done"), form.outcome, self.then()),)
        elif form.looked:
            self.widget.children = (widgets.html(self.body() + line(form.texts("Nothing has been made or changed yet."), "at-quiet")),)

    def go_on(self) -> None:
        """Do what was shown."""
        self.form.finish()

    def body(self) -> str:
        """What will be done, as HTML."""
        return ""

    def then(self) -> str:
        """What comes next, when it is done."""
        return ""


class Left(StepView):
    """What is shown of a form that was left, while its place is taken by another."""

    def __init__(self, _: Form, __: Callbacks) -> None:
        self.widget = widgets.column()


def told(rows: Iterable[tuple[str, str]]) -> str:
    """A table of labels and values, given as plain text."""
    return facts((label, escape(value)) for label, value in rows)


def fault(form: Form, one: Obstacle | None) -> str:
    """What is wrong with a field, to be shown beneath it."""
    return "" if one is None else f"<p>{mark('blocked', form.texts('won’t do'))}&ensp;{escape(form.say(one))}</p>"


def put(field: Any, value: str) -> None:
    """Show a value in a field, unless it is there already."""
    if field.value != value:
        field.value = value
