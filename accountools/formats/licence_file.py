"""The licence file (`docs/licence-file.md`): no other module knows it, so another format is one more reader.

Verified first, parsed after: bytes, armour, header, key, signature, and only then the claims; the first that is wrong gives
an `Unsound` with its code. Whether a licence is valid on a day is `validity_obstacle`'s decision; the JOSE library checks no time.
"""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from accountools.domain.calendar import day_of, end_of_day, start_of_day
from accountools.domain.errors import Refused, Unsound
from accountools.domain.identifiers import KvkNumber
from accountools.domain.licence import Kind, Licence, Licensee, Module, UnverifiedLicence
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats import armor
from accountools.formats.claims import Claims
from accountools.formats.encryption import encryption_for_recipient
from accountools.formats.signatures import SigningKey, VerifyKey, sign, unverified_payload, verify

TYPE = "accountools-licence+jwt"
KINDS = ("accountant", "client", "demo")
MAX_USERS = 1_000_000


@dataclass(frozen=True)
class LicenceTerms:
    """What an issuer states in a licence. The days are Amsterdam's, both inclusive."""

    number: str
    kind: Kind
    licensee: Licensee
    users: int
    modules: tuple[Module, ...]
    valid_from: date
    valid_until: date
    issued_at: datetime
    recipient: str | None = None
    serial: str | None = None  # the `jti`; random when not given


@dataclass(frozen=True)
class ReadResult:
    """What came of reading a licence file: a verified licence, or the fault, with what the token merely claims."""

    licence: Licence | None
    fault: Obstacle | None = None
    unverified: UnverifiedLicence | None = None


def issue(terms: LicenceTerms, key: SigningKey, issuer: str) -> bytes:
    """A licence file with these terms, signed by `key`. Raises `claims-invalid`, `file-too-large` for what the reader would refuse."""
    claims: dict[str, Any] = {
        "jti": terms.serial or str(uuid.uuid4()),  # first, so that no two payloads begin alike and a search for one doesn't find another
        "iss": issuer,
        "sub": terms.number,
        "iat": int(terms.issued_at.timestamp()),
        "nbf": int(start_of_day(terms.valid_from).timestamp()),
        "exp": int(end_of_day(terms.valid_until).timestamp()),
        "kind": terms.kind,
        "licensee": vars(terms.licensee),
        "users": terms.users,
        "modules": [vars(module) for module in terms.modules],
    }
    if terms.recipient:
        claims["recipient"] = terms.recipient
    token = sign(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode(), key, TYPE)
    _parse(token, verify(token, TYPE, {key.public.thumbprint: key.public}).payload, key.public.thumbprint)
    data = armor.armor(token, armor.LICENCE)
    if len(data) > armor.LARGEST:
        raise Refused("file-too-large", issued=terms.number)
    return data


def read(data: bytes, trust: Mapping[str, VerifyKey], name: str = "") -> ReadResult:
    """Read the bytes of a licence file, as they came by mail, against the issuers' keys in `trust` (by thumbprint)."""
    if len(data) > armor.LARGEST:
        return ReadResult(None, obstacle("file-too-large", path=name))
    token = armor.dearmor(data, armor.LICENCE)
    if token is None:
        return ReadResult(None, obstacle("not-a-licence", path=name))
    return read_token(token, trust, name)


def read_token(token: str, trust: Mapping[str, VerifyKey], name: str = "") -> ReadResult:
    """Read a licence's token, without armour."""
    try:
        verified = verify(token, TYPE, trust)
        return ReadResult(_parse(token, verified.payload, verified.key_id))
    except Unsound as error:
        facts = dict(error.reason.facts) | {"path": name}
        return ReadResult(None, obstacle(error.code, **facts), _unverified(token))


def reject_future(reading: ReadResult, latest: date) -> ReadResult:
    """The same, or `claims-invalid` for a licence that says that it was issued after the day `latest`."""
    licence = reading.licence
    if licence is None or licence.is_issued_by(latest):
        return reading
    fault = obstacle("claims-invalid", claim="iat", issued_on=day_of(licence.issued_at))
    return ReadResult(None, fault, _unverified(licence.token))


def claimed_kind(token: str) -> str | None:
    """The kind that a token claims to be, verified or not."""
    unverified = _unverified(token)
    return None if unverified is None else unverified.claims.get("kind")


def claimed_number(token: str) -> str | None:
    """The number that a token claims, verified or not."""
    unverified = _unverified(token)
    return None if unverified is None else unverified.claims.get("sub")


def validity_obstacle(licence: Licence, today: date, *, revoked: bool) -> Obstacle | None:
    """Why a verified licence is not valid on `today`: `licence-revoked`, `licence-not-yet-valid`, `licence-expired`, or None."""
    status = licence.status(today, revoked=revoked)
    if status == "revoked":
        return obstacle("licence-revoked", licence=licence.number)
    if status == "not-yet-valid":
        return obstacle("licence-not-yet-valid", licence=licence.number, valid_from=licence.valid_from)
    if status == "expired":
        return obstacle("licence-expired", licence=licence.number, valid_until=licence.valid_until)
    return None


def _parse(token: str, payload: bytes, key_id: str) -> Licence:
    claims = Claims.parse(payload)
    claims.text("jti")
    first, last = claims.moment("nbf"), claims.moment("exp")
    if last < first:
        claims.refuse("exp")
    modules = tuple(Module(one.text("code", longest=20), one.text("name", empty=True)) for one in claims.objects("modules"))
    if len({module.code for module in modules}) != len(modules):
        claims.refuse("modules")
    return Licence(
        number=claims.text("sub", longest=60),
        kind=cast("Kind", claims.one_of("kind", KINDS)),
        licensee=_licensee(claims.object("licensee")),
        users=claims.count("users", 1, MAX_USERS),
        modules=modules,
        valid_from=day_of(first),
        valid_until=day_of(last),
        issuer=claims.text("iss"),
        issued_at=claims.moment("iat"),
        key_id=key_id,
        token=token,
        recipient=_recipient(claims),
    )


def _licensee(claims: Claims) -> Licensee:
    kvk = claims.text("kvk", longest=8)
    try:
        KvkNumber.parse(kvk)
    except Refused:
        claims.refuse("kvk")
    return Licensee(claims.text("name"), kvk, claims.text("city", empty=True), claims.text("country", longest=60, empty=True))


def _recipient(claims: Claims) -> str | None:
    if claims.members.get("recipient") is None:
        return None
    try:
        return encryption_for_recipient(claims.text("recipient")).recipient
    except Refused:
        claims.refuse("recipient")


def _unverified(token: str) -> UnverifiedLicence | None:
    with suppress(Unsound, ValueError):
        return UnverifiedLicence(Claims.parse(unverified_payload(token)).members)
    return None
