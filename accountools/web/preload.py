"""Import the program in the background while a kernel starts and the browser is loading, so that the first cell runs at once."""

import importlib
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

FORMS = "accountools.forms"
FIRST = (f"{FORMS}.start", f"{FORMS}.screens.menu.view", f"{FORMS}.screens.import_licence.view")
LIBRARIES = ("itables.widget", "pandas", "babel.dates")  # of the tables; the screens import them when they show one
PAUSE = 2.0  # seconds in which a page that is waiting for this very kernel gets its screen


def start() -> None:
    """Start importing the screens in a thread, and what the larger ones need a little later. No office is opened."""

    def import_modules() -> None:
        for name in FIRST:
            _import(name)
        time.sleep(PAUSE)
        for name in (*LIBRARIES, *_screens()):
            _import(name)

    Thread(target=import_modules, daemon=True).start()


def _import(name: str) -> None:
    with suppress(Exception):  # the cell that imports it shows the error
        importlib.import_module(name)


def _screens() -> list[str]:
    folder = Path(__file__).parent.parent / "forms" / "screens"
    return sorted(f"{FORMS}.screens.{path.parent.name}.view" for path in folder.glob("*/view.py"))
