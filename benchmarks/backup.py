"""Our whole `backup` command against what people script with, alternating in one run: seconds, bytes, peak memory.

    uv run python benchmarks/backup.py [--lines 1000000] [--lines 5000000] [--rounds 3] [--varied] [--scratch DIR]

Ours makes the image, checks and searches it, compresses, encrypts to a recipient, signs, reads back and records; Python's start
is in it. Each peer ends with a file that is durable on disk. Peers that aren't installed are left out, and said so. With `--varied` each
line's text ends in a reference of its own, as those of a bank do: such books compress less, and what compresses takes longer.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNTOOLS = str(Path(sys.executable).with_name("accountools"))


@dataclass
class Peer:
    """Something that makes a backup: what it needs, and a shell command with {db}, {out}, {work}, {recipient}."""

    name: str
    needs: tuple[str, ...]
    command: str
    before: str = ""
    seconds: list[float] = field(default_factory=list)
    bytes: int = 0
    peak: int = 0


SYNC = "sync {out} {work}"  # the file and its folder, as ours: not the copy beside it, which nobody needs afterwards
PEERS = (
    Peer("sqlite3 .backup | zstd -3 -T2 | age", ("sqlite3", "zstd", "age"),
        "sqlite3 {db} '.backup {work}/copy.db' && zstd -q -3 -T2 -c {work}/copy.db | age -r {recipient} -o {out} && " + SYNC),
    Peer("VACUUM INTO | zstd -3 -T2 | age", ("sqlite3", "zstd", "age"),
        "sqlite3 {db} \"VACUUM INTO '{work}/copy.db'\" && zstd -q -3 -T2 -c {work}/copy.db | age -r {recipient} -o {out} && " + SYNC),
    Peer("restic", ("restic",), "sqlite3 {db} '.backup {work}/copy.db' && restic -q -r {work}/repo backup {work}/copy.db && du -sb {work}/repo > {out}",
        "export RESTIC_PASSWORD=x; restic -q -r {work}/repo init"),
    Peer("borg zstd,3", ("borg",), "sqlite3 {db} '.backup {work}/copy.db' && borg create -C zstd,3 {work}/repo::a {work}/copy.db && du -sb {work}/repo > {out}",
        "export BORG_PASSPHRASE=x; borg init -e repokey-blake2 {work}/repo"),
)  # fmt: skip


def run(command: str) -> tuple[float, int]:
    """Seconds and peak memory (KiB, of the largest process) of a shell command."""
    started = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as on anybody's machine
    environment |= {"RESTIC_PASSWORD": "x", "BORG_PASSPHRASE": "x"}
    process = subprocess.Popen(["bash", "-c", command], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - started
    if status:
        raise SystemExit(f"{command}\n{process.stderr.read().decode() if process.stderr else ''}")
    return elapsed, usage.ru_maxrss


def office(folder: Path, lines: int, *, varied: bool = False) -> tuple[Path, str]:
    """A demonstration office with one administration of some `lines` lines, ready to hand over; its key's recipient."""
    shell = f"""
        {ACCOUNTOOLS} demo {folder} --clients 1 --lines {lines}
        {ACCOUNTOOLS} licence import {folder}/inbox/KL-2041*.lic --office {folder} --administration 7 --user 'JANSEN\\henk' --user-name Henk --confirm
        {ACCOUNTOOLS} key new {folder}/key.txt"""
    done = subprocess.run(["bash", "-ec", shell], check=True, capture_output=True, text=True)
    books = folder / "administrations" / "00007.db"
    if varied:
        run(
            f"sqlite3 {books} \"PRAGMA journal_mode = OFF; UPDATE lines SET description = description || ' ' || hex(randomblob(8)); VACUUM\""
        )
    return books, done.stdout.split()[-1]


def measure(peer: Peer, database: Path, recipient: str, scratch: Path) -> None:
    work = Path(tempfile.mkdtemp(dir=scratch))
    words = {"db": database, "out": work / "out", "work": work, "recipient": recipient}
    if peer.before:
        run(peer.before.format(**words))
    seconds, peak = run(peer.command.format(**words))
    peer.seconds.append(seconds)
    peer.peak = max(peer.peak, peak)
    repository = work / "repo"
    found = [path for path in repository.rglob("*") if path.is_file()] if repository.exists() else [work / "out"]
    peer.bytes = sum(path.stat().st_size for path in found)
    shutil.rmtree(work)


def ours(folder: Path) -> Peer:
    command = f"{ACCOUNTOOLS} backup 7 --office {folder} --recipient {{recipient}} --to {{work}} --confirm && mv {{work}}/*.acb {{out}}"
    return Peer("accountools backup", (), command)


INDEXES = "CREATE INDEX ix_lines_entry ON lines (entry); CREATE INDEX ix_lines_account ON lines (account);"


def restoring(folder: Path, database: Path, recipient: str, scratch: Path, rounds: int) -> None:
    """Restore with every check, against `age -d | zstd -d` plus making the indexes, which a backup leaves out; alternating.

    Both end with a database whose file and name are durable, and sync nothing but these.
    """
    place = Path(tempfile.mkdtemp(dir=scratch))
    run(f"{ACCOUNTOOLS} backup 7 --office {folder} --recipient {recipient} --to {place}/made --confirm")
    backup, licence = next((place / "made").glob("*.acb")), next((folder / "inbox").glob("KL-2041*.lic"))
    bare = f"sqlite3 {place}/peer.db 'DROP INDEX ix_lines_entry; DROP INDEX ix_lines_account; VACUUM'"
    run(
        f"sqlite3 {database} \".backup '{place}/peer.db'\" && {bare} && zstd -q -3 -T2 -c {place}/peer.db | age -r {recipient} -o {place}/peer.age"
    )
    pairs: list[tuple[float, float]] = []
    for _ in range(rounds):
        run(f"{ACCOUNTOOLS} init --office {place}/client --licence '{licence}' --trust {folder}/issuer/trust.jwks")
        mine, _peak = run(f"{ACCOUNTOOLS} restore '{backup}' --office {place}/client --identity {folder}/key.txt --confirm")
        unpack = f"age -d -i {folder}/key.txt {place}/peer.age | zstd -q -d -o {place}/back/7.db"
        run(f"mkdir {place}/back")
        theirs, _peak = run(f"set -o pipefail; {unpack} && sqlite3 {place}/back/7.db '{INDEXES}' && sync {place}/back/7.db {place}/back")
        pairs.append((mine, theirs))
        shutil.rmtree(place / "client")
        shutil.rmtree(place / "back")
    shutil.rmtree(place)
    ratio = statistics.median(one / other for one, other in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"  restore with every check      {mine:7.2f} s   against {theirs:.2f} s   ratio {ratio:.2f} (bound 1.2)")


def compare(lines: int, rounds: int, scratch: Path, *, varied: bool) -> None:
    folder = scratch / f"office-{lines}"
    database, recipient = office(folder, lines, varied=varied)
    print(f"{lines:,} lines, {database.stat().st_size / 1e6:.0f} MB of SQLite, {rounds} rounds")
    able: list[Peer] = [ours(folder)]
    for peer in PEERS:
        missing = [need for need in peer.needs if shutil.which(need) is None]
        if missing:
            print(f"  left out: {peer.name} ({', '.join(missing)} not installed)")
        else:
            able.append(Peer(peer.name, peer.needs, peer.command, peer.before))
    for _ in range(rounds):
        for peer in able:
            measure(peer, database, recipient, scratch)
    first = able[1] if len(able) > 1 else able[0]
    for peer in able:
        ratio = statistics.median(one / other for one, other in zip(peer.seconds, first.seconds, strict=True))
        seconds = statistics.median(peer.seconds)
        print(f"  {peer.name:<36} {seconds:7.2f} s  {peer.bytes / 1e6:7.1f} MB  {peer.peak / 1024:6.0f} MiB"
            f"   of the first peer: {ratio:.2f} time, {peer.bytes / first.bytes:.2f} bytes")  # fmt: skip
    restoring(folder, database, recipient, scratch, rounds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--varied", action="store_true", help="lines whose texts hardly repeat")
    parser.add_argument("--scratch", type=Path, help="where to work; else a temporary folder")
    chosen = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(dir=chosen.scratch))
    try:
        for lines in chosen.lines or [1_000_000, 5_000_000]:
            compare(lines, chosen.rounds, scratch, varied=chosen.varied)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
