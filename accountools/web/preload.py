"""Import the program in the background while a kernel starts and the browser is loading, so that the first cell runs at once."""

import importlib
from contextlib import suppress
from threading import Thread

MODULES = ("start", "screens.menu.view", "screens.import_licence.view")  # these import all large dependencies


def start() -> None:
    """Start importing the screens in a thread. No office is opened."""

    def import_modules() -> None:
        for name in MODULES:
            with suppress(Exception):  # the cell that imports it shows the error
                importlib.import_module(f"accountools.forms.{name}")

    Thread(target=import_modules, daemon=True).start()
