"""Many backups at once, and back: `accountools backup --all-ready` and `accountools restore --from`, each against `xargs -P 2`, in one run.

    uv run python benchmarks/batch.py [--number 300] [--lines 5000] [--rounds 3] [--workers N] [--scaling] [--scratch DIR]

Backup: hand-overs to an age recipient, against `sqlite3 .backup`, `zstd -3`, `age -r` and `sync` of the same books. Ours checks, searches,
signs, reads back and records each. Restore: safekeeping backups into an office whose register was restored, against `age -d | zstd -d` of
what the peer made. Ours and the peer alternate; a whole process is measured, Python's start included. Making the office is not measured.

`--scaling` instead compares one worker with two processes, and with a Dask cluster of two workers here, which runs already.
"""

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from backup import ACCOUNTOOLS, run

BACKUP_BOUND, RESTORE_BOUND = 1.5, 3.0
SCALING_GOAL = 1.6  # times as fast by two workers as by one
READY_OF_TEN = 5  # of ten clients of a demonstration office at least so many are ready
PEER_BACKUP = (
    "sqlite3 {books}/$1.db \".backup '{work}/$1.db'\" && zstd -q -3 -c {work}/$1.db | age -r {recipient} -o {out}/$1.age"
    " && rm {work}/$1.db && sync {out}/$1.age"
)
PEER_RESTORE = "age -d -i {identity} {out}/$1.age | zstd -q -d -o {back}/$1.db"


@dataclass(frozen=True)
class BenchmarkOffice:
    """An office with `numbers` ready to hand over, and the key that its backups are encrypted to."""

    folder: Path
    numbers: list[int]
    identity: Path
    recipient: str


@dataclass(frozen=True)
class Peer:
    """The shell's way: a command for each administration, two at once."""

    office: BenchmarkOffice
    scratch: Path

    @property
    def out(self) -> Path:
        return self.scratch / "peer"

    def backup(self) -> float:
        work = self.scratch / "work"
        for folder in (self.out, work):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        command = PEER_BACKUP.format(books=self.office.folder / "administrations", work=work, recipient=self.office.recipient, out=self.out)
        return self._run_for_each(command)

    def restore(self) -> float:
        back = self.scratch / "back"
        back.mkdir()
        seconds = self._run_for_each(PEER_RESTORE.format(identity=self.office.identity, out=self.out, back=back))
        shutil.rmtree(back)
        return seconds

    def _run_for_each(self, command: str) -> float:
        names = " ".join(f"{number:05d}" for number in self.office.numbers)
        each = shlex.quote(f"set -euo pipefail; {command}")
        seconds, _ = run(f"printf '%s\\n' {names} | xargs -P 2 -I NAME bash -c {each} _ NAME")
        return seconds


def accountools(*words: object) -> str:
    """What the command prints. Ends the benchmark when it fails."""
    done = subprocess.run(
        [ACCOUNTOOLS, *map(str, words)], capture_output=True, text=True, encoding="utf-8", check=False, env=_environment()
    )
    if done.returncode:
        raise SystemExit(f"{done.args}\n{done.stderr}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as on anybody's machine


def create_office(folder: Path, number: int, lines: int) -> BenchmarkOffice:
    """A demonstration office with exactly `number` administrations that are ready; the others are archived."""
    accountools("demo", folder, "--clients", number * 10 // READY_OF_TEN + 10, "--lines", lines)
    rows = json.loads(accountools("audit", "--json", "--office", folder))["rows"]
    numbers = sorted(row["number"] for row in rows if row["state"] in {"ready", "attention"})
    if len(numbers) < number:
        raise SystemExit(f"only {len(numbers)} administrations of the demonstration office are ready")
    for excess in numbers[number:]:
        accountools("administration", "archive", excess, "--office", folder)
    identity = folder / "key.txt"
    recipient = json.loads(accountools("key", "new", identity, "--json"))["recipient"]
    return BenchmarkOffice(folder, numbers[:number], identity, recipient)


def backup(office: BenchmarkOffice, target: Path, *options: object) -> float:
    """Seconds of a batch; the backups are in `target`."""
    words = ["backup", *options, "--office", office.folder, "--recipient", office.recipient, "--to", target]
    return measure(words, len(office.numbers), target)


def measure(words: list[object], number: int, target: Path, pattern: str = "*.acb") -> float:
    """Seconds of a command with `--confirm`, which must leave `number` files in `target`."""
    seconds, _ = run(shlex.join([ACCOUNTOOLS, *map(str, words), "--confirm"]))
    made = len(list(target.glob(pattern)))
    if made != number:
        raise SystemExit(f"{words[0]}: {made} files in place of {number}")
    return seconds


def restore(office: BenchmarkOffice, made: Path, register: Path, scratch: Path, workers: list[str]) -> float:
    """Seconds of bringing all books back into an office that has its register only."""
    folder = scratch / "restored"
    accountools("restore", register, "--office", folder, "--identity", office.identity, "--confirm")
    words = ["restore", "--from", made, "--office", folder, "--identity", office.identity, *workers]
    seconds = measure(words, len(office.numbers), folder / "administrations", "*.db")
    shutil.rmtree(folder)
    return seconds


def can_restore_folders() -> bool:
    """Whether this version has `restore --from`."""
    return "--from" in accountools("restore", "--help")


def report(what: str, pairs: list[tuple[float, float]], number: int, bound: float) -> None:
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    each = ours / number * 1000
    print(f"  {what:<8} {ours:7.2f} s  {each:6.1f} ms each   xargs -P 2 {theirs:7.2f} s   ratio {ratio:.2f} (bound {bound})", flush=True)


def compare(number: int, lines: int, rounds: int, workers: list[str], scratch: Path) -> None:
    began = time.perf_counter()
    office = create_office(scratch / "office", number, lines)
    size = sum((office.folder / "administrations" / f"{one:05d}.db").stat().st_size for one in office.numbers)
    took = time.perf_counter() - began
    print(
        f"{number:,} administrations of {lines:,} lines, {size / 1e6:.0f} MB of SQLite, made in {took:.0f} s, {rounds} rounds", flush=True
    )
    peer = Peer(office, scratch)
    pairs: list[tuple[float, float]] = []
    for _ in range(rounds):
        made = scratch / "handover"
        pairs.append((backup(office, made, "--all-ready", *workers), peer.backup()))
        shutil.rmtree(made)
    report("backup", pairs, number, BACKUP_BOUND)
    if not can_restore_folders():
        print("  restore  left out: this version has no `restore --from`", flush=True)
        return
    made = scratch / "safekeeping"
    backup(office, made, *office.numbers, "--purpose", "safekeeping", *workers)
    accountools(
        "backup", "--register", "--office", office.folder, "--recipient", office.recipient, "--to", scratch / "register", "--confirm"
    )
    register = next((scratch / "register").glob("*.acb"))
    pairs = [(restore(office, made, register, scratch, workers), peer.restore()) for _ in range(rounds)]
    report("restore", pairs, number, RESTORE_BOUND)


def compare_workers(number: int, lines: int, rounds: int, scratch: Path) -> None:
    """One worker against two processes and against a Dask cluster of two, alternating: backups, and test restores of what was made."""
    from distributed import LocalCluster

    office, made = create_office(scratch / "office", number, lines), scratch / "handover"
    print(f"{number:,} administrations of {lines:,} lines, {rounds} rounds, load {os.getloadavg()[0]:.1f} before", flush=True)
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(scratch / "dask"))
    with cluster:
        places = {"one": "1", "two processes": "2", "Dask, two workers": cluster.scheduler_address}
        seconds: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for name, workers in places.items():
                shutil.rmtree(made, ignore_errors=True)
                seconds.setdefault(("backup", name), []).append(backup(office, made, "--all-ready", "--workers", workers))
                words = ["rehearse", *sorted(made.glob("*.acb")), "--office", office.folder, "--identity", office.identity]
                took, _ = run(shlex.join([ACCOUNTOOLS, *map(str, words), "--workers", workers]))
                seconds.setdefault(("rehearse", name), []).append(took)
    for what in ("backup", "rehearse"):
        for name in places:
            pairs = zip(seconds[what, "one"], seconds[what, name], strict=True)
            ratio = statistics.median(one / other for one, other in pairs)
            median = statistics.median(seconds[what, name])
            print(f"  {what:<8} {name:<17} {median:7.2f} s  {ratio:.2f} times as fast as one (goal {SCALING_GOAL})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, action="append", help="how many administrations; repeat it for several sizes")
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", help="passed through to accountools")
    parser.add_argument("--scaling", action="store_true", help="compare one worker with two")
    parser.add_argument("--scratch", type=Path, help="where to work; else a temporary folder")
    chosen = parser.parse_args()
    workers = ["--workers", chosen.workers] if chosen.workers else []
    for number in chosen.number or [300]:
        with tempfile.TemporaryDirectory(dir=chosen.scratch) as scratch:
            if chosen.scaling:
                compare_workers(number, chosen.lines, chosen.rounds, Path(scratch))
            else:
                compare(number, chosen.lines, chosen.rounds, workers, Path(scratch))


if __name__ == "__main__":
    main()
