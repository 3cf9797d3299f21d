"""The widgets that the screens are made of, with types: labelled fields, buttons, boxes, and how callbacks are attached.

Every callback goes through the form's guard (`feedback.Feedback.run`): what goes wrong in it is shown, never lost.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Protocol

import ipywidgets

from accountools.forms.kit.feedback import Feedback
from accountools.forms.kit.style import paragraph, text_html
from accountools.reports.icons import COLOURS, ICONS
from accountools.texts import Texts

Widget = Any


class Guarded(Protocol):
    """What callbacks need of a form: its guard, and to hear of a change."""

    feedback: Feedback

    def notify(self) -> None:
        """There is something new to show."""


class Callbacks:
    """Attaches the form's steps to widgets. While `quiet` (a screen is being brought up to date) changes are not the user's."""

    def __init__(self, form: Guarded) -> None:
        self._form = form
        self._thread = threading.local()

    @property
    def quiet(self) -> bool:
        """Whether this thread brings the screen up to date. In another one the user may change something meanwhile."""
        return bool(getattr(self._thread, "quiet", False))

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Within this, changes of widgets by this thread are not the user's."""
        before, self._thread.quiet = self.quiet, True
        try:
            yield
        finally:
            self._thread.quiet = before

    def press(self, widget: Widget, step: Callable[[], object]) -> Widget:
        """Do `step` when a button is pressed."""
        widget.on_click(lambda _: self.run(step))
        return widget

    def change(self, widget: Widget, step: Callable[[Any], object]) -> Widget:
        """Do `step` with the new value when the user changed it."""

        def changed(change: dict[str, Any]) -> None:
            if not self.quiet:
                self.run(lambda: step(change["new"]))

        widget.observe(changed, "value")
        return widget

    def run(self, step: Callable[[], object]) -> bool:
        """Do a step under the guard; whether it was done."""
        before = self._form.feedback.reason
        done = self._form.feedback.run(step)
        if self._form.feedback.reason is not before:
            self._form.notify()
        return done


_shared: dict[tuple[Any, ...], Widget] = {}


def _made(kind: type[Widget], *values: Any, width: str = "", **traits: Any) -> Widget:
    """A widget. Its layout and its style it shares with others like it, so that a screen has half as many widgets to send."""
    style = kind.class_traits().get("style")
    if style is not None:
        traits["style"] = _share(style.klass)
    if "layout" not in traits:
        traits["layout"] = _share(ipywidgets.Layout, width=width or None)
    return kind(*values, **traits)


def _share(kind: type[Widget], **traits: Any) -> Widget:
    """The one of its kind: none is ever changed."""
    key = (kind, *traits.items())
    if key not in _shared or _shared[key].comm is None:  # it was closed
        _shared[key] = kind(**traits)
    return _shared[key]


def html(text: str = "", *kinds: str) -> Widget:
    """Some HTML, made by `style` and `escape`."""
    return _kinds(_made(ipywidgets.HTML, text), kinds)


def note() -> Widget:
    """A line beneath a field that is read aloud when it changes."""
    return html("", "at-live")


def place() -> Widget:
    """Where a panel may appear, which is read aloud then."""
    return column(kinds=("at-live",))


def button(label: str, *kinds: str, icon: str = "", tooltip: str = "") -> Widget:
    """A button."""
    return _kinds(_made(ipywidgets.Button, description=label, icon=icon, tooltip=tooltip or label), kinds)


def toggle(label: str, *kinds: str, value: bool = False) -> Widget:
    """A button that stays pressed."""
    return _kinds(_made(ipywidgets.ToggleButton, value, description=label, tooltip=label), kinds)


def text(label: str, value: str = "", placeholder: str = "", *, live: bool = False) -> Widget:
    """A line to type in. It sends its value when it is left or Enter is pressed; `live` sends each keystroke.

    Enter by itself is not listened to: its message overtakes the value's, and something half typed would be acted on.
    """
    made = _made(ipywidgets.Text, value, description=label, placeholder=placeholder, continuous_update=live)
    return _kinds(made, ("at-field",))


def day(label: str) -> Widget:
    """A day, chosen from a calendar or typed; empty is none."""
    return _kinds(_made(ipywidgets.DatePicker, description=label), ("at-field", "at-short"))


def password(label: str) -> Widget:
    """A line to type a secret in. Its value must be emptied at once after use: a notebook keeps what its widgets hold."""
    return _kinds(_made(ipywidgets.Password, description=label), ("at-field",))


def text_area(label: str, value: str, rows: int) -> Widget:
    """A text of some lines, to change and to copy."""
    made = _made(ipywidgets.Textarea, value, description=label, rows=rows)
    return _kinds(made, ("at-field",))


def checkbox(label: str, *, value: bool = False) -> Widget:
    """A check box."""
    return _made(ipywidgets.Checkbox, value, description=label, indent=False)


def switch(word: str, *, value: bool, about: str) -> Widget:
    """A check box as a switch, with a word for its position; `about` says of whom or what to a screen reader."""
    label = f'<span class="at-unseen">{escape(about)}: </span>{escape(word)}'
    return _kinds(_made(ipywidgets.Checkbox, value, description=label, description_allow_html=True, indent=False), ("at-switch",))


def grid(columns: str) -> Widget:
    """Widgets in rows and columns, as wide as CSS says."""
    return _kinds(_made(ipywidgets.GridBox, layout={"grid_template_columns": columns}), ("at-grid",))


def choice(options: Iterable[tuple[str, str]], value: str, label: str = "") -> Widget:
    """One of a few, all shown."""
    made = _made(ipywidgets.RadioButtons, options=list(options), value=value, description=label, width="auto")
    return _kinds(made, ("at-field", "at-choice") if label else ())


def dropdown(options: Iterable[tuple[str, Any]], value: Any, label: str) -> Widget:
    """One of several, of which only the chosen one is shown."""
    made = _made(ipywidgets.Dropdown, options=list(options), value=value, description=label, width="auto")
    return _kinds(made, ("at-field", "at-short"))


def listing(rows: int = 7, *, label: str = "") -> Widget:
    """A list to choose from, empty for now. The label that is given here is only read aloud."""
    made = _made(ipywidgets.Select, options=[], rows=rows, description=label, width="auto")
    return _kinds(made, ("at-listing",) if label else ())


def column(*children: Widget, kinds: Iterable[str] = ()) -> Widget:
    """Widgets below each other."""
    return _kinds(_made(ipywidgets.VBox, list(children)), kinds)


def row(*children: Widget, kinds: Iterable[str] = ()) -> Widget:
    """Widgets beside each other."""
    return _kinds(_made(ipywidgets.HBox, list(children)), kinds)


def show(widget: Widget, visible: bool) -> None:
    """Show a widget, or hide it."""
    (widget.remove_class if visible else widget.add_class)("at-hidden")


def panel(state: str, word: str, sentence: str, remedy: str, *more: Widget) -> Widget:
    """A panel: its state, what is wrong (or so) in a sentence, what to do in a second, and what does it."""
    head = f'<b style="color:{COLOURS[state]}">{ICONS[state]} {escape(word)}</b>&ensp;{text_html(sentence)}'
    return column(html(f'<p>{head}</p><p class="at-quiet">{text_html(remedy)}</p>'), *more, kinds=("at-panel", f"at-{state}"))


def set_value(field: Widget, value: str) -> None:
    """Show a value in a field, unless it is there already."""
    if field.value != value:
        field.value = value


class UserFields:
    """The fields of a new user: the login name with its example, the full name, the employee number.

    `places` are beneath each, for what is wrong with it, by its code.
    """

    def __init__(self, texts: Texts, *, live: bool = False) -> None:
        _ = texts
        self.login = text(_("Login name, as on their own computer"), placeholder=r"JANSEN\henk", live=live)
        self.name = text(_("Full name"), live=live)
        self.employee = text(_("Employee number (optional)"), live=live)
        self.all = (self.login, self.name, self.employee)
        login, name, employee = place(), place(), place()
        self.places = {"login-invalid": login, "user-exists": login, "name-missing": name, "employee-invalid": employee}
        example = _(r"As on Windows, as an email address, or as on macOS and Linux: JANSEN\henk, henk@jansen.nl or henk.")
        about = column(self.login, html(paragraph(example, "at-quiet")), login, kinds=("at-group",))
        self.widget = column(about, column(self.name, name), column(self.employee, employee))

    def show(self, login: str, name: str, employee: str) -> None:
        """Show these."""
        for field, value in zip(self.all, (login, name, employee), strict=True):
            set_value(field, value)


def _kinds(widget: Widget, kinds: Iterable[str]) -> Widget:
    for kind in kinds:
        widget.add_class(kind)
    return widget
