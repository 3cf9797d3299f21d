"""Whose licences count, and which of them were revoked: trust add and list, the samples' test issuer, revocation lists."""

import base64
import concurrent.futures
import hashlib
import json
import multiprocessing
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.api_jws import PyJWS

from accountools.formats import armor, revocation_file
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer, parse_trust, read_trust, write_trust
from accountools.operations.session import TEST_ISSUER
from tests.crash_checks import points_of, run_forked
from tests.engines import set_trust, trust_of
from tests.workspace import HENK, OFFICE_KVK, Workspace

pytestmark = pytest.mark.both_engines


SAMPLES_KEY = SigningKey.from_seed(b"accountools test issuer, 32 byte")
OTHER = SigningKey.from_seed(b"another issuer, thirty-two bytes")
WHEN = datetime(2026, 11, 1, tzinfo=UTC)


def trust_file(folder: Path, name: str, *keys: SigningKey) -> Path:
    path = folder / name
    path.write_bytes(write_trust(tuple(Issuer(f"Issuer {n}", key.public) for n, key in enumerate(keys))))
    return path


def issuer_of(desk: Workspace) -> SigningKey:
    return SigningKey.from_pem((desk.folder / "issuer" / "issuer.pem").read_bytes())


def issued_by(desk: Workspace, key: SigningKey, name: str = "other", **changes: object) -> Path:
    """A client's licence file by another issuer, whose folder is made on the way."""
    folder = desk.folder / f"issuer-{name}"
    if not folder.exists():
        folder.mkdir()
        (folder / "issuer.pem").write_bytes(key.pem())
        trust_file(folder, "trust.jwks", key)
    return desk.issue(f"{name}-{len(list(desk.folder.iterdir()))}.lic", issuer=folder, **changes)


def revoking(desk: Workspace, key: SigningKey, seq: int, *numbers: str) -> Path:
    path = desk.folder / f"revocations-{seq}-{len(list(desk.folder.iterdir()))}.txt"
    path.write_bytes(revocation_file.issue(frozenset(numbers), seq, "Uitgever", WHEN, key))
    return path


def trusted(desk: Workspace) -> list[str]:
    return [one["thumbprint"] for one in desk.ok("trust", "list")["issuers"]]


def verdict(desk: Workspace, path: Path) -> str:
    return str(desk.run("licence", "show", path).json["verdict"])


# --- trust ---


@pytest.mark.files_only
def test_an_issuer_counts_after_the_confirmation_and_not_before(empty_office: Workspace) -> None:
    licence = issued_by(empty_office, OTHER)
    jwks = trust_file(empty_office.folder, "other.jwks", OTHER)
    before = (empty_office.office / "trust.jwks").read_bytes()
    planned = empty_office.ok("trust", "add", jwks)
    assert planned["trusted"] is False
    assert planned["issuers"] == [{"issuer": "Issuer 0", "thumbprint": OTHER.public.thumbprint}]
    assert (empty_office.office / "trust.jwks").read_bytes() == before
    assert verdict(empty_office, licence) == "unknown-issuer"
    assert empty_office.refused("trust", "add", jwks, "--confirm", "--plan", "0" * 32) == "changed-meanwhile"
    assert verdict(empty_office, licence) == "unknown-issuer"
    assert empty_office.ok("trust", "add", jwks, "--confirm", "--plan", planned["plan"])["trusted"] is True
    assert verdict(empty_office, licence) == "valid"
    assert trusted(empty_office) == [issuer_of(empty_office).public.thumbprint, OTHER.public.thumbprint]
    assert (empty_office.office / "trust.jwks").stat().st_mode & 0o777 == 0o600
    event = empty_office.ok("journal")["events"][-1]
    assert (event["what"], event["details"]["keys"]) == ("issuers-trusted", [OTHER.public.thumbprint])
    assert empty_office.refused("trust", "add", jwks, "--confirm", "--plan", planned["plan"]) == "changed-meanwhile"
    again = empty_office.ok("trust", "add", jwks, "--confirm")
    assert again["issuers"] == []
    assert len(trusted(empty_office)) == 2


def test_a_plan_with_another_file_behind_it_does_not_hold(empty_office: Workspace) -> None:
    jwks = trust_file(empty_office.folder, "other.jwks", OTHER)
    plan = empty_office.ok("trust", "add", jwks)["plan"]
    trust_file(empty_office.folder, "other.jwks", SigningKey.new())
    assert empty_office.refused("trust", "add", jwks, "--confirm", "--plan", plan) == "changed-meanwhile"
    assert len(trusted(empty_office)) == 1
    assert empty_office.refused("trust", "add", jwks, "--plan", plan, code=2) == "plan-needed"


def rsa_jwk() -> dict[str, Any]:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from jwt.algorithms import RSAAlgorithm

    jwk: dict[str, Any] = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key(), as_dict=True)
    return jwk


P = 2**255 - 19
ORDER_8 = (  # the y of the points of order 8 (RFC 8032, section 5.1)
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
)


def small_order_jwks() -> list[dict[str, str]]:
    """Keys by which a signature of zero bytes holds, of either sign, also written as a larger number that is the same."""
    heights = (0, 1, P - 1, P, P + 1, *ORDER_8)
    points = [(height | sign << 255).to_bytes(32, "little") for height in heights for sign in (0, 1)]
    return [{"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(point).rstrip(b"=").decode()} for point in points]


def test_by_a_key_of_small_order_anybody_could_sign(empty_office: Workspace) -> None:
    """The neutral element: every signature over every message whose R is that element and whose S is zero holds."""
    neutral = (1).to_bytes(32, "little")
    public = Ed25519PublicKey.from_public_bytes(neutral)
    public.verify(neutral + bytes(32), b"whatever it says")
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(neutral).rstrip(b"=").decode()}
    kid = base64.urlsafe_b64encode(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())
    payload = (empty_office.folder / "own.lic").read_text().replace("\n", "").split(".")[1]
    head = json.dumps({"alg": "EdDSA", "typ": "accountools-licence+jwt", "kid": kid.rstrip(b"=").decode()})
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (head.encode(), neutral + bytes(32))]
    forged, trust = empty_office.folder / "forged.lic", empty_office.folder / "small.jwks"
    forged.write_bytes(armor.armor(f"{parts[0]}.{payload}.{parts[1]}", armor.LICENCE))
    trust.write_text(json.dumps({"keys": [jwk]}))
    assert empty_office.refused("licence", "show", forged, "--trust", trust) == "trust-invalid"
    assert empty_office.refused("trust", "add", trust, "--confirm") == "trust-invalid"


def bad_trust() -> dict[str, bytes]:
    good = OTHER.public.jwk()
    private = good | {"d": base64.urlsafe_b64encode(b"another issuer, thirty-two bytes").rstrip(b"=").decode()}
    documents: dict[str, object] = {
        "a private key": {"keys": [private]},
        "a private key among good ones": {"keys": [good, private]},
        "an RSA key": {"keys": [rsa_jwk()]},
        "an RSA key among good ones": {"keys": [good, rsa_jwk()]},
        "another's kid": {"keys": [good | {"kid": SAMPLES_KEY.public.thumbprint}]},
        "a short key": {"keys": [good | {"x": good["x"][:-2]}]},
        "no keys": {"keys": []},
        "keys no list": {"keys": {"a": good}},
        "keys a number": {"keys": 1},
        "keys texts": {"keys": ["x"]},
        **{f"a key of small order {n}": {"keys": [jwk]} for n, jwk in enumerate(small_order_jwks())},
        "a key of small order among good ones": {"keys": [good, small_order_jwks()[0]]},
        "a bare key": good,
        "a list": [good],
        "null": None,
    }
    texts = {"nothing": b"", "garbage": b"\xff\xfe\x00garbage", "half": b'{"keys": [', "deep": b"[" * 100_000, "a PEM": OTHER.pem()}
    keys = json.dumps({"keys": [good]}).encode()
    texts |= {"a name twice": keys[:-1] + b', "keys": []}', "a kid twice": keys.replace(b'"kid"', b'"kid": "x", "kid"', 1)}
    texts |= {
        "UTF-16": keys.decode().encode("utf-16"),
        "UTF-16 without a BOM": keys.decode().encode("utf-16-le"),
        "NaN": b'{"keys": [NaN]}',
    }
    return {name: json.dumps(document).encode() for name, document in documents.items()} | texts


def test_what_is_no_list_of_public_ed25519_keys_is_trust_invalid(empty_office: Workspace) -> None:
    path = empty_office.folder / "bad.jwks"
    for name, data in bad_trust().items():
        path.write_bytes(data)
        assert empty_office.refused("trust", "add", path, "--confirm") == "trust-invalid", name
    assert empty_office.refused("licence", "show", empty_office.folder / "own.lic", "--trust", path) == "trust-invalid"
    made = empty_office.refused("init", "--licence", empty_office.folder / "own.lic", "--trust", path, office=empty_office.folder / "new")
    assert made == "trust-invalid"
    assert not (empty_office.folder / "new").exists()
    assert len(trusted(empty_office)) == 1
    path.write_bytes(b" " * ((1 << 20) + 1))
    assert empty_office.refused("trust", "add", path) == "file-too-large"
    assert empty_office.refused("trust", "add", empty_office.folder / "none.jwks") == "file-not-found"


def test_trust_files_come_with_a_bom_and_names_that_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "trust.jwks"
    jwk = OTHER.public.bare_jwk
    names: list[object] = ["Uitgever\u202e\n «Één»", "", 5, None, "\u200b", "x" * 10_000]
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"keys": [jwk | {"issuer": name} for name in names]}).encode())
    thumbprint = OTHER.public.thumbprint
    assert [issuer.name for issuer in read_trust(path)] == ["Uitgever «Één»", thumbprint, thumbprint, thumbprint, thumbprint, "x" * 200]


def test_an_issuers_folder_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    made = desk.ok("issuer", "new", tmp_path / "issuer", "--name", "Uitgever")
    assert (tmp_path / "issuer" / "issuer.pem").stat().st_mode & 0o777 == 0o600
    assert read_trust(desk.trust)[0].key.thumbprint == made["thumbprint"] == issuer_of(desk).public.thumbprint
    before = (tmp_path / "issuer" / "issuer.pem").read_bytes()
    assert desk.refused("issuer", "new", tmp_path / "issuer") == "file-exists"
    assert (tmp_path / "issuer" / "issuer.pem").read_bytes() == before
    desk.issue("a.lic")
    taken = (tmp_path / "a.lic").read_bytes()
    answer = desk.run("licence", "revoke", "--issuer", tmp_path / "issuer", "--number", "KL-1", "--out", tmp_path / "a.lic")
    assert answer.error == "file-exists"
    assert (tmp_path / "a.lic").read_bytes() == taken
    (tmp_path / "issuer" / "issuer.pem").write_bytes(b"garbage")
    answer = desk.run("licence", "revoke", "--issuer", tmp_path / "issuer", "--number", "KL-1", "--out", tmp_path / "r.txt")
    assert answer.error == "key-invalid"
    assert not (tmp_path / "r.txt").exists()


# --- the samples' test issuer ---


def test_the_samples_key_is_the_known_one() -> None:
    assert SAMPLES_KEY.public.thumbprint == TEST_ISSUER


@pytest.mark.files_only
def test_the_test_issuer_is_unknown_in_an_office_that_is_no_demo(empty_office: Workspace) -> None:
    alone = trust_file(empty_office.folder, "samples.jwks", SAMPLES_KEY)
    mixed = trust_file(empty_office.folder, "mixed.jwks", OTHER, SAMPLES_KEY, issuer_of(empty_office))
    new = empty_office.folder / "new"
    for kind in ("accountant", "client"):
        own = issued_by(empty_office, SAMPLES_KEY, "samples", kind=kind, number="AC-1", kvk=OFFICE_KVK, module="SE1065")
        for jwks in (alone, mixed):
            assert empty_office.refused("init", "--licence", own, "--trust", jwks, office=new) == "unknown-issuer"
            assert not (new / "register.db").exists()
    good = empty_office.folder / "own.lic"
    assert empty_office.refused("init", "--licence", good, "--trust", mixed, office=new) == "unknown-issuer"
    assert not (new / "register.db").exists()
    for jwks in (alone, mixed):
        for flags in ((), ("--confirm",)):
            answer = empty_office.run("trust", "add", jwks, *flags)
            assert (answer.code, answer.error, answer.json["trusted"]) == (3, "unknown-issuer", False)
    assert trusted(empty_office) == [issuer_of(empty_office).public.thumbprint]


def test_s13_a_licence_by_the_test_issuer_is_not_imported_even_when_its_key_was_smuggled_in(ready: Workspace) -> None:
    licence = issued_by(ready, SAMPLES_KEY, "samples")
    known = parse_trust(trust_of(ready.office), "trust.jwks")
    set_trust(ready.office, write_trust((*known, Issuer("x", SAMPLES_KEY.public))))
    answer = ready.run("licence", "import", licence, "--administration", 7, "--user", HENK, "--confirm")
    assert (answer.code, answer.error, answer.json["imported"]) == (3, "unknown-issuer", False)
    assert answer.json["licence"] is None
    assert answer.json["unverified"]["sub"] == "KL-2041"
    assert verdict(ready, licence) == "unknown-issuer"
    assert trusted(ready) == [issuer_of(ready).public.thumbprint]
    listed = revoking(ready, SAMPLES_KEY, 1, "KL-2041")
    assert ready.refused("licence", "revocations", listed) == "unknown-issuer"


def test_the_test_issuer_counts_in_a_demo_office(empty_office: Workspace) -> None:
    own = issued_by(empty_office, SAMPLES_KEY, "samples", kind="demo", number="DEMO-1", kvk=OFFICE_KVK, module="SE1065")
    demo = Workspace(empty_office.folder / "demo")
    demo.folder.mkdir()
    demo.ok("init", "--licence", own, "--trust", trust_file(empty_office.folder, "samples.jwks", SAMPLES_KEY))
    assert trusted(demo) == [TEST_ISSUER]
    demo.add_client()
    demo.create()
    demo.add_user()
    assert demo.import_licence(issued_by(empty_office, SAMPLES_KEY, "samples"))["imported"] is True
    real = issued_by(empty_office, OTHER, kind="demo", number="DEMO-2", kvk=OFFICE_KVK, module="SE1065")
    other = Workspace(empty_office.folder / "other")
    other.folder.mkdir()
    other.ok("init", "--licence", real, "--trust", trust_file(empty_office.folder, "other.jwks", OTHER))
    samples = trust_file(empty_office.folder, "samples.jwks", SAMPLES_KEY)
    assert other.ok("trust", "add", samples, "--confirm")["trusted"] is True
    assert trusted(other) == [OTHER.public.thumbprint, TEST_ISSUER]


# --- revocations ---


def test_a_list_revokes_what_it_names_and_the_import_and_audit_tell(ready: Workspace) -> None:
    licence = ready.folder / "client.lic"
    assert verdict(ready, licence) == "valid"
    out = ready.folder / "r1.txt"
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--number", "KL-9", "--out", out)
    assert verdict(ready, licence) == "valid"  # written, not read in
    read = ready.ok("licence", "revocations", out)
    assert (read["seq"], read["revoked"], read["passed_over"]) == (1, ["KL-2041", "KL-9"], [])
    assert verdict(ready, licence) == "licence-revoked"
    assert ready.refused("licence", "import", licence, "--administration", 7, "--user", HENK) == "licence-revoked"
    row = ready.ok("audit")["rows"][0]
    assert (row["licence_status"], row["state"]) == ("revoked", "blocked")
    assert ready.refused("backup", 7, "--confirm") == "licence-revoked"
    assert ready.ok("administration", "enter", 7, "--as", HENK) == {"may": True, "reason": None, "warning": "licence-revoked"}
    plain = ready.ok("licence", "show", licence, "--trust", ready.trust)
    assert plain["verdict"] == "valid"  # without an office nothing is known of revocations


def test_every_number_stays_revoked_in_the_lists_that_follow(ready: Workspace) -> None:
    for seq, numbers in enumerate((["A", "B"], ["C"], ["A"]), 1):
        words = [word for number in numbers for word in ("--number", number)]
        made = ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", *words, "--out", ready.folder / f"r{seq}.txt")
        assert made["seq"] == seq
    assert made["revoked"] == ["A", "B", "C"]
    ready.ok("licence", "revocations", ready.folder / "r1.txt")
    assert ready.ok("licence", "revocations", ready.folder / "r3.txt")["revoked"] == ["A", "B", "C"]
    assert ready.refused("licence", "revocations", ready.folder / "r2.txt") == "revocations-older"


@pytest.mark.files_only
def test_revoking_that_is_interrupted_never_gives_two_lists_one_number(tmp_path: Path) -> None:
    """Wherever it is killed it can be run once more: what the new list holds was not given out under its number before."""
    desk = Workspace(tmp_path / "desk")
    desk.ok("issuer", "new", tmp_path / "master")
    desk.ok("licence", "revoke", "--issuer", tmp_path / "master", "--number", "KL-1", "--out", tmp_path / "first.txt")
    issuer, trust = desk.folder / "issuer", {one.key.thumbprint: one.key for one in read_trust(tmp_path / "master" / "trust.jwks")}

    def words(number: str, out: Path) -> list[str]:
        return desk.arguments("licence", "revoke", "--issuer", issuer, "--number", number, "--out", out)

    def reset() -> None:
        shutil.rmtree(desk.folder, ignore_errors=True)
        shutil.copytree(tmp_path / "master", issuer)

    reset()
    points = points_of(words("KL-2", desk.folder / "cut.txt"))
    assert len({point for point in points if "link" in point or "replace" in point}) == 4
    for point in points:
        reset()
        cut, again = desk.folder / "cut.txt", desk.folder / "again.txt"
        assert run_forked(words("KL-2", cut), f"kill:{point}").code == -9
        assert run_forked(words("KL-3", again)).code == 0, point
        lists = [revocation_file.read_path(one, trust) for one in (tmp_path / "first.txt", cut, again) if one.exists()]
        assert len({one.seq for one in lists}) == len(lists), point
        assert lists[-1].seq == max(one.seq for one in lists), point
        assert lists[-1].numbers >= frozenset().union(*(one.numbers for one in lists)), point
        assert run_forked(words("KL-2", cut)).code == (3 if len(lists) == 3 else 0), point  # an existing file is not overwritten


@pytest.mark.files_only
def test_lists_that_are_made_at_once_have_numbers_of_their_own_and_the_last_revokes_all(ready: Workspace) -> None:
    issuer, outs = ready.folder / "issuer", [ready.folder / f"r{n}.txt" for n in range(8)]
    with concurrent.futures.ProcessPoolExecutor(len(outs), multiprocessing.get_context("fork")) as processes:
        words = [
            ready.arguments("licence", "revoke", "--issuer", issuer, "--number", f"KL-{n}", "--out", out) for n, out in enumerate(outs)
        ]
        assert [one.code for one in processes.map(run_forked, words)] == [0] * len(outs)
    trust = {one.key.thumbprint: one.key for one in read_trust(issuer / "trust.jwks")}
    lists = sorted((revocation_file.read_path(out, trust) for out in outs), key=lambda one: one.seq)
    assert [one.seq for one in lists] == list(range(1, len(outs) + 1))
    assert lists[-1].numbers == {f"KL-{n}" for n in range(len(outs))}


def test_revoking_that_is_refused_changes_nothing(ready: Workspace) -> None:
    issuer, out = ready.folder / "issuer", ready.folder / "r.txt"
    words = ("licence", "revoke", "--issuer", issuer, "--number")
    for failing, code in ((ready.folder / "client.lic", 3), (ready.folder / "none" / "r.txt", 3)):
        assert ready.run(*words, "KL-8", "--out", failing).code == code
        assert not (issuer / "revocations.txt").exists()
    ready.ok(*words, "KL-1", "--out", out)
    held = (issuer / "revocations.txt").read_bytes()
    assert ready.refused(*words, "KL-2", "--out", out) == "file-exists"
    assert (issuer / "revocations.txt").read_bytes() == held == out.read_bytes()


def test_a_list_that_would_be_too_large_to_read_is_not_written(ready: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation_file, "MAX_BYTES", 1 << 16)
    issuer, out = ready.folder / "issuer", ready.folder / "r.txt"
    words = ("licence", "revoke", "--issuer", issuer, "--out", out)
    many, fewer = ([word for n in range(count) for word in ("--number", f"{n:0200}")] for count in (260, 220))
    assert ready.refused(*words, *many) == "file-too-large"
    assert ready.refused(*words, "--number", "x" * 201) == "claims-invalid"
    assert not (issuer / "revocations.txt").exists()
    ready.ok(*words, "--number", "KL-1")
    held = (issuer / "revocations.txt").read_bytes()
    out.unlink()
    answer = ready.run(*words, *many, "--lang", "nl")
    assert (answer.code, answer.error) == (3, "file-too-large")
    assert "intrekkingslijst" in answer.json["error"]["message"]
    assert not out.exists()
    assert (issuer / "revocations.txt").read_bytes() == held
    assert ready.ok(*words, *fewer)["seq"] == 2  # below the limit: it is read back
    assert ready.ok("licence", "revocations", out)["seq"] == 2


def test_a_list_does_not_go_back(ready: Workspace) -> None:
    key, licence = issuer_of(ready), ready.folder / "client.lic"
    ready.ok("licence", "revocations", revoking(ready, key, 5, "KL-2041"))
    events = len(ready.ok("journal")["events"])
    for seq, numbers in ((4, ("KL-2041",)), (4, ()), (1, ("KL-2041", "KL-1")), (5, ()), (5, ("KL-2041", "KL-1")), (5, ("KL-1",))):
        assert ready.refused("licence", "revocations", revoking(ready, key, seq, *numbers)) == "revocations-older", (seq, numbers)
        assert verdict(ready, licence) == "licence-revoked"
    assert len(ready.ok("journal")["events"]) == events
    same = ready.ok("licence", "revocations", revoking(ready, key, 5, "KL-2041"))
    assert same["seq"] == 5
    assert len(ready.ok("journal")["events"]) == events  # the same once more is nothing new
    assert ready.ok("licence", "revocations", revoking(ready, key, 6, "KL-2041", "KL-1"))["seq"] == 6
    assert ready.ok("journal")["events"][-1]["what"] == "revocations-read"


def test_another_issuers_list_is_passed_over_with_a_warning(ready: Workspace) -> None:
    ready.ok("trust", "add", trust_file(ready.folder, "other.jwks", OTHER), "--confirm")
    answer = ready.run("licence", "revocations", revoking(ready, OTHER, 1, "KL-2041", "KL-77"))
    assert answer.code == 0
    assert answer.json["passed_over"] == ["KL-2041"]
    assert "KL-2041" in answer.err
    assert "KL-77" not in answer.err
    assert verdict(ready, ready.folder / "client.lic") == "valid"
    assert ready.ok("audit")["rows"][0]["licence_status"] == "valid"
    theirs = issued_by(ready, OTHER, number="KL-77")
    assert verdict(ready, theirs) == "licence-revoked"
    assert verdict(ready, issued_by(ready, OTHER)) == "licence-revoked"  # the same number, but this issuer's
    ready.ok("licence", "revocations", revoking(ready, issuer_of(ready), 1, "KL-2041"))  # each issuer counts for itself
    assert verdict(ready, ready.folder / "client.lic") == "licence-revoked"
    assert verdict(ready, theirs) == "licence-revoked"


def test_the_list_of_an_issuer_that_is_trusted_no_more_counts_no_more(ready: Workspace) -> None:
    trusted = trust_of(ready.office)
    ready.ok("trust", "add", trust_file(ready.folder, "other.jwks", OTHER), "--confirm")
    ready.ok("licence", "revocations", revoking(ready, OTHER, 1, "KL-77"))
    ready.ok("licence", "revocations", revoking(ready, issuer_of(ready), 1, "KL-2041"))
    set_trust(ready.office, trusted)
    assert ready.ok("audit")["rows"][0]["licence_status"] == "revoked"
    assert ready.ok("licence", "revocations", revoking(ready, issuer_of(ready), 2, "KL-2041", "KL-3"))["seq"] == 2


def test_the_offices_own_licence_may_be_revoked_too(ready: Workspace) -> None:
    ready.ok("licence", "revocations", revoking(ready, issuer_of(ready), 1, "AC-1001"))
    assert ready.refused("licence", "import", ready.folder / "client.lic", "--administration", 7, "--user", HENK) == "own-licence-revoked"
    assert ready.refused("backup", 7) == "own-licence-revoked"


def list_token(key: SigningKey, claims: object, **header: Any) -> bytes:
    headers = {"typ": revocation_file.TYPE, "kid": key.public.thumbprint} | header
    token = PyJWS().encode(json.dumps(claims).encode(), key.private, algorithm="EdDSA", headers=headers)
    return armor.armor(token, armor.REVOCATIONS)


NO_NUMBERS = ("", " ", " KL-1", "KL-1 ", "KL\n1", "KL\x001", "KL  1", "\ud800", "KL\u200b1", "e\u0301", "x" * 201)


def test_bad_lists_are_refused_and_nothing_is_kept(ready: Workspace) -> None:
    key = issuer_of(ready)
    good = {"iss": "U", "iat": 1, "seq": 9, "revoked": ["KL-2041"]}
    path = ready.folder / "list.txt"
    whole = list_token(key, good)
    claims: list[object] = [
        [],
        good | {"seq": 0},
        good | {"seq": "9"},
        good | {"seq": 10**30},
        good | {"revoked": "KL-2041"},
        good | {"revoked": [1]},
        good | {"revoked": {"KL-2041": 1}},
        *(good | {"revoked": ["KL-2041", text]} for text in NO_NUMBERS),
        {"iss": "U", "seq": 9},
        good | {"iss": None},
        {"iss": "U", "seq": 9, "revoked": ["KL-2041"]},
        *(good | {"iat": moment} for moment in (None, True, "1", "2026-11-24", [1], -1, 10**12, 10**400, -(10**400))),
    ]
    bad = {
        "unknown-issuer": [list_token(OTHER, good)],
        "bad-signature": [list_token(OTHER, good, kid=key.public.thumbprint)],
        "wrong-type": [list_token(key, good, **header) for header in ({"typ": "accountools-licence+jwt"}, {"crit": ["exp"]}, {"crit": []})],
        "not-a-licence": [b"", whole * 2, (ready.folder / "client.lic").read_bytes(), whole.replace(b"REVOCATIONS", b"REVOKED")],
        "claims-invalid": [list_token(key, one) for one in claims],
    }
    for code, files in bad.items():
        for data in files:
            path.write_bytes(data)
            assert ready.refused("licence", "revocations", path) == code, data
            assert verdict(ready, ready.folder / "client.lic") == "valid"
    assert ready.refused("licence", "revocations", ready.folder / "none.txt") == "file-not-found"
    path.write_bytes(b"> " + whole.replace(b"\n", b"\r\n> "))  # mail leaves a list as it is, too
    ready.ok("licence", "revocations", path)
    assert verdict(ready, ready.folder / "client.lic") == "licence-revoked"


@pytest.mark.files_only
def test_a_copied_office_keeps_its_trust_and_revocations(ready: Workspace, tmp_path: Path) -> None:
    ready.ok("licence", "revocations", revoking(ready, issuer_of(ready), 1, "KL-2041"))
    shutil.copytree(ready.office, tmp_path / "elsewhere")
    assert ready.run("licence", "show", ready.folder / "client.lic", office=tmp_path / "elsewhere").json["verdict"] == "licence-revoked"


def test_a_list_that_drops_a_number_is_refused_though_its_rank_is_higher(empty_office: Workspace) -> None:
    from datetime import UTC, datetime

    from accountools.formats import revocation_file
    from accountools.operations.licences.issue import IssuerFolder

    issuer, when = IssuerFolder.open(empty_office.folder / "issuer"), datetime(2026, 11, 1, tzinfo=UTC)
    for name, numbers, seq in (("one", {"KL-1", "KL-2"}, 1), ("two", {"KL-2", "KL-3"}, 2)):
        (empty_office.folder / name).write_bytes(revocation_file.issue(frozenset(numbers), seq, issuer.name, when, issuer.key))
    empty_office.ok("licence", "revocations", empty_office.folder / "one")
    assert empty_office.refused("licence", "revocations", empty_office.folder / "two") == "revocations-older"
