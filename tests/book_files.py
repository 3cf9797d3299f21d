"""Small audit files (XAF 4.0) for the tests of the books' reports, and what is in them by hand.

`YEAR_2024` and `YEAR_2025` follow on each other. By hand, closing 2024: bank 1000, debtors 121 + 218 = 339, creditors -60.50, VAT -21,
-18 and +10.50, capital -1000, turnover -100 and -200, costs 50. The result, 250 profit, is in the opening of 2025, on account 0550.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNTS = {
    "0500": ("Kapitaal", "B"),
    "0550": ("Resultaat", "B"),
    "1000": ("Kas", "B"),
    "1100": ("Bank", "B"),
    "1300": ("Debiteuren", "B"),
    "1500": ("Btw hoog", "B"),
    "1510": ("Btw laag", "B"),
    "1520": ("Voorbelasting", "B"),
    "1600": ("Crediteuren", "B"),
    "4500": ("Kantoorkosten", "P"),
    "8000": ("Omzet hoog", "P"),
    "8010": ("Omzet laag", "P"),
}
JOURNALS = {"10": ("Kas", "C"), "20": ("Bank", "B"), "60": ("Verkoop", "S"), "70": ("Inkoop", "P"), "90": ("Memoriaal", "M")}
VAT = {  # code: name, account of what is payable, of what is receivable
    "VH": ("Verkoop hoog 21 %", "", ""),
    "VL": ("Verkoop laag 9 %", "", ""),
    "IH": ("Inkoop hoog 21 %", "", ""),
}


@dataclass(frozen=True)
class L:
    """A line: account, amount (negative is credit), document, relation, VAT as (code, percentage, amount) with the line's side."""

    account: str
    amount: str
    document: str = ""
    relation: str = ""
    vat: tuple[str, str, str] | None = None
    match: str = ""

    def xml(self, number: int, date: str) -> str:
        side = "C" if self.amount.startswith("-") else "D"
        parts = [f"<nr>{number}</nr><accID>{self.account}</accID>"]
        parts += [f"<docRef>{self.document}</docRef>"] if self.document else []
        parts += [f"<effDate>{date}</effDate><amnt>{self.amount.lstrip('-')}</amnt><amntTp>{side}</amntTp>"]
        parts += [f"<matchKeyID>{self.match}</matchKeyID>"] if self.match else []
        parts += [f"<custSupID>{self.relation}</custSupID>"] if self.relation else []
        if self.vat:
            code, percentage, tax = self.vat
            amount = f"<vatAmnt>{tax}</vatAmnt><vatAmntTp>{side}</vatAmntTp>"
            parts += [f"<vat><vatID>{code}</vatID><vatPerc>{percentage}</vatPerc>{amount}</vat>"]
        return f"<trLine>{''.join(parts)}</trLine>"


@dataclass(frozen=True)
class E:
    """An entry: journal, number, day, lines; its period is the month unless it is given."""

    journal: str
    number: str
    date: str
    lines: tuple[L, ...]
    period: int | None = None

    def xml(self) -> str:
        period = int(self.date[5:7]) if self.period is None else self.period
        lines = "".join(line.xml(n, self.date) for n, line in enumerate(self.lines, 1))
        return (
            f"<transaction><nr>{self.number}</nr><desc>Boeking</desc><periodNumber>{period}</periodNumber>"
            f"<trDt>{self.date}</trDt>{lines}</transaction>"
        )


@dataclass(frozen=True)
class Year:
    """A year: its opening balance by account, its entries."""

    label: int
    opening: dict[str, str]
    entries: tuple[E, ...]
    vat: dict[str, tuple[str, str, str]] = field(default_factory=lambda: VAT)

    def write(self, path: Path) -> Path:
        path.write_text(self.xml(), "utf-8")
        return path

    def xml(self) -> str:
        lines = [line for entry in self.entries for line in entry.lines]
        months = (31, 29 if self.label % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        periods = "".join(
            f"<period><periodNumber>{n}</periodNumber><startDatePeriod>{self.label}-{n:02d}-01</startDatePeriod>"
            f"<endDatePeriod>{self.label}-{n:02d}-{days}</endDatePeriod></period>"
            for n, days in enumerate(months, 1)
        )
        opening = "".join(
            f"<obLine><nr>{n}</nr><accID>{code}</accID><amnt>{amount.lstrip('-')}</amnt>"
            f"<amntTp>{'C' if amount.startswith('-') else 'D'}</amntTp></obLine>"
            for n, (code, amount) in enumerate(self.opening.items(), 1)
        )
        journals = "".join(
            f"<journal><jrnID>{code}</jrnID><desc>{name}</desc><jrnTp>{kind}</jrnTp>{''.join(one.xml() for one in found)}</journal>"
            for code, (name, kind) in JOURNALS.items()
            if (found := [one for one in self.entries if one.journal == code])
        )
        accounts = "".join(
            f"<ledgerAccount><accID>{code}</accID><accDesc>{name}</accDesc><accTp>{kind}</accTp></ledgerAccount>"
            for code, (name, kind) in ACCOUNTS.items()
        )
        codes = "".join(
            f"<vatCode><vatID>{code}</vatID><vatDesc>{name}</vatDesc>"
            f"{f'<vatToPayAccID>{pay}</vatToPayAccID>' if pay else ''}"
            f"{f'<vatToClaimAccID>{claim}</vatToClaimAccID>' if claim else ''}</vatCode>"
            for code, (name, pay, claim) in self.vat.items()
        )
        relations = "".join(
            f"<customerSupplier><custSupID>{code}</custSupID><custSupName>{name}</custSupName><custSupTp>{kind}</custSupTp></customerSupplier>"
            for code, name, kind in (("D1", "Café Noord", "C"), ("D2", "Hotel Zuid", "C"), ("C1", "Molen", "S"))
        )
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<auditfile xmlns="http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0">
  <header><fiscalYear>{self.label}</fiscalYear><startDate>{self.label}-01-01</startDate><endDate>{self.label}-12-31</endDate>
    <curCode>EUR</curCode><dateCreated>{self.label + 1}-01-15</dateCreated><softwareDesc>Voorbeeld</softwareDesc>
    <softwareVersion>1</softwareVersion></header>
  <company><Commercenr>12345678</Commercenr><companyName>Bakkerij Jansen</companyName>
    <taxRegistrationCountry>NL</taxRegistrationCountry><taxRegIdent>001234567B01</taxRegIdent>
    <customersSuppliers>{relations}</customersSuppliers><generalLedger>{accounts}</generalLedger><vatCodes>{codes}</vatCodes>
    <periods>{periods}</periods>
    <openingBalance>{_totals(self.opening.values())}{opening}</openingBalance>
    <transactions>{_totals(line.amount for line in lines)}{journals}</transactions>
  </company>
</auditfile>
"""


def _totals(amounts: Iterable[str]) -> str:
    from decimal import Decimal

    values = [Decimal(one) for one in amounts]
    debit, credit = sum((one for one in values if one > 0), Decimal()), -sum((one for one in values if one < 0), Decimal())
    return f"<linesCount>{len(values)}</linesCount><totalDebit>{debit:.2f}</totalDebit><totalCredit>{credit:.2f}</totalCredit>"


def sale(number: str, date: str, document: str, relation: str, net: str, tax: str, gross: str, *, low: bool = False) -> E:
    """An invoice of a sale; gross is debited."""
    turnover, vat, code, rate = ("8010", "1510", "VL", "9") if low else ("8000", "1500", "VH", "21")
    lines = L("1300", gross, document, relation), L(turnover, f"-{net}", document, vat=(code, rate, tax)), L(vat, f"-{tax}", document)
    return E("60", number, date, lines)


def payment(number: str, date: str, amount: str, relation: str, document: str = "", match: str = "") -> E:
    """What a debtor paid, by bank."""
    return E("20", number, date, (L("1100", amount), L("1300", f"-{amount}", document, relation, match=match)))


YEAR_2024 = Year(
    2024,
    {"1100": "1000.00", "0500": "-1000.00"},
    (
        sale("1", "2024-11-15", "F1", "D1", "100.00", "21.00", "121.00"),
        sale("2", "2024-12-20", "F2", "D2", "200.00", "18.00", "218.00", low=True),
        E(
            "70",
            "1",
            "2024-12-05",
            (L("4500", "50.00", "P100", vat=("IH", "21", "10.50")), L("1520", "10.50", "P100"), L("1600", "-60.50", "P100", "C1")),
        ),
    ),
)
OPENING_2025 = {
    "1100": "1000.00", "1300": "339.00", "1520": "10.50", "1500": "-21.00", "1510": "-18.00", "1600": "-60.50", "0500": "-1000.00",
    "0550": "-250.00",
}  # fmt: skip
YEAR_2025 = Year(
    2025,
    OPENING_2025,
    (
        payment("1", "2025-01-10", "121.00", "D1", "F1"),
        payment("2", "2025-02-03", "100.00", "D2"),
        sale("1", "2025-02-10", "F3", "D1", "200.00", "42.00", "242.00"),
    ),
)
