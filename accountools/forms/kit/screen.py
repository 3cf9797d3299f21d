"""Every screen: in its frame the steps, the one panel of feedback, the content, the buttons in the corner.

It shows what the form holds, each time the form changed, and is built anew when the language changes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from html import escape
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from accountools.domain.calendar import HeldDay
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import MAKE_ANEW, action_for
from accountools.forms.kit.file_chooser import FileChooser
from accountools.forms.kit.form import Form
from accountools.forms.kit.links import Frame, Link, Links, TypedFields
from accountools.forms.kit.navigation import HOME, Item, PageAddress, Request, address
from accountools.forms.kit.style import TABLES, state_html
from accountools.forms.kit.wizard import ICONS, WORDS, Parts, State, Step
from accountools.reports import icons
from accountools.reports.icons import COLOURS
from accountools.texts import Texts

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
    """The base of the content of one step, and of what is shown while no step is. `press_main` does what the main button says.

    `files` are its fields for a file or folder; `places` are, by code, where the panel about something wrong with another field is shown.
    """

    widget: widgets.Widget
    files: tuple[FileChooser, ...] = ()
    places: Mapping[str, widgets.Widget] = MappingProxyType({})
    press_main: Callable[[], object]
    _wanted = ""

    def refresh(self) -> None:
        """Show what the form holds now."""

    def hide(self) -> None:
        """Another step is shown: empty what must not stay in a field."""

    def place_for(self, one: Obstacle) -> widgets.Widget | None:
        """Where the panel about something wrong with a field is shown: beneath that field. None: above all."""
        return next((file.wrong for file in self.files if file.is_about(one)), self.places.get(one.code))

    def open_wanted(self, wanted: str, openers: Mapping[str, Callable[[], object]]) -> None:
        """Open the field that a remedy's button leads to, once."""
        if wanted != self._wanted:
            self._wanted = wanted
            openers.get(wanted, lambda: None)()


ViewBuilder = Callable[[Any, widgets.Callbacks], StepView]


class ClosedView(StepView):
    """What a form that was left returns to: how it ended, a button to begin again, and links to the menu and to `items` of it.

    `sentences` are by how the form ended: keys of the catalogues. *Sluiten* goes on to the menu (S14); this is found on the way back.
    """

    def __init__(
        self, form: Form, callbacks: widgets.Callbacks, *, again: str, sentences: Mapping[str, str], items: Iterable[Item] = ()
    ) -> None:
        self._form, self._sentences, _ = form, sentences, form.texts
        self._how = widgets.html()
        self._resume = callbacks.press(widgets.button(_("Go on where you were")), form.resume)
        button = callbacks.press(widgets.button(_(again)), form.restart)
        links = (*(Link(_(item.name), address(item.notebook)) for item in items), Link(_("To the full menu"), address(HOME)))
        row = widgets.row(self._resume, button, Links(callbacks, "line", links), kinds=("at-row",))
        self.widget = widgets.column(self._how, row, kinds=("at-group",))

    def refresh(self) -> None:
        """Show how the form was left."""
        state = "missing" if self._form.ended == "cancelled" else "ready"
        sentence = self._sentences.get(self._form.ended)
        self._how.value = f"<p>{state_html(state, self._form.texts(sentence))}</p>" if sentence else ""
        widgets.show(self._resume, self._form.ended == "cancelled")


class ElsewhereView(StepView):
    """In a client's own office: what the screen is for is done by the accountant."""

    def __init__(self, form: Form, callbacks: widgets.Callbacks) -> None:
        _ = form.texts
        done = _("Only an accountancy office does this; your own office doesn't need it.")
        links = Links(callbacks, "line", [Link(_("To the full menu"), address(HOME))])
        self.widget = widgets.panel("missing", _("not needed here"), done, "", links)


class Screen(Generic[F]):
    """A form as it is seen: `views` build the content of each step, `idle_view` that of the form while it shows none.

    `notebook` is the number of the notebook that it is the screen of (empty: it is a part of another screen): when a page shows it, the
    form begins with what the page's address asks, once. `above` builds what stands above the steps, whichever is shown.
    """

    def __init__(
        self, form: F, views: Mapping[str, ViewBuilder], idle_view: ViewBuilder, notebook: str = "", above: ViewBuilder | None = None
    ) -> None:
        self.form = form
        self._build_views, self._build_idle_view, self._build_above = views, idle_view, above
        self._callbacks = widgets.Callbacks(form)
        self._address = PageAddress(notebook, self._begin) if notebook else None
        self._typed = TypedFields(f"{notebook}:{form.office.folder}", self._return_to)
        self._begun = False
        self.widget = widgets.column(kinds=("at-screen",))
        self._views: Mapping[str, StepView] = {}
        self._build()
        form.subscribe(self.refresh)

    def refresh(self) -> None:
        """Show what the form holds now."""
        if self._language != self.form.texts.language:
            self._build()
            return
        with self._callbacks.silenced():
            self._refresh()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget for the notebook; a notebook that is only read says what to do instead."""
        return mime_bundle(self.widget, self.form.texts, **kwargs)

    def _begin(self, request: Request) -> None:
        """Begin with what the page asks. It asks each time that it is shown, after F5 for instance: what was done since stays."""
        if not self._begun and request != Request():
            self._callbacks.run(lambda: self.form.begin(request))
            self.form.changed()
        self._begun = True

    def _return_to(self, state: dict[str, Any]) -> None:
        """Somebody came back by F5 or Back: go on with what was half done."""
        self._callbacks.run(lambda: self.form.restore_state(state))
        self.form.changed()

    def _build(self) -> None:
        self._language = self.form.texts.language
        self._hide_all()
        self._views = {name: build(self.form, self._callbacks) for name, build in self._build_views.items()}
        self._idle_view = (ElsewhereView if self.form.is_elsewhere else self._build_idle_view)(self.form, self._callbacks)
        self._top = None if self._build_above is None else self._build_above(self.form, self._callbacks)
        self._steps, self._feedback = widgets.html("", "at-steps"), widgets.column()
        self._place = self._above = widgets.place()
        wizard = self.form.wizard
        self._parts = PartButtons(self.form, wizard, self._callbacks) if isinstance(wizard, Parts) else None
        self._shown_reason: Obstacle | None = None
        self._body = widgets.column(kinds=("at-body",))
        self._why = widgets.html("", "at-grow", "at-live")
        _, form = self.form.texts, self.form
        fixed = (("cancel", _("Cancel"), form.cancel), ("close", _("Close"), form.close), ("previous", _("Previous"), form.previous))
        steps = ((step.name, _(step.action), self._views[step.name].press_main) for step in form.wizard.steps)
        self._buttons: dict[str, widgets.Widget] = {}  # all that there may be: each has one meaning for as long as it lives
        for name, label, step in (*fixed, *steps):
            button = widgets.button(label, *(("at-cancels",) if name == "cancel" else ()))
            self._buttons[name] = self._callbacks.press(button, step)
        self._foot = widgets.row(self._why, *self._buttons.values(), kinds=("at-foot",))
        home = address(HOME) if self._address is not None and not form.is_menu else ""
        badge = f'<span class="at-badge">{escape(_("EXAMPLE"))}</span>' if form.is_demonstration else ""
        where = f"{badge}{escape(form.office_name)} · {escape(_.day(form.today))}"
        whose = "accountant" if form.is_accountant_office else "client"
        self._frame = Frame(self._callbacks, _, form.set_language, where, home=home, office=whose)
        top = () if self._top is None else (self._top.widget,)
        steps = self._steps if self._parts is None else self._parts.widget
        self._held_day: HeldDay | None = None
        self._why_day = widgets.column(kinds=("at-day",))  # why another day than the clock's counts as today
        shown = self._frame.around(self._why_day, *top, steps, self._body, self._foot)
        self.widget.children = shown if self._address is None else (self._typed, *shown, self._address)  # first: what follows may change
        self.refresh()

    def _refresh(self) -> None:
        form = self.form
        self._save_half_done(form)  # before it is seen, and left
        held = None if self._address is None else form.held_day
        if held != self._held_day:
            self._held_day, _ = held, form.texts
            panels = () if held is None else (widgets.panel("attention", _("attention"), _(held.sentence, **vars(held)), _(held.remedy)),)
            self._why_day.children = panels
        widgets.show(self._why_day, held is not None)
        view = self._idle_view if form.idle else self._views[form.wizard.current.name]
        self._hide_all(view)
        view.refresh()
        if self._top is not None:
            self._top.refresh()
            widgets.show(self._top.widget, not form.idle)
        self._steps.value = "" if form.idle or len(form.wizard.steps) == 1 else self._step_line()
        widgets.show(self._steps, bool(self._steps.value))
        if self._parts is not None:
            self._parts.refresh()
        if self._shown_reason is not form.feedback.reason:
            self._shown_reason, panel = form.feedback.reason, self._panel()
            self._feedback.children = () if panel is None else (panel,)
        self._place_feedback(view)
        *above, here = (form.texts(part) for part in (form.path[:1] if form.ended else form.path))
        home = form.cancel if form.is_menu else None
        self._frame.path.show((*(Link(part, "" if home else address(HOME), home) for part in above), Link(here)))
        self._show_buttons()
        self._frame.keys.place = form.place
        self._save_typed(form)

    def _save_typed(self, form: Form, within: str = "") -> None:
        """Let the browser keep what is filled in on `form`, which may be one `within` this screen."""
        typed = self._typed
        self._save_half_done(form)
        with typed.hold_sync():
            typed.place, typed.working = within + form.place, form.working

    def _save_half_done(self, form: Form) -> None:
        with self._typed.hold_sync():
            self._typed.keeps, self._typed.state = form.half_done, self.form.kept_state()

    def _place_feedback(self, view: StepView) -> None:
        """Show the panel beneath the field that it is about, else above all."""
        reason = self._shown_reason
        place = (None if reason is None else view.place_for(reason)) or self._above
        if self._place is not place:
            self._place.children = ()
        self._place, place.children = place, (self._feedback,)
        self._body.children = (self._above, view.widget)

    def _hide_all(self, but: StepView | None = None) -> None:
        for view in self._views.values():
            if view is not but:
                view.hide()

    def _show_buttons(self) -> None:
        buttons = {} if self.form.idle else {button.name: button for button in self.form.wizard.buttons()}
        for name, widget in self._buttons.items():
            widgets.show(widget, name in buttons)
            widget.disabled = name not in buttons or not buttons[name].enabled
            (widget.add_class if name in buttons and buttons[name].main else widget.remove_class)("at-main")
        self._why.value = escape(next((button.why for button in buttons.values() if button.main), ""))
        widgets.show(self._foot, not self.form.idle)

    def _step_line(self) -> str:
        now, _ = self.form.wizard.current, self.form.texts

        def item(place: int, step: Step) -> str:
            kind = "at-done" if step.state is State.SUCCESS else "at-now" if step is now else ""
            current = ' aria-current="step"' if step is now else ""
            state = f'<small style="color:{COLOURS[_STATES[step.state]]}">{ICONS[step.state]} {escape(_(WORDS[step.state]))}</small>'
            return f'<li class="{kind}"{current}><strong>{place} {escape(_(step.title))}</strong>{state}</li>'

        return f"<ol>{''.join(item(place, step) for place, step in enumerate(self.form.wizard.steps, 1))}</ol>"

    def _panel(self) -> widgets.Widget | None:
        form, feedback, _ = self.form, self.form.feedback, self.form.texts
        if feedback.reason is None:
            return None
        more = [widgets.html(f"<p>■ {escape(form.describe(one))}</p>") for one in feedback.others]
        action = feedback.action
        if action is not None:
            more.append(self._callbacks.press(widgets.button(_(action.label), "at-small"), partial(form.resolve, action.name)))
        more += host_buttons(form, self._callbacks, feedback.reason)
        return widgets.panel("blocked", _("That didn't work"), _.sentence(feedback.reason), form.remedy(feedback.reason), *more)


class PartButtons:
    """The parts of a form beside each other, each with how things are in it; a press opens one."""

    def __init__(self, form: Form, wizard: Parts, callbacks: widgets.Callbacks) -> None:
        self._form, self._wizard = form, wizard
        self._toggles = {step.name: self._toggle(step.name, callbacks) for step in wizard.steps}
        row = widgets.row(*self._toggles.values(), kinds=("at-figures",))
        self.widget = widgets.column(widgets.html(f"<style>{TABLES}</style>"), row, kinds=("at-parts",))

    def refresh(self) -> None:
        """Show how things are, and which part is open."""
        wizard, _ = self._wizard, self._form.texts
        widgets.show(self.widget, not self._form.idle)
        for step in wizard.steps:
            toggle, (state, word) = self._toggles[step.name], wizard.conditions.get(step.name, ("", ""))
            toggle.description = toggle.tooltip = f"{icons.ICONS[state]} {_(step.title)}: {word}" if state else _(step.title)
            toggle.value = step is wizard.current
            toggle.disabled = not self._form.can_leave
            for one in COLOURS:
                (toggle.add_class if one == state else toggle.remove_class)(f"at-figure-{one}")

    def _toggle(self, name: str, callbacks: widgets.Callbacks) -> widgets.Widget:
        return callbacks.change(widgets.toggle(""), lambda _: self._form.open_part(name))


def obstacle_panel(
    form: Form, callbacks: widgets.Callbacks, one: Obstacle, *more: widgets.Widget, can_confirm: bool = True
) -> widgets.Widget:
    """An obstacle: what is wrong and what to do; with a check box where it asks for a confirmation that can be given here."""
    _ = form.texts
    state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("attention"))
    if one.needs_confirmation and can_confirm:
        plan = form.plan_to_confirm

        def accept(yes: bool) -> bool:  # not when the click was on its way while something else was planned
            return form.plan_to_confirm is plan and form.accept(one.confirmation, yes)

        confirm = widgets.checkbox(_("Yes, I checked this and it is right"), value=one.is_confirmed(form.accepted))
        more = (callbacks.change(confirm, accept), *more)
    return widgets.panel(state, word, _.sentence(one), form.remedy(one), *more, *host_buttons(form, callbacks, one))


def host_buttons(form: Form, callbacks: widgets.Callbacks, one: Obstacle) -> Iterator[widgets.Widget]:
    """What only who shows the form in a notebook can do: open an office where it was moved to, or make it anew in another folder."""
    host, _, place = form.host, form.texts, dict(one.facts).get("path")
    if host is not None and one.code == "office-moved":
        yield callbacks.press(widgets.button(_("Open it there"), "at-small"), lambda: host.open_at(str(place)))
    if host is not None and action_for(one.code, frozenset({MAKE_ANEW.name})):
        yield callbacks.press(widgets.button(_(MAKE_ANEW.label), "at-small"), lambda: host.set_up(lost=True))


def mime_bundle(widget: widgets.Widget, _: Texts, **kwargs: Any) -> Any:
    """A widget as a notebook shows it, with the same plain text wherever and whenever it runs."""
    made = widget._repr_mimebundle_(**kwargs)
    data, *metadata = made if isinstance(made, tuple) else (made,)
    data = data | {"text/plain": _("Run this cell (Shift+Enter) to open the screen.")}
    return (data, *metadata) if metadata else data
