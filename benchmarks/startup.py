"""How long `accountools --help` takes, against a bare `import typer; import typer.rich_utils`, alternating in one run.

uv run python benchmarks/startup.py [ROUNDS]
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

OURS = [str(Path(sys.executable).with_name("accountools")), "--help"]
BARE = [sys.executable, "-c", "import typer; import typer.rich_utils"]


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(rounds: int) -> None:
    seconds(OURS), seconds(BARE)  # warm the caches
    pairs = [(seconds(OURS), seconds(BARE)) for _ in range(rounds)]
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"accountools --help {ours:.3f} s   bare typer {bare:.3f} s   ratio {ratio:.2f} (bound 1.5), {rounds} rounds")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
