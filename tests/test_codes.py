"""Each code is proven by the command that gives it: a scenario for each, through the command line, with its exit code."""

import base64
import contextlib
import errno
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import psutil
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.api_jws import PyJWS

from accountools import failpoints
from accountools.clock import system_clock
from accountools.domain.codes.table import CODES
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line
from accountools.office import Office
from accountools.operations.books.entries import post
from tests.test_backup_file import World, blob_of, forged, image_of, packed_backup, resigned, sql
from tests.test_cluster import running_cluster
from tests.test_handover import change_register
from tests.workspace import CLIENT_KVK, HENK, PIET, CommandResult, Workspace

SCENARIOS: dict[str, tuple[int, Callable[..., CommandResult]]] = {}
NO_COMMAND_YET = {}
BEGIN, END = "-----BEGIN ACCOUNTOOLS LICENCE-----", "-----END ACCOUNTOOLS LICENCE-----"
IMPORT = ("--administration", 7, "--user", HENK)
STRANGER_KVK = "99999999"

Scenario = Callable[[Workspace, pytest.MonkeyPatch], CommandResult]


def gives(code: str, exit_code: int = 3) -> Callable[[Scenario], Scenario]:
    """Register a scenario whose last command gives `code` and ends with `exit_code`."""

    def register(scenario: Scenario) -> Scenario:
        assert code not in SCENARIOS
        SCENARIOS[code] = (exit_code, scenario)
        return scenario

    return register


def codes_in(document: Any) -> Iterator[str]:
    """All codes in an answer, wherever they are."""
    if isinstance(document, list):
        for one in document:
            yield from codes_in(one)
    if isinstance(document, dict):
        yield from (value for key, value in document.items() if key in {"code", "verdict", "reason", "warning"} and isinstance(value, str))
        for one in document.values():
            yield from codes_in(one)


def test_every_code_has_a_scenario() -> None:
    assert set(SCENARIOS) | set(NO_COMMAND_YET) == set(CODES)


@pytest.mark.parametrize("code", SCENARIOS)
def test_a_command_gives_the_code(ready: Workspace, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    exit_code, scenario = SCENARIOS[code]
    answer = scenario(ready, monkeypatch)
    assert answer.code == exit_code, (answer.out, answer.err)
    assert code in codes_in(answer.json)
    if exit_code > 1:
        assert answer.error == code
        assert answer.err.startswith(f"{code}: ")


# --- licence files ---


def forge_licence(desk: Workspace, changes: dict[str, Any] | None = None, *, algorithm: str = "EdDSA", **headers: str) -> Path:
    """The client's licence with other claims and headers, signed by the issuer's own key."""
    payload = "".join((desk.folder / "client.lic").read_text().splitlines()[1:-1]).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | (changes or {})
    key: Any = load_pem_private_key((desk.folder / "issuer" / "issuer.pem").read_bytes(), None) if algorithm == "EdDSA" else ""
    (jwk,) = json.loads(desk.trust.read_text())["keys"]
    token = PyJWS().encode(
        json.dumps(claims).encode(), key, algorithm=algorithm, headers={"typ": "accountools-licence+jwt", "kid": jwk["kid"]} | headers
    )
    path = desk.folder / "forged.lic"
    path.write_text(f"{BEGIN}\n{token}\n{END}\n")
    return path


def show_licence(desk: Workspace, path: Path) -> CommandResult:
    return desk.run("licence", "show", path)


def import_licence(desk: Workspace, path: Path, *more: object, **options: Any) -> CommandResult:
    return desk.run("licence", "import", path, *IMPORT, "--confirm", *more, **options)


def written(desk: Workspace, content: bytes, name: str = "file") -> Path:
    path = desk.folder / name
    path.write_bytes(content)
    return path


@gives("file-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, desk.folder / "nothing.lic")


@gives("package-missing")
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    monkeypatch.setitem(sys.modules, "distributed", None)
    return desk.run("inspect", desk.folder, "--workers", "tls://127.0.0.1:8786")


@gives("cluster-away", 4)
def _(desk: Workspace, _: Any) -> CommandResult:
    with running_cluster(desk.folder) as cluster:  # without workers
        return desk.run("rehearse", desk.backup(), *cluster.workers)


@gives("worker-unsuitable")
def _(desk: Workspace, _: Any) -> CommandResult:
    with running_cluster(desk.folder) as cluster, cluster.worker(version="0.9.0"):
        answer = desk.run("backup", 7, "--confirm", *cluster.workers)
    assert "0.9.0" in answer.err
    return answer


@gives("file-too-large", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, written(desk, b"x" * (64 * 1024 + 1)))


@gives("not-a-licence", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, written(desk, b"a letter"))


@gives("algorithm-not-allowed", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, forge_licence(desk, algorithm="none"))


@gives("wrong-type", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, forge_licence(desk, typ="JWT"))


@gives("unknown-issuer", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, forge_licence(desk, kid="somebody"))


@gives("bad-signature", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    lines = forge_licence(desk).read_text().splitlines()
    head, payload, _signature = lines[1].split(".")
    return show_licence(desk, written(desk, f"{BEGIN}\n{head}.{payload}.{'A' * 86}\n{END}\n".encode()))


@gives("claims-invalid", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return show_licence(desk, forge_licence(desk, {"users": 0}))


@gives("licence-revoked", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    revoke(desk, "KL-2041")
    return show_licence(desk, desk.folder / "client.lic")


@gives("licence-not-yet-valid", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("licence", "show", desk.folder / "client.lic", today="2025-12-31")


@gives("licence-expired", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("licence", "show", desk.folder / "client.lic", today="2028-01-01")


@gives("wrong-kind")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, desk.issue_own("another.lic", number="AC-2"))


@gives("own-licence")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, desk.folder / "own.lic")


@gives("licence-differs")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("licence", "renew", desk.issue_own("another.lic", number="AC-2"), "--confirm")


def revoke(desk: Workspace, number: str) -> Path:
    """Revoke a licence and import the revocation list."""
    out = desk.folder / f"revoked-{number}.txt"
    desk.ok("licence", "revoke", "--issuer", desk.folder / "issuer", "--number", number, "--out", out)
    desk.ok("licence", "revocations", out)
    return out


@gives("revocations-older")
def _(desk: Workspace, _: Any) -> CommandResult:
    first = revoke(desk, "KL-1")
    revoke(desk, "KL-2")
    return desk.run("licence", "revocations", first)


@gives("kvk-differs")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, desk.issue("other.lic", kvk=STRANGER_KVK))


@gives("other-client")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.add_client("Slagerij De Wit", STRANGER_KVK)
    return import_licence(desk, desk.issue("other.lic", number="KL-9", licensee="Slagerij De Wit", kvk=STRANGER_KVK))


@gives("name-differs")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, desk.issue("other.lic", licensee="Slagerij De Wit"))


@gives("older-than-current")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, Workspace(desk.folder, today="2026-11-20").issue("older.lic"))


@gives("several-licences")
def _(desk: Workspace, _: Any) -> CommandResult:
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    for number in ("KL-1", "KL-2"):
        desk.issue(f"inbox/{number}.lic", number=number)
    return desk.run("inbox", inbox, "--confirm")


@gives("demo-licence")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, desk.issue("demo.lic", kind="demo"))


@gives("licence-expires-soon", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_licence(desk, desk.issue("short.lic", valid_until="2026-12-20"))


@gives("trust-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("trust", "add", written(desk, b"no keys"))


# --- administrations and clients ---


def create(desk: Workspace, number: object, *more: object, description: str = "x") -> CommandResult:
    return desk.run("administration", "create", number, "--description", description, *more)


@gives("number-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return create(desk, 100_000)


@gives("number-taken")
def _(desk: Workspace, _: Any) -> CommandResult:
    return create(desk, 7)


@gives("administration-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("administration", "show", 9)


@gives("description-too-long")
def _(desk: Workspace, _: Any) -> CommandResult:
    return create(desk, 9, description="x" * 61)


@gives("client-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    return create(desk, 9, "--client", STRANGER_KVK)


@gives("client-exists")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("client", "add", "--name", "x", "--kvk", CLIENT_KVK)


@gives("exchanged-before", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.backup()
    return desk.run("client", "change", CLIENT_KVK, "--kvk", STRANGER_KVK)


@gives("kvk-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("client", "add", "--name", "x", "--kvk", "1234567")


@gives("name-missing")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("client", "add", "--name", " ", "--kvk", STRANGER_KVK)


@gives("chart-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return create(desk, 9, "--chart", written(desk, b"a,b\n1,2\n"))


@gives("chart-attention", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("chart", "import", written(desk, b"code,name,rgs\n1,Kas,BLim\n"), "--administration", 7)


@gives("kind-missing", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("chart", "check", written(desk, b"code,name\n1,Kas\n"))


@gives("columns-unread", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("chart", "check", written(desk, b"code,name,kind,afdeling\n1,Kas,B,Noord\n"))


@gives("account-in-use")
def _(desk: Workspace, _: Any) -> CommandResult:
    lines = (Line("1000", "D", 100), Line("8000", "C", 100))
    post(Office.open(desk.office, system_clock()), AdministrationNumber(7), [Entry("20", "1", "2026-01-02", 1, "x", lines)])
    return desk.run("chart", "import", written(desk, b"code,name,kind\n1000,Kas,P\n"), "--administration", 7)


def import_entries(desk: Workspace, *rows: str) -> CommandResult:
    table = "\n".join(("journal,number,date,account,debit,credit", *rows, ""))
    return desk.run("entries", "import", written(desk, table.encode()), "--administration", 7, "--confirm")


@gives("entries-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_entries(desk, "90,1,2026-01-05,9999,1,", "90,1,2026-01-05,1000,,1")


@gives("entry-unbalanced")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_entries(desk, "90,1,2026-01-05,4500,1,", "90,1,2026-01-05,1000,,2")


@gives("entry-present")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_entries(desk, "90,1,2026-01-05,4500,1,", "90,1,2026-01-05,1000,,1")
    return import_entries(desk, "90,1,2026-01-05,4500,2,", "90,1,2026-01-05,1000,,2")


@gives("clients-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("client", "import", written(desk, b"a,b\n1,2\n"))


@gives("audit-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("audit", "--since", written(desk, b"a,b\n1,2\n"))


# --- users ---


def add_user(desk: Workspace, login: str, *more: object) -> CommandResult:
    return desk.run("user", "add", "--administration", 7, login, "--name", "x", *more)


@gives("user-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("licence", "import", desk.folder / "client.lic", "--administration", 7, "--user", "nobody")


@gives("user-exists")
def _(desk: Workspace, _: Any) -> CommandResult:
    return add_user(desk, HENK)


@gives("user-inactive")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.ok("user", "deactivate", "--administration", 7, HENK)
    return desk.run("backup", 7)


@gives("user-is-office")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.add_user(PIET, 7, "--office-user")
    return desk.run("licence", "import", desk.issue("new.lic", number="KL-2"), "--administration", 7, "--user", PIET)


@gives("login-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return add_user(desk, "a@b@c")


@gives("too-many-users")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.add_user("ingrid")
    return import_licence(desk, desk.issue("small.lic", users=1))


@gives("employee-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return add_user(desk, "ingrid", "--employee", 0)


# --- hand-over ---


@gives("books-missing")
def _(desk: Workspace, _: Any) -> CommandResult:
    (desk.office / "administrations" / "00007.db").unlink()
    return desk.run("backup", 7)


@gives("client-differs")
def _(desk: Workspace, _: Any) -> CommandResult:
    kept = desk.backup(7, "--purpose", "safekeeping")
    desk.add_client("Slagerij De Wit", STRANGER_KVK)
    change_register(desk.office, f"UPDATE administrations SET client_kvk = '{STRANGER_KVK}' WHERE number = 7")
    return desk.run("restore", kept, "--replace")


@gives("no-administration", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.add_client("Slagerij De Wit", STRANGER_KVK)
    return desk.run("audit")


@gives("administration-archived")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.ok("administration", "archive", 7)
    return desk.run("backup", 7)


@gives("several-administrations")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.create(8)
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    desk.issue("inbox/new.lic", number="KL-2")
    return desk.run("inbox", inbox)


@gives("no-licence")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.create(8)
    return desk.run("backup", 8)


@gives("no-user")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.add_client("Slagerij De Wit", STRANGER_KVK)
    desk.create(8, client=STRANGER_KVK)
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    desk.issue("inbox/new.lic", number="KL-2", kvk=STRANGER_KVK, licensee="Slagerij De Wit")
    return desk.run("inbox", inbox)


@gives("module-missing")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.ok("licence", "renew", desk.issue_own("poorer.lic", module="SE1063"), "--confirm")
    return desk.run("backup", 7)


@gives("own-licence-expired")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.ok("licence", "renew", desk.issue_own("short.lic", valid_until="2026-11-30"), "--confirm")
    return desk.run("backup", 7, today="2026-12-01")


@gives("own-licence-not-yet-valid")
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.ok("licence", "renew", desk.issue_own("late.lic", valid_from="2026-12-01"), "--confirm", today="2026-12-01")
    return desk.run("backup", 7)


@gives("own-licence-revoked")
def _(desk: Workspace, _: Any) -> CommandResult:
    revoke(desk, "AC-1001")
    return desk.run("backup", 7)


@gives("office-licence-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    token = "".join((desk.folder / "own.lic").read_text().splitlines()[1:-1])
    with changing(desk.office / "administrations" / "00007.db") as books:
        books.execute("INSERT INTO relations (code, name, kind, city) VALUES ('D9', ?, 'D', '')", (token,))
    return desk.run("backup", 7, "--confirm")


@gives("changed-meanwhile")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("backup", 7, "--confirm", "--plan", "0" * 32)


# --- backups ---


@contextlib.contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A database, to change it behind the program's back."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        yield connection


def world(desk: Workspace) -> World:
    plain = desk.backup()
    return World(desk, plain, plain, plain, desk.folder / "key.txt")


def key_file(desk: Workspace, name: str = "key.txt") -> str:
    """Make a key file; gives its recipient."""
    return str(desk.ok("key", "new", desk.folder / name)["recipient"])


def restore(desk: Workspace, path: Path, *more: object) -> CommandResult:
    """Restore in the client's own office, which is created when there is none."""
    if not desk.client_office.exists():
        desk.create_client_office()
    return desk.run("restore", path, "--confirm", *more, office=desk.client_office)


@gives("not-a-backup")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("verify", written(desk, b"a letter"))


@gives("backup-damaged")
def _(desk: Workspace, _: Any) -> CommandResult:
    data = bytearray(desk.backup().read_bytes())
    data[len(data) // 3] ^= 1
    return restore(desk, written(desk, bytes(data)))


@gives("signature-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    made = world(desk)
    return restore(desk, resigned(made, desk.folder / "x.acb", lambda claims: claims["signer"]["jwk"].update(x="A" * 43)))


@gives("newer-version")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("verify", resigned(world(desk), desk.folder / "x.acb", lambda claims: claims.update(format=99)))


@gives("wrong-key")
def _(desk: Workspace, _: Any) -> CommandResult:
    backup = desk.backup(7, "--recipient", key_file(desk))
    key_file(desk, "other.txt")
    return desk.run("verify", backup, "--identity", desk.folder / "other.txt")


@gives("key-needed")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("rehearse", desk.backup(7, "--recipient", key_file(desk)))


@gives("schema-unexpected")
def _(desk: Workspace, _: Any) -> CommandResult:
    return restore(desk, forged(world(desk), desk.folder, sql("CREATE TABLE more (x INTEGER) STRICT")))


@gives("more-findings", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    packed = b"nothing"
    for layer in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(30 if layer == 5 else 1):
                archive.writestr(f"{number}", packed)
        packed = buffer.getvalue()
    return desk.run("inspect", written(desk, packed, "many.zip"))


@gives("text-too-long")
def _(desk: Workspace, _: Any) -> CommandResult:
    with contextlib.closing(sqlite3.connect(desk.office / "administrations" / "00007.db")) as books, books:
        books.execute("UPDATE accounts SET name = replace(hex(zeroblob(1 << 20)), '0', 'x') WHERE code = (SELECT min(code) FROM accounts)")
    return desk.run("backup", 7, "--confirm")


@gives("books-set-aside", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    good = desk.backup(7, "--purpose", "safekeeping")
    with contextlib.closing(sqlite3.connect(desk.office / "administrations" / "00007.db")) as books, books:
        books.execute("UPDATE accounts SET name = replace(hex(zeroblob(1 << 20)), '0', 'x') WHERE code = (SELECT min(code) FROM accounts)")
    return desk.run("restore", good, "--replace", "--confirm")


@gives("too-large")
def _(desk: Workspace, _: Any) -> CommandResult:
    import zstandard

    image = image_of(desk.backup())
    return restore(desk, packed_backup(desk.folder / "x.acb", zstandard.compress(image), blob_of(image[:-1])))


@gives("file-exists")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("key", "new", desk.folder / "own.lic")


@gives("recipient-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("backup", 7, "--recipient", "age1nothing")


@gives("key-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("verify", desk.backup(), "--identity", desk.folder / "own.lic")


@gives("signer-changed")
def _(desk: Workspace, _: Any) -> CommandResult:
    made = world(desk)
    assert restore(desk, made.plain).code == 0
    return restore(desk, resigned(made, desk.folder / "x.acb", lambda claims: claims.update(counter=9)), "--replace")


@gives("signed-elsewhere", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    folder = desk.folder / "backups"
    folder.mkdir()
    resigned(world(desk), folder / "x.acb", lambda _: None)
    return desk.run("inspect", folder)


@gives("made-elsewhere", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.ok("backup", 7, "--purpose", "safekeeping", "--plain", "--to", desk.folder / "nas", "--confirm", today="2015-01-01")
    shutil.copytree(desk.office, desk.folder / "copy")
    return desk.run("backups", "prune", office=desk.folder / "copy")


@gives("older-backup")
def _(desk: Workspace, _: Any) -> CommandResult:
    older, newer = desk.backup(), desk.backup()
    assert restore(desk, newer).code == 0
    return restore(desk, older, "--replace")


# --- the office ---


@gives("office-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("audit", office=desk.folder / "nothing")


@gives("office-exists")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("init", "--licence", desk.folder / "own.lic", "--trust", desk.trust)


def _move(desk: Workspace, at: str = "") -> Path:
    """The place that the office moves to; interrupted where `at` says."""
    there = desk.folder / "there"
    failpoints.arm(at and f"EIO:{at}:1")
    moved = desk.run("office", "move", "--to", there, "--confirm")
    failpoints.arm("")
    assert moved.code == (4 if at else 0)
    return there


@gives("office-moved")
def _(desk: Workspace, _: Any) -> CommandResult:
    _move(desk)
    return desk.run("backup", 7, "--confirm")


@gives("citus-missing")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("office", "distribute")


@gives("move-unfinished")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("audit", office=_move(desk, "before-leave-place"))


@gives("move-differs", 4)
def _(desk: Workspace, _: Any) -> CommandResult:
    with changing(_move(desk, "before-leave-place") / "administrations" / "00007.db") as books:
        books.execute("DELETE FROM accounts")
    return desk.run("office", "move", "--to", desk.folder / "there", "--confirm")


@gives("office-newer")
def _(desk: Workspace, _: Any) -> CommandResult:
    with changing(desk.office / "register.db") as register:
        register.execute("UPDATE alembic_version SET version_num = '9999'")
    return desk.run("audit")


@gives("office-busy")
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    from accountools.storage.sqlite import connections

    monkeypatch.setattr(connections, "BUSY_MILLISECONDS", 60)
    with changing(desk.office / "register.db") as register:
        register.execute("BEGIN IMMEDIATE")
        return desk.run("client", "add", "--name", "x", "--kvk", STRANGER_KVK)


@gives("office-damaged", 4)
def _(desk: Workspace, _: Any) -> CommandResult:
    (desk.office / "register.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    return desk.run("audit")


@gives("network-share")
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    share = SimpleNamespace(mountpoint=str(desk.folder), fstype="cifs")
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [share])
    return desk.run("init", "--licence", desk.folder / "own.lic", "--trust", desk.trust, office=desk.folder / "new")


@gives("database-away", 4)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("audit", "--office", f"postgresql://someone@/office?host={desk.folder}")


@gives("url-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("audit", "--office", "postgresql://someone:secret@server/office")


@gives("member-exists")
def _(desk: Workspace, _: Any) -> CommandResult:
    theirs = desk.ok("key", "new", desk.folder / "theirs.txt")["recipient"]
    desk.ok("office", "admit", "--recipient", theirs, "--name", "Piet")
    return desk.run("office", "admit", "--recipient", theirs, "--name", "Anna")


@gives("member-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("office", "dismiss", "Piet")


@gives("member-last")
def _(desk: Workspace, _: pytest.MonkeyPatch) -> CommandResult:
    on_server = Workspace(desk.folder / "more", on_server=True).create_office()
    return on_server.run("office", "dismiss", "tester")


@gives("plan-needed", 2)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("backup", 7, "--plan", "0" * 32)


@gives("options-exclude", 2)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("backup", 7, "--all-ready")


@gives("usage", 2)
def _(desk: Workspace, _: Any) -> CommandResult:
    return desk.run("backup", "--resume")


# --- the machine ---


def fail_to_sync(desk: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception) -> CommandResult:
    """A command whose file can't be synced to the disk."""

    def fail(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    return desk.run("key", "new", desk.folder / "key.txt")


@gives("disk-full", 4)
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    return fail_to_sync(desk, monkeypatch, OSError(errno.ENOSPC, "full", "x"))


@gives("not-permitted", 4)
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    return fail_to_sync(desk, monkeypatch, OSError(errno.EACCES, "no", "x"))


@gives("machine-failed", 4)
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    return fail_to_sync(desk, monkeypatch, OSError(errno.EIO, "broken", "x"))


@gives("output-failed", 4)
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    """The only code that no document can hold: it is read from standard error."""
    given = desk.arguments("client", "list")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >/dev/full', "sh", str(Path(sys.executable).with_name("accountools")), *given],
        capture_output=True,
        text=True,
        check=False,
    )
    code, _, message = done.stderr.partition(": ")
    return CommandResult(done.returncode, json.dumps({"error": {"code": code, "message": message, "obstacles": []}}), done.stderr)


@gives("internal-error", 4)
def _(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> CommandResult:
    return fail_to_sync(desk, monkeypatch, RuntimeError("a fault"))


# --- the journal ---


@gives("event-changed", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    with changing(desk.office / "register.db") as register:
        register.execute("UPDATE events SET \"by\" = 'somebody else' WHERE n = 3")
    return desk.run("journal", "verify")


@gives("journal-cut", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    desk.backup()
    with changing(desk.office / "register.db") as register:
        register.execute("DELETE FROM events")
    return desk.run("journal", "verify")


@gives("journal-behind", 0)
def _(desk: Workspace, _: Any) -> CommandResult:
    """The register is restored from a backup that is older than a backup of an administration."""
    register = desk.backup("--register", "--recipient", key_file(desk), "--to", desk.folder)
    desk.add_user("ingrid")
    later = desk.backup(7, "--purpose", "safekeeping", "--to", desk.folder)
    shutil.rmtree(desk.office)
    desk.ok("restore", register, "--identity", desk.folder / "key.txt", "--confirm")
    shutil.copy(later, desk.office / "backups")
    return desk.run("journal", "verify")


@gives("register-differs", 1)
def _(desk: Workspace, _: Any) -> CommandResult:
    with changing(desk.office / "register.db") as register:
        register.execute("UPDATE clients SET name = 'Somebody else'")
    return desk.run("journal", "verify")


# --- audit files ---


AUDITFILES = Path(__file__).parent / "auditfiles"


def import_auditfile(desk: Workspace, path: Path, *words: object) -> CommandResult:
    """Import an audit file into an administration without a chart."""
    if not (desk.office / "administrations" / "00009.db").exists():
        desk.create(9, "Auditfile", chart=None)
    return desk.run("auditfile", "import", path, "--administration", 9, *words, "--confirm")


def other_auditfile(desk: Workspace, old: str, new: str) -> Path:
    path = desk.folder / "other.xaf"
    path.write_text((AUDITFILES / "good.xaf").read_text("utf-8").replace(old, new), "utf-8")
    return path


@gives("not-an-auditfile")
def _(desk: Workspace, _: Any) -> CommandResult:
    (desk.folder / "x.xaf").write_text("geen auditfile")
    return import_auditfile(desk, desk.folder / "x.xaf")


@gives("auditfile-encrypted")
def _(desk: Workspace, _: Any) -> CommandResult:
    (desk.folder / "x.xac").write_bytes(b"\x00")
    return import_auditfile(desk, desk.folder / "x.xac")


@gives("set-incomplete")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_auditfile(desk, AUDITFILES / "part-2.xaf")


for _code, _name in (
    ("auditfile-invalid", "out-of-order.xaf"),
    ("auditfile-unbalanced", "same-number.xaf"),
    ("amount-invalid", "three-decimals.xaf"),
    ("encoding-differs", "windows-1252.xaf"),
    ("offset-lines", "offset.xaf"),
    ("undeclared", "undeclared.xaf"),
):
    gives(_code)(lambda desk, _, name=_name: import_auditfile(desk, AUDITFILES / name))  # type: ignore[misc]


@gives("date-invalid")
def _(desk: Workspace, _: Any) -> CommandResult:
    return import_auditfile(desk, other_auditfile(desk, "<trDt>2025-01-15", "<trDt>15-01-2025"))


@gives("opening-twice")
def _(desk: Workspace, _: Any) -> CommandResult:
    path = desk.folder / "twice.xaf"
    stated = "<openingBalance><obLine><nr>1</nr><accID>1100</accID><amnt>1.00</amnt><amntTp>D</amntTp></obLine></openingBalance>"
    text = (AUDITFILES / "opening-journal.xaf").read_text("utf-8")
    path.write_text(text.replace("<transactions>", f"{stated}<transactions>"), "utf-8")
    return import_auditfile(desk, path)


@gives("year-present")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_auditfile(desk, AUDITFILES / "good.xaf")
    return import_auditfile(desk, other_auditfile(desk, "Boeking", "Anders"))


@gives("label-taken")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_auditfile(desk, other_auditfile(desk, "<endDate>2025-12-31", "<endDate>2025-06-30"))
    return import_auditfile(desk, other_auditfile(desk, "<startDate>2025-01-01", "<startDate>2025-07-01"), "--replace")


@gives("year-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_auditfile(desk, AUDITFILES / "good.xaf")
    return desk.run("books", "trial-balance", 9, "--year", 1999)


@gives("account-not-found")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_auditfile(desk, AUDITFILES / "good.xaf")
    return desk.run("books", "ledger", 9, "--account", "9999")


@gives("year-closed")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_auditfile(desk, AUDITFILES / "good.xaf")
    with changing(desk.office / "administrations" / "00009.db") as books:
        books.execute("UPDATE years SET closed = 1")
    return import_auditfile(desk, other_auditfile(desk, "Boeking", "Anders"), "--replace")


@gives("opening-differs")
def _(desk: Workspace, _: Any) -> CommandResult:
    import_auditfile(desk, AUDITFILES / "good.xaf")
    return import_auditfile(desk, other_auditfile(desk, "2025", "2026"))
