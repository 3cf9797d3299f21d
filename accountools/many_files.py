"""Many files at once, each whole or absent and all durable at the end: files synced in parallel, each folder once.

For one file: `safe_files`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from accountools import safe_files

_THREADS = 16  # a disk combines syncs that are asked for at the same time
T = TypeVar("T")


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write new private files into an existing folder, given their contents by name. Raises `file-exists`."""
    finished = [(safe_files.temporary_path(folder / name), folder / name) for name in files]
    try:
        for aside, path in finished:
            with safe_files.create_private(aside) as file:
                file.write(files[path.name])
        publish(finished)
    finally:
        for aside, _ in finished:
            safe_files.discard(aside)


def publish(finished: Sequence[tuple[Path, Path]]) -> None:
    """Make files durable, then give each its final name; `finished` are pairs of both paths. Raises `file-exists`."""
    run_parallel(safe_files.sync_path, [aside for aside, _ in finished])
    for aside, path in finished:
        safe_files.publish(aside, path, sync=False)
    for folder in {path.parent for _, path in finished}:
        safe_files.sync_folder(folder)


def run_parallel(work: Callable[[T], object], items: Iterable[T]) -> None:
    """Call `work` with each item, several at a time. Raises the first failure, once all have been tried."""
    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(work, items):
            pass
