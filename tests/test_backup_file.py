"""The backup file: standard tools open it, every byte counts, and nothing hostile gets through, whoever signed it."""

import base64
import codecs
import contextlib
import hashlib
import io
import json
import random
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyrage
import pytest
import zstandard
from pyrage import x25519

from accountools.domain.codes import administrations, backups
from accountools.domain.errors import AccountoolsError
from accountools.formats.backup.container import ContainerWriter, read_members
from accountools.formats.backup.manifest import TYPE, Blob, ManifestDraft, sign_manifest
from accountools.formats.backup.reader import FIRST_MEMBERS, BackupFile, Decryption
from accountools.formats.backup.writer import SigningOffice, write_backup
from accountools.formats.signatures import SigningKey, sign, unverified_payload
from accountools.storage import schema
from accountools.version import VERSION
from tests.seeding import random_for
from tests.test_handover import WORDS, image_of, manifest_of, new_key, passphrase_file, post_books, sealing_once, state, token_of
from tests.workspace import HENK, TODAY, Workspace

ATTACKER = SigningKey.from_seed(bytes(range(32)))
MUTATIONS = 2_000


@dataclass
class World:
    """A desk with a hand-over made, an empty client's office beside it, and a second hand-over of the same administration."""

    desk: Workspace
    plain: Path
    other: Path
    recipient: Path
    identity: Path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, _masters: dict[str, Path]) -> World:
    desk = Workspace(Path(shutil.copytree(_masters["ready"], tmp_path_factory.mktemp("world") / "desk")))
    post_books(desk.office)
    plain = desk.backup()
    recipient = desk.backup(7, "--recipient", new_key(desk))
    post_books_again(desk)
    other = desk.backup()
    desk.create_client_office()
    return World(desk, plain, other, recipient, desk.folder / "key.txt")


@pytest.fixture(scope="module")
def by_passphrase(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Encrypting to a passphrase is slow on purpose: done once. The licence in it names a recipient, which is passed over."""
    desk = Workspace(Path(shutil.copytree(world.desk.folder, tmp_path_factory.mktemp("words") / "desk")))
    desk.import_licence(desk.issue("with.lic", recipient=new_key(desk, "theirs.txt")))
    passphrase_file(world.desk)
    with sealing_once():
        return desk.backup(7, "--passphrase-file", passphrase_file(desk))


@pytest.fixture
def client(world: World, tmp_path: Path) -> Path:
    """A client's office that has nothing yet."""
    return Path(shutil.copytree(world.desk.client_office, tmp_path / "client"))


def post_books_again(desk: Workspace) -> None:
    with contextlib.closing(sqlite3.connect(desk.office / "administrations" / "00007.db")) as books, books:
        books.execute("INSERT INTO relations (code, name, kind, city) VALUES ('D9', 'Een debiteur meer', 'D', '')")


def members_of(backup: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(backup) as container:
        return {name: container.read(name) for name in container.namelist()}


def container_of(members: list[tuple[str, bytes]]) -> bytes:
    """A container in the one right form, of these members."""
    file = io.BytesIO()
    writer = ContainerWriter(file)
    for name, content in members:
        with writer.member(name) as sink:
            sink.write(content)
    writer.finish()
    return file.getvalue()


def opened(data: bytes, path: Path) -> str | None:
    """The code with which a backup of these bytes is refused when it is read, or None."""
    path.write_bytes(data)
    try:
        with BackupFile(path, schema.VERSION, VERSION) as backup:
            backup.check_stored()
    except AccountoolsError as error:
        return error.code
    return None


def answers(desk: Workspace, path: Path, office: Path, *key: object) -> tuple[tuple[int, list[str]], tuple[int, str | None]]:
    """What `verify` (its exit code and codes) and `restore` say of a file."""
    verified = desk.run("verify", path, *key, office=office)
    found = [one["code"] for one in verified.json.get("findings", [])] or [verified.error]
    restored = desk.run("restore", path, *key, "--confirm", office=office)
    return (verified.code, found), (restored.code, restored.error)


# --- with standard tools ---


def test_standard_tools_open_a_backup(world: World, tmp_path: Path) -> None:
    with zipfile.ZipFile(world.plain) as container:
        assert container.testzip() is None
        assert container.comment == b""
        infos = container.infolist()
    assert [one.filename for one in infos] == ["administration.sqlite.zst", "manifest.jws"]
    assert {(one.compress_type, one.date_time, one.external_attr >> 16) for one in infos} == {
        (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), 0o100600)
    }
    image = tmp_path / "image.sqlite"
    image.write_bytes(image_of(world.plain))
    with contextlib.closing(sqlite3.connect(image)) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (2,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    manifest = manifest_of(world.plain)
    packed = members_of(world.plain)["administration.sqlite.zst"]
    assert manifest["image"] == {"size": image.stat().st_size, "sha256": hashlib.sha256(image.read_bytes()).hexdigest()}
    assert manifest["payload"] == {"size": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}
    assert zstandard.get_frame_parameters(packed).content_size == image.stat().st_size


@pytest.mark.skipif(shutil.which("unzip") is None or shutil.which("zstd") is None, reason="no unzip or zstd here")
def test_unzip_and_zstd_open_a_backup(world: World, tmp_path: Path) -> None:
    tested = subprocess.run(["unzip", "-t", world.plain], capture_output=True, text=True, check=False)
    assert (tested.returncode, tested.stderr) == (0, "")
    assert "No errors detected" in tested.stdout
    subprocess.run(["unzip", "-q", world.plain, "-d", tmp_path], check=True)
    subprocess.run(["zstd", "-dq", tmp_path / "administration.sqlite.zst"], check=True)
    assert (tmp_path / "administration.sqlite").read_bytes() == image_of(world.plain)


def test_age_opens_an_encrypted_backup(world: World) -> None:
    identity = x25519.Identity.from_str(world.identity.read_text().splitlines()[-1])
    packed = pyrage.decrypt(members_of(world.recipient)["administration.sqlite.zst.age"], [identity])
    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == image_of(world.plain)


def test_two_backups_of_the_same_books_hold_the_same_image(world: World) -> None:
    again = world.desk.backup()
    assert manifest_of(again)["image"] == manifest_of(world.other)["image"]
    assert manifest_of(again)["counter"] > manifest_of(world.other)["counter"]


# --- every byte of the shape ---


def header_bytes(data: bytes) -> Iterator[int]:
    """The places of all bytes that aren't a member's content."""
    with_content: set[int] = set()
    for member in read_members(io.BytesIO(data), "x", FIRST_MEMBERS):
        with_content.update(range(member.offset, member.offset + member.size))
    return (place for place in range(len(data)) if place not in with_content)


@pytest.mark.parametrize("which", ["plain", "recipient"])
def test_every_byte_of_every_header_counts(world: World, tmp_path: Path, which: str) -> None:
    data = getattr(world, which).read_bytes()
    places = list(header_bytes(data))
    assert len(places) > 400
    for place in places:
        for change in (0x01, 0x20, 0xFF):
            mutant = bytearray(data)
            mutant[place] ^= change
            assert opened(bytes(mutant), tmp_path / "x.acb") in {"backup-damaged", "not-a-backup"}, (place, change)


def test_every_character_of_the_manifest_counts(world: World, tmp_path: Path) -> None:
    """Also when the container around it is made right again."""
    members = members_of(world.plain)
    token = members.pop("manifest.jws").decode()
    places = {*range(0, len(token), 7), *range(len(token) - 90, len(token))}
    for place in sorted(places):
        changed = "." if token[place] != "." else "A"
        for other in {changed, "A" if token[place] != "A" else "B", chr(ord(token[place]) ^ 1)} - {token[place]}:
            mutant = (token[:place] + other + token[place + 1 :]).encode("latin-1")
            code = opened(container_of([*members.items(), ("manifest.jws", mutant)]), tmp_path / "x.acb")
            assert code in {"backup-damaged", "signature-invalid"}, (place, other)
    for mutant in (token + "=", token + "\n", " " + token, token + ".", token[:-1], token + "A", ""):
        code = opened(container_of([*members.items(), ("manifest.jws", mutant.encode())]), tmp_path / "x.acb")
        assert code in {"backup-damaged", "signature-invalid"}, mutant[-5:]


def otherwise_shaped(data: bytes, other: bytes) -> Iterator[tuple[str, bytes]]:
    """The same content in another shape."""
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        members = [(name, container.read(name)) for name in container.namelist()]
    with zipfile.ZipFile(io.BytesIO(other)) as container:
        manifest = container.read("manifest.jws")
    payload, signed = members
    commented = bytearray(data)
    commented[-2:] = (5).to_bytes(2, "little")
    yield "comment", bytes(commented) + b"hallo"
    yield "appended", data + b"\0"
    yield "appended-backup", data + data
    yield "prefix", b"\0" + data
    yield "prefix-backup", other + data
    yield "self-extracting", b"MZ" + bytes(510) + data
    yield "extra-member", container_of([*members, ("extra.txt", b"hallo")])
    yield "extra-member-first", container_of([("extra.txt", b"hallo"), *members])
    yield "extra-empty-member", container_of([payload, ("", b""), signed])
    yield "sealed-key-unasked", container_of([payload, ("key.age", b"hallo"), signed])
    yield "swapped", container_of([signed, payload])
    yield "two-manifests", container_of([payload, ("manifest.jws", manifest), signed])
    yield "two-manifests-swapped", container_of([payload, signed, ("manifest.jws", manifest)])
    yield "same-manifest-twice", container_of([payload, signed, signed])
    yield "two-payloads", container_of([(payload[0], b"other"), payload, signed])
    yield "same-payload-twice", container_of([payload, payload, signed])
    yield "no-manifest", container_of([payload])
    yield "no-payload", container_of([signed])
    yield "renamed", container_of([("register.sqlite.zst", payload[1]), signed])
    yield "another-case", container_of([("Administration.sqlite.zst", payload[1]), signed])
    yield "a-path", container_of([("../administration.sqlite.zst", payload[1]), signed])
    place = data.index(b"PK\x03\x04", 4)
    yield "gap", data[:place] + b"\0" + data[place:]
    yield "by-zipfile", zipped(members, zipfile.ZIP_STORED)
    yield "deflated", zipped(members, zipfile.ZIP_DEFLATED)
    yield "very-many-members", container_of([("a", b"")] * 3_000)
    yield "many-members-by-hand", container_of([("a", b"")])[:51] * 70_000
    yield "long-name", container_of([("a" * 65, b""), *members])


def zipped(members: list[tuple[str, bytes]], how: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as container:
        for name, content in members:
            container.writestr(name, content)
    return file.getvalue()


def test_no_other_shape_is_taken(world: World, client: Path, tmp_path: Path) -> None:
    before, path = state(client), tmp_path / "x.acb"
    for what, data in otherwise_shaped(world.plain.read_bytes(), world.other.read_bytes()):
        path.write_bytes(data)
        verified, restored = answers(world.desk, path, client)
        assert verified in ((1, ["backup-damaged"]), (3, ["not-a-backup"])), what
        assert restored in {(3, "backup-damaged"), (3, "not-a-backup")}, what
    assert state(client) == before


@pytest.mark.parametrize("content", [b"", b"P", b"PK\x05\x06" + bytes(18), b"hello, world" * 9, b"SQLite format 3\0" + bytes(99)])
def test_what_is_no_backup_is_said_to_be_none(world: World, client: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.acb"
    path.write_bytes(content)
    assert answers(world.desk, path, client) == ((3, ["not-a-backup"]), (3, "not-a-backup"))
    letter = tmp_path / "letter.docx"
    letter.write_bytes(zipped([("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")], zipfile.ZIP_DEFLATED))
    for other in (world.desk.folder / "own.lic", world.desk.office / "register.db", letter):
        assert answers(world.desk, other, client) == ((3, ["not-a-backup"]), (3, "not-a-backup"))


def test_what_is_no_file_is_not_found(world: World, client: Path, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.acb", world.plain / "below"):
        assert answers(world.desk, path, client) == ((3, ["file-not-found"]), (3, "file-not-found"))


# --- mutations of whole backups ---


def flip(data: bytes, other: bytes, chance: random.Random) -> bytes:
    mutant = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)
    return bytes(mutant)


def truncate(data: bytes, other: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))] if chance.random() < 0.7 else data[chance.randrange(1, len(data)) :]


def insert(data: bytes, other: bytes, chance: random.Random) -> bytes:
    place, added = chance.randrange(len(data) + 1), chance.choice((b"\0", b"PK\x03\x04", chance.randbytes(chance.randrange(1, 99))))
    return data[:place] + added + data[place:]


def cut_out(data: bytes, other: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data) - 1)
    return data[:place] + data[place + chance.randrange(1, 200) :]


def splice(data: bytes, other: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(1, len(data))
    return data[:place] + other[place:] if chance.random() < 0.5 else data[:place] + other[chance.randrange(len(other)) :]


def swap_members(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Members of two real backups in one container, its headers made right."""
    with zipfile.ZipFile(io.BytesIO(data)) as one, zipfile.ZipFile(io.BytesIO(other)) as two:
        names = [*one.namelist()]
        taken = chance.choice(names)
        mixed = [(name, (two if name == taken and name in two.namelist() else one).read(name)) for name in names]
        if taken not in two.namelist():
            mixed[0] = (mixed[0][0], two.read(two.namelist()[0]))
    return container_of(mixed)


def change_member(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """A changed member in a container whose checksums were made right again."""
    with zipfile.ZipFile(io.BytesIO(data)) as one:
        members = [(name, one.read(name)) for name in one.namelist()]
    place = chance.randrange(len(members))
    changed = chance.choice((flip, truncate, insert, cut_out))(members[place][1], other, chance)
    members[place] = (members[place][0], changed)
    return container_of(members)


MUTATORS = (flip, truncate, insert, cut_out, splice, swap_members, change_member)


def campaign(world: World, client: Path, path: Path, base: Path, key: tuple[object, ...], chance: random.Random, count: int) -> None:
    data, other = base.read_bytes(), world.other.read_bytes()
    before = state(client)
    done = 0
    while done < count:
        mutator = chance.choice(MUTATORS)
        mutant = mutator(data, other, chance)
        if mutant in (data, other):
            continue
        path.write_bytes(mutant)
        done += 1
        verified, restored = answers(world.desk, path, client, *key)
        assert verified[0] in (1, 3), (mutator.__name__, done, verified)
        assert set(verified[1]) <= set(backups.CODES), (mutator.__name__, done, verified)
        assert restored[0] == 3, (mutator.__name__, done, restored)
        assert restored[1] in backups.CODES, (mutator.__name__, done, restored)
    assert state(client) == before


@pytest.mark.parametrize("part", range(2))
def test_no_mutation_of_a_plain_backup_gets_through(world: World, client: Path, tmp_path: Path, thorough: bool, part: int) -> None:
    count = MUTATIONS // 4 if thorough else MUTATIONS // 40
    campaign(world, client, tmp_path / "x.acb", world.plain, (), random_for(f"plain backup {part}"), count)


def test_no_mutation_of_an_encrypted_backup_gets_through(world: World, client: Path, tmp_path: Path, thorough: bool) -> None:
    count = MUTATIONS // 4 if thorough else MUTATIONS // 40
    campaign(world, client, tmp_path / "x.acb", world.recipient, ("--identity", world.identity), random_for("encrypted backup"), count)


@pytest.mark.xdist_group("passphrase")
def test_no_mutation_of_a_backup_by_passphrase_gets_through(
    world: World, by_passphrase: Path, client: Path, tmp_path: Path, thorough: bool
) -> None:
    count = MUTATIONS // 4 if thorough else MUTATIONS // 40
    key = ("--passphrase-file", world.desk.folder / "words.txt")
    campaign(world, client, tmp_path / "x.acb", by_passphrase, key, random_for("backup by passphrase"), count)


@pytest.mark.xdist_group("passphrase")
def test_a_backup_by_passphrase_opens_with_it_only(world: World, by_passphrase: Path, client: Path) -> None:
    members, manifest = members_of(by_passphrase), manifest_of(by_passphrase)
    assert list(members) == ["administration.sqlite.zst.age", "key.age", "manifest.jws"]
    assert members["key.age"].startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert manifest["recipients"] != [(by_passphrase.parents[2] / "theirs.txt").read_text().split()[3]]
    assert answers(world.desk, by_passphrase, client)[1] == (3, "key-needed")
    theirs = ("--identity", by_passphrase.parents[2] / "theirs.txt")
    assert answers(world.desk, by_passphrase, client, *theirs)[1] == (3, "wrong-key")
    words = world.desk.folder / "other-words.txt"
    words.write_text(f"{WORDS.title()}\n")
    assert world.desk.refused("verify", by_passphrase, "--passphrase-file", words) == "wrong-key"
    words.write_bytes(f"\ufeff{WORDS}\r\nthe first line counts, however it ends\n".encode())
    with sealing_once():
        world.desk.ok("restore", by_passphrase, "--passphrase-file", words, "--confirm", office=client)
    assert world.desk.ok("administration", "show", 7, office=client)["counts"]["relations"] == 3


def test_keys_that_do_not_fit(world: World, client: Path) -> None:
    desk = world.desk
    assert answers(desk, world.recipient, client) == ((0, [None]), (3, "key-needed"))
    new_key(desk, "other.txt")
    other = ("--identity", desk.folder / "other.txt")
    assert answers(desk, world.recipient, client, *other) == ((3, ["wrong-key"]), (3, "wrong-key"))
    words = ("--passphrase-file", passphrase_file(desk))
    assert answers(desk, world.recipient, client, *words) == ((3, ["wrong-key"]), (3, "wrong-key"))
    assert answers(desk, world.recipient, client, "--identity", desk.folder / "own.lic")[1] == (3, "key-invalid")
    both = desk.run("restore", world.recipient, *other, *words, "--confirm", office=client)
    assert (both.code, both.error) == (2, "options-exclude")


# --- hostile, and signed with a key of the attacker's own ---


DRAFT = ManifestDraft(
    program=VERSION,
    schema=schema.VERSION,
    purpose="handover",
    number=7,
    licence_number="KL-2041",
    counter=1,
    journal_head="0" * 64,
    journal_length=0,
    made_at="2026-11-24T10:00:00.000Z",
    today=TODAY,
    today_was_set=True,
    recipients=(),
    contents=None,
)


def forge(path: Path, image: Path, **changes: Any) -> Path:
    """A backup of any image at all, signed by the attacker."""
    with path.open("w+b") as target:
        write_backup(target, image, replace(DRAFT, **changes), SigningOffice("Kantoor Zonnestein", "11111111", ATTACKER), None)
    return path


def forged(world: World, folder: Path, edit: Callable[[sqlite3.Connection], None], **changes: Any) -> Path:
    """A backup of the real image after `edit`."""
    image = folder / "image.sqlite"
    image.write_bytes(image_of(world.plain))
    with contextlib.closing(sqlite3.connect(image, isolation_level=None)) as connection:
        edit(connection)
    return forge(folder / "forged.acb", image, **changes)


def sql(*statements: str) -> Callable[[sqlite3.Connection], None]:
    def edit(connection: sqlite3.Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    return edit


def loosely(table: str, *statements: str) -> Callable[[sqlite3.Connection], None]:
    """Statements that the table's strictness would forbid: it is taken away for a moment, by hand."""

    def edit(connection: sqlite3.Connection) -> None:
        (text,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        loose = text.replace(" STRICT", "").replace(" NOT NULL", "")
        for which in (loose, text):
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (which, table))
            (version,) = connection.execute("PRAGMA schema_version").fetchone()
            connection.execute(f"PRAGMA schema_version = {version + 1}")
            connection.execute("PRAGMA writable_schema = RESET")
            if which == loose:
                for statement in statements:
                    connection.execute(statement)

    return edit


def rewritten(old: str, new: str) -> Callable[[sqlite3.Connection], None]:
    """Another text in the schema."""

    def edit(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA writable_schema = ON")
        changed = connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?)", (old, new))
        assert changed.rowcount

    return edit


def in_another_encoding(connection: sqlite3.Connection) -> None:
    """The same rows and the same schema in a database of UTF-16."""
    (path,) = connection.execute("SELECT file FROM pragma_database_list").fetchone()
    with contextlib.closing(sqlite3.connect(f"{path}.other", isolation_level=None)) as other:
        other.execute("PRAGMA encoding = 'UTF-16le'")
        for statement in connection.iterdump():
            other.execute(statement)
        for pragma in ("application_id", "user_version"):
            other.execute(f"PRAGMA {pragma} = {connection.execute(f'PRAGMA {pragma}').fetchone()[0]}")
    Path(path).write_bytes(Path(f"{path}.other").read_bytes())


def many_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN")
    for n in range(2_000):
        connection.execute(f"CREATE TABLE t{n} (x TEXT) STRICT")
    connection.execute("COMMIT")


def corrupt_a_page(connection: sqlite3.Connection) -> None:
    (path,) = connection.execute("SELECT file FROM pragma_database_list").fetchone()
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'accounts'").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    with Path(path).open("r+b") as file:
        file.seek((page - 1) * size + 8)
        file.write(b"\xff" * 64)


def free_pages(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO slice VALUES ('secret', ?)", ("x" * 99_999,))
    connection.execute("DELETE FROM slice WHERE name = 'secret'")


def extract_value(name: str, value: str | None) -> Callable[[sqlite3.Connection], None]:
    def edit(connection: sqlite3.Connection) -> None:
        if value is None:
            connection.execute("DELETE FROM slice WHERE name = ?", (name,))
        else:
            connection.execute("INSERT OR REPLACE INTO slice VALUES (?, ?)", (name, value))

    return edit


def respelled(name: str, old: str, new: str) -> Callable[[sqlite3.Connection], None]:
    """A value that means the same to a reader that isn't strict."""

    def edit(connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT value FROM slice WHERE name = ?", (name,)).fetchone()
        if row is not None:  # another edit may have come before
            extract_value(name, row[0].replace(old, new, 1))(connection)

    return edit


def one_user(**changes: Any) -> Callable[[sqlite3.Connection], None]:
    user = {"login": HENK, "name": "Henk", "employee": None, "active": True, "office": False} | changes
    return extract_value("users", json.dumps([user]))


HUGE = 2**63 - 1
HOSTILE: dict[str, Callable[[sqlite3.Connection], None]] = {
    "extra table": sql("CREATE TABLE evil (x TEXT) STRICT"),
    "trigger": sql("CREATE TRIGGER evil AFTER INSERT ON accounts BEGIN DELETE FROM lines; END"),
    "view": sql("CREATE VIEW evil AS SELECT * FROM accounts"),
    "view for a table": sql("DROP TABLE vat_codes", "CREATE VIEW vat_codes AS SELECT 'a' AS code, 'b' AS name, 1 AS rate", "VACUUM"),
    "index": sql("CREATE INDEX evil ON lines (account)"),
    "index on an expression": sql("CREATE INDEX evil ON lines (abs(amount))"),
    "virtual table": sql("CREATE VIRTUAL TABLE evil USING fts5(x)"),
    "generated column": sql("ALTER TABLE accounts ADD COLUMN evil TEXT GENERATED ALWAYS AS (upper(code))"),
    "extra column": sql("ALTER TABLE accounts ADD COLUMN evil TEXT"),
    "column renamed": sql("ALTER TABLE accounts RENAME COLUMN rgs TO RGS"),
    "table renamed": sql("ALTER TABLE vat_codes RENAME TO vat"),
    "missing table": sql("DROP TABLE vat_codes", "VACUUM"),
    "statistics": sql("ANALYZE"),
    "not strict": rewritten(" STRICT", ""),
    "other type": rewritten("amount INTEGER", "amount ANY"),
    "default": rewritten("name TEXT NOT NULL", "name TEXT NOT NULL DEFAULT (abs(-1))"),
    "check": rewritten("PRIMARY KEY (code)", "PRIMARY KEY (code), CHECK (1)"),
    "comment": rewritten("CREATE TABLE", "CREATE/**/TABLE"),
    "no keys": rewritten("FOREIGN KEY (account) REFERENCES accounts (code),", ""),
    "schema that isn't SQL": rewritten("CREATE TABLE", "hello"),
    "schema that isn't UTF-8": sql(
        "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET sql = CAST(x'4352454154452054ac' AS TEXT) WHERE name = 'vat_codes'"
    ),
    "name in the schema that isn't UTF-8": sql(
        "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET name = CAST(x'ac' AS TEXT), sql = 'x' WHERE name = 'vat_codes'"
    ),
    "deep schema": rewritten("PRIMARY KEY (code)", f"PRIMARY KEY (code), CHECK ({'(' * 5_000}1{')' * 5_000})"),
    "large schema": rewritten("PRIMARY KEY (code)", f"PRIMARY KEY (code) /* {'x' * 2_000_000} */"),
    "very many tables": many_tables,
    "text as amount": loosely("lines", "UPDATE lines SET amount = 'veel'"),
    "real as amount": loosely("lines", "UPDATE lines SET amount = 0.5"),
    "infinite amount": loosely("lines", "UPDATE lines SET amount = 9e999"),
    "no amount": loosely("lines", "UPDATE lines SET amount = NULL"),
    "blob as text": loosely("accounts", "UPDATE accounts SET name = x'00ff'"),
    "line of no entry": sql("UPDATE lines SET entry = 999"),
    "line on no account": sql("UPDATE lines SET account = 'none'"),
    "line of no relation": sql("UPDATE lines SET relation = 'none'"),
    "free pages": free_pages,
    "corrupt page": corrupt_a_page,
    "sum beyond 64 bits": sql(
        f"UPDATE lines SET amount = {HUGE}",
        f"INSERT INTO lines (id, entry, account, side, amount, description) SELECT id + 100, entry, account, side, {HUGE}, '' FROM lines",
    ),
    "text that isn't UTF-8": sql("UPDATE accounts SET name = CAST(x'c328ff' AS TEXT)"),
    "slice that isn't UTF-8": sql("UPDATE slice SET value = CAST(x'ff' AS TEXT) WHERE name = 'by'"),
    "lowest rowid": sql(f"UPDATE relations SET rowid = {-(2**63)} WHERE code = 'D1'"),
    "highest rowid": sql(f"UPDATE relations SET rowid = {HUGE} WHERE code = 'D1'"),
    "lowest and highest id": sql(f"UPDATE lines SET id = {-(2**63)} WHERE id = 1", f"UPDATE lines SET id = {HUGE} WHERE id = 2"),
    "other application": sql("PRAGMA application_id = 1"),
    "no version": sql("PRAGMA user_version = 0"),
    "negative version": sql("PRAGMA user_version = -1"),
    "other encoding": in_another_encoding,
    "kind that isn't one": sql("PRAGMA ignore_check_constraints = ON", "UPDATE accounts SET kind = 'X'"),
    "side that isn't one": sql(
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE lines SET side = 'X' WHERE id = 1",
        "UPDATE lines SET side = 'X' WHERE id = 2",
    ),
    "fewer rows than counted": sql("DELETE FROM relations WHERE code = 'C1'", "UPDATE lines SET relation = NULL"),
    "other amounts than counted": sql("UPDATE lines SET amount = amount + 1"),
    "slice: users not JSON": extract_value("users", "[{"),
    "slice: users not a list": extract_value("users", "{}"),
    "slice: users of numbers": extract_value("users", "[1]"),
    "slice: very deep": extract_value("users", "[" * 200_000),
    "slice: very deep client": extract_value("client", "[" * 200_000),
    "slice: a user twice": extract_value(
        "users", json.dumps([{"login": login, "name": "H", "active": True, "office": False} for login in (HENK, HENK.upper())])
    ),
    "slice: no login": one_user(login=""),
    "slice: login of another type": one_user(login=5),
    "slice: impossible login": one_user(login="a\\b\\c"),
    "slice: no name": one_user(name=""),
    "slice: employee a fraction": one_user(employee=1.5),
    "slice: employee true": one_user(employee=True),
    "slice: employee a text": one_user(employee="7"),
    "slice: employee too high": one_user(employee=10**9),
    "slice: employee enormous": one_user(employee=10**40),
    "slice: client not an object": extract_value("client", '"Jansen"'),
    "slice: client a number": extract_value("client", "5"),
    "slice: KvK number impossible": extract_value("client", '{"kvk": "1", "name": "J", "city": ""}'),
    "slice: client without a name": extract_value("client", '{"kvk": "12345678", "name": " ", "city": ""}'),
    "slice: city of another type": extract_value("client", '{"kvk": "12345678", "name": "J", "city": 5}'),
    "slice: counts not JSON": extract_value("counts", "x"),
    "slice: other counts": extract_value("counts", '{"accounts": 0, "entries": 0, "lines": 0, "relations": 0}'),
    "slice: other totals": extract_value("totals", '{"debit": "0.00", "credit": "0.00"}'),
    "slice: a member of the counts twice": respelled("counts", '"lines"', '"lines": 0, "lines"'),
    "slice: a member of the totals twice": respelled("totals", '"debit"', '"debit": "0.00", "debit"'),
    "slice: a count as a fraction": respelled("counts", '"years": 1', '"years": 1.0'),
    "slice: a count that is true": respelled("counts", '"years": 1', '"years": true'),
    "slice: counts that begin with a mark of the order of bytes": respelled("counts", "{", "\ufeff{"),
    "slice: another number than the manifest": extract_value("number", "8"),
    "slice: number impossible": extract_value("number", "0"),
    "slice: number not one": extract_value("number", "seven"),
    "slice: description too long": extract_value("description", "x" * 61),
    "slice: description empty": extract_value("description", ""),
    "slice: an unknown row": extract_value("more", "x"),
    "slice: an unknown row without a value": extract_value("", ""),
    "slice: a row by another spelling": extract_value("Licence", "x"),
    "slice: client with another member": extract_value("client", '{"kvk": "12345678", "name": "J", "city": "", "more": 1}'),
    "slice: client without a city": extract_value("client", '{"kvk": "12345678", "name": "J"}'),
    "slice: a member of the client twice": extract_value("client", '{"kvk": "12345678", "kvk": "12345678", "name": "J", "city": ""}'),
    "slice: user with another member": one_user(more=1),
    "slice: members beside the users": extract_value("users", '[], "more": 1'),
    "slice: active a number": one_user(active=1),
    "slice: active null": one_user(active=None),
    "slice: office a text": one_user(office="true"),
    "slice: licence for nobody": extract_value("licence_user", "JANSEN\\nobody"),
    "slice: licence for an impossible login": extract_value("licence_user", ""),
} | {f"slice: no {name}": extract_value(name, None) for name in ("number", "description", "client", "users", "by", "counts", "totals")}


def test_an_unchanged_image_signed_by_anybody_is_taken_so_that_what_follows_says_something(
    world: World, client: Path, tmp_path: Path
) -> None:
    backup = forged(world, tmp_path, sql())
    assert answers(world.desk, backup, client) == ((0, [None]), (0, None))
    assert world.desk.ok("administration", "show", 7, office=client)["counts"]["entries"] == 2


@pytest.mark.parametrize("edit", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_image_is_refused_whoever_signed_it(
    world: World, client: Path, tmp_path: Path, edit: Callable[[sqlite3.Connection], None]
) -> None:
    backup = forged(world, tmp_path, edit)
    before = state(client)
    assert answers(world.desk, backup, client) == ((1, ["schema-unexpected"]), (3, "schema-unexpected"))
    assert state(client) == before


@pytest.mark.parametrize("content", [b"", b"x", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(4080), bytes(99_999)])
def test_an_image_that_is_no_database_is_refused(world: World, client: Path, tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "image"
    image.write_bytes(content)
    backup = forge(tmp_path / "x.acb", image)
    before = state(client)
    assert answers(world.desk, backup, client) == ((1, ["schema-unexpected"]), (3, "schema-unexpected"))
    assert state(client) == before


def test_an_image_of_a_newer_version_is_said_to_be_one(world: World, client: Path, tmp_path: Path) -> None:
    backup = forged(world, tmp_path, sql(f"PRAGMA user_version = {schema.VERSION + 1}"))
    assert answers(world.desk, backup, client) == ((3, ["newer-version"]), (3, "newer-version"))


def test_a_trigger_that_got_in_would_have_been_harmless_too(world: World, client: Path, tmp_path: Path) -> None:
    """The image in WAL mode: what its header asks for isn't done; no file comes into being beside it."""
    backup = forged(world, tmp_path, sql("PRAGMA journal_mode = WAL"))
    assert answers(world.desk, backup, client)[1][0] in (0, 3)
    assert sorted(path.name for path in (client / "work").iterdir()) == []


def test_a_manifest_that_describes_another_image_is_refused(world: World, client: Path, tmp_path: Path) -> None:
    contents = manifest_of(world.plain)["contents"]
    for change in ({"description": "Iets anders"}, {"users": []}, {"client": None}, {"client": [1]}, {"by": 5}, {"extra": 1}):
        backup = forged(world, tmp_path, sql(), contents=contents | change)
        assert answers(world.desk, backup, client) == ((1, ["schema-unexpected"]), (3, "schema-unexpected"))
    backup = forged(world, tmp_path, sql(), number=8)
    assert answers(world.desk, backup, client) == ((1, ["schema-unexpected"]), (3, "schema-unexpected"))
    assert answers(world.desk, forged(world, tmp_path, sql(), contents=contents), client)[1] == (0, None)
    # now a signer is kept there, and what another one says of the client is still not believed
    with_another = forge(tmp_path / "y.acb", tmp_path / "image.sqlite", contents=contents | {"client": [1]})
    verified = world.desk.run("verify", with_another, office=world.desk.office)
    assert (verified.code, [one["code"] for one in verified.json["findings"]]) == (1, ["schema-unexpected"])


def in_other_types(contents: dict[str, Any]) -> dict[str, Any]:
    """What a manifest may say that only Python takes for the same."""
    counts, users = contents["counts"], contents["users"]
    return {
        "a count as a fraction": {"counts": counts | {"lines": float(counts["lines"])}},
        "a count that is true": {"counts": counts | {"years": True}},
        "active as a number": {"users": [user | {"active": int(user["active"])} for user in users]},
        "office as a fraction": {"users": [user | {"office": float(user["office"])} for user in users]},
    }


def test_a_manifest_says_the_same_as_its_image_in_json_too(world: World, client: Path, tmp_path: Path) -> None:
    contents = manifest_of(world.plain)["contents"]
    assert contents["counts"]["years"] == 1
    for what, change in in_other_types(contents).items():
        assert contents | change == contents, what
        backup = forged(world, tmp_path, sql(), contents=contents | change)
        assert answers(world.desk, backup, client) == ((1, ["schema-unexpected"]), (3, "schema-unexpected")), what


STRANGE_CLIENTS = (
    {"kvk": "\ud800"},
    {"kvk": "\x00"},
    {"kvk": 12345678.0},
    {"kvk": None},
    {"kvk": [1]},
    {"kvk": "x" * 100_000},
    {},
    "\ud800",
)


def with_contents(folder: Path, image: Path, contents: object, name: str = "strange.acb") -> Path:
    """A backup by the attacker with a manifest that says this of its contents, in JSON's own escapes."""
    forge(folder / name, image, contents={"client": None})
    members, payload = members_of(folder / name), "administration.sqlite.zst"
    claims = json.loads(unverified_payload(members["manifest.jws"].decode())) | {"contents": contents}
    signed = sign(json.dumps(claims).encode(), ATTACKER, TYPE)
    (folder / name).write_bytes(container_of([(payload, members[payload]), ("manifest.jws", signed.encode())]))
    return folder / name


@pytest.mark.parametrize("strange", STRANGE_CLIENTS, ids=lambda one: repr(one)[:30])
def test_whatever_a_manifest_says_of_the_client_it_is_verified_to_the_end(
    world: World, client: Path, tmp_path: Path, strange: object
) -> None:
    image = tmp_path / "image.sqlite"
    image.write_bytes(image_of(world.plain))
    backup = with_contents(tmp_path, image, manifest_of(world.plain)["contents"] | {"client": strange})
    code = "backup-damaged" if "ud800" in repr(strange) else "schema-unexpected"
    for office in (client, world.desk.office):
        assert answers(world.desk, backup, office)[0] == (1, [code])
        assert answers(world.desk, backup, office)[1] == (3, code)


@pytest.mark.parametrize("strange", STRANGE_CLIENTS, ids=lambda one: repr(one)[:30])
def test_whatever_a_manifest_says_of_the_client_the_other_files_are_inspected(world: World, tmp_path: Path, strange: object) -> None:
    image, folder = tmp_path / "image.sqlite", tmp_path / "received"
    folder.mkdir()
    image.write_bytes(image_of(world.plain))
    with_contents(folder, image, manifest_of(world.plain)["contents"] | {"client": strange}, "a.acb")
    shutil.copy(world.plain, folder / "b.acb")
    answer = world.desk.run("inspect", folder)
    assert answer.code == 1
    assert [(Path(one["path"]).name, bool(one["findings"])) for one in answer.json["files"]] == [("a.acb", True), ("b.acb", False)]


def test_a_licence_of_kind_accountant_inside_is_never_taken(world: World, client: Path, tmp_path: Path) -> None:
    own = token_of(world.desk.folder / "own.lic")
    backup = forged(world, tmp_path, extract_value("licence", own), licence_number="AC-1001")
    answer = world.desk.run("restore", backup, "--confirm", office=client)
    assert (answer.code, answer.error) == (3, "wrong-kind")
    assert answer.obstacles[:2] == ["wrong-kind", "licence-differs"]
    kept = forged(world, tmp_path, extract_value("licence", own), purpose="safekeeping", licence_number="AC-1001")
    office = Path(shutil.copytree(world.desk.office, tmp_path / "office"))
    before = state(office)
    answer = world.desk.run("restore", kept, "--replace", "--confirm", office=office)
    assert (answer.code, answer.error) == (3, "wrong-kind")
    verified = world.desk.run("verify", kept, office=office)
    assert (verified.code, [one["code"] for one in verified.json["findings"]]) == (1, ["signer-changed", "office-licence-found"])
    assert state(office) == before


@pytest.mark.parametrize("number", ["KL-2042", "kl-2041", "AC-1001", "KL-2041 "])
def test_a_manifest_that_names_another_licence_than_the_image_holds_is_refused(
    world: World, client: Path, tmp_path: Path, number: str
) -> None:
    backup = forged(world, tmp_path, sql(), licence_number=number)
    verified, restored = answers(world.desk, backup, client)
    expected = "backup-damaged" if number.endswith(" ") else "schema-unexpected"
    assert (verified, restored) == ((1, [expected]), (3, expected))
    assert [one["code"] for one in world.desk.run("rehearse", backup).json["findings"]] == [expected]
    assert expected in [one["code"] for file in world.desk.run("inspect", backup).json["files"] for one in file["findings"]]
    assert world.desk.run("install", backup).error == expected


@pytest.mark.parametrize("licence", ["", "x", "a.b.c", "x" * 200_000])
def test_a_licence_that_is_none_is_not_taken(world: World, client: Path, tmp_path: Path, licence: str) -> None:
    backup = forged(world, tmp_path, extract_value("licence", licence))
    before = state(client)
    assert world.desk.refused("restore", backup, "--confirm", office=client) in {"licence-differs", "not-a-licence"}
    assert state(client) == before


# --- compression ---


def packed_backup(path: Path, payload: bytes, image: Blob) -> Path:
    """A backup of any payload at all."""
    stored = Blob(len(payload), hashlib.sha256(payload).hexdigest())
    token = sign_manifest(DRAFT, "Kantoor Zonnestein", "11111111", ATTACKER, image, stored, None)
    path.write_bytes(container_of([("administration.sqlite.zst", payload), ("manifest.jws", token.encode())]))
    return path


def blob_of(data: bytes) -> Blob:
    return Blob(len(data), hashlib.sha256(data).hexdigest())


def test_compression_that_lies_is_refused(world: World, client: Path, tmp_path: Path) -> None:
    image = image_of(world.plain)
    right = zstandard.ZstdCompressor(level=3).compress(image)
    real = blob_of(image)
    streamed = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=28)).compressobj()
    wide = streamed.compress(image) + streamed.flush()
    bomb = zstandard.ZstdCompressor(level=3).compress(bytes(50_000_000))
    lying = bytearray(right)
    lying[5 : 5 + 4] = (len(image) - 1).to_bytes(4, "little")
    cases: list[tuple[str, bytes, Blob, set[str]]] = [
        ("declared smaller", right, replace(real, size=len(image) - 1), {"too-large"}),
        ("declared nothing", right, Blob(0, hashlib.sha256().hexdigest()), {"too-large"}),
        ("declared larger", right, replace(real, size=len(image) + 1), {"backup-damaged"}),
        ("declared absurd", right, replace(real, size=2**62), {"too-large"}),
        ("another hash", right, replace(real, sha256="0" * 64), {"backup-damaged"}),
        ("bomb", bomb, blob_of(bytes(50_000_000)), {"too-large"}),
        ("bomb that claims little", bomb, Blob(1_000, "0" * 64), {"too-large"}),
        ("wide window", wide, real, {"backup-damaged"}),
        ("size in the frame a lie", bytes(lying), real, {"backup-damaged"}),
        ("trailing zeros", right + bytes(9), real, {"backup-damaged"}),
        ("trailing text", right + b"hello", real, {"backup-damaged"}),
        ("trailing frame", right + zstandard.compress(b"more"), real, {"backup-damaged", "too-large"}),
        ("truncated", right[:-1], real, {"backup-damaged"}),
        ("truncated early", right[:100], real, {"backup-damaged"}),
        ("nothing", b"", real, {"backup-damaged"}),
        ("not compressed", image, real, {"backup-damaged"}),
        ("gzip", __import__("gzip").compress(image), real, {"backup-damaged"}),
    ]
    before = state(client)
    wrong = []
    for what, payload, declared, codes in cases:
        backup = packed_backup(tmp_path / "x.acb", payload, declared)
        verified, restored = answers(world.desk, backup, client)
        if not (verified[0] == 1 and set(verified[1]) <= codes and restored[0] == 3 and restored[1] in codes):
            wrong.append((what, verified, restored))
    assert wrong == []
    assert state(client) == before


def test_other_frames_are_the_same_image_or_none(world: World, client: Path, tmp_path: Path) -> None:
    """As for the tool `zstd`: frames follow one another, and those that carry nothing are passed over."""
    image = image_of(world.plain)
    right, skippable = zstandard.compress(image), b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"evil"
    for payload in (
        right + skippable,
        right + zstandard.compress(b""),
        zstandard.compress(image[:9_999]) + zstandard.compress(image[9_999:]),
    ):
        backup = packed_backup(tmp_path / "x.acb", payload, blob_of(image))
        assert world.desk.ok("verify", backup, office=client)["image_checked"]


def test_an_image_that_the_disk_has_no_room_for_is_reported_before_it_is_unpacked(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with BackupFile(world.plain, schema.VERSION, VERSION) as backup, pytest.raises(AccountoolsError) as caught:
        backup.unpack(tmp_path / "image", Decryption())
    assert (caught.value.code, caught.value.exit_code) == ("disk-full", 4)
    assert not (tmp_path / "image").exists()


# --- the manifest ---


def resigned(world: World, path: Path, change: Callable[[dict[str, Any]], object], *, key: SigningKey = ATTACKER) -> Path:
    """A real backup whose manifest says something else, signed by the attacker."""
    members = members_of(world.plain)
    manifest = manifest_of(world.plain)
    manifest["signer"]["jwk"] = key.public.jwk()
    change(manifest)
    token = sign(json.dumps(manifest).encode(), key, TYPE)
    path.write_bytes(container_of([("administration.sqlite.zst", members["administration.sqlite.zst"]), ("manifest.jws", token.encode())]))
    return path


CLAIMS = ["format", "program", "schema", "purpose", "number", "licence_number", "counter", "made_at", "today", "today_was_set",
          "recipients", "signer", "journal", "journal.head", "journal.length",
          "signer.name", "signer.kvk", "image", "image.size", "image.sha256",
          "payload", "payload.size", "payload.sha256"]  # fmt: skip
MISSING = object()
AS_IT_IS: list[tuple[str, object]] = [("recipients", []), ("today_was_set", True)]
OTHERWISE_SPELLED = {
    "made_at": ("yesterday", "2026-11-24", "2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000", "2026-11-24T11:00:00.000+01:00",
                "2026-13-24T10:00:00.000Z", "0001-01-01T00:00:00.000+14:00"),
    "today": ("today", "20261124", "2026-11-31", "2026-W48-2", "2026-11-24T10:00:00.000Z"),
    "today_was_set": ("true", 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_manifest_that_lacks_something_or_says_it_wrongly_is_refused(world: World, client: Path, tmp_path: Path, claim: str) -> None:
    before = state(client)
    for value in (MISSING, None, True, -1, 1.5, [], {}, [5], "", "\n", 2**70, *OTHERWISE_SPELLED.get(claim, ())):

        def change(manifest: dict[str, Any], value: object = value) -> None:
            *above, name = claim.split(".")
            place = manifest[above[0]] if above else manifest
            if value is MISSING:
                del place[name]
            else:
                place[name] = value

        if (claim, value) in AS_IT_IS:
            continue
        backup = resigned(world, tmp_path / "x.acb", change)
        verified, restored = answers(world.desk, backup, client)
        newer = claim in {"format", "schema"} and value == 2**70
        allowed = (
            {"newer-version", "backup-damaged"}
            if newer
            else {"signature-invalid", "backup-damaged"}
            if claim == "signer"
            else {"backup-damaged"}
        )
        assert restored[0] == 3, (value, restored)
        assert restored[1] in allowed, (value, restored)
        assert verified[0] == (3 if verified[1] == ["newer-version"] else 1)
        assert set(verified[1]) <= allowed, (value, verified)
    assert state(client) == before


@pytest.mark.parametrize(("claim", "value"), [("format", 2), ("schema", schema.VERSION + 1)])
def test_a_manifest_of_a_newer_version_is_said_to_be_one(world: World, client: Path, tmp_path: Path, claim: str, value: int) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest[claim] = value
        manifest["journal"] = "something that this version can't read"

    backup = resigned(world, tmp_path / "x.acb", change)
    assert answers(world.desk, backup, client) == ((3, ["newer-version"]), (3, "newer-version"))


def other_jwk(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"] = SigningKey.new().public.jwk()


def genuine_jwk(manifest: dict[str, Any]) -> None:
    """The office's key, though the office didn't sign this."""
    manifest["signer"]["jwk"] = GENUINE["jwk"]


def other_kid(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"]["kid"] = "x" * 43


def private_jwk(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"]["d"] = "A" * 43


def short_jwk(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"]["x"] = "AAAA"


def odd_jwk(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"]["x"] = 5


def curve_jwk(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"] |= {"crv": "X25519"}


def no_jwk(manifest: dict[str, Any]) -> None:
    del manifest["signer"]["jwk"]


def text_jwk(manifest: dict[str, Any]) -> None:
    manifest["signer"]["jwk"] = "key"


GENUINE: dict[str, Any] = {}


@pytest.mark.parametrize("change", [other_jwk, genuine_jwk, other_kid, private_jwk, short_jwk, odd_jwk, curve_jwk, no_jwk, text_jwk])
def test_a_manifest_must_be_signed_by_the_very_key_it_carries(
    world: World, client: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    GENUINE["jwk"] = manifest_of(world.plain)["signer"]["jwk"]
    backup = resigned(world, tmp_path / "x.acb", change)
    before = state(client)
    assert answers(world.desk, backup, client) == ((1, ["signature-invalid"]), (3, "signature-invalid"))
    assert state(client) == before


def signed_by_hand(header: bytes, body: bytes) -> str:
    """A token that the attacker signed, with a header that no library would write."""
    parts = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, body))
    return f"{parts}.{base64.urlsafe_b64encode(ATTACKER.private.sign(parts.encode())).rstrip(b'=').decode()}"


def test_a_manifest_of_another_type_or_algorithm_is_refused(world: World, client: Path, tmp_path: Path) -> None:
    import jwt

    payload = members_of(world.plain)["administration.sqlite.zst"]
    manifest = manifest_of(world.plain)
    manifest["signer"]["jwk"] = ATTACKER.public.jwk()
    body = json.dumps(manifest).encode()
    header = {"alg": "EdDSA", "typ": TYPE, "kid": ATTACKER.public.thumbprint}
    tokens = [
        *(
            signed_by_hand(json.dumps(header | more).encode(), body)
            for more in ({"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True})
        ),
        signed_by_hand(codecs.BOM_UTF8 + json.dumps(header).encode(), body),
        signed_by_hand(json.dumps(header).encode("utf-16"), body),
        signed_by_hand(json.dumps(header).encode()[:-1] + b', "typ": "JWT"}', body),
        signed_by_hand(b'{"kid": "other", ' + json.dumps(header).encode()[1:], body),
        signed_by_hand(json.dumps(header).encode(), codecs.BOM_UTF8 + body),
        signed_by_hand(json.dumps(header).encode(), body.decode().encode("utf-16")),
        sign(body, ATTACKER, "accountools-licence+jwt"),
        jwt.api_jws.encode(body, "secret" * 9, algorithm="HS256", headers={"typ": TYPE, "kid": ATTACKER.public.thumbprint}),
        jwt.api_jws.encode(body, None, algorithm="none", headers={"typ": TYPE, "kid": ATTACKER.public.thumbprint}),
        jwt.api_jws.encode(body, ATTACKER.private, algorithm="EdDSA", headers={"typ": TYPE, "kid": "other"}),
        jwt.api_jws.encode(body, ATTACKER.private, algorithm="EdDSA", headers={"typ": TYPE}),
        token_of(world.desk.folder / "client.lic"),
        sign(b"[]", ATTACKER, TYPE),
        sign(b"{" + b'"a":' * 9, ATTACKER, TYPE),
        sign(b"[" * 100_000, ATTACKER, TYPE),
        sign(body[:-1] + b', "format": 1}', ATTACKER, TYPE),
        sign(body.replace(b'"counter": ', b'"counter": NaN, "x": '), ATTACKER, TYPE),
    ]
    before = state(client)
    for place, token in enumerate(tokens):
        (tmp_path / "x.acb").write_bytes(container_of([("administration.sqlite.zst", payload), ("manifest.jws", token.encode())]))
        verified, restored = answers(world.desk, tmp_path / "x.acb", client)
        assert restored in {(3, "signature-invalid"), (3, "backup-damaged")}, place
        assert verified == (1, [restored[1]]), place
    assert state(client) == before


def test_a_purpose_that_is_not_the_payloads_is_refused(world: World, client: Path, tmp_path: Path) -> None:
    backup = resigned(world, tmp_path / "x.acb", lambda manifest: manifest.update(purpose="register"))
    assert answers(world.desk, backup, client) == ((1, ["backup-damaged"]), (3, "backup-damaged"))
    plain_claimed_encrypted = resigned(world, tmp_path / "y.acb", lambda manifest: manifest.update(recipients=["age1x"]))
    assert answers(world.desk, plain_claimed_encrypted, client)[1] == (3, "backup-damaged")


def test_verify_without_an_office_asks_the_manifests_own_key(world: World, tmp_path: Path) -> None:
    answer = world.desk.ok("verify", world.plain, office=tmp_path / "nowhere")
    assert (answer["ok"], answer["image_checked"], answer["signer"]) == (True, True, "unknown")
    assert answer["manifest"] == manifest_of(world.plain)
    assert list(tmp_path.iterdir()) == []
    assert world.desk.ok("verify", world.plain)["signer"] == "own"
    encrypted = world.desk.ok("verify", world.recipient, office=tmp_path / "nowhere")
    assert (encrypted["ok"], encrypted["image_checked"]) == (True, False)


def test_an_image_is_opened_in_no_other_way_than_as_hostile(world: World, tmp_path: Path) -> None:
    from accountools.storage.image.check import CheckedImage

    path = tmp_path / "image"
    path.write_bytes(image_of(world.plain))
    with CheckedImage(path, "administration") as image:
        connection = image.connection
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("trusted_schema", "query_only", "cell_size_check")}
        assert found == {"trusted_schema": 0, "query_only": 1, "cell_size_check": 1}
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("DELETE FROM accounts")
    assert [one.name for one in tmp_path.iterdir()] == ["image"]


def test_every_backup_code_of_the_interface_is_produced(world: World, client: Path, tmp_path: Path) -> None:
    desk, path, image = world.desk, tmp_path / "x.acb", image_of(world.plain)
    damaged = path.with_name("damaged.acb")
    damaged.write_bytes(world.plain.read_bytes()[:-1])
    new_key(desk, "unfitting.txt")
    smaller = replace(blob_of(image), size=len(image) - 1)

    def refusal(backup: Path, *words: object) -> str | None:
        return desk.refused("restore", backup, *words, "--confirm", office=client)

    found = [
        refusal(desk.folder / "own.lic"),
        refusal(damaged),
        refusal(resigned(world, path, other_jwk)),
        refusal(resigned(world, path, lambda manifest: manifest.update(format=2))),
        refusal(world.recipient),
        refusal(world.recipient, "--identity", desk.folder / "unfitting.txt"),
        refusal(forged(world, tmp_path, HOSTILE["trigger"])),
        refusal(packed_backup(path, zstandard.compress(image), smaller)),
        desk.refused("key", "new", desk.folder / "unfitting.txt"),
    ]
    desk.ok("restore", world.other, "--confirm", office=client)
    found += [refusal(world.other), refusal(world.plain, "--replace"), refusal(forged(world, tmp_path, sql()), "--replace")]
    assert found == ["not-a-backup", "backup-damaged", "signature-invalid", "newer-version", "key-needed", "wrong-key",
                     "schema-unexpected", "too-large", "file-exists", "number-taken", "older-backup", "signer-changed"]  # fmt: skip
    assert set(found) <= set(backups.CODES) | set(administrations.CODES)
