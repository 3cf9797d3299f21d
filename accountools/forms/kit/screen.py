"""The frame of every screen: the bar on top, the steps, the one panel of feedback, the content, the buttons in the corner.

It shows what the form says, each time the form says that it changed, and is made anew when the language changes.
"""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Generic, TypeVar

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.form import Form
from accountools.forms.kit.keyboard import Keys
from accountools.forms.kit.links import Way, Ways
from accountools.forms.kit.navigation import HOME, address
from accountools.forms.kit.style import CSS
from accountools.forms.kit.widgets import Callbacks, Widget
from accountools.forms.kit.wizard import State, Step
from accountools.reports.icons import COLOURS
from accountools.texts import LANGUAGES, Texts

F = TypeVar("F", bound=Form)
_STATES = {
    State.INIT: "missing",
    State.CONFIGURED: "missing",
    State.READY: "ready",
    State.ACTIVE: "attention",
    State.SUCCESS: "ready",
    State.FAIL: "blocked",
}


class StepView:
    """The base of the content of one step, and of the menu one returns to."""

    widget: Widget

    def refresh(self) -> None:
        """Show what the form says now."""

    def go_on(self) -> None:
        """Do what the main button says."""

    def leave(self) -> None:
        """Another step is shown: forget what may not lie about."""


class Screen(Generic[F]):
    """A form as it is seen: `views` makes the content of each step, `leaving` that of the menu one returns to."""

    def __init__(
        self, form: F, views: Callable[[F, Callbacks], Mapping[str, StepView]], leaving: Callable[[F, Callbacks], StepView]
    ) -> None:
        self.form = form
        self._make_views, self._make_leaving = views, leaving
        self._callbacks = Callbacks(form)
        self.widget = widgets.column(kinds=("at-screen",))
        self._views: Mapping[str, StepView] = {}
        self._build()
        form.subscribe(self.refresh)

    def refresh(self) -> None:
        """Show what the form says now."""
        if self._language != self.form.texts.language:
            self._build()
            return
        self._callbacks.quiet = True
        try:
            self._refresh()
        finally:
            self._callbacks.quiet = False

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget for the notebook; a notebook that is only read says what to do instead."""
        return bundle_of(self.widget, self.form.texts, **kwargs)

    def _build(self) -> None:
        self._language = self.form.texts.language
        self._leave_all()
        self._views = self._make_views(self.form, self._callbacks)
        self._leaving = self._make_leaving(self.form, self._callbacks)
        self._steps, self._feedback = widgets.html("", "at-steps"), widgets.column()
        self._told: Obstacle | None = None
        self._body = widgets.column(kinds=("at-body",))
        self._why = widgets.html("", "at-grow")
        self._buttons = {name: self._button(name, label) for name, label in self._labels()}
        self._foot = widgets.row(self._why, *self._buttons.values(), kinds=("at-foot",))
        self._keys = Keys(language=self._language)
        self.widget.children = (widgets.html(f"<style>{CSS}</style>"), self._bar(), self._steps, self._body, self._foot, self._keys)
        self.refresh()

    def _labels(self) -> Iterable[tuple[str, str]]:
        """All buttons that there may be, in the order in which they stand. Each has one meaning for as long as it lives."""
        _ = self.form.texts
        yield from (("cancel", _("Cancel")), ("close", _("Close")), ("previous", _("Previous")))
        yield from ((step.name, _(step.action)) for step in self.form.wizard.steps)

    def _button(self, name: str, label: str) -> Widget:
        made = widgets.button(label, *(("at-cancels",) if name == "cancel" else ()))
        leave: dict[str, Callable[[], object]] = {name: getattr(self.form, name) for name in ("cancel", "close", "previous")}
        return self._callbacks.press(made, leave[name] if name in leave else self._views[name].go_on)

    def _bar(self) -> Widget:
        form, _ = self.form, self.form.texts
        where = f"{escape(form.office_name)} · {escape(_.day(form.today))}"
        languages = [self._language_button(language) for language in LANGUAGES]
        left = widgets.html(f'<span class="at-name">accountools</span>{where}', "at-grow")
        self._path = Ways(self._callbacks, "path")
        right = widgets.row(self._path, *languages, kinds=("at-right",))
        return widgets.row(left, right, kinds=("at-bar",))

    def _language_button(self, language: Any) -> Widget:
        kinds = ("at-small", "at-said") if language == self._language else ("at-small",)
        return self._callbacks.press(widgets.button(language, *kinds), lambda: self.form.speak(language))

    def _refresh(self) -> None:
        form = self.form
        view = self._leaving if form.resting else self._views[form.wizard.current.name]
        self._leave_all(view)
        view.refresh()
        self._steps.value = "" if form.resting or len(form.wizard.steps) == 1 else self._step_line()
        widgets.show(self._steps, bool(self._steps.value))
        if self._told is not form.feedback.reason:
            self._told, panel = form.feedback.reason, self._panel()
            self._feedback.children = () if panel is None else (panel,)
        self._body.children = (*([self._feedback] if self._told is not None else []), view.widget)
        self._show_path()
        self._show_buttons()
        self._keys.place = form.over if form.resting else form.wizard.current.name

    def _show_path(self) -> None:
        *above, here = (self.form.texts(part) for part in self.form.where)
        home = self.form.cancel if self.form.at_home else None
        self._path.put((*(Way(part, "" if home else address(HOME), home) for part in above), Way(here)))

    def _leave_all(self, but: StepView | None = None) -> None:
        for view in self._views.values():
            if view is not but:
                view.leave()

    def _show_buttons(self) -> None:
        presses = {} if self.form.resting else {press.name: press for press in self.form.wizard.presses()}
        for name, widget in self._buttons.items():
            widgets.show(widget, name in presses)
            widget.disabled = name not in presses or not presses[name].alive
            (widget.add_class if name in presses and presses[name].main else widget.remove_class)("at-main")
        why = next((press.why for press in presses.values() if press.main), "")
        self._why.value = escape(why)
        widgets.show(self._foot, not self.form.resting)

    def _step_line(self) -> str:
        now = self.form.wizard.current
        items = (self._step_item(place, step, step is now) for place, step in enumerate(self.form.wizard.steps, 1))
        return f"<ol>{''.join(items)}</ol>"

    def _step_item(self, place: int, step: Step, now: bool) -> str:
        _ = self.form.texts
        kind = "at-done" if step.state is State.SUCCESS else "at-now" if now else ""
        colour = COLOURS[_STATES[step.state]]
        current = ' aria-current="step"' if now else ""
        return (
            f'<li class="{kind}"{current}><strong>{place} {escape(_(step.title))}</strong>'
            f'<small style="color:{colour}">{step.icon} {escape(_(step.word))}</small></li>'
        )

    def _panel(self) -> Widget | None:
        told, _ = self.form.feedback, self.form.texts
        if told.reason is None:
            return None
        more = [widgets.html(f"<p>■ {escape(self.form.say(one))}</p>") for one in told.others]
        remedy = told.remedy
        if remedy is not None:
            name = remedy.name
            more.append(self._callbacks.press(widgets.button(_(remedy.label), "at-small"), lambda: self.form.mend(name)))
        return widgets.panel("blocked", _("That didn't work"), _.sentence(told.reason), self.form.what_to_do(told.reason), *more)


def bundle_of(widget: Widget, _: Texts, **kwargs: Any) -> Any:
    """A widget as a notebook shows it, with the same plain text wherever and whenever it runs."""
    made = widget._repr_mimebundle_(**kwargs)
    data, *metadata = made if isinstance(made, tuple) else (made,)
    data = data | {"text/plain": _("Run this cell (Shift+Enter) to open the screen.")}
    return (data, *metadata) if metadata else data
