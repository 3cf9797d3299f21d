"""The file of an administration's books while others may take its place: it has another name then, and for a moment there is none."""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber

KEPT = ".kept"  # how the names end of books that come back unless others take their place
_MOMENT, _MOMENTS = 0.01, 1000  # seconds between two looks for books that are being replaced; how often


def kept_path(path: Path, *, for_good: bool) -> Path:
    """Where the books at `path` are kept while others take their place, or for good when there is no copy of them."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}{'.damaged' if for_good else KEPT}")


def is_kept_name(name: str, path: Path) -> bool:
    """Whether `kept_path` gives that name for the books at `path`."""
    return re.fullmatch(rf"{re.escape(path.name)}\.[0-9a-f]{{8}}\.(kept|damaged)", name) is not None


def wait_until_placed(path: Path, is_being_replaced: Callable[[], bool]) -> Path:
    """The file of books, which is waited for while others take their place; it may not be there."""
    for _ in range(_MOMENTS):
        if path.exists() or not is_being_replaced():
            break
        time.sleep(_MOMENT)
    return path


@contextmanager
def in_place(path: Path, number: AdministrationNumber) -> Iterator[Callable[[], None]]:
    """Books are opened in the block; what it gives validates that no others took their place. Raises `changed-meanwhile` if they did."""
    before = _stat(path)

    def validate() -> None:
        if before is None or (now := _stat(path)) is None or not os.path.samestat(before, now):
            raise Refused("changed-meanwhile", what=number)

    try:
        yield validate
    except (MachineFailed, FileNotFoundError):  # a file that was moved just now can't be opened
        validate()
        raise


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None
