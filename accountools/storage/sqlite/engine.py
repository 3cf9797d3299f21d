"""An office in a folder: `register.db` and one SQLite file for each administration's books.

WAL, `synchronous=FULL`, `foreign_keys`, `secure_delete` always; every change in one BEGIN IMMEDIATE.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.storage import schema
from accountools.storage.engine import Engine, UnfinishedMove, Write
from accountools.storage.image import write
from accountools.storage.sqlite import databases, moving
from accountools.storage.sqlite.books_folder import bring_up_to_date
from accountools.storage.sqlite.connections import path_of
from accountools.storage.sqlite.office_books import OfficeBooks
from accountools.storage.sqlite.office_files import BACKUP_KEY, BOOKS, REGISTER, TRUST, WORK, replace_recorded

_LARGEST_TRUST = 1 << 20


class SqliteEngine(OfficeBooks):
    """An `Engine` (`storage.engine`) for the SQLite databases of one office folder.

    Only this engine has `books_path`, `books_folder` and `unfinished_books`, which are about its files.
    """

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / BOOKS, folder / REGISTER)
        self.folder = self.stored_base = folder
        self.work_folder = folder / WORK
        self.key_path = folder / BACKUP_KEY

    def __reduce__(self) -> tuple[type[Self], tuple[Path]]:
        """Pickled as the folder, for workers in other processes."""
        return type(self), (self.folder,)

    @property
    def place(self) -> Path:
        """See `Engine`."""
        return self.folder

    def validate_new(self) -> None:
        """See `Engine`."""
        databases.refuse_network_share(self.folder)
        if self.exists():
            raise Refused("office-exists", path=self.folder)
        moving.validate_no_move(self.folder)

    def create(self, fill: Write, trust: bytes) -> None:
        """See `Engine`."""
        self.validate_new()
        self._make_register(fill, trust)

    def unfinished_move(self) -> UnfinishedMove | None:
        """See `Engine`."""
        return None if self.exists() else moving.find_move(self.folder)

    @contextmanager
    def receiving(self, move: UnfinishedMove) -> Iterator[None]:
        """See `Engine`."""
        databases.refuse_network_share(self.folder)
        with moving.receiving(self.folder, move):
            if self.exists():
                moving.end_move(self.folder)
                raise Refused("office-exists", path=self.folder)
            self._make_folders()
            yield

    def finish_receiving(self, fill: Write, trust: bytes) -> None:
        """See `Engine`. The file of issuers comes first: by it `fill` verifies what it wrote."""
        safe_files.write_over(self.folder / TRUST, trust)
        self._make_register(fill, trust)
        moving.end_move(self.folder)

    def _make_folders(self) -> None:
        for needed in (self.folder, self.books_folder, self.work_folder):
            safe_files.make_folder(needed)

    def _make_register(self, fill: Write, trust: bytes) -> None:
        self._make_folders()
        aside = self.work_folder / f"{secrets.token_hex(8)}.part"
        try:
            databases.create(aside, schema.REGISTER, fill)
            safe_files.write_over(self.folder / TRUST, trust)
            safe_files.publish(aside, self._register_path)
        finally:
            databases.remove(aside)

    def write_register_image(self, target: Path, office_files: Mapping[str, bytes], extract: Mapping[str, str]) -> None:
        """See `Engine`."""
        write.write_register(self._register_path, target, office_files, extract)

    def read_trust(self, connection: sa.Connection) -> bytes:  # noqa: ARG002 - a file
        """See `Engine`."""
        path = self.folder / TRUST
        return safe_files.read_whole(path, _LARGEST_TRUST) if path.is_file() else b""

    def write_trust(self, connection: sa.Connection, data: bytes) -> None:  # noqa: ARG002 - a file
        """See `Engine`."""
        replace_recorded(self.folder / TRUST, data)

    def list_distributing(self) -> tuple[str, ...] | None:
        """See `Engine`."""
        return None

    def distribute(self, statement: str) -> None:
        """See `Engine`."""

    def event_details(self, connection: sa.Connection) -> dict[str, str]:  # noqa: ARG002 - a database has no users of its own
        """See `Engine`."""
        return {}

    def validate_owner(self, connection: sa.Connection) -> None:
        """See `Engine`. Who may write in the folder may do everything."""

    def is_register(self, path: Path) -> bool:
        """See `Engine`."""
        return self.exists() and safe_files.has_file(path) and path.samefile(self._register_path)

    def maker(self, connection: sa.Connection | None = None) -> str:
        """See `Engine`. The place alone isn't enough: elsewhere, or once this folder was renamed, a copy may be at the same one."""
        register = self._register_path if connection is None else path_of(connection.engine)
        return f"{self.folder.resolve()} {register.stat().st_ino}"

    def is_in_another_office(self, path: Path) -> bool:
        """See `Engine`."""
        return moving.is_in_another_office(path, self._register_path, self)

    def open(self) -> None:
        """See `Engine`."""
        if not self.exists():
            moving.validate_no_move(self.folder)
            raise Refused("office-not-found", path=self.folder)
        bring_up_to_date(self._register, "register")
        moving.end_move(self.folder)  # which an interruption came before

    @contextmanager
    def working(self, name: str) -> Iterator[None]:  # noqa: ARG002 - it shows in the work folder
        """See `Engine`."""
        yield

    def validate_working(self) -> None:
        """See `Engine`. The lock of a file ends with the process only."""

    def is_working(self, name: str) -> bool:  # noqa: ARG002 - it shows in the work folder
        """See `Engine`."""
        return False

    def is_busy(self) -> bool:
        """See `Engine`."""
        return False

    def find_worker(self, name: str | None = None) -> str:  # noqa: ARG002 - it shows in the work folder
        """See `Engine`."""
        return ""


if TYPE_CHECKING:
    _engine: Engine = SqliteEngine(Path())  # mypy compares it with the Protocol
