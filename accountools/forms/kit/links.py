"""What a screen needs of the browser: its links, the keyboard, what was typed, whether it can reach the program; and their frame.

Links are real ones: the keyboard reaches them, and they show where they lead.

In JupyterLab the next notebook opens beside this one, as a page it takes this one's place. What the next screen is to begin with is in the
address (`navigation.address`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from accountools.forms.kit import widgets
from accountools.forms.kit.navigation import as_pages
from accountools.forms.kit.style import CSS, STATIC
from accountools.forms.kit.widgets import Callbacks
from accountools.texts import LANGUAGES, Language, Texts

LIKE_BUTTON = "at-go"  # a link that looks like a button


@dataclass(frozen=True)
class Link:
    """A link: its label, and where it leads. Without an address it does `step`; without either it is the place where one is.

    `opens`: `apart` is beside this page, `file` keeps what it leads to as a file.
    """

    label: str
    href: str = ""
    step: Callable[[], object] | None = None
    kind: str = ""
    note: str = ""
    opens: str = ""


class Links(anywidget.AnyWidget):
    """Links beside each other: a `path`, a `line` or a `list`."""

    _esm = (STATIC / "links.js").read_text("utf-8")
    links: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    shape = traitlets.Unicode("line").tag(sync=True)
    pages = traitlets.Bool().tag(sync=True)

    def __init__(self, callbacks: Callbacks, shape: str = "line", links: Iterable[Link] = ()) -> None:
        super().__init__(shape=shape, pages=as_pages())
        self._callbacks = callbacks
        self.on_msg(self._receive)
        self.show(links)

    def show(self, links: Iterable[Link]) -> None:
        """Show these links."""
        self._shown = tuple(links)
        self.links = [
            {
                "label": one.label,
                "href": one.href,
                "acts": one.step is not None and not one.href,
                "kind": one.kind,
                "note": one.note,
                "opens": one.opens,
            }
            for one in self._shown
        ]

    def press(self, place: int) -> None:
        """Do the step of the link at this place."""
        step = self._shown[place].step
        if step is not None:
            self._callbacks.run(step)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        place = content.get("pressed") if isinstance(content, dict) else None
        if isinstance(place, int) and 0 <= place < len(self._shown):
            self.press(place)


class Heading(anywidget.AnyWidget):
    """A heading that scrolls into view when it appears: of what was opened beneath a long table."""

    _esm = (STATIC / "heading.js").read_text("utf-8")
    text = traitlets.Unicode().tag(sync=True)

    def __init__(self, text: str) -> None:
        super().__init__(text=text)
        self.add_class("at-heading")


def _on_screen(name: str) -> str:
    """A module that listens on the screen in which its widget stands: its function `listen`, and what calls it."""
    return "".join((STATIC / one).read_text("utf-8") for one in (name, "on_screen.js"))


class Keys(anywidget.AnyWidget):
    """The keyboard on a screen: Enter in a field presses the main button, Esc cancels, and the focus goes to the step that comes next.

    `place` names what is shown: when it changes the focus goes there, and when the screen is closed its user goes to `home`, if that isn't
    empty (S14). A page follows the `language`, and whose `office` it is: an `accountant`'s, or a `client`'s own.
    """

    _esm = _on_screen("keyboard.js")
    place = traitlets.Unicode().tag(sync=True)
    home = traitlets.Unicode().tag(sync=True)
    pages = traitlets.Bool().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)
    office = traitlets.Unicode().tag(sync=True)


class TypedFields(anywidget.AnyWidget):
    """Keeps what was typed on a screen over F5, Back and a lost connection, and asks before one leaves work that is under way.

    `key` tells the screen from others, `place` is the step that is shown; what was typed is kept while `keeps`. With it goes `state`: what
    is half done that is in no field; `returned` gets it when somebody comes back.
    """

    _esm = _on_screen("typed.js")
    key = traitlets.Unicode().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)
    keeps = traitlets.Bool(True).tag(sync=True)
    working = traitlets.Bool().tag(sync=True)
    state: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    pages = traitlets.Bool().tag(sync=True)

    def __init__(self, key: str, returned: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
        super().__init__(key=key, pages=as_pages())
        self._returned = returned
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and isinstance(content.get("returned"), dict):
            self._returned(content["returned"])


class Connection(anywidget.AnyWidget):
    """Says on the screen that the program behind it is gone, and goes on by *Opnieuw verbinden*; what was typed stays."""

    _esm = (STATIC / "connection.js").read_text("utf-8")
    kernel = traitlets.Unicode().tag(sync=True)
    pages = traitlets.Bool().tag(sync=True)
    texts: "traitlets.Dict[str, str]" = traitlets.Dict().tag(sync=True)

    def __init__(self, texts: Texts) -> None:
        _ = texts
        lost = _("The connection with this screen was lost. What you filled in stays; choose Reconnect to go on.")
        messages = {
            "server": _(
                "accountools isn't running any more. What you filled in stays here. Start accountools again, then choose Reconnect."
            ),
            "still": _("accountools can't be reached yet. Start it again, then choose Reconnect once more."),
            "gone": lost,
            "kernel": lost,
            "again": _("Click beside the screen and press Shift+Enter: it opens again with what you filled in."),
            "reconnect": _("Reconnect"),
        }
        super().__init__(kernel=_kernel_id(), pages=as_pages(), texts=messages)


class Frame:
    """What every screen has around its content, in one language: the style, the bar with the languages, the keyboard, the connection.

    `where` is HTML: the office and the day. `path` says where one is.
    """

    def __init__(
        self,
        callbacks: Callbacks,
        texts: Texts,
        set_language: Callable[[Language], object],
        where: str,
        *,
        home: str = "",
        office: str = "",
    ) -> None:
        self.path, self.keys = Links(callbacks, "path"), Keys(language=texts.language, home=home, pages=as_pages(), office=office)
        languages = []
        for language in LANGUAGES:
            kinds = ("at-small", "at-pressed") if language == texts.language else ("at-small",)
            languages.append(callbacks.press(widgets.button(language, *kinds), partial(set_language, language)))
        left = widgets.html(f'<span class="at-name">accountools</span>{where}', "at-grow")
        self._bar = widgets.row(left, widgets.row(self.path, *languages, kinds=("at-right",)), kinds=("at-bar",))
        self._connection = Connection(texts)

    def around(self, *content: widgets.Widget) -> tuple[widgets.Widget, ...]:
        """The content of a screen with its frame."""
        return (widgets.html(f"<style>{CSS}</style>"), self._bar, *content, self.keys, self._connection)


def _kernel_id() -> str:
    """The server's name of the kernel that this is; empty where it is none."""
    from ipykernel.connect import get_connection_file

    try:
        return Path(get_connection_file()).stem.removeprefix("kernel-")
    except RuntimeError:
        return ""


def link_html(label: str, href: str) -> str:
    """A link as HTML, for the cell of a table; following it doesn't choose the row."""
    target, follow = ("", "") if as_pages() else (' target="_blank"', "; window.accountoolsFollow(event)")
    return f'<a class="at-link" href="{escape(href)}"{target} onclick="event.stopPropagation(){follow}">{escape(label)} ▸</a>'
