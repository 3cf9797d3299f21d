"""An audit file (XAF 4.0) of any number of lines, written as it is made: sales with VAT, what was received for them, costs of the bank."""

import random
from collections.abc import Iterator
from pathlib import Path

from tests.seeding import random_for

_NAMESPACE = "http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0"
_ACCOUNTS = (
    ("0500", "Kapitaal", "B", "BEivGokGea"), ("1100", "Bank", "B", "BLimBanRba"), ("1300", "Debiteuren", "B", "BVorDebHad"),
    ("1510", "Btw hoog", "B", "BSchBepBla"), ("1520", "Btw laag", "B", "BSchBepBlv"), ("4900", "Bankkosten", "P", "WFbeBanBan"),
    ("8000", "Omzet hoog", "P", "WOmzNohOlh"), ("8010", "Omzet laag", "P", "WOmzNodOdl"),
)  # fmt: skip
_RATES = {"VH": (21, "8000", "1510"), "VL": (9, "8010", "1520")}
_RELATIONS = 300
_Line = tuple[str, str, int, str, str, str]  # account, side, cents, document, relation, VAT code


def write_auditfile(path: Path, lines: int) -> None:
    """Write a file of the year 2025 for Bakkerij Jansen, with so many lines or a few more."""
    debit = credit = count = 0
    for some in _entries(lines):
        count += len(some)
        debit += sum(line[2] for line in some if line[1] == "D")
        credit += sum(line[2] for line in some if line[1] == "C")
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_head())
        file.write(f"<transactions><linesCount>{count}</linesCount><totalDebit>{_amount(debit)}</totalDebit>")
        file.write(f"<totalCredit>{_amount(credit)}</totalCredit>\n")
        for kind, name in (("S", "Verkoop"), ("B", "Bank")):
            file.write(f"<journal><jrnID>{kind}</jrnID><desc>{name}</desc><jrnTp>{kind}</jrnTp>\n")
            for number, some in enumerate(_entries(lines)):
                if _journal(number) == kind:
                    file.writelines(_transaction(number, some))
            file.write("</journal>\n")
        file.write("</transactions></company></auditfile>\n")


def _journal(number: int) -> str:
    return "S" if number % 2 == 0 else "B"


def _entries(lines: int) -> Iterator[list[_Line]]:
    """The same entries at each call: sales and receipts in turn."""
    chance, done, number, gross = random_for(f"auditfile of {lines} lines"), 0, 0, 0
    while done < lines:
        some = _sale(chance, number) if _journal(number) == "S" else _receipt(chance, gross, number)
        gross = some[0][2]
        yield some
        done, number = done + len(some), number + 1


def _sale(chance: random.Random, number: int) -> list[_Line]:
    code = chance.choice(("VH", "VH", "VL"))
    rate, turnover, tax = _RATES[code]
    nets = [chance.randrange(100, 900_000) for _ in range(chance.randrange(1, 4))]
    vat = round(sum(nets) * rate / 100)
    document, relation = f"F{number:07d}", f"D{chance.randrange(_RELATIONS)}"
    revenue: list[_Line] = [(turnover, "C", net, document, "", code) for net in nets]
    return [("1300", "D", sum(nets) + vat, document, relation, ""), *revenue, (tax, "C", vat, document, "", "")]


def _receipt(chance: random.Random, gross: int, number: int) -> list[_Line]:
    document, relation = f"F{number - 1:07d}", f"D{chance.randrange(_RELATIONS)}"
    if chance.randrange(20) == 0:
        return [("1100", "C", gross % 2_000 + 1, "KOSTEN", "", ""), ("4900", "D", gross % 2_000 + 1, "KOSTEN", "", "")]
    return [("1100", "D", gross, document, "", ""), ("1300", "C", gross, document, relation, "")]


def _transaction(number: int, some: list[_Line]) -> Iterator[str]:
    month, day = number % 12 + 1, number % 28 + 1
    date = f"2025-{month:02d}-{day:02d}"
    yield f"<transaction><nr>{number}</nr><desc>Boeking é {number}</desc><periodNumber>{month}</periodNumber><trDt>{date}</trDt>\n"
    for place, (account, side, cents, document, relation, code) in enumerate(some, 1):
        yield f"<trLine><nr>{place}</nr><accID>{account}</accID><docRef>{document}</docRef><effDate>{date}</effDate>"
        yield f"<amnt>{_amount(cents)}</amnt><amntTp>{side}</amntTp>{f'<custSupID>{relation}</custSupID>' if relation else ''}"
        if code:
            rate, tax = _RATES[code][0], round(cents * _RATES[code][0] / 100)
            yield f"<vat><vatID>{code}</vatID><vatPerc>{rate}</vatPerc><vatAmnt>{_amount(tax)}</vatAmnt><vatAmntTp>{side}</vatAmntTp></vat>"
        yield "</trLine>\n"
    yield "</transaction>\n"


def _head() -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<auditfile xmlns="{_NAMESPACE}">\n<header><fiscalYear>2025</fiscalYear>'
    yield "<startDate>2025-01-01</startDate><endDate>2025-12-31</endDate><curCode>EUR</curCode><dateCreated>2026-01-10</dateCreated>"
    yield "<softwareDesc>Voorbeeld</softwareDesc><softwareVersion>1</softwareVersion></header>\n<company>"
    yield "<Commercenr>12345678</Commercenr><companyName>Bakkerij Jansen</companyName><taxRegistrationCountry>NL</taxRegistrationCountry>"
    yield "<taxRegIdent>001234567B01</taxRegIdent><customersSuppliers>\n"
    for n in range(_RELATIONS):
        yield f"<customerSupplier><custSupID>D{n}</custSupID><custSupName>Klant {n}</custSupName><custSupTp>C</custSupTp>"
        yield "</customerSupplier>\n"
    yield "</customersSuppliers><generalLedger>\n"
    for code, name, kind, rgs in _ACCOUNTS:
        yield f"<ledgerAccount><accID>{code}</accID><accDesc>{name}</accDesc><accTp>{kind}</accTp><RGScode>{rgs}</RGScode>"
        yield "</ledgerAccount>\n"
    yield "</generalLedger><vatCodes>"
    for code, (rate, _, tax) in _RATES.items():
        yield f"<vatCode><vatID>{code}</vatID><vatDesc>{rate} %</vatDesc><vatToPayAccID>{tax}</vatToPayAccID></vatCode>"
    yield "</vatCodes><periods>\n"
    for month in range(1, 13):
        first, last = f"2025-{month:02d}-01", f"2025-{month:02d}-28"
        yield f"<period><periodNumber>{month}</periodNumber><startDatePeriod>{first}</startDatePeriod>"
        yield f"<endDatePeriod>{last}</endDatePeriod></period>"
    yield "\n</periods><openingBalance><linesCount>2</linesCount><totalDebit>500.00</totalDebit><totalCredit>500.00</totalCredit>"
    for place, (account, side) in enumerate((("1100", "D"), ("0500", "C")), 1):
        yield f"<obLine><nr>{place}</nr><accID>{account}</accID><amnt>500.00</amnt><amntTp>{side}</amntTp></obLine>"
    yield "</openingBalance>\n"


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
