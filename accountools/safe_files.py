"""Files that are whole or absent: written under a temporary name, fsynced, then renamed. The only module that renames and fsyncs.

Both `storage` and `formats` use it (docs/decisions/0002). What the system refuses is raised as OSError, with the file's name where
there is one; the command line and the forms translate it (`operations.errors`).
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from itertools import count
from pathlib import Path
from typing import IO

from accountools.domain.errors import MachineFailed, Refused, WrongUsage
from accountools.failpoints import reach

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
_MEGABYTE = 1_000_000
_NAME_BYTES = 200
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.part")
_BESIDE = re.compile(r"-(wal|shm|journal)$")  # what SQLite has beside a database
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def read_whole(path: Path, limit: int, *, pipe: bool = False) -> bytes:
    """Read a file (or a `pipe`) of at most `limit` bytes. Raises `file-not-found`, `file-too-large`."""
    with open_existing(path, pipe=pipe) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Refused("file-too-large", path=path.name, limit=f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit >> 10} KiB")
    return data


def open_existing(path: Path, *, pipe: bool = False) -> BufferedReader:
    """Open a regular file to read, or anything that isn't a folder if it may be a `pipe`. Raises `file-not-found`."""
    try:
        if path.is_file() or (pipe and path.exists() and not path.is_dir()):
            return path.open("rb")
    except (OSError, ValueError) as error:  # the latter for a NUL in the name
        if isinstance(error, OSError) and error.errno not in {errno.ENOENT, errno.ENAMETOOLONG}:
            raise
        raise Refused("file-not-found", path=path) from error
    raise Refused("file-not-found", path=path)


def has_file(path: Path) -> bool:
    """Whether there is a file; not where that can't be seen: the right to its folder was withdrawn, the share that it is on is down."""
    return os.path.isfile(path)  # noqa: PTH113 - which raises nothing


def has_folder(path: Path) -> bool:
    """Whether there is a folder, as `has_file`."""
    return os.path.isdir(path)  # noqa: PTH112 - which raises nothing


def is_pipe(path: Path) -> bool:
    """Whether there is a pipe, as `has_file`."""
    try:
        return path.is_fifo()
    except OSError:
        return False


def size_of(path: Path) -> int:
    """How many bytes a file has; 0 where there is none, or it can't be seen, as `has_file`."""
    try:
        return path.stat().st_size if has_file(path) else 0
    except OSError:
        return 0


def absolute(path: Path | str) -> Path:
    """A path as given by a user, made absolute; `~` is a home folder. Raises `usage` for the home of someone unknown."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise WrongUsage("usage", what=path, home=Path(path).parts[0]) from error


def temporary_path(path: Path, maker: str | None = None) -> Path:
    """A new temporary name in the folder of `path`, ending in `.part`; by that of a `maker` it is known again (`is_made_by`)."""
    chosen = secrets.token_hex(4)
    return path.with_name(f".{chosen}{secrets.token_hex(4) if maker is None else _proof(chosen, maker)}.part")


def is_made_by(path: Path, maker: str) -> bool:
    """Whether `path` has a temporary name that was given for this maker."""
    return is_temporary(path) and path.name[9:17] == _proof(path.name[1:9], maker)


def _proof(chosen: str, maker: str) -> str:
    return hashlib.sha256(f"{chosen} {maker}".encode()).hexdigest()[:8]


def is_temporary(path: Path) -> bool:
    """Whether `path` has a name that `temporary_path` gives."""
    return _TEMPORARY.fullmatch(path.name) is not None


def list_temporary(folder: Path) -> list[Path]:
    """The files in `folder` that have such a name, and what a database of that name has beside it; not another program's `.x.part`."""
    return sorted(one for one in folder.glob(".*.part*") if is_temporary(one.with_name(_BESIDE.sub("", one.name))) and not one.is_dir())


def temporary_paths(path: Path) -> Iterator[Path]:
    """The temporary name `path`, and the one to take in its place when it is taken, and so on: always the same ones."""
    while True:
        yield path
        path = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:16]}.part")


def create_private(path: Path) -> IO[bytes]:
    """Create a file that only its owner can read, opened to write and read. Raises FileExistsError."""
    reach("before-create")
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE), "w+b")
    reach("after-create")
    return file


def find_obstruction(folder: Path) -> Path | None:
    """What is no folder where `folder`, or one that it is to be in, would be made; None when it is there or can be made."""
    nearest = next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder.parent)
    return None if has_folder(nearest) else nearest


def make_folder(folder: Path) -> None:
    """Create a private folder and its missing parents, durably. Raises `file-exists` for what is no folder in that place."""
    if folder.is_dir():
        return
    if (taken := find_obstruction(folder)) is not None:
        raise Refused("file-exists", path=taken)
    make_folder(folder.parent)
    reach("before-make-folder")
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    reach("after-make-folder")
    sync_folder(folder.parent)


def write_new(path: Path, data: bytes) -> None:
    """Write a new private file: whole and durable, or not at all. Raises `file-exists`."""
    with create_new(path) as file:
        file.write(data)


@contextmanager
def create_new(path: Path) -> Iterator[IO[bytes]]:
    """A new private file to write in the block, whole and durable at its end; not there if the block fails. Raises `file-exists`."""
    path = path.absolute()
    _refuse_existing(path)
    aside = temporary_path(path)
    try:
        with create_private(aside) as file:
            yield file
            sync_file(file)
        publish(aside, path, keep_aside=True, sync=False)
    except BaseException:
        discard(aside)
        raise
    with suppress(OSError):  # the file has its final name: that the other one stays is no reason to fail
        discard(aside)
    try:
        sync_folder(path.parent)
    except OSError:
        discard(path)  # a name that might not last isn't given
        raise


def write_over(path: Path, data: bytes) -> None:
    """Replace a private file durably: at any moment there is either the old or the new one."""
    with create_over(path) as file:
        file.write(data)


@contextmanager
def create_over(path: Path) -> Iterator[IO[bytes]]:
    """A private file to write in the block, which replaces the one at `path` durably at the block's end; not if the block fails."""
    path = path.absolute()
    aside = temporary_path(path)
    try:
        with create_private(aside) as file:
            yield file
            sync_file(file)
        replace(aside, path)
    finally:
        discard(aside)


def replace(aside: Path, path: Path) -> None:
    """Give a finished and synced file its final name, durably, in place of the file that has it."""
    reach("before-replace")
    aside.replace(path)
    reach("after-replace")
    sync_folder(path.parent)


def publish(aside: Path, path: Path, *, keep_aside: bool = False, sync: bool = True) -> None:
    """Give a finished and synced file its final name, durably. Raises `file-exists`, never overwrites.

    With `keep_aside` it keeps its temporary name too, on file systems with hard links. Without `sync` the caller syncs the folder.
    """
    try:
        reach("before-link")
        path.hardlink_to(aside)
    except FileExistsError as error:
        raise Refused("file-exists", path=path) from error
    except OSError:  # a file system without hard links, e.g. a USB stick's
        _refuse_existing(path)
        reach("before-move")
        aside.rename(path)
        reach("after-move")
    else:
        reach("after-link")
        if not keep_aside:
            reach("before-remove-aside")
            with suppress(FileNotFoundError):  # whoever opened the office meanwhile found the final name and removed this one
                aside.unlink()
            reach("after-remove-aside")
    if sync:
        sync_folder(path.parent)


def move(path: Path, target: Path) -> None:
    """Rename a file in its folder, durably. There must be no file named `target`."""
    reach("before-move")
    path.rename(target)
    reach("after-move")
    sync_folder(target.parent)


def discard(path: Path) -> None:
    """Remove a file if it is there."""
    if not os.path.lexists(path):
        return
    with suppress(FileNotFoundError):
        reach("before-remove")
        path.unlink()
        reach("after-remove")


def sync_file(file: IO[bytes]) -> None:
    """Make what was written to an open file durable."""
    file.flush()
    _fsync(file.fileno(), "sync-file")


def sync_path(path: Path) -> None:
    """Make a closed file durable."""
    with path.open("rb+") as file:
        _fsync(file.fileno(), "sync-file")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _fsync(handle, "sync-folder")
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # the file system, such as that of a share, syncs no folders
            raise
    finally:
        os.close(handle)


def validate_free_space(folder: Path, needed: int) -> None:
    """Raise `disk-full`, before any work is done, when fewer than `needed` bytes are free on the disk of `folder`."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise MachineFailed("disk-full", path=folder, needed=-(-needed // _MEGABYTE), free=free // _MEGABYTE)


def reserve(file: IO[bytes], size: int) -> None:
    """Allocate the blocks of a new file of `size` bytes, where the system can: writing it is faster then, and can't find the disk full."""
    allocate = getattr(os, "posix_fallocate", None)
    if allocate is None or not size:
        return
    try:
        allocate(file.fileno(), 0, size)
    except OSError as error:
        if error.errno not in {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
            raise


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content, in hex, read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_read_fault(path: Path) -> OSError | None:
    """Why a file can't be read to its end; None when it can be, or is no file (a device has no end): something else went wrong."""
    try:
        if stat.S_ISREG(path.stat().st_mode):
            sha256_of(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    return None


def file_name(text: str) -> str:
    """`text` as part of a file name on any system: forbidden characters become `_`, and it is not too long."""
    name = _FORBIDDEN.sub("_", text).rstrip(" .")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")


def free_name(folder: Path, stem: str, suffix: str, taken: frozenset[str] = frozenset()) -> Path:
    """The first path in `folder` that neither exists nor is in `taken`: `stem`, then `stem-2` and so on."""
    names = (f"{stem}{suffix}" if n == 1 else f"{stem}-{n}{suffix}" for n in count(1))
    return next(folder / name for name in names if name not in taken and not os.path.lexists(folder / name))


def _fsync(handle: int, step: str) -> None:
    reach(f"before-{step}")
    os.fsync(handle)
    reach(f"after-{step}")


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise Refused("file-exists", path=path)
