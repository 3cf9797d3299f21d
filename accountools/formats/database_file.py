"""SQLite databases as files: what lies beside one, and whether one is whole. Nothing is opened as a database here."""

from pathlib import Path

from accountools.formats.archives import HEAD, kind_of

_LOGS = ("-wal", "-journal")
_HEADER = 100


def logs_of(path: Path) -> tuple[Path, ...]:
    """The logs that lie beside a database."""
    return tuple(log for ending in _LOGS if (log := path.with_name(f"{path.name}{ending}")).is_file())


def is_log(path: Path) -> bool:
    """Whether a file is the log of a database beside it, and looked at with that."""
    stem = next((path.name.removesuffix(ending) for ending in _LOGS if path.name.endswith(ending)), None)
    if not stem or not path.with_name(stem).is_file():
        return False
    try:
        with path.with_name(stem).open("rb") as file:
            return kind_of(file.read(HEAD)) == "sqlite"
    except OSError:
        return False


def is_cut_off(path: Path) -> bool:
    """Whether a database is shorter than its own header says (SQLite's file format, 1.3: page size, and a page count that is valid)."""
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if len(header) < _HEADER:
        return True
    size = int.from_bytes(header[16:18], "big")
    pages, valid = int.from_bytes(header[28:32], "big"), header[24:28] == header[92:96]
    return valid and path.stat().st_size < pages * ((1 << 16) if size == 1 else size)
