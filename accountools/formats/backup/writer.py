"""Writes backups: image → zstd → age → member, in constant memory; then the manifest, with the hashes of both.

`backup.reader` reads them.
"""

import shutil
import struct
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, cast

import zstandard

from accountools.domain.errors import Unsound
from accountools.formats import encryption
from accountools.formats.backup.container import ContainerWriter
from accountools.formats.backup.manifest import Blob, Digest, ManifestDraft, sign_manifest
from accountools.formats.backup.pipeline import is_worth_threads
from accountools.formats.backup.reader import MANIFEST, MAX_MANIFEST, SEALED_KEY, payload_name, smallest_payload
from accountools.formats.signatures import SigningKey

# zstd's fastest regular level, tuned for the short texts of a bookkeeping: as fast, and a twentieth smaller
_COMPRESSIONS = {
    threaded: zstandard.ZstdCompressionParameters.from_level(1, min_match=5, hash_log=12, threads=2 if threaded else 0)
    for threaded in (False, True)
}
_CHUNK = 1 << 20
_SKIPPABLE, _SKIPPED = struct.Struct("<II"), 0x184D2A50  # the head of a frame: its magic number, and how many bytes follow


@dataclass(frozen=True)
class SigningOffice:
    """The office that makes a backup: its name, KvK number and backup key."""

    name: str
    kvk: str
    key: SigningKey


class ImageStream(Protocol):
    """An image to be read from start to end: `size` bytes. Reading may wait for bytes that are still being written."""

    size: int

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most `size`; none at the end."""

    def close(self) -> None:
        """Close it."""


class ImageFile:
    """An image in a file; `done_with` is called when it is closed."""

    def __init__(self, path: Path, done_with: Callable[[], object] = lambda: None) -> None:
        self.size = path.stat().st_size
        self._file, self._done_with = path.open("rb"), done_with
        self.read = self._file.read

    def close(self) -> None:
        """Close it."""
        if not self._file.closed:
            self._file.close()
            self._done_with()


def write_backup(
    target: IO[bytes],
    image: ImageStream | Path,
    draft: ManifestDraft,
    maker: SigningOffice,
    lock: encryption.Encryption | None,
    copy: IO[bytes] | None = None,
) -> str:
    """Write a backup of `image` into the empty file `target`; gives the SHA-256 (hex) of the image. Raises `too-large` for its manifest.

    `copy` gets the compressed stream before encryption: for the test restore of a backup that only somebody else's key decrypts.
    """
    writer = ContainerWriter(target)
    stream = ImageFile(image) if isinstance(image, Path) else image
    with closing(stream), writer.member(payload_name(draft.purpose, lock is not None)) as sink:
        source, payload = _HashingSource(stream), _HashingSink(sink)
        compressor = zstandard.ZstdCompressor(compression_params=_COMPRESSIONS[is_worth_threads(stream.size)])
        packed: Any = _FilledSource(compressor.stream_reader(cast("IO[bytes]", source), size=stream.size), smallest_payload(stream.size))
        if copy is not None:
            packed = _CopyingSource(packed, copy)
        if lock is None:
            shutil.copyfileobj(packed, cast("IO[bytes]", payload), _CHUNK)
        else:
            encryption.encrypt_stream(cast("IO[bytes]", packed), cast("IO[bytes]", payload), lock.recipient)
    sealed = None
    if lock is not None and lock.sealed_key is not None:
        with writer.member(SEALED_KEY) as sink:
            sink.write(lock.sealed_key)
        sealed = Blob.of_bytes(lock.sealed_key)
    manifest = sign_manifest(draft, maker.name, maker.kvk, maker.key, source.blob(), payload.blob(), sealed).encode()
    if len(manifest) > MAX_MANIFEST:
        raise Unsound("too-large", what=MANIFEST)
    with writer.member(MANIFEST) as sink:
        sink.write(manifest)
    writer.finish()
    return source.blob().sha256


class _HashingSource:
    """Hashes and counts what is read from it."""

    def __init__(self, source: ImageStream) -> None:
        self._source, self._digest = source, Digest()
        self.blob = self._digest.blob

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._digest.write(data)
        return data


class _FilledSource:
    """Compressed bytes, filled up to `least` by a frame that every reader of zstd skips (RFC 8878, section 3.1.2).

    So what compresses better than a reader takes for anything but a decompression bomb is readable too.
    """

    def __init__(self, source: Any, least: int) -> None:
        self._source, self._missing = source, least

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._source.read(size)
        if not data and self._missing > 0:
            filling = max(self._missing - _SKIPPABLE.size, 0)
            data = _SKIPPABLE.pack(_SKIPPED, filling) + bytes(filling)
        self._missing -= len(data)
        return data


class _CopyingSource:
    """Also writes what is read to a copy."""

    def __init__(self, source: Any, copy: IO[bytes]) -> None:
        self._source, self._copy = source, copy

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._source.read(size)
        self._copy.write(data)
        return data


class _HashingSink:
    """Hashes and counts what is written through it to another sink."""

    def __init__(self, sink: Any) -> None:
        self._sink, self._digest = sink, Digest()
        self.blob, self.flush = self._digest.blob, sink.flush

    def write(self, data: bytes) -> int:
        self._sink.write(data)
        return self._digest.write(data)
