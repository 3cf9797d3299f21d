"""Many files at once, each whole or absent and all durable at the end: synced side by side, and each folder once.

It lies beside `safe_files`, which does the same for one file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from accountools import safe_files

_AT_ONCE = 16  # what is asked for together a disk takes in one go
T = TypeVar("T")


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write new private files, by their names, in a folder that is there. Raises `file-exists`."""
    finished = [(safe_files.name_aside(folder / name), folder / name) for name in files]
    try:
        for aside, path in finished:
            with safe_files.create_private(aside) as file:
                file.write(files[path.name])
        publish(finished)
    finally:
        for aside, _ in finished:
            safe_files.discard(aside)


def publish(finished: Sequence[tuple[Path, Path]]) -> None:
    """Make files durable and then give each its final name: pairs of the file and that name. Raises `file-exists`."""
    side_by_side(safe_files.sync_path, [aside for aside, _ in finished])
    for aside, path in finished:
        safe_files.publish(aside, path, sync=False)
    for folder in {path.parent for _, path in finished}:
        safe_files.sync_folder(folder)


def side_by_side(work: Callable[[T], object], on: Iterable[T]) -> None:
    """Do this with each, several at a time. Raises the first failure, once all have been tried."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(work, on):
            pass
