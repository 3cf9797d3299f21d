"""The licence file: what mail may do to it, every verdict in its order, forged tokens, days in Amsterdam, mutations, the inverse."""

import base64
import codecs
import hashlib
import hmac
import json
import random
import re
import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.api_jws import PyJWS

from accountools.domain.calendar import day_of
from accountools.domain.errors import Refused
from accountools.domain.licence import Licensee, Module
from accountools.formats import licence_file, revocation_file
from accountools.formats.licence_file import LicenceTerms, ReadResult
from accountools.formats.mail import mailed_licence
from accountools.formats.signatures import SigningKey
from accountools.operations.licences.show import read_licence
from tests.seeding import random_for
from tests.workspace import Workspace

KEY, STRANGER = SigningKey.from_seed(b"a" * 32), SigningKey.from_seed(b"b" * 32)
KID = KEY.public.thumbprint
TRUST = {KID: KEY.public}
TYPE = "accountools-licence+jwt"
ISSUER = "Uitgever «Één» B.V."
BEGIN, END = "-----BEGIN ACCOUNTOOLS LICENCE-----", "-----END ACCOUNTOOLS LICENCE-----"
RECIPIENTS = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(3)]
TERMS = LicenceTerms(
    number="KL-2041",
    kind="client",
    licensee=Licensee("Bakkerij Jansen", "12345678", "'s-Gravenhage", "NL"),
    users=3,
    modules=(Module("SE1063", "E-Cliëntenbeheer"), Module("SE1000", "")),
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 12, 31),
    issued_at=datetime(2026, 1, 1, 9, tzinfo=UTC),
    recipient=RECIPIENTS[0],
    serial="one",
)
FILE = licence_file.issue(TERMS, KEY, ISSUER)
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "KL-2041",
    "jti": "one",
    "iat": 1767258000,
    "nbf": 1767222000,  # 2025-12-31T23:00:00Z
    "exp": 1830293999,  # 2027-12-31T22:59:59Z
    "kind": "client",
    "licensee": {"name": "Bakkerij Jansen", "kvk": "12345678", "city": "'s-Gravenhage", "country": "NL"},
    "users": 3,
    "modules": [{"code": "SE1063", "name": "E-Cliëntenbeheer"}, {"code": "SE1000", "name": ""}],
}
DOCUMENT = {  # what the interface says of CLAIMS and of FILE
    "number": "KL-2041",
    "kind": "client",
    "licensee": CLAIMS["licensee"],
    "users": 3,
    "modules": CLAIMS["modules"],
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "issuer": ISSUER,
}
VERDICTS = (
    "file-too-large",
    "not-a-licence",
    "algorithm-not-allowed",
    "wrong-type",
    "unknown-issuer",
    "bad-signature",
    "claims-invalid",
    "licence-revoked",
    "licence-not-yet-valid",
    "licence-expired",
)
UNTRUSTED = VERDICTS[:6]


# --- tools: armour and tokens made without the program ---


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def armoured(token: str) -> bytes:
    lines = [token[at : at + 64] for at in range(0, len(token), 64)]
    return "\n".join((BEGIN, *lines, END, "")).encode()


def token_in(file: bytes) -> str:
    return "".join(file.decode().splitlines()[1:-1])


def forge(claims: object = None, key: Any = KEY.private, algorithm: str = "EdDSA", **header: Any) -> str:
    """A token by PyJWT itself: any payload (bytes go as they are), any algorithm, any header; a header of None is left out."""
    payload = claims if isinstance(claims, bytes) else json.dumps(CLAIMS if claims is None else claims).encode()
    given = {"typ": TYPE, "kid": KID} | header
    headers = {name: value for name, value in given.items() if value is not None}
    return PyJWS().encode(payload, key, algorithm=algorithm, headers=headers)


def by_hand(header: object, payload: bytes, signature: bytes | None = None) -> str:
    """A token whose header PyJWT would not write; signed by KEY unless a signature is given."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    signed = f"{b64(raw)}.{b64(payload)}"
    return f"{signed}.{b64(KEY.private.sign(signed.encode()) if signature is None else signature)}"


def spoiled(token: str) -> str:
    """The token with another signature: of the right length, canonical, and wrong."""
    head, payload, _ = token.split(".")
    return f"{head}.{payload}.{b64(bytes(64))}"


def without(claim: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name != claim}


def fault(data: bytes | str) -> str | None:
    reading = licence_file.read(armoured(data) if isinstance(data, str) else data, TRUST)
    assert (reading.licence is None) == (reading.fault is not None)
    return reading.fault.code if reading.fault else None


def same_content(reading: ReadResult, token: str) -> bool:
    """Whether a reading says what the token's payload says: compared claim by claim, decoded here and not by the program."""
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    licence = reading.licence
    return (
        licence is not None
        and licence.document()
        == {
            "number": claims["sub"],
            "kind": claims["kind"],
            "licensee": claims["licensee"],
            "users": claims["users"],
            "modules": claims["modules"],
            "valid_from": str(day_of(datetime.fromtimestamp(claims["nbf"], UTC))),
            "valid_until": str(day_of(datetime.fromtimestamp(claims["exp"], UTC))),
            "issuer": claims["iss"],
        }
    ) and (licence.recipient, licence.issued_at.timestamp(), licence.token) == (claims.get("recipient"), claims["iat"], token)


# --- what mail does ---

QUOTES = st.sampled_from(["", "> ", ">", ">>", "> > ", ">> > ", "   ", "\t", "\u00a0", " \t>\u00a0> ", "  > "])
TRAILS = st.sampled_from(["", " ", "   ", "\t", "\u00a0", " \u00a0 "])
NEWLINES = st.sampled_from(["\n", "\r\n", "\r"])
ENCODINGS = st.sampled_from(
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)]
)
AROUND = (
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=4)
    .map("\n".join)
    .filter(lambda text: "-----" not in text)
)


@st.composite
def mailed(draw: st.DrawFn, token: str) -> bytes:
    """A licence file after a mail program or two: re-wrapped, quoted, indented, padded, re-encoded, with text around it."""
    width = draw(st.one_of(st.integers(1, 100), st.just(100_000)))
    lines = [BEGIN, *(token[at : at + width] for at in range(0, len(token), width)), END]
    if draw(st.booleans()):  # blank lines in between
        lines.insert(draw(st.integers(1, len(lines) - 1)), "")
    if draw(st.booleans()):  # a blank within a line
        at = draw(st.integers(1, len(lines) - 2))
        cut = draw(st.integers(0, len(lines[at])))
        lines[at] = lines[at][:cut] + draw(st.sampled_from([" ", "\t", "\u00a0"])) + lines[at][cut:]
    quote = draw(QUOTES)
    lines = [quote + line + draw(TRAILS) for line in lines]
    text = "\n".join((draw(AROUND), *lines, draw(AROUND)))
    encoding, bom = draw(ENCODINGS)
    return bom + text.replace("\n", draw(NEWLINES)).encode(encoding)


@given(st.data())
@settings(max_examples=250, deadline=None)
def test_what_mail_does_to_a_file_leaves_its_content(data: st.DataObject) -> None:
    token = token_in(FILE)
    sent = data.draw(mailed(token))
    reading = licence_file.read(sent, TRUST)
    assert reading.fault is None
    assert same_content(reading, token)
    assert reading.licence is not None
    assert reading.licence.document() == DOCUMENT


@given(st.lists(st.sampled_from(["quote", "crlf", "cr", "indent", "trail", "bom", "utf-16"]), max_size=5))
@settings(max_examples=60, deadline=None)
def test_mail_programs_one_after_another_leave_its_content(steps: list[str]) -> None:
    text, encoding = FILE.decode(), "utf-8"
    for step in steps:
        lines = re.split("\r\n|\r|\n", text)
        if step in {"quote", "indent", "trail"}:
            before, after = {"quote": ("> ", ""), "indent": ("    ", ""), "trail": ("", " \u00a0\t")}[step]
            text = "\n".join(f"{before}{line}{after}" for line in lines)
        if step in {"crlf", "cr"}:
            text = ("\r\n" if step == "crlf" else "\r").join(lines)
        encoding = {"bom": "utf-8-sig", "utf-16": "utf-16"}.get(step, encoding)
    assert same_content(licence_file.read(text.encode(encoding), TRUST), token_in(FILE))


@pytest.mark.parametrize("between", ["", " ", "\u00a0"])
@pytest.mark.parametrize("around", ["", "Beste Anna, ", "> "])
def test_all_on_one_line(between: str, around: str) -> None:
    token = token_in(FILE)
    assert same_content(licence_file.read(f"{around}{BEGIN}{between}{token}{between}{END} Groet".encode(), TRUST), token)


def test_the_armour_lines_may_be_wrapped_too() -> None:
    text = FILE.decode().replace("ACCOUNTOOLS LICENCE", "ACCOUNTOOLS\n> LICENCE").replace("-----END ", "-----END\u00a0 ")
    assert same_content(licence_file.read(text.encode(), TRUST), token_in(FILE))


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("LICENCE", "LICENSE"),
        lambda text: text.replace("-----END", "----END"),
        lambda text: text.replace(BEGIN, BEGIN.lower()),
        lambda text: text.replace(BEGIN, ""),
        lambda text: text.replace(END, ""),
        lambda text: f"{END}\n{text}",
        lambda text: f"{text}\n{text}",
        lambda text: f"{BEGIN}\n{text}",
        lambda text: text.replace("\n", "|\n"),
        lambda text: text.replace("\n", "\u200b\n"),
        lambda text: text.replace("\n", "=\n"),
        lambda text: text.replace("\n", "\n# "),
        lambda text: text.replace("\n", "\n\u2007"),
        lambda text: text.replace("\n", "\u2028"),
        lambda text: text.replace(".", "·"),
        lambda text: text.replace(token_in(FILE)[:9], ""),
        lambda _: f"{BEGIN}\n{END}\n",
        lambda _: "",
    ],
)  # fmt: skip
def test_anything_else_is_not_a_licence(damage: Any) -> None:
    text = damage(FILE.decode())
    assert text != FILE.decode()
    assert fault(text.encode()) == "not-a-licence"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-7"])
def test_other_encodings_are_not_a_licence(encoding: str) -> None:
    assert fault(FILE.decode().replace("-----BEGIN", "é-----BEGIN").encode(encoding).replace(b"-----", b"+-----")) == "not-a-licence"


def test_the_size_is_held_to_64_kib_to_the_byte(tmp_path: Path) -> None:
    whole = FILE + b" " * (64 * 1024 - len(FILE))
    assert same_content(licence_file.read(whole, TRUST), token_in(FILE))
    assert fault(whole + b" ") == "file-too-large"
    (tmp_path / "whole.lic").write_bytes(whole)
    (tmp_path / "larger.lic").write_bytes(whole + b" ")
    assert mailed_licence.read_path(tmp_path / "whole.lic", TRUST).fault is None
    over = mailed_licence.read_path(tmp_path / "larger.lic", TRUST).fault
    assert over is not None
    assert over.code == "file-too-large"


# --- verdicts ---


def ladder(key: SigningKey) -> dict[str, bytes]:
    """For each verdict a file that has that fault and, as far as can be, all that come after it: so the first is reported."""
    kid = key.public.thumbprint
    expired = CLAIMS | {"nbf": 0, "exp": 1}
    wrong = expired | {"users": 0}
    none = PyJWS().encode(json.dumps(wrong).encode(), "", algorithm="none", headers={"typ": "JWT", "kid": "?"})
    return {
        "file-too-large": b"x" * (64 * 1024 + 1),
        "not-a-licence": armoured(none) * 2,
        "algorithm-not-allowed": armoured(none),
        "wrong-type": armoured(spoiled(forge(wrong, key.private, typ="JWT", kid="?"))),
        "unknown-issuer": armoured(spoiled(forge(wrong, key.private, kid=STRANGER.public.thumbprint))),
        "bad-signature": armoured(spoiled(forge(wrong, key.private, kid=kid))),
        "claims-invalid": armoured(forge(wrong | {"sub": "KL-0"}, key.private, kid=kid)),
        "licence-revoked": armoured(forge(expired | {"sub": "KL-0"}, key.private, kid=kid)),
        "licence-not-yet-valid": armoured(forge(CLAIMS | {"nbf": 1798700000}, key.private, kid=kid)),
        "licence-expired": armoured(forge(expired, key.private, kid=kid)),
        "valid": armoured(forge(CLAIMS, key.private, kid=kid)),
    }


def test_every_verdict_in_its_order_at_the_command_line(empty_office: Workspace) -> None:
    key = SigningKey.from_pem((empty_office.folder / "issuer" / "issuer.pem").read_bytes())
    numbers = empty_office.folder / "revoked.txt"
    numbers.write_bytes(revocation_file.issue(frozenset({"KL-0"}), 1, "Test issuer", datetime(2026, 11, 1, tzinfo=UTC), key))
    empty_office.ok("licence", "revocations", numbers)
    files = ladder(key)
    assert tuple(files) == (*VERDICTS, "valid")
    for verdict, data in files.items():
        path = empty_office.folder / f"{verdict}.lic"
        path.write_bytes(data)
        shown = empty_office.run("licence", "show", path)
        assert (shown.json["verdict"], shown.code) == (verdict, 0 if verdict == "valid" else 1)
        assert "error" not in shown.json
        verified = verdict in VERDICTS[7:] or verdict == "valid"
        assert ("number" in shown.json) == verified
        assert {"number", "licensee", "users"}.isdisjoint(shown.json) or verified
        assert ("unverified" in shown.json) == (verdict in VERDICTS[2:7])
    alone = empty_office.run("licence", "show", empty_office.folder / "licence-revoked.lic", "--trust", empty_office.trust)
    assert alone.json["verdict"] == "licence-expired"  # without an office nothing is known to be revoked
    assert empty_office.refused("licence", "show", empty_office.folder / "none.lic") == "file-not-found"
    assert empty_office.refused("licence", "show", empty_office.folder) == "file-not-found"
    assert empty_office.refused("licence", "show", empty_office.folder / "none.lic", "--trust", empty_office.trust) == "file-not-found"


def test_the_python_interface_raises_the_same_codes(tmp_path: Path) -> None:
    (tmp_path / "trust.jwks").write_text(json.dumps({"keys": [KEY.public.jwk()]}))
    for verdict, data in ladder(KEY).items():
        (tmp_path / "file.lic").write_bytes(data)
        if verdict in VERDICTS[:7]:
            with pytest.raises(Refused) as raised:
                read_licence(tmp_path / "file.lic", tmp_path / "trust.jwks")
            assert raised.value.code == verdict
        else:
            assert read_licence(tmp_path / "file.lic", tmp_path / "trust.jwks").licensee.name == "Bakkerij Jansen"


def test_what_did_not_verify_is_in_unverified_and_only_there(tmp_path: Path) -> None:
    desk = Workspace(tmp_path)
    (tmp_path / "trust.jwks").write_text(json.dumps({"keys": [KEY.public.jwk()]}))
    evil = CLAIMS | {"sub": "EVIL-1", "licensee": CLAIMS["licensee"] | {"name": "Boef"}}
    for name, token in {
        "bad-signature": spoiled(forge(evil)),
        "unknown-issuer": forge(evil, STRANGER.private, kid=STRANGER.public.thumbprint),
        "wrong-type": forge(evil, typ="accountools-manifest+jwt"),
    }.items():
        (tmp_path / "file.lic").write_bytes(armoured(token))
        shown = desk.run("licence", "show", tmp_path / "file.lic", "--trust", tmp_path / "trust.jwks")
        named = {"number": "EVIL-1", "issuer": evil["iss"], "valid_from": "2026-01-01", "valid_until": "2027-12-31"}
        assert shown.json == {"verdict": name, "unverified": evil | named}
        plain = desk.run("licence", "show", tmp_path / "file.lic", "--trust", tmp_path / "trust.jwks", as_json=False)
        assert "EVIL-1" not in plain.out
        assert "Boef" not in plain.out
    (tmp_path / "file.lic").write_bytes(armoured(spoiled(forge(b"no JSON"))))
    assert desk.run("licence", "show", tmp_path / "file.lic", "--trust", tmp_path / "trust.jwks").json == {"verdict": "bad-signature"}


@pytest.mark.parametrize(
    "payload",
    [
        rb'{"sub": "\ud800"}',
        rb'{"sub": 1e999}',
        b'{"sub": ' + b"[" * 970 + b"]" * 970 + b"}",
        b'{"sub": ' + b'{"a":' * 6000 + b"1" + b"}" * 6001,
    ],
    ids=["half-surrogate", "without-end", "deep", "deeper"],
)
def test_whatever_is_claimed_the_answer_is_one_json_document(tmp_path: Path, payload: bytes) -> None:
    """By the real command, on a strict UTF-8 stream: a token that nobody signed can't make it stumble."""
    desk = Workspace(tmp_path, environment={"PYTHONIOENCODING": "utf-8:strict"})
    (tmp_path / "trust.jwks").write_text(json.dumps({"keys": [KEY.public.jwk()]}))
    (tmp_path / "file.lic").write_bytes(armoured(by_hand({"alg": "EdDSA", "typ": TYPE, "kid": "?"}, payload)))

    def no_constant(name: str) -> None:
        raise AssertionError(name)

    shown = desk.run_process("licence", "show", tmp_path / "file.lic", "--trust", tmp_path / "trust.jwks")
    assert shown.code == 1
    assert json.loads(shown.out, parse_constant=no_constant)["verdict"] == "unknown-issuer"


# --- forged headers ---


def forged_headers() -> dict[str, tuple[str, str]]:
    public = KEY.public.public
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    curve = ec.generate_private_key(ec.SECP256R1())
    payload = json.dumps(CLAIMS).encode()
    good = {"alg": "EdDSA", "typ": TYPE, "kid": KID}
    hs256 = f"{b64(json.dumps(good | {'alg': 'HS256'}).encode())}.{b64(payload)}"
    stranger_jwk = STRANGER.public.jwk()
    return {
        "none": (forge(key="", algorithm="none"), "algorithm-not-allowed"),
        "none, with the good signature": (by_hand(good | {"alg": "none"}, payload), "algorithm-not-allowed"),
        "None": (by_hand(good | {"alg": "None"}, payload), "algorithm-not-allowed"),
        "no alg": (by_hand({"typ": TYPE, "kid": KID}, payload), "algorithm-not-allowed"),
        "eddsa in lower case": (by_hand(good | {"alg": "eddsa"}, payload), "algorithm-not-allowed"),
        "alg a list": (by_hand(good | {"alg": ["EdDSA"]}, payload), "algorithm-not-allowed"),
        "HS256 with the public key": (forge(key=raw, algorithm="HS256"), "algorithm-not-allowed"),
        "HS256 with the public PEM": (f"{hs256}.{b64(hmac.digest(pem, hs256.encode(), hashlib.sha256))}", "algorithm-not-allowed"),
        "ES256": (forge(key=curve, algorithm="ES256"), "algorithm-not-allowed"),
        "alg twice": (by_hand(json.dumps(good).encode()[:-1] + b', "alg": "none"}', payload), "not-a-licence"),
        "typ JWT": (forge(typ="JWT"), "wrong-type"),
        "typ in capitals": (forge(typ=TYPE.upper()), "wrong-type"),
        "typ of a revocation list": (forge(typ=revocation_file.TYPE), "wrong-type"),
        "no typ": (by_hand({"alg": "EdDSA", "kid": KID}, payload), "wrong-type"),
        "crit": (by_hand(good | {"crit": ["exp"], "exp": 1}, payload), "wrong-type"),
        "crit empty": (by_hand(good | {"crit": []}, payload), "wrong-type"),
        "crit null": (by_hand(good | {"crit": None}, payload), "wrong-type"),
        "crit and b64": (by_hand(good | {"b64": False, "crit": ["b64"]}, payload), "wrong-type"),
        "crit of none": (by_hand(good | {"alg": "none", "crit": ["exp"]}, payload), "algorithm-not-allowed"),
        "b64": (by_hand(good | {"b64": True}, payload), "wrong-type"),
        "b64 false": (by_hand(good | {"b64": False}, payload), "wrong-type"),
        "typ twice": (by_hand(json.dumps(good).encode()[:-1] + b', "typ": "%s"}' % TYPE.encode(), payload), "not-a-licence"),
        "kid twice": (by_hand(b'{"kid": "x", ' + json.dumps(good).encode()[1:], payload), "not-a-licence"),
        "another name twice": (by_hand(json.dumps(good).encode()[:-1] + b', "a": 1, "a": 1}', payload), "not-a-licence"),
        "a name twice within": (by_hand(json.dumps(good).encode()[:-1] + b', "a": {"b": 1, "b": 1}}', payload), "not-a-licence"),
        "header NaN": (by_hand(json.dumps(good).encode()[:-1] + b', "a": NaN}', payload), "not-a-licence"),
        "header with a BOM": (by_hand(codecs.BOM_UTF8 + json.dumps(good).encode(), payload), "not-a-licence"),
        "header UTF-16": (by_hand(json.dumps(good).encode("utf-16"), payload), "not-a-licence"),
        "header UTF-16 without a BOM": (by_hand(json.dumps(good).encode("utf-16-le"), payload), "not-a-licence"),
        "header UTF-32": (by_hand(json.dumps(good).encode("utf-32-be"), payload), "not-a-licence"),
        "kid of nobody": (forge(kid="AAAA"), "unknown-issuer"),
        "no kid": (forge(kid=None), "unknown-issuer"),
        "embedded jwk": (forge(key=STRANGER.private, kid=STRANGER.public.thumbprint, jwk=stranger_jwk), "unknown-issuer"),
        "embedded jwk, kid of the trusted": (forge(key=STRANGER.private, jwk=stranger_jwk), "bad-signature"),
        "jku": (forge(key=STRANGER.private, jku="https://example.org/keys"), "bad-signature"),
        "kid of another key": (forge(key=STRANGER.private), "bad-signature"),
        "kid an object": (by_hand(good | {"kid": {"a": 1}}, payload), "not-a-licence"),
        "header a list": (by_hand([], payload), "not-a-licence"),
        "header no JSON": (by_hand(b"{", payload), "not-a-licence"),
        "header not UTF-8": (by_hand(b"\xff\xfe\xff", payload), "not-a-licence"),
        "header deep": (by_hand(b'{"alg":' + b"[" * 9000 + b"]" * 9000 + b"}", payload), "not-a-licence"),
        "signature empty": (f"{forge().rsplit('.', 1)[0]}.", "bad-signature"),
        "signature left out": (forge().rsplit(".", 1)[0], "not-a-licence"),
        "signature of 63 bytes": (by_hand(good, payload, bytes(63)), "bad-signature"),
        "four parts": (f"{forge()}.AAAA", "not-a-licence"),
        "padded": (f"{forge()}==", "not-a-licence"),
    }


def test_forged_headers_have_their_verdict() -> None:
    assert fault(forge()) is None
    assert {name: fault(token) for name, (token, _) in forged_headers().items()} == {
        name: verdict for name, (_, verdict) in forged_headers().items()
    }


# --- claims ---

OTHER_CHECKSUM = RECIPIENTS[0][:-1] + ("q" if RECIPIENTS[0].endswith("x") else "x")
BAD_CLAIMS: dict[str, tuple[Any, ...]] = {
    "iss": (None, "", 5, ["x"], "a\nb", "x" * 201, "\u202eevil", " x"),
    "sub": (None, "", 7, "x" * 61, "KL\x00", "\ud800"),
    "jti": (None, "", 1, {}),
    "iat": (None, "2026", True, -1, 1e15, 10**30, 10**400, [1], 253402300799),
    "nbf": (None, "1767222000", False, -1, 1e15, 10**30, 10**400, {}),
    "exp": (None, "1830293999", True, -1, 10**30, 10**400, 1767221999, 0, 253402300799),
    "kind": (None, "", "Client", "office", 1, ["client"], {}),
    "users": (None, 0, -1, 1.0, 1.5, "3", True, 10**6 + 1, 10**30, [3]),
    "modules": (None, {}, "SE1063", ["SE1063"], [None], [{"code": "A", "name": "a"}, {"code": "A", "name": "b"}], [{}] * 1001),
    "licensee": (None, [], "Jansen", 1),
    "recipient": ("", 1, "age1", "AGE-SECRET-KEY-1", OTHER_CHECKSUM, f"{RECIPIENTS[0]}\n", [RECIPIENTS[0]]),
}
BAD_WITHIN = {
    "licensee.name": [CLAIMS["licensee"] | {"name": name} for name in (None, "", 3, "a\tb", "x" * 201, "a\u200bb", "A\u0301")],
    "licensee.kvk": [
        CLAIMS["licensee"] | {"kvk": kvk} for kvk in (None, "", 12345678, "1234567", "123456789", "1234567a", "１２３４５６７８")
    ],
    "licensee.city": [CLAIMS["licensee"] | {"city": city} for city in (None, 1, "x" * 201)],
    "licensee.country": [CLAIMS["licensee"] | {"country": country} for country in (None, 31, "x" * 61)],
    "modules[0].code": [[{"code": code, "name": "n"}] for code in (None, "", 1065, "x" * 21, "A\nB")],
    "modules[0].name": [[{"code": "A", "name": name}] for name in (None, 1, "x" * 201)],
}


def fault_claim(claims: object) -> tuple[str, str | None]:
    found = licence_file.read(armoured(forge(claims)), TRUST)
    assert found.licence is None
    assert found.fault is not None
    return found.fault.code, dict(found.fault.facts).get("claim")


@pytest.mark.parametrize("claim", BAD_CLAIMS)
def test_each_claim_that_is_missing_or_impossible_is_reported(claim: str) -> None:
    if claim != "recipient":
        assert fault_claim(without(claim)) == ("claims-invalid", claim)
    for value in BAD_CLAIMS[claim]:
        if (claim, value) != ("recipient", None):
            assert fault_claim(CLAIMS | {claim: value}) == ("claims-invalid", claim), value


@pytest.mark.parametrize("claim", BAD_WITHIN)
def test_each_member_within_is_reported(claim: str) -> None:
    outer = re.split(r"[.\[]", claim)[0]
    for value in BAD_WITHIN[claim]:
        assert fault_claim(CLAIMS | {outer: value}) == ("claims-invalid", claim), value


@pytest.mark.parametrize(
    "payload",
    [
        json.dumps(CLAIMS).encode()[:-1] + b', "sub": "KL-2"}',
        json.dumps(CLAIMS).replace('"kvk"', '"kvk": "87654321", "kvk"').encode(),
        json.dumps(CLAIMS).replace('"users": 3', '"users": NaN').encode(),
        json.dumps(CLAIMS).replace('"users": 3', '"users": Infinity').encode(),
        json.dumps(CLAIMS).replace('"users": 3', '"users": 3, "more": -Infinity').encode(),
        json.dumps(CLAIMS).replace('"users": 3', '"users": 1e999').encode(),
        json.dumps(CLAIMS).replace('"users": 3', '"users": ' + "9" * 5000).encode(),
        json.dumps(CLAIMS).replace('"users": 3', '"users": 3, "more": ' + "[" * 12000 + "]" * 12000).encode(),
        json.dumps([CLAIMS]).encode(),
        b"",
        b"null",
        b'"text"',
        b"{",
        b"\xff\xfe\xfd",
        json.dumps(CLAIMS).encode() + b"{}",
        codecs.BOM_UTF8 + json.dumps(CLAIMS).encode(),
        *(json.dumps(CLAIMS).encode(f"utf-{form}") for form in ("16", "16-le", "16-be", "32", "32-le", "32-be")),
    ],
    ids=lambda payload: repr(payload[-24:]),
)  # fmt: skip
def test_what_is_not_strict_json_is_claims_invalid(payload: bytes) -> None:
    assert fault_claim(payload) == ("claims-invalid", "JSON")


@pytest.mark.parametrize("innermost", ["", "1", "{}"])
def test_claims_nest_32_levels_deep_and_no_deeper(innermost: str) -> None:
    """What counts are objects and lists, not what is in the innermost of them."""
    own = 1 + (innermost == "{}")  # the claims themselves, and what is within

    def nested(levels: int) -> bytes:
        lists = levels - own
        return json.dumps(CLAIMS).encode()[:-1] + b', "more": ' + b"[" * lists + innermost.encode() + b"]" * lists + b"}"

    assert [licence_file.read(armoured(forge(nested(levels))), TRUST).licence is not None for levels in (31, 32, 33)] == [True, True, False]
    assert fault_claim(nested(33)) == ("claims-invalid", "JSON")


def test_unknown_claims_are_passed_over_and_the_good_ones_read() -> None:
    reading = licence_file.read(armoured(forge(CLAIMS | {"aud": ["x"], "note": {"a": [1.5]}})), TRUST)
    assert reading.licence is not None
    assert reading.licence.document() == DOCUMENT


def test_the_last_moment_that_there_is() -> None:
    last = CLAIMS | {"exp": 253402297199}
    reading = licence_file.read(armoured(forge(last)), TRUST)
    assert reading.licence is not None
    assert reading.licence.valid_until == date(9999, 12, 31)


# --- days ---


@pytest.mark.parametrize(
    ("first", "last", "nbf", "exp"),
    [
        ("2026-01-01", "2026-12-31", "2025-12-31T23:00:00", "2026-12-31T22:59:59"),  # winter
        ("2026-07-01", "2026-07-31", "2026-06-30T22:00:00", "2026-07-31T21:59:59"),  # summer
        ("2026-03-29", "2026-03-29", "2026-03-28T23:00:00", "2026-03-29T21:59:59"),  # 23 hours long
        ("2026-10-25", "2026-10-25", "2026-10-24T22:00:00", "2026-10-25T22:59:59"),  # 25 hours long
    ],
)
def test_the_last_day_counts_whole_in_amsterdam(tmp_path: Path, first: str, last: str, nbf: str, exp: str) -> None:
    desk = Workspace(tmp_path)
    desk.ok("issuer", "new", tmp_path / "issuer")
    path = desk.issue("a.lic", valid_from=first, valid_until=last)
    part = token_in(path.read_bytes()).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=="))
    moments = [datetime.fromtimestamp(claims[name], UTC).replace(tzinfo=None).isoformat() for name in ("nbf", "exp")]
    assert moments == [nbf, exp]

    def verdict(day: date) -> str:
        return str(desk.run("licence", "show", path, "--trust", desk.trust, today=str(day)).json["verdict"])

    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    assert [verdict(begin), verdict(end)] == ["valid", "valid"]
    assert verdict(date.fromordinal(begin.toordinal() - 1)) == "licence-not-yet-valid"
    assert verdict(date.fromordinal(end.toordinal() + 1)) == "licence-expired"


@pytest.mark.parametrize(("exp", "until"), [("2026-07-31T21:59:59", "2026-07-31"), ("2026-07-31T22:00:00", "2026-08-01"),
                                            ("2026-12-31T22:59:59", "2026-12-31"), ("2026-12-31T23:00:00", "2027-01-01")])  # fmt: skip
def test_a_moment_is_of_the_day_that_it_is_in_amsterdam(exp: str, until: str) -> None:
    seconds = int(datetime.fromisoformat(exp).replace(tzinfo=UTC).timestamp())
    reading = licence_file.read(armoured(forge(CLAIMS | {"exp": seconds})), TRUST)
    assert reading.licence is not None
    assert str(reading.licence.valid_until) == until


def test_the_machines_zone_does_not_matter(tmp_path: Path) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        desk = Workspace(tmp_path / zone.split("/")[1], today=None, environment={"TZ": zone})
        desk.folder.mkdir()
        desk.ok("issuer", "new", desk.folder / "issuer")
        amsterdam = day_of(datetime.now(UTC))
        path = desk.issue("a.lic", valid_from=amsterdam, valid_until=amsterdam)
        if day_of(datetime.now(UTC)) == amsterdam:  # not at midnight
            assert desk.run_process("licence", "show", path, "--trust", desk.trust).json["verdict"] == "valid"


# --- mutations ---

CORPUS = [
    licence_file.issue(replace(TERMS, number=f"KL-{n}", users=n + 1, serial=f"serial {n}", licensee=licensee), KEY, ISSUER)
    for n, licensee in enumerate(
        (TERMS.licensee, Licensee("Łódź Café 饅頭", "00000001", "", "NL"), Licensee("Ωmega", "99999999", "Goes", "BE"))
    )
]


def mutants(amount: int, seed: int) -> list[tuple[list[str], bytes, bytes]]:
    chance = random_for(f"licence mutants {seed}")
    found: list[tuple[list[str], bytes, bytes]] = []
    while len(found) < amount:
        original = chance.choice(CORPUS)
        steps = [chance.choice(MUTATIONS) for _ in range(2 if chance.random() < 0.2 else 1)]
        changed = original
        for step in steps:
            changed = step(bytearray(changed), chance) if changed else changed
        if changed != original:
            found.append(([step.__name__ for step in steps], original, changed))
    return found


def flip_a_bit(data: bytearray, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    return bytes(data)


def insert_a_byte(data: bytearray, chance: random.Random) -> bytes:
    data.insert(chance.randrange(len(data) + 1), chance.choice(b" \t\r\n>-.=_Az0\x00\xa0\xff" + bytes([chance.randrange(256)])))
    return bytes(data)


def insert_a_blank(data: bytearray, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return bytes(data[:at]) + chance.choice([b" ", b"\t", b"\n", b"\r\n", b"\r", b"\n> ", b"\n>>", b"\xc2\xa0"]) + bytes(data[at:])


def delete_a_byte(data: bytearray, chance: random.Random) -> bytes:
    del data[chance.randrange(len(data))]
    return bytes(data)


def swap_two_bytes(data: bytearray, chance: random.Random) -> bytes:
    one, other = chance.randrange(len(data)), chance.randrange(len(data))
    data[one], data[other] = data[other], data[one]
    return bytes(data)


def truncate(data: bytearray, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return bytes(data[:at] if chance.random() < 0.5 else data[at:])


def shuffle_lines(data: bytearray, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    if chance.random() < 0.5:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    else:
        chance.shuffle(lines)
    return b"\n".join(lines)


def repeat_a_line(data: bytearray, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def change_case(data: bytearray, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(data)), chance.choice([1, 20, len(data)])
    return bytes(data[:at]) + bytes(data[at : at + length]).swapcase() + bytes(data[at + length :])


def repeat_a_block(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data) + bytes(chance.choice([data, *CORPUS]))


def splice_two(data: bytearray, chance: random.Random) -> bytes:
    other, at = chance.choice(CORPUS), chance.randrange(len(data))
    return bytes(data[:at]) + other[at:]


def quote_and_rewrap(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data).replace(b"\n", chance.choice([b"\r\n", b"\r", b"\n> ", b" \n", b"\n\t"]))


MUTATIONS = (
    flip_a_bit, insert_a_byte, insert_a_blank, delete_a_byte, swap_two_bytes, truncate, shuffle_lines, repeat_a_line, change_case,
    repeat_a_block, splice_two, quote_and_rewrap,
)  # fmt: skip


def still_whole(data: bytes) -> str | None:
    """The oracle: the token that is left when only what mail may add is taken away, told without the program's reader."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    except UnicodeDecodeError:
        return None
    lines = []
    for line in re.split(r"\r\n|\r|\n", text):
        start = 0
        while start < len(line) and line[start] in " \t\u00a0>":
            start += 1
        lines.append(line[start:].replace("\t", " ").replace("\u00a0", " "))
    flat = " ".join(" ".join(lines).split(" "))
    while "  " in flat:
        flat = flat.replace("  ", " ")
    if flat.count(BEGIN) != 1 or flat.count(END) != 1 or flat.index(BEGIN) > flat.index(END):
        return None
    return flat.split(BEGIN)[1].split(END)[0].replace(" ", "")


def test_mutated_files_are_refused_or_read_with_the_very_same_content(thorough: bool, tmp_path: Path) -> None:
    refused, read = [], 0
    signed = {token_in(original) for original in CORPUS}
    for how, original, changed in mutants(2000 if thorough else 200, 20261124):
        reading = licence_file.read(changed, TRUST)
        left = still_whole(changed)
        if reading.licence is not None:
            read += 1
            assert left in signed, (how, changed)
            assert left == token_in(original) or {"splice_two", "repeat_a_block"} & set(how), (how, changed)
            assert same_content(reading, left), (how, changed)
        else:
            assert reading.fault is not None
            assert reading.fault.code in UNTRUSTED, (how, changed, reading.fault.code)
            assert left not in signed, (how, changed)
            refused.append((reading.fault.code, changed))
    assert read > len(refused) / 20  # both outcomes happen, so both were checked
    assert {"not-a-licence", "bad-signature"} <= {code for code, _ in refused}
    (tmp_path / "trust.jwks").write_text(json.dumps({"keys": [KEY.public.jwk()]}))
    for code, changed in refused[:: max(1, len(refused) // 12)]:
        (tmp_path / "file.lic").write_bytes(changed)
        shown = Workspace(tmp_path).run("licence", "show", tmp_path / "file.lic", "--trust", tmp_path / "trust.jwks")
        assert (shown.json["verdict"], shown.code) == (code, 1)


# --- issue and read are each other's inverse ---

VISIBLE = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
WORDS = st.lists(VISIBLE, min_size=1, max_size=6).map(lambda words: unicodedata.normalize("NFC", " ".join(words)))
NAMES = st.one_of(
    WORDS,
    st.sampled_from(
        ["Bakkerij Jansen", "パン屋 山田", "Хлеб и Соль", "مخبز النور", "Αρτοποιείο", "ร้านขนมปัง", "Bäckerei ß", "Ïk & Co. «B.V.»", "🥖🥐"]
    ),
)
DAYS = st.dates(date(1970, 1, 2), date(9999, 12, 31))


@st.composite
def all_terms(draw: st.DrawFn) -> LicenceTerms:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    codes = draw(st.lists(st.from_regex(r"SE[0-9]{4}", fullmatch=True), max_size=5, unique=True))
    return LicenceTerms(
        number=draw(st.from_regex(r"[A-Z]{2}-[0-9]{1,8}", fullmatch=True)),
        kind=draw(st.sampled_from(["accountant", "client", "demo"])),
        licensee=Licensee(
            draw(NAMES),
            draw(st.from_regex(r"[0-9]{8}", fullmatch=True)),
            draw(st.just("") | NAMES),
            draw(st.sampled_from(["NL", "", "BE"])),
        ),
        users=draw(st.integers(1, 1_000_000)),
        modules=tuple(Module(code, draw(st.just("") | NAMES)) for code in codes),
        valid_from=first,
        valid_until=last,
        issued_at=datetime.fromtimestamp(draw(st.integers(0, 4_000_000_000)), UTC),
        recipient=draw(st.none() | st.sampled_from(RECIPIENTS)),
        serial=draw(st.none() | VISIBLE.map(lambda text: unicodedata.normalize("NFC", text))),
    )


@given(all_terms(), NAMES)
@settings(max_examples=120, deadline=None)
def test_what_was_issued_is_what_is_read(terms: LicenceTerms, issuer: str) -> None:
    file = licence_file.issue(terms, KEY, issuer)
    assert max(map(len, file.splitlines())) <= 64
    assert file.isascii()
    reading = licence_file.read(file, TRUST)
    read = reading.licence
    assert read is not None
    assert same_content(reading, token_in(file))
    for name in ("number", "kind", "licensee", "users", "modules", "valid_from", "valid_until", "issued_at", "recipient"):
        assert getattr(read, name) == getattr(terms, name), name
    assert (read.issuer, read.key_id) == (issuer, KID)


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"number": ""}, "sub"),
        ({"number": "x" * 61}, "sub"),
        ({"users": 0}, "users"),
        ({"users": 10**6 + 1}, "users"),
        ({"licensee": Licensee("", "12345678", "", "NL")}, "licensee.name"),
        ({"licensee": Licensee("x" * 10_000, "12345678", "", "NL")}, "licensee.name"),
        ({"licensee": Licensee("x", "1234567", "", "NL")}, "licensee.kvk"),
        ({"licensee": Licensee("a\u202eb", "12345678", "", "NL")}, "licensee.name"),
        ({"modules": (Module("A", "a"), Module("A", "b"))}, "modules"),
        ({"valid_from": date(1, 1, 1)}, "nbf"),
        ({"valid_from": date(2027, 1, 1), "valid_until": date(2026, 1, 1)}, "exp"),
        ({"recipient": "age1nobody"}, "recipient"),
    ],
)
def test_terms_that_no_reader_would_take_are_not_issued(changes: dict[str, Any], claim: str) -> None:
    with pytest.raises(Exception, match="claims-invalid") as raised:
        licence_file.issue(replace(TERMS, **changes), KEY, ISSUER)
    assert dict(raised.value.reason.facts)["claim"] == claim  # type: ignore[attr-defined]


def test_a_licence_that_would_be_too_large_to_read_is_not_written(empty_office: Workspace) -> None:
    codes = [f"M{number:019}" for number in range(1000)]
    out = empty_office.folder / "large.lic"
    words = (
        *("licence", "issue", "--issuer", empty_office.folder / "issuer", "--kind", "client", "--number", "KL-1", "--licensee", "Jansen"),
        *("--kvk", "12345678", "--city", "Delft", "--users", 1, "--valid-from", "2026-01-01", "--valid-until", "2026-12-31", "--out", out),
    )
    answer = empty_office.run(*words, *(word for code in codes for word in ("--module", code)), "--lang", "nl")
    assert (answer.code, answer.error) == (3, "file-too-large")
    assert "KL-1" in answer.json["error"]["message"]
    assert not out.exists()
    assert empty_office.ok("licence", "show", empty_office.issue("large.lic", module=codes[:700]))["verdict"] == "valid"


def test_a_licence_is_issued_just_when_it_is_small_enough_to_be_read() -> None:
    issued = []
    for count in range(250, 300):
        with suppress(Refused):
            issued.append(licence_file.issue(replace(TERMS, modules=tuple(Module(str(n), "x" * 150) for n in range(count))), KEY, ISSUER))
    assert 0 < len(issued) < 50
    assert all(licence_file.read(one, TRUST).licence for one in issued)
