"""Progress bars on standard error, by bytes; only on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from accountools.operations.backups.make import BackupOutcome
    from accountools.operations.backups.plan import BackupPlan
    from accountools.operations.session import Office


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[int], object]]:
    """Show a bar while the block runs; gives a function to call with how many of the `total` bytes are done."""
    if not (total and sys.stderr.isatty()):
        yield lambda _: None
        return
    with typer.progressbar(length=total, label=label, file=sys.stderr) as shown:
        yield lambda done: shown.update(done - shown.pos)


def make_backups(office: "Office", plan: "BackupPlan", label: str) -> "BackupOutcome":
    """Apply a plan for backups as `Office.apply` does, with a progress bar."""
    from accountools.operations.backups.make import BackupOutcome, carry_out

    results, before, sizes = [], 0, {item.number: item.bytes for item in plan.to_make}
    with progress_bar(label, sum(sizes.values())) as update:
        queue = iter(sizes.values())
        now = next(queue, 0)

        def update_item(done: int, size: int) -> None:
            update(before + (now * done // size if size else 0))

        for result in carry_out(office, plan, update_item):
            results.append(result)
            if not result.item.refused:
                before, now = before + now, next(queue, 0)
                update(before)
    return BackupOutcome.of(results)
