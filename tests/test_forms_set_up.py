"""*Kantoor inrichten* on a screen: a new office, or a lost one made anew; without a command line, and nothing half made."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.links import TypedFields
from accountools.forms.kit.preferences import SESSION, known_offices
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.set_up.form import LOST, NEW, OfficeSetup
from accountools.forms.screens.users.view import users_screen
from accountools.forms.start import Opening, open_office
from accountools.operations.session import Office
from accountools.texts import Texts
from tests.test_forms_menu import press_link
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.test_register_backup import back_up
from tests.workspace import OFFICE_KVK, TODAY, Workspace

CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())


@pytest.fixture
def supplier(tmp_path: Path) -> Workspace:
    """Who has the files that a supplier sends, and no office yet."""
    desk = Workspace(tmp_path / "supplier")
    desk.ok("issuer", "new", desk.folder / "issuer", "--name", "Test issuer")
    desk.issue_own()
    return desk


@pytest.fixture
def opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opening:
    monkeypatch.setenv("ACCOUNTOOLS_OFFICE", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("ACCOUNTOOLS_LANG", "en")
    made = open_office(CLOCK).show(menu_screen)
    press(made, "Set up an office")
    return made


def setup(tmp_path: Path) -> tuple[OfficeSetup, list[Office]]:
    made: list[Office] = []
    return OfficeSetup(tmp_path / "mine", CLOCK, Texts("en"), made.append), made


def test_an_office_is_made_on_the_screen_and_is_shown_at_once(opening: Opening, supplier: Workspace, tmp_path: Path) -> None:
    assert button(opening, "Finish").disabled
    assert "Choose your own licence first" in visible_text(opening)
    field(opening, "Your own licence").value = str(supplier.folder / "own.lic")
    assert "Choose the list of issuers" in visible_text(opening)
    field(opening, "The issuers").value = f'"{supplier.trust}"'
    assert "Kantoor Zonnestein" in visible_text(opening)
    assert OFFICE_KVK in visible_text(opening)
    assert not (tmp_path / "mine").exists()
    press(opening, "Finish")
    assert opening.screen is not None
    assert opening.screen.form.office_name == "Kantoor Zonnestein"
    assert Workspace(tmp_path).ok("journal", office=tmp_path / "mine")["events"][0]["what"] == "office-made"


def finish(opening: Opening, supplier: Workspace, folder: Path | None = None) -> None:
    """Fill in the screen, and press *Klaar*."""
    if folder is not None:
        field(opening, "Folder of the office").value = str(folder)
    field(opening, "Your own licence").value = str(supplier.folder / "own.lic")
    field(opening, "The issuers").value = str(supplier.trust)
    press(opening, "Finish")


def folder_of(opening: Opening) -> Path | None:
    return None if opening.office is None else opening.office.folder


def sit_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, session: str) -> None:
    """Begin a session of the server."""
    (tmp_path / session).mkdir(mode=0o700)
    monkeypatch.setenv(SESSION, str(tmp_path / session))


@pytest.mark.parametrize("way", [NEW, LOST])
def test_an_office_made_in_another_folder_is_that_of_the_next_screens_and_of_the_next_start(
    way: str, opening: Opening, ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit_down(monkeypatch, tmp_path, "today")
    there = tmp_path / "elsewhere" / "kantoor"
    if way == NEW:
        finish(opening, ready, there)
    else:
        assert opening.setup is not None
        opening.setup.choose_way(LOST)
        opening.setup.choose("backup", back_up(ready))
        opening.setup.choose("key", ready.folder / "key.txt")
        opening.setup.choose_folder(there)
        press(opening, "Finish")
    assert folder_of(opening) == there
    assert folder_of(open_office(CLOCK).show(users_screen)) == there
    sit_down(monkeypatch, tmp_path, "tomorrow")
    next_start = open_office(CLOCK).show(menu_screen)
    assert folder_of(next_start) == there
    assert "Back to where you began" not in visible_text(next_start)
    assert known_offices() == {str(there): "Kantoor Zonnestein"}


def test_without_a_session_too_the_next_screen_is_of_the_office_that_was_made(
    opening: Opening, supplier: Workspace, tmp_path: Path
) -> None:
    """In somebody's own Jupyter."""
    finish(opening, supplier, tmp_path / "elsewhere")
    assert folder_of(open_office(CLOCK).show(users_screen)) == tmp_path / "elsewhere"


def test_an_own_office_that_is_made_after_another_was_opened_is_that_of_the_session(
    opening: Opening, ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sit_down(monkeypatch, tmp_path, "today")
    opening.open_at(ready.office)
    opening.set_up()
    finish(opening, ready)
    for one in (opening, open_office(CLOCK).show(users_screen)):
        assert folder_of(one) == tmp_path / "mine"
        assert "Back to where you began" not in visible_text(one)
    sit_down(monkeypatch, tmp_path, "tomorrow")
    assert folder_of(open_office(CLOCK).show(users_screen)) == tmp_path / "mine"


def test_what_was_typed_for_an_office_is_kept_until_that_is_made(opening: Opening, ready: Workspace, tmp_path: Path) -> None:
    (typed,) = (one for one in shown_widgets(opening.widget) if isinstance(one, TypedFields))
    finish(opening, ready, ready.office)
    assert (opening.setup and opening.setup.feedback.code, typed.keeps) == ("office-exists", True)
    finish(opening, ready, tmp_path / "elsewhere")
    assert (folder_of(opening), typed.keeps) == (tmp_path / "elsewhere", False)
    opening.set_up()
    (again,) = (one for one in shown_widgets(opening.widget) if isinstance(one, TypedFields))
    assert again.keeps


def test_uploaded_files_do_as_well_and_are_not_left_behind(supplier: Workspace, tmp_path: Path) -> None:
    form, made = setup(tmp_path)
    files = {"licence": (r"C:\fakepath\own.lic", supplier.folder / "own.lic"), "issuers": ("../../trust.jwks", supplier.trust)}
    for kind, (name, path) in files.items():
        form.choose(kind, form.uploads.upload_for(kind).receive(name, path.read_bytes()))
    kept = form.files["licence"]
    assert kept is not None
    assert kept.exists()
    assert [form.create(), len(made)] == [True, 1]
    assert not kept.exists()
    assert not (tmp_path.parent / "trust.jwks").exists()


@pytest.mark.parametrize(
    ("licence", "code"),
    [
        ({"valid_until": "2026-01-31"}, "licence-expired"),
        ({"valid_from": "2027-01-01"}, "licence-not-yet-valid"),
        (b"nothing of the kind", "not-a-licence"),
        (None, "file-not-found"),
    ],
    ids=["expired", "not yet valid", "no licence", "no file"],
)
def test_a_licence_that_will_not_do_says_why_and_makes_nothing(supplier: Workspace, tmp_path: Path, licence: Any, code: str) -> None:
    path = supplier.folder / "other.lic"
    if isinstance(licence, dict):
        supplier.issue_own("other.lic", **licence)
    elif licence is not None:
        path.write_bytes(licence)
    form, made = setup(tmp_path)
    form.choose("licence", path)
    form.choose("issuers", supplier.trust)
    assert {kind: one.code for kind, one in form.errors.items()} == {"licence": code}
    assert (form.create(), made, (tmp_path / "mine").exists()) == (False, [], False)
    assert "client" not in form.describe(form.errors["licence"])  # it comes from the supplier
    form.choose("licence", supplier.folder / "own.lic")
    assert (form.missing, form.create()) == ("", True)


def test_where_an_office_is_already_it_stays(ready: Workspace, tmp_path: Path) -> None:
    before = (ready.office / "backup-key.pem").read_bytes()
    form, made = setup(tmp_path)
    form.choose_folder(ready.office)
    form.choose("licence", ready.folder / "own.lic")
    form.choose("issuers", ready.trust)
    assert (form.create(), made, form.feedback.code) == (False, [], "office-exists")
    assert (ready.office / "backup-key.pem").read_bytes() == before


def test_a_lost_office_is_made_anew_from_its_own_backup(ready: Workspace, tmp_path: Path) -> None:
    backup = back_up(ready)
    shutil.rmtree(ready.office)
    form, made = setup(tmp_path)
    form.choose_way(LOST)
    assert form.missing == "Choose the backup of the office first"
    form.choose("backup", backup)
    assert (form.missing, form.opened_by) == ("", "key")
    assert (form.create(), form.feedback.code) == (False, "key-needed")
    form.choose("key", ready.folder / "key.txt")
    assert form.create()
    (office,) = made
    rows = Workspace(tmp_path).ok("audit", office=office.folder)["rows"]
    assert [(row["number"], [one["code"] for one in row["obstacles"]]) for row in rows] == [(7, ["books-missing"])]


def test_a_backup_of_an_administration_is_no_office(ready: Workspace, tmp_path: Path) -> None:
    form, made = setup(tmp_path)
    form.choose_way(LOST)
    form.choose("backup", ready.backup(7, "--plain"))
    assert set(form.errors) == {"backup"}
    assert (form.create(), made) == (False, [])


# --- where it is said what is wrong ---


def beneath(opening: Opening, label: str) -> str:
    """What is said between this field and the next, if it is read aloud."""
    shown = list(shown_widgets(opening.widget))
    begin = shown.index(field(opening, label)) + 1
    end = next((place for place in range(begin, len(shown)) if type(shown[place]).__name__ in {"Text", "Password"}), len(shown))
    live = {id(one) for part in shown[begin:end] if "at-live" in part._dom_classes for one in shown_widgets(part)}
    return " ".join(str(one.value) for one in shown[begin:end] if type(one).__name__ == "HTML" and id(one) in live)


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "There is no file"), (b"nothing of the kind", "does not contain exactly one readable licence")]
)
def test_a_file_that_is_no_licence_is_refused_beneath_its_field_before_the_issuers_are_chosen(
    opening: Opening, supplier: Workspace, content: bytes | None, sentence: str
) -> None:
    path = supplier.folder / "other.lic"
    if content is not None:
        path.write_bytes(content)
    field(opening, "Your own licence").value = str(path)
    assert sentence in beneath(opening, "Your own licence")
    assert beneath(opening, "The issuers") == ""
    assert "Choose another file" in visible_text(opening)
    field(opening, "Your own licence").value = str(supplier.folder / "own.lic")
    assert beneath(opening, "Your own licence") == ""


@pytest.mark.parametrize("with_licence", [True, False])
def test_what_is_wrong_with_the_issuers_stands_beneath_their_field(opening: Opening, supplier: Workspace, with_licence: bool) -> None:
    supplier.ok("issuer", "new", supplier.folder / "other", "--name", "Another issuer")
    if with_licence:
        field(opening, "Your own licence").value = str(supplier.folder / "own.lic")
        field(opening, "The issuers").value = str(supplier.folder / "other" / "trust.jwks")
    else:
        field(opening, "The issuers").value = str(supplier.folder / "own.lic")
    assert "not usable" in beneath(opening, "The issuers")
    if with_licence:
        assert beneath(opening, "Your own licence") == ""


def test_an_expired_licence_is_refused_beneath_its_own_field(opening: Opening, supplier: Workspace) -> None:
    supplier.issue_own("other.lic", valid_until="2026-01-31")
    field(opening, "Your own licence").value = str(supplier.folder / "other.lic")
    field(opening, "The issuers").value = str(supplier.trust)
    assert "valid through 2026-01-31" in beneath(opening, "Your own licence").replace('<span class="at-whole">', "").replace("</span>", "")
    assert "not usable" not in beneath(opening, "The issuers")


def test_a_folder_with_an_office_is_refused_beneath_the_folder_until_another_is_chosen(
    opening: Opening, ready: Workspace, tmp_path: Path
) -> None:
    finish(opening, ready, ready.office)
    assert "There is already an office" in beneath(opening, "Folder of the office")
    field(opening, "Folder of the office").value = str(tmp_path / "elsewhere")
    assert "There is already an office" not in visible_text(opening)
    press(opening, "Finish")
    assert folder_of(opening) == tmp_path / "elsewhere"


def test_what_is_wrong_with_a_backup_and_with_what_opens_it_stands_beneath_each(opening: Opening, ready: Workspace) -> None:
    assert opening.setup is not None
    opening.setup.choose_way(LOST)
    field(opening, "The backup of the office").value = str(ready.backup(7, "--plain"))
    assert "not usable" in beneath(opening, "The backup of the office")
    field(opening, "The backup of the office").value = str(back_up(ready))
    assert beneath(opening, "The backup of the office") == ""
    press(opening, "Finish")
    assert "key" in beneath(opening, "Key file")
    assert beneath(opening, "Folder of the office") == ""


def test_a_known_office_that_is_gone_is_said_beneath_the_field_that_then_holds_it(
    opening: Opening, ready: Workspace, tmp_path: Path
) -> None:
    opening.open_at(ready.office)
    ready.office.rename(tmp_path / "gone")
    opening.choose_office()
    press_link(opening, "Kantoor Zonnestein")
    assert field(opening, "Folder of the office").value == str(ready.office)
    assert f"There is no office at {ready.office}" in beneath(opening, "Folder of the office")
