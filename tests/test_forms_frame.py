"""Each screen says when the connection is lost, listens to the keyboard, and is there in both languages: with an office and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools.forms.kit.links import Connection, Keys
from accountools.forms.screens.administrations.form import TASKS
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.users.view import users_screen
from accountools.forms.start import Opening, open_office
from tests.test_forms_demonstration import SCREENS, at  # noqa: F401 - a fixture
from tests.test_forms_menu import links, press_link
from tests.test_forms_screen import CLOCK, button, field, press, shown_widgets, visible_text
from tests.workspace import Workspace

At = Callable[[Path, str], None]


def check_frame(screen: Any, language: str = "nl") -> None:
    """There is one of each, in the language of the screen."""
    shown = list(shown_widgets(screen.widget))
    (connection,), (keys,) = ([one for one in shown if isinstance(one, kind)] for kind in (Connection, Keys))
    assert keys.language == language
    assert connection.texts["reconnect"] == {"nl": "Opnieuw verbinden", "en": "Reconnect"}[language]
    assert "at-pressed" in button(screen, language)._dom_classes


@pytest.mark.parametrize("make", SCREENS)
def test_each_screen_has_it(make: Any, at: At, ready: Workspace) -> None:  # noqa: F811
    at(ready.office, "today")
    check_frame(open_office(CLOCK).show(make))


@pytest.mark.parametrize("task", TASKS)
def test_each_task_of_the_administrations_has_it_in_both_languages(task: str, at: At, ready: Workspace) -> None:  # noqa: F811
    at(ready.office, "today")
    opening = open_office(CLOCK).show(administrations_screen)
    form = opening.screen.form  # type: ignore[union-attr]
    form.choose(7)
    form.start_task(task)
    check_frame(opening)
    press(opening, "en")
    check_frame(opening, "en")


SHOWN: dict[str, tuple[Callable[[Opening], object], str, str]] = {
    "none": (lambda _: None, "Hier is nog geen kantoor", "No office here yet"),
    "set up": (lambda opening: press(opening, "Kantoor inrichten"), "Kies eerst uw eigen licentie", "Choose your own licence first"),
    "other": (lambda opening: press(opening, "Een ander kantoor openen"), "Kies eerst de map", "Choose the folder of an office first"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_without_an_office_has_it_in_both_languages(name: str, at: At, tmp_path: Path) -> None:  # noqa: F811
    open_it, dutch, english = SHOWN[name]
    at(tmp_path / "nowhere", "today")
    opening = open_office(CLOCK).show(menu_screen)
    open_it(opening)
    check_frame(opening)
    assert dutch in visible_text(opening)
    press(opening, "en")
    check_frame(opening, "en")
    assert english in visible_text(opening)
    assert dutch not in visible_text(opening)


def test_what_was_filled_in_stays_in_the_other_language_and_the_office_begins_in_it(at: At, ready: Workspace, tmp_path: Path) -> None:  # noqa: F811
    at(tmp_path / "mine", "today")
    opening = open_office(CLOCK).show(menu_screen)
    press(opening, "Kantoor inrichten")
    field(opening, "Uw eigen licentie").value = str(ready.folder / "own.lic")
    press(opening, "en")
    assert field(opening, "Your own licence").value == str(ready.folder / "own.lic")
    field(opening, "The issuers").value = str(ready.trust)
    press(opening, "Finish")
    for one in (opening, open_office(CLOCK).show(users_screen)):
        check_frame(one, "en")
    press(opening, "nl")
    check_frame(open_office(CLOCK).show(users_screen))


def test_another_office_is_chosen_in_the_language_of_the_screen_that_one_comes_from(at: At, ready: Workspace) -> None:  # noqa: F811
    at(ready.office, "today")
    opening = open_office(CLOCK).show(menu_screen)
    press(opening, "en")
    press_link(opening, "Open another office")
    check_frame(opening, "en")
    press(opening, "nl")
    press(opening, "Annuleren")
    check_frame(opening)
    check_frame(open_office(CLOCK).show(users_screen))


def test_the_path_leads_back_to_the_menu(at: At, tmp_path: Path) -> None:  # noqa: F811
    at(tmp_path / "nowhere", "today")
    opening = open_office(CLOCK).show(menu_screen)
    press(opening, "Kantoor inrichten")
    assert "Kantoor inrichten" in links(opening)
    press_link(opening, "Accountancy")
    assert "Hier is nog geen kantoor" in visible_text(opening)
