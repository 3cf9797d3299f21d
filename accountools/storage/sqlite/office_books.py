"""The files of an office's books with the register, which tells whose books are being replaced.

Others take the place of books in two steps, of which the register knows the first: the old file gets another name, the new one
gets its name. What reads or changes books meanwhile waits for them or is refused; an interrupted replacement is undone.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.storage import schema
from accountools.storage.engine import PreparedBooks, Write
from accountools.storage.errors import OfficeBusy, translated_errors
from accountools.storage.image.tables import TextScan
from accountools.storage.register import journal
from accountools.storage.sqlite import databases
from accountools.storage.sqlite.books_folder import PREPARED, BooksFolder
from accountools.storage.sqlite.connections import connect, create_engine, transaction, write_transaction
from accountools.storage.sqlite.replaced_books import KEPT, in_place, is_kept_name, kept_path


class OfficeBooks(BooksFolder):
    """The part of the SQLite `Engine` (`storage.engine`) that is about the books and what the register knows of them."""

    def __init__(self, folder: Path, register_path: Path) -> None:
        super().__init__(folder)
        self._register_path = register_path
        self._register = create_engine(register_path)

    def exists(self) -> bool:
        """See `Engine`."""
        return self._register_path.is_file()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """See `Engine`."""
        with transaction(self._register, "BEGIN") as connection:
            yield connection

    @contextmanager
    def changing(self, *, moved: bool = False) -> Iterator[sa.Connection]:
        """See `Engine`."""
        with write_transaction(self._register, "register") as connection:
            if not moved:
                journal.validate_here(connection)
            yield connection

    @contextmanager
    def books(self, number: AdministrationNumber, *, change: bool = False) -> Iterator[sa.Connection]:
        """See `Engine`."""
        if change and self.exists():
            with self.reading() as connection:
                journal.validate_here(connection)
        with super().books(number, change=change) as books:
            if change:  # from here on nobody takes their place without what is changed in them being noticed
                self._validate_not_replaced(number)
            yield books

    def write_image(
        self, number: AdministrationNumber, target: Path, extract: Mapping[str, str], scan: TextScan
    ) -> tuple[ControlTotals, str]:
        """See `Engine`."""
        with self._not_replaced(number):
            return super().write_image(number, target, extract, scan)

    def copy_books(self, number: AdministrationNumber, target: AdministrationNumber | None = None) -> PreparedBooks:
        """See `Engine`."""
        with self._not_replaced(number):
            return super().copy_books(number, target)

    def identify_books(self, number: AdministrationNumber) -> str | None:
        """See `Engine`."""
        self._validate_not_replaced(number)
        return super().identify_books(number)

    @contextmanager
    def _not_replaced(self, number: AdministrationNumber) -> Iterator[None]:
        """The books are read whole in the block. Raises `changed-meanwhile` when others take or took their place."""
        with in_place(self.books_path(number), number) as validate:
            yield
            if number in self._kept_names():
                raise Refused("changed-meanwhile", what=number)
            validate()

    def _validate_not_replaced(self, number: AdministrationNumber) -> None:
        """Raise `office-busy` while others take the place of these books: until that is recorded they may be taken away again."""
        if number in self._kept_names():
            raise OfficeBusy

    @contextmanager
    def publishing_books(self, books: Mapping[AdministrationNumber, PreparedBooks], owner: str | None = None) -> Iterator[sa.Connection]:
        """See `Engine`.

        The books keep their temporary names (`keep_aside`) until the register's transaction is done: by them `repair` knows after an
        interruption that no administration ever had them. For administrations that are there without their books a replacement is
        committed first, which is finished in the transaction: else nothing would show whether it was done.
        """
        ours = {number: (self.books_folder / prepared).stat() for number, prepared in books.items()}
        try:
            self._begin_replacing_missing(books, owner)
            with self.changing() as connection:
                yield connection
                connection.execute(sa.delete(schema.replacements).where(schema.replacements.c.kept_name.in_(list(books.values()))))
        except BaseException:
            self._unpublish(books, ours)
            raise
        for prepared in books.values():
            self.discard_books(prepared)

    def _begin_replacing_missing(self, books: Mapping[AdministrationNumber, PreparedBooks], owner: str | None) -> None:
        with self.reading() as connection:
            known = _known_numbers(connection, books)
        there = self.books_identities(books)
        missing = [number for number in books if number in known and number not in there]
        if missing:
            with self.changing() as connection:
                _begin_replacing(connection, {number: books[number] for number in missing}, owner)

    def _unpublish(self, books: Mapping[AdministrationNumber, PreparedBooks], ours: Mapping[AdministrationNumber, os.stat_result]) -> None:
        """Remove the books and end the replacements; what was published stays if the transaction was committed.

        Books that have no other name than their temporary one are removed also when the register is busy.
        """
        table, paths = schema.replacements, {number: self.books_path(number) for number in books}

        def is_published(number: AdministrationNumber) -> bool:
            path = paths[number]
            return path.exists() and os.path.samestat(path.stat(), ours[number])

        for number, prepared in books.items():
            if not is_published(number):
                self.discard_books(prepared)
        with self.changing() as connection:
            begun = table.c.kept_name.in_(list(books.values()))
            replacing = set(connection.execute(sa.select(table.c.administration).where(begun)).scalars())
            committed = _known_numbers(connection, books) - replacing
            for number in books:
                if number not in committed and is_published(number):
                    databases.remove(paths[number])
            safe_files.sync_folder(self.books_folder)
            connection.execute(sa.delete(table).where(begun))
        for prepared in books.values():
            self.discard_books(prepared)

    def replace_books(
        self,
        prepared: PreparedBooks,
        number: AdministrationNumber,
        owner: str,
        record: Write,
        *,
        revision: str | None = None,
    ) -> Path | None:
        """See `Engine`. Where the old file is kept is committed before it is moved."""
        path = self.books_path(number)
        self._stamp(self.books_folder / prepared, number)
        kept = kept_path(path, for_good=revision is None)
        with self.changing() as connection:
            _begin_replacing(connection, {number: kept.name}, owner)
        try:
            if path.exists():
                databases.move_away(path, kept)
                if revision is not None and databases.final_revision(kept) != revision:
                    raise Refused("changed-meanwhile", what=number)
            safe_files.publish(self.books_folder / prepared, path)
            with self.changing() as connection:
                record(connection)
                connection.execute(sa.delete(schema.replacements).where(schema.replacements.c.administration == int(number)))
        except BaseException:
            with self.reading() as connection:
                is_unfinished = (number, owner) in self.unfinished_replacements(connection)
            if is_unfinished:  # put back before the register is asked for: who changes it may be waiting for these books
                self._return_kept(kept, path)
            self.undo_replacement(number, owner)
            raise
        if revision is None:
            return kept
        databases.remove(kept)
        return None

    def unfinished_replacements(self, connection: sa.Connection) -> tuple[tuple[AdministrationNumber, str | None], ...]:
        """See `Engine`."""
        table = schema.replacements
        rows = connection.execute(sa.select(table.c.administration, table.c.owner)).all()
        return tuple((AdministrationNumber(number), owner) for number, owner in rows)

    def being_replaced(self, numbers: Collection[AdministrationNumber]) -> Collection[AdministrationNumber]:
        """See `BooksFolder`. The register knows them: the folder would have to be read whole, each time."""
        return {number for number, name in self._kept_names().items() if name.endswith(KEPT)}.intersection(numbers) if numbers else ()

    def _kept_names(self) -> dict[AdministrationNumber, str]:
        """Which books are being replaced, or were when that was interrupted: by number, under which name the old ones are kept."""
        if not self.exists():
            return {}
        with translated_errors(self._register_path), closing(connect(self._register_path)) as register:  # sooner than by an engine
            rows = register.execute("SELECT administration, kept_name FROM replacements").fetchall()
        return {AdministrationNumber(number): name for number, name in rows}

    def list_leftover_books(self, known: Collection[AdministrationNumber]) -> Iterator[tuple[Path, str, str]]:
        """See `Engine`. What is kept of a replacement that isn't finished is none: undoing it puts that back."""
        kept = set(self._kept_names().values())
        return (one for one in super().list_leftover_books(known) if one[0].name not in kept)

    def undo_replacement(self, number: AdministrationNumber, owner: str | None) -> None:
        """See `Engine`."""
        table = schema.replacements
        is_this = sa.and_(table.c.administration == int(number), table.c.owner.is_not_distinct_from(owner))
        with self.changing() as connection:
            kept_name = connection.execute(sa.select(table.c.kept_name).where(is_this)).scalar()
            if kept_name is None:
                return
            kept, path = self.books_folder / kept_name, self.books_path(number)
            if not (safe_files.is_temporary(Path(kept_name)) or is_kept_name(kept_name, path)):
                raise MachineFailed("office-damaged", what=f"kept_name {kept_name}")
            if kept.suffix == PREPARED:  # there were no books before: these are the new ones, under their first name
                if not kept.exists() or (path.exists() and kept.samefile(path)):
                    databases.remove(path)
                    safe_files.sync_folder(self.books_folder)
            else:
                self._return_kept(kept, path)
            connection.execute(sa.delete(table).where(is_this))

    def _return_kept(self, kept: Path, path: Path) -> None:
        if kept.exists():
            if path.exists():  # else what is beside it is the WAL of those that were moved
                databases.remove(path)
            databases.move(kept, path)


def _begin_replacing(connection: sa.Connection, kept: Mapping[AdministrationNumber, str], owner: str | None) -> None:
    """Note under which names the books that are replaced are kept. Raises `changed-meanwhile` for those that somebody replaces already."""
    column = schema.replacements.c.administration
    taken = connection.execute(sa.select(column).where(column.in_([int(number) for number in kept]))).scalars().first()
    if taken is not None:
        raise Refused("changed-meanwhile", what=AdministrationNumber(taken))
    rows = [{"administration": int(number), "kept_name": name, "owner": owner} for number, name in kept.items()]
    connection.execute(sa.insert(schema.replacements), rows)


def _known_numbers(connection: sa.Connection, numbers: Iterable[AdministrationNumber]) -> set[int]:
    column = schema.administrations.c.number
    return set(connection.execute(sa.select(column).where(column.in_([int(number) for number in numbers]))).scalars())
