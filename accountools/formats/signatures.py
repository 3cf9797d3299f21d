"""Ed25519 keys and signed texts: compact JWS (RFC 7515) by PyJWT, thumbprints by RFC 7638.

With `encryption` the only module that imports cryptography. Algorithm and type are fixed here and by the caller, never read
from the token; a key serves one purpose. `verify` raises `Unsound` with the interface's codes, in the interface's order.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import OKPAlgorithm
from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidKeyError, PyJWTError
from jwt.utils import base64url_decode, base64url_encode

from accountools.domain.errors import Unsound
from accountools.formats.claims import parse_json

ALGORITHM = "EdDSA"
_REFUSED = {"crit", "b64"}  # members of a header that change what a signature is over, or what a reader must know
_JWS = PyJWS(algorithms=[ALGORITHM])
_P = 2**255 - 19
_SMALL_ORDER = {  # the y of the points of Ed25519 whose multiple by 8 is zero: by such a key anybody can sign (RFC 8032, section 5.1)
    0,
    1,
    _P - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303402022,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
}
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")  # no padding, which PyJWT would take


@dataclass(frozen=True)
class VerifyKey:
    """A public Ed25519 key. `thumbprint` is that of RFC 7638 (SHA-256, base64url, 43 characters) and names it everywhere."""

    public: Ed25519PublicKey

    @classmethod
    def from_jwk(cls, jwk: object) -> "VerifyKey":
        """Read a public JWK. Raises ValueError unless it is a public Ed25519 key, not of small order, and its `kid`, if any, its own."""
        if not isinstance(jwk, dict) or jwk.get("crv") != "Ed25519" or "d" in jwk:
            raise ValueError("not a public Ed25519 key")
        try:
            public = OKPAlgorithm.from_jwk(jwk)
        except (InvalidKeyError, TypeError, KeyError) as error:
            raise ValueError("not a public Ed25519 key") from error
        if not isinstance(public, Ed25519PublicKey):
            raise ValueError("not a public Ed25519 key")
        height = int.from_bytes(public.public_bytes_raw(), "little") % 2**255
        if height >= _P or height in _SMALL_ORDER:
            raise ValueError("a point of small order, or not in its canonical form")
        key = cls(public)
        if jwk.get("kid", key.thumbprint) != key.thumbprint:
            raise ValueError("its kid is not its thumbprint")
        return key

    def __reduce__(self) -> "tuple[Callable[[dict[str, str]], VerifyKey], tuple[dict[str, str]]]":
        """To another process it goes as its JWK."""
        return VerifyKey.from_jwk, (self.bare_jwk,)

    @property
    def bare_jwk(self) -> dict[str, str]:
        """The members that RFC 7638 hashes."""
        jwk = OKPAlgorithm.to_jwk(self.public, as_dict=True)
        return {member: jwk[member] for member in ("crv", "kty", "x")}

    @cached_property
    def thumbprint(self) -> str:
        """The key's name: the RFC 7638 thumbprint."""
        canonical = json.dumps(self.bare_jwk, separators=(",", ":"), sort_keys=True).encode()
        return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()

    def jwk(self) -> dict[str, str]:
        """The key as a JWK with its use, algorithm and name."""
        return self.bare_jwk | {"use": "sig", "alg": ALGORITHM, "kid": self.thumbprint}


@dataclass(frozen=True)
class SigningKey:
    """A private Ed25519 key."""

    private: Ed25519PrivateKey

    @classmethod
    def new(cls) -> "SigningKey":
        """A fresh random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "SigningKey":
        """The key of a 32-byte seed (RFC 8032): for the samples' test issuer only."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes) -> "SigningKey":
        """Read an unencrypted PKCS#8 PEM. Raises ValueError when it is anything else."""
        try:
            private = serialization.load_pem_private_key(pem, password=None)
        except (TypeError, UnsupportedAlgorithm) as error:
            raise ValueError("not a readable key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")
        return cls(private)

    def pem(self) -> bytes:
        """The key as an unencrypted PKCS#8 PEM; to be kept 0600."""
        return self.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def derived(self, purpose: str) -> bytes:
        """A 32-byte secret of the key's owner for `purpose` only: HKDF-SHA-256 (RFC 5869). It reveals nothing about the key."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(self.private.private_bytes_raw())

    @cached_property
    def public(self) -> VerifyKey:
        """Its public half."""
        return VerifyKey(self.private.public_key())


def sign(payload: bytes, key: SigningKey, token_type: str, *, with_key: bool = False) -> str:
    """Sign `payload` as a compact JWS with `typ` and `kid`, and `with_key` with the public key itself (`claimed_key`)."""
    headers: dict[str, Any] = {"typ": token_type, "kid": key.public.thumbprint}
    if with_key:
        headers["jwk"] = key.public.bare_jwk
    return _JWS.encode(payload, key.private, algorithm=ALGORITHM, headers=headers, sort_headers=True)


@dataclass(frozen=True)
class Verified:
    """A payload whose signature verified, and the thumbprint of the key that made it."""

    payload: bytes
    key_id: str


def verify(token: str, token_type: str, key_of: Callable[[str], VerifyKey | None] | Mapping[str, VerifyKey]) -> Verified:
    """Verify a compact JWS of `token_type` by the key that `key_of` gives for its `kid`.

    Raises `Unsound`: `not-a-licence` (not a JWS in its one canonical form), `algorithm-not-allowed`, `wrong-type`,
    `unknown-issuer`, `bad-signature`; the first that holds, in this order.
    """
    header = unverified_header(token)
    if header.get("alg") != ALGORITHM:
        raise Unsound("algorithm-not-allowed", algorithm=str(header.get("alg", "-"))[:40])
    if header.get("typ") != token_type:
        raise Unsound("wrong-type", type=str(header.get("typ", "-"))[:60])
    if members := _REFUSED & header.keys():
        raise Unsound("wrong-type", members=", ".join(sorted(members)))
    key_id = header.get("kid")
    look_up = key_of if callable(key_of) else key_of.get
    key = look_up(key_id) if isinstance(key_id, str) else None
    if key is None:
        raise Unsound("unknown-issuer", key=str(key_id)[:60])
    try:
        return Verified(_JWS.decode(token, key.public, algorithms=[ALGORITHM]), key.thumbprint)
    except PyJWTError as error:
        raise Unsound("bad-signature") from error


def unverified_header(token: str) -> dict[str, Any]:
    """The header of a compact JWS that nobody vouches for yet. Raises `not-a-licence` when it is none."""
    if not _COMPACT.fullmatch(token):
        raise Unsound("not-a-licence")
    try:
        first, *others = token.split(".")
        header = parse_json(_decode(first))
        if not isinstance(header, dict):
            raise ValueError("not an object")
        if not _REFUSED & header.keys():
            for other in others:
                _decode(other)
            if not isinstance(header.get("kid", ""), str):
                raise ValueError("the name of its key isn't a text")
    except (ValueError, RecursionError) as error:
        raise Unsound("not-a-licence") from error
    return header


def claimed_key(token: str) -> VerifyKey | None:
    """The public key that a compact JWS names as its own, if it does: whoever uses it decides by its thumbprint whose that is.

    Raises `not-a-licence` when it is no JWS.
    """
    try:
        return VerifyKey.from_jwk(unverified_header(token).get("jwk"))
    except ValueError:
        return None


def unverified_payload(token: str) -> bytes:
    """The payload of a compact JWS that nobody vouches for: to show what it claims. Raises `not-a-licence`."""
    unverified_header(token)
    return base64url_decode(token.split(".")[1])


def _decode(segment: str) -> bytes:
    data = base64url_decode(segment)
    if base64url_encode(data) != segment.encode():
        raise ValueError("not in its one canonical form")  # PyJWT says so too, later and slower
    return data
