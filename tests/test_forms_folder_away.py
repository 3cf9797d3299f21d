"""Each screen is still shown where a folder can't be reached: the right to it was withdrawn, or the share that it is on is down."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.books.view import books_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.form import PARTS
from accountools.forms.screens.office.view import office_screen
from accountools.forms.start import open_office
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_demonstration import SCREENS, at  # noqa: F401 - a fixture
from tests.test_forms_menu import links
from tests.test_forms_screen import CLOCK, press, visible_text
from tests.workspace import Workspace

EN = Texts("en")
CODES = {errno.EACCES: "not-permitted", errno.EIO: "machine-failed", errno.EHOSTDOWN: "machine-failed"}
errors = pytest.mark.parametrize("error", CODES)


@contextmanager
def away(error: int, *folders: Path) -> Iterator[None]:
    """Let the system refuse everything in these folders, also to root: it isn't even known what is there."""

    def refusing(real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(path: Any = ".", *words: Any, **more: Any) -> Any:
            if isinstance(path, str | os.PathLike) and any(Path(os.fsdecode(path)).is_relative_to(folder) for folder in folders):
                raise OSError(error, os.strerror(error), os.fsdecode(path))
            return real(path, *words, **more)

        return ask

    with pytest.MonkeyPatch.context() as patch:
        for name in ("stat", "lstat", "listdir", "scandir", "open", "mkdir"):
            patch.setattr(os, name, refusing(getattr(os, name)))
        yield


@pytest.fixture
def shared(ready: Workspace) -> Workspace:
    """An office whose inbox and backups are on a share, and that made a backup for its client and one of itself."""
    share = ready.folder / "share"
    for name in ("inbox", "backups"):
        (share / name).mkdir(parents=True)
        ready.ok("office", "set", f"--{name}", share / name)
    ready.issue("share/inbox/renewal.lic", users=5, valid_until="2028-12-31")
    ready.backup(7, "--plain")
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    ready.ok("backup", "--register", "--recipient", recipient, "--confirm")
    return ready


@errors
@pytest.mark.parametrize("make", [*SCREENS, books_screen, office_screen])
def test_each_screen_is_shown(make: Any, at: Any, shared: Workspace, error: int) -> None:  # noqa: F811
    at(shared.office, "today")
    with away(error, shared.folder / "share", shared.office / "exports", shared.office / "backups", Path.home() / "Downloads"):
        opening = open_office(CLOCK).show(make)
        assert opening.screen is not None
        assert "Accountancy" in links(opening)
        opening.screen.form.set_language("en")


@errors
def test_the_menu_says_that_the_inbox_can_not_be_read_and_has_its_links(shared: Workspace, error: int) -> None:
    office = Office.open(shared.office, CLOCK)
    assert "1 file is waiting in the inbox." in links(menu_screen(office, EN))
    with away(error, shared.folder / "share"):
        screen = menu_screen(office, EN)
    assert screen.form.feedback.code == CODES[error]
    assert "That didn't work" in visible_text(screen)
    assert {"Import client licence", "Make backup", "Office"} <= set(links(screen))
    with away(error, shared.folder / "share"):
        press(screen, "Try again")
        assert screen.form.feedback.code == CODES[error]
    press(screen, "Try again")
    assert "That didn't work" not in visible_text(screen)
    assert "1 file is waiting in the inbox." in links(screen)


@errors
def test_the_licences_are_listed_without_the_inbox(shared: Workspace, error: int) -> None:
    with away(error, shared.folder / "share"):
        screen = licences_screen(Office.open(shared.office, CLOCK), EN)
        assert screen.form.feedback.code == CODES[error]
        assert [one.licence.number for one in screen.form.rows] == ["AC-1001", "KL-2041"]
        assert "file is waiting" not in visible_text(screen)
    press(screen, "Reload")
    assert screen.form.feedback.code is None
    assert "1 file is waiting in the inbox." in visible_text(screen)
    with away(error, shared.folder / "share"):
        press(screen, "Reload")
        assert screen.form.feedback.code == CODES[error]
        assert "file is waiting" not in visible_text(screen)


@errors
def test_other_folders_are_chosen_while_the_present_ones_are_away(shared: Workspace, error: int) -> None:
    office = Office.open(shared.office, CLOCK)
    with away(error, shared.folder / "share"):
        screen = office_screen(office, EN)
        for part in PARTS:
            assert screen.form.open_part(part.name)
        assert screen.form.open_part("folders")
        assert screen.form.folders.condition() == ("attention", "the folder of the backups is missing")
        press(screen, "Look up the folder")
        assert screen.form.feedback.code is None
        assert screen.form.folders.choose_inbox(shared.folder / "received")
        assert screen.form.folders.choose_backups(shared.folder / "kept")
        assert screen.form.folders.use()
        assert menu_screen(office, EN).form.feedback.code is None


@errors
def test_a_backup_that_was_made_is_shown_when_its_stick_is_pulled_out(shared: Workspace, error: int) -> None:
    office = Office.open(shared.office, CLOCK)
    screen = make_backups_screen(office, EN)
    screen.form.start = lambda job: job()
    screen.form.tick([7])
    screen.form.next()
    assert screen.form.make(to="plain", rehearse=False)
    with away(error, shared.folder / "share"):
        screen.form.set_language("nl")
        assert screen.form.run.made[0].made.path.name in visible_text(screen)
        kept = backups_screen(office, EN)
        assert kept.form.choose(0)
        assert (kept.form.deliveries, kept.form.feedback.code) == (None, None)


def test_a_screen_that_can_not_be_built_says_why(at: Any, ready: Workspace) -> None:  # noqa: F811
    def fail(*_: Any) -> Any:
        raise OSError(errno.EIO, "broken")

    at(ready.office, "today")
    opening = open_office(CLOCK).show(fail)
    assert opening.feedback.code == "machine-failed"
    assert Texts("nl")("The office can't be opened") in visible_text(opening)
    opening.show(menu_screen)
    assert "Accountancy" in links(opening)
