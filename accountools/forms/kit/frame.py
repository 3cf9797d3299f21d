"""What every screen has around its content: the style, the bar with the languages; and unseen the keyboard and the connection."""

from collections.abc import Callable
from functools import partial

from accountools.forms.kit import widgets
from accountools.forms.kit.links import Connection, Keys, Links
from accountools.forms.kit.navigation import as_pages
from accountools.forms.kit.style import CSS
from accountools.texts import LANGUAGES, Language, Texts


class Frame:
    """The frame, in one language. `where` is HTML: the office and the day; `path` says where one is; `keys` listens to the keyboard."""

    def __init__(
        self,
        callbacks: widgets.Callbacks,
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
