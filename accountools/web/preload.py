"""A kernel takes the program in beside its own start, while the browser is still loading: the first cell then finds it there."""

import importlib
from contextlib import suppress
from threading import Thread

SCREENS = ("start", "screens.menu.view", "screens.import_licence.view")  # with these come all heavy parts


def begin() -> None:
    """Begin to import the screens, in a thread of its own. Nothing of an office is looked at."""
    Thread(target=_take_in, daemon=True).start()


def _take_in() -> None:
    for name in SCREENS:
        with suppress(Exception):  # the cell that needs it says what is wrong
            importlib.import_module(f"accountools.forms.{name}")
