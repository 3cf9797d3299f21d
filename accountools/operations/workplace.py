"""A folder of one's own within the office to work in, under a lock that ends with the process: who finds it unlocked may clear it."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from accountools.operations.office import Office


@contextmanager
def workplace(office: Office) -> Iterator[Path]:
    """A private folder under the office's `work/`, removed afterwards whatever happens."""
    from filelock import FileLock

    folder = office.store.work_folder / secrets.token_hex(8)
    with FileLock(f"{folder}.lock", mode=0o600):
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    Path(f"{folder}.lock").unlink(missing_ok=True)


@contextmanager
def workplace_anywhere(office: Office | None) -> Iterator[Path]:
    """The office's workplace, or a temporary folder where there is no office."""
    if office is not None:
        with workplace(office) as folder:
            yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="accountools-") as name:
            yield Path(name)
