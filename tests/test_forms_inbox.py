"""The inbox on the screen *Licenties*: what waits, what importing it would do, and the button that does it; without a browser."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.jobs import run_in_thread, run_now
from accountools.forms.kit.screen import Screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.office import Office
from accountools.operations.licences.import_licence import ImportPlan
from accountools.operations.progress import Progress
from accountools.texts import Texts
from tests.test_forms_make_backups import Later
from tests.test_forms_menu import links, open_at, press_link
from tests.test_forms_screen import button, press, shown_widgets, visible_text
from tests.workspace import HENK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())


def shown(desk: Workspace, language: Any = "en") -> Screen[Any]:
    screen = licences_screen(Office.open(desk.office, CLOCK), Texts(language))
    screen.form.start = run_now
    return screen


def rows(screen: Any) -> str:
    """The cells of the inbox's table, the first that is shown, and what its numbers stand for."""
    arguments = next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "ITable")._dt_args
    return " ".join(str(cell) for row in json.loads(arguments["data_json"]) for cell in row) + str(arguments)


def labels(screen: Any) -> list[str]:
    return [one.description for one in shown_widgets(screen.widget) if type(one).__name__ == "Button"]


def events(desk: Workspace) -> int:
    return len(desk.ok("journal")["events"])


@pytest.fixture
def mailed(ready: Workspace) -> Workspace:
    """A renewal, the licence that is held, one of nobody here, and no licence at all wait in the inbox."""
    inbox = ready.office / "inbox"
    ready.issue("office/inbox/a renewal.lic", users=5, valid_until="2028-12-31")
    shutil.copy(ready.folder / "client.lic", inbox / "held.lic")
    ready.issue("office/inbox/nobody.lic", kvk="87654321", licensee="<b>Nobody</b>")
    (inbox / "offer.txt").write_text("Beste,", "utf-8")
    return ready


def test_an_empty_inbox_is_not_shown(ready: Workspace) -> None:
    screen = shown(ready)
    assert "inbox" not in visible_text(screen)
    assert "Show the inbox" not in labels(screen)


def test_it_shows_what_would_be_done_and_does_it_at_the_second_press_only(mailed: Workspace) -> None:
    screen, before = shown(mailed), events(mailed)
    assert "3 files are waiting in the inbox." in visible_text(screen)
    assert not [label for label in labels(screen) if label.startswith("Import")]
    press(screen, "Show the inbox")
    assert events(mailed) == before
    assert "Nothing has been imported yet." in visible_text(screen)
    for words in (
        "a renewal.lic",
        "Users: 3 → 5",
        "Valid until: 2027-12-31 → 2028-12-31",
        "can be imported",
        "There is no client for",
        "held.lic",
    ):
        assert words in rows(screen), words
    assert HENK in rows(screen)
    press(screen, "Import 1 licence")
    assert "1 licence was imported." in visible_text(screen)
    assert events(mailed) == before + 1
    assert "can be imported" not in rows(screen)
    assert screen.form.counts()["replaced"] == 1  # the table beneath knows it
    assert not [label for label in labels(screen) if label.startswith("Import")]
    assert not screen.form.import_waiting()
    assert events(mailed) == before + 1
    press(screen, "Close the inbox")
    assert "2 files are waiting in the inbox." in visible_text(screen)


def test_what_can_not_be_imported_later_either_is_set_aside_when_that_is_asked(mailed: Workspace) -> None:
    """It doesn't wait any more; what may still be imported does."""
    mailed.issue("office/inbox/expired.lic", number="KL-5", valid_until="2026-02-01")
    mailed.issue("office/inbox/later.lic", number="KL-6", valid_from="2027-01-01")
    refused, screen, before = mailed.office / "inbox" / "refused", shown(mailed), events(mailed)
    (refused / "x").mkdir(parents=True)
    (refused / "offer.txt").write_text("Another", "utf-8")
    press(screen, "Show the inbox")
    assert "they are in the folder refused of the inbox" in visible_text(screen)
    press(screen, "Set 2 unusable files aside")
    assert f"2 files were set aside, in {refused}." in visible_text(screen)
    assert sorted(path.name for path in refused.iterdir()) == ["expired.lic", "offer-2.txt", "offer.txt", "x"]
    assert sorted(path.name for path in refused.parent.glob("*.lic")) == ["a renewal.lic", "held.lic", "later.lic", "nobody.lic"]
    assert "expired.lic" not in rows(screen)
    assert not [label for label in labels(screen) if "unusable" in label]
    assert events(mailed) == before
    assert screen.form.inbox.count == 3


def test_a_file_that_was_corrected_meanwhile_is_not_set_aside(mailed: Workspace) -> None:
    screen = shown(mailed)
    press(screen, "Show the inbox")
    shutil.copy(mailed.office / "inbox" / "a renewal.lic", mailed.office / "inbox" / "offer.txt")
    press(screen, "Set 1 unusable file aside")
    assert (mailed.office / "inbox" / "offer.txt").exists()
    assert "can be imported" in rows(screen)


def test_an_import_that_was_undone_does_not_wait_and_is_shown_as_such(ready: Workspace) -> None:
    """As the count of the inbox says: nothing waits there, and there is nothing to import."""
    ready.issue("office/inbox/renewal.lic", number="KL-2042", users=5)
    screen = shown(ready)
    press(screen, "Show the inbox")
    press(screen, "Import 1 licence")
    office = Office.open(ready.office, CLOCK)
    office.apply(office.plan_undo_import(7))
    screen = shown(ready)
    assert "inbox" not in visible_text(screen)
    assert screen.form.open_inbox()
    screen.form.changed()
    assert "undone" in rows(screen)
    assert "import it separately" in rows(screen)
    assert not [label for label in labels(screen) if label.startswith("Import")]
    dutch = shown(ready, "nl")
    assert dutch.form.open_inbox()
    dutch.form.changed()
    assert "De import ervan is ongedaan gemaakt." in rows(dutch)


def test_names_can_not_bring_markup_along(mailed: Workspace) -> None:
    mailed.issue("office/inbox/<b>bold<b>.lic".replace("<b>bold<b>", "bold &lt;"), kvk="12345670", licensee="<i>It</i>")
    screen = shown(mailed)
    press(screen, "Show the inbox")
    assert "<b>Nobody" not in rows(screen)
    assert "bold &amp;lt;" in rows(screen)


def test_changed_meanwhile_asks_for_another_preview(mailed: Workspace) -> None:
    screen = shown(mailed)
    press(screen, "Show the inbox")
    (mailed.office / "inbox" / "new.txt").write_text("new", "utf-8")
    press(screen, "Import 1 licence")
    assert screen.form.feedback.code == "changed-meanwhile"
    press(screen, "Reload")
    assert screen.form.feedback.code is None
    assert screen.form.inbox.count == 4
    press(screen, "Import 1 licence")
    assert "1 licence was imported." in visible_text(screen)


def test_when_none_can_be_imported_there_is_no_button(ready: Workspace) -> None:
    (ready.office / "inbox" / "offer.txt").write_text("Beste,", "utf-8")
    screen = shown(ready)
    assert "1 file is waiting in the inbox." in visible_text(screen)
    press(screen, "Show the inbox")
    assert "None of these files can be imported." in visible_text(screen)
    assert not [label for label in labels(screen) if label.startswith("Import")]


def test_a_failure_halfway_is_shown_with_what_was_imported(mailed: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    mailed.add_client("Vishandel De Boer", "23456789")
    mailed.create(8, "Vishandel De Boer", client="23456789", chart=None)
    mailed.add_user("eva", 8)
    mailed.issue("office/inbox/b.lic", number="KL-3", kvk="23456789", licensee="Vishandel De Boer")
    screen, real = shown(mailed), ImportPlan.execute

    def execute(plan: ImportPlan, office: Office, progress: Progress) -> ImportPlan:
        if plan.number == 8:
            raise PermissionError(13, "denied", str(Path("x")))
        return real(plan, office, progress)

    monkeypatch.setattr(ImportPlan, "execute", execute)
    press(screen, "Show the inbox")
    press(screen, "Import 2 licences")
    assert screen.form.feedback.code == "not-permitted"
    assert "1 licence was imported." in visible_text(screen)


def test_it_is_shown_in_dutch(mailed: Workspace) -> None:
    screen = shown(mailed, "nl")
    assert "Er wachten 3 bestanden bij de ingekomen licenties." in visible_text(screen)
    press(screen, "Ingekomen licenties tonen")
    assert button(screen, "1 licentie importeren")
    assert "Gebruikers: 3 → 5" in rows(screen)
    assert "31-12-2028" in rows(screen)


def test_the_menu_counts_the_inbox_and_links_to_it(mailed: Workspace) -> None:
    office = Office.open(mailed.office, CLOCK)
    menu = menu_screen(office, Texts("en"))
    assert links(menu)["3 files are waiting in the inbox."][2].href == "02_check_licences.ipynb?show=inbox"
    licences = open_at(shown(mailed), press_link(menu, "3 files are waiting in the inbox."))
    assert "Import 1 licence" in labels(licences)
    for path in (mailed.office / "inbox").iterdir():
        path.unlink()
    menu.form.reload()
    assert not [label for label in links(menu) if "inbox" in label]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each report of the progress is shown, however soon it follows another."""
    monkeypatch.setattr("accountools.forms.kit.jobs.OFTEN", -1)


def stopped_while(screen: Any, label: str) -> list[str]:
    """What was seen while the button's work went on, which is stopped at once by *Afbreken*."""
    seen: list[str] = []

    def watch() -> None:
        if screen.form.busy and not seen and screen.form.bytes_done[1]:
            seen.extend((visible_text(screen), *labels(screen)))
            press(screen, "Stop")

    screen.form.subscribe(watch)
    press(screen, label)
    return seen


@pytest.mark.usefixtures("eager")
def test_reading_the_inbox_shows_how_far_it_is_and_can_be_stopped(mailed: Workspace) -> None:
    screen = shown(mailed)
    seen = stopped_while(screen, "Show the inbox")
    assert "The files in the inbox are being read" in seen[0]
    assert "1 of 4" in seen[0]
    assert not {"Show the inbox", "Close the inbox", "Import 1 licence"} & set(seen)
    assert "Stopped: nothing was done or changed." in visible_text(screen)
    assert screen.form.inbox.plan is None
    press(screen, "Show the inbox")
    assert "can be imported" in rows(screen)


@pytest.mark.usefixtures("eager")
def test_reading_it_again_can_be_stopped_too_and_what_was_shown_stays(mailed: Workspace) -> None:
    """The kind, not the case: opening, reloading and importing all read the inbox."""
    screen, before = shown(mailed), events(mailed)
    press(screen, "Show the inbox")
    assert "1 of 4" in stopped_while(screen, "Reload")[0]
    assert "can be imported" in rows(screen)
    assert "1 of 5" in stopped_while(shown_open(mailed), "Import 1 licence")[0]
    assert events(mailed) == before
    press(screen, "Import 1 licence")
    assert events(mailed) == before + 1


def importing(desk: Workspace) -> Screen[Any]:
    screen = client_licence_screen(Office.open(desk.office, CLOCK), Texts("en"))
    screen.form.choose_administration(7)
    return screen


def renewing(desk: Workspace) -> Screen[Any]:
    screen = menu_screen(Office.open(desk.office, CLOCK), Texts("en"))
    screen.form.open_own_licence()
    return screen


READING, NOTHING = "The files in the inbox are being read", "There are no files here"
FIELDS = pytest.mark.parametrize("opened", [importing, renewing])


def offered(screen: Any) -> str:
    """What is in the list of files; nothing where none is shown."""
    return " ".join(name for one in shown_widgets(screen.widget) if type(one).__name__ == "Select" for name in one._options_labels)


@FIELDS
@pytest.mark.usefixtures("eager")
def test_looking_up_the_licence_file_shows_how_far_it_is_and_can_be_stopped(mailed: Workspace, opened: Callable[..., Screen[Any]]) -> None:
    screen = opened(mailed)
    screen.form.start = run_now
    seen = stopped_while(screen, "Look up the licence file")
    assert READING in seen[0]
    assert "1 of 4" in seen[0]
    assert NOTHING not in seen[0]
    assert "Stopped: nothing was done or changed." in visible_text(screen)
    for _ in range(2):  # closed, and opened again
        press(screen, "Look up the licence file")
    assert all(name in offered(screen) for name in ("a renewal.lic", "held.lic", "nobody.lic", "offer.txt"))
    assert "Stopped" not in visible_text(screen)


@FIELDS
def test_whoever_does_not_wait_for_the_inbox_goes_on_without_it(mailed: Workspace, opened: Callable[..., Screen[Any]]) -> None:
    screen, later = opened(mailed), Later()
    screen.form.start = later
    for leaves in ("Look up the licence file", "Home folder"):
        press(screen, "Look up the licence file")
        assert READING in visible_text(screen)
        press(screen, leaves)
        assert READING not in visible_text(screen)
        later.job()  # it ends after that: nobody sees it
        assert "held.lic" not in offered(screen)
    press(screen, "nl")
    assert not screen.form.busy


@FIELDS
def test_an_inbox_that_can_not_be_read_keeps_nobody_from_the_next_step(
    mailed: Workspace, opened: Callable[..., Screen[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = opened(mailed)
    screen.form.start = run_now
    monkeypatch.setattr("accountools.forms.files.licence_file.list_inbox", lambda *_: (_ for _ in ()).throw(OSError(5, "broken")))
    press(screen, "Look up the licence file")
    assert "The system reported" in visible_text(screen)
    assert not screen.form.failed


def shown_open(desk: Workspace) -> Screen[Any]:
    screen = shown(desk)
    press(screen, "Show the inbox")
    return screen


def test_what_was_imported_before_it_was_stopped_stays(mailed: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    mailed.add_client("Vishandel De Boer", "23456789")
    mailed.create(8, "Vishandel De Boer", client="23456789", chart=None)
    mailed.add_user("eva", 8)
    mailed.issue("office/inbox/b.lic", number="KL-3", kvk="23456789", licensee="Vishandel De Boer")
    screen, real, before = shown_open(mailed), ImportPlan.execute, events(mailed)

    def execute(plan: ImportPlan, office: Office, progress: Progress) -> ImportPlan:
        done = real(plan, office, progress)
        screen.form.stop()
        return done

    monkeypatch.setattr(ImportPlan, "execute", execute)
    press(screen, "Import 2 licences")
    assert "1 licence was imported." in visible_text(screen)
    assert events(mailed) == before + 1
    assert screen.form.feedback.code is None


def test_the_screen_works_in_a_thread_of_its_own(mailed: Workspace) -> None:
    screen = licences_screen(Office.open(mailed.office, CLOCK), Texts("en"))
    assert screen.form.start is run_in_thread
