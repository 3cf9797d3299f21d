"""Importing and exporting an audit file (XAF 4.0), against pyxaf's bare `transactions()` pass over the same file, alternating in one run.

    uv run python benchmarks/auditfile.py [--lines 100000] [--runs 3]

The bare pass is a program that only iterates; the import is the command with `--confirm`, each into new books: it checks the file, stages it, compares it
and merges it. The export is the command, of the books that the import made. Of all: seconds by the clock, seconds of processor time (of all processes), and the largest memory of a process.
"""

import argparse
import calendar
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from backup import ACCOUNTOOLS

NAMESPACE = "http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0"
BARE = "import sys, pyxaf\nfor _ in pyxaf.open(sys.argv[1]).transactions(): pass"
YEAR, RELATIONS, PER_SALE = 2025, 200, 5
ACCOUNTS = (("1100", "Bank", "B"), ("1300", "Debiteuren", "B"), ("1500", "Btw", "B"), ("8000", "Omzet", "P"), ("0500", "Kapitaal", "B"))


def amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def auditfile(lines: int) -> Iterator[str]:
    """An audit file of so many lines: sales with VAT, and what was received for them."""
    sales = range(lines // PER_SALE)
    nets = [(100 + sale % 900) * 100 for sale in sales]
    gross = [net * 121 // 100 for net in nets]
    months = [sale * 12 // len(sales) + 1 for sale in sales]
    days = [f"{YEAR}-{month:02d}-{sale % 28 + 1:02d}" for sale, month in zip(sales, months, strict=True)]
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<auditfile xmlns="{NAMESPACE}">\n<header><fiscalYear>{YEAR}</fiscalYear>'
    yield f"<startDate>{YEAR}-01-01</startDate><endDate>{YEAR}-12-31</endDate><curCode>EUR</curCode><dateCreated>{YEAR + 1}-01-10</dateCreated>"
    yield "<softwareDesc>Benchmark</softwareDesc><softwareVersion>1</softwareVersion></header>\n<company><companyName>Benchmark</companyName>"
    yield "<taxRegistrationCountry>NL</taxRegistrationCountry><taxRegIdent>001234567B01</taxRegIdent>\n<customersSuppliers>"
    for n in range(RELATIONS):
        yield f"<customerSupplier><custSupID>D{n}</custSupID><custSupName>Klant {n}</custSupName><custSupTp>C</custSupTp></customerSupplier>\n"
    yield "</customersSuppliers><generalLedger>"
    for code, name, kind in ACCOUNTS:
        yield f"<ledgerAccount><accID>{code}</accID><accDesc>{name}</accDesc><accTp>{kind}</accTp></ledgerAccount>\n"
    yield "</generalLedger><vatCodes><vatCode><vatID>VH</vatID><vatDesc>Hoog</vatDesc></vatCode></vatCodes><periods>\n"
    for month in range(1, 13):
        last = calendar.monthrange(YEAR, month)[1]
        yield f"<period><periodNumber>{month}</periodNumber><startDatePeriod>{YEAR}-{month:02d}-01</startDatePeriod>"
        yield f"<endDatePeriod>{YEAR}-{month:02d}-{last}</endDatePeriod></period>\n"
    total = amount(2 * sum(gross))
    yield "</periods><openingBalance><linesCount>0</linesCount><totalDebit>0.00</totalDebit><totalCredit>0.00</totalCredit></openingBalance>"
    yield f"<transactions><linesCount>{PER_SALE * len(sales)}</linesCount><totalDebit>{total}</totalDebit><totalCredit>{total}</totalCredit>\n"
    yield "<journal><jrnID>60</jrnID><desc>Verkoop</desc><jrnTp>S</jrnTp>\n"
    for n in sales:
        head = f"<transaction><nr>{n}</nr><desc>Factuur {n}</desc><periodNumber>{months[n]}</periodNumber><trDt>{days[n]}</trDt>\n"
        common = f"<docRef>F{n}</docRef><effDate>{days[n]}</effDate><desc>Factuur {n}</desc>"
        vat, relation = amount(gross[n] - nets[n]), f"<custSupID>D{n % RELATIONS}</custSupID><invRef>F{n}</invRef>"
        row = f"<vat><vatID>VH</vatID><vatPerc>21</vatPerc><vatAmnt>{vat}</vatAmnt><vatAmntTp>C</vatAmntTp></vat>"
        yield f"{head}<trLine><nr>1</nr><accID>1300</accID>{common}<amnt>{amount(gross[n])}</amnt><amntTp>D</amntTp>{relation}</trLine>\n"
        yield f"<trLine><nr>2</nr><accID>8000</accID>{common}<amnt>{amount(nets[n])}</amnt><amntTp>C</amntTp>{row}</trLine>\n"
        yield f"<trLine><nr>3</nr><accID>1500</accID>{common}<amnt>{vat}</amnt><amntTp>C</amntTp></trLine></transaction>\n"
    yield "</journal><journal><jrnID>20</jrnID><desc>Bank</desc><jrnTp>B</jrnTp>\n"
    for n in sales:
        head = f"<transaction><nr>{n}</nr><desc>Ontvangst {n}</desc><periodNumber>{months[n]}</periodNumber><trDt>{days[n]}</trDt>\n"
        common = f"<docRef>B{n}</docRef><effDate>{days[n]}</effDate><desc>Ontvangst {n}</desc><amnt>{amount(gross[n])}</amnt>"
        yield f"{head}<trLine><nr>1</nr><accID>1100</accID>{common}<amntTp>D</amntTp></trLine>\n"
        yield f"<trLine><nr>2</nr><accID>1300</accID>{common}<amntTp>C</amntTp><custSupID>D{n % RELATIONS}</custSupID></trLine></transaction>\n"
    yield "</journal></transactions></company></auditfile>\n"


def measured(command: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of processor time."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def largest(command: list[str]) -> int:
    """The largest memory of a process of this command, in MiB: asked of a process of its own, since the system keeps one maximum."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True)"
    code += "; print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    return int(subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, office = Path(folder) / "benchmark.xaf", Path(folder) / "office"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(auditfile(asked.lines))
        subprocess.run([*shlex.split(ACCOUNTOOLS), "demo", str(office), "--clients", "1", "--lines", "0"], check=True, capture_output=True)
        bare = [sys.executable, "-c", BARE, str(path)]
        runs: dict[str, list[tuple[float, float]]] = {"bare pass": [], "import": [], "export": []}

        def importing(number: int) -> list[str]:
            create = ["administration", "create", str(number), "--description", "Benchmark", "--office", str(office)]
            subprocess.run([*shlex.split(ACCOUNTOOLS), *create], check=True, capture_output=True)
            words = ["auditfile", "import", str(path), "--administration", str(number), "--office", str(office), "--confirm"]
            return [*shlex.split(ACCOUNTOOLS), *words]

        def exporting(number: int) -> list[str]:
            target = Path(folder) / "export.xaf"
            target.unlink(missing_ok=True)
            return [*shlex.split(ACCOUNTOOLS), "auditfile", "export", str(number), str(target), "--office", str(office)]

        for run in range(asked.runs):
            runs["bare pass"].append(measured(bare))
            runs["import"].append(measured(importing(100 + run)))
            runs["export"].append(measured(exporting(100 + run)))
        memory = {"bare pass": largest(bare), "import": largest(importing(99)), "export": largest(exporting(99))}
        print(f"{asked.lines} lines, {path.stat().st_size / 1e6:.1f} MB; {os.cpu_count()} cores; the median of {asked.runs}")
        for name, found in runs.items():
            clock, processor = (statistics.median(column) for column in zip(*found, strict=True))
            print(f"{name:<10} {clock:6.2f} s by the clock  {processor:6.2f} s of processor time  {memory[name]:4} MiB")


if __name__ == "__main__":
    main()
