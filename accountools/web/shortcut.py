"""`accountools shortcut`: what one double-clicks to open the pages, on the desktop and in the menu of programs."""

import re
import shlex
import sys
from pathlib import Path

import pyshortcuts

from accountools.storage.address import absolute_place, folder_of
from accountools.texts import Texts
from accountools.web import SHARE

NAME = "accountools"
SYSTEM = sys.platform
ICONS = {"darwin": "icns", "win32": "ico"}


def create_shortcut(place: Path | str, texts: Texts) -> list[Path]:
    """Create it, or write over the one that is there; it opens this office in this language. Gives the files.

    It starts this Python, and nothing that lies in the folder where that starts (`-P`). A window stays open beside the browser: the
    server ends with it. Raises `url-invalid`.
    """
    folder_of(place)
    office = _quote(str(absolute_place(place)))
    folders = pyshortcuts.get_folders()
    made = pyshortcuts.make_shortcut(
        f"-P -m accountools app --office {office} --lang {texts.language}",
        name=NAME,
        description=texts("The administrations, licences and backups of your office"),
        icon=str(SHARE / "icons" / f"accountools.{ICONS.get(SYSTEM, 'png')}"),
        executable=sys.executable if SYSTEM == "win32" else _quote(sys.executable),  # a link of Windows has quotes around it already
        desktop=SYSTEM == "darwin" or Path(folders.desktop).is_dir(),  # a machine without screen has none
    )
    return [path for folder in (made.desktop_dir, made.startmenu_dir) if folder and (path := Path(folder) / made.target).exists()]


def _quote(text: str) -> str:
    """A word of the command, as the system reads it from the shortcut."""
    if SYSTEM == "win32":  # no shell reads it, and no path has a quote in it
        return f'"{text}"' if " " in text else text
    if SYSTEM == "darwin":  # a shell gets what AppleScript makes of it, which takes a backslash for the beginning of a character's code
        return shlex.quote(text).replace("\\", "\\\\")
    # A desktop entry: its values have backslashes of their own, and %f and such stand for what was dropped on the icon.
    return '"' + re.sub(r'(["$`\\])', r"\\\1", text).replace("\\", "\\\\").replace("%", "%%") + '"'
