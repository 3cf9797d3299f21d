"""A form on a throw-away demonstration office, the same one on every machine: to see that the program works here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from accountools.clock import system_clock
from accountools.forms.import_client_licence import ImportClientLicence
from accountools.operations.demonstrating import demonstrate
from accountools.operations.office import Office

DAY, CLIENTS, LINES, SEED = date(2026, 11, 24), 3, 24, 1
T = TypeVar("T")


@contextmanager
def practice() -> Iterator[ImportClientLicence]:
    """The form of *Importeren klantlicentie* on that office; nothing of it is left behind."""
    with practice_of(ImportClientLicence) as form:
        yield form


@contextmanager
def practice_of(make: Callable[[Office], T]) -> Iterator[T]:
    """What `make` makes of that office, a form for instance; nothing of it is left behind."""
    with TemporaryDirectory(prefix="accountools-", ignore_cleanup_errors=True) as folder:
        demo = demonstrate(Path(folder) / "office", system_clock(DAY), clients=CLIENTS, lines=LINES, seed=SEED)
        yield make(demo.office)
