"""An office that is moved to another place (`office move`): to a server and back, interrupted and taken up again, never in two places."""

import shutil
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accountools import failpoints
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.books.entries import post
from accountools.operations.maintenance.move import plan_move
from accountools.operations.progress import Stopped
from accountools.operations.workdir import workdir
from accountools.storage import schema
from accountools.storage.postgres.engine import PostgresEngine
from tests.crash_checks import run_forked
from tests.engines import place_of, run_sql, server, trust_of, unnamed_books
from tests.test_handover import post_books
from tests.test_moved_office import contents
from tests.test_restore import open_office, rows_of
from tests.workspace import CommandResult, Workspace

SEVEN = AdministrationNumber(7)
REGISTER = [name for name in schema.REGISTER_TABLES if name != "replacements"]


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Path]:
    """The folder of an office that is to be on the server: an empty database. Every statement there names the books that it is about."""
    folder = tmp_path / "there"
    server().place(folder)
    with server().statements() as sent:
        yield folder
    server().remove(tmp_path)
    assert [(one, names) for one in sent if (names := unnamed_books(one))] == []


def move(desk: Workspace, source: Path, target: Path, *words: object) -> CommandResult:
    return desk.run("office", "move", "--to", place_of(target), *words, "--office", place_of(source))


def moved(desk: Workspace, source: Path, target: Path) -> Any:
    answer = move(desk, source, target, "--confirm")
    assert (answer.code, answer.json["moved"]) == (0, True), answer.err
    return answer.json


def register_of(office: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a register; of backups without their paths."""
    columns = {name: [one.name for one in schema.REGISTER.tables[name].columns if "path" not in one.name] for name in REGISTER}
    chosen = {name: ", ".join(f'"{one}"' for one in names) for name, names in columns.items()}
    return {name: sorted(run_sql(office, f"SELECT {names} FROM {name}"), key=_by_number) for name, names in chosen.items()}


def kept_rows(register: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Of a register that was moved what is as it was: all but its newest events, and who became a member by that."""
    return {name: rows for name, rows in register.items() if name not in {"events", "members"}}


def _by_number(row: tuple[Any, ...]) -> tuple[bool, Any]:
    return (False, row[0]) if isinstance(row[0], int) else (True, repr(row))


def files_of(folder: Path) -> dict[str, bytes]:
    """All files; one without a byte is SQLite's own, for who reads."""
    return {name: data for name, data in contents(folder).items() if data}


def works(office: Path) -> bool:
    """Whether events can be recorded there."""
    with suppress(Refused), open_office(office).session(write=True):
        return True
    return False


def test_all_of_an_office_goes_to_a_server_and_back(ready: Workspace, there: Path) -> None:
    """Books with their identities and revisions, licences, users, the journal, the key, the inbox; backups stay where they are."""
    post_books(ready.office)
    made = ready.backup()
    back, letter = ready.folder / "back", ready.office / "inbox" / "letter.lic"
    shutil.copy(ready.folder / "client.lic", letter)
    before, books = register_of(ready.office), rows_of(ready.office)
    for source, target in ((ready.office, there), (there, back)):
        assert moved(ready, source, target) | {"plan": ""} == {
            "moved": True,
            "plan": "",
            "from": str(place_of(source)),
            "to": str(place_of(target)),
            "administrations": 1,
            "books": 1,
            "copied": 0,
            "continues": False,
            "obstacles": [],
        }
        after = register_of(target)
        assert kept_rows(after) == kept_rows(before)
        events = len(before["events"])
        assert after["events"][:events] == before["events"]
        on_server = ["member-admitted"] if target is there else []  # where the key is only sealed, to who moved it
        assert [row[3] for row in after["events"][events:]] == ["office-moved", "move-finished", *on_server]
        assert [one["name"] for one in ready.ok("office", "members", "--office", place_of(target))["members"]] == ["tester"]
        assert rows_of(target) == books
        assert open_office(target).engine.books_identities() == open_office(source).engine.books_identities()
        assert open_office(target).engine.books_revision(SEVEN) == open_office(source).engine.books_revision(SEVEN)
        given = ("--office", place_of(target))
        assert ready.ok("journal", "verify", *given)["findings"] == []
        assert [one["path"] for one in ready.ok("backups", "list", *given)["backups"]] == [str(made)]
        assert ready.ok("backups", "check", *given)["ok"]
        assert (target / "inbox" / letter.name).read_bytes() == letter.read_bytes()
        assert ready.ok("repair", *given)["found"] == []
        assert [works(source), works(target)] == [False, True]
        before = register_of(target)
    again = ready.ok("backup", 7, "--confirm", "--office", back)["backups"][0]["path"]
    assert Path(again).parent == back / "backups"
    assert ready.ok("verify", again, "--office", there and place_of(there))["ok"]  # by the same key


def test_until_it_is_confirmed_nothing_is_changed_anywhere(ready: Workspace, there: Path) -> None:
    before = files_of(ready.folder)
    planned = move(ready, ready.office, there).json
    assert (planned["moved"], planned["books"], files_of(ready.folder)) == (False, 1, before)
    assert ready.refused("audit", "--office", place_of(there)) == "office-not-found"
    assert move(ready, ready.office, there, "--plan", planned["plan"], "--confirm").json["moved"]
    assert move(ready, ready.office, there, "--plan", "0" * 32, "--confirm").error == "changed-meanwhile"


def test_what_was_moved_can_be_read_and_not_changed(ready: Workspace, there: Path) -> None:
    office = open_office(ready.office)  # as a program that was running all the time
    shown = ready.ok("administration", "show", 7)
    moved(ready, ready.office, there)
    assert ready.ok("administration", "show", 7) == shown
    assert str(place_of(there)) in ready.run("audit").err
    with pytest.raises(Refused, match="office-moved"):
        post(office, SEVEN, ())
    for words in (("backup", 7, "--confirm"), ("administration", "create", 8, "--description", "X"), ("office", "move", "--to", "x")):
        assert ready.refused(*words) == "office-moved"
    assert ready.ok("journal", "verify")["ok"]
    assert ready.ok("journal", "--office", place_of(there))["events"][:-2] == ready.ok("journal")["events"]


def test_its_backups_are_pruned_from_the_new_place_where_they_are(ready: Workspace, there: Path) -> None:
    old, _ = (ready.ok("backup", 7, "--purpose", "safekeeping", "--confirm", today=day)["backups"][0]["path"]
              for day in ("2015-01-01", "2026-11-24"))  # fmt: skip
    copy = shutil.copytree(ready.office, ready.folder / "copy")
    moved(ready, ready.office, there)
    prune = ("backups", "prune", "--keep-years", 7, "--confirm")
    assert ready.ok(*prune, "--office", place_of(there))["backups"][0]["path"] == old
    assert not Path(old).exists()
    assert len(list((copy / "backups").iterdir())) == 2


def test_its_backups_are_pruned_by_a_colleague_whose_url_is_another(ready: Workspace, there: Path) -> None:
    """A folder of their own, for one. In a copy of the database they are another office's."""
    old = ready.ok("backup", 7, "--purpose", "safekeeping", "--confirm", today="2015-01-01")["backups"][0]["path"]
    ready.ok("backup", 7, "--purpose", "safekeeping", "--confirm")
    moved(ready, ready.office, there)
    server().copy(there, ready.folder / "copied")
    prune = ("backups", "prune", "--keep-years", 7, "--confirm", "--office")
    (skipped,) = ready.ok(*prune, place_of(ready.folder / "copied"))["skipped"]
    assert [one["code"] for one in skipped["findings"]] == ["made-elsewhere"]
    colleague = f"{str(place_of(there)).partition('&folder=')[0]}&application_name=office&folder={ready.folder / 'own'}"
    assert ready.ok(*prune, colleague)["backups"][0]["path"] == old
    assert not Path(old).exists()


@pytest.mark.parametrize("outside", [True, False])
@pytest.mark.parametrize("failpoint", ["kill:after-write-backup:1", "kill:before-link:1"])
def test_what_an_interrupted_backup_left_goes_before_the_move(ready: Workspace, there: Path, failpoint: str, outside: bool) -> None:
    """At the new place nobody could tell whose it is."""
    folder = ready.folder / "stick" if outside else ready.office / "backups"
    folder.mkdir(exist_ok=True)
    server().close_connections()
    assert run_forked(ready.arguments("backup", 7, "--confirm", "--to", folder), failpoint).code == -9  # type: ignore[arg-type]
    assert len(list(folder.iterdir())) == 1
    assert move(ready, ready.office, there).json["moved"] is False
    assert len(list(folder.iterdir())) == 1
    moved(ready, ready.office, there)
    assert list(folder.iterdir()) == []
    assert run_sql(there, "SELECT count(*) FROM backups") == [(0,)]
    assert ready.ok("repair", "--office", place_of(there))["found"] == []


def test_a_batch_that_was_interrupted_is_made_anew_after_the_move(ready: Workspace, there: Path) -> None:
    """Where it goes is a folder of the old place: at the new one nothing is made there unasked."""
    server().close_connections()
    assert run_forked(ready.arguments("backup", "--all-ready", "--confirm"), "kill:before-link:1").code == -9  # type: ignore[arg-type]
    assert ready.ok("backup", "--all-ready", "--resume")["planned"] != []
    moved(ready, ready.office, there)
    given = ("--office", place_of(there))
    assert ready.ok("backup", "--all-ready", "--resume", "--confirm", *given)["planned"] == []
    folder = ready.folder / "new"
    folder.mkdir()
    assert len(ready.ok("backup", "--all-ready", "--confirm", "--to", folder, *given)["backups"]) == 1


# --- the new place ---


def test_another_office_at_the_new_place_is_not_touched(ready: Workspace, there: Path) -> None:
    other = ready.folder / "other"
    for office in (there, other):
        ready.ok("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust, "--office", place_of(office))
    before = files_of(ready.folder), register_of(there)
    for office in (there, other, ready.office):
        for words in ((), ("--confirm",)):
            assert move(ready, ready.office, office, *words).error == "office-exists"
    assert (files_of(ready.folder), register_of(there)) == before


def test_files_of_another_office_at_the_new_place_are_not_written_over(ready: Workspace) -> None:
    there = ready.folder / "there"
    there.mkdir()
    (there / "backup-key.pem").write_text("another's")
    assert move(ready, ready.office, there, "--confirm").error == "file-exists"
    assert (there / "backup-key.pem").read_text() == "another's"
    assert works(ready.office)


@pytest.mark.files_only
@pytest.mark.parametrize("held", ["", "[]", "{", "{}", pytest.param("[" * 60_000, id="deep")])
def test_a_record_of_a_move_that_can_not_be_read_is_reported(ready: Workspace, held: str) -> None:
    there = ready.folder / "half"
    there.mkdir()
    (there / "unfinished-move.json").write_text(held)
    assert ready.refused("audit", office=there, code=4) == "office-damaged"


def test_where_one_office_is_being_moved_there_is_no_place_for_another(ready: Workspace, there: Path) -> None:
    back, other = ready.folder / "back", ready.folder / "other"
    ready.ok("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust, "--office", other)
    for target in (there, back):
        interrupt(ready, ready.office, target, "before-leave-place:1")
        for words in (("audit",), ("repair",), ("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust)):
            assert ready.refused(*words, "--office", place_of(target)) == "move-unfinished"
        assert move(ready, other, target, "--confirm").error == "move-unfinished"
    assert works(other)


def test_who_moved_to_one_place_moves_to_no_other(ready: Workspace, there: Path) -> None:
    """Also where a move was begun, and interrupted, before it was moved to the one."""
    back = ready.folder / "back"
    interrupt(ready, ready.office, back, "before-leave-place:1")
    moved(ready, ready.office, there)
    assert move(ready, ready.office, back, "--confirm").error == "office-moved"
    assert move(ready, ready.office, there, "--confirm").error == "office-moved"


# --- interrupted ---


def interrupt(desk: Workspace, source: Path, target: Path, point: str) -> None:
    server().close_connections()  # a connection can't be shared with a child
    words = desk.arguments("office", "move", "--to", place_of(target), "--confirm", "--office", place_of(source))
    ended = run_forked(words, f"kill:{point}")
    assert ended.code == -9, ended.output


def resume_move(desk: Workspace, source: Path, target: Path, before: dict[str, Any], books: dict[str, Any]) -> None:
    """After an interruption there is one office at most; the same command goes on."""
    at_work = [works(source), works(target)]
    assert at_work != [True, True]
    if at_work == [False, True]:
        assert move(desk, source, target, "--confirm").error == "office-moved"
    else:
        moved(desk, source, target)
    assert [works(source), works(target)] == [False, True]
    after = register_of(target)
    assert kept_rows(after) == kept_rows(before)
    assert rows_of(target) == rows_of(target, 8) == books
    given = ("--office", place_of(target))
    assert desk.ok("journal", "verify", *given)["findings"] == []
    desk.ok("repair", *given)
    assert desk.ok("repair", *given)["found"] == []


TO_SERVER = ["after-commit-register:1", "before-commit-books:1", "after-commit-books:1", "after-commit-books:3", "before-leave-place:1",
             "after-leave-place:1", "before-commit-register:3", "after-commit-register:3"]  # fmt: skip


@pytest.mark.parametrize("point", TO_SERVER)
def test_an_interrupted_move_to_a_server_goes_on(ready: Workspace, there: Path, point: str) -> None:
    post_books(ready.office)
    ready.ok("administration", "copy", 7, 8)
    before, books, files = register_of(ready.office), rows_of(ready.office), files_of(ready.office)
    interrupt(ready, ready.office, there, point)
    if point in TO_SERVER[:5]:
        assert files_of(ready.office) == files  # byte for byte
        assert move(ready, ready.office, there).json["copied"] == {"after-commit-books:3": 1, "before-leave-place:1": 2}.get(point, 0)
    resume_move(ready, ready.office, there, before, books)


TO_FOLDER = ["before-replace:1", "before-adopt-image:2", "before-link:4", "before-leave-place:1", "after-leave-place:1", "before-link:5",
             "before-remove:1"]  # fmt: skip


@pytest.mark.parametrize("point", TO_FOLDER)
def test_an_interrupted_move_to_a_folder_goes_on(ready: Workspace, point: str) -> None:
    post_books(ready.office)
    ready.ok("administration", "copy", 7, 8)
    before, books = register_of(ready.office), rows_of(ready.office)
    interrupt(ready, ready.office, ready.folder / "back", point)
    resume_move(ready, ready.office, ready.folder / "back", before, books)


def test_going_on_needs_room_only_for_what_is_left(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    post_books(ready.office)
    ready.ok("administration", "copy", 7, 8)
    interrupt(ready, ready.office, ready.folder / "back", "before-adopt-image:2")
    free = open_office(ready.office).engine.books_size(AdministrationNumber(8))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    assert move(ready, ready.office, ready.folder / "other", "--confirm").error == "disk-full"
    moved(ready, ready.office, ready.folder / "back")


def test_what_was_booked_before_it_went_on_is_moved_too(ready: Workspace, there: Path) -> None:
    interrupt(ready, ready.office, there, "before-leave-place:1")
    post_books(ready.office)
    ready.add_client("Vis", "23456789")
    assert move(ready, ready.office, there).json["copied"] == 0
    moved(ready, ready.office, there)
    assert rows_of(there) == rows_of(ready.office)
    assert len(ready.ok("client", "list", "--office", place_of(there))["clients"]) == 2


def test_what_differs_after_copying_is_copied_anew(ready: Workspace, there: Path) -> None:
    post_books(ready.office)
    interrupt(ready, ready.office, there, "before-leave-place:1")
    run_sql(there, "UPDATE lines SET amount = amount + 1")
    answer = move(ready, ready.office, there, "--confirm")
    assert (answer.code, answer.error) == (4, "move-differs")
    assert works(ready.office)
    moved(ready, ready.office, there)
    assert rows_of(there) == rows_of(ready.office)


def test_it_can_be_stopped_and_goes_on(ready: Workspace, there: Path) -> None:
    office = open_office(ready.office)

    def stop(done: int, total: int) -> None:
        assert (done, total) == (0, 1)
        raise Stopped

    with pytest.raises(Stopped):
        plan_move(office, place_of(there)).apply(office, stop)
    assert move(ready, ready.office, there).json["continues"]
    moved(ready, ready.office, there)


def test_nobody_moves_what_another_is_moving_or_working_in(ready: Workspace, there: Path) -> None:
    office, found = open_office(ready.office), list[str | None]()
    for target in (there, ready.folder / "back"):

        def meanwhile(_done: int, _total: int, target: Path = target) -> None:
            found.append(move(ready, ready.office, target, "--confirm").error)
            raise Stopped

        with pytest.raises(Stopped):
            plan_move(office, place_of(target)).apply(office, meanwhile)
    with workdir(office):
        found.append(move(ready, ready.office, there).error)
    assert found == ["office-busy"] * 3
    moved(ready, ready.office, there)


# --- what was interrupted before the move, in an office that was open all the time ---


def kill(desk: Workspace, failpoint: str, *words: object, today: str | None = None) -> None:
    server().close_connections()  # a connection can't be shared with a child
    assert run_forked(desk.arguments(*words, today=today), f"kill:{failpoint}").code == -9


def save_two(desk: Workspace, folder: Path) -> tuple[str, str]:
    """Two backups for safekeeping, of which one is old."""
    words = ("backup", 7, "--purpose", "safekeeping", "--plain", "--confirm", "--to", folder)
    return tuple(desk.ok(*words, today=day)["backups"][0]["path"] for day in ("2015-01-01", "2026-11-24"))  # type: ignore[return-value]


PRUNE = ("backups", "prune", "--keep-years", 7, "--confirm")


@pytest.mark.parametrize("failpoint", ["", "EIO:after-leave-place:1"])
def test_a_backup_that_only_had_to_be_recorded_goes_along(ready: Workspace, there: Path, failpoint: str) -> None:
    stick = ready.folder / "stick"
    stick.mkdir()
    office = open_office(ready.office)
    kill(ready, "before-commit-register:3", "backup", 7, "--confirm", "--to", stick)
    (made,) = stick.iterdir()
    failpoints.arm(failpoint)
    try:
        with pytest.raises(OSError, match="error") if failpoint else nullcontext():
            plan_move(office, place_of(there)).apply(office)
    finally:
        failpoints.arm("")
    if failpoint:
        assert [ready.ok("audit") and works(ready.office), works(there)] == [False, False]
        moved(ready, ready.office, there)
    given = ("--office", place_of(there))
    assert [one["path"] for one in ready.ok("backups", "list", *given)["backups"]] == [str(made)]
    assert ready.ok("backups", "check", *given)["ok"]
    assert ready.ok("repair", *given)["found"] == []
    assert ready.ok("backups", "list") == ready.ok("backups", "list", *given)  # the old place can be read


def test_backups_that_were_pruned_are_pruned_at_the_new_place(ready: Workspace, there: Path) -> None:
    save_two(ready, ready.office / "backups")
    office = open_office(ready.office)
    kill(ready, "after-remove:1", *PRUNE)
    plan_move(office, place_of(there)).apply(office)
    given = ("--office", place_of(there))
    assert ready.ok("backups", "check", *given)["ok"]
    assert len(ready.ok("backups", "list", *given)["backups"]) == 1
    assert "backup-pruned" in [one["what"] for one in ready.ok("journal", *given)["events"]]
    ready.ok("audit")


def test_issuers_that_were_not_recorded_do_not_go_along(ready: Workspace, there: Path) -> None:
    office, trust = open_office(ready.office), ready.office / "trust.jwks"
    recorded = trust.read_bytes()
    trust.with_name("trust.jwks.former").write_bytes(recorded)
    trust.write_text('{"keys": []}')
    plan_move(office, place_of(there)).apply(office)
    assert trust_of(there) == recorded
    assert trust.read_bytes() == recorded


def test_books_whose_replacement_was_interrupted_are_put_back_before_the_move(ready: Workspace, there: Path) -> None:
    (backup, _), office = save_two(ready, ready.office / "backups"), open_office(ready.office)
    post_books(ready.office)
    before = rows_of(ready.office)
    kill(ready, "before-commit-register:5", "restore", backup, "--replace", "--confirm")
    plan_move(office, place_of(there)).apply(office)
    assert rows_of(there) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE backups SET part_path = 'pruning' || part_path",
        "UPDATE backups SET state = 'sealed'",
        "INSERT INTO replacements (administration, kept_name) VALUES (7, '00007.db.0a1b2c3d.kept')",
    ],
)
def test_what_cannot_be_finished_at_the_old_place_any_more_does_not_keep_it_from_being_read(
    ready: Workspace, there: Path, statement: str
) -> None:
    ready.backup()
    moved(ready, ready.office, there)
    run_sql(ready.office, statement)
    (ready.office / "trust.jwks.former").write_text("{}")
    for words in (("audit",), ("administration", "show", 7)):
        assert ready.run(*words).error is None
    assert ready.run("repair").error == "office-moved"


# --- where the new place is gone before there was an office ---


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("to_server", [False, True])
def test_a_move_whose_new_place_is_gone_begins_again(ready: Workspace, there: Path, to_server: bool, elsewhere: bool) -> None:
    """It was interrupted after the old place was left; then what it made was removed."""
    post_books(ready.office)
    folder, other = ready.folder / "new", ready.folder / "other"
    target = there if to_server else folder
    before, books = register_of(ready.office), rows_of(ready.office)
    interrupt(ready, ready.office, target, "after-leave-place:1")
    if elsewhere:
        assert move(ready, ready.office, other, "--confirm").error == "office-moved"  # as long as the first can go on
    if to_server:
        run_sql(there, "DROP SCHEMA accountools CASCADE")
    else:
        shutil.rmtree(folder)
    assert ready.ok("administration", "show", 7)
    assert not works(ready.office)
    again = other if elsewhere else target
    moved(ready, ready.office, again)
    assert [works(ready.office), works(again)] == [False, True]
    assert kept_rows(register_of(again)) == kept_rows(before)
    assert rows_of(again) == books
    assert ready.ok("journal", "verify", "--office", place_of(again))["findings"] == []
    assert ready.ok("journal", "verify")["ok"]
    for target in (folder, there, ready.folder / "third"):
        assert move(ready, ready.office, target, "--confirm").error in {"office-moved", "office-exists"}
    assert not (ready.office / "leaving.json").exists()


def test_a_move_goes_on_when_its_new_place_is_back_rather_than_begin_again(ready: Workspace, there: Path) -> None:
    stick, away = ready.folder / "stick", ready.folder / "pulled out"
    stick.mkdir()
    interrupt(ready, ready.office, stick / "new", "after-leave-place:1")
    stick.rename(away)
    for target in (stick / "new", there, ready.folder / "other"):
        assert move(ready, ready.office, target, "--confirm").error == "office-moved"
    away.rename(stick)
    moved(ready, ready.office, stick / "new")


def test_a_move_does_not_begin_again_while_the_server_is_away(ready: Workspace, there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(ready, ready.office, there, "after-leave-place:1")
    with monkeypatch.context() as away:

        def unreachable(_: object) -> bool:
            raise MachineFailed("database-away", what="away")

        away.setattr(PostgresEngine, "exists", unreachable)
        assert move(ready, ready.office, ready.folder / "other", "--confirm").error == "office-moved"
    moved(ready, ready.office, there)


@pytest.mark.parametrize("point", ["", "after-link:3", "before-remove:1"])
def test_an_office_that_worked_at_the_new_place_is_not_moved_there_again(ready: Workspace, point: str) -> None:
    """It may be under another name now, or on a disk that isn't connected."""
    if point:  # when the office was there already
        interrupt(ready, ready.office, ready.folder / "new", point)
        assert works(ready.folder / "new")
    else:
        moved(ready, ready.office, ready.folder / "new")
    (ready.folder / "new").rename(ready.folder / "renamed")
    for target in ("new", "other"):
        assert move(ready, ready.office, ready.folder / target, "--confirm").error == "office-moved"


# --- what it made outside its folder ---


@pytest.mark.parametrize("point", ["after-leave-place:1", "before-commit-register:3", "after-commit-register:3"])
def test_what_it_made_elsewhere_is_its_own_however_the_move_is_interrupted(ready: Workspace, there: Path, point: str) -> None:
    stick = ready.folder / "stick"
    stick.mkdir()
    old, _ = save_two(ready, stick)
    interrupt(ready, ready.office, there, point)
    if not works(there):
        moved(ready, ready.office, there)
    assert [one["path"] for one in ready.ok(*PRUNE, "--office", place_of(there))["backups"]] == [old]


@pytest.mark.parametrize("by_server", [False, True])
@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("interrupted", [False, True])
def test_after_two_moves_its_backups_are_its_own(ready: Workspace, there: Path, by_server: bool, outside: bool, interrupted: bool) -> None:
    folder = ready.folder / "stick" if outside else ready.office / "backups"
    folder.mkdir(exist_ok=True)
    old, _ = save_two(ready, folder)
    between, last = there if by_server else ready.folder / "between", ready.folder / "last"
    moved(ready, ready.office, between)
    if interrupted:
        interrupt(ready, between, last, "after-leave-place:1")
    moved(ready, between, last)
    copy = shutil.copytree(last, ready.folder / "copy")
    (skipped,) = ready.ok(*PRUNE, office=copy)["skipped"]
    assert (skipped["path"], [one["code"] for one in skipped["findings"]]) == (old, ["made-elsewhere"])
    assert [one["path"] for one in ready.ok(*PRUNE, office=last)["backups"]] == [old]
