"""Importing and exporting an audit file (XAF 4.0), against pyxaf's bare `transactions()` pass over the same file, alternating in one run.

    uv run python benchmarks/auditfile.py [--lines 100000] [--runs 3] [--stages]

The bare pass is a program that only iterates; the import is the command with `--confirm`, each into new books: it checks the file, stages it, compares it
and merges it. The export is the command, of the books that the import made; the card is the command that writes the ledger card of the account with
the most lines (two of five) as a workbook. Of all: seconds by the clock and their ratio to the bare pass (bounds: import 1.4, export 1.0), seconds of
processor time of all processes, and the largest memory: of a process, and of all processes of the command together (bound 200 MB, whatever the size).
`--stages` gives what an import is made of as well, each by the clock, as a ratio to the bare pass.
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
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pyxaf
from backup import ACCOUNTOOLS

from accountools.formats.auditfile.reader import open_auditfile
from accountools.formats.auditfile.source import one_set
from accountools.operations.books.staged_file import stage_file

NAMESPACE = "http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0"
BARE = "import sys, pyxaf\nfor _ in pyxaf.open(sys.argv[1]).transactions(): pass"
YEAR, RELATIONS, PER_SALE = 2025, 200, 5
EVERY = 0.1  # seconds
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


def resident(process: psutil.Process) -> int:
    """Bytes in memory that a process uses now."""
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds by the clock and of processor time; bytes of the largest process, and of all of them together."""

    clock: float
    processor: float
    largest: int
    together: int


def measured(command: list[str]) -> Run:
    """Run a command; its memory is measured ten times a second."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    largest = together = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                sizes = [resident(one) for one in (root, *root.children(recursive=True))]
                largest, together = max(largest, *sizes), max(together, sum(sizes))
            time.sleep(EVERY)
        if process.wait():
            raise SystemExit(f"{command}\n{process.stderr.read().decode() if process.stderr else ''}")
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Run(seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, largest, together)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def stages(path: Path, folder: Path) -> dict[str, float]:
    """Seconds of each further step of an import, each with all before it."""
    source, sha256 = one_set([path]), "0" * 64

    def raw() -> None:
        for _ in pyxaf.open(path).raw.transactions():
            pass

    def rows() -> None:
        with open_auditfile(source) as reader:
            for _ in reader.batches():
                pass

    def staged(doubt: Callable[[int, int], None] | None = None) -> None:
        to = folder / "staged.sqlite"
        to.unlink(missing_ok=True)
        if doubt is not None and stage_file(source, sha256, to, doubt).proven is None:
            raise SystemExit("the proof fails")
        if doubt is None:
            stage_file(source, sha256, to)

    works = {"pyxaf's raw records": raw, "as rows": rows, "staged": staged, "proven": lambda: staged(lambda *_: None)}
    return {name: seconds(work) for name, work in works.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stages", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, office = Path(folder) / "benchmark.xaf", Path(folder) / "office"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(auditfile(asked.lines))
        program = shlex.split(ACCOUNTOOLS)
        subprocess.run([*program, "demo", str(office), "--clients", "1", "--lines", "0"], check=True, capture_output=True)
        runs: dict[str, list[Run]] = {"bare pass": [], "import": [], "export": [], "card": []}
        parts: dict[str, list[float]] = {}
        for number in map(str, range(100, 100 + asked.runs)):
            of_office = ["--office", str(office)]
            create = ["administration", "create", number, "--description", "Benchmark", *of_office]
            subprocess.run([*program, *create], check=True, capture_output=True)
            runs["bare pass"].append(measured([sys.executable, "-c", BARE, str(path)]))
            runs["import"].append(
                measured([*program, "auditfile", "import", str(path), "--administration", number, *of_office, "--confirm"])
            )
            target, card = Path(folder) / "export.xaf", Path(folder) / "card.xlsx"
            target.unlink(missing_ok=True)
            card.unlink(missing_ok=True)
            runs["export"].append(measured([*program, "auditfile", "export", number, str(target), *of_office]))
            runs["card"].append(measured([*program, "books", "ledger", number, "--account", "1300", "--xlsx", str(card), *of_office]))
            for name, found in stages(path, Path(folder)).items() if asked.stages else ():
                parts.setdefault(name, []).append(found)
        bare = statistics.median(run.clock for run in runs["bare pass"])
        print(f"{asked.lines} lines, {path.stat().st_size / 1e6:.1f} MB; {os.cpu_count()} cores; the median of {asked.runs}")
        for name, found in runs.items():
            clock, processor = statistics.median(run.clock for run in found), statistics.median(run.processor for run in found)
            most = (max(run.largest for run in found), max(run.together for run in found))
            memory = f"{most[0] / 1e6:4.0f} MB, together {most[1] / 1e6:4.0f} MB"
            print(f"{name:<10} {clock / bare:5.2f}  {clock:7.2f} s by the clock  {processor:7.2f} s of processor time  {memory}")
        for name, times in parts.items():
            print(f"  {name:<20} {statistics.median(times) / bare:5.2f}")


if __name__ == "__main__":
    main()
