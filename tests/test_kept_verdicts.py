"""Issue's point: a licence's signature is verified once for its content. What is kept can save work, and can't change an answer."""

import errno
import hashlib
import hmac
import json
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from accountools import safe_files
from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.formats import licence_cache
from accountools.formats.licence_file import read_token
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer, write_trust
from accountools.office import Office
from accountools.reports import verdict_cache
from accountools.reports.verdict_cache import FILE
from accountools.version import VERSION
from tests.workspace import Workspace

CLIENTS = 30


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office of some clients whose audit was made once."""
    folder = tmp_path_factory.mktemp("audited") / "office"
    create_demo(folder, system_clock(), clients=CLIENTS, lines=12)
    Office.open(folder).audit()
    return folder


@pytest.fixture
def office(master: Path, tmp_path: Path) -> Office:
    return Office.open(shutil.copytree(master, tmp_path / "office"))


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature the audit verifies."""
    found: list[str] = []

    def counting(token: str, trust: Any) -> Any:
        found.append(token)
        return read_token(token, trust)

    monkeypatch.setattr(licence_cache, "read_token", counting)
    return found


def rows(office: Office) -> list[tuple[Any, ...]]:
    found = Office.open(office.folder).audit()
    return [(*row.cells(), tuple(one.sentence() for one in row.obstacles)) for row in found.rows]


def rows_anew(office: Office) -> list[tuple[Any, ...]]:
    """What the audit tells when nothing is kept."""
    (office.folder / FILE).unlink(missing_ok=True)
    return rows(office)


def codes(office: Office) -> list[str]:
    return [one.code for row in Office.open(office.folder).audit().rows for one in row.obstacles]


def in_register(office: Office, statement: str, *values: object) -> int:
    with closing(sqlite3.connect(office.folder / "register.db")) as connection, connection:
        return connection.execute(statement, values).rowcount


def tokens(office: Office) -> list[str]:
    with closing(sqlite3.connect(office.folder / "register.db")) as connection:
        chosen = connection.execute("SELECT token FROM licences JOIN imports ON licence = sha256 ORDER BY sha256")
        return [token for (token,) in chosen]


def test_an_unchanged_office_is_audited_without_verifying_a_clients_signature(office: Office, verified: list[str]) -> None:
    before = rows(office)
    assert verified == []
    assert rows_anew(office) == before
    assert sorted(verified) == sorted(tokens(office)) != []
    verified.clear()
    assert rows(office) == before
    Office.open(office.folder).audit().history()
    assert set(verified) & set(tokens(office)) == set()


def test_the_register_is_asked_as_often_for_thirty_clients_as_for_three(office: Office, tmp_path: Path) -> None:
    create_demo(tmp_path / "few", system_clock(), clients=3, lines=0)
    assert asked(office.folder) == asked(tmp_path / "few") <= 20


def asked(folder: Path) -> int:
    """How many queries of the register an audit makes."""
    office, statements = Office.open(folder), []
    with office.session() as session:
        engine = session.connection.engine
    listening = sa.event.listens_for(engine, "before_cursor_execute")
    listening(lambda _connection, _cursor, statement, *_: statements.append(statement))
    office.audit()
    return sum(statement.startswith("SELECT") for statement in statements)


def test_only_what_is_new_is_verified(ready: Workspace, verified: list[str]) -> None:
    ready.ok("audit")
    verified.clear()
    renewed = ready.issue("renewed.lic", number="KL-3000", valid_until="2028-12-31", valid_from="2026-06-01")
    ready.ok("licence", "import", renewed, "--administration", 7, "--user", r"JANSEN\henk", "--confirm")
    assert ready.ok("audit")["rows"][0]["licence_number"] == "KL-3000"
    assert len(verified) == 1
    ready.ok("audit")
    assert len(verified) == 1


@pytest.mark.parametrize("part", [1, 2])
def test_a_row_changed_behind_the_programs_back_is_verified_again(office: Office, part: int) -> None:
    token = tokens(office)[0]
    parts = token.split(".")
    parts[part] = parts[part][:10] + ("A" if parts[part][10] != "A" else "B") + parts[part][11:]
    assert in_register(office, "UPDATE licences SET token = ? WHERE token = ?", ".".join(parts), token) == 1
    assert codes(office).count("bad-signature") == 1
    assert rows(office) == rows_anew(office)


def test_licences_that_changed_places_are_reported_as_they_are_now(office: Office) -> None:
    one, other = tokens(office)[:2]
    before = rows(office)
    in_register(office, "UPDATE licences SET token = 'aside' WHERE token = ?", one)
    in_register(office, "UPDATE licences SET token = ? WHERE token = ?", one, other)
    in_register(office, "UPDATE licences SET token = ? WHERE token = 'aside'", other)
    assert before != rows(office) == rows_anew(office)


def test_when_the_issuers_key_goes_its_licences_count_no_more(office: Office) -> None:
    before = sum(one.licence_number is not None for one in office.audit().rows)
    desk = Workspace(office.folder.parent)
    desk.ok("issuer", "new", desk.folder / "issuer", "--name", "Other", office=office.folder)
    (office.folder / "trust.jwks").write_bytes(desk.trust.read_bytes())
    assert [row.licence_number for row in Office.open(office.folder).audit().rows if row.licence_number] == []
    assert codes(office).count("unknown-issuer") >= before > 0
    assert rows(office) == rows_anew(office)


def test_s7_what_was_revoked_or_ran_out_since_is_reported(ready: Workspace) -> None:
    assert ready.ok("audit")["rows"][0]["licence_status"] == "valid"
    assert ready.ok("audit", today="2028-01-01")["rows"][0]["licence_status"] == "expired"
    revoked = ready.folder / "revoked.txt"
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", revoked)
    ready.ok("licence", "revocations", revoked)
    assert ready.ok("audit")["rows"][0]["licence_status"] == "revoked"


def forged(data: bytes, key: bytes) -> bytes:
    """The file with each licence valid for ever, and a MAC by `key`."""
    version, known = json.loads(data[64:])
    body = json.dumps([version, {digest: [*facts[:7], "2099-12-31", *facts[8:]] for digest, facts in known.items()}]).encode()
    return hmac.new(key, body, hashlib.sha256).hexdigest().encode() + body


def test_a_file_that_was_changed_tells_nothing(office: Office, verified: list[str], thorough: bool) -> None:
    path = office.folder / FILE
    good, before = path.read_bytes(), rows(office)
    step = 97 if thorough else 1999
    for at in range(0, len(good), step):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        verified.clear()
        assert rows(office) == before
        assert len(verified) == len(tokens(office))
    for data in (b"", good[:-1], good[64:], good + b" ", b"{}" * 50, forged(good, b""), forged(good, bytes(32))):
        path.write_bytes(data)
        assert rows(office) == before


def test_another_offices_file_tells_nothing(office: Office, tmp_path: Path, verified: list[str]) -> None:
    other = tmp_path / "other"
    create_demo(other, system_clock(), clients=CLIENTS, lines=12)
    Office.open(other).audit()
    before = rows(office)
    verified.clear()
    shutil.copy(other / FILE, office.folder / FILE)
    assert rows(office) == before
    assert len(verified) == len(tokens(office))


def test_of_another_version_of_the_program_nothing_is_taken(office: Office, monkeypatch: pytest.MonkeyPatch, verified: list[str]) -> None:
    monkeypatch.setattr(verdict_cache, "VERSION", "0.9")
    rows(office)
    assert len(verified) == len(tokens(office))


def test_s10_what_acts_verifies_anew(office: Office, verified: list[str]) -> None:
    """A forged verdict, by whoever has the office's own key, colours the table at most: no backup is made on it."""
    number = next(int(row.number) for row in office.audit().rows if row.state == "ready" and row.number is not None)
    in_register(
        office,
        "UPDATE licences SET token = token || 'x' WHERE sha256 = (SELECT licence FROM imports WHERE administration = ?)",
        number,
    )
    path = office.folder / FILE
    known = licence_cache.LicenceCache(VERSION, path.read_bytes(), office.backup_key.derived(licence_cache.PURPOSE))
    bad = next(token for token in tokens(office) if token.endswith("x"))
    known._known[hashlib.sha256(bad.encode()).hexdigest()] = known._known[hashlib.sha256(bad[:-1].encode()).hexdigest()]
    path.write_bytes(known.content())
    assert next(row for row in Office.open(office.folder).audit().rows if row.number == number).state == "ready"
    (item,) = office.plan_backup([number]).items
    assert "bad-signature" in [one.code for one in item.obstacles] or "not-a-licence" in [one.code for one in item.obstacles]


def test_where_it_cant_be_kept_the_audit_is_made_all_the_same(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "no room", str(path))

    before = rows(office)
    (office.folder / FILE).unlink()
    monkeypatch.setattr(safe_files, "write_over", full)
    assert rows(office) == before
    assert not (office.folder / FILE).exists()


def test_without_the_offices_key_nothing_is_kept(office: Office) -> None:
    before = rows(office)
    (office.folder / "backup-key.pem").unlink()
    (office.folder / FILE).unlink()
    assert rows(office) == before
    assert not (office.folder / FILE).exists()


def test_it_is_the_users_own_and_no_trace_of_damage_to_repair(office: Office) -> None:
    assert (office.folder / FILE).stat().st_mode & 0o777 == 0o600
    found = Workspace(office.folder.parent, today=None).ok("repair", office=office.folder)
    assert "verdicts" not in json.dumps(found)


def _token_altered(office: Office, place: int) -> None:
    known = tokens(office)
    token = known[place % len(known)]
    at = place % len(token)
    in_register(
        office, "UPDATE licences SET token = ? WHERE token = ?", token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :], token
    )


def _tokens_swapped(office: Office, place: int) -> None:
    known = tokens(office)
    one, other = known[place % len(known)], known[(place // len(known)) % len(known)]
    if one != other:
        for new, old in (("aside", one), (one, other), (other, "aside")):
            in_register(office, "UPDATE licences SET token = ? WHERE token = ?", new, old)


def _import_moved(office: Office, place: int) -> None:
    licence = hashlib.sha256(tokens(office)[place % len(tokens(office))].encode()).hexdigest()
    chosen = "SELECT administration FROM imports ORDER BY administration LIMIT 1 OFFSET ?"
    in_register(office, f"UPDATE OR IGNORE imports SET licence = ? WHERE administration = ({chosen})", licence, place % 7)


def _issuer_changed(office: Office, place: int) -> None:
    if place % 2:
        (office.folder / "trust.jwks").write_bytes(write_trust((Issuer("Other", SigningKey.new().public),)))
    else:
        shutil.copy(office.folder / "issuer" / "trust.jwks", office.folder / "trust.jwks")


def _file_altered(office: Office, place: int) -> None:
    path = office.folder / FILE
    if data := path.read_bytes() if path.exists() else b"":
        at = place % len(data)
        path.write_bytes(data[:at] + bytes([data[at] ^ (1 + place % 255)]) + data[at + 1 :])


def _file_lost(office: Office, place: int) -> None:
    (office.folder / FILE).unlink(missing_ok=True)


HAPPENINGS = (_token_altered, _tokens_swapped, _import_moved, _issuer_changed, _file_altered, _file_lost)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 10_000)), min_size=1, max_size=5))
def test_whatever_happened_the_rows_are_those_of_an_audit_that_keeps_nothing(master: Path, happened: list[tuple[Any, int]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        office = Office.open(shutil.copytree(master, Path(place) / "office"))
        for happening, number in happened:
            happening(office, number)
            audited = rows(office)
            kept = (office.folder / FILE).read_bytes() if (office.folder / FILE).exists() else None
            assert audited == rows_anew(office)
            if kept is not None:
                (office.folder / FILE).write_bytes(kept)
