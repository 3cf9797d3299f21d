"""What a command does to the files of a folder, in order: recorded by strace from a forked child, at the border of the system."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash_checks import ProcessResult, become_command

CALLS = (
    "openat,open,creat,read,write,pwrite64,writev,pwritev,pwritev2,lseek,ftruncate,truncate,fallocate,sendfile,copy_file_range,"
    "rename,renameat,renameat2,link,linkat,symlink,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,sync_file_range"
)
_LONGEST = 1 << 24
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
_CUT = re.compile(r"^(\d+) +(\w+\(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_PLACE = re.compile(r"^(\w+)<([^>]*)>")


@dataclass(frozen=True)
class Operation:
    """One thing that was done. `kind`: write, truncate, sync, enter (a new name), link, leave, rename, make, remove (folders)."""

    kind: str
    path: str
    other: str = ""  # the name that it had (link), or gets (rename)
    offset: int = 0  # or the size (truncate)
    data: bytes = b""


def expect_strace() -> None:
    """Skip where there is no strace, or where it may not look at a child."""
    if shutil.which("strace") is None:
        pytest.skip("strace isn't installed (apt-get install strace): the order of writing can't be recorded")
    if subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not trace here (ptrace is not permitted): the order of writing can't be recorded")


def record(folder: Path, arguments: list[str], arm: str = "") -> tuple[int, list[Operation]]:
    """Run a command in a forked child; gives how it ended and what it did in `folder`."""
    reader = _Reader(folder)
    ended, log = run_traced(arguments, ("-y", "-xx", "-s", str(_LONGEST), "-e", f"trace={CALLS}"), arm)
    return ended.code, list(_operations(log, reader))


def run_traced(arguments: list[str], options: tuple[str, ...], arm: str = "") -> tuple[ProcessResult, str]:
    """Run a command in a forked child under strace; gives how it ended, and strace's log."""
    with tempfile.TemporaryDirectory() as aside, tempfile.TemporaryFile() as output:
        log = Path(aside) / "trace"
        ready, go = os.pipe()
        child = os.fork()
        if child == 0:
            become_command(arguments, arm, output.fileno(), ready)
        with subprocess.Popen(["strace", "-f", *options, "-o", str(log), "-p", str(child)], stderr=subprocess.PIPE) as strace:
            assert strace.stderr is not None
            strace.stderr.readline()  # it is attached
            os.write(go, b"!")
            _, status = os.waitpid(child, 0)
            strace.stderr.read()
        os.close(ready)
        os.close(go)
        output.seek(0)
        return ProcessResult(os.waitstatus_to_exitcode(status), output.read().decode()), log.read_text()


def _operations(log: str, reader: "_Reader") -> Iterator[Operation]:
    for call, arguments, result in _calls(log):
        if result >= 0 and not (arguments and arguments[0].endswith("(deleted)")):
            yield from reader.read(call, arguments, result)


def _calls(log: str) -> Iterator[tuple[str, list[str], int]]:
    """Each call, put together from its halves where two threads were at it."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if cut := _CUT.match(line):
            begun[cut[1]] = cut[2]
            continue
        resumed = _RESUMED.match(line)
        if whole := _LINE.match(f"{resumed[1]} {begun.pop(resumed[1], '')}{resumed[2]}" if resumed else line):
            yield whole[1], whole[2].split(", "), int(whole[3])


class _Reader:
    """Takes calls for operations; keeps the position of each open file."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.positions: dict[str, int] = {}
        self.there = {str(path) for path in folder.rglob("*")}

    def read(self, call: str, given: list[str], result: int) -> Iterator[Operation]:
        take = getattr(self, f"_{call}", None)
        if take is not None:
            yield from (one for one in take(given, result) if one.path.startswith(self.folder))
        else:
            assert not any(_text(part).startswith(self.folder) for part in given), f"a call that isn't known here: {call} {given}"

    def _openat(self, given: list[str], result: int) -> Iterator[Operation]:
        path, flags = _joined(given[0], given[1]), given[2]
        self.positions[str(result)] = 0
        assert "O_APPEND" not in flags or not path.startswith(self.folder)
        if "O_CREAT" in flags and path not in self.there:
            self.there.add(path)
            yield Operation("enter", path)
        elif "O_TRUNC" in flags:
            yield Operation("truncate", path)

    def _lseek(self, given: list[str], result: int) -> Iterator[Operation]:
        self.positions[_handle(given[0])] = result
        yield from ()

    def _read(self, given: list[str], result: int) -> Iterator[Operation]:
        self.positions[_handle(given[0])] = self.positions.get(_handle(given[0]), 0) + result
        yield from ()

    def _write(self, given: list[str], result: int) -> Iterator[Operation]:
        handle = _handle(given[0])
        start = self.positions.get(handle, 0)
        self.positions[handle] = start + result
        yield Operation("write", _text(given[0]), offset=start, data=_bytes(given[1])[:result])

    def _pwrite64(self, given: list[str], result: int) -> Iterator[Operation]:
        yield Operation("write", _text(given[0]), offset=int(given[3]), data=_bytes(given[1])[:result])

    def _ftruncate(self, given: list[str], _: int) -> Iterator[Operation]:
        yield Operation("truncate", _text(given[0]), offset=int(given[1]))

    def _fallocate(self, given: list[str], _: int) -> Iterator[Operation]:
        """Of a new file, which becomes as long as that."""
        mode, start, length = map(int, given[1:4])
        assert (mode, start) == (0, 0)
        yield Operation("truncate", _text(given[0]), offset=length)

    def _fsync(self, given: list[str], _: int) -> Iterator[Operation]:
        yield Operation("sync", _text(given[0]))

    _fdatasync = _fsync

    def _rename(self, given: list[str], _: int) -> Iterator[Operation]:
        yield from self._renamed(_text(given[0]), _text(given[1]))

    def _renameat(self, given: list[str], _: int) -> Iterator[Operation]:
        yield from self._renamed(_joined(given[0], given[1]), _joined(given[2], given[3]))

    _renameat2 = _renameat

    def _renamed(self, old: str, new: str) -> Iterator[Operation]:
        self.there = self.there - {old} | {new}
        yield Operation("rename", old, new)

    def _link(self, given: list[str], _: int) -> Iterator[Operation]:
        self.there.add(_text(given[1]))
        yield Operation("link", _text(given[1]), _text(given[0]))

    def _linkat(self, given: list[str], _: int) -> Iterator[Operation]:
        self.there.add(_joined(given[2], given[3]))
        yield Operation("link", _joined(given[2], given[3]), _joined(given[0], given[1]))

    def _unlink(self, given: list[str], _: int) -> Iterator[Operation]:
        self.there.discard(_text(given[0]))
        yield Operation("leave", _text(given[0]))

    def _unlinkat(self, given: list[str], _: int) -> Iterator[Operation]:
        path = _joined(given[0], given[1])
        self.there.discard(path)
        yield Operation("remove" if "AT_REMOVEDIR" in given[2] else "leave", path)

    def _mkdir(self, given: list[str], _: int) -> Iterator[Operation]:
        yield Operation("make", _text(given[0]))

    def _rmdir(self, given: list[str], _: int) -> Iterator[Operation]:
        yield Operation("remove", _text(given[0]))


def _handle(text: str) -> str:
    return text.partition("<")[0]


def _bytes(text: str) -> bytes:
    assert not text.endswith("..."), "longer than strace was asked to show"
    return bytes.fromhex(text.strip('"').replace("\\x", ""))


def _text(text: str) -> str:
    """A path: of a handle, or given as a string."""
    place = _PLACE.match(text)
    if place:
        return bytes.fromhex(place[2].replace("\\x", "")).decode(errors="replace") if place[2].startswith("\\x") else place[2]
    return _bytes(text).decode(errors="replace") if text.startswith('"') else text


def _joined(folder: str, name: str) -> str:
    return os.path.join(_text(folder), _text(name))  # noqa: PTH118 - of two texts
