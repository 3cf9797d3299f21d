"""Open items: what debtors owe and creditors are owed on a day, by invoice, with its age.

What belongs together is known from the matching keys of the audit file, else from the number of the invoice or document. A payment that
names neither is set against the oldest items of its relation: of these only the relation's balance is certain.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from accountools.domain.ledger import format_amount
from accountools.domain.messages import N_
from accountools.reports.books.table import BookTable, Field, SmallTable, amount, parse_day
from accountools.reports.books.years import Years
from accountools.storage.books import balances, ledger
from accountools.storage.books.balances import FiscalYear, LedgerAccount
from accountools.storage.books.open_groups import OpenGroup, open_groups

ItemKind = Literal["debtors", "creditors"]
Evidence = Literal["matched", "reference", "balance"]
KINDS: tuple[ItemKind, ...] = ("debtors", "creditors")
AGES = ("current", "30", "60", "90", "older", "unknown")
EVIDENCE = {"matched": N_("matched"), "reference": N_("same reference"), "balance": N_("balance only")}
KIND_TITLES = {"debtors": N_("Debtors"), "creditors": N_("Creditors")}
_RGS = {"BVorDeb": "debtors", "BSchCre": "creditors"}
_PROVISION = "BVorDebVdd"
_NAMES: dict[ItemKind, re.Pattern[str]] = {  # of charts without RGS codes
    "debtors": re.compile(r"(handels)?debiteuren|(trade )?debtors|(accounts|trade) receivable"),
    "creditors": re.compile(r"(handels)?crediteuren|(trade )?creditors|(accounts|trade) payable"),
}


@dataclass(frozen=True)
class OpenItem:
    """What is open of one invoice, or of a relation; in cents, debit positive: a debtor's is positive, a creditor's negative.

    `days` are those after the due date, negative before it; None where the due date isn't known.
    """

    kind: ItemKind
    relation: str | None
    name: str | None
    document: str | None
    date: str | None
    due: str | None
    amount: int
    open: int
    days: int | None
    evidence: Evidence

    @property
    def age(self) -> str:
        """How old: one of `AGES`."""
        if self.days is None:
            return "unknown"
        return "current" if self.days <= 0 else next((str(limit) for limit in (30, 60, 90) if self.days <= limit), "older")


@dataclass(frozen=True)
class OpenItems(BookTable[OpenItem]):
    """The open items on a day."""

    on: date
    rows: tuple[OpenItem, ...]

    TITLE = N_("Open items")
    FIELDS = (
        Field("kind", N_("Kind"), width=11),
        Field("relation", N_("Relation")),
        Field("name", N_("Name"), width=32),
        Field("document", N_("Invoice"), width=16),
        Field("date", N_("Date"), "day"),
        Field("due", N_("Due date"), "day"),
        amount("amount", N_("Amount")),
        amount("open", N_("Amount open")),
        Field("days", N_("Days past due"), "number"),
        Field("evidence", N_("Evidence"), width=16),
    )

    def totals(self) -> dict[str, int]:
        """What is open in all."""
        return {"open": sum(row.open for row in self.rows)}

    def ageing(self, kind: ItemKind | None = None) -> dict[str, int]:
        """What is open by age, in cents: of the items of a kind, or of all."""
        found = dict.fromkeys(AGES, 0)
        for row in self.rows:
            if kind in {None, row.kind}:
                found[row.age] += row.open
        return found

    def facts(self) -> tuple[tuple[str, object], ...]:
        """The day."""
        return ((N_("As of"), self.on),)

    def more(self) -> tuple[SmallTable, ...]:
        """The ageing."""
        rows = tuple((kind, *self.ageing(kind).values()) for kind in KINDS if any(row.kind == kind for row in self.rows))
        ages = (amount(name, title) for name, title in AGE_TITLES.items())
        return (SmallTable(N_("Ageing"), (Field("kind", N_("Kind"), width=11), *ages), rows),)

    def document(self) -> dict[str, Any]:
        """As JSON."""

        def texts(kind: ItemKind | None) -> dict[str, str]:
            return {age: format_amount(cents) for age, cents in self.ageing(kind).items()}

        return {
            "on": self.on.isoformat(),
            "rows": self.documents(),
            "ageing": texts(None),
            "ageing_by_kind": {kind: texts(kind) for kind in KINDS},
        }


AGE_TITLES = {
    "current": N_("Not yet due"),
    "30": N_("1–30 days"),
    "60": N_("31–60 days"),
    "90": N_("61–90 days"),
    "older": N_("Over 90 days"),
    "unknown": N_("Due date unknown"),
}


def control_accounts(accounts: Iterable[LedgerAccount]) -> dict[str, ItemKind]:
    """The accounts of debtors and creditors: by their RGS codes; where none has such a code, by their names."""
    on_balance = [one for one in accounts if one.kind != "P"]
    found: dict[str, ItemKind] = {}
    for prefix, kind in zip(_RGS, KINDS, strict=True):
        by_code = [one.code for one in on_balance if one.rgs.startswith(prefix) and not one.rgs.startswith(_PROVISION)]
        by_name = [one.code for one in on_balance if not one.rgs and _NAMES[kind].match(one.name.casefold())]
        found |= dict.fromkeys(by_code or by_name, kind)
    return found


def compute_open_items(
    books: sa.Connection, years: Years, year: FiscalYear, on: date, until: str | None, kind: ItemKind | None = None
) -> OpenItems:
    """The open items of debtors and creditors, or of one of them, after what was booked in `year` no later than `until`."""
    control = {code: one for code, one in control_accounts(balances.list_accounts(books).values()).items() if kind in {None, one}}
    labels = _connected_years(books, years, year, frozenset(control))
    names = ledger.relation_names(books)
    by_relation: dict[tuple[ItemKind, str], list[OpenGroup]] = {}
    for group in open_groups(books, control.keys(), labels, year.year, until) if control else ():
        by_relation.setdefault((control[group.account], group.relation or ""), []).append(group)
    items = [
        _with_age(replace(item, relation=relation or None, name=names.get(relation)), on)
        for (_, relation), groups in sorted(by_relation.items(), key=lambda one: (KINDS.index(one[0][0]), one[0][1]))
        for item in _items(control[groups[0].account], groups)
    ]
    return OpenItems(on, tuple(items))


def _connected_years(books: sa.Connection, years: Years, year: FiscalYear, control: frozenset[str]) -> list[str]:
    """The year and those before it that close with what the next one opens with on these accounts, the first first.

    Lines say more than an opening balance; where the two differ, the opening balance counts. A year without an opening balance goes on
    from the year before.
    """
    found, opens = [year.year], balances.opening_by_account(books, year.year)
    before = years.before(year)
    while before is not None:
        closes = balances.closing_by_account(books, before.year)
        if opens and any(closes.get(code, 0) != opens.get(code, 0) for code in control):
            break
        found.insert(0, before.year)
        opens, before = balances.opening_by_account(books, before.year), years.before(before)
    return found


@dataclass
class _Linked:
    """Lines that belong together, on the side of the kind: what raises and what lowers the balance, each with what of it was invoiced."""

    raised: int = 0
    lowered: int = 0
    charged: int = 0
    credited: int = 0
    raised_date: str | None = None
    lowered_date: str | None = None
    raised_due: str | None = None
    document: str | None = None
    matched: bool = False
    named: bool = False

    @property
    def rest(self) -> int:
        """What is open."""
        return self.raised - self.lowered

    @property
    def is_credit_note(self) -> bool:
        """Whether it is a credit note of its own, perhaps refunded in part."""
        return self.named and not self.charged and 0 < -self.rest <= self.credited

    @property
    def is_unlinked(self) -> bool:
        """Whether it lowers the balance without saying of what: neither an invoice nor a credit note of its own."""
        return self.rest < 0 and not self.is_credit_note

    @property
    def amount(self) -> int:
        """What it was before anything was paid of it."""
        return -self.lowered if self.is_credit_note else self.raised or -self.lowered

    @property
    def date(self) -> str | None:
        """Its first day."""
        return self.lowered_date if self.is_credit_note or not self.raised else self.raised_date

    @property
    def due(self) -> str | None:
        """Its first due date."""
        return None if self.is_credit_note else self.raised_due


def _items(kind: ItemKind, groups: Sequence[OpenGroup]) -> list[OpenItem]:
    """The open items of one relation."""
    sign = 1 if kind == "debtors" else -1
    linked = [one for one in _link(kind, groups) if one.rest]
    items: list[tuple[_Linked, int, Evidence]] = [(one, one.rest, "matched") for one in linked if one.matched]
    others = sorted((one for one in linked if not one.matched), key=lambda one: (one.date or "", one.document or ""))
    unlinked = [one for one in others if one.is_unlinked]
    unused = -sum(one.rest for one in unlinked)
    for one in others:
        if one.is_unlinked:
            continue
        used = max(min(unused, one.rest), 0)
        unused -= used
        if one.rest != used:
            items.append((one, one.rest - used, "reference" if one.named and not used else "balance"))
    if unused:
        items.append((_Linked(lowered=unused, lowered_date=unlinked[-1].date), -unused, "balance"))
    return [
        OpenItem(kind, None, None, one.document, one.date, one.due, sign * one.amount, sign * rest, None, evidence)
        for one, rest, evidence in items
    ]


def _link(kind: ItemKind, groups: Sequence[OpenGroup]) -> list[_Linked]:
    """The groups put together by their matching keys, else by their references.

    A key counts only where it is on both sides: an opening balance has no keys unless it was made of entries, nor has a file that was
    made before the payment.
    """
    found: dict[tuple[str, str] | int, _Linked] = {}
    keys = {group.key for group in groups if group.debit} & {group.key for group in groups if group.credit} - {None}
    for place, group in enumerate(groups):
        matched = group.key in keys
        key = ("key", str(group.key)) if matched else ("reference", group.reference) if group.reference else place
        one = found.setdefault(key, _Linked(matched=matched, named=bool(group.reference)))
        debit = (group.debit, group.invoiced_debit, group.debit_date, group.debit_due)
        credit = (group.credit, group.invoiced_credit, group.credit_date, group.credit_due)
        (raised, charged, day, due), (lowered, credited, other_day, _) = (debit, credit) if kind == "debtors" else (credit, debit)
        one.raised, one.lowered = one.raised + raised, one.lowered + lowered
        one.charged, one.credited = one.charged + charged, one.credited + credited
        if raised or one.document is None:
            one.document = group.reference
        one.raised_date = min(filter(None, (one.raised_date, day)), default=None)
        one.lowered_date = min(filter(None, (one.lowered_date, other_day)), default=None)
        one.raised_due = min(filter(None, (one.raised_due, due)), default=None)
    return list(found.values())


def _with_age(item: OpenItem, on: date) -> OpenItem:
    due = parse_day(item.due)
    return item if due is None else replace(item, days=(on - due).days)
