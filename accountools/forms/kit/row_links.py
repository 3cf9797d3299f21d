"""Links in the rows of a table: they are text of its cells, so that only those of the rows that are shown are in the document.

As with `ways`, what must be done before one goes is told here first, and in a page the link is followed when it is done.
"""

from collections.abc import Callable
from html import escape
from typing import Any

import anywidget
import traitlets

from accountools.forms.kit.navigation import as_pages
from accountools.forms.kit.widgets import Callbacks

HEAR = """
function render({ model, el }) {
  const hear = (event) => {
    const link = event.target instanceof Element && event.target.closest("a.at-way");
    if (!link || !el.closest(".at-screen")?.contains(link)) return;
    event.stopPropagation(); // the row itself isn't meant
    model.send({ pressed: Number(link.dataset.place) });
    const aside = event.ctrlKey || event.metaKey || event.shiftKey;
    if (!aside && model.get("pages")) event.preventDefault();
  };
  document.addEventListener("click", hear, true);
  model.on("msg:custom", (message) => { if (message.go && model.get("pages")) location.assign(message.go); });
  return () => document.removeEventListener("click", hear, true);
}
export default { render };
"""


class RowWays(anywidget.AnyWidget):
    """Hears which link was pressed, by the place of its row. `lead` does what is to be done first."""

    _esm = HEAR
    pages = traitlets.Bool().tag(sync=True)

    def __init__(self, callbacks: Callbacks, lead: Callable[[int], object]) -> None:
        super().__init__(pages=as_pages())
        self._callbacks, self._lead = callbacks, lead
        self._hrefs: dict[int, str] = {}
        self.on_msg(self._told)

    def clear(self) -> None:
        """Other rows are shown from now on."""
        self._hrefs.clear()

    def html(self, place: int, label: str, href: str) -> str:
        """The link in the row at this place, as HTML."""
        self._hrefs[place] = href
        target = "" if self.pages else ' target="_blank"'
        return f'<a class="at-way" data-place="{place}" href="{escape(href)}"{target}>{escape(label)} ▸</a>'

    def press(self, place: int) -> None:
        """Follow the link in the row at this place."""
        if self._callbacks.run(lambda: self._lead(place)):
            self.send({"go": self._hrefs[place]})

    def _told(self, _: Any, content: Any, __: Any) -> None:
        place = content.get("pressed") if isinstance(content, dict) else None
        if isinstance(place, int) and place in self._hrefs:
            self.press(place)
