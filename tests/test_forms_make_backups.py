"""The form of *Back-up maken*, walked without a browser: one, several, all; stopping between two; what goes wrong in between."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import ipywidgets
import pytest

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.domain.calendar import parse_moment
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.links import TypedFields
from accountools.forms.kit.navigation import IMPORT, MAKE, address
from accountools.forms.kit.wizard import State
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.run import Run, describe_run
from accountools.forms.screens.make_backups.table import PAGE
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.office import Office
from accountools.operations.backups import make_backups as make
from accountools.operations.backups import write
from accountools.texts import Texts
from tests.test_forms_menu import open_at, press_link
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.workspace import HENK, PIET, TODAY, Workspace

EN = Texts("en")
CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
NUMBERS = (7, 8, 9)


@pytest.fixture
def several(ready: Workspace) -> Workspace:
    """An office with 007, 008 and 009 ready to hand over, and 010 without a licence."""
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number, "--description", f"Filiaal {number}")
    ready.create(10, "Nog niets")
    return ready


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase's lock without the seconds that it costs; what it locks is opened by nobody here."""
    from accountools.formats import encryption

    monkeypatch.setattr(
        encryption, "encryption_for_passphrase", lambda _: encryption.Encryption(encryption.generate_identity()[1], b"sealed")
    )


class Later:
    """Work that is not begun by itself, so that a test can look in between."""

    def __call__(self, job: Any) -> None:
        self.job = job


def opened(desk: Workspace, **kwargs: Any) -> MakeBackups:
    return MakeBackups(Office.open(desk.office, CLOCK), EN, **kwargs)


def planned(desk: Workspace, *numbers: int, **kwargs: Any) -> MakeBackups:
    form = opened(desk, **kwargs)
    assert form.tick(numbers or NUMBERS)
    assert form.next()
    return form


def made_of(desk: Workspace) -> list[int | None]:
    return [one["administration"] for one in desk.ok("backups", "list")["backups"]]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def why(form: MakeBackups) -> str:
    return form.wizard.buttons()[-1].why


def test_all_that_are_ready_by_one_tick_s9_s15(several: Workspace) -> None:
    form = opened(several)
    assert why(form) == "Tick at least one administration"
    assert not form.next()
    assert form.tick_found()
    assert form.list.ticked == set(map(AdministrationNumber, NUMBERS))
    assert form.next()
    assert made_of(several) == []
    assert form.make(to="plain")
    assert made_of(several) == [7, 8, 9]
    assert [line.split(": ")[-1] for line in describe_run(form, form.run)][:3] == ["made and tested with a test restore"] * 3
    assert list(describe_run(form, form.run))[-1] == "3 made, 0 refused, 0 not made"
    assert form.run.bytes[0] == form.run.bytes[1] > 0
    assert form.wizard.finished
    assert form.close()


def test_a_blocked_administration_shows_its_reason_and_the_screen_that_resolves_it_s10(several: Workspace) -> None:
    form = opened(several)
    row = next(row for row in form.list.rows if row.item.number == 10)
    assert (row.item.refused, row.state, row.obstacles[0].code, row.screen.notebook) == (True, "missing", "no-licence", IMPORT)
    form.tick([10])
    assert not form.list.ticked
    form.list.filter(showing="cannot")
    assert [int(one.item.number) for one in form.list.matching] == [10]
    form.list.filter("filiaal 8", "all")
    assert [int(one.item.number) for one in form.list.matching] == [8]


def test_a_safekeeping_backup_is_possible_where_a_hand_over_is_not(several: Workspace) -> None:
    form = opened(several)
    form.tick([7])
    assert form.choose_purpose("safekeeping")
    assert form.list.ticked == {7}
    form.tick([10])
    assert form.next()
    assert form.make(to="plain")
    assert [one["purpose"] for one in several.ok("backups", "list")["backups"]] == ["safekeeping"] * 2


def test_a_safekeeping_backup_is_rehearsed_even_when_the_clients_user_can_not_log_in(several: Workspace) -> None:
    several.ok("user", "deactivate", "--administration", 8, HENK)
    assert several.refused("backup", 8) == "user-inactive"
    form = opened(several)
    form.choose_purpose("safekeeping")
    assert form.tick([8])
    assert form.next()
    assert form.make(to="plain", rehearse=True)
    (made,) = form.run.made
    assert several.ok("rehearse", made.made.path)["entered"] is False
    several.add_user(PIET, 8, "--office-user")
    kept = several.backup(8, "--purpose", "safekeeping", "--rehearse")
    assert several.ok("rehearse", kept)["login"] == PIET


def test_a_client_s_public_key_is_offered_for_a_hand_over_and_a_warning_for_several(several: Workspace) -> None:
    recipient = several.ok("key", "new", several.folder / "key.txt")["recipient"]
    screen = make_backups_screen(Office.open(several.office, CLOCK), EN)
    form, shared = screen.form, "All these backups are encrypted to the same key"
    form.start = lambda job: job()
    for numbers in ([7, 8], [7]):
        form.tick([7, 8], yes=False)
        form.tick(numbers)
        assert form.next()
        form.encryption.option, form.encryption.key = "key", recipient
        form.choice_changed()
        assert (shared in visible_text(screen)) == (len(numbers) > 1)
        form.previous()
    assert form.next()
    assert form.make(to="key")
    (made,) = form.run.made
    assert several.ok("verify", made.made.path, "--identity", several.folder / "key.txt")["image_checked"]
    assert "only the key file that belongs to the public key you gave us opens it" in form.deliveries.email(EN)


def test_the_office_itself_is_always_encrypted(several: Workspace) -> None:
    recipient = several.ok("key", "new", several.folder / "key.txt")["recipient"]
    form = opened(several)
    assert form.choose_purpose("register")
    assert form.next()
    assert form.encryption.options == ("passphrase", "key")
    assert not form.make(to="plain")
    assert why(form) == "Type the passphrase twice"
    form.encryption.key = recipient
    assert form.make(to="key")
    assert made_of(several) == [None]
    assert next(describe_run(form, form.run)) == "The office itself: made"


def test_one_that_is_refused_keeps_no_other_from_being_made(several: Workspace) -> None:
    form = planned(several)
    several.ok("user", "deactivate", "--administration", 8, r"JANSEN\henk")
    assert form.make(to="plain")
    assert made_of(several) == [7, 9]
    assert [(int(one.number), one.refused[0].code) for one in form.run.refused] == [(8, "user-inactive")]
    assert "2 made, 1 refused, 0 not made" in list(describe_run(form, form.run))


def test_one_whose_books_vanished_is_refused_with_that_reason(several: Workspace) -> None:
    form = planned(several)
    (several.office / "administrations" / "00008.db").unlink()
    assert form.make(to="plain")
    assert made_of(several) == [7, 9]
    assert form.run.refused[0].refused[0].code == "books-missing"


def test_an_administration_changed_since_the_preview_is_refused(several: Workspace) -> None:
    form = planned(several)
    several.add_user(r"JANSEN\nieuw", 9)
    assert form.make(to="plain")
    assert [(int(one.number), one.refused[0].code) for one in form.run.refused] == [(9, "changed-meanwhile")]


def test_when_none_could_be_made_it_says_so_and_one_can_go_back(several: Workspace) -> None:
    form = planned(several, 8)
    several.ok("user", "deactivate", "--administration", 8, r"JANSEN\henk")
    form.make(to="plain")
    assert form.wizard.is_at("make", State.FAIL)
    assert why(form) == "None of these backups could be made"
    assert form.previous()
    assert not form.list.ticked


def test_stop_between_two_and_go_on_with_the_rest(several: Workspace) -> None:
    form = planned(several, start=(later := Later()))
    assert form.make(to="plain")
    assert form.wizard.is_at("make", State.ACTIVE)
    assert not form.wizard.buttons()[0].enabled
    assert [form.cancel(), form.close(), form.previous()] == [False] * 3
    assert form.run.step()
    assert (len(form.run.made), [int(number) for number, _, _ in form.run.rest]) == (1, [8, 9])
    assert 0 < form.run.bytes[0] < form.run.bytes[1]
    assert form.stop()
    later.job()
    assert made_of(several) == [7]
    assert files(several.office / "work") == []
    assert len(files(several.office / "backups")) == 1
    assert form.wizard.is_at("make", State.SUCCESS)
    assert form.make_rest()
    assert [int(item.number) for item in form.plan.items] == [8, 9]
    assert form.make(to="plain")
    later.job()
    assert made_of(several) == [7, 8, 9]
    assert not form.make_rest()


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize(("way", "rehearse"), [("plain", False), ("plain", True), ("passphrase", False)])
def test_stopped_while_one_is_made_nothing_of_that_one_exists(
    several: Workspace, way: str, rehearse: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accountools.forms.screens.make_backups.run.OFTEN", -1)
    form = planned(several, start=(later := Later()))
    assert form.make(to=way, passphrase="correct horse", rehearse=rehearse)
    seen, first = [], form.run

    def stops_in_the_second() -> None:
        run = form.run
        if run is first:
            seen.append(run.bytes[0])
            if not run.stopping and len(run.results) == 1 and run.bytes[0] > run.results[0].bytes:
                form.stop()

    form.subscribe(stops_in_the_second)
    later.job()
    assert len(set(seen)) > 2
    assert made_of(several) == [7]
    assert [int(number) for number, _, _ in form.run.rest] == [8, 9]
    assert (form.feedback.code, form.run.failure, form.run.refused) == (None, None, ())
    assert files(several.office / "work") == []
    assert len(files(several.office / "backups")) == 1
    assert several.ok("repair")["found"] == []
    assert form.make_rest()
    assert form.make(to=way, passphrase="correct horse")
    later.job()
    assert made_of(several) == [7, 8, 9]


def test_a_double_click_makes_them_once(several: Workspace) -> None:
    form = planned(several, 7, start=(later := Later()))
    assert [form.make(to="plain"), form.make(to="plain")] == [True, False]
    later.job()
    assert not form.make(to="plain")
    assert made_of(several) == [7]
    assert [form.next(), form.tick([8])] == [False, False]


def test_how_long_it_still_takes() -> None:
    seconds = iter([0.0, 0.0, 30.0])
    results = (one for one in (backing_up_result(7, 100), backing_up_result(8, 300)))
    run = Run(
        tuple((AdministrationNumber(number), "x", size) for number, size in ((7, 100), (8, 300))), lambda _: results, lambda: next(seconds)
    )
    assert run.seconds_left is None
    assert run.step()
    assert (run.bytes, run.seconds_left) == ((100, 400), 90.0)


def backing_up_result(number: int, size: int) -> Any:
    from accountools.forms.screens.make_backups.run import Result

    return Result(AdministrationNumber(number), "x", size)


def test_a_folder_that_can_not_be_written_stops_it_and_nothing_is_half_done(several: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    full = iter([None, None, OSError(28, "full", "/x"), None, None])
    written = write.write_container

    def writes(*args: Any) -> Any:
        error = next(full)
        if error is not None:
            raise error
        return written(*args)

    monkeypatch.setattr(write, "write_container", writes)
    form = planned(several)
    assert not form.make(to="plain")
    assert (form.feedback.code, form.feedback.action.name) == ("disk-full", "retry")
    assert made_of(several) == [7, 8]
    assert len(files(several.office / "backups")) == 2
    assert form.wizard.is_at("make", State.FAIL)
    assert not form.previous()
    assert form.resolve("retry")
    assert form.feedback.code is None
    assert [int(item.number) for item in form.plan.items] == [9]
    assert form.make(to="plain")
    assert made_of(several) == [7, 8, 9]


def test_a_missing_folder_is_reported_and_all_choices_stay(several: Workspace) -> None:
    form = planned(several)
    assert not form.make(to="plain", folder=several.folder / "no" / "such", rehearse=False)
    assert form.feedback.code == "file-not-found"
    assert form.wizard.is_at("make", State.FAIL)
    form.encryption.folder = several.folder
    form.choice_changed()
    assert (form.feedback.code, form.encryption.option, form.encryption.rehearse) == (None, "plain", False)
    assert form.make()
    assert len(list(several.folder.glob("*.acb"))) == 3


def test_a_licence_without_a_key_is_never_sent_open_by_mistake(several: Workspace) -> None:
    recipient = several.ok("key", "new", several.folder / "key.txt")["recipient"]
    several.import_licence(several.issue("keyed.lic", recipient=recipient, number="KL-9"), 8)
    form = planned(several)
    assert form.encryption.option == "licence"
    assert set(form.without_key) == {7, 9}
    assert not form.make()
    assert why(form).startswith("Not every licence contains a key")
    assert form.exclude_keyless()
    assert form.make()
    assert [(one["administration"], one["encrypted"]) for one in several.ok("backups", "list")["backups"]] == [(8, True)]


def test_a_licence_that_another_replaced_by_one_without_a_key_is_not_handed_over(several: Workspace) -> None:
    recipient = several.ok("key", "new", several.folder / "key.txt")["recipient"]
    several.import_licence(several.issue("keyed.lic", recipient=recipient, number="KL-9"), 8)
    form = planned(several, 8)
    assert form.encryption.option == "licence"
    several.import_licence(several.folder / "client.lic", 8)
    assert form.make()
    assert [one.refused[0].code for one in form.run.refused] == ["changed-meanwhile"]
    assert made_of(several) == []


def test_the_client_s_own_office_makes_backups_to_keep(ready: Workspace) -> None:
    office = ready.create_client_office()
    form = MakeBackups(Office.open(office, CLOCK), EN)
    assert form.purposes == ("safekeeping", "register")


def test_it_comes_ticked_from_another_screen(several: Workspace) -> None:
    screen = open_at(make_backups_screen(Office.open(several.office, CLOCK), EN), address(MAKE, administration=8))
    assert screen.form.list.ticked == {8}
    assert opened(several).list.ticked == set()


def test_pages_of_a_large_office(tmp_path: Path) -> None:
    demo = create_demo(tmp_path / "office", CLOCK, clients=60, lines=0)
    form = MakeBackups(demo.office, EN)
    assert (len(form.list.on_page), form.list.pages) == (PAGE, 3)
    form.list.turn(9)
    assert form.list.page == 2
    form.tick_found()
    everything = len(form.list.ticked)
    form.list.filter(search="bakkerij")
    assert form.list.page == 0
    form.tick_found(yes=False)
    assert 0 < len(form.list.ticked) < everything


def test_results_one_by_one_equal_the_results_at_once(several: Workspace) -> None:
    office = Office.open(several.office, CLOCK)
    plan = office.plan_backup([10, 7, 8])
    results = list(make.make_backups(office, plan))
    assert [(int(one.item.number), one.made is not None) for one in results] == [(10, False), (7, True), (8, True)]
    outcome = office.apply(office.plan_backup([10, 7]))
    assert ([int(number) for number, _ in outcome.refused], len(outcome.made), outcome.stopped) == ([10], 1, None)


def test_in_a_thread_a_listener_is_notified_of_each_backup(several: Workspace) -> None:
    form, over, seen = planned(several, start=run_in_thread), Event(), list[int]()

    def listen() -> None:
        if form.run is not None:
            seen.append(len(form.run.results))
            if form.run.over:
                over.set()

    form.subscribe(listen)
    assert form.make(to="plain")
    assert over.wait(60)
    assert sorted(set(seen)) == [0, 1, 2, 3]
    assert made_of(several) == [7, 8, 9]


# The screen


@pytest.fixture
def screen(several: Workspace, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("accountools.forms.screens.make_backups.view.run_in_thread", lambda job: job())
    return make_backups_screen(Office.open(several.office, CLOCK), EN)


def ticks(screen: Any) -> Iterator[Any]:
    return (one for one in shown_widgets(screen.widget) if type(one).__name__ == "Checkbox")


def test_the_screen_through_the_whole_workflow(screen: Any, several: Workspace) -> None:
    assert [(one.description.split()[0], one.disabled) for one in ticks(screen)] == [
        ("007", False),
        ("008", False),
        ("009", False),
        ("010", True),
    ]
    assert "No licence of Bakkerij Jansen has been imported yet." in visible_text(screen)
    press(screen, "Tick all listed")
    next(ticks(screen)).value = False
    assert "2 ticked" in visible_text(screen)
    press(screen, "Next")
    assert "008 Filiaal 8, 009 Filiaal 9" in visible_text(screen)
    assert "All these backups get the same passphrase" in visible_text(screen)
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = "plain"
    assert "Anyone who gets hold of the file can read the books" in visible_text(screen)
    press(screen, "Make backups")
    assert "2 made, 0 refused, 0 not made" in visible_text(screen)
    assert made_of(several) == [8, 9]
    press(screen, "Close")
    press(screen, "Make backup")
    assert "0 ticked" in visible_text(screen)


def test_a_row_links_to_the_screen_that_resolves_it(screen: Any, several: Workspace) -> None:
    assert press_link(screen, "Import client licence") == address(IMPORT, administration=10)


def test_reload_shows_obstacles_resolved_elsewhere(screen: Any, several: Workspace) -> None:
    screen.form.tick([7])
    several.add_user(r"JANSEN\els", 10)
    several.import_licence(several.folder / "client.lic", 10, r"JANSEN\els")
    press(screen, "Reload")
    assert not any(one.disabled for one in ticks(screen))
    assert screen.form.list.ticked == {7}


def test_the_passphrase_is_emptied_at_once_and_is_in_no_saved_notebook(screen: Any, several: Workspace, tmp_path: Path) -> None:
    secret = "correct horse battery"
    screen.form.tick([7])
    press(screen, "Next")
    words, again = field(screen, "Passphrase"), field(screen, "Repeat the passphrase")
    words.value = secret
    assert button(screen, "Make backups").disabled
    again.value = secret
    seen: list[str] = []
    screen.form.subscribe(lambda: seen.append(words.value + again.value))
    press(screen, "Make backups")
    assert set(seen) == {""}
    state = ipywidgets.Widget.get_manager_state()
    notebook = {
        "cells": [],
        "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": state}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    saved = tmp_path / "saved.ipynb"
    saved.write_text(json.dumps(notebook, default=str), "utf-8")
    assert secret not in saved.read_text("utf-8")
    assert "made and tested with a test restore" in saved.read_text("utf-8")
    assert secret not in repr([vars(screen.form), vars(screen.form.encryption), vars(screen.form.run)])
    assert several.ok("backups", "list")["backups"][0]["encrypted"]


def test_another_step_empties_the_passphrase(screen: Any) -> None:
    screen.form.tick([7])
    press(screen, "Next")
    words = field(screen, "Passphrase")
    words.value = field(screen, "Repeat the passphrase").value = "correct horse"
    press(screen, "Previous")
    assert words.value == ""
    assert screen.form.list.ticked == {7}
    press(screen, "Next")
    assert button(screen, "Make backups").disabled


def test_at_work_it_shows_the_progress_and_can_be_stopped(several: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    later = Later()
    monkeypatch.setattr("accountools.forms.screens.make_backups.view.run_in_thread", later)
    screen = make_backups_screen(Office.open(several.office, CLOCK), EN)
    screen.form.tick(NUMBERS)
    press(screen, "Next")
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = "plain"
    press(screen, "Make backups")
    assert "Making the backup: 007 Bakkerij Jansen" in visible_text(screen)
    assert "0 of 3" in visible_text(screen)
    screen.form.run.step()
    screen.form.changed()
    assert "1 of 3" in visible_text(screen)
    assert "about" in visible_text(screen)
    assert next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "FloatProgress").value > 0
    press(screen, "Stop")
    assert "Stopping; this backup is not made: 008 Filiaal 8" in visible_text(screen)
    press(screen, "nl")
    later.job()
    assert "1 gemaakt" in visible_text(screen)
    press(screen, "Overige back-ups maken")
    assert made_of(several) == [7]


@pytest.mark.parametrize("day", ["2026-11-24", "2027-12-01", "2031-01-02"])
def test_an_administration_has_the_same_state_here_as_in_the_overview(day: str, tmp_path: Path) -> None:
    """Also what was confirmed at the import, or what the days did since."""
    clock = system_clock(parse_moment(f"{day}T12:00:00Z").date())
    office = Office.open(create_demo(tmp_path / "office", CLOCK, clients=24, lines=0).office.folder, clock)
    here = {row.item.number: row.state for row in MakeBackups(office, EN).list.rows}
    there = {row.number: row.state for row in office.audit().rows if row.number is not None}
    assert here == there
    assert {*here.values()} >= ({"missing", "blocked", "attention", "ready"} if day == TODAY else {"missing", "blocked"})


def test_the_reason_of_what_was_confirmed_is_shown_and_it_can_still_be_made(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create()
    licence = empty_office.issue("client.lic", licensee="Bakkerij Jansen Holding")
    empty_office.ok("licence", "import", licence, "--administration", 7, "--user", HENK, "--user-name", "Henk", "--accept", "name-differs",
        "--confirm")  # fmt: skip
    form = MakeBackups(Office.open(empty_office.office, CLOCK), EN)
    (row,) = form.list.rows
    assert (row.state, [one.code for one in row.obstacles], row.item.refused) == ("attention", ["name-differs"], False)
    assert "in the name of “Bakkerij Jansen Holding”" in visible_text(make_backups_screen(form.office, EN))
    assert all((form.tick([7]), form.next(), form.make(to="plain")))
    assert form.run is not None
    assert form.run.made


# For whom a key was pasted


def with_key(form: MakeBackups, desk: Workspace) -> str:
    """Paste a client's public key; gives it."""
    recipient = desk.ok("key", "new", desk.folder / f"{len(list(desk.folder.iterdir()))}.txt")["recipient"]
    form.encryption.option, form.encryption.key = "key", recipient
    form.choice_changed()
    return str(recipient)


def tick_only(form: MakeBackups, *numbers: int) -> None:
    form.tick(NUMBERS, yes=False)
    assert form.tick(numbers)


@pytest.mark.parametrize("others", [(8,), (7, 8)])
def test_a_key_that_was_pasted_for_one_client_is_not_that_of_another(several: Workspace, others: tuple[int, ...]) -> None:
    form = planned(several, 7)
    with_key(form, several)
    assert form.previous()
    tick_only(form, *others)
    assert form.next()
    assert form.encryption.key == ""
    assert not form.make(to="key")
    assert why(form) == "Paste the key first (age1…)"
    assert made_of(several) == []


def test_a_key_stays_for_those_for_whom_it_was_pasted(several: Workspace) -> None:
    form = planned(several, 7, 8, start=(later := Later()))
    key = with_key(form, several)
    assert form.previous()
    tick_only(form, 8, 7)
    assert form.next()
    assert form.encryption.key == key
    assert form.make(to="key", rehearse=False)
    assert form.run.step()
    assert form.stop()
    later.job()
    assert form.make_rest()
    assert (form.encryption.option, form.encryption.key) == ("key", key)


def test_leaving_those_out_whose_licence_holds_no_key_leaves_out_a_key_that_was_pasted(several: Workspace) -> None:
    recipient = several.ok("key", "new", several.folder / "key.txt")["recipient"]
    several.import_licence(several.issue("keyed.lic", recipient=recipient, number="KL-9"), 8)
    form = planned(several)
    with_key(form, several)
    form.encryption.option = "licence"
    assert form.exclude_keyless()
    assert (form.encryption.option, form.encryption.key) == ("licence", "")


def test_f5_keeps_a_key_for_those_for_whom_it_was_pasted_only(several: Workspace) -> None:
    form = planned(several, 7)
    key = with_key(form, several)
    kept = json.loads(json.dumps(form.kept_state()))
    for numbers, expected in (((7,), key), ((8,), "")):
        again = opened(several)
        again.restore_state(kept)
        assert again.kept_state() == kept
        tick_only(again, *numbers)
        assert again.next()
        assert again.encryption.key == expected
    assert form.previous()
    tick_only(form, 8)
    again = opened(several)
    again.restore_state(form.kept_state())
    again.changed()
    assert again.next()
    assert (again.list.ticked, again.encryption.key) == ({8}, "")


def test_the_browser_fills_in_no_key_by_itself(screen: Any) -> None:
    """It would after F5, whoever is ticked by then."""
    screen.form.tick([7])
    screen.form.next()
    screen.form.encryption.option = "key"
    screen.form.choice_changed()
    (row,) = (one for one in shown_widgets(screen.widget) if "at-pasted-key" in one._dom_classes)
    assert field(screen, "Key") in shown_widgets(row)
    assert ".at-pasted-key" in TypedFields._esm


# Stopped before the first was made


def test_a_batch_of_which_none_was_made_is_cancelled_and_says_so(screen: Any, several: Workspace) -> None:
    form = screen.form
    form.start = (later := Later())
    form.tick(NUMBERS)
    assert form.next()
    assert form.make(to="plain", rehearse=False)
    assert form.stop()
    later.job()
    assert made_of(several) == []
    assert why(form) == "Stopped: none of these backups was made"
    press(screen, "Cancel")
    assert "No backup was made." in visible_text(screen)
    press(screen, "Go on where you were")
    press(screen, "Make the remaining backups")
    assert form.make(to="plain", rehearse=False)
    later.job()
    assert made_of(several) == [7, 8, 9]
    press(screen, "Close")
    assert "The backups that were made are listed under Manage backups." in visible_text(screen)


def test_what_was_made_before_the_rest_is_not_cancelled_with_that(screen: Any, several: Workspace) -> None:
    form = screen.form
    form.start = (later := Later())
    form.tick(NUMBERS)
    assert form.next()
    assert form.make(to="plain", rehearse=False)
    assert form.run.step()
    assert form.stop()
    later.job()
    assert form.make_rest()
    assert not form.cancel()
    assert form.make(to="plain", rehearse=False)
    assert form.stop()
    later.job()
    assert form.wizard.is_at("make", State.SUCCESS)
    press(screen, "Close")
    assert "No backup was made." not in visible_text(screen)
