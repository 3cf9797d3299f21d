"""Nothing half done is lost unasked: a form that was cancelled goes on where it was, in each wizard; what was done is not done again."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import accountools.forms
from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.form import Form
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.links import TypedFields
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.books.view import books_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.table import PAGE
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.forms.screens.users.view import users_screen
from accountools.forms.start import Opening
from accountools.office import Office
from accountools.texts import Texts
from tests.book_files import YEAR_2024, YEAR_2025
from tests.test_forms_screen import field, press, shown_widgets, visible_text
from tests.workspace import HENK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
EN = Texts("en")
RESUME = "Go on where you were"


def opened(desk: Workspace) -> Office:
    return Office.open(desk.office, CLOCK)


def typed(screen: Any) -> TypedFields:
    """What the screen tells the browser of what is to be kept."""
    (found,) = (one for one in shown_widgets(screen.widget) if isinstance(one, TypedFields))
    return found


def test_an_import_that_was_cancelled_goes_on_where_it_was(ready: Workspace) -> None:
    screen = client_licence_screen(opened(ready), EN)
    form, path = screen.form, ready.issue("renewed.lic", number="KL-2042")
    form.choose_administration(7)
    form.choose_file(path)
    form.choose_user(HENK)
    assert form.next()
    assert form.cancel()
    assert "Nothing was imported or changed" in visible_text(screen)
    press(screen, RESUME)
    assert (form.wizard.current.name, form.fields.file, form.fields.login, form.ended) == ("details", path, HENK, "")
    assert form.finish()
    assert form.close()
    assert RESUME not in visible_text(screen)  # it is done
    assert not form.resume()
    assert form.restart()
    assert form.fields.file is None


def test_a_restore_that_was_cancelled_goes_on_where_it_was(ready: Workspace) -> None:
    backup = ready.backup(7, "--purpose", "safekeeping", "--plain")
    screen = restore_backup_screen(opened(ready), EN)
    screen.form.choose_file(backup)
    assert screen.form.cancel()
    press(screen, RESUME)
    assert (screen.form.backup.file, screen.form.ended) == (backup, "")


def test_ticked_administrations_are_still_ticked_after_a_cancel(ready: Workspace) -> None:
    screen = make_backups_screen(opened(ready), EN)
    screen.form.tick([7])
    assert screen.form.next()
    assert screen.form.cancel()
    press(screen, RESUME)
    form = screen.form
    assert (list(form.list.ticked), form.wizard.current.name, form.ended) == ([7], "make", "")


def test_f5_keeps_the_ticks_of_all_pages_and_the_purpose(tmp_path: Path) -> None:
    demo = create_demo(tmp_path / "office", CLOCK, clients=60, lines=0)
    screen, again = make_backups_screen(demo.office, EN), make_backups_screen(demo.office, EN)
    screen.form.choose_purpose("safekeeping")
    screen.form.tick_found()
    first, *others = sorted(screen.form.list.ticked)
    assert len(others) > PAGE
    screen.form.tick([first], yes=False)
    again.form.tick([first])  # as the address asks, which is opened again
    come_back(again, typed(screen).state)
    assert (sorted(again.form.list.ticked), again.form.purpose) == (others, "safekeeping")


def test_f5_ticks_nothing_that_can_not_be_made_any_more(ready: Workspace) -> None:
    screen = make_backups_screen(opened(ready), EN)
    screen.form.tick([7])
    state = typed(screen).state
    ready.ok("user", "deactivate", "--administration", 7, HENK)
    again = make_backups_screen(opened(ready), EN)
    come_back(again, state)
    assert (again.form.list.ticked, again.form.feedback.reason) == (frozenset(), None)


def test_f5_keeps_whose_books_are_read_of_which_year_and_to_which_day(ready: Workspace) -> None:
    ready.create(9, "Auditfile", chart=None)
    for year in (YEAR_2024, YEAR_2025):
        path = year.write(ready.folder / f"{year.label}.xaf")
        words = [word for code in ("auditfile-invalid", "opening-differs") for word in ("--accept", code)]
        ready.ok("auditfile", "import", path, "--administration", 9, *words, "--confirm")
    screen, again = books_screen(opened(ready), EN), books_screen(opened(ready), EN)
    for one in (screen, again):
        one.form.start = run_now
    screen.form.choose_administration(7)
    screen.form.open_part("vat")
    screen.form.choose_administration(9)
    screen.form.choose_year("2024")
    screen.form.choose_until(date(2024, 11, 30))
    again.form.choose_administration(7)  # as the address asks, which is opened again
    come_back(again, typed(screen).state)
    form = again.form
    assert (form.number, form.year, form.until, form.wizard.current.name) == (9, "2024", date(2024, 11, 30), "vat")
    assert form.vat.report is not None
    assert (form.vat.report.year, form.vat.report.until) == ("2024", "2024-11-30")


def test_f5_keeps_an_email_that_was_changed_with_the_backup_that_it_is_about(ready: Workspace) -> None:
    """What is written for each backup is no input: no other backup's email is written over by it."""
    ready.ok("administration", "copy", 7, 8, "--description", "Filiaal")
    for number in (7, 8):
        ready.backup(number, "--plain")

    def email(screen: Any, place: int) -> Any:
        screen.form.choose(place)
        return field(screen, "For the email")

    screen = backups_screen(opened(ready), EN)
    written = email(screen, 1).value
    email(screen, 0).value = "Dear branch,"
    assert email(screen, 1).value == written
    assert email(screen, 0).value == "Dear branch,"
    again = backups_screen(opened(ready), EN)
    come_back(again, typed(screen).state)
    assert [email(again, place).value for place in (1, 0)] == [written, "Dear branch,"]
    email(again, 0).value = ""
    assert email(again, 1).value == written
    assert "008" in email(again, 0).value
    come_back(last := backups_screen(opened(ready), EN), typed(again).state)
    assert email(last, 0).value != "Dear branch,"


def come_back(screen: Any, state: dict[str, Any]) -> None:
    """What the browser kept, as it gives it back."""
    typed(screen)._receive(None, {"returned": state}, None)


def test_where_nothing_is_planned_there_is_nothing_to_confirm(ready: Workspace) -> None:
    for build in (client_licence_screen, restore_backup_screen, menu_screen, books_screen, users_screen):
        form = build(opened(ready), EN).form
        assert (form.accept("kvk-differs"), form.accepted) == (False, frozenset())


@pytest.mark.parametrize("name", ["previous", "cancel", "close", "restart", "resume", "accept"])
def test_no_form_hides_what_the_frame_of_each_screen_presses(name: str) -> None:
    for module in pkgutil.walk_packages(accountools.forms.__path__, "accountools.forms."):
        importlib.import_module(module.name)
    assert len(all_forms := list(subclasses(Form))) > 10
    assert [form.__name__ for form in all_forms if getattr(form, name) is not getattr(Form, name)] == []


def subclasses(form: type[Form]) -> Iterator[type[Form]]:
    for one in form.__subclasses__():
        yield one
        yield from subclasses(one)


@pytest.mark.parametrize("task", ["make", "copy"])
def test_a_task_of_the_administrations_goes_on_where_it_was(task: str, ready: Workspace) -> None:
    form = administrations_screen(opened(ready), EN).form
    form.choose(7)
    form.start_task(task)
    form.task.set_description("Half a name")
    assert form.task.cancel()
    assert form.task is None
    assert form.start_task(task)
    assert form.task.fields.description.typed == "Half a name"
    assert form.task.ended == ""


def test_another_administration_is_copied_anew(ready: Workspace) -> None:
    ready.create(8, "Andere")
    form = administrations_screen(opened(ready), EN).form
    form.choose(7)
    form.start_task("copy")
    form.task.set_description("Half a name")
    form.task.cancel()
    form.choose(8)
    form.start_task("copy")
    assert form.task.fields.description.typed != "Half a name"


def test_the_renewal_of_the_own_licence_goes_on_where_it_was(ready: Workspace) -> None:
    screen, path = menu_screen(opened(ready), EN), ready.issue_own("newer.lic", users=12)
    screen.form.open_own_licence()
    screen.form.choose_file(path)
    assert screen.form.cancel()
    assert screen.form.open_own_licence()
    assert screen.form.file == path
    assert screen.form.next()
    assert screen.form.renew()
    screen.form.open_own_licence()
    assert screen.form.file is None


def test_an_office_that_is_half_set_up_is_still_there_after_a_cancel(tmp_path: Path) -> None:
    opening = Opening(tmp_path / "office", CLOCK, EN)
    opening.set_up()
    opening.setup.choose("licence", tmp_path / "own.lic")
    opening._refresh()  # *Annuleren*
    opening.set_up()
    assert opening.setup.files["licence"] == tmp_path / "own.lic"


def test_the_browser_keeps_what_is_half_done_and_nothing_of_what_was_done(ready: Workspace) -> None:
    """After F5 or Back it fills in again what it kept."""
    screen = client_licence_screen(opened(ready), EN)
    form, kept = screen.form, typed(screen)
    assert (kept.keeps, kept.place, kept.working) == (True, "file", False)
    form.choose_administration(7)
    form.choose_file(ready.issue("renewed.lic", number="KL-2042"))
    form.choose_user(HENK)
    form.next()
    assert (kept.keeps, kept.place) == (True, "details")
    form.cancel()
    assert kept.keeps
    form.resume()
    form.finish()
    assert not kept.keeps  # it is imported: after F5 one begins anew
    form.close()
    assert not kept.keeps
    assert typed(users_screen(opened(ready), EN)).keeps  # a new user that is being typed
    assert not typed(menu_screen(opened(ready), EN)).keeps


def test_each_screen_of_each_office_keeps_its_own(ready: Workspace) -> None:
    ready.create_client_office()
    client = Office.open(ready.client_office, CLOCK)
    screens = (client_licence_screen(opened(ready), EN), users_screen(opened(ready), EN), users_screen(client, EN))
    assert len({typed(screen).key for screen in screens}) == 3


def test_the_browser_knows_that_a_batch_is_being_made(ready: Workspace) -> None:
    """Leaving asks first then: by a link, F5, or closing the tab."""
    jobs: list[Any] = []
    screen = make_backups_screen(opened(ready), EN)
    screen.form.start = jobs.append
    screen.form.tick([7])
    screen.form.next()
    assert not typed(screen).working
    assert isinstance(screen.form, MakeBackups)
    screen.form.make(to="plain")
    assert typed(screen).working
    jobs[0]()
    assert not typed(screen).working


def read_inbox(form: Any) -> None:
    assert form.open_inbox()


def import_inbox(form: Any) -> None:
    form.start = run_now
    assert form.open_inbox()
    form.start = form.later
    assert form.import_waiting()


def restore(form: Any) -> None:
    form.choose_file(next(form.office.folder_for("backups").glob("*.acb")))
    assert form.check()


def verify_journal(form: Any) -> None:
    form.open_part("journal")
    assert form.journal.check()


def check_backups(form: Any) -> None:
    assert form.check()


@pytest.mark.parametrize(
    ("build", "begin"),
    [
        (licences_screen, read_inbox),
        (licences_screen, import_inbox),
        (restore_backup_screen, restore),
        (office_screen, verify_journal),
        (backups_screen, check_backups),
    ],
)
def test_leaving_asks_while_any_job_runs(build: Any, begin: Any, ready: Workspace) -> None:
    ready.backup(7, "--purpose", "safekeeping", "--plain")
    ready.issue("office/inbox/renewal.lic", users=5)
    jobs: list[Any] = []
    screen = build(opened(ready), EN)
    screen.form.start = screen.form.later = jobs.append
    assert not typed(screen).working
    begin(screen.form)
    assert typed(screen).working
    jobs.pop()()
    assert not typed(screen).working


def test_the_browser_keeps_what_is_opened_before_it_shows_it(ready: Workspace) -> None:
    """Who presses F5 as soon as they see it returns to it."""
    screen = books_screen(opened(ready), EN)
    seen: list[tuple[Any, bool]] = []
    heading = "Convert an audit file"

    def note(change: Any) -> None:
        seen.append((change["new"], heading in visible_text(screen)))

    typed(screen).observe(note, "state")
    screen.form.open_part("convert")
    assert [(state["part"], shown) for state, shown in seen] == [("convert", False)]
    assert heading in visible_text(screen)
