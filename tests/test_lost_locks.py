"""On a server who is at work shows by a lock that ends with its connection: who lost it unnoticed leaves nothing half done.

The connection is idle meanwhile; it goes when the server is restarted, for instance. Another machine may repair the office then.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from accountools import failpoints
from tests.engines import run_sql, server
from tests.test_handover import new_key, post_books
from tests.workspace import CommandResult, Workspace

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

LOCKS = """SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = %s)"""


class Losing:
    """In place of a failpoint: where one is reached the `turn`th time, the connections that hold locks end, and something else is done."""

    def __init__(self, office: Path, where: str, turn: int, act: Callable[[], object]) -> None:
        self.office, self.where, self.left, self.act = office, where, turn, act

    def reach(self, name: str) -> None:
        if name != self.where or self.left == 0:
            return
        self.left -= 1
        if self.left == 0:
            ((ended,),) = server().run(LOCKS, "postgres", (server().databases[self.office],))
            assert ended
            self.act()


@pytest.fixture(params=[False, True], ids=["lost", "repaired elsewhere"])
def losing(ready: Workspace, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., CommandResult]:
    """A command, in the midst of which its locks are lost; and in the second run of the test somebody repairs the office elsewhere."""
    url = str(ready.place(ready.office)).partition("folder=")[0]

    def repair_elsewhere() -> None:
        if request.param:
            assert ready.run("repair", "--office", f"{url}folder={ready.folder / 'elsewhere'}").code == 0

    def run(where: str, turn: int, *words: object) -> CommandResult:
        losing = Losing(ready.office, where, turn, repair_elsewhere)
        with monkeypatch.context() as patched:
            patched.setattr(failpoints, "_armed", losing)
            answer = ready.run(*words)
        assert losing.left == 0
        return answer

    return run


def nothing_is_left(desk: Workspace, folder: Path) -> None:
    assert run_sql(desk.office, "SELECT id, state FROM backups WHERE state <> 'made'") == []
    assert list(folder.rglob("*.part")) == []
    assert [one["done"] for one in desk.ok("repair")["found"]] == []
    assert desk.ok("backups", "check")["ok"]
    assert desk.ok("journal", "verify")["ok"]


def test_a_backup_is_not_made(ready: Workspace, losing: Callable[..., CommandResult]) -> None:
    """Of several those before it are, and are in the answer."""
    ready.ok("administration", "copy", 7, 8)
    answer = losing("after-write-backup", 2, "backup", 7, 8, "--confirm")
    assert (answer.code, answer.error) == (4, "database-away")
    assert [one["administration"] for one in answer.json["backups"]] == [7]
    assert len(list(ready.folder.rglob("*.acb"))) == 1
    nothing_is_left(ready, ready.folder)
    assert ready.backup(8).is_file()


def test_nor_does_it_get_its_name(ready: Workspace, losing: Callable[..., CommandResult]) -> None:
    """Though it was written, and recorded so."""
    answer = losing("after-close-register", 2, "backup", 7, "--confirm")
    assert (answer.code, answer.error) == (4, "database-away")
    assert list(ready.folder.rglob("*.acb")) == []
    nothing_is_left(ready, ready.folder)
    assert ready.backup().is_file()


def test_the_rest_of_a_batch_can_be_resumed(ready: Workspace, losing: Callable[..., CommandResult]) -> None:
    ready.ok("administration", "copy", 7, 8)
    assert losing("after-write-backup", 2, "backup", "--all-ready", "--confirm").error == "database-away"
    assert [one["administration"] for one in ready.ok("backup", "--all-ready", "--resume", "--confirm")["backups"]] == [8]
    nothing_is_left(ready, ready.folder)


def test_a_backup_of_the_office_is_not_made(ready: Workspace, losing: Callable[..., CommandResult]) -> None:
    key = new_key(ready)
    answer = losing("after-close-register", 1, "backup", "--register", "--recipient", key, "--confirm")
    assert (answer.code, answer.error) == (4, "database-away")
    assert list(ready.folder.rglob("*.acb")) == []
    nothing_is_left(ready, ready.folder)


@pytest.mark.parametrize("more", [(), ("--replace",)])
def test_books_are_not_restored(ready: Workspace, losing: Callable[..., CommandResult], more: tuple[str, ...]) -> None:
    """The books that somebody repaired elsewhere are gone: nothing is put in place of those that are here."""
    post_books(ready.office)
    made = ready.backup(7, "--purpose", "safekeeping")
    if not more:
        ready.lose_books(7)
    answer = losing("after-commit-books", 1, "restore", made, *more, "--confirm")
    assert (answer.code, answer.error) == (4, "database-away")
    shown = ready.run("administration", "show", 7)
    assert shown.json["counts"]["entries"] if more else shown.error == "books-missing"
    assert ready.ok("restore", made, *more, "--confirm")["restored"]
    assert ready.ok("administration", "show", 7)["counts"]["entries"]


def test_books_are_not_created(ready: Workspace, losing: Callable[..., CommandResult]) -> None:
    words = ("administration", "create", 9, "--description", "Nieuw", "--chart", "standard")
    answer = losing("after-commit-books", 1, *words)
    assert (answer.code, answer.error) == (4, "database-away")
    assert ready.run("administration", "show", 9).error == "administration-not-found"
    ready.ok(*words)
    assert ready.ok("administration", "show", 9)["counts"]["accounts"]
    assert [one["done"] for one in ready.ok("repair")["found"]] == []


def test_a_move_to_the_server_is_not_finished_by_who_is_not_alone_any_more(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else may move an office there by now. The same command goes on where it was."""
    source, key = ready.folder / "source", new_key(ready)
    whole = ready.ok("backup", "--register", "--recipient", key, "--confirm")["backups"][0]["path"]
    ready.ok("restore", whole, "--identity", ready.folder / "key.txt", "--confirm", "--office", source)
    ready.lose_office()
    move = ("office", "move", "--to", ready.place(ready.office), "--confirm", "--office", source)
    losing = Losing(ready.office, "after-close-register", 1, lambda: None)
    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "_armed", losing)
        answer = ready.run(*move)
    assert (losing.left, answer.code, answer.error) == (0, 4, "database-away")
    assert ready.ok("journal", "verify", "--office", source)["ok"]
    assert ready.ok("client", "add", "--name", "Vis", "--kvk", "23456789", "--city", "Delft", "--office", source)
    assert ready.run("audit").error == "move-unfinished"
    ready.ok(*move)
    assert ready.ok("journal", "verify")["ok"]
    assert ready.run("client", "add", "--name", "X", "--kvk", "34567890", "--city", "Delft", "--office", source).error == "office-moved"
