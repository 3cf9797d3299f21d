"""The entries of the demonstration's books: an invoice, a payment, takings; numbered by journal and year."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from accountools.demo.trades import SHIFTED, TAX, Product
from accountools.domain.ledger import Entry, Line, OpeningLine, Relation, Side

CASH, BANK, DEBTORS, CREDITORS, INPUT_TAX, RESERVE = "1000", "1100", "1300", "1600", "1520", "0510"
_RESULT = "4"  # what begins with it, or a higher digit, is profit and loss
_SATURDAY = 5


@dataclass(frozen=True, eq=False)
class Invoice:
    """An invoice that is open: `amount` in cents on `account`, debit positive."""

    account: str
    relation: Relation
    document: str
    text: str
    amount: int
    due: date


@dataclass
class Postings:
    """Makes entries, and knows what they add up to: the balances of the accounts, the open invoices, and how many lines there are."""

    has_staff: bool
    lines: int = 0
    net: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    open: dict[Invoice, None] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)

    def result(self) -> int:
        """The balance of profit and loss, debit positive."""
        return sum(net for code, net in self.net.items() if code >= _RESULT)

    def add_open(self, invoice: Invoice) -> Invoice:
        """Add an invoice to those that are open."""
        self.open[invoice] = None
        return invoice

    def next_number(self, journal: str, on: date) -> str:
        """The next number of a journal in a year: `25600001`."""
        series = f"{on.year % 100:02d}{journal}"
        self._numbers[series] += 1
        return f"{series}{self._numbers[series]:04d}"

    def entry(self, journal: str, on: date, text: str, *lines: Line, number: str | None = None, period: int | None = None) -> Entry:
        """An entry of those lines that have an amount."""
        some = tuple(line for line in lines if line.amount)
        for line in some:
            self.net[line.account] += line.amount if line.side == "D" else -line.amount
        self.lines += len(some)
        return Entry(journal, number or self.next_number(journal, on), on.isoformat(), period or on.month, text, some)

    def sale(self, on: date, customer: Relation, parts: Mapping[Product, int], due: date) -> tuple[Entry, Invoice]:
        """An invoice to a customer: what was sold, each with its price in cents without VAT."""
        number, text = self.next_number("60", on), f"{next(iter(parts)).what}, {customer.name}"
        lines = [line for product, net in parts.items() for line in _taxed(product, net, "C")]
        invoice = self.add_open(Invoice(DEBTORS, customer, number, text, sum(line.amount for line in lines), due))
        owed = Line(DEBTORS, "D", invoice.amount, text, customer.code, document=number, due=due.isoformat())
        return self.entry("60", on, text, owed, *lines, number=number), invoice

    def purchase(
        self, on: date, supplier: Relation, product: Product, net: int, document: str, due: date, period: int | None = None
    ) -> tuple[Entry, Invoice]:
        """A supplier's invoice for something that costs so many cents without VAT."""
        lines, text = _taxed(product, net, "D"), f"{product.what}, {supplier.name}"
        total = sum(line.amount if line.side == "D" else -line.amount for line in lines)
        invoice = self.add_open(Invoice(CREDITORS, supplier, document, text, -total, due))
        owed = Line(CREDITORS, "C", total, text, supplier.code, document=document, due=due.isoformat())
        return self.entry("70", on, text, *lines, owed, period=period), invoice

    def paid(self, on: date, product: Product, net: int) -> Entry:
        """Something that is paid at once, by bank."""
        lines = _taxed(product, net, "D")
        return self.entry("20", on, product.what, *lines, Line(BANK, "C", sum(line.amount for line in lines), product.what))

    def payment(self, on: date, invoice: Invoice) -> Entry:
        """An open invoice is paid, by bank."""
        del self.open[invoice]
        amount = abs(invoice.amount)
        sides: tuple[Side, Side] = ("D", "C") if invoice.amount > 0 else ("C", "D")
        text = f"{'Ontvangst' if invoice.amount > 0 else 'Betaling'} {invoice.document}, {invoice.relation.name}"
        other = Line(invoice.account, sides[1], amount, text, invoice.relation.code, document=invoice.document)
        return self.entry("20", on, text, Line(BANK, sides[0], amount, text), other)

    def takings(self, on: date, parts: Mapping[Product, int]) -> Entry:
        """What was sold for cash since the last time."""
        lines = [line for product, net in parts.items() for line in _taxed(product, net, "C")]
        text = "Contante verkopen"
        return self.entry("10", on, text, Line(CASH, "D", sum(line.amount for line in lines), text), *lines)

    def transfer(self, journal: str, on: date, text: str, debit: str, credit: str, amount: int) -> Entry:
        """An amount from one account to another; a negative one the other way round."""
        if amount < 0:
            debit, credit, amount = credit, debit, -amount
        return self.entry(journal, on, text, Line(debit, "D", amount, text), Line(credit, "C", amount, text))

    def opening(self) -> tuple[OpeningLine, ...]:
        """What a year opens with: the balances, of debtors and creditors by invoice; last year's result is added to the reserve."""
        self.net[RESERVE] += self.result()
        for code in [code for code in self.net if code >= _RESULT]:
            del self.net[code]
        return (
            *(
                _opening_line(code, net, "Beginbalans")
                for code, net in sorted(self.net.items())
                if net and code not in {DEBTORS, CREDITORS}
            ),
            *(_opening_line(one.account, one.amount, one.text, one) for one in self.open),
        )


def workday(on: date) -> date:
    """That day, or the Monday after it."""
    return on + timedelta(days=7 - on.weekday()) if on.weekday() >= _SATURDAY else on


def _opening_line(account: str, net: int, text: str, of: Invoice | None = None) -> OpeningLine:
    facts = (of.relation.code, of.document, of.due.isoformat()) if of is not None else ()
    return OpeningLine(account, "D" if net > 0 else "C", abs(net), text, *facts)


def _taxed(product: Product, net: int, side: Side) -> list[Line]:
    """The lines of something that is sold (C) or bought (D): what it costs, and its VAT."""
    rate, account = (TAX | SHIFTED).get(product.vat, (0, ""))
    tax = (net * rate + 50) // 100
    line = Line(product.account, side, net, product.what, vat=product.vat, vat_percentage=rate * 1_000, vat_amount=tax)
    if product.vat in SHIFTED:
        return [line, Line(account, "C", tax, "Btw verlegd"), Line(INPUT_TAX, "D", tax, "Voorbelasting")]
    return [line, Line(account, side, tax, f"Btw {rate} %")] if tax else [line]
