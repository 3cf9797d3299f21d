"""After a restart a page finds its way back, and a lost connection is shown; what was typed stays."""

import os
import re
import signal
import stat
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import Demo, create_demo
from accountools.web import launch
from tests.browsing import (
    ENOUGH,
    BrowserPage,
    BrowserSession,
    RunningServer,
    expected,
    free_port,
    in_both_modes,
    in_browser,
    running_server,
)

PATH = "/nergens/offerte.txt"
# The renderer of widgets looks for a screen each tenth of a second. On one page its first look is followed by one much later.
LATE = """if (sessionStorage.getItem("late") === "soon") {
  const [wait, first] = [window.setTimeout, () => sessionStorage.getItem("late") === "soon" && !sessionStorage.setItem("late", "was")];
  window.setTimeout = (done, time, ...more) => wait(done, time === 100 && first() ? 8000 : time, ...more);
}"""


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return create_demo(tmp_path / "demo", system_clock(), clients=3, lines=12)


@contextmanager
def new_page(browser: BrowserSession) -> Iterator[BrowserPage]:
    """A page of an empty browser."""
    window = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, locale="nl-NL")
    one = BrowserPage(window.new_page())
    one.page.set_default_timeout(ENOUGH)
    try:
        yield one
    finally:
        window.close()


def kill_kernel(served: RunningServer, one: BrowserPage) -> None:
    """As the system does where memory runs out: the kernel of this page; in JupyterLab there is no other."""
    kernel = one.page.evaluate("document.body.dataset.kernelId || ''")
    for process in served.kernels(kernel):
        process.send_signal(signal.SIGKILL)


def type_in(one: BrowserPage) -> None:
    one.fill("Administratie", "7")
    one.wait_for_text("voor Bakkerij Jansen")
    one.fill("Licentiebestand", PATH)


def check_typed(one: BrowserPage) -> None:
    one.holds("Administratie", "007")
    one.holds("Licentiebestand", PATH)


@in_both_modes
def test_a_dead_kernel_is_said_and_reconnecting_goes_on_with_what_was_typed(mode: str, demo: Demo, browser: BrowserSession) -> None:
    with browser.at(mode, demo.folder) as (served, one):
        one.open(served, "01")
        type_in(one)
        kill_kernel(served, one)
        banner = one.page.get_by_role("alert").filter(has_text="De verbinding met dit scherm is verbroken")
        banner.wait_for(timeout=ENOUGH)
        check_typed(one)
        if mode == "lab":  # which says it in a dialogue of its own
            one.page.locator(".jp-Dialog").get_by_role("button").last.click()
        one.press("Opnieuw verbinden")
        if mode == "lab":
            one.page.get_by_role("alert").get_by_text("druk op Shift+Enter").wait_for()
            one.run_cell(served)
        one.wait_for_text("voor Bakkerij Jansen")
        one.wait_for_text("offerte.txt")
        check_typed(one)
        expected(banner).to_have_count(0)


@in_browser
def test_a_screen_that_comes_just_when_nobody_waits_for_it_any_more_is_asked_for_again(demo: Demo, browser: BrowserSession) -> None:
    with browser.at("app", demo.folder) as (served, one):
        one.page.add_init_script(LATE)
        one.open(served)
        for act in (lambda: one.open_page(served, "01", "&administration=7"), one.page.reload):
            one.page.evaluate("() => sessionStorage.setItem('late', 'soon')")
            one.console.clear()
            act()
            one.run_cell(served)
            one.holds("Administratie", "007")
            assert any("widget model not found" in line for line in one.console)


@in_browser
def test_a_stopped_server_is_said_and_after_a_restart_the_page_goes_on(demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    port = free_port()
    with new_page(browser) as one:
        with running_server("app", tmp_path, port=port) as served:
            served.show(demo.folder)
            one.open(served, "01")
            type_in(one)
        one.page.get_by_role("alert").get_by_text("accountools draait niet meer").wait_for()
        check_typed(one)
        one.press("Opnieuw verbinden")
        one.page.get_by_role("alert").get_by_text("is nog niet bereikbaar").wait_for()
        check_typed(one)
        with running_server("app", tmp_path, port=port) as served:
            served.show(demo.folder)
            one.press("Opnieuw verbinden")
            one.wait_for_text("voor Bakkerij Jansen")
            check_typed(one)


@in_browser
def test_it_is_said_on_a_task_of_the_administrations_too_and_what_was_typed_there_stays(demo: Demo, browser: BrowserSession) -> None:
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "05")
        one.press("Administratie aanmaken")
        one.fill("Omschrijving", "Half een naam")
        kill_kernel(served, one)
        one.page.get_by_role("alert").filter(has_text="De verbinding met dit scherm is verbroken").wait_for(timeout=ENOUGH)
        one.press("Opnieuw verbinden")
        one.holds("Omschrijving", "Half een naam")


@in_both_modes
def test_after_a_restart_f5_and_a_bookmark_need_no_token(mode: str, demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    """The second of the two is a page of the same browser, without the token in its address."""
    port = free_port()
    with new_page(browser) as one:
        with running_server(mode, tmp_path, port=port) as served:
            served.show(demo.folder)
            one.open(served, "06")
            assert "token" not in one.page.url
            bookmark = one.page.url
        with running_server(mode, tmp_path, port=port) as served:
            served.show(demo.folder)
            one.page.reload()
            one.run_cell(served)
            other = BrowserPage(one.page.context.new_page())
            other.page.goto(bookmark)
            other.run_cell(served)


@pytest.mark.parametrize("language", ["nl", "en"])
@in_both_modes
def test_without_token_or_cookie_a_page_says_how_to_go_on(mode: str, language: str, served: Callable[..., RunningServer]) -> None:
    server = served(mode, language)
    for address in (server.address.split("?")[0], re.sub(r"token=\w+", "token=wrong", server.address)):
        page = urllib.request.urlopen(address, timeout=60).read().decode()
        assert ("Open accountools opnieuw" if language == "nl" else "Open accountools again") in page
        assert f'<html lang="{language}">' in page
        assert "assword" not in page
        assert "<input" not in page


def test_the_secret_of_the_cookies_is_kept_private_and_outlives_a_restart(tmp_path: Path) -> None:
    path = launch.cookie_secret_file(tmp_path)
    secret = path.read_bytes()
    assert len(secret) >= 32
    assert launch.cookie_secret_file(tmp_path).read_bytes() == secret
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("spoilt", ["empty", "short", "readable by others"])
def test_a_secret_that_is_none_any_more_is_replaced(spoilt: str, tmp_path: Path) -> None:
    path = launch.cookie_secret_file(tmp_path)
    before = path.read_bytes()
    if spoilt == "readable by others":
        path.chmod(0o640)
    else:
        path.write_bytes(before[: 4 if spoilt == "short" else 0])
    after = launch.cookie_secret_file(tmp_path).read_bytes()
    assert len(after) == len(before)
    assert after != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
