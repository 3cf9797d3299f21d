"""What an office is (`office show`), and the folders that it names (`office set`), which everybody who works in it uses."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from accountools.storage import schema
from tests.engines import place_of, run_sql
from tests.workspace import HENK, Workspace

pytestmark = pytest.mark.both_engines


def test_it_says_where_the_office_is_and_what_is_in_it(ready: Workspace) -> None:
    shown = ready.ok("office", "show")
    assert shown["place"] == str(place_of(ready.office))
    assert shown["engine"] == ("postgresql" if ready.on_server else "sqlite")
    assert shown["schema"] == schema.VERSION
    assert (shown["backups"], shown["inbox"]) == (str(ready.office / "backups"), str(ready.office / "inbox"))
    assert shown["administrations"] == 1
    assert shown["events"] == len(ready.ok("journal")["events"])
    assert str(ready.office / "inbox") in ready.run("office", "show", as_json=False).out


def test_backups_and_licences_go_by_the_folders_that_were_named(ready: Workspace) -> None:
    out, post = ready.folder / "out", ready.folder / "post"
    shown = ready.ok("office", "set", "--backups", out, "--inbox", post)
    assert (shown["backups"], shown["inbox"]) == (str(out), str(post))
    assert (ready.ok("office", "show")["backups"], post.is_dir()) == (str(out), True)
    assert ready.backup().parent == out
    shutil.copy(ready.issue("next.lic", valid_until="2029-12-31"), post / "next.lic")
    (file,) = ready.ok("inbox")["files"]
    assert (file["path"], file["user"]) == (str(post / "next.lic"), HENK)
    assert ready.ok("journal", "verify")["ok"]


def test_one_of_the_two_can_be_named_and_named_again(ready: Workspace) -> None:
    ready.ok("office", "set", "--backups", ready.folder / "one")
    ready.ok("office", "set", "--inbox", ready.folder / "post")
    shown = ready.ok("office", "set", "--backups", ready.folder / "two")
    assert (shown["backups"], shown["inbox"]) == (str(ready.folder / "two"), str(ready.folder / "post"))
    named = [one for one in ready.ok("journal")["events"] if one["what"] == "folders-named"]
    ready.ok("office", "set", "--backups", ready.folder / "two")
    assert [one for one in ready.ok("journal")["events"] if one["what"] == "folders-named"] == named
    assert len(named) == 3
    assert ready.ok("journal", "verify")["ok"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "html", "png"])
def test_no_report_is_written_over_backups_and_licences_wherever_they_are(ready: Workspace, kind: str) -> None:
    """In the folders that were named, in one that a backup was asked for in, and by another name of the file."""
    out, post = ready.folder / "out", ready.folder / "post"
    ready.ok("office", "set", "--backups", out, "--inbox", post)
    named, elsewhere = ready.backup(), ready.backup(7, "--to", ready.folder / "stick")
    licence, link = Path(shutil.copy(ready.folder / "client.lic", post)), ready.folder / "link"
    link.symlink_to(elsewhere)
    own = named, elsewhere, licence, link
    before = [path.read_bytes() for path in own]
    report = ("books", "check", 7) if kind == "png" else ("books", "years", 7)
    for path in own:
        for command in (("audit",), report):
            assert ready.refused(*command, f"--{kind}", path) == "file-exists"
    assert [path.read_bytes() for path in own] == before
    for path in (post / f"report.{kind}", out / f"report.{kind}", ready.folder / "overview"):
        path.write_text("earlier")
        ready.ok("audit", f"--{kind}", path)
        assert path.read_bytes() != b"earlier"


def test_a_folder_that_cant_be_is_refused(ready: Workspace) -> None:
    before = ready.ok("journal")
    assert ready.refused("office", "set", "--backups", ready.folder / "none" / "deeper") == "file-not-found"
    assert ready.refused("office", "set", "--inbox", ready.folder / "client.lic") == "file-not-found"
    assert ready.run("office", "set").code == 2
    assert ready.run("office", "set", "--inbox", "").code == 2
    assert ready.ok("journal") == before


def test_a_folder_that_may_not_be_made_is_not_named_either(ready: Workspace) -> None:
    before = ready.ok("office", "show"), ready.ok("journal")
    refused = replace(ready, environment={"ACCOUNTOOLS_FAILPOINT": "EACCES:before-make-folder:1"})
    answer = refused.run_process("office", "set", "--backups", ready.folder / "new")
    assert (answer.code, answer.error) == (4, "not-permitted")
    assert (ready.ok("office", "show"), ready.ok("journal")) == before


@pytest.mark.files_only
@pytest.mark.parametrize("name", ["administrations", "work"])
def test_a_folder_of_the_offices_own_files_is_refused(ready: Workspace, name: str) -> None:
    assert ready.refused("office", "set", "--backups", ready.office / name) == "file-exists"


@pytest.mark.files_only
def test_a_folder_within_the_office_goes_along_when_that_is_copied(ready: Workspace) -> None:
    ready.ok("office", "set", "--backups", ready.office / "safe", "--inbox", ready.folder / "post")
    there = Path(shutil.copytree(ready.office, ready.folder / "copy"))
    shown = ready.ok("office", "show", office=there)
    assert (shown["backups"], shown["inbox"]) == (str(there / "safe"), str(ready.folder / "post"))
    assert ready.backup(office=there).parent == there / "safe"
    assert ready.ok("journal", "verify", office=there)["ok"]


def test_a_folder_changed_behind_the_programs_back_is_found(ready: Workspace) -> None:
    ready.ok("office", "set", "--backups", ready.folder / "out")
    run_sql(ready.office, "UPDATE folders SET path = ?", str(ready.folder / "theirs"))
    (finding,) = ready.run("journal", "verify").json["findings"]
    assert finding["code"] == "register-differs"
    assert "backups" in finding["message"]
