"""Long work on the command line: how far it is, by bytes, in a bar on standard error; on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from accountools.operations.backups.make import BackupOutcome, BackupPlan
    from accountools.operations.session import Office


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], object]]:
    """A bar as long as the block lasts; gives what is to be told how many of the `total` bytes are done."""
    if not (total and sys.stderr.isatty()):
        yield lambda _: None
        return
    with typer.progressbar(length=total, label=label, file=sys.stderr) as shown:
        yield lambda done: shown.update(done - shown.pos)


def make_backups(office: "Office", plan: "BackupPlan", label: str) -> "BackupOutcome":
    """Carry out a plan for backups: as `Office.apply`, but that one sees how far it is."""
    from accountools.operations.backups.make import BackupOutcome, make_backups

    results, before, sizes = [], 0, {item.number: item.bytes for item in plan.to_make}
    with bar(label, sum(sizes.values())) as tell:
        queue = iter(sizes.values())
        now = next(queue, 0)

        def hear(done: int, all_of_it: int) -> None:
            tell(before + (now * done // all_of_it if all_of_it else 0))

        for result in make_backups(office, plan, hear):
            results.append(result)
            if not result.item.refused:
                before, now = before + now, next(queue, 0)
                tell(before)
    return BackupOutcome.of(results)
