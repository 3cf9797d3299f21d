"""Import the program ahead of the first cell, so that this runs at once: in a starting kernel, or in the process that it is forked from."""

import importlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

PAGES = "ACCOUNTOOLS_PAGES"
FORMS = "accountools.forms"
FIRST = (f"{FORMS}.start", f"{FORMS}.screens.menu.view", f"{FORMS}.screens.import_licence.view")
LIBRARIES = ("itables.widget", "pandas", "babel.dates")  # of the tables; the screens import them when they show one
PAUSE = 2.0  # seconds in which a page that is waiting for this very kernel gets its screen


def start() -> None:
    """Start importing the screens in a thread, and what the larger ones need a little later. No office is opened."""
    if "ipywidgets" in sys.modules:  # from before the kernel was forked: that it answers a page which asks for all its widgets
        sys.modules["ipywidgets"].register_comm_target()
    if os.environ.get(PAGES) == "1":
        publish_when_asked()

    def import_modules() -> None:
        for name in FIRST:
            import_module(name)
        time.sleep(PAUSE)
        for name in modules():
            import_module(name)

    Thread(target=import_modules, daemon=True).start()


def publish_when_asked() -> None:
    """Publish nothing of widgets before the page asks for all of them: it isn't there yet, and the server would read each for nobody."""
    import comm
    from ipykernel.comm.comm import BaseComm
    from ipykernel.kernelbase import Kernel
    from ipywidgets import Widget

    class PageComm(BaseComm):
        kernel = Kernel.instance()  # without which a widget sends nothing
        is_asked: ClassVar = False

        def publish_msg(self, *args: Any, **options: Any) -> None:
            if PageComm.is_asked:
                super().publish_msg(*args, **options)  # type: ignore[no-untyped-call]

    def answer(opened: comm.base_comm.BaseComm, message: dict[str, Any]) -> None:
        PageComm.is_asked = True
        Widget.handle_control_comm_opened(opened, message)

    comm.create_comm = PageComm
    comm.get_comm_manager().register_target("jupyter.widget.control", answer)


def modules() -> list[str]:
    """The names of all that screens need, first what the first page needs."""
    folder = Path(__file__).parent.parent / "forms" / "screens"
    screens = sorted(f"{FORMS}.screens.{path.parent.name}.view" for path in folder.glob("*/view.py"))
    return [*FIRST, *LIBRARIES, *(name for name in screens if name not in FIRST)]


def import_module(name: str) -> None:
    """Import a module, if that goes well."""
    with suppress(Exception):  # the cell that imports it shows the error
        importlib.import_module(name)
