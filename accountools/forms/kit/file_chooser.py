"""A field with a search (🔍) beside it: what is typed narrows the list, and a line beneath says what is chosen (S11, S12).

Of administrations, and of the files and folders on disk: a path to type, or a walk through the folders.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import widgets
from accountools.forms.kit.descriptions import Listed, describe_administration, find_administrations
from accountools.forms.kit.form import parse_path
from accountools.forms.kit.upload import Upload, UploadField
from accountools.safe_files import has_file, has_folder
from accountools.texts import Texts

MOST, FEWEST, ROWS = 200, 3, 7

Option = tuple[str, Any]  # a line of the list, and what choosing it gives


class SearchField:
    """The field. `search` gives the list for what was typed, `choose` gets a value of the list.

    What is typed goes to `typed`; without that it is searched for: the only thing found is chosen, of several the list is shown. `live`
    narrows the list at each keystroke.
    """

    def __init__(
        self,
        callbacks: widgets.Callbacks,
        label: str,
        tooltip: str,
        search: Callable[[str], Iterable[Option]],
        choose: Callable[[Any], object],
        *,
        typed: Callable[[str], object] | None = None,
        placeholder: str = "",
        nothing: str = "",
        live: bool = False,
    ) -> None:
        self._callbacks, self._search, self._choose, self._typed = callbacks, search, choose, typed
        self.field = widgets.text(label, placeholder=placeholder, live=live)
        button = callbacks.press(widgets.button(tooltip, "at-icon", icon="search"), self.toggle)
        self.above = widgets.row(kinds=("at-row",))
        self._list, self._nothing = widgets.listing(label=tooltip), widgets.html(f'<span class="at-quiet">{escape(nothing)}</span>')
        self._panel = widgets.column(self.above, self._list, self._nothing, kinds=("at-search-list",))
        self.note = widgets.note()
        self.note_row = widgets.row(self.note, kinds=("at-row",))
        self.wrong = widgets.place()  # for what is wrong with what was chosen
        row = widgets.row(self.field, button, kinds=("at-search",))
        self.widget = widgets.column(row, self._panel, self.note_row, self.wrong, kinds=("at-group",))
        callbacks.change(self._list, self._pick)
        callbacks.change(self.field, self._narrow if live else typed or self._find)
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
        self.list_options(typed)
        widgets.show(self._panel, visible=True)

    def close(self) -> None:
        """Close the list."""
        self._open = False
        widgets.show(self._panel, visible=False)

    def show(self, value: str, note: str) -> None:
        """Show what is chosen: in the field, unless somebody is searching in it, and beneath."""
        if not self._open and self.field.value.strip() != value:
            self.field.value = value
        self.note.value = note
        widgets.show(self.note, bool(note))

    def list_options(self, typed: str = "") -> None:
        """Fill the list with what is found."""
        self.show_options(self._search(typed))

    def show_options(self, found: Iterable[Option]) -> None:
        """Fill the list with these."""
        self._options = list(found)[:MOST]
        with self._callbacks.silenced():
            self._list.options, self._list.value = [(line, place) for place, (line, _value) in enumerate(self._options)], None
            self._list.rows = max(FEWEST, min(len(self._options), ROWS))
        widgets.show(self._list, bool(self._options))
        widgets.show(self._nothing, not self._options)

    def _pick(self, place: int | None) -> None:
        if place is not None:
            self.close()
            self._choose(self._options[place][1])

    def _find(self, typed: str) -> None:
        found = list(self._search(typed)) if typed.strip() else []
        if len(found) == 1:
            self.close()
            self._choose(found[0][1])
        else:
            self.open(typed)

    def _narrow(self, typed: str) -> None:
        self.open(typed)
        if self._typed is not None:
            self._typed(typed)


class AdministrationField(SearchField):
    """An administration, by number or name. `choose` gets its number; `suffix` is added to its line in the list."""

    def __init__(
        self,
        callbacks: widgets.Callbacks,
        texts: Texts,
        label: str,
        administrations: Callable[[], Sequence[Listed]],
        choose: Callable[[Any], object],
        suffix: Callable[[Listed], str] = lambda _: "",
    ) -> None:
        def search(typed: str) -> Iterator[Option]:
            for pair in find_administrations(typed, administrations()):
                yield (describe_administration(pair) + suffix(pair), pair[0].number)

        super().__init__(callbacks, label, texts("Look up the administration"), search, choose,
            placeholder=texts("Number or name"), nothing=texts("Nothing found"))  # fmt: skip


class FileChooser(SearchField):
    """A file or a folder: its path to type, and a walk through the folders. `choose` gets the path.

    `places` are folders to go to at once, by name, beside the downloads and the home folder. It opens at `start`, else where one was last.
    `endings` are those of the files that are shown (empty: all); with `folders` only folders are, and each one that is entered is chosen.
    With `again` a button reads the chosen file once more: it may have been corrected.
    """

    def __init__(
        self,
        callbacks: widgets.Callbacks,
        texts: Texts,
        label: str,
        tooltip: str,
        choose: Callable[[Path | str], object],
        places: Iterable[tuple[str, Path]] = (),
        *,
        start: Callable[[], Path | None] = lambda: None,
        endings: tuple[str, ...] = (),
        folders: bool = False,
        again: bool = False,
        placeholder: str = "",
    ) -> None:
        self._texts, self._start, self._endings, self._folders, self._choose_path = texts, start, endings, folders, choose
        home = () if folders else ((texts("Downloads"), Path.home() / "Downloads"), (texts("Home folder"), Path.home()))
        known = tuple((name, path) for name, path in (*places, *home) if has_folder(path))
        self.folder = known[0][1] if known else Path.home()
        self._here = widgets.html()

        def search(_: str) -> Iterable[Option]:
            self._here.value = f'<span class="at-quiet">{escape(str(self.folder))}</span>'
            return self.search_folder()

        super().__init__(callbacks, label, tooltip, search, self._enter, typed=choose,
            placeholder=placeholder, nothing=texts("There are no files here"))  # fmt: skip
        buttons = [callbacks.press(widgets.button(name, "at-small"), partial(self._open_folder, path)) for name, path in known]
        self.above.children = (*buttons, self._here)
        self._reads_again = again
        self._upload: Upload | None = None
        self._again = callbacks.press(widgets.button(texts("Read again"), "at-small", icon="refresh"), lambda: choose(self._shown))
        self.note_row.children = (self.note, self._again)
        self.show("", "")

    def show(self, value: str, note: str) -> None:
        """Show what is chosen, and the button that reads it again; of a file that was handed in there is only the name."""
        path = None if self._upload is None else self._upload.path
        is_uploaded = path is not None and value in {str(path), path.name}
        (self.field.add_class if is_uploaded else self.field.remove_class)("at-uploaded")
        if path is not None and is_uploaded:
            value = path.name
        super().show(value, note)
        self._shown = value
        widgets.show(self._again, self._reads_again and len(Path(value).parts) > 1)

    def is_about(self, one: Obstacle) -> bool:
        """Whether what is wrong is so with the file or folder that is chosen or listed, or with what would be made in that folder."""
        fact, chosen = dict(one.facts).get("path"), parse_path(self._shown)
        if fact is None:
            return False
        path = Path(str(fact))
        if self._folders and chosen is not None and chosen.absolute() in {path, path.parent}:
            return True
        return (chosen is not None and chosen.name == path.name) or (self._open and self.folder == path)

    def open(self, typed: str = "") -> None:
        """Open the list in the folder where it starts, or where one was last."""
        start = self._start() or parse_path(self.field.value) or self.folder
        self.folder = next((one for one in (start, *start.parents) if one != Path() and has_folder(one)), self.folder)
        super().open(typed)

    def add_upload(self, callbacks: widgets.Callbacks, upload: Upload, choose: Callable[[Path], object]) -> None:
        """Take a file from the person's own machine too, also one that is dropped on the field: `choose` gets its path."""

        def close_and_choose(path: Path) -> None:
            self.close()
            choose(path)

        self._upload = upload
        field = UploadField(callbacks, upload, self._texts, close_and_choose, ",".join(self._endings))
        self.widget.children = (*self.widget.children, field)

    def search_folder(self) -> Iterable[Option]:
        """What is in the folder: the way up, its folders, then its files; nothing hidden. Raises OSError."""
        if self.folder.parent != self.folder:
            yield ("↑ ..", self.folder.parent)
        inside = sorted((path for path in self.folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name.casefold())
        yield from ((f"▸ {path.name}", path) for path in inside if has_folder(path))
        if not self._folders:
            files = (path for path in inside if has_file(path) and (not self._endings or path.name.lower().endswith(self._endings)))
            yield from ((f"   {path.name}", path) for path in files)

    def _open_folder(self, folder: Path) -> None:
        self.folder = folder
        self.list_options()

    def _enter(self, path: Path) -> None:
        if not path.is_dir():
            self._choose_path(path)
            return
        self.folder = path
        if self._folders:
            self._choose_path(path)
        SearchField.open(self)
