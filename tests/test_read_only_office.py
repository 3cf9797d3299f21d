"""An office that may only be read: a disk that is mounted so, a folder of somebody else's. The audit and all that only looks work there."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from accountools.reports.verdict_cache import FILE
from tests.workspace import CommandResult, Workspace

ROOT = getattr(os, "geteuid", lambda: 1)() == 0
UNPRIVILEGED = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")  # root as everybody else: permissions count
pytestmark = pytest.mark.skipif(
    ROOT and not shutil.which("setpriv"), reason="root may write everywhere, and there is no setpriv to prevent it"
)


@contextmanager
def read_only(office: Path) -> Iterator[None]:
    """Nothing in the office may be written meanwhile."""
    paths = [office, *office.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in reversed(paths):
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        yield
        assert {office, *office.rglob("*")} == set(paths)
    finally:
        for path in paths:
            path.chmod(modes[path])


def run(desk: Workspace, *words: object) -> CommandResult:
    """Run the installed command as somebody for whom permissions count."""
    command = [*(UNPRIVILEGED if ROOT else ()), str(Path(sys.executable).with_name("accountools")), *desk.arguments(*words)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return CommandResult(done.returncode, done.stdout, done.stderr, tuple(command))


@pytest.mark.parametrize("kept", [True, False])
def test_the_audit_is_made_and_keeps_nothing(ready: Workspace, kept: bool) -> None:
    before = ready.ok("audit")
    if not kept:
        (ready.office / FILE).unlink()
    with read_only(ready.office):
        assert run(ready, "audit").json == before
    assert (ready.office / FILE).exists() == kept


def test_the_books_and_the_journal_are_read(ready: Workspace) -> None:
    shown, events = ready.ok("administration", "show", 7), ready.ok("journal")
    with read_only(ready.office):
        assert run(ready, "administration", "show", 7).json == shown
        assert run(ready, "journal").json == events
        assert run(ready, "journal", "verify").code == 0


def test_a_change_is_refused_and_not_forgotten_in_memory(ready: Workspace) -> None:
    before = (ready.office / "register.db").read_bytes()
    with read_only(ready.office):
        answer = run(ready, "client", "add", "--name", "Slager", "--kvk", "22222222")
    assert (answer.code, answer.error) == (4, "not-permitted")
    assert (ready.office / "register.db").read_bytes() == before


def test_what_another_program_has_just_written_is_seen(ready: Workspace) -> None:
    with closing(sqlite3.connect(ready.office / "register.db")) as connection:
        connection.execute("UPDATE clients SET name = 'Bakkerij Pietersen'")
        connection.commit()
        assert (ready.office / "register.db-wal").stat().st_size > 0
        with read_only(ready.office):
            assert run(ready, "audit").json["rows"][0]["client"] == "Bakkerij Pietersen"
