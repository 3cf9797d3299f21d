"""A hand-over that can't be written where it is to go is refused, and leaves nothing."""

import errno
import io
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from accountools import safe_files
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Relation
from accountools.office import Office
from accountools.operations.backups import write
from accountools.operations.books.entries import post
from accountools.storage.image import write as write_image
from tests.engines import place_of
from tests.test_handover import new_key, query, second_client, state
from tests.workspace import Workspace

pytestmark = pytest.mark.both_engines


@pytest.mark.parametrize("where", ["no/where", "own.lic", "own.lic/below"])
def test_a_folder_that_is_not_there_is_refused(ready: Workspace, where: str) -> None:
    before = state(ready.office)
    assert ready.refused("backup", 7, "--to", ready.folder / where, "--confirm") == "file-not-found"
    assert ready.refused("backup", "--register", "--recipient", new_key(ready), "--to", ready.folder / where) == "file-not-found"
    assert state(ready.office) == before


def test_a_new_folder_is_made_when_something_goes_into_it(ready: Workspace) -> None:
    second_client(ready, 8, licence=False)
    stick = ready.folder / "stick"
    assert ready.refused("backup", 8, "--to", stick, "--confirm") == "no-licence"
    ready.ok("backup", 7, "--to", stick)
    assert not stick.exists()
    assert ready.backup(7, "--to", stick).parent == stick
    assert stick.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_reported(ready: Workspace) -> None:
    stick = ready.folder / "stick"
    stick.mkdir(mode=0o500)
    before = state(ready.office)[0]
    assert ready.refused("backup", 7, "--to", stick, "--confirm", code=4) == "not-permitted"
    assert state(ready.office)[0] == before
    assert list(stick.iterdir()) == []


def no_room(*_: Any, **__: Any) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")


@pytest.mark.parametrize(
    ("module", "step"),
    [(safe_files, "create_private"), (write, "write_backup"), (safe_files, "sync_file"), (safe_files, "publish"),
     (write_image, "write_administration")],
)  # fmt: skip
@pytest.mark.parametrize(("error", "code"), [(errno.ENOSPC, "disk-full"), (errno.EACCES, "not-permitted")])
def test_a_machine_that_fails_at_any_step_leaves_nothing_behind(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, module: Any, step: str, error: int, code: str
) -> None:
    second_client(ready, 9)

    def fail(*_: Any, **__: Any) -> NoReturn:
        raise OSError(error, os.strerror(error), "somewhere")

    names, events = state(ready.office)[0], ready.ok("journal")["events"]
    with monkeypatch.context() as broken:
        for name in {step, f"{step}_rows"} & vars(module).keys():  # of an image, as each engine writes it
            broken.setattr(module, name, fail)
        answer = ready.run("backup", 7, 9, "--confirm")
    assert (answer.code, answer.error, answer.json["backups"], answer.json["planned"]) == (4, code, [], [7, 9])
    assert state(ready.office)[0] == names
    assert ready.ok("journal")["events"] == events
    assert ready.ok("repair")["found"] == []
    assert len(ready.ok("backup", 7, 9, "--confirm")["backups"]) == 2


def test_what_was_made_before_the_machine_failed_is_said(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    second_client(ready, 9)
    second_client(ready, 8, licence=False)
    publish, calls = safe_files.publish, itertools.count()

    def fail_at_the_second(aside: Path, path: Path, **how: Any) -> None:
        if next(calls):
            no_room()
        publish(aside, path, **how)

    with monkeypatch.context() as broken:
        broken.setattr(safe_files, "publish", fail_at_the_second)
        answer = ready.run("backup", 7, 8, 9, "--confirm")
    assert (answer.code, answer.error) == (4, "disk-full")
    assert [one["administration"] for one in answer.json["backups"]] == [7]
    assert [one["administration"] for one in answer.json["refused"]] == [8]
    assert [path.name for path in (ready.office / "backups").iterdir()] == ["20261124-1.0.0-007-Bakkerij Jansen.acb"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, where this machine lets one make one."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", place], capture_output=True, check=False)
    except OSError:
        pytest.skip("no mount here")
    if done.returncode:
        pytest.skip("no disk of one's own here")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path, leave: int) -> Path:
    """Fill a disk up to some free bytes."""
    filler = place / "filler"
    filler.write_bytes(b"")
    free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
    filler.write_bytes(bytes(free - leave))
    return filler


@pytest.mark.parametrize("leave", [0, 4096])
def test_a_full_disk_at_the_destination_is_reported_and_left_clean(ready: Workspace, small_disk: Path, leave: int) -> None:
    filler = fill(small_disk, leave)
    before = state(ready.office)[0]
    answer = ready.run("backup", 7, "--to", small_disk, "--confirm")
    assert (answer.code, answer.error, answer.json["backups"]) == (4, "disk-full", [])
    assert list(small_disk.iterdir()) == [filler]
    assert state(ready.office)[0] == before
    assert query(ready.office, "SELECT count(*) FROM backups") == [(0,)]
    filler.unlink()
    assert ready.ok("verify", ready.backup(7, "--to", small_disk))["ok"]


@pytest.mark.files_only
@pytest.mark.parametrize("leave", [0, 16_384, 131_072, 196_608])
def test_a_full_disk_under_the_office_is_reported_and_nothing_is_lost(ready: Workspace, small_disk: Path, leave: int) -> None:

    office = Path(shutil.copytree(ready.office, small_disk / "office"))
    events = ready.ok("journal", office=office)["events"]
    filler = fill(small_disk, leave)
    answer = ready.run("backup", 7, "--confirm", office=office)
    assert (answer.code, answer.error) == (4, "disk-full"), answer.err
    filler.unlink()
    ready.ok("repair", office=office)
    assert [event for event in ready.ok("journal", office=office)["events"] if event["what"] != "repaired"] == events
    assert list((office / "backups").iterdir()) == []
    assert list((office / "work").iterdir()) == []
    assert ready.ok("verify", ready.backup(7, office=office))["ok"]


def test_the_answer_is_one_document_and_the_plain_one_reads_well(ready: Workspace) -> None:
    answer = ready.run("backup", 7, "--confirm", as_json=False)
    assert "20261124-1.0.0-007-Bakkerij Jansen.acb" in answer.out
    dutch = ready.run("backup", 8, "--lang", "nl")
    assert dutch.json["error"]["code"] == "administration-not-found"
    assert io.StringIO(dutch.err).readline().startswith("administration-not-found: ")


def test_s10_the_office_licence_pasted_line_by_line_is_found(ready: Workspace) -> None:
    """A licence file pasted into the books a line at a time: its signature's lines are nobody else's."""
    office = Office.open(place_of(ready.office))
    pasted = (ready.folder / "own.lic").read_text().splitlines()
    post(office, AdministrationNumber(7), (), [Relation(f"P{n}", line, "D") for n, line in enumerate(pasted)])
    assert ready.refused("backup", 7, "--confirm") == "office-licence-found"
    assert list((ready.office / "backups").iterdir()) == []
