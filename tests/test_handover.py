"""Handing over: what goes into a hand-over, what stands in its way, to whom it is encrypted, what it is called (S2, S3, S9, S10, S15)."""

import base64
import contextlib
import csv
import itertools
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import zstandard
from pyrage import x25519

from accountools import safe_files
from accountools.domain.codes import hand_over
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line, Relation
from accountools.formats import encryption
from accountools.formats.signatures import unverified_payload
from accountools.office import Office
from accountools.operations.backups import write
from accountools.operations.backups.target import BackupTarget
from accountools.operations.books.entries import post
from accountools.reports.verdict_cache import FILE
from accountools.storage import schema
from tests import fast_passphrases
from tests.engines import dump_register, place_of, run_sql, set_trust, trust_of
from tests.workspace import CLIENT_KVK, HENK, PIET, TODAY, Workspace

pytestmark = pytest.mark.both_engines


WORDS = "twaalf witte zwanen ℵ"


def state(office: Path) -> tuple[list[str], list[str], list[bytes]]:
    """All that an office is, to be compared: the names of its files, a dump of its register, the bytes of its books and keys.

    What the audit keeps for itself isn't part of it.
    """
    dump = dump_register(office)
    files = sorted(path for path in office.rglob("*") if not path.name.endswith(("-wal", "-shm", FILE)))
    kept = [path.read_bytes() for path in files if path.is_file() and path.name != "register.db"]
    return [str(path.relative_to(office)) for path in files], dump, kept


def change_register(office: Path, statement: str, *values: object) -> None:
    """Change the register behind the program's back."""
    run_sql(office, statement, *values)


def query(office: Path, statement: str) -> list[tuple[Any, ...]]:
    return run_sql(office, statement)


def token_of(licence: Path) -> str:
    return "".join(licence.read_text().splitlines()[1:-1])


def pieces_of(token: str) -> set[str]:
    """Stretches of a token, at each of the places where one may begin."""
    return {part[at : at + 32] for part in token.split(".")[1:] for at in range(len(part) - 31)}


def image_of(backup: Path) -> bytes:
    """The image in a plain backup, by standard tools only."""
    with zipfile.ZipFile(backup) as container:
        packed = container.read("administration.sqlite.zst")
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed)


def extract_of(backup: Path) -> dict[str, str]:
    """The register's slice in a plain backup's image."""
    return dict(sqlite_of(image_of(backup)).execute("SELECT name, value FROM slice"))


def sqlite_of(image: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(image)
    return connection


def manifest_of(backup: Path) -> dict[str, Any]:
    with zipfile.ZipFile(backup) as container:
        return json.loads(unverified_payload(container.read("manifest.jws").decode()))


def post_books(office: Path, number: int = 7) -> None:
    """Some books: two relations, two entries."""
    entries = (
        Entry("60", "2026-1", "2026-03-01", 3, "Taart", (Line("1300", "D", 12100, "", "D1"), Line("8000", "C", 12100, "é €"))),
        Entry("70", "2026-2", "2026-03-02", 3, "Meel", (Line("7000", "D", 4000), Line("1600", "C", 4000, "", "C1"))),
    )
    relations = (Relation("D1", "Café Noord", "D"), Relation("C1", "Molen", "C", "Delft"))
    opened = Office.open(place_of(office))
    with opened.engine.books(AdministrationNumber(number)) as books:
        known = set(books.scalars(sa.select(schema.accounts.c.code)))
    replaced = [
        Entry(e.journal, e.number, e.date, e.period, e.description, tuple(_on_known(line, sorted(known)) for line in e.lines))
        for e in entries
    ]
    post(opened, AdministrationNumber(number), replaced, relations)


def _on_known(line: Line, known: list[str]) -> Line:
    account = line.account if line.account in known else known[0]
    return Line(account, line.side, line.amount, line.description, line.relation)


def second_client(desk: Workspace, number: int = 8, *, licence: bool = True) -> None:
    """Another client with its own administration, ready or not."""
    kvk = f"2000{number:04d}"
    desk.add_client(f"Slagerij {number}", kvk)
    desk.create(number, f"Slagerij {number}", client=kvk)
    desk.add_user(f"SLAGER\\jan{number}", number)
    if licence:
        path = desk.issue(f"{number}.lic", number=f"KL-{number}", licensee=f"Slagerij {number}", kvk=kvk)
        desk.import_licence(path, number, f"SLAGER\\jan{number}")


def new_key(desk: Workspace, name: str = "key.txt") -> str:
    """A fresh age key file; gives its recipient."""
    return desk.ok("key", "new", desk.folder / name)["recipient"]


def passphrase_file(desk: Workspace, words: str = WORDS) -> Path:
    path = desk.folder / "words.txt"
    path.write_text(f"{words}\nsecond line, not part of it\n")
    return path


@contextlib.contextmanager
def sealing_once() -> Iterator[None]:
    """Sealing by a passphrase is slow on purpose: within this, what is sealed in this process is opened at once, by its own means."""
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr("pyrage.passphrase.encrypt", fast_passphrases.encrypt)
        yield


def test_a_guess_at_a_passphrase_costs_work_and_the_words_open_what_they_sealed() -> None:
    lock = encryption.encryption_for_passphrase(WORDS)
    assert lock.sealed_key is not None
    work = int(lock.sealed_key.split(b"\n")[1].split()[-1])  # -> scrypt SALT LOG_OF_ROUNDS
    assert work >= 14
    opened = encryption.decrypt_bytes(lock.sealed_key, None, WORDS).decode()
    assert str(x25519.Identity.from_str(opened).to_public()) == lock.recipient


# --- the rules of the seed ---


def test_s2_the_clients_licence_is_in_place_of_the_offices(ready: Workspace) -> None:
    own, client = token_of(ready.folder / "own.lic"), token_of(ready.folder / "client.lic")
    backup = ready.backup()
    image = image_of(backup)
    assert extract_of(backup)["licence"] == client
    content = image + json.dumps(manifest_of(backup)).encode()
    texts = "\n".join(sqlite_of(image).iterdump())
    assert client in texts
    for piece in pieces_of(own) - pieces_of(client):  # the issuer and the days are the same in both
        assert piece not in texts
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert piece.encode(encoding) not in content
    assert b"AC-1001" not in content
    assert manifest_of(backup)["licence_number"] == "KL-2041"


def test_s2_the_offices_copy_keeps_working_under_the_offices_licence(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    before = query(ready.office, "SELECT * FROM own_licences"), ready.ok("administration", "show", 7)
    ready.backup()
    assert (query(ready.office, "SELECT * FROM own_licences"), ready.ok("administration", "show", 7)) == before
    assert ready.ok("administration", "enter", 7, "--as", PIET) == {"may": True, "reason": None, "warning": None}
    assert ready.ok("administration", "enter", 7, "--as", HENK)["may"] is True
    assert ready.ok("verify", ready.backup())["signer"] == "own"  # and it is handed over again
    post_books(ready.office)
    assert ready.ok("administration", "show", 7)["counts"]["entries"] == 2


def test_s3_an_administration_that_exists_already_is_refused_first_and_made_once_the_licence_is_in(empty_office: Workspace) -> None:
    empty_office.create(7, "Bestaat al", client=None)  # set up as a template first, with books in it
    empty_office.add_client()
    empty_office.create(12, "Bakkerij Jansen")
    post_books(empty_office.office, 12)
    empty_office.add_user(PIET, 12, "--office-user")
    empty_office.ok("backup", 12, "--purpose", "safekeeping", "--confirm")
    before = state(empty_office.office)
    assert empty_office.refused("backup", 12, "--confirm") == "no-licence"
    assert state(empty_office.office) == before
    empty_office.ok(
        "licence", "import", empty_office.issue("client.lic"), "--administration", 12, "--user", HENK, "--user-name", "Henk", "--confirm"
    )
    made = empty_office.ok("backup", 12, "--confirm")["backups"][0]
    assert made["purpose"] == "handover"
    assert extract_of(Path(made["path"]))["licence"] == token_of(empty_office.folder / "client.lic")
    empty_office.create_client_office()
    empty_office.ok("restore", made["path"], "--confirm", office=empty_office.client_office)
    shown = empty_office.ok("administration", "show", 12, office=empty_office.client_office)
    assert shown["counts"] == empty_office.ok("administration", "show", 12)["counts"]
    assert shown["counts"]["entries"] == 2
    assert [user["login"] for user in shown["users"]] == [HENK]


def test_s9_a_hand_over_is_made_under_the_offices_own_licence_only(ready: Workspace) -> None:
    made = ready.ok("backup", 7, "--confirm")["backups"][0]
    assert made["purpose"] == "handover"  # an accountant's default
    ready.create_client_office()
    ready.ok("restore", made["path"], "--confirm", office=ready.client_office)
    before = state(ready.client_office)
    assert ready.refused("backup", 7, "--purpose", "handover", "--confirm", office=ready.client_office) == "module-missing"
    answer = ready.ok("backup", "--all-ready", "--purpose", "handover", "--confirm", office=ready.client_office)
    assert (answer["planned"], answer["backups"]) == ([], [])
    assert state(ready.client_office) == before
    for which in (7, "--all-ready"):
        (kept,) = ready.ok("backup", which, "--confirm", office=ready.client_office)["backups"]
        assert kept["purpose"] == "safekeeping"  # a client's default
        assert kept["licence_number"] == "KL-2041"


def without_licence(desk: Workspace) -> None:
    second_client(desk, 8, licence=False)


def without_everything(desk: Workspace) -> None:
    desk.create(8)


def without_client(desk: Workspace) -> None:
    desk.create(8, "Sjabloon", client=None)


def without_active_user(desk: Workspace) -> None:
    desk.ok("user", "deactivate", "--administration", 7, HENK)


def without_users_own_place(desk: Workspace) -> None:
    change_register(desk.office, "UPDATE users SET office = 1")


def without_room(desk: Workspace) -> None:
    for n in range(3):
        change_register(desk.office, "INSERT INTO users VALUES (7, ?, ?, 'X', NULL, 1, 0)", f"u{n}", f"u{n}")


def without_books(desk: Workspace) -> None:
    desk.lose_books(7)


def without_presence(desk: Workspace) -> None:
    desk.ok("administration", "archive", 7)


def without_module(desk: Workspace) -> None:
    desk.ok("licence", "renew", desk.issue_own("poorer.lic", module="SE1063"), "--confirm")


def without_own_validity(desk: Workspace) -> None:
    desk.ok("licence", "renew", desk.issue_own("short.lic", valid_until="2026-11-30"), "--confirm")
    desk.today = "2026-12-01"


def without_own_beginning(desk: Workspace) -> None:
    desk.ok("licence", "renew", desk.issue_own("late.lic", valid_from="2026-12-01"), "--confirm", today="2026-12-01")


def without_own_trust(desk: Workspace) -> None:
    revoke(desk, "AC-1001")


def without_validity(desk: Workspace) -> None:
    desk.import_licence(desk.issue("short.lic", valid_until="2026-11-30"))
    desk.today = "2026-12-01"


def without_beginning(desk: Workspace) -> None:
    late = desk.issue("late.lic", valid_from="2026-12-01")
    desk.ok("licence", "import", late, "--administration", 7, "--user", HENK, "--confirm", today="2026-12-01")


def without_trust(desk: Workspace) -> None:
    revoke(desk, "KL-2041")


def without_issuer(desk: Workspace) -> None:
    """The client's licence is of an issuer whom the office trusted once."""
    before = trust_of(desk.office)
    desk.ok("issuer", "new", desk.folder / "other")
    desk.ok("trust", "add", desk.folder / "other" / "trust.jwks", "--confirm")
    desk.import_licence(desk.issue("other.lic", issuer=desk.folder / "other"))
    set_trust(desk.office, before)


def revoke(desk: Workspace, number: str) -> None:
    out = desk.folder / "revoked.txt"
    desk.ok("licence", "revoke", "--issuer", desk.folder / "issuer", "--number", number, "--out", out)
    desk.ok("licence", "revocations", out)


MISSING: list[tuple[Callable[[Workspace], None], int, list[str]]] = [
    (without_licence, 8, ["no-licence"]),
    (without_everything, 8, ["no-licence", "no-user"]),
    (without_client, 8, ["client-not-found", "no-licence", "no-user"]),
    (without_active_user, 7, ["user-inactive"]),
    (without_users_own_place, 7, ["user-is-office"]),
    (without_room, 7, ["too-many-users"]),
    (without_books, 7, ["books-missing"]),
    (without_presence, 7, ["administration-archived"]),
    (without_module, 7, ["module-missing"]),
    (without_own_validity, 7, ["own-licence-expired"]),
    (without_own_beginning, 7, ["own-licence-not-yet-valid"]),
    (without_own_trust, 7, ["own-licence-revoked"]),
    (without_validity, 7, ["licence-expired"]),
    (without_beginning, 7, ["licence-not-yet-valid"]),
    (without_trust, 7, ["licence-revoked"]),
    (without_issuer, 7, ["unknown-issuer"]),
]


@pytest.mark.parametrize(("take_away", "number", "codes"), MISSING, ids=[one.__name__ for one, _, _ in MISSING])
def test_s10_each_missing_piece_refuses_with_its_code_and_nothing_is_written(
    ready: Workspace, take_away: Callable[[Workspace], None], number: int, codes: list[str]
) -> None:
    take_away(ready)
    before = state(ready.office)
    for words in (("backup", number), ("backup", number, "--confirm"), ("backup", number, "--confirm", "--plain")):
        answer = ready.run(*words)
        assert (answer.code, answer.error) == (3, codes[0])
        assert [one["code"] for one in answer.json["refused"][0]["obstacles"]] == codes
        assert answer.json["error"]["obstacles"] == answer.json["refused"][0]["obstacles"]
        assert all(one["message"] and one["remedy"] and one["blocking"] for one in answer.json["error"]["obstacles"])
        assert (answer.json["planned"], answer.json["backups"]) == ([], [])
    assert state(ready.office) == before  # no file, no counter, no event
    assert list((ready.office / "backups").iterdir()) == []


def test_s10_every_code_of_a_hand_over_is_produced() -> None:
    produced = {code for _, _, codes in MISSING for code in codes} | {"office-licence-found", "changed-meanwhile"}  # tested below
    elsewhere = {"no-administration", "several-administrations"}  # the audit's and the inbox's
    assert set(hand_over.CODES) - elsewhere <= produced


def test_s10_a_licence_that_expires_soon_is_reported_and_passes(ready: Workspace) -> None:
    ready.import_licence(ready.issue("soon.lic", valid_until="2026-12-31"))
    answer = ready.run("backup", 7, "--confirm")
    assert (answer.code, len(answer.json["backups"]), answer.json["refused"]) == (0, 1, [])
    assert "licence-expires-soon" in ready.run("audit").obstacles


def test_s15_the_backup_is_made_whole_where_it_was_asked_for_and_noted(ready: Workspace) -> None:
    stick = ready.folder / "stick"
    stick.mkdir()
    planned = ready.ok("backup", 7, "--to", stick)
    assert (planned["planned"], planned["backups"], list(stick.iterdir())) == ([7], [], [])
    assert ready.ok("audit")["rows"][0]["last_handover"] is None
    made = ready.ok("backup", 7, "--to", stick, "--confirm")["backups"]
    path = stick / "20261124-1.0.0-007-Bakkerij Jansen.acb"
    assert [(one["administration"], one["path"], one["purpose"], one["encrypted"]) for one in made] == [(7, str(path), "handover", False)]
    assert (made[0]["bytes"], made[0]["sha256"]) == (path.stat().st_size, safe_files.sha256_of(path))
    assert made[0]["seconds"] >= 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in stick.iterdir()] == [path.name]
    assert ready.ok("audit")["rows"][0]["last_handover"] == TODAY
    event = ready.ok("journal")["events"][-1]
    assert (event["what"], event["administration"]) == ("backup-made", 7)
    assert event["details"]["sha256"] == made[0]["sha256"]
    assert event["details"]["today"] == TODAY  # the day was set, and that is said
    assert manifest_of(path)["today_was_set"] is True


# --- what may not be in it ---


def test_office_users_are_never_in_a_hand_over(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    ready.ok("user", "add", "--administration", 7, r"JANSEN\ingrid", "--name", "Ingrid", "--inactive", "--employee", 7)
    backup = ready.backup()
    content = image_of(backup) + json.dumps(manifest_of(backup), ensure_ascii=False).encode()
    assert b"piet" not in content
    users = json.loads(extract_of(backup)["users"])
    assert [(user["login"], user["active"], user["office"]) for user in users] == [(HENK, True, False), (r"JANSEN\ingrid", False, False)]
    kept = ready.backup(7, "--purpose", "safekeeping")
    assert PIET in [user["login"] for user in json.loads(extract_of(kept)["users"])]


@pytest.mark.parametrize(
    "words", [(7,), ("--all-ready",), (7, "--rehearse"), (7, "--purpose", "handover")], ids=["one", "all", "rehearsed", "by its purpose"]
)
def test_a_hand_over_does_not_name_who_made_it(ready: Workspace, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The office's people are no business of the client's; the office's own journal names who it was."""
    monkeypatch.setenv("ACCOUNTOOLS_USER", r"KANTOOR\marijke")
    backup = ready.backup(*words)
    content = image_of(backup) + json.dumps(manifest_of(backup), ensure_ascii=False).encode()
    assert b"marijke" not in content + backup.read_bytes()
    assert (extract_of(backup)["by"], manifest_of(backup)["contents"]["by"]) == ("", "")
    assert ready.ok("journal")["events"][-1]["by"] == r"KANTOOR\marijke"
    assert ready.run("verify", backup).code == 0
    ready.create_client_office()
    ready.ok("restore", backup, "--confirm", office=ready.client_office)


def test_a_hand_over_that_is_encrypted_does_not_name_who_made_it(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_USER", r"KANTOOR\marijke")
    ready.ok("key", "new", ready.folder / "key")
    recipient = (ready.folder / "key").read_text().split()[3]
    backup = ready.backup(7, "--recipient", recipient)
    with zipfile.ZipFile(backup) as container:
        opened = encryption.decrypt_bytes(
            container.read("administration.sqlite.zst.age"), encryption.parse_identities((ready.folder / "key").read_bytes()), None
        )
    image = zstandard.ZstdDecompressor().decompressobj().decompress(opened)
    assert b"marijke" not in image + json.dumps(manifest_of(backup)).encode()


def test_a_backup_to_keep_names_who_made_it(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCOUNTOOLS_USER", r"KANTOOR\marijke")
    assert extract_of(ready.backup(7, "--purpose", "safekeeping"))["by"] == r"KANTOOR\marijke"


@pytest.mark.files_only
def test_the_image_has_no_index_and_nothing_that_was_deleted(ready: Workspace) -> None:
    with contextlib.closing(sqlite3.connect(ready.office / "administrations" / "00007.db")) as books, books:
        books.execute("INSERT INTO relations (code, name, kind, city) VALUES ('X1', 'WEGGEHAALDE RELATIE', 'D', '')")
        books.commit()
        books.execute("DELETE FROM relations")
    image = image_of(ready.backup())
    assert b"WEGGEHAALDE" not in image
    found = sqlite_of(image).execute("SELECT type FROM sqlite_schema WHERE type <> 'table' AND name NOT LIKE 'sqlite_autoindex%'")
    assert found.fetchall() == []


def whole(token: str) -> str:
    return token


def spaced(token: str) -> str:
    return " ".join(token[at : at + 64] for at in range(0, len(token), 64))


def in_lines(token: str) -> str:
    return "\n> ".join(token[at : at + 64] for at in range(0, len(token), 64))


def half_a_payload(token: str) -> str:
    payload = token.split(".")[1]
    return f"zie {payload[: len(payload) // 2]} hier"


def other_half_a_signature(token: str) -> str:
    signature = token.split(".")[2]
    return signature[len(signature) // 2 :]


@pytest.mark.parametrize(
    ("shape", "words"),
    [(shape, ()) for shape in (whole, spaced, in_lines, half_a_payload, other_half_a_signature)]
    + [(whole, ("--purpose", "safekeeping")), (half_a_payload, ("--purpose", "safekeeping"))],
)
def test_nothing_is_written_when_the_offices_licence_stands_in_the_books(
    ready: Workspace, shape: Callable[[str], str], words: tuple[str, ...]
) -> None:
    ready.ok("licence", "renew", ready.issue_own("renewed.lic"), "--confirm")
    for number, licence in ((8, "own.lic"), (9, "renewed.lic")):  # the one it had before as well as the present one
        chart = ready.folder / "chart.csv"
        with chart.open("w", newline="") as file:
            csv.writer(file).writerows([("code", "name", "kind"), ("1000", shape(token_of(ready.folder / licence)), "B")])
        ready.create(number, "Vervuild", chart=chart)
        ready.ok("licence", "import", ready.folder / "client.lic", "--administration", number,
                 "--user", HENK, "--user-name", "Henk", "--confirm")  # fmt: skip
        names = state(ready.office)[0]
        events = ready.ok("journal")["events"]
        answer = ready.run("backup", number, "--confirm", *words)
        assert (answer.code, answer.error, answer.json["backups"]) == (3, "office-licence-found", [])
        assert state(ready.office)[0] == names
        assert ready.ok("journal")["events"] == events
        assert query(ready.office, "SELECT count(*) FROM backups") == [(0,)]
        assert "token" not in answer.out.lower()


def test_a_text_that_only_looks_like_a_licence_is_no_obstacle(ready: Workspace) -> None:
    other = token_of(ready.issue("accountant.lic", number="KL-9", licensee="accountant"))  # another client's, by a name that misleads
    header = token_of(ready.folder / "own.lic").split(".")[0]  # the same in every licence of this issuer
    chart = ready.folder / "chart.csv"
    chart.write_text(f"code,name\n1000,{header}\n1010,{other}\n")
    ready.create(8, "Schoon", chart=chart)
    ready.ok("licence", "import", ready.folder / "client.lic", "--administration", 8, "--user", HENK, "--user-name", "H", "--confirm")
    assert ready.ok("verify", ready.backup(8))["ok"]


def by_an_unknown_issuer(desk: Workspace) -> str:
    desk.ok("issuer", "new", desk.folder / "unknown")
    return token_of(desk.issue_own("unknown.lic", number="AC-9", issuer=desk.folder / "unknown"))


def of_another_number(desk: Workspace) -> str:
    return token_of(desk.issue_own("another.lic", number="AC-9", licensee="Kantoor Maanzicht"))


def with_its_claims_spaced(desk: Workspace) -> str:
    header, payload, signature = of_another_number(desk).split(".")
    claims = json.dumps(json.loads(base64.urlsafe_b64decode(payload + "==")), indent=2)
    return f"{header}.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.{signature}"


def without_its_signature(desk: Workspace) -> str:
    return of_another_number(desk).rpartition(".")[0]


@pytest.mark.parametrize("purpose", ["handover", "safekeeping"])
@pytest.mark.parametrize("shape", [whole, in_lines])
@pytest.mark.parametrize("token", [of_another_number, by_an_unknown_issuer, with_its_claims_spaced, without_its_signature])
def test_s10_any_licence_of_kind_accountant_in_the_books_is_found(
    ready: Workspace, token: Callable[[Workspace], str], shape: Callable[[str], str], purpose: str
) -> None:
    """Whoever issued it, of whatever number, and whether it verifies or only claims that kind."""
    post(Office.open(place_of(ready.office)), AdministrationNumber(7), (), [Relation("X", shape(token(ready)), "D")])
    assert ready.refused("backup", 7, "--purpose", purpose, "--confirm") == "office-licence-found"
    assert list((ready.office / "backups").iterdir()) == []


def test_s10_one_in_the_name_of_a_user_is_found_too(ready: Workspace) -> None:
    ready.ok("user", "add", "--administration", 7, "x", "--name", of_another_number(ready), "--inactive")
    assert ready.refused("backup", 7, "--confirm") == "office-licence-found"


def test_s10_verify_reports_one_in_a_backup_that_came_in(ready: Workspace) -> None:
    ready.ok("restore", ready.backup(), "--confirm", office=ready.create_client_office())
    post(Office.open(place_of(ready.client_office)), AdministrationNumber(7), (), [Relation("X", of_another_number(ready), "D")])
    answer = ready.run("verify", ready.backup(7, office=ready.client_office))
    assert (answer.code, [one["code"] for one in answer.json["findings"]]) == (1, ["office-licence-found"])


# --- to whom it is encrypted ---


def test_encryption_the_option_goes_before_the_licences_recipient_and_plain_before_all(ready: Workspace) -> None:
    theirs, other = new_key(ready), new_key(ready, "other.txt")
    ready.import_licence(ready.issue("with.lic", recipient=theirs))
    by_licence = ready.backup()
    assert manifest_of(by_licence)["recipients"] == [theirs]
    assert ready.ok("verify", by_licence, "--identity", ready.folder / "key.txt")["image_checked"]
    assert ready.refused("verify", by_licence, "--identity", ready.folder / "other.txt") == "wrong-key"
    by_option = ready.backup(7, "--recipient", f" {other} ")
    assert manifest_of(by_option)["recipients"] == [other]
    assert ready.ok("verify", by_option, "--identity", ready.folder / "other.txt")["image_checked"]
    plain = ready.backup(7, "--plain")
    assert manifest_of(plain)["recipients"] == []
    with zipfile.ZipFile(by_licence) as encrypted, zipfile.ZipFile(plain) as open_:
        assert encrypted.namelist() == ["administration.sqlite.zst.age", "manifest.jws"]
        assert encrypted.read("administration.sqlite.zst.age").startswith(b"age-encryption.org/v1\n-> X25519 ")
        assert open_.namelist() == ["administration.sqlite.zst", "manifest.jws"]
    assert ready.ok("verify", by_licence)["image_checked"] is False  # without a key what is stored is checked


def test_an_encrypted_backup_tells_nothing_of_what_is_in_it(ready: Workspace) -> None:
    backup = ready.backup(7, "--recipient", new_key(ready))
    assert manifest_of(backup)["contents"] is None
    content = backup.read_bytes() + json.dumps(manifest_of(backup)).encode()
    for secret in ("Bakkerij", "henk", "Henk", CLIENT_KVK, token_of(ready.folder / "client.lic")[60:120]):
        assert secret.encode() not in content


@pytest.mark.parametrize("pair", list(itertools.combinations(("--recipient", "--passphrase-file", "--plain"), 2)))
def test_encryption_options_exclude_each_other(ready: Workspace, pair: tuple[str, str]) -> None:
    values = {"--recipient": [new_key(ready)], "--passphrase-file": [passphrase_file(ready)], "--plain": []}
    before = state(ready.office)
    words = [word for option in pair for word in (option, *values[option])]
    assert ready.refused("backup", 7, *words, "--confirm", code=2) == "options-exclude"
    assert state(ready.office) == before


@pytest.mark.parametrize("recipient", ["", " ", "age1x", "AGE-SECRET-KEY-1QQ", "henk@jansen.example"])
def test_a_recipient_that_is_none_is_refused_rather_than_passed_over(ready: Workspace, recipient: str) -> None:
    before = state(ready.office)
    assert ready.refused("backup", 7, "--recipient", recipient, "--confirm") == "recipient-invalid"
    if recipient:
        assert ready.refused("backup", "--register", "--recipient", recipient, "--confirm") == "recipient-invalid"
    assert state(ready.office) == before


def test_an_empty_passphrase_is_refused(ready: Workspace) -> None:
    for content in (b"", b"\n", b"\r\nwords\n", b"\xff\xfe"):
        (ready.folder / "empty.txt").write_bytes(content)
        assert ready.refused("backup", 7, "--passphrase-file", ready.folder / "empty.txt", "--confirm") == "key-invalid"
    assert ready.refused("backup", 7, "--passphrase-file", ready.folder / "none.txt", "--confirm") == "file-not-found"


# --- what it is called ---


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("Bakkerij Jansen", "Bakkerij Jansen"),
        ('a<b>:c"/d\\e|f?g*h', "a_b__c__d_e_f_g_h"),
        ("../../../etc/passwd", ".._.._.._etc_passwd"),
        ("Jansen & Zn. B.V.", "Jansen & Zn. B.V"),
        ("Café «Ænima» — naïef", "Café «Ænima» — naïef"),
        ("CON", "CON"),
        ("-rf ~", "-rf ~"),
        ("漢字会社", "漢字会社"),
    ],
)
def test_a_backups_name_says_what_it_is_and_works_on_every_system(ready: Workspace, description: str, name: str) -> None:
    ready.ok("administration", "copy", 7, 8, "--description", description)
    path = ready.backup(8)
    assert path.parent == ready.office / "backups"
    assert path.name == f"20261124-1.0.0-008-{name}.acb"
    assert manifest_of(path)["contents"]["description"] == description  # unabridged within


@pytest.mark.parametrize("letter", ["W", "é", "漢", "😀"])
def test_a_backups_name_fits_however_long_the_description_is(ready: Workspace, letter: str) -> None:
    ready.ok("administration", "copy", 7, 8, "--description", letter * 60)
    names = [ready.backup(8).name for _ in range(3)]
    assert all(len(name.encode()) <= 255 - len(".part") for name in names)
    assert all(name.startswith("20261124-1.0.0-008-" + letter * 30) and "�" not in name for name in names)
    assert [name.removesuffix(".acb")[-2:] for name in names[1:]] == ["-2", "-3"]


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(ready: Workspace) -> None:
    first = ready.backup()
    bytes_before = first.read_bytes()
    assert [ready.backup().name for _ in range(2)] == [f"{first.stem}-2.acb", f"{first.stem}-3.acb"]
    (ready.office / "backups" / f"{first.stem}-4.acb").symlink_to("nowhere")  # taken too, though there is nothing behind it
    assert ready.backup().name == f"{first.stem}-5.acb"
    assert first.read_bytes() == bytes_before
    counters = [manifest_of(path)["counter"] for path in (first, *(first.with_name(f"{first.stem}-{n}.acb") for n in (2, 3, 5)))]
    assert counters == [1, 2, 3, 4]


def test_a_name_that_was_taken_at_the_last_moment_is_left_to_whoever_took_it(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = ready.office / "backups" / "taken.acb"
    taken.write_bytes(b"somebody else's")
    before = state(ready.office)[0]
    with monkeypatch.context() as late:
        late.setattr(safe_files, "free_name", lambda *_: taken)
        assert ready.refused("backup", 7, "--confirm") == "file-exists"
    assert taken.read_bytes() == b"somebody else's"
    assert state(ready.office)[0] == before
    assert query(ready.office, "SELECT count(*) FROM backups") == [(0,)]


@pytest.mark.parametrize("name", ["CON", "con", "nul.txt", "Com1", "LPT9.acb", "aux", "PRN "])
def test_names_that_windows_keeps_to_itself_are_changed(name: str) -> None:
    assert safe_files.file_name(name) == f"_{name.strip()}"


def test_names_that_only_begin_like_those_are_left() -> None:
    for name in ("CONTO", "console", "nulpunt", "COM10", "auxilium.txt"):
        assert safe_files.file_name(name) == name


# --- several at once ---


def test_s2_a_clients_licence_that_ends_as_the_offices_is_not_taken_for_it(ready: Workspace) -> None:
    modules = [f"SE{1000 + n}" for n in range(60)] + ["SE1065"]
    own = ready.issue_own("many.lic", module=modules)
    ready.ok("licence", "renew", own, "--confirm")
    payload = token_of(own).split(".")[1]
    for number in ("KL-20", "KL-200", "KL-2000"):  # one of these lengths puts both ends at the same place of three
        licence = ready.issue(f"{number}.lic", number=number, module=modules, users=10)
        if payload[len(payload) // 2 :] in token_of(licence):
            break
    else:
        pytest.fail("no two ends alike: this test tells nothing")
    ready.import_licence(licence)
    assert ready.ok("verify", ready.backup(7, "--plain"))["ok"]


def test_one_refused_does_not_keep_the_others_from_being_made(ready: Workspace) -> None:
    second_client(ready, 8, licence=False)
    second_client(ready, 9)
    planned = ready.run("backup", 7, "008", 9)
    assert (planned.code, planned.json["planned"], planned.json["backups"]) == (3, [7, 9], [])
    answer = ready.run("backup", 9, 8, 7, 9, "--confirm")
    assert (answer.code, answer.error) == (3, "no-licence")
    assert [one["administration"] for one in answer.json["backups"]] == [9, 7]
    assert [(one["administration"], [it["code"] for it in one["obstacles"]]) for one in answer.json["refused"]] == [(8, ["no-licence"])]
    for one in answer.json["backups"]:
        assert ready.ok("verify", one["path"])["ok"]
    assert extract_of(Path(answer.json["backups"][0]["path"]))["licence"] == token_of(ready.folder / "9.lic")


@pytest.mark.files_only
def test_one_that_is_found_out_only_while_it_is_made_does_not_keep_the_others_either(ready: Workspace) -> None:
    second_client(ready, 9)
    with contextlib.closing(sqlite3.connect(ready.office / "administrations" / "00007.db")) as books, books:
        books.execute("UPDATE accounts SET name = ?", (token_of(ready.folder / "own.lic"),))
    answer = ready.run("backup", 7, 9, "--confirm")
    assert (answer.code, answer.error) == (3, "office-licence-found")
    assert [one["administration"] for one in answer.json["backups"]] == [9]
    assert [one["administration"] for one in answer.json["refused"]] == [7]


def test_an_unknown_number_is_refused_and_does_not_keep_the_others(ready: Workspace) -> None:
    before = state(ready.office)
    for words in ((99,), (7, 99)):
        answer = ready.run("backup", *words)
        assert (answer.code, answer.error) == (3, "administration-not-found")
        assert [(one["administration"], one["obstacles"][0]["code"]) for one in answer.json["refused"]] == [
            (99, "administration-not-found")
        ]
    assert ready.refused("backup", 7, "0", "--confirm") == "number-invalid"
    assert state(ready.office) == before
    answer = ready.run("backup", 99, 7, "--confirm")
    assert (answer.code, [one["administration"] for one in answer.json["backups"]]) == (3, [7])


def test_all_ready_takes_the_ready_and_the_attentive_and_leaves_the_others(ready: Workspace) -> None:
    second_client(ready, 8, licence=False)  # missing
    second_client(ready, 9)
    ready.import_licence(ready.issue("soon.lic", number="KL-9", licensee="Slagerij 9", kvk="20000009", valid_until="2026-12-31"),
                         9, r"SLAGER\jan9")  # fmt: skip
    second_client(ready, 10)
    ready.ok("user", "deactivate", "--administration", 10, r"SLAGER\jan10")  # blocked
    second_client(ready, 11)
    ready.ok("administration", "archive", 11)
    ready.create(12, "Sjabloon", client=None)
    states = {row["number"]: row["state"] for row in ready.ok("audit")["rows"]}
    assert states == {7: "ready", 8: "missing", 9: "attention", 10: "blocked"}
    answer = ready.run("backup", "--all-ready", "--confirm")
    assert (answer.code, answer.json["planned"], answer.json["refused"]) == (0, [7, 9], [])
    assert [one["administration"] for one in answer.json["backups"]] == [7, 9]
    left = {8: "no-licence", 10: "user-inactive", 11: "administration-archived", 12: "client-not-found"}
    assert {one["number"]: one["code"] for one in answer.json["left_out"]} == left
    shown = ready.run("backup", "--all-ready", as_json=False).out
    assert "4 administrations are left out" in shown
    assert all(code in shown for code in left.values())


def test_all_ready_to_keep_takes_all_that_can_be_restored_whoever_may_have_them(ready: Workspace) -> None:
    second_client(ready, 8, licence=False)
    second_client(ready, 9)
    ready.ok("administration", "archive", 9)
    second_client(ready, 10)
    ready.lose_books(10)
    ready.create(12, "Sjabloon", client=None)
    made = ready.ok("backup", "--all-ready", "--purpose", "safekeeping", "--confirm")
    kept = [(one["administration"], one["purpose"], one["licence_number"]) for one in made["backups"]]
    assert kept == [(number, "safekeeping", "AC-1001") for number in (7, 8, 12)]
    assert made["left_out"] == [{"number": 9, "code": "administration-archived"}, {"number": 10, "code": "books-missing"}]


def test_all_ready_with_an_own_licence_that_expired_says_why_there_are_none(ready: Workspace) -> None:
    answer = ready.run("backup", "--all-ready", "--confirm", today="2031-01-01", as_json=False)
    assert answer.code == 0
    assert "No administration is ready." in answer.out
    assert "1 administration is left out" in answer.out
    assert "own-licence-expired" in answer.out


def test_all_ready_with_nobody_ready_is_done_at_once(empty_office: Workspace) -> None:
    answer = empty_office.run("backup", "--all-ready", "--confirm")
    assert (answer.code, answer.json["planned"], answer.json["backups"]) == (0, [], [])


@pytest.mark.parametrize(
    "words",
    [(), (7, "--all-ready"), (7, "--register"), ("--all-ready", "--register"), ("--register", "--plain"),
     ("--register", "--purpose", "handover"), (7, "--purpose", "anything")],
)  # fmt: skip
def test_what_is_to_be_backed_up_is_said_one_way(ready: Workspace, words: tuple[object, ...]) -> None:
    before = state(ready.office)
    assert ready.run("backup", *words, "--confirm").code == 2
    assert state(ready.office) == before


# --- plan, then apply ---


def test_a_plan_that_holds_is_carried_out_and_one_that_does_not_is_refused(ready: Workspace) -> None:
    plan = ready.ok("backup", 7)["plan"]
    assert ready.ok("backup", 7)["plan"] == plan
    assert ready.refused("backup", 7, "--plan", plan, code=2) == "plan-needed"
    for other in (("--plain",), ("--to", ready.folder), ("--purpose", "safekeeping"), ("--recipient", new_key(ready))):
        assert ready.refused("backup", 7, "--plan", plan, "--confirm", *other) == "changed-meanwhile"
    ready.add_user(r"JANSEN\ingrid")
    before = state(ready.office)
    assert ready.refused("backup", 7, "--plan", plan, "--confirm") == "changed-meanwhile"
    assert state(ready.office) == before
    again = ready.ok("backup", 7)["plan"]
    assert again != plan
    assert len(ready.ok("backup", 7, "--plan", again, "--confirm")["backups"]) == 1


def change_user(desk: Workspace) -> None:
    desk.ok("user", "deactivate", "--administration", 7, HENK)


def change_licence(desk: Workspace) -> None:
    desk.import_licence(desk.issue("newer.lic", number="KL-2042"))


def change_own(desk: Workspace) -> None:
    revoke(desk, "AC-1001")


@pytest.mark.parametrize("change", [change_user, change_licence, change_own])
def test_what_changed_between_plan_and_apply_is_not_handed_over(ready: Workspace, change: Callable[[Workspace], None]) -> None:
    office = open_office(ready)
    plan = office.plan_backup([7])
    change(ready)
    before = state(ready.office)
    outcome = office.apply(plan)
    assert codes_of(outcome) == {7: ["changed-meanwhile"]}
    assert state(ready.office) == before


@pytest.mark.parametrize("change", [change_user, change_licence])
def test_what_changes_while_it_is_written_is_not_handed_over(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch, change: Callable[[Workspace], None]
) -> None:
    office = open_office(ready)
    written = write.write_container

    def write_slowly(*arguments: Any) -> Any:
        result = written(*arguments)
        change(ready)
        return result

    monkeypatch.setattr(write, "write_container", write_slowly)
    names = state(ready.office)[0]
    outcome = office.apply(office.plan_backup([7]))
    assert codes_of(outcome) == {7: ["changed-meanwhile"]}
    assert state(ready.office)[0] == names
    assert query(ready.office, "SELECT count(*) FROM backups") == [(0,)]


def open_office(desk: Workspace) -> Office:
    from datetime import date

    from accountools.clock import system_clock

    return Office.open(place_of(desk.office), system_clock(date.fromisoformat(TODAY)))


def codes_of(outcome: Any) -> dict[int, list[str]]:
    assert outcome.made == ()
    assert outcome.stopped is None
    return {int(number): [one.code for one in found] for number, found in outcome.refused}


def test_the_python_interface_says_what_the_command_line_says(ready: Workspace) -> None:
    office = open_office(ready)
    plan = office.plan_backup([7], BackupTarget(plain=True))
    assert plan.digest == ready.ok("backup", 7, "--plain")["plan"]
    assert [int(item.number) for item in plan.to_make] == [7]
    made = office.apply(plan).made
    assert ready.ok("verify", made[0].path)["ok"]
