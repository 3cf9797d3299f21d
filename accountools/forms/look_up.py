"""A field with a look-up (🔍) beside it: what one types narrows the list, and a line beneath says what is chosen (S11, S12)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from accountools.forms import parts
from accountools.forms.parts import Callbacks

MOST = 200


@dataclass(frozen=True)
class Found:
    """A line of the list, and what choosing it gives."""

    line: str
    value: Any


class LookUp:
    """The field. `find` gives the list for what was typed, `choose` takes a value of the list, `typed` what Enter was pressed on."""

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
        live: bool = True,
    ) -> None:
        self._find, self._choose, self._typed = find, choose, typed
        self.field = parts.text(label, placeholder=placeholder, live=live)
        self.button = parts.button("", icon="search", tooltip=tooltip)
        self.above = parts.row(kinds=("at-row",))
        self._list = parts.listing()
        self._panel = parts.column(self.above, self._list, kinds=("at-look-list",))
        self.note = parts.html()
        self.note_row = parts.row(self.note, kinds=("at-row",))
        looking = parts.row(self.field, self.button, kinds=("at-look",))
        self.widget = parts.column(looking, self._panel, self.note_row, kinds=("at-group",))
        self._quietly = callbacks
        callbacks.press(self.button, self.toggle)
        callbacks.change(self._list, self._pick)
        if live:
            callbacks.change(self.field, self.open)
            callbacks.enter(self.field, self._entered)
        else:
            callbacks.change(self.field, typed or choose)
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
        parts.show(self._panel, visible=True)

    def reopen(self) -> None:
        """Keep the list open after a choice that only led on, with what there is to see now."""
        LookUp.open(self)

    def close(self) -> None:
        """Close the list."""
        self._open = False
        parts.show(self._panel, visible=False)

    def say(self, value: str, note: str) -> None:
        """Show what is chosen: in the field, unless somebody is looking something up in it, and beneath."""
        if not self._open and self.field.value.strip() != value:
            self.field.value = value
        self.note.value = note
        parts.show(self.note, bool(note))

    def _offer(self, found: Iterable[Found]) -> None:
        self._offered = list(found)[:MOST]
        options = [(one.line, place) for place, one in enumerate(self._offered)]
        was, self._quietly.quiet = self._quietly.quiet, True
        self._list.options, self._list.value = options, None
        self._quietly.quiet = was

    def _pick(self, place: int | None) -> None:
        if place is not None:
            self._take(self._offered[place].value)

    def _entered(self) -> None:
        typed = self.field.value
        first = next(iter(self._find(typed)), None) if typed.strip() else None
        if first is not None:
            self._take(first.value)
        elif self._typed is not None:
            self.close()
            self._typed(typed)

    def _take(self, value: Any) -> None:
        self.close()
        self._choose(value)
