"""Another office is opened on the screen: one whose folder was moved, one that was open before, one that goes on elsewhere."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accountools.forms.kit.preferences import choose_session_office, known_offices, session_office
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.users.view import users_screen
from accountools.forms.start import Opening, open_office
from tests.test_forms_demonstration import at  # noqa: F401 - a fixture
from tests.test_forms_menu import links, press_link
from tests.test_forms_screen import CLOCK, button, field, press, visible_text
from tests.test_handover import change_register
from tests.test_register_backup import back_up
from tests.workspace import Workspace

FOLDER = "Map van het kantoor"


def opened(make: Any = menu_screen) -> Opening:
    return open_office(CLOCK).show(make)


def choose(opening: Opening, place: Path | str) -> None:
    field(opening, FOLDER).value = str(place)
    press(opening, "Openen")


def folder_of(opening: Opening) -> Path:
    assert opening.office is not None
    return opening.office.folder


def test_a_folder_that_was_moved_is_opened_where_it_is_and_found_there_the_next_time(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
    tmp_path: Path,
) -> None:
    moved = tmp_path / "elsewhere" / "kantoor"
    moved.parent.mkdir()
    ready.office.rename(moved)
    at(ready.office, "today")
    opening = opened()
    assert f"Gezocht in {ready.office}" in visible_text(opening)
    press(opening, "Een ander kantoor openen")
    assert button(opening, "Openen").disabled
    assert "Kies eerst de map van een kantoor" in visible_text(opening)
    choose(opening, tmp_path)
    assert f"Er is geen kantoor in {tmp_path}" in visible_text(opening)
    choose(opening, f' "{moved}" ')
    assert folder_of(opening) == moved
    assert folder_of(opened(users_screen)) == moved
    at(ready.office, "tomorrow")
    assert folder_of(opened()) == moved
    assert "Terug naar" not in visible_text(opened())
    at(ready.office, "another day")
    opening = opened()
    press_link(opening, "Een ander kantoor openen")
    press_link(opening, "Kantoor Zonnestein")
    press(opening, "Terug naar waar u begon")
    assert "Hier is nog geen kantoor" in visible_text(opening)  # where one can set one up
    moved.rename(ready.office)  # it is back
    at(ready.office, "next week")
    assert folder_of(opened()) == ready.office


def test_one_chooses_among_offices_and_goes_back(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
) -> None:
    other = ready.create_client_office()
    at(ready.office, "today")
    opening = opened()
    press_link(opening, "Een ander kantoor openen")
    press(opening, "Annuleren")
    assert folder_of(opening) == ready.office
    press_link(opening, "Een ander kantoor openen")
    choose(opening, other)
    for one in (opening, opened(users_screen)):
        assert folder_of(one) == other
        assert f"U hebt het kantoor in {other} geopend." in visible_text(one)
    press(opening, "Terug naar waar u begon")
    for one in (opening, opened()):
        assert folder_of(one) == ready.office
    press_link(opening, "Een ander kantoor openen")
    assert links(opening)["Bakkerij Jansen"][2].note == str(other)
    press_link(opening, "Bakkerij Jansen")
    assert folder_of(opening) == other
    at(ready.office, "tomorrow")
    assert folder_of(opened()) == ready.office


def test_one_that_can_not_be_opened_says_why_and_the_present_one_stays(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
    tmp_path: Path,
) -> None:
    at(ready.office, "today")
    opening = opened()
    press_link(opening, "Een ander kantoor openen")
    choose(opening, "postgresql://anna:geheim@server/kantoor")
    assert "wachtwoord" in visible_text(opening)
    assert not any(b"geheim" in path.read_bytes() for path in tmp_path.rglob("settings*.json"))
    press(opening, "Annuleren")
    assert folder_of(opening) == ready.office


def test_an_office_that_was_moved_is_opened_at_its_new_place(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
    tmp_path: Path,
) -> None:
    there = tmp_path / "there"
    at(ready.office, "today")
    opening = opened(office_screen)
    form = opening.screen.form  # type: ignore[union-attr]
    assert form.open_part("move")
    assert form.move.choose(str(there))
    form.start = lambda job: job()
    assert form.move.move()
    press(opening, "Daar openen")
    assert folder_of(opening) == there
    at(ready.office, "tomorrow")
    assert folder_of(opened()) == there
    at(ready.office, "another day")
    (tmp_path / "data" / "accountools").rename(tmp_path / "lost")  # on another machine, say: nothing is known of it
    opening = opened()
    assert folder_of(opening) == ready.office
    assert f"Dit kantoor is verhuisd naar {there}" in visible_text(opening)
    press(opening, "Daar openen")
    assert folder_of(opening) == there
    assert "verhuisd naar" not in visible_text(opening)


def test_another_office_is_set_up_while_one_is_open_and_not_in_its_folder(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
) -> None:
    at(ready.office, "today")
    opening = opened()
    press_link(opening, "Een ander kantoor openen")
    press(opening, "Kantoor inrichten")
    there = Path(field(opening, FOLDER).value)
    assert not there.exists()
    assert there.parent == ready.office.parent
    field(opening, "Uw eigen licentie").value = str(ready.folder / "own.lic")
    field(opening, "De uitgevers").value = str(ready.trust)
    press(opening, "Annuleren")
    assert folder_of(opening) == ready.office
    press_link(opening, "Een ander kantoor openen")
    press(opening, "Kantoor inrichten")
    press(opening, "Klaar")
    for one in (opening, opened(users_screen)):
        assert folder_of(one) == there
        assert f"U hebt het kantoor in {there} geopend." in visible_text(one)
    opening.set_up()
    assert Path(field(opening, FOLDER).value) not in {there, ready.office}
    at(ready.office, "tomorrow")
    assert folder_of(opened()) == ready.office
    opening = opened()
    press_link(opening, "Een ander kantoor openen")
    assert str(there) in {link.note for _, _, link in links(opening).values()}


def test_a_folder_that_an_office_was_opened_in_meanwhile_is_not_proposed(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
    tmp_path: Path,
) -> None:
    at(tmp_path / "nowhere", "today")
    opening = opened()
    press(opening, "Kantoor inrichten")
    assert field(opening, FOLDER).value == str(tmp_path / "nowhere")
    field(opening, FOLDER).value = str(ready.office)
    press(opening, "Annuleren")
    opening.open_at(ready.office)
    opening.set_up()
    assert field(opening, FOLDER).value == str(tmp_path / "nowhere")


def test_whoever_finds_the_journal_changed_makes_the_office_anew_by_a_button_beside_the_remedy(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
) -> None:
    backup = back_up(ready)
    change_register(ready.office, "DELETE FROM events WHERE n = 3")
    at(ready.office, "today")
    opening = opened(office_screen)
    form = opening.screen.form  # type: ignore[union-attr]
    form.start = lambda job: job()
    form.open_part("journal")
    form.journal.check()
    press(opening, "Het kantoor in een andere map teruglezen")
    there = Path(field(opening, FOLDER).value)
    assert there != ready.office
    field(opening, "De back-up van het kantoor").value = str(backup)
    field(opening, "Sleutelbestand").value = str(ready.folder / "key.txt")
    press(opening, "Klaar")
    assert folder_of(opening) == there
    assert ready.ok("journal", office=there)["events"][-1]["what"] == "office-restored"


def test_the_menu_has_that_button_beside_what_it_finds(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
) -> None:
    trust = ready.office / "trust.jwks"
    trust.write_bytes(trust.read_bytes() + b" ")
    at(ready.office, "today")
    opening = opened()
    press(opening, "Het kantoor in een andere map teruglezen")
    assert field(opening, "De back-up van het kantoor").value == ""


def test_another_office_is_chosen_after_the_system_removed_the_folder_of_the_session(
    at: Callable[[Path, str], None],  # noqa: F811
    ready: Workspace,
    tmp_path: Path,
) -> None:
    at(tmp_path / "nowhere", "today")
    (tmp_path / "today").rmdir()
    choose_session_office(ready.office)
    assert session_office() == ready.office
    assert stat.S_IMODE((tmp_path / "today").stat().st_mode) == 0o700


@pytest.mark.parametrize("url", ["postgresql://henk:secret@server/office", "postgresql://[server/office"])
def test_a_url_that_is_none_or_has_a_password_in_it_is_shown_as_such_and_written_nowhere(
    at: Callable[[Any, str], None],  # noqa: F811
    ready: Workspace,
    tmp_path: Path,
    url: str,
) -> None:
    at(url, "today")
    opening = opened()
    assert opening.feedback.code == "url-invalid"
    assert "Het kantoor kan niet worden geopend" in visible_text(opening)
    assert url not in visible_text(opening)
    opening.open_at(ready.office)
    assert folder_of(opening) == ready.office
    assert known_offices() == {str(ready.office): "Kantoor Zonnestein"}
    assert not [path for path in tmp_path.rglob("settings.json") if url in path.read_text("utf-8")]
    opening.close_other_office()
    assert opening.feedback.code == "url-invalid"
