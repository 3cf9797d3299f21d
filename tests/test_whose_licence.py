"""Whose licence it is, and of what kind, is said at each step; what was accepted at the import again with the backup, and on paper."""

from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.wizard import State
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_menu import links, open_at
from tests.test_forms_screen import field, press, visible_text
from tests.workspace import HENK, TODAY, Workspace

EN = Texts("en")
KVK_DIFFERS = "The licence is for KvK number 99999999; the client has 12345678."
CONFIRMED = f"Confirmed at the import: {KVK_DIFFERS}"


def opened(desk: Workspace) -> Office:
    return Office.open(desk.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date()))


def importing(desk: Workspace, file: Path) -> Any:
    """The screen with administration 007, this file and its user."""
    screen = client_licence_screen(opened(desk), EN)
    screen.form.choose_administration(7)
    screen.form.choose_file(file)
    screen.form.choose_user(HENK)
    return screen


@pytest.fixture
def confirmed(ready: Workspace) -> Workspace:
    """A licence of a KvK number that nobody here has, accepted for administration 007."""
    stranger = ready.issue("stranger.lic", number="KL-9", kvk="99999999")
    ready.import_licence(stranger, 7, HENK, "--accept", "kvk-differs")
    return ready


@pytest.mark.parametrize(
    ("changes", "state", "message"),
    [
        ({}, "valid", "kind of licence: client"),
        ({"kind": "accountant", "number": "AC-9"}, "blocked", "is not a client licence"),
        ({"kvk": "99999999", "number": "KL-9"}, "attention", "for KvK number 99999999; the client has 12345678"),
        ({"kvk": "87654321", "number": "KL-8"}, "blocked", "is that of Slagerij Prins (KvK 87654321), another client here"),
        ({"licensee": "Bakkerij De Wit"}, "attention", "in the name of “Bakkerij De Wit”"),
    ],
)
def test_step_1_says_what_kind_of_licence_it_is_and_whose(changes: dict[str, str], state: str, message: str, ready: Workspace) -> None:
    """Valid is not enough: an accountant's licence and another client's are valid too."""
    ready.add_client("Slagerij Prins", "87654321")
    screen = importing(ready, ready.issue("given.lic", **changes))
    shown = visible_text(screen)
    assert state in shown
    assert message in shown
    assert f"KvK {changes.get('kvk', '12345678')}" in shown
    assert ("● valid" in shown) == (state == "valid")


def test_step_1_follows_the_administration_that_is_chosen(ready: Workspace) -> None:
    ready.add_client("Slagerij Prins", "87654321")
    ready.create(8, "Slagerij Prins", client="87654321")
    screen = importing(ready, ready.issue("given.lic", kvk="87654321", licensee="Slagerij Prins", number="KL-8"))
    assert "another client here" in visible_text(screen)
    screen.form.choose_administration(8)
    assert "another client here" not in visible_text(screen)


def test_step_2_leads_to_the_client_whose_licence_it_is_or_to_another_file(ready: Workspace) -> None:
    """`other-client` blocks: no tick lifts it."""
    ready.add_client("Slagerij Prins", "87654321")
    ready.create(8, "Slagerij Prins", client="87654321")
    screen = importing(ready, ready.issue("given.lic", kvk="87654321", licensee="Slagerij Prins", number="KL-8"))
    assert screen.form.next()
    assert "Slagerij Prins (KvK 87654321)" in visible_text(screen)
    assert "Choose Finish" not in visible_text(screen)
    assert not screen.form.accept("other-client") or not screen.form.finish()
    href = links(screen)["To administration 008 Slagerij Prins"][2].href
    assert open_at(client_licence_screen(opened(ready), EN), href).form.fields.administration.number == 8
    press(screen, "Choose another file")
    assert (screen.form.wizard.current.name, screen.form.wants, screen.form.fields.login) == ("file", "file", HENK)


@pytest.mark.parametrize("changes", [{"kind": "accountant", "number": "AC-9"}, {"kvk": "99999999", "number": "KL-9"}])
def test_each_licence_that_is_not_the_clients_leads_to_another_file(changes: dict[str, str], ready: Workspace) -> None:
    screen = importing(ready, ready.issue("given.lic", **changes))
    screen.form.next()
    press(screen, "Choose another file")
    assert screen.form.wizard.current.name == "file"


def test_a_tick_for_one_licence_does_not_count_for_another_that_is_planned_after_it(ready: Workspace) -> None:
    file = ready.issue("given.lic", number="KL-8", kvk="99999999", licensee="Slagerij Pieters")
    screen, before = importing(ready, file), ready.ok("journal")["events"]
    assert screen.form.next()
    seen = field(screen, "Yes")
    seen.value = True
    assert screen.form.accepted == {"kvk-differs"}
    file.unlink()
    ready.issue("given.lic", number="KL-9", kvk="88888888", licensee="Garage De Wit")
    press(screen, "Finish")
    assert screen.form.feedback.code == "changed-meanwhile"
    press(screen, "Reload")
    assert "Garage De Wit" in visible_text(screen)
    assert (screen.form.accepted, screen.form.wizard.is_at("details", State.CONFIGURED)) == (frozenset(), True)
    assert not field(screen, "Yes").value
    seen.value = False
    seen.value = True  # a click that was on its way
    assert (screen.form.accepted, screen.form.finish()) == (frozenset(), False)
    assert ready.ok("journal")["events"] == before
    field(screen, "Yes").value = True
    assert screen.form.finish()


def test_what_was_accepted_is_said_again_at_the_backup_of_the_import(ready: Workspace) -> None:
    screen = importing(ready, ready.issue("stranger.lic", number="KL-9", kvk="99999999"))
    form = screen.form
    form.next()
    form.accept("kvk-differs")
    form.finish()
    form.continue_to_backup()
    assert CONFIRMED in visible_text(screen)


def test_what_was_accepted_is_said_again_where_backups_are_made(confirmed: Workspace) -> None:
    """In the list it is attention, as in the overview; it doesn't keep the backup from being made."""
    screen = make_backups_screen(opened(confirmed), EN)
    (row,) = screen.form.list.rows
    assert (row.state, [one.code for one in row.obstacles], row.item.refused) == ("attention", ["kvk-differs"], False)
    assert KVK_DIFFERS in visible_text(screen)
    screen.form.tick([7])
    screen.form.next()
    assert f"007: {CONFIRMED}" in visible_text(screen)
    confirmed.import_licence(confirmed.folder / "client.lic")
    again = make_backups_screen(opened(confirmed), EN)
    assert again.form.list.rows[0].state == "ready"


def test_the_command_says_it_too(confirmed: Workspace) -> None:
    assert CONFIRMED in confirmed.run("backup", 7, as_json=False).out
    assert "Confirmed" not in confirmed.run("backup", 7, "--purpose", "safekeeping", as_json=False).out


def test_it_is_on_the_papers_of_the_backup(confirmed: Workspace, tmp_path: Path) -> None:
    """The letter to the client, and the dossier of the office; not on those of a backup under a licence of which nothing was accepted."""
    form = MakeBackups(opened(confirmed), EN)
    form.tick([7])
    form.next()
    form.make(to="plain")
    sentences = [KVK_DIFFERS, "We accepted this; call us if it isn", "Attention"]
    letter = form.deliveries.write_letter(EN).read_text("utf-8")
    assert [one in letter for one in sentences] == [True, True, True]
    confirmed.import_licence(confirmed.folder / "client.lic")
    confirmed.backup(7)
    confirmed.ok("dossier", 7, "--out", tmp_path / "dossier.html")
    dossier = (tmp_path / "dossier.html").read_text("utf-8")
    assert dossier.count("Confirmed at the import") == 1
    assert KVK_DIFFERS in dossier
    again = MakeBackups(opened(confirmed), EN)
    again.tick([7])
    again.next()
    again.make(to="plain")
    letter = again.deliveries.write_letter(EN).read_text("utf-8")
    assert "Bakkerij" in letter
    assert [one in letter for one in sentences] == [False, False, False]


def test_what_was_accepted_for_one_client_is_not_said_at_the_backup_of_another(ready: Workspace) -> None:
    ready.add_client("Slagerij Prins", "87654321")
    ready.create(8, "Slagerij Prins", client="87654321")
    ready.add_user(HENK, 8)
    screen = importing(ready, ready.issue("stranger.lic", number="KL-9", kvk="99999999"))
    form = screen.form
    form.next()
    form.accept("kvk-differs")
    assert all((form.finish(), form.continue_to_backup()))
    assert CONFIRMED in visible_text(screen)
    assert all((form.previous(), form.ask_undo(), form.confirm_undo(), form.restart()))
    form.choose_administration(8)
    form.choose_file(ready.issue("other.lic", number="KL-8", kvk="88888888"))
    form.choose_user(HENK)
    form.next()
    form.accept("kvk-differs")
    assert all((form.finish(), form.continue_to_backup()))
    assert "Confirmed at the import: The licence is for KvK number 88888888; the client has 87654321." in visible_text(screen)
    assert KVK_DIFFERS not in visible_text(screen)
