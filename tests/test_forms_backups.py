"""The form of *Back-ups beheren*, walked without a browser: checking the files, testing, removing, a folder of earlier ones."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.navigation import NEVER_REHEARSED, Request
from accountools.forms.screens.backups.form import ManageBackups
from accountools.forms.screens.backups.view import backups_screen
from accountools.office import Office
from accountools.texts import Texts
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.test_handover import passphrase_file
from tests.workspace import TODAY, Workspace

EN, NL = Texts("en"), Texts("nl")


def office(desk: Workspace, today: str = TODAY) -> Office:
    return Office.open(desk.office, system_clock(parse_moment(f"{today}T12:00:00Z").date()))


def toggle(screen: Any, label: str) -> bool:
    return any(getattr(one, "description", "") == label for one in shown_widgets(screen.widget))


def statuses(form: ManageBackups) -> dict[str, int]:
    return {status: count for status, count in form.counts().items() if count}


def test_a_backup_without_a_test_restore_is_no_dead_end(ready: Workspace) -> None:
    ready.backup(7, "--plain")
    form = ManageBackups(office(ready), EN)
    form.begin(Request(show=NEVER_REHEARSED))
    assert [one.record.administration for one in form.rows] == [7]
    assert statuses(form) == {"untested": 1}
    assert form.test_all()
    assert [(one.findings, one.login) for one in form.tested] == [((), r"JANSEN\henk")]
    assert (statuses(form), form.test_all()) == ({"good": 1}, False)
    (row,) = (one for one in ready.ok("audit")["rows"] if one["number"] == 7)
    assert row["last_rehearsed"] == TODAY


@pytest.mark.parametrize(
    ("harm", "status"),
    [
        (lambda path: path.unlink(), "absent"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "damaged"),
        (lambda path: path.write_bytes(path.read_bytes()[:400] + b"x" + path.read_bytes()[401:]), "damaged"),
    ],
    ids=["removed", "emptied", "cut", "changed"],
)
def test_checking_reads_every_file_again(ready: Workspace, harm: Callable[[Path], object], status: str) -> None:
    kept, harmed = ready.backup(7, "--plain"), ready.backup(7, "--plain")
    harm(harmed)
    form = ManageBackups(office(ready), EN)
    assert form.check()
    assert form.checked == 2
    assert statuses(form) == {"untested": 1, status: 1}
    assert form.show(status)
    assert [one.record.path for one in form.rows] == [harmed]
    assert kept.exists()
    form.choose(0)
    assert form.chosen is not None
    assert form.test()
    assert [bool(one.findings) for one in form.tested] == [True]


@pytest.mark.usefixtures("light_passphrases")
def test_an_encrypted_backup_is_tested_with_its_passphrase_or_key(ready: Workspace) -> None:
    secret = ready.folder / "secret.txt"
    secret.write_text("correct horse battery staple\n")
    ready.backup(7, "--passphrase-file", secret)
    form = ManageBackups(office(ready), EN)
    form.choose(0)
    assert form.test()
    assert [[one.code for one in result.findings] for result in form.tested] == [["key-needed"]]
    assert form.test("wrong")
    assert [[one.code for one in result.findings] for result in form.tested] == [["wrong-key"]]
    assert form.test("correct horse battery staple")
    assert [result.findings for result in form.tested] == [()]
    assert statuses(form) == {"good": 1}


def test_what_is_removed_was_shown_and_the_last_backup_stays(ready: Workspace) -> None:
    old, last = ready.backup(7, "--plain"), ready.backup(7, "--plain")
    later = date.fromisoformat(TODAY).replace(year=int(TODAY[:4]) + 9).isoformat()
    form = ManageBackups(office(ready, later), EN)
    form.plan_removal(15)
    assert form.removal is not None
    assert (form.removal.gone, form.remove()) == ((), False)
    form.plan_removal(7)
    assert form.removal is not None
    assert [one.path for one in form.removal.gone] == [old]
    assert old.exists()
    form.drop_removal()
    assert not form.remove()
    form.plan_removal(7)
    assert [form.remove(), form.remove()] == [True, False]
    assert (old.exists(), last.exists(), form.removed) == (False, True, 1)


def test_old_backups_that_are_missing_stay_on_the_list_and_are_shown(ready: Workspace) -> None:
    lost, _last = ready.backup(7, "--plain"), ready.backup(7, "--plain")
    lost.unlink()
    later = date.fromisoformat(TODAY).replace(year=int(TODAY[:4]) + 9).isoformat()
    screen = backups_screen(office(ready, later), EN)
    press(screen, "Show what can be removed")
    assert "1 old backup is missing or changed" in visible_text(screen)
    assert not screen.form.remove()


def test_a_folder_of_earlier_backups_is_searched_for_the_own_licence(ready: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "earlier"
    folder.mkdir()
    form = ManageBackups(office(ready), EN)
    shutil.copy(ready.backup(7, "--plain"), folder)
    form.choose_folder(folder)
    assert form.inspect()
    assert form.inspected is not None
    assert [one.findings for one in form.inspected] == [()]
    with office(ready).session() as session:
        (folder / "old.txt").write_text("x")
        (folder / "old.db").write_bytes(b"SQLite format 3\x00" + b"\x00" * 84 + session.own_tokens[0].encode() + b"\x00" * 4096)
    form.choose_folder(f'"{folder}"')
    assert form.inspect()
    assert form.inspected is not None
    assert [one.path.name for one in form.inspected if one.holds_licence] == ["old.db"]
    form.choose_folder(folder / "nowhere")
    assert form.inspected is None
    assert not form.inspect()
    assert form.feedback.code == "file-not-found"


@pytest.mark.usefixtures("light_passphrases")
def test_a_folder_is_searched_for_another_licence_too_also_in_what_a_passphrase_opens(ready: Workspace, tmp_path: Path) -> None:
    folder, other = tmp_path / "earlier", ready.issue("other.lic", number="KL-77", licensee="Elders", kvk="87654321")
    folder.mkdir()
    (folder / "old.db").write_bytes(b"SQLite format 3\x00" + b"\x00" * 84 + other.read_bytes() + b"\x00" * 4096)
    shutil.copy(ready.backup(7, "--passphrase-file", passphrase_file(ready)), folder)
    secret = passphrase_file(ready).read_text("utf-8").splitlines()[0]
    screen = backups_screen(office(ready), EN)
    form = screen.form
    form.start = lambda job: job()
    field(screen, "Folder").value = str(folder)
    press(screen, "Search this folder")
    codes = {one.path.suffix: [it.code for it in one.findings] for one in form.inspected}
    assert ("key-needed" in codes[".acb"], form.inspected[-1].holds_licence) == (True, False)
    field(screen, "Another licence").value = str(other)
    field(screen, "Passphrase").value = secret
    press(screen, "Search this folder")
    found = {one.path.suffix: one for one in form.inspected}
    assert (found[".acb"].findings, found[".db"].holds_licence) == ((), True)
    assert field(screen, "Passphrase").value == ""


@pytest.mark.usefixtures("light_passphrases")
def test_a_folder_is_searched_by_its_button_only(ready: Workspace, tmp_path: Path) -> None:
    """Not while one walks there through other folders, nor when it is filled in again after F5."""
    folder = tmp_path / "documents" / "old"
    folder.mkdir(parents=True)
    shutil.copy(ready.backup(7, "--passphrase-file", passphrase_file(ready)), folder)
    screen = backups_screen(office(ready), EN)
    form, jobs = screen.form, list[Callable[[], object]]()
    form.start = jobs.append
    assert button(screen, "Search this folder").disabled
    field(screen, "Passphrase").value = passphrase_file(ready).read_text("utf-8").splitlines()[0]
    field(screen, "Folder").value = str(tmp_path)
    press(screen, "Look up the folder")
    for name in ("▸ documents", "▸ old"):
        lists = [one for one in shown_widgets(screen.widget) if type(one).__name__ == "Select"]
        lists[-1].value = next(place for line, place in lists[-1].options if line == name)
    assert (form.folder, jobs, form.busy) == (folder, [], False)
    assert field(screen, "Passphrase").value != ""
    press(screen, "Search this folder")
    (job,) = jobs
    assert (button(screen, "Search this folder").disabled, field(screen, "Passphrase").value) == (True, "")
    job()
    assert [one.findings for one in form.inspected] == [()]
    field(screen, "Folder").value = str(tmp_path)
    assert (form.inspected, len(jobs)) == (None, 1)


def test_the_screen_shows_what_the_form_holds_in_both_languages(ready: Workspace) -> None:
    ready.backup(7, "--plain")
    screen = backups_screen(office(ready), EN)
    screen.form.start = run_now
    assert toggle(screen, "▲ 1 no test restore")
    press(screen, "Check all files")
    assert "Checked 1 backup: 0 failed." in visible_text(screen)
    press(screen, "Show what can be removed")
    assert "nothing to remove" in visible_text(screen)
    screen.form.set_language("nl")
    assert toggle(screen, "▲ 1 geen proefherstel")
    press(screen, "Sluiten")
    assert "Het scherm Back-ups beheren is gesloten." in visible_text(screen)


def test_an_office_without_backups_says_so(ready: Workspace) -> None:
    form = ManageBackups(office(ready), NL)
    assert form.wizard.buttons()[-1].why == "Er is nog geen back-up gemaakt."
    assert not form.test_all()
