"""Signing: the published Ed25519 vectors, the one canonical form of a token, thumbprints by RFC 7638."""

import base64
import json
import string
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from jwt.algorithms import OKPAlgorithm

from accountools.domain.errors import Unsound
from accountools.formats.signatures import SigningKey, VerifyKey, sign, unverified_payload, verify

ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519's group
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
RFC8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC8037_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC8037_KID = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
KEY = SigningKey.from_seed(b"k" * 32)
TRUST = {KEY.public.thumbprint: KEY.public}
TOKEN = sign(b'{"a":1}', KEY, "test+jwt")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def code(token: str, token_type: str = "test+jwt") -> str | None:
    try:
        verify(token, token_type, TRUST)
    except Unsound as error:
        return error.code
    return None


def vectors(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    groups = json.loads((folder / "wycheproof" / "ed25519_test.json").read_text())["testGroups"]
    return [(group["publicKey"]["pk"], test) for group in groups for test in group["tests"]]


def holds(key: VerifyKey, message: bytes, signature: bytes) -> bool:
    """Whether the key's own library takes the signature."""
    try:
        key.public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_all_published_vectors_have_their_result(reference: Path) -> None:
    """Each key comes in as an issuer's does, and each signature is tried both ways that this program can come to it."""
    found = vectors(reference)
    assert len(found) == 151
    valid = 0
    for public, test in found:
        key = VerifyKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64(bytes.fromhex(public))})
        message, signature = bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        expected = test["result"] == "valid"
        assert holds(key, message, signature) == expected, (test["tcId"], test["comment"])
        assert OKPAlgorithm().verify(message, key.public, signature) == expected, (test["tcId"], test["comment"])
        valid += expected
    assert valid == 88


def test_a_token_verifies_by_its_own_type_and_key_only() -> None:
    assert verify(TOKEN, "test+jwt", TRUST).payload == b'{"a":1}'
    assert verify(TOKEN, "test+jwt", TRUST.get).key_id == KEY.public.thumbprint
    assert code(TOKEN, "other+jwt") == "wrong-type"
    other = SigningKey.from_seed(b"o" * 32)
    assert code(sign(b"{}", other, "test+jwt")) == "unknown-issuer"
    with pytest.raises(Unsound, match="bad-signature"):
        verify(TOKEN, "test+jwt", {KEY.public.thumbprint: other.public})
    assert unverified_payload(TOKEN) == b'{"a":1}'


def test_there_is_one_form_of_a_token_and_no_other_is_taken() -> None:
    """86 characters hold 516 bits of a signature of 512: fifteen other last characters would decode to the same bytes."""
    head, payload, signature = TOKEN.split(".")
    same = [last for last in ALPHABET if unb64(signature[:-1] + last) == unb64(signature)]
    assert len(same) == 16
    taken = [last for last in ALPHABET if code(f"{head}.{payload}.{signature[:-1]}{last}") is None]
    assert taken == [signature[-1]]
    assert {code(f"{head}.{payload}.{signature[:-1]}{last}") for last in same if last != signature[-1]} == {"not-a-licence"}


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("change", ["{}=", "{}==", "{} ", " {}", "{}\n", "{}A", "{}A===", "{}!", "", "{}.", "+{}", "{}/"])
def test_no_other_spelling_is_taken(part: int, change: str) -> None:
    parts = TOKEN.split(".")
    parts[part] = change.format(parts[part])
    assert code(".".join(parts)) in {"not-a-licence", "bad-signature", "algorithm-not-allowed", "wrong-type"}


def test_changed_signatures_are_bad() -> None:
    head, payload, signature = TOKEN.split(".")
    raw = unb64(signature)
    scalar = int.from_bytes(raw[32:], "little")
    for changed in (
        raw[:32] + (scalar + ORDER).to_bytes(32, "little"),  # the same point: RFC 8032 takes the smaller one only
        raw[:-1],
        raw + b"\0",
        raw + raw,
        raw[32:] + raw[:32],
        bytes(64),
        b"\x01" + bytes(63),
        raw[:31] + bytes([raw[31] ^ 0x80]) + raw[32:],
    ):
        assert code(f"{head}.{payload}.{b64(changed)}") == "bad-signature", changed
    for at in range(0, 512, 37):
        flipped = bytearray(raw)
        flipped[at // 8] ^= 1 << at % 8
        assert code(f"{head}.{payload}.{b64(bytes(flipped))}") == "bad-signature"


def test_the_thumbprint_is_that_of_rfc_8037() -> None:
    key = VerifyKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X})
    assert key.thumbprint == RFC8037_KID
    assert SigningKey.from_seed(unb64(RFC8037_D)).public.thumbprint == RFC8037_KID
    assert key.jwk() == {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X, "kid": RFC8037_KID, "use": "sig", "alg": "EdDSA"}
    assert VerifyKey.from_jwk(key.jwk()) == key
    assert VerifyKey.from_jwk(key.bare_jwk | {"use": "enc", "other": 1}).thumbprint == RFC8037_KID


def test_the_token_of_rfc_8037_is_signed_alike() -> None:
    """RFC 8037, appendix A.4: the signature over a header of its own, by the same key."""
    key = SigningKey.from_seed(unb64(RFC8037_D))
    signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    published = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    assert b64(key.private.sign(signed)) == published
    assert holds(key.public, signed, unb64(published))


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X, "d": RFC8037_D},
        {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X, "d": None},
        {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X, "kid": "another"},
        {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X, "kid": None},
        {"kty": "OKP", "crv": "Ed25519", "x": RFC8037_X[:-2]},
        {"kty": "OKP", "crv": "Ed25519", "x": f"{RFC8037_X}AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": 5},
        {"kty": "OKP", "crv": "Ed25519", "x": None},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": "X25519", "x": RFC8037_X},
        {"kty": "OKP", "crv": "Ed448", "x": b64(bytes(57))},
        {"kty": "EC", "crv": "Ed25519", "x": RFC8037_X},
        {"crv": "Ed25519", "x": RFC8037_X},
        {"kty": "oct", "k": RFC8037_X},
        [],
        "key",
        None,
    ],
)
def test_only_a_public_ed25519_key_is_one(jwk: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        VerifyKey.from_jwk(jwk)


def test_a_private_key_survives_its_pem_and_nothing_else_is_one() -> None:
    assert SigningKey.from_pem(KEY.pem()).public == KEY.public
    pem = KEY.pem()
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, x25519

    def pkcs8(key: Any, encryption: Any = None) -> bytes:
        kept = encryption or serialization.NoEncryption()
        return bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kept))

    public = KEY.public.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    locked = pkcs8(KEY.private, serialization.BestAvailableEncryption(b"x"))
    others = pkcs8(ec.generate_private_key(ec.SECP256R1())), pkcs8(x25519.X25519PrivateKey.generate())
    for bad in (b"", b"garbage", pem[:-40], public, locked, *others):
        with pytest.raises(ValueError, match=r"."):
            SigningKey.from_pem(bad)
