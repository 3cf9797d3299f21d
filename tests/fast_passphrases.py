"""An age file under a passphrase as age itself writes it, but for the work that a guess costs: 4 rounds of scrypt in place of its second.

The file says itself how much work it is, so that the program opens it by its own means (age-encryption.org/v1, the scrypt recipient).
"""

import base64
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_LOG_ROUNDS = 2
_LAST = bytes(11) + b"\x01"  # the nonce of a payload's only chunk
_CHUNK = 1 << 16


def encrypt(data: bytes, words: str) -> bytes:
    """What `pyrage.passphrase.encrypt` gives, made light. `data` fits into one chunk."""
    assert len(data) <= _CHUNK
    key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrapping = Scrypt(b"age-encryption.org/v1/scrypt" + salt, 32, 1 << _LOG_ROUNDS, 8, 1).derive(words.encode())
    stanza = b"-> scrypt %s %d\n%s\n" % (_text(salt), _LOG_ROUNDS, _text(ChaCha20Poly1305(wrapping).encrypt(bytes(12), key, None)))
    head = b"age-encryption.org/v1\n" + stanza + b"---"
    mac = hmac.digest(_derived(key, b"header"), head, "sha256")
    payload = ChaCha20Poly1305(_derived(key, b"payload", nonce)).encrypt(_LAST, data, None)
    return b"%s %s\n%s%s" % (head, _text(mac), nonce, payload)


def _derived(key: bytes, what_for: bytes, salt: bytes = b"") -> bytes:
    return HKDF(SHA256(), 32, salt, what_for).derive(key)


def _text(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")
