"""On every screen with fields: what is wrong with one is shown beside it, and read aloud there; not above all, far from it."""

from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.administrations.form import TASKS
from accountools.forms.screens.administrations.view import administrations_screen
from accountools.forms.screens.audit.view import audit_screen
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.books.form import PARTS as BOOKS
from accountools.forms.screens.books.view import books_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.licences.view import licences_screen
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.form import PARTS as OFFICE
from accountools.forms.screens.office.view import office_screen
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.forms.screens.users.view import users_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_screen import field, press, shown_widgets, visible_text
from tests.test_handover import new_key
from tests.workspace import HENK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
WRONG, BLOCKED = "■ That didn't work", "■ "
KEY = "age1" + "q" * 58  # none
SECRET = "correct horse battery staple"


def shown(build: Callable[..., Any], desk: Workspace) -> Any:
    screen = build(Office.open(desk.office, CLOCK), Texts("en"))
    screen.form.start = run_now
    return screen


def office(desk: Workspace, part: str) -> Any:
    screen = shown(office_screen, desk)
    assert screen.form.open_part(part)
    return screen


def books(desk: Workspace, part: str) -> Any:
    screen = shown(books_screen, desk)
    screen.form.choose_administration(7)
    assert screen.form.open_part(part)
    return screen


def renewal(desk: Workspace) -> Any:
    screen = shown(menu_screen, desk)
    screen.form.open_own_licence()
    return screen


def importing(desk: Workspace) -> Any:
    screen = shown(client_licence_screen, desk)
    screen.form.choose_administration(7)
    return screen


def client_backup(desk: Workspace) -> Any:
    screen = importing(desk)
    screen.form.choose_file(desk.issue("renewal.lic", users=5, valid_until="2028-12-31"))
    screen.form.choose_user(HENK)
    for step in (screen.form.next, screen.form.finish, screen.form.continue_to_backup):
        assert step()
    return screen


def backups_to_make(desk: Workspace) -> Any:
    screen = shown(make_backups_screen, desk)
    screen.form.tick([7])
    assert screen.form.next()
    return screen


def administrations(desk: Workspace, task: str) -> Any:
    screen = shown(administrations_screen, desk)
    screen.form.choose(7)
    assert screen.form.start_task(task)
    return screen


def with_users(desk: Workspace) -> Any:
    screen = shown(users_screen, desk)
    screen.form.choose_administration(7)
    return screen


def with_sealed_backup(desk: Workspace) -> Any:
    (desk.folder / "secret").write_text(SECRET)
    desk.backup(7, "--passphrase-file", desk.folder / "secret")
    return shown(backups_screen, desk)


SCREENS: dict[str, Callable[[Workspace], Any]] = {
    "own licence": renewal,
    "import": importing,
    "backup for the client": client_backup,
    "make backups": lambda desk: shown(make_backups_screen, desk),
    "make backups, how": backups_to_make,
    "restore": lambda desk: shown(restore_backup_screen, desk),
    "licences": lambda desk: shown(licences_screen, desk),
    "users": with_users,
    "audit": lambda desk: shown(audit_screen, desk),
    "backups": with_sealed_backup,
    **{f"office, {one.name}": lambda desk, name=one.name: office(desk, name) for one in OFFICE},
    **{f"books, {one.name}": lambda desk, name=one.name: books(desk, name) for one in BOOKS},
    **{f"administrations, {task}": lambda desk, name=task: administrations(desk, name) for task in TASKS},
}


def lines(screen: Any) -> list[Any]:
    """The lines to type in that are shown, but for the secrets."""
    return [one for one in shown_widgets(screen.widget) if type(one).__name__ == "Text"]


def is_beneath(screen: Any, line: Any) -> bool:
    """Whether the panel is beneath this line, with no other between: nor is it anywhere else."""
    kinds = ("Text", "Password")
    order = [
        one for one in shown_widgets(screen.widget) if type(one).__name__ in kinds or WRONG in unescape(str(getattr(one, "value", "")))
    ]
    panels = [place for place, one in enumerate(order) if type(one).__name__ == "HTML"]
    return len(panels) == 1 and panels[0] > 0 and order[panels[0] - 1] is line


def blocked(widget: Any, *, is_live: bool = False) -> Iterator[str]:
    """The texts of what is wrong that stand where they aren't read aloud."""
    if "at-hidden" in widget._dom_classes:
        return
    is_live = is_live or "at-live" in widget._dom_classes
    if not is_live and BLOCKED in str(getattr(widget, "value", "")) and type(widget).__name__ == "HTML":
        yield widget.value
    for child in getattr(widget, "children", ()):
        yield from blocked(child, is_live=is_live)


@pytest.mark.campaign(3)
@pytest.mark.parametrize("name", SCREENS)
def test_what_is_typed_wrongly_in_a_field_is_shown_beside_it(ready: Workspace, name: str) -> None:
    screen = SCREENS[name](ready)
    nonsense = ready.folder / "nonsense.lic"
    nonsense.write_text("no key, no list, no copy")
    before = set(blocked(screen.widget))
    for place, label in enumerate([one.description for one in lines(screen)]):
        for typed in (ready.folder / "nowhere.xaf", nonsense, "x" * 70):
            line = lines(screen)[place]
            assert line.description == label
            line.value = str(typed)
            assert WRONG not in visible_text(screen) or is_beneath(screen, line), (label, typed)
            assert set(blocked(screen.widget)) - before == set(), (label, typed)
        lines(screen)[place].value = ""


def choose(screen: Any, option: str) -> None:
    next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value = option


def encrypted_by(screen: Any, option: str = "key") -> Any:
    choose(screen, option)
    return screen


def sealed_copy(desk: Workspace) -> Any:
    """A key, and a copy of the office's that is encrypted to another."""
    screen = office(desk, navigation.KEYS)
    form = screen.form.keys
    form.choose_folder(desk.folder)
    assert form.create()
    assert form.seal()
    form.choose(form.sealed)
    return screen


NOWHERE, NONSENSE = "nowhere/at all", "nonsense.txt"
PRESSED = {
    "a new list of issuers": (lambda desk: office(desk, navigation.ISSUERS), {"List of issuers": NONSENSE}, "", ""),
    "a list of issuers that is gone": (lambda desk: office(desk, navigation.ISSUERS), {"List of issuers": NOWHERE}, "", ""),
    "a revocation list": (lambda desk: office(desk, navigation.REVOCATIONS), {"Revocation list": NONSENSE}, "Import the list", ""),
    "a list that is gone": (lambda desk: office(desk, navigation.REVOCATIONS), {"Revocation list": NOWHERE}, "Import the list", ""),
    "a licence for a list": (lambda desk: office(desk, navigation.REVOCATIONS), {"Revocation list": "client.lic"}, "Import the list", ""),
    "the key of the office's backup": (
        lambda desk: encrypted_by(office(desk, navigation.OFFICE_BACKUP)), {"Key": KEY}, "Make backup of the office", "",
    ),
    "the folder of the office's backup": (
        lambda desk: encrypted_by(office(desk, navigation.OFFICE_BACKUP)), {"Key": "", "Folder": NOWHERE}, "Make backup of the office", "",
    ),
    "the key of a copy": (lambda desk: encrypted_by(office(desk, navigation.KEYS)), {"Key": KEY}, "Save an encrypted copy", "Key"),
    "the folder of a copy": (
        lambda desk: encrypted_by(office(desk, navigation.KEYS)), {"Key": "", "Folder": NOWHERE}, "Save an encrypted copy", "Folder",
    ),
    "the folder of a new key": (lambda desk: office(desk, navigation.KEYS), {"Folder for the key file": NOWHERE}, "Create the key", ""),
    "a copy that is gone": (lambda desk: office(desk, navigation.KEYS), {"Encrypted copy": NOWHERE}, "Show which key it is", ""),
    "a copy without what opens it": (sealed_copy, {}, "Show which key it is", "Or its key file"),
    "a copy and no key": (sealed_copy, {"Or its key file": NONSENSE}, "Show which key it is", ""),
    "a copy and a key that is gone": (sealed_copy, {"Or its key file": NOWHERE}, "Show which key it is", ""),
    "a member's key": (lambda desk: office(desk, navigation.MEMBERS), {"Name": "Kim", "Age public key": KEY}, "Admit", ""),
    "the folder of backups": (lambda desk: office(desk, navigation.FOLDERS), {"Folder of the backups": NOWHERE}, "Use these folders", ""),
    "the inbox": (lambda desk: office(desk, navigation.FOLDERS), {"Folder of received licence files": NOWHERE}, "Use these folders", ""),
    "another location": (
        lambda desk: office(desk, navigation.MOVE), {"Folder, or URL": "postgresql://a:b@c"}, "Show what would be moved", "",
    ),
    "a folder of earlier backups": (with_sealed_backup, {"Folder": NOWHERE}, "Search this folder", ""),
    "a key of earlier backups": (with_sealed_backup, {"Key file": NONSENSE}, "Test restore of 1 backup", ""),
    "a key that is gone": (with_sealed_backup, {"Key file": NOWHERE}, "Test restore of 1 backup", ""),
    "the folder of a client's backup": (lambda desk: encrypted_by(client_backup(desk), "plain"), {"Folder": NOWHERE}, "Make backup", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", PRESSED)
def test_what_a_button_finds_wrong_with_a_field_is_shown_beside_it(ready: Workspace, case: str) -> None:
    build, typed, label, beneath = PRESSED[case]
    screen, nonsense = build(ready), ready.folder / NONSENSE
    nonsense.write_text("no key, no list, no copy")
    known = {NONSENSE: nonsense, NOWHERE: ready.folder / NOWHERE, "client.lic": ready.folder / "client.lic"}
    if typed.get("Key") == "":
        typed = {**typed, "Key": new_key(ready)}
    for one, value in typed.items():
        exact(screen, one).value = str(known.get(value, value))
    if label:
        press(screen, label)
    assert WRONG in visible_text(screen)
    assert is_beneath(screen, exact(screen, beneath or list(typed)[-1]))
    assert not [text for text in blocked(screen.widget) if WRONG in unescape(text)]


def exact(screen: Any, label: str) -> Any:
    """The field with this label, else the one that begins with it."""
    named = [one for one in lines(screen) if one.description == label]
    return named[-1] if named else field(screen, label)


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize(("passphrase", "text"), [("", "is encrypted"), ("another one", "does not decrypt the file")])
def test_a_backup_that_is_not_opened_is_shown_beside_the_passphrase(ready: Workspace, passphrase: str, text: str) -> None:
    screen = with_sealed_backup(ready)
    field(screen, "Passphrase").value = passphrase
    press(screen, "Test restore of 1 backup")
    order = [one for one in shown_widgets(screen.widget) if type(one).__name__ == "Password" or text in str(getattr(one, "value", ""))]
    assert [type(one).__name__ for one in order] == ["Password", "HTML"]


def test_a_member_who_is_one_already_is_shown_beside_the_name_or_the_key(ready: Workspace) -> None:
    screen = office(ready, navigation.MEMBERS)
    first, second = new_key(ready), new_key(ready, "second.txt")
    for name, key, label in (("Kim", first, ""), ("kim", second, "Name"), ("Sam", first, "Age public key")):
        exact(screen, "Name").value, exact(screen, "Age public key").value = name, key
        press(screen, "Admit")
        assert not label or is_beneath(screen, exact(screen, label))
