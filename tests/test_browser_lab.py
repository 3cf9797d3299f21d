"""JupyterLab around the screens: in the user's language, links that stay in it, and no question on leaving when nothing was edited."""

from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import Demo, create_demo
from tests.browsing import NL, BrowserPage, BrowserSession, in_lab

IN_VIEW = """() => [...document.querySelectorAll(".at-foot .at-main")].some((one) => {
  const box = one.getBoundingClientRect(), [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return one.textContent === "Volgende" && box.width > 0 && one.contains(document.elementFromPoint(x, y));
})"""


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return create_demo(tmp_path / "demo", system_clock(), clients=3, lines=12)


@in_lab
def test_links_open_the_next_screen_in_the_same_jupyterlab_and_keep_what_was_typed(demo: Demo, browser: BrowserSession) -> None:
    with browser.at("lab", demo.folder) as (served, one):
        one.open(served)
        one.follow(served, "Importeren klantlicentie")
        one.fill("Administratie", "7")
        one.wait_for_text("voor Bakkerij Jansen")
        one.follow(served, "Accountancy")
        one.follow(served, "Gebruikers")
        one.follow(served, "Accountancy")
        one.follow(served, "Importeren klantlicentie")
        one.holds("Administratie", "007")
        assert len(one.page.context.pages) == 1
        assert one.actions == 2 + 6  # the first screen's cell is run by hand


@in_lab
def test_the_main_button_is_in_the_window_without_scrolling(demo: Demo, browser: BrowserSession) -> None:
    with browser.at("lab", demo.folder) as (served, one):
        one.page.set_viewport_size({"width": 1280, "height": 800})
        one.open(served)
        one.follow(served, "Importeren klantlicentie")
        one.button("Volgende").wait_for()
        one.page.wait_for_function(IN_VIEW)


@in_lab
def test_a_link_that_asks_something_of_a_screen_gets_it_also_when_that_is_open_already(demo: Demo, browser: BrowserSession) -> None:
    with browser.at("lab", demo.folder) as (served, one):
        one.open(served)
        one.follow(served, "Licenties")
        one.screen.get_by_role("button", name=NL("Show received licences")).or_(one.screen.locator(".at-figures")).first.wait_for()
        one.follow(served, "Accountancy")
        one.screen.get_by_role("link", name="ingekomen licenties").click()
        one.wait_for_text("KL-2041")
        assert len(one.page.context.pages) == 1


@in_lab
@pytest.mark.parametrize("left", ["reload", "close"])
def test_leaving_asks_nothing_when_nothing_was_edited(left: str, demo: Demo, browser: BrowserSession) -> None:
    with browser.at("lab", demo.folder) as (served, one):
        asked: list[str] = []
        one.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        one.open(served)
        one.follow(served, "Gebruikers")
        one.page.locator(".jp-mod-dirty").first.wait_for(state="detached")
        if left == "reload":
            one.page.reload()
        else:
            one.page.close(run_before_unload=True)
            if not one.page.is_closed():
                one.page.wait_for_event("close")
        assert asked == []


@in_lab
@pytest.mark.parametrize(("language", "menu"), [("nl", "Bestand"), ("en", "File")])
def test_its_menus_are_in_the_language_of_the_screens(language: str, menu: str, demo: Demo, browser: BrowserSession) -> None:
    served = browser.served("lab", language)
    served.show(demo.folder)
    window = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, locale="nl-NL")
    one = BrowserPage(window.new_page())
    one.open_page(served)
    one.page.locator(".lm-MenuBar-item").get_by_text(menu, exact=True).wait_for()
    window.close()
