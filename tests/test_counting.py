"""How often things are read, verified and asked of the register: once in a session, and a few statements for each of a batch."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from accountools.domain.identifiers import AdministrationNumber
from accountools.formats import licence_file
from accountools.formats.trust_file import parse_trust
from accountools.office import Office
from accountools.operations import session as session_module
from accountools.operations.backups import make_backups as make
from accountools.operations.licences.inbox import plan_inbox
from accountools.operations.register.state import all_states
from accountools.operations.restores.plan import RestoreChoices
from accountools.operations.restores.restore_many import plan_restore_many
from tests.test_handover import open_office
from tests.test_inbox import write_licence
from tests.workspace import Workspace

MANY = 30
MOST_STATEMENTS = 12  # of the register, for each backup of a batch
MOST_TO_RESTORE = 4  # for each backup that is restored with many others


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the trusted issuers are read, and each licence is verified: by `trust` and by the token."""
    counted: Counter[str] = Counter()
    read_token = licence_file.read_token

    def count_trust(*given: Any) -> Any:
        counted["trust"] += 1
        return parse_trust(*given)

    def count_token(token: str, *more: Any) -> Any:
        counted[token] += 1
        return read_token(token, *more)

    monkeypatch.setattr(session_module, "parse_trust", count_trust)
    monkeypatch.setattr(licence_file, "read_token", count_token)
    return counted


@pytest.fixture
def many(ready: Workspace) -> Workspace:
    """Administration 7 and so many copies of it that there are `MANY`, all ready."""
    for number in range(101, 100 + MANY):
        ready.ok("administration", "copy", 7, number)
    return ready


@contextmanager
def statements(office: Office) -> Iterator[Counter[str]]:
    """Within the block: which statements are sent to the register, and how often."""
    sent = Counter[str]()

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent[statement] += 1

    engine = office.engine._register
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)


def test_trust_is_read_once_and_the_own_licence_verified_once_in_a_session(ready: Workspace, calls: Counter[str]) -> None:
    office = open_office(ready)
    calls.clear()
    with office.session() as session:
        for _ in range(3):
            assert list(all_states(session))
            assert session.own_licence.number == "AC-1001"
            assert session.is_accountant_office
            assert session.issuers
            assert not session.is_revoked(session.own_licence)
        own = session.own_tokens[0]
    assert (calls["trust"], calls[own]) == (1, 1)


@pytest.mark.parametrize("files", [1, 5])
def test_planning_an_inbox_verifies_each_file_once_and_no_other_clients_licence(ready: Workspace, calls: Counter[str], files: int) -> None:
    ready.add_client("Vishandel De Boer", "23456789")
    ready.create(9, "Vishandel De Boer", client="23456789", chart=None)
    ready.ok("user", "add", "--administration", 9, r"DEBOER\eva", "--name", "Eva de Boer")
    other = ready.issue("fish.lic", number="KL-3000", licensee="Vishandel De Boer", kvk="23456789")
    ready.ok("licence", "import", other, "--administration", 9, "--user", r"DEBOER\eva", "--confirm")
    for number in range(files):
        write_licence(ready, f"{number}.lic", number=f"KL-5{number:03d}", valid_until=f"2028-12-{10 + number}")
    office = open_office(ready)
    with office.session() as session:
        own, held = session.own_tokens[0], {state.administration.number: state.imported for state in all_states(session)}
    calls.clear()
    waiting = [file.licence.token for file in plan_inbox(office).files if file.licence]
    assert len(waiting) == files
    bread = held[AdministrationNumber(7)]
    assert bread is not None
    assert calls == dict.fromkeys(["trust", own, bread.token, *waiting], 1)  # and not the one of 9


def test_a_batch_of_backups_sends_few_statements_to_the_register(many: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    office = open_office(many)
    with statements(office) as sent:
        plan = office.plan_all_ready()
        assert len(plan.to_make) == MANY
        made = plan.apply(office).made
        assert len(made) == MANY
        assert sent.total() <= MOST_STATEMENTS * MANY
    monkeypatch.setattr(make, "default_workers", lambda _: 1)  # in this process, so that their statements are counted too
    with statements(office) as sent:
        assert len(office.plan_all_ready().apply(office).made) == MANY
        assert sent.total() <= MOST_STATEMENTS * MANY


def test_an_audit_reads_each_table_of_the_register_once(ready: Workspace) -> None:
    office = open_office(ready)
    with statements(office) as sent:
        assert office.audit().rows
    read = Counter(found[1] for one in sent.elements() if (found := re.search(r"\bFROM (\w+)", one)))
    assert [read[name] for name in ("clients", "administrations", "users")] == [1, 1, 1]


def test_a_batch_reads_trust_once_a_session(many: Workspace, calls: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "default_workers", lambda _: 1)
    office = open_office(many)
    plan = office.plan_all_ready()
    sessions = 0
    session_class = session_module.Session.__init__

    def count_sessions(self: Any, *given: Any, **named: Any) -> None:
        nonlocal sessions
        sessions += 1
        session_class(self, *given, **named)

    monkeypatch.setattr(session_module.Session, "__init__", count_sessions)
    calls.clear()
    assert len(plan.apply(office).made) == MANY
    with office.session() as session:
        own = session.own_tokens[0]
    assert calls["trust"] <= sessions < MANY
    assert calls[own] <= sessions


def test_restoring_many_shares_a_session(many: Workspace, calls: Counter[str]) -> None:
    many.ok("backup", 7, *range(101, 100 + MANY), "--purpose", "safekeeping", "--plain", "--to", many.folder / "safe", "--confirm")
    office = open_office(many)
    calls.clear()
    plan = plan_restore_many(office, many.folder / "safe", RestoreChoices(Path()))
    assert len(plan.check(office)) == MANY
    assert calls["trust"] == 2


def test_restoring_many_sends_few_statements_to_the_register(many: Workspace) -> None:
    many.ok("backup", 7, *range(101, 100 + MANY), "--purpose", "safekeeping", "--plain", "--to", many.folder / "safe", "--confirm")
    for books in (many.office / "administrations").glob("*.db"):
        books.unlink()
    office = open_office(many)
    with statements(office) as sent:
        plan = plan_restore_many(office, many.folder / "safe", RestoreChoices(Path()), workers=1)
        results = plan.apply(office).results
    assert [one.restored for one in results] == [True] * MANY
    assert sent.total() <= MOST_TO_RESTORE * MANY


@pytest.mark.parametrize("words", [("administration", "show", 7), ("licence", "list"), ("user", "list", "--administration", 7)])
def test_no_command_reads_all_events(ready: Workspace, words: tuple[object, ...]) -> None:
    """The journal only grows: each command asks it for some kinds of events, or those of one administration, by an index."""
    plans: dict[str, list[str]] = {}

    def explain(_connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if "FROM events" in statement and "LIMIT" not in statement:
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            plans[statement] = [detail for *_, detail in rows]

    sa.event.listen(sa.Engine, "before_cursor_execute", explain)
    try:
        ready.ok(*words)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", explain)
    assert plans
    assert [steps for steps in plans.values() if any(step.startswith("SCAN") for step in steps)] == []
