"""The form of *Kantoor*, walked without a browser: issuers, revocation lists, the office's backup, keys and journal, and repair."""

import shutil
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.domain.events.kinds import KINDS
from accountools.formats.signatures import SigningKey
from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.widgets import Callbacks
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.office.form import ManageOffice
from accountools.forms.screens.office.journal import JournalView
from accountools.forms.screens.office.view import office_screen
from accountools.office import Office
from accountools.operations.workdir import workdir
from accountools.reports.event_texts import EVENTS, describe_event
from accountools.texts import LANGUAGES, Language, Texts
from accountools.words import describe_key
from tests.test_batches import killed
from tests.test_forms_make_backups import Later
from tests.test_forms_menu import links, open_at, press_link
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.test_handover import change_register, new_key, open_office, passphrase_file
from tests.test_trust_and_revocation import OTHER, SAMPLES_KEY, issued_by, issuer_of, revoking, trust_file, trusted, verdict
from tests.workspace import TODAY, Workspace

EN = Texts("en")
WORDS = "correct horse battery staple"


def opened(desk: Workspace, part: str = navigation.ISSUERS, today: str = TODAY, **kwargs: Any) -> ManageOffice:
    form = ManageOffice(Office.open(desk.office, system_clock(parse_moment(f"{today}T12:00:00Z").date())), EN, **kwargs)
    assert form.open_part(part)
    return form


def main_button(form: ManageOffice) -> tuple[bool, str]:
    """Whether the main button can be pressed, and why not."""
    main = form.wizard.buttons()[-1]
    return main.enabled, main.why


def kinds(desk: Workspace) -> list[str]:
    return [event["what"] for event in desk.ok("journal")["events"]]


# --- issuers ---


def test_an_issuer_is_added_after_it_was_shown_and_not_before(ready: Workspace) -> None:
    form, path = opened(ready), trust_file(ready.folder, "new.jwks", OTHER)
    assert main_button(form) == (False, "Choose a list of issuers first")
    assert form.issuers.choose(f'"{path}"')
    assert form.issuers.plan is not None
    assert [one.key.thumbprint for one in form.issuers.plan.new] == [OTHER.public.thumbprint]
    assert OTHER.public.thumbprint not in trusted(ready)
    assert main_button(form) == (True, "")
    assert [form.issuers.trust(), form.issuers.trust()] == [True, False]
    assert OTHER.public.thumbprint in trusted(ready)
    assert [one.name for one in form.issuers.added] == ["Issuer 0"]
    assert verdict(ready, issued_by(ready, OTHER)) == "valid"
    assert kinds(ready).count("issuers-trusted") == 1


@pytest.mark.parametrize(
    ("name", "code", "remedy"),
    [
        ("samples.jwks", None, "Choose your supplier's list"),
        ("client.lic", "trust-invalid", "Ask the issuer"),
        ("nowhere.jwks", "file-not-found", "."),
        ("office", "file-not-found", "."),
        ("issuer/trust.jwks", None, ""),
    ],
    ids=["the samples' issuer", "a licence", "no file", "a folder", "known already"],
)
def test_a_list_that_adds_nothing_says_why_and_can_not_be_added(ready: Workspace, name: str, code: str | None, remedy: str) -> None:
    trust_file(ready.folder, "samples.jwks", SAMPLES_KEY)
    before = trusted(ready)
    form = opened(ready)
    assert form.issuers.choose(ready.folder / name) == (code is None)
    assert form.feedback.code == code
    found = form.issuers.plan.obstacles if form.issuers.plan else (form.feedback.reason,)
    assert all(remedy in form.remedy(one) for one in found if one)
    enabled, why = main_button(form)
    assert not enabled
    assert why
    assert not form.issuers.trust()
    assert trusted(ready) == before


def test_an_issuer_that_changed_after_it_was_shown_is_refused(ready: Workspace) -> None:
    form, path = opened(ready), trust_file(ready.folder, "new.jwks", OTHER)
    assert form.issuers.choose(path)
    trust_file(ready.folder, "new.jwks", SigningKey.from_seed(b"an issuer of somebody else, 32 b"))
    assert not form.issuers.trust()
    assert form.feedback.code == "changed-meanwhile"
    assert len(trusted(ready)) == 1
    assert form.resolve("retry")
    assert form.issuers.trust()
    assert OTHER.public.thumbprint not in trusted(ready)
    assert len(trusted(ready)) == 2


@pytest.mark.parametrize("name", ["new.jwks", r"C:\mail\new.jwks", "../../new.jwks", ""])
def test_a_file_handed_in_on_the_page_counts_as_one_that_was_chosen(ready: Workspace, name: str) -> None:
    form = opened(ready)
    path = form.uploads.upload_for("issuers").receive(name, trust_file(ready.folder, "new.jwks", OTHER).read_bytes())
    assert ready.folder not in path.parents
    assert form.issuers.choose(path)
    assert form.issuers.trust()
    assert OTHER.public.thumbprint in trusted(ready)


# --- revocation lists ---


def test_reading_a_list_in_says_what_it_revoked_here(ready: Workspace) -> None:
    ready.ok("trust", "add", trust_file(ready.folder, "new.jwks", OTHER), "--confirm")
    form = opened(ready, navigation.REVOCATIONS)
    assert main_button(form) == (False, "Choose a revocation list first")
    assert form.revocations.revoked == ()
    assert form.revocations.choose(revoking(ready, issuer_of(ready), 1, "KL-2041", "KL-1"))
    assert form.revocations.lists == ()
    assert [form.revocations.read_in(), form.revocations.read_in()] == [True, False]
    assert form.revocations.read is not None
    assert [(int(number or 0), licence.number) for number, licence in form.revocations.read.revoked] == [(7, "KL-2041")]
    assert form.revocations.revoked == form.revocations.read.revoked
    assert [(one.seq, one.numbers) for one in form.revocations.lists] == [(1, {"KL-2041", "KL-1"})]
    assert form.revocations.choose(revoking(ready, OTHER, 1, "KL-2041", "AC-1001"))
    assert form.revocations.read_in()
    assert form.revocations.read.revoked == ()
    assert set(form.revocations.read.passed_over) == {"AC-1001", "KL-2041"}
    assert verdict(ready, ready.folder / "client.lic") == "licence-revoked"


def test_a_list_that_revokes_the_own_licence_shows_it(ready: Workspace) -> None:
    form = opened(ready, navigation.REVOCATIONS)
    assert form.revocations.choose(revoking(ready, issuer_of(ready), 1, "AC-1001"))
    assert form.revocations.read_in()
    assert [number for number, _ in form.revocations.revoked] == [None]
    assert form.tabs.conditions[navigation.ISSUERS] == ("blocked", "revoked")


@pytest.mark.parametrize("case", ["older", "of nobody", "a licence", "no file"])
def test_a_list_that_does_not_count_is_refused_with_what_to_do(ready: Workspace, case: str) -> None:
    form = opened(ready, navigation.REVOCATIONS)
    assert form.revocations.choose(revoking(ready, issuer_of(ready), 2, "KL-1"))
    assert form.revocations.read_in()
    path, code, remedy = {
        "older": (revoking(ready, issuer_of(ready), 1, "KL-1"), "revocations-older", "latest list"),
        "of nobody": (revoking(ready, OTHER, 1, "KL-1"), "unknown-issuer", "Licence and issuers, on this screen"),
        "a licence": (ready.folder / "client.lic", "not-a-licence", "Choose the revocation list"),
        "no file": (ready.folder / "nowhere", "file-not-found", ""),
    }[case]
    assert form.revocations.choose(path)
    assert not form.revocations.read_in()
    assert form.feedback.code == code
    assert form.feedback.reason is not None
    assert remedy in form.describe(form.feedback.reason)
    assert [one.seq for one in form.revocations.lists] == [2]


# --- the office's own backup ---


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize("way", ["key", "passphrase"])
def test_the_backup_of_the_office_made_here_makes_the_lost_office_anew(ready: Workspace, way: str) -> None:
    form = opened(ready, navigation.OFFICE_BACKUP)
    assert form.tabs.conditions[navigation.OFFICE_BACKUP] == ("attention", "none made yet")
    assert main_button(form) == (False, "Type the passphrase twice")
    form.backup.choice.folder = ready.folder / "stick"
    form.backup.choice.option, form.backup.choice.key = way, new_key(ready)
    assert form.backup.make(WORDS if way == "passphrase" else None)
    assert form.backup.made is not None
    path = form.backup.made.path
    assert path is not None
    assert path.parent == ready.folder / "stick"
    assert form.tabs.conditions[navigation.OFFICE_BACKUP] == ("ready", TODAY)
    assert WORDS not in repr(vars(form.backup.choice))
    shutil.rmtree(ready.office)
    opening = ("--identity", ready.folder / "key.txt") if way == "key" else ("--passphrase-file", passphrase_file(ready, WORDS))
    assert ready.ok("restore", path, *opening, "--confirm")
    assert [one["number"] for one in ready.ok("administration", "list")["administrations"]] == [7]


def test_no_backup_of_the_office_is_made_without_what_encrypts_it(ready: Workspace) -> None:
    form = opened(ready, navigation.OFFICE_BACKUP)
    assert not form.backup.make()
    form.backup.choice.option = "key"
    form.changed()
    assert main_button(form) == (False, "Paste the key first (age1…)")
    form.backup.choice.key = "age1nonsense"
    assert not form.backup.make()
    assert form.feedback.code == "recipient-invalid"
    assert "register-backed-up" not in kinds(ready)


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (TODAY, None),
        ("2026-12-24", None),
        ("2026-12-25", "The last backup of the office itself is 31 days old"),
        ("2028-01-01", "The last backup of the office itself is 403 days old"),
    ],
)
def test_the_menu_reminds_of_a_backup_of_the_office_that_is_missing_or_old(ready: Workspace, today: str, due: str | None) -> None:
    def menu() -> Any:
        return menu_screen(Office.open(ready.office, system_clock(parse_moment(f"{today}T12:00:00Z").date())), EN)

    href = press_link(menu(), "▲ The office itself has no backup yet")
    screen = open_at(office_screen(Office.open(ready.office), EN), href)
    assert screen.form.part is screen.form.backup
    ready.ok("backup", "--register", "--recipient", new_key(ready), "--to", ready.folder / "stick", "--confirm")
    shutil.rmtree(ready.folder / "stick")  # taken out, and put away: no reason for another
    reminders = [label for label in links(menu()) if "The office itself" in label or "the office itself" in label]
    assert reminders == ([f"▲ {due}"] if due else [])
    form = opened(ready, navigation.OFFICE_BACKUP, today)
    assert form.tabs.conditions[navigation.OFFICE_BACKUP][0] == ("attention" if due else "ready")


@pytest.mark.parametrize("harm", [b"", b"x", None])
def test_without_the_key_that_signs_the_way_to_get_it_back_is_named(ready: Workspace, harm: bytes | None) -> None:
    key = ready.office / "backup-key.pem"
    key.unlink()
    if harm is not None:
        key.write_bytes(harm)
    form = opened(ready, navigation.OFFICE_BACKUP)
    form.backup.choice.option, form.backup.choice.key = "key", new_key(ready)
    assert not form.backup.make()
    assert form.feedback.reason is not None
    assert "Keys, on this screen" in form.remedy(form.feedback.reason)
    assert form.open_part(navigation.KEYS)
    assert main_button(form) == (False, "The office's own key can't be read")


def test_while_the_backup_is_made_nothing_else_is_and_the_screen_can_not_be_left(ready: Workspace) -> None:
    later = Later()
    form = opened(ready, navigation.OFFICE_BACKUP, start=later)
    form.backup.choice.option, form.backup.choice.key = "key", new_key(ready)
    assert form.backup.make()
    assert form.busy
    assert main_button(form) == (False, "Working; one moment, please")
    assert not form.backup.make()
    assert not form.close()
    assert form.open_part(navigation.JOURNAL)
    assert not form.journal.check()
    later.job()
    assert not form.busy
    assert form.backup.made is not None
    assert kinds(ready).count("register-backed-up") == 1
    assert form.close()


# --- the keys ---


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize("way", ["key", "passphrase"])
@pytest.mark.parametrize("harm", ["lost", "damaged", "another"])
def test_an_encrypted_copy_brings_the_key_back_that_signs(ready: Workspace, way: str, harm: str) -> None:
    form = opened(ready, navigation.KEYS)
    present, key = form.keys.present, ready.office / "backup-key.pem"
    form.keys.choice.folder = ready.folder / "stick"
    form.keys.choice.option, form.keys.choice.key = way, new_key(ready)
    assert form.keys.seal(WORDS if way == "passphrase" else None)
    copy = form.keys.sealed
    assert copy is not None
    assert b"PRIVATE KEY" not in copy.read_bytes()
    if harm == "lost":
        key.unlink()
    else:
        key.write_bytes(OTHER.pem() if harm == "another" else b"x")
    form = opened(ready, navigation.KEYS)
    assert form.tabs.conditions[navigation.KEYS][0] == ("ready" if harm == "another" else "blocked")
    assert form.keys.choose(copy)
    assert not form.keys.preview()
    assert form.feedback.code == "key-needed"
    form.keys.choose_key(ready.folder / "key.txt" if way == "key" else "")
    assert form.keys.preview(WORDS if way == "passphrase" else None)
    assert form.keys.plan is not None
    assert form.keys.plan.thumbprint == present
    assert form.keys.decline()
    assert not form.keys.unseal()
    assert form.keys.preview(WORDS if way == "passphrase" else None)
    assert [form.keys.unseal(), form.keys.unseal()] == [True, False]
    assert form.keys.present == form.keys.taken == present
    assert SigningKey.from_pem(key.read_bytes()).public.thumbprint == present


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize(("words", "code"), [("wrong", "wrong-key"), (WORDS, None)])
def test_only_what_encrypts_a_copy_opens_it_and_the_same_key_is_not_taken_back(ready: Workspace, words: str, code: str | None) -> None:
    form = opened(ready, navigation.KEYS)
    assert form.keys.seal(WORDS)
    assert form.keys.sealed is not None
    assert form.keys.choose(form.keys.sealed)
    assert form.keys.preview(words) == (code is None)
    assert form.feedback.code == code
    assert not form.keys.unseal()
    assert "key-unsealed" not in kinds(ready)


def test_copies_and_new_keys_never_overwrite(ready: Workspace) -> None:
    form, stick = opened(ready, navigation.KEYS), ready.folder / "stick"
    stick.mkdir()
    assert not form.keys.create()
    form.keys.choose_folder(stick)
    assert [form.keys.create(), form.keys.create()] == [True, True]
    assert form.keys.choice.key == form.keys.recipient
    form.keys.choice.folder = stick
    assert [form.keys.seal(), form.keys.seal()] == [True, True]
    assert len(list(stick.iterdir())) == 4
    assert form.keys.sealed is not None
    assert ready.ok("key", "unseal", form.keys.sealed, "--identity", stick / "key-20261124-2.txt")["thumbprint"] == form.keys.present


# --- the journal ---


def test_the_journal_holds_what_the_command_lists_the_newest_first(ready: Workspace) -> None:
    ready.backup(7, "--plain")
    form = opened(ready, navigation.JOURNAL)
    listed = ready.ok("journal")["events"]
    assert [(one.n, one.what, one.hash) for one in form.journal.events] == [
        (one["n"], one["what"], one["hash"]) for one in reversed(listed)
    ]
    assert form.journal.choose(0)
    assert form.journal.chosen is not None
    assert form.journal.chosen.what == "backup-made"
    assert form.journal.show_only(7)
    assert {int(one.administration or 0) for one in form.journal.events} == {7}
    assert form.journal.chosen is None
    assert form.journal.show_only(None)
    assert len(form.journal.events) == len(listed)
    assert not form.journal.show_only("x")
    assert form.feedback.code == "number-invalid"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-11-24T09:05:59.999Z", "24-11-2026 10:05"),
        ("2026-07-01T22:30:00.000Z", "02-07-2026 00:30"),
        ("2026-10-25T00:30:00.000Z", "25-10-2026 02:30"),
        ("gisteren", "gisteren"),
    ],
)
def test_an_event_has_the_time_of_the_clock_in_amsterdam(ready: Workspace, at: str, shown: str) -> None:
    change_register(ready.office, "UPDATE events SET at = ? WHERE n = 2", at)
    form = opened(ready, navigation.JOURNAL)
    form.set_language("nl")
    view = JournalView(form.journal, Callbacks(form))
    assert form.journal.choose(len(form.journal.events) - 2)
    view.refresh()
    assert f"<td>{shown}</td>" in "".join(str(getattr(one, "value", "")) for one in shown_widgets(view.widget))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_event_has_a_text(ready: Workspace, language: Language) -> None:
    """Those of this version; what another one recorded keeps its name."""
    assert set(EVENTS) == set(KINDS)
    form, texts = opened(ready, navigation.JOURNAL), Texts(language)
    shown = {one.what: describe_event(one, texts) for one in form.journal.events}
    assert {"office-made", "client-added", "licence-imported"} <= shown.keys()
    assert not [words for what, words in shown.items() if words == what or "—" in words]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE events SET \"by\" = 'nobody' WHERE n = 2", "event-changed"),
        ("DELETE FROM events WHERE n = 3", "event-changed"),
        ("UPDATE users SET active = 0", "register-differs"),
        ("UPDATE clients SET name = 'Iemand anders'", "register-differs"),
    ],
)
def test_the_check_finds_what_was_changed_and_says_what_to_do(ready: Workspace, change: str, code: str) -> None:
    form = opened(ready, navigation.JOURNAL)
    assert form.tabs.conditions[navigation.JOURNAL] == ("missing", "not checked yet")
    assert form.journal.check()
    assert form.tabs.conditions[navigation.JOURNAL] == ("ready", "in order")
    change_register(ready.office, change)
    assert form.journal.check()
    assert form.journal.verified is not None
    assert form.tabs.conditions[navigation.JOURNAL][0] == "blocked"
    assert code in {one.code for one in form.journal.verified[1]}
    assert all("compare the two journals" in form.remedy(one) for one in form.journal.verified[1])


# --- what an interruption left ---


def test_what_an_interruption_left_is_shown_cleaned_up_and_told(ready: Workspace) -> None:
    assert killed(ready, "kill:before-link:1", "--plain").code == -9
    form = opened(ready, navigation.REPAIR)
    assert form.tabs.conditions[navigation.REPAIR] == ("attention", "to clean up")
    assert {one.what for one in form.leftovers.found} >= {"unfinished-backup"}
    assert form.leftovers.batch is not None
    paths = [one.path for one in form.leftovers.found]
    assert form.leftovers.clean_up()
    assert form.leftovers.cleaned is not None
    assert [one.path for one in form.leftovers.cleaned] == paths
    assert not any(path.exists() for path in paths)
    assert form.tabs.conditions[navigation.REPAIR] == ("attention", "to continue")  # the batch itself
    assert main_button(form) == (False, "There is nothing to clean up")
    assert not form.leftovers.clean_up()
    assert ready.ok("repair")["found"] == []


def test_where_nothing_was_left_there_is_nothing_to_press(ready: Workspace) -> None:
    form = opened(ready, navigation.REPAIR)
    assert form.tabs.conditions[navigation.REPAIR] == ("ready", "nothing left behind")
    assert main_button(form) == (False, "There is nothing to clean up")


def test_nothing_is_cleaned_up_while_another_program_works_here(ready: Workspace) -> None:
    (ready.office / "backups" / ".0123456789abcdef.part").parent.mkdir(exist_ok=True)
    (ready.office / "backups" / ".0123456789abcdef.part").write_bytes(b"x")
    form = opened(ready, navigation.REPAIR)
    with workdir(form.office):
        assert not form.leftovers.clean_up()
        assert form.feedback.code == "office-busy"
    assert form.resolve("retry")
    assert form.leftovers.clean_up()


# --- the screen ---


def test_another_screen_opens_the_part_it_asks_for_and_nothing_else(ready: Workspace) -> None:
    for name in (navigation.REVOCATIONS, navigation.OFFICE_BACKUP, navigation.KEYS, navigation.JOURNAL, navigation.REPAIR):
        form = opened(ready)
        form.begin(Request(show=name))
        assert form.part is form.parts[name]
    form.begin(Request(show="nowhere"))
    assert form.part.name == navigation.REPAIR
    form.begin(Request(administration=7))
    assert (form.part.name, form.journal.only) == (navigation.JOURNAL, 7)
    assert form.close()
    assert not form.open_part(navigation.KEYS)
    assert form.restart()
    assert (form.part.name, form.journal.only) == (navigation.ISSUERS, None)


@pytest.mark.usefixtures("light_passphrases")
def test_the_screen_shows_each_part_in_both_languages(ready: Workspace) -> None:
    screen = office_screen(Office.open(ready.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())), EN)
    screen.form.start = run_now
    assert "Trusted issuers" in visible_text(screen)
    field(screen, "List of issuers").value = str(trust_file(ready.folder, "new.jwks", OTHER))
    assert OTHER.public.thumbprint in visible_text(screen)
    press(screen, "Trust these issuers")
    assert "Licences of Issuer 0 are accepted from now on." in visible_text(screen)
    field(screen, "▲ Backup of the office: none made yet").value = True
    field(screen, "Passphrase").value = field(screen, "Repeat the passphrase").value = WORDS
    press(screen, "Make backup of the office")
    assert "The backup of the office is made" in visible_text(screen)
    assert field(screen, "Passphrase").value == ""
    field(screen, "○ Journal").value = True
    press(screen, "Check the journal")
    assert "The journal is intact" in visible_text(screen)
    screen.form.set_language("nl")
    assert "Het logboek is intact" in visible_text(screen)
    for part, words in (("○ Ingetrokken", "Geen van de licenties"), ("● Sleutels", screen.form.keys.present), ("● Na een", "Er is niets")):
        field(screen, part).value = True
        assert words in visible_text(screen)
    assert button(screen, "Opruimen").disabled
    press(screen, "Sluiten")
    assert "Het scherm Kantoor is gesloten." in visible_text(screen)
    assert [path.suffix for path in (ready.office / "backups").iterdir()] == [".acb"]


# --- another place ---


def test_the_office_is_moved_after_it_was_shown_and_not_before(ready: Workspace) -> None:
    form, there = opened(ready, navigation.MOVE), ready.folder / "there"
    assert (form.move.condition(), main_button(form)) == (("ready", "in a folder"), (False, "Choose another location first"))
    assert form.move.choose(f' "{there}" ')
    assert form.move.plan is not None
    assert (form.move.plan.administrations, there.exists(), main_button(form)) == (1, False, (True, ""))
    assert [form.move.move(), form.move.move()] == [True, False]
    assert form.move.moved == str(there)
    assert ready.ok("journal", "verify", office=there)["ok"]
    assert not form.move.choose(str(ready.folder / "elsewhere")) or not main_button(form)[0]
    assert [one.code for one in form.move.plan.obstacles] == ["office-moved"]
    assert main_button(form)[1].startswith("It can't be moved there")


def test_the_screen_shows_what_would_be_moved_and_where_the_office_is_then(ready: Workspace) -> None:
    screen = office_screen(Office.open(ready.office), EN)
    screen.form.start = run_now
    assert screen.form.open_part(navigation.MOVE)
    field(screen, "Folder, or URL of the database").value = str(ready.office)
    press(screen, "Show what would be moved")
    assert "There is already an office" in visible_text(screen)
    field(screen, "Folder, or URL of the database").value = str(ready.folder / "there")
    press(screen, "Show what would be moved")
    assert "There is already an office" not in visible_text(screen)
    press(screen, "Move it there")
    assert f"The office is at {ready.folder / 'there'} now" in visible_text(screen)
    assert "was moved to" in visible_text(menu_screen(Office.open(ready.office), EN))


def test_a_move_that_was_stopped_says_what_is_so_and_the_same_button_goes_on(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountools.forms.kit.jobs.OFTEN", -1)
    ready.ok("administration", "copy", 7, 8)
    screen, there = office_screen(Office.open(ready.office), EN), ready.folder / "there"
    form = screen.form
    form.start = run_now
    form.open_part(navigation.MOVE)
    form.move.choose(str(there))

    stops = [form.stop]

    def stop_after_one() -> None:
        if stops and form.bytes_done == (1, 2):
            stops.pop()()

    form.subscribe(stop_after_one)
    press(screen, "Move it there")
    assert (form.stopped, form.move.moved, form.feedback.code) == (True, "", None)
    shown = visible_text(screen)
    assert "the office is where it was. What was copied stays" in shown
    assert "nothing was done" not in shown
    assert "Books copied already" in shown
    assert form.move.plan.copied == 2
    ready.add_client("Vis", "23456789")  # it goes on here
    press(screen, "Move it there")
    assert f"The office is at {there} now" in visible_text(screen)


# --- its folders ---


def test_the_folders_are_shown_and_named_as_they_were_chosen(ready: Workspace) -> None:
    form = opened(ready, navigation.FOLDERS)
    assert form.tabs.conditions[navigation.FOLDERS] == ("ready", "in order")
    assert main_button(form) == (False, "Choose another folder first")
    assert not form.folders.use()
    screen = office_screen(form.office, EN)
    assert screen.form.open_part(navigation.FOLDERS)
    assert str(ready.office / "backups") in visible_text(screen)
    form.folders.choose_backups(f'"{ready.folder / "out"}"')
    assert main_button(form) == (True, "")
    assert form.folders.use()
    assert not form.folders.use()
    shown = ready.ok("office", "show")
    assert (shown["backups"], shown["inbox"]) == (str(ready.folder / "out"), str(ready.office / "inbox"))
    assert ready.backup().parent == ready.folder / "out"
    form.folders.choose_inbox(str(ready.folder / "none" / "deeper"))
    assert not form.folders.use()
    assert form.feedback.code == "file-not-found"
    assert kinds(ready).count("folders-named") == 1


# --- its members ---


def test_somebody_is_admitted_and_dismissed_after_it_was_shown(ready: Workspace) -> None:
    theirs = new_key(ready)
    form = opened(ready, navigation.MEMBERS)
    assert form.tabs.conditions[navigation.MEMBERS] == ("ready", "you may make backups")
    assert main_button(form) == (False, "Fill in a name first")
    form.members.type_name("Piet")
    assert main_button(form) == (False, "Paste the key first (age1…)")
    form.members.type_recipient("age1nobody")
    assert not form.members.admit()
    assert form.feedback.code == "recipient-invalid"
    form.members.type_recipient(f" {theirs} ")
    assert form.members.admit()
    assert not form.members.admit()
    assert [one.name for one in form.members.members] == ["Piet"]
    before = form.keys.present
    assert form.members.preview("Piet")
    form.members.decline()
    assert not form.members.dismiss()
    assert form.members.preview("Piet")
    assert form.members.dismiss()
    assert not form.members.dismiss()
    assert (form.members.new_key, form.members.members) == (form.keys.present, ())
    assert form.keys.present != before
    assert kinds(ready)[-2:] == ["member-admitted", "member-dismissed"]


def test_on_the_screen_of_members_everything_is_done_by_its_buttons(ready: Workspace) -> None:
    theirs = new_key(ready)
    screen = office_screen(Office.open(ready.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())), EN)
    screen.form.start = run_now
    field(screen, "● Members").value = True
    assert "Nobody has been admitted." in visible_text(screen)
    field(screen, "Name").value = "Piet"
    field(screen, "Age public key").value = theirs
    press(screen, "Admit")
    assert "Piet can make backups from now on." in visible_text(screen)
    assert theirs in visible_text(screen)
    press(screen, "Dismiss")
    assert "Dismiss Piet?" in visible_text(screen)
    press(screen, "Yes, dismiss")
    assert "Backups are signed with a new key from now on." in visible_text(screen)
    assert describe_key(screen.form.members.new_key, "en") in visible_text(screen)
    assert "Nobody has been admitted." in visible_text(screen)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_is_no_member_sees_the_key_to_give_to_one(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_IDENTITY", str(ready.folder / "piet" / "identity.txt"))
    form = ManageOffice(open_office(ready), EN)
    assert form.open_part(navigation.MEMBERS)
    assert form.tabs.conditions[navigation.MEMBERS] == ("attention", "you may not make backups")
    assert (form.members.own_recipient, form.keys.present != "") == ("", True)
    assert form.members.create_own()
    assert ready.ok("key", "identity") == {
        "recipient": form.members.own_recipient,
        "path": str(ready.folder / "piet" / "identity.txt"),
        "created": False,
    }
    form.members.preview("tester")
    assert form.members.plan is not None
    assert [one.code for one in form.members.plan.obstacles] == ["member-last"]
    assert not form.members.dismiss()
    assert form.feedback.code == "member-last"
