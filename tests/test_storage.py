"""Storage: one definition of the tables, migrations that give the same, databases that are private, safe and locked."""

import contextlib
import errno
import getpass
import os
import pickle
import re
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections import namedtuple
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.obstacle import obstacle
from accountools.file_users import find_user
from accountools.operations.errors import translate_error
from accountools.storage import schema
from accountools.storage.errors import OfficeBusy, translated_errors
from accountools.storage.migrations import migrate
from accountools.storage.sqlite import connections
from accountools.storage.sqlite.engine import SqliteEngine
from tests.test_handover import change_register, new_key, post_books, query, state
from tests.test_restore import rows_of
from tests.workspace import HENK, Workspace

SEVEN = AdministrationNumber(7)
NEXT = f"{schema.VERSION + 1:04d}"
KINDS = {"register": schema.REGISTER, "books": schema.BOOKS}


def in_memory() -> sa.Engine:
    return sa.create_engine("sqlite://", poolclass=sa.StaticPool)


def ddl_of(connection: sa.Connection) -> dict[str, tuple[list[str], frozenset[str], str]]:
    """Each table and index: its columns in order, its constraints as a set, and what follows them."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").all()
    return {name: parse_ddl(text) for name, text in rows}


def parse_ddl(text: str) -> tuple[list[str], frozenset[str], str]:
    start, end = text.index("("), text.rindex(")")
    parts = [" ".join(part.split()) for part in split_at_outer_commas(text[start + 1 : end])]
    constraints = [part for part in parts if re.match(r"(CONSTRAINT|PRIMARY|FOREIGN|CHECK|UNIQUE)\b", part)]
    columns = [part for part in parts if part not in constraints]
    return columns, frozenset(constraints), f"{' '.join(text[:start].split())} … {text[end + 1 :].strip()}"


def split_at_outer_commas(text: str) -> Iterator[str]:
    """The parts of a text between the commas that are in no brackets."""
    depth, part = 0, ""
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield part
            part = ""
        else:
            part += letter
    yield part


@pytest.mark.parametrize("which", KINDS)
def test_the_migrations_give_what_is_made_at_once(which: str) -> None:
    with in_memory().begin() as migrated, in_memory().begin() as created:
        migrate.upgrade(migrated, which)
        migrate.create(created, KINDS[which])
        assert ddl_of(migrated) == ddl_of(created)
        assert "alembic_version" in ddl_of(created)
        versions = [one.exec_driver_sql("SELECT version_num FROM alembic_version").all() for one in (migrated, created)]
    assert versions == [[(schema.REVISION,)], [(schema.REVISION,)]]


def test_the_comparison_finds_a_difference() -> None:
    one = parse_ddl("CREATE TABLE a (x TEXT NOT NULL, CHECK (x IN ('a', 'b')), PRIMARY KEY (x)) STRICT")
    assert one == parse_ddl("CREATE TABLE a (x TEXT NOT NULL,\n PRIMARY KEY (x), CHECK (x IN ('a', 'b'))\n) STRICT")
    for other in ("CREATE TABLE a (x TEXT, CHECK (x IN ('a', 'b')), PRIMARY KEY (x)) STRICT",
                  "CREATE TABLE a (x TEXT NOT NULL, CHECK (x IN ('a', 'c')), PRIMARY KEY (x)) STRICT",
                  "CREATE TABLE a (x TEXT NOT NULL, CHECK (x IN ('a', 'b')), PRIMARY KEY (x))"):  # fmt: skip
        assert one != parse_ddl(other)


@pytest.mark.parametrize("which", KINDS)
def test_every_table_is_strict(which: str) -> None:
    with in_memory().begin() as connection:
        migrate.create(connection, KINDS[which])
        found = connection.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'").all()
    assert {name for name, strict in found if not strict} <= {"alembic_version", "sqlite_schema"}
    assert len(found) > 6


def image_database(kind: str) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    name = f"{kind}_{schema.VERSION}.sql"
    connection.executescript(files("accountools.storage.image").joinpath("schema", name).read_text("utf-8"))
    return connection


@pytest.mark.parametrize(("kind", "which"), [("administration", "books"), ("register", "register")])
def test_an_image_has_the_tables_columns_and_keys_and_nothing_more(kind: str, which: str) -> None:
    image = image_database(kind)
    not_in_it = {"marks", "replacements", "batches"}  # what concerns this machine only
    with in_memory().begin() as connection:
        migrate.create(connection, KINDS[which])
        for name in set(KINDS[which].tables) - not_in_it:
            for pragma in (f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}') ORDER BY cid",
                           f"SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list('{name}') ORDER BY 1, 2"):  # fmt: skip
                assert image.execute(pragma).fetchall() == [tuple(row) for row in connection.exec_driver_sql(pragma)], name
    found = {name for (name,) in image.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    own = {"slice", "office_files"} if kind == "register" else {"slice"}
    assert found == (set(KINDS[which].tables) - not_in_it) | own
    assert image.execute("SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE '%INDEX%'").fetchone() == (0,)
    loose = image.execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict").fetchall()
    assert loose == [("sqlite_schema",)]


# --- versions ---


def set_version(path: Path, version: str | None) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM alembic_version")
        if version is not None:
            database.execute("INSERT INTO alembic_version VALUES (?)", (version,))


@pytest.mark.parametrize("version", [NEXT, "0010", "9999"])
def test_an_office_of_a_newer_version_is_refused(ready: Workspace, version: str) -> None:
    set_version(ready.office / "register.db", version)
    before = state(ready.office)
    for words in (("audit",), ("backup", 7, "--confirm"), ("client", "list"), ("repair",), ("journal", "verify")):
        assert ready.refused(*words) == "office-newer"
    assert state(ready.office) == before


def test_books_of_a_newer_version_are_refused(ready: Workspace) -> None:
    set_version(ready.office / "administrations" / "00007.db", NEXT)
    before = state(ready.office)
    assert ready.refused("administration", "show", 7) == "office-newer"
    assert state(ready.office) == before


def test_a_register_that_is_no_database_is_damaged(ready: Workspace) -> None:
    set_version(ready.office / "register.db", None)
    assert ready.refused("audit", code=4) == "office-damaged"
    change_register(ready.office, "DROP TABLE alembic_version")
    assert ready.refused("audit", code=4) == "office-damaged"
    for content in (b"hello, this is no database at all", b"SQLite format 3\0" + b"\xff" * 5_000):
        (ready.office / "register.db").write_bytes(content)
        assert ready.refused("audit", code=4) == "office-damaged"


FURTHER = textwrap.dedent('''
    """A further version."""

    import sqlalchemy as sa
    from alembic import op

    revision = "{revision}"
    down_revision = "{before}"


    def upgrade():
        op.add_column("{table}", sa.Column("note", sa.Text(), nullable=False, server_default="new"))
        {more}
''')


def further_script(table: str, more: str) -> str:
    return FURTHER.format(table=table, more=more, revision=NEXT, before=f"{schema.VERSION:04d}")


def newer_program(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the program a further migration of both kinds of database; gives the folder of its migrations."""
    folder = place / "migrations"
    if not folder.exists():
        shutil.copytree(Path(migrate.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for which, table in (("register", "clients"), ("books", "relations")):
        (folder / which / "versions" / f"{NEXT}_further.py").write_text(further_script(table=table, more=""))
    monkeypatch.setattr(migrate, "__file__", str(folder / "migrate.py"))
    monkeypatch.setattr(schema, "REVISION", NEXT)
    return folder


@pytest.fixture
def second_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program with a further migration of both kinds of database."""
    return newer_program(tmp_path / "program", monkeypatch)


def test_an_older_office_is_brought_up_to_date_after_a_copy_was_set_aside(ready: Workspace, second_version: Path) -> None:
    post_a_relation_by_the_first_version(ready)
    before = query(ready.office, "SELECT * FROM clients"), query(ready.office, "SELECT * FROM events"), rows_of(ready.office)
    shown = ready.ok("administration", "show", 7)
    assert shown["counts"]["relations"] == 1
    register, books = ready.office / "register.db", ready.office / "administrations" / "00007.db"
    assert query(ready.office, "SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert query(ready.office, "SELECT note FROM clients") == [("new",)]
    assert rows_of(ready.office)["relations"] == [("D1", "Café Noord", "D", "", *6 * (None,), "new")]
    assert rows_of(ready.office)["accounts"] == before[2]["accounts"]
    for path in (register, books):
        copy = path.with_name(f"{path.name}.before-{NEXT}")
        assert copy.stat().st_mode & 0o777 == 0o600
        with contextlib.closing(sqlite3.connect(copy)) as old:
            assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(f"{schema.VERSION:04d}",)]
    with contextlib.closing(sqlite3.connect(f"{register}.before-{NEXT}")) as old:
        assert (old.execute("SELECT * FROM clients").fetchall(), old.execute("SELECT * FROM events").fetchall()) == before[:2]
    set_aside = Path(f"{register}.before-{NEXT}").read_bytes()
    assert ready.ok("administration", "show", 7) == shown  # once is enough
    assert Path(f"{register}.before-{NEXT}").read_bytes() == set_aside
    assert ready.ok("journal", "verify")["ok"]
    assert ready.ok("repair")["found"] == []


def test_of_two_who_open_an_older_office_at_once_the_copy_is_the_old_one(
    ready: Workspace, second_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks at the version, waits while the first brings all up to date, and goes on."""
    is_old, first = migrate.is_old, ready.office / "register.db"

    def while_another_opens_it(connection: sa.Connection) -> bool:
        found = is_old(connection)
        monkeypatch.setattr(migrate, "is_old", is_old)
        SqliteEngine(ready.office).open()
        return found

    monkeypatch.setattr(migrate, "is_old", while_another_opens_it)
    assert ready.ok("audit")["summary"]["ready"] == 1
    with contextlib.closing(sqlite3.connect(f"{first}.before-{NEXT}")) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [(f"{schema.VERSION:04d}",)]
    assert query(ready.office, "SELECT version_num FROM alembic_version") == [(NEXT,)]


def post_a_relation_by_the_first_version(desk: Workspace) -> None:
    """A relation, written by the first version."""
    with contextlib.closing(sqlite3.connect(desk.office / "administrations" / "00007.db")) as books, books:
        books.execute("INSERT INTO relations (code, name, kind, city) VALUES ('D1', 'Café Noord', 'D', '')")


def test_a_migration_that_fails_leaves_the_office_as_it_was(
    ready: Workspace, second_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = second_version / "register" / "versions" / f"{NEXT}_further.py"
    script.write_text(further_script(table="clients", more='op.execute("INSERT INTO clients VALUES (1)")'))
    before = query(ready.office, "SELECT sql FROM sqlite_schema"), query(ready.office, "SELECT * FROM events")
    assert ready.refused("audit", code=4) is not None
    assert (query(ready.office, "SELECT sql FROM sqlite_schema"), query(ready.office, "SELECT * FROM events")) == before
    assert query(ready.office, "SELECT version_num FROM alembic_version") == [(f"{schema.VERSION:04d}",)]
    monkeypatch.undo()
    monkeypatch.setenv("ACCOUNTOOLS_USER", "tester")
    assert ready.ok("audit")["summary"]["ready"] == 1  # the version before still works on it


# --- where an office can be ---


Partition = namedtuple("Partition", ["mountpoint", "fstype"])


def mounted(monkeypatch: pytest.MonkeyPatch, *partitions: tuple[Path | str, str]) -> None:
    found = [Partition(str(place), kind) for place, kind in partitions]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **asked: found if asked == {"all": True} else [])


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "CIFS", "smb3", "fuse.sshfs", "afpfs"])
def test_a_network_share_is_refused(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    backup = empty_office.backup("--register", "--recipient", new_key(empty_office))
    mounted(monkeypatch, ("/", "ext4"), (empty_office.folder, kind))
    assert empty_office.refused(
        "init", "--licence", empty_office.folder / "own.lic", "--trust", empty_office.trust, office=empty_office.folder / "x"
    ) == ("network-share")
    restore = ("restore", backup, "--identity", empty_office.folder / "key.txt", "--confirm")
    assert empty_office.refused(*restore, office=empty_office.folder / "y") == "network-share"
    assert not (empty_office.folder / "x").exists()
    assert not (empty_office.folder / "y").exists()


def test_a_local_disk_is_accepted_wherever_it_is_mounted(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted(
        monkeypatch,
        (empty_office.folder.parent, "nfs"),
        ("/", "cifs"),
        (empty_office.folder, "btrfs"),
        (empty_office.folder / "office", "nfs"),
    )
    empty_office.ok("init", "--licence", empty_office.folder / "own.lic", "--trust", empty_office.trust, office=empty_office.folder / "x")


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        desk = Workspace(tmp_path / "desk").ready()
        desk.ok("administration", "copy", 7, 8)
        desk.backup()
        desk.create_client_office()
        desk.ok("restore", desk.backup(), "--confirm", office=desk.client_office)
        desk.ok("restore", desk.backup(7, "--purpose", "safekeeping"), "--replace", "--confirm")
        new_key(desk)
    finally:
        os.umask(before)
    paths = [desk.office, desk.client_office, *desk.office.rglob("*"), *desk.client_office.rglob("*"), desk.folder / "key.txt",
             desk.folder / "issuer" / "issuer.pem"]  # fmt: skip
    assert {path.name for path in paths} >= {"register.db", "00007.db", "00008.db", "backup-key.pem", "trust.jwks", "backups", "work"}
    wrong = {
        path.name: oct(path.stat().st_mode & 0o777) for path in paths if path.stat().st_mode & 0o777 != (0o700 if path.is_dir() else 0o600)
    }
    assert wrong == {}


# --- how databases are opened ---


def pragmas_of(connection: sa.Connection) -> dict[str, object]:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema")
    return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}


def test_the_databases_are_opened_safely(ready: Workspace) -> None:
    store = SqliteEngine(ready.office)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "trusted_schema": 0}
    for opened in (store.reading, store.changing):
        with opened() as connection:
            assert pragmas_of(connection) == wanted
    for change in (False, True):
        with store.books(SEVEN, change=change) as connection:
            assert pragmas_of(connection) == wanted


def test_what_is_deleted_is_gone_from_the_file(ready: Workspace) -> None:
    store, words = SqliteEngine(ready.office), "Geheime relatie BV"
    path = store.books_path(SEVEN)
    with store.books(SEVEN, change=True) as connection:
        connection.execute(sa.insert(schema.relations).values(code="X", name=words, kind="D", city=""))
    assert words.encode() in path.read_bytes()
    with store.books(SEVEN, change=True) as connection:
        connection.execute(sa.delete(schema.relations))
    assert words.encode() not in path.read_bytes()
    assert not Path(f"{path}-wal").exists()


def test_a_transaction_is_whole_or_nothing(ready: Workspace) -> None:
    store, before = SqliteEngine(ready.office), state(ready.office)

    def change_and_fail() -> None:
        with store.changing() as connection:
            connection.execute(sa.delete(schema.imports))
            connection.execute(sa.delete(schema.users))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        change_and_fail()
    assert state(ready.office) == before


def test_a_transaction_that_reads_sees_one_moment(ready: Workspace) -> None:
    store = SqliteEngine(ready.office)
    count = sa.select(sa.func.count()).select_from(schema.users)
    with store.reading() as connection:
        assert connection.execute(count).scalar_one() == 1
        ready.add_user("ander")
        assert connection.execute(count).scalar_one() == 1
    with store.reading() as connection:
        assert connection.execute(count).scalar_one() == 2


def test_keys_and_constraints_are_enforced(ready: Workspace) -> None:
    store = SqliteEngine(ready.office)
    for statement in ("INSERT INTO users VALUES (99, 'x', 'x', 'X', NULL, 1, 0)", "UPDATE users SET active = 7",
                      "DELETE FROM administrations", "UPDATE administrations SET client_kvk = '00000000'",
                      "UPDATE users SET employee = 'zeven'", "INSERT INTO office VALUES (2, 'x')"):  # fmt: skip
        with pytest.raises(MachineFailed, match="office-damaged") as caught, store.changing() as connection:
            connection.exec_driver_sql(statement)
        assert isinstance(caught.value.__cause__, sa.exc.IntegrityError)


# --- errors of the database ---


def sqlite_error(statements: str, path: str = ":memory:") -> sqlite3.Error:
    with contextlib.closing(sqlite3.connect(path, uri=True)) as connection, pytest.raises(sqlite3.Error) as caught:
        connection.executescript(statements)
    return caught.value


SQLITE_ERRORS = {
    "PRAGMA max_page_count = 1; CREATE TABLE a (b)": "disk-full",
    "PRAGMA query_only = ON; CREATE TABLE a (b)": "not-permitted",
    "ATTACH '/nowhere/at/all.db' AS other": "not-permitted",
    "SELECT * FROM nothing": "office-damaged",
    "CREATE TABLE a (b NOT NULL); INSERT INTO a VALUES (NULL)": "office-damaged",
}


@pytest.mark.parametrize(("statements", "code"), SQLITE_ERRORS.items(), ids=SQLITE_ERRORS.values())
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_error_of_the_database_is_raised_as_ours(statements: str, code: str, wrapped: bool) -> None:
    error: Exception = sqlite_error(statements)
    if wrapped:
        error = sa.exc.DBAPIError("", {}, error)
    with pytest.raises(MachineFailed, match=code) as caught, translated_errors(Path("books.db")):
        raise error
    assert caught.value.__cause__ is error
    if code in {"disk-full", "not-permitted"}:
        assert "(books.db)" in str(caught.value)
        named_nowhere = translate_error(error)
        assert (named_nowhere.code, "(" in str(named_nowhere)) == (code, False)


def test_a_row_that_must_be_there_is_missed_as_damage(ready: Workspace) -> None:
    store = SqliteEngine(ready.office)
    with pytest.raises(MachineFailed, match="office-damaged"), store.changing() as connection:
        connection.execute(sa.select(schema.licences).where(schema.licences.c.number == "none")).one()


def test_errors_come_back_whole_from_another_process() -> None:
    for error in (
        OfficeBusy(),
        MachineFailed("disk-full", path="x.db"),
        Refused("no-user", [obstacle("no-licence", client="x")], number=7),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.reason, again.obstacles, str(again)) == (type(error), error.reason, error.obstacles, str(error))


def test_other_errors_pass_as_they_are() -> None:
    for error in (KeyError("x"), OSError(28, "full"), MachineFailed("disk-full"), KeyboardInterrupt(), sa.exc.ArgumentError("x")):
        with pytest.raises(type(error)) as caught, translated_errors():
            raise error
        assert caught.value is error


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [(OSError(28, "full"), "disk-full", "The disk is full."),
     (OSError(28, "full", "a.acb"), "disk-full", "The disk is full (a.acb)."),
     (PermissionError(13, "no"), "not-permitted", "Permission denied."),
     (PermissionError(13, "no", "a.acb"), "not-permitted", "Permission denied (a.acb)."),
     (FileNotFoundError(2, "no", "a.acb"), "file-not-found", "There is no file a.acb."),
     (OSError(22, "Invalid argument"), "machine-failed", "The system reported: [Errno 22] Invalid argument."),
     (KeyError("x"), "internal-error", "This is an error in the program: KeyError: 'x'.")],
)  # fmt: skip
def test_an_error_of_the_system_names_its_file_or_none(error: Exception, code: str, sentence: str) -> None:
    ours = translate_error(error)
    assert (ours.code, ours.reason.sentence()) == (code, sentence)


# --- what is created whole or not at all ---


def fail(_: sa.Connection) -> None:
    raise KeyboardInterrupt


def test_an_office_that_was_not_finished_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        SqliteEngine(tmp_path / "office").create(fail, b"")
    store = SqliteEngine(tmp_path / "office")
    assert not store.exists()
    assert [path for path in (tmp_path / "office").rglob("*") if path.is_file()] == []
    with pytest.raises(AccountoolsError) as caught:
        store.open()
    assert caught.value.code == "office-not-found"


def test_books_that_were_not_finished_do_not_exist(ready: Workspace) -> None:
    store, before = SqliteEngine(ready.office), state(ready.office)
    with pytest.raises(KeyboardInterrupt):
        store.prepare_books(fail)
    assert state(ready.office) == before


def test_opening_makes_nothing(tmp_path: Path) -> None:
    store = SqliteEngine(tmp_path / "none")
    with pytest.raises(AccountoolsError) as caught:
        store.open()
    assert caught.value.code == "office-not-found"
    with pytest.raises(AccountoolsError) as caught, store.books(SEVEN):
        pass
    assert caught.value.code == "books-missing"
    with pytest.raises(AccountoolsError) as caught:
        store.copy_books(SEVEN)
    assert caught.value.code == "books-missing"
    assert list(tmp_path.iterdir()) == []


def test_a_copy_of_books_has_what_is_in_the_wal_too(ready: Workspace) -> None:
    store = SqliteEngine(ready.office)
    writer = sqlite3.connect(store.books_path(SEVEN), isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("INSERT INTO relations (code, name, kind, city) VALUES ('D1', 'in de WAL', 'D', '')")
    assert Path(f"{store.books_path(SEVEN)}-wal").stat().st_size > 0
    copy = store.copy_books(SEVEN)
    writer.close()
    with contextlib.closing(sqlite3.connect(store.books_folder / copy)) as copied:
        assert copied.execute("SELECT name FROM relations").fetchall() == [("in de WAL",)]
    assert (store.books_folder / copy).stat().st_mode & 0o777 == 0o600


def test_the_file_of_books_has_five_digits(ready: Workspace) -> None:
    assert SqliteEngine(ready.office).books_path(SEVEN).name == "00007.db"
    ready.create(99_999, "De laatste")
    assert (ready.office / "administrations" / "99999.db").is_file()


# --- several programs at once ---


WRITING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
connection.close()
"""
OPENING = "import sys; held = open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
LOCKING = "import sys, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); print('held', flush=True); sys.stdin.read()"


@contextlib.contextmanager
def held_by_another(path: Path, script: str = WRITING) -> Iterator[int]:
    """Another process, with the number that it gives, is writing in the database, or holds the file as its script says."""
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield other.pid
        finally:
            other.communicate()


def test_waiting_too_long_for_another_program_is_office_busy(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 60)
    before = state(ready.office)
    with held_by_another(ready.office / "register.db") as pid:
        assert f"{getpass.getuser()} (pid {pid}) is using this office." in ready.run("user", "deactivate", "--administration", 7, HENK).err
        for words in (("user", "deactivate", "--administration", 7, HENK), ("client", "add", "--name", "X", "--kvk", "99999999")):
            assert ready.refused(*words) == "office-busy"
        assert ready.ok("audit")["summary"]["ready"] == 1  # reading goes on
        assert ready.ok("administration", "show", 7)["users"][0]["active"]
    assert state(ready.office) == before
    ready.ok("user", "deactivate", "--administration", 7, HENK)


def test_who_writes_in_the_same_books_is_said(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 60)
    with held_by_another(ready.office / "administrations" / "00007.db") as pid, pytest.raises(OfficeBusy) as caught:
        post_books(ready.office)
    assert dict(caught.value.reason.facts) == {"by": f"{getpass.getuser()} (pid {pid})"}


def test_nobody_is_named_where_it_may_be_either_of_two(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with held_by_another(path, OPENING) as one:
        assert find_user(path) == find_user(tmp_path / "none", path) == f"{getpass.getuser()} (pid {one})"
        with held_by_another(path, OPENING):
            assert find_user(path) == ""
    assert find_user(path) == find_user() == ""


def test_who_makes_backups_meanwhile_is_said(ready: Workspace) -> None:
    with held_by_another(ready.office / "work" / "0123456789abcdef.lock", LOCKING) as pid:
        answer = ready.run("repair")
    assert answer.error == "office-busy"
    assert f"{getpass.getuser()} (pid {pid}) is using this office." in answer.err
    assert ready.ok("repair")["found"] != []


def test_a_backup_in_a_busy_office_leaves_nothing(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 60)
    before = state(ready.office)
    with held_by_another(ready.office / "register.db"):
        assert ready.refused("backup", 7, "--confirm") == "office-busy"
    assert state(ready.office) == before


@pytest.mark.parametrize("words", [("--register",), (7,)])
def test_a_backup_that_fails_leaves_no_file_though_the_register_is_busy_by_then(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, words: tuple[object, ...]
) -> None:
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 60)
    with contextlib.ExitStack() as others, monkeypatch.context() as patched:

        def fail(_: object) -> None:
            patched.undo()
            others.enter_context(held_by_another(ready.office / "register.db"))
            raise OSError(errno.ENOSPC, "full")

        patched.setattr(safe_files, "sync_file", fail)
        answer = ready.run("backup", *words, "--recipient", recipient, "--confirm")
        assert (answer.code, answer.error) in {(3, "office-busy"), (4, "disk-full")}
        assert list((ready.office / "backups").iterdir()) == []
    ready.ok("repair")
    assert ready.ok("repair")["found"] == []


def test_a_backup_is_made_while_another_writes_in_the_books(ready: Workspace) -> None:
    post_books(ready.office)
    with held_by_another(ready.office / "administrations" / "00007.db"):
        backup = ready.backup()
    assert ready.ok("verify", backup)["manifest"]["contents"]["counts"]["entries"] == 2


def test_the_identities_of_all_books_agree_with_has_books(tmp_path: Path) -> None:
    store = SqliteEngine(tmp_path)
    assert store.books_identities() == {}
    store.books_folder.mkdir()
    for name in ("00007.db", "8.db", "00009.db-wal", "00010.db.1a2b.kept", ".00011.db.part", "٠٠٠١٢.db", "99999.db"):
        (store.books_folder / name).touch()
    (store.books_folder / "00014.db").mkdir()
    (store.books_folder / "00015.db").symlink_to(store.books_folder / "00007.db")
    (store.books_folder / "00016.db").symlink_to(store.books_folder / "gone")
    numbers = {number for number in (*range(1, 20), 99_999) if store.has_books(AdministrationNumber(number))}
    assert set(store.books_identities()) == numbers == {7, 15, 99_999}
