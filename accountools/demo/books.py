"""Books for the demonstration: the year before and this year until today of a small company, made from a seed.

Each day has its invoices, more in season; they are paid later, some of them late or never. In this year there are a few faults to be found:
an invoice that is booked twice, a missing number, a date outside its period and one in a weekend, cash below zero, a round amount;
and some invoices that should have been paid.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from accountools.demo.postings import BANK, CASH, CREDITORS, DEBTORS, Invoice, Postings, workday
from accountools.demo.regular import WITH_STAFF, Regular, regular_entries
from accountools.demo.trades import CITIES, CUSTOMERS, OVERHEADS, Product, Supplier, Trade
from accountools.domain.ledger import Entry, OpeningLine, Relation

_SATURDAY = 5
_LINES_OF_EVENT = 5.1  # of an invoice with its payment, or cash sales
_SALES = 0.55  # of the invoices
_COSTS = 0.45  # of the turnover, beside what is regular
_TWO_RATES, _OTHER_PRODUCT = 0.2, 0.35  # of the sales
_ON_TIME, _PAID = 0.92, 0.985  # of the invoices
_SLOW = 2  # customers who always pay late
_FAULTS = {
    "gap": 0.25,
    "cash": 0.2,
    "weekend": 0.3,
    "period": 0.15,
    "twice": 0.5,
    "unpaid": 0.72,
    "unpaid again": 0.85,
}  # from which part of the year on


class DemoBooks:
    """The books of a company with `lines` lines in all, or a few more. `opening` and `entries` are asked once, of each year in turn."""

    def __init__(self, seed: int, trade: Trade, lines: int, today: date) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - generated books need no secrecy
        self._trade, self._lines, self._today = trade, lines, today
        self.years: tuple[int, ...] = (today.year - 1, today.year) if lines else ()
        names = self._chance.sample(CUSTOMERS, min(8 + lines // 2_000, len(CUSTOMERS)))
        self._customers = [self._relation(f"D{n}", name, "D") for n, name in enumerate(names, 1001)]
        self._suppliers = {one: self._relation(f"C{n}", one.name, "C") for n, one in enumerate((*trade.suppliers, *OVERHEADS), 2001)}
        self._documents = {one: self._chance.randrange(1_000, 60_000) for one in self._suppliers}
        self._postings, self._payments, self._faults = Postings(has_staff=lines >= WITH_STAFF), dict[date, list[Invoice]](), dict(_FAULTS)
        self._regular = regular_entries(self.years, today, lines)
        self._promised = sum(one.lines for some in self._regular.values() for one in some)  # lines of regular entries and payments to come
        first = date(today.year - 1, 1, 1)
        days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        self._weights = {day: trade.season[day.month - 1] for day in days if day.weekday() < _SATURDAY}
        self._weight, self._planned = sum(self._weights.values()), 0.0
        events = max(lines - self._promised, 10) / _LINES_OF_EVENT
        invoices, turnover = events * (1 - trade.cash), trade.average * (events * (1 - trade.cash) * _SALES + events * trade.cash)
        self._turnover = int(turnover / (len(days) / 30.4))
        size = sum(one.size * one.weight for one in self._suppliers) / sum(one.weight for one in self._suppliers)
        self._purchase = turnover * _COSTS / (invoices * (1 - _SALES) * size)

    @property
    def relations(self) -> tuple[Relation, ...]:
        """Debtors and creditors."""
        return (*self._customers, *self._suppliers.values()) if self.years else ()

    def opening(self, year: int) -> tuple[OpeningLine, ...]:
        """What a year opens with."""
        if year == self._today.year - 1:
            self._begin(date(year, 1, 1))
        return self._postings.opening()

    def entries(self, year: int) -> Iterator[Entry]:
        """The entries of a year, day by day until today."""
        first, last = date(year, 1, 1), min(date(year, 12, 31), self._today)
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            for entry in self._entries_of_day(day):
                yield entry
                if self._postings.lines >= self._lines:
                    return

    def _begin(self, on: date) -> None:
        """The balances that the company has on its first day here; the reserve is what makes them balance."""
        monthly, net = self._turnover, self._postings.net
        net |= {"0140": monthly * 5, "0145": -monthly * 2, "0160": monthly * 4, "0165": -monthly, CASH: 25_035, BANK: monthly * 3 + 18_742}
        net |= {"0500": -1_800_000, "0710": -monthly * 4, "1555": -monthly * 2 // 5 // 100 * 100}
        if any(one.product.account.startswith("70") for one in self._trade.suppliers):
            net["3000"] = monthly * 4 // 5
        before = (on.year - 1) % 100
        for n, customer in enumerate(self._customers[:3]):
            total, due = self._amount(self._trade.average), on + timedelta(days=6 * n + 3)
            self._postings.add_open(Invoice(DEBTORS, customer, f"{before}60{100 + n:04d}", "Openstaande verkoopfactuur", total, due))
        for n, one in enumerate(self._trade.suppliers):
            total, due = self._amount(self._purchase), on + timedelta(days=8 * n + 5)
            self._postings.add_open(Invoice(CREDITORS, self._suppliers[one], self._document(one), "Openstaande inkoopfactuur", -total, due))
        for invoice in self._postings.open:
            net[invoice.account] += invoice.amount
            self._plan_payment(invoice, on)
        net["0510"] = -sum(net.values())

    def _entries_of_day(self, day: date) -> Iterator[Entry]:
        for invoice in self._payments.pop(day, ()):
            self._promised -= 2
            yield self._postings.payment(day, invoice)
        if weight := self._weights.pop(day, 0):
            rest = max(self._lines - self._postings.lines - self._promised, 0)
            self._planned += rest / _LINES_OF_EVENT * weight / self._weight
            self._weight -= weight
        while weight and self._planned >= 1:
            self._planned -= 1
            yield from self._event(day)
        for regular in self._regular.pop(day, ()):
            self._promised -= regular.lines
            yield from regular.post(self._postings, day, self._turnover)
        while weight and not self._weights and self._postings.lines < self._lines:
            yield self._sale(day)

    def _event(self, on: date) -> Iterator[Entry]:
        if self._chance.random() < self._trade.cash:
            yield self._postings.takings(on, self._parts())
            if (cash := self._postings.net[CASH]) > self._trade.average:
                brought = cash + 8_250 if self._has_fault("cash", on) else cash // 5_000 * 5_000
                yield self._postings.transfer("10", on, "Afstorting bij de bank", BANK, CASH, brought)
        elif self._chance.random() < _SALES:
            yield self._sale(on)
        else:
            yield self._purchase_entry(on)

    def _sale(self, on: date) -> Entry:
        if self._has_fault("gap", on):
            self._postings.next_number("60", on)
        saturday = on - timedelta(days=on.weekday() + 2)
        if saturday.month == on.month and self._has_fault("weekend", on):
            on = saturday
        customer, due = self._chance.choice(self._customers), on + timedelta(days=self._chance.choice((14, 30)))
        entry, invoice = self._postings.sale(on, customer, self._parts(), due)
        if not (self._has_fault("unpaid", on) or self._has_fault("unpaid again", on)):
            self._plan_payment(invoice, on)
        return entry

    def _purchase_entry(self, on: date) -> Entry:
        supplier = self._chance.choices(tuple(self._suppliers), [one.weight for one in self._suppliers])[0]
        net, due = self._amount(self._purchase * supplier.size, 0.5), on + timedelta(days=self._chance.choice((8, 14, 30)))
        bought = self._suppliers[supplier], supplier.product, net, self._document(supplier), due
        again = workday(on + timedelta(days=16))
        if again <= self._today and self._has_fault("twice", on):
            self._promised += 3
            self._regular.setdefault(again, []).append(Regular(3, lambda books, day, _: iter([books.purchase(day, *bought)[0]])))
        period = on.month - 1 if on.day <= 15 and on.month > 1 and self._has_fault("period", on) else None  # noqa: PLR2004
        entry, invoice = self._postings.purchase(on, *bought, period)
        self._plan_payment(invoice, on)
        return entry

    def _plan_payment(self, invoice: Invoice, on: date) -> None:
        """Most invoices are paid about when they are due, some weeks or months later, a few not at all."""
        luck, days = self._chance.random(), self._chance.randrange
        is_slow = invoice.relation in self._customers[-_SLOW:]
        late = days(30, 110) if is_slow else days(-4, 4) if luck < _ON_TIME else days(8, 75)
        paid = workday(max(invoice.due + timedelta(days=late), on + timedelta(days=1)))
        if paid <= self._today and luck < _PAID:
            self._payments.setdefault(paid, []).append(invoice)
            self._promised += 2

    def _parts(self) -> dict[Product, int]:
        """What an invoice is for, mostly one product, with the price in cents."""
        first, second, *others = self._trade.sales
        luck, amount = self._chance.random(), self._amount(self._trade.average)
        if luck < _TWO_RATES:
            return {first: amount, second: self._amount(self._trade.average / 3)}
        if luck < _OTHER_PRODUCT:
            return {self._chance.choice((second, *others)): amount}
        return {first: amount}

    def _amount(self, average: float, spread: float = 0.8) -> int:
        """An amount in cents: many are small, few are large."""
        return max(int(average * self._chance.lognormvariate(-spread * spread / 2, spread)), 100)

    def _document(self, supplier: Supplier) -> str:
        """The next invoice number of a supplier."""
        self._documents[supplier] += self._chance.randrange(3, 90)
        return f"{supplier.name[:2].upper()}-{self._documents[supplier]}"

    def _has_fault(self, name: str, on: date) -> bool:
        """Whether this is the time for a fault: once, in this year."""
        first = date(self._today.year, 1, 1)
        if name not in self._faults or on < first + (self._today - first) * self._faults[name]:
            return False
        del self._faults[name]
        return True

    def _relation(self, code: str, name: str, kind: Literal["D", "C"]) -> Relation:
        return Relation(code, name, kind, self._chance.choice(CITIES))
