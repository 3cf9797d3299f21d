"""The database's server is killed while a command runs: `database-away`, nothing is half done, and all goes on when the server is back."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accountools import failpoints
from tests import engines
from tests.engines import Server, place_of, run_sql, server
from tests.seeding import random_for
from tests.test_handover import post_books
from tests.test_move import kept_rows, register_of, works
from tests.test_restore import rows_of
from tests.workspace import HENK, CommandResult, Workspace

pytestmark = pytest.mark.xdist_group("server killed")
AUDIT_FILE = Path(__file__).parent / "auditfiles" / "good.xaf"
FILED = 9  # the administration into which an audit file comes
RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
ACTIONS: dict[str, tuple[object, ...]] = {
    "a licence comes in": ("licence", "import", "next.lic", "--administration", 7, "--user", HENK, "--confirm"),
    "an audit file comes in": ("auditfile", "import", AUDIT_FILE, "--administration", FILED, "--confirm"),
    "a backup is made": ("backup", 7, "--confirm"),
    "a batch is made": ("backup", "--all-ready", "--workers", 1, "--confirm"),
    "an administration is restored": ("restore", "safe.acb", "--replace", "--confirm"),
    "a member is admitted": ("office", "admit", "--recipient", RECIPIENT, "--name", "Piet"),
}
SAFETY_COPY = {("backup-made", 7)}  # of what is restored over, before that
FINAL = ("imports", "members", "batches", "books of 7", "books of 8", f"books of {FILED}")
State = dict[str, Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All of this is on a server."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def _own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server()  # skips where there can be none
    own = Server(tmp_path_factory.mktemp("s"))
    yield own
    own.stop()


@pytest.fixture
def own_server(_own_server: Server, engine: str, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server of this module's own, which its tests may kill."""
    monkeypatch.setattr(engines, "_server", _own_server)
    return _own_server


@pytest.fixture(scope="module")
def master(_own_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with 7 and 8 ready to hand over, 9 without books in it, a backup of 7 to restore, and a licence that comes next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "_server", _own_server)
        patch.setenv("ACCOUNTOOLS_USER", "tester")
        desk = Workspace(tmp_path_factory.mktemp("masters_killed") / "desk", on_server=True).ready()
        post_books(desk.office)
        shutil.copy(desk.backup(7, "--purpose", "safekeeping", "--to", desk.folder), desk.folder / "safe.acb")
        desk.ok("administration", "copy", 7, 8)
        desk.create(FILED, "Auditfile", chart=None)
        desk.issue("next.lic", valid_until="2028-12-31")
    return desk.folder


@pytest.fixture
def office(own_server: Server, master: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of that office."""
    yield copied(own_server, master, tmp_path / "desk")
    own_server.remove(tmp_path)


def copied(own: Server, master: Path, target: Path) -> Workspace:
    shutil.copytree(master, target)
    own.copy(master, target)
    return Workspace(target, on_server=True)


class Killing(failpoints.Armed):
    """A failpoint at which the server is killed. Without a place it only counts the places that are reached."""

    def __init__(self, own: Server, point: str = "") -> None:
        where, _, turn = point.partition(":")
        super().__init__("", where, int(turn or 0))
        self.own, self.points = own, list[str]()

    def reach(self, name: str) -> None:
        self.reached[name] += 1
        self.points.append(f"{name}:{self.reached[name]}")
        if name == self.where and self.reached[name] == self.turn:
            self.own.kill()


def give(desk: Workspace, words: tuple[object, ...], killing: Killing | None = None) -> CommandResult:
    """Give a command, in whose folder are the files that it names."""
    given = [desk.folder / word if isinstance(word, str) and (desk.folder / word).is_file() else word for word in words]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failpoints, "_armed", killing)
        return desk.run(*given)


def state_of(desk: Workspace) -> State:
    """All that counts of an office: to be compared between runs."""
    events = Counter((one["what"], one["administration"]) for one in desk.ok("journal")["events"] if one["what"] != "repaired")
    made = Counter((one["administration"], one["purpose"], one["present"]) for one in desk.ok("backups", "list")["backups"])
    return {
        "events": events,
        "backups": made,
        "files": len(list((desk.office / "backups").glob("*"))),
        "imports": sorted(run_sql(desk.office, "SELECT administration, licence, login_key, accepted FROM imports")),
        "members": [one["name"] for one in desk.ok("office", "members")["members"]],
        "batches": run_sql(desk.office, "SELECT count(*) FROM batches"),
        **{f"books of {number}": rows_of(desk.office, number) for number in (7, 8, FILED)},
    }


def clean_up(desk: Workspace) -> None:
    """After a repair there is nothing left; the journal and the backups are in order."""
    desk.ok("repair")
    assert desk.ok("repair")["found"] == []
    assert desk.ok("journal", "verify")["ok"]
    assert desk.ok("backups", "check")["ok"]
    assert run_sql(desk.office, "SELECT count(*) FROM backups WHERE state <> 'made'") == [(0,)]
    assert not [path for path in desk.office.rglob("*") if path.is_file() and path.name.startswith(".")]


def points_of(own: Server, desk: Workspace, words: tuple[object, ...]) -> list[str]:
    """The places that a command reaches, each with its turn."""
    counting = Killing(own)
    done = give(desk, words, counting)
    assert done.code == 0, done.err
    return counting.points


@pytest.mark.parametrize("action", ACTIONS)
def test_a_command_whose_server_is_killed_is_done_or_not_done(
    office: Workspace, own_server: Server, master: Path, tmp_path: Path, action: str, thorough: bool, record_property: Any
) -> None:
    words, before = ACTIONS[action], state_of(office)
    points = points_of(own_server, office, words)
    after = state_of(office)
    saved = SAFETY_COPY if "restore" in words else set()
    done = set(after["events"] - before["events"]) - saved
    chosen = points if thorough else random_for(action).sample(points, 1)
    for turn, point in enumerate(chosen):
        desk = copied(own_server, master, tmp_path / str(turn))
        answer = give(desk, words, Killing(own_server, point))
        assert (answer.code, answer.error) in {(4, "database-away"), (0, None)}, (point, answer.out, answer.err)
        if answer.code:
            assert desk.refused("audit", code=4) == "database-away"
        own_server.start()
        left = state_of(desk)
        if not done & set(left["events"] - before["events"]):  # nothing but what comes before it, and a batch that can be resumed
            assert all(left[name] in (before[name], after[name]) for name in left if name.startswith("books")), point
            assert [left[name] for name in ("imports", "members")] == [before[name] for name in ("imports", "members")], point
            assert set(left["events"] - before["events"]) <= saved
            assert give(desk, words).code == 0, point
        elif "--all-ready" in words:
            desk.ok(*words, "--resume")
        clean_up(desk)
        ended = state_of(desk)
        more = ended["events"] - after["events"]
        assert set(more) <= saved
        assert ended["files"] == after["files"] + more.total()
        assert {name: ended[name] for name in FINAL if ended[name] != after[name]} == {}, point
        assert after["events"] - ended["events"] == after["backups"] - ended["backups"] == Counter()
        own_server.remove(tmp_path / str(turn))
    record_property("counted times that the server was killed under a command", len(chosen))


@pytest.mark.parametrize("to_server", [True, False])
def test_a_move_whose_server_is_killed_goes_on_and_there_are_never_two_offices(
    request: pytest.FixtureRequest, own_server: Server, master: Path, tmp_path: Path, to_server: bool, thorough: bool, record_property: Any
) -> None:
    def begin(turn: object) -> tuple[Workspace, Path, tuple[object, ...]]:
        folder = tmp_path / str(turn)
        if to_server:
            desk = Workspace(shutil.copytree(request.getfixturevalue("_masters")["ready"], folder))
            post_books(desk.office)
            own_server.place(folder / "there")
        else:
            desk = copied(own_server, master, folder)
        target = folder / "there"
        return desk, target, ("office", "move", "--to", place_of(target), "--confirm", "--office", place_of(desk.office))

    desk, target, words = begin("whole")
    books, points = rows_of(desk.office), points_of(own_server, desk, words)
    chosen = points if thorough else random_for(f"move {to_server}").sample(points, 1)
    for turn, point in enumerate(chosen):
        desk, target, words = begin(turn)
        before = kept_rows(register_of(desk.office))
        answer = give(desk, words, Killing(own_server, point))
        assert (answer.code, answer.error) in {(4, "database-away"), (0, None)}, (point, answer.out, answer.err)
        own_server.start()
        at_work = [works(desk.office), works(target)]
        assert at_work != [True, True], point
        again = give(desk, words)
        assert again.error == ("office-moved" if at_work == [False, True] else None), (point, again.out, again.err)
        assert [works(desk.office), works(target)] == [False, True], point
        assert kept_rows(register_of(target)) == before
        assert rows_of(target) == books
        there = ("--office", place_of(target))
        assert desk.ok("journal", "verify", *there)["ok"]
        desk.ok("repair", *there)
        assert desk.ok("repair", *there)["found"] == []
        own_server.remove(tmp_path / str(turn))
    record_property("counted times that the server was killed under a move", len(chosen))
