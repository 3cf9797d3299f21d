"""Issuers' public keys in a JWKS (RFC 7517): whose licences are accepted."""

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from accountools.domain.errors import Refused
from accountools.domain.identifiers import single_line
from accountools.formats.claims import parse_json
from accountools.formats.signatures import VerifyKey
from accountools.safe_files import read_whole

MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Issuer:
    """An issuer whose licences are accepted: a name to show, and its key."""

    name: str
    key: VerifyKey


def read_trust(path: Path) -> tuple[Issuer, ...]:
    """Read a JWKS. Raises `file-not-found`, or `trust-invalid` for anything but a list of public Ed25519 keys."""
    return parse_trust(read_whole(path, MAX_BYTES), path.name)


def parse_trust(data: bytes, name: str) -> tuple[Issuer, ...]:
    """As `read_trust`, of what is in the file `name`."""
    try:
        keys = parse_json(data.removeprefix(codecs.BOM_UTF8))["keys"]
        issuers = []
        for jwk in keys:
            key, given = VerifyKey.from_jwk(jwk), jwk.get("issuer")
            issuers.append(Issuer(single_line(given)[:200] if isinstance(given, str) and single_line(given) else key.thumbprint, key))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("trust-invalid", path=name) from error
    if not issuers:
        raise Refused("trust-invalid", path=name)
    return tuple(issuers)


def write_trust(issuers: tuple[Issuer, ...]) -> bytes:
    """The JWKS of these issuers; the name is the member `issuer`."""
    document = {"keys": [issuer.key.jwk() | {"issuer": issuer.name} for issuer in issuers]}
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def keys_by_thumbprint(issuers: tuple[Issuer, ...]) -> Mapping[str, VerifyKey]:
    """The issuers' keys by thumbprint, as the readers look them up."""
    return {issuer.key.thumbprint: issuer.key for issuer in issuers}
