"""Encryption by age (age-encryption.org/v1), through pyrage: to a recipient, or to a passphrase.

A passphrase encrypts a one-time identity, to whose recipient the payload is encrypted: so both ways stream, and the fixed cost
of scrypt is paid on some 80 bytes. With `signatures` the only module that imports cryptography or age.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, TypeVar

import pyrage
from pyrage import passphrase, x25519

from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Part

T = TypeVar("T")

_MAX_WORK = 20  # the logarithm of scrypt's cost that a file may ask for: 1 GiB of memory; age itself asks for some 18, a second of work
_BY_PASSPHRASE = re.compile(rb"age-encryption\.org/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n[A-Za-z0-9+/]{43}\n--- ")
_AGE = b"age-encryption.org/v1\n"
_ARMOR = re.compile(rb"\s*-----BEGIN AGE ENCRYPTED FILE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END AGE ENCRYPTED FILE-----\s*")

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CHECKSUM, _PADDING = 6, 4  # characters of Bech32's (BIP 173), bits behind the 256 of a key
_P = 2**255 - 19
_LOW_ORDER = {  # the points of Curve25519 with which every shared secret is zero (RFC 7748, section 6.1)
    0,
    1,
    _P - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
}


@dataclass(frozen=True)
class Encryption:
    """What a payload is encrypted to. `sealed_key` is the one-time identity under the passphrase, or None for a recipient."""

    recipient: str
    sealed_key: bytes | None = None


def encryption_for_recipient(recipient: str) -> Encryption:
    """Encryption to an age X25519 recipient (`age1…`). Raises `recipient-invalid`."""
    return Encryption(str(_parse_recipient(recipient.strip())))


def encryption_for_passphrase(words: str) -> Encryption:
    """Encryption to a passphrase: to a new identity, which the passphrase encrypts."""
    identity = x25519.Identity.generate()
    return Encryption(str(identity.to_public()), passphrase.encrypt(str(identity).encode(), words))


def generate_identity() -> tuple[str, str]:
    """A new identity as the text of an age key file, and its recipient."""
    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    return f"# public key: {recipient}\n{identity}\n", recipient


def recipient_of(identity: str) -> str:
    """The public key that belongs to an identity."""
    return str(x25519.Identity.from_str(identity).to_public())


def parse_identities(content: bytes | str) -> tuple[str, ...]:
    """All identities in an age key file, in any encoding. Raises ValueError when there is none or one is malformed."""
    text = content if isinstance(content, str) else _decode_key_file(content, otherwise="latin-1")
    lines = (line.strip() for line in re.split(r"[\r\n]", text))
    found = [line for line in lines if line.startswith("AGE-SECRET-KEY-1")]
    if not found:
        raise ValueError("no identity in it")
    try:
        return tuple(str(x25519.Identity.from_str(one)) for one in found)
    except pyrage.IdentityError as error:
        raise ValueError("not an identity") from error


def parse_passphrase(content: bytes) -> str:
    """The first line of a passphrase file, in UTF-8 or UTF-16. Raises ValueError when it is empty or not text."""
    words = re.split(r"\r\n|[\r\n]", _decode_key_file(content, otherwise="utf-8"), maxsplit=1)[0]
    if not words:
        raise ValueError("no passphrase in it")
    return words


def _decode_key_file(content: bytes, otherwise: str) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    if b"\0" in content[:2]:
        return content.decode("utf-16-be" if content[0] == 0 else "utf-16-le")
    return content.removeprefix(codecs.BOM_UTF8).decode(otherwise)


def is_encrypted(data: bytes) -> bool:
    """Whether this is a file of age's, to judge by its beginning, or in armour."""
    return data.startswith(_AGE) or _ARMOR.fullmatch(data) is not None


def encrypt_bytes(data: bytes, recipient: str | None, words: str | None) -> bytes:
    """A small secret encrypted to a recipient, or else by a passphrase, as an ordinary age file. Raises `recipient-invalid`."""
    if recipient is not None:
        with _panics_as("recipient-invalid", recipient=recipient[:80]):
            return bytes(pyrage.encrypt(data, [_parse_recipient(recipient)]))
    return bytes(passphrase.encrypt(data, words or ""))


def decrypt_bytes(data: bytes, identity: str | Iterable[str] | None, words: str | None) -> bytes:
    """The inverse of `encrypt_bytes`; each identity is tried. Raises `wrong-key`, or `too-large` for a passphrase of too much work."""
    with _decrypting():
        if identity is None:
            return bytes(passphrase.decrypt(_bounded(data), words or ""))
        return bytes(pyrage.decrypt(data, _parse_identities(identity)))


def _bounded(data: bytes) -> bytes:
    """An age file under a passphrase, without armour, that asks for no more work than `_MAX_WORK` (age-encryption.org/v1, section 2.2)."""
    armored = _ARMOR.fullmatch(data)
    try:
        plain = base64.b64decode(armored[1]) if armored else data
    except binascii.Error as error:
        raise Refused("wrong-key") from error
    head = _BY_PASSPHRASE.match(plain)
    if head is None:
        raise Refused("wrong-key")
    if int(head[1]) > _MAX_WORK:
        memory = 1 << int(head[1]) - 10  # megabytes: 128 × 8 × 2^work bytes (RFC 7914, section 2)
        raise Refused("too-large", what=memory, memory=memory)
    return plain


class _RecordingStream:
    """A stream that records the exception of its reads and writes: pyrage gives only its text, without the errno."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return self._recording(lambda: self._stream.read(size))

    def write(self, data: bytes) -> int:
        return self._recording(lambda: self._stream.write(data))

    def flush(self) -> None:
        self._recording(self._stream.flush)

    def _recording(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except BaseException as error:
            self.failure = error
            raise


def encrypt_stream(source: IO[bytes], target: IO[bytes], recipient: str) -> None:
    """Encrypt all of `source` into `target`, in constant memory. What the streams raise is raised on."""
    reader, writer = _RecordingStream(source), _RecordingStream(target)
    try:
        with _panics_as("recipient-invalid", recipient=recipient[:80]):
            pyrage.encrypt_io(reader, writer, [_parse_recipient(recipient)])
    except pyrage.EncryptError as error:
        raise reader.failure or writer.failure or error from None


def decrypt_stream(source: IO[bytes], target: IO[bytes], identity: str | Iterable[str]) -> None:
    """Decrypt all of `source` into `target`, in constant memory; each identity is tried. What the streams raise is raised on.

    Raises `wrong-key` when the header doesn't open, also for what isn't age at all, and `backup-damaged` behind it.
    """
    reader, writer = _RecordingStream(source), _RecordingStream(target)
    try:
        with _decrypting():
            pyrage.decrypt_io(reader, writer, _parse_identities(identity))
    except (Refused, OSError) as error:
        fault = error if isinstance(error, Refused) else Unsound("backup-damaged", what=Part.ENCRYPTION)
        raise reader.failure or writer.failure or fault from error


@contextmanager
def _decrypting() -> Iterator[None]:
    """Turn age's errors and panics into `wrong-key`."""
    try:
        with _panics_as("wrong-key"):
            yield
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise Refused("wrong-key") from error


@contextmanager
def _panics_as(code: str, **facts: str) -> Iterator[None]:
    """Raise a panic of age, which is not an `Exception` and would end more than this one thing, as a refusal."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Refused(code, (), **facts) from error


def _parse_identities(identity: str | Iterable[str]) -> list[x25519.Identity]:
    return [x25519.Identity.from_str(one.strip()) for one in ([identity] if isinstance(identity, str) else identity)]


@lru_cache(64)
def _parse_recipient(recipient: str) -> x25519.Recipient:
    """Read a recipient; a point of low order (RFC 7748, section 6.1), for which age panics, is none."""
    try:
        parsed = x25519.Recipient.from_str(recipient)
        bits = "".join(f"{_BECH32.index(character):05b}" for character in str(parsed).removeprefix("age1")[:-_CHECKSUM])
    except pyrage.RecipientError as error:
        raise Refused("recipient-invalid", recipient=recipient[:80]) from error
    point = int.from_bytes(int(bits[:-_PADDING], 2).to_bytes(32, "big"), "little") % 2**255
    if point % _P in _LOW_ORDER:
        raise Refused("recipient-invalid", recipient=recipient[:80])
    return parsed
