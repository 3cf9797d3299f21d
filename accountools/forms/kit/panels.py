"""Panels that several screens show: an obstacle with what to do about it, and why another day than the clock's counts as today."""

from collections.abc import Iterator
from functools import partial

from accountools.domain.calendar import HeldDay
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import MAKE_ANEW, action_for
from accountools.forms.kit.form import Form
from accountools.texts import Texts


class HeldDayView:
    """The panel that says why another day than the clock's counts as today; empty when none does."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._shown: HeldDay | None = None
        self.widget = widgets.column()

    def show(self, held: HeldDay | None) -> None:
        """Show it for this day, or empty it."""
        if held != self._shown:
            self._shown, _ = held, self._texts
            panels = [] if held is None else [widgets.panel("attention", _("attention"), _(held.sentence, **vars(held)), _(held.remedy))]
            self.widget.children = panels


def obstacle_panel(
    form: Form, callbacks: widgets.Callbacks, one: Obstacle, *more: widgets.Widget, can_confirm: bool = True
) -> widgets.Widget:
    """An obstacle: what is wrong and what to do; with a check box where it asks for a confirmation that can be given here."""
    _ = form.texts
    state, word = ("blocked", _("blocked")) if one.blocking else ("attention", _("attention"))
    if one.needs_confirmation and can_confirm:
        confirm = widgets.checkbox(_("Yes, I checked this and it is right"), value=one.code in form.accepted)
        more = (callbacks.change(confirm, partial(form.accept, one.code)), *more)
    return widgets.panel(state, word, _.sentence(one), form.remedy(one), *more, *host_buttons(form, callbacks, one))


def host_buttons(form: Form, callbacks: widgets.Callbacks, one: Obstacle) -> Iterator[widgets.Widget]:
    """What only who shows the form in a notebook can do: open an office where it was moved to, or make it anew in another folder."""
    host, _, place = form.host, form.texts, dict(one.facts).get("path")
    if host is not None and one.code == "office-moved":
        yield callbacks.press(widgets.button(_("Open it there"), "at-small"), lambda: host.open_at(str(place)))
    if host is not None and action_for(one.code, frozenset({MAKE_ANEW.name})):
        yield callbacks.press(widgets.button(_(MAKE_ANEW.label), "at-small"), lambda: host.set_up(lost=True))
