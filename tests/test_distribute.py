"""Spreading the books over a cluster (`office distribute`).

There is no Citus here. In its place the tests' own server gets the names that the program asks for: a row that says the extension is
there, its catalog of distributed tables, and a function that only notes what it is called with. So this proves which statements are
sent, in which order, and how often; what a real cluster does with them it doesn't (docs/scale.md).
"""

from collections.abc import Iterator

import psycopg
import pytest

from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.office.view import office_screen
from accountools.office import Office
from accountools.storage.postgres import tables
from accountools.texts import Texts
from tests.engines import place_of, run_sql, server
from tests.test_forms_screen import press, visible_text
from tests.workspace import Workspace

DISTRIBUTE = ("office", "distribute")
BOOKS = [table.name for table in tables.BOOKS.sorted_tables]
STAND_IN = """
SET allow_system_table_mods = on;
INSERT INTO pg_catalog.pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    VALUES (4141, 'citus', 10, 'pg_catalog'::regnamespace, false, 'a stand-in');
CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod char, n serial, partkey text, beside text);
CREATE FUNCTION pg_catalog.create_distributed_table(table_name regclass, distribution_column text, colocate_with text) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
        IF colocate_with <> 'none' AND NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass) THEN
            RAISE 'nothing to colocate with';
        END IF;
        IF current_setting('accountools.refuse', true) = table_name::text THEN
            RAISE 'a machine is full' USING ERRCODE = 'disk_full';
        END IF;
        INSERT INTO pg_dist_partition (logicalrelid, partmethod, partkey, beside)
            VALUES (table_name, 'h', distribution_column, colocate_with);
    END $$;
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All of these offices are on a server."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ["postgresql"], indirect=True)


@pytest.fixture
def cluster(ready: Workspace) -> Iterator[Workspace]:
    """An office in a database with the names of the extension."""
    with psycopg.connect(server().url(server().databases[ready.office]), autocommit=True) as connection:
        connection.execute(STAND_IN)
        yield ready
        connection.execute("SET allow_system_table_mods = on; DELETE FROM pg_catalog.pg_extension WHERE oid = 4141")


def distributed(desk: Workspace) -> list[tuple[str, str, str]]:
    rows = run_sql(desk.office, "SELECT logicalrelid::text, partkey, beside FROM pg_dist_partition ORDER BY n")
    return [(str(name).rpartition(".")[2], column, beside) for name, column, beside in rows]


def test_without_the_extension_it_is_refused(ready: Workspace) -> None:
    for words in ((), ("--confirm",)):
        assert ready.refused(*DISTRIBUTE, *words) == "citus-missing"
    assert ready.ok("journal", "verify")["ok"]


def test_the_books_are_distributed_by_administration_and_together(cluster: Workspace) -> None:
    planned = cluster.ok(*DISTRIBUTE)
    assert (planned["distributed"], len(planned["statements"]), distributed(cluster)) == (False, len(BOOKS), [])
    shown = cluster.ok("administration", "show", 7)
    assert cluster.ok(*DISTRIBUTE, "--plan", planned["plan"], "--confirm")["distributed"]
    first = f"accountools.{BOOKS[0]}"
    assert distributed(cluster) == [(name, "administration", "none" if f"accountools.{name}" == first else first) for name in BOOKS]
    done = [name for name, _, _ in distributed(cluster)]
    for table in tables.BOOKS.tables.values():  # each after those that it refers to
        assert all(done.index(key.referred_table.name) <= done.index(table.name) for key in table.foreign_key_constraints)
    assert cluster.ok("journal")["events"][-1]["what"] == "books-distributed"
    assert cluster.ok("administration", "show", 7) == shown
    assert cluster.ok("journal", "verify")["ok"]


def test_a_second_time_there_is_nothing_to_do(cluster: Workspace) -> None:
    cluster.ok(*DISTRIBUTE, "--confirm")
    before = cluster.ok("journal"), distributed(cluster)
    answer = cluster.run(*DISTRIBUTE, "--confirm", as_json=False)
    assert (answer.code, answer.out) == (0, "All tables of the books are distributed.\n")
    assert (cluster.ok("journal"), distributed(cluster)) == before


def test_the_screen_distributes_them_after_it_showed_how(cluster: Workspace) -> None:
    screen = office_screen(Office.open(place_of(cluster.office)), Texts("en"))
    screen.form.start = run_now
    assert screen.form.open_part(navigation.MOVE)
    assert "create_distributed_table('accountools.lines', 'administration'" in visible_text(screen)
    press(screen, "Distribute them")
    assert f"{len(BOOKS)} tables distributed." in visible_text(screen)
    assert "All tables of the books are distributed." in visible_text(screen)
    assert len(distributed(cluster)) == len(BOOKS)


def test_interrupted_it_does_the_rest_the_next_time(cluster: Workspace) -> None:
    database = server().databases[cluster.office]
    server().run(f"ALTER DATABASE {database} SET accountools.refuse = '{BOOKS[3]}'")
    server().close_connections()
    assert cluster.refused(*DISTRIBUTE, "--confirm", code=4) == "disk-full"
    assert [name for name, _, _ in distributed(cluster)] == BOOKS[:3]
    server().run(f"ALTER DATABASE {database} RESET accountools.refuse")
    server().close_connections()
    assert len(cluster.ok(*DISTRIBUTE)["statements"]) == len(BOOKS) - 3
    cluster.ok(*DISTRIBUTE, "--confirm")
    assert [name for name, _, _ in distributed(cluster)] == BOOKS
    assert {beside for _, _, beside in distributed(cluster)[1:]} == {f"accountools.{BOOKS[0]}"}
