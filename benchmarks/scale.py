"""What an office on a server takes as it grows: a register of many administrations, and fewer of them with books, in one run.

    uv run python benchmarks/scale.py [--register 20000] [--books 500] [--lines 480]

First a register of that many administrations, each with a client, a user, a licence and its events, and books without a row: bytes, and
seconds of the audit, of `journal verify`, of adding a user. Then a demonstration office in a folder with books of so many lines
each, moved to the server: seconds, and bytes a line and an administration. Seconds are of the clock, and of the processor for this program
(of the server's processes where it says so). The server is one of its own, in a temporary folder; it doesn't wait for a disk.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

import psutil
import sqlalchemy as sa

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP))

from accountools.clock import system_clock  # noqa: E402
from accountools.demo import demonstration  # noqa: E402
from accountools.demo.clients import generate_clients  # noqa: E402
from accountools.domain.administration import User  # noqa: E402
from accountools.domain.identifiers import Login  # noqa: E402
from accountools.formats.trust_file import Issuer  # noqa: E402
from accountools.office import Office  # noqa: E402
from accountools.operations.licences.issue import create_issuer  # noqa: E402
from accountools.operations.maintenance.move import plan_move  # noqa: E402
from accountools.operations.maintenance.verify_journal import verify_journal  # noqa: E402
from accountools.operations.register.create_office import create_under  # noqa: E402
from accountools.operations.register.users import add_user  # noqa: E402
from accountools.storage import schema  # noqa: E402
from accountools.storage.postgres.tables import held_books  # noqa: E402
from tests.engines import Server  # noqa: E402

MIB = 1 << 20


@contextmanager
def measured(what: str, server: Server | None = None) -> Iterator[None]:
    """Print how long the block took."""
    before, clock, ours = _processor(server), perf_counter(), process_time()
    yield
    theirs = f", the server's {_processor(server) - before:.2f} s" if server else ""
    print(f"{what}: {perf_counter() - clock:.2f} s; of the processor {process_time() - ours:.2f} s{theirs}", flush=True)


def _processor(server: Server | None) -> float:
    """Of all processes of the server, also those that ended."""
    if server is None:
        return 0.0
    main = psutil.Process(server._server.get_pid())
    used = [main.cpu_times(), *(one.cpu_times() for one in main.children())]
    return sum(one.user + one.system for one in used) + used[0].children_user + used[0].children_system


def print_sizes(server: Server, database: str, which: str, names: list[str], administrations: int) -> None:
    """Print what tables take, with their indexes."""
    sizes = {name: int(server.run(f"SELECT pg_total_relation_size('accountools.{name}')", database)[0][0]) for name in names}
    largest = ", ".join(f"{name} {sizes[name] / MIB:.1f}" for name in sorted(names, key=sizes.__getitem__, reverse=True)[:6])
    total = sum(sizes.values())
    print(f"{which}: {total / MIB:.1f} MiB, {total / administrations:,.0f} bytes an administration (MiB: {largest})", flush=True)


def measure_register(server: Server, folder: Path, count: int) -> None:
    """A register of so many administrations."""
    clock, place = system_clock(), server.place(folder / "large")
    when, issuer = clock(), create_issuer(folder / "issuer", "Voorbeelduitgever")
    made = create_under(place, demonstration.own_licence(issuer, when), (Issuer(issuer.name, issuer.key.public),), clock)
    clients = tuple(generate_clients(count, 1))
    numbers = [demonstration.TEMPLATE, *(one.number for one in clients if one.has_administration)]
    with measured(f"a register of {count:,} clients is written"):
        with made.engine.changing() as connection:
            rows = [{"number": int(number), "identity": f"{int(number):08x}"} for number in numbers]
            connection.execute(sa.insert(held_books), rows)
        demonstration._add_clients(made, issuer, clients)
    database = server.databases[folder / "large"]
    server.run("ANALYZE", database)
    print_sizes(server, database, "the register", list(schema.REGISTER_TABLES), len(numbers))
    office = Office.open(place, clock)
    for which in ("the first audit", "an audit"):
        with measured(f"{which}, of {len(numbers):,} administrations", server):
            office.audit()
    with measured("journal verify", server):
        length, findings = verify_journal(office)
    print(f"   {length:,} events, {len(findings)} findings")
    number = numbers[0]  # of no client: no licence says how many users there may be
    with measured("a user is added", server):
        add_user(office, number, User(Login.parse("nieuw"), "Nieuw", None, active=False, office=False))


def measure_books(server: Server, folder: Path, count: int, lines: int) -> None:
    """Books moved from a folder to the server."""
    clock, place = system_clock(), server.place(folder / "books")
    with measured(f"a demonstration office of {count:,} clients with {lines:,} lines each is made in a folder"):
        demo = demonstration.create_demo(folder / "demo", clock, clients=count, lines=lines)
    files = [path.stat().st_size for path in (folder / "demo" / "administrations").glob("*.db")]
    print(f"   {len(files)} files, {sum(files) / MIB:.1f} MiB, {demo.lines:,} lines, {sum(files) / demo.lines:.0f} bytes a line")
    with measured("it is moved to the server", server):
        plan_move(Office.open(folder / "demo", clock), place).apply(Office.open(folder / "demo", clock))
    database = server.databases[folder / "books"]
    names = list(schema.BOOKS.tables)
    print_sizes(server, database, "the books", names, len(files))
    total = sum(int(server.run(f"SELECT pg_total_relation_size('accountools.{name}')", database)[0][0]) for name in names)
    print(f"   {total / demo.lines:.0f} bytes a line")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--register", type=int, default=20_000)
    parser.add_argument("--books", type=int, default=500)
    parser.add_argument("--lines", type=int, default=480)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        server = Server(Path(place))
        server.run("ALTER SYSTEM RESET log_statement")
        server.run("SELECT pg_reload_conf()")
        try:
            measure_register(server, Path(place), chosen.register)
            measure_books(server, Path(place), chosen.books, chosen.lines)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
