"""After a backup for a client: the six words of the key, the email, the letter, the passphrase; on the screens and by the command line."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from accountools import safe_files
from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.domain.errors import MachineFailed
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats import encryption
from accountools.forms.files.delivery import Deliveries
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.navigation import restore_path
from accountools.forms.screens.backups.view import backups_screen
from accountools.forms.screens.import_licence.form import ImportClientLicence
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.forms.screens.make_backups.form import MakeBackups
from accountools.forms.screens.make_backups.view import make_backups_screen
from accountools.forms.screens.menu.view import menu_screen
from accountools.forms.screens.restore.form import RestoreBackup
from accountools.office import Office
from accountools.operations.restores.unlock import one_time_key
from accountools.texts import LANGUAGES, Language, Texts
from accountools.words import COUNT, describe_key, generate_passphrase, group_key, is_key, word_list
from tests.test_forms_menu import links
from tests.test_forms_screen import press, shown_widgets, visible_text
from tests.workspace import HENK, TODAY, Workspace

EN, NL = Texts("en"), Texts("nl")
CLOCK = system_clock(parse_moment(f"{TODAY}T12:00:00Z").date())
KEY = "_t5G8M5NvDigH6jQ2KIia3E512kJQ5crR7MHv67xCWQ"
WORDS = "appel brug citroen duin eend fiets"


@pytest.fixture
def several(ready: Workspace) -> Workspace:
    """007, 008 and 009 ready to hand over."""
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number, "--description", f"Filiaal {number}")
    return ready


def office(desk: Workspace, folder: Path | None = None) -> Office:
    return Office.open(folder or desk.office, CLOCK)


def batch(desk: Workspace, *numbers: int, texts: Texts = EN) -> MakeBackups:
    form = MakeBackups(office(desk), texts)
    assert form.tick(numbers or (7, 8, 9))
    assert form.next()
    return form


def at_backup(desk: Workspace, texts: Texts = EN) -> ImportClientLicence:
    """The form at its last step: the same client's licence imported anew."""
    form = ImportClientLicence(office(desk), texts)
    assert form.choose_administration(7)
    form.choose_file(desk.folder / "client.lic")
    form.choose_user(HENK)
    assert all((form.next(), form.finish(), form.continue_to_backup()))
    return form


def text_of(path: Path) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", path.read_text("utf-8")))


def thumbprint(desk: Workspace) -> str:
    return office(desk).backup_key.public.thumbprint


# --- the six words of the key ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_are_many_plain_and_of_one_language(language: Language) -> None:
    words = word_list(language)
    assert len(set(words)) == len(words) in {1024, 2048}  # 60 and 66 bits in six
    assert all(re.fullmatch("[a-z]{3,12}", word) for word in words)


def test_a_key_has_the_same_words_in_every_version() -> None:
    assert describe_key(KEY, "nl") == "hamster boon atelier maand hoofd bliksem"
    assert describe_key(KEY, "en") == "child mail scissors ancient ready hair"
    assert group_key(KEY) == "_t5G 8M5N vDig H6jQ 2KIi a3E5 12kJ Q5cr R7MH v67x CWQ"


@pytest.mark.parametrize(
    "typed",
    [
        KEY,
        group_key(KEY),
        f" {KEY}\n",
        describe_key(KEY, "nl"),
        describe_key(KEY, "en").upper(),
        describe_key(KEY, "nl").replace(" ", ", "),
    ],
)
def test_a_key_is_recognised_as_it_was_read_out(typed: str) -> None:
    assert is_key(typed, KEY)


@pytest.mark.parametrize(
    "typed", ["", KEY[:-1], KEY.swapcase(), describe_key(KEY, "nl")[:-1], describe_key(KEY[::-1], "nl"), "belang " * 6]
)
def test_what_was_not_read_out_is_another_key(typed: str) -> None:
    assert not is_key(typed, KEY)


def test_the_command_shows_the_words_and_takes_them_for_the_signer(ready: Workspace) -> None:
    backup, client = ready.backup(7, "--plain"), ready.create_client_office()
    words = describe_key(thumbprint(ready), "nl")
    shown = ready.run("restore", backup, "--lang", "nl", office=client, as_json=False)
    assert words in shown.out
    other = describe_key(KEY, "nl")
    assert ready.refused("restore", backup, "--signer", other, "--confirm", office=client) == "signer-changed"
    assert ready.ok("restore", backup, "--signer", words, "--confirm", office=client)["restored"]


def test_the_client_compares_the_words_on_the_screen(ready: Workspace) -> None:
    backup, client = ready.backup(7, "--plain"), ready.create_client_office()
    for typed, signer in ((describe_key(thumbprint(ready), "en"), "read-out"), (describe_key(KEY, "en"), "not-read-out")):
        form = RestoreBackup(office(ready, client), EN)
        form.choose_file(backup)
        assert form.set_maker_key(typed)
        assert form.next()
        assert form.preview is not None
        assert form.preview.signer == signer


# --- the email ---


def emails(deliveries: Deliveries | None, texts: Texts) -> list[str]:
    assert deliveries is not None
    found = []
    for one in deliveries.made:
        deliveries.choose(one.number)
        found.append(deliveries.email(texts))
    return found


@pytest.mark.parametrize("texts", [EN, NL], ids=LANGUAGES[::-1])
def test_the_email_names_a_menu_item_that_the_client_has(ready: Workspace, texts: Texts) -> None:
    form = at_backup(ready, texts)
    assert form.make_backup(to="plain")
    menu = menu_screen(office(ready, ready.create_client_office()), texts)
    links = [link["label"] for one in shown_widgets(menu.widget) for link in getattr(one, "links", ())]
    *headings, item = restore_path(texts).split(" ▸ ")
    assert " ▸ ".join(headings) in visible_text(menu)
    assert item in links
    assert restore_path(texts) in form.backup.made.deliveries.email(texts)


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize("how", ["plain", "passphrase", "generated"])
def test_neither_email_nor_letter_holds_the_key_that_is_compared_by_telephone(several: Workspace, how: str) -> None:
    form = batch(several)
    assert form.make(to=how, passphrase=WORDS if how == "passphrase" else None, rehearse=False)
    key = thumbprint(several)
    deliveries = form.deliveries
    papers = [*emails(deliveries, EN), *emails(deliveries, NL)]
    papers += [deliveries.chosen.mailto(EN, deliveries.email(EN)), deliveries.write_letter(EN).read_text("utf-8")]
    for secret in (key, group_key(key), describe_key(key, "nl"), describe_key(key, "en"), WORDS):
        assert not [paper for paper in papers if secret in paper]


def test_writing_the_email_opens_the_email_program_with_the_same_text(ready: Workspace) -> None:
    form = at_backup(ready, NL)
    assert form.make_backup(to="plain")
    deliveries = form.backup.made.deliveries
    address = urlsplit(deliveries.chosen.mailto(NL, deliveries.email(NL)))
    query = parse_qs(address.query)
    assert (address.scheme, address.path) == ("mailto", "")
    assert query["subject"] == ["Back-up van administratie 007 Bakkerij Jansen"]
    assert query["body"][0].replace("\r\n", "\n") == deliveries.email(NL)
    assert "+" not in address.query.replace("%2B", "")  # a blank is %20 there (RFC 6068)


# --- after one, and after a batch ---


def test_after_one_backup_the_key_stands_apart_from_the_email(ready: Workspace) -> None:
    screen = client_licence_screen(office(ready), EN)
    screen.form.start = run_now
    form = screen.form
    form.choose_administration(7)
    form.choose_file(ready.folder / "client.lic")
    form.choose_user(HENK)
    assert all((form.next(), form.finish(), form.continue_to_backup(), form.make_backup(to="plain")))
    shown = visible_text(screen)
    assert describe_key(thumbprint(ready), "en") in shown
    assert group_key(thumbprint(ready)) in shown
    (email,) = (one.value for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "For the email to the client")
    assert email == form.backup.made.deliveries.email(EN)


def test_after_a_batch_there_are_the_promise_the_key_and_an_email_for_each_client(several: Workspace) -> None:
    screen = make_backups_screen(office(several), EN)
    screen.form.start = run_now
    screen.form.tick([7, 8, 9])
    screen.form.next()
    assert screen.form.make(to="plain", rehearse=False)
    shown = visible_text(screen)
    assert "Each of the 3 backups contains the client's own licence; no trace of your own licence." in shown
    assert describe_key(thumbprint(several), "en") in shown
    (client,) = (one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "Client")
    (email,) = (one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "For the email to the client")
    for number in (7, 8, 9):
        client.value = number
        assert f"administration {number:03d}:" in email.value
    press(screen, "Letter for the client")
    (letter,) = (several.office / "exports").iterdir()
    assert "Filiaal 9" in text_of(letter)


def test_what_was_refused_gets_no_email(several: Workspace) -> None:
    form = batch(several)
    several.ok("user", "deactivate", "--administration", 8, HENK)
    assert form.make(to="plain", rehearse=False)
    assert [int(one.number) for one in form.deliveries.made] == [7, 9]


@pytest.mark.usefixtures("light_passphrases")
def test_the_rest_that_is_made_later_comes_to_what_was_made_before(several: Workspace) -> None:
    form = batch(several)
    jobs: list[Callable[[], object]] = []
    form.start = jobs.append
    assert form.make(to="generated", rehearse=False)
    assert form.run.step()
    assert form.stop()
    jobs.pop()()
    assert [int(one.number) for one in form.deliveries.made] == [7]
    assert form.make_rest()
    assert form.make(to="generated", rehearse=False)
    jobs.pop()()
    assert [int(one.number) for one in form.deliveries.made] == [7, 8, 9]
    assert set(form.deliveries.letters) == {7, 8, 9}


def managed(desk: Workspace, number: int, place: int = 0) -> Any:
    """*Back-ups beheren*, opened anew, with a backup of this administration open: the newest, or an earlier one."""
    screen = backups_screen(office(desk), EN)
    rows = [at for at, one in enumerate(screen.form.rows) if one.record.administration == number]
    assert screen.form.choose(rows[place])
    return screen


def written_passphrase(path: Path) -> str:
    (words,) = re.findall(r'class="words">([^<]+)<', path.read_text("utf-8"))
    return str(words)


@pytest.mark.usefixtures("light_passphrases")
def test_the_letter_with_its_passphrase_is_found_again_with_the_backup_that_it_opens(several: Workspace) -> None:
    """Also of a backup that has the name of an earlier one, and when the client has the file and the office hasn't."""
    made: list[tuple[Path, Path]] = []
    for folder in ("one", "two"):
        (several.folder / folder).mkdir()
        form = batch(several)
        assert form.make(to="generated", folder=several.folder / folder, rehearse=False)
        made.append((form.deliveries.made[1].path, form.deliveries.letters[form.deliveries.made[1].number]))
    (second, first) = reversed(made)
    assert first[0].name == second[0].name
    for place, (backup, letter) in enumerate((second, first)):
        screen = managed(several, 8, place)
        assert screen.form.deliveries.letters == {8: letter}
        shown = visible_text(screen)
        assert letter.name in shown
        assert describe_key(thumbprint(several), "en") in shown
        assert "the passphrase is in our letter" in screen.form.deliveries.email(EN)
        assert one_time_key(backup, written_passphrase(letter))
    first[0].unlink()
    assert first[1].name in visible_text(managed(several, 8, 1))


@pytest.mark.usefixtures("light_passphrases")
def test_a_letter_without_the_passphrase_comes_after_the_one_that_has_it(several: Workspace) -> None:
    form = batch(several, 8)
    assert form.make(to="generated", rehearse=False)
    (letter,) = form.deliveries.letters.values()
    aside = letter.rename(several.folder / letter.name)
    screen = managed(several, 8)
    assert screen.form.deliveries.letters == {}
    press(screen, "Letter for the client")
    later = screen.form.deliveries.letters[8]
    assert managed(several, 8).form.deliveries.letters == {8: later}
    kept = aside.rename(later.with_name("letter-008-2020-01-01.html"))
    assert managed(several, 8).form.deliveries.letters == {8: kept}
    kept.write_text(kept.read_text("utf-8").replace("data-sha256", "data-x"), "utf-8")  # as letters were once
    assert managed(several, 8).form.deliveries.letters == {8: kept}


def test_what_goes_with_a_backup_is_offered_for_hand_overs_that_are_there(several: Workspace) -> None:
    several.backup(7, "--plain")
    several.backup(8, "--purpose", "safekeeping", "--plain")
    assert "Our key, to read out by telephone" in visible_text(managed(several, 7))
    assert "Our key, to read out by telephone" not in visible_text(managed(several, 8))
    several.backup(9, "--plain").unlink()
    gone = managed(several, 9)
    assert (gone.form.deliveries, gone.form.feedback.reason) == (None, None)


def test_a_backup_to_keep_goes_to_nobody(several: Workspace) -> None:
    form = MakeBackups(office(several), EN)
    form.choose_purpose("safekeeping")
    form.tick([7])
    form.next()
    assert "generated" not in form.encryption.options
    assert form.make(to="plain", rehearse=False)
    assert form.deliveries is None


# --- passphrases ---


@pytest.mark.usefixtures("light_passphrases")
def test_each_client_of_a_batch_gets_its_own_passphrase_in_its_letter(several: Workspace) -> None:
    form = batch(several, texts=NL)
    assert form.make(to="generated", rehearse=False)
    words = {}
    for one in form.run.made:
        found = re.search(r'<code class="words">([a-z ]+)</code>', form.deliveries.letters[one.number].read_text("utf-8"))
        words[one.made.path] = found.group(1)
    assert len(set(words.values())) == len(words) == 3
    assert all(len(one.split()) == COUNT and set(one.split()) <= set(word_list("nl")) for one in words.values())
    for path, own in words.items():
        for typed in words.values():
            (several.folder / "typed.txt").write_text(f"{typed}\n")
            answer = several.run("verify", path, "--passphrase-file", several.folder / "typed.txt")
            assert answer.code == (0 if typed == own else 3), (answer.out, answer.err)
    held = repr([vars(form), vars(form.run), vars(form.deliveries), vars(form.encryption), form.run.results])
    assert not [one for one in words.values() if one in held]
    assert not [path for path in several.office.rglob("*") if path.is_file() and path.parent.name != "exports"
        and any(one.encode() in path.read_bytes() for one in words.values())]  # fmt: skip


@pytest.mark.usefixtures("light_passphrases")
def test_one_backup_with_a_generated_passphrase_is_rehearsed_and_checked(ready: Workspace) -> None:
    form = at_backup(ready)
    assert form.make_backup(to="generated")
    made = form.backup.made
    assert (made.encrypted, made.verification.image_checked, made.rehearsed is not None) == (True, True, True)
    assert "the passphrase is in our letter" in made.deliveries.email(EN)
    (letter,) = made.deliveries.letters.values()
    assert "Keep this letter apart from the file" in text_of(letter)


def test_a_generated_passphrase_is_long_enough_and_another_each_time() -> None:
    found = {generate_passphrase(language) for language in LANGUAGES for _ in range(20)}
    assert len(found) == 40
    assert all(len(one.split()) == COUNT for one in found)


@pytest.mark.usefixtures("light_passphrases")
def test_a_short_passphrase_is_refused_and_says_how_long(several: Workspace) -> None:
    form = batch(several)
    assert not form.make(to="passphrase", passphrase="elf tekens!")
    assert form.wizard.buttons()[-1].why == "The passphrase is too short: use at least 12 characters"
    assert form.make(to="passphrase", passphrase="twaalf teken", rehearse=False)


@pytest.mark.usefixtures("light_passphrases")
def test_the_command_line_takes_the_passphrase_that_it_is_given(ready: Workspace) -> None:
    (ready.folder / "short.txt").write_text("kort\n")
    backup = ready.backup(7, "--passphrase-file", ready.folder / "short.txt")
    assert ready.ok("verify", backup, "--passphrase-file", ready.folder / "short.txt")["ok"]


# --- the letter ---


@pytest.mark.parametrize("texts", [EN, NL], ids=LANGUAGES[::-1])
def test_the_letter_says_what_to_do_in_the_clients_words(ready: Workspace, texts: Texts) -> None:
    form = at_backup(ready, texts)
    assert form.make_backup(to="plain")
    letter = form.backup.made.deliveries.write_letter(texts)
    text = text_of(letter)
    for part in (form.backup.made.path.name, "007 Bakkerij Jansen", HENK, "KL-2041", restore_path(texts), "Kantoor Zonnestein"):
        assert part in text
    assert texts("Key, to compare by telephone") in text
    assert "<script" not in letter.read_text("utf-8")
    assert form.backup.made.deliveries.write_letter(texts) == letter


def test_names_in_a_letter_are_text_and_no_page(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8, "--description", "<b>Jansen</b> & Zn")
    form = batch(ready, 8)
    assert form.make(to="plain", rehearse=False)
    written = form.deliveries.write_letter(EN).read_text("utf-8")
    assert "&lt;b&gt;Jansen&lt;/b&gt; &amp; Zn" in written
    assert "<b>Jansen" not in written


def test_a_licence_with_a_key_asks_for_the_key_file(ready: Workspace) -> None:
    recipient = encryption.generate_identity()[1]
    ready.import_licence(ready.issue("keyed.lic", recipient=recipient), 7, HENK)
    form = batch(ready, 7)
    assert form.make(to="licence", rehearse=False)
    assert "only the key that belongs to your licence opens it" in form.deliveries.email(EN)
    assert "Also choose the key file that belongs to your licence." in text_of(form.deliveries.write_letter(EN))


# --- a letter that can't be written ---


class FullExports:
    """While `full` the folder `exports` has no room."""

    def __init__(self, desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full, real = True, safe_files.write_new

        def write_new(path: Path, data: bytes) -> None:
            if self.full and path.parent == desk.office / "exports":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            real(path, data)

        monkeypatch.setattr(safe_files, "write_new", write_new)


def opens(backup: Path, letter: Path) -> bool:
    """Whether the passphrase in this letter opens this backup."""
    return bool(one_time_key(backup, written_passphrase(letter)))


@pytest.mark.usefixtures("light_passphrases")
def test_what_was_made_is_made_whether_or_not_its_letter_can_be_written(several: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The passphrase is kept until the letter is there, and no backup is made whose letter can't be written either."""
    exports = FullExports(several, monkeypatch)
    screen = make_backups_screen(office(several), EN)
    form = screen.form
    form.start = run_now
    form.tick([7, 8])
    form.next()
    form.make(to="generated", rehearse=False)
    assert "1 made, 0 refused, 1 not made" in visible_text(screen)
    assert form.feedback.code == "disk-full"
    assert "The letter of 007 with its passphrase is not written yet." in visible_text(screen)
    assert [one["administration"] for one in several.ok("backups", "list")["backups"]] == [7]
    assert "the passphrase is in our letter" in form.deliveries.email(EN)
    press(screen, "Letter for the client")
    assert (form.feedback.code, form.deliveries.letters) == ("disk-full", {})
    exports.full = False
    press(screen, "Letter for the client")
    assert form.feedback.code is None
    assert "is not written yet" not in visible_text(screen)
    first = form.deliveries.letters[7]
    assert opens(form.deliveries.made[0].path, first)
    assert form.passphrases == {}
    press(screen, "Make the remaining backups")
    assert form.make(to="generated", rehearse=False)
    assert form.deliveries.letters[7] == first
    assert all(opens(one.path, form.deliveries.letters[one.number]) for one in form.deliveries.made)
    assert [int(one.number) for one in form.deliveries.made] == [7, 8]


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize("full", [True, False])
def test_none_is_made_before_the_letter_of_the_one_before_is_written(
    several: Workspace, monkeypatch: pytest.MonkeyPatch, full: bool
) -> None:
    """Backups of a group are made at once, but not those with passphrases of their own: nobody could open what an interruption leaves."""
    monkeypatch.setattr("accountools.operations.backups.groups._FEW", 2)
    monkeypatch.setattr("accountools.operations.backups.groups._GROUP", 2)
    exports, form, real = FullExports(several, monkeypatch), batch(several), safe_files.write_new
    exports.full = full

    def write_and_stop(path: Path, data: bytes) -> None:
        real(path, data)
        form.stop()

    monkeypatch.setattr(safe_files, "write_new", write_and_stop)
    form.make(to="generated", rehearse=False)
    made = [one["administration"] for one in several.ok("backups", "list")["backups"]]
    assert made == [int(one.number) for one in form.run.made] == [7]
    assert [int(number) for number, _, _ in form.run.rest] == [8, 9]
    exports.full = False
    assert form.resolve("retry")
    assert all(opens(one.path, form.deliveries.letters[one.number]) for one in form.deliveries.made)


@pytest.mark.usefixtures("light_passphrases")
def test_trying_again_writes_the_letters_also_of_what_was_made_before_the_rest(several: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    exports = FullExports(several, monkeypatch)
    form = batch(several, 7, 8)
    assert form.make(to="generated", rehearse=False)
    assert form.make_rest()
    assert form.make(to="generated", rehearse=False)
    assert (set(form.passphrases), form.deliveries.letters) == ({7, 8}, {})
    assert not form.resolve("retry")
    assert (form.feedback.code, set(form.passphrases)) == ("disk-full", {7, 8})
    exports.full = False
    assert form.resolve("retry")
    assert form.feedback.code is None
    assert all(opens(one.path, form.deliveries.letters[one.number]) for one in form.deliveries.made)
    assert form.wizard.finished


@pytest.mark.usefixtures("light_passphrases")
def test_the_passphrase_is_kept_when_the_register_is_away_as_soon_as_the_backup_is_made(
    several: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = batch(several, 7)

    def fail(*_: Any) -> Any:
        raise MachineFailed("database-away", what="gone")

    with monkeypatch.context() as away:
        away.setattr("accountools.forms.files.delivery.list_deliveries", fail)
        form.make(to="generated", rehearse=False)
        assert (form.feedback.code, len(form.run.made), form.deliveries) == ("database-away", 1, None)
    assert form.resolve("retry")
    assert opens(form.deliveries.made[0].path, form.deliveries.letters[7])


@pytest.mark.usefixtures("light_passphrases")
@pytest.mark.parametrize("fails", ["the letter", "the register"])
def test_at_the_import_too_what_was_made_is_made(ready: Workspace, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    exports = FullExports(ready, monkeypatch)
    form = at_backup(ready)

    def fail(*_: Any) -> Any:
        raise MachineFailed("database-away", what="gone")

    with monkeypatch.context() as away:
        if fails == "the register":
            exports.full = False
            away.setattr("accountools.forms.files.delivery.list_deliveries", fail)
        form.make_backup(to="generated", rehearse=False)
    assert form.feedback.code == {"the letter": "disk-full", "the register": "database-away"}[fails]
    assert form.backup.made.encrypted
    assert form.wizard.finished
    exports.full = False
    assert form.resolve("retry")
    assert form.feedback.code is None
    made = form.backup.made
    assert opens(made.path, made.deliveries.letters[7])
    assert made.verification.image_checked


def test_what_can_not_be_read_back_is_made_all_the_same(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr("accountools.forms.screens.import_licence.backup.verify", fail)
    form = at_backup(ready)
    form.make_backup(to="plain", rehearse=False)
    assert (form.feedback.code, form.wizard.finished) == ("machine-failed", True)
    assert "it was not read back" in form.backup.made.describe(EN)[1]
    assert form.backup.made.path.is_file()


# --- what opens each, and what was edited ---


@pytest.mark.usefixtures("light_passphrases")
def test_each_email_says_what_opens_its_own_backup(several: Workspace) -> None:
    form = batch(several)
    jobs: list[Callable[[], object]] = []
    form.start = jobs.append
    assert form.make(to="passphrase", passphrase=WORDS, rehearse=False)
    assert form.run.step()
    assert form.stop()
    jobs.pop()()
    assert form.make_rest()
    assert form.make(to="generated", rehearse=False)
    jobs.pop()()
    assert [(int(one.number), one.lock) for one in form.deliveries.made] == [(7, "passphrase"), (8, "letter"), (9, "letter")]
    assert set(form.deliveries.letters) == {8, 9}


@pytest.mark.usefixtures("light_passphrases")
def test_one_that_is_made_once_more_has_no_letter_of_the_one_before(several: Workspace) -> None:
    form = batch(several, 7, 8)
    jobs: list[Callable[[], object]] = []
    form.start = jobs.append
    assert form.make(to="generated", rehearse=False)
    assert form.run.step()
    assert form.stop()
    jobs.pop()()
    assert form.make_rest()
    form.plan_for([AdministrationNumber(7), AdministrationNumber(8)])
    assert form.make(to="passphrase", passphrase=WORDS, rehearse=False)
    jobs.pop()()
    assert [(int(one.number), one.lock) for one in form.deliveries.made] == [(7, "passphrase"), (8, "passphrase")]
    assert form.deliveries.letters == {}


def email_field(screen: Any) -> Any:
    (found,) = (one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "For the email to the client")
    return found


def test_an_edited_email_stays_while_the_screen_is_open(several: Workspace) -> None:
    """Also when the letter is written, another client is chosen, the rest is made, or the language changes."""
    screen = make_backups_screen(office(several), EN)
    jobs: list[Callable[[], object]] = []
    screen.form.start = jobs.append
    screen.form.tick([7, 8, 9])
    screen.form.next()
    assert screen.form.make(to="plain", rehearse=False)
    assert screen.form.run.step()
    assert screen.form.run.step()
    assert screen.form.stop()
    jobs.pop()()

    def choose(number: int) -> None:
        (client,) = (one for one in shown_widgets(screen.widget) if getattr(one, "description", "") in {"Client", "Klant"})
        client.value = number

    as_written = email_field(screen).value
    email_field(screen).value = "Beste Henk,"
    press(screen, "Letter for the client")
    assert email_field(screen).value == "Beste Henk,"
    choose(8)
    assert "administration 008" in email_field(screen).value
    email_field(screen).value = "Beste Els,"
    choose(7)
    assert email_field(screen).value == "Beste Henk,"
    assert "Beste%20Henk" in links(screen)["Write email"][2].href
    letter = screen.form.deliveries.letters[7]
    assert screen.form.make_rest()
    assert screen.form.make(to="plain", rehearse=False)
    jobs.pop()()
    assert (email_field(screen).value, screen.form.deliveries.letters) == ("Beste Henk,", {7: letter})
    screen.form.set_language("nl")
    screen.form.set_language("en")
    choose(8)
    assert email_field(screen).value == "Beste Els,"
    choose(7)
    email_field(screen).value = as_written
    assert list(screen.form.deliveries.edited.values()) == ["Beste Els,"]


def test_where_backups_are_managed_the_email_says_which_key_opens_it(several: Workspace) -> None:
    mine, other = (encryption.generate_identity()[1] for _ in range(2))
    several.import_licence(several.issue("keyed.lic", recipient=mine, number="KL-9"), 8, HENK)
    several.backup(7, "--recipient", other)
    several.backup(8)
    several.backup(9, "--recipient", mine)
    given, licence = "the public key you gave us", "the key that belongs to your licence"
    assert given in managed(several, 7).form.deliveries.email(EN)
    assert licence in managed(several, 8).form.deliveries.email(EN)
    assert given in managed(several, 9).form.deliveries.email(EN)
    several.import_licence(several.issue("renewed.lic", recipient=other, number="KL-2042"), 8, HENK)
    assert licence in managed(several, 8).form.deliveries.email(EN)
    form = batch(several, 8)
    form.encryption.key = mine
    assert form.make(to="key", rehearse=False)
    assert form.deliveries.made[0].lock == "key"
    assert given in managed(several, 8).form.deliveries.email(EN)
