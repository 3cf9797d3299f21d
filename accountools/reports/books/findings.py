"""The tests of a year's journals: what deserves a look, each finding with its journal, number and line.

They find what is unusual, not what is wrong: an invoice twice, missing numbers, a cash account below zero, a date outside its period, a
weekend, a round amount, and first digits that don't follow Benford's law. And whether the year opens with what the year before closed with.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, groupby, pairwise
from typing import Any

import sqlalchemy as sa

from accountools.domain.book_findings import BOOK_FINDINGS, BookFinding
from accountools.domain.ledger import format_amount
from accountools.domain.messages import N_
from accountools.reports.books.benford import Benford, compute_benford
from accountools.reports.books.open_items import control_accounts
from accountools.reports.books.table import BookTable, Field, SmallTable, parse_day
from accountools.reports.books.trial_balance import find_missing_opening, year_facts
from accountools.storage.books import balances, journal_tests
from accountools.storage.books.balances import FiscalYear, LedgerAccount
from accountools.storage.books.journal_tests import EntryHead
from accountools.texts import Texts, choose_language

ROUND = 100_000  # cents: an amount of whole thousands
SEVERITIES = {"error": N_("error"), "warning": N_("warning"), "info": N_("information")}
_MOST = 1_000  # of one code
_SATURDAY = 5
_NUMBER = re.compile(r"(.*?)([0-9]{1,18})", re.DOTALL)
_CASH = re.compile(r"kas\b|cash\b")


@dataclass(frozen=True)
class Findings(BookTable[BookFinding]):
    """The findings of a year, and the first digits of its amounts. `suppressed` counts by code those beyond the first thousand.

    `missing_opening` is as that of a trial balance.
    """

    year: str
    until: str | None
    rows: tuple[BookFinding, ...]
    benford: Benford
    suppressed: Mapping[str, int] = field(default_factory=dict)
    texts: Texts = field(default_factory=lambda: Texts(choose_language(None)))
    missing_opening: str | None = None

    TITLE = N_("Journal tests")
    FIELDS = (
        Field("code", N_("Code"), width=20),
        Field("severity", N_("Severity")),
        Field("journal", N_("Ledger journal")),
        Field("number", N_("Number"), width=14),
        Field("line", N_("Line")),
        Field("message", N_("Finding"), width=80),
    )

    def cells(self, row: BookFinding) -> tuple[Any, ...]:
        """The values of a row, with its sentence."""
        return row.code, row.severity, row.journal, row.number, row.line, self.message(row)

    def message(self, row: BookFinding) -> str:
        """The sentence of a finding, in the language of `texts`."""
        facts = dict(row.facts)
        for name in BookFinding.AMOUNTS:
            if isinstance(cents := facts.get(name), int):
                facts[name] = self.texts.amount(format_amount(cents))
        return self.texts(row.sentence, **facts)

    def facts(self) -> tuple[tuple[str, object], ...]:
        """The year, and the day to which it goes."""
        return year_facts(self.year, self.until, self.missing_opening)

    def more(self) -> tuple[SmallTable, ...]:
        """The first digits."""
        return (self.benford.table(),)

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(row.severity == "error" for row in self.rows)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        suppressed = sum(self.suppressed.values())
        return {
            "year": self.year,
            "until": self.until,
            "missing_opening": self.missing_opening,
            "findings": self.documents(),
            "benford": self.benford.document(),
            "suppressed": suppressed,
        }


def compute_findings(books: sa.Connection, year: FiscalYear, before: FiscalYear | None, until: str | None, texts: Texts) -> Findings:
    """Test the journals of a year, as far as they are dated no later than `until`."""
    found: dict[str, list[BookFinding]] = {code: [] for code in BOOK_FINDINGS}
    suppressed: dict[str, int] = {}
    benford = compute_benford(journal_tests.first_digits(books, year.year, until))
    for one in _all(books, year, before, until, benford):
        if len(found[one.code]) < _MOST:
            found[one.code].append(one)
        else:
            suppressed[one.code] = suppressed.get(one.code, 0) + 1
    rows = tuple(one for some in found.values() for one in some)
    return Findings(year.year, until, rows, benford, suppressed, texts, find_missing_opening(books, year, before))


def _all(books: sa.Connection, year: FiscalYear, before: FiscalYear | None, until: str | None, benford: Benford) -> Iterator[BookFinding]:
    accounts = balances.list_accounts(books)
    yield from _opening(books, year, before, accounts)
    control = control_accounts(accounts.values())
    debtors, creditors = ([code for code, one in control.items() if one == kind] for kind in ("debtors", "creditors"))
    for twice in journal_tests.repeated_invoices(books, year.year, debtors, creditors, until):
        facts = {"document": twice.document, "relation": twice.relation, "first": twice.first_number, "journal": twice.first_journal}
        yield BookFinding("invoice-twice", twice.journal, twice.number, _line(twice.line), facts)
    moved = journal_tests.moved_heads(books, year.year)
    for journal, heads in groupby(journal_tests.entry_heads(books, year.year, until), key=lambda one: one.journal):
        numbers: dict[str, dict[int, EntryHead]] = {}
        for head in chain(heads, moved.get(journal, ())):
            if head.counts:
                yield from _dates(head, year)
            if parts := _NUMBER.fullmatch(head.number):
                used, number = numbers.setdefault(parts[1], {}), int(parts[2])
                if number not in used or (head.counts and not used[number].counts):
                    used[number] = head
        for prefix, used in sorted(numbers.items()):
            yield from _gaps(prefix, used)
    yield from _negative_cash(books, year, until, accounts)
    for one in journal_tests.round_lines(books, year.year, ROUND, until):
        yield BookFinding("round-amount", one.journal, one.number, _line(one.line), {"amount": abs(one.amount)})
    if benford.deviates:
        yield BookFinding("benford", facts={"count": benford.count, "deviation": round(benford.deviation * 10_000)})


def _opening(
    books: sa.Connection, year: FiscalYear, before: FiscalYear | None, accounts: Mapping[str, LedgerAccount]
) -> Iterator[BookFinding]:
    opens = balances.opening_by_account(books, year.year)
    if difference := sum(opens.values()):
        yield BookFinding("opening-unbalanced", facts={"difference": difference})
    if before is None or not opens:  # without an opening balance (`missing_opening`) it isn't one that differs
        return
    closed = balances.closing_by_account(books, before.year)
    closes = {code: net for code, net in closed.items() if accounts[code].kind != "P"}
    result = sum(closed.values()) - sum(closes.values())
    differing = [code for code in sorted(closes.keys() | opens.keys()) if opens.get(code, 0) != closes.get(code, 0)]
    for code in differing:
        opening, closing = opens.get(code, 0), closes.get(code, 0)
        text = "opening-appropriated" if len(differing) == 1 and opening - closing == result else None
        facts: dict[str, object] = {"account": code, "opening": opening, "closing": closing, "before": before.year}
        yield BookFinding("opening-differs", facts=facts, text=text)


def _dates(head: EntryHead, year: FiscalYear) -> Iterator[BookFinding]:
    day, line = parse_day(head.date), _line(head.line)
    if day is None:
        return
    if not year.first_day <= head.date <= year.last_day:
        yield BookFinding("date-outside-year", head.journal, head.number, line, facts={"day": day})
    elif (head.first_day or "") > head.date or head.date > (head.last_day or head.date):
        yield BookFinding("date-outside-period", head.journal, head.number, line, facts={"day": day, "period": head.period})
    if day.weekday() >= _SATURDAY:
        yield BookFinding("weekend", head.journal, head.number, line, facts={"day": day})


def _gaps(prefix: str, used: Mapping[int, EntryHead]) -> Iterator[BookFinding]:
    """The gaps in a series, from the first entry that counts, each before one that does.

    None where there are more gaps than numbers that follow: such numbers aren't given one after the other.
    """
    first_used = min((number for number, head in used.items() if head.counts), default=None)
    series = [] if first_used is None else sorted(number for number in used if number >= first_used)
    pairs = [(one, other) for one, other in pairwise(series) if other - one > 1]
    if len(pairs) * 2 > len(series):
        return
    for last, following in pairs:
        width, head = len(used[last].number) - len(prefix), used[following]
        if not head.counts:
            continue
        first, end = (f"{prefix}{one:0{width}d}" for one in (last + 1, following - 1))
        facts = {"missing": first if first == end else f"{first}–{end}"}
        yield BookFinding("number-gap", head.journal, head.number, _line(head.line), facts)


def _negative_cash(
    books: sa.Connection, year: FiscalYear, until: str | None, accounts: Mapping[str, LedgerAccount]
) -> Iterator[BookFinding]:
    """The days on which the balance of a cash account first is below zero at their end, each at the day's last line."""
    codes = {*journal_tests.cash_accounts(books), *(code for code, one in accounts.items() if one.rgs.startswith("BLimKas"))}
    codes |= {code for code, one in accounts.items() if not one.rgs and one.kind != "P" and _CASH.match(one.name.casefold())}
    opens = balances.opening_by_account(books, year.year)
    for code in sorted(codes & accounts.keys()):
        balance = opens.get(code, 0)
        for text, some in groupby(journal_tests.cash_lines(books, year.year, code, until), key=lambda one: one.date):
            was, lines = balance, list(some)
            balance += sum(one.amount for one in lines)
            if balance < 0 <= was:
                day = parse_day(text) or text
                facts: dict[str, object] = {"day": day, "account": code, "balance": balance}
                yield BookFinding("negative-cash", lines[-1].journal, lines[-1].number, _line(lines[-1].line), facts)


def _line(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else text
