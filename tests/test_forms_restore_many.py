"""*Back-up teruglezen* for a folder of backups: a lost office's administrations come back together, and what can't is explained."""

from pathlib import Path
from typing import Any

import pytest

from accountools.formats.signatures import SigningKey
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.screen import Screen
from accountools.forms.kit.wizard import State
from accountools.forms.screens.restore.form import FOLDER, ONE, RestoreBackup
from accountools.forms.screens.restore.many import ASKS, NOT_RESTORED, NOT_TRIED, REFUSED, RESTORABLE, RESTORED
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.office import Office
from accountools.operations.progress import Stopped
from accountools.operations.restores import restore_many
from tests.test_forms_restore import CLOCK, EN, Later, at_office, why
from tests.test_forms_screen import field, press, shown_widgets, visible_text
from tests.test_handover import passphrase_file
from tests.test_register_backup import back_up, lose, restore_office
from tests.test_restore import rows_of
from tests.test_restore_many import lost, nothing_is_left, save, spoil, three
from tests.workspace import Workspace

__all__ = ["lost", "three"]  # fixtures
pytestmark = pytest.mark.usefixtures("light_passphrases")


def numbers_of(desk: Workspace) -> list[int]:
    return sorted(int(path.stem) for path in (desk.office / "administrations").glob("*.db"))


def of_folder(desk: Workspace, folder: str = "safe") -> RestoreBackup:
    form = at_office(desk)
    assert form.choose_source(FOLDER)
    assert form.choose_folder(desk.folder / folder)
    return form


def status(form: RestoreBackup) -> dict[str, str]:
    assert form.many is not None
    return {row.number or row.path.name: row.status for row in form.many.rows(form.accepted)}


def test_a_lost_offices_administrations_come_back_together(lost: Workspace) -> None:
    form = at_office(lost)
    assert form.choose_source(FOLDER)
    assert why(form) == "Choose the folder with the backups first"
    assert form.choose_folder(f'"{lost.folder / "safe"}"')
    assert form.next(), form.feedback
    assert status(form) == dict.fromkeys(("007", "008", "009"), RESTORABLE)
    assert {row.name for row in form.many.rows(frozenset())} == {"Bakkerij Jansen"}
    assert numbers_of(lost) == []
    assert form.finish(), form.feedback
    assert status(form) == dict.fromkeys(("007", "008", "009"), RESTORED)
    assert rows_of(lost.office) == rows_of(lost.folder / "lost")
    assert form.wizard.finished
    assert not form.finish()
    assert form.close()
    assert (form.source, form.many) == (ONE, None)
    assert lost.ok("journal", "verify")["ok"]
    nothing_is_left(lost)


def test_what_is_refused_is_explained_and_does_not_keep_the_others(lost: Workspace) -> None:
    safe = lost.folder / "safe"
    spoil(safe)
    lost.ok("restore", next(safe.glob("*-009-*")), "--confirm")
    form = of_folder(lost)
    assert form.next(), form.feedback
    assert status(form) == {"none.acb": REFUSED, "007": RESTORABLE, "008": REFUSED, "009": REFUSED}
    codes = {row.number: [one.code for one in row.obstacles] for row in form.many.rows(frozenset())}
    assert codes == {"": ["not-a-backup"], "007": [], "008": ["backup-damaged"], "009": ["number-taken"]}
    taken = next(one for row in form.many.rows(frozenset()) for one in row.obstacles if one.code == "number-taken")
    assert form.remedy(taken) == "If what is here must be replaced, restore this backup by itself."
    assert form.finish(), form.feedback
    assert status(form) == {"none.acb": NOT_RESTORED, "007": RESTORED, "008": NOT_RESTORED, "009": NOT_RESTORED}
    assert numbers_of(lost) == [7, 9]


def test_where_nothing_can_be_restored_there_is_nothing_to_press(three: Workspace) -> None:
    save(three, 7)
    (three.folder / "empty").mkdir()
    form = of_folder(three)
    assert form.next()
    assert (form.wizard.current.state, why(form)) == (State.FAIL, "None of these can be restored")
    assert not form.finish()
    assert form.previous()
    assert form.choose_folder(three.folder / "empty")
    assert form.next()
    assert why(form) == "There is no backup of an administration in this folder"
    assert form.previous()
    assert form.choose_folder(three.folder / "nowhere")
    assert not form.next()
    assert (form.feedback.code, form.feedback.action.name) == ("file-not-found", "choose-file")


def test_one_passphrase_opens_each_and_is_not_kept(three: Workspace) -> None:
    words = passphrase_file(three)
    secret = words.read_text("utf-8").splitlines()[0]
    for number in (7, 8):
        three.ok("backup", number, "--purpose", "safekeeping", "--passphrase-file", words, "--to", three.folder / "safe", "--confirm")
    register = back_up(three, "--to", three.folder / "register")
    lose(three)
    restore_office(three, register)
    form = of_folder(three)
    assert not form.next("wrong")
    assert (form.feedback.code, form.feedback.action.name) == ("wrong-key", "type-passphrase")
    assert form.next()
    assert [[one.code for one in row.obstacles] for row in form.many.rows(frozenset())] == [["key-needed"]] * 2
    assert form.previous()
    assert form.next(secret)
    assert secret not in repr([vars(form), vars(form.folder), vars(form.many)])
    assert form.finish(), form.feedback
    assert numbers_of(three) == [7, 8]


def test_a_key_file_opens_each_and_a_key_read_out_counts_for_each(three: Workspace) -> None:
    recipient = three.ok("key", "new", three.folder / "key.txt")["recipient"]
    for number in (7, 8):
        three.ok("backup", number, "--purpose", "safekeeping", "--recipient", recipient, "--to", three.folder / "safe", "--confirm")
    register = back_up(three, "--to", three.folder / "register")
    lose(three)
    restore_office(three, register)
    form = of_folder(three)
    assert form.choose_key(three.folder / "key.txt")
    form.set_maker_key("x")
    assert form.next()
    assert status(form) == dict.fromkeys(("007", "008"), REFUSED)
    assert form.previous()
    form.set_maker_key("")
    assert form.next()
    assert form.finish(), form.feedback
    assert numbers_of(three) == [7, 8]


def test_what_asks_for_a_confirmation_waits_for_it(three: Workspace) -> None:
    save(three, 7, 8)
    three.ok("restore", *save(three, 7, 8, to="new"), "--replace", "--confirm")
    for path in (three.office / "administrations").glob("*.db"):
        path.rename(three.folder / path.name)
    form = of_folder(three)
    assert form.next()
    assert list(form.many.confirmations) == ["older-backup"]
    assert why(form) == "First confirm what needs your confirmation"
    form.accept("older-backup")
    assert status(form) == dict.fromkeys(("007", "008"), RESTORABLE)
    assert form.finish(), form.feedback
    assert status(form) == dict.fromkeys(("007", "008"), RESTORED)


@pytest.fixture
def signers(three: Workspace) -> Workspace:
    """In `out` the client has a backup of 007, 008 and 009: of 008 by the office that it knows, of the others each by another key."""
    three.create_client_office()
    three.ok("restore", three.backup(8, "--plain"), "--confirm", office=three.client_office)
    three.backup(8, "--plain", "--to", three.folder / "out")
    (three.client_office / "administrations" / "00008.db").unlink()
    for number in (7, 9):
        (three.office / "backup-key.pem").write_bytes(SigningKey.new().pem())
        three.backup(number, "--plain", "--to", three.folder / "out")
    return three


def at_client(desk: Workspace) -> Screen[RestoreBackup]:
    screen = restore_backup_screen(Office.open(desk.client_office, CLOCK), EN)
    screen.form.start = run_now
    screen.form.choose_source(FOLDER)
    screen.form.choose_folder(desk.folder / "out")
    assert screen.form.next(), screen.form.feedback
    return screen


def ticks(screen: Screen[RestoreBackup]) -> list[Any]:
    return [one for one in shown_widgets(screen.widget) if getattr(one, "description", "").startswith("Yes")]


def test_each_key_is_confirmed_by_itself(signers: Workspace) -> None:
    """And the signer that was known stays so, although another was confirmed before its backup."""
    screen = at_client(signers)
    assert status(screen.form) == {"007": ASKS, "008": RESTORABLE, "009": ASKS}
    first, second = ticks(screen)
    assert visible_text(screen).count("This applies to 1 backup in the table.") == 2
    first.value = True
    assert status(screen.form) == {"007": RESTORABLE, "008": RESTORABLE, "009": ASKS}
    assert [one.value for one in ticks(screen)] == [True, False]
    press(screen, "Finish")
    assert status(screen.form) == {"007": RESTORED, "008": RESTORED, "009": NOT_RESTORED}
    assert second.value is False


def test_a_tick_for_a_key_does_not_count_for_what_is_planned_after_it(signers: Workspace) -> None:
    screen = at_client(signers)
    for place in range(2):
        ticks(screen)[place].value = True
    assert status(screen.form) == dict.fromkeys(("007", "008", "009"), RESTORABLE)
    assert screen.form.resolve("retry")
    assert status(screen.form) == {"007": ASKS, "008": RESTORABLE, "009": ASKS}
    assert [one.value for one in ticks(screen)] == [False, False]
    ticks(screen)[0].value = True
    assert status(screen.form) == {"007": RESTORABLE, "008": RESTORABLE, "009": ASKS}


def test_a_code_is_confirmed_for_every_key(signers: Workspace) -> None:
    """As by `--accept`."""
    form = at_client(signers).form
    form.accept("signer-changed")
    assert form.finish(), form.feedback
    assert status(form) == dict.fromkeys(("007", "008", "009"), RESTORED)


@pytest.mark.parametrize("groups", [0, 1])
def test_what_was_restored_before_it_is_stopped_stays_and_is_shown(lost: Workspace, monkeypatch: pytest.MonkeyPatch, groups: int) -> None:
    monkeypatch.setattr(restore_many, "_GROUP", 1)
    later = Later()
    form = RestoreBackup(Office.open(lost.office, CLOCK), EN, later)
    form.choose_source(FOLDER)
    form.choose_folder(lost.folder / "safe")
    form.next()
    later.job()
    prepare, prepared = restore_many.prepare_books, list[object]()

    def stop_then(*args: object) -> object:
        prepared.append(args)
        if len(prepared) > groups:
            form.stop()
        return prepare(*args)

    monkeypatch.setattr(restore_many, "prepare_books", stop_then)
    form.finish()
    later.job()
    assert form.feedback.code is None
    assert numbers_of(lost) == [7][:groups]
    nothing_is_left(lost)
    if groups:
        assert status(form) == {"007": RESTORED, "008": NOT_TRIED, "009": NOT_TRIED}
        assert form.wizard.finished
    else:
        assert form.stopped
        assert status(form) == dict.fromkeys(("007", "008", "009"), RESTORABLE)


def test_a_machine_that_fails_halfway_says_so_beside_what_was_done(lost: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_many, "_GROUP", 1)
    form = of_folder(lost)
    assert form.next()
    prepare = restore_many.prepare_books

    def fail_at_eight(office: Office, work: Path, choices: restore_many.RestoreChoices, tokens: tuple[str, ...]) -> object:
        if "-008-" in choices.path.name:
            raise OSError(28, "No space left on device")
        return prepare(office, work, choices, tokens)

    monkeypatch.setattr(restore_many, "prepare_books", fail_at_eight)
    assert not form.finish()
    assert form.feedback.code == "disk-full"
    assert status(form) == {"007": RESTORED, "008": NOT_TRIED, "009": NOT_TRIED}


def test_checking_many_reports_how_far_it_is_and_can_be_stopped(lost: Workspace) -> None:
    office, seen = Office.open(lost.office, CLOCK), list[tuple[int, int]]()
    plan = restore_many.plan_restore_many(office, lost.folder / "safe", restore_many.RestoreChoices(Path()))
    plan.check(office, lambda *report: seen.append(report))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1] == (plan.bytes, plan.bytes)

    def stop(_done: int, _total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        plan.check(office, stop)
    nothing_is_left(lost)


def test_the_screen_through_the_whole_workflow(lost: Workspace) -> None:
    screen = restore_backup_screen(Office.open(lost.office, CLOCK), EN)
    screen.form.start = lambda job: job()
    field(screen, "What to restore").value = FOLDER
    assert "the newest backup in this folder" in visible_text(screen)
    field(screen, "Folder").value = str(lost.folder / "safe")
    assert field(screen, "Passphrase")
    press(screen, "Next")
    assert "3 will be restored" in visible_text(screen)
    press(screen, "Finish")
    assert "3 restored" in visible_text(screen)
    assert numbers_of(lost) == [7, 8, 9]
    press(screen, "Close")
    press(screen, "Restore backup")
    assert field(screen, "What to restore").value == ONE
