"""Books of one year in a file of their own, where what an audit file holds is completed and counted before it comes into the books.

The tables are those of books, without indexes; references are not checked, since what they name may have to be made.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from accountools.domain.audit_file.contents import EntryBatch, MasterData
from accountools.domain.audit_file.rows import EntryRow, JournalRow, SubledgerRow, VatRow
from accountools.storage import schema
from accountools.storage.errors import translated_errors

_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -16384", "temp_store = FILE")
_MOST_NAMED = 20


@dataclass(frozen=True)
class UnbalancedEntry:
    """An entry whose debit isn't its credit; `difference` in cents."""

    journal: str
    number: str
    difference: int


class StagedYear:
    """The rows of one year in a SQLite file. A context manager; the file stays when it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._thread = ThreadPoolExecutor(1)
        self._adding: Future[None] | None = None  # the last batch

    @property
    def connection(self) -> sqlite3.Connection:
        """The driver's own connection, once the last batch is in."""
        if self._adding is not None:
            self._adding.result()
            self._adding = None
        return self._database

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make the file with empty tables."""
        staged = cls(path)
        execute = staged.connection.execute
        for pragma in _PRAGMAS:
            execute(f"PRAGMA {pragma}").close()
        execute("BEGIN")
        for name in schema.BOOK_TABLES:
            execute(str(sa.schema.CreateTable(schema.BOOKS.tables[name]).compile(dialect=sqlite.dialect())))
        execute("CREATE TABLE unbalanced (entry INTEGER PRIMARY KEY, difference INTEGER NOT NULL)")
        execute("CREATE TABLE sought (subledger_line INTEGER, rank INTEGER, journal TEXT, entry TEXT, line TEXT)")
        return staged

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        self._database.close()

    def save(self) -> None:
        """Write what was added to the file."""
        with translated_errors(self.path):
            self.connection.execute("COMMIT")

    # --- rows come in ---

    def add_master(self, master: MasterData) -> None:
        """Add all but journals and entries; once more where some of it came after the entries."""
        self.connection.execute("DELETE FROM years")
        self._insert("years", [master.year])
        for name in ("periods", "accounts", "vat_codes", "relations", "relation_balances", "opening_lines"):
            self._insert(name, getattr(master, name))

    def add_journals(self, journals: Sequence[JournalRow]) -> None:
        """Add journals."""
        self._insert("journals", journals)

    def add_batch(self, batch: EntryBatch) -> None:
        """Add entries with their lines and VAT rows, in a thread beside what the caller does next.

        As JSON, of which SQLite takes thousands of rows by one statement; a statement for each row would wait for Python's lock as often.
        """
        tables: tuple[tuple[str, Sequence[str], Sequence[Any]], ...] = (
            ("entries", EntryRow._fields, batch.entries),
            ("lines", batch.columns, batch.lines),
            ("vat_rows", VatRow._fields, batch.vat_rows),
            ("unbalanced", ("entry", "difference"), batch.unbalanced),
        )
        texts = [(name, columns, json.dumps(rows, ensure_ascii=False)) for name, columns, rows in tables if rows]
        with translated_errors(self.path):
            self.connection  # noqa: B018 - the batch before is in
        self._adding = self._thread.submit(self._insert_texts, texts)

    def _insert_texts(self, texts: Iterable[tuple[str, Sequence[str], str]]) -> None:
        for table, columns, text in texts:
            values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
            self._database.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM json_each(?)", (text,))

    def add_subledger_lines(self, rows: Sequence[SubledgerRow]) -> None:
        """Add lines of sub-ledgers; `completion.resolve_subledgers` finds the lines that they belong to."""
        if not rows:
            return
        (year,), (last,) = self.row("SELECT label FROM years"), self.row("SELECT coalesce(max(id), 0) FROM subledger_lines")
        columns = ("id", "year", *SubledgerRow._fields[:-2])
        values = [(n, year, *row[:-2]) for n, row in enumerate(rows, last + 1)]
        sought: list[tuple[int | str | None, ...]] = [
            (n, rank, *one) for n, row in enumerate(rows, last + 1) for rank, one in enumerate(row.references)
        ]
        sought += [(n, 0, None, None, row.opening) for n, row in enumerate(rows, last + 1) if row.opening is not None]
        self._insert_values("subledger_lines", columns, values)
        if sought:
            self._insert_values("sought", ("subledger_line", "rank", "journal", "entry", "line"), sought)

    def _insert(self, table: str, rows: Sequence[Any]) -> None:
        if rows:
            self._insert_values(table, rows[0]._fields, rows)

    def _insert_values(self, table: str, columns: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows on the driver's own connection. Of two with one key the first stays."""
        places = ", ".join("?" * len(columns))
        with translated_errors(self.path):
            self.connection.executemany(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)

    def add_indexes(self) -> None:
        """Make the indexes by which a year is read in its order."""
        with translated_errors(self.path):
            for name, column in (("lines", "entry"), ("vat_rows", "line")):
                self.connection.execute(f"CREATE INDEX staged_{name} ON {name} ({column})")

    # --- what there is ---

    def unbalanced(self) -> tuple[list[UnbalancedEntry], int]:
        """Some entries that don't balance, and how many there are."""
        rows = self.connection.execute(
            "SELECT journal, number, difference FROM unbalanced JOIN entries ON id = entry ORDER BY entry LIMIT ?", (_MOST_NAMED,)
        )
        (count,) = self.row("SELECT count(*) FROM unbalanced")
        return [UnbalancedEntry(*row) for row in rows], int(count)

    def sums(self) -> tuple[int, int]:
        """Debit and credit of all lines, in cents."""
        sums = "coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE side = 'D'), 0)"
        together, debit = self.row(f"SELECT {sums} FROM lines")
        return int(debit), int(together - debit)

    def has_number_twice(self) -> bool:
        """Whether a journal has two entries of one number."""
        with translated_errors(self.path):
            query = "SELECT 1 FROM entries GROUP BY journal, number HAVING count(*) > 1 LIMIT 1"
            return self.connection.execute(query).fetchone() is not None

    def opening_difference(self) -> int:
        """What the debit of the opening is more than its credit."""
        (found,) = self.row("SELECT coalesce(sum(CASE side WHEN 'D' THEN amount ELSE -amount END), 0) FROM opening_lines")
        return int(found)

    def row(self, query: str) -> tuple[Any, ...]:
        """The first row that a query gives."""
        with translated_errors(self.path):
            return tuple(self.connection.execute(query).fetchone())


@contextmanager
def reading_staged(path: Path) -> Iterator[sa.Connection]:
    """A connection that reads a staged year."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=sa.NullPool)
    with translated_errors(path), engine.connect() as connection:
        yield connection
