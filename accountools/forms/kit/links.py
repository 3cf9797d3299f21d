"""Links to other screens, as real links: the keyboard reaches them, and they say where they lead.

What must be done before one goes (choosing an administration for the screen that is opened) is done first: the link tells it here,
and is followed when it is done. In JupyterLab the notebook opens in a tab of the browser beside this one (its own way of opening one
beside this, `docmanager:open`, asks each time whether it may), as a page it takes this one's place.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from accountools.forms.kit.navigation import as_pages
from accountools.forms.kit.widgets import Callbacks

FOLLOW = """
function render({ model, el }) {
  const made = (way, place) => {
    const here = !way.href && !way.tells;
    const link = document.createElement(here ? "b" : way.href ? "a" : "button");
    link.textContent = way.label;
    if (way.kind) link.className = way.kind;
    if (here) return link;
    if (way.href) link.href = way.href;
    if (way.href && !model.get("pages")) link.target = "_blank";
    link.addEventListener("click", (event) => {
      if (!way.tells) return;
      model.send({ pressed: place });
      const aside = event.ctrlKey || event.metaKey || event.shiftKey;
      if (way.href && !aside && model.get("pages")) event.preventDefault();
    });
    return link;
  };
  const draw = () => {
    const ways = model.get("ways");
    const list = document.createElement(model.get("shape") === "path" ? "nav" : "ul");
    list.className = "at-ways at-" + model.get("shape");
    ways.forEach((way, place) => {
      if (list.tagName === "NAV") {
        if (place) list.append(" \\u25b8 ");
        list.append(made(way, place));
        return;
      }
      const item = document.createElement("li");
      item.append(made(way, place));
      if (way.note) item.append(Object.assign(document.createElement("span"), { textContent: way.note, className: "at-quiet" }));
      list.append(item);
    });
    el.replaceChildren(list);
  };
  model.on("change:ways", draw);
  model.on("msg:custom", (message) => { if (message.go && model.get("pages")) location.assign(message.go); });
  draw();
}
export default { render };
"""

ARRIVE = """
function render({ model, el }) {
  const heading = document.createElement("h3");
  heading.textContent = model.get("text");
  el.replaceChildren(heading);
  setTimeout(() => heading.scrollIntoView({ block: "center" }), 100);
}
export default { render };
"""
GO = "at-go"  # a link that looks like a button


@dataclass(frozen=True)
class Way:
    """A link: what it says, where it leads (empty: nowhere else, it only does `step`), and what is done first."""

    label: str
    href: str = ""
    step: Callable[[], object] | None = None
    kind: str = ""
    note: str = ""


class Ways(anywidget.AnyWidget):
    """Links beside each other: a `path`, a `line` or a `list`."""

    _esm = FOLLOW
    ways: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    shape = traitlets.Unicode("line").tag(sync=True)
    pages = traitlets.Bool().tag(sync=True)

    def __init__(self, callbacks: Callbacks, shape: str = "line", ways: Iterable[Way] = ()) -> None:
        super().__init__(shape=shape, pages=as_pages())
        self._callbacks = callbacks
        self.on_msg(self._told)
        self.put(ways)

    def put(self, ways: Iterable[Way]) -> None:
        """Show these links."""
        self._held = tuple(ways)
        self.ways = [
            {"label": way.label, "href": way.href, "tells": way.step is not None, "kind": way.kind, "note": way.note} for way in self._held
        ]

    def press(self, place: int) -> None:
        """Follow the link at this place."""
        way = self._held[place]
        if way.step is not None and self._callbacks.run(way.step) and way.href:
            self.send({"go": way.href})

    def _told(self, _: Any, content: Any, __: Any) -> None:
        place = content.get("pressed") if isinstance(content, dict) else None
        if isinstance(place, int) and 0 <= place < len(self._held):
            self.press(place)


class Heading(anywidget.AnyWidget):
    """A heading that comes into sight when it appears: of what was opened beneath a long table."""

    _esm = ARRIVE
    text = traitlets.Unicode().tag(sync=True)

    def __init__(self, text: str) -> None:
        super().__init__(text=text)
        self.add_class("at-heading")
