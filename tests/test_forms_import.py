"""The form of *Importeren klantlicentie*, walked without a browser: the whole workflow, and what comes in between."""

from pathlib import Path

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.forms.kit.wizard import State
from accountools.forms.screens.import_licence.form import ImportClientLicence
from accountools.office import Office
from accountools.operations.restores import rehearse as rehearsing
from accountools.texts import Texts
from tests.workspace import HENK, PIET, TODAY, Workspace

EN = Texts("en")


@pytest.fixture
def waiting(empty_office: Workspace) -> Workspace:
    """An office with administration 007 of Bakkerij Jansen, whose licence lies in the inbox."""
    empty_office.add_client()
    empty_office.create()
    empty_office.issue("office/inbox/KL-2041.lic")
    return empty_office


def opened(desk: Workspace) -> ImportClientLicence:
    return ImportClientLicence(Office.open(desk.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())), EN)


def filled(desk: Workspace, file: str = "KL-2041.lic") -> ImportClientLicence:
    form = opened(desk)
    assert form.choose_administration("007")
    form.choose_file(desk.office / "inbox" / file)
    assert form.create_user(HENK, "Henk Jansen", "12")
    return form


def events(desk: Workspace) -> list[str]:
    return [event["what"] for event in desk.ok("journal")["events"]]


def show(desk: Workspace) -> dict:
    return desk.ok("administration", "show", 7)


def states(form: ImportClientLicence) -> list[str]:
    return [step.state.value for step in form.wizard.steps]


def codes(form: ImportClientLicence) -> list[str]:
    return [one.code for one in form.plan.obstacles]


def test_the_whole_workflow_s8_s11_s12_s13_s14_s15(waiting: Workspace) -> None:
    form = opened(waiting)
    assert form.wizard.buttons()[-1].why == "Choose the administration first"
    assert form.choose_administration(7)
    assert [one.path.name for one in form.fields.inbox_files() if one.fits and one.usable] == ["KL-2041.lic"]
    assert form.wizard.buttons()[-1].why == "Choose a licence file first"
    assert form.choose_file(form.fields.inbox_files()[0].path)
    assert form.wizard.buttons()[-1].why == "Choose the client's user first, or create one"
    assert form.create_user(HENK, "Henk Jansen", 12)
    before = events(waiting)
    assert form.next()
    assert (states(form), form.plan.obstacles) == (["success", "ready", "init", "init"], ())
    assert events(waiting) == before
    assert form.finish()
    assert form.confirmation.startswith("Licence KL-2041 of Bakkerij Jansen is imported into administration 007. Henk Jansen")
    assert show(waiting)["licence"]["number"] == "KL-2041"
    assert [(user["login"], user["employee"]) for user in show(waiting)["users"]] == [(HENK, 12)]
    assert form.continue_to_backup()
    assert states(form) == ["success", "success", "success", "configured"]
    assert form.make_backup(to="plain")
    made = form.backup.made
    assert made.verification.ok
    assert made.verification.image_checked
    assert made.describe(EN)[2].startswith(f"It was tested with a test restore on {TODAY}")
    assert waiting.ok("audit")["rows"][0]["last_rehearsed"] == TODAY
    assert waiting.ok("verify", made.path)["ok"]
    assert made.path.name in made.deliveries.email(EN)
    assert form.wizard.finished
    assert form.close()
    assert form.ended == "closed"


def test_a_wrong_file_then_the_right_one_and_what_was_filled_in_stays(waiting: Workspace) -> None:
    (waiting.folder / "letter.txt").write_text("Dear office, herewith nothing.")
    form = opened(waiting)
    form.choose_administration(7)
    form.create_user(HENK, "Henk Jansen")
    for wrong, code in ((waiting.folder / "letter.txt", "not-a-licence"), (waiting.folder / "gone.lic", "file-not-found")):
        assert not form.choose_file(wrong)
        assert form.fields.showing.verdict.code == code
        assert not form.next()
    assert form.choose_file(f'"{waiting.office}/inbox/KL-2041.lic"')
    assert form.fields.login == HENK
    assert form.next()


def test_a_file_that_is_refused_at_the_details_blocks_finish(waiting: Workspace) -> None:
    form = filled(waiting)
    assert form.choose_file(waiting.folder / "own.lic")
    assert form.next()
    assert states(form)[1] == "fail"
    assert "own-licence" in codes(form)
    assert "own licence" in form.wizard.buttons()[-1].why
    assert not form.finish()
    assert form.resolve("choose-file")
    assert (form.wizard.current.name, form.wants, form.fields.login) == ("file", "file", HENK)


def test_finish_twice_imports_once(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    assert [form.finish(), form.finish()] == [True, False]
    assert events(waiting).count("licence-imported") == 1
    assert [form.next(), form.finish()] == [False, False]


def test_next_twice_does_not_import(waiting: Workspace) -> None:
    form = filled(waiting)
    assert [form.next(), form.next()] == [True, False]
    assert "licence-imported" not in events(waiting)


def test_the_file_vanished_between_next_and_finish(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    path = form.fields.file
    data = path.read_bytes()
    path.unlink()
    assert not form.finish()
    assert (form.feedback.code, form.feedback.action.name, states(form)[1]) == ("file-not-found", "choose-file", "fail")
    assert show(waiting)["users"] == []
    path.write_bytes(data)
    assert form.resolve("retry")
    assert form.feedback.code is None
    assert form.finish()


def test_changed_meanwhile_and_retry(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    waiting.add_user(PIET, 7)
    assert not form.finish()
    assert (form.feedback.code, form.feedback.action.name) == ("changed-meanwhile", "retry")
    assert show(waiting)["licence"] is None
    assert not form.finish()
    assert form.resolve("retry")
    assert form.finish()


def test_a_licence_file_replaced_after_the_preview_is_refused(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    form.fields.file.unlink()
    waiting.issue("office/inbox/KL-2041.lic", users=1)
    assert not form.finish()
    assert form.feedback.code == "changed-meanwhile"
    assert show(waiting)["licence"] is None


def test_cancel_leaves_nothing_s12(waiting: Workspace) -> None:
    before = events(waiting)
    form = filled(waiting)
    form.next()
    assert form.cancel()
    assert (form.ended, events(waiting)) == ("cancelled", before)
    assert show(waiting)["users"] == []
    assert not form.cancel()
    form.restart()
    assert form.fields.login == ""
    assert states(form) == ["configured", "init", "init", "init"]


def test_cancel_is_refused_once_it_is_imported(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    form.finish()
    assert not form.cancel()
    assert form.close()


def test_obstacles_are_confirmed_before_finish(waiting: Workspace) -> None:
    waiting.issue("office/inbox/other.lic", number="KL-9", kvk="87654321")
    form = filled(waiting, "other.lic")
    form.next()
    assert codes(form) == ["kvk-differs"]
    assert states(form)[1] == "configured"
    assert not form.finish()
    form.accept("kvk-differs")
    assert states(form)[1] == "ready"
    form.accept("kvk-differs", yes=False)
    assert not form.finish()
    form.accept("kvk-differs")
    assert form.finish()
    row = waiting.run("audit")
    assert "kvk-differs" in row.obstacles


def test_going_back_withdraws_the_confirmation(waiting: Workspace) -> None:
    waiting.issue("office/inbox/other.lic", number="KL-9", kvk="87654321")
    form = filled(waiting, "other.lic")
    form.next()
    form.accept("kvk-differs")
    assert form.previous()
    assert form.fields.login == HENK
    form.next()
    assert form.accepted == frozenset()


@pytest.mark.parametrize(
    ("login", "name", "employee", "code"),
    [
        (r"A\B\c", "Henk", None, "login-invalid"),
        ("henk", " ", None, "name-missing"),
        ("henk", "Henk", "twelve", "employee-invalid"),
        ("henk", "Henk", "0", "employee-invalid"),
    ],
)
def test_a_new_user_is_refused_at_once(waiting: Workspace, login: str, name: str, employee: str | None, code: str) -> None:
    form = filled(waiting)
    assert not form.create_user(login, name, employee)
    assert form.feedback.code == code
    assert form.fields.login == HENK


def test_a_user_who_is_not_active_is_activated_by_the_remedy_s6(waiting: Workspace) -> None:
    waiting.add_user(HENK, 7, "--inactive")
    form = opened(waiting)
    form.choose_administration(7)
    assert form.fields.login == ""
    form.choose_file(waiting.office / "inbox" / "KL-2041.lic")
    form.choose_user(HENK)
    form.next()
    assert codes(form) == ["user-inactive"]
    assert form.resolve("activate-user")
    assert codes(form) == []
    assert form.finish()


def test_an_unknown_user_leads_to_creating_one(waiting: Workspace) -> None:
    form = filled(waiting)
    form.choose_user("somebody")
    assert form.fields.user is None
    form.next()
    assert codes(form) == ["user-not-found"]
    assert form.resolve("create-user")
    assert form.wants == "new-user"
    assert form.create_user("somebody", "Some Body")
    assert (form.wants, form.next(), form.finish()) == ("", True, True)


def test_the_only_active_user_is_filled_in_and_the_offices_own_people_are_not_offered(waiting: Workspace) -> None:
    waiting.add_user(PIET, 7, "--office-user")
    waiting.add_user(HENK, 7)
    form = opened(waiting)
    form.choose_administration(7)
    assert ([user.login for user in form.fields.users], form.fields.login) == ([HENK], HENK)


def test_what_is_not_an_administration_is_refused(waiting: Workspace) -> None:
    form = opened(waiting)
    for number, code in (("x", "number-invalid"), (8, "administration-not-found")):
        assert not form.choose_administration(number)
        assert form.feedback.code == code


def test_a_file_that_is_handed_in_lands_in_the_inbox_once(waiting: Workspace) -> None:
    data = (waiting.office / "inbox" / "KL-2041.lic").read_bytes()
    form = filled(waiting)
    assert form.upload("C:\\mail\\KL-2041.lic", data)
    assert form.fields.file.name == "KL-2041.lic"
    assert form.upload("KL-2041.lic", data + b"\n")
    assert form.fields.file.name == "KL-2041-2.lic"
    assert not form.upload("big.lic", bytes(70_000))
    assert form.feedback.code == "file-too-large"
    assert not (waiting.office / "inbox" / "big.lic").exists()


@pytest.mark.parametrize("name", ["../out.lic", ".hidden.lic", "", "con", "a/b.lic"])
def test_a_handed_in_name_never_leaves_the_inbox(waiting: Workspace, name: str) -> None:
    form = filled(waiting)
    assert form.upload(name, b"x")
    assert form.fields.file.parent == waiting.office / "inbox" / "refused"
    assert not form.fields.file.name.startswith(".")


@pytest.mark.usefixtures("light_passphrases")
def test_the_passphrase_is_used_and_not_kept(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    form.finish()
    form.continue_to_backup()
    assert form.backup.option == "passphrase"
    assert not form.make_backup()
    assert states(form)[3] == "configured"
    assert form.make_backup(passphrase="correct horse")
    assert form.backup.made.encrypted
    assert form.backup.made.verification.image_checked
    assert "correct horse" not in repr([vars(form), vars(form.backup), form.backup.made.deliveries.email(EN)])


def test_a_backup_to_the_key_in_the_licence(waiting: Workspace) -> None:
    recipient = waiting.ok("key", "new", waiting.folder / "key.txt")["recipient"]
    waiting.issue("office/inbox/keyed.lic", recipient=recipient)
    form = filled(waiting, "keyed.lic")
    form.next()
    form.finish()
    assert form.make_backup()
    made = form.backup.made
    assert (form.backup.option, made.encrypted, made.verification.image_checked) == ("licence", True, False)
    assert waiting.ok("verify", made.path, "--identity", waiting.folder / "key.txt")["image_checked"]


def test_a_backup_to_a_public_key_that_the_client_gave(waiting: Workspace) -> None:
    recipient = waiting.ok("key", "new", waiting.folder / "key.txt")["recipient"]
    form = filled(waiting)
    form.next()
    form.finish()
    assert not form.make_backup(to="key")
    assert form.wizard.buttons()[-1].why == "Paste the key first (age1…)"
    form.backup.key = "age1nonsense"
    assert not form.make_backup(to="key")
    assert form.feedback.code == "recipient-invalid"
    form.backup.key = recipient
    assert form.make_backup(to="key"), form.feedback
    made = form.backup.made
    assert (made.encrypted, made.verification.image_checked) == (True, False)
    assert waiting.ok("verify", made.path, "--identity", waiting.folder / "key.txt")["image_checked"]
    assert "only the key file that belongs to the public key you gave us opens it" in made.deliveries.email(EN)
    letter = made.deliveries.write_letter(EN).read_text("utf-8")
    assert "Also choose the key file that belongs to your public key." in letter
    assert "telephone" not in made.deliveries.chosen.opening(EN)


def test_a_folder_that_is_not_there_stops_the_backup_and_the_next_try_makes_it(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    form.finish()
    assert not form.make_backup(to="plain", folder=waiting.folder / "no" / "such")
    assert (form.feedback.code, states(form)[3]) == ("file-not-found", "fail")
    assert form.make_backup(to="plain", folder=waiting.folder)
    assert form.backup.made.path.parent == waiting.folder


def test_a_backup_is_made_once(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    form.finish()
    assert [form.make_backup(to="plain", check=False, rehearse=False), form.make_backup(to="plain")] == [True, False]
    assert form.backup.made.rehearsed is None
    assert len(form.backup.made.describe(EN)) == 2
    assert len(list((waiting.office / "backups").iterdir())) == 1


@pytest.mark.parametrize(("rehearse", "late"), [(False, False), (True, False), (True, True)])
def test_the_backup_reports_progress_and_leaves_nothing_when_stopped(
    waiting: Workspace, rehearse: bool, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped as soon as it tells how far it is, or as late as can be: as it is rehearsed."""
    monkeypatch.setattr("accountools.forms.kit.jobs.OFTEN", -1)
    form = filled(waiting)
    form.next()
    form.finish()
    seen: list[tuple[int, int]] = []

    def listens() -> None:
        if form.busy and not form.stopping:
            assert form.wizard.is_at("backup", State.ACTIVE)
            seen.append(form.bytes_done)
            if form.bytes_done[0] and not late:
                stops()

    def stops() -> None:
        assert form.stop()
        assert [form.previous(), form.close(), form.cancel(), form.make_backup(to="plain")] == [False] * 4

    with monkeypatch.context() as patched:
        if late:
            patched.setattr(rehearsing, "rehearse_image", lambda *_: (stops(), rehearsing.Rehearsal(()))[1])
        form.subscribe(listens)
        form.make_backup(to="plain", rehearse=rehearse)
    assert seen[-1][0] > 0
    assert (form.stopped, form.backup.made, form.feedback.code) == (True, None, None)
    assert list((waiting.office / "backups").iterdir()) == []
    assert waiting.ok("repair")["found"] == []
    assert waiting.ok("backups", "list")["backups"] == []
    assert form.wizard.is_at("backup", State.READY)
    monkeypatch.setattr("accountools.forms.kit.jobs.OFTEN", 3600)
    assert form.make_backup()
    assert (form.stopped, form.backup.made.path.is_file()) == (False, True)


def test_listeners_see_it_at_work(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    seen: list[State] = []
    form.subscribe(lambda: seen.append(form.wizard.current.state))
    form.finish()
    assert seen[0] is State.ACTIVE


def test_the_language_changes_and_nothing_else(waiting: Workspace) -> None:
    form = filled(waiting)
    form.next()
    plan = form.plan
    form.set_language("nl")
    assert form.plan is plan
    assert form.texts.language == "nl"


def test_a_renewal_shows_what_changes(ready: Workspace) -> None:
    from accountools.forms.screens.import_licence.view import compare_details

    ready.issue("renewed.lic", users=5, licensee="BAKKERIJ JANSEN B.V.", city="Den Haag")
    form = opened(ready)
    form.choose_administration(7)
    form.choose_file(ready.folder / "renewed.lic")
    form.next()
    rows = {row.label: row for row in compare_details(form.plan, EN)}
    assert not rows["Licensee"].differs
    assert rows["City"].differs
    assert (rows["Users"].licence, rows["Users"].before, rows["Users"].changes) == ("5", "3", True)
    assert not rows["Licence number"].changes


def test_paths_are_accepted_as_pasted() -> None:
    from accountools.forms.kit.form import parse_path

    assert parse_path(' "/a b/c.lic" ') == Path("/a b/c.lic")
    assert parse_path("~/x") == Path.home() / "x"
    assert parse_path(" ' ' ") is None


# What another did meanwhile, at step 4


def at_backup(desk: Workspace, **licence: object) -> ImportClientLicence:
    desk.issue("office/inbox/given.lic", **licence)
    form = filled(desk, "given.lic")
    assert all((form.next(), form.finish(), form.continue_to_backup()))
    return form


def test_a_licence_that_another_replaced_meanwhile_is_not_handed_over(waiting: Workspace) -> None:
    """Least of all one without a key, plain, where the client's key was chosen."""
    recipient = waiting.ok("key", "new", waiting.folder / "key.txt")["recipient"]
    form = at_backup(waiting, recipient=recipient)
    assert form.backup.option == "licence"
    waiting.import_licence(waiting.issue("other.lic", number="KL-2099"))
    for option in ("licence", "plain"):
        assert not form.make_backup(to=option, rehearse=False)
        assert (form.feedback.code, form.backup.made) == ("changed-meanwhile", None)
        assert form.remedy(form.feedback.reason).endswith("Administrations ▸ Make backup.")
    assert waiting.ok("backups", "list")["backups"] == []
    assert not (waiting.office / "backups").exists() or not list((waiting.office / "backups").iterdir())


def test_the_same_licence_imported_anew_meanwhile_is_handed_over(waiting: Workspace) -> None:
    form = at_backup(waiting)
    waiting.import_licence(waiting.office / "inbox" / "given.lic")
    assert form.make_backup(to="plain", rehearse=False)
    assert [one["administration"] for one in waiting.ok("backups", "list")["backups"]] == [7]
