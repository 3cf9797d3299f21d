"""The form of *Back-up maken* when a batch was interrupted: it says so, continues it as it was begun, or discards the rest."""

import base64
import os
from typing import Any

import pytest

import accountools as at
from accountools.forms.files.delivery import Deliveries
from accountools.forms.kit import navigation
from accountools.forms.kit.wizard import State
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.form import Menu
from accountools.forms.screens.menu.view import menu_screen
from accountools.office import Office
from accountools.operations.backups.groups import groups_of
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.retention import list_backups
from accountools.operations.backups.target import BackupTarget
from accountools.reports.letter import find_letter
from accountools.texts import Texts
from tests.engines import run_sql
from tests.test_batches import expect_one_each, killed
from tests.test_forms_make_backups import CLOCK, NUMBERS, Later, made_of, opened
from tests.test_forms_menu import links
from tests.test_forms_screen import button, press, visible_text
from tests.workspace import Workspace

EN = Texts("en")


@pytest.fixture
def four(ready: Workspace) -> Workspace:
    """An office with 007 to 010, ready to hand over."""
    for number in (8, 9, 10):
        ready.ok("administration", "copy", 7, number)
    return ready


@pytest.fixture
def interrupted(four: Workspace) -> Workspace:
    """That office when a batch of all four was killed in its third."""
    assert killed(four, "kill:before-link:3", "--to", four.folder / "out", "--plain").code == -9
    return four


def left_in(form: MakeBackups) -> list[int]:
    assert form.interrupted is not None
    return [int(number) for number in form.interrupted.missing]


def test_an_interrupted_batch_is_shown_and_resumed_with_its_choices(interrupted: Workspace) -> None:
    form = opened(interrupted)
    assert left_in(form) == [9, 10]
    assert form.resume_batch()
    assert [int(item.number) for item in form.plan.to_make] == [9, 10]
    choice = form.encryption
    assert (choice.option, choice.folder, choice.rehearse) == ("plain", interrupted.folder / "out", False)
    assert form.wizard.is_at("make", State.READY)
    assert form.make()
    assert len(form.run.made) == 2
    interrupted.ok("repair")
    expect_one_each(interrupted, interrupted.folder / "out")
    assert form.close()
    assert form.restart()
    assert form.interrupted is None
    assert run_sql(interrupted.office, "SELECT count(*) FROM batches") == [(0,)]


def test_a_second_press_resumes_nothing_and_previous_returns_to_the_list(interrupted: Workspace) -> None:
    form = opened(interrupted)
    assert [form.resume_batch(), form.resume_batch()] == [True, False]
    assert form.previous()
    assert (form.list.ticked, left_in(form)) == ({9, 10}, [9, 10])
    assert form.next()
    assert form.encryption.folder == interrupted.folder / "out"


def test_where_no_licence_holds_a_key_it_goes_on_without_and_says_so(four: Workspace) -> None:
    assert killed(four, "kill:before-link:2").code == -9
    form = opened(four)
    assert form.interrupted.encryption == "licence"
    assert form.resume_batch()
    assert (form.encryption.option, form.without_key) == ("plain", ())


def test_an_interrupted_batch_can_be_discarded(interrupted: Workspace) -> None:
    form = opened(interrupted)
    assert [form.discard_rest(), form.discard_rest(), form.resume_batch()] == [True, False, False]
    assert opened(interrupted).interrupted is None
    assert made_of(interrupted) == [7, 8]
    interrupted.ok("repair")
    assert interrupted.ok("backup", "--all-ready", "--resume")["planned"] == []


def test_what_was_discarded_after_all_is_made_as_a_batch_of_its_own(interrupted: Workspace) -> None:
    form = opened(interrupted)
    assert form.resume_batch()
    assert form.previous()
    assert form.discard_rest()
    assert form.next()
    assert form.make()
    assert [int(one.number) for one in form.run.made] == [9, 10]


@pytest.mark.usefixtures("light_passphrases")
def test_a_passphrase_is_kept_nowhere_and_asked_for_again(four: Workspace) -> None:
    words = "correct horse battery"
    first = opened(four, start=(later := Later()))
    assert first.tick((7, 8, 9, 10))
    assert first.next()
    assert first.make(to="passphrase", passphrase=words, rehearse=False)
    assert first.run.step()
    assert first.stop()
    later.job()
    ((signed,),) = run_sql(four.office, "SELECT signed FROM batches")
    assert words not in base64.urlsafe_b64decode(f"{signed.split('.')[1]}==").decode()
    form = opened(four)
    assert form.resume_batch()
    assert form.encryption.option == "passphrase"
    assert form.interrupted.encryption == "passphrase"
    assert not form.make()
    assert form.make(passphrase=words)
    assert [one.made.encrypted for one in form.run.made] == [True] * 3


@pytest.mark.usefixtures("light_passphrases")
def test_the_rest_of_a_batch_gets_passphrases_of_its_own_and_letters(four: Workspace) -> None:
    first = opened(four, start=(later := Later()))
    assert first.tick((7, 8, 9, 10))
    assert first.next()
    assert first.make(to="generated", rehearse=False)
    assert first.run.step()
    assert first.stop()
    later.job()
    screen = make_backups_screen(Office.open(four.office, CLOCK), EN)
    assert "encrypted with a generated passphrase, a different one for each client" in visible_text(screen)
    form = opened(four)
    assert form.resume_batch()
    assert form.encryption.option == "generated"
    assert form.make(rehearse=False)
    assert set(form.deliveries.letters) == {8, 9, 10}
    assert len(list((four.office / "exports").iterdir())) == 4


def test_to_the_key_that_it_was_begun_with(four: Workspace) -> None:
    recipient = four.ok("key", "new", four.folder / "key.txt")["recipient"]
    assert killed(four, "kill:before-link:2", "--recipient", recipient, "--rehearse").code == -9
    form = opened(four)
    assert form.resume_batch()
    assert (form.encryption.option, form.encryption.key, form.encryption.rehearse) == ("key", recipient, True)
    assert form.previous()
    assert form.next()
    assert form.make()
    assert [(one.made.encrypted, bool(one.made.rehearsed)) for one in form.run.made] == [(True, True)] * len(form.interrupted.missing)


def test_a_batch_stopped_on_the_screen_can_be_resumed_later(four: Workspace) -> None:
    form = opened(four, start=(later := Later()))
    assert form.tick((7, 8, 9, 10))
    assert form.next()
    assert form.make(to="plain")
    assert form.run.step()
    assert opened(four).interrupted is None  # it is being made
    assert four.refused("backup", "--all-ready", "--resume") == "office-busy"
    assert form.stop()
    later.job()
    assert form.close()
    again = opened(four)
    assert left_in(again) == [8, 9, 10]
    assert four.ok("backup", "--all-ready", "--resume", "--confirm")["planned"] == [8, 9, 10]
    four.ok("repair")
    expect_one_each(four, four.office / "backups")


def test_a_safekeeping_batch_is_resumed_as_such(four: Workspace) -> None:
    four.ok("user", "deactivate", "--administration", 9, r"JANSEN\henk")
    form = opened(four, start=(later := Later()))
    assert form.choose_purpose("safekeeping")
    assert form.tick(NUMBERS)
    assert form.next()
    assert form.make(to="plain", rehearse=False)
    assert form.run.step()
    assert form.stop()
    later.job()
    again = opened(four)
    assert (left_in(again), again.purpose) == ([8, 9], "handover")
    assert again.resume_batch()
    assert again.make()
    assert [one.made.purpose for one in again.run.made] == ["safekeeping"] * 2
    assert [int(one.number) for one in again.run.made] == [8, 9]


def test_what_can_not_be_made_any_more_is_refused_and_the_rest_is_made(interrupted: Workspace) -> None:
    interrupted.ok("user", "deactivate", "--administration", 9, r"JANSEN\henk")
    form = opened(interrupted)
    assert form.resume_batch()
    assert [int(item.number) for item in form.plan.refused] == [9]
    assert form.make()
    assert (len(form.run.made), len(form.run.refused)) == (1, 1)
    assert made_of(interrupted) == [7, 8, 10]
    assert opened(interrupted).interrupted is None


def test_a_batch_interrupted_when_all_was_made_has_nothing_to_resume(four: Workspace) -> None:
    assert killed(four, "kill:after-commit-register:13", "--plain").code == -9
    assert run_sql(four.office, "SELECT count(*) FROM batches") == [(1,)]
    assert sorted(made_of(four)) == [7, 8, 9, 10]
    assert opened(four).interrupted is None
    four.ok("repair")
    assert run_sql(four.office, "SELECT count(*) FROM batches") == [(0,)]


def test_an_unreadable_batch_record_is_reported_and_the_form_still_works(four: Workspace) -> None:
    run_sql(four.office, "INSERT INTO batches VALUES (1, 'x')")
    menu = Menu(Office.open(four.office, CLOCK), EN)
    assert (menu.feedback.code, menu.interrupted) == ("changed-meanwhile", None)
    form = opened(four)
    assert (form.feedback.code, form.interrupted) == ("changed-meanwhile", None)
    assert form.tick([7])
    assert form.next()


def test_the_python_interface_has_the_same(interrupted: Workspace) -> None:
    office = at.Office.open(interrupted.office, CLOCK)
    plan = office.plan_resume()
    assert [int(item.number) for item in plan.to_make] == [9, 10]
    assert [one.administration for one in office.apply(plan).made] == [9, 10]
    assert office.plan_resume() is None
    assert [int(item.number) for item in office.plan_all_ready().to_make] == [7, 8, 9, 10]
    office.discard_batch()


def test_of_two_who_resume_one_batch_on_the_screen_the_later_is_refused(interrupted: Workspace) -> None:
    first, second = opened(interrupted), opened(interrupted)
    assert first.resume_batch()
    assert second.resume_batch()
    assert first.make()
    for _ in range(2):
        assert second.make()
        assert (second.feedback.code, second.run.made) == ("changed-meanwhile", ())
        assert second.make_rest()
    interrupted.ok("repair")
    expect_one_each(interrupted, interrupted.folder / "out")


def test_the_rest_that_somebody_else_has_made_meanwhile_is_not_made_again(four: Workspace) -> None:
    form = opened(four, start=(later := Later()))
    assert form.tick((7, 8, 9, 10))
    assert form.next()
    assert form.make(to="plain")
    assert form.run.step()
    assert form.stop()
    later.job()
    assert four.ok("backup", "--all-ready", "--resume", "--confirm")["planned"] == [8, 9, 10]
    assert form.make_rest()
    assert form.make(to="plain")
    later.job()
    assert (form.feedback.code, form.run.made) == ("changed-meanwhile", ())
    four.ok("repair")
    expect_one_each(four, four.office / "backups")


def test_the_menu_shows_the_interrupted_batch_and_links_to_it(interrupted: Workspace) -> None:
    office = Office.open(interrupted.office, CLOCK)
    screen = menu_screen(office, EN)
    reported = "▲ A batch of backups was interrupted: 2 of 4 were not made."
    assert links(screen)[reported][2].href == navigation.address(navigation.MAKE)
    assert "Nothing needs your attention today" not in visible_text(screen)
    office.discard_batch()
    press(screen, "Reload")
    assert reported not in links(screen)


def test_the_screen_shows_the_interrupted_batch_and_resumes_it(interrupted: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountools.forms.screens.make_backups.view.run_in_thread", lambda job: job())
    screen: Any = make_backups_screen(Office.open(interrupted.office, CLOCK), EN)
    assert "A batch of backups was interrupted: 2 of 4 were not made." in visible_text(screen)
    assert f"with the same choices: not encrypted, in {interrupted.folder / 'out'}." in visible_text(screen)
    press(screen, "Make the remaining backups")
    assert "009 Bakkerij Jansen, 010 Bakkerij Jansen" in visible_text(screen)
    press(screen, "Make backups")
    assert "2 made, 0 refused, 0 not made" in visible_text(screen)
    press(screen, "Close")
    press(screen, "Make backup")
    assert "was interrupted" not in visible_text(screen)
    assert button(screen, "Next").disabled


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize("last", [8, 10])
def test_a_backup_of_which_the_letter_was_not_written_is_made_again(four: Workspace, last: int) -> None:
    """The program is killed between a backup and its letter: nobody knows its passphrase."""
    child = os.fork()
    if child == 0:
        try:
            write = Deliveries.write_letter
            Deliveries.write_letter = lambda one, texts: os._exit(9) if one.chosen.number == last else write(one, texts)  # type: ignore[method-assign]
            form = opened(four)
            form.tick((7, 8, 9, 10))
            form.next()
            form.make(to="generated", rehearse=False)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    if last == 10:
        four.ok("repair")  # which knows that it isn't finished
    form = opened(four)
    assert left_in(form) == [number for number in (8, 9, 10) if number >= last]
    assert form.resume_batch()
    assert form.make(rehearse=False)
    assert form.interrupted is not None
    assert opened(four).interrupted is None
    office = Office.open(four.office, CLOCK)
    newest = {one.record.administration: one.record for one in list_backups(office)}
    for record in newest.values():
        letter = find_letter(office, record)
        assert letter is not None
        assert letter.with_passphrase


def test_of_those_with_passphrases_of_their_own_each_is_committed_before_the_next(four: Workspace) -> None:
    items = plan_backup(Office.open(four.office, CLOCK), NUMBERS, BackupTarget()).to_make * 20
    assert {len(group) for group in groups_of(items, alone=True)} == {1}
