"""A field with a look-up (🔍) beside it: what one types narrows the list, and a line beneath says what is chosen (S11, S12)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from accountools.forms.kit import widgets
from accountools.forms.kit.widgets import Callbacks

MOST, FEWEST, ROWS = 200, 3, 7


@dataclass(frozen=True)
class Found:
    """A line of the list, and what choosing it gives."""

    line: str
    value: Any


class LookUp:
    """The field. `find` gives the list for what was typed, `choose` takes a value of the list.

    What is typed goes to `typed`; without that it is looked up: the only thing found is chosen, of several the list is shown. `live`
    narrows the list at each keystroke.
    """

    def __init__(
        self,
        callbacks: Callbacks,
        label: str,
        tooltip: str,
        find: Callable[[str], Iterable[Found]],
        choose: Callable[[Any], object],
        *,
        typed: Callable[[str], object] | None = None,
        placeholder: str = "",
        nothing: str = "",
        live: bool = False,
    ) -> None:
        self._find, self._choose, self._typed = find, choose, typed
        self.field = widgets.text(label, placeholder=placeholder, live=live)
        self.button = widgets.button(tooltip, "at-icon", icon="search")
        self.above = widgets.row(kinds=("at-row",))
        self._list, self._nothing = widgets.listing(label=tooltip), widgets.html(f'<span class="at-quiet">{escape(nothing)}</span>')
        self._panel = widgets.column(self.above, self._list, self._nothing, kinds=("at-look-list",))
        self.note = widgets.html()
        self.note_row = widgets.row(self.note, kinds=("at-row",))
        looking = widgets.row(self.field, self.button, kinds=("at-look",))
        self.widget = widgets.column(looking, self._panel, self.note_row, kinds=("at-group",))
        self._quietly = callbacks
        callbacks.press(self.button, self.toggle)
        callbacks.change(self._list, self._pick)
        callbacks.change(self.field, self._narrow if live else typed or self._look_up)
        self._open = False
        self.close()

    def toggle(self) -> None:
        """Open the list, with all that there is; or close it."""
        if self._open:
            self.close()
        else:
            self.open("")

    def open(self, typed: str = "") -> None:
        """Open the list, narrowed to what was typed."""
        self._open = True
        self._offer(self._find(typed))
        widgets.show(self._panel, visible=True)

    def reopen(self) -> None:
        """Keep the list open after a choice that only led on, with what there is to see now."""
        LookUp.open(self)

    def close(self) -> None:
        """Close the list."""
        self._open = False
        widgets.show(self._panel, visible=False)

    def say(self, value: str, note: str) -> None:
        """Show what is chosen: in the field, unless somebody is looking something up in it, and beneath."""
        if not self._open and self.field.value.strip() != value:
            self.field.value = value
        self.note.value = note
        widgets.show(self.note, bool(note))

    def _offer(self, found: Iterable[Found]) -> None:
        self._offered = list(found)[:MOST]
        options = [(one.line, place) for place, one in enumerate(self._offered)]
        was, self._quietly.quiet = self._quietly.quiet, True
        self._list.options, self._list.value = options, None
        self._list.rows = max(FEWEST, min(len(options), ROWS))
        self._quietly.quiet = was
        widgets.show(self._list, bool(options))
        widgets.show(self._nothing, not options)

    def _pick(self, place: int | None) -> None:
        if place is not None:
            self._take(self._offered[place].value)

    def _look_up(self, typed: str) -> None:
        found = list(self._find(typed)) if typed.strip() else []
        if len(found) == 1:
            self._take(found[0].value)
        else:
            self.open(typed)

    def _narrow(self, typed: str) -> None:
        self.open(typed)
        if self._typed is not None:
            self._typed(typed)

    def _take(self, value: Any) -> None:
        self.close()
        self._choose(value)
