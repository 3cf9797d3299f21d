"""S10: the office's licence is found in the bytes of an image as they are read, however it is broken, quoted or encoded there."""

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountools.domain.obstacle import Part
from accountools.formats.leak_scan import LeakScan, signature_pieces

TOKEN = f"{'eyJhbGciOiJFZERTQSJ9'}.{'QWNjb3VudGFuY3k' * 30}.{'c2lnbmF0dXJlIG9m_-' * 4}aGFuZHMgb24gYQ"
OTHER = f"{'eyJhbGciOiJFZERTQSJ9'}.{'QmFra2VyaWo' * 30}.{'ZWVuIGFuZGVyZSBo-_' * 4}b2VmdCBuaWV0IQ"
NOT_IN_TOKENS = st.text(st.characters(codec="ascii", exclude_characters="-_", exclude_categories=["Lu", "Ll", "Nd"]), max_size=4)


class Stream(io.BytesIO):
    """An image in memory."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size = len(data)


def found_in(data: bytes, chunk: int, allowed: str = "") -> Part | None:
    """What is found when it is read in chunks of such a size; all of it comes through."""
    scan = LeakScan([TOKEN], allowed)
    with scan.reading(Stream(data)) as stream:
        assert b"".join(iter(lambda: stream.read(chunk), b"")) == data
    return scan.found


@settings(deadline=None)
@given(
    before=st.binary(max_size=300),
    between=NOT_IN_TOKENS,
    length=st.integers(1, 80),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    chunk=st.integers(1, 900),
)
def test_s10_it_is_found_however_it_is_broken(before: bytes, between: str, length: int, encoding: str, chunk: int) -> None:
    text = between.join(TOKEN[at : at + length] for at in range(0, len(TOKEN), length))
    assert found_in(before + text.encode(encoding) + before, chunk) == Part.BYTES


@settings(deadline=None)
@given(before=st.binary(max_size=300), chunk=st.integers(1, 900))
def test_s10_another_licence_is_not_taken_for_it(before: bytes, chunk: int) -> None:
    assert found_in(before + OTHER.encode() + before, chunk) is None


def test_s10_what_the_clients_licence_has_in_common_with_it_is_no_trace_of_it() -> None:
    header, _, signature = OTHER.split(".")
    alike = ".".join((header, TOKEN.split(".")[1], signature))
    assert found_in(alike.encode(), 1 << 20, allowed=alike) is None
    assert found_in(alike.encode(), 1 << 20) == Part.BYTES


@pytest.mark.parametrize("start", range(4))
def test_s10_one_line_of_its_signature_is_enough(start: int) -> None:
    lines = [TOKEN[at : at + 64] for at in range(0, len(TOKEN), 64)]
    *_, last_whole, last = lines
    assert found_in(b"x" * start + last_whole.encode(), 100) == Part.BYTES
    assert found_in(last.encode(), 100) == (Part.BYTES if len(last) >= 32 else None)


@settings(deadline=None)
@given(before=st.binary(max_size=300), lead=st.integers(0, 5), blank=st.sampled_from(["", " ", "\n\t "]), chunk=st.integers(1, 900))
def test_s10_any_token_that_claims_the_kind_accountant_is_found(before: bytes, lead: int, blank: str, chunk: int) -> None:
    claims = f'{{"x":"{"y" * lead}","kind"{blank}:{blank}"accountant","users":3}}'
    token = f"eyJhbGciOiJFZERTQSJ9.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}."
    assert found_in(before + b" " + token.encode() + b" " + before, chunk) == Part.BYTES


@pytest.mark.parametrize("lead", range(3))
def test_s10_what_only_names_an_accountant_is_not_taken_for_one(lead: int) -> None:
    claims = f'{{"x":"{"y" * lead}","kind":"client","licensee":{{"name":"accountant"}}}}'
    assert found_in(base64.urlsafe_b64encode(claims.encode()), 1 << 20) is None


def test_s10_a_piece_is_found_that_begins_within_the_name_of_an_accountant() -> None:
    """Both are looked for at once, and this name claims nothing."""
    named = base64.urlsafe_b64encode(b'"accountant"').decode()
    head, _, signature = TOKEN.rpartition(".")
    at = signature.index(signature_pieces(TOKEN)[0])
    token = f"{head}.{signature[:at]}{named[-4:]}{signature[at + 4 :]}"
    piece = signature_pieces(token)[0]
    for data, found in ((f"{named[:-4]}{piece}", Part.BYTES), (named, None)):
        scan = LeakScan([token])
        with scan.reading(Stream(data.encode())) as stream:
            stream.read()
        assert scan.found is found
