"""The demonstration office, once chosen, is that of all screens of the session, each with a badge, until it is left."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools.forms.kit.preferences import SESSION
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.forms.screens.users.view import users_screen
from accountools.forms.start import Opening, open_office
from accountools.web import launch
from tests.browsing import BrowserPage, BrowserSession, in_browser, running_server
from tests.test_forms_screen import CLOCK, press, visible_text
from tests.workspace import Workspace

SCREENS = (
    *(menu_screen, client_licence_screen, licences_screen, make_backups_screen, restore_backup_screen),
    *(administrations_screen, users_screen, audit_screen, backups_screen),
)
BADGE = "VOORBEELD"


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Sit down at a session, with an office that it begins with."""

    def sit(office: Path, session: str) -> None:
        (tmp_path / session).mkdir(mode=0o700, exist_ok=True)
        for name, value in ((SESSION, tmp_path / session), ("ACCOUNTOOLS_OFFICE", office), ("XDG_DATA_HOME", tmp_path / "data")):
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("ACCOUNTOOLS_LANG", "nl")

    return sit


def demonstrated() -> Opening:
    opening = open_office(CLOCK).show(menu_screen)
    opening.demonstrate()
    return opening


def test_the_next_screens_show_it_too_each_with_the_badge(at: Any, tmp_path: Path) -> None:
    at(tmp_path / "nowhere", "today")
    chosen = demonstrated()
    assert chosen.office is not None
    for make in SCREENS:
        opened = open_office(CLOCK).show(make)
        assert opened.office is not None, make
        assert opened.office.folder == chosen.office.folder
        assert BADGE in visible_text(opened)


def test_another_session_knows_nothing_of_it(at: Any, tmp_path: Path) -> None:
    at(tmp_path / "nowhere", "today")
    demonstrated()
    at(tmp_path / "nowhere", "tomorrow")
    assert open_office(CLOCK).show(menu_screen).office is None
    at(tmp_path / "nowhere", "today")
    assert open_office(CLOCK).show(menu_screen).office is not None


def test_left_it_is_left_on_all_screens(at: Any, tmp_path: Path) -> None:
    at(tmp_path / "nowhere", "today")
    opening = demonstrated()
    press(opening, "Voorbeeld verlaten")
    assert "Hier is nog geen kantoor" in visible_text(opening)
    assert open_office(CLOCK).show(menu_screen).office is None


def test_leaving_it_leads_to_the_own_office_that_was_set_up_meanwhile(at: Any, empty_office: Workspace, tmp_path: Path) -> None:
    at(tmp_path / "own", "today")
    demonstrated()
    (tmp_path / "own").symlink_to(empty_office.office)
    opening = open_office(CLOCK).show(menu_screen)
    press(opening, "Voorbeeld verlaten")
    for one in (opening, open_office(CLOCK).show(menu_screen)):
        assert one.office is not None
        assert one.office.folder == tmp_path / "own"
        assert BADGE not in visible_text(one)


def test_a_demonstration_that_is_gone_is_no_dead_end(at: Any, empty_office: Workspace, tmp_path: Path) -> None:
    at(empty_office.office, "today")
    opening = demonstrated()
    assert opening.office is not None
    opening.office.folder.rename(tmp_path / "elsewhere")
    again = open_office(CLOCK).show(menu_screen)
    assert again.office is not None
    assert again.office.folder == empty_office.office


def test_without_a_session_it_is_the_choice_of_one_screen(at: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In somebody's own Jupyter."""
    at(tmp_path / "nowhere", "today")
    monkeypatch.delenv(SESSION)
    opening = demonstrated()
    assert BADGE in visible_text(opening)
    assert open_office(CLOCK).show(menu_screen).office is None
    press(opening, "Voorbeeld verlaten")
    assert opening.office is None


def test_a_session_is_a_private_folder_for_as_long_as_its_server_runs(tmp_path: Path) -> None:
    code = f"import os, shutil, stat; place = os.environ['{SESSION}']; open('{tmp_path / 'seen'}', 'w').write(place); "
    code += "raise SystemExit(stat.S_IMODE(os.stat(place).st_mode) % 64)"
    assert launch._run([sys.executable, "-c", code], dict(os.environ)) == 0
    seen = Path((tmp_path / "seen").read_text())
    assert seen.is_absolute()
    assert not seen.exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) % 64 == 0


@in_browser
def test_from_no_office_through_the_demonstration_to_other_screens(tmp_path: Path, browser: BrowserSession) -> None:
    with running_server("app", tmp_path) as served:
        window = browser.chromium.new_context(viewport={"width": 1280, "height": 800}, locale="nl-NL")
        one = BrowserPage(window.new_page())
        one.page.set_default_timeout(40_000)
        one.open(served)
        one.press("Bekijk het voorbeeldkantoor")
        for title in ("Gebruikers", "Accountancy", "Licenties"):
            one.follow(served, title)
            one.screen.get_by_text(BADGE, exact=True).wait_for()
            assert one.screen.get_by_text("Kantoor Zonnestein").count()
        table = one.screen.locator(".at-itable").first  # of a screen that is wide: nothing of it is hidden
        table.get_by_text("SE1065").wait_for()
        assert table.evaluate("(table) => table.scrollWidth <= table.clientWidth && table.clientWidth > 1100")
        one.press("Voorbeeld verlaten")
        one.wait_for_text("Hier is nog geen kantoor")
        window.close()
