"""Every state that a power cut could leave of a folder, from the order of what was done in it.

What is assumed, and no more (docs/crash-safety.md):
- fsync or fdatasync of a file makes its writes and its length durable, not its name; fsync of a folder makes the names in it durable.
- A write, a change of length or a change of a name that wasn't made durable yet is lost or not, each by itself, in any order. Of such a
  write only the first half may be there (cut at 512 bytes). What is written behind a lost write has zeros before it.
- A rename within a folder is one change: the old name goes as the new one comes. What was durable stays as it was.
"""

import os
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.seeding import random_for
from tests.tracing import Operation

IGNORED = ("-shm", ".lock")  # made anew by whoever opens the database; empty
SECTOR = 512
_NAMING = {"enter", "link", "leave", "rename", "make", "remove"}
Kept = tuple[tuple[int, bool], ...]  # which pending writes of a file are there, and whether only half


@dataclass(frozen=True)
class Cut:
    """A state: the folders, and each file's name with whose content it has, from which durable version on, and what came of the rest."""

    folders: frozenset[str]
    files: tuple[tuple[str, tuple[int, int, Kept]], ...]


@dataclass
class Disk:
    """A folder as the operations make it: what is durable of it, and what isn't yet."""

    folder: Path
    contents: list[list[bytes]] = field(default_factory=list)  # of each file its durable versions
    names: dict[str, int] = field(default_factory=dict)  # as a program sees them
    durable: dict[str, int] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    pending: list[int] = field(default_factory=list)  # places in `operations`
    operations: list[Operation] = field(default_factory=list)
    files: list[int] = field(default_factory=list)  # whose content an operation changes, or whom it names
    now: list[bytearray] = field(default_factory=list)

    def __post_init__(self) -> None:
        inodes = dict[int, int]()
        for path in sorted(self.folder.rglob("*")):
            if path.is_dir():
                self.folders.add(str(path))
            else:
                inode = path.stat().st_ino
                inodes[inode] = self.names[str(path)] = inodes[inode] if inode in inodes else self._new(path.read_bytes())
        self.durable = dict(self.names)
        self.folders.add(str(self.folder))

    def _new(self, data: bytes = b"") -> int:
        self.contents.append([data])
        self.now.append(bytearray(data))
        return len(self.contents) - 1

    def do(self, one: Operation) -> None:
        """Carry an operation out."""
        self.operations.append(one)
        self.files.append(self._file_of(one))
        place, file = len(self.operations) - 1, self.files[-1]
        if one.kind == "sync":
            self._sync(one.path)
        elif one.kind in _NAMING:
            _name(self.names, one, file)
            self.pending.append(place)
        elif file >= 0:
            _change(self.now[file], one)
            self.pending.append(place)

    def _file_of(self, one: Operation) -> int:
        if one.kind == "enter":
            return self._new()
        return self.names.get(one.other if one.kind == "link" else one.path, -1)

    def _sync(self, path: str) -> None:
        if path in self.names:
            file = self.names[path]
            done = [place for place in self.pending if self.files[place] == file and self.operations[place].kind not in _NAMING]
            self.contents[file].append(bytes(self.now[file]))
        else:
            done = [place for place in self.pending if self._names_in(place, path)]
            for place in done:
                self._settle(self.operations[place], self.files[place])
        self.pending = [place for place in self.pending if place not in done]

    def _names_in(self, place: int, folder: str) -> bool:
        one = self.operations[place]
        return one.kind in _NAMING and one.path.rpartition("/")[0] == folder

    def _settle(self, one: Operation, file: int) -> None:
        _name(self.durable, one, file)
        if one.kind in {"make", "remove"}:
            (self.folders.add if one.kind == "make" else self.folders.discard)(one.path)

    def cuts(self, chance: random.Random) -> Iterator[Cut]:
        """The states that an interruption at this moment could leave; of very many, some."""
        relevant = [place for place in self.pending if not self.operations[place].path.endswith(IGNORED)]
        everything = dict.fromkeys(relevant, False)
        yield self._cut({})
        yield self._cut(everything)
        for place in relevant:
            yield self._cut({place: False})
            yield self._cut({other: False for other in relevant if other != place})
            if len(self.operations[place].data) > SECTOR:
                yield self._cut(everything | {place: True})
        for _ in range(min(len(relevant), 4)):
            yield self._cut({place: False for place in relevant if chance.random() < 0.5})

    def _cut(self, kept: dict[int, bool]) -> Cut:
        names, folders, writes = dict(self.durable), set(self.folders), dict[int, list[tuple[int, bool]]]()
        for place, half in kept.items():
            one = self.operations[place]
            if one.kind not in _NAMING:
                writes.setdefault(self.files[place], []).append((place, half))
                continue
            _name(names, one, self.files[place])
            if one.kind == "make":
                folders.add(one.path)
            folders -= {one.path} if one.kind == "remove" else set()
        reachable = _reachable(frozenset(folders))
        there = {name: file for name, file in names.items() if name.rpartition("/")[0] in reachable and not name.endswith(IGNORED)}
        held = tuple((name, (file, len(self.contents[file]) - 1, tuple(writes.get(file, ())))) for name, file in sorted(there.items()))
        return Cut(reachable, held)

    def build(self, cut: Cut) -> None:
        """Make the folder be like this. A register stays the file that it was, by which an office knows itself (`Engine.maker`)."""
        kept = [self.folder.with_name(f"{self.folder.name}-{n}") for n in range(len(list(self.folder.rglob("register.db"))))]
        registers = {str(path): path.rename(aside) for path, aside in zip(sorted(self.folder.rglob("register.db")), kept, strict=True)}
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in sorted(cut.folders):
            Path(folder).mkdir(mode=0o700, exist_ok=True)
        first: dict[int, str] = {}
        for name, (file, version, kept) in cut.files:
            if first.setdefault(file, name) != name:
                os.link(first[file], name)
                continue
            data = bytearray(self.contents[file][version])
            for place, half in kept:
                _change(data, self.operations[place], half=half)
            if name in registers:
                registers.pop(name).rename(name)
            Path(name).write_bytes(data)
        for path in registers.values():
            path.unlink()


def _name(names: dict[str, int], one: Operation, file: int) -> None:
    if one.kind in {"enter", "link"}:
        names[one.path] = file
    elif one.kind in {"leave", "rename"}:
        names.pop(one.path, None)
        if one.kind == "rename":
            names[one.other] = file


def _change(data: bytearray, one: Operation, *, half: bool = False) -> None:
    written = one.data[: max(SECTOR, len(one.data) // 2 // SECTOR * SECTOR)] if half else one.data
    end = one.offset if one.kind == "truncate" else one.offset + len(written)
    if len(data) < end:
        data.extend(bytes(end - len(data)))
    if one.kind == "truncate":
        del data[end:]
    else:
        data[one.offset : end] = written


@cache
def _reachable(folders: frozenset[str]) -> frozenset[str]:
    """The folders that can be come to: all above them are there too."""
    top, *others = sorted(folders)
    found = {top}
    for one in others:
        found |= {one} if one.rpartition("/")[0] in found else set()
    return frozenset(found)


def all_cuts(disk: Disk, operations: Sequence[Operation], seed: str) -> dict[Cut, bool]:
    """Every state at every moment, each once; True for those that are possible after the last operation too."""
    chance, found = random_for(f"states after a power cut {seed}"), dict[Cut, bool]()
    for one in (None, *operations):
        if one is not None:
            disk.do(one)
        for cut in disk.cuts(chance):
            found.setdefault(cut, False)
    for cut in disk.cuts(chance):
        found[cut] = True
    return found
