"""A staged year is completed: what an audit file leaves to who reads it is made, before it comes into the books."""

from dataclasses import dataclass
from typing import Literal

from accountools.storage.books.staging import StagedYear
from accountools.storage.errors import translated_errors

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
class OpeningEntries:
    """The entries that open a year, their debit and credit in cents, and what became of them.

    `moved`: the year has no other opening, and their lines are it. `same`: they say the opening balance once more, and it counts once.
    `other`: the opening balance has other amounts, and both count.
    """

    count: int
    debit: int
    credit: int
    outcome: Literal["moved", "same", "other"]


def move_opening_entries(staged: StagedYear, *, clair2: bool) -> OpeningEntries | None:
    """Make opening lines of the entries that open the year (journal of kind O, period 0), unless there is another opening balance.

    Where that has the same amounts by account the lines of the entries come in its place, since they say more (a relation, an invoice);
    it stays where sub-ledgers refer to it. None where there are no such entries, or nothing that counts twice.
    """
    opening = "period = 0 OR journal IN (SELECT code FROM journals WHERE upper(kind) = 'O' OR lower(kind) LIKE 'opening%')"
    if clair2:
        opening += " OR number = '0'"
    execute = staged.connection.execute
    with translated_errors(staged.path):
        execute(f"CREATE TABLE moved AS SELECT id FROM entries WHERE {opening}")
        execute("CREATE INDEX moved_id ON moved (id)")
        found = _find_opening_entries(staged)
        if found is not None and found.outcome != "other":
            if staged.row("SELECT count(*) FROM subledger_lines WHERE opening_line IS NOT NULL") == (0,):
                execute("DELETE FROM opening_lines")
            for statement in _MOVE_OPENING:
                execute(statement)
        execute("DROP TABLE moved")
    return found


def _find_opening_entries(staged: StagedYear) -> OpeningEntries | None:
    """What the entries in the table `moved` are to the opening balance."""
    (count,) = staged.row("SELECT count(*) FROM moved")
    if not count:
        return None
    sums = staged.connection.execute(f"SELECT account, {_DEBIT}, {_CREDIT} FROM lines WHERE entry IN moved GROUP BY account").fetchall()
    booked = {account: debit - credit for account, debit, credit in sums if debit != credit}
    outcome: Literal["moved", "same", "other"] = "moved"
    if staged.row("SELECT count(*) FROM opening_lines") != (0,):
        if not booked:
            return None
        query = f"SELECT account, {_DEBIT} - {_CREDIT} AS net FROM opening_lines GROUP BY account HAVING net <> 0"
        outcome = "same" if booked == dict(staged.connection.execute(query).fetchall()) else "other"
    return OpeningEntries(int(count), sum(debit for _, debit, _ in sums), sum(credit for *_, credit in sums), outcome)


def add_offset_lines(staged: StagedYear) -> dict[str, int]:
    """Complete the entries of journals whose other account is named by the journal only; gives how many by journal.

    Of such a journal no line is on that account.
    """
    if staged.row("SELECT count(*) FROM unbalanced") == (0,):
        return {}
    with translated_errors(staged.path):
        found = staged.connection.execute(_OFFSET_JOURNALS).fetchall()
        for journal, account, _ in found:
            staged.connection.execute(_ADD_OFFSET_LINES, {"journal": journal, "account": account})
            staged.connection.execute("DELETE FROM unbalanced WHERE entry IN (SELECT id FROM entries WHERE journal = ?)", (journal,))
    return {journal: count for journal, _, count in found}


def declare_missing(staged: StagedYear) -> dict[str, list[str]]:
    """Make what is named and not declared: accounts, relations, VAT codes, periods; gives their codes by table."""
    made: dict[str, list[str]] = {}
    with translated_errors(staged.path):
        for table, places in _UNDECLARED.items():
            named = " UNION ".join(
                f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT code FROM {table})"
                for name, column in places
            )
            codes = [code for (code,) in staged.connection.execute(f"SELECT * FROM ({named}) ORDER BY 1")]
            staged.connection.executemany(_MADE[table], [(code, code, UNDECLARED) for code in codes])
            made[table] = codes
        made["periods"] = [str(number) for (number,) in staged.connection.execute(_MISSING_PERIODS)]
        staged.connection.execute(f"INSERT INTO periods (year, number) SELECT label, period FROM years, ({_MISSING_PERIODS})")
    return {table: codes for table, codes in made.items() if codes}


def set_normal_sides(staged: StagedYear) -> None:
    """Give accounts their normal side: credit where more is credited than debited."""
    with translated_errors(staged.path):
        staged.connection.execute(_SET_NORMAL_SIDES)


def resolve_subledgers(staged: StagedYear) -> None:
    """Find the line of each line of a sub-ledger, and give it its due date: before the entries that open the year become its opening."""
    if staged.row("SELECT count(*) FROM subledger_lines") == (0,):
        return
    with translated_errors(staged.path):
        execute = staged.connection.execute
        numbers = dict(execute("SELECT number, id FROM opening_lines WHERE number IS NOT NULL").fetchall())
        named = execute("SELECT line, subledger_line FROM sought WHERE entry IS NULL").fetchall()
        found = [(numbers[number], line) for number, line in named if number in numbers]
        staged.connection.executemany("UPDATE subledger_lines SET opening_line = ? WHERE id = ?", found)
        for statement in _RESOLVE:
            execute(statement)


def count_unresolved(staged: StagedYear) -> int:
    """How many lines of sub-ledgers belong to no line."""
    return int(staged.row("SELECT count(*) FROM subledger_lines WHERE line IS NULL AND opening_line IS NULL")[0])


_DEBIT, _CREDIT = (f"coalesce(sum(amount) FILTER (WHERE side = '{side}'), 0)" for side in "DC")
_MOVE_OPENING = (  # numbered anew if there are no opening lines, else none of them
    """
    CREATE TABLE moved_lines AS SELECT id AS line, iif((SELECT count(*) FROM opening_lines) = 0, row_number() OVER (ORDER BY id), NULL)
      AS opening_line FROM lines WHERE entry IN moved
    """,
    "CREATE INDEX moved_line ON moved_lines (line)",
    """
    INSERT INTO opening_lines (id, year, account, side, amount, description, relation, document, invoice, due, more)
    SELECT m.opening_line, e.year, l.account, l.side, l.amount, l.description, l.relation, l.document, l.invoice, l.due,
      json_patch(coalesce(l.more, '{}'), json_object('jrnID', e.journal, 'trNr', e.number, 'trDt', e.date, 'periodNumber', e.period,
        'trDesc', nullif(e.description, ''), 'trLineNr', l.number, 'effDate', l.effective_date, 'matchKeyID', l.match_key, 'vat',
        (SELECT json_group_array(json_object('vatID', v.code, 'vatPerc', v.percentage, 'vatAmnt', v.amount, 'vatAmntTp', v.side))
         FROM vat_rows v WHERE v.line = l.id HAVING count(*) > 0)))
    FROM moved_lines m JOIN lines l ON l.id = m.line JOIN entries e ON e.id = l.entry WHERE m.opening_line IS NOT NULL ORDER BY l.id
    """,
    "UPDATE years SET opening_day = coalesce(opening_day, (SELECT min(date) FROM entries WHERE id IN moved))",
    """
    UPDATE subledger_lines SET opening_line = (SELECT m.opening_line FROM moved_lines m WHERE m.line = subledger_lines.line), line = NULL
    WHERE line IN (SELECT line FROM moved_lines)
    """,
    "DELETE FROM vat_rows WHERE line IN (SELECT line FROM moved_lines)",
    "DELETE FROM lines WHERE entry IN moved",
    "DELETE FROM unbalanced WHERE entry IN moved",
    "DELETE FROM entries WHERE id IN moved",
    "DROP TABLE moved_lines",
)
_SET_NORMAL_SIDES = f"""
UPDATE accounts SET side = 'C' WHERE code IN (
  SELECT account FROM (SELECT account, side, amount FROM opening_lines UNION ALL SELECT account, side, amount FROM lines)
  GROUP BY account HAVING {_DEBIT} < {_CREDIT})
"""
_OFFSET_JOURNALS = """
SELECT j.code, j.offset_account, count(*) FROM journals j JOIN entries e ON e.journal = j.code JOIN unbalanced u ON u.entry = e.id
WHERE j.offset_account IN (SELECT code FROM accounts)
GROUP BY j.code, j.offset_account
HAVING NOT EXISTS (SELECT 1 FROM lines l JOIN entries own ON own.id = l.entry WHERE own.journal = j.code AND l.account = j.offset_account)
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
