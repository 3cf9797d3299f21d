"""Private memory of backup, verify, rehearse and restore at its peak, above that of the same program idle; bound 128 MiB.

    uv run python benchmarks/memory.py [--lines 5000000] [--office FOLDER]

Private is what a process has for itself (RssAnon in Linux' /proc): pages of mapped files, which the system may drop at any time, are
not in it. A command's peak is that of all its processes together, measured every few milliseconds.
"""

import argparse
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
from backup import ACCOUNTOOLS, office

BOUND = 128
EVERY = 0.005  # seconds


def private_of(process: psutil.Process) -> int:
    """KiB that a process has for itself now."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")), 0)


def peak(command: str) -> float:
    """MiB at the peak of a command and what it starts. A child that isn't its own program yet still has its parent's memory, not more."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    most = 0
    with subprocess.Popen(shlex.split(command), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                own = root.cmdline()
                most = max(most, private_of(root) + sum(private_of(one) for one in root.children(recursive=True) if one.cmdline() != own))
            except psutil.NoSuchProcess:
                break
            time.sleep(EVERY)
        if process.wait():
            raise SystemExit(f"{command}\n{process.stderr.read().decode() if process.stderr else ''}")
    return most / 1024


def commands(folder: Path, recipient: str, scratch: Path) -> list[tuple[str, str]]:
    """What is measured, in an order in which each finds what it needs."""
    key = f"--identity {folder}/key.txt"
    licence = shlex.quote(str(next((folder / "inbox").glob("KL-2041*.lic"))))
    client = f"--office {scratch}/client"
    make = f"{ACCOUNTOOLS} backup 7 --office {folder} --confirm"
    subprocess.run([*shlex.split(f"{make} --recipient {recipient} --to {scratch}/encrypted")], check=True, capture_output=True)
    (backup,) = (scratch / "encrypted").glob("*.acb")
    found = shlex.quote(str(backup))
    subprocess.run(
        shlex.split(f"{ACCOUNTOOLS} init {client} --licence {licence} --trust {folder}/issuer/trust.jwks"), check=True, capture_output=True
    )
    return [
        ("backup, encrypted", f"{make} --recipient {recipient} --to {scratch}/1"),
        ("backup, plain", f"{make} --plain --to {scratch}/2"),
        ("backup --rehearse", f"{make} --recipient {recipient} --rehearse --to {scratch}/3"),
        ("verify", f"{ACCOUNTOOLS} verify {found} --office {folder} {key}"),
        ("rehearse", f"{ACCOUNTOOLS} rehearse {found} --office {folder} {key}"),
        ("restore", f"{ACCOUNTOOLS} restore {found} {client} {key} --confirm"),
        ("restore --replace", f"{ACCOUNTOOLS} restore {found} {client} {key} --replace --confirm"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--office", type=Path, help="an office that was made before, as benchmarks/backup.py makes one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        folder = chosen.office or scratch / "office"
        recipient = (folder / "recipient").read_text().split()[-1] if chosen.office else office(folder, chosen.lines)[1]
        idle = peak(f"{ACCOUNTOOLS} backups list --office {folder}")
        print(f"{chosen.lines:,} lines; idle {idle:.0f} MiB")
        for name, command in commands(folder, recipient, scratch):
            above = peak(command) - idle
            print(f"  {name:<20} {above:5.0f} MiB above idle{'' if above <= BOUND else '   MORE THAN ' + str(BOUND)}", flush=True)


if __name__ == "__main__":
    main()
