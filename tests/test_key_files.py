"""Key files as people keep them: several identities, any encoding, a pipe; and keys that age itself can't cope with."""

import io
import os
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from accountools.domain.errors import Refused, Unsound
from accountools.formats.encryption import (
    decrypt_bytes,
    decrypt_stream,
    encrypt_bytes,
    encryption_for_recipient,
    generate_identity,
    parse_identities,
)
from accountools.formats.key_files import read_decryption, read_passphrase

(KEY, RECIPIENT), (OTHER, _) = generate_identity(), generate_identity()
SEALED = encrypt_bytes(b"secret", RECIPIENT, None)
P = 2**255 - 19
ORDER_8 = 325606250916557431795983626356110631294008115727848805560023387167927233504
OTHER_ORDER_8 = 39382357235489614581723060781553021112529911719440698176882885853963445705823
FORMS = {
    "as it is": KEY.encode(),
    "with a BOM": KEY.encode("utf-8-sig"),
    "UTF-16": KEY.encode("utf-16"),
    "UTF-16 without a BOM": KEY.encode("utf-16-le"),
    "UTF-16, the other order": KEY.encode("utf-16-be"),
    "CRLF": KEY.replace("\n", "\r\n").encode(),
    "a comment in another encoding": "# sleutel van Zoë\n".encode("cp1252") + KEY.encode(),
    "behind another key": (OTHER + KEY).encode(),
    "before another key": (KEY + OTHER).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_key_is_found_in_whatever_form_its_file_has(form: str, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(FORMS[form])
    identity = read_decryption(path).identity
    assert decrypt_bytes(SEALED, identity, None) == b"secret"
    opened = io.BytesIO()
    assert identity is not None
    decrypt_stream(io.BytesIO(SEALED), opened, identity)
    assert opened.getvalue() == b"secret"


@pytest.mark.parametrize(
    "content",
    [b"", b"# nothing\n", b"AGE-SECRET-KEY-1X\n", KEY.encode()[:-9], b"\xff\xfe\x00"],
    ids=["empty", "only a comment", "no key", "a key cut short", "no text"],
)
def test_a_file_without_a_usable_key_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key.txt"
    path.write_bytes(content)
    with pytest.raises(Refused) as caught:
        read_decryption(path)
    assert (caught.value.code, dict(caught.value.reason.facts)) == ("key-invalid", {"path": "key.txt"})


def test_a_key_that_does_not_fit_is_the_wrong_one() -> None:
    for identity in (parse_identities(OTHER), "no identity"):
        with pytest.raises(Refused, match="wrong-key"):
            decrypt_bytes(SEALED, identity, None)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("ending", ["", "\n", "\r\nmore\n", "\rmore"])
def test_a_passphrase_is_the_first_line(coding: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(f"vier woorden zonder zín{ending}".encode(coding))
    assert read_passphrase(path) == "vier woorden zonder zín"


@pytest.mark.parametrize("content", [b"", b"\nsecond", b"\xff\xfe", b"zo\xeb"])
def test_a_file_without_a_passphrase_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(Refused, match="key-invalid"):
        read_passphrase(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name here")
def test_a_pipe_serves_as_well_as_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writing = threading.Thread(target=lambda: path.write_bytes(KEY.encode()))
    writing.start()
    assert read_decryption(path).identity == parse_identities(KEY)
    writing.join()


def test_what_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"#" * 70_000)
    for name, code in (("none", "file-not-found"), (".", "file-not-found"), ("a\0b", "file-not-found"), ("large", "file-too-large")):
        with pytest.raises(Refused, match=code):
            read_decryption(tmp_path / name)


def recipient_of(point: int) -> str:
    """A point of Curve25519 as a recipient of age: in Bech32 (BIP 173)."""
    letters, checksum = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 1
    bits = int.from_bytes(point.to_bytes(32, "little"), "big") << 4
    data = [bits >> 5 * place & 31 for place in reversed(range(52))]
    for value in (*(ord(letter) >> 5 for letter in "age"), 0, *(ord(letter) & 31 for letter in "age"), *data, *[0] * 6):
        top, checksum = checksum >> 25, (checksum & 0x1FFFFFF) << 5 ^ value
        for place, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            checksum ^= factor if top >> place & 1 else 0
    checksum ^= 1
    return "age1" + "".join(letters[value] for value in (*data, *(checksum >> 5 * place & 31 for place in reversed(range(6)))))


@pytest.mark.parametrize("high_bit", [0, 1 << 255])
@pytest.mark.parametrize("point", [0, 1, P - 1, P, P + 1, ORDER_8, OTHER_ORDER_8])
def test_a_recipient_of_low_order_is_refused_where_age_would_panic(point: int, high_bit: int) -> None:
    public = X25519PublicKey.from_public_bytes((point | high_bit).to_bytes(32, "little"))
    with pytest.raises(ValueError, match="shared key"):
        X25519PrivateKey.generate().exchange(public)
    recipient = recipient_of(point | high_bit)
    with pytest.raises(Refused, match="recipient-invalid"):
        encryption_for_recipient(recipient)
    with pytest.raises(Refused, match="recipient-invalid"):
        encrypt_bytes(b"secret", recipient, None)


def test_another_recipient_is_accepted() -> None:
    assert encryption_for_recipient(f" {RECIPIENT}\n").recipient == RECIPIENT
    assert encryption_for_recipient(recipient_of(9)).recipient == recipient_of(9)


@pytest.mark.parametrize("share", ["A" * 43, "AQ" + "A" * 41])
def test_a_file_whose_key_share_is_of_low_order_is_refused(share: str) -> None:
    body = SEALED.split(b"\n")
    body[1] = b"-> X25519 " + share.encode()
    with pytest.raises((Refused, Unsound)):
        decrypt_stream(io.BytesIO(b"\n".join(body)), io.BytesIO(), parse_identities(KEY))
