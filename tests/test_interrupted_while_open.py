"""Books whose replacement was interrupted, in an office that was open all the time: nothing goes on with the new ones, or loses the old."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest

from accountools.domain.errors import AccountoolsError, MachineFailed
from accountools.domain.identifiers import AdministrationNumber
from accountools.formats.spreadsheets.charts import read_chart
from accountools.office import Office
from accountools.operations import workdir as workdirs
from accountools.operations.backups.plan import plan_backup
from accountools.operations.backups.target import BackupTarget
from accountools.operations.books.charts import get_chart, plan_chart_import
from accountools.operations.books.entries import post
from accountools.operations.maintenance.repair import repair
from accountools.operations.register import administrations
from accountools.operations.workdir import workdir
from tests.crash_checks import run_forked
from tests.engines import run_sql
from tests.test_handover import post_books
from tests.test_replacing_books import prepared_books
from tests.test_restore import SEVEN, open_office, rows_of
from tests.workspace import Workspace

EIGHT = AdministrationNumber(8)
PLACED, MOVED = "kill:before-commit-register:5", "kill:after-move:1"  # the new books have the name; only the old ones lost it


@pytest.fixture
def opened(ready: Workspace) -> Office:
    """The office, opened before anything was interrupted."""
    return open_office(ready.office)


def interrupt_replacing(desk: Workspace, failpoint: str) -> None:
    """Restore books with nothing in them in place of those with entries, and be killed."""
    backup = desk.ok("backup", 7, "--purpose", "safekeeping", "--plain", "--confirm")["backups"][0]["path"]
    post_books(desk.office)
    assert run_forked(desk.arguments("restore", backup, "--replace", "--confirm"), failpoint).code == -9
    assert run_sql(desk.office, "SELECT administration FROM replacements") == [(7,)]


def names(desk: Workspace) -> list[str]:
    return sorted(path.name for path in (desk.office / "administrations").iterdir())


def add_entry_by_csv(desk: Workspace, office: Office) -> None:
    codes = [one.code for one in get_chart(office, SEVEN)][:2]
    table = desk.folder / "entries.csv"
    rows = (f"90,X-1,2026-03-01,Test,{code},{amounts}" for code, amounts in zip(codes, ("10.00,,,,", ",10.00,,,"), strict=True))
    table.write_text("journal,number,date,description,account,debit,credit,line_description,relation,vat_code\n" + "\n".join(rows))
    office.apply(office.plan_entries_import(table, 7))


def complete_chart(desk: Workspace, office: Office) -> None:
    table = desk.folder / "chart.csv"
    table.write_text("code,name,rgs,kind,side,vat\n9999,Nieuw,BLimBanRba,B,D,\n")
    office.apply(office.plan_chart_import(table, 7))


def add_nothing(_: Workspace, office: Office) -> None:
    post(office, SEVEN, ())


def make_backup(_: Workspace, office: Office) -> None:
    outcome = plan_backup(office, [SEVEN], BackupTarget(plain=True)).apply(office)
    if outcome.stopped is not None:
        raise outcome.stopped
    assert [one.code for _, obstacles in outcome.refused for one in obstacles] == []


def copy(_: Workspace, office: Office) -> None:
    administrations.copy(office, SEVEN, EIGHT)


def show(_: Workspace, office: Office) -> None:
    administrations.show(office, SEVEN)


USES = [add_entry_by_csv, complete_chart, add_nothing, make_backup, copy, show]
Use = Callable[[Workspace, Office], None]


@pytest.mark.parametrize("failpoint", [PLACED, MOVED])
def test_cleaning_up_puts_the_old_books_back(ready: Workspace, opened: Office, failpoint: str) -> None:
    interrupt_replacing(ready, failpoint)
    assert [one.what for one in repair(opened) if one.of_books] == ([] if failpoint == PLACED else ["unfinished-file"])
    assert names(ready) == ["00007.db"]
    assert len(rows_of(ready.office)["entries"]) == 2
    assert run_sql(ready.office, "SELECT * FROM replacements") == []
    assert ready.ok("journal", "verify")["ok"]
    assert repair(opened) == ()


def test_cleaning_up_takes_away_books_that_were_placed_where_there_were_none(ready: Workspace, opened: Office) -> None:
    backup = ready.ok("backup", 7, "--purpose", "safekeeping", "--plain", "--confirm")["backups"][0]["path"]
    ready.lose_books(7)
    assert run_forked(ready.arguments("restore", backup, "--confirm"), "kill:before-commit-register:2").code == -9
    repair(opened)
    assert names(ready) == []
    ready.ok("restore", backup, "--confirm")


def test_what_is_kept_of_a_replacement_is_no_leftover_before_that_is_undone(ready: Workspace, opened: Office) -> None:
    interrupt_replacing(ready, MOVED)
    with opened.session(write=True) as session:
        numbers = [SEVEN]
        assert [what for _, what, _ in session.office.engine.list_leftover_books(numbers) if what == "replaced-books"] == []


@pytest.mark.parametrize("failpoint", [PLACED, MOVED])
@pytest.mark.parametrize("use", USES)
def test_what_is_done_then_is_done_with_the_old_books(ready: Workspace, opened: Office, use: Use, failpoint: str) -> None:
    interrupt_replacing(ready, failpoint)
    use(ready, opened)
    changed = rows_of(ready.office)
    assert len(changed["entries"]) == 2 + (use is add_entry_by_csv)
    if use is copy:
        assert len(rows_of(ready.office, 8)["entries"]) == 2
    if use is make_backup:
        (made,) = ready.ok("backups", "list")["backups"][-1:]
        manifest = ready.ok("verify", made["path"])["manifest"]
        assert (manifest["purpose"], manifest["contents"]["counts"]["entries"]) == ("handover", 2)
    ready.ok("administration", "show", 7)  # the next opening takes nothing back
    assert rows_of(ready.office) == changed
    assert ready.ok("journal", "verify")["ok"]


@pytest.mark.parametrize("failpoint", [PLACED, MOVED])
def test_the_restore_can_be_done_again_at_once(ready: Workspace, opened: Office, failpoint: str) -> None:
    """With a safety copy of the old books."""
    interrupt_replacing(ready, failpoint)
    backup = ready.ok("backups", "list", office=shutil.copytree(ready.office, ready.folder / "copy"))["backups"][0]["path"]
    opened.apply(opened.plan_restore(Path(ready.office, "backups", Path(backup).name), replace=True))
    assert rows_of(ready.office)["entries"] == []
    counts = [ready.ok("verify", one["path"])["manifest"]["contents"]["counts"] for one in ready.ok("backups", "list")["backups"]]
    assert [one["entries"] for one in counts] == [0, 2, 2]
    ready.ok("repair")
    assert names(ready) == ["00007.db"]


@pytest.mark.parametrize("use", USES)
def test_books_that_somebody_replaces_are_waited_for(ready: Workspace, opened: Office, monkeypatch: pytest.MonkeyPatch, use: Use) -> None:
    """Until that is recorded they may be taken away again; so nothing is done with them, not even ten seconds later."""
    before = rows_of(ready.office)
    monkeypatch.setattr(workdirs, "_MOMENTS", 3)
    with being_replaced(ready, opened), pytest.raises(AccountoolsError, match="office-busy"):
        use(ready, opened)
    assert rows_of(ready.office) == before
    assert names(ready) == ["00007.db"]
    assert ready.ok("backups", "list")["backups"] == []
    use(ready, opened)


@contextmanager
def being_replaced(desk: Workspace, office: Office) -> Iterator[None]:
    """Somebody at work is about to place other books."""
    with workdir(office) as work:
        run_sql(desk.office, f"INSERT INTO replacements VALUES (7, '00007.db.0a1b2c3d.kept', '{work.name}')")
        yield
        run_sql(desk.office, "DELETE FROM replacements")


def test_who_waited_goes_on_with_the_books_that_are_there_then(ready: Workspace, opened: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new books are in their place; then recording it fails, and the old ones come back."""
    other, placed, waited, failed = open_office(ready.office), Event(), Event(), list[str]()
    post_books(ready.office)
    prepared, saved = prepared_books(other), other.engine.books_revision(SEVEN)
    monkeypatch.setattr(workdirs, "time", SimpleNamespace(sleep=lambda _: waited.set()))

    def fail(_: object) -> None:
        placed.set()
        assert waited.wait(60)
        raise MachineFailed("disk-full")

    def replace(owner: str) -> None:
        try:
            other.engine.replace_books(prepared, SEVEN, owner, fail, revision=saved)
        except MachineFailed as error:
            failed.append(error.code)

    monkeypatch.setattr(workdirs, "_MOMENTS", 1_000_000)
    with workdir(other) as work:
        restorer = Thread(target=replace, args=(work.name,))
        restorer.start()
        assert placed.wait(60)
        make_backup(ready, opened)
        restorer.join()
    assert failed == ["disk-full"]
    made = ready.ok("backups", "list")["backups"][-1]
    assert ready.ok("verify", made["path"])["manifest"]["contents"]["counts"]["entries"] == 2


def test_a_backup_of_books_that_are_replaced_meanwhile_is_not_made(
    ready: Workspace, opened: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The restore began after the backup was noted, and before its books are read."""
    write, folder = opened.engine.write_image, ready.office / "administrations"

    def write_when_others_are_there(number: AdministrationNumber, target: Path, *more: object) -> object:
        run_sql(ready.office, "INSERT INTO replacements VALUES (7, '00007.db.0a1b2c3d.kept', 'somebody')")
        return write(number, target, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(opened.engine, "write_image", write_when_others_are_there)
    outcome = plan_backup(opened, [SEVEN], BackupTarget(plain=True)).apply(opened)
    assert [[one.code for one in obstacles] for _, obstacles in outcome.refused] == [["changed-meanwhile"]]
    assert (outcome.made, [path.name for path in folder.iterdir()]) == ((), ["00007.db"])


def test_a_chart_is_not_imported_into_other_books_than_those_that_were_shown(ready: Workspace, opened: Office) -> None:
    table = ready.folder / "chart.csv"
    table.write_text("code,name,rgs,kind,side,vat\n9999,Nieuw,BLimBanRba,B,D,\n")
    plan = plan_chart_import(opened, SEVEN, read_chart(table))
    post_books(ready.office)
    with pytest.raises(AccountoolsError, match="changed-meanwhile"):
        plan.apply(opened)
