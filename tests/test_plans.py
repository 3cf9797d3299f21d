"""Every plan is compared with the office as it is when it is applied: what changed since it was shown is `changed-meanwhile`."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import accountools as at
from accountools import operations
from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.backups.office_key import plan_unseal
from accountools.operations.books.import_auditfile import planned_auditfile_import
from accountools.operations.plan import Plan, RegisterPlan
from accountools.operations.restores.unlock import read_key_file
from accountools.storage.sqlite import connections
from tests.engines import run_sql
from tests.test_auditfile_mutations import ACCEPTED
from tests.test_handover import new_key, open_office
from tests.workspace import CLIENT_KVK, Workspace

SMALL = Path(__file__).parent / "auditfiles"
ELSEWHERE = {  # plans that don't compare the whole, and where each is compared
    "BackupPlan": "each administration in `make_backups`, and the batch that it resumes in `record_batch`",
    "RestoreManyPlan": "each backup as it is placed",
    "OfficeRestorePlan": "the bytes of the file; there is no office yet",
    "RegisterBackupPlan": "it depends on nothing: the backup holds what the register holds then",
}


def all_plans(base: type[Plan] = Plan) -> Iterator[type[Plan]]:
    """All classes of plans that can be applied."""
    for module in walk_packages(operations.__path__, f"{operations.__name__}."):
        import_module(module.name)
    for one in base.__subclasses__():
        yield from all_plans(one)
        if not inspect.isabstract(one):
            yield one


def test_each_plan_is_compared_when_it_is_applied() -> None:
    plans = {one.__name__: one for one in all_plans()}
    assert len(plans) > 15
    for name, plan in plans.items():
        compared = "raise_if_changed(self.digest" in inspect.getsource(plan.execute)
        if issubclass(plan, RegisterPlan):
            assert compared or "super().execute(" in inspect.getsource(plan.execute), name
            assert "return self\n" not in inspect.getsource(plan.plan_again), name
        else:
            assert compared != (name in ELSEWHERE), name


@pytest.mark.both_engines
def test_a_key_is_taken_back_only_in_place_of_the_one_that_was_shown(ready: Workspace) -> None:
    ready.ok("office", "admit", "--name", "Piet", "--recipient", new_key(ready))
    ready.ok("key", "seal", "--out", ready.folder / "sealed.age", "--recipient", new_key(ready, "own.txt"))
    office = open_office(ready)
    plan = plan_unseal(office, ready.folder / "sealed.age", read_key_file(ready.folder / "own.txt"))
    ready.ok("office", "dismiss", "Piet", "--confirm")
    backup = ready.backup(7, "--plain")
    with pytest.raises(at.Refused) as refused:
        office.apply(plan)
    assert refused.value.code == "changed-meanwhile"
    assert "key-unsealed" not in [one["what"] for one in ready.ok("journal")["events"]]
    again = plan_unseal(office, ready.folder / "sealed.age", read_key_file(ready.folder / "own.txt"))
    assert office.apply(again).present == again.present != plan.present
    with office.session() as session:
        assert {plan.present, again.present} <= session.own_keys
    assert ready.ok("journal", "verify")["findings"] == []
    assert ready.ok("verify", backup)["findings"] == []


def test_an_audit_file_that_became_another_clients_meanwhile_is_not_imported(ready: Workspace) -> None:
    ready.create(9, "Auditfile", chart=None)
    office, path = open_office(ready), SMALL / "good.xaf"
    with planned_auditfile_import(office, [path], AdministrationNumber(9), accept=ACCEPTED) as plan:
        ready.ok("client", "change", CLIENT_KVK, "--kvk", "87654321", "--name", "Vis BV", "--confirm")
        with pytest.raises(at.Refused) as refused:
            office.apply(plan)
        assert refused.value.code == "changed-meanwhile"
    assert "auditfile-imported" not in [one["what"] for one in ready.ok("journal")["events"]]


@pytest.mark.parametrize("subject", ["entries", "chart"])
def test_what_can_not_be_recorded_now_does_not_come_into_the_books(ready: Workspace, monkeypatch: pytest.MonkeyPatch, subject: str) -> None:
    path = ready.folder / "file.csv"
    path.write_text(
        "journal,number,date,account,debit,credit,description\n70,1,2026-03-05,4500,1,,x\n70,1,2026-03-05,1520,,1,x\n"
        if subject == "entries"
        else "code,name,rgs,kind,side,vat\n9901,Other,WOvbOpb,P,C,\n"
    )
    words, table = (subject, "import", path, "--administration", 7, "--confirm"), "entries" if subject == "entries" else "accounts"
    count = f"SELECT count(*) FROM {table}"
    before = run_sql(ready.office, count, number=7)
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 10)
    with open_office(ready).session(write=True):
        assert ready.refused(*words) == "office-busy"
    assert run_sql(ready.office, count, number=7) == before
    ready.ok(*words)
    assert run_sql(ready.office, count, number=7) != before
