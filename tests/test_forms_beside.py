"""What is wrong with a field is shown beneath that field, where a screen reader reads it aloud; what is about none, above all."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.forms.screens.users.view import users_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_screen import field, press, shown_widgets, visible_text
from tests.workspace import HENK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
WRONG = "■ That didn't work"


def beneath(screen: Any, label: str) -> str:
    """What is shown in the group of a field, as text."""
    wanted = field(screen, label)
    groups = [one for one in shown_widgets(screen.widget) if wanted in getattr(one, "children", ())]
    return " ".join(str(one.value) for one in shown_widgets(groups[-1]) if type(one).__name__ == "HTML")


def live(screen: Any) -> Iterator[str]:
    """What is in the places that are read aloud."""
    for one in shown_widgets(screen.widget):
        if "at-live" in one._dom_classes:
            yield unescape(" ".join(str(inner.value) for inner in shown_widgets(one) if type(inner).__name__ == "HTML"))


def shown_once_beneath(screen: Any, label: str, text: str) -> None:
    assert text in beneath(screen, label), visible_text(screen)
    assert visible_text(screen).count(text) == 1
    assert any(text in one for one in live(screen))


@pytest.fixture
def users(ready: Workspace) -> Any:
    screen = users_screen(Office.open(ready.office, CLOCK), Texts("en"))
    screen.form.choose_administration(7)
    return screen


@pytest.mark.parametrize(
    ("login", "name", "employee", "label", "text"),
    [
        ("a\\b\\c", "Sanne", "", "Login name, as", "is not a valid login name"),
        (HENK, "Henk", "", "Login name, as", "already has a user"),
        ("sanne", "Sanne", "0", "Employee number", "is not an employee number"),
        ("sanne", "Sanne", "x", "Employee number", "is not an employee number"),
    ],
)
def test_a_new_user(users: Any, login: str, name: str, employee: str, label: str, text: str) -> None:
    for one, typed in (("Login name, as", login), ("Full name", name), ("Employee number", employee)):
        field(users, one).value = typed
    press(users, "Add user")
    assert WRONG in visible_text(users)
    shown_once_beneath(users, label, text)


def test_it_is_gone_as_soon_as_it_is_right(users: Any) -> None:
    field(users, "Login name, as").value, field(users, "Full name").value, field(users, "Employee number").value = "sanne", "Sanne", "0"
    press(users, "Add user")
    field(users, "Employee number").value = "12"
    press(users, "Add user")
    assert WRONG not in visible_text(users)
    assert "is added to administration 007" in visible_text(users)


@pytest.mark.parametrize(
    ("login", "name", "label", "text"), [("@", "Henk", "Login name", "is not a valid"), ("henk", " ", "Full name", "A name is missing")]
)
def test_a_new_user_at_the_import(empty_office: Workspace, login: str, name: str, label: str, text: str) -> None:
    empty_office.add_client()
    empty_office.create()
    screen = client_licence_screen(Office.open(empty_office.office, CLOCK), Texts("en"))
    field(screen, "Administration").value = "7"
    press(screen, "Create user")
    field(screen, "Login name").value, field(screen, "Full name").value = login, name
    press(screen, "Use this user")
    shown_once_beneath(screen, label, text)
    press(screen, "Don't create")  # the fields are closed: then it is above all
    assert beneath_nothing(screen, text)


def beneath_nothing(screen: Any, text: str) -> bool:
    return visible_text(screen).count(text) <= 1 and text not in beneath(screen, "Administration")


@pytest.mark.parametrize(
    ("name", "kvk", "label", "text"), [("Bakker", "123", "KvK number", "eight digits"), (" ", "12345679", "Name", "A name is missing")]
)
def test_a_new_client(ready: Workspace, name: str, kvk: str, label: str, text: str) -> None:
    screen = administrations_screen(Office.open(ready.office, CLOCK), Texts("en"))
    press(screen, "Create an administration")
    press(screen, "Create client")
    field(screen, "Name").value, field(screen, "KvK number").value = name, kvk
    press(screen, "Use this client")
    shown_once_beneath(screen, label, text)


def test_what_is_about_no_field_is_above_all(users: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountools.operations.register.users.add_user", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "full")))
    field(users, "Login name, as").value, field(users, "Full name").value = "sanne", "Sanne"
    press(users, "Add user")
    assert WRONG in " ".join(live(users))
    assert WRONG not in beneath(users, "Login name, as") + beneath(users, "Full name")


def test_a_wrong_passphrase(ready: Workspace) -> None:
    secret = ready.folder / "secret"
    secret.write_text("the right words for it")
    backup = ready.ok("backup", 7, "--passphrase-file", secret, "--confirm")["backups"][0]["path"]
    screen = restore_backup_screen(Office.open(ready.office, CLOCK), Texts("en"))
    screen.form.start = run_now
    screen.form.choose_file(backup)
    field(screen, "Passphrase").value = "some other words"
    press(screen, "Next")
    text = "This key or passphrase does not decrypt the file."
    assert visible_text(screen).count(text) == 1
    parts = [one for one in shown_widgets(screen.widget) if one is field(screen, "Passphrase") or text in str(getattr(one, "value", ""))]
    assert [type(one).__name__ for one in parts] == ["Password", "HTML"]  # beneath it, and nothing about it above
