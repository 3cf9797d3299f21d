"""An office in a folder: `register.db` and one SQLite file for each administration's books.

WAL, `synchronous=FULL`, `foreign_keys`, `secure_delete` always; every change in one BEGIN IMMEDIATE. Books are made whole under
a temporary name and renamed; the register's transaction then makes them exist.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.storage import schema
from accountools.storage.migrations import migrate
from accountools.storage.sqlite import databases

Write = Callable[[sa.Connection], None]
_BOOKS = re.compile(r"[0-9]{5}\.db")


class SqliteStore:
    """The databases of one office folder. Opens nothing that isn't there; `found` makes a new one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.books_folder = folder / "administrations"
        self.work_folder = folder / "work"
        self._register_path = folder / "register.db"
        self._register = databases.engine_of(self._register_path)

    def __reduce__(self) -> "tuple[type[SqliteStore], tuple[Path]]":
        """In another process it opens the same folder."""
        return SqliteStore, (self.folder,)

    @classmethod
    def found(cls, folder: Path, fill: Write) -> "SqliteStore":
        """Make a new office in `folder`; `fill` writes its first rows. It exists when this returns, or not at all.

        Raises `office-exists`, `network-share`.
        """
        expect_place_for_office(folder)
        for needed in (folder, folder / "administrations", folder / "work"):
            safe_files.make_folder(needed)
        store = cls(folder)
        aside = store.work_folder / f"{secrets.token_hex(8)}.part"
        try:
            databases.make(aside, schema.REGISTER, fill)
            safe_files.publish(aside, store._register_path)
        finally:
            databases.remove(aside)
        return store

    def exists(self) -> bool:
        """Whether there is an office in the folder."""
        return self._register_path.is_file()

    def is_register(self, path: Path) -> bool:
        """Whether `path` is this office's own register, by whatever name."""
        return self.exists() and path.is_file() and path.samefile(self._register_path)

    def open(self) -> None:
        """Bring the register up to date. Raises `office-not-found`, `office-newer`, `office-damaged`."""
        if not self.exists():
            raise Refused("office-not-found", path=self.folder)
        self._bring_up_to_date(self._register, self._register_path, "register")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """The register as it is at one moment."""
        with databases.transaction(self._register, "BEGIN") as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[sa.Connection]:
        """The register, to change: all or nothing."""
        with databases.changing(self._register, "register") as connection:
            yield connection

    def books_path(self, number: AdministrationNumber) -> Path:
        """Where the books of an administration lie."""
        return self.books_folder / f"{int(number):05d}.db"

    def has_books(self, number: AdministrationNumber) -> bool:
        """Whether there are books for this number."""
        return self.books_path(number).is_file()

    def numbers_with_books(self) -> frozenset[int]:
        """The numbers for which there are books: `has_books` for all at once, by one look at the folder."""
        if not self.books_folder.is_dir():
            return frozenset()
        with os.scandir(self.books_folder) as entries:
            return frozenset(int(entry.name[:-3]) for entry in entries if _BOOKS.fullmatch(entry.name) and entry.is_file())

    def is_damaged(self, number: AdministrationNumber) -> bool:
        """Whether the books can't be read any more, rather than for the moment."""
        return databases.is_damaged(self.books_path(number))

    def size_of_books(self, number: AdministrationNumber) -> int:
        """How many bytes the books take on the disk; none when there are no books."""
        files = (Path(f"{self.books_path(number)}{ending}") for ending in ("", "-wal"))
        return sum(path.stat().st_size for path in files if path.is_file())

    @contextmanager
    def books(self, number: AdministrationNumber, *, change: bool = False) -> Iterator[sa.Connection]:
        """The books of an administration, in one transaction. Raises `books-missing`, `office-newer`."""
        if not self.has_books(number):
            raise Refused("books-missing", number=number)
        path = self.books_path(number)
        engine = databases.engine_of(path)
        self._bring_up_to_date(engine, path, "books")
        with databases.changing(engine, "books") if change else databases.transaction(engine, "BEGIN") as connection:
            yield connection
            if change:
                _mark(connection)

    def mark_of_books(self, number: AdministrationNumber) -> str:
        """The mark of the books, which is another after each change of them. Raises `books-missing`."""
        with self.books(number) as connection:
            return str(connection.execute(sa.select(schema.marks.c.mark)).scalar_one())

    def prepare_books(self, fill: Write) -> Path:
        """Make whole new books under a temporary name; `fill` writes their rows."""

        def fill_and_mark(connection: sa.Connection) -> None:
            fill(connection)
            _mark(connection)

        aside = self.books_folder / f".{secrets.token_hex(8)}.part"
        try:
            databases.make(aside, schema.BOOKS, fill_and_mark)
        except BaseException:
            databases.remove(aside)
            raise
        return aside

    def adopt_books(self, image: Path) -> Path:
        """Make whole new books under a temporary name of an image that passed its checks, and is used up by it.

        They are of this version when this returns, whichever version the image is of.
        """
        aside = self.books_folder / f".{secrets.token_hex(8)}.part"
        try:
            databases.adopt(image, secrets.token_hex(8))
            safe_files.sync_path(image)
            safe_files.publish(image, aside)
        except BaseException:
            databases.remove(image)
            databases.remove(aside)
            raise
        return aside

    def copy_books(self, number: AdministrationNumber) -> Path:
        """Make whole new books as those of `number` are at this moment. Raises `books-missing`."""
        if not self.has_books(number):
            raise Refused("books-missing", number=number)
        aside = self.books_folder / f".{secrets.token_hex(8)}.part"
        safe_files.create_private(aside).close()
        try:
            databases.copy(self.books_path(number), aside)
        except BaseException:
            databases.remove(aside)
            raise
        return aside

    def publish_books(self, prepared: Path, number: AdministrationNumber, *, keep_aside: bool = False) -> None:
        """Give prepared books their number's name, which books without a row make way for."""
        self.make_way(number)
        if keep_aside:
            safe_files.sync_folder(self.books_folder)  # the name that it has now: it must not be lost before the other one
        safe_files.publish(prepared, self.books_path(number), keep_aside=keep_aside)

    def make_way(self, number: AdministrationNumber) -> None:
        """Move books without a row that lie there out of the way: they are not lost."""
        path = self.books_path(number)
        if path.exists():
            databases.move(path, path.with_name(f"{path.name}.{secrets.token_hex(4)}.leftover"))

    @contextmanager
    def placing_books(self, prepared: Path, number: AdministrationNumber) -> Iterator[sa.Connection]:
        """The register, to change together with publishing `prepared` as the books of `number`: both or neither.

        They keep their temporary name (`keep_aside`) until the register's transaction is done: when it is cut off before that,
        `repair` knows by it that nobody ever had these books.
        """
        ours = prepared.stat()
        try:
            with self.changing() as connection:
                yield connection
        except BaseException:
            self._take_back(ours, number)
            databases.remove(prepared)
            raise
        databases.remove(prepared)

    def _take_back(self, ours: os.stat_result, number: AdministrationNumber) -> None:
        path, table = self.books_path(number), schema.administrations
        if not path.exists() or not os.path.samestat(path.stat(), ours):
            return
        with self.changing() as connection:
            if connection.execute(sa.select(table.c.number).where(table.c.number == int(number))).scalar() is None:
                databases.remove(path)
        safe_files.sync_folder(self.books_folder)

    def replace_books(self, prepared: Path, number: AdministrationNumber, owner: str, record: Write, *, damaged: bool = False) -> None:
        """Put prepared books in the place of those that are there, together with what `record` writes in the register.

        The old ones are kept until the register's transaction is done; if that never comes, whoever finds the row and sees that its
        `owner` is gone puts them back (`undo_replacement`). Those that are damaged are kept for good.
        """
        path = self.books_path(number)
        kept = path.with_name(f"{path.name}.{secrets.token_hex(4)}.{'damaged' if damaged else 'kept'}")
        with self.changing() as connection:
            connection.execute(sa.insert(schema.replacements).values(administration=int(number), kept_name=kept.name, owner=owner))
        try:
            if path.exists():
                databases.move(path, kept)
            safe_files.publish(prepared, path)
            with self.changing() as connection:
                record(connection)
                connection.execute(sa.delete(schema.replacements).where(schema.replacements.c.administration == int(number)))
        except BaseException:
            self.undo_replacement(number)
            raise
        if not damaged:
            databases.remove(kept)

    def unfinished_books(self) -> tuple[Path, ...]:
        """Books that still bear their temporary name beside their own: whoever placed them was cut off (`placing_books`)."""
        asides = [aside.stat() for aside in self.books_folder.glob(".*.part")]
        named = self.books_folder.glob("*.db") if asides else ()
        return tuple(path for path in named if any(os.path.samestat(path.stat(), aside) for aside in asides))

    def discard_books(self, path: Path) -> None:
        """Remove books that never came to exist."""
        databases.remove(path)

    def unfinished_replacements(self) -> tuple[tuple[AdministrationNumber, str | None], ...]:
        """Which books were being replaced when something cut it off, and by whom."""
        table = schema.replacements
        with self.reading() as connection:
            rows = connection.execute(sa.select(table.c.administration, table.c.owner)).all()
        return tuple((AdministrationNumber(number), owner) for number, owner in rows)

    def undo_replacement(self, number: AdministrationNumber) -> None:
        """Put the old books back, if they were moved; does nothing when the replacement was finished meanwhile."""
        table, is_this = schema.replacements, schema.replacements.c.administration == int(number)
        with self.changing() as connection:
            kept_name = connection.execute(sa.select(table.c.kept_name).where(is_this)).scalar()
            if kept_name is None:
                return
            kept, path = self.books_folder / kept_name, self.books_path(number)
            if kept.exists():
                databases.remove(path)
                databases.move(kept, path)
            connection.execute(sa.delete(table).where(is_this))

    def _bring_up_to_date(self, engine: sa.Engine, path: Path, which: str) -> None:
        with databases.transaction(engine, "BEGIN") as connection:
            if not migrate.is_old(connection):
                return
        databases.set_aside(path, Path(f"{path}.before-{schema.REVISION}"))
        with databases.changing(engine, which) as connection:
            if migrate.is_old(connection):
                migrate.upgrade(connection, which)


def expect_place_for_office(folder: Path) -> None:
    """Asked before anything is written, the keys above all. Raises `network-share`, `office-exists`."""
    databases.refuse_network_share(folder)
    if SqliteStore(folder).exists():
        raise Refused("office-exists", path=folder)


def _mark(connection: sa.Connection) -> None:
    connection.execute(sa.delete(schema.marks))
    connection.execute(sa.insert(schema.marks).values(id=1, mark=secrets.token_hex(8)))
