"""The processes in which jobs are done here: how they are started.

A process that is started anew imports the program, which takes as long as some dozens of backups. On Linux they can be forked from one that
has imported it; a command starts that one early (`prepare`), so that it imports beside the command itself. A kernel starts them anew: it
goes on for hours, and need not keep such a process.
"""

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import BaseContext

_JOBS = ["accountools.operations.restores.restore_many", "accountools.operations.backups.make_backups"]  # their modules
MOST_WORKERS = 4
_WORTH_A_WORKER = 8  # jobs; for fewer a process costs more than it saves
_SAFE_PATH = "PYTHONSAFEPATH"
is_command = False  # whether this process does nothing but one command: the command line sets it
_prepared: list[BaseContext] = []


def default_workers(jobs: int) -> int:
    """How many workers so many jobs get when nobody says: the cores, at most `MOST_WORKERS`; one when there is little to do."""
    return min(os.cpu_count() or 1, MOST_WORKERS, max(jobs // _WORTH_A_WORKER, 1))


def prepare(jobs: int, workers: int | str | None) -> None:
    """Let a command's workers be forked, if it will have any for so many jobs: the process to fork from begins to import the program."""
    wanted = workers or default_workers(jobs)
    if not is_command or sys.platform != "linux" or isinstance(wanted, str) or wanted == 1:
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_JOBS)
    with _own_modules_only():
        forkserver.ensure_running()
    _prepared.append(context)


@contextmanager
def starting() -> Iterator[BaseContext]:
    """How processes are started within the block: a copy of this process could hang, if it has threads, as a kernel has."""
    with _own_modules_only():
        yield _prepared[0] if _prepared else multiprocessing.get_context("spawn")


@contextmanager
def _own_modules_only() -> Iterator[None]:
    """Processes are started by `python -c`, which would import from the working folder."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        os.environ.pop(_SAFE_PATH, None)
        if before is not None:
            os.environ[_SAFE_PATH] = before
