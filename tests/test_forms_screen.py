"""The screen of the form: its widgets pressed and filled in as a browser would, without one."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import ipywidgets
import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit import widgets
from accountools.forms.kit.feedback import Feedback
from accountools.forms.kit.links import Keys
from accountools.forms.kit.screen import Screen
from accountools.forms.kit.style import text_html
from accountools.forms.kit.table import Column, Table
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.users.view import users_screen
from accountools.forms.start import open_office
from accountools.office import Office
from accountools.texts import Language, Texts
from tests.workspace import HENK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())


@pytest.fixture
def screen(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> Screen[Any]:
    monkeypatch.setattr("accountools.forms.screens.import_licence.view.run_in_thread", lambda job: job())
    empty_office.add_client()
    empty_office.create()
    empty_office.issue("office/inbox/KL-2041.lic")
    return client_licence_screen(Office.open(empty_office.office, CLOCK), Texts("en"))


def shown_widgets(widget: Any) -> Iterator[Any]:
    """The widgets that are shown, from top to bottom."""
    if "at-hidden" in widget._dom_classes:
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from shown_widgets(child)


def button(screen: Any, label: str) -> Any:
    found = [one for one in shown_widgets(screen.widget) if type(one).__name__ == "Button" and label in {one.description, one.tooltip}]
    assert found, [one.description for one in shown_widgets(screen.widget) if type(one).__name__ == "Button"]
    return found[-1]


def press(screen: Any, label: str) -> None:
    made = button(screen, label)
    assert not made.disabled, label
    made.click()


def field(screen: Any, label: str) -> Any:
    return next(one for one in shown_widgets(screen.widget) if getattr(one, "description", "").startswith(label) and hasattr(one, "value"))


def listed(screen: Any) -> Any:
    return next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "Select")


def visible_text(screen: Any) -> str:
    return unescape(re.sub(r'<span class="at-whole">(.*?)</span>', r"\1", " ".join(raw(screen))))


def raw(screen: Any) -> list[str]:
    return [str(one.value) for one in shown_widgets(screen.widget) if type(one).__name__ == "HTML"]


def fill_in(screen: Any) -> None:
    field(screen, "Administration").value = "7"
    press(screen, "Look up the licence file")
    listed(screen).value = 0
    press(screen, "Create user")
    field(screen, "Login name").value, field(screen, "Full name").value = HENK, "Henk Jansen"
    press(screen, "Use this user")


def to_backup(screen: Any) -> None:
    fill_in(screen)
    for label in ("Next", "Finish", "Make backup"):
        press(screen, label)


def test_the_screen_through_the_whole_workflow(screen: Screen[Any], empty_office: Workspace) -> None:
    assert button(screen, "Next").disabled
    assert "Choose the administration first" in visible_text(screen)
    to_backup(screen)
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = "plain"
    press(screen, "Make backup")
    assert "no trace of your own licence" in visible_text(screen)
    press(screen, "Close")
    assert screen.form.ended == "closed"
    press(screen, "Import client licence")
    assert field(screen, "Administration").value == ""
    assert len(list((empty_office.office / "backups").glob("*.acb"))) == 1


CLOSABLE = {"05": administrations_screen, "06": users_screen, "09": office_screen, "10": backups_screen}


@pytest.mark.parametrize("number", CLOSABLE)
def test_whoever_closes_a_screen_goes_to_the_menu(number: str, ready: Workspace) -> None:
    """S14; the browser goes to `home` as soon as `place` is `closed` (`tests/test_browser.py` does it)."""
    screen = CLOSABLE[number](Office.open(ready.office, CLOCK), Texts("en"))
    press(screen, "Close")
    keys = next(one for one in shown_widgets(screen.widget) if isinstance(one, Keys))
    assert (keys.place, keys.home) == ("closed", "00_accountancy.ipynb")


def test_the_menu_itself_leads_nowhere_when_it_is_left(ready: Workspace) -> None:
    screen = menu_screen(Office.open(ready.office, CLOCK), Texts("en"))
    assert next(one for one in shown_widgets(screen.widget) if isinstance(one, Keys)).home == ""


def test_a_progress_bar_replaces_the_choices_while_a_backup_is_made(screen: Screen[Any]) -> None:
    jobs: list[Any] = []
    to_backup(screen)
    screen.form.start = jobs.append
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = "plain"
    press(screen, "Make backup")
    assert "The backup is being made" in visible_text(screen)
    assert not [one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons"]
    screen.form.bytes_done = (30_000_000, 120_000_000)
    screen.form.changed()
    assert "30.0 MB of 120.0 MB · about" in visible_text(screen)
    assert next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "FloatProgress").value == 0.25
    press(screen, "Stop")
    assert "Stopping; one moment, please" in visible_text(screen)
    jobs.pop()()
    assert "Stopped: nothing was done or changed." in visible_text(screen)
    press(screen, "Make backup")
    jobs.pop()()
    assert "no trace of your own licence" in visible_text(screen)


def test_a_button_has_one_meaning_for_as_long_as_it_lives(screen: Screen[Any], empty_office: Workspace) -> None:
    fill_in(screen)
    for label in ("Next", "Finish"):
        twice = button(screen, label)
        twice.click()
        twice.click()
    assert screen.form.wizard.current.name == "done"
    assert [event["what"] for event in empty_office.ok("journal")["events"]].count("licence-imported") == 1


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase's lock without the seconds that it costs; what it locks is opened by nobody here."""
    from accountools.formats import encryption

    monkeypatch.setattr(
        encryption, "encryption_for_passphrase", lambda _: encryption.Encryption(encryption.generate_identity()[1], b"sealed")
    )


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(("language", "size"), [("nl", "12,3 MB"), ("en", "12.3 MB")])
def test_the_size_of_a_backup_is_said_as_on_all_other_screens(screen: Screen[Any], language: Language, size: str) -> None:
    to_backup(screen)
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = "plain"
    press(screen, "Make backup")
    backup = screen.form.backup
    backup.made = replace(backup.made, bytes=12_345_678)
    screen.form.set_language(language)
    screen.form.changed()
    assert size in visible_text(screen)


@pytest.mark.parametrize("again", ["correct horse", "wrong horse"])
def test_the_passphrase_is_emptied_at_once(screen: Screen[Any], again: str) -> None:
    to_backup(screen)
    secret, repeated = field(screen, "Passphrase"), field(screen, "Repeat the passphrase")
    secret.value, repeated.value = "correct horse", again
    seen: list[tuple[str, str]] = []
    screen.form.subscribe(lambda: seen.append((secret.value, repeated.value)))
    if again == "correct horse":
        field(screen, "Read the backup back").value = False
        seen.clear()
        press(screen, "Make backup")
        assert screen.form.backup.made.encrypted
        assert set(seen) == {("", "")}
        assert "correct horse" not in repr(ipywidgets.Widget.get_manager_state())
    else:
        assert button(screen, "Make backup").disabled
        assert "not the same" in visible_text(screen)
        press(screen, "Previous")
    assert (secret.value, repeated.value) == ("", "")


def test_another_language_empties_the_passphrase_too(screen: Screen[Any]) -> None:
    to_backup(screen)
    secret = field(screen, "Passphrase")
    secret.value = field(screen, "Repeat the passphrase").value = "correct horse"
    press(screen, "nl")
    assert secret.value == ""
    assert button(screen, screen.form.texts("Make backup")).disabled


def test_a_refusal_is_one_panel_with_a_button_that_resolves_it(screen: Screen[Any], empty_office: Workspace) -> None:
    empty_office.issue("office/inbox/other.lic")
    fill_in(screen)
    press(screen, "Next")
    screen.form.fields.file.unlink()
    press(screen, "Finish")
    assert visible_text(screen).count("There is no file") == 1
    assert button(screen, "Finish").disabled
    press(screen, "Look up the file")
    assert listed(screen).options
    assert field(screen, "User").value == HENK
    assert "There is no file" not in visible_text(screen)


def test_what_fails_in_a_callback_is_shown(screen: Screen[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("accountools.forms.files.licence_file.list_inbox", lambda *_: fails())
    press(screen, "Look up the licence file")
    assert "This is an error in the program: ZeroDivisionError: oops" in visible_text(screen)


def test_a_search_selects_a_single_match_and_lists_several(screen: Screen[Any], empty_office: Workspace) -> None:
    empty_office.create(70, "Jansen Beheer")
    field(screen, "Administration").value = "jansen"
    assert [line for line, _ in listed(screen).options] == ["007  Bakkerij Jansen", "070  Jansen Beheer  (Bakkerij Jansen)"]
    assert screen.form.fields.administration is None
    field(screen, "Administration").value = "beheer"
    assert screen.form.fields.administration.number == 70
    field(screen, "Administration").value = "7"
    assert screen.form.fields.administration.number == 7
    field(screen, "Administration").value = "nobody"
    assert "Nothing found" in visible_text(screen)


def test_a_check_box_confirms_an_obstacle(screen: Screen[Any], empty_office: Workspace) -> None:
    empty_office.issue("office/inbox/AA.lic", number="KL-9", licensee="Jansen Holding")
    fill_in(screen)
    screen.form.choose_file(empty_office.office / "inbox" / "AA.lic")
    press(screen, "Next")
    assert button(screen, "Finish").disabled
    field(screen, "Yes").value = True
    press(screen, "Finish")
    assert screen.form.imported.accepted == {"name-differs"}


def test_names_can_not_bring_markup_along(empty_office: Workspace) -> None:
    empty_office.add_client("<b>Jansen</b>")
    empty_office.create(description="<script>alert(1)</script>")
    screen = client_licence_screen(Office.open(empty_office.office, CLOCK), Texts("en"))
    screen.form.choose_administration(7)
    screen.form.choose_file("<i>.lic")
    assert not [text for text in raw(screen) if "<b>Jansen" in text or "<i>.lic" in text]


def test_without_an_office_the_screen_shows_how_to_get_one(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_OFFICE", str(tmp_path / "nowhere"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("ACCOUNTOOLS_LANG", "en")
    opening = open_office(CLOCK).show(client_licence_screen)
    assert opening.office is None
    assert "No office here yet" in visible_text(opening)
    assert str(tmp_path / "nowhere") in visible_text(opening)
    press(opening, "Set up an office")
    press(opening, "Cancel")
    press(opening, "See the demonstration office")
    assert opening.screen.form.office_name == "Kantoor Zonnestein"
    again = open_office(CLOCK).show(client_licence_screen)
    press(again, "See the demonstration office")
    assert again.office.folder == opening.office.folder


def test_an_office_that_can_not_be_opened_says_why(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty_office.office / "register.db").write_bytes(b"this is no database at all" * 100)
    monkeypatch.setenv("ACCOUNTOOLS_OFFICE", str(empty_office.office))
    monkeypatch.setenv("ACCOUNTOOLS_LANG", "en")
    opening = open_office(CLOCK).show(client_licence_screen)
    assert "can't be read" in visible_text(opening)


def test_a_notebook_that_is_only_read_says_what_to_do(screen: Screen[Any]) -> None:
    bundle = screen._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"].startswith("Run this cell")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_no_day_or_licence_number_is_broken_at_its_hyphens() -> None:
    assert text_html("KL-2044 <verloopt> op 29-12-2026.") == (
        '<span class="at-whole">KL-2044</span> &lt;verloopt&gt; op <span class="at-whole">29-12-2026</span>.'
    )
    assert text_html("back-up-007-2026-11-24.acb") == "back-up-007-2026-11-24.acb"  # it may be longer than a line


class _Guard:
    feedback = Feedback()

    def notify(self) -> None:
        pass


def test_what_the_user_changes_while_a_job_refreshes_the_screen_reaches_the_form() -> None:
    callbacks, refreshing, changed = widgets.Callbacks(_Guard()), threading.Event(), threading.Event()
    got: list[object] = []
    box = callbacks.change(widgets.checkbox("x"), got.append)
    table = Table(callbacks, Texts("en"), [Column("x")], got.append, "x")
    table.show([("a",), ("b",)])

    def refresh() -> None:
        with callbacks.silenced():
            refreshing.set()
            changed.wait(10)
            box.value = False

    job = threading.Thread(target=refresh)
    job.start()
    assert refreshing.wait(10)
    box.value = True
    table.itable.selected_rows = [1]
    changed.set()
    job.join()
    assert got == [True, 1]


def test_a_screen_that_two_threads_brought_up_to_date_at_once_listens_afterwards() -> None:
    callbacks, began, ended = widgets.Callbacks(_Guard()), threading.Event(), threading.Event()

    def refresh() -> None:
        with callbacks.silenced():
            began.set()
            ended.wait(10)

    job = threading.Thread(target=refresh)
    with callbacks.silenced():
        with callbacks.silenced():
            job.start()
            assert began.wait(10)
        assert callbacks.quiet
    ended.set()
    job.join()
    got: list[object] = []
    callbacks.change(widgets.text("x"), got.append).value = "typed"
    assert (callbacks.quiet, got) == (False, ["typed"])
