"""Books of one year in a file of their own, where what an audit file holds is completed and counted before it comes into the books.

The tables are those of books, without indexes; references are not checked, since what they name may have to be made.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from accountools.domain.audit_file import EntryBatch, EntryRow, JournalRow, MasterData, SubledgerRow, VatRow
from accountools.storage import schema
from accountools.storage.errors import translated_errors

_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -32768", "temp_store = FILE")
_MOST_NAMED = 20
_UNDECLARED = {  # what refers to a table, and how a row of it is made: of its code
    "accounts": (("lines", "account"), ("opening_lines", "account")),
    "relations": (("lines", "relation"), ("opening_lines", "relation"), ("subledger_lines", "relation"), ("relation_balances", "relation")),
    "vat_codes": (("vat_rows", "code"),),
    "journals": (("entries", "journal"),),
}
_MADE = {
    "accounts": "INSERT INTO accounts (code, name, rgs, kind, side, vat, more) VALUES (?, ?, '', 'M', 'D', '', ?)",
    "relations": "INSERT INTO relations (code, name, kind, city, more) VALUES (?, ?, 'O', '', ?)",
    "vat_codes": "INSERT INTO vat_codes (code, name, more) VALUES (?, ?, ?)",
    "journals": "INSERT INTO journals (code, name, kind, more) VALUES (?, ?, '', ?)",
}
UNDECLARED = '{"undeclared":true}'  # `more` of what was made because the file names it and doesn't define it


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
    def _connection(self) -> sqlite3.Connection:
        """The driver's own connection, once the last batch is in."""
        if self._adding is not None:
            self._adding.result()
            self._adding = None
        return self._database

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make the file with empty tables."""
        staged = cls(path)
        execute = staged._connection.execute
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
            self._connection.execute("COMMIT")

    # --- rows come in ---

    def add_master(self, master: MasterData) -> None:
        """Add all but journals and entries."""
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
            self._connection  # noqa: B018 - the batch before is in
        self._adding = self._thread.submit(self._insert_texts, texts)

    def _insert_texts(self, texts: Iterable[tuple[str, Sequence[str], str]]) -> None:
        for table, columns, text in texts:
            values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
            self._database.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM json_each(?)", (text,))

    def add_subledger_lines(self, rows: Sequence[SubledgerRow]) -> None:
        """Add lines of sub-ledgers; `resolve_subledgers` finds the lines that they belong to."""
        if not rows:
            return
        (year,), (last,) = self._row("SELECT label FROM years"), self._row("SELECT coalesce(max(id), 0) FROM subledger_lines")
        columns = ("id", "year", "opening_line", *SubledgerRow._fields[:-2])
        opening = dict(self._connection.execute("SELECT number, id FROM opening_lines WHERE number IS NOT NULL"))
        values = [(n, year, opening.get(row.opening), *row[:-2]) for n, row in enumerate(rows, last + 1)]
        sought = [(n, rank, *one) for n, row in enumerate(rows, last + 1) for rank, one in enumerate(row.references)]
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
            self._connection.executemany(f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)

    # --- they are completed ---

    def move_opening_entries(self, *, clair2: bool) -> int:
        """Make opening lines of the entries that open the year (journal of kind O, period 0), unless there are opening lines.

        Gives how many entries that were.
        """
        opening = "period = 0 OR journal IN (SELECT code FROM journals WHERE upper(kind) = 'O' OR lower(kind) LIKE 'opening%')"
        if clair2:
            opening += " OR number = '0'"
        if self._row("SELECT count(*) FROM opening_lines") != (0,):
            return 0
        execute = self._connection.execute
        with translated_errors(self.path):
            execute(f"CREATE TABLE moved AS SELECT id FROM entries WHERE {opening}")
            (count,) = self._row("SELECT count(*) FROM moved")
            if count:
                execute("CREATE INDEX moved_id ON moved (id)")
                execute(_MOVE_OPENING)
                execute("UPDATE years SET opening_day = (SELECT min(date) FROM entries WHERE id IN moved)")
                for table, where in (
                    ("vat_rows", "line IN (SELECT id FROM lines WHERE entry IN moved)"),
                    ("lines", "entry IN moved"),
                    ("unbalanced", "entry IN moved"),
                    ("entries", "id IN moved"),
                ):
                    execute(f"DELETE FROM {table} WHERE {where}")
            execute("DROP TABLE moved")
        return int(count)

    def add_offset_lines(self) -> dict[str, int]:
        """Complete the entries of journals whose other account is named by the journal only; gives how many by journal.

        Of such a journal no entry balances, and no line is on that account.
        """
        if self._row("SELECT count(*) FROM unbalanced") == (0,):
            return {}
        with translated_errors(self.path):
            found = self._connection.execute(_OFFSET_JOURNALS).fetchall()
            for journal, account, _ in found:
                self._connection.execute(_ADD_OFFSET_LINES, {"journal": journal, "account": account})
                self._connection.execute("DELETE FROM unbalanced WHERE entry IN (SELECT id FROM entries WHERE journal = ?)", (journal,))
        return {journal: count for journal, _, count in found}

    def declare_missing(self) -> dict[str, list[str]]:
        """Make what is named and not declared: accounts, relations, VAT codes, periods; gives their codes by table."""
        made: dict[str, list[str]] = {}
        with translated_errors(self.path):
            for table, places in _UNDECLARED.items():
                named = " UNION ".join(
                    f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT code FROM {table})"
                    for name, column in places
                )
                codes = [code for (code,) in self._connection.execute(f"SELECT * FROM ({named}) ORDER BY 1")]
                self._connection.executemany(_MADE[table], [(code, code, UNDECLARED) for code in codes])
                made[table] = codes
            made["periods"] = [str(number) for (number,) in self._connection.execute(_MISSING_PERIODS)]
            self._connection.execute(f"INSERT INTO periods (year, number) SELECT label, period FROM years, ({_MISSING_PERIODS})")
        return {table: codes for table, codes in made.items() if codes}

    def set_normal_sides(self, net: Mapping[str, int]) -> None:
        """Give accounts their normal side: credit where more is credited than debited."""
        opening = self._connection.execute(
            "SELECT account, sum(CASE side WHEN 'D' THEN amount ELSE -amount END) FROM opening_lines GROUP BY account"
        )
        sums = dict(opening)
        for code, amount in net.items():
            sums[code] = sums.get(code, 0) + amount
        self._connection.executemany(
            "UPDATE accounts SET side = 'C' WHERE code = ?", [(code,) for code, amount in sums.items() if amount < 0]
        )

    def resolve_subledgers(self) -> int:
        """Find the line of each line of a sub-ledger, and give it its due date; gives how many belong to no line."""
        if self._row("SELECT count(*) FROM subledger_lines") == (0,):
            return 0
        with translated_errors(self.path):
            for statement in _RESOLVE:
                self._connection.execute(statement)
        (lost,) = self._row("SELECT count(*) FROM subledger_lines WHERE line IS NULL AND opening_line IS NULL")
        return int(lost)

    def add_indexes(self) -> None:
        """Make the indexes by which a year is read in its order."""
        with translated_errors(self.path):
            for name, column in (("lines", "entry"), ("vat_rows", "line")):
                self._connection.execute(f"CREATE INDEX staged_{name} ON {name} ({column})")

    # --- what there is ---

    def unbalanced(self) -> tuple[list[UnbalancedEntry], int]:
        """Some entries that don't balance, and how many there are."""
        rows = self._connection.execute(
            "SELECT journal, number, difference FROM unbalanced JOIN entries ON id = entry ORDER BY entry LIMIT ?", (_MOST_NAMED,)
        )
        (count,) = self._row("SELECT count(*) FROM unbalanced")
        return [UnbalancedEntry(*row) for row in rows], int(count)

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        return {name: int(self._row(f"SELECT count(*) FROM {name}")[0]) for name in schema.BOOK_TABLES}

    def sums(self) -> tuple[int, int]:
        """Debit and credit of all lines, in cents."""
        sums = "coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE side = 'D'), 0)"
        together, debit = self._row(f"SELECT {sums} FROM lines")
        return int(debit), int(together - debit)

    def has_number_twice(self) -> bool:
        """Whether a journal has two entries of one number."""
        with translated_errors(self.path):
            query = "SELECT 1 FROM entries GROUP BY journal, number HAVING count(*) > 1 LIMIT 1"
            return self._connection.execute(query).fetchone() is not None

    def opening_difference(self) -> int:
        """What the debit of the opening is more than its credit."""
        (found,) = self._row("SELECT coalesce(sum(CASE side WHEN 'D' THEN amount ELSE -amount END), 0) FROM opening_lines")
        return int(found)

    def _row(self, query: str) -> tuple[Any, ...]:
        with translated_errors(self.path):
            return tuple(self._connection.execute(query).fetchone())


@contextmanager
def reading_staged(path: Path) -> Iterator[sa.Connection]:
    """A connection that reads a staged year."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=sa.NullPool)
    with translated_errors(path), engine.connect() as connection:
        yield connection


_MOVE_OPENING = """
INSERT INTO opening_lines (year, account, side, amount, number, description, relation, document, invoice, more)
SELECT e.year, l.account, l.side, l.amount, l.number, l.description, l.relation, l.document, l.invoice,
  json_patch(coalesce(l.more, '{}'), json_object('jrnID', e.journal, 'trNr', e.number, 'trDt', e.date, 'periodNumber', e.period,
    'trDesc', nullif(e.description, ''), 'effDate', l.effective_date, 'matchKeyID', l.match_key, 'vat',
    (SELECT json_group_array(json_object('vatID', v.code, 'vatPerc', v.percentage, 'vatAmnt', v.amount, 'vatAmntTp', v.side))
     FROM vat_rows v WHERE v.line = l.id HAVING count(*) > 0)))
FROM lines l JOIN entries e ON e.id = l.entry WHERE l.entry IN moved ORDER BY l.id
"""
_OFFSET_JOURNALS = """
SELECT j.code, j.offset_account, count(u.entry) FROM journals j
JOIN entries e ON e.journal = j.code LEFT JOIN unbalanced u ON u.entry = e.id
WHERE j.offset_account IN (SELECT code FROM accounts)
GROUP BY j.code, j.offset_account
HAVING count(u.entry) > 0 AND count(u.entry) = count(e.id)
  AND NOT EXISTS (SELECT 1 FROM lines l JOIN entries own ON own.id = l.entry WHERE own.journal = j.code AND l.account = j.offset_account)
ORDER BY 1
"""
_ADD_OFFSET_LINES = """
INSERT INTO lines (entry, account, side, amount, description, more)
SELECT u.entry, :account, iif(u.difference > 0, 'C', 'D'), abs(u.difference), e.description, json_object('added', 'offsetAccID')
FROM unbalanced u JOIN entries e ON e.id = u.entry WHERE e.journal = :journal ORDER BY u.entry
"""
_MISSING_PERIODS = "SELECT DISTINCT period FROM entries WHERE period NOT IN (SELECT number FROM periods) ORDER BY 1"
_RESOLVE = (
    "CREATE INDEX sought_entry ON sought (entry, journal)",
    """
    CREATE TABLE candidates AS SELECT s.subledger_line, s.rank, l.id AS line FROM sought s
    JOIN entries e ON e.number = s.entry AND e.journal = s.journal JOIN lines l ON l.entry = e.id AND l.number = s.line
    """,
    "CREATE INDEX candidates_line ON candidates (subledger_line, rank)",
    """
    UPDATE subledger_lines SET line = (SELECT c.line FROM candidates c WHERE c.subledger_line = subledger_lines.id ORDER BY c.rank, c.line)
    WHERE opening_line IS NULL
    """,
    "CREATE INDEX staged_due ON subledger_lines (line) WHERE due IS NOT NULL",
    """
    UPDATE lines SET due = (SELECT min(s.due) FROM subledger_lines s WHERE s.line = lines.id AND s.due IS NOT NULL)
    WHERE id IN (SELECT line FROM subledger_lines WHERE due IS NOT NULL)
    """,
    """
    UPDATE opening_lines SET due = (SELECT min(s.due) FROM subledger_lines s WHERE s.opening_line = opening_lines.id)
    WHERE id IN (SELECT opening_line FROM subledger_lines WHERE due IS NOT NULL)
    """,
    "DROP INDEX staged_due",
    "DROP TABLE candidates",
)
