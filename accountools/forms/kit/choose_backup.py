"""Choosing a backup, or the key that opens one: a path to type, and 🔍 to walk to it."""

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from accountools.forms.kit import widgets
from accountools.forms.kit.choose_file import inside
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.widgets import Callbacks
from accountools.texts import Texts


class ChooseOnDisk(LookUp):
    """A file: its path, and 🔍 that shows the folders and the files whose names end in `ending` (all when that is empty)."""

    def __init__(
        self, callbacks: Callbacks, texts: Texts, label: str, start: Path, chosen: Callable[[Path | str], object], ending: str = ""
    ) -> None:
        self._chosen, self._ending = chosen, ending
        self._folder = start
        self._here = widgets.html()
        super().__init__(
            callbacks, label, texts("Look up: {what}", what=label), self._seen, self._went, typed=chosen, live=False,
            nothing=texts("There are no files here"),
        )  # fmt: skip
        places = ((texts("Backups"), start), (texts("Downloads"), Path.home() / "Downloads"), (texts("Home folder"), Path.home()))
        buttons = (callbacks.press(widgets.button(name, "at-small"), self._goes(path)) for name, path in places if path.is_dir())
        self.above.children = (*buttons, self._here)

    def open(self, typed: str = "") -> None:
        """Open the look-up, where one was last."""
        self._folder = next((one for one in (self._folder, *self._folder.parents) if one.is_dir()), Path.home())
        super().open(typed)

    def _seen(self, _: str) -> Iterable[Found]:
        self._here.value = f'<span class="at-quiet">{escape(str(self._folder))}</span>'
        found = inside(self._folder, files=True)
        return [Found(line, path) for line, path in found if path.is_dir() or path.name.endswith(self._ending)]

    def _goes(self, folder: Path) -> Callable[[], None]:
        def go() -> None:
            self._folder = folder
            self._offer(self._seen(""))

        return go

    def _went(self, path: Path) -> None:
        if path.is_dir():
            self._folder = path
            self.reopen()
        else:
            self._chosen(path)
