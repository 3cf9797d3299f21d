"""Ten mistakes of an accountant in a hurry: nothing wrong happens, and the screen says what to do.

`TESTS` names where each is tested. Those of a form alone stand with that form; here stand the ones that need a browser, and what the
others leave open.
"""

import errno
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accountools import safe_files
from accountools.clock import system_clock
from accountools.demo.demonstration import Demo, create_demo
from accountools.texts import Texts
from tests import test_forms_import as importing
from tests.browsing import NL, BrowserPage, BrowserSession, RunningServer, in_browser
from tests.import_walkthrough import client_and_user
from tests.workspace import HENK, Workspace

EN = Texts("en")


@pytest.fixture
def waiting(empty_office: Workspace) -> Workspace:
    empty_office.add_client()
    empty_office.create()
    empty_office.issue("office/inbox/KL-2041.lic")
    return empty_office


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return create_demo(tmp_path / "office", system_clock(), clients=6, lines=24)


def nothing_happened(desk: Workspace) -> bool:
    return "licence-imported" not in importing.events(desk) and importing.show(desk)["users"] == []


def test_the_wrong_clients_licence_asks_and_says_which_client(waiting: Workspace) -> None:
    waiting.issue("office/inbox/other.lic", number="KL-9", licensee="Slagerij Prins", kvk="87654321")
    form = importing.filled(waiting, "other.lic")
    form.next()
    (asked,) = form.plan.obstacles
    assert (asked.code, asked.needs_confirmation) == ("kvk-differs", True)
    assert "87654321" in form.describe(asked)
    assert not form.finish()
    assert form.wizard.buttons()[-1].why == "Confirm what needs your confirmation, or choose another file"
    assert nothing_happened(waiting)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"valid_from": "2025-01-01", "valid_until": "2025-12-31"}, "licence-expired"),
        ({"valid_from": "2027-01-01", "valid_until": "2027-12-31"}, "licence-not-yet-valid"),
    ],
)
def test_the_licence_of_another_year_is_refused_as_soon_as_it_is_chosen(waiting: Workspace, changes: dict[str, str], code: str) -> None:
    waiting.issue("office/inbox/other.lic", **changes)
    form = importing.filled(waiting, "other.lic")
    refused = form.fields.showing.verdict
    assert refused.code == code
    assert EN.remedy(refused) in form.describe(refused)
    assert form.wizard.buttons()[-1].why == "This licence file can't be used; choose another one"
    assert [form.next(), form.finish()] == [False, False]
    assert form.fields.login == HENK
    assert nothing_happened(waiting)


def test_a_full_disk_at_the_import_changes_nothing_and_trying_again_does_it(waiting: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    form = importing.filled(waiting)
    form.next()
    with monkeypatch.context() as full:
        full.setattr(type(form.plan), "apply", disk_full)
        assert not form.finish()
    assert (form.feedback.code, form.feedback.action.name) == ("disk-full", "retry")
    assert "Free up space" in form.describe(form.feedback.reason)
    assert nothing_happened(waiting)
    assert form.resolve("retry")
    assert form.finish()


def test_a_full_disk_at_the_backup_leaves_no_half_of_one(waiting: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    form = importing.filled(waiting)
    form.next()
    form.finish()
    with monkeypatch.context() as full:
        full.setattr(safe_files, "publish", disk_full)
        assert not form.make_backup(to="plain")
    assert form.feedback.code == "disk-full"
    assert "Free up space" in form.describe(form.feedback.reason)
    assert not list((waiting.office / "backups").glob("*.acb"))
    assert form.make_backup(to="plain")
    assert waiting.ok("verify", form.backup.made.path)["image_checked"]


def disk_full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")


def runs(served: RunningServer, one: BrowserPage) -> bool:
    """Whether the kernel behind the page runs. (Another waits for the next page.)"""
    kernel = next(found[1] for url in one.requests if (found := re.search(r"/api/kernels/([\w-]+)/channels", url)))
    return bool(served.kernels(kernel))


def ended(served: RunningServer, one: BrowserPage) -> bool:
    for _ in range(100):
        if not runs(served, one):
            return True
        time.sleep(0.1)
    return False


def fill_in(one: BrowserPage, demo: Demo) -> None:
    client_and_user(one)
    one.fill("Licentiebestand", str(demo.inbox / "KL-2041 Bakkerij Jansen.lic"))
    one.wait_for_text("KL-2041")


@in_browser
def test_a_double_click_does_a_thing_once(demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    desk = Workspace(tmp_path, today=None)
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "01")
        fill_in(one, demo)
        one.press("Volgende", twice=True)  # the second of the two must not import
        one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
        one.page.wait_for_timeout(800)
        assert desk.ok("administration", "show", 7)["licence"] is None
        one.press("Klaar", twice=True)
        one.wait_for_text("is geïmporteerd in administratie 007")
        one.page.wait_for_timeout(800)
        one.press("Back-up maken")
        one.choose(NL("Not encrypted"))
        one.press("Back-up maken", twice=True)
        one.wait_for_text("geen spoor van uw eigen licentie")
    what = [(event["what"], event["administration"]) for event in desk.ok("journal")["events"]]
    assert what.count(("licence-imported", 7)) == 1
    assert len(list((demo.folder / "backups").glob("*.acb"))) == 1


@in_browser
def test_a_browser_closed_halfway_leaves_nothing_and_one_begins_anew(demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    desk = Workspace(tmp_path, today=None)
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "01")
        fill_in(one, demo)
        one.press("Volgende")
        one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
        assert runs(served, one)
        one.page.goto("about:blank")
        assert ended(served, one), "what ran behind the page still runs"
    shown = desk.ok("administration", "show", 7)
    assert (shown["licence"], [user for user in shown["users"] if not user["office"]]) == (None, [])
    assert desk.ok("repair")["found"] == []
    with browser.at("app", demo.folder) as (served, one):
        one.open(served, "01")
        assert one.screen.get_by_label("Licentiebestand", exact=True).input_value() == ""
        assert one.button("Volgende").is_disabled()
        one.wait_for_text("Kies eerst de administratie")


@in_browser
def test_in_two_tabs_the_second_sees_that_the_world_changed(demo: Demo, tmp_path: Path, browser: BrowserSession) -> None:
    desk = Workspace(tmp_path, today=None)
    with browser.tabs("app", demo.folder, 2) as (served, (first, second)):
        for one in (first, second):
            one.open(served, "01")
            fill_in(one, demo)
            one.press("Volgende")
            one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
        first.press("Klaar")
        first.wait_for_text("is geïmporteerd in administratie 007")
        second.press("Klaar")
        second.wait_for_text(NL("That didn't work"))
        second.press(NL("Reload"))
        second.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
    what = [(event["what"], event["administration"]) for event in desk.ok("journal")["events"]]
    assert what.count(("licence-imported", 7)) == 1


TESTS: dict[str, tuple[Callable[..., None], ...]] = {
    "the wrong client's licence": (
        test_the_wrong_clients_licence_asks_and_says_which_client,
        importing.test_obstacles_are_confirmed_before_finish,
    ),
    "the licence of another year": (test_the_licence_of_another_year_is_refused_as_soon_as_it_is_chosen,),
    "the own licence": (importing.test_a_file_that_is_refused_at_the_details_blocks_finish,),
    "the user's login mistyped": (
        importing.test_an_unknown_user_leads_to_creating_one,
        importing.test_a_new_user_is_refused_at_once,
    ),
    "a double click": (test_a_double_click_does_a_thing_once, importing.test_finish_twice_imports_once),
    "the browser closed halfway": (test_a_browser_closed_halfway_leaves_nothing_and_one_begins_anew,),
    "two tabs": (test_in_two_tabs_the_second_sees_that_the_world_changed, importing.test_changed_meanwhile_and_retry),
    "the disk full": (
        test_a_full_disk_at_the_import_changes_nothing_and_trying_again_does_it,
        test_a_full_disk_at_the_backup_leaves_no_half_of_one,
    ),
    "the file vanished between Volgende and Klaar": (importing.test_the_file_vanished_between_next_and_finish,),
    "Annuleren": (importing.test_cancel_leaves_nothing_s12, importing.test_cancel_is_refused_once_it_is_imported),
}


def test_each_of_the_ten_has_its_tests() -> None:
    assert len(TESTS) == 10
    assert all(test.__name__.startswith("test_") for tests in TESTS.values() for test in tests)
