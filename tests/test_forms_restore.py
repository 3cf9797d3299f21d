"""The form of *Back-up teruglezen*, walked without a browser: choose, look, restore or install; and what goes wrong in between."""

import json
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.formats.backup.reader import Decryption
from accountools.formats.signatures import SigningKey, VerifyKey
from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.links import Links
from accountools.forms.kit.wizard import State
from accountools.forms.screens.restore.comparison import compare_backup, describe_outcome
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.forms.screens.restore.view import restore_backup_screen
from accountools.office import Office
from accountools.operations.progress import Stopped
from accountools.operations.restores.plan import RestoreChoices, plan_restore
from accountools.operations.restores.restore import RESTORE
from accountools.operations.restores.unlock import one_time_key
from accountools.texts import Texts
from tests.engines import run_sql
from tests.test_forms_menu import open_at
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace

EN = Texts("en")
CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
SECRET = "correct horse battery"
pytestmark = pytest.mark.usefixtures("light_passphrases")


class Later:
    """Work that is not begun by itself, so that a test can look in between."""

    def __call__(self, job: Any) -> None:
        self.job = job


@pytest.fixture
def client(ready: Workspace) -> Workspace:
    """The client's own office, and a hand-over for it in the accountant's."""
    ready.create_client_office()
    return ready


def at_client(desk: Workspace, **kwargs: Any) -> RestoreBackup:
    return RestoreBackup(Office.open(desk.client_office, CLOCK), EN, **kwargs)


def at_office(desk: Workspace) -> RestoreBackup:
    return RestoreBackup(Office.open(desk.office, CLOCK), EN)


def previewed(form: RestoreBackup, path: Path, passphrase: str | None = None) -> RestoreBackup:
    assert form.choose_file(path)
    assert form.next(passphrase), form.feedback
    return form


def why(form: RestoreBackup) -> str:
    return form.wizard.buttons()[-1].why


def codes(form: RestoreBackup) -> list[str]:
    return [one.code for one in form.preview.obstacles]


def with_passphrase(desk: Workspace, *words: object, office: Path | None = None) -> Path:
    (desk.folder / "words.txt").write_text(SECRET, "utf-8")
    return desk.backup(*(words or (7,)), "--passphrase-file", desk.folder / "words.txt", office=office)


def restored(desk: Workspace) -> list[int]:
    return [one["number"] for one in desk.ok("administration", "list", office=desk.client_office)["administrations"]]


def test_the_client_restores_what_it_got_s16(client: Workspace) -> None:
    backup = client.backup(7, "--plain")
    form = at_client(client)
    assert why(form) == "Choose a backup first"
    assert form.choose_file(f'"{backup}"')
    assert form.next()
    assert (form.preview.signer, form.preview.here, codes(form)) == ("unknown", None, [])
    assert restored(client) == []
    rows = {row.label: row.backup for row in compare_backup(form, form.preview)}
    assert (rows["Administration"], rows["Users"]) == ("007 Bakkerij Jansen", HENK)
    assert form.finish()
    assert restored(client) == [7]
    lines = list(describe_outcome(form))
    assert lines[0].startswith("Administration 007 Bakkerij Jansen is restored")
    assert lines[1] == rf"Henk Jansen ({HENK}) can log in."
    assert form.safety_copy is None
    assert form.wizard.finished
    assert not form.finish()
    assert form.close()


def test_replacing_asks_for_the_number_and_keeps_what_was_there(client: Workspace) -> None:
    backup = client.backup(7, "--plain")
    client.ok("restore", backup, "--confirm", office=client.client_office)
    client.ok("user", "add", "--administration", 7, "extra", "--name", "Extra", office=client.client_office)
    form = previewed(at_client(client), backup)
    assert form.preview.can_replace
    assert why(form) == "Type the number 007 to replace what is here"
    assert [row.label for row in compare_backup(form, form.preview) if row.differs] == ["Users"]
    for typed in ("", "8", "70", "x", "07 7"):
        assert not form.type_number(typed)
        assert not form.finish()
    assert len(client.ok("user", "list", "--administration", 7, office=client.client_office)["users"]) == 2
    assert form.type_number(" 007 ")
    assert form.finish(), form.feedback
    assert len(client.ok("user", "list", "--administration", 7, office=client.client_office)["users"]) == 1
    assert form.safety_copy is not None
    assert form.safety_copy.is_file()
    assert form.safety_copy.name in list(describe_outcome(form))[1]


def test_what_was_replaced_without_a_safety_copy_is_shown_with_its_place(ready: Workspace) -> None:
    backup = ready.backup(7, "--purpose", "safekeeping")
    run_sql(ready.office, "UPDATE accounts SET name = replace(hex(zeroblob(1 << 20)), '0', 'x') WHERE rowid = 1", number=7)
    form = previewed(at_office(ready), backup)
    assert form.type_number("7")
    assert form.finish(), form.feedback
    (kept,) = (ready.office / "administrations").glob("*.damaged")
    assert form.safety_copy is None
    assert any(line.endswith(f"{kept}.") for line in describe_outcome(form))


def test_a_wrong_passphrase_keeps_what_was_filled_in(client: Workspace) -> None:
    backup = with_passphrase(client)
    form = at_client(client)
    form.choose_file(backup)
    assert form.backup.opened_by == "passphrase"
    assert why(form) == "Type the passphrase first"
    assert not form.next()
    assert not form.next("wrong")
    assert (form.feedback.code, form.feedback.action.name) == ("wrong-key", "type-passphrase")
    assert (form.backup.file, form.backup.passphrase_typed, form.preview) == (backup, False, None)
    assert form.resolve("type-passphrase")
    assert form.next(SECRET)
    assert form.finish()
    assert restored(client) == [7]
    assert SECRET not in repr([vars(form), vars(form.backup), vars(form.preview), form.done])


def test_a_key_file_opens_it(client: Workspace) -> None:
    recipient = client.ok("key", "new", client.folder / "key.txt")["recipient"]
    backup = client.backup(7, "--recipient", recipient)
    form = at_client(client)
    form.choose_file(backup)
    assert (form.backup.opened_by, why(form)) == ("key", "Choose the key file first")
    (client.folder / "no-key.txt").write_text("nothing")
    form.choose_key(client.folder / "no-key.txt")
    assert not form.next()
    assert (form.feedback.code, form.feedback.action.name) == ("key-invalid", "choose-key")
    assert form.resolve("choose-key")
    assert form.wants == "key"
    assert form.choose_key(client.folder / "key.txt")
    assert form.next()
    assert form.finish()


@pytest.mark.parametrize(("name", "data", "code"), [("gone.acb", None, "file-not-found"), ("letter.acb", b"Dear office", "not-a-backup")])
def test_a_file_that_is_no_backup_is_reported_beside_the_field(client: Workspace, name: str, data: bytes | None, code: str) -> None:
    if data is not None:
        (client.folder / name).write_bytes(data)
    form = at_client(client)
    assert not form.choose_file(client.folder / name)
    assert form.backup.error.code == code
    assert why(form) == "This file can't be used; choose another one"


def test_checking_restores_nothing(client: Workspace) -> None:
    backup = with_passphrase(client)
    form = at_client(client)
    form.choose_file(backup)
    assert form.check()
    assert (form.backup.verification.ok, form.backup.verification.image_checked) == (True, False)
    assert form.check(SECRET)
    assert form.backup.verification.image_checked
    assert not form.check("wrong")
    assert form.feedback.code == "wrong-key"
    assert restored(client) == []
    damaged = client.folder / "damaged.acb"
    data = bytearray(backup.read_bytes())
    data[2000] ^= 1
    damaged.write_bytes(data)
    form.choose_file(damaged)
    assert form.check()
    assert [one.code for one in form.backup.verification.findings] == ["backup-damaged"]


def test_another_signer_asks_for_a_confirmation(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    (client.office / "backup-key.pem").write_bytes(SigningKey.new().pem())
    second = client.backup(7, "--plain")
    form = previewed(at_client(client), second)
    assert form.preview.signer == "changed"
    assert "signer-changed" in codes(form)
    form.type_number("7")
    assert why(form) == "Confirm what needs your confirmation, or choose another file"
    assert not form.finish()
    form.accept("signer-changed")
    form.accept("signer-changed", yes=False)
    assert not form.finish()
    form.accept("signer-changed")
    assert form.finish(), form.feedback


def test_a_tick_for_one_signer_does_not_count_for_another_that_is_planned_after_it(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    second, third = (signed_anew(client) for _ in range(2))
    before = client.ok("journal", office=client.client_office)["events"]
    screen = restore_backup_screen(Office.open(client.client_office, CLOCK), EN)
    screen.form.start = run_now
    previewed(screen.form, second)
    field(screen, "Yes").value = True
    field(screen, "Type 007").value = "7"
    assert screen.form.wizard.is_at("preview", State.READY)
    third.replace(second)
    press(screen, "Finish")
    assert screen.form.feedback.code == "changed-meanwhile"
    press(screen, "Reload")
    assert codes(screen.form) == ["signer-changed"]
    assert (screen.form.accepted, screen.form.preview.typed, field(screen, "Type 007").value) == (frozenset(), "", "")
    assert (screen.form.wizard.is_at("preview", State.CONFIGURED), field(screen, "Yes").value) == (True, False)
    screen.form.type_number("7")
    assert not screen.form.finish()
    assert client.ok("journal", office=client.client_office)["events"] == before
    field(screen, "Yes").value = True
    assert screen.form.finish()


def test_the_same_backup_read_anew_is_confirmed_anew(client: Workspace) -> None:
    """What is to be confirmed is the same, yet the box on the screen is off, as is what it stands for."""
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    screen = restore_backup_screen(Office.open(client.client_office, CLOCK), EN)
    screen.form.start = run_now
    previewed(screen.form, signed_anew(client))
    field(screen, "Yes").value = True
    assert screen.form.resolve("retry")
    assert (screen.form.accepted, field(screen, "Yes").value) == (frozenset(), False)
    field(screen, "Yes").value = True
    assert screen.form.accepted


def test_a_tick_for_restoring_does_not_count_for_installing(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    client.ok("install", client.backup(7, "--plain", office=client.client_office), "--replace", "--confirm")
    (client.client_office / "backup-key.pem").write_bytes(SigningKey.new().pem())
    form = previewed(at_office(client), client.backup(7, "--plain", office=client.client_office))
    form.accept("signer-changed")
    assert form.choose_how("install")
    assert ("signer-changed" in codes(form), form.accepted) == (True, frozenset())


def signed_anew(desk: Workspace) -> Path:
    """A backup for the client, signed by a new key."""
    (desk.office / "backup-key.pem").write_bytes(SigningKey.new().pem())
    return desk.backup(7, "--plain")


def test_a_key_read_out_by_telephone_holds_the_signer_to_it(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    (client.office / "backup-key.pem").write_bytes(SigningKey.new().pem())
    second, form = client.backup(7, "--plain"), at_client(client)
    signer = client.ok("verify", second)["manifest"]["signer"]["jwk"]
    thumbprint = VerifyKey.from_jwk(signer).thumbprint
    assert form.choose_file(second)
    assert form.set_maker_key(thumbprint[:-1] + "_")
    assert form.next()
    assert (form.preview.signer, codes(form)) == ("not-read-out", ["signer-changed"])
    assert "call the office" in form.remedy(form.preview.obstacles[0])
    form.accept("signer-changed")
    form.type_number("7")
    assert not form.finish()
    assert form.previous()
    assert form.set_maker_key(f" {thumbprint[:10]} {thumbprint[10:]}\n")
    assert form.next()
    assert (form.preview.signer, codes(form)) == ("read-out", [])
    assert form.type_number("7")
    assert form.finish(), form.feedback


def test_a_key_read_out_by_telephone_holds_at_installing_too(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    form = at_office(client)
    form.choose_file(client.backup(7, "--plain", office=client.client_office))
    form.set_maker_key("another")
    form.next()
    assert form.choose_how("install")
    assert codes(form) == ["signer-changed"]
    form.accept("signer-changed")
    form.type_number("7")
    assert not form.finish()
    form.previous()
    form.set_maker_key("")
    form.next()
    form.choose_how("install")
    assert codes(form) == []


def test_it_begins_with_the_last_backup_that_was_kept_of_what_was_chosen_elsewhere(ready: Workspace) -> None:
    older, newer = (ready.backup(7, "--purpose", "safekeeping", "--plain") for _ in range(2))
    ready.backup(7, "--plain")
    office = Office.open(ready.office, CLOCK)
    for left in (newer, older, None):
        form = open_at(restore_backup_screen(office, EN), navigation.address(navigation.RESTORE, administration=7)).form
        assert form.backup.file == left
        assert form.wants == ("" if left else "file")
        if left is not None:
            left.unlink()
    assert restore_backup_screen(office, EN).form.wants == ""


def test_an_older_backup_asks_for_a_confirmation(client: Workspace) -> None:
    older, newer = client.backup(7, "--plain"), client.backup(7, "--plain")
    client.ok("restore", newer, "--confirm", office=client.client_office)
    form = previewed(at_client(client), older)
    assert codes(form) == ["older-backup"]
    form.accept("older-backup")
    form.type_number("7")
    assert form.finish()


def test_an_accountant_is_led_to_installing_s3(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    theirs = client.backup(7, "--plain", office=client.client_office)
    form = previewed(at_office(client), theirs)
    assert "licence-differs" in codes(form)
    assert form.wizard.is_at("preview", State.FAIL)
    assert not form.finish()
    assert form.choose_how("install")
    assert "licence-differs" not in codes(form)
    assert form.preview.can_replace
    assert form.type_number("7")
    assert form.finish(), form.feedback
    assert [event["what"] for event in client.ok("journal")["events"]].count("administration-installed") == 1
    assert form.safety_copy is not None


def test_a_client_is_offered_no_installing(client: Workspace) -> None:
    form = previewed(at_client(client), client.backup(7, "--plain"))
    assert not form.choose_how("install")


def test_the_office_s_own_backup_is_not_restored_over_it(client: Workspace) -> None:
    form = at_office(client)
    assert form.choose_file(with_passphrase(client, "--register"))
    assert why(form).startswith("This is a backup of the office itself")
    assert not form.next(SECRET)
    assert form.check(SECRET)
    assert form.backup.verification.image_checked


def test_a_kvk_number_that_changed_at_the_accountants_is_to_be_changed_here_first(client: Workspace) -> None:
    client.ok("restore", client.backup(), "--confirm", office=client.client_office)
    client.ok("client", "change", CLIENT_KVK, "--kvk", "87654321", "--confirm")
    client.import_licence(client.issue("new.lic", kvk="87654321"))
    screen = restore_backup_screen(Office.open(client.client_office, CLOCK), EN)
    screen.form.start = run_now
    previewed(screen.form, client.backup())
    for words in (CLIENT_KVK, "87654321", "Change a client"):
        assert words in visible_text(screen), words
    labels = [one["label"] for shown in shown_widgets(screen.widget) if isinstance(shown, Links) for one in shown.links]
    assert "Create or copy" in labels


def test_into_an_archived_administration_it_says_that_it_stays_archived(client: Workspace) -> None:
    backup, office = client.backup(), client.client_office
    client.ok("restore", backup, "--confirm", office=office)
    client.ok("administration", "archive", 7, office=office)
    form = previewed(at_client(client), backup)
    (found,) = (one for one in form.preview.obstacles if one.code == "administration-archived")
    assert "Unarchive it" in form.remedy(found)
    assert form.type_number("7")
    assert form.finish()
    assert EN.sentence(found) in list(describe_outcome(form))


def test_the_file_vanished_between_preview_and_restore(client: Workspace) -> None:
    backup = client.backup(7, "--plain")
    form = previewed(at_client(client), backup)
    data = backup.read_bytes()
    backup.unlink()
    assert not form.finish()
    assert (form.feedback.code, form.feedback.action.name) == ("file-not-found", "choose-file")
    assert form.wizard.is_at("preview", State.FAIL)
    assert restored(client) == []
    backup.write_bytes(data)
    assert form.resolve("choose-file")
    assert (form.wants, form.backup.file) == ("file", backup)
    assert form.next()
    assert form.finish()


def test_changed_meanwhile_and_retry(client: Workspace) -> None:
    backup = client.backup(7, "--plain")
    form = previewed(at_client(client), backup)
    client.ok("restore", backup, "--confirm", office=client.client_office)
    assert not form.finish()
    assert form.feedback.code in {"changed-meanwhile", "number-taken"}
    assert form.resolve(form.feedback.action.name)
    assert form.preview.can_replace
    form.type_number("7")
    assert form.finish()


def test_cancel_and_previous_leave_nothing(client: Workspace) -> None:
    backup = client.backup(7, "--plain")
    form = previewed(at_client(client), backup)
    assert form.previous()
    assert form.backup.file == backup
    assert form.next()
    assert form.cancel()
    assert (form.ended, restored(client)) == ("cancelled", [])
    form.restart()
    assert form.backup.file is None


def test_a_double_click_restores_once_and_it_says_that_it_is_at_work(client: Workspace) -> None:
    form = at_client(client, start=(later := Later()))
    form.choose_file(client.backup(7, "--plain"))
    assert [form.next(), form.next()] == [True, False]
    assert form.wizard.is_at("file", State.ACTIVE)
    assert [form.cancel(), form.choose_file("x"), form.check()] == [False, False, False]
    later.job()
    assert [form.finish(), form.finish()] == [True, False]
    assert form.wizard.is_at("preview", State.ACTIVE)
    assert [form.cancel(), form.previous(), form.type_number("7")] == [False, False, False]
    later.job()
    assert form.done is not None
    events = [event["what"] for event in client.ok("journal", office=client.client_office)["events"]]
    assert events.count("administration-restored") == 1


def test_stopped_while_reading_it_ends_at_once_and_discards_the_result(client: Workspace) -> None:
    form = at_client(client, start=(later := Later()))
    form.choose_file(client.backup(7, "--plain"))
    assert not form.stop()
    for begin in (form.next, form.check):
        assert begin()
        assert form.stop()
        assert (form.busy, form.stopped) == (False, True)
        later.job()
        assert (form.preview, form.backup.verification, form.feedback.code) == (None, None, None)
    assert form.next()
    later.job()
    assert (form.preview is not None, form.stopped) == (True, False)


@pytest.mark.parametrize("sealed", [False, True])
def test_progress_is_reported_and_reading_can_be_stopped(client: Workspace, sealed: bool) -> None:
    backup = with_passphrase(client) if sealed else client.backup(7, "--plain")
    unlock = one_time_key(backup, SECRET) if sealed else Decryption()
    choices = RestoreChoices(backup, unlock)
    office, reported = Office.open(client.client_office, CLOCK), []
    plan = plan_restore(office, RESTORE, choices, lambda done, total: reported.append((done, total)))
    ((_, size),) = {(0, total) for _, total in reported}
    assert (reported[-1][0], size) == (size // 2, plan.manifest.image.size)

    def stops(done: int, _: int) -> None:
        if done:
            raise Stopped

    before = tree(client.client_office)
    for work in (lambda: plan_restore(office, RESTORE, choices, stops), lambda: plan.apply(office, stops)):
        with pytest.raises(Stopped):
            work()
        assert tree(client.client_office) == before
    assert plan.apply(office).number == 7


@pytest.mark.parametrize("again", [False, True])
def test_stopped_while_it_restores_nothing_changed(client: Workspace, again: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountools.forms.kit.jobs.OFTEN", -1)
    backup = client.backup(7, "--plain")
    if again:
        client.ok("restore", backup, "--confirm", office=client.client_office)
    before = tree(client.client_office)
    form = previewed(at_client(client), backup)
    form.type_number("7")
    stopped = []

    def stops_at_the_first_progress() -> None:
        if form.busy and form.bytes_done[1] and not form.stopping and not stopped:
            stopped.append(form.stop())

    form.subscribe(stops_at_the_first_progress)
    assert not form.finish()
    assert stopped == [True]
    assert (form.stopped, form.done, form.feedback.code) == (True, None, None)
    assert form.wizard.is_at("preview", State.READY)
    assert tree(client.client_office) == before
    assert client.ok("repair", office=client.client_office)["found"] == []
    assert form.finish(), form.feedback
    assert 0 < form.bytes_done[0] < form.bytes_done[1]
    assert restored(client) == [7]


def tree(office: Path) -> dict[str, bytes]:
    """What stands in an office, but for the logs of its databases."""
    return {str(path.relative_to(office)): path.read_bytes() for path in office.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))}  # fmt: skip


# The screen


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountools.forms.screens.restore.view.run_in_thread", lambda job: job())


@pytest.mark.usefixtures("_at_once")
def test_the_screen_through_the_whole_workflow(client: Workspace, tmp_path: Path) -> None:
    backup = with_passphrase(client)
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    screen = restore_backup_screen(Office.open(client.client_office, CLOCK), EN)
    field(screen, "Backup").value = str(backup)
    assert "Signed by Kantoor Zonnestein" in visible_text(screen)
    words = field(screen, "Passphrase")
    for typed in ("wrong", SECRET):
        words.value = typed
        press(screen, "Next")
        assert words.value == ""
        if typed == "wrong":
            assert "does not decrypt the file" in visible_text(screen)
    assert "not known yet" not in visible_text(screen)
    assert "known: the same key as before" in visible_text(screen)
    assert button(screen, "Finish").disabled
    field(screen, "Type 007").value = "8"
    assert button(screen, "Finish").disabled
    field(screen, "Type 007").value = "7"
    yes = [one for one in shown_widgets(screen.widget) if type(one).__name__ == "Checkbox"]
    for one in yes:
        one.value = True
    press(screen, "Finish")
    assert "is restored" in visible_text(screen)
    assert "can log in" in visible_text(screen)
    saved = tmp_path / "saved.ipynb"
    widgets = {"application/vnd.jupyter.widget-state+json": ipywidgets.Widget.get_manager_state()}
    saved.write_text(json.dumps({"cells": [], "metadata": {"widgets": widgets}, "nbformat": 4, "nbformat_minor": 5}, default=str), "utf-8")
    assert SECRET not in saved.read_text("utf-8")
    assert "can log in" in saved.read_text("utf-8")
    press(screen, "Close")
    press(screen, "Restore backup")
    assert field(screen, "Backup").value == ""


@pytest.mark.usefixtures("_at_once")
def test_the_screen_offers_an_accountant_restore_and_install(client: Workspace) -> None:
    client.ok("restore", client.backup(7, "--plain"), "--confirm", office=client.client_office)
    theirs = client.backup(7, "--plain", office=client.client_office)
    screen = restore_backup_screen(Office.open(client.office, CLOCK), EN)
    screen.form.choose_file(theirs)
    press(screen, "Check without restoring")
    assert "The backup is in order" in visible_text(screen)
    press(screen, "Next")
    press(screen, "Install it, to work in it")
    assert next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "RadioButtons").value == "install"
    assert screen.form.preview.how == "install"
    press(screen, "Previous")
    press(screen, "Next")
    press(screen, "Choose another backup")
    assert screen.form.wizard.current.name == "file"
    assert screen.form.backup.file == theirs


@pytest.mark.usefixtures("_at_once")
def test_leaving_the_step_empties_the_passphrase(client: Workspace) -> None:
    screen = restore_backup_screen(Office.open(client.client_office, CLOCK), EN)
    screen.form.choose_file(with_passphrase(client))
    words = field(screen, "Passphrase")
    words.value = SECRET
    assert not button(screen, "Next").disabled
    press(screen, "nl")
    assert words.value == ""
    assert SECRET not in repr(ipywidgets.Widget.get_manager_state())
    assert button(screen, screen.form.texts("Next")).disabled
