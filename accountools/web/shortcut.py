"""`accountools shortcut`: what one double-clicks to open the pages, on the desktop and in the menu of programs."""

import os
import sys
from pathlib import Path

import pyshortcuts

from accountools.storage.address import absolute_place
from accountools.texts import Texts
from accountools.web import SHARE

NAME = "accountools"
ICON = {"darwin": "icns", "win32": "ico"}.get(sys.platform, "png")
QUOTES_PROGRAM = os.name != "nt"  # a link of Windows has quotes around its program already


def create_shortcut(place: Path | str, texts: Texts) -> list[Path]:
    """Create it, or write over the one that is there; it opens this office in this language. Gives the files.

    It starts this Python, and nothing that lies in the folder where that starts (`-P`). A window stays open beside the browser: the
    server ends with it.
    """
    office = _quote(str(absolute_place(place)))
    folders = pyshortcuts.get_folders()
    made = pyshortcuts.make_shortcut(
        f"-P -m accountools app --office {office} --lang {texts.language}",
        name=NAME,
        description=texts("The administrations, licences and backups of your office"),
        icon=str(SHARE / "icons" / f"accountools.{ICON}"),
        executable=_quote(sys.executable) if QUOTES_PROGRAM else sys.executable,
        desktop=sys.platform == "darwin" or Path(folders.desktop).is_dir(),  # a machine without screen has none
    )
    return [path for folder in (made.desktop_dir, made.startmenu_dir) if folder and (path := Path(folder) / made.target).exists()]


def _quote(text: str) -> str:
    return f'"{text}"' if " " in text else text
