"""The files of an audit file: their order in a set, how they are decoded, and opening them."""

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, combinations, islice
from pathlib import Path
from typing import Any

import pyxaf
from pyxaf.errors import CorruptArchiveError

from accountools.domain.errors import Refused, Unsound
from accountools.domain.obstacle import Reason
from accountools.formats.zips.directory import validate_directory_size

_MAX_TEXT = 1 << 18  # characters of one element
_MAX_FINDINGS_PER_CODE = 100
_MOST_MISSING = 20  # parts of a set that are named
_CP1252 = "cp1252"
_REPAIRS = ("control-chars", "bare-ampersand")
_CHUNK = 1 << 20
_END = 1 << 12  # bytes in which an audit file ends
_ZIP, _GZIP, _ENCRYPTED = b"PK\x03\x04", b"\x1f\x8b", 1  # how a ZIP and a gzip file begin, and the bit of a ZIP's member's flags


@dataclass(frozen=True)
class Repairs:
    """What is read otherwise than the file says: its `encoding`, and what pyxaf calls repairs, by their names there."""

    encoding: str | None = None
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return self.encoding is not None or bool(self.names)


@dataclass(frozen=True)
class AuditfileSource:
    """The files of one audit file in their order, and how they are read."""

    paths: tuple[Path, ...]
    repairs: Repairs = Repairs()

    @property
    def name(self) -> str:
        """The names of the files."""
        return ", ".join(path.name for path in self.paths)

    def sha256(self) -> str:
        """The hash of the file; of several, that of their hashes."""
        hashes = []
        for path in self.paths:
            with path.open("rb") as file:
                hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    @contextmanager
    def open(
        self, observer: Callable[[int, tuple[object, ...]], None] | None = None, progress: Callable[[int, int], object] | None = None
    ) -> Iterator[pyxaf.AuditFile]:
        """Open it; `observer` sees each event of the first pass, `progress` gets the bytes that were read and those in all.

        Raises as `readable`, and `DamagedXml` when damage is reached.
        """
        with (
            readable(self.paths[0]),
            _opened(self.paths, progress) as files,
            pyxaf.AuditFile(
                files,
                encoding=self.repairs.encoding,
                repair=self.repairs.names,
                max_findings_per_code=_MAX_FINDINGS_PER_CODE,
                max_text_size=_MAX_TEXT,
                _observer=observer,
            ) as opened,
        ):
            yield opened

    def validate(self) -> pyxaf.ValidationReport:
        """Everything that pyxaf finds in it. Raises as `readable`."""
        with readable(self.paths[0]):
            return pyxaf.validate(
                list(self.paths),
                encoding=self.repairs.encoding,
                repair=self.repairs.names,
                max_findings_per_code=_MAX_FINDINGS_PER_CODE,
                max_text_size=_MAX_TEXT,
            )


@contextmanager
def _opened(paths: Sequence[Path], progress: Callable[[int, int], object] | None) -> Iterator[list[Any]]:
    """The files as pyxaf takes them."""
    if progress is None:
        yield list(paths)
        return
    sizes = [path.stat().st_size for path in paths]
    with ExitStack() as stack:
        yield [stack.enter_context(_ReportingFile(path, sum(sizes[:place]), sum(sizes), progress)) for place, path in enumerate(paths)]


class _ReportingFile(io.FileIO):
    """A file that reports how far it was read."""

    def __init__(self, path: Path, before: int, total: int, progress: Callable[[int, int], object]) -> None:
        super().__init__(path)
        self._before, self._total, self._progress, self._furthest = before, total, progress, 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        here = self.tell()
        if here > self._furthest:
            self._furthest = here
            self._progress(self._before + here, self._total)
        return data


class DamagedXml(Refused):
    """`not-an-auditfile`: the XML isn't well-formed, so that a repair may help."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise what pyxaf raises as ours: `file-not-found`, `auditfile-encrypted`, `not-an-auditfile`."""
    try:
        yield
    except FileNotFoundError as error:
        raise Refused("file-not-found", path=path) from error
    except pyxaf.EncryptedAuditfileError as error:
        raise Refused("auditfile-encrypted", path=path) from error
    except pyxaf.ForbiddenConstructError as error:
        raise Refused("not-an-auditfile", path=path, why=Reason.DOCUMENT_TYPE) from error
    except pyxaf.XmlSyntaxError as error:
        raise DamagedXml("not-an-auditfile", path=path, why=Reason.XML_BROKEN, place=error.line or 1) from error
    except CorruptArchiveError as error:
        raise Refused("not-an-auditfile", path=path, why=Reason.ARCHIVE_BROKEN) from error
    except pyxaf.NotAnAuditfileError as error:
        raise Refused("not-an-auditfile", path=path, why=Reason.NO_AUDITFILE) from error
    except (pyxaf.LimitExceededError, RecursionError) as error:
        raise Refused("not-an-auditfile", path=path, why=Reason.BEYOND_LIMITS) from error
    except pyxaf.PyxafError as error:
        raise Refused("not-an-auditfile", path=path, why=f"“{error}”") from error


def find_sets(paths: Sequence[Path]) -> list[AuditfileSource]:
    """The audit files among these files, in their order: parts that say which of how many they are (`Vervolgbestand 2 van 3`) are one.

    The first part needn't say so; it is no whole document. Raises as `readable`.
    """
    positions = {path: _position(path) for path in paths}
    sets = list[dict[int, Path]]()
    for count in dict.fromkeys(position[1] for position in positions.values() if position):
        sets += _divide_parts([(position[0], path) for path, position in positions.items() if position and position[1] == count], count)
    incomplete = [one for one in sets if 1 not in one]
    whole = {path: _is_whole(path) for path, position in positions.items() if incomplete and position is None}
    beginnings = sorted((path for path in whole if not whole[path]), key=lambda path: whole[path] is None)
    for one, first in zip(incomplete, beginnings, strict=False):
        one[1] = first
    in_sets = {path for one in sets for path in one.values()}
    sources = [tuple(path for _, path in sorted(one.items())) for one in sets] + [(path,) for path in positions if path not in in_sets]
    order = {path: place for place, path in enumerate(positions)}
    return [AuditfileSource(source) for source in sorted(sources, key=lambda source: min(order[path] for path in source))]


def _divide_parts(parts: Sequence[tuple[int, Path]], count: int) -> list[dict[int, Path]]:
    """Numbered parts of sets of so many, as these sets.

    The first ones of each number, the second ones and so on, if none is missing; else one set after the other.
    """
    numbered: dict[int, list[Path]] = {}
    for number, path in parts:
        numbered.setdefault(number, []).append(path)
    is_complete = len(numbered.keys() | {1}) == count and max(numbered) <= count and len({len(some) for some in numbered.values()}) == 1
    if is_complete:
        return [dict(zip(numbered, some, strict=True)) for some in zip(*numbered.values(), strict=True)]
    sets = list[dict[int, Path]]()
    for number, path in parts:
        if not sets or number in sets[-1]:
            sets.append({})
        sets[-1][number] = path
    return sets


def _is_whole(path: Path) -> bool | None:
    """Whether a file ends as an audit file does; None of a compressed one."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)).startswith((_ZIP, _GZIP)):
            return None
        file.seek(max(path.stat().st_size - _END, 0))
        return re.search(rb"</([\w.-]+:)?auditfile\s*>", file.read().replace(b"\0", b""), re.IGNORECASE) is not None


def one_set(paths: Sequence[Path]) -> AuditfileSource:
    """These files as the parts of one audit file, in their order. Raises `set-incomplete`, and as `readable`.

    Files that don't say so are whole: together they would be books of two companies or years, or twice the same.
    """
    positions = {path: _position(path) for path in paths}
    known = [position for position in positions.values() if position]
    if not known:
        first, *others = positions
        if others:
            raise Refused("set-incomplete", path=first, other=others[0])
        return AuditfileSource((first,))
    order = sorted(positions, key=lambda path: (positions[path] or (1, 1))[0])
    numbers, count = [(positions[path] or (1, 1))[0] for path in order], known[0][1]
    missing = list(islice((number for number in range(1, count + 1) if number not in numbers), _MOST_MISSING + 1))
    if missing or len(numbers) != count or any(position[1] != count for position in known):
        names = ", ".join(map(str, missing[:_MOST_MISSING])) + (" …" if len(missing) > _MOST_MISSING else "")
        raise Refused("set-incomplete", path=paths[0], count=count, given=len(numbers), missing=names or "—")
    return AuditfileSource(tuple(order))


def _position(path: Path) -> tuple[int, int] | None:
    """Which of how many parts the file says it is."""
    if not path.is_file():
        raise Refused("file-not-found", path=path)
    _validate_archive(path)
    with readable(path):
        return pyxaf.detect(path).continuation


def _validate_archive(path: Path) -> None:
    """Raise `auditfile-encrypted` or `not-an-auditfile` for a ZIP that pyxaf can't read, or not without filling the memory."""
    with path.open("rb") as file:
        if file.read(len(_ZIP)) != _ZIP:
            return
        try:
            validate_directory_size(file)
            with zipfile.ZipFile(file) as archive:
                for member in archive.infolist():
                    if member.flag_bits & _ENCRYPTED:
                        raise Refused("auditfile-encrypted", path=path)
                    archive.open(member).close()
        except Unsound as error:
            raise Refused("not-an-auditfile", path=path, why=Reason.BEYOND_LIMITS) from error
        except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError) as error:
            raise Refused("not-an-auditfile", path=path, why=Reason.ARCHIVE_BROKEN) from error


def with_repairs(source: AuditfileSource) -> AuditfileSource:
    """The source with the fewest repairs by which all of it is well-formed XML; as it is when none helps."""
    sets = chain.from_iterable(combinations(_REPAIRS, size) for size in range(len(_REPAIRS) + 1))
    names = [frozenset(one) for one in sets]
    trials = [Repairs(encoding, one) for one in names for encoding in (None, _CP1252)]
    for repairs in sorted(trials, key=lambda one: (len(one.names) + bool(one.encoding), len(one.names))):
        tried = AuditfileSource(source.paths, repairs)
        if repairs and _is_well_formed(tried):
            return tried
    return source


def _is_well_formed(source: AuditfileSource) -> bool:
    try:
        with source.open() as opened:
            for _ in opened.raw.transactions():
                pass
    except DamagedXml:
        return False
    return True
