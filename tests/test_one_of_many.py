"""One bad item never stops the others, nor leaves a screen at work: not by a fault in the program, and not by a panic of a library.

A point of low order as a recipient is refused wherever one is taken; where one got in all the same, it concerns that client only.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, NoReturn

import pyrage
import pytest

from accountools.forms.kit.jobs import JobForm, run_in_thread, run_now
from accountools.forms.kit.wizard import State, Step, Wizard
from accountools.office import Office
from accountools.operations.backups import make_backups as make
from accountools.operations.licences.import_licence import ImportPlan
from accountools.operations.restores import restore_many
from accountools.operations.restores.inspect_file import FileInspector
from accountools.texts import Texts
from tests.test_codes import forge_licence
from tests.test_forms_make_backups import CLOCK, planned
from tests.test_handover import second_client, state
from tests.test_key_files import ORDER_8, recipient_of
from tests.workspace import HENK, Workspace

LOW_ORDER = [recipient_of(point) for point in (0, 1, 2**255 - 20, 2**255 - 19, ORDER_8, ORDER_8 | 1 << 255)]


def panics(*_: object, **__: object) -> NoReturn:
    """A panic of a library, which is a BaseException: age's own, for a recipient that this program refuses."""
    pyrage.encrypt(b"", [pyrage.x25519.Recipient.from_str(recipient_of(0))])
    raise AssertionError


def faults(*_: object, **__: object) -> NoReturn:
    raise LookupError("a fault")


FAULTS = [panics, faults]


def for_one(fault: Callable[..., Any], real: Callable[..., Any], is_it: Callable[..., bool]) -> Callable[..., Any]:
    """The real function, but for one of its calls."""
    return lambda *args, **kwargs: (fault if is_it(*args) else real)(*args, **kwargs)


@pytest.fixture
def three(ready: Workspace) -> Workspace:
    """007, 008 and 009, ready to hand over."""
    second_client(ready, 8)
    second_client(ready, 9)
    return ready


# --- a recipient of low order ---


@pytest.mark.parametrize("recipient", LOW_ORDER)
def test_a_recipient_of_low_order_is_refused_at_every_door(ready: Workspace, recipient: str) -> None:
    before = state(ready.office)
    options = ("--licensee", "J", "--kvk", "12345678", "--city", "D", "--module", "SE1063", "--users", 1)
    days = ("--valid-from", "2026-01-01", "--valid-until", "2027-01-01", "--out", ready.folder / "low.lic")
    issue = ("licence", "issue", "--issuer", ready.folder / "issuer", "--kind", "client", "--number", "KL-1", *options, *days)
    assert ready.refused(*issue, "--recipient", recipient) == "claims-invalid"
    assert not (ready.folder / "low.lic").exists()
    forged = forge_licence(ready, {"recipient": recipient})
    assert ready.run("licence", "show", forged).json["verdict"] == "claims-invalid"
    assert ready.refused("licence", "import", forged, "--administration", 7, "--user", HENK, "--confirm") == "claims-invalid"
    for command in (("backup", 7, "--confirm"), ("backup", "--register", "--confirm"), ("key", "seal", "--out", ready.folder / "x")):
        assert ready.refused(*command, "--recipient", recipient) == "recipient-invalid"
    assert state(ready.office) == before


def test_a_licence_with_one_that_was_imported_before_stops_no_other(three: Workspace) -> None:
    """As an earlier version of the program could have taken it in."""
    token = "".join(forge_licence(three, {"recipient": LOW_ORDER[0]}).read_text().splitlines()[1:-1])
    with contextlib.closing(sqlite3.connect(three.office / "register.db")) as register, register:
        register.execute("UPDATE licences SET token = ? WHERE number = 'KL-2041'", (token,))
    answer = three.run("backup", "--all-ready", "--confirm")
    assert [one["administration"] for one in answer.json["backups"]] == [8, 9]
    assert three.ok("audit")["summary"]["ready"] == 2


# --- many at once ---


@pytest.mark.parametrize("fault", FAULTS)
def test_one_backup_that_fails_does_not_stop_the_others(three: Workspace, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    monkeypatch.setattr(make, "write_one", for_one(fault, make.write_one, lambda _, job, *__: job.extract.number == 8))
    answer = three.run("backup", "--all-ready", "--confirm")
    assert (answer.code, set(answer.obstacles)) == (3, {"internal-error"})
    assert [one["administration"] for one in answer.json["backups"]] == [7, 9]
    assert list((three.office / "work").iterdir()) == []
    assert not list((three.office / "backups").glob(".*"))


@pytest.mark.parametrize("fault", FAULTS)
def test_one_restore_that_fails_does_not_stop_the_others(ready: Workspace, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    ready.ok("backup", 7, 8, 9, "--confirm", "--to", ready.folder / "out")
    office = ready.create_client_office()
    third = for_one(fault, restore_many.check_backup, lambda path, *_: path.name.startswith("20261124-1.0.0-008"))
    monkeypatch.setattr(restore_many, "check_backup", third)
    for confirm in ((), ("--confirm",)):
        answer = ready.run("restore", "--from", ready.folder / "out", *confirm, office=office)
        assert answer.code == 3
        found = {one["administration"]: [each["code"] for each in one["obstacles"]] for one in answer.json["restores"]}
        assert found == {7: [], 8: ["internal-error"], 9: []}
    assert [one["number"] for one in ready.ok("administration", "list", office=office)["administrations"]] == [7, 9]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_licence_that_fails_does_not_stop_the_inbox(ready: Workspace, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    inbox = ready.office / "inbox"
    inbox.mkdir(exist_ok=True)
    for number in (8, 9):
        second_client(ready, number, licence=False)
        shutil.copy(ready.issue(f"{number}.lic", number=f"KL-{number}", licensee=f"Slagerij {number}", kvk=f"2000{number:04d}"), inbox)
    monkeypatch.setattr(ImportPlan, "commit", for_one(fault, ImportPlan.commit, lambda plan, *_: plan.number == 8))
    answer = ready.run("inbox", "--confirm")
    assert [(Path(one["path"]).name, one["imported"]) for one in answer.json["files"]] == [("8.lic", False), ("9.lic", True)]
    assert [one["code"] for one in answer.json["files"][0]["obstacles"]] == ["internal-error"]


@pytest.mark.parametrize("fault", FAULTS)
def test_one_file_that_fails_does_not_stop_an_inspection(three: Workspace, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    three.ok("backup", 7, 8, 9, "--confirm")
    real = FileInspector._open_backup
    monkeypatch.setattr(FileInspector, "_open_backup", for_one(fault, real, lambda _, __, path, *___: "-008-" in path.name))
    files = three.run("inspect", three.office / "backups").json["files"]
    assert [[each["code"] for each in one["findings"]] for one in files] == [[], ["internal-error"], []]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions hold back")
def test_a_backup_that_may_not_be_read_does_not_stop_the_others(three: Workspace) -> None:
    paths = [Path(one["path"]) for one in three.ok("backup", 7, 8, "--purpose", "safekeeping", "--confirm")["backups"]]
    paths[0].chmod(0)
    checked = three.run("backups", "check")
    assert checked.code == 1
    assert [[each["code"] for each in one["findings"]] for one in checked.json["backups"]] == [["not-permitted"], []]
    assert three.run("restore", "--from", paths[0].parent, "--replace").json["restores"][0]["obstacles"][0]["code"] == "not-permitted"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_command_ends_with_a_sentence(ready: Workspace, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    monkeypatch.setattr("accountools.operations.backups.plan.plan_backup", fault)
    answer = ready.run("backup", 7)
    assert (answer.code, answer.error) == (4, "internal-error")


# --- the screens ---


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("start", [run_in_thread, run_now])
def test_a_screen_goes_on_after_one_that_fails(three: Workspace, monkeypatch: pytest.MonkeyPatch, fault: Any, start: Any) -> None:
    monkeypatch.setattr(make, "write_one", for_one(fault, make.write_one, lambda _, job, *__: job.extract.number == 8))
    form, over = planned(three, start=start), Event()
    form.subscribe(lambda: over.set() if form.run is not None and form.run.over else None)
    form.make(to="plain")
    assert over.wait(60)
    assert [int(one.number or 0) for one in form.run.made] == [7, 9]
    assert [one.refused[0].code for one in form.run.refused] == ["internal-error"]


class LongWork(JobForm):
    """A form whose one step is long work."""

    def assess(self) -> None:
        """See `Form`."""


@pytest.mark.parametrize("fault", [*FAULTS, None])
@pytest.mark.parametrize("start", [run_in_thread, run_now])
def test_a_screen_is_not_at_work_any_more_when_its_work_ended(ready: Workspace, fault: Any, start: Any) -> None:
    form = LongWork(Office.open(ready.office, CLOCK), Wizard([Step("work", "Work", "Go")]), Texts("en"), start)
    ended = Event()
    form.subscribe(lambda: None if form.busy else ended.set())
    form.run_job("work", fault or (lambda: None), lambda _: None)
    assert ended.wait(60)
    assert (form.busy, form.failed, form.feedback.code) == (False, fault is not None, None if fault is None else "internal-error")


def test_an_interruption_at_the_keyboard_is_none_of_these_but_ends_the_work(ready: Workspace) -> None:
    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    form = LongWork(Office.open(ready.office, CLOCK), Wizard([Step("work", "Work", "Go")]), Texts("en"), run_now)
    with pytest.raises(KeyboardInterrupt):
        form.run_job("work", interrupted, lambda _: None)
    assert not form.busy


def test_a_run_that_breaks_off_is_over(three: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    form = planned(three, start=run_now)
    monkeypatch.setattr(make, "write_one", interrupted)
    with pytest.raises(KeyboardInterrupt):
        form.make(to="plain")
    assert form.run.over
    assert form.wizard.current.state is not State.ACTIVE
