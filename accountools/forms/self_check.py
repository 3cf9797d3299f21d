"""A form on a throw-away demonstration office, the same one on every machine: to see that the program works here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.operations.backups.plan import plan_all_ready
from accountools.operations.backups.target import BackupTarget
from accountools.operations.licences.trust import list_issuers
from accountools.operations.register.create_office import create_under
from accountools.operations.session import Office

DAY, CLIENTS, LINES, SEED = date(2026, 11, 24), 3, 24, 1
T = TypeVar("T")


@contextmanager
def form_on_demo(make: Callable[[Office], T]) -> Iterator[T]:
    """What `make` makes of that office, a form for instance; nothing of it is left behind."""
    with TemporaryDirectory(prefix="accountools-", ignore_cleanup_errors=True) as folder:
        demo = create_demo(Path(folder) / "office", system_clock(DAY), clients=CLIENTS, lines=LINES, seed=SEED)
        yield make(demo.office)


@contextmanager
def form_at_client(make: Callable[[Office], T]) -> Iterator[tuple[T, Path]]:
    """What `make` makes of a client's own office, and the backup that the client got from that office; nothing of it is left behind."""
    with form_on_demo(lambda office: office) as office:
        ready = plan_all_ready(office, BackupTarget(plain=True))
        plan = replace(ready, items=ready.to_make[:1])
        (licence,) = (item.licence for item in plan.to_make if item.licence is not None)
        theirs = create_under(office.folder / "client", licence, list_issuers(office), system_clock(DAY))
        yield make(theirs), plan.apply(office).made[0].path
