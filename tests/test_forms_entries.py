"""The part *Boekingen inlezen* of the screen of the books, walked without a browser: as the command `entries import` does it."""

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.books.form import Bookkeeping
from accountools.forms.screens.books.view import books_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.engines import add_book_row
from tests.test_entries_import import GOOD, sql, table
from tests.test_forms_screen import press, visible_text
from tests.workspace import TODAY, Workspace


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    add_book_row(ready.office, 7, "relations", code="C1", name="Kantoorvakhandel Inkt", kind="C", city="")
    return ready


def opened(desk: Workspace) -> Bookkeeping:
    form = Bookkeeping(Office.open(desk.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())), Texts("en"))
    assert form.choose_administration(7), form.feedback
    assert form.open_part("entries")
    return form


def posted(desk: Workspace) -> list[tuple[str, str]]:
    return sql(desk, "SELECT journal, number FROM entries ORDER BY id")


def test_entries_are_shown_and_posted_as_they_were_shown(desk: Workspace) -> None:
    form = opened(desk)
    assert (form.entries.missing(), posted(desk)) == ("Choose a file with entries first", [])
    form.entries.choose(table(desk, *GOOD))
    plan = form.entries.file.value
    assert plan is not None, form.entries.file.error
    assert ([one.number for one in plan.entries], plan.new_years, posted(desk)) == (["26-1", "26-1"], ("2026",), [])
    assert form.entries.post(), form.feedback
    assert posted(desk) == [("70", "26-1"), ("20", "26-1")]
    assert (form.year, form.entries.missing()) == ("2026", "Choose a file with entries first")
    assert not form.entries.post()
    assert "entries-imported" in [one["what"] for one in desk.ok("journal")["events"]]


def test_the_same_file_again_has_nothing_to_post_and_a_longer_one_posts_the_rest(desk: Workspace) -> None:
    form = opened(desk)
    form.entries.choose(table(desk, *GOOD[:3]))
    assert form.entries.post()
    form.entries.choose(table(desk, *GOOD[:3]))
    assert form.entries.missing() == "These entries are already in the books"
    form.entries.choose(table(desk, *GOOD))
    assert form.entries.file.value is not None
    assert (form.entries.file.value.present, form.entries.post()) == (1, True)
    assert posted(desk) == [("70", "26-1"), ("20", "26-1")]


def test_all_that_is_wrong_is_shown_by_line_and_nothing_is_posted(desk: Workspace) -> None:
    form = opened(desk)
    form.entries.choose(table(desk, GOOD[0].replace("4500", "nope"), GOOD[1].replace("2026-03-05", "yesterday"), GOOD[2]))
    assert form.entries.file.value is None
    assert [dict(one.facts)["line"] for one in form.entries.file.errors] == ["2", "3"]
    assert form.entries.missing() == "This file can't be used; choose another one"
    assert not form.entries.post()
    sql(desk, "INSERT INTO years (label, first_day, last_day, closed) VALUES ('2026', '2026-01-01', '2026-12-31', 1)")
    form.entries.choose(table(desk, *GOOD))
    assert form.entries.file.value is not None
    assert {one.code for one in form.entries.file.value.obstacles} == {"year-closed"}
    assert not form.entries.post()
    assert posted(desk) == []


def test_the_file_is_read_anew_for_other_books(desk: Workspace) -> None:
    """What was chosen for one administration is never posted in another as it was planned there."""
    desk.ok("administration", "create", 9, "--description", "Leeg")
    form = opened(desk)
    form.entries.choose(table(desk, *GOOD))
    assert form.entries.file.value is not None
    assert form.choose_administration(9)
    assert form.entries.file.value is None
    assert form.choose_administration(7)
    assert form.entries.file.value is not None
    assert (int(form.entries.file.value.number), posted(desk)) == (7, [])


def test_entries_are_never_posted_in_another_administration_than_the_one_on_the_screen(desk: Workspace) -> None:
    desk.ok("administration", "create", 9, "--description", "Weg")
    desk.lose_books(9)
    form = opened(desk)
    form.entries.choose(table(desk, *GOOD))
    assert not form.choose_administration(9)
    assert (form.feedback.code, form.entries.file.value, form.entries.post()) == ("books-missing", None, False)
    assert form.choose_administration(7)
    assert form.entries.file.value is not None
    form.open_part("vat")
    assert not form.choose_administration(9)
    assert (form.entries.missing(), form.entries.post()) == ("The file hasn't been read yet", False)
    assert posted(desk) == []


def test_the_screen_says_what_would_be_posted_and_what_was(desk: Workspace) -> None:
    screen = books_screen(Office.open(desk.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())), Texts("nl"))
    screen.form.start = run_now
    screen.form.choose_administration(7)
    screen.form.open_part("entries")
    screen.form.entries.choose(table(desk, *GOOD))
    assert "2 boekingen, 5 mutaties" in visible_text(screen)
    assert "In de boekhouding van administratie 007" in visible_text(screen)
    press(screen, "Boeken")
    assert "2 boekingen" in visible_text(screen)
    assert posted(desk) == [("70", "26-1"), ("20", "26-1")]
