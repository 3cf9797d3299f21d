"""The demonstration office: of any size it is an office like any other, made quickly, and passes all that the program checks."""

import sqlite3
import stat
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

import accountools as at
from tests.workspace import Workspace

CLIENTS = 120  # more than there are different books: some are copies


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, int]:
    """A desk with a demonstration office, and how many lines its books are said to have."""
    desk = Workspace(tmp_path_factory.mktemp("demo"))
    answer = desk.run("demo", desk.office, "--clients", CLIENTS, "--lines", 30)
    assert answer.code == 0
    assert answer.json["seconds"] > 0
    assert answer.json["clients"] == CLIENTS
    return desk, answer.json["lines"]


@pytest.fixture(scope="module")
def desk(made: tuple[Workspace, int]) -> Workspace:
    return made[0]


def books_of(desk: Workspace) -> list[Path]:
    return sorted((desk.office / "administrations").glob("*.db"))


def test_it_passes_the_programs_own_checks(desk: Workspace) -> None:
    assert desk.ok("repair")["found"] == []
    verified = desk.ok("journal", "verify")
    assert (verified["ok"], verified["findings"]) == (True, [])
    assert len(desk.ok("administration", "list")["administrations"]) == len(books_of(desk))
    audit = desk.ok("audit")
    assert sum(audit["summary"].values()) == len(audit["rows"]) == CLIENTS
    assert min(audit["summary"].values()) > CLIENTS / 10
    codes = Counter(one["code"] for row in audit["rows"] for one in row["obstacles"])
    assert {"no-licence", "licence-expired", "licence-revoked", "licence-expires-soon", "user-inactive", "too-many-users", "name-differs",
            "no-administration"} <= set(codes)  # fmt: skip


def test_each_administration_has_whole_books_of_its_own(made: tuple[Workspace, int]) -> None:
    desk, documents = made
    marks, lines = set(), 0
    for path in books_of(desk):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as books:
            assert books.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert books.execute("PRAGMA foreign_key_check").fetchall() == []
            assert books.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            marks |= set(books.execute("SELECT mark FROM marks"))
            lines += books.execute("SELECT count(*) FROM lines").fetchone()[0]
    assert len(marks) == len(books_of(desk))
    assert lines == documents


def test_what_is_a_copy_is_handed_over_like_any_other(desk: Workspace, tmp_path: Path) -> None:
    ready = [row for row in desk.ok("audit")["rows"] if row["state"] == "ready"]
    first, last = ready[0], ready[-1]
    made = desk.ok("backup", first["number"], last["number"], "--to", tmp_path, "--rehearse", "--confirm")["backups"]
    for row, backup in zip((first, last), made, strict=True):
        found = desk.ok("verify", backup["path"])
        assert (found["ok"], found["manifest"]["number"]) == (True, row["number"])
        assert desk.ok("administration", "enter", row["number"], "--as", row["user"])["may"]
        assert desk.ok("administration", "show", row["number"])["client"]["name"] == row["client"]


def test_planned_for_many_at_once_it_is_what_is_planned_one_by_one(desk: Workspace) -> None:
    office = at.Office.open(desk.office)
    numbers = [row["number"] for row in desk.ok("audit")["rows"] if row["number"] is not None]
    assert len(numbers) > 100
    together = office.plan_backup(numbers[::-1]).items
    assert together == tuple(office.plan_backup([number]).items[0] for number in numbers[::-1])
    *found, unknown = office.plan_backup([*numbers[::-1], 999]).items
    assert tuple(found) == together
    assert [one.code for one in unknown.obstacles] == ["administration-not-found"]


def test_books_that_lie_there_are_replaced(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    (desk.office / "administrations").mkdir(parents=True)
    old = desk.office / "administrations" / "00007.db"
    old.write_bytes(b"of an earlier life")
    desk.ok("demo", desk.office, "--clients", 2, "--lines", 0)
    assert [one["what"] for one in desk.ok("repair")["found"]] == ["replaced-books"]
    assert [path.read_bytes() for path in old.parent.glob("*.leftover")] == [b"of an earlier life"]
    assert desk.ok("administration", "show", 7)["counts"]["accounts"] > 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_seed_makes_the_same_clients_and_books(tmp_path: Path, count: int) -> None:
    desk = Workspace(tmp_path)
    documents = [desk.ok("demo", tmp_path / name, "--clients", count, "--lines", 20, "--seed", 5) for name in ("one", "other")]
    assert documents[0]["inbox"] == documents[1]["inbox"]
    shown = [desk.ok("administration", "show", 7, office=tmp_path / name) for name in ("one", "other")]
    assert shown[0] == shown[1]
