"""A staged year is completed: what an audit file leaves to who reads it is made, before it comes into the books."""

from collections.abc import Mapping

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


def move_opening_entries(staged: StagedYear, *, clair2: bool) -> int:
    """Make opening lines of the entries that open the year (journal of kind O, period 0), unless there are opening lines.

    Gives how many entries that were.
    """
    opening = "period = 0 OR journal IN (SELECT code FROM journals WHERE upper(kind) = 'O' OR lower(kind) LIKE 'opening%')"
    if clair2:
        opening += " OR number = '0'"
    if staged.row("SELECT count(*) FROM opening_lines") != (0,):
        return 0
    execute = staged.connection.execute
    with translated_errors(staged.path):
        execute(f"CREATE TABLE moved AS SELECT id FROM entries WHERE {opening}")
        (count,) = staged.row("SELECT count(*) FROM moved")
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


def add_offset_lines(staged: StagedYear) -> dict[str, int]:
    """Complete the entries of journals whose other account is named by the journal only; gives how many by journal.

    Of such a journal no entry balances, and no line is on that account.
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


def set_normal_sides(staged: StagedYear, net: Mapping[str, int]) -> None:
    """Give accounts their normal side: credit where more is credited than debited."""
    opening = staged.connection.execute(
        "SELECT account, sum(CASE side WHEN 'D' THEN amount ELSE -amount END) FROM opening_lines GROUP BY account"
    )
    sums = dict(opening)
    for code, amount in net.items():
        sums[code] = sums.get(code, 0) + amount
    staged.connection.executemany("UPDATE accounts SET side = 'C' WHERE code = ?", [(code,) for code, amount in sums.items() if amount < 0])


def resolve_subledgers(staged: StagedYear) -> int:
    """Find the line of each line of a sub-ledger, and give it its due date; gives how many belong to no line."""
    if staged.row("SELECT count(*) FROM subledger_lines") == (0,):
        return 0
    with translated_errors(staged.path):
        for statement in _RESOLVE:
            staged.connection.execute(statement)
    (lost,) = staged.row("SELECT count(*) FROM subledger_lines WHERE line IS NULL AND opening_line IS NULL")
    return int(lost)


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
