"""An office on a PostgreSQL server: its URL, whom the server lets do what, several at work at once, a server that goes away."""

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.conninfo import conninfo_to_dict

from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line, Relation
from accountools.office import Office
from accountools.operations.books.entries import post
from accountools.operations.books.import_auditfile import planned_auditfile_import
from accountools.operations.maintenance import move_parts
from accountools.operations.maintenance.move import plan_move
from accountools.storage import schema
from accountools.storage.address import Address
from accountools.storage.engines import engine_at
from accountools.storage.errors import OfficeBusy, translate_database_error
from accountools.storage.image import write
from accountools.storage.migrations import migrate
from accountools.storage.postgres import connections, copying, tables
from tests.engines import Server, book_rows, place_of, run_sql, server, unnamed_books
from tests.test_handover import open_office, post_books
from tests.test_restore import rows_of
from tests.test_storage import NEXT, further_script
from tests.workspace import HENK, PIET, CommandResult, Workspace

SEVEN, NINE = AdministrationNumber(7), AdministrationNumber(9)
MOST_STATEMENTS = 36  # by which a client's licence is planned and imported
AUDIT_FILE = Path(__file__).parent / "auditfiles" / "good.xaf"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All of these offices are on a server."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["postgresql"], indirect=True)


# --- one definition, two shapes ---


def test_the_books_tables_begin_every_key_with_the_administration() -> None:
    for table in tables.BOOKS.tables.values():
        keys = [table.primary_key, *table.foreign_key_constraints]
        assert {next(iter(key.columns)).name for key in keys} == {"administration"}, table.name
        assert [*table.columns][1:] != []
        assert [one.name for one in table.columns][1:] == [one.name for one in schema.BOOKS.tables[table.name].columns]


def test_what_a_foreign_key_names_has_an_index() -> None:
    for table in tables.BOOKS.tables.values():
        beginnings = [[one.name for one in index.columns] for index in table.indexes] + [[one.name for one in table.primary_key]]
        for key in table.foreign_key_constraints:
            wanted = [one.name for one in key.columns][:2]
            assert any(found[:2] == wanted for found in beginnings), (table.name, wanted)


DEFINED = (
    "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, collation_name, is_identity FROM information_schema.columns"
    " WHERE table_schema = 'accountools' ORDER BY 1, 3",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'accountools'::regnamespace ORDER BY 1, 2",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'accountools' ORDER BY 1",
)


def test_the_migrations_give_what_is_made_at_once(empty_office: Workspace, desk: Workspace) -> None:
    run = partial(run_sql, desk.folder / "migrated")
    desk.place(desk.folder / "migrated")
    run("CREATE SCHEMA accountools")
    with connections.changing(engine_of(desk.folder / "migrated"), "register") as connection:
        migrate.upgrade(connection, "server")
    for query in DEFINED:
        assert run(query) == run_sql(empty_office.office, query)
        assert len(run(query)) > 20
    assert run("SELECT version_num FROM alembic_version") == [(schema.REVISION,)]


def engine_of(office: Path) -> sa.Engine:
    """The engine of its database."""
    return connections.engine_for(Address.parse(str(place_of(office))).conninfo)


def test_an_older_office_is_migrated_when_it_is_opened(ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shutil.copytree(Path(migrate.__file__).parent, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    further = folder / "server" / "versions" / f"{NEXT}_further.py"
    monkeypatch.setattr(migrate, "__file__", str(folder / "migrate.py"))
    monkeypatch.setattr(schema, "REVISION", NEXT)
    clients = run_sql(ready.office, "SELECT kvk, name FROM clients")
    further.write_text(further_script(table="clients", more='op.execute("INSERT INTO clients VALUES (1)")'))
    assert ready.refused("client", "list", code=4) == "office-damaged"
    assert run_sql(ready.office, "SELECT version_num FROM alembic_version") != [(NEXT,)]
    further.write_text(further_script(table="clients", more=""))
    assert ready.ok("client", "list")["clients"][0]["name"] == "Bakkerij Jansen"
    assert run_sql(ready.office, "SELECT kvk, name, note FROM clients") == [(*row, "new") for row in clients]
    assert run_sql(ready.office, "SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert ready.ok("administration", "show", 7)["counts"]["accounts"] == 200


def test_only_who_made_the_tables_brings_them_up_to_date_and_is_named_to_the_others(
    desk: Workspace, people: Callable[..., CommandResult], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = shutil.copytree(Path(migrate.__file__).parent, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "server" / "versions" / f"{NEXT}_further.py").write_text(further_script(table="clients", more=""))
    monkeypatch.setattr(migrate, "__file__", str(folder / "migrate.py"))
    monkeypatch.setattr(schema, "REVISION", NEXT)
    for role in ("owner", "accountant", "reader"):
        answer = people(role, "audit")
        assert (answer.code, answer.error) == (4, "not-permitted")
        assert "the database's user postgres" in answer.json["error"]["message"]
    assert desk.ok("client", "list")["clients"] != []
    assert people("reader", "audit").code == 0


def test_an_office_that_was_moved_away_is_brought_up_to_date_too(ready: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It can still be read."""
    ready.ok("office", "move", "--to", tmp_path / "there", "--confirm")
    folder = shutil.copytree(Path(migrate.__file__).parent, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "server" / "versions" / f"{NEXT}_further.py").write_text(further_script(table="clients", more=""))
    monkeypatch.setattr(migrate, "__file__", str(folder / "migrate.py"))
    monkeypatch.setattr(schema, "REVISION", NEXT)
    assert ready.ok("client", "list")["clients"] != []


def test_an_audit_asks_as_few_times_however_many_books_are_missing(ready: Workspace) -> None:
    """As when only the register was restored."""
    counts = []
    for numbers in ((8, 9), (10, 11, 12, 13)):
        for number in numbers:
            ready.create(number)
            ready.lose_books(number)
        ready.ok("audit")
        with server().statements() as sent:
            ready.ok("audit")
        counts.append(len(sent))
    assert counts[0] == counts[1]


UNNAMED = {
    "SELECT * FROM lines": ["lines"],
    "SELECT * FROM (SELECT * FROM lines WHERE administration = 7) AS lines JOIN entries ON true": ["entries"],
    "SELECT * FROM (SELECT * FROM lines WHERE administration = 7) AS lines, (SELECT * FROM vat_rows WHERE id = 1) AS v": ["vat_rows"],
    "SELECT * FROM (SELECT * FROM lines WHERE administration = 7) AS lines, entries": ["entries"],
    "SELECT * FROM events, lines WHERE lines.id = 1": ["lines"],
    "SELECT count(*) AS lines, count(id) AS entries FROM events ORDER BY n, lines": [],
    "INSERT INTO accounts (code) VALUES (1)": ["accounts"],
    "UPDATE accounts SET name = 'x' WHERE code = '1'": ["accounts"],
    "DELETE FROM marks": ["marks"],
    'COPY "lines" (id) FROM STDIN': ["lines"],
    "SELECT * FROM (SELECT * FROM lines WHERE administration = 7) AS own": [],
    "INSERT INTO accounts (administration, code) VALUES (7, '1')": [],
    "DELETE FROM marks WHERE marks.administration = 7": [],
    "SELECT * FROM events": [],
}


@pytest.mark.parametrize("statement", UNNAMED)
def test_a_statement_that_names_no_administration_is_found(statement: str) -> None:
    assert unnamed_books(statement) == UNNAMED[statement]


def test_a_query_of_the_books_sees_those_of_one_administration(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    post_books(ready.office)
    office = open_office(ready)
    counted = sa.select(sa.func.count()).select_from(schema.lines)
    own = schema.lines.alias("own")
    for number, expected in ((7, 4), (8, 0)):
        with office.engine.books(AdministrationNumber(number)) as books:
            assert books.execute(counted).scalar_one() == expected
            assert books.execute(sa.select(sa.func.count()).select_from(own)).scalar_one() == expected
            outer = schema.entries.outerjoin(schema.lines, schema.lines.c.entry == schema.entries.c.id)
            assert books.execute(sa.select(sa.func.count(schema.lines.c.id)).select_from(outer)).scalar_one() == expected
    with office.engine.books(AdministrationNumber(8), change=True) as books:
        books.execute(sa.update(schema.accounts).values(name="x"))
        books.execute(sa.delete(schema.vat_codes))
    assert {row[1] for row in book_rows(ready.office, "accounts", 8)} == {"x"}
    assert len({row[1] for row in book_rows(ready.office, "accounts", 7)}) > 100
    assert book_rows(ready.office, "vat_codes", 7) != []


def test_the_register_has_no_books_tables(ready: Workspace) -> None:
    with pytest.raises(KeyError), open_office(ready).engine.reading() as connection:
        connection.execute(sa.select(schema.lines.c.id))


def test_texts_are_in_the_order_of_their_bytes(ready: Workspace) -> None:
    for name, kvk in (("Zon", "10000001"), ("appel", "10000002"), ("Één", "10000003"), ("Aap", "10000004")):
        ready.add_client(name, kvk)
    names = [one["name"] for one in ready.ok("client", "list")["clients"]]
    assert names == sorted(names)


def test_the_screens_open_the_office_that_a_url_names(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from accountools.forms import start

    monkeypatch.setenv("ACCOUNTOOLS_OFFICE", str(place_of(ready.office)))
    opened = start.open_office()
    assert opened.office is not None
    assert opened.office.engine.place == place_of(ready.office)
    assert opened.folder == ready.office


# --- its URL ---


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://henk:secret@server/office",
        "postgresql://:secret@server/office",
        "postgres://server/office?password=secret",
        "postgresql://server/office?sslpassword=secret&sslmode=require",
        "postgresql://server/office#secret",
        "postgresql://server/office?secret",
    ],
)
def test_a_url_with_a_password_is_refused_and_not_repeated(ready: Workspace, url: str) -> None:
    answer = ready.run("audit", "--office", url)
    assert (answer.code, answer.error) == (3, "url-invalid")
    assert "secret" not in answer.out + answer.err


def test_a_url_is_libpqs_but_for_the_folder(tmp_path: Path) -> None:
    given = Address.parse(f"postgresql://henk@one:5432,two:5433/office?sslmode=verify-full&folder={tmp_path}&service=kantoor")
    assert given.conninfo == "postgresql://henk@one:5432,two:5433/office?sslmode=verify-full&service=kantoor"
    assert given.folder == tmp_path
    one, other = (Address.parse(f"postgresql://server/{name}").folder for name in ("one", "other"))
    assert one != other
    assert one.is_absolute()


@pytest.mark.parametrize(
    "options", ["sslrootcert=/etc/My%20CA.crt", "application_name=a+b", "options=-c%20a%3Db%2Bc", "sslrootcert=%2Fetc%26x&dbname=a%25b"]
)
def test_what_libpq_gets_of_a_url_is_as_it_was_given(tmp_path: Path, options: str) -> None:
    given = Address.parse(f"postgresql://server/office?folder={tmp_path}/a+b%20c&{options}")
    assert conninfo_to_dict(given.conninfo) == conninfo_to_dict(f"postgresql://server/office?{options}")
    assert given.folder == tmp_path / "a+b c"


@pytest.mark.parametrize("option", ["sslmod=verify-full", "sslmode=a=b", "sslmode", "connect_timeout=1&"])
def test_an_option_that_libpq_does_not_know_is_no_damage(ready: Workspace, option: str) -> None:
    assert ready.refused("audit", "--office", f"postgresql://127.0.0.1:1/office?{option}") == "url-invalid"


def test_what_is_no_url_is_a_folder(tmp_path: Path) -> None:
    for place in (tmp_path, str(tmp_path), "postgresql", "2026://office"):
        assert type(engine_at(place)).__name__ == "SqliteEngine"


@pytest.mark.parametrize("place", ["mysql://server/office", "https://server/office", "sqlite:///office", "file:///office"])
def test_a_url_of_another_kind_is_refused_and_makes_no_folder(ready: Workspace, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    (ready.folder / "here").mkdir()
    monkeypatch.chdir(ready.folder / "here")
    own = ready.folder / "own.lic"
    for words in (("init", "--licence", own, "--trust", ready.trust), ("office", "move", "--to", place, "--confirm"), ("audit",)):
        given = () if "--to" in words else ("--office", place)
        assert ready.refused(*words, *given) == "url-invalid"
    assert list((ready.folder / "here").iterdir()) == []


# --- errors of the server ---


STATES = {
    "55P03": "office-busy",
    "40001": "office-busy",
    "40P01": "office-busy",
    "53300": "office-busy",
    "08006": "database-away",
    "57P01": "database-away",
    "57P03": "database-away",
    "53100": "disk-full",
    "42501": "not-permitted",
    "28P01": "not-permitted",
    "25006": "not-permitted",
    "58030": "machine-failed",
    "53200": "machine-failed",
    "57014": "machine-failed",
    "25P03": "machine-failed",
    "42P01": "office-damaged",
    "23505": "office-damaged",
    "XX001": "office-damaged",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_error_of_the_server_is_raised_as_ours(state: str, wrapped: bool) -> None:
    error: Exception = psycopg.errors.lookup(state)("what the server output\nDETAIL: more")
    found = translate_database_error(sa.exc.DBAPIError("", {}, error) if wrapped else error)
    assert found is not None
    assert found.code == STATES[state]
    assert type(found) is (OfficeBusy if found.code == "office-busy" else MachineFailed)
    assert "DETAIL" not in str(found)


@pytest.mark.parametrize("error", [psycopg.ProgrammingError("the query has 2 placeholders"), psycopg.DataError("contains NUL")])
def test_an_error_of_the_driver_alone_is_no_damage(error: Exception) -> None:
    found = translate_database_error(error)
    assert found is not None
    assert found.code == "machine-failed"


def test_when_all_connections_of_a_process_are_at_work_the_office_is_busy(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = engine_of(ready.office).pool
    monkeypatch.setattr(pool, "_timeout", 0.01)
    engine = engine_at(place_of(ready.office))
    with ExitStack() as held:
        for _ in range(pool.size() + pool._max_overflow):
            held.enter_context(engine.reading())
        with pytest.raises(OfficeBusy), engine.reading():
            pass


def test_each_connection_waits_as_long_as_this_program_wants_whatever_the_server_has_set(ready: Workspace) -> None:
    """And asks for it when it is connected: PgBouncer refuses who does so while connecting."""
    with engine_at(place_of(ready.office)).reading() as connection:
        found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in connections.SETTINGS}
        assert found == connections.SETTINGS | {"search_path": "accountools"}
        driver: Any = connection.connection.dbapi_connection
        assert "options" not in driver.info.get_parameters()


def test_a_database_without_an_office_has_none(desk: Workspace) -> None:
    for words in (("audit",), ("backup", 7, "--confirm"), ("client", "list"), ("repair",)):
        assert desk.refused(*words) == "office-not-found"


def test_a_second_office_in_one_database_is_refused(ready: Workspace) -> None:
    before = ready.ok("journal")
    again = ("init", "--licence", ready.folder / "own.lic", "--trust", ready.trust)
    assert ready.refused(*again) == "office-exists"
    assert ready.ok("journal") == before


def test_an_office_of_a_newer_version_is_refused(ready: Workspace) -> None:
    run_sql(ready.office, "UPDATE alembic_version SET version_num = '9999'")
    for words in (("audit",), ("backup", 7, "--confirm"), ("repair",)):
        assert ready.refused(*words) == "office-newer"


# --- who may do what ---


@pytest.fixture
def people(desk: Workspace) -> Callable[..., CommandResult]:
    """Commands in a new office by somebody who has one of its roles: `people("reader", "audit")`."""
    desk.ready()
    database = server().databases[desk.office]

    def run(role: str, *words: object) -> CommandResult:
        login = f"{role}_{database}"
        if not server().run(f"SELECT 1 FROM pg_roles WHERE rolname = '{login}'"):
            server().run(f"CREATE ROLE {login} LOGIN IN ROLE {database}_{role}")
        place = str(desk.place(desk.office)).replace("//postgres:@", f"//{login}@").replace("//postgres@", f"//{login}@")
        assert login in place
        return desk.run(*words, "--office", place)

    return run


def test_a_readers_audit_works_and_nothing_else_is_permitted(desk: Workspace, people: Callable[..., CommandResult]) -> None:
    before = desk.ok("journal")
    assert people("reader", "audit").json["rows"][0]["state"] == "ready"
    assert people("reader", "journal", "verify").json["ok"]
    for words in (
        ("client", "add", "--name", "X", "--kvk", "23456789", "--city", "Delft"),
        ("user", "deactivate", "--administration", 7, HENK),
        ("administration", "show", 7),
        ("administration", "create", 9, "--description", "X"),
        ("licence", "import", desk.folder / "client.lic", "--administration", 7, "--user", HENK, "--confirm"),
        ("backup", 7, "--confirm"),
        ("trust", "add", desk.trust, "--confirm"),
        ("office", "set", "--inbox", desk.folder),
    ):
        answer = people("reader", *words)
        assert (answer.code, answer.error) == (4, "not-permitted"), words
    assert desk.ok("journal") == before
    assert desk.ok("repair")["found"] == []


def test_a_readers_audit_works_also_when_something_was_interrupted(desk: Workspace, people: Callable[..., CommandResult]) -> None:
    """What the next who may change something finishes."""
    killed = replace(desk, environment={"ACCOUNTOOLS_FAILPOINT": "kill:after-link:1"})
    assert killed.run_process("backup", 7, "--confirm").code < 0
    assert people("reader", "audit").json["rows"][0]["state"] == "ready"
    assert len(desk.ok("backups", "list")["backups"]) == 1


def test_an_accountant_works_but_changes_neither_licence_nor_issuers(desk: Workspace, people: Callable[..., CommandResult]) -> None:
    def works(*words: object) -> Any:
        answer = people("accountant", *words)
        assert answer.code == 0, (words, answer.err)
        return answer.json

    works("client", "add", "--name", "Vis", "--kvk", "23456789", "--city", "Delft")
    works("administration", "copy", 7, 8)
    works("licence", "import", desk.issue("next.lic", valid_until="2028-12-31"), "--administration", 7, "--user", HENK, "--confirm")
    made = works("backup", 7, "--purpose", "safekeeping", "--confirm")["backups"][0]["path"]
    works("restore", made, "--replace", "--confirm")
    renewed = desk.issue_own("renewed.lic", valid_until="2029-12-31")
    other = desk.folder / "other"
    desk.ok("issuer", "new", other)
    theirs = desk.ok("key", "new", desk.folder / "theirs.txt")["recipient"]
    for words in (
        ("licence", "renew", renewed, "--confirm"),
        ("trust", "add", other / "trust.jwks", "--confirm"),
        ("office", "admit", "--recipient", theirs, "--name", "Piet"),
        ("office", "set", "--inbox", desk.folder),
    ):
        answer = people("accountant", *words)
        assert (answer.code, answer.error) == (4, "not-permitted"), words
    assert desk.ok("journal", "verify")["ok"]
    assert people("owner", "licence", "renew", renewed, "--confirm").code == 0
    assert people("owner", "trust", "add", other / "trust.jwks", "--confirm").code == 0
    assert people("owner", "office", "admit", "--recipient", theirs, "--name", "Piet").code == 0
    dismissal = people("accountant", "office", "dismiss", "Piet", "--confirm")
    assert (dismissal.code, dismissal.error) == (4, "not-permitted")
    assert people("owner", "office", "dismiss", "Piet", "--confirm").code == 0


def test_nobody_but_an_owner_can_change_an_event(desk: Workspace, people: Callable[..., CommandResult]) -> None:
    assert people("accountant", "audit").code == 0
    database = server().databases[desk.office]
    for statement in ("UPDATE events SET by = 'x'", "DELETE FROM events", "UPDATE licences SET token = 'x'", "DELETE FROM office"):
        options = f"-c search_path=accountools -c role={database}_accountant"
        with psycopg.connect(server().url(database), options=options) as one, pytest.raises(psycopg.errors.InsufficientPrivilege):
            one.execute(statement)


@pytest.mark.parametrize("role", ["reader", "accountant"])
def test_only_an_owner_moves_the_office_away(desk: Workspace, people: Callable[..., CommandResult], role: str) -> None:
    """Elsewhere, in a folder, whoever moved it could do all that their role forbids."""
    there, before = desk.folder / "mine", desk.ok("journal")
    for more in ((), ("--confirm",)):
        answer = people(role, "office", "move", "--to", there, *more)
        assert (answer.code, answer.error) == (4, "not-permitted")
    assert not there.exists()
    assert desk.ok("journal") == before


def test_an_owner_who_is_one_no_more_when_a_move_is_finished_moves_nothing(
    desk: Workspace, people: Callable[..., CommandResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, database = desk.folder / "new", server().databases[desk.office]
    copy_books = move_parts.copy_books

    def revoke_and_copy(*given: Any) -> None:
        server().run(f"GRANT {database}_accountant TO owner_{database}; REVOKE {database}_owner FROM owner_{database}")
        copy_books(*given)

    assert people("owner", "office", "move", "--to", there).code == 0
    with monkeypatch.context() as patched:
        patched.setattr(move_parts, "copy_books", revoke_and_copy)
        assert people("owner", "office", "move", "--to", there, "--confirm").error == "not-permitted"
    assert desk.ok("client", "add", "--name", "Vis", "--kvk", "23456789", "--city", "Delft")  # it goes on where it is
    assert desk.refused("audit", "--office", there) == "move-unfinished"
    server().run(f"GRANT {database}_owner TO owner_{database}")
    assert people("owner", "office", "move", "--to", there, "--confirm").code == 0
    assert desk.ok("journal", "verify", "--office", there)["ok"]


def test_the_journal_names_the_databases_user_and_the_person(desk: Workspace, people: Callable[..., CommandResult]) -> None:
    people("accountant", "client", "add", "--name", "Vis", "--kvk", "23456789", "--city", "Delft")
    newest = desk.ok("journal")["events"][-1]
    assert (newest["what"], newest["by"]) == ("client-added", "tester")
    assert newest["details"]["database_user"] == f"accountant_{server().databases[desk.office]}"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET by = 'somebody' WHERE n = 2",
        "UPDATE users SET active = 0",
        "UPDATE clients SET name = 'X'",
        "UPDATE trusted SET jwks = 'x'",
        "DELETE FROM imports",
        "UPDATE held_books SET identity = '00000000'",
    ],
)
def test_what_was_changed_outside_the_program_is_found(ready: Workspace, change: str) -> None:
    assert ready.ok("journal", "verify")["ok"]
    run_sql(ready.office, change)
    assert ready.run("journal", "verify").json["findings"] != []


# --- several at work ---


PROGRAM = """
import sys
from accountools.cli import main
for n in range(int(sys.argv[1])):
    try:
        main([word.replace("#", f"{sys.argv[2]}{n:02d}") for word in sys.argv[3:]])
    except SystemExit as end:
        assert not end.code, end.code
"""


def at_once(desk: Workspace, count: int, *words: object) -> list[subprocess.Popen[str]]:
    """Two programs that give this command so often; `#` in it is another number each time."""
    given = desk.arguments(*words)
    return [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(count), str(who), *given], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True)
        for who in (1, 2)
    ]  # fmt: skip


def test_of_several_who_write_at_once_every_event_is_there(ready: Workspace) -> None:
    for one in at_once(ready, 6, "client", "add", "--name", "Klant #", "--kvk", "34567#", "--city", "Delft"):
        _, output = one.communicate()
        assert one.returncode == 0, output
    events = [one for one in ready.ok("journal")["events"] if one["what"] == "client-added"]
    assert len(events) == 1 + 12
    assert ready.ok("journal", "verify")["ok"]


def test_who_reads_waits_for_nobody(ready: Workspace) -> None:
    office = open_office(ready)
    with office.session(write=True) as session, office.engine.books(SEVEN, change=True) as books:
        assert session.connection.execute(sa.update(schema.clients).values(name="Onbekend")).rowcount == 1
        assert books.execute(sa.delete(schema.vat_codes)).rowcount > 0
        assert ready.ok("client", "list")["clients"][0]["name"] == "Bakkerij Jansen"
        assert ready.ok("audit")["rows"][0]["state"] == "ready"
        assert ready.ok("administration", "show", 7)["counts"]["accounts"] == 200
        assert len(book_rows(ready.office, "vat_codes", 7)) > 0
    assert ready.ok("client", "list")["clients"][0]["name"] == "Onbekend"
    assert book_rows(ready.office, "vat_codes", 7) == []


def test_to_a_second_writer_the_register_is_busy(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    office = open_office(ready)
    with office.session(write=True), psycopg.connect(server().url(server().databases[ready.office])) as other:
        other.execute("SET lock_timeout = 1")
        with pytest.raises(psycopg.errors.LockNotAvailable) as caught:
            other.execute(f"SELECT pg_advisory_xact_lock({0x41434231})")
    found = translate_database_error(caught.value)
    assert isinstance(found, OfficeBusy)


def test_who_changes_the_register_meanwhile_is_said(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "pools", {})
    monkeypatch.setitem(connections.SETTINGS, "lock_timeout", "50ms")
    with psycopg.connect(server().url(server().databases[ready.office])) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({0x41434231})")
        answer = ready.run("client", "add", "--name", "X", "--kvk", "99999999")
        who = f"{other.info.user} (pid {other.info.backend_pid})"
    for pool in connections.pools.values():
        pool.dispose()
    assert (answer.error, f"{who} is using this office." in answer.err) == ("office-busy", True), answer.err


def test_who_changes_the_same_books_meanwhile_is_said(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "pools", {})
    monkeypatch.setitem(connections.SETTINGS, "lock_timeout", "50ms")
    with psycopg.connect(server().url(server().databases[ready.office])) as other:
        other.execute("SELECT 1 FROM accountools.held_books WHERE number = 7 FOR UPDATE")
        with pytest.raises(OfficeBusy) as caught:
            post_books(ready.office)
        who = f"{other.info.user} (pid {other.info.backend_pid})"
    for pool in connections.pools.values():
        pool.dispose()
    assert dict(caught.value.reason.facts) == {"by": who}
    post_books(ready.office)


def test_who_keeps_one_waiting_for_something_else_stays_named(ready: Workspace) -> None:
    office = open_office(ready)

    def wait_for_something_else(other: psycopg.Connection) -> None:
        with office.session(write=True):
            threading.Timer(0.1, other.execute, [f"SELECT pg_advisory_xact_lock({0x41434231})"]).start()  # next in the line
            time.sleep(0.3)
            raise OfficeBusy("somebody")

    with psycopg.connect(server().url(server().databases[ready.office])) as other:
        with pytest.raises(OfficeBusy) as caught:
            wait_for_something_else(other)
        time.sleep(0.3)
    assert dict(caught.value.reason.facts) == {"by": "somebody"}


def test_changes_of_other_books_dont_wait(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 8)
    office = open_office(ready)
    with office.engine.books(SEVEN, change=True) as books:
        books.execute(sa.delete(schema.vat_codes))
        post(office, AdministrationNumber(8), (), [Relation("D1", "Café Noord", "D")])
        ready.add_user(PIET, 8)
    assert ready.ok("administration", "show", 8)["counts"]["relations"] == 1


def test_what_was_planned_on_an_older_state_changed_meanwhile(ready: Workspace) -> None:
    licence = ready.issue("next.lic", valid_until="2028-12-31")
    office = open_office(ready)
    plans = [office.plan_import(licence, 7, HENK) for _ in range(2)]
    office.apply(plans[0])
    with pytest.raises(Refused, match="changed-meanwhile"):
        office.apply(plans[1])
    events = [one["what"] for one in ready.ok("journal")["events"]]
    assert events.count("licence-imported") == 2


def test_importing_a_licence_sends_few_statements_and_half_of_them_while_others_wait(ready: Workspace) -> None:
    licence = ready.issue("next.lic", valid_until="2028-12-31")
    office = open_office(ready)
    with server().statements() as sent:
        office.apply(office.plan_import(licence, 7, HENK))
    locked = next(place for place, one in enumerate(sent) if "pg_advisory_xact_lock" in one)
    assert 0 < len(sent) <= MOST_STATEMENTS
    assert len(sent) - locked <= MOST_STATEMENTS // 2


def test_of_two_audit_files_that_come_in_at_once_one_is_refused(ready: Workspace) -> None:
    ready.create(9, "Auditfile", chart=None)
    office = open_office(ready)
    with planned_auditfile_import(office, [AUDIT_FILE], NINE) as first, planned_auditfile_import(office, [AUDIT_FILE], NINE) as second:
        first.apply(office)
        with pytest.raises(Refused, match="changed-meanwhile"):
            second.apply(office)
    assert ready.ok("administration", "show", 9)["counts"]["lines"] == 3
    assert [one["what"] for one in ready.ok("journal", "--administration", 9)["events"]].count("auditfile-imported") == 1


def test_a_backup_is_of_one_moment_whatever_is_written_meanwhile(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    post_books(ready.office)
    before, shown = rows_of(ready.office), ready.ok("administration", "show", 7)
    read_rows, read = copying.read_rows, list[str]()

    def write_meanwhile(connection: sa.Connection, table: str, *more: Any) -> AbstractContextManager[Iterator[tuple[Any, ...]]]:
        if not read:
            post(open_office(ready), SEVEN, [entry(number) for number in ("x", "y")])
        read.append(table)
        return read_rows(connection, table, *more)

    monkeypatch.setattr(copying, "read_rows", write_meanwhile)
    made = ready.backup()
    monkeypatch.undo()
    monkeypatch.setenv("ACCOUNTOOLS_USER", "tester")
    assert read[0] == schema.BOOK_TABLES[0]
    assert rows_of(ready.office)["entries"] != before["entries"]
    ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=ready.client_office)
    assert rows_of(ready.client_office) == before
    assert ready.ok("administration", "show", 7, office=ready.client_office)["totals"] == shown["totals"]


def test_a_disk_that_is_full_while_rows_come_in_is_said(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the statement that gives them still at work, during which the driver lets nobody else use its connection."""
    post(open_office(ready), SEVEN, [entry(str(number)) for number in range(2_000)])
    with monkeypatch.context() as full:
        full.setattr(write, "_NEW", (*write._NEW, "max_page_count = 30"))
        assert ready.refused("backup", 7, "--confirm", code=4) == "disk-full"
    assert ready.ok("repair")["found"] == []
    assert ready.ok("backup", 7, "--confirm")


def entry(number: str) -> Entry:
    return Entry("60", number, "2026-03-01", 3, "Taart", (Line("1300", "D", 100), Line("8000", "C", 100)))


def test_nobody_repairs_while_another_works_on_another_machine(ready: Workspace) -> None:
    office = open_office(ready)
    other = f"{str(place_of(ready.office)).partition('folder=')[0]}folder={ready.folder / 'elsewhere'}"
    with office.engine.working("somebody"):
        answer = ready.run("repair", "--office", other)
        assert answer.error == "office-busy"
        assert re.search(r"^office-busy: \w+ \(pid \d+\) is using this office\.", answer.err)
        assert ready.run("audit", "--office", other).code == 0
    assert ready.ok("repair")["found"] == []


def test_two_who_ask_at_once_whether_somebody_works_there_are_not_taken_for_it(ready: Workspace) -> None:
    engine = open_office(ready).engine
    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(lambda _: engine.is_busy() or engine.is_working("somebody"), range(400)))
    with engine.working("somebody"):
        assert (engine.is_busy(), engine.is_working("somebody"), engine.is_working("nobody")) == (True, True, False)


def test_on_another_machine_a_member_has_the_issuers_and_the_key(ready: Workspace) -> None:
    """With another folder than where the office was made."""
    place = str(place_of(ready.office)).partition("folder=")[0]
    elsewhere = ("--office", f"{place}folder={ready.folder / 'elsewhere'}")
    assert ready.ok("trust", "list", *elsewhere) == ready.ok("trust", "list")
    licence = ready.issue("next.lic", valid_until="2028-12-31")
    assert ready.ok("licence", "import", licence, "--administration", 7, "--user", HENK, "--confirm", *elsewhere)["imported"]
    made = Path(ready.ok("backup", 7, "--confirm", *elsewhere)["backups"][0]["path"])
    assert made.parent == ready.folder / "elsewhere" / "backups"
    assert [one["path"] for one in ready.ok("backups", "list")["backups"]] == [str(made)]
    assert ready.ok("verify", made)["signer"] == "own"
    ready.ok("office", "set", "--backups", ready.folder / "shared")
    assert Path(ready.ok("backup", 7, "--confirm", *elsewhere)["backups"][0]["path"]).parent == ready.folder / "shared"


# --- interrupted ---


@pytest.mark.parametrize("point", ["before-make-database", "after-make-database", "before-commit-books", "after-commit-books",
                                   "before-commit-register"])  # fmt: skip
def test_books_that_were_never_finished_are_nobodys_and_are_removed(ready: Workspace, point: str) -> None:
    killed = replace(ready, environment={"ACCOUNTOOLS_FAILPOINT": f"kill:{point}:1"})
    assert killed.run_process("administration", "copy", 7, 8).code < 0
    assert [one["number"] for one in ready.ok("administration", "list")["administrations"]] == [7]
    left = run_sql(ready.office, "SELECT number FROM held_books WHERE number IS DISTINCT FROM 7")
    found = ready.ok("repair")["found"]
    assert [one["what"] for one in found if one["what"] == "unfinished-books"] == ["unfinished-books"] * len(left)
    assert run_sql(ready.office, "SELECT number FROM held_books") == [(7,)]
    for name in schema.BOOKS.tables:
        assert run_sql(ready.office, f"SELECT count(*) FROM {name} WHERE administration NOT IN (SELECT id FROM held_books)") == [(0,)]
    ready.ok("administration", "copy", 7, 8)
    assert ready.ok("journal", "verify")["ok"]


@pytest.mark.parametrize("point", ["before-adopt-image", "before-commit-register", "after-commit-register"])
def test_a_restore_that_is_interrupted_is_whole_or_nothing(ready: Workspace, point: str) -> None:
    post_books(ready.office)
    made, before = ready.backup(7, "--purpose", "safekeeping"), rows_of(ready.office)
    post(open_office(ready), SEVEN, [entry("x")])
    after = rows_of(ready.office)
    killed = replace(ready, environment={"ACCOUNTOOLS_FAILPOINT": f"kill:{point}:1"})
    assert killed.run_process("restore", made, "--replace", "--confirm").code < 0
    ready.ok("repair")
    assert rows_of(ready.office) in (before, after)
    assert ready.ok("journal", "verify")["ok"]
    ready.ok("restore", made, "--replace", "--confirm")
    assert rows_of(ready.office) == before


# --- from one engine to the other ---


def test_a_backup_restores_into_an_office_of_either_kind(ready: Workspace) -> None:
    post_books(ready.office)
    in_a_folder = replace(ready, on_server=False)
    ready.create_client_office()
    folder = ready.folder / "in-a-folder"
    in_a_folder.ok("init", "--licence", ready.folder / "client.lic", "--trust", ready.trust, office=folder)
    made = ready.backup()
    in_a_folder.ok("restore", made, "--confirm", office=folder)
    ready.ok("restore", made, "--confirm", office=ready.client_office)
    assert rows_of(folder) == rows_of(ready.office) == rows_of(ready.client_office)
    back = in_a_folder.backup(7, office=folder)
    ready.ok("restore", back, "--replace", "--accept", "signer-changed", "--confirm", office=ready.client_office)
    assert rows_of(ready.client_office) == rows_of(ready.office)
    assert ready.ok("inspect", made)["files"][0]["findings"] == []


# --- a server that is away ---


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Server]:
    """A server for this test alone, which it may kill."""
    from tests import engines

    everybodys = server()  # skips where there can be none
    engines._server = Server(tmp_path_factory.mktemp("s"))
    try:
        yield engines._server
        engines._server.stop()
    finally:
        engines._server = everybodys


def test_a_server_that_was_killed_is_away_and_work_goes_on_when_it_is_back(own_server: Server, tmp_path: Path) -> None:
    desk = Workspace(tmp_path / "desk", on_server=True).ready()
    post_books(desk.office)
    before, office = rows_of(desk.office), open_office(desk)

    def change_and_lose() -> None:
        with office.engine.books(SEVEN, change=True) as books:
            books.execute(sa.delete(schema.vat_rows))
            own_server.kill()
            books.execute(sa.delete(schema.lines))

    with pytest.raises(AccountoolsError) as caught:
        change_and_lose()
    assert (caught.value.code, caught.value.exit_code) == ("database-away", 4)
    for words in (("audit",), ("backup", 7, "--confirm"), ("client", "list"), ("administration", "show", 7)):
        assert desk.refused(*words, code=4) == "database-away"
    own_server.start()
    assert rows_of(desk.office) == before
    assert desk.ok("audit")["rows"][0]["state"] == "ready"
    with office.session() as session:  # the very one that lost its connections
        assert session.own_licence.number == "AC-1001"
    assert desk.ok("journal", "verify")["ok"]


def test_a_server_that_is_killed_while_an_audit_file_comes_in_has_nothing_half(
    own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Workspace(tmp_path / "desk", on_server=True).ready()
    desk.create(9, "Auditfile", chart=None)
    words = ("auditfile", "import", AUDIT_FILE, "--administration", 9, "--confirm")
    before, write_rows = rows_of(desk.office, 9), copying._write_rows

    def write_until_killed(connection: sa.Connection, source: Any, table: str, *more: Any) -> None:
        if table == "lines":
            own_server.kill()
        write_rows(connection, source, table, *more)

    with monkeypatch.context() as patch:
        patch.setattr(copying, "_write_rows", write_until_killed)
        assert desk.refused(*words, code=4) == "database-away"
    own_server.start()
    assert rows_of(desk.office, 9) == before
    assert desk.ok(*words)["adds"]["lines"] == len(rows_of(desk.office, 9)["lines"]) == 3
    assert desk.ok("journal", "verify")["ok"]


def test_a_move_to_a_server_that_was_killed_goes_on_when_it_is_back(own_server: Server, tmp_path: Path) -> None:
    desk, there = Workspace(tmp_path / "desk").ready(), tmp_path / "there"
    post_books(desk.office)
    desk.ok("administration", "copy", 7, 8)
    move = ("office", "move", "--to", own_server.place(there))

    def kill_after_one(done: int, _total: int) -> None:
        if done == 1:
            own_server.kill()

    with pytest.raises(AccountoolsError) as caught:
        plan_move(Office.open(desk.office), own_server.place(there)).apply(Office.open(desk.office), kill_after_one)
    assert (caught.value.code, caught.value.exit_code) == ("database-away", 4)
    assert desk.refused(*move, code=4) == "database-away"
    assert desk.ok("audit")["rows"][0]["state"] == "ready"
    own_server.start()
    assert desk.ok(*move)["copied"] == 1
    assert desk.ok(*move, "--confirm")["moved"]
    assert rows_of(there) == rows_of(there, 8) == rows_of(desk.office)


def test_a_password_is_nowhere_but_where_libpq_reads_it(own_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, secret = Workspace(tmp_path / "desk", on_server=True).ready(), "geheim-wachtwoord-42"
    database = own_server.databases[desk.office]
    own_server.run(f"CREATE ROLE clerk LOGIN PASSWORD '{secret}' IN ROLE {database}_accountant")
    own_server.demand_password("clerk")
    place = str(desk.place(desk.office)).replace("//postgres:@", "//clerk@").replace("//postgres@", "//clerk@")
    given = tmp_path / "pgpass"
    monkeypatch.setenv("PGPASSFILE", str(given))
    output = []

    def run(*words: object) -> CommandResult:
        answer = desk.run(*words, "--office", place)
        output.append(answer.out + answer.err)
        return answer

    assert run("audit").error == "not-permitted"
    given.write_text("*:*:*:clerk:wrong\n")
    given.chmod(0o600)
    assert run("audit").error == "not-permitted"
    given.write_text(f"*:*:*:clerk:{secret}\n")
    assert run("audit").code == 0
    assert run("client", "add", "--name", "Vis", "--kvk", "23456789", "--city", "Delft").code == 0
    assert run("backup", 7, "--plain", "--confirm").code == 0
    monkeypatch.setenv("ACCOUNTOOLS_DEBUG", "1")
    traced = replace(desk, environment={"ACCOUNTOOLS_DEBUG": "1"})
    own_server.kill()
    output.append(subprocess.run([sys.executable, "-m", "accountools", *traced.arguments("audit", "--office", place)], capture_output=True,
                               text=True, check=False).stderr)  # fmt: skip
    own_server.start()
    output += map(str, run_sql(desk.office, "SELECT * FROM events"))
    assert secret not in "".join(output)
    for path in (path for path in desk.folder.rglob("*") if path.is_file()):
        assert secret.encode() not in path.read_bytes(), path
