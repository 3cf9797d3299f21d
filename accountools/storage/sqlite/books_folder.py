"""The files of books in an office folder, one SQLite database an administration; nothing here knows the register.

Prepared books are a file with a temporary name in the folder of the books; publishing them gives it its final name.
"""

import errno
import os
import re
import secrets
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from itertools import cycle
from pathlib import Path

import sqlalchemy as sa

from accountools import many_files, safe_files
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.books import ledger
from accountools.storage.engine import BooksVersion, PreparedBooks, Write
from accountools.storage.errors import BooksDamaged, OfficeBusy, damage_of, describe_fault
from accountools.storage.image import write
from accountools.storage.image.tables import TextScan
from accountools.storage.migrations import migrate
from accountools.storage.sqlite import databases
from accountools.storage.sqlite.books_stamp import BooksStamp
from accountools.storage.sqlite.connections import connect, create_engine, path_of, transaction, write_transaction
from accountools.storage.sqlite.replaced_books import in_place, wait_until_placed

_BOOKS = re.compile(r"[0-9]{5}\.db(?:\.[0-9a-f]{8}\.kept)?")
_NO_MORE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # of the machine, rather than of a file
PREPARED = ".part"  # how the temporary names of prepared books end


class BooksFolder:
    """The part of the SQLite `Engine` (`storage.engine`) that is about the books alone."""

    def __init__(self, folder: Path) -> None:
        self.books_folder = folder

    def being_replaced(self, numbers: Collection[AdministrationNumber]) -> Collection[AdministrationNumber]:
        """Those whose books others take the place of, so that they have another name. It is asked of those that are not there."""
        raise NotImplementedError

    def books_path(self, number: AdministrationNumber) -> Path:
        """The file of an administration's books."""
        return self.books_folder / f"{int(number):05d}.db"

    def has_books(self, number: AdministrationNumber) -> bool:
        """See `Engine`."""
        return bool(self.books_identities([number]))

    def books_identities(
        self,
        numbers: Collection[AdministrationNumber] | None = None,
        connection: sa.Connection | None = None,  # noqa: ARG002 - these are files
    ) -> dict[AdministrationNumber, str | None]:
        """See `Engine`. For all, the folder is read once. Books that are being replaced are waited for."""
        if numbers is None:
            with os.scandir(self.books_folder) if self.books_folder.is_dir() else nullcontext(()) as entries:
                numbers = {AdministrationNumber(entry.name[:5]) for entry in entries if _BOOKS.fullmatch(entry.name)}
        stamps = {number: _read_stamp(self.books_path(number)) for number in numbers}
        missing = [number for number, stamp in stamps.items() if stamp is None]
        replaced = self.being_replaced(missing)
        for number in missing:  # read again: where nobody replaces them any more, that may have been done just then
            stamps[number] = _read_stamp(self._wait_until_placed(number) if number in replaced else self.books_path(number))
        return {number: stamp.name for number, stamp in stamps.items() if stamp is not None and stamp.is_of(number)}

    def _wait_until_placed(self, number: AdministrationNumber) -> Path:
        """The file of books, which is waited for while others take their place; it may not be there."""
        return wait_until_placed(self.books_path(number), lambda: bool(self.being_replaced([number])))

    def identify_books(self, number: AdministrationNumber) -> str | None:
        """See `Engine`."""
        path = self.books_path(number)
        if not self.has_books(number):
            return None
        if BooksStamp.read(path).name is None:
            databases.stamp(path, BooksStamp.new(number))
        return BooksStamp.read(path).name

    def books_files(self, numbers: Collection[AdministrationNumber]) -> dict[AdministrationNumber, str]:
        """See `Engine`."""
        return {number: path.name for number in numbers if (path := self.books_path(number)).is_file()}

    def find_books_fault(self, number: AdministrationNumber) -> BooksDamaged | None:
        """See `Engine`."""
        try:
            BooksStamp.read(self.books_path(number))
        except FileNotFoundError:
            return None
        except OSError as error:
            return BooksDamaged(number, describe_fault(error))
        return None

    def prepared_identity(self, prepared: PreparedBooks) -> str | None:
        """See `Engine`."""
        return BooksStamp.read(self.books_folder / prepared).name

    def books_size(self, number: AdministrationNumber) -> int:
        """See `Engine`."""
        path, size = self._wait_until_placed(number), 0
        for ending in ("", "-wal"):
            with suppress(OSError):  # what can't be opened is reported as such (`find_books_fault`)
                size += Path(f"{path}{ending}").stat().st_size
        return size

    @contextmanager
    def books(self, number: AdministrationNumber, *, change: bool = False) -> Iterator[sa.Connection]:
        """See `Engine`."""
        path = self._expect_books(number)
        with damage_of(number, path), in_place(path, number) as validate:
            engine = create_engine(path, schema.LONGEST_TEXT)
            if change:
                bring_up_to_date(engine, "books")
                with write_transaction(engine, "books") as connection:
                    validate()
                    yield connection
                    _set_revision(connection)
                return
            with transaction(engine, "BEGIN") as connection:
                if not migrate.is_old(connection):
                    yield connection
                    return
            bring_up_to_date(engine, "books")
            with transaction(engine, "BEGIN") as connection:
                yield connection

    def copy_staged(self, connection: sa.Connection, staged: Path, shifts: Mapping[str, Mapping[str, int]]) -> None:
        """See `Engine`."""
        from accountools.storage.sqlite.staged_year import copy_staged_year

        copy_staged_year(connection, staged, shifts)

    def books_revision(self, number: AdministrationNumber) -> str:
        """See `Engine`."""
        revision = _revision_up_to_date(self._expect_books(number))
        if revision is not None:
            return revision
        with self.books(number) as connection:
            return ledger.read_revision(connection)

    def is_damaged(self, number: AdministrationNumber) -> bool:
        """See `Engine`."""
        return databases.is_damaged(self.books_path(number))

    def write_image(
        self, number: AdministrationNumber, target: Path, extract: Mapping[str, str], scan: TextScan
    ) -> tuple[ControlTotals, str]:
        """See `Engine`."""
        path = self._expect_books(number)
        with damage_of(number, path), in_place(path, number):
            revision = _revision_up_to_date(path)
            if revision is None:
                bring_up_to_date(create_engine(path, schema.LONGEST_TEXT), "books")
                revision = self.books_revision(number)
            return write.write_administration(path, target, extract, scan), revision

    def prepare_books(self, fill: Write, number: AdministrationNumber | None = None) -> PreparedBooks:
        """See `Engine`."""

        def fill_and_set_revision(connection: sa.Connection) -> None:
            fill(connection)
            _set_revision(connection)
            for pragma in BooksStamp.new(number).pragmas():
                connection.exec_driver_sql(pragma)

        prepared = _new_name()
        try:
            databases.create(self.books_folder / prepared, schema.BOOKS, fill_and_set_revision)
        except BaseException:
            self.discard_books(prepared)
            raise
        return prepared

    def adopt_books(self, image: Path, number: AdministrationNumber | None = None, version: BooksVersion | None = None) -> PreparedBooks:
        """See `Engine`. The image itself becomes the file of the books (docs/decisions/0008)."""
        prepared = _new_name()
        stamp = BooksStamp.new(number) if version is None else BooksStamp.of_version(number, version.identity)
        try:
            databases.adopt(image, secrets.token_hex(8) if version is None else version.revision, stamp)
            safe_files.sync_path(image)
            safe_files.publish(image, self.books_folder / prepared, sync=False)  # whoever publishes the books syncs the folder
        except BaseException:
            databases.remove(image)
            self.discard_books(prepared)
            raise
        return prepared

    def copy_books(self, number: AdministrationNumber, target: AdministrationNumber | None = None) -> PreparedBooks:
        """See `Engine`."""
        self._expect_books(number)
        prepared = _new_name()
        safe_files.create_private(self.books_folder / prepared).close()
        try:
            with damage_of(number, self.books_path(number)):
                databases.copy(self.books_path(number), self.books_folder / prepared)
            databases.stamp(self.books_folder / prepared, BooksStamp.new(target))
        except BaseException:
            self.discard_books(prepared)
            raise
        return prepared

    def discard_books(self, prepared: PreparedBooks) -> None:
        """See `Engine`."""
        databases.remove(self.books_folder / prepared)

    def publish_books(self, books: Mapping[AdministrationNumber, PreparedBooks], *, keep_aside: bool = False) -> None:
        """See `Engine`. With `keep_aside` the files keep their temporary names beside the final ones."""
        for number, prepared in books.items():
            self._stamp(self.books_folder / prepared, number)
            self._move_unknown_books(number)
        if keep_aside:
            safe_files.sync_folder(self.books_folder)  # a temporary name must not be lost before the other one
        for number, prepared in books.items():
            safe_files.publish(self.books_folder / prepared, self.books_path(number), keep_aside=keep_aside, sync=False)
        safe_files.sync_folder(self.books_folder)

    def publish_copies(self, prepared: Sequence[PreparedBooks], numbers: Sequence[AdministrationNumber]) -> None:
        """See `Engine`."""
        files = [self.books_folder / one for one in prepared]
        made = [self.books_folder / _new_name() for _ in numbers[len(prepared) :]]
        try:
            stamps = map(BooksStamp.new, numbers[len(prepared) :])
            many_files.run_parallel(lambda one: databases.copy_books(*one), zip(cycle(files), made, stamps, strict=False))
            for path, number in zip(files, numbers, strict=False):
                self._stamp(path, number)
            for number in numbers:
                self._move_unknown_books(number)
            many_files.publish([(path, self.books_path(number)) for path, number in zip((*files, *made), numbers, strict=True)])
        finally:
            for path in (*files, *made):
                databases.remove(path)

    def _stamp(self, path: Path, number: AdministrationNumber) -> None:
        """Write in prepared books whose they are, if that wasn't known when they were."""
        stamp = BooksStamp.read(path)
        if stamp.number != number:
            databases.stamp(path, BooksStamp(int(number), stamp.identity))

    def _move_unknown_books(self, number: AdministrationNumber) -> None:
        path = self.books_path(number)
        if os.path.lexists(path):
            databases.move(path, path.with_name(f"{path.name}.{secrets.token_hex(4)}.leftover"))

    def remove_books(self, number: AdministrationNumber) -> None:
        """See `Engine`."""
        databases.remove(self.books_path(number))

    def list_leftover_books(self, known: Collection[AdministrationNumber]) -> Iterator[tuple[Path, str, str]]:
        """See `Engine`. Unfinished books before their other names, by which they are known."""
        unfinished = self.unfinished_books()
        for path in sorted(set(self.books_folder.glob("*.db")) - {self.books_path(number) for number in known}):
            yield path, *(("unfinished-books", "removed") if path in unfinished else ("books-without-administration", "kept"))
        kept = (path for path in self.books_folder.glob("*.kept") if _BOOKS.fullmatch(path.name))
        for path in sorted((*kept, *self.books_folder.glob("*.leftover"))):
            yield path, "replaced-books", "removed" if path.suffix == ".kept" else "kept"
        yield from ((path, "damaged-books", "kept") for path in sorted(self.books_folder.glob("*.damaged")))
        yield from ((path, "unfinished-file", "removed") for path in safe_files.list_temporary(self.books_folder))

    def remove_leftover_books(self, path: Path) -> None:
        """See `Engine`."""
        safe_files.discard(path)
        safe_files.sync_folder(path.parent)

    def unfinished_books(self) -> tuple[Path, ...]:
        """Files of books that still have their temporary name too: `publishing_books` was interrupted."""
        asides = [aside.stat() for aside in safe_files.list_temporary(self.books_folder)]
        named = self.books_folder.glob("*.db") if asides else ()
        return tuple(path for path in named if any(os.path.samestat(path.lstat(), aside) for aside in asides))

    def _expect_books(self, number: AdministrationNumber) -> Path:
        """Their file. Raises `books-missing`, or `office-busy` while others take their place."""
        path = self.books_path(number)
        if not self.has_books(number):
            fault = self.find_books_fault(number)
            if fault is not None:
                raise fault
            name = self.books_files([number]).get(number)
            if name is None and self.being_replaced([number]):
                raise OfficeBusy
            raise Refused("books-missing", number=number, file=name) if name else Refused("books-missing", number=number)
        return path


def _read_stamp(path: Path) -> BooksStamp | None:
    """None for what isn't there, and for what can't be read (`find_books_fault`), unless nothing could be."""
    try:
        return BooksStamp.read(path)
    except OSError as error:
        if error.errno in _NO_MORE:
            raise
        return None


def bring_up_to_date(engine: sa.Engine, which: str) -> None:
    """Migrate a database of an older version, once a copy was set aside. Raises `office-newer`, `office-damaged`."""
    with transaction(engine, "BEGIN") as connection:
        if not migrate.is_old(connection):
            return
    path = path_of(engine)
    with write_transaction(engine, which) as connection:
        if migrate.is_old(connection):  # else another program did this meanwhile, and its copy is the old one
            databases.set_aside(path, Path(f"{path}.before-{schema.REVISION}"))
            migrate.upgrade(connection, which)


def _new_name() -> PreparedBooks:
    return PreparedBooks(f".{secrets.token_hex(8)}{PREPARED}")


def _revision_up_to_date(path: Path) -> str | None:
    """The revision of books of this version, None for others or with an error: asked sooner than by an engine, for many backups."""
    with suppress(sqlite3.Error), closing(connect(path)) as books:
        found = books.execute("SELECT version_num, mark FROM alembic_version, marks").fetchone()
        if found is not None and found[0] == schema.REVISION:
            return str(found[1])
    return None


def _set_revision(connection: sa.Connection) -> None:
    connection.execute(sa.delete(schema.marks))
    connection.execute(sa.insert(schema.marks).values(id=1, mark=secrets.token_hex(8)))
