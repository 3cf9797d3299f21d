"""The program in a real browser: `accountools lab` or `app` as a process, a page, and hands that count what they do.

Each address that the browser asks for is kept: none may leave the machine.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest

from accountools.texts import Texts

NL = Texts("nl")
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ENOUGH = 120_000  # milliseconds for anything that starts: no test is about time
MODES = ("lab", "app")
BROWSER = "browser"  # how the names of the groups begin of which one test runs at a time
IDLE = re.compile(r"^Python 3 \(ipykernel\) \| (Idle|Inactief)$")  # in JupyterLab's status bar: the kernel waits
WRONG = "[data-mime-type$='jupyter.error'], [data-mime-type$='jupyter.stderr']"  # in the place of a screen
HERE = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|(data|blob):")
FOCUSED = """() => {
  const here = document.activeElement;
  if (here === document.body) return ["", ""]; // between the last and the first
  const label = here.labels && here.labels.length ? here.labels[0].textContent : here.title || here.textContent;
  return [label, getComputedStyle(here).outlineStyle];
}"""  # what has the focus: its name, and how that is seen
KEPT_BY_PAGES = "cookies,local_storage,indexeddb,websql,service_workers,cache_storage"  # all but the cache of files
missing = CHROMIUM is None and os.environ.get("CI") != "true"


def _shown(mode: str, test: Any) -> pytest.MarkDecorator:
    """One after the other, in the app those of half of the modules: two JupyterLabs, or a dozen pages, are in each other's way."""
    half = f"-{zlib.crc32(test.__module__.encode()) % 2}" if mode == "app" else ""
    return pytest.mark.xdist_group(f"{BROWSER}-{mode}{half}")


def _in_browser(test: Any) -> Any:
    skip = pytest.mark.skipif(missing, reason="chromium isn't installed (apt-get install chromium); in CI it must be")
    return skip(test)


def in_browser(test: Any) -> Any:
    """A test in the browser: where there is no chromium it is passed over, except in CI."""
    return _shown("app", test)(_in_browser(test))


def in_lab(test: Any) -> Any:
    """Such a test in JupyterLab."""
    return _shown("lab", test)(_in_browser(test))


def in_both_modes(test: Any) -> Any:
    """Such a test in both; an ordinary run takes one of the two."""
    modes = pytest.mark.parametrize("mode", [pytest.param(mode, marks=_shown(mode, test)) for mode in MODES])
    return pytest.mark.campaign(2)(modes(_in_browser(test)))


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@dataclass
class RunningServer:
    """A server that runs: its address with the token, and its process."""

    mode: str
    address: str
    process: subprocess.Popen[bytes]
    office: Path
    log: Path

    def show(self, office: Path) -> None:
        """Show this office on the pages that are opened from now on: each opens the office anew, and no page knows another's."""
        (self.office.parent / "xdg_data_home" / "accountools" / "settings.json").unlink(missing_ok=True)  # the language of the test before
        self.office.unlink(missing_ok=True)
        self.office.symlink_to(office, target_is_directory=True)

    def end_kernels(self) -> None:
        """End the kernels that JupyterLab would else go on with when it shows a notebook again."""
        address, token = self.address.split("?")[0].rsplit("/lab/", 1)[0], self.address.split("token=")[1]
        headers = {"Authorization": f"token {token}"}
        for kernel in json.load(urllib.request.urlopen(urllib.request.Request(f"{address}/api/kernels", headers=headers))):
            urllib.request.urlopen(urllib.request.Request(f"{address}/api/kernels/{kernel['id']}", headers=headers, method="DELETE"))

    def at(self, notebook: str) -> str:
        """The address of another notebook, by its number."""
        return re.sub(r"\d\d_\w+\.ipynb", _named(notebook), self.address)

    def kernels(self, number: str = "") -> list[psutil.Process]:
        """The running processes of its kernels, or that of the kernel with this number; a forked one has its number in its name."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                named = child.name().startswith(f"kernel-{number}"[:15]) or any(f"kernel-{number}" in word for word in child.cmdline())
                if named and child.status() != psutil.STATUS_ZOMBIE:
                    found.append(child)
        return found


def _named(number: str) -> str:
    from accountools import resources

    return next(resources.notebooks().glob(f"{number}_*.ipynb")).name


@contextmanager
def running_server(mode: str, folder: Path, language: str = "nl", port: int | None = None, *more: str) -> Iterator[RunningServer]:
    """`accountools lab` or `accountools app`, as a process, with `more` options. Its office is chosen by `RunningServer.show`."""
    port, log = port or free_port(), folder / f"{mode}.log"
    places = {name: str(folder / name.lower()) for name in ("HOME", "XDG_DATA_HOME", "JUPYTER_CONFIG_DIR")}
    (folder / "home").mkdir(exist_ok=True)
    office = folder / "office"
    command = (str(Path(sys.executable).with_name("accountools")), mode, "--no-browser", "--port", str(port), "--lang", language)
    with log.open("w") as out, TemporaryDirectory(prefix="run-") as runtime:  # of sockets: their paths may not be long
        places["JUPYTER_RUNTIME_DIR"] = runtime
        process = subprocess.Popen([*command, *more, "--office", str(office)], env=os.environ | places, stdout=out, stderr=out)
        try:
            yield RunningServer(mode, address_in(process, log, port), process, office, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def address_in(process: subprocess.Popen[bytes], log: Path, port: int) -> str:
    """The address that the server prints, as soon as it listens: JupyterLab's own prints it just before."""
    for _ in range(ENOUGH // 100):
        found = re.search(rf"http://127\.0\.0\.1:{port}/\S*token=\w+", log.read_text())
        with socket.socket() as asked:
            if found and asked.connect_ex(("127.0.0.1", port)) == 0:
                return found.group()
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def expected(found: Any) -> Any:
    """Playwright's assertions about what was found on a page: they wait until they hold."""
    from playwright.sync_api import expect

    expect.set_options(timeout=ENOUGH // 2)
    return expect(found)


@dataclass
class BrowserPage:
    """Somebody at a page. `actions` counts what they do: each click, each field that is filled in."""

    page: Any
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    actions: int = 0

    @property
    def screen(self) -> Any:
        """Our own screen; what JupyterLab shows around it isn't ours."""
        return self.page.locator(".at-screen:visible").first

    def open(self, served: RunningServer, notebook: str | None = None) -> None:
        """Go to a notebook (else the first) and, in JupyterLab, run its first cell."""
        self.open_page(served, notebook)
        self.run_cell(served)

    def open_page(self, served: RunningServer, notebook: str | None = None, query: str = "") -> None:
        """Go to a notebook, with a query after its address."""
        self.page.goto(f"{served.at(notebook) if notebook else served.address}{'&reset' if served.mode == 'lab' else ''}{query}")

    def run_cell(self, served: RunningServer) -> None:
        """In JupyterLab run the first cell; then wait for the screen."""
        if served.mode == "lab":
            self.page.get_by_text(IDLE).wait_for(timeout=ENOUGH)
            self.page.locator(".jp-Notebook .jp-MarkdownCell:visible").first.click(timeout=ENOUGH)
            self.page.keyboard.press("Shift+Enter")
            self.page.keyboard.press("Control+Enter")
            self.actions += 2
        try:
            self.screen.locator("button, .at-screen a").or_(self.page.locator(WRONG)).first.wait_for(timeout=ENOUGH)
        except Exception as error:
            shown = self.page.content()
            raise AssertionError("\n".join((str(error), *self.console, shown[-20_000:], served.log.read_text()))) from error
        assert not self.page.locator(WRONG).count(), self.page.locator(WRONG).first.inner_text()

    def button(self, name: str) -> Any:
        """The button of that name (an icon may stand before it)."""
        return self.screen.get_by_role("button", name=re.compile(rf"(^|\W){re.escape(name)}$")).last

    def press(self, name: str, *, twice: bool = False) -> None:
        """Press a button (by its whole name), as soon as it is alive."""
        button = self.button(name)
        (button.dblclick if twice else button.click)()
        self.actions += 1

    def fill(self, label: str, text: str) -> None:
        """Fill a field in, and leave it."""
        box = self.screen.get_by_label(label, exact=True)
        box.fill(text)
        box.press("Tab")
        self.actions += 1

    def choose(self, label: str) -> None:
        """Choose one of a few."""
        self.screen.get_by_label(label, exact=True).click()
        self.actions += 1

    def pick(self, line: str) -> None:
        """Pick a line of the list that is open."""
        self.screen.locator("select:visible option", has_text=line).first.click()
        self.actions += 1

    def tab_to(self, name: str) -> None:
        """Go to what has this name by the Tab key alone; it must be seen where one is on the way there."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            here, outline = self.page.evaluate(FOCUSED)
            assert outline != "none", here
            if here.strip() == name:
                return
        raise AssertionError(name)

    def type(self, text: str) -> None:
        """Type, and hand it over by Enter."""
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def follow(self, served: RunningServer, name: str) -> None:
        """Follow a link to another screen: as a page in this tab, in JupyterLab as a notebook beside this one, which opens its screen."""
        link = self.screen.get_by_role("link", name=name, exact=True).first
        path = str(link.get_attribute("href")).split("?")[0]
        self.actions += 1
        link.click()
        if served.mode == "app":
            self.page.wait_for_load_state()
            self.run_cell(served)
        else:
            self.page.locator(f".lm-DockPanel-tabBar .lm-mod-current[title*='{path}']").wait_for()
            self.screen.locator("button, .at-screen a").first.wait_for(timeout=ENOUGH)

    def close(self, served: RunningServer) -> None:
        """Close the screen, which leads to the menu; in JupyterLab that is still open."""
        self.press(NL("Close"))
        self.screen.get_by_text(NL("What needs attention today")).wait_for(timeout=ENOUGH)
        if served.mode == "lab":
            self.press(NL("Reload"))

    def wait_for_text(self, text: str) -> None:
        """Wait until it is said."""
        self.screen.get_by_text(text).last.wait_for()

    def holds(self, label: str, value: str) -> None:
        """Wait until a field holds a value that begins so."""
        self.screen.get_by_label(label, exact=True).wait_for()
        begins = "([label, value]) => [...document.querySelectorAll('.at-screen input')].some("
        begins += "(one) => one.labels[0]?.textContent === label && one.value.startsWith(value))"
        self.page.wait_for_function(begins, arg=[label, value])

    def outside(self) -> list[str]:
        """What was asked of other machines."""
        return [url for url in self.requests if not HERE.match(url)]


@dataclass
class BrowserSession:
    """Where one sits down: a chromium that runs, and the servers, each started when it is first asked for."""

    chromium: Any
    served: Callable[..., RunningServer]

    @contextmanager
    def at(self, mode: str, office: Path) -> Iterator[tuple[RunningServer, BrowserPage]]:
        """An empty browser with a page, and the server that shows this office."""
        with self.tabs(mode, office, 1) as (served, (one,)):
            yield served, one

    @contextmanager
    def tabs(self, mode: str, office: Path, count: int) -> Iterator[tuple[RunningServer, list[BrowserPage]]]:
        """A browser that remembers nothing but the programs that pages are made of, with `count` tabs."""
        served = self.served(mode)
        served.show(office)
        if mode == "lab":
            served.end_kernels()
        try:
            yield served, [_hands(self.window.new_page()) for _ in range(count)]
        finally:
            for page in self.window.pages:
                page.close()
            self.forget(served)

    @cached_property
    def window(self) -> Any:
        return self.chromium.new_context(viewport={"width": 1280, "height": 1150}, locale="nl-NL")

    def forget(self, served: RunningServer) -> None:
        """Clear what the server's pages left in the browser: cookies, drafts, what JupyterLab keeps."""
        page = self.window.new_page()
        origin = "/".join(served.address.split("/")[:3])
        self.window.new_cdp_session(page).send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": KEPT_BY_PAGES})
        self.window.clear_cookies()
        page.close()


@contextmanager
def servers(folder: Path) -> Iterator[Callable[..., RunningServer]]:
    """The servers, each in a folder of its own and started when it is first asked for; all are ended."""
    with ExitStack() as running:

        @cache
        def started(mode: str, language: str) -> RunningServer:
            place = folder / f"{mode}-{language}"
            place.mkdir()
            return running.enter_context(running_server(mode, place, language))

        yield lambda mode, language="nl": started(mode, language)


@contextmanager
def chromium_running() -> Iterator[Any]:
    """A chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield chromium
        finally:
            chromium.close()


def _hands(page: Any) -> BrowserPage:
    made = BrowserPage(page)
    page.set_default_timeout(ENOUGH // 2)
    page.on("request", lambda request: made.requests.append(request.url))
    page.on("websocket", lambda opened: made.requests.append(opened.url))
    page.on("console", lambda message: made.console.append(message.text))
    page.on("pageerror", lambda error: made.console.append(str(error)))
    return made


def accessibility_violations(one: BrowserPage) -> list[str]:
    """What axe finds in our screen that is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(one.page, context=".at-screen").response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found if fault["impact"] in {"serious", "critical"}]
