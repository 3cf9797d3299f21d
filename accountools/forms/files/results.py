"""A file that was made, on a screen: *Downloaden*, for a page *Openen*, and *Map openen* where this machine has a desktop."""

import os
import shutil
import sys
from html import escape
from pathlib import Path

from accountools.forms.files.signed_links import address_of
from accountools.forms.kit import widgets
from accountools.forms.kit.links import LIKE_BUTTON, Link, Links
from accountools.operations.backups.office_key import is_key_copy
from accountools.operations.backups.retention import is_backup_file
from accountools.operations.session import Office
from accountools.reports.page import is_export
from accountools.safe_files import has_file
from accountools.texts import Texts


def is_made_here(office: Office, path: Path) -> bool:
    """Whether the office made this file: a paper in its folder `exports`, an encrypted copy of its key, or a backup in its register."""
    return is_export(office, path) or is_key_copy(office, path) or is_backup_file(office, path)


def has_desktop() -> bool:
    """Whether this machine shows folders."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and shutil.which("xdg-open") is not None


def open_folder(path: Path) -> None:
    """Show a file in its folder."""
    import typer

    typer.launch(str(path), locate=True)


def file_html(path: Path | None, _: Texts) -> str:
    """The name of a backup that was made, as HTML for the cell of a table: with a link to keep it where that can be."""
    if path is None:
        return "—"
    name, address = escape(path.name), address_of(path) if has_file(path) else ""
    if not address:
        return f"<code>{name}</code>"
    label = escape(_("Download"))
    return f'<code>{name}</code> <a class="at-link" href="{escape(address)}" download aria-label="{label} {name}">{label}</a>'


class FileLinks:
    """What can be done with one file; nothing when there is none, or when the office didn't make it.

    `elsewhere` is a file that was made just now at a place that isn't the office's: its folder can be opened, it can't be downloaded.
    """

    def __init__(
        self, callbacks: widgets.Callbacks, office: Office, texts: Texts, path: Path | None = None, *, elsewhere: Path | None = None
    ) -> None:
        self._office, self._texts, _ = office, texts, texts
        self._path: Path | None = None
        self._name, self._links = widgets.html(), Links(callbacks)
        self._folder = callbacks.press(widgets.button(_("Open folder"), "at-small", icon="folder-open-o"), self._open)
        widgets.show(self._folder, has_desktop())
        self.widget = widgets.row(self._name, self._links, self._folder, kinds=("at-row",))
        self.show(path)
        if self._path is None and elsewhere is not None and has_file(elsewhere) and has_desktop():
            self._path, self._name.value = elsewhere, _name_html(elsewhere, elsewhere.name)
            widgets.show(self.widget, visible=True)

    def show(self, path: Path | None) -> None:
        """Show what can be done with this file."""
        self._path = path if path is not None and is_made_here(self._office, path) else None
        widgets.show(self.widget, self._path is not None)
        if self._path is None:
            return
        _, to_keep = self._texts, address_of(self._path)
        links = [Link(_("Download"), to_keep, kind=LIKE_BUTTON, opens="file")] if to_keep else []
        if to_keep and self._path.suffix == ".html":
            links.insert(0, Link(_("Open"), address_of(self._path, opened=True), kind=LIKE_BUTTON, opens="apart"))
        shown = self._path.name if links or has_desktop() else str(self._path)
        self._name.value = _name_html(self._path, shown)
        self._links.show(links)

    def _open(self) -> None:
        if self._path is not None:
            open_folder(self._path)


def _name_html(path: Path, shown: str) -> str:
    return f'<code title="{escape(str(path))}">{escape(shown)}</code>'
