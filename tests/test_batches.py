"""All that are ready, at once: interrupted and resumed, each has just one backup."""

import base64
import json
import os
import pty
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import accountools as at
from accountools import failpoints
from accountools.domain.errors import MachineFailed
from accountools.formats.signatures import SigningKey, sign
from accountools.operations.backups import batch, records
from accountools.operations.backups.target import BackupTarget
from accountools.operations.restores import rehearse
from accountools.storage.errors import OfficeBusy
from tests.crash_checks import ProcessResult, run_forked
from tests.engines import run_sql, server
from tests.test_handover import new_key, open_office
from tests.workspace import CommandResult, Workspace

OPTIONS = ("backup", "--all-ready", "--confirm")


@pytest.fixture
def many(ready: Workspace, thorough: bool) -> Workspace:
    """Administration 7 and so many copies of it, all ready."""
    for number in range(101, 100 + (300 if thorough else 30)):
        ready.ok("administration", "copy", 7, number)
    return ready


def killed(desk: Workspace, failpoint: str, *more: object) -> ProcessResult:
    """The command in a process of its own, killed at a failpoint."""
    return run_forked(desk.arguments(*OPTIONS, *more), failpoint)


def expect_one_each(desk: Workspace, folder: Path) -> None:
    """Every administration has one backup there that verifies, and the journal says the same."""
    numbers = [row["number"] for row in desk.ok("audit")["rows"]]
    verified = [desk.ok("verify", path) for path in folder.glob("*.acb")]
    assert sorted(one["manifest"]["number"] for one in verified) == sorted(numbers)
    made = Counter(one["administration"] for one in desk.ok("journal")["events"] if one["what"] == "backup-made")
    assert made == dict.fromkeys(numbers, 1)
    assert desk.ok("journal", "verify")["ok"]
    assert desk.ok("backups", "check")


def test_killed_in_the_middle_and_taken_up_again_each_has_just_one_backup(many: Workspace) -> None:
    whole = len(many.ok("backup", "--all-ready")["planned"])
    to = many.folder / "out"
    for turn in (whole // 3, whole // 3):
        answer = killed(many, f"kill:before-link:{turn}", *(("--to", to) if not to.exists() else ("--resume",)))
        assert answer.code == -9
    assert "--all-ready --resume" in many.run("audit").err
    left = many.ok("backup", "--all-ready", "--resume")["planned"]
    assert 0 < len(left) < whole // 2
    rest = many.ok(*OPTIONS, "--resume")
    assert [one["administration"] for one in rest["backups"]] == left
    many.ok("repair")
    expect_one_each(many, to)
    assert many.ok(*OPTIONS, "--resume")["planned"] == []
    assert run_sql(many.office, "SELECT count(*) FROM batches") == [(0,)]


@pytest.mark.parametrize("failpoint", ["before-commit-register:3", "after-link:2", "after-commit-register:3", "before-make-image:2"])
def test_an_interruption_anywhere_makes_nothing_twice(ready: Workspace, failpoint: str) -> None:
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    assert killed(ready, f"kill:{failpoint}").code == -9
    ready.ok(*OPTIONS, "--resume")
    ready.ok("repair")
    expect_one_each(ready, ready.office / "backups")


def test_it_goes_on_as_it_was_begun(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    assert killed(ready, "kill:before-link:2", "--recipient", recipient, "--rehearse", "--to", ready.folder / "out").code == -9
    made = ready.ok(*OPTIONS, "--resume")["backups"]
    assert {(one["encrypted"], Path(one["path"]).parent) for one in made} == {(True, ready.folder / "out")}
    rehearsed = {one["administration"]: one["rehearsed"] for one in ready.ok("backups", "list")["backups"]}
    assert all(rehearsed.values()), rehearsed


def test_a_passphrase_is_kept_nowhere_and_asked_for_again(ready: Workspace) -> None:
    words = ready.folder / "words.txt"
    words.write_text("correct horse battery staple\n")
    assert killed(ready, "kill:before-link:1", "--passphrase-file", words).code == -9
    kept = b"".join(path.read_bytes() for path in ready.office.rglob("*") if path.is_file())
    assert b"battery" not in kept
    refused = ready.run("backup", "--all-ready", "--resume")
    assert refused.error == "key-needed"
    assert ("--passphrase-file" in refused.err, "--identity" in refused.err) == (True, False)
    planned: Any = ready.ok("backup", "--all-ready", "--resume", "--passphrase-file", words)
    assert planned["planned"] == [7]


def test_a_full_disk_leaves_the_rest_to_be_taken_up(ready: Workspace) -> None:
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    assert killed(ready, "ENOSPC:before-sync-file:3").code == 4
    assert ready.ok(*OPTIONS, "--resume")["backups"]
    ready.ok("repair")
    expect_one_each(ready, ready.office / "backups")


def test_what_is_not_ready_any_more_is_refused_and_the_rest_is_made(ready: Workspace) -> None:
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    assert killed(ready, "kill:before-link:1").code == -9
    ready.ok("administration", "archive", 8)
    answer = ready.run(*OPTIONS, "--resume")
    assert (answer.code, answer.error) == (3, "administration-archived")
    assert [one["administration"] for one in answer.json["backups"]] == [7, 9]


def test_on_a_terminal_one_sees_how_far_it_is_and_elsewhere_nothing(ready: Workspace) -> None:
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    assert ready.run_process(*OPTIONS).err == ""
    here, there = pty.openpty()
    words = (Path(sys.executable).with_name("accountools"), *ready.arguments(*OPTIONS))
    environment = {**os.environ, "ACCOUNTOOLS_USER": "tester", "TERM": "xterm"}
    with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=there, env=environment) as process:
        out, _ = process.communicate()
    os.close(there)
    with os.fdopen(here, "rb", buffering=0) as terminal:
        seen = terminal.read(1 << 16).decode()
    assert len(json.loads(out)["backups"]) == 3
    percentages = [int(part) for part in re.findall(r"(\d+)%", seen)]
    assert percentages == sorted(percentages)
    assert (percentages[0], percentages[-1], len(set(percentages)) > 3) == (0, 100, True)


def test_it_goes_on_by_the_same_options_but_by_no_others(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    begun = ("--plain", "--to", ready.folder / "out")
    assert killed(ready, "kill:before-link:2", *begun).code == -9
    others = [("--to", ready.folder / "else"), ("--recipient", "age1"), ("--rehearse",), ("--purpose", "safekeeping")]
    for more in others:
        answer = ready.run(*OPTIONS, "--resume", *more)
        assert (answer.code, answer.error) == (2, "options-exclude")
    assert ready.run("backup", 7, "--resume").code == 2
    made = ready.ok(*OPTIONS, "--resume", *begun, "--purpose", "handover")["backups"]
    assert [Path(one["path"]).parent for one in made] == [ready.folder / "out"]


def test_a_record_that_can_not_be_read_is_reported(ready: Workspace) -> None:
    for text in ("x", "a.b.c", ""):
        run_sql(ready.office, "INSERT INTO batches VALUES (1, ?)", text)
        assert ready.refused("backup", "--all-ready", "--resume") == "changed-meanwhile"
        run_sql(ready.office, "DELETE FROM batches")
    for text in ("x", "[]", json.dumps({"numbers": [7]}), "[" * 100_000):  # as an older version recorded one
        (ready.office / "batch.json").write_text(text)
        answer = ready.run("backup", "--all-ready", "--resume")
        assert (answer.code, answer.error) == (4, "office-damaged")


def test_a_batch_that_an_older_version_recorded_in_a_file_is_resumed(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    assert killed(ready, "kill:before-link:2").code == -9
    ((signed,),) = run_sql(ready.office, "SELECT signed FROM batches")
    run_sql(ready.office, "DELETE FROM batches")
    (ready.office / "batch.json").write_text(json.dumps({"numbers": [7, 8], "signature": signed}))
    assert [one["administration"] for one in ready.ok(*OPTIONS, "--resume")["backups"]] == [8]
    assert not (ready.office / "batch.json").exists()
    ready.ok("repair")
    expect_one_each(ready, ready.office / "backups")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_on_a_server_a_batch_that_somebody_is_making_is_not_taken_from_them(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    server().close_connections()  # the forked process would use this one's connections
    assert killed(ready, "kill:before-link:2").code == -9
    ((signed,),) = run_sql(ready.office, "SELECT signed FROM batches")
    payload = signed.split(".")[1]
    owner = json.loads(base64.urlsafe_b64decode(f"{payload}=="))["owner"]
    with open_office(ready).engine.working(owner):  # as on another machine, whose work folder isn't this one's
        assert ready.refused(*OPTIONS, "--resume") == "office-busy"
        ready.ok("backup", "--all-ready", "--to", ready.folder / "out", "--confirm")
        assert run_sql(ready.office, "SELECT signed FROM batches") == [(signed,)]
    assert ready.ok(*OPTIONS, "--resume")["planned"] == []


def interrupted_twice_planned(desk: Workspace) -> tuple[at.Office, Any, at.Office, Any]:
    """A batch of 7, 8 and 9 that was killed in its second, and two people who plan its rest."""
    for number in (8, 9):
        desk.ok("administration", "copy", 7, number)
    if desk.on_server:
        server().close_connections()  # the forked process would use this one's connections
    assert killed(desk, "kill:before-link:2").code == -9
    anna, bram = open_office(desk), open_office(desk)
    plans = anna.plan_resume(), bram.plan_resume()
    assert [[int(item.number) for item in plan.to_make] for plan in plans if plan is not None] == [[8, 9]] * 2
    return anna, plans[0], bram, plans[1]


@pytest.mark.both_engines
def test_who_resumes_what_was_made_meanwhile_is_refused(ready: Workspace) -> None:
    anna, hers, bram, his = interrupted_twice_planned(ready)
    assert [int(one.administration) for one in anna.apply(hers).made] == [8, 9]
    with pytest.raises(at.Refused) as refused:
        bram.apply(his)
    assert refused.value.code == "changed-meanwhile"
    ready.ok("repair")
    expect_one_each(ready, ready.office / "backups")


@pytest.mark.both_engines
def test_who_resumes_what_is_being_made_leaves_it_alone(ready: Workspace) -> None:
    anna, hers, bram, his = interrupted_twice_planned(ready)
    codes = []

    def meanwhile(_done: int, _total: int) -> None:
        if not codes:
            with pytest.raises(at.Refused) as refused:
                bram.apply(his)
            codes.append(refused.value.code)

    outcome = hers.apply(anna, meanwhile)
    assert codes == ["office-busy"]
    assert ([int(one.administration) for one in outcome.made], outcome.refused, outcome.stopped) == ([8, 9], (), None)
    ready.ok("repair")
    expect_one_each(ready, ready.office / "backups")


@pytest.mark.both_engines
def test_who_resumes_a_batch_leaves_alone_what_somebody_else_is_making(ready: Workspace) -> None:
    anna, hers, bram, _ = interrupted_twice_planned(ready)
    alone, resumed = bram.plan_backup([8]), list[int]()

    def meanwhile(_done: int, _total: int) -> None:
        if not resumed:
            resumed.extend(int(one.administration) for one in anna.apply(hers).made)

    outcome = alone.apply(bram, meanwhile)
    assert resumed == [8, 9]
    assert ([int(one.administration) for one in outcome.made], outcome.refused, outcome.stopped) == ([8], (), None)
    assert ready.ok("backups", "check")
    assert ready.ok("journal", "verify")["ok"]


def dismissal(desk: Workspace) -> None:
    """The office has a new backup key from then on."""
    desk.ok("office", "admit", "--recipient", desk.ok("key", "new", desk.folder / "carol.txt")["recipient"], "--name", "Carol")
    desk.ok("office", "dismiss", "Carol", "--confirm")


@pytest.mark.both_engines
@pytest.mark.parametrize("replaced_by", ["dismissal", "unsealing"])
def test_a_batch_that_was_interrupted_is_resumed_when_the_office_has_another_key(ready: Workspace, replaced_by: str) -> None:
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    if replaced_by == "unsealing":  # the batch is of the key between
        sealed = ready.folder / "key.age"
        ready.ok("key", "seal", "--recipient", new_key(ready), "--out", sealed)
        dismissal(ready)
    if ready.on_server:
        server().close_connections()  # the forked process would use this one's connections
    assert killed(ready, "kill:before-link:2").code == -9
    if replaced_by == "unsealing":
        ready.ok("key", "unseal", sealed, "--identity", ready.folder / "key.txt", "--confirm")
    else:
        dismissal(ready)
    assert "--all-ready --resume" in ready.run("audit").err
    assert ready.ok(*OPTIONS, "--resume")["planned"] == [8, 9]
    ready.ok("repair")
    expect_one_each(ready, ready.office / "backups")
    assert run_sql(ready.office, "SELECT count(*) FROM batches") == [(0,)]


@pytest.mark.both_engines
def test_a_batch_that_somebody_is_making_stays_theirs_when_the_office_gets_another_key(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    anna, bram, answers = open_office(ready), open_office(ready), list[str]()

    def meanwhile(_done: int, _total: int) -> None:
        if not answers:
            dismissal(ready)
            with pytest.raises(at.Refused) as refused:
                bram.plan_resume()
            answers.append(refused.value.code)
            bram.apply(bram.plan_all_ready(BackupTarget(ready.folder / "out")))
            answers.append(f"{len(run_sql(ready.office, 'SELECT id FROM batches'))} batch")

    anna.plan_all_ready().apply(anna, meanwhile)
    assert answers == ["office-busy", "1 batch"]
    assert run_sql(ready.office, "SELECT id FROM batches") == []


@pytest.mark.both_engines
def test_a_batch_signed_by_a_key_that_was_never_the_offices_is_refused_whatever_it_names(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    if ready.on_server:
        server().close_connections()
    assert killed(ready, "kill:before-link:2").code == -9
    ((signed,),) = run_sql(ready.office, "SELECT signed FROM batches")
    payload = base64.urlsafe_b64decode(f"{signed.split('.')[1]}==")
    forged = sign(payload, SigningKey.new(), "accountools-batch+jwt", with_key=True)
    run_sql(ready.office, "UPDATE batches SET signed = ?", forged)
    dismissal(ready)
    assert ready.run(*OPTIONS, "--resume").error == "changed-meanwhile"


def test_what_was_made_is_not_made_again_when_its_records_took_the_ids_of_others(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's backups were begun before the batch, and taken back once it had begun."""
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    assert run_forked(ready.arguments("backup", 9, "--confirm"), "kill:before-link:1").code == -9
    record = batch.record_batch

    def record_and_withdraw(office: Any, *given: Any, **named: Any) -> None:
        record(office, *given, **named)
        with office.session(write=True) as session:
            records.withdraw_all(session)

    monkeypatch.setattr(batch, "record_batch", record_and_withdraw)
    assert killed(ready, "kill:before-link:2").code == -9
    assert ready.ok("backup", "--all-ready", "--resume")["planned"] == [8, 9]


# --- a failure between two backups ---


def failing(desk: Workspace, failpoint: str, *words: object, as_json: bool = True) -> CommandResult:
    """The command, failing at a failpoint."""
    failpoints.arm(failpoint)
    try:
        return desk.run(*words, as_json=as_json)
    finally:
        failpoints.arm("")


def numbers_in(document: Any) -> list[int]:
    return [one["administration"] for one in document["backups"]]


@pytest.fixture
def three(ready: Workspace) -> Workspace:
    """007 and two copies of it, all ready."""
    for number in (8, 9):
        ready.ok("administration", "copy", 7, number)
    return ready


@pytest.mark.parametrize(
    ("words", "commit", "made"),
    [((7, 8, 9), 4, [7]), ((7, 8, 9), 7, [7, 8]), (("--all-ready",), 5, [7]), (("--all-ready",), 11, [7, 8, 9])],
)
def test_what_was_made_before_the_register_failed_is_in_the_answer(
    three: Workspace, words: tuple[object, ...], commit: int, made: list[int]
) -> None:
    """Also between two backups, and after the last."""
    answer = failing(three, f"ENOSPC:before-commit-register:{commit}", "backup", *words, "--confirm")
    assert (answer.code, answer.error) == (4, "disk-full")
    assert numbers_in(answer.json) == numbers_in(three.ok("backups", "list")) == made
    assert "nothing was changed" not in answer.err


def test_what_was_made_before_somebody_else_held_the_register_is_in_the_answer(three: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    added, calls = records.add_pending, Counter[str]()

    def busy_at_second(*given: Any) -> Any:
        calls["add"] += 1
        if calls["add"] == 2:
            raise OfficeBusy
        return added(*given)

    monkeypatch.setattr(records, "add_pending", busy_at_second)
    answer = three.run("backup", 7, 8, 9, "--confirm")
    assert (answer.code, answer.error, numbers_in(answer.json)) == (3, "office-busy", [7])


def test_a_failure_before_anything_is_made_is_raised(three: Workspace) -> None:
    office = open_office(three)
    plan = office.plan_all_ready()
    failpoints.arm("ENOSPC:before-commit-register:2")
    try:
        with pytest.raises(OSError, match="No space"):
            plan.apply(office)
    finally:
        failpoints.arm("")


# --- that one was interrupted is printed ---

RESUME = "--all-ready --resume"


def test_a_batch_that_was_interrupted_between_two_backups_is_reported(three: Workspace) -> None:
    assert killed(three, "kill:before-commit-register:5").code == -9
    for words in (("client", "list"), ("repair",), ("office", "show")):
        assert RESUME in three.run(*words).err
    three.ok(*OPTIONS, "--resume")
    assert RESUME not in three.run("client", "list").err


def test_a_batch_of_which_repair_removed_the_half_backup_is_reported(three: Workspace) -> None:
    assert killed(three, "kill:before-link:2").code == -9
    assert three.ok("repair")["found"]
    assert RESUME in three.run("client", "list").err


@pytest.mark.parametrize("commit", [3, 5])
def test_who_sees_a_batch_fail_reads_how_the_rest_is_made(three: Workspace, commit: int) -> None:
    answer = failing(three, f"ENOSPC:before-commit-register:{commit}", *OPTIONS)
    assert answer.code == 4
    assert RESUME in answer.err
    assert RESUME not in failing(three, "ENOSPC:before-commit-register:4", "backup", 7, 8, "--confirm").err.partition("disk-full")[2]


def test_a_batch_that_somebody_is_making_is_not_reported(three: Workspace) -> None:
    errors = []

    def inspect(done: int, total: int) -> None:
        errors.append(three.run("client", "list").err)

    office = open_office(three)
    office.plan_all_ready().apply(office, inspect)
    assert errors
    assert not any(RESUME in one for one in errors)


# --- a failure during the test restore ---


def test_a_machine_that_fails_during_a_test_restore_ends_the_batch_and_says_nothing_of_the_backups(
    three: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, calls = rehearse.create_under, Counter[str]()

    def full_from_second(*given: Any) -> Any:
        calls["made"] += 1
        if calls["made"] > 1:
            raise MachineFailed("disk-full")
        return create(*given)

    with monkeypatch.context() as full:
        full.setattr(rehearse, "create_under", full_from_second)
        answer = three.run(*OPTIONS, "--rehearse", "--workers", 1)
        assert (answer.code, answer.error, numbers_in(answer.json), answer.json["refused"]) == (4, "disk-full", [7], [])
        alone = three.run("rehearse", answer.json["backups"][0]["path"])
        assert (alone.code, alone.error) == (4, "disk-full")
    assert three.ok(*OPTIONS, "--resume")["planned"] == [8, 9]


def test_a_damage_found_by_a_test_restore_is_a_finding(three: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: Any) -> Any:
        raise MachineFailed("office-damaged", what="books")

    path = three.backup(7)
    monkeypatch.setattr(rehearse, "create_under", damaged)
    answer = three.run("rehearse", path)
    assert (answer.code, [one["code"] for one in answer.json["findings"]]) == (1, ["office-damaged"])
