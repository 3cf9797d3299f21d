"""Every control of every screen is reached by a person with a mouse wheel, at each size of window that people have.

A page that scrolls by the test's own driver proves nothing: the driver scrolls what no mouse can.
"""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.office import Office
from accountools.operations.backups.target import BackupTarget
from tests.browsing import NL, BrowserPage, BrowserSession, RunningServer, accessibility_violations, in_browser
from tests.import_walkthrough import client_and_user

SIZES = {"a laptop": (1280, 800), "a telephone": (390, 844), "a laptop at 200 %": (640, 400)}
SCREENS = ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10"]
CONTROLS = ".at-screen :is(button, a, input, select, textarea, summary)"
UNREACHED = """(controls) => {
  // those that are in the window now are marked; gives what is on this page and was never in the window
  const reached = window.reached ||= new WeakSet();
  const all = [...document.querySelectorAll(controls)].filter((one) => one.checkVisibility({ visibilityProperty: true })
    && one.getBoundingClientRect().width > 1 && !one.closest(".at-unseen") && one.type !== "file");
  for (const one of all) {
    const box = one.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height / 2, 20)];
    const top = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight && document.elementFromPoint(x, y);
    if (top && (one.contains(top) || top.contains(one) || (top.htmlFor && top.control === one))) reached.add(one);
  }
  return all.filter((one) => !reached.has(one)).map((one) => one.textContent || one.title || one.labels?.[0]?.textContent || one.outerHTML);
}"""
SIDEWAYS = """() => [...document.querySelectorAll(".at-screen *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  .map((one) => { const box = one.getBoundingClientRect();
    return [box.x + box.width / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2]; })
  .filter(([x, y]) => x > 0 && y > 0 && x < innerWidth && y < innerHeight)"""  # those in the window, and a place in each
STILL = "() => { const before = window.heldAt; window.heldAt = scrollY; return before === scrollY; }"
AT_END = "() => scrollY + innerHeight >= document.scrollingElement.scrollHeight - 1"
ASIDE = """([x, y, aside]) => {
  let wide = false;
  for (let one = document.elementFromPoint(x, y); one; one = one.parentElement) {
    if (one.scrollLeft > 0) return aside;
    wide ||= one.scrollWidth > one.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
  }
  return !aside || !wide;
}"""  # whether something at this place was moved sideways, or nothing there is wider any more: it was drawn anew
MOVED = "(before) => scrollY !== before"
OVERFLOW = """() => document.scrollingElement.scrollWidth - innerWidth"""


@pytest.fixture(scope="module")
def shown_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with more administrations than fit a window."""
    return create_demo(tmp_path_factory.mktemp("sizes") / "office", system_clock(), clients=24, lines=24).folder


def grows(page: Any) -> bool:
    """Whether the page is still being filled: there is more of it after a while."""
    height = page.evaluate("() => document.scrollingElement.scrollHeight")
    page.wait_for_timeout(3000)
    return bool(page.evaluate("() => document.scrollingElement.scrollHeight") != height)


def wheel_through(page: Any) -> list[str]:
    """What of the controls is never seen while the wheel is turned from the top to the end of the page.

    If there is any, it is turned once more: a table may have come into its place above what was seen by then.
    """
    return turn_wheel(page) and turn_wheel(page)


def turn_wheel(page: Any) -> list[str]:
    """Turn the wheel from the top to the end of the page, and sideways over what is wider; what was never seen of the controls."""
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    page.mouse.move(width / 2, height / 2)
    page.evaluate("() => { window.reached = null; }")
    page.mouse.wheel(0, -100_000)
    page.wait_for_timeout(60)
    for _ in range(200):
        unreached: list[str] = page.evaluate(UNREACHED, CONTROLS)
        for x, y in page.evaluate(SIDEWAYS) if unreached else ():
            page.mouse.move(x, y)
            page.mouse.wheel(2000, 0)
            page.wait_for_function(ASIDE, arg=[x, y, True])
            unreached = page.evaluate(UNREACHED, CONTROLS)
            page.mouse.wheel(-2000, 0)
            page.wait_for_function(ASIDE, arg=[x, y, False])
        if not page.evaluate(AT_END):
            before = page.evaluate("() => scrollY")
            page.mouse.move(width / 2, height / 2)
            page.mouse.wheel(0, height * 3 // 4)
            page.wait_for_function(MOVED, arg=before)
        elif not unreached or not grows(page):
            return unreached
    raise AssertionError("the page has no end")


def check_at_each_size(one: BrowserPage, sizes: Iterable[str] = SIZES) -> None:
    """At each size every control is reached, nothing is wider than the window, and axe finds nothing serious."""
    for name in sizes:
        width, height = SIZES[name]
        one.page.set_viewport_size({"width": width, "height": height})
        assert wheel_through(one.page) == [], name
        assert one.page.evaluate(OVERFLOW) <= 0, f"{name}: the page is wider than the window"
        assert accessibility_violations(one) == [], name


@in_browser
@pytest.mark.campaign(3)
@pytest.mark.parametrize("notebook", SCREENS)
def test_the_wheel_reaches_every_control_of_every_screen(browser: BrowserSession, shown_office: Path, notebook: str) -> None:
    with browser.at("app", shown_office) as (served, one):
        one.open(served, notebook)
        check_at_each_size(one)


@in_browser
@pytest.mark.campaign(2)
@pytest.mark.parametrize("notebook", ["08", "09"])
def test_the_wheel_reaches_every_control_of_every_part_of_a_screen(browser: BrowserSession, shown_office: Path, notebook: str) -> None:
    with browser.at("app", shown_office) as (served, one):
        one.open(served, notebook)
        parts = one.page.locator(".at-parts button")
        for place in range(1, parts.count()):
            parts.nth(place).click()
            one.page.locator(f".at-parts button:nth-child({place + 1}).mod-active").wait_for()
            check_at_each_size(one)


def licence_beside_client(one: BrowserPage, served: RunningServer, office: Path) -> None:
    """What is compared before a licence is imported."""
    one.open(served, "01")
    client_and_user(one)
    one.fill("Licentiebestand", str(office / "inbox" / "KL-2041 Bakkerij Jansen.lic"))
    one.wait_for_text("KL-2041")
    one.press("Volgende")
    one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")


def how_to_back_up(one: BrowserPage, served: RunningServer, _office: Path) -> None:
    one.open(served, "03")
    one.screen.locator(".at-tick-list input:enabled").first.check()
    one.wait_for_text("1 aangevinkt")
    one.press("Volgende")
    one.wait_for_text(NL("For whom"))


def backup_with_its_letter(one: BrowserPage, served: RunningServer, office: Path) -> None:
    how_to_back_up(one, served, office)
    one.choose(NL("Not encrypted"))
    one.press("Back-ups maken")
    one.wait_for_text(NL("Our key, to read out by telephone"))
    one.press(NL("Letter for the client"))
    one.screen.get_by_role("link", name="Openen").wait_for()


def what_a_backup_holds(one: BrowserPage, served: RunningServer, office: Path) -> None:
    """What is in a backup beside what is here."""
    opened = Office.open(office)
    made = next(iter(sorted((office / "backups").glob("*.acb"))), None)
    if made is None:
        opened.apply(opened.plan_backup([8], BackupTarget(plain=True), "safekeeping"))
        (made,) = (office / "backups").glob("*.acb")
    one.open(served, "04")
    one.fill("Back-up", str(made))
    one.wait_for_text(NL("not encrypted"))
    one.press("Volgende")
    one.screen.locator(".at-key").wait_for()


def task(name: str, one: BrowserPage, served: RunningServer, _office: Path) -> None:
    """A task of the administrations."""
    one.open(served, "05")
    one.press(name)
    one.button(NL("Next")).wait_for()


def users(one: BrowserPage, served: RunningServer, _office: Path) -> None:
    one.open(served, "06")
    one.fill("Administratie", "8")
    one.wait_for_text(NL("Can this person log in?"))


def part_of_the_books(title: str, one: BrowserPage, served: RunningServer, _office: Path) -> None:
    """A part of the books of an administration."""
    one.open(served, "08")
    one.fill("Administratie", "8")
    one.screen.locator(".at-parts button", has_text=title).first.click()
    one.screen.locator("table:visible tbody td").first.wait_for()


def ledger_card(one: BrowserPage, served: RunningServer, office: Path) -> None:
    """The card of an account, and an entry on it."""
    part_of_the_books(NL("Trial balance"), one, served, office)
    one.screen.locator("table.dataTable tbody tr").filter(has_text="1300").first.click()
    one.wait_for_text("Grootboekkaart 1300")
    one.screen.locator("table.dataTable").last.locator("tbody tr").first.click()
    one.wait_for_text("Boeking ")


FURTHER: dict[str, Callable[[BrowserPage, RunningServer, Path], None]] = {
    "01, the licence beside the client": licence_beside_client,
    "03, how": how_to_back_up,
    "03, the result": backup_with_its_letter,
    "04, what is in it": what_a_backup_holds,
    "05, create": partial(task, NL("Create an administration")),
    "05, clients": partial(task, NL("Import clients from a file")),
    "05, several": partial(task, NL("Create for several clients")),
    "05, change": partial(task, NL("Change a client")),
    "06, users": users,
    "08, trial balance": partial(part_of_the_books, NL("Trial balance")),
    "08, VAT": partial(part_of_the_books, NL("VAT")),
    "08, ledger card": ledger_card,
}


@in_browser
@pytest.mark.campaign(len(FURTHER))
@pytest.mark.parametrize("name", FURTHER)
def test_the_wheel_reaches_every_control_of_what_comes_after_the_first_step(browser: BrowserSession, shown_office: Path, name: str) -> None:
    with browser.at("app", shown_office) as (served, one):
        FURTHER[name](one, served, shown_office)
        check_at_each_size(one, ("a telephone", "a laptop at 200 %"))


@in_browser
@pytest.mark.campaign(6)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("notebook", ["03", "07"])
def test_the_keys_scroll_a_page_that_is_taller_than_the_window(
    browser: BrowserSession, shown_office: Path, notebook: str, size: str
) -> None:
    width, height = SIZES[size]
    with browser.at("app", shown_office) as (served, one):
        one.page.set_viewport_size({"width": width, "height": height})
        one.open(served, notebook)
        if notebook == "07":
            one.screen.locator(".at-picture svg").nth(1).wait_for()  # what is still being drawn would stop the scrolling
        for key in ("PageDown", "End", "Space"):
            one.page.keyboard.press(key)
            one.page.wait_for_function("() => scrollY > 100")
            one.page.wait_for_function(STILL, polling=200)  # a key that is pressed while the page moves is lost
            one.page.keyboard.press("Home")
            one.page.wait_for_function("() => scrollY === 0")
            one.page.wait_for_function(STILL, polling=200)
