"""Choosing a file or a folder: a path to type, a look-up beside it, and for a licence the files that wait in the inbox first (S11)."""

from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

from accountools.domain.administration import Client
from accountools.forms.kit import widgets
from accountools.forms.kit.lookup import Found, LookUp
from accountools.forms.kit.widgets import Callbacks
from accountools.operations.licences.inbox_files import InboxFile, inbox_of, list_inbox
from accountools.operations.session import Office
from accountools.reports.icons import MARKS
from accountools.texts import Texts


def inside(folder: Path, *, files: bool) -> Iterator[tuple[str, Path]]:
    """What one sees in a folder: the way up, its folders, then its files; nothing hidden. Raises OSError."""
    if folder.parent != folder:
        yield "↑ ..", folder.parent
    seen = sorted((path for path in folder.iterdir() if not path.name.startswith(".")), key=lambda path: path.name.casefold())
    yield from ((f"▸ {path.name}", path) for path in seen if path.is_dir())
    yield from ((f"   {path.name}", path) for path in seen if files and path.is_file())


def places(office: Office, _: Texts) -> tuple[tuple[str, Path], ...]:
    """Where one usually looks: the office's inbox, the downloads, the home folder, as far as they are there."""
    home = Path.home()
    known = ((_("Inbox"), inbox_of(office)), (_("Downloads"), home / "Downloads"), (_("Home folder"), home))
    return tuple((name, path) for name, path in known if path.is_dir())


class ChooseFile(LookUp):
    """The field *Licentiebestand*: a path, 🔍, and a file handed in. `chosen` takes the path, `handed_in` a name and bytes.

    `fits` is what is said of a file that fits.
    """

    def __init__(
        self,
        callbacks: Callbacks,
        office: Office,
        texts: Texts,
        client: Callable[[], Client | None],
        chosen: Callable[[Path | str], object],
        handed_in: Callable[[str, bytes], object],
        *,
        fits: str = "",
        placeholder: str = "",
    ) -> None:
        self._fits = fits or texts("fits this client")
        self._office, self._texts, self._client, self._chosen = office, texts, client, chosen
        self._folder = inbox_of(office)
        _ = texts
        super().__init__(
            callbacks, _("Licence file"), _("Look up the licence file"), self._seen, self._went, typed=chosen, live=False,
            placeholder=placeholder or _("The path of the file that the client mailed"), nothing=_("There are no files here"),
        )  # fmt: skip
        upload = widgets.upload(_("Hand in a file"))
        callbacks.change(upload, lambda files: self._took(upload, files, handed_in))
        self._here = widgets.html()
        places_ = [callbacks.press(widgets.button(name, "at-small"), self._goes(path)) for name, path in places(office, _)]
        self.above.children = (*places_, upload, self._here)

    def open(self, typed: str = "") -> None:
        """Open the look-up; each time at the inbox."""
        self._folder = inbox_of(self._office)
        super().open(typed)

    def _seen(self, _: str) -> Iterable[Found]:
        self._here.value = f'<span class="at-quiet">{escape(str(self._folder))}</span>'
        if self._folder == inbox_of(self._office):
            found = list_inbox(self._office, self._client())
            return [Found(in_a_line(one, self._texts, self._fits), one.path) for one in found]
        return [Found(line, path) for line, path in inside(self._folder, files=True)]

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

    def _took(self, upload: Any, files: Any, handed_in: Callable[[str, bytes], object]) -> None:
        if files:
            name, data = str(files[0]["name"]), bytes(files[0]["content"])
            upload.value = ()
            self.close()
            handed_in(name, data)


class ChooseFolder(LookUp):
    """A folder to write to: a path, and 🔍 to walk to it."""

    def __init__(self, callbacks: Callbacks, texts: Texts, start: Callable[[], Path], chosen: Callable[[Path | str], object]) -> None:
        self._start, self._chosen = start, chosen
        self._folder = start()
        self._here = widgets.html()
        super().__init__(callbacks, texts("Folder"), texts("Look up the folder"), self._seen, self._went, typed=chosen, live=False)
        self.above.children = (self._here,)

    def open(self, typed: str = "") -> None:
        """Open the look-up at the folder that is chosen."""
        self._folder = next((one for one in (self._start(), *self._start().parents) if one.is_dir()), Path.home())
        super().open(typed)

    def _seen(self, _: str) -> Iterable[Found]:
        self._here.value = f'<span class="at-quiet">{escape(str(self._folder))}</span>'
        return [Found(line, path) for line, path in inside(self._folder, files=False)]

    def _went(self, path: Path) -> None:
        self._folder = path
        self._chosen(path)
        self.reopen()


def in_a_line(one: InboxFile, _: Texts, fits: str) -> str:
    """A waiting file in one line: a sign, whose licence it is, the file, and whether it fits or what is wrong with it."""
    licence = one.showing.licence
    who = f"{licence.number} {licence.licensee.name}" if licence else ""
    if one.showing.verdict is not None:
        return f"{MARKS['blocked']} {one.path.name} — {_.sentence(one.showing.verdict)}"
    sign, word = (MARKS["ready"], fits) if one.fits else (MARKS["missing"], _("of another"))
    return f"{sign} {who} ({word}) — {one.path.name}"
