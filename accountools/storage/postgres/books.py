"""The books of all administrations in one database. Nothing here knows the register.

Prepared books are rows of the tables under an `id` of their own, which is no administration's; publishing them names the administration
in the row of `held_books`.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial
from itertools import cycle
from pathlib import Path

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import ControlTotals
from accountools.failpoints import reach
from accountools.storage import schema
from accountools.storage.books import ledger
from accountools.storage.engine import BooksVersion, PreparedBooks, Write
from accountools.storage.errors import BooksDamaged, damage_of
from accountools.storage.image import write
from accountools.storage.image.tables import TextScan
from accountools.storage.postgres import copying
from accountools.storage.postgres.connections import changing, has_tables, reading
from accountools.storage.postgres.holders import find_holder_of_books, naming
from accountools.storage.postgres.tables import ADMINISTRATION, BOOKS, held_books
from accountools.storage.register import journal
from accountools.storage.sqlite.books_stamp import BooksStamp

_BYTES_A_ROW = 100
_MANY = 10_000  # numbers in one statement, which may have 65,535
_TABLES = tuple(BOOKS.tables[table.name] for table in schema.BOOKS.sorted_tables)  # each after those that it refers to


class BooksTables:
    """The part of the PostgreSQL `Engine` (`storage.engine`) that is about the books alone."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        self._publishing: ContextVar[sa.Connection | None] = ContextVar("publishing", default=None)

    @contextmanager
    def _looking(self) -> Iterator[sa.Connection]:
        """What is committed, or within `publishing_books` and `replace_books` what is there in their transaction."""
        publishing = self._publishing.get()
        if publishing is not None:
            yield publishing
            return
        with reading(self._database) as connection:
            yield connection

    @contextmanager
    def _publishing_by(self, connection: sa.Connection) -> Iterator[None]:
        token = self._publishing.set(connection)
        try:
            yield
        finally:
            self._publishing.reset(token)

    def has_books(self, number: AdministrationNumber) -> bool:
        """See `Engine`."""
        return self._find(number) is not None

    def books_identities(
        self, numbers: Collection[AdministrationNumber] | None = None, connection: sa.Connection | None = None
    ) -> dict[AdministrationNumber, str | None]:
        """See `Engine`."""
        chosen = sa.select(held_books.c.number, held_books.c.identity).where(held_books.c.number.is_not(None))
        if numbers is not None:
            chosen = chosen.where(held_books.c.number.in_([int(number) for number in numbers]))
        with self._looking() if connection is None else nullcontext(connection) as looking:
            if numbers is None and not has_tables(looking):
                return {}
            return {AdministrationNumber(number): identity for number, identity in looking.execute(chosen).all()}

    def identify_books(self, number: AdministrationNumber) -> str | None:
        """See `Engine`. All books here have an identity."""
        return self.books_identities([number]).get(number)

    def books_files(self, numbers: Collection[AdministrationNumber]) -> dict[AdministrationNumber, str]:
        """See `Engine`."""
        there = self.books_identities(numbers if len(numbers) < _MANY else None) if numbers else {}
        return {number: f"{int(number):05d}" for number in numbers if number in there}

    def find_books_fault(self, number: AdministrationNumber) -> BooksDamaged | None:  # noqa: ARG002 - no file of their own
        """See `Engine`."""
        return None

    def prepared_identity(self, prepared: PreparedBooks) -> str | None:
        """See `Engine`."""
        with self._looking() as connection:
            return connection.execute(sa.select(held_books.c.identity).where(held_books.c.id == int(prepared))).scalar()

    def books_size(self, number: AdministrationNumber) -> int:
        """See `Engine`. About as many as an image of them takes."""
        if not self.has_books(number):
            return 0
        tables = (schema.BOOKS.tables[name] for name in schema.LARGE_TABLES)
        counts = (sa.select(sa.func.count()).select_from(one).scalar_subquery() for one in tables)
        with self._looking() as connection:
            self._use(connection, number)
            return sum(connection.execute(sa.select(*counts)).one()) * _BYTES_A_ROW

    @contextmanager
    def books(self, number: AdministrationNumber, *, change: bool = False) -> Iterator[sa.Connection]:
        """See `Engine`."""
        with damage_of(number), changing(self._database, "books") if change else reading(self._database) as connection:
            self._use(connection, number, lock=change)
            if change:
                journal.validate_here(connection)
            yield connection
            if change:
                _set_revision(connection)

    def copy_staged(self, connection: sa.Connection, staged: Path, shifts: Mapping[str, Mapping[str, int]]) -> None:
        """See `Engine`. The rows are streamed from the staged year into the tables."""
        copying.write_staged_rows(connection, staged, shifts)

    def _use(self, connection: sa.Connection, number: AdministrationNumber, *, lock: bool = False) -> int:
        """Let the connection's statements be about the books of this administration. Raises `books-missing`."""
        chosen = sa.select(held_books.c.id).where(held_books.c.number == int(number))
        with naming(partial(find_holder_of_books, self._database, number)):
            key = connection.execute(chosen.with_for_update() if lock else chosen).scalar()
        if key is None and lock:  # those that it waited for were replaced: the next statement sees the others
            key = connection.execute(chosen.with_for_update()).scalar()
        if key is None:
            raise Refused("books-missing", number=number)
        connection.execution_options(**{ADMINISTRATION: key})
        return int(key)

    def _find(self, number: AdministrationNumber) -> int | None:
        with self._looking() as connection:
            return connection.execute(sa.select(held_books.c.id).where(held_books.c.number == int(number))).scalar()

    def books_revision(self, number: AdministrationNumber) -> str:
        """See `Engine`."""
        with damage_of(number), self._looking() as connection:
            self._use(connection, number)
            return ledger.read_revision(connection)

    def is_damaged(self, number: AdministrationNumber) -> bool:  # noqa: ARG002 - the server answers for its rows
        """See `Engine`."""
        return False

    def write_image(
        self, number: AdministrationNumber, target: Path, extract: Mapping[str, str], scan: TextScan
    ) -> tuple[ControlTotals, str]:
        """See `Engine`. All is of one moment; the rows are streamed into the image."""
        with damage_of(number), reading(self._database) as connection:
            self._use(connection, number)
            revision = ledger.read_revision(connection)
            read, filled = partial(copying.read_rows, connection), partial(copying.filled_columns, connection)
            return write.write_administration_rows(target, read, filled, extract, scan), revision

    def _prepare(self, fill: Write, *, at_one_moment: bool = False, version: BooksVersion | None = None) -> PreparedBooks:
        identity = (version and version.identity) or BooksStamp.new(None).name
        with changing(self._database, "books", at_one_moment=at_one_moment) as connection:
            new = sa.insert(held_books).values(identity=identity).returning(held_books.c.id)
            key = connection.execute(new).scalar_one()
            reach("before-make-database")
            connection.execution_options(**{ADMINISTRATION: key})
            fill(connection)
            _set_revision(connection, version.revision if version else None)
            reach("after-make-database")
        return PreparedBooks(str(key))

    def prepare_books(self, fill: Write, number: AdministrationNumber | None = None) -> PreparedBooks:  # noqa: ARG002 - known when published
        """See `Engine`."""
        return self._prepare(fill)

    def adopt_books(
        self,
        image: Path,
        number: AdministrationNumber | None = None,  # noqa: ARG002 - known when published
        version: BooksVersion | None = None,
    ) -> PreparedBooks:
        """See `Engine`. The rows are streamed from the image into the tables."""
        try:
            reach("before-adopt-image")
            prepared = self._prepare(lambda connection: copying.write_image_rows(connection, image), version=version)
            reach("after-adopt-image")
        finally:
            safe_files.discard(image)
        return prepared

    def copy_books(self, number: AdministrationNumber, target: AdministrationNumber | None = None) -> PreparedBooks:  # noqa: ARG002
        """See `Engine`."""
        source = self._find(number)
        if source is None:
            raise Refused("books-missing", number=number)
        with damage_of(number):
            return self._copy(source)

    def _copy(self, source: int) -> PreparedBooks:
        def fill(connection: sa.Connection) -> None:
            target = connection.get_execution_options()[ADMINISTRATION]
            copying.copy_rows(connection, source, target)

        return self._prepare(fill, at_one_moment=True)

    def discard_books(self, prepared: PreparedBooks) -> None:
        """See `Engine`."""
        with changing(self._database, "books") as connection:
            unpublished = sa.select(held_books.c.id).where(held_books.c.id == int(prepared), held_books.c.number.is_(None))
            if connection.execute(unpublished.with_for_update()).scalar() is not None:
                remove(connection, int(prepared))

    def publish_books(self, books: Mapping[AdministrationNumber, PreparedBooks], *, keep_aside: bool = False) -> None:  # noqa: ARG002
        """See `Engine`."""
        publishing = self._publishing.get()
        if publishing is not None:
            publish(publishing, books)
            return
        with changing(self._database, "books") as connection:
            publish(connection, books)

    def publish_copies(self, prepared: Sequence[PreparedBooks], numbers: Sequence[AdministrationNumber]) -> None:
        """See `Engine`."""
        copies = [self._copy(int(model)) for model, _ in zip(cycle(prepared), numbers[len(prepared) :], strict=False)]
        self.publish_books(dict(zip(numbers, (*prepared, *copies), strict=True)))

    def remove_books(self, number: AdministrationNumber) -> None:
        """See `Engine`."""
        with changing(self._database, "books") as connection:
            key = connection.execute(sa.select(held_books.c.id).where(held_books.c.number == int(number))).scalar()
            if key is not None:
                remove(connection, key)

    def list_leftover_books(self, known: Collection[AdministrationNumber]) -> Iterator[tuple[Path, str, str]]:
        """See `Engine`. Where they are is the table and the row."""
        with self._looking() as connection:
            rows = connection.execute(sa.select(held_books.c.id, held_books.c.number, held_books.c.aside).order_by(held_books.c.id)).all()
        for key, number, aside in rows:
            if number is None and aside is None:
                yield self._place_of(key), "unfinished-books", "removed"
            elif number is None:
                yield self._place_of(key), "replaced-books", "kept"
            elif number not in known:
                yield self._place_of(key), "books-without-administration", "kept"

    def _place_of(self, key: int) -> Path:
        return Path(held_books.name) / str(key)

    def remove_leftover_books(self, path: Path) -> None:
        """See `Engine`."""
        self.discard_books(PreparedBooks(path.name))


def publish(connection: sa.Connection, books: Mapping[AdministrationNumber, PreparedBooks]) -> None:
    """Let prepared books be those of these administrations; those that were there are moved aside."""
    for number, prepared in books.items():
        there = held_books.c.number == int(number)
        connection.execute(sa.update(held_books).where(there).values(number=None, aside=int(number)))
        connection.execute(sa.update(held_books).where(held_books.c.id == int(prepared)).values(number=int(number)))


def remove(connection: sa.Connection, key: int) -> None:
    """Remove books with all their rows."""
    for table in reversed(_TABLES):
        connection.execute(sa.delete(table).where(table.c[ADMINISTRATION] == key))
    connection.execute(sa.delete(held_books).where(held_books.c.id == key))


def _set_revision(connection: sa.Connection, revision: str | None = None) -> None:
    connection.execute(sa.delete(schema.marks))
    connection.execute(sa.insert(schema.marks).values(id=1, mark=revision or secrets.token_hex(8)))
