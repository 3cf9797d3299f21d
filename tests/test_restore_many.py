"""Restoring many administrations at once: the newest backup of each number, side by side, in one transaction of the register a group."""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from accountools.domain.errors import Refused
from accountools.formats.signatures import VerifyKey
from accountools.operations.restores import restore_many
from accountools.operations.workdir import workdir
from tests.engines import run_sql
from tests.test_backup_file import forge
from tests.test_handover import image_of, manifest_of, open_office, passphrase_file, post_books
from tests.test_register_backup import back_up, lose, restore_office, with_key
from tests.test_restore import change_books, query, rival, rows_of
from tests.workspace import CommandResult, Workspace

pytestmark = pytest.mark.both_engines


SAFEKEEPING = ("--purpose", "safekeeping", "--plain")


def save(desk: Workspace, *numbers: int, to: str = "safe") -> list[Path]:
    """Safekeeping backups of these administrations."""
    made = desk.ok("backup", *numbers, *SAFEKEEPING, "--to", desk.folder / to, "--confirm")["backups"]
    return [Path(one["path"]) for one in made]


def results(answer: CommandResult) -> dict[int | None, tuple[bool, list[str]]]:
    """By number: whether it was restored, and the codes of its obstacles."""
    found: dict[int | None, tuple[bool, list[str]]] = {}
    for one in answer.json["restores"]:
        found[one["administration"]] = one["restored"], [obstacle["code"] for obstacle in one["obstacles"]]
    return found


@pytest.fixture
def three(ready: Workspace) -> Workspace:
    """Administrations 7, 8 and 9, with entries."""
    post_books(ready.office)
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    return ready


@pytest.fixture
def lost(three: Workspace) -> Workspace:
    """Its office stands again, without books; `safe` holds a backup of each administration, and the register's."""
    save(three, 7, 8, 9)
    register = back_up(three)
    lose(three)
    restore_office(three, register)
    return three


def nothing_is_left(desk: Workspace) -> None:
    assert not list((desk.office / "work").iterdir())
    assert not [path for path in (desk.office / "administrations").iterdir() if path.suffix != ".db"]


@pytest.mark.files_only
@pytest.mark.parametrize("workers", [(), ("--workers", 1), ("--workers", 2)])
def test_a_whole_office_comes_back(lost: Workspace, workers: tuple[object, ...]) -> None:
    planned = lost.run("restore", "--from", lost.folder / "safe", *workers)
    assert (planned.code, results(planned)) == (0, {7: (False, []), 8: (False, []), 9: (False, [])})
    nothing_is_left(lost)
    assert not list((lost.office / "administrations").iterdir())
    done = lost.run("restore", "--from", lost.folder / "safe", *workers, "--plan", planned.json["plan"], "--confirm")
    assert (done.code, results(done)) == (0, {7: (True, []), 8: (True, []), 9: (True, [])})
    assert rows_of(lost.office) == rows_of(lost.folder / "lost")
    assert [one["administration"] for one in lost.ok("journal")["events"] if one["what"] == "administration-restored"] == [7, 8, 9]
    assert lost.ok("journal", "verify")["ok"]
    assert lost.ok("repair")["found"] == []
    nothing_is_left(lost)
    assert lost.refused("restore", "--from", lost.folder / "safe", "--confirm") == "number-taken"


def test_on_paper_each_has_a_line(lost: Workspace) -> None:
    (lost.folder / "safe" / "none.acb").write_bytes(b"none")
    answer = lost.run("restore", "--from", lost.folder / "safe", "--confirm", as_json=False)
    assert answer.code == 3
    lines = answer.out.splitlines()
    assert [line.split()[0] for line in lines if line[:1] in "✗✓"] == ["✗", "✓", "✓", "✓"]
    assert "[not-a-backup]" in answer.out


def spoil(safe: Path) -> None:
    """Damage the backup of 008, and put a file there that is no backup."""
    eight = next(path for path in safe.glob("*-008-*"))
    data = bytearray(eight.read_bytes())
    data[len(data) // 2] ^= 1
    eight.write_bytes(data)
    (safe / "none.acb").write_bytes(b"none")


@pytest.mark.files_only
def test_one_that_is_refused_does_not_keep_the_others(lost: Workspace) -> None:
    safe = lost.folder / "safe"
    spoil(safe)
    planned = lost.run("restore", "--from", safe)
    assert planned.code == 3
    done = lost.run("restore", "--from", safe, "--confirm")
    assert (done.code, done.error) == (3, "not-a-backup")
    damaged = {None: (False, ["not-a-backup"]), 8: (False, ["backup-damaged"])}
    assert results(planned) == {**damaged, 7: (False, []), 9: (False, [])}
    assert results(done) == {**damaged, 7: (True, []), 9: (True, [])}
    nothing_is_left(lost)


def test_of_each_number_the_newest_is_taken(three: Workspace) -> None:
    old = save(three, 7, 8)
    change_books(three.office, "UPDATE relations SET name = 'gewijzigd'")
    (new,) = save(three, 7)
    expected = rows_of(three.office)
    register = back_up(three)
    lose(three)
    restore_office(three, register)
    for order in ([*old, new], [new, *old]):
        assert {one["path"] for one in three.ok("restore", *order)["restores"]} == {str(new), str(old[1])}
    three.ok("restore", new, *old, "--confirm")
    assert rows_of(three.office) == expected


def test_a_newer_hand_over_does_not_hide_what_can_be_restored(lost: Workspace) -> None:
    lost.ok("restore", "--from", lost.folder / "safe", "--confirm")
    lost.ok("backup", 7, "--plain", "--to", lost.folder / "safe", "--confirm")
    assert results(lost.run("restore", "--from", lost.folder / "safe", "--replace"))[7] == (False, [])


def test_at_the_clients_the_hand_overs_come_in(three: Workspace) -> None:
    three.create_client_office()
    made = three.ok("backup", 7, 8, 9, "--plain", "--to", three.folder / "out", "--confirm")["backups"]
    paths = [one["path"] for one in made]
    answer = three.run("restore", *paths, "--confirm", office=three.client_office)
    assert results(answer) == dict.fromkeys((7, 8, 9), (True, []))
    assert three.ok("journal", "verify", office=three.client_office)["ok"]


def test_of_two_signers_among_them_the_second_is_asked_about(three: Workspace) -> None:
    """Also where both are in one group: the signer of the first is kept before the next is planned."""
    theirs, ours = rival(three), three.backup(8)
    three.create_client_office()
    answer = three.run("restore", ours, theirs, "--confirm", office=three.client_office)
    assert (answer.code, results(answer)) == (3, {7: (True, []), 8: (False, ["signer-changed"])})
    assert [name for (name,) in query(three.client_office, "SELECT name FROM signers")] == ["Kantoor Maanzicht"]


@pytest.mark.files_only
def test_a_newer_one_by_anybody_does_not_hide_what_the_known_signer_made(three: Workspace) -> None:
    three.create_client_office()
    seven, eight = (three.backup(number, "--plain", "--to", three.folder / "out") for number in (7, 8))
    image = three.folder / "image.sqlite"
    image.write_bytes(image_of(eight))
    forge(three.folder / "out" / "newer.acb", image, number=8, counter=999, made_at="9999-01-01T00:00:00.000Z")
    known = manifest_of(eight)["signer"]["jwk"]
    thumbprint = VerifyKey.from_jwk(known).thumbprint
    named = three.run("restore", "--from", three.folder / "out", "--signer", thumbprint, office=three.client_office)
    assert results(named) == {7: (False, []), 8: (False, [])}
    three.ok("restore", seven, "--confirm", office=three.client_office)
    seven.unlink()
    answer = three.run("restore", "--from", three.folder / "out", "--confirm", office=three.client_office)
    assert results(answer) == {8: (True, [])}
    assert answer.json["restores"][0]["path"] == str(eight)


def test_a_backup_with_a_zero_byte_does_not_end_the_restore_of_others(three: Workspace) -> None:
    """PostgreSQL has none in its texts, which isn't the server's fault."""
    three.create_client_office()
    made = three.ok("backup", 7, 8, 9, "--plain", "--to", three.folder / "out", "--confirm")["backups"]
    seven = Path(made[0]["path"])
    image = three.folder / "image.sqlite"
    image.write_bytes(image_of(seven))
    with contextlib.closing(sqlite3.connect(image, isolation_level=None)) as connection:
        connection.execute("UPDATE accounts SET name = 'a' || char(0) || 'b' WHERE rowid = 1")
    forge(seven, image)
    answer = three.run("restore", "--from", seven.parent, "--confirm", office=three.client_office)
    assert results(answer)[7] == (False, ["schema-unexpected"])
    assert [number for number, (restored, _) in results(answer).items() if restored or number != 7] == [8, 9]


@pytest.mark.files_only
def test_replacing_many_keeps_a_safety_copy_of_each(three: Workspace) -> None:
    save(three, 7, 8)
    before = rows_of(three.office)
    change_books(three.office, "UPDATE relations SET name = 'gewijzigd'")
    assert three.refused("restore", "--from", three.folder / "safe", "--confirm") == "number-taken"
    answer = three.run("restore", "--from", three.folder / "safe", "--replace", "--confirm")
    assert results(answer) == {7: (True, []), 8: (True, [])}
    assert rows_of(three.office) == before
    assert len(list((three.office / "backups").glob("*.acb"))) == 2
    nothing_is_left(three)


@pytest.mark.files_only
@pytest.mark.usefixtures("light_passphrases")
def test_a_key_a_passphrase_and_a_signer_count_for_each(three: Workspace) -> None:
    words = passphrase_file(three)
    for number in (7, 8):
        three.ok("backup", number, "--purpose", "safekeeping", "--passphrase-file", words, "--to", three.folder / "safe", "--confirm")
    register = back_up(three, "--to", three.folder / "register")
    lose(three)
    restore_office(three, register)
    assert three.refused("restore", "--from", three.folder / "safe") == "key-needed"
    wrong = three.run("restore", "--from", three.folder / "safe", "--passphrase-file", words, "--signer", "x", "--confirm")
    assert results(wrong) == {7: (False, ["signer-changed"]), 8: (False, ["signer-changed"])}
    nothing_is_left(three)
    done = three.run("restore", "--from", three.folder / "safe", "--passphrase-file", words, "--confirm")
    assert results(done) == {7: (True, []), 8: (True, [])}


def test_what_is_accepted_counts_for_each(three: Workspace) -> None:
    old = save(three, 7, 8)
    three.ok("restore", *save(three, 7, 8, to="new"), "--replace", "--confirm")
    asked = three.run("restore", *old, "--replace", "--confirm")
    assert (asked.error, results(asked)) == ("older-backup", {7: (False, ["older-backup"]), 8: (False, ["older-backup"])})
    assert three.run("restore", *old, "--replace").code == 0
    done = three.run("restore", *old, "--replace", "--accept", "older-backup", "--confirm")
    assert {restored for restored, _ in results(done).values()} == {True}


@pytest.mark.files_only
def test_a_file_or_administration_that_changed_meanwhile_is_refused(lost: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = lost.ok("restore", "--from", lost.folder / "safe")["plan"]
    next((lost.folder / "safe").glob("*-009-*")).unlink()
    assert lost.refused("restore", "--from", lost.folder / "safe", "--plan", planned, "--confirm") == "changed-meanwhile"
    check = restore_many.prepare_books

    def other_file(office: Any, work: Any, choices: Any, tokens: Any) -> Any:
        if "-008-" in choices.path.name:
            shutil.copy(next((lost.folder / "safe").glob("*-007-*")), choices.path)
        return check(office, work, choices, tokens)

    monkeypatch.setattr(restore_many, "prepare_books", other_file)
    answer = lost.run("restore", "--from", lost.folder / "safe", "--confirm")
    assert results(answer) == {7: (True, []), 8: (False, ["changed-meanwhile"])}
    nothing_is_left(lost)


@pytest.mark.files_only
def test_when_the_disk_is_full_the_document_says_what_was_done(lost: Workspace) -> None:
    lost.environment["ACCOUNTOOLS_FAILPOINT"] = "ENOSPC:before-commit-register:2"
    answer = lost.run_process("restore", "--from", lost.folder / "safe", "--confirm")
    assert (answer.code, answer.error, answer.json["restores"]) == (4, "disk-full", [])
    lost.environment.clear()
    again = lost.run("restore", "--from", lost.folder / "safe", "--confirm")
    assert results(again) == dict.fromkeys((7, 8, 9), (True, []))


def test_a_register_among_files_is_refused_and_an_office_is_needed(lost: Workspace) -> None:
    register = next((lost.folder / "safe").glob("*register*"))
    seven = next((lost.folder / "safe").glob("*-007-*"))
    answer = lost.run("restore", register, seven, *with_key(lost), "--confirm")
    assert results(answer) == {None: (False, ["office-exists"]), 7: (True, [])}
    elsewhere = lost.folder / "elsewhere"
    assert lost.refused("restore", "--from", lost.folder / "safe", office=elsewhere) == "office-not-found"


@pytest.mark.parametrize("words", [(), ("x.acb", "--from", "."), ("x.acb", "y.acb", "--workers", 0)])
def test_wrong_usage(ready: Workspace, words: tuple[object, ...]) -> None:
    assert ready.run("restore", *words).code == 2


def test_a_folder_that_is_not_there_or_empty(ready: Workspace) -> None:
    assert ready.refused("restore", "--from", ready.folder / "nowhere") == "file-not-found"
    (ready.folder / "empty").mkdir()
    assert ready.ok("restore", "--from", ready.folder / "empty", "--confirm")["restores"] == []


@pytest.mark.files_only
@pytest.mark.parametrize(("group", "refused"), [(1, {8}), (2, {7, 8}), (24, {7, 8, 9})])
def test_a_group_of_which_somebody_else_places_one_is_refused_and_the_others_are_restored(
    lost: Workspace, monkeypatch: pytest.MonkeyPatch, group: int, refused: set[int]
) -> None:
    monkeypatch.setattr(restore_many, "_GROUP", group)
    add = "INSERT INTO replacements (administration, kept_name, owner) VALUES (8, '.0123456789abcdef.part', ?)"
    with workdir(open_office(lost)) as other:
        run_sql(lost.office, add, other.name)
        answer = lost.run("restore", "--from", lost.folder / "safe", "--confirm")
        run_sql(lost.office, "DELETE FROM replacements")
    assert (answer.code, answer.error) == (3, "changed-meanwhile")
    assert results(answer) == {number: (False, ["changed-meanwhile"]) if number in refused else (True, []) for number in (7, 8, 9)}
    nothing_is_left(lost)
    assert lost.run("restore", "--from", lost.folder / "safe", "--replace", "--confirm").code == 0
    assert lost.ok("journal", "verify")["ok"]


def test_what_was_restored_before_a_refusal_is_in_the_answer(lost: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the refusal of a group is."""
    monkeypatch.setattr(restore_many, "_GROUP", 1)
    engine, turns = type(open_office(lost).engine), iter(range(3))
    publishing = engine.publishing_books

    def refuse_second(*given: Any) -> Any:
        if next(turns) == 1:
            raise Refused("office-moved", path="elsewhere")
        return publishing(*given)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "publishing_books", refuse_second)
        answer = lost.run("restore", "--from", lost.folder / "safe", "--confirm")
    assert {number: restored for number, (restored, _) in results(answer).items()} == {7: True, 8: False, 9: True}
    assert (answer.code, results(answer)[8][1]) == (3, ["office-moved"])


NEVER = f"{'n' * 300}.acb"  # no file system has a name that long


def test_a_path_that_no_file_can_have_keeps_no_others_from_being_rehearsed(three: Workspace) -> None:
    good = save(three, 7)[0]
    answer = three.run("rehearse", good, three.folder / NEVER)
    assert (answer.code, answer.error) == (3, "file-not-found")
    assert [(Path(one["path"]).name, one["ok"]) for one in answer.json["rehearsals"]] == [(good.name, True), (NEVER, False)]


def test_a_path_that_no_file_can_have_keeps_no_others_from_being_restored(lost: Workspace) -> None:
    good = next((lost.folder / "safe").glob("*-007-*"))
    answer = lost.run("restore", good, lost.folder / NEVER, "--confirm")
    assert (answer.code, results(answer)) == (3, {None: (False, ["file-not-found"]), 7: (True, [])})


def test_a_link_that_no_file_can_have_keeps_no_others_from_being_inspected(three: Workspace) -> None:
    good = save(three, 7)[0]
    (good.parent / "link.acb").symlink_to(NEVER)
    found = {Path(one["path"]).name: one["findings"] for one in three.run("inspect", good.parent).json["files"]}
    assert (found[good.name], [one["code"] for one in found["link.acb"]]) == ([], ["file-not-found"])
