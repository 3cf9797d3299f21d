"""The manifest of a backup, signed by the key of the office that made it: `manifest.jws` (`docs/backup-file.md`)."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

from accountools.domain.calendar import format_moment, parse_moment
from accountools.domain.errors import Unsound
from accountools.domain.identifiers import MAX_NUMBER
from accountools.domain.messages import N_
from accountools.domain.obstacle import Part
from accountools.formats.claims import Claims, canonical
from accountools.formats.signatures import SigningKey, VerifyKey, sign, unverified_payload, verify

TYPE = "accountools-manifest+jwt"
FORMAT = 1
Purpose = Literal["handover", "safekeeping", "register"]
PURPOSES = {"handover": N_("for the client"), "safekeeping": N_("for safekeeping"), "register": N_("the office itself")}
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Blob:
    """Size and SHA-256 (hex) of some bytes."""

    size: int
    sha256: str

    @classmethod
    def of_bytes(cls, data: bytes) -> "Blob":
        """That of these bytes."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


class Digest:
    """A sink that hashes and counts what is written to it."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> int:
        """Add these bytes."""
        self._hash.update(data)
        self._size += len(data)
        return len(data)

    def blob(self) -> Blob:
        """Size and hash of all that was written."""
        return Blob(self._size, self._hash.hexdigest())


@dataclass(frozen=True)
class Signer:
    """Who signed: the office's name and KvK number as it states them, and its key."""

    name: str
    kvk: str
    key: VerifyKey

    def document(self) -> dict[str, str]:
        """As the interface gives it."""
        return {"name": self.name, "kvk": self.kvk, "thumbprint": self.key.thumbprint}


@dataclass(frozen=True)
class ManifestDraft:
    """The fields of a manifest that are known before the payload is written."""

    program: str
    schema: int
    purpose: Purpose
    number: int | None
    licence_number: str
    counter: int
    journal_head: str
    journal_length: int
    made_at: str
    today: str
    today_was_set: bool
    recipients: tuple[str, ...]
    contents: dict[str, Any] | None  # description, client, users, counts, totals, by: only when the payload is plain


@dataclass(frozen=True)
class Manifest(ManifestDraft):
    """A manifest whose signature verified. `document` is the whole of it, as JSON."""

    signer: Signer
    image: Blob
    payload: Blob
    sealed_key: Blob | None
    document: dict[str, Any]

    @property
    def encrypted(self) -> bool:
        """Whether the payload needs a key."""
        return bool(self.recipients)


def sign_manifest(
    draft: ManifestDraft, signer_name: str, signer_kvk: str, key: SigningKey, image: Blob, payload: Blob, sealed_key: Blob | None
) -> str:
    """The signed manifest for a payload that has been written."""
    document = {name: value for name, value in vars(draft).items() if not name.startswith("journal_")} | {
        "format": FORMAT,
        "journal": {"head": draft.journal_head, "length": draft.journal_length},
        "signer": {"name": signer_name, "kvk": signer_kvk, "jwk": key.public.jwk()},
        "image": vars(image),
        "payload": vars(payload),
        "key": sealed_key and vars(sealed_key),
    }
    return sign(canonical(document), key, TYPE)


def verify_manifest(token: str, schema: int, program: str) -> Manifest:
    """Verify a manifest with the key it carries, and read it.

    Whether that key is the expected one is for the caller to check. Raises `backup-damaged` (no manifest at all),
    `signature-invalid`, `newer-version` (its format or schema is above `schema`; checked before anything else is read).
    """
    try:
        carried = VerifyKey.from_jwk(Claims.parse(unverified_payload(token)).object("signer").members.get("jwk"))
        payload = verify(token, TYPE, {carried.thumbprint: carried}).payload
    except ValueError as error:
        raise Unsound("signature-invalid", what=Part.KEY) from error
    except Unsound as error:
        code = "backup-damaged" if error.code in {"not-a-licence", "claims-invalid"} else "signature-invalid"
        raise Unsound(code, what=Part.MANIFEST) from error
    try:
        claims = Claims.parse(payload)
        if claims.count("format", 1) > FORMAT or claims.count("schema", 1) > schema:
            raise Unsound("newer-version", made_by=claims.text("program"), ours=program)
        canonical(claims.members)  # half of a pair, escaped, is no character: the document can't be given out
        return _read(claims, carried)
    except (Unsound, UnicodeEncodeError) as error:
        newer = isinstance(error, Unsound) and error.code == "newer-version"
        raise (error if newer else Unsound("backup-damaged", what=Part.MANIFEST)) from error


def _read(claims: Claims, key: VerifyKey) -> Manifest:
    signer, journal, recipients = claims.object("signer"), claims.object("journal"), claims.members.get("recipients")
    if not isinstance(recipients, list) or not all(isinstance(one, str) for one in recipients):
        claims.refuse("recipients")
    purpose = cast("Purpose", claims.one_of("purpose", tuple(PURPOSES)))
    return Manifest(
        program=claims.text("program"),
        schema=claims.count("schema", 1),
        purpose=purpose,
        number=None if purpose == "register" else claims.count("number", 1, MAX_NUMBER),
        licence_number=claims.text("licence_number"),
        counter=claims.count("counter"),
        journal_head=_hash(journal, "head"),
        journal_length=journal.count("length"),
        made_at=_respelled(claims, "made_at", lambda text: format_moment(parse_moment(text))),
        today=_respelled(claims, "today", lambda text: date.fromisoformat(text).isoformat()),
        today_was_set=claims.flag("today_was_set"),
        recipients=tuple(recipients),
        contents=claims.object("contents").members if claims.members.get("contents") is not None else None,
        signer=Signer(signer.text("name"), signer.text("kvk"), key),
        image=_blob(claims.object("image")),
        payload=_blob(claims.object("payload")),
        sealed_key=_blob(claims.object("key")) if claims.members.get("key") is not None else None,
        document=claims.members,
    )


def _blob(claims: Claims) -> Blob:
    return Blob(claims.count("size"), _hash(claims, "sha256"))


def _respelled(claims: Claims, name: str, respell: Callable[[str], str]) -> str:
    """A day or a moment, as a text in its one spelling."""
    value = claims.text(name)
    try:
        is_so = respell(value) == value
    except (ValueError, OverflowError):
        is_so = False
    return value if is_so else claims.refuse(name)


def _hash(claims: Claims, name: str) -> str:
    value = claims.text(name)
    if not _HASH.fullmatch(value):
        claims.refuse(name)
    return value
