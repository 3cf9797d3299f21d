"""An issuer's signed list of every licence number it ever revoked. Its `seq` only goes up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from accountools.domain.errors import Refused, Unsound
from accountools.domain.identifiers import is_single_line
from accountools.formats import armor
from accountools.formats.claims import LONGEST_TEXT, Claims, canonical
from accountools.formats.signatures import SigningKey, VerifyKey, sign, verify
from accountools.safe_files import read_whole

TYPE = "accountools-revocations+jwt"
MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class RevocationList:
    """A list whose signature verified: by which key, its rank, and the numbers."""

    key_id: str
    issuer: str
    seq: int
    numbers: frozenset[str]
    token: str


def issue(numbers: frozenset[str], seq: int, issuer: str, issued_at: datetime, key: SigningKey) -> bytes:
    """A revocation list as a file. Raises `claims-invalid`, `file-too-large` for what the reader would refuse."""
    claims = {"iss": issuer, "iat": int(issued_at.timestamp()), "seq": seq, "revoked": sorted(numbers)}
    token = sign(canonical(claims), key, TYPE)
    data = armor.armor(token, armor.REVOCATIONS)
    if len(data) > MAX_BYTES:
        raise Refused("file-too-large", revoked=len(numbers))
    read_token(token, {key.public.thumbprint: key.public})
    return data


def read_path(path: Path, trust: Mapping[str, VerifyKey]) -> RevocationList:
    """Read a list from a file. Raises `file-not-found`, `file-too-large`, `not-a-licence`, or as `signatures.verify` does."""
    token = armor.dearmor(read_whole(path, MAX_BYTES), armor.REVOCATIONS)
    if token is None:
        raise Refused("not-a-licence", path=path.name, revocations=True)
    try:
        return read_token(token, trust)
    except Unsound as error:
        reason = error.reason.with_facts(revocations=True)
        raise Refused(reason.code, (), **dict(reason.facts)) from error


def read_token(token: str, trust: Mapping[str, VerifyKey]) -> RevocationList:
    """Read a list from its token. Raises `claims-invalid`, or as `signatures.verify` does."""
    verified = verify(token, TYPE, trust)
    claims = Claims.parse(verified.payload)
    numbers = claims.members.get("revoked")
    if not isinstance(numbers, list) or not all(isinstance(number, str) and 0 < len(number) <= LONGEST_TEXT for number in numbers):
        claims.refuse("revoked")
    if not is_single_line(" ".join(numbers)):  # just when each of them is one
        claims.refuse("revoked")
    claims.moment("iat")
    return RevocationList(verified.key_id, claims.text("iss"), claims.count("seq", 1), frozenset(numbers), token)
