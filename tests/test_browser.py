"""One walk in a real browser: JupyterLab as `accountools lab` starts it, real clicks to the backup on disk, and nobody is called."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.operations.demonstrating import demonstrate
from tests.desk import HENK, Desk

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ENOUGH = 40_000  # milliseconds for anything that starts


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@contextmanager
def lab(office: Path, folder: Path) -> Iterator[str]:
    """`accountools lab`, as a process; gives the address that it prints."""
    port, log = free_port(), folder / "lab.log"
    places = {name: str(folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    (folder / "home").mkdir()
    command = (str(Path(sys.executable).with_name("accountools")), "lab", "--no-browser", "--port", str(port), "--lang", "en")
    with log.open("w") as out:
        process = subprocess.Popen([*command, "--office", str(office)], env=os.environ | places, stdout=out, stderr=out)
        try:
            yield _address(process, log, port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path, port: int) -> str:
    for _ in range(ENOUGH // 100):
        found = re.search(rf"http://127\.0\.0\.1:{port}/\S*token=\w+", log.read_text())
        if found:
            return found.group()
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@contextmanager
def browser(requests: list[str]) -> Iterator[Any]:
    """A page of a browser; each address that it asks for is noted."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            page = chromium.new_page(viewport={"width": 1280, "height": 1150})
            page.set_default_timeout(ENOUGH // 2)
            page.on("request", lambda request: requests.append(request.url))
            page.on("websocket", lambda opened: requests.append(opened.url))
            yield page
        finally:
            chromium.close()


@pytest.mark.xdist_group("browser")
@pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("CI") != "true", reason="chromium isn't installed (apt-get install chromium); in CI it must be"
)
def test_the_wizard_by_real_clicks_to_the_backup_on_disk(tmp_path: Path) -> None:
    demo = demonstrate(tmp_path / "office", system_clock(), clients=6, lines=24)
    desk, requests = Desk(tmp_path, today=None), list[str]()
    with lab(demo.folder, tmp_path) as address, browser(requests) as page:
        page.goto(address)
        screen = open_screen(page)
        fill_in(page, screen)
        screen.get_by_role("button", name="Next").dblclick()  # the second of the two must not import
        screen.get_by_text("Are these the licence details of the client").wait_for()
        page.wait_for_timeout(800)
        assert desk.ok("administration", "show", 7)["licence"] is None
        screen.get_by_role("button", name="Finish").dblclick()
        screen.get_by_text("is imported into administration 007").wait_for()
        page.wait_for_timeout(800)
        screen.get_by_role("button", name="Make backup").click()
        screen.get_by_label("Not encrypted").click()
        screen.get_by_role("button", name="Make backup").click()
        screen.get_by_text("no trace of your own licence").wait_for()
        name = screen.locator("code").first.inner_text()
        screen.get_by_role("button", name="Close").click()
        screen.get_by_role("button", name="Import client licence").wait_for()
    assert desk.ok("verify", demo.folder / "backups" / name, office=demo.folder)["image_checked"]
    imported = [
        event["administration"] for event in desk.ok("journal", office=demo.folder)["events"] if event["what"] == "licence-imported"
    ]
    assert imported.count(7) == 1
    assert [user["login"] for user in desk.ok("administration", "show", 7)["users"] if not user["office"]] == [HENK]
    outside = [url for url in requests if not re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|(data|blob):", url)]
    assert outside == []
    assert len(requests) > 20


def open_screen(page: Any) -> Any:
    """Run the notebook's first cell; gives the screen."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=ENOUGH)
    page.locator(".jp-Notebook .jp-CodeCell").first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    screen = page.locator(".at-screen").first
    screen.wait_for(timeout=ENOUGH)
    return screen


def fill_in(page: Any, screen: Any) -> None:
    """The administration, by typing fast; the file, by the look-up; the user, made in place."""
    screen.get_by_label("Administration").click()
    page.keyboard.type("jansen")
    page.keyboard.press("Enter")
    screen.get_by_text("for Bakkerij Jansen").wait_for()
    screen.get_by_title("Look up the licence file").click()
    screen.locator("select:visible option").first.click()
    screen.get_by_text("KL-2041").last.wait_for()
    screen.get_by_role("button", name="Create user").click()
    screen.get_by_label("Login name").fill(HENK)
    screen.get_by_label("Full name").fill("Henk Jansen")
    screen.get_by_role("button", name="Use this user").click()
    screen.get_by_text("is created at the import").wait_for()
