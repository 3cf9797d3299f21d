"""Why another day than the clock's counts as today: on the screens that say what is due."""

from accountools.domain.calendar import HeldDay
from accountools.forms.kit import widgets
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
