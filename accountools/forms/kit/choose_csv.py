"""Choosing a file of the spreadsheet's (CSV): a path to type, and 🔍 to walk to it."""

from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from accountools.forms.kit import widgets
from accountools.forms.kit.choose_file import inside, places
from accountools.forms.kit.form import typed_path
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.widgets import Callbacks
from accountools.operations.session import Office
from accountools.texts import Texts

SHOWN = {".csv", ".txt"}


class ChooseCsv(LookUp):
    """The field. `chosen` takes the path."""

    def __init__(self, callbacks: Callbacks, office: Office, texts: Texts, label: str, chosen: Callable[[Path | str], object]) -> None:
        self._chosen = chosen
        self._folder = Path.home()
        _ = texts
        super().__init__(
            callbacks, label, _("Look the file up"), self._seen, self._went, typed=chosen,
            placeholder=_("The path of a CSV file"), nothing=_("There are no files here"),
        )  # fmt: skip
        self._here = widgets.html()
        places_ = [callbacks.press(widgets.button(name, "at-small"), self._goes(path)) for name, path in places(office, _)]
        self.above.children = (*places_, self._here)

    def open(self, typed: str = "") -> None:
        """Open the look-up in the folder of the file that is chosen."""
        path = typed_path(self.field.value)
        self._folder = next((one for one in (path.parents if path else ()) if one.is_dir() and one != Path()), self._folder)
        super().open(typed)

    def _seen(self, _: str) -> Iterable[Found]:
        self._here.value = f'<span class="at-quiet">{escape(str(self._folder))}</span>'
        seen = inside(self._folder, files=True)
        return [Found(line, path) for line, path in seen if path.is_dir() or path.suffix.lower() in SHOWN]

    def _goes(self, folder: Path) -> Callable[[], None]:
        def go() -> None:
            self._folder = folder
            self._offer(self._seen(""))

        return go

    def _went(self, path: Path) -> None:
        if path.is_dir():
            self._goes(path)()
            self.reopen()
        else:
            self._chosen(path)
