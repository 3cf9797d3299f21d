"""The backup file: a signed manifest and a compressed, perhaps encrypted image in a container that standard tools open.

Shape, signature and stored bytes are checked first; only then the payload is decrypted and unpacked, never to more than the size in
the manifest. `backup.writer` writes it.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import zstandard

from accountools import safe_files
from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Part
from accountools.formats import encryption
from accountools.formats.backup.container import Member, read_checked, read_members, read_unchecked
from accountools.formats.backup.manifest import Blob, Digest, verify_manifest
from accountools.formats.backup.pipeline import PipelineStage

SUFFIX = ".acb"
MANIFEST, SEALED_KEY = "manifest.jws", "key.age"
_MAX_WINDOW = 1 << 27
MAX_MANIFEST = 16 << 20
_MAX_SEALED_KEY = 1 << 14
_MAX_RATIO = 1000  # real books compress some 2 to 10 times; more than this is a decompression bomb
_CHUNK = 1 << 20
_PORTION = 1 << 20  # of an image, on its way from one thread to the next


def unpack_copy(source: IO[bytes], target: Path, image: Blob) -> None:
    """Write the image in a compressed stream to the new file `target`, checked. Raises `backup-damaged`, `too-large`."""
    _unpack(lambda sink: shutil.copyfileobj(source, sink, _CHUNK), target, image)


def smallest_payload(image_size: int) -> int:
    """The fewest bytes that an image of this size may be stored in; who writes one fills it up to them."""
    return max(-(-(image_size - _CHUNK) // _MAX_RATIO), 0)


def payload_name(purpose: str, encrypted: bool) -> str:
    """The payload's name in the container."""
    return f"{'register' if purpose == 'register' else 'administration'}.sqlite.zst{'.age' if encrypted else ''}"


FIRST_MEMBERS = tuple(
    payload_name(purpose, encrypted=False).encode() for purpose in ("handover", "register")
)  # what their names begin with
FileIdentity = tuple[int, ...]


@dataclass(frozen=True)
class Decryption:
    """What decrypts a backup: one or more age identities, of which each is tried, or a passphrase, or neither."""

    identity: str | tuple[str, ...] | None = None
    passphrase: str | None = None


class BackupFile:
    """A backup whose shape and manifest signature were verified when it was opened.

    Raises `file-not-found`, `not-a-backup`, `backup-damaged`, `signature-invalid`, `newer-version`.
    """

    def __init__(self, path: Path, schema: int, program: str) -> None:
        self.path = path
        self._file = safe_files.open_existing(path)
        try:
            found = read_members(self._file, path.name, FIRST_MEMBERS)
            self._members = {member.name: member for member in found}
            if len(self._members) != len(found):
                raise Unsound("backup-damaged", what=Part.MEMBERS)
            self.manifest = verify_manifest(self._read_small(MANIFEST, MAX_MANIFEST).decode("ascii", "replace"), schema, program)
            self._check_members()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "BackupFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def identity(self) -> FileIdentity | None:
        """Device, inode, size and times of the file, to notice a change. None where the system doesn't have them."""
        found = os.fstat(self._file.fileno())
        return None if os.name == "nt" else (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def sha256(self) -> str:
        """The SHA-256 of the whole file that is open, in hex."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    def check_stored(self) -> str:
        """Compare all stored bytes with the manifest; gives the SHA-256 of the whole file, in hex.

        Raises `backup-damaged`, and `too-large` for an image that is too large for what is stored of it, as would be at unpacking.
        """
        whole, payload = Digest(), Digest()
        size = self._payload.size
        with PipelineStage(whole, size=size) as everything, PipelineStage(payload, size=size) as hashing:
            self._file.seek(0)
            everything.write(self._file.read(self._payload.offset))
            for chunk in read_checked(self._file, self._payload):
                everything.write(chunk)
                hashing.write(chunk)
            while chunk := self._file.read(_CHUNK):
                everything.write(chunk)
        if payload.blob() != self.manifest.payload:
            raise Unsound("backup-damaged", what=self._payload.name)
        if self.manifest.payload.size < smallest_payload(self.manifest.image.size):
            raise Unsound("too-large", what=f"{self.manifest.image.size}")
        return whole.blob().sha256

    def one_time_key(self, passphrase: str) -> Decryption:
        """The identity that this one backup is encrypted to, decrypted with the passphrase. Raises `wrong-key`."""
        return Decryption(identity=self._identity(Decryption(passphrase=passphrase)))

    def unpack(self, target: Path, unlock: Decryption, further: int = 0, progress: Callable[[int, int], None] = lambda *_: None) -> str:
        """Write the image to the new file `target`, checked against the manifest; gives the SHA-256 of the whole backup, in hex.

        `further` is how many bytes must be free there besides the image's own; `progress` is called with the number of stored bytes read,
        and the total. What it raises ends the work, when it is encrypted as another error. Raises `key-needed`, `wrong-key`, `too-large`,
        `backup-damaged`, `disk-full`; then `target` is not left behind.
        """
        digest = self.check_stored()
        safe_files.validate_free_space(target.parent, self.manifest.image.size + further)
        identity = self._identity(unlock)
        try:
            _unpack(lambda sink: self._decode(sink, identity, progress), target, self.manifest.image)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return digest

    @property
    def _payload(self) -> Member:
        return self._members[payload_name(self.manifest.purpose, self.manifest.encrypted)]

    def _check_members(self) -> None:
        expected = [payload_name(self.manifest.purpose, self.manifest.encrypted)]
        expected += [SEALED_KEY] if self.manifest.sealed_key else []
        if list(self._members) != [*expected, MANIFEST]:
            raise Unsound("backup-damaged", what=Part.MEMBERS)
        if self.manifest.sealed_key:
            sealed = self._read_small(SEALED_KEY, _MAX_SEALED_KEY)
            if Blob.of_bytes(sealed) != self.manifest.sealed_key:
                raise Unsound("backup-damaged", what=SEALED_KEY)

    def _read_small(self, name: str, limit: int) -> bytes:
        member = self._members.get(name)
        if member is None or member.size > limit:
            raise Unsound("backup-damaged", what=name)
        return b"".join(read_checked(self._file, member))

    def _identity(self, unlock: Decryption) -> str | tuple[str, ...] | None:
        if not self.manifest.encrypted:
            return None
        if unlock.identity is not None:
            return unlock.identity
        if unlock.passphrase is None:
            raise Refused("key-needed")
        if self.manifest.sealed_key is None:
            raise Refused("wrong-key")
        return encryption.decrypt_bytes(self._read_small(SEALED_KEY, _MAX_SEALED_KEY), None, unlock.passphrase).decode("ascii", "replace")

    def _decode(self, unpacker: IO[bytes], identity: str | tuple[str, ...] | None, progress: Callable[[int, int], None]) -> None:
        stored = cast("IO[bytes]", _MemberSource(_reporting(read_unchecked(self._file, self._payload), self._payload.size, progress)))
        if identity is None:
            shutil.copyfileobj(stored, unpacker, _CHUNK)
        else:
            encryption.decrypt_stream(stored, unpacker, identity)


def _reporting(chunks: Iterator[bytes], total: int, progress: Callable[[int, int], None]) -> Iterator[bytes]:
    done = 0
    for chunk in chunks:
        done += len(chunk)
        progress(done, total)
        yield chunk


def _unpack(decode: Callable[[IO[bytes]], None], target: Path, image: Blob) -> None:
    """Write what `decode` gives, decompressed and checked, to the new file `target`; decompressing and hashing run in parallel."""
    digest = Digest()
    try:
        with safe_files.create_private(target) as file, PipelineStage(digest, size=image.size) as hashing:
            safe_files.reserve(file, image.size)
            sink = cast("IO[bytes]", _ImageSink(file, hashing, image.size))
            decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
            with PipelineStage(decompressor.stream_writer(sink, write_size=_PORTION, closefd=False), size=image.size) as unpacking:
                decode(cast("IO[bytes]", unpacking))
    except zstandard.ZstdError as error:
        raise Unsound("backup-damaged", what=Part.COMPRESSION) from error
    if digest.blob() != image:
        raise Unsound("backup-damaged", what=Part.IMAGE)


class _MemberSource:
    """A member's bytes as something to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        if size < 0:
            size = len(self._rest)
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


class _ImageSink:
    """Writes an image to its file, at most `limit` bytes, and passes it on to the hashing stage."""

    def __init__(self, file: IO[bytes], hashing: PipelineStage, limit: int) -> None:
        self._file = file
        self._hashing = hashing
        self._limit = limit
        self._size = 0

    def write(self, data: bytes) -> int:
        self._size += len(data)
        if self._size > self._limit:
            raise Unsound("too-large", what=f"{self._limit}")
        self._hashing.write(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()
