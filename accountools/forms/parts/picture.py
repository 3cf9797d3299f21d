"""A picture on a screen, drawn aside: what is beside it doesn't wait for it. And what it shows, as text."""

from collections.abc import Sequence
from html import escape
from typing import Any

import anywidget
import traitlets

from accountools.forms.kit.style import STATIC
from accountools.texts import Texts


class Picture(anywidget.AnyWidget):
    """Some HTML that is made in another thread.

    A page asks for the state of all widgets, and listens to them only after that: what changes in between doesn't reach it. So the
    picture is sent when the page says that it listens.
    """

    _esm = (STATIC / "picture.js").read_text("utf-8")
    html = traitlets.Unicode().tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("at-picture")
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and content.get("ready") and self.html:
            self.send_state("html")


def with_words(svg: str, words: Sequence[str], _: Texts) -> str:
    """A picture with the first of its sentences beneath it; the others open."""
    more = "".join(f"<li>{escape(text)}</li>" for text in words[1:])
    rest = f"<details><summary>{escape(_('All numbers as text'))}</summary><ul>{more}</ul></details>" if more else ""
    return f'{svg}<p class="at-quiet">{escape(words[0])}</p>{rest}'
