"""The seed's path by real clicks, in JupyterLab and as pages: to the backup on disk, with nobody called and nothing out of reach."""

import asyncio
import gc
import json
import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from accountools import resources
from accountools.clock import system_clock
from accountools.demo.demonstration import Demo, create_demo
from accountools.notebook_copies import list_changed
from tests.browsing import HERE, NL, BrowserPage, BrowserSession, accessibility_violations, expected, in_both_modes, in_browser, in_lab
from tests.import_walkthrough import client_and_user, from_the_menu_to_the_backup
from tests.workspace import HENK, Workspace

MOST = 12  # actions from the menu to the backup


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return create_demo(tmp_path / "office", system_clock(), clients=6, lines=24)


def check_on_disk(desk: Workspace, demo: Demo) -> None:
    """The right backup lies there: `verify` accepts it, imported once, for that user."""
    (backup,) = (demo.folder / "backups").glob("*.acb")
    verified = desk.ok("verify", backup, office=demo.folder)
    assert verified["image_checked"]
    assert verified["manifest"]["licence_number"] == "KL-2041"
    events = [(event["what"], event["administration"]) for event in desk.ok("journal", office=demo.folder)["events"]]
    assert events.count(("licence-imported", 7)) == 1
    assert [user["login"] for user in desk.ok("administration", "show", 7)["users"] if not user["office"]] == [HENK]


def faultless(one: BrowserPage) -> None:
    """Nothing in our screen that keeps somebody out."""
    assert accessibility_violations(one) == []


def nobody_was_called(one: BrowserPage) -> None:
    assert one.outside() == []
    assert len([url for url in one.requests if HERE.match(url)]) > 20


@in_browser
def test_no_two_of_these_run_beside_each_other(request: pytest.FixtureRequest) -> None:
    assert not hasattr(request.config, "workerinput") or request.node.nodeid.endswith(("@browser-app-0", "@browser-app-1"))


@in_both_modes
def test_a_wrong_file_then_the_right_one_and_back_in_the_menu_the_backup(
    mode: str, demo: Demo, tmp_path: Path, browser: BrowserSession
) -> None:
    with browser.at(mode, demo.folder) as (served, one):
        one.open(served)
        faultless(one)
        one.follow(served, "Importeren klantlicentie")
        faultless(one)
        client_and_user(one)
        one.fill("Licentiebestand", str(demo.inbox / "offerte.txt"))
        one.wait_for_text("In offerte.txt staat geen leesbare licentie")
        one.wait_for_text("Vraag de klant het licentiebestand opnieuw te mailen")
        expected(one.screen.locator("[aria-live=polite]", has_text="In offerte.txt staat")).to_have_count(1)  # it is read aloud
        expected(one.button("Volgende")).to_be_disabled()
        one.press(NL("Look up the licence file"))
        one.wait_for_text(str(served.office / "inbox"))
        faultless(one)
        one.pick("KL-2041 Bakkerij Jansen")
        one.press("Volgende")
        one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
        faultless(one)
        one.press("Klaar")
        one.wait_for_text("is geïmporteerd in administratie 007")
        faultless(one)
        one.press("Back-up maken")
        one.choose(NL("Not encrypted"))
        faultless(one)
        one.press("Vorige")
        one.close(served)
        one.follow(served, "Back-up maken")
        faultless(one)
        one.screen.get_by_label("007 Bakkerij Jansen").check()
        one.press("Volgende")
        one.choose(NL("Not encrypted"))
        faultless(one)
        one.press(NL("Make backups"))
        one.wait_for_text("1 gemaakt, 0 geweigerd")
        faultless(one)
        nobody_was_called(one)
    check_on_disk(Workspace(tmp_path, today=None), demo)


@in_browser
def test_from_an_empty_browser_at_the_menu_to_the_backup_in_few_actions(demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    with browser.at("app", demo.folder) as (served, one):
        one.open(served)
        assert one.actions == 0
        from_the_menu_to_the_backup(one, served, demo)
        faultless(one)
        assert 0 < one.actions <= MOST
        one.close(served)
        nobody_was_called(one)
    check_on_disk(Workspace(tmp_path, today=None), demo)


@in_browser
def test_the_keyboard_alone_is_enough(demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    licence = demo.inbox / "KL-2041 Bakkerij Jansen.lic"
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "01")
        keys = one.page.keyboard
        one.tab_to("Administratie")
        one.type("jansen")
        one.wait_for_text("voor Bakkerij Jansen")
        one.tab_to("Licentiebestand")
        one.type(str(licence))
        one.wait_for_text("KL-2041")
        one.tab_to(NL("Look up the licence file"))
        keys.press("Enter")
        one.screen.locator(".at-search-list select:visible").wait_for()
        keys.press("Escape")  # of the list, not of the form
        one.screen.locator(".at-search-list select:visible").wait_for(state="hidden")
        one.tab_to("Gebruiker aanmaken")
        keys.press("Enter")
        one.tab_to(NL("Login name, as on their own computer"))
        one.type(HENK)
        one.tab_to(NL("Full name"))
        one.type("Henk Jansen")
        one.tab_to(NL("Use this user"))
        keys.press("Enter")
        one.wait_for_text(NL("will be created on import"))
        expected(one.screen.get_by_label("Licentiebestand", exact=True)).to_have_value(str(licence))
        one.tab_to("Annuleren")
        one.tab_to("Volgende")
        one.screen.get_by_label("Licentiebestand", exact=True).focus()
        keys.press("Enter")
        one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
        keys.press("Enter")  # a second one is not for the step that has just come
        one.page.wait_for_timeout(600)
        one.tab_to("Klaar")
        keys.press("Escape")
        one.wait_for_text("Er is niets geïmporteerd of gewijzigd")
        one.tab_to("en")
        keys.press("Enter")
        one.page.get_by_role("heading", name="Import client licence").wait_for()
        expected(one.page.locator("html")).to_have_attribute("lang", "en")
        expected(one.page.get_by_role("heading", name="Importeren klantlicentie")).to_have_count(0)
    assert Workspace(tmp_path, today=None).ok("administration", "show", 7)["licence"] is None


@in_both_modes
def test_the_client_restores_it_under_the_same_number(mode: str, ready: Workspace, browser: BrowserSession) -> None:
    backup, client = ready.backup(7, "--plain"), ready.create_client_office()
    with browser.at(mode, client) as (served, one):
        one.open(served, "04")
        faultless(one)
        one.fill("Back-up", str(backup))
        one.wait_for_text("Kantoor Zonnestein")
        one.press("Volgende")
        one.wait_for_text("Bakkerij Jansen")
        faultless(one)
        one.press("Klaar")
        one.wait_for_text("Administratie 007 Bakkerij Jansen is teruggelezen")
        faultless(one)
        nobody_was_called(one)
    assert ready.ok("administration", "enter", 7, "--as", HENK, office=client)["may"]


@in_both_modes
def test_the_overview_tells_who_is_ready(mode: str, ready: Workspace, browser: BrowserSession) -> None:
    with browser.at(mode, ready.office) as (served, one):
        one.open(served, "07")
        one.screen.get_by_role("row", name="007").get_by_text(NL("ready")).wait_for()
        faultless(one)
        nobody_was_called(one)
    log = served.log.read_text("utf-8")
    assert "without encryption" not in log
    assert mode == "lab" or len(log.splitlines()) == len(("where the pages are", "how to stop them")), log


@in_both_modes
def test_two_tabs_get_each_what_their_own_address_asks(mode: str, demo: Demo, browser: BrowserSession) -> None:
    with browser.tabs(mode, demo.folder, 2) as (served, (one, other)):
        one.open_page(served, "01", "&administration=7")
        other.open_page(served, "01", "&administration=8")
        other.run_cell(served)
        other.holds("Administratie", "008")
        one.run_cell(served)
        one.holds("Administratie", "007")
        if mode == "app":
            one.press("en")
            one.page.get_by_role("heading", name="Import client licence").wait_for()
        one.press("Cancel" if mode == "app" else "Annuleren")
        other.holds("Administratie", "008")


@in_lab
def test_no_key_beside_a_field_damages_a_screen_in_jupyterlab(demo: Demo, browser: BrowserSession) -> None:
    """Cut, delete, to text, to raw, merge, undo, insert, copy and paste: then it is saved."""
    with browser.at("lab", demo.folder) as (served, one):
        one.open(served, "01")
        assert not one.page.get_by_text("from accountools.forms.start import").filter(visible=True).count()
        assert not one.page.get_by_text("Deze cel doorloopt hetzelfde scherm").filter(visible=True).count()
        keys = one.page.keyboard
        dialog = one.page.locator(".jp-Dialog")
        for pressed in ("x", "d d", "m", "r", "Shift+M", "z", "b", "a", "c v"):
            one.screen.locator(".at-steps").click(position={"x": 400, "y": 3})
            for key in pressed.split():
                keys.press(key)
            if pressed in "mr":
                dialog.wait_for()
                keys.press("Escape")
                dialog.wait_for(state="detached")
        with one.page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/contents/01_" in answer.url):
            keys.press("Control+s")
        expected(one.button("Volgende")).to_be_visible()
        copies = served.log.parent / "xdg_data_home" / "accountools" / "notebooks"
        (copy,) = copies.glob("01_*.ipynb")
        assert len(json.loads(copy.read_text("utf-8"))["cells"]) > 5
        assert list_changed(resources.notebooks(), copies) == ()
    with browser.at("lab", demo.folder) as (served, one):
        one.open(served)
        one.follow(served, "Importeren klantlicentie")
    shutil.copy(resources.notebooks() / copy.name, copy)  # for the tests that follow


def test_a_page_closed_in_the_middle_says_nothing_in_the_terminal(caplog: pytest.LogCaptureFixture) -> None:
    from tornado.websocket import WebSocketClosedError

    from accountools.web.serve import ignore_closed_pages

    async def fails(error: Exception) -> None:
        raise error

    async def left_alone() -> None:
        asyncio.get_running_loop().set_exception_handler(ignore_closed_pages)
        for error in (WebSocketClosedError(), ValueError("something else")):
            await asyncio.wait([asyncio.ensure_future(fails(error))])
        gc.collect()

    with ThreadPoolExecutor(1) as elsewhere:  # the browser has a loop running in this thread
        elsewhere.submit(asyncio.run, left_alone()).result()
    reported = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [type(error) for error in reported] == [ValueError]


def test_nor_does_what_comes_from_its_kernel_just_then() -> None:
    from accountools.web.server_process import QueryFilter

    def is_logged(text: str) -> bool:
        return QueryFilter().filter(logging.LogRecord("tornado.general", logging.WARNING, "", 0, text, ("a stream",), None))

    assert [is_logged("Got events for closed stream %s"), is_logged("Something else of %s")] == [False, True]
    kernel = "/api/kernels/5ae4dfe8-dae0-45e5-92cb-55aa896ca8fd"
    closed = [f"404 GET {kernel} (127.0.0.1): %s", f"404 DELETE {kernel} 26.63ms %s", f"404 GET {kernel}/channels 1.00ms %s"]
    others = [f"500 GET {kernel} 26.63ms %s", "404 GET /api/kernels 1.00ms %s", "404 GET /voila/render/99.ipynb 1.00ms %s"]
    assert [is_logged(text) for text in (*closed, *others)] == [False] * 3 + [True] * 3


def test_what_goes_to_a_kernel_is_encrypted() -> None:
    from accountools.web import SHARE
    from accountools.web.launch import lab_command
    from accountools.web.serve import settings

    spec = json.loads((SHARE / "kernels" / "python3" / "kernel.json").read_text("utf-8"))
    assert spec["metadata"]["supported_encryption"] == "curve"
    assert "--KernelManager.transport_encryption=auto" in lab_command(Path("x.ipynb"), None, browser=False)
    assert settings(Path(), None, NL).KernelManager.transport_encryption == "auto"


@pytest.mark.skipif(os.name != "posix", reason="sockets with a path")
def test_no_other_program_can_take_the_port_of_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between choosing a free port and the kernel's taking it there was time enough: a kernel has sockets with paths of its own."""
    from accountools.web.launch import lab_command
    from accountools.web.serve import settings

    def transports(folder: str) -> set[str]:
        monkeypatch.setattr("tempfile.tempdir", folder)
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", folder)
        (lab,) = (word for word in lab_command(Path("x.ipynb"), None, browser=False) if "transport=" in word)
        return {settings(Path(), None, NL).KernelManager.transport, lab.partition("=")[2]}

    assert transports("/tmp") == {"ipc"}
    assert transports("/" + 90 * "x") == {"tcp"}  # no socket can have so long a path
