"""From the command to the first usable screen, against a notebook with one bare ipywidgets button: alternating, in one run, both modes.

uv run python benchmarks/screens.py [ROUNDS]

Ours are `accountools app` and `accountools lab`; the others are Voilà and JupyterLab themselves, on the bare notebook. Each start has a
server of its own and an empty browser; what Voilà's own template asks of other hosts is not waited for. Needs chromium.

Then how long the next screen takes, one after the other without a pause, and two at once in two tabs, in a browser that nobody watches.

Then the whole workflow by somebody who takes 2 seconds for each click and each field: from an empty browser at the menu to the right backup
on disk, in seconds, of which those that were waited for the program.
"""

import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP))

from accountools.clock import system_clock  # noqa: E402
from accountools.demo.demonstration import create_demo  # noqa: E402
from accountools.formats.backup.reader import Decryption  # noqa: E402
from accountools.operations.restores.verify import verify  # noqa: E402
from accountools.web.launch import lab_command  # noqa: E402
from tests.browsing import CHROMIUM, FLAGS, HERE, IDLE, BrowserPage, BrowserSession, servers  # noqa: E402
from tests.import_walkthrough import from_the_menu_to_the_backup  # noqa: E402

SOURCE = "import ipywidgets\n\nipywidgets.Button(description='bare')"
BOUND = 1.15
READY = {"ours": ".at-screen a, .at-screen button", "bare": "button:has-text('bare')"}
ENOUGH = 120_000
NEXT = 1.5  # seconds
PACE, GOAL = 2.0, 40  # seconds: for each action, and for the whole workflow


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def bare_notebook(folder: Path) -> Path:
    """A notebook with one bare button."""
    cell = {"cell_type": "code", "id": "bare", "source": SOURCE, "outputs": [], "execution_count": None, "metadata": {}}
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3 (ipykernel)"}
    path = folder / "bare.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def command(mode: str, whose: str, port: int, bare: Path) -> list[str]:
    """What is typed."""
    if whose == "ours":
        return [str(Path(sys.executable).with_name("accountools")), mode, "--no-browser", "--port", str(port), "--lang", "nl"]
    if mode == "lab":
        return lab_command(bare, port, browser=False)
    return [sys.executable, "-m", "voila", str(bare), "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", "--token"]


def started(chromium: Any, mode: str, whose: str, bare: Path, environment: dict[str, str]) -> float:
    """Seconds from the command to a screen that can be used."""
    port = free_port()
    with tempfile.NamedTemporaryFile("r+") as log:
        begin = time.perf_counter()
        process = subprocess.Popen(command(mode, whose, port, bare), env=environment, stdout=log, stderr=log)
        try:
            address = address_in(Path(log.name), port)
            window = chromium.new_context(viewport={"width": 1280, "height": 1000})
            page = window.new_page()
            page.route(lambda url: not HERE.match(url), lambda route: route.abort())
            page.goto(address)
            if mode == "lab":
                page.get_by_text(IDLE).wait_for(timeout=ENOUGH)
                if whose == "ours":  # its cell's code is hidden: by the keyboard, from the heading
                    page.locator(".jp-Notebook .jp-MarkdownCell:visible").first.click()
                    page.keyboard.press("Shift+Enter")
                else:
                    page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
                page.keyboard.press("Control+Enter")
            page.locator(READY[whose]).first.wait_for(timeout=ENOUGH)
            seconds = time.perf_counter() - begin
            window.close()
        finally:
            process.terminate()
            process.wait(30)
    return seconds


def address_in(log: Path, port: int) -> str:
    while True:
        found = re.search(rf"http://(?:127\.0\.0\.1|localhost):{port}/\S*token=\w+", log.read_text())
        if found:
            return found.group()
        time.sleep(0.02)


def compare(mode: str, rounds: int, start: Callable[[str, str], float]) -> str:
    start(mode, "ours"), start(mode, "bare")  # warm the caches
    pairs = [(start(mode, "ours"), start(mode, "bare")) for _ in range(rounds)]
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    return f"{mode:3}  ours {ours:5.2f} s   bare button {bare:5.2f} s   ratio {ratio:.2f} (goal {BOUND}), {rounds} rounds"


class Tab:
    """A tab of a chromium, by its own protocol alone: Playwright follows each of a page's hundred requests, which a person's browser doesn't."""

    def __init__(self, address: str) -> None:
        self._socket, self._numbers = websocket.create_connection(address, suppress_origin=True), itertools.count()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol; gives its result."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != number:
            pass
        return dict(answer["result"])

    def shows(self, notebook: str) -> bool:
        """Whether the screen of this notebook can be used."""
        there = f"location.href.includes('/{notebook}_') && !!document.querySelector('{READY['ours']}')"
        return self.call("Runtime.evaluate", expression=there, returnByValue=True)["result"].get("value") is True


@contextmanager
def tabs(folder: Path, count: int) -> Iterator[list[Tab]]:
    """Tabs of a chromium that starts with an empty profile, each in a window of its own.

    The timers of a tab behind another one get a turn once a second: nobody waits for a screen there.
    """
    command = [CHROMIUM or "chromium", "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}", *FLAGS]
    with subprocess.Popen([*command, "--window-size=1280,1150", "about:blank"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = next(found[0] for line in process.stderr if (found := re.search(r"ws://127\S+", line)))
        browser, windows = Tab(address), address.split("/devtools/")[0] + "/devtools/page/"
        try:
            targets = [browser.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"] for _ in range(count)]
            yield [Tab(windows + target) for target in targets]
        finally:
            process.terminate()


def next_screens(folder: Path) -> str:
    """Five screens one after the other without a pause, then three times two at once."""
    demo = create_demo(folder / "next", system_clock(), clients=25, lines=60)
    place = folder / "next-served"
    place.mkdir()
    with servers(place) as served, tabs(folder / "profile", 2) as (one, other):
        pages = served("app")
        pages.show(demo.folder)

        def seconds(*numbers: str) -> float:
            begin = time.perf_counter()
            waiting = list(zip((one, other), numbers, strict=False))
            for tab, number in waiting:
                tab.call("Page.navigate", url=pages.at(number))
            while waiting := [(tab, number) for tab, number in waiting if not tab.shows(number)]:
                time.sleep(0.01)
            return time.perf_counter() - begin

        seconds("00")
        row = [seconds(number) for number in ("06", "02", "05", "03", "07")]
        pairs = [seconds(*numbers) for numbers in (("02", "06"), ("05", "03"), ("04", "07"))]
    return f"next screen {' '.join(f'{one:.2f}' for one in row)} s, two at once {' '.join(f'{one:.2f}' for one in pairs)} s (goal {NEXT} s)"


class Calm(BrowserPage):
    """Hands that take their time: `PACE` seconds for each thing they do."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "actions" and getattr(self, "actions", 0) < value:
            time.sleep(PACE * (value - self.actions))
        super().__setattr__(name, value)


def walked(chromium: Any, folder: Path) -> str:
    """The path at a person's pace."""
    demo = create_demo(folder / "path", system_clock(), clients=25, lines=60)
    with servers(folder) as served, BrowserSession(chromium, served).at("app", demo.folder) as (pages, quick):
        hands = Calm(quick.page, quick.requests)
        hands.open(pages)
        begin = time.perf_counter()
        from_the_menu_to_the_backup(hands, pages, demo)
        seconds = time.perf_counter() - begin
    (backup,) = (demo.folder / "backups").glob("*.acb")
    assert verify(backup, Decryption(), demo.office).ok
    waited = seconds - PACE * hands.actions
    return f"path {seconds:5.1f} s for {hands.actions} actions at {PACE:.0f} s each, {waited:.1f} s of it waiting (goal {GOAL} s)"


def main(rounds: int) -> None:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        office = create_demo(folder / "office", system_clock(), clients=25, lines=60).folder
        bare = bare_notebook(folder)
        names = ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")
        environment = os.environ | {name: str(folder / name.lower()) for name in names} | {"ACCOUNTOOLS_OFFICE": str(office)}
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for mode in ("app", "lab"):
            print(compare(mode, rounds, lambda mode, whose: started(chromium, mode, whose, bare, environment)), flush=True)
        print(next_screens(folder), flush=True)
        print(walked(chromium, folder), flush=True)
        chromium.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
