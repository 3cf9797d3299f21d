"""Encryption by age (age-encryption.org/v1), through pyrage: to a recipient, or to a passphrase.

A passphrase encrypts a one-time identity, to whose recipient the payload is encrypted: so both ways stream, and the fixed cost
of scrypt is paid on some 80 bytes. With `signing` the only module that imports cryptography or age.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TypeVar

import pyrage
from pyrage import passphrase, x25519

from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Part

T = TypeVar("T")


@dataclass(frozen=True)
class Lock:
    """What a payload is encrypted to. `sealed_key` is the one-time identity under the passphrase, or None for a recipient."""

    recipient: str
    sealed_key: bytes | None = None


def lock_for_recipient(recipient: str) -> Lock:
    """A lock for an age X25519 recipient (`age1…`). Raises `recipient-invalid`."""
    return Lock(str(_parse_recipient(recipient.strip())))


def lock_for_passphrase(words: str) -> Lock:
    """A lock for a passphrase: a fresh identity, sealed by it."""
    identity = x25519.Identity.generate()
    return Lock(str(identity.to_public()), passphrase.encrypt(str(identity).encode(), words))


def unlock_passphrase(sealed_key: bytes, words: str) -> str:
    """The one-time identity that `words` sealed. Raises `wrong-key`."""
    opened: bytes = _or_wrong_key(lambda: passphrase.decrypt(sealed_key, words))
    return opened.decode("ascii", "replace")


def new_identity() -> tuple[str, str]:
    """A fresh identity as the text of an age key file, and its recipient."""
    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    return f"# public key: {recipient}\n{identity}\n", recipient


def identity_of(text: str) -> str:
    """The identity in the text of an age key file (age-keygen's serve as well). Raises ValueError when there is none."""
    lines = (line.strip() for line in text.splitlines())
    found = next((line for line in lines if line.startswith("AGE-SECRET-KEY-1")), None)
    if found is None:
        raise ValueError("no identity in it")
    try:
        return str(x25519.Identity.from_str(found))
    except pyrage.IdentityError as error:
        raise ValueError("not an identity") from error


def seal_bytes(data: bytes, recipient: str | None, words: str | None) -> bytes:
    """A small secret encrypted to a recipient, or else by a passphrase, as an ordinary age file. Raises `recipient-invalid`."""
    if recipient is not None:
        sealed: bytes = pyrage.encrypt(data, [_parse_recipient(recipient)])
        return sealed
    closed: bytes = passphrase.encrypt(data, words or "")
    return closed


def unseal_bytes(data: bytes, identity: str | None, words: str | None) -> bytes:
    """The inverse of `seal_bytes`. Raises `wrong-key`."""
    if identity is not None:
        opened: bytes = _or_wrong_key(lambda: pyrage.decrypt(data, [x25519.Identity.from_str(identity)]))
        return opened
    read: bytes = _or_wrong_key(lambda: passphrase.decrypt(data, words or ""))
    return read


class _Remembering:
    """A stream that keeps the exception its reads and writes ended in: pyrage tells only its text, without the errno."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return self._keeping(lambda: self._stream.read(size))

    def write(self, data: bytes) -> int:
        return self._keeping(lambda: self._stream.write(data))

    def flush(self) -> None:
        self._keeping(self._stream.flush)

    def _keeping(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except BaseException as error:
            self.failure = error
            raise


def encrypt_stream(source: IO[bytes], target: IO[bytes], recipient: str) -> None:
    """Encrypt all of `source` into `target`, in constant memory. What the streams raise is raised on."""
    near, far = _Remembering(source), _Remembering(target)
    try:
        pyrage.encrypt_io(near, far, [_parse_recipient(recipient)])
    except pyrage.EncryptError as error:
        raise near.failure or far.failure or error from None


def decrypt_stream(source: IO[bytes], target: IO[bytes], identity: str) -> None:
    """Decrypt all of `source` into `target`, in constant memory. What the streams raise is raised on.

    Raises `wrong-key` when the header doesn't open, also for what isn't age at all, and `backup-damaged` behind it.
    """
    near, far = _Remembering(source), _Remembering(target)
    key = _or_wrong_key(lambda: x25519.Identity.from_str(identity.strip()))
    try:
        pyrage.decrypt_io(near, far, [key])
    except (pyrage.DecryptError, OSError) as error:
        fault = Refused("wrong-key") if isinstance(error, pyrage.DecryptError) else Unsound("backup-damaged", what=Part.ENCRYPTION)
        raise near.failure or far.failure or fault from error


def _or_wrong_key(step: Callable[[], T]) -> T:
    try:
        return step()
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise Refused("wrong-key") from error


def _parse_recipient(recipient: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise Refused("recipient-invalid", recipient=recipient[:80]) from error
