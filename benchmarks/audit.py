"""The audit of 50, 500 and 5,000 clients, against opening each administration's SQLite file and reading one row of it: alternating, in one run.

    uv run python benchmarks/audit.py [--clients 50 --clients 500 --clients 5000] [--rounds 5] [--no-screen]

Both are whole processes, Python's start included. The first audit of an office verifies each licence; it is shown by itself. Then what each
client more costs from one size to the next, which is the same if the audit grows with the office and not faster. Then, unless
`--no-screen`, the notebook of the overview with the most clients in chromium, as a page and in JupyterLab (from the running of its cell):
seconds until its table and its pictures are there, and how many rows are in the document then.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from backup import ACCOUNTOOLS, run

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP))

from accountools.reports.verdict_cache import FILE  # noqa: E402
from tests.browsing import ENOUGH, IDLE, MODES, BrowserPage, BrowserSession, RunningServer, chromium_running, servers  # noqa: E402

PEER = """
import sqlite3, sys
from pathlib import Path
for path in sorted(Path(sys.argv[1]).glob("*.db")):
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    connection.execute("SELECT mark FROM marks").fetchone()
    connection.close()
"""
BOUND = 1.0


def compare(clients: int, rounds: int, folder: Path) -> tuple[Path, float]:
    """Make an office and print a line of figures; gives the office, and the seconds of its audit."""
    office = folder / f"office-{clients}"
    made = subprocess.run(
        [ACCOUNTOOLS, "demo", office, "--clients", str(clients), "--json"], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    demo = json.loads(made.stdout)
    audit = f"{ACCOUNTOOLS} audit --json --office {office} > {folder}/audit.json"
    peer = f"{sys.executable} -c '{PEER}' {office}/administrations"
    (office / FILE).unlink()  # the demo made an audit of it
    first, _ = run(audit)
    run(peer)
    pairs = [(run(audit), run(peer)) for _ in range(rounds)]
    ours, theirs = (statistics.median(one[0] for one in column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one[0] / other[0] for one, other in pairs)
    peak = max(one[1] for one, _ in pairs) / 1024
    books = len(list((office / "administrations").glob("*.db")))
    print(
        f"{clients:6,} clients, {books:,} files, made in {demo['seconds']:.1f} s: audit {ours:.2f} s (the first {first:.2f} s), "
        f"files {theirs:.2f} s, ratio {ratio:.2f} (bound {BOUND}), {peak:.0f} MiB at its peak",
        flush=True,
    )
    return office, ours


def show(office: Path, folder: Path) -> None:
    """Open the overview, and print when its parts are there."""
    with chromium_running() as chromium, servers(folder) as served:
        for mode in MODES:
            with BrowserSession(chromium, served).at(mode, office) as (pages, one):
                one.open(pages)  # the menu: from then on the server is warm, as for whoever comes from there
                table, pictures, rows = min(time_screen(pages, one) for _ in range(3))
            where = "as a page" if mode == "app" else "in JupyterLab"
            print(
                f"the overview {where}: table after {table:.2f} s, both pictures after {pictures:.2f} s, {rows} rows in the document",
                flush=True,
            )


def time_screen(pages: RunningServer, one: BrowserPage) -> tuple[float, float, int]:
    """Seconds until the table and both pictures are there, and how many rows of it."""
    if pages.mode == "lab":
        one.page.goto(f"{pages.at('07')}&reset")
        one.page.get_by_text(IDLE).wait_for(timeout=ENOUGH)
    begin = perf_counter()
    if pages.mode == "app":
        one.page.goto(pages.at("07"))
    one.run_cell(pages)
    rows = one.screen.locator("table.dataTable tbody tr")
    rows.first.wait_for()
    table = perf_counter() - begin
    one.screen.locator(".at-picture svg").nth(1).wait_for()
    return table, perf_counter() - begin, rows.count()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-screen", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        sizes = sorted(chosen.clients or [50, 500, 5000])
        found = [compare(clients, chosen.rounds, Path(place)) for clients in sizes]
        for (fewer, less), (more, most) in pairwise(zip(sizes, (seconds for _, seconds in found), strict=True)):
            print(f"from {fewer:,} to {more:,}: {(most - less) / (more - fewer) * 1000:.3f} ms for each client more", flush=True)
        if not chosen.no_screen:
            show(found[-1][0], Path(place))


if __name__ == "__main__":
    main()
