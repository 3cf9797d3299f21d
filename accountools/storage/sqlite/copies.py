"""Books for many administrations from a few that were made: copies of closed files, each with a mark of its own."""

import secrets
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import cycle
from pathlib import Path

from accountools import many_files, safe_files
from accountools.domain.identifiers import AdministrationNumber
from accountools.storage.sqlite import databases
from accountools.storage.sqlite.store import SqliteStore

_ALONE = ("synchronous = OFF", "journal_mode = OFF", "secure_delete = ON")  # nobody else has the copy, which is synced when it is whole


def publish_copies(store: SqliteStore, prepared: Sequence[Path], numbers: Sequence[AdministrationNumber]) -> None:
    """Give the numbers books: those of `prepared` (no more than there are numbers) in turn, over and over. Durable when this returns.

    `prepared` are used up. As with `publish_books`, books without a row make way.
    """
    copies = [(model, store.books_folder / f".{secrets.token_hex(8)}.part") for model, _ in zip(cycle(prepared), numbers[len(prepared) :])]
    asides = [*prepared, *(aside for _, aside in copies)]
    try:
        many_files.side_by_side(lambda pair: _copy(*pair), copies)
        for number in numbers:
            store.make_way(number)
        many_files.publish([(aside, store.books_path(number)) for aside, number in zip(asides, numbers, strict=True)])
    finally:
        for aside in asides:
            databases.remove(aside)


def _copy(model: Path, aside: Path) -> None:
    safe_files.create_private(aside).close()
    shutil.copyfile(model, aside)
    with closing(sqlite3.connect(aside, isolation_level=None)) as books:
        for pragma in _ALONE:
            books.execute(f"PRAGMA {pragma}").close()
        books.execute("UPDATE marks SET mark = ?", (secrets.token_hex(8),))
        books.execute("PRAGMA journal_mode = WAL").close()
