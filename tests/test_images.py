"""Images as an attacker could make them: with another header, pages that are no trees, keys and texts that are invalid."""

import contextlib
import shutil
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from accountools.domain.errors import AccountoolsError, Unsound
from accountools.domain.obstacle import Part
from accountools.formats.backup.reader import BackupFile, Decryption
from accountools.formats.encryption import parse_identities
from accountools.storage import schema
from accountools.storage.image.check import CheckedImage
from accountools.storage.image.frozen_schema import Kind
from accountools.version import VERSION
from tests.test_backup_file import forge
from tests.test_handover import manifest_of, new_key, post_books, state, token_of
from tests.test_restore import restored, rows_of
from tests.test_storage import NEXT, newer_program
from tests.workspace import Workspace

INDEXES = {index.name for table in schema.BOOKS.sorted_tables for index in table.indexes}
NOT_UTF8 = {
    "continuation alone": b"\x80",
    "never a byte of it": b"\xff",
    "begun only": b"caf\xc3",
    "begun, then ASCII": b"\xc3(",
    "longer than needed": b"\xc0\xaf",
    "half of a pair": b"\xed\xa0\x80",
    "beyond the last character": b"\xf4\x90\x80\x80",
}
NO_TEXT = NOT_UTF8 | {"a zero byte": b"a\0b", "a zero byte first": b"\0", "a zero byte last": b"caf\xc3\xa9\0"}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory, _masters: dict[str, Path]) -> dict[Kind, bytes]:
    """The bytes of an image of each kind, with rows in every table that has texts."""
    desk = Workspace(Path(shutil.copytree(_masters["ready"], tmp_path_factory.mktemp("images") / "desk")))
    post_books(desk.office)
    found: dict[Kind, bytes] = {}
    register = desk.backup("--register", "--recipient", new_key(desk))
    key = parse_identities((desk.folder / "key.txt").read_text())
    kinds: tuple[tuple[Kind, Path, Decryption], ...] = (
        ("administration", desk.backup(), Decryption()),
        ("register", register, Decryption(identity=key)),
    )
    for kind, backup, unlock in kinds:
        with BackupFile(backup, schema.VERSION, VERSION) as opened:
            opened.unpack(desk.folder / kind, unlock)
        found[kind] = (desk.folder / kind).read_bytes()
    return found


@pytest.fixture
def image(images: dict[Kind, bytes], tmp_path: Path) -> Path:
    path = tmp_path / "image.sqlite"
    path.write_bytes(images["administration"])
    return path


def refusal(path: Path, kind: Kind = "administration", *, adopting: bool = False) -> str | None:
    """The code with which an image is refused, or None."""
    try:
        with CheckedImage(path, kind, adopting=adopting):
            return None
    except AccountoolsError as error:
        return error.code


def edit(path: Path, *statements: str) -> None:
    """Change an image as its maker could, without SQLite's help against it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# --- the header and the pages ---


def test_every_byte_of_its_header_is_as_we_write_it(images: dict[Kind, bytes], image: Path) -> None:
    may_differ = {*range(40, 44), *range(96, 100)}  # how often the schema was changed, by which SQLite it was written
    content = images["administration"]
    passed = set()
    for at in range(100):
        image.write_bytes(content[:at] + bytes([content[at] ^ 0x41]) + content[at + 1 :])
        code = refusal(image)
        assert code in {None, "schema-unexpected", "newer-version"}
        if code is None:
            passed.add(at)
        assert code != "newer-version" or at in range(60, 64)
    assert passed == may_differ


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 4096])
def test_a_file_that_ends_early_or_late_is_refused(images: dict[Kind, bytes], image: Path, size: int) -> None:
    content = images["administration"]
    for wrong in (content[:size], content[: len(content) - size - 1], content + bytes(size + 1)):
        image.write_bytes(wrong)
        assert refusal(image) == "schema-unexpected"


def replace_tree(path: Path, table: str, pages: Callable[[int, bytes], list[bytes]]) -> None:
    """Put other pages under a table: `pages` gets the number of the last page and the old root; the first it gives is the new root."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    content = bytearray(path.read_bytes())
    new, *behind = pages(len(content) // size, bytes(content[(root - 1) * size : root * size]))
    content[(root - 1) * size : root * size] = new
    content += b"".join(behind)
    struct.pack_into(">I", content, 28, len(content) // size)
    path.write_bytes(content)


def interior(size: int, children: list[int]) -> bytes:
    """A page that names these pages: all but the last in cells."""
    page, top, places = bytearray(size), size, []
    for key, child in enumerate(children[:-1], 1):
        top -= 6
        struct.pack_into(">IBB", page, top, child, 0x80 | key >> 7, key & 0x7F)
        places.append(top)
    struct.pack_into(f">BHHHBI{len(places)}H", page, 0, 5, 0, len(places), top, 0, children[-1], *places)
    return bytes(page)


def chain(levels: int) -> Callable[[int, bytes], list[bytes]]:
    return lambda last, leaf: [*(interior(len(leaf), [last + n]) for n in range(1, levels + 1)), leaf]


def meeting(levels: int, fan: int) -> Callable[[int, bytes], list[bytes]]:
    return lambda last, leaf: [*(interior(len(leaf), [last + n] * fan) for n in range(1, levels + 1)), leaf]


def behind_a_leaf(last: int, leaf: bytes) -> list[bytes]:
    """Deep only in its second branch."""
    return [interior(len(leaf), [last + 1, last + 2]), leaf, *(interior(len(leaf), [last + 2 + n]) for n in range(1, 300)), leaf]


TREES = {
    "many thousand levels": chain(3_000),
    "branches that meet": meeting(6, 400),
    "a circle": lambda last, leaf: [interior(len(leaf), [last + 1]), interior(len(leaf), [last + 1])],
    "deep behind a leaf": behind_a_leaf,
    "the first page": lambda _, leaf: [interior(len(leaf), [1])],
    "no page": lambda _, leaf: [interior(len(leaf), [0])],
    "a page outside the file": lambda last, leaf: [interior(len(leaf), [last + 9])],
    "more cells than a page holds": lambda last, leaf: [struct.pack(">BHHHBI", 5, 0, 65535, 0, 0, last).ljust(len(leaf), b"\xff")],
    "cells that lie outside": lambda last, leaf: [struct.pack(">BHHHBIH", 5, 0, 1, 0, 0, last, 65535).ljust(len(leaf), b"\0")],
}


@pytest.mark.parametrize("table", ["lines", "slice"])
@pytest.mark.parametrize("tree", TREES.values(), ids=TREES.keys())
def test_pages_that_are_no_tree_are_refused_at_once(image: Path, table: str, tree: Callable[[int, bytes], list[bytes]]) -> None:
    """Before SQLite goes through them: some end the process in its quick_check, others are never at their end."""
    replace_tree(image, table, tree)
    with pytest.raises(AccountoolsError) as caught:
        CheckedImage(image, "administration")
    assert (caught.value.code, dict(caught.value.reason.facts)) == ("schema-unexpected", {"what": Part.PAGES})
    assert refusal(image, adopting=True) == "schema-unexpected"


def test_every_command_refuses_such_a_backup(ready: Workspace, image: Path) -> None:
    replace_tree(image, "lines", chain(300))
    ready.create_client_office()
    backup = forge(ready.folder / "deep.acb", image)
    assert ready.run("verify", backup).json["findings"][0]["code"] == "schema-unexpected"
    assert ready.refused("restore", backup, "--confirm", office=ready.client_office) == "schema-unexpected"
    assert ready.run("rehearse", backup).json["findings"][0]["code"] == "schema-unexpected"


@pytest.mark.parametrize("root", ["x'32'", "'two'", "2.5", "NULL"])
def test_the_page_of_a_table_is_a_whole_number(image: Path, root: str) -> None:
    """SQLite finds the number in a text or a blob too."""
    edit(image, "PRAGMA writable_schema = ON", f"UPDATE sqlite_schema SET rootpage = {root} WHERE rootpage = 2")
    assert refusal(image) == "schema-unexpected"


MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {count}) INSERT INTO {table} SELECT 'x' || i, {value} FROM n"


@pytest.mark.parametrize("kind", ["administration", "register"])
@pytest.mark.parametrize(("count", "value"), [(1, "'{}'"), (5_000, "'{}'"), (4, "replace(hex(zeroblob(1 << 20)), '0', 'x')")])
def test_the_extract_has_its_own_names_only(images: dict[Kind, bytes], tmp_path: Path, kind: Kind, count: int, value: str) -> None:
    path = tmp_path / "image.sqlite"
    path.write_bytes(images[kind])
    edit(path, MANY.format(count=count, table="slice", value=value))
    assert refusal(path, kind) == "schema-unexpected"


def test_the_values_of_the_extract_are_limited_together(image: Path) -> None:
    """Each is as long as one may be by itself."""
    edit(image, "UPDATE slice SET value = replace(hex(zeroblob(7 << 20)), '0', 'x')")
    assert refusal(image) == "schema-unexpected"


def test_of_a_register_only_the_key_files_of_an_office_are_read(images: dict[Kind, bytes], tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(images["register"])
    edit(path, MANY.format(count=3_000, table="office_files", value="zeroblob(1000)"))
    with CheckedImage(path, "register") as opened:
        assert opened.office_files().keys() == {"backup-key.pem", "trust.jwks"}
    edit(path, "UPDATE office_files SET content = zeroblob(17 << 20) WHERE name = 'trust.jwks'")
    with CheckedImage(path, "register") as opened, pytest.raises(Unsound, match="schema-unexpected"):
        opened.office_files()


# --- keys ---


def behind_the_index(path: Path, *statements: str) -> None:
    """Change accounts without its index knowing it."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        rows = connection.execute("SELECT * FROM sqlite_schema WHERE tbl_name = 'accounts'").fetchall()
        bare = "UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY (code),', '') WHERE name = 'accounts'"
        with_index = [("DELETE FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'accounts'", ()), (bare, ())]
        again = [
            ("DELETE FROM sqlite_schema WHERE tbl_name = 'accounts'", ()),
            *(("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", row) for row in rows),
        ]
        for changes, then in ((with_index, statements), (again, ())):
            connection.execute("PRAGMA writable_schema = ON")
            for change, values in changes:
                connection.execute(change, values)
            (cookie,) = connection.execute("PRAGMA schema_version").fetchone()
            connection.execute(f"PRAGMA schema_version = {cookie + 1}")
            connection.execute("PRAGMA writable_schema = RESET")
            for statement in then:
                connection.execute(statement)


FREE = "(SELECT code FROM accounts WHERE code NOT IN (SELECT account FROM lines) LIMIT 1)"


@pytest.mark.parametrize(
    "statement",
    [f"UPDATE accounts SET code = 'changed' WHERE code = {FREE}",
     f"DELETE FROM accounts WHERE code = {FREE}",
     "INSERT INTO accounts SELECT * FROM accounts LIMIT 1",
     "INSERT INTO accounts (code, name, rgs, kind, side, vat) VALUES ('new', 'x', '', 'B', 'D', '')"],
)  # fmt: skip
def test_keys_and_their_indexes_agree(image: Path, statement: str) -> None:
    """What SQLite's quick_check leaves to others."""
    behind_the_index(image)
    assert refusal(image) is None
    behind_the_index(image, statement)
    with contextlib.closing(sqlite3.connect(image)) as connection:
        quick = connection.execute("PRAGMA quick_check").fetchall()
    assert quick == [("ok",)] or "missing from index" not in str(quick)
    assert refusal(image) == "schema-unexpected"


@pytest.mark.parametrize("statement", ["UPDATE accounts SET kind = 'X'", "UPDATE lines SET side = 'X' WHERE id = 1"])
def test_constraints_are_enforced(image: Path, statement: str) -> None:
    """SQLite's quick_check doesn't do it in a file that it may only read."""
    edit(image, statement)
    assert refusal(image) == "schema-unexpected"


# --- texts ---


def texts_of(content: bytes, path: Path) -> list[tuple[str, str]]:
    path.write_bytes(content)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = "SELECT name FROM pragma_table_info(?) WHERE type = 'TEXT'"
        return [(table, name) for table in tables for (name,) in connection.execute(columns, (table,))]


@pytest.mark.parametrize("kind", ["administration", "register"])
def test_no_text_anywhere_is_anything_but_utf8_without_zero_bytes(images: dict[Kind, bytes], tmp_path: Path, kind: Kind) -> None:
    path, tried = tmp_path / "image.sqlite", 0
    for table, name in texts_of(images[kind], path):
        for what, wrong in NO_TEXT.items():
            path.write_bytes(images[kind])
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("PRAGMA ignore_check_constraints = ON")
                last = f"(SELECT max(rowid) FROM {table})"
                changed = connection.execute(f"UPDATE {table} SET \"{name}\" = CAST(x'{wrong.hex()}' AS TEXT) WHERE rowid = {last}")
            if changed.rowcount:
                tried += 1
                assert refusal(path, kind) == "schema-unexpected", (table, name, what)
    assert tried >= 15 * len(NO_TEXT)


def test_two_halves_in_neighbouring_rows_make_no_whole(image: Path) -> None:
    edit(
        image,
        "UPDATE lines SET description = CAST(x'c3' AS TEXT) WHERE id = 1",
        "UPDATE lines SET description = CAST(x'a9' AS TEXT) WHERE id = 2",
    )
    assert refusal(image) == "schema-unexpected"


def test_texts_of_any_alphabet_pass(image: Path) -> None:
    edit(image, "UPDATE lines SET description = 'café ✓ 𐍈' || char(1) || 'π'", "UPDATE accounts SET name = 'Ærø ß 日本'")
    assert refusal(image) is None


@pytest.mark.parametrize("text", ["'a' || char(0) || 'b'", "char(0)", "'日本' || char(0)", "'𐍈' || char(0)"])
@pytest.mark.parametrize("where", ["accounts SET name", "lines SET description", "slice SET value"])
def test_a_zero_byte_is_in_no_text(image: Path, where: str, text: str) -> None:
    """PostgreSQL has none, and other programs end a text there."""
    edit(image, f"UPDATE {where} = {text} WHERE rowid = (SELECT max(rowid) FROM {where.split(maxsplit=1)[0]})")
    assert refusal(image) == "schema-unexpected"


def test_of_books_with_a_zero_byte_no_backup_is_made(ready: Workspace) -> None:
    edit(ready.office / "administrations" / "00007.db", "UPDATE accounts SET name = 'a' || char(0) || 'b' WHERE rowid = 1")
    assert ready.refused("backup", 7, "--confirm") == "schema-unexpected"


@pytest.mark.parametrize("text", ["{a:1}", "{'a':1}", '{"a":1,}', "[]", "{", "", '{"a":NaN}', '{"a":+1}', '{"a":0x1}', "{}/**/"])
def test_what_is_meant_as_json_is_strict_json(image: Path, text: str) -> None:
    """Newer versions of SQLite's functions take JSON5 too, which Python doesn't read."""
    edit(image, "UPDATE lines SET more = '{\"a\": [1e3, null]}' WHERE id = 1")
    assert refusal(image) is None
    edit(image, f"UPDATE lines SET more = {quoted(text)} WHERE id = 1")
    assert refusal(image) == "schema-unexpected"


@pytest.mark.parametrize("text", ["{", "", "{}", "null", '"a"', "[1]", '["a", null]', "['a']", pytest.param("[" * 100_000, id="deep")])
def test_the_codes_accepted_at_an_import_are_a_list_of_texts(images: dict[Kind, bytes], tmp_path: Path, text: str) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(images["register"])
    edit(path, "UPDATE imports SET accepted = '[\"licence-expired\"]'")
    assert refusal(path, "register") is None
    edit(path, f"UPDATE imports SET accepted = {quoted(text)}")
    assert refusal(path, "register") == "schema-unexpected"


def test_a_text_is_found_in_whichever_portion_of_many_rows(image: Path) -> None:
    many = "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 3 FROM n LIMIT 5000)"
    many += "INSERT INTO lines (id, entry, account, side, amount, description) "
    many += "SELECT n.i, entry, account, side, 0, 'x' FROM n, (SELECT * FROM lines LIMIT 1)"
    edit(image, many)
    assert refusal(image) is None
    for row in (100, 2_101, 8_899, 15_097):
        content = image.read_bytes()
        edit(image, f"UPDATE lines SET description = CAST(x'80' AS TEXT) WHERE id = {row}")
        assert image.read_bytes() != content
        assert refusal(image) == "schema-unexpected"
        image.write_bytes(content)


# --- an image becomes books ---


def test_while_indexes_are_made_no_page_that_was_there_changes_but_the_first(image: Path) -> None:
    """What the checks rely on that run beside it."""
    before = image.read_bytes()
    assert refusal(image, adopting=True) is None
    after = image.read_bytes()
    size = int.from_bytes(before[16:18], "big")
    assert after[size : len(before)] == before[size:]
    assert len(after) > len(before)
    with contextlib.closing(sqlite3.connect(image)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")}
    assert found == INDEXES


def schema_and_pragmas(office: Path) -> tuple[object, ...]:
    with contextlib.closing(sqlite3.connect(office / "administrations" / "00007.db")) as books:
        tables = sorted(books.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"), key=repr)
        names = ("user_version", "journal_mode", "encoding", "auto_vacuum", "freelist_count", "integrity_check")
        return (
            tables,
            [books.execute(f"PRAGMA {name}").fetchall() for name in names],
            books.execute("SELECT * FROM alembic_version").fetchall(),
        )


def test_books_that_were_an_image_are_as_books_that_were_made(ready: Workspace) -> None:
    post_books(ready.office)
    restored(ready, ready.backup())
    assert schema_and_pragmas(ready.client_office) == schema_and_pragmas(ready.office)
    assert rows_of(ready.client_office) == rows_of(ready.office)


def test_nothing_of_the_registers_extract_stays_in_the_books(ready: Workspace) -> None:
    backup, token = ready.backup(), token_of(ready.folder / "client.lic").encode()
    restored(ready, backup)
    books = (ready.client_office / "administrations" / "00007.db").read_bytes()
    assert token[:40] not in books
    assert b"Henk Jansen" not in books


def test_a_backup_of_an_older_version_becomes_books_of_this_one(ready: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    post_books(ready.office)
    backup, before = ready.backup(), rows_of(ready.office)
    newer_program(tmp_path / "program", monkeypatch)
    assert ready.run("rehearse", backup).json["ok"]
    restored(ready, backup)
    after = rows_of(ready.client_office)
    assert after.pop("relations") == [(*row, "new") for row in before.pop("relations")]
    assert after == before
    books = ready.client_office / "administrations" / "00007.db"
    with contextlib.closing(sqlite3.connect(books)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(NEXT,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert [path.name for path in books.parent.iterdir()] == ["00007.db"]  # there is nothing of which to set a copy aside


# --- free space ---


def set_free_space(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))


@pytest.mark.parametrize("words", [("restore", "--confirm"), ("restore", "--replace", "--confirm"), ("rehearse",), ("verify",)])
def test_free_space_is_required_before_any_work(ready: Workspace, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    """As much as the image for restoring it is kept for its indexes; and twice the old books for their safety copy."""
    post_books(ready.office)
    backup = ready.backup(7, "--purpose", "safekeeping")
    image = manifest_of(backup)["image"]["size"]
    books = (ready.office / "administrations" / "00007.db").stat().st_size
    needed = {"verify": image, "rehearse": 2 * image, "restore": 2 * image}[words[0]] + 2 * books * ("--replace" in words)
    before = state(ready.office)
    set_free_space(monkeypatch, needed - 1)
    answer = ready.run(words[0], backup, *words[1:])
    assert (answer.code, answer.error) == (4, "disk-full")
    assert f"{-(-needed // 1_000_000)} MB needed" in answer.err
    assert state(ready.office) == before
    set_free_space(monkeypatch, needed)
    assert ready.run(words[0], backup, *words[1:]).error != "disk-full"
