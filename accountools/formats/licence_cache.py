"""A cache of verified licences, so that an audit of thousands needn't verify each signature again.

A token counts as verified when its SHA-256 is in the file and the issuer's key that verified it is still trusted; any other is
verified. The file carries an HMAC-SHA-256 (RFC 2104) over its content, by a key that only the office has, and counts for the
version of the program that wrote it: a file that was changed, truncated, or made elsewhere is ignored. Only what verified is saved.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from accountools.domain.licence import Licence, Licensee, Module
from accountools.formats.licence_file import ReadResult, read_token
from accountools.formats.signatures import VerifyKey

PURPOSE = "accountools verified licences"
_MAC = 64  # hex digits before the content


class LicenceCache:
    """Verified licences by the SHA-256 of their tokens. `changed` when it has something that isn't in the file yet."""

    def __init__(self, version: str, data: bytes = b"", key: bytes = b"") -> None:
        """Read a file's content, made by this `version` of the program with the 32-byte `key`; anything else counts as empty."""
        self._version = version
        self._key = key
        self._known: dict[str, str] = {}  # facts as JSON: thousands of small lists would have to be searched for garbage, again and again
        self.changed = False
        if hmac.compare_digest(data[:_MAC], _mac(data[_MAC:], key).encode()):
            made_by, known = json.loads(data[_MAC:])
            self._known = known if made_by == version else {}

    def read_token(self, token: str, trust: Mapping[str, VerifyKey]) -> ReadResult:
        """What `licence_file.read_token` gives, without verifying the signature when that was done before."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        facts = json.loads(self._known.get(digest, "null"))
        if facts is not None and facts[0] in trust:
            return ReadResult(_licence(token, facts))
        reading = read_token(token, trust)
        if reading.licence is not None:
            self._known[digest] = json.dumps(_facts(reading.licence), separators=(",", ":"), ensure_ascii=False)
            self.changed = True
        return reading

    def content(self) -> bytes:
        """The file's content."""
        body = json.dumps([self._version, self._known], separators=(",", ":"), ensure_ascii=False).encode()
        return _mac(body, self._key).encode() + body


def _mac(body: bytes, key: bytes) -> str:
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _facts(licence: Licence) -> list[Any]:
    """The fields of a licence, the issuer's key first."""
    licensee = licence.licensee
    return [
        licence.key_id,
        licence.number,
        licence.kind,
        [licensee.name, licensee.kvk, licensee.city, licensee.country],
        licence.users,
        [[module.code, module.name] for module in licence.modules],
        licence.valid_from.isoformat(),
        licence.valid_until.isoformat(),
        licence.issuer,
        licence.issued_at.isoformat(),
        licence.recipient,
    ]


def _licence(token: str, facts: list[Any]) -> Licence:
    key_id, number, kind, licensee, users, modules, valid_from, valid_until, issuer, issued_at, recipient = facts
    return Licence(
        number=number,
        kind=kind,
        licensee=Licensee(*licensee),
        users=users,
        modules=tuple(Module(*module) for module in modules),
        valid_from=date.fromisoformat(valid_from),
        valid_until=date.fromisoformat(valid_until),
        issuer=issuer,
        issued_at=datetime.fromisoformat(issued_at),
        key_id=key_id,
        token=token,
        recipient=recipient,
    )
